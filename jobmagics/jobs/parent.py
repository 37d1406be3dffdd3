"""The job a person started, over its children.

Its state follows from its children's (Job.cs:2380-2525 in PowerShell v7.6.5), but not from their present states alone:
it becomes Disconnected only when one has just disconnected, and whether a person stopped it decides between Stopped and
Completed.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

from jobmagics.jobs.states import FINISHED, IN_PROCESS, InvalidTransition, JobState, JobType, lengthened

_HOLDING = frozenset({JobState.BLOCKED, JobState.AT_BREAKPOINT, JobState.SUSPENDED, JobState.SUSPENDING})
"""States of a child that hold its parent in the same state."""


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
    name: str = "job"
    story: tuple[str, ...] = ()

    def start(self, now: datetime.datetime) -> ParentJob:
        """Running as soon as it is built, even while all its children queue. A thread job queues itself."""
        if self.state is not JobState.NOT_STARTED:
            raise InvalidTransition(self.name, self.state, "start", self.story)
        return self if self.type is JobType.THREAD else self._enter(JobState.RUNNING, "started", now)

    def stop(self, now: datetime.datetime) -> ParentJob:
        """A person asked for the parent to stop; what that does shows when the last child ends."""
        if self.state in FINISHED:
            return self
        asked = replace(self, stop_called=True)
        return asked._enter(JobState.STOPPING if self.type is JobType.TASK else self.state, "stop asked", now)

    def child_changed(self, index: int, state: JobState, now: datetime.datetime) -> ParentJob:
        """This job after child ``index`` (from 0) went to ``state``. Raises InvalidTransition for a child that it does
        not have, or that had ended, or that would begin anew.
        """
        what = f"child {index}: {state}"
        if not 0 <= index < len(self.children):
            raise InvalidTransition(self.name, self.state, what, self.story)
        before = self.children[index]
        if before is state:
            return self
        if before in FINISHED or state is JobState.NOT_STARTED:
            raise InvalidTransition(self.name, self.state, f"{what} after {before}", self.story)
        changed = replace(self, children=(*self.children[:index], state, *self.children[index + 1 :]))
        return changed._enter(self.state if self.state in FINISHED else changed._decide(before, state), what, now)

    def _decide(self, before: JobState, state: JobState) -> JobState:
        count = self.children.count
        finished = sum(child in FINISHED for child in self.children)
        if finished == len(self.children):
            return self._final()
        if self.state is JobState.STOPPING:
            return self.state
        away, blocked = count(JobState.DISCONNECTED), count(JobState.BLOCKED)
        if away and self._is_left_alone(state, away + finished, blocked):
            return JobState.DISCONNECTED
        if blocked:
            return JobState.BLOCKED
        if JobState.AT_BREAKPOINT in self.children:
            return JobState.AT_BREAKPOINT
        suspended = count(JobState.SUSPENDED)
        if suspended and suspended + finished == len(self.children):
            return JobState.SUSPENDED
        suspending = count(JobState.SUSPENDING)
        if suspending and suspending + suspended + finished == len(self.children):
            return JobState.SUSPENDING
        if state is JobState.RUNNING or before in _HOLDING:
            return JobState.RUNNING
        return self.state

    def _is_left_alone(self, state: JobState, quiet: int, blocked: int) -> bool:
        """Whether nothing is left that could go on here: asked when a child is just disconnected, where blocked ones
        count as quiet, or has just ended, where they do not.
        """
        if state is JobState.DISCONNECTED:
            return quiet + blocked == len(self.children)
        return state in FINISHED and quiet == len(self.children)

    def _final(self) -> JobState:
        if self.type is JobType.TASK:
            if self.stop_called:
                return JobState.STOPPED
            whole = all(child is JobState.COMPLETED for child in self.children)
            return JobState.COMPLETED if whole else JobState.FAILED
        if JobState.FAILED in self.children:
            return JobState.FAILED
        if self.type is JobType.THREAD and JobState.STOPPED in self.children:
            return JobState.STOPPED  # a thread job is its own only child
        return JobState.STOPPED if self.stop_called else JobState.COMPLETED

    def _enter(self, state: JobState, what: str, now: datetime.datetime) -> ParentJob:
        began = now if self.began is None and state is JobState.RUNNING else self.began
        ended = now if self.ended is None and state in FINISHED else self.ended
        return replace(self, state=state, began=began, ended=ended, story=lengthened(self.story, what, state))

    def seen(self, *, more_in_children: bool) -> ParentJob:
        """After a look at its data: a finished parent whose children are empty stays empty."""
        done = self.state in FINISHED and not more_in_children
        return replace(self, drained=True) if done else self

    def has_more_data(self, *, more_in_children: bool) -> bool:
        if self.type in IN_PROCESS:
            return more_in_children
        if self.state not in FINISHED:
            return True
        return more_in_children and not self.drained
