"""Arithmetic and bits, with PowerShell's rules for mixed types.

The compiler tries two ``int`` itself before it calls anything here. Types are widened as PowerShell does (Int32 to
Int64 or Double, Decimal above Double); what overflows an integer type becomes a Double.
"""

from __future__ import annotations

import datetime
import decimal
import math
from typing import Any

from ...psobject import (
    BigInteger,
    Char,
    DateTime,
    Hashtable,
    Int64,
    OrderedDictionary,
    PSList,
    Single,
    TimeSpan,
    UInt32,
    UInt64,
)
from ..memory import (
    BYTES_OF_ITEM,
    LARGE_BYTES,
    LARGE_ITEMS,
    require,
)
from ..records import NetException, ScriptError, error
from .conversions import MAX_DATE_TICKS, Refused, convert, fit_decimal, output_separator, parse_number, to_single
from .types import type_of
from .value import NOTHING, SwitchParameter, enumerate_value, is_enumerable, to_string, unwrap

INT_MIN, INT_MAX = -(2**31), 2**31 - 1
LONG_MIN, LONG_MAX = -(2**63), 2**63 - 1
# the TypeCode order that decides which of two numeric types wins
_RANK: dict[Any, int] = {
    int: 9,
    bool: 9,
    UInt32: 10,
    Int64: 11,
    UInt64: 12,
    Single: 13,
    float: 14,
    decimal.Decimal: 15,
    BigInteger: 20,
}
MAX_REPEATED = 1 << 28  # characters or elements one `*` may make


def _rank(value: Any) -> int:
    kind = type(value)
    found = _RANK.get(kind)
    if found is not None:
        return found
    return 9 if isinstance(value, int) else 0


def _plain(value: Any) -> Any:
    if value is None or value is NOTHING:
        return 0
    kind = type(value)
    if kind in _RANK:
        return value
    if kind is SwitchParameter:
        return int(bool(value))
    return unwrap(value)


def as_number(value: Any) -> Any:
    """The operand as a number; a string is read as a literal would be. None when it is no number at all."""
    value = _plain(value)
    if isinstance(value, (int, float, decimal.Decimal)):
        return value
    if type(value) is Char:
        return ord(value)
    if isinstance(value, str):
        return parse_number(value)
    return None


def _integer(value: int, rank: int) -> Any:
    """An integer result in its type, or a Double where it does not fit."""
    if rank == 9:
        return value if INT_MIN <= value <= INT_MAX else float(value)
    if rank == 10:
        return UInt32(value) if 0 <= value < 1 << 32 else float(value)
    if rank == 11:
        return Int64(value) if LONG_MIN <= value <= LONG_MAX else float(value)
    if rank == 12:
        return UInt64(value) if 0 <= value < 1 << 64 else float(value)
    return BigInteger(value)


def _common(a: Any, b: Any) -> int:
    rank = max(_rank(a), _rank(b))
    if rank in (10, 12) and (min(int(a), int(b)) < 0 and _rank(a) < 13 and _rank(b) < 13):
        return 11 if rank == 10 else 14
    return rank


def _decimals(a: Any, b: Any) -> tuple[decimal.Decimal, decimal.Decimal]:
    return convert(a, "System.Decimal"), convert(b, "System.Decimal")


def runtime_error(
    message: str, fqid: str = "RuntimeException", category: str = "NotSpecified", inner: str = ""
) -> ScriptError:
    cause = NetException(message, net_type=inner) if inner else None
    return error(message, fqid, category, inner=cause)


def plain_error(message: str, net_type: str) -> ScriptError:
    """What PowerShell makes of a .NET exception that no code of its own wraps."""
    return error(message, net_type, "OperationStopped", net_type=net_type)


def divide_by_zero() -> ScriptError:
    return runtime_error("Attempted to divide by zero.", inner="System.DivideByZeroException")


def _decimal_result(value: decimal.Decimal) -> decimal.Decimal:
    try:
        return fit_decimal(value)
    except Refused as refused:
        raise runtime_error(refused.reason, inner="System.OverflowException") from None


def method_missing(value: Any, name: str) -> ScriptError:
    return error(
        f"Method invocation failed because [{type_of(value).ps_to_string()}] does not contain a method named '{name}'.",
        "MethodNotFound",
        "InvalidOperation",
        target=name,
    )


def user_operator(name: str, a: Any, b: Any) -> tuple[Any] | None:
    """A class's own ``static [T] op_Addition(...)``, or a .NET type's."""
    for value in (a, b):
        call = getattr(type(value), "ps_operator", None)
        if call is not None:
            found: tuple[Any] | None = call(name, a, b)
            if found is not None:
                return found
    return None


