"""System.Math and System.Random."""

from __future__ import annotations

import decimal
import math
import os
import random
from collections.abc import Callable
from typing import Any

from ...psobject import Int64, Single
from ..values.number_conversions import to_single
from ..values.operators import float_divide
from ..values.value import to_string
from .bytes import byte_list
from .table import NetObject, declare, net_error, out_of_range

MATH = declare("System.Math")
MATH.constant("double PI", math.pi)
MATH.constant("double E", math.e)
MATH.constant("double Tau", math.tau)
_NUMBERS = ("int", "long", "double", "decimal", "float", "short", "byte", "sbyte", "ushort", "uint", "ulong")
_SIGNED = ("int", "long", "double", "decimal", "float", "short", "sbyte")


def _each(template: str, names: tuple[str, ...] = _NUMBERS) -> list[str]:
    return [template.replace("#", name) for name in names]


def _abs(value: Any) -> Any:
    result = abs(value)
    if (type(value) is int and result > 2**31 - 1) or (type(value) is Int64 and result > 2**63 - 1):
        raise net_error(
            "System.OverflowException", "Negating the minimum value of a twos complement number is invalid."
        )
    return type(value)(result)


MATH.static(*_each("# Abs(# value)", _SIGNED))(_abs)


@MATH.static(*_each("# Max(# val1, # val2)"))
def _max(a: Any, b: Any) -> Any:
    return a if math.isnan(a) else b if math.isnan(b) else max(a, b)


@MATH.static(*_each("# Min(# val1, # val2)"))
def _min(a: Any, b: Any) -> Any:
    return a if math.isnan(a) else b if math.isnan(b) else min(a, b)


@MATH.static(*_each("# Clamp(# value, # min, # max)"))
def _clamp(value: Any, low: Any, high: Any) -> Any:
    if low > high:
        raise net_error("System.ArgumentException", f"'{to_string(low)}' cannot be greater than {to_string(high)}.")
    return min(max(value, low), high)


@MATH.static(*_each("int Sign(# value)", _SIGNED))
def _sign(value: Any) -> int:
    if math.isnan(value):
        raise net_error("System.ArithmeticException", "Function does not accept floating point Not-a-Number values.")
    return int(value > 0) - int(value < 0)


_MODES = {
    "ToEven": decimal.ROUND_HALF_EVEN,
    "AwayFromZero": decimal.ROUND_HALF_UP,
    "ToZero": decimal.ROUND_DOWN,
    "ToNegativeInfinity": decimal.ROUND_FLOOR,
    "ToPositiveInfinity": decimal.ROUND_CEILING,
}
MAX_DOUBLE_PLACES = 15


def _arguments(rest: tuple[Any, ...]) -> tuple[int, str]:
    places, mode = 0, "ToEven"
    for part in rest:
        if hasattr(part, "ps_enum_value"):
            mode = to_string(part)
        else:
            places = int(part)
    return places, mode


def round_decimal(value: decimal.Decimal, *rest: Any) -> decimal.Decimal:
    places, mode = _arguments(rest)
    if not 0 <= places <= 28:
        raise out_of_range("decimals", "Decimal can only round to between 0 and 28 digits of precision.")
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= places:
        return value
    return value.quantize(decimal.Decimal((0, (1,), -places)), _MODES[mode], decimal.Context(prec=60))


def round_double(value: float, *rest: Any) -> float:
    """As .NET does it: scaled by a power of ten in floating point, then rounded."""
    places, mode = _arguments(rest)
    if not 0 <= places <= MAX_DOUBLE_PLACES:
        raise out_of_range("digits", "Rounding digits must be between 0 and 15, inclusive.")
    if not math.isfinite(value) or abs(value) >= 1e16:
        return value
    scale = 10.0**places
    return math.copysign(_round_whole(value * scale, mode) / scale, value)


def _round_whole(value: float, mode: str) -> float:
    if mode == "ToEven":
        return float(round(value))
    if mode == "AwayFromZero":
        whole = math.trunc(value)
        return float(whole + math.copysign(1, value)) if abs(value - whole) >= 0.5 else float(whole)
    steps: dict[str, Callable[[float], int]] = {
        "ToZero": math.trunc,
        "ToNegativeInfinity": math.floor,
        "ToPositiveInfinity": math.ceil,
    }
    return float(steps[mode](value))


_MODE = "System.MidpointRounding mode"
MATH.static(
    "double Round(double a)",
    "double Round(double value, int digits)",
    f"double Round(double value, {_MODE})",
    f"double Round(double value, int digits, {_MODE})",
)(round_double)
MATH.static(
    "decimal Round(decimal d)",
    "decimal Round(decimal d, int decimals)",
    f"decimal Round(decimal d, {_MODE})",
    f"decimal Round(decimal d, int decimals, {_MODE})",
)(round_decimal)


