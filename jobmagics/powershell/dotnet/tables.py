"""Hashtable, OrderedDictionary, the generic dictionaries and their sorted and concurrent kin, NameValueCollection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...psobject import Hashtable, OrderedDictionary, PSList
from ..values.conversions import convert, try_convert
from ..values.types import OBJECT, NetType, generic_type, net_type, resolve_type
from ..values.value import to_string
from .compare import Comparer, default_compare, key_of, plain_fold, same_value
from .enumerators import Entry, Enumerator, entries, unchanged
from .table import Members, Thrown, argument_null, declare, index_out_of_range, net_error, out_of_range
from .wrappers import ReadOnlyOrdered, SyncTable, synchronized


class Dictionary(Hashtable):
    """A dictionary of .NET with its types and its comparer; sorted ones give their keys in order."""

    __slots__ = ("__dict__",)

    def __init__(self, kind: NetType, comparer: Any = None, items: Any = ()) -> None:
        self.kind = kind
        self.comparer = comparer if isinstance(comparer, Comparer) else None
        self.is_sorted = "Sorted" in kind.name
        self.in_buckets = kind.full_name == "System.Collections.Hashtable"
        self.type_names = [one.full_name for one in kind.lineage()]
        super().__init__(items)

    def fold(self, key: Any) -> Any:  # type: ignore[override]
        return self.comparer.fold(key) if self.comparer is not None else plain_fold(key)

    def net_type_of(self) -> NetType:
        return self.kind

    def __setitem__(self, key: Any, value: Any) -> None:
        arguments = self.kind.arguments
        if len(arguments) == 2:
            key = key if arguments[0] is OBJECT else convert(key, arguments[0])
            value = value if arguments[1] is OBJECT or value is None else convert(value, arguments[1])
        fresh = self.fold(key) not in self._items
        super().__setitem__(key, value)
        if fresh and self.is_sorted:
            order = self.comparer.compare if self.comparer is not None else default_compare
            self._items = dict(sorted(self._items.items(), key=lambda pair: key_of(order)(pair[1][0])))

    def converted_key(self, key: Any) -> Any:
        arguments = self.kind.arguments
        if not arguments or arguments[0] is OBJECT:
            return key
        found = try_convert(key, arguments[0])
        return key if found is None else found

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(self.converted_key(key))

    def __contains__(self, key: object) -> bool:
        return super().__contains__(self.converted_key(key))


class OrderedTable(Dictionary, OrderedDictionary):
    """``[OrderedDictionary]::new()``: unlike [ordered], its keys keep their case apart."""

    __slots__ = ()


class KeyView(PSList):
    """.Keys or .Values: what the dictionary holds now."""

    def __init__(self, owner: Hashtable, items: Any, names: list[str]) -> None:
        super().__init__(items)
        self.owner = owner
        self.names = names

    def __iter__(self) -> Iterator[Any]:
        return unchanged(super().__iter__(), self.owner)

    def ps_type_names(self) -> list[str]:
        return self.names

    def net_type_of(self) -> NetType:
        return net_type(self.names[0])

    def ps_get(self, name: str) -> Any:
        if name.lower() == "count":
            return len(self)
        raise AttributeError(name)

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        folded = name.lower()
        if folded == "contains":
            return any(same_value(item, args[0]) for item in self)
        if folded == "copyto":
            args[0][int(args[1]) : int(args[1]) + len(self)] = self
            return None
        if folded == "getenumerator":
            return Enumerator(self)
        raise AttributeError(name)


def _view(table: Hashtable, what: str) -> KeyView:
    items = table if what == "Key" else table.values()
    kind = getattr(table, "kind", None)
    if kind is not None and kind.arguments:
        owner = kind.definition
        inner = kind.full_name.partition("[[")[2]
        return KeyView(table, items, [f"{owner.rpartition('`')[0]}`2+{what}Collection[[{inner}", "System.Object"])
    if isinstance(table, OrderedDictionary):
        name = "System.Collections.Specialized.OrderedDictionary+OrderedDictionaryKeyValueCollection"
        return KeyView(table, items, [name, "System.Object"])
    return KeyView(table, items, [f"System.Collections.Hashtable+{what}Collection", "System.Object"])


def case_sensitive(items: Any = ()) -> Dictionary:
    """``[hashtable]::new()``: unlike @{}, its keys keep their case apart."""
    return Dictionary(net_type("System.Collections.Hashtable"), None, items)


def _entry_kind(table: Hashtable) -> NetType | None:
    kind = getattr(table, "kind", None)
    if kind is None or not kind.arguments:
        return None
    definition = resolve_type("System.Collections.Generic.KeyValuePair`2")
    assert definition is not None
    return generic_type(definition, kind.arguments)


def _require(key: Any) -> Any:
    if key is None:
        raise argument_null("key")
    return key


def _added_twice(held: Any, key: Any) -> Thrown:
    return net_error(
        "System.ArgumentException",
        f"Item has already been added. Key in dictionary: '{to_string(held)}'  Key being added: '{to_string(key)}'",
    )


def _add(table: Hashtable, key: Any, value: Any) -> None:
    if _require(key) in table:
        if isinstance(table, Dictionary) and table.kind.arguments:
            raise net_error(
                "System.ArgumentException", f"An item with the same key has already been added. Key: {to_string(key)}"
            )
        held = next(known for known in table if table.fold(known) == table.fold(key))
        raise _added_twice(held, key)
    table[key] = value


def _get(table: Hashtable, key: Any) -> Any:
    if _require(key) in table:
        return table[key]
    if isinstance(table, Dictionary) and table.kind.arguments:
        raise net_error(
            "System.Collections.Generic.KeyNotFoundException",
            f"The given key '{to_string(key)}' was not present in the dictionary.",
        )
    return None


def _put(table: Hashtable, key: Any, value: Any) -> None:
    table[_require(key)] = value


def _remove(table: Hashtable, key: Any) -> bool:
    if _require(key) in table:
        del table[key]
        return True
    return False


def _declare_common(table: Members, key: str, value: str) -> None:
    keys, values = ("System.Collections.ICollection",) * 2
    if key != "System.Object":
        keys, values = (f"System.Collections.Generic.ICollection[{one}]" for one in (key, value))
    table.property("bool IsReadOnly", lambda held: isinstance(held, ReadOnlyOrdered))
    table.property("bool IsFixedSize", lambda held: isinstance(held, ReadOnlyOrdered))
    table.property("bool IsSynchronized", lambda held: isinstance(held, SyncTable))
    table.property(f"{keys} Keys", lambda held: _view(held, "Key"))
    table.property(f"{values} Values", lambda held: _view(held, "Value"))
    table.property("System.Object SyncRoot", lambda held: getattr(held, "owner", held))
    table.property("int Count", len)
    table.method(f"void Add({key} key, {value} value)")(_add)
    table.method("void Clear()")(lambda held: held.clear())
    table.method(f"bool ContainsKey({key} key)")(lambda held, wanted: _require(wanted) in held)
    table.method(f"bool ContainsValue({value} value)")(
        lambda held, wanted: any(same_value(one, wanted) for one in held.values())
    )
    table.method(f"{value} get_Item({key} key)", f"{value} Item({key} key)")(_get)
    table.method(f"void set_Item({key} key, {value} value)")(_put)
    table.method("System.Collections.IDictionaryEnumerator GetEnumerator()")(
        lambda held: Enumerator(entries(held, _entry_kind(held)))
    )
    table.method("void CopyTo(array array, int index)")(_copy_to)


def _copy_to(held: Hashtable, target: list[Any], index: int) -> None:
    found = entries(held, _entry_kind(held))
    target[index : index + len(found)] = found


def held_copy(held: Hashtable) -> Hashtable:
    if isinstance(held, Dictionary):
        return Dictionary(held.kind, held.comparer, held.items())
    return type(held)(held.items())


# -- Hashtable

HASH = declare("System.Collections.Hashtable")
_declare_common(HASH, "System.Object", "System.Object")
HASH.method("bool Contains(System.Object key)")(lambda held, wanted: _require(wanted) in held)


@HASH.method("void Remove(System.Object key)")
def _remove_quietly(held: Hashtable, key: Any) -> None:
    _remove(held, key)


HASH.method("System.Object Clone()")(held_copy)
HASH.constructor("hashtable()", "hashtable(int capacity)")(lambda kind, capacity=0: case_sensitive())
HASH.constructor("hashtable(System.Collections.IEqualityComparer equalityComparer)")(Dictionary)
HASH.constructor("hashtable(System.Collections.IDictionary d)")(lambda kind, source: case_sensitive(source.items()))
HASH.constructor("hashtable(System.Collections.IDictionary d, System.Collections.IEqualityComparer equalityComparer)")(
    lambda kind, source, comparer: Dictionary(kind, comparer, source.items())
)
HASH.static("hashtable Synchronized(hashtable table)")(synchronized)


# -- OrderedDictionary

ORDERED = declare("System.Collections.Specialized.OrderedDictionary")
_declare_common(ORDERED, "System.Object", "System.Object")
ORDERED.constructor("ordered()", "ordered(int capacity)")(lambda kind, capacity=0: OrderedTable(kind))
ORDERED.constructor("ordered(System.Collections.IEqualityComparer comparer)")(OrderedTable)
ORDERED.constructor("ordered(int capacity, System.Collections.IEqualityComparer comparer)")(
    lambda kind, capacity, comparer: OrderedTable(kind, comparer)
)
ORDERED.method("bool Contains(System.Object key)")(lambda held, wanted: _require(wanted) in held)
ORDERED.method("void Remove(System.Object key)")(_remove_quietly)
ORDERED.method("ordered AsReadOnly()")(ReadOnlyOrdered)


@ORDERED.method("void Insert(int index, System.Object key, System.Object value)")
def _insert(held: Hashtable, index: int, key: Any, value: Any) -> None:
    if not 0 <= index <= len(held):
        raise out_of_range("index", "Specified argument was out of the range of valid values.")
    if key in held:
        raise _added_twice(key, key)
    pairs = list(held._items.items())
    pairs.insert(index, (held.fold(key), (key, value)))
    held._items = dict(pairs)


@ORDERED.method("void RemoveAt(int index)")
def _remove_at(held: Hashtable, index: int) -> None:
    if not 0 <= index < len(held):
        raise out_of_range(
            "index", "Index was out of range. Must be non-negative and less than the size of the collection."
        )
    del held._items[list(held._items)[index]]


# -- the generic ones


def _declare_generic(name: str) -> Members:
    table = declare(name, "TKey", "TValue")
    _declare_common(table, "TKey", "TValue")
    table.method("bool Remove(TKey key)")(_remove)
    table.method("bool TryGetValue(TKey key, [ref] TValue value)")(_try_get)
    table.method("bool TryAdd(TKey key, TValue value)")(_try_add)
    table.property("System.Collections.Generic.IEqualityComparer[TKey] Comparer", lambda held: held.comparer)
    table.constructor("()", "(int capacity)")(lambda kind, capacity=0: Dictionary(kind))
    table.constructor(
        "(System.Collections.Generic.IEqualityComparer[TKey] comparer)",
        "(System.Collections.Generic.IComparer[TKey] comparer)",
    )(Dictionary)
    table.constructor(
        "(System.Collections.Generic.IDictionary[TKey,TValue] dictionary)",
        "(System.Collections.IDictionary dictionary)",
    )(lambda kind, source: Dictionary(kind, None, source.items()))
    table.constructor(
        "(System.Collections.IDictionary dictionary, System.Collections.Generic.IEqualityComparer[TKey] comparer)"
    )(lambda kind, source, comparer: Dictionary(kind, comparer, source.items()))
    return table


def _try_get(held: Dictionary, key: Any, result: Any) -> bool:
    found = _require(key) in held
    if found:
        result.value = held[key]
    else:
        from .arrays import element_default

        result.value = element_default(held.kind.arguments[1]) if held.kind.arguments else None
    return found


def _try_add(held: Dictionary, key: Any, value: Any) -> bool:
    if _require(key) in held:
        return False
    held[key] = value
    return True


DICTIONARY = _declare_generic("System.Collections.Generic.Dictionary`2")
_declare_generic("System.Collections.Generic.SortedDictionary`2")
SORTED = _declare_generic("System.Collections.Generic.SortedList`2")
CONCURRENT = _declare_generic("System.Collections.Concurrent.ConcurrentDictionary`2")
CONCURRENT.property("bool IsEmpty", lambda held: not len(held))


@DICTIONARY.method("bool Remove(TKey key, [ref] TValue value)")
def _remove_to(held: Dictionary, key: Any, result: Any) -> bool:
    _try_get(held, key, result)
    return _remove(held, key)


@CONCURRENT.method("bool TryRemove(TKey key, [ref] TValue value)")
def _try_remove(held: Dictionary, key: Any, result: Any) -> bool:
    return _remove_to(held, key, result)


@CONCURRENT.method("TValue GetOrAdd(TKey key, TValue value)")
def _get_or_add(held: Dictionary, key: Any, value: Any) -> Any:
    if key not in held:
        held[key] = value(key) if callable(value) else value
    return held[key]


@CONCURRENT.method("TValue AddOrUpdate(TKey key, TValue addValue, System.Func[TKey,TValue,TValue] updateValueFactory)")
def _add_or_update(held: Dictionary, key: Any, value: Any, update: Any) -> Any:
    held[key] = update(key, held[key]) if key in held else value
    return held[key]


@CONCURRENT.method("bool TryUpdate(TKey key, TValue newValue, TValue comparisonValue)")
def _try_update(held: Dictionary, key: Any, value: Any, expected: Any) -> bool:
    if key in held and same_value(held[key], expected):
        held[key] = value
        return True
    return False


def _at(held: Hashtable, index: int) -> tuple[Any, Any]:
    if not 0 <= index < len(held):
        raise index_out_of_range()
    return list(held.items())[index]


def _by_index(table: Members) -> None:
    table.method("System.Object GetKey(int index)", "System.Object GetKeyAtIndex(int index)")(
        lambda held, index: _at(held, index)[0]
    )
    table.method("System.Object GetByIndex(int index)", "System.Object GetValueAtIndex(int index)")(
        lambda held, index: _at(held, index)[1]
    )
    table.method("int IndexOfKey(System.Object key)")(
        lambda held, key: next((at for at, one in enumerate(held) if same_value(one, key)), -1)
    )
    table.method("int IndexOfValue(System.Object value)")(
        lambda held, value: next((at for at, one in enumerate(held.values()) if same_value(one, value)), -1)
    )
    table.method("void RemoveAt(int index)")(_remove_at)


_by_index(SORTED)
SORTED_LIST = declare("System.Collections.SortedList")
_declare_common(SORTED_LIST, "System.Object", "System.Object")
_by_index(SORTED_LIST)
SORTED_LIST.method("bool Contains(System.Object key)")(lambda held, wanted: wanted in held)
SORTED_LIST.method("void Remove(System.Object key)")(_remove_quietly)
SORTED_LIST.constructor("()", "(int capacity)")(lambda kind, capacity=0: Dictionary(kind))
SORTED_LIST.constructor("(System.Collections.IComparer comparer)")(Dictionary)
SORTED_LIST.constructor("(System.Collections.IDictionary d)")(
    lambda kind, source: Dictionary(kind, None, source.items())
)

# -- entries

PAIR = declare("System.Collections.Generic.KeyValuePair`2", "TKey", "TValue")
PAIR.attributes("TKey Key", "TValue Value")
PAIR.constructor("(TKey key, TValue value)")(lambda kind, key, value: Entry(key, value, kind))
ENTRY = declare("System.Collections.DictionaryEntry")
ENTRY.property("System.Object Name", lambda entry: entry.key)
ENTRY.attributes("System.Object Key", "System.Object Value", writable=True)
ENTRY.constructor("()", "(System.Object key, System.Object value)")(
    lambda kind, key=None, value=None: Entry(key, value)
)
PAIR_MAKER = declare("System.Collections.Generic.KeyValuePair")


@PAIR_MAKER.static("System.Object Create(System.Object key, System.Object value)")
def _make_pair(key: Any, value: Any) -> Entry:
    from ..values.types import type_of

    definition = resolve_type("System.Collections.Generic.KeyValuePair`2")
    assert definition is not None
    return Entry(key, value, generic_type(definition, (type_of(key), type_of(value))))


# -- NameValueCollection


class NameValues(Dictionary):
    """Several strings for a name, joined by commas; the pipeline gives the names."""

    def ps_items(self) -> Iterator[Any]:
        return iter(list(self))


NAME_VALUES = declare("System.Collections.Specialized.NameValueCollection")
NAME_VALUES.constructor("()")(lambda kind: name_values())
NAME_VALUES.property("int Count", len)
NAME_VALUES.property("string[] AllKeys", lambda held: PSList.of("System.String", held))
NAME_VALUES.property("System.Collections.ICollection Keys", lambda held: PSList.of("System.String", held))
NAME_VALUES.method("void Set(string name, string value)")(_put)
NAME_VALUES.method("void Remove(string name)")(_remove_quietly)
NAME_VALUES.method("void Clear()")(lambda held: held.clear())
NAME_VALUES.method("string Get(string name)", "string get_Item(string name)")(lambda held, name: held.get(name))
NAME_VALUES.method("string[] GetValues(string name)")(
    lambda held, name: PSList.of("System.String", held[name].split(",")) if name in held else None
)


def name_values(items: Any = ()) -> NameValues:
    from .calls import get_static

    kind = net_type("System.Collections.Specialized.NameValueCollection")
    made = NameValues(kind, get_static(net_type("System.StringComparer"), "OrdinalIgnoreCase"))
    for key, value in items:
        _append(made, key, value)
    return made


@NAME_VALUES.method("void Add(string name, string value)")
def _append(held: NameValues, name: str, value: str) -> None:
    held[name] = f"{held[name]},{value}" if name in held else value
