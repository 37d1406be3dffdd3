"""FileInfo and DirectoryInfo: what the file system provider gives, with PowerShell's own members."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Iterable
from typing import Any

from ...psobject import TICKS_PER_SECOND, Char, DateTime, Int64, PSObject
from ..dotnet.enums import enum_value
from ..dotnet.zones import EPOCH_TICKS, UTC, to_local, to_utc
from ..values.types import net_type
from ..values.utf16 import units

PROVIDER = "Microsoft.PowerShell.Core\\FileSystem"
READ_ONLY, HIDDEN, DIRECTORY, NORMAL, REPARSE = 1, 2, 16, 128, 1024
TIMES = {"lastwritetime": "m", "lastaccesstime": "a", "creationtime": "b"}


def file_object(path: str) -> FileSystemInfo:
    """The object for a path: a DirectoryInfo where a directory is, else a FileInfo, whether it exists or not."""
    return DirectoryInfo(path) if os.path.isdir(path) else FileInfo(path)


class FileSystemInfo:
    __slots__ = ("_status", "path", "ps_added")
    kind = "System.IO.FileSystemInfo"

    def __init__(self, path: str) -> None:
        self.path = units(path)
        self._status: os.stat_result | None = None

    @property
    def status(self) -> os.stat_result | None:
        if self._status is None:
            try:
                self._status = os.lstat(self.path)
            except OSError:
                return None
        return self._status

    @property
    def exists(self) -> bool:
        return os.path.lexists(self.path)

    @property
    def is_directory(self) -> bool:
        return isinstance(self, DirectoryInfo)

    @property
    def name(self) -> str:
        return os.path.basename(self.path.rstrip("/")) or self.path

    @property
    def extension(self) -> str:
        name = self.name
        return name[name.rindex(".") :] if "." in name and not name.endswith(".") else ""

    @property
    def base_name(self) -> str:
        return self.name if self.is_directory else self.name[: len(self.name) - len(self.extension)] or self.name

    @property
    def attributes(self) -> int:
        status = self.status
        if status is None:
            return -1
        found = DIRECTORY if self.is_directory else 0
        found |= HIDDEN if self.name.startswith(".") else 0
        found |= REPARSE if stat.S_ISLNK(status.st_mode) else 0
        found |= READ_ONLY if not status.st_mode & 0o222 else 0
        return found or NORMAL

    @property
    def parent_path(self) -> str:
        return os.path.dirname(self.path.rstrip("/")) or "/"

    @property
    def is_hard_link(self) -> bool:
        return self.status is not None and stat.S_ISREG(self.status.st_mode) and self.status.st_nlink > 1

    def mode(self, hard_links: bool = True) -> str:
        bits = self.attributes
        flags = (
            ("d" if self.is_directory else "-"),
            "-",
            "r" if bits & READ_ONLY else "-",
            "h" if bits & HIDDEN else "-",
            "-",
        )
        linked = bits & REPARSE or (hard_links and self.is_hard_link)
        return ("l" + "".join(flags)[1:]) if linked else "".join(flags)

    def time(self, which: str) -> DateTime:
        status = self.status
        if status is None:
            return DateTime(1601, 1, 1)
        nanoseconds = {
            "m": status.st_mtime_ns,
            "a": status.st_atime_ns,
            "b": min(status.st_mtime_ns, status.st_ctime_ns),
        }[which]
        return to_local(DateTime.from_ticks(EPOCH_TICKS + nanoseconds // 100, UTC))

    def utc(self, which: str) -> DateTime:
        return to_utc(self.time(which))

    def ps_type_names(self) -> list[str]:
        return [self.kind, "System.IO.FileSystemInfo", "System.MarshalByRefObject", "System.Object"]

    def ps_to_string(self) -> str:
        return self.path

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        raise NotImplementedError

    def ps_extended(self) -> Iterable[tuple[str, Any]]:
        raise NotImplementedError

    def ps_get(self, name: str) -> Any:
        folded = name.lower()
        quick = QUICK.get(folded)
        if quick is not None and (folded != "length" or not self.is_directory):
            return quick(self)
        return listed(self, name)

    def _provider_notes(self) -> Iterable[tuple[str, Any]]:
        yield "PSPath", f"{PROVIDER}::{self.path}"
        yield "PSParentPath", f"{PROVIDER}::{self.parent_path}"
        yield "PSChildName", self.name
        yield "UnixStat", UnixStat(self.status) if self.status else None
        drives = file_drives()
        yield "PSDrive", drives[0]
        yield "PSProvider", ProviderInfo("FileSystem", drives)
        yield "PSIsContainer", self.is_directory

    def _unix(self) -> Iterable[tuple[str, Any]]:
        status = self.status
        yield "UnixMode", stat.filemode(status.st_mode) if status else ""
        yield "User", owner_name(status.st_uid, "pwd") if status else ""
        yield "Group", owner_name(status.st_gid, "grp") if status else ""
        yield "Size", Int64(status.st_size if status else 0)

    def _common(self) -> Iterable[tuple[str, Any]]:
        yield "CreationTime", self.time("b")
        yield "CreationTimeUtc", self.utc("b")
        yield "LastAccessTime", self.time("a")
        yield "LastAccessTimeUtc", self.utc("a")
        yield "LastWriteTime", self.time("m")
        yield "LastWriteTimeUtc", self.utc("m")
        link = units(os.readlink(self.path)) if os.path.islink(self.path) else None
        yield "LinkTarget", link
        yield "UnixFileMode", unix_file_mode(self.status.st_mode if self.status else 0)
        yield "Attributes", enum_value("System.IO.FileAttributes", self.attributes)

    def _scripted(self) -> Iterable[tuple[str, Any]]:
        yield "Mode", self.mode()
        yield "ModeWithoutHardLink", self.mode(hard_links=False)
        if not self.is_directory:
            yield "VersionInfo", VERSION_INFO.format(path=self.path)
        yield "BaseName", self.base_name
        link = os.path.islink(self.path)
        yield "ResolvedTarget", units(os.path.realpath(self.path)) if link else self.path
        yield "Target", units(os.readlink(self.path)) if link else None
        yield "LinkType", "SymbolicLink" if link else "HardLink" if self.is_hard_link else None
        yield "NameString", self.name
        yield "LengthString", "" if self.is_directory else str(self.status.st_size if self.status else "")
        yield "LastWriteTimeString", self._write_time_text()

    def _write_time_text(self) -> str:
        from ...formatting.texts import clock_12, short_date

        moment = self.time("m")
        return f"{short_date(moment, 'en-US'):>10} {clock_12(moment, False):>8}"

    def ps_set(self, name: str, value: Any) -> None:
        from ..values.conversions import convert
        from ..values.value import is_true

        folded = name.lower()
        which = TIMES.get(folded.removesuffix("utc"))
        if which is not None:
            moment = convert(value, "System.DateTime")
            self._set_time(which, (moment if moment.tzinfo else moment.astimezone()).timestamp())
        elif folded == "isreadonly":
            self._set_read_only(is_true(value))
        elif folded == "attributes":
            self._set_read_only(bool(int(convert(value, "System.IO.FileAttributes")) & READ_ONLY))
        else:
            raise AttributeError(name)
        self._status = None

    def _set_time(self, which: str, seconds: float) -> None:
        status = os.stat(self.path)
        access = seconds if which == "a" else status.st_atime
        written = status.st_mtime if which == "a" else seconds
        os.utime(self.path, (access, written))

    def _set_read_only(self, on: bool) -> None:
        mode = os.stat(self.path).st_mode
        os.chmod(self.path, mode & ~0o222 if on else mode | 0o200)

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        from ..values.value import NOTHING

        folded = name.lower()
        if folded == "delete":
            os.rmdir(self.path) if self.is_directory else os.remove(self.path)
            return NOTHING
        if folded == "refresh":
            self._status = None
            return NOTHING
        raise AttributeError(name)

    def ps_methods(self) -> list[tuple[str, str]]:
        return [("Delete", "void Delete()"), ("Refresh", "void Refresh()")]


class FileInfo(FileSystemInfo):
    __slots__ = ()
    kind = "System.IO.FileInfo"

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "Name", self.name
        yield "Length", Int64(self.status.st_size if self.status else 0)
        yield "DirectoryName", self.parent_path
        yield "Directory", DirectoryInfo(self.parent_path)
        yield "IsReadOnly", bool(self.attributes & READ_ONLY) if self.status else True
        yield "Exists", self.exists and not os.path.isdir(self.path)
        yield "FullName", self.path
        yield "Extension", self.extension
        yield from self._common()

    def ps_extended(self) -> Iterable[tuple[str, Any]]:
        yield from self._provider_notes()
        yield from self._unix()
        yield from self._scripted()

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        import shutil

        from ..values.value import to_string

        folded = name.lower()
        if folded == "copyto":
            target = to_string(args[0])
            shutil.copyfile(self.path, target)
            return FileInfo(target)
        if folded == "moveto":
            os.rename(self.path, to_string(args[0]))
            self.path = os.path.abspath(to_string(args[0]))
            return None
        return super().ps_invoke(name, args)


class DirectoryInfo(FileSystemInfo):
    __slots__ = ()
    kind = "System.IO.DirectoryInfo"

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "Parent", DirectoryInfo(self.parent_path) if self.path != "/" else None
        yield "Root", DirectoryInfo("/") if self.path != "/" else self
        yield "FullName", self.path
        yield "Extension", self.extension
        yield "Name", self.name
        yield "Exists", os.path.isdir(self.path)
        yield from self._common()

    def ps_extended(self) -> Iterable[tuple[str, Any]]:
        yield from self._provider_notes()
        yield from self._unix()
        yield from self._scripted()

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        from ..values.value import to_string
        from ..values.wildcards import wildcard_match

        folded = name.lower()
        if folded in ("getfiles", "getdirectories", "getfilesysteminfos"):
            pattern = to_string(args[0]) if args else "*"
            with os.scandir(self.path) as entries:
                found = [file_object(entry.path) for entry in sorted(entries, key=lambda entry: entry.name)]
            found = [item for item in found if wildcard_match(pattern, item.name, False)]
            wanted = {"getfiles": FileInfo, "getdirectories": DirectoryInfo}.get(folded, FileSystemInfo)
            return [item for item in found if isinstance(item, wanted)]
        if folded == "create":
            os.makedirs(self.path, exist_ok=True)
            return None
        if folded == "delete" and args and args[0]:
            import shutil

            shutil.rmtree(self.path)
            return None
        return super().ps_invoke(name, args)


def listed(owner: Any, name: str) -> Any:
    """A property by name, among the object's own and the added ones."""
    folded = name.lower()
    for source in (owner.ps_properties, owner.ps_extended):
        for key, value in source():
            if key.lower() == folded:
                return value
    raise AttributeError(name)


