"""From the syntax tree to Python closures, once for each script block.

Every expression becomes ``f(frame) -> value``, every statement ``f(frame, out)`` (runtime/compiled.py). What a node
means is decided here and in the other modules of this room (expressions, operators, assignment, statements ...); at
run time no node is looked at again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from ..parser import syntax
from ..records import ScriptError
from ..runtime.compiled import CompiledBlock, Expression, Statement
from ..runtime.problems import CommandPlace, Place, internal_error, not_supported

if TYPE_CHECKING:
    from ..parser.syntax import Ast, ScriptBlockAst, Source
    from ..runtime.runspace import Frame

Sink = Callable[[Any], Any]


class Context:
    """What compiling one source needs to know besides the node."""

    __slots__ = ("class_name", "early", "in_class", "in_method", "in_text", "plans", "source")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.in_class = False  # type names may be classes that are not defined yet
        self.in_method = False  # directly in a method's body: return gives its value
        self.in_text = False  # in an expandable string, where StrictMode 1 lets unknown variables be
        self.class_name = ""
        self.plans: list[Any] = []  # the types that the block's parts define, a list for each part
        self.early: dict[int, bool] = {}  # which of these were defined before the part ran

    def place(self, node: Ast) -> Place:
        return Place(self.source, node.extent)

    def command_place(self, node: syntax.CommandAst) -> CommandPlace:
        return CommandPlace(self.source, node.extent, node.elements[1:])


EXPRESSIONS: dict[type, Callable[[Any, Context], Expression]] = {}
STATEMENTS: dict[type, Callable[[Any, Context], Statement]] = {}


def compiles(*kinds: type) -> Callable[[Any], Any]:
    """Marks the function that compiles a kind of expression."""

    def register(function: Any) -> Any:
        for kind in kinds:
            EXPRESSIONS[kind] = function
        return function

    return register


def compiles_statement(*kinds: type) -> Callable[[Any], Any]:
    def register(function: Any) -> Any:
        for kind in kinds:
            STATEMENTS[kind] = function
        return function

    return register


def expression(node: Ast, c: Context) -> Expression:
    compile_node = EXPRESSIONS.get(type(node))
    found: Expression = refuse(node, c) if compile_node is None else compile_node(node, c)
    return found


def statement(node: Ast, c: Context) -> Statement:
    compile_node = STATEMENTS.get(type(node))
    found: Statement = refuse(node, c) if compile_node is None else compile_node(node, c)
    return found


def refuse(node: Ast, c: Context) -> Any:
    """Code for what the engine does not know: it fails when it is reached, not before."""
    name = type(node).__name__.removesuffix("Ast")
    source = c.source

    def fail(frame: Frame, out: Any = None) -> Any:
        raise not_supported(name, source, node.extent)

    return fail


def statements(nodes: list[Any], traps: list[Any], c: Context) -> Statement:
    """A list of statements: each may fail by itself, and the next one runs."""
    steps = [(statement(node, c), c.place(node)) for node in nodes]
    if traps:
        from .failures import with_traps

        return with_traps(steps, traps, c)
    if len(steps) == 1:
        only, only_place = steps[0]

        def run_one(frame: Frame, out: Sink) -> Any:
            try:
                return only(frame, out)
            except ScriptError as failed:
                frame.fail(failed, only_place)
            except RecursionError:
                raise
            except Exception as problem:  # noqa: BLE001 - a bug of ours must not end the session
                frame.fail(internal_error(problem), only_place)
            return None

        return run_one

    def run(frame: Frame, out: Sink) -> Any:
        for step, place in steps:
            try:
                flow = step(frame, out)
                if flow is not None:
                    return flow
            except ScriptError as failed:
                frame.fail(failed, place)
            except RecursionError:
                raise
            except Exception as problem:  # noqa: BLE001 - a bug of ours must not end the session
                frame.fail(internal_error(problem), place)
        return None

    return run


def compile_block(
    tree: ScriptBlockAst, parameters: Any = None, in_class: bool = False, in_method: bool = False
) -> CompiledBlock:
    """A whole script block. ``parameters``: those written after a function's name."""
    load()
    c = Context(tree.source)
    c.in_class = in_class
    c.in_method = in_method
    block = CompiledBlock(tree, tree.source)
    if tree.param_block is not None or parameters is not None:
        from .classes import define_early
        from .functions import metadata_of

        def declared() -> Any:
            define_early(c)
            return metadata_of(tree, parameters, c)

        block.declared = declared
    usings = [statement(node, c) for node in tree.using_statements]
    for name in ("begin", "process", "end", "clean"):
        part = getattr(tree, f"{name}_block")
        if part is not None and (part.statements or part.traps or not part.unnamed):
            setattr(block, name, _named_block(part, c))
    if tree.dynamic_param_block is not None:
        block.dynamic = _named_block(tree.dynamic_param_block, c)
    if usings:
        block.end = _after_usings(usings, block.end)
    block.simple = block.begin is None and block.process is None and block.clean is None
    if block.simple and not usings and block.declared is None and block.end is not None:
        block.value = _only_value(tree.end_block, c)
    return block


def _only_value(part: Any, c: Context) -> tuple[Expression, Place] | None:
    """The expression that a block consists of, for those who run it very often."""
    from .expressions import is_silent, pure_expression

    only = pure_expression(part.statements[0]) if len(part.statements) == 1 and not part.traps else None
    if only is None or is_silent(only) or isinstance(only, syntax.BaseCtorInvokeMemberExpressionAst):
        return None
    return expression(only, c), c.place(part.statements[0])


def _named_block(part: Any, c: Context) -> Statement:
    from .classes import hoisted

    return hoisted(part.statements, statements(part.statements, part.traps, c), c)


def _after_usings(usings: list[Statement], body: Statement | None) -> Statement:
    def run(frame: Frame, out: Sink) -> Any:
        for using in usings:
            using(frame, out)
        return body(frame, out) if body is not None else None

    return run


@cache
def load() -> None:
    """Fills the tables. The modules import this one, so they are loaded on the first compilation."""
    from . import (  # noqa: F401
        assignment,
        classes,
        commands,
        expressions,
        failures,
        functions,
        loops,
        members,
        operators,
        statements,
    )


__all__ = [
    "Context",
    "compile_block",
    "compiles",
    "compiles_statement",
    "expression",
    "statement",
    "statements",
    "syntax",
]
