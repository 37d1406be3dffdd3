"""PSRP fragments and the few message headers the host has to know ([MS-PSRP] 2.2.4 and 2.2.1).

Pure. A fragment is 21 bytes of header (object id, fragment id, flags, length, big-endian) and a
blob; the first blob of an object begins with the 40 bytes of the message header, little-endian.
The host reads kinds and three numbers; it never decodes what a script wrote.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

HEADER = struct.Struct(">QQBI")
MESSAGE = struct.Struct("<II16s16s")
_KIND = struct.Struct("<4xI")
"""Of a message's header just the type: asked of every fragment."""
START, END = 1, 2

SESSION_CAPABILITY = 0x00010002
INIT_RUNSPACEPOOL = 0x00010004
ENCRYPTED_SESSION_KEY = 0x00010006
RUNSPACEPOOL_STATE = 0x00021005
RUNSPACE_AVAILABILITY = 0x00021004
APPLICATION_PRIVATE_DATA = 0x00021009
RUNSPACEPOOL_INIT_DATA = 0x0002100B
PIPELINE_STATE = 0x00041006
HOST_CALL = 0x00041100
RECORDS = frozenset({0x00041004, 0x00041005, 0x00041007, 0x00041008, 0x00041009, 0x00041010, 0x00041011})
"""What a script wrote: output, errors and the records of the other streams."""

OPENED = 2
"""RunspacePoolState.Opened."""
_PIPELINE_GOES_ON = {0, 1, 2, 6}
"""PSInvocationState: NotStarted, Running, Stopping, Disconnected."""

CHUNK_BYTES = 32 * 1024
"""Delivered pieces are about this large; PowerShell's own fragments are."""


class FragmentError(Exception):
    """Bytes that are not whole fragments in order."""


class Fragment(NamedTuple):
    object_id: int
    fragment_id: int
    flags: int
    start: int
    end: int

    @property
    def is_first(self) -> bool:
        return bool(self.flags & START)

    @property
    def is_last(self) -> bool:
        return bool(self.flags & END)


def walk(data: bytes) -> Iterator[Fragment]:
    """The fragments in ``data``; ``start`` and ``end`` are offsets of the whole fragment, header included."""
    at = 0
    while at < len(data):
        if len(data) - at < HEADER.size:
            raise FragmentError("a fragment header is cut short")
        object_id, fragment_id, flags, length = HEADER.unpack_from(data, at)
        end = at + HEADER.size + length
        if end > len(data):
            raise FragmentError("a fragment is cut short")
        yield Fragment(object_id, fragment_id, flags, at, end)
        at = end


def kind_of(data: bytes, fragment: Fragment) -> int | None:
    """The message type, when this is the first fragment of its object."""
    _, _, flags, start, end = fragment
    if not flags & START or end - start < HEADER.size + MESSAGE.size:
        return None
    kind: int = _KIND.unpack_from(data, start + HEADER.size)[0]
    return kind


def is_record(data: bytes, fragment: Fragment) -> bool:
    """Whether the object that begins here may be dropped: what a script wrote, or a host call that wants no answer."""
    kind = kind_of(data, fragment)
    if kind == HOST_CALL:
        return state_in(data[fragment.start : fragment.end], b"ci") == -100
    return kind in RECORDS


def cut(data: bytes, fragments: list[Fragment]) -> list[bytes]:
    """``data`` in pieces of whole fragments, each about CHUNK_BYTES (a larger single fragment stays whole)."""
    if len(data) <= CHUNK_BYTES or len(fragments) <= 1:
        return [data]
    pieces, begin = [], 0
    for fragment in fragments:
        if fragment.end - begin > CHUNK_BYTES and fragment.start > begin:
            pieces.append(data[begin : fragment.start])
            begin = fragment.start
    pieces.append(data[begin:])
    return pieces


def state_in(body: bytes, name: bytes) -> int | None:
    found = re.search(rb'N="%s"[^>]*>\s*(-?\d+)\s*<' % name, body)
    return int(found[1]) if found else None


def body_of(data: bytes) -> bytes:
    """The message in the fragments of one object, without their headers."""
    return b"".join(data[fragment.start + HEADER.size : fragment.end] for fragment in walk(data))


def ends_pipeline(data: bytes, fragment: Fragment) -> bool:
    """Whether this is a PIPELINE_STATE of a pipeline that will say no more."""
    if kind_of(data, fragment) != PIPELINE_STATE:
        return False
    return state_in(data[fragment.start : fragment.end], b"PipelineState") not in _PIPELINE_GOES_ON