# -- + - * / %


def add(a: Any, b: Any) -> Any:
    kind = type(a)
    if kind is str:
        require_text(a)
        return a + (b if type(b) is str else text_of(b))
    if kind is int and type(b) is int:
        total = a + b
        return total if INT_MIN <= total <= INT_MAX else float(total)
    if kind is float and (type(b) is float or type(b) is int):
        return a + b
    if a is None or a is NOTHING:
        return _add_to_null(b)
    a, b = unwrap(a), unwrap(b)
    if isinstance(a, str):
        return str(a) + text_of(b)
    if is_enumerable(a):
        if isinstance(a, list) and len(a) > LARGE_ITEMS:
            require(2 * len(a) * BYTES_OF_ITEM)
        return [*enumerate_value(a), *(enumerate_value(b) if is_enumerable(b) or b is NOTHING else (b,))]
    if isinstance(a, Hashtable):
        return _merge(a, b)
    if isinstance(a, (datetime.datetime, datetime.timedelta)):
        return _add_time(a, b)
    if _rank(a) == 0 and type(a) is not SwitchParameter:
        found = user_operator("op_Addition", a, b)
        if found is not None:
            return found[0]
        raise method_missing(a, "op_Addition")
    return _arithmetic(a, b, "op_Addition", lambda x, y: x + y)


def require_text(text: str) -> None:
    """Memory for a text to which something is added. Raises as ``require`` does."""
    if len(text) > LARGE_BYTES:
        require(2 * len(text))


def _add_to_null(b: Any) -> Any:
    b = unwrap(b)
    if b is None:
        return None
    if is_enumerable(b):
        return list(enumerate_value(b))
    return b


def text_of(value: Any) -> str:
    return to_string(value, output_separator()) if isinstance(value, list) else to_string(value)


def _merge(a: Hashtable, b: Any) -> Any:
    if not isinstance(b, Hashtable):
        raise runtime_error(
            "A hash table can only be added to another hash table.", "AddHashTableToNonHashTable", "InvalidOperation"
        )
    merged = type(a)(a) if type(a) in (Hashtable, OrderedDictionary) else Hashtable(a)
    for key, value in b.items():
        if key in merged:
            held = next(k for k in merged if merged.fold(k) == merged.fold(key))
            raise plain_error(
                f"Item has already been added. Key in dictionary: '{to_string(held)}'  Key being added: "
                f"'{to_string(key)}'",
                "System.ArgumentException",
            )
        merged[key] = value
    return merged


def span_ticks(value: Any) -> int:
    span = convert(value, "System.TimeSpan")
    return int(span.ticks)


def _add_time(a: Any, b: Any) -> Any:
    if isinstance(a, datetime.datetime):
        return shift(a, span_ticks(b))
    return TimeSpan(span_ticks(a) + span_ticks(b))


def shift(moment: datetime.datetime, ticks: int) -> DateTime:
    start = moment if isinstance(moment, DateTime) else DateTime.fromisoformat(moment.isoformat())
    total = start.ticks + ticks
    if not 0 <= total <= MAX_DATE_TICKS:
        raise runtime_error("The added or subtracted value results in an un-representable DateTime. (Parameter 't')")
    return DateTime.from_ticks(total, start.tzinfo)


def _arithmetic(a: Any, b: Any, name: str, work: Any) -> Any:
    """Numbers on both sides by now, or an error."""
    enum_kind = a.net_type if hasattr(a, "ps_enum_value") else None
    x = as_number(a)
    y = as_number(b) if x is not None else None
    if x is None or y is None:
        found = user_operator(name, a, b)
        if found is not None:
            return found[0]
        raise method_missing(unwrap(a), name) if x is None else _bad_operand(b, x)
    rank = _common(x, y)
    if rank == 15:
        return _decimal_result(_widely(work, *_decimals(x, y)))
    if rank in (13, 14):
        return _float_work(work, float(x), float(y))
    if isinstance(x, (float, decimal.Decimal)) or isinstance(y, (float, decimal.Decimal)):
        x, y = int(x), int(y)
    result = _integer(work(int(x), int(y)), rank)
    if enum_kind is not None and isinstance(result, int):
        from ..dotnet.enums import make

        return make(enum_kind, result)
    return result


def _widely(work: Any, x: decimal.Decimal, y: decimal.Decimal) -> decimal.Decimal:
    with decimal.localcontext(decimal.Context(prec=60)):
        value: decimal.Decimal = work(x, y)
        return value


