"""$Host as a script holds it: properties and methods over the host that the running pipeline has.

A session outlives its clients, so nothing of a host is kept here: each property asks the host of the moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ...psobject import Hashtable, Version
from ..values.value import NOTHING, as_list, to_string

if TYPE_CHECKING:
    from ..runtime.hosting import HostUI
    from ..runtime.runspace import Runspace

_INTERNAL = "System.Management.Automation.Internal.Host."
_HOST = "System.Management.Automation.Host."
_TEXT_TYPE = "System.String"


def make_host(runspace: Runspace) -> HostObject:
    return HostObject(runspace)


class HostObject:
    """System.Management.Automation.Internal.Host.InternalHost."""

    def __init__(self, runspace: Runspace) -> None:
        self._runspace = runspace
        self._ui = UserInterfaceObject(runspace)

    def ps_type_names(self) -> list[str]:
        return [_INTERNAL + "InternalHost", _HOST + "PSHost", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        from ..values.conversions import convert

        host = self._runspace.host
        culture = convert(host.current_culture, "System.Globalization.CultureInfo")
        yield "Name", host.name
        yield "Version", Version(host.version)
        yield "InstanceId", host.instance_id
        yield "UI", self._ui
        yield "CurrentCulture", culture
        yield "CurrentUICulture", culture
        yield "PrivateData", None
        yield "DebuggerEnabled", True
        yield "IsRunspacePushed", False
        from ..dotnet.runspaces import runspace_object

        yield "Runspace", runspace_object(self._runspace)

    def ps_to_string(self) -> str:
        return _INTERNAL + "InternalHost"

    def ps_get(self, name: str) -> Any:
        """One property without the cost of the others."""
        folded = name.lower()
        if folded == "ui":
            return self._ui
        for key, value in self.ps_properties():
            if key.lower() == folded:
                return value
        raise AttributeError(name)

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        folded = name.lower()
        if folded == "setshouldexit":
            ask = getattr(self._runspace.host, "set_should_exit", None)
            if ask is not None:
                ask(int(args[0]))
            return NOTHING
        if folded in ("notifybeginapplication", "notifyendapplication"):
            return NOTHING
        raise AttributeError(name)


class UserInterfaceObject:
    """$Host.UI."""

    def __init__(self, runspace: Runspace) -> None:
        self._runspace = runspace

    @property
    def _ui(self) -> HostUI:
        return self._runspace.host.ui

    def ps_type_names(self) -> list[str]:
        return [_INTERNAL + "InternalHostUserInterface", _HOST + "PSHostUserInterface", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "RawUI", self._ui.raw_ui
        yield "SupportsVirtualTerminal", True

    def ps_to_string(self) -> str:
        return self.ps_type_names()[0]

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        method = _METHODS.get(name.lower())
        if method is None:
            raise AttributeError(name)
        return method(self._ui, args)


def _write(ui: HostUI, args: list[Any]) -> Any:
    if len(args) == 3:
        ui.write(to_string(args[2]), _color(args[0]), _color(args[1]))
    else:
        ui.write(to_string(args[0]))
    return NOTHING


def _write_line(ui: HostUI, args: list[Any]) -> Any:
    if len(args) == 3:
        ui.write_line(to_string(args[2]), _color(args[0]), _color(args[1]))
    else:
        ui.write_line(to_string(args[0]) if args else "")
    return NOTHING


def _color(value: Any) -> int:
    from ..values.conversions import convert

    return int(convert(value, "System.ConsoleColor"))


def _line(method: str) -> Callable[[HostUI, list[Any]], Any]:
    def write(ui: HostUI, args: list[Any]) -> Any:
        getattr(ui, method)(to_string(args[0]) if args else "")
        return NOTHING

    return write


def _member(value: Any, name: str, default: Any = "") -> Any:
    from ..members.access import get_property

    found = get_property(value, name)
    return default if found is None else found


def _choices(values: Any) -> list[tuple[str, str]]:
    """Strings such as '&Yes', or ChoiceDescription objects."""
    return [
        (to_string(value), "") if isinstance(value, str) else (
            to_string(_member(value, "Label")), to_string(_member(value, "HelpMessage")))
        for value in as_list(values)
    ]  # fmt: skip


def _prompt_for_choice(ui: HostUI, args: list[Any]) -> Any:
    caption, message, choices, default = args
    return ui.prompt_for_choice(to_string(caption), to_string(message), _choices(choices), int(default))


def _field(value: Any) -> dict[str, Any]:
    """A FieldDescription, or the name of a field."""
    if isinstance(value, str):
        return {"name": value}
    return {
        "name": to_string(_member(value, "Name")),
        "label": to_string(_member(value, "Label")),
        "help": to_string(_member(value, "HelpMessage")),
        "type_name": to_string(_member(value, "ParameterTypeFullName", _TEXT_TYPE)),
        "mandatory": bool(_member(value, "IsMandatory", True)),
    }


def _prompt(ui: HostUI, args: list[Any]) -> Any:
    caption, message, fields = args
    answers = ui.prompt(to_string(caption), to_string(message), [_field(value) for value in as_list(fields)])
    return Hashtable(answers)


def _credential(ui: HostUI, args: list[Any]) -> Any:
    words = [to_string(value) for value in (*args, "", "", "", "")]
    return ui.prompt_for_credential(*words[:4])


_METHODS: dict[str, Callable[[HostUI, list[Any]], Any]] = {
    "write": _write,
    "writeline": _write_line,
    "writeerrorline": _line("write_error_line"),
    "writewarningline": _line("write_warning_line"),
    "writeverboseline": _line("write_verbose_line"),
    "writedebugline": _line("write_debug_line"),
    "readline": lambda ui, args: ui.read_line(),
    "readlineassecurestring": lambda ui, args: ui.read_line_as_secure_string(),
    "promptforchoice": _prompt_for_choice,
    "prompt": _prompt,
    "promptforcredential": _credential,
}
