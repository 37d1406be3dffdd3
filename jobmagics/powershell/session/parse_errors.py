"""ParseException.Errors and the extents in it, as scripts look at them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..parser.syntax import Extent, Source

LANGUAGE = "System.Management.Automation.Language."


class ScriptExtent:
    """Where something stands: InternalScriptExtent."""

    def __init__(self, source: Source, extent: Extent) -> None:
        self.source = source
        self.extent = extent

    def ps_type_names(self) -> list[str]:
        return [LANGUAGE + "InternalScriptExtent", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        start = self.source.position(self.extent[0])
        end = self.source.position(self.extent[1])
        yield "File", self.source.file
        yield "StartScriptPosition", None
        yield "EndScriptPosition", None
        yield "StartLineNumber", start.line
        yield "StartColumnNumber", start.column
        yield "EndLineNumber", end.line
        yield "EndColumnNumber", end.column
        yield "Text", self.source.extent_text(self.extent)
        yield "StartOffset", self.extent[0]
        yield "EndOffset", self.extent[1]

    def ps_to_string(self) -> str:
        return self.source.extent_text(self.extent)


class ParseErrorObject:
    def __init__(self, problem: Any, source: Source) -> None:
        self.problem = problem
        self.source = source

    def ps_type_names(self) -> list[str]:
        return [LANGUAGE + "ParseError", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "Extent", ScriptExtent(self.source, self.problem.extent)
        yield "ErrorId", self.problem.id
        yield "Message", self.problem.message
        yield "IncompleteInput", self.problem.incomplete

    def ps_to_string(self) -> str:
        return str(self.problem.message)
