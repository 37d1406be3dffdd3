"""What comes of jobs: ``job`` and ``session`` are what a person holds, ``records`` and ``errors`` what jobs gave.

``rows`` is for the live table; all are readings of ``entries``.
"""

from jobmagics.remote.messages import Progress
from jobmagics.results.control import Control
from jobmagics.results.errors import ErrorRecord, Position, error_record
from jobmagics.results.history import History
from jobmagics.results.job import ChildJob, Job, JobList
from jobmagics.results.records import Follower, Records, Span, StreamRecord, failures, span, state_event
from jobmagics.results.rows import JobRow
from jobmagics.results.session import PSSession, SessionList
from jobmagics.results.values import EnumValue, RemoteObject, held

__all__ = [
    "ChildJob",
    "Control",
    "EnumValue",
    "ErrorRecord",
    "Follower",
    "History",
    "Job",
    "JobList",
    "JobRow",
    "PSSession",
    "Position",
    "Progress",
    "Records",
    "RemoteObject",
    "SessionList",
    "Span",
    "StreamRecord",
    "error_record",
    "failures",
    "held",
    "span",
    "state_event",
]
