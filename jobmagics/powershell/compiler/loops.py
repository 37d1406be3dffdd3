"""if, the loops and switch."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..parser import syntax as s
from ..records import (
    SMA,
    NetException,
    ScriptError,
    error,
)
from ..runtime.compiled import (
    BREAK,
    CONTINUE,
    Expression,
    Flow,
    LoopControl,
    Statement,
)
from ..runtime.problems import attach
from ..runtime.scopes import Variable
from ..values import operators as ops
from ..values.utf16 import units
from ..values.value import NOTHING, enumerate_value, is_true, to_string
from .core import Context, compiles_statement, expression, statements
from .expressions import constant, pure_expression, value_of
from .operators import int_range

if TYPE_CHECKING:
    from ..runtime.runspace import Frame
from .statements import block_of, discard

Sink = Callable[[Any], Any]


# -- if


@compiles_statement(s.IfStatementAst)
def compile_if(node: s.IfStatementAst, c: Context) -> Statement:
    clauses = [(condition(test, c), block_of(body, c), c.place(test)) for test, body in node.clauses]
    otherwise = block_of(node.else_clause, c) if node.else_clause is not None else None

    def run(frame: Frame, out: Sink) -> Any:
        for test, body, place in clauses:
            try:
                holds = test(frame)
            except ScriptError as failed:
                attach(failed, frame, place)
                raise
            if holds is True or (holds is not False and is_true(holds)):
                return body(frame, out)
        return otherwise(frame, out) if otherwise is not None else None

    return run


def condition(node: Any, c: Context) -> Expression:
    """The value that is tested. Commands in it leave no trace in ``$?``."""
    get = value_of(node, c)
    if not runs_command(node):
        return get

    def test(frame: Frame) -> Any:
        value = get(frame)
        frame.rs.ok = True
        return value

    return test


def runs_command(node: s.Ast) -> bool:
    if isinstance(node, s.CommandAst):
        return True
    return not isinstance(node, s.ScriptBlockAst) and any(map(runs_command, node.children()))


# -- loops


def label_of(node: Any) -> str | None:
    return node.label.lower() if node.label else None


def ours(flow: Flow, label: str | None) -> bool:
    return flow.label is None or flow.label == label


def after_body(flow: Flow, label: str | None) -> Flow | None:
    """What a loop does when its body was left early: None to go on, BREAK to end, or the flow that leaves it too."""
    if flow is BREAK or flow.kind == "return":
        return flow
    if flow is CONTINUE or (flow.kind == "continue" and ours(flow, label)):
        return None
    return BREAK if ours(flow, label) else flow


def placed_test(node: Any, c: Context) -> Expression:
    """A loop's condition as it is: the loop itself takes True and False as they come and asks ``is_true`` of others."""
    test = condition(node, c)
    place = c.place(node)

    def run(frame: Frame) -> Any:
        try:
            return test(frame)
        except ScriptError as failed:
            attach(failed, frame, place)
            raise

    return run


@compiles_statement(s.ForStatementAst)
def compile_for(node: s.ForStatementAst, c: Context) -> Statement:
    label = label_of(node)
    initial = statements([node.initializer], [], c) if node.initializer is not None else None
    test = placed_test(node.condition, c) if node.condition is not None else constant(True)
    step = statements([node.iterator], [], c) if node.iterator is not None else None
    body = block_of(node.body, c)

    def run(frame: Frame, out: Sink) -> Any:
        rs = frame.rs
        if initial is not None:
            initial(frame, discard)
        while (holds := test(frame)) is True or (holds is not False and is_true(holds)):
            try:
                flow = body(frame, out)
            except LoopControl as control:
                flow = control.release(out)
            if flow is not None:
                flow = after_body(flow, label)
                if flow is not None:
                    return None if flow is BREAK else flow
            if rs.attention:
                rs.attend()
            if step is not None:
                step(frame, discard)
        return None

    return run


