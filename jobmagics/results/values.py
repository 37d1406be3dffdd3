"""What came over the wire, as a person holds it: Python's own values wherever Python has the type.

A date with PowerShell's display hint is a datetime; an enumeration's value is its word; a list that knows its .NET type
is a list. What those carry beside their value (notes) is in the record's ``raw``.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from jobmagics.psobject import Hashtable, PSObject


class EnumValue(str):
    """The word of a .NET enumeration, ``number`` beside it."""

    number: int

    def __new__(cls, word: str, number: int) -> EnumValue:
        self = super().__new__(cls, word)
        self.number = number
        return self


class RemoteObject(PSObject):
    """An object with properties whose values are Python's own: ``o.Name``, ``o["name"]`` in any case, ``to_dict()``."""

    __slots__ = ()

    @classmethod
    def of(cls, value: PSObject) -> RemoteObject:
        """The same object, not a copy of what it has."""
        self = cls.__new__(cls)
        self._type_names, self._to_string = value._type_names, value._to_string
        self._extended, self._adapted, self._base = value._extended, value._adapted, value._base
        return self

    def __getattr__(self, name: str) -> Any:
        return held(super().__getattr__(name))

    def __getitem__(self, name: str) -> Any:
        return held(super().__getitem__(name))

    def to_dict(self) -> dict[str, Any]:
        """Its properties by name."""
        return {name: held(value) for name, value in self.ps_properties()}


def held(value: Any) -> Any:
    """The value for a person."""
    if type(value) is str:  # most of all, and asking whether something is a mapping takes its time
        return value
    return _held(value, {})


def _held(value: Any, made: dict[int, Any]) -> Any:
    """``made``: what lists and tables became, by their ids. One that is referred to often, or holds itself, is one."""
    if type(value) is list:
        if id(value) not in made:
            items = made[id(value)] = []
            items += [_held(item, made) for item in value]
        return made[id(value)]
    if isinstance(value, Hashtable):
        if id(value) not in made:
            table = made[id(value)] = type(value)()
            for key, item in value.items():
                table[key] = _held(item, made)
        return made[id(value)]
    if not isinstance(value, PSObject) or isinstance(value, RemoteObject):
        return value
    kind = value._type_names[0].removeprefix("Deserialized.") if value._type_names else ""
    if isinstance(value._base, int) and "System.Enum" in value._type_names:
        return EnumValue(str(value), value._base)
    if kind == "System.DateTimeOffset" and (moment := _moment(dict(value.ps_properties()))) is not None:
        return moment
    return RemoteObject.of(value) if value._base is None else _held(value._base, made)


def _moment(facts: Mapping[str, Any]) -> datetime.datetime | None:
    """A DateTimeOffset: an instant, at its own distance from UTC."""
    utc, offset = held(facts.get("UtcDateTime")), facts.get("Offset")
    if not isinstance(utc, datetime.datetime) or not isinstance(offset, datetime.timedelta):
        return None
    return utc.replace(tzinfo=datetime.timezone.utc).astimezone(datetime.timezone(offset))
