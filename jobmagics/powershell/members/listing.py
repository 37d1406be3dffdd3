"""Members as values: what Get-Member lists and ``$o.psobject`` gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from ...psobject import Hashtable, PSList, PSObject
from ..dotnet.table import NetObject, PropertyEntry, Thrown, table_of
from ..records import SMA
from ..values.type_catalog import ACCELERATORS
from ..values.types import NetType, net_type, type_names, type_of
from ..values.value import to_string, type_string, unwrap
from .kinds import Member, ScriptMethod

if TYPE_CHECKING:
    from ..classes.plans import PropertyPlan

_SHORT = {full: short for short, full in ACCELERATORS.items() if "Attribute" not in full}
_SHORT.update({
    "System.Int32": "int",
    "System.Int64": "long",
    "System.Int16": "short",
    "System.UInt16": "ushort",
    "System.UInt32": "uint",
    "System.UInt64": "ulong",
    "System.Single": "float",
    "System.Management.Automation.PSObject": "psobject",
    "System.Void": "void",
})  # fmt: skip


def short_name(kind: NetType, drop_namespace: bool = False) -> str:
    """A type as member definitions show it: ``int``, ``string[]``, ``System.Uri``."""
    if kind.element is not None:
        return short_name(kind.element, drop_namespace) + "[" + "," * (kind.rank - 1) + "]"
    known = _SHORT.get(kind.full_name)
    if known is not None:
        return known
    if kind.arguments:
        outer = (kind.name if drop_namespace else kind.definition).partition("`")[0]
        return f"{outer}[{','.join(short_name(argument, drop_namespace) for argument in kind.arguments)}]"
    return kind.name if drop_namespace else kind.full_name


def value_type_name(value: Any) -> str:
    """The type of a note property's value, as its definition names it."""
    if isinstance(value, PSObject):
        return type_names(value)[0]
    return "object" if value is None else short_name(type_of(value), drop_namespace=True)


def own_text(value: Any) -> str:
    """ToString() of a note property's value: a collection shows its type."""
    return type_string(value) if isinstance(value, (list, Hashtable)) else to_string(value)


