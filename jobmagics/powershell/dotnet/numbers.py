"""The number types and Boolean: Parse, TryParse, limits, ToString, and the statics that generic math gave them."""

from __future__ import annotations

import decimal
import math
import re
from collections.abc import Callable
from typing import Any

from ...psobject import BigInteger
from ..values.conversions import DECIMAL_MAX, RANGES, Refused, fit_decimal, to_single
from ..values.formats import BadFormat, format_value, number_symbols
from .compare import compare_same
from .convertible import declare_convertible
from .generic_math import declare_integer_math, declare_real_math
from .table import Members, Thrown, argument_null, declare, net_error

SHORT = {
    "System.Int32": "int",
    "System.Int64": "long",
    "System.Int16": "short",
    "System.UInt16": "ushort",
    "System.UInt32": "uint",
    "System.UInt64": "ulong",
    "System.Byte": "byte",
    "System.SByte": "sbyte",
    "System.Double": "double",
    "System.Single": "float",
    "System.Decimal": "decimal",
    "System.Numerics.BigInteger": "bigint",
}
STYLES = "System.Globalization.NumberStyles style"
PROVIDER = "System.IFormatProvider provider"


def bad_number(text: str) -> Thrown:
    return net_error("System.FormatException", f"The input string '{text}' was not in a correct format.")


def overflow(words: str) -> Thrown:
    return net_error("System.OverflowException", f"Value was either too large or too small for {words}.")


def read_text(text: str | None, style: Any, provider: Any, default: int) -> tuple[str, int]:
    """The digits of a number text (invariant, signs resolved) and the styles it was read with."""
    if text is None:
        raise argument_null("s")
    flags = default
    if style is not None and hasattr(style, "ps_enum_value"):
        flags = int(style)
    symbols = number_symbols(provider if provider is not None else (style if flags == default else None))
    word = text.strip(" \t\n\v\f\r\0")
    if flags & 512 or flags & 1024:
        return word, flags
    negative = False
    if flags & 16 and word[:1] == "(" and word[-1:] == ")":
        word, negative = word[1:-1], True
    if flags & 256:
        word = word.replace(symbols.currency_symbol, "").strip()
    if flags & 8 and word[-1:] in "+-" and len(word) > 1:
        word = word[-1] + word[:-1]
    if symbols.group_separator and flags & 64:
        word = word.replace(symbols.group_separator, "")
    if symbols.decimal_separator != ".":
        if "." in word:
            raise bad_number(text)
        word = word.replace(symbols.decimal_separator, ".")
    pattern = r"[+-]?" + (r"(\d+\.?\d*|\.\d+)" if flags & 32 else r"\d+") + (r"([eE][+-]?\d+)?" if flags & 128 else "")
    if not re.fullmatch(pattern, word):
        raise bad_number(text)
    return ("-" + word.lstrip("+-") if negative else word), flags


def parse_integer(full_name: str, text: str | None, style: Any = None, provider: Any = None) -> Any:
    low, high, make, words = RANGES[full_name]
    word, flags = read_text(text, style, provider, 7)
    if flags & 512 or flags & 1024:
        base = 16 if flags & 512 else 2
        if not re.fullmatch(r"[0-9a-fA-F]+" if base == 16 else r"[01]+", word):
            raise bad_number(text or "")
        number = int(word, base)
        bits = high.bit_length() + (1 if low else 0)
        if number >> bits:
            raise overflow(words)
        return make(number - (1 << bits) if low and number > high else number)
    value = decimal.Decimal(word)
    if value != value.to_integral_value():
        raise overflow(words)
    number = int(value)
    if not low <= number <= high:
        raise overflow(words)
    return make(number)


def parse_real(text: str | None, style: Any = None, provider: Any = None) -> float:
    if text is not None:
        folded = text.strip().lower()
        known = {"nan": math.nan, "infinity": math.inf, "-infinity": -math.inf, "∞": math.inf, "-∞": -math.inf}
        if folded in known:
            return known[folded]
    word, _ = read_text(text, style, provider, 231)
    return float(word)


