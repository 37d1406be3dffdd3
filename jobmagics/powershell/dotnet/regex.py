"""System.Text.RegularExpressions over Python's ``re``; the syntax is translated in values/patterns.py."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from ...psobject import PSList
from ..members.indexing import number_of
from ..values.captures import all_captures
from ..values.patterns import BACKWARDS, compile_pattern, dotnet_order, expand_replacement
from ..values.value import to_string
from .enums import enum_value
from .table import NetObject, argument_null, declare, net_error

NAMESPACE = "System.Text.RegularExpressions."
_FLAGS = {1: re.IGNORECASE, 2: re.MULTILINE, 16: re.DOTALL, 32: re.VERBOSE}
_FLAGS[64] = BACKWARDS  # type: ignore[assignment]
EXPLICIT_CAPTURE, RIGHT_TO_LEFT = 4, 64


def flags_of(options: int) -> int:
    return sum(int(flag) for bit, flag in _FLAGS.items() if options & bit)


def compiled(pattern: str | None, options: int = 0) -> re.Pattern[str]:
    if pattern is None:
        raise argument_null("pattern")
    if options & EXPLICIT_CAPTURE:
        pattern = re.sub(r"(?<!\\)((?:\\\\)*)\((?!\?)", r"\1(?:", pattern)
    return compile_pattern(pattern, flags_of(options))


def group_labels(pattern: re.Pattern[str]) -> list[tuple[str, int]]:
    """Names of the groups in .NET's order (unnamed ones first) with Python's numbers."""
    names = {number: name for name, number in pattern.groupindex.items()}
    return [(names.get(number, str(at)), number) for at, number in enumerate(dotnet_order(pattern))]


def is_backwards(pattern: re.Pattern[str]) -> bool:
    return bool(pattern.flags & BACKWARDS)


class Capture(NetObject):
    net_type = NAMESPACE + "Capture"

    def __init__(self, value: str, index: int) -> None:
        self.value = value
        self.index = index

    @property
    def length(self) -> int:
        return len(self.value)

    def ps_to_string(self) -> str:
        return self.value


class Group(Capture):
    net_type = NAMESPACE + "Group"

    def __init__(self, found: re.Match[str] | None, number: int, name: str) -> None:
        text = found.group(number) if found is not None else None
        super().__init__(text or "", found.start(number) if found is not None and text is not None else 0)
        self.success = text is not None
        self.name = name
        self.match = found
        self.number = number

    @property
    def captures(self) -> Items:
        """All of them, the last one is the group's own value."""
        if self.match is None or not self.success:
            return Items("CaptureCollection", [])
        spans = all_captures(self.match).get(self.number) if self.number else [self.match.span()]
        text = self.match.string
        return Items("CaptureCollection", [Capture(text[start:end], start) for start, end in spans or ()])


class Match(Group):
    net_type = NAMESPACE + "Match"

    def __init__(self, found: re.Match[str] | None, following: Callable[[], Match] | None = None) -> None:
        super().__init__(found, 0, "0")
        self.found = found
        self.following = following

    @property
    def groups(self) -> Items:
        if self.found is None:
            return Items("GroupCollection", [Group(None, 0, "0")])
        found = self.found
        labels = group_labels(found.re)
        return Items(
            "GroupCollection", [self if number == 0 else Group(found, number, name) for name, number in labels]
        )

    def next_match(self) -> Match:
        if self.following is not None:
            return self.following()
        if self.found is None:
            return self
        found = self.found
        if is_backwards(found.re):
            end = found.start() - (found.end() == found.start())
            return Match(found.re.search(found.string, 0, end) if end >= 0 else None)
        start = found.end() + (found.end() == found.start())
        return Match(found.re.search(found.string, start) if start <= len(found.string) else None)

    def result(self, template: str) -> str:
        if self.found is None:
            raise net_error("System.NotSupportedException", "Result cannot be called on a failed Match.")
        return expand_replacement(template, self.found)


