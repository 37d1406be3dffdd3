""".format.ps1xml: views that scripts bring along (Update-FormatData)."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...formatting.reader import Reader
from ...formatting.views import Item, View, ViewColumn, add_views
from ..runtime.scriptblock import ScriptBlock

if TYPE_CHECKING:
    from ..runtime.cmdlet import Cmdlet


def read_views(cmdlet: Cmdlet, path: str, prepend: bool) -> None:
    try:
        root = ET.parse(path).getroot()  # noqa: S314 - a file the user names, no entities are expanded from elsewhere
    except (OSError, ET.ParseError) as problem:
        raise cmdlet.terminate(str(problem), "FormatXmlUpdateException", "NotSpecified") from None
    add_views(list(_views(root)), prepend=prepend)


def _views(root: ET.Element) -> Iterator[View]:
    for view in root.iter("View"):
        name = view.findtext("Name", "")
        types = tuple(node.text or "" for node in view.iterfind("ViewSelectedBy/TypeName"))
        group = view.find("GroupBy")
        group_by = None if group is None else _item(group)
        if view.find("TableControl") is not None:
            yield View(name, types, "Table", tuple(_table_columns(view)), group_by=group_by)
        elif view.find("ListControl") is not None:
            items = (ViewColumn(_item(node), label=node.findtext("Label")) for node in view.iter("ListItem"))
            yield View(name, types, "List", tuple(items), group_by=group_by)
        elif view.find("WideControl") is not None:
            yield View(name, types, "Wide", tuple(ViewColumn(_item(node)) for node in view.iter("WideItem")))


def _table_columns(view: ET.Element) -> Iterator[ViewColumn]:
    headers = list(view.iter("TableColumnHeader"))
    for position, node in enumerate(view.iter("TableColumnItem")):
        header = headers[position] if position < len(headers) else None
        alignment: Any = (
            node.findtext("Alignment") or (header.findtext("Alignment") if header is not None else "") or ""
        ).title()
        width = int((header.findtext("Width") if header is not None else None) or 0)
        yield ViewColumn(_item(node), width, alignment, header.findtext("Label") if header is not None else None)


def _item(node: ET.Element) -> Item:
    script = node.findtext("ScriptBlock")
    if script is None:
        return node.findtext("PropertyName") or ""
    block = ScriptBlock.parse(script)

    def compute(reader: Reader, value: Any) -> Any:
        return reader.evaluate(block, value)

    return compute
