"""A computer over WSMan: name, port, TLS, service, credential, signing in, endpoint, a first pipeline."""

from __future__ import annotations

import datetime
import socket
import sys
import threading
from collections.abc import Iterator

from jobmagics import credentials
from jobmagics.copying import Channel
from jobmagics.credentials.certificates import client_certificate, trust, trusted_path
from jobmagics.doctor.here import engine_of
from jobmagics.doctor.over_ssh import parts_over_ssh
from jobmagics.doctor.parts import Part, try_parts
from jobmagics.errors import ConnectionFailed, JobMagicsError
from jobmagics.psrp import connect
from jobmagics.psrp.pools import PsrpPool
from jobmagics.psrp.probing import PROBE_SECONDS, certificate_of, port_of, sign_in, ways_offered
from jobmagics.remote import ConnectionInfo, new_id

IDLE_SECONDS = 60.0
FIRST_SCRIPT = """\
[string]$PSVersionTable.PSVersion
[Environment]::MachineName
[Environment]::UserName
[string]$ExecutionContext.SessionState.LanguageMode
"""
DELEGATES = "credssp"
DOUBLE_HOP = (
    "note     from there on: a script there cannot go on to a third computer as you (the double hop); use"
    " -Authentication CredSSP, or give it a credential of its own."
)


def examine_computer(connection: ConnectionInfo) -> int:
    """Print the findings; 0 when a script ran there."""
    if connection.transport == "SSH":
        return try_parts([*parts_over_ssh(connection), *_session_parts(connection)])
    status = try_parts(_parts(connection))
    if status == 0 and not connection.is_local and connection.authentication.lower() != DELEGATES:
        print(DOUBLE_HOP)
    return status


def _parts(connection: ConnectionInfo) -> Iterator[Part]:
    yield "name", lambda: _name(connection)
    yield "port", lambda: _port(connection)
    yield "TLS", lambda: _tls(connection)
    yield "WSMan service", lambda: _service(connection)
    yield "credential", lambda: _credential(connection)
    yield "authentication", lambda: _authentication(connection)
    yield from _session_parts(connection)


def _name(connection: ConnectionInfo) -> str:
    try:
        found = socket.getaddrinfo(connection.computer_name, port_of(connection), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ConnectionFailed(
            f"The name {connection.computer_name} is not known; check its spelling and the DNS, or use its full name."
        ) from None
    addresses = ", ".join(dict.fromkeys(str(each[4][0]) for each in found))
    return addresses if addresses == connection.computer_name else f"{connection.computer_name} is {addresses}"


def _port(connection: ConnectionInfo) -> str:
    computer, port = connection.computer_name, port_of(connection)
    listener = "winrm quickconfig -transport:https, and a certificate" if connection.use_ssl else "Enable-PSRemoting"
    try:
        socket.create_connection((computer, port), PROBE_SECONDS).close()
    except ConnectionRefusedError:
        raise ConnectionFailed(
            f"Nothing listens at port {port} of {computer}; name another with -Port, or set WinRM up"
            f" there ({listener})."
        ) from None
    except OSError as error:
        raise ConnectionFailed(
            f"Port {port} of {computer} does not answer ({error.strerror or 'time-out'}); check that it runs, and that"
            " the firewalls let you through."
        ) from None
    return f"{port} is open"


def _tls(connection: ConnectionInfo) -> str:
    if not connection.use_ssl:
        return "not asked for (-UseSSL); NTLM, Kerberos and CredSSP encrypt each message themselves"
    shown = certificate_of(connection)
    try:
        ways_offered(connection)
    except JobMagicsError as error:  # what the service says comes next; here it is about the certificate
        if "certificate" in error.message.lower() or "TLS" in error.message:
            raise
    by_hand = f", trusted by hand ({trusted_path(connection.computer_name)})"
    pinned = by_hand if trusted_path(connection.computer_name).exists() else ""
    return f"certificate {shown.subject} by {shown.issuer}, valid until {shown.expires:%Y-%m-%d}{pinned}"


def _service(connection: ConnectionInfo) -> str:
    offered = ways_offered(connection)
    return f"it offers {', '.join(offered)}" if offered else "it offers nothing but certificates"


def _credential(connection: ConnectionInfo) -> str:
    name = connection.credential
    if connection.authentication.lower() == "certificate":
        certificate = client_certificate(name)
        if certificate.is_encrypted and name:
            credentials.require(name)
        return f"the certificate {certificate.path}"
    if not name:
        return "none named: the Kerberos ticket, or who you are here"
    return f"{name}, the user {credentials.require(name).username}"


def _authentication(connection: ConnectionInfo) -> str:
    may_list = sign_in(connection)
    return f"{connection.authentication}: signed in" + ("" if may_list else ", but not allowed to list sessions")


def _session_parts(connection: ConnectionInfo) -> Iterator[Part]:
    pool = connect(connection).pool(new_id())
    opened: list[PsrpPool] = []

    def open_pool() -> str:
        pool.open("doctor", IDLE_SECONDS)
        opened.append(pool)
        told = pool.private_data.get("PSVersionTable")
        version = str(told.get("PSVersion", "")) if isinstance(told, dict) else ""
        return f"{connection.configuration_name}, {engine_of(pool.private_data, version)}"

    def run_script() -> str:
        try:
            channel = Channel(
                pool, pool.endpoint, connection.computer_name, threading.Event(), 0.0, lambda notice: None
            )
            version, machine, user, mode = map(str, channel.run(FIRST_SCRIPT))
        finally:
            pool.close()
        limited = "" if mode == "FullLanguage" else f"; scripts are limited to {mode}"
        return f"PowerShell {version} on {machine} as {user}{limited}"

    yield "endpoint", open_pool
    yield "a first pipeline", run_script


def trust_computer(connection: ConnectionInfo, *, is_sure: bool) -> int:
    """Shows the certificate and, if the person says so, takes it for this computer from now on."""
    shown = certificate_of(connection)
    now = datetime.datetime.now(datetime.timezone.utc)
    print(f"{connection.computer_name}:{port_of(connection)} shows this certificate:")
    print(f"  for          {shown.subject}" + (f" ({', '.join(shown.names)})" if shown.names else ""))
    print(f"  signed by    {shown.issuer}")
    print(f"  valid until  {shown.expires:%Y-%m-%d}" + (" (it has expired)" if shown.expires < now else ""))
    print(f"  SHA-256      {shown.fingerprint}")
    if not is_sure:
        if not sys.stdin.isatty():
            raise JobMagicsError("Nobody can be asked here; compare the SHA-256 with the computer's, and add --yes.")
        answer = input("Is this the SHA-256 that the computer's administrator told you? [y/N] ")
        if answer.strip().lower() not in {"y", "yes"}:
            print("Not trusted.")
            return 1
    path = trust(connection.computer_name, shown.pem)
    print(f"It is trusted from now on, for {connection.computer_name} only; delete {path} to end that.")
    return 0
