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

FRONT_ENDS = ("jupyterlab", "notebook")
JOB_SECONDS = 20.0
SCRIPT = "[string]$PSVersionTable.PSVersion"
WIDGET = "anywidget"
KERNEL = "jobmagics"


def examine() -> int:
    """Print the findings; 0 when a job ran."""
    print(f"jobmagics {__version__}, Python {platform.python_version()}, {platform.platform()}")
    steps: tuple[Part, ...] = (
        ("Python", _python), ("packages", _packages), ("front end", _front_end), ("live table", _live_table),
        ("PowerShell kernel", _kernel), ("keyring", _keyring), ("ledger", _ledger), ("session host", _host),
        ("a job", _job),
    )  # fmt: skip
    return try_parts(steps)


def _python() -> str:
    try:
        from packaging.specifiers import SpecifierSet
    except ImportError:  # this machine's Python cannot be judged without it: the first thing that is missing
        raise JobMagicsError(f"packaging is not installed; run: {sys.executable} -m pip install packaging") from None

    wanted = importlib.metadata.metadata("jobmagics")["Requires-Python"]
    version = platform.python_version()
    if wanted and not SpecifierSet(wanted).contains(version, prereleases=True):
        raise JobMagicsError(
            f"{sys.executable} is Python {version}; jobmagics needs {wanted}: install it with another."
        )
    return f"{version}, {sys.executable}"


def _packages() -> str:
    """What this version asks for, by its own metadata."""
    from packaging.requirements import Requirement

    found = []
    for line in importlib.metadata.requires("jobmagics") or ():
        wanted = Requirement(line)
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        version = version_of(wanted.name)
        if version is None or not wanted.specifier.contains(version, prereleases=True):
            state = "not installed" if version is None else f"of version {version}, and {wanted.specifier} is needed"
            raise JobMagicsError(
                f"{wanted.name} is {state}; run: {sys.executable} -m pip install '{wanted.name}{wanted.specifier}'"
            )
        found.append(f"{wanted.name} {version}")
    return ", ".join(found)


def version_of(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _front_end() -> str:
    """None is no fault: notebooks are run without one, and a server elsewhere may have it."""
    versions = {name: version_of(name) for name in FRONT_ENDS}
    found = [f"{name} {version}" for name, version in versions.items() if version]
    return ", ".join(found) or 'none in this environment; pip install "jobmagics[lab]" brings JupyterLab'


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


def _kernel() -> str:
    """Not there is no fault: %load_ext in a Python notebook does without."""
    from jupyter_client.kernelspec import KernelSpecManager

    place = KernelSpecManager().find_kernel_specs().get(KERNEL)
    return str(place) if place else "not known to this Jupyter; `jupyter jobmagics install` makes it known"


def _keyring() -> str:
    """None is no fault: servers have none."""
    import keyring

    backend = keyring.get_keyring()
    if backend.priority <= 0:  # keyring's own stand-ins, which keep nothing
        return "none here; give credentials in the environment, or type them (%get_credential)"
    return str(backend.name)


def _ledger() -> str:
    """Looks, and changes nothing: moving a damaged file aside is for the kernel, which tells so."""
    from jobmagics.store import check_file, default_path

    path = default_path()
    return f"{path} {check_file(path)}"


def _host() -> str:
    from jobmagics.host.client import host_info, host_statuses

    info = host_info(start=True)
    info.secret()
    host_statuses()  # one that hangs says so here
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
