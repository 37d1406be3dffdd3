"""Queue, Stack, their generic and concurrent kin, PriorityQueue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ...psobject import PSList
from ..values.conversions import convert
from ..values.types import OBJECT, NetType, net_type
from ..values.value import enumerate_value
from .compare import Comparer, default_compare, key_of, same_value
from .enumerators import Enumerator
from .table import Members, NetObject, argument_null, declare, net_error


class Line(NetObject):
    """A queue or a stack: ``held`` is in the order the pipeline sees it."""

    def __init__(self, kind: NetType, items: Iterable[Any] = ()) -> None:
        self.kind = kind
        self.item = kind.arguments[0] if kind.arguments else OBJECT
        self.is_stack = kind.name.startswith(("Stack", "ConcurrentStack", "ConcurrentBag"))
        self.ps_container = "STK" if self.is_stack else "QUE"
        self.held: list[Any] = []
        for item in items:
            self.put(item)

    def net_type_of(self) -> NetType:
        return self.kind

    def ps_items(self) -> Iterator[Any]:
        return iter(list(self.held))

    def put(self, item: Any) -> None:
        value = item if self.item is OBJECT else convert(item, self.item)
        self.held.insert(0 if self.is_stack else len(self.held), value)

    def first(self) -> Any:
        if not self.held:
            raise net_error("System.InvalidOperationException", f"{'Stack' if self.is_stack else 'Queue'} empty.")
        return self.held[0]

    def take(self) -> Any:
        found = self.first()
        del self.held[0]
        return found

    def try_take(self, result: Any, keep: bool = False) -> bool:
        result.value = self.held[0] if self.held else None
        if self.held and not keep:
            del self.held[0]
            return True
        return bool(self.held)


def _declare_line(name: str, item: str, put: str, take: str, concurrent: bool = False) -> Members:
    table = declare(name, *(("T",) if item == "T" else ()))
    table.constructor("()", "(int capacity)")(lambda kind, capacity=0: Line(kind))
    table.constructor(
        "(System.Collections.ICollection collection)", "(System.Collections.Generic.IEnumerable[T] collection)"
    )(lambda kind, source: Line(kind, enumerate_value(source)))
    table.property("int Count", lambda line: len(line.held))
    table.property("bool IsSynchronized", lambda line: "+Sync" in line.kind.full_name)
    table.property("System.Object SyncRoot", lambda line: line)
    table.method(f"void {put}({item} item)")(Line.put)
    table.method("void Clear()")(lambda line: line.held.clear())
    table.method(f"bool Contains({item} item)")(lambda line, item: any(same_value(one, item) for one in line.held))
    table.method(f"{item}[] ToArray()")(
        lambda line: list(line.held) if line.item is OBJECT else PSList.of(line.item.full_name, line.held)
    )
    table.method("System.Collections.IEnumerator GetEnumerator()")(lambda line: Enumerator(line.held))
    table.method("System.Object Clone()")(_clone)
    table.method(f"bool Try{take}([ref] {item} result)")(Line.try_take)
    table.method(f"bool TryPeek([ref] {item} result)")(lambda line, result: line.try_take(result, True))
    if concurrent:
        table.property("bool IsEmpty", lambda line: not line.held)
    else:
        table.method(f"{item} {take}()")(Line.take)
        table.method(f"{item} Peek()")(Line.first)
        table.method("void TrimExcess()")(lambda line: None)
    return table


def _clone(line: Line) -> Line:
    copy = Line(line.kind)
    copy.held = list(line.held)
    return copy


def _synchronized(line: Line | None, kind: str) -> Line:
    """Another line with the same elements."""
    if line is None:
        raise argument_null(kind.rpartition("Sync")[0].rpartition(".")[2].rstrip("+").lower())
    found = Line(net_type(kind))
    found.held, found.is_stack, found.ps_container = line.held, line.is_stack, line.ps_container
    return found


_QUEUE, _STACK = "System.Collections.Queue", "System.Collections.Stack"
_declare_line(_QUEUE, "System.Object", "Enqueue", "Dequeue").static(f"{_QUEUE} Synchronized({_QUEUE} queue)")(
    lambda queue: _synchronized(queue, _QUEUE + "+SynchronizedQueue")
)
_declare_line(_STACK, "System.Object", "Push", "Pop").static(f"{_STACK} Synchronized({_STACK} stack)")(
    lambda stack: _synchronized(stack, _STACK + "+SyncStack")
)
_declare_line("System.Collections.Generic.Queue`1", "T", "Enqueue", "Dequeue")
_declare_line("System.Collections.Generic.Stack`1", "T", "Push", "Pop")
_declare_line("System.Collections.Concurrent.ConcurrentQueue`1", "T", "Enqueue", "Dequeue", True)
_declare_line("System.Collections.Concurrent.ConcurrentStack`1", "T", "Push", "Pop", True)
_declare_line("System.Collections.Concurrent.ConcurrentBag`1", "T", "Add", "Take", True)


# -- PriorityQueue


class PriorityQueue(NetObject):
    """Elements by priority, lowest first; .NET promises no order among equals, this keeps the order they came."""

    def __init__(self, kind: NetType, comparer: Any = None) -> None:
        self.kind = kind
        self.order = comparer.compare if isinstance(comparer, Comparer) else default_compare
        self.held: list[tuple[Any, Any]] = []

    def net_type_of(self) -> NetType:
        return self.kind

    def put(self, item: Any, priority: Any) -> None:
        key = key_of(self.order)(priority)
        at = len(self.held)
        while at and key < key_of(self.order)(self.held[at - 1][1]):
            at -= 1
        self.held.insert(at, (item, priority))

    def first(self) -> Any:
        if not self.held:
            raise net_error("System.InvalidOperationException", "Queue empty.")
        return self.held[0][0]

    def take(self) -> Any:
        found = self.first()
        del self.held[0]
        return found

    def swap(self, item: Any, priority: Any) -> Any:
        self.put(item, priority)
        return self.take()

    def try_take(self, item: Any, priority: Any, keep: bool = False) -> bool:
        item.value, priority.value = self.held[0] if self.held else (None, None)
        if self.held and not keep:
            del self.held[0]
            return True
        return bool(self.held)


PRIORITY = declare("System.Collections.Generic.PriorityQueue`2", "TKey", "TValue")
PRIORITY.constructor("()", "(int initialCapacity)")(lambda kind, capacity=0: PriorityQueue(kind))
PRIORITY.constructor("(System.Collections.Generic.IComparer[TValue] comparer)")(PriorityQueue)
PRIORITY.property("int Count", lambda queue: len(queue.held))
PRIORITY.method("void Enqueue(TKey element, TValue priority)")(PriorityQueue.put)
PRIORITY.method("TKey Dequeue()")(PriorityQueue.take)
PRIORITY.method("TKey Peek()")(PriorityQueue.first)
PRIORITY.method("TKey EnqueueDequeue(TKey element, TValue priority)")(PriorityQueue.swap)
PRIORITY.method("void Clear()")(lambda queue: queue.held.clear())
PRIORITY.method("bool TryDequeue([ref] TKey element, [ref] TValue priority)")(PriorityQueue.try_take)
PRIORITY.method("bool TryPeek([ref] TKey element, [ref] TValue priority)")(
    lambda queue, item, priority: queue.try_take(item, priority, True)
)
