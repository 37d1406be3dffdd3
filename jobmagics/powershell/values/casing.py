"""Capital and small letters as .NET maps them: one character to one, so that lengths stay.

The dotted capital and the dotless small i stay as they are in the invariant culture and in ordinal comparison; other
cultures take them for i and I.
"""

from __future__ import annotations

from .utf16 import by_characters

_DOTTED, _DOTLESS = "İ", "ı"


def upper(text: str, invariant: bool = False) -> str:
    if text.isascii():
        return text.upper()
    return by_characters(lambda whole: "".join([_upper(char, invariant) for char in whole]), text)


def lower(text: str, invariant: bool = False) -> str:
    if text.isascii():
        return text.lower()
    return by_characters(lambda whole: "".join([_lower(char, invariant) for char in whole]), text)


def _upper(char: str, invariant: bool) -> str:
    if invariant and char == _DOTLESS:
        return char
    changed = char.upper()
    if len(changed) > 1:  # such as SS for ß; where one capital exists besides, it is the title's
        changed = char.title()
    return changed if len(changed) == 1 else char


def _lower(char: str, invariant: bool) -> str:
    if char == _DOTTED:
        return char if invariant else "i"
    changed = char.lower()
    return changed if len(changed) == 1 else char
