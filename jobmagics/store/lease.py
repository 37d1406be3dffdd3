"""Which kernel has which sessions and jobs: a lease for each manager, on the rows that it may act on.

Two kernels of one notebook must not steal each other's sessions, and a kernel must find those of one that is dead. On
one machine a lock on a file says which is which, at once and whatever the clock does. A ledger in a home directory
may be shared by several machines; there a number that the holder counts up says it: watched for ``LEASE_SECONDS`` by
the watcher's own steady clock, it either moves or its holder is dead.
"""

from __future__ import annotations

import contextlib
import logging
import os
import platform
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from jobmagics.errors import StoreError
from jobmagics.locks import HeldLock, is_locked
from jobmagics.remote import new_id
from jobmagics.store.ledger import Store

BEAT_SECONDS = 10.0
LEASE_SECONDS = 35.0
"""A holder on another machine whose number has not moved for so long is dead."""
LEASE_FOLDER = "leases"
NO_LOCKS = ""
"""In place of the machine, where its file system has no locks: then the number alone says who lives."""
log = logging.getLogger(__name__)


@dataclass
class Holder:
    """Another kernel of the same notebook. ``jobs``: how many it has."""

    id: str
    machine: str
    pid: int
    jobs: int
    beat: int
    seen: float = field(default_factory=time.monotonic)


class Lease:
    """Held from its making until ``release`` or the end of the process. Raises StoreError when it cannot be made."""

    def __init__(self, store: Store, owner: str) -> None:
        self.holder = new_id()
        self._store, self._owner = store, owner
        self._machine = platform.node()
        self._folder = _folder(store)
        self._over = threading.Event()
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._lock = HeldLock(self._folder / self.holder)
        except OSError as error:
            raise StoreError(f"The job ledger's folder {self._folder} cannot be written: {error.strerror}.") from error
        try:
            with store.writing():
                place = self._machine if self._lock.is_held else NO_LOCKS
                values = (self.holder, owner, place, os.getpid())
                store._writer.execute("INSERT INTO leases VALUES (?, ?, ?, ?, 0)", values)
        except BaseException:
            self._lock.release()
            raise

    def take_over(self) -> list[Holder]:
        """Makes this lease's all that dead kernels of the owner left; gives the holders that live, or may."""
        with self._store.writing():  # two kernels that start at once do not both get it
            others = self._others()
            dead = [each for each in others if self._is_dead(each)]
            for holder in dead:
                self.take_from(holder.id)
            sweep(self._store, self.holder)
        return [each for each in others if each not in dead]

    def take_from(self, holder: str) -> None:
        with self._store.writing():
            for table in ("jobs", "sessions"):
                query = f"UPDATE {table} SET holder = ? WHERE owner = ? AND holder = ?"  # noqa: S608
                self._store._writer.execute(query, (self.holder, self._owner, holder))
            if holder:
                _delete(self._store, holder)

    def watch(self, others: list[Holder], on_dead: Callable[[str], None]) -> None:
        """Counts up until ``release``, and calls ``on_dead`` for each of the others, on other machines, that does not.

        Called from a thread of its own, which goes on with this until the lease is released.
        """
        doubtful = {each.id: each for each in others if each.machine != self._machine}

        def work() -> None:
            while not self._over.wait(BEAT_SECONDS):
                with contextlib.suppress(StoreError):  # told by whoever has something to write
                    self._beat(doubtful, on_dead)

        threading.Thread(target=work, name="jobmagics-lease", daemon=True).start()

    def _beat(self, doubtful: dict[str, Holder], on_dead: Callable[[str], None]) -> None:
        with self._store.writing():
            self._store._writer.execute("UPDATE leases SET beat = beat + 1 WHERE holder = ?", (self.holder,))
        for now in self._others() if doubtful else []:
            known = doubtful.get(now.id)
            if known is None:
                continue
            if now.beat != known.beat:
                del doubtful[now.id]  # it lives
            elif time.monotonic() - known.seen > LEASE_SECONDS:
                del doubtful[now.id]
                on_dead(now.id)

    def release(self, seconds: float = 1.0) -> None:
        """The lock says it all on this machine, so the ledger is waited for no longer than so."""
        if self._over.is_set():
            return
        self._over.set()
        with contextlib.suppress(StoreError), self._store.hurrying(seconds) as is_ours:
            if is_ours:
                with self._store.writing():
                    self._store._writer.execute("DELETE FROM leases WHERE holder = ?", (self.holder,))
        self._lock.release()

    def _others(self) -> list[Holder]:
        """All other holders of the owner's jobs and sessions; a row that nobody holds has the holder ""."""
        held = "SELECT holder, 1 AS job FROM jobs WHERE owner = ?1 UNION ALL SELECT holder, 0 FROM sessions"
        query = (
            "SELECT h.holder AS id, SUM(h.job) AS jobs, l.machine, l.pid, l.beat"  # noqa: S608
            f" FROM ({held} WHERE owner = ?1) h LEFT JOIN leases l ON l.holder = h.holder"
            " WHERE h.holder <> ?2 GROUP BY h.holder"
        )
        return [
            Holder(row["id"], row["machine"] or "", row["pid"] or 0, row["jobs"], row["beat"] or 0)
            for row in self._store._rows(query, self._owner, self.holder)
        ]

    def _is_dead(self, holder: Holder) -> bool:
        if not holder.pid:  # it has released its lease, or never had one
            return True
        return holder.machine == self._machine and not is_locked(self._folder / holder.id)


def sweep(store: Store, own: str = "") -> None:
    """Takes the leases away that died with their kernels on this machine, whoever's they were."""
    query = "SELECT holder FROM leases WHERE machine = ? AND holder <> ?"
    for row in store._rows(query, platform.node(), own):
        if not is_locked(_folder(store) / row["holder"]):
            _delete(store, row["holder"])


def _folder(store: Store) -> Path:
    return store.path.parent / LEASE_FOLDER


def _delete(store: Store, holder: str) -> None:
    with store.writing():
        store._writer.execute("DELETE FROM leases WHERE holder = ?", (holder,))
    with contextlib.suppress(OSError):
        (_folder(store) / holder).unlink()
