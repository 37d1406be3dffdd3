"""Select-Object: properties, expansion, and how many."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from ...psobject import Hashtable, PSObject
from ..members.access import NoteProperty, add_member, find_key, get_property, has_property, plain_bag, properties
from ..runtime.cmdlet import Cmdlet, command
from ..runtime.records import NetException, ScriptError
from ..values.comparison import fold
from ..values.types import type_names
from ..values.value import NOTHING, as_list, enumerate_value, is_enumerable, to_string, unwrap
from ..values.wildcards import wildcard_regex
from . import expressions

CUSTOM = "System.Management.Automation.PSCustomObject"


@command("Select-Object")
class SelectObject(Cmdlet):
    def begin(self) -> None:
        self._columns = self._parse("Property", ("name", "label"))
        self._excluded = [wildcard_regex(to_string(name)) for name in as_list(self.arg("ExcludeProperty"))]
        if self._excluded and not self._columns and not self.has("ExpandProperty"):
            self._columns = [expressions.Expression("*")]
        self._expand = self.arg("ExpandProperty")
        self._unique_seen: list[Any] | None = [] if self.switch("Unique") else None
        self._unique_keys: set[Any] = set()
        self._readers = [expressions.getter(self, column) for column in self._columns]
        self._selected: dict[str, list[str]] = {}  # a type's name: the names of what is selected from it
        self._shaping = bool(self._columns) or self._expand is not None
        self._first, self._last = self.arg("First"), self.arg("Last")
        self._skip, self._skip_last = self.arg("Skip", 0), self.arg("SkipLast", 0)
        self._count = 0
        self._kept: deque[Any] = deque()
        index = self.arg("Index")
        self._index = None if index is None else set(as_list(index))
        skipped = self.arg("SkipIndex")
        self._skip_index = None if skipped is None else set(as_list(skipped))
        if self._first == 0 and self._last is None and not self.switch("Wait"):
            self._done()

    def _parse(self, name: str, keys: tuple[str, ...]) -> list[expressions.Expression]:
        value = self.arg(name)
        return [] if value is None else expressions.parse(self, value, keys)

    def process(self) -> None:
        value = self.bound.get("inputobject", NOTHING)
        if value is NOTHING or value is None:
            return
        position = self._count
        self._count += 1
        if self._index is not None:
            if position in self._index:
                self._emit(value)
                if position >= max(self._index) and not self.switch("Wait"):
                    self._done()
        elif self._skip_index is not None:
            if position not in self._skip_index:
                self._emit(value)
        else:
            self._by_position(value, position)

    def _by_position(self, value: Any, position: int) -> None:
        if self._last is not None:
            self._with_last(value, position)
        elif self._skip_last:
            if position < self._skip:
                return
            self._kept.append(value)
            if len(self._kept) > self._skip_last:
                self._emit(self._kept.popleft())
        elif position >= self._skip:
            taken = position - self._skip
            if self._first is None or taken < self._first:
                self._emit(value)
            if self._first is not None and taken + 1 >= self._first and not self.switch("Wait"):
                self._done()

    def _with_last(self, value: Any, position: int) -> None:
        if self._first is not None and self._skip <= position < self._skip + self._first:
            self._emit(value)
            return
        if self._first is not None and position < self._skip:
            return
        self._kept.append(value)
        if len(self._kept) > self._last + (self._skip if self._first is None else 0):
            self._kept.popleft()

    def _done(self) -> None:
        if self._unique_seen is not None and self._shaping:
            return
        raise self.stop_upstream()

    def end(self) -> None:
        if self._last is not None:
            kept = list(self._kept)
            if self._first is None and self._skip:
                kept = kept[: -self._skip] if self._skip < len(kept) else []
            for value in kept:
                self._emit(value)
        for value in self._unique_seen or []:
            self.write(value)

    def _emit(self, value: Any) -> None:
        if not self._shaping:
            self._put(value)
        elif self._expand is not None:
            self._expanded(value)
        else:
            self._put(self._shaped(value))

    def _put(self, value: Any) -> None:
        if self._unique_seen is None:
            self.write(value)
        elif self._is_new(value):
            self._unique_seen.append(value)

    def _is_new(self, value: Any) -> bool:
        """Whether nothing like it was seen: by its key, or one by one where it has none."""
        key = unique_key(value, self.switch("CaseInsensitive"))
        if key is None:
            return not any(self._same(value, other) for other in self._unique_seen or [])
        if key in self._unique_keys:
            return False
        self._unique_keys.add(key)
        return True

    def _same(self, left: Any, right: Any) -> bool:
        ignore_case = self.switch("CaseInsensitive")
        if isinstance(left, PSObject) and isinstance(right, PSObject) and left._base is None and right._base is None:
            a, b = dict(left.ps_properties()), dict(right.ps_properties())
            return a.keys() == b.keys() and all(self._equal(a[name], b[name], ignore_case) for name in a)
        return self._equal(left, right, ignore_case)

    @staticmethod
    def _equal(left: Any, right: Any, ignore_case: bool) -> bool:
        from ..values.operators import equals

        return type(left) is type(right) and bool(equals(left, right, ignore_case))

    def _shaped(self, value: Any) -> PSObject:
        name = type_names(value)[0].removeprefix("Selected.")
        names = self._selected.get(name)
        if names is None:
            names = self._selected[name] = [f"Selected.{name}", CUSTOM, "System.Object"]
        return PSObject.holding(self._bag(value), type_names=names)

    def _bag(self, value: Any) -> dict[str, Any]:
        """What the columns give of a value."""
        bag: dict[str, Any] = {}
        for column, read in zip(self._columns, self._readers, strict=True):
            self._add(value, column, read, bag)
        return bag

    def _add(self, value: Any, column: expressions.Expression, read: Callable[[Any], Any], bag: dict[str, Any]) -> None:
        if column.script is not None:
            self._set(bag, column.title, read(value))
        elif column.is_pattern:
            for name in column.names(value):
                if not self._is_excluded(name):
                    self._set(bag, name, read_property(value, name))
        elif not self._is_excluded(column.title):
            name = column.label or own_spelling(value, column.name)
            self._set(bag, name, read_property(value, column.name))

    def _is_excluded(self, name: str) -> bool:
        return bool(self._excluded) and any(pattern.fullmatch(name) for pattern in self._excluded)

    def _set(self, bag: dict[str, Any], name: str, value: Any) -> None:
        if find_key(bag, name) is not None:
            self.error(
                f'The property cannot be processed because the property "{name}" already exists.',
                "AlreadyExistingUserSpecifiedPropertyNoExpand",
                "InvalidOperation",
                net_type="System.Management.Automation.PSArgumentException",
            )
            return
        bag[name] = value

    def _expanded(self, value: Any) -> None:
        column = (
            expressions.parse(self, [self._expand], ("name", "label"))[0] if not isinstance(self._expand, str) else None
        )
        name = to_string(self._expand) if column is None else column.name
        if value is None:
            return
        names = [name]
        if column is None and any(char in name for char in "*?["):
            names = expressions.Expression(name).names(value)
        if len(names) > 1:
            raise self.terminate(
                NetException(
                    "Multiple properties cannot be expanded.",
                    net_type="System.Management.Automation.PSArgumentException",
                ),
                "MutlipleExpandProperties",
                "InvalidArgument",
            )
        if not names or not has_property(value, names[0]):
            self.error(
                f'Property "{name}" cannot be found.',
                "ExpandPropertyNotFound",
                "InvalidArgument",
                value,
                net_type="System.Management.Automation.PSArgumentException",
            )
            return
        for item in self._elements(read_property(value, names[0])):
            self._put(self._with_columns(value, item))

    @staticmethod
    def _elements(found: Any) -> list[Any]:
        if is_enumerable(unwrap(found)):
            return list(enumerate_value(unwrap(found)))
        return [found]

    def _with_columns(self, value: Any, item: Any) -> Any:
        if item is None or not self._columns:
            return item
        for name, found in self._bag(value).items():
            try:
                item = add_member(item, name, NoteProperty(found))
            except ScriptError:
                self.error(
                    f'The property cannot be processed because the property "{name}" already exists.',
                    "AlreadyExistingUserSpecifiedPropertyExpand",
                    "InvalidOperation",
                    value,
                    net_type="System.Management.Automation.PSArgumentException",
                )
        return item


def read_property(value: Any, name: str) -> Any:
    """A property's value; unlike elsewhere a dictionary's keys do not count as properties."""
    if isinstance(unwrap(value), Hashtable):
        folded = name.lower()
        return next((item.value() for item in properties(value) if item.name.lower() == folded), None)
    try:
        return get_property(value, name)
    except ScriptError:
        return None


def unique_key(value: Any, ignore_case: bool) -> Any:
    """What is equal for the same plain values, and for objects of the same plain properties; None for others."""
    kind = type(value)
    if kind is str:
        return kind, fold(value) if ignore_case else value
    if kind is int or kind is bool or (kind is float and value == value):  # noqa: PLR0124 - NaN equals nothing
        return kind, value
    bag = plain_bag(value)
    if bag is None:
        return None
    found = frozenset((name, unique_key(item, ignore_case)) for name, item in bag.items())
    return None if any(key is None for _, key in found) else found


def own_spelling(value: Any, name: str) -> str:
    """The property's name as the object spells it."""
    if type(value) is PSObject and name in value._extended:
        return name
    folded = name.lower()
    for item in properties(value):
        if item.name.lower() == folded:
            return str(item.name)
    return name
