"""Validation attributes: ValidateRange, ValidatePattern and the others, with the sentences PowerShell says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ...psobject import Hashtable
from ..records import SMA, ScriptError, error
from ..values import operators as ops
from ..values.conversions import convert
from ..values.patterns import compile_pattern
from ..values.types import NetType, type_of
from ..values.value import NOTHING, enumerate_value, is_enumerable, is_true, to_string, unwrap

Validator = Callable[[Any, str], None]
Maker = Callable[[list[Any], dict[str, Any]], Validator]


def invalid(message: str, error_id: str = "ParameterArgumentValidationError") -> ScriptError:
    return error(message, error_id, "MetadataError", net_type=SMA + "ValidationMetadataException")


def elements(value: Any) -> list[Any]:
    """What an attribute that looks at each element looks at: $null and nothing are refused."""
    if value is None or value is NOTHING:
        raise invalid(_EMPTY_ELEMENT, "ArgumentIsEmpty")
    return list(enumerate_value(value)) if isinstance(value, list) or is_enumerable(value) else [value]


def present(value: Any) -> list[Any]:
    """The elements, none of which may be $null."""
    found = elements(value)
    if any(item is None for item in found):
        raise invalid(_NULL, "ArgumentIsEmpty")
    return found


def formatted(named: dict[str, Any], *words: str) -> str | None:
    """A custom ErrorMessage with its {0}, {1} filled in."""
    text = named.get("errormessage")
    if text is None:
        return None
    shown = to_string(text)
    for at, word in enumerate(words):
        shown = shown.replace(f"{{{at}}}", word)
    return shown


# The numeric types in the order of .NET's type codes: the wider of two is what limits and values become.
_CODES = ("Boolean", "Char", "SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64")
_SIGNED = frozenset(("SByte", "Int16", "Int32", "Int64"))
_BROAD = {"Single": "Double", "Double": "Double", "Decimal": "Decimal"}
_BROADEST = ("Double", "Decimal")


def common_type(one: str, other: str) -> str | None:
    """The type in which values of two types (names without namespace) are compared; None: in none."""
    broad = [_BROAD[name] for name in (one, other) if name in _BROAD]
    if any(name not in _BROAD and name not in _CODES for name in (one, other)):
        return None
    if broad:
        return max(broad, key=_BROADEST.index)
    widest = max((one, other), key=_CODES.index)
    if _CODES.index(widest) <= _CODES.index("Int32"):
        return "Int32"
    if widest == "Int64":
        return widest
    return "Double" if {one, other} & _SIGNED else widest


def as_type(value: Any, name: str, limit: str) -> Any:
    """The value as its limits are; raises what ValidateRange says of another type."""
    if type_of(value).name == name:
        return value
    try:
        return convert(value, f"System.{name}")
    except ScriptError:
        raise other_type(value, limit) from None


def other_type(value: Any, limit: str) -> ScriptError:
    return invalid(
        f'The argument cannot be validated because its type "{type_of(value).name}" is not the same type ({limit}) as '
        f"the maximum and minimum limits of the parameter. Make sure the argument is of type {limit} and then try the "
        "command again.",
        "ValidationRangeElementType",
    )


def limits(low: Any, high: Any) -> tuple[Any, Any]:
    """Both limits in one type, in order."""
    first, second = type_of(low).name, type_of(high).name
    if first != second:
        kind = common_type(first, second)
        try:
            if kind is None:
                raise invalid("")
            low, high = convert(low, f"System.{kind}"), convert(high, f"System.{kind}")
        except ScriptError:
            raise invalid(
                f"The specified minimum range ({first}) cannot be accepted because it is not the same type as the "
                f"specified maximum range ({second}). Update the ValidateRange attribute for the parameter.",
                "MinRangeNotTheSameTypeOfMaxRange",
            ) from None
    if ops.compare(low, high) > 0:
        raise invalid(
            "The specified maximum range cannot be accepted because it is less than the specified minimum range. "
            "Update the ValidateRange attribute for the parameter.",
            "MaxRangeSmallerThanMinRange",
        )
    return low, high


def validate_range(arguments: list[Any], named: dict[str, Any]) -> Validator:
    if len(arguments) == 1:
        return range_kind(to_string(arguments[0]).lower())
    low, high = limits(unwrap(arguments[0]), unwrap(arguments[1]))
    kind = type_of(low).name

    def check(value: Any, name: str) -> None:
        for given in present(value):
            item = as_type(unwrap(given), kind, kind)
            shown = to_string(item)
            if ops.compare(item, low) < 0:
                raise invalid(
                    f"The {shown} argument is less than the minimum allowed range of {to_string(low)}. Supply an "
                    f"argument that is greater than or equal to {to_string(low)} and then try the command again.",
                    "ValidateRangeTooSmall",
                )
            if ops.compare(item, high) > 0:
                raise invalid(
                    f"The {shown} argument is greater than the maximum allowed range of {to_string(high)}. Supply "
                    f"an argument that is less than or equal to {to_string(high)} and then try the command again.",
                    "ValidateRangeTooBig",
                )

    return check


_KINDS: dict[str, tuple[Callable[[int], bool], str]] = {
    "positive": (lambda sign: sign > 0, "greater than zero"),
    "nonnegative": (lambda sign: sign >= 0, "greater than or equal to zero"),
    "negative": (lambda sign: sign < 0, "less than zero"),
    "nonpositive": (lambda sign: sign <= 0, "less than or equal to zero"),
}


_KIND_NAMES = {
    "positive": "Positive",
    "nonnegative": "NonNegative",
    "negative": "Negative",
    "nonpositive": "NonPositive",
}


def range_kind(kind: str) -> Validator:
    holds, words = _KINDS[kind]
    error_id = f"ValidateRange{_KIND_NAMES[kind]}Failure"

    def check(value: Any, name: str) -> None:
        for given in map(unwrap, present(value)):
            common = common_type("Int32", type_of(given).name)
            if common is None:
                raise other_type(given, "Int32")
            item = as_type(given, common, common)
            if not holds(ops.compare(item, 0)):
                raise invalid(
                    f'The argument "{to_string(item)}" cannot be validated because its value is not {words}.', error_id
                )

    return check


def validate_pattern(arguments: list[Any], named: dict[str, Any]) -> Validator:
    import re

    text = to_string(arguments[0])
    if not text:
        raise not_valid("regexPattern")
    flags = re.IGNORECASE
    if "options" in named and "ignorecase" not in to_string(named["options"]).lower():
        flags = re.RegexFlag(0)
    pattern = compile_pattern(text, flags)

    def check(value: Any, name: str) -> None:
        for item in present(value):
            shown = to_string(item)
            if pattern.search(shown) is None:
                raise invalid(
                    formatted(named, shown, text)
                    or f'The argument "{shown}" does not match the "{text}" pattern. Supply an argument that '
                    f'matches "{text}" and try the command again.',
                    "ValidatePatternFailure",
                )

    return check


def bounds(arguments: list[Any]) -> tuple[int, int]:
    """The two lengths of ValidateLength and ValidateCount."""
    low, high = int(arguments[0]), int(arguments[1])
    if low < 0:
        raise out_of_range("minLength", low)
    if high <= 0:
        raise out_of_range("maxLength", high)
    return low, high


def out_of_range(name: str, value: Any) -> ScriptError:
    return error(
        f'Cannot process argument because the value of argument "{name}" is out of range. Change argument "{name}" to '
        f"a value that is within range. (Parameter '{name}')\nActual value was {to_string(value)}.",
        "ArgumentOutOfRange",
        "InvalidArgument",
        net_type=SMA + "PSArgumentOutOfRangeException",
    )


def not_valid(name: str) -> ScriptError:
    return error(
        f'Cannot process argument because the value of argument "{name}" is not valid. Change the value of the '
        f'"{name}" argument and run the operation again.',
        "Argument",
        "InvalidArgument",
        net_type=SMA + "PSArgumentException",
    )


def validate_length(arguments: list[Any], named: dict[str, Any]) -> Validator:
    low, high = bounds(arguments)
    if high < low:
        raise invalid(
            "The specified maximum character length of the argument is shorter than the specified minimum argument "
            "character length. Update the ValidateLength attribute for the parameter.",
            "ValidateLengthMaxLengthSmallerThanMinLength",
        )

    def check(value: Any, name: str) -> None:
        for item in map(unwrap, elements(value)):
            if not isinstance(item, str):
                raise invalid(
                    "The ValidateLength attribute cannot be applied to a parameter that is not a string or string[] "
                    "parameter. Make the parameter a string or string[] parameter.",
                    "ValidateLengthNotString",
                )
            size = len(item)
            if size < low:
                raise invalid(
                    f"The character length ({size}) of the argument is too short. Specify an argument with a length "
                    f'that is greater than or equal to "{low}", and then try the command again.',
                    "ValidateLengthMinLengthFailure",
                )
            if size > high:
                raise invalid(
                    f"The character length of the {size} argument is too long. Shorten the character length of the "
                    f'argument so it is fewer than or equal to "{high}" characters, and then try the command again.',
                    "ValidateLengthMaxLengthFailure",
                )

    return check


def count_of(value: Any) -> int:
    plain = unwrap(value)
    if plain is None or plain is NOTHING:
        return 0
    if isinstance(plain, (list, str, Hashtable)):
        return len(plain)
    if is_enumerable(plain):
        return sum(1 for _ in enumerate_value(plain))
    raise invalid(
        "The ValidateCount attribute cannot be applied to a non-array parameter. Either remove the attribute from the "
        "parameter or make the parameter an array parameter.",
        "NotAnArrayParameter",
    )


def validate_count(arguments: list[Any], named: dict[str, Any]) -> Validator:
    low, high = bounds(arguments)
    if high < low:
        raise invalid(
            "The specified maximum number of arguments for a parameter is fewer than the specified minimum number of "
            "arguments. Update the ValidateCount attribute for the parameter.",
            "ValidateRangeMaxLengthSmallerThanMinLength",
        )

    def check(value: Any, name: str) -> None:
        size = count_of(value)
        if low <= size <= high:
            return
        if low == high:
            raise invalid(
                f"The parameter requires exactly {low} value(s) - {size} value(s) were provided.",
                "ValidateCountExactFailure",
            )
        raise invalid(
            f"The parameter requires at least {low} value(s) and no more than {high} value(s) - {size} value(s) were "
            "provided.",
            "ValidateCountMinMaxFailure",
        )

    return check


def validate_script(arguments: list[Any], named: dict[str, Any]) -> Validator:
    block = arguments[0]

    def check(value: Any, name: str) -> None:
        from ..runtime.runspace import current_frame

        frame = current_frame()
        for item in present(value):
            output = block.invoke(frame, [item], under=item)
            if not is_true(output[0] if len(output) == 1 else output):
                text = to_string(block)
                raise invalid(
                    formatted(named, to_string(item), text)
                    or f'The "{text}" validation script for the argument with value "{to_string(item)}" did not '
                    "return a result of True. Determine why the validation script failed, and then try the command "
                    "again.",
                    "ValidateScriptFailure",
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
    "collection that does not contain any null values and then try the command again."
)
_NULL_ELEMENT = (
    "The argument has a null value, or an element of the argument collection contains a null value. Provide a "
    "collection that does not contain any null values, and then try the command again."
)


def validate_not_null(arguments: list[Any], named: dict[str, Any]) -> Validator:
    def check(value: Any, name: str) -> None:
        if value is None or value is NOTHING:
            raise invalid(_NULL, "ArgumentIsNull")
        if isinstance(value, list) and any(item is None for item in value):
            raise invalid(_NULL_ELEMENT, "ArgumentIsNull")

    return check


def validate_not_null_or_empty(arguments: list[Any], named: dict[str, Any]) -> Validator:
    def check(value: Any, name: str) -> None:
        plain = unwrap(value)
        if plain is None or plain is NOTHING:
            raise invalid(_EMPTY, "ArgumentIsNull")
        if isinstance(plain, str) and not plain:
            raise invalid(_EMPTY, "ArgumentIsEmpty")
        if isinstance(plain, (list, Hashtable)) and not plain:
            raise invalid(_EMPTY_ELEMENT, "ArgumentIsEmpty")
        if isinstance(plain, list):
            if any(item is None for item in plain):
                raise invalid(_EMPTY_ELEMENT, "ArgumentIsNull")
            if any(isinstance(item, str) and not item for item in plain):
                raise invalid(_EMPTY_ELEMENT, "ArgumentCollectionContainsEmpty")

    return check


def validate_not_blank(arguments: list[Any], named: dict[str, Any]) -> Validator:
    def check(value: Any, name: str) -> None:
        for item in [None] if value is None else elements(value):
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


# -- attributes whose classes are a script's

TRANSFORMS = SMA + "ArgumentTransformationAttribute"
VALIDATES = SMA + "ValidateArgumentsAttribute"
VALIDATES_ELEMENTS = SMA + "ValidateEnumeratedArgumentsAttribute"
GENERATES = SMA + "IValidateSetValuesGenerator"


def engine_intrinsics() -> Any:
    from ..runtime.runspace import current_frame

    frame = current_frame()
    return None if frame is None else frame.rs.execution_context()


def transform_of(attribute: Any) -> Callable[[Any], Any]:
    def transform(value: Any) -> Any:
        changed = attribute.ps_invoke("Transform", [engine_intrinsics(), None if value is NOTHING else value])
        return None if changed is NOTHING else changed

    return transform


def own_validator(attribute: Any) -> Validator:
    of_elements = attribute.net_type_of().derives_from(VALIDATES_ELEMENTS)

    def check(value: Any, name: str) -> None:
        if of_elements:
            for item in elements(value):
                attribute.ps_invoke("ValidateElement", [item])
        else:
            attribute.ps_invoke("Validate", [value, engine_intrinsics()])

    return check


class GeneratedSet(Sequence[str]):
    """ValidateSet's values as a class gives them, asked each time; the class has one instance."""

    def __init__(self, kind: NetType) -> None:
        self.kind = kind
        self.maker: Any = None

    def _values(self) -> list[str]:
        from ..dotnet.calls import construct
        from ..members.access import invoke_method

        if self.maker is None:
            self.maker = construct(self.kind, [])
        found = invoke_method(self.maker, "GetValidValues", [])
        if found is None or found is NOTHING:
            raise invalid("Valid values generator return a null value.", "ValidateSetGeneratedValidValuesListIsNull")
        return [to_string(one) for one in enumerate_value(found)]

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        return len(self._values())

    def __getitem__(self, at: Any) -> Any:
        return self._values()[at]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values())
