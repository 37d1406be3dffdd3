"""Other computers for examples that name some: stand-ins on this machine, under the names that the examples use.

Windows machines (web01 and so on) are ``winrm.Winrm`` in front of a session host: real NTLM with message encryption,
TLS, Basic, client certificates and, with a KDC, Kerberos. What they run is the built-in engine, so a script's own
commands of Windows (Get-Service ...) fail in their job. build01 and build02 are a real sshd.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from certificates import Authority
from sshd import Sshd
from test_signing import tls
from winrm import Winrm, serving

from jobmagics import credentials

USER, PASSWORD = "CORP\\ada", "right"
CREDENTIALS = ("admin", "ada", "web-admin", "dmz", USER)
ENGINE = [sys.executable, "-m", "jobmagics.powershell", "-s"]
NAMES = """\
import re
import socket

PORTS = {ports}
found = socket.getaddrinfo


def getaddrinfo(host, port, *rest, **named):
    if re.fullmatch(r"(web|dmz|db)\\d\\d(\\.corp\\.example)?", str(host)):
        host, port = "127.0.0.1", PORTS.get(port, port)
    return found(host, port, *rest, **named)


socket.getaddrinfo = getaddrinfo
"""
"""Python's own start-up module: names and ports lead here, in kernels and in commands."""
SSH = """\
#!/bin/sh
# the first value of an option counts: user, port and address are the sshd's, whatever was asked for
exec {ssh} -o HostName=127.0.0.1 -p {port} -l {user} "$@"
"""


@contextmanager
def windows(place: Path, patch: pytest.MonkeyPatch) -> Iterator[Winrm]:
    """Computers over HTTP and HTTPS, and credentials in the environment. Gives the one that answers over HTTP."""
    authority = Authority(place / "authority")
    certificate = authority.issue("server", host="web01 web01.corp.example dmz01")
    (place / "ntlm").write_text(f"{USER.replace(chr(92), ':')}:{PASSWORD}\n")
    patch.setenv("NTLM_USER_FILE", str(place / "ntlm"))
    patch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
    for name in CREDENTIALS:
        know(patch, name, USER)
    know(patch, "local-admin", "local-admin")
    patch.setenv("JOBMAGICS_CREDENTIAL_OPS_CERTIFICATE", str(authority.issue("ops")))
    engines = place / "host" / "engines.json"
    engines.parent.mkdir(mode=0o700, exist_ok=True)
    engines.touch(mode=0o600)
    engines.write_text(json.dumps({"Helpdesk": ENGINE, "PowerShell.7": ENGINE}))
    with ExitStack() as stack:
        http = stack.enter_context(serving("Negotiate", hostname="web01.corp.example", service="host"))
        schemes, users = ("Negotiate", "Basic", "Certificate"), {"local-admin": PASSWORD}
        https = stack.enter_context(serving(*schemes, users=users, context=tls(certificate, authority.file)))
        ports = {5985: http.port, 8985: http.port, 5986: https.port}
        (place / "names").mkdir()
        (place / "names" / "sitecustomize.py").write_text(NAMES.format(ports=ports))
        patch.setenv("PYTHONPATH", str(place / "names"), prepend=":")
        yield http


def know(patch: pytest.MonkeyPatch, name: str, user: str) -> None:
    variable = credentials.variable_of(name)
    patch.setenv(f"{variable}_USER", user)
    patch.setenv(f"{variable}_PASSWORD", PASSWORD)


def over_ssh(place: Path, patch: pytest.MonkeyPatch, sshd: Sshd) -> None:
    """Any name that ssh is asked for is the sshd. Session hosts that start from now on know it."""
    ssh = place / "programs" / "ssh"
    ssh.parent.mkdir(exist_ok=True)
    ssh.write_text(SSH.format(ssh=sshd.programs / "ssh", port=sshd.port, user=sshd.user))
    ssh.chmod(0o755)
    patch.setenv("PATH", str(ssh.parent), prepend=":")
