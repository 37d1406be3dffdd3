"""The one place where events change anything: a thread that takes what the workers report, commits it, then lets it
be true.

Everything that has queued up meanwhile is one transaction, so a hundred jobs that print cost one commit at a time and
not a hundred. What is planned is thrown away and planned anew if the disk refuses: workers wait for their event
before they receive more, so a full disk slows the remote side down instead of losing its output.
"""

from __future__ import annotations

import datetime
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from jobmagics import jobs
from jobmagics.errors import StoreError
from jobmagics.jobs import ChildJob, Effect, InvalidTransition, ParentJob
from jobmagics.remote import messages
from jobmagics.remote.fragments import STREAMS, Kind, Message, Rest
from jobmagics.results.entries import ChildEntry, JobEntry, SessionEntry
from jobmagics.store import ChildRecord, SessionRecord, Store, StoredMessage

BATCH = 256
"""At most so many events in one transaction."""
MAX_ACTIVITIES = 20
"""So many of Write-Progress's activities are remembered of one script, the newest."""
RETRY_SECONDS = 1.0
"""Pause before a transaction that the disk refused is tried again."""

_SHOWN = frozenset(STREAMS) - {Kind.PROGRESS}

log = logging.getLogger(__name__)


@dataclass(eq=False)
class Arrived:
    """Messages of one Receive. ``rest``: of the unfinished one; ``last_object``: the newest whole object."""

    child: ChildEntry
    messages: Sequence[Message]
    rest: Rest
    last_object: int
    time: datetime.datetime
    done: threading.Event = field(default_factory=threading.Event)


@dataclass(eq=False)
class Happened:
    """Something happened to a child job."""

    child: ChildEntry
    event: jobs.Event
    done: threading.Event = field(default_factory=threading.Event)


@dataclass(eq=False)
class StopAsked:
    """A person stopped a parent job."""

    job: JobEntry
    done: threading.Event = field(default_factory=threading.Event)


@dataclass(eq=False)
class SessionIs:
    """A session came to a state. A session without a place in the store any more is forgotten there."""

    session: SessionEntry
    state: str
    forget: bool = False
    idle_timeout: float | None = None
    is_parked: bool = False
    done: threading.Event = field(default_factory=threading.Event)


Report = Arrived | Happened | StopAsked | SessionIs


class Owner(Protocol):
    """The manager, as the applier sees it."""

    lock: threading.RLock

    def applied(self, finished: Sequence[ChildEntry], freed: Sequence[JobEntry]) -> None:
        """A batch is true now. Called without the lock."""

    def trouble(self, notice: str) -> None: ...


