"""``python -m jobmagics.host.guard``: ends what engines started, when the host dies without ending it itself.

The kernel of the operating system kills an engine whose host is gone, but not the programs that the engine's scripts
had started. They are in the engine's process group; this small process is told of each group on its stdin and kills
those that are left when that ends, which it does however the host died. It leads a session of its own, so what kills
the host's group leaves it alone. Not on Windows, which has no process groups of this kind.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from typing import IO

SAFE_PATH = ("-P",) if sys.version_info >= (3, 11) else ()
"""A session's directory may hold a json.py: its modules must not become the engine's."""


class Guard:
    """The host's side: the process is started with the first group, and anew should it be gone."""

    def __init__(self) -> None:
        self._groups: set[int] = set()
        self._process: subprocess.Popen[bytes] | None = None

    def add(self, group: int) -> None:
        self._groups.add(group)
        self._tell(f"+{group}\n")

    def remove(self, group: int) -> None:
        if group in self._groups:
            self._groups.remove(group)
            self._tell(f"-{group}\n")

    def close(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
            self._process.wait()

    def _tell(self, line: str) -> None:
        if os.name == "nt":
            return
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, *SAFE_PATH, "-m", "jobmagics.host.guard"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                bufsize=0,
            )
            line = "".join(f"+{group}\n" for group in self._groups)
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it died this moment; the next word starts another
            self._process.stdin.write(line.encode())


def watch(lines: IO[str]) -> None:
    """``+GROUP`` begins, ``-GROUP`` ends; the end of input kills all that did not end."""
    groups: set[int] = set()
    for line in lines:
        group = int(line[1:])
        if line[0] == "+":
            groups.add(group)
        else:
            groups.discard(group)
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it ends when its host does
    watch(sys.stdin)
