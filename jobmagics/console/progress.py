"""Write-Progress in a notebook: all activities of a cell as one display, which is empty when they have ended.

Text only: it reads the same in every front end, in a console and in a saved notebook. Updates are held back to what
a page can take.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from jobmagics.psobject import PSObject

from .texts import plain

UPDATE_SECONDS = 0.2
BAR_CELLS = 30
COMPLETED = 1
"""ProgressRecordType: 0 goes on, 1 has ended."""

Send = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True)
class Activity:
    """One bar. ``percent`` and ``seconds_left`` are -1 when unknown; ``parent`` -1 when it has none."""

    name: str
    status: str
    operation: str
    percent: int
    seconds_left: int
    parent: int

    def line(self, depth: int) -> str:
        facts = [fact for fact in (self.status, self.operation) if fact]
        if self.seconds_left >= 0:
            facts.append(f"{self.seconds_left} s left")
        bar = ""
        if self.percent >= 0:
            full = round(BAR_CELLS * min(self.percent, 100) / 100)
            bar = f"  {'█' * full}{'░' * (BAR_CELLS - full)} {self.percent:3d} %"
        return "  " * depth + self.name + bar + (f"  {' · '.join(facts)}" if facts else "")


class ProgressBoard:
    """The activities of one cell. ``send`` takes a message type and its content."""

    def __init__(self, send: Send, clock: Callable[[], float] = time.monotonic) -> None:
        self._send, self._clock = send, clock
        self._activities: dict[int, Activity] = {}
        self._display = ""
        self._shown = ""
        self._next = 0.0

    def take(self, record: Any) -> None:
        """A decoded ProgressRecord."""
        if not isinstance(record, PSObject):
            return
        number = _number(record, "ActivityId", 0)
        if _number(record, "Type", 0) == COMPLETED:
            self._end(number)
            return
        self._activities[number] = Activity(
            plain(_text(record, "Activity")),
            plain(_text(record, "StatusDescription")),
            plain(_text(record, "CurrentOperation")),
            _number(record, "PercentComplete", -1),
            _number(record, "SecondsRemaining", -1),
            _number(record, "ParentActivityId", -1),
        )

    def _end(self, number: int) -> None:
        """An activity takes those below it with it."""
        self._activities.pop(number, None)
        for child in [key for key, activity in self._activities.items() if activity.parent == number != key]:
            self._end(child)

    def refresh(self, *, now: bool = False) -> None:
        """Shows what changed, if the last time is long enough ago; ``now``: in any case."""
        text = "\n".join(self._lines(-1, 0))
        moment = self._clock()
        if text == self._shown or (moment < self._next and not now):
            return
        kind = "update_display_data" if self._display else "display_data"
        self._display = self._display or str(uuid.uuid4())
        self._shown, self._next = text, moment + UPDATE_SECONDS
        self._send(kind, {"data": {"text/plain": text}, "metadata": {}, "transient": {"display_id": self._display}})

    def leave(self) -> None:
        """Its display is gone from the page; what comes next is shown in another."""
        self._display = self._shown = ""

    def close(self) -> None:
        """The cell has ended: no bar stays that nobody will move."""
        self._activities.clear()
        self.refresh(now=True)

    def _lines(self, parent: int, depth: int) -> Iterator[str]:
        for number, activity in self._activities.items():
            top = activity.parent not in self._activities or activity.parent == number
            if (top and depth == 0) or (not top and depth and activity.parent == parent):
                yield activity.line(depth)
                yield from self._lines(number, depth + 1)


def _text(record: PSObject, name: str) -> str:
    found = record._find(name)
    return "" if found is None or found[1] is None else str(found[1])


def _number(record: PSObject, name: str, default: int) -> int:
    found = record._find(name)
    value = found[1] if found is not None else None
    base = value._base if isinstance(value, PSObject) else value
    return int(base) if isinstance(base, int) else default
