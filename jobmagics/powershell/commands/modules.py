"""Script modules: Import-, Remove-, Get-, New-Module, Export-ModuleMember.

A module is a scope below the global one in which its file ran; the functions it exports are copied into the importer's
scope and run in the module's own.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable
from typing import Any

from ...psobject import Hashtable, PSObject, Version
from ..binding.parameters import CommandInfo
from ..records import ScriptError
from ..runtime.cmdlet import Cmdlet, command
from ..runtime.scopes import Scope
from ..runtime.scriptblock import ScriptBlock
from ..values.value import as_list, to_string, unwrap
from ..values.wildcards import wildcard_match, wildcard_regex

SMA = "System.Management.Automation."
MODULE_PATH = "PSModulePath"
BUILT_IN = ("Microsoft.PowerShell.Core", "Microsoft.PowerShell.Management", "Microsoft.PowerShell.Utility",
            "Microsoft.PowerShell.Security", "Microsoft.PowerShell.ThreadJob", "ThreadJob")  # fmt: skip


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
        self.guid = uuid.UUID(int=0)
        self.private_data: Any = None

    def ps_type_names(self) -> list[str]:
        return [SMA + "PSModuleInfo", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        functions = Hashtable({info.name: info for info in self.functions.values()})
        aliases = Hashtable({info.name: info for info in self.aliases.values()})
        yield "Name", self.name
        yield "Path", self.path or None
        yield "Description", self.description
        yield "Guid", self.guid
        yield "ModuleBase", os.path.dirname(self.path)
        yield "PrivateData", self.private_data
        yield "Version", self.version
        yield "ModuleType", self.kind
        yield "ExportedFunctions", functions
        yield "ExportedCmdlets", Hashtable()
        yield "ExportedCommands", Hashtable({**dict(functions.items()), **dict(aliases.items())})
        yield "ExportedVariables", Hashtable(self.variables)
        yield "ExportedAliases", aliases
        yield "SessionState", None
        yield "NestedModules", []

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
    """What the module gives away: what was named, or else all functions (and no variable)."""
    functions = module.scope.functions or {}
    aliases = module.scope.aliases or {}
    named = module.exports
    if named is None:
        module.functions = dict(functions)
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


@command("Export-ModuleMember")
class ExportModuleMember(Cmdlet):
    def process(self) -> None:
        stack = loading(self)
        if not stack:
            raise self.terminate(
                "The Export-ModuleMember cmdlet can only be called from inside a module.",
                "Modules_CanOnlyExecuteExportModuleMemberInsideAModule",
                "PermissionDenied",
                net_type="System.InvalidOperationException",
            )
        module = stack[-1]
        if module.exports is None:
            module.exports = {"function": [], "variable": [], "alias": []}
        for kind in module.exports:
            module.exports[kind] += [to_string(name) for name in as_list(self.arg(kind))]


@command("Import-Module")
class ImportModule(Cmdlet):
    def process(self) -> None:
        given = self.arg("ModuleInfo")
        for module in as_list(given) if given is not None else []:
            self._attach(module)
        for name in as_list(self.arg("Name")):
            self._by_name(to_string(name))

    def _by_name(self, name: str) -> None:
        if name in BUILT_IN:
            return
        loaded = self.runspace.modules.get(name.lower())
        path = self._file(name)
        if loaded is not None and not self.switch("Force") and (path is None or loaded.path == path):
            self._attach(loaded)
            return
        if path is None:
            self.error(
                f"The specified module '{name}' was not loaded because no valid module file was found in any "
                "module directory.",
                "Modules_ModuleNotFound",
                "ResourceUnavailable",
                name,
                net_type="System.IO.FileNotFoundException",
            )
            return
        module = self._load(path)
        if module is not None:
            self.runspace.modules[module.name.lower()] = module
            self._attach(module)

    def _file(self, name: str) -> str | None:
        if name.startswith((".", "/", "~")) or "/" in name or name.endswith((".psm1", ".psd1", ".ps1")):
            roots = [self.path(name)]
        else:
            roots = [os.path.join(root, name) for root in os.environ.get(MODULE_PATH, "").split(os.pathsep) if root]
        for root in roots:
            leaf = os.path.basename(root)
            candidates = [root, *(root + suffix for suffix in (".psd1", ".psm1", ".ps1"))]
            candidates += [os.path.join(root, leaf + suffix) for suffix in (".psd1", ".psm1")]
            found = next((path for path in candidates if os.path.isfile(path)), None)
            if found is not None:
                return found
        return None

    def _load(self, path: str) -> ModuleInfo | None:
        name = os.path.splitext(os.path.basename(path))[0]
        module = ModuleInfo(name, path, Scope(self.runspace.global_scope, is_script=True))
        if path.endswith(".psd1"):
            return self._manifest(module, path)
        self._run_file(module, path)
        return module

    def _run_file(self, module: ModuleInfo, path: str) -> None:
        with open(path, encoding="utf-8-sig") as source:
            block = ScriptBlock.parse(source.read(), path)
        run_module(self, module, block, as_list(self.arg("ArgumentList")), lambda value: None)

    def _manifest(self, module: ModuleInfo, path: str) -> ModuleInfo | None:
        with open(path, encoding="utf-8-sig") as source:
            found = ScriptBlock.parse(source.read(), path).invoke(self.frame, [])
        facts: Any = found[0] if found and isinstance(found[0], Hashtable) else Hashtable()
        root = facts.get("RootModule") or facts.get("ModuleToProcess")
        module.description = to_string(facts.get("Description"))
        if facts.get("ModuleVersion"):
            module.version = Version(int(part) for part in to_string(facts["ModuleVersion"]).split("."))
        if root:
            inner = os.path.join(os.path.dirname(path), to_string(root))
            if not os.path.isfile(inner):
                self.error(
                    f"The module '{path}' names the root module '{root}', which does not exist.",
                    "Modules_ModuleNotFound",
                    "ResourceUnavailable",
                    path,
                    net_type="System.IO.FileNotFoundException",
                )
                return None
            self._run_file(module, inner)
        if facts.get("FunctionsToExport") is not None:
            module.functions = pick(module.functions, [to_string(name) for name in as_list(facts["FunctionsToExport"])])
        return module

    def _attach(self, module: ModuleInfo) -> None:
        scope = self.runspace.global_scope if self.switch("Global") else self.frame.scope
        attach(self, module, scope, to_string(self.arg("Prefix") or ""))
        if self.switch("PassThru"):
            self.write(module)
        if self.switch("AsCustomObject"):
            self.write(PSObject({info.name: info for info in module.functions.values()}))


def live_variable(variable: Any) -> Any:
    """A module's variable as an object's property: always the variable's value."""
    from ..members.access import CodeProperty

    def put(owner: Any, value: Any) -> None:
        variable.value = value

    return CodeProperty(lambda owner: variable.value, put)


