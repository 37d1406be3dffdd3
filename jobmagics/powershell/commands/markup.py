"""ConvertTo-Html, ConvertTo-Xml, Select-Xml."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from ...psobject import Hashtable
from ..members.access import get_property, invoke_method, properties
from ..records import ScriptError
from ..runtime.cmdlet import Cmdlet, command
from ..values.conversions import convert
from ..values.types import type_of
from ..values.utf16 import units
from ..values.value import NOTHING, as_list, enumerate_value, is_enumerable, to_string, unwrap
from . import expressions
from .engine_reader import safely
from .providers import resolve_files
from .serialized import Collecting

DOCTYPE = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"  "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">',
    '<html xmlns="http://www.w3.org/1999/xhtml">',
)


def shown(value: Any) -> str:
    return html.escape(to_string(value), quote=True).replace("&#x27;", "&#39;")


@command("ConvertTo-Html")
class ConvertToHtml(Cmdlet):
    def begin(self) -> None:
        self._columns: list[expressions.Expression] | None = None
        self._table = str(self.arg("As", "Table")) == "Table"
        self._started = False

    def _head(self) -> None:
        self._started = True
        if not self.switch("Fragment"):
            self.write_all(DOCTYPE)
            self.write_all(["<head>", *self._head_lines(), "</head><body>"])
        self.write_all(to_string(line) for line in as_list(self.arg("PreContent")))
        if not self.switch("Fragment"):
            self.write_all(to_string(line) for line in as_list(self.arg("Body")))
        self.write("<table>")

    def _head_lines(self) -> list[str]:
        lines = (
            [f'<meta http-equiv="Content-Type" content="text/html; charset={self.arg("Charset")}">']
            if self.has("Charset")
            else []
        )
        lines += [f"<title>{shown(self.arg('Title') or 'HTML TABLE')}</title>"] if not self.has("Head") else []
        lines += [to_string(line) for line in as_list(self.arg("Head"))]
        if self.has("CssUri"):
            lines.append(f'<link rel="stylesheet" type="text/css" href="{self.arg("CssUri")}" />')
        return lines

    def process(self) -> None:
        value = self.bound.get("inputobject", NOTHING)
        if value is NOTHING or value is None:
            return
        if not self._started:
            self._head()
        if self._columns is None:
            self._columns = self._resolve(value)
            if self._table:
                count = len(self._columns)
                self.write(f"<colgroup>{'<col/>' * count}</colgroup>")
                self.write("<tr>" + "".join(f"<th>{shown(column.title)}</th>" for column in self._columns) + "</tr>")
        cells = [(column.title, shown(expressions.getter(self, column)(value))) for column in self._columns]
        if self._table:
            self.write("<tr>" + "".join(f"<td>{text}</td>" for _, text in cells) + "</tr>")
        else:
            self.write_all(f"<tr><td>{shown(name)}:</td><td>{text}</td></tr>" for name, text in cells)

    def _resolve(self, value: Any) -> list[expressions.Expression]:
        given = self.arg("Property")
        keys = ("name", "label", "alignment", "width")
        columns = expressions.parse(self, given if given is not None else ["*"], keys)
        found: list[expressions.Expression] = []
        for column in columns:
            if column.is_pattern:
                found += [expressions.Expression(name) for name in column.names(value)]
            else:
                found.append(column)
        return found

    def end(self) -> None:
        if not self._started:
            self._head()
        self.write("</table>")
        self.write_all(to_string(line) for line in as_list(self.arg("PostContent")))
        if not self.switch("Fragment"):
            self.write("</body></html>")


@command("ConvertTo-Xml")
class ConvertToXml(Collecting):
    def end(self) -> None:
        body = "".join(self._object("Object", value, None, 0) for value in self._values)
        declaration, style = '<?xml version="1.0" encoding="utf-8"?>', str(self.arg("As", "Document"))
        text = f"<Objects>{body}</Objects>"
        if style == "Stream":
            self.write(declaration)
            self.write(text)
        elif style == "String":
            self.write(declaration + text)
        else:
            self.write(convert(declaration + text, "System.Xml.XmlDocument"))

    def _attributes(self, value: Any, name: str | None) -> str:
        parts = [] if name is None else [f" Name={quoteattr(name)}"]
        if not self.switch("NoTypeInformation") and value is not None:
            parts.append(f" Type={quoteattr(str(type_of(unwrap(value)).full_name))}")
        return "".join(parts)

    def _object(self, tag: str, value: Any, name: str | None, level: int) -> str:
        attributes, base = self._attributes(value, name), unwrap(value)
        if value is None:
            return f"<{tag}{attributes} />"
        if self._is_plain(base):
            return f"<{tag}{attributes}>{escape(to_string(value))}</{tag}>"
        depth = self.arg("Depth", 1)
        if level > depth:
            return f"<{tag}{attributes}>{escape(to_string(value))}</{tag}>"
        inner = "".join(self._inner(value, base, level, depth))
        return f"<{tag}{attributes}>{inner}</{tag}>"

    @staticmethod
    def _is_plain(base: Any) -> bool:
        return isinstance(base, (str, int, float)) or type_of(base).full_name.startswith(
            ("System.DateTime", "System.Decimal", "System.Guid", "System.TimeSpan", "System.Uri", "System.Version")
        )

    def _inner(self, value: Any, base: Any, level: int, depth: int) -> Iterable[str]:
        if isinstance(base, Hashtable):
            for key, item in base.items():
                yield f"<Property{self._attributes(key, 'Key')}>{escape(to_string(key))}</Property>"
                yield self._object("Property", item, "Value", level + 1)
        elif is_enumerable(base):
            for item in enumerate_value(base):
                yield self._object("Property", item, None, level + 1)
        else:
            if level and level >= depth:
                yield f"<Property>{escape(to_string(value))}</Property>"
            for found in properties(value):
                yield self._object("Property", safely(found.value), found.name, level + 1)


class SelectXmlInfo:
    def __init__(self, node: Any, path: str, pattern: str) -> None:
        self.node, self.path, self.pattern = node, path, pattern

    def ps_type_names(self) -> list[str]:
        return ["Microsoft.PowerShell.Commands.SelectXmlInfo", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        return (("Node", self.node), ("Path", self.path), ("Pattern", self.pattern))

    def ps_to_string(self) -> str:
        return to_string(get_property(self.node, "OuterXml"))


@command("Select-Xml")
class SelectXml(Cmdlet):
    def process(self) -> None:
        if self.has("Content"):
            for text in as_list(self.arg("Content")):
                self._search(convert(to_string(text), "System.Xml.XmlDocument"), "InputStream")
        elif self.has("Xml"):
            for node in as_list(self.arg("Xml")) or [self.arg("Xml")]:
                self._search(node, "InputStream")
        else:
            literal = self.arg("LiteralPath")
            for path in resolve_files(
                self, as_list(literal if literal is not None else self.arg("Path")), literal is not None
            ):
                with open(path, encoding="utf-8-sig") as source:
                    self._search(convert(units(source.read()), "System.Xml.XmlDocument"), path)

    def _search(self, document: Any, path: str) -> None:
        pattern = self.arg("XPath")
        try:
            found = invoke_method(document, "SelectNodes", [pattern])
        except ScriptError as failed:
            problem = failed.record.exception.inner or failed.record.exception
            raise self.terminate(problem, "ProcessingFile", "NotSpecified", path) from None
        for node in enumerate_value(found):
            self.write(SelectXmlInfo(node, path, pattern))
