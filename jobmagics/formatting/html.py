"""The default output as HTML for notebooks.

Everything shown came from elsewhere: all of it is escaped here, in one place. Escape sequences
for colour become spans; every other one is dropped, none reaches the page.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any

from jobmagics.formatting.layout import Layout
from jobmagics.formatting.reader import Reader
from jobmagics.formatting.records import Entry, FormatStart, GroupStart, Record
from jobmagics.formatting.shaping import Shaper
from jobmagics.formatting.texts import ESCAPE_SEQUENCE

COLORS = ("black", "maroon", "green", "olive", "navy", "purple", "teal", "silver")
BRIGHT = ("gray", "red", "limegreen", "gold", "royalblue", "magenta", "darkturquoise", "white")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
MAX_ROWS = 1000
AS_TEXT = (
    "margin:0;padding:0 8px;font-family:var(--jp-code-font-family, monospace);font-size:var(--jp-code-font-size, 13px);"
    "line-height:var(--jp-code-line-height, 1.3)"
)
"""As JupyterLab has the text of other results; of itself it indents a <pre>, and nbconvert's pages lose its font."""
NO_MATHS = "mathjax_ignore tex2jax_ignore"
"""Classes in which MathJax (JupyterLab's, nbconvert's) leaves text alone: `$a; $b` is PowerShell, no formula."""


def escape(text: str) -> str:
    return html.escape(CONTROL.sub("", text), quote=True)


def ansi_to_html(text: str) -> str:
    """Text with its SGR sequences as spans, all else escaped or dropped."""
    parts, position, style = [], 0, Style()
    for match in ESCAPE_SEQUENCE.finditer(text):
        parts.append(style.wrap(text[position : match.start()]))
        position = match.end()
        sequence = match.group()
        if sequence.startswith("\x1b[") and sequence.endswith("m"):
            style.apply(sequence[2:-1])
    parts.append(style.wrap(text[position:]))
    return "".join(parts)


class Style:
    """The state that SGR sequences change."""

    def __init__(self) -> None:
        self.css: dict[str, str] = {}

    def wrap(self, text: str) -> str:
        if not text:
            return ""
        if not self.css:
            return escape(text)
        css = ";".join(f"{name}:{value}" for name, value in self.css.items())
        return f'<span style="{css}">{escape(text)}</span>'

    def apply(self, codes: str) -> None:
        numbers = [int(code) if code.isdigit() else 0 for code in codes.split(";")]
        while numbers:
            code = numbers.pop(0)
            if code in (38, 48):
                self._extended("color" if code == 38 else "background-color", numbers)
            else:
                self._simple(code)

    def _extended(self, name: str, numbers: list[int]) -> None:
        kind = numbers.pop(0) if numbers else 0
        if kind == 2 and len(numbers) >= 3:
            red, green, blue = (min(number, 255) for number in numbers[:3])
            del numbers[:3]
            self.css[name] = f"rgb({red},{green},{blue})"
        elif kind == 5 and numbers:
            index = numbers.pop(0)
            if index < 16:
                self.css[name] = (COLORS + BRIGHT)[index]

    def _simple(self, code: int) -> None:
        plain = {1: ("font-weight", "bold"), 3: ("font-style", "italic"), 4: ("text-decoration", "underline")}
        off = {22: "font-weight", 23: "font-style", 24: "text-decoration", 39: "color", 49: "background-color"}
        if code == 0:
            self.css.clear()
        elif code in plain:
            name, value = plain[code]
            self.css[name] = value
        elif code in off:
            self.css.pop(off[code], None)
        else:
            self._color(code)

    def _color(self, code: int) -> None:
        for first, name, palette in ((30, "color", COLORS), (40, "background-color", COLORS)):
            if first <= code < first + 8:
                self.css[name] = palette[code - first]
        for first, name in ((90, "color"), (100, "background-color")):
            if first <= code < first + 8:
                self.css[name] = BRIGHT[code - first]


def text_to_html(text: str) -> str:
    """A block of output text."""
    return f'<pre class="jobmagics-output" style="{AS_TEXT}">{ansi_to_html(text)}</pre>'


def to_html(values: Iterable[Any], width: int = 120, *, reader: Reader | None = None) -> str:
    """The values as PowerShell would show them: tables as HTML tables, all else as text."""
    reader = reader or Reader()
    shaper = Shaper(reader, width=width, color=True)
    page = Page(width)
    for value in values:
        for record in [value] if isinstance(value, Record) else shaper.feed(value):
            page.add(record)
    for record in shaper.close():
        page.add(record)
    return page.text()


class Page:
    """Records to HTML; runs of the same kind become one element."""

    def __init__(self, width: int) -> None:
        self._parts: list[str] = []
        self._lines: list[str] = []
        self._rows = 0
        self._hidden = 0
        self._start: FormatStart | None = None
        self._layout = Layout(width)
        self._in_table = False

    def add(self, record: Record) -> None:
        if isinstance(record, FormatStart):
            self._start = record
        as_row = self._start is not None and self._start.shape == "Table" and bool(self._start.columns)
        if as_row and isinstance(record, GroupStart):
            self._lines += record.header or []
        elif as_row and isinstance(record, Entry) and record.kind == "Row":
            self._row(record)
        elif as_row and not (isinstance(record, Entry) and record.out_of_band):
            self._close_table()
        else:
            self._close_table()
            self._lines += self._layout.feed(record)

    def _row(self, entry: Entry) -> None:
        assert self._start is not None
        if not self._in_table:
            self._flush_lines()
            self._parts.append(self._head())
            self._in_table = True
        self._rows += 1
        if self._rows > MAX_ROWS:
            self._hidden += 1
            return
        cells = []
        for column, (_, text) in zip(self._start.columns, entry.fields, strict=False):
            cells.append(f'<td style="text-align:{(column.alignment or "Left").lower()}">{ansi_to_html(text)}</td>')
        self._parts.append(f"<tr>{''.join(cells)}</tr>")

    def _head(self) -> str:
        assert self._start is not None
        cells = "".join(
            f'<th style="text-align:{(column.alignment or "Left").lower()}">{ansi_to_html(column.label)}</th>'
            for column in self._start.columns
        )
        head = "" if self._start.hide_headers else f"<thead><tr>{cells}</tr></thead>"
        return f'<table class="jobmagics-table {NO_MATHS}">{head}<tbody>'

    def _close_table(self) -> None:
        if self._in_table:
            self._parts.append("</tbody></table>")
            if self._hidden:
                self._parts.append(f"<p>… and {self._hidden} more rows</p>")
        self._in_table, self._rows, self._hidden = False, 0, 0

    def _flush_lines(self) -> None:
        text = "\n".join(self._lines).strip("\n")
        if text:
            self._parts.append(text_to_html(text))
        self._lines = []

    def text(self) -> str:
        self._lines += self._layout.close()
        self._close_table()
        self._flush_lines()
        return "".join(self._parts)
