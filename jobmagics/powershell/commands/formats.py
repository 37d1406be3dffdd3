"""Format-* and Out-*: the cmdlets around jobmagics.formatting."""

from __future__ import annotations

from typing import Any

from ...formatting import Column, FormatError, Formatter, Shaper, ShapeRequest
from ...formatting.records import Alignment, Shape
from ...psobject import PSObject
from ..records import (
    SMA,
    ErrorRecord,
    NetException,
    ScriptError,
)
from ..runtime.cmdlet import Cmdlet, Sink, command
from ..values.value import NOTHING, to_string, unwrap
from . import expressions
from .engine_reader import EngineReader, default_formatter

DEFAULT_WIDTH = 120
FAILED_CELL = "#ERR"  # what -DisplayError shows where a column's script failed
ALIGNMENTS: dict[str, Alignment] = {"left": "Left", "right": "Right", "center": "Center"}
COLUMN_KEYS = ("formatstring", "width", "alignment", "label", "name")


class ShapingCommand(Cmdlet):
    """The common part of Format-Table, -List, -Wide and -Custom."""

    shape: Shape
    keys: tuple[str, ...] = COLUMN_KEYS

    def begin(self) -> None:
        self._shaper: Shaper | None = None
        request = ShapeRequest(shape=self.shape)
        request.columns = self.columns("Property")
        request.view = self.arg("View")
        if request.view and request.columns:
            raise self.exclusive("View and Property", "FormatCannotSpecifyViewAndProperty")
        request.force = self.switch("Force")
        request.expand = str(self.arg("Expand") or "EnumOnly")
        if self.has("GroupBy"):
            request.group_by = self._group_by()
        self.configure(request)
        self._request = request
        self._reader = EngineReader(self.runspace, self.frame)
        if self.switch("DisplayError"):
            self._reader.failed_cell = FAILED_CELL
        if self.switch("ShowError"):
            self._reader.failures = []

    def configure(self, request: ShapeRequest) -> None:
        pass

    def exclusive(self, parameters: str, fqid: str) -> ScriptError:
        data = NetException("Found invalid data while decoding.", net_type="System.IO.InvalidDataException")
        message = f"Cmdlet parameters {parameters} are mutually exclusive."
        return self.terminate(ErrorRecord(data, fqid, "InvalidArgument", details=message))

    def columns(self, name: str) -> list[Column]:
        value = self.arg(name)
        if value is None:
            return []
        return [self._column(found) for found in expressions.parse(self, value, self.keys)]

    def _group_by(self) -> Column:
        value = unwrap(self.arg("GroupBy"))
        found = expressions.parse(self, [value], ("formatstring", "label", "name"))
        return self._column(found[0])

    def _column(self, found: expressions.Expression) -> Column:
        column = Column(found.name, found.script, found.label, found.options.get("formatstring"))
        if found.script is not None and found.label is None:
            column.label = found.script.text
        column.depth = found.options.get("depth", 0)
        column.width = found.options.get("width", 0)
        alignment = found.options.get("alignment")
        if alignment is not None:
            matches = [name for name in ALIGNMENTS if name.startswith(to_string(alignment).lower())]
            if len(matches) != 1:
                raise expressions.illegal(
                    self,
                    f'The value "{to_string(alignment)}" for key "alignment" is not valid; valid values are '
                    "{left, center, right}.",
                    "AlignmentIllegalValue",
                )
            column.alignment = ALIGNMENTS[matches[0]]
        return column

    def process(self) -> None:
        value = self.bound.get("inputobject", NOTHING)
        if value is NOTHING or value is None:
            return
        if self._shaper is None:
            self._shaper = Shaper(self._reader, self._request)
        try:
            self.write_all(self._shaper.feed(value))
            self._tell_failures()
        except FormatError as problem:
            stopped = NetException("The pipeline has been stopped.", net_type=SMA + "PipelineStoppedException")
            record = ErrorRecord(stopped, problem.fqid, "ObjectNotFound", problem.target, details=str(problem))
            raise self.terminate(record) from None

    def end(self) -> None:
        if self._shaper is not None:
            self.write_all(self._shaper.close())
            self._tell_failures()

    def _tell_failures(self) -> None:
        """-ShowError: what failed in the columns' scripts, after the object."""
        if not self._reader.failures:
            return
        failures, self._reader.failures = self._reader.failures, []
        told = set()
        for exception, script, value in failures:
            if (id(script), id(value)) in told:
                continue  # its column's alignment was looked for, too
            told.add((id(script), id(value)))
            words = f'Failed to evaluate expression "{script.text}".'
            record = ErrorRecord(exception, "PSPropertyExpressionError", "InvalidArgument", value, details=words)
            self.runtime.write_error(record)


@command("Format-Table")
class FormatTable(ShapingCommand):
    shape = "Table"

    def configure(self, request: ShapeRequest) -> None:
        request.autosize = self.switch("AutoSize") if self.has("AutoSize") else None
        request.hide_headers = self.switch("HideTableHeaders")
        request.wrap = self.switch("Wrap")
        request.repeat_header = self.switch("RepeatHeader")


