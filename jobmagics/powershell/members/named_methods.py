"""Engine objects whose methods are written under their .NET names: found whatever the case, as scripts call them."""

from __future__ import annotations

from typing import Any

from ..values.value import NOTHING

_TABLES: dict[type, dict[str, str]] = {}


class NamedMethods:
    """Mixin: ``ps_invoke`` for methods that start with a capital."""

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        cls = type(self)
        table = _TABLES.get(cls)
        if table is None:
            table = _TABLES[cls] = {one.lower(): one for one in dir(cls) if one[0].isupper()}
        known = table.get(name.lower())
        if known is None:
            raise AttributeError(name)
        found = getattr(self, known)(*args)
        return NOTHING if found is None else found
