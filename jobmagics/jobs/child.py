"""A child job: one pipeline on one computer.

Its phase carries just what is true in it: only a failed one has a failure, only a finished one an end.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

from jobmagics.jobs.states import (
    FINISHED,
    IN_PROCESS,
    Effect,
    Failure,
    InvalidTransition,
    JobState,
    JobType,
    lengthened,
)

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
class Suspending:
    began: datetime.datetime
    state: ClassVar = JobState.SUSPENDING


@dataclass(frozen=True)
class Suspended:
    began: datetime.datetime
    state: ClassVar = JobState.SUSPENDED


@dataclass(frozen=True)
class Stopping:
    began: datetime.datetime
    state: ClassVar = JobState.STOPPING


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


Alive = Running | Blocked | AtBreakpoint | Disconnected | Suspending | Suspended | Stopping
Phase = NotStarted | Alive | Completed | Failed | Stopped


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
class SuspendBegan:
    """It was asked to suspend itself, and has not yet."""


@dataclass(frozen=True)
class Paused:
    """It is suspended."""


@dataclass(frozen=True)
class Resumed:
    """It goes on after having been suspended."""


@dataclass(frozen=True)
class StopBegan:
    """It was asked to stop, and says so. A remote job says nothing until it has stopped."""


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


Event = (
    Began | Prompted | Answered | Broke | Continued | SuspendBegan | Paused | Resumed | StopBegan
    | Parted | Rejoined | Ended | Lost | Withdrawn
)  # fmt: skip


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
        story = lengthened(self.story, type(event).__name__, phase.state)
        return replace(self, phase=phase, story=story), _effects(phase.state)


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
    assert isinstance(phase, Alive)
    if isinstance(event, Ended):
        return _end(event, phase.began, now)
    return _still_going(phase, event, phase.began)


def _end(event: Ended, began: datetime.datetime, now: datetime.datetime) -> Phase | None:
    """Failed when there is a reason, Completed when it said so, Stopped for anything else (§1 of SEMANTICS)."""
    if event.failure is not None:
        return Failed(now, event.failure, began)
    if event.how is JobState.COMPLETED:
        return Completed(began, now)
    if event.how is JobState.FAILED:
        return Failed(now, Failure("The pipeline failed and gave no reason."), began)
    return Stopped(now, began) if event.how is JobState.STOPPED else None


def _still_going(phase: Alive, event: Event, began: datetime.datetime) -> Phase | None:
    if isinstance(phase, Stopping) and not isinstance(event, Parted | Rejoined):
        return None if isinstance(event, Began) else phase  # whatever else was on its way when the stop came
    match event:
        case Parted():
            return phase if isinstance(phase, Disconnected) else Disconnected(began, isinstance(phase, Blocked))
        case Rejoined() if isinstance(phase, Disconnected):
            return Blocked(began) if phase.blocked else Running(began)
        case Rejoined():
            return phase
        case Answered() if isinstance(phase, Disconnected):
            return replace(phase, blocked=False)
        case StopBegan() if not isinstance(phase, Disconnected):
            return Stopping(began)
    for kind, before, after in _STEPS:
        if isinstance(event, kind) and isinstance(phase, before):
            return after(began)
    return None


_STEPS: tuple[tuple[type[Event], tuple[type[Alive], ...], Callable[[datetime.datetime], Alive]], ...] = (
    (Prompted, (Running, Blocked), Blocked),
    (Answered, (Blocked, Running), Running),
    (Broke, (Running, AtBreakpoint), AtBreakpoint),
    (Continued, (AtBreakpoint, Running), Running),
    (SuspendBegan, (Running, Suspending), Suspending),
    (Paused, (Running, Suspending, Suspended), Suspended),
    (Resumed, (Suspending, Suspended, Running), Running),
)
"""What leads from where to where: an event, the phases that it may come in, and what follows."""


def child_has_more_data(state: JobState, *, unread: bool, type: JobType = JobType.REMOTE) -> bool:
    """A remote child says yes until its results are closed and read; in the own process, only what is there counts
    (SEMANTICS §3).
    """
    return unread or (state not in FINISHED and type not in IN_PROCESS)
