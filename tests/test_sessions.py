"""The manager over computers that run Python functions: PowerShell's walkthroughs, throttle, losses, and an orderly
end.
"""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import FakeRemote, Run, until

from jobmagics.errors import ConnectionFailed, InvalidOperation, NotFound, StoreError, UsageError
from jobmagics.psobject import Int64
from jobmagics.remote import ConnectionInfo
from jobmagics.results import Job, Records
from jobmagics.sessions import SessionManager
from jobmagics.store import Store

WEB = [ConnectionInfo("web01"), ConnectionInfo("web02")]


@pytest.fixture
def remote() -> FakeRemote:
    return FakeRemote()


@pytest.fixture
def gate(remote: FakeRemote) -> threading.Event:
    """``hold`` writes "started" and waits for this."""
    event = threading.Event()

    def hold(run: Run) -> None:
        run.output("started")
        while not event.is_set():
            run.sleep(0.01)
        run.output("done")

    remote.on("hold", hold)
    remote.on("fail", lambda run: 1 / 0)
    remote.on("count", lambda run: [run.output(f"line {n}") for n in range(50)])
    return event


@pytest.fixture
def manager(remote: FakeRemote, tmp_path: Path) -> Iterator[SessionManager]:
    made = SessionManager(Store.open(tmp_path / "jobs.sqlite"), remote.connect, "notebook")
    yield made
    made.close()
    made.store.close()


def states(job: Job) -> list[str]:
    return [str(job.state), *(str(child.state) for child in job.children)]


def started(job: Job) -> None:
    until(lambda: all(len(child.output) == 1 for child in job.children))


# -- identity and output


def test_parent_takes_its_id_first_and_then_each_child(manager: SessionManager) -> None:
    one, two = manager.invoke("'a'", connections=WEB), manager.invoke("'b'", connections=WEB[:1], job_name="Mine")
    assert [(job.id, job.name, [(c.id, c.name) for c in job.children]) for job in (one, two)] == [
        (1, "Job1", [(2, "Job2"), (3, "Job3")]),
        (4, "Mine", [(5, "Job5")]),
    ]
    assert (one.location, one.type, one.children[0].type, one.command) == ("web01,web02", "RemoteJob", "", "'a'")


def test_output_is_received_once_and_kept_on_request(manager: SessionManager, gate: threading.Event) -> None:
    job = manager.invoke("count")
    assert manager.wait([job], timeout=5) == [job]
    lines = [f"line {n}" for n in range(50)]
    assert job.has_more_data
    assert manager.receive_job([job], keep=True) == lines
    assert job.receive() == lines
    assert not job.has_more_data
    assert job.receive() == []
    assert job.records() == lines, "the record is whole, whatever was received"


def test_a_running_job_with_nothing_new_still_has_more_data(manager: SessionManager, gate: threading.Event) -> None:
    job = manager.invoke("hold")
    started(job)
    assert job.receive() == ["started"]
    assert job.has_more_data
    gate.set()
    job.wait(5)
    assert job.receive() == ["done"]


def test_values_go_in(manager: SessionManager, remote: FakeRemote) -> None:
    remote.on(
        "param($__using_n) $__using_n",
        lambda run: [
            run.output(run.parameters["__using_n"]),
            *map(run.output, run.arguments),
            *map(run.output, run.input),
        ],
    )
    job = manager.invoke("$using:n", using={"N": 5, "other": object()}, arguments=["a"], input=iter([7, 8]))
    job.wait(5)
    assert job.receive() == [5, "a", 7, 8]
    assert job.command == "$using:n"


def test_python_values_become_powershells(manager: SessionManager, remote: FakeRemote) -> None:
    seen: list[object] = []
    remote.on("take", lambda run: seen.extend(run.arguments))
    when = datetime.date(2026, 11, 22)
    manager.invoke("take", arguments=[range(2), (1, 2**40), Path("a"), when, {"k": {3}}]).wait(5)
    assert seen == [[0, 1], [1, 2**40], "a", datetime.datetime(2026, 11, 22), {"k": [3]}]
    assert isinstance(seen[1][1], Int64)  # type: ignore[index]


