"""Object, Type, Guid, Version, DBNull: what every value has, and the types about types."""

from __future__ import annotations

import uuid
from typing import Any

from ...psobject import Hashtable, PSObject, Version
from ..values.conversions import convert
from ..values.formats import BadFormat, format_guid
from ..values.operators import equals
from ..values.type_flags import is_serializable
from ..values.types import NetType, array_type, net_type, resolve_type, type_of
from ..values.value import to_string, type_string
from .compare import compare_same
from .table import NetObject, argument_null, declare, net_error

OBJECT = declare("System.Object")
OBJECT.constructor("System.Object()")(lambda kind: PlainObject())


class PlainObject(NetObject):
    """``[object]::new()``."""


def text_of(value: Any) -> str:
    """ToString() of any value: a collection shows its type, everything else as in a string."""
    if isinstance(value, (list, Hashtable)):
        return type_string(value)
    return to_string(value)


def same(value: Any, other: Any) -> bool:
    """Object.Equals: the same type and value, or the same object."""
    if value is other:
        return True
    if isinstance(value, (list, Hashtable, PSObject)) or value is None or other is None:
        return False
    if type_of(value) is not type_of(other):
        return False
    return equals(value, other, ignore_case=False)


def hash_of(value: Any) -> int:
    """A number that is the same for equal values, 32 bits."""
    if type(value) is int or isinstance(value, bool):
        return int(value)
    try:
        number = hash(value)
    except TypeError:
        number = id(value) >> 4
    number &= 0xFFFFFFFF
    return number - (1 << 32) if number >> 31 else number


OBJECT.method("type GetType()")(type_of)
OBJECT.method("string ToString()")(text_of)
OBJECT.method("bool Equals(System.Object obj)")(same)
OBJECT.method("int GetHashCode()")(hash_of)
OBJECT.static("bool ReferenceEquals(System.Object objA, System.Object objB)")(lambda a, b: a is b)
OBJECT.static("bool Equals(System.Object objA, System.Object objB)")(same)


# -- Type

_PRIMITIVES = {
    "Boolean",
    "Char",
    "SByte",
    "Byte",
    "Int16",
    "UInt16",
    "Int32",
    "UInt32",
    "Int64",
    "UInt64",
    "Single",
    "Double",
}


def _is_interface(kind: NetType) -> bool:
    return kind.name[:1] == "I" and kind.name[1:2].isupper() and kind.namespace.startswith("System") and not kind.module


def _assembly(kind: NetType) -> str:
    from ..values.types import assembly_of

    return assembly_of(kind)


class Assembly(NetObject):
    """The assembly a type is in: enough to print its name."""

    net_type = "System.Reflection.RuntimeAssembly"

    def __init__(self, kind: NetType) -> None:
        self.full_name = _assembly(kind)

    def ps_get(self, name: str) -> Any:
        folded = name.lower()
        if folded == "fullname":
            return self.full_name
        if folded == "location":
            return ""
        raise AttributeError(name)

    def ps_to_string(self) -> str:
        return self.full_name


TYPE = declare("System.Type")
TYPE.property("string Name", lambda kind: kind.name)
TYPE.property("string FullName", lambda kind: kind.full_name)
TYPE.property("string Namespace", lambda kind: kind.namespace)
TYPE.property("type BaseType", lambda kind: None if kind.full_name == "System.Object" else kind.base)
TYPE.property("type UnderlyingSystemType", lambda kind: kind)
TYPE.property("string AssemblyQualifiedName", lambda kind: f"{kind.full_name}, {_assembly(kind)}")
TYPE.property("string MemberType", lambda kind: "TypeInfo")
TYPE.property("bool IsArray", lambda kind: kind.is_array)
TYPE.property("bool IsEnum", lambda kind: kind.is_enum)
TYPE.property("bool IsValueType", lambda kind: kind.is_value_type)
TYPE.property("bool IsClass", lambda kind: not kind.is_value_type and not _is_interface(kind))
TYPE.property("bool IsInterface", _is_interface)
TYPE.property("bool IsPublic", lambda kind: kind.is_public)
TYPE.property("bool IsSerializable", is_serializable)
TYPE.property("bool IsPrimitive", lambda kind: kind.name in _PRIMITIVES and kind.namespace == "System")
TYPE.property("bool IsAbstract", _is_interface)
TYPE.property("bool IsSealed", lambda kind: kind.is_value_type or kind.full_name == "System.String" or kind.is_array)
TYPE.property("bool IsGenericType", lambda kind: bool(kind.arguments) or "`" in kind.name)
TYPE.property("bool IsGenericTypeDefinition", lambda kind: "`" in kind.name and not kind.arguments)
TYPE.property("type[] GenericTypeArguments", lambda kind: list(kind.arguments))
TYPE.property("guid GUID", lambda kind: uuid.uuid5(uuid.NAMESPACE_OID, kind.full_name))
TYPE.property("System.Reflection.Assembly Assembly", Assembly)
TYPE.property("System.Reflection.Module Module", Assembly)


