"""Locks that a process holds on files: dropped by the operating system the moment the process is dead, however it died.

So "is it alive" never depends on a process id, which may have been given to somebody else, or on a clock.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

PRIVATE_FILE = 0o600
LOCK_POLL = 0.02
PROBE_SECONDS = 0.5
"""Somebody who only looks whether a lock is held holds it for an instant himself."""


@contextlib.contextmanager
def open_lock(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def wait_lock(descriptor: int, seconds: float) -> bool:
    """Take a lock alone, waiting at most so long."""
    deadline = time.monotonic() + seconds
    while not try_lock(descriptor):
        if time.monotonic() > deadline:
            return False
        time.sleep(LOCK_POLL)
    return True


def is_locked(path: Path) -> bool:
    """Whether a living process holds it."""
    if not path.exists():
        return False
    with open_lock(path) as lock:
        return not try_lock(lock, shared=True)


class HeldLock:
    """A lock held until ``release`` or the end of this process. Processes that it forks do not hold it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
        self.is_held = wait_lock(self._descriptor, PROBE_SECONDS)
        """False where the file system knows no locks."""
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._close)

    def release(self) -> None:
        held = self._descriptor is not None
        self._close()
        if held:
            with contextlib.suppress(OSError):
                self.path.unlink()

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def try_lock(descriptor: int, *, shared: bool = False) -> bool:
        """Windows knows no shared lock here; a probe holds it for an instant only, and a starting host retries."""
        del shared
        try:
            os.lseek(descriptor, 0, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def try_lock(descriptor: int, *, shared: bool = False) -> bool:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