def attach(cmdlet: Cmdlet, module: ModuleInfo, scope: Scope, prefix: str = "") -> None:
    """Makes what a module exports visible in a scope."""
    module.importer = scope
    for info in module.functions.values():
        name = info.name
        if prefix and "-" in name:
            verb, _, noun = name.partition("-")
            name = f"{verb}-{prefix}{noun}"
        bound = CommandInfo(info.kind, name, in_module(info, module), definition=info.definition, module=module.name)
        scope.set_function(name.lower(), bound)
    for key, info in module.aliases.items():
        scope.set_alias(key, info)
    for variable in module.variables.values():
        scope.vars[variable.name.lower()] = variable
    cmdlet.runspace.command_cache.clear()


def in_module(info: CommandInfo, module: ModuleInfo) -> Any:
    block = info.implementation
    if isinstance(block, ScriptBlock):
        copy = block.with_scope(module.scope)
        copy.name, copy.is_filter, copy.module = block.name, block.is_filter, module.name
        return copy
    return block


@command("Remove-Module")
class RemoveModule(Cmdlet):
    def process(self) -> None:
        names = [to_string(name) for name in as_list(self.arg("Name"))]
        names += [module.name for module in as_list(self.arg("ModuleInfo"))]
        for name in names:
            found = [module for module in self.runspace.modules.values() if wildcard_match(name, module.name)]
            if not found:
                self.error(
                    "No modules were removed. Verify that the specification of modules to remove is correct and "
                    "those modules "
                    "exist in the runspace.",
                    "Modules_NoModulesRemoved",
                    "ResourceUnavailable",
                    net_type="System.InvalidOperationException",
                )
            for module in found:
                self._remove(module)

    def _remove(self, module: ModuleInfo) -> None:
        self.runspace.modules.pop(module.name.lower(), None)
        for scope in {
            id(scope): scope for scope in (*self.frame.scope.chain(), module.importer) if scope is not None
        }.values():
            for key, info in list((scope.functions or {}).items()):
                if info.module == module.name:
                    assert scope.functions is not None
                    del scope.functions[key]
        self.runspace.command_cache.clear()


@command("Get-Module")
class GetModule(Cmdlet):
    def process(self) -> None:
        names = [to_string(name) for name in as_list(self.arg("Name"))] or ["*"]
        if self.switch("ListAvailable"):
            return
        for module in self.runspace.modules.values():
            if any(wildcard_match(name, module.name) for name in names):
                self.write(module)


@command("New-Module")
class NewModule(Cmdlet):
    def end(self) -> None:
        name = to_string(self.arg("Name") or f"__DynamicModule_{uuid.uuid4()}")
        module = ModuleInfo(name, "", Scope(self.runspace.global_scope, is_script=True))
        output: list[Any] = []
        try:
            run_module(self, module, self.arg("ScriptBlock"), as_list(self.arg("ArgumentList")), output.append)
        except ScriptError as problem:
            raise self.terminate(problem.record) from None
        functions = as_list(self.arg("Function"))
        if functions:
            module.functions = pick(module.scope.functions or {}, [to_string(name) for name in functions])
        attach(self, module, self.frame.scope)
        if self.switch("AsCustomObject"):
            self.write(self._object(module))
        elif self.switch("ReturnResult"):
            self.write_all(output)
        else:
            self.write(module)

    def _object(self, module: ModuleInfo) -> Any:
        from ..members.access import ScriptMethod, add_member

        made: Any = PSObject({})
        for info in module.functions.values():
            made = add_member(made, info.name, ScriptMethod(in_module(info, module)))
        for variable in module.variables.values():
            made = add_member(made, variable.name, live_variable(variable))
        return made
