"""Runspace: one PowerShell session, and Frame: one running script block in it.

The session's state (variables, functions, aliases, location, $Error, history) lasts from one pipeline to the next.
Pipelines
run in a thread of their own with a large stack, so that deep recursion ends in PowerShell's CallDepthOverflow and
not in the interpreter's limits. What a command does while it runs is in runtime/calls.py and runtime/invocation.py.
"""

from __future__ import annotations

import os
import sys
import threading
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..binding.parameters import CommandInfo
from ..records import (
    SMA,
    ErrorRecord,
    InvocationInfo,
    NetException,
    PipelineStopped,
    ScriptError,
    error,
)
from ..session.history import History
from ..values.types import NetType, resolve_type
from ..values.utf16 import take_halves_in_names, units
from ..values.value import NOTHING, to_string
from .hosting import ENGINE_VERSION, CollectedStreams, CommandRequest, Host, HostUI, NullHost, PipelineRequest, Streams
from .interruption import Interruption
from .lookup import find_command
from .problems import Place, attach
from .scopes import Scope
from .streams import PLAIN, StreamSet

if TYPE_CHECKING:
    from .events import Events

take_halves_in_names()

STACK_BYTES = 512 * 1024 * 1024  # reserved, not used, until recursion needs it
MAX_CALL_DEPTH = 1500  # script calls within each other
PYTHON_FRAMES = 200_000  # what MAX_CALL_DEPTH calls of the most nested code may need
MAX_ERRORS = 256  # $MaximumErrorCount

_local = threading.local()


def current_runspace() -> Runspace | None:
    """The session whose pipeline runs in this thread."""
    return getattr(_local, "runspace", None)


def current_frame() -> Frame | None:
    runspace = current_runspace()
    return runspace.frame if runspace is not None else None


class Frame:
    """One running script block. ``scope`` may be shared with the caller (ForEach-Object's blocks, dot-sourcing)."""

    # what most frames never set stays on the class: a call makes a frame, so a frame must be cheap
    _invocation: InvocationInfo | None = None
    call: Any = None  # the FunctionCall that this is the frame of
    command: Any = None  # the function, where it was called without a FunctionCall
    block: Any = None
    args: list[Any] | None = None
    input: Any = None
    bound: Any = None  # $PSBoundParameters of a function with parameters
    cmdlet: Any = None  # $PSCmdlet of an advanced function
    called_from: Place | None = None
    calling: Place | None = None  # where the method call stands that runs now, for the methods of classes
    source: Any = None
    trace_name = "<ScriptBlock>"
    shows_in_trace = True
    returned: Any = NOTHING  # what a method of a class returns
    this_class: Any = None  # the class whose method this is

    def __init__(self, rs: Runspace, scope: Scope, streams: StreamSet, parent: Frame | None) -> None:
        self.rs = rs
        self.scope = scope
        self.streams = streams
        self.parent = parent

    @property
    def invocation(self) -> InvocationInfo | None:
        """$MyInvocation, made when somebody looks."""
        if self._invocation is None:
            if self.call is not None:
                self._invocation = self.call.make_invocation()
            elif self.called_from is not None:
                text = self.block.text if self.block is not None else ""  # a class's method has none
                command = self.command or CommandInfo("Script", "", self.block, definition=text)
                self._invocation = self.called_from.invocation(command, command.name)
            if self._invocation is not None:
                self._invocation.unbound_arguments = list(self.args or ())
        return self._invocation

    @property
    def runspace(self) -> Runspace:
        return self.rs

    # -- variables
    def get_variable(self, name: str, default: Any = None) -> Any:
        found = self.scope.find(name.lower())
        if found is not None:
            return found.value
        value = self.automatic(name.lower())
        return default if value is NOTHING else value

    def set_variable(self, name: str, value: Any, scope: str = "") -> None:
        target = self.scope.named(scope) if scope else self.scope
        (target or self.scope).set(name.lower(), name, value)

    def lookup(self, key: str, name: str, refused_from: int = 1) -> Any:
        """A variable that is not in the innermost scope: those outside, then the automatic ones; otherwise $null, or
        an error from that StrictMode on."""
        at = self.scope.parent
        while at is not None:
            found = at.vars.get(key)
            if found is not None and not found.is_private:
                return found.value
            at = at.parent
        value = self.automatic(key)
        if value is not NOTHING:
            return value
        if self.scope.strict >= refused_from:
            raise error(
                f"The variable '${name}' cannot be retrieved because it has not been set.",
                "VariableIsUndefined",
                "InvalidOperation",
                target=name,
            )
        return None

    def automatic(self, key: str) -> Any:
        """$args, $MyInvocation and the like: facts of the frame, not stored variables. NOTHING if there is none of
        that name."""
        maker = _AUTOMATIC.get(key)
        return NOTHING if maker is None else maker(self)

    def output_separator(self) -> str:
        found = self.scope.find("ofs")
        return " " if found is None or found.value is None else to_string(found.value)

    def preference(self, name: str) -> str:
        found = self.scope.find(name)
        return to_string(found.value) if found is not None else ""

    # -- types
    def resolve_type(self, name: str) -> NetType | None:
        found = self.rs.types.get(name.lower())
        if found is not None:
            return found
        return self.rs.resolve_type(name)

    # -- errors
    def fail(self, failed: ScriptError, place: Place) -> None:
        """A statement was ended by an error: passed on inside try and for throw, else reported, and the next one
        runs."""
        attach(failed, self, place)
        rs = self.rs
        rs.ok = False
        if rs.guarded or failed.script_wide or failed.leaves is not None:
            raise failed
        action = self.preference("erroractionpreference").lower()
        if action == "stop":
            failed.script_wide = True
            raise failed
        if action == "inquire":
            raise failed
        record = failed.record
        if action != "ignore":
            rs.add_error(record)
        if action in ("silentlycontinue", "ignore"):
            self.streams.collect("error", record)
            return
        self.emit_error(record)

    def emit_error(self, record: ErrorRecord) -> None:
        """To the error stream, whatever that is here."""
        self.streams.collect("error", record)
        sink = self.streams.sinks.get("error")
        if sink is None:
            self.rs.out.error(record)
        else:
            sink(record)