TYPE.method("string ToString()")(lambda kind: kind.ps_to_string())
TYPE.method("bool Equals(System.Object o)")(lambda kind, other: kind is other)
TYPE.method("bool IsAssignableFrom(type c)")(lambda kind, other: kind.is_assignable_from(other))
TYPE.method("bool IsAssignableTo(type targetType)")(lambda kind, other: other.is_assignable_from(kind))
TYPE.method("bool IsInstanceOfType(System.Object o)")(lambda kind, value: kind.is_instance(value))
TYPE.method("bool IsSubclassOf(type c)")(lambda kind, other: kind is not other and other in kind.lineage())
TYPE.method("type GetElementType()")(lambda kind: kind.element)
TYPE.method("type MakeArrayType()", "type MakeArrayType(int rank)")(lambda kind, rank=1: array_type(kind, rank))
TYPE.method("type GetGenericTypeDefinition()")(lambda kind: net_type(kind.definition))
TYPE.method("type[] GetGenericArguments()")(lambda kind: list(kind.arguments))
TYPE.method("type[] GetInterfaces()")(lambda kind: [net_type(name) for name in dict.fromkeys(kind.interfaces)])
TYPE.method("int GetArrayRank()")(lambda kind: kind.rank)


@TYPE.method("type MakeGenericType(Params type[] typeArguments)")
def _make_generic(kind: NetType, arguments: list[NetType]) -> NetType:
    from ..values.types import generic_type

    return generic_type(kind, tuple(arguments))


class MemberDescription(NetObject):
    """What reflection gives: a name and its kind."""

    def __init__(self, net_type_name: str, name: str, kind: NetType | None, text: str) -> None:
        self.net_type = net_type_name
        self.name = name
        self.kind = kind
        self.text = text

    def ps_properties(self) -> list[tuple[str, Any]]:
        return [
            ("Name", self.name),
            ("PropertyType", self.kind),
            ("FieldType", self.kind),
            ("ReturnType", self.kind),
            ("IsPublic", True),
        ]

    def ps_to_string(self) -> str:
        return self.text


@TYPE.method(
    "System.Reflection.PropertyInfo[] GetProperties()",
    "System.Reflection.PropertyInfo[] GetProperties(System.Reflection.BindingFlags bindingAttr)",
)
def _properties(kind: NetType, flags: Any = None) -> list[Any]:
    from .table import table_of

    user = getattr(kind.user, "property_types", None)
    if user is not None:
        return [_property_description(name, found) for name, found in user().items()]
    return [
        _property_description(entry.name, resolve_type(entry.type_name))
        for entry in table_of(kind).all_properties().values()
    ]


def _property_description(name: str, kind: NetType | None) -> MemberDescription:
    shown = kind.ps_to_string() if kind is not None else "System.Object"
    return MemberDescription("System.Reflection.RuntimePropertyInfo", name, kind, f"{shown} {name}")


@TYPE.method(
    "System.Reflection.MethodInfo[] GetMethods()",
    "System.Reflection.MethodInfo[] GetMethods(System.Reflection.BindingFlags bindingAttr)",
)
def _methods(kind: NetType, flags: Any = None) -> list[Any]:
    from ..members.access import static_methods
    from .table import table_of

    plans = getattr(kind.user, "method_plans", None)
    if plans is not None:
        own = [
            MemberDescription(
                "System.Reflection.RuntimeMethodInfo",
                plan.name,
                plan.return_kind or net_type("System.Void"),
                plan.definition.removeprefix("static "),
            )
            for plan in plans()
        ]
        return own + _methods(net_type("System.Object"))
    names = [entry.name for entry in table_of(kind).all_methods() for _ in entry.pairs]
    names += [method.name for method in static_methods(kind) if method.name != "new"]
    return [MemberDescription("System.Reflection.RuntimeMethodInfo", name, None, name) for name in names]


@TYPE.method("System.Reflection.ConstructorInfo[] GetConstructors()")
def _constructors(kind: NetType) -> list[Any]:
    from .table import table_of

    plan = getattr(kind.user, "plan", None)
    if plan is not None:
        count = len(plan.constructors) or 1
    else:
        builder = table_of(kind).constructor
        count = len(builder.overloads) if builder is not None else 0
    return [
        MemberDescription("System.Reflection.RuntimeConstructorInfo", ".ctor", None, "Void .ctor()")
        for _ in range(count)
    ]


