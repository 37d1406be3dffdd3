"""Text to JSON values as Newtonsoft.Json reads it, with its leniency and its messages.

Python's own reader is fast and takes a subset of this; what it refuses comes here. The tokens, and the states between
them, follow Newtonsoft's pull reader, because its messages and what it lets pass at the end of a text follow from them.
"""

from __future__ import annotations

import math
import re
from typing import Any, NamedTuple

from ...psobject import BigInteger, Int64

END = "\0"  # what stands after the last character
MAX_INTEGER_CHARACTERS = 380
NUMBER = set("-+.xX0123456789abcdefABCDEF")
DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
LINE_END = re.compile(r"\r\n|\r|\n")
SPECIAL_IN_PATH = set(". '/\"[]()\t\n\r\f\b\\\u0085\u2028\u2029")
ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "\\": "\\", '"': '"', "'": "'", "/": "/"}
WORDS: dict[str, tuple[str, Any, str]] = {
    "t": ("true", True, "boolean"),
    "f": ("false", False, "boolean"),
    "n": ("null", None, "null"),
    "u": ("undefined", None, "undefined"),
    "N": ("NaN", math.nan, "NaN"),
    "I": ("Infinity", math.inf, "Infinity"),
    "-": ("-Infinity", -math.inf, "-Infinity"),
}


class JsonError(Exception):
    """A text that is not JSON, told as Newtonsoft tells it."""


class Token(NamedTuple):
    kind: str  # StartObject StartArray PropertyName Value Comment EndObject EndArray None
    value: Any = None

    @property
    def is_start(self) -> bool:
        return self.kind.startswith("Start")

    @property
    def is_end(self) -> bool:
        return self.kind.startswith("End")


