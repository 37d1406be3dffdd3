"""The ledger on disk: sessions, jobs, and every message as it came, in one SQLite file.

What is here counts as received; everything a person sees is a reading of it. The manager alone writes,
in one transaction for all that arrived meanwhile; readers have a connection of their own, and with
the write-ahead log neither waits for the other. The log is synced at checkpoints, not at each commit
(synchronous = NORMAL): the loss that this ledger is for is that of a process, and what a commit gave to the operating
system outlives every process. A power cut may take the last seconds before it, but leaves the file whole.

Scripts and output can be secret, so directory and file are the user's alone. No credential is ever here.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jobmagics.jobs import Failure
from jobmagics.remote import ConnectionInfo, PSSessionOption
from jobmagics.remote.fragments import STREAMS, Message
from jobmagics.store.file import (
    connect,
    default_path,
    is_transient,
    make_private,
    migrate,
    move_aside,
    store_error,
    unwritable,
)

PAGE_MESSAGES = 500
"""How many messages a reading takes from the file at a time."""
SEQUENCE_BITS = 32
"""A message's key is its child's key and its number: one integer, so the table is its own index."""


@dataclass
class SessionRecord:
    pool_id: str
    id: int
    name: str
    connection: ConnectionInfo
    state: str = "BeforeOpen"
    for_job: bool = False
    idle_timeout: float | None = None
    disconnected_on: datetime.datetime | None = None


@dataclass
class JobRecord:
    instance_id: str
    id: int
    name: str
    type: str
    command: str
    hide_computer_name: bool = False
    state: str = "NotStarted"
    began: datetime.datetime | None = None
    ended: datetime.datetime | None = None
    stop_called: bool = False
    drained: bool = False
    key: int = 0


@dataclass
class ChildRecord:
    """``read_to``: the number of the last message that was received for good; ``sequence``: of the last there is;
    ``last_data``: of the last one in a stream; ``last_object`` and ``partial``: where defragmenting goes on."""

    instance_id: str
    id: int
    name: str
    location: str
    pool_id: str
    pipeline_id: str
    position: int = 0
    state: str = "NotStarted"
    began: datetime.datetime | None = None
    ended: datetime.datetime | None = None
    failure: Failure | None = None
    read_to: int = 0
    sequence: int = 0
    last_data: int = 0
    last_object: int = 0
    partial: bytes = b""
    counts: dict[str, int] = field(default_factory=dict)
    key: int = 0
    job: int = 0


@dataclass(frozen=True)
class StoredMessage:
    sequence: int
    kind: int
    time: datetime.datetime
    data: bytes


@dataclass(frozen=True)
class Ledger:
    """All that an owner has."""

    sessions: list[SessionRecord]
    jobs: list[JobRecord]
    children: list[ChildRecord]


class Store:
    """Open with ``Store.open``. Writes happen inside ``with store.writing():`` and are one transaction."""

    def __init__(self, path: Path, notice: str | None = None) -> None:
        self.path = path
        self.notice = notice
        self._write_lock = threading.RLock()
        self._read_lock = threading.Lock()
        self._depth = 0
        self._writer = connect(path)
        try:
            migrate(self._writer, path)
            self._reader = connect(path)
        except BaseException:
            self._writer.close()
            raise

    @classmethod
    def open(cls, path: Path | str | None = None) -> Store:
        """The store at ``path`` (default: ``default_path()``), made if absent.

        A damaged file is moved aside and a new one begun; ``notice`` says so. Raises StoreError when nothing can be
        written.
        """
        where = default_path() if path is None else Path(path)
        try:
            make_private(where)
        except OSError as error:
            raise unwritable(where, error.strerror or str(error)) from error
        try:
            return cls(where)
        except sqlite3.DatabaseError as error:
            if is_transient(error):
                raise store_error(error, where) from error
            aside = move_aside(where)
            make_private(where)
            return cls(where, f"The job ledger was damaged ({error}); it was moved to {aside} and a new one begun.")

    def settle(self) -> None:
        """Moves all that is in the log beside the file into it: for a manager that ends while records may still be
        read.
        """
        with self._write_lock, contextlib.suppress(sqlite3.Error):
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        with self._write_lock, self._read_lock:
            self._writer.close()
            self._reader.close()

    # -- writing

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction; inner ones join the outer. Raises StoreError, and then nothing of it was written."""
        with self._write_lock:
            if self._depth:
                yield
                return
            try:
                self._writer.execute("BEGIN IMMEDIATE")
            except sqlite3.Error as error:
                raise store_error(error, self.path) from error
            self._depth = 1
            try:
                yield
                self._writer.execute("COMMIT")
            except BaseException as error:
                with contextlib.suppress(sqlite3.Error):
                    self._writer.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    raise store_error(error, self.path) from error
                raise
            finally:
                self._depth = 0

    def take_numbers(self, owner: str, counter: str, count: int = 1) -> int:
        """The first of ``count`` numbers of an owner's counter that were never given before."""
        with self.writing():
            self._writer.execute(
                "INSERT INTO counters VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value",
                (owner, counter, count),
            )
            row = self._writer.execute("SELECT value FROM counters WHERE owner = ? AND name = ?", (owner, counter))
            return int(row.fetchone()[0]) - count + 1

    def save_session(self, owner: str, record: SessionRecord) -> None:
        values = (
            record.pool_id,
            owner,
            record.id,
            record.name,
            json.dumps(dataclasses.asdict(record.connection)),
            record.state,
            record.for_job,
            record.idle_timeout,
            _stamp(record.disconnected_on),
        )
        with self.writing():
            self._writer.execute("INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)

    def forget_session(self, pool_id: str) -> None:
        with self.writing():
            self._writer.execute("DELETE FROM sessions WHERE pool_id = ?", (pool_id,))

    def add_job(self, owner: str, job: JobRecord, children: Sequence[ChildRecord]) -> None:
        """Gives the records their keys."""
        with self.writing():
            cursor = self._writer.execute(
                "INSERT INTO jobs (owner, instance_id, id, name, type, command, hide_computer_name, state, began,"
                " ended,"
                " stop_called, drained) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    owner,
                    job.instance_id,
                    job.id,
                    job.name,
                    job.type,
                    job.command,
                    job.hide_computer_name,
                    job.state,
                    _stamp(job.began),
                    _stamp(job.ended),
                    job.stop_called,
                    job.drained,
                ),
            )
            job.key = int(cursor.lastrowid or 0)
            for position, child in enumerate(children):
                child.job, child.position = job.key, position
                cursor = self._writer.execute(
                    "INSERT INTO children (job, position, instance_id, id, name, location, pool_id, pipeline_id, state)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        job.key,
                        position,
                        child.instance_id,
                        child.id,
                        child.name,
                        child.location,
                        child.pool_id,
                        child.pipeline_id,
                        child.state,
                    ),
                )
                child.key = int(cursor.lastrowid or 0)

    def save_job(self, job: JobRecord) -> None:
        with self.writing():
            self._writer.execute(
                "UPDATE jobs SET name = ?, state = ?, began = ?, ended = ?, stop_called = ?, drained = ? WHERE key = ?",
                (job.name, job.state, _stamp(job.began), _stamp(job.ended), job.stop_called, job.drained, job.key),
            )

    def save_child(self, child: ChildRecord) -> None:
        """All but ``read_to``, which readers move by ``save_read_to``."""
        with self.writing():
            self._writer.execute(
                "UPDATE children SET pool_id = ?, state = ?, began = ?, ended = ?, failure = ?, sequence = ?,"
                " last_data = ?, last_object = ?, partial = ?, counts = ? WHERE key = ?",
                (
                    child.pool_id,
                    child.state,
                    _stamp(child.began),
                    _stamp(child.ended),
                    json.dumps(dataclasses.asdict(child.failure)) if child.failure else None,
                    child.sequence,
                    child.last_data,
                    child.last_object,
                    child.partial,
                    json.dumps(child.counts),
                    child.key,
                ),
            )

    def save_read_to(self, child: ChildRecord) -> None:
        with self.writing():
            self._writer.execute("UPDATE children SET read_to = ? WHERE key = ?", (child.read_to, child.key))

    def append(self, child: ChildRecord, messages: Iterable[Message], time: datetime.datetime) -> None:
        """Adds messages at the end of a child's log and counts them on the record, which the caller saves."""
        stamp = time.timestamp()
        rows = []
        for message in messages:
            child.sequence += 1
            stream = STREAMS.get(message.kind)
            if stream:
                child.last_data = child.sequence
                child.counts[stream] = child.counts.get(stream, 0) + 1
            rows.append((child.key << SEQUENCE_BITS | child.sequence, message.kind, stamp, message.data))
        with self.writing():
            self._writer.executemany("INSERT INTO messages VALUES (?, ?, ?, ?)", rows)

    def adopt_log(self, child: ChildRecord) -> None:
        """Begins a child's log with all that another one of the same pipeline has: the server gave that away."""
        query = "SELECT * FROM children WHERE pipeline_id = ? AND key <> ? ORDER BY last_object DESC LIMIT 1"
        rows = self._rows(query, child.pipeline_id, child.key)
        if not rows:
            return
        known = _child(rows[0])
        child.sequence, child.last_data, child.counts = known.sequence, known.last_data, known.counts
        child.last_object, child.partial = known.last_object, known.partial
        with self.writing():
            self._writer.execute(
                "INSERT INTO messages SELECT ? | (key & ?), kind, time, data FROM messages WHERE key > ? AND key <= ?",
                (
                    child.key << SEQUENCE_BITS,
                    (1 << SEQUENCE_BITS) - 1,
                    known.key << SEQUENCE_BITS,
                    known.key << SEQUENCE_BITS | known.sequence,
                ),
            )
            self.save_child(child)

    def hide_job(self, job: JobRecord) -> None:
        """Removed for the person; its messages stay readable to what still holds them until ``purge``."""
        with self.writing():
            self._writer.execute("UPDATE jobs SET removed = 1 WHERE key = ?", (job.key,))

    def purge(self, owner: str) -> None:
        """Deletes the messages of an owner's removed jobs."""
        with self.writing():
            gone = "SELECT key FROM jobs WHERE owner = ? AND removed"
            keys = self._writer.execute(f"SELECT key FROM children WHERE job IN ({gone})", (owner,))  # noqa: S608
            for (key,) in keys.fetchall():
                bounds = (key << SEQUENCE_BITS, (key + 1) << SEQUENCE_BITS)
                self._writer.execute("DELETE FROM messages WHERE key >= ? AND key < ?", bounds)
            self._writer.execute(f"DELETE FROM children WHERE job IN ({gone})", (owner,))  # noqa: S608
            self._writer.execute("DELETE FROM jobs WHERE owner = ? AND removed", (owner,))

    # -- reading

    def load(self, owner: str) -> Ledger:
        """All of an owner's sessions and jobs that were not removed, in the order of their ids."""
        sessions = self._rows("SELECT * FROM sessions WHERE owner = ? ORDER BY id", owner)
        jobs = self._rows("SELECT * FROM jobs WHERE owner = ? AND NOT removed ORDER BY id", owner)
        children = self._rows(
            "SELECT c.* FROM children c JOIN jobs j ON c.job = j.key WHERE j.owner = ? AND NOT j.removed ORDER BY c.id",
            owner,
        )
        return Ledger(list(map(_session, sessions)), list(map(_job, jobs)), list(map(_child, children)))

    def owners(self) -> list[str]:
        return [row["owner"] for row in self._rows("SELECT DISTINCT owner FROM jobs UNION SELECT owner FROM sessions")]

    def command_of(self, pipeline_id: str) -> str:
        """The script of a pipeline that anyone of this ledger began, "" if it is not known."""
        query = (
            "SELECT j.command FROM children c JOIN jobs j ON c.job = j.key WHERE c.pipeline_id = ? ORDER BY"
            " c.key LIMIT 1"
        )
        rows = self._rows(query, pipeline_id)
        return str(rows[0]["command"]) if rows else ""

    def messages(
        self, child_key: int, after: int, to: int, kinds: frozenset[int] | None = None
    ) -> Iterator[StoredMessage]:
        """A child's messages with ``after`` < number <= ``to``, read a page at a time."""
        while after < to:
            page = self._page(child_key, after, to)
            for row in page:
                number = row["key"] & ((1 << SEQUENCE_BITS) - 1)
                if kinds is None or row["kind"] in kinds:
                    yield StoredMessage(number, row["kind"], _moment(row["time"]), row["data"])
                after = number
            if len(page) < PAGE_MESSAGES:
                return

    def last_message(self, child_key: int, kinds: frozenset[int], after: int = 0) -> StoredMessage | None:
        """The newest message of some kinds with a number above ``after``: what is not there is looked for so far."""
        marks = ",".join("?" * len(kinds))
        rows = self._rows(
            f"SELECT * FROM messages WHERE key > ? AND key < ? AND kind IN ({marks}) ORDER BY key DESC LIMIT 1",  # noqa: S608
            child_key << SEQUENCE_BITS | after,
            (child_key + 1) << SEQUENCE_BITS,
            *kinds,
        )
        if not rows:
            return None
        row = rows[0]
        number = row["key"] & ((1 << SEQUENCE_BITS) - 1)
        return StoredMessage(number, row["kind"], _moment(row["time"]), row["data"])

    def _page(self, child_key: int, after: int, to: int) -> list[sqlite3.Row]:
        base = child_key << SEQUENCE_BITS
        return self._rows(
            "SELECT * FROM messages WHERE key > ? AND key <= ? ORDER BY key LIMIT ?",
            base | after,
            base | to,
            PAGE_MESSAGES,
        )

    def _rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        try:
            with self._read_lock:
                return self._reader.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise store_error(error, self.path) from error