@TYPE.method("System.Reflection.PropertyInfo GetProperty(string name)")
def _property(kind: NetType, name: str) -> Any:
    return next((found for found in _properties(kind) if found.name == name), None)


@TYPE.method("System.Reflection.MethodInfo GetMethod(string name)")
def _method(kind: NetType, name: str) -> Any:
    return next((found for found in _methods(kind) if found.name == name), None)


@TYPE.method("type GetEnumUnderlyingType()")
def _enum_underlying_type(kind: NetType) -> NetType:
    from .enums import shape_of

    if not kind.is_enum:
        raise net_error("System.ArgumentException", "Type provided must be an Enum.", param="enumType")
    return net_type(shape_of(kind).underlying)


@TYPE.method("string[] GetEnumNames()")
def _enum_names(kind: NetType) -> list[str]:
    from .enum_members import enum_names

    return enum_names(kind)


TYPE.static("type GetType(string typeName)", "type GetType(string typeName, bool throwOnError)")(
    lambda name, throw=False: resolve_type(name)
)


@TYPE.static("System.TypeCode GetTypeCode(type type)")
def _type_code(kind: NetType) -> Any:
    from .enums import enum_value, shape_of

    names = shape_of(net_type("System.TypeCode")).names
    return enum_value("System.TypeCode", kind.name if kind.name in names else "Object")


# -- Guid


def _version7() -> uuid.UUID:
    import secrets
    import time

    stamp = time.time_ns() // 1_000_000
    number = (stamp << 80) | (7 << 76) | (secrets.randbits(12) << 64) | (2 << 62) | secrets.randbits(62)
    return uuid.UUID(int=number)


GUID = declare("System.Guid")
GUID.property("int Variant", lambda value: value.bytes[8] >> 4)
GUID.property("int Version", lambda value: value.bytes[6] >> 4)
GUID.property("string Guid", str)
GUID.constant("guid Empty", uuid.UUID(int=0))
GUID.constant("guid AllBitsSet", uuid.UUID(int=2**128 - 1))
GUID.static("guid NewGuid()")(uuid.uuid4)
GUID.static("guid CreateVersion7()")(_version7)


def parse_guid(text: str) -> uuid.UUID:
    problem = guid_problem(text)
    if problem:
        raise net_error("System.FormatException", problem)
    return uuid.UUID(text.strip().strip("{}()"))


_GUID_LENGTHS = {
    32: "Guid should contain only 32 digits (xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx).",
    36: "Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx).",
}


def guid_problem(text: str) -> str:
    """What .NET finds wrong with a Guid's text; empty when nothing is."""
    import re

    word = text.strip()
    if len(word) < 32:
        return "Unrecognized Guid format."
    if word[0] in "{(":
        word = word[1:-1]
    if "-" not in word:
        if len(word) != 32:
            return _GUID_LENGTHS[32]
    elif len(word) != 36:
        return _GUID_LENGTHS[36]
    elif [at for at, char in enumerate(word) if char == "-"] != [8, 13, 18, 23]:
        return "Dashes are in the wrong position for GUID parsing."
    if not re.fullmatch("[0-9a-fA-F-]+", word):
        return "Guid string should only contain hexadecimal characters."
    return ""


GUID.static("guid Parse(string input)")(parse_guid)
_GUID_AROUND = {"D": ("", ""), "N": ("", ""), "B": ("{", "}"), "P": ("(", ")")}


@GUID.static("guid ParseExact(string input, string format)")
def _parse_exact_guid(text: str, spec: str) -> uuid.UUID:
    word, kind = text.strip(), spec.upper()
    if kind == "X":
        return _parse_hex_guid(word)
    if kind not in _GUID_AROUND:
        words = 'Format string can be only "D", "d", "N", "n", "P", "p", "B", "b", "X" or "x".'
        raise net_error("System.FormatException", words)
    before, after = _GUID_AROUND[kind]
    length = 32 if kind == "N" else 36
    inner = word[len(before) : len(word) - len(after)]
    if len(inner) != length or not (word.startswith(before) and word.endswith(after)):
        raise net_error("System.FormatException", _GUID_LENGTHS[length])
    if kind == "N" and "-" in inner:
        raise net_error("System.FormatException", "Guid string should only contain hexadecimal characters.")
    return parse_guid(inner)


def _parse_hex_guid(word: str) -> uuid.UUID:
    import re

    one = r"\s*0x([0-9a-fA-F]{1,%d})\s*"
    parts = [one % 8, one % 4, one % 4, r"\s*\{" + ",".join([one % 2] * 8) + r"\}\s*"]
    found = re.fullmatch(r"\{" + ",".join(parts) + r"\}", word)
    if found is None:
        raise net_error("System.FormatException", "Expected {0xdddddddd, etc}.")
    widths = (8, 4, 4, *[2] * 8)
    return uuid.UUID("".join(digits.zfill(width) for digits, width in zip(found.groups(), widths, strict=True)))


