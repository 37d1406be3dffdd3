"""The magics of jobs: each reads its line and is one call on the manager."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..console.waiting import waiting_for
from ..errors import UsageError
from ..options import Arguments
from ..options import job_specs as specs
from .base import MagicsBase
from .lines import connections_of, input_of, job_filter, names_one, script_of

if TYPE_CHECKING:
    from ..results import ChildJob, Job, Records, SessionList

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
    def remote_job(self, given: Arguments, cell: str | None) -> Job | SessionList:
        details = self._invocation(given)
        script = script_of(given, cell)
        if given.switch("InDisconnectedSession") or "SessionName" in given:
            return self._in_disconnected_session(script, given, details)
        job = self.manager.invoke(
            script,
            sessions=given.get("Session", ()),
            job_name=given.get("JobName"),
            hide_computer_name=given.switch("HideComputerName"),
            no_store=given.switch("NoStore"),
            **details,
        )
        if given.switch("NoStore"):
            print(NO_STORE)
        if given.switch("Wait"):
            from ..display.following import follow

            follow(job)
        else:
            self._show([job])
        return job

    def _invocation(self, given: Arguments) -> dict[str, Any]:
        """Where the line says to run, and with what."""
        return {
            "connections": connections_of(given),
            "throttle_limit": given.get("ThrottleLimit", 32),
            "arguments": given.get("ArgumentList", ()),
            "input": input_of(given),
            "using": self.namespace,
        }

    def _in_disconnected_session(self, script: str, given: Arguments, details: dict[str, Any]) -> SessionList:
        if "Session" in given:
            raise UsageError("-InDisconnectedSession opens sessions of its own and does not go with -Session.")
        sessions = self.manager.invoke_disconnected(
            script,
            as_job=given.switch("AsJob") or "JobName" in given,
            in_disconnected_session=given.switch("InDisconnectedSession"),
            session_name=given.get("SessionName"),
            **details,
        )
        print(sessions)
        return sessions

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
        from ..sessions.jobkeeper import check_receiving

        waits = given.switch("Wait")
        if "Timeout" in given and not waits:
            raise UsageError("-Timeout needs -Wait beside it.")
        manner = {
            "keep": given.switch("Keep"),
            "wait": waits,
            "force": given.switch("Force"),
            "auto_remove_job": given.switch("AutoRemoveJob"),
            "write_events": given.switch("WriteEvents"),
            "write_job_in_results": given.switch("WriteJobInResults"),
        }
        check_receiving(**manner)  # before a job is looked for, as PowerShell does
        jobs = self._pick_jobs(specs.RECEIVE_JOB, given)
        with waiting_for(jobs):
            return self.manager.receive_job(
                jobs,
                timeout=given.get("Timeout"),
                ask=ask_here,
                location=given.get("Location", ()),
                computer_name=given.get("ComputerName", ()),
                session=given.get("Session", ()),
                no_recurse=given.switch("NoRecurse"),
                **manner,
            )

    def wait_job(self, given: Arguments) -> Any:
        jobs = self._pick_jobs(specs.WAIT_JOB, given)
        with waiting_for(jobs):
            return self.manager.wait(
                jobs, timeout=given.get("Timeout"), any=given.switch("Any"), force=given.switch("Force")
            )

    def stop_job(self, given: Arguments) -> Any:
        with self._those_there(self._pick_jobs, specs.STOP_JOB, given) as jobs:
            self.manager.stop(jobs)
        return jobs if given.switch("PassThru") else None

    def remove_job(self, given: Arguments) -> None:
        # Remove-Job -State and -Command stop and remove without -Force (SEMANTICS.md 4)
        force = given.switch("Force") or "State" in given or "Command" in given
        with self._those_there(self._pick_jobs, specs.REMOVE_JOB, given) as jobs:
            self.manager.remove(jobs, force=force)

    def watch(self, given: Arguments) -> None:
        self._show(self._pick_jobs(specs.WATCH, given) if given.values else None, stays=True)
