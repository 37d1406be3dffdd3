"""IConvertible: conversions that text, numbers and booleans have as methods behind that interface."""

from __future__ import annotations

from typing import Any

from ..values.types import net_type
from .table import Members, table_of

# method -> the type it gives, as signatures write it
_TARGETS = {
    "ToBoolean": "bool",
    "ToByte": "byte",
    "ToChar": "char",
    "ToDateTime": "datetime",
    "ToDecimal": "decimal",
    "ToDouble": "double",
    "ToInt16": "short",
    "ToInt32": "int",
    "ToInt64": "long",
    "ToSByte": "sbyte",
    "ToSingle": "float",
    "ToUInt16": "ushort",
    "ToUInt32": "uint",
    "ToUInt64": "ulong",
}


def declare_convertible(table: Members) -> None:
    for name, short in _TARGETS.items():
        _declare(table, name, short)

    @table.method("System.Object IConvertible.ToType(type conversionType, System.IFormatProvider provider)")
    def to_type(value: Any, kind: Any, provider: Any) -> Any:
        from ..values.conversions import convert

        return convert(value, kind.full_name)


def _declare(table: Members, name: str, short: str) -> None:
    @table.method(f"{short} IConvertible.{name}(System.IFormatProvider provider)")
    def give(value: Any, provider: Any) -> Any:
        """What [Convert] makes of it."""
        method = table_of(net_type("System.Convert")).static(name.lower())
        assert method is not None
        overload, arguments = method.prepare([value] if provider is None else [value, provider])
        return overload.function(*arguments)