def _outer(frame: Frame, name: str) -> Any:
    at: Frame | None = frame
    while at is not None:
        value = getattr(at, name)
        if value is not None:
            return value
        if at.parent is None or at.parent.scope is not at.scope:
            return None
        at = at.parent
    return None


def _outer_cmdlet(frame: Frame) -> Any:
    at: Frame | None = frame
    while at is not None:
        if at.cmdlet is not None:
            return at.cmdlet
        at = at.parent
    return NOTHING


def _invocation(frame: Frame) -> Any:
    found = _outer(frame, "invocation")
    if found is None:
        found = frame.rs.top_invocation
        found.unbound_arguments = list(_outer(frame, "args") or ())
    return found


def _input(frame: Frame) -> Any:
    from .invocation import InputEnumerator

    if frame.input is None:
        return InputEnumerator([])
    return frame.input


def _bound(frame: Frame) -> Any:
    from ..binding.psbound import BoundParameters

    found = _outer(frame, "bound")
    if found is None:
        found = frame.bound = BoundParameters()
    return found


def _script_path(frame: Frame) -> str:
    source = frame.source
    return source.file if source is not None and source.file else ""


_AUTOMATIC: dict[str, Callable[[Frame], Any]] = {
    "args": lambda frame: frame.args if frame.args is not None else [],
    "myinvocation": _invocation,
    "psboundparameters": _bound,
    "input": _input,
    "pscmdlet": _outer_cmdlet,
    "pscommandpath": _script_path,
    "psscriptroot": lambda frame: os.path.dirname(_script_path(frame)),
    "?": lambda frame: frame.rs.ok,
    "pid": lambda frame: os.getpid(),
    "pwd": lambda frame: frame.rs.path_info(),
    "error": lambda frame: frame.rs.error_list,
    "host": lambda frame: frame.rs.host_object(),
    "psversiontable": lambda frame: frame.rs.version_table(),
    "executioncontext": lambda frame: frame.rs.execution_context(),
    "profile": lambda frame: os.path.expanduser("~/.config/powershell/Microsoft.PowerShell_profile.ps1"),
    "stacktrace": lambda frame: frame.rs.last_stack_trace,
    "psstyle": lambda frame: frame.rs.style_object(),
}
AUTOMATIC_NAMES = tuple(_AUTOMATIC)


