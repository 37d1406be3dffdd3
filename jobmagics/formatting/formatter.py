"""Values in, lines out: the default formatter and the layout joined, as Out-Default and Out-String join them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from jobmagics.formatting.layout import Layout
from jobmagics.formatting.reader import Reader
from jobmagics.formatting.records import FormatStart, Record
from jobmagics.formatting.shaping import Shaper
from jobmagics.formatting.wire import from_wire
from jobmagics.psobject import PSObject


class Formatter:
    """Fed value by value, gives the lines that PowerShell would have printed by then.

    width: screen columns; reader: how values are looked at; color: escape sequences of the default theme.
    Values that are format records (from Format-Table and the like) are laid out as they stand.
    """

    def __init__(
        self,
        width: int = 120,
        *,
        reader: Reader | None = None,
        color: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.width, self.color, self._clock = width, color, clock
        self.reader = reader or Reader()
        self._shaper: Shaper | None = None
        self._layout = Layout(width, color=color, clock=clock)

    def feed(self, value: Any) -> list[str]:
        if isinstance(value, PSObject) and (record := from_wire(value)) is not None:
            value = record
        if isinstance(value, Record):
            return self._feed_record(value)
        if value is None:
            return []
        if self._shaper is None:
            self._shaper = Shaper(self.reader, width=self.width, color=self.color)
        return self._lay_out(self._shaper.feed(value))

    def release(self) -> list[str]:
        """What was held back for the widths of columns: the screen is looked at now."""
        return self._layout.close()

    def close(self) -> list[str]:
        """The end of the output: what was waiting, and the closing blank line."""
        lines = self._lay_out(self._shaper.close()) if self._shaper else []
        self._shaper = None
        return lines + self._layout.close()

    def _feed_record(self, record: Record) -> list[str]:
        lines: list[str] = []
        if isinstance(record, FormatStart) and self._layout.in_group:
            lines = self.close()
            self._layout = Layout(self.width, color=self.color, clock=self._clock)
        return lines + self._lay_out([record])

    def _lay_out(self, records: Iterable[Record]) -> list[str]:
        lines: list[str] = []
        for record in records:
            self._layout.words = self.reader.breaks_words()
            lines += self._layout.feed(record)
        return lines


def format_lines(
    values: Iterable[Any], width: int = 120, *, reader: Reader | None = None, color: bool = False
) -> list[str]:
    """All lines of the default output of these values."""
    formatter = Formatter(width, reader=reader, color=color)
    lines = [line for value in values for line in formatter.feed(value)]
    return lines + formatter.close()


def format_text(values: Iterable[Any], width: int = 120, *, reader: Reader | None = None, color: bool = False) -> str:
    """The default output as one text, as ``Out-String`` gives it."""
    return "".join(line + "\n" for line in format_lines(values, width, reader=reader, color=color))
