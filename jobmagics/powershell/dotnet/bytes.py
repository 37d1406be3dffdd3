"""byte[]: Python bytes to the engine's array and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...psobject import Byte, PSList


def byte_list(data: Iterable[int]) -> PSList:
    return PSList.of("System.Byte", map(Byte, data))


def to_bytes(data: Any) -> bytes:
    return data if isinstance(data, bytes) else bytes(map(int, data))
