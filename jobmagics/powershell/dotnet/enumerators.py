"""IEnumerator: what GetEnumerator() gives, walked by MoveNext and Current."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from typing import Any

from ...psobject import Hashtable
from ..records import error
from .table import NetObject, declare, net_error

NAME = "System.Collections.IEnumerator"


class Enumerator(NetObject):
    """Over a fixed list of items. The pipeline walks what is left of it."""

    net_type = NAME
    ps_container = "IE"

    def __init__(self, items: Iterable[Any]) -> None:
        self.items = list(items)
        self.at = -1

    def ps_type_names(self) -> list[str]:
        return [NAME, "System.Object"]

    def ps_items(self) -> Iterator[Any]:
        while self.move_next():
            yield self.items[self.at]

    def move_next(self) -> bool:
        self.at += self.at < len(self.items)
        return self.at < len(self.items)

    @property
    def current(self) -> Any:
        if not 0 <= self.at < len(self.items):
            if self.at < 0:
                return None
            raise net_error("System.InvalidOperationException", "Enumeration already finished.")
        return self.items[self.at]

    def reset(self) -> None:
        self.at = -1

    def entry(self, part: str) -> Any:
        if self.at < 0:
            raise net_error("System.InvalidOperationException", "Enumeration has not started. Call MoveNext.")
        return getattr(self.current, part)


class Entry(NetObject):
    """DictionaryEntry and KeyValuePair: a key with its value."""

    __slots__ = ("key", "kind", "value")

    def __init__(self, key: Any, value: Any, kind: Any = None) -> None:
        self.key = key
        self.value = value
        self.kind = kind

    def net_type_of(self) -> Any:
        from ..values.types import net_type

        return self.kind or net_type("System.Collections.DictionaryEntry")

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        if self.kind is None:
            yield "Name", self.key
        yield "Key", self.key
        yield "Value", self.value

    def ps_set(self, name: str, new: Any) -> None:
        if name.lower() not in ("key", "value"):
            raise AttributeError(name)
        setattr(self, name.lower(), new)

    def ps_to_string(self) -> str:
        from ..values.value import to_string

        if self.kind is not None:
            return f"[{to_string(self.key)}, {to_string(self.value)}]"
        return "System.Collections.DictionaryEntry"


ENUMERATOR = declare(NAME)
ENUMERATOR.property("System.Object Current", lambda walk: walk.current)
ENUMERATOR.property("System.Object Key", lambda walk: walk.entry("key"))
ENUMERATOR.property("System.Object Value", lambda walk: walk.entry("value"))
ENUMERATOR.method("bool MoveNext()")(Enumerator.move_next)
ENUMERATOR.method("void Reset()")(Enumerator.reset)
ENUMERATOR.method("void Dispose()")(lambda walk: None)


def unchanged(items: Iterable[Any], owner: Sized) -> Iterator[Any]:
    """The items one by one, until the collection they come from grows or shrinks: then .NET's error."""
    size = len(owner)
    for item in items:
        yield item
        if len(owner) != size:
            raise error(
                "Collection was modified; enumeration operation may not execute.",
                "System.InvalidOperationException",
                "OperationStopped",
                net_type="System.InvalidOperationException",
            )


def entries(table: Hashtable, kind: Any = None) -> list[Entry]:
    return [Entry(key, value, kind) for key, value in table.items()]
