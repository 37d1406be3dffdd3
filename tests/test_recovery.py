"""Coming back in a new process: with fake computers for the cases, with the real host and a real SIGKILL for the
truth.
"""

from __future__ import annotations

import datetime
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fakes import FakeRemote, Run, until

from jobmagics.errors import NotFound
from jobmagics.jobs import JobState
from jobmagics.remote import ConnectionInfo
from jobmagics.results import Job
from jobmagics.sessions import SessionManager
from jobmagics.sessions.pssessions import utc_now
from jobmagics.store import ChildRecord, JobRecord, Store

LINES = [f"line {n}" for n in range(60)]


@pytest.fixture
def remote() -> FakeRemote:
    return FakeRemote()


@pytest.fixture
def go(remote: FakeRemote) -> threading.Event:
    """``lines`` writes 20 of 60 lines, waits for this, and writes the rest."""
    event = threading.Event()

    def lines(run: Run) -> None:
        for number, line in enumerate(LINES):
            if number == 20:
                while not event.is_set():
                    run.sleep(0.005)
            run.output(line)

    remote.on("lines", lines)
    return event


class Kernels:
    """One notebook's kernels, one after the other on the same ledger."""

    def __init__(self, remote: FakeRemote, path: Path) -> None:
        self.remote, self.path = remote, path
        self.managers: list[SessionManager] = []

    def start(self) -> SessionManager:
        manager = SessionManager(Store.open(self.path), self.remote.connect, "notebook")
        self.managers.append(manager)
        return manager

    def kill(self) -> None:
        """What SIGKILL leaves: nothing is said to anyone, and the old threads never act again."""
        dead = self.managers.pop()
        dead._links.closing.set()
        dead._closed = True
        dead._applier.close(1)
        dead._lease._over.set()
        dead._lease._lock._close()
        dead.store.close()
        self.remote.forget_clients()


@pytest.fixture
def kernels(remote: FakeRemote, tmp_path: Path) -> Iterator[Kernels]:
    made = Kernels(remote, tmp_path / "jobs.sqlite")
    yield made
    for manager in made.managers:
        manager.close()
        manager.store.close()


def arrived(job: Job, count: int) -> None:
    assert job._control._wait_for(lambda: job.children[0]._entry.record.counts.get("output", 0) >= count, 5)  # type: ignore[attr-defined]


def test_a_killed_kernels_job_goes_on(kernels: Kernels, go: threading.Event) -> None:
    first = kernels.start().invoke("lines", job_name="Night")
    arrived(first, 20)
    assert len(first.receive()) == 20
    kernels.kill()
    manager = kernels.start()
    (job,) = manager.jobs()
    assert (job.id, job.name, str(job.state), job.command) == (1, "Night", "Disconnected", "lines")
    assert manager.snapshot()[1].newest == "line 19"
    manager.recover().join(5)
    assert str(job.state) == "Running"
    go.set()
    manager.wait([job], timeout=5)
    assert job.receive() == LINES[20:], "what was received before stays received"
    assert job.records() == LINES
    assert manager.invoke("more").id == 3, "ids go on"


def test_a_kernel_killed_in_the_middle_of_a_large_object(kernels: Kernels, remote: FakeRemote) -> None:
    text, go = "large " * 50_000, threading.Event()

    def large(run: Run) -> None:
        run.output("before")
        run.output_in_two(text, lambda: run.wait(go))
        run.output("after")

    remote.on("large", large)
    first = kernels.start().invoke("large")
    child = first.children[0]._entry.record
    store = kernels.managers[0].store
    until(lambda: len(store.unfinished(child.key)) > len(text) / 3)
    kernels.kill()
    manager = kernels.start()
    manager.recover().join(5)
    go.set()
    manager.wait(manager.jobs(), timeout=5)
    assert manager.jobs()[0].receive() == ["before", text, "after"]
    assert manager.store.unfinished(child.key) == b""


