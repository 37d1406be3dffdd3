"""How single things read: numbers, dates and lengths of time as .NET writes them; cells, wrapping, truncation.

Pure functions on Python scalars. Culture is "en-US" or "" (invariant), the two that are recorded.
"""

from __future__ import annotations

import datetime
import decimal
import math
import re

from jobmagics.psobject import DateTime, Single, TimeSpan

ELLIPSIS = "…"
ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")
# what PowerShell takes for decoration: colors and the like, private modes, hyperlinks
DECORATION = re.compile(r"\x1b(?:\[[0-9]*(?:;[0-9]+)*m|\[\?[0-9]+[hl]|\]8;;.*?\x1b\\)")
WORD = re.compile(r"[^ \t]*[ \t]|[^ \t]+")
DOUBLE_DIGITS, SINGLE_DIGITS = 15, 7  # PowerShell shows 15 and 7 significant digits, not the shortest round trip
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
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def float_text(value: float) -> str:
    """A Double or Single as PowerShell prints it: 0.333333333333333, 1E+15, Infinity."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    digits = SINGLE_DIGITS if isinstance(value, Single) else DOUBLE_DIGITS
    if value == int(value) and abs(value) < 10**digits:
        return "-0" if value == 0 and math.copysign(1, value) < 0 else str(int(value))
    text = format(decimal.Decimal(repr(float(value))), f".{digits}g") if value else "0"
    rounded = decimal.Decimal(text)
    exponent = rounded.adjusted()
    if exponent < -4 or exponent >= digits:
        mantissa = format(rounded.scaleb(-exponent).normalize(), "f")
        return f"{mantissa}E{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    plain = format(rounded, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def fixed(value: float | decimal.Decimal, places: int = 2) -> str:
    return f"{value:.{places}f}" if math.isfinite(value) else float_text(float(value))


def long_date(moment: datetime.datetime, culture: str) -> str:
    """What the DateTime view shows: long date and long time."""
    day, month = DAYS[moment.weekday()], MONTHS[moment.month - 1]
    if culture == "en-US":
        return f"{day}, {month} {moment.day}, {moment.year:04d} {clock_12(moment)}"
    return f"{day}, {moment.day:02d} {month} {moment.year:04d} {moment:%H:%M:%S}"


def general_date(moment: datetime.datetime, culture: str) -> str:
    """DateTime.ToString(): 3/4/2026 5:06:07 AM, or 03/04/2026 05:06:07 in the invariant culture."""
    if culture == "en-US":
        return f"{moment.month}/{moment.day}/{moment.year:04d} {clock_12(moment)}"
    return f"{moment.month:02d}/{moment.day:02d}/{moment.year:04d} {moment:%H:%M:%S}"


def short_date(moment: datetime.datetime, culture: str) -> str:
    if culture == "en-US":
        return f"{moment.month}/{moment.day}/{moment.year:04d}"
    return f"{moment.month:02d}/{moment.day:02d}/{moment.year:04d}"


def clock_12(moment: datetime.datetime, seconds: bool = True) -> str:
    # ICU puts a narrow no-break space before AM and PM
    tail = f":{moment.second:02d}" if seconds else ""
    return f"{moment.hour % 12 or 12}:{moment.minute:02d}{tail}\u202f{'AM' if moment.hour < 12 else 'PM'}"


def timespan_text(span: datetime.timedelta) -> str:
    """TimeSpan.ToString(): [-][d.]hh:mm:ss[.fffffff]."""
    total = ticks_of(span)
    sign, total = ("-", -total) if total < 0 else ("", total)
    seconds, fraction = divmod(total, 10_000_000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    text = f"{sign}{f'{days}.' if days else ''}{hour:02d}:{minute:02d}:{second:02d}"
    return f"{text}.{fraction:07d}" if fraction else text


def ticks_of(value: datetime.timedelta | datetime.datetime) -> int:
    if isinstance(value, DateTime | TimeSpan):
        return value.ticks
    if isinstance(value, datetime.datetime):
        return DateTime(*value.timetuple()[:6], value.microsecond).ticks
    return (value.days * 86400 + value.seconds) * 10_000_000 + value.microseconds * 10


def grouped(value: float | decimal.Decimal, places: int) -> str:
    """The "N" format of both cultures: 1,234.50."""
    return f"{value:,.{places}f}"


# What PowerShell holds to be two cells wide, by its own table. Beyond the BMP it counts the two UTF-16 units.
_WIDE = re.compile(
    "[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3040-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f"
    "\uff00-\uff60\uffe0-\uffe6\U00010000-\U0010ffff]"
)


def plain(text: str) -> str:
    """Without decoration."""
    return DECORATION.sub("", text)


def cells(text: str) -> int:
    """Columns that a text takes on the screen: East Asian wide characters take two, decoration none."""
    if text.isascii() and "\x1b" not in text:
        return len(text)
    text = plain(text)
    return len(text) + len(_WIDE.findall(text))


def char_cells(char: str) -> int:
    return 2 if _WIDE.match(char) else 1


def head(text: str, width: int) -> str:
    """The longest beginning that fits into width cells."""
    if text.isascii() and "\x1b" not in text:
        return text[:width]
    used, position = 0, 0
    while position < len(text):
        sequence = DECORATION.match(text, position)
        if sequence:
            position = sequence.end()
            continue
        used += char_cells(text[position])
        if used > width:
            break
        position += 1
    return text[:position]


def tail(text: str, width: int) -> str:
    """The longest end that fits into width cells."""
    if text.isascii():
        return text[-width:] if width else ""
    used, position = 0, len(text)
    while position > 0 and used + char_cells(text[position - 1]) <= width:
        used += char_cells(text[position - 1])
        position -= 1
    return text[position:]


def first_line(text: str) -> str:
    """What fits in one row: the first line, marked when more follow."""
    for position, char in enumerate(text):
        if char in "\r\n":
            return text[:position] + ELLIPSIS
    return text


def split_lines(text: str) -> list[str]:
    return text.replace("\r", "").split("\n")


def wrapped(text: str, width: int, *, words: bool = True) -> list[str]:
    """Text broken at line ends and at width; between words in the cultures that have them, else anywhere."""
    lines: list[str] = []
    for line in split_lines(text):
        if cells(line) <= width:
            lines.append(line)
        elif words:
            lines += _wrap_words(line, width)
        else:
            lines += _chop(line, width)
    return lines


def _wrap_words(line: str, width: int) -> list[str]:
    lines, current, left = [], "", width
    for word in WORD.findall(line):
        size = cells(word)
        if size > width:
            for char in word:
                wide = char_cells(char)
                if wide > left:
                    lines.append(current)
                    current, left = "", width
                current += char
                left -= wide
        elif size > left:
            lines.append(current)
            current, left = word, width - size
        else:
            current += word
            left -= size
    return [*lines, current]


def _chop(line: str, width: int) -> list[str]:
    lines = []
    while cells(line) > width:
        part = head(line, width) or "?"
        lines.append(part)
        line = line[len(part) :]
    return [*lines, line] if line else lines
