"""A host over SSH: the client, name and port as ssh's own configuration has them, signing in."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator

from jobmagics.doctor.parts import Part
from jobmagics.errors import AccessDenied, ConnectionFailed, JobMagicsError
from jobmagics.host.engines import ssh_place
from jobmagics.host.faults import Refusal
from jobmagics.remote import ConnectionInfo

PROBE_SECONDS = 10.0
LOGIN_SECONDS = 60.0
REMEDIES = {
    "Permission denied": "put your key there (ssh-copy-id), or load it into an agent (ssh-add)",
    "Host key verification failed": "connect once by hand with ssh, compare its key, and accept it",
    "REMOTE HOST IDENTIFICATION HAS CHANGED": "find out why its key is another one; then ssh-keygen -R removes the old",
    "Too many authentication failures": "name the right key as IdentityFile in ~/.ssh/config",
}


def parts_over_ssh(connection: ConnectionInfo) -> Iterator[Part]:
    settled: dict[str, str] = {}
    yield "SSH client", _client
    yield "name", lambda: _name(connection, settled)
    yield "port", lambda: _port(settled)
    yield "authentication", lambda: _sign_in(connection)


def _client() -> str:
    ssh = shutil.which("ssh")
    if ssh is None:
        raise JobMagicsError("OpenSSH's client is not installed here: there is no ssh on PATH.")
    return ssh


def _ssh(connection: ConnectionInfo, options: tuple[str, ...], *words: str) -> subprocess.CompletedProcess[str]:
    """OpenSSH's client with what the target says, and nobody to ask."""
    try:
        place = ssh_place(connection.configuration_name)
    except Refusal as refusal:
        raise JobMagicsError(refusal.reason) from None
    command = ["ssh", "-o", "BatchMode=yes", *options, *place[:-1], "--", place[-1], *words]
    try:
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LOGIN_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise ConnectionFailed(f"{connection.computer_name} did not answer within {LOGIN_SECONDS:.0f} s.") from None


def _name(connection: ConnectionInfo, settled: dict[str, str]) -> str:
    told = _ssh(connection, ("-G",)).stdout.splitlines()
    settled.update((word, rest) for word, _, rest in (line.partition(" ") for line in told))
    name = settled.get("hostname", connection.computer_name)
    if settled.get("proxyjump", "none") != "none" or settled.get("proxycommand", "none") != "none":
        settled["via"] = "a proxy"
        return f"{name}, reached through another host as ssh's configuration says"
    try:
        found = socket.getaddrinfo(name, int(settled.get("port", "22")), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ConnectionFailed(
            f"The name {name} is not known; check its spelling, the DNS, or ~/.ssh/config."
        ) from None
    return f"{name} is {', '.join(dict.fromkeys(str(each[4][0]) for each in found))}"


def _port(settled: dict[str, str]) -> str:
    if "via" in settled:
        return "asked of the proxy"
    name, port = settled.get("hostname", ""), int(settled.get("port", "22"))
    try:
        with socket.create_connection((name, port), PROBE_SECONDS) as connection:
            connection.settimeout(PROBE_SECONDS)
            greeting = connection.recv(255)
    except ConnectionRefusedError:
        raise ConnectionFailed(
            f"Nothing listens at port {port} of {name}; start sshd there, or write user@host:port."
        ) from None
    except OSError as error:
        raise ConnectionFailed(
            f"Port {port} of {name} does not answer ({error.strerror or 'time-out'}); check that it runs, and the"
            " firewalls."
        ) from None
    if not greeting.startswith(b"SSH-"):
        raise ConnectionFailed(f"What answers at port {port} of {name} is no SSH server; write user@host:port.")
    return f"{port}, {greeting.decode('ascii', 'replace').strip()}"


def _sign_in(connection: ConnectionInfo) -> str:
    done = _ssh(connection, ("-T",), "exit")
    if done.returncode != 255:  # 255 is ssh's own; others are the remote shell's
        return "signed in"
    said = " ".join(done.stderr.split())
    for sign, remedy in REMEDIES.items():
        if sign in said:
            raise AccessDenied(f"{connection.computer_name} did not let you in ({sign}); {remedy}.")
    raise AccessDenied(f"{connection.computer_name} did not let you in: {said[-300:] or 'ssh does not say why'}")
