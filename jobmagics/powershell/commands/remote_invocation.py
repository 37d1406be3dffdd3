"""Invoke-Command in sessions and on other hosts: at once, or as a job."""

from __future__ import annotations

from typing import Any

from ..jobs.job import Job
from ..jobs.table import table_of
from ..jobs.using import using_of
from ..jobs.wire import RemoteErrorRecord
from ..records import SMA, ScriptError
from ..remoting.client import END_SECONDS
from ..remoting.invocation import remote_job
from ..remoting.pssession import PSSession, RemoteSession
from ..remoting.requests import Script
from ..remoting.transports import Target
from ..runtime.cmdlet import Cmdlet
from ..values.value import as_list
from .job_results import give
from .remote_targets import SSH_SETS, need_ssh, targets

DEFAULT_THROTTLE = 32
LOOK_SECONDS = 0.05
SESSION_SETS = ("Session", "FilePathRunspace")


class RemoteInvocation:
    """One call of Invoke-Command that is not for this session."""

    def __init__(self, cmdlet: Cmdlet) -> None:
        self._cmdlet = cmdlet
        need_ssh(cmdlet, (*SSH_SETS, *SESSION_SETS))
        if cmdlet.switch("RemoteDebug"):
            raise cmdlet.terminate(
                "The built-in engine has no debugger; run pwsh to debug a remote script.",
                "NotSupported",
                "NotImplemented",
                net_type="System.NotSupportedException",
            )
        block = cmdlet.arg("ScriptBlock")
        self._text = block.text if block is not None else self._file_text()
        self._using = using_of(cmdlet, block) if block is not None else {}
        self._as_job = cmdlet.switch("AsJob") or cmdlet.has("JobName")
        self._places: list[RemoteSession | Target] = self._sessions() if cmdlet.set_name in SESSION_SETS else []
        self._places += targets(cmdlet) if cmdlet.set_name in SSH_SETS else []

    def _file_text(self) -> str:
        path = self._cmdlet.path(self._cmdlet.arg("FilePath"))
        try:
            with open(path, encoding="utf-8-sig") as source:
                return source.read()
        except OSError:
            raise self._cmdlet.terminate(
                f"Cannot find path '{path}' because it does not exist.",
                "PathNotFound",
                "ObjectNotFound",
                path,
                net_type=SMA + "ItemNotFoundException",
            ) from None

    def _sessions(self) -> list[RemoteSession | Target]:
        given: list[PSSession] = as_list(self._cmdlet.arg("Session"))
        if self._as_job:
            return [session.remote for session in given]  # its child says what is wrong with one
        usable: list[RemoteSession | Target] = [session.remote for session in given if self._is_usable(session)]
        if not usable:
            raise self._cmdlet.terminate(
                "No valid sessions were specified.  Ensure you provide valid sessions that are in the Opened state and "
                "are available to run commands.",
                "InvalidOperation",
                "InvalidOperation",
                net_type=SMA + "PSInvalidOperationException",
            )
        return usable

    def _is_usable(self, session: PSSession) -> bool:
        remote = session.remote
        named = f"{session.name}, {remote.connection.pool}, {remote.computer}"
        if remote.state != "Opened":
            kind, text = (
                "State",
                (
                    f"Because the session state for session {named} is not equal to Open, you cannot run a command in "
                    f"the session.  The session state is {remote.state}."
                ),
            )
        elif remote.availability != "Available":
            kind, text = (
                "Availability",
                (
                    f"Because the session availability for session {named} is not equal to Available, you cannot run a "
                    f"command in the session.  The session availability is {remote.availability}."
                ),
            )
        else:
            return True
        self._cmdlet.error(
            text,
            f"InvokeCommandCommandInvalidSession{kind}",
            "InvalidOperation",
            session,
            net_type=SMA + "Runspaces.InvalidRunspaceStateException",
        )
        return False

    def run(self, input: list[Any] | None) -> None:
        cmdlet = self._cmdlet
        table = table_of(cmdlet.runspace)
        job = remote_job(
            table,
            self._places,
            Script(self._text, arguments=as_list(cmdlet.arg("ArgumentList")), using=self._using, input=input),
            name=cmdlet.arg("JobName"),
            shown=not cmdlet.switch("HideComputerName"),
            limit=int(cmdlet.arg("ThrottleLimit", 0)) or DEFAULT_THROTTLE,
            host=cmdlet.runspace.host,
        )
        if self._as_job:
            table.add(job)
            cmdlet.write(job)
            return
        try:
            self._receive(job)
        except BaseException:
            job.stop()
            job.finished.event.wait(END_SECONDS)
            raise

    def _receive(self, job: Job) -> None:
        """What the children give, as it comes; then what made one fail."""
        left = list(job.children)
        while left:
            job.changed.clear()
            for child in list(left):
                ended = child.is_finished
                for stream, value in child.take(keep=False):
                    give(self._cmdlet, child, stream, value)
                if ended:
                    left.remove(child)
                    if child.failure is not None:
                        self._fail(child.failure, alone=len(job.children) == 1)
            if left and not job.changed.wait(LOOK_SECONDS):
                self._cmdlet.check_stopped()

    def _fail(self, record: RemoteErrorRecord, *, alone: bool) -> None:
        record.logged = False
        if alone and record.exception.net_type == SMA + "RemoteException":
            raise ScriptError(record)  # what a script in one place throws ends the statement here, too
        self._cmdlet.runtime.write_error(record)
