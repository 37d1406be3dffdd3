"""PSSession: a session in another engine as scripts hold it, and the list of those that a runspace has."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from typing import Any

from ..dotnet.enums import enum_value
from ..dotnet.table import NetObject, declare
from ..records import SMA
from . import transports
from .client import Connection
from .operations import Place
from .transports import Target

SPACE = SMA + "Runspaces."


class RemoteSession(NetObject):
    """A connection and who uses it. One pipeline at a time; ``computer`` is the name that it was asked for by."""

    net_type = SMA + "RemoteRunspace"

    def __init__(self, target: Target, host: Any) -> None:
        """Begins to open; raises OSError and BadTarget."""
        self.target = target
        self.computer = target.host
        self._busy = threading.Lock()
        command, directory = transports.command(target), transports.directory(target)
        self.connection = Connection(command, directory=directory, host=host)

    @property
    def state(self) -> str:
        return self.connection.state

    @property
    def availability(self) -> str:
        if self.state != "Opened":
            return "None"
        return "Busy" if self._busy.locked() else "Available"

    def place(self, shown: bool) -> Place:
        return Place(self.computer, self.connection.pool, shown)

    def take(self) -> bool:
        """False when a pipeline runs already; who has taken it gives it back."""
        return self._busy.acquire(blocking=False)

    def give_back(self) -> None:
        self._busy.release()

    def wait_open(self, look: Callable[[], None] = lambda: None) -> bool:
        return self.connection.wait_open(self.target.timeout, look)

    def close(self) -> None:
        self.connection.close()


class StateInfo(NetObject):
    net_type = SMA + "RunspaceStateInfo"

    def __init__(self, state: str) -> None:
        self.state = state

    def ps_to_string(self) -> str:
        return self.state


declare(StateInfo.net_type).property(
    f"{SPACE}RunspaceState State", lambda info: enum_value(SPACE + "RunspaceState", info.state)
)
_REMOTE = declare(RemoteSession.net_type)
_REMOTE.property("guid InstanceId", lambda remote: remote.connection.pool)
_REMOTE.property("bool RunspaceIsRemote", lambda remote: True)
_REMOTE.property(f"{SMA}RunspaceStateInfo RunspaceStateInfo", lambda remote: StateInfo(remote.state))
_REMOTE.property(
    f"{SPACE}RunspaceAvailability RunspaceAvailability",
    lambda remote: enum_value(SPACE + "RunspaceAvailability", remote.availability),
)


class PSSession(NetObject):
    """``number`` and ``name`` are its own; the rest is the remote session's."""

    net_type = SPACE + "PSSession"

    def __init__(self, number: int, name: str, remote: RemoteSession) -> None:
        self.id = number
        self.name = name
        self.remote = remote

    def ps_to_string(self) -> str:
        return f"[PSSession]{self.name}"


_SESSION = declare(PSSession.net_type)
_SESSION.property(
    f"{SPACE}RunspaceState State", lambda session: enum_value(SPACE + "RunspaceState", session.remote.state)
)
_SESSION.property(
    f"{SPACE}TargetMachineType ComputerType", lambda session: enum_value(SPACE + "TargetMachineType", "RemoteMachine")
)
_SESSION.property("string ComputerName", lambda session: session.remote.computer)
_SESSION.property("string ContainerId", lambda session: None)
_SESSION.property("string VMName", lambda session: None)
_SESSION.property("System.Nullable[guid] VMId", lambda session: None)
_SESSION.property("string ConfigurationName", lambda session: "DefaultShell")
_SESSION.property("guid InstanceId", lambda session: session.remote.connection.pool)
_SESSION.attributes("int Id")
_SESSION.attributes("string Name", writable=True)
_SESSION.property(
    f"{SPACE}RunspaceAvailability Availability",
    lambda session: enum_value(SPACE + "RunspaceAvailability", session.remote.availability),
)
_SESSION.property(
    f"{SMA}PSPrimitiveDictionary ApplicationPrivateData", lambda session: session.remote.connection.private_data
)
_SESSION.property(f"{SPACE}Runspace Runspace", lambda session: session.remote)
_SESSION.property("string Transport", lambda session: "SSH")


class SessionTable:
    """The sessions of a runspace. Numbers come from one counter: a name takes one, and so does an id."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._sessions: dict[int, PSSession] = {}

    def name(self, given: str | None) -> str:
        number = next(self._numbers)
        return given or f"Runspace{number}"

    def add(self, name: str, remote: RemoteSession) -> PSSession:
        session = PSSession(next(self._numbers), name, remote)
        self._sessions[session.id] = session
        return session

    def remove(self, session: PSSession) -> None:
        session.remote.close()
        self._sessions.pop(session.id, None)

    def all(self) -> list[PSSession]:
        return list(self._sessions.values())

    def close(self) -> None:
        """The runspace ends."""
        for session in self.all():
            self.remove(session)


def sessions_of(runspace: Any) -> SessionTable:
    found: SessionTable | None = runspace.store.get("sessions")
    if found is None:
        found = runspace.store["sessions"] = SessionTable()
    return found
