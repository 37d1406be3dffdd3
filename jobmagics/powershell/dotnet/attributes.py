"""Attributes as objects: ``[Parameter]::new()``, for parameters that a dynamicparam block makes."""

from __future__ import annotations

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
