"""Members of exceptions: constructors and methods; the properties are in exceptions.py."""

from __future__ import annotations

from typing import Any

from ..records import NetException
from ..values.types import NetType
from .exceptions import derives, inner_exceptions
from .table import declare

EXCEPTION = declare("System.Exception")


def _message(kind: NetType, text: str | None, default: str | None = None) -> str | None:
    return default if text is None else text


_DEFAULTS = {
    "System.SystemException": "System error.",
    "System.ApplicationException": "Error in the application.",
    "System.ArgumentException": "Value does not fall within the expected range.",
    "System.ArgumentNullException": "Value cannot be null.",
    "System.ArgumentOutOfRangeException": "Specified argument was out of the range of valid values.",
    "System.InvalidOperationException": "Operation is not valid due to the current state of the object.",
    "System.NotSupportedException": "Specified method is not supported.",
    "System.NotImplementedException": "The method or operation is not implemented.",
    "System.FormatException": "One of the identified items was in an invalid format.",
    "System.TimeoutException": "The operation has timed out.",
    "System.NullReferenceException": "Object reference not set to an instance of an object.",
    "System.IndexOutOfRangeException": "Index was outside the bounds of the array.",
    "System.DivideByZeroException": "Attempted to divide by zero.",
    "System.OverflowException": "Arithmetic operation resulted in an overflow.",
    "System.InvalidCastException": "Specified cast is not valid.",
    "System.UnauthorizedAccessException": "Attempted to perform an unauthorized operation.",
    "System.AggregateException": "One or more errors occurred.",
    "System.IO.IOException": "I/O error occurred.",
    "System.IO.FileNotFoundException": "Unable to find the specified file.",
    "System.IO.DirectoryNotFoundException": "Attempted to access a path that is not on the disk.",
    "System.OperationCanceledException": "The operation was canceled.",
    "System.OutOfMemoryException": "Insufficient memory to continue the execution of the program.",
    "System.Collections.Generic.KeyNotFoundException": "The given key was not present in the dictionary.",
    "System.ArithmeticException": "Overflow or underflow in the arithmetic operation.",
    "System.ArrayTypeMismatchException": "Attempted to access an element as a type incompatible with the array.",
    "System.RankException": "Attempted to operate on an array with the incorrect number of dimensions.",
    "System.StackOverflowException": "Operation caused a stack overflow.",
    "System.TypeLoadException": "Failure has occurred while loading a type.",
    "System.MemberAccessException": "Cannot access member.",
    "System.MissingMemberException": "Attempted to access a missing member.",
    "System.MissingMethodException": "Attempted to access a missing method.",
    "System.MissingFieldException": "Attempted to access a non-existing field.",
    "System.PlatformNotSupportedException": "Operation is not supported on this platform.",
    "System.BadImageFormatException": "Format of the executable (.exe) or library (.dll) is invalid.",
    "System.IO.EndOfStreamException": "Attempted to read past the end of the stream.",
    "System.IO.InvalidDataException": "Found invalid data while decoding.",
    "System.IO.PathTooLongException": "The specified file name or path is too long, or a component of the specified "
    "path is too long.",
    "System.IO.FileLoadException": "Could not load the specified file.",
    "System.Threading.Tasks.TaskCanceledException": "A task was canceled.",
    "System.Security.SecurityException": "Security error.",
    "System.Security.Cryptography.CryptographicException": "Error occurred during a cryptographic operation.",
}


def _new(kind: NetType, message: str | None, inner: Any = None, extra: dict[str, Any] | None = None) -> NetException:
    text = _DEFAULTS.get(kind.full_name) if message is None else message
    return NetException(text, inner, net_type=kind.full_name, extra=extra)


@EXCEPTION.constructor("()", "(string message)", "(string message, System.Exception innerException)")
def _plain(kind: NetType, message: str | None = None, inner: Any = None) -> NetException:
    if derives(kind.full_name, "System.ArgumentNullException") or derives(
        kind.full_name, "System.ArgumentOutOfRangeException"
    ):
        return _of_parameter(kind, message, inner)
    if kind.full_name == "System.AggregateException" and inner is not None:
        return _aggregate(kind, message, [inner])
    if kind.full_name == "System.ObjectDisposedException" and message is not None:
        text = f"Cannot access a disposed object.\nObject name: '{message}'."
        return _new(kind, text, inner, {"ObjectName": message})
    return _new(kind, message, inner)


def _of_parameter(kind: NetType, name: str | None, inner: Any) -> NetException:
    """ArgumentNullException's one string is the parameter's name."""
    if inner is not None or name is None:
        return _new(kind, name, inner)
    return _new(kind, f"{_DEFAULTS[kind.full_name]} (Parameter '{name}')", None, {"ParamName": name})


@EXCEPTION.constructor("(string message, string paramName)")
def _two_strings(kind: NetType, first: str, second: str) -> NetException:
    if derives(kind.full_name, "System.IO.FileNotFoundException"):
        return _new(kind, first, None, {"FileName": second})
    if derives(kind.full_name, "System.ObjectDisposedException"):
        return _new(kind, f"{second}\nObject name: '{first}'.", None, {"ObjectName": first})
    swapped = kind.full_name in ("System.ArgumentNullException", "System.ArgumentOutOfRangeException")
    name, message = (first, second) if swapped else (second, first)
    return _new(kind, f"{message} (Parameter '{name}')" if name else message, None, {"ParamName": name})


@EXCEPTION.constructor("(string paramName, System.Object actualValue, string message)")
def _out_of_range(kind: NetType, name: str, actual: Any, message: str) -> NetException:
    from ..values.value import to_string

    text = f"{message} (Parameter '{name}')\nActual value was {to_string(actual)}."
    return _new(kind, text, None, {"ParamName": name, "ActualValue": actual})


@EXCEPTION.constructor("(System.Exception[] innerExceptions)", "(string message, System.Exception[] innerExceptions)")
def _several(kind: NetType, *parts: Any) -> NetException:
    message, inner = (None, parts[0]) if len(parts) == 1 else parts
    return _aggregate(kind, message, list(inner))


def _aggregate(kind: NetType, message: str | None, inner: list[NetException]) -> NetException:
    text = message or _DEFAULTS["System.AggregateException"]
    shown = " ".join([text, *(f"({one.message})" for one in inner)])
    found = _new(kind, shown, inner[0] if inner else None)
    found.extra["InnerExceptions"] = inner_exceptions(inner)
    return found


def _base(exception: NetException) -> NetException:
    while exception.inner is not None:
        exception = exception.inner
    return exception


EXCEPTION.method("System.Exception GetBaseException()")(_base)
EXCEPTION.method("string ToString()")(lambda exception: exception.ps_to_string())


@EXCEPTION.method("System.AggregateException Flatten()")
def _flatten(exception: NetException) -> NetException:
    found: list[NetException] = []
    pending = [exception]
    while pending:
        one = pending.pop(0)
        inner = one.extra.get("InnerExceptions")
        if inner is None:
            found.append(one)
        else:
            pending[:0] = list(inner)
    from ..values.types import net_type

    return _aggregate(net_type("System.AggregateException"), None, found)
