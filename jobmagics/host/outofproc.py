"""The protocol of ``pwsh -s``: PSRP fragments in newline-ended XML elements on stdin and stdout.

Pure: bytes in, packets out, any chunking. One element a line, as in PowerShell's
OutOfProcTransportManager (v7.6.5)::

    <Data Stream='Default' PSGuid='00000000-…'>base64 fragments</Data>      <DataAck PSGuid='…' />
    <Command PSGuid='…' />   <Close PSGuid='…' />   <Signal PSGuid='…' />   and their …Ack

The all-zero guid is the pool. The first tag of a line is matched by a pattern, once for all lines that begin alike, and
not given to an XML parser: there is nothing else an engine may say, and this is the inner loop of every byte that a job
prints.
"""

from __future__ import annotations

import base64
import binascii
import functools
import re
from typing import NamedTuple

POOL = "00000000-0000-0000-0000-000000000000"
MAX_LINE_BYTES = 256 * 1024 * 1024

_HEAD = re.compile(
    rb"<(Data|DataAck|Command|CommandAck|Close|CloseAck|Signal|SignalAck)"
    rb"((?:\s+[A-Za-z]+\s*=\s*(?:'[^'<>]*'|\"[^\"<>]*\"))*)\s*/?>"
)
_ATTRIBUTE = re.compile(rb"([A-Za-z]+)\s*=\s*(?:'([^'<]*)'|\"([^\"<]*)\")")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class ProtocolError(Exception):
    """The engine (or whatever answers in its place) said something that is not of this protocol."""


class Packet(NamedTuple):
    """One element. ``guid`` in lower case; ``stream`` and ``data`` matter for Data only."""

    kind: str
    guid: str
    data: bytes = b""
    stream: str = "Default"


def data_packet(guid: str, data: bytes, stream: str = "Default") -> bytes:
    return b"<Data Stream='%s' PSGuid='%s'>%s</Data>\n" % (stream.encode(), guid.encode(), base64.b64encode(data))


def bare_packet(kind: str, guid: str) -> bytes:
    """Command, Close, Signal, and the Acks an engine gives."""
    return b"<%s PSGuid='%s' />\n" % (kind.encode(), guid.encode())


class PacketReader:
    """Cuts a byte stream into packets, whatever pieces it comes in."""

    def __init__(self, max_line: int = MAX_LINE_BYTES) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._max_line = max_line

    def feed(self, data: bytes) -> list[Packet]:
        """The packets completed by ``data``. Raises ProtocolError; nothing after that is to be trusted."""
        *complete, rest = data.split(b"\n")
        if complete:
            complete[0] = b"".join((*self._parts, complete[0]))
            self._parts.clear()
            self._size = 0
        if rest:
            self._parts.append(rest)
            self._size += len(rest)
            if self._size > self._max_line:
                raise ProtocolError(f"a line is longer than {self._max_line} bytes")
        return [parse_line(line) for line in complete if line.strip()]


def parse_line(line: bytes) -> Packet:
    head, bracket, rest = line.strip().partition(b">")
    kind, guid, stream = _head(head + bracket)
    text, bracket, tail = rest.partition(b"<")
    if head.endswith(b"/") != (not rest) or bracket + tail != (b"</%s>" % kind.encode() if rest else b""):
        raise _no_element(line)
    try:
        return Packet(kind, guid, base64.b64decode(text, validate=True), stream)
    except binascii.Error as error:
        raise ProtocolError(f"the data of an element is not base64: {error}") from error


@functools.lru_cache(maxsize=1024)
def _head(text: bytes) -> tuple[str, str, str]:
    """Kind, guid and stream of an element's first tag: all that a pipeline prints has the same."""
    match = _HEAD.fullmatch(text)
    if match is None:
        raise _no_element(text)
    kind = match[1].decode()
    stream, guid = "Default", ""
    for name, single, double in _ATTRIBUTE.findall(match[2]):
        value = (single or double).decode("utf-8", "replace")
        if name == b"PSGuid":
            guid = value.lower()
        elif name == b"Stream":
            stream = value
    if _GUID.fullmatch(guid) is None:
        raise ProtocolError(f"the element {kind} has no valid PSGuid")
    return kind, guid, stream


def _no_element(line: bytes) -> ProtocolError:
    text = line[:60].decode("utf-8", "replace")
    return ProtocolError(
        f"the line {text!r}{'…' if len(line) > 60 else ''} is not an element of the out-of-process protocol"
    )
