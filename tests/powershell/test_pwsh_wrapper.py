"""A program named pwsh that starts the engine, for programs that know only ``pwsh -s``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from engine_process import Engine, numbered, recorded_exchanges, replay

PWSH = ["pwsh", "-s", "-nologo", "-noprofile"]
WRAPPER = f"""#!{sys.executable}
import os, sys
os.environ["STARTED_BY"] = "the wrapper"
os.execv(sys.executable, [sys.executable, "-m", "jobmagics.powershell", *sys.argv[1:]])
"""


@pytest.fixture(autouse=True)
def wrapper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "pwsh"
    path.write_text(WRAPPER)
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")


def test_a_client_finds_its_powershell() -> None:
    engine = Engine(command=PWSH)
    try:
        found = engine.run("$env:STARTED_BY; $PSVersionTable.PSVersion.Major; 1..3 | ForEach-Object { $_ * 2 }")
        assert found.output == ["the wrapper", 7, 2, 4, 6]
    finally:
        engine.close()


@pytest.mark.parametrize("name", ["state_between_pipelines", "pipeline_input", "large_output"])
def test_recorded_conversations(name: str) -> None:
    wanted, got = replay(recorded_exchanges()[name], command=PWSH)
    assert [(kind, guid) for kind, guid, _ in got] == [(kind, guid) for kind, guid, _ in wanted]
    outputs = [[numbered(body or "") for kind, _, body in side if kind == 0x41004] for side in (wanted, got)]
    assert outputs[0] == outputs[1]


def test_version_and_usage() -> None:
    shown = subprocess.run(["pwsh", "--version"], capture_output=True, text=True, check=True)
    assert "PowerShell 7" in shown.stdout
    refused = subprocess.run(["pwsh", "-c", "1"], capture_output=True, text=True, check=False)
    assert refused.returncode == 64
    assert "-s" in refused.stderr
