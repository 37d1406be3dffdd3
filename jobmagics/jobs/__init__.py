"""What state a job is in, and how it gets there: PowerShell's own rules, with no I/O.

Events go in, a new frozen value and the effects to carry out come out. Sessions, threads and the
store are the manager's business; it applies events one at a time.

``child`` is one pipeline's job, ``parent`` the job over them that a person started, ``states`` the words of both.

All eleven of PowerShell's states are here. A remote child job is never Suspended, Suspending or Stopping: those are of
kinds that say so themselves (the parent of ForEach-Object -Parallel -AsJob is Stopping until its children stopped).
"""

from jobmagics.jobs.child import (
    Answered,
    AtBreakpoint,
    Began,
    Blocked,
    Broke,
    ChildJob,
    Completed,
    Continued,
    Disconnected,
    Ended,
    Event,
    Failed,
    Lost,
    NotStarted,
    Parted,
    Paused,
    Phase,
    Prompted,
    Rejoined,
    Resumed,
    Running,
    StopBegan,
    Stopped,
    Stopping,
    SuspendBegan,
    Suspended,
    Suspending,
    Withdrawn,
    child_has_more_data,
)  # fmt: skip
from jobmagics.jobs.parent import ParentJob
from jobmagics.jobs.states import (
    FINISHED,
    IN_PROCESS,
    PERSISTENT,
    Effect,
    Failure,
    InvalidTransition,
    JobState,
    JobType,
)  # fmt: skip

__all__ = [
    "FINISHED", "IN_PROCESS", "PERSISTENT", "Answered", "AtBreakpoint", "Began", "Blocked", "Broke", "ChildJob",
    "Completed", "Continued", "Disconnected", "Effect", "Ended", "Event", "Failed", "Failure", "InvalidTransition",
    "JobState", "JobType", "Lost", "NotStarted", "ParentJob", "Parted", "Paused", "Phase", "Prompted", "Rejoined",
    "Resumed", "Running", "StopBegan", "Stopped", "Stopping", "SuspendBegan", "Suspended", "Suspending", "Withdrawn",
    "child_has_more_data",
]  # fmt: skip
