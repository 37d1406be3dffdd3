"""System.IO.Path: paths as text."""

from __future__ import annotations

import os
import secrets
import tempfile

from ...psobject import Char, PSList
from .table import argument_null, declare, net_error

PATH = declare("System.IO.Path")
PATH.constant("char DirectorySeparatorChar", Char("/"))
PATH.constant("char AltDirectorySeparatorChar", Char("/"))
PATH.constant("char PathSeparator", Char(":"))
PATH.constant("char VolumeSeparatorChar", Char("/"))
_RANDOM_LETTERS = "abcdefghijklmnopqrstuvwxyz012345"


def full_path(path: str | None, param: str = "path") -> str:
    """What .NET makes of a path: relative ones start at the process's directory, whatever $PWD says."""
    if path is None:
        raise argument_null(param)
    if path == "":
        raise net_error("System.ArgumentException", "The path is empty.", param=param)
    if "\0" in path:
        raise net_error("System.ArgumentException", "Null character in path.", param=param)
    kept = "/" if path.endswith("/") and path != "/" else ""
    return os.path.abspath(path).replace("//", "/") + kept


def file_name(path: str) -> str:
    return path.rpartition("/")[2]


def extension(path: str) -> str:
    name = file_name(path)
    at = name.rfind(".")
    return name[at:] if 0 <= at < len(name) - 1 else ""


def stem(path: str) -> str:
    name = file_name(path)
    at = name.rfind(".")
    return name[:at] if at >= 0 else name


def directory_name(path: str | None) -> str | None:
    if not path:
        return None if path is None else ""
    if path.strip("/") == "":
        return None
    head, mark, _ = path.rstrip("/").rpartition("/") if not path.endswith("/") else (path.rstrip("/"), "/", "")
    if not mark:
        return ""
    return head.rstrip("/") or "/"


def combine(*parts: str | None) -> str:
    found = ""
    for at, part in enumerate(parts):
        if part is None:
            raise argument_null(f"path{at + 1}" if len(parts) < 5 else "paths")
        if part == "":
            continue
        if part.startswith("/") or not found:
            found = part
        else:
            found = found + part if found.endswith("/") else f"{found}/{part}"
    return found


def join(*parts: str | None) -> str:
    found = ""
    for part in parts:
        if not part:
            continue
        if not found:
            found = part
        else:
            between = "" if found.endswith("/") or part.startswith("/") else "/"
            found += between + part
    return found


def change_extension(path: str | None, new: str | None) -> str | None:
    if not path:
        return path
    name = file_name(path)
    at = name.rfind(".")
    base = path[: len(path) - len(name) + at] if at >= 0 else path
    if new is None:
        return base
    return base + (new if new.startswith(".") else f".{new}")


def relative_path(base: str, path: str) -> str:
    start, target = full_path(base, "relativeTo"), full_path(path)
    kept = "/" if target.endswith("/") and target.rstrip("/") != start.rstrip("/") else ""
    return os.path.relpath(target, start) + kept


def _temp_path() -> str:
    return (os.environ.get("TMPDIR") or "/tmp").rstrip("/") + "/"  # noqa: S108 - .NET's own default


def _temp_file() -> str:
    handle, path = tempfile.mkstemp(prefix="tmp", suffix=".tmp", dir=_temp_path())
    os.close(handle)
    return path


def _random_name() -> str:
    letters = [secrets.choice(_RANDOM_LETTERS) for _ in range(11)]
    return "".join(letters[:8]) + "." + "".join(letters[8:])


def _trim_end(path: str) -> str:
    return path[:-1] if len(path) > 1 and path.endswith("/") else path


_TWO = "string {0}(string path1, string path2)"
for _name, _function in (("Combine", combine), ("Join", join)):
    PATH.static(
        _TWO.format(_name),
        f"string {_name}(string path1, string path2, string path3)",
        f"string {_name}(string path1, string path2, string path3, string path4)",
    )(_function)
    PATH.static(f"string {_name}(Params string[] paths)")(lambda paths, function=_function: function(*paths))
PATH.static("string ChangeExtension(string path, string extension)")(change_extension)
PATH.static("string GetDirectoryName(string path)")(directory_name)
PATH.static("string GetFileName(string path)")(lambda path: None if path is None else file_name(path))
PATH.static("string GetFileNameWithoutExtension(string path)")(lambda path: None if path is None else stem(path))
PATH.static("string GetExtension(string path)")(lambda path: None if path is None else extension(path))
PATH.static("bool HasExtension(string path)")(lambda path: bool(path) and extension(path) != "")
PATH.static("bool IsPathRooted(string path)", "bool IsPathFullyQualified(string path)")(
    lambda path: bool(path) and path.startswith("/")
)
PATH.static("string GetPathRoot(string path)")(lambda path: None if not path else "/" if path.startswith("/") else "")
PATH.static("string GetRelativePath(string relativeTo, string path)")(relative_path)
PATH.static("string GetTempPath()")(_temp_path)
PATH.static("string GetTempFileName()")(_temp_file)
PATH.static("string GetRandomFileName()")(_random_name)
PATH.static("string TrimEndingDirectorySeparator(string path)")(_trim_end)
PATH.static("bool EndsInDirectorySeparator(string path)")(lambda path: bool(path) and path.endswith("/"))
PATH.static("bool Exists(string path)")(lambda path: bool(path) and os.path.exists(full_path(path)))
PATH.static("char[] GetInvalidFileNameChars()")(lambda: PSList.of("System.Char", [Char("\0"), Char("/")]))
PATH.static("char[] GetInvalidPathChars()")(lambda: PSList.of("System.Char", [Char("\0")]))


@PATH.static("string GetFullPath(string path)", "string GetFullPath(string path, string basePath)")
def _full(path: str, base: str | None = None) -> str:
    return full_path(path if base is None else combine(base, path))
