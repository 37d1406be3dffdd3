"""Every capture of a group that matched several times, which Python's engine does not keep.

Python's match says where the whole is; the same pattern is walked once more from there, in the same order of trials,
by a small machine that backtracks and remembers each capture. Only what has such groups and is asked for them pays.
The parts that are one character or none are left to Python's engine.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from .guarded import constants, parser

compiler: Any = importlib.import_module("re._compiler" if sys.version_info >= (3, 11) else "sre_compile")

MAX_STEPS = 20_000  # of a pattern's program: counted repeats are written out
Span = tuple[int, int]
Linked = Any  # (group, start, end, what came before) or None: going back is forgetting

_REPEATS = {constants.MAX_REPEAT: "greedy", constants.MIN_REPEAT: "lazy"}
_POSSESSIVE = getattr(constants, "POSSESSIVE_REPEAT", None)
_ATOMIC = getattr(constants, "ATOMIC_GROUP", None)


def all_captures(found: re.Match[str]) -> dict[int, list[Span]]:
    """The places of every capture by group number, in the order in which they were made."""
    if not isinstance(found, re.Match):
        spans_of: Any = found  # of the package regex, which keeps them all
        return {number: list(spans_of.spans(number)) for number in range(1, found.re.groups + 1)}
    last = {number: [found.span(number)] for number in range(1, found.re.groups + 1) if found.start(number) >= 0}
    program = _program(found.re.pattern, found.re.flags)
    if program is None:
        return last
    end, made = _Run(found.string).walk(program, found.start(), None)
    if end != found.end():
        return last
    spans: dict[int, list[Span]] = {}
    while made is not None:
        number, start, stop, made = made
        spans.setdefault(number, []).append((start, stop))
    return {number: places[::-1] for number, places in spans.items()}


@lru_cache(maxsize=256)
def _program(pattern: str, flags: int) -> list[Any] | None:
    """The steps of a pattern; None where no group repeats, or the program would be too long."""
    tree = parser.parse(pattern, flags)
    if not _has_repeated_group(tree, False):
        return None
    writer = _Writer()
    try:
        writer.parts(tree, flags)
    except _TooLong:
        return None
    return [*writer.steps, ("match",)]


def _has_repeated_group(parts: Any, inside: bool) -> bool:
    for kind, value in parts:
        if kind is constants.SUBPATTERN and value[0] is not None and inside:
            return True
        repeats = (kind in _REPEATS or kind is _POSSESSIVE) and value[1] > 1
        if any(_has_repeated_group(part, inside or repeats) for part in _inner(value)):
            return True
    return False


def _inner(value: Any) -> list[Any]:
    """The patterns inside a node."""
    if isinstance(value, parser.SubPattern):
        return [value]
    return [part for one in value for part in _inner(one)] if isinstance(value, (tuple, list)) else []


class _TooLong(Exception):
    pass


class _Writer:
    """Writes the steps of a parsed pattern."""

    def __init__(self) -> None:
        self.steps: list[Any] = []

    def add(self, *step: Any) -> int:
        if len(self.steps) >= MAX_STEPS:
            raise _TooLong
        self.steps.append(step)
        return len(self.steps) - 1

    def parts(self, parts: Any, flags: int) -> None:
        for kind, value in parts:
            self.part(kind, value, flags)

    def part(self, kind: Any, value: Any, flags: int) -> None:
        if kind in _REPEATS:
            self.repeat(value, flags, lazy=_REPEATS[kind] == "lazy")
        elif kind is constants.SUBPATTERN:
            self.group(value, flags)
        elif kind is constants.BRANCH:
            self.branch(value[1], flags)
        elif kind in (constants.ASSERT, constants.ASSERT_NOT):
            back = value[1].getwidth()[0] if value[0] < 0 else 0
            self.add("look", _apart(value[1], flags), back, kind is constants.ASSERT_NOT)
        elif kind is constants.GROUPREF:
            self.add("same", value, bool(flags & re.IGNORECASE))
        elif kind is constants.GROUPREF_EXISTS:
            self.condition(value, flags)
        elif kind is _ATOMIC:
            self.add("atomic", _apart(value, flags))
        elif kind is _POSSESSIVE:
            inside = _Writer()
            inside.repeat(value, flags, lazy=False)
            self.add("atomic", [*inside.steps, ("match",)])
        else:  # a character, or a place between two
            self.add("test", _alone((kind, value), flags))

    def repeat(self, value: Any, flags: int, lazy: bool) -> None:
        least, most, body = value
        for _ in range(least):
            self.parts(body, flags)
        if most == constants.MAXREPEAT:
            start = self.add("split")
            self.add("mark")
            self.parts(body, flags)
            self.add("again", start)
            self._choose(start, start + 1, len(self.steps), lazy)
            return
        starts = []
        for _ in range(most - least):
            starts.append(self.add("split"))
            self.parts(body, flags)
        for start in starts:
            self._choose(start, start + 1, len(self.steps), lazy)

    def _choose(self, at: int, first: int, second: int, reverse: bool = False) -> None:
        self.steps[at] = ("split", second, first) if reverse else ("split", first, second)

    def group(self, value: Any, flags: int) -> None:
        number, more, less, body = value
        if number is not None:
            self.add("open")
        self.parts(body, (flags | more) & ~less)
        if number is not None:
            self.add("close", number)

    def branch(self, bodies: list[Any], flags: int) -> None:
        ends = []
        for body in bodies[:-1]:
            start = self.add("split")
            self.parts(body, flags)
            ends.append(self.add("jump"))
            self._choose(start, start + 1, len(self.steps))
        self.parts(bodies[-1], flags)
        for end in ends:
            self.steps[end] = ("jump", len(self.steps))

    def condition(self, value: Any, flags: int) -> None:
        group, yes, no = value
        start = self.add("if")
        self.parts(yes, flags)
        end = self.add("jump")
        self.steps[start] = ("if", group, len(self.steps))
        if no is not None:
            self.parts(no, flags)
        self.steps[end] = ("jump", len(self.steps))


def _apart(body: Any, flags: int) -> list[Any]:
    """A program of its own, whose choices are final once it has matched."""
    inside = _Writer()
    inside.parts(body, flags)
    return [*inside.steps, ("match",)]


def _alone(node: Any, flags: int) -> Callable[..., re.Match[str] | None]:
    state = parser.State()
    state.flags = flags
    match: Callable[..., re.Match[str] | None] = compiler.compile(parser.SubPattern(state, [node]), flags).match
    return match


class _Run:
    """One walk over a text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def walk(self, program: list[Any], at: int, made: Linked) -> tuple[int, Linked]:
        """Where the program ends that starts at a place, and the captures; -1 where it does not match."""
        waiting: list[Any] = []
        step = 0
        marks: Linked = None  # where open groups and loops began, the last one first
        while True:
            name, *rest = program[step]
            step += 1
            if name == "match":
                return at, made
            if name == "split":
                waiting.append((rest[1], at, marks, made))
                step = rest[0]
            elif name == "jump":
                step = rest[0]
            elif name in ("open", "mark"):
                marks = (at, marks)
            elif name == "close":
                start, marks = marks
                made = (rest[0], start, at, made)
            elif name == "again":
                start, marks = marks
                step = rest[0] if at != start else step  # a round that took nothing is the last one
            elif name == "if":
                step = step if self.last(rest[0], made) is not None else rest[1]
            else:
                at, made = self.trial(name, rest, at, made)
                if at < 0:
                    if not waiting:
                        return -1, None
                    step, at, marks, made = waiting.pop()

    def trial(self, name: str, rest: list[Any], at: int, made: Linked) -> tuple[int, Linked]:
        """A step that may fail: the place after it, -1 if it does."""
        if name == "test":
            found = rest[0](self.text, at)
            return (-1 if found is None else found.end()), made
        if name == "atomic":
            return self.walk(rest[0], at, made)
        if name == "same":
            return self.same(rest[0], rest[1], at, made), made
        program, back, negated = rest
        end, inner = self.walk(program, at - back, made) if at >= back else (-1, None)
        if negated:
            return (at if end < 0 else -1), made
        return (at, inner) if end >= 0 else (-1, made)

    @staticmethod
    def last(group: int, made: Linked) -> Span | None:
        while made is not None:
            if made[0] == group:
                return made[1], made[2]
            made = made[3]
        return None

    def same(self, group: int, ignore_case: bool, at: int, made: Linked) -> int:
        span = self.last(group, made)
        if span is None:
            return -1
        wanted = self.text[span[0] : span[1]]
        there = self.text[at : at + len(wanted)]
        equal = wanted.lower() == there.lower() if ignore_case else wanted == there
        return at + len(wanted) if equal else -1


__all__ = ["all_captures"]
