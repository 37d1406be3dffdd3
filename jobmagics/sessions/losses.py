"""What is said of jobs that cannot come back: why, since when, and what is left of them."""

from __future__ import annotations

import datetime

from jobmagics.errors import Fault, RemoteError
from jobmagics.jobs import Failure
from jobmagics.results.entries import DEFAULT_IDLE, ChildEntry


def never_sent(child: ChildEntry) -> Failure:
    return Failure(
        f"The kernel ended before the script could be started on {child.computer}; run it again.", "JobFailure"
    )


def no_session(child: ChildEntry, owner: str | None) -> Failure:
    """Its session is not this notebook's any more; ``owner``: whose it is, None if nobody's."""
    place = child.computer
    if owner is not None:
        taken_by = owner.partition(":")[2] or owner
        return Failure(f"Its session on {place} was taken over by {taken_by}; the job goes on there. {_kept(child)}")
    return Failure(f"The session on {place} is gone. {_heard(child)} {_kept(child)}")


def no_pipeline(child: ChildEntry) -> Failure:
    """The session is there, the script is not."""
    if child.record.began is None:
        return never_sent(child)
    return Failure(
        f"The script is no longer on {child.computer}: it was stopped there, or its session was begun anew."
        f" {_heard(child)} {_kept(child)}"
    )


def gone(child: ChildEntry, error: RemoteError, now: datetime.datetime) -> Failure:
    """The computer says that the session is not there any more."""
    if child.record.began is None:
        return never_sent(child)
    told = f"{error.message} {_heard(child)}{_why(child, error, now)} {_kept(child)}"
    return Failure(told, error.fqid or "PSSessionStateBroken", error.category)


def _why(child: ChildEntry, error: RemoteError, now: datetime.datetime) -> str:
    if isinstance(error, Fault) and not error.code:
        return ""  # a session host of this machine, which has said it all
    heard, idle = last_heard(child), child.session.record.idle_timeout or DEFAULT_IDLE
    if heard is not None and now - heard >= datetime.timedelta(seconds=idle):
        passed = heard + datetime.timedelta(seconds=idle)
        return f" Its idle time-out ({datetime.timedelta(seconds=round(idle))}) had passed at {shown(passed)}."
    return " The computer was restarted, or the session was closed there."


def last_heard(child: ChildEntry) -> datetime.datetime | None:
    """When the last sign of life of a job came."""
    newest = child.newest.time if child.newest is not None else None
    moments = (child.record.began, child.session.record.disconnected_on, newest)
    return max((moment for moment in moments if moment is not None), default=None)


def _heard(child: ChildEntry) -> str:
    heard = last_heard(child)
    return f"It was last heard of at {shown(heard)}." if heard else "Nothing was ever heard of it."


def _kept(child: ChildEntry) -> str:
    count = child.record.counts.get("output", 0)
    if child.record.is_unstored:
        return "Its output was kept in its kernel's memory only (-NoStore)."
    return f"What the job had given until then ({count} object{'' if count == 1 else 's'}) is kept."


def shown(moment: datetime.datetime) -> str:
    return f"{moment.astimezone(datetime.timezone.utc):%Y-%m-%d %H:%M:%S} UTC"
