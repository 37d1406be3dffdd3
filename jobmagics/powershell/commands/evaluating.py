"""Invoke-Expression, Invoke-Command (here), Measure-Command, Set-StrictMode."""

from __future__ import annotations

import time
from typing import Any

from ...psobject import TimeSpan
from ..records import SMA, NetException, ScriptError, error
from ..runtime.cmdlet import Cmdlet, command
from ..runtime.scriptblock import ScriptBlock
from ..runtime.streams import NULL
from ..values.value import NOTHING, as_list, to_string

TICKS_PER_NANOSECOND = 100


@command("Invoke-Expression")
class InvokeExpression(Cmdlet):
    def process(self) -> None:
        try:
            block = ScriptBlock.parse(to_string(self.arg("Command")))
        except ScriptError as problem:
            problem.record.command_id = self.net_name
            problem.script_wide = False  # the statement ends, not the script around it
            raise
        try:
            block.run(self.frame, self.write, streams=self.runtime.streams, local=False)
        except ScriptError as problem:
            place = problem.record.invocation
            if not problem.script_wide and (place is None or place.command is None):
                # a failure of the text itself is shown at the Invoke-Expression, not in a text nobody sees
                problem.record.invocation = self.invocation
            raise


@command("Invoke-Command")
class InvokeCommand(Cmdlet):
    """The script block in this session; in others and on other hosts it is ``remote_invocation``'s."""

    def begin(self) -> None:
        self._input: list[Any] = []
        self._remote = None
        if self.set_name != "InProcess":
            from .remote_invocation import RemoteInvocation

            self._remote = RemoteInvocation(self)
            return
        if "$using:" in to_string(self.arg("ScriptBlock")).lower():
            raise self.terminate(
                NetException(
                    "A Using variable cannot be retrieved. A Using variable can be used only with Invoke-Command, "
                    "Start-Job, or "
                    "InlineScript in the script workflow. When it is used with Invoke-Command, the Using variable "
                    "is valid only if "
                    "the script block is invoked on a remote computer.",
                    net_type="System.Management.Automation.RuntimeException",
                ),
                "UsingWithoutInvokeCommand",
                "InvalidOperation",
            )

    def process(self) -> None:
        value = self.bound.get("inputobject", NOTHING)
        if value is not NOTHING:
            self._input.append(value)

    def end(self) -> None:
        if self._remote is not None:
            self._remote.run(self._input if self._input or self.expecting_input else None)
            return
        block = self.arg("ScriptBlock")
        args = as_list(self.arg("ArgumentList"))
        found = iter(self._input) if self.expecting_input else None
        streams = self.runtime.streams
        if streams.sinks.get("error") == self.write:
            streams = streams.redirected({"error": NULL})  # PowerShell loses errors that are merged into its output
        block.run(
            self.frame,
            self.write,
            args=list(args),
            input=found,
            streams=streams,
            local=not self.switch("NoNewScope"),
        )


@command("Measure-Command")
class MeasureCommand(Cmdlet):
    def begin(self) -> None:
        self._spent = 0
        self._ran = False

    def process(self) -> None:
        value = self.bound.get("inputobject", NOTHING)
        if value is not NOTHING:
            self._run(value)

    def _run(self, value: Any) -> None:
        self._ran = True
        start = time.perf_counter_ns()
        self.invoke_block(self.arg("Expression"), value, (), lambda item: None)
        self._spent += time.perf_counter_ns() - start

    def end(self) -> None:
        if not self._ran and not self.expecting_input:
            self._run(NOTHING)
        self.write(TimeSpan(self._spent // TICKS_PER_NANOSECOND))


@command("Set-StrictMode")
class SetStrictMode(Cmdlet):
    def end(self) -> None:
        scope = self.frame.scope
        if self.switch("Off"):
            scope.strict = 0
            return
        version = self.arg("Version")
        if not is_powershell_version(int(version[0]), int(version[1])):
            raise error(
                f"Cannot validate argument on parameter 'Version'. The \"{to_string(version)}\" argument does not "
                "contain a valid PowerShell version. Supply a valid version number and then try the command again.",
                f"ParameterArgumentValidationError,{self.net_name}",
                "InvalidData",
                net_type=SMA + "ParameterBindingValidationException",
            )
        scope.strict = min(3.0, float(version[0]))


def is_powershell_version(major: int, minor: int) -> bool:
    """Whether there has been such a PowerShell, up to this one."""
    return minor in {1: (0,), 2: (0,), 3: (0,), 4: (0,), 5: (0, 1), 6: (0, 1, 2), 7: range(7)}.get(major, ())
