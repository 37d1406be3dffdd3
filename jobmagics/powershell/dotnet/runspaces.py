"""[runspacefactory], [runspace]: sessions that a script makes for itself; what runs in them is in ``shells``."""

from __future__ import annotations

import itertools
import threading
import uuid
from collections.abc import Iterable
from typing import Any

from ..records import SMA
from ..runtime.runspace import Runspace, current_runspace
from ..values.types import NetType, generic_type, net_type
from ..values.value import NOTHING, enumerate_value, to_string
from .enums import enum_value
from .lists import NetList
from .table import NetObject, declare, net_error

SPACE = SMA + "Runspaces."

# -- collections of records


def data_collection(items: Iterable[Any] = (), element: str = SMA + "PSObject") -> NetList:
    return NetList(generic_type(net_type(SMA + "PSDataCollection`1"), (net_type(element),)), items)


COLLECTION = declare(SMA + "PSDataCollection`1", "T")
COLLECTION.constructor("()")(NetList)


@COLLECTION.constructor("(System.Collections.Generic.IEnumerable[T] items)")
def _filled(kind: NetType, items: Any) -> NetList:
    return NetList(kind, enumerate_value(items))


def _read_all(held: NetList) -> Any:
    from ..members.collection_methods import collection

    found = collection(list(held))
    held.clear()
    return found


COLLECTION.method("System.Collections.ObjectModel.Collection[T] ReadAll()")(_read_all)
COLLECTION.method("void Complete()")(lambda held: None)
COLLECTION.method("void Dispose()")(lambda held: None)
COLLECTION.property("bool IsOpen", lambda held: True)

# -- runspaces

_numbers = itertools.count(2)  # the session that runs scripts is 1


class StateInfo(NetObject):
    """RunspaceStateInfo and PSInvocationStateInfo: a state, and why."""

    def __init__(self, kind: str, state: Any, reason: Any = None) -> None:
        self.net_type = kind
        self.state = state
        self.reason = reason

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "State", self.state
        yield "Reason", self.reason


class RunspaceObject(NetObject):
    """A session as a value. ``own`` sessions were made by a script; the other is the one it runs in."""

    net_type = SPACE + "LocalRunspace"

    def __init__(self, engine: Runspace | None = None) -> None:
        self.engine = engine or Runspace()
        self.id = 1 if engine is not None else next(_numbers)
        self.name = f"Runspace{self.id}"
        self.state = "Opened" if engine is not None else "BeforeOpen"
        self.own = engine is None
        self.busy = 0

    def ps_type_names(self) -> list[str]:
        return [self.net_type, SPACE + "RunspaceBase", SPACE + "Runspace", "System.Object"]

    @property
    def availability(self) -> str:
        if self.state != "Opened":
            return "None"
        return "Busy" if self.busy or not self.own else "Available"

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "Id", self.id
        yield "Name", self.name
        yield "ConnectionInfo", None
        yield "InstanceId", self.engine.instance_id
        yield "RunspaceIsRemote", False
        yield "RunspaceStateInfo", StateInfo(SMA + "RunspaceStateInfo", enum_value(SPACE + "RunspaceState", self.state))
        yield "RunspaceAvailability", enum_value(SPACE + "RunspaceAvailability", self.availability)
        yield "SessionStateProxy", SessionProxy(self.engine)
        yield "ThreadOptions", enum_value(SPACE + "PSThreadOptions", "Default")
        yield "ApartmentState", enum_value("System.Threading.ApartmentState", "Unknown")

    def ps_set(self, name: str, new: Any) -> None:
        folded = name.lower()
        if folded == "name":
            self.name = to_string(new)
        elif folded not in ("threadoptions", "apartmentstate"):
            raise AttributeError(name)

    def open(self) -> None:
        if self.state != "BeforeOpen":
            raise _bad_state(
                f"Cannot perform the operation because the runspace is not in the BeforeOpen state. Current "
                f"state of the "
                f"runspace is '{self.state}'."
            )
        self.state = "Opened"

    def close(self) -> None:
        self.state = "Closed"

    def need_open(self) -> None:
        if self.state != "Opened":
            raise _bad_state(
                "Cannot perform the operation because the runspace is not in the Opened state. Current state of "
                "the runspace is "
                f"'{self.state}'."
            )


