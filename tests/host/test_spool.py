"""The queue that goes on in a file: order and every byte kept, memory bounded, nothing left behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from jobmagics.host import spool
from jobmagics.host.spool import DiskBudget, Spool


class SpoolAgainstList(RuleBasedStateMachine):
    """A list is the model; the bounds are tiny so that everything crosses them."""

    def __init__(self) -> None:
        super().__init__()
        self.budget = DiskBudget(2000)
        self.spool = Spool(Path("/tmp"), self.budget, memory_bytes=50)
        self.model: list[bytes] = []
        self.taken: list[bytes] = []

    @rule(items=st.lists(st.binary(max_size=40), min_size=1, max_size=30))
    def append(self, items: list[bytes]) -> None:
        for item in items:
            self.spool.append(item)
        self.model += items

    @precondition(lambda self: self.model)
    @rule(limit=st.integers(0, 300))
    def take(self, limit: int) -> None:
        self.taken = self.spool.take(limit)
        assert self.taken == self.model[: len(self.taken)]
        assert self.taken
        assert len(self.taken) == 1 or sum(map(len, self.taken)) <= limit
        del self.model[: len(self.taken)]

    @rule()
    def give_back(self) -> None:
        self.spool.give_back(self.taken)
        self.model[:0] = self.taken
        self.taken = []

    @invariant()
    def it_knows_whether_it_is_empty(self) -> None:
        assert bool(self.spool) == bool(self.model)

    @invariant()
    def it_keeps_to_its_share_of_the_disk(self) -> None:
        assert self.spool.bytes_on_disk == self.budget.used <= self.budget.limit

    def teardown(self) -> None:
        rest = []
        while self.spool:
            rest += self.spool.take(1000)
        assert rest == self.model
        self.spool.close()


@pytest.fixture(autouse=True, scope="module")
def tiny_blocks() -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spool, "WRITE_BYTES", 64)
        patch.setattr(spool, "READ_BYTES", 100)
        patch.setattr(spool, "SEGMENT_BYTES", 300)
        yield


TestSpool = SpoolAgainstList.TestCase
TestSpool.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


@given(st.lists(st.binary(max_size=300), max_size=40))
@settings(deadline=None)
def test_items_larger_than_a_block_come_back_whole(items: list[bytes]) -> None:
    queue = Spool(Path("/tmp"), DiskBudget(1 << 20), memory_bytes=10)
    for item in items:
        queue.append(item)
    got = []
    while queue:
        got += queue.take(1)
    queue.close()
    assert got == items


def test_the_file_has_no_name_and_goes_with_the_spool(tmp_path: Path) -> None:
    queue = Spool(tmp_path, DiskBudget(1 << 20), memory_bytes=10)
    for _ in range(100):
        queue.append(b"x" * 100)
    assert queue.bytes_on_disk > 5000
    assert list(tmp_path.iterdir()) == []
    queue.close()
    assert queue.bytes_on_disk == 0
    assert not queue


def test_what_was_read_is_given_back_to_the_disk(tmp_path: Path) -> None:
    budget = DiskBudget(1 << 20)
    queue = Spool(tmp_path, budget, memory_bytes=10)
    for _ in range(100):
        queue.append(b"x" * 100)
    before = budget.used
    queue.take(5000)
    assert budget.used < before
    queue.close()
    assert budget.used == 0


def test_past_its_share_it_says_so_and_loses_nothing(tmp_path: Path) -> None:
    queue = Spool(tmp_path, DiskBudget(500), memory_bytes=10)
    items = [bytes([number]) * 50 for number in range(40)]
    for item in items:
        queue.append(item)
    assert queue.is_exhausted
    assert queue.size >= 40 * 50
    got: list[bytes] = []
    while queue:
        got += queue.take(50)
    assert got == items
    assert not queue.is_exhausted


def test_a_disk_that_takes_nothing_loses_nothing(tmp_path: Path) -> None:
    queue = Spool(tmp_path / "gone", DiskBudget(1 << 20), memory_bytes=100)
    queue.append(b"a" * 100)
    queue.append(b"b" * 100)
    assert queue.is_exhausted
    assert queue.take(300) == [b"a" * 100, b"b" * 100]
    assert not queue.is_exhausted
