"""The host's private directory: certificate, secret, and for each version its lock and the card that says where it is.

Both sides use it: the host writes, ``client`` reads. Directory 0700, files 0600; what others could read or
write is refused and not repaired, because a secret that was readable is no secret any more.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import re
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from jobmagics import __version__
from jobmagics.errors import HostError
from jobmagics.locks import PRIVATE_FILE, is_locked

ENVIRONMENT = "JOBMAGICS_HOST_DIR"
PROTOCOL = 1
"""Changes when a host of one version cannot serve a client of another."""
PRIVATE_DIRECTORY = 0o700


@dataclass(frozen=True)
class HostInfo:
    """How to reach the session host on this machine. The secret itself is only in its file."""

    address: str
    port: int
    user: str
    certificate: Path
    secret_file: Path
    pid: int
    version: str
    protocol: int
    started: str

    def secret(self) -> str:
        """Raises HostError when others can read the file, or it is gone."""
        check_private(self.secret_file)
        try:
            return self.secret_file.read_text(encoding="ascii").strip()
        except (OSError, ValueError) as error:
            raise HostError(
                f"The session host's secret file {self.secret_file} cannot be read ({error}): "
                "run `jupyter jobmagics host stop`, then try again."
            ) from error

    def as_json(self) -> dict[str, str | int]:
        return {
            "address": self.address,
            "port": self.port,
            "user": self.user,
            "certificate": str(self.certificate),
            "secret_file": str(self.secret_file),
            "pid": self.pid,
            "version": self.version,
            "protocol": self.protocol,
            "started": self.started,
        }


class HostFiles:
    """Paths in the private directory, and what is done to them. Raises HostError in one sentence.

    Hosts of several versions may serve beside each other: they share certificate, secret and engines; card, log and
    running lock are each one's own.
    """

    def __init__(self, directory: Path | None = None, version: str = __version__) -> None:
        self.directory = directory or default_directory()
        self.version = version
        self.certificate = self.directory / "certificate.pem"
        self.key = self.directory / "key.pem"
        self.secret = self.directory / "secret"
        self.card = self.directory / f"host-{version}.json"
        self.log = self.directory / f"host-{version}.log"
        self.engines = self.directory / "engines.json"
        self.running_lock = self.directory / f"running-{version}.lock"
        self.starting_lock = self.directory / "starting.lock"

    def of_all_versions(self) -> list[HostFiles]:
        """Those of every host that has left a card here, newest version first."""
        names = [path.stem.removeprefix("host-") for path in self.directory.glob("host-*.json")]
        return [HostFiles(self.directory, name) for name in sorted(names, key=version_order, reverse=True)]

    def prepare(self) -> None:
        """Make the directory, or check the one that is there, and every file in it that matters."""
        try:
            self.directory.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        except OSError as error:
            raise HostError(
                f"The session host's directory {self.directory} cannot be made ({error.strerror}): "
                f"set {ENVIRONMENT} to a directory of your own."
            ) from error
        for path in (self.directory, self.secret, self.key, self.certificate, self.card, self.engines):
            if path.exists():
                check_private(path)

    def make_secret(self) -> str:
        """The secret that is there, or a new random one."""
        if not self.secret.exists():
            write_private(self.secret, secrets.token_urlsafe(32).encode())
        return self.secret.read_text(encoding="ascii").strip()

    def write_card(self, info: HostInfo) -> None:
        write_private(self.card, json.dumps(info.as_json(), indent=1).encode())

    def read_card(self) -> HostInfo | None:
        """What the host wrote about itself; None when there is none, or it is not whole."""
        try:
            fields = json.loads(self.card.read_text(encoding="utf-8"))
            fields |= {name: Path(fields[name]) for name in ("certificate", "secret_file")}
            return HostInfo(**fields)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def remove_card(self) -> None:
        with contextlib.suppress(OSError):
            self.card.unlink()

    def is_running(self) -> bool:
        """Whether a host holds its lock: true the moment it starts, false the moment it is dead, however it died."""
        return is_locked(self.running_lock)

    def last_log_line(self) -> str:
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        except OSError:
            return ""
        return lines[-1][:300] if lines else ""


def version_order(version: str) -> tuple[int, ...]:
    """Sorts versions: 0.9 < 0.10."""
    return tuple(map(int, re.findall(r"\d+", version)))


def default_directory() -> Path:
    """One for each machine: a home directory may be shared by several, and a host serves only its own."""
    if chosen := os.environ.get(ENVIRONMENT):
        return Path(chosen).absolute()
    from jupyter_core.paths import jupyter_data_dir

    machine = re.sub(r"[^A-Za-z0-9.-]", "_", platform.node()).strip(".") or "localhost"
    return Path(jupyter_data_dir()) / "jobmagics" / "host" / machine


def check_private(path: Path) -> None:
    """Raises HostError unless it is ours and closed to everybody else. Windows profiles are private by themselves."""
    if os.name == "nt":
        return
    try:
        found = path.stat()
    except OSError as error:
        raise HostError(
            f"The session host's file {path} cannot be read ({error.strerror}): run `jupyter jobmagics host stop`, "
            "then try again."
        ) from error
    mode = stat.S_IMODE(found.st_mode)
    wanted = PRIVATE_DIRECTORY if stat.S_ISDIR(found.st_mode) else PRIVATE_FILE
    if found.st_uid != os.getuid():
        raise HostError(
            f"{path} belongs to another user, so the session host will not use it: remove it, or set {ENVIRONMENT} "
            "to a directory of your own."
        )
    if mode & 0o077:
        raise HostError(
            f"{path} can be read or changed by others (mode {mode:04o}), so the session host will not use it: "
            f"if only you had access, run `chmod {wanted:o} {path}`, else delete it and a new one is made."
        )


def write_private(path: Path, data: bytes) -> None:
    """Write a file that nobody else can read at any moment, whole or not at all."""
    scratch = path.with_name(f"{path.name}.{os.getpid()}.new")
    with contextlib.suppress(FileNotFoundError):
        scratch.unlink()
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    os.replace(scratch, path)