def _float_work(work: Any, x: float, y: float) -> float:
    try:
        return float(work(x, y))
    except OverflowError:
        return math.inf


def _bad_operand(value: Any, other: Any) -> ScriptError:
    shown = unwrap(value)
    name = type_of(other).full_name
    if is_enumerable(shown):
        return error(
            f'Cannot convert the "{text_of(shown)}" value of type "{type_of(shown).ps_to_string()}" to type "{name}".',
            "ConvertToFinalInvalidCastException",
            "InvalidArgument",
        )
    try:
        convert(shown, name)
    except ScriptError as failed:
        return failed
    return method_missing(shown, "op_Addition")


def subtract(a: Any, b: Any) -> Any:
    if type(a) is int and type(b) is int:
        total = a - b
        return total if INT_MIN <= total <= INT_MAX else float(total)
    a, b = unwrap(a), unwrap(b)
    if isinstance(a, datetime.datetime):
        if isinstance(b, datetime.timedelta):
            return shift(a, -span_ticks(b))
        other = convert(b, "System.DateTime")
        return TimeSpan(ticks_of(a) - ticks_of(other))
    if isinstance(a, datetime.timedelta):
        return TimeSpan(span_ticks(a) - span_ticks(b))
    return _arithmetic(a, b, "op_Subtraction", lambda x, y: x - y)


def ticks_of(moment: datetime.datetime) -> int:
    return moment.ticks if isinstance(moment, DateTime) else DateTime.fromisoformat(moment.isoformat()).ticks


def multiply(a: Any, b: Any) -> Any:
    if type(a) is int and type(b) is int:
        total = a * b
        return total if INT_MIN <= total <= INT_MAX else float(total)
    a, b = unwrap(a), unwrap(b)
    if a is None:
        return None
    if isinstance(a, str):
        return str(a) * _times(b, len(a))
    if isinstance(a, list):
        times = _times(b, len(a))
        repeated = list(a) * times
        return PSList.of(a.element, repeated) if type(a) is PSList else repeated
    if isinstance(a, datetime.timedelta):
        return span_of(span_ticks(a) * convert(b, "System.Double"))
    if isinstance(b, datetime.timedelta):
        return span_of(span_ticks(b) * convert(a, "System.Double"))
    return _arithmetic(a, b, "op_Multiply", lambda x, y: x * y)


def _times(count: Any, size: int) -> int:
    times = int(convert(as_number(count), "System.Int32"))
    if times < 0:
        raise plain_error(
            "Specified argument was out of the range of valid values. (Parameter 'times')",
            "System.ArgumentOutOfRangeException",
        )
    if times * size > MAX_REPEATED:
        raise runtime_error(
            "Insufficient memory to continue the execution of the program.", inner="System.OutOfMemoryException"
        )
    require(times * size * BYTES_OF_ITEM)
    return times


def span_of(ticks: float) -> TimeSpan:
    if math.isnan(ticks):
        raise runtime_error(
            "TimeSpan does not accept floating point Not-a-Number values.", inner="System.ArgumentException"
        )
    if not -(2**63) <= ticks < 2**63:
        raise runtime_error("TimeSpan overflowed because the duration is too long.", inner="System.OverflowException")
    return TimeSpan(round(ticks))


