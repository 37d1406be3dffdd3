"""One pipeline of the server: what the client asked for, the thread that runs it, and the streams it writes to.

The thread owns the runspace while it runs; everything that leaves it goes through the server's channel. A stop asks the
runspace to stop, wakes whoever waits for input or for an answer, and is repeated until the thread has ended, because
a stop that falls between two steps must not be lost.
"""

from __future__ import annotations

import os
import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, cast

from ... import clixml
from ...psobject import PSObject
from ..records import (
    SMA,
    ErrorRecord,
    ExitScript,
    InformationalRecord,
    InformationRecord,
    NetException,
    PipelineStopped,
    ProgressRecord,
    ScriptError,
)
from ..runtime.hosting import CommandRequest, PipelineRequest
from ..values.pieces import byte_list
from . import records as wire_records
from . import wire
from .host_ui import NO_ANSWER, HostInfo, Method, RemoteHost, host_call, remote_error

if TYPE_CHECKING:
    from ..runtime.runspace import Runspace
    from .server import Server

STOP_AGAIN_SECONDS = 0.05
INTERRUPT_SECONDS = 0.1  # from then on, what does not look whether to stop is interrupted
GIVE_UP_SECONDS = 0.25  # from then on, the pipeline is stopped for the client, whatever its thread still waits for
KEY_SECONDS = 10.0
GIVEN_UP = (
    f"The command did not stop within {GIVE_UP_SECONDS} s. The session goes on without it, in a new runspace: what the "
    "session's variables, functions and location were is lost."
)
ALL_COMMANDS = 511  # CommandTypes.All as the protocol's clients send it

# RemoteStreamOptions: whose records carry invocation info
_ERROR_INFO, _WARNING_INFO, _DEBUG_INFO, _VERBOSE_INFO = 1, 2, 4, 8
_RESULT_TYPES = {1: "Output", 8: "Null"}
_MERGES = ("Error", "Warning", "Verbose", "Debug", "Information")
_END = object()


def member(value: Any, name: str, default: Any = None) -> Any:
    """A property of a protocol object; absent and $null are the default."""
    if not isinstance(value, PSObject):
        return default
    try:
        found = value[name]
    except KeyError:
        return default
    return default if found is None else found


def number(value: Any, default: int = 0) -> int:
    """An integer, or the number of an enum value."""
    if isinstance(value, PSObject):
        value = value._base
    return int(value) if isinstance(value, int) else default


def _items(value: Any) -> list[Any]:
    if isinstance(value, PSObject):
        value = value._base
    return value if isinstance(value, list) else []


def _merges(command: PSObject) -> dict[str, str]:
    merges = {}
    for stream in _MERGES:
        target = _RESULT_TYPES.get(number(member(command, f"Merge{stream}")))
        if target is not None:
            merges[stream] = target
    if number(member(command, "MergeMyResult")) == 2 and number(member(command, "MergeToResult")) == 1:
        merges["Error"] = "Output"
    return merges


def _command(value: Any) -> CommandRequest:
    scope = member(value, "UseLocalScope")
    return CommandRequest(
        text=str(member(value, "Cmd", "")),
        is_script=bool(member(value, "IsScript", False)),
        use_local_scope=None if scope is None else bool(scope),
        parameters=[(_parameter_name(item), _held(member(item, "V"))) for item in _items(member(value, "Args"))],
        merges=_merges(value),
    )


def _held(value: Any) -> Any:
    """A value from the client as scripts hold it: a byte array can be changed here, a credential is one again."""
    from ..dotnet.revive import revive

    return byte_list(value) if isinstance(value, bytes) else revive(value)


def _parameter_name(item: Any) -> str | None:
    name = member(item, "N")
    return None if name is None else str(name).removeprefix("-").removesuffix(":")


def _statement(values: list[Any]) -> list[CommandRequest]:
    commands = [_command(value) for value in values]
    for position, value in enumerate(values):
        if number(member(value, "MergePreviousResults")):  # the errors of all before it come in as its input
            for before in commands[:position]:
                before.merges = {"Error": "Output", **before.merges}
    return commands


def read_commands(powershell: Any) -> list[CommandRequest]:
    """The commands of a PowerShell object ([MS-PSRP] 2.2.3.11), statements marked by their ends."""
    extra = _items(member(powershell, "ExtraCmds"))
    statements = [_items(member(item, "Cmds")) for item in extra] or [_items(member(powershell, "Cmds"))]
    commands: list[CommandRequest] = []
    for values in statements:
        made = _statement(values)
        if made:
            made[-1].end_of_statement = True
        commands += made
    if commands:
        commands[-1].end_of_statement = False
    return commands


def ends_at_error(powershell: Any) -> bool:
    """Whether the first statement-terminating error ends the pipeline, as with a local PowerShell.Invoke().

    Not so when the client wants the shell's errors in the pipe (Invoke-Command does) or merges a command's errors into
    its output: then the error has somewhere to go and the next statement runs.
    """
    if member(powershell, "RedirectShellErrorOutputPipe", False):
        return False
    return not any("Error" in command.merges for command in read_commands(powershell))


