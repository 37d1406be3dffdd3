"""Tuple, ValueTuple, Lazy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..members.indexing import number_of
from ..values.types import OBJECT, NetType, generic_type, net_type, type_of
from ..values.value import to_string
from .compare import same_value
from .table import NetObject, argument_null, declare, net_error


class NetTuple(NetObject):
    """Tuple[...] or ValueTuple[...]."""

    def __init__(self, kind: NetType, items: Sequence[Any]) -> None:
        self.kind = kind
        self.items = list(items)

    def net_type_of(self) -> NetType:
        return self.kind

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        for at, item in enumerate(self.items, 1):
            yield f"Item{at}", item
        if self.kind.definition.startswith("System.Tuple"):
            yield "Length", len(self.items)

    def ps_index(self, index: Any) -> Any:
        return self.items[number_of(index)]

    def ps_to_string(self) -> str:
        return f"({', '.join(to_string(item) for item in self.items)})"

    def ps_equals(self, other: Any) -> bool:
        return (
            isinstance(other, NetTuple)
            and other.kind is self.kind
            and all(same_value(a, b) for a, b in zip(self.items, other.items, strict=True))
        )

    def __eq__(self, other: object) -> bool:
        return self.ps_equals(other)

    def __hash__(self) -> int:
        return hash(tuple(to_string(item) for item in self.items))


def _kind(name: str, items: Sequence[Any]) -> NetType:
    definition = net_type(f"System.{name}`{len(items)}")
    return generic_type(definition, tuple(OBJECT if item is None else type_of(item) for item in items))


def make_tuple(items: Sequence[Any]) -> NetTuple:
    return NetTuple(_kind("Tuple", items), items)


def value_tuple(items: Sequence[Any]) -> NetTuple:
    return NetTuple(_kind("ValueTuple", items), items)


def _parameters(count: int) -> tuple[str, ...]:
    return tuple(f"T{at}" for at in range(1, count + 1))


TUPLE = declare("System.Tuple")
TUPLE.static("System.Object Create(Params System.Object[] items)")(make_tuple)
VALUE_TUPLE = declare("System.ValueTuple")
VALUE_TUPLE.static("System.Object Create(Params System.Object[] items)")(value_tuple)


def _declare_size(name: str, count: int) -> None:
    names = _parameters(count)
    table = declare(f"System.{name}`{count}", *names)
    inner = ", ".join(f"{one} item{at}" for at, one in enumerate(names, 1))
    table.constructor(f"({inner})")(lambda kind, *items: NetTuple(kind, items))
    table.method("bool Equals(System.Object obj)")(lambda held, other: held.ps_equals(other))
    table.method("int CompareTo(System.Object other)")(_compare)


def _compare(left: NetTuple, right: Any) -> int:
    if right is None:
        return 1
    if not isinstance(right, NetTuple) or right.kind is not left.kind:
        raise net_error("System.ArgumentException", f"Argument must be of type {left.kind.full_name}.", param="other")
    from .compare import default_compare

    return next((found for a, b in zip(left.items, right.items, strict=True) if (found := default_compare(a, b))), 0)


for _count in range(1, 8):
    _declare_size("Tuple", _count)
    _declare_size("ValueTuple", _count)


class Lazy(NetObject):
    """A value computed when first asked for."""

    def __init__(self, kind: NetType, make: Any) -> None:
        self.kind = kind
        self.make = make
        self.is_value_created = False
        self.held: Any = None

    def net_type_of(self) -> NetType:
        return self.kind

    def value(self) -> Any:
        if not self.is_value_created:
            self.held = self.make()
            self.is_value_created = True
        return self.held


LAZY = declare("System.Lazy`1", "T")


@LAZY.constructor(
    "(System.Func[T] valueFactory)",
    "(System.Func[T] valueFactory, bool isThreadSafe)",
    "(System.Func[T] valueFactory, System.Threading.LazyThreadSafetyMode mode)",
)
def _lazy(kind: NetType, factory: Any, mode: Any = None) -> Lazy:
    if factory is None:
        raise argument_null("valueFactory")
    return Lazy(kind, factory)


LAZY.property("T Value", Lazy.value)
LAZY.attributes("bool IsValueCreated")
