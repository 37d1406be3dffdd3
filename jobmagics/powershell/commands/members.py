"""Add-Member, Get-Member, New-Object."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...psobject import Hashtable, PSObject
from ..dotnet.enums import enum_value
from ..members.access import (
    AliasProperty,
    MemberSet,
    NoteProperty,
    PropertySet,
    ScriptMethod,
    ScriptProperty,
    add_member,
    construct,
    has_property,
    methods,
    properties,
    set_property,
    static_methods,
    static_properties,
)
from ..members.intrinsic import accessors, hidden_properties, intrinsic_members
from ..records import SMA, ScriptError
from ..runtime.cmdlet import Cmdlet, command
from ..runtime.elsewhere import is_type_elsewhere
from ..runtime.problems import type_elsewhere
from ..values.conversions import convert
from ..values.types import resolve_type, type_names, type_of
from ..values.value import NOTHING, as_list, to_string, unwrap
from ..values.wildcards import wildcard_regex

MEMBER_GROUPS = {
    "properties": {"Property", "NoteProperty", "ScriptProperty", "AliasProperty", "CodeProperty"},
    "methods": {"Method", "ScriptMethod", "CodeMethod"},
}
NAME_AND_VALUE = 2
SPECIAL = ("get_", "set_", "op_", "add_", "remove_")  # methods that .NET makes of other members


@command("Add-Member")
class AddMember(Cmdlet):
    def process(self) -> None:
        value = self.bound.get("inputobject", NOTHING)
        if value is NOTHING or value is None:
            return
        if self.has("NotePropertyMembers"):
            for name, item in self.arg("NotePropertyMembers").items():
                value = self._add(value, to_string(name), NoteProperty(item))
        elif self.has("NotePropertyName"):
            value = self._add(value, self.arg("NotePropertyName"), NoteProperty(self.arg("NotePropertyValue")))
        elif self.has("MemberType"):
            value = self._add(value, self.arg("Name"), self._member())
        if self.has("TypeName"):
            value = with_type_name(value, self.arg("TypeName"))
        if self.switch("PassThru"):
            self.write(value)

    def _member(self) -> Any:
        kind = str(self.arg("MemberType"))
        first, second = self.arg("Value"), self.arg("SecondValue")
        if kind == "NoteProperty":
            return NoteProperty(first)
        if kind == "ScriptProperty":
            return ScriptProperty(block_of(first), block_of(second))
        if kind == "ScriptMethod":
            return ScriptMethod(block_of(first))
        if kind == "AliasProperty":
            return AliasProperty(to_string(first))
        if kind == "PropertySet":
            return PropertySet([to_string(name) for name in as_list(first)])
        if kind == "MemberSet":
            return MemberSet({one.name: one.member for one in map(unwrap, as_list(first))})
        if kind in ("CodeProperty", "CodeMethod"):
            raise self.terminate(
                f"Add-Member -MemberType {kind} is not supported by the built-in engine; PowerShell itself (pwsh) runs "
                "it.",
                "NotSupportedByBuiltInEngine",
                "NotImplemented",
                net_type="System.NotSupportedException",
            )
        raise self.terminate(
            f"Cannot add a member with type {kind}. Specify a different type for the MemberTypes parameter.",
            "InvalidMemberType",
            "InvalidOperation",
            net_type="System.InvalidOperationException",
        )

    def _add(self, value: Any, name: str, member: Any) -> Any:
        try:
            return add_member(value, name, member, force=self.switch("Force"))
        except ScriptError:
            self.error(
                f'Cannot add a member with the name "{name}" because a member with that name already exists. To '
                "overwrite the "
                "member anyway, add the Force parameter to your command.",
                "MemberAlreadyExists",
                "InvalidOperation",
                value,
                net_type="System.InvalidOperationException",
            )
            return value


def block_of(value: Any) -> Any:
    return None if value is None else convert(unwrap(value), SMA + "ScriptBlock")


def with_type_name(value: Any, name: str) -> Any:
    full = resolve_type(name)
    shown = full.full_name if full is not None else name
    if isinstance(value, PSObject):
        value._type_names = [shown, *value._type_names]
        return value
    return PSObject(base=value, type_names=[shown, *type_names(value)])


class MemberDefinition:
    def __init__(self, type_name: str, name: str, kind: str, definition: str) -> None:
        self.type_name, self.name, self.kind, self.definition = type_name, name, kind, definition

    def ps_type_names(self) -> list[str]:
        return ["Microsoft.PowerShell.Commands.MemberDefinition", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "TypeName", self.type_name
        yield "Name", self.name
        yield "MemberType", enum_value(SMA + "PSMemberTypes", self.kind)
        yield "Definition", self.definition

    def ps_to_string(self) -> str:
        return self.definition


@command("Get-Member")
class GetMember(Cmdlet):
    def begin(self) -> None:
        self._seen: set[str] = set()
        self._any = False

    def process(self) -> None:
        value = self.bound.get("inputobject", NOTHING)
        if value is NOTHING or value is None:
            return
        self._any = True
        static = self.switch("Static")
        kind = unwrap(value) if static and hasattr(unwrap(value), "is_instance") else type_of(value)
        name = kind.full_name if static else type_names(value)[0]
        if name in self._seen:
            return
        self._seen.add(name)
        found = self._static(kind) if static else self._members(value)
        wanted = [wildcard_regex(to_string(pattern)) for pattern in as_list(self.arg("Name")) or ["*"]]
        chosen = [
            item for item in found if any(regex.fullmatch(item[0]) for regex in wanted) and self._of_kind(item[1])
        ]
        chosen.sort(key=lambda item: (item[1].upper(), item[0].upper()))
        self.write_all(MemberDefinition(name, *item) for item in chosen)

    def _static(self, kind: Any) -> list[tuple[str, str, str]]:
        hidden = self.switch("Force")
        found = [(item.name, "Property", item.definition) for item in static_properties(kind, hidden)]
        return found + [(item.name, "Method", item.definition) for item in static_methods(kind, hidden)]

    def _members(self, value: Any) -> list[tuple[str, str, str]]:
        force = self.switch("Force")
        found = [(item.name, str(item.kind), item.definition) for item in properties(value)]
        for method in methods(value, force):
            if force or not method.name.startswith(SPECIAL):
                found.append((method.name, str(method.kind), method.definition))
        if force:
            found += [(item.name, str(item.kind), item.definition) for item in hidden_properties(value)]
            found += [(item.name, "Method", item.definition) for item in accessors(value)]
            found += intrinsic_members(value)
        return found

    def _of_kind(self, kind: str) -> bool:
        wanted = self.arg("MemberType")
        if wanted is None:
            return True
        names = [name.strip() for name in to_string(wanted).split(",")]
        return any(name in ("All", kind) or kind in MEMBER_GROUPS.get(name.lower(), ()) for name in names)

    def end(self) -> None:
        if not self._any:
            raise self.terminate(
                "You must specify an object for the Get-Member cmdlet.",
                "NoObjectInGetMember",
                "CloseError",
                net_type="System.InvalidOperationException",
            )


@command("New-Object")
class NewObject(Cmdlet):
    def end(self) -> None:
        if self.has("ComObject"):
            raise self.terminate(
                "The COM object feature is not supported on this platform.", "NotSupported", "NotImplemented",
                net_type="System.NotSupportedException",
            )  # fmt: skip
        name = self.arg("TypeName")
        if name is None:
            return  # the set of -ComObject, of which nothing is left but on Windows
        kind = self.runspace.resolve_type(name)
        if kind is None and is_type_elsewhere(name):
            raise type_elsewhere(name)
        if kind is None:
            raise self.terminate(
                f"Cannot find type [{name}]: verify that the assembly containing this type is loaded.",
                "TypeNotFound",
                "InvalidType",
                net_type=SMA + "PSArgumentException",
            )
        given = self.arg("ArgumentList")
        made: Any = PSObject() if kind.full_name in (SMA + "PSObject", SMA + "PSCustomObject") and not given else None
        if made is None:
            try:
                made = construct(kind, [unwrap(item) for item in as_list(given)])
            except ScriptError as problem:
                record = problem.record
                if not given and record.error_id == "MethodCountCouldNotFindBest":
                    raise self.terminate(
                        "A constructor was not found. Cannot find an appropriate constructor for type "
                        f"{kind.full_name}.",
                        "CannotFindAppropriateCtor",
                        "ObjectNotFound",
                        net_type=SMA + "PSArgumentException",
                    ) from None
                fqid = (
                    record.error_id
                    if record.error_id.startswith("Constructor")
                    else "ConstructorInvokedThrowException,"
                )
                inner = record.exception
                raise self.terminate(inner, fqid.rstrip(","), "InvalidOperation") from None
        members = self.arg("Property")
        for key, item in members.items() if isinstance(members, Hashtable) else ():
            if isinstance(made, PSObject) and made._base is None:
                made = add_member(made, to_string(key), NoteProperty(item), force=True)
            elif has_property(made, to_string(key)):
                set_property(made, to_string(key), item)
            else:
                self.error(
                    f'The member "{to_string(key)}" was not found for the specified .NET object.',
                    "InvalidOperationException",
                    "InvalidOperation",
                    net_type="System.InvalidOperationException",
                )
        self.write(made)
