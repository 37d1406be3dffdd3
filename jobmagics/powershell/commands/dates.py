"""Dates, lengths of time, time zones and cultures."""

from __future__ import annotations

import datetime
import time
from typing import Any

from ...psobject import DateTime, TimeSpan
from ..dotnet.calls import get_static, invoke_static
from ..dotnet.zones import now
from ..members.access import NoteProperty, add_member
from ..records import ScriptError
from ..runtime.cmdlet import Cmdlet, command
from ..values.conversions import convert
from ..values.formats import format_value
from ..values.types import net_type
from ..values.value import as_list, to_string

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
FILE_FORMATS = {
    "filedate": "yyyyMMdd",
    "filedatetime": "yyyyMMddTHHmmssffff",
    "filedateuniversal": "yyyyMMddZ",
    "filedatetimeuniversal": "yyyyMMddTHHmmssffffZ",
}
UFORMAT = {
    "A": "dddd", "a": "ddd", "B": "MMMM", "b": "MMM", "h": "MMM", "D": "MM/dd/yy", "d": "dd", "e": "%d",
    "F": "yyyy-MM-dd", "H": "HH", "I": "hh", "k": "%H", "l": "%h", "M": "mm", "m": "MM", "p": "tt", "R": "HH:mm",
    "r": "hh:mm:ss tt", "S": "ss", "T": "HH:mm:ss", "X": "HH:mm:ss", "x": "MM/dd/yy", "Y": "yyyy", "y": "yy",
    "Z": "zz", "c": "ddd dd MMM yyyy HH:mm:ss",
}  # fmt: skip


@command("Get-Date")
class GetDate(Cmdlet):
    def process(self) -> None:
        moment = self._moment()
        parts = {
            name: self.arg(name) for name in ("year", "month", "day", "hour", "minute", "second") if self.has(name)
        }
        if parts:
            moment = rebuilt(moment, **parts)
        if self.has("Millisecond"):
            moment = rebuilt(moment, microsecond=self.arg("Millisecond") * 1000, tick=0)
        if self.switch("AsUTC"):
            moment = universal(moment)
        self._show(moment)

    def _moment(self) -> DateTime:
        if self.has("UnixTimeSeconds"):
            found = EPOCH + datetime.timedelta(seconds=float(self.arg("UnixTimeSeconds")))
            local = found.astimezone()
            return rebuilt(
                DateTime.from_ticks(DateTime(*local.timetuple()[:6], local.microsecond).ticks), tzinfo=zone_of(local)
            )
        given = self.arg("Date")
        return given if isinstance(given, DateTime) else now()

    def _show(self, moment: DateTime) -> None:
        style = self.arg("Format")
        if style is not None:
            folded = style.lower()
            if folded.endswith("universal") and folded in FILE_FORMATS:
                moment = universal(moment)
            self.write(format_value(moment, FILE_FORMATS.get(folded, style)))
        elif self.has("UFormat"):
            self.write(self._unix_style(moment, self.arg("UFormat")))
        elif self.has("DisplayHint"):
            self.write(add_member(moment, "DisplayHint", NoteProperty(self.arg("DisplayHint"))))
        else:
            self.write(moment)

    def _unix_style(self, moment: DateTime, style: str) -> str:
        parts, position = [], 1 if style.startswith("+") else 0
        while position < len(style):
            char = style[position]
            position += 1
            if char != "%" or position >= len(style):
                parts.append(char)
                continue
            parts.append(self._unix_part(moment, style[position]))
            position += 1
        return "".join(parts)

    @staticmethod
    def _unix_part(moment: DateTime, code: str) -> str:
        if code in UFORMAT:
            return str(format_value(moment, UFORMAT[code]))
        numbers = {
            "j": f"{moment.timetuple().tm_yday:03d}",
            "u": str(moment.isoweekday()),
            "w": str(moment.isoweekday() % 7),
            "V": f"{moment.isocalendar()[1]:02d}",
            "G": str(moment.isocalendar()[0]),
            "C": f"{moment.year // 100:02d}",
            "s": str(int(unix_seconds(moment))),
            "n": "\n",
            "t": "\t",
            "%": "%",
        }
        return numbers.get(code, code)


def rebuilt(moment: DateTime, **parts: Any) -> DateTime:
    tick = parts.pop("tick", moment.tick)
    fields = {
        "year": moment.year, "month": moment.month, "day": moment.day, "hour": moment.hour, "minute": moment.minute,
        "second": moment.second, "microsecond": moment.microsecond, "tzinfo": moment.tzinfo, **parts,
    }  # fmt: skip
    return DateTime(**fields, tick=tick)


def zone_of(moment: datetime.datetime) -> datetime.timezone:
    return datetime.timezone(moment.utcoffset() or datetime.timedelta())


def unix_seconds(moment: DateTime) -> float:
    return (moment if moment.tzinfo else moment.astimezone()).timestamp()


def universal(moment: DateTime) -> DateTime:
    if moment.tzinfo is datetime.timezone.utc:
        return moment
    found = (moment if moment.tzinfo else datetime.datetime(*moment.timetuple()[:6], moment.microsecond)).astimezone(
        datetime.timezone.utc
    )
    return DateTime(*found.timetuple()[:6], found.microsecond, datetime.timezone.utc, tick=moment.tick)


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
            return
        wanted = [to_string(one) for one in as_list(self.arg("Id"))]
        if not wanted:
            self.write(get_static(kind, "Local"))
        for name in wanted:
            try:
                self.write(invoke_static(kind, "FindSystemTimeZoneById", [name]))
            except ScriptError:
                self.error(
                    f"The time zone ID '{name}' was not found on the local computer.",
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
        names = self.arg("Name")
        for name in names if names else ["en-US"]:
            self.write(convert(name, "System.Globalization.CultureInfo"))


@command("Get-UICulture")
class GetUICulture(Cmdlet):
    def process(self) -> None:
        self.write(convert("en-US", "System.Globalization.CultureInfo"))
