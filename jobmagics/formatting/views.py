"""Views: what PowerShell shows of a type. Here is what a view is and how one is found; ``default_views`` has them all.

A column's value is a property name or a function of (reader, value), for the columns that PowerShell
computes. Order matters: the first view that fits a type exactly wins, then the nearest base type's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from jobmagics.formatting.reader import Reader
from jobmagics.formatting.records import Alignment, Shape

Item = str | Callable[[Reader, Any], Any]
SHAPES: tuple[Shape, ...] = ("Table", "List", "Wide", "Custom")


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """label None: the property's name."""

    item: Item
    width: int = 0
    alignment: Alignment = ""
    label: str | None = None

    @property
    def title(self) -> str:
        return self.label if self.label is not None else (self.item if isinstance(self.item, str) else "")


@dataclass(frozen=True, slots=True)
class View:
    """group_header: the lines above a group, from the first value of it; wrap: cells may have several lines."""

    name: str
    types: tuple[str, ...]
    shape: Shape
    columns: tuple[ViewColumn, ...] = ()
    autosize: bool = False
    group_by: Item | None = None
    group_header: Callable[[Reader, Any], list[str]] | None = None
    out_of_band: bool = False
    wrap: bool = False
    text: Callable[[Reader, Any, int, bool], str] | None = None


def table(name: str, types: str | Iterable[str], *columns: tuple[Any, ...], **options: Any) -> View:
    """columns: (item, width, alignment, label), all but the item optional."""
    names = (types,) if isinstance(types, str) else tuple(types)
    return View(name, names, "Table", tuple(ViewColumn(*column) for column in columns), **options)


def listing(name: str, types: str | Iterable[str], *items: Any, **options: Any) -> View:
    names = (types,) if isinstance(types, str) else tuple(types)
    columns = tuple(
        ViewColumn(item[0], label=item[1]) if isinstance(item, tuple) else ViewColumn(item) for item in items
    )
    return View(name, names, "List", columns, **options)


def wide(name: str, types: str | Iterable[str], item: Item) -> View:
    return View(name, (types,) if isinstance(types, str) else tuple(types), "Wide", (ViewColumn(item),))


def custom(name: str, types: str, text: Callable[[Reader, Any, int, bool], str], *, out_of_band: bool = False) -> View:
    return View(name, (types,), "Custom", text=text, out_of_band=out_of_band)


VIEWS: list[View] = []

# DefaultDisplayPropertySet and DefaultDisplayProperty of types, lower-case type names
DISPLAY_SETS: dict[str, tuple[str, ...]] = {}
DISPLAY_PROPERTIES: dict[str, str] = {}

_BY_TYPE: dict[str, list[View]] = {}


def _index() -> dict[str, list[View]]:
    if not _BY_TYPE:
        for view in VIEWS:
            for name in view.types:
                _BY_TYPE.setdefault(name.lower(), []).append(view)
    return _BY_TYPE


def add_views(views: Iterable[View], *, prepend: bool = False) -> None:
    """Update-FormatData: more views for this process."""
    VIEWS[0 if prepend else len(VIEWS) : 0 if prepend else len(VIEWS)] = list(views)
    _BY_TYPE.clear()


def find_view(type_names: list[str], shape: Shape | None = None, name: str | None = None) -> View | None:
    """The view for the first of these types that has one of that shape (and name)."""
    index = _index()
    for type_name in type_names:
        for view in index.get(type_name.lower(), ()):
            if view.out_of_band or (shape is not None and view.shape != shape):
                continue
            if name is None or view.name.lower() == name.lower():
                return view
    return None


def view_names(type_name: str, shape: Shape | None) -> list[str]:
    """The views of one shape that a type has itself."""
    return [view.name for view in _index().get(type_name.lower(), ()) if view.shape == shape]


def lower_names(type_name: str, shape: Shape) -> list[str]:
    return [name.lower() for name in view_names(type_name, shape)]


def find_out_of_band(type_names: list[str]) -> View | None:
    index = _index()
    for type_name in type_names:
        for view in index.get(type_name.lower(), ()):
            if view.out_of_band:
                return view
    return None


def display_set(type_names: list[str]) -> tuple[str, ...]:
    return next((DISPLAY_SETS[name.lower()] for name in type_names if name.lower() in DISPLAY_SETS), ())


def display_property(type_names: list[str]) -> str | None:
    found = (DISPLAY_PROPERTIES.get(name.lower()) for name in type_names)
    return next((name for name in found if name), None)
