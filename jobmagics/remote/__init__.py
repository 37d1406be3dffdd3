"""The seam to the outside: what a session manager asks of a computer that runs PowerShell.

Plain records and protocols only, so that ``sessions`` can be written and tested without a
network. ``psrp`` implements the seam over pypsrp; ``tests/fakes.py`` has one without any I/O.

Ids are the client's: pool and pipeline ids are made before anything is sent, so that the store can
hold them first and a client that dies in between still finds what it started. Every call blocks and
is meant for worker threads; every failure is one of ``errors``.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from jobmagics.errors import Fault, RemoteError, UsageError

DEFAULT_CONFIGURATION = "Microsoft.PowerShell"
POWERSHELL_URI = "http://schemas.microsoft.com/powershell/"
LOCAL_NAMES = frozenset({"", ".", "localhost"})
SSH = "ssh:"
"""What follows it in a configuration name is where the session host goes over SSH: user@host:port."""
_SSH_TARGET = re.compile(r"(?:[^@\s]+@)?(?P<host>[^@:\s\[\]]+|\[[^@\s\[\]]+\])(?::\d+)?")
"""Enough to know the host's name; what ssh may be given is the session host's business."""
MINIMUM_IDLE_TIMEOUT = 60.0
"""Seconds; PowerShell refuses less."""


def new_id() -> str:
    """A pool, pipeline or job id, spelled as WinRM spells them."""
    return str(uuid.uuid4()).upper()


@dataclass(frozen=True)
class PSSessionOption:
    """New-PSSessionOption, in seconds where PowerShell counts milliseconds.

    ``max_connection_retry_count`` is 0 as in an option the cmdlet makes; it governs opening only.
    ``application_arguments``, a mapping or its pairs, is what the session has in $PSSenderInfo.ApplicationArguments; it
    is told at opening, and is not in the ledger.
    """

    open_timeout: float = 180.0
    cancel_timeout: float = 60.0
    operation_timeout: float = 180.0
    idle_timeout: float | None = None
    max_connection_retry_count: int = 0
    output_buffering_mode: str | None = None
    no_machine_profile: bool = False
    skip_ca_check: bool = False
    skip_cn_check: bool = False
    culture: str = "en-US"
    ui_culture: str = "en-US"
    application_arguments: Mapping[str, Any] | tuple[tuple[str, Any], ...] = ()

    def __post_init__(self) -> None:
        given = self.application_arguments
        pairs = tuple(given.items()) if isinstance(given, Mapping) else tuple(given)
        object.__setattr__(self, "application_arguments", pairs)


def buffering_mode(word: str | None) -> str | None:
    """As WSMan spells it; None for the computer's own. Raises UsageError."""
    if word is None or word.lower() == "none":
        return None
    if word.lower() not in {"block", "drop"}:
        raise UsageError(f"{word!r} is no output buffering mode; valid: None, Drop, Block.")
    return word.capitalize()


@dataclass(frozen=True)
class ConnectionInfo:
    """Where and how to connect. ``credential`` is a name to look up, never a secret."""

    computer_name: str = "localhost"
    port: int | None = None
    use_ssl: bool = False
    authentication: str = "Default"
    credential: str | None = None
    configuration_name: str = DEFAULT_CONFIGURATION
    application_name: str = "wsman"
    runspaces: int = 1
    """How many pipelines its pool runs at once."""
    option: PSSessionOption = field(default_factory=PSSessionOption)

    @classmethod
    def over_ssh(cls, target: str, option: PSSessionOption | None = None) -> ConnectionInfo:
        """PowerShell at ``user@host:port`` over SSH, through this machine's session host. Raises UsageError."""
        match = _SSH_TARGET.fullmatch(target)
        if match is None:
            raise UsageError(f"{target!r} is no host for SSH: write host, user@host, host:port or user@host:port.")
        return cls(match["host"].strip("[]"), configuration_name=SSH + target, option=option or PSSessionOption())

    @property
    def transport(self) -> str:
        return "SSH" if self.configuration_name.startswith(SSH) else "WSMan"

    @property
    def is_local(self) -> bool:
        """Whether this means the session host on this machine, and not its own WinRM at a port."""
        if self.transport == "SSH":
            return True
        own = self.port is None and not self.use_ssl and self.credential is None
        return own and self.computer_name.lower() in LOCAL_NAMES


