"""System.Linq.Enumerable: the methods that scripts call as [Linq.Enumerable]::X(...)."""

from __future__ import annotations

import decimal
import functools
from collections.abc import Callable, Iterable
from typing import Any

from ...psobject import Int64, PSList
from ..values.operators import add, divide
from ..values.types import NetType, type_of
from ..values.value import enumerate_value, is_true
from .compare import default_compare, key_of, same_value
from .table import argument_null, declare, net_error, out_of_range

LINQ = declare("System.Linq.Enumerable")
_MANY = "System.Collections.IEnumerable source"
_FUNC = "System.Func[object,object]"
_TEST = "System.Func[object,bool] predicate"


def _items(source: Any) -> list[Any]:
    if source is None:
        raise argument_null("source")
    return list(enumerate_value(source))


def _result(items: Iterable[Any], like: Any = None) -> PSList:
    """The elements, in an array of the source's element type."""
    element = like.element if isinstance(like, PSList) else "System.Object"
    return PSList.of(element, items)


def _empty() -> Exception:
    return net_error("System.InvalidOperationException", "Sequence contains no elements")


def _no_match() -> Exception:
    return net_error("System.InvalidOperationException", "Sequence contains no matching element")


def _passing(source: Any, test: Any) -> list[Any]:
    items = _items(source)
    return items if test is None else [item for item in items if is_true(test(item))]


