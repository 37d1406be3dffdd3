"""A job: its state, what it has given so far, and how scripts see both.

Results come from the thread that runs the job and are taken by the session's own: ``lock`` is held around each change,
and ``changed`` tells whoever waits. What a job is told to do (stop) is its runner's business.
"""

from __future__ import annotations

import datetime
import threading
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...psobject import DateTime
from ..dotnet.enums import enum_value
from ..dotnet.runspaces import data_collection
from ..dotnet.table import NetObject, declare
from ..records import SMA, NetException
from ..runtime.events import Signal
from ..values.types import net_type

if TYPE_CHECKING:
    from ..remoting.host_calls import HostCall

FINISHED = ("Completed", "Failed", "Stopped")
REMOTING_JOB = SMA + "PSRemotingJob"
REMOTING_CHILD = SMA + "PSRemotingChildJob"
THREAD_JOB = "Microsoft.PowerShell.ThreadJob.ThreadJob"
TASK_JOB = SMA + "PSTasks.PSTaskJob"
TASK_CHILD = SMA + "PSTasks.PSTaskChildJob"
# stream -> the type of its records
STREAMS = {
    "output": SMA + "PSObject",
    "error": SMA + "ErrorRecord",
    "progress": SMA + "ProgressRecord",
    "verbose": SMA + "VerboseRecord",
    "debug": SMA + "DebugRecord",
    "warning": SMA + "WarningRecord",
    "information": SMA + "InformationRecord",
}
# the order in which Receive-Job gives the streams of a job that does not keep its results in order of arrival
RECEIVED = ("output", "error", "verbose", "debug", "warning", "progress", "information")


class JobStateInfo(NetObject):
    net_type = SMA + "JobStateInfo"

    def __init__(self, state: str, reason: NetException | None) -> None:
        self.state = state
        self.reason = reason

    def ps_to_string(self) -> str:
        return self.state


STATE_INFO = declare(JobStateInfo.net_type)
STATE_INFO.property(f"{SMA}JobState State", lambda info: enum_value(SMA + "JobState", info.state))
STATE_INFO.attributes("System.Exception Reason")


class StateEvent(NetObject):
    """JobStateEventArgs: what -WriteEvents gives."""

    net_type = SMA + "JobStateEventArgs"

    def __init__(self, info: JobStateInfo, before: JobStateInfo) -> None:
        self.job_state_info = info
        self.previous_job_state_info = before


STATE_EVENT = declare(StateEvent.net_type)
STATE_EVENT.attributes(f"{SMA}JobStateInfo JobStateInfo", f"{SMA}JobStateInfo PreviousJobStateInfo")


def now() -> DateTime:
    return DateTime.now(datetime.timezone.utc).astimezone()


