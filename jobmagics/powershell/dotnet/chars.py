"""Char: what kind of character it is, by Unicode's categories as .NET reads them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

from ...psobject import Char
from ..values.utf16 import units
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


def _at(text: str, index: int) -> str:
    if not 0 <= index < len(text):
        raise out_of_range("index")
    return text[index]


def _declare_test(name: str, test: Callable[[str], bool]) -> None:
    CHAR.static(f"bool {name}(char c)")(test)
    if not name.startswith("IsAscii"):
        CHAR.static(f"bool {name}(string s, int index)")(lambda text, index: test(_at(text, index)))


for _name, _test in _TESTS.items():
    _declare_test(_name, _test)


def _one(char: str, changed: str) -> Char:
    return Char(changed) if len(changed) == 1 else Char(char)


def _upper(char: str, culture: Any = None) -> Char:
    return _one(char, char.upper())


def _lower(char: str, culture: Any = None) -> Char:
    return _one(char, char.lower())


CHAR.static("char ToUpper(char c)", "char ToUpper(char c, cultureinfo culture)")(_upper)
CHAR.static("char ToLower(char c)", "char ToLower(char c, cultureinfo culture)")(_lower)
CHAR.static("char ToUpperInvariant(char c)")(_upper)
CHAR.static("char ToLowerInvariant(char c)")(_lower)
CHAR.static("string ToString(char c)")(str)


@CHAR.static("double GetNumericValue(char c)", "double GetNumericValue(string s, int index)")
def _numeric(char: str, index: int = 0) -> float:
    return float(unicodedata.numeric(char[index], -1.0))


@CHAR.static("string ConvertFromUtf32(int utf32)")
def _from_utf32(number: int) -> str:
    if not 0 <= number <= 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        raise out_of_range(
            "utf32",
            "A valid UTF32 value is between 0x000000 and 0x10ffff, inclusive, and should not include surrogate "
            "codepoint values (0x00d800 ~ 0x00dfff).",
        )
    return units(chr(number))


CHAR.static("int ConvertToUtf32(string s, int index)")(lambda text, index: ord(_at(text, index)))
CHAR.static("int ConvertToUtf32(char highSurrogate, char lowSurrogate)")(
    lambda high, low: (ord(high) - 0xD800) * 0x400 + ord(low) - 0xDC00 + 0x10000
)


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
def _unicode_category(char: str, index: int = 0) -> Any:
    from .enums import enum_value

    return enum_value("System.Globalization.UnicodeCategory", _CATEGORIES[_category(char[index])])


CHAR.method("string ToString()", "string ToString(System.IFormatProvider provider)")(
    lambda char, provider=None: str(char)
)
CHAR.method("int CompareTo(System.Object value)", "int CompareTo(char value)")(
    lambda char, other: 1 if other is None else ord(char) - ord(other)
)
CHAR.method("bool Equals(System.Object obj)")(lambda char, other: type(other) is Char and str(char) == str(other))
CHAR.method("int GetHashCode()")(lambda char: ord(char) | (ord(char) << 16))


@CHAR.method("System.TypeCode GetTypeCode()")
def _type_code(char: str) -> Any:
    from .enums import enum_value

    return enum_value("System.TypeCode", "Char")
