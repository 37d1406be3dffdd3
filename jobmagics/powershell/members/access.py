"""Properties and methods of any value, found by name whatever its case, as PowerShell's adapters find them.

In the order PowerShell asks: members added to the object, keys of a dictionary, members of the .NET type (dotnet/),
members of its type data, what every value has (Count, PSObject), and for lists the elements' members. The common
cases are a dictionary look-up away; listing members (Get-Member) is in members/listing.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...psobject import Hashtable, OrderedDictionary, PSObject
from ..dotnet.calls import construct, get_static, invoke_static, set_static
from ..dotnet.table import BoundMethod, PropertyEntry, Thrown, TypeTable, callback_error, invocation_error, table_of
from ..records import (
    SMA,
    NetException,
    ScriptError,
    error,
)
from ..values.conversions import convert
from ..values.types import _BY_CLASS, NetType, resolve_type, type_names, type_of
from ..values.value import NOTHING, enumerate_value, is_enumerable, unwrap
from . import indexing
from .errors import (
    MISSING,
    getting_failed,
    is_own,
    missing_property,
    no_method,
    not_found,
    null_array,
    null_method,
    read_only,
    setting_failed,
)
from .kinds import (
    AliasProperty,
    CodeProperty,
    LiveObject,
    Member,
    MemberSet,
    NoteProperty,
    PropertySet,
    ScriptMethod,
    ScriptProperty,
)
from .listing import MethodReference

TYPE_DATA: dict[str, dict[str, tuple[str, Member]]] = {}
_READERS: dict[tuple[type, str], Callable[[Any], Any] | None] = {}
_METHODS: dict[tuple[type, str], BoundMethod | None] = {}
_HIDDEN_SETS = frozenset({"psobject", "psbase", "psadapted", "psextended", "pstypenames"})


def table_for(value: Any) -> TypeTable:
    return table_of(type_of(value))


# -- reading


def get_property(value: Any, name: str, default: Any = None, strict: bool = False) -> Any:
    """The property's value, or ``default``. ``strict``: single values have no Count and no Length."""
    kind = type(value)
    if kind is PSObject or kind is LiveObject:
        found = _read_bag(value, name)
    elif kind is Hashtable or kind is OrderedDictionary:
        found = _read_entry(value, name)
    elif kind in _BY_CLASS:
        found = _read_declared(value, kind, name)
    else:
        found = _read_object(value, name)
    if found is not MISSING:
        return found
    return _read_general(value, name, default, strict)


def _read_declared(value: Any, kind: type, name: str) -> Any:
    """A value whose Python class says its .NET type: the reader is remembered for the class."""
    try:
        reader = _READERS[kind, name]
    except KeyError:
        entry = table_for(value).find_property(name.lower()) if value is not None and value is not NOTHING else None
        reader = _READERS[kind, name] = entry.get if entry is not None else None
    return MISSING if reader is None else _call_reader(reader, value, name)


def _call_reader(reader: Callable[[Any], Any], value: Any, name: str) -> Any:
    try:
        return reader(value)
    except Thrown as thrown:
        raise getting_failed(name, thrown.exception) from None


def find_key(bag: dict[str, Any], name: str) -> str | None:
    if name in bag:
        return name
    folded = name.lower()
    for key in bag:
        if key.lower() == folded:
            return key
    return None


def _read_bag(value: PSObject, name: str) -> Any:
    for bag in (value._extended, value._adapted):
        key = find_key(bag, name) if bag else None
        if key is not None:
            found = bag[key]
            return found.read(value) if isinstance(found, Member) else found
    if value._base is not None and name.lower() not in _HIDDEN_SETS:
        return get_property(value._base, name, MISSING, strict=True)
    return MISSING


def _read_entry(value: Hashtable, name: str) -> Any:
    """A key of a dictionary; the dictionary's own properties come after."""
    if name in value:
        return value[name]
    return _read_declared(value, type(value), name)


def _read_object(value: Any, name: str) -> Any:
    """A value whose type only the value knows: protocol, table, then the properties it lists."""
    kind = type(value)
    added = getattr(value, "ps_added", None)
    if added:
        key = find_key(added, name)
        if key is not None:
            found = added[key]
            return found.read(value) if isinstance(found, Member) else found
    if hasattr(kind, "ps_get"):
        try:
            return value.ps_get(name)
        except AttributeError as missing:
            if not is_own(missing, name):
                raise
        except Thrown as thrown:
            raise getting_failed(name, thrown.exception) from None
    if isinstance(value, Hashtable) and name in value:
        return value[name]
    entry = table_for(value).find_property(name.lower())
    if entry is not None:
        return _call_reader(entry.get, value, entry.name)
    if isinstance(value, PSObject):
        return _read_bag(value, name)
    folded = name.lower()
    for listing in ("ps_properties", "ps_extended"):
        if hasattr(kind, listing):
            for key, found in getattr(value, listing)():
                if key.lower() == folded:
                    return found
    return MISSING


