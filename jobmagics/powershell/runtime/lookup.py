"""Which command a name means: alias, function, cmdlet, script file or program, in that order."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ..binding.parameters import CommandInfo
from ..records import (
    SMA,
    ErrorRecord,
    NetException,
    ScriptError,
)

if TYPE_CHECKING:
    from .problems import Place
    from .runspace import Frame, Runspace
    from .scopes import Scope

MAX_ALIAS_STEPS = 20


def find_command(rs: Runspace, name: str, scope: Scope) -> CommandInfo | None:
    """What the name means in that scope; aliases are followed (the CommandInfo is the target's)."""
    for _ in range(MAX_ALIAS_STEPS):
        alias = scope.find_alias(name.lower())
        if alias is None:
            break
        name = alias if isinstance(alias, str) else alias.definition
    found = find_function(name, scope) or find_cmdlet(rs, name) or find_file(rs, name)
    if found is None and "PSModulePath" in os.environ:
        from ..commands.module_files import autoload

        found = find_function(name, scope) if autoload(rs, name) else None
    return found


def find_function(name: str, scope: Scope) -> CommandInfo | None:
    key = name.lower()
    if ":" not in key:
        known: CommandInfo | None = scope.find_function(key)
        return known
    for modifier in ("global:", "script:", "local:", "private:"):
        if key.startswith(modifier):
            inner = scope.named(modifier[:-1])
            found = (inner.functions or {}).get(key[len(modifier) :]) if inner is not None else None
            return found
    known = scope.find_function(key)
    return known


def find_cmdlet(rs: Runspace, name: str) -> CommandInfo | None:
    key = name.lower()
    known: CommandInfo | None = rs.command_cache.get(key)
    if known is not None:
        return known
    from .. import commands

    _, _, short = name.rpartition("\\")
    cls = commands.find(short)
    if cls is None:
        return None
    info = CommandInfo("Cmdlet", cls.name, cls, module=commands.module_of(cls.name))
    rs.command_cache[key] = info
    return info


def cmdlet_info(rs: Runspace, name: str) -> CommandInfo:
    """A cmdlet that the engine itself needs (Out-File for ``>``)."""
    found = find_cmdlet(rs, name)
    if found is None:
        raise not_found(name, None, None)
    return found


def find_file(rs: Runspace, name: str) -> CommandInfo | None:
    """A script file or a program, by path or in $env:PATH."""
    if not name:
        return None
    if "/" in name or "\\" in name or name.startswith("~"):
        path = rs.resolve_path(name)
        return file_info(path, name) if os.path.isfile(path) else None
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        path = os.path.join(folder, name)
        for candidate in (path, path + ".exe") if os.name == "nt" else (path,):
            if os.path.isfile(candidate) and os.access(candidate, os.X_OK):
                return file_info(candidate, name)
    return None


def file_info(path: str, name: str) -> CommandInfo | None:
    if path.lower().endswith(".ps1"):
        return CommandInfo("ExternalScript", os.path.basename(path), path=path, definition=path)
    if os.access(path, os.X_OK):
        return CommandInfo("Application", os.path.basename(path), path=path, definition=path)
    return None


def implementation_of(info: CommandInfo) -> Any:
    if info.implementation is None and info.kind == "ExternalScript":
        from .scriptblock import ScriptBlock

        with open(info.path, encoding="utf-8-sig") as file:
            info.implementation = ScriptBlock.parse(file.read(), info.path)
    return info.implementation


def not_found(name: str, place: Place | None, frame: Frame | None) -> ScriptError:
    """The error for a name that means nothing here; a command that PowerShell has is told as one that pwsh runs."""
    from .elsewhere import COMMANDS
    from .problems import not_supported

    if place is not None and name.lower() in COMMANDS:
        failed = not_supported(name, place.source, place.extent)
        failed.script_wide = False  # as a command that is not found: the next statement runs
        return failed
    message = (
        f"The term '{name}' is not recognized as a name of a cmdlet, function, script file, or executable program.\n"
        "Check the spelling of the name, or if a path was included, verify that the path is correct and try again."
    )
    exception = NetException(message, net_type=SMA + "CommandNotFoundException", extra={"CommandName": name})
    record = ErrorRecord(exception, "CommandNotFoundException", "ObjectNotFound", name)
    if place is not None:
        record.invocation = place.invocation(None, name)
    return ScriptError(record)
