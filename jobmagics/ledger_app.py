"""``jupyter jobmagics jobs`` and ``jupyter jobmagics sessions``: what the ledger has, less of it, and out of it.

What a living kernel holds is shown, and left alone.
"""
# ruff: noqa: RUF012 - traitlets reads flags and subcommands from the class, as plain dictionaries

from __future__ import annotations

import base64
import contextlib
import datetime
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TextIO

from traitlets import Bool, CaselessStrEnum, Float, Unicode

from .command import Command, Group, print_table
from .errors import HostError, NotFound, UsageError
from .psobject import PSObject
from .store import ChildRecord, JobRecord, Ledger, SessionRecord, Store, compact, job_size, past_limits, size_of, sweep

FORMATS = ("jsonl", "clixml")
JSON_DEPTH = 16
"""How deep in an object JSON goes."""
DEFAULT_IDLE = 7200.0
"""Seconds a computer keeps a session that nobody holds, unless the session says otherwise."""


@contextlib.contextmanager
def open_ledger() -> Iterator[Store]:
    """What died with its kernel is nobody's from here on."""
    store = Store.open()
    try:
        if store.notice:
            print(store.notice, file=sys.stderr)
        sweep(store)
        yield store
    finally:
        store.close()


def notebook_of(owner: str) -> str:
    return owner.partition(":")[2] or owner


def owners_of(store: Store, notebook: str) -> list[str]:
    """All owners, or those that a notebook's path, or the end of it, means. Raises NotFound."""
    owners = store.owners()
    found = [owner for owner in owners if not notebook or notebook_of(owner).endswith(notebook)]
    if notebook and not found:
        known = ", ".join(map(notebook_of, owners)) or "none"
        raise NotFound(f"The ledger has no notebook {notebook!r}; it has: {known}.")
    return found


