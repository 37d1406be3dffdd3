"""Compare-Object, Get-Unique, Tee-Object."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from ...psobject import Int64, PSObject
from ..members.access import NoteProperty, add_member
from ..runtime.cmdlet import Cmdlet, command
from ..values.collation import sort_key
from ..values.operators import equals
from ..values.types import type_names
from ..values.value import NOTHING, as_list, is_enumerable, to_string, unwrap
from . import expressions
from .sorting import compare_values, is_custom

NUMBERS = {int, Int64, float, bool}


@dataclass(slots=True, eq=False)
class Entry:
    """An object of one side, what it is compared by, and a key that is equal where that is, if there is one."""

    value: Any
    keys: list[Any]
    key: Any = None


class Backlog:
    """Entries of one side that nothing on the other side is equal to so far."""

    def __init__(self, same: Callable[[Entry, Entry], bool], keyed: bool) -> None:
        self._same = same
        self._entries: dict[int, Entry] = {}  # by id, in the order in which they came
        self._by_key: dict[Any, deque[Entry]] | None = {} if keyed else None

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def add(self, entry: Entry) -> None:
        self._entries[id(entry)] = entry
        if self._by_key is not None:
            self._by_key.setdefault(entry.key, deque()).append(entry)

    def take_oldest(self) -> Entry:
        return self._taken(next(iter(self._entries.values())))

    def take(self, wanted: Entry) -> Entry | None:
        """The oldest entry that is equal, which is in the backlog no more."""
        if self._by_key is not None:
            waiting = self._by_key.get(wanted.key)
            return self._taken(waiting[0]) if waiting else None
        found = next((entry for entry in self if self._same(wanted, entry)), None)
        return None if found is None else self._taken(found)

    def _taken(self, entry: Entry) -> Entry:
        del self._entries[id(entry)]
        if self._by_key is not None:
            self._by_key[entry.key].remove(entry)
        return entry


@command("Compare-Object")
class CompareObject(Cmdlet):
    """Two collections: what only one side has. They are read side by side; what has no equal yet waits in a backlog,
    the oldest no longer than -SyncWindow entries."""

    def begin(self) -> None:
        given = self.arg("Property")
        self._columns = [] if given is None else expressions.parse(self, given, (), patterns=False)
        self._readers = [expressions.sorting_getter(self, column) for column in self._columns]
        self._ignore_case = not self.switch("CaseSensitive")
        self._window = self.arg("SyncWindow", None)
        self._equal = self.switch("IncludeEqual") if self.has("IncludeEqual") else self.switch("ExcludeDifferent")
        self._differences: list[Any] = []

    def process(self) -> None:
        found = self.bound.get("differenceobject")
        self._differences += found if isinstance(found, list) else [found]

    def end(self) -> None:
        left = self._entries(as_list(self.arg("ReferenceObject")))
        right = self._entries(self._differences)
        keyed = self._add_keys([*left, *right])
        self._waiting_left, self._waiting_right = Backlog(self._same, keyed), Backlog(self._same, keyed)
        for a, b in zip_longest(left, right):
            self._pair(a, b)
        for entry in self._waiting_right:
            self._put_different(entry, "=>")
        for entry in self._waiting_left:
            self._put_different(entry, "<=")

    def _entries(self, values: list[Any]) -> list[Entry]:
        present = [value for value in values if value is not None]
        return [Entry(value, [read(value) for read in self._readers] or [value]) for value in present]

    def _pair(self, left: Entry | None, right: Entry | None) -> None:
        if left is not None and right is not None and self._same(left, right):
            self._put_equal(left)
            return
        if right is not None and (found := self._waiting_left.take(right)) is not None:
            self._put_equal(found)
            right = None
        if left is not None and self._waiting_right.take(left) is not None:
            self._put_equal(left)
            left = None
        if right is not None:
            self._wait(right, self._waiting_right, "=>")
        if left is not None:
            self._wait(left, self._waiting_left, "<=")

    def _wait(self, entry: Entry, backlog: Backlog, side: str) -> None:
        if self._window == 0:
            self._put_different(entry, side)
            return
        while self._window is not None and len(backlog) >= self._window:
            self._put_different(backlog.take_oldest(), side)
        backlog.add(entry)

    def _add_keys(self, entries: list[Entry]) -> bool:
        """Gives the entries keys; False where equality is more than that of keys: 5 is '5', and '5' is '5.0' for a
        number on the left."""
        columns = [[unwrap(entry.keys[k]) for entry in entries] for k in range(len(self._readers) or 1)]
        found = [self._column_keys(column) for column in columns]
        if any(keys is None for keys in found):
            return False
        for entry, key in zip(entries, zip(*[keys or () for keys in found], strict=True), strict=True):
            entry.key = key
        return True

    def _column_keys(self, values: list[Any]) -> list[Any] | None:
        kinds = set(map(type, values)) - {type(None)}
        if kinds <= {str}:
            return [value if value is None else sort_key(value, self._ignore_case) for value in values]
        if kinds <= NUMBERS and all(value == value for value in values):  # noqa: PLR0124 - NaN is no key
            return values
        if all(value is None or is_custom(value) for value in values):
            return [value is None for value in values]  # which are all equal
        return None

    def _same(self, left: Entry, right: Entry) -> bool:
        if left.key is not None and right.key is not None:
            return bool(left.key == right.key)
        return all(compare_values(a, b, self._ignore_case) == 0 for a, b in zip(left.keys, right.keys, strict=True))

    def _put_equal(self, entry: Entry) -> None:
        if self._equal:
            self._put(entry, "==")

    def _put_different(self, entry: Entry, side: str) -> None:
        if not self.switch("ExcludeDifferent"):
            self._put(entry, side)

    def _put(self, entry: Entry, side: str) -> None:
        if self.switch("PassThru"):
            self.write(add_member(entry.value, "SideIndicator", NoteProperty(side), force=True))
            return
        names = [column.title for column in self._columns] or ["InputObject"]
        self.write(PSObject({**dict(zip(names, entry.keys, strict=True)), "SideIndicator": side}))


@command("Get-Unique")
class GetUnique(Cmdlet):
    def begin(self) -> None:
        self._last: Any = NOTHING

    def process(self) -> None:
        value = self.bound.get("inputobject", NOTHING)
        if value is NOTHING or value is None:
            return
        if self._last is NOTHING or not self._same(self._last, value):
            self._last = value
            self.write(value)

    def _same(self, left: Any, right: Any) -> bool:
        if self.switch("OnType"):
            return type_names(left)[0] == type_names(right)[0]
        ignore_case = self.switch("CaseInsensitive")
        a, b = unwrap(left), unwrap(right)
        if isinstance(a, str) and isinstance(b, str):
            return a.lower() == b.lower() if ignore_case else str(a) == str(b)
        if not isinstance(a, (int, float)):
            text_a, text_b = to_string(a), to_string(b)
            return text_a.lower() == text_b.lower() if ignore_case else text_a == text_b
        return bool(equals(a, b))


@command("Tee-Object")
class TeeObject(Cmdlet):
    def begin(self) -> None:
        from .content import TextWriter
        from .engine_reader import default_formatter

        self._kept: list[Any] = []
        path = self.arg("FilePath") or self.arg("LiteralPath")
        self._writer = None
        if path is not None:
            self._writer = TextWriter(self, path, append=self.switch("Append"))
            self._formatter = default_formatter(self.runspace, 1_000_000)

    def process(self) -> None:
        value = self.bound.get("inputobject", NOTHING)
        if value is NOTHING:
            return
        if self._writer is not None:
            self._writer.lines(self._formatter.feed(value))
        else:
            self._kept.append(value)
        self.write(value)

    def end(self) -> None:
        if self._writer is not None:
            self._writer.lines(self._formatter.close())
            self._writer.close()
            return
        name = self.arg("Variable")
        if name is None:
            return  # each object was refused: where to is missing
        kept: Any = self._kept
        if self.switch("Append"):
            before = self.frame.get_variable(name)
            kept = [*(before if is_enumerable(before) else [] if before is None else [before]), *kept]
        self.frame.set_variable(name, kept[0] if len(kept) == 1 else kept)
