"""Commands and pipelines: which command a name means, its arguments, splatting and redirection."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..binding.parameters import CommandInfo
from ..parser import syntax as s
from ..parser.constants import pure_expression
from ..records import ScriptError, error
from ..runtime.calls import Call, CmdletCall
from ..runtime.compiled import Statement
from ..runtime.invocation import FunctionCall, ScriptFileCall
from ..runtime.pipeline import run_pipeline, run_single
from ..runtime.plain_calls import call_plainly, in_order, plan_of
from ..runtime.problems import Place, attach
from ..runtime.scriptblock import ScriptBlock
from ..values.value import enumerate_value, to_string, unwrap
from .arguments import Arguments, Word, as_written, compile_arguments, plain_words
from .core import Context, compiles_statement, expression, refuse, statement
from .expressions import is_silent, split_path
from .operators import int_range
from .statements import expression_statement

if TYPE_CHECKING:
    from ..runtime.runspace import Frame
    from ..runtime.scopes import Scope

Sink = Callable[[Any], Any]
Prepare = Callable[["Frame"], Call]


@compiles_statement(s.PipelineAst)
def compile_pipeline(node: s.PipelineAst, c: Context) -> Statement:
    if node.background:
        return background(node, c)
    elements = node.elements
    first = elements[0]
    if len(elements) == 1:
        if isinstance(first, s.CommandAst):
            return single_command(first, c)
        return statement(first, c)
    calls = [prepare_command(one, c) for one in elements[1:] if isinstance(one, s.CommandAst)]
    if len(calls) != len(elements) - 1:
        return refuse(elements[-1], c)  # type: ignore[no-any-return]
    if isinstance(first, s.CommandAst):
        return command_pipeline([prepare_command(first, c), *calls])
    return expression_pipeline(first, calls, c)


def background(node: s.PipelineAst | s.PipelineChainAst, c: Context) -> Statement:
    """``command &``: a job of its own process."""
    variables = [one for one in descendants(node) if isinstance(one, s.VariableExpressionAst)]
    end = node.right.extent.end if isinstance(node, s.PipelineChainAst) else node.elements[-1].extent.end
    text, start = c.source.text[node.extent.start : end], node.extent.start

    def run(frame: Frame, out: Sink) -> None:
        from ..jobs.background import start_background

        places = [(one.extent.start - start, one.extent.end - start, one.path) for one in variables]
        out(start_background(frame, text, places))

    return run


def descendants(node: s.Ast) -> list[s.Ast]:
    found: list[s.Ast] = []
    for child in node.children():
        found += [child, *descendants(child)]
    return found


def single_command(node: s.CommandAst, c: Context) -> Statement:
    prepare = prepare_command(node, c)
    place = c.command_place(node)
    words = None if called_like_method(node) else plain_words(node, c)
    if words is not None and is_plain_name(node.elements[0]):
        return plain_command(node, words, prepare, place)
    if words is not None and node.invocation == "&":
        return plain_block(node, words, place, c)

    def run(frame: Frame, out: Sink) -> None:
        rs = frame.rs
        try:
            if rs.attention:
                rs.attend()
            call = prepare(frame)
            rs.ok = True
            run_single(call, out)
        except ScriptError as failed:
            attach(failed, frame, place)
            raise

    return run


def plain_command(node: Any, words: list[Word], prepare: Prepare, place: Place) -> Statement:
    key = to_string(node.elements[0].value).lower()
    getters = [word.get for word in words]
    names = [word.name and word.name.lower() for word in words]
    any_names = any(names)

    def run(frame: Frame, out: Sink) -> None:
        rs = frame.rs
        try:
            if rs.attention:
                rs.attend()
            at: Scope | None = frame.scope
            info: CommandInfo | None = None
            while at is not None:
                if at.functions is not None:
                    info = at.functions.get(key)
                    if info is not None:
                        break
                at = at.parent
            if info is None or key in frame.scope.alias_names:  # an alias goes before a function of its name
                call = prepare(frame)
            else:
                block = info.implementation
                plan = plan_of(block.compiled) if block.closure is None else None
                values = [get(frame) for get in getters]
                rs.ok = True
                if plan is not None:
                    given = in_order(plan, names, values) if any_names else values
                    if given is not None and call_plainly(frame, info, block, plan, given, place, out):
                        rs.ok = True
                        return
                call = FunctionCall(frame, info, as_written(words, values), place, block, info.name)
            rs.ok = True
            run_single(call, out)
        except ScriptError as failed:
            attach(failed, frame, place)
            raise

    return run


def plain_block(node: s.CommandAst, words: list[Word], place: Place, c: Context) -> Statement:
    """``& $block arguments``"""
    get_value = expression(node.elements[0], c)
    arguments = compile_arguments(node.elements[1:], c)
    names = [word.name and word.name.lower() for word in words]
    any_names = any(names)

    def run(frame: Frame, out: Sink) -> None:
        rs = frame.rs
        try:
            if rs.attention:
                rs.attend()
            block = get_value(frame)
            plan = plan_of(block.compiled) if type(block) is ScriptBlock and block.closure is None else None
            if plan is None:
                call = call_of_value(block, "&", frame, arguments, place, False)
            else:
                values = [word.get(frame) for word in words]
                rs.ok = True
                given = in_order(plan, names, values) if any_names else values
                if given is not None and call_plainly(frame, None, block, plan, given, place, out):
                    rs.ok = True
                    return
                call = call_of_block(block, frame, as_written(words, values), place, False)
            rs.ok = True
            run_single(call, out)
        except ScriptError as failed:
            attach(failed, frame, place)
            raise

    return run


def command_pipeline(prepares: list[Prepare]) -> Statement:
    def run(frame: Frame, out: Sink) -> None:
        if frame.rs.attention:
            frame.rs.attend()
        calls = [prepare(frame) for prepare in prepares]
        frame.rs.ok = True
        run_pipeline(None, calls, out)

    return run


def expression_pipeline(first: Any, prepares: list[Prepare], c: Context) -> Statement:
    head = pipeline_head(first, c)

    def run(frame: Frame, out: Sink) -> None:
        if frame.rs.attention:
            frame.rs.attend()
        values = head(frame)
        calls = [prepare(frame) for prepare in prepares]
        frame.rs.ok = True
        run_pipeline(stoppable(frame, values), calls, out)

    return run


def stoppable(frame: Frame, values: Any) -> Any:
    """The same values; stopping is noticed between them."""
    rs = frame.rs
    for value in values:
        if rs.attention:
            rs.attend()
        yield value


def pipeline_head(node: Any, c: Context) -> Callable[[Any], Any]:
    """The values that an expression at the head of a pipeline sends; a range is counted, not made."""
    inner = node.expression
    if node.redirections:
        body = redirected_expression(node, c)

        def collect(frame: Frame) -> Any:
            found: list[Any] = []
            body(frame, found.append)
            return found

        return collect
    if isinstance(inner, s.BinaryExpressionAst) and inner.operator == "..":
        first, last = expression(inner.left, c), expression(inner.right, c)

        def count(frame: Frame) -> Any:
            a, b = first(frame), last(frame)
            if type(a) is int and type(b) is int:
                return int_range(a, b)
            from .operators import range_list

            return range_list(a, b)

        return count
    get = expression(inner, c)
    if is_silent(inner):

        def nothing(frame: Frame) -> Any:
            get(frame)
            return ()

        return nothing

    def values(frame: Frame) -> Any:
        value = get(frame)
        return list(value) if isinstance(value, list) else enumerate_value(value)

    return values


@compiles_statement(s.PipelineChainAst)
def compile_chain(node: s.PipelineChainAst, c: Context) -> Statement:
    if node.background:
        return background(node, c)
    left, right = statement(node.left, c), statement(node.right, c)
    wanted = node.operator == "&&"
    place = c.place(node.left)

    def run(frame: Frame, out: Sink) -> Any:
        try:
            flow = left(frame, out)
        except ScriptError as failed:
            frame.fail(failed, place)
            flow = None
        if flow is not None:
            return flow
        if frame.rs.ok is wanted:
            return right(frame, out)
        return None

    return run


def redirected_expression(node: s.CommandExpressionAst, c: Context) -> Statement:
    body = expression_statement(node.expression, c)
    redirections = compile_redirections(node, c)
    place = c.place(node)

    def run(frame: Frame, out: Sink) -> None:
        call = Call(frame, CommandInfo("Script", ""), [], place)
        call.redirections = redirections
        call.write = out
        held = frame.streams
        frame.streams = call.streams()
        try:
            try:
                body(frame, call.write)
            except ScriptError as failed:
                frame.fail(failed, place)
        finally:
            frame.streams = held
            call.close()

    return run


# -- one command


def called_like_method(node: s.CommandAst) -> bool:
    """``Add-Numbers(1, 2)``: one argument, an array, where a method has its parentheses."""
    if len(node.elements) != 2 or node.elements[0].extent.end != node.elements[1].extent.start:
        return False
    only = node.elements[1]
    inner = pure_expression(only.pipeline) if isinstance(only, s.ParenExpressionAst) else None
    return isinstance(inner, s.ArrayLiteralAst)


def refused_when_strict(arguments: Callable[[Frame], Arguments]) -> Callable[[Frame], Arguments]:
    def checked(frame: Frame) -> Arguments:
        if frame.scope.strict >= 2:
            raise error(
                "The function or command was called as if it were a method. Parameters should be separated by spaces. "
                "For information about parameters, see the about_Parameters Help topic.",
                "StrictModeFunctionCallWithParens",
                "InvalidOperation",
            )
        return arguments(frame)

    return checked


def prepare_command(node: s.CommandAst, c: Context) -> Prepare:
    arguments = compile_arguments(node.elements[1:], c)
    if called_like_method(node):
        arguments = refused_when_strict(arguments)
    place = c.command_place(node)
    redirections = compile_redirections(node, c)
    name_node: Any = node.elements[0]
    make = (
        dynamic_name(node, name_node, c)
        if not is_plain_name(name_node)
        else fixed_name(node, to_string(name_node.value))
    )

    asked = help_for(node, c)

    def prepare(frame: Frame) -> Call:
        call = asked(frame) if asked is not None else None
        if call is None:
            call = make(frame, arguments, place)
        if redirections:
            call.redirections = redirections
        return call

    return prepare


def help_for(node: s.CommandAst, c: Context) -> Callable[[Frame], Call | None] | None:
    """``NAME -?``: the call of Get-Help instead, unless the name is a program's."""
    name = node.elements[0]
    if not any(isinstance(one, s.CommandParameterAst) and one.name == "?" for one in node.elements):
        return None
    if not isinstance(name, s.StringConstantExpressionAst):
        return None
    words: list[s.CommandElementAst] = [s.StringConstantExpressionAst(name.extent, "Get-Help", "BareWord"), name]
    tell = prepare_command(s.CommandAst(node.extent, [], words), c)

    def ask(frame: Frame) -> Call | None:
        info = frame.rs.find_command(to_string(name.value), frame.scope)
        return tell(frame) if info is not None and info.kind != "Application" else None

    return ask


