"""PSObject, PSNoteProperty and its kin, PSVariable: what scripts make to add members and variables by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...psobject import PSObject
from ..members.kinds import AliasProperty, Member, MemberSet, NoteProperty, PropertySet, ScriptMethod, ScriptProperty
from ..records import SMA
from ..runtime.scopes import Variable
from ..values.types import NetType, net_type
from .enums import enum_value
from .table import Members, NetObject, declare

# -- PSObject

OBJECT = declare(SMA + "PSObject")


@OBJECT.constructor("psobject()", "psobject(System.Object obj)")
def _new_object(kind: NetType, value: Any = None) -> Any:
    if value is None:
        return PSObject()
    if isinstance(value, PSObject):
        return value
    from ..values.types import type_names

    return PSObject(base=value, type_names=list(type_names(value)))


OBJECT.static("psobject AsPSObject(System.Object obj)")(lambda value: value)


def _copy(value: Any) -> Any:
    from ..members.listing import copy_object

    return copy_object(value)


OBJECT.method("psobject Copy()")(_copy)

# -- members as values


class MadeMember(NetObject):
    """A member that belongs to no object yet: ``$o.psobject.Properties.Add([psnoteproperty]::new('a', 1))``."""

    def __init__(self, kind: NetType, name: str, member: Member) -> None:
        self.kind_of = kind
        self.name = name
        self.member = member

    def net_type_of(self) -> NetType:
        return self.kind_of

    def value(self) -> Any:
        return self.member.read(self) if isinstance(self.member, NoteProperty) else self.member

    @property
    def definition(self) -> str:
        return self.member.definition(self.name, None)

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "MemberType", enum_value(SMA + "PSMemberTypes", self.member.kind)
        yield "IsSettable", self.member.settable
        yield "IsGettable", True
        yield "Value", self.value()
        yield "Name", self.name
        yield "IsInstance", False

    def ps_to_string(self) -> str:
        return self.definition


def _declare_member(name: str) -> Members:
    return declare(f"{SMA}{name}")


_declare_member("PSNoteProperty").constructor("(string name, System.Object value)")(
    lambda kind, name, value: MadeMember(kind, name, NoteProperty(value))
)
_declare_member("PSAliasProperty").constructor(
    "(string name, string referencedMemberName)", "(string name, string referencedMemberName, type conversionType)"
)(lambda kind, name, target, convert_to=None: MadeMember(kind, name, AliasProperty(target)))
_declare_member("PSScriptProperty").constructor(
    "(string name, scriptblock getterScript)", "(string name, scriptblock getterScript, scriptblock setterScript)"
)(lambda kind, name, get, put=None: MadeMember(kind, name, ScriptProperty(get, put)))
_declare_member("PSScriptMethod").constructor("(string name, scriptblock script)")(
    lambda kind, name, block: MadeMember(kind, name, ScriptMethod(block))
)
_declare_member("PSPropertySet").constructor("(string name, string[] referencedPropertyNames)")(
    lambda kind, name, names: MadeMember(kind, name, PropertySet(names))
)


@_declare_member("PSMemberSet").constructor(
    "(string name)", "(string name, System.Management.Automation.PSMemberInfo[] members)"
)
def _new_member_set(kind: NetType, name: str, members: Iterable[MadeMember] = ()) -> MadeMember:
    return MadeMember(kind, name, MemberSet({one.name: one.member for one in members}))


declare(SMA + "PSMemberInfo").method("psobject Copy()")(lambda member: member)
declare(SMA + "PSPropertyInfo")

# -- PSVariable

VARIABLE = declare(SMA + "PSVariable")


@VARIABLE.constructor(
    "psvariable(string name)",
    "psvariable(string name, System.Object value)",
    "psvariable(string name, System.Object value, System.Management.Automation.ScopedItemOptions options)",
)
def _new_variable(kind: NetType, name: str, value: Any = None, options: Any = "None") -> Variable:
    return Variable(name, value, str(options))


def _options(variable: Variable) -> Any:
    from .enums import parse

    return parse(net_type(SMA + "ScopedItemOptions"), variable.options)


VARIABLE.property("string Name", lambda variable: variable.name)
VARIABLE.property("System.Object Value", lambda variable: variable.value)
VARIABLE.property("System.Management.Automation.ScopedItemOptions Options", _options)
VARIABLE.property("string Description", lambda variable: variable.description)
VARIABLE.method("bool IsValidValue(System.Object value)")(lambda variable, value: True)
