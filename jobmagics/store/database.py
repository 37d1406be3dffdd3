"""The ledger's SQLite file as something to write to and read from: one writer, one reader, transactions that join.

With the write-ahead log neither waits for the other. The log is synced at checkpoints, not at each commit
(synchronous = NORMAL): the loss that this ledger is for is that of a process, and what a commit gave to the operating
system outlives every process. A power cut may take the last seconds before it, but leaves the file whole.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobmagics.store.file import (
    BUSY_SECONDS,
    connect,
    default_path,
    is_transient,
    make_private,
    migrate,
    move_aside,
    store_error,
    unwritable,
)
from jobmagics.store.salvage import salvage

if TYPE_CHECKING:
    from typing_extensions import Self


class Database:
    """Open with ``open``. Writes happen inside ``with database.writing():`` and are one transaction."""

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
    def open(cls, path: Path | str | None = None) -> Self:
        """The store at ``path`` (default: ``default_path()``), made if absent.

        A damaged file is moved aside, and what can be read of it is in a new one; ``notice`` says so. Raises StoreError
        when nothing can be written.
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
            new = cls(where)
            try:
                saved = salvage(aside, new._writer)
            except sqlite3.Error as failure:
                raise store_error(failure, where) from failure
            new.notice = f"The job ledger was damaged ({error}); {saved}, and it is kept as {aside}."
            return new

    @contextlib.contextmanager
    def hurrying(self, seconds: float) -> Iterator[bool]:
        """The writer to this thread alone, waiting for others no longer than so; False when it is not to be had."""
        if not self._write_lock.acquire(timeout=seconds):
            yield False
            return
        try:
            self._writer.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
            yield True
        finally:
            self._writer.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
            self._write_lock.release()

    def settle(self, seconds: float) -> None:
        """Moves what is in the log beside the file into it, as far as others let it: for a manager that ends while
        records may still be read.
        """
        with self.hurrying(seconds) as is_ours, contextlib.suppress(sqlite3.Error):
            if is_ours:
                self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        with self._write_lock, self._read_lock:
            self._writer.close()
            self._reader.close()

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

    def _rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        try:
            with self._read_lock:
                return self._reader.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise store_error(error, self.path) from error
