"""The words of a magic's line: parameters and comma lists, with PowerShell's quotes and brackets.

Knows nothing of which options a magic has; that is ``options``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import UsageError

_OPENING = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Item:
    """One value of a comma list: its text without quotes, and whether it had them."""

    text: str
    quoted: bool = False
    raw: str = ""


@dataclass(slots=True)
class Parameter:
    """``-Name``, ``-Name:`` or ``--name=`` as it stands in the line."""

    name: str
    shown: str
    attached: str | None


def read_words(magic: str, line: str) -> Iterator[Parameter | list[Item]]:
    """Parameters and values in order; values joined by commas are one list."""
    place = 0
    while True:
        while place < len(line) and line[place].isspace():
            place += 1
        if place >= len(line) or line[place] == "#":
            return
        if _is_parameter(line, place):
            end = place
            while end < len(line) and not line[end].isspace() and line[end] not in ":=":
                end += 1
            name = line[place:end].lstrip("-")
            shown = line[place:end]
            attached = None
            if end < len(line) and line[end] in ":=":
                start, end = end + 1, _end_of_list(magic, line, end + 1)
                attached = line[start:end]
            yield Parameter(name, shown, attached)
            place = end
        else:
            end = _end_of_list(magic, line, place)
            yield list(split_items(magic, line[place:end]))
            place = end


def _is_parameter(line: str, place: int) -> bool:
    """A dash and a letter, as in PowerShell: -1 is a number and a lone dash is a value."""
    after = line[place:].lstrip("-")
    dashes = len(line) - place - len(after)
    return dashes in (1, 2) and after[:1].isalpha()


def _end_of_list(magic: str, line: str, place: int) -> int:
    """Where the value at ``place`` ends: at blank space outside quotes and brackets with no comma beside it."""
    closing: list[str] = []
    while place < len(line):
        char = line[place]
        if char in "'\"":
            place = _end_of_quotes(magic, line, place)
            continue
        if char in _OPENING:
            closing.append(_OPENING[char])
        elif closing and char == closing[-1]:
            closing.pop()
        elif char.isspace() and not closing:
            following = line[place:].lstrip()
            if not following.startswith(",") and not line[:place].rstrip().endswith(","):
                return place
        place += 1
    if closing:
        raise UsageError(f"{magic}: a bracket is not closed, {closing[-1]} is missing.")
    return place


def _end_of_quotes(magic: str, line: str, place: int) -> int:
    """The place after the closing quote; a doubled quote is a quote, as in PowerShell."""
    quote = line[place]
    end = place + 1
    while True:
        end = line.find(quote, end)
        if end < 0:
            raise UsageError(f"{magic}: a quoted text is not closed, {quote} is missing.")
        if line[end : end + 2] != quote * 2:
            return end + 1
        end += 2


def split_items(magic: str, text: str) -> Iterator[Item]:
    """The values of a comma list."""
    if not text.strip():
        return
    start = place = 0
    depth = 0
    while place <= len(text):
        if place == len(text) or (text[place] == "," and not depth):
            part = text[start:place].strip()
            if not part:
                raise UsageError(f"{magic}: a value is missing beside the comma in {text.strip()!r}.")
            yield _item(part)
            start = place + 1
        elif text[place] in "'\"":
            place = _end_of_quotes(magic, text, place)
            continue
        elif text[place] in _OPENING:
            depth += 1
        elif text[place] in _OPENING.values():
            depth -= 1
        place += 1


def _item(part: str) -> Item:
    quote = part[0]
    if quote in "'\"" and len(part) > 1 and part[-1] == quote:
        return Item(part[1:-1].replace(quote * 2, quote), True, part)
    return Item(part, False, part)
