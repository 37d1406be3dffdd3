"""DateTime and TimeSpan. DateTimeOffset, DateOnly, TimeOnly and TimeZoneInfo are in offsets.py."""

from __future__ import annotations

import calendar
import datetime
import decimal
import math
from collections.abc import Iterable
from typing import Any

from ...psobject import TICKS_PER_DAY, TICKS_PER_SECOND, DateTime, Int64, PSList, TimeSpan
from ..values.date_formats import format_datetime
from ..values.formats import BadFormat, date_symbols, format_value
from ..values.operators import float_divide
from ..values.value import to_string
from . import offsets, zones
from .compare import compare_same
from .dateparse import BadDate, parse_datetime, parse_exact, parse_in_culture, span_from
from .enums import enum_value
from .table import declare, net_error, out_of_range

TICKS_PER_MINUTE = 60 * TICKS_PER_SECOND
TICKS_PER_HOUR = 60 * TICKS_PER_MINUTE
MAX_TICKS = zones.MAX_TICKS
PROVIDER = "System.IFormatProvider provider"
STYLES = "System.Globalization.DateTimeStyles styles"

DATE = declare("System.DateTime")
DATE.constant("datetime MinValue", DateTime.from_ticks(0))
DATE.constant("datetime MaxValue", DateTime.from_ticks(MAX_TICKS))
DATE.constant("datetime UnixEpoch", DateTime(1970, 1, 1, tzinfo=zones.UTC))
DATE.static_property("datetime Now", zones.now)
DATE.static_property("datetime UtcNow", zones.utc_now)
DATE.static_property("datetime Today", lambda: midnight(zones.now()))


def midnight(moment: DateTime) -> DateTime:
    return DateTime(moment.year, moment.month, moment.day, tzinfo=moment.tzinfo)


def at(ticks: int, like: datetime.datetime) -> DateTime:
    if not 0 <= ticks <= MAX_TICKS:
        raise out_of_range("value", "The added or subtracted value results in an un-representable DateTime.")
    if like.tzinfo is not None and like.tzinfo is not zones.UTC:
        return zones.as_local(ticks)
    return DateTime.from_ticks(ticks, like.tzinfo)


# -- constructors


@DATE.constructor(
    "datetime(int year, int month, int day)",
    "datetime(int year, int month, int day, int hour, int minute, int second)",
    "datetime(int year, int month, int day, int hour, int minute, int second, System.DateTimeKind kind)",
    "datetime(int year, int month, int day, int hour, int minute, int second, int millisecond)",
    "datetime(int year, int month, int day, int hour, int minute, int second, int millisecond, "
    "System.DateTimeKind kind)",
    "datetime(int year, int month, int day, int hour, int minute, int second, int millisecond, int microsecond)",
)
def _new(kind: Any, *parts: Any) -> DateTime:
    zone = parts[-1] if hasattr(parts[-1], "ps_enum_value") else None
    numbers = [int(part) for part in parts if not hasattr(part, "ps_enum_value")]
    micro = 0
    if len(numbers) > 6:
        micro = numbers[6] * 1000 + (numbers[7] if len(numbers) > 7 else 0)
    try:
        plain = DateTime(*numbers[:6], micro)
    except ValueError:
        what = "Year, Month, and Day" if not _valid_day(*numbers[:3]) else "Hour, Minute, and Second"
        raise net_error(
            "System.ArgumentOutOfRangeException", f"{what} parameters describe an un-representable DateTime."
        ) from None
    return of_kind(plain, to_string(zone) if zone is not None else "Unspecified")


def _valid_day(year: int, month: int, day: int) -> bool:
    return 1 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]


@DATE.constructor("datetime(long ticks)", "datetime(long ticks, System.DateTimeKind kind)")
def _from_ticks(net_type: Any, ticks: int, kind: Any = None) -> DateTime:
    if not 0 <= ticks <= MAX_TICKS:
        raise out_of_range("ticks", "Ticks must be between DateTime.MinValue.Ticks and DateTime.MaxValue.Ticks.")
    return of_kind(DateTime.from_ticks(int(ticks)), to_string(kind) if kind is not None else "Unspecified")