def _utc(moment: datetime.datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""


class _Ledger(Command):
    notebook = Unicode("", help="Only those of this notebook: its path, or the end of it.").tag(config=True)


# -- jobs ---------------------------------------------------------------------


class JobsListApp(_Ledger):
    """The jobs in this user's ledger, of all notebooks, as last written down."""

    description = Unicode(__doc__)
    aliases: dict[str, Any] = {"notebook": "JobsListApp.notebook"}

    def run(self) -> int:
        with open_ledger() as store:
            rows = [
                {
                    "Id": job.id,
                    "Name": job.name,
                    "State": job.state,
                    "Began": _utc(job.began),
                    "Records": sum(sum(child.counts.values()) for child in ledger.children if child.job == job.key),
                    "MB": f"{job_size(store, job.key) / 1e6:.1f}",
                    "Notebook": notebook_of(owner),
                }
                for owner in owners_of(store, self.notebook)
                for ledger in [store.load(owner)]
                for job in ledger.jobs
            ]
            print_table(rows, "No jobs.")
            if rows:
                print(f"The ledger {store.path} has {size_of(store) / 1e6:.1f} MB.")
        return 0


class JobsPruneApp(_Ledger):
    """Deletes finished jobs and what they gave from the ledger: old ones, or the oldest until it is small enough.

    Without a limit here, those of the settings count (JobMagics.keep_days and keep_megabytes).
    """

    description = Unicode(__doc__)
    older_than = Float(-1.0, help="Days since the job ended; 0: all finished ones.").tag(config=True)
    max_megabytes = Float(0.0, min=0.0, help="The oldest go until the ledger has no more than this.").tag(config=True)
    dry_run = Bool(False, help="Only say which.").tag(config=True)
    aliases: dict[str, Any] = {
        "older-than": "JobsPruneApp.older_than",
        "max-megabytes": "JobsPruneApp.max_megabytes",
        "notebook": "JobsPruneApp.notebook",
    }
    flags: dict[str, Any] = {"dry-run": ({"JobsPruneApp": {"dry_run": True}}, "Only say which.")}

    def run(self) -> int:
        from .settings import load_settings

        days, megabytes = self.older_than, self.max_megabytes
        if days < 0 and not megabytes:
            chosen = load_settings()
            days, megabytes = chosen.keep_days or -1.0, chosen.keep_megabytes
            if days < 0 and not megabytes:
                raise UsageError("Say what is to go: --older-than=DAYS or --max-megabytes=SIZE (0 days: all finished).")
        with open_ledger() as store:
            now = datetime.datetime.now(datetime.timezone.utc)
            limits = {"days": max(days, 0.0) or (1e-9 if days == 0 else 0.0), "megabytes": megabytes}
            owners = owners_of(store, self.notebook) if self.notebook else [None]
            keys = {key for owner in owners for key in past_limits(store, "", now, owner=owner, **limits)}
            rows = [
                {"Id": job.id, "Name": job.name, "State": job.state, "Ended": _utc(job.ended),
                 "Notebook": notebook_of(owner)}
                for owner in store.owners()
                for job in store.load(owner).jobs
                if job.key in keys
            ]  # fmt: skip
            print_table(rows, "No finished job is past the limits.")
            if keys and not self.dry_run:
                before = size_of(store)
                store.purge("", keys)
                shrunk = "" if compact(store) else "; the file shrinks when no kernel writes to it"
                print(f"{len(keys)} jobs deleted, {(before - size_of(store)) / 1e6:.1f} MB freed{shrunk}.")
        return 0


class JobsExportApp(_Ledger):
    """Writes what a job gave, from the first line: JSON lines of all streams, or its output objects as CLIXML.

    The job is named by its number, name or instance id: `jupyter jobmagics jobs export 3 --notebook=report.ipynb`.
    """

    description = Unicode(__doc__)
    format = CaselessStrEnum(FORMATS, FORMATS[0], help="jsonl: a line for each record; clixml: for Import-Clixml.").tag(
        config=True
    )
    output = Unicode("", help="The file to write, readable by you alone; none: standard output.").tag(config=True)
    aliases: dict[str, Any] = {
        "notebook": "JobsExportApp.notebook",
        "format": "JobsExportApp.format",
        "output": "JobsExportApp.output",
    }

    def run(self) -> int:
        if len(self.extra_args) != 1:
            raise UsageError("Name one job by its number, name or instance id; `jupyter jobmagics jobs list` lists.")
        with open_ledger() as store:
            job, children = self._find(store, self.extra_args[0])
            _warn_unstored(children)
            if not self.output:
                _export(store, children, self.format, sys.stdout)
                return 0
            try:
                with open(self.output, "w", encoding="utf-8", opener=_private) as file:
                    count = _export(store, children, self.format, file)
            except OSError as error:
                raise UsageError(f"{self.output} cannot be written ({error.strerror}).") from error
            print(f"Job {job.id} ({job.name}): {count} records in {self.output}.")
        return 0

    def _find(self, store: Store, key: str) -> tuple[JobRecord, list[ChildRecord]]:
        found: list[tuple[str, Ledger, JobRecord]] = []
        for owner in owners_of(store, self.notebook):
            ledger = store.load(owner)
            named = [job for job in ledger.jobs if key.lower() in {str(job.id), job.name.lower()}]
            exact = [job for job in ledger.jobs if key.upper().strip("{}") == job.instance_id.upper()]
            found += [(owner, ledger, job) for job in exact or named]
        if not found:
            raise NotFound(f"The ledger has no job {key!r}; `jupyter jobmagics jobs list` lists those there are.")
        if len(found) > 1:
            places = ", ".join(f"{job.instance_id} ({job.name} of {notebook_of(owner)})" for owner, _, job in found)
            raise UsageError(f"{len(found)} jobs are meant by {key!r}; name one by its instance id: {places}.")
        _owner, ledger, job = found[0]
        return job, [child for child in ledger.children if child.job == job.key]


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _warn_unstored(children: Iterable[ChildRecord]) -> None:
    if any(child.is_unstored for child in children):
        print("The job was started with -NoStore: what it gave is not in the ledger.", file=sys.stderr)


def _export(store: Store, children: list[ChildRecord], form: str, file: TextIO) -> int:
    from . import clixml
    from .results import Records, Span

    spans = [Span(child.key, 0, child.sequence, child.location, child.pool_id, child.instance_id) for child in children]
    records = Records(store, spans).stream()
    if form == "clixml":
        values = [record.value for record in records if record.stream == "output"]
        file.write(clixml.encode_objs(values))
        return len(values)
    count = 0
    for record in records:
        count += 1
        line = {
            "time": record.time.isoformat(),
            "computer": record.computer_name,
            "stream": record.stream,
            "value": as_json(record.value),
        }
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return count


def as_json(value: Any, depth: int = JSON_DEPTH) -> Any:
    """A value of PowerShell's in JSON's types: objects as their properties, what JSON has no type for as text, and so
    what is deeper than ``depth``: an object may hold itself.
    """
    if value is None or isinstance(value, bool | str):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return value if value - value == 0 else str(value)  # JSON has neither infinity nor NaN
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if depth and isinstance(value, Mapping):
        return {str(key): as_json(each, depth - 1) for key, each in value.items()}
    if depth and isinstance(value, list | tuple | set | frozenset):
        return [as_json(each, depth - 1) for each in value]
    if depth and isinstance(value, PSObject):
        facts = value.to_dict()
        return as_json(facts, depth) if facts else str(value)
    return str(value)


class JobsApp(Group):
    """Jobs in the ledger."""

    name = "jupyter-jobmagics-jobs"
    description = Unicode(__doc__)
    subcommands: dict[str, Any] = {
        "list": (JobsListApp, "List the jobs of all notebooks."),
        "prune": (JobsPruneApp, "Delete finished jobs: --older-than=DAYS, --max-megabytes=SIZE, --dry-run."),
        "export": (JobsExportApp, "Write what a job gave: JSON lines or CLIXML."),
    }


# -- sessions -----------------------------------------------------------------


def _on_host() -> dict[str, dict[str, Any]] | None:
    """The sessions on this machine's session host, by id; None when it runs and does not answer."""
    from .host.client import host_statuses

    try:
        return {shell["id"].upper(): shell for status in host_statuses() for shell in status.shells}
    except HostError:
        return None


def _state(record: SessionRecord, shells: dict[str, dict[str, Any]] | None, now: datetime.datetime) -> str:
    if record.connection.is_local and shells is not None:
        return str(shells[record.pool_id]["state"]) if record.pool_id in shells else "Gone"
    if record.state == "Disconnected" and record.disconnected_on is not None:
        idle = datetime.timedelta(seconds=record.idle_timeout or DEFAULT_IDLE)
        return "Gone" if record.disconnected_on + idle < now else record.state
    return record.state


def session_rows(store: Store) -> list[tuple[SessionRecord | None, dict[str, Any]]]:
    """What the ledger has, and what the session host has beside it."""
    now, shells = datetime.datetime.now(datetime.timezone.utc), _on_host()
    found: list[tuple[SessionRecord | None, dict[str, Any]]] = []
    for owner in store.owners():
        for record in store.load(owner).sessions:
            row = {"Id": record.pool_id, "Name": record.name, "Computer": record.connection.computer_name,
                   "State": _state(record, shells, now), "Notebook": notebook_of(owner)}  # fmt: skip
            found.append((record, row))
    known = {row["Id"] for _record, row in found}
    for key, shell in (shells or {}).items():
        if key not in known:
            row = {"Id": key, "Name": shell["name"], "Computer": "localhost", "State": shell["state"], "Notebook": ""}
            found.append((None, row))
    return found


class SessionsListApp(Command):
    """The sessions of all notebooks, as the ledger and this machine's session host have them."""

    description = Unicode(__doc__)

    def run(self) -> int:
        with open_ledger() as store:
            rows = [row for _record, row in session_rows(store)]
        print_table(rows, "No sessions: the ledger has none, nor has the session host of this machine.")
        return 0


class SessionsExportApp(Command):
    """The same as JSON lines, for programs."""

    description = Unicode(__doc__)

    def run(self) -> int:
        with open_ledger() as store:
            for _record, row in session_rows(store):
                print(json.dumps({name.lower(): value for name, value in row.items()}))
        return 0


class SessionsPruneApp(Command):
    """Takes sessions out of the ledger that are on their computers no more. Their jobs stay, with what they gave."""

    description = Unicode(__doc__)

    def run(self) -> int:
        with open_ledger() as store:
            living = store.holders()
            gone = [
                (record, row)
                for record, row in session_rows(store)
                if record is not None and row["State"] == "Gone" and record.holder not in living
            ]
            for record, _row in gone:
                store.forget_session(record)
        print_table([row for _record, row in gone], "All sessions of the ledger are, or may be, on their computers.")
        return 0


class SessionsApp(Group):
    """Sessions."""

    name = "jupyter-jobmagics-sessions"
    description = Unicode(__doc__)
    subcommands: dict[str, Any] = {
        "list": (SessionsListApp, "List the sessions of all notebooks."),
        "prune": (SessionsPruneApp, "Forget the sessions that are no longer there."),
        "export": (SessionsExportApp, "The list as JSON lines."),
    }
