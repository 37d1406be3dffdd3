"""Select-String."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from ..members.access import invoke_method
from ..records import ScriptError
from ..runtime.cmdlet import Cmdlet, command
from ..values.patterns import compile_pattern
from ..values.types import net_type
from ..values.utf16 import units
from ..values.value import NOTHING, as_list, enumerate_value, to_string
from .content import chosen, open_text
from .fileinfo import FileInfo
from .providers import expand

COMMANDS = "Microsoft.PowerShell.Commands."
INPUT = "InputStream"
INVERSE, PLAIN = "\x1b[7m", "\x1b[0m"


class MatchContext:
    def __init__(self, before: list[str], after: list[str]) -> None:
        self.before, self.after = before, after

    def ps_type_names(self) -> list[str]:
        return [COMMANDS + "MatchInfoContext", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "PreContext", self.before
        yield "PostContext", self.after
        yield "DisplayPreContext", self.before
        yield "DisplayPostContext", self.after

    def ps_to_string(self) -> str:
        return COMMANDS + "MatchInfoContext"


class MatchInfo:
    """One line that matched. The Match objects are made when a script looks at them."""

    def __init__(self, line: str, number: int, path: str, pattern: str, spans: list[tuple[int, int]]) -> None:
        self.line, self.number, self.path, self.pattern, self.spans = line, number, path, pattern, spans
        self.count = len(spans)
        self.ignore_case = True
        self.simple = False
        self.context: MatchContext | None = None
        self.base = ""

    @property
    def matches(self) -> list[Any]:
        if not self.count or self.simple:
            return []
        from ..dotnet.enums import enum_value
        from ..members.access import construct

        options = enum_value("System.Text.RegularExpressions.RegexOptions", 1 if self.ignore_case else 0)
        regex = construct(net_type("System.Text.RegularExpressions.Regex"), [self.pattern, options])
        return list(enumerate_value(invoke_method(regex, "Matches", [self.line])))[: self.count]

    def ps_get(self, name: str) -> Any:
        folded = name.lower()
        if folded == "matches":
            return self.matches
        if folded == "line":
            return self.line
        for key, value in self._facts():
            if key.lower() == folded:
                return value
        raise AttributeError(name)

    def _facts(self) -> Iterable[tuple[str, Any]]:
        yield "IgnoreCase", self.ignore_case
        yield "LineNumber", self.number
        yield "Line", self.line
        yield "Filename", self.file_name
        yield "Path", self.path
        yield "Pattern", self.pattern
        yield "Context", self.context

    @property
    def file_name(self) -> str:
        return INPUT if self.path == INPUT else os.path.basename(self.path)

    def ps_type_names(self) -> list[str]:
        return [COMMANDS + "MatchInfo", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield from self._facts()
        yield "Matches", self.matches

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        if name.lower() == "relativepath":
            return self._relative(to_string(args[0]))
        if name.lower() == "toemphasizedstring":
            return self.emphasized(True)
        raise AttributeError(name)

    def ps_to_string(self) -> str:
        return "\n".join(self._lines(self.line, self.path))

    def _relative(self, base: str) -> str:
        if self.path == INPUT or not base:
            return self.path
        found = os.path.relpath(self.path, base)
        return self.path if found.startswith("..") else found

    def emphasized(self, color: bool) -> str:
        """As the default view shows it: relative path, the found text in inverse."""
        line, out, position = self.line, "", 0
        for start, length in self.spans:
            out += line[position:start] + INVERSE + line[start : start + length] + PLAIN
            position = start + length
        return "\n".join(self._lines(out + line[position:], self._relative(self.base)))

    def _lines(self, shown: str, path: str) -> list[str]:
        marker = "> " if self.context is not None else ""
        if self.context is None:
            return [self._one(shown, self.number, path, "")]
        first = self.number - len(self.context.before)
        lines = [self._one(line, first + k, path, "  ") for k, line in enumerate(self.context.before)]
        lines.append(self._one(shown, self.number, path, marker))
        return lines + [self._one(line, self.number + 1 + k, path, "  ") for k, line in enumerate(self.context.after)]

    def _one(self, line: str, number: int, path: str, prefix: str) -> str:
        return prefix + (line if self.path == INPUT else f"{path}:{number}:{line}")


@command("Select-String")
class SelectString(Cmdlet):
    def begin(self) -> None:
        self._patterns = [to_string(pattern) for pattern in as_list(self.arg("Pattern"))]
        self._flags = 0 if self.switch("CaseSensitive") else re.IGNORECASE
        self._simple = self.switch("SimpleMatch")
        try:
            self._compiled = [compile_pattern(re.escape(p) if self._simple else p, self._flags) for p in self._patterns]
        except ScriptError as failed:
            raise self.terminate(
                f"The string {self._patterns[0]} is not a valid regular expression: {failed.record.message}",
                "InvalidRegex",
                "InvalidArgument",
                net_type="System.ArgumentException",
            ) from None
        context = as_list(self.arg("Context"))
        self._before = int(context[0]) if context else 0
        self._after = int(context[1] if len(context) > 1 else context[0]) if context else 0
        self._number = 0
        self._done = False
        self._lines: list[tuple[str, Any]] = []

    def process(self) -> None:
        if self.set_name in ("File", "FileRaw", "LiteralFile", "LiteralFileRaw"):
            self._files()
            return
        value = self.bound.get("inputobject", NOTHING)
        if value is NOTHING or self._done:
            return
        if isinstance(value, FileInfo):
            self._file(value.path)
            return
        self._number += 1
        if self._after or self._before:
            self._lines.append((to_string(value), self._number))
            return
        self._put(self._matched(to_string(value), self._number, INPUT))

    def _files(self) -> None:
        literal = self.arg("LiteralPath")
        for text in as_list(literal if literal is not None else self.arg("Path")):
            for place in expand(self, to_string(text), literal is not None):
                name = os.path.basename(place.path)
                if os.path.isdir(place.path) or not chosen(self, name):
                    continue
                self._file(place.path)

    def _file(self, path: str) -> None:
        with open_text(self, path, self.arg("Encoding")) as source:
            for found in self._in_lines((units(line.rstrip("\n")) for line in source), path):
                self._put(found)
                if self._done or (found is not None and self.switch("List")):
                    break

    def _in_lines(self, lines: Iterable[str], path: str) -> Iterator[MatchInfo | None]:
        before: deque[str] = deque(maxlen=self._before)
        waiting: list[tuple[MatchInfo, list[str]]] = []
        for number, line in enumerate(lines, 1):
            if not number & 0x3FF:
                self.check_stopped()
            while waiting and len(waiting[0][1]) >= self._after:
                yield waiting.pop(0)[0]
            for _, after in waiting:
                after.append(line)
            found = self._matched(line, number, path)
            if found is not None:
                following: list[str] = []
                if self._before or self._after:
                    found.context = MatchContext(list(before), following)
                waiting.append((found, following))
            if not self._after:
                while waiting:
                    yield waiting.pop(0)[0]
            before.append(line)
        for found, _ in waiting:
            yield found

    def _matched(self, line: str, number: int, path: str) -> MatchInfo | None:
        for pattern, regex in zip(self._patterns, self._compiled, strict=True):
            match = regex.search(line)
            if self.switch("NotMatch"):
                if match is None and len(self._patterns) == 1:
                    return self._info(line, number, path, pattern, [])
                if match is not None:
                    return None
                continue
            if match is not None:
                found = list(regex.finditer(line)) if self.switch("AllMatches") else [match]
                return self._info(line, number, path, pattern, found)
        return self._info(line, number, path, self._patterns[0], []) if self.switch("NotMatch") else None

    def _info(self, line: str, number: int, path: str, pattern: str, found: list[re.Match[str]]) -> MatchInfo:
        spans = [(match.start(), match.end() - match.start()) for match in found]
        info = MatchInfo(line, number, path, pattern, spans)
        info.simple = self._simple
        info.ignore_case = bool(self._flags)
        info.base = self.runspace.location
        if self.switch("NoEmphasis"):
            info.spans = []
        return info

    def _put(self, found: MatchInfo | None) -> None:
        if found is None or self._done:
            return
        if self.switch("Quiet"):
            self._done = True
            self.write(True)
        elif self.switch("Raw"):
            self.write(found.line)
        else:
            self.write(found)

    def end(self) -> None:
        for found in self._in_lines((line for line, _ in self._lines), INPUT):
            self._put(found)
