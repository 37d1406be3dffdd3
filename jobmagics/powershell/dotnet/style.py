"""$PSStyle: the escape sequences of colours and decorations, and the theme of formatted output."""

from __future__ import annotations

from typing import Any

from ...formatting.texts import DECORATION
from ...psobject import Hashtable, PSList
from ..records import SMA
from .enums import enum_value
from .table import Members, NetObject, argument_null, declare, net_error

ESCAPE = "\x1b["
COLORS = ("Black", "Red", "Green", "Yellow", "Blue", "Magenta", "Cyan", "White")
DECORATIONS = {
    **{"Reset": 0, "BlinkOff": 25, "Blink": 5, "BoldOff": 22, "Bold": 1, "DimOff": 22, "Dim": 2, "Hidden": 8},
    **{"HiddenOff": 28, "Reverse": 7, "ReverseOff": 27, "ItalicOff": 23, "Italic": 3, "UnderlineOff": 24},
    **{"Underline": 4, "StrikethroughOff": 29, "Strikethrough": 9},
}
FORMATTING = {
    **{"FormatAccent": "32;1", "TableHeader": "32;1", "CustomTableHeaderLabel": "32;1;3", "ErrorAccent": "36;1"},
    **{"Error": "31;1", "Warning": "33;1", "Verbose": "33;1", "Debug": "33;1"},
    **{"FeedbackName": "33", "FeedbackText": "96", "FeedbackAction": "97"},
}
FILES = {"Directory": "44;1", "SymbolicLink": "36;1", "Executable": "32;1"}
ARCHIVES = (".zip", ".tgz", ".gz", ".tar", ".nupkg", ".cab", ".7z")
SCRIPTS = (".ps1", ".psd1", ".psm1", ".ps1xml")


class Style(NetObject):
    """One of $PSStyle's objects: its type's name within PSStyle, and what it holds by name."""

    def __init__(self, name: str, values: dict[str, Any]) -> None:
        self.net_type = SMA + "PSStyle" + name
        self.values = values


def colors(first: int, bright: int) -> dict[str, str]:
    found = {name: f"{ESCAPE}{first + at}m" for at, name in enumerate(COLORS)}
    return found | {f"Bright{name}": f"{ESCAPE}{bright + at}m" for at, name in enumerate(COLORS)}


def sequences(codes: dict[str, Any]) -> dict[str, str]:
    return {name: f"{ESCAPE}{code}m" for name, code in codes.items()}


def make_style(rendering: str) -> Style:
    """A session's $PSStyle. ``rendering``: OutputRendering at its start."""
    extensions = Extensions()
    for names, code in ((ARCHIVES, "31;1"), (SCRIPTS, "33;1")):
        extensions.table.update(dict.fromkeys(names, f"{ESCAPE}{code}m"))
    progress = {"Style": f"{ESCAPE}33;1m", "MaxWidth": 120, "View": "Minimal", "UseOSCIndicator": False}
    progress["View"] = enum_value(SMA + "ProgressView", "Minimal")
    return Style(
        "",
        {
            **sequences(DECORATIONS),
            "OutputRendering": enum_value(SMA + "OutputRendering", rendering),
            "Formatting": Style("+FormattingData", sequences(FORMATTING)),
            "Progress": Style("+ProgressConfiguration", progress),
            "FileInfo": Style("+FileInfoFormatting", {**sequences(FILES), "Extension": extensions}),
            "Foreground": Style("+ForegroundColor", colors(30, 90)),
            "Background": Style("+BackgroundColor", colors(40, 100)),
        },
    )


def without_text(value: str | None) -> str:
    """Of a theme only escape sequences are taken."""
    if value is None:
        raise argument_null("text")
    if DECORATION.sub("", value):
        message = "The specified string contains printable content when it should only contain ANSI escape sequences: "
        raise net_error("System.ArgumentException", message + value)
    return value


def hold(table: Members, kind: str, name: str, check: Any = None) -> None:
    """A property that is kept by name; ``check`` gives what is set, and there is no setting without it."""

    def put(one: Style, value: Any) -> None:
        one.values[name] = check(value)

    table.property(f"{kind} {name}", lambda one: one.values[name], put if check else None)


def _same(value: Any) -> Any:
    return value