def is_plain_name(node: Any) -> bool:
    return isinstance(node, s.StringConstantExpressionAst)


Maker = Callable[["Frame", Callable[["Frame"], Arguments], Place], Call]


def fixed_name(node: s.CommandAst, name: str) -> Maker:
    key = name.lower()
    dotted = node.invocation == "."

    def make(frame: Frame, arguments: Callable[[Frame], Arguments], place: Place) -> Call:
        info = frame.scope.find_function(key) if frame.scope.find_alias(key) is None else None
        if info is not None:
            return FunctionCall(frame, info, arguments(frame), place, info.implementation, info.name, not dotted)
        info = frame.rs.find_command(name, frame.scope)
        return call_of(info, name, frame, arguments, place, dotted)

    return make


def dynamic_name(node: s.CommandAst, name_node: Any, c: Context) -> Maker:
    get = expression(name_node, c)
    dotted = node.invocation == "."

    def make(frame: Frame, arguments: Callable[[Frame], Arguments], place: Place) -> Call:
        return call_of_value(get(frame), node.invocation, frame, arguments, place, dotted)

    return make


def call_of_block(block: ScriptBlock, frame: Frame, arguments: Arguments, place: Place, dotted: bool) -> Call:
    info = CommandInfo("Script", "", block, definition=block.text)
    return FunctionCall(frame, info, arguments, place, block, "", not dotted)


