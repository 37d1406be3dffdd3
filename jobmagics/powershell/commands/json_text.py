"""ConvertTo-Json, ConvertFrom-Json, Test-Json."""

from __future__ import annotations

import datetime
import decimal
import json
import math
import re
import uuid
from collections.abc import Collection
from typing import Any

from ...psobject import BigInteger, Char, DateTime, Hashtable, Int64, OrderedDictionary, PSObject, Single, Uri
from ..members.access import plain_bag, properties
from ..records import NetException
from ..runtime.cmdlet import Cmdlet, Sink, command
from ..runtime.scriptblock import ScriptBlock
from ..values.utf16 import units
from ..values.value import NOTHING, enumerate_value, float_string, is_enumerable, to_string, unwrap
from .json_errors import explain

INDENT = "  "
MAX_INPUT_DEPTH = 1024
ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
ESCAPED = {
    "Default": re.compile(r'["\\\x00-\x1f\x85\u2028\u2029]'),
    "EscapeNonAscii": re.compile(r'["\\\x00-\x1f]|[^\x00-\x7f]'),
    "EscapeHtml": re.compile(r'["\\\x00-\x1f<>&\'\x85\u2028\u2029]'),
}
DATE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$")


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
        text = writer.text(subject)
        if writer.truncated:
            depth = self.arg("Depth", 2)
            self.warning(f"Resulting JSON is truncated as serialization has exceeded the set depth of {depth}.")
        self.write(text)


class JsonWriter:
    """One document."""

    def __init__(
        self, depth: int, compress: bool = False, enums_as_strings: bool = False, escape: str = "Default"
    ) -> None:
        self.truncated = False
        self._depth, self._compress, self._enums = depth, compress, enums_as_strings
        self._escaped = ESCAPED.get(escape, ESCAPED["Default"])

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
        scalar = self._scalar(plain)
        if scalar is not None and not (isinstance(value, PSObject) and value._extended and not isinstance(plain, str)):
            return scalar
        if level > self._depth:
            self.truncated = True
            return self.quoted(self._cut(value))
        if isinstance(plain, Hashtable):
            return self._members([(to_string(key), item) for key, item in plain.items()], level, line)
        if hasattr(type(plain), "ps_entries"):
            return self._members([(to_string(key), item) for key, item in plain.ps_entries()], level, line)
        if is_enumerable(plain):
            return self._array(list(enumerate_value(plain)), level, line)
        return self._members(self._pairs(value), level, line)

    @staticmethod
    def _cut(value: Any) -> str:
        return to_string(value)

    def _scalar(self, value: Any) -> str | None:
        if value is None or value is NOTHING or type(value).__name__ == "DBNull":
            return "null"
        if isinstance(value, bool):
            return "true" if value else "false"
        if hasattr(value, "ps_enum_value"):
            return self.quoted(to_string(value)) if self._enums else str(int(value.ps_enum_value()))
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

    @staticmethod
    def _escape(match: re.Match[str]) -> str:
        char = match.group()
        if char in ESCAPES:
            return ESCAPES[char]
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


class JsonProblem(Exception):
    """Text that is valid JSON but not for PowerShell."""

    def __init__(self, message: str, fqid: str) -> None:
        super().__init__(message)
        self.fqid = fqid


class JsonReader:
    """One document to values."""

    def __init__(self, as_hashtable: bool = False, dates: str = "Default") -> None:
        self._as_hashtable, self._dates = as_hashtable, dates

    def value(self, text: str) -> Any:
        decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_int=_integer,
            parse_float=_real,
            parse_constant=_constant,
            strict=False,
        )
        return self._finished(decoder.decode(strip_comments(text)))

    def _finished(self, value: Any) -> Any:
        """Strings that are dates, one level at a time: objects were finished when they were built."""
        if type(value) is str:
            return self._date(units(value))
        if type(value) is list:
            return [self._finished(item) for item in value]
        return value

    def _date(self, text: str) -> Any:
        if self._dates == "String" or not DATE.match(text):
            return text
        found = parse_date(text, self._dates)
        return text if found is None else found

    def _object(self, pairs: list[tuple[str, Any]]) -> Any:
        if self._as_hashtable:
            table = OrderedDictionary()
            for name, item in pairs:
                table[units(name)] = self._finished(item)
            return table
        bag: dict[str, Any] = {}
        folded: dict[str, str] = {}
        for written, item in pairs:
            name = units(written)
            if not name:
                raise JsonProblem(
                    "The provided JSON includes a property whose name is an empty string, this is only supported "
                    "using the "
                    "-AsHashTable switch.",
                    "EmptyKeyInJsonString",
                )
            known = folded.setdefault(name.lower(), name)
            if known != name:
                raise JsonProblem(
                    "Cannot convert the JSON string because it contains keys with different casing. Please use "
                    "the -AsHashTable "
                    f"switch instead. The key that was attempted to be added to the existing key '{known}' was "
                    f"'{name}'.",
                    "KeysWithDifferentCasingInJsonString",
                )
            bag[name] = self._finished(item)
        return PSObject.holding(bag)


