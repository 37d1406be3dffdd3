"""Start-Job, Start-ThreadJob and the cmdlets that look at, wait for, receive, stop and remove jobs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ..jobs.job import Job
from ..jobs.starters import start_process_job, start_thread_job
from ..jobs.table import JobTable, table_of
from ..jobs.using import using_of
from ..jobs.wire import RemoteErrorRecord
from ..members.access import NoteProperty, add_member
from ..records import SMA, ScriptError, error
from ..remoting.requests import Script
from ..runtime.cmdlet import Cmdlet, command
from ..values.value import NOTHING, as_list, to_string
from ..values.wildcards import has_wildcard, wildcard_match
from .job_results import give

POLL_SECONDS = 0.05
_FIND_ERRORS = {
    "Id": (
        "JobWithSpecifiedSessionNotFound",
        "The command cannot find a job with the job ID {}. Verify the value of the Id parameter and then try the "
        "command again.",
    ),
    "Name": (
        "JobWithSpecifiedNameNotFound",
        "The command cannot find the job because the job name {} was not found. Verify the value of the Name "
        "parameter, and then try the command again.",
    ),
    "InstanceId": (
        "JobWithSpecifiedInstanceIdNotFound",
        "The command cannot find a job with the instance identifier {}. Verify the value of the InstanceId parameter, "
        "and then try the command again.",
    ),
}


class JobCmdlet(Cmdlet):
    @property
    def table(self) -> JobTable:
        return table_of(self.runspace)

    def not_found(self, parameter: str, wanted: Any) -> None:
        fqid, message = _FIND_ERRORS[parameter]
        self.error(
            message.format(to_string(wanted)),
            fqid,
            "ObjectNotFound",
            wanted,
            net_type="System.Management.Automation.PSArgumentException",
        )

    def selected(self) -> list[Job]:
        """The jobs that -Id, -Name, -InstanceId, -State, -Command or -Job mean; what is unknown is an error."""
        found: list[Job] = list(as_list(self.arg("Job")))
        everything = self.table.all()
        for number in as_list(self.arg("Id")):
            found += self._those("Id", number, [job for job in everything if job.id == int(number)])
        for name in as_list(self.arg("Name")):
            found += self._those("Name", name, self.named(to_string(name)))
        for guid in as_list(self.arg("InstanceId")):
            found += self._those("InstanceId", guid, [job for job in everything if job.instance_id == guid])
        if self.has("State"):
            wanted = to_string(self.arg("State"))
            found += [job for job in self.table.top() if job.state_name == wanted]
        for pattern in as_list(self.arg("Command")):
            text = to_string(pattern).strip()
            found += [job for job in self.table.top() if wildcard_match(text, job.command.strip())]
        return found

    def named(self, pattern: str) -> list[Job]:
        return self.table.named(pattern)

    def _those(self, parameter: str, wanted: Any, found: list[Job]) -> list[Job]:
        if not found and not (parameter == "Name" and has_wildcard(to_string(wanted))):
            self.not_found(parameter, wanted)
        return found

    def wait_until(self, is_done: Callable[[], bool], timeout: float | None = None) -> bool:
        """False when the time is over before."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while not is_done():
            left = POLL_SECONDS if deadline is None else min(POLL_SECONDS, deadline - time.monotonic())
            if left <= 0:
                return False
            self.sleep(left)
        return True


# -- starting


class StartingCmdlet(JobCmdlet):
    def begin(self) -> None:
        self._input: list[Any] = []

    def process(self) -> None:
        value = self.bound.get("inputobject", NOTHING)
        if value is not NOTHING:
            self._input.append(value)

    def script(self) -> Script:
        block = self.arg("ScriptBlock")
        initialization = self.arg("InitializationScript")
        using: dict[str, Any] = {}
        if block is None:
            text = self._file_text()
        else:
            text, using = block.text, using_of(self, block)
        return Script(
            text,
            arguments=as_list(self.arg("ArgumentList")),
            using=using,
            input=self._input if self._input or self.expecting_input else None,
            initialization=initialization.text if initialization is not None else "",
        )

    def _file_text(self) -> str:
        given = self.arg("FilePath") or self.arg("LiteralPath")
        path = self.path(given)
        try:
            with open(path, encoding="utf-8-sig") as source:
                return source.read()
        except OSError:
            raise self.terminate(
                f"Cannot find path '{path}' because it does not exist.",
                "PathNotFound",
                "ObjectNotFound",
                given,
                net_type=SMA + "ItemNotFoundException",
            ) from None


