"""Literals, variables, strings, arrays, hashtables, casts and the ways of nesting statements in expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...psobject import Hashtable, OrderedDictionary, PSObject
from ..parser import syntax as s
from ..records import error
from ..runtime.compiled import Expression, LoopControl, Statement
from ..runtime.elsewhere import is_type_elsewhere
from ..runtime.problems import type_elsewhere
from ..values.conversions import convert
from ..values.types import NetType, resolve_type
from ..values.value import NOTHING, enumerate_value, is_enumerable, to_string, unroll
from .core import Context, compiles, expression, statement, statements

if TYPE_CHECKING:
    from ..runtime.runspace import Frame

CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None}
# facts of the running frame: found there, unless a script made a variable of that name
FRAME_NAMES = frozenset(
    [
        "args",
        "myinvocation",
        "psboundparameters",
        "input",
        "pscmdlet",
        "pscommandpath",
        "psscriptroot",
        "?",
        "pwd",
        "host",
        "error",
        "psversiontable",
    ]
)


def constant(value: Any) -> Expression:
    def get(frame: Frame) -> Any:
        return value

    get.constant = value  # type: ignore[attr-defined]
    return get


@compiles(s.ConstantExpressionAst, s.StringConstantExpressionAst)
def compile_constant(node: Any, c: Context) -> Expression:
    return constant(node.value)


# -- variables


def split_path(path: str) -> tuple[str, str]:
    """``script:x`` -> ("script", "x"); without a scope or drive the first is empty."""
    if ":" not in path:
        return "", path
    prefix, _, name = path.partition(":")
    return (prefix.lower(), name) if name else ("", path)


@compiles(s.VariableExpressionAst)
def compile_variable(node: s.VariableExpressionAst, c: Context) -> Expression:
    prefix, name = split_path(node.path)
    if prefix:
        return prefixed_variable(prefix, name, 2 if c.in_text else 1)
    key = name.lower()
    if key in CONSTANTS:
        return constant(CONSTANTS[key])
    if key == "psitem":
        key = "_"
    if key == "?":
        return lambda frame: frame.rs.ok
    if key in FRAME_NAMES:
        return frame_variable(key)
    refused_from = 2 if c.in_text else 1

    def read(frame: Frame) -> Any:
        found = frame.scope.vars.get(key)
        if found is None:
            return frame.lookup(key, name, refused_from)
        return found.value

    return read


def frame_variable(key: str) -> Expression:
    def read(frame: Frame) -> Any:
        found = frame.scope.vars.get(key)
        return frame.automatic(key) if found is None else found.value

    return read


def prefixed_variable(prefix: str, name: str, refused_from: int) -> Expression:
    key = name.lower()
    if prefix in ("global", "script", "local", "private"):

        def read(frame: Frame) -> Any:
            scope = frame.scope.named(prefix)
            found = scope.vars.get(key) if scope is not None else None
            if found is not None:
                return found.value
            if key in CONSTANTS:
                return CONSTANTS[key]
            value = frame.automatic(key)
            if value is NOTHING and frame.scope.strict >= refused_from:
                raise error(
                    f"The variable '${prefix}:{name}' cannot be retrieved because it has not been set.",
                    "VariableIsUndefined",
                    "InvalidOperation",
                    target=f"{prefix}:{name}",
                )
            return None if value is NOTHING else value

        return read
    if prefix == "variable":
        return lambda frame: frame.get_variable(name)
    from ..runtime.drives import read_drive

    return lambda frame: read_drive(frame, prefix, name)


@compiles(s.UsingExpressionAst)
def compile_using(node: s.UsingExpressionAst, c: Context) -> Expression:
    from ..jobs.using import using_key

    name = c.source.extent_text(node.extent)
    key = using_key(name)

    def read(frame: Frame) -> Any:
        sent = frame.rs.values.get("using")  # what whoever started this session's script took along for it
        if sent is not None and key in sent:
            return sent[key]
        raise error(
            "A Using variable cannot be retrieved. A Using variable can be used only with Invoke-Command, "
            "Start-Job, or InlineScript in "
            "the script workflow. When it is used with Invoke-Command, the Using variable is valid only if the "
            "script block is invoked "
            "on a remote computer.",
            "UsingWithoutInvokeCommand",
            "InvalidOperation",
            target=name,
        )

    return read


# -- strings


@compiles(s.ExpandableStringExpressionAst)
def compile_expandable(node: s.ExpandableStringExpressionAst, c: Context) -> Expression:
    held, c.in_text = c.in_text, True
    parts: list[Any] = [part if isinstance(part, str) else text_of_part(part, c) for part in node.parts]
    c.in_text = held
    if all(isinstance(part, str) for part in parts):
        return constant("".join(parts))
    getters = [constant(part) if isinstance(part, str) else part for part in parts]
    if len(getters) == 2:
        first, second = getters
        return lambda frame: first(frame) + second(frame)

    def build(frame: Frame) -> Any:
        return "".join([get(frame) for get in getters])

    return build


def text_of_part(node: Any, c: Context) -> Expression:
    get = expression(node, c)

    def text(frame: Frame) -> str:
        value = get(frame)
        kind = type(value)
        if kind is str:
            return value  # type: ignore[no-any-return]
        if kind is int:
            return repr(value)
        if isinstance(value, list) or is_enumerable(value):
            return to_string(value, frame.output_separator())
        return to_string(value)

    return text


# -- arrays and hashtables


@compiles(s.ArrayLiteralAst)
def compile_array_literal(node: s.ArrayLiteralAst, c: Context) -> Expression:
    getters = [expression(element, c) for element in node.elements]

    def build(frame: Frame) -> list[Any]:
        values = [get(frame) for get in getters]
        return (
            [None if value is NOTHING else value for value in values] if NOTHING in values_nothing(values) else values
        )

    return build


def values_nothing(values: list[Any]) -> tuple[Any, ...]:
    """(NOTHING,) when one of the values is it: identity only, values may compare oddly."""
    return next(((NOTHING,) for value in values if value is NOTHING), ())


@compiles(s.ArrayExpressionAst)
def compile_array_expression(node: s.ArrayExpressionAst, c: Context) -> Expression:
    block = node.sub_expression
    if not block.statements:
        return lambda frame: []
    if len(block.statements) == 1 and not block.traps:
        only = pure_expression(block.statements[0])
        if isinstance(only, s.ArrayLiteralAst):
            return expression(only, c)
        if only is not None and not isinstance(only, s.UnaryExpressionAst):
            return as_array(expression(only, c))
    body = statements(block.statements, block.traps, c)

    return lambda frame: collected(body, frame, False)


def as_array(get: Expression) -> Expression:
    def build(frame: Frame) -> list[Any]:
        value = get(frame)
        if type(value) is list:
            return value
        return list(enumerate_value(value))

    return build


def pure_expression(node: Any) -> Any:
    """The expression a statement consists of, without pipeline or redirection; None if it is more than that."""
    if isinstance(node, s.PipelineAst) and len(node.elements) == 1 and not node.background:
        node = node.elements[0]
    if isinstance(node, s.CommandExpressionAst) and not node.redirections:
        return node.expression
    return None


def succeeds_by_itself(node: Any) -> bool:
    """Whether ``$?`` is true after the expression or assignment. False: the commands in it have set ``$?``."""
    if isinstance(node, s.AssignmentStatementAst):
        return succeeds_by_itself(node.right)
    if isinstance(node, s.StatementAst):
        only = pure_expression(node)
        return only is not None and succeeds_by_itself(only)
    if isinstance(node, s.ParenExpressionAst):
        return succeeds_by_itself(node.pipeline)
    if isinstance(node, s.SubExpressionAst | s.ArrayExpressionAst):
        inner = node.sub_expression.statements
        return not inner or (len(inner) == 1 and succeeds_by_itself(inner[0]))
    return True


def collected(body: Statement, frame: Frame, keeps: bool) -> list[Any]:
    """The output of statements in an expression. ``keeps``: what was given before a return, break or continue leaves
    the expression is not lost with it."""
    found: list[Any] = []
    try:
        flow = body(frame, found.append)
    except LoopControl as control:
        control.held = found + control.held if keeps else []
        raise
    if flow is not None:
        raise LoopControl(flow, found if keeps else None)
    return found


@compiles(s.SubExpressionAst)
def compile_sub_expression(node: s.SubExpressionAst, c: Context) -> Expression:
    block = node.sub_expression
    if len(block.statements) == 1 and not block.traps:
        only = pure_expression(block.statements[0])
        if only is not None and not is_silent(only):
            get = expression(only, c)

            def unrolled(frame: Frame) -> Any:
                value = get(frame)
                if is_enumerable(value):
                    return unroll(list(enumerate_value(value)))
                return value

            return unrolled
    body = statements(block.statements, block.traps, c)

    return lambda frame: unroll(collected(body, frame, True))


def is_silent(node: Any) -> bool:
    """Expressions that give nothing as a statement: ``$i++`` and assignments."""
    return isinstance(node, s.UnaryExpressionAst) and node.operator in ("++", "--", "post++", "post--")


@compiles(s.ParenExpressionAst)
def compile_paren(node: s.ParenExpressionAst, c: Context) -> Expression:
    return value_of(node.pipeline, c, keeps=True)


def value_of(node: Any, c: Context, keeps: bool = False) -> Expression:
    """A statement as a value: an expression's own value, or the output of commands as one value."""
    only = pure_expression(node)
    if only is not None:
        return expression(only, c)
    if isinstance(node, s.AssignmentStatementAst):
        from .assignment import assignment_value

        return assignment_value(node, c)
    body = statement(node, c)

    def collect(frame: Frame) -> Any:
        found = collected(body, frame, keeps)
        return found[0] if len(found) == 1 else (found if found else NOTHING)

    return collect


