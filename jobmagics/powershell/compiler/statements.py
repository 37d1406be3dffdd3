"""Statements: expressions as statements, return and exit, data sections. Loops and failures have files of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..parser import syntax as s
from ..records import ExitScript, ScriptError
from ..runtime.compiled import (
    BREAK,
    CONTINUE,
    RETURN,
    Expression,
    Flow,
    LoopControl,
    Statement,
)
from ..values.conversions import convert
from ..values.value import NOTHING, enumerate_value, is_enumerable, to_string
from .core import Context, compiles_statement, expression, statement, statements
from .expressions import is_silent, pure_expression, succeeds_by_itself, value_of

if TYPE_CHECKING:
    from ..runtime.runspace import Frame

Sink = Callable[[Any], Any]


def block_of(node: s.StatementBlockAst, c: Context) -> Statement:
    return statements(node.statements, node.traps, c)


def discard(value: Any) -> None:
    """Output that goes nowhere."""


def emit(value: Any, out: Sink) -> None:
    """A value as output: collections unrolled, nothing for NOTHING."""
    if isinstance(value, list):
        for item in value:
            out(item)
    elif value is not NOTHING:
        if is_enumerable(value):
            for item in enumerate_value(value):
                out(item)
        else:
            out(value)


def expression_statement(node: Any, c: Context) -> Statement:
    get = expression(node, c)
    if is_silent(node):

        def run_silent(frame: Frame, out: Sink) -> None:
            get(frame)
            frame.rs.ok = True

        return run_silent
    succeeds = succeeds_by_itself(node)

    def run(frame: Frame, out: Sink) -> None:
        value = get(frame)
        if succeeds:
            frame.rs.ok = True
        kind = type(value)
        if kind is str or kind is int:
            out(value)
        elif value is not NOTHING:
            emit(value, out)

    return run


def kept_statement(body: Statement) -> Statement:
    """``(command)`` or ``$(...)`` as a statement of its own: what it gave before an error ended it is not lost."""

    def run(frame: Frame, out: Sink) -> None:
        found: list[Any] = []
        try:
            flow = body(frame, found.append)
        except LoopControl as control:
            control.held = found + control.held
            raise
        except BaseException:
            for item in found:
                out(item)
            raise
        if flow is not None:
            raise LoopControl(flow, found)
        for item in found:
            emit(item, out)

    return run


def own_output(node: Any, c: Context) -> Statement | None:
    """The statements in parentheses whose output is all that the statement is; None: it is something else."""
    while isinstance(node, s.ParenExpressionAst):
        inner = pure_expression(node.pipeline)
        if inner is None:
            return None if isinstance(node.pipeline, s.AssignmentStatementAst) else statement(node.pipeline, c)
        node = inner
    if isinstance(node, s.SubExpressionAst):
        block = node.sub_expression
        if block.statements and (
            len(block.statements) > 1 or block.traps or pure_expression(block.statements[0]) is None
        ):
            return statements(block.statements, block.traps, c)
    return None


@compiles_statement(s.CommandExpressionAst)
def compile_command_expression(node: s.CommandExpressionAst, c: Context) -> Statement:
    if node.redirections:
        from .commands import redirected_expression

        return redirected_expression(node, c)
    inner = node.expression
    if isinstance(inner, s.BaseCtorInvokeMemberExpressionAst):
        from .classes import base_call

        return base_call(inner, c)
    output = own_output(inner, c)
    return expression_statement(inner, c) if output is None else kept_statement(output)


# -- leaving


def flow_statement(kind: str, plain: Flow) -> Callable[[Any, Context], Statement]:
    def compile_flow(node: Any, c: Context) -> Statement:
        if node.label is None:
            return lambda frame, out: plain
        get = expression(node.label, c)
        return lambda frame, out: Flow(kind, to_string(get(frame)).lower())

    return compile_flow


compiles_statement(s.BreakStatementAst)(flow_statement("break", BREAK))
compiles_statement(s.ContinueStatementAst)(flow_statement("continue", CONTINUE))


@compiles_statement(s.ReturnStatementAst)
def compile_return(node: s.ReturnStatementAst, c: Context) -> Statement:
    if node.pipeline is None:
        return lambda frame, out: RETURN
    if c.in_method:
        return method_return(value_of(node.pipeline, c))
    from .core import statement

    body = statement(node.pipeline, c)

    def run(frame: Frame, out: Sink) -> Any:
        body(frame, out)
        return RETURN

    return run


def method_return(get: Expression) -> Statement:
    """In a method of a class ``return`` gives the value itself; everything else it writes goes nowhere."""

    def run(frame: Frame, out: Sink) -> Any:
        frame.returned = get(frame)
        return RETURN

    return run


@compiles_statement(s.ExitStatementAst)
def compile_exit(node: s.ExitStatementAst, c: Context) -> Statement:
    get = value_of(node.pipeline, c) if node.pipeline is not None else None

    def run(frame: Frame, out: Sink) -> Any:
        code = 0
        if get is not None:
            try:
                code = int(convert(get(frame), "System.Int32"))
            except ScriptError:
                code = 0
        raise ExitScript(code)

    return run


@compiles_statement(s.StatementBlockAst)
def compile_statement_block(node: s.StatementBlockAst, c: Context) -> Statement:
    return block_of(node, c)


@compiles_statement(s.DataStatementAst)
def compile_data(node: s.DataStatementAst, c: Context) -> Statement:
    body = block_of(node.body, c)
    name = node.variable

    def run(frame: Frame, out: Sink) -> Any:
        if name is None:
            return body(frame, out)
        found: list[Any] = []
        flow = body(frame, found.append)
        from ..values.value import unroll

        frame.set_variable(name, unroll(found))
        return flow

    return run
