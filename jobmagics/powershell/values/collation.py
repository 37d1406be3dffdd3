"""The order of strings: what .NET's culture comparison (ICU) gives for the text that scripts sort.

Three levels, as in Unicode's algorithm: letters first without case and accents, then accents, then case (small
before capital). Spaces, punctuation and symbols come before digits, digits before letters.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_SYMBOLS = "_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$"
_SYMBOL_RANK = {char: rank for rank, char in enumerate(" \t\n\r\v\f")} | {
    char: rank + 10 for rank, char in enumerate(_SYMBOLS)
}
_LETTER = 3
_DIGIT = 2


@lru_cache(maxsize=8192)
def _char_key(char: str) -> tuple[tuple[int, int], int, int]:
    rank = _SYMBOL_RANK.get(char)
    if rank is not None:
        return (1, rank), 0, 0
    if char.isdigit():
        return (_DIGIT, unicodedata.digit(char, 0)), 0, 0
    base = unicodedata.normalize("NFD", char)
    accent = sum(map(ord, base[1:]))
    first = base[0]
    if first.isalpha():
        return (_LETTER, ord(first.lower()[0])), accent, int(first != first.lower())
    return (1, 1000 + ord(first)), accent, 0


def sort_key(text: str, ignore_case: bool = True) -> tuple[object, ...]:
    """A key whose order is the culture's."""
    keys = [_char_key(char) for char in text]
    primary = tuple(key[0] for key in keys)
    accents = tuple(key[1] for key in keys)
    if ignore_case:
        return primary, accents
    return primary, accents, tuple(key[2] for key in keys)


def compare_strings(left: str, right: str, ignore_case: bool = True) -> int:
    if left == right:
        return 0
    a, b = sort_key(left, ignore_case), sort_key(right, ignore_case)
    return (a > b) - (a < b)
