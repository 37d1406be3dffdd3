"""Starting jobs, of each of PowerShell's four kinds. All of them are pipelines in sessions, and nothing else here
knows of the difference: what a kind is like is decided as it starts.

RemoteJob      a child for each computer or session          sessions of its own, or those it is given
BackgroundJob  one child                                     a new process on this machine, which ends with it
ThreadJob      no child: its pipeline is itself              a runspace of the one process for all thread jobs
PSTaskJob      a child for each item                         the runspaces of a process that ends with it
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jobmagics.errors import JobMagicsError, UsageError
from jobmagics.jobs import IN_PROCESS, ChildJob, JobState, JobType, ParentJob
from jobmagics.remote import ConnectionInfo, Connector, Invocation, new_id
from jobmagics.remote.fragments import Defragmenter
from jobmagics.results import Job, PSSession, SessionList
from jobmagics.results.entries import IN_PROCESS_LOCATION, ChildEntry, JobEntry, Lane, SessionEntry
from jobmagics.sessions.arguments import portable, portable_all
from jobmagics.sessions.complaints import AS_JOB_AND_DISCONNECTED, SESSION_NAME_ALONE, complaint
from jobmagics.sessions.jobkeeper import JobKeeper
from jobmagics.sessions.pssessions import DEFAULT_THROTTLE, as_connections, as_sessions, utc_now
from jobmagics.sessions.scriptvars import PREFIX, bind_using
from jobmagics.sessions.secrets import require_secrets
from jobmagics.store import ChildRecord, JobRecord, Store

IN_PROCESS_THROTTLE = 5
"""Of Start-ThreadJob and ForEach-Object -Parallel."""
THREAD_RUNSPACES = 1000
"""As many thread jobs at once as anybody has asked for; a runspace is made when it is needed."""

PLACE = "Set-Location -LiteralPath $args[0]"
PLACE_AND_PREPARE = f"{PLACE}; if ($args[1]) {{ . ([scriptblock]::Create($args[1])) }}"
PLACE_AND_ITEM = f"{PLACE}; Set-Variable -Name _ -Value $args[1]"


@dataclass(frozen=True)
class Order:
    """What a job is to be."""

    command: str
    name: str | None = None
    type: JobType = JobType.REMOTE
    hide_computer_name: bool = False
    no_store: bool = False
    is_left: bool = False
    job_id: int | None = None


class Starter(JobKeeper):
    """Starts jobs and returns at once; what goes wrong where they run shows in them."""

    def __init__(self, store: Store, connect: Connector, owner: str, retry_seconds: float) -> None:
        super().__init__(store, connect, owner, retry_seconds)
        self._thread_lane = Lane(IN_PROCESS_THROTTLE)
        self._thread_session: SessionEntry | None = None

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
        no_store: bool = False,
        is_left: bool = False,
        job_id: int | None = None,
        is_remembered: bool = False,
    ) -> Job:
        """Starts a script as a job and returns at once: Invoke-Command -AsJob.

        With no connection and no session it runs on this machine. ``using`` is where $using: variables are looked
        up. What is wrong on a computer shows in its child job; raises for what is wrong here. ``no_store`` keeps what
        the job gives in this process's memory and out of the ledger: it ends with this kernel. ``is_left``: nothing is
        received, as the sessions will be disconnected. ``job_id``: of the job and its children alike, which take no
        numbers then (``take_id`` gives one). ``is_remembered``: the session's history has it.
        """
        invocation = replace(_invocation(script, arguments, using, input), is_remembered=is_remembered)
        entries = [session._entry for session in as_sessions(sessions)]
        places = as_connections(connections)
        require_secrets(places)
        if not places and not entries:
            places = [ConnectionInfo()]
        order = Order(script, job_name, JobType.REMOTE, hide_computer_name, no_store, is_left, job_id)
        invocations = [invocation] * (len(entries) + len(places))
        return self._begin(order, invocations, Lane(throttle_limit or DEFAULT_THROTTLE), entries, places)

    def invoke_disconnected(
        self,
        script: str,
        *,
        connections: Iterable[ConnectionInfo] = (),
        session_name: str | Sequence[str] | None = None,
        in_disconnected_session: bool = True,
        as_job: bool = False,
        throttle_limit: int = DEFAULT_THROTTLE,
        **details: Any,
    ) -> SessionList:
        """Starts a script in new sessions, disconnects them, and returns the sessions: -InDisconnectedSession.

        Details as in ``invoke``. A computer that cannot be reached is told about; if none can, its error is raised.
        """
        if as_job:
            raise complaint(AS_JOB_AND_DISCONNECTED, "Invoke-Command")
        if not in_disconnected_session:
            raise complaint(SESSION_NAME_ALONE, "Invoke-Command")
        failed: list[JobMagicsError] = []
        places = as_connections(connections) or [ConnectionInfo()]
        opened = self.new_pssession(places, name=session_name, throttle_limit=throttle_limit, errors=failed)
        if not opened:
            raise failed[0]
        for error in failed:
            self.trouble(error.message)
        # all at once: a script that is left holds its place until its session is disconnected
        job = self.invoke(script, sessions=opened, throttle_limit=len(opened), is_left=True, **details)
        children = job._entry.children
        self._wait_for(lambda: all(child.core.state is not JobState.NOT_STARTED for child in children), None)
        self.disconnect([session for session in opened if session.state == "Opened"])
        for child in children:
            if child.session.state == "Opened" and not child.is_finished:
                self._runner.follow(child)
        return opened

    def start_job(
        self,
        script: str,
        *,
        name: str | None = None,
        initialization_script: str | None = None,
        arguments: Sequence[Any] = (),
        using: Mapping[str, Any] | None = None,
        input: Iterable[Any] | None = None,
        working_directory: str | None = None,
        no_store: bool = False,
    ) -> Job:
        """A BackgroundJob: a process of its own on this machine, which also outlives this kernel: Start-Job.

        ``initialization_script`` is run before; what it gives is dropped. ``working_directory``: this process's own,
        if None. Raises UsageError if there is no such directory.
        """
        invocation = _invocation(script, arguments, using, input)
        invocation = replace(invocation, before=_preparation(working_directory, initialization_script))
        order = Order(script, name, JobType.BACKGROUND, True, no_store)
        return self._begin(order, [invocation], Lane(1), places=[ConnectionInfo()])

    def start_thread_job(
        self,
        script: str,
        *,
        name: str | None = None,
        initialization_script: str | None = None,
        arguments: Sequence[Any] = (),
        using: Mapping[str, Any] | None = None,
        input: Iterable[Any] | None = None,
        throttle_limit: int | None = None,
        no_store: bool = False,
    ) -> Job:
        """A ThreadJob: a runspace of one process for all thread jobs of this notebook: Start-ThreadJob.

        ``throttle_limit``: how many run at once, of all of them; the last value given holds (5 at first).
        """
        invocation = _invocation(script, arguments, using, input)
        before = _preparation(None, initialization_script)
        invocation = replace(invocation, before=before, own_scope=True)
        if throttle_limit is not None:
            self._thread_lane.limit = _throttle(throttle_limit, THREAD_RUNSPACES)
        order = Order(script, name, JobType.THREAD, True, no_store)
        return self._begin(order, [invocation], self._thread_lane, [self._session_of_threads()])

    def start_parallel_job(
        self,
        script: str,
        items: Iterable[Any],
        *,
        name: str | None = None,
        using: Mapping[str, Any] | None = None,
        throttle_limit: int | None = None,
        no_store: bool = False,
    ) -> Job:
        """A PSTaskJob: the script for each item, which is ``$_`` in it: ForEach-Object -Parallel -AsJob.

        ``throttle_limit``: how many run at once (5). Raises UsageError without items.
        """
        limit = IN_PROCESS_THROTTLE if throttle_limit is None else _throttle(throttle_limit, THREAD_RUNSPACES)
        given = portable_all(items, "input object")
        if not given:
            raise UsageError("There is nothing to run in parallel: the input object is empty.")
        invocation = replace(_invocation(script, (), using, None), own_scope=True)
        place = os.getcwd()
        invocations = [replace(invocation, before=(PLACE_AND_ITEM, (place, item))) for item in given]
        order = Order(script, name, JobType.TASK, True, no_store)
        places = [ConnectionInfo(runspaces=limit)]
        return self._begin(order, invocations, Lane(limit), places=places)

    # -- what they have in common

    def take_id(self, count: int = 1) -> int:
        """The first of so many ids of jobs that were never given before."""
        return self.store.take_numbers(self.owner, "job", count)

    def _begin(
        self,
        order: Order,
        invocations: Sequence[Invocation],
        lane: Lane,
        entries: Sequence[SessionEntry] = (),
        places: Sequence[ConnectionInfo] = (),
    ) -> Job:
        """A pipeline for each invocation, in these sessions and in new ones at these places; if there are more
        pipelines than sessions, all are in one.
        """
        with self.store.writing():
            first = order.job_id
            if first is None:
                first = self.take_id(1 if order.type is JobType.THREAD else 1 + len(invocations))
            name = order.name or f"Job{first}"
            sessions = [*entries, *(self._new_session(place, name=name, for_job=True) for place in places)]
            sessions = sessions if len(sessions) == len(invocations) else sessions * len(invocations)
            job = self._new_job(order, first, sessions)
        job.lane = lane
        with self.lock:
            self._jobs.append(job)
            for child, invocation in zip(job.children, invocations, strict=True):
                child.invocation = invocation
                child.session.open_children += 1
                self._sessions.setdefault(child.record.pool_id, child.session)
            lane.waiting += job.children
        self._start_queued(lane)
        self._announce()
        return Job(self, job)

    def _new_job(
        self, order: Order, first_id: int, sessions: Sequence[SessionEntry], pipeline_ids: Sequence[str] = ()
    ) -> JobEntry:
        """A parent and its children, in the ledger; the parent takes its id first, then each child in order."""
        now = utc_now()
        states = (JobState.NOT_STARTED,) * len(sessions)
        core = ParentJob(states, order.type, name=f"job {first_id}").start(now)
        name = order.name or f"Job{first_id}"
        record = JobRecord(new_id(), first_id, name, str(order.type), order.command, order.hide_computer_name)
        record.state, record.began, record.holder = str(core.state), core.began, self._lease.holder
        job = JobEntry(record, core)
        for position, session in enumerate(sessions):
            pipeline = pipeline_ids[position] if pipeline_ids else new_id()
            child = _child_record(record, position, session, pipeline)
            if order.job_id is not None:
                child.id, child.name = record.id, record.name
            child.is_unstored = order.no_store
            entry = ChildEntry(child, ChildJob(f"child job {child.id}"), session, job, Defragmenter())
            entry.is_left = order.is_left
            job.children.append(entry)
        self.store.add_job(self.owner, record, [child.record for child in job.children])
        return job

    def _start_queued(self, lane: Lane) -> None:
        with self.lock:
            starting = lane.take() if not self._closed else []
        for child in starting:
            self._runner.launch(child)

    def _session_of_threads(self) -> SessionEntry:
        """The process of all thread jobs; a new one when the last has ended."""
        with self.lock:
            known = self._thread_session
            if known is not None and known.state in {"BeforeOpen", "Opening", "Opened"}:
                return known
            made = self._new_session(ConnectionInfo(runspaces=THREAD_RUNSPACES), name="ThreadJobs", for_job=True)
            made.is_kept = True
            self._thread_session = made
            return made


def _child_record(job: JobRecord, position: int, session: SessionEntry, pipeline_id: str) -> ChildRecord:
    kind = JobType(job.type)
    number, name = job.id + 1 + position, f"Job{job.id + 1 + position}"
    if kind is JobType.THREAD:
        number, name = job.id, job.name
    place = IN_PROCESS_LOCATION if kind in IN_PROCESS else session.connection.computer_name
    return ChildRecord(new_id(), number, name, place, session.record.pool_id, pipeline_id)


def _invocation(
    script: str, arguments: Sequence[Any], using: Mapping[str, Any] | None, input: Iterable[Any] | None
) -> Invocation:
    text, found = bind_using(script, {} if using is None else using)
    parameters = [(name, portable(value, "$using:" + name.removeprefix(PREFIX))) for name, value in found]
    items = None if input is None else portable_all(input, "input object")
    return Invocation(text, portable_all(arguments, "argument"), parameters, items)


def _preparation(directory: str | None, script: str | None) -> tuple[str, tuple[str, str | None]]:
    """What is run before a job's script: into the directory, and the initialization script."""
    place = os.path.abspath(os.path.expanduser(directory)) if directory else os.getcwd()
    if not os.path.isdir(place):
        raise UsageError(f"The working directory {directory} is no directory of this machine.")
    return PLACE_AND_PREPARE, (place, script)


def _throttle(limit: int, most: int) -> int:
    if not 1 <= limit <= most:
        raise UsageError(f"A throttle limit is a number from 1 to {most}, not {limit}.")
    return limit
