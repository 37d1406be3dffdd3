"""From one type to another, as LanguagePrimitives.ConvertTo does it, with PowerShell's messages when it cannot be.

Each target type has one function in ``_CONVERTERS``; it gets a value that is not of the type already and gives the
converted one or raises ``Refused`` with the inner reason. ``convert`` makes PowerShell's error of that.
"""

from __future__ import annotations

import datetime
import decimal
import re
import uuid
from collections.abc import Iterable
from typing import Any

from ...psobject import (
    Char,
    DateTime,
    Hashtable,
    OrderedDictionary,
    PSList,
    PSObject,
    SecureString,
    TimeSpan,
    Uri,
    Version,
)
from ..records import (
    SMA,
    NetException,
    ScriptError,
    error,
)
from .number_conversions import (
    DECIMAL_CONTEXT,
    DECIMAL_MAX,
    RANGES,
    Converter,
    Refused,
    convert_to_single,
    fit_decimal,
    integer_converter,
    narrowest,
    parse_double,
    parse_number,
    to_bigint,
    to_decimal,
    to_double,
    to_single,
    without_zeros,
)
from .types import OBJECT, NetType, net_type, resolve_type, type_of
from .value import NOTHING, SwitchParameter, element_string, enumerate_value, is_enumerable, is_true, to_string, unwrap

# -- text, truth and time


def _to_bool(value: Any) -> bool:
    return is_true(value)


def _to_text(value: Any) -> str:
    if isinstance(value, list):
        return to_string(value, output_separator())
    return to_string(value)


def output_separator() -> str:
    """$OFS of the running session."""
    from ..runtime.runspace import current_frame

    frame = current_frame()
    return frame.output_separator() if frame is not None else " "


def _to_char(value: Any) -> Char:
    if isinstance(value, str):
        if len(value) == 1:
            return Char(value)
        raise Refused("String must be exactly one character long.", "InvalidCastFromStringToChar")
    if isinstance(value, int) and not isinstance(value, bool):
        if 0 <= value <= 0xFFFF:
            return Char(chr(value))
        raise Refused(
            "Value was either too large or too small for a character.",
            "InvalidCastIConvertible",
            "System.OverflowException",
        )
    if value is None:
        return Char("\0")
    if isinstance(value, float):
        raise Refused(
            f"Invalid cast from '{type_of(value).name}' to 'Char'.",
            "InvalidCastIConvertible",
            "System.InvalidCastException",
        )
    raise Refused


MAX_DATE_TICKS = 3155378975999999999


def _to_datetime(value: Any) -> Any:
    from ..dotnet import dateparse

    if isinstance(value, str):
        return dateparse.parse(value)
    if isinstance(value, datetime.datetime):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        if not 0 <= value <= MAX_DATE_TICKS:
            raise Refused(
                "Ticks must be between DateTime.MinValue.Ticks and DateTime.MaxValue.Ticks. (Parameter 'ticks')",
                "InvalidCastConstructorException",
                "System.ArgumentOutOfRangeException",
            )
        return DateTime.from_ticks(int(value))
    if hasattr(value, "ps_date_time"):
        return value.ps_date_time()
    raise Refused


def _to_timespan(value: Any) -> Any:
    from ..dotnet import dateparse

    if isinstance(value, str):
        return dateparse.parse_timespan(value)
    if isinstance(value, datetime.timedelta):
        return TimeSpan(round(value / datetime.timedelta(microseconds=1)) * 10)
    if isinstance(value, (int, float, decimal.Decimal)) and not isinstance(value, bool):
        if not -(2**63) <= value < 2**63:
            raise Refused
        return TimeSpan(int(convert(value, "System.Int64")))
    raise Refused


def _to_guid(value: Any) -> uuid.UUID:
    if isinstance(value, str):
        word = value.strip()
        if re.fullmatch(r"[{(]?[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}[})]?", word):
            return uuid.UUID(word.strip("{}()"))
        from ..dotnet.objects import guid_problem

        raise Refused(guid_problem(value), "InvalidCastParseTargetInvocation")
    if isinstance(value, PSList) and len(value) == 16:
        return uuid.UUID(bytes_le=bytes(value))
    raise Refused