def _method(
    name: str, *parameters: str, returns: str = "System.Object"
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    texts = [f"{returns} {name}({', '.join([_MANY, *filter(None, [one])])})" for one in parameters or ("",)]
    return LINQ.static(*texts)


# -- making


@LINQ.static("System.Collections.Generic.IEnumerable[TResult] OfType[TResult](System.Collections.IEnumerable source)")
def _of_type(kind: NetType, source: Any) -> PSList:
    return PSList.of(kind.full_name, [item for item in _items(source) if kind.is_instance(item)])


@LINQ.static("System.Collections.Generic.IEnumerable[TResult] Cast[TResult](System.Collections.IEnumerable source)")
def _cast(kind: NetType, source: Any) -> PSList:
    items = _items(source)
    for item in items:
        if not kind.is_instance(item):
            raise net_error(
                "System.InvalidCastException",
                f"Unable to cast object of type '{type_of(item).full_name}' to type '{kind.full_name}'.",
            )
    return PSList.of(kind.full_name, items)


@LINQ.static("System.Collections.Generic.IEnumerable[int] Range(int start, int count)")
def _range(start: int, count: int) -> PSList:
    if count < 0:
        raise out_of_range("count")
    return PSList.of("System.Int32", range(start, start + count))


LINQ.static("System.Collections.IEnumerable Repeat(System.Object element, int count)")(
    lambda item, count: _result([item] * count)
)
LINQ.static("T[] Empty[T]()")(lambda kind: PSList.of(kind.full_name, []))

# -- whole sequences


@_method("Sum", "", f"{_FUNC} selector")
def _sum(source: Any, selector: Any = None) -> Any:
    items = _items(source)
    if selector is not None:
        items = [selector(item) for item in items]
    if not items:
        return 0
    return functools.reduce(add, items)


def _numbers(items: list[Any]) -> None:
    for item in items:
        if not isinstance(item, (int, float, decimal.Decimal)):
            raise net_error(
                "System.InvalidCastException",
                f"Unable to cast object of type '{type_of(item).full_name}' to type 'System.Double'.",
            )


@_method("Average", "", f"{_FUNC} selector")
def _average(source: Any, selector: Any = None) -> Any:
    items = _items(source)
    if not items:
        raise _empty()
    _numbers(items)
    return divide(float(_sum(source, selector)), len(items))


def _extreme(sign: int) -> Callable[..., Any]:
    def find(source: Any, selector: Any = None) -> Any:
        items = _items(source)
        if selector is not None:
            items = [selector(item) for item in items]
        if not items:
            raise _empty()
        return functools.reduce(lambda a, b: b if default_compare(b, a) * sign > 0 else a, items)

    return find


_method("Max", "", f"{_FUNC} selector")(_extreme(1))
_method("Min", "", f"{_FUNC} selector")(_extreme(-1))
_method("Count", "", _TEST, returns="int")(lambda source, test=None: len(_passing(source, test)))
_method("LongCount", "", _TEST, returns="long")(lambda source, test=None: Int64(len(_passing(source, test))))
_method("Any", "", _TEST, returns="bool")(lambda source, test=None: bool(_passing(source, test)))
_method("All", _TEST, returns="bool")(lambda source, test: all(is_true(test(item)) for item in _items(source)))
_method("Contains", "System.Object value", returns="bool")(
    lambda source, wanted: any(same_value(item, wanted) for item in _items(source))
)


@LINQ.static("bool SequenceEqual(System.Collections.IEnumerable first, System.Collections.IEnumerable second)")
def _sequence_equal(first: Any, second: Any) -> bool:
    a, b = _items(first), _items(second)
    return len(a) == len(b) and all(same_value(x, y) for x, y in zip(a, b, strict=True))


@LINQ.static(
    "System.Object Aggregate(System.Collections.IEnumerable source, System.Func[object,object,object] func)",
    "System.Object Aggregate(System.Collections.IEnumerable source, System.Object seed, "
    "System.Func[object,object,object] func)",
)
def _aggregate(source: Any, *rest: Any) -> Any:
    items = _items(source)
    if len(rest) == 2:
        return functools.reduce(rest[1], items, rest[0])
    if not items:
        raise _empty()
    return functools.reduce(rest[0], items)


# -- one element


def _one(position: int, or_default: bool) -> Callable[..., Any]:
    def find(source: Any, test: Any = None) -> Any:
        found = _passing(source, test)
        if found:
            return found[position]
        if or_default:
            return _default(source)
        raise _empty() if test is None else _no_match()

    return find


def _default(source: Any) -> Any:
    from ..values.types import net_type
    from .arrays import element_default

    return element_default(net_type(source.element)) if isinstance(source, PSList) else None


def _single(or_default: bool) -> Callable[..., Any]:
    def find(source: Any, test: Any = None) -> Any:
        found = _passing(source, test)
        if len(found) > 1:
            what = "element" if test is None else "matching element"
            raise net_error("System.InvalidOperationException", f"Sequence contains more than one {what}")
        return _one(0, or_default)(source, test)

    return find


for _name, _position in (("First", 0), ("Last", -1)):
    _method(_name, "", _TEST)(_one(_position, False))
    _method(f"{_name}OrDefault", "", _TEST)(_one(_position, True))
_method("Single", "", _TEST)(_single(False))
_method("SingleOrDefault", "", _TEST)(_single(True))


@_method("ElementAt", "int index")
def _element_at(source: Any, index: int) -> Any:
    items = _items(source)
    if not 0 <= index < len(items):
        from .table import index_out_of_range

        raise index_out_of_range()
    return items[index]


# -- sequences from sequences

_SEQUENCE = "System.Collections.IEnumerable"


def _distinct(items: Iterable[Any], key: Callable[[Any], Any] | None = None) -> list[Any]:
    kept: list[tuple[Any, Any]] = []
    for item in items:
        mark = item if key is None else key(item)
        if not any(same_value(mark, other) for other, _ in kept):
            kept.append((mark, item))
    return [item for _, item in kept]


def _among(item: Any, others: list[Any]) -> bool:
    return any(same_value(item, other) for other in others)


def _pair(name: str, function: Callable[[list[Any], list[Any]], list[Any]]) -> None:
    LINQ.static(f"{_SEQUENCE} {name}({_SEQUENCE} first, {_SEQUENCE} second)")(
        lambda first, second: _result(function(_items(first), _items(second)), first)
    )


_pair("Concat", lambda a, b: a + b)
_pair("Union", lambda a, b: _distinct(a + b))
_pair("Intersect", lambda a, b: [item for item in _distinct(a) if _among(item, b)])
_pair("Except", lambda a, b: [item for item in _distinct(a) if not _among(item, b)])
_method("Distinct", "", returns=_SEQUENCE)(lambda source: _result(_distinct(_items(source)), source))
_method("DistinctBy", f"{_FUNC} keySelector", returns=_SEQUENCE)(
    lambda source, key: _result(_distinct(_items(source), key), source)
)
_method("Reverse", "", returns=_SEQUENCE)(lambda source: _result(_items(source)[::-1], source))
_method("Skip", "int count", returns=_SEQUENCE)(lambda source, count: _result(_items(source)[max(0, count) :], source))
_method("Take", "int count", returns=_SEQUENCE)(lambda source, count: _result(_items(source)[: max(0, count)], source))
_method("SkipLast", "int count", returns=_SEQUENCE)(
    lambda source, count: _result(_items(source)[: -count or None], source)
)
_method("TakeLast", "int count", returns=_SEQUENCE)(
    lambda source, count: _result(_items(source)[-count:] if count > 0 else [], source)
)
_method("Append", "System.Object element", returns=_SEQUENCE)(
    lambda source, item: _result([*_items(source), item], source)
)
_method("Prepend", "System.Object element", returns=_SEQUENCE)(
    lambda source, item: _result([item, *_items(source)], source)
)
_method("Where", _TEST, returns=_SEQUENCE)(lambda source, test: _result(_passing(source, test), source))
_method("Select", f"{_FUNC} selector", returns=_SEQUENCE)(
    lambda source, change: _result(change(item) for item in _items(source))
)
_method("SelectMany", f"{_FUNC} selector", returns=_SEQUENCE)(
    lambda source, change: _result(part for item in _items(source) for part in enumerate_value(change(item)))
)


@_method("TakeWhile", _TEST, returns=_SEQUENCE)
def _take_while(source: Any, test: Any) -> PSList:
    import itertools

    return _result(itertools.takewhile(lambda item: is_true(test(item)), _items(source)), source)


@_method("SkipWhile", _TEST, returns=_SEQUENCE)
def _skip_while(source: Any, test: Any) -> PSList:
    import itertools

    return _result(itertools.dropwhile(lambda item: is_true(test(item)), _items(source)), source)


def _ordered(descending: bool) -> Callable[..., PSList]:
    def order(source: Any, key: Any = None) -> PSList:
        mark = key_of(default_compare)
        by = mark if key is None else (lambda item: mark(key(item)))
        items = _items(source)
        return _result(sorted(items, key=by, reverse=descending), source)

    return order


_method("OrderBy", f"{_FUNC} keySelector", returns=_SEQUENCE)(_ordered(False))
_method("OrderByDescending", f"{_FUNC} keySelector", returns=_SEQUENCE)(_ordered(True))
_method("Order", "", returns=_SEQUENCE)(_ordered(False))
_method("OrderDescending", "", returns=_SEQUENCE)(_ordered(True))


@_method("GroupBy", f"{_FUNC} keySelector", returns=_SEQUENCE)
def _group_by(source: Any, key: Any) -> PSList:
    from ...psobject import PSObject

    groups: list[tuple[Any, list[Any]]] = []
    for item in _items(source):
        mark = key(item)
        held = next((items for other, items in groups if same_value(other, mark)), None)
        if held is None:
            held = []
            groups.append((mark, held))
        held.append(item)
    return _result(PSObject({"Key": mark}, base=_result(items, source)) for mark, items in groups)


@LINQ.static(
    f"{_SEQUENCE} Zip({_SEQUENCE} first, {_SEQUENCE} second)",
    f"{_SEQUENCE} Zip({_SEQUENCE} first, {_SEQUENCE} second, System.Func[object,object,object] resultSelector)",
)
def _zip(first: Any, second: Any, join: Any = None) -> PSList:
    from ..values.types import resolve_type
    from .calls import invoke_static

    pairs = zip(_items(first), _items(second), strict=False)
    if join is not None:
        return _result(join(a, b) for a, b in pairs)
    maker = resolve_type("System.ValueTuple")
    assert maker is not None
    return _result(invoke_static(maker, "Create", [a, b]) for a, b in pairs)


@_method("Chunk", "int size", returns=_SEQUENCE)
def _chunk(source: Any, size: int) -> PSList:
    items = _items(source)
    if size < 1:
        raise out_of_range("size")
    return _result(_result(items[at : at + size], source) for at in range(0, len(items), size))


# -- out of sequences


def _to_list(source: Any) -> Any:
    from .lists import object_list

    return object_list(_items(source), source.element if isinstance(source, PSList) else "object")


_method("ToArray", "", returns="System.Object[]")(lambda source: _result(_items(source), source))
_method("ToList", "")(_to_list)
_method("AsEnumerable", "", returns=_SEQUENCE)(lambda source: source)


@_method("ToHashSet", "")
def _to_set(source: Any) -> Any:
    from ..values.types import resolve_type
    from .calls import construct

    element = source.element if isinstance(source, PSList) else "System.Object"
    kind = resolve_type(f"System.Collections.Generic.HashSet[{element}]")
    assert kind is not None
    return construct(kind, [_result(_items(source), source)])


@_method("ToDictionary", f"{_FUNC} keySelector")
def _to_dictionary(source: Any, key: Any) -> Any:
    from ..values.types import resolve_type
    from .tables import Dictionary

    kind = resolve_type("System.Collections.Generic.Dictionary[object,object]")
    assert kind is not None
    return Dictionary(kind, None, ((key(item), item) for item in _items(source)))
