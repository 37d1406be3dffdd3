"""What PowerShell says when parameters do not bind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..records import (
    SMA,
    ErrorRecord,
    NetException,
    ScriptError,
)
from ..runtime.problems import CommandPlace, unsupported
from ..values.types import net_type, type_of
from ..values.value import as_list, to_string, unwrap
from .tokens_args import plain_value

if TYPE_CHECKING:
    from .binder import Binding
    from .parameters import ParameterInfo

BINDING = SMA + "ParameterBindingException"
TRANSFORM = SMA + "ParameterBindingArgumentTransformationException"
VALIDATION = SMA + "ParameterBindingValidationException"


class Word:
    """An unknown -Name of a simple function: goes to $args as written."""

    def __init__(self, parts: list[Any]) -> None:
        self.parts = parts


def word(name: str, value: Any) -> Word:
    from ..runtime.invocation import plain_arguments

    return Word(plain_arguments([(name, value)]))


def fail(
    binding: Binding,
    message: str,
    fqid: str,
    *,
    net_type_name: str = BINDING,
    category: str = "InvalidArgument",
    parameter: str = "",
    inner: NetException | None = None,
    extra: dict[str, Any] | None = None,
    target: Any = None,
    about: str = "argument",
) -> ScriptError:
    """``about``: what the error points at: the "argument" being bound, its "name", or the "command"."""
    facts = {"ParameterName": parameter, "ErrorId": fqid, **(extra or {})}
    exception = NetException(message, inner, net_type=net_type_name, extra=facts)
    record = ErrorRecord(exception, fqid, category, target)
    runtime = getattr(binding.call, "runtime", None)
    if runtime is not None:
        runtime.complete(record)
    else:
        command = getattr(binding.call, "command", None)
        record.command_id = command.name if command is not None else ""
        record.activity = record.command_id
        place = binding.call.place
        if place is not None:
            record.invocation = place.invocation(command, record.command_id)
    at = {"argument": binding.argument, "name": binding.argument_name}.get(about, -1)
    place = binding.call.place
    if at >= 0 and isinstance(place, CommandPlace):
        command = getattr(binding.call, "command", None)
        record.invocation = place.of_argument(at, len(binding.call.args), about == "name").invocation(command)
    return ScriptError(record)


def unknown(binding: Binding, name: str) -> ScriptError:
    return fail(
        binding,
        f"A parameter cannot be found that matches parameter name '{name}'.",
        "NamedParameterNotFound",
        parameter=name,
        about="name",
    )


def ambiguous(binding: Binding, name: str, names: list[str]) -> ScriptError:
    listed = " ".join(f"-{one}" for one in names)
    return fail(
        binding,
        f"Parameter cannot be processed because the parameter name '{name}' is ambiguous. Possible matches "
        f"include: {listed}.",
        "AmbiguousParameter",
        parameter=name,
        about="name",
    )


def too_many(binding: Binding, value: Any) -> ScriptError:
    shown = value.parts[0] if isinstance(value, Word) else plain_value(value)
    return fail(
        binding,
        f"A positional parameter cannot be found that accepts argument '{to_string(shown)}'.",
        "PositionalParameterNotFound",
    )


def bound_twice(binding: Binding, info: ParameterInfo) -> ScriptError:
    return fail(
        binding,
        f"Cannot bind parameter because parameter '{info.name}' is specified more than once. To provide multiple "
        f"values to "
        'parameters that can accept multiple values, use the array syntax. For example, "-parameter '
        'value1,value2,value3".',
        "ParameterAlreadyBound",
        parameter=info.name,
        about="name",
    )


def missing_argument(binding: Binding, info: ParameterInfo) -> ScriptError:
    kind = net_type(info.type_name).ps_to_string()
    return fail(
        binding,
        f"Missing an argument for parameter '{info.name}'. Specify a parameter of type '{kind}' and try again.",
        "MissingArgument",
        parameter=info.name,
        about="name",
    )


def missing_mandatory(binding: Binding, names: list[str]) -> ScriptError:
    return fail(
        binding,
        f"Cannot process command because of one or more missing mandatory parameters: {' '.join(names)}.",
        "MissingMandatoryParameter",
        parameter=names[0],
        about="command",
    )


def no_set(binding: Binding) -> ScriptError:
    return fail(
        binding,
        "Parameter set cannot be resolved using the specified named parameters. One or more parameters issued "
        "cannot be used "
        "together or an insufficient number of parameters were provided.",
        "AmbiguousParameterSet",
        about="command",
    )


def input_not_bound(binding: Binding, value: Any) -> ScriptError:
    message = (
        "The input object cannot be bound to any parameters for the command either because the command does not "
        "take pipeline "
        "input or the input and its properties do not match any of the parameters that take pipeline input."
    )
    return fail(binding, message, "InputObjectNotBound", target=value)


def input_lacks(binding: Binding, names: list[str], value: Any) -> ScriptError:
    message = (
        "The input object cannot be bound because it did not contain the information required to bind all "
        "mandatory parameters:  "
        f"{' '.join(names)}"
    )
    return fail(binding, message, "InputObjectMissingMandatory", target=value)


def cannot_bind(binding: Binding, info: ParameterInfo, value: Any, failed: ScriptError) -> ScriptError:
    inner = failed.record.exception
    kind = net_type(info.type_name)
    message = f"Cannot bind parameter '{info.name}'. {inner.message}"
    fqid = "CannotConvertArgumentNoMessage"
    if inner.message.startswith("Cannot convert the"):
        fqid = "CannotConvertArgument"
        plain = unwrap(value)
        message = (
            f"Cannot convert '{to_string(plain)}' to the type '{kind.ps_to_string()}' required by parameter "
            f"'{info.name}'. "
            f"{'Specified method is not supported.' if isinstance(plain, list) else 'Invalid cast.'}"
        )
        if not isinstance(plain, list):
            fqid = "CannotConvertArgumentNoMessage"
            message = f"Cannot bind parameter '{info.name}'. {inner.message}"
    return fail(binding, message, fqid, net_type_name=BINDING, parameter=info.name, inner=inner.inner or inner)


def transformation_failed(binding: Binding, info: ParameterInfo, value: Any, failed: ScriptError) -> ScriptError:
    inner = failed.record.exception
    cause = NetException(inner.message, inner.inner, net_type=SMA + "ArgumentTransformationMetadataException")
    return fail(
        binding,
        f"Cannot process argument transformation on parameter '{info.name}'. {inner.message}",
        "ParameterArgumentTransformationError",
        net_type_name=TRANSFORM,
        category="InvalidData",
        parameter=info.name,
        inner=cause,
    )


def no_debugger(name: str) -> ScriptError:
    """The action Break, which enters PowerShell's debugger."""
    return unsupported(f"{name} Break")


