"""What could come next at the cursor: commands, parameters and their values, variables, members, types, files.

The words before the cursor decide; a variable's value is looked at, no expression is run. What only the type of an
expression could tell (the members of ``(Get-Date).``) is not offered.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..binding.parameters import COMMON_PARAMETERS, SHOULD_PROCESS_PARAMETERS, CommandInfo, CommandMetadata
from ..values.utf16 import units

if TYPE_CHECKING:
    from ..runtime.runspace import Runspace

MAX_RESULTS = 500
_SEPARATORS = re.compile(r"[|;&({}\n=]|\$\(")
_WORDS = re.compile(r"'[^']*'?|\"[^\"]*\"?|[^\s'\"]+")
_SAFE_NAME = re.compile(r"[\w./\\:~-]+")


@dataclass(frozen=True, slots=True)
class Completion:
    """One thing that fits. ``kind`` is a CompletionResultType."""

    text: str
    shown: str
    kind: str
    tip: str


@dataclass(frozen=True, slots=True)
class Completions:
    """All that fit, for ``length`` characters from ``start``."""

    start: int
    length: int
    matches: list[Completion]


def complete(runspace: Runspace, text: str, cursor: int) -> Completions:
    """The completions of ``text`` with the cursor at that offset."""
    before = text[:cursor]
    for pattern, find in _PLACES:
        found = pattern.search(before)
        if found is not None:
            start = found.start(found.lastindex or 0)
            return Completions(start, len(before) - start, _first(find(runspace, found)))
    return _of_words(runspace, before)


def _first(found: Iterable[Completion]) -> list[Completion]:
    matches: list[Completion] = []
    for match in found:
        matches.append(match)
        if len(matches) == MAX_RESULTS:
            break
    return matches


def _starting(names: Iterable[str], start: str) -> list[str]:
    folded = start.lower()
    return sorted({name for name in names if name.lower().startswith(folded)}, key=str.lower)


# -- variables, members, types
def _environment(runspace: Runspace, found: re.Match[str]) -> Iterator[Completion]:
    for name in _starting(map(units, os.environ), found[2]):
        yield Completion(f"$env:{name}", name, "Variable", name)


def _variables(runspace: Runspace, found: re.Match[str]) -> Iterator[Completion]:
    from ..runtime.runspace import AUTOMATIC_NAMES

    written = dict.fromkeys(re.findall(r"\$(\w+)\s*=", found.string[: found.start()]))
    named = [variable.name for scope in runspace.frame.scope.chain() for variable in scope.vars.values()]
    proper = {name.lower(): name for name in (*AUTOMATIC_NAMES, *written, *named, *_PROPER_NAMES)}
    for name in _starting(proper.values(), found[2]):
        yield Completion(f"${name}", name, "Variable", _variable_tip(runspace, name))


def _variable_tip(runspace: Runspace, name: str) -> str:
    from ..members.listing import short_name
    from ..values.types import type_of

    value = runspace.get_variable(name)
    return name if value is None else f"[{short_name(type_of(value))}]${name}"


def _static_members(runspace: Runspace, found: re.Match[str]) -> Iterator[Completion]:
    from ..members.listing import static_methods, static_properties

    kind = runspace.resolve_type(found[1])
    if kind is not None:
        yield from _members(static_properties(kind), static_methods(kind), found[2])


def _members_of_variable(runspace: Runspace, found: re.Match[str]) -> Iterator[Completion]:
    value = runspace.get_variable(found[1])
    if value is not None:
        yield from _members_of(value, found[2])


def _members_of_text(runspace: Runspace, found: re.Match[str]) -> Iterator[Completion]:
    yield from _members_of("", found[1])


def _members_of(value: Any, start: str) -> Iterator[Completion]:
    from ..members.listing import methods, properties

    if isinstance(value, dict):
        for name in value:
            if isinstance(name, str) and name.lower().startswith(start.lower()):
                yield Completion(name, name, "Property", name)
    yield from _members(properties(value), methods(value), start)


def _members(properties: Iterable[Any], methods: Iterable[Any], start: str) -> Iterator[Completion]:
    tips = {member.name: member.definition for member in properties}
    for name in _starting(tips, start):
        yield Completion(name, name, "Property", tips[name])
    tips = {member.name: member.definition for member in methods}
    for name in _starting(tips, start):
        yield Completion(f"{name}(", name, "Method", tips[name])


def _types(runspace: Runspace, found: re.Match[str]) -> Iterator[Completion]:
    from ..values.type_catalog import ACCELERATORS, CATALOG

    start = found[1].lower()
    full_names = [line.partition("|")[0] for line in CATALOG.split() if "`" not in line]
    for name in sorted(
        {*ACCELERATORS, *full_names, *(kind.full_name for kind in runspace.types.values())}, key=str.lower
    ):
        short = name.rpartition(".")[2]
        if name.lower().startswith(start) or short.lower().startswith(start):
            yield Completion(name, short, "Type", name)


# -- words of a command
def _of_words(runspace: Runspace, before: str) -> Completions:
    command = _SEPARATORS.split(before)[-1]
    words = [found[0] for found in _WORDS.finditer(command)]
    word = "" if not words or command[-1:].isspace() else words.pop()
    start = len(before) - len(word)
    if not words:
        found = _commands(runspace, word) if word.strip("-") else iter(())
    else:
        found = _arguments(runspace, words, word)
    return Completions(start, len(word), _first(found))


def _commands(runspace: Runspace, start: str) -> Iterator[Completion]:
    from .. import commands
    from ..commands.catalog import ALIAS_NAMES

    if "/" in start or "\\" in start or start.startswith("~"):
        yield from _files(runspace, start)
        return
    scopes = list(runspace.frame.scope.chain())
    aliases = {ALIAS_NAMES.get(key, key): key for scope in scopes for key in scope.aliases or {}}
    functions = [info.name for scope in scopes for info in (scope.functions or {}).values()]
    for name in _starting([*commands.names(), *aliases, *functions], start):
        info = runspace.find_command(name)
        yield Completion(name, name, "Command", "" if info is None else _command_tip(info, name in aliases))


def _command_tip(info: CommandInfo, is_alias: bool) -> str:
    if is_alias:
        return info.name
    found = _metadata(info)
    return f"\n{found.syntax}\n" if found is not None and found.syntax else info.definition


def _metadata(info: CommandInfo) -> CommandMetadata | None:
    from .commands_info import metadata_of

    return metadata_of(info)


def _arguments(runspace: Runspace, words: list[str], word: str) -> Iterator[Completion]:
    info = runspace.find_command(words[0])
    found = _metadata(info) if info is not None else None
    if word.startswith("-"):
        if found is not None:
            yield from _parameters(found, word[1:])
        return
    before = words[-1]
    if found is not None and before.startswith("-"):
        values = list(_values(found, before[1:], word))
        if values:
            yield from values
            return
    if info is not None and info.name in ("Get-Help", "Get-Command"):
        yield from _commands(runspace, word)
        return
    yield from _files(runspace, word)


def _parameters(found: CommandMetadata, start: str) -> Iterator[Completion]:
    kinds = {info.name: info.type_name for info in found.parameters.values() if not info.dont_show}
    if found.cmdlet_binding:
        kinds.update((name, kind) for name, (kind, _) in COMMON_PARAMETERS.items())
    if found.supports_should_process:
        kinds.update((name, kind) for name, (kind, _) in SHOULD_PROCESS_PARAMETERS.items())
    for name, kind in kinds.items():
        if name.lower().startswith(start.lower()):
            yield Completion(f"-{name}", name, "ParameterName", f"[{_short(kind)}] {name}")


def _short(type_name: str) -> str:
    from ..members.listing import short_name
    from ..values.types import resolve_type

    kind = resolve_type(type_name)
    return type_name if kind is None else short_name(kind, drop_namespace=True)


def _values(found: CommandMetadata, name: str, start: str) -> Iterator[Completion]:
    folded = name.lower()
    for info in found.parameters.values():
        if info.name.lower() == folded or folded in (alias.lower() for alias in info.aliases):
            choices = info.validate_set or _enum_names(info.type_name)
            for value in _starting(choices, start):
                yield Completion(value, value, "ParameterValue", value)


def _enum_names(type_name: str) -> Iterable[str]:
    from ..dotnet.enums import shape_of
    from ..values.types import resolve_type

    kind = resolve_type(type_name)
    return shape_of(kind).names if kind is not None and kind.is_enum else ()


def _files(runspace: Runspace, start: str) -> Iterator[Completion]:
    start = start.strip("'\"")
    head, slash, tail = start.rpartition("/")
    folder = runspace.resolve_path(head + slash if slash else "")
    try:
        names = [units(name) for name in os.listdir(folder)]
    except OSError:
        return
    lead = head + slash if slash else "./"
    for name in _starting(names, tail):
        if name.startswith(".") and not tail.startswith("."):
            continue
        path = os.path.join(folder, name)
        text = lead + name
        kind = "ProviderContainer" if os.path.isdir(path) else "ProviderItem"
        yield Completion(text if _SAFE_NAME.fullmatch(text) else "'" + text.replace("'", "''") + "'", name, kind, path)


_PROPER_NAMES = (
    "PSBoundParameters", "PSCommandPath", "PSScriptRoot", "PSCmdlet", "PSVersionTable", "PSStyle", "MyInvocation",
    "ExecutionContext", "Host", "Error", "PWD", "PID", "Profile", "StackTrace", "args", "input", "_",
)  # fmt: skip
_Find = Callable[["Runspace", "re.Match[str]"], Iterable[Completion]]
# The last group of each is what is completed: its start is where the replacement goes.
_PLACES: tuple[tuple[re.Pattern[str], _Find], ...] = (
    (re.compile(r"(\$env:(\w*))$", re.I), _environment),
    (re.compile(r"(\$(\w*))$"), _variables),
    (re.compile(r"\[([\w.]+)\]::(\w*)$"), _static_members),
    (re.compile(r"\$(\w+)\.(\w*)$"), _members_of_variable),
    (re.compile(r"(?:'[^']*'|\"[^\"]*\")\.(\w*)$"), _members_of_text),
    (re.compile(r"\[([\w.]+)$"), _types),
)
