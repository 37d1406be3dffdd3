"""Compare-Object, Get-Unique, Tee-Object."""

from __future__ import annotations

from collections import deque
from typing import Any

from ...psobject import Int64, PSObject
from ..members.access import NoteProperty, add_member
from ..runtime.cmdlet import Cmdlet, command
from ..runtime.records import ScriptError
from ..values.collation import sort_key
from ..values.operators import equals
from ..values.types import type_names
from ..values.value import NOTHING, as_list, is_enumerable, to_string, unwrap
from . import expressions
from .sorting import compare_values

SCALARS = (str, int, float, bool)
NUMBERS = {int, Int64, float, bool}


@command("Compare-Object")
class CompareObject(Cmdlet):
    """Two collections: what only one side has."""

    def begin(self) -> None:
        given = self.arg("Property")
        self._columns = [] if given is None else expressions.parse(self, given, ("name", "label"))
        self._readers = [expressions.getter(self, column) for column in self._columns]
        self._ignore_case = not self.switch("CaseSensitive")
        self._window = self.arg("SyncWindow", None)
        self._differences: list[Any] = []
        self._piped = False

    def process(self) -> None:
        found = self.bound.get("differenceobject")
        if self.expecting_input:
            self._piped = True
            self._differences += found if isinstance(found, list) else [found]
        else:
            self._differences = as_list(found)

    def end(self) -> None:
        left = list(as_list(self.arg("ReferenceObject")))
        keys = self._keys([*left, *self._differences])
        unmatched = self._scanned(left) if keys is None else self._looked_up(left, keys)
        if self.switch("ExcludeDifferent"):
            return
        for value in unmatched:
            self._put(value, "=>")
        for value in left:
            self._put(value, "<=")

    def _scanned(self, left: list[Any]) -> list[Any]:
        """Takes what is equal to a difference out of ``left``; the differences that have no equal. Any values."""
        unmatched: list[Any] = []
        for value in self._differences:
            position = next((k for k, other in enumerate(left) if self._same(other, value)), None)
            if position is None:
                unmatched.append(value)
                continue
            other = left.pop(position)
            if self.switch("IncludeEqual"):
                self._put(value if self._piped else other, "==")
        return unmatched

    def _looked_up(self, left: list[Any], keys: list[Any]) -> list[Any]:
        """The same for values whose keys are equal where they are."""
        places: dict[Any, deque[int]] = {}
        for place, key in enumerate(keys[: len(left)]):
            places.setdefault(key, deque()).append(place)
        unmatched: list[Any] = []
        taken = set()
        for value, key in zip(self._differences, keys[len(left) :], strict=True):
            waiting = places.get(key)
            if not waiting:
                unmatched.append(value)
                continue
            place = waiting.popleft()
            taken.add(place)
            if self.switch("IncludeEqual"):
                self._put(value if self._piped else left[place], "==")
        left[:] = [value for place, value in enumerate(left) if place not in taken]
        return unmatched

    def _keys(self, values: list[Any]) -> list[Any] | None:
        """A key for each value; None where equality is more than that of keys: 5 is '5', and '5' is '5.0' for a
        number on the left."""
        columns = [[read(value) for value in values] for read in self._readers] or [values]
        found = [self._column_keys([unwrap(value) for value in column]) for column in columns]
        return None if any(keys is None for keys in found) else list(zip(*[keys or () for keys in found], strict=True))

    def _column_keys(self, values: list[Any]) -> list[Any] | None:
        kinds = set(map(type, values)) - {type(None)}
        if kinds <= {str}:
            return [value if value is None else sort_key(value, self._ignore_case) for value in values]
        if kinds <= NUMBERS and all(value == value for value in values):  # noqa: PLR0124 - NaN is no key
            return values
        if kinds <= {PSObject}:
            texts = [value if value is None else to_string(value) for value in values]
            return [text.lower() if text and self._ignore_case else text for text in texts]
        return None

    def _same(self, left: Any, right: Any) -> bool:
        if self._readers:
            return all(self._equal(read(left), read(right)) for read in self._readers)
        return self._equal(left, right)

    def _equal(self, left: Any, right: Any) -> bool:
        a, b = unwrap(left), unwrap(right)
        if a is None or b is None:
            return a is b
        if isinstance(a, SCALARS) and isinstance(b, SCALARS):
            try:
                return compare_values(a, b, self._ignore_case) == 0
            except ScriptError:
                return False
        if type(a) is type(b) and not isinstance(a, PSObject):
            try:
                if equals(a, b, self._ignore_case):
                    return True
            except ScriptError:
                return False
        text_a, text_b = to_string(a), to_string(b)
        return text_a.lower() == text_b.lower() if self._ignore_case else text_a == text_b

    def _put(self, value: Any, side: str) -> None:
        if self.switch("PassThru"):
            self.write(add_member(value, "SideIndicator", NoteProperty(side)))
            return
        bag: dict[str, Any] = {}
        if self._columns:
            for column, read in zip(self._columns, self._readers, strict=True):
                bag[column.title] = read(value)
        else:
            bag["InputObject"] = value
        self.write(PSObject({**bag, "SideIndicator": side}))


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
        kept: Any = self._kept
        if self.switch("Append"):
            before = self.frame.get_variable(name)
            kept = [*(before if is_enumerable(before) else [] if before is None else [before]), *kept]
        self.frame.set_variable(name, kept[0] if len(kept) == 1 else kept)
