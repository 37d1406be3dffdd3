"""PowerShell's number literals: suffixes, multipliers, hex and binary, and which type each becomes."""

from __future__ import annotations

import re
from decimal import Decimal, localcontext
from typing import Any

from jobmagics.psobject import BigInteger, Byte, Int16, Int64, SByte, UInt16, UInt32, UInt64

DASHES = "-–—―"

NUMBER = re.compile(
    rf"""(?P<sign>[{DASHES}+])?
    (?: 0[xX](?P<hex>[0-9a-fA-F]*)
      | 0[bB](?P<binary>[01]+)
      | (?P<real>(?:[0-9]+(?:\.(?!\.)[0-9]*)?|\.[0-9]+)(?:[eE][{DASHES}+]?[0-9]+)?)
    )
    (?P<suffix>[uU][lLsSyY]?|[sSlLdDyYnN])?
    (?P<multiplier>[kKmMgGtTpP][bB])?""",
    re.VERBOSE,
)
"""Group ``real`` also holds plain integers; they are told apart by their characters."""

MULTIPLIERS = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40, "p": 1 << 50}
DECIMAL_MAX = 79228162514264337593543950335
DECIMAL_PLACES = 28
MAX_DIGITS = 1000  # more than any type but BigInteger can tell apart

INTEGERS: dict[str, tuple[tuple[Any, int, int], ...]] = {
    "y": ((SByte, -(1 << 7), (1 << 7) - 1),),
    "uy": ((Byte, 0, (1 << 8) - 1),),
    "s": ((Int16, -(1 << 15), (1 << 15) - 1),),
    "us": ((UInt16, 0, (1 << 16) - 1),),
    "l": ((Int64, -(1 << 63), (1 << 63) - 1),),
    "ul": ((UInt64, 0, (1 << 64) - 1),),
    "u": ((UInt32, 0, (1 << 32) - 1), (UInt64, 0, (1 << 64) - 1)),
    "": ((int, -(1 << 31), (1 << 31) - 1), (Int64, -(1 << 63), (1 << 63) - 1)),
}
"""For each suffix the types it may become, narrowest first, with their bounds."""


def number_value(match: re.Match[str]) -> Any:
    """The value of a NUMBER match, or None when no type of its suffix can hold it."""
    suffix = (match["suffix"] or "").lower()
    multiplier = MULTIPLIERS[match["multiplier"][0].lower()] if match["multiplier"] else 1
    negative = match["sign"] is not None and match["sign"] != "+"
    if match["hex"] is not None:
        return _hexadecimal(match["hex"], suffix, -multiplier if negative else multiplier)
    if match["binary"] is not None:
        return _binary(match["binary"], suffix, -multiplier if negative else multiplier)
    text = match["real"]
    if len(text) > MAX_DIGITS:
        return None
    if not text.isdigit():
        return _real(text, negative, suffix, multiplier)
    value = int(text) * multiplier
    return _integer(-value if negative else value, suffix, wide=True)


def _hexadecimal(digits: str, suffix: str, multiplier: int) -> Any:
    if not digits:
        return None
    value = int(digits, 16)
    signed = "u" not in suffix and len(digits) % 8 == 0
    if signed and int(digits[0], 16) >= 8:
        value -= 1 << (4 * len(digits))
    if len(digits) == 16 and suffix in ("", "u"):
        suffix += "l"
    return _integer(value * multiplier, suffix, wide=False)


def _binary(digits: str, suffix: str, multiplier: int) -> Any:
    value = int(digits, 2)
    width = len(digits)
    # only at the widths of real types does the first digit mean a sign
    if "u" not in suffix and digits[0] == "1" and (width in (8, 16, 32, 64, 96) or width >= 128):
        value -= 1 << width
    if width == 64 and suffix in ("", "u"):
        suffix += "l"
    return _integer(value * multiplier, suffix, wide=False)


def _integer(value: int, suffix: str, *, wide: bool) -> Any:
    if suffix == "n":
        return BigInteger(value)
    if suffix == "d":
        return Decimal(value) if abs(value) <= DECIMAL_MAX else None
    for kind, low, high in INTEGERS[suffix]:
        if low <= value <= high:
            return kind(value)
    if suffix or not wide:
        return None
    return Decimal(value) if abs(value) <= DECIMAL_MAX else float(value)


def _real(text: str, negative: bool, suffix: str, multiplier: int) -> Any:
    for dash in DASHES[1:]:
        text = text.replace(dash, "-")
    if suffix == "d":
        return _decimal(text, negative, multiplier)
    value = float(text) * multiplier
    if negative:
        value = -value
    if not suffix:
        return value
    if value in (float("inf"), float("-inf")):
        return None
    return _integer(round(value), suffix, wide=False)


def _decimal(text: str, negative: bool, multiplier: int) -> Any:
    with localcontext() as context:
        context.prec = MAX_DIGITS
        value = Decimal(text) * multiplier
        if value > DECIMAL_MAX:
            return None
        whole = len(str(int(value))) if value >= 1 else 0
        places = min(DECIMAL_PLACES, DECIMAL_PLACES + 1 - whole)
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and (exponent > 0 or -exponent > places):
            value = value.quantize(Decimal(1).scaleb(-places if exponent < 0 else 0))
        return -value if negative else value
