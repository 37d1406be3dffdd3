"""Fragments in, messages out: whole, once and in order, however they are cut and however often they come."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobmagics.remote.fragments import Defragmenter, FragmentError, Kind, Message, Rest, fragment

POOL = str(uuid.uuid4()).upper()
PAYLOADS = st.lists(st.binary(max_size=200), min_size=1, max_size=6)


def wire(payloads: list[bytes], size: int) -> list[bytes]:
    """The fragments of messages with these payloads, object ids from 3 on in steps of 2."""
    pieces: list[bytes] = []
    for number, payload in enumerate(payloads):
        pieces += fragment(Message(Kind.OUTPUT, payload, 0, POOL).pack(), 3 + 2 * number, size)
    return pieces


def test_a_message_survives_the_wire() -> None:
    message = Message(Kind.WARNING, b"<S>x</S>", 7, POOL, str(uuid.uuid4()).upper())
    assert Defragmenter().feed(b"".join(fragment(message.pack(), 7, 10))) == [message]


def test_the_byte_order_mark_is_taken_off() -> None:
    message = Message(Kind.OUTPUT, b"\xef\xbb\xbf<S>x</S>")
    assert Defragmenter().feed(b"".join(fragment(message.pack(), 1, 1000)))[0].data == b"<S>x</S>"


@given(PAYLOADS, st.integers(1, 90), st.lists(st.integers(1, 40)))
def test_any_chunking(payloads: list[bytes], size: int, cuts: list[int]) -> None:
    data = b"".join(wire([b"x" + each for each in payloads], size))
    joined = Defragmenter()
    found: list[Message] = []
    for cut in cuts:
        found += joined.feed(data[:cut])
        data = data[cut:]
    found += joined.feed(data)
    assert [each.data for each in found] == [b"x" + each for each in payloads]
    assert joined.rest() == Rest()


@given(PAYLOADS, st.integers(1, 90), st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20)), max_size=5))
def test_what_is_sent_again_is_dropped(payloads: list[bytes], size: int, rewinds: list[tuple[int, int]]) -> None:
    """A server that is not sure goes back to an earlier fragment; sometimes we are a new process by then."""
    pieces = wire([b"x" + each for each in payloads], size)
    joined = Defragmenter()
    found: list[Message] = []
    at, kept = 0, b""
    for forward, back in rewinds:
        for piece in pieces[at : at + forward]:
            found += joined.feed(piece)
        at = max(0, min(at + forward, len(pieces)) - back)
        rest = joined.rest()
        kept = (kept if rest.continues else b"") + rest.data
        joined = Defragmenter(joined.last_id, kept)
    for piece in pieces[at:]:
        found += joined.feed(piece)
    assert [each.data for each in found] == [b"x" + each for each in payloads]


def test_the_rest_is_given_once_however_long_it_gets() -> None:
    pieces = wire([b"a" * 1000], 10)
    joined = Defragmenter()
    given = []
    for piece in pieces[:-1]:
        joined.feed(piece)
        given.append(joined.rest())
    assert [rest.continues for rest in given] == [False] + [True] * (len(pieces) - 2)
    assert b"".join(rest.data for rest in given) == b"".join(pieces[:-1])
    assert joined.rest() == Rest(b"", continues=True)
    joined.feed(pieces[-1])
    assert joined.rest() == Rest()


def test_a_missing_fragment_is_noticed() -> None:
    pieces = wire([b"a" * 100], 20)
    joined = Defragmenter()
    joined.feed(pieces[0])
    with pytest.raises(FragmentError, match="fragment 2 of object 3 came, 1 of 3 was due"):
        joined.feed(pieces[2])


def test_half_a_fragment_of_a_lost_connection_is_void() -> None:
    pieces = wire([b"hello"], 1000)
    joined = Defragmenter()
    joined.feed(pieces[0][:10])
    joined.forget_tail()
    assert [each.data for each in joined.feed(pieces[0])] == [b"hello"]
