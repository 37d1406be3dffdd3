"""What every part of the parser stands on: the current token, modes, extents, errors, depth.

The parser is one class, built in layers that each know one noun: types, expressions, commands, statements,
definitions. The layers below call those above through the methods declared here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from jobmagics.powershell.parser.errors import ErrorList, TooComplex
from jobmagics.powershell.parser.lexer import COMMAND, EXPRESSION, Lexer
from jobmagics.powershell.parser.syntax import (
    Ast,
    CommandBaseAst,
    ExpressionAst,
    Extent,
    PipelineBaseAst,
    ScriptBlockExpressionAst,
    Source,
    StatementAst,
    StatementBlockAst,
)
from jobmagics.powershell.parser.text import BLANKS_AND_LINES, BLANKS_LINES_AND_SEMICOLONS
from jobmagics.powershell.parser.tokens import ANY_MODE, END, NAME, NEWLINE, Token

MAX_NESTING = 700
"""Statements and expressions inside one another before the script counts as too complex (about 350 parentheses)."""


class ParserCore:
    def __init__(self, source: Source, errors: ErrorList, lexer: Lexer | None = None, depth: int = 0) -> None:
        self.source = source
        self.errors = errors
        self.lexer = lexer or Lexer(source.text, errors)
        self.tokens: list[Token] = []
        self.depth = depth
        self.no_commas = False  # the comma separates arguments here and makes no array
        self._ahead: Token | None = None
        self._ahead_key = (0, False, False, False)

    # -- the layers above

    def expression(self, *, in_ternary: bool = False) -> ExpressionAst | None:
        raise NotImplementedError

    def unary(self) -> ExpressionAst | None:
        raise NotImplementedError

    def pipeline(self) -> PipelineBaseAst | None:
        raise NotImplementedError

    def statement(self) -> StatementAst | None:
        raise NotImplementedError

    def statement_block(self) -> StatementBlockAst | None:
        raise NotImplementedError

    def single_argument(self, *, list_allowed: bool = False, name: bool = False) -> ExpressionAst | None:
        raise NotImplementedError

    def script_block_expression(self, left: Token) -> ScriptBlockExpressionAst:
        raise NotImplementedError

    def redirected(self, expression: ExpressionAst) -> CommandBaseAst:
        raise NotImplementedError

    # -- tokens

    def peek(self) -> Token:
        lexer = self.lexer
        ahead = self._ahead
        if ahead is not None:
            if ahead.kind in ANY_MODE:
                return ahead
            key = (lexer.mode, lexer.signed_numbers, lexer.simple_name, lexer.in_ternary)
            if key == self._ahead_key:
                return ahead
            lexer.pos = ahead.start
            self._ahead_key = key
        else:
            self._ahead_key = (lexer.mode, lexer.signed_numbers, lexer.simple_name, lexer.in_ternary)
        self._ahead = ahead = lexer.token()
        return ahead

    def take(self) -> Token:
        token = self.peek()
        self._ahead = None
        self.tokens.append(token)
        return token

    def accept(self, kind: str) -> Token | None:
        token = self.peek()
        if token.kind != kind:
            return None
        self._ahead = None
        self.tokens.append(token)
        return token

    def found(self, token: Token) -> Token:
        """Takes a token that was just peeked at, or looked for in the text itself."""
        self._ahead = None
        self.tokens.append(token)
        return token

    def back_to(self, at: int) -> None:
        """Read again from ``at``."""
        self._ahead = None
        self.lexer.pos = min(at, self.lexer.end)
        while self.tokens and self.tokens[-1].end > at:
            self.tokens.pop()

    def here(self) -> int:
        """Where the next unread token starts, or blanks before it."""
        return self._ahead.start if self._ahead is not None else self.lexer.pos

    def unread(self) -> None:
        """Put the lexer at the token ahead, to look at the text itself."""
        if self._ahead is not None:
            self.lexer.pos = min(self._ahead.start, self.lexer.end)
            self._ahead = None

    def last_end(self) -> int:
        return self.tokens[-1].end if self.tokens else 0

    def skip_newlines(self) -> None:
        if self._ahead is not None:
            if self._ahead.kind != NEWLINE:
                return
            self._ahead = None
        self.lexer.skip_blanks(BLANKS_AND_LINES)

    def skip_separators(self) -> None:
        """Line ends and semicolons."""
        if self._ahead is not None:
            if self._ahead.kind not in (NEWLINE, ";"):
                return
            self._ahead = None
        self.lexer.skip_blanks(BLANKS_LINES_AND_SEMICOLONS)

    def simple_name(self) -> Token | None:
        """A plain identifier, keywords included."""
        self.lexer.simple_name = True
        token = self.peek()
        self.lexer.simple_name = False
        if token.kind != NAME:
            return None
        self._ahead = None
        self.tokens.append(token)
        return token

    @contextmanager
    def mode(self, mode: int) -> Iterator[None]:
        saved, self.lexer.mode = self.lexer.mode, mode
        try:
            yield
        finally:
            self.lexer.mode = saved

    @contextmanager
    def fresh(self, mode: int = COMMAND) -> Iterator[None]:
        """Inside brackets: ``mode``, and commas make arrays again."""
        lexer = self.lexer
        saved = lexer.mode, self.no_commas, lexer.in_ternary
        lexer.mode, self.no_commas, lexer.in_ternary = mode, False, False
        try:
            yield
        finally:
            lexer.mode, self.no_commas, lexer.in_ternary = saved

    @contextmanager
    def separate(self) -> Iterator[None]:
        """Arguments: an expression mode in which commas separate."""
        lexer = self.lexer
        saved = lexer.mode, self.no_commas
        lexer.mode, self.no_commas = EXPRESSION, True
        try:
            yield
        finally:
            lexer.mode, self.no_commas = saved

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise TooComplex

    # -- errors and extents

    def missing(self, error_id: str, at: int, *args: str) -> bool:
        """Something is missing at ``at``; True (and incomplete) if nothing follows there."""
        incomplete = self.lexer.is_end(at)
        self.errors.add(error_id, at, at, *args, incomplete=incomplete)
        return incomplete

    def missing_for(self, error_id: str, start: int, end: int, seen_at: int, *args: str) -> bool:
        """As ``missing``, but shown at ``start``-``end`` while noticed at ``seen_at``."""
        incomplete = self.lexer.is_end(seen_at)
        self.errors.add(error_id, start, end, *args, incomplete=incomplete)
        return incomplete

    def wrong(self, error_id: str, extent: Extent | Token, *args: str) -> None:
        if isinstance(extent, Token):
            self.errors.add(error_id, extent.start, extent.end, *args)
        else:
            self.errors.add(error_id, extent.start, extent.end, *args)

    def skip_to(self, *kinds: str, take: bool) -> None:
        """Error recovery: over tokens (and bracketed runs of them) up to one of ``kinds``."""
        opened = {"(": 0, "[": 0, "{": 0}
        pairs = {")": "(", "]": "[", "}": "{"}
        opening = {"(": "(", "@(": "(", "$(": "(", "[": "[", "{": "{", "@{": "{"}
        while True:
            token = self.peek()
            if token.kind == END:
                return
            if token.kind in opening:
                opened[opening[token.kind]] += 1
            elif token.kind in pairs and opened[pairs[token.kind]]:
                opened[pairs[token.kind]] -= 1
            elif token.kind in kinds and not any(opened.values()):
                if take:
                    self.take()
                return
            elif token.kind in pairs:
                return
            self.take()


def span(first: Ast | Token, last: Ast | Token) -> Extent:
    start = first.start if isinstance(first, Token) else first.extent[0]
    end = last.end if isinstance(last, Token) else last.extent[1]
    return Extent(start, end)


def end_of(item: Ast | Token) -> int:
    return item.end if isinstance(item, Token) else item.extent[1]
