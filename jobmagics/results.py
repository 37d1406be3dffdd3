"""What a person holds: jobs, sessions, and the records a job gave. All are readings of the ledger.

Nothing here decides or waits by itself; it asks the manager (``Control``), which is why this room is below ``sessions``.
Objects are decoded when they are looked at, not when they arrive.

Scalars come as Python's own values, so they carry no note properties; which computer one came from
is in ``records.all`` and in the frame. Objects have PSComputerName, RunspaceId and PSShowComputerName as PowerShell adds them.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, overload

from jobmagics import clixml, formatting
from jobmagics.entries import ChildEntry, JobEntry, SessionEntry
from jobmagics.fragments import STREAMS
from jobmagics.jobs import Failure, JobState
from jobmagics.messages import Progress, newest_line, progress
from jobmagics.psobject import PSObject
from jobmagics.store import Store, StoredMessage

if TYPE_CHECKING:
    import pandas

WIDTH = 120
"""Columns of the text a result prints as."""
SHOWN_RECORDS = 10_000
"""A display prints so many of the newest records; all of them are in the sequence."""

_PREFIXES = {"warning": "WARNING: ", "verbose": "VERBOSE: ", "debug": "DEBUG: "}
_OUT_OF_BAND = ["System.Management.Automation.InformationRecord", "System.Object"]
_STREAM_KINDS = frozenset(STREAMS)
_TEXT_STREAMS = frozenset({"warning", "verbose", "debug", "information"})


class Control(Protocol):
    """The part of the manager that these objects call."""

    store: Store

    def receive_job(self, jobs: Iterable[Job | ChildJob], *, keep: bool = False) -> Records: ...
    def wait(self, jobs: Iterable[Job | ChildJob], *, timeout: float | None = None) -> JobList: ...
    def stop(self, jobs: Iterable[Job | ChildJob]) -> None: ...
    def remove(self, jobs: Iterable[Job | ChildJob], *, force: bool = False) -> None: ...
    def disconnect(self, sessions: Iterable[PSSession], *, idle_timeout: float | None = None) -> SessionList: ...
    def connect(self, sessions: Iterable[PSSession]) -> SessionList: ...
    def remove_sessions(self, sessions: Iterable[PSSession]) -> None: ...
    def receive(
        self, session: PSSession, *, out_target: str | None = None, job_name: str | None = None
    ) -> Job | Records: ...
    @property
    def invoke(self) -> Callable[..., Job]: ...


# -- records -----------------------------------------------------------------


@dataclass(frozen=True)
class StreamRecord:
    """One record of one stream. ``stream``: output, error, warning, verbose, debug, information or progress."""

    stream: str
    value: Any
    computer_name: str
    time: datetime.datetime

    def shown(self) -> Any:
        """The value as the default formatter is to be fed with it, None if it prints nothing."""
        if self.stream == "progress":
            return None
        if self.stream in _TEXT_STREAMS:
            text = _PREFIXES.get(self.stream, "") + _text(self.value)
            return PSObject(type_names=_OUT_OF_BAND, to_string=text)
        return self.value


def _text(value: Any) -> str:
    """The text of a record of a text stream."""
    if isinstance(value, PSObject):
        data = value._find("MessageData")
        return _text(data[1]) if data else str(value)
    return "" if value is None else str(value)


@dataclass(frozen=True)
class Span:
    """A stretch of one child's log, from after one message to another, and how its objects are marked."""

    child_key: int
    after: int
    to: int
    computer_name: str
    pool_id: str
    instance_id: str
    hide_computer_name: bool = False

    def records(self, store: Store) -> Iterator[StreamRecord]:
        for message in store.messages(self.child_key, self.after, self.to, _STREAM_KINDS):
            yield self._record(message)

    def _record(self, message: StoredMessage) -> StreamRecord:
        stream = STREAMS[message.kind]
        value = clixml.decode(message.data)
        if isinstance(value, PSObject):
            self._mark(value, stream)
        return StreamRecord(stream, value, self.computer_name, message.time)

    def _mark(self, value: PSObject, stream: str) -> None:
        """The note properties that Invoke-Command adds; what the server sent under these names is replaced."""
        for name in ("PSComputerName", "RunspaceId"):
            value._adapted.pop(name, None)
        runspace = uuid.UUID(self.pool_id)
        notes = value._extended
        if stream == "output":
            notes["PSComputerName"] = self.computer_name
            notes["RunspaceId"] = runspace
            notes.setdefault("PSShowComputerName", not self.hide_computer_name)
        elif stream == "error":
            origin = {
                "PSComputerName": self.computer_name,
                "RunspaceID": runspace,
                "InstanceID": uuid.UUID(self.instance_id),
            }
            notes["OriginInfo"] = PSObject(
                origin, type_names=["System.Management.Automation.Remoting.OriginInfo"], to_string=self.computer_name
            )
            notes["PSComputerName"] = self.computer_name


