"""System.Array: what arrays have, and the statics that search and sort them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...psobject import Int64, PSList
from ..memory import BYTES_OF_ITEM, OutOfMemory, require
from ..values.collation import plain_key
from ..values.conversions import convert
from ..values.pieces import ordered, repeated
from ..values.types import NetType, type_of
from .compare import Comparer, default_compare, key_of, same_value
from .signatures import search_end
from .table import argument_null, declare, index_out_of_range, net_error, out_of_range

ARRAY = declare("System.Array")
MAX_ELEMENTS = 1 << 26


class Grid(PSList):
    """An array of several dimensions, stored row by row."""

    def __init__(self, element: str, sizes: Sequence[int], fill: Any) -> None:
        total = 1
        for size in sizes:
            total *= size
        super().__init__(repeated(fill, total))
        self.element = element
        self.sizes = list(sizes)

    @property
    def rank(self) -> int:
        return len(self.sizes)

    def ps_type_names(self) -> list[str]:
        return [f"{self.element}[{',' * (self.rank - 1)}]", "System.Array", "System.Object"]

    def net_type_of(self) -> NetType:
        from ..values.types import array_type, net_type

        return array_type(net_type(self.element), self.rank)

    def _place(self, places: Sequence[int]) -> int:
        if len(places) != len(self.sizes):
            raise net_error("System.ArgumentException", "Array was not a one-dimensional array.")
        at = 0
        for place, size in zip(places, self.sizes, strict=True):
            if not 0 <= place < size:
                raise net_error("System.IndexOutOfRangeException", "Index was outside the bounds of the array.")
            at = at * size + place
        return at

    def ps_cell(self, places: Sequence[int]) -> Any:
        return self[self._place(places)]

    def ps_set_cell(self, places: Sequence[int], new: Any) -> None:
        self[self._place(places)] = convert(new, self.element)


def element_default(kind: NetType) -> Any:
    if kind.is_value_type:
        from .calls import default_value

        return default_value(kind) if kind.full_name not in _STRUCTS else _struct(kind)
    return None


_STRUCTS = ("System.DateTime", "System.TimeSpan", "System.Guid")


def _struct(kind: NetType) -> Any:
    from .calls import get_static

    return get_static(kind, {"DateTime": "MinValue", "TimeSpan": "Zero", "Guid": "Empty"}[kind.name])


def new_array(kind: NetType, args: Sequence[Any]) -> Any:
    """``[int[]]::new(5)``, ``[int[,]]::new(2, 3)``."""
    assert kind.element is not None
    sizes = [int(convert(size, "System.Int32")) for size in args]
    return make_array(kind.element, sizes)


def make_array(element: NetType, sizes: Sequence[int]) -> Any:
    total = 1
    for size in sizes:
        if size < 0:
            raise net_error("System.OverflowException", "Arithmetic operation resulted in an overflow.")
        total *= size
    if total > MAX_ELEMENTS:
        raise OutOfMemory
    require(total * BYTES_OF_ITEM)
    fill = element_default(element)
    if len(sizes) > 1:
        return Grid(element.full_name, sizes, fill)
    if element.full_name == "System.Object":
        return repeated(None, total)
    return PSList.of(element.full_name, repeated(fill, total))


def like(values: list[Any], items: Any) -> Any:
    """A list of the same element type."""
    return PSList.of(values.element, items) if type(values) is PSList else list(items)


# -- what an array has

ARRAY.property("int Length", len)
ARRAY.property("int Count", len)
ARRAY.property("long LongLength", lambda values: Int64(len(values)))
ARRAY.property("int Rank", lambda values: getattr(values, "rank", 1))
ARRAY.property("System.Object SyncRoot", lambda values: values)
ARRAY.property("bool IsReadOnly", lambda values: False)
ARRAY.property("bool IsFixedSize", lambda values: True)
ARRAY.property("bool IsSynchronized", lambda values: False)


def _size(values: list[Any], dimension: int) -> int:
    sizes = getattr(values, "sizes", None) or [len(values)]
    if not 0 <= dimension < len(sizes):
        raise net_error("System.IndexOutOfRangeException", "Array does not have that many dimensions.")
    return int(sizes[dimension])


ARRAY.method("int GetLength(int dimension)")(_size)
ARRAY.method("long GetLongLength(int dimension)")(lambda values, dimension: Int64(_size(values, dimension)))
ARRAY.method("int GetUpperBound(int dimension)")(lambda values, dimension: _size(values, dimension) - 1)
ARRAY.method("int GetLowerBound(int dimension)")(lambda values, dimension: 0)
ARRAY.method("System.Object Clone()")(lambda values: like(values, values))
ARRAY.method("void Initialize()")(lambda values: None)


@ARRAY.method(
    "System.Object GetValue(int index)",
    "System.Object GetValue(Params int[] indices)",
    "System.Object Get(Params int[] indices)",
)
def _get_value(values: list[Any], index: Any) -> Any:
    places = index if isinstance(index, list) else [index]
    if isinstance(values, Grid):
        return values.ps_cell(places)
    if not 0 <= places[0] < len(values):
        raise net_error("System.IndexOutOfRangeException", "Index was outside the bounds of the array.")
    return values[places[0]]


@ARRAY.method(
    "void SetValue(System.Object value, int index)", "void SetValue(System.Object value, Params int[] indices)"
)
def _set_value(values: list[Any], value: Any, index: Any) -> None:
    places = index if isinstance(index, list) else [index]
    if isinstance(values, Grid):
        values.ps_set_cell(places, value)
        return
    if not 0 <= places[0] < len(values):
        raise net_error("System.IndexOutOfRangeException", "Index was outside the bounds of the array.")
    values[places[0]] = convert(value, values.element) if isinstance(values, PSList) else value


@ARRAY.method("void CopyTo(array array, int index)")
def _copy_to(values: list[Any], target: list[Any], index: int) -> None:
    if index + len(values) > len(target):
        raise net_error(
            "System.ArgumentException",
            "Destination array was not long enough. Check the destination index, length, and the array's lower bounds.",
            param="destinationArray",
        )
    target[index : index + len(values)] = values


@ARRAY.method("System.Collections.IEnumerator GetEnumerator()")
def _enumerator(values: list[Any]) -> Any:
    from .enumerators import Enumerator

    return Enumerator(values)


def _contains(values: list[Any], wanted: Any) -> bool:
    return any(same_value(item, wanted) for item in values)


ARRAY.method("bool Contains(System.Object value)")(_contains)


def _find(values: Sequence[Any], wanted: Any, start: int = 0, count: int | None = None) -> int:
    end = search_end(len(values), start, count, "startIndex")
    return next((at for at in range(start, end) if same_value(values[at], wanted)), -1)


ARRAY.method("int IndexOf(System.Object value)")(_find)


def _fixed(values: list[Any], *rest: Any) -> None:
    raise net_error("System.NotSupportedException", "Collection was of a fixed size.")


for _signature in (
    "int Add(System.Object value)",
    "void Insert(int index, System.Object value)",
    "void Remove(System.Object value)",
    "void RemoveAt(int index)",
):
    ARRAY.method(_signature)(_fixed)


@ARRAY.method("void Clear()")
def _clear_own(values: list[Any]) -> None:
    _clear(values)


# -- statics


@ARRAY.static("void Clear(array array)", "void Clear(array array, int index, int length)")
def _clear(values: list[Any], index: int = 0, length: int | None = None) -> None:
    from ..values.types import net_type

    end = len(values) if length is None else index + length
    if not 0 <= index <= end <= len(values):
        raise net_error("System.IndexOutOfRangeException", "Index was outside the bounds of the array.")
    fill = element_default(net_type(values.element)) if isinstance(values, PSList) else None
    for at in range(index, end):
        values[at] = fill


@ARRAY.static(
    "int IndexOf(array array, System.Object value)",
    "int IndexOf(array array, System.Object value, int startIndex)",
    "int IndexOf(array array, System.Object value, int startIndex, int count)",
)
def _index_of(values: list[Any], wanted: Any, start: int = 0, count: int | None = None) -> int:
    if isinstance(values, PSList) and values.element != "System.Object" and wanted is not None:
        from ..values.conversions import try_convert
        from ..values.types import net_type

        converted = try_convert(wanted, net_type(values.element))
        wanted = wanted if converted is None else converted
    return _find(values, wanted, start, count)


@ARRAY.static("int LastIndexOf(array array, System.Object value)")
def _last_index_of(values: list[Any], wanted: Any) -> int:
    return next((at for at in range(len(values) - 1, -1, -1) if same_value(values[at], wanted)), -1)


@ARRAY.static("void Reverse(array array)", "void Reverse(array array, int index, int length)")
def _reverse(values: list[Any], index: int = 0, length: int | None = None) -> None:
    end = len(values) if length is None else index + length
    values[index:end] = values[index:end][::-1]


def sort_items(values: list[Any], comparer: Any = None) -> None:
    """In place, with a Comparer, a delegate (Comparison), or .NET's default order."""
    order: Any = default_compare
    if isinstance(comparer, Comparer):
        order = comparer.compare
    elif comparer is not None and callable(comparer):
        order = lambda a, b: int(convert(comparer(a, b), "System.Int32"))  # noqa: E731
    elif comparer is not None:
        from ..members.access import invoke_method

        order = lambda a, b: int(convert(invoke_method(comparer, "Compare", [a, b]), "System.Int32"))  # noqa: E731
    try:
        kinds: set[type] = {type(value) for value in values} if comparer is None else {object}
        in_order = ordered(values, plain_key(kinds, lambda value: value, ignore_case=False) or key_of(order))
    except Exception as problem:
        from ..records import NetException, ScriptError
        from .table import Thrown

        if isinstance(problem, ScriptError):
            cause = problem.record.exception
        elif isinstance(problem, Thrown):
            cause = problem.exception
        else:
            raise
        inner = NetException("At least one object must implement IComparable.", net_type="System.ArgumentException")
        raise net_error(
            "System.InvalidOperationException", "Failed to compare two elements in the array.", inner=cause or inner
        ) from None
    values[:] = in_order


