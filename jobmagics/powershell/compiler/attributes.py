"""Attributes as PowerShell makes them: the type a name means, its arguments as values, and what is wrong with them.

An attribute of a parameter is made when the command is first bound, so that its errors are the call's; the functions of
``binding/validation.py`` and ``functions.py`` see arguments that fit.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..parser import syntax as s
from ..records import SMA, NetException, ScriptError, error
from ..runtime.runspace import Frame, Runspace, current_frame
from ..values.conversions import convert
from ..values.types import NetType, resolve_type
from ..values.value import to_string
from .core import Context, expression

BOOL, INT, STRING, STRINGS = "System.Boolean", "System.Int32", "System.String", "System.String[]"
BLOCK, OBJECT = SMA + "ScriptBlock", "System.Object"

# PowerShell makes these itself: what can be given by name, and of which type.
NAMED: dict[str, dict[str, str]] = {
    "CmdletBinding": {
        "DefaultParameterSetName": STRING,
        "HelpUri": STRING,
        "SupportsShouldProcess": BOOL,
        "PositionalBinding": BOOL,
        "ConfirmImpact": SMA + "ConfirmImpact",
        "SupportsTransactions": BOOL,
        "SupportsPaging": BOOL,
        "RemotingCapability": OBJECT,
    },
    "Parameter": {
        "Position": INT,
        "ParameterSetName": STRING,
        "Mandatory": BOOL,
        "ValueFromPipeline": BOOL,
        "ValueFromPipelineByPropertyName": BOOL,
        "ValueFromRemainingArguments": BOOL,
        "HelpMessage": STRING,
        "HelpMessageBaseName": STRING,
        "HelpMessageResourceId": STRING,
        "DontShow": BOOL,
    },
    "OutputType": {"ParameterSetName": STRINGS, "ProviderCmdlet": STRING},
    "Alias": {},
    "ValidateSet": {"IgnoreCase": BOOL, "ErrorMessage": STRING},
    "ValidateNotNull": {},
    "ValidateNotNullOrEmpty": {},
}
COUNTS = {"CmdletBinding": (0,), "Parameter": (0, 2), "ValidateNotNull": (0,), "ValidateNotNullOrEmpty": (0,)}

# What reflection makes: the types of the constructors' parameters, and the properties that can be set.
RANGE_KIND = SMA + "ValidateRangeKind"
CONSTRUCTORS: dict[str, tuple[tuple[str, ...], ...]] = {
    "ValidateRange": ((RANGE_KIND,), (OBJECT, OBJECT)),
    "ValidateLength": ((INT, INT),),
    "ValidateCount": ((INT, INT),),
    "ValidatePattern": ((STRING,),),
    "ValidateScript": ((BLOCK,),),
    "ValidateNotNullOrWhiteSpace": ((),),
    "AllowNull": ((),),
    "AllowEmptyString": ((),),
    "AllowEmptyCollection": ((),),
    "SupportsWildcards": ((),),
    "PSTypeName": ((STRING,),),
}
SETTABLE: dict[str, tuple[str, ...]] = {
    "ValidatePattern": ("Options", "ErrorMessage"),
    "ValidateScript": ("ErrorMessage",),
}
READ_ONLY = {
    "ValidateRange": ("MinRange", "MaxRange"),
    "ValidateLength": ("MinLength", "MaxLength"),
    "ValidateCount": ("MinLength", "MaxLength"),
    "ValidatePattern": ("RegexPattern",),
    "ValidateScript": ("ScriptBlock",),
    "PSTypeName": ("PSTypeName",),
}


class Given(NamedTuple):
    """An attribute of a script: ``name`` is its type's without namespace and ``Attribute``, in lower case."""

    kind: NetType
    name: str
    arguments: list[Any]
    named: dict[str, Any]  # by names in lower case; as written for a script's own class

    @property
    def is_of_script(self) -> bool:
        """Whether its type is a class that a script defines."""
        return self.kind.user is not None


def short_name(attribute: Any) -> str:
    name = attribute.type_name.name.lower().rpartition(".")[2]
    return str(name.removesuffix("attribute"))


def here() -> Frame:
    return current_frame() or Runspace().frame


def constant_of(node: Any, c: Context) -> Any:
    """An attribute's argument: constants, types and simple expressions."""
    if isinstance(node, s.TypeExpressionAst):
        return here().resolve_type(node.type_name.full_name) or node.type_name.full_name
    get = expression(node, c)
    return get.constant if hasattr(get, "constant") else get(here())


