"""What PowerShell finds wrong with a class when it knows the types: names that mean none, attributes that do not fit.

To a script these are errors of its parsing: nothing of it has run. The rest of the parser's checks need no types.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..parser import syntax as s
from ..parser.errors import MESSAGES, ParseError
from ..records import SMA
from ..runtime.elsewhere import is_type_elsewhere
from ..runtime.runspace import Frame
from ..values.conversions import try_convert
from ..values.types import NetType
from .attributes import CONSTRUCTORS, NAMED, READ_ONLY, SETTABLE, constant_of, type_of_attribute
from .core import Context

PLACES = ("Class", "Struct", "Enum", "Constructor", "Method", "Property", "Field", "Event", "Interface", "Parameter")
MEMBERS = ("Property", "Field")
# attribute -> where it may stand; what is not here may stand everywhere
VALID_ON: dict[str, tuple[str, ...]] = {
    SMA + "ValidateArgumentsAttribute": MEMBERS,  # and what a script's classes derive from it
    SMA + "ArgumentTransformationAttribute": MEMBERS,
    SMA + "ParameterAttribute": MEMBERS,
    SMA + "AllowNullAttribute": MEMBERS,
    SMA + "AllowEmptyStringAttribute": MEMBERS,
    SMA + "AllowEmptyCollectionAttribute": MEMBERS,
    SMA + "CmdletBindingAttribute": ("Class",),
    SMA + "CmdletAttribute": ("Class",),
    SMA + "OutputTypeAttribute": ("Class",),
    SMA + "AliasAttribute": ("Class", *MEMBERS),
    SMA + "DscResourceAttribute": ("Class",),
    SMA + "DscPropertyAttribute": MEMBERS,
    "System.FlagsAttribute": ("Enum",),
    "System.SerializableAttribute": ("Class", "Struct", "Enum", "Delegate"),
    "System.NonSerializedAttribute": ("Field",),
    "System.ObsoleteAttribute": (*PLACES[:9], "Delegate"),
    "System.AttributeUsageAttribute": ("Class",),
}
# the numbers of arguments that reflection finds a constructor for, where any number will not do
COUNTS = {"Parameter": (0, 2), "CmdletBinding": (0,), "ValidateNotNull": (0,), "ValidateNotNullOrEmpty": (0,)}


def problems(node: s.TypeDefinitionAst, c: Context, frame: Frame) -> Iterator[ParseError]:
    """In the order in which they stand."""
    yield from _unknown_types(node, frame)
    for attribute, place in _attributes(node):
        kind = type_of_attribute(attribute.type_name.full_name)
        if kind is not None:
            yield from _misplaced(attribute, kind, place)
            yield from _arguments(attribute, kind, c)


def _problem(error_id: str, node: s.Ast, *words: object) -> ParseError:
    return ParseError(error_id, MESSAGES[error_id].format(*words), node.extent, False)


def _unknown_types(node: s.Ast, frame: Frame) -> Iterator[ParseError]:
    for child in node.children():
        if isinstance(child, (s.TypeExpressionAst, s.AttributeBaseAst)):
            name = child.type_name.full_name
            is_attribute = isinstance(child, s.AttributeAst)
            if not _is_known(name, is_attribute, frame):
                error_id = "CustomAttributeTypeNotFound" if is_attribute else "TypeNotFound"
                yield _problem(error_id, child.type_name, name)
        yield from _unknown_types(child, frame)


def _is_known(name: str, is_attribute: bool, frame: Frame) -> bool:
    if is_attribute:
        return type_of_attribute(name) is not None
    if name.lower() == "ordered" or is_type_elsewhere(name) or name.lower().startswith(("system.", "microsoft.")):
        return True  # a type of .NET that only the engine lacks is told of where it is used
    return frame.resolve_type(name) is not None


def _attributes(node: s.TypeDefinitionAst) -> Iterator[tuple[s.AttributeAst, tuple[str, ...]]]:
    """The attributes of the type, its members and their parameters, and what each stands on."""
    yield from ((one, ("Class",)) for one in node.attributes)
    for member in node.members:
        if isinstance(member, s.FunctionMemberAst):
            place = "Constructor" if member.is_constructor else "Method"
            yield from ((one, (place,)) for one in member.attributes)
            for parameter in member.parameters:
                yield from ((one, ("Parameter",)) for one in parameter.attributes if isinstance(one, s.AttributeAst))
        else:
            yield from ((one, MEMBERS) for one in member.attributes if isinstance(one, s.AttributeAst))


def _misplaced(node: s.AttributeAst, kind: NetType, place: tuple[str, ...]) -> Iterator[ParseError]:
    allowed = next((VALID_ON[one.full_name] for one in kind.lineage() if one.full_name in VALID_ON), None)
    if _plain(kind).startswith("Validate"):
        allowed = MEMBERS
    if allowed is not None and not set(place) & set(allowed):
        yield _problem("AttributeNotAllowedOnDeclaration", node, _shown(kind), ", ".join(allowed))


def _shown(kind: NetType) -> str:
    """By its accelerator, if it has one."""
    plain = _plain(kind)
    return plain if plain in NAMED or plain in CONSTRUCTORS else kind.full_name


def _plain(kind: NetType) -> str:
    return "" if kind.user is not None else kind.full_name.removeprefix(SMA).removesuffix("Attribute")


def _arguments(node: s.AttributeAst, kind: NetType, c: Context) -> Iterator[ParseError]:
    plain, count = _plain(kind), len(node.positional_arguments)
    settable = list(NAMED[plain]) if plain in NAMED else list(SETTABLE.get(plain, ()))
    if plain not in NAMED and plain not in CONSTRUCTORS:
        return
    for one in node.named_arguments:
        name = one.argument_name
        if name.lower() in map(str.lower, READ_ONLY.get(plain, ())):
            yield _problem("ReadOnlyProperty", one, name)
        elif name.lower() not in map(str.lower, settable):
            yield _problem("PropertyNotFoundForAttribute", one, name, _shown(kind), ", ".join(settable))
    if plain in NAMED:
        if plain in COUNTS and count not in COUNTS[plain]:
            yield _problem("MethodCountCouldNotFindBest", node, kind.name, count)
        return
    fitting: Any = next((one for one in CONSTRUCTORS[plain] if len(one) == count), None)
    if fitting is None:
        yield _problem("MethodCountCouldNotFindBest", node, kind.name, count)
        return
    for argument, wanted in zip(node.positional_arguments, fitting, strict=True):
        value = constant_of(argument, c)
        if value is not None and try_convert(value, _type(wanted)) is None:
            yield _problem("CannotConvertValue", argument, wanted)


def _type(name: str) -> NetType:
    from ..values.conversions import net_type_named

    return net_type_named(name)
