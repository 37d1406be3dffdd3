"""What comes of jobs: ``held`` for a person, ``records`` of what they gave, ``rows`` for the live table, over
``entries``.
"""

from jobmagics.remote.messages import Progress
from jobmagics.results.held import ChildJob, Job, JobList, PSSession, SessionList
from jobmagics.results.records import Follower, Records, Span, StreamRecord, error_record, failures, span
from jobmagics.results.rows import JobRow

__all__ = [
    "ChildJob",
    "Follower",
    "Job",
    "JobList",
    "JobRow",
    "PSSession",
    "Progress",
    "Records",
    "SessionList",
    "Span",
    "StreamRecord",
    "error_record",
    "failures",
    "span",
]