def test_what_cannot_travel_is_refused_at_once(manager: SessionManager) -> None:
    with pytest.raises(UsageError, match=r"argument 2 cannot be sent"):
        manager.invoke("1", arguments=[1, object()])
    with pytest.raises(UsageError, match=r"\$using:f cannot be sent"):
        manager.invoke("$using:f", using={"f": print})
    assert manager.jobs() == []


def test_by_location(manager: SessionManager, gate: threading.Event) -> None:
    job = manager.invoke("count", connections=WEB)
    job.wait(5)
    assert len(manager.receive_job([job], location="WEB02")) == 50
    assert job.has_more_data
    assert {record.computer_name for record in job.receive().all} == {"web01"}
    assert not job.has_more_data
    assert manager.receive_job([job], no_recurse=True) == []


# -- ends


def test_a_failed_child_gives_its_reason_each_time(manager: SessionManager, gate: threading.Event) -> None:
    job = manager.invoke("fail")
    job.wait(5)
    assert states(job) == ["Failed", "Failed"]
    for _ in range(2):
        (error,) = job.receive().errors
        assert str(error) == "division by zero"
    assert job.reason == "division by zero"


def test_one_dead_computer_stalls_nothing(manager: SessionManager, remote: FakeRemote, gate: threading.Event) -> None:
    remote.cut.add("web01")
    job = manager.invoke("count", connections=WEB)
    job.wait(5)
    assert states(job) == ["Failed", "Failed", "Completed"]
    assert "web01 does not answer" in job.reason
    assert len(job.receive()) == 50


def test_stopping_children_leaves_the_parent(manager: SessionManager, gate: threading.Event) -> None:
    sessions = manager.new_pssession(WEB)
    job = manager.invoke("hold", sessions=sessions)
    started(job)
    job.children[0].stop()
    assert states(job) == ["Running", "Stopped", "Running"]
    job.stop()
    assert states(job) == ["Stopped", "Stopped", "Stopped"]
    assert [session.availability for session in sessions] == ["Available", "Available"]
    assert job.receive() == ["started", "started"]
    other = manager.invoke("hold", sessions=sessions)
    started(other)
    for child in other.children:
        child.stop()
    assert states(other) == ["Completed", "Stopped", "Stopped"]


def test_a_session_closed_under_its_job(manager: SessionManager, gate: threading.Event) -> None:
    (session,) = manager.new_pssession([ConnectionInfo()])
    job = session.start("hold")
    started(job)
    session.remove()
    until(lambda: states(job) == ["Completed", "Stopped"])
    assert (session.state, session.availability) == ("Closed", "None")
    assert job.receive() == ["started"]
    assert manager.pssessions() == []


def test_a_session_that_dies_fails_its_job(manager: SessionManager, remote: FakeRemote, gate: threading.Event) -> None:
    (session,) = manager.new_pssession([ConnectionInfo()])
    job = session.start("hold")
    started(job)
    remote.kill_shell(session.instance_id)
    job.wait(5)
    assert states(job) == ["Failed", "Failed"]
    assert (session.state, session.availability) == ("Broken", "None")
    assert job.receive().output == ["started"]


def test_a_busy_session_refuses_a_second_pipeline(manager: SessionManager, gate: threading.Event) -> None:
    (session,) = manager.new_pssession([ConnectionInfo()])
    first = session.start("hold")
    started(first)
    assert session.availability == "Busy"
    second = session.start("count")
    second.wait(5)
    assert states(second) == ["Failed", "Failed"]
    assert second.reason.startswith("The pipeline was not run because a pipeline is already running.")
    (error,) = second.receive().errors
    assert error.FullyQualifiedErrorId == "RemotePipelineExecutionFailed"
    gate.set()
    first.wait(5)
    assert states(first) == ["Completed", "Completed"]


def test_throttle(manager: SessionManager, gate: threading.Event) -> None:
    job = manager.invoke("hold", connections=[*WEB, ConnectionInfo("web03")], throttle_limit=1)
    until(lambda: states(job) == ["Running", "Running", "NotStarted", "NotStarted"])
    gate.set()
    job.wait(5)
    assert states(job) == ["Completed"] * 4


def test_stopping_ends_what_queues(manager: SessionManager, gate: threading.Event) -> None:
    job = manager.invoke("hold", connections=[*WEB, ConnectionInfo("web03")], throttle_limit=1)
    until(lambda: states(job)[1] == "Running")
    job.stop()
    assert states(job) == ["Stopped"] * 4


