"""The recorded facts: parameters, aliases, sets and modules of PowerShell 7.6.5's cmdlets.

One small file per cmdlet, read when the cmdlet is first bound. What the record does not tell (null and
emptiness allowed, ranges) is in the tables here, from the cmdlets' documented attributes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from ..binding.parameters import ALL_SETS, CommandMetadata, ParameterInfo, SetInfo, Validator
from ..records import SMA, ErrorRecord, ScriptError, Thrown, error
from .made_facts import EXTRA, FORM

FACTS = Path(__file__).parent.parent / "facts"
_INDEX = json.loads((FACTS / "_index.json").read_text("utf-8"))
ALIASES: dict[str, str] = {alias.lower(): target for alias, target in _INDEX["aliases"].items()}
ALIAS_NAMES: dict[str, str] = {alias.lower(): alias for alias in _INDEX["aliases"]}
_MODULE: dict[str, str] = _INDEX["modules"]
CORE = "Microsoft.PowerShell.Core"
UTILITY = "Microsoft.PowerShell.Utility"

# Cmdlet.Parameter -> n: null, s: the empty string, c: the empty collection (or one with nulls) may be bound
ALLOWED = {
    "Write-Output.InputObject": "nsc",
    "Write-Host.Object": "nsc",
    "Write-Error.Message": "ns",
    "Write-Warning.Message": "s",
    "Write-Verbose.Message": "s",
    "Write-Debug.Message": "s",
    "Write-Information.MessageData": "nsc",
    "Set-Content.Value": "nsc",
    "Add-Content.Value": "nsc",
    "Select-String.InputObject": "ns",
    "ConvertTo-Json.InputObject": "nsc",
    "ConvertFrom-Json.InputObject": "s",
    "ConvertFrom-Csv.InputObject": "nsc",
    "Compare-Object.ReferenceObject": "c",
    "Compare-Object.DifferenceObject": "c",
    "ConvertFrom-StringData.StringData": "s",
    "Join-Path.ChildPath": "nsc",
    "Test-Path.Path": "nsc",
    "Test-Path.LiteralPath": "nsc",
    "Import-Clixml.Path": "",
    "Export-Clixml.InputObject": "nsc",
    "ConvertTo-CliXml.InputObject": "nsc",
    "ConvertTo-SecureString.String": "",
    "ConvertTo-Xml.InputObject": "n",
    "Get-Random.InputObject": "nsc",
    "Get-SecureRandom.InputObject": "nsc",
    "Where-Object.Value": "nsc",
    "Where-Object.InputObject": "nsc",
    "ForEach-Object.Process": "nc",
    "ForEach-Object.ArgumentList": "nsc",
    "Add-Member.Value": "nsc",
    "Add-Member.NotePropertyValue": "nsc",
    "Set-Item.Value": "nsc",
}


def not_null(value: Any, name: str) -> None:
    if value is None:
        raise _invalid(
            "The argument is null. Provide a valid value for the argument, and then try running the command again."
        )


def not_null_or_empty(value: Any, name: str) -> None:
    if value is None or (isinstance(value, str) and not value) or (isinstance(value, list) and not value):
        raise _invalid(
            "The argument is null or empty. Provide an argument "
            "that is not "
            "null or empty, and then try the command again."
        )


def not_blank(value: Any, name: str) -> None:
    """ValidateNotNullOrWhiteSpace."""
    if value is None or not str(value).strip():
        raise _invalid(
            "The argument is null, empty, or consists of only white-space characters. Provide an argument that "
            "contains non white-space characters, and then try the command again."
        )


def no_empty_item(value: Any, name: str) -> None:
    """ValidateNotNullOrEmpty of an array parameter: its elements are looked at, too."""
    if value is None or not (items := value if isinstance(value, list) else [value]) or None in items or "" in items:
        raise _invalid(
            "The argument is null, empty, or an element of the argument collection contains a null value. Supply a "
            "collection that does not contain any null values and then try the command again."
        )


def in_range(low: float, high: float) -> Validator:
    def check(value: Any, name: str) -> None:
        for item in value if isinstance(value, list) else [value]:
            if item < low:
                rest = f"less than the minimum allowed range of {_plain(low)}"
                hint = f"greater than or equal to {_plain(low)}"
            elif item > high:
                rest = f"greater than the maximum allowed range of {_plain(high)}"
                hint = f"less than or equal to {_plain(high)}"
            else:
                continue
            raise _invalid(
                f"The {_plain(item)} argument is {rest}. Supply an "
                "argument "
                f"that is {hint} and then try the command again."
            )

    return check


MEMBER_KINDS = {
    *(
        "aliasproperty",
        "codeproperty",
        "property",
        "noteproperty",
        "scriptproperty",
        "properties",
        "propertyset",
        "method",
    ),
    *("codemethod", "scriptmethod", "methods", "parameterizedproperty", "memberset", "event", "dynamic", "all"),
}


def no_member_kind(value: Any, name: str) -> None:
    """-NotePropertyName refuses the names of member types: `Add-Member NoteProperty Name Value` means -MemberType."""
    if str(value).lower() in MEMBER_KINDS:
        raise _invalid(
            f'The argument "{value}" is the name of a member type; specify another name and then try the command again.'
        )


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


def _invalid(message: str) -> Exception:
    return error(
        message, "ParameterArgumentValidationError", "InvalidData", net_type=SMA + "ValidationMetadataException"
    )


def positive(value: Any, name: str) -> None:
    if value <= 0:
        raise _invalid(f'The argument "{value}" cannot be validated because its value is not greater than zero.')


INT_MAX = 2**31 - 1
VALIDATORS: dict[str, tuple[Validator, ...]] = {
    "Start-Job.WorkingDirectory": (not_blank,),
    "Add-Member.NotePropertyName": (no_member_kind,),
    "Start-Sleep.Milliseconds": (in_range(0, INT_MAX),),
    "Start-Sleep.Seconds": (in_range(0.0, INT_MAX / 1000),),
    "Select-Object.First": (in_range(0, INT_MAX),),
    "Select-Object.Last": (in_range(0, INT_MAX),),
    "Select-Object.Skip": (in_range(0, INT_MAX),),
    "Select-Object.SkipLast": (in_range(0, INT_MAX),),
    "Sort-Object.Top": (in_range(1, INT_MAX),),
    "Sort-Object.Bottom": (in_range(1, INT_MAX),),
    "ConvertTo-Json.Depth": (in_range(0, 100),),
    "ConvertFrom-Json.Depth": (positive,),
    "Get-Date.Year": (in_range(1, 9999),),
    "Get-Date.Month": (in_range(1, 12),),
    "Get-Date.Day": (in_range(1, 31),),
    "Get-Date.Hour": (in_range(0, 23),),
    "Get-Date.Minute": (in_range(0, 59),),
    "Get-Date.Second": (in_range(0, 59),),
    "Get-Date.Millisecond": (in_range(0, 999),),
    "Select-Object.Index": (in_range(0, INT_MAX),),
    "Select-Object.SkipIndex": (in_range(0, INT_MAX),),
    "Compare-Object.SyncWindow": (in_range(0, INT_MAX),),
    "Get-Random.Count": (in_range(1, INT_MAX),),
    "Get-SecureRandom.Count": (in_range(1, INT_MAX),),
    "ConvertTo-Xml.Depth": (in_range(1, INT_MAX),),
    "Export-Clixml.Depth": (in_range(1, INT_MAX),),
    "ConvertTo-CliXml.Depth": (in_range(1, INT_MAX),),
    "Format-Wide.Column": (in_range(1, INT_MAX),),
    "Out-String.Width": (in_range(2, INT_MAX),),
    "Out-File.Width": (in_range(2, INT_MAX),),
    "Invoke-Command.ScriptBlock": (not_null,),
    "Select-String.Context": (not_null_or_empty,),
    "Write-Progress.PercentComplete": (in_range(-1, 100),),
    "ForEach-Object.ThrottleLimit": (in_range(1, INT_MAX),),
    "Where-Object.Property": (not_null_or_empty,),
    "Start-ThreadJob.ThrottleLimit": (in_range(1, INT_MAX),),
    "Wait-Job.Timeout": (in_range(-1, INT_MAX),),
    "Get-Job.Newest": (in_range(1, INT_MAX),),
    **dict.fromkeys(
        (
            *("New-PSSession.HostName", "New-PSSession.Session", "Invoke-Command.HostName", "Invoke-Command.Session"),
            *("Invoke-Command.ContainerId", "Invoke-Command.VMName", "Invoke-Command.SSHConnection"),
        ),
        (no_empty_item,),
    ),
}
# parameters whose .NET type is an enum that only they use: the names it has
WORDS: dict[str, tuple[str, ...]] = {
    "Microsoft.PowerShell.Commands.BaseCsvWritingCommand+QuoteKind": ("Never", "Always", "AsNeeded"),
    "Microsoft.PowerShell.Commands.DisplayHintType": ("Date", "Time", "DateTime"),
    "Microsoft.PowerShell.Commands.TestPathType": ("Any", "Container", "Leaf"),
    "Newtonsoft.Json.StringEscapeHandling": ("Default", "EscapeNonAscii", "EscapeHtml"),
    "Microsoft.PowerShell.Commands.JsonDateKind": ("Default", "Local", "Utc", "Offset", "String"),
    "System.Diagnostics.ProcessWindowStyle": ("Normal", "Hidden", "Minimized", "Maximized"),
    "Microsoft.PowerShell.Commands.WebAuthenticationType": ("None", "Basic", "Bearer", "OAuth"),
    "Microsoft.PowerShell.Commands.WebSslProtocol": ("Default", "Tls", "Tls11", "Tls12", "Tls13"),
    "Microsoft.PowerShell.Commands.WebRequestMethod": (
        *("Default", "Get", "Head", "Post", "Put", "Delete", "Trace", "Options", "Merge", "Patch"),
    ),
}


def language_version(value: Any) -> Any:
    """-Version of Set-StrictMode: ``Latest``, a number, or a version."""
    from ..values.conversions import convert
    from ..values.value import to_string

    text = to_string(value)
    if text.lower() == "latest":
        text = "7.6"
    return convert(text if "." in text else f"{text}.0", "System.Version")


def encoding_of(value: Any) -> Any:
    """-Encoding: a name that it has of its own, another name or number of .NET's, or an encoding."""
    from ..dotnet.encoding import encoding_named
    from ..values.value import to_string, unwrap
    from .content import ENCODINGS

    plain = unwrap(value)
    if not isinstance(plain, (str, int)) or to_string(plain).lower() in ENCODINGS:
        return plain
    try:
        return encoding_named(to_string(plain))
    except Thrown as thrown:
        raise ScriptError(ErrorRecord(thrown.exception)) from None


