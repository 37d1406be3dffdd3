"""How formatting looks at a value: type names, properties, text, elements.

``Reader`` reads psobject values and PSValue objects as they come from CLIXML. The engine hands in
its own subclass, which also knows members added by scripts and can run script blocks.
"""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jobmagics.formatting import texts
from jobmagics.psobject import (
    BigInteger,
    Byte,
    Char,
    DateTime,
    Hashtable,
    Int16,
    Int64,
    PSObject,
    SByte,
    ScriptBlockText,
    SecureString,
    Single,
    UInt16,
    UInt32,
    UInt64,
    Uri,
    Version,
    XmlDocument,
)

DEFAULT_ENUMERATION_LIMIT = 4
PREFIX = "Deserialized."
OBJECT = "System.Object"
VALUE_TYPE = ["System.ValueType", OBJECT]

# exact Python type -> PowerShell's type names; subclasses come before their bases where isinstance decides
SCALAR_TYPES: dict[type, list[str]] = {
    bool: ["System.Boolean", *VALUE_TYPE],
    int: ["System.Int32", *VALUE_TYPE],
    Int64: ["System.Int64", *VALUE_TYPE],
    UInt64: ["System.UInt64", *VALUE_TYPE],
    UInt32: ["System.UInt32", *VALUE_TYPE],
    Int16: ["System.Int16", *VALUE_TYPE],
    UInt16: ["System.UInt16", *VALUE_TYPE],
    Byte: ["System.Byte", *VALUE_TYPE],
    SByte: ["System.SByte", *VALUE_TYPE],
    BigInteger: ["System.Numerics.BigInteger", *VALUE_TYPE],
    float: ["System.Double", *VALUE_TYPE],
    Single: ["System.Single", *VALUE_TYPE],
    decimal.Decimal: ["System.Decimal", *VALUE_TYPE],
    str: ["System.String", OBJECT],
    Char: ["System.Char", *VALUE_TYPE],
    Uri: ["System.Uri", OBJECT],
    ScriptBlockText: ["System.Management.Automation.ScriptBlock", OBJECT],
    XmlDocument: ["System.Xml.XmlDocument", "System.Xml.XmlNode", OBJECT],
    DateTime: ["System.DateTime", *VALUE_TYPE],
    datetime.datetime: ["System.DateTime", *VALUE_TYPE],
    datetime.timedelta: ["System.TimeSpan", *VALUE_TYPE],
    uuid.UUID: ["System.Guid", *VALUE_TYPE],
    bytes: ["System.Byte[]", "System.Array", OBJECT],
    Version: ["System.Version", OBJECT],
    SecureString: ["System.Security.SecureString", OBJECT],
    list: ["System.Object[]", "System.Array", OBJECT],
    tuple: ["System.Object[]", "System.Array", OBJECT],
    dict: ["System.Collections.Hashtable", OBJECT],
}
TIMESPAN_UNITS = {"Days": 864_000_000_000, "Hours": 36_000_000_000, "Minutes": 600_000_000, "Seconds": 10_000_000}


class DictionaryEntry:
    """A key and its value, as a dictionary's rows are shown."""

    __slots__ = ("key", "value")

    def __init__(self, key: Any, value: Any) -> None:
        self.key, self.value = key, value

    def ps_type_names(self) -> list[str]:
        return ["System.Collections.DictionaryEntry", *VALUE_TYPE]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        return (("Name", self.key), ("Key", self.key), ("Value", self.value))

    def ps_listed(self) -> list[tuple[str, Any]]:
        return [("Key", self.key), ("Value", self.value), ("Name", self.key)]

    def ps_to_string(self) -> str:
        return f"[{self.key}, {Reader().to_string(self.value)}]"


