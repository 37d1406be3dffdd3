"""$PSCmdlet: what an advanced function sees of its own call."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..members.named_methods import NamedMethods
from ..records import SMA, ErrorRecord
from ..values.value import enumerate_value, is_true, to_string

if TYPE_CHECKING:
    from .calls import CommandRuntime
    from .runspace import Frame


class PSCmdlet(NamedMethods):
    def __init__(self, runtime: CommandRuntime, frame: Frame, binding: Any) -> None:
        self.runtime = runtime
        self.frame = frame
        self.binding = binding

    def ps_type_names(self) -> list[str]:
        return [
            SMA + "PSScriptCmdlet",
            SMA + "PSCmdlet",
            SMA + "Cmdlet",
            SMA + "Internal.InternalCommand",
            "System.Object",
        ]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "ParameterSetName", self.binding.set_name
        yield "MyInvocation", self.frame.invocation
        yield "PagingParameters", None
        yield "InvokeCommand", None
        yield "Host", self.frame.rs.host_object()
        yield "SessionState", self._session_state()
        yield "CommandRuntime", self.runtime
        yield "CommandOrigin", "Runspace"
        yield "Stopping", self.frame.rs.stopping

    def ps_to_string(self) -> str:
        return SMA + "PSScriptCmdlet"

    def _session_state(self) -> Any:
        """The state of the session that the call came from: its variables are those that the caller sees, of a module's
        function, and those that the function sees, of any other.
        """
        from ..session.pscontext import SessionState

        frame = self.frame
        is_of_module = frame.block is not None and frame.block.closure is not None
        return SessionState(frame.rs, frame.parent if is_of_module and frame.parent is not None else frame)

    # -- methods, by the names scripts call (members/access.py finds them, whatever the case)
    def ShouldProcess(self, *words: Any) -> bool:
        texts = [to_string(word) for word in words]
        if len(texts) == 1:
            return self.runtime.should_process(texts[0], self.runtime.command.name)
        if len(texts) == 2:
            return self.runtime.should_process(texts[0], texts[1])
        runtime = self.runtime
        if runtime._what_if():
            runtime.runspace.host.ui.write_line(f"What if: {texts[0]}")
            return False
        if runtime._must_confirm():
            return runtime.confirm(texts[1], texts[2], "")
        runtime.write_informational("Verbose", texts[0])
        return True

    def ShouldContinue(self, query: Any, caption: Any, *rest: Any) -> bool:
        return self.runtime.should_continue(to_string(query), to_string(caption))

    def WriteObject(self, value: Any, enumerate: Any = False) -> None:
        if is_true(enumerate):
            for item in enumerate_value(value):
                self.runtime.write(item)
        else:
            self.runtime.write(value)

    def WriteError(self, record: ErrorRecord) -> None:
        self.runtime.write_error(record)

    def ThrowTerminatingError(self, record: ErrorRecord) -> None:
        if not isinstance(record, ErrorRecord):
            from ..values.conversions import convert

            record = convert(record, SMA + "ErrorRecord")
        failed = self.runtime.terminating(record)
        failed.leaves = self.frame
        raise failed

    def WriteWarning(self, text: Any) -> None:
        self.runtime.write_informational("Warning", to_string(text))

    def WriteVerbose(self, text: Any) -> None:
        self.runtime.write_informational("Verbose", to_string(text))

    def WriteDebug(self, text: Any) -> None:
        self.runtime.write_informational("Debug", to_string(text))

    def WriteProgress(self, record: Any) -> None:
        self.runtime.write_progress(record)

    def WriteInformation(self, record: Any, tags: Any = ()) -> None:
        from ..records import InformationRecord

        if not isinstance(record, InformationRecord):
            record = InformationRecord(record, tags=[to_string(tag) for tag in enumerate_value(tags)])
        self.runtime.write_information(record)

    def GetVariableValue(self, name: Any, default: Any = None) -> Any:
        return self.frame.get_variable(to_string(name), default)

    def GetUnresolvedProviderPathFromPSPath(self, path: Any) -> str:
        return self.frame.rs.resolve_path(to_string(path))