def test_a_jobs_own_session_is_closed_after_it(
    manager: SessionManager, remote: FakeRemote, gate: threading.Event
) -> None:
    manager.invoke("count", connections=WEB).wait(5)
    until(lambda: not remote.shells)
    assert remote.opened == 2
    assert manager.store.load("notebook").sessions == []


# -- waiting


def test_wait_gives_nothing_when_time_is_up(manager: SessionManager, gate: threading.Event) -> None:
    slow, quick = manager.invoke("hold"), manager.invoke("count")
    assert manager.wait([slow, quick], timeout=0) == []
    assert manager.wait([slow, quick], timeout=5, any=True) == [quick]
    assert manager.wait([slow, quick], timeout=0.05) == []


def asking(manager: SessionManager, remote: FakeRemote) -> Job:
    """A job that asks for a name and greets it."""
    remote.on("ask", lambda run: run.output("hello " + str((answer := run.ask("name")).value or answer.refusal)))
    job = manager.invoke("ask")
    until(lambda: job.question is not None)
    return job


def test_a_prompt_blocks_until_it_is_answered(manager: SessionManager, remote: FakeRemote) -> None:
    job = asking(manager, remote)
    assert states(job) == ["Blocked", "Blocked"]
    assert job.question is not None
    assert job.question.kind == "text"
    with pytest.raises(InvalidOperation, match="blocked waiting for user interaction") as caught:
        manager.wait([job])
    assert caught.value.category == "DeadlockDetected"
    with pytest.raises(UsageError, match="The answer is a text, not int"):
        job.answer(7)
    manager.answer(job.children[0], "Ada")
    job.wait(5)
    assert job.receive() == ["hello Ada"]
    with pytest.raises(InvalidOperation, match="asks nothing"):
        job.answer("again")


def test_a_question_that_nobody_can_answer_is_refused_in_words(manager: SessionManager, remote: FakeRemote) -> None:
    job = asking(manager, remote)
    manager.refuse(job, "nobody is here")
    job.wait(5)
    assert job.receive() == ["hello nobody is here"]


def test_stopping_a_job_that_asks(manager: SessionManager, remote: FakeRemote) -> None:
    job = asking(manager, remote)
    job.stop()
    assert states(job) == ["Stopped", "Stopped"]
    assert job.question is None


def test_what_is_asked_one_after_the_other_is_answered_one_after_the_other(
    manager: SessionManager, remote: FakeRemote
) -> None:
    remote.on("many", lambda run: [run.output(run.ask(str(n)).value) for n in range(50)])
    job = manager.invoke("many")
    for number in range(50):
        until(lambda: job.question is not None)
        job.answer(str(number))
    job.wait(5)
    assert job.receive() == [str(n) for n in range(50)]


def test_a_question_outlives_a_disconnection(manager: SessionManager, remote: FakeRemote) -> None:
    (session,) = manager.new_pssession([ConnectionInfo("web01")])
    remote.on("ask", lambda run: run.output(run.ask("name").value))
    job = session.start("ask")
    until(lambda: job.question is not None)
    session.disconnect()
    assert states(job) == ["Disconnected", "Disconnected"]
    with pytest.raises(InvalidOperation, match="asks nothing"):
        job.answer("Ada")
    session.connect()
    until(lambda: job.question is not None)
    job.answer("Ada")
    job.wait(5)
    assert job.receive() == ["Ada"]


def test_a_question_that_is_answered_the_moment_it_is_back_is_not_asked_again(
    manager: SessionManager, remote: FakeRemote, monkeypatch: pytest.MonkeyPatch
) -> None:
    (session,) = manager.new_pssession([ConnectionInfo("web01")])
    remote.on("ask", lambda run: run.output(run.ask("name").value))
    job = session.start("ask")
    until(lambda: job.question is not None)
    session.disconnect()
    meet, pump, answered, goes_on = manager._runner._meet_call, manager._runner._pump, [], threading.Event()

    def answer() -> None:
        answered.append(job.answer("Ada"))

    def answer_and_meet(*details: object) -> bool:
        answer()
        return meet(*details)  # type: ignore[arg-type]

    monkeypatch.setattr(manager._runner, "_meet_call", answer_and_meet)
    monkeypatch.setattr(manager._runner, "_pump", lambda child: (goes_on.set(), pump(child)))
    session.connect()
    assert goes_on.wait(5)
    if not answered:
        answer()
    assert job.wait(5).state == "Completed"
    assert job.receive() == ["Ada"]