def _bad_state(message: str) -> Exception:
    return net_error(SPACE + "InvalidRunspaceStateException", message)


RUNSPACE = declare(SPACE + "Runspace")
RUNSPACE.method("void Open()", "void OpenAsync()")(RunspaceObject.open)
RUNSPACE.method("void Close()", "void Dispose()", "void CloseAsync()")(RunspaceObject.close)
RUNSPACE.method("void ResetRunspaceState()")(lambda held: None)
RUNSPACE.static_property(f"{SPACE}Runspace DefaultRunspace", lambda: runspace_object(current_runspace()))
RUNSPACE.static_property("bool CanUseDefaultRunspace", lambda: True)


def runspace_object(engine: Runspace | None) -> RunspaceObject | None:
    """The value for the session that runs."""
    if engine is None:
        return None
    found: RunspaceObject | None = engine.values.get("runspace_object")
    if found is None:
        found = engine.values["runspace_object"] = RunspaceObject(engine)
    return found


class SessionProxy(NetObject):
    """SessionStateProxy: variables of another session."""

    net_type = SPACE + "SessionStateProxy"

    def __init__(self, engine: Runspace) -> None:
        self.engine = engine

    def ps_get(self, name: str) -> Any:
        state = self.engine.execution_context().session_state
        for key, value in state.ps_properties():
            if key.lower() == name.lower():
                return value
        raise AttributeError(name)

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        folded = name.lower()
        if folded == "setvariable":
            self.engine.set_variable(to_string(args[0]), args[1])
            return NOTHING
        if folded == "getvariable":
            return self.engine.get_variable(to_string(args[0]))
        raise AttributeError(name)

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        return ()


class Pool(NetObject):
    """RunspacePool: so many pipelines at a time, each in a session of its own."""

    net_type = SPACE + "RunspacePool"

    def __init__(self, least: int = 1, most: int = 1) -> None:
        self.least = least
        self.most = most
        self.state = "BeforeOpen"
        self.turns = threading.Semaphore(most)
        self.id = uuid.uuid4()

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "InstanceId", self.id
        yield "IsDisposed", self.state == "Closed"
        yield "RunspacePoolStateInfo", StateInfo(SMA + "RunspacePoolStateInfo", self.state)
        yield "ApartmentState", enum_value("System.Threading.ApartmentState", "Unknown")

    def ps_set(self, name: str, new: Any) -> None:
        if name.lower() not in ("apartmentstate", "threadoptions", "cleanupinterval"):
            raise AttributeError(name)

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        folded = name.lower()
        if folded in ("open", "close", "dispose"):
            self.state = "Opened" if folded == "open" else "Closed"
            return NOTHING
        if folded == "getmaxrunspaces":
            return self.most
        if folded == "getminrunspaces":
            return self.least
        if folded == "getavailablerunspaces":
            return self.turns._value
        if folded == "setmaxrunspaces":
            for _ in range(int(args[0]) - self.most):
                self.turns.release()
            self.most = int(args[0])
            return True
        raise AttributeError(name)


FACTORY = declare(SPACE + "RunspaceFactory")
FACTORY.static(
    f"{SPACE}Runspace CreateRunspace()", f"{SPACE}Runspace CreateRunspace(System.Object initialSessionState)"
)(lambda state=None: RunspaceObject())
FACTORY.static(
    f"{SPACE}RunspacePool CreateRunspacePool()",
    f"{SPACE}RunspacePool CreateRunspacePool(int minRunspaces, int maxRunspaces)",
    f"{SPACE}RunspacePool CreateRunspacePool(int minRunspaces, int maxRunspaces, System.Object host)",
    f"{SPACE}RunspacePool CreateRunspacePool(int minRunspaces, int maxRunspaces, System.Object "
    f"initialSessionState, System.Object host)",
)(lambda least=1, most=1, *rest: Pool(least, most))


class SessionDefaults(NetObject):
    """InitialSessionState: accepted, and every session starts as sessions do."""

    net_type = SPACE + "InitialSessionState"


DEFAULTS = declare(SessionDefaults.net_type)
for _name in ("CreateDefault", "CreateDefault2", "Create"):
    DEFAULTS.static(f"{SessionDefaults.net_type} {_name}()")(SessionDefaults)
