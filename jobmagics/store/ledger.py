"""The ledger on disk: sessions, jobs, and every message as it came, in one SQLite file.

What is here counts as received; everything a person sees is a reading of it. The manager alone writes, in one
transaction for all that arrived meanwhile.

Scripts and output can be secret, so directory and file are the user's alone. No credential is ever here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from jobmagics.jobs import FINISHED
from jobmagics.store.messages import MessageLog
from jobmagics.store.records import (
    ChildRecord,
    JobRecord,
    Ledger,
    SessionRecord,
    child_of,
    connection_text,
    job_of,
    session_of,
    stamp_of,
)


class Store(MessageLog):
    """Open with ``Store.open``. Writes happen inside ``with store.writing():`` and are one transaction."""

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
        """A row that another kernel holds meanwhile is left to it, unless the session was just given to us: whoever
        its computer gives it to has it.
        """
        values = (
            record.pool_id,
            owner,
            record.id,
            record.name,
            connection_text(record.connection),
            record.state,
            record.for_job,
            record.idle_timeout,
            stamp_of(record.disconnected_on),
            record.holder,
            record.is_parked,
            record.state == "Opened",
        )
        with self.writing():
            self._writer.execute(
                "INSERT INTO sessions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO UPDATE SET"
                " owner = ?2, id = ?3, name = ?4, connection = ?5, state = ?6, for_job = ?7, idle_timeout = ?8,"
                " disconnected_on = ?9, holder = ?10, is_parked = ?11 WHERE holder = ?10 OR ?12",
                values,
            )

    def forget_session(self, record: SessionRecord) -> None:
        """Unless another kernel holds it meanwhile."""
        with self.writing():
            query = "DELETE FROM sessions WHERE pool_id = ? AND holder = ?"
            self._writer.execute(query, (record.pool_id, record.holder))

    def add_job(self, owner: str, job: JobRecord, children: Sequence[ChildRecord]) -> None:
        """Gives the records their keys."""
        with self.writing():
            cursor = self._writer.execute(
                "INSERT INTO jobs (owner, instance_id, id, name, type, command, hide_computer_name, state, began,"
                " ended, stop_called, drained, holder) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    owner,
                    job.instance_id,
                    job.id,
                    job.name,
                    job.type,
                    job.command,
                    job.hide_computer_name,
                    job.state,
                    stamp_of(job.began),
                    stamp_of(job.ended),
                    job.stop_called,
                    job.drained,
                    job.holder,
                ),
            )
            job.key = int(cursor.lastrowid or 0)
            for position, child in enumerate(children):
                child.job, child.position = job.key, position
                cursor = self._writer.execute(
                    "INSERT INTO children (job, position, instance_id, id, name, location, pool_id, pipeline_id, state,"
                    " is_unstored) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
                        child.is_unstored,
                    ),
                )
                child.key = int(cursor.lastrowid or 0)

    def save_job(self, job: JobRecord) -> None:
        """All but ``drained``, which readers set by ``save_read``."""
        with self.writing():
            self._writer.execute(
                "UPDATE jobs SET name = ?, state = ?, began = ?, ended = ?, stop_called = ? WHERE key = ?",
                (job.name, job.state, stamp_of(job.began), stamp_of(job.ended), job.stop_called, job.key),
            )

    def save_read_to(self, child: ChildRecord) -> None:
        with self.writing():
            self._writer.execute("UPDATE children SET read_to = ? WHERE key = ?", (child.read_to, child.key))

    def save_read(self, child: ChildRecord, job: JobRecord) -> None:
        """What a reader of a child moves: nothing else of the records, which the applier may be changing."""
        with self.writing():
            self.save_read_to(child)
            self._writer.execute("UPDATE jobs SET drained = ? WHERE key = ?", (job.drained, job.key))

    def hide_job(self, job: JobRecord) -> None:
        """Removed for the person; its messages stay readable to what still holds them until ``purge``."""
        with self.writing():
            self._writer.execute("UPDATE jobs SET removed = 1 WHERE key = ?", (job.key,))

    def removed_jobs(self, owner: str, holder: str | None = None) -> list[int]:
        """Keys of the jobs that a person removed and that are still there; with ``holder`` only that kernel's."""
        query = "SELECT key FROM jobs WHERE owner = ?1 AND (?2 IS NULL OR holder = ?2) AND removed"
        return [row["key"] for row in self._rows(query, owner, holder)]

    def purge(self, owner: str, jobs: Iterable[int] | None = None) -> None:
        """Deletes an owner's removed jobs with their messages, or these jobs."""
        for job in self.removed_jobs(owner) if jobs is None else jobs:
            self.delete_job(job)

    def delete_job(self, key: int) -> None:
        children = [row["key"] for row in self._rows("SELECT key FROM children WHERE job = ?", key)]
        for child in children:
            self.delete_log(child)
        with self.writing():
            self._writer.executemany("DELETE FROM cursors WHERE child = ?", [(child,) for child in children])
            self._writer.execute("DELETE FROM children WHERE job = ?", (key,))
            self._writer.execute("DELETE FROM jobs WHERE key = ?", (key,))

    def save_cursor(self, reader: str, child: int, read_to: int) -> None:
        """Where a reader stands in a child's log."""
        with self.writing():
            self._writer.execute("INSERT OR REPLACE INTO cursors VALUES (?, ?, ?)", (reader, child, read_to))

    # -- reading

    def cursor(self, reader: str, child: int) -> int:
        """The number of the last message that a reader has read, 0 if it is new."""
        rows = self._rows("SELECT read_to FROM cursors WHERE reader = ? AND child = ?", reader, child)
        return int(rows[0]["read_to"]) if rows else 0

    def load(self, owner: str, holder: str | None = None) -> Ledger:
        """All of an owner's sessions and jobs that were not removed, in the order of their ids; with ``holder`` only
        what that kernel holds.
        """
        mine = "owner = ?1 AND (?2 IS NULL OR holder = ?2)"
        sessions = self._rows(f"SELECT * FROM sessions WHERE {mine} ORDER BY id", owner, holder)  # noqa: S608
        jobs = self._rows(f"SELECT * FROM jobs WHERE {mine} AND NOT removed ORDER BY id", owner, holder)  # noqa: S608
        return self._with_children(list(map(session_of, sessions)), list(map(job_of, jobs)))

    def finished_jobs(self) -> Iterator[tuple[str, Ledger]]:
        """Every finished job that was not removed, whoever began it, the newest end first: its owner, and it alone."""
        states = ",".join(f"'{state}'" for state in FINISHED)
        query = f"SELECT * FROM jobs WHERE NOT removed AND state IN ({states}) ORDER BY ended DESC"  # noqa: S608
        for row in self._rows(query):
            yield row["owner"], self._with_children([], [job_of(row)])

    def _with_children(self, sessions: list[SessionRecord], jobs: list[JobRecord]) -> Ledger:
        children: list[ChildRecord] = []
        for job in jobs:
            rows = self._rows("SELECT * FROM children WHERE job = ? ORDER BY id", job.key)
            children += map(child_of, rows)
        return Ledger(sessions, jobs, sorted(children, key=lambda child: child.id))

    def owners(self) -> list[str]:
        return [row["owner"] for row in self._rows("SELECT DISTINCT owner FROM jobs UNION SELECT owner FROM sessions")]

    def holders(self) -> set[str]:
        """The kernels that hold a lease."""
        return {row["holder"] for row in self._rows("SELECT holder FROM leases")}

    def owner_of_session(self, pool_id: str) -> str | None:
        """Who has a session now, None if it is not in the ledger."""
        rows = self._rows("SELECT owner FROM sessions WHERE pool_id = ?", pool_id)
        return str(rows[0]["owner"]) if rows else None

    def origin_of(self, pipeline_id: str) -> tuple[str, str]:
        """Script and name of the job whose pipeline this is, if anyone of this ledger began it; else "" and ""."""
        rows = self._rows(
            "SELECT j.command, j.name FROM children c JOIN jobs j ON c.job = j.key WHERE c.pipeline_id = ?"
            " ORDER BY c.key LIMIT 1",
            pipeline_id,
        )
        return (rows[0]["command"], rows[0]["name"]) if rows else ("", "")
