"""What goes wrong with members, in PowerShell's words."""

from __future__ import annotations

from typing import Any

from ..records import (
    SMA,
    NetException,
    ScriptError,
    error,
)
from ..values.types import type_of


class _Missing:
    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Any = _Missing()  # there is no such member; None is a value


def is_own(missing: AttributeError, name: str) -> bool:
    """Whether an AttributeError says "no such member" (its one argument is the name), or is a bug of ours."""
    return missing.args[:1] == (name,) or missing.args[:1] == (name.lower(),)


def missing_property(name: str) -> ScriptError:
    """StrictMode's error."""
    return error(
        f"The property '{name}' cannot be found on this object. Verify that the property exists.",
        "PropertyNotFoundStrict",
        net_type=SMA + "PropertyNotFoundException",
    )


def not_found(name: str) -> ScriptError:
    return error(
        f"The property '{name}' cannot be found on this object. Verify that the property exists and can be set.",
        "PropertyNotFound",
        "InvalidOperation",
    )


def read_only(name: str) -> ScriptError:
    return error(f"'{name}' is a ReadOnly property.", "PropertyAssignmentException", "InvalidOperation")


def setting_failed(name: str, cause: NetException) -> ScriptError:
    return error(
        f'Exception setting "{name}": "{cause.message}"',
        "ExceptionWhenSetting",
        net_type=SMA + "SetValueInvocationException",
        inner=cause,
    )


def getting_failed(name: str, cause: NetException) -> ScriptError:
    return error(
        f'Exception getting "{name}": "{cause.message}"',
        "ExceptionWhenGetting",
        net_type=SMA + "GetValueInvocationException",
        inner=cause,
    )


def method_not_found(type_name: str, name: str) -> ScriptError:
    return error(
        f"Method invocation failed because [{type_name}] does not contain a method named '{name}'.",
        "MethodNotFound",
        "InvalidOperation",
        target=name,
    )


def no_method(value: Any, name: str) -> ScriptError:
    return method_not_found(type_of(value).ps_to_string(), name)


def null_method() -> ScriptError:
    return error("You cannot call a method on a null-valued expression.", "InvokeMethodOnNull", "InvalidOperation")


def null_array() -> ScriptError:
    return error("Cannot index into a null array.", "NullArray", "InvalidOperation")