@GUID.static("bool TryParseExact(string input, string format, [ref] guid result)")
def _try_exact_guid(text: str, spec: str, result: Any) -> bool:
    from .table import Thrown

    try:
        result.value = _parse_exact_guid(text or "", spec or "")
    except Thrown:
        result.value = uuid.UUID(int=0)
        return False
    return True


GUID.constructor("guid(string g)")(lambda kind, text: parse_guid(text))


@GUID.constructor("guid(byte[] b)")
def _from_bytes(kind: NetType, data: Any) -> uuid.UUID:
    if data is None or len(data) != 16:
        raise (
            argument_null("b")
            if data is None
            else net_error("System.ArgumentException", "Byte array for Guid must be exactly 16 bytes long.", param="b")
        )
    return uuid.UUID(bytes_le=bytes(data))


GUID.constructor("guid()")(lambda kind: uuid.UUID(int=0))


@GUID.static("bool TryParse(string input, [ref] guid result)")
def _try_guid(text: str, result: Any) -> bool:
    from .table import Thrown

    try:
        result.value = parse_guid(text or "")
    except Thrown:
        result.value = uuid.UUID(int=0)
        return False
    return True


@GUID.method(
    "string ToString()",
    "string ToString(string format)",
    "string ToString(string format, System.IFormatProvider provider)",
)
def _guid_text(value: uuid.UUID, spec: str = "", provider: Any = None) -> str:
    try:
        return format_guid(value, spec)
    except BadFormat as bad:
        raise net_error("System.FormatException", bad.message) from None


def _bytes(data: bytes) -> Any:
    from ...psobject import PSList

    return PSList.of("System.Byte", [convert(byte, "System.Byte") for byte in data])


GUID.method("byte[] ToByteArray()")(lambda value: _bytes(value.bytes_le))
GUID.method("int CompareTo(System.Object value)", "int CompareTo(guid value)")(
    lambda value, other: compare_same(value, other, "GUID")
)

# -- Version

VERSION = declare("System.Version")


def make_version(*numbers: int) -> Version:
    if any(number < 0 for number in numbers):
        raise net_error(
            "System.ArgumentOutOfRangeException", "Version's parameters must be greater than or equal to zero."
        )
    return Version(numbers)


def parse_version(text: str | None) -> Version:
    if text is None:
        raise argument_null("input")
    parts = text.split(".")
    if not 2 <= len(parts) <= 4:
        raise net_error("System.ArgumentException", "Version string portion was too short or too long.", param="input")
    for part in parts:
        if not part.strip().isdigit():
            raise net_error("System.FormatException", f"The input string '{part}' was not in a correct format.")
    return Version(int(part) for part in parts)


VERSION.constructor(
    "version(int major, int minor)",
    "version(int major, int minor, int build)",
    "version(int major, int minor, int build, int revision)",
)(lambda kind, *numbers: make_version(*numbers))
VERSION.constructor("version(string version)")(lambda kind, text: parse_version(text))
VERSION.constructor("version()")(lambda kind: Version((0, 0)))
VERSION.static("version Parse(string input)")(parse_version)


@VERSION.static("bool TryParse(string input, [ref] version result)")
def _try_version(text: str, result: Any) -> bool:
    from .table import Thrown

    try:
        result.value = parse_version(text)
    except Thrown:
        result.value = None
        return False
    return True


def _number(at: int) -> Any:
    return lambda value: value[at] if len(value) > at else -1


for _at, _name in enumerate(("Major", "Minor", "Build", "Revision")):
    VERSION.property(f"int {_name}", _number(_at))
VERSION.property("short MajorRevision", lambda value: _number(3)(value) >> 16)
VERSION.property("short MinorRevision", lambda value: _number(3)(value) & 0xFFFF if len(value) > 3 else -1)


@VERSION.method("string ToString()", "string ToString(int fieldCount)")
def _version_text(value: Version, count: int | None = None) -> str:
    if count is not None and not 0 <= count <= len(value):
        raise net_error("System.ArgumentException", f"Argument must be between 0 and {len(value)}.", param="fieldCount")
    return ".".join(map(str, value if count is None else value[:count]))


VERSION.method("int CompareTo(System.Object version)", "int CompareTo(version value)")(compare_same)
VERSION.method("bool Equals(System.Object obj)")(lambda value, other: isinstance(other, Version) and value == other)


# -- DBNull


class DBNull(NetObject):
    net_type = "System.DBNull"
    ps_like_null = True

    def ps_to_string(self) -> str:
        return ""


DBNULL = declare("System.DBNull")
DBNULL.constant("System.DBNull Value", DBNull())