def test_what_a_damaged_ledger_has_of_a_large_object_is_left_out(kernels: Kernels, remote: FakeRemote) -> None:
    text, go = "large " * 50_000, threading.Event()

    def large(run: Run) -> None:
        run.output_in_two(text, lambda: run.wait(go))
        run.output("after")

    remote.on("large", large)
    first = kernels.start().invoke("large")
    child = first.children[0]._entry.record
    store = kernels.managers[0].store
    until(lambda: len(store.unfinished(child.key)) > len(text) / 3)
    store._writer.execute("UPDATE unfinished SET data = substr(data, 40000)")
    kernels.kill()
    manager = kernels.start()
    manager.recover().join(5)
    go.set()
    manager.wait(manager.jobs(), timeout=5)
    assert manager.jobs()[0].receive() == ["after"]


def test_a_wait_waits_for_jobs_that_are_coming_back(kernels: Kernels, remote: FakeRemote, go: threading.Event) -> None:
    arrived(kernels.start().invoke("lines"), 20)
    kernels.kill()
    remote.cut.add("localhost")
    manager = kernels.start()
    manager.recover()
    go.set()
    threading.Timer(0.2, remote.cut.clear).start()
    assert manager.wait(manager.jobs(), timeout=10)
    assert manager.jobs()[0].receive() == LINES


def test_a_graceful_restart_disconnects_and_comes_back(kernels: Kernels, go: threading.Event) -> None:
    manager = kernels.start()
    (session,) = manager.new_pssession([ConnectionInfo()], name="Mine")
    arrived(session.start("lines"), 20)
    manager.close()
    manager.store.close()
    kernels.managers.clear()
    manager = kernels.start()
    manager.recover().join(5)
    (session,) = manager.pssessions()
    assert (session.name, session.state, session.availability) == ("Mine", "Opened", "Busy")
    go.set()
    (job,) = manager.jobs()
    job.wait(5)
    assert job.receive() == LINES


def test_a_server_that_still_holds_the_dead_client_is_asked_again(
    kernels: Kernels, remote: FakeRemote, go: threading.Event
) -> None:
    arrived(kernels.start().invoke("lines"), 20)
    kernels.kill()
    (shell,) = remote.shells.values()
    shell.client = object()  # not noticed yet
    manager = kernels.start()
    thread = manager.recover()
    threading.Timer(0.3, remote.forget_clients).start()
    thread.join(10)
    go.set()
    (job,) = manager.jobs()
    job.wait(5)
    assert job.receive() == LINES


@pytest.mark.parametrize("no_store", [False, True], ids=["stored", "unstored"])
def test_a_question_left_open_is_answered_by_the_next_kernel(
    kernels: Kernels, remote: FakeRemote, no_store: bool
) -> None:
    remote.on("ask", lambda run: run.output(run.ask("name").value))
    manager = kernels.start()
    begun = manager.invoke("ask", no_store=no_store)
    until(lambda: begun.question is not None)
    kernels.kill()
    manager = kernels.start()
    manager.recover().join(5)
    (job,) = manager.jobs()
    until(lambda: job.question is not None)
    job.answer("Ada")
    job.wait(5)
    assert job.receive() == ["Ada"]


def test_what_was_answered_is_not_asked_again(kernels: Kernels, remote: FakeRemote, tmp_path: Path) -> None:
    go = threading.Event()
    remote.on("ask", lambda run: [run.ask("name"), run.wait(go), run.output("went on")])
    manager = kernels.start()
    begun = manager.invoke("ask")
    until(lambda: begun.question is not None)
    begun.answer("Ada Lovelace")
    assert str(begun.state) == "Running"
    kernels.kill()
    manager = kernels.start()
    manager.recover().join(5)
    (job,) = manager.jobs()
    until(lambda: str(job.state) == "Running")
    assert job.question is None
    go.set()
    job.wait(5)
    assert job.receive() == ["went on"]
    manager.store.settle(1)
    for file in kernels.path.parent.glob("jobs.sqlite*"):
        assert b"Lovelace" not in file.read_bytes()


def test_what_runs_already_is_no_affair_of_recovery(kernels: Kernels, go: threading.Event) -> None:
    manager = kernels.start()
    jobs = [manager.invoke("lines") for _ in range(5)]
    manager.recover().join(5)
    go.set()
    manager.wait(jobs, timeout=5)
    assert [job.receive() for job in jobs] == [LINES] * 5


