"""The members that PowerShell adds to objects: note, script, alias and code properties, script methods.

A plain note property of a [pscustomobject] is no object at all: its value sits raw in the bag. Everything else that can
be added is a ``Member`` in the same place, and a bag that holds one is a ``LiveObject``, which reads through it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ...psobject import PSList, PSObject
from ..records import SMA, ScriptError
from ..values.value import NOTHING


class Member:
    """Something added to an object that has to be evaluated."""

    kind = "NoteProperty"
    is_method = False
    is_set = False  # of other members: no property itself

    def read(self, owner: Any) -> Any:
        raise NotImplementedError

    def write(self, owner: Any, value: Any) -> None:
        raise NotImplementedError

    @property
    def settable(self) -> bool:
        return False

    def definition(self, name: str, owner: Any) -> str:
        return name

    def serialized(self, owner: Any) -> list[Any]:
        """The value as CLIXML has it; none of a method, and none where reading fails."""
        if self.is_method or self.is_set:
            return []
        try:
            found = self.value_of(owner)
        except ScriptError:
            return []
        return [None if found is NOTHING else found]

    def value_of(self, owner: Any) -> Any:
        """As ``read``, which hides errors that PowerShell hides from a script; raises them."""
        return self.read(owner)


class NoteProperty(Member):
    """A value that must stay apart from the bag's raw ones: in TYPE_DATA, or one that is itself a Member."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def read(self, owner: Any) -> Any:
        return self.value

    def write(self, owner: Any, value: Any) -> None:
        self.value = value

    @property
    def settable(self) -> bool:
        return True


class ScriptProperty(Member):
    kind = "ScriptProperty"

    def __init__(self, get: Any, put: Any = None) -> None:
        self.get = get
        self.put = put

    def read(self, owner: Any) -> Any:
        try:
            return self.value_of(owner)
        except ScriptError:
            return None  # a getter's error is hidden, as PowerShell does

    def value_of(self, owner: Any) -> Any:
        if self.get is None:
            return None
        from ..dotnet.delegates import call_block

        return call_block(self.get, [], this=owner)

    def write(self, owner: Any, value: Any) -> None:
        from ..dotnet.delegates import call_block

        call_block(self.put, [value], this=owner)

    @property
    def settable(self) -> bool:
        return self.put is not None

    def definition(self, name: str, owner: Any) -> str:
        parts = [f"get={self.get.text.strip()};" if self.get is not None else ""]
        parts.append(f"set={self.put.text.strip()};" if self.put is not None else "")
        return f"System.Object {name} {{{''.join(parts)}}}"


class AliasProperty(Member):
    kind = "AliasProperty"

    def __init__(self, target: str) -> None:
        self.target = target

    def read(self, owner: Any) -> Any:
        from .access import get_property

        return get_property(owner, self.target)

    def write(self, owner: Any, value: Any) -> None:
        from .access import set_property

        set_property(owner, self.target, value)

    @property
    def settable(self) -> bool:
        return True

    def definition(self, name: str, owner: Any) -> str:
        return f"{name} = {self.target}"


class CodeProperty(Member):
    """A property that Python computes: get(owner), put(owner, value)."""

    kind = "CodeProperty"

    def __init__(self, get: Callable[[Any], Any], put: Callable[[Any, Any], None] | None = None) -> None:
        self.get = get
        self.put = put

    def read(self, owner: Any) -> Any:
        return self.get(owner)

    def write(self, owner: Any, value: Any) -> None:
        assert self.put is not None
        self.put(owner, value)

    @property
    def settable(self) -> bool:
        return self.put is not None


class PropertySet(Member):
    kind = "PropertySet"
    is_set = True

    def __init__(self, names: Iterable[str]) -> None:
        self.names = list(names)

    def read(self, owner: Any) -> Any:
        return self

    def definition(self, name: str, owner: Any) -> str:
        return f"{name} {{{', '.join(self.names)}}}"

    def ps_type_names(self) -> list[str]:
        return [SMA + "PSPropertySet", SMA + "PSMemberInfo", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "ReferencedPropertyNames", PSList.of("System.String", list(self.names))
        yield "MemberType", self.kind

    def ps_to_string(self) -> str:
        return "{" + ", ".join(self.names) + "}"


class MemberSet(Member):
    """Members under one name; PSStandardMembers says how an object is shown."""

    kind = "MemberSet"
    is_set = True

    def __init__(self, members: dict[str, Member]) -> None:
        self.members = members

    def read(self, owner: Any) -> Any:
        return PSObject(dict(self.members), type_names=[SMA + "PSMemberSet", SMA + "PSMemberInfo", "System.Object"])

    def display_set(self) -> tuple[str, ...]:
        folded = {name.lower(): member for name, member in self.members.items()}
        found = folded.get("defaultdisplaypropertyset")
        return tuple(found.names) if isinstance(found, PropertySet) else ()

    def definition(self, name: str, owner: Any) -> str:
        return f"{name} {{{', '.join(self.members)}}}"


class ScriptMethod(Member):
    kind = "ScriptMethod"
    is_method = True

    def __init__(self, block: Any) -> None:
        self.block = block

    def read(self, owner: Any) -> Any:
        return self

    def call(self, owner: Any, args: list[Any]) -> Any:
        from ..dotnet.delegates import call_block

        return call_block(self.block, args, this=owner)

    def definition(self, name: str, owner: Any) -> str:
        return f"System.Object {name}();"

    def ps_type_names(self) -> list[str]:
        return [
            "System.Management.Automation.PSScriptMethod",
            "System.Management.Automation.PSMethodInfo",
            "System.Management.Automation.PSMemberInfo",
            "System.Object",
        ]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "Script", self.block
        yield "MemberType", self.kind

    def ps_to_string(self) -> str:
        return f"System.Object {getattr(self.block, 'name', '') or 'Method'}();"


def evaluated(owner: Any, bag: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    """Name and value of the added properties in ``bag`` (a bag's _extended, an object's ps_added)."""
    for name, item in list(bag.items()):
        if not isinstance(item, Member):
            yield name, item
        else:
            for found in item.serialized(owner):
                yield name, found


class LiveObject(PSObject):
    """A bag with members that have to be evaluated."""

    __slots__ = ()

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield from self._adapted.items()
        yield from evaluated(self, self._extended)
