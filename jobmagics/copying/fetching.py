"""Files from a session: Copy-Item -FromSession."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from jobmagics.copying import scripts
from jobmagics.copying.advance import Advance, CopiedFile, CopiedFiles, Progress
from jobmagics.copying.channel import Channel
from jobmagics.copying.local import BLOCK, PART, TICKS_AT_EPOCH, Item, inside, refuse_directory, start_of
from jobmagics.errors import InvalidOperation, NotFound, RemoteError, UsageError

FACTS = 5
"""Values that the list of files has for each."""


def fetch(
    channel: Channel, paths: Iterable[str], destination: str, *, recurse: bool, force: bool, progress: Progress
) -> CopiedFiles:
    """Copies files (and with ``recurse`` directories) of the session to this machine. ``destination`` is a directory
    here, or the new name. Raises UsageError for what is wrong here, RemoteError for what is wrong there.
    """
    items = _remote_items(channel, list(paths), recurse=recurse)
    place = _Place(destination, items)
    files = [item for item in items if not item.is_directory]
    copied = CopiedFiles()
    try:
        place.make([item for item in items if item.is_directory])
        for number, item in enumerate(files, 1):

            def tell(done: int, item: Item = item, number: int = number) -> None:
                progress(Advance(item.name, number, len(files), done, item.size))

            copied.append(_Fetching(channel, item, place.of(item), force, tell).run())
    except OSError as error:
        raise UsageError(f"{error.filename or destination} cannot be written: {error.strerror or error}.") from None
    return copied


def _remote_items(channel: Channel, paths: list[str], *, recurse: bool) -> list[Item]:
    values = channel.run(scripts.LIST, Path=paths, Recurse=recurse)
    items = []
    for at in range(0, len(values), FACTS):
        kind, path, name, size, ticks = values[at : at + FACTS]
        if kind == "directory" and "/" not in str(name):
            refuse_directory(f"{path} on {channel.computer}", recurse=recurse)
        items.append(Item(str(path), str(name), kind == "directory", int(size), int(ticks or 0)))
    if not items:
        raise NotFound(f"Nothing on {channel.computer} is named by {', '.join(paths)}.")
    return items


class _Place:
    """Where things go here, as Copy-Item decides it."""

    def __init__(self, destination: str, items: list[Item]) -> None:
        self._path = Path(os.path.expanduser(destination)).absolute()
        tops = [item for item in items if "/" not in item.name]
        seps = tuple(filter(None, (os.sep, os.altsep)))
        if self._path.is_file() and (len(tops) > 1 or any(item.is_directory for item in tops)):
            raise UsageError(f"{self._path} is a file; name a directory as -Destination.")
        self._is_directory = self._path.is_dir() or destination.endswith(seps) or len(tops) > 1

    def make(self, directories: list[Item]) -> None:
        if self._is_directory:
            self._path.mkdir(parents=True, exist_ok=True)
        for item in directories:
            self.of(item).mkdir(parents=True, exist_ok=True)

    def of(self, item: Item) -> Path:
        return inside(self._path, item.name if self._is_directory else item.name.partition("/")[2])


class _Fetching:
    """One file on its way."""

    def __init__(self, channel: Channel, item: Item, target: Path, force: bool, tell: Callable[[int], None]) -> None:
        self._channel, self._item, self._target, self._tell = channel, item, target, tell
        self._part = target.with_name(target.name + PART)
        if target.is_dir():
            raise UsageError(f"{target} is a directory; name another -Destination.")
        if target.exists() and not target.stat().st_mode & 0o222 and not force:
            raise InvalidOperation(f"{target} is read-only; add -Force to replace it.")

    def run(self) -> CopiedFile:
        """What an earlier copy left is gone on with; if in the end it was of another file, all is fetched again."""
        known = self._part.stat().st_size if self._part.exists() else 0
        for start in (known if known <= self._item.size else 0, 0):
            size, got = self._pieces(start)
            sent = str(self._channel.run(scripts.HASH, Path=self._item.path)[0])
            if got == sent:
                self._finish()
                return CopiedFile(self._item.path, str(self._target), size, got)
            if start == 0:
                break
        raise RemoteError(
            f"{self._item.path} on {self._channel.computer} changed while it was copied; copy it again. What came is in"
            f" {self._part}."
        )

    def _pieces(self, start: int) -> tuple[int, str]:
        """Fetches what is behind ``start``. Bytes and SHA-256 of what is here then."""
        digest = start_of(self._part, start)
        done = start
        with self._part.open("r+b" if start else "wb") as file:
            file.truncate(start)
            file.seek(start)

            def take(piece: bytes) -> None:
                nonlocal done
                file.write(piece)
                digest.update(piece)
                done += len(piece)
                self._tell(done)

            self._channel.follow(scripts.READ, lambda: {"Path": self._item.path, "Offset": done, "Count": BLOCK}, take)
            file.flush()
            os.fsync(file.fileno())
        if done == start:
            self._tell(done)
        return done, digest.hexdigest().upper()

    def _finish(self) -> None:
        os.replace(self._part, self._target)
        seconds = (self._item.ticks - TICKS_AT_EPOCH) / 10_000_000
        if self._item.ticks:
            os.utime(self._target, (seconds, seconds))
