"""Engines forked from the built-in engine's template: the same as started ones, but at once."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from host_kit import wsman_for
from pypsrp.powershell import PowerShell, RunspacePool

from jobmagics.host.client import host_info, stop_host
from jobmagics.host.processes import NoTemplate, Process, Template

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the template is used on Linux"),
    pytest.mark.timeout(60),
]
CLOSE = b"<Close PSGuid='00000000-0000-0000-0000-000000000000' />\n"


async def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.01)


@asynccontextmanager
async def ready_template() -> AsyncIterator[Template]:
    template = Template()
    with pytest.raises(NoTemplate):
        await template.fork("", {})
    template.prepare()
    await until(lambda: template._is_ready)
    try:
        yield template
    finally:
        template.close()


async def ended(process: Process) -> int:
    process.input.close()
    await process.output.read()
    await process.errors.read()
    await until(lambda: process.returncode is not None)
    assert process.returncode is not None
    return process.returncode


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[1])


def test_a_fork_speaks_the_protocol_in_its_own_place_and_ends_with_its_stdin(tmp_path: Path) -> None:
    async def story() -> None:
        async with ready_template() as template:
            process = await template.fork(str(tmp_path), {"JOBMAGICS_TEST": "here"})
            assert parent(process.pid) == template.pid
            assert os.getsid(process.pid) == process.pid
            assert Path(f"/proc/{process.pid}/cwd").resolve() == tmp_path
            await until(lambda: os.readlink(f"/proc/{template.pid}/cwd") == "/")
            process.input.write(CLOSE)
            assert b"<CloseAck " in await process.output.readuntil(b"<CloseAck ")
            assert await ended(process) == 0

    asyncio.run(story())


def test_no_such_directory_is_said_as_for_a_started_process(tmp_path: Path) -> None:
    async def story() -> None:
        async with ready_template() as template:
            with pytest.raises(FileNotFoundError) as caught:
                await template.fork(str(tmp_path / "missing"), {})
            assert caught.value.filename == str(tmp_path / "missing")
            assert await ended(await template.fork("", {})) == 0, "the next one is not disturbed"

    asyncio.run(story())


def test_an_environment_too_large_for_a_message_is_for_an_ordinary_start() -> None:
    async def story() -> None:
        async with ready_template() as template:
            with pytest.raises(NoTemplate):
                await template.fork("", {"LARGE": "x" * 8_000_000})
            assert await ended(await template.fork("", {})) == 0

    asyncio.run(story())


def test_how_each_one_ended_is_known() -> None:
    async def story() -> None:
        async with ready_template() as template:
            killed, other = await asyncio.gather(template.fork("", {}), template.fork("", {}))
            killed.kill()
            assert await ended(killed) == -signal.SIGKILL
            assert other.returncode is None
            other.input.write(b"garbage\n")
            await until(lambda: other.returncode is not None)
            assert other.returncode == 1
            assert b"the client sent" in await other.errors.read()
            other.input.close()

    asyncio.run(story())


def test_a_killed_template_takes_nothing_along_and_is_made_anew() -> None:
    async def story() -> None:
        async with ready_template() as template:
            process = await template.fork("", {})
            assert template.pid is not None
            os.kill(template.pid, signal.SIGKILL)
            await until(lambda: not template._is_ready)
            with pytest.raises(NoTemplate):
                await template.fork("", {})
            process.input.write(CLOSE)
            assert b"<CloseAck " in await process.output.readuntil(b"<CloseAck ")
            assert await ended(process) == 255
            template.prepare()
            await until(lambda: template._is_ready)
            assert await ended(await template.fork("", {})) == 0

    asyncio.run(story())


def test_sessions_come_from_it_and_share_nothing(tmp_path: Path) -> None:
    info = host_info(directory=tmp_path)
    try:
        with wsman_for(info) as wsman:
            pools = []
            deadline = time.monotonic() + 30
            while len(pools) < 2:  # the first ones are started in the ordinary way
                pool = RunspacePool(wsman, configuration_name="jobmagics.builtin")
                pool.open()
                (pid,) = said(pool, "$PID")
                if Path(f"/proc/{parent(pid)}/cmdline").read_bytes().endswith(b"--template\0"):
                    pools.append(pool)
                else:
                    assert time.monotonic() < deadline
                    pool.close()
            assert said(pools[0], "$env:ONLY_HERE = 'a'; $global:x = 1; Set-Location /; $env:ONLY_HERE") == ["a"]
            assert said(pools[1], "\"[$env:ONLY_HERE][$x]\"; (Get-Location).Path -eq '/'") == ["[][]", False]
            first, second = (said(pool, "Get-Random; New-Guid") for pool in pools)
            assert first[0] != second[0]
            assert str(first[1]) != str(second[1])
            for pool in pools:
                pool.close()
    finally:
        stop_host(tmp_path)


def said(pool: RunspacePool, script: str) -> list[object]:
    shell = PowerShell(pool)
    shell.add_script(script)
    return list(shell.invoke())
