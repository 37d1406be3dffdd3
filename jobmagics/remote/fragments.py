"""PSRP fragments and messages, without I/O ([MS-PSRP] 2.2.4 and 2.2.1).

pypsrp joins fragments too, but it decodes each message at once, takes a repeated fragment for an error,
and cannot say what it holds of an unfinished message. Here a message stays bytes, whatever was seen
before is dropped (a server that is not sure that we have something sends it again, and object ids
only grow), and the unfinished rest can be put away and taken up again by another process.
"""

from __future__ import annotations

import functools
import struct
import uuid
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

HEADER = struct.Struct(">QQBI")
MESSAGE = struct.Struct("<II16s16s")
START, END = 1, 2
BOM = b"\xef\xbb\xbf"
CLIENT, SERVER = 1, 2


class Kind(IntEnum):
    """Message types that a pipeline or its pool sends us ([MS-PSRP] 2.2.1)."""

    SESSION_CAPABILITY = 0x00010002
    RUNSPACEPOOL_STATE = 0x00021005
    APPLICATION_PRIVATE_DATA = 0x00021009
    POOL_HOST_CALL = 0x00021100
    OUTPUT = 0x00041004
    ERROR = 0x00041005
    PIPELINE_STATE = 0x00041006
    DEBUG = 0x00041007
    VERBOSE = 0x00041008
    WARNING = 0x00041009
    PROGRESS = 0x00041010
    INFORMATION = 0x00041011
    HOST_CALL = 0x00041100
    HOST_RESPONSE = 0x00041101
    """Sent by us; in the ledger, without what was answered, it says that the call before it is answered."""


STREAMS: dict[int, str] = {
    Kind.OUTPUT: "output",
    Kind.ERROR: "error",
    Kind.WARNING: "warning",
    Kind.VERBOSE: "verbose",
    Kind.DEBUG: "debug",
    Kind.INFORMATION: "information",
    Kind.PROGRESS: "progress",
}
"""The streams a person reads, by message type."""


class Message(NamedTuple):
    """One PSRP message. ``data`` is its CLIXML in UTF-8 without a byte order mark; ``object_id`` its place in the
    stream.
    """

    kind: int
    data: bytes
    object_id: int = 0
    pool_id: str = ""
    pipeline_id: str = ""

    @classmethod
    def unpack(cls, blob: bytes, object_id: int) -> Message:
        if len(blob) < MESSAGE.size:
            raise FragmentError(f"message {object_id} has {len(blob)} bytes, shorter than its header")
        _destination, kind, pool, pipeline = MESSAGE.unpack_from(blob)
        data = blob[MESSAGE.size :].removeprefix(BOM)
        return cls(kind, data, object_id, _text(pool), _text(pipeline))

    def pack(self, destination: int = SERVER) -> bytes:
        return MESSAGE.pack(destination, self.kind, _bytes(self.pool_id), _bytes(self.pipeline_id)) + self.data


class FragmentError(ValueError):
    """The bytes are no fragments, or one in the middle is missing."""


@functools.lru_cache(maxsize=64)
def _text(raw: bytes) -> str:
    """One pool and few pipelines are in all messages of a stream."""
    return str(uuid.UUID(bytes_le=raw)).upper() if any(raw) else ""


def _bytes(text: str) -> bytes:
    return uuid.UUID(text).bytes_le if text else bytes(16)


def fragment(message: bytes, object_id: int, size: int) -> Iterator[bytes]:
    """A message cut into fragments of at most ``size`` bytes of payload."""
    for number, start in enumerate(range(0, max(len(message), 1), size)):
        piece = message[start : start + size]
        flags = (START if start == 0 else 0) | (END if start + size >= len(message) else 0)
        yield HEADER.pack(object_id, number, flags, len(piece)) + piece


class Rest(NamedTuple):
    """What is new of an unfinished message, as fragments. ``continues``: they go on where the ones before end;
    otherwise those are of no use any more.
    """

    data: bytes = b""
    continues: bool = False


class Defragmenter:
    """Bytes in, whole messages out, each once. Raises FragmentError if ``partial`` is not whole fragments.

    ``last_id`` is the newest object id known to be complete, ``partial`` what ``rest`` of an earlier one gave, joined;
    ``is_torn``: the beginning of the next object may be lost, and then the rest of it is left out.
    """

    def __init__(self, last_id: int = 0, partial: bytes = b"", *, is_torn: bool = False) -> None:
        self.last_id = last_id
        self._is_torn = is_torn
        self._tail = b""  # bytes of a fragment that is not whole yet
        self._open_id = 0
        self._next = 0
        self._pieces: list[bytes] = []
        self._given = (0, 0)
        if partial:
            self.feed(partial)
            if self._tail:
                raise FragmentError("what is known of the unfinished message ends within a fragment")
            self._given = (self._open_id, self._next)

    def rest(self) -> Rest:
        """Of the unfinished message, what came since this was asked last: however long it gets, each byte is given
        once.
        """
        if not self._pieces:
            self._given = (0, 0)
            return Rest()
        known_id, count = self._given
        first = count if known_id == self._open_id else 0
        self._given = (self._open_id, self._next)
        data = b"".join(
            HEADER.pack(self._open_id, number, START if number == 0 else 0, len(piece)) + piece
            for number, piece in enumerate(self._pieces[first:], first)
        )
        return Rest(data, continues=first > 0)

    def forget_tail(self) -> None:
        """A new connection starts at the head of a fragment; half a fragment of the old one is void."""
        self._tail = b""

    def feed(self, data: bytes) -> list[Message]:
        """Raises FragmentError when a fragment is missing."""
        messages = []
        view = self._tail + data
        at = 0
        while len(view) - at >= HEADER.size:
            object_id, number, flags, length = HEADER.unpack_from(view, at)
            end = at + HEADER.size + length
            if end > len(view):
                break
            whole = self._take(object_id, number, flags, view[at + HEADER.size : end])
            if whole is not None:
                messages.append(Message.unpack(whole, object_id))
            at = end
        self._tail = view[at:]
        return messages

    def _take(self, object_id: int, number: int, flags: int, piece: bytes) -> bytes | None:
        if object_id <= self.last_id or (object_id == self._open_id and number < self._next):
            return None  # seen before
        if self._is_torn and not flags & START and not self._pieces:
            return None
        if flags & START:
            # an unfinished message that the server has given up makes room for the next one
            self._open_id, self._next, self._pieces = object_id, 0, []
        if object_id != self._open_id or number != self._next:
            raise FragmentError(
                f"fragment {number} of object {object_id} came, {self._next} of {self._open_id} was due"
            )
        self._pieces.append(piece)
        self._next += 1
        if not flags & END:
            return None
        whole = b"".join(self._pieces)
        self.last_id, self._open_id, self._next, self._pieces = object_id, 0, 0, []
        return whole
