"""Paths as text, and the session's location: Join-, Split-, Resolve-, Convert-Path, *-Location, drives."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from ..runtime.cmdlet import Cmdlet, command
from ..values.value import as_list, to_string
from ..values.wildcards import has_wildcard, wildcard_match
from .providers import (
    FLAT_DRIVES,
    FLAT_PROVIDERS,
    DriveInfo,
    Place,
    drive_missing,
    expand,
    known_provider,
    locate,
    not_found,
    split_drive,
    user_drives,
)

DEFAULT_STACK = "default"


class PathInfo:
    """What Get-Location and Resolve-Path give."""

    def __init__(self, path: str, drive: str, provider: str, inner: str) -> None:
        self.path, self.drive, self.provider, self.inner = path, drive, provider, inner

    def ps_type_names(self) -> list[str]:
        return ["System.Management.Automation.PathInfo", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        from .fileinfo import ProviderInfo

        yield "Drive", DriveInfo(self.drive, self.provider, "/" if self.provider == "FileSystem" else "", self.inner)
        yield "Provider", ProviderInfo(self.provider)
        yield "ProviderPath", self.inner
        yield "Path", self.path

    def ps_to_string(self) -> str:
        return self.path


def path_info(place: Place) -> PathInfo:
    if place.is_file:
        return PathInfo(place.path, "/", "FileSystem", place.path)
    return PathInfo(place.shown, place.drive, FLAT_PROVIDERS[place.drive], place.path)


def clean(text: str) -> str:
    return text.replace("\\", "/")


@command("Join-Path")
class JoinPath(Cmdlet):
    def process(self) -> None:
        children = [to_string(child) for child in as_list(self.arg("ChildPath"))]
        children += [to_string(child) for child in as_list(self.arg("AdditionalChildPath"))]
        for base in as_list(self.arg("Path")):
            joined = clean(to_string(base))
            drive, _ = split_drive(joined)
            if (
                drive
                and drive.lower() not in (*FLAT_DRIVES, "filesystem", "temp")
                and drive.lower() not in user_drives(self)
            ):
                self.runtime.write_error(drive_missing(self, drive).record)
                continue
            for child in children:
                joined = joined.rstrip("/") + "/" + clean(child).lstrip("/") if joined else clean(child)
            if self.switch("Resolve"):
                self.write_all(place.shown for place in expand(self, joined))
            else:
                self.write(joined)


@command("Split-Path")
class SplitPath(Cmdlet):
    def process(self) -> None:
        literal = self.arg("LiteralPath")
        for value in as_list(literal if literal is not None else self.arg("Path")):
            text = to_string(value)
            texts = (
                [place.shown for place in expand(self, text, literal is not None)] if self.switch("Resolve") else [text]
            )
            for one in texts:
                self._split(one)

    def _split(self, text: str) -> None:
        text = clean(text)
        drive, rest = split_drive(text)
        if self.switch("Qualifier"):
            if not drive:
                self.error(
                    f"Cannot parse path because path '{text}' does not have a qualifier specified.",
                    "ParsePathFormatError",
                    "InvalidArgument",
                    text,
                    net_type="System.FormatException",
                )
                return
            self.write(f"{drive}:")
        elif self.switch("NoQualifier"):
            self.write(rest)
        elif self.switch("IsAbsolute"):
            self.write(text.startswith("/") or bool(drive))
        elif self.switch("Leaf"):
            self.write(leaf(text))
        elif self.switch("LeafBase"):
            self.write(os.path.splitext(leaf(text))[0])
        elif self.switch("Extension"):
            self.write(os.path.splitext(leaf(text))[1])
        else:
            self._parent(text)

    def _parent(self, text: str) -> None:
        if text.rstrip("/") == "":
            raise self.terminate(
                'Cannot process argument because the value of argument "path" is not valid. Change the value of '
                'the "path" '
                "argument and run the operation again.",
                "Argument",
                "InvalidArgument",
                text,
                net_type="System.Management.Automation.PSArgumentException",
            )
        trimmed = text.rstrip("/")
        head, slash, _ = trimmed.rpartition("/")
        self.write(head or ("/" if slash else ""))


def leaf(text: str) -> str:
    return text.rstrip("/").rpartition("/")[2] or text


def named(cmdlet: Cmdlet) -> tuple[list[str], bool]:
    literal = cmdlet.arg("LiteralPath")
    return [
        to_string(text) for text in as_list(literal if literal is not None else cmdlet.arg("Path"))
    ], literal is not None


@command("Resolve-Path")
class ResolvePath(Cmdlet):
    def process(self) -> None:
        texts, literal = named(self)
        for text in texts:
            for place in expand(self, text, literal, self.switch("Force")):
                if self.switch("Relative"):
                    self.write(self._relative(place))
                else:
                    self.write(path_info(place))

    def _relative(self, place: Place) -> str:
        base = self.arg("RelativeBasePath")
        start = self.path(base) if base is not None else self.runspace.location
        found = os.path.relpath(place.path, start)
        return found if found.startswith("..") else f"./{found}"


@command("Convert-Path")
class ConvertPath(Cmdlet):
    def process(self) -> None:
        texts, literal = named(self)
        for text in texts:
            self.write_all(place.path for place in expand(self, text, literal))


def location_info(cmdlet: Cmdlet) -> PathInfo:
    drive, rest = split_drive(cmdlet.runspace.location)
    if not drive:
        return PathInfo(cmdlet.runspace.location, "/", "FileSystem", cmdlet.runspace.location)
    name = FLAT_DRIVES.get(drive.lower())
    if name is not None:
        return PathInfo(f"{name}:/{rest.lstrip('/')}", name, FLAT_PROVIDERS[name], rest.lstrip("/"))
    return PathInfo(cmdlet.runspace.location, drive, "FileSystem", locate(cmdlet, cmdlet.runspace.location).path)


class LocationStack:
    """PathInfoStack: what Get-Location -Stack gives."""

    ps_container = "STK"

    def __init__(self, name: str, paths: list[PathInfo]) -> None:
        self.name, self.paths = name, paths

    def ps_type_names(self) -> list[str]:
        return ["System.Management.Automation.PathInfoStack", "System.Object"]

    def ps_items(self) -> Iterable[Any]:
        return iter(self.paths)

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        return (("Name", self.name), ("Count", len(self.paths)))

    def ps_to_string(self) -> str:
        return "System.Management.Automation.PathInfoStack"


@command("Get-Location")
class GetLocation(Cmdlet):
    def process(self) -> None:
        if self.switch("Stack") or self.has("StackName"):
            for name in as_list(self.arg("StackName")) or [DEFAULT_STACK]:
                stack = self.runspace.location_stack.get(to_string(name))
                if stack is None and name != DEFAULT_STACK:
                    message = (
                        'Cannot process argument because the value of argument "stackName" is not valid. Change the '
                        'value of the "stackName" argument and run the operation again.'
                    )
                    kind = "System.Management.Automation.PSArgumentException"
                    self.error(message, "Argument", "InvalidArgument", net_type=kind)
                    continue
                self.write(
                    LocationStack(
                        to_string(name), [PathInfo(path, "/", "FileSystem", path) for path in reversed(stack or [])]
                    )
                )
            return
        self.write(location_info(self))


class MovingCommand(Cmdlet):
    """Set-Location and Push-Location."""

    def go(self, text: str, literal: bool) -> bool:
        target = self._target(text, literal)
        if target is None:
            return False
        history = self.runspace.store.setdefault("location_history", [])
        history.append(self.runspace.location)
        self.runspace.set_location(target)
        return True

    def _target(self, text: str, literal: bool) -> str | None:
        drive, _ = split_drive(text)
        place = locate(self, text) if literal or not has_wildcard(text) else None
        if place is None:
            found = [item for item in expand(self, text) if not item.is_file or os.path.isdir(item.path)]
            if len(found) != 1:
                return None
            place = found[0]
        if not place.is_file:
            return f"{place.drive}:/{place.path}"
        if not os.path.isdir(place.path):
            if os.path.exists(place.path):
                self.error(
                    f"Cannot find path '{place.path}' because it does not exist.",
                    "PathNotFound",
                    "ObjectNotFound",
                    place.path,
                    net_type="System.Management.Automation.ItemNotFoundException",
                )
            else:
                not_found(self, place.path)
            return None
        known = user_drives(self).get(drive.lower()) or self._current_drive(text)
        if known is None:
            return place.path
        inner = os.path.relpath(place.path, known.root)
        return f"{known.name}:/" + ("" if inner == "." else inner)

    def _current_drive(self, text: str) -> DriveInfo | None:
        if text.startswith(("/", "~")) or split_drive(text)[0]:
            return None
        return user_drives(self).get(split_drive(self.runspace.location)[0].lower())


@command("Set-Location")
class SetLocation(MovingCommand):
    def process(self) -> None:
        if self.set_name == "Stack":
            return
        literal = self.arg("LiteralPath")
        text = to_string(literal if literal is not None else self.arg("Path", "~") or "~")
        if text in ("-", "+") and literal is None:
            self._history(text)
        elif not self.go(text, literal is not None):
            return
        if self.switch("PassThru"):
            self.write(location_info(self))

    def _history(self, mark: str) -> None:
        back = self.runspace.store.setdefault("location_history", [])
        forward = self.runspace.store.setdefault("location_forward", [])
        source, target = (back, forward) if mark == "-" else (forward, back)
        if not source:
            word = "backwards" if mark == "-" else "forwards"
            raise self.terminate(
                f"There is no location history left to navigate {word}.",
                "InvalidOperation",
                "InvalidOperation",
                net_type="System.InvalidOperationException",
            )
        target.append(self.runspace.location)
        self.runspace.set_location(source.pop())


@command("Push-Location")
class PushLocation(MovingCommand):
    def process(self) -> None:
        name = self.arg("StackName") or DEFAULT_STACK
        here = self.runspace.location
        literal = self.arg("LiteralPath")
        given = literal if literal is not None else self.arg("Path")
        if given is not None and not self.go(to_string(given), literal is not None):
            return
        self.runspace.location_stack.setdefault(name, []).append(here)
        if self.switch("PassThru"):
            self.write(location_info(self))


@command("Pop-Location")
class PopLocation(Cmdlet):
    def process(self) -> None:
        name = self.arg("StackName") or DEFAULT_STACK
        stack = self.runspace.location_stack.get(name)
        if stack is None and name != DEFAULT_STACK:
            message = f"Cannot find location stack '{name}'. It does not exist or it is not a container."
            kind = "System.Management.Automation.PSArgumentException"
            self.error(message, "Argument", "InvalidArgument", net_type=kind)
            return
        if stack:
            self.runspace.set_location(stack.pop())
        if self.switch("PassThru"):
            self.write(location_info(self))


@command("Get-PSDrive")
class GetPSDrive(Cmdlet):
    def process(self) -> None:
        import tempfile

        here = self.runspace.location
        drives = [
            DriveInfo("/", "FileSystem", "/", here.lstrip("/")),
            DriveInfo("Temp", "FileSystem", tempfile.gettempdir() + "/"),
        ]
        drives += [DriveInfo(name, provider, "") for name, provider in FLAT_PROVIDERS.items()]
        drives += user_drives(self).values()
        providers = [to_string(name).lower() for name in as_list(self.arg("PSProvider"))]
        for pattern in as_list(self.arg("Name")) or as_list(self.arg("LiteralName")) or ["*"]:
            found = [drive for drive in drives if wildcard_match(to_string(pattern), drive.name)]
            found = [drive for drive in found if not providers or drive.provider.lower() in providers]
            if not found and not has_wildcard(to_string(pattern)):
                self.error(
                    f"Cannot find drive. A drive with the name '{pattern}' does not exist.",
                    "GetLocationNoMatchingDrive",
                    "ObjectNotFound",
                    pattern,
                    net_type="System.Management.Automation.DriveNotFoundException",
                )
            self.write_all(sorted(found, key=lambda drive: drive.name.lower()))


@command("New-PSDrive")
class NewPSDrive(Cmdlet):
    def process(self) -> None:
        name, root = self.arg("Name"), self.path(self.arg("Root"))
        known_provider(self, to_string(self.arg("PSProvider")))
        if any(char in name for char in ";~/\\.:"):
            message = (
                "Cannot process the drive name because the drive name contains one or more of the following characters "
                "that are not valid: ; ~ / \\ . :"
            )
            kind = "System.Management.Automation.PSArgumentException"
            raise self.terminate(message, "Argument", "InvalidArgument", net_type=kind)
        if name.lower() in user_drives(self):
            self.error(
                f"A drive with the name '{name}' already exists.",
                "DriveAlreadyExists",
                "ResourceExists",
                name,
                net_type="System.Management.Automation.SessionStateException",
            )
        elif not os.path.isdir(root):
            self.error(
                f'The specified drive root "{root}" either does not exist, or it is not a folder.',
                "DriveRootError",
                "ReadError",
                name,
                net_type="System.IO.IOException",
            )
        elif self.should_process(f"Name: {name} Provider: {self.arg('PSProvider')} Root: {root}", "New drive"):
            drive = user_drives(self)[name.lower()] = DriveInfo(name, "FileSystem", root)
            self.write(drive)


@command("Remove-PSDrive")
class RemovePSDrive(Cmdlet):
    def process(self) -> None:
        for name in self.arg("Name"):
            if name.lower() in user_drives(self) and not self.switch("Force") and self._is_in_use(name):
                message = f"Cannot remove drive '{name}' because it is in use."
                kind = "System.Management.Automation.PSInvalidOperationException"
                self.error(message, "InvalidOperation", "InvalidOperation", net_type=kind)
            elif user_drives(self).pop(name.lower(), None) is None:
                self.runtime.write_error(drive_missing(self, name).record)

    def _is_in_use(self, name: str) -> bool:
        return split_drive(self.runspace.location)[0].lower() == name.lower()
