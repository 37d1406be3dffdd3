"""Collections that are another one, seen through: read-only, of a fixed size, synchronized.

The engine's runspaces change a collection one at a time, so a synchronized one needs no lock of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any, NoReturn

from ...psobject import Hashtable, OrderedDictionary, PSList
from ..values.types import OBJECT, NetType, generic_type, net_type, resolve_type, type_of
from .table import Thrown, argument_null, net_error


def refused(words: str) -> Thrown:
    return net_error("System.NotSupportedException", words)


READ_ONLY = "Collection is read-only."
FIXED_SIZE = "Collection was of a fixed size."
ORDERED_READ_ONLY = "The OrderedDictionary is readonly and cannot be modified."


class ListView(PSList):
    """A list whose elements are another list's. ``may_set`` and ``may_resize``: what it lets through."""

    strict_index = True
    may_set = True
    may_resize = True

    def __init__(self, kind: NetType, owner: list[Any]) -> None:
        super().__init__()
        self.kind = kind
        self.owner = owner
        self.item = kind.arguments[0] if kind.arguments else OBJECT
        self.element = self.item.full_name

    def net_type_of(self) -> NetType:
        return self.kind

    def ps_type_names(self) -> list[str]:
        return [one.full_name for one in self.kind.lineage()]

    def __len__(self) -> int:
        return len(self.owner)

    def __iter__(self) -> Iterator[Any]:
        yield from self.owner

    def __reversed__(self) -> Iterator[Any]:
        yield from reversed(self.owner)

    def __contains__(self, item: object) -> bool:
        return item in self.owner

    def __getitem__(self, at: Any) -> Any:
        return self.owner[at]

    def _changing(self, at: Any = None) -> list[Any]:
        if not self.may_set:
            raise refused(READ_ONLY)
        if not self.may_resize and not isinstance(at, int):
            raise refused(FIXED_SIZE)
        return self.owner

    def __setitem__(self, at: Any, new: Any) -> None:
        self._changing(at)[at] = new

    def __delitem__(self, at: Any) -> None:
        del self._changing()[at]

    def append(self, item: Any) -> None:
        self._changing().append(item)

    def extend(self, items: Iterable[Any]) -> None:
        self._changing().extend(items)

    def insert(self, at: Any, item: Any) -> None:
        self._changing().insert(at, item)

    def clear(self) -> None:
        self._changing().clear()


class FixedSizeList(ListView):
    may_resize = False


class ReadOnlyList(ListView):
    """ReadOnlyCollection and what ArrayList.ReadOnly gives."""

    may_set = may_resize = False


def read_only(values: list[Any]) -> ReadOnlyList:
    """A ReadOnlyCollection of the list's element type."""
    item = getattr(values, "item", None) or type_of(values).element or OBJECT
    definition = resolve_type("System.Collections.ObjectModel.ReadOnlyCollection`1")
    assert definition is not None
    return ReadOnlyList(generic_type(definition, (item,)), values)


_LISTS = {"ReadOnly": ReadOnlyList, "FixedSize": FixedSizeList, "Sync": ListView}


def array_list(values: list[Any] | None, what: str) -> ListView:
    """``[ArrayList]::ReadOnly`` and its kin: ``what`` is how .NET's hidden type begins."""
    if values is None:
        raise argument_null("list")
    return _LISTS[what](net_type(f"System.Collections.ArrayList+{what}ArrayList"), values)


# -- dictionaries


class FrozenItems(MutableMapping[Any, Any]):
    """A dictionary's inside, to be read only."""

    def __init__(self, items: dict[Any, Any]) -> None:
        self.items_ = items

    def __getitem__(self, key: Any) -> Any:
        return self.items_[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items_)

    def __len__(self) -> int:
        return len(self.items_)

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        raise refused(ORDERED_READ_ONLY)

    def __delitem__(self, key: Any) -> NoReturn:
        raise refused(ORDERED_READ_ONLY)


class ReadOnlyOrdered(OrderedDictionary):
    """What OrderedDictionary.AsReadOnly gives."""

    __slots__ = ("owner",)

    def __init__(self, owner: Hashtable) -> None:
        self.owner = owner

    @property
    def _items(self) -> Any:
        return FrozenItems(self.owner._items)

    @_items.setter
    def _items(self, new: Any) -> NoReturn:
        raise refused(ORDERED_READ_ONLY)

    def fold(self, key: Any) -> Any:  # type: ignore[override]
        return self.owner.fold(key)


class SyncTable(Hashtable):
    """What [hashtable]::Synchronized gives."""

    __slots__ = ("owner",)
    kind_name = "System.Collections.Hashtable+SyncHashtable"
    type_names = [kind_name, "System.Collections.Hashtable", "System.Object"]  # noqa: RUF012 - as the base has them

    def __init__(self, owner: Hashtable) -> None:
        self.owner = owner

    def net_type_of(self) -> NetType:
        return net_type(self.kind_name)

    @property
    def _items(self) -> Any:
        return self.owner._items

    @_items.setter
    def _items(self, new: Any) -> None:
        self.owner._items = new

    def fold(self, key: Any) -> Any:  # type: ignore[override]
        return self.owner.fold(key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self.owner[key] = value


def synchronized(table: Hashtable | None) -> SyncTable:
    if table is None:
        raise argument_null("table")
    return SyncTable(table)
