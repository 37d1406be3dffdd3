"""System.Type: what a value's type is called, what it derives from, and which name means which type.

Only names and lineage live here. What members a type has is in dotnet/ (a module for each family,
loaded when the first member of one of its types is used); conversions are in values/conversions.py.
"""

from __future__ import annotations

import decimal
import uuid
from collections.abc import Iterable
from typing import Any

from ...psobject import (
    BigInteger,
    Byte,
    Char,
    DateTime,
    Hashtable,
    Int16,
    Int64,
    OrderedDictionary,
    PSList,
    PSObject,
    SByte,
    SecureString,
    Single,
    TimeSpan,
    UInt16,
    UInt32,
    UInt64,
    Uri,
    Version,
    XmlDocument,
)
from ..records import NetException
from .type_catalog import ACCELERATORS, ATTRIBUTES, CATALOG, INTERFACES
from .type_flags import is_serializable
from .value import Nothing

SMA = "System.Management.Automation."
GENERIC = "System.Collections.Generic."
ARRAY_INTERFACES = frozenset(
    f"{GENERIC}{name}`1" for name in ("IEnumerable", "ICollection", "IList", "IReadOnlyCollection", "IReadOnlyList")
)
SYNTAX = "system.management.automation.language."

TYPE_NAMES = [
    "System.RuntimeType",
    "System.Reflection.TypeInfo",
    "System.Type",
    "System.Reflection.MemberInfo",
    "System.Object",
]


class NetType:
    """A .NET type, by name. Two types are the same exactly when they are the same object."""

    __slots__ = (
        "arguments",
        "base",
        "element",
        "full_name",
        "interfaces",
        "members",
        "module",
        "name",
        "namespace",
        "rank",
        "served",
        "user",
    )

    def __init__(self, full_name: str, base: NetType | None, module: str = "", interfaces: Iterable[str] = ()) -> None:
        self.full_name = full_name
        plain = full_name.partition("[[")[0] if "[[" in full_name else full_name
        self.namespace, _, name = plain.rpartition(".")
        self.name = name.rpartition("+")[2]
        self.base = base
        self.module = module
        self.interfaces: tuple[str, ...] = tuple(interfaces) + (base.interfaces if base else ())
        # what its values serve as: the names of the type, of what it derives from, and of the interfaces
        self.served: frozenset[str] = frozenset((full_name, *self.interfaces)) | (base.served if base else frozenset())
        self.members: Any = None  # dotnet.table.Members, loaded on first use
        self.element: NetType | None = None  # of an array
        self.rank = 1
        self.arguments: tuple[NetType, ...] = ()  # of a generic type
        self.user: Any = None  # the class or enum a script defined

    @property
    def is_array(self) -> bool:
        return self.element is not None

    @property
    def definition(self) -> str:
        """The full name without generic arguments: what the tables in dotnet/ are keyed by."""
        return self.full_name.partition("[[")[0] if self.arguments else self.full_name

    @property
    def is_enum(self) -> bool:
        return self.base is not None and self.base.full_name == "System.Enum"

    @property
    def is_value_type(self) -> bool:
        """Whether $null is no value of it."""
        return self.derives_from("System.ValueType") and not self.is_nullable

    @property
    def is_public(self) -> bool:
        """Neither internal nor nested in another type."""
        return self.full_name != "System.RuntimeType" and "+" not in self.full_name

    def lineage(self) -> list[NetType]:
        found: list[NetType] = []
        at: NetType | None = self
        while at is not None:
            found.append(at)
            at = at.base
        return found

    def derives_from(self, full_name: str) -> bool:
        return full_name in self.served

    @property
    def is_nullable(self) -> bool:
        """``[nullable[int]]``: values are of the type inside, or $null."""
        return bool(self.arguments) and self.definition == "System.Nullable`1"

    def is_assignable_from(self, other: NetType) -> bool:
        if self is other or self.full_name == "System.Object":
            return True
        if self.is_nullable:
            return self.arguments[0].is_assignable_from(other)
        if other.derives_from(self.full_name):
            return True
        if self.arguments and self.definition in other.interfaces:
            return True
        if self.arguments and other.element is not None and self.definition in ARRAY_INTERFACES:
            return self.arguments[0].is_assignable_from(other.element)
        if self.element is not None and other.element is not None:
            return self.element.full_name == "System.Object" and not other.element.is_value_type
        return self.element is None and self.full_name == "System.Array" and other.is_array

    def is_instance(self, value: Any) -> bool:
        if value is None:
            return False
        if self.full_name == SMA + "PSObject" or self.full_name == SMA + "PSCustomObject":
            return isinstance(value, PSObject)
        return self.is_assignable_from(type_of(value))

    # -- a PSValue
    def ps_type_names(self) -> list[str]:
        return TYPE_NAMES

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "Name", self.name
        yield "FullName", self.full_name
        yield "Namespace", self.namespace
        yield "BaseType", self.base
        yield "IsPublic", self.is_public
        yield "IsSerializable", is_serializable(self)

    def ps_to_string(self) -> str:
        if self.arguments:
            return f"{self.definition}[{','.join(argument.ps_to_string() for argument in self.arguments)}]"
        return self.full_name

    def __repr__(self) -> str:
        return f"<NetType {self.full_name}>"


