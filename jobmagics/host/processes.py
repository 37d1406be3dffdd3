"""How an engine's process comes to be: started as any program is, started before it is asked for, or forked from the
built-in engine's template.

The template (``jobmagics.powershell.server.template``) is the built-in engine with everything imported. A process
forked from it is there within some milliseconds and shares its memory, where starting one takes 50 ms to an open pool
and as much again for the first script. The host starts it with the first session that asks for the built-in engine;
that session, and all where there is no fork, get a process started in the ordinary way.

A program that takes its time to start, such as pwsh, has a spare: one process that is ready for the next session.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import itertools
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from jobmagics.host.guard import SAFE_PATH

READ_BYTES = 256 * 1024
PR_SET_PDEATHSIG = 1
SPARE_SECONDS = 1.0
"""After which the next spare is started: the session that took the last one has opened by then, undisturbed."""
STATUS_UNKNOWN = 255
"""Of a process whose status nobody could collect: its template died before it."""
REPLY_BYTES = 4096

log = logging.getLogger(__name__)


class Process(Protocol):
    """A running engine, as far as the host uses it."""

    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...
    @property
    def input(self) -> asyncio.WriteTransport: ...
    @property
    def output(self) -> asyncio.StreamReader: ...
    @property
    def errors(self) -> asyncio.StreamReader: ...

    def kill(self) -> None: ...


class SpawnedProcess:
    """A process that the host itself started."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._process = process
        self.pid = process.pid
        self.input: asyncio.WriteTransport = process.stdin.transport
        self.output = process.stdout
        self.errors = process.stderr

    @property
    def returncode(self) -> int | None:
        return self._process.returncode

    def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()


async def spawn(command: list[str], directory: str, environment: Mapping[str, str]) -> Process:
    """The leader of a new session and process group. Raises OSError: no such program, no such directory."""
    return SpawnedProcess(
        await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=READ_BYTES,
            cwd=directory or str(Path.home()),
            env=_environment() | dict(environment),
            start_new_session=True,
            preexec_fn=_death_signal(),
        )
    )


class Spare:
    """One process started before it is asked for, of the kind that the last session asked for: the same command,
    directory and environment. The first session of a kind gets an ordinary one.
    """

    def __init__(self) -> None:
        self._kind: tuple[list[str], str, dict[str, str]] | None = None
        self._process: Process | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._starts: set[asyncio.Task[None]] = set()

    async def take(self, command: list[str], directory: str, environment: Mapping[str, str]) -> Process:
        """The spare, if it is of this kind and lives, or a new process. Raises OSError as ``spawn`` does."""
        kind = command, directory, dict(environment)
        process, self._process = self._process, None
        if process is not None and (kind != self._kind or process.returncode is not None):
            _let_go(process)
            process = None
        if process is None:
            process = await spawn(*kind)
        self._forget()
        self._kind = kind
        self._timer = asyncio.get_running_loop().call_later(SPARE_SECONDS, self._prepare, kind)
        return process

    async def close(self) -> None:
        """No spare from now on, until one is taken again."""
        self._forget()
        if self._starts:
            await asyncio.wait(self._starts)

    def _forget(self) -> None:
        self._kind = None
        if self._timer is not None:
            self._timer.cancel()
        if self._process is not None:
            _let_go(self._process)
            self._process = None

    def _prepare(self, kind: tuple[list[str], str, dict[str, str]]) -> None:
        start = asyncio.ensure_future(self._make(kind))
        self._starts.add(start)
        start.add_done_callback(self._starts.discard)

    async def _make(self, kind: tuple[list[str], str, dict[str, str]]) -> None:
        try:
            process = await spawn(*kind)
        except OSError as error:  # the next session tells it
            log.info("no spare engine: %s", error.strerror)
            return
        if kind is self._kind:
            self._process = process
        else:  # another kind was asked for meanwhile, or the host ends
            _let_go(process)


def _let_go(process: Process) -> None:
    process.input.close()
    process.kill()


