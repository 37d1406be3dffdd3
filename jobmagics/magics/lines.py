"""From the words of a line to what the manager is asked: the script, the computers, the filters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..options import Arguments
from ..remote import ConnectionInfo, PSSessionOption

_WILDCARDS = frozenset("*?[")


def script_of(given: Arguments, cell: str | None) -> str:
    path = given.get("FilePath")
    if path is None:
        if cell is None or not cell.strip():
            raise UsageError(
                "%%remote_job needs a script: write PowerShell under the line, or name a file with -FilePath."
            )
        return cell.removesuffix("\n")
    if cell is not None and cell.strip():
        raise UsageError("-FilePath names the script, so the cell must be empty.")
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"-FilePath {path} cannot be read: {error}.") from None


def connections_of(given: Arguments) -> list[ConnectionInfo]:
    names = given.get("ComputerName")
    words = {
        "port": "Port", "use_ssl": "UseSSL", "credential": "Credential", "authentication": "Authentication",
        "configuration_name": "ConfigurationName", "application_name": "ApplicationName",
    }  # fmt: skip
    details = {field: given.get(word) for field, word in words.items() if word in given}
    hosts = given.get("HostName")
    if hosts is not None:
        if details:
            wrong = next(word for word in words.values() if word in given)
            raise UsageError(
                f"-{wrong} does not go with -HostName; write user@host:port, the rest is ssh's configuration."
            )
        option = PSSessionOption(idle_timeout=given.get("IdleTimeoutSec"))
        return [ConnectionInfo.over_ssh(host, option) for host in hosts]
    if names is None:
        return [ConnectionInfo(**details)] if details and "Session" not in given else []
    option = PSSessionOption(idle_timeout=given.get("IdleTimeoutSec"))
    return [ConnectionInfo(computer_name=name, option=option, **details) for name in names]


def job_filter(given: Arguments) -> dict[str, Any]:
    words = {"id": "Id", "name": "Name", "instance_id": "InstanceId", "state": "State", "command": "Command"}
    return {field: given.get(word) for field, word in words.items() if word in given}


def session_filter(given: Arguments) -> dict[str, Any]:
    words = {"id": "Id", "name": "Name", "instance_id": "InstanceId"}
    return {field: given.get(word) for field, word in words.items() if word in given}


def names_one(given: Arguments) -> bool:
    """Whether the line names one job rather than a set of them."""
    asked = [*given.get("Id", ()), *given.get("Name", ()), *given.get("InstanceId", ())]
    return len(asked) == 1 and not _WILDCARDS & set(str(asked[0])) and not given.switch("IncludeChildJob")