# -- sessions


def test_a_session_keeps_its_variables_and_names(manager: SessionManager, remote: FakeRemote) -> None:
    remote.on("keep", lambda run: run.variables.update(keep=42))
    remote.on("show", lambda run: run.output(run.variables["keep"]))
    one, two = manager.new_pssession(WEB, name=["One", "Two"])
    one.start("keep").wait(5)
    shown = one.start("show")
    shown.wait(5)
    assert shown.receive() == [42]
    assert [session.name for session in manager.pssessions(name="T*")] == ["Two"]
    assert [session.name for session in manager.new_pssession(WEB)] == ["Runspace1", "Runspace2"]
    assert manager.pssessions(id=two.id) == [two]
    assert manager.pssessions(name="nope*") == []


def test_opening_fails_for_some(manager: SessionManager, remote: FakeRemote) -> None:
    remote.cut.add("web01")
    with pytest.raises(ConnectionFailed, match="web01"):
        manager.new_pssession(WEB)
    errors: list[Exception] = []
    opened = manager.new_pssession(WEB, errors=errors)  # type: ignore[arg-type]
    assert [session.computer_name for session in opened] == ["web02"]
    assert len(errors) == 1


def test_disconnect_and_connect(manager: SessionManager, gate: threading.Event) -> None:
    (session,) = manager.new_pssession([ConnectionInfo()])
    job = session.start("hold")
    started(job)
    session.disconnect(idle_timeout=120)
    assert states(job) == ["Disconnected", "Disconnected"]
    assert (session.state, session.availability, session.idle_timeout) == ("Disconnected", "None", 120)
    assert manager.wait([job], timeout=0) == [job], "disconnected is where a wait ends"
    assert session.disconnect() == session
    gate.set()
    session.connect()
    assert manager.wait([job], timeout=5, force=True) == [job]
    assert job.receive() == ["started", "done"]


def test_a_disconnected_job_can_be_stopped(manager: SessionManager, remote: FakeRemote, gate: threading.Event) -> None:
    (session,) = manager.new_pssession([ConnectionInfo()])
    job = session.start("hold")
    started(job)
    session.disconnect()
    remote.cut.add("localhost")
    with pytest.raises(InvalidOperation) as caught:
        job.stop()
    assert caught.value.fqid.startswith("StopJobCannotConnectToServer,")
    assert str(job.children[0].state) == "Disconnected"
    remote.cut.clear()
    job.stop()
    assert states(job) == ["Stopped", "Stopped"]


def test_what_cannot_be_disconnected_or_connected(manager: SessionManager) -> None:
    (session,) = manager.new_pssession([ConnectionInfo()])
    with pytest.raises(InvalidOperation, match="less than the minimum allowed 60"):
        session.disconnect(idle_timeout=5)
    assert session.connect() == session
    session.remove()
    with pytest.raises(InvalidOperation) as caught:
        session.disconnect()
    assert caught.value.fqid.startswith("CannotDisconnectSessionWhenNotOpened,")
    with pytest.raises(InvalidOperation) as caught:
        session.connect()
    assert caught.value.fqid.startswith("PSSessionConnectFailed,")


def test_another_notebook_takes_a_session_over(remote: FakeRemote, gate: threading.Event, tmp_path: Path) -> None:
    store = Store.open(tmp_path / "jobs.sqlite")
    ours = SessionManager(store, remote.connect, "one")
    (opened,) = ours.invoke_disconnected("hold", connections=[ConnectionInfo()], session_name="Night")
    theirs = SessionManager(store, remote.connect, "two")
    (found,) = theirs.remote_sessions(ConnectionInfo(), name="night")
    assert (found.state, found.availability, found.instance_id) == ("Disconnected", "None", opened.instance_id)
    job = theirs.receive(found, out_target="Job", job_name="Taken")
    assert isinstance(job, Job)
    gate.set()
    job.wait(5)
    assert (job.receive(), job.command, job.name) == (["started", "done"], "hold", "Taken")
    ours.close()
    theirs.close()
    store.close()


