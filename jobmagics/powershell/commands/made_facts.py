"""The parameters of cmdlets that were not recorded, from their documentation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..binding.parameters import ALL_SETS
from ..records import SMA

FORM = "System."
SWITCH = SMA + "SwitchParameter"


def made(default: str, parameters: dict[str, tuple[Any, ...]], should_process: bool = False) -> dict[str, Any]:
    """Facts of a cmdlet that was not recorded: name|aliases -> (type, flags, position or None, sets)."""
    found = {}
    for names, (kind, flags, position, where) in parameters.items():
        entry = [flags] if position is None else [flags, position]
        name, *aliases = names.split("|")
        found[name] = {"type": kind, "sets": dict.fromkeys(where.split("|"), entry), "aliases": aliases}
    return {"default": default, "shouldProcess": should_process, "parameters": found}


STRING, STRINGS, OBJECT, INT = FORM + "String", FORM + "String[]", FORM + "Object", FORM + "Int32"
_PATHS: dict[str, tuple[Any, ...]] = {
    "Path": (STRINGS, "mpn", 0, "Path"),
    "LiteralPath": (STRINGS, "mn", None, "LiteralPath"),
}
EXTRA: dict[str, Callable[[], dict[str, Any]]] = {
    "Enter-PSHostProcess": lambda: made(
        "ProcessIdParameterSet",
        {
            "Process": (FORM + "Diagnostics.Process", "mp", 0, "ProcessParameterSet"),
            "Id": (INT, "m", 0, "ProcessIdParameterSet"),
            "Name": (STRING, "m", 0, "ProcessNameParameterSet"),
            "CustomPipeName": (STRING, "m", None, "PipeNameParameterSet"),
            "AppDomainName": (STRING, "", 1, "ProcessParameterSet|ProcessIdParameterSet|ProcessNameParameterSet"),
        },
    ),
    "Export-ModuleMember": lambda: made(
        "",
        {
            "Function": (STRINGS, "pn", 0, ALL_SETS),
            "Cmdlet": (STRINGS, "n", None, ALL_SETS),
            "Variable": (STRINGS, "n", None, ALL_SETS),
            "Alias": (STRINGS, "n", None, ALL_SETS),
        },
    ),
    "Remove-Module": lambda: made(
        "name",
        {
            "Name": (STRINGS, "mp", 0, "name"),
            "ModuleInfo": (SMA + "PSModuleInfo[]", "mp", 0, "ModuleInfo"),
            "Force": (SWITCH, "", None, ALL_SETS),
        },
        True,
    ),
    "Set-ItemProperty": lambda: made(
        "propertyValuePathSet",
        {
            "Path": (STRINGS, "mn", 0, "propertyValuePathSet|propertyPSObjectPathSet"),
            "LiteralPath": (STRINGS, "mn", None, "propertyValueLiteralPathSet|propertyPSObjectLiteralPathSet"),
            "Name": (STRING, "mn", 1, "propertyValuePathSet|propertyValueLiteralPathSet"),
            "Value": (OBJECT, "mn", 2, "propertyValuePathSet|propertyValueLiteralPathSet"),
            "InputObject": (SMA + "PSObject", "mpn", None, "propertyPSObjectPathSet|propertyPSObjectLiteralPathSet"),
            "PassThru": (SWITCH, "", None, ALL_SETS),
            "Force": (SWITCH, "", None, ALL_SETS),
        },
        True,
    ),
    "Get-ItemPropertyValue": lambda: made("Path", {**_PATHS, "Name": (STRINGS, "m", 1, ALL_SETS)}),
    "Remove-ItemProperty": lambda: made("Path", {**_PATHS, "Name": (STRINGS, "mn", 1, ALL_SETS)}, True),
    "New-PSDrive": lambda: made(
        "",
        {
            "Name": (STRING, "mn", 0, ALL_SETS),
            "PSProvider": (STRING, "mn", 1, ALL_SETS),
            "Root": (STRING, "mn", 2, ALL_SETS),
            "Description": (STRING, "n", None, ALL_SETS),
            "Scope": (STRING, "n", None, ALL_SETS),
            "Persist": (SWITCH, "n", None, ALL_SETS),
        },
        True,
    ),
    "Remove-PSDrive": lambda: made(
        "Name",
        {
            "Name": (STRINGS, "mn", 0, "Name"),
            "PSProvider": (STRINGS, "n", None, ALL_SETS),
            "Scope": (STRING, "n", None, ALL_SETS),
            "Force": (SWITCH, "", None, ALL_SETS),
        },
        True,
    ),
    "ConvertTo-CliXml": lambda: made(
        "", {"InputObject": (OBJECT, "mp", 0, ALL_SETS), "Depth": (INT, "", None, ALL_SETS)}
    ),
    "ConvertFrom-CliXml": lambda: made("", {"InputObject": (STRING, "mp", 0, ALL_SETS)}),
    "Register-ArgumentCompleter": lambda: made(
        "NativeSet",
        {
            "CommandName": (STRINGS, "", None, ALL_SETS),
            "ParameterName": (STRING, "m", None, "PowerShellSet"),
            "ScriptBlock": (SMA + "ScriptBlock", "m", None, ALL_SETS),
            "Native": (SWITCH, "", None, "NativeSet"),
        },
    ),
    "Clear-History": lambda: made("IDParameter", {"Count": (INT, "", 1, "IDParameter")}, True),
    "Update-FormatData": lambda: made(
        "FileSet", {"AppendPath": (STRINGS, "pn", 0, "FileSet"), "PrependPath": (STRINGS, "", None, "FileSet")}, True
    ),
    "New-Event": lambda: made(
        "",
        {
            "SourceIdentifier": (STRING, "m", 0, ALL_SETS),
            "Sender": (OBJECT, "", 1, ALL_SETS),
            "EventArguments": (SMA + "PSObject[]", "", 2, ALL_SETS),
            "MessageData": (OBJECT, "", 3, ALL_SETS),
        },
    ),
    "Register-EngineEvent": lambda: made(
        "",
        {
            "SourceIdentifier": (STRING, "m", 100, ALL_SETS),
            "Action": (SMA + "ScriptBlock", "", 101, ALL_SETS),
            "MessageData": (OBJECT, "", None, ALL_SETS),
            "SupportEvent": (SWITCH, "", None, ALL_SETS),
            "Forward": (SWITCH, "", None, ALL_SETS),
            "MaxTriggerCount": (INT, "", None, ALL_SETS),
        },
    ),
    "Get-Event": lambda: made(
        "BySource",
        {
            "SourceIdentifier": (STRING, "n", 0, "BySource"),
            "EventIdentifier|Id": (INT, "mn", 0, "ById"),
        },
    ),
    "Remove-Event": lambda: made(
        "BySource",
        {
            "SourceIdentifier": (STRING, "mn", 0, "BySource"),
            "EventIdentifier": (INT, "mn", 0, "ByIdentifier"),
        },
        True,
    ),
    "Wait-Event": lambda: made(
        "",
        {
            "SourceIdentifier": (STRING, "n", 0, ALL_SETS),
            "Timeout|TimeoutSec": (FORM + "Double", "", None, ALL_SETS),
        },
    ),
    "Get-EventSubscriber": lambda: made(
        "BySource",
        {
            "SourceIdentifier": (STRING, "n", 0, "BySource"),
            "SubscriptionId|Id": (INT, "mn", 0, "ById"),
            "Force": (SWITCH, "", 1, ALL_SETS),
        },
    ),
    "Unregister-Event": lambda: made(
        "BySource",
        {
            "SourceIdentifier": (STRING, "mn", 0, "BySource"),
            "SubscriptionId": (INT, "mn", 0, "ByID"),
            "Force": (SWITCH, "", None, ALL_SETS),
        },
        True,
    ),
    "Compress-Archive": lambda: made(
        "Path",
        {
            "Path": (STRINGS, "mpn", 0, "Path|PathWithUpdate|PathWithForce"),
            "LiteralPath|PSPath": (STRINGS, "mn", None, "LiteralPath|LiteralPathWithUpdate|LiteralPathWithForce"),
            "DestinationPath": (STRING, "m", 1, ALL_SETS),
            "CompressionLevel": (STRING, "", None, ALL_SETS),
            "PassThru": (SWITCH, "", None, ALL_SETS),
            "Update": (SWITCH, "m", None, "PathWithUpdate|LiteralPathWithUpdate"),
            "Force": (SWITCH, "m", None, "PathWithForce|LiteralPathWithForce"),
        },
        True,
    ),
    "Expand-Archive": lambda: made(
        "Path",
        {
            "Path": (STRING, "mpn", 0, "Path"),
            "LiteralPath|PSPath": (STRING, "mn", None, "LiteralPath"),
            "DestinationPath": (STRING, "", 1, ALL_SETS),
            "Force": (SWITCH, "", None, ALL_SETS),
            "PassThru": (SWITCH, "", None, ALL_SETS),
        },
        True,
    ),
    "Get-ExecutionPolicy": lambda: made(
        "", {"Scope": (STRING, "n", 0, ALL_SETS), "List": (SWITCH, "", None, ALL_SETS)}
    ),
    "Set-ExecutionPolicy": lambda: made(
        "",
        {
            "ExecutionPolicy": (STRING, "mn", 0, ALL_SETS),
            "Scope": (STRING, "n", 1, ALL_SETS),
            "Force": (SWITCH, "", None, ALL_SETS),
        },
        True,
    ),
    "Get-PSProvider": lambda: made("", {"PSProvider": (STRINGS, "pn", 0, ALL_SETS)}),
    "Add-Type": lambda: made(
        "FromSource",
        {
            "TypeDefinition": (STRING, "m", 0, "FromSource"),
            "Name": (STRING, "m", 0, "FromMember"),
            "MemberDefinition": (STRINGS, "m", 1, "FromMember"),
            "Namespace|NS": (STRING, "", None, "FromMember"),
            "UsingNamespace|Using": (STRINGS, "", None, "FromMember"),
            "Path": (STRINGS, "m", 0, "FromPath"),
            "LiteralPath|PSPath|LP": (STRINGS, "m", None, "FromLiteralPath"),
            "AssemblyName|AN": (STRINGS, "m", None, "FromAssemblyName"),
            "Language": (STRING, "", None, "FromSource|FromMember"),
            "ReferencedAssemblies|RA": (STRINGS, "", None, "FromSource|FromMember|FromPath|FromLiteralPath"),
            "OutputAssembly|OA": (STRING, "", 1, "FromSource|FromMember|FromPath|FromLiteralPath"),
            "OutputType|OT": (STRING, "", None, "FromSource|FromMember|FromPath|FromLiteralPath"),
            "CompilerOptions": (STRINGS, "", None, "FromSource|FromMember|FromPath|FromLiteralPath"),
            "PassThru": (SWITCH, "", None, ALL_SETS),
            "IgnoreWarnings": (SWITCH, "", None, "FromSource|FromMember|FromPath|FromLiteralPath"),
        },
    ),
}
