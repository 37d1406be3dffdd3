"""Items of any drive: getting, listing, testing, making, removing, renaming, copying and moving them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

from ...psobject import Hashtable, PSObject
from ..members.access import get_property, has_property, set_property
from ..records import NetException
from ..runtime.cmdlet import Cmdlet, command
from ..values.utf16 import encode, units
from ..values.value import as_list, to_string, unwrap
from ..values.wildcards import has_wildcard, unescape
from .content import chosen
from .fileinfo import DirectoryInfo, FileInfo, FileSystemInfo, file_object
from .providers import Place, exists, expand, flat, item, locate

IO_ERROR = "System.IO.IOException"
INVALID = "System.Management.Automation.PSInvalidOperationException"


def named(cmdlet: Cmdlet) -> tuple[list[str], bool]:
    """The path texts and whether they are literal."""
    literal = cmdlet.arg("LiteralPath")
    return [
        to_string(text) for text in as_list(literal if literal is not None else cmdlet.arg("Path"))
    ], literal is not None


def places(cmdlet: Cmdlet, force: bool | None = None) -> Iterator[Place]:
    texts, literal = named(cmdlet)
    for text in texts:
        for place in expand(cmdlet, text, literal, cmdlet.switch("Force") if force is None else force):
            if chosen(cmdlet, os.path.basename(place.path)):
                yield place


@command("Get-Item")
class GetItem(Cmdlet):
    def process(self) -> None:
        texts, literal = named(self)
        for text in texts:
            for place in expand(self, text, literal, self.switch("Force")):
                if not chosen(self, os.path.basename(place.path)):
                    continue
                if place.is_file and self._is_hidden(place, text, literal):
                    continue
                if not place.is_file and not place.path:
                    provider = flat(place.drive)
                    self.write_all(provider.get(self, name) for name in provider.names(self))
                else:
                    self.write(item(self, place))

    def _is_hidden(self, place: Place, text: str, literal: bool) -> bool:
        if self.switch("Force") or not os.path.basename(place.path).startswith("."):
            return False
        if literal or not has_wildcard(text):
            self.error(
                f"Could not find item {place.path}.", "ItemNotFound", "ObjectNotFound", place.path, net_type=IO_ERROR
            )
        return True


@command("Get-ChildItem")
class GetChildItem(Cmdlet):
    def process(self) -> None:
        texts, literal = named(self)
        for text in texts or ["."]:
            self._list(text, literal)

    def _list(self, text: str, literal: bool) -> None:
        found = expand(self, text, literal, self.switch("Force"))
        includes = as_list(self.arg("Include"))
        self._base = found[0].path if found else ""
        for place in found:
            if not place.is_file:
                self._flat(place)
            elif (
                os.path.isdir(place.path) and not os.path.islink(place.path) and self._descends(text, literal, includes)
            ):
                self._base = place.path
                self._walk(place.path, self.arg("Depth"))
            else:
                self._base = os.path.dirname(place.path)
                is_directory = os.path.isdir(place.path)
                if self._keeps(place.path, os.path.basename(place.path), is_directory):
                    self._put(place.path, is_directory)
                if self._recursive and is_directory:
                    self._walk(place.path, self.arg("Depth"))

    def _descends(self, text: str, literal: bool, includes: list[Any]) -> bool:
        if not literal and has_wildcard(text.rstrip("/").rpartition("/")[2]):
            # a pattern that names directories lists what is in them only without -Include
            return False
        return not includes or self._recursive

    @property
    def _recursive(self) -> bool:
        return self.switch("Recurse") or self.has("Depth")

    def _flat(self, place: Place) -> None:
        provider = flat(place.drive)
        names = [place.path] if place.path else provider.names(self)
        for name in names:
            if chosen(self, name):
                self.write(name if self.switch("Name") else provider.get(self, name))

    def _walk(self, directory: str, depth: int | None) -> None:
        self.check_stopped()
        try:
            entries = sorted(os.scandir(directory), key=lambda entry: (entry.name.lower(), entry.name))
        except OSError:
            self.error(
                f"Access to the path '{directory}' is denied.",
                "DirUnauthorizedAccessError",
                "PermissionDenied",
                directory,
                net_type="System.UnauthorizedAccessException",
            )
            return
        # PowerShell lists the directories of a level first, then its files; below come the subdirectories' contents
        below = []
        enters, force = self.switch("FollowSymlink"), self.switch("Force")
        directories = [entry for entry in entries if entry.is_dir()]
        for entry in directories:
            if self._keeps(entry.path, units(entry.name), True):
                self._put(entry.path, True)
            if entry.is_dir(follow_symlinks=enters) and (force or not entry.name.startswith(".")):
                below.append(entry.path)
        for entry in entries if len(directories) < len(entries) else ():
            if not entry.is_dir() and self._keeps(entry.path, units(entry.name), False):
                self._put(entry.path, False)
        if self._recursive and (depth is None or depth > 0):
            for path in below:
                self._walk(path, None if depth is None else depth - 1)

    def _keeps(self, path: str, name: str, is_directory: bool) -> bool:
        hidden = name.startswith(".")
        if self.switch("Hidden"):
            if not hidden:
                return False
        elif hidden and not self.switch("Force"):
            return False
        if self.switch("File" if is_directory else "Directory"):
            return False
        if self.switch("ReadOnly") and os.access(path, os.W_OK):
            return False
        if self.has("Attributes") and not attributes_match(
            file_object(path).attributes, to_string(self.arg("Attributes"))
        ):
            return False
        return chosen(self, name)

    def _put(self, path: str, is_directory: bool) -> None:
        if self.switch("Name"):
            self.write(units(os.path.relpath(path, self._base)))
        else:
            self.write(DirectoryInfo(path) if is_directory else FileInfo(path))


def attributes_match(found: int, wanted: str) -> bool:
    """-Attributes: names joined by + (and) and , (or), each may be negated by !."""
    from ..values.conversions import convert

    def one(word: str) -> bool:
        negate = word.startswith("!")
        bit = int(convert(word.lstrip("!").strip(), "System.IO.FileAttributes"))
        return bool(found & bit) is not negate

    return any(all(one(word.strip()) for word in group.split("+")) for group in wanted.split(","))


@command("Test-Path")
class TestPath(Cmdlet):
    def process(self) -> None:
        given = self.arg("LiteralPath") if self.has("LiteralPath") else self.arg("Path")
        texts = given if isinstance(given, list) else [given]
        for text in texts or [None]:
            if text is None:
                self.error(
                    NetException(
                        "The provided Path argument was null or an empty collection.",
                        net_type="System.ArgumentNullException",
                    ),
                    "NullPathNotPermitted",
                    "InvalidArgument",
                )
                continue
            self.write(self._test(to_string(text)))

    def _test(self, text: str) -> bool:
        if not text.strip():
            return False
        if self.switch("IsValid"):
            return "\0" not in text
        found = expand(self, text, self.has("LiteralPath"), force=True, quiet=True)
        kind = str(self.arg("PathType", "Any"))
        for place in found:
            if not chosen(self, os.path.basename(place.path)):
                continue
            container = os.path.isdir(place.path) if place.is_file else not place.path
            if kind == "Any" or container is (kind == "Container"):
                return self._time_fits(place)
        return False

    def _time_fits(self, place: Place) -> bool:
        newer, older = self.arg("NewerThan"), self.arg("OlderThan")
        if not place.is_file or (newer is None and older is None):
            return True
        ticks = file_object(place.path).time("m").ticks
        return (newer is None or ticks > newer.ticks) and (older is None or ticks < older.ticks)


@command("New-Item")
class NewItem(Cmdlet):
    def process(self) -> None:
        name = self.arg("Name")
        for base in as_list(self.arg("Path")) or ["."]:
            text = to_string(base)
            if name is not None:
                text = text.rstrip("/") + "/" + to_string(name)
            place = locate(self, text)
            if place.is_file:
                self._file(place.path, (self.arg("ItemType") or "File").lower())
            elif self.should_process(f"Item: {place.path}", "New Item"):
                self._flat(place)

    def _flat(self, place: Place) -> None:
        provider = flat(place.drive)
        if provider.get(self, place.path) is not None and not self.switch("Force"):
            self.error(
                f"The item at path '{place.path}' already exists.", "Argument", "InvalidArgument", place.path,
                net_type="System.Management.Automation.PSArgumentException",
            )  # fmt: skip
            return
        provider.set(self, place.path, self.arg("Value"))
        self.write(provider.get(self, place.path))

    def _file(self, path: str, kind: str) -> None:
        if kind in ("directory", "container", "d", "dir"):
            self._directory(path)
        elif kind in ("symboliclink", "hardlink", "junction"):
            self._link(path, kind)
        elif "file".startswith(kind) or kind == "leaf":
            self._plain(path)
        else:
            raise self.terminate(
                'The type is not a known type for the file system. Only "file","directory" or "symboliclink" can '
                "be specified.",
                "Argument",
                "InvalidArgument",
                kind,
                net_type="System.Management.Automation.PSArgumentException",
            )

    def _directory(self, path: str) -> None:
        if os.path.lexists(path) and not (self.switch("Force") and os.path.isdir(path)):
            self.error(
                f"An item with the specified name {path} already exists.",
                "DirectoryExist",
                "ResourceExists",
                path,
                net_type=IO_ERROR,
            )
            return
        if self.should_process(f"Destination: {path}", "Create Directory"):
            os.makedirs(path, exist_ok=True)
            self.write(file_object(path))

    def _plain(self, path: str) -> None:
        if os.path.isdir(path) or (os.path.exists(path) and not self.switch("Force")):
            self.error(f"The file '{path}' already exists.", "NewItemIOError", "WriteError", path, net_type=IO_ERROR)
            return
        if not self.should_process(f"Destination: {path}", "Create File"):
            return
        if self.switch("Force"):
            os.makedirs(os.path.dirname(path), exist_ok=True)
        try:
            with open(path, "wb") as target:
                value = self.arg("Value")
                if value is not None:
                    target.write(encode(to_string(value)))
        except FileNotFoundError:
            self.error(
                f"Could not find a part of the path '{path}'.",
                "NewItemIOError",
                "WriteError",
                path,
                net_type="System.IO.DirectoryNotFoundException",
            )
            return
        except PermissionError:
            self.error(
                f"Access to the path '{path}' is denied.",
                "NewItemUnauthorizedAccessError",
                "PermissionDenied",
                path,
                net_type="System.UnauthorizedAccessException",
            )
            return
        self.write(FileInfo(path))

    def _link(self, path: str, kind: str) -> None:
        target = to_string(self.arg("Value"))
        if os.path.lexists(path):
            if not self.switch("Force"):
                self.error(
                    f"The file '{path}' already exists.", "NewItemIOError", "ResourceExists", path, net_type=IO_ERROR
                )
                return
            os.remove(path)
        if self.should_process(f"Destination: {path}", "Create Symbolic Link"):
            os.link(self.path(target), path) if kind == "hardlink" else os.symlink(target, path)
            self.write(file_object(path))


@command("Remove-Item")
class RemoveItem(Cmdlet):
    def process(self) -> None:
        for place in list(places(self)):
            if place.is_file:
                self._file(place.path)
            elif self.should_process(f"Item: {place.path}", "Remove Item"):
                flat(place.drive).remove(self, place.path)

    def _file(self, path: str) -> None:
        if os.path.isdir(path) and not os.path.islink(path):
            self._directory(path)
            return
        if not os.path.lexists(path) or not self.should_process(path, "Remove File"):
            return
        if not os.path.islink(path) and not os.stat(path).st_mode & 0o222 and not self.switch("Force"):
            self._denied(path)
            return
        try:
            os.remove(path)
        except OSError as problem:
            self._failed(path, problem)

    def _directory(self, path: str) -> None:
        if os.listdir(path) and not self.switch("Recurse"):
            query = (
                f"The item at {path} has children and the Recurse parameter was not specified. If you continue, "
                "all children will "
                "be removed with the item. Are you sure you want to continue?"
            )
            if not self.should_continue(query, "Confirm"):
                return
        if self.should_process(path, "Remove Directory"):
            try:
                shutil.rmtree(path)
            except OSError as problem:
                self._failed(path, problem)

    def _denied(self, path: str) -> None:
        self.error(
            "You do not have sufficient access rights to perform this operation or the item is hidden, system, or "
            "read only.",
            "RemoveFileSystemItemUnAuthorizedAccess",
            "PermissionDenied",
            file_object(path),
            net_type=IO_ERROR,
        )

    def _failed(self, path: str, problem: OSError) -> None:
        if isinstance(problem, PermissionError):
            self._denied(path)
        else:
            message = f"Cannot remove item {path}: {problem.strerror}"
            self.error(message, "RemoveFileSystemItemIOError", "WriteError", file_object(path), net_type=IO_ERROR)


@command("Rename-Item")
class RenameItem(Cmdlet):
    def process(self) -> None:
        literal = self.arg("LiteralPath")
        text = to_string(literal if literal is not None else self.arg("Path"))
        place = locate(self, text if literal is not None else unescape(text))
        new = to_string(self.arg("NewName"))
        if not exists(self, place):
            self.error(
                f"Cannot rename because item at '{text}' does not exist.",
                "InvalidOperation",
                "InvalidOperation",
                net_type=INVALID,
            )
        elif not place.is_file:
            provider = flat(place.drive)
            content = provider.content(self, place.path)
            provider.remove(self, place.path)
            provider.set(self, new, content)
        else:
            self._file(place.path, new)

    def _file(self, path: str, new: str) -> None:
        if "/" in new.rstrip("/") and os.path.dirname(self.path(new)) != os.path.dirname(path):
            raise self.terminate(
                "Cannot rename the specified target, because it represents a path or device name.",
                "Argument",
                "InvalidArgument",
                new,
                net_type="System.Management.Automation.PSArgumentException",
            )
        target = os.path.join(os.path.dirname(path), os.path.basename(new.rstrip("/")))
        if os.path.lexists(target) and not self.switch("Force"):
            self.error(
                "Cannot create a file when that file already exists.",
                "RenameItemIOError",
                "WriteError",
                path,
                net_type=IO_ERROR,
            )
            return
        kind = "Rename Directory" if os.path.isdir(path) else "Rename File"
        if self.should_process(f"Item: {path} Destination: {target}", kind):
            os.rename(path, target)
            if self.switch("PassThru"):
                self.write(file_object(target))


@command("Copy-Item")
class CopyItem(Cmdlet):
    def begin(self) -> None:
        for name in ("ToSession", "FromSession"):
            if self.has(name):
                raise self.terminate(
                    f"Copy-Item -{name} is not supported by the built-in engine; PowerShell itself (pwsh) runs it.",
                    "NotSupported",
                    "NotImplemented",
                    net_type="System.NotSupportedException",
                )

    def process(self) -> None:
        destination = self.path(to_string(self.arg("Destination") or "."))
        texts, literal = named(self)
        for text in texts:
            for place in expand(self, text, literal, self.switch("Force")):
                if self._takes(os.path.basename(place.path)) or os.path.isdir(place.path):
                    self._copy(place.path, destination)

    def _takes(self, name: str) -> bool:
        return chosen(self, name)

    def _copy(self, source: str, destination: str) -> None:
        target = os.path.join(destination, os.path.basename(source)) if os.path.isdir(destination) else destination
        if os.path.isdir(source):
            self._directory(source, target)
        elif self._takes(os.path.basename(source)):
            self._file(source, target)

    def _directory(self, source: str, target: str) -> None:
        if as_list(self.arg("Filter")) and not self.switch("Recurse"):
            return
        if not self.should_process(f"Item: {source} Destination: {target}", "Copy Directory"):
            return
        os.makedirs(target, exist_ok=True)
        if self.switch("PassThru"):
            self.write(file_object(target))
        if self.switch("Recurse"):
            for entry in sorted(os.scandir(source), key=lambda entry: entry.name):
                inner = os.path.join(target, entry.name)
                if entry.is_dir():
                    self._directory(entry.path, inner)
                elif self._takes(entry.name):
                    self._file(entry.path, inner)

    def _file(self, source: str, target: str) -> None:
        if os.path.abspath(source) == os.path.abspath(target):
            self.error(
                f"Cannot overwrite the item {source} with itself.", "CopyError", "WriteError", source, net_type=IO_ERROR
            )
            return
        if not self.should_process(f"Item: {source} Destination: {target}", "Copy File"):
            return
        try:
            shutil.copy2(source, target)
        except FileNotFoundError:
            message = f"Could not find a part of the path '{target}'."
            kind = "System.IO.DirectoryNotFoundException"
            self.error(message, "CopyFileInfoItemIOError", "WriteError", FileInfo(source), net_type=kind)
            return
        except OSError:
            message = f"Access to the path '{target}' is denied."
            self.error(
                message,
                "CopyFileInfoItemUnauthorizedAccessError",
                "PermissionDenied",
                FileInfo(source),
                net_type="System.UnauthorizedAccessException",
            )
            return
        if self.switch("PassThru"):
            self.write(FileInfo(target))


@command("Move-Item")
class MoveItem(Cmdlet):
    def process(self) -> None:
        destination = self.path(to_string(self.arg("Destination") or "."))
        for place in list(places(self)):
            source = place.path
            target = os.path.join(destination, os.path.basename(source)) if os.path.isdir(destination) else destination
            kind = "Directory" if os.path.isdir(source) else "File"
            if os.path.lexists(target) and not self.switch("Force"):
                self.error(
                    "Cannot create a file when that file already exists.",
                    f"Move{kind}InfoItemIOError",
                    "WriteError",
                    file_object(source),
                    net_type=IO_ERROR,
                )
                continue
            if self.should_process(f"Item: {source} Destination: {target}", f"Move {kind}"):
                self._move(source, target, kind)

    def _move(self, source: str, target: str, kind: str) -> None:
        try:
            if os.path.isfile(target):
                os.remove(target)
            shutil.move(source, target)
        except OSError:
            self.error(
                f"Could not find a part of the path '{target}'.",
                f"Move{kind}InfoItemIOError",
                "WriteError",
                file_object(source),
                net_type="System.IO.DirectoryNotFoundException",
            )
            return
        if self.switch("PassThru"):
            self.write(file_object(target))


@command("Set-Item")
class SetItem(Cmdlet):
    def process(self) -> None:
        texts, _ = named(self)
        for text in texts:
            place = locate(self, text)
            if place.is_file:
                raise self.terminate(
                    "Provider operation stopped because the provider does not support this operation.",
                    "NotSupported",
                    "NotImplemented",
                    net_type="System.Management.Automation.PSNotSupportedException",
                )
            if self.should_process(f"Item: {place.path} Value: {to_string(self.arg('Value'))}", "Set Item"):
                flat(place.drive).set(self, place.path, unwrap(self.arg("Value")))
                if self.switch("PassThru"):
                    self.write(flat(place.drive).get(self, place.path))


@command("Clear-Item")
class ClearItem(Cmdlet):
    def process(self) -> None:
        for place in places(self):
            if not place.is_file and self.should_process(f"Item: {place.path}", "Clear Item"):
                flat(place.drive).set(self, place.path, None)


@command("Invoke-Item")
class InvokeItem(Cmdlet):
    def process(self) -> None:
        for place in places(self):
            raise self.terminate(
                f"Opening {place.path} with its program is not supported by the built-in engine; pwsh runs it.",
                "NotSupported",
                "NotImplemented",
                net_type="System.NotSupportedException",
            )


# -- properties of items


@command("Get-ItemProperty")
class GetItemProperty(Cmdlet):
    def process(self) -> None:
        for place in places(self):
            found = item(self, place)
            names = [to_string(name) for name in as_list(self.arg("Name"))]
            if not names:
                self.write(found)
                continue
            bag = {}
            for name in names:
                if has_property(found, name):
                    bag[name] = get_property(found, name)
                else:
                    missing_property(self, name)
            self.write(PSObject({**bag, **notes(found)}))


def notes(found: Any) -> dict[str, Any]:
    return dict(found._provider_notes()) if isinstance(found, FileSystemInfo) else {}


def missing_property(cmdlet: Cmdlet, name: str) -> None:
    cmdlet.error(
        f"Property {name} does not exist.",
        "System.Management.Automation.PSArgumentException",
        "InvalidArgument",
        name,
        net_type="System.Management.Automation.PSArgumentException",
    )


@command("Get-ItemPropertyValue")
class GetItemPropertyValue(Cmdlet):
    def process(self) -> None:
        for place in places(self):
            found = item(self, place)
            for name in as_list(self.arg("Name")):
                if has_property(found, to_string(name)):
                    self.write(get_property(found, to_string(name)))
                else:
                    missing_property(self, to_string(name))


@command("Set-ItemProperty")
class SetItemProperty(Cmdlet):
    def process(self) -> None:
        for place in places(self):
            found = item(self, place)
            for name, value in self._pairs():
                if self.should_process(f"Item: {place.shown} Property: {name}", "Set Property"):
                    set_property(found, name, value)
            if self.switch("PassThru"):
                self.write(found)

    def _pairs(self) -> Iterable[tuple[str, Any]]:
        if self.has("Name"):
            return [(to_string(self.arg("Name")), self.arg("Value"))]
        given = unwrap(self.arg("InputObject"))
        if isinstance(given, Hashtable):
            return [(to_string(key), value) for key, value in given.items()]
        return list(given.ps_properties())


class UnsupportedProperty(Cmdlet):
    def process(self) -> None:
        raise self.terminate(
            "Provider operation stopped because the provider does not support this operation.",
            "NotSupported",
            "NotImplemented",
            net_type="System.Management.Automation.PSNotSupportedException",
        )


@command("Remove-ItemProperty")
class RemoveItemProperty(UnsupportedProperty):
    pass


@command("New-ItemProperty")
class NewItemProperty(UnsupportedProperty):
    pass


@command("New-TemporaryFile")
class NewTemporaryFile(Cmdlet):
    def end(self) -> None:
        if self.should_process(tempfile.gettempdir(), "New-TemporaryFile"):
            handle, path = tempfile.mkstemp(prefix="tmp", suffix=".tmp")
            os.close(handle)
            self.write(FileInfo(path))
