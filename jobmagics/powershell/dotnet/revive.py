"""Values that were deserialized, made live again where PowerShell does: XML documents, addresses, switches ...

PowerShell's rehydration knows a short list of types; everything else stays a property bag with "Deserialized."
names. Whoever reads CLIXML for scripts (PSSerializer, Import-Clixml, arguments of a pipeline) passes what came
through ``revive``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...psobject import Hashtable, PSObject, SecureString, XmlDocument
from ..records import SMA
from ..values.types import net_type
from ..values.value import SwitchParameter, to_string

PREFIX = "Deserialized."


def revive(value: Any) -> Any:
    """The value with what is in it made live; lists and dictionaries are changed in place."""
    return _revive(value, set())


def _revive(value: Any, seen: set[int]) -> Any:
    if type(value) is XmlDocument:
        from .xml import parse_document

        return parse_document(str(value))
    if not isinstance(value, (PSObject, list, Hashtable)) or id(value) in seen:
        return value
    seen.add(id(value))  # a graph may lead back into itself
    if isinstance(value, PSObject):
        return _revive_object(value, seen)
    for key, item in list(enumerate(value) if isinstance(value, list) else value.items()):
        made = _revive(item, seen)
        if made is not item:
            value[key] = made
    return value


def _revive_object(value: PSObject, seen: set[int]) -> Any:
    name = value._type_names[0] if value._type_names else ""
    maker = _MAKERS.get(name.removeprefix(PREFIX)) if name.startswith(PREFIX) or name in _MAKERS else None
    if maker is not None and (made := maker(value)) is not None:
        return made
    if isinstance(value._base, int) and PREFIX + "System.Enum" in value._type_names:
        _declare_enums()
    for bag in (value._adapted, value._extended):
        for key, item in bag.items():
            changed = _revive(item, seen)
            if changed is not item:
                bag[key] = changed
    _revive(value._base, seen)
    kind = _line_kind(name.removeprefix(PREFIX))
    if kind and isinstance(value._base, list):
        from .queues import Line

        line = Line(net_type(kind))
        line.held = list(value._base)
        value._base = line
    return value


def _line_kind(name: str) -> str:
    """Queues and stacks come back as those of System.Collections, whatever they held."""
    plain = name.partition("`")[0]
    for kind in ("Queue", "Stack"):
        if plain in (f"System.Collections.{kind}", f"System.Collections.Generic.{kind}"):
            return f"System.Collections.{kind}"
    return ""


def _declare_enums() -> None:
    """An enum comes back as its number with a Value that is its name (types.ps1xml)."""
    from ..members.access import TYPE_DATA
    from ..members.kinds import CodeProperty

    member = CodeProperty(lambda owner: owner._to_string)
    TYPE_DATA.setdefault((PREFIX + "System.Enum").lower(), {}).setdefault("value", ("Value", member))


def _member(value: PSObject, name: str) -> Any:
    try:
        return value[name]
    except KeyError:
        return None


def _address(value: PSObject) -> Any:
    from .net import IPAddress

    return IPAddress(to_string(value))


def _mail(value: PSObject) -> Any:
    from .net import MailAddress

    return MailAddress(to_string(value))


def _culture(value: PSObject) -> Any:
    from .culture import Culture

    return Culture(to_string(_member(value, "Name") or value))


def _switch(value: PSObject) -> Any:
    return SwitchParameter(bool(_member(value, "IsPresent")))


def _credential(value: PSObject) -> Any:
    from .credentials import Credential

    user, password = _member(value, "UserName"), _member(value, "Password")
    return Credential(user, password) if isinstance(user, str) and isinstance(password, SecureString) else None


_MAKERS: dict[str, Callable[[PSObject], Any]] = {
    "System.Net.IPAddress": _address,
    "System.Net.Mail.MailAddress": _mail,
    "System.Globalization.CultureInfo": _culture,
    SMA + "SwitchParameter": _switch,
    SMA + "PSCredential": _credential,
}
