"""The lexer: the next token of a text, in the mode the parser is reading in.

PowerShell has no tokens as such: ``a-b`` is one word where a command's arguments stand and three tokens in an
expression. The parser sets ``mode`` before it asks, and may go back (``pos``) and ask again in another mode.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from jobmagics.powershell.parser.errors import ErrorList
from jobmagics.powershell.parser.numbers import DASHES, NUMBER, number_value
from jobmagics.powershell.parser.text import (
    BLANK_CHARS,
    DOUBLE_QUOTES,
    ENDS_TOKEN_CHARS,
    SINGLE_QUOTES,
    TextReader,
)
from jobmagics.powershell.parser.tokens import (
    DASH_OPERATORS,
    END,
    EXPANDABLE,
    KEYWORDS,
    LABEL,
    MERGE,
    NAME,
    NEWLINE,
    PARAMETER,
    REDIRECT,
    REDIRECT_IN,
    STRING,
    UNKNOWN,
    WORD,
    Token,
)
from jobmagics.powershell.parser.tokens import (
    NUMBER as NUMBER_TOKEN,
)

COMMAND, EXPRESSION, TYPE_NAME, SIGNATURE = range(4)

IDENTIFIER = re.compile(r"\w+")
TYPE_IDENTIFIER = re.compile(r"[\w.`+#\\]+")
ASSEMBLY_NAME = re.compile(rf"[^\0,=\]\r\n{BLANK_CHARS}]*")
COMMAND_PARAMETER = re.compile(rf"[^{ENDS_TOKEN_CHARS}.\[:{SINGLE_QUOTES}{DOUBLE_QUOTES}]*")
EXPRESSION_PARAMETER = re.compile(r"[A-Za-z]*")
LABEL_NAME = re.compile(r"[^\W\d]\w*")
FILE_OR_MERGE = re.compile(r"([1-6*])?>(>|&[12])?")
ENDS_NUMBER = frozenset("!#%*+-./<=>]" + DASHES)
ENDS_NUMBER_IN_TERNARY = frozenset("?:")

Reader = Callable[["Lexer", int], Token]


class Lexer(TextReader):
    def __init__(self, text: str, errors: ErrorList, start: int = 0, end: int | None = None) -> None:
        super().__init__(text, errors, start, end)
        self.mode = COMMAND
        self.signed_numbers = False  # a sign before digits belongs to the number
        self.simple_name = False  # a name ends where an identifier ends, and no word is a keyword
        self.in_ternary = False  # `?` and `:` end a number

    def token(self) -> Token:
        start = self.skip_blanks()
        if start >= self.end:
            # PowerShell places the end of input one behind the last character
            return Token(END, self.end + 1, self.end + 1, "")
        char = self.text[start]
        reader = READERS.get(char)
        if reader is not None:
            return reader(self, start)
        if char.isalpha() or char == "_":
            return self._identifier(start)
        if char in "\r\n":
            self.pos = start + (2 if self.text.startswith("\r\n", start) else 1)
            return Token(NEWLINE, start, self.pos, self.text[start : self.pos])
        return self.read_word(start, start + 1, char)

    def _take(self, kind: str, start: int, length: int) -> Token:
        self.pos = start + length
        return Token(kind, start, self.pos, self.text[start : self.pos])

    def _operator(self, kind: str, start: int) -> Token:
        """An operator, or in command mode the start of a word unless a token ends there."""
        after = start + len(kind)
        if self.mode == COMMAND and not self.ends_token(after):
            return self.read_word(start, after, self.text[start:after])
        return self._take(kind, start, len(kind))

    # -- names

    def _identifier(self, start: int) -> Token:
        if self.mode == TYPE_NAME:
            match = TYPE_IDENTIFIER.match(self.text, start, self.end)
        else:
            match = IDENTIFIER.match(self.text, start, self.end)
        if match is None:  # a letter that is no word character to `re`
            return self.read_word(start, start + 1, self.text[start])
        name = match[0]
        self.pos = match.end()
        if self.mode in (TYPE_NAME, EXPRESSION) or self.simple_name:
            return Token(NAME, start, self.pos, name, name)
        if self.mode == COMMAND and not self.ends_token(self.pos):
            return self.read_word(start, self.pos, name)
        lower = name.lower()
        return Token(lower if lower in KEYWORDS else NAME, start, self.pos, name, name)

    def _label_or_colon(self, start: int) -> Token:
        if self.char(start + 1) == ":":
            if self.mode == COMMAND and not self.simple_name and not self.ends_token(start + 2):
                return self.read_word(start, start + 2, "::")
            return self._take("::", start, 2)
        if self.mode != COMMAND:
            return self._take(":", start, 1)
        name = LABEL_NAME.match(self.text, start + 1, self.end)
        if name is None or not self.ends_token(name.end()):
            return self.read_word(start, start + 1, ":")
        self.pos = name.end()
        return Token(LABEL, start, self.pos, self.text[start : self.pos], name[0])

    # -- numbers

    def _number(self, start: int) -> Token:
        match = NUMBER.match(self.text, start, self.end)
        if match is not None and self._number_ends(match.end()):
            value = number_value(match)
            if value is not None or self.mode == EXPRESSION:
                self.pos = match.end()
                if value is None:
                    self.errors.add("BadNumericConstant", self.pos, self.pos + 1, match[0])
                return Token(NUMBER_TOKEN, start, self.pos, match[0], value)
        return self.read_word(start)

    def _number_ends(self, at: int) -> bool:
        if self.ends_token(at):
            return True
        char = self.text[at]
        if self.mode != EXPRESSION:
            return False
        return char in ENDS_NUMBER or (self.in_ternary and char in ENDS_NUMBER_IN_TERNARY)

    def _digit(self, start: int) -> Token:
        if self.char(start + 1) == ">" and self.text[start] in "123456":
            return self._redirection(start)
        return self._number(start)

    def _redirection(self, start: int) -> Token:
        match = FILE_OR_MERGE.match(self.text, start, self.end)
        assert match is not None
        stream = {None: 1, "*": 0}.get(match[1])
        stream = int(match[1]) if stream is None else stream
        target = match[2] or ""
        self.pos = match.end()
        if target.startswith("&") and (match[1] is None or (match[1] == "*" and target == "&2")):
            target = ""  # `>&1` and `*>&2` are no merging operators
            self.pos = match.start(2)
        written = self.text[start : self.pos]
        if target.startswith("&"):
            return Token(MERGE, start, self.pos, written, (stream, int(target[1])))
        return Token(REDIRECT, start, self.pos, written, (stream, target == ">"))

    # -- strings, variables and what starts with @

    def _literal(self, start: int) -> Token:
        value = self.read_literal(start)
        return Token(STRING, start, self.pos, self.text[start : self.pos], value)

    def _expandable(self, start: int) -> Token:
        parts: list[str | Token] = []
        self.read_expandable(start, parts)
        return Token(EXPANDABLE, start, self.pos, self.text[start : self.pos], parts=parts)

    def _at_sign(self, start: int) -> Token:
        after = self.char(start + 1)
        if after and after in "{(":
            return self._take("@" + after, start, 2)
        if after and after in SINGLE_QUOTES:
            return self.read_here_literal(start)
        if after and after in DOUBLE_QUOTES:
            return self.read_here_expandable(start)
        if self.starts_variable(start + 1):
            return self._variable(start)
        self.errors.add("UnrecognizedToken", start, start + 1)
        return self._take(UNKNOWN, start, 1)

    def _dollar(self, start: int) -> Token:
        if self.char(start + 1) == "(":
            return self._take("$(", start, 2)
        if self.char(start + 1) == "{" or self.starts_variable(start + 1):
            return self._variable(start)
        return self.read_word(start, start + 1, "$")

    def _variable(self, start: int) -> Token:
        token = self.read_variable(start)
        after = self.char(token.end)
        if self.mode != COMMAND or not after or self.ends_token(token.end):
            return token
        special = token.value in ("$", "?", "^") and token.text[1] != "{"
        if special or (after not in ".[" and not (after == "=" and token.text[1] != "{") and not _static(self, token)):
            return self.read_word(start)
        return token

    # -- operators

    def _plus(self, start: int) -> Token:
        after = self.char(start + 1)
        if after in ("+", "="):
            return self._operator("+" + after, start)
        if self.signed_numbers and (after == "." or after.isdigit()):
            return self._number(start)
        return self._operator("+", start)

    def _dash(self, start: int) -> Token:
        after = self.char(start + 1)
        if after and after in DASHES:
            return self._operator("--", start)
        if after == "=":
            return self._operator("-=", start)
        if after and (after.isalpha() or after in "_?"):
            return self._parameter(start)
        if self.signed_numbers and (after == "." or after.isdigit()):
            return self._number(start)
        return self._operator("-", start)

    def _parameter(self, start: int) -> Token:
        if self.mode != COMMAND:
            return self._dash_operator(start)
        match = COMMAND_PARAMETER.match(self.text, start + 1, self.end)
        assert match is not None
        name, self.pos = match[0], match.end()
        after = self.char(self.pos)
        if after and after in SINGLE_QUOTES + DOUBLE_QUOTES:
            return self.read_word(start, self.pos, self.text[start : self.pos])
        colon = after == ":"
        if colon:
            self.pos += 1
        return Token(PARAMETER, start, self.pos, self.text[start : self.pos], (name, colon))

    def _dash_operator(self, start: int) -> Token:
        match = EXPRESSION_PARAMETER.match(self.text, start + 1, self.end)
        assert match is not None
        self.pos = match.end()
        written = self.text[start : self.pos]
        if not match[0]:
            return Token("-", start, self.pos, written)
        operator = "-" + match[0].lower()
        if self.mode == EXPRESSION and operator in DASH_OPERATORS:
            return Token(operator, start, self.pos, written)
        return Token(PARAMETER, start, self.pos, written, (match[0], False))

    def _star(self, start: int) -> Token:
        after = self.char(start + 1)
        if after == "=":
            return self._operator("*=", start)
        if after == ">":
            return self._redirection(start)
        return self._operator("*", start)

    def _with_equals(self, start: int) -> Token:
        char = self.text[start]
        return self._operator(char + "=" if self.char(start + 1) == "=" else char, start)

    def _equals(self, start: int) -> Token:
        return self._operator("=", start)

    def _less(self, start: int) -> Token:
        return self._take(REDIRECT_IN, start, 1)

    def _exclamation(self, start: int) -> Token:
        after = self.char(start + 1)
        if self.mode == COMMAND and not self.ends_token(start + 1):
            return self.read_word(start, start + 1, "!")
        if self.mode == EXPRESSION and (after.isalpha() or after == "_"):
            return self.read_word(start, start + 1, "!")
        return self._take("!", start, 1)

    def _bracket(self, start: int) -> Token:
        return self._operator("[", start)

    def _punctuation(self, start: int) -> Token:
        return self._take(self.text[start], start, 1)

    def _ampersand(self, start: int) -> Token:
        double = self.char(start + 1) == "&"
        return self._take("&&" if double else "&", start, 2 if double else 1)

    def _pipe(self, start: int) -> Token:
        double = self.char(start + 1) == "|"
        return self._take("||" if double else "|", start, 2 if double else 1)

    def _question(self, start: int) -> Token:
        if self.mode != EXPRESSION:
            return self.read_word(start, start + 1, "?")
        for kind in ("??=", "??"):
            if self.text.startswith(kind, start, self.end):
                return self._take(kind, start, len(kind))
        return self._take("?", start, 1)

    def _dot(self, start: int) -> Token:
        after = self.char(start + 1)
        if after == ".":
            if self.mode == COMMAND and not self.ends_token(start + 2):
                return self.read_word(start, start + 1, ".")
            return self._take("..", start, 2)
        if after and after in "0123456789":
            return self._number(start)
        if self.mode == COMMAND and not self.ends_token(start + 1) and after not in "$\"'":
            return self.read_word(start, start + 1, ".")
        return self._take(".", start, 1)

    def _backtick(self, start: int) -> Token:
        if start + 1 >= self.end:
            self.errors.add("IncompleteString", self.end, self.end + 1, incomplete=True)
            self.pos = self.end
            return Token(END, self.end + 1, self.end + 1, "")
        return self.read_word(start)

    # -- places where only one thing is looked for

    def left_bracket(self) -> Token | None:
        """A ``[`` before anything but blanks and comments, whatever word it would start in this mode."""
        start = self.pos
        at = self.skip_blanks()
        if self.char(at) == "[":
            return self._take("[", at, 1)
        self.pos = start
        return None

    def member_access(self, *, bracket: bool) -> Token | None:
        """``.``, ``::``, ``?.`` and, if ``bracket``, ``[`` or ``?[`` that follow at once or after block comments."""
        start = self.pos
        text = self.text
        while text.startswith("<#", self.pos, self.end):
            self.pos = self._block_comment(self.pos)
        at = self.pos
        char = self.char(at)
        if char == ".":
            after = self.char(at + 1)
            if after != "." and not self._blank_in_command(at + 1):
                return self._take(".", at, 1)
        elif char == ":":
            if self.char(at + 1) == ":" and not self._blank_in_command(at + 2):
                return self._take("::", at, 2)
        elif char == "[":
            if bracket:
                return self._take("[", at, 1)
        elif char == "?" and (self.char(at + 1) == "." or (bracket and self.char(at + 1) == "[")):
            return self._take(text[at : at + 2], at, 2)
        self.pos = start
        return None

    def _blank_in_command(self, at: int) -> bool:
        char = self.char(at)
        return self.mode == COMMAND and (not char or char.isspace())

    def assembly_name(self) -> str:
        """``, Name, Version=1.0...`` after a type name; the first comma is already read."""
        name = self._assembly_part()
        while self.char(self.pos) == ",":
            self.pos += 1
            name += ", " + self._assembly_part()
            if self.char(self.pos) == "=":
                self.pos += 1
                name += "=" + self._assembly_part()
        return name

    def _assembly_part(self) -> str:
        match = ASSEMBLY_NAME.match(self.text, self.skip_blanks(), self.end)
        assert match is not None
        self.pos = match.end()
        self.skip_blanks()
        return match[0]

    def verbatim_argument(self) -> Token:
        """All that follows ``--%``: up to the line's end or a pipe or ``&&`` outside double quotes."""
        start = pos = self.skip_blanks()
        quoted = False
        while pos < self.end and self.text[pos] not in "\r\n":
            char = self.text[pos]
            if char in DOUBLE_QUOTES:
                quoted = not quoted
            elif not quoted and (char == "|" or self.text.startswith("&&", pos, self.end)):
                break
            pos += 1
        self.pos = pos
        written = self.text[start:pos]
        return Token(WORD, start, pos, written, written)


def _static(lexer: Lexer, token: Token) -> bool:
    return token.text[1] != "{" and lexer.text.startswith("::", token.end, lexer.end)


def _readers() -> dict[str, Reader]:
    readers: dict[str, Reader] = {
        "@": Lexer._at_sign,
        "$": Lexer._dollar,
        "+": Lexer._plus,
        "*": Lexer._star,
        "/": Lexer._with_equals,
        "%": Lexer._with_equals,
        "=": Lexer._equals,
        "<": Lexer._less,
        ">": Lexer._redirection,
        "!": Lexer._exclamation,
        "[": Lexer._bracket,
        "&": Lexer._ampersand,
        "|": Lexer._pipe,
        ":": Lexer._label_or_colon,
        "?": Lexer._question,
        ".": Lexer._dot,
        "`": Lexer._backtick,
    }
    readers.update(dict.fromkeys("(){}];,", Lexer._punctuation))
    readers.update(dict.fromkeys("0123456789", Lexer._digit))
    readers.update(dict.fromkeys(DASHES, Lexer._dash))
    readers.update(dict.fromkeys(SINGLE_QUOTES, Lexer._literal))
    readers.update(dict.fromkeys(DOUBLE_QUOTES, Lexer._expandable))
    return readers


READERS = _readers()
