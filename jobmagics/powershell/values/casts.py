"""Conversions that need more than the value and a table: to classes of scripts, generic collections, delegates,
exceptions, and whatever a type's own constructor or Parse method can make of the value.
"""

from __future__ import annotations

from typing import Any

from ...psobject import Hashtable, PSObject, SecureString
from ..records import SMA, ScriptError
from .conversions import Refused, convert
from .types import NetType
from .value import enumerate_value, is_enumerable, to_string, unwrap


def convert_special(value: Any, kind: NetType) -> Any:
    if kind.derives_from("System.Delegate"):
        return _to_delegate(value, kind)
    if kind.derives_from("System.Exception"):
        return _to_exception(value, kind)
    if kind.full_name == SMA + "ScriptBlock":
        return _to_script_block(value)
    if kind.full_name == SMA + "PSCredential" and hasattr(value, "ps_credential"):
        return value
    if kind.full_name == SMA + "WildcardPattern":
        from ..dotnet.automation import WildcardPattern

        return WildcardPattern(to_string(value))
    if kind.full_name == "System.Text.Encoding" and isinstance(value, (str, int)):
        from ..dotnet.encoding import encoding_named
        from ..dotnet.table import Thrown

        try:
            return encoding_named(to_string(value))
        except Thrown as thrown:
            raise Refused(thrown.exception.message) from None
    if kind.full_name in ("System.Security.SecureString",):
        if isinstance(value, SecureString):
            return value
        raise Refused
    return _construct(value, kind)


def _to_script_block(value: Any) -> Any:
    from ...psobject import ScriptBlockText

    if isinstance(value, ScriptBlockText):
        from ..runtime.scriptblock import ScriptBlock

        return ScriptBlock.parse(str(value))
    raise Refused


def _to_delegate(value: Any, kind: NetType) -> Any:
    from ..dotnet.delegates import Delegate
    from ..members.listing import MethodReference
    from ..runtime.scriptblock import ScriptBlock

    if isinstance(value, ScriptBlock):
        return Delegate(kind, value)
    if isinstance(value, MethodReference):
        return Delegate(kind, lambda *args: value.invoke(list(args)))
    if callable(value):
        return Delegate(kind, value)
    raise Refused


def _to_exception(value: Any, kind: NetType) -> Any:
    from ..dotnet.calls import construct

    if isinstance(value, (str, Hashtable)):
        return construct(kind, [to_string(value)])
    raise Refused


def _construct(value: Any, kind: NetType) -> Any:
    """A constructor with one parameter, a hashtable of properties, or a collection's elements."""
    from ..dotnet import calls

    if isinstance(value, Hashtable) and kind.derives_from("System.Collections.Hashtable"):
        return calls.construct(kind, [value])
    if isinstance(value, (Hashtable, PSObject)) and calls.has_default_constructor(kind):
        if isinstance(value, PSObject) and value._base is not None:
            return convert(value._base, kind)
        if isinstance(value, PSObject):
            return _from_custom_object(value, kind)
        return _from_properties(value, kind)
    if (is_enumerable(value) or len(kind.arguments) == 1) and calls.is_collection(kind):
        made = calls.construct(kind, [])
        add = calls.adder(made)
        for item in enumerate_value(value):
            add(item)
        return made
    try:
        found = calls.construct_from(kind, unwrap(value))
    except ScriptError as failed:
        inner = failed.record.exception.inner
        raise Refused(
            inner.message if inner is not None else failed.record.exception.message, "InvalidCastConstructorException"
        ) from None
    if found is None:
        raise Refused
    return found[0]


def _from_custom_object(value: PSObject, kind: NetType) -> Any:
    """As from a hashtable; but what fails is told of the whole."""
    try:
        return _from_properties(value, kind)
    except Refused:
        text, wanted = to_string(value), kind.ps_to_string()
        raise Refused(
            f'Cannot convert value "{text}" to type "{wanted}". Error: "Cannot convert the "{text}" value of type '
            f'"{SMA}PSCustomObject" to type "{wanted}"."',
            "InvalidCastConstructorException",
        ) from None


def _from_properties(value: Any, kind: NetType) -> Any:
    from ..dotnet import calls
    from ..members.access import has_property, set_property

    made = calls.construct(kind, [])
    pairs = value.items() if isinstance(value, Hashtable) else value.ps_properties()
    for key, item in pairs:
        name = to_string(key)
        if not has_property(made, name):
            raise Refused(
                f'Cannot create object of type "{kind.ps_to_string()}". The {name} property was not found for the '
                f"{kind.ps_to_string()} object. "
                f"{_settable(made)}",
                "ObjectCreationError",
            )
        try:
            set_property(made, name, item)
        except ScriptError as failed:
            cause = failed.record.exception.inner or failed.record.exception
            raise Refused(
                f'Cannot create object of type "{kind.ps_to_string()}". {cause.message}', "ObjectCreationError"
            ) from None
    return made


def _settable(made: Any) -> str:
    from ..members.access import properties

    listed = "; ".join(f"[{prop.name} <{prop.type_name}>]" for prop in properties(made))
    return (
        f"The available property is: {listed}"
        if listed.count(";") == 0 and listed
        else f"The available properties are: {listed}"
    )
