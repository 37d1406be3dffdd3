"""Script modules: Import-, Remove-, Get-, New-Module, Export-ModuleMember.

A module is a scope below the global one in which its file ran; the functions it exports are copied into the importer's
scope and run in the module's own.
"""

from __future__ import annotations

import os
import uuid
from typing import Any

from ...psobject import Hashtable
from ..records import ScriptError
from ..runtime.cmdlet import Cmdlet, command
from ..runtime.scopes import Scope
from ..runtime.scriptblock import ScriptBlock
from ..values.value import as_list, to_string, unwrap
from ..values.wildcards import wildcard_match
from .discovery import VERBS
from .module_files import available_files, listed_module, manifest_facts, manifest_version, module_file
from .module_info import ModuleInfo, Wanted, as_object, attach, detach, home_of, loading, pick, run_in, run_module

BUILT_IN = ("Microsoft.PowerShell.Core", "Microsoft.PowerShell.Management", "Microsoft.PowerShell.Utility",
            "Microsoft.PowerShell.Security", "Microsoft.PowerShell.ThreadJob", "ThreadJob")  # fmt: skip
NOT_FOUND = "System.IO.FileNotFoundException"
NONE_FOUND = "not loaded because no valid module file was found in any module directory."
VERSION_PARAMETERS = ("MinimumVersion", "MaximumVersion", "RequiredVersion")
UNAPPROVED = (
    "The names of some imported commands from the module '{}' include unapproved verbs that might make them less "
    "discoverable. To find the commands with unapproved verbs, run the Import-Module command again with the Verbose "
    "parameter. For a list of approved verbs, type Get-Verb."
)


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
        for given in (*as_list(self.arg("ModuleInfo")), *as_list(self.arg("FullyQualifiedName"))):
            module = unwrap(given)
            if isinstance(module, ModuleInfo):
                self.runspace.modules.setdefault(module.name.lower(), module)
                self._attach(module)
            else:
                self._by_name(specified_name(module))
        for name in as_list(self.arg("Name")):
            self._by_name(to_string(name))

    def _by_name(self, name: str) -> None:
        if name in BUILT_IN:
            return
        loaded = self.runspace.modules.get(name.lower()) or self._loaded_from(name)
        path = module_file(self, name)
        if loaded is not None and not self.switch("Force") and (path is None or loaded.path == path):
            self._attach(loaded)
            return
        if path is None:
            message = f"The specified module '{name}' was {NONE_FOUND}"
            self.error(message, "Modules_ModuleNotFound", "ResourceUnavailable", name, net_type=NOT_FOUND)
            return
        if loaded is not None:
            detach(self, loaded)
        module = self._load(path)
        if module is not None and self._has_version(module, name):
            self.runspace.modules[module.name.lower()] = module
            self._attach(module)

    def _loaded_from(self, name: str) -> ModuleInfo | None:
        path = module_file(self, name)
        return next((module for module in self.runspace.modules.values() if path and module.path == path), None)

    def _has_version(self, module: ModuleInfo, name: str) -> bool:
        for parameter in VERSION_PARAMETERS:
            if not self.has(parameter):
                continue
            wanted = self.arg(parameter)
            have, need = tuple(module.version), version_numbers(wanted)
            fits = {"MinimumVersion": have >= need, "MaximumVersion": have <= need}.get(parameter, have == need)
            if not fits:
                message = f"The specified module '{name}' with version '{to_string(wanted)}' was {NONE_FOUND}"
                fqid = "Modules_ModuleWithVersionNotFound"
                self.error(message, fqid, "ResourceUnavailable", name, net_type=NOT_FOUND)
                return False
        return True

    def _load(self, path: str) -> ModuleInfo | None:
        name = os.path.splitext(os.path.basename(path))[0]
        module = ModuleInfo(name, path, Scope(self.runspace.global_scope, is_script=True))
        self.verbose(f"Loading module from path '{path}'.")
        if path.endswith(".psd1"):
            return self._manifest(module, path)
        self._run_file(module, path)
        return module

    def _run_file(self, module: ModuleInfo, path: str) -> None:
        with open(path, encoding="utf-8-sig") as source:
            block = ScriptBlock.parse(source.read(), path)
        run_module(self, module, block, as_list(self.arg("ArgumentList")), lambda value: None)
        for info in module.functions.values():
            self.verbose(f"Exporting function '{info.name}'.")
        for info in module.aliases.values():
            self.verbose(f"Exporting alias '{info.name}'.")

    def _manifest(self, module: ModuleInfo, path: str) -> ModuleInfo | None:
        module.facts = facts = manifest_facts(self, path)
        module.description = to_string(facts.get("Description"))
        module.version = manifest_version(facts)
        if not self._has_required(facts, path):
            return None
        directory, root = os.path.dirname(path), facts.get("RootModule") or facts.get("ModuleToProcess")
        module.kind = "Script" if root else "Manifest"
        for nested in map(to_string, as_list(facts.get("NestedModules"))):
            file = module_file(self, os.path.join(directory, nested)) or module_file(self, nested)
            if file is None:
                self._missing(nested, "NestedModules", path)
                return None
            inner = self._load(file)
            if inner is not None:
                module.nested.append(inner)
                attach(self, inner, module.scope)
        if root:
            file = module_file(self, os.path.join(directory, to_string(root)))
            if file is None:
                self._missing(to_string(root), "ModuleToProcess/RootModule", path)
                return None
            self._run_file(module, file)
        for inner in module.nested:
            module.functions = {**inner.functions, **module.functions}
            module.aliases = {**inner.aliases, **module.aliases}
        self._limit(module)
        return module

    def _limit(self, module: ModuleInfo) -> None:
        def named(field: str) -> list[str] | None:
            given = module.facts.get(field)
            return None if given is None else [to_string(name) for name in as_list(given)]

        functions, aliases, variables = map(named, ("FunctionsToExport", "AliasesToExport", "VariablesToExport"))
        if functions is not None:
            module.functions = pick(module.functions, functions)
        if aliases is not None:
            module.aliases = pick(module.aliases, aliases)
        if variables is not None:
            module.variables = pick(module.variables, variables)

    def _has_required(self, facts: Any, path: str) -> bool:
        for required in as_list(facts.get("RequiredModules")):
            name = specified_name(required)
            if name in BUILT_IN or name.lower() in self.runspace.modules:
                continue
            file = module_file(self, name)
            module = self._load(file) if file is not None else None
            if module is None:
                message = (
                    f"The required module '{name}' is not loaded. Load the module or remove the module from "
                    f"'RequiredModules' in the file '{path}'."
                )
                kind = "System.MissingMemberException"
                self.error(message, "Modules_InvalidManifest", "ResourceUnavailable", path, net_type=kind)
                return False
            self.runspace.modules[module.name.lower()] = module
            attach(self, module, self.runspace.global_scope)
        return True

    def _missing(self, name: str, field: str, path: str) -> None:
        message = (
            f"The module to process '{name}', listed in field '{field}' of module manifest '{path}' was not processed "
            "because no valid module was found in any module directory."
        )
        fqid = "Modules_ModuleFileNotFound"
        self.error(message, fqid, "ResourceUnavailable", os.path.basename(path)[:-5], net_type=NOT_FOUND)

    def _attach(self, module: ModuleInfo) -> None:
        if self.switch("AsCustomObject"):
            self.write(as_object(module))
            return
        local = to_string(self.arg("Scope") or "").lower() == "local"
        scope = self.runspace.global_scope if self.switch("Global") else self.frame.scope if local else home_of(self)
        attach(
            self,
            module,
            scope,
            Wanted(self),
            to_string(self.arg("Prefix") or module.facts.get("DefaultCommandPrefix") or ""),
        )
        if not self.switch("DisableNameChecking") and has_odd_verb(module):
            self.warning(UNAPPROVED.format(module.name))
        if self.switch("PassThru"):
            self.write(module)


