"""Errors get their place: InvocationInfo, position and script stack trace, and what a parse error looks like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..parser.syntax import CommandParameterAst, VariableExpressionAst
from ..records import (
    SMA,
    ErrorRecord,
    InvocationInfo,
    NetException,
    ScriptError,
    error,
)

if TYPE_CHECKING:
    from ..binding.parameters import CommandInfo
    from ..parser.syntax import Ast, Extent, Source
    from .runspace import Frame


class Place:
    """An extent in a source: where a statement or command stands. Lines are counted only when somebody asks."""

    __slots__ = ("extent", "source")

    def __init__(self, source: Source, extent: Extent) -> None:
        self.source = source
        self.extent = extent

    @property
    def line(self) -> int:
        return self.source.position(self.extent[0]).line

    @property
    def text(self) -> str:
        return self.source.extent_text(self.extent)

    def invocation(self, command: CommandInfo | None = None, name: str = "") -> InvocationInfo:
        info = InvocationInfo(command, name=name)
        self.fill(info)
        return info

    def fill(self, info: InvocationInfo) -> None:
        position = self.source.position(self.extent[0])
        info.script_name = self.source.file or ""
        info.script_line_number = position.line
        info.offset_in_line = position.column
        info.line = self.source.line_text(position.line)
        if self.source.position(len(self.source.text)).line > position.line:
            info.line += "\n"
        info.statement = self.text
        end = self.source.position(self.extent[1])
        last = end.column if end.line == position.line else len(info.line.rstrip("\n")) + 1
        info.position_length = max(1, last - position.column)


class CommandPlace(Place):
    """Where a command stands, and where its arguments stand: errors of binding point there."""

    __slots__ = ("words",)

    def __init__(self, source: Source, extent: Extent, words: Sequence[Ast]) -> None:
        super().__init__(source, extent)
        self.words = words

    def of_argument(self, at: int, count: int, by_name: bool) -> Place:
        """The place of one of ``count`` arguments (``by_name``: of its -Name); the whole command if that is not clear.

        A splatted variable stands for as many arguments as are left for it.
        """
        splats = [word for word in self.words if isinstance(word, VariableExpressionAst) and word.splatted]
        spread = count - (len(self.words) - len(splats))
        if len(splats) > 1:
            return self
        stretched = [one for word in self.words for one in [word] * (spread if word in splats else 1)]
        if not 0 <= at < len(stretched):
            return self
        word = stretched[at]
        if isinstance(word, CommandParameterAst) and word.argument is not None and not by_name:
            word = word.argument
        return Place(self.source, word.extent)


def stack_trace(frame: Frame | None, place: Place | None) -> str:
    """``at f, <No file>: line 3`` for each frame, innermost first."""
    lines = []
    while frame is not None:
        if frame.shows_in_trace:
            file = place.source.file if place is not None and place.source.file else "<No file>"
            lines.append(f"at {frame.trace_name}, {file}: line {place.line if place is not None else 1}")
        parent = frame.parent
        place = frame.called_from if frame.shows_in_trace or place is None else place
        frame = parent
    return "\n".join(lines)


def attach(error: ScriptError, frame: Frame, place: Place) -> None:
    """Completes a record on its way through the statement that raised it."""
    record = error.record
    if record.invocation is None:
        record.invocation = place.invocation()
    if record.stack_trace is None:
        record.stack_trace = stack_trace(frame, place)
        if not record.exception.stack_trace:
            record.exception.stack_trace = record.exception.extra.get("StackTrace")


def parse_failed(result: Any, text: str, file: str | None, interactive: bool = False) -> ScriptError:
    """The ParseException of a text with errors; its message is PowerShell's list of them."""
    from ..parser.positions import error_text
    from ..parser.syntax import Extent, Source
    from ..session.parse_errors import ParseErrorObject

    source = Source(text, file)
    first = result.errors[0]
    extra = {"Errors": [ParseErrorObject(one, source) for one in result.errors]}
    if interactive and first.incomplete:
        exception = NetException(first.message, net_type=SMA + "IncompleteParseException", extra=extra)
    else:
        exception = NetException(error_text(result.errors, source), net_type=SMA + "ParseException", extra=extra)
    record = ErrorRecord(exception, first.id, "ParserError")
    start = min(first.extent[0], len(text))
    record.invocation = Place(source, Extent(start, max(first.extent[1], start))).invocation()
    return ScriptError(record, script_wide=True)


def internal_error(problem: Exception) -> ScriptError:
    """A mistake of the engine's own: told as such, and the script goes on."""
    if isinstance(problem, MemoryError):
        from ..memory import OutOfMemory

        return OutOfMemory()
    import traceback

    where = traceback.extract_tb(problem.__traceback__)[-1]
    message = (
        f"The built-in engine failed inside ({type(problem).__name__}: {problem}; {where.name}, line {where.lineno} of "
        f"{where.filename.rpartition('/')[2]}). Please report it; pwsh runs this."
    )
    return ScriptError(
        ErrorRecord(NetException(message, net_type=SMA + "RuntimeException"), "BuiltInEngineError", "NotSpecified")
    )


def unsupported(what: str, target: Any = None) -> ScriptError:
    """What only PowerShell itself does, in the one sentence for it."""
    return error(
        f"{what} is not supported by the built-in engine; PowerShell itself (pwsh) runs it.",
        "NotSupportedByBuiltInEngine",
        "NotImplemented",
        target,
        net_type="System.NotSupportedException",
    )


def type_elsewhere(name: str) -> ScriptError:
    """A .NET type that the built-in engine does not have."""
    return unsupported(f"The type [{name}]", name)


def not_supported(construct: str, source: Source, extent: Extent) -> ScriptError:
    """What the built-in engine does not know, named with its place."""
    position = source.position(extent[0])
    failed = unsupported(f"{construct} (line {position.line}, column {position.column})")
    failed.record.invocation = Place(source, extent).invocation()
    failed.script_wide = True
    return failed
