"""Values to records: the Format-* half, with or without a shape asked for.

The first value decides view, shape and columns of the whole run, as in PowerShell; values that
no table should hold (strings, numbers, errors) pass between the rows as they are.
"""

from __future__ import annotations

import decimal
import fnmatch
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from jobmagics.formatting import default_views, texts, views  # noqa: F401 - the default views register themselves
from jobmagics.formatting.columns import Column, is_scalar
from jobmagics.formatting.complex import complex_lines, indented
from jobmagics.formatting.reader import Reader
from jobmagics.formatting.records import (
    Alignment,
    Entry,
    FormatEnd,
    FormatStart,
    GroupEnd,
    GroupStart,
    HeaderColumn,
    Record,
    Shape,
)
from jobmagics.formatting.views import View, ViewColumn
from jobmagics.formatting.wire import from_wire
from jobmagics.psobject import PSObject

MAX_TABLE_PROPERTIES = 4  # more properties than this make a list
MAX_TABLE_COLUMNS = 10
FLOAT_PLACES = {"en-US": 3, "": 2}  # NumberDecimalDigits of the two cultures
REMOTING_NAMES = {"pscomputername", "psshowcomputername", "runspaceid", "pssourcejobinstanceid"}
NAME_PATTERNS = ("name", "id", "key", "*key", "*name", "*id")


class FormatError(Exception):
    """The request cannot be met: no such view. ``fqid`` is PowerShell's error id, ``target`` what is not there."""

    def __init__(self, message: str, fqid: str, target: str) -> None:
        super().__init__(message)
        self.fqid, self.target = fqid, target


def _no_view(name: str, type_name: str, shape: Shape | None) -> str:
    known = views.view_names(type_name, shape)
    if known:
        return f"The view name {name} cannot be found. Specify one of the following {shape} views and try again: " + (
            ", ".join(known) + "."
        )
    others = [f"Format-{other}" for other in views.SHAPES if name.lower() in views.lower_names(type_name, other)]
    if others:
        return f" The view name {name} cannot be found in the {shape} formatting. Try using one of these other " + (
            "format cmdlets: " + ", ".join(others)
        )
    return f"The view name {name} cannot be found. There are no existing {shape} views for {type_name} objects."


@dataclass(slots=True)
class ShapeRequest:
    """What a Format-* command was asked for; None everywhere is the default formatter."""

    shape: Shape | None = None
    columns: list[Column] = field(default_factory=list)
    view: str | None = None
    autosize: bool | None = None
    hide_headers: bool = False
    wrap: bool = False
    repeat_header: bool = False
    wide_columns: int = 0
    group_by: Column | None = None
    force: bool = False
    expand: str = "EnumOnly"
    depth: int = 5


