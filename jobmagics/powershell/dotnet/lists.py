"""List[T], ArrayList, Collection[T], ReadOnlyCollection[T], StringCollection, LinkedList[T]."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ...psobject import PSList
from ..values.conversions import convert
from ..values.types import OBJECT, NetType, net_type, register_class, resolve_type
from ..values.value import enumerate_value
from .arrays import binary_search, like, sort_items
from .compare import same_value
from .enumerators import Enumerator, unchanged
from .signatures import search_end
from .table import Members, NetObject, argument_null, declare, index_out_of_range, net_error, out_of_range
from .wrappers import READ_ONLY, ListView, ReadOnlyList, array_list, read_only, refused


class NetList(PSList):
    """A growing list of one element type."""

    strict_index = True

    def __init__(self, kind: NetType, items: Iterable[Any] = ()) -> None:
        super().__init__(items)
        self.kind = kind
        self.item = kind.arguments[0] if kind.arguments else OBJECT
        self.element = self.item.full_name

    def net_type_of(self) -> NetType:
        return self.kind

    def __iter__(self) -> Iterator[Any]:
        return unchanged(super().__iter__(), self)

    def ps_type_names(self) -> list[str]:
        return [one.full_name for one in self.kind.lineage()]


class ArrayList(PSList):
    """System.Collections.ArrayList."""

    strict_index = True

    def __iter__(self) -> Iterator[Any]:
        return unchanged(super().__iter__(), self)

    def ps_type_names(self) -> list[str]:
        return ["System.Collections.ArrayList", "System.Object"]

    def net_type_of(self) -> NetType:
        return net_type("System.Collections.ArrayList")


register_class(ArrayList, "System.Collections.ArrayList")


def object_list(items: Iterable[Any] = (), element: str = "object") -> NetList:
    kind = resolve_type(f"System.Collections.Generic.List[{element}]")
    assert kind is not None
    return NetList(kind, items)


def _checked(values: list[Any], index: int, end: int | None = None) -> int:
    if not 0 <= index < (len(values) if end is None else end):
        raise index_out_of_range()
    return index


def _insert_place(values: list[Any], index: int) -> int:
    if not 0 <= index <= len(values):
        raise out_of_range("index", "Index must be within the bounds of the List.")
    return index


def _span(values: list[Any], index: int, count: int) -> None:
    if index < 0:
        raise out_of_range("index", "Non-negative number required.")
    if count < 0:
        raise out_of_range("count", "Non-negative number required.")
    if index + count > len(values):
        raise net_error(
            "System.ArgumentException",
            "Offset and length were out of bounds for the array or count is greater than the number of elements from "
            "index to the end of the source collection.",
        )


def _find(values: list[Any], wanted: Any) -> int:
    return next((at for at, item in enumerate(values) if same_value(item, wanted)), -1)


def _items(source: Any) -> list[Any]:
    if source is None:
        raise argument_null("collection")
    if isinstance(source, str):
        from ...psobject import Char

        return [Char(char) for char in source]
    return list(enumerate_value(source))


def _convert_all(values: list[Any], source: Any) -> list[Any]:
    element = getattr(values, "item", OBJECT)
    return _items(source) if element is OBJECT else [convert(item, element) for item in _items(source)]


def _remove(values: list[Any], wanted: Any) -> bool:
    at = _find(values, wanted)
    if at >= 0:
        del values[at]
    return at >= 0


def _remove_at(values: list[Any], index: int) -> None:
    del values[_checked(values, index)]


def _insert(values: list[Any], index: int, item: Any) -> None:
    values.insert(_insert_place(values, index), item)


def _insert_range(values: list[Any], index: int, source: Any) -> None:
    at = _insert_place(values, index)
    values[at:at] = _convert_all(values, source)


def _add_range(values: list[Any], source: Any) -> None:
    values.extend(_convert_all(values, source))


def _remove_range(values: list[Any], index: int, count: int) -> None:
    _span(values, index, count)
    del values[index : index + count]


def _reverse(values: list[Any], index: int = 0, count: int | None = None) -> None:
    end = len(values) if count is None else index + count
    values[index:end] = values[index:end][::-1]


def _get_range(values: list[Any], index: int, count: int) -> Any:
    _span(values, index, count)
    part = values[index : index + count]
    return NetList(values.kind, part) if isinstance(values, NetList) else ArrayList(part)


def _copy_to(values: list[Any], target: list[Any], index: int = 0) -> None:
    from .arrays import _copy_to as copy

    copy(values, target, index)


def _index_of(values: list[Any], wanted: Any, start: int = 0, count: int | None = None) -> int:
    end = search_end(len(values), start, count, "index")
    return next((at for at in range(start, end) if same_value(values[at], wanted)), -1)


def _get_item(values: list[Any], index: int) -> Any:
    return values[_checked(values, index)]


def _set_item(values: list[Any], index: int, item: Any) -> None:
    values[_checked(values, index)] = item


def _declare_common(table: Members, item: str) -> None:
    table.property("int Count", len)
    table.property("bool IsReadOnly", lambda values: isinstance(values, ReadOnlyList))
    table.property("bool IsFixedSize", lambda values: not getattr(values, "may_resize", True))
    table.property("bool IsSynchronized", lambda values: type(values) is ListView)
    table.property("System.Object SyncRoot", lambda values: values)
    table.method(f"bool Contains({item} item)")(lambda values, wanted: _find(values, wanted) >= 0)
    table.method(
        f"int IndexOf({item} item)",
        f"int IndexOf({item} item, int index)",
        f"int IndexOf({item} item, int index, int count)",
    )(_index_of)
    table.method("void CopyTo(array array)", "void CopyTo(array array, int arrayIndex)")(_copy_to)
    table.method("System.Collections.IEnumerator GetEnumerator()")(Enumerator)
    table.method(f"{item} get_Item(int index)", f"{item} Item(int index)")(_get_item)


def _declare_changes(table: Members, item: str) -> None:
    table.method(f"void set_Item(int index, {item} value)")(_set_item)
    table.method(f"void Insert(int index, {item} item)")(_insert)
    table.method("void RemoveAt(int index)")(_remove_at)
    table.method("void Clear()")(lambda values: values.clear())


# -- List[T]

LIST = declare("System.Collections.Generic.List`1", "T")
_declare_common(LIST, "T")
_declare_changes(LIST, "T")
LIST.property("int Capacity", lambda values: max(4, len(values)), lambda values, size: None)
LIST.constructor("()", "(int capacity)")(lambda kind, capacity=0: NetList(kind))


@LIST.constructor("(System.Collections.Generic.IEnumerable[T] collection)")
def _from(kind: NetType, source: Any) -> NetList:
    made = NetList(kind)
    _add_range(made, source)
    return made


_MATCH = "System.Predicate[T] match"
LIST.method("void Add(T item)")(lambda values, item: values.append(item))
LIST.method("void AddRange(System.Collections.Generic.IEnumerable[T] collection)")(_add_range)
LIST.method("bool Remove(T item)")(_remove)
LIST.method("void InsertRange(int index, System.Collections.Generic.IEnumerable[T] collection)")(_insert_range)
LIST.method("void RemoveRange(int index, int count)")(_remove_range)
LIST.method("void Reverse()", "void Reverse(int index, int count)")(_reverse)
LIST.method(
    "System.Collections.Generic.List[T] GetRange(int index, int count)",
    "System.Collections.Generic.List[T] Slice(int start, int length)",
)(_get_range)
LIST.method("T[] ToArray()")(
    lambda values: list(values) if values.item is OBJECT else PSList.of(values.element, values)
)
LIST.method("void TrimExcess()")(lambda values: None)
LIST.method("int EnsureCapacity(int capacity)")(lambda values, capacity: max(capacity, len(values)))
LIST.method("System.Collections.ObjectModel.ReadOnlyCollection[T] AsReadOnly()")(read_only)
LIST.method("int LastIndexOf(T item)")(
    lambda values, wanted: next((at for at in range(len(values) - 1, -1, -1) if same_value(values[at], wanted)), -1)
)
LIST.method("int BinarySearch(T item)", "int BinarySearch(T item, System.Collections.Generic.IComparer[T] comparer)")(
    binary_search
)
LIST.method(
    "void Sort()",
    "void Sort(System.Collections.Generic.IComparer[T] comparer)",
    "void Sort(System.Comparison[T] comparison)",
)(sort_items)
LIST.method(f"T Find({_MATCH})")(lambda values, test: next((one for one in values if test.test(one)), _nothing(values)))
LIST.method(f"T FindLast({_MATCH})")(
    lambda values, test: next((one for one in reversed(values) if test.test(one)), _nothing(values))
)
LIST.method(f"System.Collections.Generic.List[T] FindAll({_MATCH})")(
    lambda values, test: NetList(values.kind, [one for one in values if test.test(one)])
)
LIST.method(f"int FindIndex({_MATCH})")(
    lambda values, test: next((at for at, one in enumerate(values) if test.test(one)), -1)
)
LIST.method(f"int FindLastIndex({_MATCH})")(
    lambda values, test: next((at for at in range(len(values) - 1, -1, -1) if test.test(values[at])), -1)
)
LIST.method(f"bool Exists({_MATCH})")(lambda values, test: any(test.test(one) for one in values))
LIST.method(f"bool TrueForAll({_MATCH})")(lambda values, test: all(test.test(one) for one in values))


def _nothing(values: NetList) -> Any:
    from .arrays import element_default

    return element_default(values.item)


@LIST.method(f"int RemoveAll({_MATCH})")
def _remove_all(values: NetList, test: Any) -> int:
    kept = [one for one in values if not test.test(one)]
    removed = len(values) - len(kept)
    values[:] = kept
    return removed


@LIST.method("void ForEach(System.Action[T] action)")
def _each(values: NetList, action: Any) -> None:
    for one in list(values):
        action(one)


@LIST.method("System.Collections.Generic.List[System.Object] ConvertAll(System.Converter[T,System.Object] converter)")
def _convert(values: NetList, converter: Any) -> NetList:
    return object_list([converter(one) for one in values])


# -- ArrayList

ARRAY_LIST = declare("System.Collections.ArrayList")
_declare_common(ARRAY_LIST, "System.Object")
_declare_changes(ARRAY_LIST, "System.Object")
ARRAY_LIST.property("int Capacity", lambda values: max(4, len(values)), lambda values, size: None)
ARRAY_LIST.constructor("()", "(int capacity)")(lambda kind, capacity=0: ArrayList())
ARRAY_LIST.constructor("(System.Collections.ICollection c)")(lambda kind, source: ArrayList(_items(source)))


@ARRAY_LIST.method("int Add(System.Object value)")
def _add(values: list[Any], item: Any) -> int:
    values.append(item)
    return len(values) - 1


@ARRAY_LIST.method("void Remove(System.Object obj)")
def _remove_quietly(values: list[Any], wanted: Any) -> None:
    _remove(values, wanted)


ARRAY_LIST.method("void AddRange(System.Collections.ICollection c)")(_add_range)
ARRAY_LIST.method("void InsertRange(int index, System.Collections.ICollection c)")(_insert_range)
ARRAY_LIST.method("void RemoveRange(int index, int count)")(_remove_range)
ARRAY_LIST.method("void Reverse()", "void Reverse(int index, int count)")(_reverse)
ARRAY_LIST.method("System.Collections.ArrayList GetRange(int index, int count)")(_get_range)
ARRAY_LIST.method("void Sort()", "void Sort(System.Collections.IComparer comparer)")(sort_items)
ARRAY_LIST.method("System.Object Clone()")(ArrayList)
ARRAY_LIST.method("int BinarySearch(System.Object value)")(binary_search)
ARRAY_LIST.method("int LastIndexOf(System.Object value)")(
    lambda values, wanted: next((at for at in range(len(values) - 1, -1, -1) if same_value(values[at], wanted)), -1)
)
ARRAY_LIST.method("System.Object[] ToArray()")(list)
ARRAY_LIST.method("array ToArray(type type)")(
    lambda values, kind: (
        like(PSList.of(kind.full_name), [convert(item, kind) for item in values])
        if kind is not OBJECT
        else list(values)
    )
)
ARRAY_LIST.method("void TrimToSize()")(lambda values: None)
for _name, _what in (("Synchronized", "Sync"), ("ReadOnly", "ReadOnly"), ("FixedSize", "FixedSize")):
    ARRAY_LIST.static(f"System.Collections.ArrayList {_name}(System.Collections.ArrayList list)")(
        lambda values, what=_what: array_list(values, what)
    )
ARRAY_LIST.static("System.Collections.ArrayList Repeat(System.Object value, int count)")(
    lambda value, count: ArrayList([value] * count)
)
ARRAY_LIST.static("System.Collections.ArrayList Adapter(System.Collections.IList list)")(ArrayList)

# -- Collection[T] and its kin


def _refuse_change(*values: Any) -> None:
    raise refused(READ_ONLY)


def _declare_collection(name: str, changes: bool) -> Members:
    table = declare(name, "T")
    _declare_common(table, "T")
    make = NetList if changes else ReadOnlyList
    if changes:
        _declare_changes(table, "T")
        table.method("void Add(T item)")(lambda values, item: values.append(item))
        table.method("bool Remove(T item)")(_remove)
        table.constructor("()")(make)
    else:  # what IList makes it have
        table.method("void Add(T item)", "void Insert(int index, T item)", "bool Remove(T item)")(_refuse_change)
        table.method("void RemoveAt(int index)", "void Clear()")(_refuse_change)
    table.constructor("(System.Collections.Generic.IList[T] list)")(lambda kind, source: make(kind, _items(source)))
    return table


_declare_collection("System.Collections.ObjectModel.Collection`1", True)
_OBSERVABLE = _declare_collection("System.Collections.ObjectModel.ObservableCollection`1", True)
_declare_collection("System.Collections.ObjectModel.ReadOnlyCollection`1", False)


@_OBSERVABLE.method("void Move(int oldIndex, int newIndex)")
def _move(values: list[Any], old: int, new: int) -> None:
    item = values.pop(_checked(values, old))
    values.insert(_insert_place(values, new), item)


STRINGS = declare("System.Collections.Specialized.StringCollection")
_declare_common(STRINGS, "string")
_declare_changes(STRINGS, "string")
STRINGS.constructor("()")(NetList)
STRINGS.method("int Add(string value)")(_add)
STRINGS.method("void AddRange(string[] value)")(_add_range)
STRINGS.method("void Remove(string value)")(_remove_quietly)

# -- LinkedList[T]


class LinkedNode(NetObject):
    """A place in a LinkedList: found again by identity."""

    net_type = "System.Collections.Generic.LinkedListNode`1"

    def __init__(self, owner: LinkedList, value: Any) -> None:
        self.owner = owner
        self.value = value

    def beside(self, step: int) -> LinkedNode | None:
        at = self.owner.nodes.index(self) + step
        return self.owner.nodes[at] if 0 <= at < len(self.owner.nodes) else None

    def ps_get(self, name: str) -> Any:
        folded = name.lower()
        if folded == "value":
            return self.value
        if folded in ("next", "previous"):
            return self.beside(1 if folded == "next" else -1)
        if folded == "list":
            return self.owner
        raise AttributeError(name)

    def ps_set(self, name: str, new: Any) -> None:
        if name.lower() != "value":
            raise AttributeError(name)
        self.value = new


class LinkedList(NetObject):
    def __init__(self, kind: NetType, items: Iterable[Any] = ()) -> None:
        self.kind = kind
        self.nodes = [LinkedNode(self, item) for item in items]

    def net_type_of(self) -> NetType:
        return self.kind

    def ps_items(self) -> Iterable[Any]:
        return (node.value for node in self.nodes)

    def find(self, value: Any) -> LinkedNode | None:
        return next((node for node in self.nodes if same_value(node.value, value)), None)

    def put(self, at: int, value: Any) -> LinkedNode:
        node = LinkedNode(self, value)
        self.nodes.insert(at, node)
        return node

    def place(self, node: LinkedNode | None) -> int:
        """Where a node of this list stands."""
        if node is None:
            raise argument_null("node")
        if node not in self.nodes:
            raise net_error(
                "System.InvalidOperationException", "The LinkedList node does not belong to current LinkedList."
            )
        return self.nodes.index(node)

    def drop(self, at: int) -> None:
        if not self.nodes:
            raise net_error("System.InvalidOperationException", "The LinkedList is empty.")
        del self.nodes[at]


LINKED = declare("System.Collections.Generic.LinkedList`1", "T")
_NODE = "System.Collections.Generic.LinkedListNode`1 node"
LINKED.constructor("()")(LinkedList)
LINKED.constructor("(System.Collections.Generic.IEnumerable[T] collection)")(
    lambda kind, source: LinkedList(kind, _items(source))
)
LINKED.property("int Count", lambda linked: len(linked.nodes))
LINKED.property(
    "System.Collections.Generic.LinkedListNode`1 First", lambda linked: linked.nodes[0] if linked.nodes else None
)
LINKED.property(
    "System.Collections.Generic.LinkedListNode`1 Last", lambda linked: linked.nodes[-1] if linked.nodes else None
)
LINKED.method("System.Collections.Generic.LinkedListNode`1 AddFirst(T value)")(
    lambda linked, value: linked.put(0, value)
)
LINKED.method("System.Collections.Generic.LinkedListNode`1 AddLast(T value)", "void Add(T value)")(
    lambda linked, value: linked.put(len(linked.nodes), value)
)
LINKED.method(f"System.Collections.Generic.LinkedListNode`1 AddAfter({_NODE}, T value)")(
    lambda linked, node, value: linked.put(linked.place(node) + 1, value)
)
LINKED.method(f"System.Collections.Generic.LinkedListNode`1 AddBefore({_NODE}, T value)")(
    lambda linked, node, value: linked.put(linked.place(node), value)
)
LINKED.method("System.Collections.Generic.LinkedListNode`1 Find(T value)")(LinkedList.find)
LINKED.method("bool Contains(T value)")(lambda linked, value: linked.find(value) is not None)
LINKED.method("void RemoveFirst()")(lambda linked: linked.drop(0))
LINKED.method("void RemoveLast()")(lambda linked: linked.drop(-1))
LINKED.method("void Clear()")(lambda linked: linked.nodes.clear())
LINKED.method("System.Collections.IEnumerator GetEnumerator()")(lambda linked: Enumerator(linked.ps_items()))


@LINKED.method("bool Remove(T value)")
def _unlink(linked: LinkedList, value: Any) -> bool:
    node = linked.find(value)
    if node is None:
        return False
    linked.nodes.remove(node)
    return True


LINKED.method(f"void Remove({_NODE})")(lambda linked, node: linked.drop(linked.place(node)))
