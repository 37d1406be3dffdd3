"""$PSDefaultParameterValues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..values.value import is_true, to_string
from ..values.wildcards import wildcard_match
from .tokens_args import DefaultName

if TYPE_CHECKING:
    from .binder import Binding


def add_defaults(call: Any, binding: Binding, table: Any) -> list[Any]:
    """The call's arguments and, for parameters that were not given, the defaults that name this command."""
    if is_true(table.get("Disabled", False)) if "Disabled" in table else False:
        return list(call.args)
    given = set()
    for name, _ in call.args:
        if name is not None:
            try:
                given.add(binding.tables.find(binding, name).name.lower())
            except Exception:  # noqa: BLE001, S112 - an unknown name is reported when it is bound
                continue
    found = list(call.args)
    for key, value in table.items():
        command, _, parameter = to_string(key).partition(":")
        info = binding.tables.by_name.get(parameter.lower())
        if info is None or info.name.lower() in given or not wildcard_match(command, call.command.name):
            continue
        found.append((DefaultName(info.name), computed(call, value)))
    return found


def computed(call: Any, value: Any) -> Any:
    """A script block in the table is run for each call."""
    if not hasattr(value, "invoke"):
        return value
    output = value.invoke(call.frame, [])
    return output[0] if len(output) == 1 else output
