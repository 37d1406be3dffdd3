"""The magics that start jobs on this machine: processes, thread jobs, items in parallel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..options import Arguments
from .job_words import NO_STORE, JobWords
from .lines import input_of, script_of

if TYPE_CHECKING:
    from ..results import Job


class KindWords(JobWords):
    def start_job(self, given: Arguments, cell: str | None) -> Job:
        job = self.manager.start_job(
            script_of(given, cell, "%%start_job"),
            working_directory=given.get("WorkingDirectory"),
            **self._what_a_script_gets(given),
        )
        return self._started(job, given)

    def thread_job(self, given: Arguments, cell: str | None) -> Job:
        job = self.manager.start_thread_job(
            script_of(given, cell, "%%thread_job"),
            throttle_limit=given.get("ThrottleLimit"),
            **self._what_a_script_gets(given),
        )
        return self._started(job, given)

    def parallel_job(self, given: Arguments, cell: str | None) -> Job:
        script = script_of(given, cell, "%%parallel_job")
        items = input_of(given)
        if items is None:
            raise UsageError("%%parallel_job needs the items: -InputObject and a Python expression, such as range(3).")
        job = self.manager.start_parallel_job(
            script,
            items,
            name=given.get("Name"),
            using=self.namespace,
            throttle_limit=given.get("ThrottleLimit"),
            no_store=given.switch("NoStore"),
        )
        return self._started(job, given)

    def _what_a_script_gets(self, given: Arguments) -> dict[str, Any]:
        return {
            "name": given.get("Name"),
            "initialization_script": given.get("InitializationScript"),
            "arguments": given.get("ArgumentList", ()),
            "input": input_of(given),
            "using": self.namespace,
            "no_store": given.switch("NoStore"),
        }

    def _started(self, job: Job, given: Arguments) -> Job:
        if given.switch("NoStore"):
            print(NO_STORE)
        if given.switch("Wait"):
            from ..display.following import follow

            follow(job)
        else:
            self._show([job])
        return job