_LINES: dict[str, str] = {}
_KNOWN: dict[str, NetType] = {}
_MISSING: set[str] = set()


def _catalog_line(folded: str) -> str | None:
    if not _LINES:
        for line in CATALOG.split("\n"):
            if line:
                _LINES[line.partition("|")[0].lower()] = line
    return _LINES.get(folded)


def net_type(full_name: str) -> NetType:
    """The type of that full name; made up (deriving from Object) when no table knows it."""
    found = find_type(full_name)
    if found is None and "." not in full_name:
        return session_type(full_name) or NetType(full_name, OBJECT)
    if found is None:
        found = _KNOWN[full_name.lower()] = NetType(full_name, OBJECT)
    return found


def session_type(name: str) -> NetType | None:
    """A class or enum that the running session's scripts defined: never kept here, other sessions do not have it."""
    from ..runtime.runspace import current_runspace

    runspace = current_runspace()
    return runspace.types.get(name.lower()) if runspace is not None else None


def find_type(full_name: str) -> NetType | None:
    """The type by its full name, any case, or None."""
    folded = full_name.lower()
    found = _KNOWN.get(folded)
    if found is not None:
        return found
    line = _catalog_line(folded)
    if line is not None:
        name, base, module, interfaces = [*line.split("|"), "", "", ""][:4]
        parent = None if name == "System.Object" else net_type(base or "System.Object")
        found = NetType(name, parent, module, INTERFACES.get(interfaces, interfaces).split())
    elif folded in _MISSING:
        return None
    else:
        found = _find_elsewhere(folded)
        if found is None:
            _MISSING.add(folded)
            return None
    _KNOWN[folded] = found
    return found


def _find_elsewhere(folded: str) -> NetType | None:
    from ..dotnet import enums, exceptions

    name = exceptions.proper_name(folded)
    if name is not None:
        base = exceptions.base_of(name)
        return NetType(name, net_type(base) if base else OBJECT, "exceptions")
    name = enums.proper_name(folded)
    if name is not None:
        return NetType(name, net_type("System.Enum"), "enums", ("System.IComparable", "System.IFormattable"))
    if folded.startswith(SYNTAX):
        return _syntax_type(folded)
    if folded.endswith("attribute") and folded.startswith(SMA.lower()):
        for attribute in ATTRIBUTES:
            if folded == f"{SMA}{attribute}attribute".lower():
                return NetType(f"{SMA}{attribute}Attribute", net_type("System.Attribute"), "attributes")
    return None


