"""Text from elsewhere, made fit for a front end's terminal: colours stay, every other control sequence goes."""

from __future__ import annotations

import re

_SEQUENCE = re.compile(
    r"(\x1b\[[0-9;:]*m)"  # SGR: kept
    r"|\x1b\[[0-9;:<=>?]*[ -/]*[@-~]"  # other CSI
    r"|\x1b[\]PX^_].*?(?:\x1b\\|\x07|$)"  # OSC, DCS, SOS, PM, APC with what they carry
    r"|\x1b[ -/]*[0-~]?",
    re.DOTALL,
)
_CONTROL = re.compile(r"[\x00-\x07\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]")
_ASCII_CONTROLS = bytes(code for code in range(128) if _CONTROL.match(chr(code)))

# ConsoleColor, 0 to 15, as SGR digits: PowerShell's bit order is blue, green, red
_SGR = (0, 4, 2, 6, 1, 5, 3, 7)


def colored(text: str) -> str:
    """Only colours, and the movements every front end knows: tab, newline, carriage return, backspace."""
    if "\x1b" in text:
        text = _SEQUENCE.sub(lambda found: found.group(1) or "", text)
    if text.isascii():  # most text is: many times as fast
        return text.encode("ascii").translate(None, _ASCII_CONTROLS).decode("ascii")
    return _CONTROL.sub("", text)


def plain(text: str) -> str:
    """One line without any of them."""
    return " ".join(_CONTROL.sub("", _SEQUENCE.sub("", text)).replace("\b", "").split())


def painted(text: str, foreground: int | None, background: int | None) -> str:
    """Text in ConsoleColor numbers; None is the front end's own colour."""
    codes = []
    if foreground is not None:
        codes.append(str((90 if foreground & 8 else 30) + _SGR[foreground & 7]))
    if background is not None:
        codes.append(str((100 if background & 8 else 40) + _SGR[background & 7]))
    return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if codes and text else text
