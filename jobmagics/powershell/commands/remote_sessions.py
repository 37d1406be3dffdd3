"""New-, Get-, Remove-, Enter-, Exit-PSSession, New-PSSessionOption, Get-Runspace.

The built-in engine opens no sessions to other computers: that is the notebook's business. What scripts can do without
one (options, empty lists, the errors of wrong ids and names) is as in PowerShell.
"""

from __future__ import annotations

from typing import Any

from ...psobject import TimeSpan
from ..dotnet.table import NetObject, net_error
from ..runtime.cmdlet import Cmdlet, command
from ..values.value import as_list, to_string
from ..values.wildcards import has_wildcard, wildcard_match

SECOND = 10_000_000
REMOTING = "System.Management.Automation.Remoting."


@command("New-PSSession")
class NewPSSession(Cmdlet):
    def process(self) -> None:
        places = as_list(self.arg("ComputerName") or self.arg("HostName") or self.arg("ConnectionUri") or "localhost")
        for place in places:
            self.error(
                f"[{to_string(place)}] The built-in engine opens no sessions to other computers; use %%remote_job or "
                "%new_pssession in the notebook, or run pwsh.",
                "PSSessionOpenFailed",
                "OpenError",
                net_type=REMOTING + "PSRemotingTransportException",
            )


@command("Enter-PSSession")
class EnterPSSession(Cmdlet):
    def process(self) -> None:
        raise self.terminate(
            "The built-in engine enters no sessions on other computers; use %%remote_job in the notebook, or run pwsh.",
            "HostDoesNotSupportPushRunspace",
            "InvalidArgument",
            net_type="System.ArgumentException",
        )


@command("Enter-PSHostProcess")
class EnterPSHostProcess(EnterPSSession):
    """Nor those of other processes."""


@command("Exit-PSSession")
class ExitPSSession(Cmdlet):
    """Outside an entered session there is nothing to leave, and PowerShell says nothing about it."""


# parameter -> (error id, message); there never is a session, so every plain id or name is an unknown one
_UNKNOWN = {
    "Id": (
        "RemoteRunspaceNotAvailableForSpecifiedSessionId",
        "The remote session with the session ID {} is not available.",
    ),
    "Name": (
        "RemoteRunspaceNotAvailableForSpecifiedName",
        "The remote session with the name {} is not available.",
    ),
    "InstanceId": (
        "RemoteRunspaceNotAvailableForSpecifiedRunspaceId",
        "The remote session with the runspace ID {} is not available.",
    ),
    "ComputerName": (
        "RemoteRunspaceNotAvailableForSpecifiedComputer",
        "The remote session with the computer name {} is not available.",
    ),
}


class SelectingSessions(Cmdlet):
    def process(self) -> None:
        for parameter, (fqid, message) in _UNKNOWN.items():
            for wanted in as_list(self.arg(parameter)):
                text = to_string(wanted)
                if not has_wildcard(text):
                    shown = f"{text} " if parameter == "Name" and self.name == "Get-PSSession" else text
                    self.error(
                        message.format(shown), fqid, "InvalidArgument", wanted, net_type="System.ArgumentException"
                    )


@command("Get-PSSession")
class GetPSSession(SelectingSessions):
    pass


@command("Remove-PSSession")
class RemovePSSession(SelectingSessions):
    pass


class SessionOption(NetObject):
    """PSSessionOption: what scripts set on it is kept, and nothing connects with it."""

    net_type = REMOTING + "PSSessionOption"

    def __init__(self, skip_ca: bool, skip_cn: bool) -> None:
        self._values: dict[str, Any] = {
            "MaximumConnectionRedirectionCount": 5,
            "NoCompression": False,
            "NoMachineProfile": False,
            "ProxyAccessType": "None",
            "ProxyAuthentication": "Negotiate",
            "ProxyCredential": None,
            "SkipCACheck": skip_ca,
            "SkipCNCheck": skip_cn,
            "SkipRevocationCheck": False,
            "OperationTimeout": TimeSpan(180 * SECOND),
            "NoEncryption": False,
            "UseUTF16": False,
            "IncludePortInSPN": False,
            "OutputBufferingMode": "None",
            "MaxConnectionRetryCount": 5,
            "Culture": None,
            "UICulture": None,
            "MaximumReceivedDataSizePerCommand": None,
            "MaximumReceivedObjectSize": 209715200,
            "ApplicationArguments": None,
            "OpenTimeout": TimeSpan(180 * SECOND),
            "CancelTimeout": TimeSpan(60 * SECOND),
            "IdleTimeout": TimeSpan(-1 * SECOND // 1000),
        }

    def ps_type_names(self) -> list[str]:
        return [self.net_type, "System.Object"]

    def ps_properties(self) -> Any:
        return list(self._values.items())

    def ps_to_string(self) -> str:
        return self.net_type

    def _name(self, name: str) -> str:
        for known in self._values:
            if known.lower() == name.lower():
                return known
        raise AttributeError(name)

    def ps_get(self, name: str) -> Any:
        return self._values[self._name(name)]

    def ps_set(self, name: str, value: Any) -> None:
        from ..values.conversions import convert

        known = self._name(name)
        if known == "ApplicationArguments" and value is not None:
            value = primitive_dictionary(value)
        elif isinstance(self._values[known], TimeSpan):
            value = convert(value, "System.TimeSpan")
        self._values[known] = value


def primitive_dictionary(value: Any) -> Any:
    """The dictionary as a PSPrimitiveDictionary. Raises as the setter's conversion does."""
    from ..runtime.records import ScriptError
    from ..values.conversions import convert

    try:
        return convert(value, "System.Management.Automation.PSPrimitiveDictionary")
    except ScriptError as failed:
        raise net_error("System.ArgumentException", failed.record.message) from None


@command("New-PSSessionOption")
class NewPSSessionOption(Cmdlet):
    def end(self) -> None:
        self.write(SessionOption(self.switch("SkipCACheck"), self.switch("SkipCNCheck")))


@command("Get-Runspace")
class GetRunspace(Cmdlet):
    """The session that the script runs in."""

    def process(self) -> None:
        from ..dotnet.runspaces import runspace_object

        found = runspace_object(self.runspace)
        assert found is not None
        facts = dict(found.ps_properties())
        for parameter in ("Id", "InstanceId"):
            wanted = as_list(self.arg(parameter))
            if wanted and to_string(facts[parameter]) not in {to_string(one) for one in wanted}:
                return
        names = [to_string(one) for one in as_list(self.arg("Name"))]
        if not names or any(wildcard_match(name, facts["Name"]) for name in names):
            self.write(found)