# what scripts ask for most, without making the other properties
QUICK: dict[str, Callable[[FileSystemInfo], Any]] = {
    "name": lambda item: item.name,
    "fullname": lambda item: item.path,
    "length": lambda item: Int64(item.status.st_size if item.status else 0),
    "extension": lambda item: item.extension,
    "basename": lambda item: item.base_name,
    "lastwritetime": lambda item: item.time("m"),
    "psiscontainer": lambda item: item.is_directory,
    "directoryname": lambda item: item.parent_path,
}

UNIX_MODES = (
    (0o001, "OtherExecute"),
    (0o002, "OtherWrite"),
    (0o004, "OtherRead"),
    (0o010, "GroupExecute"),
    (0o020, "GroupWrite"),
    (0o040, "GroupRead"),
    (0o100, "UserExecute"),
    (0o200, "UserWrite"),
    (0o400, "UserRead"),
)
VERSION_INFO = (
    "File:             {path}\nInternalName:     \nOriginalFilename: \nFileVersion:      \nFileDescription:  \n"
    "Product:          \nProductVersion:   \nDebug:            False\nPatched:          False\n"
    "PreRelease:       False\nPrivateBuild:     False\nSpecialBuild:     False\nLanguage:         \n"
)


def unix_file_mode(mode: int) -> str:
    return ", ".join(name for bit, name in UNIX_MODES if mode & bit) or "None"


