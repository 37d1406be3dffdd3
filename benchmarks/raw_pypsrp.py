"""The peer: the session host reached with pypsrp alone, none of our client code between.

It decodes every object with pypsrp's own serializer, as ``PowerShell.invoke()`` does.
"""

from __future__ import annotations

import time
from pathlib import Path

from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

from jobmagics.host.client import HostInfo


def connection(info: HostInfo) -> WSMan:
    return WSMan(
        info.address,
        port=info.port,
        username=info.user,
        password=Path(info.secret_file).read_text(encoding="utf-8").strip(),
        ssl=True,
        auth="basic",
        cert_validation=str(info.certificate),
        operation_timeout=10,
    )


def open_pool(info: HostInfo) -> RunspacePool:
    pool = RunspacePool(connection(info))
    pool.open()
    return pool


def first_output(pool: RunspacePool, script: str) -> float:
    """Seconds from the call to the first decoded output object; the pipeline then runs to its end."""
    started = time.perf_counter()
    shell = PowerShell(pool)
    shell.add_script(script)
    shell.begin_invoke()
    while not shell.output:
        shell.poll_invoke()
    elapsed = time.perf_counter() - started
    shell.end_invoke()
    shell.close()
    return elapsed


def all_output(pool: RunspacePool, script: str) -> tuple[float, int]:
    """Seconds until the pipeline is complete, and the number of decoded objects."""
    started = time.perf_counter()
    shell = PowerShell(pool)
    shell.add_script(script)
    output = shell.invoke()
    elapsed = time.perf_counter() - started
    shell.close()
    return elapsed, len(output)