def test_receive_gives_the_job_that_is_known(manager: SessionManager, gate: threading.Event) -> None:
    (session,) = manager.new_pssession([ConnectionInfo()])
    job = session.start("hold")
    session.disconnect()
    assert session.receive() == job
    gate.set()
    records = session.receive(out_target="host")
    assert isinstance(records, Records)
    assert records == ["started", "done"]
    with pytest.raises(UsageError, match="valid: Host, Job"):
        session.receive(out_target="Screen")


# -- filters and removal


def test_filters(manager: SessionManager, gate: threading.Event) -> None:
    done = manager.invoke("count", job_name="Alpha")
    done.wait(5)
    running = manager.invoke("hold", job_name="Beta")
    started(running)
    assert manager.jobs() == [done, running]
    assert manager.jobs(state="running") == [running]
    assert manager.jobs(name="*a") == [done, running]
    assert manager.jobs(command="*oun*") == [done]
    assert manager.jobs(id=2) == [done.children[0]]
    assert manager.jobs(include_child_jobs=True) == [done, *done.children, running, *running.children]
    assert manager.jobs(child_job_state="Completed") == [done, *done.children, running]
    assert manager.jobs(newest=1) == [done]
    assert done.end_time is not None
    assert manager.jobs(after=done.end_time) == []
    assert manager.jobs(name="nope*") == []
    assert manager.job("alpha") == done
    for key, fqid in ((4711, "JobWithSpecifiedSessionNotFound"), ("nope", "JobWithSpecifiedNameNotFound")):
        with pytest.raises(NotFound) as caught:
            manager.job(key)  # type: ignore[arg-type]
        assert caught.value.fqid.startswith(fqid + ",")
    with pytest.raises(UsageError, match="valid: NotStarted, Running"):
        manager.jobs(state="busy")


def test_removing(manager: SessionManager, gate: threading.Event) -> None:
    done, running = manager.invoke("count"), manager.invoke("hold")
    done.wait(5)
    started(running)
    records = done.receive()
    with pytest.raises(InvalidOperation, match="because the job is not finished"):
        running.remove()
    with pytest.raises(InvalidOperation, match="is a child job"):
        manager.remove(done.children)
    done.remove()
    running.remove(force=True)
    assert manager.jobs() == []
    assert len(records) == 50, "what was received stays readable"


# -- losses


