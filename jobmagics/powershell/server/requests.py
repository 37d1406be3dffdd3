"""Running what a client asks for: scripts and commands, with parameters, as one pipeline or several statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..binding.parameters import CommandInfo
from ..parser.syntax import Extent, Source
from ..records import ExitScript, InvocationInfo, ScriptError, StopUpstream
from ..runtime.calls import Call, CmdletCall
from ..runtime.compiled import LoopControl
from ..runtime.hosting import CommandRequest, PipelineRequest, Streams
from ..runtime.invocation import FunctionCall
from ..runtime.pipeline import run_pipeline, run_single
from ..runtime.problems import Place, internal_error
from ..runtime.runspace import call_depth_overflow
from ..values.value import NOTHING, unwrap

if TYPE_CHECKING:
    from ..runtime.runspace import Frame, Runspace


USING_PARAMETER = ("--%", "-%")  # the values of $using: expressions travel as a parameter of this name


def run_request(rs: Runspace, request: PipelineRequest, streams: Streams) -> None:
    statements: list[list[CommandRequest]] = [[]]
    for command in request.commands:
        statements[-1].append(command)
        if command.end_of_statement:
            statements.append([])
    if not request.add_to_history:
        return run_statements(rs, statements, request, streams)
    with rs.history.remembering(" | ".join(command.text for command in request.commands)):
        run_statements(rs, statements, request, streams)


def run_statements(
    rs: Runspace, statements: list[list[CommandRequest]], request: PipelineRequest, streams: Streams
) -> None:
    for commands in statements:
        if commands:
            run_statement(rs, commands, request, streams)


def run_statement(rs: Runspace, commands: list[CommandRequest], request: PipelineRequest, streams: Streams) -> None:
    frame = rs.frame

    def send(value: Any) -> None:
        if value is not NOTHING:
            streams.output(value)

    try:
        calls = [make_call(rs, frame, command) for command in commands]
        if len(calls) == 1 and request.input is None:
            run_single(calls[0], send)
        else:
            run_pipeline(request.input, calls, send)
    except ScriptError as failed:
        report_terminating(rs, failed)
    except ExitScript as leaving:
        ask = getattr(rs.host, "set_should_exit", None)
        if ask is not None:
            ask(leaving.code)
    except (LoopControl, StopUpstream):
        pass
    except RecursionError:
        raise call_depth_overflow() from None
    except Exception as problem:
        ours = internal_error(problem)
        rs.add_error(ours.record)
        raise ours from problem


def report_terminating(rs: Runspace, failed: ScriptError) -> None:
    """The error that ended the pipeline: listed in $Error, then the reason of the failed state."""
    rs.add_error(failed.record)
    raise failed


def make_call(rs: Runspace, frame: Frame, command: CommandRequest) -> Call:
    args: list[Any] = [
        (name.lstrip("-").rstrip(":") if name else None, value)
        for name, value in command.parameters
        if name not in USING_PARAMETER
    ]
    sent = [value for name, value in command.parameters if name in USING_PARAMETER]
    if sent:
        rs.values["using"] = unwrap(sent[0])
    call = script_call(frame, command, args) if command.is_script else named_call(rs, frame, command, args)
    call.redirections = merges_of(command)
    return call


def merges_of(command: CommandRequest) -> tuple[Any, ...]:
    numbers = {"error": 2, "warning": 3, "verbose": 4, "debug": 5, "information": 6}
    found: list[Any] = []
    for name, target in (command.merges or {}).items():
        number = numbers.get(name.lower())
        if number is None:
            continue
        if target.lower() == "output":
            found.append(("merge", number, 1, False))
        elif target.lower() == "null":
            found.append(("file", number, None, False))
    return tuple(found)


def script_call(frame: Frame, command: CommandRequest, args: list[Any]) -> Call:
    from ..runtime.scriptblock import ScriptBlock

    block = ScriptBlock.parse(command.text, interactive=True)
    info = CommandInfo("Script", "", block, definition=command.text)
    frame.rs.top_invocation = InvocationInfo(info)
    frame.trace_name = "<ScriptBlock>"
    frame.shows_in_trace = False
    return FunctionCall(frame, info, args, None, block, "", bool(command.use_local_scope))


def named_call(rs: Runspace, frame: Frame, command: CommandRequest, args: list[Any]) -> Call:
    info = rs.find_command(command.text, frame.scope)
    place = Place(Source(command.text), Extent(0, len(command.text)))
    if info is None:
        from ..runtime.lookup import not_found

        raise not_found(command.text, place, frame)
    if info.kind == "Cmdlet":
        return CmdletCall(frame, info, args, None)
    if info.kind == "Application":
        from ..runtime.native import NativeCall

        return NativeCall(frame, info, args, None)
    from ..runtime.lookup import implementation_of

    local = True if command.use_local_scope is None else command.use_local_scope
    return FunctionCall(frame, info, args, place, implementation_of(info), info.name, local)
