"""Char: what kind of character it is, by Unicode's categories as .NET reads them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

from ...psobject import Char
from ..values.casing import lower, upper
from ..values.utf16 import joined, units
from .compare import compare_same
from .table import declare, net_error, out_of_range

# Char.IsWhiteSpace
_WHITE = (
    "\t\n\v\f\r\x20\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)


def white_space() -> str:
    return _WHITE


def is_white(text: str) -> bool:
    return all(char in _WHITE for char in text)


CHAR = declare("System.Char")
CHAR.constant("char MaxValue", Char("\uffff"))
CHAR.constant("char MinValue", Char("\0"))


def _category(char: str) -> str:
    return unicodedata.category(char)


_TESTS: dict[str, Callable[[str], bool]] = {
    "IsDigit": lambda char: _category(char) == "Nd",
    "IsNumber": lambda char: _category(char)[0] == "N",
    "IsLetter": lambda char: _category(char)[0] == "L",
    "IsLetterOrDigit": lambda char: _category(char)[0] == "L" or _category(char) == "Nd",
    "IsUpper": lambda char: _category(char) == "Lu",
    "IsLower": lambda char: _category(char) == "Ll",
    "IsWhiteSpace": is_white,
    "IsPunctuation": lambda char: _category(char)[0] == "P",
    "IsSymbol": lambda char: _category(char)[0] == "S",
    "IsSeparator": lambda char: _category(char)[0] == "Z",
    "IsControl": lambda char: _category(char) == "Cc",
    "IsSurrogate": lambda char: _category(char) == "Cs",
    "IsHighSurrogate": lambda char: "\ud800" <= char <= "\udbff",
    "IsLowSurrogate": lambda char: "\udc00" <= char <= "\udfff",
    "IsAscii": lambda char: ord(char) < 128,
    "IsAsciiDigit": lambda char: char.isascii() and char.isdigit(),
    "IsAsciiLetter": lambda char: char.isascii() and char.isalpha(),
    "IsAsciiLetterLower": lambda char: char.isascii() and char.islower(),
    "IsAsciiLetterUpper": lambda char: char.isascii() and char.isupper(),
    "IsAsciiLetterOrDigit": lambda char: char.isascii() and char.isalnum(),
    "IsAsciiHexDigit": lambda char: char in "0123456789abcdefABCDEF",
}


def char_at(text: str, index: int) -> str:
    """The whole character that begins at an index, or the unit there."""
    if not 0 <= index < len(text):
        raise out_of_range("index")
    return joined(text[index : index + 2])[0]


def _declare_test(name: str, test: Callable[[str], bool]) -> None:
    CHAR.static(f"bool {name}(char c)")(test)
    if not name.startswith("IsAscii"):
        of_unit = "Surrogate" in name
        CHAR.static(f"bool {name}(string s, int index)")(
            lambda text, index: test(text[index] if of_unit else char_at(text, index))
        )


for _name, _test in _TESTS.items():
    _declare_test(_name, _test)


def _upper(char: str, culture: Any = None) -> Char:
    return Char(upper(char, culture is not None and not culture.name))


def _lower(char: str, culture: Any = None) -> Char:
    return Char(lower(char, culture is not None and not culture.name))


CHAR.static("char ToUpper(char c)", "char ToUpper(char c, cultureinfo culture)")(_upper)
CHAR.static("char ToLower(char c)", "char ToLower(char c, cultureinfo culture)")(_lower)
CHAR.static("char ToUpperInvariant(char c)")(lambda char: Char(upper(char, True)))
CHAR.static("char ToLowerInvariant(char c)")(lambda char: Char(lower(char, True)))
CHAR.static("string ToString(char c)")(str)


@CHAR.static("double GetNumericValue(char c)", "double GetNumericValue(string s, int index)")
def _numeric(char: str, index: int = 0) -> float:
    return float(unicodedata.numeric(char_at(char, index), -1.0))


CHAR.static("bool IsBetween(char c, char minInclusive, char maxInclusive)")(
    lambda char, low, high: str(low) <= str(char) <= str(high)
)


@CHAR.static("string ConvertFromUtf32(int utf32)")
def _from_utf32(number: int) -> str:
    if not 0 <= number <= 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        raise out_of_range(
            "utf32",
            "A valid UTF32 value is between 0x000000 and 0x10ffff, inclusive, and should not include surrogate "
            "codepoint values (0x00d800 ~ 0x00dfff).",
        )
    return units(chr(number))


@CHAR.static("int ConvertToUtf32(string s, int index)")
def _to_utf32(text: str, index: int) -> int:
    char = char_at(text, index)
    if _category(char) == "Cs":
        alone = "low surrogate char without a preceding high"
        if _TESTS["IsHighSurrogate"](char):
            alone = "high surrogate char without a following low"
        raise net_error(
            "System.ArgumentException",
            f"Found a {alone} surrogate at index: {index}. The input may not be in this encoding, or may not contain "
            "valid Unicode (UTF-16) characters.",
            param="s",
        )
    return ord(char)


@CHAR.static("int ConvertToUtf32(char highSurrogate, char lowSurrogate)")
def _pair_to_utf32(high: str, low: str) -> int:
    if not _TESTS["IsHighSurrogate"](high):
        raise out_of_range("highSurrogate", "A valid high surrogate character is between 0xd800 and 0xdbff, inclusive.")
    if not _TESTS["IsLowSurrogate"](low):
        raise out_of_range("lowSurrogate", "A valid low surrogate character is between 0xdc00 and 0xdfff, inclusive.")
    return ord(joined(high + low))


@CHAR.static("bool IsSurrogatePair(char highSurrogate, char lowSurrogate)")
def _is_pair(high: str, low: str) -> bool:
    return len(joined(high + low)) == 1


CHAR.static("bool IsSurrogatePair(string s, int index)")(lambda text, index: char_at(text, index) > "\uffff")


@CHAR.static("char Parse(string s)")
def _parse(text: str) -> Char:
    if len(text) != 1:
        raise net_error("System.FormatException", "String must be exactly one character long.")
    return Char(text)


_CATEGORIES = {
    "Lu": 0, "Ll": 1, "Lt": 2, "Lm": 3, "Lo": 4, "Mn": 5, "Mc": 6, "Me": 7, "Nd": 8, "Nl": 9,
    "No": 10, "Zs": 11, "Zl": 12,
    "Zp": 13, "Cc": 14, "Cf": 15, "Cs": 16, "Co": 17, "Pc": 18, "Pd": 19, "Ps": 20, "Pe": 21, "Pi": 22, 
    "Pf": 23, "Po": 24,
    "Sm": 25, "Sc": 26, "Sk": 27, "So": 28, "Cn": 29,
}  # fmt: skip


@CHAR.static(
    "System.Globalization.UnicodeCategory GetUnicodeCategory(char c)",
    "System.Globalization.UnicodeCategory GetUnicodeCategory(string s, int index)",
)
def unicode_category(char: str, index: int = 0) -> Any:
    from .enums import enum_value

    return enum_value("System.Globalization.UnicodeCategory", _CATEGORIES[_category(char_at(char, index))])


CHAR.method("string ToString()", "string ToString(System.IFormatProvider provider)")(
    lambda char, provider=None: str(char)
)


@CHAR.method("int CompareTo(System.Object value)", "int CompareTo(char value)")
def _compare(char: str, other: Any) -> int:
    if type(other) is Char:
        return ord(char) - ord(other)
    return compare_same(Char(char), other)


CHAR.method("bool Equals(System.Object obj)")(lambda char, other: type(other) is Char and str(char) == str(other))
CHAR.method("int GetHashCode()")(lambda char: ord(char) | (ord(char) << 16))


@CHAR.method("System.TypeCode GetTypeCode()")
def _type_code(char: str) -> Any:
    from .enums import enum_value

    return enum_value("System.TypeCode", "Char")
