"""From the words of a line to what the manager is asked: the script, the computers, the filters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..options import Arguments
from ..remote import ConnectionInfo
from ..remote.places import WORDS, places

_WILDCARDS = frozenset("*?[")


def script_of(given: Arguments, cell: str | None, shown: str = "%%remote_job") -> str:
    """The cell, or the file that stands for it. ``shown``: the magic that wants it."""
    path = given.get("FilePath")
    if path is None:
        if cell is None or not cell.strip():
            raise UsageError(f"{shown} needs a script: write PowerShell under the line, or name a file with -FilePath.")
        return cell.removesuffix("\n")
    if cell is not None and cell.strip():
        raise UsageError("-FilePath names the script, so the cell must be empty.")
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"-FilePath {path} cannot be read: {error}.") from None


def connections_of(given: Arguments) -> list[ConnectionInfo]:
    """Where the line says to go; nothing if it names no place, and this machine if it only says how."""
    if "Session" in given:
        return []
    return places(
        given.get("ComputerName"),
        host_name=given.get("HostName"),
        connection_uri=given.get("ConnectionUri"),
        user_name=given.get("UserName"),
        session_option=given.get("SessionOption"),
        idle_timeout=given.get("IdleTimeoutSec"),
        **{field: given.get(word) for field, word in WORDS.items()},
    )


def input_of(given: Arguments) -> Iterable[Any] | None:
    """What -InputObject sends, one by one: several values, or one that can be iterated."""
    values = given.get("InputObject")
    if values is None or len(values) != 1:
        return values  # type: ignore[no-any-return]
    (only,) = values
    is_one = isinstance(only, str | bytes | Mapping) or not isinstance(only, Iterable)
    if hasattr(only, "to_dict") and hasattr(only, "columns"):  # a pandas frame: its rows
        return list(only.to_dict("records"))
    return values if is_one else only  # type: ignore[no-any-return]


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
