"""ConvertTo-Html, ConvertTo-Xml, Select-Xml."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from ...psobject import Hashtable
from ..members.access import construct, get_property, invoke_method, properties
from ..records import ScriptError
from ..runtime.cmdlet import Cmdlet, command
from ..values.conversions import convert
from ..values.types import net_type, type_of
from ..values.utf16 import joined, units
from ..values.value import NOTHING, as_list, enumerate_value, is_enumerable, to_string, unwrap
from . import expressions
from .engine_reader import safely
from .providers import resolve_files
from .serialized import Collecting

DOCTYPE = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 {name}//EN"  "http://www.w3.org/TR/xhtml1/DTD/xhtml1-{folded}.dtd">'
)
META_HTTP = ("content-type", "default-style", "x-ua-compatible")
META_NAMED = ("application-name", "author", "description", "generator", "keywords", "viewport")


LATIN_OR_PAIR = re.compile("[\u00a0-\u00ff]|[\ud800-\udbff][\udc00-\udfff]")


def shown(value: Any) -> str:
    """WebUtility.HtmlEncode: also Latin-1's upper half and characters of two units are numbers."""
    text = html.escape(to_string(value), quote=True).replace("&#x27;", "&#39;")
    return LATIN_OR_PAIR.sub(lambda found: f"&#{ord(joined(found.group()))};", text)


def column_tag(column: expressions.Expression) -> str:
    options = {key.lower(): to_string(item) for key, item in column.options.items()}
    parts = [
        f' {name} = "{options[key]}"' for key, name in (("width", "width"), ("alignment", "align")) if key in options
    ]
    return f"<col{''.join(parts)}/>"


@command("ConvertTo-Html")
class ConvertToHtml(Cmdlet):
    def begin(self) -> None:
        self._columns: list[expressions.Expression] | None = None
        self._table = str(self.arg("As", "Table")) == "Table"
        self._started = False
        self._count = 0

    def _head(self) -> None:
        self._started = True
        if not self.switch("Fragment"):
            name = "Transitional" if self.switch("Transitional") else "Strict"
            self.write(DOCTYPE.format(name=name, folded=name.lower()))
            self.write_all(['<html xmlns="http://www.w3.org/1999/xhtml">', "<head>"])
            self._head_lines()
            self.write("</head><body>")
            self.write_all(to_string(line) for line in as_list(self.arg("Body")))
        self.write_all(to_string(line) for line in as_list(self.arg("PreContent")))
        self.write("<table>")

    def _head_lines(self) -> None:
        if self.has("Charset"):
            self.write(f'<meta charset="{self.arg("Charset")}">')
        for key, item in (self.arg("Meta") or {}).items():
            self._meta(to_string(key), to_string(item))
        head = self.arg("Head")
        self.write_all(
            [f"<title>{self.arg('Title', 'HTML TABLE')}</title>"] if head is None else [to_string(one) for one in head]
        )
        if self.has("CssUri"):
            self.write(f'<link rel="stylesheet" type="text/css" href="{self.arg("CssUri")}" />')

    def _meta(self, name: str, content: str) -> None:
        kind = "http-equiv" if name.lower() in META_HTTP else "name"
        if name.lower() not in META_HTTP + META_NAMED:
            self.warning(
                "Accepted meta properties are content-type, default-style, application-name, author, description, "
                f"generator, keywords, x-ua-compatible, and viewport. The meta pair: {name} and {content} may not "
                "function correctly."
            )
        self.write(f'<meta {kind}="{name}" content="{content}">')

    def process(self) -> None:
        value = self.bound.get("inputobject", NOTHING)
        if value is NOTHING or value is None:
            return
        if not self._started:
            self._head()
        self._count += 1
        first = self._columns is None
        if self._columns is None or not self._table:  # a list names the properties of each object
            self._columns = self._resolve(value)
        if not self._columns:
            self._columns = None
            return
        if first and self._table:
            self.write(f"<colgroup>{''.join(map(column_tag, self._columns))}</colgroup>")
            self.write("<tr>" + "".join(f"<th>{column.title}</th>" for column in self._columns) + "</tr>")
        cells = [(column.title, shown(expressions.getter(self, column)(value))) for column in self._columns]
        if self._table:
            self.write("<tr>" + "".join(f"<td>{text}</td>" for _, text in cells) + "</tr>")
            return
        if self._count > 1:
            self.write("<tr><td><hr></td></tr>")
        self.write_all(f"<tr><td>{name}:</td><td>{text}</td></tr>" for name, text in cells)

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
        value = get_property(self.node, "Value")
        text = to_string(get_property(self.node, "InnerXml") if value is None else value).strip()
        return text if self.path == "InputStream" else f"{text}:{self.path}"


@command("Select-Xml")
class SelectXml(Cmdlet):
    def process(self) -> None:
        if self.has("Content"):
            for text in as_list(self.arg("Content")):
                try:
                    document = convert(to_string(text), "System.Xml.XmlDocument")
                except ScriptError as failed:
                    self.error(failed.record)
                else:
                    self._search(document, "InputStream")
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
            found = invoke_method(document, "SelectNodes", [pattern, *self._namespaces(document)])
        except ScriptError as failed:
            problem = failed.record.exception.inner or failed.record.exception
            raise self.terminate(problem, "ProcessingFile", "NotSpecified", path) from None
        for node in enumerate_value(found):
            self.write(SelectXmlInfo(node, path, pattern))

    def _namespaces(self, document: Any) -> list[Any]:
        """The manager of what -Namespace names, for the prefixes in the pattern."""
        given = self.arg("Namespace")
        if given is None:
            return []
        owner = get_property(document, "OwnerDocument") or document
        manager = construct(net_type("System.Xml.XmlNamespaceManager"), [get_property(owner, "NameTable")])
        for prefix, uri in given.items():
            invoke_method(manager, "AddNamespace", [to_string(prefix), to_string(uri)])
        return [manager]
