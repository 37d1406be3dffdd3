"""System.IO.File and System.IO.Directory."""

from __future__ import annotations

import datetime
import os
import shutil
from collections.abc import Callable, Iterable
from typing import Any

from ...psobject import DateTime, PSList
from ..values.utf16 import units
from ..values.value import enumerate_value, to_string
from .bytes import byte_list, to_bytes
from .encoding import decode_file, text_encoding
from .enums import enum_value
from .io_errors import io_errors, missing, thrown
from .paths import full_path
from .table import argument_null, declare

FILE = declare("System.IO.File")
DIRECTORY = declare("System.IO.Directory")
_ENCODED = "System.Text.Encoding encoding"


# -- reading


def read_bytes(path: str) -> bytes:
    where = full_path(path)
    with io_errors(where), open(where, "rb") as source:
        return source.read()


def read_text(path: str, encoding: Any = None) -> str:
    return decode_file(read_bytes(path), encoding)


def lines_of(text: str) -> list[str]:
    found = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return found[:-1] if found[-1] == "" else found


def _strings(items: Iterable[str]) -> PSList:
    return PSList.of("System.String", items)


FILE.static("bool Exists(string path)")(lambda path: bool(path) and os.path.isfile(full_path(path)))
FILE.static("string ReadAllText(string path)", f"string ReadAllText(string path, {_ENCODED})")(read_text)
FILE.static("byte[] ReadAllBytes(string path)")(lambda path: byte_list(read_bytes(path)))
for _name, _kind in (("ReadAllLines", "string[]"), ("ReadLines", "System.Collections.Generic.IEnumerable[string]")):
    FILE.static(f"{_kind} {_name}(string path)", f"{_kind} {_name}(string path, {_ENCODED})")(
        lambda path, encoding=None: _strings(lines_of(read_text(path, encoding)))
    )

# -- writing


def _write(path: str, data: bytes, mode: str) -> None:
    where = full_path(path)
    with io_errors(where), open(where, mode) as target:
        target.write(data)


def _write_text(path: str, text: str | None, encoding: Any = None) -> None:
    code = text_encoding(encoding)
    _write(path, code.mark + code.encode(text or ""), "wb")


def _append_text(path: str, text: str | None, encoding: Any = None) -> None:
    code = text_encoding(encoding)
    where = full_path(path)
    fresh = not os.path.exists(where) or os.path.getsize(where) == 0
    _write(path, (code.mark if fresh else b"") + code.encode(text or ""), "ab")


def _joined(contents: Any) -> str:
    if contents is None:
        raise argument_null("contents")
    return "".join(f"{to_string(one)}\n" for one in enumerate_value(contents))


FILE.static(
    "void WriteAllText(string path, string contents)", f"void WriteAllText(string path, string contents, {_ENCODED})"
)(_write_text)
FILE.static(
    "void AppendAllText(string path, string contents)", f"void AppendAllText(string path, string contents, {_ENCODED})"
)(_append_text)
FILE.static("void WriteAllBytes(string path, byte[] bytes)")(lambda path, data: _write(path, to_bytes(data), "wb"))
FILE.static("void AppendAllBytes(string path, byte[] bytes)")(lambda path, data: _write(path, to_bytes(data), "ab"))
_LINES = "System.Collections.Generic.IEnumerable[string] contents"
for _name, _put in (("WriteAllLines", _write_text), ("AppendAllLines", _append_text)):
    FILE.static(f"void {_name}(string path, {_LINES})", f"void {_name}(string path, {_LINES}, {_ENCODED})")(
        lambda path, lines, encoding=None, put=_put: put(path, _joined(lines), encoding)
    )

# -- moving about


def _existing(path: str) -> str:
    where = full_path(path)
    if not os.path.isfile(where):
        if os.path.isdir(where):
            raise thrown("UnauthorizedAccessException", f"Access to the path '{where}' is denied.")
        raise missing(where)
    return where


def _free(path: str, overwrite: bool) -> str:
    where = full_path(path)
    if os.path.exists(where) and not overwrite:
        raise thrown("IOException", f"The file '{where}' already exists.")
    return where


@FILE.static(
    "void Copy(string sourceFileName, string destFileName)",
    "void Copy(string sourceFileName, string destFileName, bool overwrite)",
)
def _copy(source: str, target: str, overwrite: bool = False) -> None:
    start, end = _existing(source), _free(target, overwrite)
    with io_errors(end):
        shutil.copyfile(start, end)


