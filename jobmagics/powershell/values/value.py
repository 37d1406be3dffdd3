"""What every part of the engine asks of a value: its string, its truth, its elements.

Pure, and imported by everything, so it imports nothing of the engine at the top. Conversions
between types are in conversions.py, arithmetic and comparison in operators.py, ``-f`` in formats.py.
"""

from __future__ import annotations

import datetime
import decimal
import math
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ...psobject import Char, DateTime, Hashtable, PSList, PSObject, Single, TimeSpan, Version, XmlDocument


class Nothing:
    """AutomationNull: what a statement without output gives. It is $null, except that a pipeline over it runs for no
    element."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING = Nothing()


class SwitchParameter:
    """The value of a [switch] parameter."""

    __slots__ = ("is_present",)

    def __init__(self, is_present: bool) -> None:
        self.is_present = is_present

    def __bool__(self) -> bool:
        return self.is_present

    def ps_type_names(self) -> list[str]:
        return ["System.Management.Automation.SwitchParameter", "System.ValueType", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "IsPresent", self.is_present

    def ps_to_string(self) -> str:
        return str(self.is_present)

    def __eq__(self, other: object) -> bool:
        return bool(self) == bool(other) if isinstance(other, (bool, SwitchParameter)) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.is_present)


def unwrap(value: Any) -> Any:
    """The value inside a PSObject that only carries added members; NOTHING becomes None."""
    if isinstance(value, PSObject) and value._base is not None:
        return unwrap(value._base)
    return None if value is NOTHING else value


def unroll(found: list[Any]) -> Any:
    """A statement's collected output as one value."""
    if len(found) == 1:
        return found[0]
    return found if found else NOTHING


# -- enumeration


_SINGLE = frozenset((str, int, float, bool, type(None)))  # never enumerated, and most values are of these types


def is_enumerable(value: Any) -> bool:
    """Whether the pipeline sends this value's elements instead of itself."""
    if type(value) in _SINGLE:
        return False
    if isinstance(value, list):
        return True
    if isinstance(value, PSObject):
        return value._base is not None and is_enumerable(value._base)
    return hasattr(type(value), "ps_items")


def enumerate_value(value: Any) -> Iterator[Any]:
    """The value as the pipeline sees it: collections give their elements, NOTHING gives none, anything else is one."""
    if isinstance(value, list):
        return iter(value)
    if value is NOTHING:
        return iter(())
    if isinstance(value, PSObject):
        if value._base is not None and is_enumerable(value._base):
            return enumerate_value(value._base)
    elif hasattr(type(value), "ps_items"):
        return iter(value.ps_items())
    return iter((value,))


def as_list(value: Any) -> list[Any]:
    """The same as a list: a list stays itself, None is an empty list."""
    if isinstance(value, list):
        return value
    if value is None:
        return []
    return list(enumerate_value(value))


# -- truth


def is_true(value: Any) -> bool:
    kind = type(value)
    if kind is bool:
        return bool(value)
    if value is None or value is NOTHING:
        return False
    if kind is str or isinstance(value, (int, float, decimal.Decimal)):
        return bool(value)
    if kind is Char:
        return bool(value != "\0")
    if isinstance(value, list):
        if len(value) == 1:
            only = value[0]
            return len(only) > 0 if isinstance(only, list) else is_true(only)
        return len(value) > 0
    if isinstance(value, SwitchParameter):
        return value.is_present
    if isinstance(value, PSObject):
        return is_true(value._base) if value._base is not None else True
    if isinstance(value, str):
        return bool(value)
    if hasattr(value, "ps_enum_value"):
        return bool(value.ps_enum_value())
    return True


# -- strings


