"""From PowerShell's words for where a script goes (computers, hosts over SSH, URIs) to connections."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from jobmagics.errors import UsageError
from jobmagics.remote import ConnectionInfo, PSSessionOption

WORDS = {
    "port": "Port",
    "use_ssl": "UseSSL",
    "credential": "Credential",
    "authentication": "Authentication",
    "configuration_name": "ConfigurationName",
    "application_name": "ApplicationName",
}
"""What a connection is made with, and PowerShell's parameters for it."""


def places(
    computer_name: str | ConnectionInfo | Iterable[str | ConnectionInfo] | None = None,
    *,
    host_name: str | Iterable[str] | None = None,
    connection_uri: str | Iterable[str] | None = None,
    user_name: str | None = None,
    session_option: PSSessionOption | None = None,
    idle_timeout: float | None = None,
    **details: Any,
) -> list[ConnectionInfo]:
    """A connection for each computer, host and URI; none of them: one to this machine, if ``details`` name something.

    computer_name: names, or connections made before, which keep their own details; host_name: over SSH;
    details: port, use_ssl, credential, authentication, configuration_name, application_name; idle_timeout: seconds.
    Raises UsageError for what does not go together.
    """
    given = {field: value for field, value in details.items() if value is not None}
    unknown = given.keys() - WORDS.keys()
    if unknown:
        raise UsageError(f"A connection has no {', '.join(sorted(unknown))}; it has {', '.join(WORDS)}.")
    option = session_option or PSSessionOption()
    if idle_timeout is not None:
        option = replace(option, idle_timeout=idle_timeout)
    if user_name is not None and host_name is None:
        raise UsageError("-UserName goes with -HostName; elsewhere -Credential names who logs on.")
    found: list[ConnectionInfo] = []
    for computer in _listed(computer_name):
        known = isinstance(computer, ConnectionInfo)
        found.append(computer if known else ConnectionInfo(computer, option=option, **given))
    found += [_over_ssh(host, user_name, option, given) for host in _listed(host_name)]
    found += [_at_uri(uri, option, given) for uri in _listed(connection_uri)]
    if not found and (given or option != PSSessionOption()):
        found.append(ConnectionInfo(option=option, **given))
    return found


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return [value] if isinstance(value, str | ConnectionInfo) else list(value)


def _over_ssh(host: str, user: str | None, option: PSSessionOption, given: dict[str, Any]) -> ConnectionInfo:
    wrong = next((word for field, word in WORDS.items() if field in given and field != "port"), None)
    if wrong:
        raise UsageError(f"-{wrong} does not go with -HostName; write user@host:port, the rest is ssh's configuration.")
    if user is not None and "@" in host:
        raise UsageError(f"-UserName {user} does not go with {host!r}, which names its user.")
    target = (f"{user}@" if user else "") + host + (f":{given['port']}" if "port" in given else "")
    return ConnectionInfo.over_ssh(target, option)


def _at_uri(uri: str, option: PSSessionOption, given: dict[str, Any]) -> ConnectionInfo:
    wrong = next((WORDS[field] for field in ("port", "use_ssl", "application_name") if field in given), None)
    if wrong:
        raise UsageError(f"-{wrong} does not go with -ConnectionUri, which says so itself.")
    try:
        parts = urllib.parse.urlsplit(uri)
        port = parts.port
    except ValueError:
        parts = urllib.parse.urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"{uri!r} is no URI to connect to; write http(s)://computer:port/wsman.")
    if parts.username is not None or parts.password is not None:
        raise UsageError("A URI with a user name or password in it is refused; -Credential names who logs on.")
    is_safe = parts.scheme == "https"
    path = parts.path.strip("/") + (f"?{parts.query}" if parts.query else "")
    port = port or (443 if is_safe else 80)
    return ConnectionInfo(parts.hostname, port, is_safe, application_name=path or "wsman", option=option, **given)