def error_record(failure: Failure, computer_name: str) -> PSObject:
    """The ErrorRecord that receiving a failed child gives."""
    exception = PSObject(
        {"Message": failure.message},
        type_names=["System.Management.Automation.RemoteException", "System.Exception", "System.Object"],
        to_string=failure.message,
    )
    facts = {
        "Exception": exception,
        "TargetObject": None,
        "FullyQualifiedErrorId": failure.fqid,
        "InvocationInfo": None,
        "ErrorCategory_Message": f"{failure.category}: (:) [], RemoteException",
        "PSComputerName": computer_name,
    }
    names = ["System.Management.Automation.ErrorRecord", "System.Object"]
    return PSObject(facts, type_names=names, to_string=failure.message)


class Records(Sequence[Any]):
    """What a job gave. As a sequence: its output objects. ``all``: every stream, in order of arrival.

    Displayed, it is what PowerShell would print. Children follow each other as in Receive-Job, and the
    reasons of failed ones come last.
    """

    def __init__(self, store: Store, spans: Sequence[Span], failures: Sequence[StreamRecord] = ()) -> None:
        self._store, self._spans, self._failures = store, spans, failures
        self._loaded: list[StreamRecord] | None = None

    def stream(self) -> Iterator[StreamRecord]:
        """All records one after the other, without keeping them."""
        for span in self._spans:
            yield from span.records(self._store)
        yield from self._failures

    @property
    def all(self) -> list[StreamRecord]:
        if self._loaded is None:
            self._loaded = list(self.stream())
        return self._loaded

    def _of(self, stream: str) -> list[Any]:
        return [record.value for record in self.all if record.stream == stream]

    @property
    def output(self) -> list[Any]:
        return self._of("output")

    @property
    def errors(self) -> list[Any]:
        return self._of("error")

    @property
    def warnings(self) -> list[str]:
        return [_text(value) for value in self._of("warning")]

    @property
    def verbose(self) -> list[str]:
        return [_text(value) for value in self._of("verbose")]

    @property
    def debug(self) -> list[str]:
        return [_text(value) for value in self._of("debug")]

    @property
    def information(self) -> list[str]:
        return [_text(value) for value in self._of("information")]

    @property
    def progress(self) -> list[Any]:
        return self._of("progress")

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        return self.output[index]

    def __len__(self) -> int:
        return len(self.output)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.output)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Records):
            return self.output == other.output
        return self.output == other if isinstance(other, list) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def to_pandas(self) -> pandas.DataFrame:
        """One row for each output object, its properties as columns (``value`` for scalars), and PSComputerName."""
        import pandas

        rows = []
        for record in self.all:
            if record.stream != "output":
                continue
            value = record.value
            is_bag = isinstance(value, PSObject) and value._base is None
            row = value.to_dict() if is_bag else {"value": value._base if isinstance(value, PSObject) else value}
            for note in ("RunspaceId", "PSShowComputerName"):
                row.pop(note, None)
            rows.append({**row, "PSComputerName": record.computer_name})
        return pandas.DataFrame(rows)

    def _shown(self) -> tuple[list[Any], str]:
        shown = [value for record in self.all if (value := record.shown()) is not None]
        if len(shown) <= SHOWN_RECORDS:
            return shown, ""
        return shown[-SHOWN_RECORDS:], f"… {len(shown) - SHOWN_RECORDS} records before these are in the sequence\n"

    def __str__(self) -> str:
        shown, left_out = self._shown()
        return left_out + formatting.format_text(shown, WIDTH)

    def __repr__(self) -> str:
        return str(self).rstrip("\n")

    def _repr_html_(self) -> str:
        shown, left_out = self._shown()
        return (formatting.text_to_html(left_out) if left_out else "") + formatting.to_html(shown, WIDTH)


