"""The order of strings: what .NET's culture comparison (ICU) gives for the text that scripts sort.

Three levels, as in Unicode's algorithm: letters first without case and accents, then accents, then case (small
before capital). Spaces, punctuation and symbols come before digits, digits before letters. What cannot be seen, such
as a soft hyphen or a zero width joiner, does not count.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from ...psobject import DateTime, Int64
from .utf16 import joined

_SYMBOLS = " \t\n\r\v\f" + "_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$"
_CONTROLS = "".join(char for char in map(chr, (*range(32), 127)) if char not in _SYMBOLS)
_OTHER_SYMBOL = "\x80"  # stands before each symbol that is not in ASCII
_IN_ORDER = _SYMBOLS + _CONTROLS + _OTHER_SYMBOL + "0123456789abcdefghijklmnopqrstuvwxyz"
# Each of these as the character of its place, so that strings of places compare as the texts do. Letters that are not
# in ASCII come after them and stand for themselves.
_PLACE = {char: chr(place) for place, char in reversed(list(enumerate(_IN_ORDER)))}
_PLACES = "".join(_PLACE[chr(code).lower()] for code in range(128))
_CASES = "".join("01"[chr(code).isupper()] for code in range(128))
_BEHIND = "\x7f"  # after a place: a letter of its own that comes right behind that one

# The second level, in the order of Unicode's table. A mark that is not here comes after them, by its code.
_PLAIN, _STROKE, _VARIANT = "\x20", "\x2f", "\x7e"
_MARKS = {mark: chr(0x21 + at) for at, mark in enumerate(
    "\u0332\u0313\u0314\u0301\u0300\u0306\u0302\u030c\u030a\u0342\u0308\u030b\u0303\u0307\u0338\u0327\u0328\u0304"
)}  # fmt: skip
_SPELLED = {
    "æ": ("ae", _PLAIN + _VARIANT + _PLAIN), "œ": ("oe", _PLAIN + _VARIANT + _PLAIN),
    "ß": ("ss", _PLAIN + _VARIANT + _PLAIN), "ø": ("o", _PLAIN + _STROKE), "ð": ("d", _PLAIN + _VARIANT),
    "ł": ("l", _PLAIN + "\x39"), "đ": ("d", _PLAIN + "\x39"),
}  # fmt: skip
_UNSEEN = ("Cc", "Cf")


@lru_cache(maxsize=8192)
def _char_key(char: str) -> tuple[str, str, str]:
    """Place, accents and case of one character of a decomposed text."""
    if char.isascii():
        return _PLACES[ord(char)], _PLAIN, _CASES[ord(char)]
    kind = unicodedata.category(char)
    if kind in _UNSEEN or 0xFE00 <= ord(char) <= 0xFE0F:
        return "", "", ""
    if kind[0] == "M":
        return "", _MARKS.get(char, char), ""
    if char.isdigit():
        return _PLACE[str(unicodedata.digit(char, 0))], _PLAIN, "2"
    if not char.isalpha():
        return _PLACE[_OTHER_SYMBOL] + char, _PLAIN, "0"
    small = char.lower()
    case = "01"[char != small]
    if small == "ı":
        return _PLACE["i"] + _BEHIND, _PLAIN, case
    if small in _SPELLED:
        letters, accents = _SPELLED[small]
        return "".join(_PLACE[letter] for letter in letters), accents, case
    return small, _PLAIN, case


def sort_key(text: str, ignore_case: bool = True) -> tuple[str, ...]:
    """A key whose order is the culture's, and which is equal for texts that the culture holds equal."""
    if text.isascii():
        places = text.translate(_PLACES)
        return (places, "") if ignore_case else (places, "", text.translate(_CASES))
    keys = [_char_key(char) for char in unicodedata.normalize("NFD", joined(text))]
    places = "".join([key[0] for key in keys])
    accents = "".join([key[1] for key in keys]).rstrip(_PLAIN)  # a text of ASCII has none at all
    if ignore_case:
        return places, accents
    return places, accents, "".join([key[2] for key in keys])


def plain_key(kinds: set[type], read: Callable[[Any], Any], ignore_case: bool) -> Callable[[Any], Any] | None:
    """What items are sorted by whose values, which ``read`` gives, are of these types alone: in the order that
    comparing them two by two gives. None where only that tells."""
    if kinds <= {int, Int64, float}:
        return read
    if kinds <= {str}:
        return lambda item: sort_key(read(item), ignore_case)
    if kinds <= {DateTime}:
        return lambda item: read(item).ticks
    return None


def compare_strings(left: str, right: str, ignore_case: bool = True) -> int:
    if left == right:
        return 0
    a, b = sort_key(left, ignore_case), sort_key(right, ignore_case)
    return (a > b) - (a < b)


def same_text(left: str, right: str, ignore_case: bool = True) -> bool:
    """Whether the culture holds two texts equal."""
    if str.__eq__(left, right):
        return True
    if left.isascii() and right.isascii():
        return ignore_case and left.lower() == right.lower()
    return sort_key(left, ignore_case) == sort_key(right, ignore_case)
