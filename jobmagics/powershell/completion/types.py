"""Names of types and namespaces, and what is written inside attributes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from ..parser import syntax as s
from ..values.type_catalog import ACCELERATORS, CATALOG
from ..values.types import resolve_type
from .place import Place
from .results import Completion, starting

# attribute -> what may be named in its parentheses
ARGUMENTS = {
    "parameter": "Position ParameterSetName Mandatory ValueFromPipeline ValueFromPipelineByPropertyName "
    "ValueFromRemainingArguments HelpMessage HelpMessageBaseName HelpMessageResourceId DontShow",
    "cmdletbinding": "DefaultParameterSetName SupportsShouldProcess SupportsPaging SupportsTransactions ConfirmImpact "
    "HelpUri PositionalBinding RemotingCapability",
    "validateset": "IgnoreCase ErrorMessage",
    "validatepattern": "Options ErrorMessage",
    "validatescript": "ErrorMessage",
    "outputtype": "ProviderCmdlet ParameterSetName",
}
USING_KINDS = ("assembly", "module", "namespace", "type")


@cache
def _catalog() -> tuple[str, ...]:
    return tuple(name for line in CATALOG.split("\n") if (name := line.partition("|")[0].strip()) and "`" not in name)


def types(place: Place, start: str) -> Iterator[Completion]:
    """Accelerators and classes first by their own name, then types and namespaces by their full name."""
    folded = start.lower()
    found: dict[str, Completion] = {}
    for node in place.before(s.TypeDefinitionAst):
        if node.name.lower().startswith(folded):
            found[node.name.lower()] = Completion(node.name, node.name, "Type", f"{node.kind.title()} {node.name}")
    for kind in place.runspace.types.values():
        if kind.name.lower().startswith(folded):
            found.setdefault(kind.name.lower(), Completion(kind.name, kind.name, "Type", kind.full_name))
    for short, full in ACCELERATORS.items():
        if short.lower().startswith(folded):
            found.setdefault(short.lower(), _accelerator(short, full))
    named = {item.shown.lower() for item in found.values()} | set(found)
    for full in _catalog():
        name = full.rpartition(".")[2]
        by_name = "." not in start and name.lower().startswith(folded) and name.lower() not in named
        if by_name or ("." in start and full.lower().startswith(folded) and "." not in full[len(start) :]):
            found.setdefault(full.lower(), Completion(full, name, "Type", full))
    yield from sorted(found.values(), key=lambda item: item.shown.lower())
    yield from namespaces(start)


def _accelerator(short: str, full: str) -> Completion:
    kind = resolve_type(full)
    if kind is None or short.lower() == "pscustomobject":  # the accelerator says PSObject; the engine's type its own
        return Completion(short, "PSObject", "Type", "Class System.Management.Automation.PSObject")
    return Completion(short, kind.name, "Type", f"{'Struct' if kind.is_value_type else 'Class'} {kind.full_name}")


def namespaces(start: str) -> Iterator[Completion]:
    folded = start.lower()
    if not folded:
        return
    known: dict[str, str] = {}
    for full in _catalog():
        parts = full.split(".")[:-1]
        for count in range(1, len(parts) + 1):
            name = ".".join(parts[:count])
            if name.lower().startswith(folded) and "." not in name[len(start) :]:
                known[name.lower()] = name
    for name in sorted(known.values(), key=str.lower):
        yield Completion(name, name.rpartition(".")[2], "Namespace", f"Namespace {name}")


def attribute_arguments(name: str, start: str) -> Iterator[Completion]:
    for argument in starting(ARGUMENTS.get(name.lower().removesuffix("attribute"), "").split(), start):
        yield Completion(argument, argument, "Property", argument)
