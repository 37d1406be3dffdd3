"""PSModuleInfo: a module's scope, what it exports, and how that becomes visible to others."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable
from typing import Any

from ...psobject import Hashtable, PSObject, Version
from ..binding.parameters import CommandInfo
from ..runtime.cmdlet import Cmdlet
from ..runtime.scopes import Scope
from ..runtime.scriptblock import ScriptBlock
from ..values.value import to_string, unwrap
from ..values.wildcards import wildcard_match, wildcard_regex

SMA = "System.Management.Automation."


class ModuleInfo:
    """PSModuleInfo."""

    def __init__(self, name: str, path: str, scope: Scope) -> None:
        self.name, self.path, self.scope = name, path, scope
        self.version = Version((0, 0))
        self.description = ""
        self.kind = "Script"
        self.exports: dict[str, list[str]] | None = None  # what Export-ModuleMember named, by kind
        self.functions: dict[str, CommandInfo] = {}
        self.variables: dict[str, Any] = {}
        self.aliases: dict[str, CommandInfo] = {}
        self.importer: Scope | None = None
        self.facts: Hashtable = Hashtable()  # of the manifest
        self.nested: list[ModuleInfo] = []
        self.on_remove: ScriptBlock | None = None

    def ps_type_names(self) -> list[str]:
        return [SMA + "PSModuleInfo", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        functions = Hashtable({info.name: info for info in self.functions.values()})
        aliases = Hashtable({info.name: info for info in self.aliases.values()})
        yield "Name", self.name
        yield "Path", self.path or None
        yield "Description", self.description
        yield "Guid", uuid.UUID(to_string(self.facts.get("GUID") or uuid.UUID(int=0)))
        yield "ModuleBase", os.path.dirname(self.path)
        yield "PrivateData", self.facts.get("PrivateData")
        yield "Version", self.version
        yield "ModuleType", self.kind
        yield "Author", self.facts.get("Author")
        yield "CompanyName", self.facts.get("CompanyName")
        yield "Copyright", self.facts.get("Copyright")
        yield "ExportedFunctions", functions
        yield "ExportedCmdlets", Hashtable()
        yield "ExportedCommands", Hashtable({**dict(functions.items()), **dict(aliases.items())})
        yield "NestedModules", list(self.nested)
        yield "RootModule", self.facts.get("RootModule")
        yield "ExportedVariables", Hashtable(self.variables)
        yield "ExportedAliases", aliases
        yield "SessionState", None
        yield "OnRemove", self.on_remove

    def ps_set(self, name: str, value: Any) -> None:
        if name.lower() != "onremove":
            raise AttributeError(name)
        self.on_remove = value

    @property
    def module_scope(self) -> Scope:
        """Where ``& $module { ... }`` runs its block."""
        return self.scope

    def ps_to_string(self) -> str:
        return self.name

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        from ..runtime.runspace import current_frame

        if name.lower() != "invoke":
            raise AttributeError(name)
        frame = current_frame()
        assert frame is not None
        found: list[Any] = []
        run_in(unwrap(args[0]), frame, self.scope, found.append, list(args[1:]))
        return found[0] if len(found) == 1 else found


def run_in(block: ScriptBlock, frame: Any, scope: Scope, sink: Any, args: list[Any]) -> None:
    """A block's statements with ``scope`` as the innermost one."""
    held, frame.scope = frame.scope, scope
    try:
        block.run(frame, sink, args=args, local=False)
    finally:
        frame.scope = held


def loading(cmdlet: Cmdlet) -> list[ModuleInfo]:
    """Modules that are being read now, innermost last: where Export-ModuleMember belongs."""
    found: list[ModuleInfo] = cmdlet.runspace.store.setdefault("loading_modules", [])
    return found


def run_module(cmdlet: Cmdlet, module: ModuleInfo, block: ScriptBlock, args: list[Any], sink: Any) -> None:
    stack = loading(cmdlet)
    stack.append(module)
    try:
        run_in(block, cmdlet.frame, module.scope, sink, args)
    finally:
        stack.pop()
    collect(module)


def collect(module: ModuleInfo) -> None:
    """What the module gives away: what was named, or else all functions and aliases (and no variable)."""
    functions = module.scope.functions or {}
    aliases = module.scope.aliases or {}
    named = module.exports
    if named is None:
        module.functions, module.aliases = dict(functions), dict(aliases)
        return
    module.functions = pick(functions, named["function"])
    module.aliases = pick(aliases, named["alias"])
    module.variables = {
        variable.name: variable
        for variable in module.scope.vars.values()
        if any(wildcard_match(pattern, variable.name) for pattern in named["variable"])
    }


