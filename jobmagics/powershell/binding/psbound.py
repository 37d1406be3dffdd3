"""$PSBoundParameters."""

from __future__ import annotations

from ...psobject import Hashtable


class BoundParameters(Hashtable):
    """The parameters that were given, by name; a script may change it and splat it."""

    __slots__ = ()
    type_names = [  # noqa: RUF012 - Hashtable's own way of saying it
        "System.Management.Automation.PSBoundParametersDictionary",
        "System.Collections.Generic.Dictionary`2[[System.String, System.Private.CoreLib, Version=10.0.0.0, "
        "Culture=neutral, "
        "PublicKeyToken=7cec85d7bea7798e],[System.Object, System.Private.CoreLib, Version=10.0.0.0, Culture=neutral, "
        "PublicKeyToken=7cec85d7bea7798e]]",
        "System.Object",
    ]
