"""What a person holds: jobs, sessions, and lists of them. All are readings of the ledger.

Nothing here decides or waits by itself; it asks the manager (``Control``), which is why this room is below
``sessions``.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from jobmagics import formatting
from jobmagics.jobs import JobState
from jobmagics.psobject import PSObject
from jobmagics.results.entries import ChildEntry, JobEntry, SessionEntry
from jobmagics.results.records import WIDTH, Follower, Records, failures, span
from jobmagics.store import Store

if TYPE_CHECKING:
    import pandas


class Control(Protocol):
    """The part of the manager that these objects call."""

    store: Store

    def receive_job(self, jobs: Iterable[Job | ChildJob], *, keep: bool = False) -> Records: ...
    def wait(self, jobs: Iterable[Job | ChildJob], *, timeout: float | None = None) -> JobList: ...
    def stop(self, jobs: Iterable[Job | ChildJob]) -> None: ...
    def remove(self, jobs: Iterable[Job | ChildJob], *, force: bool = False) -> None: ...
    def disconnect(self, sessions: Iterable[PSSession], *, idle_timeout: float | None = None) -> SessionList: ...
    def connect(self, sessions: Iterable[PSSession]) -> SessionList: ...
    def remove_sessions(self, sessions: Iterable[PSSession]) -> None: ...
    def receive(
        self, session: PSSession, *, out_target: str | None = None, job_name: str | None = None
    ) -> Job | Records: ...
    def invoke(self, *args: Any, **kwargs: Any) -> Job: ...


# -- jobs --------------------------------------------------------------------


class _JobBase:
    """What Job and ChildJob share."""

    _control: Control
    _entry: JobEntry | ChildEntry

    @property
    def id(self) -> int:
        return self._entry.record.id

    @property
    def instance_id(self) -> str:
        return self._entry.record.instance_id

    @property
    def name(self) -> str:
        return self._entry.record.name

    @property
    def state(self) -> JobState:
        """Compares and prints as PowerShell's word: ``str(job.state) == "Running"``."""
        return self._entry.core.state

    @property
    def begin_time(self) -> datetime.datetime | None:
        return self._entry.core.began

    @property
    def end_time(self) -> datetime.datetime | None:
        return self._entry.core.ended

    @property
    def has_more_data(self) -> bool:
        return self._entry.has_more_data

    @property
    def status_message(self) -> str:
        return ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _JobBase) and self._entry is other._entry

    def __hash__(self) -> int:
        return id(self._entry)

    def receive(self: Job | ChildJob, *, keep: bool = False) -> Records:  # type: ignore[misc]
        """What came since the last time. ``keep``: without taking it away."""
        return self._control.receive_job([self], keep=keep)

    def wait(self: Job | ChildJob, timeout: float | None = None) -> Job | ChildJob | None:  # type: ignore[misc]
        """Blocks until it is finished or disconnected; None when ``timeout`` seconds were not enough."""
        done = self._control.wait([self], timeout=timeout)
        return done[0] if done else None

    def stop(self: Job | ChildJob) -> None:  # type: ignore[misc]
        self._control.stop([self])

    def records(self) -> Records:
        """Everything from the first line, whatever was received before."""
        spans = [span(child, 0) for child in self._entries()]
        return Records(self._control.store, spans, failures(self._entries()))

    def follow(self) -> Follower:
        """For reading along while it runs, without taking anything away."""
        return Follower(self._control.store, self._entries())

    def to_pandas(self) -> pandas.DataFrame:
        return self.records().to_pandas()

    @property
    def output(self) -> list[Any]:
        return self.records().output

    @property
    def errors(self) -> list[Any]:
        return self.records().errors

    def _entries(self) -> list[ChildEntry]:
        return self._entry.children if isinstance(self._entry, JobEntry) else [self._entry]

    def __repr__(self) -> str:
        return repr(JobList([self]))  # type: ignore[list-item]

    def _repr_html_(self) -> str:
        return JobList([self])._repr_html_()  # type: ignore[list-item]


class Job(_JobBase):
    """A job: one script on one or more computers, a child job for each."""

    _entry: JobEntry

    def __init__(self, control: Control, entry: JobEntry) -> None:
        self._control, self._entry = control, entry

    @property
    def type(self) -> str:
        return self._entry.record.type

    @property
    def location(self) -> str:
        return self._entry.location

    @property
    def command(self) -> str:
        return self._entry.record.command

    @property
    def children(self) -> list[ChildJob]:
        return [ChildJob(self._control, child) for child in self._entry.children]

    @property
    def reason(self) -> str:
        """Why its children failed, one line each."""
        return "\n".join(child.reason for child in self.children if child.reason)

    def remove(self, *, force: bool = False) -> None:
        self._control.remove([self], force=force)


