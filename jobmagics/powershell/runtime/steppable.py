"""SteppablePipeline: a proxy function runs another command by Begin, Process and End."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..values.value import unroll

if TYPE_CHECKING:
    from .calls import Call
    from .runspace import Frame
    from .scriptblock import ScriptBlock


class SteppablePipeline:
    def __init__(self, block: ScriptBlock, frame: Frame) -> None:
        self.block = block
        self.frame = frame
        self.calls: list[Call] = []
        self.found: list[Any] = []

    def ps_type_names(self) -> list[str]:
        return ["System.Management.Automation.SteppablePipeline", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        return ()

    def ps_to_string(self) -> str:
        return "System.Management.Automation.SteppablePipeline"

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        step = {"begin": self.begin, "process": self.process, "end": self.end, "dispose": self.dispose}.get(
            name.lower()
        )
        if step is None:
            raise AttributeError(name)
        return step(*args)

    def begin(self, target: Any = False, *rest: Any) -> Any:
        """Begin($PSCmdlet) sends output to the function's own; Begin($true) gives it back from each step."""
        from ..compiler.commands import prepare_command
        from ..compiler.core import Context, load

        load()
        tree = self.block.ast
        assert tree.end_block is not None
        pipeline: Any = tree.end_block.statements[0]
        prepared = [prepare_command(one, Context(tree.source)) for one in pipeline.elements]
        calls = [prepare(self.frame) for prepare in prepared]
        runtime = getattr(target, "runtime", None)
        sink = runtime.write if runtime is not None else self.found.append
        expecting = True if runtime is None else runtime.expecting_input
        for at in range(len(calls) - 1, -1, -1):
            calls[at].connect(sink, at > 0 or bool(expecting))
            sink = calls[at].process
        for call in calls:
            call.begin()
        self.calls = calls
        return self.taken()

    def taken(self) -> Any:
        output = list(self.found)
        self.found.clear()
        return unroll(output)

    def process(self, *values: Any) -> Any:
        if not self.calls:
            self.begin(True)
        for value in values:
            self.calls[0].process(value)
        return self.taken()

    def end(self) -> Any:
        for call in self.calls:
            call.end()
        return self.taken()

    def dispose(self) -> None:
        for call in self.calls:
            call.close()
