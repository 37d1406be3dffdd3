"""The machine's time zone, as DateTime's Kind needs it.

A local DateTime's tzinfo must not be ``timezone.utc`` itself, even on a machine that keeps UTC: that one means
Kind Utc.
"""

from __future__ import annotations

import datetime
import time

from ...psobject import TICKS_PER_SECOND, DateTime

MAX_TICKS = 3_155_378_975_999_999_999  # of the last moment of the year 9999
UTC = datetime.timezone.utc
EPOCH_TICKS = 621_355_968_000_000_000  # 1970-01-01


def fixed_local(offset: datetime.timedelta) -> datetime.timezone:
    """A tzinfo of Kind Local."""
    return datetime.timezone(offset, "Local")


def local_offset(ticks: int) -> datetime.timedelta:
    """The local zone's offset at a moment on the local clock."""
    days = ticks // (86400 * TICKS_PER_SECOND)
    if not 36524 <= days < 3652059 - 400:
        return datetime.timedelta()
    plain = DateTime.from_ticks(ticks)
    wall = datetime.datetime(plain.year, plain.month, plain.day, plain.hour, plain.minute, plain.second)
    return wall.astimezone().utcoffset() or datetime.timedelta()


def as_local(ticks: int) -> DateTime:
    """Ticks on the local clock as a local DateTime."""
    return DateTime.from_ticks(ticks, fixed_local(local_offset(ticks)))


def span_ticks(span: datetime.timedelta) -> int:
    return int(span / datetime.timedelta(microseconds=1)) * 10


def utc_ticks(moment: datetime.datetime) -> int:
    """The moment on the UTC clock; an unspecified one is taken as local."""
    ticks = DateTime.ticks.fget(moment) if isinstance(moment, DateTime) else plain(moment).ticks  # type: ignore[attr-defined]
    offset = moment.utcoffset()
    return int(ticks - span_ticks(local_offset(ticks) if offset is None else offset))


def plain(moment: datetime.datetime) -> DateTime:
    if isinstance(moment, DateTime):
        return moment
    return DateTime(
        moment.year,
        moment.month,
        moment.day,
        moment.hour,
        moment.minute,
        moment.second,
        moment.microsecond,
        moment.tzinfo,
    )


def to_utc(moment: datetime.datetime) -> DateTime:
    if moment.tzinfo is UTC:
        return plain(moment)
    return DateTime.from_ticks(utc_ticks(moment), UTC)


def to_local(moment: datetime.datetime) -> DateTime:
    """An unspecified moment is taken as UTC, as .NET does."""
    if moment.tzinfo is not None and moment.tzinfo is not UTC:
        return plain(moment)
    ticks = plain(moment).ticks
    return DateTime.from_ticks(ticks + span_ticks(local_offset(ticks)), fixed_local(local_offset(ticks)))


def now() -> DateTime:
    return to_local(utc_now())


def utc_now() -> DateTime:
    return DateTime.from_ticks(EPOCH_TICKS + time.time_ns() // 100, UTC)
