"""Leaving while a job is being started: with the real host, in processes that end in order or are killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fakes import FakePool, FakeRemote

from jobmagics.host.client import host_statuses
from jobmagics.jobs import JobState
from jobmagics.psrp import connect
from jobmagics.remote import ConnectionInfo
from jobmagics.sessions import SessionManager
from jobmagics.store import Store

LINES = [f"line {n}" for n in range(20)]

CLIENT = """
import atexit, os, signal, sys, time
from jobmagics.psrp import connect
from jobmagics.sessions import SessionManager
from jobmagics.store import Store

def refuse(event, arguments):
    if event == "_thread.start_new_thread":  # as Python itself does from 3.12 on, once it ends
        raise RuntimeError("can't create new thread at interpreter shutdown")

manager = SessionManager(Store.open(sys.argv[1]), connect, "notebook")
atexit.register(manager.close)
atexit.register(sys.addaudithook, refuse)
manager.invoke("count 0 19 0.02")
time.sleep(float(sys.argv[2]))
if sys.argv[3] == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
"""


@contextmanager
def next_kernel(path: Path) -> Iterator[SessionManager]:
    store = Store.open(path)
    manager = SessionManager(store, connect, "notebook")
    try:
        manager.recover()
        yield manager
    finally:
        manager.close()
        store.close()


def leave(path: Path, delay: float, how: str) -> None:
    """A process that starts a job of twenty lines, and ends ``delay`` seconds later."""
    client = [sys.executable, "-c", CLIENT, str(path), str(delay), how]
    ended = subprocess.run(client, check=False, stderr=subprocess.PIPE)
    assert ended.returncode == (0 if how == "exit" else -signal.SIGKILL), ended.stderr
    assert ended.stderr == b""


@pytest.mark.parametrize("delay", [0, 0.15, 0.3, 0.6])
def test_a_job_that_is_just_being_started_is_not_lost_by_an_orderly_end(
    real_host: Path, tmp_path: Path, delay: float
) -> None:
    leave(tmp_path / "jobs.sqlite", delay, "exit")
    with next_kernel(tmp_path / "jobs.sqlite") as manager:
        (job,) = manager.jobs()
        assert manager.wait([job], timeout=10), (job.state, job.reason)
        assert (job.state, job.reason) == (JobState.COMPLETED, "")
        assert job.receive() == LINES


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_kill_at_any_moment_of_the_start_leaves_a_job_that_goes_on_or_says_why_not(
    real_host: Path, tmp_path: Path
) -> None:
    seen = set()
    for step in range(7):
        path = tmp_path / f"{step}.sqlite"
        leave(path, step * 0.08, "kill")
        with next_kernel(path) as manager:
            (job,) = manager.jobs()
            assert manager.wait([job], timeout=10), (job.state, job.reason)
            seen.add(job.state)
            if job.state is JobState.COMPLETED:
                assert job.receive() == LINES
            else:
                assert job.state is JobState.FAILED
                assert "before the script could be started on localhost; run it again" in job.reason
                assert job.records().output == []
    assert seen == {JobState.COMPLETED, JobState.FAILED}
    (status,) = host_statuses(real_host)
    assert status.shells == [], "neither kind leaves a session behind"


def test_a_removed_job_leaves_no_session_on_the_host(real_host: Path, tmp_path: Path) -> None:
    with next_kernel(tmp_path / "jobs.sqlite") as manager:
        for script in ("count 1 3", "block"):
            job = manager.invoke(script)
            assert manager.wait([job], timeout=5 if script != "block" else 0.3) == ([] if script == "block" else [job])
            manager.remove([job], force=True)
            (status,) = host_statuses(real_host)
            assert status.shells == []


# -- in bounded time -------------------------------------------------------------


@pytest.fixture
def remote() -> FakeRemote:
    """``hold`` runs until it is stopped."""
    made = FakeRemote()
    made.on("hold", lambda run: run.wait(threading.Event()))
    return made


def test_computers_that_do_not_answer_hold_up_no_other(
    remote: FakeRemote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve of forty never answer the good-bye; the rest is disconnected, and leaving ends in its time."""
    never, store = threading.Event(), Store.open(tmp_path / "jobs.sqlite")
    manager = SessionManager(store, remote.connect, "notebook")
    places = [ConnectionInfo(f"{'mute' if n % 10 < 3 else 'web'}{n:02}") for n in range(40)]
    job = manager.invoke("hold", connections=places, throttle_limit=40)
    assert manager._wait_for(lambda: {str(child.state) for child in job.children} == {"Running"}, 10)
    real = FakePool.disconnect

    def disconnect(pool: FakePool, *details: object) -> None:
        if pool.endpoint.connection.computer_name.startswith("mute"):
            never.wait()
        real(pool, *details)

    monkeypatch.setattr(FakePool, "disconnect", disconnect)
    manager.close(3.0)
    assert {shell.info.state for shell in remote.shells.values() if shell.info.owner.startswith("web")} == {
        "Disconnected"
    }
    never.set()
    store.close()


def test_a_ledger_that_is_locked_does_not_keep_a_kernel_from_leaving(remote: FakeRemote, tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite"
    store = Store.open(path)
    manager = SessionManager(store, remote.connect, "notebook")
    job = manager.invoke("hold")
    assert manager._wait_for(lambda: str(job.state) == "Running", 10)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    manager.close(3.0)
    holder.execute("ROLLBACK")
    holder.close()
    again = Store.open(path)
    manager = SessionManager(again, remote.connect, "notebook")
    remote.forget_clients()
    manager.recover()
    (job,) = manager.jobs()
    assert manager._wait_for(lambda: str(job.state) == "Running", 10), "the next kernel has it"
    manager.close()
    again.close()
    store.close()
