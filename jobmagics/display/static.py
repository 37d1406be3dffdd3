"""The still table: what a terminal shows, and what stays in the saved notebook when the kernel is gone.

Every text that came from a job goes through one of the two functions at the end: escaped for HTML, stripped
of control characters for text. Nothing else in the package builds HTML of job rows.
"""

from __future__ import annotations

import html
import os
import re
import shutil
import sys
import time

from jobmagics.formatting import NO_MATHS

from .rows import Row, all_ended, elapsed_text, last_text, progress_text, shown_rows

NEWEST_WIDTH = 60
NAME_WIDTH = 24
HEADERS = ("Id", "Name", "State", "Progress", "Elapsed", "Lines", "Location", "Newest output")
RIGHT = (0, 4, 5)
STATE = 2
PLACE = "jobmagics-place"

ICONS = {
    "NotStarted": "○", "Running": "▶", "Completed": "✔", "Failed": "✖", "Stopped": "■", "Blocked": "?",
    "Suspended": "‖", "Disconnected": "⇠", "Suspending": "‖", "Stopping": "■", "AtBreakpoint": "●",
}  # fmt: skip
_COLOURS = {
    "Running": "var(--jp-info-color1, #0277bd)",
    "Completed": "var(--jp-success-color1, #2e7d32)",
    "Failed": "var(--jp-error-color1, #c62828)",
    "Blocked": "var(--jp-warn-color1, #b26a00)",
    "Disconnected": "var(--jp-warn-color1, #b26a00)",
}
_TERMINAL_COLOURS = {
    "Running": "\x1b[34m", "Completed": "\x1b[32m", "Failed": "\x1b[31m", "Blocked": "\x1b[33m",
    "Disconnected": "\x1b[33m",
}  # fmt: skip
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def mimebundle(rows: list[Row], place: str = "") -> dict[str, str]:
    """text/html and text/plain of one state of the table; ``place`` marks the HTML as where a live view may be put."""
    html = html_table(rows)
    if place:
        html = f'<div class="{PLACE} {PLACE}-{place}">{html}</div>'
    return {"text/plain": text_table(rows), "text/html": html}


def terminal_table(rows: list[Row]) -> str:
    """As wide as the terminal, its states in colours; plain where the output is no terminal."""
    if not sys.stdout.isatty():
        return text_table(rows)
    return text_table(rows, shutil.get_terminal_size().columns, color="NO_COLOR" not in os.environ)


def text_table(rows: list[Row], width: int | None = None, *, color: bool = False) -> str:
    """Columns as wide as they need to be; the newest line takes what is left of ``width``."""
    shown = shown_rows(rows)
    if not shown:
        return "(no jobs)"
    cells = [[*_cells(row)] for row in shown]
    for line, row in zip(cells, shown, strict=True):
        line[1] = _fit(("  " if row["parent"] is not None else "") + line[1], NAME_WIDTH)
    widths = [max(len(header), *(len(line[i]) for line in cells)) for i, header in enumerate(HEADERS)]
    before = sum(widths[:-1]) + len(HEADERS) - 1
    last = NEWEST_WIDTH if width is None else max(10, width - before)
    lines = [list(HEADERS), ["-" * len(header) for header in HEADERS], *cells]
    told = [_text_line([*line[:-1], _fit(line[-1], last)], widths) for line in lines]
    if color:
        before = sum(widths[:STATE]) + STATE
        for place, row in enumerate(shown, len(lines) - len(cells)):
            told[place] = _painted(told[place], before, row["state"])
    return "\n".join(told)


def _painted(line: str, start: int, state: str) -> str:
    end = start + len(state)
    return f"{line[:start]}{_TERMINAL_COLOURS.get(state, '')}{line[start:end]}\x1b[0m{line[end:]}"


def _text_line(cells: list[str], widths: list[int]) -> str:
    padded = [
        cell.rjust(width) if place in RIGHT else cell.ljust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return " ".join(padded).rstrip()


def html_table(rows: list[Row]) -> str:
    """A table with its styles in it: the saved notebook has no style sheet of ours."""
    shown = shown_rows(rows)
    if not shown:
        return "<p>(no jobs)</p>"
    caption = "" if all_ended(rows) else f'<caption style="caption-side:bottom;text-align:left">{_as_of()}</caption>'
    head = "".join(f'<th scope="col" style="text-align:{_align(i)}">{_escape(h)}</th>' for i, h in enumerate(HEADERS))
    body = "".join(_html_row(row) for row in shown)
    return (
        f'<table class="jobmagics-static {NO_MATHS}" style="border-collapse:collapse">'
        f"{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _html_row(row: Row) -> str:
    cells = []
    for place, cell in enumerate(_cells(row)):
        icon = ""
        style = f"text-align:{_align(place)}"
        if place == 1 and row["parent"] is not None:
            style += ";padding-left:2em"
        if place == STATE:
            style += ";white-space:nowrap"
            icon = f'<span style="color:{_COLOURS.get(row["state"], "inherit")}">{ICONS.get(row["state"], "")}</span> '
        if place == len(HEADERS) - 1:
            style += ";font-family:var(--jp-code-font-family, monospace);word-break:break-word"
        cells.append(f'<td style="{style}">{icon}{_escape(cell)}</td>')
    return f"<tr>{''.join(cells)}</tr>"


def _as_of() -> str:
    """Said of jobs that go on: a file may be read much later."""
    return f"As of {time.strftime('%Y-%m-%d %H:%M:%S %z')}; unfinished jobs go on, and %watch shows them."


def _cells(row: Row) -> tuple[str, ...]:
    return (
        str(row["id"]),
        without_escapes(row["name"]),
        row["state"],
        without_escapes(progress_text(row)),
        elapsed_text(row, time.time() * 1000),
        str(row["lines"]),
        without_escapes(row["location"]),
        without_escapes(last_text(row)),
    )


def _align(place: int) -> str:
    return "right" if place in RIGHT else "left"


def _fit(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def without_escapes(text: str) -> str:
    """Without escape sequences and control characters: remote text must not drive a terminal."""
    return _CONTROL.sub(lambda found: " " if found[0] in "\t\r\n\u2028\u2029" else "", text)


def _escape(text: str) -> str:
    return html.escape(text, quote=True)