def pick(items: dict[str, Any], patterns: list[str]) -> dict[str, Any]:
    regexes = [wildcard_regex(pattern) for pattern in patterns]
    return {key: info for key, info in items.items() if any(regex.fullmatch(info.name) for regex in regexes)}


def live_variable(variable: Any) -> Any:
    """A module's variable as an object's property: always the variable's value."""
    from ..members.access import CodeProperty

    def put(owner: Any, value: Any) -> None:
        variable.value = value

    return CodeProperty(lambda owner: variable.value, put)


def as_object(module: ModuleInfo) -> Any:
    """-AsCustomObject: functions as methods, variables as properties."""
    from ..members.access import ScriptMethod, add_member

    made: Any = PSObject({})
    for info in module.functions.values():
        made = add_member(made, info.name, ScriptMethod(in_module(info, module)))
    for variable in module.variables.values():
        made = add_member(made, variable.name, live_variable(variable))
    return made


def home_of(cmdlet: Cmdlet) -> Scope:
    """Where a module's members go unless -Scope Local says otherwise: the caller's module, or the global scope."""
    scopes = {id(module.scope) for module in [*cmdlet.runspace.modules.values(), *loading(cmdlet)]}
    return next((scope for scope in cmdlet.frame.scope.chain() if id(scope) in scopes), cmdlet.runspace.global_scope)


def prefixed(name: str, prefix: str) -> str:
    if not prefix:
        return name
    verb, dash, noun = name.partition("-")
    return f"{verb}-{prefix}{noun}" if dash else prefix + name


class Wanted:
    """-Function, -Alias, -Variable: with none of them, all that is exported."""

    def __init__(self, cmdlet: Cmdlet) -> None:
        self._patterns = {kind: cmdlet.arg(kind) for kind in ("Function", "Cmdlet", "Alias", "Variable")}
        self._all = all(patterns is None for patterns in self._patterns.values())

    def __call__(self, kind: str, name: str) -> bool:
        patterns = self._patterns[kind]
        return self._all if patterns is None else any(wildcard_match(to_string(one), name) for one in patterns)


def attach(cmdlet: Cmdlet, module: ModuleInfo, scope: Scope, wanted: Wanted | None = None, prefix: str = "") -> None:
    """Makes what a module exports visible in a scope."""
    module.importer = scope
    for info in module.functions.values():
        name = prefixed(info.name, prefix)
        if wanted is None or wanted("Function", info.name):
            bound = CommandInfo(
                info.kind, name, in_module(info, module), definition=info.definition, module=module.name
            )
            scope.set_function(name.lower(), bound)
            cmdlet.verbose(f"Importing function '{name}'.")
    for info in module.aliases.values():
        name = prefixed(info.name, prefix)
        if wanted is None or wanted("Alias", info.name):
            bound = CommandInfo(info.kind, name, info.implementation, definition=info.definition, module=module.name)
            scope.set_alias(name.lower(), bound)
            cmdlet.verbose(f"Importing alias '{name}'.")
    for variable in module.variables.values():
        if wanted is None or wanted("Variable", variable.name):
            scope.vars[prefixed(variable.name, prefix).lower()] = variable
            cmdlet.verbose(f"Importing variable '{variable.name}'.")
    cmdlet.runspace.command_cache.clear()


def detach(cmdlet: Cmdlet, module: ModuleInfo) -> None:
    for scope in (*cmdlet.frame.scope.chain(), module.importer):
        if scope is None:
            continue
        for members in (scope.functions, scope.aliases):
            for key, info in list((members or {}).items()):
                if getattr(info, "module", "") == module.name:
                    assert members is not None
                    del members[key]
        for key, variable in list(scope.vars.items()):
            if any(variable is exported for exported in module.variables.values()):
                del scope.vars[key]
    cmdlet.runspace.command_cache.clear()


def in_module(info: CommandInfo, module: ModuleInfo) -> Any:
    block = info.implementation
    if isinstance(block, ScriptBlock):
        copy = block.with_scope(module.scope)
        copy.name, copy.is_filter, copy.module = block.name, block.is_filter, module.name
        return copy
    return block