@compiles(s.HashtableAst)
def compile_hashtable(node: s.HashtableAst, c: Context) -> Expression:
    return hashtable_maker(node, c, Hashtable)


def hashtable_maker(node: s.HashtableAst, c: Context, kind: Callable[[], Any]) -> Expression:
    pairs = [(expression(key, c), value_of(value, c)) for key, value in node.pairs]

    def build(frame: Frame) -> Any:
        table = kind()
        table.capacity = len(pairs)
        items = table._items
        fold = table.fold
        for get_key, get_value in pairs:
            key = get_key(frame)
            value = get_value(frame)
            if key is None or key is NOTHING:
                raise error("A null key is not allowed in a hash literal.", "InvalidNullKey", "InvalidOperation")
            folded = fold(key)
            if folded in items:
                raise duplicate_key(key)
            items[folded] = (key, None if value is NOTHING else value)
        return table

    return build


def duplicate_key(key: Any) -> Exception:
    return error(
        f"Duplicate keys '{to_string(key)}' are not allowed in hash literals.",
        "DuplicateKeyInHashLiteral",
        "InvalidOperation",
        key,
    )


# -- script blocks, types, casts


@compiles(s.ScriptBlockExpressionAst)
def compile_script_block(node: s.ScriptBlockExpressionAst, c: Context) -> Expression:
    from ..runtime.scriptblock import ScriptBlock

    text = c.source.extent_text(node.extent)[1:-1]
    tree = node.script_block
    first = ScriptBlock(tree, text)
    in_class = c.in_class

    def make(frame: Frame) -> Any:
        block = ScriptBlock(tree, text, first._compiled)
        if first._compiled is None:
            from .core import compile_block

            block._compiled = first._compiled = compile_block(tree, None, in_class)
        if frame.block is not None and frame.block.closure is not None:
            block.closure = frame.scope
        return block

    return make


