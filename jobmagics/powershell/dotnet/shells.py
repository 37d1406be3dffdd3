"""[powershell]: pipelines that a script makes for itself, run at once or in the background.

A PowerShell object runs its commands in a session of its own unless it is given one; in the background it does so in a
thread. Stopping the pipeline that waits for it stops it too.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from ...psobject import Hashtable, PSObject
from ..records import (
    SMA,
    NetException,
    PipelineStopped,
    ScriptError,
)
from ..runtime.hosting import CommandRequest, PipelineRequest
from ..runtime.runspace import Runspace, current_runspace
from ..values.value import NOTHING, enumerate_value, to_string
from .enums import enum_value
from .lists import NetList
from .runspaces import Pool, RunspaceObject, SessionDefaults, StateInfo, data_collection, runspace_object
from .table import NetObject, argument_null, declare, net_error

STOP_SECONDS = 5.0


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
        self.streams = DataStreams(self.keep)
        self.runspace: RunspaceObject | None = runspace_object(current_runspace()) if nested else None
        self.pool: Pool | None = None
        self.state = "NotStarted"
        self.reason: NetException | None = None
        self.failed = False
        self.id = uuid.uuid4()
        self.engine: Runspace | None = None

    def keep(self, value: Any) -> None:
        self.found.append(value)

    # -- building
    def last(self) -> CommandRequest:
        if not self.commands:
            raise net_error(
                "System.InvalidOperationException",
                "A command is required to add a parameter. A command must be added to the PowerShell instance "
                "before adding a "
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
        from ..members.collection_methods import collection

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
        yield (
            "InvocationStateInfo",
            StateInfo(SMA + "PSInvocationStateInfo", enum_value(SMA + "PSInvocationState", self.state), self.reason),
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


class ShellCommand(NetObject):
    """Runspaces.Command: one command of a PowerShell object, to look at."""

    net_type = SMA + "Runspaces.Command"

    def __init__(self, request: CommandRequest) -> None:
        self.request = request

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "Parameters", [PSObject({"Name": name, "Value": value}) for name, value in self.request.parameters]
        yield "CommandText", self.request.text
        yield "CommandOrigin", "Runspace"
        yield "IsScript", self.request.is_script
        yield "UseLocalScope", bool(self.request.use_local_scope)
        yield "IsEndOfStatement", self.request.end_of_statement

    def ps_to_string(self) -> str:
        return self.request.text


class CommandList(NetObject):
    """PSCommand: the commands of a PowerShell object."""

    net_type = SMA + "PSCommand"

    def __init__(self, owner: PowerShell) -> None:
        self.owner = owner

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "Commands", [ShellCommand(one) for one in self.owner.commands]

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
POWERSHELL.method(
    f"{_SELF} AddParameter(string parameterName)", f"{_SELF} AddParameter(string parameterName, System.Object value)"
)(PowerShell.add_parameter)
POWERSHELL.method(
    f"{_SELF} AddParameters(System.Collections.IDictionary parameters)",
    f"{_SELF} AddParameters(System.Collections.IList parameters)",
)(PowerShell.add_parameters)
POWERSHELL.method(f"{_SELF} AddArgument(System.Object value)")(lambda shell, value: shell.add_parameter(None, value))
POWERSHELL.method(f"{_SELF} AddStatement()")(PowerShell.add_statement)
POWERSHELL.method(
    "System.Collections.ObjectModel.Collection[psobject] Invoke()",
    "System.Collections.ObjectModel.Collection[psobject] Invoke(System.Collections.IEnumerable input)",
)(PowerShell.invoke)
POWERSHELL.method(
    "System.IAsyncResult BeginInvoke()",
    "System.IAsyncResult BeginInvoke(System.Object input)",
    "System.IAsyncResult BeginInvoke(System.Object input, System.Object output)",
)(PowerShell.begin)
POWERSHELL.method("System.Management.Automation.PSDataCollection[psobject] EndInvoke(System.Object asyncResult)")(
    PowerShell.end
)
POWERSHELL.method("void Stop()")(PowerShell.stop)
POWERSHELL.method("void Dispose()")(PowerShell.clear)
