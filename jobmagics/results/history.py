"""The finished jobs of all kernels, as a list that prints with the notebook each one belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jobmagics import formatting
from jobmagics.formatting import Reader, Record, Shaper, ShapeRequest
from jobmagics.psobject import PSObject
from jobmagics.results.job import ChildJob, Job, JobList
from jobmagics.results.records import WIDTH


class History(JobList):
    """``owners``: whose job each one is."""

    def __init__(self, jobs: Iterable[Job | ChildJob], owners: Mapping[Job | ChildJob, str]) -> None:
        super().__init__(jobs)
        self._owners = owners

    def owner(self, job: Job | ChildJob) -> str:
        """What the job is kept under: the notebook, or the kernel where none is known."""
        return self._owners[job.parent if isinstance(job, ChildJob) else job]

    def _records(self) -> list[Record]:
        shaper = Shaper(Reader(), ShapeRequest(shape="Table", autosize=True), width=WIDTH)
        found = []
        for job in self:
            ended = f"{job.end_time:%Y-%m-%d %H:%M:%S}" if job.end_time else ""
            row = {"Id": job.id, "Name": job.name, "State": str(job.state), "Ended": ended, "Location": job.location}
            found += list(shaper.feed(PSObject({**row, "Notebook": self.owner(job).partition(":")[2]})))
        return [*found, *shaper.close()]

    def __repr__(self) -> str:
        return formatting.format_text(self._records(), WIDTH).strip("\n") if self else ""

    def _repr_html_(self) -> str:
        return formatting.to_html(self._records(), WIDTH)