def float_string(value: float, digits: int = 0) -> str:
    """A double as .NET writes it: shortest that reads back (digits=0), or with at most ``digits`` significant
    digits."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    text = f"{value:.{digits - 1}e}" if digits else repr(value)
    sign = ""
    if text[0] == "-":
        sign, text = "-", text[1:]
    mantissa, _, power = text.partition("e")
    whole, _, fraction = mantissa.partition(".")
    exponent = int(power or 0)
    digits_text = (whole + fraction).lstrip("0")
    # place of the decimal point: 0.digits * 10**point
    point = exponent + len(whole) - (len(whole + fraction) - len((whole + fraction).lstrip("0")))
    digits_text = digits_text.rstrip("0") or "0"
    return sign + place_point(digits_text, point, digits or 15)


def place_point(digits: str, point: int, precision: int) -> str:
    """``0.<digits> * 10**point`` in fixed or scientific notation, as the G format chooses."""
    exponent = point - 1
    if exponent >= precision or exponent < -4:
        body = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
        return f"{body}E{'+' if exponent >= 0 else '-'}{abs(exponent):02d}"
    if point <= 0:
        return "0." + "0" * -point + digits
    if len(digits) <= point:
        return digits + "0" * (point - len(digits))
    return digits[:point] + "." + digits[point:]


def single_string(value: float, digits: int = 0) -> str:
    """The same for a Single: the fewest digits that read back as the same 32-bit number."""
    if digits or math.isnan(value) or math.isinf(value) or value == 0:
        return float_string(value, digits)
    import struct

    packed = struct.pack("f", value)
    for count in range(1, 10):
        text = f"{value:.{count - 1}e}"
        if struct.pack("f", float(text)) == packed:
            shown = float_string(float(text), count)
            mantissa, mark, power = shown.partition("E")
            if not mark:
                return shown
            exponent = int(power)
            if -5 <= exponent < 7:
                sign = "-" if mantissa[0] == "-" else ""
                return sign + place_point(mantissa.lstrip("-").replace(".", ""), exponent + 1, 7)
            return shown
    return float_string(value, 9)


def decimal_string(value: decimal.Decimal) -> str:
    return format(value, "f")


def timespan_string(value: datetime.timedelta) -> str:
    ticks = value.ticks if isinstance(value, TimeSpan) else TimeSpan(round(value.total_seconds() * 1e7)).ticks
    sign = "-" if ticks < 0 else ""
    seconds, fraction = divmod(abs(ticks), 10_000_000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    text = f"{hour:02d}:{minute:02d}:{second:02d}"
    if days:
        text = f"{days}.{text}"
    return sign + text + (f".{fraction:07d}" if fraction else "")


def datetime_string(value: datetime.datetime) -> str:
    return f"{value.month:02d}/{value.day:02d}/{value.year:04d} {value.hour:02d}:{value.minute:02d}:{value.second:02d}"


def to_string(value: Any, separator: str = " ") -> str:
    """The value in a string: ``"$value"``, invariant culture. ``separator`` is $OFS, between the elements of a list."""
    kind = type(value)
    if kind is str:
        return str(value)
    if kind is int:
        return int.__repr__(value)
    convert = _TO_STRING.get(kind)
    if convert is not None:
        return convert(value)
    if isinstance(value, list):
        return separator.join([element_string(item) for item in enumerate_value(value)])
    return other_string(value, separator)


def element_string(value: Any) -> str:
    """An element of a list in a string: an inner list shows its type."""
    return type_string(value) if isinstance(value, (list, Hashtable)) else to_string(value)


def type_string(value: Any) -> str:
    """Object.ToString() of a collection: the name of its type."""
    if type(value) is list:
        return "System.Object[]"
    names = value.type_names if isinstance(value, Hashtable) else value.ps_type_names()
    return str(names[0])


def other_string(value: Any, separator: str) -> str:
    if isinstance(value, PSObject):
        if value._to_string is not None and not isinstance(value._base, int):  # a deserialized enum is its number
            return value._to_string
        if value._base is not None:
            return to_string(value._base, separator)
        return bag_string(value)
    if isinstance(value, Hashtable):
        return type_string(value)
    if hasattr(type(value), "ps_items") and not hasattr(type(value), "ps_entries"):
        return separator.join([element_string(item) for item in enumerate_value(value)])
    if hasattr(value, "ps_to_string"):
        return str(value.ps_to_string())
    if isinstance(value, float):
        return float_string(value, 15)
    if isinstance(value, datetime.datetime):
        return datetime_string(value)
    if isinstance(value, datetime.timedelta):
        return timespan_string(value)
    if isinstance(value, bytes):
        return separator.join(map(str, value))
    if isinstance(value, int):
        return int.__repr__(value)
    return str(value)


def bag_string(value: PSObject) -> str:
    """``@{a=1; b=x}``; objects inside show nothing, as in PowerShell."""
    names = value.ps_type_names()
    if "tostring" in map(str.lower, value._extended):
        from ..members.access import invoke_method

        return str(invoke_method(value, "ToString", []))
    if value._adapted and not value._extended:
        return str(names[0])
    shown = []
    for name, item in value.ps_properties():
        inner = isinstance(item, PSObject) and item._base is None and item._to_string is None
        shown.append(f"{name}={'' if inner else element_string(item)}")
    if not shown and names[0] != "System.Management.Automation.PSCustomObject":
        return str(names[0])
    return "@{" + "; ".join(shown) + "}" if shown else ""


def _bool_string(value: bool) -> str:
    return "True" if value else "False"


_TO_STRING: dict[type, Callable[[Any], str]] = {
    type(None): lambda value: "",
    Nothing: lambda value: "",
    bool: _bool_string,
    float: lambda value: float_string(value, 15),
    Single: lambda value: single_string(value, 7),
    decimal.Decimal: decimal_string,
    Char: str.__str__,
    DateTime: datetime_string,
    TimeSpan: timespan_string,
    uuid.UUID: str,
    Version: str,
    XmlDocument: lambda value: "System.Xml.XmlDocument",
}

__all__ = [
    "NOTHING",
    "Nothing",
    "PSList",
    "SwitchParameter",
    "as_list",
    "enumerate_value",
    "float_string",
    "is_enumerable",
    "is_true",
    "to_string",
    "unroll",
    "unwrap",
]