def parse_decimal(text: str | None, style: Any = None, provider: Any = None) -> decimal.Decimal:
    word, _ = read_text(text, style, provider, 111)
    try:
        return fit_decimal(decimal.Decimal(word))
    except Refused as refused:
        raise net_error("System.OverflowException", refused.reason) from None


def parse_big(text: str | None, style: Any = None, provider: Any = None) -> BigInteger:
    word, flags = read_text(text, style, provider, 7)
    if flags & 512:
        number = int(word, 16)
        return BigInteger(number - (1 << 4 * len(word)) if word[0] in "89abcdefABCDEF" else number)
    return BigInteger(int(decimal.Decimal(word)))


def number_text(value: Any, *rest: Any) -> str:
    """ToString(), ToString(format), ToString(provider), ToString(format, provider)."""
    spec = next((part for part in rest if isinstance(part, str)), "")
    culture = next((part for part in rest if part is not None and not isinstance(part, str)), None)
    try:
        return format_value(value, spec, culture)
    except BadFormat as bad:
        raise net_error("System.FormatException", bad.message) from None


def _declare_common(table: Members, short: str, parse: Callable[..., Any], zero: Any) -> None:
    table.static(
        f"{short} Parse(string s)",
        f"{short} Parse(string s, {STYLES})",
        f"{short} Parse(string s, {PROVIDER})",
        f"{short} Parse(string s, {STYLES}, {PROVIDER})",
    )(parse)

    def try_parse(text: str | None, *rest: Any) -> bool:
        result = rest[-1]
        try:
            result.value = parse(text, *rest[:-1])
        except Thrown:
            result.value = zero
            return False
        return True

    table.static(
        f"bool TryParse(string s, [ref] {short} result)",
        f"bool TryParse(string s, {PROVIDER}, [ref] {short} result)",
        f"bool TryParse(string s, {STYLES}, {PROVIDER}, [ref] {short} result)",
    )(try_parse)
    table.method(
        "string ToString()",
        "string ToString(string format)",
        f"string ToString({PROVIDER})",
        f"string ToString(string format, {PROVIDER})",
    )(number_text)
    table.method("int CompareTo(System.Object value)", f"int CompareTo({short} value)")(compare_same)
    table.method("bool Equals(System.Object obj)", f"bool Equals({short} obj)")(_equals)
    if short != "bigint":
        table.method("System.TypeCode GetTypeCode()")(_type_code)
        declare_convertible(table)
    table.static(f"{short} Max({short} x, {short} y)")(max)
    table.static(f"{short} Min({short} x, {short} y)")(min)
    table.static(f"{short} Clamp({short} value, {short} min, {short} max)")(
        lambda value, low, high: min(max(value, low), high)
    )
    table.static(f"{short} Abs({short} value)")(lambda value: type(value)(abs(value)))
    table.static(f"int Sign({short} value)")(lambda value: (value > 0) - (value < 0))
    table.static(f"bool IsNegative({short} value)")(lambda value: value < 0)
    table.static(f"bool IsPositive({short} value)")(lambda value: value >= 0)


def _equals(value: Any, other: Any) -> bool:
    if isinstance(value, float) and math.isnan(value):
        return isinstance(other, float) and math.isnan(other)
    return type(value) is type(other) and bool(value == other)


def _type_code(value: Any) -> Any:
    from ..values.types import type_of
    from .enums import enum_value

    return enum_value("System.TypeCode", type_of(value).name)


