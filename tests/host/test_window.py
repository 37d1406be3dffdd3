"""OutputBufferingMode Drop: the newest whole records, and all that is not a record."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from jobmagics.host import fragments
from jobmagics.host.fragments import END, HEADER, HOST_CALL, MESSAGE, PIPELINE_STATE, START
from jobmagics.host.window import Window

OUTPUT = 0x41004


def made(object_id: int, kind: int, body: bytes, pieces: int = 1) -> list[bytes]:
    """The fragments of one message."""
    blob = MESSAGE.pack(1, kind, bytes(16), bytes(16)) + body
    step = max(len(blob) // pieces, 60)
    parts = [blob[at : at + step] for at in range(0, len(blob), step)]
    return [
        HEADER.pack(object_id, n, (START if n == 0 else 0) | (END if n == len(parts) - 1 else 0), len(part)) + part
        for n, part in enumerate(parts)
    ]


def objects(data: bytes) -> list[int]:
    """The ids of the objects in it, each of which must be whole."""
    seen = []
    for fragment in fragments.walk(data):
        if fragment.is_first:
            seen.append(fragment.object_id)
        assert seen[-1] == fragment.object_id
    return seen


def drain(window: Window, limit: int = 1) -> bytes:
    data = b""
    while window:
        data += b"".join(window.take(limit))
    return data


def test_the_oldest_records_go_and_states_and_questions_stay() -> None:
    window = Window(1000)
    window.append(made(1, HOST_CALL, b'<I64 N="ci">7</I64>')[0])
    for number in range(2, 50):
        window.append(made(number, OUTPUT, b"x" * 100)[0])
    window.append(made(50, PIPELINE_STATE, b'<I32 N="PipelineState">4</I32>')[0])
    assert window.size <= 1000
    left = objects(drain(window))
    assert left[0] == 1
    assert left[-1] == 50
    assert left[1:-1] == list(range(50 - len(left[1:-1]), 50))
    assert window.dropped == 48 - len(left[1:-1])


def test_a_host_call_that_wants_no_answer_is_output() -> None:
    window = Window(500)
    for number in range(20):
        window.append(made(number, HOST_CALL, b'<I64 N="ci">-100</I64>' + b"x" * 100)[0])
    assert window.size <= 500


def test_the_rest_of_an_object_whose_beginning_was_delivered_stays() -> None:
    window = Window(600)
    parts = made(1, OUTPUT, b"x" * 400, 4)
    for part in parts[:2]:
        window.append(part)
    given = b"".join(window.take(10_000))
    for part in parts[2:]:
        window.append(part)
    for number in range(2, 30):
        window.append(made(number, OUTPUT, b"y" * 100)[0])
    data = given + drain(window)
    assert objects(data)[0] == 1
    assert data.startswith(b"".join(parts))


@given(
    st.lists(st.tuples(st.integers(0, 900), st.integers(1, 5), st.booleans()), max_size=60),
    st.integers(100, 3000),
    st.integers(1, 2000),
)
@settings(deadline=None)
def test_what_comes_out_is_whole_objects_in_order(sizes: list[tuple[int, int, bool]], limit: int, take: int) -> None:
    window = Window(limit)
    received = b""
    for number, (size, pieces, reads) in enumerate(sizes):
        for part in made(number, OUTPUT, bytes(size), pieces):
            window.append(part)
        if reads:
            taken = window.take(take)
            window.give_back(taken[1:])
            received += taken[0]
    received += drain(window, take)
    ids = objects(received)
    assert ids == sorted(set(ids))
    assert len(ids) + window.dropped == len(sizes)
    assert ids[-1:] == [len(sizes) - 1][: len(sizes)], "the newest is there"
