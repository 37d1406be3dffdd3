"""Get-, Set-, Add-, Clear-Content, and the reading and writing of text files for other commands."""

from __future__ import annotations

import io
import os
import re
from collections import deque
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any

from ...psobject import Byte, Int64, PSObject
from ..runtime.cmdlet import Cmdlet, command
from ..values.pieces import byte_list
from ..values.utf16 import encode, units
from ..values.value import NOTHING, as_list, enumerate_value, to_string, unwrap
from ..values.wildcards import has_wildcard, unescape
from .providers import FLAT_PROVIDERS, DriveInfo, Place, expand, flat, locate

if TYPE_CHECKING:
    from ..records import ScriptError

# -Encoding name -> Python codec, byte order mark to write
ENCODINGS: dict[str, tuple[str, bytes]] = {
    "utf8": ("utf-8", b""),
    "utf8nobom": ("utf-8", b""),
    "utf8bom": ("utf-8", b"\xef\xbb\xbf"),
    "unicode": ("utf-16-le", b"\xff\xfe"),
    "utf-16": ("utf-16-le", b"\xff\xfe"),
    "bigendianunicode": ("utf-16-be", b"\xfe\xff"),
    "utf32": ("utf-32-le", b"\xff\xfe\x00\x00"),
    "bigendianutf32": ("utf-32-be", b"\x00\x00\xfe\xff"),
    "ascii": ("ascii", b""),
    "latin1": ("latin-1", b""),
    "iso-8859-1": ("latin-1", b""),
    "ansi": ("cp1252", b""),
    "oem": ("cp437", b""),
    "default": ("utf-8", b""),
    "utf7": ("utf-7", b""),
}
MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
WAIT_SECONDS = 0.25


def codec_of(encoding: Any) -> tuple[str, bytes]:
    """The codec and the mark that a bound -Encoding stands for: a name of ENCODINGS, or a .NET encoding object."""
    if encoding is None:
        return ENCODINGS["default"]
    if isinstance(encoding, str):
        return ENCODINGS[encoding.lower()]
    return encoding.python, encoding.mark


def warn_of_encoding(cmdlet: Cmdlet) -> None:
    encoding = cmdlet.arg("Encoding")
    if encoding is not None and codec_of(encoding)[0] == "utf-7":
        cmdlet.warning("Encoding 'UTF-7' is obsolete, please use UTF-8.")
    if cmdlet.switch("AsByteStream") and encoding is not None:
        cmdlet.warning("Encoding not used when '-AsByteStream' specified.")


def open_text(cmdlet: Cmdlet, path: str, encoding: Any = None) -> IO[str]:
    """A text file for reading: a byte order mark decides, then -Encoding, then UTF-8. Errors are PowerShell's."""
    try:
        source = open(path, "rb")  # noqa: SIM115 - handed to the caller
    except OSError as problem:
        raise file_error(cmdlet, problem, path) from None
    first = source.read(4)
    codec, skip = codec_of(encoding)[0], 0
    for mark, name in MARKS:
        if first.startswith(mark):
            codec, skip = name, len(mark)
            break
    source.seek(skip)
    return io.TextIOWrapper(source, encoding=codec, errors="replace", newline=None)


def file_error(cmdlet: Cmdlet, problem: OSError, path: str) -> ScriptError:
    verb = cmdlet.name.partition("-")[0]
    if isinstance(problem, FileNotFoundError):
        net, message = "System.IO.FileNotFoundException", f"Could not find file '{path}'."
        if not os.path.isdir(os.path.dirname(path)):
            net, message = "System.IO.DirectoryNotFoundException", f"Could not find a part of the path '{path}'."
        fqid, category = (
            ("FileOpenFailure", "OpenError")
            if verb != "Get"
            else ("GetContentReaderFileNotFoundError", "ObjectNotFound")
        )
        if verb in ("Set", "Add"):
            fqid, category = f"{verb}ContentIOError", "WriteError"
            fqid = "GetContentWriterDirectoryNotFoundError" if "part of" in message else "GetContentWriterIOError"
            category = "ObjectNotFound" if "part of" in message else "WriteError"
        return cmdlet.terminate(message, fqid, category, path, net_type=net)
    net = (
        "System.UnauthorizedAccessException"
        if isinstance(problem, PermissionError | IsADirectoryError)
        else "System.IO.IOException"
    )
    message = f"Access to the path '{path}' is denied." if net.startswith("System.Unauth") else str(problem.strerror)
    known = {"Get": "GetContentReaderUnauthorizedAccessError", "Set": "GetContentWriterUnauthorizedAccessError"}
    known["Add"] = known["Set"]
    fqid = known.get(verb, "FileOpenFailure")
    return cmdlet.terminate(message, fqid, "PermissionDenied" if verb in known else "OpenError", path, net_type=net)