class Items(NetObject):
    """MatchCollection, GroupCollection, CaptureCollection: by number, groups also by name."""

    ps_container = "LST"

    def __init__(self, name: str, items: Iterable[Any]) -> None:
        self.net_type = NAMESPACE + name
        self.items = list(items)

    def ps_items(self) -> Iterator[Any]:
        return iter(self.items)

    def ps_index(self, index: Any) -> Any:
        if isinstance(index, list):
            return [self.ps_index(one) for one in index]
        if isinstance(index, str) or (self.net_type.endswith("GroupCollection") and not isinstance(index, int)):
            folded = to_string(index)
            return next((one for one in self.items if getattr(one, "name", None) == folded), Group(None, 0, folded))
        at = number_of(index)
        if self.net_type.endswith("GroupCollection"):
            return next((one for one in self.items if one.name == str(at)), None) or (
                self.items[at] if 0 <= at < len(self.items) else Group(None, 0, str(at))
            )
        if at < 0:
            at += len(self.items)
        return self.items[at] if 0 <= at < len(self.items) else None


class Regex(NetObject):
    net_type = NAMESPACE + "Regex"

    def __init__(self, pattern: str, options: int = 0) -> None:
        self.pattern = pattern
        self.options = options
        self.compiled = compiled(pattern, options)

    def ps_to_string(self) -> str:
        return self.pattern


# -- what the instance methods and the statics share


def _text(value: str | None, param: str = "input") -> str:
    if value is None:
        raise argument_null(param)
    return str(value)


def _from(pattern: re.Pattern[str], start: int | None) -> tuple[int, ...]:
    """Where to look, given where to start: from there to the end, or back to the beginning."""
    if start is None:
        return ()
    return (0, start) if is_backwards(pattern) else (start,)


def _first(pattern: re.Pattern[str], text: str | None, start: int | None = None) -> Match:
    return Match(pattern.search(_text(text), *_from(pattern, start)))


def _all(pattern: re.Pattern[str], text: str | None, start: int | None = None) -> Items:
    return Items("MatchCollection", [Match(found) for found in pattern.finditer(_text(text), *_from(pattern, start))])


def _replace(pattern: re.Pattern[str], text: str | None, by: Any, count: int = -1, start: int = 0) -> str:
    source = _text(text)
    if callable(by):
        work: Callable[[re.Match[str]], str] = lambda found: to_string(by(Match(found)))  # noqa: E731
    else:
        template = _text(by, "replacement")
        work = lambda found: expand_replacement(template, found)  # noqa: E731
    if count == 0:
        return source
    head, tail = source[:start], source[start:]
    return (
        head + pattern.sub(work, tail, count=max(count, 0)) if start else pattern.sub(work, source, count=max(count, 0))
    )


def _split(pattern: re.Pattern[str], text: str | None, count: int = 0) -> PSList:
    source = _text(text)
    if count == 1:
        return PSList.of("System.String", [source])
    pieces: list[str] = []
    start = 0
    matches = islice(pattern.finditer(source), count - 1 if count > 0 else None)
    for found in sorted(matches, key=lambda one: one.start()):
        pieces.append(source[start : found.start()])
        pieces.extend(group for number in dotnet_order(pattern)[1:] if (group := found.group(number)) is not None)
        start = found.end()
    return PSList.of("System.String", [*pieces, source[start:]])


REGEX = declare(NAMESPACE + "Regex")
_OPTIONS = NAMESPACE + "RegexOptions options"
_EVALUATOR = NAMESPACE + "MatchEvaluator evaluator"
REGEX.constructor(
    "regex(string pattern)",
    f"regex(string pattern, {_OPTIONS})",
    f"regex(string pattern, {_OPTIONS}, timespan matchTimeout)",
)(lambda kind, pattern, options=0, timeout=None: Regex(_text(pattern, "pattern"), int(options)))
REGEX.property(
    f"{_OPTIONS.partition(' ')[0]} Options", lambda one: enum_value(NAMESPACE + "RegexOptions", int(one.options))
)
REGEX.property("bool RightToLeft", lambda one: bool(one.options & RIGHT_TO_LEFT))
REGEX.property("timespan MatchTimeout", lambda one: _no_timeout())


def _no_timeout() -> Any:
    from ...psobject import TimeSpan

    return TimeSpan(-10_000)


def _both(name: str, returns: str, parameters: str, work: Callable[..., Any], more: tuple[str, ...] = ()) -> None:
    """A method of Regex objects and the static of the same name, which takes the pattern second."""
    REGEX.method(f"{returns} {name}({parameters})", *(f"{returns} {name}({parameters}, {extra})" for extra in more))(
        lambda one, *args: work(one.compiled, *args)
    )
    first, _, rest = parameters.partition(", ")
    statics = f"{first}, string pattern" + (f", {rest}" if rest else "")

    def call(text: str, pattern: str, *args: Any) -> Any:
        options = 0
        if args and hasattr(args[-1], "ps_enum_value"):
            options, args = int(args[-1]), args[:-1]
        return work(compiled(pattern, options), text, *args)

    REGEX.static(f"{returns} {name}({statics})", f"{returns} {name}({statics}, {_OPTIONS})")(call)


