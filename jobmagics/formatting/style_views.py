"""How $PSStyle and its parts are shown: each sequence in its own effect, spelled so that it can be read."""

from __future__ import annotations

from typing import Any

from jobmagics.formatting.reader import Reader
from jobmagics.formatting.views import Item, listing

STYLE = "System.Management.Automation.PSStyle"
RESET = "\x1b[0m"
DECORATIONS = (
    *("Reset", "BlinkOff", "Blink", "BoldOff", "Bold", "DimOff", "Dim", "Hidden", "HiddenOff", "Reverse", "ReverseOff"),
    *("ItalicOff", "Italic", "UnderlineOff", "Underline", "StrikethroughOff", "Strikethrough"),
)
FORMATTING = (
    *("FormatAccent", "ErrorAccent", "Error", "Warning", "Verbose", "Debug", "TableHeader", "CustomTableHeaderLabel"),
    *("FeedbackName", "FeedbackText", "FeedbackAction"),
)
FILES = ("Directory", "SymbolicLink", "Executable")
COLORS = tuple(
    prefix + name
    for name in ("Black", "White", "Red", "Magenta", "Blue", "Cyan", "Green", "Yellow")
    for prefix in ("", "Bright")
)


def found(reader: Reader, value: Any, path: str) -> Any:
    for name in path.split("."):
        value = reader.get(value, name)[1]
    return value


def spelled(text: str) -> str:
    return text + text.replace("\x1b", "`e") + RESET


def sequence(path: str) -> tuple[Item, str]:
    return lambda reader, value: spelled(reader.to_string(found(reader, value, path))), path


def plain(path: str) -> tuple[Item, str]:
    return lambda reader, value: found(reader, value, path), path


def extension_names(reader: Reader, value: Any) -> str:
    return ",".join(found(reader, value, "FileInfo.Extension.Keys"))


def extensions(reader: Reader, value: Any) -> str:
    colors = found(reader, value, "Extension").table
    width = max((len(name) for name in colors), default=0)
    return "".join(f'{name:{width}} = "{spelled(color)}"\n' for name, color in colors.items())


STYLE_VIEWS = (
    listing(
        STYLE,
        STYLE,
        *map(sequence, DECORATIONS),
        "OutputRendering",
        *(sequence(f"Formatting.{name}") for name in FORMATTING),
        sequence("Progress.Style"),
        *(plain(f"Progress.{name}") for name in ("MaxWidth", "View", "UseOSCIndicator")),
        *(sequence(f"FileInfo.{name}") for name in FILES),
        (extension_names, "FileInfo.Extension"),
        *(sequence(f"{ground}.{name}") for ground in ("Foreground", "Background") for name in COLORS),
    ),
    listing(STYLE + "+FormattingData", STYLE + "+FormattingData", *map(sequence, FORMATTING)),
    listing(
        STYLE + "+ProgressConfiguration",
        STYLE + "+ProgressConfiguration",
        *(sequence("Style"), "MaxWidth", "View", "UseOSCIndicator"),
    ),
    listing(
        STYLE + "+FileInfoFormatting",
        STYLE + "+FileInfoFormatting",
        *map(sequence, FILES),
        (extensions, "Extension"),
    ),
    listing(STYLE + "+ForegroundColor", STYLE + "+ForegroundColor", *map(sequence, COLORS)),
    listing(STYLE + "+BackgroundColor", STYLE + "+BackgroundColor", *map(sequence, COLORS)),
)
