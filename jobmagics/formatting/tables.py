"""Tables on a screen: how wide each column is, and what one row looks like.

The rules are PowerShell's: columns are squeezed from the right, a cut cell ends in …, a
right-aligned one begins with it, the last column is not padded.
"""

from __future__ import annotations

from collections.abc import Sequence

from jobmagics.formatting import texts
from jobmagics.formatting.records import Alignment, HeaderColumn

MINIMUM_SCREEN = 5
HEADER_STYLE, LABEL_STYLE, RESET = "\x1b[32;1m", "\x1b[32;1;3m", "\x1b[0m"


def table_width(widths: Sequence[int]) -> int:
    shown = [width for width in widths if width > 0]
    return sum(shown) + max(len(shown) - 1, 0)


def fit_widths(widths: Sequence[int], screen: int) -> list[int]:
    """The widths that columns get on a screen: 0 asks for a share of what is left, -1 in the answer is hidden."""
    found = list(widths)
    free = [k for k, width in enumerate(found) if width <= 0]
    for k in free:
        found[k] = 1
    left = screen - table_width(found)
    if free and left > 0:
        share, extra = divmod(left, len(free))
        for position, k in enumerate(free):
            found[k] += share + (position < extra)
    while (excess := table_width(found) - screen) > 0:
        last = max((k for k, width in enumerate(found) if width > 0), default=-1)
        if last < 0:
            break
        found[last] = found[last] - excess if found[last] - excess >= 1 else -1
    return found


def items_per_row(longest: int, screen: int) -> int:
    """How many columns Format-Wide -AutoSize makes."""
    if longest <= 0 or longest >= screen:
        return 1
    count = 1
    while longest * (count + 1) + count < screen:
        count += 1
    return count


def cell(text: str, width: int, alignment: Alignment, padded: bool) -> str:
    """One value in its column: padded, or cut with …."""
    text = texts.first_line(text)
    size = texts.cells(text)
    if size > width:
        text = _cut(text, width, alignment)
        size = texts.cells(text)
    spare = width - size
    if spare <= 0:
        return text
    if alignment == "Right":
        return " " * spare + text
    if alignment == "Center":
        left = spare // 2
        return " " * left + text + (" " * (spare - left) if padded else "")
    return text + " " * spare if padded else text


def _cut(text: str, width: int, alignment: Alignment) -> str:
    kept = width - 1 if width > 1 else width
    if alignment == "Right":
        return (texts.ELLIPSIS if width > 1 else "") + texts.tail(text, kept)
    return texts.head(text, kept) + (texts.ELLIPSIS if width > 1 else "")


class TableWriter:
    """Rows of one table whose widths are settled."""

    def __init__(self, columns: list[HeaderColumn], widths: Sequence[int], screen: int, color: bool = False) -> None:
        self.columns, self.color = columns, color
        self.widths = fit_widths(widths, screen) if screen >= MINIMUM_SCREEN else [-1] * len(widths)
        self.shown = [k for k, width in enumerate(self.widths) if width > 0]

    def header(self, words: bool = True) -> list[str]:
        labels = [column.label for column in self.columns]
        dashes = [
            "-" * min(texts.cells(label) or width, width) if width > 0 else ""
            for label, width in zip(labels, self.widths, strict=True)
        ]
        return [*self.rows(labels, header=True, words=words), self.row(dashes, header=True)]

    def _alignment(self, k: int, alignments: list[Alignment] | None) -> Alignment:
        return (alignments[k] if alignments and alignments[k] else "") or self.columns[k].alignment

    def _style(self, k: int) -> str:
        return HEADER_STYLE if self.columns[k].is_property else LABEL_STYLE

    def row(self, values: Sequence[str], alignments: list[Alignment] | None = None, header: bool = False) -> str:
        """One line; a value with line ends is cut at the first."""
        if not self.shown:
            return ""
        last = len(self.widths) - 1
        parts = []
        for k in self.shown:
            text = cell(values[k], self.widths[k], self._alignment(k, alignments), k != last)
            if header and self.color:
                text = self._style(k) + text + RESET
            elif "\x1b" in text and not text.rstrip().endswith(RESET):
                text += RESET
            parts.append(text)
        return " ".join(parts) if self.shown[0] == 0 else " " + " ".join(parts)

    def rows(
        self,
        values: Sequence[str],
        alignments: list[Alignment] | None = None,
        header: bool = False,
        words: bool = True,
    ) -> list[str]:
        """As many lines as the longest value needs (-Wrap, and headers)."""
        if not self.shown:
            return []
        columns = [self._column_lines(k, values[k], self._alignment(k, alignments), words) for k in self.shown]
        height = max(map(len, columns))
        lines = []
        for row in range(height):
            last = max(k for k, column in enumerate(columns) if len(column) > row)
            lines.append(self._joined(columns, row, last, height > 1, header))
        return lines

    def _joined(self, columns: list[list[str]], row: int, last: int, trim: bool, header: bool) -> str:
        line = ""
        for position, column in enumerate(columns[: last + 1]):
            k = self.shown[position]
            text = column[row] if row < len(column) else " " * self.widths[k]
            text = (" " if position else "") + text
            if position == last and trim:
                text = text.rstrip()
            if header and self.color:
                text = self._header_cell(k, text, position)
            line += text
        return line

    def _header_cell(self, k: int, text: str, position: int) -> str:
        if self.columns[k].is_property:
            return HEADER_STYLE + text + RESET
        return (" " if position else "") + LABEL_STYLE + text[1 if position else 0 :] + RESET

    def _column_lines(self, k: int, value: str, alignment: Alignment, words: bool) -> list[str]:
        width = self.widths[k]
        padded = k != self.shown[-1]
        lines = texts.wrapped(value, width, words=words)
        if padded or alignment in ("Right", "Center"):
            lines = [cell(line, width, alignment, padded) if texts.cells(line) < width else line for line in lines]
        return lines