# by parameter or by type
CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "Set-StrictMode.Version": language_version,
    "System.Text.Encoding": encoding_of,
}


def one_of(full_name: str) -> Callable[[Any], str]:
    """Conversion to such an enum: the name in its own spelling."""

    def convert(value: Any) -> str:
        from ..values.value import to_string

        text, names = to_string(value), WORDS[full_name]
        exact = [name for name in names if name.lower() == text.lower()]
        found = exact or [name for name in names if text and name.lower().startswith(text.lower())]
        if len(found) == 1:
            return found[0]
        shown = ", ".join(names)
        raise error(
            f'Cannot convert value "{text}" to type "{full_name}". Error: "Unable to match the identifier name '
            f"{text} to a "
            f'valid enumerator name. Specify one of the following enumerator names and try again:\n{shown}"',
            "InvalidCastFromStringToEnumeration",
            "InvalidArgument",
            net_type=SMA + "PSInvalidCastException",
        )

    return convert


_EXTRA_MODULE = dict.fromkeys(
    ("Export-ModuleMember", "Remove-Module", "Clear-History", "Enter-PSHostProcess", "Register-ArgumentCompleter"), CORE
)


@cache
def metadata(name: str) -> CommandMetadata:
    facts = EXTRA[name]() if name in EXTRA else json.loads((FACTS / f"{name}.json").read_text("utf-8"))
    parameters = {}
    set_names: dict[str, None] = {}
    for parameter, told in facts["parameters"].items():
        info = _parameter(f"{name}.{parameter}", parameter, told)
        parameters[parameter.lower()] = info
        set_names.update(dict.fromkeys(key for key in info.sets if key != ALL_SETS))
    return CommandMetadata(
        name,
        parameters,
        default_set=facts["default"] or ALL_SETS,
        supports_should_process=facts["shouldProcess"],
        output_types=tuple(facts.get("output", ())),
        syntax=facts.get("syntax", ""),
        set_names=tuple(set_names),
        shows_spelling=name == "Write-Host",
    )


