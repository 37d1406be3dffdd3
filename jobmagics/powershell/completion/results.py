"""What completion gives, and how names are matched and quoted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

SAFE_WORD = re.compile(r"[^\s'\"`(){}\[\]$,;&|<>#@]+")


@dataclass(frozen=True, slots=True)
class Completion:
    """One thing that fits. ``kind`` is a CompletionResultType."""

    text: str
    shown: str
    kind: str
    tip: str


@dataclass(frozen=True, slots=True)
class Completions:
    """All that fit, for ``length`` characters from ``start``."""

    start: int
    length: int
    matches: list[Completion]


def starting(names: Iterable[str], start: str) -> list[str]:
    """Those that begin so, whatever their case, in their order; the exact one first."""
    folded = start.lower()
    found = [name for name in dict.fromkeys(names) if name.lower().startswith(folded)]
    return sorted(found, key=lambda name: name.lower() != folded)


def quoted(text: str, quote: str = "") -> str:
    """A word as an argument: in quotes where it needs them or was begun with one."""
    if not quote and SAFE_WORD.fullmatch(text):
        return text
    quote = quote or "'"
    return quote + text.replace(quote, quote * 2) + quote


def values(choices: Iterable[str], start: str, quote: str = "") -> Iterable[Completion]:
    for choice in starting(choices, start):
        yield Completion(quoted(choice, quote), choice, "ParameterValue", choice)
