"""Export-, Import-, ConvertTo-, ConvertFrom-Clixml: values as PowerShell's XML in files and strings."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

from ... import clixml
from ..dotnet.lists import ArrayList
from ..dotnet.revive import revive
from ..dotnet.xml_nodes import malformed
from ..runtime.cmdlet import Cmdlet, command
from ..values.secret_digits import DIGITS
from ..values.value import NOTHING, as_list
from .content import TextWriter
from .providers import data_files

DEFAULT_DEPTH = 2


def read_document(cmdlet: Cmdlet, text: str) -> list[Any]:
    try:
        return [revive(value) for value in clixml.decode_objs(text, cipher=DIGITS, lists=ArrayList, units=True)]
    except ValueError as problem:
        message = malformed(text) if isinstance(problem.__cause__, ET.ParseError) else str(problem)
        raise cmdlet.terminate(
            message, "System.Xml.XmlException", "NotSpecified", net_type="System.Xml.XmlException"
        ) from None


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
        if path is None:  # nothing was bound: the error is written
            return
        if not self.should_process(self.path(path), "Export-Clixml"):
            return
        writer = TextWriter(self, path, no_clobber=self.switch("NoClobber"))
        writer.text(clixml.encode_objs(self._values, depth=self.arg("Depth", DEFAULT_DEPTH), cipher=DIGITS))
        writer.close()


@command("ConvertTo-CliXml")
class ConvertToCliXml(Collecting):
    def end(self) -> None:
        self.write(clixml.encode_objs(self._values, depth=self.arg("Depth", DEFAULT_DEPTH), cipher=DIGITS))


@command("Import-Clixml")
class ImportClixml(Cmdlet):
    def process(self) -> None:
        literal = self.arg("LiteralPath")
        for path in data_files(
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
