"""The demo's terminal: lines that stay, and one table that is redrawn in place where the terminal can."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TextIO

PLAIN_EVERY_SECONDS = 2.0
MARGIN = 2


class Screen:
    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._in_place = out.isatty()
        self._drawn = 0  # lines of the table that stand on the screen
        self._last_plain = 0.0

    @property
    def width(self) -> int:
        return shutil.get_terminal_size().columns - MARGIN

    def say(self, text: str = "") -> None:
        """A line that stays; the table so far stays above it."""
        self._drawn = 0
        self._write(text + "\n")

    def table(self, text: str, *, final: bool = False) -> None:
        """The table as it is now. Without a terminal only now and then, and at the end."""
        if self._in_place:
            self._write(f"\x1b[{self._drawn}A\x1b[J" if self._drawn else "")
            self._write(text + "\n")
            self._drawn = text.count("\n") + 1
        elif final or time.monotonic() - self._last_plain >= PLAIN_EVERY_SECONDS:
            self._last_plain = time.monotonic()
            self._write(text + "\n\n")

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()
