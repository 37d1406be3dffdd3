"""$ExecutionContext and its SessionState."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..members.named_methods import NamedMethods
from ..values.value import to_string
from .objects import InvokeCommandIntrinsics, SessionVariables

if TYPE_CHECKING:
    from ..runtime.runspace import Frame, Runspace


class PathIntrinsics(NamedMethods):
    def __init__(self, rs: Runspace) -> None:
        self.rs = rs

    def ps_type_names(self) -> list[str]:
        return ["System.Management.Automation.PathIntrinsics", "System.Object"]

    def ps_properties(self) -> Any:
        yield "CurrentLocation", self.rs.path_info()
        yield "CurrentFileSystemLocation", self.rs.path_info()

    def ps_to_string(self) -> str:
        return "System.Management.Automation.PathIntrinsics"

    def GetUnresolvedProviderPathFromPSPath(self, path: Any) -> str:
        return self.rs.resolve_path(to_string(path))

    def Combine(self, parent: Any, child: Any) -> str:
        return to_string(parent).rstrip("/") + "/" + to_string(child)


class SessionState:
    def __init__(self, rs: Runspace, frame: Frame | None = None) -> None:
        self.rs = rs
        self.variables = SessionVariables(rs, frame)
        self.path = PathIntrinsics(rs)
        self.invoke = InvokeCommandIntrinsics(rs)

    def ps_type_names(self) -> list[str]:
        return ["System.Management.Automation.SessionState", "System.Object"]

    def ps_properties(self) -> Any:
        yield "PSVariable", self.variables
        yield "Path", self.path
        yield "InvokeCommand", self.invoke
        yield "LanguageMode", "FullLanguage"
        yield "Module", None

    def ps_to_string(self) -> str:
        return "System.Management.Automation.SessionState"


class ExecutionContext:
    def __init__(self, rs: Runspace) -> None:
        self.rs = rs
        self.session_state = SessionState(rs)

    def ps_type_names(self) -> list[str]:
        return ["System.Management.Automation.EngineIntrinsics", "System.Object"]

    def ps_properties(self) -> Any:
        yield "Host", self.rs.host_object()
        yield "SessionState", self.session_state
        yield "InvokeCommand", self.session_state.invoke

    def ps_to_string(self) -> str:
        return "System.Management.Automation.EngineIntrinsics"
