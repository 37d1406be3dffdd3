"""FileInfo and DirectoryInfo: how scripts make them. What they are is in commands.fileinfo."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from typing import Any

from ...psobject import Int64
from ..commands.fileinfo import DirectoryInfo, FileInfo
from ..values.types import NetType
from .files import entries
from .paths import full_path
from .table import NetObject, declare

declare("System.IO.FileSystemInfo")
FILE = declare("System.IO.FileInfo")
FOLDER = declare("System.IO.DirectoryInfo")


@FILE.constructor("(string fileName)")
def _file(kind: NetType, path: str) -> FileInfo:
    return FileInfo(full_path(path, "fileName"))


@FOLDER.constructor("(string path)")
def _folder(kind: NetType, path: str) -> DirectoryInfo:
    return DirectoryInfo(full_path(path))


FILE.method("System.IO.StreamReader OpenText()")(lambda file: _streams().reader_of(file.path))
FILE.method("System.IO.StreamWriter CreateText()")(lambda file: _streams().writer_of(file.path, False))
FILE.method("System.IO.StreamWriter AppendText()")(lambda file: _streams().writer_of(file.path, True))
FILE.method("System.IO.FileStream OpenRead()")(lambda file: _streams().open_file_stream(file.path, "Open", "Read"))
FILE.method("System.IO.FileStream OpenWrite()")(
    lambda file: _streams().open_file_stream(file.path, "OpenOrCreate", "Write")
)
FILE.method("System.IO.FileStream Create()")(lambda file: _streams().open_file_stream(file.path, "Create", "ReadWrite"))


def _streams() -> Any:
    from . import streams

    return streams


@FOLDER.method("System.IO.DirectoryInfo CreateSubdirectory(string path)")
def _sub(folder: DirectoryInfo, path: str) -> DirectoryInfo:
    where = os.path.join(folder.path, path)
    os.makedirs(where, exist_ok=True)
    return DirectoryInfo(where)


def _listing(what: str) -> Callable[..., Any]:
    def found(folder: DirectoryInfo, pattern: str = "*", option: Any = 0) -> list[Any]:
        from ..commands.fileinfo import file_object

        return [file_object(path) for path in entries(folder.path, pattern, int(option) == 1, what)]

    return found


for _name, _kind, _what in (
    ("EnumerateFiles", "System.IO.FileInfo", "files"),
    ("EnumerateDirectories", "System.IO.DirectoryInfo", "directories"),
    ("EnumerateFileSystemInfos", "System.IO.FileSystemInfo", "entries"),
):
    FOLDER.method(
        f"System.Collections.Generic.IEnumerable[{_kind}] {_name}()",
        f"System.Collections.Generic.IEnumerable[{_kind}] {_name}(string searchPattern)",
        f"System.Collections.Generic.IEnumerable[{_kind}] {_name}(string searchPattern, "
        f"System.IO.SearchOption searchOption)",
    )(_listing(_what))


# -- drives


class DriveInfo(NetObject):
    net_type = "System.IO.DriveInfo"

    def __init__(self, name: str) -> None:
        self.name = name

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        usage = shutil.disk_usage(self.name)
        yield "Name", self.name
        yield "IsReady", True
        yield "RootDirectory", DirectoryInfo(self.name)
        yield "DriveType", "Fixed"
        yield "AvailableFreeSpace", Int64(usage.free)
        yield "TotalFreeSpace", Int64(usage.free)
        yield "TotalSize", Int64(usage.total)
        yield "VolumeLabel", self.name

    def ps_to_string(self) -> str:
        return self.name


DRIVE = declare(DriveInfo.net_type)
DRIVE.constructor("(string driveName)")(lambda kind, name: DriveInfo(full_path(name)))
DRIVE.static("System.IO.DriveInfo[] GetDrives()")(lambda: [DriveInfo("/")])