class Job(NetObject):
    """One job. ``in_order``: its results are kept in order of arrival too, and received from there."""

    def __init__(self, kind: str, number: int, *, name: str, command: str, location: str, type_name: str = "") -> None:
        self.net_type = kind
        self.id = number
        self.name = name
        self.command = command
        self.location = location
        self.ps_job_type_name = type_name
        self.instance_id = uuid.uuid4()
        self.status_message = ""
        self.children: list[Job] = []
        self.ps_begin_time: DateTime | None = None
        self.ps_end_time: DateTime | None = None
        self.state_name = "NotStarted"
        self.before = "NotStarted"
        self.reason: NetException | None = None
        self.failure: Any = None  # the error record of the failure as the job's process sent it
        self.streams = {stream: data_collection((), record) for stream, record in STREAMS.items()}
        self.in_order = kind == REMOTING_CHILD
        self.results: list[tuple[str, Any]] = []
        self.lock = threading.Lock()
        self.changed = threading.Event()  # set at every change; who waits for one clears it first
        # who stops: sets the event, then calls the runner's function; who runs: sets the function, then looks at the
        # event. So a stop that comes while a job begins is not lost.
        self.stop_asked = threading.Event()
        self.stop_runner: Callable[[], None] = lambda: None
        self.finished = _manual_event()
        self.parent: Job | None = None
        self.signals = {"StateChanged": Signal()}

    # -- the runner's side
    def add(self, stream: str, value: Any) -> None:
        with self.lock:
            self.streams[stream].append(value)
            if self.in_order:
                self.results.append((stream, value))
        self._tell()

    def add_host_call(self, call: HostCall) -> None:
        """Something for the host of whoever receives; while it waits for an answer the job is blocked."""
        with self.lock:
            self.results.append(("host", call))
        if call.waits:
            self.move("Blocked")
        self._tell()

    def begin(self) -> None:
        self.ps_begin_time = now()
        self.move("Running")

    def move(self, state: str, reason: NetException | None = None) -> None:
        """A new state; a finished job stays as it is."""
        with self.lock:
            if self.state_name in FINISHED or self.state_name == state:
                return
            self.before, self.state_name, self.reason = self.state_name, state, reason
            if state in FINISHED:
                self.ps_end_time = now()
        if state in FINISHED:
            self.finished.set()
        self.signals["StateChanged"].fire(self, self.state_event())
        if self.parent is not None:
            self.parent.follow()
        self._tell()

    def follow(self) -> None:
        """A parent's state is that of its children."""
        states = [child.state_name for child in self.children]
        if all(state in FINISHED for state in states):
            self.move(self._end_of(states))
        elif any(state != "NotStarted" for state in states) and self.state_name == "NotStarted":
            self.begin()
        elif self.state_name in ("Running", "Blocked"):
            self.move("Blocked" if "Blocked" in states else "Running")
        self._tell()

    def _end_of(self, states: list[str]) -> str:
        """Of a remoting job, children that were stopped count only when the job itself was told to stop."""
        if self.net_type == TASK_JOB:
            return "Failed" if "Failed" in states or "Stopped" in states else "Completed"
        if "Failed" in states:
            return "Failed"
        return "Stopped" if self.stop_asked.is_set() else "Completed"

    def _tell(self) -> None:
        self.changed.set()
        if self.parent is not None:
            self.parent.changed.set()

    # -- the session's side
    @property
    def is_finished(self) -> bool:
        return self.state_name in FINISHED

    @property
    def has_more_data(self) -> bool:
        if self.children:
            return any(child.has_more_data for child in self.children)
        with self.lock:
            if self.in_order:
                return bool(self.results) or not self.is_finished
            return any(held for stream, held in self.streams.items() if stream != "information")

    def take(self, keep: bool) -> list[tuple[str, Any]]:
        """What there is now, as (stream, value)."""
        with self.lock:
            if self.in_order:
                found = list(self.results)
                if not keep:
                    self.results.clear()
                return found
            found = [(stream, value) for stream in RECEIVED for value in self.streams[stream]]
            if not keep:
                for held in self.streams.values():
                    held.clear()
            return found

    def stop(self) -> None:
        """Begins to stop; the runner says when it is done."""
        if self.is_finished:
            return
        self.stop_asked.set()
        for child in self.children:
            child.stop()
        self.stop_runner()

    def dispose(self) -> None:
        """Removed from the session: its results are gone."""
        for part in [*self.children, self]:
            with part.lock:
                part.results.clear()
                for held in part.streams.values():
                    held.clear()
                part.reason, part.failure = None, None

    @property
    def state(self) -> str:
        return self.state_name

    @property
    def job_state_info(self) -> JobStateInfo:
        return JobStateInfo(self.state_name, self.reason)

    def state_event(self) -> StateEvent:
        return StateEvent(self.job_state_info, JobStateInfo(self.before, None))


def _manual_event() -> Any:
    from ..dotnet.threads import WaitEvent

    return WaitEvent(net_type("System.Threading.ManualResetEvent"))


JOB = declare(SMA + "Job")
JOB.attributes("string State", "bool HasMoreData", "string StatusMessage", "string Location", "string Command")
JOB.attributes(f"{SMA}JobStateInfo JobStateInfo", "System.Threading.WaitHandle Finished", "guid InstanceId", "int Id")
JOB.attributes("string Name", writable=True)
JOB.property(
    f"System.Collections.Generic.IList[{SMA}Job] ChildJobs",
    lambda job: data_collection(job.children, SMA + "Job"),
)
JOB.property("System.Nullable[datetime] PSBeginTime", lambda job: job.ps_begin_time)
JOB.property("System.Nullable[datetime] PSEndTime", lambda job: job.ps_end_time)
JOB.property("string PSJobTypeName", lambda job: job.ps_job_type_name)
for _stream, _record in STREAMS.items():
    JOB.property(
        f"{SMA}PSDataCollection[{_record}] {_stream.capitalize()}",
        lambda job, stream=_stream: job.streams[stream],  # type: ignore[misc]
    )


def _stop_and_wait(job: Job) -> None:
    job.stop()
    job.finished.wait()


JOB.method("void StopJob()")(_stop_and_wait)
JOB.method("void Dispose()")(lambda job: None)