def _declare_integer(full_name: str) -> None:
    low, high, make, _ = RANGES[full_name]
    short = SHORT[full_name]
    table = declare(full_name)
    table.constant(f"{short} MaxValue", make(high))
    table.constant(f"{short} MinValue", make(low))
    _declare_common(
        table, short, lambda text, style=None, provider=None: parse_integer(full_name, text, style, provider), make(0)
    )
    table.static(f"bool IsEvenInteger({short} value)")(lambda value: value % 2 == 0)
    table.static(f"bool IsOddInteger({short} value)")(lambda value: value % 2 == 1)
    table.static(f"bool IsPow2({short} value)")(lambda value: value > 0 and value & (value - 1) == 0)
    bits = high.bit_length() + (1 if low else 0)
    declare_integer_math(table, short, make, high.bit_length() + (1 if low else 0), bool(low))
    table.static(f"{short} PopCount({short} value)")(lambda value: make((int(value) & ((1 << bits) - 1)).bit_count()))
    table.static(f"{short} Log2({short} value)")(lambda value: make(int(value).bit_length() - 1))
    table.static(f"{short} LeadingZeroCount({short} value)")(
        lambda value: make(bits - (int(value) & ((1 << bits) - 1)).bit_length())
    )


for _name in RANGES:
    _declare_integer(_name)


def _declare_real(
    full_name: str, make: Callable[[float], float], largest: float, smallest: float, epsilon: float
) -> None:
    short = SHORT[full_name]
    table = declare(full_name)
    table.constant(f"{short} MaxValue", make(largest))
    table.constant(f"{short} MinValue", make(smallest))
    table.constant(f"{short} Epsilon", make(epsilon))
    table.constant(f"{short} NaN", make(math.nan))
    table.constant(f"{short} PositiveInfinity", make(math.inf))
    table.constant(f"{short} NegativeInfinity", make(-math.inf))
    table.constant(f"{short} Pi", make(math.pi))
    table.constant(f"{short} E", make(math.e))
    _declare_common(
        table, short, lambda text, style=None, provider=None: make(parse_real(text, style, provider)), make(0.0)
    )
    declare_real_math(table, short, make)
    table.static(f"bool IsNaN({short} d)")(math.isnan)
    table.static(f"bool IsInfinity({short} d)")(math.isinf)
    table.static(f"bool IsFinite({short} d)")(math.isfinite)
    table.static(f"bool IsPositiveInfinity({short} d)")(lambda value: value == math.inf)
    table.static(f"bool IsNegativeInfinity({short} d)")(lambda value: value == -math.inf)
    table.static(f"bool IsInteger({short} value)")(lambda value: math.isfinite(value) and value == math.floor(value))


_declare_real("System.Double", float, 1.7976931348623157e308, -1.7976931348623157e308, 5e-324)
_declare_real("System.Single", to_single, 3.4028234663852886e38, -3.4028234663852886e38, 1.401298464324817e-45)


# -- Decimal

DECIMAL = declare("System.Decimal")
DECIMAL.constant("decimal MaxValue", DECIMAL_MAX)
DECIMAL.constant("decimal MinValue", -DECIMAL_MAX)
DECIMAL.constant("decimal Zero", decimal.Decimal(0))
DECIMAL.constant("decimal One", decimal.Decimal(1))
DECIMAL.constant("decimal MinusOne", decimal.Decimal(-1))
_declare_common(DECIMAL, "decimal", parse_decimal, decimal.Decimal(0))


@DECIMAL.static(
    "decimal Round(decimal d)",
    "decimal Round(decimal d, int decimals)",
    "decimal Round(decimal d, System.MidpointRounding mode)",
    "decimal Round(decimal d, int decimals, System.MidpointRounding mode)",
)
def _round(value: decimal.Decimal, *rest: Any) -> decimal.Decimal:
    from .math import round_decimal

    return round_decimal(value, *rest)


def _integral(how: str) -> Callable[[decimal.Decimal], decimal.Decimal]:
    return lambda value: value.to_integral_value(how)


DECIMAL.static("decimal Floor(decimal d)")(_integral(decimal.ROUND_FLOOR))
DECIMAL.static("decimal Ceiling(decimal d)")(_integral(decimal.ROUND_CEILING))
DECIMAL.static("decimal Truncate(decimal d)")(_integral(decimal.ROUND_DOWN))
DECIMAL.static("decimal Add(decimal d1, decimal d2)")(lambda a, b: fit_decimal(a + b))
DECIMAL.static("decimal Subtract(decimal d1, decimal d2)")(lambda a, b: fit_decimal(a - b))
DECIMAL.static("decimal Multiply(decimal d1, decimal d2)")(lambda a, b: fit_decimal(a * b))
DECIMAL.static("decimal Negate(decimal d)")(lambda a: -a)
DECIMAL.static("int Compare(decimal d1, decimal d2)")(lambda a, b: (a > b) - (a < b))