class ChildJob(_JobBase):
    """The part of a job that runs on one computer."""

    _entry: ChildEntry
    type = ""

    def __init__(self, control: Control, entry: ChildEntry) -> None:
        self._control, self._entry = control, entry

    @property
    def location(self) -> str:
        return self._entry.record.location

    @property
    def command(self) -> str:
        return self._entry.job.record.command

    @property
    def parent(self) -> Job:
        return Job(self._control, self._entry.job)

    @property
    def session(self) -> PSSession:
        return PSSession(self._control, self._entry.session)

    @property
    def reason(self) -> str:
        failure = self._entry.core.failure
        return failure.message if failure else ""


# -- sessions ----------------------------------------------------------------


class PSSession:
    """A session on a computer: it keeps variables and functions from one script to the next."""

    computer_type = "RemoteMachine"

    def __init__(self, control: Control, entry: SessionEntry) -> None:
        self._control, self._entry = control, entry

    @property
    def id(self) -> int:
        return self._entry.record.id

    @property
    def name(self) -> str:
        return self._entry.record.name

    @property
    def instance_id(self) -> str:
        return self._entry.record.pool_id

    @property
    def connection(self) -> Any:
        return self._entry.connection

    @property
    def computer_name(self) -> str:
        return self._entry.connection.computer_name

    @property
    def transport(self) -> str:
        return self._entry.connection.transport

    @property
    def configuration_name(self) -> str:
        return self._entry.connection.configuration_name

    @property
    def state(self) -> str:
        return self._entry.state

    @property
    def availability(self) -> str:
        return self._entry.availability

    @property
    def idle_timeout(self) -> float | None:
        """Seconds; None is the computer's own default, 2 hours."""
        return self._entry.record.idle_timeout

    @property
    def application_private_data(self) -> Mapping[str, Any]:
        """What the engine told when this kernel opened the session, with PSVersionTable in it; else nothing."""
        return self._entry.pool.private_data if self._entry.pool is not None else {}

    @property
    def disconnected_on(self) -> datetime.datetime | None:
        return self._entry.record.disconnected_on

    @property
    def expires_on(self) -> datetime.datetime | None:
        """When the computer gives it up, if it is disconnected and the idle time-out is known."""
        since, idle = self.disconnected_on, self.idle_timeout
        return since + datetime.timedelta(seconds=idle) if since and idle else None

    def disconnect(self, *, idle_timeout: float | None = None) -> PSSession:
        return self._control.disconnect([self], idle_timeout=idle_timeout)[0]

    def connect(self) -> PSSession:
        return self._control.connect([self])[0]

    def remove(self) -> None:
        self._control.remove_sessions([self])

    def invoke(self, script: str, **details: Any) -> Job:
        """A job in this session; details as in ``SessionManager.invoke``."""
        return self._control.invoke(script, sessions=[self], **details)

    def receive(self, *, out_target: str | None = None, job_name: str | None = None) -> Job | Records:
        return self._control.receive(self, out_target=out_target, job_name=job_name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PSSession) and self._entry is other._entry

    def __hash__(self) -> int:
        return id(self._entry)

    def __repr__(self) -> str:
        return repr(SessionList([self]))

    def _repr_html_(self) -> str:
        return SessionList([self])._repr_html_()


# -- lists that print as PowerShell's tables ---------------------------------


class JobList(list["Job | ChildJob"]):
    def _objects(self) -> list[PSObject]:
        names = ["System.Management.Automation.Job", "System.Object"]
        return [
            PSObject(
                {
                    "Id": job.id,
                    "Name": job.name,
                    "PSJobTypeName": job.type,
                    "State": str(job.state),
                    "HasMoreData": job.has_more_data,
                    "Location": job.location,
                    "Command": job.command,
                },
                type_names=names,
            )
            for job in self
        ]

    def __repr__(self) -> str:
        return formatting.format_text(self._objects(), WIDTH).strip("\n") if self else ""

    def _repr_html_(self) -> str:
        return formatting.to_html(self._objects(), WIDTH)


class SessionList(list[PSSession]):
    def _objects(self) -> list[PSObject]:
        names = ["System.Management.Automation.Runspaces.PSSession", "System.Object"]
        return [
            PSObject(
                {
                    "Id": session.id,
                    "Name": session.name,
                    "Transport": session.transport,
                    "ComputerName": session.computer_name,
                    "ComputerType": session.computer_type,
                    "State": session.state,
                    "ConfigurationName": session.configuration_name,
                    "Availability": session.availability,
                },
                type_names=names,
            )
            for session in self
        ]

    def __repr__(self) -> str:
        return formatting.format_text(self._objects(), WIDTH).strip("\n") if self else ""

    def _repr_html_(self) -> str:
        return formatting.to_html(self._objects(), WIDTH)