def plain_bag(value: Any) -> dict[str, Any] | None:
    """Name and value of the properties of a [pscustomobject] that has nothing else; None for any other value."""
    if type(value) is PSObject and value._base is None and not value._adapted and not TYPE_DATA:
        return value._extended
    return None


def type_member(value: Any, name: str) -> Member | None:
    """A member from Update-TypeData or types.ps1xml."""
    if not TYPE_DATA:
        return None
    folded = name.lower()
    for type_name in type_names(value):
        found = TYPE_DATA.get(type_name.lower(), {}).get(folded)
        if found is not None:
            return found[1]
    return None


def _read_general(value: Any, name: str, default: Any, strict: bool) -> Any:
    folded = name.lower()
    if value is None or value is NOTHING:
        return 0 if folded in ("count", "length") and not strict else default
    added = getattr(value, "ps_added", None)
    key = find_key(added, name) if added else None
    if added and key is not None:
        held = added[key]
        return held.read(value) if isinstance(held, Member) else held
    member = type_member(value, name)
    if member is not None:
        return member.read(value)
    if folded in _HIDDEN_SETS:
        return _hidden_set(value, folded)
    if is_enumerable(value):
        return _read_elements(value, name, default, strict)
    if folded in ("count", "length") and not strict:
        return 1
    return default


def _hidden_set(value: Any, folded: str) -> Any:
    from .listing import MemberSet, TypeNameList

    if folded == "pstypenames":
        return TypeNameList(value)
    return MemberSet(value, folded)


def _read_elements(value: Any, name: str, default: Any, strict: bool) -> Any:
    """``$list.Name``: the property of every element that has it; a [pscustomobject] without it counts as $null."""
    found: list[Any] = []
    for item in list(enumerate_value(value)):
        if item is None:
            continue
        got = get_property(item, name, MISSING, strict or isinstance(value, list))
        if got is MISSING:
            if not strict and isinstance(item, PSObject) and item._base is None:
                found.append(None)
            continue
        if is_enumerable(got):
            found.extend(enumerate_value(got))
        elif got is not NOTHING:
            found.append(got)
    if len(found) == 1:
        return found[0]
    return found or default


def has_property(value: Any, name: str) -> bool:
    return get_property(value, name, MISSING, strict=True) is not MISSING


def get_member_or_method(value: Any, name: str, strict: bool = False) -> Any:
    """``$s.Substring``: a property, or the method itself as a value."""
    found = get_property(value, name, MISSING, strict)
    if found is not MISSING:
        return found
    if value is None or value is NOTHING:
        return MISSING
    owner = unwrap(value)
    method = find_method(owner, name)
    if method is not None:
        return MethodReference(value, method.name, method.definitions)
    kind = type_of(owner).user
    plans = [plan for _, plan in kind.candidates(name, False)] if hasattr(kind, "candidates") else []
    return MethodReference(value, plans[0].name, [plan.definition for plan in plans]) if plans else MISSING


def get_member(value: Any, name: str, strict: float = 0) -> Any:
    """``$value.name`` as a script reads it: $null where there is nothing, or StrictMode's error."""
    found = get_member_or_method(value, name, strict >= 2)
    if found is not MISSING:
        return found
    if strict >= 2:
        raise missing_property(name)
    return None


def get_index(value: Any, index: Any, strict: float = 0) -> Any:
    """``$value[index]``."""
    from .indexing import read

    return read(value, index, strict)


def set_index(value: Any, index: Any, new: Any) -> None:
    from .indexing import write

    write(value, index, new)


# -- writing


def set_property(value: Any, name: str, new: Any) -> None:
    if new is NOTHING:
        new = None
    if isinstance(value, PSObject):
        _write_bag(value, name, new)
    elif isinstance(value, Hashtable) and not hasattr(type(value), "ps_set"):
        indexing.write(value, name, new)
    else:
        _write_object(value, name, new)


def _write_bag(value: PSObject, name: str, new: Any) -> None:
    for bag in (value._extended, value._adapted):
        key = find_key(bag, name)
        if key is None:
            continue
        held = bag[key]
        if not isinstance(held, Member):
            bag[key] = new
        else:
            _write_member(held, value, key, new)
        return
    member = type_member(value, name)
    if member is not None:
        _write_member(member, value, name, new)
        return
    if value._base is not None:
        set_property(value._base, name, new)
        return
    message = f"The property '{name}' cannot be found on this object. Verify that the property exists and can be set."
    raise setting_failed(name, NetException(message, net_type=SMA + "SetValueException"))