class UnixStat:
    """What stat() told, as PowerShell's CommonStat."""

    def __init__(self, status: os.stat_result) -> None:
        self.status = status

    def ps_type_names(self) -> list[str]:
        return ["System.Management.Automation.Platform+Unix+CommonStat", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        status = self.status
        kinds = {stat.S_IFDIR: "Directory", stat.S_IFREG: "File", stat.S_IFLNK: "SymbolicLink"}
        yield "Inode", Int64(status.st_ino)
        yield "Mode", status.st_mode
        yield "UserId", status.st_uid
        yield "GroupId", status.st_gid
        yield "HardlinkCount", status.st_nlink
        yield "Size", Int64(status.st_size)
        for name, seconds in (
            ("AccessTime", status.st_atime),
            ("ModifiedTime", status.st_mtime),
            ("StatusChangeTime", status.st_ctime),
        ):
            yield name, to_local(DateTime.from_ticks(EPOCH_TICKS + int(seconds) * TICKS_PER_SECOND, UTC))
        yield "BlockSize", Int64(getattr(status, "st_blksize", 0))
        yield "DeviceId", status.st_dev
        yield "NumberOfBlocks", getattr(status, "st_blocks", 0)
        yield "ItemType", kinds.get(stat.S_IFMT(status.st_mode), "Unknown")
        yield "IsSetUid", bool(status.st_mode & stat.S_ISUID)
        yield "IsSetGid", bool(status.st_mode & stat.S_ISGID)
        yield "IsSticky", bool(status.st_mode & stat.S_ISVTX)

    def ps_to_string(self) -> str:
        return "System.Management.Automation.Platform+Unix+CommonStat"


DRIVE_COLLECTION = [
    "System.Collections.ObjectModel.Collection`1[[System.Management.Automation.PSDriveInfo, "
    "System.Management.Automation, "
    "Version=7.6.0.500, Culture=neutral, PublicKeyToken=31bf3856ad364e35]]",
    "System.Object",
]


class ProviderInfo:
    """PSProvider of an item."""

    def __init__(self, name: str, drives: Iterable[Any] = ()) -> None:
        self.name = name
        self.drives = list(drives)

    def ps_type_names(self) -> list[str]:
        return ["System.Management.Automation.ProviderInfo", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        module = "Microsoft.PowerShell.Core"
        yield "ImplementingType", net_type(f"Microsoft.PowerShell.Commands.{self.name}Provider")
        yield "HelpFile", "System.Management.Automation.dll-Help.xml"
        yield "Name", self.name
        yield "PSSnapIn", module
        yield "ModuleName", module
        yield "Module", None
        yield "Description", ""
        yield "Capabilities", "Filter, ShouldProcess, Credentials" if self.name == "FileSystem" else "ShouldProcess"
        yield "Home", os.path.expanduser("~") if self.name == "FileSystem" else ""
        yield "Drives", PSObject(base=self.drives, type_names=DRIVE_COLLECTION)
        yield "VolumeSeparatedByColon", self.name != "FileSystem"
        yield "ItemSeparator", Char("/")
        yield "AltItemSeparator", Char("\\")

    def ps_to_string(self) -> str:
        return f"Microsoft.PowerShell.Core\\{self.name}"


def owner_name(number: int, database: str) -> str:
    """The name of a user or group; its number where there is none."""
    try:
        if database == "pwd":
            import pwd

            return pwd.getpwuid(number).pw_name
        import grp

        return grp.getgrgid(number).gr_name
    except (ImportError, KeyError):
        return str(number)


def file_drives() -> list[Any]:
    """The drives of the file system that are always there."""
    from .providers import DriveInfo

    return [DriveInfo("/", "FileSystem", "/", ""), DriveInfo("Temp", "FileSystem", tempfile.gettempdir() + "/", "")]
