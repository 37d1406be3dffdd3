"""Attributes as objects: ``[Parameter]::new()``, for parameters that a dynamicparam block makes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from ...psobject import PSList
from ..records import SMA
from ..values.types import NetType
from ..values.value import enumerate_value
from .table import NetObject, declare

SWITCHES = (
    "Mandatory",
    "ValueFromPipeline",
    "ValueFromPipelineByPropertyName",
    "ValueFromRemainingArguments",
    "DontShow",
)
NO_POSITION = -(1 << 31)


class Attribute(NetObject):
    """An attribute with the properties of its type, each of which a script may set."""

    def __init__(self, kind: NetType, arguments: tuple[Any, ...] = (), values: dict[str, Any] | None = None) -> None:
        self.kind = kind
        self.arguments = arguments  # as the constructor got them: what validation is made of
        self.values = values or {}

    def net_type_of(self) -> NetType:
        return self.kind

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield from self.values.items()
        yield "TypeId", self.kind

    def _name(self, name: str) -> str:
        for known in self.values:
            if known.lower() == name.lower():
                return known
        raise AttributeError(name)

    def ps_get(self, name: str) -> Any:
        return self.values[self._name(name)]

    def ps_set(self, name: str, new: Any) -> None:
        from ..values.conversions import convert

        known = self._name(name)
        before = self.values[known]
        kind = {bool: "System.Boolean", int: "System.Int32", str: "System.String"}.get(type(before))
        self.values[known] = convert(new, kind) if kind is not None else new


def _declare(name: str, signature: str, make: Callable[..., dict[str, Any]]) -> None:
    declare(f"{SMA}{name}Attribute").constructor(signature)(lambda kind, *args: Attribute(kind, args, make(*args)))


def _parameter() -> dict[str, Any]:
    named = {"Position": NO_POSITION, "ParameterSetName": "__AllParameterSets", "HelpMessage": ""}
    return {**named, **dict.fromkeys(SWITCHES, False)}


def _strings(values: Any) -> PSList:
    return PSList.of("System.String", enumerate_value(values))


_declare("Parameter", "()", _parameter)
_declare("Alias", "(Params string[] aliasNames)", lambda names: {"AliasNames": _strings(names)})
_declare(
    "ValidateSet",
    "(Params string[] validValues)",
    lambda values: {"ErrorMessage": "", "IgnoreCase": True, "ValidValues": _strings(values)},
)
_declare(
    "ValidateRange",
    "(System.Object minRange, System.Object maxRange)",
    lambda low, high: {"MinRange": low, "MaxRange": high},
)
_declare("ValidateLength", "(int minLength, int maxLength)", lambda low, high: {"MinLength": low, "MaxLength": high})
_declare("ValidateCount", "(int minLength, int maxLength)", lambda low, high: {"MinLength": low, "MaxLength": high})
_declare("ValidatePattern", "(string regexPattern)", lambda pattern: {"RegexPattern": pattern, "ErrorMessage": ""})
_declare("ValidateScript", "(scriptblock scriptBlock)", lambda block: {"ScriptBlock": block, "ErrorMessage": ""})
_declare("ArgumentCompleter", "(scriptblock scriptBlock)", lambda block: {"ScriptBlock": block})
_declare("CmdletBinding", "()", lambda: {"DefaultParameterSetName": "", "SupportsShouldProcess": False})
for _name in (
    "ValidateNotNull",
    "ValidateNotNullOrEmpty",
    "ValidateNotNullOrWhiteSpace",
    "AllowNull",
    "AllowEmptyString",
    "AllowEmptyCollection",
    "SupportsWildcards",
):
    _declare(_name, "()", dict)


# -- what attributes and generators of a script's own classes derive from

for _name in ("ArgumentTransformation", "Credential", "ValidateArguments", "ValidateEnumeratedArguments"):
    _declare(_name, "()", dict)


class ValidValuesGenerator(NetObject):
    """CachedValidValuesGeneratorBase: asks the class that derives from it, and keeps the answer for some seconds."""

    net_type = SMA + "CachedValidValuesGeneratorBase"

    def __init__(self, seconds: int = 0) -> None:
        self.seconds = seconds
        self.kept: Any = None
        self.until = 0.0


GENERATOR = declare(ValidValuesGenerator.net_type)
GENERATOR.constructor("(int cacheExpirationInSeconds)", "()")(lambda kind, seconds=0: ValidValuesGenerator(seconds))


@GENERATOR.method("string[] GetValidValues()")
def _valid_values(held: Any) -> Any:
    if held.kept is None or time.monotonic() > held.until:
        held.kept = held.ps_invoke("GenerateValidValues", [])
        held.until = time.monotonic() + held.seconds
    return held.kept
