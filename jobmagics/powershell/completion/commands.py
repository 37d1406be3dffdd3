"""Names of commands: functions, aliases, cmdlets, scripts and programs, also those that the text defines."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ..binding.parameters import CommandInfo, CommandMetadata
from ..parser import syntax as s
from ..records import ScriptError
from ..runtime.scriptblock import ScriptBlock
from .files import files
from .place import MARK, Place
from .results import Completion


def find(place: Place, name: str) -> CommandInfo | None:
    """What the name means there: a function of the text before one of the session."""
    for info in functions(place):
        if info.name.lower() == name.lower():
            return info
    found: CommandInfo | None = place.runspace.find_command(name)
    return found


def functions(place: Place) -> Iterator[CommandInfo]:
    """Functions of the text, the last first, then those of the session."""
    for node in reversed(list(place.before(s.FunctionDefinitionAst))):
        if MARK not in node.name:
            block = ScriptBlock(node.body, "")
            block.parameters = node.parameters
            yield CommandInfo("Function", node.name.rpartition(":")[2], block)
    for scope in place.runspace.frame.scope.chain():
        yield from (scope.functions or {}).values()


def alias_targets(place: Place) -> dict[str, str]:
    """Each alias in its own spelling, and what it stands for."""
    from ..commands.catalog import ALIAS_NAMES

    found: dict[str, str] = {}
    for scope in place.runspace.frame.scope.chain():
        for key, entry in (scope.aliases or {}).items():
            named = entry.name if isinstance(entry, CommandInfo) else ALIAS_NAMES.get(key, key)
            found.setdefault(named, entry.definition if isinstance(entry, CommandInfo) else str(entry))
    return found


def metadata(info: CommandInfo) -> CommandMetadata | None:
    """Its parameters; None for programs and for functions that do not compile."""
    from ..session.commands_info import metadata_of

    try:
        return metadata_of(info)
    except ScriptError:
        return None


def commands(place: Place, start: str, programs: bool = True) -> Iterator[Completion]:
    if "/" in start or start.startswith(("~", ".")):
        yield from files(place.runspace, start)
        return
    module, slash, name = start.rpartition("\\")
    found = list(_named(place, name, module))
    if programs and not slash and name:
        found += _programs(name)
    lead = module + slash
    for completion in sorted(found, key=lambda item: item.shown.lower()):
        yield Completion(lead + completion.text, completion.shown, "Command", completion.tip)


def _named(place: Place, start: str, module: str) -> Iterator[Completion]:
    from .. import commands as cmdlets

    folded, wanted = start.lower(), module.lower()
    seen: set[str] = set()
    if not module:
        for alias, target in alias_targets(place).items():
            if alias.lower().startswith(folded):
                seen.add(alias.lower())
                yield Completion(alias, alias, "Command", target)
    for info in functions(place):
        if info.name.lower().startswith(folded) and info.name.lower() not in seen and info.module.lower() == wanted:
            seen.add(info.name.lower())
            yield Completion(info.name, info.name, "Command", _tip(info))
    for name in cmdlets.names():
        fits = name.lower().startswith(folded) and name.lower() not in seen
        if fits and (not module or cmdlets.module_of(name).lower() == wanted):
            yield Completion(name, name, "Command", f"\n{cmdlets.metadata(name).syntax}\n")


def _tip(info: CommandInfo) -> str:
    from ..session.syntax import syntax_of

    return syntax_of(info, metadata(info)) or info.name


def _programs(start: str) -> Iterator[Completion]:
    """Programs on $env:PATH: the first of a name by the name, the others by their path."""
    seen: set[str] = set()
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        try:
            names = [name for name in os.listdir(folder) if name.lower().startswith(start.lower())]
        except OSError:
            continue
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and os.access(path, os.X_OK):
                yield Completion(path if name in seen else name, name, "Command", path)
                seen.add(name)