def type_getter(node: s.TypeName, c: Context) -> Expression:
    """The NetType of a type name: known now, or looked up when it is reached (classes of scripts)."""
    name = node.full_name
    known = resolve_type(name)
    if known is not None and not c.in_class:
        return constant(known)

    def find(frame: Frame) -> NetType:
        found = frame.resolve_type(name)
        if found is None:
            raise type_missing(name)
        return found

    return find


def type_missing(name: str) -> Exception:
    if is_type_elsewhere(name):
        return type_elsewhere(name)
    return error(f"Unable to find type [{name}].", "TypeNotFound", "InvalidOperation", target=name)


@compiles(s.TypeExpressionAst)
def compile_type(node: s.TypeExpressionAst, c: Context) -> Expression:
    return type_getter(node.type_name, c)


def make_bag(table: Any) -> PSObject:
    bag = PSObject({})
    extended = bag._extended
    for key, value in table.items():
        extended[to_string(key)] = value
    for name in extended:
        if name.lower() == "pstypename":
            bag._type_names = [to_string(extended.pop(name)), *bag._type_names]
            break
    return bag


def bag_maker(node: s.HashtableAst, c: Context) -> Expression:
    """``[pscustomobject]@{...}``: with plain names, as good as always, no table is made first."""
    names = [key.value for key, _ in node.pairs if isinstance(key, s.StringConstantExpressionAst)]
    folded = {name.lower() for name in names}
    if len(folded) != len(node.pairs) or "pstypename" in folded:
        table = hashtable_maker(node, c, OrderedDictionary)
        return lambda frame: make_bag(table(frame))
    pairs = [(name, value_of(value, c)) for name, (_, value) in zip(names, node.pairs, strict=True)]

    def build(frame: Frame) -> PSObject:
        bag = PSObject()
        extended = bag._extended
        for name, get in pairs:
            value = get(frame)
            extended[name] = None if value is NOTHING else value
        return bag

    return build


