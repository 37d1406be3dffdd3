"""Files to a session: Copy-Item -ToSession."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from jobmagics.copying import scripts
from jobmagics.copying.advance import Advance, CopiedFile, CopiedFiles, Progress
from jobmagics.copying.channel import Channel
from jobmagics.copying.local import BLOCK, PART, Item, local_items, start_of
from jobmagics.errors import RemoteError, UsageError

PIECES = 24
"""So many go to one script: WinRM takes no more than 50 MB for one, as the text that they become."""


def send(
    channel: Channel, paths: Iterable[str], destination: str, *, recurse: bool, force: bool, progress: Progress
) -> CopiedFiles:
    """Copies files (and with ``recurse`` directories) of this machine into the session. ``destination`` is a directory
    there, or the new name. Raises UsageError for what is wrong here, RemoteError for what is wrong there.
    """
    items = list(local_items(paths, recurse=recurse))
    place = _Place(channel, destination, items)
    directories = [place.of(item) for item in items if item.is_directory]
    if place.is_new_directory:
        directories.insert(0, place.full)
    if directories:
        channel.run(scripts.MAKE_DIRECTORIES, Paths=directories)
    files = [item for item in items if not item.is_directory]
    copied = CopiedFiles()
    for number, item in enumerate(files, 1):

        def tell(done: int, item: Item = item, number: int = number) -> None:
            progress(Advance(item.name, number, len(files), done, item.size))

        target = place.of(item)
        copied.append(_Sending(channel, item, target, force, tell).run())
    return copied


class _Place:
    """Where things go there, as Copy-Item decides it."""

    def __init__(self, channel: Channel, destination: str, items: list[Item]) -> None:
        self.full, kind, self._separator = map(str, channel.run(scripts.RESOLVE, Path=destination))
        tops = [item for item in items if "/" not in item.name]
        names_directory = destination.endswith(("/", "\\"))
        if kind == "file" and (len(tops) > 1 or tops[0].is_directory):
            raise UsageError(f"{self.full} on {channel.computer} is a file; name a directory as -Destination.")
        self._is_directory = kind == "directory" or names_directory or len(tops) > 1
        self.is_new_directory = self._is_directory and kind == "none"

    def of(self, item: Item) -> str:
        parts = item.name.split("/")
        if not self._is_directory:
            parts = parts[1:]
        return self._separator.join([self.full.rstrip("/\\") if parts else self.full, *parts])


class _Sending:
    """One file on its way."""

    def __init__(self, channel: Channel, item: Item, target: str, force: bool, tell: Callable[[int], None]) -> None:
        self._channel, self._item, self._target, self._force = channel, item, target, force
        self._tell = tell
        self._part = target + PART

    def run(self) -> CopiedFile:
        """What an earlier copy left is gone on with; if in the end it was of another file, all is sent again."""
        known = int(self._channel.run(scripts.LENGTH, Path=self._part)[0])
        for start in (known if known <= self._item.size else 0, 0):
            sent = self._pieces(start)
            found = self._finish(sent)
            if found == sent:
                return CopiedFile(self._item.path, self._target, self._item.size, sent)
            if start == 0:
                break
        raise RemoteError(
            f"{self._target} on {self._channel.computer} is not what was sent (SHA-256 {found}, not {sent}); it was"
            f" left as {self._part}."
        )

    def _pieces(self, start: int) -> str:
        """Sends what is behind ``start``. SHA-256 of the whole file."""
        path = Path(self._item.path)
        digest = start_of(path, start)
        digested = done = start
        is_over = False
        with path.open("rb") as file:

            def pieces() -> Iterator[bytes]:
                nonlocal digested, is_over
                at = file.seek(done)
                for _ in range(PIECES):
                    piece = file.read(BLOCK)
                    is_over = len(piece) < BLOCK
                    digest.update(memoryview(piece)[max(0, digested - at) :])  # a piece may go twice
                    is_empty, at = not at + len(piece), at + len(piece)
                    digested = max(digested, at)
                    if piece or is_empty:  # an empty file is made, too
                        yield piece
                    if is_over:
                        return

            def take(offset: int) -> None:
                nonlocal done
                done = int(offset)
                self._tell(done)

            while not is_over:
                self._channel.pour(scripts.WRITE, lambda: ({"Path": self._part, "Offset": done}, pieces()), take)
        return digest.hexdigest().upper()

    def _finish(self, sent: str) -> str:
        facts = {"Part": self._part, "Path": self._target, "Hash": sent, "Time": str(self._item.ticks)}
        return str(self._channel.run(scripts.FINISH, **facts, Force=self._force)[0])