@command("Start-Job")
class StartJob(StartingCmdlet):
    def begin(self) -> None:
        super().begin()
        if self.set_name == "DefinitionName":
            name = to_string(self.arg("DefinitionName"))
            raise self.terminate(
                f"Cannot find a job definition for the {name} definition name. Try the command again after verifying "
                "that the definition name is correct.",
                "StartJobFromDefinitionNameNotFound",
                "ObjectNotFound",
                name,
            )
        if self.switch("RunAs32"):
            raise self.terminate(
                "A 32-bit process cannot be started from a 64-bit one.",
                "RunAs32NotSupported",
                "InvalidOperation",
                net_type=SMA + "PSNotSupportedException",
            )
        directory = self.arg("WorkingDirectory")
        self._directory = self.runspace.location if directory is None else self.path(directory)
        if directory is not None and not self._is_directory():
            raise self.terminate(
                f"The system cannot find the directory {self._directory}.",
                "DirectoryNotFoundException",
                "InvalidOperation",
                net_type="System.IO.DirectoryNotFoundException",
            )

    def _is_directory(self) -> bool:
        import os

        return os.path.isdir(self._directory)

    def end(self) -> None:
        self.write(
            start_process_job(
                self.table, self.runspace, self.script(), name=self.arg("Name"), directory=self._directory
            )
        )


@command("Start-ThreadJob", "Microsoft.PowerShell.ThreadJob.StartThreadJobCommand")
class StartThreadJob(StartingCmdlet):
    def end(self) -> None:
        if self.has("ThrottleLimit"):
            self.table.slots.set_limit(int(self.arg("ThrottleLimit")))
        self.write(start_thread_job(self.table, self.runspace, self.script(), name=self.arg("Name")))


# -- looking


@command("Get-Job")
class GetJob(JobCmdlet):
    def process(self) -> None:
        filtered = any(self.has(name) for name in ("Id", "Name", "InstanceId", "State", "Command"))
        found = self.selected() if filtered else self.table.top()
        found = self._with_children(found)
        if self.has("HasMoreData"):
            found = [job for job in found if job.has_more_data == bool(self.arg("HasMoreData"))]
        found = self._by_time(found)
        unique = {job.id: job for job in found}
        self.write_all(unique[number] for number in sorted(unique))

    def _with_children(self, jobs: list[Job]) -> list[Job]:
        children = [child for job in jobs for child in job.children]
        if self.has("ChildJobState"):
            wanted = to_string(self.arg("ChildJobState"))
            return jobs + [child for child in children if child.state_name == wanted]
        return jobs + children if self.switch("IncludeChildJob") else jobs

    def _by_time(self, jobs: list[Job]) -> list[Job]:
        before, after, newest = self.arg("Before"), self.arg("After"), self.arg("Newest")
        if before is not None or after is not None:
            from ..values.operators import compare

            jobs = [
                job
                for job in jobs
                if job.ps_end_time is not None
                and (before is None or compare(job.ps_end_time, before) < 0)
                and (after is None or compare(job.ps_end_time, after) > 0)
            ]
        if newest is not None:
            ended = sorted(jobs, key=lambda job: job.ps_end_time.timestamp() if job.ps_end_time else 0.0, reverse=True)
            jobs = ended[: int(newest)]
        return jobs


@command("Wait-Job")
class WaitJob(JobCmdlet):
    def begin(self) -> None:
        self._jobs: list[Job] = []

    def process(self) -> None:
        self._jobs += self.selected()

    def end(self) -> None:
        unique = list({job.id: job for job in self._jobs}.values())
        if not unique:
            return
        finish = any if self.switch("Any") else all
        seconds = self.arg("Timeout")
        timeout = None if seconds is None or int(seconds) < 0 else float(seconds)

        def is_done() -> bool:
            if finish(job.state_name == "Blocked" for job in unique):
                raise self._deadlock()
            return finish(job.is_finished for job in unique)

        done = self.wait_until(is_done, timeout)
        if not done:
            return
        finished = [job for job in unique if job.is_finished]
        finished.sort(key=lambda job: job.ps_end_time.timestamp() if job.ps_end_time else 0.0)
        self.write_all(finished[:1] if self.switch("Any") else finished)

    def _deadlock(self) -> ScriptError:
        return self.terminate(
            "The Wait-Job cmdlet cannot finish working, because one or more jobs are blocked waiting for user "
            "interaction.  Process interactive job output by using the Receive-Job cmdlet, and then try again.",
            "BlockedJobsDeadlockWithWaitJob",
            "DeadlockDetected",
            net_type="System.ArgumentException",
        )


# -- receiving


