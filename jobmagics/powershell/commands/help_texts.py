"""What Get-Help says of commands without help of their own: syntax, parameters, inputs, outputs, aliases."""

from __future__ import annotations

from typing import Any

from ...psobject import PSList, PSObject
from ..binding.parameters import (
    ALL_SETS,
    SHOULD_PROCESS_PARAMETERS,
    CommandInfo,
    CommandMetadata,
    ParameterInfo,
    SetInfo,
)
from ..dotnet.enums import shape_of
from ..session.syntax import ordered_in_set, set_names, syntax_of, type_text
from ..values.types import resolve_type

PLAIN_TYPES = ["ExtendedCmdletHelpInfo", "CmdletHelpInfo", "HelpInfo"]
NO_HELP_FILES = (
    "Get-Help cannot find the Help files for this cmdlet on this computer. It is displaying only partial help.\n"
    "    -- To download and install Help files for the module that includes this cmdlet, use Update-Help."
)


def all_parameters(meta: CommandMetadata) -> dict[str, ParameterInfo]:
    """The declared ones, then -WhatIf and -Confirm where the command has them."""
    found = {key: item for key, item in meta.parameters.items() if not item.dont_show}
    if meta.supports_should_process:
        for name, (kind, aliases) in SHOULD_PROCESS_PARAMETERS.items():
            found.setdefault(name.lower(), ParameterInfo(name, type_name=kind, aliases=aliases))
    return found


def pipeline_text(held: SetInfo) -> str:
    ways = [("ByValue", held.from_pipeline), ("ByPropertyName", held.from_pipeline_by_name)]
    found = [name for name, on in ways if on]
    return f"true ({', '.join(found)})" if found else "false"


def plain_help(info: CommandInfo, meta: CommandMetadata, aliases: list[str]) -> PSObject:
    found = all_parameters(meta)
    verb, _, noun = info.name.partition("-") if info.kind == "Cmdlet" else ("", "", "")
    inputs = {item.type_name: None for item in found.values() if any(held.from_pipeline for held in item.sets.values())}
    syntax = [_syntax_item(info, meta, name) for name in set_names(meta)]
    facts = {
        "CommonParameters": meta.cmdlet_binding,
        "details": _object({"name": info.name, "noun": noun, "verb": verb}, "details"),
        "Syntax": _object({"syntaxItem": _list(syntax)}, "syntax"),
        "parameters": _object(
            {"parameter": _list([_parameter(found[key], None) for key in sorted(found)])}, "parameters"
        ),
        "inputTypes": _typed(list(inputs) or ["None"], "inputTypes", "inputType"),
        "relatedLinks": None,
        "returnValues": _typed(list(meta.output_types) or ["System.Object"], "returnValues", "returnValue"),
        "aliases": "".join(f"{alias}\n" for alias in aliases or ["None"]),
        "remarks": NO_HELP_FILES if info.kind == "Cmdlet" else "None",
        "alertSet": None,
        "description": None,
        "examples": None,
        "Synopsis": syntax_of(info, meta),
        "ModuleName": info.module,
        "nonTerminatingErrors": "",
        "Name": info.name,
        "Category": info.kind,
        "Component": None,
        "Role": None,
        "Functionality": None,
    }
    return PSObject(facts, type_names=list(PLAIN_TYPES))


def _object(facts: dict[str, Any], kind: str) -> PSObject:
    return PSObject(facts, type_names=[f"ExtendedCmdletHelpInfo#{kind}"])


def _list(items: list[Any]) -> PSList:
    return PSList.of("System.Object", items)


def _typed(names: list[str], kind: str, item: str) -> PSObject:
    return _object({item: _list([_object({"type": _object({"name": name}, "type")}, item) for name in names])}, kind)


def _syntax_item(info: CommandInfo, meta: CommandMetadata, name: str) -> PSObject:
    shown = [_parameter(item, held) for item, held in ordered_in_set(name, all_parameters(meta))]
    facts = {"name": info.name, "CommonParameters": meta.cmdlet_binding, "parameter": _list(shown)}
    return _object(facts, "syntaxItem")


def _parameter(item: ParameterInfo, held: SetInfo | None) -> PSObject:
    """``held``: what it is in the set whose syntax is shown, None for the list of parameters."""
    where = held if held is not None else next(iter(item.sets.values()))
    facts: dict[str, Any] = {
        "name": item.name,
        "required": str(where.mandatory).lower(),
        "pipelineInput": pipeline_text(where),
        "isDynamic": str(item.dynamic).lower(),
        "parameterSetName": "(All)" if ALL_SETS in item.sets else ", ".join(item.sets),
        "globbing": "false",
        "aliases": ", ".join(item.aliases) or "None",
        "position": "Named" if where.position is None else str(where.position),
    }
    if not item.is_switch:
        facts["parameterValue"] = type_text(item.type_name)
    if held is not None and (choices := _choices(item)):
        facts["parameterValueGroup"] = _object({"parameterValue": choices}, "parameterValueGroup")
    return _object(facts, "parameter")


def _choices(item: ParameterInfo) -> list[str]:
    if item.validate_set:
        return list(item.validate_set)
    kind = resolve_type(item.type_name)
    kind = kind.element if kind is not None and kind.element is not None else kind
    return list(shape_of(kind).names) if kind is not None and kind.is_enum else []
