"""What a cell is made of: PowerShell, Python, magics.

A cell that begins with ``%%python`` is Python; one that begins with another cell magic is that magic's. In all other
cells a line that begins with ``%name`` is a magic where a statement of PowerShell could begin: not in the middle of a
pipeline, of a text or of a block. There ``%`` is ForEach-Object, as ever, whose name a letter never follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from jobmagics.errors import UsageError
from jobmagics.options import specs

PYTHON = """The cell is Python, in a namespace that lives as long as the kernel; what its last line gives is shown.

    %%python
    import pandas
    frame = pandas.DataFrame(ps.rows)     # $rows of the PowerShell cells
    ps.mean = frame["Size"].mean()        # and $mean for them

ps.name, or ps["name"], is the variable $name of the session that PowerShell cells run in: text, numbers, dates, lists,
dictionaries, objects with their properties, jobs and sessions. Setting ps.name sets it, del ps.name removes it.
IPython's own magics (%matplotlib, %pip, %%time, ...) work in these cells.
"""
POWERSHELL = "The cell is PowerShell, as every cell of this notebook is that does not begin with another cell magic.\n"
OWN = {"python": PYTHON, "powershell": POWERSHELL}
"""What is known here beside the magics of ``options``, with its help."""

_FIRST = re.compile(r"\s*(?=%%(?P<name>[A-Za-z_]\w*)(?P<asks>\?{0,2})(?:\s|$))(?P<line>[^\r\n]*)\r?\n?")
_LINE = re.compile(r"[ \t]*(?P<line>%{1,2})(?P<name>[A-Za-z_]\w*)(?P<asks>\?{0,2})(?:\s|$)")
_TYPED = re.compile(r"[ \t]*(?P<word>%{1,2}\w*)")

Language = Literal["powershell", "python", "magic", "help"]


@dataclass(frozen=True)
class Part:
    """``text`` stands at ``start`` in the cell. ``name``: which magic. ``script``: where in the text the script under a
    cell magic's line begins.
    """

    language: Language
    text: str
    start: int
    name: str = ""
    script: int | None = None

    @property
    def shown(self) -> str:
        return ("%" if self.script is None else "%%") + self.name

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    def run_as(self, cell: str) -> str:
        """The text with as many lines before it as in the cell, so that errors tell the cell's own lines."""
        return "\n" * cell.count("\n", 0, self.start) + self.text


def parts_of(cell: str) -> list[Part]:
    """In order, as they will be run. Never fails: a magic may be one that there is not, and half typed."""
    first = _FIRST.match(cell)
    if first is None:
        return list(_stretches(cell))
    name, start = first["name"], first.start("line")
    if first["asks"]:
        return [Part("help", cell[start:], start, name, 0)]
    if name in OWN and not _options(first["line"]):
        return [Part("python" if name == "python" else "powershell", cell[first.end() :], first.end())]
    return [Part("magic", cell[start:], start, name, first.end() - start)]


def _stretches(cell: str) -> Iterator[Part]:
    start = place = 0
    for line in cell.splitlines(keepends=True):
        found = _LINE.match(line)
        if found is not None and _is_statement(cell[start:place]):
            if cell[start:place].strip():
                yield Part("powershell", cell[start:place], start)
            at = found.start("line")
            yield Part("help" if found["asks"] else "magic", line[at:].rstrip("\r\n"), place + at, found["name"])
            start = place + len(line)
        place += len(line)
    if cell[start:].strip():
        yield Part("powershell", cell[start:], start)


def _is_statement(before: str) -> bool:
    """Whether a statement of PowerShell could begin behind this text."""
    from jobmagics.powershell.parser import completeness

    return not before.strip() or completeness(before) == "complete"


def _options(line: str) -> str:
    return line.partition(" ")[2].strip()


def part_at(cell: str, cursor: int) -> Part:
    """The part that the cursor is in, or behind; the whole cell as PowerShell where it is before all."""
    at = [part for part in parts_of(cell) if part.start <= cursor]
    if not at:
        return Part("powershell", cell, 0)
    found = at[-1]
    if found.language == "magic" and found.script and "\n" in cell[found.start : cursor]:
        return Part("powershell", found.text[found.script :], found.start + found.script)
    if found.language == "magic" and not found.script and cursor > found.end:
        return Part("powershell", cell[found.end :], found.end)
    return found


def magics_at(cell: str, cursor: int) -> tuple[list[str], int]:
    """The magics whose names could stand at the cursor, and where they begin."""
    begins = cell.rfind("\n", 0, cursor) + 1
    typed = _TYPED.fullmatch(cell, begins, cursor)
    before = cell[:begins]
    if typed is None or not _is_statement(before) or (typed["word"].startswith("%%") and before.strip()):
        return [], cursor
    cells = [] if before.strip() else names_of(True)
    found = [name for name in [*names_of(False), *cells] if name.startswith(typed["word"])]
    return found, typed.start("word")


def check(part: Part) -> None:
    """Raises UsageError for a magic that there is not, or not here."""
    if part.language == "powershell":
        _check_inside(part.text)
    elif part.name in OWN and part.language == "magic":
        if part.script is None:
            raise UsageError(f"%{part.name} is a magic of whole cells: begin the cell with %%{part.name}.")
        raise UsageError(f"%%{part.name} takes no options here; {_REMEDY[part.name]}")
    elif part.name and not is_known(part.name):
        names = ", ".join(names_of(part.script is not None))
        hint = "IPython's own magics work in cells that begin with %%python."
        raise UsageError(f"{part.shown} is no magic of PowerShell cells. {hint} Here there are {names}.")


_REMEDY = {
    "python": "Python reads and sets the variables of PowerShell as ps.name.",
    "powershell": "the cell is PowerShell anyway, with the variables of this notebook's cells.",
}


def names_of(is_cell: bool) -> list[str]:
    """The magics that can begin a cell, or be a line, as they are written."""
    if is_cell:
        return sorted("%%" + name for name in {*OWN, *(spec.name for spec in specs.ALL if spec.is_cell)})
    return sorted("%" + spec.name for spec in specs.ALL if spec.name not in OWN)


def is_known(name: str) -> bool:
    return name in OWN or name in specs.BY_NAME


def help_of(name: str) -> str:
    return OWN[name] if name in OWN else specs.BY_NAME[name].help_text()


def _check_inside(text: str) -> None:
    """A magic in the middle of a block would be a command that PowerShell does not find."""
    if not any(_LINE.match(line) for line in text.splitlines()):
        return
    from jobmagics.powershell.parser import parse

    for name in _commands(parse(text).ast):
        if name.lstrip("%") in specs.BY_NAME and name.startswith("%"):
            raise UsageError(
                f"{name} stands in the middle of PowerShell's code, where it cannot run: a magic is a line by itself,"
                " outside of all braces. In a block, PowerShell's own commands (Get-Job, Receive-Job, ...) do the same."
            )


def _commands(node: Any) -> Iterator[str]:
    from jobmagics.powershell.parser import syntax

    if isinstance(node, syntax.CommandAst) and isinstance(node.elements[0], syntax.StringConstantExpressionAst):
        yield node.elements[0].value
    for child in node.children():
        yield from _commands(child)
