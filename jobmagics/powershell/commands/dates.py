"""Dates, lengths of time, time zones and cultures."""

from __future__ import annotations

import calendar
import datetime
import time
from typing import Any

from ...psobject import TICKS_PER_SECOND, DateTime, TimeSpan
from ..dotnet.calls import get_static, invoke_static
from ..dotnet.enums import enum_value
from ..dotnet.signatures import net_error
from ..dotnet.zones import EPOCH_TICKS, UTC, now, to_local, to_utc
from ..members.access import NoteProperty, add_member, get_property
from ..records import ScriptError
from ..runtime.cmdlet import Cmdlet, command
from ..values.conversions import convert
from ..values.formats import composite, format_value
from ..values.types import NetType, net_type
from ..values.value import as_list, to_string, unwrap
from ..values.wildcards import wildcard_regex
from . import catalog

HINT = "Microsoft.PowerShell.Commands.DisplayHintType"
TICKS_OF = {
    "Day": 86400 * TICKS_PER_SECOND,
    "Hour": 3600 * TICKS_PER_SECOND,
    "Minute": 60 * TICKS_PER_SECOND,
    "Second": TICKS_PER_SECOND,
    "Millisecond": 10_000,
}
FILE_FORMATS = {
    "filedate": "yyyyMMdd",
    "filedatetime": "yyyyMMddTHHmmssffff",
    "filedateuniversal": "yyyyMMddZ",
    "filedatetimeuniversal": "yyyyMMddTHHmmssffffZ",
}
UFORMAT = {
    "A": "dddd", "a": "ddd", "B": "MMMM", "b": "MMM", "h": "MMM", "D": "MM/dd/yy", "d": "dd", "F": "yyyy-MM-dd",
    "H": "HH", "I": "hh", "M": "mm", "m": "MM", "p": "tt", "R": "HH:mm", "r": "hh:mm:ss tt", "S": "ss",
    "T": "HH:mm:ss", "X": "HH:mm:ss", "x": "MM/dd/yy", "Y": "yyyy", "y": "yy", "Z": "zz",
    "c": "ddd dd MMM yyyy HH:mm:ss",
}  # fmt: skip
PARTS = ("Year", "Month", "Day", "Hour", "Minute", "Second", "Millisecond")


@command("Get-Date")
class GetDate(Cmdlet):
    def process(self) -> None:
        moment = self._moment()
        for name in PARTS:
            if self.has(name):
                moment = with_part(moment, name, self.arg(name))
        if self.switch("AsUTC"):
            moment = to_utc(moment)
        self._show(moment)

    def _moment(self) -> DateTime:
        if self.has("UnixTimeSeconds"):
            ticks = EPOCH_TICKS + round(float(self.arg("UnixTimeSeconds")) * 1000) * 10_000
            return to_local(DateTime.from_ticks(ticks, UTC))
        given = unwrap(self.arg("Date"))
        return given if isinstance(given, DateTime) else now()

    def _show(self, moment: DateTime) -> None:
        style = self.arg("Format")
        if self.has("UFormat"):
            self.write(unix_style(moment, self.arg("UFormat")))
        elif style is not None:
            folded = style.lower()
            if folded.endswith("universal") and folded in FILE_FORMATS:
                moment = to_utc(moment)
            self.write(format_value(moment, FILE_FORMATS.get(folded, style)))
        else:
            hint = enum_value(HINT, to_string(self.arg("DisplayHint", "DateTime")))
            self.write(add_member(moment, "DisplayHint", NoteProperty(hint)))


def with_part(moment: DateTime, name: str, number: int) -> DateTime:
    """As .NET's AddYears, AddMonths ... move it: a day that the month does not have is its last one."""
    if name in ("Year", "Month"):
        year, month = (number, moment.month) if name == "Year" else (moment.year, number)
        day = min(moment.day, calendar.monthrange(year, month)[1])
        moved = DateTime(year, month, day, tzinfo=moment.tzinfo)
        return DateTime.from_ticks(moved.ticks + moment.ticks % TICKS_OF["Day"], moment.tzinfo)
    held = moment.microsecond // 1000 if name == "Millisecond" else getattr(moment, name.lower())
    ticks = moment.ticks + (number - held) * TICKS_OF[name]
    return DateTime.from_ticks(ticks - ticks % 10_000 if name == "Millisecond" else ticks, moment.tzinfo)


