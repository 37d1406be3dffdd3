"""How CLIXML spells scalars: text, numbers, dates and durations, both ways.

The rules are those of .NET's ``XmlConvert`` and of PowerShell's serializer ([MS-PSRP] 2.2.5.1 and 2.2.5.3.2);
the shape of objects is the business of ``write`` and ``read``.
"""

from __future__ import annotations

import datetime
import math
import re
import struct

from ..psobject import TICKS_PER_DAY, TICKS_PER_SECOND, DateTime, TimeSpan

# What PowerShell writes as _xHHHH_: controls, surrogates (so also both halves of anything beyond the BMP), and an
# underscore that would otherwise look like the beginning of an escape. U+FFFE and U+FFFF are our own addition:
# PowerShell writes them raw, which no XML parser accepts; its reader takes the escape.
_SPECIAL = re.compile("[&<>]|[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\U00010000-\U0010ffff]|_(?=[xX])")
_SPECIAL_NAME = re.compile(_SPECIAL.pattern + '|"')
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_XML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}

# Places before the point up to which .NET's "R" writes no exponent.
DOUBLE_DIGITS = 17
SINGLE_DIGITS = 9


class CLIXMLError(ValueError):
    """The text is not CLIXML, or the value has no CLIXML form."""


class NoSessionKey(CLIXMLError):
    """A secure string was to be written before keys were exchanged."""


def _escape_one(found: re.Match[str]) -> str:
    char = found[0]
    if char in _XML:
        return _XML[char]
    code = ord(char)
    if code > 0xFFFF:
        high, low = divmod(code - 0x10000, 0x400)
        return f"_x{0xD800 + high:04X}__x{0xDC00 + low:04X}_"
    return f"_x{code:04X}_"


def escape(text: str) -> str:
    """Text as the content of a CLIXML element."""
    return _SPECIAL.sub(_escape_one, text) if _SPECIAL.search(text) else text


def escape_name(name: str) -> str:
    """Text as the value of an attribute in double quotes."""
    return _SPECIAL_NAME.sub(_escape_one, name) if _SPECIAL_NAME.search(name) else name


def unescape_units(text: str) -> str:
    """Undo ``_xHHHH_`` and no more: the halves of a character beyond the BMP stay two."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def escape_beyond(text: str) -> str:
    """A whole document with all characters beyond the BMP spelled ``_xHHHH__xHHHH_``."""
    return text if text.isascii() else _BEYOND.sub(_escape_one, text)


def unescape(text: str) -> str:
    """Undo ``_xHHHH_``; halves of a pair that meet become one character, a lone half stays as it is."""
    if "_x" not in text:
        return text
    plain = unescape_units(text)
    if any("\ud800" <= char <= "\udfff" for char in plain):
        return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return plain


def _shortest(digits: str, precision: int) -> str:
    """.NET's "R" from the shortest digits in exponent form: an exponent only beyond ``precision`` places."""
    mantissa, _, exponent = digits.partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole = mantissa.lstrip("-").replace(".", "").rstrip("0") or "0"
    point = int(exponent) + 1  # digits before the decimal point
    if point > max(len(whole), precision) or point < -3:
        tail = "." + whole[1:] if len(whole) > 1 else ""
        return f"{sign}{whole[0]}{tail}E{point - 1:+03d}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{whole}"
    padded = whole.ljust(point, "0")
    return f"{sign}{padded[:point]}" + (f".{padded[point:]}" if len(padded) > point else "")


def format_double(value: float) -> str:
    """XmlConvert.ToString(Double): shortest text that reads back as the same number."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "INF" if value > 0 else "-INF"
    text = repr(value)  # Python's shortest digits are .NET's; only where the exponent begins differs
    return _shortest(text, DOUBLE_DIGITS) if "e" in text else text.removesuffix(".0")


def format_single(value: float) -> str:
    """XmlConvert.ToString(Single)."""
    if not math.isfinite(value):
        return format_double(value)
    stored = struct.pack("f", value)
    for digits in range(9):
        text = f"{value:.{digits}e}"
        if struct.pack("f", float(text)) == stored:
            break
    return "-0" if text.startswith("-") and value == 0 else _shortest(text, SINGLE_DIGITS)


def parse_double(text: str) -> float:
    if text == "INF":
        return math.inf
    if text == "-INF":
        return -math.inf
    return float(text)


def _fraction(ticks: int) -> str:
    return f".{ticks:07d}".rstrip("0") if ticks else ""


def format_datetime(value: datetime.datetime) -> str:
    """XmlConvert.ToString(DateTime, RoundtripKind): up to seven digits, then nothing, Z or the local offset."""
    ticks = value.microsecond * 10 + getattr(value, "tick", 0)
    text = (
        f"{value.year:04d}-{value.month:02d}-{value.day:02d}T"
        f"{value.hour:02d}:{value.minute:02d}:{value.second:02d}{_fraction(ticks)}"
    )
    if value.tzinfo is None:
        return text
    if value.tzinfo is datetime.timezone.utc:
        return text + "Z"
    minutes = int((value.utcoffset() or datetime.timedelta()).total_seconds() // 60)
    return f"{text}{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


_DATETIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_offsets: dict[str, datetime.timezone] = {"Z": datetime.timezone.utc}


def _offset(text: str) -> datetime.timezone:
    zone = _offsets.get(text)
    if zone is None:
        delta = datetime.timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
        # named, so that +00:00 is not Python's utc singleton: PowerShell tells Local from Utc
        zone = datetime.timezone(-delta if text[0] == "-" else delta, text)
        _offsets[text] = zone
    return zone


def parse_datetime(text: str) -> DateTime:
    found = _DATETIME.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no date")
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    micro, tick = divmod(int(fraction[:7].ljust(7, "0")), 10) if fraction else (0, 0)
    return DateTime(
        int(year), int(month), int(day), int(hour), int(minute), int(second), micro,
        _offset(zone) if zone else None, tick=tick,
    )  # fmt: skip


def format_timespan(value: datetime.timedelta) -> str:
    """XmlConvert.ToString(TimeSpan): an ISO 8601 duration."""
    if isinstance(value, TimeSpan):
        ticks = value.ticks
    else:
        ticks = ((value.days * 86400 + value.seconds) * 1_000_000 + value.microseconds) * 10
    sign = "-" if ticks < 0 else ""
    days, ticks = divmod(abs(ticks), TICKS_PER_DAY)
    seconds, ticks = divmod(ticks, TICKS_PER_SECOND)
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    date = f"{days}D" if days else ""
    time = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if seconds or ticks or not (date or time):
        time += f"{seconds}{_fraction(ticks)}S"
    return f"{sign}P{date}" + (f"T{time}" if time else "")


_TIMESPAN = re.compile(
    r"(-?)P(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})D)?"
    r"(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,12})(?:\.(\d{1,9}))?S)?)?",
    re.ASCII,
)


def parse_timespan(text: str) -> TimeSpan:
    found = _TIMESPAN.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no duration")
    sign, years, months, days, hours, minutes, seconds, fraction = found.groups()
    whole = (int(years or 0) * 365 + int(months or 0) * 30 + int(days or 0)) * 86400
    whole += int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    ticks = whole * TICKS_PER_SECOND + (int(fraction[:7].ljust(7, "0")) if fraction else 0)
    return TimeSpan(-ticks if sign else ticks)
