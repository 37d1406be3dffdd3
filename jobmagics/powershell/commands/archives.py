"""Compress-Archive and Expand-Archive."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator

from ..runtime.cmdlet import Cmdlet, command
from ..values.utf16 import units, well_formed
from ..values.value import as_list, to_string
from ..values.wildcards import has_wildcard
from .content import file_error
from .fileinfo import file_object
from .providers import expand

LEVELS = {"Optimal": (zipfile.ZIP_DEFLATED, 6), "Fastest": (zipfile.ZIP_DEFLATED, 1), "NoCompression": (0, None)}
WRONG_ARGUMENT = "System.ArgumentException"


class ArchiveCommand(Cmdlet):
    def begin(self) -> None:
        self._paths: list[str] = []

    def process(self) -> None:
        given = [*((text, False) for text in as_list(self.arg("Path")))]
        given += [(text, True) for text in as_list(self.arg("LiteralPath"))]
        for text, literal in given:
            name = to_string(text)
            if literal or not has_wildcard(name):
                found = [path for path in [self.path(name)] if os.path.lexists(path)]
            else:
                found = [place.path for place in expand(self, name, False, True) if place.is_file]
            if not found:
                raise self.terminate(
                    f"The path '{name}' either does not exist or is not a valid file system path.",
                    "ArchiveCmdletPathNotFound",
                    "InvalidArgument",
                    text,
                    net_type="System.InvalidOperationException",
                )
            self._paths += found

    def give(self, path: str) -> None:
        if self.switch("PassThru"):
            self.write(file_object(path))


@command("Compress-Archive", "Compress-Archive")
class CompressArchive(ArchiveCommand):
    def end(self) -> None:
        target = self.path(to_string(self.arg("DestinationPath")))
        if not os.path.splitext(target)[1]:
            target += ".zip"
        update = self.switch("Update")
        if os.path.exists(target) and not update and not self.switch("Force"):
            raise self.terminate(
                f"The archive file {target} already exists. Use the -Update parameter to update the existing archive "
                "file or use the -Force parameter to overwrite the existing archive file.",
                "ArchiveFileExists",
                "PermissionDenied",
                target,
                net_type="System.IO.IOException",
            )
        if not self.should_process(target, "Compress-Archive"):
            return
        method, level = LEVELS[to_string(self.arg("CompressionLevel") or "Optimal")]
        try:
            kept = self._kept(target) if update and os.path.exists(target) else []
            with zipfile.ZipFile(target, "w", method, compresslevel=level) as archive:
                new = dict(self._entries())
                for info, data in kept:
                    if info.filename not in new:
                        archive.writestr(info, data)
                for name, path in new.items():
                    self.check_stopped()
                    archive.write(path, name)
        except (OSError, ValueError) as problem:
            failed = problem if isinstance(problem, OSError) else OSError(str(problem))
            raise file_error(self, failed, target) from None
        self.give(target)

    def _kept(self, target: str) -> list[tuple[zipfile.ZipInfo, bytes]]:
        with zipfile.ZipFile(target) as archive:
            return [(info, archive.read(info)) for info in archive.infolist()]

    def _entries(self) -> Iterator[tuple[str, str]]:
        """Name in the archive and file; a directory comes with all below it, empty ones as themselves."""
        for path in self._paths:
            top = os.path.basename(path.rstrip("/"))
            if not os.path.isdir(path):
                yield well_formed(top), path
                continue
            for place, below, files in os.walk(path):
                inside = os.path.join(top, os.path.relpath(place, path)).replace("/.", "")
                for name in sorted(files):
                    yield well_formed(os.path.join(inside, name)), os.path.join(place, name)
                if not below and not files:
                    yield well_formed(inside) + "/", place


@command("Expand-Archive", "Expand-Archive")
class ExpandArchive(ArchiveCommand):
    def end(self) -> None:
        for path in self._paths:
            if os.path.splitext(path)[1].lower() != ".zip":
                raise self.terminate(
                    f"{os.path.splitext(path)[1]} is not a supported archive file format. .zip is the only supported "
                    "archive file format.",
                    "NotSupportedArchiveFileExtension",
                    "InvalidArgument",
                    path,
                    net_type="System.IO.IOException",
                )
            given = self.arg("DestinationPath")
            name = os.path.splitext(os.path.basename(path))[0]
            target = self.path(to_string(given)) if given is not None else self.path(name)
            if self.should_process(path, "Expand-Archive"):
                self._expand(path, target)

    def _expand(self, path: str, target: str) -> None:
        try:
            with zipfile.ZipFile(path) as archive:
                os.makedirs(target, exist_ok=True)
                for info in archive.infolist():
                    self.check_stopped()
                    self._one(archive, info, path, target)
        except zipfile.BadZipFile:
            raise self.terminate(
                "End of Central Directory record could not be found.",
                "System.IO.InvalidDataException",
                "NotSpecified",
                net_type="System.IO.InvalidDataException",
            ) from None
        except OSError as problem:
            raise file_error(self, problem, problem.filename or target) from None

    def _one(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str, target: str) -> None:
        place = os.path.normpath(os.path.join(target, info.filename.replace("\\", "/")))
        if os.path.commonpath([os.path.realpath(target), os.path.realpath(place)]) != os.path.realpath(target):
            raise self.terminate(
                f"The entry '{info.filename}' of '{path}' leads out of '{target}' and is not expanded.",
                "ArchiveEntryOutsideDestination",
                "SecurityError",
                info.filename,
                net_type=WRONG_ARGUMENT,
            )
        if info.is_dir():
            os.makedirs(place, exist_ok=True)
            return
        if os.path.exists(place) and not self.switch("Force"):
            self.error(
                f"Failed to create file '{place}' while expanding the archive file '{path}' contents as the file "
                f"'{place}' already exists. Use the -Force parameter if you want to overwrite the existing directory "
                f"'{target}' contents when expanding the archive file.",
                "ExpandArchiveFileExists",
                "PermissionDenied",
                place,
                net_type="System.IO.IOException",
            )
            return
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with archive.open(info) as source, open(place, "wb") as made:
            while data := source.read(1 << 20):
                self.check_stopped()
                made.write(data)
        self.give(units(place))
