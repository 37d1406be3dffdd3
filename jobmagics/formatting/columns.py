"""What a column of -Property is, and which values are shown as their text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jobmagics.formatting.records import Alignment

SCALARS = {
    f"System.{name}"
    for name in [
        "String",
        "SByte",
        "Byte",
        "Int16",
        "UInt16",
        "Int32",
        "UInt32",
        "Int64",
        "UInt64",
        "Char",
        "Single",
        "Double",
        "Boolean",
        "Decimal",
        "IntPtr",
        "Security.SecureString",
        "Numerics.BigInteger",
    ]
}


@dataclass(slots=True)
class Column:
    """One of -Property: a property name (wildcards allowed), a script or callable, and what a hashtable adds to it."""

    name: str = ""
    script: Any = None
    label: str | None = None
    format: str | None = None
    width: int = 0
    alignment: Alignment = ""
    depth: int = 0

    @property
    def source(self) -> str:
        """The expression as it was written."""
        return self.name if self.script is None else str(getattr(self.script, "text", self.name))

    @property
    def title(self) -> str:
        return self.label if self.label is not None else self.name

    @property
    def has_wildcard(self) -> bool:
        return self.script is None and any(char in self.name for char in "*?[")


def is_scalar(type_names: list[str]) -> bool:
    """Whether values of this type are shown as their text."""
    return bool(type_names) and (type_names[0] in SCALARS or (len(type_names) > 1 and type_names[1] == "System.Enum"))