class Runspace:
    """One session. ``invoke`` runs a pipeline to its end; ``stop`` ends it from any other thread."""

    def __init__(self, host: Host | None = None) -> None:
        from ..session.state import set_up

        self.host: Host = host if host is not None else NullHost()
        self.instance_id = uuid.uuid4()
        self.global_scope = Scope()
        self.types: dict[str, NetType] = {}  # classes and enums that scripts defined, by lower-case name
        self.namespaces: list[str] = []  # using namespace
        self.error_list: Any = None  # the ArrayList behind $Error
        self.history = History()
        self.stop_event = threading.Event()
        self._stopping = False
        self.attention = False  # loops look at this: a stop, or actions of events that wait
        self.events: Events | None = None
        self.interruption = Interruption()
        self.ok: bool = True  # $?
        self.guarded = 0  # try blocks around what runs now
        self.depth = 0  # script calls within each other
        self.location = units(os.getcwd())
        self.location_stack: dict[str, list[str]] = {}
        self.last_stack_trace: str = ""
        self.command_cache: dict[str, Any] = {}
        self.out: Streams = CollectedStreams()
        self.top_invocation = InvocationInfo()
        self.modules: dict[str, Any] = {}
        self.values: dict[str, Any] = {}  # made once for the session: $Host, $PSVersionTable, ...
        self.store: dict[
            str, Any
        ] = {}  # for commands that keep something over calls (jobs, events), by a name of theirs
        self.running = 0
        self.job_counter = 0
        self.cancel_hooks: list[Callable[[], None]] = []  # called by stop(): end native programs and blocking waits
        self.frame: Frame = Frame(self, self.global_scope, PLAIN, None)
        set_up(self)

    # -- running
    def invoke(self, request: PipelineRequest, streams: Streams) -> None:
        """Runs the pipeline. Raises ScriptError when an error ended it, PipelineStopped when it was stopped."""
        if getattr(_local, "runspace", None) is self:
            self._invoke_here(request, streams)
            return
        problem: list[BaseException] = []
        held = (self.out, self.frame, self.guarded, self.depth, self.running)

        def work() -> None:
            try:
                self.interruption.run(lambda: self._invoke_here(request, streams))
            except BaseException as raised:  # noqa: BLE001 - carried over to the caller's thread
                problem.append(raised)

        in_large_stack(work)
        # once more here: an interruption may have come while the script's thread was putting them back
        self.out, self.frame, self.guarded, self.depth, self.running = held
        if problem:
            raise problem[0]

    def _invoke_here(self, request: PipelineRequest, streams: Streams) -> None:
        from ..server.requests import run_request

        held = (getattr(_local, "runspace", None), self.out, self.frame, self.guarded, self.depth)
        _local.runspace = self
        self.out = streams
        self.frame = Frame(self, self.global_scope, PLAIN, None)
        self.guarded = int(request.ends_at_error)
        self.depth = 0
        if not self.running:
            self.stopping = False
            self.stop_event.clear()
        self.running += 1
        try:
            run_request(self, request, streams)
        finally:
            self.running -= 1
            _local.runspace, self.out, self.frame, self.guarded, self.depth = held

    def run_script(self, text: str, streams: Streams | None = None, **variables: Any) -> list[Any]:
        """A script's output as a list: for tests and for commands that are written in PowerShell."""
        collected = CollectedStreams()
        for name, value in variables.items():
            self.set_variable(name, value)
        self.invoke(PipelineRequest([CommandRequest(text)]), streams or collected)
        return collected.outputs

    def stop(self) -> None:
        """Ends what runs; returns at once."""
        self.stopping = True
        self.stop_event.set()
        for hook in list(self.cancel_hooks):
            hook()

    def close(self) -> None:
        """The session ends: so do those that it opened elsewhere."""
        sessions = self.store.pop("sessions", None)
        if sessions is not None:
            sessions.close()

    def raise_stopped(self) -> None:
        raise PipelineStopped

    @property
    def stopping(self) -> bool:
        return self._stopping

    @stopping.setter
    def stopping(self, on: bool) -> None:
        self._stopping = on
        self._look_again()

    def _look_again(self) -> None:
        # first down, then up if there is a reason: who gives one from another thread sets it before he sets this
        self.attention = False
        if self._stopping or (self.events is not None and self.events.waiting):
            self.attention = True

    def attend(self) -> None:
        """What ``attention`` asks for: ends the pipeline, or lets actions of events run."""
        if self._stopping:
            self.raise_stopped()
        if self.events is not None and self.events.running is None:
            self.events.run_waiting()
        self._look_again()

    def sleep(self, seconds: float) -> None:
        if seconds > 0 and self.stop_event.wait(seconds):
            self.raise_stopped()
        if self.stopping:
            self.raise_stopped()

    # -- variables, functions, aliases
    def get_variable(self, name: str, default: Any = None) -> Any:
        return self.frame.get_variable(name, default)

    def set_variable(self, name: str, value: Any) -> None:
        self.global_scope.set(name.lower(), name, value)

    @property
    def functions(self) -> dict[str, Any]:
        return self.global_scope.functions or {}

    @property
    def aliases(self) -> dict[str, Any]:
        """Lower-case alias -> what it stands for (text)."""
        return self.global_scope.aliases or {}

    def find_command(self, name: str, scope: Scope | None = None) -> Any:
        """The CommandInfo that a name means here (aliases not followed to the end: see ``target``), or None."""
        return find_command(self, name, scope or self.frame.scope)

    # -- errors
    @property
    def errors(self) -> list[Any]:
        found: list[Any] = self.error_list
        return found

    def add_error(self, record: ErrorRecord) -> None:
        if record.logged:
            return
        record.logged = True
        if record.stack_trace:
            self.last_stack_trace = record.stack_trace
        self.error_list.insert(0, record)
        if len(self.error_list) > MAX_ERRORS:
            del self.error_list[MAX_ERRORS:]

    # -- types
    def resolve_type(self, name: str) -> NetType | None:
        from ..classes.types import resolve_with_user_types

        if self.types:
            if name.endswith("]"):
                return resolve_with_user_types(self, name)
            if (known := self.types.get(name.lower())) is not None:
                return known
        return resolve_type(name, self.namespaces)

    # -- places
    def resolve_path(self, text: str) -> str:
        """A file-system path made absolute against the location; ``~`` is the home directory."""
        if text.startswith("~") and (len(text) == 1 or text[1] in "/\\"):
            text = os.path.expanduser("~") + text[1:]
        if "::" in text:
            text = text.partition("::")[2]
        for prefix in ("FileSystem:", "Temp:"):
            if text.lower().startswith(prefix.lower()):
                import tempfile

                text = (tempfile.gettempdir() + "/" if prefix == "Temp:" else "") + text[len(prefix) :].lstrip("/\\")
        if os.sep == "/":
            text = text.replace("\\", "/")
        return os.path.normpath(os.path.join(self.location, text)) if text else self.location

    def set_location(self, path: str) -> None:
        self.location = path
        self.values.pop("path_info", None)

    def path_info(self) -> Any:
        from ..session.state import PathInfo

        found = self.values.get("path_info")
        if found is None:
            found = self.values["path_info"] = PathInfo(self.location)
        return found

    def host_object(self) -> Any:
        return self._made("host")

    def version_table(self) -> Any:
        return self._made("version_table")

    def execution_context(self) -> Any:
        return self._made("execution_context")

    def style_object(self) -> Any:
        return self._made("style_object")

    def _made(self, name: str) -> Any:
        found = self.values.get(name)
        if found is None:
            from ..session import objects as session_objects

            found = self.values[name] = getattr(session_objects, f"make_{name}")(self)
        return found


_stack_lock = threading.Lock()


def in_large_stack(work: Callable[[], None]) -> None:
    """Runs ``work`` in a thread whose stack holds MAX_CALL_DEPTH script calls, and waits for it."""
    if sys.getrecursionlimit() < PYTHON_FRAMES:
        sys.setrecursionlimit(PYTHON_FRAMES)
    thread = threading.Thread(target=work, name="pipeline", daemon=True)
    with _stack_lock:
        held = threading.stack_size(STACK_BYTES)
        try:
            thread.start()
        finally:
            threading.stack_size(held)
    thread.join()


def call_depth_overflow() -> ScriptError:
    exception = NetException("The script failed due to call depth overflow.", net_type=SMA + "ScriptCallDepthException")
    return ScriptError(ErrorRecord(exception, "CallDepthOverflow", "InvalidOperation"), script_wide=True)


__all__ = [
    "ENGINE_VERSION",
    "NOTHING",
    "CollectedStreams",
    "CommandRequest",
    "Frame",
    "Host",
    "HostUI",
    "NullHost",
    "PipelineRequest",
    "Runspace",
    "Streams",
    "call_depth_overflow",
    "current_frame",
    "current_runspace",
    "in_large_stack",
]