def _whole(name: str, work: Callable[[float], int], how: str) -> None:
    MATH.static(f"double {name}(double a)")(
        lambda value: math.copysign(float(work(value)), value) if math.isfinite(value) else value
    )
    MATH.static(f"decimal {name}(decimal d)")(lambda value: value.to_integral_value(how))


_whole("Floor", math.floor, decimal.ROUND_FLOOR)
_whole("Ceiling", math.ceil, decimal.ROUND_CEILING)
_whole("Truncate", math.trunc, decimal.ROUND_DOWN)


def _real(work: Callable[..., float]) -> Callable[..., float]:
    """A function of the C library as IEEE has it: NaN and infinity instead of errors."""

    def call(*values: float) -> float:
        try:
            return float(work(*values))
        except ValueError:
            return math.nan
        except OverflowError:
            return math.inf

    return call


def _log(value: float) -> float:
    return -math.inf if value == 0 else math.log(value)


def _log_base(value: float, base: float) -> float:
    if base == 1 or math.isnan(value) or math.isnan(base):
        return math.nan
    return float_divide(_log(value), _log(base))


def _pow(value: float, power: float) -> float:
    try:
        return math.pow(value, power)
    except ValueError:
        return math.inf if value == 0 else math.nan
    except OverflowError:
        return -math.inf if value < 0 and power % 2 == 1 else math.inf


def _divided(upper: float, lower: float) -> float:
    return upper / lower if lower else math.copysign(math.inf, lower)


MATH.static("double Pow(double x, double y)")(_pow)
MATH.static("double Log(double d)")(_real(_log))
MATH.static("double Log(double a, double newBase)")(_real(_log_base))
MATH.static("double Log10(double d)")(_real(lambda value: -math.inf if value == 0 else math.log10(value)))
MATH.static("double Log2(double x)")(_real(lambda value: -math.inf if value == 0 else math.log2(value)))
MATH.static("int ILogB(double x)")(lambda value: math.frexp(value)[1] - 1)
# what .NET calls the one parameter of each
_REALS = {
    "d": ("Sqrt", "Exp", "Cos", "Asin", "Acos", "Atan"),
    "a": ("Sin", "Tan"),
    "value": ("Sinh", "Cosh", "Tanh"),
    "x": ("Asinh", "Acosh", "Atanh"),
}
for _parameter, _functions in _REALS.items():
    for _name in _functions:
        MATH.static(f"double {_name}(double {_parameter})")(_real(getattr(math, _name.lower())))
MATH.static("double ReciprocalEstimate(double d)")(_real(lambda value: _divided(1.0, value)))
MATH.static("double ReciprocalSqrtEstimate(double d)")(_real(lambda value: _divided(1.0, math.sqrt(value))))
MATH.static("double Atan2(double y, double x)")(_real(math.atan2))
MATH.static("double IEEERemainder(double x, double y)")(_real(math.remainder))
MATH.static("double CopySign(double x, double y)")(math.copysign)
MATH.static("double FusedMultiplyAdd(double x, double y, double z)")(lambda x, y, z: x * y + z)
MATH.static("double BitIncrement(double x)")(lambda value: math.nextafter(value, math.inf))
MATH.static("double BitDecrement(double x)")(lambda value: math.nextafter(value, -math.inf))
MATH.static("double ScaleB(double x, int n)")(_real(math.ldexp))
MATH.static("double MaxMagnitude(double x, double y)")(lambda x, y: max(x, y, key=lambda one: (abs(one), one)))
MATH.static("double MinMagnitude(double x, double y)")(lambda x, y: min(x, y, key=lambda one: (abs(one), one)))
MATH.static("long BigMul(int a, int b)")(lambda a, b: Int64(a * b))


def _cbrt() -> Callable[[float], float]:
    """The C library's, which .NET calls (its 27 gives 3.0000000000000004); Python has it from 3.11 on."""
    work: Callable[[float], float] | None = getattr(math, "cbrt", None)
    if work is None:
        import ctypes

        work = ctypes.CDLL(None if os.name == "posix" else "ucrtbase").cbrt
        work.restype, work.argtypes = ctypes.c_double, [ctypes.c_double]
    return work


MATH.static("double Cbrt(double d)")(_cbrt())


@MATH.static("int DivRem(int a, int b, [ref] int result)", "long DivRem(long a, long b, [ref] long result)")
def _divrem(a: int, b: int, result: Any) -> int:
    quotient, rest = _quotient(a, b)
    result.value = rest
    return quotient


@MATH.static(
    "System.ValueTuple[int,int] DivRem(int left, int right)",
    "System.ValueTuple[long,long] DivRem(long left, long right)",
)
def _divrem_pair(a: int, b: int) -> Any:
    from .tuples import value_tuple

    return value_tuple(list(_quotient(a, b)))


