"""What the notebook side calls: where is the session host of this machine, and start it if there is none.

Light: no tornado, no pypsrp. A host that runs holds a lock on a file, which the operating system drops the
moment it dies; so "is it alive" never depends on a process id that may have been given to somebody else.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobmagics.errors import HostError
from jobmagics.host.files import LOCK_POLL, PROTOCOL, HostFiles, HostInfo, open_lock, wait_lock

__all__ = ["HostInfo", "HostStatus", "host_info", "host_status", "stop_host"]

START_SECONDS = 30.0
STOP_SECONDS = 10.0
CONNECT_SECONDS = 5.0
SETTLE_SECONDS = 8.0
"""A host that is starting or ending has done so within this."""
LOG_BYTES = 1024 * 1024
"""A log larger than this is put aside (one old one is kept) when a host starts."""


@dataclass(frozen=True)
class HostStatus:
    """A running host and its sessions: dicts of id, name, state, configuration, commands, engine_pid."""

    info: HostInfo
    shells: list[dict[str, Any]]

    @property
    def started(self) -> str:
        return self.info.started


def host_info(start: bool = True, directory: Path | None = None) -> HostInfo:
    """The session host of this machine; started when there is none and ``start``. Raises HostError."""
    files = HostFiles(directory)
    if not start and not files.directory.exists():
        raise HostError("No session host runs on this machine: start one with `jupyter jobmagics host info --start`.")
    files.prepare()
    info = _running(files)
    if info is None and start:
        info = _start(files)
    if info is None:
        raise HostError("No session host runs on this machine: start one with `jupyter jobmagics host info --start`.")
    if info.protocol != PROTOCOL:
        raise HostError(
            f"The session host that runs here is of version {info.version}, which this version cannot use: end its "
            "jobs, run `jupyter jobmagics host stop`, then try again."
        )
    return info


def host_status(directory: Path | None = None) -> HostStatus | None:
    """The host and its sessions; None when none runs. Raises HostError."""
    files = HostFiles(directory)
    if not files.directory.exists():
        return None
    files.prepare()
    info = _running(files)
    return None if info is None else HostStatus(info, _ask(info))


def stop_host(directory: Path | None = None) -> bool:
    """End the host and all its sessions; False when none ran. Raises HostError when it will not end."""
    files = HostFiles(directory)
    info = files.read_card()
    if not files.is_running():
        return False
    if info is None:
        raise HostError(f"The session host is just starting or ending: try again, or see {files.log}.")
    with contextlib.suppress(ProcessLookupError):
        os.kill(info.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while files.is_running():
        if time.monotonic() > deadline:
            raise HostError(f"The session host (process {info.pid}) did not end within {STOP_SECONDS:.0f} seconds.")
        time.sleep(LOCK_POLL)
    return True


def _running(files: HostFiles) -> HostInfo | None:
    """The host that holds the lock and answers on its port; one that is starting or ending is waited for."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while files.is_running():
        info = files.read_card()
        if info is not None and _answers(info):
            return info
        if time.monotonic() > deadline:
            raise HostError(
                f"The session host of {files.directory} does not answer: run `jupyter jobmagics host stop`, "
                f"then try again; its log is {files.log}."
            )
        time.sleep(LOCK_POLL)
    return None


def _answers(info: HostInfo) -> bool:
    try:
        socket.create_connection((info.address, info.port), CONNECT_SECONDS).close()
    except OSError:
        return False
    return True


def _start(files: HostFiles) -> HostInfo:
    """Start a host, unless another process does so at this moment; then wait for that one."""
    with open_lock(files.starting_lock) as lock:
        if not wait_lock(lock, START_SECONDS):
            raise HostError(
                f"Another process has been starting the session host for {START_SECONDS:.0f} seconds: see {files.log}."
            )
        return _running(files) or _launch(files)


def _launch(files: HostFiles) -> HostInfo:
    if files.log.exists() and files.log.stat().st_size > LOG_BYTES:
        os.replace(files.log, files.log.with_suffix(".log.1"))
    sink = os.open(files.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "jobmagics.host", "--directory", str(files.directory)],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            cwd=files.directory,  # not the notebook's: its files must not be taken for modules
            **_detached(),
        )
    except OSError as error:
        raise HostError(f"The session host could not be started ({error}).") from error
    finally:
        os.close(sink)
    return _wait_for_card(files, process)


def _detached() -> dict[str, Any]:
    if os.name == "nt":
        flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "DETACHED_PROCESS", 0)
        return {"creationflags": flags}
    return {"start_new_session": True}


def _wait_for_card(files: HostFiles, process: subprocess.Popen[bytes]) -> HostInfo:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        info = files.read_card()
        if info is not None and info.pid == process.pid:
            process.returncode = 0  # it is to outlive us: no warning that nobody waited for it
            return info
        if process.poll() is not None:
            raise HostError(
                f"The session host ended while starting: {files.last_log_line() or 'it said nothing'} "
                f"(the whole log is {files.log})."
            )
        time.sleep(LOCK_POLL)
    process.kill()
    process.wait()
    raise HostError(f"The session host did not start within {START_SECONDS:.0f} seconds: see {files.log}.")


def _ask(info: HostInfo) -> list[dict[str, Any]]:
    request = urllib.request.Request(f"https://{info.address}:{info.port}/status")
    token = base64.b64encode(f"{info.user}:{info.secret()}".encode()).decode()
    request.add_header("Authorization", f"Basic {token}")
    context = ssl.create_default_context(cafile=str(info.certificate))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(request, timeout=CONNECT_SECONDS) as reply:
            shells: list[dict[str, Any]] = json.load(reply)
            return shells
    except (OSError, ValueError, urllib.error.URLError) as error:
        raise HostError(f"The session host (process {info.pid}) does not tell its status ({error}).") from error
