"""Script blocks: code as a value.

A block is compiled on its first run and keeps the result. It runs in the scope of whoever calls it (a new child
scope, or
none for ForEach-Object and dot-sourcing); ``GetNewClosure`` binds it to a copy of the variables of its maker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ..records import SMA
from ..values.value import NOTHING

if TYPE_CHECKING:
    from ..parser.syntax import ScriptBlockAst
    from .compiled import CompiledBlock
    from .runspace import Frame
    from .scopes import Scope
    from .streams import StreamSet


class ScriptBlock:
    ps_clixml_tag = "SBK"
    ps_as_string = True

    __slots__ = ("_compiled", "ast", "closure", "is_filter", "module", "name", "parameters", "ps_added", "text")

    def __init__(self, ast: ScriptBlockAst, text: str, compiled: CompiledBlock | None = None) -> None:
        self.ast = ast
        self.text = text
        self._compiled = compiled
        self.closure: Scope | None = None  # the variables captured by GetNewClosure
        self.parameters: Any = None  # `function f($a)`: parameters written after the name
        self.name = ""
        self.is_filter = False
        self.module = ""

    @classmethod
    def parse(cls, text: str, file: str | None = None, interactive: bool = False) -> ScriptBlock:
        """Raises ScriptError (ParseException) when the text does not parse; ``interactive``: IncompleteParseException
        where more text could complete it."""
        from ..parser import parse
        from .problems import parse_failed

        result = parse(text, file)
        if result.errors:
            raise parse_failed(result, text, file, interactive)
        return cls(result.ast, text)

    @property
    def compiled(self) -> CompiledBlock:
        if self._compiled is None:
            from ..compiler.core import compile_block

            self._compiled = compile_block(self.ast, self.parameters)
        return self._compiled

    def run(
        self,
        frame: Frame,
        sink: Callable[[Any], Any],
        *,
        under: Any = NOTHING,
        args: list[Any] | None = None,
        input: Iterable[Any] | None = None,
        streams: StreamSet | None = None,
        local: bool = True,
        this: Any = NOTHING,
        quiet: bool = False,
    ) -> None:
        """Runs to the end. ``local``: in a new scope. ``under`` is $_. ``quiet``: an error of a statement ends it; the
        error is in $Error, and the caller's to show."""
        from .invocation import run_block

        run_block(self, frame, sink, under, args or [], input, streams, local, this, quiet)

    def invoke(self, frame: Frame, args: list[Any], under: Any = NOTHING, this: Any = NOTHING) -> list[Any]:
        """All output, in a list."""
        found: list[Any] = []
        self.run(frame, found.append, under=under, args=args, this=this)
        return found

    def with_scope(self, scope: Scope) -> ScriptBlock:
        copy = ScriptBlock(self.ast, self.text, self._compiled)
        copy.parameters = self.parameters
        copy.closure = scope
        return copy

    def ps_type_names(self) -> list[str]:
        return [SMA + "ScriptBlock", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "Attributes", []
        yield "File", self.ast.source.file
        yield "IsFilter", self.is_filter
        yield "IsConfiguration", False
        yield "Module", None
        yield "StartPosition", None
        yield "DebuggerHidden", False
        yield "Id", None
        yield "Ast", self.text

    def ps_to_string(self) -> str:
        return self.text

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        """The methods that scripts call on a block; AttributeError for others."""
        from .invocation import block_method

        return block_method(self, name, args)

    def __repr__(self) -> str:
        return f"<ScriptBlock {self.text!r}>"
