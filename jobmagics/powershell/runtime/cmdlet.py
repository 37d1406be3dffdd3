"""The base of every cmdlet.

A cmdlet is a class with ``begin``, ``process`` and ``end``; one instance lives for one call in one pipeline.
Parameters are bound and converted (binding/binder.py, from the recorded facts) before each method runs; common
parameters, redirection and preference variables are handled behind ``write``, ``error`` and the other stream methods,
so that a cmdlet's code is only what the cmdlet does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from ...psobject import Hashtable
from ..records import (
    SMA,
    ErrorRecord,
    InformationRecord,
    NetException,
    ProgressRecord,
    ScriptError,
    StopUpstream,
)
from ..values.value import NOTHING, enumerate_value

if TYPE_CHECKING:
    from ..records import InvocationInfo
    from .calls import CommandRuntime
    from .runspace import Frame, Runspace
    from .scriptblock import ScriptBlock

Sink = Callable[[Any], Any]
C = TypeVar("C", bound="type[Cmdlet]")


class Cmdlet:
    """Derive, decorate with ``@command("Verb-Noun")``, override what is needed."""

    name: ClassVar[str] = ""
    # The .NET class's name, as it ends error ids: "NativeCommand,Microsoft.PowerShell.Commands.GetItemCommand".
    net_name: ClassVar[str] = ""

    def __init__(self, runtime: CommandRuntime) -> None:
        self.runtime = runtime
        self.runspace: Runspace = runtime.runspace
        self.frame: Frame = runtime.frame  # the caller's frame: variables are looked up here
        self.bound: dict[str, Any] = {}  # lower-case parameter name -> converted value; pipeline-bound ones change
        self.set_name: str = ""
        self.input: Any = NOTHING  # the pipeline object of this process() call; NOTHING without pipeline input
        self.write: Sink = runtime.write  # one object, as it is (a list stays one object)

    @property
    def invocation(self) -> InvocationInfo:
        return self.runtime.invocation

    # -- to override
    takes_elements: ClassVar[bool] = False  # has an element_sink

    def element_sink(self) -> Sink | None:
        """Instead of ``process``, where every pipeline object is bound as it is to the same parameter and nothing else
        changes: what takes the objects. Asked for before ``begin``; None when this call needs ``process``."""
        return None

    def begin(self) -> None:
        pass

    def process(self) -> None:
        pass

    def end(self) -> None:
        pass

    def stop(self) -> None:
        """Called from another thread when the pipeline is stopped. Blocking waits should use
        ``self.sleep``/``stop_event`` instead."""

    # -- parameters
    def arg(self, name: str, default: Any = None) -> Any:
        """The bound, converted value."""
        return self.bound.get(name.lower(), default)

    def has(self, name: str) -> bool:
        return name.lower() in self.bound

    def switch(self, name: str) -> bool:
        value = self.bound.get(name.lower())
        return bool(value)

    @property
    def expecting_input(self) -> bool:
        """True when the command stands after a ``|``."""
        return self.runtime.expecting_input

    # -- output
    def write_all(self, values: Iterable[Any]) -> None:
        write = self.write
        for value in values:
            write(value)

    def write_enumerated(self, value: Any) -> None:
        """WriteObject(value, enumerateCollection: true)."""
        write = self.write
        for item in enumerate_value(value):
            write(item)

    # -- errors
    def error(
        self,
        error: ErrorRecord | NetException | str,
        fqid: str = "",
        category: str = "NotSpecified",
        target: Any = None,
        *,
        net_type: str = SMA + "RuntimeException",
    ) -> None:
        """A non-terminating error. A str is the message of an exception of ``net_type``."""
        self.runtime.write_error(self.record(error, fqid, category, target, net_type=net_type))

    def terminate(
        self,
        error: ErrorRecord | NetException | str,
        fqid: str = "",
        category: str = "NotSpecified",
        target: Any = None,
        *,
        net_type: str = SMA + "RuntimeException",
    ) -> ScriptError:
        """ThrowTerminatingError: ``raise self.terminate("...", "Id", "InvalidArgument")``."""
        return self.runtime.terminating(self.record(error, fqid, category, target, net_type=net_type))

    @staticmethod
    def record(
        error: ErrorRecord | NetException | str, fqid: str, category: str, target: Any, *, net_type: str
    ) -> ErrorRecord:
        if isinstance(error, ErrorRecord):
            return error
        exception = NetException(error, net_type=net_type) if isinstance(error, str) else error
        return ErrorRecord(exception, fqid, category, target)

    # -- the other streams
    def warning(self, text: str) -> None:
        self.runtime.write_informational("Warning", text)

    def verbose(self, text: str) -> None:
        self.runtime.write_informational("Verbose", text)

    def debug(self, text: str) -> None:
        self.runtime.write_informational("Debug", text)

    def information(self, record: InformationRecord) -> None:
        self.runtime.write_information(record)

    def progress(self, record: ProgressRecord) -> None:
        self.runtime.write_progress(record)

    # -- doing
    def should_process(self, target: str, action: str | None = None) -> bool:
        """-WhatIf and -Confirm. ``action`` defaults to the command's name."""
        return self.runtime.should_process(target, action or self.name)

    def should_continue(self, query: str, caption: str) -> bool:
        return self.runtime.should_continue(query, caption)

    def invoke_block(
        self, block: ScriptBlock, under: Any = NOTHING, args: Iterable[Any] = (), sink: Sink | None = None
    ) -> None:
        """Runs a script block in its own scope's child-less way (as ForEach-Object does), ``$_`` = under; output to
        ``sink`` or the pipeline."""
        block.run(
            self.frame, sink or self.write, under=under, args=list(args), streams=self.runtime.streams, local=False
        )

    def block_value(self, block: ScriptBlock, under: Any = NOTHING, args: Iterable[Any] = ()) -> Any:
        """The block's output as one value: None, the one object, or a list."""
        found: list[Any] = []
        self.invoke_block(block, under, args, found.append)
        return found[0] if len(found) == 1 else (found or None)

    def sleep(self, seconds: float) -> None:
        """Waits; raises PipelineStopped at once when the pipeline is stopped."""
        self.runspace.sleep(seconds)

    def check_stopped(self) -> None:
        """To be called in long loops of a cmdlet's own."""
        if self.runspace.stopping:
            self.runspace.raise_stopped()

    def stop_upstream(self) -> StopUpstream:
        """``raise self.stop_upstream()``: this command has all it wants (Select-Object -First)."""
        return StopUpstream(self.runtime)

    # -- the session
    def variable(self, name: str, default: Any = None) -> Any:
        return self.frame.get_variable(name, default)

    def path(self, text: str) -> str:
        """A file-system path made absolute against the session's location (~ expanded)."""
        return self.runspace.resolve_path(text)


REGISTRY: dict[str, type[Cmdlet]] = {}


def command(name: str, net_name: str = "") -> Callable[[C], C]:
    """Registers a Cmdlet class. ``net_name``: the .NET class if it is not
    Microsoft.PowerShell.Commands.<VerbNoun>Command."""

    def register(cls: C) -> C:
        cls.name = name
        cls.net_name = net_name or f"Microsoft.PowerShell.Commands.{name.replace('-', '')}Command"
        REGISTRY[name.lower()] = cls
        return cls

    return register


__all__ = ["NOTHING", "REGISTRY", "Cmdlet", "Hashtable", "Sink", "command"]
