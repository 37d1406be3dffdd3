"""The short form of chaos.py: a few of its runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from chaos import one, session_host

pytestmark = pytest.mark.skipif(os.name == "nt", reason="kills are POSIX's here")


@pytest.fixture(scope="module")
def host() -> Iterator[Path]:
    with session_host() as directory:
        yield directory


@pytest.mark.parametrize("seed", range(1, 7))
def test_kills_and_cuts_at_random_lose_and_double_nothing(host: Path, seed: int) -> None:
    assert one(host, seed).faults