# -- jobs --------------------------------------------------------------------


class _JobBase:
    """What Job and ChildJob share."""

    _control: Control
    _entry: JobEntry | ChildEntry

    @property
    def id(self) -> int:
        return self._entry.record.id

    @property
    def instance_id(self) -> str:
        return self._entry.record.instance_id

    @property
    def name(self) -> str:
        return self._entry.record.name

    @property
    def state(self) -> JobState:
        """Compares and prints as PowerShell's word: ``str(job.state) == "Running"``."""
        return self._entry.core.state

    @property
    def begin_time(self) -> datetime.datetime | None:
        return self._entry.core.began

    @property
    def end_time(self) -> datetime.datetime | None:
        return self._entry.core.ended

    @property
    def has_more_data(self) -> bool:
        return self._entry.has_more_data

    @property
    def status_message(self) -> str:
        return ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _JobBase) and self._entry is other._entry

    def __hash__(self) -> int:
        return id(self._entry)

    def receive(self: Job | ChildJob, *, keep: bool = False) -> Records:  # type: ignore[misc]
        """What came since the last time. ``keep``: without taking it away."""
        return self._control.receive_job([self], keep=keep)

    def wait(self: Job | ChildJob, timeout: float | None = None) -> Job | ChildJob | None:  # type: ignore[misc]
        """Blocks until it is finished or disconnected; None when ``timeout`` seconds were not enough."""
        done = self._control.wait([self], timeout=timeout)
        return done[0] if done else None

    def stop(self: Job | ChildJob) -> None:  # type: ignore[misc]
        self._control.stop([self])

    def records(self) -> Records:
        """Everything from the first line, whatever was received before."""
        spans = [span(child, 0) for child in self._entries()]
        return Records(self._control.store, spans, failures(self._entries()))

    def follow(self) -> Follower:
        """For reading along while it runs, without taking anything away."""
        return Follower(self._control.store, self._entries())

    def to_pandas(self) -> pandas.DataFrame:
        return self.records().to_pandas()

    @property
    def output(self) -> list[Any]:
        return self.records().output

    @property
    def errors(self) -> list[Any]:
        return self.records().errors

    def _entries(self) -> list[ChildEntry]:
        return self._entry.children if isinstance(self._entry, JobEntry) else [self._entry]

    def __repr__(self) -> str:
        return repr(JobList([self]))  # type: ignore[list-item]

    def _repr_html_(self) -> str:
        return JobList([self])._repr_html_()  # type: ignore[list-item]


class Follower:
    """Reads a job along: each ``read`` gives what came since the one before, whatever others receive."""

    def __init__(self, store: Store, children: Sequence[ChildEntry]) -> None:
        self._store, self._children = store, children
        self._read_to = [0] * len(children)

    def read(self) -> list[StreamRecord]:
        """All streams, oldest first."""
        found: list[StreamRecord] = []
        for index, child in enumerate(self._children):
            to = child.record.sequence
            if to > self._read_to[index]:
                found += span(child, self._read_to[index], to).records(self._store)
                self._read_to[index] = to
        return sorted(found, key=lambda record: record.time)

    def failures(self) -> list[StreamRecord]:
        """One error for each child that has failed by now."""
        return failures(self._children)


