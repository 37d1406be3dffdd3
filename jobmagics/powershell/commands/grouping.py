"""Group-Object."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from functools import cmp_to_key
from typing import Any

from ...psobject import Hashtable, PSList, PSObject
from ..dotnet.lists import ArrayList
from ..dotnet.tables import case_sensitive
from ..members.access import invoke_method
from ..runtime.cmdlet import Cmdlet, command
from ..values.types import NetType, resolve_type
from ..values.value import NOTHING, enumerate_value, is_enumerable, to_string, unwrap
from . import expressions
from .sorting import compare_values, is_custom

COMMANDS = "Microsoft.PowerShell.Commands."


class ObjectCollection(PSList):
    """Collection<PSObject>: what a group holds."""

    def net_type_of(self) -> NetType:
        found = resolve_type("System.Collections.ObjectModel.Collection[System.Management.Automation.PSObject]")
        assert found is not None
        return found

    def ps_type_names(self) -> list[str]:
        return [
            "System.Collections.ObjectModel.Collection`1[[System.Management.Automation.PSObject, "
            "System.Management.Automation, "
            "Version=7.6.0.500, Culture=neutral, PublicKeyToken=31bf3856ad364e35]]",
            "System.Object",
        ]


def shown(value: Any) -> str:
    """A value in a group's name."""
    base = unwrap(value)
    if isinstance(base, datetime.datetime):
        return to_string(invoke_method(base, "ToString", []))
    if is_enumerable(base) or isinstance(base, Hashtable):
        return "{" + ", ".join(map(to_string, enumerate_value(base) if is_enumerable(base) else [base])) + "}"
    return to_string(value)


class GroupInfo:
    """One group: its name, its values and, unless -NoElement, its members."""

    def __init__(self, values: list[Any], elements: bool) -> None:
        self.values = ArrayList(values)
        self.name = ", ".join([shown(value) for value in values if value is not None])
        self.group = ObjectCollection()
        self.count = 0
        self.absent = [value is None for value in values]  # the properties that none of the members has
        self._elements = elements

    def add(self, value: Any) -> None:
        self.count += 1
        if self._elements:
            self.group.append(value)

    def ps_type_names(self) -> list[str]:
        own = [] if self._elements else [COMMANDS + "GroupInfoNoElement"]
        return [*own, COMMANDS + "GroupInfo", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        return (("Values", self.values), ("Count", self.count), ("Group", self.group), ("Name", self.name))

    def ps_to_string(self) -> str:
        return COMMANDS + ("GroupInfo" if self._elements else "GroupInfoNoElement")


@command("Group-Object")
class GroupObject(Cmdlet):
    def begin(self) -> None:
        self._groups: dict[Any, GroupInfo] = {}
        self._kinds: list[type | None] = []
        self._mixed = False  # values of several types at one place: they are compared one by one, and not sorted
        given = self.arg("Property")
        columns = [] if given is None else expressions.parse(self, given, (), patterns=False)
        self._readers = [expressions.sorting_getter(self, found) for found in columns]
        self._present = [expressions.presence(found) for found in columns]
        self._exact = self.switch("CaseSensitive")

    def process(self) -> None:
        value = self.bound.get("inputobject", NOTHING)
        if value is NOTHING or value is None:
            return
        if not self._groups:
            self._check_switches()
        values = [read(value) for read in self._readers] if self._readers else [value]
        self._note_kinds(values)
        group = self._group(values)
        for place, has in enumerate(self._present):
            if group.absent[place] and has(value):
                group.absent[place] = False
        group.add(value)

    def _check_switches(self) -> None:
        if self.switch("AsString") and not self.switch("AsHashTable"):
            message = "the AsString parameter requires that you specify the AsHashtable parameter."
        elif self.switch("AsHashTable") and not self.switch("AsString") and len(self._readers) > 1:
            message = (
                "using the AsHashTable parameter with more than one property requires adding the AsString parameter."
            )
        else:
            return
        raise self.terminate(
            f"The command cannot be run because {message}",
            "ArgumentException",
            "InvalidArgument",
            net_type="System.ArgumentException",
        )

    def _note_kinds(self, values: list[Any]) -> None:
        kinds = [None if value is None else type(unwrap(value)) for value in values]
        if not self._kinds:
            self._kinds = kinds
        elif kinds != self._kinds:
            for place, kind in enumerate(kinds):
                self._kinds[place] = known = self._kinds[place] or kind
                self._mixed |= kind is not None and kind is not known

    def _group(self, values: list[Any]) -> GroupInfo:
        key = tuple([self._fold(item) for item in values])
        group = self._groups.get(key)
        if group is None and self._mixed:
            alike = (known for known in self._groups.values() if self._compare_values(known.values, values) == 0)
            group = next(alike, None)
        if group is None:
            group = self._groups[key] = GroupInfo(values, not self.switch("NoElement"))
        return group

    def _fold(self, value: Any) -> Any:
        if isinstance(value, str):
            return value if self._exact else value.lower()
        if value is None or isinstance(value, (int, float)):
            return type(value), value
        if is_custom(value):
            return PSObject
        text = to_string(value)
        return type(value), text if self._exact else text.lower()

    def end(self) -> None:
        groups = list(self._groups.values())
        if not self._mixed:
            groups.sort(key=cmp_to_key(self._compare))
        if self.switch("AsHashTable"):
            self._as_hashtable(groups)
        else:
            self.write_all(groups)

    def _compare(self, left: GroupInfo, right: GroupInfo) -> int:
        if True in left.absent or True in right.absent:  # what has no such property comes last
            for a, b in zip(left.absent, right.absent, strict=True):
                if a is not b:
                    return a - b
        return self._compare_values(left.values, right.values)

    def _compare_values(self, left: Iterable[Any], right: Iterable[Any]) -> int:
        for a, b in zip(left, right, strict=True):
            sign = compare_values(a, b, not self._exact)
            if sign:
                return sign
        return 0

    def _as_hashtable(self, groups: list[GroupInfo]) -> None:
        if not groups:
            return
        table = case_sensitive() if self._exact else Hashtable()
        for group in groups:
            key = group.name if self.switch("AsString") else unwrap(group.values[0])
            if key is None or key in table:
                message = (
                    "The objects grouped by this property cannot be expanded because there is a key duplication. "
                    "Provide a valid value for the property, and then try again."
                )
                self.error(message, message, "InvalidArgument", net_type="System.Exception")
                return
            table[key] = group.group
        self.write(table)
