"""How much the ledger keeps: which finished jobs are past a limit of age or size, and giving the space back."""

from __future__ import annotations

import contextlib
import datetime
import sqlite3

from jobmagics.jobs import FINISHED
from jobmagics.store.file import SEQUENCE_BITS
from jobmagics.store.ledger import Store

_FINISHED = ",".join(f"'{state}'" for state in FINISHED)


def past_limits(
    store: Store,
    holder: str,
    now: datetime.datetime,
    *,
    days: float = 0,
    megabytes: float = 0,
    owner: str | None = None,
) -> list[int]:
    """Keys of the finished jobs that ended more than ``days`` ago, and of the oldest beyond so many ``megabytes``; 0:
    no limit. Only those of ``holder`` and of kernels that are gone: a living one may be showing its own.
    """
    chosen = []
    oldest_first = store._rows(
        "SELECT key, ended FROM jobs WHERE NOT removed AND ended IS NOT NULL"  # noqa: S608
        f" AND state IN ({_FINISHED}) AND (?2 IS NULL OR owner = ?2)"
        " AND (holder = ?1 OR holder NOT IN (SELECT holder FROM leases)) ORDER BY ended",
        holder,
        owner,
    )
    limit = (now - datetime.timedelta(days=days)).timestamp() if days else None
    excess = size_of(store) - megabytes * 1e6 if megabytes else 0.0
    for row in oldest_first:
        is_old = limit is not None and row["ended"] < limit
        if not is_old and excess <= 0:
            break
        chosen.append(row["key"])
        excess -= job_size(store, row["key"]) if megabytes else 0.0
    return chosen


def size_of(store: Store) -> int:
    """Bytes in use. What was deleted is used again before the file grows."""
    pages, free, size = (store._rows(f"PRAGMA {name}")[0][0] for name in ("page_count", "freelist_count", "page_size"))
    return int((pages - free) * size)


def job_size(store: Store, key: int) -> int:
    """Bytes of a job's messages."""
    size = 0
    for row in store._rows("SELECT key FROM children WHERE job = ?", key):
        bounds = (row["key"] << SEQUENCE_BITS, (row["key"] + 1) << SEQUENCE_BITS)
        query = "SELECT TOTAL(LENGTH(data) + 20) FROM messages WHERE key >= ? AND key < ?"
        size += int(store._rows(query, *bounds)[0][0])
    return size


def compact(store: Store) -> bool:
    """Gives unused space back to the disk; False when another kernel writes just now."""
    with store.hurrying(5.0) as is_ours, contextlib.suppress(sqlite3.Error):
        if is_ours:
            store._writer.execute("VACUUM")
            store._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return True
    return False
