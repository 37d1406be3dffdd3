"""What flows between Format-* and Out-*: PowerShell's five format records.

They are values like others (a script can hold, count and pass them), hence the ``ps_`` methods.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from jobmagics.formatting.wire import Part

Shape = Literal["Table", "List", "Wide", "Custom"]
Alignment = Literal["", "Left", "Right", "Center"]
NAMESPACE = "Microsoft.PowerShell.Commands.Internal.Format."


class Record:
    """Base of the format records."""

    __slots__ = ()
    name = "FormatInfoData"

    ps_serialization_depth = 1

    def ps_type_names(self) -> list[str]:
        return self._wire().ps_type_names()

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        return self._wire().ps_properties()

    def ps_to_string(self) -> str:
        return NAMESPACE + self.name

    def _wire(self) -> Part:
        from jobmagics.formatting.wire import to_wire

        return to_wire(self)


@dataclass(slots=True)
class HeaderColumn:
    """One column of a table: its label, its width (0: to be found) and how its cells are aligned."""

    label: str
    width: int = 0
    alignment: Alignment = "Left"
    is_property: bool = True
    from_view: bool = False


@dataclass(slots=True)
class FormatStart(Record):
    shape: Shape
    columns: list[HeaderColumn] = field(default_factory=list)
    autosize: bool = False
    hide_headers: bool = False
    repeat_header: bool = False
    wide_columns: int = 0
    name = "FormatStartData"


@dataclass(slots=True)
class GroupStart(Record):
    """header: the lines above a group (``   G: a``), or None."""

    header: list[str] | None = None
    name = "GroupStartData"


@dataclass(slots=True)
class Entry(Record):
    """One object.

    ``fields`` are (label, text) for a list, ("", text) in column order for a row, (indentation, line) for lines.
    """

    kind: Literal["Row", "List", "Wide", "Lines", "Raw"]
    fields: list[tuple[str, str]]
    out_of_band: bool = False
    multi_line: bool = False
    alignments: list[Alignment] | None = None
    name = "FormatEntryData"


@dataclass(slots=True)
class GroupEnd(Record):
    name = "GroupEndData"


@dataclass(slots=True)
class FormatEnd(Record):
    name = "FormatEndData"