RESERVED = (
    "The Suspend ActionPreference value is reserved for future use and is not supported at this time. For more "
    'information about preference variables, see the Help topic, "about_Preference_Variables."'
)


def reserved_action(binding: Binding, info: ParameterInfo) -> ScriptError:
    """-ErrorAction Suspend and its kin."""
    return fail(
        binding,
        f'Cannot bind parameter \'{info.name}\' to the target. Exception setting "{info.name}": "{RESERVED}"',
        "ParameterBindingFailed",
        net_type_name=BINDING,
        category="WriteError",
        parameter=info.name,
    )


def not_boolean(binding: Binding, info: ParameterInfo, value: Any) -> ScriptError:
    kind = type_of(unwrap(value)).full_name
    reason = (
        f'Cannot convert value "{kind}" to type "System.Boolean". Boolean parameters accept only Boolean values '
        f"and numbers, such "
        "as $True, $False, 1 or 0."
    )
    if binding.is_cmdlet:
        return fail(
            binding,
            f"Cannot bind parameter '{info.name}'. {reason}",
            "CannotConvertArgumentNoMessage",
            parameter=info.name,
        )
    cause = NetException(reason, net_type=SMA + "ArgumentTransformationMetadataException")
    return fail(
        binding,
        f"Cannot process argument transformation on parameter '{info.name}'. {reason}",
        "ParameterArgumentTransformationError",
        net_type_name=TRANSFORM,
        category="InvalidData",
        parameter=info.name,
        inner=cause,
    )


def not_switch(binding: Binding, info: ParameterInfo, value: Any) -> ScriptError:
    kind = type_of(value).full_name
    message = (
        f"Cannot convert '{kind}' to the type 'System.Management.Automation.SwitchParameter' required by parameter "
        f"'{info.name}'. "
    )
    return fail(binding, message, "CannotConvertArgument", parameter=info.name)


