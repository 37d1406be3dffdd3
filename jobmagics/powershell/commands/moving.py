"""Rename-Item, Copy-Item and Move-Item."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

from ..runtime.cmdlet import Cmdlet, command
from ..values.value import as_list, to_string
from ..values.wildcards import has_wildcard, unescape
from .content import chosen
from .fileinfo import FileInfo, file_object
from .items import INVALID, IO_ERROR, in_use, named, not_while_in_use, places
from .providers import Place, exists, expand, flat, locate

NO_PATH = "System.IO.DirectoryNotFoundException"
BAD_ARGUMENT = "System.Management.Automation.PSArgumentException"


def inside(path: str, directory: str) -> bool:
    """Whether a path is a directory or below it."""
    return path == directory or path.startswith(directory.rstrip("/") + "/")


def same_file(left: str, right: str) -> bool:
    return os.path.lexists(left) and os.path.lexists(right) and os.path.samefile(left, right)


def taken(source: str, target: str) -> str:
    """What .NET says of a target that is there already."""
    if os.path.isdir(source):
        return f"Cannot create '{target}' because a file or directory with the same name already exists."
    return f"The file '{target}' already exists."


def no_operation(cmdlet: Cmdlet) -> Exception:
    message = "The NavigationCmdletProvider methods are not supported by this provider."
    kind = "System.Management.Automation.PSNotSupportedException"
    return cmdlet.terminate(message, "NotSupported", "NotImplemented", net_type=kind)


@command("Rename-Item")
class RenameItem(Cmdlet):
    def process(self) -> None:
        literal = self.arg("LiteralPath")
        text = to_string(literal if literal is not None else self.arg("Path"))
        place = self._place(text, literal is not None)
        if place is None:
            return
        new = to_string(self.arg("NewName"))
        if not exists(self, place):
            message = f"Cannot rename because item at '{text}' does not exist."
            self.error(message, "InvalidOperation", "InvalidOperation", net_type=INVALID)
        elif not place.is_file:
            self._flat(place, new)
        elif in_use(self, place.path):
            not_while_in_use(self, f"Cannot rename the item at '{text}' because it is in use.")
        else:
            self._file(place.path, new)

    def _place(self, text: str, literal: bool) -> Place | None:
        if literal:
            return locate(self, text)
        found = expand(self, text, force=self.switch("Force"))
        if len(found) == 1:
            return found[0]
        return locate(self, unescape(text)) if has_wildcard(text) else None

    def _flat(self, place: Place, new: str) -> None:
        if not self.should_process(f"Item: {place.path} NewName: {new}", "Rename Item"):
            return
        provider = flat(place.drive)
        content = provider.content(self, place.path)
        provider.remove(self, place.path)
        provider.set(self, new, content)
        if self.switch("PassThru"):
            self.write(provider.get(self, new))

    def _file(self, path: str, new: str) -> None:
        directory = os.path.dirname(path)
        name = new[2:] if new.startswith("./") else new
        if os.path.dirname(name) == directory:
            name = os.path.basename(name)
        if "/" in name:
            message = "Cannot rename the specified target, because it represents a path or device name."
            raise self.terminate(message, "Argument", "InvalidArgument", net_type=BAD_ARGUMENT)
        target = os.path.join(directory, name)
        kind = "Rename Directory" if os.path.isdir(path) else "Rename File"
        if not self.should_process(f"Item: {path} Destination: {target}", kind):
            return
        if os.path.lexists(target) and not (same_file(path, target) and not os.path.isdir(path)):
            self.error(taken(path, target), "RenameItemIOError", "WriteError", path, net_type=IO_ERROR)
            return
        try:
            os.rename(path, target)
        except OSError:
            message, denied = f"Access to the path '{path}' is denied.", "System.UnauthorizedAccessException"
            self.error(message, "RenameItemUnauthorizedAccessError", "PermissionDenied", path, net_type=denied)
            return
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
        destination = locate(self, to_string(self.arg("Destination") or "."))
        texts, literal = named(self)
        for text in texts:
            for place in expand(self, text, literal, self.switch("Force")):
                if not place.is_file:
                    self._flat(place, destination)
                elif chosen(self, os.path.basename(place.path)) or os.path.isdir(place.path):
                    self._copy(place.path, destination.path)

    def _flat(self, place: Place, destination: Place) -> None:
        if destination.drive != place.drive:
            message = "Source and destination path did not resolve to the same provider."
            raise self.terminate(message, "Argument", "InvalidArgument", net_type=BAD_ARGUMENT)
        name = destination.path or place.path
        if self.should_process(f"Item: {place.path} Destination: {name}", "Copy Item"):
            provider = flat(place.drive)
            provider.set(self, name, provider.content(self, place.path))
            if self.switch("PassThru"):
                self.write(provider.get(self, name))

    def _copy(self, source: str, destination: str) -> None:
        if same_file(source, destination):
            self._onto_itself(source)
        elif not os.path.isdir(source):
            self._file(source, destination)
        elif self.has("Container") and not self.switch("Container"):
            self._flattened(source, destination)
        elif os.path.exists(destination) and not os.path.isdir(destination):
            message = "Container cannot be copied onto existing leaf item."
            self.error(message, "CopyContainerItemToLeafError", "InvalidArgument", source, net_type=BAD_ARGUMENT)
        elif not self.has("Filter") or self.switch("Recurse"):
            self._into = self._target(source, destination)
            self._directory(source, destination)

    @staticmethod
    def _target(source: str, destination: str) -> str:
        return os.path.join(destination, os.path.basename(source)) if os.path.isdir(destination) else destination

    def _flattened(self, source: str, destination: str) -> None:
        """-Container:$false: all files below come into the one directory."""
        if not (self.switch("Recurse") and os.path.isdir(destination)):
            message = (
                "Container cannot be copied to another container. The -Recurse or -Container parameter is not "
                "specified."
            )
            fqid = "CopyContainerToContainerWithoutRecurseOrContainer"
            self.error(message, fqid, "InvalidArgument", source, net_type=BAD_ARGUMENT)
            return
        for directory, _, names in os.walk(source):
            for name in sorted(names):
                if chosen(self, name):
                    self._file(os.path.join(directory, name), destination)

    def _directory(self, source: str, destination: str) -> None:
        target = self._target(source, destination)
        if not self.should_process(f"Item: {source} Destination: {target}", "Copy Directory"):
            return
        # a copy may go into its own source: what is copied is not copied again
        with os.scandir(source) as entries:
            found = sorted(
                (entry for entry in entries if entry.path != self._into),
                key=lambda entry: (entry.is_dir(), entry.name),
            )
        self._make(target)
        for entry in found if self.switch("Recurse") else ():
            self.check_stopped()
            if entry.is_dir():
                self._directory(entry.path, target)
            elif chosen(self, entry.name):
                self._file(entry.path, target)

    def _make(self, target: str) -> None:
        if os.path.isdir(target) and not self.switch("Force"):
            message = f"An item with the specified name {target} already exists."
            self.error(message, "DirectoryExist", "ResourceExists", target, net_type=IO_ERROR)
            return
        os.makedirs(target, exist_ok=True)
        if self.switch("PassThru"):
            self.write(file_object(target))

    def _onto_itself(self, path: str) -> None:
        message = f"Cannot overwrite the item {path} with itself."
        self.error(message, "CopyError", "WriteError", path, net_type=IO_ERROR)

    def _file(self, source: str, destination: str) -> None:
        target = self._target(source, destination)
        if same_file(source, target):
            self._onto_itself(target)
            return
        if not self.should_process(f"Item: {source} Destination: {target}", "Copy File"):
            return
        try:
            if self.switch("Force") and os.path.exists(target) and not os.access(target, os.W_OK):
                os.chmod(target, os.stat(target).st_mode | 0o200)
            shutil.copy2(source, target)
        except FileNotFoundError:
            message = f"Could not find a part of the path '{target}'."
            self.error(message, "CopyFileInfoItemIOError", "WriteError", FileInfo(source), net_type=NO_PATH)
            return
        except OSError:
            message, denied = f"Access to the path '{target}' is denied.", "System.UnauthorizedAccessException"
            fqid = "CopyFileInfoItemUnauthorizedAccessError"
            self.error(message, fqid, "PermissionDenied", FileInfo(source), net_type=denied)
            return
        if self.switch("PassThru"):
            self.write(FileInfo(target))


@command("Move-Item")
class MoveItem(Cmdlet):
    def process(self) -> None:
        destination = self.path(to_string(self.arg("Destination") or "."))
        for place in self._sources(destination):
            if not place.is_file:
                raise no_operation(self)
            if in_use(self, place.path):
                not_while_in_use(self, f"Cannot move item because the item at '{place.path}' is in use.")
            else:
                self._move(place.path, destination)

    def _sources(self, destination: str) -> Iterator[Place]:
        found = list(places(self))
        single = self.arg("LiteralPath") is not None or len(as_list(self.arg("Path"))) > 1
        if len(found) > 1 and not single and not os.path.isdir(destination):
            message = (
                "Cannot move the item because the source path points to one or more items and the destination path is "
                "not a container. Validate that the destination path is a container and try again."
            )
            fqid = "MoveItemPathMultipleDestinationNotContainer"
            paths = [place.path for place in found]
            self.error(message, fqid, "InvalidArgument", paths, net_type=BAD_ARGUMENT)
            return
        yield from found

    def _move(self, source: str, destination: str) -> None:
        kind = "Directory" if os.path.isdir(source) else "File"
        if kind == "Directory" and inside(destination, source):
            message = f"Destination path cannot be a subdirectory of the source: {destination}."
            self.error(message, "MoveItemArgumentError", "InvalidArgument", destination, net_type=IO_ERROR)
            return
        target = os.path.join(destination, os.path.basename(source)) if os.path.isdir(destination) else destination
        if self.should_process(f"Item: {source} Destination: {target}", f"Move {kind}"):
            self._moved(source, target, kind)

    def _moved(self, source: str, target: str, kind: str) -> None:
        fqid = "MoveDirectoryItemIOError" if kind == "Directory" else "MoveFileInfoItemIOError"
        if os.path.lexists(target) and (kind == "Directory" or not self.switch("Force")):
            self.error(taken(source, target), fqid, "WriteError", file_object(source), net_type=IO_ERROR)
            return
        try:
            if os.path.isfile(target):
                os.remove(target)
            shutil.move(source, target)
        except OSError:
            message = f"Could not find a part of the path '{target}'."
            self.error(message, fqid, "WriteError", file_object(source), net_type=NO_PATH)
            return
        if self.switch("PassThru"):
            self.write(file_object(target))
