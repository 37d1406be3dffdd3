"""Engine processes: which program answers for a configuration name, and its life from start to end.

An engine is any program that speaks the out-of-process protocol on stdin and stdout. It leads a process
group of its own and ends when its stdin does; when the host dies the guard ends it and what its scripts had
started, so that a killed host leaves no orphans. What it says on stderr is kept, bounded, as the reason for a failure.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from jobmagics.host import outofproc
from jobmagics.host.faults import UNKNOWN_CONFIGURATION, Refusal
from jobmagics.host.fragments import FragmentError
from jobmagics.host.guard import SAFE_PATH, Guard
from jobmagics.host.processes import READ_BYTES, STATUS_UNKNOWN, NoTemplate, Process, Spare, Template, spawn
from jobmagics.host.wsman import POWERSHELL

DEFAULT_CONFIGURATION = "Microsoft.PowerShell"
BUILTIN = "jobmagics.builtin"
BUILTIN_COMMAND = [sys.executable, *SAFE_PATH, "-m", "jobmagics.powershell", "-s"]
PWSH = "jobmagics.pwsh"
PWSH_ARGUMENTS = ("-s", "-nologo", "-noprofile")
SSH = "ssh:"
_SSH_TARGET = re.compile(
    r"ssh:(?:(?P<user>[^@:\s/?#-][^@:\s/?#]*)@)?(?P<host>[\w.][\w.-]*|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?"
)
SSH_OPTIONS = (
    *("-o", "BatchMode=yes"),  # nobody is there to be asked: keys, an agent or a ticket must do
    *("-o", "ConnectTimeout=30"),
    *("-o", "ServerAliveInterval=15"),  # a dead network is noticed within WinRM's four minutes
    *("-o", "ServerAliveCountMax=16"),
)

STDERR_BYTES = 4096
"""The end of stderr that is kept."""
CLOSE_SECONDS = 2.0
"""Time for an engine to end by itself after Close and the end of its stdin."""
EXIT_POLL = 0.02

log = logging.getLogger(__name__)


class EngineCatalog:
    """Configuration name -> command line. ``extra`` names more engines, or other ones for known names."""

    def __init__(self, extra: Mapping[str, list[str]]) -> None:
        self._extra = {name.lower(): command for name, command in extra.items()}
        self._names = sorted({DEFAULT_CONFIGURATION, BUILTIN, PWSH, *extra}, key=str.lower)

    def command_for(self, resource_uri: str) -> list[str]:
        """Raises Refusal(UNKNOWN_CONFIGURATION) naming those that are known."""
        name = resource_uri.rpartition("/")[2].partition("?")[0]
        if resource_uri.startswith(f"{POWERSHELL}/"):
            if name.startswith(SSH):
                return ssh_command(name)
            pwsh = shutil.which("pwsh")
            default = [pwsh, *PWSH_ARGUMENTS] if pwsh else BUILTIN_COMMAND
            known = {DEFAULT_CONFIGURATION.lower(): default, BUILTIN: BUILTIN_COMMAND}
            if pwsh:
                known[PWSH] = [pwsh, *PWSH_ARGUMENTS]
            found = (known | self._extra).get(name.lower())
            if found:
                return found
            if name.lower() == PWSH:
                raise Refusal(UNKNOWN_CONFIGURATION, "PowerShell is not installed here: there is no pwsh on PATH.")
        raise Refusal(
            UNKNOWN_CONFIGURATION,
            f"There is no session configuration {name!r} on this host; it has {', '.join(self._names)}, and "
            f"{SSH}user@host:port for PowerShell over SSH.",
        )


def ssh_command(name: str) -> list[str]:
    """PowerShell over SSH for a configuration name ``ssh:user@host:port``, as pwsh itself does it: OpenSSH's client,
    its own configuration, keys and known hosts, and the remote side's subsystem ``powershell``. Raises Refusal.
    """
    *options, host = ssh_place(name)
    ssh = shutil.which("ssh")
    if ssh is None:
        raise Refusal(UNKNOWN_CONFIGURATION, "OpenSSH's client is not installed here: there is no ssh on PATH.")
    return [ssh, *SSH_OPTIONS, *options, "-s", "--", host, "powershell"]


def ssh_place(name: str) -> list[str]:
    """Options of ssh for user and port, and last the host. Raises Refusal for what is no such name."""
    match = _SSH_TARGET.fullmatch(name)
    if match is None:
        raise Refusal(UNKNOWN_CONFIGURATION, f"{name!r} does not name a host over SSH: write {SSH}user@host:port.")
    user, host, port = match["user"], match["host"].strip("[]"), match["port"]
    return [*(("-l", user) if user else ()), *(("-p", port) if port else ()), host]


def read_catalog(path: Path) -> EngineCatalog:
    """The catalog with the engines of ``engines.json``, if there is one. Raises ValueError."""
    if not path.exists():
        return EngineCatalog({})
    extra = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(extra, dict) or not all(
        isinstance(command, list) and command and all(isinstance(part, str) for part in command)
        for command in extra.values()
    ):
        raise ValueError(f"{path} must hold one JSON object: configuration name -> list of words of a command.")
    return EngineCatalog(extra)


class Processes:
    """Where the processes of engines come from: each kind in the way that is fastest for it."""

    def __init__(self) -> None:
        self._template = Template()
        self.spare = Spare()

    async def new(self, command: list[str], directory: str, environment: Mapping[str, str]) -> Process:
        """Raises OSError when there is no such program or directory."""
        if command == BUILTIN_COMMAND:
            try:
                return await self._template.fork(directory, environment)
            except NoTemplate:
                self._template.prepare()
        elif tuple(command[1:]) == PWSH_ARGUMENTS:
            return await self.spare.take(command, directory, environment)
        return await spawn(command, directory, environment)

    async def close(self) -> None:
        """End what was only prepared. Running engines go on."""
        self._template.close()
        await self.spare.close()


class Engine:
    """One running engine. ``on_packets`` and ``on_end`` (once, with a reason) are called in the event loop."""

    def __init__(
        self,
        name: str,
        guard: Guard,
        processes: Processes,
        on_packets: Callable[[list[outofproc.Packet]], None],
        on_end: Callable[[str], None],
    ) -> None:
        self.name = name
        self._guard = guard
        self._processes = processes
        self._on_packets = on_packets
        self._on_end = on_end
        self._process: Process | None = None
        self._early: list[bytes] = []
        self._errors = b""
        self._tasks: list[asyncio.Task[None]] = []
        self._is_ending = False
        self._may_speak = asyncio.Event()
        self._may_speak.set()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def input_backlog(self) -> int:
        """Bytes that the engine has not read yet."""
        if self._process is None:
            return sum(map(len, self._early))
        return self._process.input.get_write_buffer_size()

    async def start(self, command: list[str], directory: str, environment: Mapping[str, str]) -> None:
        """Raises OSError when there is no such program or directory."""
        self._process = await self._processes.new(command, directory, environment)
        self._guard.add(self._process.pid)
        log.info("engine %s: started, pid %d", self.name, self._process.pid)
        self._tasks = [asyncio.ensure_future(self._read_errors()), asyncio.ensure_future(self._read())]
        early, self._early = self._early, []
        for data in early:
            self.write(data)

    def write(self, data: bytes) -> None:
        if self._process is None:
            self._early.append(data)
        elif not self._process.input.is_closing():
            self._process.input.write(data)

    def pace(self, may_speak: bool) -> None:
        """Whether its stdout is read. What is not read fills the pipe, and then the engine waits."""
        if may_speak:
            self._may_speak.set()
        else:
            self._may_speak.clear()

    async def end(self) -> None:
        """Close the pool; after CLOSE_SECONDS kill the whole process group."""
        self._is_ending = True
        self.pace(may_speak=True)
        if self._process is None:
            return
        self.write(outofproc.bare_packet("Close", outofproc.POOL))
        self._process.input.close()
        await self._wait_exit(CLOSE_SECONDS)
        self.kill()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def kill(self) -> None:
        """The engine and everything in its process group, at once."""
        if self._process is None:
            return
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()

    async def _wait_exit(self, seconds: float) -> None:
        """asyncio's own ``wait`` ends only when the pipes are closed, which a child of the engine may hold open."""
        assert self._process is not None
        deadline = time.monotonic() + seconds
        while self._process.returncode is None and time.monotonic() < deadline:
            await asyncio.sleep(EXIT_POLL)

    async def _read(self) -> None:
        assert self._process is not None
        reader = outofproc.PacketReader()
        reason = ""
        while await self._may_speak.wait() and (data := await self._process.output.read(READ_BYTES)):
            if self._is_ending:
                continue
            try:
                packets = reader.feed(data)
                if packets:
                    self._on_packets(packets)
            except (outofproc.ProtocolError, FragmentError) as error:  # this shell breaks, no other
                reason = f"The PowerShell engine of this session was ended: {error}."
                log.warning("engine %s: %s: %s", self.name, type(error).__name__, len(data))
                self.kill()
                break
        await self._ended(reason)

    async def _read_errors(self) -> None:
        assert self._process is not None
        while data := await self._process.errors.read(READ_BYTES):
            self._errors = (self._errors + data)[-STDERR_BYTES:]

    async def _ended(self, reason: str) -> None:
        assert self._process is not None
        await self._wait_exit(CLOSE_SECONDS)  # one that closed its stdout and goes on is of no use to anybody
        self.kill()  # and what it started and left behind
        self._guard.remove(self._process.pid)
        self._process.input.close()
        await self._wait_exit(CLOSE_SECONDS)
        status = STATUS_UNKNOWN if self._process.returncode is None else self._process.returncode
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._tasks[0]), CLOSE_SECONDS)
        log.info("engine %s: ended, status %d", self.name, status)
        if not self._is_ending:
            self._on_end(reason or end_reason(status, self._errors))


def end_reason(status: int, errors: bytes) -> str:
    """One sentence: how an engine ended and the last thing it said."""
    how = f"with exit status {status}"
    if status < 0:
        with contextlib.suppress(ValueError):
            how = f"by signal {signal.Signals(-status).name}"
    lines = [line.strip() for line in errors.decode("utf-8", "replace").splitlines() if line.strip()]
    said = f": {''.join(c if c.isprintable() else ' ' for c in lines[-1])[:300]}" if lines else ""
    return f"The PowerShell engine of this session ended {how}{said}{'' if said.endswith('.') else '.'}"
