"""A session as a person holds it, and lists of them that print as PowerShell's table."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jobmagics import formatting
from jobmagics.copying import CopiedFiles
from jobmagics.errors import JobMagicsError
from jobmagics.results.control import Control
from jobmagics.results.entries import SessionEntry
from jobmagics.results.records import WIDTH, Records

if TYPE_CHECKING:
    from jobmagics.results.job import Job


class PSSession:
    """A session on a computer: it keeps variables and functions from one script to the next.

    As a context manager it is left in order at the end: closed, or, if a script of it still runs, disconnected, so that
    the script goes on.

        >>> with jobmagics.connect() as session:
        ...     session.start("$kept = 6 * 7").wait().state
        ...     session.start("$kept").wait().receive().output
        <JobState.COMPLETED: 'Completed'>
        [42]
        >>> session.state
        'Closed'
    """

    computer_type = "RemoteMachine"

    def __init__(self, control: Control, entry: SessionEntry) -> None:
        self._control, self._entry = control, entry

    @property
    def id(self) -> int:
        """The number that ``-Id`` takes."""
        return self._entry.record.id

    @property
    def name(self) -> str:
        """Runspace1, Runspace2 … unless it was named."""
        return self._entry.record.name

    @property
    def instance_id(self) -> str:
        """The GUID of its runspace pool, the same for every client."""
        return self._entry.record.pool_id

    @property
    def connection(self) -> Any:
        """How it is reached."""
        return self._entry.connection

    @property
    def computer_name(self) -> str:
        """As it was asked for."""
        return self._entry.connection.computer_name

    @property
    def transport(self) -> str:
        """WSMan, or SSH."""
        return self._entry.connection.transport

    @property
    def configuration_name(self) -> str:
        """The endpoint there."""
        return self._entry.connection.configuration_name

    @property
    def state(self) -> str:
        """Opened, Disconnected, Broken or Closed."""
        return self._entry.state

    @property
    def availability(self) -> str:
        """Whether a script can start in it: Available, Busy, or None."""
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
        """Since when nobody holds it, in UTC."""
        return self._entry.record.disconnected_on

    @property
    def expires_on(self) -> datetime.datetime | None:
        """When the computer gives it up, if it is disconnected and the idle time-out is known."""
        since, idle = self.disconnected_on, self.idle_timeout
        return since + datetime.timedelta(seconds=idle) if since and idle else None

    def start(self, script: str, **details: Any) -> Job:
        """Starts a script in this session as a job and returns at once; details as in :func:`jobmagics.start`.

        >>> session = jobmagics.connect(name="for one script")
        >>> session.start("param($n) 1..$n", arguments=[3], job_name="three").wait().receive().output
        [1, 2, 3]
        >>> session.remove()
        """
        return self._control.invoke(script, sessions=[self], **details)

    def disconnect(self, *, idle_timeout: float | None = None) -> PSSession:
        """Leaves it to itself for at most ``idle_timeout`` seconds; what runs goes on."""
        return self._control.disconnect([self], idle_timeout=idle_timeout)[0]

    def connect(self) -> PSSession:
        """Takes hold of it again, and of the job that runs in it."""
        return self._control.connect([self])[0]

    def receive(self, *, out_target: str | None = None, job_name: str | None = None) -> Job | Records:
        """The job that runs in it, also one that another client began; "Host" as target waits and gives its records."""
        return self._control.receive(self, out_target=out_target, job_name=job_name)

    def copy_to(self, path: str | Sequence[str], destination: str, **details: Any) -> CopiedFiles:
        """Copies files of this machine into the session: Copy-Item -ToSession. ``recurse``, ``force`` and ``progress``
        as in :meth:`SessionManager.copy_to`.

        >>> import pathlib, tempfile
        >>> notes = pathlib.Path(tempfile.mkdtemp(), "notes.txt")
        >>> notes.write_text("remember")
        8
        >>> session = jobmagics.connect()
        >>> _ = session.copy_to(str(notes), "copied.txt")
        >>> session.start("(Get-Item copied.txt).Length; Remove-Item copied.txt").wait().receive().output
        [8]
        >>> session.remove()
        """
        return self._control.copy_to(self, path, destination, **details)

    def copy_from(self, path: str | Sequence[str], destination: str, **details: Any) -> CopiedFiles:
        """Copies files of the session to this machine: Copy-Item -FromSession. Details as in ``copy_to``."""
        return self._control.copy_from(self, path, destination, **details)

    def remove(self) -> None:
        """Closes it; what runs in it is stopped."""
        self._control.remove_sessions([self])

    def __enter__(self) -> PSSession:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        # an error that ends the block is not hidden by one of leaving
        with contextlib.suppress(*([JobMagicsError] if kind is not None else [])):
            if self.availability == "Busy" and self.state == "Opened":
                self.disconnect()
            elif self.state == "Opened":
                self.remove()

    # -- as PowerShell has it: for formatting, and on the way into a script

    def ps_type_names(self) -> list[str]:
        return ["System.Management.Automation.Runspaces.PSSession", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "Id", self.id
        yield "Name", self.name
        yield "Transport", self.transport
        yield "ComputerName", self.computer_name
        yield "ComputerType", self.computer_type
        yield "State", self.state
        yield "ConfigurationName", self.configuration_name
        yield "Availability", self.availability

    def ps_to_string(self) -> str:
        return f"[PSSession]{self.name}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PSSession) and self._entry is other._entry

    def __hash__(self) -> int:
        return id(self._entry)

    def __repr__(self) -> str:
        return repr(SessionList([self]))

    def _repr_html_(self) -> str:
        return SessionList([self])._repr_html_()


class SessionList(list[PSSession]):
    """Sessions, printed as PowerShell's table. A list of one has what its session has, as in PowerShell:
    ``s = %new_pssession`` and then ``s.state``, ``s.copy_to(...)``.
    """

    def __getattr__(self, name: str) -> Any:
        if len(self) == 1 and not name.startswith(("_", "ps_")):  # ps_: for formatting it stays a list
            return getattr(self[0], name)
        raise AttributeError(f"There are {len(self)} sessions here; take one of them, as [0], for its {name}.")

    def __repr__(self) -> str:
        return formatting.format_text(list(self), WIDTH).strip("\n") if self else ""

    def _repr_html_(self) -> str:
        return formatting.to_html(list(self), WIDTH)
