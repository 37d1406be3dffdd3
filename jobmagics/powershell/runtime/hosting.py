"""What surrounds a Runspace: the host it talks to, the streams it writes to, and what it is asked to run.

Protocols and plain records only. The PSRP server implements Host and Streams; tests use
NullHost and CollectedStreams.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..records import (
    ErrorRecord,
    InformationalRecord,
    InformationRecord,
    ProgressRecord,
)

ENGINE_VERSION = (7, 6, 5)


@dataclass(slots=True)
class CommandRequest:
    """One command of a pipeline as a client sends it.

    merges: pairs (from stream name, "Output"|"Null") as PSRP has them: "Error", "Warning", "Verbose", "Debug",
    "Information".
    """

    text: str
    is_script: bool = True
    use_local_scope: bool | None = None
    parameters: Sequence[tuple[str | None, Any]] = ()
    end_of_statement: bool = False
    merges: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class PipelineRequest:
    """A pipeline to run. ``input`` is None for none, else an iterator that may block until the next object comes."""

    commands: Sequence[CommandRequest]
    input: Iterable[Any] | None = None
    add_to_history: bool = False
    ends_at_error: bool = False  # the first statement-terminating error ends the pipeline (PowerShell.Invoke's way)


class Streams(Protocol):
    def output(self, value: Any) -> None: ...
    def error(self, record: ErrorRecord) -> None: ...
    def warning(self, record: InformationalRecord) -> None: ...
    def verbose(self, record: InformationalRecord) -> None: ...
    def debug(self, record: InformationalRecord) -> None: ...
    def information(self, record: InformationRecord) -> None: ...
    def progress(self, record: ProgressRecord) -> None: ...


class CollectedStreams:
    """Keeps everything in lists: for tests and for callers that want results, not a stream."""

    def __init__(self) -> None:
        self.outputs: list[Any] = []
        self.errors: list[ErrorRecord] = []
        self.warnings: list[InformationalRecord] = []
        self.verboses: list[InformationalRecord] = []
        self.debugs: list[InformationalRecord] = []
        self.informations: list[InformationRecord] = []
        self.progresses: list[ProgressRecord] = []
        self.output = self.outputs.append
        self.error = self.errors.append
        self.warning = self.warnings.append
        self.verbose = self.verboses.append
        self.debug = self.debugs.append
        self.information = self.informations.append
        self.progress = self.progresses.append


class HostUI(Protocol):
    """$Host.UI. Colours are ConsoleColor numbers or None."""

    def write(self, text: str, foreground: int | None = None, background: int | None = None) -> None: ...
    def write_line(self, text: str, foreground: int | None = None, background: int | None = None) -> None: ...
    def write_error_line(self, text: str) -> None: ...
    def write_warning_line(self, text: str) -> None: ...
    def write_verbose_line(self, text: str) -> None: ...
    def write_debug_line(self, text: str) -> None: ...
    def write_progress(self, source_id: int, record: ProgressRecord) -> None: ...
    def write_information(self, record: InformationRecord) -> None: ...
    def read_line(self) -> str: ...
    def read_line_as_secure_string(self) -> Any: ...
    def prompt(self, caption: str, message: str, fields: Sequence[Any]) -> Mapping[str, Any]: ...
    def prompt_for_choice(
        self, caption: str, message: str, choices: Sequence[tuple[str, str]], default: int
    ) -> int: ...
    def prompt_for_credential(self, caption: str, message: str, user: str, target: str) -> Any: ...
    @property
    def raw_ui(self) -> Any: ...


class Host(Protocol):
    name: str
    version: tuple[int, ...]
    instance_id: uuid.UUID
    current_culture: str

    @property
    def ui(self) -> HostUI: ...


class NullUI:
    """Nobody is there: text goes nowhere, questions are errors as in a non-interactive session."""

    raw_ui: Any = None

    def write(self, text: str, foreground: int | None = None, background: int | None = None) -> None:
        pass

    def write_line(self, text: str, foreground: int | None = None, background: int | None = None) -> None:
        pass

    def write_error_line(self, text: str) -> None:
        pass

    def write_warning_line(self, text: str) -> None:
        pass

    def write_verbose_line(self, text: str) -> None:
        pass

    def write_debug_line(self, text: str) -> None:
        pass

    def write_progress(self, source_id: int, record: ProgressRecord) -> None:
        pass

    def write_information(self, record: InformationRecord) -> None:
        pass

    def read_line(self) -> str:
        raise _non_interactive("Read-Host")

    def read_line_as_secure_string(self) -> Any:
        raise _non_interactive("Read-Host")

    def prompt(self, caption: str, message: str, fields: Sequence[Any]) -> Mapping[str, Any]:
        raise _non_interactive("prompt")

    def prompt_for_choice(self, caption: str, message: str, choices: Sequence[tuple[str, str]], default: int) -> int:
        raise _non_interactive("prompt for choice")

    def prompt_for_credential(self, caption: str, message: str, user: str, target: str) -> Any:
        raise _non_interactive("credential prompt")


def _non_interactive(what: str) -> Exception:
    from ..records import SMA, error

    return error(
        f"A command that prompts the user failed because the host program or the command type does not support user "
        f"interaction ({what}).",
        "NotImplemented",
        "NotImplemented",
        net_type=SMA + "Host.HostException",
    )


class NullHost:
    name = "Default Host"
    version: tuple[int, ...] = ENGINE_VERSION
    current_culture = "en-US"

    def __init__(self) -> None:
        self.instance_id = uuid.uuid4()
        self.ui: HostUI = NullUI()
