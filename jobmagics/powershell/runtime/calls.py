"""One call of a command: its streams, preferences and common parameters, and the cmdlet's life in a pipeline.

``CommandRuntime`` is what a cmdlet (and an advanced function's $PSCmdlet) writes through. ``Call`` is the shape that
runtime/pipeline.py drives: connect, begin, process for each object, end, close.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any

from ..binding.binder import bind_cmdlet
from ..binding.common import apply_common
from ..binding.psbound import BoundParameters
from ..binding.tokens_args import MISSING, Argument
from ..records import (
    SMA,
    ErrorRecord,
    InformationalRecord,
    InformationRecord,
    InvocationInfo,
    NetException,
    ProgressRecord,
    ScriptError,
    Thrown,
)
from ..values.number_formats import BadFormat
from ..values.value import NOTHING, to_string
from .problems import stack_trace
from .streams import NULL, StreamSet

if TYPE_CHECKING:
    from ..binding.parameters import CommandInfo
    from .cmdlet import Cmdlet
    from .problems import Place
    from .runspace import Frame

Sink = Callable[[Any], Any]
THROWN = (Thrown, BadFormat)

_PREFERENCES = {
    "Warning": ("warningaction", "WarningPreference"),
    "Verbose": ("verbose", "VerbosePreference"),
    "Debug": ("debug", "DebugPreference"),
}


class CommandRuntime:
    """What stands between a running command and the streams."""

    __slots__ = (
        "_invocation",
        "at",
        "command",
        "common",
        "confirm_all",
        "expecting_input",
        "failed",
        "fqid_suffix",
        "frame",
        "name",
        "of",
        "opened",
        "place",
        "runspace",
        "streams",
        "supports",
        "write",
    )

    def __init__(self, frame: Frame, command: CommandInfo, place: Place | None, name: str) -> None:
        self.frame = frame
        self.runspace = frame.rs
        self.command = command
        self.place = place
        self.name = name
        self._invocation: InvocationInfo | None = None
        self.at = self.of = 1
        self.common: dict[str, Any] = {}  # lower-case common parameter -> value
        self.streams: StreamSet = frame.streams
        self.write: Sink = NULL
        self.expecting_input = False
        self.fqid_suffix = command.name
        self.supports = ("Medium", True)
        self.confirm_all: bool | None = None
        self.failed = False  # wrote an error: $? is false afterwards
        self.opened: list[IO[bytes]] = []  # closed when the call is over, however it ends

    @property
    def invocation(self) -> InvocationInfo:
        """Where this command stands; found out when a record or the command itself wants it."""
        found = self._invocation
        if found is None:
            place = self.place
            found = (
                place.invocation(self.command, self.name)
                if place is not None
                else InvocationInfo(self.command, name=self.name)
            )
            found.expecting_input = self.expecting_input
            found.pipeline_position, found.pipeline_length = self.at, self.of
            found.bound_parameters = BoundParameters()
            self._invocation = found
        return found

    # -- preferences
    def preference(self, kind: str) -> str:
        """The action for Warning, Verbose or Debug here: the common parameter, else the preference variable."""
        parameter, variable = _PREFERENCES[kind]
        given = self.common.get(parameter)
        if given is not None:
            if kind == "Warning":
                return to_string(given)
            return "Continue" if given else "SilentlyContinue"
        return self.frame.preference(variable.lower())

    def error_action(self) -> str:
        given = self.common.get("erroraction")
        return to_string(given) if given is not None else self.frame.preference("erroractionpreference")

    # -- errors
    def complete(self, record: ErrorRecord) -> None:
        """Fills in what the record does not say itself: command, place, activity."""
        if record.invocation is None:
            record.invocation = self.invocation
            if not record.command_id:
                record.command_id = self.fqid_suffix
        elif not record.command_id and not record.logged:
            record.command_id = self.fqid_suffix
        if not record.activity:
            record.activity = self.command.name
        if record.stack_trace is None:
            record.stack_trace = stack_trace(self.frame, self.place)

    def terminating(self, record: ErrorRecord) -> ScriptError:
        self.complete(record)
        failed = ScriptError(record)
        if self.common.get("erroraction") is not None and self.error_action().lower() == "stop":
            failed.script_wide = False
        self.streams.collect("error", record)
        return failed

    def write_error(self, record: ErrorRecord) -> None:
        self.complete(record)
        rs = self.runspace
        self.failed = True
        action = self.error_action().lower()
        if action == "ignore":
            return
        if action == "stop":
            self.streams.collect("error", stop_exception(record))
            raise stop_by_preference(record, "ErrorActionPreference")
        self.streams.collect("error", record)
        if action == "inquire":
            self._inquire(record.message)
        rs.add_error(record)
        if action == "silentlycontinue":
            return
        sink = self.streams.sinks.get("error")
        if sink is None:
            rs.out.error(record)
        else:
            sink(record)

    def _inquire(self, message: str) -> None:
        choices = [
            ("&Yes", "Continue with only the next step of the operation."),
            ("&Halt Command", "Stop this command."),
        ]
        if self.runspace.host.ui.prompt_for_choice("Confirm", message, choices, 0) == 1:
            exception = NetException(
                "The running command stopped because the user selected the Stop option.",
                net_type=SMA + "ActionPreferenceStopException",
            )
            raise ScriptError(ErrorRecord(exception, "ActionPreferenceStop", "OperationStopped"), script_wide=True)

    # -- the other streams
    def write_informational(self, kind: str, text: str) -> None:
        action = self.preference(kind).lower()
        record = InformationalRecord(kind, text, self.invocation)
        folded = kind.lower()
        if action in ("continue", "inquire", "stop"):
            self._emit(folded, record)
        if kind == "Warning" and action != "ignore":
            self.streams.collect("warning", record)
        if action == "stop":
            parameter = "WarningPreference" if kind == "Warning" else f"{kind}Preference"
            exception = NetException(
                f'The running command stopped because the preference variable "{parameter}" or common parameter is '
                f"set to Stop: {text}",
                net_type=SMA + "ActionPreferenceStopException",
            )
            stopped = ErrorRecord(exception, "ActionPreferenceStop", "OperationStopped")
            self.complete(stopped)
            raise ScriptError(stopped, script_wide=True)
        if action == "inquire":
            self._inquire(text)

    def _emit(self, kind: str, record: InformationalRecord) -> None:
        rs = self.runspace
        sink = self.streams.sinks.get(kind)
        if sink is not None and sink is not NULL:
            sink(record)
            return
        # a stream that goes to $null still reaches the pipeline's own records, as in PowerShell
        getattr(rs.out, kind)(record)
        if sink is None:
            getattr(rs.host.ui, f"write_{kind}_line")(record.message)

    def write_information(self, record: InformationRecord, to_host: bool = False) -> None:
        given = self.common.get("informationaction")
        action = (to_string(given) if given is not None else self.frame.preference("informationpreference")).lower()
        record.invocation = self.invocation
        if action == "ignore":
            return
        self.streams.collect("information", record)
        if action == "stop":
            exception = NetException(
                'The running command stopped because the preference variable "InformationPreference" or common '
                "parameter is set to "
                f"Stop: {record.ps_to_string()}",
                net_type=SMA + "ActionPreferenceStopException",
            )
            raise ScriptError(ErrorRecord(exception, "ActionPreferenceStop", "OperationStopped"), script_wide=True)
        rs = self.runspace
        sink = self.streams.sinks.get("information")
        if sink is not None and sink is not NULL:
            sink(record)
            return
        rs.out.information(record)
        # a forwarded record was written by another session's host, whose calls to this one show it
        for_host = "PSHOST" in record.tags and "FORWARDED" not in record.tags
        if sink is None and (action == "continue" or for_host):
            rs.host.ui.write_information(record)

    def write_progress(self, record: ProgressRecord) -> None:
        given = self.common.get("progressaction")
        action = to_string(given) if given is not None else self.frame.preference("progresspreference")
        if action.lower() == "continue":
            self.runspace.out.progress(record)
            self.runspace.host.ui.write_progress(0, record)

    # -- -WhatIf and -Confirm
    def should_process(self, target: str, action: str) -> bool:
        if self._what_if():
            self.runspace.host.ui.write_line(f'What if: Performing the operation "{action}" on target "{target}".')
            return False
        if self._must_confirm():
            return self.confirm(
                f'Performing the operation "{action}" on target "{target}".',
                "Confirm",
                "Are you sure you want to perform this action?",
            )
        if self.common.get("verbose"):
            self.write_informational("Verbose", f'Performing the operation "{action}" on target "{target}".')
        return True

    def _what_if(self) -> bool:
        given = self.common.get("whatif")
        if given is not None:
            return bool(given)
        from ..values.value import is_true

        return is_true(self.frame.get_variable("WhatIfPreference", False))

    def _must_confirm(self) -> bool:
        given = self.common.get("confirm")
        if given is not None:
            return bool(given)
        order = ["none", "low", "medium", "high"]
        wanted = (self.frame.preference("confirmpreference") or "High").lower()
        impact = self.supports[0].lower()
        return wanted in order[1:] and impact in order and order.index(impact) >= order.index(wanted)

    def should_continue(self, query: str, caption: str) -> bool:
        return self.confirm(query, caption, "")

    def confirm(self, message: str, caption: str, question: str) -> bool:
        if self.confirm_all is not None:
            return self.confirm_all
        choices = [
            ("&Yes", "Continue with only the next step of the operation."),
            ("Yes to &All", "Continue with all the steps of the operation."),
            ("&No", "Skip this operation and proceed with the next operation."),
            ("No to A&ll", "Skip this operation and all subsequent operations."),
        ]
        text = f"{question}\n{message}" if question else message
        answer = self.runspace.host.ui.prompt_for_choice(caption, text, choices, 0)
        if answer in (1, 3):
            self.confirm_all = answer == 1
        return answer in (0, 1)


def stop_exception(record: ErrorRecord) -> NetException:
    """What -ErrorVariable gets of an error that -ErrorAction Stop made terminating: the exception itself."""
    exception = NetException(
        'The running command stopped because the preference variable "ErrorActionPreference" or common parameter is '
        f"set to Stop: {record.message}",
        net_type=SMA + "ActionPreferenceStopException",
    )
    exception.error_record = record
    return exception


def stop_by_preference(record: ErrorRecord, variable: str) -> ScriptError:
    """An error that -ErrorAction Stop makes terminating: catch sees the record itself, a failed pipeline the
    wrapping."""
    failed = ScriptError(record, script_wide=True)
    failed.stopped_by = variable
    return failed


class Call:
    """One command in one pipeline."""

    __slots__ = ("args", "at", "closers", "command", "expecting_input", "frame", "of", "place", "redirections", "write")

    def __init__(self, frame: Frame, command: CommandInfo, args: list[Argument], place: Place | None) -> None:
        self.frame = frame
        self.command = command
        self.args = args
        self.place = place
        self.write: Sink = NULL
        self.expecting_input = False
        self.redirections: Any = ()
        self.closers: list[Callable[[], None]] | None = None
        self.at = self.of = 1  # place in the pipeline, and its length

    def connect(self, out: Sink, expecting_input: bool) -> None:
        self.write = out
        self.expecting_input = expecting_input

    def sink(self) -> Sink:
        """Where each pipeline object goes."""
        return self.process

    def begin(self) -> None:
        pass

    def process(self, value: Any) -> None:
        pass

    def end(self) -> None:
        pass

    def close(self) -> None:
        """Runs however the pipeline ended."""
        if self.closers:
            for closer in self.closers:
                closer()

    def succeeded(self) -> bool:
        """What $? says of this call."""
        return True

    def streams(self) -> StreamSet:
        """The caller's streams, changed by this command's redirections; may replace ``write`` too. What collects the
        caller's own errors is at the end of its output: commands before the last of a pipeline do not reach it."""
        if not self.redirections:
            held = self.frame.streams
            return StreamSet(held.sinks) if held.collectors and self.at < self.of else held
        from .redirection import apply

        return apply(self)


