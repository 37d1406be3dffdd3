"""Get-, Set-ItemProperty and Get-ItemPropertyValue; properties of files cannot be made or removed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...psobject import Hashtable, PSObject
from ..members.access import get_property, has_property, set_property
from ..members.listing import value_type_name
from ..runtime.cmdlet import Cmdlet, command
from ..values.value import as_list, to_string, unwrap
from .fileinfo import FileSystemInfo
from .items import IO_ERROR, places
from .providers import Place, item

# the attributes that can be set: Archive, Hidden, Normal, ReadOnly, System
SETTABLE = 32 | 2 | 128 | 1 | 4


def notes(found: Any) -> dict[str, Any]:
    return dict(found._provider_notes()) if isinstance(found, FileSystemInfo) else {}


@command("Get-ItemProperty")
class GetItemProperty(Cmdlet):
    def process(self) -> None:
        for place in places(self):
            found = item(self, place)
            names = [to_string(name) for name in as_list(self.arg("Name"))]
            if not names:
                self.write(found)
                continue
            bag = {}
            for name in names:
                if has_property(found, name):
                    bag[name] = get_property(found, name)
                else:
                    missing_property(self, name, "GetValueError")
            if bag:
                self.write(PSObject({**bag, **notes(found)}))


def missing_property(cmdlet: Cmdlet, name: str, fqid: str) -> None:
    message = f"The property {name} does not exist or was not found."
    cmdlet.error(message, fqid, "ReadError", name, net_type=IO_ERROR)


@command("Get-ItemPropertyValue")
class GetItemPropertyValue(Cmdlet):
    def process(self) -> None:
        for place in places(self):
            found = item(self, place)
            for name in as_list(self.arg("Name")):
                if has_property(found, to_string(name)):
                    self.write(get_property(found, to_string(name)))
                else:
                    missing_property(self, to_string(name), "GetValueError")


@command("Set-ItemProperty")
class SetItemProperty(Cmdlet):
    def process(self) -> None:
        for place in places(self):
            found = item(self, place)
            done = {name: value for name, value in self._pairs() if self._set(place, found, name, value)}
            if done and self.switch("PassThru"):
                self.write(PSObject({**done, **notes(found)}))

    def _set(self, place: Place, found: Any, name: str, value: Any) -> bool:
        kind = "Directory" if isinstance(found, FileSystemInfo) and found.is_directory else "File"
        what = f"Item: {place.shown} Property: {name} Value: {to_string(value)}"
        if not self.should_process(what, f"Set Property {kind}"):
            return False
        if not has_property(found, name):
            missing_property(self, f"{value_type_name(value)} {name}={to_string(value)}", "SetPropertyError")
            return False
        if name.lower() == "attributes" and not self._can_be_set(value):
            return False
        set_property(found, name, value)
        return True

    def _can_be_set(self, value: Any) -> bool:
        from ..values.conversions import convert

        if not int(convert(value, "System.IO.FileAttributes")) & ~SETTABLE:
            return True
        message = (
            "The attribute cannot be set because attributes are not supported. Only the following attributes can be "
            "set: Archive, Hidden, Normal, ReadOnly, or System."
        )
        self.error(message, "SetPropertyError", "ReadError", "Attributes", net_type=IO_ERROR)
        return False

    def _pairs(self) -> Iterable[tuple[str, Any]]:
        if self.has("Name"):
            return [(to_string(self.arg("Name")), self.arg("Value"))]
        given = unwrap(self.arg("InputObject"))
        if isinstance(given, Hashtable):
            return [(to_string(key), value) for key, value in given.items()]
        return list(given.ps_properties())


class UnsupportedProperty(Cmdlet):
    def process(self) -> None:
        raise self.terminate(
            "Provider operation stopped because the provider does not support this operation.",
            "NotSupported",
            "NotImplemented",
            net_type="System.Management.Automation.PSNotSupportedException",
        )


@command("Remove-ItemProperty")
class RemoveItemProperty(UnsupportedProperty):
    pass


@command("New-ItemProperty")
class NewItemProperty(UnsupportedProperty):
    pass
