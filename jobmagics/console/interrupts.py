"""The stop button as a fact to look at.

A KeyboardInterrupt may come between any two steps, in the middle of a ledger's transaction or of a message to the
front end. While a cell runs the signal is only counted; whoever follows the cell looks at the count several times a
second. Only a prompt is really interrupted, because nothing else ends its waiting.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any


class Interrupts:
    """Counts SIGINT between ``with`` and its end. Outside the main thread there is none to count."""

    def __init__(self) -> None:
        self.count = 0
        self._raises = False
        self._before: Any = None

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _on_signal(self, *_: object) -> None:
        self.count += 1
        if self._raises:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def raised(self) -> Iterator[None]:
        """Within, an interrupt is a KeyboardInterrupt."""
        self._raises = True
        try:
            yield
        finally:
            self._raises = False