@compiles_statement(s.WhileStatementAst)
def compile_while(node: s.WhileStatementAst, c: Context) -> Statement:
    label = label_of(node)
    test = placed_test(node.condition, c)
    body = block_of(node.body, c)

    def run(frame: Frame, out: Sink) -> Any:
        rs = frame.rs
        while (holds := test(frame)) is True or (holds is not False and is_true(holds)):
            try:
                flow = body(frame, out)
            except LoopControl as control:
                flow = control.release(out)
            if flow is not None:
                flow = after_body(flow, label)
                if flow is not None:
                    return None if flow is BREAK else flow
            if rs.attention:
                rs.attend()
        return None

    return run


@compiles_statement(s.DoWhileStatementAst, s.DoUntilStatementAst)
def compile_do(node: Any, c: Context) -> Statement:
    label = label_of(node)
    test = placed_test(node.condition, c)
    body = block_of(node.body, c)
    until = isinstance(node, s.DoUntilStatementAst)

    def run(frame: Frame, out: Sink) -> Any:
        rs = frame.rs
        while True:
            try:
                flow = body(frame, out)
            except LoopControl as control:
                flow = control.release(out)
            if flow is not None:
                flow = after_body(flow, label)
                if flow is not None:
                    return None if flow is BREAK else flow
            if rs.attention:
                rs.attend()
            if is_true(test(frame)) is until:
                return None

    return run


@compiles_statement(s.ForEachStatementAst)
def compile_foreach(node: s.ForEachStatementAst, c: Context) -> Statement:
    name = node.variable.path.rpartition(":")[2]
    key = name.lower()
    items = loop_items(node.condition, c)
    label = label_of(node)
    body = block_of(node.body, c)
    uses_enumerator = "$foreach" in c.source.extent_text(node.extent).lower()
    place = c.place(node.condition) if node.condition is not None else c.place(node)

    def run(frame: Frame, out: Sink) -> Any:
        rs = frame.rs
        try:
            values = items(frame)
        except ScriptError as failed:
            attach(failed, frame, place)
            raise
        if uses_enumerator:
            values = with_enumerator(frame, list(values), "foreach")
        scope = frame.scope
        variables = scope.vars
        for value in values:
            found = variables.get(key)
            if found is not None and found.check is None:
                found.value = value
            else:
                scope.set(key, name, value)
            try:
                flow = body(frame, out)
            except LoopControl as control:
                flow = control.release(out)
            if flow is not None:
                flow = after_body(flow, label)
                if flow is not None:
                    return None if flow is BREAK else flow
            if rs.attention:
                rs.attend()
        return None

    return run


def with_enumerator(frame: Frame, values: list[Any], name: str) -> Any:
    """$foreach and $switch: the statement's own enumerator, which its body may move on."""
    from ..runtime.invocation import InputEnumerator

    enumerator = InputEnumerator(values)
    frame.scope.set(name, name, enumerator)
    while enumerator.MoveNext():
        yield enumerator.items[enumerator.at]


def loop_items(node: Any, c: Context) -> Callable[[Any], Any]:
    """What foreach goes over; a range is counted, not made."""
    only = pure_expression(node)
    while isinstance(only, s.ParenExpressionAst):
        only = pure_expression(only.pipeline)
    if isinstance(only, s.BinaryExpressionAst) and only.operator == "..":
        first, last = expression(only.left, c), expression(only.right, c)

        def count(frame: Frame) -> Any:
            a, b = first(frame), last(frame)
            if type(a) is int and type(b) is int:
                return int_range(a, b)
            from .operators import range_list

            return range_list(a, b)

        return count
    get = value_of(node, c)

    def values(frame: Frame) -> Any:
        value = get(frame)
        if value is None:
            return ()
        if type(value) is list:
            return value
        return watched(enumerate_value(value))

    return values


