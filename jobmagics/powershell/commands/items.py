"""Items of any drive: getting, listing, testing, making, removing, renaming, copying and moving them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator

from ..records import ErrorRecord, NetException
from ..runtime.cmdlet import Cmdlet, command
from ..values.utf16 import encode
from ..values.value import as_list, to_string, unwrap
from ..values.wildcards import has_wildcard
from .content import chosen
from .fileinfo import HIDDEN, READ_ONLY, FileInfo, FileSystemInfo, file_object
from .providers import Place, expand, flat, item, locate

IO_ERROR = "System.IO.IOException"
INVALID = "System.Management.Automation.PSInvalidOperationException"
PERMISSION = (
    "You do not have sufficient access rights to perform this operation or the item is hidden, system, or read only."
)
ITEM_TYPES = ("directory", "container", "file", "symboliclink", "junction", "hardlink")
LINK_ACTIONS = {
    "symboliclink": "Create Symbolic Link",
    "junction": "Create Junction",
    "hardlink": "Create Hard Link",
}


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
        kind = next((name for name in ITEM_TYPES if name.startswith(kind)), kind)
        if self.switch("Force"):
            os.makedirs(os.path.dirname(path), exist_ok=True)
        if kind in ("directory", "container"):
            self._directory(path)
        elif kind in LINK_ACTIONS:
            self._link(path, kind)
        elif kind == "file":
            self._plain(path)
        else:
            raise self.terminate(
                'The type is not a known type for the file system. Only "file","directory" or "symboliclink" can '
                "be specified.",
                "Argument",
                "InvalidArgument",
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
        if os.path.exists(path) and not self.switch("Force"):
            self.error(f"The file '{path}' already exists.", "NewItemIOError", "WriteError", path, net_type=IO_ERROR)
            return
        if not self.should_process(f"Destination: {path}", "Create File"):
            return
        try:
            with open(path, "wb") as target:
                value = self.arg("Value")
                if value is not None:
                    target.write(encode(to_string(value)))
        except FileNotFoundError:
            self._no_parent(path)
            return
        except (PermissionError, IsADirectoryError):
            self.error(
                f"Access to the path '{path}' is denied.",
                "NewItemUnauthorizedAccessError",
                "PermissionDenied",
                path,
                net_type="System.UnauthorizedAccessException",
            )
            return
        self.write(FileInfo(path))

    def _no_parent(self, path: str) -> None:
        kind = "System.IO.DirectoryNotFoundException"
        self.error(f"Could not find a part of the path '{path}'.", "NewItemIOError", "WriteError", path, net_type=kind)

    def _link(self, path: str, kind: str) -> None:
        target = to_string(self.arg("Value"))
        if not self.should_process(f"Destination: {path}", LINK_ACTIONS[kind]):
            return
        if not target:
            message = (
                'Cannot process argument because the value of argument "value" is null. Change the value of argument '
                '"value" to a non-null value.'
            )
            kind_of_error = "System.Management.Automation.PSArgumentNullException"
            raise self.terminate(message, "ArgumentNull", "InvalidArgument", net_type=kind_of_error)
        if kind == "hardlink" and not self._can_be_linked(target):
            return
        if os.path.lexists(path):
            if not self.switch("Force"):
                message = f"Cannot create link because the path already exists: {path}."
                self.error(message, "SymLinkExists", "ResourceExists", path, net_type=IO_ERROR)
                return
            os.rmdir(path) if os.path.isdir(path) and not os.path.islink(path) else os.remove(path)
        try:
            os.link(self.path(target), path) if kind == "hardlink" else os.symlink(target, path)
        except FileNotFoundError:
            self._no_parent(path)
            return
        self.write(file_object(path))

    def _can_be_linked(self, target: str) -> bool:
        if not os.path.lexists(self.path(target)):
            message = f"Could not find item {target}."
            kind = "System.Management.Automation.ItemNotFoundException"
            self.error(message, "ItemNotFound", "ObjectNotFound", target, net_type=kind)
            return False
        if os.path.isdir(self.path(target)):
            message = f"A file is required for the operation. The item '{target}' is not a file."
            kind = "System.InvalidOperationException"
            self.error(message, "ItemNotFile", "InvalidOperation", target, net_type=kind)
            return False
        return True


@command("Remove-Item")
class RemoveItem(Cmdlet):
    def process(self) -> None:
        for place in list(places(self)):
            if place.is_file:
                self._file(place.path)
            elif self.should_process(f"Item: {place.path}", "Remove Item"):
                flat(place.drive).remove(self, place.path)

    def _file(self, path: str) -> None:
        if in_use(self, path):
            not_while_in_use(self, f"Cannot remove the item at '{path}' because it is in use.")
        elif os.path.isdir(path) and not os.path.islink(path):
            self._root(path)
        elif os.path.lexists(path) and self.should_process(path, "Remove File"):
            self._delete(path)

    def _root(self, path: str) -> None:
        if os.listdir(path) and not self.switch("Recurse"):
            query = (
                f"The item at {path} has children and the Recurse parameter was not specified. If you continue, "
                "all children will "
                "be removed with the item. Are you sure you want to continue?"
            )
            if not self.should_continue(query, "Confirm"):
                return
        if self.should_process(path, "Remove Directory"):
            self._directory(path)

    def _directory(self, path: str) -> None:
        """What is in it first; what cannot be removed keeps its directories."""
        self.check_stopped()
        with os.scandir(path) as entries:
            found = sorted(entries, key=lambda entry: not entry.is_dir(follow_symlinks=False))
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                self._directory(entry.path)
            else:
                self._delete(entry.path)
        if os.listdir(path):
            message = f"Directory {path} cannot be removed because it is not empty."
            self.error(message, "DirectoryNotEmpty", "WriteError", file_object(path), net_type=IO_ERROR)
        else:
            self._delete(path)

    def _delete(self, path: str) -> None:
        found = file_object(path)
        if not self.switch("Force") and found.attributes & (HIDDEN | READ_ONLY) and not os.path.islink(path):
            self._failed(found, PERMISSION, "PermissionDenied", IO_ERROR)
            return
        try:
            os.rmdir(path) if found.is_directory else os.remove(path)
        except PermissionError:
            kind = "System.UnauthorizedAccessException"
            self._failed(found, f"Access to the path '{path}' is denied.", "PermissionDenied", kind)
        except OSError as problem:
            self._failed(found, str(problem.strerror), "WriteError", IO_ERROR)

    def _failed(self, found: FileSystemInfo, reason: str, category: str, kind: str) -> None:
        fqid = "RemoveFileSystemItem" + ("UnAuthorizedAccess" if category == "PermissionDenied" else "IOError")
        details = f"Cannot remove item {found.path}: {reason}"
        record = ErrorRecord(NetException(reason, net_type=kind), fqid, category, found, details=details)
        self.error(record)


def in_use(cmdlet: Cmdlet, path: str) -> bool:
    """Whether the path is the current location or above it."""
    here = cmdlet.runspace.location
    return here == path or here.startswith(path.rstrip("/") + "/")


def not_while_in_use(cmdlet: Cmdlet, message: str) -> None:
    cmdlet.error(message, "InvalidOperation", "InvalidOperation", net_type=INVALID)


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


@command("New-TemporaryFile")
class NewTemporaryFile(Cmdlet):
    def end(self) -> None:
        if self.should_process(tempfile.gettempdir(), "New-TemporaryFile"):
            handle, path = tempfile.mkstemp(prefix="tmp", suffix=".tmp")
            os.close(handle)
            self.write(FileInfo(path))