class TextWriter:
    """A text file for writing, lines or pieces at a time."""

    def __init__(self, cmdlet: Cmdlet, path: str, *, append: bool = False, no_clobber: bool = False) -> None:
        place = locate(cmdlet, path)
        if not place.is_file:
            raise cmdlet.terminate(
                f"Cannot open file because the current provider ({place.drive}) cannot open a file.",
                "ReadWriteFileNotFileSystemProvider",
                "InvalidArgument",
                net_type="System.Management.Automation.PSInvalidOperationException",
            )
        codec, mark = codec_of(cmdlet.arg("Encoding"))
        if no_clobber and os.path.exists(place.path):
            raise cmdlet.terminate(
                f"The file '{place.path}' already exists.",
                "NoClobber",
                "ResourceExists",
                place.path,
                net_type="System.IO.IOException",
            )
        try:
            if cmdlet.switch("Force") and os.path.exists(place.path) and not os.access(place.path, os.W_OK):
                os.chmod(place.path, os.stat(place.path).st_mode | 0o200)
            self._file = open(place.path, "ab" if append else "wb")  # noqa: SIM115 - the call closes it at the latest
        except OSError as problem:
            raise file_error(cmdlet, problem, place.path) from None
        cmdlet.runtime.opened.append(self._file)
        self._codec = codec
        if mark and not self._file.tell():
            self._file.write(mark)

    def text(self, text: str) -> None:
        self._file.write(encode(text, self._codec))

    def lines(self, lines: Iterable[str], newline: str = os.linesep) -> None:
        self.text("".join(line + newline for line in lines))

    def data(self, data: bytes) -> None:
        self._file.write(data)

    def close(self) -> None:
        self._file.close()


def content_places(cmdlet: Cmdlet) -> list[Place]:
    """The items that -Path or -LiteralPath means, after -Filter, -Include and -Exclude."""
    literal = cmdlet.arg("LiteralPath")
    found: list[Place] = []
    for text in as_list(literal if literal is not None else cmdlet.arg("Path")):
        found += matching_places(cmdlet, to_string(text), literal is not None)
    return found


def matching_places(cmdlet: Cmdlet, text: str, literal: bool) -> list[Place]:
    """A pattern that matches nothing, and filters that leave nothing, are errors of Get-, Set- and Add-Content."""
    found = expand(cmdlet, text, literal, cmdlet.switch("Force"))
    kept = [place for place in found if chosen(cmdlet, os.path.basename(place.path))]
    if not kept and (found or (not literal and has_wildcard(text))) and not cmdlet.name.startswith("Clear"):
        paths = as_list(cmdlet.arg("Path"))
        message = (
            f"An object at the specified path {to_string(paths[0])} does not exist, or has been filtered by the "
            "-Include or -Exclude parameter."
        )
        cmdlet.error(message, "ItemNotFound", "ObjectNotFound", paths, net_type="System.Exception")
    return kept


def chosen(cmdlet: Cmdlet, name: str) -> bool:
    """Whether -Filter, -Include and -Exclude let an item of this name through."""
    if not (cmdlet.has("Filter") or cmdlet.has("Include") or cmdlet.has("Exclude")):
        return True
    from ..values.wildcards import wildcard_match

    included = [to_string(pattern) for pattern in as_list(cmdlet.arg("Include"))]
    excluded = [to_string(pattern) for pattern in as_list(cmdlet.arg("Exclude"))]
    if not passes_filter(cmdlet, name):
        return False
    if included and not any(wildcard_match(pattern, name) for pattern in included):
        return False
    return not any(wildcard_match(pattern, name) for pattern in excluded)


def passes_filter(cmdlet: Cmdlet, name: str) -> bool:
    return not cmdlet.has("Filter") or filter_regex(to_string(cmdlet.arg("Filter"))).fullmatch(name) is not None


@lru_cache(maxsize=64)
def filter_regex(pattern: str) -> re.Pattern[str]:
    """-Filter is the file system's: only ``*`` and ``?`` are special, ``*.*`` is everything, ``a.*`` also ``a``."""
    if pattern in ("*.*", ""):
        pattern = "*"
    parts = []
    for at, char in enumerate(pattern):
        if char == "*":
            parts.append(".*")
        elif char == "?":
            parts.append(r"(?:[^.]|(?=\.|\Z))")
        elif char == "." and pattern[at + 1 : at + 2] in ("*", "?"):
            parts.append(r"(?:\.|\Z)")
        else:
            parts.append(re.escape(char))
    return re.compile("".join(parts), re.DOTALL | re.IGNORECASE)