def _quotient(a: int, b: int) -> tuple[int, int]:
    if not b:
        raise net_error("System.DivideByZeroException", "Attempted to divide by zero.")
    quotient = abs(a) // abs(b)
    quotient = quotient if (a < 0) == (b < 0) else -quotient
    kind = type(a)
    return kind(quotient), kind(a - b * quotient)


# -- Random

RANDOM = declare("System.Random")


class _DotNetSequence:
    """The numbers that .NET's Random(seed) gives: Knuth's subtractive generator, kept for seeds by .NET for ever."""

    BIG = 2**31 - 1

    def __init__(self, seed: int) -> None:
        table = [0] * 56
        number = 161803398 - (self.BIG if seed == -(2**31) else abs(seed))
        table[55] = number
        following = 1
        place = 0
        for _ in range(1, 55):
            place = (place + 21) % 55
            table[place] = following
            following = number - following
            if following < 0:
                following += self.BIG
            number = table[place]
        for _ in range(1, 5):
            for at in range(1, 56):
                other = at + 30
                other -= 55 if other >= 55 else 0
                table[at] = _wrap(table[at] - table[1 + other])
                if table[at] < 0:
                    table[at] += self.BIG
        self.table = table
        self.at = 0
        self.other = 21

    def sample(self) -> int:
        self.at = 1 if self.at + 1 >= 56 else self.at + 1
        self.other = 1 if self.other + 1 >= 56 else self.other + 1
        value = self.table[self.at] - self.table[self.other]
        if value == self.BIG:
            value -= 1
        if value < 0:
            value += self.BIG
        self.table[self.at] = value
        return value

    def fraction(self) -> float:
        return self.sample() * (1.0 / self.BIG)

    def wide_fraction(self) -> float:
        value = self.sample()
        if self.sample() % 2 == 0:
            value = -value
        return (value + self.BIG - 1) / (2 * self.BIG - 1)


def _wrap(number: int) -> int:
    return (number + 2**31) % 2**32 - 2**31


class Random(NetObject):
    net_type = "System.Random"

    def __init__(self, seed: int | None = None) -> None:
        self.sequence = None if seed is None else _DotNetSequence(seed)
        self.free = random.SystemRandom()

    def fraction(self) -> float:
        return self.sequence.fraction() if self.sequence is not None else self.free.random()

    def between(self, low: int, high: int) -> int:
        if low > high:
            raise out_of_range("minValue", "'minValue' cannot be greater than maxValue.")
        if self.sequence is None:
            return low if low == high else self.free.randrange(low, high)
        span = high - low
        part = self.sequence.fraction() if span <= 2**31 - 1 else self.sequence.wide_fraction()
        return int(part * span) + low

    def data(self, count: int) -> list[int]:
        if self.sequence is None:
            return [self.free.randrange(256) for _ in range(count)]
        return [self.sequence.sample() % 256 for _ in range(count)]


_shared = Random()
RANDOM.constructor("System.Random()", "System.Random(int Seed)")(lambda kind, seed=None: Random(seed))
RANDOM.static_property("System.Random Shared", lambda: _shared)


@RANDOM.method("int Next()", "int Next(int maxValue)", "int Next(int minValue, int maxValue)")
def _next(source: Random, *limits: int) -> int:
    if not limits:
        return source.sequence.sample() if source.sequence is not None else source.free.randrange(2**31 - 1)
    if len(limits) == 1:
        if limits[0] < 0:
            raise out_of_range("maxValue", "'maxValue' must be greater than zero.")
        return source.between(0, limits[0])
    return source.between(*limits)


@RANDOM.method("long NextInt64()", "long NextInt64(long maxValue)", "long NextInt64(long minValue, long maxValue)")
def _next_long(source: Random, *limits: int) -> Int64:
    low, high = (0, 2**63 - 1) if not limits else (0, limits[0]) if len(limits) == 1 else (limits[0], limits[1])
    return Int64(low if low >= high else source.free.randrange(low, high))


RANDOM.method("double NextDouble()")(Random.fraction)


@RANDOM.method("float NextSingle()")
def _next_single(source: Random) -> Single:
    # of 24 bits when free; a seed's sequence gives its double, which may round up to 1: then .NET takes the next one
    if source.sequence is None:
        return Single(source.free.getrandbits(24) / 2**24)
    found = to_single(source.fraction())
    while found >= 1:
        found = to_single(source.fraction())
    return found


@RANDOM.method("void NextBytes(byte[] buffer)")
def _next_bytes(source: Random, buffer: list[Any]) -> None:
    buffer[:] = byte_list(source.data(len(buffer)))


@RANDOM.method("void Shuffle(array values)")
def _shuffle(source: Random, values: list[Any]) -> None:
    for at in range(len(values) - 1):
        other = source.between(at, len(values))
        values[at], values[other] = values[other], values[at]


@RANDOM.method("System.Object[] GetItems(System.Object[] choices, int length)")
def _items(source: Random, choices: list[Any], length: int) -> list[Any]:
    return [choices[source.between(0, len(choices))] for _ in range(length)]
