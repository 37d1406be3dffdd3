"""Which hosts New-PSSession and Invoke-Command mean, and the kinds of session that there are none of here."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ..records import (
    SMA,
    ErrorRecord,
    NetException,
    ScriptError,
)
from ..remoting.transports import BadTarget, Target, target
from ..runtime.cmdlet import Cmdlet
from ..values.value import as_list, to_string

SSH_SETS = ("SSHHost", "SSHHostHashParam", "FilePathSSHHost", "FilePathSSHHostHash")
_NOT_WSMAN = ("VMId", "VMName", "ContainerId", "UseWindowsPowerShell")
# keys of a hashtable of -SSHConnection -> parameters
_CONNECTION_KEYS = {
    **{"computername": "HostName", "hostname": "HostName", "port": "Port", "username": "UserName"},
    **{"keyfilepath": "KeyFilePath", "identityfilepath": "KeyFilePath", "subsystem": "Subsystem"},
    **{"connectingtimeout": "ConnectingTimeout", "options": "Options"},
}


def need_ssh(cmdlet: Cmdlet, sets: Sequence[str]) -> None:
    """Raises PowerShell's error where WSMan is asked for, and a refusal for virtual machines and containers."""
    if cmdlet.set_name in sets:
        return
    if any(name in cmdlet.set_name for name in _NOT_WSMAN):
        raise cmdlet.terminate(
            f"The built-in engine opens no sessions by -{cmdlet.set_name.removeprefix('FilePath')}; run pwsh.",
            "NotSupported",
            "NotImplemented",
            net_type="System.NotSupportedException",
        )
    kind = SMA + "Remoting.PSRemotingDataStructureException"
    text = (
        "This parameter set requires WSMan, and no supported WSMan client library was found. WSMan is either not "
        "installed or unavailable for this system."
    )
    advice = "In the notebook, %%remote_job and %new_pssession reach computers over WSMan."
    raise cmdlet.terminate(
        ErrorRecord(NetException(text, net_type=kind), kind, "ResourceUnavailable", details=text, recommended=advice)
    )


def targets(cmdlet: Cmdlet) -> list[Target]:
    """The hosts of -HostName or -SSHConnection, as they are told. Raises the errors of those that are none."""
    if cmdlet.has("SSHConnection"):
        return [_made(cmdlet, _facts(cmdlet, table)) for table in as_list(cmdlet.arg("SSHConnection"))]
    given = {name: cmdlet.arg(name) for name in set(_CONNECTION_KEYS.values())}
    return [_made(cmdlet, {**given, "HostName": name}) for name in as_list(cmdlet.arg("HostName"))]


def _facts(cmdlet: Cmdlet, table: Mapping[Any, Any]) -> dict[str, Any]:
    facts = {}
    for key, value in table.items():
        parameter = _CONNECTION_KEYS.get(to_string(key).lower())
        if parameter is None:
            raise cmdlet.terminate(
                f"The key {to_string(key)} is none of -SSHConnection; it takes ComputerName, Port, UserName, "
                "KeyFilePath, Subsystem, ConnectingTimeout and Options.",
                "UnknownSSHConnectionKey",
                "InvalidArgument",
                key,
                net_type="System.ArgumentException",
            )
        facts[parameter] = value
    return facts


def _made(cmdlet: Cmdlet, facts: Mapping[str, Any]) -> Target:
    name = to_string(facts.get("HostName"))
    key_file = facts.get("KeyFilePath")
    path = cmdlet.path(to_string(key_file)) if key_file else ""
    if path and not os.path.isfile(path):
        raise cmdlet.terminate(
            f"Cannot find path '{path}' because it does not exist.",
            "PathNotFound",
            "ObjectNotFound",
            key_file,
            net_type=SMA + "ItemNotFoundException",
        )
    milliseconds = int(facts.get("ConnectingTimeout") or -1)
    options = facts.get("Options") or {}
    try:
        return target(
            name,
            to_string(facts.get("UserName") or ""),
            int(facts.get("Port") or 0),
            key_file=path,
            subsystem=to_string(facts.get("Subsystem") or ""),
            options={to_string(key): to_string(value) for key, value in options.items()},
            timeout=milliseconds / 1000 if milliseconds > 0 else None,
        )
    except BadTarget:
        raise invalid_name(cmdlet, name) from None


def invalid_name(cmdlet: Cmdlet, name: str) -> ScriptError:
    return cmdlet.terminate(
        "One or more computer names are not valid. If you are trying to pass a URI, use the -ConnectionUri parameter, "
        "or pass URI objects instead of strings.",
        "PSSessionInvalidComputerName",
        "InvalidArgument",
        name,
        net_type="System.ArgumentException",
    )
