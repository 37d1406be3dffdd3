"""Conversions to numbers, and what a string in arithmetic means."""

from __future__ import annotations

import decimal
import math
import re
from collections.abc import Callable
from typing import Any

from ...psobject import BigInteger, Byte, Char, Int16, Int64, SByte, Single, UInt16, UInt32, UInt64
from .value import SwitchParameter

Converter = Callable[[Any], Any]


class Refused(Exception):
    """A converter's no. ``reason`` is the inner message; empty when there is simply no way between the types."""

    def __init__(self, reason: str = "", fqid: str = "", inner: str = "System.FormatException") -> None:
        super().__init__(reason)
        self.reason = reason
        self.fqid = fqid
        self.inner = inner


RANGES: dict[str, tuple[int, int, Callable[[int], int], str]] = {
    "System.Int32": (-(2**31), 2**31 - 1, int, "an Int32"),
    "System.Int64": (-(2**63), 2**63 - 1, Int64, "an Int64"),
    "System.Int16": (-(2**15), 2**15 - 1, Int16, "an Int16"),
    "System.SByte": (-128, 127, SByte, "a signed byte"),
    "System.Byte": (0, 255, Byte, "an unsigned byte"),
    "System.UInt16": (0, 2**16 - 1, UInt16, "a UInt16"),
    "System.UInt32": (0, 2**32 - 1, UInt32, "a UInt32"),
    "System.UInt64": (0, 2**64 - 1, UInt64, "a UInt64"),
}
_INTEGER_TEXT = re.compile(r"[+-]?\d+\Z")
_HEX_TEXT = re.compile(r"([+-]?)(?:0[xX]|#|&[hH])([0-9a-fA-F]+)\Z")
_FLOAT_TEXT = re.compile(r"[+-]?(\d[\d,]*\.?\d*|\.\d+)([eE][+-]?\d+)?\Z")
_MULTIPLIERS = {"kb": 2**10, "mb": 2**20, "gb": 2**30, "tb": 2**40, "pb": 2**50}


def _not_a_number(text: str) -> Refused:
    return Refused(f"The input string '{text}' was not in a correct format.", "InvalidCastFromStringToInteger")


def integer_converter(full_name: str) -> Converter:
    low, high, make, words = RANGES[full_name]
    bits = high.bit_length() + (1 if low else 0)

    def fit(number: int) -> Any:
        if low <= number <= high:
            return make(number)
        raise Refused(
            f"Value was either too large or too small for {words}.",
            "InvalidCastIConvertible",
            "System.OverflowException",
        )

    def from_text(text: str) -> Any:
        word = text.strip()
        if not word:
            return make(0)
        if _INTEGER_TEXT.match(word):
            return fit(int(word))
        found = _HEX_TEXT.match(word)
        if found:
            number = int(found[2], 16)
            if low and number > high and number < 1 << bits:
                number -= 1 << bits
            return fit(-number if found[1] == "-" else number)
        if _FLOAT_TEXT.match(word):
            return fit(round(decimal.Decimal(word.replace(",", ""))))
        raise _not_a_number(text)

    def to_integer(value: Any) -> Any:
        if isinstance(value, bool):
            return make(int(value))
        if isinstance(value, int):
            return fit(int(value))
        if isinstance(value, float):
            if math.isnan(value) or math.isinf(value):
                return fit(1 << 80)
            return fit(round(value))
        if isinstance(value, decimal.Decimal):
            return fit(int(value.to_integral_value(decimal.ROUND_HALF_EVEN)))
        if type(value) is Char:
            return fit(ord(value))
        if isinstance(value, str):
            return from_text(value)
        if value is None:
            return make(0)
        if isinstance(value, SwitchParameter):
            return make(int(bool(value)))
        raise Refused

    return to_integer


def parse_double(text: str) -> float:
    word = text.strip()
    if not word:
        return 0.0
    if _FLOAT_TEXT.match(word):
        return float(word.replace(",", ""))
    found = _HEX_TEXT.match(word)
    if found:
        return float(int(found[1] + found[2], 16))
    known = {"infinity": math.inf, "-infinity": -math.inf, "nan": math.nan, "∞": math.inf, "-∞": -math.inf}
    if word.lower() in known:
        return known[word.lower()]
    raise Refused(f"The input string '{text}' was not in a correct format.", "InvalidCastFromStringToDoubleOrSingle")


def to_double(value: Any) -> float:
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, decimal.Decimal):
        return float(value)
    if type(value) is Char:
        raise Refused
    if isinstance(value, str):
        return parse_double(value)
    if value is None:
        return 0.0
    raise Refused


