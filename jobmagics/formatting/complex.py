"""Format-Custom of a value without a view: its properties nested in braces, as deep as asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jobmagics.formatting.shaping import Shaper

INDENT = "  "


def complex_lines(shaper: Shaper, value: Any) -> list[str]:
    kind = shaper.reader.plain_type_names(value)[0].rpartition(".")[2]
    return [f"class {kind}", "{", *_members(shaper, value, 1), "}", ""]


def _members(shaper: Shaper, value: Any, level: int) -> list[str]:
    from jobmagics.formatting.shaping import is_scalar

    lines: list[str] = []
    pad = INDENT * level
    for name, item in shaper.reader.properties(value):
        elements = shaper.reader.elements(item) if item is not None else None
        if item is None or is_scalar(shaper.reader.plain_type_names(item)) or level >= shaper.request.depth:
            lines.append(f"{pad}{name} = {shaper.reader.to_string(item)}")
        elif elements is not None:
            lines += [f"{pad}{name} = ", f"{pad}{INDENT}["]
            for element in elements:
                lines += _element(shaper, element, level + 2)
            lines += [f"{pad}{INDENT}]", f"{pad}{INDENT}"]
        else:
            kind = shaper.reader.plain_type_names(item)[0].rpartition(".")[2]
            lines += [f"{pad}{name} = ", f"{pad}{INDENT}class {kind}", f"{pad}{INDENT}{{"]
            lines += [*_members(shaper, item, level + 2), f"{pad}{INDENT}}}", f"{pad}{INDENT}"]
    return lines


def _element(shaper: Shaper, element: Any, level: int) -> list[str]:
    from jobmagics.formatting.shaping import is_scalar

    pad = INDENT * level
    if element is None or is_scalar(shaper.reader.plain_type_names(element)) or level > 2 * shaper.request.depth:
        return [f"{pad}{shaper.reader.to_string(element)}"]
    kind = shaper.reader.plain_type_names(element)[0].rpartition(".")[2]
    return [f"{pad}class {kind}", f"{pad}{{", *_members(shaper, element, level + 1), f"{pad}}}"]
