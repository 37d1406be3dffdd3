"""The statics that generic math gave the number types and that Math has too: [double]::Sqrt, [int]::RotateLeft ..."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..values.types import net_type
from .table import Members, table_of

# what the real numbers share with [Math], by the number of arguments
_OF_MATH = {
    1: ("Sqrt", "Exp", "Log10", "Log2", "Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Floor", "Ceiling", "Truncate"),
    2: ("Pow", "Atan2", "CopySign"),
}


def declare_real_math(table: Members, short: str, make: Callable[[float], float]) -> None:
    for count, names in _OF_MATH.items():
        for name in names:
            _of_math(table, short, name, ", ".join(f"{short} {letter}" for letter in "xy"[:count]), make)
    _of_math(table, short, "Round", f"{short} x", make)
    _of_math(table, short, "Round", f"{short} x, int digits", make)


def _of_math(table: Members, short: str, name: str, parameters: str, make: Callable[[float], float]) -> None:
    @table.static(f"{short} {name}({parameters})")
    def call(*args: Any) -> Any:
        method = table_of(net_type("System.Math")).static(name.lower())
        assert method is not None
        wide = [float(arg) if isinstance(arg, float) else arg for arg in args]
        overload, converted = method.prepare(wide)
        return make(overload.function(*converted))


def declare_integer_math(table: Members, short: str, make: Callable[[int], Any], bits: int, signed: bool) -> None:
    mask = (1 << bits) - 1

    def wrapped(number: int) -> Any:
        number &= mask
        return make(number - (1 << bits) if signed and number >> (bits - 1) else number)

    def rotated(value: int, by: int) -> Any:
        by %= bits
        number = int(value) & mask
        return wrapped(number << by | number >> (bits - by))

    table.static(f"{short} RotateLeft({short} value, int rotateAmount)")(rotated)
    table.static(f"{short} RotateRight({short} value, int rotateAmount)")(lambda value, by: rotated(value, -by))
    table.static(f"{short} TrailingZeroCount({short} value)")(
        lambda value: make((value & -value).bit_length() - 1 if value else bits)
    )

    @table.static(f"System.ValueTuple[{short},{short}] DivRem({short} left, {short} right)")
    def divided(left: int, right: int) -> Any:
        from .tuples import value_tuple

        quotient = abs(int(left)) // abs(int(right))
        quotient = quotient if (left < 0) == (right < 0) else -quotient
        return value_tuple([make(quotient), make(int(left) - int(right) * quotient)])