@compiles(s.ConvertExpressionAst)
def compile_cast(node: s.ConvertExpressionAst, c: Context) -> Expression:
    name = node.attribute.type_name.full_name.lower()
    child = node.child
    if isinstance(child, s.HashtableAst):
        if name in ("ordered", "system.collections.specialized.ordereddictionary"):
            return hashtable_maker(child, c, OrderedDictionary)
        if name in (
            "pscustomobject",
            "psobject",
            "system.management.automation.psobject",
            "system.management.automation.pscustomobject",
        ):
            return bag_maker(child, c)
    if name in ("ref", "system.management.automation.psreference"):
        return reference(child, c)
    get = expression(child, c)
    if name in ("void", "system.void"):

        def discard(frame: Frame) -> Any:
            get(frame)
            return NOTHING

        return discard
    kind_of = type_getter(node.attribute.type_name, c)
    if hasattr(kind_of, "constant"):
        return fixed_cast(kind_of.constant, get)

    def cast(frame: Frame) -> Any:
        return convert(get(frame), kind_of(frame))

    return cast


def fixed_cast(kind: NetType, get: Expression) -> Expression:
    plain = {"System.Int32": int, "System.String": str, "System.Double": float, "System.Boolean": bool}.get(
        kind.full_name
    )
    if plain is None:
        return lambda frame: convert(get(frame), kind)

    def cast(frame: Frame) -> Any:
        value = get(frame)
        return value if type(value) is plain else convert(value, kind)

    return cast


@compiles(s.AttributedExpressionAst)
def compile_attributed(node: s.AttributedExpressionAst, c: Context) -> Expression:
    return expression(node.child, c)


def reference(child: Any, c: Context) -> Expression:
    from ..values.references import Reference

    if not isinstance(child, s.VariableExpressionAst):
        get = expression(child, c)
        return lambda frame: Reference(get(frame))
    name = split_path(child.path)[1]
    key = name.lower()
    get = expression(child, c)
    if key in CONSTANTS:
        return lambda frame: Reference(None)

    def make(frame: Frame) -> Any:
        variable = frame.scope.find(key)
        if variable is None:
            from ..records import SMA

            raise error(
                "[ref] cannot be applied to a variable that does not exist.",
                "NonExistingVariableReference",
                "InvalidOperation",
                target=name,
                net_type=SMA + "RuntimeException",
            )
        return Reference(None, lambda: variable.value, variable.set)

    return make
