"""The objects that a cell gives, as one display: a table in HTML beside PowerShell's own text.

Objects that come one after the other, a run, are shown together. A cell that ends with objects has them as its result;
those that come slowly, or before something else is said, are a display that grows while they come. Strings are no
objects here, they are said at once; and past MAX_OBJECTS or MAX_RUNS all of a cell's output is text, of which a page
can take millions of lines.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

from jobmagics.formatting import format_text, to_html
from jobmagics.psobject import PSObject, PSValue

from .progress import Send

MAX_OBJECTS, MAX_RUNS = 1000, 20
UPDATE_SECONDS = 0.5
FORMAT_DATA = ".Internal.Format."
"""In the type names of what Format-Table and its like give: the person chose how it looks, as text."""


def is_text(value: Any) -> bool:
    """Whether a value is said as text rather than shown as an object."""
    if isinstance(value, PSObject):
        return isinstance(value._base, str) or FORMAT_DATA in value._type_names[0]
    return value is None or isinstance(value, str)


class ObjectBoard:
    """The runs of objects of one cell. ``send`` takes a message type and its content; ``count`` is the cell's execution
    count, None where a cell has no result of its own.
    """

    def __init__(self, send: Send, count: int | None, width: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._send, self._count, self._width, self._clock = send, count, width, clock
        self._values: list[Any] = []
        self._display = ""
        self._shown = self._taken = self._runs = 0
        self._next = 0.0

    @property
    def is_full(self) -> bool:
        """The cell has shown enough of them: the next has to be said as text."""
        return self._taken >= MAX_OBJECTS or (not self._values and self._runs >= MAX_RUNS)

    def take(self, value: Any) -> None:
        if not self._values:
            self._runs += 1
            self._next = self._clock() + UPDATE_SECONDS
        self._taken += 1
        self._values.append(value)

    def refresh(self) -> None:
        """Shows what came, if the first of it has waited long enough."""
        if self._shown < len(self._values) and self._clock() >= self._next:
            self._show()
            self._next = self._clock() + UPDATE_SECONDS

    def end(self, *, is_last: bool = False) -> None:
        """The run is over. ``is_last``: with the cell, whose result it then is."""
        if self._shown < len(self._values):
            if is_last and not self._display and self._count is not None:
                self._send("execute_result", {**self._content(), "execution_count": self._count})
            else:
                self._show()
        self._values, self._display, self._shown = [], "", 0

    def _show(self) -> None:
        kind = "update_display_data" if self._display else "display_data"
        self._display = self._display or str(uuid.uuid4())
        self._shown = len(self._values)
        self._send(kind, {**self._content(), "transient": {"display_id": self._display}})

    def _content(self) -> dict[str, Any]:
        data = {"text/plain": format_text(self._values, self._width).strip("\n")}
        if any(_has_properties(value) for value in self._values):
            data["text/html"] = to_html(self._values, self._width)
        return {"data": data, "metadata": {}}


def _has_properties(value: Any) -> bool:
    return isinstance(value, PSValue) and any(True for _ in value.ps_properties())
