"""Drives and what is on them: files, environment variables, variables, functions, aliases.

A path is ``drive:inner`` or one relative to the location. ``Place`` says which provider it means and how the
provider calls it; the cmdlets of items, content and paths work on places.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ...psobject import Int64, PSObject
from ..records import NetException, ScriptError
from ..runtime.drives import environment
from ..runtime.scopes import Variable
from ..runtime.scriptblock import ScriptBlock
from ..values.collation import sort_key
from ..values.utf16 import units
from ..values.value import to_string
from ..values.wildcards import has_wildcard, unescape, wildcard_regex
from .automatic_variables import automatic_variable, automatic_variables
from .fileinfo import FileSystemInfo, ProviderInfo, file_object, listed

if TYPE_CHECKING:
    from ..runtime.cmdlet import Cmdlet

NOT_FOUND = "System.Management.Automation.ItemNotFoundException"
CORE = "Microsoft.PowerShell.Core\\"
DRIVE_DESCRIPTIONS = {
    "Variable": "Drive that contains a view of those variables stored in a session state",
    "Env": "Drive that contains a view of the environment variables for the process",
    "Function": "Drive that contains a view of the functions stored in a session state",
    "Alias": "Drive that contains a view of the aliases stored in a session state",
}
FLAT_DRIVES = {"env": "Env", "variable": "Variable", "function": "Function", "alias": "Alias"}
FLAT_PROVIDERS = {"Env": "Environment", "Variable": "Variable", "Function": "Function", "Alias": "Alias"}


class DriveInfo:
    """PSDriveInfo."""

    def __init__(self, name: str, provider: str, root: str, location: str = "") -> None:
        self.name, self.provider, self.root, self.current = name, provider, root, location

    def ps_type_names(self) -> list[str]:
        return ["System.Management.Automation.PSDriveInfo", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "CurrentLocation", self.current
        yield "Name", self.name
        yield "Provider", ProviderInfo(self.provider)
        yield "Root", self.root
        yield "Description", DRIVE_DESCRIPTIONS.get(self.name, "")
        yield "MaximumSize", None
        yield "Credential", EmptyCredential()
        yield "DisplayRoot", None
        yield "VolumeSeparatedByColon", self.provider != "FileSystem"

    def ps_extended(self) -> Iterable[tuple[str, Any]]:
        # both are the one object that stands for no output: a string of no type of its own, the second a reference
        used: Any = PSObject(base="", type_names=[])
        free: Any = used
        if self.provider == "FileSystem" and os.path.isdir(self.root) and hasattr(os, "statvfs"):
            status = os.statvfs(self.root)
            free = Int64(status.f_bavail * status.f_frsize)
            used = Int64((status.f_blocks - status.f_bfree) * status.f_frsize)
        yield "Used", used
        yield "Free", free

    def ps_get(self, name: str) -> Any:
        return listed(self, name)

    def ps_to_string(self) -> str:
        return self.name


class EmptyCredential:
    """PSCredential.Empty."""

    def ps_type_names(self) -> list[str]:
        return ["System.Management.Automation.PSCredential", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        return (("UserName", None), ("Password", None))

    def ps_to_string(self) -> str:
        return "System.Management.Automation.PSCredential"


@dataclass(frozen=True, slots=True)
class Place:
    """A path with its provider: ``drive`` is "" for files, else Env, Variable, Function or Alias."""

    drive: str
    path: str  # file paths: absolute, in the machine's own spelling; flat drives: the item's name

    @property
    def is_file(self) -> bool:
        return self.drive not in FLAT_PROVIDERS

    @property
    def shown(self) -> str:
        """As error messages show it."""
        return self.path if self.is_file else f"{self.drive}:/{self.path}"


def user_drives(cmdlet: Cmdlet) -> dict[str, DriveInfo]:
    found: dict[str, DriveInfo] = cmdlet.runspace.store.setdefault("drives", {})
    return found


def split_drive(text: str) -> tuple[str, str]:
    """("Env", "PATH") of env:PATH; ("", text) without a drive."""
    if "::" in text:
        provider, _, rest = text.partition("::")
        name = provider.rpartition("\\")[2].lower()
        drive = {"environment": "Env", "variable": "Variable", "function": "Function", "alias": "Alias"}.get(name, "")
        return drive, rest
    head, colon, rest = text.partition(":")
    if colon and head and not any(char in head for char in "/\\*?[`. "):
        return head, rest
    return "", text


def locate(cmdlet: Cmdlet, text: str) -> Place:
    """Which item a path means; raises DriveNotFound."""
    drive, rest = split_drive(text)
    if not drive:
        if "::" in text and not text.startswith(("/", ".")):
            known_provider(cmdlet, text.partition("::")[0])
        return _relative(cmdlet, rest)
    folded = drive.lower()
    if folded in FLAT_DRIVES:
        return Place(FLAT_DRIVES[folded], rest.lstrip("/\\"))
    if folded in ("filesystem", "temp"):
        return Place("", cmdlet.path(text))
    known = user_drives(cmdlet).get(folded)
    if known is not None:
        inner = rest.replace("\\", "/").lstrip("/")
        return Place("", os.path.normpath(os.path.join(known.root, inner)))
    raise drive_missing(cmdlet, drive)


def _relative(cmdlet: Cmdlet, text: str) -> Place:
    here = cmdlet.runspace.location
    drive, rest = split_drive(here)
    if drive and not text.startswith(("/", "~")):
        inner = rest.strip("/")
        joined = "/".join(part for part in (inner, text.replace("\\", "/")) if part and part != ".")
        return locate(cmdlet, f"{drive}:/{joined}")
    return Place("", cmdlet.path(text))


def known_provider(cmdlet: Cmdlet, name: str) -> None:
    if name.rpartition("\\")[2].lower() not in ("filesystem", *map(str.lower, FLAT_PROVIDERS.values())):
        raise cmdlet.terminate(
            f"Cannot find a provider with the name '{name}'.",
            "ProviderNotFound",
            "ObjectNotFound",
            name,
            net_type="System.Management.Automation.ProviderNotFoundException",
        )


def drive_missing(cmdlet: Cmdlet, drive: str) -> ScriptError:
    return cmdlet.terminate(
        f"Cannot find drive. A drive with the name '{drive}' does not exist.",
        "DriveNotFound",
        "ObjectNotFound",
        drive,
        net_type="System.Management.Automation.DriveNotFoundException",
    )


def not_found(cmdlet: Cmdlet, shown: str) -> None:
    cmdlet.error(
        f"Cannot find path '{shown}' because it does not exist.",
        "PathNotFound",
        "ObjectNotFound",
        shown,
        net_type=NOT_FOUND,
    )


def exists(cmdlet: Cmdlet, place: Place) -> bool:
    if place.is_file:
        return os.path.lexists(place.path)
    return not place.path or flat(place.drive).get(cmdlet, place.path) is not None


Leaf = Callable[[str, str], bool]  # whether what the last wildcard of a path matches counts: its path and its name


def expand(
    cmdlet: Cmdlet,
    text: str,
    literal: bool = False,
    force: bool = False,
    quiet: bool = False,
    leaf: Leaf | None = None,
) -> list[Place]:
    """The existing places that a path (with wildcards, unless literal) means; a missing one is an error."""
    try:
        if literal or not has_wildcard(text):
            place = locate(cmdlet, text if literal else unescape(text))
            if exists(cmdlet, place):
                return [place]
            if not literal and "`" in text:
                place = locate(cmdlet, text)
            if not quiet:
                not_found(cmdlet, place.shown)
            return []
        return list(_globbed(cmdlet, text, force, leaf))
    except ScriptError as problem:
        if quiet:
            return []
        if problem.stopped_by:
            raise
        cmdlet.runtime.write_error(problem.record)
        return []


def _globbed(cmdlet: Cmdlet, text: str, force: bool, leaf: Leaf | None) -> Iterator[Place]:
    drive, rest = split_drive(text)
    if not drive:
        drive = split_drive(cmdlet.runspace.location)[0] if not text.startswith("/") else ""
    if drive.lower() in FLAT_DRIVES:
        name = FLAT_DRIVES[drive.lower()]
        regex = wildcard_regex(rest.strip("/"))
        for key in flat(name).names(cmdlet):
            if regex.fullmatch(key):
                yield Place(name, key)
        return
    text = text.replace("\\", "/")
    first = next(k for k, part in enumerate(text.split("/")) if has_wildcard(part))
    parts = text.split("/")
    base = "/".join(parts[:first])
    start = locate(cmdlet, unescape(base) if base else ("/" if text.startswith("/") else ".")).path
    for path in glob_below(start, parts[first:], force, leaf):
        yield Place("", path)


def glob_below(start: str, parts: list[str], force: bool, leaf: Leaf | None = None) -> Iterator[str]:
    part, rest = parts[0], parts[1:]
    if not part:
        yield from glob_below(start, rest, force, leaf) if rest else [start]
        return
    if not has_wildcard(part):
        path = os.path.join(start, unescape(part))
        if os.path.lexists(path):
            yield from glob_below(path, rest, force, leaf) if rest else [path]
        return
    regex = wildcard_regex(part)
    try:
        with os.scandir(start) as entries:
            found = [(entry.is_dir(), units(entry.name)) for entry in entries]
    except OSError:
        return
    # as a directory is listed: its directories, then its files
    for is_directory, name in sorted(found, key=lambda entry: (not entry[0], sort_key(entry[1]))):
        if not regex.fullmatch(name) or (name.startswith(".") and not force):
            continue
        path = os.path.join(start, name)
        if not rest:
            if leaf is None or leaf(path, name):
                yield path
        elif is_directory:
            yield from glob_below(path, rest, force, leaf)


def resolve_files(cmdlet: Cmdlet, paths: Iterable[Any], literal: bool = False) -> Iterator[str]:
    """The files that a -Path or -LiteralPath argument names."""
    for text in paths:
        for place in expand(cmdlet, to_string(text), literal):
            yield place.path


def data_files(cmdlet: Cmdlet, paths: Iterable[Any], literal: bool = False) -> Iterator[str]:
    """As ``resolve_files``, for cmdlets that open what they are told: a file that is not there is their own error."""
    for text in map(to_string, paths):
        path = cmdlet.path(text)
        if (literal or not has_wildcard(text)) and not os.path.exists(path):
            raise cmdlet.terminate(
                f"Could not find file '{path}'.",
                "FileOpenFailure",
                "OpenError",
                net_type="System.IO.FileNotFoundException",
            )
        yield from resolve_files(cmdlet, [text], literal)


# -- drives that are one flat list of named things


class FlatProvider(Protocol):
    def names(self, cmdlet: Cmdlet) -> list[str]: ...
    def get(self, cmdlet: Cmdlet, name: str) -> Any: ...
    def content(self, cmdlet: Cmdlet, name: str) -> Any: ...
    def set(self, cmdlet: Cmdlet, name: str, value: Any) -> None: ...
    def remove(self, cmdlet: Cmdlet, name: str) -> None: ...


class EnvironmentVariables:
    def names(self, cmdlet: Cmdlet) -> list[str]:
        return sorted(map(units, os.environ))

    def get(self, cmdlet: Cmdlet, name: str) -> Any:
        found = environment(name)
        return None if found is None else EnvironmentEntry(name, found)

    def content(self, cmdlet: Cmdlet, name: str) -> Any:
        return environment(name)

    def set(self, cmdlet: Cmdlet, name: str, value: Any) -> None:
        text = to_string(value)
        if text:
            os.environ[name] = text
        else:
            os.environ.pop(name, None)

    def remove(self, cmdlet: Cmdlet, name: str) -> None:
        os.environ.pop(name, None)


class EnvironmentEntry:
    """A DictionaryEntry with the provider's note properties."""

    def __init__(self, name: str, value: str) -> None:
        self.name, self.value = name, value

    def ps_type_names(self) -> list[str]:
        return ["System.Collections.DictionaryEntry", "System.ValueType", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "Name", self.name
        yield "Key", self.name
        yield "Value", self.value

    def ps_extended(self) -> Iterable[tuple[str, Any]]:
        yield "PSPath", f"{CORE}Environment::{self.name}"
        yield "PSDrive", DriveInfo("Env", "Environment", "")
        yield "PSProvider", ProviderInfo("Environment")
        yield "PSIsContainer", False

    def ps_get(self, name: str) -> Any:
        return listed(self, name)

    def ps_to_string(self) -> str:
        return "System.Collections.DictionaryEntry"


class Variables:
    def names(self, cmdlet: Cmdlet) -> list[str]:
        seen: dict[str, str] = {}
        for scope in cmdlet.frame.scope.chain():
            for key, variable in scope.vars.items():
                seen.setdefault(key, variable.name)
        for variable in automatic_variables(cmdlet.frame):
            seen.setdefault(variable.name.lower(), variable.name)
        return sorted(seen.values(), key=sort_key)

    def get(self, cmdlet: Cmdlet, name: str) -> Any:
        key = name.lower()
        return cmdlet.frame.scope.find(key) or automatic_variable(cmdlet.frame, key)

    def content(self, cmdlet: Cmdlet, name: str) -> Any:
        found = self.get(cmdlet, name)
        return None if found is None else found.value

    def set(self, cmdlet: Cmdlet, name: str, value: Any) -> None:
        cmdlet.frame.scope.set(name.lower(), name, value)

    def remove(self, cmdlet: Cmdlet, name: str) -> None:
        for scope in cmdlet.frame.scope.chain():
            if scope.vars.pop(name.lower(), None) is not None:
                return


class Functions:
    def names(self, cmdlet: Cmdlet) -> list[str]:
        seen: dict[str, str] = {}
        for scope in cmdlet.frame.scope.chain():
            for key, info in (scope.functions or {}).items():
                seen.setdefault(key, info.name)
        return sorted(seen.values(), key=str.lower)

    def get(self, cmdlet: Cmdlet, name: str) -> Any:
        return cmdlet.frame.scope.find_function(name.lower())

    def content(self, cmdlet: Cmdlet, name: str) -> Any:
        found = self.get(cmdlet, name)
        return None if found is None else found.implementation

    def set(self, cmdlet: Cmdlet, name: str, value: Any) -> None:
        from ..binding.parameters import CommandInfo

        block = value if isinstance(value, ScriptBlock) else ScriptBlock.parse(to_string(value))
        info = CommandInfo("Filter" if block.is_filter else "Function", name, block, definition=block.text)
        cmdlet.frame.scope.set_function(name.lower(), info)
        cmdlet.runspace.command_cache.clear()

    def remove(self, cmdlet: Cmdlet, name: str) -> None:
        for scope in cmdlet.frame.scope.chain():
            if scope.functions is not None and scope.functions.pop(name.lower(), None) is not None:
                break
        cmdlet.runspace.command_cache.clear()


class Aliases:
    def names(self, cmdlet: Cmdlet) -> list[str]:
        from .aliases import all_aliases

        return sorted((info.name for info in all_aliases(cmdlet)), key=str.lower)

    def get(self, cmdlet: Cmdlet, name: str) -> Any:
        from .aliases import alias_info

        return alias_info(cmdlet, name)

    def content(self, cmdlet: Cmdlet, name: str) -> Any:
        found = self.get(cmdlet, name)
        return None if found is None else found.definition

    def set(self, cmdlet: Cmdlet, name: str, value: Any) -> None:
        from .aliases import set_alias

        set_alias(cmdlet, name, to_string(value))

    def remove(self, cmdlet: Cmdlet, name: str) -> None:
        from .aliases import remove_alias

        remove_alias(cmdlet, name)


_FLAT: dict[str, FlatProvider] = {
    "Env": EnvironmentVariables(),
    "Variable": Variables(),
    "Function": Functions(),
    "Alias": Aliases(),
}


def flat(drive: str) -> FlatProvider:
    return _FLAT[drive]


def item(cmdlet: Cmdlet, place: Place) -> Any:
    """The object of an existing place."""
    return file_object(place.path) if place.is_file else flat(place.drive).get(cmdlet, place.path)


__all__ = ["DriveInfo", "FileSystemInfo", "NetException", "Place", "Variable", "expand", "item", "locate"]
