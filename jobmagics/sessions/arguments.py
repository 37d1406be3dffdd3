"""Python values on their way into a script: made into what PowerShell knows, or refused at once and by name.

A refusal has to come from the call that a person made; found out in a worker thread, it would be a failed job.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable, Mapping, Set
from typing import Any

from jobmagics import clixml
from jobmagics.errors import UsageError
from jobmagics.psobject import BigInteger, Hashtable, Int64

INT32 = range(-(2**31), 2**31)
INT64 = range(-(2**63), 2**63)


def portable(value: Any, name: str) -> Any:
    """The value as PowerShell is to get it. Raises UsageError naming what cannot travel."""
    made = _made(value)
    try:
        clixml.encode(made, depth=2)
    except (ValueError, TypeError, RecursionError) as error:
        raise UsageError(
            f"The value of {name} cannot be sent to PowerShell ({error});"
            " send text, numbers, dates, lists or dictionaries."
        ) from None
    return made


def _made(value: Any) -> Any:
    """Python's everyday types that PowerShell has under another form; everything else as it is."""
    if type(value) is int and value not in INT32:
        return Int64(value) if value in INT64 else BigInteger(value)
    if isinstance(value, list | tuple | range | Set) and not hasattr(value, "ps_type_names"):
        return [_made(item) for item in value]
    if isinstance(value, Mapping) and not isinstance(value, Hashtable):
        return {key: _made(item) for key, item in value.items()}
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return datetime.datetime(value.year, value.month, value.day)
    if hasattr(value, "to_dict") and hasattr(value, "columns"):  # a pandas frame: its rows
        return [_made(row) for row in value.to_dict("records")]
    if hasattr(value, "item") and hasattr(value, "dtype") and not getattr(value, "shape", ()):  # a numpy scalar
        return _made(value.item())
    if hasattr(value, "tolist") and hasattr(value, "dtype"):
        return _made(value.tolist())
    return value


def portable_all(values: Iterable[Any], name: str) -> list[Any]:
    return [portable(value, f"{name} {number}") for number, value in enumerate(values, 1)]
