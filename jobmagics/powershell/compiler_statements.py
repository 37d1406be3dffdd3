"""Statements: expressions as statements, if, loops, switch, try, trap, throw, return and exit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import operators as ops
from . import syntax as s
from .compiled import BREAK, CONTINUE, RETURN, Expression, Flow, LoopControl, Statement
from .compiler import Context, compiles_statement, expression, statements
from .compiler_expressions import is_silent, pure_expression, type_getter, value_of
from .compiler_operators import int_range, truth
from .conversions import convert
from .problems import Place, attach, internal_error
from .records import SMA, ErrorRecord, ExitScript, NetException, ScriptError, error
from .scopes import Variable
from .values import NOTHING, enumerate_value, is_enumerable, is_true, to_string

if TYPE_CHECKING:
    from .runtime import Frame

Sink = Callable[[Any], Any]


def block_of(node: s.StatementBlockAst, c: Context) -> Statement:
    return statements(node.statements, node.traps, c)


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

    def run(frame: Frame, out: Sink) -> None:
        value = get(frame)
        frame.rs.ok = True
        kind = type(value)
        if kind is str or kind is int:
            out(value)
        elif value is not NOTHING:
            emit(value, out)

    return run


@compiles_statement(s.CommandExpressionAst)
def compile_command_expression(node: s.CommandExpressionAst, c: Context) -> Statement:
    if node.redirections:
        from .compiler_commands import redirected_expression

        return redirected_expression(node, c)
    inner = node.expression
    if isinstance(inner, s.BaseCtorInvokeMemberExpressionAst):
        from .compiler_classes import base_call

        return base_call(inner, c)
    return expression_statement(inner, c)


# -- if


@compiles_statement(s.IfStatementAst)
def compile_if(node: s.IfStatementAst, c: Context) -> Statement:
    clauses = [(truth(value_of(test, c)), block_of(body, c), c.place(test)) for test, body in node.clauses]
    otherwise = block_of(node.else_clause, c) if node.else_clause is not None else None

    def run(frame: Frame, out: Sink) -> Any:
        for test, body, place in clauses:
            try:
                holds = test(frame)
            except ScriptError as failed:
                attach(failed, frame, place)
                raise
            if holds:
                return body(frame, out)
        return otherwise(frame, out) if otherwise is not None else None

    return run


# -- loops


def label_of(node: Any) -> str | None:
    return node.label.lower() if node.label else None


def ours(flow: Flow, label: str | None) -> bool:
    return flow.label is None or flow.label == label


def looped(body: Statement, label: str | None) -> Statement:
    """A loop's body: gives None to go on, BREAK to end the loop, or the flow that leaves it too."""

    def run(frame: Frame, out: Sink) -> Any:
        try:
            flow = body(frame, out)
        except LoopControl as control:
            flow = control.flow
        if flow is None:
            return None
        if flow is BREAK or flow.kind == "return":
            return flow
        if flow is CONTINUE or (flow.kind == "continue" and ours(flow, label)):
            return None
        return BREAK if ours(flow, label) else flow

    return run


def placed_test(node: Any, c: Context) -> Expression:
    test = truth(value_of(node, c))
    place = c.place(node)

    def run(frame: Frame) -> bool:
        try:
            return bool(test(frame))
        except ScriptError as failed:
            attach(failed, frame, place)
            raise

    return run


@compiles_statement(s.ForStatementAst)
def compile_for(node: s.ForStatementAst, c: Context) -> Statement:
    label = label_of(node)
    initial = statements([node.initializer], [], c) if node.initializer is not None else None
    test = placed_test(node.condition, c) if node.condition is not None else None
    step = statements([node.iterator], [], c) if node.iterator is not None else None
    body = looped(block_of(node.body, c), label)

    def run(frame: Frame, out: Sink) -> Any:
        rs = frame.rs
        if initial is not None:
            initial(frame, discard)
        while test is None or test(frame):
            flow = body(frame, out)
            if flow is not None:
                return None if flow is BREAK else flow
            if rs.stopping:
                rs.raise_stopped()
            if step is not None:
                step(frame, discard)
        return None

    return run


def discard(value: Any) -> None:
    """Output that goes nowhere."""


@compiles_statement(s.WhileStatementAst)
def compile_while(node: s.WhileStatementAst, c: Context) -> Statement:
    test = placed_test(node.condition, c)
    body = looped(block_of(node.body, c), label_of(node))

    def run(frame: Frame, out: Sink) -> Any:
        rs = frame.rs
        while test(frame):
            flow = body(frame, out)
            if flow is not None:
                return None if flow is BREAK else flow
            if rs.stopping:
                rs.raise_stopped()
        return None

    return run


@compiles_statement(s.DoWhileStatementAst, s.DoUntilStatementAst)
def compile_do(node: Any, c: Context) -> Statement:
    test = placed_test(node.condition, c)
    body = looped(block_of(node.body, c), label_of(node))
    until = isinstance(node, s.DoUntilStatementAst)

    def run(frame: Frame, out: Sink) -> Any:
        rs = frame.rs
        while True:
            flow = body(frame, out)
            if flow is not None:
                return None if flow is BREAK else flow
            if rs.stopping:
                rs.raise_stopped()
            if test(frame) is until:
                return None

    return run


@compiles_statement(s.ForEachStatementAst)
def compile_foreach(node: s.ForEachStatementAst, c: Context) -> Statement:
    name = node.variable.path.rpartition(":")[2]
    key = name.lower()
    items = loop_items(node.condition, c)
    body = looped(block_of(node.body, c), label_of(node))
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
            flow = body(frame, out)
            if flow is not None:
                return None if flow is BREAK else flow
            if rs.stopping:
                rs.raise_stopped()
        return None

    return run


def with_enumerator(frame: Frame, values: list[Any], name: str) -> Any:
    """$foreach and $switch: the statement's own enumerator, which its body may move on."""
    from .invocation import InputEnumerator

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
            from .compiler_operators import range_list

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
                flow = control.flow
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
                    return file.read().splitlines()
            except OSError:
                from .records import error

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
        from . import text_operators

        work = text_operators.match if "regex" in flags else text_operators.like

        def by_pattern(frame: Frame, value: Any) -> bool:
            return bool(work(frame, to_string(value), get(frame), ignore_case, True))

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
    from .compiler import statement

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


# -- throw, try, trap


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
    from .values import unwrap

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
        from .types import type_of

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
            from .scopes import Scope

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
        from .values import unroll

        frame.set_variable(name, unroll(found))
        return flow

    return run
