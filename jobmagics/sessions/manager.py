"""SessionManager: open, run, throttle, disconnect, come back. What the magics and the Python API call.

It owns the threads and decides; ``applier`` makes events true and writes the ledger, ``invocation`` follows
pipelines, ``links`` holds the live ends, ``selection`` knows what a person means, ``results`` is what a person gets.
It is handed a ``connect`` and knows no network. Nothing is decided from a lock across I/O.
"""

from __future__ import annotations

import contextlib
import platform
import threading
import time
from collections.abc import Sequence

from jobmagics import jobs
from jobmagics.errors import StoreError, UsageError
from jobmagics.jobs import FINISHED, JobState
from jobmagics.remote import Connector
from jobmagics.results import Job, PSSession, Records
from jobmagics.results.entries import ChildEntry, JobEntry, SessionEntry
from jobmagics.sessions.applier import Happened
from jobmagics.sessions.complaints import CANNOT_RECEIVE, complaint
from jobmagics.sessions.copies import CopyKeeper
from jobmagics.sessions.invocation import ROBUST_SECONDS
from jobmagics.sessions.pssessions import as_sessions, utc_now
from jobmagics.sessions.recovery import RESUME_SECONDS
from jobmagics.sessions.restoring import Restored, restored, restored_defragmenter
from jobmagics.sessions.starting import Order, Starter
from jobmagics.store import Store, past_limits

LAST_WRITES = 0.6
"""Seconds of the time for leaving that are kept for the ledger."""
STARTS_SHARE = 0.7
"""How much of the time for leaving may go to scripts that are just being started; the rest is for disconnecting."""


