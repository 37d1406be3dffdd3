"""Making objects: constructors, and what a cast needs to know about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..members.errors import MISSING, getting_failed, is_own, method_not_found, not_found, read_only, setting_failed
from ..records import SMA, ScriptError, error
from ..values.conversions import Refused, _convert_null, convert
from ..values.types import NetType, resolve_type
from ..values.value import NOTHING
from .signatures import Overload, choose, convert_arguments, distance
from .table import TROUBLE, BoundMethod, Thrown, table_of, translated


def construct(kind: NetType, args: Sequence[Any]) -> Any:
    """``[kind]::new(args)``."""
    owner = kind.user
    if owner is not None and hasattr(owner, "construct"):
        return owner.construct(list(args))
    if kind.element is not None:
        from .arrays import new_array

        return new_array(kind, args)
    builder = table_of(kind).constructor
    if builder is None or (not args and not any(overload.accepts(0) for overload in builder.overloads)):
        if builder is None and not args and kind.is_value_type:
            return default_value(kind)
        raise _no_constructor(kind, args)
    return _build(kind, builder, args)


ZEROS = {
    "System.DateTime": "0001-01-01T00:00:00",
    "System.DateTimeOffset": "0001-01-01T00:00:00+00:00",
    "System.TimeSpan": "00:00:00",
    "System.Guid": "00000000-0000-0000-0000-000000000000",
}


def default_value(kind: NetType) -> Any:
    """``[int]::new()``: a value type's zero."""
    if kind.is_enum:
        from .enums import make

        return make(kind, 0)
    zero = ZEROS.get(kind.full_name)
    if zero is not None:
        return convert(zero, kind)
    try:
        return _convert_null(kind)
    except Refused:
        return None  # a structure whose empty value nothing here can make


def _no_constructor(kind: NetType, args: Sequence[Any]) -> ScriptError:
    return error(
        f'Cannot find an overload for "{kind.name}" and the argument count: "{len(args)}".',
        "MethodCountCouldNotFindBest",
        net_type=SMA + "MethodException",
    )


def _build(kind: NetType, builder: BoundMethod, args: Sequence[Any]) -> Any:
    overload = choose(kind.name, builder.overloads, args)
    converted = convert_arguments(".ctor", overload, args)
    try:
        return overload.function(kind, *converted)
    except TROUBLE as problem:
        raise translated(".ctor", overload, converted, len(args), problem) from None


def construct_from(kind: NetType, value: Any) -> tuple[Any] | None:
    """What a cast may use: the static Parse(string), or a constructor whose one parameter fits the value."""
    table = table_of(kind)
    parse = table.static("parse")
    if parse is not None and isinstance(value, str):
        return (parse.call_static([value]),)
    builder = table.constructor
    if builder is None:
        return None
    fitting = [overload for overload in builder.overloads if _fits(overload, value)]
    if not fitting:
        return None
    return (_build(kind, builder, [value]),)


def _fits(overload: Overload, value: Any) -> bool:
    return len(overload.parameters) == 1 and distance(value, overload.parameters[0].kind) < 45


def has_default_constructor(kind: NetType) -> bool:
    if kind.user is not None and hasattr(kind.user, "construct"):
        return bool(kind.user.has_default())
    builder = table_of(kind).constructor
    return builder is not None and any(overload.accepts(0) for overload in builder.overloads)


def is_collection(kind: NetType) -> bool:
    return kind.derives_from("System.Collections.ICollection") and table_of(kind).method("add") is not None


def adder(made: Any) -> Callable[[Any], Any]:
    from ..members.access import invoke_method

    return lambda item: NOTHING if invoke_method(made, "Add", [item]) is NOTHING else None


# -- statics


def get_static(kind: NetType, name: str, default: Any = MISSING) -> Any:
    """``[kind]::name``; a method comes as a value. MISSING when there is neither."""
    owner = kind.user
    if owner is not None and hasattr(owner, "static_get"):
        try:
            return owner.static_get(name)
        except AttributeError as missing:
            if not is_own(missing, name):
                raise
        found = owner.candidates(name, True)
        if found:
            from ..members.listing import MethodReference

            plans = [plan for _, plan in found]
            return MethodReference(kind, plans[0].name, [plan.definition for plan in plans], static=True)
    table = table_of(kind)
    entry = table.static_property(name.lower())
    if entry is not None:
        try:
            return entry.get()
        except Thrown as thrown:
            raise getting_failed(entry.name, thrown.exception) from None
    if kind.is_enum:
        return _enum_member(kind, name, default)
    method = table.static(name.lower())
    if method is not None:
        from ..members.listing import MethodReference

        return MethodReference(kind, method.name, method.definitions, static=True)
    return default


def _enum_member(kind: NetType, name: str, default: Any) -> Any:
    from .enums import make, shape_of

    shape = shape_of(kind)
    known = shape.by_folded.get(name.lower())
    return default if known is None else make(kind, shape.names[known])


def set_static(kind: NetType, name: str, new: Any) -> None:
    owner = kind.user
    if owner is not None and hasattr(owner, "static_set"):
        try:
            owner.static_set(name, new)
            return
        except AttributeError as missing:
            if not is_own(missing, name):
                raise
    entry = table_of(kind).static_property(name.lower())
    if entry is None:
        raise not_found(name)
    if entry.put is None:
        raise read_only(entry.name)
    wanted = resolve_type(entry.type_name)
    try:
        entry.put(convert(new, wanted) if wanted is not None else new)
    except Thrown as thrown:
        raise setting_failed(entry.name, thrown.exception) from None


def invoke_static(kind: NetType, name: str, args: Sequence[Any], types: Sequence[NetType] = ()) -> Any:
    """``[kind]::name(args)`` or ``[kind]::name[types](args)``; ``new`` constructs."""
    if name.lower() == "new":
        return construct(kind, args)
    owner = kind.user
    if owner is not None and hasattr(owner, "static_invoke"):
        try:
            return owner.static_invoke(name, list(args))
        except AttributeError as missing:
            if not is_own(missing, name):
                raise
    method = table_of(kind).static(name.lower())
    if method is not None:
        return (method.of_types(types) if types else method).call_static(args)
    raise method_not_found(kind.ps_to_string(), name)


call_static = invoke_static
