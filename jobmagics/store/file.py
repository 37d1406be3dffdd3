"""The ledger's file: where it is, that it is private, of what version, and what to do when it is damaged."""

from __future__ import annotations

import contextlib
import datetime
import errno
import os
import sqlite3
import time
from pathlib import Path

from jobmagics.errors import StoreError
from jobmagics.places import DATA_DIR_VARIABLE, data_directory

FILE_NAME = "jobs.sqlite"
SUSPECT_SUFFIX = ".suspect"
BUSY_PAUSE = 0.02
BUSY_SECONDS = 5.0
"""How long a write waits for another kernel's write."""

MIGRATIONS = (
    """
    CREATE TABLE counters (owner TEXT, name TEXT, value INTEGER, PRIMARY KEY (owner, name)) WITHOUT ROWID;
    CREATE TABLE sessions (
        pool_id TEXT PRIMARY KEY, owner TEXT NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, connection TEXT NOT
        NULL, state TEXT NOT NULL, for_job INTEGER NOT NULL, idle_timeout REAL, disconnected_on REAL ) WITHOUT ROWID;
        CREATE INDEX sessions_owner ON sessions (owner); CREATE TABLE jobs ( key INTEGER PRIMARY KEY, owner TEXT NOT
        NULL, instance_id TEXT NOT NULL UNIQUE, id INTEGER NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, command
        TEXT NOT NULL, hide_computer_name INTEGER NOT NULL, state TEXT NOT NULL, began REAL, ended REAL, stop_called
        INTEGER NOT NULL, drained INTEGER NOT NULL, removed INTEGER NOT NULL DEFAULT 0 ); CREATE INDEX jobs_owner ON
        jobs (owner); CREATE TABLE children ( key INTEGER PRIMARY KEY, job INTEGER NOT NULL REFERENCES jobs (key),
        position INTEGER NOT NULL, instance_id TEXT NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, location TEXT
        NOT NULL, pool_id TEXT NOT NULL, pipeline_id TEXT NOT NULL, state TEXT NOT NULL, began REAL, ended REAL,
        failure TEXT, read_to INTEGER NOT NULL DEFAULT 0, sequence INTEGER NOT NULL DEFAULT 0, last_data INTEGER NOT
        NULL DEFAULT 0, last_object INTEGER NOT NULL DEFAULT 0, partial BLOB NOT NULL DEFAULT x'', counts TEXT NOT
        NULL DEFAULT '{}' ); CREATE INDEX children_job ON children (job); CREATE TABLE messages (key INTEGER PRIMARY
        KEY, kind INTEGER NOT NULL, time REAL NOT NULL, data BLOB NOT NULL);
    """,
    """
    ALTER TABLE sessions ADD COLUMN holder TEXT NOT NULL DEFAULT '';
    ALTER TABLE sessions ADD COLUMN is_parked INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE jobs ADD COLUMN holder TEXT NOT NULL DEFAULT '';
    ALTER TABLE children ADD COLUMN is_unstored INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX children_pipeline ON children (pipeline_id);
    CREATE TABLE leases (
        holder TEXT PRIMARY KEY, owner TEXT NOT NULL, machine TEXT NOT NULL, pid INTEGER NOT NULL,
        beat INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
    CREATE TABLE cursors (
        reader TEXT NOT NULL, child INTEGER NOT NULL, read_to INTEGER NOT NULL, PRIMARY KEY (reader, child)
        ) WITHOUT ROWID;
    """,
    # a message that comes in a thousand pieces was written anew with each; the column stays, for old SQLite drops none
    """
    CREATE TABLE unfinished (key INTEGER PRIMARY KEY, child INTEGER NOT NULL, data BLOB NOT NULL);
    CREATE INDEX unfinished_child ON unfinished (child);
    INSERT INTO unfinished (child, data) SELECT key, partial FROM children WHERE partial <> x'';
    UPDATE children SET partial = x'';
    """,
)
"""Each brings the file from the version of its index to the next. Never edited, only added to."""


SEQUENCE_BITS = 32
"""A message's key is its child's key and its number: one integer, so the table is its own index."""
SMALL_TABLES = ("counters", "sessions", "jobs", "children", "leases", "cursors")
"""All but the messages: read through at each opening."""


