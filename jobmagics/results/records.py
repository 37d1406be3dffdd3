"""What a job gave: records of all streams, read from the ledger when they are looked at.

Scalars come as Python's own values, so they carry no note properties; which computer one came from
is in ``records.all`` and in the frame. Objects have PSComputerName, RunspaceId and PSShowComputerName as
PowerShell adds them.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import gc
import heapq
import itertools
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from jobmagics import clixml, formatting
from jobmagics.jobs import IN_PROCESS, Failure
from jobmagics.psobject import PSObject
from jobmagics.remote.fragments import STREAMS
from jobmagics.results.entries import ChildEntry
from jobmagics.results.errors import ErrorRecord, error_record
from jobmagics.results.values import RemoteObject, held
from jobmagics.store import Store, StoredMessage

if TYPE_CHECKING:
    import pandas

WIDTH = 120
"""Columns of the text a result prints as."""
DECODED_AT_ONCE = 200
"""One parse for so many messages costs half of one parse for each."""
SHOWN_RECORDS = 10_000
"""A display prints so many of the newest records; all of them are in the sequence."""

_PREFIXES = {"warning": "WARNING: ", "verbose": "VERBOSE: ", "debug": "DEBUG: "}
_OUT_OF_BAND = ["System.Management.Automation.InformationRecord", "System.Object"]
_STREAM_KINDS = frozenset(STREAMS)
_TEXT_STREAMS = frozenset({"warning", "verbose", "debug", "information"})


class StreamRecord(NamedTuple):
    """One record of one stream. ``stream``: output, error, warning, verbose, debug, information or progress.

    ``raw`` is what came, with all that PowerShell keeps beside a value.
    """

    stream: str
    raw: Any
    computer_name: str
    time: datetime.datetime

    @property
    def value(self) -> Any:
        """Python's own value where Python has the type, else an object with attributes."""
        return held(self.raw)

    def shown(self) -> Any:
        """The value as the default formatter is to be fed with it, None if it prints nothing."""
        if self.stream == "progress":
            return None
        if self.stream in _TEXT_STREAMS:
            text = _PREFIXES.get(self.stream, "") + _text(self.raw)
            return PSObject(type_names=_OUT_OF_BAND, to_string=text)
        return self.raw


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
    is_remote: bool = True
    """Whether it came from another process, as PowerShell has it; what did not is not marked."""

    def records(self, store: Store) -> Iterator[StreamRecord]:
        arrived = store.messages(self.child_key, self.after, self.to, _STREAM_KINDS)
        while batch := list(itertools.islice(arrived, DECODED_AT_ONCE)):
            values = clixml.decode_many([message.data.decode(errors="replace") for message in batch])
            yield from map(self._record, batch, values)

    def newest(self, store: Store, count: int) -> Span:
        """The end of it that has so many records, or all of it."""
        return replace(self, after=max(self.after, store.before_newest(self.child_key, self.to, _STREAM_KINDS, count)))

    def count(self, store: Store) -> int:
        return store.count(self.child_key, self.after, self.to, _STREAM_KINDS)

    def _record(self, message: StoredMessage, value: Any) -> StreamRecord:
        stream = STREAMS[message.kind]
        if isinstance(value, PSObject):
            if self.is_remote:
                self.mark(value, stream)
            value = ErrorRecord.of(value) if stream == "error" else value
        return StreamRecord(stream, value, self.computer_name, message.time)

    @functools.cached_property
    def _runspace(self) -> uuid.UUID:
        return uuid.UUID(self.pool_id)

    def mark(self, value: PSObject, stream: str) -> None:
        """The note properties that Invoke-Command adds; what the server sent under these names is replaced."""
        for name in ("PSComputerName", "RunspaceId"):
            value._adapted.pop(name, None)
        notes = value._extended
        if stream == "output":
            notes["PSComputerName"] = self.computer_name
            notes["RunspaceId"] = self._runspace
            notes.setdefault("PSShowComputerName", not self.hide_computer_name)
        elif stream == "error":
            origin = {
                "PSComputerName": self.computer_name,
                "RunspaceID": self._runspace,
                "InstanceID": uuid.UUID(self.instance_id),
            }
            notes["OriginInfo"] = PSObject(
                origin, type_names=["System.Management.Automation.Remoting.OriginInfo"], to_string=self.computer_name
            )
            notes["PSComputerName"] = self.computer_name


