"""Sort-Object."""

from __future__ import annotations

from functools import cmp_to_key
from typing import Any

from ..runtime.cmdlet import Cmdlet, Sink, command
from ..runtime.records import ScriptError
from ..values.collation import plain_key, sort_key
from ..values.operators import compare, equals
from ..values.pieces import ordered
from ..values.value import NOTHING, to_string
from . import expressions


def compare_values(left: Any, right: Any, ignore_case: bool = True) -> int:
    """The order of any two values: what cannot be compared is compared as text; null comes first."""
    if left is None or right is None:
        return (left is not None) - (right is not None)
    try:
        return int(compare(left, right, ignore_case))
    except ScriptError:
        a, b = sort_key(to_string(left), ignore_case), sort_key(to_string(right), ignore_case)
        return (a > b) - (a < b)


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

    def process(self) -> None:
        value = self.bound.get("inputobject", NOTHING)
        if value is not NOTHING and value is not None:
            self._values.append(value)

    def end(self) -> None:
        ordered = self._sorted()
        if self.switch("Unique"):
            ordered = self._unique(ordered)
        top, bottom = self.arg("Top"), self.arg("Bottom")
        if top is not None:
            ordered = ordered[:top]
        elif bottom is not None:
            ordered = ordered[-bottom:]
        self.write_all(value for value, _ in ordered)

    def _sorted(self) -> list[tuple[Any, tuple[Any, ...]]]:
        columns = self._columns()
        readers = [read for read, _, _ in columns]
        if len(readers) == 1:
            rows: list[Any] = [(value, (readers[0](value),)) for value in self._values]
        else:
            rows = [(value, tuple([read(value) for read in readers])) for value in self._values]
        ignore_case = not self.switch("CaseSensitive")
        # sorted() is stable, so the least significant key goes first
        for k in range(len(columns) - 1, -1, -1):
            _, has, descending = columns[k]
            rows = self._by_key(rows, k, has, descending, ignore_case)
        return rows

    def _columns(self) -> list[tuple[Any, Any, bool]]:
        descending = self.switch("Descending")
        given = self.arg("Property")
        if given is None:
            return [(lambda value: value, None, descending)]
        columns = []
        for found in expressions.parse(self, given, ("ascending", "descending")):
            down = descending
            if "descending" in found.options:
                down = expressions.flag(found, "descending")
            elif "ascending" in found.options:
                down = not expressions.flag(found, "ascending")
            columns.append((expressions.getter(self, found), expressions.presence(found), down))
        return columns

    def _by_key(self, rows: list[Any], k: int, has: Any, descending: bool, ignore_case: bool) -> list[Any]:
        present: list[Any] = rows
        absent: list[Any] = []
        if has is not None and any(row[1][k] is None for row in rows):
            present, absent = [], []
            for row in rows:
                (present if row[1][k] is not None or has(row[0]) else absent).append(row)
        key = plain_key({type(row[1][k]) for row in present}, lambda row: row[1][k], ignore_case)
        if key is None:
            key = cmp_to_key(lambda a, b: compare_values(a[1][k], b[1][k], ignore_case))
        # reverse=True keeps equal elements in their order, as PowerShell's -Stable -Descending does
        return ordered(present, key, descending) + absent

    def _unique(self, rows: list[Any]) -> list[Any]:
        ignore_case = not self.switch("CaseSensitive")
        kept: list[Any] = []
        for row in rows:
            if not kept or not all(same(a, b, ignore_case) for a, b in zip(kept[-1][1], row[1], strict=True)):
                kept.append(row)
        return kept


def same(left: Any, right: Any, ignore_case: bool) -> bool:
    try:
        return bool(equals(left, right, ignore_case))
    except ScriptError:
        return False
