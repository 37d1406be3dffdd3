"""What state a job is in, and how it gets there: PowerShell's own rules, with no I/O.

Events go in, a new frozen value and the effects to carry out come out. Sessions, threads and the
store are the manager's business; it applies events one at a time.

A child job is one pipeline on one computer. Its phase carries just what is true in it: only a failed
one has a failure, only a finished one an end. A parent's state follows from its children's
(Job.cs:2380-2525 in PowerShell v7.6.5), but not from their present states alone: it becomes Disconnected only when
one has just disconnected, and whether a person stopped it decides between Stopped and Completed.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from enum import Enum
from typing import ClassVar

STORY_LENGTH = 12
"""How many of its last events a job remembers, for InvalidTransition to tell."""


class JobState(Enum):
    """System.Management.Automation.JobState (client/Job.cs:29-90), in its order."""

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


@dataclass(frozen=True)
class Failure:
    """Why a job failed. ``fqid`` and ``category`` are PowerShell's error id and category."""

    message: str
    fqid: str = "JobFailure"
    category: str = "OperationStopped"


# -- phases of a child -------------------------------------------------------


@dataclass(frozen=True)
class NotStarted:
    state: ClassVar = JobState.NOT_STARTED


@dataclass(frozen=True)
class Running:
    began: datetime.datetime
    state: ClassVar = JobState.RUNNING


@dataclass(frozen=True)
class Blocked:
    began: datetime.datetime
    state: ClassVar = JobState.BLOCKED


@dataclass(frozen=True)
class AtBreakpoint:
    began: datetime.datetime
    state: ClassVar = JobState.AT_BREAKPOINT


@dataclass(frozen=True)
class Disconnected:
    """``blocked``: it was waiting for an answer, and will be again."""

    began: datetime.datetime
    blocked: bool = False
    state: ClassVar = JobState.DISCONNECTED


@dataclass(frozen=True)
class Completed:
    began: datetime.datetime
    ended: datetime.datetime
    state: ClassVar = JobState.COMPLETED


@dataclass(frozen=True)
class Failed:
    ended: datetime.datetime
    failure: Failure
    began: datetime.datetime | None = None
    state: ClassVar = JobState.FAILED


@dataclass(frozen=True)
class Stopped:
    ended: datetime.datetime
    began: datetime.datetime | None = None
    state: ClassVar = JobState.STOPPED


Phase = NotStarted | Running | Blocked | AtBreakpoint | Disconnected | Completed | Failed | Stopped


# -- what can happen to a child ----------------------------------------------


@dataclass(frozen=True)
class Began:
    """The server took the command."""


@dataclass(frozen=True)
class Prompted:
    """A host call came that needs an answer."""


@dataclass(frozen=True)
class Answered:
    """The answer was sent."""


@dataclass(frozen=True)
class Broke:
    """The script stopped in the debugger."""


@dataclass(frozen=True)
class Continued:
    """The debugger let it go."""


@dataclass(frozen=True)
class Parted:
    """The session was disconnected, by us or by a loss of the network."""


@dataclass(frozen=True)
class Rejoined:
    """The session and the pipeline were connected again."""


@dataclass(frozen=True)
class Ended:
    """The pipeline reported its end. ``how`` is Completed, Failed or Stopped."""

    how: JobState
    failure: Failure | None = None


@dataclass(frozen=True)
class Lost:
    """It could not be started, its session broke, or it is gone from the server."""

    failure: Failure


@dataclass(frozen=True)
class Withdrawn:
    """It ended without a word from the pipeline: its session was closed, or it was stopped while it queued."""


Event = Began | Prompted | Answered | Broke | Continued | Parted | Rejoined | Ended | Lost | Withdrawn


# -- what the manager has to do about it -------------------------------------


class Effect(Enum):
    """Carried out by the manager in this order; streams close before a change is announced (Job.cs:1386-1460)."""

    CLOSE_STREAMS = "close streams"
    ANNOUNCE = "announce"
    FINISH = "finish"
    FREE_SLOT = "free slot"


class InvalidTransition(Exception):
    """A bug of ours: an event that cannot happen in this state. Tells the job's last events."""

    def __init__(self, job: str, state: JobState, event: Event, story: tuple[str, ...]) -> None:
        self.job, self.state, self.event, self.story = job, state, event, story
        told = " -> ".join(story) or "nothing yet"
        super().__init__(f"{job} is {state} and cannot take {type(event).__name__}; its story: {told}")


@dataclass(frozen=True)
class ChildJob:
    """One pipeline's job. ``name`` is for the story only."""

    name: str
    phase: Phase = NotStarted()
    story: tuple[str, ...] = ()

    @property
    def state(self) -> JobState:
        return self.phase.state

    @property
    def began(self) -> datetime.datetime | None:
        return getattr(self.phase, "began", None)

    @property
    def ended(self) -> datetime.datetime | None:
        return getattr(self.phase, "ended", None)

    @property
    def failure(self) -> Failure | None:
        return self.phase.failure if isinstance(self.phase, Failed) else None

    def after(self, event: Event, now: datetime.datetime) -> tuple[ChildJob, tuple[Effect, ...]]:
        """This job after an event, and what follows from it.

        Whatever arrives for a finished job is stale (a Stop that crossed the end) and changes nothing.
        Raises InvalidTransition.
        """
        if self.state in FINISHED:
            return self, ()
        phase = _next_phase(self.phase, event, now)
        if phase is None:
            raise InvalidTransition(self.name, self.state, event, self.story)
        if phase == self.phase:
            return self, ()
        told = (*self.story, f"{type(event).__name__}: {phase.state}")[-STORY_LENGTH:]
        return replace(self, phase=phase, story=told), _effects(phase.state)