def type_of_attribute(name: str) -> NetType | None:
    """The attribute type that a name means, with or without its ``Attribute``."""
    frame = current_frame()
    resolve = resolve_type if frame is None else frame.resolve_type
    for one in (name, name + "Attribute", SMA + name + "Attribute"):
        found = resolve(one)
        if found is not None and found.derives_from("System.Attribute"):
            return found
    return None


def given(node: s.AttributeAst, c: Context) -> Given:
    """The attribute with its arguments; raises what PowerShell says of one that cannot be made."""
    kind = type_of_attribute(node.type_name.full_name)
    try:
        if kind is None:
            raise wrong(
                f"Cannot find the type for custom attribute '{node.type_name.full_name}'. Make sure that the assembly "
                "that contains this type is loaded.",
                "CustomAttributeTypeNotFound",
            )
        plain = kind.full_name.removeprefix(SMA).removesuffix("Attribute")
        arguments = [constant_of(one, c) for one in node.positional_arguments]
        named = {one.argument_name: constant_of(one.argument, c) for one in node.named_arguments}
        if kind.user is not None:
            return Given(kind, plain, arguments, named)
        if plain in NAMED:
            named = by_powershell(plain, arguments, named)
        elif plain in CONSTRUCTORS:
            arguments = by_reflection(plain, kind, node, arguments, named)
        return Given(kind, plain.lower(), arguments, {name.lower(): value for name, value in named.items()})
    except ScriptError as failed:
        if failed.record.invocation is None:
            failed.record.invocation = c.place(node).invocation()
        raise


def by_powershell(plain: str, arguments: list[Any], named: dict[str, Any]) -> dict[str, Any]:
    if plain in COUNTS and len(arguments) not in COUNTS[plain]:
        raise no_constructor(len(arguments), "InvalidOperation")
    known = {name.lower(): kind for name, kind in NAMED[plain].items()}
    for name in named:
        if name.lower() not in known:
            raise unknown_property(name, SMA + "CmdletBindingAttribute")  # which PowerShell says of them all
    return {name: convert(value, known[name.lower()]) for name, value in named.items()}


def by_reflection(
    plain: str, kind: NetType, node: s.AttributeAst, arguments: list[Any], named: dict[str, Any]
) -> list[Any]:
    fitting = next((one for one in CONSTRUCTORS[plain] if len(one) == len(arguments)), None)
    if fitting is None:
        raise no_constructor(len(arguments))
    for name in named:
        if name.lower() in map(str.lower, READ_ONLY.get(plain, ())):
            raise wrong(f"'{name}' is a ReadOnly property.", "PropertyIsReadOnly")
        if name.lower() not in map(str.lower, SETTABLE.get(plain, ())):
            raise unknown_property(name, kind.full_name)
    try:
        return [convert(value, of) for value, of in zip(arguments, fitting, strict=True)]
    except ScriptError as failed:
        raise not_constructed(node.type_name.full_name, failed.record.exception) from None


def made(one: Given) -> Any:
    """An attribute whose class is a script's: an instance with what was given by name."""
    from ..dotnet.calls import construct
    from ..members.access import set_property

    owner = one.kind.user
    counts = [len(plan.parameters) for plan in owner.plan.constructors] or [0]
    if len(one.arguments) not in counts:
        raise no_constructor(len(one.arguments))
    found = construct(one.kind, one.arguments)
    for key, value in one.named.items():
        if owner.find_property(key) is None:
            raise unknown_property(key, one.kind.full_name)
        set_property(found, key, value)
    return found


def wrong(message: str, error_id: str) -> ScriptError:
    return error(message, error_id, "InvalidOperation")


def unknown_property(name: str, kind: str) -> ScriptError:
    return wrong(f"Property '{name}' cannot be found for type '{kind}'.", "PropertyNotFoundForType")


def no_constructor(count: int, category: str = "NotSpecified") -> ScriptError:
    message = f'Cannot find an overload for ".ctor" and the argument count: "{count}".'
    return error(message, "MethodCountCouldNotFindBest", category, net_type=SMA + "MethodException")


def not_constructed(name: str, cause: NetException) -> ScriptError:
    """What is said of an exception, not PowerShell's own, that a constructor threw."""
    return error(
        f'The following exception occurred while constructing the attribute "{name}": "{cause.message}"',
        "ExceptionConstructingAttribute",
        "InvalidOperation",
        inner=cause,
    )


def shown(value: Any) -> str:
    return value.full_name if isinstance(value, NetType) else to_string(value)
