"""Variables, with their scopes and drives."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from ..members.listing import short_name
from ..parser import syntax as s
from ..runtime.runspace import AUTOMATIC_NAMES
from ..values.utf16 import units
from .inference import Inference
from .place import MARK, Place
from .results import Completion

SCOPES = ("Global", "Local", "Private", "Script", "Using", "Workflow")
DRIVES = ("Alias", "Env", "Function", "Variable")
# what exists only while something runs, or is read without ever being set
SPECIAL = (
    *("_", "args", "input", "this", "PSCmdlet", "PSDebugContext", "PSItem", "PSLogUserData"),
    *("PSModuleAutoLoadingPreference", "PSSenderInfo", "Matches", "switch", "foreach", "StackTrace", "LASTEXITCODE"),
)
AUTOMATIC = (
    *("PSBoundParameters", "PSCommandPath", "PSScriptRoot", "PSVersionTable", "PSStyle", "MyInvocation"),
    *("ExecutionContext", "Host", "Error", "PWD", "PROFILE"),
)


def variables(place: Place, word: str) -> Iterator[Completion]:
    """``word`` begins with ``$``, ``${`` or ``@``."""
    sign, name = ("@", word[1:]) if word.startswith("@") else ("$", word[1:])
    name = name.removeprefix("{")
    scope, colon, rest = name.rpartition(":")
    if scope.lower() == "env":
        yield from _environment(sign, scope, rest)
        return
    if scope.lower() in ("function", "alias"):
        yield from _of_drive(place, sign, scope, rest)
        return
    lead = scope + colon
    for known, tip in _known(place).items():
        if known.lower().startswith(rest.lower()):
            yield Completion(_written(sign, lead + known), known, "Variable", tip)
    if not colon and name:
        for drive in (*DRIVES, *SCOPES):
            if drive.lower().startswith(name.lower()):
                yield Completion(f"{sign}{drive}:", f"{drive}:", "Variable", f"{drive}:")


def _written(sign: str, name: str) -> str:
    return sign + name if name.replace("_", "a").replace(":", "a").isalnum() else f"{sign}{{{name}}}"


def _environment(sign: str, drive: str, start: str) -> Iterator[Completion]:
    for name in sorted(map(units, os.environ), key=str.lower):
        if name.lower().startswith(start.lower()):
            yield Completion(_written(sign, f"{drive}:{name}"), name, "Variable", name)


def _of_drive(place: Place, sign: str, drive: str, start: str) -> Iterator[Completion]:
    from .commands import alias_targets, functions

    names = alias_targets(place) if drive.lower() == "alias" else [info.name for info in functions(place)]
    for name in sorted(names, key=str.lower):
        if name.lower().startswith(start.lower()):
            yield Completion(_written(sign, f"{drive}:{name}"), name, "Variable", name)


def _known(place: Place) -> dict[str, str]:
    """Name -> tip: those with a value or an assignment by name, then the special ones."""
    runspace = place.runspace
    held: dict[str, str] = {}
    for name in written(place):
        held.setdefault(name.lower(), name)
    for scope in runspace.frame.scope.chain():
        for variable in scope.vars.values():
            held.setdefault(variable.name.lower(), variable.name)
    for name in (*AUTOMATIC, *(name for name in AUTOMATIC_NAMES if name not in ("_", "psitem"))):
        held.setdefault(name.lower(), name)
    special = {name.lower(): name for name in SPECIAL}
    ordinary = sorted((name for key, name in held.items() if key not in special), key=str.lower)
    tips = {name: _tip(place, name) for name in ordinary}
    return {**tips, **{name: name for name in sorted(special.values(), key=str.lower)}}


def written(place: Place) -> Iterator[str]:
    """Variables that the text sets: assignments, foreach, parameters, -OutVariable and its kin."""
    for node in place.walk(place.tree):
        target: Any = None
        if isinstance(node, s.AssignmentStatementAst):
            target = node.left
        elif isinstance(node, s.ForEachStatementAst):
            target = node.variable
        elif isinstance(node, s.ParameterAst):
            target = node.name
        while isinstance(target, s.AttributedExpressionAst):
            target = target.child
        for one in target.elements if isinstance(target, s.ArrayLiteralAst) else [target]:
            if isinstance(one, s.VariableExpressionAst) and MARK not in one.path:
                yield one.path.rpartition(":")[2]


def _tip(place: Place, name: str) -> str:
    variable = s.VariableExpressionAst(s.Extent(len(place.text), len(place.text)), name)
    found = Inference(place).of(variable)
    if not found:
        return name
    kind = found[0].kind
    shown = kind.name if isinstance(kind, s.TypeDefinitionAst) else short_name(kind, drop_namespace=True)
    held = place.runspace.frame.scope.find(name.lower())
    note = f" - {held.description}" if held is not None and held.description else ""
    return f"[{shown}]${name}{note}"
