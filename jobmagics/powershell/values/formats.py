"""``-f`` and ``ToString(format)``: composite format strings, and which formatter a value goes to.

Numbers are in number_formats.py, dates and time spans in date_formats.py. The culture is en-US unless one is
given or the script has set another.
"""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Sequence
from typing import Any

from ...psobject import PSObject, TimeSpan
from ..records import ScriptError, error
from . import date_formats, number_formats
from .number_formats import BadFormat
from .value import NOTHING, to_string

MAX_WIDTH = 1_000_000
BAD_COMPOSITE = "Input string was not in a correct format."
INDEX_MESSAGE = "Index (zero based) must be greater than or equal to zero and less than the size of the argument list."


def format_value(value: Any, spec: str = "", culture: Any = None) -> str:
    """``value.ToString(spec, culture)``; raises BadFormat."""
    if isinstance(value, PSObject) and value._base is not None:
        if not spec and value._to_string is not None and isinstance(value._base, int):
            return value._to_string  # an enum that was received: its number, shown by its name
        value = value._base
    if value is None or value is NOTHING:
        return ""
    if isinstance(value, (bool, str)):
        return to_string(value)
    if hasattr(value, "ps_enum_value"):
        return format_enum(value, spec)
    if isinstance(value, (int, float, decimal.Decimal)):
        return number_formats.format_number(value, spec, number_symbols(culture))
    if isinstance(value, datetime.datetime):
        return date_formats.format_datetime(value, spec, date_symbols(culture))
    if isinstance(value, datetime.timedelta):
        span = value if isinstance(value, TimeSpan) else TimeSpan(round(value.total_seconds() * 10_000_000))
        return date_formats.format_timespan(span, spec)
    if isinstance(value, uuid.UUID):
        return format_guid(value, spec)
    if hasattr(value, "ps_format"):
        return str(value.ps_format(spec, culture))
    return to_string(value)


# the culture a script has set ([cultureinfo]::CurrentCulture = ...); none means en-US
_current: dict[str, Any] = {}


def set_current_culture(culture: Any) -> None:
    _current["culture"] = culture


def number_symbols(culture: Any) -> number_formats.NumberSymbols:
    wanted = culture if culture is not None else _current.get("culture")
    symbols: number_formats.NumberSymbols | None = getattr(wanted, "number_symbols", None)
    return number_formats.EN_US if symbols is None else symbols


def date_symbols(culture: Any) -> date_formats.DateSymbols:
    wanted = culture if culture is not None else _current.get("culture")
    symbols: date_formats.DateSymbols | None = getattr(wanted, "date_symbols", None)
    return date_formats.EN_US if symbols is None else symbols


def format_guid(value: uuid.UUID, spec: str) -> str:
    kind = (spec or "D").upper()
    if kind == "D":
        return str(value)
    if kind == "N":
        return value.hex
    if kind == "B":
        return "{" + str(value) + "}"
    if kind == "P":
        return f"({value})"
    if kind == "X":
        fields = value.fields
        tail = ",".join(f"0x{byte:02x}" for byte in value.bytes[8:])
        return f"{{0x{fields[0]:08x},0x{fields[1]:04x},0x{fields[2]:04x},{{{tail}}}}}"
    raise BadFormat(
        'Format string can be only "D", "d", "N", "n", "P", "p", "B", "b", "X" or "x".',
    )


def format_enum(value: Any, spec: str) -> str:
    kind = (spec or "G").upper()
    if kind in ("G", "F"):
        return to_string(value)
    if kind == "D":
        return str(int(value))
    if kind == "X":
        return f"{int(value) & 0xFFFFFFFF:08X}"
    raise BadFormat('Format string can be only "G", "g", "X", "x", "F", "f", "D" or "d".')


# -- composite format strings


