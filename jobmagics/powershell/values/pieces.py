"""Work on huge values, done in pieces.

One operation of C holds all threads until it is over, so a stop waits for it. A piece takes some milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from ...psobject import Byte, Char, PSList

PIECE = 1 << 18  # elements of one operation
T = TypeVar("T")

_BYTES = [Byte(value) for value in range(256)]


class _Chars(dict[str, Char]):
    """A Char for each character: one object however often it occurs."""

    def __missing__(self, char: str) -> Char:
        made = self[char] = Char(char)
        return made


_CHARS = _Chars()


def starts(length: int) -> range:
    """Where the pieces of something so long begin."""
    return range(0, length, PIECE)


def byte_list(data: bytes) -> PSList:
    """byte[]."""
    made = PSList.of("System.Byte")
    for at in starts(len(data)):
        made.extend(map(_BYTES.__getitem__, data[at : at + PIECE]))
    return made


def char_list(text: str) -> PSList:
    """char[]."""
    made = PSList.of("System.Char")
    for at in starts(len(text)):
        made.extend(map(_CHARS.__getitem__, text[at : at + PIECE]))
    return made


def to_bytes(values: list[Any]) -> bytes:
    """The bytes of a list of small numbers."""
    return b"".join(_bytes(values[at : at + PIECE]) for at in starts(len(values)))


def _bytes(values: list[Any]) -> bytes:
    try:
        return bytes(values)
    except TypeError:  # not all are integers
        return bytes(map(int, values))


def repeated(value: T, count: int) -> list[T]:
    """``[value] * count``."""
    made: list[T] = []
    for at in starts(count):
        made += [value] * min(PIECE, count - at)
    return made


def ordered(values: list[T], key: Callable[[T], Any], reverse: bool = False) -> list[T]:
    """``sorted``; what is sorted already in each piece is only merged."""
    if len(values) <= PIECE:
        return sorted(values, key=key, reverse=reverse)
    runs: list[T] = []
    for at in starts(len(values)):
        runs += sorted(values[at : at + PIECE], key=key, reverse=reverse)
    return sorted(runs, key=key, reverse=reverse)


def split(text: str, by: str) -> Iterable[str]:
    """``text.split(by)``."""
    return text.split(by) if len(text) <= PIECE else _parts(text, by)


def _parts(text: str, by: str) -> Iterator[str]:
    begin = 0
    while (end := text.find(by, begin)) >= 0:
        yield text[begin:end]
        begin = end + len(by)
    yield text[begin:]
