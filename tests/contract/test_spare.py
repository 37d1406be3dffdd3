"""The spare pwsh: one process that is ready before it is asked for. A program on PATH says what real pwsh said."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jobmagics.host.client import host_info, host_statuses, stop_host
from jobmagics.psrp import PsrpPool, connect
from jobmagics.remote import ConnectionInfo, new_id

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc"),
    pytest.mark.timeout(60),
]
PLAYER = Path(__file__).parent / "replaying_pwsh.py"
PWSH = f"""#!/bin/sh
echo "$$ $* $(pwd)" >> "$STARTED"
exec {sys.executable} {PLAYER} open_close
"""


class Machine:
    """A host with a pwsh on its PATH that notes each of its starts."""

    def __init__(self, directory: Path, notes: Path) -> None:
        self.directory, self._notes = directory, notes

    def starts(self) -> list[tuple[int, str]]:
        """Process and place of each pwsh that was started, and whether with the right arguments."""
        if not self._notes.exists():
            return []
        found = []
        for line in self._notes.read_text().splitlines():
            pid, *arguments, place = line.split()
            assert arguments == ["-s", "-nologo", "-noprofile"]
            found.append((int(pid), place))
        return found

    def open(self, configuration: str = "jobmagics.pwsh") -> tuple[PsrpPool, int]:
        """A new session, and the process that answers in it."""
        pool = connect(ConnectionInfo(configuration_name=configuration)).pool(new_id())
        pool.open("spare", 600)
        (status,) = host_statuses(self.directory)
        (pid,) = [shell["engine_pid"] for shell in status.shells if shell["id"].upper() == pool.pool_id.upper()]
        return pool, pid


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    directory = Path(tempfile.mkdtemp(prefix="jmh"))
    programs = directory / "programs"
    programs.mkdir()
    (programs / "pwsh").write_text(PWSH)
    (programs / "pwsh").chmod(0o755)
    monkeypatch.setenv("STARTED", str(directory / "started"))
    monkeypatch.setenv("JOBMAGICS_HOST_DIR", str(directory))
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    yield Machine(directory, directory / "started")
    stop_host(directory)
    shutil.rmtree(directory)


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 40
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_the_second_session_finds_its_pwsh_ready(machine: Machine) -> None:
    builtin, _ = machine.open("jobmagics.builtin")
    assert machine.starts() == [], "none before the first use"
    first, pid = machine.open()
    assert machine.starts()[0] == (pid, str(Path.home()))
    for count in (2, 3):
        until(lambda count=count: len(machine.starts()) == count)
        spare, place = machine.starts()[-1]
        assert place == str(Path.home())
        pool, pid = machine.open()
        assert pid == spare
        pool.close()
    until(lambda: len(machine.starts()) == 4)
    first.close()
    builtin.close()
    assert is_running(machine.starts()[-1][0])
    stop_host(machine.directory)
    assert not any(is_running(pid) for pid, _ in machine.starts()), "the spare ends with the host"


def test_a_spare_that_died_is_thrown_away(machine: Machine) -> None:
    first, _ = machine.open()
    until(lambda: len(machine.starts()) == 2)
    spare = machine.starts()[-1][0]
    os.kill(spare, 9)
    until(lambda: not is_running(spare))
    second, pid = machine.open()
    assert pid != spare
    second.close()
    first.close()


def test_the_spare_goes_with_a_killed_host(machine: Machine) -> None:
    machine.open()
    until(lambda: len(machine.starts()) == 2)
    os.kill(host_info(start=False, directory=machine.directory).pid, 9)
    until(lambda: not any(is_running(pid) for pid, _ in machine.starts()))
