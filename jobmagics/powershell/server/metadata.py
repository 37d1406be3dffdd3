"""The answer to GET_COMMAND_METADATA ([MS-PSRP] 2.2.2.14 and 2.2.3.21-22): what implicit remoting asks for.

First an object with the count, then one for each command, in the shape of ``Get-Command | Select-Object Name,
Namespace, HelpUri, CommandType, ResolvedCommandName, OutputType, Parameters``. Cmdlets and aliases only: a function's
parameters are known to the compiler alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...psobject import Hashtable, PSObject
from ..records import SMA
from .records import CORE_ASSEMBLY, SMA_ASSEMBLY, enum

if TYPE_CHECKING:
    from ..binding.parameters import CommandMetadata

ALIAS, CMDLET = 1, 8
_CUSTOM = [SMA + "PSCustomObject", "System.Object"]
_COUNT = ["Selected.Microsoft.PowerShell.Commands.GenericMeasureInfo", *_CUSTOM]
_OUTPUT = [
    f"System.Collections.ObjectModel.ReadOnlyCollection`1[[{SMA}PSTypeName, {SMA_ASSEMBLY}]]",
    "System.Object",
]
_PARAMETERS = [
    f"System.Collections.Generic.Dictionary`2[[System.String, {CORE_ASSEMBLY}],"
    f"[{SMA}ParameterMetadata, {SMA_ASSEMBLY}]]",
    "System.Object",
]
_ALIASES = [f"System.Collections.ObjectModel.Collection`1[[System.String, {CORE_ASSEMBLY}]]", "System.Object"]
_PARAMETER = [SMA + "ParameterMetadata", "System.Object"]


def command_metadata(patterns: list[str], kinds: int) -> Iterator[PSObject]:
    """The objects of the answer. ``kinds``: CommandTypes, as a number."""
    found = list(_commands(patterns, kinds))
    yield PSObject({"Count": len(found)}, type_names=_COUNT)
    yield from found


def _commands(patterns: list[str], kinds: int) -> Iterator[PSObject]:
    from .. import commands
    from ..values.wildcards import wildcard_match

    for pattern in patterns:
        if kinds & CMDLET:
            for name in commands.names():
                if wildcard_match(pattern, name):
                    yield _cmdlet(name, commands.module_of(name), commands.metadata(name))
        if kinds & ALIAS:
            for alias, target in commands.ALIASES.items():
                if wildcard_match(pattern, alias):
                    yield _described("AliasInfo", alias, "", ("Alias", ALIAS), target, (), {})


def _cmdlet(name: str, module: str, metadata: CommandMetadata) -> PSObject:
    from ..binding.parameters import COMMON_PARAMETERS, SHOULD_PROCESS_PARAMETERS

    parameters = {
        info.name: _parameter(info.name, info.type_name, info.aliases, dynamic=info.dynamic)
        for info in metadata.parameters.values()
    }
    more = SHOULD_PROCESS_PARAMETERS if metadata.supports_should_process else {}
    for extra, (type_name, aliases) in {**COMMON_PARAMETERS, **more}.items():
        parameters.setdefault(extra, _parameter(extra, type_name, aliases, dynamic=False))
    return _described("CmdletInfo", name, module, ("Cmdlet", CMDLET), None, metadata.output_types, parameters)


def _described(
    kind: str,
    name: str,
    module: str,
    command_type: tuple[str, int],
    resolved: str | None,
    output_types: tuple[str, ...],
    parameters: dict[str, PSObject],
) -> PSObject:
    members: dict[str, Any] = {
        "Name": name,
        "Namespace": module,
        "HelpUri": "",
        "CommandType": enum(SMA + "CommandTypes", *command_type),
        "ResolvedCommandName": resolved,
        "OutputType": PSObject(type_names=_OUTPUT, base=list(output_types)),
        "Parameters": PSObject(type_names=_PARAMETERS, base=Hashtable(parameters)),
    }
    return PSObject(members, type_names=[f"Selected.{SMA}{kind}", *_CUSTOM])


def _parameter(name: str, type_name: str, aliases: tuple[str, ...], *, dynamic: bool) -> PSObject:
    properties = {
        "Name": name,
        "ParameterType": type_name,
        "Aliases": PSObject(type_names=_ALIASES, base=list(aliases)),
        "IsDynamic": dynamic,
        "SwitchParameter": type_name == SMA + "SwitchParameter",
    }
    return PSObject(type_names=_PARAMETER, adapted=properties, to_string=_PARAMETER[0])
