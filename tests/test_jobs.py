"""The state machine of jobs: PowerShell's walkthroughs as events, and what holds under any events."""

from __future__ import annotations

import contextlib
import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobmagics.jobs import (
    FINISHED,
    Answered,
    Began,
    Broke,
    ChildJob,
    Continued,
    Effect,
    Ended,
    Event,
    Failure,
    InvalidTransition,
    JobState,
    JobType,
    Lost,
    ParentJob,
    Parted,
    Paused,
    Prompted,
    Rejoined,
    Resumed,
    StopBegan,
    SuspendBegan,
    Withdrawn,
    child_has_more_data,
)

NOW = datetime.datetime(2026, 11, 22, tzinfo=datetime.timezone.utc)
WHY = Failure("it broke")
DONE = Ended(JobState.COMPLETED)


def child(*events: Event) -> ChildJob:
    job = ChildJob("child")
    for event in events:
        job, _ = job.after(event, NOW)
    return job


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([], "NotStarted"),
        ([Began()], "Running"),
        ([Began(), DONE], "Completed"),
        ([Began(), Ended(JobState.FAILED, WHY)], "Failed"),
        ([Began(), Ended(JobState.STOPPED)], "Stopped"),
        ([Began(), Ended(JobState.STOPPED, WHY)], "Failed"),
        ([Began(), Ended(JobState.COMPLETED, WHY)], "Failed"),
        ([Began(), Ended(JobState.FAILED)], "Failed"),
        ([Withdrawn()], "Stopped"),
        ([Lost(WHY)], "Failed"),
        ([Began(), Prompted()], "Blocked"),
        ([Began(), Prompted(), Answered()], "Running"),
        ([Began(), Prompted(), Parted()], "Disconnected"),
        ([Began(), Prompted(), Parted(), Rejoined()], "Blocked"),
        ([Began(), Parted(), Rejoined()], "Running"),
        ([Began(), Parted(), DONE], "Completed"),
        ([Began(), Broke()], "AtBreakpoint"),
        ([Began(), Broke(), Continued()], "Running"),
        ([Began(), DONE, Ended(JobState.STOPPED)], "Completed"),
        ([Began(), SuspendBegan()], "Suspending"),
        ([Began(), SuspendBegan(), Paused()], "Suspended"),
        ([Began(), SuspendBegan(), Paused(), Resumed()], "Running"),
        ([Began(), StopBegan()], "Stopping"),
        ([Began(), Prompted(), StopBegan(), Answered()], "Stopping"),
        ([Began(), StopBegan(), DONE], "Completed"),
        ([Began(), StopBegan(), Ended(JobState.STOPPED)], "Stopped"),
    ],
)
def test_a_child_goes_where_powershell_says(events: list[Event], state: str) -> None:
    assert str(child(*events).state) == state


def test_a_finished_child_closes_its_streams_before_it_is_announced() -> None:
    _, effects = child(Began()).after(DONE, NOW)
    assert effects == (Effect.CLOSE_STREAMS, Effect.ANNOUNCE, Effect.FINISH, Effect.FREE_SLOT)


def test_an_impossible_event_tells_the_story() -> None:
    with pytest.raises(
        InvalidTransition, match=r"child is Disconnected and cannot take Prompted.*Began: Running -> Parted"
    ):
        child(Began(), Parted(), Prompted())


def test_begin_is_the_first_running_and_end_the_first_end() -> None:
    later = NOW + datetime.timedelta(seconds=5)
    job, _ = child(Began(), Parted()).after(Rejoined(), later)
    job, _ = job.after(DONE, later)
    assert (job.began, job.ended) == (NOW, later)


def parent(*states: str, stop: bool = False, type: JobType = JobType.REMOTE) -> ParentJob:
    """A parent whose children went to these states in this order."""
    job = ParentJob((JobState.NOT_STARTED,) * len(states), type).start(NOW)
    for index in range(len(states)):
        job = job.child_changed(index, JobState.RUNNING, NOW)
    if stop:
        job = job.stop(NOW)
    for index, state in enumerate(states):
        job = job.child_changed(index, JobState.parse(state), NOW)
    return job


