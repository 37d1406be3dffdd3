"""A script's run in another engine, as a job: its results, its questions, how it ends."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ... import clixml
from ..dotnet.lists import ArrayList
from ..dotnet.revive import revive
from ..jobs import wire as jobs_wire
from ..jobs.job import Job
from ..jobs.wire import OriginInfo, RemoteErrorRecord
from ..members.access import NoteProperty, add_member
from ..records import SMA, NetException
from ..server import wire
from .client import Connection, Outcome, RemotePipeline, Sink
from .host_calls import HostCall
from .requests import Script


@dataclass(frozen=True)
class Place:
    """Where a job's results come from. ``shown``: whether objects are displayed with it."""

    computer: str
    runspace: uuid.UUID
    shown: bool = True

    @property
    def origin(self) -> OriginInfo:
        return OriginInfo(self.computer, self.runspace)


def run_and_end(
    job: Job,
    connection: Connection,
    script: Script,
    place: Place,
    *,
    ended: Callable[[], RemoteErrorRecord],
    done: Callable[[], None] = lambda: None,
    kill_after: float | None = None,
) -> None:
    """Runs the script to its end, which is the job's. ``ended``: the error when the other engine went away; ``done``
    is called before the job says that it has ended."""
    failure: RemoteErrorRecord | None = None
    try:
        outcome = _run_parts(job, connection, script, place, kill_after)
        if outcome.state == "Failed":
            failure = jobs_wire.error_record(outcome.record, place.origin)
        elif outcome.state == "Broken" and not job.stop_asked.is_set():
            failure = ended()
    except clixml.CLIXMLError as problem:
        failure = _not_run(str(problem), "System.Runtime.Serialization.SerializationException")
    except Exception as problem:  # noqa: BLE001 - a bug of ours must not leave a job running for ever
        failure = _not_run(f"The built-in engine failed: {problem!r}", "System.InvalidOperationException")
    finally:
        done()
    if failure is not None:
        fail(job, failure)
    else:
        job.move("Completed" if outcome.state == "Completed" else "Stopped")


def _run_parts(job: Job, connection: Connection, script: Script, place: Place, kill_after: float | None) -> Outcome:
    if script.initialization:
        outcome = _run(job, connection.start(Script(script.initialization)), place, kill_after)
        if outcome.state != "Completed":
            return outcome
    return _run(job, connection.start(script), place, kill_after)


def _not_run(message: str, kind: str) -> RemoteErrorRecord:
    return RemoteErrorRecord(NetException(message, net_type=kind), "RemotePipelineExecutionFailed", "OperationStopped")


def fail(job: Job, record: RemoteErrorRecord) -> None:
    job.failure = record
    job.move("Failed", record.exception)


def _run(job: Job, pipeline: RemotePipeline, place: Place, kill_after: float | None) -> Outcome:
    job.stop_runner = lambda: pipeline.stop(kill_after=kill_after)
    if job.stop_asked.is_set():
        job.stop_runner()
    return pipeline.follow(_sink(job, pipeline, place))


_RECORDS: dict[int, tuple[str, Callable[[Any], Any]]] = {
    wire.WARNING_RECORD: ("warning", lambda body: jobs_wire.informational("Warning", body)),
    wire.VERBOSE_RECORD: ("verbose", lambda body: jobs_wire.informational("Verbose", body)),
    wire.DEBUG_RECORD: ("debug", lambda body: jobs_wire.informational("Debug", body)),
    wire.INFORMATION_RECORD: ("information", jobs_wire.information),
    wire.PROGRESS_RECORD: ("progress", jobs_wire.progress),
}


def _sink(job: Job, pipeline: RemotePipeline, place: Place) -> Sink:
    decode = pipeline.connection.decode

    def receive(kind: int, body: str) -> None:
        if kind == wire.PIPELINE_OUTPUT:
            job.add("output", _noted(revive(decode(body, lists=ArrayList)), place))
        elif kind == wire.ERROR_RECORD:
            job.add("error", jobs_wire.error_record(decode(body), place.origin))
        elif kind == wire.PIPELINE_HOST_CALL:
            job.add_host_call(HostCall(pipeline, body))
        elif kind in _RECORDS:
            stream, convert = _RECORDS[kind]
            job.add(stream, convert(decode(body)))

    return receive


def _noted(value: Any, place: Place) -> Any:
    """The object with the notes that say where it comes from."""
    if value is None:
        return None
    notes = (("PSComputerName", place.computer), ("RunspaceId", place.runspace), ("PSShowComputerName", place.shown))
    for name, note in notes:
        value = add_member(value, name, NoteProperty(note), force=True)
    return value


def transport_error(message: str, fqid: str, category: str, words: str = "") -> RemoteErrorRecord:
    """An error of the way to the other engine, as PowerShell's SSH transport tells it; ``words``: what ssh said."""
    text = f"The SSH client session has ended with error message: {message}"
    exception = NetException(text, net_type=SMA + "Remoting.PSRemotingTransportException")
    details = text if words else None
    return RemoteErrorRecord(exception, fqid, category, details=details, recommended=words or None)
