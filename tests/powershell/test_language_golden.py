"""Recorded scripts of real PowerShell 7.6.5 give the same objects, errors, streams and text here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.powershell.golden_cases import cases, differences, known_differences

CASES = list(cases())
KNOWN = known_differences()
# Asks whether a client sent it ($PSSenderInfo): test_golden runs it as one does.
SENT = {"remoting_text/runspace-and-session-cmdlets"}


@pytest.fixture
def directories(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Two empty directories; the first is current."""
    held = os.getcwd()
    first, second = tmp_path / "casefirst", tmp_path / "casesecond"
    first.mkdir()
    second.mkdir()
    os.chdir(first)
    yield str(first), str(second)
    os.chdir(held)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["id"] not in KNOWN.keys() | SENT], ids=lambda case: case["id"]
)
def test_recorded_script(case: dict[str, Any], directories: tuple[str, str]) -> None:
    assert differences(case, *directories) == {}


def test_the_list_of_known_differences_names_recorded_cases_and_reasons() -> None:
    names = {case["id"] for case in CASES}
    assert [name for name, reason in KNOWN.items() if name not in names or not reason] == []


def test_nearly_all_recorded_scripts_are_right() -> None:
    assert len(KNOWN) <= 0.03 * len(CASES)