def _syntax_type(folded: str) -> NetType | None:
    """System.Management.Automation.Language.CommandAst and the others: the engine's own nodes have their names."""
    from ..parser import syntax

    for name, cls in vars(syntax).items():
        if name.lower() == folded[len(SYNTAX) :] and isinstance(cls, type) and name.endswith("Ast"):
            base = cls.__bases__[0].__name__
            return NetType(
                f"{SMA}Language.{name}", net_type(f"{SMA}Language.{base}") if base.endswith("Ast") else OBJECT, "blocks"
            )
    return None


OBJECT = net_type("System.Object")


def array_type(element: NetType, rank: int = 1) -> NetType:
    name = f"{element.full_name}[{',' * (rank - 1)}]"
    found = _KNOWN.get(name.lower())
    if found is None or found.element is not element:
        base = net_type("System.Array")
        found = NetType(name, base, "arrays")
        found.name = f"{element.name}[{',' * (rank - 1)}]"
        found.namespace = element.namespace
        found.element = element
        found.rank = rank
        _KNOWN[name.lower()] = found
    return found


def generic_type(definition: NetType, arguments: tuple[NetType, ...]) -> NetType:
    """``List`1`` and (int,) -> List[int]. The full name is .NET's, with the assembly of each argument."""
    inner = ",".join(f"[{argument.full_name}, {assembly_of(argument)}]" for argument in arguments)
    name = f"{definition.full_name}[{inner}]"
    found = _KNOWN.get(name.lower())
    if found is None or found.arguments != arguments:
        found = NetType(name, definition.base, definition.module, definition.interfaces)
        found.arguments = arguments
        _KNOWN[name.lower()] = found
    return found


CORELIB = "System.Private.CoreLib, Version=10.0.0.0, Culture=neutral, PublicKeyToken=7cec85d7bea7798e"


def assembly_of(kind: NetType) -> str:
    if kind.user is not None:
        return "PowerShell Class Assembly, Version=1.0.0.0, Culture=neutral, PublicKeyToken=null"
    if kind.full_name.startswith("System.Management.Automation"):
        return "System.Management.Automation, Version=7.6.0.5, Culture=neutral, PublicKeyToken=31bf3856ad364e35"
    return CORELIB


# -- names as scripts write them


def resolve_type(name: str, namespaces: Iterable[str] = ()) -> NetType | None:
    """``int``, ``System.Int32``, ``Text.StringBuilder``, ``int[]``, ``List[string]``: the type, or None."""
    name = name.strip()
    if name.endswith("]"):
        return _resolve_bracketed(name, namespaces)
    folded = name.lower()
    accelerated = ACCELERATORS.get(folded)
    if accelerated is not None:
        return find_type(accelerated)
    found = find_type(name) or (find_type(f"System.{name}") if not folded.startswith("system.") else None)
    if found is not None:
        return found
    for namespace in namespaces:
        found = find_type(f"{namespace}.{name}")
        if found is not None:
            return found
    if f"{folded}attribute" in ACCELERATORS:
        return find_type(ACCELERATORS[f"{folded}attribute"])
    return None


def _resolve_bracketed(name: str, namespaces: Iterable[str]) -> NetType | None:
    depth = 0
    for at in range(len(name) - 1, -1, -1):
        depth += (name[at] == "]") - (name[at] == "[")
        if depth == 0:
            break
    outer, inner = name[:at], name[at + 1 : -1]
    if not inner.strip(","):
        element = resolve_type(outer, namespaces)
        return array_type(element, inner.count(",") + 1) if element is not None else None
    arguments = [resolve_type(part, namespaces) for part in _split_arguments(inner)]
    if any(argument is None for argument in arguments):
        return None
    return resolve_generic(outer, tuple(argument for argument in arguments if argument is not None), namespaces)


def resolve_generic(name: str, arguments: tuple[NetType, ...], namespaces: Iterable[str] = ()) -> NetType | None:
    marked = name if "`" in name else f"{name}`{len(arguments)}"
    definition = resolve_type(marked, namespaces)
    if definition is None:
        return None
    return generic_type(definition, arguments)