def _write_member(member: Member, owner: Any, name: str, new: Any) -> None:
    if not member.settable:
        message = f'Set accessor for property "{name}" is unavailable.'
        raise setting_failed(name, NetException(message, net_type=SMA + "SetValueException"))
    try:
        member.write(owner, new)
    except ScriptError as failed:
        raise setting_failed(name, failed.record.exception) from None


def _write_object(value: Any, name: str, new: Any) -> None:
    if value is None or value is NOTHING:
        raise not_found(name)
    added = getattr(value, "ps_added", None)
    key = find_key(added, name) if added else None
    if added and key is not None:
        if isinstance(added[key], Member):
            _write_member(added[key], value, key, new)
        else:
            added[key] = new
        return
    if hasattr(type(value), "ps_set"):
        try:
            value.ps_set(name, new)
            return
        except AttributeError as missing:
            if not is_own(missing, name):
                raise
        except Thrown as thrown:
            raise setting_failed(name, thrown.exception) from None
        except ScriptError as failed:
            if failed.record.error_id == "ExceptionWhenSetting":
                raise
            raise setting_failed(name, failed.record.exception) from None
    entry = table_for(value).find_property(name.lower())
    if entry is not None:
        _write_entry(value, entry, new)
        return
    member = type_member(value, name)
    if member is not None:
        _write_member(member, value, name, new)
        return
    if get_property(value, name, MISSING, strict=True) is MISSING or is_enumerable(value):
        raise not_found(name)
    raise read_only(name)


def _write_entry(value: Any, entry: PropertyEntry, new: Any) -> None:
    if entry.put is None:
        raise read_only(entry.name)
    try:
        kind = resolve_type(entry.type_name)
        if kind is not None and (new is not None or kind.is_value_type):
            new = convert(new, kind)
        entry.put(value, new)
    except Thrown as thrown:
        raise setting_failed(entry.name, thrown.exception) from None
    except ScriptError as failed:
        raise setting_failed(entry.name, failed.record.exception) from None


# -- calling


def find_method(value: Any, name: str) -> BoundMethod | None:
    kind = type(value)
    key = (kind, name)
    if key in _METHODS:
        return _METHODS[key]
    found = table_for(value).method(name.lower())
    if kind in _BY_CLASS:
        _METHODS[key] = found
    return found


def invoke_method(value: Any, name: str, args: Sequence[Any]) -> Any:
    """The method's result; NOTHING for a void one."""
    known = _METHODS.get((type(value), name))
    if known is not None:
        return known.call(value, args)
    found = _try_invoke(value, name, list(args))
    if found is not MISSING:
        return found
    raise no_method(value, name)


def _try_invoke(value: Any, name: str, args: list[Any]) -> Any:
    if value is None or value is NOTHING:
        raise null_method()
    found = _invoke_added(value, name, args)
    if found is not MISSING:
        return found
    if isinstance(value, PSObject) and value._base is not None:
        return _try_invoke(value._base, name, args)
    if hasattr(type(value), "ps_invoke"):
        try:
            return value.ps_invoke(name, args)
        except AttributeError as missing:
            if not is_own(missing, name):
                raise
        except Thrown as thrown:
            raise invocation_error(name, len(args), thrown.exception) from None
    method = find_method(value, name)
    if method is not None:
        return method.call(value, args)
    return _invoke_general(value, name, args)


def _invoke_added(value: Any, name: str, args: list[Any]) -> Any:
    """Script methods: of the object, then of its type data."""
    bag = value._extended if isinstance(value, PSObject) else getattr(value, "ps_added", None)
    member: Any = None
    if bag:
        key = find_key(bag, name)
        member = bag[key] if key is not None else None
    if not isinstance(member, ScriptMethod):
        member = type_member(value, name)
    if not isinstance(member, ScriptMethod):
        return MISSING
    try:
        return member.call(value, args)
    except ScriptError as failed:
        raise callback_error(name, len(args), failed) from None


def _invoke_general(value: Any, name: str, args: list[Any]) -> Any:
    folded = name.lower()
    if folded in ("foreach", "where"):
        from .collection_methods import for_each, where

        return for_each(value, args) if folded == "foreach" else where(value, args)
    found = _invoke_accessor(value, folded, args)
    if found is not MISSING:
        return found
    held = _callable_property(value, name)
    if held is not None:
        return invoke_method(held, "Invoke", args)
    if is_enumerable(value):
        return _invoke_elements(value, name, args)
    return MISSING


