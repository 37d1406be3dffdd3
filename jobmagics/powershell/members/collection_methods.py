"""The ForEach and Where methods that every value has."""

from __future__ import annotations

from typing import Any

from ..dotnet.delegates import call_block
from ..records import SMA, ScriptError, error
from ..values.conversions import convert
from ..values.types import NetType, resolve_type
from ..values.value import NOTHING, enumerate_value, is_enumerable, is_true, to_string

COLLECTION = "System.Collections.ObjectModel.Collection[psobject]"


def collection(items: list[Any]) -> Any:
    from ..dotnet.calls import construct

    kind = resolve_type(COLLECTION)
    assert kind is not None
    made = construct(kind, [])
    made.extend(items)
    return made


def _items(value: Any) -> list[Any]:
    return list(enumerate_value(value))


def for_each(value: Any, args: list[Any]) -> Any:
    """.ForEach({block}, args...), .ForEach('Property'[, value]), .ForEach('Method', args...), .ForEach([type])."""
    if not args:
        raise _no_overload("ForEach", args)
    what, rest = args[0], args[1:]
    found: list[Any] = []
    for item in _items(value):
        got = _for_one(item, what, rest)
        if is_enumerable(got):
            found.extend(enumerate_value(got))
        elif got is not NOTHING:
            found.append(got)
    return collection(found)


def _for_one(item: Any, what: Any, rest: list[Any]) -> Any:
    from .access import MISSING, get_property, invoke_method, set_property

    if hasattr(what, "run"):
        return call_block(what, rest, under=item)
    if isinstance(what, NetType):
        return convert(item, what)
    name = to_string(what)
    found = get_property(item, name, MISSING, strict=True)
    if found is MISSING:
        return invoke_method(item, name, rest)
    if rest:
        set_property(item, name, rest[0])
        return NOTHING
    return found


def _no_overload(name: str, args: list[Any]) -> ScriptError:
    return error(
        f'Cannot find an overload for "{name}" and the argument count: "{len(args)}".',
        "MethodCountCouldNotFindBest",
        net_type=SMA + "MethodException",
    )


def where(value: Any, args: list[Any]) -> Any:
    """.Where({block}[, mode[, count]])."""
    if not args or not hasattr(args[0], "run"):
        raise _no_overload("Where", args)
    mode = to_string(args[1]).lower() if len(args) > 1 else "default"
    count = int(convert(args[2], "System.Int32")) if len(args) > 2 else 0
    items = _items(value)
    chosen = _MODES[mode](items, args[0], count) if mode in _MODES else _default(items, args[0], count)
    return chosen if mode == "split" else collection(chosen)


def _holds(block: Any, item: Any) -> bool:
    return is_true(call_block(block, [], under=item))


def _default(items: list[Any], block: Any, count: int) -> list[Any]:
    found: list[Any] = []
    for item in items:
        if _holds(block, item):
            found.append(item)
            if count and len(found) == count:
                break
    return found


def _first(items: list[Any], block: Any, count: int) -> list[Any]:
    return _default(items, block, count or 1)


def _last(items: list[Any], block: Any, count: int) -> list[Any]:
    return _default(items, block, 0)[-(count or 1) :]


def _skip_until(items: list[Any], block: Any, count: int) -> list[Any]:
    for at, item in enumerate(items):
        if _holds(block, item):
            return items[at : at + count] if count else items[at:]
    return []


def _until(items: list[Any], block: Any, count: int) -> list[Any]:
    found: list[Any] = []
    for item in items:
        if _holds(block, item) or (count and len(found) == count):
            break
        found.append(item)
    return found


def _split(items: list[Any], block: Any, count: int) -> list[Any]:
    yes: list[Any] = []
    no: list[Any] = []
    for item in items:
        full = count and len(yes) == count
        (yes if not full and _holds(block, item) else no).append(item)
    return [collection(yes), collection(no)]


_MODES = {
    "default": _default,
    "first": _first,
    "last": _last,
    "skipuntil": _skip_until,
    "until": _until,
    "split": _split,
}

__all__ = ["collection", "for_each", "where"]