def array_for_string(binding: Binding, info: ParameterInfo, value: Any) -> ScriptError:
    if binding.is_cmdlet:
        return fail(
            binding,
            f"Cannot convert '{type_of(value).ps_to_string()}' to the type 'System.String' required by parameter "
            f"'{info.name}'. "
            "Specified method is not supported.",
            "CannotConvertArgument",
            parameter=info.name,
        )
    reason = "Cannot convert value to type System.String."
    cause = NetException(reason, net_type=SMA + "ArgumentTransformationMetadataException")
    return fail(
        binding,
        f"Cannot process argument transformation on parameter '{info.name}'. {reason}",
        "ParameterArgumentTransformationError",
        net_type_name=TRANSFORM,
        category="InvalidData",
        parameter=info.name,
        inner=cause,
    )


def check_empty(binding: Binding, info: ParameterInfo, value: Any) -> None:
    """A mandatory parameter takes neither null nor an empty string or collection, unless it says so."""
    name = info.name
    if value is None:
        if not info.allow_null:
            raise empty(
                binding, info, f"Cannot bind argument to parameter '{name}' because it is null.", "NullNotAllowed"
            )
        return
    if isinstance(value, str) and value == "" and not info.allow_empty_string:
        if info.type_name == "System.String" or binding.is_cmdlet:
            message = f"Cannot bind argument to parameter '{name}' because it is an empty string."
            raise empty(binding, info, message, "EmptyStringNotAllowed")
        return
    if isinstance(value, list) and net_type(info.type_name).is_array:
        check_empty_elements(binding, info, value)


def check_empty_elements(binding: Binding, info: ParameterInfo, value: list[Any]) -> None:
    name = info.name
    if not value and not info.allow_empty_collection:
        message = f"Cannot bind argument to parameter '{name}' because it is an empty array."
        raise empty(binding, info, message, "EmptyArrayNotAllowed")
    for item in value:
        if item is None and not info.allow_null:
            raise empty(
                binding, info, f"Cannot bind argument to parameter '{name}' because it is null.", "NullNotAllowed"
            )
        if item == "" and isinstance(item, str) and info.type_name == "System.String[]" and not info.allow_empty_string:
            message = f"Cannot bind argument to parameter '{name}' because it is an empty string."
            raise empty(binding, info, message, "EmptyStringNotAllowed")


def empty(binding: Binding, info: ParameterInfo, message: str, kind: str) -> ScriptError:
    return fail(
        binding,
        message,
        f"ParameterArgumentValidationError{kind}",
        net_type_name=VALIDATION,
        category="InvalidData",
        parameter=info.name,
    )


def check_type_name(binding: Binding, info: ParameterInfo, value: Any) -> None:
    """[PSTypeName('X')]: each object must say that it is an X."""
    from ..values.types import type_names

    wanted = info.required_type_name
    for item in value if isinstance(value, list) else [value]:
        if item is not None and wanted.lower() not in [name.lower() for name in type_names(item)]:
            raise fail(
                binding,
                f"Cannot bind argument to parameter '{info.name}', because PSTypeNames of the argument do not "
                f"match the PSTypeName "
                f"required by the parameter: {wanted}.",
                "MismatchedPSTypeName",
                parameter=info.name,
                inner=NetException("", net_type="System.InvalidCastException"),
            )


def check_set(binding: Binding, info: ParameterInfo, value: Any) -> None:
    fold = str if info.set_case_sensitive else str.lower
    known = [fold(name) for name in info.validate_set]
    for item in as_list(value) if isinstance(value, list) else [value]:
        if fold(to_string(item)) not in known:
            listed = ",".join(info.validate_set)
            own = info.set_message.replace("{0}", to_string(item)).replace("{1}", listed)
            reason = own or (
                f'The argument "{to_string(item)}" does not belong to the set "{listed}" specified by the ValidateSet '
                "attribute. Supply an argument that is in the set and then try the command again."
            )
            raise validation(binding, info, reason, value)


def invalid(binding: Binding, info: ParameterInfo, failed: ScriptError, value: Any) -> ScriptError:
    return validation(binding, info, failed.record.exception.message, value)


def validation(binding: Binding, info: ParameterInfo, reason: str, value: Any) -> ScriptError:
    cause = NetException(reason, net_type=SMA + "ValidationMetadataException")
    return fail(
        binding,
        f"Cannot validate argument on parameter '{info.name}'. {reason}",
        "ParameterArgumentValidationError",
        net_type_name=VALIDATION,
        category="InvalidData",
        parameter=info.name,
        inner=cause,
    )
