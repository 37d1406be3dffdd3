"""What the output of many sessions took of the host's memory is given back when they are closed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from host_kit import start
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

from jobmagics.host.client import HostInfo

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory comes from /proc"),
    pytest.mark.timeout(120),
]
SESSIONS = 14
FLOOD = "flood 1500 2000"
"""Three megabytes: less than goes to disk."""


def megabytes(host: HostInfo) -> float:
    lines = Path(f"/proc/{host.pid}/status").read_text(encoding="ascii").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmRSS"))) / 1024


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)


def test_memory_is_given_back(host: HostInfo, connect: Callable[..., WSMan]) -> None:
    pools = [RunspacePool(connect()) for _ in range(SESSIONS)]
    for pool in pools:
        pool.open()
    before = megabytes(host)
    shells: list[PowerShell] = [start(pool, FLOOD) for pool in pools]
    until(lambda: megabytes(host) > before + 2 * SESSIONS)
    for pool in pools:
        pool.close()
    until(lambda: megabytes(host) < before + SESSIONS / 2)
    assert len(shells) == SESSIONS
