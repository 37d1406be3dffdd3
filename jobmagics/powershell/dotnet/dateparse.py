"""Reading dates and time spans: DateTime.Parse, ParseExact, TimeSpan.Parse, and the casts that use them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from typing import Any

from ...psobject import TICKS_PER_DAY, TICKS_PER_SECOND, DateTime, TimeSpan
from ..values.conversions import Refused
from ..values.date_formats import DAYS, EN_US, MONTHS, DateSymbols, standard_pattern
from .zones import UTC, as_local, now, span_ticks, to_local, to_utc

SPAN_MAX = 2**63 - 1
STYLE_ADJUST, STYLE_LOCAL, STYLE_UNIVERSAL, STYLE_ROUNDTRIP = 16, 32, 64, 128
_FQID = "InvalidCastParseTargetInvocation"


class BadDate(ValueError):
    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def _not_recognized(text: str) -> BadDate:
    return BadDate(f"String '{text}' was not recognized as a valid DateTime.")


def parse(text: str) -> DateTime:
    """A cast: invariant culture."""
    try:
        return parse_datetime(text)
    except BadDate as bad:
        raise Refused(bad.message, _FQID) from None


_ZONE = r"(?P<zone>Z|GMT|UTC|[+-]\d{1,2}:?\d{2}|[+-]\d{1,2})"
_TIME = re.compile(
    rf"(?:(?P<h>\d{{1,2}}):(?P<m>\d{{1,2}})(?::(?P<s>\d{{1,2}})(?:[.,](?P<f>\d{{1,}}))?)?\s*(?P<ap>[AP]\.?M?\.?(?![A-Za-z]))?"
    rf"|(?P<h2>\d{{1,2}})\s*(?P<ap2>[AP]M?)(?![A-Za-z]))\s*{_ZONE}?\s*$",
    re.IGNORECASE,
)
_MONTHS = {name.lower(): at for at, name in enumerate(MONTHS, 1)} | {
    name[:3].lower(): at for at, name in enumerate(MONTHS, 1)
}
_DAYS = {name.lower() for name in DAYS} | {name[:3].lower() for name in DAYS}


def parse_in_culture(text: str, styles: int, symbols: DateSymbols) -> DateTime:
    """As ``parse_datetime``, with a culture's month names and, where it writes the day first, 15/03/2024."""
    word = text
    for names in (symbols.months, symbols.short_months):
        for name, english in zip(names, MONTHS, strict=False):
            word = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", english, word, flags=re.IGNORECASE)
    if symbols.short_date.startswith("d"):
        word = re.sub(r"^(\s*)(\d{1,2})([-/.])(\d{1,2})(?=[-/.]\d)", r"\1\4\3\2", word)
    try:
        return parse_datetime(word, styles)
    except BadDate:
        raise _not_recognized(text) from None


def parse_datetime(text: str, styles: int = 0) -> DateTime:
    word = text.strip()
    if not word:
        raise _not_recognized(text)
    date_text, found = word, _TIME.search(word)
    ticks, zone = 0, None
    if found:
        ticks = _time_ticks(found, text)
        zone = found["zone"]
        date_text = word[: found.start()].rstrip(" ,")
        if date_text[-1:] in "tT" and date_text[:1].isdigit():
            date_text = date_text[:-1]
    elif (plain := re.fullmatch(r"(\d{4}-\d{1,2}-\d{1,2})\s*(Z|[+-]\d{2}:?\d{2})", word)) is not None:
        date_text, zone = plain[1], plain[2]
    if date_text:
        year, month, day = _date(date_text, text)
        start = _build(year, month, day, text)
    else:
        today = now()
        start = DateTime(today.year, today.month, today.day)
    return _with_zone(start.ticks + ticks, zone, styles)


def _build(year: int, month: int, day: int, text: str) -> DateTime:
    try:
        return DateTime(year, month, day)
    except ValueError:
        raise _not_recognized(text) from None


def _time_ticks(found: re.Match[str], text: str) -> int:
    hour = int(found["h"] or found["h2"])
    minute, second = int(found["m"] or 0), int(found["s"] or 0)
    half = (found["ap"] or found["ap2"] or "").upper()
    if half:
        if not 0 < hour <= 12:
            raise _not_recognized(text)
        hour = hour % 12 + (12 if half[0] == "P" else 0)
    if hour > 23 or minute > 59 or second > 59:
        raise _not_recognized(text)
    fraction = found["f"] or ""
    ticks = (
        round(int(fraction[:8] or 0) / 10 ** max(len(fraction[:8]) - 7, 0))
        if len(fraction) > 7
        else int(fraction.ljust(7, "0") or 0)
    )
    return ((hour * 60 + minute) * 60 + second) * TICKS_PER_SECOND + ticks


def zone_minutes(zone: str) -> int:
    if zone.upper() in ("Z", "GMT", "UTC"):
        return 0
    digits = zone[1:].replace(":", "")
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    return (hours * 60 + minutes) * (-1 if zone[0] == "-" else 1)


