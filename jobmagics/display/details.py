"""What a page shows of one row beside the table: its output, objects, errors and command, each on request.

A page keeps a ``Window`` on the lines of a row: it says once which ones it shows, and is told what changes in them. A
page that is gone does not say so, therefore windows that nobody asks about any more are closed after a while.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ..psobject import PSObject
from ..results import ErrorRecord, StreamRecord
from .static import without_escapes
from .transcript import Changes, Line, Transcript

Reply = dict[str, Any]
Request = Mapping[str, Any]

WINDOW_LINES = 1000
FETCH_LINES, FETCH_CHARACTERS = 5000, 1_000_000
MAX_FOUND = 10_000
MAX_COLUMNS = 30
CELL_CHARACTERS = 300
FORGET_SECONDS = 150.0
"""Longer than the minute to which browsers slow the timers of a tab in the background."""
_NOTES = ("RunspaceId", "PSShowComputerName", "PSComputerName")


class Jobs(Changes, Protocol):
    def job(self, key: int) -> Any: ...


class Window:
    """What one page shows of one transcript. The page's own words: ``start`` and ``count`` of lines; ``follow``: the
    newest ones instead.
    """

    def __init__(self, job_id: int, transcript: Transcript) -> None:
        self.job_id, self.transcript = job_id, transcript
        self._start = self._count = 0
        self._follow = False
        self._seen = time.monotonic()
        self._told: tuple[int, int, bool] | None = None
        self._has = range(0)

    @property
    def is_forgotten(self) -> bool:
        return time.monotonic() - self._seen > FORGET_SECONDS

    def move(self, request: Request) -> None:
        self._start, self._count = number(request, "start"), min(number(request, "count"), WINDOW_LINES)
        self._follow = request.get("follow") is True
        self._seen = time.monotonic()
        if request.get("fresh") is True:
            self._told, self._has = None, range(0)

    def news(self) -> Reply | None:
        """What the page does not know yet."""
        total = len(self.transcript.lines)
        start = max(0, total - self._count) if self._follow else min(self._start, total)
        state = (total, start, self.transcript.is_reading)
        if state == self._told:
            return None
        self._told = state
        end = min(start + self._count, total)
        first = max(start, self._has.stop) if self._has.start <= start <= self._has.stop else start
        self._has = range(start, end)
        lines = self.transcript.lines.read(first, end - first) if first < end else []
        return {"kind": "lines", "total": total, "reading": state[2], "start": first, "lines": lines}


class Desk:
    """The windows of all pages. Called by one thread at a time."""

    def __init__(self, jobs: Jobs, on_growth: Callable[[], None]) -> None:
        self._jobs, self._on_growth = jobs, on_growth
        self._windows: dict[str, Window] = {}

    def __len__(self) -> int:
        return len(self._windows)

    def handle(self, request: Request) -> Reply | None:
        """Raises UsageError for a job that is not there."""
        page, job_id = str(request.get("view")), number(request, "id")
        if request["kind"] == "leave":
            self._close(page)
            return None
        window = self._windows.get(page)
        if window is None or window.job_id != job_id:
            self._close(page)
            window = self._windows[page] = Window(job_id, self._transcript(job_id))
        return _ANSWERS[request["kind"]](self, window, request)

    def news(self, page: str) -> Reply | None:
        window = self._windows.get(page)
        if window is None or window.is_forgotten:
            self._close(page)
            return None
        found = window.news()
        return {**found, "view": page, "id": window.job_id} if found else None

    def close(self) -> None:
        for page in list(self._windows):
            self._close(page)

    def has(self, page: str) -> bool:
        return page in self._windows

    def _transcript(self, job_id: int) -> Transcript:
        for window in self._windows.values():
            if window.job_id == job_id:
                return window.transcript
        return Transcript(self._jobs.job(job_id), self._jobs, self._on_growth)

    def _close(self, page: str) -> None:
        gone = self._windows.pop(page, None)
        if gone and all(window.transcript is not gone.transcript for window in self._windows.values()):
            gone.transcript.close()

    def _look(self, window: Window, request: Request) -> None:
        window.move(request)

    def _fetch(self, window: Window, request: Request) -> Reply:
        start = number(request, "start")
        lines: list[Line] = []
        length = 0
        for line in window.transcript.lines.read(start, FETCH_LINES):
            length += len(line[1])
            if lines and length > FETCH_CHARACTERS:
                break
            lines.append(line)
        return {"kind": "fetched", "start": start, "lines": lines, "total": len(window.transcript.lines)}

    def _find(self, window: Window, request: Request) -> Reply:
        text = str(request.get("text", ""))
        found, total = window.transcript.lines.find(text, MAX_FOUND) if text else ([], 0)
        return {"kind": "found", "text": text, "lines": found, "total": total}

    def _objects(self, window: Window, _request: Request) -> Reply:
        transcript = window.transcript
        return {"kind": "objects", "total": transcript.object_count, **object_table(list(transcript.objects))}

    def _errors(self, window: Window, _request: Request) -> Reply:
        errors = [error_facts(line, record) for line, record in list(window.transcript.errors)]
        return {"kind": "errors", "errors": errors}

    def _command(self, window: Window, _request: Request) -> Reply:
        return {"kind": "command", "text": self._jobs.job(window.job_id).command}


_ANSWERS: dict[str, Callable[[Desk, Window, Request], Reply | None]] = {
    "look": Desk._look,
    "fetch": Desk._fetch,
    "find": Desk._find,
    "objects": Desk._objects,
    "errors": Desk._errors,
    "command": Desk._command,
}
KINDS = frozenset({*_ANSWERS, "leave"})


def number(request: Request, name: str) -> int:
    """A count or place that a page names; the page is not trusted to send one."""
    value = request.get(name)
    return max(0, value) if isinstance(value, int) else 0


def object_table(values: list[Any]) -> Reply:
    """Columns and rows; a property that few of the objects have is a column too. Text, numbers, true, false, null and
    {"time": milliseconds} are cells.
    """
    rows = [_properties(value) for value in values]
    columns = list(dict.fromkeys(name for row in rows for name in row))[:MAX_COLUMNS]
    return {"columns": columns, "rows": [[_cell(row.get(name)) for name in columns] for row in rows]}


def _properties(value: Any) -> dict[str, Any]:
    if isinstance(value, PSObject):
        if value._base is None:
            return {name: each for name, each in value.to_dict().items() if name not in _NOTES}
        value = value._base
    return {"Value": value}


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float) and abs(value) < 1 << 53:  # what JavaScript counts exactly; not NaN either
        return value
    if isinstance(value, datetime.datetime):
        return {"time": round(value.timestamp() * 1000)}
    return without_escapes(str(value)[:CELL_CHARACTERS])


def error_facts(line: int, record: StreamRecord) -> Reply:
    """What the list of errors says of one; ``line``: where it begins in the output."""
    error = record.value
    facts: Reply = {
        "line": line,
        "message": without_escapes(str(error)),
        "computer": record.computer_name,
        "time": round(record.time.timestamp() * 1000),
    }
    if isinstance(error, ErrorRecord):
        facts |= {"category": error.category, "fqid": error.id, "trace": error.stack_trace}
        if error.position:
            position = error.position
            facts["place"] = [position.line, position.column, position.text.strip(), position.script or ""]
    return facts
