"""The buffer of OutputBufferingMode Drop: the newest records that fit, and everything that is not a record.

Pure. When it is full the oldest records go, whole: a client must never see part of an object. What a pipeline
says of itself (its state, what it asks its host) is no record and always stays, as do the rest of an object whose
first part was delivered.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from jobmagics.host import fragments


@dataclass(slots=True)
class _Piece:
    """One fragment. ``is_record``: of an object that may be dropped."""

    data: bytes
    is_first: bool
    is_last: bool
    is_record: bool


class Window:
    """First in, first out, at most ``limit`` bytes of records. ``dropped``: how many are gone."""

    is_exhausted = False

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pieces: deque[_Piece] = deque()
        self._is_record = False
        self.size = 0
        self.dropped = 0

    def __bool__(self) -> bool:
        return bool(self._pieces)

    def append(self, item: bytes) -> None:
        for piece in self._cut(item):
            self._pieces.append(piece)
            self.size += len(piece.data)
            if piece.is_last and self.size > self._limit:
                self._shrink()

    def take(self, limit: int) -> list[bytes]:
        """Fragments from the front, together at most ``limit`` bytes; the first one whatever its size."""
        taken: list[bytes] = []
        size = 0
        while self._pieces and (not taken or size + len(self._pieces[0].data) <= limit):
            piece = self._pieces.popleft()
            size += len(piece.data)
            taken.append(piece.data)
        self.size -= size
        return taken

    def give_back(self, items: list[bytes]) -> None:
        """Put items that were taken back to the front."""
        last = self._is_record
        pieces = [piece for item in items for piece in self._cut(item)]
        self._is_record = last
        self._pieces.extendleft(reversed(pieces))
        self.size += sum(len(piece.data) for piece in pieces)

    def close(self) -> None:
        self._pieces.clear()
        self.size = 0

    def _cut(self, item: bytes) -> list[_Piece]:
        pieces = []
        for fragment in fragments.walk(item):
            if fragment.is_first:
                self._is_record = fragments.is_record(item, fragment)
            data = item[fragment.start : fragment.end]
            pieces.append(_Piece(data, fragment.is_first, fragment.is_last, self._is_record))
        return pieces

    def _shrink(self) -> None:
        """Drops the oldest whole records until the rest fits or only the newest is left."""
        stays: list[_Piece] = []
        while self._pieces and self.size > self._limit:
            piece = self._pieces.popleft()
            if not (piece.is_first and piece.is_record):
                stays.append(piece)
                continue
            whole = [piece]
            while not whole[-1].is_last:
                whole.append(self._pieces.popleft())
            if not self._pieces:
                stays += whole
                break
            self.size -= sum(len(piece.data) for piece in whole)
            self.dropped += 1
        self._pieces.extendleft(reversed(stays))
