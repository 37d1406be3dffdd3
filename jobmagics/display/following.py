"""A job followed from within its cell: ``%%remote_job --wait``.

What headless runs (nbclient, papermill) rely on: the output is printed as it comes, from the cell's own thread,
and a job that did not complete fails the cell. Nothing is consumed: the job can still be received from.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, TextIO

from ..console.following import put_questions
from ..console.person import ShellPerson
from ..console.waiting import waiting_for
from ..errors import RemoteError
from ..formatting import Formatter
from .rows import FINISHED
from .static import without_escapes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..results import ChildJob, Job

POLL_SECONDS = 0.1
WIDTH = 120


def follow(job: Job, out: TextIO | None = None) -> None:
    """Print what the job gives until it has ended.

    Raises RemoteError if it did not complete, WaitInterrupted if the person would not wait.
    """
    with waiting_for([job]):
        printer = Formatter(WIDTH)
        follower = job.follow()
        out = out or sys.stdout
        while True:
            ended = str(job.state) in FINISHED  # looked at before reading, so that nothing comes after the last reading
            for record in follower.read():
                shown = record.shown()
                if shown is not None:
                    _print(printer.feed(shown), out)
            if ended:
                break
            put_questions([job], ShellPerson())
            time.sleep(POLL_SECONDS)
    _print(printer.close(), out)
    if str(job.state) != "Completed":
        raise RemoteError(_failure(job), fqid="JobStateFailed")


def _print(lines: list[str], out: TextIO) -> None:
    for line in lines:
        out.write(without_escapes(line.expandtabs()) + "\n")
    if lines:
        out.flush()


def _failure(job: Job) -> str:
    """Which computers failed, and why."""
    parts: Sequence[Job | ChildJob] = job.children or [job]  # a thread job has no children
    told = [f"{part.location}: {part.reason or part.state}" for part in parts if str(part.state) != "Completed"]
    return f"Job {job.id} ({job.name}) {str(job.state).lower()}. " + "; ".join(told)