_TEXT_OR_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_TEXT_OR_TRAILING_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|' + _TRAILING_COMMA.pattern, re.DOTALL)


def strip_comments(text: str) -> str:
    """Newtonsoft reads comments and trailing commas too. What stands in a string is neither."""
    if "//" in text or "/*" in text:
        text = without_comments(text)
    return without_trailing_commas(text) if _TRAILING_COMMA.search(text) else text


def without_comments(text: str) -> str:
    return _TEXT_OR_COMMENT.sub(lambda match: match[1] or " ", text)


def without_trailing_commas(text: str) -> str:
    return _TEXT_OR_TRAILING_COMMA.sub(lambda match: match[1] or match[2], text)


def _integer(text: str) -> Any:
    number = int(text)
    return Int64(number) if -(2**63) <= number < 2**63 else BigInteger(number)


def _real(text: str) -> Any:
    return float(text)


def _constant(text: str) -> float:
    return {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}[text]


def parse_date(text: str, kind: str) -> Any:
    body, suffix = text, ""
    for mark in ("Z", "+", "-"):
        position = text.find(mark, 19)
        if position > 0:
            body, suffix = text[:position], text[position:]
            break
    whole, _, fraction = body.partition(".")
    try:
        moment = datetime.datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S")
    except ValueError:
        return None
    ticks = DateTime(*moment.timetuple()[:6]).ticks + int((fraction + "0000000")[:7])
    if suffix == "Z":
        return DateTime.from_ticks(ticks, datetime.timezone.utc)
    if suffix:
        sign = -1 if suffix[0] == "-" else 1
        minutes = sign * (int(suffix[1:3]) * 60 + int(suffix[4:6]))
        utc = DateTime.from_ticks(ticks - minutes * 600_000_000, datetime.timezone.utc)
        if kind == "Utc":
            return utc
        local = utc.astimezone()
        offset = local.utcoffset() or datetime.timedelta()
        shifted = utc.ticks + int(offset.total_seconds()) * 10_000_000
        return DateTime.from_ticks(shifted, datetime.timezone(offset))
    return DateTime.from_ticks(ticks)


@command("ConvertFrom-Json")
class ConvertFromJson(Cmdlet):
    def begin(self) -> None:
        self._lines: list[str] = []

    def process(self) -> None:
        value = self.bound.get("inputobject", NOTHING)
        if value is not NOTHING:
            self._lines.append(to_string(value))

    def end(self) -> None:
        lines = self._lines
        if not lines:
            return
        if len(lines) == 1:
            self._convert(lines[0])
        elif self._is_document(lines[0]):
            for line in lines:
                self._convert(line)
        else:
            self._convert("\n".join(lines))

    def _is_document(self, text: str) -> bool:
        try:
            JsonReader(self.switch("AsHashtable")).value(text)
        except (ValueError, JsonProblem):
            return False
        return bool(text.strip())

    def _convert(self, text: str) -> None:
        if not text.strip():
            return
        try:
            value = JsonReader(self.switch("AsHashtable"), str(self.arg("DateKind", "Default"))).value(text)
        except JsonProblem as problem:
            raise self.terminate(
                str(problem), problem.fqid, "InvalidOperation", net_type="System.InvalidOperationException"
            ) from None
        except (ValueError, RecursionError) as problem:
            reason = explain(problem) if isinstance(problem, json.JSONDecodeError) else problem
            raise self.terminate(
                NetException(f"Conversion from JSON failed with error: {reason}", net_type="System.ArgumentException"),
                "System.ArgumentException",
                "NotSpecified",
            ) from None
        if self.switch("NoEnumerate") or not isinstance(value, list):
            self.write(value)
        else:
            self.write_all(value)


@command("Test-Json")
class TestJson(Cmdlet):
    def process(self) -> None:
        text = self.arg("Json")
        if text is None:
            path = self.arg("LiteralPath") or self.arg("Path")
            with open(self.path(path if isinstance(path, str) else path[0]), encoding="utf-8-sig") as source:
                text = units(source.read())
        options = str(self.arg("Options") or "")
        if "IgnoreComments" in options:
            text = without_comments(text)
        if "AllowTrailingCommas" in options:
            text = without_trailing_commas(text)
        try:
            json.loads(text, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            self.error("Cannot parse the JSON.", "InvalidJson", "InvalidData", net_type="System.Exception")
            self.write(False)
            return
        self.write(True)


def _refuse_constant(text: str) -> Any:
    raise ValueError(text)
