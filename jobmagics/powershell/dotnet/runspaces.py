"""[powershell], [runspacefactory], [runspace]: sessions and pipelines that a script makes for itself.

A PowerShell object runs its commands in a session of its own unless it is given one; in the background it does so in a
thread. Stopping the pipeline that waits for it stops it too.
"""

from __future__ import annotations

import itertools
import threading
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from ...psobject import Hashtable
from ..hosting import CommandRequest, PipelineRequest
from ..records import SMA, NetException, PipelineStopped, ScriptError
from ..runtime import Runspace, current_runspace
from ..types import NetType, generic_type, net_type
from ..values import NOTHING, enumerate_value, to_string
from .enums import enum_value
from .lists import NetList
from .table import NetObject, argument_null, declare, net_error

SPACE = SMA + "Runspaces."
STOP_SECONDS = 5.0

# -- collections of records


def data_collection(items: Iterable[Any] = (), element: str = SMA + "PSObject") -> NetList:
    return NetList(generic_type(net_type(SMA + "PSDataCollection`1"), (net_type(element),)), items)


COLLECTION = declare(SMA + "PSDataCollection`1", "T")
COLLECTION.constructor("()")(lambda kind: NetList(kind))


@COLLECTION.constructor("(System.Collections.Generic.IEnumerable[T] items)")
def _filled(kind: NetType, items: Any) -> NetList:
    return NetList(kind, enumerate_value(items))


