"""What Get-Command's objects tell: the properties of AliasInfo, CmdletInfo, FunctionInfo ..."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...psobject import Hashtable, OrderedDictionary, Version
from ..binding.parameters import (
    ALL_SETS,
    COMMON_PARAMETERS,
    SHOULD_PROCESS_PARAMETERS,
    CommandInfo,
    CommandMetadata,
    ParameterInfo,
)
from ..dotnet.enums import enum_value
from ..runtime.scriptblock import ScriptBlock
from ..values.types import resolve_type

SMA = "System.Management.Automation."
ENGINE_VERSION = Version((7, 0, 0, 0))


class ParameterSet:
    """CommandParameterSetInfo."""

    def __init__(self, name: str, is_default: bool, parameters: list[ParameterMetadata], text: str) -> None:
        self.name, self.is_default, self.parameters, self.text = name, is_default, parameters, text

    def ps_type_names(self) -> list[str]:
        return [SMA + "CommandParameterSetInfo", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        return (("Name", self.name), ("IsDefault", self.is_default), ("Parameters", self.parameters))

    def ps_to_string(self) -> str:
        return self.text


class ParameterMetadata:
    """One parameter as scripts look at it."""

    def __init__(self, info: ParameterInfo) -> None:
        self.info = info

    def ps_type_names(self) -> list[str]:
        return [SMA + "ParameterMetadata", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        sets = OrderedDictionary((name, name) for name in self.info.sets)
        yield "Name", self.info.name
        yield "ParameterType", resolve_type(self.info.type_name) or resolve_type("object")
        yield "ParameterSets", sets
        yield "IsDynamic", self.info.dynamic
        yield "Aliases", list(self.info.aliases)
        yield "Attributes", list(getattr(self.info, "attributes", ()))  # only functions' parameters have them
        yield "SwitchParameter", self.info.is_switch

    def ps_to_string(self) -> str:
        return SMA + "ParameterMetadata"


def metadata_of(info: CommandInfo) -> CommandMetadata | None:
    if info.kind == "Cmdlet":
        from .. import commands

        return commands.metadata(info.name)
    block = info.implementation
    compiled = block.compiled if isinstance(block, ScriptBlock) else None
    return getattr(compiled, "metadata", None)


def parameters_of(info: CommandInfo) -> Any:
    found = metadata_of(info)
    if found is None:
        return Hashtable()
    table = Hashtable({item.name: ParameterMetadata(item) for item in found.parameters.values()})
    if found.cmdlet_binding:
        common = {**COMMON_PARAMETERS, **(SHOULD_PROCESS_PARAMETERS if found.supports_should_process else {})}
        for name, (type_name, aliases) in common.items():
            table[name] = ParameterMetadata(ParameterInfo(name, type_name=type_name, aliases=aliases))
    return table


def sets_of(info: CommandInfo) -> list[ParameterSet]:
    found = metadata_of(info)
    if found is None:
        return []
    texts = found.syntax.split("\n\n")
    made = []
    for position, name in enumerate(found.set_names or (ALL_SETS,)):
        members = [
            ParameterMetadata(item) for item in found.parameters.values() if name in item.sets or ALL_SETS in item.sets
        ]
        text = texts[position].partition(" ")[2] if position < len(texts) else ""
        made.append(ParameterSet(name, name == found.default_set, members, text))
    return made


def properties(info: CommandInfo) -> Iterable[tuple[str, Any]]:
    if info.kind == "Alias":
        target = info.target
        yield "DisplayName", f"{info.name} -> {info.definition}"
        yield "ResolvedCommand", target
        yield "ResolvedCommandName", target.name if target is not None else info.definition
        yield "ReferencedCommand", target
        yield "Definition", info.definition
    elif info.kind in ("Function", "Filter", "ExternalScript"):
        yield "ScriptBlock", info.implementation
        yield "Definition", info.definition
        meta = metadata_of(info)
        yield "CmdletBinding", meta.cmdlet_binding if meta is not None else False
        yield "DefaultParameterSet", default_set(meta)
    elif info.kind == "Cmdlet":
        meta = metadata_of(info)
        verb, _, noun = info.name.partition("-")
        yield "Verb", verb
        yield "Noun", noun
        yield "DefaultParameterSet", default_set(meta)
        yield "Definition", meta.syntax if meta is not None else ""
    else:
        yield "Definition", info.definition
        yield "Path", info.path
        yield "Extension", ""
    yield "Options", info.options
    yield "Name", info.name
    yield "CommandType", enum_value(SMA + "CommandTypes", info.kind)
    yield "Source", info.module or (info.path if info.kind == "Application" else "")
    yield "Version", ENGINE_VERSION if info.kind == "Cmdlet" else None
    yield "Visibility", enum_value(SMA + "SessionStateEntryVisibility", info.visibility)
    yield "ModuleName", info.module
    yield "Module", None
    yield "RemotingCapability", "PowerShell"
    yield "Parameters", parameters_of(info)
    yield "ParameterSets", sets_of(info)
    found = metadata_of(info)
    yield "OutputType", list(found.output_types) if found is not None else []
    yield "HelpFile", None
    if info.kind == "ExternalScript":
        yield "Path", info.path


def default_set(found: CommandMetadata | None) -> str | None:
    if found is None or found.default_set == ALL_SETS:
        return None
    return found.default_set
