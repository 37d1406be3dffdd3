"""A real sshd on loopback whose ``powershell`` subsystem is the built-in engine, and an ``ssh`` that knows it.

As unprivileged as it can be: keys and configuration in a directory of the test's own, one allowed user, one port.
"""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

SSHD = shutil.which("sshd") or "/usr/sbin/sshd"
START_SECONDS = 10.0
SERVER = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {place}/host_key
PidFile none
AuthorizedKeysFile {place}/user_key.pub
AllowUsers {user}
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
Subsystem powershell {place}/powershell
"""
CLIENT = """\
Host *
  IdentityFile {place}/user_key
  IdentitiesOnly yes
  UserKnownHostsFile {place}/known_hosts
  StrictHostKeyChecking accept-new
  LogLevel ERROR
"""


def require_sshd() -> None:
    """Skips with the reason; fails where CI has promised that it is there."""
    missing = [name for name in ("ssh", "ssh-keygen") if shutil.which(name) is None]
    missing += [] if os.access(SSHD, os.X_OK) else ["sshd"]
    if missing:
        assert not os.environ.get("JOBMAGICS_REQUIRE_SSHD"), f"not installed: {missing}"
        pytest.skip(f"OpenSSH is not installed here (missing: {', '.join(missing)})")


class Sshd:
    """``port``, and ``programs``: a directory for PATH whose ``ssh`` uses the keys of this server."""

    def __init__(self, place: Path, *engine: str) -> None:
        self.place = place
        self.user = getpass.getuser()
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        for key in ("host_key", "user_key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(place / key)], check=True)
        command = engine or (sys.executable, "-m", "jobmagics.powershell", "-s")
        _script(place / "powershell", command, PYTHONPATH=os.environ.get("PYTHONPATH", ""))
        names = {"place": place, "port": self.port, "user": self.user}
        (place / "sshd_config").write_text(SERVER.format(**names))
        (place / "ssh_config").write_text(CLIENT.format(**names))
        self.programs = place / "programs"
        self.programs.mkdir()
        _script(self.programs / "ssh", (shutil.which("ssh") or "ssh", "-F", str(place / "ssh_config")))
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        with (place / "log").open("wb") as log:
            self._process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(place / "sshd_config")], stderr=log)
        self._wait()

    @property
    def target(self) -> str:
        return f"{self.user}@127.0.0.1:{self.port}"

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except ConnectionRefusedError:
                log = (self.place / "log").read_text(errors="replace")
                assert self._process.poll() is None, log
                assert time.monotonic() < deadline, log
                time.sleep(0.02)


def _script(path: Path, command: tuple[str, ...], **environment: str) -> None:
    words = " ".join(f"'{word}'" for word in command)
    assignments = "".join(f"export {name}='{value}'\n" for name, value in environment.items() if value)
    path.write_text(f'#!/bin/sh\n{assignments}exec {words} "$@"\n')
    path.chmod(0o755)