@command("Get-Content")
class GetContent(Cmdlet):
    def begin(self) -> None:
        self._noted_path = ""
        self._notes: dict[str, Any] = {}

    def process(self) -> None:
        if self.has("TotalCount") and self.has("Tail"):
            message = "The parameters TotalCount and Tail cannot be used together. Please specify only one parameter."
            kind = "System.InvalidOperationException"
            self.error(message, "TailAndHeadCannotCoexist", "InvalidOperation", net_type=kind)
            return
        self._check_raw()
        self._take()

    def _check_raw(self) -> None:
        clash = next((name for name in ("TotalCount", "Tail", "Wait", "Delimiter") if self.has(name)), None)
        if self.switch("Raw") and clash is not None:
            message = f"The 'Raw' and '{clash}' parameters cannot be specified in the same command."
            kind = "System.Management.Automation.PSInvalidOperationException"
            raise self.terminate(message, "InvalidOperation", "InvalidOperation", net_type=kind)

    def _take(self) -> None:
        for place in content_places(self):
            if place.is_file:
                self._file(place.path)
            else:
                self._item(place)

    def _item(self, place: Place) -> None:
        if not place.path:
            raise self.terminate(
                "The provider cannot get content of a container.", "Argument", "InvalidArgument", place.shown,
                net_type="System.Management.Automation.PSArgumentException",
            )  # fmt: skip
        for number, value in enumerate(enumerate_value(flat(place.drive).content(self, place.path)), 1):
            self.write(self._noted(value, place, number))

    @staticmethod
    def _noted(value: Any, place: Place, number: int) -> Any:
        from .fileinfo import ProviderInfo

        if not isinstance(value, str):
            return value
        drive = DriveInfo(place.drive, FLAT_PROVIDERS[place.drive], "")
        notes = {"PSPath": place.shown, "PSDrive": drive, "PSProvider": ProviderInfo(drive.provider, [drive])}
        return PSObject({**notes, "ReadCount": Int64(number)}, base=value, type_names=STRING_TYPES)

    def _file(self, path: str) -> None:
        if os.path.isdir(path):
            self.error(
                f"Unable to get content because it is a directory: '{path}'. Please use 'Get-ChildItem' instead.",
                "GetContainerContentException",
                "InvalidOperation",
                path,
                net_type="System.InvalidOperationException",
            )
            return
        warn_of_encoding(self)
        if self.switch("AsByteStream"):
            if self.has("Delimiter"):
                message = (
                    "A delimiter cannot be specified when reading the stream one byte at a time. "
                    "(Parameter 'delimiter')"
                )
                kind = "System.ArgumentException"
                self.error(message, "GetContentReaderArgumentError", "InvalidArgument", path, net_type=kind)
            else:
                self._bytes(path)
            return
        if self.switch("Raw"):
            with open_text(self, path, self.arg("Encoding")) as source:
                source.reconfigure(newline="")  # type: ignore[attr-defined]
                text = units(source.read())
            if text:
                self._put([text], path, 0)
            return
        with open_text(self, path, self.arg("Encoding")) as source:
            self._lines(source, path)
            if self.switch("Wait"):
                self._follow(source, path)

    def _bytes(self, path: str) -> None:
        with open(path, "rb") as source:
            data = source.read()
        if self.switch("Raw"):
            self.write(byte_list(data))
            return
        count, tail, size = self.arg("TotalCount", -1), self.arg("Tail", -1), self.arg("ReadCount", 1)
        data = data[:count] if count >= 0 else data[max(0, len(data) - tail) :] if tail >= 0 else data
        if size == 1:
            self.write_all(byte_list(data))
            return
        values = list(byte_list(data))
        size = size or max(1, len(values))
        for at in range(0, len(values), size):
            chunk = values[at : at + size]
            self.write(chunk[0] if len(chunk) == 1 else chunk)

    def _records(self, source: IO[str]) -> Iterator[str]:
        delimiter = self.arg("Delimiter")
        if delimiter is None:
            for line in source:
                yield units(line[:-1] if line.endswith("\n") else line)
            return
        parts = units(source.read()).split(delimiter)
        yield from parts if parts[-1] else parts[:-1]

    def _lines(self, source: IO[str], path: str) -> None:
        tail, count = self.arg("Tail"), self.arg("TotalCount", -1)
        records: Iterable[str] = self._records(source)
        if tail is not None and tail >= 0:
            records = deque(records, maxlen=tail)
        batch: list[str] = []
        size = self.arg("ReadCount", 1)
        number = 0
        if count == 0:
            return
        for number, line in enumerate(records, 1):
            if size == 1:
                self._put([line], path, number)
            else:
                batch.append(line)
                if size and len(batch) >= size:
                    self._put(batch, path, number)
                    batch = []
            if 0 < count <= number:
                break
            if not number & 0xFF:
                self.check_stopped()
        if batch:
            self._put(batch, path, number)

    def _follow(self, source: IO[str], path: str) -> None:
        number = 0
        while True:
            line = source.readline()
            if line:
                number += 1
                self._put([units(line.rstrip("\n"))], path, number)
            else:
                self.sleep(WAIT_SECONDS)

    def _put(self, lines: list[str], path: str, number: int) -> None:
        """One record with the notes that PowerShell adds (PSPath, ReadCount ...)."""
        if len(lines) > 1:
            self.write(lines)
            return
        if self._noted_path != path:
            self._noted_path, self._notes = path, file_notes(path)
        self.write(PSObject.holding({**self._notes, "ReadCount": Int64(number)}, lines[0], STRING_TYPES))