def specified_name(specification: Any) -> str:
    """The name in a module specification: a name, or a hashtable with ModuleName."""
    plain = unwrap(specification)
    return to_string(plain.get("ModuleName") if isinstance(plain, Hashtable) else plain)


def version_numbers(value: Any) -> tuple[int, ...]:
    from ..values.conversions import convert

    return tuple(convert(value, "System.Version"))


def has_odd_verb(module: ModuleInfo) -> bool:
    known = {verb.lower() for verbs in VERBS.values() for verb in verbs.split()}
    names = [info.name.lower() for info in module.functions.values()]
    return any("-" in name and name.partition("-")[0] not in known for name in names)


@command("Remove-Module")
class RemoveModule(Cmdlet):
    def process(self) -> None:
        names = [to_string(name) for name in as_list(self.arg("Name"))]
        names += [module.name for module in as_list(self.arg("ModuleInfo"))]
        for name in names:
            found = [module for module in self.runspace.modules.values() if wildcard_match(name, module.name)]
            if not found:
                message = (
                    "No modules were removed. Verify that the specification of modules to remove is correct and those "
                    "modules exist in the runspace."
                )
                kind = "System.InvalidOperationException"
                self.error(message, "Modules_NoModulesRemoved", "ResourceUnavailable", net_type=kind)
            for module in found:
                if self.should_process(f"{module.name} (Path: '{module.path}')", "Remove-Module"):
                    self._remove(module)

    def _remove(self, module: ModuleInfo) -> None:
        if module.on_remove is not None:
            run_in(module.on_remove, self.frame, module.scope, self.write, [module])
        self.runspace.modules.pop(module.name.lower(), None)
        detach(self, module)


@command("Get-Module")
class GetModule(Cmdlet):
    def process(self) -> None:
        names = [to_string(name) for name in as_list(self.arg("Name"))] or ["*"]
        if self.switch("ListAvailable"):
            for path in available_files():
                if any(wildcard_match(name, os.path.splitext(os.path.basename(path))[0]) for name in names):
                    self.write(listed_module(self, path))
            return
        for module in sorted(self.runspace.modules.values(), key=lambda module: module.name.lower()):
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
        if self.switch("AsCustomObject"):
            self.write(as_object(module))
            return
        attach(self, module, home_of(self))
        if self.switch("ReturnResult"):
            self.write_all(output)
        else:
            self.write(module)
