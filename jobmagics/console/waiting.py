"""The stop button while a cell only waits: it ends the waiting, and says how the jobs are ended."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobmagics.results import ChildJob, Job

FINISHED = ("Completed", "Failed", "Stopped")


class WaitInterrupted(KeyboardInterrupt):
    """The person stopped waiting; the jobs go on."""

    def _render_traceback_(self, *_: object) -> list[str]:
        return [str(self)]


@contextlib.contextmanager
def waiting_for(jobs: Sequence[Job | ChildJob]) -> Iterator[None]:
    """An interrupt within is a WaitInterrupted."""
    try:
        yield
    except KeyboardInterrupt:
        raise WaitInterrupted(_told(jobs)) from None


def _told(jobs: Sequence[Job | ChildJob]) -> str:
    going = [job for job in jobs if str(job.state) not in FINISHED]
    ids = ",".join(str(job.id) for job in going or jobs)
    if not going:
        return f"Stopped waiting. %receive_job -Id {ids} gives the results."
    if len(going) == 1:
        return (
            f"Stopped waiting. Job {ids} ({going[0].name}) goes on; %stop_job -Id {ids} stops it,"
            f" %receive_job -Id {ids} gives its results."
        )
    return f"Stopped waiting. Jobs {ids} go on; %stop_job -Id {ids} stops them, %receive_job gives their results."
