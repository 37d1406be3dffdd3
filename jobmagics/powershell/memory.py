"""A limit on the memory of the engine's process, so that a script's endless array ends the script and not the machine.

Growth is watched while scripts run; an operation that asks for much at once asks here first.
"""

from __future__ import annotations

import os

from .records import ErrorRecord, NetException, ScriptError

LIMIT_VARIABLE = "JOBMAGICS_ENGINE_MEMORY_MB"
SHARE_OF_MACHINE = 0.5  # the limit where the variable is not set
WATCH_SECONDS = 0.1
BYTES_OF_ITEM = 8  # a place in a list
LARGE_BYTES = 16 * 1024 * 1024  # what may be taken without asking
LARGE_ITEMS = LARGE_BYTES // BYTES_OF_ITEM
_MEGABYTE = 1024 * 1024


def limit_bytes() -> int:
    """What the process may use."""
    given = os.environ.get(LIMIT_VARIABLE, "")
    if given.isdigit() and int(given) > 0:
        return int(given) * _MEGABYTE
    return int(_machine_bytes() * SHARE_OF_MACHINE)


def _machine_bytes() -> int:
    """Physical memory, or what the container has of it."""
    try:
        found = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 8 * 1024 * _MEGABYTE
    try:
        with open("/sys/fs/cgroup/memory.max", encoding="ascii") as file:
            word = file.read().strip()
    except OSError:
        word = "max"
    return min(found, int(word)) if word.isdigit() else found


def used_bytes() -> int:
    """What the process has in memory now; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


class OutOfMemory(ScriptError):
    """The script needs more than the limit. Made without arguments, because it is raised from outside too."""

    def __init__(self) -> None:
        message = (
            "Insufficient memory to continue the execution of the program. The limit of the built-in engine is "
            f"{limit_bytes() // _MEGABYTE} MB; {LIMIT_VARIABLE} sets it."
        )
        exception = NetException(message, net_type="System.OutOfMemoryException")
        super().__init__(ErrorRecord(exception, "System.OutOfMemoryException", "OperationStopped"), script_wide=True)


def require(size: int) -> None:
    """Raises OutOfMemory when ``size`` more bytes would pass the limit."""
    if size > LARGE_BYTES and used_bytes() + size > limit_bytes():
        raise OutOfMemory