@FILE.static(
    "void Move(string sourceFileName, string destFileName)",
    "void Move(string sourceFileName, string destFileName, bool overwrite)",
)
def _move(source: str, target: str, overwrite: bool = False) -> None:
    start, end = _existing(source), _free(target, overwrite)
    with io_errors(end):
        shutil.move(start, end)


@FILE.static("void Delete(string path)")
def _delete(path: str) -> None:
    where = full_path(path)
    if not os.path.lexists(where):
        if not os.path.isdir(os.path.dirname(where)):
            raise missing(where)
        return
    with io_errors(where):
        if os.path.isdir(where) and not os.path.islink(where):
            raise thrown("UnauthorizedAccessException", f"Access to the path '{where}' is denied.")
        os.remove(where)


@FILE.static("void Replace(string sourceFileName, string destinationFileName, string destinationBackupFileName)")
def _replace(source: str, target: str, backup: str | None) -> None:
    start, end = _existing(source), _existing(target)
    with io_errors(end):
        if backup:
            os.replace(end, full_path(backup))
        os.replace(start, end)


# -- facts


def _object(path: str) -> Any:
    from ..commands.fileinfo import file_object

    return file_object(full_path(path))


def _attributes(path: str) -> Any:
    found = _object(path)
    if found.status is None:
        raise missing(found.path)
    return enum_value("System.IO.FileAttributes", found.attributes)


def _set_attributes(path: str, attributes: Any) -> None:
    _object(path).ps_set("Attributes", attributes)


FILE.static("System.IO.FileAttributes GetAttributes(string path)")(_attributes)
FILE.static("void SetAttributes(string path, System.IO.FileAttributes fileAttributes)")(_set_attributes)


def _declare_times(name: str, which: str) -> None:
    def get(path: str) -> DateTime:
        found: DateTime = _object(path).time(which)
        return found

    def put(path: str, moment: Any) -> None:
        where = full_path(path)
        if not os.path.exists(where):
            raise missing(where)
        _object(path).ps_set(name, moment)

    def get_utc(path: str) -> Any:
        return _object(path).utc(which)

    def put_utc(path: str, moment: Any) -> None:
        put(path, moment if moment.tzinfo else moment.replace(tzinfo=datetime.timezone.utc))

    for table in (FILE, DIRECTORY):
        table.static(f"datetime Get{name}(string path)")(get)
        table.static(f"datetime Get{name}Utc(string path)")(get_utc)
        table.static(f"void Set{name}(string path, datetime time)")(put)
        table.static(f"void Set{name}Utc(string path, datetime timeUtc)")(put_utc)


for _name, _which in (("LastWriteTime", "m"), ("LastAccessTime", "a"), ("CreationTime", "b")):
    _declare_times(_name, _which)

# -- streams of a file


def _opener(mode: str, access: str) -> Callable[[str], Any]:
    def open_file(path: str) -> Any:
        from .streams import open_file_stream

        return open_file_stream(path, mode, access)

    return open_file


FILE.static("System.IO.FileStream Create(string path)")(_opener("Create", "ReadWrite"))
FILE.static("System.IO.FileStream OpenRead(string path)")(_opener("Open", "Read"))
FILE.static("System.IO.FileStream OpenWrite(string path)")(_opener("OpenOrCreate", "Write"))


@FILE.static(
    "System.IO.FileStream Open(string path, System.IO.FileMode mode)",
    "System.IO.FileStream Open(string path, System.IO.FileMode mode, System.IO.FileAccess access)",
    "System.IO.FileStream Open(string path, System.IO.FileMode mode, System.IO.FileAccess access, "
    "System.IO.FileShare share)",
)
def _open(path: str, mode: Any, access: Any = "ReadWrite", share: Any = None) -> Any:
    from .streams import open_file_stream

    return open_file_stream(path, str(mode), "Write" if str(mode) == "Append" else str(access))


@FILE.static("System.IO.StreamReader OpenText(string path)")
def _open_text(path: str) -> Any:
    from .streams import reader_of

    return reader_of(path)


def _text_writer(append: bool) -> Callable[[str], Any]:
    def make(path: str) -> Any:
        from .streams import writer_of

        return writer_of(path, append)

    return make


FILE.static("System.IO.StreamWriter CreateText(string path)")(_text_writer(False))
FILE.static("System.IO.StreamWriter AppendText(string path)")(_text_writer(True))