def stopped_record() -> ErrorRecord:
    exception = NetException("The pipeline has been stopped.", net_type=SMA + "PipelineStoppedException")
    return ErrorRecord(exception, "PipelineStopped", "OperationStopped")


def engine_failure(problem: BaseException) -> ErrorRecord:
    """A bug of the engine, said as such: the pipeline fails, the session lives on."""
    if isinstance(problem, RecursionError):
        message = "The script failed due to call depth overflow."
        exception = NetException(message, net_type=SMA + "ScriptCallDepthException")
        return ErrorRecord(exception, "CallDepthOverflow", "InvalidOperation")
    place = problem.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" ({os.path.basename(place.tb_frame.f_code.co_filename)}:{place.tb_lineno})" if place is not None else ""
    message = f"The built-in engine failed: {type(problem).__name__}: {problem}{where}. Please report this."
    return ErrorRecord(
        NetException(message, net_type="System.InvalidOperationException"), "EngineFailure", "NotSpecified"
    )


class Pipeline:
    """A pipeline from its Command element to its final state. Implements Streams and the host's Caller."""

    def __init__(self, server: Server, guid: uuid.UUID) -> None:
        self.guid = guid
        self._server = server
        self._channel = server.channel
        self._lock = threading.Lock()
        self._runspace: Runspace | None = None
        self._stopping = threading.Event()
        self._ended = threading.Event()
        self._inputs: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._answers: dict[int, queue.SimpleQueue[Any]] = {}
        self._options = 0
        self.started = False
        self._signals = 0
        self._given_up = False

    # -- called by the server's reading thread
    def start(self, body: Any) -> None:
        """Run what CREATE_PIPELINE asks for."""
        shell = member(body, "PowerShell")
        has_input = not bool(member(body, "NoInput", True))
        self._options = number(member(body, "RemoteStreamOptions"))
        request = PipelineRequest(
            commands=read_commands(shell),
            input=self._input() if has_input else None,
            add_to_history=bool(member(body, "AddToHistory", False)),
            ends_at_error=ends_at_error(shell),
        )
        info = HostInfo(member(body, "HostInfo"))
        nested = bool(member(body, "IsNested", False)) or bool(member(shell, "IsNested", False))
        host = self._server.host_info if info.use_runspace_host else info
        self._spawn(self._run, request, host, self._server.pool.turn(), nested)

    def start_metadata(self, body: Any) -> None:
        """Answer GET_COMMAND_METADATA."""
        self._spawn(self._run_metadata, body)

    def _spawn(self, target: Callable[..., None], *args: Any) -> None:
        self.started = True
        threading.Thread(target=target, args=args, name=f"pipeline-{self.guid}", daemon=True).start()

    def feed(self, value: Any) -> None:
        self._inputs.put(_held(value))

    def end_input(self) -> None:
        self._inputs.put(_END)

    def answer(self, call_id: int, value: Any, error: Any) -> bool:
        waiting = self._answers.get(call_id)
        if waiting is not None:
            waiting.put((value, error))
        return waiting is not None

    def stop(self, *, acknowledge: bool) -> None:
        """Begin to stop; the SignalAck, if wanted, follows the final state."""
        with self._lock:
            if not self.started or self._ended.is_set():
                if acknowledge:
                    self._channel.element("SignalAck", self.guid)
                return
            self._signals += acknowledge
            self._stopping.set()
        self._inputs.put(_END)
        for waiting in list(self._answers.values()):
            waiting.put(None)
        threading.Thread(target=self._keep_stopping, daemon=True).start()

    def _keep_stopping(self) -> None:
        since = time.monotonic()
        while not self._ended.is_set():
            with self._lock:
                if self._runspace is not None:
                    self._runspace.stop()
            if self._ended.wait(STOP_AGAIN_SECONDS):
                return
            waited = time.monotonic() - since
            if waited >= GIVE_UP_SECONDS:
                self._give_up()
            elif waited >= INTERRUPT_SECONDS:
                self.interrupt(PipelineStopped)

    def interrupt(self, kind: type[BaseException]) -> None:
        """Raise ``kind`` in the script, wherever it is, but not in the middle of a message."""
        with self._lock:
            if self._runspace is not None:
                self._runspace.interruption.interrupt(kind, self._channel.quiet)

    def _give_up(self) -> None:
        """The script's thread waits in the system or computes in one piece: the client does not wait with it."""
        runspace = self._runspace
        if runspace is None:
            return
        self._server.pool.give_up(runspace)
        self.warning(InformationalRecord("Warning", GIVEN_UP))
        self._given_up = True
        self._finish(wire_records.STOPPED, stopped_record())

    def wait(self, timeout: float) -> bool:
        return not self.started or self._ended.wait(timeout)

    # -- the worker thread
    def _input(self) -> Iterator[Any]:
        while (value := self._inputs.get()) is not _END:
            yield value
        if self._stopping.is_set():
            raise PipelineStopped

    def _run(self, request: PipelineRequest, host: HostInfo, turn: object, nested: bool) -> None:
        state, record = wire_records.COMPLETED, None
        pool = self._server.pool
        try:
            runspace = pool.acquire(turn, self._stopping, nested=nested)
            try:
                cast(RemoteHost, runspace.host).attach(self, host)  # the pool made it
                with self._lock:
                    self._runspace = runspace
                if self._stopping.is_set():
                    raise PipelineStopped
                runspace.invoke(request, self)
            finally:
                with self._lock:
                    self._runspace = None
                pool.release(runspace, nested=nested)
        except ScriptError as problem:
            state, record = wire_records.FAILED, problem.record
        except PipelineStopped:
            state, record = wire_records.STOPPED, stopped_record()
        except ExitScript:
            pass
        except BaseException as problem:  # noqa: BLE001 - the client must hear of it, the session must go on
            state, record = wire_records.FAILED, engine_failure(problem)
        self._finish(state, record)

    def _run_metadata(self, body: Any) -> None:
        state, record = wire_records.COMPLETED, None
        try:
            from .metadata import command_metadata

            names = [str(name) for name in _items(member(body, "Name"))] or ["*"]
            for value in command_metadata(names, number(member(body, "CommandType"), ALL_COMMANDS)):
                self.output(value)
        except ScriptError as problem:
            state, record = wire_records.FAILED, problem.record
        except BaseException as problem:  # noqa: BLE001 - as above
            state, record = wire_records.FAILED, engine_failure(problem)
        self._finish(state, record)

    def _finish(self, state: int, record: ErrorRecord | None) -> None:
        try:
            body = wire_records.pipeline_state(state, record, self._server.cipher)
        except Exception as problem:  # noqa: BLE001 - an object in the error that cannot be written must not hide the end
            body = wire_records.pipeline_state(state, engine_failure(problem))
        with self._lock:
            if self._ended.is_set():
                return  # given up before
            self._channel.message(wire.PIPELINE_STATE, body, self.guid)
            self._ended.set()
            for _ in range(self._signals):
                self._channel.element("SignalAck", self.guid)
        self._server.forget(self)

    # -- Streams
    def _send(self, kind: int, body: str, *, may_wait: bool = False) -> None:
        if self._given_up:
            raise PipelineStopped
        self._channel.message(kind, body, self.guid, may_wait=may_wait)

    def output(self, value: Any) -> None:
        body = self._encoded(value)
        if body is not None:
            self._send(wire.PIPELINE_OUTPUT, body, may_wait=True)

    def _encoded(self, value: Any) -> str | None:
        try:
            return clixml.encode(value, cipher=self._server.cipher)
        except clixml.NoSessionKey:
            if self._server.request_key(self._stopping, KEY_SECONDS):
                return clixml.encode(value, cipher=self._server.cipher)
            problem: Exception = clixml.CLIXMLError("the client did not send its key for secure strings")
        except clixml.CLIXMLError as found:
            problem = found
        message = f"The object cannot be sent: {problem}."
        exception = NetException(message, net_type="System.Runtime.Serialization.SerializationException")
        self.error(ErrorRecord(exception, "CannotSerialize", "InvalidType"))
        return None

    def error(self, record: ErrorRecord) -> None:
        body = wire_records.error_record(
            record, with_invocation=bool(self._options & _ERROR_INFO), cipher=self._server.cipher
        )
        self._send(wire.ERROR_RECORD, body)

    def _informational(self, kind: int, record: InformationalRecord, option: int) -> None:
        body = wire_records.informational(
            record, with_invocation=bool(self._options & option), cipher=self._server.cipher
        )
        self._send(kind, body)

    def warning(self, record: InformationalRecord) -> None:
        self._informational(wire.WARNING_RECORD, record, _WARNING_INFO)

    def verbose(self, record: InformationalRecord) -> None:
        self._informational(wire.VERBOSE_RECORD, record, _VERBOSE_INFO)

    def debug(self, record: InformationalRecord) -> None:
        self._informational(wire.DEBUG_RECORD, record, _DEBUG_INFO)

    def information(self, record: InformationRecord) -> None:
        body = wire_records.information(record, self._server.cipher)
        self._send(wire.INFORMATION_RECORD, body)

    def progress(self, record: ProgressRecord) -> None:
        self._send(wire.PROGRESS_RECORD, wire_records.progress(record))

    # -- the host's Caller
    def call(self, method: Method, parameters: list[Any]) -> None:
        body = host_call(NO_ANSWER, method, parameters, self._server.cipher)
        self._send(wire.PIPELINE_HOST_CALL, body)

    def ask(self, method: Method, parameters: list[Any]) -> Any:
        if self._stopping.is_set():
            raise PipelineStopped
        call_id = self._server.next_call_id()
        waiting = self._answers[call_id] = queue.SimpleQueue()
        try:
            body = host_call(call_id, method, parameters, self._server.cipher)
            self._send(wire.PIPELINE_HOST_CALL, body)
            answer = waiting.get()
        finally:
            del self._answers[call_id]
        if answer is None:
            raise PipelineStopped
        value, error = answer
        if error is not None:
            raise remote_error(error)
        return _held(value)  # a credential that was typed is one here