def to_single(value: float) -> Single:
    """Rounded to 32 bits, as a Single is."""
    import struct

    try:
        return Single(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return Single(math.copysign(math.inf, value))


def convert_to_single(value: Any) -> Single:
    return to_single(to_double(value))


DECIMAL_MAX = decimal.Decimal("79228162514264337593543950335")
DECIMAL_CONTEXT = decimal.Context(prec=29, rounding=decimal.ROUND_HALF_EVEN)


def fit_decimal(value: decimal.Decimal) -> decimal.Decimal:
    """A result as Decimal can hold it: 96 bits, at most 28 places."""
    if value.is_nan() or value.is_infinite() or abs(value) > DECIMAL_MAX:
        raise Refused(
            "Value was either too large or too small for a Decimal.", "OverflowException", "System.OverflowException"
        )
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int):
        if exponent > 0:
            value = value.quantize(decimal.Decimal(1), context=decimal.Context(prec=60))
        elif exponent < -28:
            value = value.quantize(decimal.Decimal((0, (1,), -28)), context=decimal.Context(prec=60))
        digits = value.as_tuple().digits
        while len(digits) > 29 or (len(digits) == 29 and int("".join(map(str, digits))) > int(DECIMAL_MAX)):
            value = value.quantize(
                decimal.Decimal((0, (1,), int(value.as_tuple().exponent) + 1)), context=decimal.Context(prec=60)
            )
            digits = value.as_tuple().digits
    return value


def without_zeros(value: decimal.Decimal) -> decimal.Decimal:
    """A cast string loses its last zeros: [decimal]'3.1400' is 3.14."""
    plain = value.normalize()
    exponent = plain.as_tuple().exponent
    return plain.quantize(decimal.Decimal(1)) if isinstance(exponent, int) and exponent > 0 else plain


def to_decimal(value: Any) -> decimal.Decimal:
    if isinstance(value, bool):
        return decimal.Decimal(int(value))
    if isinstance(value, int):
        return fit_decimal(decimal.Decimal(int(value)))
    if isinstance(value, float):
        digits = 7 if type(value) is Single else 15
        if math.isnan(value) or math.isinf(value):
            fit_decimal(decimal.Decimal(value))
        plain = decimal.Decimal(f"{value:.{digits}g}")
        return fit_decimal(decimal.Decimal(format(plain.normalize(), "f")))
    if type(value) is Char:
        raise Refused
    if isinstance(value, str):
        word = value.strip().replace(",", "")
        if not word:
            return decimal.Decimal(0)
        if not _FLOAT_TEXT.match(word):
            found = _HEX_TEXT.match(word)
            if found:
                return decimal.Decimal(int(found[1] + found[2], 16))
            raise Refused(f"The input string '{value}' was not in a correct format.", "InvalidCastFromStringToDecimal")
        return without_zeros(fit_decimal(decimal.Decimal(word)))
    if value is None:
        return decimal.Decimal(0)
    raise Refused


def to_bigint(value: Any) -> BigInteger:
    if isinstance(value, float) and not math.isfinite(value):
        raise Refused(
            "The value is not a number." if math.isnan(value) else "BigInteger cannot represent infinity.",
            "InvalidCastTargetInvocationException",
            "System.OverflowException",
        )
    if isinstance(value, (int, float, decimal.Decimal)):
        return BigInteger(int(value))
    if isinstance(value, str) and type(value) is not Char:
        word = value.strip()
        if _INTEGER_TEXT.match(word):
            number = int(word)
            # beyond Decimal the text is read as a Double first, as PowerShell's own number scanner does
            return BigInteger(number if abs(number) <= DECIMAL_MAX else int(float(number)))
        if _HEX_TEXT.match(word):
            number = int(word[2:], 16)
            return BigInteger(number)
        if _FLOAT_TEXT.match(word):
            return BigInteger(int(decimal.Decimal(word)))
        raise _not_a_number(value)
    if value is None:
        return BigInteger(0)
    raise Refused


def parse_number(text: str) -> Any:
    """A string in arithmetic becomes what the same text would be as a literal (hex, multipliers, exponents)."""
    word = text.strip()
    if not word:
        return 0
    multiplier = _MULTIPLIERS.get(word[-2:].lower())
    if multiplier:
        word = word[:-2]
    if _INTEGER_TEXT.match(word):
        return narrowest(int(word) * (multiplier or 1))
    if _HEX_TEXT.match(word):
        from .conversions import convert

        return narrowest(convert(word, "System.Int64"))
    if _FLOAT_TEXT.match(word):
        return float(word.replace(",", "")) * (multiplier or 1)
    if word[-1:].lower() in "dl" and _FLOAT_TEXT.match(word[:-1]):
        return decimal.Decimal(word[:-1]) if word[-1] in "dD" else Int64(int(word[:-1]))
    from .conversions import convert

    return convert(text, "System.Int32")


def narrowest(number: int) -> Any:
    """Int32 if it fits, then Int64, then Decimal, then Double: the type of a literal."""
    if -(2**31) <= number < 2**31:
        return int(number)
    if -(2**63) <= number < 2**63:
        return Int64(number)
    return decimal.Decimal(number) if abs(number) <= DECIMAL_MAX else float(number)
