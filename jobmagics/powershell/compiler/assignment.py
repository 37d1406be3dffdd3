"""Assignment to variables, members, elements and lists of these; ``++`` and ``--``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...psobject import Hashtable
from ..parser import syntax as s
from ..records import SMA, ScriptError, error
from ..runtime.compiled import Expression, Statement
from ..runtime.scopes import not_writeable
from ..values import operators as ops
from ..values.conversions import convert
from ..values.value import NOTHING, as_list, enumerate_value, is_enumerable
from .core import Context, compiles_statement, expression
from .expressions import CONSTANTS, split_path, succeeds_by_itself, type_getter, value_of

if TYPE_CHECKING:
    from ..runtime.runspace import Frame

Sink = Callable[[Any], Any]
Setter = Callable[["Frame", Any], None]
INT_MIN, INT_MAX = ops.INT_MIN, ops.INT_MAX

_WORK: dict[str, Callable[[Any, Any], Any]] = {
    "+=": ops.add,
    "-=": ops.subtract,
    "*=": ops.multiply,
    "/=": ops.divide,
    "%=": ops.remainder,
}


@compiles_statement(s.AssignmentStatementAst)
def compile_assignment(node: s.AssignmentStatementAst, c: Context) -> Statement:
    name = plain_name(node.left)
    if name is not None and node.operator == "=":
        return plain_assignment(name, node, c)
    assign = assignment_value(node, c)
    succeeds = succeeds_by_itself(node)

    def run(frame: Frame, out: Sink) -> None:
        assign(frame)
        if succeeds:
            frame.rs.ok = True

    return run


def plain_assignment(name: str, node: s.AssignmentStatementAst, c: Context) -> Statement:
    """``$x = ...``, the commonest statement, in one closure."""
    get = value_of(node.right, c)
    key = name.lower()
    put = variable_setter(node.left)  # type: ignore[arg-type]
    succeeds = succeeds_by_itself(node)

    def run(frame: Frame, out: Sink) -> None:
        value = get(frame)
        found = frame.scope.vars.get(key)
        if found is not None and found.check is None:
            found.value = value
        else:
            put(frame, value)
        if succeeds:
            frame.rs.ok = True

    return run


def assignment_value(node: s.AssignmentStatementAst, c: Context) -> Expression:
    """The assignment as an expression: its value is what was assigned."""
    get = value_of(node.right, c)
    if node.operator == "=":
        put = setter(node.left, c)
        if isinstance(node.left, s.ConvertExpressionAst):
            converted = expression(node.left.child, c)

            def assign_converted(frame: Frame) -> Any:
                put(frame, get(frame))
                return converted(frame)

            return assign_converted

        def assign(frame: Frame) -> Any:
            value = get(frame)
            put(frame, value)
            return value

        return assign
    if node.operator == "??=":
        return assign_if_null(node, get, c)
    name = plain_name(node.left)
    work = _WORK[node.operator]
    if name is not None:
        return compound_variable(name, node, get, work, c)
    return compound(node.left, get, work, c)


def plain_name(node: Any) -> str | None:
    """The name of an ordinary variable without scope; None for anything else."""
    if isinstance(node, s.VariableExpressionAst) and ":" not in node.path and node.path.lower() not in CONSTANTS:
        return node.path
    return None


def assign_if_null(node: s.AssignmentStatementAst, get: Expression, c: Context) -> Expression:
    from .operators import is_like_null

    now, put = expression(node.left, c), setter(node.left, c)

    def assign(frame: Frame) -> Any:
        value = now(frame)
        if is_like_null(value):
            value = get(frame)
            put(frame, value)
        return value

    return assign


def compound_variable(name: str, node: Any, get: Expression, work: Callable[[Any, Any], Any], c: Context) -> Expression:
    key = name.lower()
    now = expression(node.left, c)
    is_add = node.operator == "+="

    def assign(frame: Frame) -> Any:
        found = frame.scope.vars.get(key)
        if found is None or found.check is not None:
            value = work(now(frame), get(frame))
            frame.scope.set(key, name, value)
            return value
        b = get(frame)
        a = found.value
        if is_add and type(a) is int and type(b) is int:
            value = a + b
            if not INT_MIN <= value <= INT_MAX:
                value = float(value)
        elif is_add and type(a) is str and type(b) is str:
            ops.require_text(a)
            found.value = None  # Python extends a text in place, and not in a copy, when only one name has it
            try:
                a += b
            finally:
                found.value = a
            return a
        else:
            value = work(a, b)
        found.value = value
        return value

    return assign


def compound(target: Any, get: Expression, work: Callable[[Any, Any], Any], c: Context) -> Expression:
    """``$a.b += 1``, ``$a[$i] += 1``: the object and the index are evaluated once."""
    while isinstance(target, s.ParenExpressionAst):
        target = target.pipeline
    if isinstance(target, s.IndexExpressionAst):
        from ..members.access import get_index, set_index

        base, at = expression(target.target, c), expression(target.index, c)

        def assign_index(frame: Frame) -> Any:
            owner, index = base(frame), at(frame)
            if type(owner) is Hashtable and type(index) is str:
                items = owner._items
                folded = index.lower()
                known = items.get(folded)
                value = work(None if known is None else known[1], get(frame))
                items[folded] = (index if known is None else known[0], value)
                return value
            value = work(get_index(owner, index), get(frame))
            set_index(owner, index, value)
            return value

        return assign_index
    now, put = expression(target, c), setter(target, c)

    def assign(frame: Frame) -> Any:
        value = work(now(frame), get(frame))
        put(frame, value)
        return value

    return assign


# -- targets


def setter(node: Any, c: Context) -> Setter:
    if isinstance(node, s.VariableExpressionAst):
        return variable_setter(node)
    if isinstance(node, s.MemberExpressionAst):
        from .members import member_setter

        return member_setter(node, c)
    if isinstance(node, s.IndexExpressionAst):
        return index_setter(node, c)
    if isinstance(node, s.ArrayLiteralAst):
        return list_setter([setter(element, c) for element in node.elements])
    if isinstance(node, s.AttributedExpressionAst):
        return constrained_setter(node, c)
    if isinstance(node, s.ParenExpressionAst):
        inner: Any = node.pipeline
        if isinstance(inner, s.PipelineAst):
            inner = inner.elements[0]
        if isinstance(inner, s.CommandExpressionAst):
            return setter(inner.expression, c)

    def refuse(frame: Frame, value: Any) -> None:
        raise error(
            "The assignment expression is not valid. The input to an assignment operator must be an object that is "
            "able to accept "
            "assignments, such as a variable or a property.",
            "InvalidLeftHandSide",
            "ParserError",
        )

    return refuse


def variable_setter(node: s.VariableExpressionAst) -> Setter:
    prefix, name = split_path(node.path)
    key = name.lower()
    if prefix:
        return prefixed_setter(prefix, name)
    if key == "null":
        return lambda frame, value: None
    if key in CONSTANTS or key in ("?", "pid", "psversiontable", "host", "error", "executioncontext"):

        def refuse(frame: Frame, value: Any) -> None:
            raise not_writeable(name)

        return refuse
    if key == "psitem":
        key, name = "_", "_"

    def put(frame: Frame, value: Any) -> None:
        found = frame.scope.vars.get(key)
        if found is not None and found.check is None:
            found.value = value
        else:
            frame.scope.set(key, name, value)

    return put


def prefixed_setter(prefix: str, name: str) -> Setter:
    key = name.lower()
    if prefix in ("global", "script", "local", "private"):

        def put(frame: Frame, value: Any) -> None:
            scope = frame.scope.named(prefix)
            assert scope is not None
            variable = scope.set(key, name, value)
            if prefix == "private":
                variable.options = "Private"

        return put
    if prefix == "variable":
        return lambda frame, value: frame.set_variable(name, value)
    if prefix == "using":

        def refuse(frame: Frame, value: Any) -> None:
            raise error("A Using variable cannot be assigned to.", "UsingVariableCannotBeAssigned", "InvalidOperation")

        return refuse
    from ..runtime.drives import write_drive

    return lambda frame, value: write_drive(frame, prefix, name, value)


def index_setter(node: s.IndexExpressionAst, c: Context) -> Setter:
    from ..members.access import set_index

    base, at = expression(node.target, c), expression(node.index, c)

    def put(frame: Frame, value: Any) -> None:
        owner: Any = base(frame)
        index: Any = at(frame)
        if value is NOTHING:
            value = None
        if type(owner) is list and type(index) is int and 0 <= index < len(owner):
            owner[index] = value
            return
        if type(owner) is Hashtable:
            kind = type(index)
            if kind is str or kind is int:
                items = owner._items
                folded = index.lower() if kind is str else (int, index)
                known = items.get(folded)
                items[folded] = (index if known is None else known[0], value)
                return
        set_index(owner, index, value)

    return put


def list_setter(parts: list[Setter]) -> Setter:
    """``$a, $b = ...``: the last target takes what is left."""
    last = len(parts) - 1

    def put(frame: Frame, value: Any) -> None:
        values = list(enumerate_value(value)) if isinstance(value, list) or is_enumerable(value) else as_list(value)
        for at, part in enumerate(parts):
            if at < last:
                part(frame, values[at] if at < len(values) else None)
            else:
                rest = values[at:]
                part(frame, rest[0] if len(rest) == 1 else (rest if rest else None))

    return put


def constrained_setter(node: Any, c: Context) -> Setter:
    """``[int]$x = ...``, ``[ValidateRange(1, 5)][int]$x = ...``: the variable keeps the constraint."""
    attributes: list[Any] = []
    while isinstance(node, s.AttributedExpressionAst):
        attributes.append(node.attribute)
        node = node.child
    if not isinstance(node, s.VariableExpressionAst):
        return converted_setter(attributes, setter(node, c), c)
    prefix, name = split_path(node.path)
    key = name.lower()
    make = constraint(attributes, name, c)

    def put(frame: Frame, value: Any) -> None:
        scope = frame.scope.named(prefix) if prefix else frame.scope
        assert scope is not None
        check = make(frame)
        if value is NOTHING:
            value = None
        found = scope.vars.get(key)
        if found is not None and (found.is_constant or found.is_read_only):
            raise not_writeable(name)
        checked = check(value, True)
        variable = scope.set(key, name, None) if found is None else found
        variable.value = checked
        variable.check = lambda new: check(new, False)

    return put


def converted_setter(attributes: list[Any], put: Setter, c: Context) -> Setter:
    kinds = [type_getter(one.type_name, c) for one in reversed(attributes) if isinstance(one, s.TypeConstraintAst)]

    def convert_first(frame: Frame, value: Any) -> None:
        for kind in kinds:
            value = convert(value, kind(frame))
        put(frame, value)

    return convert_first


def constraint(attributes: list[Any], name: str, c: Context) -> Callable[[Any], Callable[[Any, bool], Any]]:
    """Gives, for a frame, the check that converts and validates what is assigned."""
    from .functions import marks_of

    kinds = [type_getter(one.type_name, c) for one in attributes if isinstance(one, s.TypeConstraintAst)]
    marks = [one for one in attributes if isinstance(one, s.AttributeAst)]

    def make(frame: Frame) -> Callable[[Any, bool], Any]:
        types = [kind(frame) for kind in reversed(kinds)]
        said = marks_of(marks, c)

        def check(value: Any, first: bool) -> Any:
            try:
                for kind in types:
                    value = convert(value, kind)
            except ScriptError as failed:
                raise as_metadata_error(failed) from None
            for transform in said.transforms:
                value = transform(value)
            for validator in said.validators:
                try:
                    validator(value, name)
                except ScriptError:
                    raise invalid_value(name, value) from None
            if said.validate_set and str(value).lower() not in [one.lower() for one in said.validate_set]:
                raise invalid_value(name, value)
            return value

        return check

    return make


def as_metadata_error(failed: ScriptError) -> ScriptError:
    """A typed variable's refusal: the conversion's message in the exception that PowerShell uses for it."""
    exception = failed.record.exception
    exception.net_type = SMA + "ArgumentTransformationMetadataException"
    failed.record.error_id = "RuntimeException"
    failed.record.category = "MetadataError"
    return failed


def invalid_value(name: str, value: Any) -> ScriptError:
    from ..values.value import to_string

    return error(
        f"The variable cannot be validated because the value {to_string(value)} is not a valid value for the "
        f"{name} variable.",
        "ValidateSetFailure",
        "MetadataError",
        net_type=SMA + "ValidationMetadataException",
    )


# -- ++ and --


def increment(node: s.UnaryExpressionAst, c: Context) -> Expression:
    step = 1 if "++" in node.operator else -1
    before = node.operator.startswith("post")
    name = plain_name(node.child)
    if name is not None:
        return increment_variable(name, step, before, node, c)
    now, put = expression(node.child, c), setter(node.child, c)

    def run(frame: Frame) -> Any:
        old = now(frame)
        old = 0 if old is None or old is NOTHING else old
        new = bumped(old, step)
        put(frame, new)
        return old if before else new

    return run


def bumped(value: Any, step: int) -> Any:
    from ..values.types import type_of

    if isinstance(value, str) or (
        not isinstance(ops.as_number(value), (int, float)) and not hasattr(value, "as_tuple")
    ):
        sign = "++" if step > 0 else "--"
        raise error(
            f"The '{sign}' operator works only on numbers. The operand is a '{type_of(value).ps_to_string()}'.",
            "OperatorRequiresNumber",
            "InvalidOperation",
        )
    return ops.add(value, step)


def increment_variable(name: str, step: int, before: bool, node: s.UnaryExpressionAst, c: Context) -> Expression:
    key = name.lower()
    now = expression(node.child, c)

    def run(frame: Frame) -> Any:
        found = frame.scope.vars.get(key)
        if found is not None and found.check is None:
            old = found.value
            if type(old) is int and INT_MIN < old < INT_MAX:
                new = found.value = old + step
                return old if before else new
        else:
            old = now(frame)
        old = 0 if old is None or old is NOTHING else old
        new = bumped(old, step)
        frame.scope.set(key, name, new)
        return old if before else new

    return run
