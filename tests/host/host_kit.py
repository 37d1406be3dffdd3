"""What the tests of the host share: a private directory's engines, pypsrp clients, small scripts."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

from jobmagics.host.client import HostInfo

HERE = Path(__file__).parent
ENGINE = [sys.executable, str(HERE / "engine.py")]
MISBEHAVING = ("dies-at-start", "hangs", "closes-stdout", "garbage", "bad-base64", "half-fragment", "floods-stderr")


def write_engines(directory: Path) -> None:
    engines = {name: [sys.executable, str(HERE / "misbehaving.py"), name] for name in MISBEHAVING}
    file = directory / "engines.json"
    file.write_text(json.dumps({"Microsoft.PowerShell": ENGINE, "absent": ["/no/such/program"], **engines}))
    file.chmod(0o600)


def wsman_for(host: HostInfo, operation_timeout: int = 20) -> WSMan:
    return WSMan(
        host.address,
        port=host.port,
        ssl=True,
        auth="basic",
        username=host.user,
        password=host.secret(),
        cert_validation=str(host.certificate),
        no_proxy=True,
        operation_timeout=operation_timeout,
    )


def start(pool: RunspacePool, script: str) -> PowerShell:
    shell = PowerShell(pool)
    shell.add_script(script)
    shell.begin_invoke()
    return shell


def lines(first: int, last: int) -> list[str]:
    return [f"line {number}" for number in range(first, last + 1)]