def composite(text: str, args: Sequence[Any], culture: Any = None) -> str:
    """String.Format; raises BadFormat."""
    out: list[str] = []
    at, end = 0, len(text)
    while at < end:
        opening, closing = text.find("{", at), text.find("}", at)
        if opening < 0 and closing < 0:
            out.append(text[at:])
            break
        stop = min(place for place in (opening, closing) if place >= 0)
        out.append(text[at:stop])
        if text[stop : stop + 2] in ("{{", "}}"):
            out.append(text[stop])
            at = stop + 2
        elif text[stop] == "}":
            raise BadFormat(
                f"{BAD_COMPOSITE} Failure to parse near offset {stop + 1}. "
                "Unexpected closing brace without a corresponding opening brace."
            )
        else:
            shown, at = _item(text, stop + 1, args, culture)
            out.append(shown)
    return "".join(out)


def _item(text: str, start: int, args: Sequence[Any], culture: Any) -> tuple[str, int]:
    at, end = start, len(text)
    while at < end and text[at].isdigit():
        at += 1
    if at == start:
        problem = "Expected an ASCII digit." if at < end else "Format item ends prematurely."
        raise BadFormat(f"{BAD_COMPOSITE} Failure to parse near offset {at}. {problem}")
    index = int(text[start:at])
    at = _skip_spaces(text, at)
    width = 0
    if at < end and text[at] == ",":
        at, width = _width(text, at + 1)
    spec = ""
    if at < end and text[at] == ":":
        close = text.find("}", at + 1)
        opening = text.find("{", at + 1)
        if close < 0 or 0 <= opening < close:
            near = opening + 1 if opening >= 0 else end
            raise BadFormat(f"{BAD_COMPOSITE} Failure to parse near offset {near}. Format item ends prematurely.")
        spec = text[at + 1 : close]
        at = close
    if at >= end or text[at] != "}":
        problem = "Format item ends prematurely." if at >= end else "Expected an ASCII digit."
        raise BadFormat(f"{BAD_COMPOSITE} Failure to parse near offset {at}. {problem}")
    if index >= len(args):
        raise BadFormat(INDEX_MESSAGE)
    shown = format_item(args[index], spec, culture)
    return (shown.rjust(width) if width >= 0 else shown.ljust(-width)), at + 1


def format_item(value: Any, spec: str, culture: Any) -> str:
    if type(value) is str:
        return value
    if isinstance(value, (list, dict)):
        return to_string(value) if not isinstance(value, list) else _list_text(value)
    return format_value(value, spec, culture)


def _list_text(value: list[Any]) -> str:
    """An array in a placeholder shows its type, as its own ToString() does."""
    from .value import type_string

    return type_string(value)


def _skip_spaces(text: str, at: int) -> int:
    while at < len(text) and text[at] == " ":
        at += 1
    return at


def _width(text: str, at: int) -> tuple[int, int]:
    at = _skip_spaces(text, at)
    negative = at < len(text) and text[at] == "-"
    start = at = at + negative
    while at < len(text) and text[at].isdigit():
        at += 1
    if at == start:
        raise BadFormat(f"{BAD_COMPOSITE} Failure to parse near offset {at}. Expected an ASCII digit.")
    width = int(text[start:at])
    if width >= MAX_WIDTH:
        raise BadFormat(f"{BAD_COMPOSITE} Failure to parse near offset {at}. Expected an ASCII digit.")
    return _skip_spaces(text, at), -width if negative else width


def format_string(text: str, args: Sequence[Any]) -> str:
    """The ``-f`` operator."""
    try:
        return composite(text, args)
    except BadFormat as bad:
        raise format_error(bad.message) from None


def format_error(message: str) -> ScriptError:
    from ..records import NetException

    return error(
        f"Error formatting a string: {message}.",
        "FormatError",
        "InvalidOperation",
        inner=NetException(message, net_type="System.FormatException"),
    )


__all__ = ["BadFormat", "composite", "format_error", "format_string", "format_value"]
