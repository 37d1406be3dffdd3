"""SessionManager: open, run, throttle, disconnect, come back. What the magics and the Python API call.

It owns the threads and decides; ``applier`` makes events true and writes the ledger, ``invocation`` follows
pipelines, ``links`` holds the live ends, ``selection`` knows what a person means, ``results`` is what a person gets.
It is handed a ``connect`` and knows no network. Nothing is decided from a lock across I/O.
"""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from jobmagics import jobs, results
from jobmagics.errors import ConnectionFailed, InvalidOperation, JobMagicsError, UsageError
from jobmagics.jobs import FINISHED, PERSISTENT, ChildJob, JobState, JobType, ParentJob
from jobmagics.remote import MINIMUM_IDLE_TIMEOUT, ConnectionInfo, Connector, Invocation, ShellInfo, new_id
from jobmagics.remote.fragments import STREAMS, Defragmenter, Kind
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
from jobmagics.sessions.applier import Applier, Happened, Report, StopAsked
from jobmagics.sessions.invocation import PromptHandler, Runner
from jobmagics.sessions.links import Links, in_parallel
from jobmagics.sessions.recovery import RESUME_SECONDS, Recovery
from jobmagics.sessions.scriptvars import bind_using
from jobmagics.sessions.selection import as_list, find_jobs, matches, select_jobs, select_sessions
from jobmagics.store import ChildRecord, JobRecord, SessionRecord, Store

DEFAULT_THROTTLE = 32
WAIT_SLICE = 0.5
"""Waits wake this often, so that an interrupt gets through on every system."""
POWERSHELL = "Microsoft.PowerShell.Commands."


def utc_now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


