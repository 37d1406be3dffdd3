"""The session's history: what a client asked to have remembered, once it is over (Get-History, Invoke-History)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ...psobject import DateTime, Int64, TimeSpan
from ..records import PipelineStopped


@dataclass(frozen=True)
class HistoryInfo:
    """One entry. ``state``: a PipelineState by name."""

    id: int
    command_line: str
    state: str
    started: DateTime
    ended: DateTime

    def ps_type_names(self) -> list[str]:
        return ["Microsoft.PowerShell.Commands.HistoryInfo", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        from ..dotnet.enums import enum_value

        yield "Id", Int64(self.id)
        yield "CommandLine", self.command_line
        yield "ExecutionStatus", enum_value("System.Management.Automation.Runspaces.PipelineState", self.state)
        yield "StartExecutionTime", self.started
        yield "EndExecutionTime", self.ended
        yield "Duration", TimeSpan(self.ended.ticks - self.started.ticks)

    def ps_to_string(self) -> str:
        return self.command_line


@dataclass
class History:
    """The entries, oldest first; ids go on when entries are cleared."""

    entries: list[HistoryInfo] = field(default_factory=list)
    _last_id: int = 0

    @contextmanager
    def remembering(self, command_line: str) -> Iterator[None]:
        """What runs inside is an entry when it is over."""
        from ..dotnet.zones import now

        started, state = now(), "Failed"
        try:
            yield
            state = "Completed"
        except PipelineStopped:
            state = "Stopped"
            raise
        finally:
            self._last_id += 1
            self.entries.append(HistoryInfo(self._last_id, command_line, state, started, now()))