def runspace_counts(data: bytes) -> tuple[int, int]:
    """MinRunspaces and MaxRunspaces of an INIT_RUNSPACEPOOL message."""
    body = body_of(data)
    return state_in(body, b"MinRunspaces") or 1, state_in(body, b"MaxRunspaces") or 1


def init_data(pool: str, counts: tuple[int, int], object_id: int) -> bytes:
    """RUNSPACEPOOL_INIT_DATA ([MS-PSRP] 2.2.2.30) in one fragment, for a client that connects."""
    body = (
        f'<Obj RefId="0"><MS><I32 N="MinRunspaces">{counts[0]}</I32><I32 N="MaxRunspaces">{counts[1]}</I32></MS></Obj>'
    ).encode()
    message = MESSAGE.pack(1, RUNSPACEPOOL_INIT_DATA, UUID(pool).bytes_le, bytes(16)) + body
    return HEADER.pack(object_id, 0, START | END, len(message)) + message


class ObjectAssembler:
    """Holds a client's fragments back until their object is whole.

    An engine must never see half an object: its client may have been killed between two Sends, and the
    next client begins to count its objects from one again.
    """

    def __init__(self, limit: int) -> None:
        self._held: dict[int, list[bytes]] = {}
        self._size = 0
        self._limit = limit

    def feed(self, data: bytes) -> list[bytes]:
        """The objects completed by ``data``, each as its fragments. Raises FragmentError."""
        complete = []
        for fragment in walk(data):
            held = self._held.setdefault(fragment.object_id, [])
            if fragment.fragment_id != len(held) or fragment.is_first != (not held):
                raise FragmentError(f"fragment {fragment.fragment_id} of object {fragment.object_id} is out of order")
            held.append(data[fragment.start : fragment.end])
            self._size += fragment.end - fragment.start
            if fragment.is_last:
                whole = b"".join(self._held.pop(fragment.object_id))
                self._size -= len(whole)
                complete.append(whole)
        if self._size > self._limit:
            raise FragmentError(f"an object is larger than {self._limit} bytes")
        return complete

    def reset(self) -> None:
        """Forget what was begun: its client is gone."""
        self._held.clear()
        self._size = 0


class Greeting:
    """What the engine said when the pool opened, kept for clients that connect later.

    An engine greets once; SESSION_CAPABILITY, APPLICATION_PRIVATE_DATA and RUNSPACEPOOL_STATE(Opened) are
    given again by the host, as they were.
    """

    KINDS = (SESSION_CAPABILITY, APPLICATION_PRIVATE_DATA, RUNSPACEPOOL_STATE)

    def __init__(self) -> None:
        self._objects: dict[int, bytes] = {}
        self._kinds: dict[int, int] = {}
        self.is_complete = False

    def note(self, data: bytes, fragment: Fragment) -> None:
        if self.is_complete:
            return
        kind = kind_of(data, fragment)
        if kind in self.KINDS:
            self._kinds[fragment.object_id] = kind
            self._objects[fragment.object_id] = b""
        if fragment.object_id in self._objects:
            self._objects[fragment.object_id] += data[fragment.start : fragment.end]
            if fragment.is_last and self._kinds[fragment.object_id] == RUNSPACEPOOL_STATE:
                self.is_complete = state_in(body_of(self._objects[fragment.object_id]), b"RunspaceState") == OPENED

    def object_of(self, kind: int) -> bytes:
        return b"".join(data for id_, data in self._objects.items() if self._kinds[id_] == kind)

    def is_part(self, fragment: Fragment) -> bool:
        return fragment.object_id in self._objects


def for_another_client(chunks: list[bytes], greeting: Greeting) -> list[bytes]:
    """Undelivered pool messages as a new client may have them.

    Without the greeting (it is given whole again) and without answers to calls that the new client never
    made: pypsrp fails on an availability response or a session key that it did not ask for.
    """
    kept, answers = [], set()
    for chunk in chunks:
        for fragment in walk(chunk):
            if kind_of(chunk, fragment) in (RUNSPACE_AVAILABILITY, ENCRYPTED_SESSION_KEY):
                answers.add(fragment.object_id)
            if fragment.object_id not in answers and not greeting.is_part(fragment):
                kept.append(chunk[fragment.start : fragment.end])
    return kept
