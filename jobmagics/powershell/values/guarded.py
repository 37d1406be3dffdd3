"""Regular expressions that can be stopped.

A match may take for ever ('(a+)+$' on forty letters) and holds the interpreter meanwhile. Only a signal reaches it, and
signals reach only the main thread. So a pattern that may take long is matched there: the script's thread hands it over
and waits, a timer looks every STEP_SECONDS whether to stop and lets the other threads run. The server's main thread has
no other work. Where there are no timers (Windows) and in programs that embed the engine, patterns run where they are.
"""

from __future__ import annotations

import importlib
import queue
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, TypeVar

from ..records import PipelineStopped

# Python's own parser of patterns has no public name
parser: Any = importlib.import_module("re._parser" if sys.version_info >= (3, 11) else "sre_parse")
constants: Any = importlib.import_module("re._constants" if sys.version_info >= (3, 11) else "sre_constants")

STEP_SECONDS = 0.05
YIELD_SECONDS = 0.001  # what the other threads get at each step
LONG_TEXT = 5000  # from this length on, one unbounded repeat may take long
HUGE_TEXT = 1_000_000  # from this length on, any pattern may

T = TypeVar("T")
_REPEATS = (constants.MAX_REPEAT, constants.MIN_REPEAT)


class Guard:
    """The main thread's loop, and the way to it."""

    def __init__(self) -> None:
        self._work: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._stopping: Callable[[], bool] | None = None

    def serve(self) -> NoReturn:
        """Runs what comes, for ever: call it in the main thread."""
        signal.signal(signal.SIGALRM, self._look)
        while True:
            self._serve_one(*self._work.get())

    def _serve_one(self, work: Callable[[], Any], stopping: Callable[[], bool], reply: Any) -> None:
        try:
            try:
                self._stopping = stopping
                signal.setitimer(signal.ITIMER_REAL, STEP_SECONDS, STEP_SECONDS)
                found = work()
            finally:
                self._stopping = None
                signal.setitimer(signal.ITIMER_REAL, 0)
        except BaseException as problem:  # noqa: BLE001 - it belongs to the thread that asked
            reply.put((None, problem))
        else:
            reply.put((found, None))

    def _look(self, *_: object) -> None:
        if self._stopping is not None:
            time.sleep(YIELD_SECONDS)
            if self._stopping():
                raise PipelineStopped

    def run(self, work: Callable[[], T], stopping: Callable[[], bool]) -> T:
        """The result of ``work``, done in the main thread. Raises PipelineStopped once ``stopping()`` says so."""
        reply: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._work.put((work, stopping, reply))
        found, problem = reply.get()
        if problem is not None:
            raise problem
        return found  # type: ignore[no-any-return]


_installed: list[Guard] = []


def install() -> Guard | None:
    """A guard for this process; None where signals have no timer. For a program whose main thread is free."""
    if not hasattr(signal, "setitimer"):
        return None
    _installed[:] = [Guard()]
    return _installed[0]


def stoppable(pattern: re.Pattern[str]) -> Any:
    """The pattern, or one like it whose long matches can be stopped."""
    if not _installed:
        return pattern
    if not isinstance(pattern, re.Pattern):
        return GuardedPattern(pattern, _installed[0], 0)
    risk = repeats(parser.parse(pattern.pattern, pattern.flags))
    return GuardedPattern(pattern, _installed[0], (HUGE_TEXT, LONG_TEXT, 0)[risk])


def repeats(parts: Any) -> int:
    """0: each repeat of the pattern is bounded; 1: some are not; 2: one of those repeats another or alternatives."""
    risk = 0
    for kind, value in parts:
        inner = max((repeats(part) for part in _inner(kind, value)), default=0)
        if kind in _REPEATS and value[1] == constants.MAXREPEAT:
            risk = max(risk, 2 if inner or _varies(value[2]) else 1)
        risk = max(risk, inner)
    return risk


def _inner(kind: Any, value: Any) -> Iterator[Any]:
    values = value if isinstance(value, (tuple, list)) else (value,)
    if kind is constants.BRANCH:
        values = value[1]
    for part in values:
        if isinstance(part, parser.SubPattern):
            yield part


def _varies(parts: Any) -> bool:
    """Whether there is more than one way through."""
    return any(
        kind is constants.BRANCH or kind in _REPEATS or any(_varies(part) for part in _inner(kind, value))
        for kind, value in parts
    )


class GuardedPattern:
    """A re.Pattern whose matches are made in the main thread where they may take long."""

    def __init__(self, pattern: re.Pattern[str], guard: Guard, length: int) -> None:
        self._pattern = pattern
        self._guard = guard
        self._from = length  # of the texts that are matched there

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pattern, name)

    def _run(self, text: str, work: Callable[[], T]) -> T:
        if len(text) < self._from:
            return work()
        from ..runtime.runspace import current_runspace

        runspace = current_runspace()
        if runspace is None:
            return work()
        return self._guard.run(work, lambda: runspace.stopping)

    def search(self, text: str, *places: int) -> re.Match[str] | None:
        if len(text) < self._from:
            return self._pattern.search(text, *places)
        return self._run(text, lambda: self._pattern.search(text, *places))

    def match(self, text: str, *places: int) -> re.Match[str] | None:
        return self._run(text, lambda: self._pattern.match(text, *places))

    def fullmatch(self, text: str, *places: int) -> re.Match[str] | None:
        return self._run(text, lambda: self._pattern.fullmatch(text, *places))

    def finditer(self, text: str, *places: int) -> Iterator[re.Match[str]]:
        if len(text) < self._from:
            return self._pattern.finditer(text, *places)
        if self._from == HUGE_TEXT:  # from match to match is not far; that there is none takes longest
            return iter(()) if self.search(text, *places) is None else self._pattern.finditer(text, *places)
        return iter(self._run(text, lambda: list(self._pattern.finditer(text, *places))))

    def findall(self, text: str, *places: int) -> list[Any]:
        return self._run(text, lambda: self._pattern.findall(text, *places))

    def split(self, text: str, maxsplit: int = 0) -> list[Any]:
        return self._run(text, lambda: self._pattern.split(text, maxsplit))

    def sub(self, by: str | Callable[[re.Match[str]], str], text: str, count: int = 0) -> str:
        """The matches are made there, the replacements here: ``by`` may be a script block."""
        if len(text) < self._from:
            return self._pattern.sub(by, text, count)
        parts, at = [], 0
        for number, found in enumerate(self.finditer(text)):
            if count and number == count:
                break
            parts += [text[at : found.start()], by(found) if callable(by) else found.expand(by)]
            at = found.end()
        return "".join([*parts, text[at:]])