class Shaper:
    """Fed with values, gives records; ``close`` gives the ends of group and run."""

    def __init__(
        self, reader: Reader, request: ShapeRequest | None = None, *, width: int = 120, color: bool = False
    ) -> None:
        self.reader, self.width, self.color = reader, width, color
        self.request = request or ShapeRequest()
        self._open = self._in_group = False
        self._view: View | None = None
        self._shape: Shape = "Table"
        self._columns: list[Column] = []
        self._group_key: Any = self
        self._group_name = ""
        self._group_named = False

    def feed(self, value: Any) -> Iterator[Record]:
        if value is None:
            return
        if isinstance(value, PSObject) and (record := from_wire(value)) is not None:
            value = record
        elements = None if isinstance(value, Record) else self.reader.elements(value)
        if elements is None or self.request.expand == "CoreOnly":
            yield from self._value(value)
            return
        if self.request.expand == "Both":
            yield from self._both(value, list(elements))
            return
        for element in elements:
            yield from self._value("" if element is None else element)

    def close(self) -> Iterator[Record]:
        if self._in_group:
            yield GroupEnd()
        if self._open:
            yield FormatEnd()
        self._open = self._in_group = False

    def _both(self, value: Any, elements: list[Any]) -> Iterator[Record]:
        yield Entry("Raw", [("", "The following object supports IEnumerable:\n")], out_of_band=True)
        core = self._out_of_band(value, True)
        if core:
            yield core
        count = len(elements)
        text = {0: "no objects", 1: "the following object"}.get(count, f"the following {count} objects")
        yield Entry("Raw", [("", f"The IEnumerable contains {text}{':' if count else '.'}\n")], out_of_band=True)
        for element in elements:
            yield from self._value("" if element is None else element)

    def _value(self, value: Any) -> Iterator[Record]:
        if isinstance(value, Record):
            yield value
            return
        names = self.reader.plain_type_names(value)
        if not (self.request.force and self.request.shape):
            aside = self._out_of_band(value, False)
            if aside is None and self._open and self._view is not None and not self._applies(names):
                aside = self._out_of_band(value, True)
            if aside is not None:
                yield aside
                return
        if not self._open:
            yield self._begin(value, names)
        yield from self._grouped(value)
        yield self._payload(value)

    # -- values outside the run's view
    def _out_of_band(self, value: Any, as_list: bool) -> Entry | None:
        names = self.reader.plain_type_names(value)
        view = views.find_out_of_band(names)
        if view is not None and view.text is not None:
            shown = view.text(self.reader, value, self.width, self.color)
            return Entry("Lines", [("", line) for line in texts.split_lines(shown)], out_of_band=True)
        if is_scalar(names) or not self._has_properties(value):
            return Entry("Raw", [("", self.reader.to_string(value))], out_of_band=True)
        if not as_list:
            return None
        fields = [self._field(value, column) for column in self.default_columns(value)]
        return Entry("List", fields, out_of_band=True)

    def _has_properties(self, value: Any) -> bool:
        return any(name.lower() not in REMOTING_NAMES for name, _ in self.reader.properties(value))

    def _applies(self, names: list[str]) -> bool:
        assert self._view is not None
        types = {name.lower() for name in self._view.types}
        return any(name.lower() in types for name in names)

    # -- the start of a run
    def _begin(self, value: Any, names: list[str]) -> FormatStart:
        request = self.request
        self._open = True
        if not request.columns:
            self._view = views.find_view(names, request.shape, request.view)
            if request.view and self._view is None:
                raise FormatError(_no_view(request.view, names[0], request.shape), "FormatViewNotFound", request.view)
        self._shape = self._view.shape if self._view else request.shape or self._shape_of(value)
        autosize = request.autosize if request.autosize is not None else bool(self._view and self._view.autosize)
        start = FormatStart(self._shape, autosize=autosize, hide_headers=request.hide_headers)
        start.wide_columns = 0 if autosize else request.wide_columns
        start.repeat_header = request.repeat_header
        if self._shape == "Table":
            start.columns = self._view_header() if self._view else self._table_header(value)
            self._add_computer_column(value, start)
        return start

    def _shape_of(self, value: Any) -> Shape:
        count = len(self._display_set(value)) or len(self.reader.listed(value))
        return "Table" if count <= MAX_TABLE_PROPERTIES else "List"

    def _display_set(self, value: Any) -> tuple[str, ...]:
        return self.reader.own_display_set(value) or views.display_set(self.reader.plain_type_names(value))

    def _view_header(self) -> list[HeaderColumn]:
        assert self._view is not None
        return [
            HeaderColumn(c.title, c.width, c.alignment or "Left", c.title == c.item, True) for c in self._view.columns
        ]

    def _add_computer_column(self, value: Any, start: FormatStart) -> None:
        if self._view is not None and self._shows_computer(value):
            start.columns.append(HeaderColumn("PSComputerName"))
            extra = (*self._view.columns, ViewColumn("PSComputerName"))
            self._view = View(self._view.name, self._view.types, "Table", extra, **self._view_options())

    def _view_options(self) -> dict[str, Any]:
        view = self._view
        assert view is not None
        return {"autosize": view.autosize, "group_by": view.group_by, "group_header": view.group_header}

    def _shows_computer(self, value: Any) -> bool:
        found, shown = self.reader.get(value, "PSShowComputerName")
        return found and self.reader.base(shown) is True and self.reader.get(value, "PSComputerName")[0]

    def _table_header(self, value: Any) -> list[HeaderColumn]:
        if self.request.columns:
            self._columns = list(self._resolved(value, keep_missing=True))
        else:
            self._columns = self.default_columns(value)[:MAX_TABLE_COLUMNS]
        return [
            HeaderColumn(
                c.title, c.width, c.alignment or self._alignment(value, c), c.label is None and c.script is None
            )
            for c in self._columns
        ]

    def _alignment(self, value: Any, column: Column) -> Alignment:
        found = self.column_value(value, column)
        if found is None:
            return "Left"
        names = self.reader.plain_type_names(found)
        return "Right" if is_scalar(names) and names[0] != "System.String" else "Left"

    def default_columns(self, value: Any) -> list[Column]:
        names = self._display_set(value)
        if names:
            columns = [Column(name) for name in names]
            return [*columns, Column("PSComputerName")] if self._shows_computer(value) else columns
        hidden = {"psshowcomputername"} if self._shows_computer(value) else {"psshowcomputername", "pscomputername"}
        every = [name for name, _ in self.reader.listed(value)]
        has_marks = any(name.lower() == "psshowcomputername" for name in every)
        return [Column(name) for name in every if not (has_marks and name.lower() in hidden)]

    def _resolved(self, value: Any, keep_missing: bool) -> Iterable[Column]:
        """-Property against a value: wildcards expanded, names in the value's own spelling."""
        for column in self.request.columns:
            if column.script is not None:
                yield column
                continue
            names = self._matching(value, column)
            if not names and keep_missing and not column.has_wildcard:
                yield column
            for name in names:
                yield replace(column, name=name)

    def _matching(self, value: Any, column: Column) -> list[str]:
        pattern = column.name.lower()
        every = [name for name, _ in self.reader.properties(value)]
        if column.has_wildcard:
            unique = dict.fromkeys(name for name in every if fnmatch.fnmatchcase(name.lower(), pattern))
            return list(unique)
        exact = [name for name in every if name.lower() == pattern][:1]
        return exact or ([column.name] if self.reader.get(value, column.name)[0] else [])

    # -- groups
    def _grouped(self, value: Any) -> Iterator[Record]:
        found, key = self._key(value)
        if not self._in_group:
            self._group_key = key
            # the name is learnt from the first value that differs from "none yet", and null does not
            self._group_named = key is not None
        elif not found or self._same_group(key):
            return
        else:
            self._group_key, self._group_named = key, True
            yield GroupEnd()
        self._in_group = True
        yield GroupStart(self._group_header(value) if found else None)

    def _key(self, value: Any) -> tuple[bool, Any]:
        grouping = self.request.group_by
        if grouping is not None:
            self._group_name = grouping.label or grouping.name or self.reader.to_string(grouping.script)
            if grouping.script is not None:
                return True, self.reader.evaluate(grouping.script, value)
            names = self._matching(value, grouping)
            self._group_name = grouping.label or (names[0] if names else grouping.name)
            return (True, self.reader.get(value, names[0])[1]) if names else (False, None)
        if self._view is None or self._view.group_by is None:
            return False, None
        if isinstance(self._view.group_by, str):
            self._group_name = self._view.group_by
            return self.reader.get(value, self._view.group_by)
        return True, self._view.group_by(self.reader, value)

    def _same_group(self, key: Any) -> bool:
        return self.reader.to_string(key).lower() == self.reader.to_string(self._group_key).lower()

    def _group_header(self, value: Any) -> list[str]:
        if self.request.group_by is None and self._view is not None and self._view.group_header is not None:
            return self._view.group_header(self.reader, value)
        name = self._group_name if self._group_named or self._group_label else ""
        return texts.split_lines(f"   {name}: {self.cell_text(self._group_key)}")

    @property
    def _group_label(self) -> str | None:
        return self.request.group_by.label if self.request.group_by is not None else None

    # -- one value
    def _payload(self, value: Any) -> Entry:
        if self._shape == "Table":
            return self._row(value)
        if self._shape == "List":
            return Entry("List", [self._field(value, column) for column in self._list_columns(value)])
        if self._shape == "Wide":
            return Entry("Wide", [("", self._wide_text(value))])
        if self._view is not None and self._view.text is not None:
            shown = self._view.text(self.reader, value, self.width, self.color)
            return Entry("Lines", [("", line) for line in texts.split_lines(shown)])
        return Entry("Lines", [indented(line) for line in complex_lines(self, value)])

    def custom_columns(self, value: Any) -> list[Column]:
        """What Format-Custom shows of a value itself, not of those within it."""
        return list(self._resolved(value, keep_missing=False)) if self.request.columns else self.default_columns(value)

    def _row(self, value: Any) -> Entry:
        if self._view is not None:
            fields = [("", self._item_text(value, column)) for column in self._view.columns]
        else:
            fields = [("", self._column_text(value, column, floats=True)) for column in self._columns]
        wraps = self.request.wrap or (self._view is not None and self._view.wrap)
        return Entry("Row", fields, multi_line=wraps)

    def _list_columns(self, value: Any) -> list[Column | ViewColumn]:
        if self._view is not None:
            columns: list[Column | ViewColumn] = list(self._view_for(value).columns)
            return [*columns, Column("PSComputerName")] if self._shows_computer(value) else columns
        if self.request.columns:
            return list(self._resolved(value, keep_missing=False))
        return list(self.default_columns(value))

    def _view_for(self, value: Any) -> View:
        assert self._view is not None
        return views.find_view(self.reader.plain_type_names(value), "List") or self._view

    def _field(self, value: Any, column: Column | ViewColumn) -> tuple[str, str]:
        if isinstance(column, ViewColumn):
            return column.title, self._item_text(value, column)
        return column.title, self._column_text(value, column)

    def _wide_text(self, value: Any) -> str:
        if self._view is not None:
            return self._item_text(value, self._view.columns[0])
        if self.request.columns:
            columns = list(self._resolved(value, keep_missing=False))
        else:
            columns = [Column(name) for name in self._display_name(value)] or self.default_columns(value)
        return self._column_text(value, columns[0]) if columns else ""

    def _display_name(self, value: Any) -> list[str]:
        known = views.display_property(self.reader.plain_type_names(value))
        if known is not None:
            return [known]
        every = [name for name, _ in self.reader.properties(value) if name.lower() not in REMOTING_NAMES]
        for pattern in NAME_PATTERNS:
            for name in every:
                if fnmatch.fnmatchcase(name.lower(), pattern):
                    return [name]
        return []

    def _item_text(self, value: Any, column: ViewColumn) -> str:
        if isinstance(column.item, str):
            return self.cell_text(self.reader.get(value, column.item)[1])
        return self.cell_text(column.item(self.reader, value))

    def column_value(self, value: Any, column: Column) -> Any:
        if column.script is not None:
            return self.reader.evaluate(column.script, value)
        return self.reader.get(value, column.name)[1]

    def _column_text(self, value: Any, column: Column, floats: bool = False) -> str:
        found = self.column_value(value, column)
        if column.format and found is not None:
            return self.reader.format(found, column.format)
        base = self.reader.base(found)
        if floats and isinstance(base, float | decimal.Decimal):
            return texts.fixed(base, FLOAT_PLACES.get(self.reader.culture, 2))
        return self.cell_text(found)

    def cell_text(self, value: Any) -> str:
        """A property's value in one cell: {a, b…} for a collection."""
        if value is None:
            return ""
        elements = self.reader.elements(value)
        if elements is None:
            return self.reader.to_string(value)
        limit = self.reader.enumeration_limit
        parts: list[str] = []
        for count, element in enumerate(elements):
            if 0 <= limit <= count:
                return "{" + ", ".join(parts) + texts.ELLIPSIS + "}"
            parts.append("$null" if element is None else self.element_text(element))
        return "{" + ", ".join(parts) + "}"

    def element_text(self, value: Any) -> str:
        text = self.reader.to_string(value)
        names = self.reader.plain_type_names(value)
        if text and text not in names[:1]:
            return text
        # an object without a text of its own is named by what looks like its name
        for name in self._display_name(value):
            return self.reader.to_string(self.reader.get(value, name)[1])
        return text