class Reader:
    """The plain reader.

    culture: "en-US" or "" (invariant); error_view: ConciseView, NormalView or CategoryView;
    enumeration_limit: $FormatEnumerationLimit.
    """

    culture = "en-US"
    error_view = "ConciseView"
    enumeration_limit = DEFAULT_ENUMERATION_LIMIT

    def type_names(self, value: Any) -> list[str]:
        known = SCALAR_TYPES.get(type(value))
        if known is not None:
            return known
        if hasattr(value, "ps_type_names"):
            return list(value.ps_type_names())
        if isinstance(value, Hashtable):
            return value.type_names
        for kind in type(value).__mro__[1:]:
            if kind in SCALAR_TYPES:
                return SCALAR_TYPES[kind]
        return [type(value).__name__, OBJECT]

    def plain_type_names(self, value: Any) -> list[str]:
        """Type names as they were where the object lived."""
        return [name.removeprefix(PREFIX) for name in self.type_names(value)]

    def properties(self, value: Any) -> list[tuple[str, Any]]:
        """All properties in the order PowerShell lists them: added ones first."""
        if isinstance(value, PSObject):
            if value._base is not None and not isinstance(value._base, PSObject):
                base = [] if value._adapted else self.properties(value._base)
                return [*value._extended.items(), *value._adapted.items(), *base]
            return [*value._extended.items(), *value._adapted.items()]
        if hasattr(value, "ps_properties"):
            return list(value.ps_properties())
        return list(scalar_properties(value))

    def listed(self, value: Any) -> list[tuple[str, Any]]:
        """All properties in the order in which a value without a view is shown: those of its type come last."""
        if isinstance(value, DictionaryEntry):
            return value.ps_listed()
        return self.properties(value)

    def get(self, value: Any, name: str) -> tuple[bool, Any]:
        """(whether there is such a property, its value)."""
        folded = name.lower()
        for key, item in self.properties(value):
            if key.lower() == folded:
                return True, item
        if isinstance(value, Mapping) and name in value:
            return True, value[name]
        return False, None

    def own_display_set(self, value: Any) -> tuple[str, ...]:
        """The properties that the object itself says it is shown by, whatever its type says."""
        return ()

    def breaks_words(self) -> bool:
        """Whether long lines are broken between words, as the culture has it."""
        return self.culture != ""

    def evaluate(self, script: Any, value: Any) -> Any:
        """The value of a computed column: a Python callable here; the engine runs script blocks too."""
        return script(value)

    def elements(self, value: Any) -> Iterator[Any] | None:
        """The elements of a collection as formatting enumerates them, or None when the value is one thing."""
        base = value._base if isinstance(value, PSObject) else value
        if isinstance(base, Mapping):
            return (DictionaryEntry(key, item) for key, item in base.items())
        if isinstance(base, list | tuple | bytes) and not isinstance(base, Version):
            return iter(base)
        return None

    def base(self, value: Any) -> Any:
        return value._base if isinstance(value, PSObject) and value._base is not None else value

    def format(self, value: Any, directive: str) -> str:
        """A calculated column's FormatString; without the engine only the plain text is known."""
        return self.to_string(value)

    def to_string(self, value: Any) -> str:
        """ToString() in the current culture."""
        if value is None:
            return ""
        if isinstance(value, str):
            return str(value)
        if isinstance(value, bool):
            return "True" if value else "False"
        if isinstance(value, float):
            return texts.float_text(value)
        if isinstance(value, datetime.datetime):
            return texts.general_date(value, self.culture)
        if isinstance(value, datetime.timedelta):
            return texts.timespan_text(value)
        if isinstance(value, decimal.Decimal):
            return format(value, "f")
        if isinstance(value, PSObject):
            return self._object_text(value)
        if hasattr(value, "ps_to_string"):
            return str(value.ps_to_string())
        if isinstance(value, int | uuid.UUID | Version):
            return str(value)
        return self.type_names(value)[0]

    def _object_text(self, value: PSObject) -> str:
        if value._to_string is not None:
            return value._to_string
        if value._base is not None:
            return self.to_string(value._base)
        custom = self.plain_type_names(value)[:1] == ["System.Management.Automation.PSCustomObject"]
        if value._adapted or not (custom or value._extended):
            return self.type_names(value)[0]
        if not value._extended:
            return ""
        return "@{" + "; ".join(f"{name}={self._inner_text(item)}" for name, item in value._extended.items()) + "}"

    def _inner_text(self, value: Any) -> str:
        # inside @{...} numbers and dates read as in the invariant culture and objects of the same kind are left out
        if isinstance(value, PSObject) and value._base is None and value._to_string is None and not value._adapted:
            return ""
        if isinstance(value, datetime.datetime):
            return texts.general_date(value, "")
        return self.to_string(value)