def _to_version(value: Any) -> Version:
    if type_of(value).full_name == "System.Management.Automation.SemanticVersion":
        return Version((value.major, value.minor, value.patch))
    if isinstance(value, (int, float, decimal.Decimal)) and not isinstance(value, bool):
        value = to_string(value)
    if isinstance(value, str):
        parts = value.strip().split(".")
        if not 2 <= len(parts) <= 4:
            raise Refused(
                "Version string portion was too short or too long.",
                "InvalidCastParseTargetInvocation",
                "System.ArgumentException",
            )
        if not all(part.strip().isdigit() for part in parts):
            bad = next(part for part in parts if not part.strip().isdigit())
            raise Refused(f"The input string '{bad}' was not in a correct format.", "InvalidCastParseTargetInvocation")
        return Version(int(part) for part in parts)
    raise Refused


def _to_uri(value: Any) -> Uri:
    if isinstance(value, str):
        return Uri(value)
    raise Refused


def _to_regex(value: Any) -> Any:
    from ..dotnet.regex import Regex

    if not isinstance(value, str):
        raise Refused
    try:
        return Regex(str(value))
    except ScriptError as failed:
        inner = failed.record.exception
        raise Refused(inner.message, "InvalidCastFromStringToRegex", inner.net_type) from None


def _to_xml(value: Any) -> Any:
    from ..dotnet.xml import parse_document

    if isinstance(value, list):
        value = "\n".join(to_string(item) for item in value)
    if isinstance(value, str):
        return parse_document(str(value))
    raise Refused


def _to_switch(value: Any) -> SwitchParameter:
    if isinstance(value, str):
        raise Refused
    return SwitchParameter(is_true(value))


# -- collections


def _to_hashtable(value: Any) -> Hashtable:
    if isinstance(value, Hashtable):
        return Hashtable(value.items())
    raise Refused


def _to_ordered(value: Any) -> OrderedDictionary:
    if isinstance(value, Hashtable):
        return OrderedDictionary(value.items())
    raise Refused


def _to_object_bag(value: Any) -> Any:
    """[pscustomobject] and [psobject]."""
    if isinstance(value, Hashtable):
        bag = PSObject({})
        for key, item in value.items():
            bag._extended[to_string(key)] = item
        kind = bag._extended.pop("PSTypeName", None)
        if kind is not None:
            bag._type_names = [to_string(kind), *bag._type_names]
        return bag
    return value


def to_array(value: Any, element: NetType) -> Any:
    """``[T[]]value``: a list's elements each converted; anything else becomes the one element."""
    items: Iterable[Any]
    if value is None:
        return None
    if is_enumerable(value):
        items = enumerate_value(value)
    elif (element.full_name == "System.Char" and isinstance(value, str)) or isinstance(value, bytes):
        items = value
    else:
        items = [value]
    if element is OBJECT:
        return list(items)
    return PSList.of(element.full_name, [convert(item, element) for item in items])


def _to_plain_array(value: Any) -> Any:
    if value is None:
        return None
    if is_enumerable(value):
        return list(enumerate_value(value))
    return [value]


def _to_script_block(value: Any) -> Any:
    raise Refused


def _to_type(value: Any) -> NetType:
    if isinstance(value, str):
        from ..runtime.runspace import current_frame

        frame = current_frame()
        found = frame.resolve_type(str(value)) if frame is not None else resolve_type(str(value))
        if found is not None:
            return found
    raise Refused


def _to_secure_string(value: Any) -> SecureString:
    raise Refused


def _to_culture(value: Any) -> Any:
    from ..dotnet.culture import Culture

    if isinstance(value, str):
        return Culture(str(value))
    raise Refused


def _to_reference(value: Any) -> Any:
    from .references import Reference

    return Reference(value)


def _to_datetimeoffset(value: Any) -> Any:
    from ..dotnet import dateparse

    return dateparse.to_offset(value)


def _identity(value: Any) -> Any:
    return value


