"""What .NET throws where the operating system refuses."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from ..records import NetException, Thrown


def thrown(kind: str, message: str, path: str = "") -> Thrown:
    extra = {"FileName": path} if kind == "FileNotFoundException" else None
    return Thrown(
        NetException(
            message,
            net_type=f"System.IO.{kind}" if kind != "UnauthorizedAccessException" else f"System.{kind}",
            extra=extra,
        )
    )


def missing(path: str, directory: bool = False) -> Thrown:
    """Nothing is there: a file in a directory that is, or a part of the path too."""
    if directory or not os.path.isdir(os.path.dirname(path.rstrip("/")) or "/"):
        return thrown("DirectoryNotFoundException", f"Could not find a part of the path '{path}'.")
    return thrown("FileNotFoundException", f"Could not find file '{path}'.", path)


def translated(problem: OSError, path: str, directory: bool = False) -> Thrown:
    code = problem.errno
    if code == errno.ENOENT:
        return missing(path, directory)
    if code == errno.ENOTDIR:
        return thrown(
            "IOException" if directory else "DirectoryNotFoundException", f"Could not find a part of the path '{path}'."
        )
    if code in (errno.EACCES, errno.EPERM, errno.EISDIR, errno.EROFS):
        return thrown("UnauthorizedAccessException", f"Access to the path '{path}' is denied.")
    if code == errno.EEXIST:
        return thrown("IOException", f"The file '{path}' already exists.")
    if code == errno.ENOTEMPTY:
        return thrown("IOException", f"Directory not empty : '{path}'")
    return thrown("IOException", f"{problem.strerror} : '{path}'")


@contextmanager
def io_errors(path: str, directory: bool = False) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise translated(problem, path, directory) from None
