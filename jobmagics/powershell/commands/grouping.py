"""Group-Object."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cmp_to_key
from typing import Any

from ...psobject import Hashtable, PSList
from ..dotnet.lists import ArrayList
from ..runtime.cmdlet import Cmdlet, command
from ..values.types import NetType, resolve_type
from ..values.value import NOTHING, to_string
from . import expressions
from .sorting import compare_values

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


class GroupInfo:
    """One group: its name, its values and, unless -NoElement, its members."""

    def __init__(self, values: list[Any], elements: bool) -> None:
        self.values = ArrayList(values)
        self.name = ", ".join(to_string(value) for value in values)
        self.group = ObjectCollection()
        self.count = 0
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
        given = self.arg("Property")
        self._readers = None
        if given is not None:
            self._readers = [expressions.getter(self, found) for found in expressions.parse(self, given, ())]
        self._exact = self.switch("CaseSensitive")
        if self.switch("AsString") and not self.switch("AsHashTable"):
            raise self.terminate(
                "The AsString parameter must be used together with AsHashTable.", "ArgumentException", "InvalidArgument"
            )

    def process(self) -> None:
        value = self.bound.get("inputobject", NOTHING)
        if value is NOTHING or (value is None and self._readers is not None):
            return
        values = [value] if self._readers is None else [read(value) for read in self._readers]
        key = tuple(self._fold(item) for item in values)
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = GroupInfo(values, not self.switch("NoElement"))
        group.add(value)

    def _fold(self, value: Any) -> Any:
        if isinstance(value, str):
            return value if self._exact else value.lower()
        if value is None or isinstance(value, bool):
            return (value,)
        if isinstance(value, (int, float)):
            return float(value) if abs(value) < 2**53 else value
        return to_string(value) if self._exact else to_string(value).lower()

    def end(self) -> None:
        groups = list(self._groups.values())
        if self.switch("AsHashTable"):
            self._as_hashtable(groups)
            return
        groups.sort(key=cmp_to_key(self._compare))
        self.write_all(groups)

    def _compare(self, left: GroupInfo, right: GroupInfo) -> int:
        for a, b in zip(left.values, right.values, strict=True):
            sign = compare_values(a, b, not self._exact)
            if sign:
                return sign
        return 0

    def _as_hashtable(self, groups: list[GroupInfo]) -> None:
        if not groups:
            return
        table = Hashtable()
        for group in groups:
            key = group.name if self.switch("AsString") or len(group.values) > 1 else group.values[0]
            table[key] = group.group
        self.write(table)
