"""Where modules are on disk: files, manifests, and the directories of PSModulePath."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...psobject import Hashtable, Version
from ..runtime.cmdlet import Cmdlet
from ..runtime.scopes import Scope
from ..runtime.scriptblock import ScriptBlock
from ..values.value import as_list, to_string
from .module_info import ModuleInfo

if TYPE_CHECKING:
    from ..runtime.runspace import Runspace

MODULE_PATH = "PSModulePath"
_FUNCTION = re.compile(r"(?:^|[;{}\s])(?:function|filter)\s+([\w-]+)", re.IGNORECASE)


def module_file(cmdlet: Cmdlet, name: str) -> str | None:
    """The file that a module's name or path means."""
    if name.startswith((".", "/", "~")) or "/" in name or name.endswith((".psm1", ".psd1", ".ps1")):
        roots = [cmdlet.path(name)]
    else:
        roots = [os.path.join(root, name) for root in module_roots()]
    for root in roots:
        leaf = os.path.basename(root)
        candidates = [root, *(root + suffix for suffix in (".psd1", ".psm1", ".ps1"))]
        found = next((path for path in candidates if os.path.isfile(path)), None) or in_directory(root, leaf)
        if found is not None:
            return found
    return None


def module_roots() -> list[str]:
    return [root for root in os.environ.get(MODULE_PATH, "").split(os.pathsep) if root]


def in_directory(directory: str, leaf: str) -> str | None:
    """A module's file in its directory, or in that of its newest version."""
    try:
        names = os.listdir(directory)
    except OSError:
        return None
    numbered = sorted((name for name in names if re.fullmatch(r"\d+(\.\d+){1,3}", name)), key=_numbers, reverse=True)
    for at in (directory, *(os.path.join(directory, name) for name in numbered)):
        for suffix in (".psd1", ".psm1"):
            if os.path.isfile(os.path.join(at, leaf + suffix)):
                return os.path.join(at, leaf + suffix)
    return None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def available_files() -> Iterator[str]:
    """The module files below PSModulePath."""
    for root in module_roots():
        try:
            names = sorted(os.listdir(root), key=str.lower)
        except OSError:
            continue
        for name in names:
            found = in_directory(os.path.join(root, name), name)
            if found is not None:
                yield found


def manifest_facts(cmdlet: Cmdlet, path: str) -> Hashtable:
    with open(path, encoding="utf-8-sig") as source:
        found = ScriptBlock.parse(source.read(), path).invoke(cmdlet.frame, [])
    return found[0] if found and isinstance(found[0], Hashtable) else Hashtable()


def manifest_version(facts: Any) -> Version:
    from ..values.conversions import convert

    made: Version = convert(to_string(facts.get("ModuleVersion") or "0.0"), "System.Version")
    return made


def function_names(path: str) -> list[str]:
    """The functions that a script module defines, without running it."""
    with open(path, encoding="utf-8-sig", errors="replace") as source:
        return list(dict.fromkeys(_FUNCTION.findall(source.read())))


def listed_module(cmdlet: Cmdlet, path: str) -> ModuleInfo:
    """What Get-Module -ListAvailable tells of a module that is not loaded."""
    from ..binding.parameters import CommandInfo

    name = os.path.splitext(os.path.basename(path))[0]
    module = ModuleInfo(name, path, Scope(cmdlet.runspace.global_scope, is_script=True))
    root: str | None = path
    patterns = ["*"]
    if path.endswith(".psd1"):
        module.facts = facts = manifest_facts(cmdlet, path)
        module.version, module.description = manifest_version(facts), to_string(facts.get("Description"))
        given = facts.get("RootModule")
        module.kind = "Script" if given else "Manifest"
        root = os.path.join(os.path.dirname(path), to_string(given)) if given else None
        if facts.get("FunctionsToExport") is not None:
            patterns = [to_string(one) for one in as_list(facts["FunctionsToExport"])]
    known = function_names(root) if root is not None and os.path.isfile(root) else []
    from ..values.wildcards import wildcard_match

    for one in known:
        if any(wildcard_match(pattern, one) for pattern in patterns):
            module.functions[one.lower()] = CommandInfo("Function", one, None, module=name)
    return module


def autoload(rs: Runspace, name: str) -> bool:
    """Imports the module of PSModulePath that has a command of this name."""
    held = rs.store.setdefault("autoloading", set())
    if held or not module_roots() or not re.fullmatch(r"[\w-]+", name):
        return False
    held.add(name)
    try:
        return any(_imports(rs, path, name) for path in available_files())
    finally:
        held.clear()


def _imports(rs: Runspace, path: str, name: str) -> bool:
    leaf = os.path.splitext(os.path.basename(path))[0]
    if leaf.lower() in rs.modules:
        return False
    directory = os.path.dirname(path)
    files = [os.path.join(directory, one) for one in os.listdir(directory) if one.endswith(".psm1")]
    if not any(name.lower() == one.lower() for file in files for one in function_names(file)):
        return False
    block = ScriptBlock.parse("param($path) Import-Module -Name $path -Global -DisableNameChecking")
    block.invoke(rs.frame, [path])
    found = rs.modules.get(leaf.lower())
    return found is not None and name.lower() in found.functions