class ForkedProcess:
    """A process that the template forked; the template collects its status and tells it."""

    input: asyncio.WriteTransport
    output: asyncio.StreamReader
    errors: asyncio.StreamReader

    def __init__(self) -> None:
        self.pid = 0
        self.returncode: int | None = None
        self._pairs = [os.pipe() for _ in range(3)]

    @property
    def theirs(self) -> list[int]:
        """Its stdin, stdout and stderr."""
        (stdin, _), (_, stdout), (_, stderr) = self._pairs
        return [stdin, stdout, stderr]

    async def open(self) -> None:
        (_, stdin), (stdout, _), (stderr, _) = self._pairs
        self._pairs = []
        loop = asyncio.get_running_loop()
        self.input, _protocol = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(stdin, "wb", 0))
        self.output = await _reader(stdout)
        self.errors = await _reader(stderr)

    def close_theirs(self) -> None:
        for descriptor in self.theirs:
            os.close(descriptor)

    def close_ours(self) -> None:
        """Give it up before ``open``: it ends with its stdin."""
        (_, stdin), (stdout, _), (stderr, _) = self._pairs
        for descriptor in (stdin, stdout, stderr):
            os.close(descriptor)

    def kill(self) -> None:
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


async def _reader(descriptor: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=READ_BYTES)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb", 0)
    )
    return reader


class NoTemplate(Exception):
    """This process cannot come from the template: it is not there (yet), or the request does not fit."""


class Template:
    """The host's side of the template: asks for processes and keeps their states."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._is_ready = False
        self._ids = itertools.count(1)
        self._asked: dict[int, tuple[asyncio.Future[None], ForkedProcess]] = {}
        self._children: dict[int, ForkedProcess] = {}

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def prepare(self) -> None:
        """Start it, if that can be and it does not run. The first requests may come before it is ready."""
        if self._socket is not None or not sys.platform.startswith("linux"):
            return
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.setblocking(False)
        asyncio.get_running_loop().add_reader(self._socket, self._hear)
        try:
            self._process = subprocess.Popen(
                [sys.executable, *SAFE_PATH, "-m", "jobmagics.powershell", "--template"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                cwd="/",
                env=_environment(),
                start_new_session=True,
            )
        except OSError as error:
            log.warning("the engine's template does not start: %s", error)
            self._lost()
        finally:
            theirs.close()

    async def fork(self, directory: str, environment: Mapping[str, str]) -> Process:
        """A new engine. Raises OSError when there is no such directory, NoTemplate when it has to be spawned."""
        if self._socket is None or not self._is_ready:
            raise NoTemplate
        number = next(self._ids)
        request = {
            "id": number,
            "directory": directory or str(Path.home()),
            "environment": _environment() | dict(environment),
        }
        made = ForkedProcess()
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asked[number] = answered, made
        try:
            _send(self._socket, request, made.theirs)
            await answered
        except BaseException:
            made.close_ours()
            raise
        finally:
            made.close_theirs()
            del self._asked[number]
        await made.open()
        return made

    def close(self) -> None:
        """End the template. What it forked goes on."""
        self._lost()

    def _hear(self) -> None:
        assert self._socket is not None
        try:
            data = self._socket.recv(REPLY_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            log.warning("the engine's template has ended")
            self._lost()
            return
        message: dict[str, Any] = json.loads(data)
        if "ready" in message:
            self._is_ready = True
        elif "ended" in message:
            if (child := self._children.pop(message["ended"], None)) is not None:
                child.returncode = message["status"]
        else:
            self._answered(message)

    def _answered(self, message: dict[str, Any]) -> None:
        answered, made = self._asked[message["id"]]
        if "pid" in message:
            made.pid = message["pid"]
            self._children[made.pid] = made
        if answered.done():  # given up in between
            return
        if "pid" in message:
            answered.set_result(None)
        else:
            number = message["errno"]
            answered.set_exception(OSError(number, os.strerror(number), message["path"]))

    def _lost(self) -> None:
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
        self._socket, self._is_ready = None, False
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        for answered, _ in self._asked.values():
            if not answered.done():
                answered.set_exception(NoTemplate())
        for child in self._children.values():
            child.returncode = STATUS_UNKNOWN
        self._children.clear()


def _send(to: socket.socket, request: dict[str, Any], descriptors: list[int]) -> None:
    try:
        socket.send_fds(to, [json.dumps(request).encode()], descriptors)
    except OSError as error:  # larger than a message may be, or it is busy, or gone
        raise NoTemplate from error


def _environment() -> dict[str, str]:
    """The host's own, without what Jupyter told the kernel that happened to start the host."""
    return {name: value for name, value in os.environ.items() if not name.startswith("JPY_")}


def _death_signal() -> Callable[[], None] | None:
    """For the child, between fork and exec, on Linux: be killed when the host dies."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    host = os.getpid()

    def set_it() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != host:
            os.kill(os.getpid(), signal.SIGKILL)

    return set_it