def call_in_module(
    module: Any, invocation: str, frame: Frame, arguments: Arguments, place: Place, dotted: bool
) -> Call:
    """``& $module { ... }``: the first argument is run as from inside the module."""
    from ..runtime.runspace import Frame

    inside = Frame(frame.rs, module.module_scope, frame.streams, frame)
    block = unwrap(arguments[0][1]) if arguments else None
    rest = arguments[1:]
    if isinstance(block, ScriptBlock):
        return call_of_block(block.with_scope(module.module_scope), inside, rest, place, dotted)
    return call_of_value(block, invocation, inside, lambda at: rest, place, dotted)


def call_of_value(
    value: Any,
    invocation: str,
    frame: Frame,
    arguments: Callable[[Frame], Arguments],
    place: Place,
    dotted: bool,
) -> Call:
    """What ``&`` and ``.`` run: a block, a command or the command of that name."""
    value = unwrap(value)
    if isinstance(value, list) and len(value) == 1:
        value = unwrap(value[0])
    if isinstance(value, ScriptBlock):
        return call_of_block(value, frame, arguments(frame), place, dotted)
    if isinstance(value, CommandInfo):
        return call_of(value, value.name, frame, arguments, place, dotted)
    if getattr(value, "module_scope", None) is not None:
        return call_in_module(value, invocation, frame, arguments(frame), place, dotted)
    if value is None or value == "":
        from ..records import SMA, error

        raise error(
            f"The expression after '{invocation}' in a pipeline element produced an object that was not "
            f"valid. It must result "
            "in a command name, a script block, or a CommandInfo object.",
            "BadExpression",
            "InvalidOperation",
            target=value,
            net_type=SMA + "RuntimeException",
        )
    name = to_string(value)
    info = frame.rs.find_command(name, frame.scope)
    return call_of(info, name, frame, arguments, place, dotted)


