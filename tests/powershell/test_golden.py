"""The measure of the built-in engine: what PowerShell 7.6.5 did with ordinary scripts, done by the engine's process.

Each case is a test. Those in known_differences.txt must differ: the list stays true. test_language_golden runs the same
scripts inside this process, which is quicker to look into; this one is what a client of the engine gets.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from tests.powershell.golden_cases import cases, known_differences
from tests.powershell.golden_process import differences

CASES = {case["id"]: case for case in cases()}
KNOWN = known_differences()
WORKERS = 2
LEAST_RIGHT = 0.97

Differences = dict[str, tuple[Any, Any]]


@pytest.fixture(scope="session")
def found(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[Differences]]]:
    """The cases that this run of pytest asks for, being run a few at a time."""
    wanted = [
        item.callspec.params["name"]
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and item.originalname == test_golden.__name__
        and "found" in item.fixturenames
    ]
    with ThreadPoolExecutor(WORKERS) as workers:
        yield {name: workers.submit(differences, CASES[name]) for name in wanted}
        workers.shutdown(cancel_futures=True)


@pytest.mark.parametrize("name", list(CASES))
def test_golden(name: str, found: dict[str, Future[Differences]]) -> None:
    differing = found[name].result()
    if name in KNOWN:
        assert differing, f"{name} is right now: take it out of known_differences.txt"
    else:
        assert differing == {}


def test_nearly_all_are_right() -> None:
    assert len(CASES) - len(KNOWN) >= LEAST_RIGHT * len(CASES)
