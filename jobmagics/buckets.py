"""The order in which a .NET Hashtable gives its keys: by bucket, the last one first.

Only for keys whose hash code is the same everywhere: numbers, characters, Booleans, enum values. Strings are hashed
with a new seed in every process, so that no order of theirs is more right than the one in which they were added.
"""

from __future__ import annotations

import bisect
import struct
from collections.abc import Iterable
from typing import Any

LOAD = 0.72
SMALLEST = 3
PRIME = 101
MASK = 0x7FFFFFFF
# fmt: off
PRIMES = (
    3, 7, 11, 17, 23, 29, 37, 47, 59, 71, 89, 107, 131, 163, 197, 239, 293, 353, 431, 521, 631, 761, 919, 1103, 1327,
    1597, 1931, 2333, 2801, 3371, 4049, 4861, 5839, 7013, 8419, 10103, 12143, 14591, 17519, 21023, 25229, 30293, 36353,
    43627, 52361, 62851, 75431, 90523, 108631, 130363, 156437, 187751, 225307, 270371, 324449, 389357, 467237, 560689,
    672827, 807403, 968897, 1162687, 1395263, 1674319, 2009191, 2411033, 2893249, 3471899, 4166287, 4999559, 5999471,
    7199369,
)
# fmt: on


def hash_code(key: Any) -> int | None:
    """GetHashCode() without its sign, as Hashtable takes it; None where it is not the same in every process."""
    if isinstance(key, bool):
        return int(key)
    if isinstance(key, float):
        bits = 0 if key == 0 else int.from_bytes(struct.pack("<d", key), "little")
        return (bits ^ bits >> 32) & MASK
    if isinstance(key, int):
        wide = type(key).__name__ in ("Int64", "UInt64")
        return (key ^ key >> 32 if wide else key) & MASK
    if type(key).__name__ == "Char":
        return (ord(key) | ord(key) << 16) & MASK
    return None


def in_bucket_order(keys: Iterable[Any], capacity: int) -> list[Any] | None:
    """Keys in the order of a Hashtable made for ``capacity`` to which they were added one by one; None if some key's
    hash code is not known."""
    size = _prime(int(capacity / LOAD)) if capacity / LOAD > SMALLEST else SMALLEST
    held: list[tuple[int, Any] | None] = [None] * size
    for count, key in enumerate(keys):
        code = hash_code(key)
        if code is None or size > PRIMES[-2]:
            return None
        if count >= int(LOAD * size):
            size = _prime(2 * size)
            larger: list[tuple[int, Any] | None] = [None] * size
            for one in held:
                if one is not None:
                    _put(larger, one)
            held = larger
        _put(held, (code, key))
    return [one[1] for one in reversed(held) if one is not None]


def _prime(at_least: int) -> int:
    return PRIMES[min(bisect.bisect_left(PRIMES, at_least), len(PRIMES) - 1)]


def _put(held: list[tuple[int, Any] | None], entry: tuple[int, Any]) -> None:
    size = len(held)
    step = 1 + (entry[0] * PRIME & 0xFFFFFFFF) % (size - 1)
    at = entry[0] % size
    while held[at] is not None:
        at = (at + step) % size
    held[at] = entry
