"""Update-TypeData, Get-Error, Get-Credential."""

from __future__ import annotations

from typing import Any

from ...formatting.error_details import EXTENDED
from ...formatting.views import DISPLAY_PROPERTIES, DISPLAY_SETS
from ...psobject import PSObject
from ..members.access import AliasProperty, NoteProperty, ScriptMethod, ScriptProperty, add_type_member
from ..records import SMA, ScriptError
from ..runtime.cmdlet import Cmdlet, command
from ..values.types import resolve_type, type_names
from ..values.value import NOTHING, as_list, to_string, unwrap

ERRORS = {SMA + "ErrorRecord", "System.Exception"}


@command("Update-TypeData")
class UpdateTypeData(Cmdlet):
    """Members and display properties for a type; .types.ps1xml files are refused with a clear word."""

    def process(self) -> None:
        if self.set_name != "DynamicTypeSet" or not self.has("TypeName"):
            raise self.terminate(
                "Update-TypeData from a .ps1xml file is not supported by the built-in engine; name the members "
                "with -TypeName, "
                "-MemberType, -MemberName and -Value, or run pwsh.",
                "NotSupported",
                "NotImplemented",
                net_type="System.NotSupportedException",
            )
        given = to_string(self.arg("TypeName"))
        known = resolve_type(given)
        name = known.full_name if known is not None else given
        if self.has("DefaultDisplayPropertySet"):
            names = tuple(to_string(item) for item in as_list(self.arg("DefaultDisplayPropertySet")))
            DISPLAY_SETS[name.lower()] = names
        if self.has("DefaultDisplayProperty"):
            DISPLAY_PROPERTIES[name.lower()] = to_string(self.arg("DefaultDisplayProperty"))
        if self.has("MemberName"):
            self._add(name)

    def _add(self, name: str) -> None:
        try:
            add_type_member(name, to_string(self.arg("MemberName")), self._member(), self.switch("Force"))
        except ScriptError as problem:
            problem.record.error_id = "TypesDynamicUpdateException"
            self.runtime.write_error(problem.record)

    def _member(self) -> Any:
        kind = str(self.arg("MemberType"))
        value, second = self.arg("Value"), self.arg("SecondValue")
        if kind == "NoteProperty":
            return NoteProperty(value)
        if kind == "ScriptProperty":
            return ScriptProperty(unwrap(value), unwrap(second))
        if kind == "ScriptMethod":
            return ScriptMethod(unwrap(value))
        if kind == "AliasProperty":
            return AliasProperty(to_string(value))
        raise self.terminate(
            f'The member type "{kind}" is not valid. Specify AliasProperty, NoteProperty, ScriptProperty or '
            "ScriptMethod.",
            "CannotUpdateMemberType",
            "InvalidOperation",
            net_type="System.InvalidOperationException",
        )


@command("Get-Error")
class GetError(Cmdlet):
    """Gives errors in a view that shows all of them; the errors in $Error stay as they are."""

    def process(self) -> None:
        value = self.bound.get("inputobject", NOTHING)
        if value is not NOTHING and value is not None:
            if not ERRORS.isdisjoint(type_names(value)):
                self.write(_extended(value))
            return
        found = self.runspace.errors[: int(self.arg("Newest", 1))]
        for index, error in enumerate(found):
            self.write(_extended(error, {"PSErrorIndex": index} if len(found) > 1 else None))


def _extended(value: Any, notes: dict[str, Any] | None = None) -> Any:
    """The error as it is, under another type name: the one that the view is for."""
    names = type_names(value)
    own = next(name for name in names if name in ERRORS)
    return PSObject(notes, base=unwrap(value), type_names=[own + EXTENDED, *(name for name in names if name != own)])


@command("Get-Credential")
class GetCredential(Cmdlet):
    def end(self) -> None:
        given = self.arg("Credential")
        if given is not None and not isinstance(given, str):
            self.write(given)
            return
        user = to_string(self.arg("UserName") or given or "")
        title = to_string(self.arg("Title") or "PowerShell credential request")
        message = to_string(self.arg("Message") or "Enter your credentials.")
        self.write(self.runspace.host.ui.prompt_for_credential(title, message, user, ""))
