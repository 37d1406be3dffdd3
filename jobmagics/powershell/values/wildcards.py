"""PowerShell's wildcard patterns: ``*``, ``?``, ``[abc]``, ``[a-z]`` and the backtick that escapes them."""

from __future__ import annotations

import re
from functools import lru_cache

from .guarded import stoppable


@lru_cache(maxsize=512)
def wildcard_regex(pattern: str, ignore_case: bool = True) -> re.Pattern[str]:
    """The pattern as a compiled expression; use ``fullmatch``."""
    parts: list[str] = []
    at, end = 0, len(pattern)
    while at < end:
        char = pattern[at]
        at += 1
        if char == "*":
            parts.append(".*")
        elif char == "?":
            parts.append(".")
        elif char == "`" and at < end:
            parts.append(re.escape(pattern[at]))
            at += 1
        elif char == "[":
            close = pattern.find("]", at + 1)
            if close < 0:
                raise invalid_pattern(pattern)
            body = re.sub(r"([\\^\[])", r"\\\1", pattern[at:close].replace("`", ""))
            parts.append(f"[{body}]")
            at = close + 1
        else:
            parts.append(re.escape(char))
    flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
    return stoppable(re.compile("".join(parts), flags))  # type: ignore[no-any-return]


def invalid_pattern(pattern: str) -> Exception:
    from ..records import SMA, error

    return error(
        f"The specified wildcard character pattern is not valid: {pattern}",
        "WildcardPatternException",
        "NotSpecified",
        net_type=SMA + "WildcardPatternException",
    )


def wildcard_match(pattern: str, text: str, ignore_case: bool = True) -> bool:
    return wildcard_regex(pattern, ignore_case).fullmatch(text) is not None


def has_wildcard(text: str) -> bool:
    """Whether the text has an unescaped wildcard character."""
    if "`" not in text:
        return "*" in text or "?" in text or "[" in text
    at = 0
    while at < len(text):
        if text[at] == "`":
            at += 1
        elif text[at] in "*?[":
            return True
        at += 1
    return False


def escape(text: str) -> str:
    return re.sub(r"([*?\[\]`])", r"`\1", text)


def unescape(text: str) -> str:
    return re.sub(r"`(.)", r"\1", text)
