"""The state machine of jobs: PowerShell's walkthroughs as events, and what holds under any events."""

from __future__ import annotations

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
    Prompted,
    Rejoined,
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
        job = job.stop()
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
    ],
)
def test_a_parent_follows_its_children(states: list[str], stop: bool, state: str) -> None:
    assert str(parent(*states, stop=stop).state) == state


def test_a_parent_runs_again_when_a_child_does() -> None:
    for away in ("Blocked", "Disconnected", "AtBreakpoint"):
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


EVENTS = st.one_of(
    st.sampled_from(
        [Began(), Prompted(), Answered(), Broke(), Continued(), Parted(), Rejoined(), Lost(WHY), Withdrawn()]
    ),
    st.builds(Ended, st.sampled_from(sorted(FINISHED, key=str)), st.sampled_from([None, WHY])),
)


@given(st.lists(st.tuples(st.integers(0, 2), EVENTS), max_size=40), st.booleans())
def test_whatever_happens_states_stay_honest(happenings: list[tuple[int, Event]], stop: bool) -> None:
    children = [ChildJob(f"child {index}") for index in range(3)]
    job = ParentJob(tuple(each.state for each in children)).start(NOW)
    if stop:
        job = job.stop()
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
