"""Reading characters: blanks, comments, escapes, variables and strings.

The lower half of the lexer: what reads the same in every mode, or is told by its caller what differs.
"""

from __future__ import annotations

import re

from jobmagics.powershell.parser.errors import ErrorList
from jobmagics.powershell.parser.tokens import COMMENT, EXPANDABLE, SPLAT, STRING, SUBEXPRESSION, VARIABLE, WORD, Token
from jobmagics.powershell.values.utf16 import units

SINGLE_QUOTES = "'‘’‚‛"
DOUBLE_QUOTES = '"“”„'
BLANK_CHARS = r" \t\f\v\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"

BLANK = re.compile(rf"[{BLANK_CHARS}]")
BLANKS = re.compile(rf"[{BLANK_CHARS}]*")
BLANKS_AND_LINES = re.compile(rf"[{BLANK_CHARS}\r\n]*")
BLANKS_LINES_AND_SEMICOLONS = re.compile(rf"[{BLANK_CHARS}\r\n;]*")
TO_LINE_END = re.compile(r"[^\r\n]*")
LINE_CONTINUATION = re.compile(rf"`(?:\r\n|\n|\r|[\s{BLANK_CHARS}])")
ENDS_TOKEN = frozenset("\0\t\n\v\f\r &(),;{|}\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") | frozenset(
    map(chr, range(0x2000, 0x200B))
)
ENDS_TOKEN_CHARS = rf"\0\r\n&(),;{{|}}{BLANK_CHARS}"

VARIABLE_NAME = re.compile(r"[$?^]|[\w:](?:[\w?]|:(?!:))*")
BRACED_NAME = re.compile(rf"[^}}`{{{DOUBLE_QUOTES}]*")
LITERAL_RUN = re.compile(rf"[^{SINGLE_QUOTES}]*")
EXPANDABLE_RUN = re.compile(rf"[^{DOUBLE_QUOTES}$`]*")
HERE_RUN = re.compile(r"[^$`\r\n]*")
WORD_RUN = re.compile(rf"[^{ENDS_TOKEN_CHARS}{SINGLE_QUOTES}{DOUBLE_QUOTES}$`]*")
SUBEXPRESSION_RUN = re.compile(rf"[^()`{DOUBLE_QUOTES}]*")
HERE_HEADER = re.compile(rf"[{BLANK_CHARS}]*(\r\n|\n|\r)?")
HERE_LITERAL_END = re.compile(rf"(\r\n|\n|\r)[{SINGLE_QUOTES}]@")
HERE_EXPANDABLE_END = re.compile(rf"(?:\r\n|\n|\r)[{DOUBLE_QUOTES}]@")
INDENTED_LITERAL_END = re.compile(rf"(?:\r\n|\n|\r)[{BLANK_CHARS}]+([{SINGLE_QUOTES}]@)")
INDENTED_EXPANDABLE_END = re.compile(rf"(?:\r\n|\n|\r)[{BLANK_CHARS}]+([{DOUBLE_QUOTES}]@)")
UNICODE_ESCAPE = re.compile(r"\{([0-9a-fA-F]*)(.?)", re.DOTALL)

