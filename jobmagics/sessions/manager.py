"""SessionManager: open, run, throttle, disconnect, come back. What the magics and the Python API call.

It owns the threads and decides; ``applier`` makes events true and writes the ledger, ``invocation`` follows
pipelines, ``links`` holds the live ends, ``selection`` knows what a person means, ``results`` is what a person gets.
It is handed a ``connect`` and knows no network. Nothing is decided from a lock across I/O.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from jobmagics import jobs, results
from jobmagics.errors import InvalidOperation, JobMagicsError, RemoteError, UsageError
from jobmagics.jobs import FINISHED, PERSISTENT, ChildJob, JobState, JobType, ParentJob
from jobmagics.remote import ConnectionInfo, Connector, Invocation, new_id
from jobmagics.remote.fragments import STREAMS, Defragmenter, Kind
from jobmagics.remote.messages import ANSWERED_KINDS
from jobmagics.results import ChildJob as HeldChild
from jobmagics.results import Job, JobList, JobRow, PSSession, Records, SessionList, rows
from jobmagics.results.entries import (
    CLOSED_STATES,
    ChildEntry,
    JobEntry,
    SessionEntry,
    restored_child,
    restored_parent,
)
from jobmagics.sessions.applier import Happened, StopAsked
from jobmagics.sessions.arguments import portable, portable_all
from jobmagics.sessions.invocation import PromptHandler
from jobmagics.sessions.links import in_parallel
from jobmagics.sessions.pssessions import (
    DEFAULT_THROTTLE,
    POWERSHELL,
    SessionKeeper,
    as_connections,
    as_sessions,
    utc_now,
)
from jobmagics.sessions.recovery import RESUME_SECONDS, Recovery
from jobmagics.sessions.scriptvars import PREFIX, bind_using
from jobmagics.sessions.selection import as_list, find_jobs, select_jobs
from jobmagics.store import ChildRecord, JobRecord, SessionRecord, Store

WAIT_SLICE = 0.5
"""Waits wake this often, so that an interrupt gets through on every system."""
LOOK_BACK = 1000
"""Progress that lies more messages back is not worth reading the whole log for."""
STARTS_SHARE = 0.7
"""How much of the time for leaving may go to scripts that are just being started; the rest is for disconnecting."""


class SessionManager(SessionKeeper):
    """Sessions and jobs of one notebook. All methods may be called from any thread.

    owner: the notebook's identity, under which ids go on after a restart; prompt: answers what remote scripts ask.
    Raises StoreError if the ledger cannot be read.
    """

    def __init__(self, store: Store, connect: Connector, owner: str, *, prompt: PromptHandler | None = None) -> None:
        super().__init__(store, connect, owner, prompt)
        self._jobs: list[JobEntry] = []
        self._lines: dict[ChildEntry, tuple[int, str]] = {}
        self._recovering: threading.Thread | None = None
        self._load()
        self._applier.start()
        self._standby.start()

    # -- what happened before

    def _load(self) -> None:
        self.store.purge(self.owner)
        ledger = self.store.load(self.owner)
        for record in ledger.sessions:
            if record.state not in CLOSED_STATES:
                record.state = "Disconnected"
                self._sessions[record.pool_id] = SessionEntry(record, self._links.connector(record.connection))
        by_key: dict[int, JobEntry] = {}
        for job_record in ledger.jobs:
            by_key[job_record.key] = JobEntry(job_record, ParentJob(()))
        for child_record in sorted(ledger.children, key=lambda child: (child.job, child.position)):
            job = by_key[child_record.job]
            job.children.append(self._restore_child(child_record, job))
        for job in by_key.values():
            job.core = restored_parent(job.record, job.children)
        self._jobs = sorted(by_key.values(), key=lambda job: job.record.id)

    def _restore_child(self, record: ChildRecord, job: JobEntry) -> ChildEntry:
        session = self._sessions.get(record.pool_id)
        if session is None:  # it is over; what is left of it is its name
            gone = SessionRecord(record.pool_id, 0, "", ConnectionInfo(record.location), "Closed", for_job=True)
            session = SessionEntry(gone, self._links.connector(gone.connection))
        core = restored_child(record)
        record.state = str(core.state)
        child = ChildEntry(record, core, session, job, Defragmenter(record.last_object, record.partial))
        child.newest = self.store.last_message(record.key, frozenset(STREAMS) - {int(Kind.PROGRESS)})
        near = max(0, record.sequence - LOOK_BACK)
        child.progress = self.store.last_message(record.key, frozenset({int(Kind.PROGRESS)}), near)
        if core.state is JobState.DISCONNECTED:
            session.running = child
            call = self.store.last_message(record.key, ANSWERED_KINDS, max(0, record.sequence - 1))
            child.unanswered = call.data if call is not None else None
        return child

    def recover(self) -> threading.Thread:
        """Connects this notebook's sessions and goes on with its jobs, in the background. The thread ends when that
        is done.
        """
        with self.lock:
            # what this process itself opened or began is not lost
            sessions = [each for each in self._sessions.values() if each.state == "Disconnected" and each.pool is None]
            children = [child for job in self._jobs if job.invocation is None for child in job.children]
        recovery = Recovery(self._links, self._runner, self._post, self.trouble)
        self._recovering = recovery.start(sessions, children)
        return self._recovering

    # -- running

    def invoke(
        self,
        script: str,
        *,
        connections: Iterable[ConnectionInfo] = (),
        sessions: Iterable[PSSession] = (),
        job_name: str | None = None,
        throttle_limit: int = DEFAULT_THROTTLE,
        arguments: Sequence[Any] = (),
        using: Mapping[str, Any] | None = None,
        input: Iterable[Any] | None = None,
        hide_computer_name: bool = False,
    ) -> Job:
        """Starts a script as a job and returns at once: Invoke-Command -AsJob.

        With no connection and no session it runs on this machine. ``using`` is where $using: variables are looked
        up. What is wrong on a computer shows in its child job; raises for what is wrong here.
        """
        text, found = bind_using(script, using or {})
        parameters = [(name, portable(value, "$using:" + name.removeprefix(PREFIX))) for name, value in found]
        items = None if input is None else portable_all(input, "input object")
        invocation = Invocation(text, portable_all(arguments, "argument"), parameters, items)
        entries = [session._entry for session in as_sessions(sessions)]
        places = as_connections(connections)
        if not places and not entries:
            places = [ConnectionInfo()]
        with self.store.writing():
            first = self.store.take_numbers(self.owner, "job", 1 + len(places) + len(entries))
            entries += [self._new_session(place, name=job_name or f"Job{first}", for_job=True) for place in places]
            job = self._new_job(script, job_name, first, entries, hide_computer_name)
        job.invocation = invocation
        job.throttle_limit = throttle_limit or DEFAULT_THROTTLE
        with self.lock:
            self._jobs.append(job)
            for child in job.children:
                self._sessions.setdefault(child.record.pool_id, child.session)
        self._start_queued(job)
        self._announce()
        return Job(self, job)

    def invoke_disconnected(
        self,
        script: str,
        *,
        connections: Iterable[ConnectionInfo],
        session_name: str | Sequence[str] | None = None,
        arguments: Sequence[Any] = (),
        using: Mapping[str, Any] | None = None,
        throttle_limit: int = DEFAULT_THROTTLE,
    ) -> SessionList:
        """Starts a script in new sessions, disconnects them, and returns the sessions: -InDisconnectedSession."""
        opened = self.new_pssession(connections, name=session_name, throttle_limit=throttle_limit)
        job = self.invoke(script, sessions=opened, arguments=arguments, using=using, throttle_limit=throttle_limit)
        self._wait_for(lambda: all(child.core.state is not JobState.NOT_STARTED for child in job._entry.children), None)
        self.disconnect([session for session in opened if session.state == "Opened"])
        return opened

    def _new_job(
        self,
        command: str,
        name: str | None,
        first_id: int,
        sessions: Sequence[SessionEntry],
        hide_computer_name: bool = False,
        pipeline_ids: Sequence[str] = (),
    ) -> JobEntry:
        """A parent and its children, in the ledger; the parent takes its id first, then each child in order."""
        now = utc_now()
        core = ParentJob((JobState.NOT_STARTED,) * len(sessions)).start(now)
        record = JobRecord(
            new_id(), first_id, name or f"Job{first_id}", str(JobType.REMOTE), command, hide_computer_name
        )
        record.state, record.began = str(core.state), core.began
        job = JobEntry(record, core)
        for position, session in enumerate(sessions):
            number = first_id + 1 + position
            pipeline = pipeline_ids[position] if pipeline_ids else new_id()
            place = session.connection.computer_name
            child = ChildRecord(new_id(), number, f"Job{number}", place, session.record.pool_id, pipeline)
            job.children.append(ChildEntry(child, ChildJob(f"child job {number}"), session, job, Defragmenter()))
        self.store.add_job(self.owner, record, [child.record for child in job.children])
        return job

    def _start_queued(self, job: JobEntry) -> None:
        with self.lock:
            starting = list(job.startable()) if not self._closed and job.invocation is not None else []
            for child in starting:
                child.launched = True
        for child in starting:
            self._runner.launch(child)

    # -- sessions

    def _children_of(self, entry: SessionEntry) -> list[ChildEntry]:
        with self.lock:
            return [child for job in self._jobs for child in job.children if child.session is entry]

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
            raise InvalidOperation(
                f"The session {session.name} is {session.state}; only an Opened or Disconnected session can be"
                f" received.",
                fqid=f"ReceivePSSessionCannotConnectSession,{POWERSHELL}ReceivePSSessionCommand",
            )
        ours = [child for child in self._children_of(entry) if child is entry.running] if entry.running else []
        if ours:
            job = Job(self, ours[0].job)
            return job if target != "host" else self._receive_to_end(job, remove=False)
        if not entry.foreign:
            return Records(self.store, [])
        job = self._adopt(entry, job_name)
        return job if target == "job" else self._receive_to_end(job, remove=True)

    def _adopt(self, entry: SessionEntry, name: str | None) -> Job:
        """A job over a pipeline that another client began."""
        pipeline = entry.foreign[-1]
        with self.store.writing():
            first = self.store.take_numbers(self.owner, "job", 2)
            job = self._new_job(self.store.command_of(pipeline), name, first, [entry], pipeline_ids=[pipeline])
            record = job.children[0].record
            self.store.adopt_log(record)
        job.children[0].defragmenter = Defragmenter(record.last_object, record.partial)
        with self.lock:
            self._jobs.append(job)
        entry.foreign = ()
        entry.running = job.children[0]
        self._post(Happened(job.children[0], jobs.Began())).wait()
        self._runner.resume(job.children[0], [pipeline]).wait(RESUME_SECONDS)
        return Job(self, job)

    def _receive_to_end(self, job: Job, *, remove: bool) -> Records:
        self.wait([job])
        records = self.receive_job([job])
        if remove and job.state in FINISHED:
            self.remove([job])
        return records

    # -- jobs

    def _held(self, entry: JobEntry | ChildEntry) -> Job | HeldChild:
        return Job(self, entry) if isinstance(entry, JobEntry) else HeldChild(self, entry)

    def jobs(self, **filters: Any) -> JobList:
        """Get-Job; filters as in ``selection.select_jobs``."""
        with self.lock:
            return JobList(map(self._held, select_jobs(self._jobs, **filters)))

    def job(self, key: int | str) -> Job | HeldChild:
        """A job by id, name or instance id. Raises NotFound."""
        if not isinstance(key, str):
            return self.jobs(id=key)[0]
        with self.lock:
            named = [job for job in self._jobs if job.record.name.lower() == key.lower()]
            if named:
                return self._held(named[-1])
            field = "id" if key.isdigit() else "instance_id" if len(key) == 36 else "name"
            return self._held(find_jobs(self._jobs, field, [key])[0])

    def receive_job(
        self,
        jobs: Iterable[Job | HeldChild],
        *,
        keep: bool = False,
        location: object = (),
        computer_name: object = (),
        session: Iterable[PSSession] = (),
        no_recurse: bool = False,
    ) -> Records:
        """What the jobs gave since they were last received; ``keep`` leaves it for the next time."""
        places = [str(each).lower() for each in [*as_list(location), *as_list(computer_name)]]
        pools = {each.instance_id for each in as_sessions(session)}
        spans, failed = [], []
        for held in as_jobs(jobs):
            children = [] if no_recurse and isinstance(held, Job) else held._entries()
            for child in children:
                if places and child.record.location.lower() not in places:
                    continue
                if pools and child.record.pool_id not in pools:
                    continue
                spans.append(self._read(child, keep))
                failed.append(child)
        self._announce()
        return Records(self.store, spans, results.failures(failed))

    def _read(self, child: ChildEntry, keep: bool) -> results.Span:
        with self.lock:
            record = child.record
            span = results.span(child, record.read_to, record.sequence)
            if keep or span.to == span.after:
                return span
            record.read_to = record.sequence
            job = child.job
            more = any(each.has_more_data for each in job.children)
            job.core = job.core.seen(more_in_children=more)
            job.record.drained = job.core.drained
        with self.store.writing():
            self.store.save_read_to(record)
            self.store.save_job(job.record)
        return span

    def wait(
        self, jobs: Iterable[Job | HeldChild], *, timeout: float | None = None, any: bool = False, force: bool = False
    ) -> JobList:
        """Wait-Job: the jobs when all of them (or with ``any`` one) are finished or disconnected; none when
        ``timeout`` seconds were not enough.

        While jobs of an earlier kernel are being brought back, a disconnected one is waited for.
        Raises InvalidOperation for a job that waits for an answer, which only receiving it gives.
        """
        held = as_jobs(jobs)
        everyone = not any

        def is_enough(job: Job | HeldChild) -> bool:
            coming_back = self._recovering is not None and self._recovering.is_alive()
            return job.state in (FINISHED if force or coming_back else PERSISTENT)

        def ready() -> bool:
            done = [is_enough(job) for job in held]
            blocked = [job.state is JobState.BLOCKED for job in held]
            if held and self._runner.prompt is not None and (all(blocked) or (everyone and True in blocked)):
                raise InvalidOperation(
                    "The Wait-Job cmdlet cannot finish working, because one or more jobs are blocked waiting for"
                    " user interaction."
                    " Process interactive job output by using the Receive-Job cmdlet, and then try again.",
                    fqid=f"BlockedJobsDeadlockWithWaitJob,{POWERSHELL}WaitJobCommand",
                    category="DeadlockDetected",
                )
            return all(done) if everyone else True in done

        if not self._wait_for(ready, timeout):
            return JobList()
        return JobList(held if everyone else [next(job for job in held if is_enough(job))])

    def _wait_for(self, ready: Callable[[], bool], timeout: float | None) -> bool:
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while not ready():
                left = WAIT_SLICE if deadline is None else min(WAIT_SLICE, deadline - time.monotonic())
                if left <= 0 or self._closed:
                    return False
                self._changed.wait(left)
        return True

    def stop(self, jobs: Iterable[Job | HeldChild]) -> None:
        """Stop-Job: returns when they have stopped. Finished ones are passed over; a disconnected one is connected
        first.

        Raises InvalidOperation (StopJobCannotConnectToServer), and then that job is left as it is.
        """
        children: list[ChildEntry] = []
        for held in as_jobs(jobs):
            open_ones = [child for child in held._entries() if not child.is_finished]
            if isinstance(held, Job) and open_ones:
                self._post(StopAsked(held._entry)).wait()
            children += open_ones
        failed = in_parallel(children, self._stop_child, DEFAULT_THROTTLE)
        self._tell_failures([error for _child, error in failed], None)

    def _stop_child(self, child: ChildEntry) -> None:
        session = child.session
        if child.core.state is JobState.DISCONNECTED:
            self._reach(child)
        if child.core.state is JobState.NOT_STARTED or child.pipeline is None:
            self._post(Happened(child, jobs.Withdrawn())).wait()
            if child.pipeline is not None:
                with contextlib.suppress(RemoteError):  # not there yet: its worker stops it when it is
                    child.pipeline.stop()
            return
        try:
            child.pipeline.stop()
        except RemoteError:
            if not child.is_finished:  # else the stop crossed its end
                raise
        if not self._wait_for(lambda: child.is_finished, session.connection.option.cancel_timeout):
            self._post(Happened(child, jobs.Withdrawn())).wait()

    def _reach(self, child: ChildEntry) -> None:
        try:
            self._attach(child.session)
        except JobMagicsError as error:
            raise InvalidOperation(
                f"The job with ID {child.record.id} cannot be stopped, because {child.record.location} cannot be"
                f" connected:"
                f" {error.message}",
                fqid=f"StopJobCannotConnectToServer,{POWERSHELL}StopJobCommand",
            ) from error
        self._wait_for(
            lambda: child.core.state is not JobState.DISCONNECTED, child.session.connection.option.open_timeout
        )

    def remove(self, jobs: Iterable[Job | HeldChild], *, force: bool = False) -> None:
        """Remove-Job. ``force`` stops unfinished ones first. Sessions that the jobs opened for themselves end, too."""
        held = as_jobs(jobs)
        for job in held:
            if not isinstance(job, Job):
                raise InvalidOperation(
                    f"The job with ID {job.id} is a child job and cannot be removed by itself;"
                    f" remove job {job.parent.id}.",
                    fqid=f"CannotRemoveJob,{POWERSHELL}RemoveJobCommand",
                )
            if job.state not in FINISHED and not force:
                raise InvalidOperation(
                    f"The command cannot remove the job with the job ID {job.id} because the job is not finished. To"
                    f" remove the"
                    " job, first stop the job, or use the Force parameter.",
                    fqid=f"JobObjectNotFinishedCannotBeRemoved,{POWERSHELL}RemoveJobCommand",
                )
        self.stop([job for job in held if job.state not in FINISHED])
        own = [child.session for job in held for child in job._entries() if child.session.record.for_job]
        in_parallel(own, self._links.close_quietly, DEFAULT_THROTTLE)
        gone = {job._entry for job in held}
        with self.store.writing():
            for entry in gone:
                if isinstance(entry, JobEntry):
                    self.store.hide_job(entry.record)
        with self.lock:
            self._jobs = [job for job in self._jobs if job not in gone]
            for session in own:
                self._sessions.pop(session.record.pool_id, None)
        self._announce()

    # -- for the display

    def snapshot(self) -> list[JobRow]:
        """A row for each job, followed by its children's, by id."""
        with self.lock:
            glances = [(job, [(child, rows.glance(child)) for child in job.children]) for job in self._jobs]
        found: list[JobRow] = []
        for job, children in glances:
            child_rows = [self._fill(child, glance) for child, glance in children]
            found += [rows.parent_row(job, child_rows), *child_rows]
        return found

    def _fill(self, child: ChildEntry, glance: rows.Glance) -> JobRow:
        from dataclasses import replace

        number = glance.newest.sequence if glance.newest else 0
        known = self._lines.get(child)
        if known is None or known[0] != number:
            known = (number, rows.newest_text(glance.newest))
            self._lines[child] = known
        going = None if child.is_finished else rows.newest_progress(glance.progress)
        return replace(glance.row, newest=known[1], progress=going)

    # -- the end

    def applied(self, finished: Sequence[ChildEntry], freed: Sequence[JobEntry]) -> None:
        for job in dict.fromkeys(freed):
            self._start_queued(job)
        self._announce()

    def close(self, timeout: float = 3.0) -> None:
        """An orderly end within ``timeout`` seconds: what runs is disconnected and goes on, what is idle is closed."""
        deadline = time.monotonic() + timeout
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify_all()
            # a script on its way to its computer arrives there, and goes on without us
            self._changed.wait_for(lambda: not self._is_starting(), timeout * STARTS_SHARE)
            sessions = [entry for entry in self._sessions.values() if entry.state == "Opened"]
        self._links.closing.set()
        self._standby.finish(sessions, self._leave, max(0.0, deadline - time.monotonic()))
        self._applier.close(1.0)
        self.store.settle()
        with self.lock:
            self._changed.notify_all()

    def _is_starting(self) -> bool:
        children = [child for job in self._jobs if job.invocation is not None for child in job.children]
        return any(child.launched and child.core.state is JobState.NOT_STARTED for child in children)

    def _leave(self, entry: SessionEntry) -> None:
        if entry.running is not None and not entry.running.is_finished:
            self._detach(entry)
        else:
            self._links.close(entry)


def as_jobs(jobs: Iterable[Job | HeldChild] | Job | HeldChild) -> list[Job | HeldChild]:
    held = [jobs] if isinstance(jobs, Job | HeldChild) else list(jobs)
    for each in held:
        if not isinstance(each, Job | HeldChild):
            raise UsageError(f"{each!r} is no job; jobs come from invoke and jobs.")
    return held
