"""System.IO.Compression: ZipFile, ZipArchive and its entries."""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, Literal

from ...psobject import DateTime, Int64
from ..values.utf16 import units, well_formed
from .io_errors import io_errors, missing, thrown
from .paths import full_path
from .streams import Stream
from .table import NetObject, declare, net_error

_SPACE = "System.IO.Compression."
_MODES: dict[str, Literal["r", "w", "a"]] = {"Read": "r", "Create": "w", "Update": "a"}


class Archive(NetObject):
    """ZipArchive. What is written to an entry gets into the archive when the entry's stream is closed."""

    net_type = _SPACE + "ZipArchive"

    def __init__(self, target: Any, mode: str, path: str = "") -> None:
        self.mode = mode
        try:
            self.zip = zipfile.ZipFile(target, _MODES[mode], zipfile.ZIP_DEFLATED)
        except zipfile.BadZipFile:
            raise net_error(
                "System.IO.InvalidDataException", "End of Central Directory record could not be found."
            ) from None
        except OSError as problem:
            from .io_errors import translated

            raise translated(problem, path) from None

    def entries(self) -> list[Entry]:
        return [Entry(self, info) for info in self.zip.infolist()]

    def entry(self, name: str) -> Entry | None:
        return next((one for one in self.entries() if one.full_name == name), None)

    def create(self, name: str) -> Entry:
        return Entry(self, zipfile.ZipInfo(well_formed(name), _now()))

    def close(self) -> None:
        self.zip.close()


def _now() -> tuple[int, int, int, int, int, int]:
    import time

    at = time.localtime()
    return (at.tm_year, at.tm_mon, at.tm_mday, at.tm_hour, at.tm_min, at.tm_sec)