def _read_all(held: NetList) -> Any:
    from ..collection_methods import collection

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
                f"Cannot perform the operation because the runspace is not in the BeforeOpen state. Current state of the "
                f"runspace is '{self.state}'."
            )
        self.state = "Opened"

    def close(self) -> None:
        self.state = "Closed"

    def need_open(self) -> None:
        if self.state != "Opened":
            raise _bad_state(
                "Cannot perform the operation because the runspace is not in the Opened state. Current state of the runspace is "
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
FACTORY.static(f"{SPACE}Runspace CreateRunspace()", f"{SPACE}Runspace CreateRunspace(System.Object initialSessionState)")(
    lambda state=None: RunspaceObject()
)
FACTORY.static(
    f"{SPACE}RunspacePool CreateRunspacePool()",
    f"{SPACE}RunspacePool CreateRunspacePool(int minRunspaces, int maxRunspaces)",
    f"{SPACE}RunspacePool CreateRunspacePool(int minRunspaces, int maxRunspaces, System.Object host)",
    f"{SPACE}RunspacePool CreateRunspacePool(int minRunspaces, int maxRunspaces, System.Object initialSessionState, System.Object host)",
)(lambda least=1, most=1, *rest: Pool(least, most))


class SessionDefaults(NetObject):
    """InitialSessionState: accepted, and every session starts as sessions do."""

    net_type = SPACE + "InitialSessionState"


DEFAULTS = declare(SessionDefaults.net_type)
for _name in ("CreateDefault", "CreateDefault2", "Create"):
    DEFAULTS.static(f"{SessionDefaults.net_type} {_name}()")(SessionDefaults)

# -- PowerShell


class DataStreams(NetObject):
    """$ps.Streams: where the pipeline's other streams go."""

    net_type = SMA + "PSDataStreams"
    _KINDS = ("Error", "Progress", "Verbose", "Debug", "Warning", "Information")

    def __init__(self, keep: Callable[[Any], None]) -> None:
        self.output = keep
        self.held = {name: data_collection((), f"{SMA}{name}Record") for name in self._KINDS}
        self.error = self.held["Error"].append
        self.progress = self.held["Progress"].append
        self.verbose = self.held["Verbose"].append
        self.debug = self.held["Debug"].append
        self.warning = self.held["Warning"].append
        self.information = self.held["Information"].append

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        return self.held.items()

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        if name.lower() != "clearstreams":
            raise AttributeError(name)
        for held in self.held.values():
            held.clear()
        return NOTHING


class AsyncResult(NetObject):
    net_type = SMA + "PowerShellAsyncResult"

    def __init__(self) -> None:
        self.done = threading.Event()
        self.problem: BaseException | None = None

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "CompletedSynchronously", False
        yield "IsCompleted", self.done.is_set()
        yield "AsyncState", None
        yield "AsyncWaitHandle", WaitHandle(self)


class WaitHandle(NetObject):
    net_type = "System.Threading.ManualResetEvent"

    def __init__(self, result: AsyncResult) -> None:
        self.result = result

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        if name.lower() != "waitone":
            raise AttributeError(name)
        limit = int(args[0]) / 1000 if args and isinstance(args[0], int) and int(args[0]) >= 0 else None
        return wait_for(self.result.done, limit)

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        return ()


def wait_for(event: threading.Event, seconds: float | None = None) -> bool:
    """Waits so that a stop of the session that waits ends it."""
    engine = current_runspace()
    step, waited = 0.05, 0.0
    while not event.is_set():
        if seconds is not None and waited >= seconds:
            return False
        event.wait(step)
        waited += step
        if engine is not None and engine.stopping:
            engine.raise_stopped()
    return True


class PowerShell(NetObject):
    net_type = SMA + "PowerShell"

    def __init__(self, nested: bool = False) -> None:
        self.commands: list[CommandRequest] = []
        self.found: list[Any] = []
        self.streams = DataStreams(lambda value: self.found.append(value))
        self.runspace: RunspaceObject | None = runspace_object(current_runspace()) if nested else None
        self.pool: Pool | None = None
        self.state = "NotStarted"
        self.reason: NetException | None = None
        self.failed = False
        self.id = uuid.uuid4()
        self.engine: Runspace | None = None

    # -- building
    def last(self) -> CommandRequest:
        if not self.commands:
            raise net_error(
                "System.InvalidOperationException",
                "A command is required to add a parameter. A command must be added to the PowerShell instance before adding a "
                "parameter.",
            )
        return self.commands[-1]

    def add(self, text: str | None, is_script: bool, local: bool | None = None) -> PowerShell:
        if text is None:
            raise argument_null("script" if is_script else "cmdlet")
        self.commands.append(CommandRequest(text, is_script=is_script, use_local_scope=local))
        return self

    def add_parameter(self, name: str | None, value: Any = True) -> PowerShell:
        last = self.last()
        last.parameters = [*last.parameters, (name, value)]
        return self

    def add_parameters(self, given: Any) -> PowerShell:
        if isinstance(given, Hashtable):
            for key, value in given.items():
                self.add_parameter(to_string(key), value)
        else:
            for value in enumerate_value(given):
                self.add_parameter(None, value)
        return self

    def add_statement(self) -> PowerShell:
        if self.commands:
            self.commands[-1].end_of_statement = True
        return self

    # -- running
    def session(self) -> Runspace:
        if self.runspace is None:
            self.runspace = RunspaceObject()
            self.runspace.open()
        self.runspace.need_open()
        return self.runspace.engine

    def run(self, given: Any = None) -> None:
        """Runs the commands to their end. Raises ScriptError when an error ended them."""
        engine = self.engine = self.session()
        items = None if given is None else iter(list(enumerate_value(given)))
        self.state, self.reason, self.failed = "Running", None, False
        assert self.runspace is not None
        self.runspace.busy += 1
        try:
            engine.invoke(PipelineRequest(list(self.commands), input=items, ends_at_error=True), self.streams)
            self.state = "Completed"
        except ScriptError as failed:
            self.state, self.reason, self.failed = "Failed", failed.record.exception, True
            raise
        except PipelineStopped:
            self.state = "Stopped"
        finally:
            self.runspace.busy -= 1

    def invoke(self, given: Any = None) -> Any:
        from ..collection_methods import collection

        if not self.commands:
            raise net_error("System.InvalidOperationException", "No commands are specified.")
        self.found = []
        outer, engine = current_runspace(), self.session()
        if outer is engine:
            self.run(given)
            return collection(self.found)
        if outer is not None:
            outer.cancel_hooks.append(engine.stop)
        try:
            self.run(given)
        finally:
            if outer is not None:
                outer.cancel_hooks.remove(engine.stop)
        if outer is not None and outer.stopping:
            outer.raise_stopped()
        return collection(self.found)

    def begin(self, given: Any = None, output: Any = None) -> AsyncResult:
        if not self.commands:
            raise net_error("System.InvalidOperationException", "No commands are specified.")
        result = AsyncResult()
        self.found = output if isinstance(output, NetList) else []
        self.state = "Running"
        engine = current_runspace()
        hook = self.stop_soon
        if engine is not None:
            engine.cancel_hooks.append(hook)
        threading.Thread(target=self._work, args=(result, given), name="BeginInvoke", daemon=True).start()
        return result

    def _work(self, result: AsyncResult, given: Any) -> None:
        try:
            if self.pool is not None:
                with self.pool.turns:
                    self.run(given)
            else:
                self.run(given)
        except BaseException as problem:  # noqa: BLE001 - EndInvoke gives it to its caller
            result.problem = problem
        finally:
            result.done.set()

    def end(self, result: AsyncResult) -> Any:
        wait_for(result.done)
        if result.problem is not None:
            raise result.problem
        return data_collection(self.found)

    def stop_soon(self) -> None:
        if self.engine is not None and self.state == "Running":
            self.engine.stop()

    def stop(self) -> None:
        import time

        self.stop_soon()
        until = time.monotonic() + STOP_SECONDS
        while self.state == "Running" and time.monotonic() < until:
            time.sleep(0.01)

    def clear(self) -> None:
        self.commands = []

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "Commands", CommandList(self)
        yield "Streams", self.streams
        yield "InstanceId", self.id
        yield "InvocationStateInfo", StateInfo(
            SMA + "PSInvocationStateInfo", enum_value(SMA + "PSInvocationState", self.state), self.reason
        )
        yield "IsNested", False
        yield "HadErrors", self.failed or bool(self.streams.held["Error"])
        yield "Runspace", self.runspace
        yield "RunspacePool", self.pool
        yield "HistoryString", None

    def ps_set(self, name: str, new: Any) -> None:
        folded = name.lower()
        if folded == "runspace":
            self.runspace = new
        elif folded == "runspacepool":
            self.pool = new
        elif folded == "commands":
            self.commands = list(new.owner.commands)
        else:
            raise AttributeError(name)


class CommandList(NetObject):
    """PSCommand: the commands of a PowerShell object."""

    net_type = SMA + "PSCommand"

    def __init__(self, owner: PowerShell) -> None:
        self.owner = owner

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "Commands", [one.text for one in self.owner.commands]

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        if name.lower() != "clear":
            raise AttributeError(name)
        self.owner.clear()
        return NOTHING


_SELF = "powershell"
POWERSHELL = declare(PowerShell.net_type)
POWERSHELL.static("powershell Create()", f"powershell Create({SessionDefaults.net_type} initialSessionState)")(
    lambda state=None: PowerShell()
)
POWERSHELL.static("powershell Create(System.Management.Automation.RunspaceMode runspace)")(
    lambda mode: PowerShell(to_string(mode) == "CurrentRunspace")
)
POWERSHELL.method(f"{_SELF} AddScript(string script)", f"{_SELF} AddScript(string script, bool useLocalScope)")(
    lambda shell, text, local=None: shell.add(text, True, local)
)
POWERSHELL.method(f"{_SELF} AddCommand(string cmdlet)", f"{_SELF} AddCommand(string cmdlet, bool useLocalScope)")(
    lambda shell, text, local=None: shell.add(text, False, local)
)
POWERSHELL.method(f"{_SELF} AddParameter(string parameterName)", f"{_SELF} AddParameter(string parameterName, System.Object value)")(
    PowerShell.add_parameter
)
POWERSHELL.method(f"{_SELF} AddParameters(System.Collections.IDictionary parameters)", f"{_SELF} AddParameters(System.Collections.IList parameters)")(
    PowerShell.add_parameters
)
POWERSHELL.method(f"{_SELF} AddArgument(System.Object value)")(lambda shell, value: shell.add_parameter(None, value))
POWERSHELL.method(f"{_SELF} AddStatement()")(PowerShell.add_statement)
POWERSHELL.method("System.Collections.ObjectModel.Collection[psobject] Invoke()", "System.Collections.ObjectModel.Collection[psobject] Invoke(System.Collections.IEnumerable input)")(
    PowerShell.invoke
)
POWERSHELL.method(
    "System.IAsyncResult BeginInvoke()",
    "System.IAsyncResult BeginInvoke(System.Object input)",
    "System.IAsyncResult BeginInvoke(System.Object input, System.Object output)",
)(PowerShell.begin)
POWERSHELL.method("System.Management.Automation.PSDataCollection[psobject] EndInvoke(System.Object asyncResult)")(PowerShell.end)
POWERSHELL.method("void Stop()")(PowerShell.stop)
POWERSHELL.method("void Dispose()")(PowerShell.clear)
