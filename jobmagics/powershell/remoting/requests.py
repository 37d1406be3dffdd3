"""The bodies of what a client sends: capabilities, the pool, a pipeline, an answer ([MS-PSRP] 2.2.2), as pwsh does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...clixml import Cipher, encode_member
from ...psobject import Hashtable, Int64, PSObject, Version
from ..records import SMA
from ..server.records import bag, enum

SPACE = SMA + "Runspaces."
_LIST = [
    "System.Collections.Generic.List`1[[System.Management.Automation.PSObject, System.Management.Automation, "
    "Version=1.0.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35]]",
    "System.Object",
]
_HOST = "System.Management.Automation.Host."
_MERGES = (
    *("MergeMyResult", "MergeToResult", "MergePreviousResults", "MergeError", "MergeWarning", "MergeVerbose"),
    *("MergeDebug", "MergeInformation"),
)


@dataclass
class Script:
    """What is run, with what. ``using``: the values of its $using: expressions; ``input``: None for none."""

    text: str
    arguments: Sequence[Any] = ()
    using: dict[str, Any] | None = None
    input: Sequence[Any] | None = None
    initialization: str = ""


def capability() -> str:
    versions = {"protocolversion": (2, 3), "PSVersion": (2, 0), "SerializationVersion": (1, 1, 0, 1)}
    return encode_member(bag({name: Version(numbers) for name, numbers in versions.items()}))


def init_pool(host: PSObject) -> str:
    body = {
        "MinRunspaces": 1,
        "MaxRunspaces": 1,
        "PSThreadOptions": enum(SPACE + "PSThreadOptions", "Default", 0),
        "ApartmentState": enum(SPACE + "ApartmentState", "UNKNOWN", 2),
        "HostInfo": host,
        "ApplicationArguments": None,
    }
    return encode_member(bag(body))


def host_info(host: Any, *, of_pipeline: bool = False) -> PSObject:
    """What the other side learns of a host of ours; None, or one behind which nobody sits, is none."""
    talks = host is not None and host.ui.raw_ui is not None
    members: dict[str, Any] = {"_hostDefaultData": _defaults(host.ui.raw_ui)} if talks else {}
    members |= dict.fromkeys(("_isHostNull", "_isHostUINull", "_isHostRawUINull"), not talks)
    members["_useRunspaceHost"] = of_pipeline
    return bag(members)


def _defaults(raw: Any) -> PSObject:
    width, height = raw.buffer_size
    place, size = bag({"x": 0, "y": 0}), bag({"height": height, "width": width})
    facts: tuple[tuple[str, Any], ...] = (
        ("System.ConsoleColor", raw.foreground),
        ("System.ConsoleColor", raw.background),
        (_HOST + "Coordinates", place),
        (_HOST + "Coordinates", place),
        ("System.Int32", 25),
        *[(_HOST + "Size", size)] * 4,
        ("System.String", raw.window_title),
    )
    data = Hashtable({key: bag({"T": kind, "V": value}) for key, (kind, value) in enumerate(facts)})
    return bag({"data": data})


def create_pipeline(script: Script, host: PSObject, cipher: Cipher | None) -> str:
    """Raises NoSessionKey when a value holds a secure string and there is no key yet."""
    parameters = [bag({"N": None, "V": value}) for value in script.arguments]
    if script.using:
        parameters.append(bag({"N": "--%", "V": Hashtable(script.using)}))
    none = enum(SPACE + "PipelineResultTypes", "None", 0)
    command: dict[str, Any] = {"Cmd": script.text, "IsScript": True, "UseLocalScope": None}
    command |= dict.fromkeys(_MERGES, none)
    command["Args"] = PSObject(type_names=_LIST, base=parameters)
    shell = {
        "IsNested": False,
        "ExtraCmds": None,
        "Cmds": PSObject(type_names=_LIST, base=[bag(command)]),
        "History": None,
        "RedirectShellErrorOutputPipe": True,
    }
    body = {
        "NoInput": script.input is None,
        "ApartmentState": enum(SPACE + "ApartmentState", "UNKNOWN", 2),
        "RemoteStreamOptions": enum(SPACE + "RemoteStreamOptions", "0", 0),
        "AddToHistory": False,
        "HostInfo": host,
        "PowerShell": bag(shell),
        "IsNested": False,
    }
    return encode_member(bag(body), cipher=cipher)


def host_answer(call_id: int, method: PSObject, value: Any, error: Any, cipher: Cipher | None) -> str:
    members = {"ci": Int64(call_id), "mi": method}
    members |= {"mr": value} if error is None else {"me": error}
    return encode_member(bag(members), cipher=cipher)
