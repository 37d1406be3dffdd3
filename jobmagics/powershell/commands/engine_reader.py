"""How formatting sees live engine values: members added by scripts, script blocks, the session's culture."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...formatting import Formatter, Reader
from ...formatting.reader import DEFAULT_ENUMERATION_LIMIT, DictionaryEntry, array_properties
from ...psobject import Hashtable, PSList, PSObject
from ..dotnet.culture import current_culture
from ..members.access import TYPE_DATA, MemberSet, find_key, get_property, has_property, plain_bag, properties
from ..records import ScriptError
from ..values.formats import format_string, format_value
from ..values.types import type_names
from ..values.value import enumerate_value, is_enumerable, to_string, unwrap

if TYPE_CHECKING:
    from ..runtime.runspace import Frame, Runspace


class EngineReader(Reader):
    """Bound to a session and, for calculated columns, to the frame they run in."""

    def __init__(self, runspace: Runspace, frame: Frame | None = None) -> None:
        self.runspace = runspace
        self.frame = frame
        self.culture = culture_name()
        self.failed_cell: str | None = None  # what a column shows whose script failed
        self.failures: list[tuple[Any, Any, Any]] | None = None  # exception, script, object; where they are told of
        limit = runspace.get_variable("FormatEnumerationLimit")
        self.enumeration_limit = limit if isinstance(limit, int) else DEFAULT_ENUMERATION_LIMIT

    @property
    def error_view(self) -> str:  # type: ignore[override]
        """Asked for each error: a script changes $ErrorView on its way."""
        view = self.runspace.get_variable("ErrorView")
        return "ConciseView" if view is None else to_string(view)

    def type_names(self, value: Any) -> list[str]:
        return type_names(value)

    def properties(self, value: Any) -> list[tuple[str, Any]]:
        if type(value) in (list, PSList):
            return array_properties(value)
        bag = plain_bag(value)
        if bag is not None:
            return list(bag.items())
        return self._values(properties(value))

    def listed(self, value: Any) -> list[tuple[str, Any]]:
        if not TYPE_DATA or isinstance(value, DictionaryEntry) or type(value) in (list, PSList):
            return super().listed(value)
        own = value._extended if isinstance(value, PSObject) else getattr(value, "ps_added", None) or {}
        found = properties(value)
        of_type = [one for one in found if one.member is not None and find_key(own, one.name) is None]
        return self._values([one for one in found if one not in of_type] + of_type)

    def _values(self, found: list[Any]) -> list[tuple[str, Any]]:
        return [(one.name, safely(one.value)) for one in found if one.kind != "ParameterizedProperty"]

    def get(self, value: Any, name: str) -> tuple[bool, Any]:
        if isinstance(value, DictionaryEntry):
            return super().get(value, name)
        bag = plain_bag(value)
        key = find_key(bag, name) if bag else None
        if bag and key is not None:
            return True, bag[key]
        if not has_property(value, name):
            return super().get(value, name) if isinstance(value, uuid.UUID) else (False, None)
        return True, safely(lambda: get_property(value, name))

    def own_display_set(self, value: Any) -> tuple[str, ...]:
        own = value._extended if isinstance(value, PSObject) else getattr(value, "ps_added", None) or {}
        standard = own.get(find_key(own, "PSStandardMembers") or "")
        return standard.display_set() if isinstance(standard, MemberSet) else ()

    def evaluate(self, script: Any, value: Any) -> Any:
        if not hasattr(script, "run"):
            return script(value)
        found: list[Any] = []
        assert self.frame is not None
        try:
            script.run(self.frame, found.append, under=value, quiet=True)
        except Exception as problem:  # noqa: BLE001 - a column that fails is an empty cell, as in PowerShell
            if isinstance(problem, ScriptError) and self.failures is not None:
                self.failures.append((problem.record.exception, script, value))
            return self.failed_cell
        return found[0] if len(found) == 1 else (found or None)

    def elements(self, value: Any) -> Iterator[Any] | None:
        # a script may change the culture between the values it gives; every value passes here
        self.culture = culture_name()
        if type(value) is str or type(value) is int:
            return None
        base = unwrap(value)
        if isinstance(base, Hashtable) and ".Generic." in self.type_names(base)[0]:
            return (KeyValuePair(key, item) for key, item in list(base.items()))
        if isinstance(base, Hashtable):
            return (DictionaryEntry(key, item) for key, item in list(base.items()))
        if hasattr(type(base), "ps_entries"):
            return (KeyValuePair(key, item) for key, item in list(base.ps_entries()))
        return enumerate_value(base) if is_enumerable(base) else None

    def breaks_words(self) -> bool:
        return current_culture().name != ""

    def base(self, value: Any) -> Any:
        return unwrap(value)

    def format(self, value: Any, directive: str) -> str:
        if "{0" in directive or "}" in directive:
            return str(format_string(directive, [value]))
        return str(format_value(value, directive))

    def to_string(self, value: Any) -> str:
        if type(value) is str:
            return str(value)
        plain = unwrap(value)
        if isinstance(value, PSObject) and value._base is None:
            return str(to_string(value))
        if type(plain).__name__ in ("DateTime", "datetime", "float", "Single", "bool", "str"):
            return super().to_string(plain)
        return str(to_string(value))


class KeyValuePair(DictionaryEntry):
    """An element of a generic dictionary: no Name."""

    __slots__ = ()

    def ps_type_names(self) -> list[str]:
        return ["System.Collections.Generic.KeyValuePair`2", "System.ValueType", "System.Object"]

    def ps_properties(self) -> list[tuple[str, Any]]:
        return self.ps_listed()

    def ps_listed(self) -> list[tuple[str, Any]]:
        return [("Key", self.key), ("Value", self.value)]


def safely(read: Any) -> Any:
    """A property that throws shows as empty."""
    try:
        return read()
    except ScriptError:
        return None


def culture_name() -> str:
    """ "" when the script chose the invariant culture, else en-US, the recorded one."""
    return "" if current_culture().name == "" else "en-US"


def default_formatter(runspace: Runspace, width: int = 120, color: bool = False) -> Formatter:
    """What Out-Default formats with."""
    frame = getattr(runspace, "frame", None)
    return Formatter(width, reader=EngineReader(runspace, frame), color=color)
