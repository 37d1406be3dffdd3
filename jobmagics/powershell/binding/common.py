"""The common parameters of cmdlets and advanced functions, applied once for every command."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..values.value import to_string

if TYPE_CHECKING:
    from ..runtime.calls import CommandRuntime

Sink = Callable[[Any], Any]
_COLLECTED = {"errorvariable": "error", "warningvariable": "warning", "informationvariable": "information"}


def apply_common(runtime: CommandRuntime, common: dict[str, Any], out: Sink) -> Sink:
    """Sets the runtime's preferences and streams; gives the sink that output goes to (with -OutVariable and the
    like)."""
    if not common:
        return out
    runtime.common = common
    for parameter, kind in _COLLECTED.items():
        if parameter in common:
            runtime.streams = runtime.streams.collecting(kind, collector(runtime, to_string(common[parameter])))
    if "outvariable" in common:
        out = _both(collector(runtime, to_string(common["outvariable"])), out)
    if "pipelinevariable" in common:
        out = _piped(runtime, to_string(common["pipelinevariable"]), out)
    return out


def _both(first: Sink, second: Sink) -> Sink:
    def write(value: Any) -> None:
        first(value)
        second(value)

    return write


def _piped(runtime: CommandRuntime, name: str, out: Sink) -> Sink:
    variable = runtime.frame.scope.set(name.lower(), name, None)

    def write(value: Any) -> None:
        variable.value = value
        out(value)

    return write


def collector(runtime: CommandRuntime, name: str) -> Callable[[Any], Any]:
    """Appends to the ArrayList in the caller's variable; ``+name`` keeps what is there."""
    from ..dotnet.lists import ArrayList

    append = name.startswith("+")
    prefix, _, name = name.lstrip("+").rpartition(":")
    scope = (runtime.frame.scope.named(prefix) if prefix else None) or runtime.frame.scope
    held = scope.find(name.lower()) if append else None
    found = held.value if held is not None else None
    if not isinstance(found, ArrayList):
        kept = [] if found is None else (list(found) if isinstance(found, list) else [found])
        found = ArrayList(kept)
    scope.set(name.lower(), name, found)
    return found.append
