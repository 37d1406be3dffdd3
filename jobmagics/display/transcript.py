"""What a row's scripts gave, as numbered lines of text that a page can ask for in any order.

The ledger is the source: a thread reads it along from the first record on, formats each as PowerShell's console would
have and keeps the lines packed, so a million of them take some ten megabytes and any page of them a millisecond.
"""

from __future__ import annotations

import re
import threading
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from ..console.texts import colored, painted
from ..formatting import Formatter, Reader, error_text
from ..formatting.texts import split_lines
from ..psobject import PSObject
from .rows import sendable

if TYPE_CHECKING:
    from ..results import ChildJob, Job, StreamRecord

WIDTH = 120
"""Columns that objects are formatted for."""
BLOCK_LINES = 1000
PIECE = 2000
"""Characters; a longer line goes on in further pieces, for a browser lays out a very long one badly."""
TELL_RECORDS = 2000
LOOK_SECONDS = 1.0
REST_SECONDS = 0.1
MAX_OBJECTS, MAX_ERRORS = 1000, 500
"""The newest so many are shown as a table, and as a list."""
CODES = {"output": "o", "error": "e", "warning": "w", "verbose": "v", "debug": "d", "information": "i"}
CONSOLE_COLORS = (
    "Black", "DarkBlue", "DarkGreen", "DarkCyan", "DarkRed", "DarkMagenta", "DarkYellow", "Gray", "DarkGray", "Blue",
    "Green", "Cyan", "Red", "Magenta", "Yellow", "White",
)  # fmt: skip
CONTINUED = "+"
"""The mark of a piece that goes on with the line before it; else a blank."""

_UNFIT = re.compile(r"[\r\x08\u2028\u2029]")
_SGR = re.compile(r"\x1b\[[0-9;:]*m")
_RESET = re.compile(r"\x1b\[0*m")

Line = tuple[str, str]
"""A code of ``CODES`` with a blank or ``CONTINUED`` after it; and the text, of whose escape sequences only colours are
left."""


class Changes(Protocol):
    """The manager, as far as it tells that something has come."""

    @property
    def version(self) -> int: ...
    def wait_for_change(self, version: int, timeout: float) -> int: ...