def _with_zone(ticks: int, zone: str | None, styles: int) -> DateTime:
    if zone is not None:
        moment = DateTime.from_ticks(ticks - zone_minutes(zone) * 60 * TICKS_PER_SECOND, UTC)
        if styles & STYLE_ADJUST or (styles & STYLE_ROUNDTRIP and zone.upper() == "Z"):
            return moment
        return to_local(moment)
    if styles & STYLE_UNIVERSAL:
        moment = DateTime.from_ticks(ticks, UTC)
        return moment if styles & STYLE_ADJUST else to_local(moment)
    if styles & STYLE_LOCAL:
        local = as_local(ticks)
        return to_utc(local) if styles & STYLE_ADJUST else local
    return DateTime.from_ticks(ticks)


def _date(date_text: str, text: str) -> tuple[int, int, int]:
    """Year, month and day of the part before the time."""
    found = re.fullmatch(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", date_text)
    if found:
        return _checked(int(found[1]), int(found[3]), int(found[4]), text)
    found = re.fullmatch(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{2}|\d{4})", date_text)
    if found:
        return _checked(_year(found[4]), int(found[1]), int(found[3]), text)
    found = re.fullmatch(r"(\d{4})[-/](\d{1,2})", date_text)
    if found:
        return _checked(int(found[1]), int(found[2]), 1, text)
    found = re.fullmatch(r"(\d{1,2})[-/](\d{4})", date_text)
    if found:
        return _checked(int(found[2]), int(found[1]), 1, text)
    found = re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})", date_text)
    if found:
        return _checked(now().year, int(found[1]), int(found[2]), text)
    return _worded(date_text, text)


def _checked(year: int, month: int, day: int, text: str) -> tuple[int, int, int]:
    if not (1 <= month <= 12 and 1 <= day <= 31 and year > 0):
        raise _not_recognized(text)
    return year, month, day


def _year(digits: str) -> int:
    number = int(digits)
    return number if len(digits) > 2 else number + (2000 if number < 50 else 1900)


def _worded(date_text: str, text: str) -> tuple[int, int, int]:
    """``6 May 2024``, ``May 6, 2024``, ``Monday, May 6, 2024``, ``May 2024``, ``6 May``."""
    month = 0
    numbers: list[str] = []
    for found in re.finditer(r"[A-Za-z]+|\d+|[^\w\s]|_", date_text):
        token = found.group()
        folded = token.lower()
        if token.isdigit():
            numbers.append(token)
        elif folded in _MONTHS and not month:
            month = _MONTHS[folded]
        elif folded not in _DAYS and folded not in ",-/.":
            if token[0].isalpha():
                at = text.find(token)
                raise BadDate(
                    f"The string '{text}' was not recognized as a valid DateTime. "
                    f"There is an unknown word starting at index '{at}'."
                )
            raise _not_recognized(text)
    if not month or not 1 <= len(numbers) <= 2:
        raise _not_recognized(text)
    if len(numbers) == 1:
        if len(numbers[0]) > 2:
            return int(numbers[0]), month, 1
        return _checked(now().year, month, int(numbers[0]), text)
    first, second = numbers
    if len(first) > 2:
        first, second = second, first
    return _checked(_year(second), month, int(first), text)


# -- ParseExact

_SPEC = re.compile(r"\\(.)|'([^']*)'|\"([^\"]*)\"|%(?=.)|(d+|M+|y+|h+|H+|m+|s+|f+|F+|t+|K|z+|g+)|([:/])|(.)", re.DOTALL)


def parse_exact(text: str, formats: Iterable[str], symbols: DateSymbols = EN_US, styles: int = 0) -> DateTime:
    formats = list(formats)
    last: BadDate | None = None
    for spec in formats:
        try:
            return _exact(text, spec, symbols, styles)
        except BadDate as bad:
            last = bad
    raise last if last is not None and len(formats) == 1 else _not_recognized(text)


def _exact(text: str, spec: str, symbols: DateSymbols, styles: int) -> DateTime:
    round_trip = spec in ("o", "O")
    if len(spec) == 1:
        spec = standard_pattern(spec, symbols) or spec
    source = text.strip() if styles & 7 else text
    pattern, names = _pattern(spec, symbols)
    found = re.fullmatch(pattern, source, re.IGNORECASE)
    if found is None:
        raise _not_recognized(text)
    parts = {name: value for name, value in zip(names, found.groups(), strict=True) if value is not None}
    return _assemble(
        parts, symbols, text, styles | (STYLE_ROUNDTRIP if round_trip else 0), "'GMT'" in spec or spec.endswith("'Z'")
    )


def _pattern(spec: str, symbols: DateSymbols) -> tuple[str, list[str]]:
    out: list[str] = []
    names: list[str] = []
    for found in _SPEC.finditer(spec):
        escaped, single, double, token, separator, other = found.groups()
        if token:
            names.append(token)
            out.append(f"({_token_pattern(token, symbols)})" + ("?" if token[0] in "KF" else ""))
        elif separator:
            out.append(re.escape(symbols.time_separator if separator == ":" else symbols.date_separator))
        else:
            out.append(re.escape(next((t for t in (escaped, single, double, other) if t is not None), "")))
    return "".join(out), names


