"""What the views show of a job: plain rows, ready for the wire, and the words in their cells.

The widget and the still tables are both made of these, so that they say the same. Readings of the
manager's snapshot only: nothing here touches IPython, a widget or a lock.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Sequence, Set
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ..remote.questions import Question

NEWEST_CHARS = 300
MAX_BARS = 5
FINISHED = ("Completed", "Failed", "Stopped")

Row = dict[str, Any]


class ProgressLike(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def parent(self) -> int: ...
    @property
    def activity(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def operation(self) -> str: ...
    @property
    def percent(self) -> int: ...
    @property
    def seconds_remaining(self) -> int: ...


class JobRowLike(Protocol):
    """The fields of ``results.JobRow`` that the views read."""

    @property
    def id(self) -> int: ...
    @property
    def parent_id(self) -> int | None: ...
    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def state(self) -> Any: ...
    @property
    def location(self) -> str: ...
    @property
    def begin_time(self) -> datetime.datetime | None: ...
    @property
    def end_time(self) -> datetime.datetime | None: ...
    @property
    def activities(self) -> Sequence[ProgressLike]: ...
    @property
    def lines(self) -> int: ...
    @property
    def errors(self) -> int: ...
    @property
    def warnings(self) -> int: ...
    @property
    def newest(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def expires(self) -> datetime.datetime | None: ...
    @property
    def question(self) -> Question | None: ...
    @property
    def question_key(self) -> int: ...


class Snapshot:
    """All rows of one moment."""

    def __init__(self, rows: list[Row]) -> None:
        self._all = rows
        self._by_id = {row["id"]: row for row in rows}
        self._children: dict[int, list[Row]] = {}
        for row in rows:
            if row["parent"] is not None:
                self._children.setdefault(row["parent"], []).append(row)

    def rows(self, job_ids: Set[int] | None = None) -> list[Row]:
        """Those of the jobs with these ids and of their children; of all jobs for None."""
        if job_ids is None:
            return self._all
        found: list[Row] = []
        for job_id in sorted(job_ids & self._by_id.keys()):
            row = self._by_id[job_id]
            is_alone = row["parent"] is not None and row["parent"] not in job_ids
            found += [{**row, "parent": None} if is_alone else row, *self._children.get(job_id, ())]
        return list({row["id"]: row for row in found}.values())


class Wire:
    """Makes rows of the manager's; most are as they were a moment ago, and then they are the same objects."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[JobRowLike, Row]] = {}

    def of(self, snapshot: Iterable[JobRowLike]) -> Snapshot:
        known = {}
        for row in snapshot:
            before = self._known.get(row.id)
            known[row.id] = before if before is not None and before[0] == row else (row, wire_row(row))
        self._known = known
        return Snapshot([row for _, row in known.values()])


def wire_rows(snapshot: Iterable[JobRowLike], job_ids: Set[int] | None = None) -> list[Row]:
    """The rows of one moment, made by themselves."""
    return Wire().of(snapshot).rows(job_ids)


def wire_row(row: JobRowLike) -> Row:
    """JSON's types only; times are milliseconds since 1970, as JavaScript counts them."""
    question = {**dataclasses.asdict(row.question), "key": row.question_key} if row.question else None
    told = {
        "id": row.id,
        "parent": row.parent_id,
        "name": row.name,
        "type": row.type,
        "state": str(row.state),
        "location": row.location,
        "begin": _milliseconds(row.begin_time),
        "end": _milliseconds(row.end_time),
        "bars": _bars(row.activities),
        "lines": row.lines,
        "errors": row.errors,
        "warnings": row.warnings,
        "newest": row.newest[:NEWEST_CHARS],
        "reason": row.reason,
        "expires": _milliseconds(row.expires),
        "question": question,
    }
    return {name: sendable(value) for name, value in told.items()}


def sendable(value: Any) -> Any:
    """A JSON value without the halves of characters that .NET's strings may have: they cannot be sent as UTF-8."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, dict):
        return {name: sendable(each) for name, each in value.items()}
    return [sendable(each) for each in value] if isinstance(value, list | tuple) else value


def _bars(activities: Sequence[ProgressLike]) -> list[dict[str, Any]]:
    """``depth``: how many of the activities before it each is part of."""
    depths: dict[int, int] = {}
    bars = []
    for each in activities[:MAX_BARS]:
        depths[each.id] = depths.get(each.parent, -1) + 1 if each.parent != each.id else 0
        told = " · ".join(filter(None, (each.status, each.operation)))
        bars.append(
            {
                "activity": each.activity[:NEWEST_CHARS],
                "status": told[:NEWEST_CHARS],
                "percent": min(each.percent, 100),
                "left": each.seconds_remaining,
                "depth": depths[each.id],
            }
        )
    return bars


def all_ended(rows: Iterable[Row]) -> bool:
    return all(row["state"] in FINISHED for row in rows)


def ended(rows: Iterable[Row]) -> list[tuple[int, bool]]:
    """Which jobs there are, and whether each has ended."""
    return [(row["id"], row["state"] in FINISHED) for row in rows]


def shown_rows(rows: list[Row]) -> list[Row]:
    """Without the only child of a parent: it repeats what its parent says."""
    children: dict[int, int] = {}
    for row in rows:
        if row["parent"] is not None:
            children[row["parent"]] = children.get(row["parent"], 0) + 1
    return [row for row in rows if row["parent"] is None or children[row["parent"]] > 1]


def difference(before: Row | None, now: Row) -> Row:
    """What of a row is new: its id and the fields that changed."""
    if before is None:
        return now
    return {"id": now["id"], **{name: value for name, value in now.items() if before[name] != value}}


def elapsed_text(row: Row, now: float) -> str:
    """How long the job has run, or ran; ``now`` in milliseconds."""
    if row["begin"] is None:
        return ""
    seconds = max(0.0, ((row["end"] if row["end"] is not None else now) - row["begin"]) / 1000)
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def progress_text(row: Row) -> str:
    bar = next(iter(row["bars"]), None)
    if bar is None:
        return ""
    return str(bar["activity"]) if bar["percent"] < 0 else f"{bar['percent']} %"


def last_text(row: Row) -> str:
    """The reason of a failure, else the newest line."""
    return str(row["reason"] or row["newest"])


def _milliseconds(when: datetime.datetime | None) -> int | None:
    return None if when is None else round(when.timestamp() * 1000)