def divide(a: Any, b: Any) -> Any:
    a, b = unwrap(a), unwrap(b)
    if isinstance(a, datetime.timedelta):
        if isinstance(b, datetime.timedelta):
            return span_ticks(a) / span_ticks(b)
        by = convert(b, "System.Double")
        return span_of(span_ticks(a) / by if by else math.inf)
    x = as_number(a)
    y = as_number(b) if x is not None else None
    if x is None or y is None:
        found = user_operator("op_Division", a, b)
        if found is not None:
            return found[0]
        raise method_missing(a, "op_Division") if x is None else _bad_operand(b, x)
    rank = _common(x, y)
    if rank == 15:
        left, right = _decimals(x, y)
        if not right:
            raise divide_by_zero()
        return _decimal_result(_widely(_exact_quotient, left, right))
    if rank in (13, 14):
        return float_divide(float(x), float(y))
    left_int, right_int = int(x), int(y)
    if right_int == 0:
        raise divide_by_zero()
    if rank == 20:
        return BigInteger(abs(left_int) // abs(right_int) * (1 if (left_int < 0) == (right_int < 0) else -1))
    quotient, rest = divmod(left_int, right_int)
    return left_int / right_int if rest else _integer(quotient, rank)


def _exact_quotient(x: decimal.Decimal, y: decimal.Decimal) -> decimal.Decimal:
    quotient = x / y
    exponent = quotient.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -28:
        quotient = quotient.quantize(decimal.Decimal((0, (1,), -28)))
        return quotient.normalize() if not quotient.as_tuple().digits[-1] and quotient else quotient
    return quotient


def float_divide(x: float, y: float) -> float:
    if y:
        return x / y
    if x == 0 or math.isnan(x):
        return math.nan
    return math.copysign(math.inf, x) * math.copysign(1, y)


def remainder(a: Any, b: Any) -> Any:
    x = as_number(unwrap(a))
    y = as_number(unwrap(b)) if x is not None else None
    if x is None or y is None:
        found = user_operator("op_Modulus", a, b)
        if found is not None:
            return found[0]
        raise method_missing(unwrap(a), "op_Modulus") if x is None else _bad_operand(b, x)
    rank = _common(x, y)
    if rank in (13, 14):
        return math.nan if not y or math.isinf(x) else math.fmod(float(x), float(y))
    if not y:
        raise divide_by_zero()
    if rank == 15:
        left, right = _decimals(x, y)
        return _decimal_result(_widely(lambda p, q: p % q, left, right))
    rest = abs(int(x)) % abs(int(y))
    return _integer(-rest if x < 0 else rest, rank)


def negate(value: Any) -> Any:
    number = as_number(value)
    if number is None:
        found = user_operator("op_UnaryNegation", value, None)
        if found is not None:
            return found[0]
        if isinstance(value, datetime.timedelta):
            return TimeSpan(-span_ticks(value))
        raise method_missing(unwrap(value), "op_UnaryNegation")
    if isinstance(number, float):
        return to_single(-number) if type(number) is Single else -number
    if isinstance(number, decimal.Decimal):
        return -number
    return _integer(-int(number), _rank(number) if _rank(number) not in (10, 12) else 11)


def plus(value: Any) -> Any:
    return add(0, value)


# -- bits


def _bits(value: Any) -> Any:
    number = as_number(value)
    if number is None:
        raise method_missing(unwrap(value), "op_BitwiseAnd")
    if isinstance(number, (float, decimal.Decimal)):
        small = -INT_MAX <= number <= INT_MAX
        number = convert(number, "System.Int32" if small else "System.Int64")
    return number


def bitwise(a: Any, b: Any, work: Any) -> Any:
    a, b = unwrap(a), unwrap(b)
    kind = getattr(a, "net_type", None) if hasattr(a, "ps_enum_value") else None
    if kind is None and hasattr(b, "ps_enum_value") and isinstance(a, str):
        kind = b.net_type
        a = convert(a, kind)
    if kind is not None and isinstance(b, str):
        b = convert(b, kind)
    if type(a) is bool and type(b) is bool:
        return int(work(int(a), int(b)))
    x, y = _bits(a), _bits(b)
    result = work(int(x), int(y))
    if kind is not None:
        from ..dotnet.enums import make

        return make(kind, result)
    rank = max(_rank(x), _rank(y), 9)
    if rank == 10:
        result &= 0xFFFFFFFF
    if rank == 12:
        result &= (1 << 64) - 1
    return _integer(result, rank)


def bit_not(value: Any) -> Any:
    number = _bits(value)
    if hasattr(value, "ps_enum_value"):
        from ..dotnet.enums import make

        return make(value.net_type, ~int(value))
    rank = max(_rank(number), 9)
    if rank == 10:
        return UInt32(~int(number) & 0xFFFFFFFF)
    if rank == 12:
        return UInt64(~int(number) & ((1 << 64) - 1))
    return _integer(~int(number), rank)


def shift_left(a: Any, b: Any) -> Any:
    x, count = _bits(a), int(_bits(b))
    rank = max(_rank(x), 9)
    if rank == 20:
        return BigInteger(int(x) << count)
    width = 32 if rank <= 10 else 64
    result = (int(x) << (count & (width - 1))) & ((1 << width) - 1)
    if rank in (9, 11) and result >> (width - 1):
        result -= 1 << width
    return _integer(result, rank)


def shift_right(a: Any, b: Any) -> Any:
    x, count = _bits(a), int(_bits(b))
    rank = max(_rank(x), 9)
    if rank == 20:
        return BigInteger(int(x) >> count)
    width = 32 if rank <= 10 else 64
    return _integer(int(x) >> (count & (width - 1)), rank)
