"""The short form of matrix.py: every fault once, over a kernel with jobs in all six states."""

from __future__ import annotations

import os

import pytest
from matrix import FAULTS, check, may_mount

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="kills are POSIX's here"),
    pytest.mark.timeout(120),  # two kernels, a host and six engines start, and the jobs take three seconds
]


@pytest.mark.parametrize("name", FAULTS)
def test_whatever_happens_each_line_is_there_once_or_it_is_told_why_not(name: str) -> None:
    fault = FAULTS[name]
    if fault.needs.get("small_disk") and not may_mount():
        pytest.skip("mounting a small disk is root's")
    check(fault, 0.2)
