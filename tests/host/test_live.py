"""The host as pypsrp itself sees it: no code of ours on the client's side."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from host_kit import lines, start
from pypsrp.complex_objects import PSInvocationState, RunspacePoolState
from pypsrp.exceptions import WSManFaultError
from pypsrp.powershell import RunspacePool
from pypsrp.wsman import WSMan


def test_a_pool_opens_runs_and_closes(connect: Callable[..., WSMan]) -> None:
    pool = RunspacePool(connect())
    pool.open()
    assert pool.state == RunspacePoolState.OPENED
    assert pool.application_private_data is not None
    shell = start(pool, "count 1 3")
    assert shell.end_invoke() == lines(1, 3)
    assert shell.state == PSInvocationState.COMPLETED
    shell.close()
    pool.close()
    with pytest.raises(WSManFaultError) as caught:
        pool.shell._get_shell()
    assert caught.value.code == 0x8033805B
