"""``.name``, ``::name``, ``.name(...)`` and ``[index]``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...psobject import Hashtable, PSObject
from ..members import access as m
from ..members.errors import no_method
from ..parser import syntax as s
from ..runtime.compiled import Expression
from ..values.types import NetType
from ..values.value import NOTHING, to_string, unwrap
from .core import Context, compiles, expression
from .expressions import pure_expression, type_getter

if TYPE_CHECKING:
    from ..runtime.problems import Place
    from ..runtime.runspace import Frame

Setter = Callable[["Frame", Any], None]


def name_getter(node: Any, c: Context) -> tuple[str | None, Expression]:
    """A member's name: known now (first) or computed (second)."""
    if isinstance(node, s.StringConstantExpressionAst):
        return node.value, lambda frame: node.value
    get = expression(node, c)
    if hasattr(get, "constant"):
        text = to_string(get.constant)
        return text, lambda frame: text
    return None, lambda frame: to_string(get(frame))


def owner_type(node: Any, c: Context) -> Callable[[Any], NetType]:
    """What stands before ``::``: a type, or an expression that gives one."""
    if isinstance(node, s.TypeExpressionAst):
        return type_getter(node.type_name, c)
    get = expression(node, c)

    def find(frame: Frame) -> NetType:
        value = unwrap(get(frame))
        if isinstance(value, NetType):
            return value
        if isinstance(value, str):
            found = frame.resolve_type(value)
            if found is not None:
                return found
        from ..values.types import type_of

        return type_of(value)

    return find


@compiles(s.MemberExpressionAst)
def compile_member(node: s.MemberExpressionAst, c: Context) -> Expression:
    if node.static:
        return static_member(node, c)
    base = expression(node.expression, c)
    name, get_name = name_getter(node.member, c)
    if node.null_conditional:

        def read_if(frame: Frame) -> Any:
            value = base(frame)
            if value is None or value is NOTHING:
                return None
            return m.get_member(value, get_name(frame), frame.scope.strict)

        return read_if
    if name is None:

        def read_computed(frame: Frame) -> Any:
            return m.get_member(base(frame), get_name(frame), frame.scope.strict)

        return read_computed
    get_member = m.get_member
    folded = name.lower()
    special = m.Member
    counts = folded in ("count", "length")

    def read(frame: Frame) -> Any:
        value = base(frame)
        kind = type(value)
        if kind is PSObject:
            found = value._extended.get(name, NOTHING)
            if found is not NOTHING and not isinstance(found, special):
                return found
        elif kind is list:
            if counts:
                return len(value)
        elif kind is Hashtable:
            pair = value._items.get(folded)
            if pair is not None:
                return pair[1]
        return get_member(value, name, frame.scope.strict)

    return read


def static_member(node: s.MemberExpressionAst, c: Context) -> Expression:
    kind_of = owner_type(node.expression, c)
    _, get_name = name_getter(node.member, c)

    def read(frame: Frame) -> Any:
        kind = kind_of(frame)
        name = get_name(frame)
        found = m.get_static(kind, name, m.MISSING)
        if found is m.MISSING:
            if frame.scope.strict >= 2:
                raise m.missing_property(name)
            return None
        return found

    return read


def member_setter(node: s.MemberExpressionAst, c: Context) -> Setter:
    _, get_name = name_getter(node.member, c)
    if node.static:
        kind_of = owner_type(node.expression, c)
        return lambda frame, value: m.set_static(kind_of(frame), get_name(frame), None if value is NOTHING else value)
    base = expression(node.expression, c)

    def put(frame: Frame, value: Any) -> None:
        m.set_property(base(frame), get_name(frame), value)

    return put


# -- calls


