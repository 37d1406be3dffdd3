"""Export-, Import-, ConvertTo-, ConvertFrom-Clixml: values as PowerShell's XML in files and strings."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

from ... import clixml
from ..cmdlet import Cmdlet, command
from ..values import NOTHING, as_list
from .content import TextWriter
from .providers import resolve_files

NAMESPACE = "http://schemas.microsoft.com/powershell/2004/04"
DEFAULT_DEPTH = 2


def document(values: list[Any], depth: int) -> str:
    """The <Objs> document, indented as PowerShell writes it."""
    lines = [f'<Objs Version="1.1.0.1" xmlns="{NAMESPACE}">']
    for value in values:
        lines += indented(clixml.encode(value, depth=depth) or "<Nil />")
    return "\n".join([*lines, "</Objs>"])


_TOKEN = re.compile(r"<[^>]+>|[^<]+")


def indented(text: str) -> list[str]:
    """One element a line; elements that hold text stay on one line."""
    lines: list[str] = []
    level, tokens, position = 1, _TOKEN.findall(text), 0
    while position < len(tokens):
        token = tokens[position]
        if token.startswith("</"):
            level -= 1
            lines.append("  " * level + token)
        elif token.endswith("/>"):
            lines.append("  " * level + token)
        else:
            following = tokens[position + 1] if position + 1 < len(tokens) else ""
            if following.startswith("</"):
                lines.append("  " * level + token + following)
                position += 1
            elif following and not following.startswith("<"):
                lines.append("  " * level + token + following + tokens[position + 2])
                position += 2
            else:
                lines.append("  " * level + token)
                level += 1
        position += 1
    return lines


def read_document(cmdlet: Cmdlet, text: str) -> list[Any]:
    try:
        root = ET.fromstring(text)  # noqa: S314 - no entity of a DTD is expanded by this parser
    except ET.ParseError as problem:
        raise cmdlet.terminate(
            str(problem), "System.Xml.XmlException", "NotSpecified", net_type="System.Xml.XmlException"
        ) from None
    found = []
    for node in root:
        for inner in node.iter():
            inner.tag = inner.tag.rpartition("}")[2]
            if inner.text is not None and len(inner):
                inner.text = None
            inner.tail = None
        found.append(clixml.decode(ET.tostring(node, encoding="unicode"), deserialized=True))
    return found


class Collecting(Cmdlet):
    def begin(self) -> None:
        self._values: list[Any] = []

    def process(self) -> None:
        value = self.bound.get("inputobject", NOTHING)
        if value is not NOTHING:
            self._values.append(value)


@command("Export-Clixml")
class ExportClixml(Collecting):
    def end(self) -> None:
        path = self.arg("LiteralPath") or self.arg("Path")
        if not self.should_process(self.path(path), "Export-Clixml"):
            return
        writer = TextWriter(self, path, no_clobber=self.switch("NoClobber"))
        writer.text(document(self._values, self.arg("Depth", DEFAULT_DEPTH)))
        writer.close()


@command("ConvertTo-CliXml")
class ConvertToCliXml(Collecting):
    def end(self) -> None:
        self.write(document(self._values, self.arg("Depth", DEFAULT_DEPTH)))


@command("Import-Clixml")
class ImportClixml(Cmdlet):
    def process(self) -> None:
        literal = self.arg("LiteralPath")
        for path in resolve_files(
            self, as_list(literal if literal is not None else self.arg("Path")), literal is not None
        ):
            with open(path, encoding="utf-8-sig") as source:
                values = read_document(self, source.read())
            skip, first = int(self.arg("Skip", 0)), self.arg("First")
            self.write_all(values[skip : None if first is None else skip + int(first)])


@command("ConvertFrom-CliXml")
class ConvertFromCliXml(Cmdlet):
    def process(self) -> None:
        self.write_all(read_document(self, self.arg("InputObject")))