class Container:
    """An open object or array, and where in it the reader is."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.name: str | None = None
        self.index = -1

    def step(self, path: str) -> str:
        if self.kind == "Array":
            return f"{path}[{self.index}]"
        if self.name is None:
            return path
        if SPECIAL_IN_PATH.intersection(self.name):
            return path + "['" + self.name.replace("\\", "\\\\").replace("'", "\\'") + "']"
        return f"{path}.{self.name}" if path else self.name


def path_of(containers: list[Container]) -> str:
    path = ""
    for container in containers:
        path = container.step(path)
    return path


class Tokens:
    """The tokens of one text; ``token`` is the current one."""

    def __init__(self, text: str, max_depth: int) -> None:
        self.token = Token("None")
        self._text, self._end, self._at = text, len(text), 0
        self._max_depth = max_depth
        self._open: list[Container] = []
        self._state = (
            "Start"  # Start Property Object Array (ObjectStart ArrayStart: nothing was read in it) After Finished
        )

    # -- where
    @property
    def depth(self) -> int:
        return max(len(self._open) - 1, 0) if self.token.is_start else len(self._open)

    @property
    def outer_path(self) -> str:
        """The path of the innermost container that is open."""
        return path_of(self._open[:-1])

    def error(self, message: str) -> JsonError:
        message = message.strip()
        inside = self._open[:-1] if self._state in ("ObjectStart", "ArrayStart") else self._open
        line, start = 1, 0
        for found in LINE_END.finditer(self._text, 0, self._at):
            line, start = line + 1, found.end()
        column = self._at - start
        if self._state == "Start" and column == 0 and self.token.kind != "Comment":
            line = 0
        stop = "" if message.endswith(".") else "."
        return JsonError(f"{message}{stop} Path '{path_of(inside)}', line {line}, position {column}.")

    def _char(self) -> str:
        return self._text[self._at] if self._at < self._end else END

    # -- tokens
    def read(self) -> bool:
        """To the next token; False at the end of the text."""
        while True:
            if self._state == "After":
                if self._after_value():
                    return True
            elif self._state == "Finished":
                return self._finished()
            elif self._state in ("Object", "ObjectStart"):
                return self._in_object()
            else:
                return self._value()

    def _finished(self) -> bool:
        self._skip_space()
        if self._at >= self._end:
            self.token = Token("None")
            return False
        if self._char() == "/":
            return self._comment()
        raise self.error(f"Additional text encountered after finished reading JSON content: {self._char()}.")

    def _skip_space(self) -> None:
        text, end, at = self._text, self._end, self._at
        while at < end and (text[at].isspace() or text[at] == END):
            at += 1
        self._at = at

    def _after_value(self) -> bool:
        self._skip_space()
        char = self._char()
        if self._at >= self._end:
            self._state = "Finished"
            return False
        if char in "}]":
            self._at += 1
            return self._close("EndObject" if char == "}" else "EndArray")
        if char == "/":
            return self._comment()
        if char == ",":
            self._at += 1
            self._state = self._open[-1].kind if self._open else "Finished"
            return False
        raise self.error(f"After parsing a value an unexpected character was encountered: {char}.")

    def _in_object(self) -> bool:
        self._skip_space()
        if self._at >= self._end:
            return False
        char = self._char()
        if char == "}":
            self._close("EndObject")
            self._at += 1
            return True
        return self._comment() if char == "/" else self._name()

    def _name(self) -> bool:
        char = self._char()
        if char in "\"'":
            self._at += 1
            name = self._string(char)
        elif _in_name(char):
            name = self._bare_name()
        else:
            raise self.error(f"Invalid property identifier character: {char}.")
        self._skip_space()
        if self._char() != ":":
            raise self.error(f"Invalid character after parsing property name. Expected ':' but got: {self._char()}.")
        self._at += 1
        self._state = "Property"
        self._open[-1].name = name
        self.token = Token("PropertyName", name)
        return True

    def _bare_name(self) -> str:
        start = self._at
        while self._at < self._end:
            char = self._char()
            if char.isspace() or char == ":":
                return self._text[start : self._at]
            if not _in_name(char):
                raise self.error(f"Invalid JavaScript property identifier character: {char}.")
            self._at += 1
        raise self.error("Unexpected end while parsing unquoted property name.")

    def _value(self) -> bool:
        self._skip_space()
        if self._at >= self._end:
            return False
        char = self._char()
        if char in "\"'":
            self._at += 1
            return self._give(self._string(char))
        if char in "{[":
            self._at += 1
            return self._begin("Object" if char == "{" else "Array")
        if char == "]":
            self._at += 1
            return self._close("EndArray")
        if char == ",":  # nothing before it: undefined; the comma is read next
            return self._give(None)
        if char == "/":
            return self._comment()
        if char == "-" and self._text[self._at + 1 : self._at + 2] != "I":
            return self._number()
        if char in WORDS:
            return self._word(char)
        if char.isnumeric() or char == ".":
            return self._number()
        raise self.error(f"Unexpected character encountered while parsing value: {char}.")

    def _begin(self, kind: str) -> bool:
        self._count()
        self.token = Token("Start" + kind)
        self._state = kind + "Start"
        self._open.append(Container(kind))
        if len(self._open) > max(self._max_depth, 1):
            raise self.error(f"The reader's MaxDepth of {self._max_depth} has been exceeded.")
        return True

    def _close(self, kind: str) -> bool:
        self.token = Token(kind)
        held = self._open.pop().kind if self._open else "None"
        if held != kind[3:]:
            raise self.error(f"JsonToken {kind} is not valid for closing JsonType {held}.")
        self._state = "After" if self._open else "Finished"
        return True

    def _count(self) -> None:
        if self._open:
            self._open[-1].index += 1

    def _given(self) -> None:
        self._state = "After" if self._open else "Finished"
        self._count()

    def _give(self, value: Any) -> bool:
        self.token = Token("Value", value)
        self._given()
        return True

    def _word(self, char: str) -> bool:
        word, value, name = WORDS[char]
        if self._at + len(word) > self._end:
            self._at = self._end
            raise self.error("Unexpected end when reading JSON.")
        if char == "n" and self._text[self._at + 1] != "u":
            raise self.error(f"Unexpected character encountered while parsing value: {char}.")
        for expected in word:
            if self._char() != expected:
                raise self.error(f"Error parsing {name} value.")
            self._at += 1
        if not (self._char() in "}],\0" or self._char().isspace() or self._comment_follows()):
            raise self.error(f"Error parsing {name} value.")
        return self._give(value)

    def _comment_follows(self) -> bool:
        return self._text[self._at : self._at + 2] in ("//", "/*")

    def _number(self) -> bool:
        start = self._at
        while self._char() in NUMBER:
            self._at += 1
        if not (self._char() in ",}])/\0" or self._char().isspace()):
            raise self.error(f"Unexpected character encountered while parsing number: {self._char()}.")
        written = self._text[start : self._at]
        self._given()
        self.token = Token("Value", self._number_of(written))
        return True

    def _number_of(self, written: str) -> Any:
        try:
            if len(written) > 1 and written[0] == "0" and written[1] not in ".eE":
                return _based(written)
            if written.lstrip("-").isdecimal() and written.count("-") <= 1:
                if len(written) > MAX_INTEGER_CHARACTERS:
                    raise self.error(f"JSON integer {written} is too large to parse.")
                return integer(written)
            if DECIMAL.fullmatch(written):
                return float(written)
        except ValueError:
            pass
        raise self.error(f"Input string '{written}' is not a valid number.")

    def _string(self, quote: str) -> str:
        parts: list[str] = []
        text, ends = self._text, _STRING_ENDS[quote]
        while True:
            found = ends.search(text, self._at)
            if found is None:
                self._at = self._end
                raise self.error(f"Unterminated string. Expected delimiter: {quote}.")
            parts.append(text[self._at : found.start()])
            self._at = found.end()
            if found.group() == quote:
                return lone_surrogates_replaced("".join(parts)) if len(parts) > 1 else parts[0]
            parts.append(self._escape(quote))

    def _escape(self, quote: str) -> str:
        char = self._char()
        if self._at >= self._end:
            raise self.error(f"Unterminated string. Expected delimiter: {quote}.")
        self._at += 1
        if char in ESCAPED:
            return ESCAPED[char]
        if char != "u":
            raise self.error(f"Bad JSON escape sequence: \\{char}.")
        digits = self._text[self._at : self._at + 4]
        if self._at + 4 >= self._end:
            raise self.error("Unexpected end while parsing Unicode escape sequence.")
        if not re.fullmatch("[0-9a-fA-F]{4}", digits):
            raise self.error(f"Invalid Unicode escape sequence: \\u{digits}.")
        self._at += 4
        return chr(int(digits, 16))

    def _comment(self) -> bool:
        kind = self._text[self._at + 1 : self._at + 2]
        self._at += 1
        if self._at + 1 >= self._end:
            raise self.error("Unexpected end while parsing comment.")
        if kind not in "*/":
            raise self.error(f"Error parsing comment. Expected: *, got {kind}.")
        start = self._at + 1
        found = (LINE_END if kind == "/" else _COMMENT_END).search(self._text, start)
        if found is None:
            self._at = self._end
            if kind == "*":
                raise self.error("Unexpected end while parsing comment.")
        else:
            self._at = found.start() if kind == "/" else found.end()
        self.token = Token("Comment")
        return True


_COMMENT_END = re.compile(r"\*/")
_STRING_ENDS = {quote: re.compile(rf"[\\{quote}]") for quote in "\"'"}
_LONE_SURROGATE = re.compile("[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]")


def lone_surrogates_replaced(text: str) -> str:
    """Of an escaped half of a character Newtonsoft makes U+FFFD. ``text`` is of UTF-16 units."""
    return _LONE_SURROGATE.sub("\ufffd", text)


def _in_name(char: str) -> bool:
    return char.isalnum() or char in ("_", "$")


def integer(written: str) -> Any:
    number = int(written)
    return Int64(number) if -(2**63) <= number < 2**63 else BigInteger(number)


def _based(written: str) -> Any:
    base = 16 if written[1] in "xX" else 8
    digits = written[2:] if base == 16 else written
    if not digits.isalnum():
        raise ValueError(written)
    number = int(digits, base)
    if number >= 2**64:
        raise ValueError(written)
    return Int64(number - 2**64 if number >= 2**63 else number)


NOTHING_READ = object()


def read_document(text: str, max_depth: int) -> Any:
    """The value: dict, list, str, number, bool or None; ``NOTHING_READ`` of a text without one. The last of two equal
    names wins, in the last one's place. Raises JsonError."""
    tokens = Tokens(text, max_depth)
    if not _to_content(tokens):
        return NOTHING_READ
    if tokens.token.kind == "StartObject":
        value: Any = _root_object(tokens)
    elif tokens.token.kind == "StartArray":
        value = _copied(tokens)
    else:
        value = tokens.token.value
    while tokens.read():
        pass  # comments; anything else is an error of the reader
    return value