DATE.constructor("datetime()")(lambda kind: DateTime.from_ticks(0))


def of_kind(moment: DateTime, kind: str) -> DateTime:
    if kind == "Utc":
        return DateTime.from_ticks(moment.ticks, zones.UTC)
    if kind == "Local":
        return zones.as_local(moment.ticks)
    return DateTime.from_ticks(moment.ticks)


DATE.static("datetime SpecifyKind(datetime value, System.DateTimeKind kind)")(
    lambda moment, kind: of_kind(moment, to_string(kind))
)

# -- reading text


def _guard(work: Any, *args: Any) -> Any:
    try:
        return work(*args)
    except BadDate as bad:
        raise net_error("System.FormatException", bad.message) from None


@DATE.static(
    "datetime Parse(string s)",
    f"datetime Parse(string s, {PROVIDER})",
    f"datetime Parse(string s, {PROVIDER}, {STYLES})",
)
def _parse(text: str, provider: Any = None, styles: int = 0) -> Any:
    if provider is None:
        return _guard(parse_datetime, text, int(styles))
    return _guard(parse_in_culture, text, int(styles), date_symbols(provider))


@DATE.static(
    f"datetime ParseExact(string s, string format, {PROVIDER})",
    f"datetime ParseExact(string s, string format, {PROVIDER}, {STYLES})",
    f"datetime ParseExact(string s, string[] formats, {PROVIDER}, {STYLES})",
)
def _parse_exact(text: str, formats: Any, provider: Any = None, styles: int = 0) -> Any:
    return _guard(parse_exact, text, _several(formats), date_symbols(provider), int(styles))


def _several(formats: Any) -> Iterable[str]:
    return [formats] if isinstance(formats, str) else list(formats)


def _try(result: Any, work: Any, *args: Any) -> bool:
    try:
        result.value = work(*args)
    except BadDate:
        result.value = DateTime.from_ticks(0)
        return False
    return True


@DATE.static(
    "bool TryParse(string s, [ref] datetime result)",
    f"bool TryParse(string s, {PROVIDER}, {STYLES}, [ref] datetime result)",
    f"bool TryParse(string s, {PROVIDER}, [ref] datetime result)",
)
def _try_parse(text: str | None, *rest: Any) -> bool:
    styles = next((int(one) for one in rest if hasattr(one, "ps_enum_value")), 0)
    return _try(rest[-1], parse_datetime, text or "", styles)


@DATE.static(
    f"bool TryParseExact(string s, string format, {PROVIDER}, {STYLES}, [ref] datetime result)",
    f"bool TryParseExact(string s, string[] formats, {PROVIDER}, {STYLES}, [ref] datetime result)",
)
def _try_parse_exact(text: str | None, formats: Any, provider: Any, styles: int, result: Any) -> bool:
    return _try(result, parse_exact, text or "", _several(formats), date_symbols(provider), int(styles))


@DATE.static("int DaysInMonth(int year, int month)")
def _days_in_month(year: int, month: int) -> int:
    if not 1 <= month <= 12:
        raise out_of_range("month", "Month must be between one and twelve.")
    return calendar.monthrange(year, month)[1]


DATE.static("bool IsLeapYear(int year)")(calendar.isleap)
DATE.static("int Compare(datetime t1, datetime t2)")(lambda a, b: (a.ticks > b.ticks) - (a.ticks < b.ticks))
DATE.static("bool Equals(datetime t1, datetime t2)")(lambda a, b: a.ticks == b.ticks)
DATE.static("datetime FromFileTime(long fileTime)")(
    lambda ticks: zones.to_local(DateTime.from_ticks(int(ticks) + _FILE_EPOCH, zones.UTC))
)
DATE.static("datetime FromFileTimeUtc(long fileTime)")(
    lambda ticks: DateTime.from_ticks(int(ticks) + _FILE_EPOCH, zones.UTC)
)
_FILE_EPOCH = 504_911_232_000_000_000
_OLE_EPOCH = 599_264_352_000_000_000
DATE.static("datetime FromOADate(double d)")(
    lambda days: DateTime.from_ticks(_OLE_EPOCH + round(days * 86_400_000) * 10_000)
)
DATE.method("double ToOADate()")(lambda moment: (moment.ticks - _OLE_EPOCH) / TICKS_PER_DAY)

