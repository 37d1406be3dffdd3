"""DateTime and TimeSpan as .NET's format strings write them, standard and custom."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field

from ...psobject import DateTime, TimeSpan
from .number_formats import BadFormat

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
BAD_INPUT = "Input string was not in a correct format."


@dataclass
class DateSymbols:
    """The parts of a culture that dates need (DateTimeFormatInfo)."""

    short_date: str = "M/d/yyyy"
    long_date: str = "dddd, MMMM d, yyyy"
    short_time: str = "h:mm tt"
    long_time: str = "h:mm:ss tt"
    month_day: str = "MMMM d"
    year_month: str = "MMMM yyyy"
    date_separator: str = "/"
    time_separator: str = ":"
    am: str = "AM"
    pm: str = "PM"
    months: list[str] = field(default_factory=lambda: list(MONTHS))
    short_months: list[str] = field(default_factory=lambda: [name[:3] for name in MONTHS])
    days: list[str] = field(default_factory=lambda: list(DAYS))
    short_days: list[str] = field(default_factory=lambda: [name[:3] for name in DAYS])
    first_day: int = 0


EN_US = DateSymbols()
INVARIANT = DateSymbols(
    short_date="MM/dd/yyyy",
    long_date="dddd, dd MMMM yyyy",
    short_time="HH:mm",
    long_time="HH:mm:ss",
    month_day="MMMM dd",
    year_month="yyyy MMMM",
)


def standard_pattern(letter: str, symbols: DateSymbols) -> str | None:
    """What a one-letter format stands for."""
    if letter in "oO":
        return "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK"
    if letter in "rR":
        return "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'"
    return {
        "d": symbols.short_date,
        "D": symbols.long_date,
        "f": f"{symbols.long_date} {symbols.short_time}",
        "F": f"{symbols.long_date} {symbols.long_time}",
        "g": f"{symbols.short_date} {symbols.short_time}",
        "G": f"{symbols.short_date} {symbols.long_time}",
        "m": symbols.month_day,
        "M": symbols.month_day,
        "s": "yyyy'-'MM'-'dd'T'HH':'mm':'ss",
        "t": symbols.short_time,
        "T": symbols.long_time,
        "u": "yyyy'-'MM'-'dd HH':'mm':'ss'Z'",
        "U": f"{symbols.long_date} {symbols.long_time}",
        "y": symbols.year_month,
        "Y": symbols.year_month,
    }.get(letter)


def format_datetime(
    moment: datetime.datetime, spec: str = "", symbols: DateSymbols = EN_US, offset: bool = False
) -> str:
    """``moment.ToString(spec)``. ``offset``: a DateTimeOffset, whose zone always shows."""
    spec = spec or "G"
    if spec == "G" and offset:
        spec = f"{symbols.short_date} {symbols.long_time} zzz"
    if len(spec) == 1:
        pattern = standard_pattern(spec, symbols)
        if pattern is None:
            raise BadFormat(BAD_INPUT)
        if spec in "rRu" and offset:
            moment = in_utc(moment)
        if spec == "U":
            moment = in_utc(moment)
        if spec in "oOrRsu":
            symbols = INVARIANT
        return _custom(moment, pattern, symbols, offset)
    if len(spec) == 2 and spec[0] == "%":
        spec = spec[1:]
    return _custom(moment, spec, symbols, offset)


def in_utc(moment: datetime.datetime) -> datetime.datetime:
    delta = moment.utcoffset()
    if not delta:
        return moment
    ticks = ticks_of(moment) - int(delta / datetime.timedelta(microseconds=1)) * 10
    return DateTime.from_ticks(ticks, datetime.timezone.utc)


def ticks_of(moment: datetime.datetime) -> int:
    if isinstance(moment, DateTime):
        return moment.ticks
    return DateTime(
        moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, moment.microsecond
    ).ticks


_TOKEN = re.compile(
    r"\\(.)|'([^']*)'|\"([^\"]*)\"|%(?=.)|(d+|M+|y+|h+|H+|m+|s+|f+|F+|t+|K|z+|g+)|([:/])|(.)", re.DOTALL
)


def _custom(moment: datetime.datetime, spec: str, symbols: DateSymbols, offset: bool) -> str:
    out: list[str] = []
    for found in _TOKEN.finditer(spec):
        escaped, single, double, token, separator, other = found.groups()
        if token:
            out.append(_part(token, moment, symbols, offset))
            if token[0] == "F" and not out[-1] and len(out) > 1 and out[-2] == ".":
                out[-2] = ""
        elif separator:
            out.append(symbols.time_separator if separator == ":" else symbols.date_separator)
        else:
            out.append(next((text for text in (escaped, single, double, other) if text is not None), ""))
    return "".join(out)


def _part(token: str, moment: datetime.datetime, symbols: DateSymbols, offset: bool) -> str:
    letter, length = token[0], len(token)
    if letter == "d":
        if length <= 2:
            return str(moment.day).rjust(length, "0")
        day = moment.isoweekday() % 7
        return symbols.short_days[day] if length == 3 else symbols.days[day]
    if letter == "M":
        if length <= 2:
            return str(moment.month).rjust(length, "0")
        return (symbols.short_months if length == 3 else symbols.months)[moment.month - 1]
    if letter == "y":
        return str(moment.year % 100).rjust(length, "0") if length <= 2 else str(moment.year).rjust(length, "0")
    if letter in "hH":
        hour = moment.hour if letter == "H" else moment.hour % 12 or 12
        return str(hour).rjust(min(length, 2), "0")
    if letter in "ms":
        return str(moment.minute if letter == "m" else moment.second).rjust(min(length, 2), "0")
    if letter in "fF":
        digits = f"{moment.microsecond:06d}{getattr(moment, 'tick', 0)}"[:length]
        return digits if letter == "f" else digits.rstrip("0")
    if letter == "t":
        word = symbols.am if moment.hour < 12 else symbols.pm
        return word[:1] if length == 1 else word
    if letter == "K":
        return _zone(moment, offset)
    if letter == "z":
        return _offset(moment, length)
    return "A.D."


def _zone(moment: datetime.datetime, offset: bool) -> str:
    if moment.tzinfo is None:
        return ""
    if moment.tzinfo is datetime.timezone.utc and not offset:
        return "Z"
    return _offset(moment, 3)


def _offset(moment: datetime.datetime, length: int) -> str:
    delta = moment.utcoffset()
    if delta is None:
        delta = (
            datetime.datetime(moment.year, moment.month, moment.day).astimezone().utcoffset() or datetime.timedelta()
        )
    minutes = int(delta.total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    hours, minute = divmod(abs(minutes), 60)
    if length == 1:
        return f"{sign}{hours}"
    return f"{sign}{hours:02d}" + (f":{minute:02d}" if length >= 3 else "")


# -- TimeSpan


def format_timespan(span: TimeSpan, spec: str = "") -> str:
    """``span.ToString(spec)``."""
    from .value import timespan_string

    if spec in ("", "c", "t", "T"):
        return timespan_string(span)
    ticks = span.ticks
    seconds, fraction = divmod(abs(ticks), 10_000_000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    sign = "-" if ticks < 0 else ""
    if spec == "g":
        head = f"{days}:" if days else ""
        tail = f".{fraction:07d}".rstrip("0") if fraction else ""
        return f"{sign}{head}{hour}:{minute:02d}:{second:02d}{tail}"
    if spec == "G":
        return f"{sign}{days}:{hour:02d}:{minute:02d}:{second:02d}.{fraction:07d}"
    if len(spec) == 1:
        raise BadFormat(BAD_INPUT)
    values = {"d": days, "h": hour, "m": minute, "s": second}
    return _custom_span(spec, values, fraction)


_SPAN_TOKEN = re.compile(
    r"\\(.)|'([^']*)'|\"([^\"]*)\"|%(?=.)|(d{1,8}|h{1,2}|m{1,2}|s{1,2}|f{1,7}|F{1,7})|(.)", re.DOTALL
)


def _custom_span(spec: str, values: dict[str, int], fraction: int) -> str:
    out: list[str] = []
    for found in _SPAN_TOKEN.finditer(spec):
        escaped, single, double, token, other = found.groups()
        if other is not None:
            raise BadFormat(BAD_INPUT)
        if token and token[0] in "fF":
            digits = f"{fraction:07d}"[: len(token)]
            out.append(digits if token[0] == "f" else digits.rstrip("0"))
        elif token:
            out.append(str(values[token[0]]).rjust(len(token), "0"))
        else:
            out.append(escaped or single or double or "")
    return "".join(out)
