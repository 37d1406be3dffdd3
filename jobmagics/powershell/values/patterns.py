"""Regular expressions as .NET writes them, on Python's engine.

Most of the two syntaxes is the same. What differs is translated here: ``(?<name>...)``, ``\\z`` and ``\\Z``, inline
options, Unicode
categories, atomic groups and possessive quantifiers where this Python lacks them, and ``$1 ${name} $&`` in
replacements.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from functools import lru_cache

from ..records import error
from .categories import set_of
from .guarded import stoppable

BACKWARDS = 0x400  # RegexOptions.RightToLeft: what the package regex calls REVERSE
_BALANCING = re.compile(r"(?<!\\)(?:\\\\)*\(\?[<'](?:[A-Za-z_]\w*)?-")
_NAME = re.compile(r"\(\?(?:<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')")


@lru_cache(maxsize=1024)
def compile_pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """The pattern for Python; in the server one whose matches can be stopped (see ``guarded``). Python's own engine is
    the fast one; what it does not know (look-behinds of varying length, BACKWARDS) the package ``regex`` does."""
    if _BALANCING.search(text):
        raise not_supported(text)
    try:
        written = translate(renumbered(split_look_behind(text)))
        if flags & BACKWARDS:
            return _other_engine(written, flags)
        return stoppable(re.compile(written, flags))  # type: ignore[no-any-return]
    except re.error as problem:
        if problem.msg == "look-behind requires fixed-width pattern":
            return _other_engine(written, flags)
        offset, words = fault(text, problem)
        name = "System.Text.RegularExpressions.RegexParseException"
        raise error(
            f"Invalid pattern '{text}' at offset {offset}. {words}", name, "OperationStopped", net_type=name
        ) from None


def _other_engine(written: str, flags: int) -> re.Pattern[str]:
    import regex  # not loaded before a pattern needs it

    return stoppable(regex.compile(written, flags))  # type: ignore[no-any-return]


def fault(text: str, problem: re.error) -> tuple[int, str]:
    """Where .NET finds what Python's engine complains of, and its words for it."""
    at, message = problem.pos or 0, problem.msg
    char = text[at : at + 1]
    found: dict[str, tuple[int, str]] = {
        "unterminated character set": (len(text), "Unterminated [] set."),
        "missing ), unterminated subpattern": (len(text), "Not enough )'s."),
        "missing ), unterminated comment": (len(text), "Unterminated (?#...) comment."),
        "unbalanced parenthesis": (at + 1, "Too many )'s."),
        "nothing to repeat": (at + 1, f"Quantifier '{char}' following nothing."),
        "multiple repeat": (at + 1, f"Nested quantifier '{char}'."),
        "bad escape (end of pattern)": (len(text), "Illegal \\ at end of pattern."),
        "min repeat greater than max repeat": (text.find("}", at) + 1, "Illegal {x,y} with x > y."),
        "unexpected end of pattern": (len(text), "Unrecognized grouping construct."),
    }
    if message in found:
        return found[message]
    if message.startswith("bad character range"):
        return at + 3, "[x-y] range in reverse order."
    if message.startswith("invalid group reference"):
        return at + 1, f"Reference to undefined group number {message.rpartition(' ')[2]}."
    return at + 1, message[:1].upper() + message[1:] + "."


def not_supported(text: str) -> Exception:
    name = "System.NotSupportedException"
    words = f"The pattern '{text}' has a balancing group, which this engine does not know; pwsh runs it."
    return error(words, name, "OperationStopped", net_type=name)


_LOOK_BEHIND_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)


def split_look_behind(text: str) -> str:
    """Alternatives of different lengths after ``(?<=`` or ``(?<!`` become look-behinds of one length each."""
    if "(?<=" not in text and "(?<!" not in text:
        return text
    out: list[str] = []
    at = 0
    while at < len(text):
        found = _LOOK_BEHIND_PIECE.match(text, at)
        assert found is not None  # the last alternative of the piece matches any character
        opening = text[at : at + 4]
        parts, after = alternatives(text, at + 4) if opening in ("(?<=", "(?<!") else ([], at)
        if len(parts) > 1:
            each = [f"{opening}{split_look_behind(part)})" for part in parts]
            out.append(f"(?:{'|'.join(each)})" if opening == "(?<=" else "".join(each))
            at = after
        else:
            out.append(found[0])
            at = found.end()
    return "".join(out)


