"""Tokens, and the words and operators the language reserves.

How text becomes tokens is ``lexer.Lexer``'s business: it depends on the mode the parser reads in.
A token's ``kind`` is its own text for punctuation, operators (lower case, ASCII dash) and keywords (lower
case), and one of the capitalized words below for all else.
"""

from __future__ import annotations

from typing import Any

from jobmagics.powershell.parser.syntax import Extent

VARIABLE = "Variable"  # value: the path
SPLAT = "SplattedVariable"  # value: the path
NUMBER = "Number"  # value: the number
STRING = "StringLiteral"  # value: the text
EXPANDABLE = "StringExpandable"  # value: the text, parts: literal text and nested tokens
WORD = "Generic"  # a bare word; value: its text with escapes and quotes resolved, parts if it has variables
NAME = "Identifier"
PARAMETER = "Parameter"  # value: (name, whether a colon ended it)
LABEL = "Label"  # value: the name
REDIRECT = "Redirection"  # value: (stream, append) to a file; (from stream, to stream) when it merges
MERGE = "MergingRedirection"
REDIRECT_IN = "RedirectInStd"
NEWLINE = "NewLine"
END = "EndOfInput"
UNKNOWN = "Unknown"
COMMENT = "Comment"
SUBEXPRESSION = "SubExpression"  # only in parts: the unread `$(...)` of an expandable string

# what a mode-independent token is: reading it again in another mode gives the same
ANY_MODE = frozenset(
    (NEWLINE, END, STRING, EXPANDABLE, "(", ")", "{", "}", "@(", "@{", "$(", ",", ";", "|", "&&", "||")
)

LOGICAL, BITWISE, COMPARISON, COALESCE, ADD, MULTIPLY, FORMAT, RANGE = range(1, 9)


def _with_cases(*names: str) -> list[str]:
    return [f"-{case}{name}" for name in names for case in ("", "i", "c")]


BINARY = {
    **dict.fromkeys(("-and", "-or", "-xor"), LOGICAL),
    **dict.fromkeys(("-band", "-bor", "-bxor"), BITWISE),
    **dict.fromkeys(
        _with_cases(*["eq", "ne", "ge", "gt", "lt", "le", "like", "notlike", "match", "notmatch", "replace"]),
        COMPARISON,
    ),
    **dict.fromkeys(_with_cases("contains", "notcontains", "in", "notin", "split"), COMPARISON),
    **dict.fromkeys(("-is", "-isnot", "-as", "-join", "-shl", "-shr"), COMPARISON),
    "??": COALESCE,
    "+": ADD,
    "-": ADD,
    "*": MULTIPLY,
    "/": MULTIPLY,
    "%": MULTIPLY,
    "-f": FORMAT,
    "..": RANGE,
}
"""Each binary operator and how tightly it binds."""

UNARY = frozenset(("!", "-not", "-bnot", "+", "-", "++", "--", ",", "-join", "-split", "-isplit", "-csplit"))
DASH_OPERATORS = frozenset(name for name in (*BINARY, *UNARY) if len(name) > 1 and name[0] == "-" and name != "--")
ASSIGNMENT = frozenset(("=", "+=", "-=", "*=", "/=", "%=", "??="))

BLOCK_NAMES = frozenset(("begin", "process", "end", "clean", "dynamicparam"))

_STATEMENT_WORDS = (
    "break catch continue data do else elseif exit filter finally for foreach from function if in inlinescript"
    " parallel param return sequence switch throw trap try until using var while workflow define"
)
_OTHER_WORDS = (
    "assembly base class command configuration default enum hidden interface module namespace private public static"
    " type"
)
NO_ATTRIBUTES = frozenset(_STATEMENT_WORDS.split())
"""Keywords of statements that attributes may not stand before."""
KEYWORDS = NO_ATTRIBUTES | BLOCK_NAMES | frozenset(_OTHER_WORDS.split()) - {"inlinescript"}


class Token:
    """A piece of source text. ``text`` is as written; what ``value`` is depends on the kind (see above)."""

    __slots__ = ("end", "kind", "parts", "start", "text", "value")

    def __init__(self, kind: str, start: int, end: int, text: str, value: Any = None, *, parts: Any = None) -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.text = text
        self.value = value
        self.parts: list[str | Token] | None = parts

    @property
    def extent(self) -> Extent:
        return Extent(self.start, self.end)

    def __repr__(self) -> str:
        return f"Token({self.kind}, {self.start}, {self.text!r})"