def test_a_session_that_is_gone_fails_its_job_and_keeps_its_output(
    kernels: Kernels, remote: FakeRemote, go: threading.Event
) -> None:
    manager = kernels.start()
    (session,) = manager.new_pssession([ConnectionInfo()])
    arrived(session.start("lines"), 20)
    kernels.kill()
    remote.kill_shell(session.instance_id)
    manager = kernels.start()
    manager.recover().join(5)
    (job,) = manager.jobs()
    assert str(job.state) == "Failed"
    assert "no longer there" in job.reason
    assert "20 objects" in job.reason
    assert job.receive().output == LINES[:20]
    assert [session.state for session in manager.pssessions()] == ["Broken"]
    assert any("is gone" in notice for notice in manager.take_notices())


def test_a_pipeline_that_is_gone_fails_its_job(kernels: Kernels, remote: FakeRemote, go: threading.Event) -> None:
    arrived(kernels.start().invoke("lines"), 20)
    kernels.kill()
    next(iter(remote.shells.values())).pipelines.clear()
    manager = kernels.start()
    manager.recover().join(5)
    (job,) = manager.jobs()
    job.wait(5)
    assert "no longer on localhost" in job.reason


def test_a_script_that_was_sent_but_not_noted_goes_on(
    kernels: Kernels, remote: FakeRemote, go: threading.Event
) -> None:
    """The kernel died between Command and the note that the server took it."""
    manager = kernels.start()
    job = manager.invoke("lines")
    arrived(job, 20)
    child = job.children[0]._entry.record
    manager.store._writer.execute(
        "UPDATE children SET state = 'NotStarted', began = NULL, sequence = 0, last_object = 0 WHERE key = ?",
        (child.key,),
    )
    manager.store._writer.execute("DELETE FROM messages")
    shell = next(iter(remote.shells.values()))
    (pipeline,) = shell.pipelines.values()
    pipeline.given, given = [], pipeline.given
    pipeline.unread[:0] = given
    kernels.kill()
    manager = kernels.start()
    manager.recover().join(5)
    go.set()
    (job,) = manager.jobs()
    manager.wait([job], timeout=5, force=True)
    assert str(job.state) == "Completed"


def test_a_script_that_was_never_sent_is_not_started_now(kernels: Kernels, remote: FakeRemote) -> None:
    store = Store.open(kernels.path)
    first = store.take_numbers("notebook", "job", 2)
    job = JobRecord("J", first, "Job1", "RemoteJob", "lines", state="Running")
    store.add_job("notebook", job, [ChildRecord("C", first + 1, "Job2", "web01", "POOL", "PIPE")])
    store.close()
    manager = kernels.start()
    manager.recover().join(5)
    (found,) = manager.jobs()
    assert found.state is JobState.FAILED
    assert "before the script could be started on web01" in found.reason
    assert remote.opened == 0