@ARRAY.static(
    "void Sort(array array)",
    "void Sort(array array, System.Collections.IComparer comparer)",
    "void Sort(array array, System.Comparison[System.Object] comparison)",
)
def _sort(values: list[Any] | None, comparer: Any = None) -> None:
    if values is None:
        raise argument_null("array")
    sort_items(values, comparer)


@ARRAY.static("void Sort(array keys, array items)")
def _sort_keys(keys: list[Any], items: list[Any] | None) -> None:
    if items is not None and len(items) < len(keys):
        raise net_error("System.ArgumentException", "The lengths of the 'keys' and 'items' arrays must match.")
    order = sorted(range(len(keys)), key=lambda at: key_of(default_compare)(keys[at]))
    if items is not None:
        items[: len(keys)] = [items[at] for at in order]
    keys[:] = [keys[at] for at in order]


@ARRAY.static("void Sort(array array, int index, int length)")
def _sort_part(values: list[Any], index: int, length: int) -> None:
    part = values[index : index + length]
    sort_items(part)
    values[index : index + length] = part


@ARRAY.static("int BinarySearch(array array, System.Object value)")
def binary_search(values: Sequence[Any], wanted: Any, comparer: Any = None) -> int:
    low, high = 0, len(values) - 1
    order = comparer.compare if isinstance(comparer, Comparer) else default_compare
    while low <= high:
        middle = (low + high) // 2
        found = order(values[middle], wanted)
        if found == 0:
            return middle
        if found < 0:
            low = middle + 1
        else:
            high = middle - 1
    return ~low


