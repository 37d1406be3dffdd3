"""A copy in a cell: one line with a bar while it goes on, and what became of it in the end."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any, Protocol

from jobmagics.copying import Advance, CopiedFiles, in_words

from .progress import UPDATE_SECONDS, Activity
from .texts import plain


class Publisher(Protocol):
    """IPython's display_pub."""

    def publish(self, data: dict[str, Any], *, transient: dict[str, Any], update: bool) -> None: ...


class CopyInterrupted(KeyboardInterrupt):
    """The person stopped it."""

    def _render_traceback_(self, *_: object) -> list[str]:
        return [str(self)]


class CopyLine:
    """``place``: where the files go, or come from. A terminal, whose lines stay as they are, gets the last one only."""

    def __init__(
        self, publisher: Publisher, place: str, *, is_live: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._publisher, self._place, self._is_live, self._clock = publisher, place, is_live, clock
        self._display = str(uuid.uuid4())
        self._is_shown = False
        self._begun = clock()
        self._next = self._begun + UPDATE_SECONDS
        self._last: Advance | None = None

    def take(self, advance: Advance) -> None:
        """The progress of ``copy_to`` and ``copy_from``."""
        self._last = advance
        now = self._clock()
        if self._is_live and now >= self._next:
            self._next = now + UPDATE_SECONDS
            self._show(_line(advance))

    def finish(self, copied: CopiedFiles) -> None:
        size = sum(each.size for each in copied)
        seconds = self._clock() - self._begun
        files = "1 file" if len(copied) == 1 else f"{len(copied)} files"
        rate = f", {in_words(size / seconds)}/s" if seconds > 0 and size else ""
        self._show(f"Copied {files}, {in_words(size)}{rate}, {self._place}; SHA-256 is the same on both sides.")

    def stop(self) -> CopyInterrupted:
        """What to raise when the person stopped it."""
        far = f" {plain(self._last.name)} at {_percent(self._last)} %" if self._last is not None else ""
        self._show(f"Stopped{far}.")
        return CopyInterrupted("The copy was stopped. Run the line again, and it goes on where it was.")

    def _show(self, text: str) -> None:
        transient = {"display_id": self._display}
        self._publisher.publish({"text/plain": text}, transient=transient, update=self._is_shown)
        self._is_shown = True


def _percent(advance: Advance) -> int:
    return min(100 * advance.done // advance.size, 100) if advance.size else 100


def _line(advance: Advance) -> str:
    status = f"{in_words(advance.done)} of {in_words(advance.size)}"
    if advance.files > 1:
        status += f", file {advance.number} of {advance.files}"
    return Activity(plain(advance.name), status, "", _percent(advance), -1, -1).line(0)
