"""What only Get-Member -Force shows: the methods .NET makes of properties, and the members every object has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..dotnet.table import table_of
from ..values.types import type_of
from ..values.value import unwrap
from .listing import Method, Property, methods, properties, short_name

TYPE_NAMES = (
    "System.Collections.ObjectModel.Collection`1[[System.String, System.Private.CoreLib, Version=10.0.0.0, "
    "Culture=neutral, PublicKeyToken=7cec85d7bea7798e]] pstypenames{get=PSTypeNames;}"
)
PSOBJECT_PROPERTIES = ("Members", "Properties", "Methods", "ImmediateBaseObject", "BaseObject", "TypeNames")
PSOBJECT_METHODS = ("ToString", "Copy", "CompareTo", "Equals", "GetHashCode", "GetType")


def intrinsic_members(value: Any) -> list[tuple[str, str, str]]:
    """(name, kind, definition) of pstypenames and the member sets."""
    listed: list[Property | Method] = [*properties(value), *methods(value), *accessors(value)]
    kinds = ("ParameterizedProperty", "Property", "Method")
    base = [item.name for kind in kinds for item in listed if item.kind == kind]
    added = [item.name for item in listed if item.kind not in kinds]
    views = {
        "psadapted": base,
        "psbase": base,
        "psextended": added,
        "psobject": [
            *PSOBJECT_PROPERTIES,
            *(f"get_{name}" for name in PSOBJECT_PROPERTIES),
            *PSOBJECT_METHODS,
        ],
    }
    sets = [(name, "MemberSet", f"{name} {{{', '.join(names)}}}") for name, names in views.items()]
    return [("pstypenames", "CodeProperty", TYPE_NAMES), *sets]


def accessors(value: Any) -> list[Method]:
    """``get_Length``, ``set_Position`` of the type's own properties, those of hidden ones too."""
    base = unwrap(value)
    made: list[Method] = []
    for name, shown, settable, parameter in _declared(base):
        made.append(Method(f"get_{name}", f"{shown} get_{name}()"))
        if settable:
            made.append(Method(f"set_{name}", f"void set_{name}({shown} {parameter})"))
    return made


def _declared(base: Any) -> Iterator[tuple[str, str, bool, str]]:
    kind = type_of(base)
    from ..classes.reflection import class_of, declared_properties

    owner = class_of(kind)
    if owner is not None:
        for plan in declared_properties(owner, static=False, hidden=True):
            yield plan.name, short_name(plan.kind), True, ""
    for entry in table_of(kind).all_properties().values():
        yield entry.name, entry.type_name, entry.put is not None, "value"


def hidden_properties(value: Any) -> Iterable[Property]:
    """Properties that a class marks as hidden."""
    from ..classes.reflection import class_of, declared_properties
    from .listing import class_property

    base = unwrap(value)
    owner = class_of(type_of(base))
    if owner is not None:
        for plan in declared_properties(owner, static=False, hidden=True):
            if plan.is_hidden:
                yield class_property(base, plan)
