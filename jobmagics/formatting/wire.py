"""Format records as they cross the wire, both ways.

A remote script that ends in ``| Format-Table`` sends no data but PowerShell's own records. They are
property bags told apart by a class id; ``to_wire`` makes them from ours, ``from_wire`` reads them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jobmagics.formatting import records
from jobmagics.psobject import PSObject

NAMESPACE = "Microsoft.PowerShell.Commands.Internal.Format."
CLASS_ID = "ClassId2e4f51ef21dd47e99d3c952918aff9cd"
ASSEMBLY = "System.Management.Automation, Version=7.6.0.500, Culture=neutral, PublicKeyToken=31bf3856ad364e35"
ALIGNMENTS: tuple[records.Alignment, ...] = ("", "Left", "Center", "Right")

# class -> class id, bases between it and FormatInfoData
CLASSES: dict[str, tuple[str, str]] = {
    "FormatStartData": ("033ecb2bc07a4d43b5ef94ed5a35d280", "StartData ControlInfoData PacketInfoData"),
    "FormatEndData": ("cf522b78d86c486691226b40aa69e95c", "ControlInfoData PacketInfoData"),
    "GroupStartData": ("9e210fe47d09416682b841769c78b8a3", "StartData ControlInfoData PacketInfoData"),
    "GroupEndData": ("4ec4f0187cb04f4cb6973460dfe252df", "ControlInfoData PacketInfoData"),
    "FormatEntryData": ("27c87ef9bbda4f709f6b4002fa4af63c", "PacketInfoData"),
    "TableHeaderInfo": ("e3b7a39c089845d388b2e84c5d38f5dd", "ShapeInfo"),
    "ListViewHeaderInfo": ("830bdcb24c1642258724e441512233a4", "ShapeInfo"),
    "WideViewHeaderInfo": ("b2e2775d33d544c794d0081f27021b5c", "ShapeInfo"),
    "ComplexViewHeaderInfo": ("5197dd85ca6f4cce9ae9e6fd6ded9d76", "ShapeInfo"),
    "TableColumnInfo": ("7572aa4155ec4558817a615acf7dd92e", ""),
    "AutosizeInfo": ("a27f094f0eec4d64845801a4c06a32ae", ""),
    "TableRowEntry": ("0e59526e2dd441aa91e7fc952caf4a36", "FormatEntryInfo"),
    "ListViewEntry": ("cf58f450baa848ef8eb3504008be6978", "FormatEntryInfo"),
    "WideViewEntry": ("59bf79de63354a7b9e4d1697940ff188", "FormatEntryInfo"),
    "ComplexViewEntry": ("22e7ef3c896449d4a6f2dedea05dd737", "FreeFormatEntry FormatEntryInfo"),
    "RawTextFormatEntry": ("29ED81BA914544d4BC430F027EE053E9", "FormatEntryInfo"),
    "ListViewField": ("b761477330ce4fb2a665999879324d73", ""),
    "FormatPropertyField": ("78b102e894f742aca8c1d6737b6ff86a", "FormatValue"),
    "FormatTextField": ("b8d9e369024a43a580b9e0c9279e3354", "FormatValue"),
    "FormatNewLine": ("de7e8b96fbd84db5a43aa82eb34580ec", "FormatValue"),
    "FormatEntry": ("fba029a113a5458d932a2ed4871fadf2", "FormatValue"),
    "GroupingEntry": ("919820b7eadb48be8e202c5afa5c2716", "FreeFormatEntry FormatEntryInfo"),
}
SHAPE_CLASSES: dict[str, records.Shape] = {
    "TableHeaderInfo": "Table",
    "ListViewHeaderInfo": "List",
    "WideViewHeaderInfo": "Wide",
    "ComplexViewHeaderInfo": "Custom",
}


class Part:
    """One object of a record on the wire."""

    __slots__ = ("_kind", "_properties")
    ps_serialization_depth = 1  # PowerShell's types.ps1xml says the same of FormatInfoData

    def __init__(self, kind: str, **properties: Any) -> None:
        self._kind = kind
        self._properties = {CLASS_ID: CLASSES[kind][0], **properties}

    def ps_type_names(self) -> list[str]:
        names = [self._kind, *CLASSES[self._kind][1].split(), "FormatInfoData"]
        return [*(NAMESPACE + name for name in names), "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        return self._properties.items()

    def ps_to_string(self) -> str:
        return NAMESPACE + self._kind


def parts_list(kind: str, parts: list[Part]) -> PSObject:
    name = f"System.Collections.Generic.List`1[[{NAMESPACE}{kind}, {ASSEMBLY}]]"
    return PSObject(base=parts, type_names=[name, "System.Object"])


# -- to the wire


def to_wire(record: records.Record) -> Part:
    if isinstance(record, records.FormatStart):
        autosize = Part("AutosizeInfo", objectCount=0) if record.autosize else None
        empty: dict[str, Any] = {"pageHeaderEntry": None, "pageFooterEntry": None, "autosizeInfo": autosize}
        return Part("FormatStartData", **empty, shapeInfo=_shape(record), groupingEntry=None)
    if isinstance(record, records.GroupStart):
        grouping = None if record.header is None else _free_format("GroupingEntry", record.header)
        return Part("GroupStartData", shapeInfo=None, groupingEntry=grouping)
    if isinstance(record, records.Entry):
        return Part("FormatEntryData", formatEntryInfo=_entry(record), outOfBand=record.out_of_band, writeStream="None")
    if isinstance(record, records.GroupEnd):
        return Part("GroupEndData", groupingEntry=None)
    return Part("FormatEndData", groupingEntry=None)


def _shape(start: records.FormatStart) -> Part:
    if start.shape == "Table":
        columns = [_column(column) for column in start.columns]
        info = {"hideHeader": start.hide_headers, "repeatHeader": start.repeat_header}
        return Part("TableHeaderInfo", **info, tableColumnInfoList=parts_list("TableColumnInfo", columns))
    if start.shape == "Wide":
        return Part("WideViewHeaderInfo", columns=start.wide_columns)
    return Part("ListViewHeaderInfo" if start.shape == "List" else "ComplexViewHeaderInfo")


def _column(column: records.HeaderColumn) -> Part:
    labels = (
        {"label": column.label, "propertyName": None}
        if column.from_view
        else {"label": None, "propertyName": column.label}
    )
    alignment = ALIGNMENTS.index(column.alignment)
    return Part(
        "TableColumnInfo", width=column.width, alignment=alignment, **labels, HeaderMatchesProperty=column.is_property
    )


def _field(text: str) -> Part:
    return Part("FormatPropertyField", propertyValue=text, alignment=0)


def _entry(entry: records.Entry) -> Part:
    if entry.kind == "Row":
        fields = parts_list("FormatPropertyField", [_field(text) for _, text in entry.fields])
        return Part("TableRowEntry", formatPropertyFieldList=fields, multiLine=entry.multi_line)
    if entry.kind == "List":
        items = [
            Part("ListViewField", label=None, propertyName=label, formatPropertyField=_field(text))
            for label, text in entry.fields
        ]
        return Part("ListViewEntry", listViewFieldList=parts_list("ListViewField", items))
    if entry.kind == "Wide":
        return Part("WideViewEntry", formatPropertyField=_field(entry.fields[0][1]))
    if entry.kind == "Raw":
        return Part("RawTextFormatEntry", text=entry.fields[0][1] if entry.fields else "")
    return _free_format("ComplexViewEntry", [indent + text for indent, text in entry.fields])


def _free_format(kind: str, lines: list[str]) -> Part:
    values: list[Part] = []
    for number, line in enumerate(lines):
        values += [Part("FormatNewLine")] if number else []
        values.append(Part("FormatTextField", text=line))
    entry = Part("FormatEntry", formatValueList=parts_list("FormatValue", values), frameInfo=None)
    return Part(kind, formatValueList=parts_list("FormatValue", [entry]))


# -- from the wire


def from_wire(value: PSObject) -> records.Record | None:
    """The record that a decoded object stands for; None when it is an object like any other."""
    names = value.ps_type_names()
    if not names or NAMESPACE not in names[0]:
        return None
    kind = names[0].rpartition(".")[2]
    if kind == "FormatStartData":
        return _read_start(value)
    if kind == "GroupStartData":
        grouping = _get(value, "groupingEntry")
        return records.GroupStart(None if grouping is None else _free_lines(grouping))
    if kind == "FormatEntryData":
        return _read_entry(_get(value, "formatEntryInfo"), _get(value, "outOfBand") is True)
    return {"GroupEndData": records.GroupEnd, "FormatEndData": records.FormatEnd}.get(kind, lambda: None)()


def _get(value: Any, name: str) -> Any:
    try:
        return value[name] if isinstance(value, PSObject) else None
    except KeyError:
        return None


def _items(value: Any, name: str) -> list[Any]:
    found = _get(value, name)
    base = found._base if isinstance(found, PSObject) else found
    return list(base) if isinstance(base, list) else []


def _text(value: Any, *names: str) -> str:
    return next((str(found) for name in names if (found := _get(value, name)) is not None), "")


def _number(value: Any, name: str) -> int:
    found = _get(value, name)
    return found if isinstance(found, int) else 0


def _read_start(value: PSObject) -> records.FormatStart:
    info = _get(value, "shapeInfo")
    kind = info.ps_type_names()[0].rpartition(".")[2] if isinstance(info, PSObject) else ""
    start = records.FormatStart(SHAPE_CLASSES.get(kind, "Custom"), autosize=_get(value, "autosizeInfo") is not None)
    start.hide_headers, start.wide_columns = _get(info, "hideHeader") is True, _number(info, "columns")
    for column in _items(info, "tableColumnInfoList"):
        alignment = ALIGNMENTS[_number(column, "alignment") % len(ALIGNMENTS)]
        label, known = _text(column, "label", "propertyName"), _get(column, "HeaderMatchesProperty") is not False
        start.columns.append(records.HeaderColumn(label, _number(column, "width"), alignment or "Left", known))
    return start


def _read_entry(info: Any, out_of_band: bool) -> records.Entry:
    kind = info.ps_type_names()[0].rpartition(".")[2] if isinstance(info, PSObject) else ""
    if kind == "TableRowEntry":
        cells = _items(info, "formatPropertyFieldList")
        alignments = [ALIGNMENTS[_number(cell, "alignment") % len(ALIGNMENTS)] for cell in cells]
        fields = [("", _text(cell, "propertyValue")) for cell in cells]
        return records.Entry("Row", fields, out_of_band, _get(info, "multiLine") is True, alignments)
    if kind == "ListViewEntry":
        items = _items(info, "listViewFieldList")
        fields = [
            (_text(item, "label", "propertyName"), _text(_get(item, "formatPropertyField"), "propertyValue"))
            for item in items
        ]
        return records.Entry("List", fields, out_of_band)
    if kind == "WideViewEntry":
        return records.Entry("Wide", [("", _text(_get(info, "formatPropertyField"), "propertyValue"))], out_of_band)
    if kind == "RawTextFormatEntry":
        return records.Entry("Raw", [("", _text(info, "text"))], out_of_band)
    return records.Entry("Lines", [("", line) for line in _free_lines(info)], out_of_band)


def _free_lines(entry: Any) -> list[str]:
    lines, pending = [], ""
    for kind, text in _tokens(entry, 0):
        if kind == "FormatNewLine":
            lines.append(pending)
            pending = ""
        else:
            pending += text
    return [*lines, pending] if pending or not lines else lines


def _tokens(entry: Any, indent: int) -> Iterable[tuple[str, str]]:
    first = True
    for value in _items(entry, "formatValueList"):
        kind = value.ps_type_names()[0].rpartition(".")[2] if isinstance(value, PSObject) else ""
        if kind == "FormatEntry":
            yield from _tokens(value, indent + _number(_get(value, "frameInfo"), "leftIndentation"))
            continue
        lead = " " * indent if first and kind != "FormatNewLine" else ""
        yield kind, lead + _text(value, "text", "propertyValue")
        first = kind == "FormatNewLine"
