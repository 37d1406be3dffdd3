"""Select-Object: properties, expansion, and how many."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from ...psobject import Hashtable, PSObject
from ..members.access import NoteProperty, add_member, find_key, get_property, has_property, properties
from ..records import ScriptError
from ..runtime.cmdlet import Cmdlet, command
from ..values.comparison import fold
from ..values.types import type_names
from ..values.value import NOTHING, as_list, enumerate_value, is_enumerable, to_string, unwrap
from ..values.wildcards import wildcard_regex
from . import expressions
from .sorting import compare_values, is_custom

CUSTOM = "System.Management.Automation.PSCustomObject"


@command("Select-Object")
class SelectObject(Cmdlet):
    def begin(self) -> None:
        self._columns = self._parse("Property", ("name", "label"))
        self._excluded = [wildcard_regex(to_string(name)) for name in as_list(self.arg("ExcludeProperty"))]
        if self._excluded and not self._columns:
            self._columns = [expressions.Expression("*")]
        self._expand = self.arg("ExpandProperty")
        self._unique = Distinct(self.switch("CaseInsensitive")) if self.switch("Unique") else None
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
        raise self.stop_upstream()

    def end(self) -> None:
        if self._last is not None:
            kept = list(self._kept)
            if self._first is None and self._skip:
                kept = kept[: -self._skip] if self._skip < len(kept) else []
            for value in kept:
                self._emit(value)
        self.after_stop()

    def after_stop(self) -> None:
        """What is written at the end, also of a pipeline that this command ended."""
        if self._unique is not None:
            self.write_all(self._unique.values)

    def _emit(self, value: Any) -> None:
        if not self._shaping:
            self._put(value, {})
        elif self._expand is not None:
            self._expanded(value)
        else:
            bag = self._bag(value)
            self._put(self._shaped(value, bag), bag)

    def _put(self, value: Any, notes: dict[str, Any]) -> None:
        """Writes a value; with -Unique at the end, if nothing before was like it with these selected properties."""
        if self._unique is None:
            self.write(value)
        else:
            self._unique.add(value, notes)

    def _shaped(self, value: Any, bag: dict[str, Any]) -> PSObject:
        name = type_names(value)[0].removeprefix("Selected.")
        names = self._selected.get(name)
        if names is None:
            names = self._selected[name] = [f"Selected.{name}", CUSTOM, "System.Object"]
        return PSObject.holding(bag, type_names=names)

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
            self._exists(name, "AlreadyExistingUserSpecifiedPropertyNoExpand", None)
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
            self.error(
                "Multiple properties cannot be expanded.",
                "MutlipleExpandProperties",
                "InvalidArgument",
                value,
                net_type="System.Management.Automation.PSArgumentException",
            )
            return
        if not names or not expressions.Expression(names[0]).is_in(value):
            self.error(
                f'Property "{name}" cannot be found.',
                "ExpandPropertyNotFound",
                "InvalidArgument",
                value,
                net_type="System.Management.Automation.PSArgumentException",
            )
            return
        notes = self._bag(value) if self._columns else {}
        for item in self._elements(read_property(value, names[0])):
            if item is not None:
                self._put(self._with_notes(value, item, notes), notes)

    @staticmethod
    def _elements(found: Any) -> list[Any]:
        if is_enumerable(unwrap(found)):
            return list(enumerate_value(unwrap(found)))
        return [found]

    def _with_notes(self, value: Any, item: Any, notes: dict[str, Any]) -> Any:
        for name, found in notes.items():
            if has_property(item, name):
                self._exists(name, "AlreadyExistingUserSpecifiedPropertyExpand", value)
            else:
                item = add_member(item, name, NoteProperty(found))
        return item

    def _exists(self, name: str, error_id: str, value: Any) -> None:
        self.error(
            f'The property cannot be processed because the property "{name}" already exists.',
            error_id,
            "InvalidOperation",
            value,
            net_type="System.Management.Automation.PSArgumentException",
        )


class Distinct:
    """The first of each of equal values, in their order."""

    def __init__(self, ignore_case: bool) -> None:
        self._ignore_case = ignore_case
        self.values: list[Any] = []
        self._seen: list[tuple[Any, dict[str, Any]]] = []
        self._keys: set[Any] = set()
        self._kinds: set[Any] = set()  # of several types some may be equal that have different keys

    def add(self, value: Any, notes: dict[str, Any]) -> None:
        compared = None if notes and is_custom(value) else value
        parts = [compared, *notes.values()]
        keys = [plain_value_key(part, self._ignore_case) for part in parts]
        self._kinds.add(tuple([None if key is None else key[0] for key in keys]))
        key = (tuple(keys), *map(str.lower, notes)) if None not in keys else None
        if key is not None and len(self._kinds) == 1:
            if key in self._keys:
                return
        elif any(self._same(compared, notes, *other) for other in self._seen):
            return
        self._keys.add(key)
        self._seen.append((compared, notes))
        self.values.append(value)

    def _same(self, value: Any, notes: dict[str, Any], other: Any, others: dict[str, Any]) -> bool:
        if len(notes) != len(others) or compare_values(value, other, self._ignore_case):
            return False
        for name, note in notes.items():
            known = find_key(others, name)
            if known is None or compare_values(note, others[known], self._ignore_case):
                return False
        return True


def read_property(value: Any, name: str) -> Any:
    """A property's value; None where there is none or reading it fails."""
    base = unwrap(value)
    if isinstance(base, Hashtable):
        return expressions.read_entry(base, name)
    try:
        return get_property(value, name)
    except ScriptError:
        return None


def plain_value_key(value: Any, ignore_case: bool) -> tuple[type, Any] | None:
    """What is equal for equal values of one type; None for values that only comparing tells apart."""
    kind = type(value)
    if kind is str:
        return kind, fold(value) if ignore_case else value
    if kind is int or kind is bool or value is None or (kind is float and value == value):  # noqa: PLR0124 - NaN
        return kind, value
    return (kind, None) if is_custom(value) else None


def own_spelling(value: Any, name: str) -> str:
    """The property's name as the object spells it."""
    if type(value) is PSObject and name in value._extended:
        return name
    folded = name.lower()
    for key in expressions.hashtable(value) or ():
        if to_string(key).lower() == folded:
            return to_string(key)
    for item in properties(value):
        if item.name.lower() == folded:
            return str(item.name)
    return name
