"""The order of strings: what .NET's culture comparison (ICU) gives for the text that scripts sort.

Three levels, as in Unicode's algorithm: letters first without case and accents, then accents, then case (small
before capital). Spaces, punctuation and symbols come before digits, digits before letters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from ...psobject import DateTime, Int64

_SYMBOLS = " \t\n\r\v\f" + "_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$"
_CONTROLS = "".join(char for char in map(chr, (*range(32), 127)) if char not in _SYMBOLS)
_OTHER_SYMBOL = "\x80"  # stands before each symbol that is not in ASCII
_IN_ORDER = _SYMBOLS + _CONTROLS + _OTHER_SYMBOL + "0123456789abcdefghijklmnopqrstuvwxyz"
# Each of these as the character of its place, so that strings of places compare as the texts do. Letters that are not
# in ASCII come after them and stand for themselves.
_PLACE = {char: chr(place) for place, char in reversed(list(enumerate(_IN_ORDER)))}
_PLACES = "".join(_PLACE[chr(code).lower()] for code in range(128))
_CASES = "".join("01"[chr(code).isupper()] for code in range(128))


@lru_cache(maxsize=8192)
def _char_key(char: str) -> tuple[str, int, str]:
    """Place, accents and case."""
    if char.isascii():
        return _PLACES[ord(char)], 0, _CASES[ord(char)]
    if char.isdigit():
        return _PLACE[str(unicodedata.digit(char, 0))], 0, "0"
    base = unicodedata.normalize("NFD", char)
    accent = sum(map(ord, base[1:]))
    first = base[0]
    if first.isalpha():
        small = first.lower()[0]
        return _PLACE.get(small, small), accent, "01"[first != first.lower()]
    return _PLACE[_OTHER_SYMBOL] + first, accent, "0"


def sort_key(text: str, ignore_case: bool = True) -> tuple[object, ...]:
    """A key whose order is the culture's, and which is equal for texts that the culture holds equal."""
    if text.isascii():
        places = text.translate(_PLACES)
        return (places, ()) if ignore_case else (places, (), text.translate(_CASES))
    keys = [_char_key(char) for char in text]
    places = "".join([key[0] for key in keys])
    accents = [key[1] for key in keys]
    while accents and not accents[-1]:
        accents.pop()  # a text of ASCII has none at all
    if ignore_case:
        return places, tuple(accents)
    return places, tuple(accents), "".join([key[2] for key in keys])


def plain_key(kinds: set[type], ignore_case: bool) -> Callable[[Any], Any] | None:
    """What values of these types alone are sorted by, in the order that comparing them two by two gives; None where
    only that tells."""
    if kinds <= {int, Int64, float}:
        return lambda value: value
    if kinds <= {str}:
        return lambda value: sort_key(value, ignore_case)
    if kinds <= {DateTime}:
        return lambda value: value.ticks
    return None


def compare_strings(left: str, right: str, ignore_case: bool = True) -> int:
    if left == right:
        return 0
    a, b = sort_key(left, ignore_case), sort_key(right, ignore_case)
    return (a > b) - (a < b)
