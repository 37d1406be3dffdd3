"""byte[]: Python bytes to the engine's array and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...psobject import PSList
from ..values import pieces


def byte_list(data: Iterable[int]) -> PSList:
    return pieces.byte_list(data if isinstance(data, bytes) else bytes(data))


def to_bytes(data: Any) -> bytes:
    if isinstance(data, bytes):
        return data
    return pieces.to_bytes(data) if isinstance(data, list) else bytes(map(int, data))
