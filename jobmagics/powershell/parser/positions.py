"""How PowerShell shows a place in a script: ``At line:2 char:5``, the line, and its part underlined."""

from __future__ import annotations

from collections.abc import Sequence

from jobmagics.powershell.parser.errors import ParseError
from jobmagics.powershell.parser.syntax import Extent, Source

LINE_WIDTH = 69  # what of the line is shown at most, without the dots
CONTEXT_BEFORE = 12  # characters kept before a long error, if there are so many
CONTEXT_AFTER = 8
TAB = "    "
MAX_ERRORS_TOLD = 10
TOO_MANY = "Not all parse errors were reported.  Correct the reported errors and try again."


def position_message(source: Source, extent: Extent) -> str:
    """Three lines: where, the source line, and tildes under the extent."""
    start = source.position(extent.start)
    end = source.position(extent.end)
    line = source.line_text(start.line)
    whole = end.line == start.line and end.column <= len(line) + 1
    length = end.column - start.column if whole else len(line) - start.column + 1
    return f"At {source.file or 'line'}:{start.line} char:{start.column}\n" + marked_line(line, start.column, length)


def marked_line(line: str, column: int, length: int) -> str:
    """``+ line`` and ``+  ~~~`` under ``length`` characters from ``column`` (counted from 1).

    A line longer than LINE_WIDTH is cut to a window that holds the marked part with as much before it as fits.
    """
    line = line.rstrip()
    if not line:
        return "+ "
    before = line[: column - 1].replace("\t", TAB)
    marked = line[column - 1 : column - 1 + max(length, 0)].replace("\t", TAB)
    after = line[column - 1 + max(length, 0) :].replace("\t", TAB)
    indent = max(column - 1, len(before))  # a place may lie behind the line's end
    width = len(marked)
    line = before + marked + after
    first, last = "", ""
    if len(line) > LINE_WIDTH:
        shown_before = min(indent, CONTEXT_BEFORE)
        shown_after = min(len(after), CONTEXT_AFTER)
        spare = LINE_WIDTH - shown_before - width - shown_after
        if spare <= 0:
            width = min(width, LINE_WIDTH - shown_before)
            last = " \N{HORIZONTAL ELLIPSIS}"
        else:
            more = min(indent - shown_before, spare)
            shown_before += more
            shown_after += min(len(after) - shown_after, spare - more)
            last = " \N{HORIZONTAL ELLIPSIS}" if shown_after < len(after) else ""
        first = "\N{HORIZONTAL ELLIPSIS} " if shown_before < indent else ""
        start = indent - shown_before
        line = line[start : start + LINE_WIDTH]
        indent = shown_before
    return f"+ {first}{line}{last}\n+ {' ' * (indent + len(first))}{'~' * max(width, 1)}"


def error_text(errors: Sequence[ParseError], source: Source) -> str:
    """The message of the ParseException that carries these errors."""
    told = [f"{position_message(source, error.extent)}\n{error.message}" for error in errors[:MAX_ERRORS_TOLD]]
    if len(errors) > MAX_ERRORS_TOLD:
        told.append(TOO_MANY)
    return "\n\n".join(told)