# -- parts

DATE.property("datetime Date", midnight)
DATE.property("int Day", lambda moment: moment.day)
DATE.property("System.DayOfWeek DayOfWeek", lambda moment: enum_value("System.DayOfWeek", moment.isoweekday() % 7))
DATE.property("int DayOfYear", lambda moment: moment.timetuple().tm_yday)
DATE.property("int Hour", lambda moment: moment.hour)
DATE.property("System.DateTimeKind Kind", lambda moment: enum_value("System.DateTimeKind", zones.plain(moment).kind))
DATE.property("int Millisecond", lambda moment: moment.microsecond // 1000)
DATE.property("int Microsecond", lambda moment: moment.microsecond % 1000)
DATE.property("int Nanosecond", lambda moment: getattr(moment, "tick", 0) * 100)
DATE.property("int Minute", lambda moment: moment.minute)
DATE.property("int Month", lambda moment: moment.month)
DATE.property("int Second", lambda moment: moment.second)
DATE.property("long Ticks", lambda moment: Int64(zones.plain(moment).ticks))
DATE.property("timespan TimeOfDay", lambda moment: TimeSpan(zones.plain(moment).ticks % TICKS_PER_DAY))
DATE.property("int Year", lambda moment: moment.year)
DATE.property("System.Object DateTime", lambda moment: format_datetime(moment, "F"))

# -- arithmetic


def _add_days(unit: int) -> Any:
    def add(moment: DateTime, value: float) -> DateTime:
        if math.isnan(value):
            return moment  # as a long, NaN is 0
        exact = decimal.Decimal(float(value)) * unit
        return at(moment.ticks + int(exact), moment)

    return add


for _name, _unit in (
    ("Days", TICKS_PER_DAY),
    ("Hours", TICKS_PER_HOUR),
    ("Minutes", TICKS_PER_MINUTE),
    ("Seconds", TICKS_PER_SECOND),
    ("Milliseconds", 10_000),
    ("Microseconds", 10),
):
    DATE.method(f"datetime Add{_name}(double value)")(_add_days(_unit))
DATE.method("datetime AddTicks(long value)")(lambda moment, ticks: at(moment.ticks + int(ticks), moment))
DATE.method("datetime Add(timespan value)")(lambda moment, span: at(moment.ticks + span.ticks, moment))


@DATE.method("datetime AddMonths(int months)")
def _add_months(moment: DateTime, months: int) -> DateTime:
    if not -120000 <= months <= 120000:
        raise out_of_range("months", "Months value must be between +/-120000.")
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise out_of_range("months", "The added or subtracted value results in an un-representable DateTime.")
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    start = DateTime(year, month + 1, day)
    return at(start.ticks + moment.ticks % TICKS_PER_DAY, moment)


DATE.method("datetime AddYears(int value)")(lambda moment, years: _add_months(moment, years * 12))
DATE.method("timespan Subtract(datetime value)")(lambda moment, other: TimeSpan(moment.ticks - other.ticks))
DATE.method("datetime Subtract(timespan value)")(lambda moment, span: at(moment.ticks - span.ticks, moment))
DATE.method("datetime ToUniversalTime()")(zones.to_utc)
DATE.method("datetime ToLocalTime()")(zones.to_local)
DATE.method("long ToFileTime()", "long ToFileTimeUtc()")(lambda moment: Int64(zones.utc_ticks(moment) - _FILE_EPOCH))
DATE.method("long ToBinary()")(lambda moment: Int64(moment.ticks))
DATE.method("bool IsDaylightSavingTime()")(lambda moment: bool(moment.dst()) if moment.tzinfo else False)

# -- text


def _text(value: Any, *rest: Any) -> str:
    spec = next((part for part in rest if isinstance(part, str)), "")
    culture = next((part for part in rest if part is not None and not isinstance(part, str)), None)
    try:
        return format_value(value, spec, culture)
    except BadFormat as bad:
        raise net_error("System.FormatException", bad.message) from None


TO_STRING = (
    "string ToString()",
    "string ToString(string format)",
    f"string ToString({PROVIDER})",
    f"string ToString(string format, {PROVIDER})",
)
DATE.method(*TO_STRING)(_text)
for _name, _spec in (("ShortDate", "d"), ("LongDate", "D"), ("ShortTime", "t"), ("LongTime", "T")):
    DATE.method(f"string To{_name}String()")(lambda moment, spec=_spec: format_datetime(moment, spec))


@DATE.method("string[] GetDateTimeFormats()", "string[] GetDateTimeFormats(char format)")
def _all_formats(moment: DateTime, letter: str = "d") -> PSList:
    try:
        return PSList.of("System.String", [format_datetime(moment, letter)])
    except BadFormat as bad:
        raise net_error("System.FormatException", bad.message) from None


DATE.method("int CompareTo(System.Object value)", "int CompareTo(datetime value)")(compare_same)
DATE.method("bool Equals(System.Object value)", "bool Equals(datetime value)")(
    lambda moment, other: isinstance(other, DateTime) and moment.ticks == other.ticks
)
DATE.method("int GetHashCode()")(lambda moment: int(moment.ticks) & 0x7FFFFFFF)
DATE.method("System.TypeCode GetTypeCode()")(lambda moment: enum_value("System.TypeCode", "DateTime"))

# -- TimeSpan

SPAN = declare("System.TimeSpan")
SPAN_LIMIT = 2**63 - 1


def span(ticks: int) -> TimeSpan:
    if not -SPAN_LIMIT - 1 <= ticks <= SPAN_LIMIT:
        raise net_error("System.OverflowException", "TimeSpan overflowed because the duration is too long.")
    return TimeSpan(int(ticks))


def _lazy_limit(ticks: int) -> Any:
    return lambda: TimeSpan(ticks)


SPAN.constant("timespan Zero", TimeSpan(0))
SPAN.static_property("timespan MaxValue", _lazy_limit(SPAN_LIMIT))
SPAN.static_property("timespan MinValue", _lazy_limit(-SPAN_LIMIT - 1))
_UNITS = {
    "Day": TICKS_PER_DAY,
    "Hour": TICKS_PER_HOUR,
    "Minute": TICKS_PER_MINUTE,
    "Second": TICKS_PER_SECOND,
    "Millisecond": 10_000,
    "Microsecond": 10,
}


def _part(unit: int, within: int | None) -> Any:
    def read(value: TimeSpan) -> int:
        ticks = abs(value.ticks)
        number = (ticks if within is None else ticks % within) // unit
        return -number if value.ticks < 0 else number

    return read


def _total(unit: int) -> Any:
    return lambda value: value.ticks / unit


def _from(unit: int) -> Any:
    def make(value: float, *rest: int) -> TimeSpan:
        if math.isnan(value):
            raise net_error(
                "System.ArgumentException",
                "TimeSpan does not accept floating point Not-a-Number values.",
                param="value",
            )
        if abs(value) == math.inf:
            raise net_error("System.OverflowException", "TimeSpan overflowed because the duration is too long.")
        ticks = value * unit if isinstance(value, int) else int(float(value) * unit)
        smaller = [size for size in _UNITS.values() if size < unit]
        return span(int(ticks) + sum(int(part) * size for part, size in zip(rest, smaller, strict=False)))

    return make


# in the order in which .NET lists them
_LISTED = ("Day", "Hour", "Millisecond", "Microsecond", "Nanosecond", "Minute", "Second")
_WITHIN = dict(zip(_UNITS, [None, *_UNITS.values()], strict=False))
SPAN.property("long Ticks", lambda value: Int64(value.ticks))
for _name in _LISTED:
    if _name == "Nanosecond":
        SPAN.property("int Nanoseconds", lambda value: value.ticks % 10 * 100)
    else:
        SPAN.property(f"int {_name}s", _part(_UNITS[_name], _WITHIN[_name]))
for _name in _LISTED:
    if _name == "Nanosecond":
        SPAN.property("double TotalNanoseconds", lambda value: float(value.ticks * 100))
    else:
        SPAN.property(f"double Total{_name}s", _total(_UNITS[_name]))
for _name, _unit in _UNITS.items():
    SPAN.constant(f"long TicksPer{_name}", Int64(_unit))
    SPAN.static(f"timespan From{_name}s(double value)", f"timespan From{_name}s(int value)")(_from(_unit))
SPAN.static("timespan FromTicks(long value)")(span)
SPAN.constructor("timespan()", "timespan(long ticks)")(lambda kind, ticks=0: span(ticks))


@SPAN.constructor(
    "timespan(int hours, int minutes, int seconds)",
    "timespan(int days, int hours, int minutes, int seconds)",
    "timespan(int days, int hours, int minutes, int seconds, int milliseconds)",
    "timespan(int days, int hours, int minutes, int seconds, int milliseconds, int microseconds)",
)
def _new_span(kind: Any, *parts: int) -> TimeSpan:
    numbers = (0, *parts) if len(parts) == 3 else parts
    return span(sum(int(part) * unit for part, unit in zip(numbers, _UNITS.values(), strict=False)))


@SPAN.static("timespan Parse(string s)", f"timespan Parse(string s, {PROVIDER})")
def _parse_span(text: str, provider: Any = None) -> TimeSpan:
    try:
        return span_from(text)
    except BadDate as bad:
        kind = "System.OverflowException" if "numeric components" in bad.message else "System.FormatException"
        raise net_error(kind, bad.message) from None


@SPAN.static(
    "bool TryParse(string s, [ref] timespan result)", f"bool TryParse(string s, {PROVIDER}, [ref] timespan result)"
)
def _try_span(text: str | None, *rest: Any) -> bool:
    try:
        rest[-1].value = span_from(text or "")
    except BadDate:
        rest[-1].value = TimeSpan(0)
        return False
    return True


@SPAN.static(
    f"timespan ParseExact(string input, string format, {PROVIDER})",
    f"timespan ParseExact(string input, string[] formats, {PROVIDER})",
)
def _exact_span(text: str, formats: Any, provider: Any) -> TimeSpan:
    return offsets.parse_span_exact(text, _several(formats))


SPAN.static("int Compare(timespan t1, timespan t2)")(lambda a, b: (a.ticks > b.ticks) - (a.ticks < b.ticks))
SPAN.method("timespan Add(timespan ts)")(lambda value, other: span(value.ticks + other.ticks))
SPAN.method("timespan Subtract(timespan ts)")(lambda value, other: span(value.ticks - other.ticks))
SPAN.method("timespan Multiply(double factor)")(lambda value, factor: span(round(value.ticks * factor)))
SPAN.method("double Divide(timespan ts)")(lambda value, other: float_divide(value.ticks, other.ticks))


@SPAN.method("timespan Divide(double divisor)")
def _divide(value: TimeSpan, divisor: float) -> TimeSpan:
    ticks = float_divide(value.ticks, divisor)
    if math.isnan(ticks):
        raise net_error("System.ArgumentException", "TimeSpan does not accept floating point Not-a-Number values.")
    if abs(ticks) >= 2**63:
        raise net_error("System.OverflowException", "TimeSpan overflowed because the duration is too long.")
    return span(round(ticks))


SPAN.method("timespan Negate()")(lambda value: span(-value.ticks))
SPAN.method("timespan Duration()")(lambda value: span(abs(value.ticks)))
SPAN.method(*TO_STRING)(_text)
SPAN.method("int CompareTo(System.Object value)", "int CompareTo(timespan value)")(compare_same)
SPAN.method("bool Equals(System.Object value)")(
    lambda value, other: isinstance(other, TimeSpan) and value.ticks == other.ticks
)

__all__ = ["midnight", "of_kind", "span"]
