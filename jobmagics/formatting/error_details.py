"""How Get-Error shows an error: every property that holds something, with what is within it indented."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jobmagics.formatting import texts
from jobmagics.formatting.reader import Reader

MAX_DEPTH = 10
INDENT = 4
SMA = "System.Management.Automation."
EXTENDED = "#PSExtendedError"
# shown with their own properties; of other objects the text is enough
EXPANDED = {"System.Exception", SMA + "ErrorRecord", SMA + "InvocationInfo"}
RED, GREEN, RESET = "\x1b[31;1m", "\x1b[32;1m", "\x1b[0m"


class Details:
    """Writes the lines of one error; ``color``: with the escape sequences of the default theme."""

    def __init__(self, reader: Reader, color: bool) -> None:
        self.reader = reader
        self.red, self.accent, self.reset = (RED, GREEN, RESET) if color else ("", "", "")

    def lines(self, value: Any, indent: int = 0, depth: int = 1) -> list[str]:
        found = [(name, item) for name, item in self._properties(value) if not self._is_nothing(item)]
        width = max((len(name) for name, _ in found), default=0)
        lines: list[str] = []
        for name, item in found:
            if name == "PSErrorIndex" or self._count(item) == 0:
                continue
            head, *more = self._shown(name, item, indent, depth, width)
            lines.append(f"{' ' * indent}{self.accent}{name:{width}} : {self.reset}{head}")
            lines += more
        return lines

    def _properties(self, value: Any) -> Iterator[tuple[str, Any]]:
        names = self._names(value)
        if "System.Exception" in names:
            yield "Type", names[0]
        yield from self.reader.properties(value)

    def _names(self, value: Any) -> list[str]:
        return [name.removesuffix(EXTENDED) for name in self.reader.plain_type_names(value)]

    def _is_nothing(self, value: Any) -> bool:
        """What PowerShell takes for an empty string: zero and $false too."""
        base = self.reader.base(value)
        if isinstance(base, list | tuple):
            return all(self._is_nothing(element) for element in base)
        return base is None or (isinstance(base, str | bool | int | float) and not base)

    def _count(self, value: Any) -> int:
        elements = self.reader.elements(value)
        return 1 if elements is None else sum(1 for _ in elements)

    def _shown(self, name: str, value: Any, indent: int, depth: int, width: int) -> list[str]:
        """The rest of the property's first line, and the lines below."""
        base = self.reader.base(value)
        if not EXPANDED.isdisjoint(self._names(value)):
            return self._deeper(["", *self.lines(value, indent + INDENT, depth + 1)], depth)
        if name == "StackTrace":
            return ["", *texts.split_lines(self.reader.to_string(value))]
        if name != "Data" and isinstance(base, Mapping):
            return ["", *self._pairs(base, indent), ""]
        elements = self.reader.elements(value) if name != "Data" else None
        if elements is not None:
            return self._deeper(["", *self._elements(list(elements), indent, depth)], depth)
        return self._text(name, self.reader.to_string(value), indent + width + len(" : "))

    def _deeper(self, lines: list[str], depth: int) -> list[str]:
        return [texts.ELLIPSIS] if depth >= MAX_DEPTH else lines

    def _pairs(self, value: Mapping[Any, Any], indent: int) -> Iterator[str]:
        for key, item in value.items():
            # a token is not for the screen
            shown = texts.ELLIPSIS if str(key).lower() == "authorization" else self.reader.to_string(item)
            yield f"{' ' * (indent + INDENT)}{self.accent}{self.reader.to_string(key)} : {self.reset}{shown}"

    def _elements(self, elements: list[Any], indent: int, depth: int) -> Iterator[str]:
        for at, element in enumerate(elements):
            if isinstance(self.reader.base(element), str | bool | int | float):
                yield " " * (2 * indent + INDENT + 2) + self.reader.to_string(element)
                continue
            if at:
                yield ""
            yield from self.lines(element, indent + INDENT, depth + 1)

    def _text(self, name: str, text: str, room: int) -> list[str]:
        if name == "PositionMessage" and "~" in text:
            text = text.replace("~", self.red + "~", 1)
        elif name == "Message":
            text = self.red + text
        if "\n" not in text:
            return [text]
        head, *more = text.split("\n")
        return [head.strip(), *(" " * room + line.strip() for line in more)]


def details_text(reader: Reader, value: Any, color: bool) -> str:
    """The properties of an error or exception as Get-Error lists them."""
    return "\n".join(Details(reader, color).lines(value))
