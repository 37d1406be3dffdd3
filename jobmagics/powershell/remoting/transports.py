"""The programs behind a session: this engine again for this machine, OpenSSH's client for others.

PowerShell opens even a session to localhost through ``ssh``. A machine with only Python has no ssh server, so this
machine by one of its names, without user, port, key or options, is a new engine process of our own; everything else is
``ssh -s HOST powershell``, with ssh's own configuration, keys, agent and known hosts, and as PowerShell's client does
it. Nobody is there to be asked for a password: ssh is told so (BatchMode).
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PACKAGE_PARENT = Path(__file__).resolve().parents[3]
ENGINE = (sys.executable, "-m", "jobmagics.powershell", "-s")
SUBSYSTEM = "powershell"
_TARGET = re.compile(
    r"(?:ssh://)?(?:(?P<user>[^@:\s/?#-][^@:\s/?#]*)@)?(?P<host>[\w.][\w.-]*|\[[0-9A-Fa-f:.]+\]|[0-9A-Fa-f]*:[0-9A-Fa-f:]+)"
    r"(?::(?P<port>\d{1,5}))?"
)
_OPTION = re.compile(r"[A-Za-z]+")
_BATCH = ("-o", "BatchMode=yes")


class BadTarget(ValueError):
    """A name that is none of a host, or that ssh might take for something else."""


@dataclass(frozen=True)
class Target:
    """Where a session goes, as New-PSSession and Invoke-Command are told."""

    host: str
    user: str = ""
    port: int = 0
    key_file: str = ""
    subsystem: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    timeout: float | None = None  # seconds in which it must be open

    @property
    def is_here(self) -> bool:
        asks_for_ssh = self.user or self.port or self.key_file or self.subsystem or self.options
        return not asks_for_ssh and self.host.lower() in _own_names()


def _own_names() -> set[str]:
    return {"localhost", "127.0.0.1", "::1", ".", socket.gethostname().lower()}


def target(name: str, user: str = "", port: int = 0, **facts: object) -> Target:
    """``host``, ``user@host:port`` and the like; what the name says goes before the rest. Raises BadTarget."""
    found = _TARGET.fullmatch(name.strip())
    if found is None or user.startswith("-") or re.search(r"\s", user):
        raise BadTarget(name if found is None else user)
    return Target(found["host"].strip("[]"), found["user"] or user, int(found["port"] or port), **facts)  # type: ignore[arg-type]


def command(place: Target) -> list[str]:
    """The program and its words. Raises BadTarget, and OSError where there is no ssh."""
    if place.is_here:
        return [*ENGINE, "-WorkingDirectory", os.path.expanduser("~")]
    ssh = shutil.which("ssh")
    if ssh is None:
        raise FileNotFoundError("OpenSSH's client is not installed here: there is no ssh on PATH")
    words = [ssh, *_BATCH]
    for name, value in place.options.items():
        if not _OPTION.fullmatch(name) or "\n" in value:
            raise BadTarget(f"{name}={value}")
        words += ["-o", f"{name}={value}"]
    words += ["-i", place.key_file] if place.key_file else []
    words += ["-l", place.user] if place.user else []
    words += ["-p", str(place.port)] if place.port else []
    return [*words, "-s", "--", place.host, place.subsystem or SUBSYSTEM]


def directory(place: Target) -> str | None:
    """Where the program is started: elsewhere than here, so that modules in the session's directory cannot stand
    before Python's own."""
    return str(PACKAGE_PARENT) if place.is_here else None
