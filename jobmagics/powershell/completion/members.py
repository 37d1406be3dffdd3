"""Members after ``.`` and ``::``, by what the expression before gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..dotnet.table import table_of
from ..members.listing import methods, properties, static_methods, static_properties
from ..parser import syntax as s
from ..values.types import net_type
from ..values.value import unwrap
from .inference import Inference, Inferred, named
from .place import Place
from .results import Completion

PARAMETERIZED = {"System.Collections.Hashtable": "System.Object Item(System.Object key) {get;set;}"}
_NO_PROPERTIES = ("PropertySet",)


def members(place: Place, node: s.MemberExpressionAst, start: str) -> list[Completion]:
    if node.static:
        kinds = _static_kinds(place, node.expression)
        return _sorted((item for kind in kinds for item in static_members(place, kind)), start)
    return of_types(place, Inference(place).of(node.expression), start)


def _static_kinds(place: Place, node: s.Ast) -> list[Inferred]:
    if isinstance(node, s.TypeExpressionAst):
        return named(place, node.type_name.full_name)
    return Inference(place).of(node)


def of_types(place: Place, found: list[Inferred], start: str, with_methods: bool = True) -> list[Completion]:
    """The members that one of the types has; keys of hashtables come last."""
    listed: list[Completion] = []
    keys: list[str] = []
    for one in found:
        listed.extend(instance_members(place, one))
        keys.extend(one.keys)
        base = unwrap(one.value)
        if isinstance(base, Mapping):
            keys.extend(key for key in base if isinstance(key, str))
    chosen = [item for item in listed if with_methods or item.kind == "Property"]
    result = _sorted(chosen, start)
    known = {item.shown.lower() for item in result}
    folded = start.lower()
    for key in dict.fromkeys(keys):
        if key.lower().startswith(folded) and key.lower() not in known:
            result.append(Completion(_member_text(key), key, "Property", key))
    return result


def _member_text(name: str) -> str:
    return name if name.replace("_", "a").isalnum() else "'" + name.replace("'", "''") + "'"


def _sorted(items: Iterable[Completion], start: str) -> list[Completion]:
    """Properties by name, methods by name, indexers; each once."""
    folded = start.lower()
    kept: dict[str, Completion] = {}
    for item in items:
        if item.shown.lower().startswith(folded):
            kept.setdefault(item.shown.lower(), item)
    return sorted(kept.values(), key=lambda item: (_rank(item), item.shown.lower()))


def _rank(item: Completion) -> int:
    return 0 if item.kind == "Property" else 2 if item.tip in PARAMETERIZED.values() else 1


def instance_members(place: Place, one: Inferred) -> Iterator[Completion]:
    if isinstance(one.kind, s.TypeDefinitionAst):
        yield from _own_members(place, one.kind, static=False)
        return
    if one.value is not None:
        for member in properties(one.value):
            if member.kind not in _NO_PROPERTIES:
                yield Completion(_member_text(member.name), member.name, "Property", _definition(member))
        for method in methods(one.value):
            if not _is_accessor(method.name):
                yield _method(method.name, method.definition.replace("), ", ")\n"))
    else:
        for entry in table_of(one.kind).all_properties().values():
            yield Completion(entry.name, entry.name, "Property", entry.definition)
        for declared in table_of(one.kind).all_methods():
            if _is_accessor(declared.name):
                continue
            yield _method(declared.name, "\n".join(text for text, _ in declared.pairs))
    if indexer := PARAMETERIZED.get(one.kind.full_name):
        yield _method("Item", indexer)


def _is_accessor(name: str) -> bool:
    """``get_Item`` and its kin are called, but not offered; an indexer has its own entry."""
    return name.startswith(("get_", "set_")) or name == "Item"


def _definition(member: Any) -> str:
    """Without its value: to read that could run a script."""
    if member.member is not None:
        return str(member.definition) if member.kind != "NoteProperty" else member.name
    return f"{member.declared_type or 'System.Object'} {member.name} {{get;{'set;' if member.settable else ''}}}"


def _method(name: str, definition: str) -> Completion:
    return Completion(f"{name}(", name, "Method", definition)


def static_members(place: Place, one: Inferred) -> Iterator[Completion]:
    if isinstance(one.kind, s.TypeDefinitionAst):
        yield from _own_members(place, one.kind, static=True)
        return
    for member in static_properties(one.kind):
        yield Completion(member.name, member.name, "Property", f"{member.declared_type} {member.name} {{get;}}")
    for method in static_methods(one.kind):
        yield _method(method.name, method.definition.replace(", static ", "\nstatic "))


def _own_members(place: Place, node: s.TypeDefinitionAst, static: bool) -> Iterator[Completion]:
    """What a class or enum of the text declares, then its bases."""
    enum = node.kind == "enum"
    for member in node.members:
        if isinstance(member, s.PropertyMemberAst):
            if (member.is_static or enum) == static and not member.is_hidden:
                told = member.property_type.type_name.full_name if member.property_type is not None else "object"
                lead = "static " if static else ""
                yield Completion(member.name, member.name, "Property", f"{lead}{told} {member.name}")
        elif isinstance(member, s.FunctionMemberAst) and _is_offered(member, static):
            yield _method(member.name, _signature(member))
    if static:
        yield _method("new", f"{node.name} new()")
    yield from _inherited(place, node, static, enum)


def _is_offered(member: s.FunctionMemberAst, static: bool) -> bool:
    return member.is_static == static and not member.is_constructor and not member.is_hidden


def _inherited(place: Place, node: s.TypeDefinitionAst, static: bool, enum: bool) -> Iterator[Completion]:
    bases = [found for base in node.base_types for found in named(place, base.type_name.full_name)]
    bases = [base for base in bases if base.kind is not node]
    if enum or not bases:
        bases = [Inferred(net_type("System.Enum" if enum else "System.Object"))]
    for base in bases:
        found = static_members(place, base) if static else instance_members(place, base)
        yield from (item for item in found if not (static and item.shown == "new"))


def _signature(member: s.FunctionMemberAst) -> str:
    told = member.return_type.type_name.full_name if member.return_type is not None else "void"
    return f"{told} {member.name}({', '.join(parameter.name.path for parameter in member.parameters)})"
