"""Which strings of a JSON text are dates, and which: Newtonsoft's rules under ConvertFrom-Json's -DateKind."""

from __future__ import annotations

import re
from typing import Any

from ...psobject import TICKS_PER_SECOND, DateTime
from ..dotnet import zones
from ..dotnet.offsets import DateTimeOffset

ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,7}))?(?:([Zz])|([+-])(\d\d):?(\d\d)?)?")
AJAX = re.compile(r"/Date\((-?\d+)(?:([+-])(\d\d):?(\d\d)?)?\)/")
LAST_TICK = 3_155_378_975_999_999_999
TICKS_PER_MINUTE = 60 * TICKS_PER_SECOND


def may_be_date(text: str) -> bool:
    """Cheap, and true of every date."""
    return text[10:11] == "T" or text[:6] == "/Date("


def date_of(text: str, kind: str) -> Any:
    """The DateTime, or DateTimeOffset with ``kind`` Offset; None for a text that is no date."""
    found = ISO.fullmatch(text)
    if found is not None:
        return _iso(found, kind)
    found = AJAX.fullmatch(text)
    return None if found is None else _ajax(found, kind)


def _minutes(sign: str | None, hours: str, minutes: str | None) -> int:
    return (-1 if sign == "-" else 1) * (int(hours) * 60 + int(minutes or 0)) if sign else 0


def _iso(found: re.Match[str], kind: str) -> Any:
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    fraction = int((found[7] or "").ljust(7, "0"))
    midnight = hour == 24
    if midnight and (minute or second or fraction):
        return None
    try:
        ticks = DateTime(year, month, day, 0 if midnight else hour, minute, second).ticks + fraction
    except ValueError:
        return None
    ticks += 86400 * TICKS_PER_SECOND if midnight else 0
    offset = _minutes(found[9], found[10], found[11]) * TICKS_PER_MINUTE
    if kind == "Offset":
        if not found[8] and not found[9]:
            offset = zones.span_ticks(zones.local_offset(ticks))
        return DateTimeOffset(ticks, offset) if 0 <= ticks - offset <= LAST_TICK else None
    if found[8]:
        return _of_kind(DateTime.from_ticks(ticks, zones.UTC), kind)
    if found[9]:
        universal = min(max(ticks - offset, 0), LAST_TICK)
        return _of_kind(zones.to_local(DateTime.from_ticks(universal, zones.UTC)), kind)
    return _of_kind(DateTime.from_ticks(ticks), kind)


def _ajax(found: re.Match[str], kind: str) -> Any:
    ticks = int(found[1]) * 10_000 + zones.EPOCH_TICKS
    if not 0 <= ticks <= LAST_TICK:
        return None
    if kind == "Offset":
        offset = _minutes(found[2], found[3], found[4]) * TICKS_PER_MINUTE
        return DateTimeOffset(ticks + offset, offset)
    moment = DateTime.from_ticks(ticks, zones.UTC)
    return _of_kind(zones.to_local(moment) if found[2] else moment, kind)


def _of_kind(moment: DateTime, kind: str) -> DateTime:
    """An unspecified date gets the Kind that is asked for and keeps its clock."""
    if kind == "Local":
        return zones.as_local(moment.ticks) if moment.tzinfo is None else zones.to_local(moment)
    if kind == "Utc":
        return DateTime.from_ticks(moment.ticks, zones.UTC) if moment.tzinfo is None else zones.to_utc(moment)
    return moment
