"""A .NET regular expression as Python's."""

from __future__ import annotations

import re
from functools import lru_cache

# what .NET writes differently: (?<name>...), \z, \Z before a final line end, \A and the rest are the same
_NAMED = re.compile(r"\(\?<([A-Za-z_]\w*)>")
_QUOTED = re.compile(r"\(\?'([A-Za-z_]\w*)'")
_BACK = re.compile(r"\\k<([A-Za-z_]\w*)>")


@lru_cache(maxsize=256)
def net_regex(pattern: str, flags: int = re.IGNORECASE) -> re.Pattern[str]:
    """Raises re.error for a pattern that is none."""
    text = _QUOTED.sub(r"(?P<\1>", _NAMED.sub(r"(?P<\1>", pattern))
    text = _BACK.sub(r"(?P=\1)", text).replace(r"\Z", r"(?=\n?\Z)").replace(r"\z", r"\Z")
    return re.compile(text, flags)