def test_a_cut_network_is_bridged(
    manager: SessionManager, remote: FakeRemote, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobmagics.sessions.invocation.ROBUST_PAUSE", 0.02)
    job = manager.invoke("hold", connections=WEB)
    started(job)
    remote.cut.update({"web01"})
    until(lambda: any("interrupted" in notice for notice in manager._notices))
    assert states(job) == ["Running", "Running", "Running"]
    gate.set()
    remote.cut.clear()
    job.wait(5)
    assert job.children[0].receive() == ["started", "done"]
    assert any("restored" in notice for notice in manager.take_notices())


def test_a_network_that_stays_away_leaves_the_job_disconnected(
    manager: SessionManager, remote: FakeRemote, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobmagics.sessions.invocation.ROBUST_PAUSE", 0.02)
    manager._runner.retry_seconds = 0.1
    job = manager.invoke("hold")
    started(job)
    remote.cut.add("localhost")
    until(lambda: states(job) == ["Disconnected", "Disconnected"])
    remote.cut.clear()
    gate.set()
    manager.connect(manager.pssessions(state="Disconnected"))
    manager.wait([job], timeout=5, force=True)
    assert job.receive() == ["started", "done"]


def test_a_network_that_comes_back_late_is_found_by_looking_now_and_then(
    manager: SessionManager, remote: FakeRemote, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobmagics.sessions.invocation.ROBUST_PAUSE", 0.02)
    monkeypatch.setattr("jobmagics.sessions.recovery.PROBE_PAUSES", (0.05, 0.1))
    manager._runner.retry_seconds = 0.1
    job = manager.invoke("hold")
    started(job)
    remote.cut.add("localhost")
    until(lambda: states(job) == ["Disconnected", "Disconnected"])
    assert "does not answer" in manager.snapshot()[1].reason
    time.sleep(0.3)  # several looks find nothing
    assert states(job) == ["Disconnected", "Disconnected"]
    remote.cut.clear()
    until(lambda: states(job) == ["Running", "Running"])
    assert manager.snapshot()[1].reason == ""
    gate.set()
    manager.wait([job], timeout=5)
    assert job.receive() == ["started", "done"]
    notices = manager.take_notices()
    assert any("looked for again from time to time" in notice for notice in notices)
    assert notices[-1].endswith("is connected again.")


def test_a_ledger_that_refuses_slows_down_and_loses_nothing(
    manager: SessionManager, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobmagics.sessions.applier.RETRY_SECONDS", 0.01)
    refusals = iter(range(5))
    real = manager.store.append

    def append(*details: object, **options: object) -> None:
        if next(refusals, None) is not None:
            raise StoreError("The job ledger failed (database or disk is full): free some space.")
        real(*details, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(manager.store, "append", append)
    job = manager.invoke("count")
    job.wait(5)
    assert job.receive() == [f"line {n}" for n in range(50)]
    assert [notice for notice in manager.take_notices() if "disk is full" in notice]


# -- display and end


def test_rows(manager: SessionManager, remote: FakeRemote) -> None:
    go = threading.Event()

    def work(run: Run) -> None:
        run.output("first")
        run.warning("careful")
        run.error("oops")
        run.output("line one\r\nline two\x1b[0m")
        run.progress("Copying", 25, "file 1")
        while not go.is_set():
            run.sleep(0.01)
        run.progress("Copying", 100)

    remote.on("work", work)
    changes = threading.Event()
    unsubscribe = manager.subscribe(changes.set)
    job = manager.invoke("work")
    until(lambda: manager.snapshot()[1].progress)
    parent, child = manager.snapshot()
    assert (parent.id, parent.parent_id, parent.type, child.parent_id) == (1, None, "RemoteJob", 1)
    assert child.progress is not None
    assert (child.progress.activity, child.progress.percent, child.progress.status) == ("Copying", 25, "file 1")
    assert (child.lines, child.errors, child.warnings, child.newest, parent.newest) == (2, 1, 1, "line two", "line two")
    go.set()
    job.wait(5)
    assert [row.state for row in manager.snapshot()] == ["Completed", "Completed"]
    assert manager.snapshot()[1].progress is None
    assert changes.is_set()
    unsubscribe()
    version = manager.version
    manager.invoke("work").stop()
    assert manager.version > version


def test_follow_reads_along_without_taking(manager: SessionManager, gate: threading.Event) -> None:
    job = manager.invoke("hold")
    follower = job.follow()
    started(job)
    assert [record.value for record in follower.read()] == ["started"]
    assert job.receive() == ["started"]
    gate.set()
    job.wait(5)
    assert [record.value for record in follower.read()] == ["done"]
    assert follower.read() == []


def test_an_orderly_end(remote: FakeRemote, gate: threading.Event, tmp_path: Path) -> None:
    manager = SessionManager(Store.open(tmp_path / "jobs.sqlite"), remote.connect, "notebook")
    busy, idle = manager.new_pssession(WEB)
    job = busy.start("hold")
    started(job)
    begun = time.monotonic()
    manager.close()
    assert time.monotonic() - begun < 3
    assert list(remote.shells) == [busy.instance_id], "the idle one is closed"
    assert remote.shells[busy.instance_id].info.state == "Disconnected"
    assert states(job) == ["Disconnected", "Disconnected"]
    assert idle.state == "Closed"


def test_removing_a_job_leaves_nothing_of_it_behind(manager: SessionManager, remote: FakeRemote) -> None:
    remote.on("block", lambda run: run.sleep(60))
    places = [ConnectionInfo(name) for name in ("a", "b", "c")]
    one_at_a_time = manager.invoke("block", connections=places, throttle_limit=1)
    manager.remove([one_at_a_time], force=True)
    assert remote.shells == {}
    for _ in range(20):
        job = manager.invoke("done")
        job.wait(5)
        job.remove()
        assert remote.shells == {}, "the session is gone when remove returns, not some time later"
    assert manager.store.load(manager.owner).sessions == []
    assert manager._sessions == {}


def test_removing_a_job_leaves_a_persons_session_alone(manager: SessionManager, remote: FakeRemote) -> None:
    (session,) = manager.new_pssession([ConnectionInfo()])
    job = session.start("done")
    job.wait(5)
    job.remove()
    assert (session.state, len(remote.shells)) == ("Opened", 1)