def _split_arguments(inner: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for at, char in enumerate(inner):
        if char == "[":
            depth += 1
        elif char == "]":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(inner[start:at])
            start = at + 1
    parts.append(inner[start:])
    return [part.strip()[1:-1].partition(",")[0] if part.strip().startswith("[") else part for part in parts]


# -- the type of a value

_BY_CLASS: dict[type, NetType] = {
    cls: net_type(name)
    for cls, name in (
        (str, "System.String"),
        (int, "System.Int32"),
        (float, "System.Double"),
        (bool, "System.Boolean"),
        (Char, "System.Char"),
        (Int64, "System.Int64"),
        (decimal.Decimal, "System.Decimal"),
        (Hashtable, "System.Collections.Hashtable"),
        (OrderedDictionary, "System.Collections.Specialized.OrderedDictionary"),
        (DateTime, "System.DateTime"),
        (TimeSpan, "System.TimeSpan"),
        (Byte, "System.Byte"),
        (SByte, "System.SByte"),
        (Int16, "System.Int16"),
        (UInt16, "System.UInt16"),
        (UInt32, "System.UInt32"),
        (UInt64, "System.UInt64"),
        (BigInteger, "System.Numerics.BigInteger"),
        (Single, "System.Single"),
        (uuid.UUID, "System.Guid"),
        (Version, "System.Version"),
        (Uri, "System.Uri"),
        (XmlDocument, "System.Xml.XmlDocument"),
        (SecureString, "System.Security.SecureString"),
        (NetType, "System.RuntimeType"),
        (Nothing, "System.Object"),
        (type(None), "System.Object"),
    )
}
OBJECT_ARRAY = array_type(OBJECT)
_BY_CLASS[list] = OBJECT_ARRAY
_BY_CLASS[bytes] = array_type(net_type("System.Byte"))


def register_class(cls: type, full_name: str) -> None:
    """Says which type the instances of a Python class are."""
    _BY_CLASS[cls] = net_type(full_name)


def type_of(value: Any) -> NetType:
    """GetType() of any value (None gives Object: callers check for null first)."""
    found = _BY_CLASS.get(type(value))
    if found is not None:
        return found
    if hasattr(value, "net_type_of"):
        kind: NetType = value.net_type_of()
        return kind
    if isinstance(value, NetException):
        return net_type(value.net_type)
    if isinstance(value, PSList):
        return array_type(net_type(value.element))
    if isinstance(value, PSObject):
        if value._base is not None:
            return type_of(value._base)
        return net_type(SMA + ("PSObject" if value._adapted else "PSCustomObject"))
    return _type_of_other(value)


def _type_of_other(value: Any) -> NetType:
    if hasattr(value, "ps_type_names"):
        names = [name for name in value.ps_type_names() if "#" not in name]
        known = find_type(names[0])
        if known is None:
            base: NetType = OBJECT
            for name in reversed(names[1:-1]):
                base = find_type(name) or _KNOWN.setdefault(name.lower(), NetType(name, base))
            known = _KNOWN[names[0].lower()] = NetType(names[0], base)
        return known
    for cls in type(value).__mro__[1:]:
        if cls in _BY_CLASS:
            return _BY_CLASS[cls]
    return OBJECT


def type_names(value: Any) -> list[str]:
    """$value.PSTypeNames: most derived first."""
    if isinstance(value, PSObject):
        return value.ps_type_names()
    if type(value) is list:
        return ["System.Object[]", "System.Array", "System.Object"]
    if isinstance(value, Hashtable):
        return value.type_names
    if hasattr(value, "ps_type_names"):
        names: list[str] = value.ps_type_names()
        return names
    if isinstance(value, int) and type(value) is not bool and hasattr(value, "ps_enum_value"):
        return [type_of(value).full_name, "System.Enum", "System.ValueType", "System.Object"]
    return [kind.full_name for kind in type_of(value).lineage()]
