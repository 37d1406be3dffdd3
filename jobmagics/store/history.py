"""The cells that were run in the PowerShell kernel, for the front end's history: the up arrow in a console, its search.

A file of its own, private, because scripts may hold secrets; like IPython's it is of the user, over all notebooks. A
history that cannot be read or written is an empty one: no cell fails for it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from jobmagics.places import data_directory

FILE_NAME = "history.sqlite"
KEPT_CELLS = 10_000
LOCK_SECONDS = 1.0

_SETTINGS = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL")
"""No cell waits for the disk; when the power fails, the last ones are lost."""
_TABLES = (
    "CREATE TABLE IF NOT EXISTS sessions (id INTEGER PRIMARY KEY AUTOINCREMENT)",
    "CREATE TABLE IF NOT EXISTS cells (id INTEGER PRIMARY KEY AUTOINCREMENT, session INTEGER NOT NULL, "
    "line INTEGER NOT NULL, source TEXT NOT NULL)",
)

Cell = tuple[int, int, str]
"""Session, number within it (from 1) and text."""
T = TypeVar("T")
_log = logging.getLogger(__name__)


class History:
    """``session`` is the number of this kernel among all of the user's."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or data_directory() / FILE_NAME
        self._file: sqlite3.Connection | None = None
        self._broken = False
        self.session = 0

    def add(self, line: int, source: str) -> None:
        def work(file: sqlite3.Connection) -> None:
            with file:
                file.execute("INSERT INTO cells (session, line, source) VALUES (?, ?, ?)", (self.session, line, source))
                file.execute("DELETE FROM cells WHERE id <= (SELECT MAX(id) FROM cells) - ?", (KEPT_CELLS,))

        self._do(work, None)

    def tail(self, count: int) -> list[Cell]:
        """The newest, oldest of them first."""
        return self._newest("", (), count)

    def search(self, pattern: str, count: int | None = None, *, unique: bool = False) -> list[Cell]:
        """Those that match: ``*`` and ``?`` stand for any characters. ``unique``: of equal ones only the newest."""
        where = "WHERE source GLOB ?"
        if unique:
            where += " AND id IN (SELECT MAX(id) FROM cells GROUP BY source)"
        return self._newest(where, (pattern,), KEPT_CELLS if count is None else count)

    def range(self, session: int, start: int, stop: int | None) -> list[Cell]:
        """Of one session (0: this one, -1: the one before), from ``start`` up to but not including ``stop``."""

        def work(file: sqlite3.Connection) -> list[Cell]:
            wanted = session if session > 0 else self.session + session
            last = 2**31 if stop is None else stop
            sql = "SELECT session, line, source FROM cells WHERE session = ? AND line >= ? AND line < ? ORDER BY id"
            return file.execute(sql, (wanted, start, last)).fetchall()

        return self._do(work, [])

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _newest(self, where: str, values: tuple[str, ...], count: int) -> list[Cell]:
        def work(file: sqlite3.Connection) -> list[Cell]:
            sql = f"SELECT session, line, source FROM cells {where} ORDER BY id DESC LIMIT ?"  # noqa: S608
            return file.execute(sql, (*values, count)).fetchall()[::-1]

        return self._do(work, [])

    def _do(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        if self._broken:
            return otherwise
        try:
            if self._file is None:
                self._file = self._opened()
            return work(self._file)
        except (sqlite3.Error, OSError) as error:
            _log.warning("the history of cells in %s is left alone: %s", self._path, error)
            self._broken = not isinstance(error, sqlite3.OperationalError)  # locked or full: perhaps not for ever
            return otherwise

    def _opened(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):  # one that is there is not opened: that would free SQLite's locks
            os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        file = sqlite3.connect(self._path, timeout=LOCK_SECONDS, check_same_thread=False)
        for setting in _SETTINGS:
            file.execute(setting)
        with file:
            for table in _TABLES:
                file.execute(table)
            self.session = file.execute("INSERT INTO sessions DEFAULT VALUES").lastrowid or 0
        return file
