"""The log of messages: what arrived, child by child, in order; and what a job asked to be kept out of it.

The output of an unstored child (-NoStore) is in this process's memory only and ends with it. What is on disk is how
much there was and a question that waits for its answer, so that whoever comes back goes on where it stood.
"""

from __future__ import annotations

import datetime
import functools
import json
from collections.abc import Iterable, Iterator
from typing import Any

from jobmagics.remote.fragments import STREAMS, Kind, Message, Rest
from jobmagics.remote.messages import ANSWERED_KINDS, host_call, wants_answer
from jobmagics.store.database import Database
from jobmagics.store.file import SEQUENCE_BITS
from jobmagics.store.records import ChildRecord, StoredMessage, child_of, failure_text, moment_of, stamp_of

PAGE_MESSAGES = 500
"""How many messages a reading takes from the file at a time."""
DELETED_AT_ONCE = 20_000
"""Messages deleted in one transaction, so that nobody waits long to write."""
_SEQUENCE = (1 << SEQUENCE_BITS) - 1


class MessageLog(Database):
    """The part of the store that deals with messages."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._unstored: dict[int, dict[int, StoredMessage]] = {}

    def save_child(self, child: ChildRecord) -> None:
        """All but ``read_to``, which readers move by ``save_read_to``."""
        with self.writing():
            self._writer.execute(
                "UPDATE children SET pool_id = ?, state = ?, began = ?, ended = ?, failure = ?, sequence = ?,"
                " last_data = ?, last_object = ?, counts = ? WHERE key = ?",
                (
                    child.pool_id,
                    child.state,
                    stamp_of(child.began),
                    stamp_of(child.ended),
                    failure_text(child),
                    child.sequence,
                    child.last_data,
                    child.last_object,
                    json.dumps(child.counts),
                    child.key,
                ),
            )

    def append(
        self,
        child: ChildRecord,
        messages: Iterable[Message],
        time: datetime.datetime,
        *,
        counts_information: bool = True,
    ) -> None:
        """Adds messages at the end of a child's log and counts them on the record, which the caller saves.
        ``counts_information``: information records are data that it has; a ThreadJob's HasMoreData leaves them out.
        """
        stamp = time.timestamp()
        rows: list[tuple[int, int, float, bytes]] = []
        for message in messages:
            child.sequence += 1
            stream = STREAMS.get(message.kind)
            if stream:
                if counts_information or message.kind != Kind.INFORMATION:
                    child.last_data = child.sequence
                child.counts[stream] = child.counts.get(stream, 0) + 1
            rows.append((child.key << SEQUENCE_BITS | child.sequence, message.kind, stamp, message.data))
        if child.is_unstored:  # kept by number: a transaction that is tried again adds nothing twice
            kept = self._unstored.setdefault(child.key, {})
            kept.update(
                {key & _SEQUENCE: StoredMessage(key & _SEQUENCE, kind, time, data) for key, kind, _stamp, data in rows}
            )
            rows = [row for row in rows if _is_question(row[1], row[3])]
        with self.writing():
            self._writer.executemany("INSERT INTO messages VALUES (?, ?, ?, ?)", rows)

    def adopt_log(self, child: ChildRecord) -> None:
        """Begins a child's log with all that another one of the same pipeline has: the server gave that away."""
        query = "SELECT * FROM children WHERE pipeline_id = ? AND key <> ? ORDER BY last_object DESC LIMIT 1"
        rows = self._rows(query, child.pipeline_id, child.key)
        if not rows:
            return
        known = child_of(rows[0])
        child.is_unstored = known.is_unstored
        child.sequence, child.last_data, child.counts = known.sequence, known.last_data, known.counts
        child.last_object = known.last_object
        with self.writing():
            query = "UPDATE children SET is_unstored = ? WHERE key = ?"
            self._writer.execute(query, (child.is_unstored, child.key))
            self._writer.execute(
                "INSERT INTO messages SELECT ? | (key & ?), kind, time, data FROM messages WHERE key > ? AND key <= ?",
                (
                    child.key << SEQUENCE_BITS,
                    _SEQUENCE,
                    known.key << SEQUENCE_BITS,
                    known.key << SEQUENCE_BITS | known.sequence,
                ),
            )
            self._writer.execute(
                "INSERT INTO unfinished (child, data) SELECT ?, data FROM unfinished WHERE child = ? ORDER BY key",
                (child.key, known.key),
            )
            self.save_child(child)

    def save_rest(self, child: ChildRecord, rest: Rest) -> None:
        """Keeps what is new of the message that is not whole yet, or forgets what was kept of the one before."""
        with self.writing():
            if not rest.continues:
                self._writer.execute("DELETE FROM unfinished WHERE child = ?", (child.key,))
            if rest.data and not child.is_unstored:
                self._writer.execute("INSERT INTO unfinished (child, data) VALUES (?, ?)", (child.key, rest.data))

    def unfinished(self, child_key: int) -> bytes:
        """All that is kept of the message that is not whole yet, as fragments."""
        rows = self._rows("SELECT data FROM unfinished WHERE child = ? ORDER BY key", child_key)
        return b"".join(row["data"] for row in rows)

    def messages(
        self, child_key: int, after: int, to: int, kinds: frozenset[int] | None = None
    ) -> Iterator[StoredMessage]:
        """A child's messages with ``after`` < number <= ``to``, read a page at a time."""
        kept = self._unstored.get(child_key)
        if kept is not None:
            numbers = [number for number in list(kept) if after < number <= to]
            yield from (kept[number] for number in numbers if kinds is None or kept[number].kind in kinds)
            return
        moment_at = functools.lru_cache(maxsize=1)(moment_of)  # what came together has one time
        while after < to:
            page = self._page(child_key, after, to)
            for key, kind, stamp, data in page:
                after = key & _SEQUENCE
                if kinds is None or kind in kinds:
                    yield StoredMessage(after, kind, moment_at(stamp), data)
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
        return StoredMessage(row["key"] & _SEQUENCE, row["kind"], moment_of(row["time"]), row["data"])

    def before_newest(self, child_key: int, to: int, kinds: frozenset[int], count: int) -> int:
        """The number behind which the last ``count`` messages of some kinds up to ``to`` are; 0 if there are fewer."""
        kept = self._unstored.get(child_key)
        if kept is not None:
            numbers = [number for number, each in list(kept.items()) if number <= to and each.kind in kinds]
            return numbers[-count] - 1 if len(numbers) >= count else 0
        base, marks = child_key << SEQUENCE_BITS, ",".join("?" * len(kinds))
        rows = self._rows(
            f"SELECT key FROM messages WHERE key > ? AND key <= ? AND kind IN ({marks})"  # noqa: S608
            " ORDER BY key DESC LIMIT 1 OFFSET ?",
            base,
            base | to,
            *kinds,
            count - 1,
        )
        return (rows[0]["key"] & _SEQUENCE) - 1 if rows else 0

    def count(self, child_key: int, after: int, to: int, kinds: frozenset[int]) -> int:
        """How many messages of some kinds have ``after`` < number <= ``to``."""
        kept = self._unstored.get(child_key)
        if kept is not None:
            return sum(after < number <= to and each.kind in kinds for number, each in list(kept.items()))
        base, marks = child_key << SEQUENCE_BITS, ",".join("?" * len(kinds))
        query = f"SELECT COUNT(*) FROM messages WHERE key > ? AND key <= ? AND kind IN ({marks})"  # noqa: S608
        return int(self._rows(query, base | after, base | to, *kinds)[0][0])

    def delete_log(self, child_key: int) -> None:
        """In several transactions, so that others can write in between."""
        self._unstored.pop(child_key, None)
        with self.writing():
            self._writer.execute("DELETE FROM unfinished WHERE child = ?", (child_key,))
        bounds = (child_key << SEQUENCE_BITS, (child_key + 1) << SEQUENCE_BITS)
        query = "DELETE FROM messages WHERE key IN (SELECT key FROM messages WHERE key >= ? AND key < ? LIMIT ?)"
        gone = DELETED_AT_ONCE
        while gone == DELETED_AT_ONCE:
            with self.writing():
                gone = self._writer.execute(query, (*bounds, DELETED_AT_ONCE)).rowcount

    def _page(self, child_key: int, after: int, to: int) -> list[Any]:
        base = child_key << SEQUENCE_BITS
        return self._rows(
            "SELECT key, kind, time, data FROM messages WHERE key > ? AND key <= ? ORDER BY key LIMIT ?",
            base | after,
            base | to,
            PAGE_MESSAGES,
        )


def _is_question(kind: int, data: bytes) -> bool:
    """What an engine waits to be answered: whoever comes back has to know it."""
    return kind in ANSWERED_KINDS and wants_answer(host_call(data))
