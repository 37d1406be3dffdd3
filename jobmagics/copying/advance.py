"""What a copy tells while it goes on, and what it leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Advance:
    """How far a copy is: file ``number`` of ``files``, and ``done`` of its ``size`` bytes."""

    name: str
    number: int
    files: int
    done: int
    size: int


Progress = Callable[[Advance], None]
"""Called in the thread of whoever copies, after each block."""


@dataclass(frozen=True)
class CopiedFile:
    """One file that arrived: ``size`` in bytes, ``sha256`` as it was computed on both sides."""

    source: str
    destination: str
    size: int
    sha256: str


class CopiedFiles(list[CopiedFile]):
    """Prints as a line for each file."""

    def __repr__(self) -> str:
        return "\n".join(f"{each.source} -> {each.destination} ({in_words(each.size)})" for each in self)


def in_words(size: float) -> str:
    """Bytes as a person reads them."""
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
