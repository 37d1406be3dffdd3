"""What the subcommands of ``jupyter jobmagics`` share: how they end, how groups of them answer, plain tables."""

from __future__ import annotations

import sys
from typing import Any

from jupyter_core.application import JupyterApp

from . import __version__
from .errors import JobMagicsError


class Command(JupyterApp):
    """A subcommand that does its work in ``run`` and says how it went by its exit status."""

    version = __version__
    name = "jupyter-jobmagics"

    def start(self) -> None:
        super().start()
        try:
            status = self.run()
        except JobMagicsError as error:
            print(f"jupyter jobmagics: {error.message}", file=sys.stderr)
            status = 1
        self.exit(status)

    def run(self) -> int:
        raise NotImplementedError


class Group(JupyterApp):
    """Subcommands under one word; alone it names them."""

    version = __version__

    def start(self) -> None:
        super().start()
        self.print_help()
        self.exit(1)


def print_table(rows: list[dict[str, Any]], nothing: str) -> None:
    """Plain columns; the text of a cell is ours or a name, never a job's output."""
    if not rows:
        print(nothing)
        return
    names = list(rows[0])
    lines = [names, *([_plain(row.get(name, "")) for name in names] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(names))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _plain(value: Any) -> str:
    """Names come from elsewhere: nothing in them may steer a terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in str(value))