@contextlib.contextmanager
def _not_collecting() -> Iterator[None]:
    """What is decoded is kept and has no cycles: the garbage collector, which would walk all of it again and again as
    it grows, took nearly half of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Records(Sequence[Any]):
    """What a job gave. As a sequence: its output objects. ``all``: every stream, in order of arrival.

    Displayed, it is what PowerShell would print. Children follow each other as in Receive-Job, and the
    reasons of failed ones come last. ``before`` and ``failures`` are what is not in the ledger: the jobs themselves
    (-WriteJobInResults), the reasons and what happened to the jobs (-WriteEvents).

        >>> job = jobmagics.start("[pscustomobject]@{ Name = 'a'; Size = 1.5d }; [datetime]::UnixEpoch; [guid]::Empty")
        >>> records = job.wait().receive()
        >>> records[0].name, records[0]["SIZE"], records[0].PSComputerName
        ('a', Decimal('1.5'), 'localhost')
        >>> records[1].isoformat(), records[2]
        ('1970-01-01T00:00:00+00:00', UUID('00000000-0000-0000-0000-000000000000'))
        >>> records[0].to_dict()["Name"], len(records)
        ('a', 3)
        >>> job.remove()
    """

    def __init__(
        self,
        store: Store,
        spans: Sequence[Span],
        failures: Sequence[StreamRecord] = (),
        before: Sequence[StreamRecord] = (),
    ) -> None:
        self._store, self._spans, self._failures, self._before = store, spans, failures, before
        self._loaded: list[StreamRecord] | None = None

    def stream(self) -> Iterator[StreamRecord]:
        """All records one after the other, without keeping them."""
        yield from self._before
        for span in self._spans:
            yield from span.records(self._store)
        yield from self._failures

    @property
    def all(self) -> list[StreamRecord]:
        """Every record of every stream, oldest first, those of one child after the other."""
        if self._loaded is None:
            with _not_collecting():
                self._loaded = list(self.stream())
        return self._loaded

    def _of(self, stream: str) -> list[Any]:
        records = self.all
        with _not_collecting():
            return [record.value for record in records if record.stream == stream]

    @functools.cached_property
    def _output(self) -> list[Any]:
        return self._of("output")

    @property
    def output(self) -> list[Any]:
        """The output objects."""
        return self._output.copy()

    @property
    def errors(self) -> list[ErrorRecord]:
        """The error records."""
        return self._of("error")

    @property
    def warnings(self) -> list[str]:
        """Texts of warnings."""
        return [_text(value) for value in self._of("warning")]

    @property
    def verbose(self) -> list[str]:
        """Texts of the verbose stream."""
        return [_text(value) for value in self._of("verbose")]

    @property
    def debug(self) -> list[str]:
        """Texts of the debug stream."""
        return [_text(value) for value in self._of("debug")]

    @property
    def information(self) -> list[str]:
        """Texts of the information stream, Write-Host's too."""
        return [_text(value) for value in self._of("information")]

    @property
    def progress(self) -> list[Any]:
        """Progress records."""
        return self._of("progress")

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        return self._output[index]

    def __len__(self) -> int:
        return len(self._output)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._output)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Records):
            return self._output == other._output
        return self._output == other if isinstance(other, list) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def to_pandas(self) -> pandas.DataFrame:
        """One row for each output object, its properties as columns (``value`` for scalars), and PSComputerName."""
        import pandas

        rows = []
        for record in self.all:
            if record.stream != "output":
                continue
            value = record.value
            row = value.to_dict() if isinstance(value, RemoteObject) else {"value": value}
            for note in ("RunspaceId", "PSShowComputerName"):
                row.pop(note, None)
            rows.append({**row, "PSComputerName": record.computer_name})
        return pandas.DataFrame(rows)

    def newest(self, count: int) -> Records:
        """The last ``count`` records that came, whatever the number of those before them: only these are read.

        >>> job = jobmagics.start("1..1000").wait()
        >>> list(job.records().newest(3))
        [998, 999, 1000]
        >>> job.remove()
        """
        spans: list[Span] = []
        for span in reversed(self._spans):
            if count <= 0:
                break
            spans.insert(0, span.newest(self._store, count))
            count -= spans[0].count(self._store)
        return Records(self._store, spans, self._failures, self._before)

    def _shown(self) -> tuple[list[Any], str]:
        newest = self.newest(SHOWN_RECORDS)
        shown = [value for record in newest.stream() if (value := record.shown()) is not None]
        left_out = sum(span.count(self._store) for span in self._spans)
        left_out -= sum(span.count(self._store) for span in newest._spans)
        return shown, f"… {left_out} records before these are in the sequence\n" if left_out else ""

    def __str__(self) -> str:
        shown, left_out = self._shown()
        return left_out + formatting.format_text(shown, WIDTH)

    def __repr__(self) -> str:
        return str(self).rstrip("\n")

    def _repr_html_(self) -> str:
        shown, left_out = self._shown()
        return (formatting.text_to_html(left_out) if left_out else "") + formatting.to_html(shown, WIDTH)


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
        child.job.core.type not in IN_PROCESS,
    )