@pytest.mark.parametrize(
    ("states", "stop", "state"),
    [
        (["Completed", "Running"], False, "Running"),
        (["Completed", "Completed"], False, "Completed"),
        (["Failed", "Completed"], False, "Failed"),
        (["Stopped", "Stopped"], True, "Stopped"),
        (["Stopped", "Stopped"], False, "Completed"),  # nobody called Stop on the parent (walkthrough 03)
        (["Stopped"], False, "Completed"),  # its session was closed (walkthrough 05)
        (["Stopped", "Running"], False, "Running"),
        (["Failed", "Stopped"], True, "Failed"),
        (["Blocked", "Running"], False, "Blocked"),
        (["Completed", "Disconnected"], False, "Disconnected"),
        (["Disconnected", "Completed"], False, "Disconnected"),
        (["Disconnected", "Running"], False, "Running"),
        (["Blocked", "Disconnected"], False, "Disconnected"),
        (["AtBreakpoint", "Running"], False, "AtBreakpoint"),
        (["Suspended", "Running"], False, "Running"),
        (["Suspended", "Completed"], False, "Suspended"),
        (["Suspending", "Suspended"], False, "Suspending"),
        (["Blocked", "Disconnected", "Completed"], False, "Blocked"),
        (["Blocked", "Completed", "Disconnected"], False, "Disconnected"),
    ],
)
def test_a_parent_follows_its_children(states: list[str], stop: bool, state: str) -> None:
    assert str(parent(*states, stop=stop).state) == state


def test_a_parent_runs_again_when_a_child_does() -> None:
    for away in ("Blocked", "Disconnected", "AtBreakpoint", "Suspended", "Suspending"):
        assert parent(away, "Completed").child_changed(0, JobState.RUNNING, NOW).state is JobState.RUNNING


def test_a_queue_does_not_hold_the_parent_back() -> None:
    assert ParentJob((JobState.NOT_STARTED,) * 3).start(NOW).state is JobState.RUNNING


def test_a_task_job_fails_when_any_child_is_not_complete() -> None:
    assert parent("Completed", "Stopped", type=JobType.TASK).state is JobState.FAILED


def test_has_more_data() -> None:
    running, done = parent("Running"), parent("Completed")
    assert running.has_more_data(more_in_children=False)
    assert done.has_more_data(more_in_children=True)
    drained = done.seen(more_in_children=False)
    assert not drained.has_more_data(more_in_children=True), "once false, false for good"
    assert running.seen(more_in_children=False).has_more_data(more_in_children=False)
    assert child_has_more_data(JobState.RUNNING, unread=False)
    assert not child_has_more_data(JobState.COMPLETED, unread=False)


def test_a_task_job_is_stopping_until_its_children_have_stopped() -> None:
    job = parent("Completed", "Running", type=JobType.TASK).stop(NOW)
    assert job.state is JobState.STOPPING
    assert job.child_changed(1, JobState.STOPPED, NOW).state is JobState.STOPPED


def test_a_thread_job_queues_itself_and_is_what_its_only_child_is() -> None:
    job = ParentJob((JobState.NOT_STARTED,), JobType.THREAD).start(NOW)
    assert job.state is JobState.NOT_STARTED
    assert job.child_changed(0, JobState.STOPPED, NOW).state is JobState.STOPPED
    running = job.child_changed(0, JobState.RUNNING, NOW)
    assert (running.state, running.began) == (JobState.RUNNING, NOW)
    assert running.child_changed(0, JobState.FAILED, NOW).state is JobState.FAILED


def test_what_a_parent_cannot_be_told() -> None:
    job = parent("Completed", "Running")
    with pytest.raises(InvalidTransition, match=r"cannot take child 0: Running after Completed; its story: started: R"):
        job.child_changed(0, JobState.RUNNING, NOW)
    with pytest.raises(InvalidTransition, match="child 1: NotStarted after Running"):
        job.child_changed(1, JobState.NOT_STARTED, NOW)
    with pytest.raises(InvalidTransition, match="child 2: Running"):
        job.child_changed(2, JobState.RUNNING, NOW)
    with pytest.raises(InvalidTransition, match="cannot take start"):
        job.start(NOW)


EVENTS = st.one_of(
    st.sampled_from(
        [
            Began(),
            Prompted(),
            Answered(),
            Broke(),
            Continued(),
            SuspendBegan(),
            Paused(),
            Resumed(),
            StopBegan(),
            Parted(),
            Rejoined(),
            Lost(WHY),
            Withdrawn(),
        ]
    ),
    st.builds(Ended, st.sampled_from(sorted(FINISHED, key=str)), st.sampled_from([None, WHY])),
)


