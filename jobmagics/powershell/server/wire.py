"""PSRP on a pair of pipes: elements, messages and fragments, as ``pwsh -s`` spells them. No I/O, no meaning.

An element is one line of XML around base64; its bytes are fragments ([MS-PSRP] 2.2.4); the fragments of one object
make a message (2.2.1). psrpcore does the same but costs 0.08 s of import and decides more than an engine wants.
"""

from __future__ import annotations

import base64
import binascii
import functools
import re
import struct
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

FRAGMENT_BYTES = 32768  # as PowerShell on a pipe, header included
MAX_OBJECT_BYTES = 512 * 1024 * 1024
MAX_OPEN_OBJECTS = 64

NO_GUID = uuid.UUID(int=0)
TO_CLIENT = 1
TO_SERVER = 2
BOM = b"\xef\xbb\xbf"

# [MS-PSRP] 2.2.1: message types
SESSION_CAPABILITY = 0x00010002
INIT_RUNSPACEPOOL = 0x00010004
PUBLIC_KEY = 0x00010005
ENCRYPTED_SESSION_KEY = 0x00010006
PUBLIC_KEY_REQUEST = 0x00010007
CONNECT_RUNSPACEPOOL = 0x00010008
SET_MAX_RUNSPACES = 0x00021002
SET_MIN_RUNSPACES = 0x00021003
RUNSPACE_AVAILABILITY = 0x00021004
RUNSPACEPOOL_STATE = 0x00021005
CREATE_PIPELINE = 0x00021006
GET_AVAILABLE_RUNSPACES = 0x00021007
USER_EVENT = 0x00021008
APPLICATION_PRIVATE_DATA = 0x00021009
GET_COMMAND_METADATA = 0x0002100A
RUNSPACEPOOL_INIT_DATA = 0x0002100B
RESET_RUNSPACE_STATE = 0x0002100C
RUNSPACEPOOL_HOST_CALL = 0x00021100
RUNSPACEPOOL_HOST_RESPONSE = 0x00021101
PIPELINE_INPUT = 0x00041002
END_OF_PIPELINE_INPUT = 0x00041003
PIPELINE_OUTPUT = 0x00041004
ERROR_RECORD = 0x00041005
PIPELINE_STATE = 0x00041006
DEBUG_RECORD = 0x00041007
VERBOSE_RECORD = 0x00041008
WARNING_RECORD = 0x00041009
PROGRESS_RECORD = 0x00041010
INFORMATION_RECORD = 0x00041011
PIPELINE_HOST_CALL = 0x00041100
PIPELINE_HOST_RESPONSE = 0x00041101

_FRAGMENT = struct.Struct(">QQBI")
_MESSAGE = struct.Struct("<II16s16s")
_START = 1
_END = 2


class WireError(ValueError):
    """What came is not the protocol."""


@dataclass(frozen=True, slots=True)
class Element:
    """One line: tag is Data, Command, Close, Signal or one of their Acks."""

    tag: str
    guid: uuid.UUID
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Message:
    kind: int
    pool: uuid.UUID
    pipeline: uuid.UUID
    body: str


_ELEMENT = re.compile(
    rb"\s*<([A-Za-z]+)((?:\s+[A-Za-z]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*)\s*(?:/>|>([^<]*)</([A-Za-z]+)\s*>)\s*"
)
_GUID = re.compile(rb"PSGuid\s*=\s*[\"']([0-9A-Fa-f-]+)[\"']")


def parse_element(line: bytes) -> Element:
    """The element on a line. Raises WireError."""
    found = _ELEMENT.fullmatch(line)
    if found is None or (found[4] is not None and found[4] != found[1]):
        raise WireError("a line that is no element of the protocol")
    guid = _GUID.search(found[2])
    if guid is None:
        raise WireError(f"an element <{found[1].decode('ascii')}> without its PSGuid")
    try:
        return Element(found[1].decode("ascii"), uuid.UUID(guid[1].decode("ascii")), base64.b64decode(found[3] or b""))
    except (ValueError, binascii.Error) as problem:
        raise WireError(f"an element whose id or data is malformed: {problem}") from problem


@functools.lru_cache(maxsize=64)
def _data_start(guid: uuid.UUID) -> bytes:
    return f"<Data Stream='Default' PSGuid='{guid}'>".encode()


def data_element(guid: uuid.UUID, data: bytes) -> bytes:
    return b"".join((_data_start(guid), binascii.b2a_base64(data, newline=False), b"</Data>\n"))


def short_element(tag: str, guid: uuid.UUID) -> bytes:
    return f"<{tag} PSGuid='{guid}' />\n".encode()


@functools.lru_cache(maxsize=256)
def _header(kind: int, pool: uuid.UUID, pipeline: uuid.UUID, destination: int) -> bytes:
    return _MESSAGE.pack(destination, kind, pool.bytes_le, pipeline.bytes_le)


def message_bytes(kind: int, pool: uuid.UUID, pipeline: uuid.UUID, body: str, destination: int = TO_CLIENT) -> bytes:
    """A whole message; an empty body stays empty, any other begins with a byte order mark as PowerShell's does."""
    header = _header(kind, pool, pipeline, destination)
    return header + BOM + body.encode("utf-8", "surrogatepass") if body else header


def fragments(object_id: int, data: bytes, size: int = FRAGMENT_BYTES) -> Iterator[bytes]:
    """Cut a message into fragments of at most ``size`` bytes with their headers."""
    room = size - _FRAGMENT.size
    if len(data) <= room:
        yield _FRAGMENT.pack(object_id, 0, _START | _END, len(data)) + data
        return
    for number, at in enumerate(range(0, len(data), room)):
        piece = data[at : at + room]
        flags = (_START if at == 0 else 0) | (_END if at + room >= len(data) else 0)
        yield _FRAGMENT.pack(object_id, number, flags, len(piece)) + piece


class Defragmenter:
    """Puts fragments together again; one for each direction."""

    def __init__(self) -> None:
        self._open: dict[int, list[bytes]] = {}
        self._held = 0

    def feed(self, data: bytes) -> list[Message]:
        """The messages that these bytes complete. Raises WireError."""
        done: list[Message] = []
        at = 0
        while at < len(data):
            if len(data) - at < _FRAGMENT.size:
                raise WireError("a fragment header that is cut off")
            object_id, number, flags, length = _FRAGMENT.unpack_from(data, at)
            at += _FRAGMENT.size
            blob = data[at : at + length]
            if len(blob) != length:
                raise WireError("a fragment that is cut off")
            at += length
            if flags & _START:
                self._open[object_id] = []
            parts = self._open.get(object_id)
            if parts is None or len(parts) != number:
                raise WireError("a fragment out of order")
            parts.append(blob)
            self._held += length
            if flags & _END:
                del self._open[object_id]
                self._held -= sum(map(len, parts))
                done.append(_message(b"".join(parts)))
            elif self._held > MAX_OBJECT_BYTES or len(self._open) > MAX_OPEN_OBJECTS:
                raise WireError("more unfinished data than this side accepts")
        return done


def _message(data: bytes) -> Message:
    if len(data) < _MESSAGE.size:
        raise WireError("a message shorter than its header")
    _, kind, pool, pipeline = _MESSAGE.unpack_from(data)
    try:
        body = data[_MESSAGE.size :].decode("utf-8-sig", "surrogatepass")
    except UnicodeDecodeError as problem:
        raise WireError("a message that is not UTF-8") from problem
    return Message(kind, uuid.UUID(bytes_le=pool), uuid.UUID(bytes_le=pipeline), body)
