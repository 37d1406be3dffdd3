"""ConvertTo-Json: objects to JSON text."""

from __future__ import annotations

import datetime
import decimal
import math
import re
import uuid
from collections.abc import Collection
from typing import Any

from ...psobject import Char, DateTime, Hashtable, Int64, PSObject, Single, Uri
from ..members.access import plain_bag, properties
from ..runtime.cmdlet import Cmdlet, Sink, command
from ..runtime.scriptblock import ScriptBlock
from ..values.types import type_of
from ..values.value import NOTHING, enumerate_value, float_string, is_enumerable, to_string, unwrap

INDENT = "  "
ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
ESCAPED = {
    "Default": re.compile(r'["\\\x00-\x1f\x85\u2028\u2029]'),
    "EscapeNonAscii": re.compile(r'["\\\x00-\x1f]|[^\x00-\x7f]'),
    "EscapeHtml": re.compile(r'["\\\x00-\x1f<>&\'\x85\u2028\u2029]'),
}


@command("ConvertTo-Json")
class ConvertToJson(Cmdlet):
    takes_elements = True

    def element_sink(self) -> Sink:
        def keep(value: Any) -> None:
            self._values.append(value)

        return keep

    def begin(self) -> None:
        self._values: list[Any] = []

    def process(self) -> None:
        self._values.append(self.bound.get("inputobject"))

    def end(self) -> None:
        if not self._values:
            return
        values = [None if value is NOTHING else value for value in self._values]
        subject: Any = values if len(values) > 1 or self.switch("AsArray") else values[0]
        writer = JsonWriter(
            self.arg("Depth", 2),
            self.switch("Compress"),
            self.switch("EnumsAsStrings"),
            str(self.arg("EscapeHandling", "Default")),
        )
        try:
            text = writer.text(subject)
        except BadKey as problem:
            raise self.terminate(
                f"The type '{problem}' is not supported for serialization or deserialization of a dictionary. "
                "Keys must be strings.",
                "NonStringKeyInDictionary",
                "InvalidOperation",
                subject,
                net_type="System.InvalidOperationException",
            ) from None
        if writer.truncated:
            depth = self.arg("Depth", 2)
            self.warning(f"Resulting JSON is truncated as serialization has exceeded the set depth of {depth}.")
        self.write(text)


class BadKey(Exception):
    """A dictionary of this type has a key that is not a string."""


