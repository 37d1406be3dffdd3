"""What can still be read of a damaged ledger, copied row by row into a new one.

SQLite refuses a page that is damaged, not the file: rows before and behind it are as they were. So each table is read
until it refuses, and then on from the next row that it gives.
"""

from __future__ import annotations

import contextlib
import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobmagics.store.file import SEQUENCE_BITS, SMALL_TABLES

BATCH = 1000
Row = tuple[Any, ...]
MAX_PAGE = 65536
LARGEST_FILL = 1 << 40
"""A head that says more than a terabyte is damaged itself."""
LAST_KEY = 2**63 - 1


@dataclass(frozen=True)
class Salvage:
    """How much was saved. ``lost``: messages that the jobs are known to have had, beside ``messages``."""

    jobs: int = 0
    messages: int = 0
    lost: int = 0

    def __str__(self) -> str:
        if not self.jobs:
            return "nothing of it could be read"
        jobs = f"{self.jobs} job{'' if self.jobs == 1 else 's'}"
        if not self.lost:
            return f"{jobs} with all of the {self.messages} records were saved from it"
        return f"{jobs} with {self.messages} of {self.messages + self.lost} records were saved from it"


def salvage(damaged: Path, into: sqlite3.Connection) -> Salvage:
    """Copies all that can be read. ``into``: a new ledger, of the newest version."""
    _fill_up(damaged)
    with contextlib.closing(sqlite3.connect(damaged, isolation_level=None)) as source:
        into.execute("BEGIN IMMEDIATE")
        try:
            for table in (*SMALL_TABLES, "unfinished", "messages"):
                with contextlib.suppress(sqlite3.DatabaseError):
                    _copy(source, into, table)
            _move_unfinished(into)
            into.execute("COMMIT")
        except BaseException:
            into.execute("ROLLBACK")
            raise
    return _counted(into)


def _fill_up(damaged: Path) -> None:
    """SQLite reads nothing of a file that is shorter than its head says: what was cut off becomes empty pages."""
    with open(damaged, "r+b") as file:
        head = file.read(32)
        page, pages = int.from_bytes(head[16:18], "big"), int.from_bytes(head[28:32], "big")
        whole = (page if page > 1 else MAX_PAGE) * pages
        if head.startswith(b"SQLite format 3\0") and file.seek(0, 2) < whole <= LARGEST_FILL:
            file.truncate(whole)


def _copy(source: sqlite3.Connection, into: sqlite3.Connection, table: str) -> None:
    """The damaged file may be of an older version: what it has no column for gets its default."""
    there = [row[1] for row in source.execute(f"PRAGMA table_info({table})")]
    columns = [row[1] for row in into.execute(f"PRAGMA table_info({table})") if row[1] in there]
    marks = ", ".join("?" * len(columns))
    insert = f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
    select = f"SELECT {', '.join(columns)} FROM {table}"  # noqa: S608
    if not columns:
        return
    rows = _by_key(source, select) if columns[0] == "key" else _both_ways(source, select, columns[0])
    batch: list[Row] = []
    for row in rows:
        if table == "messages" and not _is_whole(*row):
            continue
        batch.append(row)
        if len(batch) >= BATCH:
            into.executemany(insert, batch)
            batch.clear()
    into.executemany(insert, batch)


def _move_unfinished(into: sqlite3.Connection) -> None:
    """Up to version 2 it stood in the child's row."""
    into.execute("INSERT INTO unfinished (child, data) SELECT key, partial FROM children WHERE partial <> x''")
    into.execute("UPDATE children SET partial = x''")


def _is_whole(_key: object, kind: object, time: object, data: object) -> bool:
    """Where a page is damaged in part, SQLite gives rows with other bytes in them; a message is XML, or nothing."""
    if not (isinstance(kind, int) and isinstance(time, float) and isinstance(data, bytes)):
        return False
    try:
        if data:
            ET.XML(data)
    except ET.ParseError:
        return False
    return True


def _both_ways(source: sqlite3.Connection, select: str, column: str) -> Iterator[Row]:
    """From both ends to where the damage is; whole, a table comes once."""
    for direction in ("ASC", "DESC"):
        try:
            yield from source.execute(f"{select} ORDER BY {column} {direction}")
            return
        except sqlite3.DatabaseError:
            continue


def _by_key(source: sqlite3.Connection, select: str) -> Iterator[Row]:
    start = 0
    while True:
        try:
            for row in source.execute(f"{select} WHERE key >= ? ORDER BY key", (start,)):
                start = row[0] + 1
                yield row
            return
        except sqlite3.DatabaseError:  # perhaps one row early: Python looks ahead
            found = _beyond(source, select, start)
            if found is None:
                return
            start = found[0] + 1
            yield found


def _beyond(source: sqlite3.Connection, select: str, start: int) -> Row | None:
    """The first row from ``start`` on that can be read, None if there is none."""

    def probe(key: int) -> Row | None:
        found: Row | None = source.execute(f"{select} WHERE key >= ? ORDER BY key LIMIT 1", (key,)).fetchone()
        return found

    refused, step = start - 1, 1
    while refused + step < LAST_KEY:
        given = refused + step
        try:
            found = probe(given)
            break
        except sqlite3.DatabaseError:
            refused, step = given, step * 2
    else:
        return None
    while given - refused > 1:
        middle = (refused + given) // 2
        try:
            found, given = probe(middle), middle
        except sqlite3.DatabaseError:
            refused = middle
    return found


def _counted(into: sqlite3.Connection) -> Salvage:
    """A job without its children, and messages of a child that nobody knows, are as good as lost."""
    into.execute("DELETE FROM jobs WHERE key NOT IN (SELECT job FROM children)")
    jobs, had = into.execute(
        "SELECT COUNT(DISTINCT j.key), TOTAL(c.sequence) FROM jobs j JOIN children c ON c.job = j.key"
        " WHERE NOT j.removed AND NOT c.is_unstored"
    ).fetchone()
    messages = into.execute("SELECT COUNT(*) FROM messages").fetchone()[0]
    known = "SELECT 1 FROM children c WHERE c.key = messages.key >> ?"
    orphans = into.execute(
        f"SELECT COUNT(*) FROM messages WHERE NOT EXISTS ({known})",  # noqa: S608
        (SEQUENCE_BITS,),
    ).fetchone()[0]
    return Salvage(jobs, messages - orphans, max(0, int(had) - (messages - orphans)) + orphans)