@command("Receive-Job")
class ReceiveJob(JobCmdlet):
    def begin(self) -> None:
        self._jobs: list[Job] = []
        self._failed: list[Job] = []  # may have failed: that is told when the results of all have been
        self._running: set[int] = set()  # waited for: their results say which job they come from
        wait = self.switch("Wait")
        if wait and self.switch("Keep"):
            text = "The Wait and Keep parameters cannot be used together in the same command."
            raise error(
                f'Cannot bind parameter \'Wait\' to the target. Exception setting "Wait": "{text}"',
                f"ParameterBindingFailed,{self.net_name}",
                "WriteError",
                net_type=SMA + "ParameterBindingException",
            )
        for name, text in (
            ("AutoRemoveJob", "The -AutoRemoveJob parameter cannot be used without the -Wait parameter"),
            ("WriteEvents", "The WriteEvents parameter cannot be used without the Wait parameter."),
            ("WriteJobInResults", "The WriteJobInResults parameter cannot be used without the Wait parameter."),
            ("Force", "The Force parameter cannot be used without the Wait parameter."),
        ):
            if self.switch(name) and not wait:
                raise self.terminate(
                    text,
                    "InvalidOperation",
                    "InvalidOperation",
                    net_type="System.InvalidOperationException",
                )

    def process(self) -> None:
        found = self.selected()
        if self.switch("Wait"):
            self._jobs += found
            return
        for job in found:
            self._receive(job)

    def _receive(self, job: Job) -> None:
        for child in self._children(job):
            self._receive(child)
        for stream, value in job.take(self.switch("Keep")):
            self._give(job, stream, value)
        self._failed.append(job)

    def _children(self, job: Job) -> list[Job]:
        """Those that are received from: -Location, -ComputerName and -Session choose among them."""
        if self.switch("NoRecurse"):
            return []
        places = [to_string(name).lower() for name in as_list(self.arg("Location")) + as_list(self.arg("ComputerName"))]
        places += [session.remote.computer.lower() for session in as_list(self.arg("Session"))]
        return [child for child in job.children if not places or child.location.lower() in places]

    def end(self) -> None:
        if not self.switch("Wait"):
            for job in self._failed:
                self._failure(job)
            return
        jobs = list({job.id: job for job in self._jobs}.values())
        if self.switch("WriteJobInResults"):
            self.write_all(jobs)
        parts = [part for job in jobs for part in (*self._children(job), job)]
        open_parts = list(parts)
        self._running = {part.id for part in parts if not part.is_finished}
        while open_parts:
            for part in list(open_parts):
                ended = part.is_finished
                for stream, value in part.take(False):
                    self._give(part, stream, value)
                if ended:
                    self._failure(part)
                    open_parts.remove(part)
                    if self.switch("WriteEvents"):
                        self.write(part.state_event())
            if open_parts:
                jobs_changed = jobs[0].changed if len(jobs) == 1 else None
                self._pause(jobs_changed)
        if self.switch("AutoRemoveJob"):
            for job in jobs:
                self.table.remove(job)
                job.dispose()

    def _pause(self, changed: Any) -> None:
        if changed is None:
            self.sleep(POLL_SECONDS)
            return
        if not changed.wait(POLL_SECONDS):
            self.check_stopped()
        changed.clear()

    def _give(self, job: Job, stream: str, value: Any) -> None:
        if stream == "output" and job.id in self._running and job.in_order and value is not None:
            value = add_member(value, "PSSourceJobInstanceId", NoteProperty(job.instance_id), force=True)
        give(self, job, stream, value)

    def _failure(self, job: Job) -> None:
        """A failed job says so each time it is received."""
        if job.state_name != "Failed" or job.reason is None:
            return
        record = job.failure
        if record is None:
            record = RemoteErrorRecord(job.reason, "JobStateFailed", "InvalidResult")
        record.logged = False
        self.runtime.write_error(record)


# -- ending


@command("Stop-Job")
class StopJob(JobCmdlet):
    def process(self) -> None:
        jobs = self.selected()
        if self.has("Filter"):
            jobs = []
        stopped = []
        for job in jobs:
            if job.is_finished or self.should_process(_shown(job), "Stop-Job"):
                job.stop()
                stopped.append(job)
        self.wait_until(lambda: all(job.is_finished for job in stopped))
        if self.switch("PassThru"):
            self.write_all(stopped)


@command("Remove-Job")
class RemoveJob(JobCmdlet):
    def named(self, pattern: str) -> list[Job]:
        return [job for job in super().named(pattern) if job.parent is None]

    def process(self) -> None:
        for job in self.selected():
            if not self.should_process(_shown(job), "Remove-Job"):
                continue
            if job.parent is not None:
                self.error(
                    "The command cannot remove the job because it does not exist or because it is a child job. Child "
                    "jobs can be removed only by removing the parent job.",
                    "CannotRemoveJob",
                    "InvalidOperation",
                    job,
                    net_type="System.ArgumentException",
                )
                continue
            if not job.is_finished:
                if not self.switch("Force") and not self.has("State"):
                    self.error(
                        f"The command cannot remove the job with the job ID {job.id} because the job is not finished. "
                        "To remove the job, first stop the job, or use the Force parameter. (Parameter 'Job')",
                        "JobObjectNotFinishedCannotBeRemoved",
                        "InvalidOperation",
                        job,
                        net_type="System.ArgumentException",
                    )
                    continue
                job.stop()
                self.wait_until(lambda job=job: job.is_finished)  # type: ignore[misc]
            self.table.remove(job)
            job.dispose()


def _shown(job: Job) -> str:
    return f"Command: {job.command}, JobId: {job.id}, Name: {job.name}"


@command("Debug-Job")
class DebugJob(JobCmdlet):
    def process(self) -> None:
        raise self.terminate(
            "The built-in engine has no debugger; run pwsh to debug a job.",
            "NotSupported",
            "NotImplemented",
            net_type="System.NotSupportedException",
        )