@DECIMAL.static("decimal Divide(decimal d1, decimal d2)")
def _divide(a: decimal.Decimal, b: decimal.Decimal) -> Any:
    from ..values.operators import divide

    if not b:
        raise net_error("System.DivideByZeroException", "Attempted to divide by zero.")
    return divide(a, b)


@DECIMAL.static("decimal Remainder(decimal d1, decimal d2)")
def _remainder(a: decimal.Decimal, b: decimal.Decimal) -> Any:
    from ..values.operators import remainder

    if not b:
        raise net_error("System.DivideByZeroException", "Attempted to divide by zero.")
    return remainder(a, b)


def _declare_decimal_to(kind: str) -> None:
    low, high, make, words = RANGES[kind]
    name = "d" if kind.endswith(("32", "64")) else "value"

    @DECIMAL.static(f"{SHORT[kind]} To{kind.partition('.')[2]}(decimal {name})")
    def give(value: decimal.Decimal) -> int:
        whole = int(value)  # toward zero, where [Convert] rounds
        if not low <= whole <= high:
            raise overflow(words)
        return make(whole)


for _kind in RANGES:
    _declare_decimal_to(_kind)
DECIMAL.static("double ToDouble(decimal d)")(float)
DECIMAL.static("float ToSingle(decimal d)")(lambda value: to_single(float(value)))


@DECIMAL.static("int[] GetBits(decimal d)")
def _bits(value: decimal.Decimal) -> list[int]:
    sign, digits, exponent = value.as_tuple()
    number = int("".join(map(str, digits)))
    assert isinstance(exponent, int)
    words = [
        number & 0xFFFFFFFF,
        number >> 32 & 0xFFFFFFFF,
        number >> 64,
        (-exponent << 16) | (0x80000000 if sign else 0),
    ]
    return [word - (1 << 32) if word >> 31 else word for word in words]


# -- BigInteger

BIG = declare("System.Numerics.BigInteger")
BIG.constant("bigint Zero", BigInteger(0))
BIG.constant("bigint One", BigInteger(1))
BIG.constant("bigint MinusOne", BigInteger(-1))
_declare_common(BIG, "bigint", parse_big, BigInteger(0))
BIG.constructor("bigint(int value)", "bigint(long value)", "bigint(double value)", "bigint(decimal value)")(
    lambda kind, value: BigInteger(int(value))
)
BIG.constructor("bigint(byte[] value)")(
    lambda kind, data: BigInteger(int.from_bytes(bytes(data), "little", signed=True))
)
BIG.property("bool IsZero", lambda value: value == 0)
BIG.property("bool IsOne", lambda value: value == 1)
BIG.property("bool IsEven", lambda value: value % 2 == 0)
BIG.property("bool IsPowerOfTwo", lambda value: value > 0 and value & (value - 1) == 0)
BIG.property("int Sign", lambda value: (value > 0) - (value < 0))
_TWO = "bigint left, bigint right"
BIG.static(f"bigint Add({_TWO})")(lambda a, b: BigInteger(a + b))
BIG.static(f"bigint Subtract({_TWO})")(lambda a, b: BigInteger(a - b))
BIG.static(f"bigint Multiply({_TWO})")(lambda a, b: BigInteger(a * b))
BIG.static("bigint Negate(bigint value)")(lambda a: BigInteger(-a))
BIG.static(f"bigint GreatestCommonDivisor({_TWO})")(lambda a, b: BigInteger(math.gcd(a, b)))
BIG.static(f"int Compare({_TWO})")(lambda a, b: (a > b) - (a < b))
BIG.static("double Log(bigint value)", "double Log(bigint value, double baseValue)")(
    lambda a, base=math.e: _logarithm(a, base)
)
BIG.static("double Log10(bigint value)")(lambda a: _logarithm(a, 10))
MAX_POWER_BITS = 1 << 22