class SessionManager(Starter, CopyKeeper):
    """Sessions and jobs of one notebook. All methods may be called from any thread.

    owner: the notebook's identity, under which ids go on after a restart;
    retry_seconds: how long a lost connection is tried again at once, before it is looked for now and then;
    keep_days, keep_megabytes: finished jobs beyond them are deleted as it recovers, 0: never.
    Raises StoreError if the ledger cannot be read.
    """

    def __init__(
        self,
        store: Store,
        connect: Connector,
        owner: str,
        *,
        retry_seconds: float = ROBUST_SECONDS,
        keep_days: float = 0.0,
        keep_megabytes: float = 0.0,
    ) -> None:
        super().__init__(store, connect, owner, retry_seconds)
        self._keep_days, self._keep_megabytes = keep_days, keep_megabytes
        try:
            self._load()
        except BaseException:
            self._lease.release()
            raise
        self._applier.start()
        self._standby.start()

    # -- what happened before

    def _load(self) -> None:
        self._others = self._lease.take_over()
        self._removed = self.store.removed_jobs(self.owner, self._lease.holder)
        self._take_in()
        self._tell_unstored()
        told = [each for each in self._others if each.jobs]
        for other in told:
            place = "" if other.machine == platform.node() else f" on {other.machine}"
            self.trouble(
                f"Another kernel of this notebook (process {other.pid}{place}) runs and has {other.jobs} of its jobs;"
                " they come here when that kernel has ended and this one is started again."
            )

    def _tell_unstored(self) -> None:
        for job in self._jobs:
            lost = sum(sum(child.record.counts.values()) for child in job.children if child.record.is_unstored)
            if lost:
                self.trouble(
                    f"Job {job.record.id} ({job.record.name}) was started with -NoStore: the {lost} records that it"
                    " gave before this kernel started were in the earlier kernel's memory only, and are lost."
                )

    def _take_in(self) -> Restored:
        """All that the lease holds and is not known yet."""
        found = restored(self.store.load(self.owner, self._lease.holder), self.store, self._links.connector)
        with self.lock:
            known = {job.record.key for job in self._jobs}
            new = [job for job in found.jobs if job.record.key not in known]
            sessions = {pool: each for pool, each in found.sessions.items() if pool not in self._sessions}
            self._sessions.update(sessions)
            self._jobs = sorted([*self._jobs, *new], key=lambda job: job.record.id)
        return Restored(sessions, new)

    @property
    def has_company(self) -> bool:
        """Whether other kernels of this notebook ran as this one began."""
        return bool(self._others)

    def recover(self) -> threading.Thread:
        """Connects this notebook's sessions and goes on with its jobs, in the background. The thread ends when that
        is done. Sessions that a person disconnected wait for a person.
        """
        with self.lock:
            # what this process itself opened or began is not lost
            sessions = [each for each in self._sessions.values() if each.state == "Disconnected" and each.pool is None]
            children = [child for job in self._jobs if not job.is_begun_here for child in job.children]
        self._recovering = self._recovery.start(sessions, children)
        self._lease.watch(self._others, self._inherit)
        threading.Thread(target=self._tidy, name="jobmagics-tidy", daemon=True).start()
        return self._recovering

    def _tidy(self) -> None:
        with contextlib.suppress(StoreError):  # there is another time
            self.store.purge(self.owner, self._removed)
            if self._keep_days or self._keep_megabytes:
                self._keep_limits()

    def _keep_limits(self) -> None:
        days, megabytes = self._keep_days, self._keep_megabytes
        gone = set(past_limits(self.store, self._lease.holder, utc_now(), days=days, megabytes=megabytes))
        if not gone:
            return
        with self.lock:
            self._jobs = [job for job in self._jobs if job.record.key not in gone]
        self.trouble(f"The ledger's limits have been kept: {len(gone)} finished jobs were deleted from it.")
        self.store.purge(self.owner, gone)

    def _inherit(self, holder: str) -> None:
        """A kernel of this notebook on another machine is dead: what it had comes here."""
        self._lease.take_from(holder)
        new = self._take_in()
        self._announce()
        children = [child for job in new.jobs for child in job.children]
        self._recovery.start(new.sessions.values(), children)

    # -- sessions

    def receive(
        self, session: PSSession, *, out_target: str | None = None, job_name: str | None = None
    ) -> Job | Records:
        """Connects a session if needed and gives its job, or with ``out_target`` "Host" waits for its end and gives
        its records.

        A script that another client started becomes a job, with its command where this ledger knows it.
        """
        target = (out_target or "").lower()
        if target not in {"", "host", "job"}:
            raise UsageError(f"{out_target!r} is no output target; valid: Host, Job.")
        entry = as_sessions([session])[0]._entry
        if entry.state == "Disconnected":
            self.connect([session])
        if entry.state != "Opened":
            raise complaint(CANNOT_RECEIVE, "Receive-PSSession", session.name, hint=f"It is {session.state}.")
        if entry.running:
            job = Job(self, entry.running[-1].job)
            return job if target != "host" else self._receive_to_end(job, remove=False)
        if not entry.foreign:
            return Records(self.store, [])
        job = self._adopt(entry, job_name)
        return job if target == "job" else self._receive_to_end(job, remove=True)

    def _adopt(self, entry: SessionEntry, name: str | None) -> Job:
        """A job over a pipeline that another client began."""
        pipeline = entry.foreign[-1]
        command, known_name = self.store.origin_of(pipeline)
        with self.store.writing():
            first = self.take_id(2)
            job = self._new_job(Order(command, name or known_name), first, [entry], [pipeline])
            record = job.children[0].record
            self.store.adopt_log(record)
        job.children[0].defragmenter = restored_defragmenter(record, self.store)
        with self.lock:
            self._jobs.append(job)
        entry.foreign = ()
        entry.running = [job.children[0]]
        self._post(Happened(job.children[0], jobs.Began())).wait()
        self._runner.resume(job.children[0], [pipeline]).wait(RESUME_SECONDS)
        return Job(self, job)

    def _receive_to_end(self, job: Job, *, remove: bool) -> Records:
        self.wait([job])
        records = self.receive_job([job])
        if remove and job.state in FINISHED:
            self.remove([job])
        return records

    # -- the end

    def applied(self, finished: Sequence[ChildEntry], freed: Sequence[JobEntry]) -> None:
        for lane in {id(job.lane): job.lane for job in freed}.values():
            self._start_queued(lane)
        self._announce()

    def close(self, timeout: float = 3.0) -> None:
        """An orderly end within ``timeout`` seconds: what runs is disconnected and goes on, what is idle is closed."""
        deadline = time.monotonic() + timeout - LAST_WRITES
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify_all()
            # a script on its way to its computer arrives there, and goes on without us
            self._changed.wait_for(lambda: not self._is_starting(), max(0.0, timeout - LAST_WRITES) * STARTS_SHARE)
            sessions = [entry for entry in self._sessions.values() if entry.state == "Opened"]
        self._links.closing.set()
        self._standby.finish(sessions, self._leave, max(0.0, deadline - time.monotonic()))
        self._applier.close(LAST_WRITES / 3)
        self._lease.release(LAST_WRITES / 3)
        self.store.settle(LAST_WRITES / 3)
        with self.lock:
            self._changed.notify_all()

    def _is_starting(self) -> bool:
        children = [child for job in self._jobs for child in job.children if child.invocation is not None]
        return any(child.launched and child.core.state is JobState.NOT_STARTED for child in children)

    def _leave(self, entry: SessionEntry) -> None:
        if entry.going:
            self._detach(entry)
        else:
            self._links.close(entry)