@ARRAY.static("void Copy(array sourceArray, array destinationArray, int length)")
def _copy(source: list[Any], target: list[Any], length: int) -> None:
    _copy_part(source, 0, target, 0, length)


@ARRAY.static("void Copy(array sourceArray, int sourceIndex, array destinationArray, int destinationIndex, int length)")
def _copy_part(source: list[Any], start: int, target: list[Any], place: int, length: int) -> None:
    if length < 0:
        raise out_of_range("length", "Non-negative number required.")
    if start + length > len(source):
        raise net_error(
            "System.ArgumentException",
            "Source array was not long enough. Check the source index, length, and the array's lower bounds.",
            param="sourceArray",
        )
    if place + length > len(target):
        raise net_error(
            "System.ArgumentException",
            "Destination array was not long enough. Check the destination index, length, and the array's lower bounds.",
            param="destinationArray",
        )
    items = source[start : start + length]
    if isinstance(target, PSList) and target.element != "System.Object":
        items = [convert(item, target.element) for item in items]
    target[place : place + length] = items


@ARRAY.static("void Resize([ref] array array, int newSize)")
def _resize(reference: Any, size: int) -> None:
    from ..values.types import net_type

    values = reference.value
    if size < 0:
        raise out_of_range("newSize", f"newSize ('{size}') must be a non-negative value.")
    if values is None:
        reference.value = [None] * size
        return
    if not isinstance(values, list):
        raise net_error(
            "System.InvalidCastException",
            f"Unable to cast object of type '{type_of(values).full_name}' to type 'System.Object[]'.",
        )
    fill = element_default(net_type(values.element)) if isinstance(values, PSList) else None
    reference.value = like(values, [*values[:size], *([fill] * (size - len(values)))])


