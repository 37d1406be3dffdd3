"""Parts tried in order, each told in one line. The first that fails ends it: the others stand on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from jobmagics.errors import JobMagicsError

Part = tuple[str, Callable[[], str]]
"""Its name, and what tries it: gives what it found, raises what is missing and what helps."""


def try_parts(parts: Iterable[Part]) -> int:
    """Prints the findings; 0 when all are there."""
    for name, find in parts:
        try:
            print(f"ok       {name}: {_plain(find())}")
        except JobMagicsError as error:
            print(f"MISSING  {name}: {_plain(error.message)}")
            return 1
    return 0


def _plain(text: str) -> str:
    """Some of it comes from elsewhere: nothing in it may steer a terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)