STYLE = declare(SMA + "PSStyle")
for _name in DECORATIONS:
    hold(STYLE, "string", _name)
hold(STYLE, SMA + "OutputRendering", "OutputRendering", _same)
for _name, _kind in (
    ("Formatting", "FormattingData"),
    ("Progress", "ProgressConfiguration"),
    ("FileInfo", "FileInfoFormatting"),
    ("Foreground", "ForegroundColor"),
    ("Background", "BackgroundColor"),
):
    hold(STYLE, f"{SMA}PSStyle+{_kind}", _name)

for _part, _names in (("FormattingData", tuple(FORMATTING)), ("FileInfoFormatting", tuple(FILES))):
    _table = declare(f"{SMA}PSStyle+{_part}")
    for _name in _names:
        hold(_table, "string", _name, without_text)
hold(
    declare(SMA + "PSStyle+FileInfoFormatting"), SMA + "PSStyle+FileInfoFormatting+FileExtensionDictionary", "Extension"
)

PROGRESS = declare(SMA + "PSStyle+ProgressConfiguration")
hold(PROGRESS, "string", "Style", without_text)
hold(PROGRESS, "int", "MaxWidth", _same)
hold(PROGRESS, SMA + "ProgressView", "View", _same)
hold(PROGRESS, "bool", "UseOSCIndicator", _same)


@STYLE.method("string FormatHyperlink(string text, uri link)")
def _link(one: Style, text: str, link: Any) -> str:
    return f"\x1b]8;;{link}\x1b\\{text}\x1b]8;;\x1b\\"


def _palette(kind: str, code: int) -> None:
    table = declare(f"{SMA}PSStyle+{kind}")
    for name in colors(0, 0):
        hold(table, "string", name)

    @table.method("string FromRgb(byte red, byte green, byte blue)")
    def _parts(one: Style, red: int, green: int, blue: int) -> str:
        return f"{ESCAPE}{code};2;{int(red)};{int(green)};{int(blue)}m"

    @table.method("string FromRgb(int rgb)")
    def _whole(one: Style, rgb: int) -> str:
        return _parts(one, rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255)


_palette("ForegroundColor", 38)
_palette("BackgroundColor", 48)


@STYLE.static("string MapForegroundColorToEscapeSequence(System.ConsoleColor foregroundColor)")
def _foreground(color: Any) -> str:
    return f"{ESCAPE}{_console_code(color, 30, 90)}m"


@STYLE.static("string MapBackgroundColorToEscapeSequence(System.ConsoleColor backgroundColor)")
def _background(color: Any) -> str:
    return f"{ESCAPE}{_console_code(color, 40, 100)}m"


# the console's order of colours against the terminal's
_CONSOLE = (0, 4, 2, 6, 1, 5, 3, 7)


def _console_code(color: Any, dark: int, bright: int) -> int:
    number = int(color)
    return (bright if number > len(_CONSOLE) - 1 else dark) + _CONSOLE[number % len(_CONSOLE)]


class Extensions(NetObject):
    """$PSStyle.FileInfo.Extension: a colour by a file's extension, which starts with a dot."""

    net_type = SMA + "PSStyle+FileInfoFormatting+FileExtensionDictionary"

    def __init__(self) -> None:
        self.table = Hashtable()

    def ps_index(self, name: Any) -> Any:
        return self.table.get(name)

    def ps_set_index(self, name: str, value: str) -> None:
        self.table[_dotted(name)] = without_text(value)


EXTENSIONS = declare(Extensions.net_type)
EXTENSIONS.property("string[] Keys", lambda one: PSList.of("System.String", list(one.table.keys())))


def _dotted(name: str) -> str:
    if not name.startswith("."):
        raise net_error(
            "System.ArgumentException",
            f"When adding or removing extensions, the extension must start with a period. Specified extension: {name}",
        )
    return name


@EXTENSIONS.method("void Add(string extension, string decoration)")
def _add(one: Extensions, name: str, value: str) -> None:
    one.table[_dotted(name)] = without_text(value)


@EXTENSIONS.method("void Remove(string extension)")
def _remove(one: Extensions, name: str) -> None:
    one.table.pop(_dotted(name), None)


EXTENSIONS.method("void Clear()")(lambda one: one.table.clear())
EXTENSIONS.method("bool ContainsKey(string extension)")(lambda one, name: name in one.table)