@ARRAY.static(
    "array CreateInstance(type elementType, int length)", "array CreateInstance(type elementType, Params int[] lengths)"
)
def _create(element: NetType, sizes: Any) -> Any:
    return make_array(element, sizes if isinstance(sizes, list) else [sizes])


ARRAY.static("T[] Empty[T]()")(lambda kind: PSList.of(kind.full_name, []))


@ARRAY.static("void Fill(array array, System.Object value)")
def _fill(values: list[Any], value: Any) -> None:
    values[:] = [value] * len(values)


_TEST = "System.Predicate[System.Object] match"
ARRAY.static(f"System.Object Find(System.Object[] array, {_TEST})")(
    lambda values, test: next((one for one in values if test.test(one)), None)
)
ARRAY.static(f"System.Object FindLast(System.Object[] array, {_TEST})")(
    lambda values, test: next((one for one in reversed(values) if test.test(one)), None)
)
ARRAY.static(f"System.Object[] FindAll(System.Object[] array, {_TEST})")(
    lambda values, test: like(values, [one for one in values if test.test(one)])
)
ARRAY.static(f"int FindIndex(System.Object[] array, {_TEST})")(
    lambda values, test: next((at for at, one in enumerate(values) if test.test(one)), -1)
)
ARRAY.static(f"int FindLastIndex(System.Object[] array, {_TEST})")(
    lambda values, test: next((at for at in range(len(values) - 1, -1, -1) if test.test(values[at])), -1)
)
ARRAY.static(f"bool Exists(System.Object[] array, {_TEST})")(lambda values, test: any(test.test(one) for one in values))
ARRAY.static(f"bool TrueForAll(System.Object[] array, {_TEST})")(
    lambda values, test: all(test.test(one) for one in values)
)


@ARRAY.static("void ForEach(System.Object[] array, System.Action[System.Object] action)")
def _each(values: list[Any], action: Any) -> None:
    for one in values:
        action(one)


ARRAY.static(
    "System.Object[] ConvertAll(System.Object[] array, System.Converter[System.Object,System.Object] converter)"
)(lambda values, convert_one: [convert_one(one) for one in values])


@ARRAY.static("System.Collections.ObjectModel.ReadOnlyCollection[System.Object] AsReadOnly(array array)")
def _read_only(values: list[Any] | None) -> Any:
    from .wrappers import read_only

    if values is None:
        raise argument_null("array")
    return read_only(values)


__all__ = ["Grid", "binary_search", "index_out_of_range", "like", "make_array", "new_array", "sort_items"]
