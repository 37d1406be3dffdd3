"""Format-Custom of a value without a view: its properties nested in braces, as deep as asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from jobmagics.formatting import texts
from jobmagics.formatting.columns import Column, is_scalar

if TYPE_CHECKING:
    from jobmagics.formatting.shaping import Shaper

INDENT = "  "


def complex_lines(shaper: Shaper, value: Any) -> list[str]:
    if is_scalar(shaper.reader.plain_type_names(value)):
        return [shaper.cell_text(value), ""]
    columns = shaper.custom_columns(value)
    return [*_object(shaper, value, 0, shaper.request.depth, columns), ""]


def indented(line: str) -> tuple[str, str]:
    """A line's indentation, which the lines it is broken into share, and its text."""
    text = line.lstrip(" ")
    return line[: len(line) - len(text)], text


def _object(shaper: Shaper, value: Any, level: int, depth: int, columns: Iterable[Column]) -> Iterator[str]:
    """A class and its members. ``level``: how deep it is, against the ``depth`` asked for."""
    yield f"class {shaper.reader.type_names(value)[0].rpartition('.')[2]}"
    yield "{"
    for column in columns:
        found = shaper.column_value(value, column)
        yield from _indented(_member(shaper, column.source, found, level, column.depth or depth))
    yield "}"


def _member(shaper: Shaper, name: str, value: Any, level: int, depth: int) -> Iterator[str]:
    elements = shaper.reader.elements(value) if value is not None else None
    if elements is not None:
        yield f"{name} = "
        yield from _indented(_elements(shaper, elements, level + 1, depth))
    elif _is_leaf(shaper, value, level, depth):
        yield from texts.split_lines(f"{name} = {shaper.cell_text(value)}")
    else:
        yield f"{name} = "
        yield from _indented(_object(shaper, value, level + 1, depth, shaper.default_columns(value)))


def _elements(shaper: Shaper, elements: Iterable[Any], level: int, depth: int) -> Iterator[str]:
    yield "["
    limit = shaper.reader.enumeration_limit
    for count, element in enumerate(elements):
        if 0 <= limit <= count:
            yield INDENT + texts.ELLIPSIS
            break
        yield from _indented(_element(shaper, element, level, depth))
    yield "]"
    yield ""


def _element(shaper: Shaper, element: Any, level: int, depth: int) -> Iterator[str]:
    if _is_leaf(shaper, element, level, depth):
        yield from texts.split_lines(shaper.cell_text(element))
        return
    inner = shaper.reader.elements(element)
    if inner is not None:
        yield ""
        yield from _indented(_elements(shaper, inner, level + 1, depth))
    else:
        yield from _object(shaper, element, level + 1, depth, shaper.default_columns(element))


def _is_leaf(shaper: Shaper, value: Any, level: int, depth: int) -> bool:
    return value is None or level >= depth or is_scalar(shaper.reader.plain_type_names(value))


def _indented(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield INDENT + line