_both(
    "IsMatch",
    "bool",
    "string input",
    lambda pattern, text, start=None: pattern.search(_text(text), *_from(pattern, start)) is not None,
    ("int startat",),
)
_both("Match", NAMESPACE + "Match", "string input", _first, ("int startat",))
_both("Matches", NAMESPACE + "MatchCollection", "string input", _all, ("int startat",))
_both("Count", "int", "string input", lambda pattern, text: sum(1 for _ in pattern.finditer(_text(text))))
_both("Replace", "string", "string input, string replacement", _replace, ("int count", "int count, int startat"))
_both("Replace", "string", f"string input, {_EVALUATOR}", _replace, ("int count", "int count, int startat"))
_both("Split", "string[]", "string input", _split, ("int count",))

_SPECIAL = {"\n": r"\n", "\r": r"\r", "\t": r"\t", "\f": r"\f"}
REGEX.static("string Escape(string str)")(
    lambda text: "".join(_SPECIAL.get(c) or ("\\" + c if c in "\\*+?|{[()^$.# " else c) for c in _text(text, "str"))
)
REGEX.static("string Unescape(string str)")(
    lambda text: re.sub(
        r"\\(.)", lambda found: {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}.get(found[1], found[1]), _text(text, "str")
    )
)
REGEX.method("string ToString()")(lambda one: one.pattern)
REGEX.method("string[] GetGroupNames()")(
    lambda one: PSList.of("System.String", [name for name, _ in group_labels(one.compiled)])
)
REGEX.method("int[] GetGroupNumbers()")(lambda one: PSList.of("System.Int32", range(one.compiled.groups + 1)))


@REGEX.method("string GroupNameFromNumber(int i)")
def _name_of(one: Regex, number: int) -> str:
    labels = group_labels(one.compiled)
    return labels[number][0] if 0 <= number < len(labels) else ""


@REGEX.method("int GroupNumberFromName(string name)")
def _number_of(one: Regex, name: str) -> int:
    return next((at for at, (label, _) in enumerate(group_labels(one.compiled)) if label == name), -1)


# -- matches

CAPTURE = declare(NAMESPACE + "Capture")
GROUP = declare(NAMESPACE + "Group")
MATCH = declare(NAMESPACE + "Match")
MATCH.property(NAMESPACE + "GroupCollection Groups", lambda match: match.groups)
for _table in (GROUP, MATCH):
    _table.attributes("bool Success", "string Name")
    _table.property(NAMESPACE + "CaptureCollection Captures", lambda group: group.captures)
for _table in (CAPTURE, GROUP, MATCH):
    _table.attributes("int Index", "int Length", "string Value")
    _table.property("System.ReadOnlySpan[char] ValueSpan", lambda capture: None)
    _table.method("string ToString()")(lambda capture: capture.value)
MATCH.method(NAMESPACE + "Match NextMatch()")(Match.next_match)
MATCH.method("string Result(string replacement)")(Match.result)
MATCH.static_property(NAMESPACE + "Match Empty", lambda: Match(None))


def _enumerate(held: Items) -> Any:
    from .enumerators import Enumerator

    return Enumerator(held.items)


for _name in ("MatchCollection", "GroupCollection", "CaptureCollection"):
    _items = declare(NAMESPACE + _name)
    _items.property("int Count", lambda held: len(held.items))
    _items.property("bool IsReadOnly", lambda held: True)
    _items.property("bool IsSynchronized", lambda held: False)
    _items.property("System.Object SyncRoot", lambda held: held)
    _items.method(
        "System.Object get_Item(int i)",
        "System.Object Item(int i)",
        "System.Object get_Item(string groupname)",
        "System.Object Item(string groupname)",
    )(Items.ps_index)
    _items.method("System.Collections.IEnumerator GetEnumerator()")(_enumerate)
    if _name == "GroupCollection":
        _items.method("bool ContainsKey(string key)")(lambda held, key: any(one.name == key for one in held.items))
        _items.property(
            "System.Collections.Generic.IEnumerable[string] Keys", lambda held: [one.name for one in held.items]
        )
        _items.property("System.Collections.Generic.IEnumerable[System.Object] Values", lambda held: list(held.items))
