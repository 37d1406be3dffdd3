"""This machine: a real job on its session host, under an owner and a ledger of its own, so that what is said is what a
notebook would meet.
"""

from __future__ import annotations

import importlib.metadata
import platform
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jobmagics import __version__
from jobmagics.doctor.parts import Part, try_parts
from jobmagics.errors import JobMagicsError

PACKAGES = ("pypsrp", "psrpcore", "ipykernel", "anywidget", "jupyterlab")
OPTIONAL = {"jupyterlab": 'pip install "jobmagics[lab]" to see the notebooks'}
JOB_SECONDS = 20.0
SCRIPT = "[string]$PSVersionTable.PSVersion"
WIDGET = "anywidget"


def examine() -> int:
    """Print the findings; 0 when a job ran."""
    print(f"jobmagics {__version__}, Python {platform.python_version()}, {platform.platform()}")
    steps: tuple[Part, ...] = (
        ("packages", _packages), ("live table", _live_table), ("ledger", _ledger), ("session host", _host),
        ("a job", _job),
    )  # fmt: skip
    return try_parts(steps)


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


def _live_table() -> str:
    """The page's side of the live table: a wheel brings it, and a server that runs elsewhere may not see it."""
    from jupyter_core.paths import jupyter_path

    places = [Path(place) / WIDGET for place in jupyter_path("labextensions")]
    for place in places:
        if (place / "package.json").is_file():
            return f"JupyterLab's part of {WIDGET} is in {place}; no browser is needed here"
    raise JobMagicsError(
        f"JupyterLab's part of {WIDGET} is in none of {', '.join(str(place.parent) for place in places)}; install"
        f" jobmagics where the Jupyter server runs, or run: {sys.executable} -m pip install --force-reinstall {WIDGET}"
    )


def _ledger() -> str:
    """Looks, and changes nothing: moving a damaged file aside is for the kernel, which tells so."""
    from jobmagics.store import check_file, default_path

    path = default_path()
    return f"{path} {check_file(path)}"


def _host() -> str:
    from jobmagics.host.client import host_info

    info = host_info(start=True)
    info.secret()
    return (
        f"process {info.pid} at {info.address}:{info.port}, version {info.version};"
        f" its files in {info.secret_file.parent} are yours alone"
    )


def _job() -> str:
    from jobmagics import psrp
    from jobmagics.remote import ConnectionInfo
    from jobmagics.sessions import SessionManager
    from jobmagics.store import Store

    with tempfile.TemporaryDirectory() as place:
        store = Store.open(Path(place) / "ledger.sqlite")
        manager = SessionManager(store, psrp.connect, "doctor")
        try:
            (session,) = manager.new_pssession([ConnectionInfo()])
            job = session.start(SCRIPT)
            if job.wait(JOB_SECONDS) is None:
                raise JobMagicsError(f"It did not end within {JOB_SECONDS:.0f} seconds.")
            if str(job.state) != "Completed":
                raise JobMagicsError(f"It ended as {job.state}: {job.reason}")
            records = job.receive()
            if not records:
                raise JobMagicsError(f"It gave nothing: {'; '.join(map(str, records.errors)) or 'no error either'}")
            return f"{engine_of(session.application_private_data, str(records[0]))} answered"
        finally:
            manager.close()
            store.close()


def engine_of(told: Mapping[str, Any], version: str) -> str:
    """The built-in engine names itself by a key that no PowerShell has."""
    table = told.get("PSVersionTable")
    builtin = table.get("JobmagicsEngine") if isinstance(table, dict) else None
    if builtin:
        return f"the built-in engine {builtin} (the language of PowerShell {version})"
    return f"PowerShell {version}"
