"""Paths of this machine: what a pattern names, and where a name that a remote computer gave may lead."""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from jobmagics.errors import NotFound, RemoteError, UsageError

PART = ".jobmagics-part"
"""What a file that is not whole yet ends in, here and there."""
BLOCK = 1024 * 1024
"""Bytes of a piece. WinRM takes no object of more than 10 MB, as the text that it becomes."""
TICKS_AT_EPOCH = 621_355_968_000_000_000
"""What .NET counts, 100 ns since the year 1, at 1970."""


@dataclass(frozen=True)
class Item:
    """A file or directory to copy. ``name`` is its path, with slashes, below the destination."""

    path: str
    name: str
    is_directory: bool
    size: int = 0
    ticks: int = 0


def local_items(patterns: Iterable[str], *, recurse: bool) -> Iterator[Item]:
    """Raises NotFound, and UsageError for a directory without ``recurse``."""
    for pattern in map(os.path.expanduser, patterns):
        found = [pattern] if os.path.lexists(pattern) else sorted(glob.glob(pattern))
        if not found:
            raise NotFound(f"Cannot find path '{pattern}' because it does not exist on this machine.")
        for path in map(Path, found):
            if not path.is_dir():
                yield _file(path, path.name)
                continue
            refuse_directory(str(path), recurse=recurse)
            top = path.resolve()
            yield Item(str(top), top.name, True)
            yield from _below(top)


def refuse_directory(path: str, *, recurse: bool) -> None:
    if not recurse:
        raise UsageError(f"{path} is a directory; add -Recurse to copy it with all that is in it.")


def _below(top: Path) -> Iterator[Item]:
    """Links to directories are not followed: they may lead in circles."""
    for place, directories, files in os.walk(top):
        here = Path(place)
        for name in sorted(directories):
            yield Item(str(here / name), (top.name / (here / name).relative_to(top)).as_posix(), True)
        for name in sorted(files):
            yield _file(here / name, (top.name / (here / name).relative_to(top)).as_posix())


def _file(path: Path, name: str) -> Item:
    try:
        facts = path.stat()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from None
    return Item(str(path.resolve()), name, False, facts.st_size, TICKS_AT_EPOCH + facts.st_mtime_ns // 100)


def inside(destination: Path, name: str) -> Path:
    """Where a file goes that a remote computer calls ``name``. Raises RemoteError for a name that leads elsewhere."""
    parts = PurePosixPath(name).parts
    for part in parts:
        if part in ("..", "/", ".") or "\0" in part or (os.name == "nt" and (":" in part or "\\" in part)):
            raise RemoteError(f"The computer named a file {name!r}, which would lead out of {destination}; not copied.")
    return destination.joinpath(*parts)


def start_of(path: Path, length: int) -> hashlib._Hash:
    """SHA-256 over the first ``length`` bytes of a file."""
    digest = hashlib.sha256()
    if length <= 0:  # nor need there be a file
        return digest
    with path.open("rb") as file:
        while length > 0 and (piece := file.read(min(BLOCK, length))):
            digest.update(piece)
            length -= len(piece)
    return digest
