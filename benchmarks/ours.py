"""The same work through SessionManager: stored on disk on the way, read back as the objects a person holds."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from jobmagics import psrp
from jobmagics.remote import ConnectionInfo
from jobmagics.results import Job, PSSession
from jobmagics.sessions import SessionManager
from jobmagics.store import Store

POLL_SECONDS = 0.0005


class Ours:
    """A manager on a store of its own, with one open session on this machine's session host."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.store = Store.open(Path(self.folder.name) / "jobs.sqlite")
        self.manager = SessionManager(self.store, psrp.connect, "benchmark")
        self.session: PSSession | None = None

    def open(self) -> float:
        """Seconds to open a new session."""
        started = time.perf_counter()
        [self.session] = self.manager.new_pssession([ConnectionInfo()])
        return time.perf_counter() - started

    def start(self, script: str) -> Job:
        assert self.session is not None
        return self.manager.invoke(script, sessions=[self.session])

    def first_output(self, script: str) -> float:
        """Seconds from the call to the first object in hand."""
        started = time.perf_counter()
        job = self.start(script)
        while not len(job.receive(keep=True)):
            time.sleep(POLL_SECONDS)
        elapsed = time.perf_counter() - started
        job.wait()
        job.remove()
        return elapsed

    def all_output(self, script: str) -> tuple[float, int]:
        """Seconds until the job is complete and every object decoded, and how many there are."""
        started = time.perf_counter()
        job = self.start(script)
        job.wait()
        count = len(list(job.receive(keep=True)))
        elapsed = time.perf_counter() - started
        job.remove()
        return elapsed, count

    def last_text(self, script: str, count: int) -> float:
        """Seconds to the text of the last ``count`` records of a job that is complete."""
        job = self.start(script).wait()
        started = time.perf_counter()
        text = str(job.records().newest(count))
        elapsed = time.perf_counter() - started
        if text.count("\n") != count:
            raise SystemExit(f"the last {count} lines are not there: no figure can be given")
        job.remove()
        return elapsed

    def close(self) -> None:
        self.manager.close()
        self.store.close()
        self.folder.cleanup()
