"""The syntax lines of a command: recorded ones of cmdlets, made ones of functions and scripts."""

from __future__ import annotations

from ..binding.parameters import (
    ALL_SETS,
    SHOULD_PROCESS_PARAMETERS,
    CommandInfo,
    CommandMetadata,
    ParameterInfo,
    SetInfo,
)
from ..members.listing import short_name
from ..values.types import resolve_type


def syntax_of(info: CommandInfo, found: CommandMetadata | None) -> str:
    """As Get-Command -Syntax gives it, an empty line around each set; "" where none is known."""
    if found is None:
        return ""
    text = found.syntax or "\n\n".join(f"{info.name} {line}".rstrip() for line in set_lines(found))
    return f"\n{text}\n"


def set_lines(found: CommandMetadata) -> list[str]:
    """The parameters of each set in order: by position, the mandatory ones, the others."""
    return [_line(found, name) for name in set_names(found)]


def set_names(found: CommandMetadata) -> list[str]:
    """The parameter sets, the default one first."""
    named = dict.fromkeys(name for item in found.parameters.values() for name in item.sets if name != ALL_SETS)
    return sorted(named or [ALL_SETS], key=lambda name: name != found.default_set)


def parameters_in_set(name: str, parameters: dict[str, ParameterInfo]) -> list[tuple[ParameterInfo, SetInfo]]:
    """Those of a set in declared order, with what they are in it."""
    inside = [(item, item.sets.get(name) or item.sets.get(ALL_SETS)) for item in parameters.values()]
    return [(item, held) for item, held in inside if held is not None]


def ordered_in_set(name: str, parameters: dict[str, ParameterInfo]) -> list[tuple[ParameterInfo, SetInfo]]:
    """Those of a set by position, then the mandatory ones, then the others."""
    shown = parameters_in_set(name, parameters)
    placed = sorted((pair for pair in shown if pair[1].position is not None), key=lambda pair: pair[1].position or 0)
    named = [pair for pair in shown if pair[1].position is None]
    return [*placed, *(pair for pair in named if pair[1].mandatory), *(p for p in named if not p[1].mandatory)]


def _line(found: CommandMetadata, name: str) -> str:
    shown = {key: item for key, item in found.parameters.items() if not item.dont_show}
    words = [_word(item, held) for item, held in ordered_in_set(name, shown)]
    if found.supports_should_process:
        words += [f"[-{extra}]" for extra in SHOULD_PROCESS_PARAMETERS]
    if found.cmdlet_binding:
        words.append("[<CommonParameters>]")
    return " ".join(words)


def _word(item: ParameterInfo, held: SetInfo) -> str:
    name = f"-{item.name}"
    if item.is_switch:
        return name if held.mandatory else f"[{name}]"
    if held.position is not None:
        name = f"[{name}]"
    text = f"{name} <{type_text(item.type_name)}>"
    return text if held.mandatory else f"[{text}]"


def type_text(full_name: str) -> str:
    """A parameter's type without its namespace, by its short name where it has one."""
    kind = resolve_type(full_name)
    return full_name.rpartition(".")[2] if kind is None else short_name(kind, drop_namespace=True)
