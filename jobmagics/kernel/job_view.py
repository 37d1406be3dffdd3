"""The jobs that a PowerShell cell starts show themselves, in one live view.

It comes as the cell ends, of the jobs that go on then: what a cell began and has seen the end of needs no view. A
cell that waits for its jobs has it sooner, for there is nothing else to look at.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from jobmagics.jobs import FINISHED
from jobmagics.results import Job

if TYPE_CHECKING:
    from jobmagics.display.views import LiveView

WAIT_SECONDS = 1.0
"""A cell that has waited so long shows what it waits for."""


class JobView:
    """Of one cell. ``begun`` are its jobs, a list that grows; ``show`` puts a view of some into the cell."""

    def __init__(
        self,
        begun: list[Job],
        show: Callable[[Iterable[Job]], LiveView],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._begun, self._show, self._clock = begun, show, clock
        self._view: LiveView | None = None
        self._shown: set[Job] = set()
        self._deadline: float | None = None

    def wait(self) -> None:
        """Called again and again while the cell waits."""
        if self._deadline is None:
            self._deadline = self._clock() + WAIT_SECONDS
        elif self._clock() > self._deadline:
            self.show()

    def show(self) -> None:
        """Shows those that go on; what the cell began since joins the view that there is."""
        fresh = [job for job in self._begun if job not in self._shown and job.state not in FINISHED]
        if not fresh:
            return
        self._shown |= set(fresh)
        if self._view is None or self._view.has_ended:
            self._view = self._show(fresh)
        else:
            self._view.include(job.id for job in fresh)
