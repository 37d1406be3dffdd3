"""``$x[...]``: elements of arrays, lists, strings and dictionaries."""

from __future__ import annotations

from typing import Any

from ...psobject import Char, Hashtable, OrderedDictionary, PSList, PSObject, Version
from ..records import SMA, ScriptError, Thrown, error
from ..values.conversions import convert
from ..values.types import net_type, type_of
from ..values.value import NOTHING, enumerate_value, is_enumerable, to_string, unwrap


def read(value: Any, index: Any, strict: float = 0) -> Any:
    if type(value) is list and type(index) is int:
        size = len(value)
        if -size <= index < size:
            return value[index]
        return out_of_range(index, size, strict)
    if value is None or value is NOTHING:
        from .access import null_array

        raise null_array()
    if isinstance(value, PSObject):
        if value._base is None:
            if type(index) is int and index in (0, -1):
                return value
            raise cannot_index(value)
        return read(value._base, index, strict)
    if isinstance(value, Hashtable):
        return read_table(value, index)
    if hasattr(type(value), "ps_index"):
        return read_indexer(value, index, strict)
    if isinstance(value, str):
        return read_text(value, index, strict)
    if isinstance(value, list):
        return read_list(value, index, strict)
    if is_enumerable(value):
        return read_list(list(enumerate_value(value)), index, strict)
    plain = unwrap(index)
    if isinstance(value, Version) or not isinstance(plain, int):
        raise cannot_index(value)
    if plain in (0, -1):
        return value
    return out_of_range(plain, 1, strict)


def read_indexer(value: Any, index: Any, strict: float) -> Any:
    """An indexer of a .NET object: what it throws is $null unless the mode is strict."""
    try:
        return value.ps_index(index)
    except (Thrown, IndexError) as problem:
        if strict >= 3:
            raise thrown_error(problem) from None
        return None


def thrown_error(problem: Exception) -> ScriptError:
    if isinstance(problem, Thrown):
        return index_error(problem.exception.net_type, problem.exception.message)
    return index_error("System.ArgumentOutOfRangeException", LIST_RANGE)


def out_of_range(index: int, size: int, strict: float) -> Any:
    if strict >= 3:
        raise error(
            "Index was outside the bounds of the array.",
            "System.IndexOutOfRangeException",
            "OperationStopped",
            net_type="System.IndexOutOfRangeException",
        )
    return None


def cannot_index(value: Any) -> ScriptError:
    return error(
        f'Unable to index into an object of type "{type_of(value).ps_to_string()}".',
        "CannotIndex",
        "InvalidOperation",
        target=value,
    )


def read_table(value: Hashtable, index: Any) -> Any:
    if isinstance(index, list):
        return [read_table(value, one) for one in index]
    key = unwrap(index)
    if isinstance(value, OrderedDictionary) and type(key) is int:
        items = list(value._items.values())
        return items[key][1] if -len(items) <= key < len(items) else None
    if key is None:
        raise error("Index operation failed; the array index evaluated to null.", "NullArrayIndex", "InvalidOperation")
    pair = value._items.get(value.fold(key))
    return None if pair is None else pair[1]


def number_of(index: Any) -> int:
    plain = unwrap(index)
    if type(plain) is int:
        return plain
    if plain is None:
        raise error("Index operation failed; the array index evaluated to null.", "NullArrayIndex", "InvalidOperation")
    return int(convert(plain, "System.Int32"))


def read_text(value: str, index: Any, strict: float) -> Any:
    if isinstance(index, list) or is_enumerable(index):
        found = [read_text(value, one, strict) for one in enumerate_value(index)]
        return [one for one in found if one is not None]
    at = number_of(index)
    return Char(value[at]) if -len(value) <= at < len(value) else out_of_range(at, len(value), strict)


def read_list(value: list[Any], index: Any, strict: float) -> Any:
    if isinstance(index, list) or is_enumerable(index):
        rank = getattr(value, "rank", 1)
        if rank > 1:
            return value.ps_cell([number_of(one) for one in enumerate_value(index)])  # type: ignore[attr-defined]
        size = len(value)
        places = [number_of(one) for one in enumerate_value(index)]
        for at in places:
            if not -size <= at < size:
                out_of_range(at, size, strict)
        return [value[at] for at in places if -size <= at < size]
    at = number_of(index)
    size = len(value)
    if -size <= at < size:
        return value[at]
    if isinstance(value, PSList) and type(value) is not PSList and getattr(value, "strict_index", False):
        raise index_error("System.ArgumentOutOfRangeException", LIST_RANGE)
    return out_of_range(at, size, strict)


LIST_RANGE = (
    "Index was out of range. Must be non-negative and less than the size of the collection. (Parameter 'index')"
)


# -- writing


def write(value: Any, index: Any, new: Any) -> None:
    if new is NOTHING:
        new = None
    if value is None or value is NOTHING:
        from .access import null_array

        raise null_array()
    if isinstance(value, PSObject) and value._base is not None:
        write(value._base, index, new)
        return
    try:
        _write(value, index, new)
    except (Thrown, IndexError) as problem:
        raise thrown_error(problem) from None


def _write(value: Any, index: Any, new: Any) -> None:
    if isinstance(value, Hashtable):
        write_table(value, unwrap(index), new)
    elif hasattr(type(value), "ps_set_index"):
        value.ps_set_index(index, new)
    elif isinstance(value, list):
        write_list(value, index, new)
    else:
        raise cannot_index(value)


def write_table(value: Hashtable, key: Any, new: Any) -> None:
    if key is None:
        raise error("Index operation failed; the array index evaluated to null.", "NullArrayIndex", "InvalidOperation")
    if isinstance(value, OrderedDictionary) and type(key) is int:
        folded = list(value._items)
        if not 0 <= key < len(folded):
            raise index_error(
                "System.ArgumentOutOfRangeException",
                "Specified argument was out of the range of valid values. (Parameter 'index')",
            )
        value._items[folded[key]] = (value._items[folded[key]][0], new)
        return
    value[key] = new


def index_error(kind: str, message: str) -> ScriptError:
    return error(message, kind, "OperationStopped", net_type=kind)


def write_list(value: list[Any], index: Any, new: Any) -> None:
    if isinstance(index, list):
        if getattr(value, "rank", 1) > 1:
            value.ps_set_cell([number_of(one) for one in index], new)  # type: ignore[attr-defined]
            return
        places = ",".join(to_string(one) for one in index)
        raise error(
            f"Array assignment to [{places}] failed because assignment to slices is not supported.",
            "ArraySliceAssignmentFailed",
            "InvalidOperation",
        )
    at = number_of(index)
    size = len(value)
    if not -size <= at < size:
        if type(value) in (list, PSList):
            raise index_error("System.IndexOutOfRangeException", "Index was outside the bounds of the array.")
        raise index_error("System.ArgumentOutOfRangeException", LIST_RANGE)
    if isinstance(value, PSList) and value.element != "System.Object":
        new = convert(new, net_type(value.element))
    value[at] = new


__all__ = ["SMA", "read", "write"]