def test_a_finished_job_whose_session_was_not_closed_is_tidied_up(
    kernels: Kernels, remote: FakeRemote, go: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = kernels.start()
    monkeypatch.setattr(manager._links, "close_quietly", lambda session: None)  # killed just before the good-bye
    go.set()
    job = manager.invoke("lines")
    job.wait(5)
    kernels.kill()
    manager = kernels.start()
    manager.recover().join(5)
    assert remote.shells == {}
    assert manager.jobs()[0].receive() == LINES


# -- whose jobs they are -----------------------------------------------------


def test_a_session_that_was_just_being_closed_is_closed_by_the_next_kernel(
    kernels: Kernels, remote: FakeRemote
) -> None:
    manager = kernels.start()
    (session,) = manager.new_pssession([ConnectionInfo()])
    manager._links.set_state(session._entry, "Closing")
    kernels.kill()
    manager = kernels.start()
    manager.recover().join(5)
    assert remote.shells == {}
    assert manager.pssessions() == []


def test_two_kernels_of_one_notebook_keep_to_their_own(kernels: Kernels, go: threading.Event) -> None:
    first = kernels.start()
    arrived(first.invoke("lines", job_name="Mine"), 20)
    second = kernels.start()
    second.recover().join(5)
    assert second.jobs() == []
    assert "has 1 of its jobs; they come here when that kernel has ended" in second.take_notices()[0]
    theirs = second.invoke("lines")
    assert theirs.id == 3, "numbers are the notebook's"
    assert [job.name for job in first.jobs()] == ["Mine"]
    first.close()
    first.store.close()
    kernels.managers.remove(first)
    third = kernels.start()
    third.recover().join(5)
    go.set()
    (job,) = third.jobs()
    job.wait(5)
    assert (job.name, list(job.receive())) == ("Mine", LINES)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Names the machine that the next kernel believes to be on."""
    monkeypatch.setattr("jobmagics.store.lease.BEAT_SECONDS", 0.05)
    monkeypatch.setattr("jobmagics.store.lease.LEASE_SECONDS", 0.5)
    return lambda name: monkeypatch.setattr("jobmagics.store.lease.platform.node", lambda: name)


def test_what_a_living_kernel_removed_is_readable_to_it(kernels: Kernels, go: threading.Event) -> None:
    go.set()
    first = kernels.start()
    job = first.invoke("lines")
    job.wait(5)
    records = job.receive()
    first.remove([job])
    second = kernels.start()
    second.recover().join(5)
    second._tidy()
    assert records == LINES
    kernels.kill()
    kernels.kill()
    third = kernels.start()
    third._tidy()
    assert third.store._rows("SELECT COUNT(*) FROM messages")[0][0] == 0


@pytest.mark.parametrize("has_locks", [True, False])
def test_a_dead_kernel_on_another_machine_or_without_locks_is_inherited_from(
    kernels: Kernels,
    go: threading.Event,
    elsewhere: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    has_locks: bool,
) -> None:
    if not has_locks:
        monkeypatch.setattr("jobmagics.locks.PROBE_SECONDS", 0.01)
        monkeypatch.setattr("jobmagics.locks.try_lock", lambda descriptor, shared=False: False)
    elsewhere("laptop")
    arrived(kernels.start().invoke("lines", job_name="Night"), 20)
    kernels.kill()
    elsewhere("desktop" if has_locks else "laptop")
    manager = kernels.start()
    manager.recover().join(5)
    assert manager.jobs() == [], "whether it is dead is not known yet"
    assert manager._wait_for(lambda: len(manager._jobs) == 1 and str(manager._jobs[0].core.state) == "Running", 10)
    go.set()
    (job,) = manager.jobs()
    job.wait(5)
    assert (job.name, list(job.receive())) == ("Night", LINES)


def test_a_living_kernel_on_another_machine_keeps_its_jobs(
    kernels: Kernels, go: threading.Event, elsewhere: Callable[[str], None]
) -> None:
    elsewhere("laptop")
    first = kernels.start()
    first.recover()
    arrived(first.invoke("lines"), 20)
    elsewhere("desktop")
    second = kernels.start()
    second.recover().join(5)
    seen = second._lease._others()[0].beat
    assert first._wait_for(lambda: first._lease._others() is not None, 1)
    deadline = time.monotonic() + 10
    while second._lease._others()[0].beat < seen + 25:  # far more than the time of a lease
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert second.jobs() == []
    go.set()


def test_what_a_person_disconnected_waits_for_a_person(kernels: Kernels, go: threading.Event) -> None:
    manager = kernels.start()
    (session,) = manager.new_pssession([ConnectionInfo()], name="Parked")
    arrived(session.start("lines"), 20)
    session.disconnect()
    kernels.kill()
    manager = kernels.start()
    manager.recover().join(5)
    (session,) = manager.pssessions()
    (job,) = manager.jobs()
    assert (session.state, str(job.state)) == ("Disconnected", "Disconnected")
    go.set()
    session.connect()
    job.wait(5)
    assert job.receive() == LINES


def test_a_session_that_another_notebook_took_is_its_own(
    kernels: Kernels, remote: FakeRemote, go: threading.Event
) -> None:
    manager = kernels.start()
    (session,) = manager.new_pssession([ConnectionInfo()], name="Handed")
    arrived(session.start("lines", job_name="Long"), 20)
    session.disconnect()
    other = SessionManager(Store.open(kernels.path), remote.connect, "path:/home/ann/other.ipynb")
    (found,) = other.remote_sessions(ConnectionInfo())
    job = other.receive(found, out_target="Job")
    assert isinstance(job, Job)
    assert (job.name, job.command) == ("Long", "lines"), "the ledger knows them"
    manager.close()
    manager.store.close()
    kernels.managers.clear()
    manager = kernels.start()
    manager.recover().join(5)
    assert [str(each.state) for each in manager.jobs()] == ["Failed"]
    assert "was taken over by /home/ann/other.ipynb; the job goes on there" in manager.jobs()[0].reason
    go.set()
    job.wait(5)
    assert job.receive() == LINES
    other.close()
    other.store.close()


# -- what cannot come back, and what has to wait -------------------------------


def test_an_idle_time_out_that_passed_is_told_with_its_time(
    kernels: Kernels, remote: FakeRemote, go: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = kernels.start()
    (session,) = manager.new_pssession([ConnectionInfo()], idle_timeout=90)
    arrived(session.start("lines"), 20)
    kernels.kill()
    remote.kill_shell(session.instance_id)
    later = utc_now() + datetime.timedelta(hours=1)
    monkeypatch.setattr("jobmagics.sessions.pssessions.utc_now", lambda: later)
    manager = kernels.start()
    manager.recover().join(5)
    (job,) = manager.jobs()
    assert re.search(
        r"last heard of at 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC\. Its idle time-out \(0:01:30\)", job.reason
    )
    assert "had passed at 20" in job.reason
    assert job.receive().output == LINES[:20]


def test_computers_that_are_away_do_not_stall_one_that_is_there(
    kernels: Kernels, remote: FakeRemote, go: threading.Event
) -> None:
    away = [ConnectionInfo(f"web{n:02}") for n in range(40)]
    manager = kernels.start()
    job = manager.invoke("lines", connections=[*away, ConnectionInfo("here")], throttle_limit=50)
    for child in job.children:
        assert manager._wait_for(lambda child=child: child._entry.record.counts.get("output", 0) >= 20, 5)
    kernels.kill()
    remote.cut.update(place.computer_name for place in away)
    manager = kernels.start()
    manager.recover()
    (job,) = manager.jobs()
    assert manager._wait_for(lambda: str(job.children[-1].state) == "Running", 5)
    assert {str(child.state) for child in job.children[:-1]} == {"Disconnected"}
    go.set()
    remote.cut.clear()
    manager.wait([job], timeout=15, force=True)
    assert [list(child.receive()) for child in job.children] == [LINES] * 41


def test_a_password_is_asked_for_once_and_later(
    kernels: Kernels, remote: FakeRemote, go: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOBMAGICS_CREDENTIAL_ADMIN_PASSWORD", "known to the test")
    place = [ConnectionInfo("web01", credential="admin"), ConnectionInfo("web02", credential="admin")]
    manager = kernels.start()
    job = manager.invoke("lines", connections=place)
    for child in job.children:
        assert manager._wait_for(lambda child=child: child._entry.record.counts.get("output", 0) >= 20, 5)
    kernels.kill()
    missing = NotFound("No credential 'admin' was found.")
    remote.failures = {"web01": missing, "web02": missing}
    manager = kernels.start()
    manager.recover().join(5)
    (notice,) = manager.take_notices()
    assert "asks for it. Others with the same credential follow by themselves." in notice
    (job,) = manager.jobs()
    assert {str(child.state) for child in job.children} == {"Disconnected"}
    assert all("No credential 'admin' was found." in row.reason for row in manager.snapshot())
    remote.failures.clear()
    go.set()
    manager.connect(manager.pssessions()[:1])
    manager.wait([job], timeout=5, force=True)
    assert [list(child.receive()) for child in job.children] == [LINES] * 2


# -- readings ------------------------------------------------------------------


def test_output_that_must_not_be_stored_is_in_memory_alone(
    kernels: Kernels, remote: FakeRemote, go: threading.Event
) -> None:
    remote.on("fail", lambda run: 1 / 0)
    manager = kernels.start()
    job = manager.invoke("lines", job_name="Secret", no_store=True)
    failing = manager.invoke("fail", no_store=True)
    failing.wait(5)
    arrived(job, 20)
    assert job.records() == LINES[:20]
    assert list(job.records().newest(3)) == LINES[17:20]
    assert job.receive() == LINES[:20]
    assert "division by zero" in failing.reason
    manager.store.settle(1)
    for file in kernels.path.parent.glob("jobs.sqlite*"):
        assert b"line 1" not in file.read_bytes()
        assert b"division by zero" not in file.read_bytes()
    kernels.kill()
    manager = kernels.start()
    (notice,) = [each for each in manager.take_notices() if "(Secret)" in each]
    assert "the 20 records that it gave before this kernel started" in notice
    (job, failing) = manager.jobs()
    assert "-NoStore kept the reason out of the ledger" in failing.reason
    manager.recover().join(5)
    go.set()
    job.wait(5)
    assert job.receive() == LINES[20:]
    assert job.records() == LINES[20:]
    assert list(manager.store.messages(job.children[0]._entry.record.key, 0, 20)) == []


def test_each_reader_has_a_place_of_its_own_that_outlives_the_kernel(kernels: Kernels, go: threading.Event) -> None:
    manager = kernels.start()
    job = manager.invoke("lines")
    arrived(job, 20)
    assert [record.value for record in job.follow("dashboard").read()] == LINES[:20]
    assert job.receive() == LINES[:20]
    kernels.kill()
    manager = kernels.start()
    manager.recover().join(5)
    go.set()
    (job,) = manager.jobs()
    job.wait(5)
    assert [record.value for record in job.follow("dashboard").read()] == LINES[20:]
    assert [record.value for record in job.follow("another").read()] == LINES
    assert [record.value for record in job.follow().read()] == LINES
    assert job.follow("dashboard").read() == []


def test_the_history_has_the_finished_jobs_of_all_kernels(
    kernels: Kernels, remote: FakeRemote, go: threading.Event
) -> None:
    go.set()
    other = SessionManager(Store.open(kernels.path), remote.connect, "path:/home/ann/other.ipynb")
    other.invoke("lines", job_name="Theirs").wait(5)
    manager = kernels.start()
    mine = manager.invoke("lines", job_name="Mine")
    mine.wait(5)
    mine.receive()
    history = manager.history()
    assert sorted((job.name, history.owner(job)) for job in history) == [
        ("Mine", "notebook"),
        ("Theirs", "path:/home/ann/other.ipynb"),
    ]
    assert mine in history, "it is the same object"
    (theirs,) = manager.history(name="th*")
    assert theirs.records() == LINES
    assert "/home/ann/other.ipynb" in repr(history)
    assert "/home/ann/other.ipynb" in history._repr_html_()
    assert len(manager.jobs()) == 1
    other.close()
    other.store.close()


# -- the real host -----------------------------------------------------------

CLIENT = """
import sys, time
from jobmagics.psrp import connect
from jobmagics.sessions import SessionManager
from jobmagics.store import Store
manager = SessionManager(Store.open(sys.argv[1]), connect, "notebook")
jobs = [manager.invoke("count 0 59 0.02") for _ in range(int(sys.argv[2]))]
while True:
    print(min(row.lines for row in manager.snapshot() if row.parent_id), flush=True)
    time.sleep(0.01)
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_sigkill_in_the_middle_of_three_jobs_loses_nothing(real_host: Path, tmp_path: Path) -> None:
    from jobmagics.psrp import connect

    path = tmp_path / "jobs.sqlite"
    client = subprocess.Popen([sys.executable, "-c", CLIENT, str(path), "3"], stdout=subprocess.PIPE, text=True)
    assert client.stdout is not None
    with client.stdout:
        for line in client.stdout:
            if int(line) >= 20:
                break
    client.send_signal(signal.SIGKILL)
    client.wait()
    store = Store.open(path)
    manager = SessionManager(store, connect, "notebook")
    before = [row.lines for row in manager.snapshot() if row.parent_id]
    assert all(20 <= count < 60 for count in before)
    manager.recover()
    jobs = manager.jobs()
    assert manager.wait(jobs, timeout=15) == jobs
    assert [list(job.receive()) for job in jobs] == [LINES] * 3
    manager.close()
    store.close()
