"""A queue of byte strings that stays small in memory: past a bound it goes on in private files.

A job may print gigabytes while nobody listens, and must neither wait nor lose a byte. Order in memory:
``head`` (next to be taken), then the unread segments on disk, then ``tail`` (not yet written). A segment
holds length-prefixed items, so no index of it has to be kept; it has no name, so it is gone with the
process however that ends; and it is given back to the disk when all of it was read.

What all spools of a host may have on disk is one ``DiskBudget``. When that is used up, or the disk is full,
the queue says so (``is_exhausted``), and goes on in memory for as long as the engine still has to be read.
"""

from __future__ import annotations

import logging
import struct
import tempfile
from collections import deque
from pathlib import Path
from typing import IO

WRITE_BYTES = 256 * 1024
READ_BYTES = 1024 * 1024
SEGMENT_BYTES = 64 * 1024 * 1024

_LENGTH = struct.Struct(">I")
log = logging.getLogger(__name__)


class DiskBudget:
    """Bytes that the spools of a host may have on disk together."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0

    def has_room(self, size: int) -> bool:
        return self.used + size <= self.limit


class _Segment:
    """One file: written at its end, read from its beginning."""

    def __init__(self, directory: Path) -> None:
        # buffered writes would fail at a later, unrelated call when the disk is full
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=directory, prefix="spool-", buffering=0)  # noqa: SIM115
        self.written = 0
        self.read_at = 0

    def write(self, data: bytes) -> None:
        """Raises OSError; the segment then is as it was."""
        self._file.seek(self.written)
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
        self.written += len(data)

    def read(self) -> list[bytes]:
        """The next items, about READ_BYTES of them, at least one."""
        self._file.seek(self.read_at)
        data = self._file.read(READ_BYTES)
        items: list[bytes] = []
        at = 0
        while at + _LENGTH.size <= len(data):
            (length,) = _LENGTH.unpack_from(data, at)
            end = at + _LENGTH.size + length
            if end > len(data):
                if items:
                    break
                data += self._file.read(end - len(data))  # one item larger than a read
            items.append(data[at + _LENGTH.size : end])
            at = end
        self.read_at += at
        return items

    def close(self) -> None:
        self._file.close()


class Spool:
    """First in, first out. ``directory``: where files may be made, only the user's own; ``memory_bytes``: kept in
    memory before the rest goes there.
    """

    def __init__(self, directory: Path, budget: DiskBudget, memory_bytes: int) -> None:
        self._directory = directory
        self._budget = budget
        self._memory_bytes = memory_bytes
        self._head: deque[bytes] = deque()
        self._head_size = 0
        self._segments: deque[_Segment] = deque()
        self._tail: list[bytes] = []
        self._tail_size = 0
        self._disk_is_full = False

    def __bool__(self) -> bool:
        return bool(self._head or self._tail or self._segments)

    @property
    def bytes_on_disk(self) -> int:
        return sum(segment.written for segment in self._segments)

    @property
    def size(self) -> int:
        """Bytes that wait, wherever."""
        return self._head_size + self._tail_size + sum(part.written - part.read_at for part in self._segments)

    @property
    def is_exhausted(self) -> bool:
        """More waits in memory than there should, because it may not or cannot be written."""
        size = self._tail_size
        return size >= WRITE_BYTES and (self._disk_is_full or not self._budget.has_room(size))

    def append(self, item: bytes) -> None:
        spilled = self._tail or self._segments
        if not spilled and self._head_size + len(item) <= self._memory_bytes:
            self._head.append(item)
            self._head_size += len(item)
            return
        self._tail.append(item)
        self._tail_size += len(item)
        if self._tail_size >= WRITE_BYTES and not self.is_exhausted:
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
        while self._segments:
            self._drop_segment()
        self._head.clear()
        self._tail.clear()
        self._head_size = self._tail_size = 0

    def _write(self) -> None:
        """The tail goes to the disk. It stays where it is when the disk takes no more."""
        data = b"".join(part for item in self._tail for part in (_LENGTH.pack(len(item)), item))
        try:
            if not self._segments or self._segments[-1].written >= SEGMENT_BYTES:
                self._segments.append(_Segment(self._directory))
            self._segments[-1].write(data)
        except OSError as error:
            log.warning("the output of a job cannot be spooled (%s); it waits until it is received", error.strerror)
            self._disk_is_full = True
            if self._segments and not self._segments[-1].written:
                self._segments.pop().close()
            return
        self._budget.used += len(data)
        self._tail.clear()
        self._tail_size = 0

    def _refill(self) -> None:
        if not self._segments:
            self._head.extend(self._tail)
            self._head_size += self._tail_size
            self._tail.clear()
            self._tail_size = 0
            self._disk_is_full = False
            return
        items = self._segments[0].read()
        self._head.extend(items)
        self._head_size += sum(map(len, items))
        if self._segments[0].read_at == self._segments[0].written:
            self._drop_segment()

    def _drop_segment(self) -> None:
        segment = self._segments.popleft()
        segment.close()
        self._budget.used -= segment.written
        self._disk_is_full = False