def failures(children: Iterable[ChildEntry]) -> list[StreamRecord]:
    """One error for each failed child, which receiving gives every time (SEMANTICS §3)."""
    found = []
    for child in children:
        failure = child.core.failure
        if failure is not None and child.core.ended is not None:
            location = child.record.location
            if child.job.core.type in IN_PROCESS:
                failure = Failure(failure.message, "JobStateFailed", "InvalidResult")
            found.append(StreamRecord("error", error_record(failure, location), location, child.core.ended))
    return found


def state_event(job: Any) -> StreamRecord:
    """What -WriteEvents adds for a job that has come to rest: a JobStateEventArgs."""
    reached, before = _state_info(str(job.state), getattr(job, "reason", "")), _state_info("NotStarted", "")
    facts = {"JobStateInfo": reached, "PreviousJobStateInfo": before}
    names = ["System.Management.Automation.JobStateEventArgs", "System.EventArgs", "System.Object"]
    event = PSObject(facts, type_names=names, to_string=names[0])
    return StreamRecord("output", event, job.location, job.end_time or datetime.datetime.now(datetime.timezone.utc))


def _state_info(state: str, reason: str) -> PSObject:
    names = ["System.Management.Automation.JobStateInfo", "System.Object"]
    return PSObject({"State": state, "Reason": reason or None}, type_names=names, to_string=state)


class Follower:
    """Reads a job along: each ``read`` gives what came since the one before, whatever others receive. The place of a
    named ``reader`` is in the ledger.
    """

    def __init__(self, store: Store, children: Sequence[ChildEntry], reader: str | None = None) -> None:
        self._store, self._children, self._reader = store, children, reader
        self._read_to = [store.cursor(reader, child.record.key) if reader else 0 for child in children]

    def stream(self) -> Iterator[StreamRecord]:
        """What came since the last time, all streams, oldest first, without keeping it. What a reader took is noted
        when it has taken all.
        """
        parts, reached = [], {}
        for index, child in enumerate(self._children):
            to = child.record.sequence
            if to > self._read_to[index]:
                parts.append(span(child, self._read_to[index], to).records(self._store))
                self._read_to[index] = reached[child.record.key] = to
        yield from heapq.merge(*parts, key=lambda record: record.time)
        if self._reader:
            for key, to in reached.items():
                self._store.save_cursor(self._reader, key, to)

    def read(self) -> list[StreamRecord]:
        """What came since the last time, as a list."""
        return list(self.stream())

    def failures(self) -> list[StreamRecord]:
        """One error for each child that has failed by now."""
        return failures(self._children)
