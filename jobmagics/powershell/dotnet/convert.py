"""System.Convert and System.BitConverter."""

from __future__ import annotations

import base64
import binascii
import datetime
import decimal
import math
import re
import struct
from typing import Any

from ...psobject import Char, PSList
from ..values.conversions import RANGES, convert, to_single
from ..values.types import NetType, net_type, resolve_type, type_of
from ..values.value import to_string
from .bytes import byte_list, to_bytes
from .numbers import SHORT, overflow, parse_decimal, parse_integer, parse_real
from .table import argument_null, declare, net_error, out_of_range

CONVERT = declare("System.Convert")
_NAMES = {
    "Int32": "System.Int32", "Int64": "System.Int64", "Int16": "System.Int16", "UInt16": "System.UInt16", 
    "UInt32": "System.UInt32",
    "UInt64": "System.UInt64", "Byte": "System.Byte", "SByte": "System.SByte",
}  # fmt: skip


def _to_integer(full_name: str, value: Any) -> Any:
    low, high, make, words = RANGES[full_name]
    if value is None:
        return make(0)
    if isinstance(value, str) and type(value) is not Char:
        return parse_integer(full_name, value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise overflow(words)
        number = round(value)
    elif isinstance(value, decimal.Decimal):
        number = int(value.to_integral_value(decimal.ROUND_HALF_EVEN))
    elif type(value) is Char:
        number = ord(value)
    elif isinstance(value, int):
        number = int(value)
    else:
        raise _no_cast(value, full_name.rpartition(".")[2])
    if not low <= number <= high:
        raise overflow(words)
    return make(number)


def _no_cast(value: Any, target: str) -> Exception:
    kind = type_of(value)
    words = f"Unable to cast object of type '{kind.full_name}' to type 'System.IConvertible'."
    if kind.derives_from("System.IConvertible"):
        words = f"Invalid cast from '{kind.name}' to '{target}'."
    return net_error("System.InvalidCastException", words)


def from_base(full_name: str, text: str | None, base: int) -> Any:
    low, high, make, words = RANGES[full_name]
    if base not in (2, 8, 10, 16):
        raise net_error("System.ArgumentException", "Invalid Base.")
    if text is None:
        return make(0)
    if not text:
        raise out_of_range(
            "Length", "Index was out of range. Must be non-negative and less than the size of the collection."
        )
    word = re.sub(r"^0[xX]", "", text) if base == 16 else text
    digits = "0123456789abcdef"[:base]
    negative = word[:1] == "-"
    if negative and base != 10:
        raise net_error("System.ArgumentException", "String cannot contain a minus sign if the base is not 10.")
    body = word.lstrip("+-") if base == 10 else word
    if not body or any(char not in digits for char in body.lower()):
        bad = not body or body[0].lower() not in digits
        raise net_error(
            "System.FormatException",
            "Could not find any recognizable digits."
            if bad
            else "Additional non-parsable characters are at the end of the string.",
        )
    number = int(body, base) * (-1 if negative else 1)
    bits = high.bit_length() + (1 if low else 0)
    if base != 10 and low and high < number < 1 << bits:
        number -= 1 << bits
    if not low <= number <= high:
        raise overflow(words)
    return make(number)


def _declare_integer(name: str, full_name: str) -> None:
    short = SHORT[full_name]
    CONVERT.static(f"{short} To{name}(string value, int fromBase)")(lambda text, base: from_base(full_name, text, base))
    CONVERT.static(
        f"{short} To{name}(System.Object value)",
        f"{short} To{name}(string value, System.IFormatProvider provider)",
        f"{short} To{name}(System.Object value, System.IFormatProvider provider)",
    )(lambda value, provider=None: _to_integer(full_name, value))


for _short, _full in _NAMES.items():
    _declare_integer(_short, _full)
_VALUE = ("(System.Object value)", "(System.Object value, System.IFormatProvider provider)")


def _to_double(value: Any, provider: Any = None) -> float:
    if value is None:
        return 0.0
    if isinstance(value, str):
        return parse_real(value, None, provider)
    return float(_number(value, "Double"))


def _number(value: Any, target: str) -> Any:
    if type(value) is Char or not isinstance(value, (int, float, decimal.Decimal)):
        raise _no_cast(value, target)
    return value


def _to_decimal(value: Any, provider: Any = None) -> decimal.Decimal:
    if isinstance(value, str):
        return parse_decimal(value, None, provider)
    if value is None:
        return decimal.Decimal(0)
    found: decimal.Decimal = convert(_number(value, "Decimal"), "System.Decimal")
    return found


CONVERT.static(*(f"double ToDouble{one}" for one in _VALUE))(_to_double)
CONVERT.static(*(f"float ToSingle{one}" for one in _VALUE))(
    lambda value, provider=None: to_single(_to_double(value, provider))
)
CONVERT.static(*(f"decimal ToDecimal{one}" for one in _VALUE))(_to_decimal)


@CONVERT.static(*(f"bool ToBoolean{one}" for one in _VALUE))
def _to_boolean(value: Any, provider: Any = None) -> bool:
    if isinstance(value, str):
        word = value.strip().lower()
        if word not in ("true", "false"):
            raise net_error("System.FormatException", f"String '{value}' was not recognized as a valid Boolean.")
        return word == "true"
    return bool(_number(False if value is None else value, "Boolean"))


@CONVERT.static(*(f"char ToChar{one}" for one in _VALUE))
def _to_char(value: Any, provider: Any = None) -> Char:
    if isinstance(value, str):
        if len(value) != 1:
            raise net_error("System.FormatException", "String must be exactly one character long.")
        return Char(value)
    if isinstance(value, (bool, float, decimal.Decimal)):
        raise net_error("System.InvalidCastException", f"Invalid cast from '{type_of(value).name}' to 'Char'.")
    if not 0 <= int(_number(0 if value is None else value, "Char")) <= 0xFFFF:
        raise overflow("a character")
    return Char(chr(int(value)))


@CONVERT.static(*(f"datetime ToDateTime{one}" for one in _VALUE))
def _to_datetime(value: Any, provider: Any = None) -> Any:
    from .dateparse import BadDate, parse_datetime

    if value is None:
        return convert("0001-01-01", "System.DateTime")
    if not isinstance(value, str):
        if not isinstance(value, datetime.datetime):
            raise _no_cast(value, "DateTime")
        return value
    try:
        return parse_datetime(value)
    except BadDate as bad:
        raise net_error("System.FormatException", bad.message) from None


def _digits(value: int, base: int) -> str:
    if base == 10:
        return str(int(value))
    if base not in (2, 8, 16):
        raise net_error("System.ArgumentException", "Invalid Base.")
    low, high, _, _ = RANGES.get(type_of(value).full_name, RANGES["System.Int32"])
    bits = high.bit_length() + (1 if low else 0)
    return format(int(value) & ((1 << bits) - 1), {2: "b", 8: "o", 16: "x"}[base])


CONVERT.static(
    "string ToString(byte value, int toBase)",
    "string ToString(short value, int toBase)",
    "string ToString(int value, int toBase)",
    "string ToString(long value, int toBase)",
)(_digits)


@CONVERT.static(
    "string ToString(System.Object value)", "string ToString(System.Object value, System.IFormatProvider provider)"
)
def _to_text(value: Any, provider: Any = None) -> str:
    from ..values.formats import format_value

    if value is None:
        return ""
    if isinstance(value, (int, float, decimal.Decimal)) and not isinstance(value, bool):
        return format_value(value, "", provider)
    return to_string(value)


@CONVERT.static(
    "System.Object ChangeType(System.Object value, type conversionType)",
    "System.Object ChangeType(System.Object value, type conversionType, System.IFormatProvider provider)",
    "System.Object ChangeType(System.Object value, System.TypeCode typeCode)",
    "System.Object ChangeType(System.Object value, System.TypeCode typeCode, System.IFormatProvider provider)",
)
def _change_type(value: Any, wanted: Any, provider: Any = None) -> Any:
    kind = wanted if isinstance(wanted, NetType) else net_type(f"System.{to_string(wanted)}")
    if value is None:
        if kind.is_value_type:
            raise net_error("System.InvalidCastException", "Null object cannot be converted to a value type.")
        return None
    if kind.full_name in RANGES:
        return _to_integer(kind.full_name, value)
    changers = {
        "System.Double": _to_double,
        "System.Decimal": _to_decimal,
        "System.Boolean": _to_boolean,
        "System.Char": _to_char,
        "System.DateTime": _to_datetime,
        "System.String": _to_text,
    }
    if kind.full_name in changers:
        return changers[kind.full_name](value)
    if kind.is_instance(value):
        return value
    raise net_error(
        "System.InvalidCastException", f"Invalid cast from '{type_of(value).full_name}' to '{kind.full_name}'."
    )


@CONVERT.static("bool IsDBNull(System.Object value)")
def _is_db_null(value: Any) -> bool:
    from .objects import DBNull

    return isinstance(value, DBNull)


@CONVERT.static("System.TypeCode GetTypeCode(System.Object value)")
def _type_code(value: Any) -> Any:
    from ..values.types import type_of
    from .objects import _type_code as code

    return code(type_of(value))


# -- Base64 and hexadecimal

BASE64_PROBLEM = (
    "The input is not a valid Base-64 string as it contains a non-base 64 character, more than two padding characters, "
    "or an illegal character among the padding characters."
)
BASE64_LINE = 76


@CONVERT.static(
    "string ToBase64String(byte[] inArray)",
    "string ToBase64String(byte[] inArray, System.Base64FormattingOptions options)",
)
def _to_base64(data: Any, options: Any = 0) -> str:
    if data is None:
        raise argument_null("inArray")
    text = base64.b64encode(to_bytes(data)).decode()
    if int(options):
        return "\r\n".join(text[at : at + BASE64_LINE] for at in range(0, len(text), BASE64_LINE))
    return text


CONVERT.static("string ToBase64String(byte[] inArray, int offset, int length)")(
    lambda data, start, length: _to_base64(data[start : start + length])
)


@CONVERT.static("byte[] FromBase64String(string s)")
def _from_base64(text: str | None) -> PSList:
    if text is None:
        raise argument_null("s")
    word = re.sub(r"[ \t\r\n]", "", text)
    try:
        return byte_list(base64.b64decode(word, validate=True))
    except (binascii.Error, ValueError):
        raise net_error("System.FormatException", BASE64_PROBLEM) from None


CONVERT.static("string ToHexString(byte[] inArray)")(lambda data: to_bytes(data).hex().upper())
CONVERT.static("string ToHexStringLower(byte[] inArray)")(lambda data: to_bytes(data).hex())


@CONVERT.static("byte[] FromHexString(string s)")
def _from_hex(text: str | None) -> PSList:
    if text is None:
        raise argument_null("s")
    if len(text) % 2:
        raise net_error(
            "System.FormatException", "The input is not a valid hex string as its length is not a multiple of 2."
        )
    if not re.fullmatch("[0-9a-fA-F]*", text):
        raise net_error(
            "System.FormatException", "The input is not a valid hex string as it contains a non-hex character."
        )
    return byte_list(bytes.fromhex(text))


# -- BitConverter

BITS = declare("System.BitConverter")
BITS.constant("bool IsLittleEndian", True)
_LAYOUTS = {
    "Boolean": ("bool", "?"), "Char": ("char", "H"), "Int16": ("short", "h"), "UInt16": ("ushort", "H"),
    "Int32": ("int", "i"), "UInt32": ("uint", "I"), "Int64": ("long", "q"), "UInt64": ("ulong", "Q"),
    "Single": ("float", "f"),
    "Double": ("double", "d"),
}  # fmt: skip


def _declare_layout(name: str, short: str, code: str) -> None:
    kind = resolve_type(short)
    assert kind is not None

    def pack(value: Any) -> PSList:
        return byte_list(struct.pack("<" + code, ord(value) if name == "Char" else value))

    def unpack(data: Any, start: int) -> Any:
        raw = to_bytes(data)[start : start + struct.calcsize("<" + code)]
        if len(raw) < struct.calcsize("<" + code):
            raise net_error(
                "System.ArgumentException",
                "Destination array is not long enough to copy all the items in the collection. Check array index and "
                "length.",
                param="value",
            )
        return convert(struct.unpack("<" + code, raw)[0], kind)

    BITS.static(f"byte[] GetBytes({short} value)")(pack)
    BITS.static(f"{short} To{name}(byte[] value, int startIndex)")(unpack)


for _short, (_kind, _code) in _LAYOUTS.items():
    _declare_layout(_short, _kind, _code)
BITS.static("string ToString(byte[] value)")(lambda data: "-".join(f"{byte:02X}" for byte in to_bytes(data)))
BITS.static(
    "string ToString(byte[] value, int startIndex)", "string ToString(byte[] value, int startIndex, int length)"
)(
    lambda data, start, length=None: "-".join(
        f"{byte:02X}" for byte in to_bytes(data)[start : None if length is None else start + length]
    )
)
BITS.static("int SingleToInt32Bits(float value)")(lambda value: struct.unpack("<i", struct.pack("<f", value))[0])
BITS.static("float Int32BitsToSingle(int value)")(
    lambda value: to_single(struct.unpack("<f", struct.pack("<i", value))[0])
)
BITS.static("long DoubleToInt64Bits(double value)")(
    lambda value: convert(struct.unpack("<q", struct.pack("<d", value))[0], "System.Int64")
)
BITS.static("double Int64BitsToDouble(long value)")(lambda value: struct.unpack("<d", struct.pack("<q", value))[0])
