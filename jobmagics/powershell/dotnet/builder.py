"""System.Text.StringBuilder."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...psobject import Char
from ..members.indexing import number_of
from ..values.types import NetType
from ..values.value import enumerate_value, to_string
from .table import NetObject, argument_null, declare, index_out_of_range, out_of_range

LEAST_CAPACITY = 16


class StringBuilder(NetObject):
    """The text is held in pieces and joined when it is asked for."""

    net_type = "System.Text.StringBuilder"

    def __init__(self, text: str = "", capacity: int = 0) -> None:
        self.pieces = [text] if text else []
        self.length = len(text)
        self.room = max(capacity, LEAST_CAPACITY)

    @property
    def text(self) -> str:
        if len(self.pieces) > 1:
            self.pieces = ["".join(self.pieces)]
        return self.pieces[0] if self.pieces else ""

    @text.setter
    def text(self, new: str) -> None:
        self.pieces = [new]
        self.length = len(new)

    def add(self, text: str) -> StringBuilder:
        self.pieces.append(text)
        self.length += len(text)
        return self

    @property
    def capacity(self) -> int:
        while self.room < self.length:
            self.room *= 2
        return self.room

    @capacity.setter
    def capacity(self, new: int) -> None:
        if new < self.length:
            raise out_of_range("value", "capacity was less than the current size.")
        self.room = new

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "Capacity", self.capacity
        yield "MaxCapacity", 2147483647
        yield "Length", self.length

    def ps_index(self, index: Any) -> Char:
        at = number_of(index)
        if not 0 <= at < self.length:
            raise index_out_of_range()
        return Char(self.text[at])

    def ps_set_index(self, index: Any, new: Any) -> None:
        at = number_of(index)
        if not 0 <= at < self.length:
            raise out_of_range(
                "index", "Index was out of range. Must be non-negative and less than the size of the collection."
            )
        text = self.text
        self.text = text[:at] + to_string(new) + text[at + 1 :]

    def ps_to_string(self) -> str:
        return self.text


BUILDER = declare(StringBuilder.net_type)
BUILDER.constructor("()")(lambda kind: StringBuilder())
BUILDER.constructor("(int capacity)", "(int capacity, int maxCapacity)")(
    lambda kind, capacity, limit=0: StringBuilder("", capacity)
)
BUILDER.constructor("(string value)", "(string value, int capacity)")(
    lambda kind, text, capacity=0: StringBuilder(text or "", capacity)
)


@BUILDER.constructor("(string value, int startIndex, int length, int capacity)")
def _of_part(kind: NetType, text: str, start: int, length: int, capacity: int) -> StringBuilder:
    return StringBuilder(text[start : start + length], capacity)


def _set_length(builder: StringBuilder, length: int) -> None:
    if length < 0:
        raise out_of_range("value", "Length cannot be less than zero.")
    builder.text = builder.text[:length].ljust(length, "\0")


BUILDER.property("int Length", lambda builder: builder.length, _set_length)
BUILDER.property(
    "int Capacity", lambda builder: builder.capacity, lambda builder, new: setattr(builder, "capacity", new)
)
BUILDER.property("int MaxCapacity", lambda builder: 2147483647)

_SELF = "System.Text.StringBuilder"


def _append_text(builder: StringBuilder, text: str | None) -> StringBuilder:
    return builder.add(text) if text else builder


BUILDER.method(f"{_SELF} Append(string value)")(_append_text)


@BUILDER.method(f"{_SELF} Append(char value)", f"{_SELF} Append(char value, int repeatCount)")
def _append_char(builder: StringBuilder, char: str, count: int = 1) -> StringBuilder:
    if count < 0:
        raise out_of_range("repeatCount", "Non-negative number required.")
    return builder.add(str(char) * count)


@BUILDER.method(f"{_SELF} Append(string value, int startIndex, int count)")
def _append_part(builder: StringBuilder, text: str, start: int, count: int) -> StringBuilder:
    if start < 0 or count < 0 or start + count > len(text):
        raise out_of_range(
            "startIndex",
            "Index was out of range. Must be non-negative and less than or equal to the size of the collection.",
        )
    return builder.add(text[start : start + count])


@BUILDER.method(f"{_SELF} Append(char[] value)")
def _append_chars(builder: StringBuilder, chars: Any) -> StringBuilder:
    return builder.add("".join(chars or ()))


def _append_value(builder: StringBuilder, value: Any) -> StringBuilder:
    return builder if value is None else builder.add(_shown(value))


def _shown(value: Any) -> str:
    from .objects import text_of

    return text_of(value)


BUILDER.method(
    *(
        f"{_SELF} Append({kind} value)"
        for kind in ("bool", "int", "long", "double", "decimal", "byte", "float", "System.Object")
    ),
    f"{_SELF} Append({_SELF} value)",
)(_append_value)


@BUILDER.method(f"{_SELF} AppendLine()", f"{_SELF} AppendLine(string value)")
def _append_line(builder: StringBuilder, text: str | None = "") -> StringBuilder:
    return builder.add(f"{text or ''}\n")


@BUILDER.method(
    f"{_SELF} AppendFormat(string format, Params System.Object[] args)",
    f"{_SELF} AppendFormat(System.IFormatProvider provider, string format, Params System.Object[] args)",
)
def _append_format(builder: StringBuilder, *parts: Any) -> StringBuilder:
    from ..values.formats import composite

    template, args = parts[-2:]
    if template is None:
        raise argument_null("format")
    return builder.add(composite(template, list(args)))


BUILDER.method(
    f"{_SELF} AppendJoin(string separator, Params System.Object[] values)",
    f"{_SELF} AppendJoin(char separator, Params System.Object[] values)",
)(
    lambda builder, separator, values: builder.add(
        str(separator or "").join("" if one is None else _shown(one) for one in enumerate_value(values))
    )
)


def _place(builder: StringBuilder, index: int) -> int:
    if not 0 <= index <= builder.length:
        raise out_of_range(
            "index",
            "Index was out of range. Must be non-negative and less than or equal to the size of the collection.",
        )
    return index


def _insert(builder: StringBuilder, index: int, value: Any, count: int = 1) -> StringBuilder:
    at = _place(builder, index)
    text = builder.text
    builder.text = text[:at] + ("" if value is None else _shown(value)) * count + text[at:]
    return builder


BUILDER.method(
    *(
        f"{_SELF} Insert(int index, {kind} value)"
        for kind in ("string", "char", "int", "double", "bool", "System.Object")
    ),
    f"{_SELF} Insert(int index, string value, int count)",
)(_insert)


@BUILDER.method(f"{_SELF} Remove(int startIndex, int length)")
def _remove(builder: StringBuilder, start: int, length: int) -> StringBuilder:
    if length < 0:
        raise out_of_range("length", "Non-negative number required.")
    if start < 0:
        raise out_of_range("startIndex", "StartIndex cannot be less than zero.")
    if start + length > builder.length:
        raise out_of_range(
            "length",
            "Index was out of range. Must be non-negative and less than or equal to the size of the collection.",
        )
    text = builder.text
    builder.text = text[:start] + text[start + length :]
    return builder


@BUILDER.method(
    f"{_SELF} Replace(string oldValue, string newValue)",
    f"{_SELF} Replace(string oldValue, string newValue, int startIndex, int count)",
    f"{_SELF} Replace(char oldChar, char newChar)",
)
def _replace(
    builder: StringBuilder, old: str | None, new: str | None, start: int = 0, count: int | None = None
) -> StringBuilder:
    if old is None:
        raise argument_null("oldValue")
    if old == "":
        from .table import net_error

        raise net_error("System.ArgumentException", "The value cannot be an empty string.", param="oldValue")
    text = builder.text
    end = len(text) if count is None else start + count
    builder.text = text[:start] + text[start:end].replace(old, new or "") + text[end:]
    return builder


@BUILDER.method(f"{_SELF} Clear()")
def _clear(builder: StringBuilder) -> StringBuilder:
    builder.text = ""
    return builder


@BUILDER.method("string ToString()", "string ToString(int startIndex, int length)")
def _to_string(builder: StringBuilder, start: int = 0, length: int | None = None) -> str:
    if length is None:
        return builder.text
    if start < 0 or length < 0 or start + length > builder.length:
        raise out_of_range("startIndex", "startIndex cannot be larger than length of string.")
    return builder.text[start : start + length]


@BUILDER.method(f"bool Equals({_SELF} sb)")
def _equals(builder: StringBuilder, other: Any) -> bool:
    return isinstance(other, StringBuilder) and builder.text == other.text


@BUILDER.method("int EnsureCapacity(int capacity)")
def _ensure(builder: StringBuilder, capacity: int) -> int:
    builder.room = max(builder.room, capacity)
    return builder.capacity


BUILDER.method("char get_Chars(int index)", "char Chars(int index)")(StringBuilder.ps_index)
BUILDER.method("void set_Chars(int index, char value)")(StringBuilder.ps_set_index)