@dataclass(frozen=True)
class ShellInfo:
    """One shell as the computer lists it. ``state`` is "Connected" or "Disconnected"; times in seconds."""

    shell_id: str
    name: str = ""
    state: str = ""
    resource_uri: str = ""
    idle_timeout: float | None = None
    max_idle_timeout: float | None = None
    buffer_mode: str = ""
    inactivity: float | None = None
    owner: str = ""

    @property
    def configuration_name(self) -> str:
        return self.resource_uri.removeprefix(POWERSHELL_URI)


@dataclass(frozen=True)
class Invocation:
    """What a pipeline runs: a script and the values that go with it.

    ``arguments`` are positional; ``parameters`` are named; ``input`` goes to the pipeline ($input), None means none;
    ``is_fed``: the input is given later, by ``feed`` and ``end_input``.
    ``before``: a script that is run first in the same runspace, with its arguments, and whose output is dropped.
    ``own_scope``: what the script sets is gone when it ends, for a runspace that others use after it.
    ``is_remembered``: the runspace's history has it, for Get-History.
    """

    script: str
    arguments: Sequence[Any] = ()
    parameters: Sequence[tuple[str, Any]] = ()
    input: Iterable[Any] | None = None
    before: tuple[str, Sequence[Any]] | None = None
    own_scope: bool = False
    is_fed: bool = False
    is_remembered: bool = False


@dataclass(frozen=True)
class HostCall:
    """A remote script's call on its host ([MS-PSRP] 2.2.2.27): ``call_id`` -100 asks for no answer."""

    call_id: int
    method: int
    parameters: Sequence[Any] = ()


@dataclass(frozen=True)
class HostAnswer:
    """The answer to a HostCall: a value, or a refusal in words."""

    value: Any = None
    refusal: str = ""


class RemotePipeline(Protocol):
    """One pipeline. ``receive`` is called by one thread; the others may be called beside it."""

    pipeline_id: str
    went_at_once: bool
    """``begin`` needed a single request: if the pipeline is there, all of it is."""

    def begin(self, invocation: Invocation) -> None:
        """Start it and send its input."""

    def connect(self) -> None:
        """Take over a pipeline that another client started."""

    def feed(self, value: Any) -> None:
        """One more value of its input. Returns when the other side has taken it, not when the script has."""

    def end_input(self) -> None: ...

    def receive(self) -> bytes:
        """Raw fragments, b"" when nothing came within the poll time. The next call acknowledges these."""

    def answer(self, call: HostCall, answer: HostAnswer) -> None: ...

    def stop(self) -> None:
        """Ask it to stop; its last messages still arrive through ``receive``."""

    def close(self) -> None:
        """Let the server forget a pipeline that has ended."""


class RemotePool(Protocol):
    """One runspace pool (a PSSession). ``open`` or ``connect`` first."""

    pool_id: str

    @property
    def private_data(self) -> Mapping[str, Any]:
        """What the engine told of itself when this client opened the pool: APPLICATION_PRIVATE_DATA."""

    def open(self, name: str, idle_timeout: float | None) -> None: ...

    def connect(self) -> None:
        """Take over a disconnected pool as a new client."""

    def reconnect(self) -> None:
        """Connect again what this client disconnected."""

    def disconnect(self, idle_timeout: float | None = None, mode: str | None = None) -> None:
        """``mode``: output buffering while nobody is connected, Block or Drop."""

    def close(self) -> None: ...

    def list_commands(self) -> list[str]:
        """Ids of its pipelines, over the connection that it has."""

    def pipeline(self, pipeline_id: str) -> RemotePipeline: ...


class Endpoint(Protocol):
    """A computer, through one configuration. Making one asks nothing of the network."""

    def pool(self, pool_id: str) -> RemotePool: ...

    def list_shells(self) -> list[ShellInfo]: ...

    def list_commands(self, shell_id: str) -> list[str]:
        """Ids of the pipelines of a shell."""


Connector = Callable[[ConnectionInfo], Endpoint]


class Detached(RemoteError):
    """The session was disconnected, or another client took it, while we waited for its output."""


class StillOpening(Fault):
    """The session cannot be connected yet: it is being opened. Soon it can."""
