"""Sort-Object."""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from ...psobject import PSObject
from ..records import ScriptError
from ..runtime.cmdlet import Cmdlet, Sink, command
from ..values.collation import plain_key, sort_key
from ..values.introsort import STABLE, order
from ..values.operators import compare
from ..values.pieces import ordered
from ..values.value import NOTHING, to_string
from . import expressions

Row = tuple[Any, tuple[Any, ...]]  # an object and its keys


def compare_values(left: Any, right: Any, ignore_case: bool = True) -> int:
    """The order of any two values: what cannot be compared is compared as text; null comes first. Custom objects are
    all equal: what they have are added members, and all that is compared is one empty object."""
    if left is None or right is None:
        return (left is not None) - (right is not None)
    if is_custom(left) and is_custom(right):
        return 0
    try:
        return int(compare(left, right, ignore_case))
    except ScriptError:
        a, b = sort_key(to_string(left), ignore_case), sort_key(to_string(right), ignore_case)
        return (a > b) - (a < b)


def is_custom(value: Any) -> bool:
    return type(value) is PSObject and value._base is None and not value._adapted


class Key:
    """One of the keys that objects are sorted by."""

    def __init__(self, read: Callable[[Any], Any], has: Callable[[Any], bool] | None, descending: bool) -> None:
        self.read, self.has, self.descending = read, has, descending


@command("Sort-Object")
class SortObject(Cmdlet):
    takes_elements = True

    def element_sink(self) -> Sink:
        def keep(value: Any) -> None:
            if value is not NOTHING and value is not None:
                self._values.append(value)

        return keep

    def begin(self) -> None:
        self._values: list[Any] = []
        self._ignore_case = not self.switch("CaseSensitive")

    def process(self) -> None:
        value = self.bound.get("inputobject", NOTHING)
        if value is not NOTHING and value is not None:
            self._values.append(value)

    def end(self) -> None:
        keys = self._keys()
        rows = [(value, tuple([key.read(value) for key in keys])) for value in self._values]
        found = self._ordered(rows, keys)
        unique = self.switch("Unique")
        top, bottom = self.arg("Top"), self.arg("Bottom")
        unstable = top is None and bottom is None and not self.switch("Stable") and len(rows) not in STABLE
        if unique or unstable:
            firsts = self._starts(found)
            if unstable and not all(firsts):
                found = self._as_left(rows, found, firsts)
            if unique:
                found = [row for row, first in zip(found, firsts, strict=True) if first]
        if top is not None:
            found = found[:top]
        elif bottom is not None:
            found = found[-bottom:]
        self.write_all([value for value, _ in found])

    def _keys(self) -> list[Key]:
        descending = self.switch("Descending")
        given = self.arg("Property")
        if given is None:
            return [Key(lambda value: value, None, descending)]
        keys = []
        for found in expressions.parse(self, given, ("ascending", "descending")):
            down = _direction(found, descending)
            for column in expressions.expanded(found, self._values):
                keys.append(Key(expressions.sorting_getter(self, column), expressions.presence(column), down))
        return keys

    def _ordered(self, rows: list[Row], keys: list[Key]) -> list[Row]:
        # sorted() is stable, so the least significant key goes first
        for k in range(len(keys) - 1, -1, -1):
            rows = self._by_key(rows, k, keys[k])
        return rows

    def _by_key(self, rows: list[Row], k: int, by: Key) -> list[Row]:
        present: list[Row] = rows
        absent: list[Row] = []
        if by.has is not None and any(row[1][k] is None for row in rows):
            present, absent = [], []
            for row in rows:
                (present if row[1][k] is not None or by.has(row[0]) else absent).append(row)
        key = plain_key({type(row[1][k]) for row in present}, lambda row: row[1][k], self._ignore_case)
        if key is None:
            key = cmp_to_key(lambda a, b: compare_values(a[1][k], b[1][k], self._ignore_case))
        # reverse=True keeps equal elements in their order, as PowerShell's -Stable -Descending does
        return ordered(present, key, by.descending) + absent

    def _starts(self, rows: list[Row]) -> list[bool]:
        """For each row whether its keys differ from those of the row before it."""
        before: tuple[Any, ...] | None = None
        found = []
        for _, keys in rows:
            found.append(before is None or any(map(self._differ, before, keys)))
            before = keys
        return found

    def _differ(self, left: Any, right: Any) -> bool:
        return (
            left != right if type(left) is type(right) is int else compare_values(left, right, self._ignore_case) != 0
        )

    @staticmethod
    def _as_left(rows: list[Row], found: list[Row], firsts: list[bool]) -> list[Row]:
        """The sorted rows with equal ones in the order in which an unstable sort leaves them."""
        rank, ranks = 0, {}
        for row, first in zip(found, firsts, strict=True):
            rank += first
            ranks[id(row)] = rank
        return [rows[place] for place in order([ranks[id(row)] for row in rows])]


def _direction(found: expressions.Expression, descending: bool) -> bool:
    """Whether downwards: what the hashtable says, unless it says both or neither."""
    up = expressions.flag(found, "ascending") if "ascending" in found.options else None
    down = expressions.flag(found, "descending") if "descending" in found.options else None
    if up == down:
        return descending
    return not up if up is not None else bool(down)