ESCAPES = {"0": "\0", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
MAX_UNICODE_DIGITS = 6
SCOPES = frozenset(("global", "local", "private", "script", "variable"))


class TextReader:
    """A position in a text and the readers that move it.

    ``end`` may lie before the text's own end: the inside of an expandable string's ``$(...)`` is read in place.
    """

    def __init__(self, text: str, errors: ErrorList, start: int = 0, end: int | None = None) -> None:
        self.text = text
        self.errors = errors
        self.pos = start
        self.start = start
        self.end = len(text) if end is None else end
        self.comments: dict[int, Token] = {}

    def char(self, at: int) -> str:
        return self.text[at] if at < self.end else ""

    def ends_token(self, at: int) -> bool:
        return at >= self.end or self.text[at] in ENDS_TOKEN

    def is_end(self, at: int) -> bool:
        """Whether nothing but blanks and comments (no line end) follows.

        Inside a string's ``$(...)`` PowerShell compares a place in the whole script with the length of the piece, so
        there it is nearly always "at the end"; a person is asked for more where nothing helps. So it is here.
        """
        base = self.start
        end = self.end - base
        text = self.text
        while at < end:
            place = base + at
            if text[place] == "#":
                at = TO_LINE_END.match(text, place, self.end).end() - base  # type: ignore[union-attr]
            elif text.startswith("<#", place, self.end):
                close = text.find("#>", place + 2, self.end)
                at = end if close < 0 else close + 2 - base
            elif BLANK.match(text[place]):
                at += 1
            else:
                return False
        return True

    # -- blanks and comments

    def skip_blanks(self, blanks: re.Pattern[str] = BLANKS) -> int:
        """Move over blanks (and line ends or semicolons, if ``blanks`` says so), comments and continued lines."""
        text, end = self.text, self.end
        pos = blanks.match(text, self.pos, end).end()  # type: ignore[union-attr]  # matches emptiness
        while pos < end:
            char = text[pos]
            if char == "#":
                pos = self._comment(pos, TO_LINE_END.match(text, pos, end).end())  # type: ignore[union-attr]
            elif char == "<" and text.startswith("<#", pos, end):
                pos = self._block_comment(pos)
            elif char == "`" and (continued := LINE_CONTINUATION.match(text, pos, end)):
                pos = continued.end()
            else:
                break
            pos = blanks.match(text, pos, end).end()  # type: ignore[union-attr]
        self.pos = pos
        return pos

    def _comment(self, start: int, end: int) -> int:
        self.comments[start] = Token(COMMENT, start, end, self.text[start:end])
        return end

    def _block_comment(self, start: int) -> int:
        close = self.text.find("#>", start + 2, self.end)
        if close < 0:
            self.errors.add("MissingTerminatorMultiLineComment", start, self.end, incomplete=True)
            return self._comment(start, self.end)
        return self._comment(start, close + 2)

    # -- escapes

    def read_escape(self, at: int) -> str:
        """The character that a backtick and what stands at ``at`` make; moves behind it."""
        char = self.text[at]
        self.pos = at + 1
        if char == "u":
            return self._unicode_escape(at)
        return ESCAPES.get(char, char)

    def _unicode_escape(self, at: int) -> str:
        start = at - 1
        match = UNICODE_ESCAPE.match(self.text, at + 1, self.end)
        if match is None:
            return self._bad_escape("InvalidUnicodeEscapeSequence", start, at + 1)
        digits, after = match[1], match[2]
        if len(digits) > MAX_UNICODE_DIGITS:
            return self._bad_escape("TooManyDigitsInUnicodeEscapeSequence", start, at + 2 + MAX_UNICODE_DIGITS)
        if after != "}":
            full = len(digits) == MAX_UNICODE_DIGITS
            kind = "MissingUnicodeEscapeSequenceTerminator" if full else "InvalidUnicodeEscapeSequence"
            return self._bad_escape(kind, start, match.end(1))
        if not digits:
            return self._bad_escape("InvalidUnicodeEscapeSequence", start, match.end())
        if int(digits, 16) > 0x10FFFF:
            return self._bad_escape("InvalidUnicodeEscapeSequenceValue", match.start(1), match.end(1))
        self.pos = match.end()
        return units(chr(int(digits, 16)))

    def _bad_escape(self, kind: str, start: int, end: int) -> str:
        self.errors.add(kind, start, end)
        self.pos = end
        return "\uffff"

    # -- variables

    def starts_variable(self, at: int) -> bool:
        char = self.char(at)
        return char != "" and (char in "$?^:_" or char.isalnum())

    def read_variable(self, start: int, *, in_string: bool = False) -> Token:
        """The variable whose ``$`` or ``@`` is at ``start``; a name must follow."""
        if self.char(start + 1) == "{":
            return self._braced_variable(start, in_string)
        match = VARIABLE_NAME.match(self.text, start + 1, self.end)
        path = match[0] if match else ""
        self.pos = match.end() if match else start + 1
        scope, colon, rest = path.partition(":")
        if colon and not rest:
            kind = "InvalidVariableReferenceWithDrive"
            if not scope or scope.lower() in SCOPES:
                kind = "InvalidVariableReference"
            self.errors.add(kind, start, self.pos)
        kind = SPLAT if self.text[start] == "@" else VARIABLE
        return Token(kind, start, self.pos, self.text[start : self.pos], path)

    def _braced_variable(self, start: int, in_string: bool) -> Token:
        text, end = self.text, self.end
        pos = start + 2
        name: list[str] = []
        while True:
            run = BRACED_NAME.match(text, pos, end)
            assert run is not None
            name.append(run[0])
            pos = run.end()
            char = self.char(pos)
            if not char or char == "}":
                break
            if char == "`" and pos + 1 < end:
                name.append(self.read_escape(pos + 1))
                pos = self.pos
                continue
            if char == "{":
                self.errors.add("OpenBraceNeedsToBeBackTickedInVariableName", pos + 1, pos + 2)
            elif in_string and char in DOUBLE_QUOTES and self.char(pos + 1) in (*DOUBLE_QUOTES,):
                pos += 1
            name.append(char)
            pos += 1
        path = "".join(name)
        self.pos = min(pos + 1, end)
        if pos >= end:
            self.errors.add("IncompleteDollarVariableReference", start + 1, end, incomplete=True)
        elif not path:
            self.errors.add("EmptyVariableReference", pos, pos + 1)
        elif path.endswith(":") and path.count(":") == 1:
            self.errors.add("InvalidBracedVariableReference", start, self.pos)
        return Token(VARIABLE, start, self.pos, text[start : self.pos], path or ":Error:")

    # -- strings

    def read_literal(self, quote: int) -> str:
        """Text in single quotes; ``quote`` is where the opening one stands."""
        parts: list[str] = []
        text, end = self.text, self.end
        pos = quote + 1
        while True:
            run = LITERAL_RUN.match(text, pos, end)
            assert run is not None
            parts.append(run[0])
            pos = run.end()
            if pos >= end:
                self.pos = end
                self.errors.add("TerminatorExpectedAtEndOfString", quote, end, "'", incomplete=True)
                break
            if self.char(pos + 1) not in (*SINGLE_QUOTES,):
                self.pos = pos + 1
                break
            parts.append(text[pos + 1])
            pos += 2
        return "".join(parts)

    def read_expandable(self, quote: int, parts: list[str | Token]) -> None:
        """Text in double quotes, added to ``parts``: literal pieces, variables, unread subexpressions."""
        text, end = self.text, self.end
        pos = quote + 1
        while True:
            run = EXPANDABLE_RUN.match(text, pos, end)
            assert run is not None
            parts.append(run[0])
            pos = run.end()
            if pos >= end:
                self.pos = end
                self.errors.add("TerminatorExpectedAtEndOfString", quote, end, '"', incomplete=True)
                return
            if text[pos] in DOUBLE_QUOTES:
                if self.char(pos + 1) not in (*DOUBLE_QUOTES,):
                    self.pos = pos + 1
                    return
                parts.append(text[pos + 1])
                pos += 2
            else:
                pos = self._dollar_or_escape(pos, parts, here=False)

    def _dollar_or_escape(self, pos: int, parts: list[str | Token], *, here: bool) -> int:
        """What the ``$`` or backtick at ``pos`` starts; gives the position behind it."""
        text = self.text
        if text[pos] == "`":
            if pos + 1 >= self.end or text[pos + 1] == "\0":
                parts.append("`")
                return pos + 1
            parts.append(self.read_escape(pos + 1))
            return self.pos
        if self.char(pos + 1) == "(":
            parts.append(self._unread_subexpression(pos, here))
        elif self.char(pos + 1) == "{" or self.starts_variable(pos + 1):
            parts.append(self.read_variable(pos, in_string=True))
        else:
            parts.append("$")
            return pos + 1
        return self.pos

    def _unread_subexpression(self, start: int, here: bool) -> Token:
        """``$(...)`` inside a string. Parentheses are only counted, as PowerShell does, whatever they stand in.

        In a double-quoted string a doubled or escaped quote is one quote of the code inside; ``value`` holds the
        places of those left out.
        """
        text, end = self.text, self.end
        pos = start + 2
        depth = 1
        left_out: list[int] = []
        while depth:
            run = SUBEXPRESSION_RUN.match(text, pos, end)
            assert run is not None
            pos = run.end()
            if pos >= end:
                self.errors.add("IncompleteDollarSubexpressionReference", start, end, incomplete=True)
                break
            char = text[pos]
            if char == "(":
                depth += 1
            elif char == ")":
                depth -= 1
            elif not here and self.char(pos + 1) in (*DOUBLE_QUOTES,):
                left_out.append(pos)
                pos += 1
            pos += 1
        self.pos = pos
        return Token(SUBEXPRESSION, start, pos, text[start:pos], left_out)

    # -- here-strings

    def _here_header(self, start: int, quote: str) -> bool:
        match = HERE_HEADER.match(self.text, start + 2, self.end)
        assert match is not None
        self.pos = match.end()
        if match[1]:
            self.pos = match.start(1)
            return True
        if self.pos >= self.end:
            self.errors.add("TerminatorExpectedAtEndOfString", start, self.end, quote + "@", incomplete=True)
            return False
        self.errors.add("UnexpectedCharactersAfterHereStringHeader", self.pos, self.pos + 1)
        line_end = TO_LINE_END.match(self.text, self.pos, self.end).end()  # type: ignore[union-attr]
        footer = self.text.find(quote + "@", self.pos, line_end)
        self.pos = line_end if footer < 0 else footer + 2
        return False

    def _here_unended(self, start: int, quote: str, indented: re.Pattern[str]) -> None:
        false_end = indented.search(self.text, start, self.end)
        self.pos = self.end
        if false_end:
            at = false_end.start(1)
            self.errors.add("WhitespaceBeforeHereStringFooter", at, self.end, incomplete=True)
        else:
            self.errors.add("TerminatorExpectedAtEndOfString", start, self.end, quote + "@", incomplete=True)

    def read_here_literal(self, start: int) -> Token:
        value = ""
        if self._here_header(start, self.text[start + 1]):
            body = self.pos
            close = HERE_LITERAL_END.search(self.text, body, self.end)
            if close is None:
                self._here_unended(start, "'", INDENTED_LITERAL_END)
            else:
                self.pos = close.end()
                value = self.text[_after_line_end(self.text, body) : close.start()]
        return Token(STRING, start, self.pos, self.text[start : self.pos], value)

    def read_here_expandable(self, start: int) -> Token:
        parts: list[str | Token] = []
        if self._here_header(start, self.text[start + 1]):
            self._here_body(start, parts)
        return Token(EXPANDABLE, start, self.pos, self.text[start : self.pos], parts=parts)

    def _here_body(self, start: int, parts: list[str | Token]) -> None:
        text, end = self.text, self.end
        pos = self.pos
        first = True
        while pos < end:
            if close := HERE_EXPANDABLE_END.match(text, pos, end):
                self.pos = close.end()
                return
            if text[pos] in "$`":
                pos = self._dollar_or_escape(pos, parts, here=True)
                continue
            line_end = pos
            if text[pos] in "\r\n":
                pos = _after_line_end(text, pos)
                if first:  # the header's own line end
                    line_end, first = pos, False
            run = HERE_RUN.match(text, pos, end)
            assert run is not None
            pos = run.end()
            parts.append(text[line_end:pos])
        self._here_unended(start, '"', INDENTED_EXPANDABLE_END)

    # -- bare words

    def read_word(self, start: int, pos: int | None = None, prefix: str = "") -> Token:
        """A bare word from ``start``; its first characters, up to ``pos``, are already read as ``prefix``."""
        text, end = self.text, self.end
        pos = start if pos is None else pos
        parts: list[str | Token] = [prefix]
        while True:
            run = WORD_RUN.match(text, pos, end)
            assert run is not None
            parts.append(run[0])
            pos = run.end()
            if self.ends_token(pos):
                break
            char = text[pos]
            if char in SINGLE_QUOTES:
                parts.append(self.read_literal(pos))
                pos = self.pos
            elif char in DOUBLE_QUOTES:
                self.read_expandable(pos, parts)
                pos = self.pos
            else:
                pos = self._dollar_or_escape(pos, parts, here=False)
        self.pos = pos
        nested = any(type(part) is Token for part in parts)
        value = "".join(part if isinstance(part, str) else part.text for part in parts)
        return Token(WORD, start, pos, text[start:pos], value, parts=parts if nested else None)


def _after_line_end(text: str, pos: int) -> int:
    return pos + 2 if text.startswith("\r\n", pos) else pos + 1
