"""Rows for the live table: a moment of each job, cheap enough to take five times a second."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from jobmagics.jobs import JobState
from jobmagics.remote.messages import Progress, newest_line, progress
from jobmagics.results.entries import ChildEntry, JobEntry
from jobmagics.store import StoredMessage


@dataclass(frozen=True)
class JobRow:
    """One row of the live table, as of one moment. ``lines``: output objects so far; ``newest``: one line of text."""

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
    progress: Progress | None
    lines: int
    errors: int
    warnings: int
    newest: str
    reason: str


@dataclass(frozen=True)
class Glance:
    """What of a child a row is made of, taken under the lock; decoding waits until it is let go."""

    row: JobRow
    newest: StoredMessage | None
    progress: StoredMessage | None


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
        None,
        counts.get("output", 0),
        counts.get("error", 0),
        counts.get("warning", 0),
        "",
        core.failure.message if core.failure else _why_away(child),
    )
    return Glance(row, child.newest, child.progress)


def _why_away(child: ChildEntry) -> str:
    return child.session.trouble if child.core.state is JobState.DISCONNECTED else ""


def parent_row(job: JobEntry, children: Sequence[JobRow]) -> JobRow:
    """The parent's row over its children's: sums, the progress and newest line of the child that has them last."""
    record, core = job.record, job.core
    newest = next((row.newest for row in reversed(children) if row.newest), "")
    going = next((row.progress for row in children if row.progress), None) if len(children) == 1 else None
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
        going,
        sum(row.lines for row in children),
        sum(row.errors for row in children),
        sum(row.warnings for row in children),
        newest,
        "; ".join(row.reason for row in children if row.reason),
    )


def newest_text(message: StoredMessage | None) -> str:
    return newest_line(message.kind, message.data) if message else ""


def newest_progress(message: StoredMessage | None) -> Progress | None:
    """The progress that still stands: a completed record takes its bar away."""
    latest = progress(message.data) if message else None
    return None if latest is None or latest.completed else latest
