"""PSRP fragments: walking, cutting, holding back, and what a new client is given."""

from __future__ import annotations

import psrpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psrpcore._payload import unpack_fragment, unpack_message

from jobmagics.host import fragments
from jobmagics.host.fragments import END, HEADER, MESSAGE, START, FragmentError, Greeting, ObjectAssembler

POOL = "94d2ff45-91c4-4735-be3f-73e353e22381"


def fragment(object_id: int, fragment_id: int, flags: int, blob: bytes) -> bytes:
    return HEADER.pack(object_id, fragment_id, flags, len(blob)) + blob


def whole(object_id: int, kind: int, body: bytes = b"", size: int = 10_000) -> list[bytes]:
    message = MESSAGE.pack(1, kind, bytes(16), bytes(16)) + body
    pieces = [message[at : at + size] for at in range(0, len(message), size)]
    last = len(pieces) - 1
    return [
        fragment(object_id, n, (START if n == 0 else 0) | (END if n == last else 0), piece)
        for n, piece in enumerate(pieces)
    ]


def opened_pool() -> tuple[psrpcore.ClientRunspacePool, bytes, bytes]:
    """What a client and psrpcore's server say to each other to open a pool."""
    client, server = psrpcore.ClientRunspacePool(min_runspaces=2, max_runspaces=7), psrpcore.ServerRunspacePool()
    client.open()
    asked = client.data_to_send()
    server.receive_data(asked)
    while server.next_event():
        pass
    answered = b""
    while payload := server.data_to_send():
        answered += payload.data
    return client, asked.data, answered


@given(st.lists(st.tuples(st.integers(1, 50), st.binary(max_size=60)), max_size=20), st.integers(0, 30))
def test_walking_finds_each_fragment_and_refuses_a_cut_one(parts: list[tuple[int, bytes]], missing: int) -> None:
    pieces = [fragment(object_id, 0, START | END, blob) for object_id, blob in parts]
    data = b"".join(pieces)
    assert [data[f.start : f.end] for f in fragments.walk(data)] == pieces
    if pieces and 0 < missing < len(pieces[-1]):
        with pytest.raises(FragmentError):
            list(fragments.walk(data[:-missing]))


@given(st.lists(st.integers(0, 40_000), max_size=12))
def test_cutting_keeps_every_byte_and_every_fragment_whole(sizes: list[int]) -> None:
    data = b"".join(fragment(n, 0, START | END, b"x" * size) for n, size in enumerate(sizes, 1))
    pieces = fragments.cut(data, list(fragments.walk(data)))
    assert b"".join(pieces) == data
    for piece in pieces:
        found = list(fragments.walk(piece))
        assert len(piece) <= fragments.CHUNK_BYTES or len(found) == 1


@given(st.permutations(range(4)), st.integers(1, 30))
def test_objects_are_held_until_they_are_whole(order: list[int], size: int) -> None:
    objects = [whole(n + 1, 0x21006, b"body %d" % n, size + 20) for n in range(4)]
    queues = {n: list(pieces) for n, pieces in enumerate(objects)}
    assembler, complete = ObjectAssembler(10_000), []
    while any(queues.values()):
        for n in order:
            if queues[n]:
                complete += assembler.feed(queues[n].pop(0))
    assert sorted(complete) == sorted(b"".join(pieces) for pieces in objects)


def test_an_object_out_of_order_or_too_large_is_refused() -> None:
    pieces = whole(1, 0x21006, b"x" * 500, 100)
    with pytest.raises(FragmentError, match="out of order"):
        ObjectAssembler(10_000).feed(pieces[1])
    with pytest.raises(FragmentError, match="larger than 200"):
        ObjectAssembler(200).feed(b"".join(pieces[:3]))


def test_what_a_killed_client_began_does_not_disturb_the_next_one() -> None:
    assembler = ObjectAssembler(10_000)
    pieces = whole(3, 0x21006, b"x" * 500, 100)
    assembler.feed(pieces[0])
    assembler.reset()
    assert assembler.feed(b"".join(pieces)) == [b"".join(pieces)]


@pytest.mark.parametrize("size", [25, 60, 32_768])
def test_the_greeting_is_kept_whole_and_a_client_accepts_it(size: int) -> None:
    _, asked, answered = opened_pool()
    init = [asked[f.start : f.end] for f in fragments.walk(asked)][-1]
    assert fragments.kind_of(init, next(fragments.walk(init))) == fragments.INIT_RUNSPACEPOOL
    counts = fragments.runspace_counts(init)
    assert counts == (2, 7)
    greeting = Greeting()
    for number, piece in enumerate(fragments.walk(answered), 1):
        blob = answered[piece.start + HEADER.size : piece.end]
        for small in whole_of(number, blob, size):
            assert not greeting.is_complete
            greeting.note(small, next(fragments.walk(small)))
    assert greeting.is_complete
    capability = greeting.object_of(fragments.SESSION_CAPABILITY)
    private = greeting.object_of(fragments.APPLICATION_PRIVATE_DATA)
    state = greeting.object_of(fragments.RUNSPACEPOOL_STATE)

    other = psrpcore.ClientRunspacePool()
    other.connect()
    reply = capability + fragments.init_data(POOL, counts, 9) + private + state
    other.receive_data(psrpcore.PSRPPayload(reply, psrpcore.StreamType.default, None))
    while other.next_event():
        pass
    assert other.state == psrpcore.types.RunspacePoolState.Opened
    assert (other.min_runspaces, other.max_runspaces) == counts


def whole_of(object_id: int, blob: bytes, size: int) -> list[bytes]:
    pieces = [blob[at : at + size] for at in range(0, len(blob), size)]
    if len(pieces[0]) < MESSAGE.size:
        pieces = [blob[: MESSAGE.size], *(blob[at : at + size] for at in range(MESSAGE.size, len(blob), size))]
    last = len(pieces) - 1
    return [
        fragment(object_id, n, (START if n == 0 else 0) | (END if n == last else 0), piece)
        for n, piece in enumerate(pieces)
    ]


def test_init_data_is_a_message_that_psrpcore_reads() -> None:
    message = unpack_message(unpack_fragment(bytearray(fragments.init_data(POOL, (1, 3), 5))).data)
    assert message.message_type == psrpcore.types.PSRPMessageType.RunspacePoolInitData
    assert str(message.rpid) == POOL


def test_another_client_gets_no_greeting_twice_and_no_answers_it_did_not_ask_for() -> None:
    greeting = Greeting()
    (state,) = whole(1, fragments.RUNSPACEPOOL_STATE, b'<I32 N="RunspaceState">2</I32>')
    greeting.note(state, next(fragments.walk(state)))
    answer = whole(7, fragments.RUNSPACE_AVAILABILITY, b"x" * 100, 60)
    event = whole(8, 0x21008, b"event")
    broken = whole(9, fragments.RUNSPACEPOOL_STATE, b'<I32 N="RunspaceState">5</I32>')
    chunks = [state + answer[0], *answer[1:], *event, *broken]
    assert fragments.for_another_client(chunks, greeting) == [*event, *broken]


@pytest.mark.parametrize(("state", "ends"), [(1, False), (2, False), (3, True), (4, True), (5, True), (6, False)])
def test_only_a_final_pipeline_state_ends_a_pipeline(state: int, ends: bool) -> None:
    (data,) = whole(1, fragments.PIPELINE_STATE, b'<I32 N="PipelineState">%d</I32>' % state)
    assert fragments.ends_pipeline(data, next(fragments.walk(data))) is ends