@given(st.lists(st.tuples(st.integers(0, 2), EVENTS), max_size=40), st.booleans())
def test_whatever_happens_states_stay_honest(happenings: list[tuple[int, Event]], stop: bool) -> None:
    children = [ChildJob(f"child {index}") for index in range(3)]
    job = ParentJob(tuple(each.state for each in children)).start(NOW)
    if stop:
        job = job.stop(NOW)
    for index, event in happenings:
        before = children[index]
        try:
            children[index], effects = before.after(event, NOW)
        except InvalidTransition:
            continue
        if before.state in FINISHED:
            assert children[index] is before
            assert effects == ()
        assert (Effect.FINISH in effects) == (children[index].state in FINISHED and before.state not in FINISHED)
        assert (children[index].failure is not None) == (children[index].state is JobState.FAILED)
        was = job.state
        job = job.child_changed(index, children[index].state, NOW)
        if was in FINISHED:
            assert job.state is was
        ended = all(each.state in FINISHED for each in children)
        assert (job.state in FINISHED) == ended
        assert (job.ended is not None) == ended
        if ended and any(each.state is JobState.FAILED for each in children):
            assert job.state is JobState.FAILED
        if JobState.BLOCKED in job.children and job.state is JobState.RUNNING:
            pytest.fail("a blocked child and a running parent")


class Counted:
    """A parent's state as PowerShell keeps it: counters that each change of a child moves (Job.cs:2380-2525)."""

    def __init__(self, size: int) -> None:
        self.size, self.state, self.stopped, self.failed = size, JobState.RUNNING, False, False
        self.away = self.blocked = self.debugged = self.finished = 0

    def change(self, before: JobState, state: JobState) -> None:
        if self.state in FINISHED:
            return
        self.away += (state is JobState.DISCONNECTED) - (before is JobState.DISCONNECTED)
        self.blocked += (state is JobState.BLOCKED) - (before is JobState.BLOCKED)
        self.debugged += (state is JobState.AT_BREAKPOINT) - (before is JobState.AT_BREAKPOINT)
        self.finished += state in FINISHED
        self.failed |= state is JobState.FAILED
        if state is JobState.DISCONNECTED and self.away + self.finished + self.blocked == self.size:
            self.state = JobState.DISCONNECTED
        elif state in FINISHED and self.away + self.finished == self.size:
            self.state = JobState.DISCONNECTED if self.away else self._final()
        elif self.blocked:
            self.state = JobState.BLOCKED
        elif self.debugged:
            self.state = JobState.AT_BREAKPOINT
        elif state is JobState.RUNNING or before in {JobState.BLOCKED, JobState.AT_BREAKPOINT}:
            self.state = JobState.RUNNING

    def _final(self) -> JobState:
        if self.failed:
            return JobState.FAILED
        return JobState.STOPPED if self.stopped else JobState.COMPLETED


REMOTE_EVENTS = EVENTS.filter(lambda event: not isinstance(event, SuspendBegan | Paused | Resumed | StopBegan))


@given(st.lists(st.one_of(st.just("stop"), st.tuples(st.integers(0, 3), REMOTE_EVENTS)), max_size=60))
def test_a_remote_parent_is_where_powershells_counters_say(happenings: list[str | tuple[int, Event]]) -> None:
    children = [ChildJob(f"child {index}") for index in range(4)]
    job, counted = ParentJob((JobState.NOT_STARTED,) * 4).start(NOW), Counted(4)
    for happening in happenings:
        if isinstance(happening, str):
            job, counted.stopped = job.stop(NOW), counted.stopped or counted.state not in FINISHED
            continue
        index, event = happening
        before = children[index].state
        try:
            children[index], effects = children[index].after(event, NOW)
        except InvalidTransition:
            continue
        job = job.child_changed(index, children[index].state, NOW)
        if effects:
            counted.change(before, children[index].state)
        assert job.state is counted.state, job.story


@given(st.lists(EVENTS, max_size=30), st.sampled_from(JobType))
def test_every_kind_ends_where_its_children_do(events: list[Event], kind: JobType) -> None:
    child, job = ChildJob("child"), ParentJob((JobState.NOT_STARTED,), kind).start(NOW)
    for event in [*events, Withdrawn()]:
        with contextlib.suppress(InvalidTransition):
            child, _ = child.after(event, NOW)
            job = job.child_changed(0, child.state, NOW)
    assert job.state in FINISHED
    if kind is JobType.THREAD:
        assert job.state is child.state


@given(st.lists(EVENTS, max_size=10))
def test_a_refused_event_tells_all_that_was_taken_before(events: list[Event]) -> None:
    child, taken = ChildJob("child"), []
    for event in events:
        refusal = None
        try:
            after, effects = child.after(event, NOW)
        except InvalidTransition as error:
            refusal = error
        else:
            child = after
            taken += [f"{type(event).__name__}: {child.state}"] if effects else []
        if refusal is not None:
            assert refusal.story == tuple(taken)
            assert (refusal.state, refusal.event) == (child.state, event)