def watched(values: Any) -> Any:
    """A collection of .NET's must not change while it is enumerated (arrays may)."""
    try:
        yield from values
    except RuntimeError as problem:
        if "changed size" not in str(problem):
            raise
        raise error(
            "Collection was modified; enumeration operation may not execute.",
            "RuntimeException",
            "NotSpecified",
            inner=NetException(str(problem), net_type="System.InvalidOperationException"),
        ) from None


# -- switch


@compiles_statement(s.SwitchStatementAst)
def compile_switch(node: s.SwitchStatementAst, c: Context) -> Statement:
    flags = set(node.flags)
    ignore_case = "casesensitive" not in flags
    items = switch_items(node, c, flags)
    clauses = [(clause_test(test, c, flags, ignore_case), block_of(body, c)) for test, body in node.clauses]
    default = block_of(node.default, c) if node.default is not None else None
    label = label_of(node)
    uses_enumerator = "$switch" in c.source.extent_text(node.extent).lower()

    def run_clauses(frame: Frame, out: Sink, value: Any) -> Any:
        matched = False
        for test, body in clauses:
            if not test(frame, value):
                continue
            matched = True
            try:
                flow = body(frame, out)
            except LoopControl as control:
                flow = control.release(out)
            if flow is not None:
                return flow
        if not matched and default is not None:
            return default(frame, out)
        return None

    def run(frame: Frame, out: Sink) -> Any:
        variables = frame.scope.vars
        values = items(frame)
        if uses_enumerator:
            values = with_enumerator(frame, list(values), "switch")
        held = variables.get("_")
        mine = variables["_"] = Variable("_")
        try:
            for value in values:
                mine.value = value
                flow = run_clauses(frame, out, value)
                if flow is None:
                    continue
                if flow.kind == "return" or not ours(flow, label):
                    return flow
                if flow.kind == "break":
                    return None
        finally:
            if held is None:
                variables.pop("_", None)
            else:
                variables["_"] = held
        return None

    return run


def switch_items(node: s.SwitchStatementAst, c: Context, flags: set[str]) -> Callable[[Any], Any]:
    get = value_of(node.condition, c)
    if "file" in flags:

        def lines(frame: Frame) -> Any:
            path = frame.rs.resolve_path(to_string(get(frame)))
            try:
                with open(path, encoding="utf-8", errors="replace") as file:
                    return units(file.read()).splitlines()
            except OSError:
                from ..records import error

                raise error(
                    f"Could not find file '{path}'.",
                    "FileOpenFailure",
                    "NotSpecified",
                    net_type=SMA + "RuntimeException",
                ) from None

        return lines

    def values(frame: Frame) -> Any:
        value = get(frame)
        if value is NOTHING:
            return ()
        return enumerate_value(value) if value is not None else (None,)

    return values


def clause_test(node: Any, c: Context, flags: set[str], ignore_case: bool) -> Callable[[Any, Any], bool]:
    if isinstance(node, s.ScriptBlockExpressionAst):
        get_block = expression(node, c)

        def by_block(frame: Frame, value: Any) -> bool:
            found: list[Any] = []
            get_block(frame).run(frame, found.append, under=value, local=False)
            return is_true(found[0] if len(found) == 1 else found)

        return by_block
    get = expression(node, c)
    if "regex" in flags or "wildcard" in flags:
        from ..values import text_operators

        work = text_operators.match if "regex" in flags else text_operators.like

        def by_pattern(frame: Frame, value: Any) -> bool:
            wanted = get(frame)
            if work is text_operators.match:
                text_operators.checked_pattern(wanted, ignore_case)
            return bool(work(frame, to_string(value), wanted, ignore_case, True))

        return by_pattern

    def by_value(frame: Frame, value: Any) -> bool:
        wanted = get(frame)
        if type(wanted).__name__ == "ScriptBlock":
            found: list[Any] = []
            wanted.run(frame, found.append, under=value, local=False)
            return is_true(found[0] if len(found) == 1 else found)
        if isinstance(wanted, str) and not isinstance(value, str):
            value = to_string(value)
        return ops.equals(value, wanted, ignore_case)

    return by_value
