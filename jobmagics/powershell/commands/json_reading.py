"""ConvertFrom-Json: JSON text to objects."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any

from ...psobject import PSObject
from ..dotnet.tables import Dictionary
from ..runtime.cmdlet import Cmdlet, command
from ..values.types import net_type
from ..values.utf16 import units
from ..values.value import NOTHING, to_string
from .json_dates import date_of, may_be_date
from .newtonsoft import (
    MAX_INTEGER_CHARACTERS,
    NOTHING_READ,
    JsonError,
    integer,
    lone_surrogates_replaced,
    read_document,
)

MAX_INPUT_DEPTH = 1024
HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")
CONSTANTS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class JsonProblem(Exception):
    """Text that is valid JSON but not for PowerShell."""

    def __init__(self, message: str, fqid: str) -> None:
        super().__init__(message)
        self.fqid = fqid


class JsonReader:
    """One document to values. ``dates`` is a -DateKind."""

    def __init__(self, as_hashtable: bool = False, dates: str = "Default", max_depth: int = MAX_INPUT_DEPTH) -> None:
        self._dates, self._max_depth = dates, max_depth
        self._made: Callable[[list[tuple[str, Any]]], Any] = self._table if as_hashtable else self._object
        self._text = units

    def value(self, text: str) -> Any:
        """Raises JsonError and JsonProblem. A text without a value gives None."""
        if HALF_CHARACTER.search(text):
            self._text = _mended
        decoder = json.JSONDecoder(
            object_pairs_hook=self._made,
            parse_int=_integer,
            parse_float=float,
            parse_constant=CONSTANTS.__getitem__,
            strict=False,
        )
        try:
            found = self._finished(decoder.decode(text))
            if text.count("{") + text.count("[") <= self._max_depth or not self._is_deeper(found):
                return found
        except (ValueError, RecursionError, JsonProblem):
            pass
        # It is not JSON, is JSON only to Newtonsoft, or has an error to be told in the order of the text.
        read = read_document(text, self._max_depth)
        return None if read is NOTHING_READ else self._populated(read)

    def _is_deeper(self, value: Any) -> bool:
        level, depth = [value], 0
        while level := [item for item in level if isinstance(item, (list, PSObject, Dictionary))]:
            depth += 1
            level = [item for holder in level for item in _children(holder)]
        return depth > self._max_depth

    def _finished(self, value: Any) -> Any:
        """Strings that are dates, one level at a time: objects were finished when they were built."""
        if type(value) is str:
            return self._string(self._text(value))
        if type(value) is list:
            return [self._finished(item) for item in value]
        return value

    def _string(self, text: str) -> Any:
        if self._dates == "String" or not may_be_date(text):
            return text
        found = date_of(text, self._dates)
        return text if found is None else found

    def _table(self, pairs: list[tuple[str, Any]]) -> Any:
        table = Dictionary(net_type("System.Management.Automation.OrderedHashtable"))
        for written, item in pairs:
            name = self._text(written)
            table.pop(name, None)
            table[name] = self._finished(item)
        return table

    def _object(self, pairs: list[tuple[str, Any]]) -> Any:
        bag: dict[str, Any] = {}
        folded: dict[str, str] = {}
        for written, item in pairs:
            name = self._text(written)
            _check_name(name, folded)
            bag.pop(name, None)
            bag[name] = self._finished(item)
        return PSObject.holding(bag)

    def _populated(self, value: Any) -> Any:
        if type(value) is str:
            return self._string(value)
        if type(value) is list:
            return [self._populated(item) for item in value]
        if type(value) is not dict:
            return value
        if self._made == self._table:
            return self._table([(name, self._populated(item)) for name, item in value.items()])
        bag: dict[str, Any] = {}
        folded: dict[str, str] = {}
        for name, item in value.items():
            _check_name(name, folded)
            bag[name] = self._populated(item)
        return PSObject.holding(bag)


def _check_name(name: str, folded: dict[str, str]) -> None:
    if not name:
        raise JsonProblem(
            "The provided JSON includes a property whose name is an empty string, this is only supported using the "
            "-AsHashTable switch.",
            "EmptyKeyInJsonString",
        )
    known = folded.setdefault(name.lower(), name)
    if known != name:
        raise JsonProblem(
            "Cannot convert the JSON string because it contains keys with different casing. Please use the "
            f"-AsHashTable switch instead. The key that was attempted to be added to the existing key '{known}' was "
            f"'{name}'.",
            "KeysWithDifferentCasingInJsonString",
        )


def _children(value: Any) -> Any:
    if isinstance(value, PSObject):
        return value._extended.values()
    return value.values() if isinstance(value, Dictionary) else value


def _mended(text: str) -> str:
    return lone_surrogates_replaced(units(text))


def _integer(written: str) -> Any:
    if len(written) > MAX_INTEGER_CHARACTERS:
        raise ValueError(written)
    return integer(written)


@command("ConvertFrom-Json")
class ConvertFromJson(Cmdlet):
    def begin(self) -> None:
        self._lines: list[str] = []

    def process(self) -> None:
        value = self.bound.get("inputobject", NOTHING)
        if value is not NOTHING:
            self._lines.append(to_string(value))

    def end(self) -> None:
        """Each line is a document if the first is one; else all are one document."""
        if len(self._lines) == 1:
            self._write(self._read_or_end(self._lines[0]))
        elif self._lines:
            try:
                first = self._read(self._lines[0])
            except JsonError:
                first = None
            else:
                self._write(first)
            for text in self._lines[1:] if first is not None else ["\n".join(self._lines)]:
                self._write(self._read_or_end(text))

    def _read_or_end(self, text: str) -> Any:
        try:
            return self._read(text)
        except JsonError as problem:
            raise self.terminate(
                f"Conversion from JSON failed with error: {problem}",
                "System.ArgumentException",
                "NotSpecified",
                net_type="System.ArgumentException",
            ) from None

    def _read(self, text: str) -> Any:
        reader = JsonReader(
            self.switch("AsHashtable"),
            str(self.arg("DateKind", "Default")),
            int(self.arg("Depth", MAX_INPUT_DEPTH)),
        )
        try:
            return reader.value(text)
        except JsonProblem as problem:
            raise self.terminate(
                str(problem), problem.fqid, "InvalidOperation", net_type="System.InvalidOperationException"
            ) from None

    def _write(self, value: Any) -> None:
        if self.switch("NoEnumerate") or not isinstance(value, list):
            self.write(value)
        else:
            self.write_all(value)