@compiles(s.InvokeMemberExpressionAst)
def compile_call(node: s.InvokeMemberExpressionAst, c: Context) -> Expression:
    getters = [expression(argument, c) for argument in node.arguments]
    name, get_name = name_getter(node.member, c)
    if node.static:
        return static_call(node, getters, get_name, c)
    base_kind = cast_of_this(node.expression, c)
    if base_kind is not None and name is not None:
        return base_method_call(base_kind, name, getters, c.place(node))
    base = expression(node.expression, c)
    conditional = node.null_conditional
    call = m.invoke_method
    place = c.place(node)
    if name is not None and name.lower() == "gettype" and not getters:
        from ..values.types import type_of

        def get_type(frame: Frame) -> Any:
            value = base(frame)
            if value is None or value is NOTHING:
                if conditional:
                    return None
                raise m.null_method()
            return type_of(value)

        return get_type

    def invoke(frame: Frame) -> Any:
        value = base(frame)
        if conditional and (value is None or value is NOTHING):
            return None
        args = [get(frame) for get in getters]
        frame.calling = place
        return call(value, name if name is not None else get_name(frame), args)

    if name is None:
        computed_name = expression(node.member, c)

        def invoke_computed(frame: Frame) -> Any:
            value = base(frame)
            if conditional and (value is None or value is NOTHING):
                return None
            called = computed_name(frame)
            args = [get(frame) for get in getters]
            if isinstance(called, m.MethodReference):
                return m.invoke_method(called, "Invoke", args)
            return call(value, to_string(called), args)

        return invoke_computed
    return invoke


def cast_of_this(node: Any, c: Context) -> Expression | None:
    """``([Base]$this)`` in a class: the type whose own method is meant."""
    if not c.in_class or not isinstance(node, s.ParenExpressionAst):
        return None
    inner = pure_expression(node.pipeline)
    if not isinstance(inner, s.ConvertExpressionAst) or not isinstance(inner.child, s.VariableExpressionAst):
        return None
    return type_getter(inner.attribute.type_name, c) if inner.child.path.lower() == "this" else None


def base_method_call(kind_of: Expression, name: str, getters: list[Expression], place: Place) -> Expression:
    def invoke(frame: Frame) -> Any:
        args = [get(frame) for get in getters]
        frame.calling = place
        this = frame.get_variable("this")
        owner = kind_of(frame).user
        if owner is not None and hasattr(owner, "candidates") and owner.candidates(name, False):
            return owner.call(this, name, args)
        return base_of_net(this, name, args)

    return invoke


def base_of_net(this: Any, name: str, args: list[Any]) -> Any:
    """A method of the .NET type that a class of the script derives from."""
    from ..dotnet.table import table_of

    at = this.net_type_of()
    while at is not None and at.user is not None:
        at = at.base
    method = table_of(at).method(name.lower()) if at is not None else None
    if method is None:
        if name.lower() == "tostring":
            return this.net_type_of().ps_to_string()
        raise no_method(this, name)
    return method.call(this, args)


def static_call(
    node: s.InvokeMemberExpressionAst, getters: list[Expression], get_name: Expression, c: Context
) -> Expression:
    kind_of = owner_type(node.expression, c)
    generic = [type_getter(one, c) for one in node.generic_type_arguments]
    place = c.place(node)

    def invoke(frame: Frame) -> Any:
        args = [get(frame) for get in getters]
        kind = kind_of(frame)
        types = [one(frame) for one in generic]
        frame.calling = place
        return m.invoke_static(kind, get_name(frame), args, types)

    return invoke


# -- elements


@compiles(s.IndexExpressionAst)
def compile_index(node: s.IndexExpressionAst, c: Context) -> Expression:
    base, at = expression(node.target, c), expression(node.index, c)
    conditional = node.null_conditional
    get_index = m.get_index

    def read(frame: Frame) -> Any:
        value = base(frame)
        if conditional and (value is None or value is NOTHING):
            return None
        index = at(frame)
        if type(value) is list and type(index) is int:
            size = len(value)
            if -size <= index < size:
                return value[index]
        elif type(value) is Hashtable:
            kind = type(index)
            if kind is str:
                pair = value._items.get(index.lower())
                return None if pair is None else pair[1]
            if kind is int:
                pair = value._items.get((int, index))
                return None if pair is None else pair[1]
        return get_index(value, index, frame.scope.strict)

    return read