def _logarithm(value: int, base: float) -> float:
    """As IEEE has it where there is none."""
    if value < 0 or math.isnan(base) or base < 0 or base == 1:
        return math.nan
    if value == 0 or base == 0:
        return -math.inf if base > 1 else math.nan if value == base else math.inf if value == 0 else 0.0
    return math.log10(value) if base == 10 else math.log(value) / math.log(base)


def _quotient(a: int, b: int) -> tuple[BigInteger, BigInteger]:
    if not b:
        raise net_error("System.DivideByZeroException", "Attempted to divide by zero.")
    quotient = abs(a) // abs(b)
    quotient = quotient if (a < 0) == (b < 0) else -quotient
    return BigInteger(quotient), BigInteger(a - b * quotient)


BIG.static("bigint Divide(bigint dividend, bigint divisor)")(lambda a, b: _quotient(a, b)[0])
BIG.static("bigint Remainder(bigint dividend, bigint divisor)")(lambda a, b: _quotient(a, b)[1])


@BIG.static("bigint DivRem(bigint dividend, bigint divisor, [ref] bigint remainder)")
def _divrem(a: int, b: int, remainder: Any) -> BigInteger:
    quotient, remainder.value = _quotient(a, b)
    return quotient


@BIG.static("bigint Pow(bigint value, int exponent)")
def _pow(value: int, exponent: int) -> BigInteger:
    if exponent < 0:
        raise net_error(
            "System.ArgumentOutOfRangeException", "The number must be greater than or equal to zero.", param="exponent"
        )
    if value.bit_length() * exponent > MAX_POWER_BITS:
        raise net_error("System.OutOfMemoryException", "Insufficient memory to continue the execution of the program.")
    base, result = int(value), 1
    for bit in bin(exponent)[2:]:  # not in one step: a stop comes in between
        result = result * result * base if bit == "1" else result * result
    return BigInteger(result)


@BIG.static("bigint ModPow(bigint value, bigint exponent, bigint modulus)")
def _modpow(value: int, exponent: int, modulus: int) -> BigInteger:
    if not modulus:
        raise net_error("System.DivideByZeroException", "Attempted to divide by zero.")
    result = pow(abs(int(value)), int(exponent), abs(int(modulus)))
    return BigInteger(-result if value < 0 and exponent % 2 else result)


@BIG.method("byte[] ToByteArray()")
def _to_bytes(value: int) -> Any:
    from .bytes import byte_list

    return byte_list(int(value).to_bytes(value.bit_length() // 8 + 1, "little", signed=True))


# -- Boolean

BOOL = declare("System.Boolean")
BOOL.constant("string TrueString", "True")
BOOL.constant("string FalseString", "False")


@BOOL.static("bool Parse(string value)")
def _parse_bool(text: str | None) -> bool:
    if text is None:
        raise argument_null("value")
    word = text.strip(" \t\n\v\f\r\0").lower()
    if word not in ("true", "false"):
        raise net_error("System.FormatException", f"String '{text}' was not recognized as a valid Boolean.")
    return word == "true"


@BOOL.static("bool TryParse(string value, [ref] bool result)")
def _try_bool(text: str | None, result: Any) -> bool:
    word = (text or "").strip().lower()
    result.value = word == "true"
    return word in ("true", "false")


BOOL.method("string ToString()", f"string ToString({PROVIDER})")(
    lambda value, provider=None: "True" if value else "False"
)
BOOL.method("int CompareTo(System.Object obj)", "int CompareTo(bool value)")(compare_same)
BOOL.method("bool Equals(System.Object obj)")(lambda value, other: isinstance(other, bool) and value == other)
BOOL.method("System.TypeCode GetTypeCode()")(_type_code)
declare_convertible(BOOL)
