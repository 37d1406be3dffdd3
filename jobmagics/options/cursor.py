"""What is being typed at the end of a line, for completion: an option's name, or a value of which option.

More lenient than ``words``: half a line has open quotes and commas with nothing behind them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import UsageError
from . import MagicSpec, Option, find_option

_NEEDS_QUOTES = frozenset(" ,'\"()[]{}#")


@dataclass(frozen=True, slots=True)
class Cursor:
    """``text``: what is there already of a name (``is_name``) or a value, with its opening quote. ``options``: whose
    value it may be. ``given``: the names of the options before it.
    """

    text: str
    is_name: bool = False
    options: tuple[Option, ...] = ()
    given: frozenset[str] = field(default_factory=frozenset)


def cursor_of(spec: MagicSpec, line: str) -> Cursor:
    """``line`` without the magic's own name, up to the cursor."""
    *before, last = _words(line)
    given, waiting = set[str](), None
    for word in before:
        option, attached = _option(spec, word)
        if option is not None:
            given.add(option.name)
        waiting = option if attached is None else None
    option, attached = _option(spec, last)
    if attached is not None:
        return Cursor(_last_item(attached), options=(option,) if option else (), given=frozenset(given))
    if last.startswith("-"):
        return Cursor(last, is_name=True, given=frozenset(given))
    if waiting is not None and waiting.kind is not None:
        return Cursor(_last_item(last), options=(waiting,), given=frozenset(given))
    positional = tuple(spec.option(name) for name in spec.positional if name not in given)
    return Cursor(_last_item(last), options=positional, given=frozenset(given))


def spelled(value: str, typed: str) -> str:
    """A value as it stands in a line, with the quote that it was begun with or has to have."""
    quote = typed[:1] if typed[:1] in ("'", '"') else ""
    if not quote and (value[:1] == "-" or _NEEDS_QUOTES & set(value)):
        quote = "'"
    return quote + value.replace(quote, quote * 2) + quote if quote else value


def _words(line: str) -> list[str]:
    """The last one is what is being typed, and may be empty."""
    words, word, quote = list[str](), "", ""
    for char in line:
        if quote or not char.isspace():
            if char == "," and not word and words and not quote:
                word = words.pop()
            word += char
            if quote:
                quote = "" if char == quote else quote
            elif char in "'\"":
                quote = char
        elif word and not word.endswith(","):
            words.append(word)
            word = ""
    return [*words, word]


def _option(spec: MagicSpec, word: str) -> tuple[Option | None, str | None]:
    """The option that a word names, and what is attached to it with a colon or an equals sign."""
    name = word.lstrip("-")
    if name == word or not name[:1].isalpha():
        return None, None
    place = next((place for place, char in enumerate(name) if char in ":="), len(name))
    try:
        option = find_option(spec, name[:place], word)
    except UsageError:
        return None, None
    return option, name[place + 1 :] if place < len(name) else None


def _last_item(text: str) -> str:
    start, quote = 0, ""
    for place, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == ",":
            start = place + 1
    return text[start:]