@command("Format-List")
class FormatList(ShapingCommand):
    shape = "List"
    keys = ("label", "name", "formatstring")


@command("Format-Wide")
class FormatWide(ShapingCommand):
    shape = "Wide"
    keys = ("formatstring",)

    def configure(self, request: ShapeRequest) -> None:
        if self.has("Column") and self.switch("AutoSize"):
            raise self.exclusive("AutoSize and Column", "FormatCannotSpecifyAutosizeAndColumns")
        request.autosize = self.switch("AutoSize") if self.has("AutoSize") else None
        request.wide_columns = self.arg("Column", 0)

    def columns(self, name: str) -> list[Column]:
        value = self.arg(name)
        return [] if value is None else [self._column(found) for found in expressions.parse(self, value, self.keys)]


@command("Format-Custom")
class FormatCustom(ShapingCommand):
    shape = "Custom"
    keys = ("depth",)

    def configure(self, request: ShapeRequest) -> None:
        request.depth = self.arg("Depth", 5)


@command("Out-String")
class OutString(Cmdlet):
    """Everything formatted, as one string or (-Stream) line by line."""

    def begin(self) -> None:
        self._formatter = Formatter(
            self.arg("Width", DEFAULT_WIDTH),
            reader=EngineReader(self.runspace, self.frame),
            color=uses_color(self.frame.get_variable("PSStyle"), on_screen=False),
        )
        self._lines: list[str] = []

    def process(self) -> None:
        value = self.bound.get("inputobject", NOTHING)
        if value is not NOTHING:
            self._take(self._formatter.feed(value))

    def _take(self, lines: list[str]) -> None:
        if self.switch("Stream"):
            self.write_all(lines)
        else:
            self._lines += lines

    def end(self) -> None:
        self._take(self._formatter.close())
        if not self.switch("Stream"):
            joint = "" if self.switch("NoNewline") else "\n"
            self.write("".join(line + joint for line in self._lines))


def uses_color(style: Any, *, on_screen: bool) -> bool:
    """$PSStyle.OutputRendering: Ansi gives escape sequences, Host only on a screen, PlainText never; nor does a session
    without $PSStyle."""
    if style is None:
        return False
    from ..members.access import get_property

    rendering = to_string(get_property(style, "OutputRendering")).lower()
    return rendering == "ansi" or (rendering == "host" and on_screen)


@command("Out-Null")
class OutNull(Cmdlet):
    takes_elements = True

    def element_sink(self) -> Sink:
        return lambda value: None

    def process(self) -> None:
        pass


@command("Out-Default")
class OutDefault(Cmdlet):
    """To the host: formatted lines, errors on its error line."""

    def begin(self) -> None:
        ui = self.runspace.host.ui
        self._ui = ui
        self._formatter = default_formatter(
            self.runspace, host_width(ui) - 1, uses_color(self.frame.get_variable("PSStyle"), on_screen=True)
        )

    def process(self) -> None:
        value = self.bound.get("inputobject", NOTHING)
        if value is NOTHING:
            return
        if isinstance(value, ErrorRecord) or (isinstance(value, PSObject) and isinstance(value._base, ErrorRecord)):
            for line in self._formatter.feed(value):
                self._ui.write_error_line(line)
            return
        for line in self._formatter.feed(value):
            self._ui.write_line(line)

    def end(self) -> None:
        for line in self._formatter.close():
            self._ui.write_line(line)


@command("Out-Host")
class OutHost(OutDefault):
    pass


def host_width(ui: Any) -> int:
    size = getattr(getattr(ui, "raw_ui", None), "buffer_size", None)
    width = getattr(size, "width", None) or (size[0] if isinstance(size, tuple) else None)
    return width if isinstance(width, int) and width > 1 else DEFAULT_WIDTH + 1


@command("Out-File")
class OutFile(Cmdlet):
    """What ``>`` does: the default output into a file."""

    def begin(self) -> None:
        from .content import TextWriter

        width = self.arg("Width", 1_000_000)
        color = uses_color(self.frame.get_variable("PSStyle"), on_screen=False)
        self._formatter = Formatter(width, reader=EngineReader(self.runspace, self.frame), color=color)
        path = self.arg("LiteralPath") or self.arg("FilePath")
        self._writer = None
        if self.should_process(self.path(path), "Output to File"):
            self._writer = TextWriter(self, path, append=self.switch("Append"), no_clobber=self.switch("NoClobber"))

    def process(self) -> None:
        value = self.bound.get("inputobject", NOTHING)
        if value is not NOTHING:
            self._put(self._formatter.feed(value))

    def _put(self, lines: list[str]) -> None:
        if self._writer is not None:
            self._writer.lines(lines, newline="" if self.switch("NoNewline") else "\n")

    def end(self) -> None:
        self._put(self._formatter.close())
        if self._writer is not None:
            self._writer.close()


@command("Update-FormatData")
class UpdateFormatData(Cmdlet):
    """Table and list views from .format.ps1xml files."""

    def process(self) -> None:
        from .format_files import read_views

        for name, prepend in (("AppendPath", False), ("PrependPath", True)):
            for path in self.arg(name) or []:
                read_views(self, self.path(path), prepend)
