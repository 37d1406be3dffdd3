"""Coming back in a new process: with fake computers for the cases, with the real host and a real SIGKILL for the
truth.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import FakeRemote, Run

from jobmagics.jobs import JobState
from jobmagics.remote import ConnectionInfo, HostAnswer
from jobmagics.results import Job
from jobmagics.sessions import SessionManager
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
    arrived(session.invoke("lines"), 20)
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


def test_a_question_left_open_is_answered_by_the_next_kernel(kernels: Kernels, remote: FakeRemote) -> None:
    remote.on("ask", lambda run: run.output(run.ask("name").refusal))
    asked = threading.Event()

    def silent(child: object, call: object) -> HostAnswer:
        asked.set()
        threading.Event().wait()
        raise AssertionError

    manager = kernels.start()
    manager._runner.prompt = silent
    manager.invoke("ask")
    assert asked.wait(5)
    kernels.kill()
    manager = kernels.start()
    manager.recover().join(5)
    (job,) = manager.jobs()
    job.wait(5)
    assert "nobody can answer it here" in job.receive()[0]


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
    arrived(session.invoke("lines"), 20)
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
