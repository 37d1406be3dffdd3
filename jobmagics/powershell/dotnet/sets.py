"""HashSet[T] and SortedSet[T]."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..values.conversions import convert
from ..values.types import OBJECT, NetType
from ..values.value import enumerate_value
from .compare import Comparer, default_compare, key_of, plain_fold
from .enumerators import Enumerator
from .table import NetObject, argument_null, declare, net_error


class NetSet(NetObject):
    """Distinct values in the order they came, or sorted."""

    def __init__(self, kind: NetType, items: Iterable[Any] = (), comparer: Any = None) -> None:
        self.kind = kind
        self.item = kind.arguments[0] if kind.arguments else OBJECT
        self.comparer = comparer if isinstance(comparer, Comparer) else None
        self.is_sorted = kind.name.startswith("Sorted")
        self.held: dict[Any, Any] = {}
        for item in items:
            self.add(item)

    def net_type_of(self) -> NetType:
        return self.kind

    def ps_items(self) -> Iterator[Any]:
        return iter(self.ordered())

    def ordered(self) -> list[Any]:
        if not self.is_sorted:
            return list(self.held.values())
        order = self.comparer.compare if self.comparer is not None else default_compare
        return sorted(self.held.values(), key=key_of(order))

    def fold(self, item: Any) -> Any:
        return self.comparer.fold(item) if self.comparer is not None else plain_fold(item)

    def add(self, item: Any) -> bool:
        value = item if self.item is OBJECT else convert(item, self.item)
        key = self.fold(value)
        if key in self.held:
            return False
        self.held[key] = value
        return True

    def remove(self, item: Any) -> bool:
        return self.held.pop(self.fold(item), _ABSENT) is not _ABSENT

    def other(self, source: Any) -> dict[Any, Any]:
        """What another collection holds, by this set's comparer."""
        if source is None:
            raise argument_null("other")
        items = [source] if isinstance(source, str) else enumerate_value(source)
        found = (item if self.item is OBJECT else convert(item, self.item) for item in items)
        return {self.fold(item): item for item in found}


_ABSENT = object()
_OTHER = "System.Collections.Generic.IEnumerable[T] other"


def _union(held: NetSet, source: Any) -> None:
    for key, item in held.other(source).items():
        held.held.setdefault(key, item)


def _intersect(held: NetSet, source: Any) -> None:
    other = held.other(source)
    held.held = {key: item for key, item in held.held.items() if key in other}


def _except(held: NetSet, source: Any) -> None:
    for key in held.other(source):
        held.held.pop(key, None)


def _symmetric(held: NetSet, source: Any) -> None:
    for key, item in held.other(source).items():
        if key in held.held:
            del held.held[key]
        else:
            held.held[key] = item


def _remove_where(held: NetSet, test: Any) -> int:
    gone = [key for key, item in held.held.items() if test.test(item)]
    for key in gone:
        del held.held[key]
    return len(gone)


def _between(held: NetSet, low: Any, high: Any) -> NetSet:
    """What lies between two values; unlike .NET's it does not follow later changes of the set."""
    order = held.comparer.compare if held.comparer is not None else default_compare
    if order(low, high) > 0:
        raise net_error("System.ArgumentException", "Must be less than or equal to upperValue.", param="lowerValue")
    items = [item for item in held.ordered() if order(low, item) <= 0 and order(item, high) <= 0]
    return NetSet(held.kind, items, held.comparer)


def _declare_set(name: str, order: str) -> None:
    table = declare(name, "T")
    comparer = f"System.Collections.Generic.{order}[T] comparer"
    table.constructor("()")(NetSet)
    table.constructor(f"({comparer})")(lambda kind, comparer: NetSet(kind, (), comparer))
    table.constructor(
        "(System.Collections.Generic.IEnumerable[T] collection)",
        f"(System.Collections.Generic.IEnumerable[T] collection, {comparer})",
    )(
        lambda kind, source, comparer=None: NetSet(
            kind, [source] if isinstance(source, str) else enumerate_value(source), comparer
        )
    )
    table.property("int Count", lambda held: len(held.held))
    table.property("System.Object Comparer", lambda held: held.comparer)
    table.method("bool Add(T item)")(NetSet.add)
    table.method("bool Remove(T item)")(NetSet.remove)
    table.method("bool Contains(T item)")(lambda held, item: held.fold(item) in held.held)
    table.method("void Clear()")(lambda held: held.held.clear())
    table.method(f"void UnionWith({_OTHER})")(_union)
    table.method(f"void IntersectWith({_OTHER})")(_intersect)
    table.method(f"void ExceptWith({_OTHER})")(_except)
    table.method(f"void SymmetricExceptWith({_OTHER})")(_symmetric)
    table.method(f"bool SetEquals({_OTHER})")(lambda held, source: held.held.keys() == held.other(source).keys())
    table.method(f"bool IsSubsetOf({_OTHER})")(lambda held, source: held.held.keys() <= held.other(source).keys())
    table.method(f"bool IsSupersetOf({_OTHER})")(lambda held, source: held.held.keys() >= held.other(source).keys())
    table.method(f"bool IsProperSubsetOf({_OTHER})")(lambda held, source: held.held.keys() < held.other(source).keys())
    table.method(f"bool IsProperSupersetOf({_OTHER})")(
        lambda held, source: held.held.keys() > held.other(source).keys()
    )
    table.method(f"bool Overlaps({_OTHER})")(lambda held, source: bool(held.held.keys() & held.other(source).keys()))
    table.method("int RemoveWhere(System.Predicate[T] match)")(_remove_where)
    table.method("System.Collections.IEnumerator GetEnumerator()")(lambda held: Enumerator(held.ordered()))
    table.method("void CopyTo(array array)")(
        lambda held, target: target.__setitem__(slice(0, len(held.held)), held.ordered())
    )
    table.property("T Min", lambda held: next(iter(held.ordered()), None))
    table.property("T Max", lambda held: next(reversed(held.ordered()), None))
    table.method("T[] ToArray()")(lambda held: held.ordered())
    if order == "IComparer":
        table.method("System.Collections.Generic.IEnumerable[T] Reverse()")(lambda held: held.ordered()[::-1])
        table.method("System.Collections.Generic.SortedSet[T] GetViewBetween(T lowerValue, T upperValue)")(_between)


_declare_set("System.Collections.Generic.HashSet`1", "IEqualityComparer")
_declare_set("System.Collections.Generic.SortedSet`1", "IComparer")