_CONVERTERS: dict[str, Converter] = {name: integer_converter(name) for name in RANGES}
_CONVERTERS.update(
    {
        "System.Object": _identity,
        "System.Double": to_double,
        "System.Single": convert_to_single,
        "System.Decimal": to_decimal,
        "System.Numerics.BigInteger": to_bigint,
        "System.Boolean": _to_bool,
        "System.String": _to_text,
        "System.Char": _to_char,
        "System.DateTime": _to_datetime,
        "System.TimeSpan": _to_timespan,
        "System.DateTimeOffset": _to_datetimeoffset,
        "System.Guid": _to_guid,
        "System.Version": _to_version,
        "System.Uri": _to_uri,
        "System.Text.RegularExpressions.Regex": _to_regex,
        "System.Xml.XmlDocument": _to_xml,
        "System.Array": _to_plain_array,
        "System.Collections.Hashtable": _to_hashtable,
        "System.Collections.IDictionary": _to_hashtable,
        "System.Collections.Specialized.OrderedDictionary": _to_ordered,
        "System.Collections.IEnumerable": _to_plain_array,
        "System.Collections.IList": _to_plain_array,
        "System.Collections.ICollection": _to_plain_array,
        "System.Globalization.CultureInfo": _to_culture,
        "System.Type": _to_type,
        SMA + "PSObject": _to_object_bag,
        SMA + "PSCustomObject": _to_object_bag,
        SMA + "SwitchParameter": _to_switch,
        SMA + "PSReference": _to_reference,
    }
)
# null stays null for these; for all others a null is converted (0, "", False) or refused
_NULL_IS_ERROR = {
    "System.DateTime": "System.DateTime",
    "System.TimeSpan": "System.TimeSpan",
    "System.Guid": "System.Guid",
    "System.DateTimeOffset": "System.DateTimeOffset",
    "System.Collections.DictionaryEntry": "",
}


def convert(value: Any, target: NetType | str) -> Any:
    """The value as that type, or PowerShell's error."""
    kind = net_type_named(target) if isinstance(target, str) else target
    actual = type_of(value)
    if actual is kind and value is not None and value is not NOTHING:
        return value
    if type(value) is int and kind.full_name == "System.Double":
        return float(value)
    try:
        return _convert(value, kind)
    except Refused as refused:
        raise cast_error(value, kind, refused) from None


def try_convert(value: Any, kind: NetType) -> Any:
    """``-as``: the converted value, or None."""
    try:
        return convert(value, kind)
    except ScriptError:
        return None


_NAMED: dict[str, NetType] = {}  # types of parameters by full name; what scripts define is not called System.*


def net_type_named(name: str) -> NetType:
    found = _NAMED.get(name)
    if found is None:
        found = resolve_type(name) or net_type(name)
        if name.startswith("System."):
            _NAMED[name] = found
    return found


def _convert(value: Any, kind: NetType) -> Any:
    name = kind.full_name
    if value is NOTHING:
        value = None
    if kind is OBJECT:
        return value
    if isinstance(value, PSObject):
        if value._base is not None:
            if kind.is_instance(value._base) and name != "System.String":
                return value
            return _convert(value._base, kind)
        if name in (SMA + "PSObject", SMA + "PSCustomObject"):
            return value
    if kind.arguments and kind.is_nullable:
        return None if value is None else _convert(value, kind.arguments[0])
    if value is None:
        return _convert_null(kind)
    if kind.is_assignable_from(type_of(value)) and name not in ("System.Collections.IEnumerable",):
        return value
    converter = _CONVERTERS.get(name)
    if converter is not None:
        if isinstance(value, int) and hasattr(value, "ps_enum_value") and name in RANGES:
            return converter(int(value))
        return _call(converter, value, kind)
    if kind.element is not None:
        return to_array(value, kind.element)
    if kind.is_enum:
        return to_enum(value, kind)
    from . import casts

    return casts.convert_special(value, kind)


def _call(converter: Converter, value: Any, kind: NetType) -> Any:
    try:
        return converter(value)
    except Refused as refused:
        if refused.reason:
            raise
    if isinstance(value, list) and len(value) == 1 and kind.element is None and not isinstance(value[0], list):
        # a one-element array stands for its element, as for [int]@(5)
        return _convert(value[0], kind)
    from . import casts

    return casts.convert_special(value, kind)