def _parameter(key: str, name: str, told: dict[str, Any]) -> ParameterInfo:
    allowed, kind = ALLOWED.get(key, ""), told["type"]
    return ParameterInfo(
        name,
        type_name=known_type(kind),
        convert=one_of(kind) if kind in WORDS else CONVERSIONS.get(key) or CONVERSIONS.get(kind),
        aliases=tuple(told.get("aliases", ())),
        sets={where: _set(*entry) for where, entry in told["sets"].items()},
        validators=VALIDATORS.get(key, ()),
        validate_set=tuple(told.get("values", ())),
        allow_null="n" in allowed,
        allow_empty_string="s" in allowed,
        allow_empty_collection="c" in allowed,
        dynamic=told.get("dynamic", False),
    )


def known_type(full_name: str) -> str:
    """The type that values are converted to; Object where the engine has no such type."""
    from ..values.types import resolve_type

    if full_name in WORDS:
        return FORM + "String"
    if resolve_type(full_name) is not None:
        return full_name
    return FORM + ("Object[]" if full_name.endswith("[]") else "Object")


def _set(flags: str, position: int | None = None) -> SetInfo:
    return SetInfo("m" in flags, position, "p" in flags, "n" in flags, "r" in flags)


def module_of(name: str) -> str:
    return _MODULE.get(name) or _EXTRA_MODULE.get(
        name, "Microsoft.PowerShell.Management" if "Item" in name else UTILITY
    )
