"""Numbers as .NET's format strings write them: standard (C D E F G N P R X B) and custom (0 # . , % ‰ E+0 ;).

A Double is rounded from its exact value, ties to even, as .NET does since Core 3.0; integers and Decimal round ties
away from zero; custom formats see fifteen digits of a Double.
"""

from __future__ import annotations

import decimal
import math
import re
from dataclasses import dataclass
from typing import Any

from ...psobject import BigInteger, Byte, Int16, Int64, SByte, Single, UInt16, UInt32, UInt64
from .value import float_string, single_string

WIDE = decimal.Context(prec=1200, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
MAX_PRECISION = 999_999_999
_STANDARD = re.compile(r"([A-Za-z])(\d{0,10})\Z")
_BITS = {int: 32, Int64: 64, Byte: 8, SByte: 8, Int16: 16, UInt16: 16, UInt32: 32, UInt64: 64}


@dataclass
class NumberSymbols:
    """The parts of a culture that numbers need (NumberFormatInfo)."""

    decimal_separator: str = "."
    group_separator: str = ","
    decimal_digits: int = 3
    currency_symbol: str = "$"
    currency_decimal_separator: str = "."
    currency_group_separator: str = ","
    currency_digits: int = 2
    currency_negative: str = "-{s}{n}"
    currency_positive: str = "{s}{n}"
    percent_positive: str = "{n}{s}"
    percent_symbol: str = "%"
    per_mille_symbol: str = "‰"
    negative_sign: str = "-"
    positive_sign: str = "+"
    nan_symbol: str = "NaN"
    positive_infinity: str = "∞"
    group_size: int = 3

    @property
    def negative_infinity(self) -> str:
        return self.negative_sign + self.positive_infinity


EN_US = NumberSymbols()
INVARIANT = NumberSymbols(
    decimal_digits=2,
    currency_symbol="¤",
    currency_negative="({s}{n})",
    percent_positive="{n} {s}",
    positive_infinity="Infinity",
)


class BadFormat(ValueError):
    """.NET's FormatException: the specifier does not fit the value."""

    def __init__(self, message: str = "Format specifier was invalid.") -> None:
        super().__init__(message)
        self.message = message


def format_number(value: Any, spec: str = "", symbols: NumberSymbols = EN_US) -> str:
    """``value.ToString(spec, culture)`` for every number type."""
    if isinstance(value, float) and not math.isfinite(value):
        if math.isnan(value):
            return symbols.nan_symbol
        return symbols.positive_infinity if value > 0 else symbols.negative_infinity
    if not spec:
        return general(value, 0, "E", symbols)
    found = _STANDARD.match(spec)
    if found is None:
        return custom(value, spec, symbols)
    letter = found[1]
    digits = int(found[2]) if found[2] else -1
    if digits > MAX_PRECISION:
        raise BadFormat
    return _standard(value, letter, digits, symbols)


def _standard(value: Any, letter: str, digits: int, symbols: NumberSymbols) -> str:
    kind = letter.upper()
    if kind in "DXB":
        return _integer_format(value, kind, letter, digits, symbols)
    if kind == "G":
        return general(value, max(digits, 0), "e" if letter == "g" else "E", symbols)
    if kind == "R":
        if isinstance(value, decimal.Decimal) or (isinstance(value, int) and not isinstance(value, BigInteger)):
            if isinstance(value, decimal.Decimal):
                raise BadFormat
            return localized(str(int(value)), symbols)
        return general(value, 0, "E", symbols)
    if kind == "E":
        return scientific(value, 6 if digits < 0 else digits, letter, 3, symbols)
    if kind == "F":
        places = _default_places(symbols) if digits < 0 else digits
        return signed(fixed(value, places), symbols, grouped=False)
    if kind == "N":
        places = _default_places(symbols) if digits < 0 else digits
        return signed(fixed(value, places), symbols, grouped=True)
    if kind == "P":
        body = fixed(
            _exact(value) * 100,
            2 if digits < 0 and symbols is INVARIANT else (_default_places(symbols) if digits < 0 else digits),
            even=isinstance(value, float),
        )
        negative, text = body.startswith("-"), grouped_number(body.lstrip("-"), symbols)
        shown = symbols.percent_positive.format(n=text, s=symbols.percent_symbol)
        return symbols.negative_sign + shown if negative else shown
    if kind == "C":
        return _currency(value, symbols.currency_digits if digits < 0 else digits, symbols)
    raise BadFormat


def _default_places(symbols: NumberSymbols) -> int:
    return symbols.decimal_digits


def _exact(value: Any) -> decimal.Decimal:
    return (
        value
        if isinstance(value, decimal.Decimal)
        else decimal.Decimal(float(value) if isinstance(value, float) else int(value))
    )


def fixed(value: Any, places: int, even: bool | None = None) -> str:
    """``-1234.50``: rounded to that many places; minus zero keeps its sign for a Double, as in .NET."""
    if even is None:
        even = isinstance(value, float)
    rounding = decimal.ROUND_HALF_EVEN if even else decimal.ROUND_HALF_UP
    context = WIDE.copy()
    context.rounding = rounding
    context.prec = max(1200, places + 400)
    exact = _exact(value)
    text = format(context.quantize(exact, decimal.Decimal((0, (1,), -places))), "f")
    if text.startswith("-") and not even and not text.strip("-0."):
        return text[1:]
    return text


def grouped_number(text: str, symbols: NumberSymbols, point: str = "", comma: str = "") -> str:
    whole, _, fraction = text.partition(".")
    size = symbols.group_size
    if size > 0:
        head = len(whole) % size or size
        parts = [whole[:head], *(whole[at : at + size] for at in range(head, len(whole), size))]
        whole = (comma or symbols.group_separator).join(parts)
    return whole + ((point or symbols.decimal_separator) + fraction if fraction else "")


def signed(text: str, symbols: NumberSymbols, grouped: bool) -> str:
    negative = text.startswith("-")
    body = text.lstrip("-")
    body = grouped_number(body, symbols) if grouped else body.replace(".", symbols.decimal_separator)
    return symbols.negative_sign + body if negative else body


def _currency(value: Any, places: int, symbols: NumberSymbols) -> str:
    text = fixed(value, places)
    body = grouped_number(
        text.lstrip("-"), symbols, symbols.currency_decimal_separator, symbols.currency_group_separator
    )
    pattern = symbols.currency_negative if text.startswith("-") and text.strip("-0.") else symbols.currency_positive
    return pattern.format(n=body, s=symbols.currency_symbol)


def localized(text: str, symbols: NumberSymbols) -> str:
    if symbols.decimal_separator == "." and symbols.negative_sign == "-":
        return text
    swapped = text.replace(".", symbols.decimal_separator)
    return symbols.negative_sign + swapped[1:] if swapped.startswith("-") else swapped


def _integer_format(value: Any, kind: str, letter: str, digits: int, symbols: NumberSymbols) -> str:
    if not isinstance(value, int):
        raise BadFormat
    number = int(value)
    width = max(digits, 1)
    if kind == "D":
        text = str(abs(number)).rjust(width, "0")
        return symbols.negative_sign + text if number < 0 else text
    if isinstance(value, BigInteger):
        return _big_hex(number, letter, width) if kind == "X" else format(number, "b").rjust(width, "0")
    bits = _BITS.get(type(value), 32)
    number &= (1 << bits) - 1
    return format(number, "b" if kind == "B" else letter).rjust(width, "0")


def _big_hex(number: int, letter: str, width: int) -> str:
    """BigInteger keeps a leading zero where the first digit would read as a sign."""
    if number >= 0:
        text = format(number, letter)
        text = "0" + text if text[0] not in "01234567" else text
        return text.rjust(width, "0")
    length = (number + 1).bit_length() // 4 + 1
    text = format(number & ((1 << (4 * length)) - 1), letter)
    return text.rjust(width, letter if letter == "F" else ("F" if letter == "X" else "f"))


def general(value: Any, digits: int, mark: str, symbols: NumberSymbols) -> str:
    """The G format; no digits for a Double means the shortest text that reads back."""
    if isinstance(value, Single):
        text = single_string(value, digits)
    elif isinstance(value, float):
        text = float_string(value, min(digits, 1000) if digits else 0)
    elif isinstance(value, decimal.Decimal):
        text = format(value, "f") if not digits else _significant(value, digits)
    else:
        text = str(int(value))
        if digits and len(text.lstrip("-")) > digits:
            text = _significant(decimal.Decimal(int(value)), digits)
    if mark == "e":
        text = text.replace("E", "e")
    return localized(text, symbols)


def _significant(value: decimal.Decimal, digits: int) -> str:
    """At most that many significant digits, ties away from zero."""
    context = decimal.Context(prec=digits, rounding=decimal.ROUND_HALF_UP)
    rounded = context.plus(value)
    sign, number, exponent = rounded.as_tuple()
    text = "".join(map(str, number)).rstrip("0") or "0"
    from .value import place_point

    assert isinstance(exponent, int)
    return ("-" if sign else "") + place_point(text, len(number) + exponent, digits)


def scientific(value: Any, places: int, letter: str, exponent_digits: int, symbols: NumberSymbols) -> str:
    """``1.235E+004``."""
    even = isinstance(value, float)
    context = decimal.Context(prec=places + 1, rounding=decimal.ROUND_HALF_EVEN if even else decimal.ROUND_HALF_UP)
    exact = _exact(value)
    sign, digits, power = context.plus(exact).as_tuple()
    text = "".join(map(str, digits)).ljust(places + 1, "0")
    assert isinstance(power, int)
    exponent = len(digits) + power - 1 if any(digits) else 0
    body = text[0] + (symbols.decimal_separator + text[1 : places + 1] if places else "")
    sign_text = symbols.positive_sign if exponent >= 0 else symbols.negative_sign
    shown = f"{letter}{sign_text}{abs(exponent):0{exponent_digits}d}"
    return (symbols.negative_sign if sign and (any(digits) or even) else "") + body + shown


# -- custom formats


def _sections(spec: str) -> list[str]:
    parts, start, at = [], 0, 0
    while at < len(spec):
        char = spec[at]
        if char == "\\":
            at += 1
        elif char in "'\"":
            close = spec.find(char, at + 1)
            at = close if close > 0 else len(spec)
        elif char == ";":
            parts.append(spec[start:at])
            start = at + 1
        at += 1
    return [*parts, spec[start:]]


@dataclass
class _Picture:
    """A section taken apart: literals stand in ``items`` as ("text", s), places as (kind, char)."""

    items: list[tuple[str, str]]
    before: int  # digit places before the point
    after: int
    first_zero: int  # places before the point that always show
    last_zero: int  # places after the point that always show
    thousands: bool
    scale: int  # powers of ten the number is multiplied by (percent) or divided by (trailing commas, negative)
    exponent: bool


def _picture(section: str) -> _Picture:
    items: list[tuple[str, str]] = []
    before = after = first_zero = last_zero = scale = 0
    seen_point = exponent = thousands = False
    zero_from = -1
    pending_commas = 0
    at = 0
    while at < len(section):
        char = section[at]
        if char == "\\" and at + 1 < len(section):
            at += 1
            items.append(("text", section[at]))
        elif char in "'\"":
            close = section.find(char, at + 1)
            close = close if close > 0 else len(section)
            items.append(("text", section[at + 1 : close]))
            at = close
        elif char in "0#":
            if pending_commas and not seen_point:
                thousands = True
                pending_commas = 0
            if seen_point:
                after += 1
                last_zero = after if char == "0" else last_zero
            else:
                if char == "0" and zero_from < 0:
                    zero_from = before
                before += 1
            items.append(("place", char))
        elif char == ".":
            if not seen_point:
                scale -= 3 * pending_commas
                pending_commas = 0
                items.append(("point", "."))
            seen_point = True
        elif char == ",":
            if before and not seen_point:
                pending_commas += 1
        elif char in "%‰":
            scale += 2 if char == "%" else 3
            items.append((char, char))
        elif char in "eE" and (found := re.compile(r"[eE]([+-]?)(0+)").match(section, at)):
            exponent = True
            items.append(("exponent", found[0]))
            at = found.end() - 1
        else:
            items.append(("text", char))
        at += 1
    scale -= 3 * pending_commas
    first_zero = before - zero_from if zero_from >= 0 else 0
    return _Picture(items, before, after, first_zero, last_zero, thousands, scale, exponent)


def custom(value: Any, spec: str, symbols: NumberSymbols = EN_US) -> str:
    sections = _sections(spec)
    number = _custom_number(value)
    negative = number < 0
    chosen = 0
    if len(sections) > 2 and sections[2] and number == 0:
        chosen = 2
    elif len(sections) > 1 and sections[1] and negative:
        chosen = 1
    if number == 0 and len(sections) > 2:
        chosen = 2 if sections[2] else 0
    picture = _picture(sections[chosen])
    rounded = _scaled(abs(number), picture)
    if rounded == 0 and number != 0 and len(sections) > 2 and chosen != 2:
        picture, chosen = _picture(sections[2]), 2  # what rounds to zero is shown as zero
        rounded = _scaled(abs(number), picture)
    shown = _fill(rounded, abs(number), picture, symbols)
    show_sign = negative and chosen == 0 and (rounded != 0 or picture.exponent)
    return symbols.negative_sign + shown if show_sign else shown


def _custom_number(value: Any) -> decimal.Decimal:
    if isinstance(value, Single):
        return decimal.Decimal(f"{value:.6e}")
    if isinstance(value, float):
        return decimal.Decimal(f"{value:.14e}")
    return _exact(value)


def _scaled(number: decimal.Decimal, picture: _Picture) -> decimal.Decimal:
    moved = number.scaleb(picture.scale, context=WIDE)
    if picture.exponent:
        return moved
    context = WIDE.copy()
    context.rounding = decimal.ROUND_HALF_UP
    return context.quantize(moved, decimal.Decimal((0, (1,), -picture.after)))


def _fill(rounded: decimal.Decimal, number: decimal.Decimal, picture: _Picture, symbols: NumberSymbols) -> str:
    power = 0
    if picture.exponent:
        rounded, power = _normalized(rounded, picture)
    whole, _, fraction = format(rounded, "f").partition(".")
    whole = whole.lstrip("0")
    whole = whole.rjust(picture.first_zero, "0")
    fraction = fraction[: picture.after].rstrip("0").ljust(picture.last_zero, "0")
    if picture.thousands and not picture.exponent and whole:
        whole = _spread(whole, symbols)
    return _assemble(whole, fraction, picture, power, symbols)


def _spread(whole: str, symbols: NumberSymbols) -> str:
    return grouped_number(whole, symbols)


def _normalized(number: decimal.Decimal, picture: _Picture) -> tuple[decimal.Decimal, int]:
    before = max(picture.before, 1)
    if not number:
        return decimal.Decimal(0), 0
    power = number.adjusted() - before + 1
    context = decimal.Context(prec=before + picture.after, rounding=decimal.ROUND_HALF_UP)
    shown = context.plus(number.scaleb(-power, context=WIDE))
    if shown.adjusted() >= before:
        power += 1
        shown = shown.scaleb(-1, context=WIDE)
    return shown, power


def _assemble(whole: str, fraction: str, picture: _Picture, power: int, symbols: NumberSymbols) -> str:
    """Digits go to their places from the point outwards; what does not fit goes to the first place."""
    out: list[str] = []
    digit_marks = [at for at, char in enumerate(whole) if char.isdigit()]
    digits = len(digit_marks)
    place = taken = 0
    seen_point = False
    used_fraction = 0
    for kind, text in picture.items:
        if kind == "place" and not seen_point:
            place += 1
            wanted = max(digits - (picture.before - place), 0)
            end = digit_marks[wanted] if wanted < digits else len(whole)
            piece = whole[taken:end] if wanted else ""
            out.append(piece)
            taken = end if wanted else taken
        elif kind == "place":
            if used_fraction < len(fraction):
                out.append(fraction[used_fraction])
            used_fraction += 1
        elif kind == "point":
            if not picture.before and whole:
                out.append(whole)
            seen_point = True
            if fraction:
                out.append(symbols.decimal_separator)
        elif kind == "exponent":
            out.append(_exponent(text, power, symbols))
        elif kind == "%":
            out.append(symbols.percent_symbol)
        elif kind == "‰":
            out.append(symbols.per_mille_symbol)
        else:
            out.append(text)
    return "".join(out)


def _exponent(text: str, power: int, symbols: NumberSymbols) -> str:
    sign = symbols.negative_sign if power < 0 else (symbols.positive_sign if "+" in text else "")
    return text[0] + sign + str(abs(power)).rjust(text.count("0"), "0")


__all__ = ["EN_US", "INVARIANT", "BadFormat", "NumberSymbols", "format_number"]
