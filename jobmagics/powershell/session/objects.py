"""$Host, $PSVersionTable, $ExecutionContext, $PSStyle: made when a script first looks at them."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

from ...psobject import Hashtable, Version
from ..members.named_methods import NamedMethods
from ..runtime.hosting import ENGINE_VERSION
from ..values.value import to_string

if TYPE_CHECKING:
    from ..runtime.runspace import Frame, Runspace


class VersionTable(Hashtable):
    __slots__ = ()
    type_names = [  # noqa: RUF012 - Hashtable's own way of saying it
        "System.Management.Automation.PSVersionHashTable",
        "System.Collections.Hashtable",
        "System.Object",
    ]


def make_version_table(rs: Runspace) -> Any:
    from ..dotnet.automation import SemanticVersion

    uname = platform.uname()
    return VersionTable(
        [
            ("PSVersion", SemanticVersion.parse(".".join(map(str, ENGINE_VERSION)))),
            ("PSEdition", "Core"),
            ("GitCommitId", ".".join(map(str, ENGINE_VERSION))),
            ("OS", f"{uname.system} {uname.release}"),
            ("Platform", "Win32NT" if uname.system == "Windows" else "Unix"),
            (
                "PSCompatibleVersions",
                [Version(pair) for pair in ((1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (5, 1), (6, 0), (7, 0))],
            ),
            ("PSRemotingProtocolVersion", Version((2, 4))),
            ("SerializationVersion", Version((1, 1, 0, 1))),
            ("WSManStackVersion", Version((3, 0))),
        ]
    )


def make_host(rs: Runspace) -> Any:
    from . import host_object

    return host_object.make_host(rs)


class SessionVariables(NamedMethods):
    """$ExecutionContext.SessionState.PSVariable: the variables that ``frame`` sees, else the block that runs."""

    def __init__(self, rs: Runspace, frame: Frame | None = None) -> None:
        self.rs = rs
        self._frame = frame

    @property
    def frame(self) -> Frame:
        return self._frame or self.rs.frame

    def ps_type_names(self) -> list[str]:
        return ["System.Management.Automation.PSVariableIntrinsics", "System.Object"]

    def ps_properties(self) -> Any:
        return ()

    def ps_to_string(self) -> str:
        return "System.Management.Automation.PSVariableIntrinsics"

    def Get(self, name: Any) -> Any:
        return self.frame.scope.find(to_string(name).lower())

    def GetValue(self, name: Any, default: Any = None) -> Any:
        return self.frame.get_variable(to_string(name), default)

    def Set(self, name: Any, value: Any = None) -> None:
        self.frame.set_variable(to_string(name), value)


class InvokeCommandIntrinsics(NamedMethods):
    """$ExecutionContext.InvokeCommand."""

    def __init__(self, rs: Runspace) -> None:
        self.rs = rs

    def ps_type_names(self) -> list[str]:
        return ["System.Management.Automation.CommandInvocationIntrinsics", "System.Object"]

    def ps_properties(self) -> Any:
        return ()

    def ps_to_string(self) -> str:
        return "System.Management.Automation.CommandInvocationIntrinsics"

    def ExpandString(self, text: Any) -> str:
        return expand_string(self.rs, to_string(text))

    def NewScriptBlock(self, text: Any) -> Any:
        from ..runtime.scriptblock import ScriptBlock

        return ScriptBlock.parse(to_string(text))

    def InvokeScript(self, text: Any, *rest: Any) -> Any:
        from ..runtime.scriptblock import ScriptBlock

        block = text if isinstance(text, ScriptBlock) else ScriptBlock.parse(to_string(text))
        return block.invoke(self.rs.frame, list(rest))

    def GetCommand(self, name: Any, kind: Any = None) -> Any:
        return self.rs.find_command(to_string(name))


def expand_string(rs: Runspace, text: str) -> str:
    from ..runtime.scriptblock import ScriptBlock

    block = ScriptBlock.parse('@"\n' + text + '\n"@')
    found = block.invoke(rs.frame, [])
    return to_string(found[0]) if found else ""


def make_execution_context(rs: Runspace) -> Any:
    from .pscontext import ExecutionContext

    return ExecutionContext(rs)


def make_style_object(rs: Runspace) -> Any:
    from ..dotnet.style import make_style

    return make_style("PlainText")
