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
from jobmagics.host.files import PROTOCOL, HostFiles, HostInfo, version_order
from jobmagics.locks import LOCK_POLL, open_lock, wait_lock

__all__ = ["HostInfo", "HostStatus", "host_info", "host_of", "host_statuses", "stop_host"]

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


def host_info(start: bool = True, directory: Path | None = None) -> HostInfo:
    """The session host of this machine for new sessions; started when there is none and ``start``.

    That is the newest that runs. One that is older than this version is asked to take no new sessions, and a new one
    is started beside it. Raises HostError.
    """
    files = HostFiles(directory)
    usable = [info for info in _hosts(files, create=start) if info.protocol == PROTOCOL]
    if usable and (not start or _order(usable[0]) >= version_order(files.version)):
        return usable[0]
    if start:
        return _start(files)
    raise HostError("No session host runs on this machine: start one with `jupyter jobmagics host info --start`.")


def host_of(shell_id: str, directory: Path | None = None) -> HostInfo:
    """The host that has this session, of those that run. Raises HostError when none runs."""
    newest = host_info(start=False, directory=directory)
    others = [info for info in _others(HostFiles(directory)) if info != newest]
    for info in [newest, *others] if others else []:
        if any(shell["id"].upper() == shell_id.upper() for shell in _ask(info)):
            return info
    return newest


def host_statuses(directory: Path | None = None) -> list[HostStatus]:
    """The hosts that run and their sessions, newest version first. Raises HostError."""
    return [HostStatus(info, _ask(info)) for info in _hosts(HostFiles(directory))]


def stop_host(directory: Path | None = None) -> bool:
    """End the host (of every version) and all its sessions; False when none ran. Raises HostError when it will not."""
    files = HostFiles(directory)
    cards = [each for each in files.of_all_versions() if each.is_running()]
    if not cards and files.is_running():
        raise HostError(f"The session host is just starting or ending: try again, or see {files.log}.")
    for each in cards:
        _stop(each)
    return bool(cards)


def _stop(files: HostFiles) -> None:
    info = files.read_card()
    if info is None:
        raise HostError(f"The session host is just starting or ending: try again, or see {files.log}.")
    with contextlib.suppress(ProcessLookupError):
        os.kill(info.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while files.is_running():
        if time.monotonic() > deadline:
            raise HostError(
                f"The session host (process {info.pid}) did not end within {STOP_SECONDS:.0f} seconds; if it hangs, end"
                f" the process by hand: kill -9 {info.pid}"
            )
        time.sleep(LOCK_POLL)


def _order(info: HostInfo) -> tuple[int, ...]:
    return version_order(info.version)


def _hosts(files: HostFiles, *, create: bool = False) -> list[HostInfo]:
    """Those that run, newest version first. ``create``: the directory is made if there is none."""
    if not create and not files.directory.exists():
        return []
    files.prepare()
    own = _running(files)
    return sorted([*([own] if own else []), *_others(files)], key=_order, reverse=True)


def _others(files: HostFiles) -> list[HostInfo]:
    """Hosts of other versions that run."""
    running = [each for each in files.of_all_versions() if each.version != files.version and each.is_running()]
    cards = [each.read_card() for each in running]
    return [info for info in cards if info is not None and _answers(info)]


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
        info = _running(files) or _launch(files)
    for other in _others(files):
        if _order(other) < _order(info):
            with contextlib.suppress(HostError):  # it ends when its sessions do, or at its idle time
                _request(other, "/retire", b"")
    return info


CREDENTIALS = "JOBMAGICS_CREDENTIAL_"
"""Passwords for other computers are the kernel's: neither the host nor any script in its engines inherits them."""


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
            env={name: value for name, value in os.environ.items() if not name.upper().startswith(CREDENTIALS)},
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
    shells: list[dict[str, Any]] = _request(info, "/status")
    return shells


def _request(info: HostInfo, path: str, data: bytes | None = None) -> Any:
    """GET, or with ``data`` POST: what it answers. Raises HostError."""
    request = urllib.request.Request(f"https://{info.address}:{info.port}{path}", data)
    token = base64.b64encode(f"{info.user}:{info.secret()}".encode()).decode()
    request.add_header("Authorization", f"Basic {token}")
    context = ssl.create_default_context(cafile=str(info.certificate))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(request, timeout=CONNECT_SECONDS) as reply:
            return json.load(reply)
    except (OSError, ValueError, urllib.error.URLError) as error:
        raise HostError(
            f"The session host (process {info.pid}) does not answer ({error}); run `jupyter jobmagics host stop`, then"
            " try again."
        ) from error
