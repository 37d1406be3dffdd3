"""Rows for the live table: a moment of each job, cheap enough to take five times a second."""

from __future__ import annotations

import datetime
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jobmagics.jobs import JobState
from jobmagics.remote.messages import Progress, newest_line, progress
from jobmagics.remote.questions import Question
from jobmagics.results.entries import DEFAULT_IDLE, ChildEntry, JobEntry
from jobmagics.store import StoredMessage


@dataclass(frozen=True)
class JobRow:
    """One row of the live table, as of one moment. ``lines``: output objects so far; ``newest``: one line of text;
    ``activities``: its progress bars, each below the one it is part of; ``expires``: when the computer gives a
    disconnected session up; ``question``: what the script asks, ``question_key`` tells one from the next.
    """

    id: int
    parent_id: int | None
    name: str
    type: str
    state: str
    has_more_data: bool
    location: str
    command: str
    begin_time: datetime.datetime | None
    end_time: datetime.datetime | None
    activities: tuple[Progress, ...]
    lines: int
    errors: int
    warnings: int
    newest: str
    reason: str
    expires: datetime.datetime | None = None
    question: Question | None = None
    question_key: int = 0

    @property
    def progress(self) -> Progress | None:
        """The outermost activity."""
        return self.activities[0] if self.activities else None


@dataclass(frozen=True)
class Glance:
    """What of a child a row is made of, taken under the lock; decoding waits until it is let go."""

    row: JobRow
    newest: StoredMessage | None
    progress: tuple[StoredMessage, ...]


def glance(child: ChildEntry) -> Glance:
    record, core = child.record, child.core
    counts = record.counts
    row = JobRow(
        record.id,
        child.job.record.id,
        record.name,
        child.type,
        str(core.state),
        child.has_more_data,
        record.location,
        child.job.record.command,
        core.began,
        core.ended,
        (),
        counts.get("output", 0),
        counts.get("error", 0),
        counts.get("warning", 0),
        "",
        core.failure.message if core.failure else _why_away(child),
        _expires(child) if core.state is JobState.DISCONNECTED else None,
        child.question,
        zlib.crc32(child.unanswered or b""),
    )
    return Glance(row, child.newest, tuple(child.progress.values()))


def _expires(child: ChildEntry) -> datetime.datetime | None:
    record = child.session.record
    idle = datetime.timedelta(seconds=record.idle_timeout or DEFAULT_IDLE)
    return record.disconnected_on + idle if record.disconnected_on else None


def _why_away(child: ChildEntry) -> str:
    return child.session.trouble if child.core.state is JobState.DISCONNECTED else ""


def parent_row(job: JobEntry, children: Sequence[JobRow]) -> JobRow:
    """The parent's row over its children's: sums, the progress and newest line of the child that has them last."""
    record, core = job.record, job.core
    newest = next((row.newest for row in reversed(children) if row.newest), "")
    only = children[0] if len(children) == 1 else None
    return JobRow(
        record.id,
        None,
        record.name,
        record.type,
        str(core.state),
        job.has_more_data,
        job.location,
        record.command,
        core.began,
        core.ended,
        only.activities if only else (),
        sum(row.lines for row in children),
        sum(row.errors for row in children),
        sum(row.warnings for row in children),
        newest,
        "; ".join(row.reason for row in children if row.reason),
        min((row.expires for row in children if row.expires), default=None),
        only.question if only and not job.child_jobs else None,
        only.question_key if only else 0,
    )


def newest_text(message: StoredMessage | None) -> str:
    return newest_line(message.kind, message.data) if message else ""


def activities(messages: Iterable[StoredMessage]) -> tuple[Progress, ...]:
    """The activities that still stand, each followed by those that are part of it. A completed record takes its bar
    away, and those below it.
    """
    known = {each.id: each for each in (progress(message.data) for message in messages)}
    going = {number: each for number, each in known.items() if not each.completed}
    return tuple(_below(going, [each for each in going.values() if each.parent not in known or each.parent == each.id]))


def _below(going: dict[int, Progress], tops: Iterable[Progress]) -> list[Progress]:
    found: list[Progress] = []
    for each in tops:
        found.append(each)
        found += _below(going, [part for part in going.values() if part.parent == each.id != part.id])
    return found