def _convert_null(kind: NetType) -> Any:
    name = kind.full_name
    if name in RANGES or name in ("System.Double", "System.Single", "System.Decimal", "System.Numerics.BigInteger"):
        return _CONVERTERS[name](None)
    if name == "System.String":
        return ""
    if name == "System.Boolean":
        return False
    if name == "System.Char":
        return Char("\0")
    if name == SMA + "SwitchParameter":
        return SwitchParameter(False)
    if kind.is_value_type:
        raise Refused("", "nullToValueType")
    if kind.full_name == "System.Object[]":
        return None
    return None


def to_enum(value: Any, kind: NetType) -> Any:
    from ..dotnet import enums

    shape = enums.shape_of(kind)
    if isinstance(value, int) and not isinstance(value, bool):
        number = int(value)
        if number in shape.by_number or (shape.flags and not number & ~shape.all_bits):
            return enums.make(kind, number)
        raise Refused(
            f'Cannot convert value "{number}" to type "{kind.full_name}" due to enumeration values that are not valid. '
            "Specify one of the following enumeration values and try again. The possible enumeration values are "
            f'"{",".join(shape.names)}".',
            "UndefinedIntegerToEnum",
        )
    if isinstance(value, float):
        return to_enum(round(value), kind)
    if isinstance(value, str):
        found = enums.parse(kind, str(value))
        if found is None:
            raise Refused(enum_reason(str(value), kind, shape), enum_fqid(str(value), shape))
        return found
    if isinstance(value, list):
        total = 0
        for item in value:
            total |= int(to_enum(unwrap(item), kind))
        return enums.make(kind, total)
    raise Refused


def enum_fqid(text: str, shape: Any) -> str:
    return "SubstringDisambiguationEnumParseThrewAnException"


def enum_reason(text: str, kind: NetType, shape: Any) -> str:
    word = text.strip()
    matching = [name for folded, name in shape.by_folded.items() if word and folded.startswith(word.lower())]
    if len(matching) > 1:
        return (
            f"The identifier name {word} cannot be processed because it is either too similar or identical to the "
            f"following "
            f"enumerator names: {', '.join(matching)}. Use a more specific identifier name."
        )
    return (
        f"Unable to match the identifier name {word} to a valid enumerator name. Specify one of the following "
        f"enumerator names "
        f"and try again:\n{', '.join(shape.names)}"
    )


def cast_error(value: Any, kind: NetType, refused: Refused) -> ScriptError:
    shown = unwrap(value)
    if refused.fqid == "nullToValueType":
        return _cast_failure(f'Cannot convert null to type "{kind.full_name}".', "nullToObjectInvalidCast", None)
    if refused.reason.startswith("Cannot "):
        return _cast_failure(refused.reason, refused.fqid or "ConvertToFinalInvalidCastException", None)
    if refused.reason:
        message = (
            f'Cannot convert value "{element_string(shown)}" to type "{kind.ps_to_string()}". Error: "{refused.reason}"'
        )
        inner = NetException(refused.reason, net_type=refused.inner)
        return _cast_failure(message, refused.fqid, inner)
    name = kind.ps_to_string()
    if shown is None:
        return _cast_failure(f'Cannot convert null to type "{name}".', "nullToObjectInvalidCast", None)
    source = type_of(shown).ps_to_string()
    return _cast_failure(
        f'Cannot convert the "{element_string(shown)}" value of type "{source}" to type "{name}".',
        "ConvertToFinalInvalidCastException",
        None,
    )


def _cast_failure(message: str, fqid: str, inner: NetException | None) -> ScriptError:
    cause = NetException(message, inner, net_type=SMA + "PSInvalidCastException")
    return error(message, fqid, "InvalidArgument", inner=cause)


__all__ = [
    "DECIMAL_CONTEXT",
    "DECIMAL_MAX",
    "RANGES",
    "Converter",
    "Refused",
    "cast_error",
    "convert",
    "convert_to_single",
    "enum_fqid",
    "enum_reason",
    "fit_decimal",
    "integer_converter",
    "narrowest",
    "net_type_named",
    "output_separator",
    "parse_double",
    "parse_number",
    "to_array",
    "to_bigint",
    "to_decimal",
    "to_double",
    "to_enum",
    "to_single",
    "try_convert",
    "without_zeros",
]
