"""``jupyter jobmagics doctor``: each part that a job needs, tried in order, told in one line.

It runs a real job on this machine's session host, under an owner and a ledger of its own, so that what it says is
what a notebook would meet. The first part that fails ends it: the others stand on it.
"""

from __future__ import annotations

import importlib.metadata
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from . import __version__
from .errors import JobMagicsError

PACKAGES = ("pypsrp", "psrpcore", "ipykernel", "anywidget", "jupyterlab")
OPTIONAL = {"jupyterlab": 'pip install "jobmagics[lab]" to see the notebooks'}
JOB_SECONDS = 20.0
SCRIPT = "'PowerShell ' + $PSVersionTable.PSVersion"


def examine() -> int:
    """Print the findings; 0 when a job ran."""
    print(f"jobmagics {__version__}, Python {platform.python_version()}, {platform.platform()}")
    steps: tuple[tuple[str, Callable[[], str]], ...] = (
        ("packages", _packages), ("session host", _host), ("a job", _job),
    )  # fmt: skip
    for name, step in steps:
        try:
            print(f"ok       {name}: {step()}")
        except JobMagicsError as error:
            print(f"MISSING  {name}: {error.message}")
            return 1
    return 0


def _packages() -> str:
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            if name not in OPTIONAL:
                raise JobMagicsError(f"{name} is not installed; run: {sys.executable} -m pip install {name}") from None
            found.append(f"no {name} ({OPTIONAL[name]})")
    return ", ".join(found)


def _host() -> str:
    from .host.client import host_info

    info = host_info(start=True)
    return f"process {info.pid} at {info.address}:{info.port}, version {info.version}"


def _job() -> str:
    from . import psrp
    from .sessions import SessionManager
    from .store import Store

    with tempfile.TemporaryDirectory() as place:
        store = Store.open(Path(place) / "ledger.sqlite")
        manager = SessionManager(store, psrp.connect, "doctor")
        try:
            job = manager.invoke(SCRIPT)
            if job.wait(JOB_SECONDS) is None:
                raise JobMagicsError(f"It did not end within {JOB_SECONDS:.0f} seconds.")
            if str(job.state) != "Completed":
                raise JobMagicsError(f"It ended as {job.state}: {job.reason}")
            records = job.receive()
            if not records:
                raise JobMagicsError(f"It gave nothing: {'; '.join(map(str, records.errors)) or 'no error either'}")
            return f"{records[0]} answered"
        finally:
            manager.close()
            store.close()