class Property(NetObject):
    """One property of one value: PSPropertyInfo."""

    __slots__ = ("_read", "_write", "declared_kind", "declared_type", "kind", "member", "name", "owner")

    def __init__(
        self,
        name: str,
        kind: str,
        owner: Any,
        read: Callable[[], Any],
        write: Callable[[Any], None] | None,
        declared_type: str = "",
        member: Member | None = None,
        declared_kind: NetType | None = None,
    ) -> None:
        self.name = name
        self.kind = kind
        self.owner = owner
        self._read = read
        self._write = write
        self.declared_type = declared_type
        self.declared_kind = declared_kind
        self.member = member

    def value(self) -> Any:
        try:
            return self._read()
        except Thrown:
            return None

    @property
    def settable(self) -> bool:
        return self._write is not None

    @property
    def type_name(self) -> str:
        """The value's type in full."""
        if self.declared_kind is not None:
            return self.declared_kind.full_name
        if self.declared_type:
            from ..values.types import resolve_type

            known = resolve_type(self.declared_type)
            return known.full_name if known is not None else self.declared_type
        found = self.value()
        if isinstance(found, PSObject):
            return type_names(found)[0]
        return "System.Object" if found is None else type_of(found).full_name

    @property
    def definition(self) -> str:
        if self.member is not None and self.kind != "NoteProperty":
            return self.member.definition(self.name, self.owner)
        if self.kind == "NoteProperty":
            found = self.value()
            return f"{value_type_name(found)} {self.name}={'null' if found is None else own_text(found)}"
        shown = self.declared_type or short_name(type_of(self.value()))
        return f"{shown} {self.name} {{get;{'set;' if self.settable else ''}}}"

    # -- a value of scripts
    def net_type_of(self) -> NetType:
        kind = "PSProperty" if self.kind == "Property" else f"PS{self.kind}"
        return net_type(SMA + kind)

    def ps_type_names(self) -> list[str]:
        name = SMA + ("PSProperty" if self.kind == "Property" else f"PS{self.kind}")
        return [name, SMA + "PSPropertyInfo", SMA + "PSMemberInfo", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        from ..dotnet.enums import enum_value

        if self.kind == "AliasProperty":
            yield "ReferencedMemberName", getattr(self.member, "target", "")
        yield "MemberType", enum_value(SMA + "PSMemberTypes", self.kind)
        yield "IsSettable", self.settable
        yield "IsGettable", True
        yield "Value", self.value()
        yield "TypeNameOfValue", self.type_name
        yield "Name", self.name
        yield "IsInstance", self.kind != "Property"

    def ps_get(self, name: str) -> Any:
        for key, value in self.ps_properties():
            if key.lower() == name.lower():
                return value
        raise AttributeError(name)

    def ps_set(self, name: str, new: Any) -> None:
        from .access import set_property

        if name.lower() != "value":
            raise AttributeError(name)
        if self._write is not None:
            self._write(new)
        else:
            set_property(self.owner, self.name, new)

    def ps_to_string(self) -> str:
        return self.definition


class Method:
    """A method in a listing."""

    __slots__ = ("definition", "kind", "name")

    def __init__(self, name: str, definition: str, kind: str = "Method") -> None:
        self.name = name
        self.definition = definition
        self.kind = kind

    def ps_type_names(self) -> list[str]:
        return [f"{SMA}PS{self.kind}", SMA + "PSMethodInfo", SMA + "PSMemberInfo", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        from ..dotnet.enums import enum_value

        yield "OverloadDefinitions", PSList.of("System.String", self.definition.split(", "))
        yield "MemberType", enum_value(SMA + "PSMemberTypes", self.kind)
        yield "TypeNameOfValue", f"{SMA}PS{self.kind}"
        yield "Value", self
        yield "Name", self.name
        yield "IsInstance", False

    def ps_to_string(self) -> str:
        return self.definition


class MethodReference(NetObject):
    """``$s.Substring`` without a call."""

    net_type = SMA + "PSMethod"

    def __init__(self, owner: Any, name: str, definitions: list[str], static: bool = False) -> None:
        self.owner = owner
        self.name = name
        self.definitions = definitions
        self.static = static

    def ps_type_names(self) -> list[str]:
        return [SMA + "PSMethod", SMA + "PSMethodInfo", SMA + "PSMemberInfo", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "OverloadDefinitions", PSList.of("System.String", self.definitions)
        yield "MemberType", "Method"
        yield "TypeNameOfValue", SMA + "PSMethod"
        yield "Value", self
        yield "Name", self.name
        yield "IsInstance", False

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        if name.lower() != "invoke":
            raise AttributeError(name)
        return self.invoke(args)

    def invoke(self, args: list[Any]) -> Any:
        from .access import invoke_method, invoke_static

        if self.static:
            return invoke_static(self.owner, self.name, args)
        return invoke_method(self.owner, self.name, args)

    def ps_to_string(self) -> str:
        return ", ".join(self.definitions)


class TypeNameList(PSList):
    """``PSTypeNames``: the object's own list of type names; a change of it changes the object."""

    element = "System.String"

    def __init__(self, owner: Any) -> None:
        super().__init__(type_names(owner))
        self.owner = owner

    def ps_type_names(self) -> list[str]:
        return ["System.Collections.ObjectModel.Collection`1[[System.String]]", "System.Object"]

    def net_type_of(self) -> NetType:
        from ..values.types import resolve_type

        found = resolve_type("System.Collections.ObjectModel.Collection[string]")
        assert found is not None
        return found

    def _changed(self) -> None:
        if isinstance(self.owner, PSObject):
            self.owner._type_names = [to_string(name) for name in self]

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        from .access import find_method

        method = find_method(self, name)
        if method is None:
            raise AttributeError(name)
        result = method.call(self, args)
        self._changed()
        return result


class MemberList:
    """psobject.Properties, .Methods and .Members: found by name, walked in order."""

    def __init__(self, owner: Any, items: Callable[[], list[Any]], what: str) -> None:
        self.owner = owner
        self._items = items
        self.what = what

    def ps_items(self) -> Iterator[Any]:
        return iter(self._items())

    def ps_index(self, name: Any) -> Any:
        folded = to_string(name).lower()
        return next((item for item in self._items() if item.name.lower() == folded), None)

    def ps_type_names(self) -> list[str]:
        return [f"{SMA}PSMemberInfoIntegratingCollection`1[[{SMA}{self.what}]]", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        return ()

    def ps_to_string(self) -> str:
        return " ".join(item.definition for item in self._items())

    def ps_get(self, name: str) -> Any:
        if name.lower() == "item":
            return self.ps_index
        raise AttributeError(name)

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        from ..values.value import NOTHING
        from ..values.wildcards import wildcard_match
        from .access import add_member, remove_member

        folded = name.lower()
        if folded == "add":
            member = args[0]
            add_member(self.owner, member.name, member.member if member.member is not None else member.value())
            return NOTHING
        if folded == "remove":
            remove_member(self.owner, to_string(args[0]))
            return NOTHING
        if folded == "match":
            return [item for item in self._items() if wildcard_match(to_string(args[0]), item.name)]
        if folded == "item":
            return self.ps_index(args[0])
        raise AttributeError(name)


class MemberSet:
    """``$o.psobject`` and its kin psbase, psadapted, psextended."""

    def __init__(self, owner: Any, view: str) -> None:
        self.owner = owner
        self.view = view

    def ps_type_names(self) -> list[str]:
        return [SMA + "PSInternalMemberSet" if self.view == "psobject" else SMA + "PSMemberSet", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        if self.view != "psobject":
            yield from ((item.name, item.value()) for item in properties(self.owner))
            return
        yield "Members", self.ps_get("Members")
        yield "Properties", self.ps_get("Properties")
        yield "Methods", self.ps_get("Methods")
        yield "ImmediateBaseObject", unwrap(self.owner)
        yield "BaseObject", unwrap(self.owner)
        yield "TypeNames", TypeNameList(self.owner)

    def ps_get(self, name: str) -> Any:
        folded = name.lower()
        if self.view != "psobject":
            return self._raw(name)
        if folded == "properties":
            return MemberList(self.owner, lambda: properties(self.owner), "PSPropertyInfo")
        if folded == "methods":
            return MemberList(self.owner, lambda: methods(self.owner), "PSMethodInfo")
        if folded == "members":
            return MemberList(self.owner, lambda: [*properties(self.owner), *methods(self.owner)], "PSMemberInfo")
        if folded == "typenames":
            return TypeNameList(self.owner)
        if folded in ("baseobject", "immediatebaseobject"):
            return unwrap(self.owner)
        raise AttributeError(name)

    def _raw(self, name: str) -> Any:
        """psbase: the .NET object's own property, past keys and added members."""
        base = unwrap(self.owner)
        entry = table_of(type_of(base)).find_property(name.lower())
        if entry is not None:
            return entry.get(base)
        raise AttributeError(name)

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        from .access import invoke_method

        if self.view == "psobject" and name.lower() == "copy":
            return copy_object(self.owner)
        return invoke_method(unwrap(self.owner), name, args)

    def ps_to_string(self) -> str:
        return to_string(self.owner)


def copy_object(value: Any) -> Any:
    """PSObject.Copy(): the bag is new, what is in it is shared."""
    if not isinstance(value, PSObject):
        return value
    return type(value)(
        value._extended,
        type_names=list(value._type_names),
        adapted=value._adapted,
        base=value._base,
        to_string=value._to_string,
    )


# -- listings


def identity(value: Any) -> Any:
    return value


def properties(value: Any) -> list[Property]:
    """Every property but the hidden sets, in PowerShell's order: added to the object, to its type, the .NET type's."""
    from .access import TYPE_DATA

    if value is None:
        return []
    found: dict[str, Property] = {}
    base = value
    if isinstance(value, PSObject):
        base = value._base
        _collect(found, _bag_members(value, value._extended, "NoteProperty"))
    if base is not None:
        _collect(found, _added_members(base))
    for type_name in type_names(value) if TYPE_DATA else ():
        for name, member in TYPE_DATA.get(type_name.lower(), {}).values():
            if not (member.is_method or member.is_set):
                _collect(found, [_member_property(value, name, member)])
    if isinstance(value, PSObject):
        _collect(found, _bag_members(value, value._adapted, "Property"))
    if base is not None:
        _collect(found, _object_properties(base))
    return list(found.values())


def _collect(found: dict[str, Property], items: Iterable[Property]) -> None:
    for item in items:
        found.setdefault(item.name.lower(), item)


def _bag_members(value: PSObject, bag: dict[str, Any], kind: str) -> Iterator[Property]:
    for name in list(bag):
        held = bag[name]
        if not isinstance(held, Member):
            yield _raw_property(value, bag, name, kind)
        elif not (held.is_method or held.is_set):
            yield _member_property(value, name, held)


def _raw_property(owner: Any, bag: dict[str, Any], name: str, kind: str) -> Property:
    def write(new: Any) -> None:
        bag[name] = new

    return Property(name, kind, owner, lambda: bag.get(name), write)


def _member_property(owner: Any, name: str, member: Member) -> Property:
    write = (lambda new: member.write(owner, new)) if member.settable else None
    return Property(name, member.kind, owner, lambda: member.read(owner), write, member=member)


def _object_properties(value: Any) -> Iterator[Property]:
    from ..classes.reflection import class_of, declared_properties

    kind = type(value)
    owner = class_of(value.ps_class.kind) if hasattr(kind, "ps_class") else None
    if owner is not None:
        for plan in declared_properties(owner, static=False, hidden=False):
            yield class_property(value, plan)
    if hasattr(kind, "ps_properties") and kind.ps_properties is not NetObject.ps_properties:
        for name, found in value.ps_properties():
            yield _listed_property(value, name, found)
    else:
        for entry in table_of(type_of(value)).all_properties().values():
            yield _declared_property(value, entry)


def class_property(owner: Any, plan: PropertyPlan) -> Property:
    """A property that a class of a script declares."""

    def write(new: Any) -> None:
        owner.ps_set(plan.name, new)

    shown = short_name(plan.kind)
    read = partial(owner.ps_get, plan.name)
    return Property(plan.name, "Property", owner, read, write, shown, declared_kind=plan.kind)


def _added_members(value: Any) -> Iterator[Property]:
    """What PowerShell added: notes of the object's own, and the ones that come with its kind (files, processes)."""
    kind = type(value)
    added = getattr(value, "ps_added", None) or {}
    if hasattr(kind, "ps_extended"):
        for name, found in value.ps_extended():
            if name not in added:
                yield Property(name, "NoteProperty", value, partial(identity, found), None)
    for name, held in list(added.items()):
        if isinstance(held, Member):
            if not (held.is_method or held.is_set):
                yield _member_property(value, name, held)
        else:
            yield _raw_property(value, value.ps_added, name, "NoteProperty")


def _listed_property(owner: Any, name: str, found: Any) -> Property:
    write = (lambda new: owner.ps_set(name, new)) if hasattr(type(owner), "ps_set") else None
    return Property(name, "Property", owner, lambda: found, write)


def _declared_property(owner: Any, entry: PropertyEntry) -> Property:
    put = entry.put
    write = (lambda new: put(owner, new)) if put is not None else None
    return Property(entry.name, "Property", owner, lambda: entry.get(owner), write, entry.type_name)


def methods(value: Any, hidden: bool = False) -> list[Method]:
    """Every method; ``hidden``: those that a class of a script hides too."""
    from .access import TYPE_DATA

    if value is None:
        return []
    found: dict[str, Method] = {}
    base = unwrap(value)
    _collect_methods(found, type_of(base), hidden)
    bag = value._extended if isinstance(value, PSObject) else (getattr(value, "ps_added", None) or {})
    for name, held in bag.items():
        if isinstance(held, ScriptMethod):
            found[name.lower()] = Method(name, held.definition(name, value), "ScriptMethod")
    for type_name in type_names(value) if TYPE_DATA else ():
        for folded, (name, member) in TYPE_DATA.get(type_name.lower(), {}).items():
            if member.is_method:
                found.setdefault(folded, Method(name, member.definition(name, value), member.kind))
    if hasattr(type(base), "ps_methods"):
        for name, definition in base.ps_methods():
            found.setdefault(name.lower(), Method(name, definition))
    return sorted(found.values(), key=lambda method: method.name.lower())


def _collect_methods(found: dict[str, Method], kind: NetType, hidden: bool) -> None:
    """A .NET type's methods, those of a class before them; ``X`` beside ``get_X`` is a property with parameters."""
    from ..classes.reflection import class_of, declared_methods

    entries = {entry.name.lower(): entry for entry in table_of(kind).all_methods()}
    for folded, entry in entries.items():
        definition = ", ".join(text for text, _ in entry.pairs)
        if f"get_{folded}" in entries:
            access = "get;set;" if f"set_{folded}" in entries else "get;"
            found[folded] = Method(entry.name, f"{definition} {{{access}}}", "ParameterizedProperty")
        else:
            found[folded] = Method(entry.name, definition)
    owner = class_of(kind)
    for name, own in declared_methods(owner, static=False, hidden=hidden).items() if owner is not None else ():
        inherited = entries.get(name.lower())
        taken = {parameter_types(text) for text in own}
        rest = [text for text, _ in inherited.pairs if parameter_types(text) not in taken] if inherited else []
        found[name.lower()] = Method(name, ", ".join([*own, *rest]))


def parameter_types(definition: str) -> tuple[str, ...]:
    """``int F(int a, string b)``: ("int", "string")."""
    listed = definition.partition("(")[2].rstrip(")")
    return tuple(one.rpartition(" ")[0] for one in listed.split(", ")) if listed else ()


def static_properties(kind: NetType, hidden: bool = False) -> list[Property]:
    from ..classes.reflection import class_of, declared_properties

    found = []
    owner = class_of(kind)
    for plan in declared_properties(owner, static=True, hidden=hidden) if owner is not None else ():
        found.append(_static_class_property(kind, plan))
    for members in table_of(kind).chain:
        for entry in members.static_properties.values():
            get = entry.get
            found.append(Property(entry.name, "Property", kind, get, entry.put, f"static {entry.type_name}"))
    if kind.is_enum:
        from ..dotnet.enums import make, shape_of

        for name, number in shape_of(kind).names.items():
            read = partial(make, kind, number)
            found.append(Property(name, "Property", kind, read, None, f"static {kind.full_name}"))
    return found


def _static_class_property(kind: NetType, plan: PropertyPlan) -> Property:
    from .access import get_static, set_static

    read = partial(get_static, kind, plan.name)
    shown = f"static {short_name(plan.kind)}"
    return Property(plan.name, "Property", kind, read, partial(set_static, kind, plan.name), shown)


def static_methods(kind: NetType, hidden: bool = False) -> list[Method]:
    from ..classes.reflection import class_of, constructors, declared_methods

    table = table_of(kind)
    found = [Method(entry.name, ", ".join(text for text, _ in entry.pairs)) for entry in table.all_methods("statics")]
    owner = class_of(kind)
    if owner is not None:
        made = declared_methods(owner, static=True, hidden=hidden).items()
        found += [Method(name, ", ".join(own)) for name, own in made]
        listed = constructors(owner)
        found += [Method("new", ", ".join(listed))] if listed else []
    if table.constructor is not None:
        found.append(Method("new", ", ".join(f"{kind.full_name} {text}" for text in table.constructor.definitions)))
    return sorted(found, key=lambda method: method.name.lower())


__all__ = [
    "Hashtable",
    "MemberList",
    "MemberSet",
    "Method",
    "MethodReference",
    "Property",
    "TypeNameList",
    "short_name",
]
