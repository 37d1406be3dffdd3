"""Get-ChildItem: which items there are.

A path without wildcards lists what is in it; one with wildcards lists what it matches. With -Include or -Exclude
the tree is walked item by item, as only names can be told from each other then: that is another order.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from ..runtime.cmdlet import Cmdlet, command
from ..values.collation import sort_key
from ..values.utf16 import units
from ..values.value import as_list, to_string
from ..values.wildcards import has_wildcard, wildcard_match
from .content import chosen, passes_filter
from .fileinfo import DirectoryInfo, FileInfo, file_object
from .providers import Place, expand, flat, locate

WITHOUT_LIMIT = 2**32 - 1
IO_ERROR = "System.IO.IOException"


class Entry:
    """A directory's entry, with what decides whether it is listed."""

    __slots__ = ("is_directory", "name", "path")

    def __init__(self, path: str, name: str, is_directory: bool) -> None:
        self.path, self.name, self.is_directory = path, name, is_directory


@command("Get-ChildItem")
class GetChildItem(Cmdlet):
    def begin(self) -> None:
        self._include = [to_string(pattern) for pattern in as_list(self.arg("Include"))]
        self._exclude = [to_string(pattern) for pattern in as_list(self.arg("Exclude"))]
        self._recurse = self.switch("Recurse") or self.has("Depth")
        self._depth = int(self.arg("Depth", WITHOUT_LIMIT))
        self._wanted = to_string(self.arg("Attributes")) if self.has("Attributes") else ""
        self._shows_hidden = self.switch("Force") or self.switch("Hidden") or "hidden" in self._wanted.lower()
        self._visited: set[tuple[int, int]] | None = set() if self.switch("FollowSymlink") else None

    def process(self) -> None:
        literal = self.arg("LiteralPath")
        given = literal if literal is not None else self.arg("Path")
        for text in map(to_string, as_list(given) or [""]):
            if self._is_flat(text):
                for place in expand(self, text or ".", literal is not None, self.switch("Force")):
                    self._flat(place)
            elif self.switch("Name"):
                self._names(text or ".", literal is not None)
            else:
                self._items(text or ".", literal is not None)

    def _is_flat(self, text: str) -> bool:
        drive = text.partition(":")[0] if ":" in text else self.runspace.location.partition(":")[0]
        return drive.lower() in ("env", "variable", "function", "alias") and not locate(self, text).is_file

    def _flat(self, place: Place) -> None:
        provider = flat(place.drive)
        for name in [place.path] if place.path else provider.names(self):
            if chosen(self, name):
                self.write(name if self.switch("Name") else provider.get(self, name))

    # -- items

    def _items(self, text: str, literal: bool) -> None:
        include = self._include
        if self._recurse and not literal and not text.endswith(("/", "\\")):
            text, include = self._searched(text)
        globbed = not literal and has_wildcard(text)
        matched = bool(include or self._exclude)
        by_name = not literal and matched and not self._recurse
        for place in expand(self, text, literal, self.switch("Force"), leaf=self._globs):
            if by_name and not self._matches(os.path.basename(place.path), include):
                continue
            if matched or (self._recurse and globbed):
                self._matching(place.path, include, self._depth)
            elif os.path.isdir(place.path) and (self._recurse or not globbed):
                self._walk(place.path, self._depth, self._put)
            else:
                self._item(place.path)

    def _searched(self, text: str) -> tuple[str, list[str]]:
        """Where -Recurse begins, and what it looks for: ``d/*.txt`` is looked for in d and all that is below."""
        name = text.replace("\\", "/").rpartition("/")[2]
        base = text[: len(text) - len(name)]
        if name == "*" and (self.switch("File") or self.switch("Directory")):
            text = base
        include = self._include
        if not include and text and not self._is_container(text):
            include = [] if name == "*" else [name]
            text = base
        return text or ".", include

    def _is_container(self, text: str) -> bool:
        return any(os.path.isdir(place.path) for place in expand(self, text, force=True, quiet=True))

    def _globs(self, path: str, name: str) -> bool:
        """Whether a name that the last part of a path matches counts."""
        is_directory = os.path.isdir(path)
        if not self._fits(path, name, is_directory):
            return False
        return self._recurse or self.switch("Name") or passes_filter(self, name)

    def _matches(self, name: str, include: list[str]) -> bool:
        if include and not any(wildcard_match(pattern, name) for pattern in include):
            return False
        return not any(wildcard_match(pattern, name) for pattern in self._exclude)

    def _matching(self, path: str, include: list[str], depth: int) -> None:
        """Item by item: each is compared with -Include and -Exclude, and each directory entered at once."""
        if not os.path.isdir(path):
            if self._matches(os.path.basename(path), include):
                self._item(path)
            return
        for entry in self._children(path, all_directories=self._recurse):
            kept = not (entry.is_directory and self._recurse) or passes_filter(self, entry.name)
            if kept and self._matches(entry.name, include):
                self._item(entry.path)
            if self._recurse and entry.is_directory and depth > 0:
                self._matching(entry.path, include, depth - 1)

    def _item(self, path: str) -> None:
        name = units(os.path.basename(path))
        if name.startswith(".") and not self._shows_hidden:
            message = f"Could not find item {path}."
            self.error(message, "ItemNotFound", "ObjectNotFound", path, net_type=IO_ERROR)
        else:
            self._put(Entry(path, name, os.path.isdir(path)))

    def _put(self, entry: Entry) -> None:
        self.write(DirectoryInfo(entry.path) if entry.is_directory else FileInfo(entry.path))

    # -- directories

    def _walk(self, directory: str, depth: int, put: Callable[[Entry], None]) -> None:
        """A level's directories, then its files; what is in the directories comes below."""
        for entry in self._children(directory):
            put(entry)
        if self._recurse and depth > 0:
            for path in self._below(directory):
                self._walk(path, depth - 1, put)

    def _scan(self, directory: str) -> list[os.DirEntry[str]]:
        self.check_stopped()
        try:
            with os.scandir(directory) as entries:
                return sorted(entries, key=lambda entry: sort_key(entry.name))
        except OSError:
            message = f"Access to the path '{directory}' is denied."
            kind = "System.UnauthorizedAccessException"
            self.error(message, "DirUnauthorizedAccessError", "PermissionDenied", directory, net_type=kind)
            return []

    def _children(self, directory: str, all_directories: bool = False) -> Iterator[Entry]:
        """What -Filter and the attributes let through; ``all_directories`` spares the directories."""
        self._entries = entries = self._scan(directory)
        filtered = self.has("Filter")
        for wanted in (True, False):
            for entry in entries:
                if entry.is_dir() is not wanted:
                    continue
                name = units(entry.name)
                if wanted and all_directories:
                    if self._shows_hidden or not name.startswith("."):
                        yield Entry(entry.path, name, True)
                elif self._fits(entry.path, name, wanted) and (not filtered or passes_filter(self, name)):
                    yield Entry(entry.path, name, wanted)

    def _below(self, directory: str) -> list[str]:
        """The directories to go on with."""
        found = []
        for entry in self._entries:
            if not entry.is_dir() or (entry.name.startswith(".") and not self._shows_hidden):
                continue
            if self._visited is None:
                if entry.is_symlink():
                    continue
            elif not self._visits(entry.path):
                continue
            found.append(entry.path)
        return found

    def _visits(self, path: str) -> bool:
        assert self._visited is not None
        status = os.stat(path)
        key = (status.st_dev, status.st_ino)
        if key in self._visited:
            self.warning(f"Skip already-visited directory {path}.")
            return False
        self._visited.add(key)
        return True

    def _fits(self, path: str, name: str, is_directory: bool) -> bool:
        hidden = name.startswith(".")
        if hidden and not self._shows_hidden:
            return False
        if self.switch("File" if is_directory else "Directory") or self.switch("System"):
            return False
        if self.switch("Hidden") and not hidden:
            return False
        if self.switch("ReadOnly") and os.stat(path, follow_symlinks=False).st_mode & 0o222:
            return False
        return not self._wanted or attributes_match(file_object(path).attributes, self._wanted)

    # -- names

    def _names(self, text: str, literal: bool) -> None:
        globbed = not literal and has_wildcard(text)
        for place in expand(self, text, literal, self.switch("Force"), leaf=self._globs):
            if os.path.isdir(place.path) and (self._recurse or not globbed):
                self._base = place.path
                self._walk(place.path, self._depth, self._put_name)
            elif self._matches(os.path.basename(place.path), self._include):
                self.write(units(os.path.basename(place.path)))

    def _put_name(self, entry: Entry) -> None:
        if self._matches(entry.name, self._include):
            self.write(units(os.path.relpath(entry.path, self._base)))


def attributes_match(found: int, wanted: str) -> bool:
    """-Attributes: names joined by + (and) and , (or), each may be negated by !."""
    from ..values.conversions import convert

    def one(word: str) -> bool:
        negate = word.startswith("!")
        bit = int(convert(word.lstrip("!").strip(), "System.IO.FileAttributes"))
        return bool(found & bit) is not negate

    return any(all(one(word.strip()) for word in group.split("+")) for group in wanted.split(","))