def alternatives(text: str, at: int) -> tuple[list[str], int]:
    """What stands between the ``|`` of the group whose inside starts here, and where its end is; none without one."""
    parts, start, depth = [], at, 0
    for found in _LOOK_BEHIND_PIECE.finditer(text, at):
        if found[0] == "(":
            depth += 1
        elif found[0] == ")" and depth:
            depth -= 1
        elif found[0] in ("|", ")") and not depth:
            parts.append(text[start : found.start()])
            start = found.end()
            if found[0] == ")":
                return parts, start
    return [], at


def dotnet_order(pattern: re.Pattern[str]) -> Sequence[int]:
    """Python's numbers of the groups in the order of .NET's: named ones come after all others."""
    named = sorted(set(pattern.groupindex.values()))
    if not named or len(named) == pattern.groups:
        return range(pattern.groups + 1)
    return [*(number for number in range(pattern.groups + 1) if number not in named), *named]


def renumbered(text: str) -> str:
    """``\\1`` where groups with and without names are mixed: Python numbers them as they stand."""
    if not _NAME.search(text) or not re.search(r"\\[1-9]", text):
        return text
    pieces = list(_LOOK_BEHIND_PIECE.finditer(text))
    opening = [piece.start() for piece in pieces if piece[0] == "("]
    captures = [at for at in opening if text[at + 1 : at + 2] != "?" or _NAME.match(text, at)]
    plain = [number for number, at in enumerate(captures, 1) if text[at + 1 : at + 2] != "?"]
    order = [0, *plain, *(number for number in range(1, len(captures) + 1) if number not in plain)]

    def written(piece: str) -> str:
        if piece[:1] == "\\" and piece[1:].isdigit() and int(piece[1:]) < len(order):
            return f"\\{order[int(piece[1:])]}"
        return piece

    return "".join(written(piece[0]) for piece in pieces)


def translate(text: str) -> str:
    """The pattern in Python's syntax."""
    if "\\" not in text and "(?" not in text and "[" not in text and "$" not in text:
        return text
    out: list[str] = []
    at, end = 0, len(text)
    in_set = False
    set_start = 0
    while at < end:
        char = text[at]
        if char == "\\" and at + 1 < end:
            piece, at = escape(text, at, in_set)
            out.append(piece)
            continue
        if in_set and text.startswith("-[", at):
            at = _subtract(text, at + 1, out, set_start)
            in_set = False
            continue
        if in_set:
            at = _in_set(text, at, out)
            in_set = text[at - 1] != "]" or out[-1] == "\\]"
            continue
        if char == "[":
            in_set = True
            set_start = len(out)
            out.append("[")
            at += 1
            if text[at : at + 1] == "^":
                out.append("^")
                at += 1
            if text[at : at + 1] == "]":
                out.append("\\]")
                at += 1
            continue
        if char == "(" and text[at + 1 : at + 2] == "?":
            piece, at = group_start(text, at)
            out.append(piece)
            continue
        if char == "$":
            # .NET's $ also stands before a last line feed, as Python's does
            out.append("$")
            at += 1
            continue
        out.append(char)
        at += 1
    return hoist_options("".join(out))


def _subtract(text: str, at: int, out: list[str], start: int) -> int:
    """``[a-z-[aeiou]]``: none of the inner set, then the outer one. The inner set starts here."""
    depth, end = 0, at
    while end < len(text):
        if text[end] == "\\":
            end += 1
        elif text[end] == "[":
            depth += 1
        elif text[end] == "]":
            depth -= 1
        end += 1
        if not depth:
            break
    if depth or text[end : end + 1] != "]":
        raise re.error("unterminated character set", text, at)
    out[start:] = [f"(?:(?!{translate(text[at:end])})", *out[start:], "])"]
    return end + 1


def _in_set(text: str, at: int, out: list[str]) -> int:
    char = text[at]
    if char == "[":
        out.append("\\[")
    else:
        out.append(char)
    return at + 1