class Lines:
    """Numbered lines, packed. One thread adds, any may read."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []
        self._last: list[str] = []
        self._lock = threading.Lock()
        self._unpacked = lru_cache(maxsize=8)(self._unpack)

    def __len__(self) -> int:
        with self._lock:
            return len(self._blocks) * BLOCK_LINES + len(self._last)

    def add(self, lines: list[str]) -> None:
        with self._lock:
            self._last += lines
            while len(self._last) >= BLOCK_LINES:
                full, self._last = self._last[:BLOCK_LINES], self._last[BLOCK_LINES:]
                self._blocks.append(zlib.compress("\n".join(full).encode(), 1))

    def read(self, start: int, count: int) -> list[Line]:
        return [(line[:2], line[2:]) for line in self._raw(max(0, start), count)]

    def find(self, text: str, limit: int) -> tuple[list[int], int]:
        """The numbers of the first ``limit`` lines that have the text in them, in any case, and how many there are."""
        wanted, found, total = text.casefold(), [], 0
        for first in range(0, len(self), BLOCK_LINES):
            for number, line in enumerate(self._raw(first, BLOCK_LINES), first):
                if wanted in (_SGR.sub("", line) if "\x1b" in line else line)[2:].casefold():
                    total += 1
                    if total <= limit:
                        found.append(number)
        return found, total

    def _raw(self, start: int, count: int) -> list[str]:
        lines: list[str] = []
        with self._lock:
            packed, last = len(self._blocks), list(self._last)
        for block in range(start // BLOCK_LINES, (start + count - 1) // BLOCK_LINES + 1):
            if block > packed:
                break
            inside = self._unpacked(block) if block < packed else last
            first = block * BLOCK_LINES
            lines += inside[max(0, start - first) : start + count - first]
        return lines

    def _unpack(self, block: int) -> list[str]:
        return zlib.decompress(self._blocks[block]).decode().split("\n")


class Transcript:
    """The lines of one row, growing until it is closed. ``on_growth`` is called on the reading thread, which ends
    when all that comes has come, or with ``close``.
    """

    def __init__(self, job: Job | ChildJob, changes: Changes, on_growth: Callable[[], None]) -> None:
        self.lines = Lines()
        self.is_reading = True
        """Whether more is in the ledger than is in the lines."""
        self.objects: deque[Any] = deque(maxlen=MAX_OBJECTS)
        """The newest that are more than text."""
        self.object_count = 0
        self.errors: deque[tuple[int, StreamRecord]] = deque(maxlen=MAX_ERRORS)
        """Each with the number of its first line."""
        self._job, self._changes, self._on_growth = job, changes, on_growth
        self._closed = threading.Event()
        self._text = _Text()
        self._thread = threading.Thread(target=self._run, name=f"jobmagics-transcript-{job.id}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closed.set()

    def _run(self) -> None:
        source = self._job.follow()
        while not self._closed.is_set():
            version = self._changes.version
            has_ended = str(self._job.state) in ("Completed", "Failed", "Stopped")  # before reading
            self._take(source.stream())
            if has_ended:
                self._take(iter(source.failures()))
                self.lines.add(self._text.close())
            self.is_reading = False
            self._on_growth()
            if has_ended:
                return
            self._changes.wait_for_change(version, LOOK_SECONDS)
            self._closed.wait(REST_SECONDS)

    def _take(self, records: Iterator[StreamRecord]) -> None:
        for number, record in enumerate(records):
            lines = sendable(self._text.feed(record))
            if record.stream == "output" and not isinstance(record.value, str):
                self.objects.append(record.value)
                self.object_count += 1
            elif record.stream == "error":
                self.errors.append((len(self.lines), record))
            self.lines.add(lines)
            if number % TELL_RECORDS == TELL_RECORDS - 1:
                self._on_growth()
            if self._closed.is_set():
                return
        self.lines.add(self._text.release())


class _Text:
    """Records in, marked lines out."""

    def __init__(self) -> None:
        self._formatter: Formatter | None = None
        self._reader = Reader()
        self._begun = ""

    def feed(self, record: StreamRecord) -> list[str]:
        code = CODES.get(record.stream)
        if code is None:
            return []
        if record.stream == "information":
            return self._inform(record)
        value = record.shown()
        if record.stream == "error":
            shown = error_text(self._reader, value, width=WIDTH, color=True)
            return self.release() + self._flushed() + _marked(code, split_lines(shown))
        if record.stream != "output":
            return self.release() + self._flushed() + _marked(code, split_lines(str(value)))
        if self._formatter is None:
            if isinstance(value, str):  # most output is lines of text, and those need no formatter
                return self._flushed() + _marked(code, split_lines(value))
            self._formatter = Formatter(WIDTH, color=True)
        return self._flushed() + _marked(code, self._formatter.feed(value))

    def release(self) -> list[str]:
        return _marked("o", self._formatter.release()) if self._formatter else []

    def close(self) -> list[str]:
        lines = _marked("o", self._formatter.close()) if self._formatter else []
        self._formatter = None
        return lines + self._flushed()

    def _inform(self, record: StreamRecord) -> list[str]:
        """Write-Host has colours, and may leave its line open for the next one."""
        found = record.value._find("MessageData") if isinstance(record.value, PSObject) else None
        data = found[1] if found else None
        if not (isinstance(data, PSObject) and data._find("NoNewLine")):
            shown = record.shown()
            return self._flushed() + _marked("i", split_lines(str(shown)))
        said = painted(_get(data, "Message", ""), _color(data, "ForegroundColor"), _color(data, "BackgroundColor"))
        if _get(data, "NoNewLine", False) is True:
            self._begun += said
            return []
        lines = _marked("i", split_lines(self._begun + said))
        self._begun = ""
        return lines

    def _flushed(self) -> list[str]:
        begun, self._begun = self._begun, ""
        return _marked("i", [begun]) if begun else []


def _get(value: PSObject, name: str, default: Any) -> Any:
    found = value._find(name)
    return default if found is None or found[1] is None else found[1]


def _color(data: PSObject, name: str) -> int | None:
    value = _get(data, name, None)
    number = value._base if isinstance(value, PSObject) else value
    if isinstance(number, str) and number in CONSOLE_COLORS:  # so deep in a record, values come as their text
        return CONSOLE_COLORS.index(number)
    return int(number) if isinstance(number, int) and 0 <= number < 16 else None


def _marked(code: str, lines: list[str]) -> list[str]:
    """Cleaned and in pieces; a colour that a line leaves on goes on in the next."""
    marked: list[str] = []
    carried = ""
    for line in lines:
        text = carried + _UNFIT.sub("", colored(line)).expandtabs()
        if "\x1b" in text:
            carried = "".join(_SGR.findall(_RESET.split(text)[-1]))
        if len(text) <= PIECE:
            marked.append(f"{code} {text}")
            continue
        marked += [f"{code}{CONTINUED if n else ' '}{piece}" for n, piece in enumerate(_pieces(text))]
    return marked


def _pieces(text: str) -> Iterator[str]:
    """Never cut within an escape sequence."""
    while len(text) > PIECE:
        begun = text.rfind("\x1b", PIECE - 32, PIECE)
        cut = begun if begun > 0 and not _SGR.match(text[begun:PIECE]) else PIECE
        yield text[:cut]
        text = text[cut:]
    yield text
