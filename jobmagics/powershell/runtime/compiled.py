"""What the compiler makes of a script block, and how a statement says that control goes elsewhere.

A compiled statement is ``statement(frame, out)``: it sends its output to ``out`` and returns None, or a ``Flow`` when a
loop or the block is to be left. Loops look at the return value, so break, continue and return cost no exception.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..binding.parameters import CommandMetadata
    from ..parser.syntax import ScriptBlockAst, Source
    from .problems import Place
    from .runspace import Frame

Sink = Callable[[Any], Any]
Expression = Callable[["Frame"], Any]
Statement = Callable[["Frame", Sink], Any]


class Flow:
    __slots__ = ("kind", "label")

    def __init__(self, kind: str, label: str | None = None) -> None:
        self.kind = kind
        self.label = label


BREAK = Flow("break")
CONTINUE = Flow("continue")
RETURN = Flow("return")


class LoopControl(BaseException):
    """A break, continue or return on its way out of an expression, or out of a block to a loop of the caller's.

    ``held`` is what the expression's commands had given before: ``$(1; return 2)`` still gives 1 and 2.
    """

    def __init__(self, flow: Flow, held: list[Any] | None = None) -> None:
        super().__init__(flow.kind)
        self.flow = flow
        self.held = held or []

    def release(self, out: Sink) -> Flow:
        """Where control goes; what was held goes to ``out``."""
        for value in self.held:
            out(value)
        self.held = []
        return self.flow


class CompiledBlock:
    """A script block ready to run. Blocks that were not written are None."""

    __slots__ = (
        "_metadata",
        "begin",
        "clean",
        "declared",
        "dynamic",
        "end",
        "plan",
        "process",
        "simple",
        "source",
        "tree",
        "value",
    )

    def __init__(self, tree: ScriptBlockAst, source: Source) -> None:
        self.tree = tree
        self.source = source
        self.declared: Callable[[], CommandMetadata] | None = None  # None: no param block
        self._metadata: CommandMetadata | None = None
        self.begin: Statement | None = None
        self.process: Statement | None = None
        self.end: Statement | None = None
        self.clean: Statement | None = None
        self.dynamic: Statement | None = None
        self.simple = True  # nothing but an end block
        self.value: tuple[Expression, Place] | None = None  # a block that is one expression: that, and where it stands
        self.plan: Any = None  # plain_calls.Plan, False when there is none, None when nobody asked yet

    @property
    def metadata(self) -> CommandMetadata | None:
        """What the param block says, made when it is first asked for: errors of its attributes are the call's."""
        if self._metadata is None and self.declared is not None:
            self._metadata = self.declared()
        return self._metadata

    @property
    def advanced(self) -> bool:
        return self.metadata is not None and self.metadata.cmdlet_binding
