"""A script's ``$using:`` variables, found and bound, without a parser.

PowerShell takes the value of ``$using:x`` from the session that sends the script. What is sent here is the portable
form that PowerShell itself sends to old servers: ``$using:x`` becomes ``$__using_x``, and the script gets a parameter
of that name, so that every endpoint understands it. The parameter goes on the line where the param block is (or on
the first), so line numbers in errors stay true.

A variable in the script block of a command that itself knows $using: (Start-Job, Start-ThreadJob, a further
Invoke-Command, ForEach-Object -Parallel) belongs to that command, which takes it from the session that the script runs
in; it is left as it stands. PowerShell does so too, but first insists that a variable of that name is in the local
session as well, which its maintainers call a mistake (PowerShell#21332), so that is not imitated. Which command a
block belongs to is read from the text before it; under another alias, or built at run time, it counts as the script's.

PowerShell's own parser is in the engine's rooms, which this side does not enter; what is needed of it here is to tell
code and expandable strings from comments and verbatim strings, nested as deep as ``$( )`` goes.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from typing import Any

from jobmagics.errors import InvalidOperation

PREFIX = "__using_"

_NAME = re.compile(r"\$using:([A-Za-z_0-9?]+)|\$\{using:((?:`.|[^}`])+)\}", re.IGNORECASE)
_COMMENT = re.compile(r"#[^\r\n]*|<#.*?(?:#>|\Z)", re.DOTALL)
_VERBATIM = re.compile(r"'(?:[^']|'')*(?:'|\Z)")
_VERBATIM_HERE = re.compile(r"@'[ \t]*\r?\n.*?(?:\r?\n'@|\Z)", re.DOTALL)
_HERE_START = re.compile(r'@"[ \t]*\r?\n')
_HERE_END = re.compile(r'\r?\n"@')
_BLANK = re.compile(r"(?:\s|#[^\r\n]*|<#.*?#>)+", re.DOTALL)
_USING_STATEMENT = re.compile(r"using\s+(?:namespace|module|assembly)\b[^\r\n;]*;?", re.IGNORECASE)
_PARAM = re.compile(r"param\s*\(", re.IGNORECASE)
_WORD = re.compile(r"""[^\s"'`$@#{}()\[\]<>|;&,][^\s"'`$@{}()\[\]<>|;&,]*""")


_INNER = re.compile(
    r"(?:^|[\n;|&({=])[ \t]*"
    r"(?:(?:Start-Job|sajb|Start-ThreadJob|Invoke-Command|icm)\b(?:`\r?\n|[^\n;|{}])*"
    r"|(?:ForEach-Object|foreach|%)[ \t](?:`\r?\n|[^\n;|{}])*-Para\w*[ \t:]*)\Z",
    re.IGNORECASE,
)
"""Text that ends where the script block of such a command begins."""
INNER_LOOK_BACK = 2000
"""Characters before a block in which its command is looked for."""


def bind_using(script: str, values: Mapping[str, Any]) -> tuple[str, list[tuple[str, Any]]]:
    """The script to send, and the named parameters to send with it.

    ``values`` is where variables are looked up, in any case of their names as PowerShell has it. Raises
    InvalidOperation (UsingVariableIsUndefined) for a variable that is not there.
    """
    inner = _inner_blocks(script) if "using:" in script.lower() else []
    found = [
        match for match in _Scanner(script).names() if not any(start < match.start() < end for start, end in inner)
    ]
    if not found:
        return script, []
    by_name = {str(name).lower(): name for name in values}
    parameters: dict[str, tuple[str, Any]] = {}
    pieces, at = [], 0
    for match in found:
        name = _plain_name(match)
        if name.lower() not in by_name:
            raise InvalidOperation(
                f"The value of the using variable '{match.group()}' cannot be retrieved because it has not been set"
                f" in the"
                " local session.",
                fqid="UsingVariableIsUndefined,Microsoft.PowerShell.Commands.InvokeCommandCommand",
            )
        if name.lower() not in parameters:
            parameters[name.lower()] = (PREFIX + name, values[by_name[name.lower()]])
        pieces += [script[at : match.start()], _reference(match)]
        at = match.end()
    pieces.append(script[at:])
    return _declare("".join(pieces), [name for name, _ in parameters.values()]), list(parameters.values())


def _inner_blocks(script: str) -> list[tuple[int, int]]:
    """Where the script blocks of commands that know $using: themselves begin and end."""
    found: list[tuple[int, int]] = []
    opened: list[int] = []
    for position, char in _Scanner(script).brackets():
        if char in "([{":
            opened.append(position)
        elif opened:
            start = opened.pop()
            if char == "}" and _INNER.search(script[max(0, start - INNER_LOOK_BACK) : start]):
                found.append((start, position))
    return found


def _plain_name(match: re.Match[str]) -> str:
    return match.group(1) or re.sub(r"`(.)", r"\1", match.group(2))


def _reference(match: re.Match[str]) -> str:
    return f"${PREFIX}{match.group(1)}" if match.group(1) else f"${{{PREFIX}{match.group(2)}}}"


def _spell(name: str) -> str:
    if re.fullmatch(r"\w+", name):
        return f"${name}"
    return "${" + re.sub(r"([`{}])", r"`\1", name) + "}"


def _declare(script: str, names: list[str]) -> str:
    """The script with parameters of these names added behind its own."""
    added = ", ".join(map(_spell, names))
    at = _skip_blank_and_using(script, 0)
    block = _param_block(script, at)
    if block is None:
        return f"{script[:at]}param({added}) {script[at:]}"
    inside, end = block
    own = _BLANK.sub("", script[inside:end])
    # a comment may end the last parameter's line, so the comma stands on a line of its own when needed
    comma = "" if not own else ", " if not _ends_in_comment(script[inside:end]) else "\n, "
    return f"{script[:end]}{comma}{added}{script[end:]}"


def _ends_in_comment(text: str) -> bool:
    last = text.rsplit("\n", 1)[-1]
    return "#" in last


def _skip_blank_and_using(script: str, at: int) -> int:
    while True:
        for pattern in (_BLANK, _USING_STATEMENT):
            found = pattern.match(script, at)
            if found:
                at = found.end()
                break
        else:
            return at


def _param_block(script: str, at: int) -> tuple[int, int] | None:
    """Where the inside of the param block begins and ends, if the script has one: behind comments and attributes."""
    while True:
        blank = _BLANK.match(script, at)
        if blank:
            at = blank.end()
        elif script.startswith("[", at):
            closed = _closing(script, at)
            if closed is None:
                return None
            at = closed + 1
        else:
            break
    start = _PARAM.match(script, at)
    if not start:
        return None
    end = _closing(script, start.end() - 1)
    return None if end is None else (start.end(), end)


def _closing(script: str, at: int) -> int | None:
    """The bracket that closes the one at ``at``."""
    depth = 0
    for position, char in _Scanner(script, at).brackets():
        depth += 1 if char in "([{" else -1
        if depth == 0:
            return position
    return None


class _Scanner:
    """Walks a script and knows whether it stands in code, in an expandable string, or in something verbatim."""

    def __init__(self, script: str, at: int = 0) -> None:
        self.script = script
        self.start = at

    def names(self) -> Iterator[re.Match[str]]:
        for kind, item in self._walk():
            if kind == "name":
                assert isinstance(item, re.Match)
                yield item

    def brackets(self) -> Iterator[tuple[int, str]]:
        for kind, item in self._walk():
            if kind == "bracket":
                assert isinstance(item, int)
                yield item, self.script[item]

    def _walk(self) -> Iterator[tuple[str, re.Match[str] | int]]:
        script, at = self.script, self.start
        # what encloses the place: ")" code within $( ), '"' and '@' the two expandable strings
        stack: list[str] = []
        depth: list[int] = []
        while at < len(script):
            if stack and stack[-1] in '"@':
                at = yield from self._in_string(at, stack, depth)
            else:
                at = yield from self._in_code(at, stack, depth)

    def _in_string(
        self, at: int, stack: list[str], depth: list[int]
    ) -> Generator[tuple[str, re.Match[str] | int], None, int]:
        script = self.script
        char = script[at]
        if char == "`":
            return at + 2
        if stack[-1] == "@" and (end := _HERE_END.match(script, at)):
            stack.pop()
            return end.end()
        if stack[-1] == '"' and char == '"':
            if script.startswith('""', at):
                return at + 2
            stack.pop()
            return at + 1
        if script.startswith("$(", at):
            stack.append(")")
            depth.append(1)
            return at + 2
        if char == "$" and (name := _NAME.match(script, at)):
            yield "name", name
            return name.end()
        return at + 1

    def _in_code(
        self, at: int, stack: list[str], depth: list[int]
    ) -> Generator[tuple[str, re.Match[str] | int], None, int]:
        script = self.script
        char = script[at]
        if char == "`":
            return at + 2
        if char == "$" and (name := _NAME.match(script, at)):
            yield "name", name
            return name.end()
        if script.startswith("${", at):
            end = script.find("}", at)
            return len(script) if end < 0 else end + 1
        if script.startswith("@'", at) and (verbatim := _VERBATIM_HERE.match(script, at)):
            return verbatim.end()
        if script.startswith('@"', at) and (here := _HERE_START.match(script, at)):
            stack.append("@")
            return here.end() - 1  # the newline may also be the one before the closing mark
        if char == "'" and (verbatim := _VERBATIM.match(script, at)):
            return verbatim.end()
        if char == '"':
            stack.append('"')
            return at + 1
        if (char == "#" or script.startswith("<#", at)) and (comment := _COMMENT.match(script, at)):
            return comment.end()
        if char in "([{)]}":
            if not stack:
                yield "bracket", at
            else:
                depth[-1] += 1 if char in "([{" else -1
                if depth[-1] == 0:
                    depth.pop()
                    stack.pop()
            return at + 1
        word = _WORD.match(script, at)  # a # within a word starts no comment
        return word.end() if word else at + 1
