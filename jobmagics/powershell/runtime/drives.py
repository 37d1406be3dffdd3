"""Variables with a drive in front: $env:PATH, $function:name, $alias:ls, and files ($/path is rare)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ..records import SMA, error
from ..values.utf16 import units
from ..values.value import to_string

if TYPE_CHECKING:
    from .runspace import Frame


def read_drive(frame: Frame, drive: str, name: str) -> Any:
    if drive == "env":
        return environment(name)
    if drive == "function":
        info = frame.scope.find_function(name.lower())
        return info.implementation if info is not None else None
    if drive == "alias":
        alias = frame.scope.find_alias(name.lower())
        return alias if isinstance(alias, str) or alias is None else alias.definition
    raise no_drive(drive)


def environment(name: str) -> str | None:
    found = os.environ.get(name)
    return None if found is None else units(found)


def write_drive(frame: Frame, drive: str, name: str, value: Any) -> None:
    if drive == "env":
        if value is None or to_string(value) == "":
            os.environ.pop(name, None)
        else:
            os.environ[name] = to_string(value)
        return
    if drive == "function":
        define_function(frame, name, value)
        return
    if drive == "alias":
        frame.scope.set_alias(name.lower(), to_string(value))
        return
    raise no_drive(drive)


def define_function(frame: Frame, name: str, value: Any) -> None:
    from ..binding.parameters import CommandInfo
    from .scriptblock import ScriptBlock

    block = value if isinstance(value, ScriptBlock) else ScriptBlock.parse(to_string(value))
    frame.scope.set_function(name.lower(), CommandInfo("Function", name, block, definition=block.text))


def no_drive(drive: str) -> Exception:
    return error(
        f"Cannot find drive. A drive with the name '{drive}' does not exist.",
        "DriveNotFound",
        "ObjectNotFound",
        target=drive,
        net_type=SMA + "DriveNotFoundException",
    )