class Job(_JobBase):
    """A job: one script on one or more computers, a child job for each."""

    _entry: JobEntry

    def __init__(self, control: Control, entry: JobEntry) -> None:
        self._control, self._entry = control, entry

    @property
    def type(self) -> str:
        return self._entry.record.type

    @property
    def location(self) -> str:
        return self._entry.location

    @property
    def command(self) -> str:
        return self._entry.record.command

    @property
    def children(self) -> list[ChildJob]:
        return [ChildJob(self._control, child) for child in self._entry.children]

    @property
    def reason(self) -> str:
        """Why its children failed, one line each."""
        return "\n".join(child.reason for child in self.children if child.reason)

    def remove(self, *, force: bool = False) -> None:
        self._control.remove([self], force=force)


class ChildJob(_JobBase):
    """The part of a job that runs on one computer."""

    _entry: ChildEntry
    type = ""

    def __init__(self, control: Control, entry: ChildEntry) -> None:
        self._control, self._entry = control, entry

    @property
    def location(self) -> str:
        return self._entry.record.location

    @property
    def command(self) -> str:
        return self._entry.job.record.command

    @property
    def parent(self) -> Job:
        return Job(self._control, self._entry.job)

    @property
    def session(self) -> PSSession:
        return PSSession(self._control, self._entry.session)

    @property
    def reason(self) -> str:
        failure = self._entry.core.failure
        return failure.message if failure else ""


def span(child: ChildEntry, after: int, to: int | None = None) -> Span:
    record = child.record
    return Span(
        record.key,
        after,
        record.sequence if to is None else to,
        record.location,
        record.pool_id,
        record.instance_id,
        child.job.record.hide_computer_name,
    )


def failures(children: Iterable[ChildEntry]) -> list[StreamRecord]:
    """One error for each failed child, which receiving gives every time (SEMANTICS §3)."""
    found = []
    for child in children:
        failure = child.core.failure
        if failure is not None and child.core.ended is not None:
            location = child.record.location
            found.append(StreamRecord("error", error_record(failure, location), location, child.core.ended))
    return found


# -- sessions ----------------------------------------------------------------


class PSSession:
    """A session on a computer: it keeps variables and functions from one script to the next."""

    transport = "WSMan"
    computer_type = "RemoteMachine"

    def __init__(self, control: Control, entry: SessionEntry) -> None:
        self._control, self._entry = control, entry

    @property
    def id(self) -> int:
        return self._entry.record.id

    @property
    def name(self) -> str:
        return self._entry.record.name

    @property
    def instance_id(self) -> str:
        return self._entry.record.pool_id

    @property
    def connection(self) -> Any:
        return self._entry.connection

    @property
    def computer_name(self) -> str:
        return self._entry.connection.computer_name

    @property
    def configuration_name(self) -> str:
        return self._entry.connection.configuration_name

    @property
    def state(self) -> str:
        return self._entry.state

    @property
    def availability(self) -> str:
        return self._entry.availability

    @property
    def idle_timeout(self) -> float | None:
        """Seconds; None is the computer's own default, 2 hours."""
        return self._entry.record.idle_timeout

    @property
    def disconnected_on(self) -> datetime.datetime | None:
        return self._entry.record.disconnected_on

    @property
    def expires_on(self) -> datetime.datetime | None:
        """When the computer gives it up, if it is disconnected and the idle time-out is known."""
        since, idle = self.disconnected_on, self.idle_timeout
        return since + datetime.timedelta(seconds=idle) if since and idle else None

    def disconnect(self, *, idle_timeout: float | None = None) -> PSSession:
        return self._control.disconnect([self], idle_timeout=idle_timeout)[0]

    def connect(self) -> PSSession:
        return self._control.connect([self])[0]

    def remove(self) -> None:
        self._control.remove_sessions([self])

    def invoke(self, script: str, **details: Any) -> Job:
        """A job in this session; details as in ``SessionManager.invoke``."""
        return self._control.invoke(script, sessions=[self], **details)

    def receive(self, *, out_target: str | None = None, job_name: str | None = None) -> Job | Records:
        return self._control.receive(self, out_target=out_target, job_name=job_name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PSSession) and self._entry is other._entry

    def __hash__(self) -> int:
        return id(self._entry)

    def __repr__(self) -> str:
        return repr(SessionList([self]))

    def _repr_html_(self) -> str:
        return SessionList([self])._repr_html_()


