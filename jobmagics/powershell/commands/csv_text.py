"""ConvertTo-Csv, ConvertFrom-Csv, Export-Csv, Import-Csv."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

from ...psobject import Hashtable, PSObject
from ..members.access import plain_bag, properties
from ..records import NetException
from ..runtime.cmdlet import Cmdlet, Sink, command
from ..values.types import type_names
from ..values.utf16 import units
from ..values.value import NOTHING, as_list, to_string, unwrap
from .content import TextWriter, open_text
from .engine_reader import safely

QUOTE, TWICE = '"', '""'
EXCLUSIVE = (
    ("UseQuotes", "QuoteFields", "CannotSpecifyQuoteFieldsAndUseQuotes"),
    ("IncludeTypeInformation", "NoTypeInformation", "CannotSpecifyIncludeTypeInformationAndNoTypeInformation"),
)
CUSTOM = ["System.Management.Automation.PSCustomObject", "System.Object"]


class CsvFormat:
    """How fields are quoted and separated."""

    def __init__(self, cmdlet: Cmdlet) -> None:
        self.delimiter = str(cmdlet.arg("Delimiter") or ",")
        if cmdlet.switch("UseCulture"):
            self.delimiter = ","
        self.quotes = str(cmdlet.arg("UseQuotes") or "Always")
        named = cmdlet.arg("QuoteFields")
        self.quoted_names = None if named is None else {name.lower() for name in named}

    def row(self, names: list[str], values: Iterable[str | None]) -> str:
        if self.quotes == "Always" and self.quoted_names is None:
            return self.delimiter.join(["" if text is None else f'"{text.replace(QUOTE, TWICE)}"' for text in values])
        return self.delimiter.join(self._field(name, value) for name, value in zip(names, values, strict=True))

    def _field(self, name: str, text: str | None) -> str:
        if text is None:
            return ""
        if self.quoted_names is not None:
            wanted = name.lower() in self.quoted_names
        elif self.quotes == "Never":
            wanted = False
        elif self.quotes == "AsNeeded":
            wanted = self.delimiter in text or any(char in text for char in '"\n\r')
        else:
            wanted = True
        return f'"{text.replace(QUOTE, TWICE)}"' if wanted else text


def field_text(value: Any) -> str | None:
    """A value in a field: its ToString, culture invariant; collections show their type."""
    kind = type(value)
    if kind is str:
        return value  # type: ignore[no-any-return]
    if kind is int:
        return int.__repr__(value)
    plain = unwrap(value)
    if plain is None or plain is NOTHING:
        return None
    if isinstance(plain, (list, Hashtable)) or hasattr(type(plain), "ps_items"):
        from ..values.types import type_of

        return to_string(type_of(plain))
    return to_string(value)


def row_of(value: Any) -> dict[str, Any]:
    bag = plain_bag(value)
    if bag is not None:
        return bag
    base = unwrap(value)
    if isinstance(base, Hashtable):
        return {to_string(key): item for key, item in base.items()}
    return {item.name: safely(item.value) for item in properties(value) if item.kind != "ParameterizedProperty"}


class CsvOutput(Cmdlet):
    """The common part of ConvertTo-Csv and Export-Csv: columns come from the first object."""

    takes_elements = True

    def begin(self) -> None:
        for one, other, fqid in EXCLUSIVE:
            if self.has(one) and self.has(other):
                raise self.terminate(
                    f"You must specify either the -{one} or -{other} parameters, but not both.",
                    fqid,
                    "InvalidData",
                    net_type="System.InvalidOperationException",
                )
        self._format = CsvFormat(self)
        self._names: list[str] | None = None

    def element_sink(self) -> Sink:
        return self.take

    def put(self, line: str) -> None:
        raise NotImplementedError

    def header(self, value: Any) -> None:
        assert self._names is not None
        if self.switch("IncludeTypeInformation"):
            self.put(f"#TYPE {type_names(value)[0]}")
        if not self.switch("NoHeader"):
            self.put(self._format.row(self._names, self._names))

    def process(self) -> None:
        self.take(self.bound.get("inputobject", NOTHING))

    def take(self, value: Any) -> None:
        if value is NOTHING or value is None:
            return
        row = row_of(value)
        if self._names is None:
            self._names = list(row)
            self.header(value)
        line = self._format.row(self._names, self.cells(row))
        if line:
            self.put(line)

    def cells(self, row: dict[str, Any]) -> list[str | None]:
        assert self._names is not None
        if list(row) != self._names:
            folded = {name.lower(): item for name, item in row.items()}
            return [field_text(folded.get(name.lower())) for name in self._names]
        return [field_text(item) for item in row.values()]


@command("ConvertTo-Csv")
class ConvertToCsv(CsvOutput):
    def put(self, line: str) -> None:
        self.write(line)


@command("Export-Csv")
class ExportCsv(CsvOutput):
    def begin(self) -> None:
        super().begin()
        self._writer: TextWriter | None = None
        self._path = self.arg("LiteralPath") or self.arg("Path")
        if self._path is None:
            raise self.terminate(
                "You must specify either the -Path or -LiteralPath parameters, but not both.",
                "CannotSpecifyPathAndLiteralPath",
                "InvalidData",
                net_type="System.InvalidOperationException",
            )
        append = self.switch("Append")
        self._appending = (
            append and os.path.exists(self.path(self._path)) and os.path.getsize(self.path(self._path)) > 0
        )
        if self._appending:
            self._names = self._existing_names()
        if self.should_process(self.path(self._path), "Export-Csv"):
            self._writer = TextWriter(self, self._path, append=append, no_clobber=self.switch("NoClobber"))

    def _existing_names(self) -> list[str]:
        with open_text(self, self.path(self._path), self.arg("Encoding")) as source:
            rows = CsvReader(self._format.delimiter).rows(units(source.read()).splitlines())
            return [name or "" for name in next(rows, [])]

    def put(self, line: str) -> None:
        if self._writer is not None:
            self._writer.lines([line])

    def take(self, value: Any) -> None:
        if self._appending and not self.switch("Force") and value is not NOTHING and value is not None:
            have = {name.lower() for name in row_of(value)}
            missing = next((name for name in self._names or [] if name.lower() not in have), None)
            if missing is not None:
                raise self.terminate(
                    "Cannot append CSV content to the following file: "
                    f"{self.path(self._path)}. The appended object does not have a property that corresponds to "
                    "the following "
                    f"column: {missing}. To continue with mismatched properties, add the -Force parameter, and "
                    "then retry the "
                    "command.",
                    "CannotAppendCsvWithMismatchedPropertyNames",
                    "InvalidData",
                    net_type="System.InvalidOperationException",
                )
        super().take(value)

    def end(self) -> None:
        if self._writer is not None:
            self._writer.close()


class CsvReader:
    """Lines to rows of fields; a field is None when the row ended before it."""

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter

    def rows(self, lines: Iterable[str]) -> Iterator[list[str]]:
        source = iter(lines)
        for first in source:
            line = first
            if not line:
                continue
            if '"' not in line:
                yield [field.lstrip(" ") if field[:1] == " " else field for field in line.split(self._delimiter)]
                continue
            while not self._closed(line):
                more = next(source, None)
                if more is None:
                    break
                line += "\n" + more
            yield self._fields(line)

    def _closed(self, line: str) -> bool:
        return line.count('"') % 2 == 0

    def _fields(self, line: str) -> list[str]:
        fields, position, end = [], 0, len(line)
        while True:
            text, position = self._field(line, position, end)
            fields.append(text)
            if position >= end:
                return fields
            position += 1
            if position == end:
                return [*fields, ""]

    def _field(self, line: str, position: int, end: int) -> tuple[str, int]:
        while position < end and line[position] in " \t" and line[position] != self._delimiter:
            position += 1
        if position >= end or line[position] != '"':
            stop = line.find(self._delimiter, position)
            stop = end if stop < 0 else stop
            return line[position:stop], stop
        parts = []
        position += 1
        while position < end:
            quote = line.find('"', position)
            if quote < 0:
                parts.append(line[position:])
                position = end
                break
            parts.append(line[position:quote])
            position = quote + 1
            if position < end and line[position] == '"':
                parts.append('"')
                position += 1
                continue
            break
        stop = line.find(self._delimiter, position)
        stop = end if stop < 0 else stop
        return "".join(parts) + line[position:stop].rstrip(" "), stop


class RowMaker:
    """Rows to objects: the first row names the properties unless -Header does."""

    def __init__(self, cmdlet: Cmdlet, header: list[str] | None) -> None:
        self._cmdlet, self._names = cmdlet, header
        self._type: str | None = None
        self._unnamed = False

    def objects(self, lines: Iterable[str], delimiter: str) -> Iterator[PSObject]:
        for fields in CsvReader(delimiter).rows(self._without_type(lines)):
            if self._names is None:
                self._take_header(fields)
                continue
            names = self._names
            if len(fields) >= len(names):
                bag: dict[str, Any] = dict(zip(names, fields, strict=False))
            else:
                bag = dict(zip(names, [*fields, *[None] * (len(names) - len(fields))], strict=True))
            yield (
                PSObject.holding(bag)
                if self._type is None
                else PSObject.holding(bag, type_names=[self._type, f"CSV:{self._type}", *CUSTOM])
            )

    def _without_type(self, lines: Iterable[str]) -> Iterator[str]:
        first = True
        for line in lines:
            if first and line.startswith("#TYPE "):
                self._type = line[6:].strip()
                first = False
                continue
            if line.startswith("#") and self._names is None:
                if line.startswith("#Fields: "):
                    yield line[9:].replace(" ", ",")
                continue
            first = False
            yield line

    def _take_header(self, fields: list[str]) -> None:
        names: list[str] = []
        for position, field in enumerate(fields, 1):
            self._unnamed |= not field
            name = field or f"H{position}"
            if name.lower() in {known.lower() for known in names}:
                raise self._cmdlet.terminate(
                    NetException(
                        f'The member "{name}" is already present.',
                        net_type="System.Management.Automation.ExtendedTypeSystemException",
                    ),
                    "AlreadyPresentPSMemberInfoInternalCollectionAdd",
                    "NotSpecified",
                )
            names.append(name)
        self._names = names
        if self._unnamed:
            self._cmdlet.warning(
                'One or more headers were not specified. Default names starting with "H" have been used in place '
                "of any missing headers."
            )


@command("ConvertFrom-Csv")
class ConvertFromCsv(Cmdlet):
    def begin(self) -> None:
        self._lines: list[str] = []

    def process(self) -> None:
        for value in as_list(self.bound.get("inputobject")):
            self._lines += to_string(value).replace("\r\n", "\n").split("\n")

    def end(self) -> None:
        header = self.arg("Header")
        maker = RowMaker(self, None if header is None else list(header))
        self.write_all(maker.objects(self._lines, str(self.arg("Delimiter") or ",")))


@command("Import-Csv")
class ImportCsv(Cmdlet):
    def process(self) -> None:
        from .providers import data_files

        literal = self.arg("LiteralPath")
        header = self.arg("Header")
        for path in data_files(self, as_list(literal or self.arg("Path")), literal is not None):
            with open_text(self, path, self.arg("Encoding")) as source:
                maker = RowMaker(self, None if header is None else list(header))
                lines = (units(line.rstrip("\n")) for line in source)
                self.write_all(maker.objects(lines, str(self.arg("Delimiter") or ",")))