class CmdletCall(Call):
    __slots__ = ("binding", "cmdlet", "runtime")

    def __init__(self, frame: Frame, command: CommandInfo, args: list[Argument], place: Place | None) -> None:
        super().__init__(frame, command, args, place)
        self.cmdlet: Cmdlet | None = None
        self.binding: Any = None

    def connect(self, out: Sink, expecting_input: bool) -> None:
        self.write = out
        self.expecting_input = expecting_input
        cls = self.command.implementation
        runtime = self.runtime = CommandRuntime(self.frame, self.command, self.place, self.command.name)
        runtime.fqid_suffix = cls.net_name
        runtime.expecting_input = expecting_input
        runtime.at, runtime.of = self.at, self.of
        runtime.streams = self.streams()
        runtime.write = self.write
        self.binding = bind_cmdlet(self)
        runtime.write = apply_common(runtime, self.binding.common, self.write)
        self.cmdlet = cmdlet = cls(runtime)
        cmdlet.bound = self.binding.values
        cmdlet.set_name = self.binding.set_name
        self.binding.cmdlet = cmdlet

    def sink(self) -> Sink:
        cmdlet = self.cmdlet
        assert cmdlet is not None
        if cmdlet.takes_elements and self.binding.settles():
            found = cmdlet.element_sink()
            if found is not None:
                return self._with_values(found) if self.binding.wants_value else found
        return self.process

    def _with_values(self, take: Sink) -> Sink:
        """``take`` for what a mandatory parameter takes; ``process`` tells of the rest."""
        refuses = self.binding.refuses

        def send(value: Any) -> None:
            if refuses(value):
                self.process(value)
            else:
                take(value)

        return send

    def begin(self) -> None:
        assert self.cmdlet is not None
        try:
            self.cmdlet.begin()
        except THROWN as problem:
            raise self._left_by(problem) from None

    def process(self, value: Any) -> None:
        cmdlet = self.cmdlet
        assert cmdlet is not None
        binding = self.binding
        try:
            if binding.shortcut and not (binding.wants_value and binding.refuses(value)):
                binding.values[binding.shortcut] = None if value is NOTHING else value
                cmdlet.input = value
                cmdlet.process()
            elif binding.bind_pipeline(value):
                cmdlet.input = value
                cmdlet.process()
        except THROWN as problem:
            raise self._left_by(problem) from None

    def end(self) -> None:
        cmdlet = self.cmdlet
        assert cmdlet is not None
        try:
            if not self.expecting_input:
                self.binding.require_mandatory()
                cmdlet.set_name = self.binding.set_name
                cmdlet.process()
            cmdlet.end()
        except THROWN as problem:
            raise self._left_by(problem) from None

    def _left_by(self, problem: BadFormat | Thrown) -> ScriptError:
        """A .NET exception that a cmdlet does not handle: its type is the error's id."""
        if isinstance(problem, BadFormat):
            exception = NetException(problem.message, net_type="System.FormatException")
        else:
            exception = problem.exception
        return self.runtime.terminating(ErrorRecord(exception, exception.net_type, "NotSpecified"))

    def succeeded(self) -> bool:
        return not self.runtime.failed

    def close(self) -> None:
        if self.closers:
            super().close()
        for file in self.runtime.opened:
            file.close()


__all__ = ["MISSING", "NOTHING", "Argument", "Call", "CmdletCall", "CommandRuntime", "stop_by_preference"]