def call_of(
    info: CommandInfo | None,
    name: str,
    frame: Frame,
    arguments: Callable[[Frame], Arguments],
    place: Place,
    dotted: bool,
) -> Call:
    if info is None:
        from ..runtime.lookup import not_found

        raise not_found(name, place, frame)
    while info.kind == "Alias" and info.target is not None:
        info = info.target
    if info.kind == "Cmdlet":
        return CmdletCall(frame, info, arguments(frame), place)
    if info.kind in ("Function", "Filter", "Script", "ExternalScript"):
        from ..runtime.lookup import implementation_of

        kind = ScriptFileCall if info.kind == "ExternalScript" else FunctionCall
        call = kind(frame, info, arguments(frame), place, implementation_of(info), info.name, not dotted)
        call.called_as = name
        return call
    from ..runtime.native import NativeCall

    return NativeCall(frame, info, arguments(frame), place)


# -- redirections


def compile_redirections(node: Any, c: Context) -> tuple[Any, ...]:
    found: list[Any] = []
    for one in node.redirections:
        if isinstance(one, s.MergingRedirectionAst):
            found.append(("merge", one.stream, one.to_stream, False))
            continue
        location = one.location
        is_null = isinstance(location, s.VariableExpressionAst) and split_path(location.path)[1].lower() == "null"
        target = None if is_null else expression(location, c)
        found.append(("file", one.stream, target, one.append))
    return tuple(found)


@compiles_statement(s.CommandAst)
def compile_command(node: s.CommandAst, c: Context) -> Statement:
    return single_command(node, c)
