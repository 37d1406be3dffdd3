"""What System.Globalization and System.Text know of characters: CharUnicodeInfo, StringInfo, Rune, CompareInfo."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from ...psobject import PSList
from ..values.casing import lower, upper
from ..values.collation import sort_key
from ..values.types import NetType
from ..values.utf16 import encode, joined, units
from .chars import char_at, unicode_category
from .enumerators import Enumerator
from .table import NetObject, argument_null, declare, out_of_range

NAMESPACE = "System.Globalization."
_JOINER = "\u200d"
_PRESENTATION = range(0xFE00, 0xFE10)
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_FLAGS = range(0x1F1E6, 0x1F200)
_TAGS = range(0xE0020, 0xE0080)

# -- CharUnicodeInfo

INFO = declare(NAMESPACE + "CharUnicodeInfo")
INFO.static(
    f"{NAMESPACE}UnicodeCategory GetUnicodeCategory(char ch)",
    f"{NAMESPACE}UnicodeCategory GetUnicodeCategory(string s, int index)",
)(unicode_category)
INFO.static(f"{NAMESPACE}UnicodeCategory GetUnicodeCategory(int codePoint)")(
    lambda code: unicode_category(units(chr(_code_point(code, "codePoint"))))
)


def _code_point(code: int, param: str) -> int:
    if not 0 <= code <= 0x10FFFF:
        raise out_of_range(param)
    return code


def _number_of(kind: Any, text: str, index: int) -> Any:
    return kind(char_at(text, index), -1)


INFO.static("double GetNumericValue(char ch)", "double GetNumericValue(string s, int index)")(
    lambda text, index=0: float(_number_of(unicodedata.numeric, text, index))
)
INFO.static("int GetDecimalDigitValue(char ch)", "int GetDecimalDigitValue(string s, int index)")(
    lambda text, index=0: _number_of(unicodedata.decimal, text, index)
)
INFO.static("int GetDigitValue(char ch)", "int GetDigitValue(string s, int index)")(
    lambda text, index=0: _number_of(unicodedata.digit, text, index)
)

# -- StringInfo


def _extends(char: str) -> bool:
    code = ord(char)
    return (
        unicodedata.category(char)[0] == "M"
        or char in "\u200c\u200d"
        or code in _SKIN_TONES
        or code in _TAGS
        or code in _PRESENTATION
    )


def _is_picture(char: str) -> bool:
    return unicodedata.category(char) == "So"


def _hangul_goes_on(before: str, char: str) -> bool:
    """A syllable in parts: leading consonants, vowels, trailing consonants."""
    a, b = ord(before), ord(char)
    leading, vowel, trailing = 0x1100 <= a < 0x1160, 0x1160 <= a < 0x11A8, 0x11A8 <= a < 0x1200
    if 0xAC00 <= a < 0xD7A4:
        vowel, trailing = (a - 0xAC00) % 28 == 0, True
    return (
        (leading and (0x1100 <= b < 0x11A8 or 0xAC00 <= b < 0xD7A4))
        or (vowel and 0x1160 <= b < 0x1200)
        or (trailing and 0x11A8 <= b < 0x1200)
    )


def _goes_on(element: str, char: str) -> bool:
    """Whether what is seen as one character reaches over ``char`` too."""
    last = element[-1]
    if last == "\r":
        return char == "\n"
    if unicodedata.category(last) == "Cc":
        return False
    if _extends(char):
        return True
    if last == _JOINER and len(element) > 1:
        return _is_picture(element[0]) and _is_picture(char)
    if ord(last) in _FLAGS and ord(char) in _FLAGS:
        return len(element) == 1
    return _hangul_goes_on(last, char)


def text_elements(text: str) -> Iterator[str]:
    """The parts of a text that are seen as one character each."""
    element = ""
    for char in joined(text):
        if element and not _goes_on(element, char):
            yield units(element)
            element = ""
        element += char
    if element:
        yield units(element)


class StringInfo(NetObject):
    net_type = NAMESPACE + "StringInfo"

    def __init__(self, text: str = "") -> None:
        self.text = text

    @property
    def elements(self) -> list[str]:
        return list(text_elements(self.text))

    def part(self, start: int, count: int | None = None) -> str:
        found = self.elements
        if not 0 <= start < max(len(found), 1):
            raise out_of_range("startingTextElement")
        if count is not None and not 0 <= count <= len(found) - start:
            raise out_of_range("lengthInTextElements")
        return "".join(found[start : None if count is None else start + count])

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "String", self.text
        yield "LengthInTextElements", len(self.elements)

    def ps_equals(self, other: Any) -> bool:
        return isinstance(other, StringInfo) and self.text == other.text


def _given(text: str | None) -> str:
    if text is None:
        raise argument_null("value")
    return text


STRING_INFO = declare(NAMESPACE + "StringInfo")
STRING_INFO.constructor("()", "(string value)")(lambda kind, text="": StringInfo(_given(text)))
STRING_INFO.property("string String", lambda info: info.text)
STRING_INFO.property("int LengthInTextElements", lambda info: len(info.elements))
STRING_INFO.method(
    "string SubstringByTextElements(int startingTextElement)",
    "string SubstringByTextElements(int startingTextElement, int lengthInTextElements)",
)(StringInfo.part)


@STRING_INFO.static("string GetNextTextElement(string str)", "string GetNextTextElement(string str, int index)")
def _next_element(text: str | None, index: int = 0) -> str:
    return next(text_elements(_given(text)[index:]), "")


STRING_INFO.static("int GetNextTextElementLength(string str)", "int GetNextTextElementLength(string str, int index)")(
    lambda text, index=0: len(_next_element(text, index))
)


def _starts(text: str) -> list[int]:
    at, found = 0, []
    for element in text_elements(text):
        found.append(at)
        at += len(element)
    return found


STRING_INFO.static("int[] ParseCombiningCharacters(string str)")(
    lambda text: PSList.of("System.Int32", _starts(_given(text)))
)


class TextElementEnumerator(Enumerator):
    net_type = NAMESPACE + "TextElementEnumerator"

    def __init__(self, text: str) -> None:
        super().__init__(text_elements(text))
        self.starts = _starts(text)

    def ps_type_names(self) -> list[str]:
        return [self.net_type, "System.Object"]


STRING_INFO.static(
    f"{NAMESPACE}TextElementEnumerator GetTextElementEnumerator(string str)",
    f"{NAMESPACE}TextElementEnumerator GetTextElementEnumerator(string str, int index)",
)(lambda text, index=0: TextElementEnumerator(_given(text)[index:]))
ELEMENTS = declare(NAMESPACE + "TextElementEnumerator")
ELEMENTS.method("bool MoveNext()")(TextElementEnumerator.move_next)
ELEMENTS.method("void Reset()")(TextElementEnumerator.reset)
ELEMENTS.property("System.Object Current", lambda one: one.current)
ELEMENTS.method("string GetTextElement()")(lambda one: one.current)
ELEMENTS.property("int ElementIndex", lambda one: one.starts[one.at])

# -- Rune


class Rune(NetObject):
    net_type = "System.Text.Rune"

    def __init__(self, code: int) -> None:
        if not 0 <= code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            raise out_of_range("value")
        self.code = code
        self.text = units(chr(code))

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "IsAscii", self.code < 0x80
        yield "IsBmp", self.code < 0x10000
        yield "Plane", self.code >> 16
        yield "Utf16SequenceLength", len(self.text)
        yield "Utf8SequenceLength", len(encode(self.text))
        yield "Value", self.code

    def ps_to_string(self) -> str:
        return self.text

    def ps_equals(self, other: Any) -> bool:
        return isinstance(other, Rune) and self.code == other.code

    def ps_compare(self, other: Any) -> int | None:
        return (self.code > other.code) - (self.code < other.code) if isinstance(other, Rune) else None


def _rune(kind: NetType, value: Any, low: str = "") -> Rune:
    if isinstance(value, int):
        if 0xD800 <= value <= 0xDFFF:
            raise out_of_range("value")
        return Rune(_code_point(value, "value"))
    whole = joined(value + low)
    if len(whole) != 1 or "\ud800" <= whole <= "\udfff":
        raise out_of_range("lowSurrogate" if low else "ch")
    return Rune(ord(whole))


RUNE = declare("System.Text.Rune")
RUNE.constructor("(int value)", "(char ch)", "(char highSurrogate, char lowSurrogate)")(_rune)
RUNE.static("System.Text.Rune GetRuneAt(string input, int index)")(lambda text, index: Rune(ord(char_at(text, index))))
RUNE.static(f"{NAMESPACE}UnicodeCategory GetUnicodeCategory(System.Text.Rune value)")(
    lambda rune: unicode_category(rune.text)
)
RUNE.static("System.Text.Rune ToUpperInvariant(System.Text.Rune value)")(
    lambda rune: Rune(ord(joined(upper(rune.text, True))))
)
RUNE.static("System.Text.Rune ToLowerInvariant(System.Text.Rune value)")(
    lambda rune: Rune(ord(joined(lower(rune.text, True))))
)
RUNE.static("bool IsLetter(System.Text.Rune value)")(lambda rune: chr(rune.code).isalpha())
RUNE.static("bool IsDigit(System.Text.Rune value)")(lambda rune: chr(rune.code).isdecimal())


def runes(text: str) -> list[Rune]:
    """What EnumerateRunes gives: U+FFFD for half a character."""
    return [Rune(0xFFFD if "\ud800" <= char <= "\udfff" else ord(char)) for char in joined(text)]


# -- CompareInfo

_IGNORE_CASE, _IGNORE_NON_SPACE, _ORDINAL_IGNORE_CASE, _ORDINAL = 1, 2, 0x10000000, 0x40000000


class CompareInfo(NetObject):
    net_type = NAMESPACE + "CompareInfo"

    def __init__(self, culture: Any) -> None:
        self.culture = culture

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "Name", self.culture.name
        yield "LCID", self.culture.lcid

    def ps_to_string(self) -> str:
        return f"CompareInfo - {self.culture.name}"


def _key(text: str, options: Any) -> Any:
    flags = int(options)
    if flags & _ORDINAL:
        return text
    if flags & _ORDINAL_IGNORE_CASE:
        return upper(text, True)
    key = sort_key(text, bool(flags & _IGNORE_CASE))
    return (key[0], *key[2:]) if flags & _IGNORE_NON_SPACE else key


_COMPARE_INFO = declare(NAMESPACE + "CompareInfo")
_OPTIONS = f"{NAMESPACE}CompareOptions options"


@_COMPARE_INFO.method(
    "int Compare(string string1, string string2)", f"int Compare(string string1, string string2, {_OPTIONS})"
)
def _compare(info: CompareInfo, left: str | None, right: str | None, options: Any = 0) -> int:
    if left is None or right is None:
        return (left is not None) - (right is not None)
    a, b = _key(left, options), _key(right, options)
    return int(a > b) - int(a < b)


def _places(text: str, wanted: str, options: Any) -> Iterator[int]:
    """Where parts equal to what is wanted begin; a part may be of another length."""
    key, longest = _key(wanted, options), 3 * len(wanted)
    for at in range(len(text) + 1):
        if any(_key(text[at:end], options) == key for end in range(at, min(len(text), at + longest) + 1)):
            yield at


@_COMPARE_INFO.method(
    "int IndexOf(string source, string value)", f"int IndexOf(string source, string value, {_OPTIONS})"
)
def _index_of(info: CompareInfo, text: str, wanted: str, options: Any = 0) -> int:
    return next(_places(text, wanted, options), -1)


@_COMPARE_INFO.method(
    "bool IsPrefix(string source, string prefix)", f"bool IsPrefix(string source, string prefix, {_OPTIONS})"
)
def _is_prefix(info: CompareInfo, text: str, wanted: str, options: Any = 0) -> bool:
    return any(_key(text[:end], options) == _key(wanted, options) for end in range(len(text) + 1))


@_COMPARE_INFO.method(
    "bool IsSuffix(string source, string suffix)", f"bool IsSuffix(string source, string suffix, {_OPTIONS})"
)
def _is_suffix(info: CompareInfo, text: str, wanted: str, options: Any = 0) -> bool:
    return any(_key(text[at:], options) == _key(wanted, options) for at in range(len(text) + 1))