STRING_TYPES = ["System.String", "System.Object"]


def file_notes(path: str) -> dict[str, Any]:
    from .fileinfo import ProviderInfo, file_drives

    drives = file_drives()
    return {
        "PSPath": path,
        "PSParentPath": os.path.dirname(path),
        "PSChildName": os.path.basename(path),
        "PSDrive": drives[0],
        "PSProvider": ProviderInfo("FileSystem", drives),
    }


class WritingContent(Cmdlet):
    """Set-Content and Add-Content: all values of a call go to the same open files."""

    append = False

    def begin(self) -> None:
        self._writers: list[TextWriter] | None = None
        self._items: list[Place] = []
        self._values: list[Any] = []
        if not (self.expecting_input and "path" not in self.bound and "literalpath" not in self.bound):
            self._open()

    def _open(self) -> None:
        self._writers = []
        warn_of_encoding(self)
        literal = self.arg("LiteralPath")
        for text in as_list(literal if literal is not None else self.arg("Path")):
            for place in self._targets(to_string(text), literal is not None):
                if not place.is_file:
                    self._items.append(place)
                elif os.path.isdir(place.path):
                    raise self.terminate(
                        f"Unable to write content because it is a directory: '{place.path}'.",
                        "System.NotSupportedException",
                        "NotImplemented",
                        place.path,
                        net_type="System.NotSupportedException",
                    )
                elif self.should_process(f"Path: {place.path}", "Add Content" if self.append else "Set Content"):
                    self._writers.append(TextWriter(self, place.path, append=self.append))

    def _targets(self, text: str, literal: bool) -> list[Place]:
        filtered = self.has("Filter") or self.has("Include") or self.has("Exclude")
        if literal or not (has_wildcard(text) or filtered):
            return [locate(self, text if literal else unescape(text))]
        return matching_places(self, text, literal)

    def process(self) -> None:
        if self._writers is None:
            self._open()
        values = self.bound.get("value", NOTHING)
        if values is NOTHING:
            return
        for value in values if isinstance(values, list) else [values]:
            self._one(value)
        if self.switch("PassThru"):
            self.write_enumerated(values)

    def _one(self, value: Any) -> None:
        if self._items:
            self._values.append(value)
        if self.switch("AsByteStream"):
            self._bytes(value if isinstance(value, list) else [value])
            return
        newline = "" if self.switch("NoNewline") else os.linesep
        lines = [self._text(item) for item in value] if isinstance(value, list) else [self._text(value)]
        for writer in self._writers or []:
            writer.lines(lines, newline)

    def _bytes(self, values: list[Any]) -> None:
        plain = [unwrap(value) for value in values]
        if not all(isinstance(value, Byte) for value in plain):
            message = "Cannot proceed with byte encoding. When using byte encoding the content must be of type byte."
            kind = "System.Management.Automation.PSArgumentException"
            self.error(message, "Argument", "InvalidArgument", net_type=kind)
            return
        for writer in self._writers or []:
            writer.data(bytes(map(int, plain)))

    @staticmethod
    def _text(value: Any) -> str:
        return "" if value is None else to_string(value)

    def end(self) -> None:
        for writer in self._writers or []:
            writer.close()
        for place in self._items:
            values = self._values
            flat(place.drive).set(self, place.path, values[0] if len(values) == 1 else values)


@command("Set-Content")
class SetContent(WritingContent):
    pass


@command("Add-Content")
class AddContent(WritingContent):
    append = True


@command("Clear-Content")
class ClearContent(Cmdlet):
    def process(self) -> None:
        for place in content_places(self):
            if not place.is_file:
                flat(place.drive).set(self, place.path, None)
            elif os.path.isdir(place.path):
                self.error(
                    f"Unable to clear content because it is a directory: '{place.path}'. Clear-Content is only "
                    "supported on files.",
                    "ClearDirectoryContent",
                    "InvalidOperation",
                    place.path,
                    net_type="System.NotSupportedException",
                )
            elif self.should_process(f"Item: {place.path}", "Clear Content"):
                with open(place.path, "wb"):
                    pass
