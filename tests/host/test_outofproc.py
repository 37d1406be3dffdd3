"""The engine's protocol: any chunking, any data, and nothing else."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobmagics.host.outofproc import POOL, Packet, PacketReader, ProtocolError, bare_packet, data_packet

GUID = "94d2ff45-91c4-4735-be3f-73e353e22381"
kinds = st.sampled_from(["Command", "CommandAck", "Close", "CloseAck", "Signal", "SignalAck", "DataAck"])
packets = st.one_of(
    st.builds(Packet, kinds, st.sampled_from([POOL, GUID]), st.just(b""), st.just("Default")),
    st.builds(
        Packet,
        st.just("Data"),
        st.sampled_from([POOL, GUID]),
        st.binary(max_size=200),
        st.sampled_from(["Default", "PromptResponse"]),
    ),
)


def written(packet: Packet) -> bytes:
    if packet.kind == "Data":
        return data_packet(packet.guid, packet.data, packet.stream)
    return bare_packet(packet.kind, packet.guid)


@given(st.lists(packets), st.lists(st.integers(1, 400)))
def test_packets_survive_any_chunking(wanted: list[Packet], cuts: list[int]) -> None:
    stream = b"".join(map(written, wanted))
    reader, got, at = PacketReader(), [], 0
    for length in [*cuts, len(stream)]:
        got += reader.feed(stream[at : at + length])
        at += length
    assert got == wanted


@pytest.mark.parametrize(
    "line",
    [
        b"<DataAck PSGuid='94D2FF45-91C4-4735-BE3F-73E353E22381' />",
        b'<DataAck PSGuid="94d2ff45-91c4-4735-be3f-73e353e22381"/>\r',
        b"  <DataAck   PSGuid = '94d2ff45-91c4-4735-be3f-73e353e22381'></DataAck>",
    ],
)
def test_other_spellings_of_the_same_element_are_read(line: bytes) -> None:
    assert PacketReader().feed(line + b"\n\n  \n") == [Packet("DataAck", GUID)]


@pytest.mark.parametrize(
    "line",
    [
        b"hello",
        b"<Data PSGuid='x'/>",
        b"<Data/>",
        b"<Data PSGuid='94d2ff45-91c4-4735-be3f-73e353e22381'>A</Data>",
        b"<Data PSGuid='94d2ff45-91c4-4735-be3f-73e353e22381'>AAAA</Close>",
        b"<Other PSGuid='94d2ff45-91c4-4735-be3f-73e353e22381'/>",
        b"\xff\xfe<Data/>",
        b"<Data PSGuid='94d2ff45-\xff\xff-4735-be3f-73e353e22381'>AAEC</Data>",
    ],
)
def test_anything_else_is_refused(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        PacketReader().feed(line + b"\n")


@given(st.binary(max_size=300))
def test_no_bytes_do_anything_but_parse_or_be_refused(data: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        assert all(len(packet.data) <= len(data) for packet in PacketReader().feed(data + b"\n"))


def test_a_line_without_end_is_bounded() -> None:
    reader = PacketReader(max_line=1000)
    reader.feed(b"<Data " * 100)
    with pytest.raises(ProtocolError, match="longer than 1000 bytes"):
        reader.feed(b"<Data " * 100)
