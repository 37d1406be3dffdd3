"""The magics of jobs: each reads its line and is one call on the manager."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..options import Arguments
from ..options import job_specs as specs
from .base import MagicsBase
from .lines import connections_of, job_filter, names_one, script_of

if TYPE_CHECKING:
    from ..results import ChildJob, Job, Records

NO_STORE = (
    "-NoStore: what this job gives is kept in this kernel's memory and not on disk. If the kernel ends, all that it"
    " gave until then is lost; the script's text and how the job ended are in the ledger."
)
FINISHED = ("Completed", "Failed", "Stopped")


def ask_here(child: ChildJob) -> None:
    """Puts what a child job asks to the person before this cell."""
    from ..console.following import put_question
    from ..console.person import ShellPerson

    put_question(child, ShellPerson())


class JobWords(MagicsBase):
    def remote_job(self, given: Arguments, cell: str | None) -> Job:
        script = script_of(given, cell)
        job = self.manager.invoke(
            script,
            connections=connections_of(given),
            sessions=given.get("Session", ()),
            job_name=given.get("JobName"),
            throttle_limit=given.get("ThrottleLimit", 32),
            arguments=given.get("ArgumentList", ()),
            using=self.shell.user_ns,
            hide_computer_name=given.switch("HideComputerName"),
            no_store=given.switch("NoStore"),
        )
        if given.switch("NoStore"):
            print(NO_STORE)
        if given.switch("Wait"):
            from ..display.following import follow

            follow(job)
        else:
            self._show([job])
        return job

    def get_job(self, given: Arguments) -> Any:
        look = self.manager.history if given.switch("History") else self.manager.jobs
        jobs = look(
            **job_filter(given),
            has_more_data=given.get("HasMoreData"),
            include_child_jobs=given.switch("IncludeChildJob"),
            child_job_state=given.get("ChildJobState"),
            before=given.get("Before"),
            after=given.get("After"),
            newest=given.get("Newest"),
        )
        return jobs[0] if len(jobs) == 1 and names_one(given) else jobs

    def receive_job(self, given: Arguments) -> Records:
        waits = given.switch("Wait")
        if waits and given.switch("Keep"):
            raise UsageError("-Keep cannot be used with -Wait: receive with -Keep when the job has ended.")
        for name in ("AutoRemoveJob", "Timeout"):
            if name in given and not waits:
                raise UsageError(f"-{name} needs -Wait beside it.")
        jobs = self._pick_jobs(specs.RECEIVE_JOB, given)
        records = self.manager.receive_job(
            jobs,
            keep=given.switch("Keep"),
            wait=waits,
            timeout=given.get("Timeout"),
            ask=ask_here,
            location=given.get("Location", ()),
            computer_name=given.get("ComputerName", ()),
            session=given.get("Session", ()),
            no_recurse=given.switch("NoRecurse"),
        )
        if given.switch("AutoRemoveJob"):
            self.manager.remove([job for job in jobs if str(job.state) in FINISHED])
        return records

    def wait_job(self, given: Arguments) -> Any:
        return self._wait(self._pick_jobs(specs.WAIT_JOB, given), given)

    def stop_job(self, given: Arguments) -> Any:
        jobs = self._pick_jobs(specs.STOP_JOB, given)
        self.manager.stop(jobs)
        return jobs if given.switch("PassThru") else None

    def remove_job(self, given: Arguments) -> None:
        # Remove-Job -State and -Command stop and remove without -Force (SEMANTICS.md 4)
        force = given.switch("Force") or "State" in given or "Command" in given
        self.manager.remove(self._pick_jobs(specs.REMOVE_JOB, given), force=force)

    def watch(self, given: Arguments) -> None:
        self._show(self._pick_jobs(specs.WATCH, given) if given.values else None)

    def _wait(self, jobs: list[Any], given: Arguments) -> Any:
        timeout = given.get("Timeout")
        if timeout is not None and timeout < 0:
            timeout = None  # -1 is PowerShell's "for ever"
        return self.manager.wait(jobs, timeout=timeout, any=given.switch("Any"), force=given.switch("Force"))
