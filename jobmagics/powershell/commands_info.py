"""What a CommandInfo shows: the properties of Get-Command's objects and of $MyInvocation.MyCommand."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .parameters import CommandInfo


def properties(info: CommandInfo) -> Iterable[tuple[str, Any]]:
    from .dotnet.enums import enum_value

    kind = enum_value("System.Management.Automation.CommandTypes", info.kind)
    if info.kind in ("Function", "Filter", "Script", "ExternalScript"):
        yield "ScriptBlock", info.implementation
    if info.kind == "Alias":
        yield "DisplayName", f"{info.name} -> {info.definition}"
        yield "ReferencedCommand", info.target
        yield "ResolvedCommand", info.target
    if info.path:
        yield "Path", info.path
        yield "Source", info.path
        yield "Extension", os.path.splitext(info.path)[1]
    yield "Definition", info.definition or info.name
    yield "Name", info.name
    yield "CommandType", kind
    if not info.path:
        yield "Source", info.module
    yield "Version", None
    yield "Visibility", enum_value("System.Management.Automation.SessionStateEntryVisibility", info.visibility)
    yield "ModuleName", info.module
    yield "Module", None
    yield "RemotingCapability", "PowerShell"
    yield "Options", info.options
    yield "Verb", info.name.partition("-")[0] if "-" in info.name else ""
    yield "Noun", info.name.partition("-")[2]
    yield "HelpFile", None
    yield from parameter_facts(info)


def parameter_facts(info: CommandInfo) -> Iterable[tuple[str, Any]]:
    """Parameters and OutputType, computed only for those who look that far."""
    from ..psobject import Hashtable

    meta = None
    if info.kind == "Cmdlet":
        from . import commands

        meta = commands.metadata(info.name)
    elif info.implementation is not None and hasattr(info.implementation, "compiled"):
        meta = info.implementation.compiled.metadata
    yield "Parameters", Hashtable([(one.name, one.name) for one in meta.parameters.values()]) if meta is not None else None
    yield "OutputType", list(meta.output_types) if meta is not None else []
    if meta is not None:
        yield "CmdletBinding", meta.cmdlet_binding
        yield "DefaultParameterSet", None if meta.default_set == "__AllParameterSets" else meta.default_set