def escape(text: str, at: int, in_set: bool) -> tuple[str, int]:
    char = text[at + 1]
    if char in "pP":
        found = re.match(r"\\[pP]\{([\w-]+)\}", text[at:])
        if found:
            return category(found[1], char == "P", in_set), at + found.end()
    if char == "z":
        return "\\Z", at + 2
    if char == "Z":
        return "(?=\\n?\\Z)", at + 2
    if char == "G":
        return "", at + 2
    if char == "e":
        return "\\x1b", at + 2
    if char == "h":
        return "[ \\t]" if not in_set else " \\t", at + 2
    if char == "k":
        found = re.match(r"\\k(?:<(\w+)>|'(\w+)')", text[at:])
        if found:
            name = found[1] or found[2]
            return (f"(?P={name})" if not name.isdigit() else f"\\{name}"), at + found.end()
    if char == "c" and at + 2 < len(text):
        return f"\\x{ord(text[at + 2].upper()) - 64:02x}", at + 3
    if char in "_`'\"<>=!@%&,;:~#/ -":
        return ("\\" + char if char in "-#& ~" else char), at + 2
    if char.isalpha() and char not in "AbBdDsSwWnrtfvaxuU":
        raise re.error(f"Unrecognized escape sequence \\{char}", text, at + 1)
    return "\\" + char, at + 2


def category(name: str, negated: bool, in_set: bool) -> str:
    found = set_of(name, negated)
    if found is None:
        raise re.error(f"Unknown property '{name}'", name, 0)
    return found if in_set else f"(?-i:[{found}])"  # \\p{Lu} means capitals whatever the options


def group_start(text: str, at: int) -> tuple[str, int]:
    found = _NAME.match(text, at)
    if found:
        return f"(?P<{found[1] or found[2]}>", found.end()
    if text.startswith("(?>", at) and sys.version_info < (3, 11):
        return "(?:", at + 3
    if text.startswith("(?#", at):
        close = text.find(")", at)
        return "", close + 1 if close >= 0 else len(text)
    options = re.compile(r"\(\?([imnsx]*)(-[imnsx]+)?([:)])").match(text, at)
    if options:
        on = options[1].replace("n", "")
        off = (options[2] or "").replace("n", "").rstrip("-")
        if options[3] == ":":
            return f"(?{on}{off}:" if on or off else "(?:", options.end()
        return f"(?{on}{off})" if on or off else "", options.end()
    return "(?", at + 2


def hoist_options(text: str) -> str:
    """``(?i)`` in the middle of a pattern holds to its end in .NET; Python wants it as a group."""
    found = re.search(r"(?<!\\)\(\?([imsx]+)\)", text)
    if found is None or found.start() == 0:
        return text
    return f"{text[: found.start()]}(?{found[1]}:{text[found.end() :]})"


_REFERENCE = re.compile(r"\$(?:(\$)|(&)|(`)|(')|(\+)|(_)|(\d+)|\{(\w+)\})")


def expand_replacement(template: str, found: re.Match[str]) -> str:
    """``$1``, ``${name}``, ``$&``, ``$$`` and the others; what names no group stays as it is."""

    def one(reference: re.Match[str]) -> str:
        if reference[1]:
            return "$"
        if reference[2]:
            return found.group()
        if reference[3]:
            return found.string[: found.start()]
        if reference[4]:
            return found.string[found.end() :]
        if reference[5]:
            groups = [group for number in dotnet_order(found.re) if (group := found.group(number)) is not None]
            return groups[-1] if len(groups) > 1 else ""
        if reference[6]:
            return found.string
        return group_text(found, reference[7] or reference[8], reference.group())

    return _REFERENCE.sub(one, template)


def group_text(found: re.Match[str], name: str, written: str) -> str:
    if name.isdigit():
        number = int(name)
        # $12 means group 1 and "2" where there is no group 12
        rest = ""
        while number > found.re.groups and number >= 10 and written[1] != "{":
            rest = str(number % 10) + rest
            number //= 10
        if number > found.re.groups:
            return written
        return (found.group(dotnet_order(found.re)[number]) or "") + rest
    if name in found.re.groupindex:
        return found.group(name) or ""
    return written