class EntryStream(Stream):
    """What is written to it becomes the entry."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(io.BytesIO(), False, True)
        self.entry = entry

    def close(self) -> None:
        if not self.raw.closed:
            self.entry.archive.zip.writestr(self.entry.info, self.raw.getvalue(), zipfile.ZIP_DEFLATED)
        super().close()


class Entry(NetObject):
    net_type = _SPACE + "ZipArchiveEntry"

    def __init__(self, archive: Archive, info: zipfile.ZipInfo) -> None:
        self.archive = archive
        self.info = info

    @property
    def full_name(self) -> str:
        return units(self.info.filename)

    @property
    def name(self) -> str:
        return self.full_name.rpartition("/")[2]

    @property
    def length(self) -> Int64:
        return Int64(self.info.file_size)

    @property
    def compressed_length(self) -> Int64:
        return Int64(self.info.compress_size)

    @property
    def last_write_time(self) -> Any:
        return DateTime(*self.info.date_time)

    @property
    def crc32(self) -> int:
        return self.info.CRC

    def open(self) -> Stream:
        if self.archive.mode == "Read" or self.info.filename in self.archive.zip.namelist():
            return Stream(io.BytesIO(self.archive.zip.read(self.info)), True, False)
        return EntryStream(self)

    def extract(self, path: str, overwrite: bool = False) -> None:
        where = full_path(path)
        if os.path.exists(where) and not overwrite:
            raise thrown("IOException", f"The file '{where}' already exists.")
        with io_errors(where), open(where, "wb") as target:
            target.write(self.archive.zip.read(self.info))

    def ps_to_string(self) -> str:
        return self.full_name


def _open(path: str, mode: str) -> Archive:
    where = full_path(path)
    if mode == "Read" and not os.path.isfile(where):
        raise missing(where)
    return Archive(where, mode, where)


ARCHIVE = declare(Archive.net_type)
ARCHIVE.constructor(
    "(System.IO.Stream stream)",
    "(System.IO.Stream stream, System.IO.Compression.ZipArchiveMode mode)",
    "(System.IO.Stream stream, System.IO.Compression.ZipArchiveMode mode, bool leaveOpen)",
)(lambda kind, stream, mode="Read", leave_open=False: Archive(stream.file, str(mode)))
ARCHIVE.property(
    "System.Collections.ObjectModel.ReadOnlyCollection[System.IO.Compression.ZipArchiveEntry] Entries", Archive.entries
)
ARCHIVE.property("System.IO.Compression.ZipArchiveMode Mode", lambda archive: archive.mode)
ARCHIVE.method("System.IO.Compression.ZipArchiveEntry GetEntry(string entryName)")(Archive.entry)
ARCHIVE.method(
    "System.IO.Compression.ZipArchiveEntry CreateEntry(string entryName)",
    "System.IO.Compression.ZipArchiveEntry CreateEntry(string entryName, "
    "System.IO.Compression.CompressionLevel compressionLevel)",
)(lambda archive, name, level=0: archive.create(name))
ARCHIVE.method("void Dispose()")(Archive.close)
ENTRY = declare(Entry.net_type)
ENTRY.attributes(
    "string FullName", "string Name", "long Length", "long CompressedLength", "System.DateTimeOffset LastWriteTime"
)
ENTRY.property("uint Crc32", lambda entry: entry.crc32)
ENTRY.property("System.IO.Compression.ZipArchive Archive", lambda entry: entry.archive)
ENTRY.method("System.IO.Stream Open()")(Entry.open)
EXTENSIONS = declare(_SPACE + "ZipFileExtensions")
EXTENSIONS.static(
    "void ExtractToFile(System.IO.Compression.ZipArchiveEntry source, string destinationFileName)",
    "void ExtractToFile(System.IO.Compression.ZipArchiveEntry source, string destinationFileName, bool overwrite)",
)(Entry.extract)


@EXTENSIONS.static(
    "System.IO.Compression.ZipArchiveEntry CreateEntryFromFile(System.IO.Compression.ZipArchive "
    "destination, string sourceFileName, string entryName)",
    "System.IO.Compression.ZipArchiveEntry CreateEntryFromFile(System.IO.Compression.ZipArchive "
    "destination, string sourceFileName, string entryName, System.IO.Compression.CompressionLevel "
    "compressionLevel)",
)
def _entry_from_file(archive: Archive, path: str, name: str, level: Any = 0) -> Entry | None:
    where = full_path(path)
    with io_errors(where):
        archive.zip.write(where, well_formed(name))
    return archive.entry(name)


ZIP = declare(_SPACE + "ZipFile")
ZIP.static("System.IO.Compression.ZipArchive OpenRead(string archiveFileName)")(lambda path: _open(path, "Read"))
ZIP.static("System.IO.Compression.ZipArchive Open(string archiveFileName, System.IO.Compression.ZipArchiveMode mode)")(
    lambda path, mode: _open(path, str(mode))
)


def _files(folder: str) -> Iterator[tuple[str, str]]:
    for place, inner, names in os.walk(folder):
        inner.sort()
        relative = os.path.relpath(place, folder)
        prefix = "" if relative == "." else relative.replace(os.sep, "/") + "/"
        if not names and not inner and prefix:
            yield place, prefix
        for name in sorted(names):
            yield os.path.join(place, name), prefix + name


@ZIP.static(
    "void CreateFromDirectory(string sourceDirectoryName, string destinationArchiveFileName)",
    "void CreateFromDirectory(string sourceDirectoryName, string destinationArchiveFileName, "
    "System.IO.Compression.CompressionLevel compressionLevel, bool includeBaseDirectory)",
)
def _create(source: str, target: str, level: Any = 0, with_base: bool = False) -> None:
    folder, where = full_path(source), full_path(target)
    if not os.path.isdir(folder):
        raise missing(folder, True)
    base = os.path.basename(folder.rstrip("/")) + "/" if with_base else ""
    with io_errors(where), zipfile.ZipFile(where, "x", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for path, name in list(_files(folder)):
            if path != where:
                archive.write(path, well_formed(base + name))


@ZIP.static(
    "void ExtractToDirectory(string sourceArchiveFileName, string destinationDirectoryName)",
    "void ExtractToDirectory(string sourceArchiveFileName, string destinationDirectoryName, bool overwriteFiles)",
)
def _extract(source: str, target: str, overwrite: bool = False) -> None:
    folder = full_path(target)
    archive = _open(source, "Read")
    try:
        os.makedirs(folder, exist_ok=True)
        for entry in archive.entries():
            _extract_one(entry, folder, overwrite)
    except (zipfile.BadZipFile, zlib.error):
        raise net_error("System.IO.InvalidDataException", "A local file header is corrupt.") from None
    finally:
        archive.close()


def _extract_one(entry: Entry, folder: str, overwrite: bool) -> None:
    where = os.path.normpath(os.path.join(folder, entry.full_name))
    if where != folder and not where.startswith(folder.rstrip("/") + "/"):
        raise thrown(
            "IOException",
            "Extracting Zip entry would have resulted in a file outside the specified destination directory.",
        )
    if entry.full_name.endswith("/"):
        os.makedirs(where, exist_ok=True)
        return
    os.makedirs(os.path.dirname(where), exist_ok=True)
    entry.extract(where, overwrite)