def unix_style(moment: DateTime, style: str) -> str:
    """-UFormat: a composite format whose parts strftime's letters name."""
    parts, position = [], 1 if style.startswith("+") else 0
    while position < len(style):
        char = style[position]
        position += 1
        if char == "%":
            if position >= len(style):
                raise net_error("System.IndexOutOfRangeException", "Index was outside the bounds of the array.")
            char = unix_part(moment, style[position])
            position += 1
        parts.append(char)
    return composite("".join(parts), [moment])


def unix_part(moment: DateTime, code: str) -> str:
    if code in UFORMAT:
        return f"{{0:{UFORMAT[code]}}}"
    year, week, weekday = datetime.date(moment.year, moment.month, moment.day).isocalendar()
    day_of_year, from_sunday = moment.timetuple().tm_yday, weekday % 7
    before = (datetime.date(moment.year, 1, 1).isoweekday() % 7 + 6) % 7
    numbers = {
        "C": str(moment.year // 100),
        "e": f"{moment.day:2}",
        "G": f"{year:04}",
        "g": f"{year % 100:02}",
        "j": f"{day_of_year:03}",
        "k": f"{moment.hour:2}",
        "l": f"{(moment.hour % 12) or 12:2}",
        "n": "\n",
        "s": str(round((to_utc(moment).ticks - EPOCH_TICKS) / TICKS_PER_SECOND)),
        "t": "\t",
        "U": f"{(before + day_of_year - from_sunday) // 7:02}",
        "u": str(weekday),
        "V": f"{week:02}",
        "W": str(day_of_year // 7),
        "w": str(from_sunday),
    }
    return numbers.get(code, code)


@command("New-TimeSpan")
class NewTimeSpan(Cmdlet):
    def process(self) -> None:
        if self.set_name == "Date" and (self.has("Start") or self.has("End")):
            start, end = self.arg("Start") or now(), self.arg("End") or now()
            self.write(TimeSpan(end.ticks - start.ticks))
            return
        units = {"Days": 864_000_000_000, "Hours": 36_000_000_000, "Minutes": 600_000_000, "Seconds": 10_000_000}
        ticks = sum(int(self.arg(name, 0)) * size for name, size in units.items())
        self.write(TimeSpan(ticks + int(self.arg("Milliseconds", 0)) * 10_000))


@command("Get-TimeZone")
class GetTimeZone(Cmdlet):
    def process(self) -> None:
        kind = net_type("System.TimeZoneInfo")
        if self.switch("ListAvailable"):
            self.write_all(invoke_static(kind, "GetSystemTimeZones", []))
        elif self.has("Name"):
            self._by_name(invoke_static(kind, "GetSystemTimeZones", []))
        elif self.has("Id"):
            self._by_id(kind)
        else:
            self.write(get_static(kind, "Local"))

    def _by_id(self, kind: NetType) -> None:
        for name in (to_string(one) for one in as_list(self.arg("Id"))):
            try:
                self.write(invoke_static(kind, "FindSystemTimeZoneById", [name]))
            except ScriptError:
                self._missing("ID", name)

    def _by_name(self, zones: list[Any]) -> None:
        for name in (to_string(one) for one in as_list(self.arg("Name"))):
            pattern = wildcard_regex(name)
            found = [zone for zone in zones if pattern.fullmatch(get_property(zone, "StandardName"))]
            self.write_all(found)
            if not found:
                self._missing("name", name)

    def _missing(self, what: str, name: str) -> None:
        self.error(
            f"The time zone {what} '{name}' was not found on the local computer.",
            "TimeZoneNotFound",
            "ObjectNotFound",
            name,
            net_type="System.TimeZoneNotFoundException",
        )


@command("Get-Uptime")
class GetUptime(Cmdlet):
    def process(self) -> None:
        seconds = (
            int(time.clock_gettime(time.CLOCK_BOOTTIME)) if hasattr(time, "CLOCK_BOOTTIME") else int(time.monotonic())
        )
        if self.switch("Since"):
            current = now()
            self.write(DateTime.from_ticks(current.ticks - seconds * 10_000_000, current.tzinfo))
        else:
            self.write(TimeSpan(seconds * 10_000_000))


@command("Get-Culture")
class GetCulture(Cmdlet):
    def process(self) -> None:
        kind = net_type("System.Globalization.CultureInfo")
        if self.switch("ListAvailable"):
            names = catalog.metadata(self.name).parameters["name"].validate_set
            self.write_all(convert(name, kind) for name in names)
        elif self.has("Name"):
            for name in self.arg("Name"):
                self.write(convert(name, kind))
        else:
            self.write(get_static(kind, "CurrentCulture"))


@command("Get-UICulture")
class GetUICulture(Cmdlet):
    def process(self) -> None:
        self.write(get_static(net_type("System.Globalization.CultureInfo"), "CurrentUICulture"))
