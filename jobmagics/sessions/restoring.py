"""From rows of the ledger to the entries of a manager: what another process left, as it is now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jobmagics.jobs import JobState, ParentJob
from jobmagics.remote import ConnectionInfo, Connector
from jobmagics.remote.fragments import STREAMS, Defragmenter, FragmentError, Kind
from jobmagics.remote.messages import ANSWERED_KINDS, activity_of
from jobmagics.results.entries import (
    CLOSED_STATES,
    IN_PROCESS_LOCATION,
    ChildEntry,
    JobEntry,
    SessionEntry,
    restored_child,
    restored_parent,
)
from jobmagics.store import ChildRecord, Ledger, SessionRecord, Store

LOOK_BACK = 5000
"""A newest line or progress that lies more messages back is not worth reading the whole log for."""
_LINES = frozenset(STREAMS) - {int(Kind.PROGRESS)}
_PROGRESS = frozenset({int(Kind.PROGRESS)})


@dataclass(frozen=True)
class Restored:
    """``sessions`` by pool id; ``jobs`` by number."""

    sessions: dict[str, SessionEntry]
    jobs: list[JobEntry]


def restored(ledger: Ledger, store: Store, connector: Connector) -> Restored:
    """Sessions that were open are Disconnected now, and so are the jobs that ran in them."""
    sessions: dict[str, SessionEntry] = {}
    for record in ledger.sessions:
        if record.state == "Closing":  # its kernel died over it: nobody wants it any more
            record.state, record.for_job = "Disconnected", True
        if record.state not in CLOSED_STATES:
            record.state = "Disconnected"
            sessions[record.pool_id] = SessionEntry(record, connector(record.connection))
    jobs = {record.key: JobEntry(record, ParentJob(())) for record in ledger.jobs}
    for child in sorted(ledger.children, key=lambda child: (child.job, child.position)):
        job = jobs[child.job]
        job.children.append(_child(child, job, sessions, store, connector))
    for job in jobs.values():
        job.core = restored_parent(job.record, job.children)
    return Restored(sessions, sorted(jobs.values(), key=lambda job: job.record.id))


def _child(
    record: ChildRecord, job: JobEntry, sessions: Mapping[str, SessionEntry], store: Store, connector: Connector
) -> ChildEntry:
    session = sessions.get(record.pool_id)
    if session is None:  # it is over; what is left of it is its name
        gone = SessionRecord(record.pool_id, 0, "", _place(record), "Closed", for_job=True)
        session = SessionEntry(gone, connector(gone.connection))
    core = restored_child(record)
    record.state = str(core.state)
    if record.is_unstored:  # what came was kept by a process that has ended
        record.read_to = record.sequence
    child = ChildEntry(record, core, session, job, restored_defragmenter(record, store))
    session.open_children += not child.is_finished
    near = max(0, record.sequence - LOOK_BACK)
    child.newest = store.last_message(record.key, _LINES, near)
    going = store.last_message(record.key, _PROGRESS, near)
    child.progress = {activity_of(going.data): going} if going else {}
    if core.state is JobState.DISCONNECTED:
        session.running.append(child)
        call = store.last_message(record.key, ANSWERED_KINDS, max(0, record.sequence - 1))
        child.unanswered = call.data if call is not None else None
    return child


def restored_defragmenter(record: ChildRecord, store: Store) -> Defragmenter:
    """One that goes on where the ledger ends."""
    try:
        return Defragmenter(record.last_object, store.unfinished(record.key), is_torn=record.is_unstored)
    except FragmentError:  # of a damaged ledger, some of it: what comes of that message is left out
        return Defragmenter(record.last_object, is_torn=True)


def _place(record: ChildRecord) -> ConnectionInfo:
    return ConnectionInfo() if record.location == IN_PROCESS_LOCATION else ConnectionInfo(record.location)