@FILE.static("System.IO.FileSystemInfo CreateSymbolicLink(string path, string pathToTarget)")
def _link(path: str, target: str) -> Any:
    where = full_path(path)
    with io_errors(where):
        os.symlink(target, where)
    return _object(where)


# -- Directory

DIRECTORY.static("bool Exists(string path)")(lambda path: bool(path) and os.path.isdir(full_path(path)))


@DIRECTORY.static("System.IO.DirectoryInfo CreateDirectory(string path)")
def _create_directory(path: str) -> Any:
    from ..commands.fileinfo import DirectoryInfo

    where = full_path(path)
    with io_errors(where, True):
        if os.path.isfile(where):
            raise thrown("IOException", f"The file '{where}' already exists.")
        os.makedirs(where, exist_ok=True)
    return DirectoryInfo(where)


@DIRECTORY.static("void Delete(string path)", "void Delete(string path, bool recursive)")
def _delete_directory(path: str, recursive: bool = False) -> None:
    where = full_path(path)
    if not os.path.isdir(where):
        raise missing(where, True)
    with io_errors(where, True):
        if recursive and not os.path.islink(where):
            shutil.rmtree(where)
        else:
            os.rmdir(where)


@DIRECTORY.static("void Move(string sourceDirName, string destDirName)")
def _move_directory(source: str, target: str) -> None:
    start, end = full_path(source), full_path(target)
    if not os.path.exists(start):
        raise missing(start, True)
    if os.path.exists(end):
        raise thrown(
            "IOException", f"Cannot create '{end}' because a file or directory with the same name already exists."
        )
    with io_errors(start, True):
        os.rename(start, end)


def entries(path: str, pattern: str, recurse: bool, what: str) -> list[str]:
    """Paths below a directory, as they were asked for: what is "files", "directories" or "entries"."""
    from ..values.wildcards import wildcard_regex

    where = full_path(path)
    if not os.path.isdir(where):
        raise missing(where, True)
    matching = wildcard_regex(pattern.replace("[", "`[") if pattern not in ("", "*.*") else "*", False).fullmatch
    found: list[str] = []
    with io_errors(where, True):
        _collect(path.rstrip("/") or "/", matching, recurse, what, found)
    return found


def _collect(path: str, matching: Callable[[str], Any], recurse: bool, what: str, found: list[str]) -> None:
    inner = []
    with os.scandir(full_path(path)) as scan:
        entries = sorted(scan, key=lambda entry: entry.name)
    for entry in entries:
        name = units(entry.name)
        shown = f"{path.rstrip('/')}/{name}"
        is_directory = entry.is_dir()
        if is_directory and not entry.is_symlink():
            inner.append(shown)
        if (what == "entries" or is_directory == (what == "directories")) and matching(name):
            found.append(shown)
    for one in inner if recurse else ():
        _collect(one, matching, recurse, what, found)


def _recurses(option: Any) -> bool:
    from ..members.access import get_property

    if isinstance(option, int):
        return int(option) == 1
    return bool(get_property(option, "RecurseSubdirectories", False))


def _declare_listing(name: str, what: str) -> None:
    def listing(path: str, pattern: str = "*", option: Any = 0) -> PSList:
        return _strings(entries(path, pattern, _recurses(option), what))

    for prefix, kind in (("Get", "string[]"), ("Enumerate", "System.Collections.Generic.IEnumerable[string]")):
        shown = "FileSystemEntries" if name == "FileSystemEntries" else name
        DIRECTORY.static(
            f"{kind} {prefix}{shown}(string path)",
            f"{kind} {prefix}{shown}(string path, string searchPattern)",
            f"{kind} {prefix}{shown}(string path, string searchPattern, System.IO.SearchOption searchOption)",
        )(listing)


for _name, _what in (("Files", "files"), ("Directories", "directories"), ("FileSystemEntries", "entries")):
    _declare_listing(_name, _what)
DIRECTORY.static("string GetCurrentDirectory()")(lambda: units(os.getcwd()))
DIRECTORY.static("void SetCurrentDirectory(string path)")(lambda path: os.chdir(full_path(path)))
DIRECTORY.static("string GetDirectoryRoot(string path)")(lambda path: "/")
DIRECTORY.static("string[] GetLogicalDrives()")(lambda: _strings(["/"]))


@DIRECTORY.static("System.IO.DirectoryInfo GetParent(string path)")
def _parent(path: str) -> Any:
    from ..commands.fileinfo import DirectoryInfo

    where = full_path(path).rstrip("/")
    return DirectoryInfo(os.path.dirname(where)) if where else None