def scalar_properties(value: Any) -> Iterable[tuple[str, Any]]:
    """Properties of the scalars that have a view, and of strings and lists."""
    if isinstance(value, str):
        return [("Length", len(value))]
    if isinstance(value, datetime.timedelta):
        return timespan_properties(value)
    if isinstance(value, datetime.datetime):
        return date_properties(value)
    if isinstance(value, Version):
        parts = (*value, -1, -1, -1)[:4]
        names = ("Major", "Minor", "Build", "Revision")
        return [*zip(names, parts, strict=True), ("MajorRevision", Int16(-1)), ("MinorRevision", Int16(-1))]
    if isinstance(value, uuid.UUID):
        return [
            ("Variant", int.from_bytes(value.bytes[8:9], "big") >> 4),
            ("Version", value.version or 0),
            ("Guid", str(value)),
        ]
    if isinstance(value, Hashtable | dict):
        return [("Count", len(value))]
    if isinstance(value, list | tuple | bytes):
        return array_properties(value)
    return []


def array_properties(value: Any) -> list[tuple[str, Any]]:
    size = len(value)
    flags = [("IsReadOnly", False), ("IsFixedSize", True), ("IsSynchronized", False), ("Count", size)]
    return [("Length", size), ("LongLength", Int64(size)), ("Rank", 1), ("SyncRoot", value), *flags]


def timespan_properties(span: datetime.timedelta) -> list[tuple[str, Any]]:
    ticks = texts.ticks_of(span)
    sign, size = (-1, -ticks) if ticks < 0 else (1, ticks)
    days, rest = divmod(size, TIMESPAN_UNITS["Days"])
    hours, rest = divmod(rest, TIMESPAN_UNITS["Hours"])
    minutes, rest = divmod(rest, TIMESPAN_UNITS["Minutes"])
    seconds, rest = divmod(rest, TIMESPAN_UNITS["Seconds"])
    fine = {
        "Milliseconds": rest // 10_000,
        "Microseconds": rest // 10 % 1000,
        "Nanoseconds": rest % 10 * 100,
    }
    parts = {"Days": days, "Hours": hours, **fine, "Minutes": minutes, "Seconds": seconds}
    totals = {f"Total{name}": ticks / unit for name, unit in TIMESPAN_UNITS.items()}
    small = {
        "TotalMilliseconds": ticks / 10_000,
        "TotalMicroseconds": ticks / 10,
        "TotalNanoseconds": ticks * 100.0,
    }
    order = {"TotalDays": 0.0, "TotalHours": 0.0, **small, **totals}
    return [("Ticks", Int64(ticks)), *((name, sign * part) for name, part in parts.items()), *order.items()]


def date_properties(moment: datetime.datetime) -> list[tuple[str, Any]]:
    nanoseconds = texts.ticks_of(moment) % 10 * 100
    return [
        ("Date", moment.replace(hour=0, minute=0, second=0, microsecond=0)),
        ("Day", moment.day),
        ("DayOfWeek", texts.DAYS[moment.weekday()]),
        ("DayOfYear", moment.timetuple().tm_yday),
        ("Hour", moment.hour),
        ("Kind", getattr(moment, "kind", "Unspecified")),
        ("Millisecond", moment.microsecond // 1000),
        ("Microsecond", moment.microsecond % 1000),
        ("Nanosecond", nanoseconds),
        ("Minute", moment.minute),
        ("Month", moment.month),
        ("Second", moment.second),
        ("Ticks", Int64(texts.ticks_of(moment))),
        ("TimeOfDay", moment - moment.replace(hour=0, minute=0, second=0, microsecond=0)),
        ("Year", moment.year),
        ("DateTime", texts.long_date(moment, "en-US")),
    ]