def _stamp(moment: datetime.datetime | None) -> float | None:
    return moment.timestamp() if moment else None


def _moment(stamp: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(stamp, datetime.timezone.utc)


def _maybe_moment(stamp: float | None) -> datetime.datetime | None:
    return None if stamp is None else _moment(stamp)


def _session(row: sqlite3.Row) -> SessionRecord:
    facts = json.loads(row["connection"])
    option = PSSessionOption(**facts.pop("option"))
    return SessionRecord(
        row["pool_id"],
        row["id"],
        row["name"],
        ConnectionInfo(**facts, option=option),
        row["state"],
        bool(row["for_job"]),
        row["idle_timeout"],
        _maybe_moment(row["disconnected_on"]),
    )


def _job(row: sqlite3.Row) -> JobRecord:
    return JobRecord(
        row["instance_id"],
        row["id"],
        row["name"],
        row["type"],
        row["command"],
        bool(row["hide_computer_name"]),
        row["state"],
        _maybe_moment(row["began"]),
        _maybe_moment(row["ended"]),
        bool(row["stop_called"]),
        bool(row["drained"]),
        row["key"],
    )


def _child(row: sqlite3.Row) -> ChildRecord:
    failure = json.loads(row["failure"]) if row["failure"] else None
    return ChildRecord(
        row["instance_id"],
        row["id"],
        row["name"],
        row["location"],
        row["pool_id"],
        row["pipeline_id"],
        row["position"],
        row["state"],
        _maybe_moment(row["began"]),
        _maybe_moment(row["ended"]),
        Failure(**failure) if failure else None,
        row["read_to"],
        row["sequence"],
        row["last_data"],
        row["last_object"],
        row["partial"],
        json.loads(row["counts"]),
        row["key"],
        row["job"],
    )
