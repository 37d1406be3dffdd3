"""Where the cursor is: the text before it is parsed with a mark at its end, and the nodes around the mark tell.

The parser keeps what it could read of a text that is not complete, so an open brace or quote needs no care here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

from ..parser import ParseResult, parse
from ..parser import syntax as s

if TYPE_CHECKING:
    from ..runtime.runspace import Runspace

MARK = "\ua66e"  # a letter nobody writes: it continues words, names of variables and parameters alike
CLOSERS = {"{": "}", "@{": "}", "(": ")", "@(": ")", "$(": ")", "[": "]"}
Node = TypeVar("Node", bound=s.Ast)


class Place:
    """The end of ``text`` in ``runspace``: ``path`` has the nodes around it, outermost first."""

    def __init__(self, runspace: Runspace, text: str, rest: str = "") -> None:
        self.runspace = runspace
        self.text = text
        self.rest = rest
        found = parse(text + MARK)
        if "MissingEndCurlyBrace" in {error.id for error in found.errors}:
            found = _closed(text + MARK, found)
        self.tree = found.ast
        self.errors = {error.id for error in found.errors}
        self.comment = any(token.kind == "Comment" and token.start < len(text) <= token.end for token in found.tokens)
        self.path = list(self._around(self.tree))

    @property
    def leaf(self) -> s.Ast:
        return self.path[-1]

    def start(self, node: s.Ast) -> int:
        return min(node.extent[0], len(self.text))

    def word(self, node: s.Ast) -> str:
        """What is written of a node before the cursor."""
        return self.text[self.start(node) :]

    def above(self, kind: type[Node]) -> Node | None:
        """The nearest node of a kind around the cursor."""
        return next((node for node in reversed(self.path) if isinstance(node, kind)), None)

    def before(self, kind: type[Node]) -> Iterator[Node]:
        """All nodes of a kind that begin before the cursor, in the order of the text."""
        return (node for node in self.walk(self.tree) if isinstance(node, kind))

    def after(self) -> Iterator[s.CommandAst]:
        """The commands of the text after the cursor."""
        return (node for node in self.walk(parse(self.rest).ast) if isinstance(node, s.CommandAst))

    def walk(self, node: s.Ast) -> Iterator[s.Ast]:
        waiting = [node]
        while waiting:
            at = waiting.pop()
            yield at
            waiting.extend(reversed(list(at.children())))

    def _around(self, node: s.Ast) -> Iterator[s.Ast]:
        end, at = len(self.text), node
        while True:
            yield at
            inside = next((child for child in at.children() if child.extent[0] <= end < child.extent[1]), None)
            if inside is None:
                return
            at = inside


def _closed(text: str, found: ParseResult) -> ParseResult:
    """With the open brackets closed, where that reads better: of a class cut off the parser keeps nothing."""
    waiting: list[str] = []
    for token in found.tokens:
        if token.kind in CLOSERS:
            waiting.append(CLOSERS[token.kind])
        elif waiting and token.kind == waiting[-1]:
            waiting.pop()
    again = parse(text + "".join(reversed(waiting)))
    return again if len(again.errors) <= len(found.errors) else found
