"""throw, try and trap."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..parser import syntax as s
from ..records import (
    SMA,
    ErrorRecord,
    NetException,
    ScriptError,
)
from ..runtime.compiled import BREAK, Statement
from ..runtime.problems import Place, attach, internal_error
from ..runtime.scopes import Variable
from ..values.value import to_string
from .core import Context, compiles_statement
from .expressions import type_getter, value_of

if TYPE_CHECKING:
    from ..runtime.runspace import Frame
from .statements import block_of, discard

Sink = Callable[[Any], Any]


@compiles_statement(s.ThrowStatementAst)
def compile_throw(node: s.ThrowStatementAst, c: Context) -> Statement:
    get = value_of(node.pipeline, c) if node.pipeline is not None else None
    place = c.place(node)

    def run(frame: Frame, out: Sink) -> Any:
        if get is None:
            current = frame.scope.find("_")
            value = current.value if current is not None else None
            if isinstance(value, ErrorRecord):
                raise ScriptError(value, script_wide=True)
            value = "ScriptHalted"
        else:
            value = get(frame)
        raise thrown(value, frame, place)

    return run


def thrown(value: Any, frame: Frame, place: Place) -> ScriptError:
    from ..values.value import unwrap

    plain = unwrap(value)
    if isinstance(plain, ErrorRecord):
        record = plain
        record.exception.extra["WasThrownFromThrowStatement"] = True
        failed = ScriptError(record, script_wide=True)
        if record.invocation is None:
            record.invocation = place.invocation()
        return failed
    if isinstance(plain, NetException):
        held = plain.error_record
        record = ErrorRecord(plain, held.error_id if held is not None else plain.message, "OperationStopped")
        if held is not None:
            record.category, record.target, record.command_id = held.category, held.target, held.command_id
        elif not plain.net_type.startswith(SMA):
            record.category = "OperationStopped"
    else:
        text = to_string(plain) if not isinstance(plain, list) else to_string(plain, frame.output_separator())
        exception = NetException(text, net_type=SMA + "RuntimeException")
        record = ErrorRecord(exception, text, "OperationStopped", plain)
    record.exception.extra["WasThrownFromThrowStatement"] = True
    record.invocation = place.invocation()
    return ScriptError(record, script_wide=True)


@compiles_statement(s.TryStatementAst)
def compile_try(node: s.TryStatementAst, c: Context) -> Statement:
    body = block_of(node.body, c)
    catches = [compile_catch(clause, c) for clause in node.catch_clauses]
    finish = block_of(node.finally_block, c) if node.finally_block is not None else None

    def guarded(frame: Frame, out: Sink) -> Any:
        rs = frame.rs
        held = rs.guarded
        held_frame, depth = rs.frame, rs.depth
        rs.guarded = held + 1
        try:
            return body(frame, out)
        except ScriptError as failed:
            rs.frame, rs.depth = held_frame, depth
            rs.guarded = held
            rs.ok = False
            for matches, handler in catches:
                if matches(frame, failed.record.exception):
                    rs.add_error(failed.record)
                    frame.streams.collect("error", failed.record)
                    return caught(handler, frame, out, failed)
            rs.add_error(failed.record)
            raise
        finally:
            rs.guarded = held

    run = guarded if catches else body_guarded(body)
    return run if finish is None else with_finally(run, finish)


def body_guarded(body: Statement) -> Statement:
    def run(frame: Frame, out: Sink) -> Any:
        rs = frame.rs
        held = rs.guarded
        rs.guarded = held + 1
        try:
            return body(frame, out)
        except ScriptError as failed:
            rs.add_error(failed.record)
            raise
        finally:
            rs.guarded = held

    return run


def with_finally(run: Statement, finish: Statement) -> Statement:
    def run_both(frame: Frame, out: Sink) -> Any:
        rs = frame.rs
        try:
            flow = run(frame, out)
        except BaseException:
            held, rs.stopping = rs.stopping, False
            rs.stop_event.clear()
            try:
                left = finish(frame, discard if held else out)
            finally:
                rs.stopping = held or rs.stopping
                if rs.stopping:
                    rs.stop_event.set()
            if left is not None:
                return left
            raise
        left = finish(frame, out)
        return flow if left is None else left

    return run_both


def compile_catch(clause: s.CatchClauseAst, c: Context) -> tuple[Callable[[Any, Any], bool], Statement]:
    body = block_of(clause.body, c)
    return exception_test([kind.type_name for kind in clause.catch_types], c), body


def exception_test(names: list[s.TypeName], c: Context) -> Callable[[Any, NetException], bool]:
    if not names:
        return lambda frame, exception: True
    kinds = [type_getter(name, c) for name in names]

    def test(frame: Frame, exception: NetException) -> bool:
        from ..values.types import type_of

        for kind in kinds:
            wanted = kind(frame)
            if wanted.is_assignable_from(type_of(exception)):
                return True
            # an error that wraps a .NET exception is caught by that exception's type
            inner = exception.inner
            if inner is not None and exception.net_type.startswith(SMA) and wanted.is_assignable_from(type_of(inner)):
                return True
        return False

    return test


def caught(handler: Statement, frame: Frame, out: Sink, failed: ScriptError) -> Any:
    variables = frame.scope.vars
    held = variables.get("_")
    variables["_"] = Variable("_", failed.record)
    try:
        return handler(frame, out)
    finally:
        if held is None:
            variables.pop("_", None)
        else:
            variables["_"] = held


@compiles_statement(s.TrapStatementAst)
def compile_trap(node: s.TrapStatementAst, c: Context) -> Statement:
    return lambda frame, out: None


def with_traps(steps: list[tuple[Statement, Place]], traps: list[s.TrapStatementAst], c: Context) -> Statement:
    handlers = [
        (exception_test([trap.trap_type.type_name] if trap.trap_type is not None else [], c), block_of(trap.body, c))
        for trap in traps
    ]

    def handle(frame: Frame, out: Sink, failed: ScriptError, place: Place, held: int) -> Any:
        attach(failed, frame, place)
        rs = frame.rs
        rs.guarded = held
        for matches, handler in handlers:
            if not matches(frame, failed.record.exception):
                continue
            from ..runtime.scopes import Scope

            outer = frame.scope
            frame.scope = Scope(outer)
            try:
                flow = caught(handler, frame, out, failed)
            finally:
                frame.scope = outer
            if flow is BREAK:
                raise failed
            if flow is None:
                rs.add_error(failed.record)
                frame.emit_error(failed.record)
            else:
                rs.add_error(failed.record)
            rs.ok = False
            return flow if flow is not None and flow.kind == "return" else None
        frame.fail(failed, place)
        return None

    def run(frame: Frame, out: Sink) -> Any:
        rs = frame.rs
        held = rs.guarded
        for step, place in steps:
            rs.guarded = held + 1
            try:
                flow = step(frame, out)
            except ScriptError as failed:
                flow = handle(frame, out, failed, place, held)
            except RecursionError:
                raise
            except Exception as problem:  # noqa: BLE001 - a bug of ours must not end the session
                flow = handle(frame, out, internal_error(problem), place, held)
            finally:
                rs.guarded = held
            if flow is not None:
                return flow
        return None

    return run
