"""Fragments and elements: any cutting puts together again, and nothing hostile passes."""

from __future__ import annotations

import contextlib
import struct
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobmagics.powershell.server import wire

POOL, PIPELINE = uuid.uuid4(), uuid.uuid4()
BODIES = st.text(st.characters(exclude_categories=()), max_size=200)


@given(st.lists(BODIES, max_size=5), st.integers(22, 200), st.integers(1, 300))
def test_messages_survive_any_cutting(bodies: list[str], size: int, first: int) -> None:
    pieces = [
        list(wire.fragments(first + number, wire.message_bytes(wire.PIPELINE_OUTPUT, POOL, PIPELINE, body), size))
        for number, body in enumerate(bodies)
    ]
    assert all(len(piece) <= size for group in pieces for piece in group)
    defragmenter = wire.Defragmenter()
    got = []
    # the objects' fragments come interleaved, several in one delivery
    while any(pieces):
        delivery = b"".join(group.pop(0) for group in pieces if group)
        got += defragmenter.feed(delivery)
    assert sorted(message.body for message in got) == sorted(bodies)
    assert all((message.kind, message.pipeline) == (wire.PIPELINE_OUTPUT, PIPELINE) for message in got)


def test_powershells_sizes() -> None:
    pieces = list(wire.fragments(1, bytes(100_000)))
    assert [len(piece) for piece in pieces] == [32768, 32768, 32768, 100_000 - 3 * 32747 + 21]


@pytest.mark.parametrize(
    "data",
    [
        b"short",
        struct.pack(">QQBI", 1, 0, 3, 100) + b"x",
        struct.pack(">QQBI", 1, 1, 2, 1) + b"x",
        struct.pack(">QQBI", 1, 0, 1, 1) + b"x" + struct.pack(">QQBI", 1, 2, 2, 1) + b"x",
        struct.pack(">QQBI", 1, 0, 3, 4) + b"tiny",
        struct.pack(">QQBI", 1, 0, 3, 42) + bytes(40) + b"\xff\xff",
    ],
)
def test_broken_fragments_are_refused(data: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.Defragmenter().feed(data)


def test_unfinished_objects_are_bounded() -> None:
    flood = b"".join(struct.pack(">QQBI", number, 0, 1, 1) + b"x" for number in range(wire.MAX_OPEN_OBJECTS + 1))
    with pytest.raises(wire.WireError, match="unfinished"):
        wire.Defragmenter().feed(flood)


@given(st.binary(max_size=200), st.uuids())
def test_elements(data: bytes, guid: uuid.UUID) -> None:
    element = wire.parse_element(wire.data_element(guid, data))
    assert (element.tag, element.guid, element.data) == ("Data", guid, data)
    assert wire.parse_element(wire.short_element("Command", guid)) == wire.Element("Command", guid)


@pytest.mark.parametrize(
    "line",
    [
        b"garbage",
        b"<Data>",
        b"<Data PSGuid='x' />",
        b"<Data PSGuid='00000000-0000-0000-0000-000000000000'>####</Close>",
        b"<Command />",
        b"<Data PSGuid='00000000-0000-0000-0000-000000000000'>A</Data>",
        b"<" * 100_000,
    ],
)
def test_what_is_no_element_is_refused(line: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.parse_element(line)


@given(st.binary(max_size=120))
def test_any_bytes_are_an_element_or_refused(line: bytes) -> None:
    with contextlib.suppress(wire.WireError):
        wire.parse_element(line)