class JsonWriter:
    """One document. ``text`` raises BadKey."""

    def __init__(
        self, depth: int, compress: bool = False, enums_as_strings: bool = False, escape: str = "Default"
    ) -> None:
        self.truncated = False
        self._depth, self._compress, self._enums = depth, compress, enums_as_strings
        self._escaped = ESCAPED.get(escape, ESCAPED["Default"])
        self._escapes = {**ESCAPES, '"': "\\u0022"} if escape == "EscapeHtml" else ESCAPES

    def text(self, value: Any) -> str:
        return self._value(value, 0, "\n")

    def _value(self, value: Any, level: int, line: str) -> str:
        kind = type(value)
        if kind is str:
            return self.quoted(value)
        if kind is int or kind is Int64:
            return int.__repr__(value)
        bag = plain_bag(value)
        if bag is not None and level <= self._depth:
            return self._members(bag.items(), level, line)
        plain = unwrap(value)
        added = self._added(value, plain)
        if added and isinstance(plain, Hashtable) and level <= self._depth:
            names = {name for name, _ in self._entries(plain)}
            return self._members(
                [*self._entries(plain), *(pair for pair in added if pair[0] not in names)], level, line
            )
        if added:
            return self._with_added(plain, added, level, line)
        return self._bare(value, plain, level, line)

    def _bare(self, value: Any, plain: Any, level: int, line: str) -> str:
        scalar = self._scalar(plain)
        if scalar is not None:
            return scalar
        if level > self._depth:
            self.truncated = True
            return self.quoted(to_string(value))
        if isinstance(plain, Hashtable) or hasattr(type(plain), "ps_entries"):
            return self._members(self._entries(plain), level, line)
        if is_enumerable(plain):
            return self._array(list(enumerate_value(plain)), level, line)
        return self._members(self._pairs(value), level, line)

    def _added(self, value: Any, plain: Any) -> list[tuple[str, Any]]:
        """The properties that were added to a value that is not written by its properties."""
        wrapped = value._extended if isinstance(value, PSObject) and plain is not value else {}
        names = {**(getattr(plain, "ps_added", None) or {}), **wrapped}
        if not names:
            return []
        if isinstance(plain, (str, datetime.datetime)) or not (
            self._scalar(plain) is not None or isinstance(plain, Hashtable) or is_enumerable(plain)
        ):
            return []
        return [pair for pair in self._pairs(value) if pair[0] in names]

    def _with_added(self, plain: Any, added: list[tuple[str, Any]], level: int, line: str) -> str:
        inner = line + INDENT
        colon = ":" if self._compress else ": "
        parts = [f'"value"{colon}{self._bare(plain, plain, level, inner)}']
        parts += [f"{self.quoted(name)}{colon}{self._value(item, level + 1, inner)}" for name, item in added]
        return self._joined("{", parts, "}", line)

    @staticmethod
    def _entries(table: Any) -> list[tuple[str, Any]]:
        pairs = table.items() if isinstance(table, Hashtable) else table.ps_entries()
        found = []
        for key, item in pairs:
            if not isinstance(unwrap(key), str):
                raise BadKey(type_of(table).full_name)
            found.append((to_string(key), item))
        return found

    def _scalar(self, value: Any) -> str | None:
        if value is None or value is NOTHING or type(value).__name__ == "DBNull":
            return "null"
        if isinstance(value, bool):
            return "true" if value else "false"
        if hasattr(value, "ps_enum_value"):
            number, text = str(int(value.ps_enum_value())), to_string(value)
            return self.quoted(text) if self._enums and text != number else number
        if isinstance(value, float):
            return number_text(value)
        if isinstance(value, decimal.Decimal):
            text = format(value, "f")
            return text if "." in text else text + ".0"
        if isinstance(value, int):
            return int.__repr__(value)
        if isinstance(value, (str, Char, Uri)):
            return self.quoted(str(value))
        if isinstance(value, uuid.UUID):
            return self.quoted(str(value))
        if isinstance(value, datetime.datetime):
            return self.quoted(date_text(value))
        if isinstance(value, ScriptBlock):
            return None
        if type(value).__name__ == "DateTimeOffset":
            return self.quoted(offset_text(value))
        return None

    def _pairs(self, value: Any) -> list[tuple[str, Any]]:
        from .engine_reader import safely

        return [(item.name, safely(item.value)) for item in properties(value) if item.kind != "ParameterizedProperty"]

    def _members(self, pairs: Collection[tuple[str, Any]], level: int, line: str) -> str:
        if not pairs:
            return "{}"
        inner = line + INDENT
        colon = ":" if self._compress else ": "
        parts = [f"{self.quoted(name)}{colon}{self._value(item, level + 1, inner)}" for name, item in pairs]
        return self._joined("{", parts, "}", line)

    def _array(self, items: list[Any], level: int, line: str) -> str:
        if not items:
            return "[]"
        inner = line + INDENT
        return self._joined("[", [self._value(item, level + 1, inner) for item in items], "]", line)

    def _joined(self, begin: str, parts: list[str], end: str, line: str) -> str:
        if self._compress:
            return begin + ",".join(parts) + end
        inner = line + INDENT
        return begin + inner + ("," + inner).join(parts) + line + end

    def quoted(self, text: str) -> str:
        return f'"{self._escaped.sub(self._escape, text)}"'

    def _escape(self, match: re.Match[str]) -> str:
        char = match.group()
        if char in self._escapes:
            return self._escapes[char]
        code = ord(char)
        if code > 0xFFFF:
            code -= 0x10000
            return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
        return f"\\u{code:04x}"


def number_text(value: float) -> str:
    if math.isnan(value):
        return '"NaN"'
    if math.isinf(value):
        return '"Infinity"' if value > 0 else '"-Infinity"'
    if isinstance(value, Single):
        from ..values.value import single_string

        text = single_string(value)
    else:
        text = float_string(value)
    if "E" not in text and "." not in text:
        return text + ".0"
    return text


def date_text(value: datetime.datetime) -> str:
    ticks = value.ticks if isinstance(value, DateTime) else 0
    fraction = f".{ticks % 10_000_000:07d}".rstrip("0").rstrip(".")
    day = f"{value.year:04d}-{value.month:02d}-{value.day:02d}"
    text = f"{day}T{value.hour:02d}:{value.minute:02d}:{value.second:02d}{fraction}"
    if value.tzinfo is None:
        return text
    if value.tzinfo is datetime.timezone.utc:
        return text + "Z"
    return text + offset_suffix(value.utcoffset())


def offset_suffix(offset: datetime.timedelta | None) -> str:
    minutes = int((offset or datetime.timedelta()).total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def offset_text(value: Any) -> str:
    from ..members.access import get_property

    clock = get_property(value, "DateTime")
    offset = get_property(value, "Offset")
    bare = DateTime.from_ticks(clock.ticks)
    return date_text(bare) + offset_suffix(offset)
