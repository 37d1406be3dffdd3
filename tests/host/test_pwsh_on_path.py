"""The host takes the pwsh on PATH for its default configuration, whatever program that is."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from host_kit import wsman_for
from pypsrp.powershell import PowerShell, RunspacePool

from jobmagics.host.client import HostInfo, host_info, stop_host

WRAPPER = f"""#!{sys.executable}
import os, sys
os.environ["STARTED_BY"] = "the wrapper"
os.execv(sys.executable, [sys.executable, "-m", "jobmagics.powershell", *sys.argv[1:]])
"""


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[HostInfo]:
    directory = Path(tempfile.mkdtemp(prefix="jmh"))
    programs = directory / "programs"
    programs.mkdir()
    (programs / "pwsh").write_text(WRAPPER)
    (programs / "pwsh").chmod(0o755)
    directory.chmod(0o700)
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    yield host_info(directory=directory)
    stop_host(directory)
    shutil.rmtree(directory)


@pytest.mark.parametrize("configuration", ["Microsoft.PowerShell", "jobmagics.pwsh"])
def test_the_wrapper_is_the_engine(host: HostInfo, configuration: str) -> None:
    with wsman_for(host) as connection, RunspacePool(connection, configuration_name=configuration) as pool:
        shell = PowerShell(pool)
        shell.add_script("$env:STARTED_BY; 1..3 | ForEach-Object { $_ * 2 }")
        assert shell.invoke() == ["the wrapper", 2, 4, 6]
