"""Text as .NET holds it: in UTF-16 code units.

A string of the engine holds a character beyond the BMP as .NET does, in two halves (surrogates), so that lengths,
indexes, patterns and offsets are PowerShell's. Text that comes from Python or the system is split by ``units``; text
that Python has to understand whole is put together again by ``joined``, and becomes bytes by ``encode``. CLIXML needs
nothing on the way out: it spells each half by itself.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable

_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_HALF = re.compile("[\ud800-\udfff]")
_PASS = "surrogatepass"  # noqa: S105 - an error handler of codecs


def _halves(found: re.Match[str]) -> str:
    above = ord(found[0]) - 0x10000
    return chr(0xD800 + (above >> 10)) + chr(0xDC00 + (above & 0x3FF))


def units(text: str) -> str:
    """Any text as the engine holds it."""
    return text if text.isascii() else _BEYOND.sub(_halves, text)


def joined(text: str) -> str:
    """The text with whole characters; a half without its other one stays as it is."""
    if text.isascii() or not _HALF.search(text):
        return text
    return text.encode("utf-16-le", _PASS).decode("utf-16-le", _PASS)


def well_formed(text: str) -> str:
    """The text with whole characters, U+FFFD for a half alone: what .NET makes of it for files and programs."""
    if text.isascii() or not _HALF.search(text):
        return text
    return text.encode("utf-16-le", _PASS).decode("utf-16-le", "replace")


def encode(text: str, codec: str = "utf-8") -> bytes:
    """The text in an encoding, as .NET does it: U+FFFD for half a character, ``?`` for each unit it has not."""
    return (well_formed(text) if codec.startswith("utf") else text).encode(codec, "replace")


def decode(data: bytes, codec: str = "utf-8") -> str:
    """The text of bytes, U+FFFD for what is not in that encoding."""
    return units(data.decode(codec, "replace"))


def by_characters(change: Callable[[str], str], text: str) -> str:
    """What ``change``, which knows whole characters, makes of a text."""
    return change(text) if text.isascii() else units(change(joined(text)))


def take_halves_in_names() -> None:
    """Names of files, arguments of programs and variables of the environment may hold halves from now on.

    Python encodes all of them by the error handler "surrogateescape", which fails where a pair stands; the handler is
    replaced by one that writes the pair as the character it is. What did not fail before is as it was. (Windows takes
    such names as they are.)
    """
    codecs.register_error("surrogateescape", _name_bytes)


_escape = codecs.lookup_error("surrogateescape")


def _name_bytes(failed: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(failed, UnicodeEncodeError) or not failed.encoding.startswith("utf"):
        return _escape(failed)
    return encode(failed.object[failed.start : failed.end]), failed.end
