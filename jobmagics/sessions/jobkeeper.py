"""The jobs of a notebook: listed, received from, waited for, stopped, removed. Starting them is ``manager``'s."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from jobmagics import jobs, results
from jobmagics.errors import InvalidOperation, JobMagicsError, RemoteError, StoreError, UsageError
from jobmagics.jobs import FINISHED, PERSISTENT, Failure, JobState, JobType
from jobmagics.remote import Connector, HostAnswer
from jobmagics.results import ChildJob as HeldChild
from jobmagics.results import (
    History,
    Job,
    JobList,
    JobRow,
    PSSession,
    Records,
    StreamRecord,
    error_record,
    rows,
    state_event,
)
from jobmagics.results.entries import ChildEntry, JobEntry, SessionEntry
from jobmagics.sessions.applier import Happened, StopAsked
from jobmagics.sessions.complaints import (
    AUTO_REMOVAL,
    BLOCKED,
    CHILD_JOB,
    KEEP_AND_WAIT,
    LEFT_ALONE,
    NEEDS_WAIT,
    NO_COMPUTER_NAME,
    NO_SESSION_OF_JOB,
    NOT_FINISHED,
    STOP_NOT_CONNECTED,
    complaint,
)
from jobmagics.sessions.links import in_parallel
from jobmagics.sessions.pssessions import DEFAULT_THROTTLE, SessionKeeper, as_sessions, utc_now
from jobmagics.sessions.restoring import restored
from jobmagics.sessions.selection import as_list, find_jobs, select_jobs
from jobmagics.store import Store

STOPPED = "The script was stopped before its question was answered."
WAIT_SLICE = 0.5
"""Waits wake this often, so that an interrupt gets through on every system."""

_REMOTING = frozenset({JobType.REMOTE, JobType.BACKGROUND})
"""Kinds of jobs that are PSRemotingJob in PowerShell."""


class JobKeeper(SessionKeeper):
    """The jobs, on top of the sessions that they run in."""

    def __init__(self, store: Store, connect: Connector, owner: str, retry_seconds: float) -> None:
        super().__init__(store, connect, owner, retry_seconds)
        self._jobs: list[JobEntry] = []
        self._lines: dict[ChildEntry, tuple[int, str]] = {}
        self._recovering: threading.Thread | None = None

    def _children_of(self, entry: SessionEntry) -> list[ChildEntry]:
        with self.lock:
            return [child for job in self._jobs for child in job.children if child.session is entry]

    def _held(self, entry: JobEntry | ChildEntry) -> Job | HeldChild:
        return Job(self, entry) if isinstance(entry, JobEntry) else HeldChild(self, entry)

    def jobs(self, **filters: Any) -> JobList:
        """Get-Job; filters as in ``selection.select_jobs``."""
        with self.lock:
            return JobList(map(self._held, select_jobs(self._jobs, **filters)))

    def history(self, **filters: Any) -> History:
        """The finished jobs of every kernel and notebook of this ledger; filters as in ``jobs``."""
        found = {}
        for owner, ledger in self.store.finished_jobs():
            found[restored(ledger, self.store, self._links.connector).jobs[0]] = owner
        with self.lock:
            ours = {job.record.key: job for job in self._jobs}
        entries = {ours.get(entry.record.key, entry): owner for entry, owner in found.items()}
        chosen = select_jobs(list(entries), **filters)
        return History(map(self._held, chosen), {self._held(entry): owner for entry, owner in entries.items()})

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
        wait: bool = False,
        timeout: float | None = None,
        force: bool = False,
        auto_remove_job: bool = False,
        write_events: bool = False,
        write_job_in_results: bool = False,
        location: object = (),
        computer_name: object = (),
        session: Iterable[PSSession] = (),
        no_recurse: bool = False,
        ask: Callable[[HeldChild], None] | None = None,
    ) -> Records:
        """What the jobs gave since they were last received: Receive-Job; ``keep`` leaves it for the next time.

        wait: until they are finished or disconnected (``force``: finished), for at most ``timeout`` seconds, and then
        all at once; location, computer_name, session: only what came from there; no_recurse: not from the child jobs;
        ask: puts to a person what a Blocked child asks, and answers or refuses it.
        Raises InvalidOperation for what PowerShell refuses, too.
        """
        held = as_jobs(jobs)
        check_receiving(
            keep=keep,
            wait=wait,
            force=force,
            auto_remove_job=auto_remove_job,
            write_events=write_events,
            write_job_in_results=write_job_in_results,
        )
        pools = {each.instance_id for each in as_sessions(session)}
        if any(_type_of(job) not in _REMOTING for job in held):
            for asked, refusal in ((computer_name, NO_COMPUTER_NAME), (pools, NO_SESSION_OF_JOB)):
                if as_list(asked):
                    raise complaint(refusal, "Receive-Job")
        if wait:
            self._wait_and_ask(held, force, _endless(timeout), ask)
        elif ask is not None:
            for child in _askers(held):
                ask(child)
        places = {str(each).lower() for each in [*as_list(location), *as_list(computer_name)]}
        children = [
            child
            for job in held
            for child in ([] if no_recurse and isinstance(job, Job) else job._entries())
            if (not places or child.record.location.lower() in places) and (not pools or child.record.pool_id in pools)
        ]
        spans = [self._read(child, keep) for child in children]
        after = results.failures(children)
        after += self._events(held) if write_events else []
        after += self._remove_finished(held) if auto_remove_job else []
        self._announce()
        now = utc_now()
        before = [StreamRecord("output", job, job.location, now) for job in held] if write_job_in_results else []
        return Records(self.store, spans, after, before)

    def receive_new(self, jobs: Iterable[Job | HeldChild]) -> Records:
        """What the jobs gave since they were last received, without why they failed: for reading them to their end."""
        spans = [self._read(child, keep=False) for job in as_jobs(jobs) for child in job._entries()]
        return Records(self.store, spans)

    def _wait_and_ask(
        self,
        held: Sequence[Job | HeldChild],
        force: bool,
        timeout: float | None,
        ask: Callable[[HeldChild], None] | None,
    ) -> None:
        deadline = None if timeout is None else time.monotonic() + timeout

        def ready() -> bool:
            return all(self.is_settled(job, force=force) for job in held) or bool(_askers(held))

        while self._wait_for(ready, None if deadline is None else max(0.0, deadline - time.monotonic())):
            askers = _askers(held)
            if not askers:
                return
            if ask is None:
                raise InvalidOperation(
                    f"The job with ID {askers[0].id} waits for an answer, and nobody is asked here: look at its"
                    " question, and answer or refuse it.",
                    category="DeadlockDetected",
                )
            for child in askers:
                ask(child)

    def _events(self, held: Iterable[Job | HeldChild]) -> list[StreamRecord]:
        """One for each job that has come to rest, the children's before their parent's."""
        everyone: list[Job | HeldChild] = []
        for job in held:
            everyone += [*job.children, job] if isinstance(job, Job) else [job]
        return [state_event(job) for job in everyone if job.state in PERSISTENT]

    def _remove_finished(self, held: Iterable[Job | HeldChild]) -> list[StreamRecord]:
        """-AutoRemoveJob: an error for each child job, which cannot be removed by itself."""
        finished = [job for job in held if job.state in FINISHED]
        self.remove([job for job in finished if isinstance(job, Job)])
        error = complaint(AUTO_REMOVAL, "Receive-Job")
        failure = Failure(error.message, error.fqid, error.category)
        return [
            StreamRecord("error", error_record(failure, job.location), job.location, utc_now())
            for job in finished
            if not isinstance(job, Job)
        ]

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
        try:
            self.store.save_read(record, job.record)
        except StoreError:  # it was not given, so it is not received
            with self.lock:
                record.read_to = child.record.read_to = span.after
            raise
        return span

    def wait(
        self, jobs: Iterable[Job | HeldChild], *, timeout: float | None = None, any: bool = False, force: bool = False
    ) -> JobList:
        """Wait-Job: the jobs when all of them (or with ``any`` one) are finished or disconnected; none when
        ``timeout`` seconds were not enough.

        While jobs of an earlier kernel are being brought back, a disconnected one is waited for. A negative time-out
        is PowerShell's "for ever". Raises InvalidOperation for a job that waits for an answer, which only receiving it
        gives.
        """
        held = as_jobs(jobs)
        everyone = not any

        def ready() -> bool:
            done = [self.is_settled(job, force=force) for job in held]
            blocked = [job.state is JobState.BLOCKED for job in held]
            if held and (all(blocked) or (everyone and True in blocked)):
                raise complaint(BLOCKED, "Wait-Job")
            return all(done) if everyone else True in done

        if not held or not self._wait_for(ready, _endless(timeout)):
            return JobList()
        if [job for job in held if job.state not in FINISHED and self.is_settled(job, force=force)]:
            self.trouble(LEFT_ALONE)
        return JobList(held if everyone else [next(job for job in held if self.is_settled(job, force=force))])

    def is_settled(self, job: Job | HeldChild, *, force: bool = False) -> bool:
        """Whether nothing more comes of it for now: it is finished, or (without ``force``) disconnected or suspended
        and nobody is bringing it back.
        """
        coming_back = self._recovering is not None and self._recovering.is_alive()
        return job.state in (FINISHED if force or coming_back else PERSISTENT)

    def _wait_for(self, ready: Callable[[], bool], timeout: float | None) -> bool:
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while not ready():
                left = WAIT_SLICE if deadline is None else min(WAIT_SLICE, deadline - time.monotonic())
                if left <= 0 or self._closed:
                    return False
                self._changed.wait(left)
        return True

    def answer(self, job: Job | HeldChild, value: Any) -> None:
        """Answers what a Blocked job asks, with what ``Question.answer`` takes. Raises UsageError for what is no
        answer to it, InvalidOperation if the job asks nothing.
        """
        child = self._asking(job)
        question = child.question
        if question is not None:  # else it was answered meanwhile, which is told below
            self._runner.answer(child, question.answer(value))

    def refuse(self, job: Job | HeldChild, reason: str) -> None:
        """Answers with an error of these words, where nobody can or will answer."""
        self._runner.answer(self._asking(job), HostAnswer(refusal=reason))

    def _asking(self, job: Job | HeldChild) -> ChildEntry:
        for child in as_jobs(job)[0]._entries():
            if child.question is not None:
                return child
        raise InvalidOperation(f"The job with ID {job.id} is {job.state} and asks nothing.")

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
        if child.core.state is JobState.DISCONNECTED:
            self._reach(child)
        self.begin_stop(child)
        if not self._wait_for(lambda: child.is_finished, child.session.connection.option.cancel_timeout):
            self._post(Happened(child, jobs.Withdrawn())).wait()
        if not child.launched:  # else its worker does
            self._runner.let_go(child.session)

    def begin_stop(self, child: ChildEntry) -> None:
        """Asks a pipeline to stop; its end comes as it always comes. Raises what ``errors`` has."""
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
        if child.unanswered is not None:  # only after the stop, or the script would go on behind its question
            with contextlib.suppress(JobMagicsError):
                self._runner.answer(child, HostAnswer(refusal=STOPPED))

    def _reach(self, child: ChildEntry) -> None:
        try:
            self._attach(child.session)
        except JobMagicsError as error:
            raise complaint(STOP_NOT_CONNECTED, "Stop-Job", child.job.record.name, hint=error.message) from error
        self._wait_for(
            lambda: child.core.state is not JobState.DISCONNECTED, child.session.connection.option.open_timeout
        )

    def remove(self, jobs: Iterable[Job | HeldChild], *, force: bool = False) -> None:
        """Remove-Job. ``force`` stops unfinished ones first. Sessions that the jobs opened for themselves end, too."""
        held = as_jobs(jobs)
        for job in held:
            if not isinstance(job, Job):
                raise complaint(CHILD_JOB, "Remove-Job", hint=f"Remove job {job.parent.id}.")
            if job.state not in FINISHED and not force:
                raise complaint(NOT_FINISHED, "Remove-Job", job.id)
        self.stop([job for job in held if job.state not in FINISHED])
        entries = {child.session: None for job in held for child in job._entries()}
        own = [session for session in entries if session.record.for_job and not session.is_kept]
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
            found.append(rows.parent_row(job, child_rows))
            found += child_rows if job.child_jobs else []
        return found

    def _fill(self, child: ChildEntry, glance: rows.Glance) -> JobRow:
        number = glance.newest.sequence if glance.newest else 0
        known = self._lines.get(child)
        if known is None or known[0] != number:
            known = (number, rows.newest_text(glance.newest))
            self._lines[child] = known
        going = () if child.is_finished else rows.activities(glance.progress)
        return replace(glance.row, newest=known[1], activities=going)


def check_receiving(
    *, keep: bool, wait: bool, force: bool, auto_remove_job: bool, write_events: bool, write_job_in_results: bool
) -> None:
    """What Receive-Job refuses to do at once, before it looks for a job."""
    if keep and wait:
        raise complaint(KEEP_AND_WAIT, "Receive-Job")
    needs_wait = {
        "AutoRemoveJob": auto_remove_job,
        "WriteEvents": write_events,
        "WriteJobInResults": write_job_in_results,
        "Force": force,
    }
    wrong = next((name for name, asked in needs_wait.items() if asked and not wait), None)
    if wrong:
        raise complaint(NEEDS_WAIT[wrong], "Receive-Job")


def _type_of(held: Job | HeldChild) -> JobType:
    entry = held._entry
    return (entry if isinstance(entry, JobEntry) else entry.job).core.type


def _endless(timeout: float | None) -> float | None:
    return None if timeout is None or timeout < 0 else timeout


def _askers(held: Iterable[Job | HeldChild]) -> list[HeldChild]:
    return [child for job in held for child in job._askers()]


def as_jobs(jobs: Iterable[Job | HeldChild] | Job | HeldChild) -> list[Job | HeldChild]:
    held = [jobs] if isinstance(jobs, Job | HeldChild) else list(jobs)
    for each in held:
        if not isinstance(each, Job | HeldChild):
            raise UsageError(f"{each!r} is no job; jobs come from invoke and jobs.")
    return held
