"""The ways to run a job: in a process (Start-Job, ``&``), in a thread (Start-ThreadJob), in
parallel (ForEach-Object -AsJob)."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

from ..records import (
    SMA,
    NetException,
    PipelineStopped,
    ScriptError,
)
from ..remoting.client import END_SECONDS, Connection
from ..remoting.operations import Place, run_and_end
from ..remoting.requests import Script
from ..remoting.transports import ENGINE, PACKAGE_PARENT
from .job import REMOTING_CHILD, REMOTING_JOB, TASK_CHILD, TASK_JOB, THREAD_JOB, Job
from .table import JobTable
from .wire import RemoteErrorRecord

LOCAL = "localhost"
THREADS_PLACE = "PowerShell"


# -- processes


def start_process_job(table: JobTable, runspace: Any, script: Script, *, name: str | None, directory: str) -> Job:
    job = table.create(REMOTING_JOB, name=name, command=script.text, location=LOCAL, type_name="BackgroundJob")
    child = table.child(job, REMOTING_CHILD, command=script.text)
    table.add(job)
    _in_thread(_run_process, child, script, directory, runspace.host)
    return job


def _in_thread(work: Callable[..., None], *args: Any) -> None:
    threading.Thread(target=work, args=args, name="job", daemon=True).start()


def _run_process(job: Job, script: Script, directory: str, host: Any) -> None:
    job.begin()
    try:
        engine = Connection([*ENGINE, "-WorkingDirectory", directory], directory=str(PACKAGE_PARENT), host=host)
    except OSError as problem:
        job.move("Failed", NetException(str(problem), net_type="System.ComponentModel.Win32Exception"))
        return
    run_and_end(
        job,
        engine,
        script,
        Place(LOCAL, engine.pool, shown=False),
        ended=_process_ended,
        done=lambda: engine.close(wait=True),
        kill_after=END_SECONDS,
    )


def _process_ended() -> RemoteErrorRecord:
    exception = NetException(
        "The background process ended before its script did.", net_type=SMA + "Remoting.PSRemotingTransportException"
    )
    return RemoteErrorRecord(exception, "2100,PSSessionStateBroken", "OpenError")


# -- threads


class JobStreams:
    """A session's streams, kept in the job."""

    def __init__(self, job: Job) -> None:
        for stream in ("output", "error", "warning", "verbose", "debug", "information", "progress"):
            setattr(self, stream, _adder(job, stream))


def _adder(job: Job, stream: str) -> Callable[[Any], None]:
    return lambda value: job.add(stream, value)


def run_in_session(session: Any, job: Job, script: Script) -> None:
    """Runs the script in the session; the job's state follows."""
    from ..runtime.hosting import CommandRequest, PipelineRequest

    streams: Any = JobStreams(job)
    session.values["using"] = script.using or {}
    try:
        if script.initialization:
            session.invoke(PipelineRequest([CommandRequest(script.initialization)]), streams)
        command = CommandRequest(script.text, parameters=[(None, value) for value in script.arguments])
        session.invoke(PipelineRequest([command], input=script.input), streams)
    except ScriptError as problem:
        job.move("Failed", problem.record.exception)
    except PipelineStopped:
        job.move("Stopped")
    except Exception as problem:  # noqa: BLE001 - a bug of ours must not leave a job running for ever
        job.move("Failed", NetException(f"The built-in engine failed: {problem!r}"))
    else:
        job.move("Completed")


def _session(runspace: Any) -> Any:
    from ..runtime.runspace import Runspace

    session = Runspace()
    session.set_location(runspace.location)
    return session


def start_thread_job(table: JobTable, runspace: Any, script: Script, *, name: str | None) -> Job:
    job = table.create(THREAD_JOB, name=name, command=script.text, location=THREADS_PLACE, type_name="ThreadJob")
    table.add(job)
    _in_thread(_run_thread, table, job, _session(runspace), script)
    return job


def _run_thread(table: JobTable, job: Job, session: Any, script: Script) -> None:
    if not table.slots.take(job.stop_asked.is_set):
        job.move("Stopped")
        return
    try:
        _run_stoppable(session, job, script)
    finally:
        table.slots.give_back()


def _run_stoppable(session: Any, job: Job, script: Script) -> None:
    def stop() -> None:
        while not job.finished.event.wait(0.05):
            session.stop()

    job.stop_runner = lambda: _in_thread(stop)
    if job.stop_asked.is_set():
        job.move("Stopped")
        return
    job.begin()
    run_in_session(session, job, script)


# -- ForEach-Object -Parallel -AsJob


def start_parallel_job(
    table: JobTable, runspace: Any, block: Any, values: list[Any], using: dict[str, Any], limit: int
) -> Job:
    job = table.create(TASK_JOB, command=block.text, location=THREADS_PLACE, type_name="PSTaskJob")
    waiting: queue.SimpleQueue[tuple[Job, Any]] = queue.SimpleQueue()
    for value in values:
        child = table.child(job, TASK_CHILD, command=block.text, type_name="PSTaskChildJob")
        waiting.put((child, value))
    table.add(job)
    if not values:
        job.begin()
        job.move("Completed")

    def work() -> None:
        while True:
            try:
                child, value = waiting.get_nowait()
            except queue.Empty:
                return
            session = _session(runspace)
            session.set_variable("_", value)
            _run_stoppable(session, child, Script(block.text, using=using))

    for _ in range(min(limit, len(values))):
        _in_thread(work)
    return job
