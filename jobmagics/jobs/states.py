"""The words: states, types, why a job failed, what the manager has to do about a change, and what cannot happen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

STORY_LENGTH = 12
"""How many of its last events a job remembers, for InvalidTransition to tell."""


class JobState(str, Enum):
    """System.Management.Automation.JobState (client/Job.cs:29-90), in its order. Equal to its word."""

    NOT_STARTED = "NotStarted"
    RUNNING = "Running"
    COMPLETED = "Completed"
    FAILED = "Failed"
    STOPPED = "Stopped"
    BLOCKED = "Blocked"
    SUSPENDED = "Suspended"
    DISCONNECTED = "Disconnected"
    SUSPENDING = "Suspending"
    STOPPING = "Stopping"
    AT_BREAKPOINT = "AtBreakpoint"

    def __str__(self) -> str:
        return self.value

    @classmethod
    def parse(cls, text: str) -> JobState:
        """A state by its name in any case. Raises ValueError naming the valid ones."""
        for state in cls:
            if state.value.lower() == text.lower():
                return state
        raise ValueError(f"{text!r} is no job state; valid: {', '.join(map(str, cls))}")


FINISHED = frozenset({JobState.COMPLETED, JobState.FAILED, JobState.STOPPED})
PERSISTENT = FINISHED | {JobState.DISCONNECTED, JobState.SUSPENDED}
"""Where Wait-Job stops waiting (Job.cs:1501-1513)."""


class JobType(Enum):
    """PSJobTypeName."""

    REMOTE = "RemoteJob"
    BACKGROUND = "BackgroundJob"
    THREAD = "ThreadJob"
    TASK = "PSTaskJob"

    def __str__(self) -> str:
        return self.value

    @property
    def of_children(self) -> str:
        """The PSJobTypeName of the child jobs."""
        return "PSTaskChildJob" if self is JobType.TASK else ""


IN_PROCESS = frozenset({JobType.THREAD, JobType.TASK})
"""Kinds whose scripts are runspaces of one process: for PowerShell they are nowhere else than itself."""


@dataclass(frozen=True)
class Failure:
    """Why a job failed. ``fqid`` and ``category`` are PowerShell's error id and category."""

    message: str
    fqid: str = "JobFailure"
    category: str = "OperationStopped"


class Effect(Enum):
    """Carried out by the manager in this order; streams close before a change is announced (Job.cs:1386-1460)."""

    CLOSE_STREAMS = "close streams"
    ANNOUNCE = "announce"
    FINISH = "finish"
    FREE_SLOT = "free slot"


class InvalidTransition(Exception):
    """A bug of ours: an event that cannot happen in this state. Tells the job's last events.

    ``event`` is what could not be taken; ``story`` each earlier event and the state that it led to.
    """

    def __init__(self, job: str, state: JobState, event: object, story: tuple[str, ...]) -> None:
        self.job, self.state, self.event, self.story = job, state, event, story
        told = " -> ".join(story) or "nothing yet"
        what = event if isinstance(event, str) else type(event).__name__
        super().__init__(f"{job} is {state} and cannot take {what}; its story: {told}")


def lengthened(story: tuple[str, ...], event: str, state: JobState) -> tuple[str, ...]:
    """The story with one more event."""
    return (*story, f"{event}: {state}")[-STORY_LENGTH:]
