"""PowerShell source to syntax tree: the parser's public face.

``parse`` never raises: what is wrong with a text is in ``ParseResult.errors`` with PowerShell's ids, messages and
positions, and the tree holds what could be read. The work is done in layers, each in its own module beside this one.
"""

from __future__ import annotations

import re
import sys
from typing import Literal, NamedTuple

from jobmagics.powershell.parser.checks import Checker
from jobmagics.powershell.parser.classes import ParserLayers
from jobmagics.powershell.parser.errors import MAX_ERRORS, ErrorList, ParseError, TooComplex
from jobmagics.powershell.parser.syntax import (
    Extent,
    FunctionDefinitionAst,
    NamedBlockAst,
    Position,
    ScriptBlockAst,
    Source,
)
from jobmagics.powershell.parser.tokens import Token
from jobmagics.powershell.values.utf16 import units

__all__ = ["Extent", "ParseError", "ParseResult", "Position", "Source", "Token", "completeness", "parse"]

RECURSION_LIMIT = 12_000
"""Python frames that the deepest script allowed (core.MAX_NESTING) needs, with room for the caller's."""

sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_LIMIT))

REQUIRES = re.compile(r"#requires[ \t]+(.*)", re.IGNORECASE)


class ParseResult(NamedTuple):
    ast: ScriptBlockAst
    errors: list[ParseError]
    tokens: list[Token]


def parse(text: str, file: str | None = None) -> ParseResult:
    """The tree of a script, what is wrong with it, and its tokens (comments among them) in the order of the text.

    Offsets and columns count UTF-16 units, as everywhere in PowerShell.
    """
    text = units(text)
    source = Source(text, file)
    errors = ErrorList()
    parser = ParserLayers(source, errors)
    try:
        tree = parser.script_block(None)
        tree.help = _script_help(tree, parser.inner_help(tree, None))
        Checker(errors).check(tree)
    except (TooComplex, RecursionError):
        if len(errors.errors) < MAX_ERRORS:
            at = min(parser.last_end(), len(text))
            errors.add("ScriptTooComplicated", at, at)
        tree = _empty(source)
    comments = parser.lexer.comments.values()
    tree.requires = [match[1].strip() for token in comments if (match := REQUIRES.match(token.text))]
    return ParseResult(tree, errors.errors, _in_order([*parser.tokens, *comments]))


def completeness(text: str) -> Literal["complete", "incomplete", "invalid"]:
    """Whether a text can run as it is, needs more to be typed, or can never become right by that."""
    errors = parse(text).errors
    if not errors:
        return "complete"
    return "incomplete" if any(error.incomplete for error in errors) else "invalid"


def _script_help(tree: ScriptBlockAst, found: str | None) -> str | None:
    """A script's help, unless it is that of the function it starts with."""
    first = tree.end_block.statements[:1] if tree.end_block is not None else []
    return None if first and isinstance(first[0], FunctionDefinitionAst) and first[0].help == found else found


def _empty(source: Source) -> ScriptBlockAst:
    end = NamedBlockAst(Extent(0, 0), "end", True, [], [])
    return ScriptBlockAst(Extent(0, len(source.text)), source, [], None, None, None, end, None, None)


def _in_order(tokens: list[Token]) -> list[Token]:
    """Tokens by place; of two that overlap (text read again in another mode) the first stays."""
    tokens.sort(key=lambda token: (token.start, -token.end))
    kept: list[Token] = []
    end = 0
    for token in tokens:
        if token.start >= end and token.end > token.start:
            kept.append(token)
            end = token.end
    return kept