class Plan:
    """What a batch would make true. Nothing outside changes until ``carry_out``."""

    def __init__(self) -> None:
        self.children: dict[ChildEntry, tuple[ChildJob, ChildRecord]] = {}
        self.parents: dict[JobEntry, ParentJob] = {}
        self.sessions: dict[SessionEntry, tuple[SessionRecord, bool]] = {}
        self.appends: list[tuple[ChildRecord, Sequence[Message], datetime.datetime, bool]] = []
        self.rests: list[tuple[ChildRecord, Rest]] = []
        self.newest: dict[ChildEntry, tuple[Message, datetime.datetime]] = {}
        self.progress: dict[ChildEntry, dict[int, tuple[Message, datetime.datetime]]] = {}
        self.finished: list[ChildEntry] = []
        self.freed: list[JobEntry] = []

    def add(self, report: Report, now: datetime.datetime) -> None:
        if isinstance(report, Arrived):
            self._arrive(report)
        elif isinstance(report, Happened):
            self._happen(report.child, report.event, now)
        elif isinstance(report, StopAsked):
            self.parents[report.job] = self._parent(report.job).stop(now)
        else:
            idle = report.session.record.idle_timeout if report.idle_timeout is None else report.idle_timeout
            away = now if report.state == "Disconnected" else None
            record = replace(
                report.session.record,
                state=report.state,
                idle_timeout=idle,
                disconnected_on=away,
                is_parked=report.is_parked,
            )
            self.sessions[report.session] = (record, report.forget)

    def _child(self, child: ChildEntry) -> tuple[ChildJob, ChildRecord]:
        if child not in self.children:
            record = replace(child.record, counts=dict(child.record.counts))
            self.children[child] = (child.core, record)
        return self.children[child]

    def _parent(self, job: JobEntry) -> ParentJob:
        return self.parents.get(job, job.core)

    def _arrive(self, report: Arrived) -> None:
        _core, record = self._child(report.child)
        record.last_object = report.last_object
        self.rests.append((record, report.rest))
        is_thread = report.child.job.core.type is jobs.JobType.THREAD
        self.appends.append((record, report.messages, report.time, not is_thread))
        for message in report.messages:
            if message.kind == Kind.OUTPUT:  # most of all
                continue
            if message.kind == Kind.PROGRESS:
                activities = self.progress.setdefault(report.child, {})
                activities[messages.activity_of(message.data)] = (message, report.time)
            elif message.kind == Kind.PIPELINE_STATE:
                self._end(report, message)
        newest = next((each for each in reversed(report.messages) if each.kind in _SHOWN), None)
        if newest is not None:
            self.newest[report.child] = (newest, report.time)

    def _end(self, report: Arrived, message: Message) -> None:
        end: jobs.Event | None
        try:
            end = messages.pipeline_end(message.data)
        except ValueError as error:
            end = jobs.Lost(jobs.Failure(f"The end of the script arrived damaged: {error}."))
        if end is not None:
            self._happen(report.child, end, report.time)

    def _happen(self, child: ChildEntry, event: jobs.Event, now: datetime.datetime) -> None:
        core, record = self._child(child)
        parent = self._parent(child.job)
        try:
            changed, effects = core.after(event, now)
            parent = parent.child_changed(child.record.position, changed.state, now)
        except InvalidTransition:
            log.exception("an event was left out")  # a bug of ours must not end the thread that keeps the ledger
            return
        record.state, record.began, record.ended = str(changed.state), changed.began, changed.ended
        record.failure = changed.failure
        self.children[child] = (changed, record)
        if Effect.FINISH in effects:
            self.finished.append(child)
        if Effect.FREE_SLOT in effects:
            self.freed.append(child.job)
        if effects:
            self.parents[child.job] = parent
        if effects and isinstance(event, jobs.Answered):  # for a later kernel, which would ask again
            self.appends.append((record, [Message(Kind.HOST_RESPONSE, b"")], now, True))

    def commit(self, store: Store, owner: str) -> None:
        with store.writing():
            for record, arrived, moment, counts_information in self.appends:
                store.append(record, arrived, moment, counts_information=counts_information)
            for record, rest in self.rests:
                store.save_rest(record, rest)
            for _core, record in self.children.values():
                store.save_child(record)
            for job, parent in self.parents.items():
                store.save_job(
                    replace(
                        job.record,
                        state=str(parent.state),
                        began=parent.began,
                        ended=parent.ended,
                        stop_called=parent.stop_called,
                    )
                )
            for session_record, forget in self.sessions.values():
                if forget:
                    store.forget_session(session_record)
                else:
                    store.save_session(owner, session_record)

    def carry_out(self) -> None:
        for child, (core, record) in self.children.items():
            record.read_to = child.record.read_to  # a reader may have moved it meanwhile
            child.core, child.record = core, record
        for child in self.finished:
            child.session.open_children -= 1
        for child, (message, moment) in self.newest.items():
            child.newest = StoredMessage(child.record.sequence, message.kind, moment, message.data)
        for child, activities in self.progress.items():
            for number, (message, moment) in activities.items():
                child.progress.pop(number, None)  # the newest stand last
                child.progress[number] = StoredMessage(child.record.sequence, message.kind, moment, message.data)
            while len(child.progress) > MAX_ACTIVITIES:
                del child.progress[next(iter(child.progress))]
        for job, parent in self.parents.items():
            job.core = parent
            job.record = replace(
                job.record,
                state=str(parent.state),
                began=parent.began,
                ended=parent.ended,
                stop_called=parent.stop_called,
            )
        for session, (session_record, _forget) in self.sessions.items():
            session.record = session_record


class Applier:
    """Runs in its own thread from ``start`` until ``close``."""

    def __init__(self, store: Store, owner_name: str, owner: Owner, clock: Callable[[], datetime.datetime]) -> None:
        self._store, self._owner_name, self._owner, self._clock = store, owner_name, owner, clock
        self._queue: queue.SimpleQueue[Report | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="jobmagics-applier", daemon=True)
        self._closing = threading.Event()

    def start(self) -> None:
        self._thread.start()

    def post(self, report: Report) -> threading.Event:
        """Hands over a report; the event is set when it is committed and true."""
        self._queue.put(report)
        return report.done

    def close(self, timeout: float) -> None:
        """Applies what is queued, then ends."""
        self._closing.set()
        self._queue.put(None)
        self._thread.join(timeout)

    def _run(self) -> None:
        while True:
            batch, last = self._take()
            if batch:
                self._apply(batch)
            if last:
                return

    def _take(self) -> tuple[list[Report], bool]:
        batch: list[Report] = []
        report = self._queue.get()
        while report is not None:
            batch.append(report)
            if len(batch) >= BATCH:
                return batch, False
            try:
                report = self._queue.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _apply(self, batch: list[Report]) -> None:
        told = False
        while True:
            now = self._clock()
            plan = Plan()
            for report in batch:
                plan.add(report, now)
            try:
                plan.commit(self._store, self._owner_name)
                break
            except StoreError as error:
                log.warning("the ledger refused %d events", len(batch))
                if not told:
                    self._owner.trouble(error.message)
                    told = True
                if self._closing.is_set():
                    break  # nobody is left to wait; the remote side still has what was not acknowledged
                time.sleep(RETRY_SECONDS)
        with self._owner.lock:
            plan.carry_out()
        for report in batch:
            report.done.set()
        self._owner.applied(plan.finished, plan.freed)