def _to_content(tokens: Tokens) -> bool:
    while tokens.read():
        if tokens.token.kind != "Comment":
            return True
    return False


def _root_object(tokens: Tokens) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if not tokens.read():
        raise tokens.error("Unexpected end when reading JSON.")
    while True:
        if tokens.token.kind == "PropertyName":
            name = tokens.token.value
            if not _to_content(tokens):
                break
            found.pop(name, None)
            found[name] = _copied(tokens)
        elif tokens.token.kind != "Comment":
            return found
        if not tokens.read():
            break
    raise tokens.error("Unexpected end when deserializing object.")


def _copied(tokens: Tokens) -> Any:
    """The value that begins at the current token. As in Newtonsoft, a text that ends right after a value closes all
    that is open; one that ends elsewhere is incomplete."""
    first = tokens.token
    if not first.is_start:
        return first.value
    initial = tokens.depth
    root = held = _made(first)
    outer: list[Any] = []
    name: str | None = None
    while initial - 1 < tokens.depth - (1 if tokens.token.is_end else 0) and tokens.read():
        token = tokens.token
        if token.kind == "PropertyName":
            name = token.value
        elif token.is_end:
            held = outer.pop() if outer else held
        elif token.kind != "Comment":
            value = _made(token) if token.is_start else token.value
            if isinstance(held, dict):
                held.pop(name, None)
                held[name] = value
            else:
                held.append(value)
            if token.is_start:
                outer.append(held)
                held = value
    token = tokens.token
    final = -1 if token.kind == "None" else tokens.depth - (1 if token.is_end else 0)
    if initial < final or (initial == final and token.is_start):
        raise JsonError(f"Unexpected end when reading token. Path '{tokens.outer_path}'.")
    return root


def _made(token: Token) -> Any:
    return {} if token.kind == "StartObject" else []
