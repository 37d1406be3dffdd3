"""Ending script code that does not look whether it should stop.

Loops and calls of scripts look at ``Runspace.stopping`` themselves. A comparison of two long lists or a text joined
from millions of items is one step of theirs; here PipelineStopped is raised in the script's thread, between two steps
of Python's. One operation of C (a system call that waits, a huge ``replace``) cannot be interrupted so: ``guarded``
does it for regular expressions, and for the rest the server gives the runspace up.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from ..records import PipelineStopped


def checkpoint() -> None:
    """A call: an exception that was raised for this thread from outside appears here, at the latest."""


class Interruption:
    """Which thread runs a session's script, and a way to raise an exception there."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: int | None = None

    def run(self, work: Callable[[], None]) -> None:
        """Do ``work`` in this thread; it may be interrupted, what comes after it may not."""
        held = self._thread
        try:
            try:
                self._thread = threading.get_ident()
                work()
            finally:
                self._leave(held)
        finally:
            self._leave(held)  # where a late exception fell into the first

    def _leave(self, held: int | None) -> None:
        with self._lock:
            checkpoint()
            self._thread = held

    def interrupt(
        self,
        kind: type[BaseException] = PipelineStopped,
        quiet: AbstractContextManager[object] | None = None,
    ) -> None:
        """Raise ``kind`` in the script's thread. ``quiet`` is held meanwhile: a lock of work that must stay whole."""
        with self._lock, quiet if quiet is not None else nullcontext():
            if self._thread is not None:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), ctypes.py_object(kind))