def default_path() -> Path:
    return data_directory() / FILE_NAME


def make_private(path: Path) -> None:
    """Makes the file if there is none. One that is there is not opened: closing it again would let go of all locks that
    this process has on it through SQLite, and the next process to leave would take the log away from under it.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    if not path.is_file():
        raise IsADirectoryError(errno.EISDIR, "it is no file", str(path))
    if not os.access(path, os.R_OK | os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    if os.name == "posix" and path.stat().st_mode & 0o077:
        path.chmod(0o600)  # SQLite gives the log beside it the same mode


def connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    try:
        _use_write_ahead_log(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA secure_delete = ON")  # what a person removed may have been secret
    except BaseException:
        connection.close()
        raise
    return connection


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Turning it on asks for the file alone and does not wait for it as other statements do, so the waiting is here."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(BUSY_PAUSE)


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Raises sqlite3.DatabaseError if the file is damaged where it can be told at once."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise StoreError(
            f"The job ledger {path} is of version {version}, made by a newer jobmagics; this one reads up to"
            f" {len(MIGRATIONS)}. Update jobmagics, or name another directory in {DATA_DIR_VARIABLE}."
        )
    for number in range(version, len(MIGRATIONS)):
        _migrate_from(connection, number)
    for table in SMALL_TABLES:
        connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608
    for end in ("min", "max"):  # one at a time: asked for both, SQLite would read the whole table
        connection.execute(f"SELECT {end}(key) FROM messages").fetchone()  # noqa: S608
    _look_through(connection, path)


def _look_through(connection: sqlite3.Connection, path: Path) -> None:
    """All of a file in which an earlier kernel met damage. Not of every file: a large one takes seconds."""
    mark = _suspect_mark(path)
    if not mark.exists():
        return
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    mark.unlink(missing_ok=True)
    if found != "ok":
        raise sqlite3.DatabaseError("database disk image is malformed")


def _suspect_mark(path: Path) -> Path:
    return path.with_name(path.name + SUSPECT_SUFFIX)


def _migrate_from(connection: sqlite3.Connection, version: int) -> None:
    """One step, in one transaction, unless another kernel took it meanwhile."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if connection.execute("PRAGMA user_version").fetchone()[0] == version:
            for statement in MIGRATIONS[version].split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {version + 1}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def check_file(path: Path) -> str:
    """What there is to say of the file, without touching it. Raises StoreError if a kernel could not use it."""
    if not path.exists():
        place = next(parent for parent in path.parents if parent.exists())
        if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
            raise unwritable(path, f"{place} is not writable")
        return "will be made by the first job"
    if not os.access(path, os.R_OK | os.W_OK) or not os.access(path.parent, os.W_OK):
        raise unwritable(path, "permission denied")
    try:
        with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise StoreError(f"The job ledger {path} is damaged ({found}); the next kernel moves it aside and begins anew.")
    return f"is sound ({path.stat().st_size / 1e6:.1f} MB)"


def unwritable(path: Path, why: str) -> StoreError:
    return StoreError(
        f"The job ledger {path} cannot be written ({why}); free or permit its directory, or name another in"
        f" {DATA_DIR_VARIABLE}."
    )


def move_aside(path: Path) -> Path:
    _suspect_mark(path).unlink(missing_ok=True)
    stamp = datetime.datetime.now().strftime("%Y%m%d-%H%M%S-%f")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    path.rename(aside)
    return aside


def is_transient(error: sqlite3.DatabaseError) -> bool:
    """Locked, full, read-only: the file itself is sound."""
    return isinstance(error, sqlite3.OperationalError) and "no such" not in str(error)


def store_error(error: sqlite3.Error, path: Path) -> StoreError:
    text = str(error)
    if "locked" in text or "busy" in text:
        advice = "another process holds it; wait or end that process, then try again"
    elif "full" in text:
        advice = "its disk is full; free some space, and receiving goes on by itself"
    elif "readonly" in text or "unable to open" in text:
        advice = f"its directory cannot be written; permit it, or name another in {DATA_DIR_VARIABLE}"
    else:
        advice = "restart the kernel, and a damaged file is moved aside"
        with contextlib.suppress(OSError):
            _suspect_mark(path).touch(mode=0o600)
    return StoreError(f"The job ledger {path} failed ({text}): {advice}.")
