"""A queue of byte strings that stays small in memory: past a bound it goes on in a private file.

A job may print gigabytes while nobody listens, and must neither wait nor lose a byte. Order in memory:
``head`` (next to be taken), then the unread part of the file, then ``tail`` (not yet written). The file
holds length-prefixed items, so no index of it has to be kept; it has no name, so it is gone with the
process however that ends. It is emptied when all of it was read; freeing parts earlier is not done here.
"""

from __future__ import annotations

import struct
import tempfile
from collections import deque
from pathlib import Path
from typing import IO

MEMORY_BYTES = 4 * 1024 * 1024
"""Kept in memory for each stream before the rest goes to its file."""
WRITE_BYTES = 256 * 1024
READ_BYTES = 1024 * 1024

_LENGTH = struct.Struct(">I")


class Spool:
    """First in, first out. ``directory``: where the file may be made, only the user's own."""

    def __init__(self, directory: Path, memory_bytes: int = MEMORY_BYTES) -> None:
        self._directory = directory
        self._memory_bytes = memory_bytes
        self._head: deque[bytes] = deque()
        self._head_size = 0
        self._tail: list[bytes] = []
        self._tail_size = 0
        self._file: IO[bytes] | None = None
        self._read_at = 0
        self._written = 0

    def __bool__(self) -> bool:
        return bool(self._head or self._tail or self._read_at < self._written)

    @property
    def bytes_on_disk(self) -> int:
        return self._written - self._read_at

    def append(self, item: bytes) -> None:
        """Raises OSError when the disk is full; nothing that was appended before is lost."""
        spilled = self._tail or self._read_at < self._written
        if not spilled and self._head_size + len(item) <= self._memory_bytes:
            self._head.append(item)
            self._head_size += len(item)
            return
        self._tail.append(item)
        self._tail_size += len(item)
        if self._tail_size >= WRITE_BYTES:
            self._write()

    def take(self, limit: int) -> list[bytes]:
        """Items from the front, together at most ``limit`` bytes; the first one whatever its size."""
        taken: list[bytes] = []
        size = 0
        while self:
            if not self._head:
                self._refill()
            if taken and size + len(self._head[0]) > limit:
                break
            item = self._head.popleft()
            self._head_size -= len(item)
            size += len(item)
            taken.append(item)
        return taken

    def give_back(self, items: list[bytes]) -> None:
        """Put items that were taken back to the front."""
        self._head.extendleft(reversed(items))
        self._head_size += sum(map(len, items))

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        self._head.clear()
        self._tail.clear()
        self._head_size = self._tail_size = self._read_at = self._written = 0

    def _write(self) -> None:
        if self._file is None:
            # buffered writes would fail at a later, unrelated call when the disk is full
            self._file = tempfile.TemporaryFile(dir=self._directory, prefix="spool-", buffering=0)  # noqa: SIM115
        data = b"".join(part for item in self._tail for part in (_LENGTH.pack(len(item)), item))
        self._file.seek(self._written)
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
        self._written += len(data)
        self._tail.clear()
        self._tail_size = 0

    def _refill(self) -> None:
        if self._read_at == self._written:
            self._head.extend(self._tail)
            self._head_size += self._tail_size
            self._tail.clear()
            self._tail_size = 0
            return
        assert self._file is not None
        self._file.seek(self._read_at)
        data = self._file.read(READ_BYTES)
        at = 0
        while at + _LENGTH.size <= len(data):
            (length,) = _LENGTH.unpack_from(data, at)
            if at + _LENGTH.size + length > len(data):
                if at:
                    break
                data += self._file.read(_LENGTH.size + length - len(data))  # one item larger than a read
            item = data[at + _LENGTH.size : at + _LENGTH.size + length]
            self._head.append(item)
            self._head_size += length
            at += _LENGTH.size + length
        self._read_at += at
        if self._read_at == self._written:
            self._file.truncate(0)
            self._read_at = self._written = 0
