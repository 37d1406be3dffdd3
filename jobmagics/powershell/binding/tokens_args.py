"""Arguments as words: the ``-Name`` that a function without such a parameter finds in $args."""

from __future__ import annotations

from typing import Any

Argument = tuple["str | None", Any]  # ("Name", value), ("Name", MISSING) for a bare -Name, (None, value)


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING: Any = _Missing()


class ParameterWord(str):
    """A ``-Name`` in $args. Splatting @args gives it back as a parameter name, not as a string."""

    __slots__ = ()


class DefaultName(str):
    """The name of a parameter that $PSDefaultParameterValues gives a value: bound after what the command says."""

    __slots__ = ()


class SplatName(str):
    """The name of an argument that a splatted table gave: the same name written in the command goes before it."""

    __slots__ = ()


class NumberWord:
    """A number in an argument whose spelling is not the number's own (``3.10``, ``1kb``, ``007``)."""

    __slots__ = ("text", "value")

    def __init__(self, value: object, text: str) -> None:
        self.value = value
        self.text = text


def plain_value(argument: object) -> object:
    """The argument where a number is wanted, or anything."""
    return argument.value if type(argument) is NumberWord else argument


def plain_text(argument: object) -> object:
    """The argument where text is wanted."""
    return argument.text if type(argument) is NumberWord else argument