# -- lists that print as PowerShell's tables ---------------------------------


class JobList(list["Job | ChildJob"]):
    def _objects(self) -> list[PSObject]:
        names = ["System.Management.Automation.Job", "System.Object"]
        return [
            PSObject(
                {
                    "Id": job.id,
                    "Name": job.name,
                    "PSJobTypeName": job.type,
                    "State": str(job.state),
                    "HasMoreData": job.has_more_data,
                    "Location": job.location,
                    "Command": job.command,
                },
                type_names=names,
            )
            for job in self
        ]

    def __repr__(self) -> str:
        return formatting.format_text(self._objects(), WIDTH).strip("\n") if self else ""

    def _repr_html_(self) -> str:
        return formatting.to_html(self._objects(), WIDTH)


class SessionList(list[PSSession]):
    def _objects(self) -> list[PSObject]:
        names = ["System.Management.Automation.Runspaces.PSSession", "System.Object"]
        return [
            PSObject(
                {
                    "Id": session.id,
                    "Name": session.name,
                    "Transport": session.transport,
                    "ComputerName": session.computer_name,
                    "ComputerType": session.computer_type,
                    "State": session.state,
                    "ConfigurationName": session.configuration_name,
                    "Availability": session.availability,
                },
                type_names=names,
            )
            for session in self
        ]

    def __repr__(self) -> str:
        return formatting.format_text(self._objects(), WIDTH).strip("\n") if self else ""

    def _repr_html_(self) -> str:
        return formatting.to_html(self._objects(), WIDTH)


# -- rows for the live table -------------------------------------------------


@dataclass(frozen=True)
class JobRow:
    """One row of the live table, as of one moment. ``lines``: output objects so far; ``newest``: one line of text."""

    id: int
    parent_id: int | None
    name: str
    type: str
    state: str
    has_more_data: bool
    location: str
    command: str
    begin_time: datetime.datetime | None
    end_time: datetime.datetime | None
    progress: Progress | None
    lines: int
    errors: int
    warnings: int
    newest: str
    reason: str


@dataclass(frozen=True)
class Glance:
    """What of a child a row is made of, taken under the lock; decoding waits until it is let go."""

    row: JobRow
    newest: StoredMessage | None
    progress: StoredMessage | None


def glance(child: ChildEntry) -> Glance:
    record, core = child.record, child.core
    counts = record.counts
    row = JobRow(
        record.id,
        child.job.record.id,
        record.name,
        "",
        str(core.state),
        child.has_more_data,
        record.location,
        child.job.record.command,
        core.began,
        core.ended,
        None,
        counts.get("output", 0),
        counts.get("error", 0),
        counts.get("warning", 0),
        "",
        core.failure.message if core.failure else "",
    )
    return Glance(row, child.newest, child.progress)


def parent_row(job: JobEntry, children: Sequence[JobRow]) -> JobRow:
    """The parent's row over its children's: sums, the progress and newest line of the child that has them last."""
    record, core = job.record, job.core
    newest = next((row.newest for row in reversed(children) if row.newest), "")
    going = next((row.progress for row in children if row.progress), None) if len(children) == 1 else None
    return JobRow(
        record.id,
        None,
        record.name,
        record.type,
        str(core.state),
        job.has_more_data,
        job.location,
        record.command,
        core.began,
        core.ended,
        going,
        sum(row.lines for row in children),
        sum(row.errors for row in children),
        sum(row.warnings for row in children),
        newest,
        "; ".join(row.reason for row in children if row.reason),
    )


def newest_text(message: StoredMessage | None) -> str:
    return newest_line(message.kind, message.data) if message else ""


def newest_progress(message: StoredMessage | None) -> Progress | None:
    """The progress that still stands: a completed record takes its bar away."""
    latest = progress(message.data) if message else None
    return None if latest is None or latest.completed else latest
