"""Of which kind the spare process is, and how it ends. The whole way is in tests/contract/test_spare.py."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from jobmagics.host import processes
from jobmagics.host.processes import Process, Spare

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc"),
    pytest.mark.timeout(60),
]
COMMAND = [sys.executable, "-c", "import os, sys; print(os.getcwd(), os.environ.get('KIND')); sys.stdin.read()"]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Process]:
    """All that were started. The next spare is, at once."""
    found: list[Process] = []

    async def spawn(command: list[str], directory: str, environment: Mapping[str, str]) -> Process:
        found.append(await processes_spawn(command, directory, environment))
        return found[-1]

    processes_spawn = processes.spawn
    monkeypatch.setattr(processes, "spawn", spawn)
    monkeypatch.setattr(processes, "SPARE_SECONDS", 0.0)
    return found


async def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.01)


async def said(process: Process) -> list[str]:
    """What it says of where it is; then it ends."""
    line = await process.output.readline()
    process.input.close()
    await ended(process)
    return line.decode().split()


async def ended(process: Process) -> None:
    await process.output.read()
    await process.errors.read()
    await until(lambda: process.returncode is not None)


def test_only_the_same_kind_is_given(tmp_path: Path, made: list[Process]) -> None:
    async def story() -> None:
        spare = Spare()
        here, there = str(tmp_path), str(tmp_path.parent)
        for directory, kind in ((here, "a"), (there, "a"), (there, "b")):
            process = await spare.take(COMMAND, directory, {"KIND": kind})
            assert await said(process) == [directory, kind]
            await until(lambda: spare._process is not None)
            assert spare._process is not process
        ready = spare._process
        assert ready is not None
        taken = await spare.take(COMMAND, there, {"KIND": "b"})
        assert taken is ready
        assert await said(taken) == [there, "b"]
        await spare.close()
        for process in made:
            await ended(process)

    asyncio.run(story())


def test_there_is_one_and_those_that_are_not_wanted_end(tmp_path: Path, made: list[Process]) -> None:
    async def story() -> None:
        spare = Spare()
        taken = [await spare.take(COMMAND, str(directory), {}) for directory in (tmp_path, tmp_path.parent) * 3]
        await until(lambda: spare._process is not None)
        left = [process for process in made if process.returncode is None and process not in taken]
        assert left == [spare._process]
        await spare.close()
        for process in taken:
            process.input.close()
        for process in made:
            await ended(process)

    asyncio.run(story())


def test_a_command_that_does_not_start_has_no_spare(tmp_path: Path) -> None:
    async def story() -> None:
        spare = Spare()
        with pytest.raises(FileNotFoundError):
            await spare.take(["/no/such/program"], str(tmp_path), {})
        assert spare._timer is None

    asyncio.run(story())
