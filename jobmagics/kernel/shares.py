"""Variables that cells of .NET Interactive take from another language (``#!share``, ``#!set``), as it is done here.

A Python cell reads ``ps.name``; a PowerShell cell cannot reach into Python, so a Python cell is put before it that sets
``ps.name``. Python needs no ``#!connect`` here. What is no exchange between these two languages is left as it is.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping

SHARE = {"from": "--from", "as": "--as"}
SET = {"name": "--name", "value": "--value"}
CONNECT = {"name": "--kernel-name", "spec": "--kernel-spec"}


def translated(text: str, language: str, pythons: frozenset[str]) -> Iterator[tuple[str, str]]:
    """The text of a part as stretches: "pwsh" or "python", and its code. ``pythons``: the names that lines have for
    Python.
    """
    is_python = language == "python"
    own = "python" if is_python else "pwsh"
    lines: list[str] = []
    for line in text.splitlines():
        shared = _shared(line.strip(), pythons)
        if shared is None or shared[0] == own:
            lines.append(line)
        elif is_python:
            lines.append(f"{shared[2]} = {_variable(shared[1])}")
        else:
            yield own, "\n".join(lines)
            yield "python", f"{_variable(shared[2])} = {shared[1]}"
            lines = []
    yield own, "\n".join(lines)


def _variable(name: str) -> str:
    return f"ps.{name}" if name.isidentifier() and not name.startswith("_") else f"ps[{name!r}]"


def _shared(line: str, pythons: frozenset[str]) -> tuple[str, str, str] | None:
    """Which language a line takes a variable from, the variable, and what it is called in the cell."""
    words = _words(line)
    if words[:1] == ["#!share"]:
        rest, given = _options(words[1:], SHARE)
        if len(rest) == 1 and "from" in given:
            return _from(given["from"], rest[0], given.get("as", rest[0]), pythons)
    elif words[:1] == ["#!set"]:
        rest, given = _options(words[1:], SET)
        source, mark, name = given.get("value", "").removeprefix("@").partition(":")
        if not rest and mark and given["value"].startswith("@") and "name" in given:
            return _from(source, name, given["name"], pythons)
    return None


def _from(source: str, name: str, called: str, pythons: frozenset[str]) -> tuple[str, str, str] | None:
    language = source.lower()
    if language in pythons:
        return "python", name, called
    return ("pwsh", name, called) if language in ("pwsh", "powershell") else None


def connected_python(line: str) -> str | None:
    """The name that a line of ``#!connect`` gives to Python; None for all other lines."""
    words = _words(line.strip())
    if words[:2] != ["#!connect", "jupyter"]:
        return None
    _, given = _options(words[2:], CONNECT)
    return given.get("name", "python").lower() if given.get("spec", "").lower().startswith("python") else None


def _options(words: list[str], known: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """What is no option, and the options; one that is not known counts as none."""
    rest: list[str] = []
    given: dict[str, str] = {}
    names = {word: name for name, word in known.items()}
    place = 0
    while place < len(words):
        if words[place] in names and place + 1 < len(words):
            given[names[words[place]]] = words[place + 1]
            place += 2
        else:
            rest.append(words[place])
            place += 1
    return rest, given


def _words(line: str) -> list[str]:
    if not line.startswith("#!"):
        return []
    try:
        return shlex.split(line)
    except ValueError:  # a quote that is not closed
        return []
