"""Validation attributes: ValidateRange, ValidatePattern and the others, with the sentences PowerShell says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..records import SMA, ScriptError, error
from ..values import operators as ops
from ..values.patterns import compile_pattern
from ..values.value import enumerate_value, is_enumerable, is_true, to_string, unwrap

Validator = Callable[[Any, str], None]
Maker = Callable[[list[Any], dict[str, Any]], Validator]


def invalid(message: str) -> ScriptError:
    return error(
        message, "ParameterArgumentValidationError", "InvalidData", net_type=SMA + "ValidationMetadataException"
    )


def elements(value: Any) -> list[Any]:
    return list(enumerate_value(value)) if isinstance(value, list) or is_enumerable(value) else [value]


def formatted(named: dict[str, Any], *words: str) -> str | None:
    """A custom ErrorMessage with its {0}, {1} filled in."""
    text = named.get("errormessage")
    if text is None:
        return None
    shown = to_string(text)
    for at, word in enumerate(words):
        shown = shown.replace(f"{{{at}}}", word)
    return shown


def validate_range(arguments: list[Any], named: dict[str, Any]) -> Validator:
    if len(arguments) == 1:
        return range_kind(to_string(arguments[0]).lower())
    low, high = arguments[0], arguments[1]

    def check(value: Any, name: str) -> None:
        for item in elements(value):
            shown = to_string(item)
            if ops.compare(item, low) < 0:
                raise invalid(
                    f"The {shown} argument is less than the minimum allowed range of {to_string(low)}. Supply an "
                    f"argument that is "
                    f"greater than or equal to {to_string(low)} and then try the command again."
                )
            if ops.compare(item, high) > 0:
                raise invalid(
                    f"The {shown} argument is greater than the maximum allowed range of {to_string(high)}. Supply "
                    f"an argument that is "
                    f"less than or equal to {to_string(high)} and then try the command again."
                )

    return check


_KINDS: dict[str, tuple[Callable[[int], bool], str]] = {
    "positive": (lambda sign: sign > 0, "greater than zero"),
    "nonnegative": (lambda sign: sign >= 0, "greater than or equal to zero"),
    "negative": (lambda sign: sign < 0, "less than zero"),
    "nonpositive": (lambda sign: sign <= 0, "less than or equal to zero"),
}


def range_kind(kind: str) -> Validator:
    holds, words = _KINDS[kind]

    def check(value: Any, name: str) -> None:
        for item in elements(value):
            if not holds(ops.compare(item, 0)):
                raise invalid(f'The argument "{to_string(item)}" cannot be validated because its value is not {words}.')

    return check


def validate_pattern(arguments: list[Any], named: dict[str, Any]) -> Validator:
    import re

    text = to_string(arguments[0])
    flags = re.IGNORECASE
    if "options" in named and "ignorecase" not in to_string(named["options"]).lower():
        flags = re.RegexFlag(0)
    pattern = compile_pattern(text, flags)

    def check(value: Any, name: str) -> None:
        for item in elements(value):
            shown = to_string(item)
            if pattern.search(shown) is None:
                raise invalid(
                    formatted(named, shown, text)
                    or f'The argument "{shown}" does not match the "{text}" pattern. Supply an argument that '
                    f'matches "{text}" and try '
                    "the command again."
                )

    return check


def validate_length(arguments: list[Any], named: dict[str, Any]) -> Validator:
    low, high = int(arguments[0]), int(arguments[1])

    def check(value: Any, name: str) -> None:
        for item in elements(value):
            size = len(to_string(item))
            if size < low:
                raise invalid(
                    f"The character length ({size}) of the argument is too short. Specify an argument with a "
                    f"length that is greater than "
                    f'or equal to "{low}", and then try the command again.'
                )
            if size > high:
                raise invalid(
                    f"The character length of the {size} argument is too long. Shorten the character length of the "
                    f"argument so it is fewer "
                    f'than or equal to "{high}" characters, and then try the command again.'
                )

    return check


def validate_count(arguments: list[Any], named: dict[str, Any]) -> Validator:
    low, high = int(arguments[0]), int(arguments[1])

    def check(value: Any, name: str) -> None:
        size = len(elements(value)) if value is not None else 0
        if not low <= size <= high:
            if low == high:
                raise invalid(f"The parameter requires exactly {low} value(s) - {size} value(s) were provided.")
            raise invalid(
                f"The parameter requires at least {low} value(s) and no more than {high} value(s) - {size} "
                f"value(s) were provided."
            )

    return check


def validate_script(arguments: list[Any], named: dict[str, Any]) -> Validator:
    block = arguments[0]

    def check(value: Any, name: str) -> None:
        from ..runtime.runspace import current_frame

        frame = current_frame()
        for item in elements(value):
            output = block.invoke(frame, [item], under=item)
            if not is_true(output[0] if len(output) == 1 else output):
                text = to_string(block)
                raise invalid(
                    formatted(named, to_string(item), text)
                    or f'The "{text}" validation script for the argument with value "{to_string(item)}" did not '
                    f"return a result of "
                    "True. Determine why the validation script failed, and then try the command again."
                )

    return check


_NULL = "The argument is null. Provide a valid value for the argument, and then try running the command again."
_EMPTY = "The argument is null or empty. Provide an argument that is not null or empty, and then try the command again."
_BLANK = (
    "The argument is null, empty, or consists of only white-space characters. Provide an argument that contains "
    "non white-space "
    "characters, and then try the command again."
)
_EMPTY_ELEMENT = (
    "The argument is null, empty, or an element of the argument collection contains a null value. Supply a "
    "collection that does "
    "not contain any null values and then try the command again."
)


def validate_not_null(arguments: list[Any], named: dict[str, Any]) -> Validator:
    def check(value: Any, name: str) -> None:
        if value is None:
            raise invalid(_NULL)
        if isinstance(value, list) and any(item is None for item in value):
            raise invalid(_EMPTY_ELEMENT)

    return check


def validate_not_null_or_empty(arguments: list[Any], named: dict[str, Any]) -> Validator:
    def check(value: Any, name: str) -> None:
        plain = unwrap(value)
        if plain is None or (isinstance(plain, str) and not plain):
            raise invalid(_EMPTY)
        if isinstance(plain, list):
            if not plain:
                raise invalid(
                    "The argument is null, empty, or an element of the argument collection contains a null value. "
                    "Supply a collection "
                    "that does not contain any null values and then try the command again."
                )
            if any(item is None or item == "" for item in plain):
                raise invalid(_EMPTY_ELEMENT)

    return check


def validate_not_blank(arguments: list[Any], named: dict[str, Any]) -> Validator:
    def check(value: Any, name: str) -> None:
        for item in elements(value):
            if item is None or not to_string(item).strip():
                raise invalid(_BLANK)

    return check


MAKERS: dict[str, Maker] = {
    "validaterange": validate_range,
    "validatepattern": validate_pattern,
    "validatelength": validate_length,
    "validatecount": validate_count,
    "validatescript": validate_script,
    "validatenotnull": validate_not_null,
    "validatenotnullorempty": validate_not_null_or_empty,
    "validatenotnullorwhitespace": validate_not_blank,
}
