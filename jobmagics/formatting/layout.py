"""Records to lines: the Out-* half.

A table whose first column has no fixed width waits for the end of its group, or for
``GROUPING_SECONDS``, before it settles the widths: so output stays near live and columns still fit.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from jobmagics.formatting import texts
from jobmagics.formatting.records import Entry, FormatEnd, FormatStart, GroupEnd, GroupStart, HeaderColumn, Record
from jobmagics.formatting.tables import HEADER_STYLE, RESET, TableWriter, items_per_row

GROUPING_SECONDS = 0.3
DEFAULT_WIDE_COLUMNS = 2
SEPARATOR = " : "


class Layout:
    """Fed with records in order, gives the lines that are ready.

    width: columns of the screen; color: the default theme's escape sequences, and those that values bring along (else
    only plain strings keep theirs); clock: seconds, for tests.
    ``words``: long lines are broken between words, as in the cultures that have them (not in the invariant one).
    """

    words = True

    def __init__(self, width: int, *, color: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self.width, self.color, self._clock = width, color, clock
        self.start: FormatStart | None = None
        self.in_group = False
        self._queue: list[Record] | None = None
        self._since = 0.0
        self._table: TableWriter | None = None
        self._wide: list[str] = []
        self._per_row = DEFAULT_WIDE_COLUMNS

    def feed(self, record: Record) -> list[str]:
        if self._queue is not None:
            self._queue.append(record)
            waited = not self._autosize and self._clock() - self._since > GROUPING_SECONDS
            return self._release() if isinstance(record, GroupEnd) or waited else []
        if isinstance(record, GroupStart) and self._waits():
            self.in_group = True
            self._queue, self._since = [record], self._clock()
            return []
        return self._write(record)

    def close(self) -> list[str]:
        """The lines still held back when the records end in the middle of a group."""
        return self._release() if self._queue is not None else []

    @property
    def _autosize(self) -> bool:
        return self.start is not None and self.start.autosize

    def _waits(self) -> bool:
        start = self.start
        if start is None or start.shape not in ("Table", "Wide"):
            return False
        return start.autosize or bool(start.columns and start.columns[0].width == 0)

    def _release(self) -> list[str]:
        records, self._queue = self._queue or [], None
        entries = [record for record in records if isinstance(record, Entry) and not record.out_of_band]
        self._settle(entries)
        return [line for record in records for line in self._write(record)]

    def _settle(self, entries: list[Entry]) -> None:
        """Column widths from the entries at hand."""
        assert self.start is not None
        if self.start.shape == "Wide":
            longest = max((texts.cells(entry.fields[0][1]) for entry in entries), default=0)
            self._per_row = items_per_row(longest, self.width) if longest else DEFAULT_WIDE_COLUMNS
            return
        widths = [texts.cells(column.label) for column in self.start.columns]
        for entry in entries:
            for k, (_, text) in enumerate(entry.fields[: len(widths)]):
                widths[k] = max(widths[k], texts.cells(text))
        self._table = TableWriter(self.start.columns, widths, self.width, self.color)

    def _write(self, record: Record) -> list[str]:
        lines = self._laid_out(record)
        if self.color or (isinstance(record, Entry) and record.kind == "Raw"):
            return lines
        return [texts.plain(line) if "\x1b" in line else line for line in lines]

    def _laid_out(self, record: Record) -> list[str]:
        if isinstance(record, Entry):
            return self._entry(record)
        if isinstance(record, FormatStart):
            self.start, self._table = record, None
            self._per_row = record.wide_columns or DEFAULT_WIDE_COLUMNS
            return [""]
        if isinstance(record, GroupStart):
            return self._group_start(record)
        if isinstance(record, GroupEnd):
            return self._group_end()
        if isinstance(record, FormatEnd):
            self.start = None
        return []

    def _group_start(self, record: GroupStart) -> list[str]:
        self.in_group = True
        lines = [*self._lines([("", line) for line in record.header]), ""] if record.header is not None else []
        if self.start is None or self.start.shape != "Table" or not self.start.columns:
            return lines
        if self._table is None:
            widths = [column.width for column in self.start.columns]
            self._table = TableWriter(self.start.columns, widths, self.width, self.color)
        return lines if self.start.hide_headers else lines + self._table.header(self.words)

    def _group_end(self) -> list[str]:
        self.in_group = False
        shape = self.start.shape if self.start else "Custom"
        if shape == "Table":
            if self._waits():
                self._table = None
            return [""]
        if shape == "Wide":
            return [*self._wide_row(), ""]
        return [""] if shape == "Custom" else []

    def _entry(self, entry: Entry) -> list[str]:
        if entry.kind == "Raw":
            return texts.split_lines(entry.fields[0][1]) if entry.fields else [""]
        if entry.kind == "Lines":
            return [text for _, text in entry.fields] if entry.out_of_band else self._lines(entry.fields)
        if entry.kind == "List":
            lines = self._list(entry.fields)
            return ["", *lines, ""] if entry.out_of_band else [*lines, ""]
        if entry.kind == "Wide":
            self._wide.append(entry.fields[0][1])
            return self._wide_row() if len(self._wide) >= self._per_row else []
        return self._row(entry)

    def _lines(self, fields: list[tuple[str, str]]) -> list[str]:
        """Free text, each line broken at the width of the screen less its indentation."""
        return [
            indent + line
            for indent, text in fields
            for line in texts.wrapped(text, max(self.width - len(indent), 1), words=self.words)
        ]

    def _row(self, entry: Entry) -> list[str]:
        if self._table is None:
            return []
        count = len(self._table.columns)
        values = [text for _, text in entry.fields[:count]] + [""] * (count - len(entry.fields))
        if entry.multi_line:
            return self._table.rows(values, entry.alignments, words=self.words)
        return [self._table.row(values, entry.alignments)] if self._table.shown else []

    def _list(self, fields: list[tuple[str, str]]) -> list[str]:
        room = self.width - len(SEPARATOR) - 1
        if not fields or room < 1:
            return []
        label_width = min(max(texts.cells(label) for label, _ in fields), room)
        value_width = self.width - label_width - len(SEPARATOR)
        lines = []
        for label, value in fields:
            shown = texts.head(label, label_width)
            shown += " " * (label_width - texts.cells(shown)) + SEPARATOR
            if self.color:
                shown = HEADER_STYLE + shown + RESET
            for k, line in enumerate(texts.wrapped(value, value_width, words=self.words)):
                lines.append((" " * (label_width + len(SEPARATOR)) if k else shown) + line)
        return lines

    def _wide_row(self) -> list[str]:
        if not self._wide:
            return []
        values = self._wide + [""] * (self._per_row - len(self._wide))
        self._wide = []
        columns = [HeaderColumn("")] * self._per_row
        return [TableWriter(columns, [0] * self._per_row, self.width).row(values)]
