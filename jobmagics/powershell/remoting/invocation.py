"""A script in several sessions at once: a job with a child for each, so many at a time."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from typing import Any

from ..jobs.job import REMOTING_CHILD, REMOTING_JOB, Job
from ..jobs.table import JobTable
from ..jobs.wire import RemoteErrorRecord
from ..records import SMA, NetException, PipelineStopped
from .operations import fail, run_and_end, transport_error
from .pssession import RemoteSession
from .requests import Script
from .transports import BadTarget, Target

DIED = "The SSH transport process has abruptly terminated causing this remote session to break."
BUSY = "The pipeline was not run because a pipeline is already running. Pipelines cannot be run concurrently."


class Errand:
    """One child: where it runs. A session of somebody's is left open, one for a target is this errand's own."""

    def __init__(self, child: Job, where: RemoteSession | Target, script: Script, *, shown: bool, host: Any) -> None:
        self._child = child
        self._where = where
        self._script = script
        self._shown = shown
        self._host = host
        self._begun = False
        child.stop_runner = self._stop_unbegun

    def _stop_unbegun(self) -> None:
        if not self._begun:
            self._child.move("Stopped")

    def run(self) -> None:
        self._begun = True
        if self._child.stop_asked.is_set():
            self._child.move("Stopped")
        elif isinstance(self._where, RemoteSession):
            self._run_in(self._where)
        else:
            self._run_at(self._where)

    def _run_at(self, target: Target) -> None:
        try:
            remote = RemoteSession(target, self._host)
        except (OSError, BadTarget) as problem:
            fail(self._child, transport_error(str(problem), "PSSessionStateBroken", "OpenError"))
            return
        try:
            if remote.wait_open(self._give_up_if_stopped):
                self._run_in(remote)
            else:
                fail(self._child, not_opened(remote, "PSSessionStateBroken"))
        except PipelineStopped:
            self._child.move("Stopped")
        finally:
            remote.close()

    def _give_up_if_stopped(self) -> None:
        if self._child.stop_asked.is_set():
            raise PipelineStopped

    def _run_in(self, remote: RemoteSession) -> None:
        child = self._child
        if remote.state != "Opened":
            fail(child, _not_open(remote))
        elif not remote.take():
            exception = NetException(BUSY, net_type="System.InvalidOperationException")
            fail(child, RemoteErrorRecord(exception, "RemotePipelineExecutionFailed", "OperationStopped"))
        else:
            child.begin()
            place = remote.place(self._shown)

            def died() -> RemoteErrorRecord:
                record = transport_error(DIED, "JobFailure", "OperationStopped", words_of(remote))
                record.origin = place.origin
                return record

            run_and_end(child, remote.connection, self._script, place, ended=died, done=remote.give_back)


def _not_open(remote: RemoteSession) -> RemoteErrorRecord:
    exception = NetException(
        "Cannot perform the operation because the runspace is not in the Opened state. Current state of the runspace "
        f"is '{remote.state}'.",
        net_type=SMA + "Runspaces.InvalidRunspaceStateException",
    )
    return RemoteErrorRecord(exception, "InvalidSessionState,System.Management.Automation", "OperationStopped")


def not_opened(remote: RemoteSession, fqid: str) -> RemoteErrorRecord:
    """The error of a session that did not open, or not in time."""
    late = remote.state == "Opening"
    seconds = remote.target.timeout or 0.0
    message = f"No session was open within {seconds * 1000:.0f} milliseconds (-ConnectingTimeout)." if late else DIED
    return transport_error(message, fqid, "OpenError", words_of(remote))


def words_of(remote: RemoteSession) -> str:
    """What the program behind the session said of its end."""
    return "\n".join(remote.connection.words)


def remote_job(
    table: JobTable,
    places: Sequence[RemoteSession | Target],
    script: Script,
    *,
    name: str | None,
    shown: bool,
    limit: int,
    host: Any,
) -> Job:
    """A job that runs, with a child for each place; the caller lists it, or keeps it for itself."""
    names = [place.computer if isinstance(place, RemoteSession) else place.host for place in places]
    location = ",".join(names)
    job = table.create(REMOTING_JOB, name=name, command=script.text, location=location, type_name="RemoteJob")
    errands: queue.SimpleQueue[Errand] = queue.SimpleQueue()
    for place, computer in zip(places, names, strict=True):
        child = table.child(job, REMOTING_CHILD, command=script.text, location=computer)
        errands.put(Errand(child, place, script, shown=shown, host=host))
    job.begin()

    def work() -> None:
        while True:
            try:
                errand = errands.get_nowait()
            except queue.Empty:
                return
            errand.run()

    for _ in range(min(limit, len(places))):
        threading.Thread(target=work, name="remote job", daemon=True).start()
    return job