def _token_pattern(token: str, symbols: DateSymbols) -> str:
    letter, length = token[0], len(token)
    if letter in "dM" and length > 2:
        names = {("d", 3): symbols.short_days, ("M", 3): symbols.short_months}.get(
            (letter, length), symbols.days if letter == "d" else symbols.months
        )
        return "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    if letter == "y":
        return rf"\d{{{length}}}" if length != 1 else r"\d{1,2}"
    if letter in "dMhHms":
        return r"\d{2}" if length == 2 else r"\d{1,2}"
    if letter == "f":
        return rf"\d{{{length}}}"
    if letter == "F":
        return rf"\d{{0,{length}}}"
    if letter == "t":
        return f"{re.escape(symbols.am)}|{re.escape(symbols.pm)}" if length > 1 else "[AP]"
    if letter in "Kz":
        return r"Z|[+-]\d{1,2}:?\d{0,2}"
    return r"A\.D\."


def _assemble(parts: dict[str, str], symbols: DateSymbols, text: str, styles: int, universal: bool) -> DateTime:
    today = now()
    has_date = any(token[0] in "yMd" for token in parts)
    year = today.year
    month, day = (1, 1) if has_date else (today.month, today.day)
    hour = minute = second = fraction = 0
    half = zone = ""
    for token, value in parts.items():
        letter = token[0]
        if letter == "y":
            year = _year(value) if len(token) <= 2 else int(value)
        elif letter == "M":
            month = (
                int(value)
                if len(token) <= 2
                else _name_at(value, symbols.months if len(token) > 3 else symbols.short_months) + 1
            )
        elif letter == "d" and len(token) <= 2:
            day = int(value)
        elif letter in "hH":
            hour = int(value)
        elif letter == "m":
            minute = int(value)
        elif letter == "s":
            second = int(value)
        elif letter in "fF":
            fraction = int(value.ljust(7, "0"))
        elif letter == "t":
            half = value[:1].upper()
        elif letter in "Kz":
            zone = value
    if half:
        hour = hour % 12 + (12 if half == "P" else 0)
    try:
        start = DateTime(year, month, day, hour, minute, second)
    except ValueError:
        raise BadDate(
            f"The DateTime represented by the string '{text}' is not supported in calendar "
            "'System.Globalization.GregorianCalendar'."
        ) from None
    if universal and not zone:
        return DateTime.from_ticks(start.ticks + fraction)
    return _with_zone(start.ticks + fraction, zone or None, styles)


def _name_at(value: str, names: list[str]) -> int:
    return [name.lower() for name in names].index(value.lower())


# -- time spans

_SPAN = re.compile(r"\s*(-)?(?:(\d+)(?:\.(?=\d)|:(?=\d+:\d+:\d)))?(\d+)(?::(\d+)(?::(\d+)(?:\.(\d{1,7}))?)?)?\s*\Z")


def parse_timespan(text: str) -> TimeSpan:
    try:
        return span_from(text)
    except BadDate as bad:
        kind = (
            "System.OverflowException"
            if "outside the bounds" in bad.message or "is out of range" in bad.message
            else "System.FormatException"
        )
        raise Refused(bad.message, _FQID, kind) from None


def span_from(text: str) -> TimeSpan:
    found = _SPAN.match(text)
    if not found:
        raise BadDate(f"String '{text}' was not recognized as a valid TimeSpan.")
    sign, days, first, minutes, seconds, fraction = found.groups()
    if minutes is None:
        days, first = first, "0"
    hour, minute, second = int(first), int(minutes or 0), int(seconds or 0)
    if hour > 23 or minute > 59 or second > 59:
        raise BadDate(
            f"The TimeSpan string '{text}' could not be parsed because at least one of the numeric components is "
            "out of range or contains too many digits."
        )
    ticks = (
        int(days or 0) * TICKS_PER_DAY
        + ((hour * 60 + minute) * 60 + second) * TICKS_PER_SECOND
        + int((fraction or "").ljust(7, "0"))
    )
    if ticks > SPAN_MAX:
        raise BadDate(
            f"The TimeSpan string '{text}' could not be parsed because at least one of the numeric components is "
            "out of range or contains too many digits."
        )
    return TimeSpan(-ticks if sign else ticks)


def to_offset(value: Any) -> Any:
    """A cast to DateTimeOffset."""
    from .offsets import DateTimeOffset, parse_offset

    if isinstance(value, DateTimeOffset):
        return value
    if isinstance(value, datetime.datetime):
        return DateTimeOffset.of(value)
    if isinstance(value, str):
        try:
            return parse_offset(value)
        except BadDate as bad:
            raise Refused(bad.message, _FQID) from None
    raise Refused


__all__ = [
    "BadDate",
    "parse",
    "parse_datetime",
    "parse_exact",
    "parse_timespan",
    "span_from",
    "span_ticks",
    "to_offset",
]