def _effects(state: JobState) -> tuple[Effect, ...]:
    if state in FINISHED:
        return (Effect.CLOSE_STREAMS, Effect.ANNOUNCE, Effect.FINISH, Effect.FREE_SLOT)
    if state is JobState.DISCONNECTED:
        return (Effect.ANNOUNCE, Effect.FREE_SLOT)
    return (Effect.ANNOUNCE,)


def _next_phase(phase: Phase, event: Event, now: datetime.datetime) -> Phase | None:
    """The phase that follows, the same one if the event changes nothing, None if it cannot happen."""
    began: datetime.datetime | None = getattr(phase, "began", None)
    if isinstance(event, Lost):
        return Failed(now, event.failure, began)
    if isinstance(event, Withdrawn):
        return Stopped(now, began)
    if isinstance(phase, NotStarted):
        return Running(now) if isinstance(event, Began) else None
    assert began is not None
    if isinstance(event, Ended):
        return _end(event, began, now)
    return _still_going(phase, event, began)


def _end(event: Ended, began: datetime.datetime, now: datetime.datetime) -> Phase | None:
    """Failed when there is a reason, Completed when it said so, Stopped for anything else (§1 of SEMANTICS)."""
    if event.failure is not None:
        return Failed(now, event.failure, began)
    if event.how is JobState.COMPLETED:
        return Completed(began, now)
    if event.how is JobState.FAILED:
        return Failed(now, Failure("The pipeline failed and gave no reason."), began)
    return Stopped(now, began) if event.how is JobState.STOPPED else None


def _still_going(phase: Phase, event: Event, began: datetime.datetime) -> Phase | None:
    match event:
        case Parted():
            return phase if isinstance(phase, Disconnected) else Disconnected(began, isinstance(phase, Blocked))
        case Rejoined() if isinstance(phase, Disconnected):
            return Blocked(began) if phase.blocked else Running(began)
        case Rejoined():
            return phase
        case Prompted() if isinstance(phase, Running | Blocked):
            return Blocked(began)
        case Answered() if isinstance(phase, Blocked):
            return Running(began)
        case Answered() if isinstance(phase, Disconnected):
            return replace(phase, blocked=False)
        case Answered() if isinstance(phase, Running):
            return phase
        case Broke() if isinstance(phase, Running):
            return AtBreakpoint(began)
        case Continued() if isinstance(phase, AtBreakpoint):
            return Running(began)
    return None


# -- the parent --------------------------------------------------------------


@dataclass(frozen=True)
class ParentJob:
    """The job a person started, over the states of its children.

    ``has_more_data`` is its latch: true until finished, then what the children say, and once false for good.
    """

    children: tuple[JobState, ...]
    type: JobType = JobType.REMOTE
    state: JobState = JobState.NOT_STARTED
    began: datetime.datetime | None = None
    ended: datetime.datetime | None = None
    stop_called: bool = False
    drained: bool = False

    def start(self, now: datetime.datetime) -> ParentJob:
        """Running as soon as it is built, even while all its children queue."""
        return self._enter(JobState.RUNNING, now)

    def stop(self) -> ParentJob:
        """A person asked for the parent to stop; what that does shows when the last child ends."""
        return self if self.state in FINISHED else replace(self, stop_called=True)

    def child_changed(self, index: int, state: JobState, now: datetime.datetime) -> ParentJob:
        """This job after child ``index`` (from 0) went to ``state``."""
        before = self.children[index]
        children = (*self.children[:index], state, *self.children[index + 1 :])
        changed = replace(self, children=children)
        if before is state or self.state in FINISHED:
            return changed
        return changed._enter(changed._decide(before, state), now)

    def _decide(self, before: JobState, state: JobState) -> JobState:
        count = self.children.count
        finished = sum(child in FINISHED for child in self.children)
        away = count(JobState.DISCONNECTED)
        blocked = count(JobState.BLOCKED)
        if finished == len(self.children):
            return self._final()
        idle = away + finished + blocked == len(self.children)
        if away and idle and (state is JobState.DISCONNECTED or state in FINISHED):
            return JobState.DISCONNECTED
        if blocked:
            return JobState.BLOCKED
        if JobState.AT_BREAKPOINT in self.children:
            return JobState.AT_BREAKPOINT
        if state is JobState.RUNNING or before in {JobState.BLOCKED, JobState.AT_BREAKPOINT}:
            return JobState.RUNNING
        return self.state

    def _final(self) -> JobState:
        if self.type is JobType.TASK:
            if self.stop_called:
                return JobState.STOPPED
            whole = all(child is JobState.COMPLETED for child in self.children)
            return JobState.COMPLETED if whole else JobState.FAILED
        if JobState.FAILED in self.children:
            return JobState.FAILED
        return JobState.STOPPED if self.stop_called else JobState.COMPLETED

    def _enter(self, state: JobState, now: datetime.datetime) -> ParentJob:
        began = now if self.began is None and state is JobState.RUNNING else self.began
        ended = now if self.ended is None and state in FINISHED else self.ended
        return replace(self, state=state, began=began, ended=ended)

    def seen(self, *, more_in_children: bool) -> ParentJob:
        """After a look at its data: a finished parent whose children are empty stays empty."""
        done = self.state in FINISHED and not more_in_children
        return replace(self, drained=True) if done else self

    def has_more_data(self, *, more_in_children: bool) -> bool:
        if self.state not in FINISHED:
            return True
        return more_in_children and not self.drained


def child_has_more_data(state: JobState, *, unread: bool) -> bool:
    """A remote child says yes until its results are closed and read (SEMANTICS §3)."""
    return state not in FINISHED or unread