def _invoke_accessor(value: Any, folded: str, args: list[Any]) -> Any:
    """``$h.get_Count()``, ``$o.set_Name('x')``: a property by the methods .NET makes of it."""
    entry = table_for(value).find_property(folded[4:]) if folded[:4] in ("get_", "set_") else None
    if entry is None:
        return MISSING
    if folded[:4] == "get_" and not args:
        return _call_reader(entry.get, value, entry.name)
    if folded[:4] == "set_" and len(args) == 1:
        _write_entry(value, entry, args[0])
        return NOTHING
    return MISSING


def _callable_property(value: Any, name: str) -> Any:
    """A property that holds a delegate, or a method as a value, may be called by its name."""
    from ..dotnet.delegates import Delegate

    if is_enumerable(value):
        return None
    held = get_property(value, name, MISSING, strict=True)
    return held if isinstance(held, (Delegate, MethodReference)) else None


def _invoke_elements(value: Any, name: str, args: list[Any]) -> Any:
    """``$list.ToUpper()``: the method of every element."""
    found: list[Any] = []
    items = list(enumerate_value(value))
    for item in items:
        if item is None:
            continue
        got = _try_invoke(item, name, args)
        if got is MISSING:
            raise no_method(item, name)
        if is_enumerable(got):
            found.extend(enumerate_value(got))
        elif got is not NOTHING:
            found.append(got)
    if not items:
        return MISSING
    if len(found) == 1:
        return found[0]
    return found or NOTHING


# -- adding


def add_member(value: Any, name: str, member: Any, force: bool = False) -> Any:
    """Adds a member (a plain value is a note property); gives the object that has it now."""
    holder = value if isinstance(value, PSObject) else _holder(value)
    bag: dict[str, Any] = holder._extended if isinstance(holder, PSObject) else holder.ps_added
    key = find_key(bag, name)
    if key is not None and not force:
        raise error(
            f'Cannot add a member with the name "{name}" because a member with that name already exists. '
            "To overwrite the member anyway, add the Force parameter to your command.",
            "MemberAlreadyExists",
            "InvalidOperation",
            net_type=SMA + "ExtendedTypeSystemException",
        )
    if isinstance(member, NoteProperty):
        member = member.value
    if isinstance(member, Member) and type(holder) is PSObject:
        holder.__class__ = LiveObject
    bag[key if key is not None else name] = member
    return holder


def _holder(value: Any) -> Any:
    """What carries the added members of a value that is no bag: an object of .NET does so itself, for whoever has it;
    a string or a number is wrapped, and only what has the wrapper has the members."""
    if hasattr(value, "ps_added"):
        return value
    if not isinstance(value, (str, NetType)) and not type_of(value).is_value_type:
        try:
            value.ps_added = {}
        except AttributeError:  # a Python list or another class without room for it
            pass
        else:
            return value
    return LiveObject({}, base=value, type_names=list(type_names(value)))


def remove_member(value: Any, name: str) -> None:
    bag = value._extended if isinstance(value, PSObject) else getattr(value, "ps_added", {})
    key = find_key(bag, name)
    if key is not None:
        del bag[key]


def add_type_member(type_name: str, name: str, member: Member, force: bool = False) -> None:
    """Update-TypeData."""
    members = TYPE_DATA.setdefault(type_name.lower(), {})
    if name.lower() in members and not force:
        raise error(
            f'Error in TypeData "{type_name}": The member "{name}" is already present.',
            "TypesXmlError",
            "InvalidOperation",
        )
    members[name.lower()] = (name, member)


def properties(value: Any) -> list[Any]:
    """The properties of a value, for Get-Member, Select-Object and psobject.Properties."""
    from .listing import properties as listed

    return listed(value)


def methods(value: Any, hidden: bool = False) -> list[Any]:
    from .listing import methods as listed

    return listed(value, hidden)


def static_properties(kind: NetType, hidden: bool = False) -> list[Any]:
    from .listing import static_properties as listed

    return listed(kind, hidden)


def static_methods(kind: NetType, hidden: bool = False) -> list[Any]:
    from .listing import static_methods as listed

    return listed(kind, hidden)


__all__ = [
    "MISSING",
    "TYPE_DATA",
    "AliasProperty",
    "CodeProperty",
    "LiveObject",
    "Member",
    "MemberSet",
    "MethodReference",
    "NoteProperty",
    "PropertySet",
    "ScriptMethod",
    "ScriptProperty",
    "add_member",
    "add_type_member",
    "construct",
    "get_index",
    "get_member",
    "get_member_or_method",
    "get_property",
    "get_static",
    "has_property",
    "invoke_method",
    "invoke_static",
    "methods",
    "missing_property",
    "null_array",
    "null_method",
    "plain_bag",
    "properties",
    "remove_member",
    "set_index",
    "set_property",
    "set_static",
    "static_methods",
    "static_properties",
]