class SessionManager:
    """Sessions and jobs of one notebook. All methods may be called from any thread.

    owner: the notebook's identity, under which ids go on after a restart; prompt: answers what remote scripts ask.
    Raises StoreError if the ledger cannot be read.
    """

    def __init__(self, store: Store, connect: Connector, owner: str, *, prompt: PromptHandler | None = None) -> None:
        self.store = store
        self.owner = owner
        self.lock = threading.RLock()
        self.version = 0
        self._changed = threading.Condition(self.lock)
        self._sessions: dict[str, SessionEntry] = {}
        self._listed: dict[str, SessionEntry] = {}
        self._jobs: list[JobEntry] = []
        self._notices: list[str] = [store.notice] if store.notice else []
        self._listeners: list[Callable[[], None]] = []
        self._lines: dict[ChildEntry, tuple[int, str]] = {}
        self._closed = False
        self._recovering: threading.Thread | None = None
        self._applier = Applier(store, owner, self, utc_now)
        self._links = Links(connect, self._post)
        self._runner = Runner(self._links, self._post, self.lock, utc_now, self.trouble, prompt)
        self._load()
        self._applier.start()

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
        child.progress = self.store.last_message(record.key, frozenset({int(Kind.PROGRESS)}))
        if core.state is JobState.DISCONNECTED:
            session.running = child
        return child

    def recover(self) -> threading.Thread:
        """Connects this notebook's sessions and goes on with its jobs, in the background. The thread ends when that
        is done.
        """
        with self.lock:
            sessions = [entry for entry in self._sessions.values() if entry.state == "Disconnected"]
            children = [child for job in self._jobs for child in job.children]
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
        text, parameters = bind_using(script, using or {})
        invocation = Invocation(text, list(arguments), parameters, input if input is None else list(input))
        entries = [session._entry for session in as_sessions(sessions)]
        places = as_connections(connections)
        if not places and not entries:
            places = [ConnectionInfo()]
        with self.store.writing():
            first = self.store.take_numbers(self.owner, "job", 1 + len(places) + len(entries))
            entries += [self._new_session(place, for_job=True) for place in places]
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

    def _new_session(
        self, connection: ConnectionInfo, *, name: str | None = None, for_job: bool = False, idle: float | None = None
    ) -> SessionEntry:
        """A session entry whose pool id is in the ledger before anything is sent."""
        number = self.store.take_numbers(self.owner, "session")
        idle = connection.option.idle_timeout if idle is None else idle
        if idle is not None and idle < MINIMUM_IDLE_TIMEOUT:
            raise UsageError(f"An idle time-out of {idle:g} s is too short; the least is {MINIMUM_IDLE_TIMEOUT:g} s.")
        record = SessionRecord(new_id(), number, name or f"Runspace{number}", connection, "BeforeOpen", for_job, idle)
        self.store.save_session(self.owner, record)
        return SessionEntry(record, self._links.connector(connection))

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

    def new_pssession(
        self,
        connections: Iterable[ConnectionInfo],
        *,
        name: str | Sequence[str] | None = None,
        idle_timeout: float | None = None,
        throttle_limit: int = DEFAULT_THROTTLE,
        errors: list[JobMagicsError] | None = None,
    ) -> SessionList:
        """Opens a session on each computer. What fails goes to ``errors``; without such a list the first failure is
        raised.
        """
        places = as_connections(connections)
        names = [str(each) for each in as_list(name)]
        if len(names) > 1 and len(names) != len(places):
            raise UsageError(
                f"{len(names)} names were given for {len(places)} sessions; give one for each, or one for all."
            )
        with self.store.writing():
            entries = [
                self._new_session(place, name=names[index % len(names)] if names else None, idle=idle_timeout)
                for index, place in enumerate(places)
            ]
        failed = in_parallel(entries, self._links.open, throttle_limit or DEFAULT_THROTTLE)
        opened = [entry for entry in entries if entry.state == "Opened"]
        with self.lock:
            self._sessions.update({entry.record.pool_id: entry for entry in opened})
        self._announce()
        self._tell_failures([error for _entry, error in failed], errors)
        return self._hold(opened)

    def _tell_failures(self, failed: Iterable[Exception], errors: list[JobMagicsError] | None) -> None:
        known = [error for error in failed if isinstance(error, JobMagicsError)]
        if errors is not None:
            errors += known
        elif known:
            for other in known[1:]:
                self.trouble(other.message)
            raise known[0]

    def _hold(self, entries: Iterable[SessionEntry]) -> SessionList:
        return SessionList(PSSession(self, entry) for entry in entries)

    def pssessions(
        self,
        *,
        id: object = (),
        name: object = (),
        instance_id: object = (),
        computer_name: object = (),
        state: object = None,
    ) -> SessionList:
        """This notebook's sessions. Those that a job opened for itself are its own affair until they are
        disconnected.
        """
        with self.lock:
            known = [
                each for each in self._sessions.values() if not each.record.for_job or each.state == "Disconnected"
            ]
        known = [each for each in known if each.state != "Closed"]
        return self._hold(
            select_sessions(known, id=id, name=name, instance_id=instance_id, computer_name=computer_name, state=state)
        )

    def remote_sessions(
        self, connection: ConnectionInfo, *, name: object = (), instance_id: object = (), state: object = None
    ) -> SessionList:
        """The sessions a computer has, whoever opened them: Get-PSSession -ComputerName."""
        shells = self._links.connector(connection).list_shells()
        entries = [self._listed_session(connection, shell) for shell in shells]
        names = [str(each) for each in as_list(name)]
        if names:
            entries = [each for each in entries if any(matches(pattern, each.record.name) for pattern in names)]
        ids = {str(each).strip("{}").upper() for each in as_list(instance_id)}
        if ids:
            entries = [each for each in entries if each.record.pool_id.upper() in ids]
        return self._hold(select_sessions(entries, state=state))

    def _listed_session(self, connection: ConnectionInfo, shell: ShellInfo) -> SessionEntry:
        with self.lock:
            known = self._sessions.get(shell.shell_id.upper()) or self._listed.get(shell.shell_id.upper())
        if known is None:
            number = self.store.take_numbers(self.owner, "session")
            place = connection
            if shell.configuration_name:
                place = _with_configuration(connection, shell.configuration_name)
            record = SessionRecord(
                shell.shell_id.upper(),
                number,
                shell.name or f"Runspace{number}",
                place,
                "Disconnected",
                False,
                shell.idle_timeout,
            )
            known = SessionEntry(record, self._links.connector(place))
            with self.lock:
                self._listed[record.pool_id] = known
        if known.state == "Disconnected":
            known.held_elsewhere = shell.state != "Disconnected"
            if shell.inactivity is not None and known.record.disconnected_on is None:
                known.record.disconnected_on = utc_now() - datetime.timedelta(seconds=shell.inactivity)
        return known

    def disconnect(self, sessions: Iterable[PSSession], *, idle_timeout: float | None = None) -> SessionList:
        """Leaves sessions to themselves; what runs goes on. ``idle_timeout`` in seconds. Already disconnected ones
        are returned as they are.
        """
        held = as_sessions(sessions)
        if idle_timeout is not None and idle_timeout < MINIMUM_IDLE_TIMEOUT:
            raise InvalidOperation(
                f"The session cannot be disconnected with an idle time-out of {idle_timeout:g} s; the least is"
                f" {MINIMUM_IDLE_TIMEOUT:g} s.",
                fqid=f"CannotDisconnectSessionWithInvalidIdleTimeout,{POWERSHELL}DisconnectPSSessionCommand",
            )
        for session in held:
            if session.state not in {"Opened", "Disconnected"}:
                raise InvalidOperation(
                    f"The session {session.name} is {session.state} and cannot be disconnected; only an Opened one"
                    f" can.",
                    fqid=f"CannotDisconnectSessionWhenNotOpened,{POWERSHELL}DisconnectPSSessionCommand",
                )
        opened = [session._entry for session in held if session.state == "Opened"]
        failed = in_parallel(opened, lambda entry: self._detach(entry, idle_timeout), DEFAULT_THROTTLE)
        self._tell_failures([error for _entry, error in failed], None)
        return SessionList(held)

    def _detach(self, entry: SessionEntry, idle_timeout: float | None = None) -> None:
        self._links.detach(entry, idle_timeout)
        child = entry.running
        if child is not None and not child.is_finished:
            self._post(Happened(child, jobs.Parted())).wait()

    def connect(self, sessions: Iterable[PSSession]) -> SessionList:
        """Connects disconnected sessions. A job of this notebook that runs there goes on, unlike in PowerShell, where
        it waits for Receive-PSSession.
        """
        held = as_sessions(sessions)
        for session in held:
            self._refuse_unconnectable(session)
        waiting = [session._entry for session in held if session.state == "Disconnected"]
        failed = in_parallel(waiting, self._attach, DEFAULT_THROTTLE)
        self._announce()
        self._tell_failures([error for _entry, error in failed], None)
        return SessionList(held)

    def _refuse_unconnectable(self, session: PSSession) -> None:
        if session.state == "Opened" or (session.state == "Disconnected" and session.availability == "None"):
            return
        why = "is held by another client" if session.state == "Disconnected" else f"is {session.state}"
        raise InvalidOperation(
            f"The session {session.name} on {session.computer_name} {why} and cannot be connected; only a"
            f" Disconnected session that"
            " nobody holds can.",
            fqid=f"PSSessionConnectFailed,{POWERSHELL}ConnectPSSessionCommand",
        )

    def _attach(self, entry: SessionEntry) -> None:
        """Connects one session and goes on with what of ours runs there."""
        if entry.record.pool_id in self._listed:
            self.store.save_session(self.owner, entry.record)
        commands = self._links.attach(entry)
        with self.lock:
            self._listed.pop(entry.record.pool_id, None)
            self._sessions[entry.record.pool_id] = entry
        ours = self._children_of(entry)
        for known in [self._runner.resume(child, commands) for child in ours if not child.is_finished]:
            known.wait(RESUME_SECONDS)
        mine = {child.record.pipeline_id.upper() for child in ours}
        entry.foreign = tuple(command for command in commands if command.upper() not in mine)

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

    def remove_sessions(self, sessions: Iterable[PSSession]) -> None:
        """Closes sessions; what runs in them is stopped. A session that cannot be reached is forgotten here all the
        same.
        """
        entries = [session._entry for session in as_sessions(sessions)]
        failed = in_parallel(entries, self._remove_session, DEFAULT_THROTTLE)
        self._announce()
        for entry, error in failed:
            if isinstance(error, ConnectionFailed):
                place = entry.connection.computer_name
                self.trouble(
                    f"Session {entry.record.name} could not be closed on {place}, whose idle time-out will: {error}"
                )

    def _remove_session(self, entry: SessionEntry) -> None:
        try:
            self._links.close(entry)
        finally:
            child = entry.running
            if child is not None and not child.is_finished:
                self._post(Happened(child, jobs.Withdrawn())).wait()
            with self.lock:
                self._sessions.pop(entry.record.pool_id, None)
                self._listed.pop(entry.record.pool_id, None)

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
            return
        child.pipeline.stop()
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
        """Remove-Job. ``force`` stops unfinished ones first."""
        held = as_jobs(jobs)
        for job in held:
            if not isinstance(job, Job):
                raise InvalidOperation(
                    f"The job with ID {job.id} is a child job and cannot be removed by itself; remove job {job.parent.id}.",
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
        gone = {job._entry for job in held}
        with self.store.writing():
            for entry in gone:
                if isinstance(entry, JobEntry):
                    self.store.hide_job(entry.record)
        with self.lock:
            self._jobs = [job for job in self._jobs if job not in gone]
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

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """``callback`` is called from a manager's thread after each change and must only set a flag. Gives the
        unsubscriber.
        """
        with self.lock:
            self._listeners.append(callback)

        def unsubscribe() -> None:
            with self.lock:
                if callback in self._listeners:
                    self._listeners.remove(callback)

        return unsubscribe

    def take_notices(self) -> list[str]:
        with self.lock:
            notices, self._notices = self._notices, []
        return notices

    # -- the applier's and the runner's side

    def _post(self, report: Report) -> threading.Event:
        return self._applier.post(report)

    def trouble(self, notice: str) -> None:
        """Keeps a one-line notice for the person."""
        with self.lock:
            self._notices.append(notice)
        self._announce()

    def applied(self, finished: Sequence[ChildEntry], freed: Sequence[JobEntry]) -> None:
        for job in dict.fromkeys(freed):
            self._start_queued(job)
        self._announce()

    def _announce(self) -> None:
        with self._changed:
            self.version += 1
            listeners = list(self._listeners)
            self._changed.notify_all()
        for listener in listeners:
            listener()

    # -- the end

    def close(self, timeout: float = 3.0) -> None:
        """An orderly end within ``timeout`` seconds: what runs is disconnected and goes on, idle sessions are closed."""
        with self.lock:
            if self._closed:
                return
            self._closed = True
            sessions = [entry for entry in self._sessions.values() if entry.state == "Opened"]
        self._links.closing.set()
        in_parallel(sessions, self._leave, max(1, len(sessions)), timeout)
        self._applier.close(1.0)
        with self.lock:
            self._changed.notify_all()

    def _leave(self, entry: SessionEntry) -> None:
        if entry.running is not None and not entry.running.is_finished:
            self._detach(entry)
        else:
            self._links.close(entry)


def as_sessions(sessions: Iterable[PSSession] | PSSession) -> list[PSSession]:
    """Raises UsageError for anything that is no session."""
    held = [sessions] if isinstance(sessions, PSSession) else list(sessions)
    for each in held:
        if not isinstance(each, PSSession):
            raise UsageError(f"{each!r} is no session; sessions come from new_pssession and pssessions.")
    return held


def as_jobs(jobs: Iterable[Job | HeldChild] | Job | HeldChild) -> list[Job | HeldChild]:
    held = [jobs] if isinstance(jobs, Job | HeldChild) else list(jobs)
    for each in held:
        if not isinstance(each, Job | HeldChild):
            raise UsageError(f"{each!r} is no job; jobs come from invoke and jobs.")
    return held


def as_connections(connections: Iterable[ConnectionInfo] | ConnectionInfo) -> list[ConnectionInfo]:
    return [connections] if isinstance(connections, ConnectionInfo) else list(connections)


def _with_configuration(connection: ConnectionInfo, name: str) -> ConnectionInfo:
    from dataclasses import replace

    return replace(connection, configuration_name=name)
