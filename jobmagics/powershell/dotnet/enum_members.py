"""Members of enums: System.Enum's statics and what every enum value has."""

from __future__ import annotations

from typing import Any

from ...psobject import PSList
from ..values.formats import BadFormat, format_enum
from ..values.types import NetType, type_of
from .enums import EnumValue, make, parse, shape_of
from .table import argument_null, declare, net_error

ENUM = declare("System.Enum")


def _shape(kind: NetType) -> Any:
    if kind is None:
        raise argument_null("enumType")
    if not kind.is_enum:
        raise net_error("System.ArgumentException", "Type provided must be an Enum.", param="enumType")
    return shape_of(kind)


def _ordered(kind: NetType) -> list[tuple[str, int]]:
    """By unsigned value, as .NET lists them."""
    return sorted(_shape(kind).names.items(), key=lambda pair: pair[1] & 0xFFFFFFFFFFFFFFFF)


def enum_names(kind: NetType) -> list[str]:
    return PSList.of("System.String", [name for name, _ in _ordered(kind)])


ENUM.static("string[] GetNames(type enumType)", "string[] GetNames[TEnum]()")(enum_names)
ENUM.static("array GetValues(type enumType)", "TEnum[] GetValues[TEnum]()")(
    lambda kind: PSList.of(kind.full_name, [make(kind, number) for _, number in _ordered(kind)])
)


@ENUM.static("string GetName(type enumType, System.Object value)")
def _name(kind: NetType, value: Any) -> str | None:
    found: str | None = _shape(kind).by_number.get(_number(value))
    return found


@ENUM.static("bool IsDefined(type enumType, System.Object value)", "bool IsDefined[TEnum](TEnum value)")
def _is_defined(kind: NetType, value: Any) -> bool:
    shape = _shape(kind)
    return value in shape.names if isinstance(value, str) else _number(value) in shape.by_number


@ENUM.static(
    "System.Object Parse(type enumType, string value)",
    "System.Object Parse(type enumType, string value, bool ignoreCase)",
    "TEnum Parse[TEnum](string value)",
    "TEnum Parse[TEnum](string value, bool ignoreCase)",
)
def _parse(kind: NetType, text: str, ignore_case: bool = False) -> EnumValue:
    _shape(kind)
    found = parse(kind, text, ignore_case, prefixes=False)
    if found is None:
        raise net_error("System.ArgumentException", f"Requested value '{text}' was not found.")
    return found


@ENUM.static(
    "bool TryParse(type enumType, string value, [ref] System.Object result)",
    "bool TryParse(type enumType, string value, bool ignoreCase, [ref] System.Object result)",
    "bool TryParse[TEnum](string value, [ref] TEnum result)",
    "bool TryParse[TEnum](string value, bool ignoreCase, [ref] TEnum result)",
)
def _try_parse(kind: NetType, text: str, *rest: Any) -> bool:
    ignore_case, result = (False, rest[0]) if len(rest) == 1 else rest
    _shape(kind)
    found = parse(kind, text or "", bool(ignore_case), prefixes=False)
    result.value = found if found is not None else make(kind, 0)
    return found is not None


@ENUM.static("System.Object ToObject(type enumType, System.Object value)")
def _to_object(kind: NetType, value: Any) -> EnumValue:
    _shape(kind)
    return make(kind, _number(value))


def _number(value: Any) -> int:
    if not isinstance(value, (int, EnumValue)):
        raise net_error(
            "System.ArgumentException",
            "The value passed in must be an enum base or an underlying type for an enum, such as an Int32.",
            param="value",
        )
    return int(value)


@ENUM.static("type GetUnderlyingType(type enumType)")
def _underlying(kind: NetType) -> NetType:
    from ..values.types import net_type

    return net_type(_shape(kind).underlying)


@ENUM.static("string Format(type enumType, System.Object value, string format)")
def _format(kind: NetType, value: Any, spec: str) -> str:
    _shape(kind)
    return _text(value if isinstance(value, EnumValue) else make(kind, _number(value)), spec)


@ENUM.method("string ToString()", "string ToString(string format)")
def _text(value: EnumValue, spec: str = "") -> str:
    try:
        return format_enum(value, spec)
    except BadFormat as bad:
        raise net_error("System.FormatException", bad.message) from None


ENUM.method("bool HasFlag(System.Enum flag)")(lambda value, flag: int(value) & int(flag) == int(flag))


@ENUM.method("int CompareTo(System.Object target)")
def _compare(value: EnumValue, other: Any) -> int:
    if other is None:
        return 1
    if not isinstance(other, EnumValue) or other.net_type is not value.net_type:
        raise net_error(
            "System.ArgumentException",
            f"Object must be the same type as the enum. The type passed in was '{type_of(other).full_name}'; the enum "
            f"type was '{value.net_type.full_name}'.",
        )
    return (int(value) > int(other)) - (int(value) < int(other))


ENUM.method("bool Equals(System.Object obj)")(
    lambda value, other: isinstance(other, EnumValue) and other.net_type is value.net_type and int(other) == int(value)
)
ENUM.method("int GetHashCode()")(int)


@ENUM.method("System.TypeCode GetTypeCode()")
def _type_code(value: EnumValue) -> Any:
    from .enums import enum_value

    return enum_value("System.TypeCode", shape_of(value.net_type).underlying.rpartition(".")[2])


ENUM.property("int value__", lambda value: value.ps_enum_value())
