"""Equality and order of any two values: the right side is converted to the left side's type."""

from __future__ import annotations

import datetime
import decimal
import math
from typing import Any

from ...psobject import Char, Hashtable, Version
from ..records import (
    SMA,
    NetException,
    ScriptError,
    error,
)
from .arithmetic import as_number, span_ticks, ticks_of, user_operator
from .collation import compare_strings, same_text
from .conversions import convert, parse_number
from .types import type_of
from .value import SwitchParameter, enumerate_value, is_enumerable, to_string, unwrap


def equals(a: Any, b: Any, ignore_case: bool = True) -> bool:
    """LanguagePrimitives.Equals: the right side is converted to the left side's type."""
    kind = type(a)
    if kind is type(b):
        if kind is int or kind is float or kind is bool:
            return bool(a == b)
        if kind is str:
            return same_text(a, b, ignore_case)
    a, b = unwrap(a), unwrap(b)
    if a is None or b is None:
        return a is None and b is None
    if a is b:
        return not (isinstance(a, float) and math.isnan(a))
    if isinstance(a, str):
        if type(a) is Char and not isinstance(b, str):
            return equals(ord(a), b)
        text = b if isinstance(b, str) else to_string(b)
        return same_text(a, text, ignore_case)
    if isinstance(a, bool):
        from .value import is_true

        return bool(a) == is_true(b)
    if isinstance(a, (int, float, decimal.Decimal)):
        return _number_equals(a, b)
    if isinstance(a, datetime.datetime):
        return _date_equals(a, b)
    return _object_equals(a, b)


def fold(text: str) -> str:
    return text.lower() if text.isascii() else text.upper().lower()


def _number_equals(a: Any, b: Any) -> bool:
    if hasattr(a, "ps_enum_value"):
        if hasattr(b, "ps_enum_value") and a.net_type is not b.net_type:
            return False
        try:
            return int(convert(b, a.net_type)) == int(a)
        except ScriptError:
            return isinstance(b, (int, float)) and int(a) == b
    if hasattr(b, "ps_enum_value") or isinstance(b, bool):
        b = int(b)
    if isinstance(b, str):
        if type(b) is Char:
            return _number_equals(a, ord(b))
        try:
            b = convert(b, type_of(a)) if not isinstance(a, int) else _numeric_text(b, a)
        except ScriptError:
            return False
    if isinstance(b, (int, float, decimal.Decimal)):
        if isinstance(a, decimal.Decimal) != isinstance(b, decimal.Decimal) and (
            isinstance(a, float) or isinstance(b, float)
        ):
            return bool(a == b) or float(a) == float(b)
        return bool(a == b)
    try:
        return bool(a == convert(b, type_of(a)))
    except ScriptError:
        return False


def _numeric_text(text: str, like: Any) -> Any:
    """A string compared with a number: ``5 -eq '5.0'`` holds."""
    word = text.strip()
    if not word:
        return convert(text, type_of(like))
    try:
        return parse_number(word)
    except ScriptError:
        return convert(text, type_of(like))


def _date_equals(a: datetime.datetime, b: Any) -> bool:
    try:
        other = convert(b, "System.DateTime")
    except ScriptError:
        return False
    return ticks_of(a) == ticks_of(other)


def _object_equals(a: Any, b: Any) -> bool:
    call = getattr(a, "ps_equals", None)
    if call is not None:
        return bool(call(b))
    if isinstance(a, (list, Hashtable)):
        return False
    if isinstance(a, SwitchParameter):
        from .value import is_true

        return bool(a) == is_true(b)
    found = user_operator("op_Equality", a, b)
    if found is not None:
        return bool(found[0])
    if type(b) is not type(a):
        try:
            b = convert(b, type_of(a))
        except ScriptError:
            return False
    return bool(a == b)


def compare(a: Any, b: Any, ignore_case: bool = True) -> int:
    """LanguagePrimitives.Compare: -1, 0 or 1; a ScriptError when the two have no order."""
    kind = type(a)
    if kind is type(b) and (kind is int or kind is float):
        return int(a > b) - int(a < b)
    if type(a) is str and type(b) is str:
        return compare_strings(a, b, ignore_case)
    a, b = unwrap(a), unwrap(b)
    if a is None:
        return 0 if b is None else -_against_null(b)
    if b is None and not isinstance(a, str):
        return _against_null(a)
    if isinstance(a, str) and type(a) is not Char:
        return compare_strings(a, b if isinstance(b, str) else to_string(b), ignore_case)
    if type(a) is Char:
        if isinstance(b, str):
            return compare_strings(a, b, ignore_case)
        return compare(ord(a), b)
    if isinstance(a, (int, float, decimal.Decimal)):
        return _compare_numbers(a, b)
    return _compare_objects(a, b, ignore_case)


def _against_null(value: Any) -> int:
    """An order with $null: a number stands by its sign, anything else is more."""
    if isinstance(value, (int, float, decimal.Decimal)) and not isinstance(value, bool):
        return -1 if value < 0 else 1
    return 1


def comparison_failed(a: Any, b: Any, reason: str) -> ScriptError:
    return error(
        f'Could not compare "{to_string(a)}" to "{to_string(b)}". Error: "{reason}"',
        "ComparisonFailure",
        "InvalidOperation",
    )


def _compare_numbers(a: Any, b: Any) -> int:
    try:
        if hasattr(a, "ps_enum_value") and not isinstance(b, int):
            b = convert(b, a.net_type)
        elif isinstance(b, str):
            b = as_number(b) if type(b) is Char else _numeric_text(b, a)
        elif isinstance(b, SwitchParameter):
            b = int(bool(b))
        elif not isinstance(b, (int, float, decimal.Decimal)):
            b = convert(b, type_of(a))
    except ScriptError as failed:
        raise comparison_failed(a, b, failed.record.exception.message) from None
    if isinstance(a, int) and isinstance(b, int):
        a, b = int(a), int(b)
    return int(a > b) - int(a < b)


def _compare_objects(a: Any, b: Any, ignore_case: bool) -> int:
    if isinstance(a, (datetime.datetime, datetime.timedelta, Version)) or hasattr(a, "hex"):
        try:
            b = convert(b, type_of(a))
        except ScriptError as failed:
            raise comparison_failed(a, b, failed.record.exception.message) from None
        if isinstance(a, datetime.datetime):
            a, b = ticks_of(a), ticks_of(b)
        elif isinstance(a, datetime.timedelta):
            a, b = span_ticks(a), span_ticks(b)
        return int(a > b) - int(a < b)
    call = getattr(a, "ps_compare", None)
    if call is not None:
        found = call(b)
        if found is not None:
            return int(found)
    if equals(a, b, ignore_case):
        return 0
    raise error(
        f'Cannot compare "{to_string(a)}" because it is not IComparable.',
        "NotIcomparable",
        "InvalidOperation",
        net_type=SMA + "RuntimeException",
        inner=NetException(
            f'Cannot compare "{to_string(a)}" because it is not IComparable.', net_type="System.ArgumentException"
        ),
    )


def contains(collection: Any, wanted: Any, ignore_case: bool = True) -> bool:
    if type(collection) is list or is_enumerable(collection):
        return any(equals(item, wanted, ignore_case) for item in enumerate_value(collection))
    return equals(collection, wanted, ignore_case)
