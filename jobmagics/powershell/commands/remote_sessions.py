"""New-, Get-, Remove-, Enter-, Exit-PSSession, New-PSSessionOption, Get-Runspace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...psobject import TimeSpan
from ..dotnet.table import NetObject, net_error
from ..remoting.invocation import not_opened
from ..remoting.operations import transport_error
from ..remoting.pssession import PSSession, RemoteSession, sessions_of
from ..remoting.transports import BadTarget, Target
from ..runtime.cmdlet import Cmdlet, command
from ..values.value import as_list, to_string
from ..values.wildcards import has_wildcard, wildcard_match
from .remote_targets import SSH_SETS, invalid_name, need_ssh, targets

SECOND = 10_000_000
REMOTING = "System.Management.Automation.Remoting."


@command("New-PSSession")
class NewPSSession(Cmdlet):
    """Sessions over SSH, or with a new engine on this machine; see ``remoting/transports``."""

    def begin(self) -> None:
        need_ssh(self, (*SSH_SETS, "Session") if self.has("Session") else SSH_SETS)
        self._targets: list[Target] = []

    def process(self) -> None:
        if self.set_name == "Session":
            self._targets += [session.remote.target for session in as_list(self.arg("Session"))]
        else:
            self._targets += targets(self)

    def end(self) -> None:
        """All begin to open, then each is waited for."""
        names = [to_string(name) for name in as_list(self.arg("Name"))]
        table = sessions_of(self.runspace)
        begun: list[tuple[str, RemoteSession]] = []
        for index, place in enumerate(self._targets):
            name = table.name(names[index] if index < len(names) else None)
            try:
                begun.append((name, RemoteSession(place, self.runspace.host)))
            except BadTarget:
                raise invalid_name(self, place.host) from None
            except OSError as problem:
                self.error(transport_error(f"{problem}.", "PSSessionOpenFailed", "OpenError"))
        try:
            for name, remote in begun:
                if remote.wait_open(self.check_stopped):
                    self.write(table.add(name, remote))
                else:
                    remote.close()
                    self.error(not_opened(remote, "PSSessionOpenFailed"))
        except BaseException:
            known = {session.remote for session in table.all()}
            for _, remote in begun:
                if remote not in known:
                    remote.close()
            raise


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


# parameter -> (error id, message, what a session has to be equal to it)
_FINDING: dict[str, tuple[str, str, Callable[[PSSession], Any]]] = {
    "Id": (
        "RemoteRunspaceNotAvailableForSpecifiedSessionId",
        "The remote session with the session ID {} is not available.",
        lambda session: session.id,
    ),
    "Name": (
        "RemoteRunspaceNotAvailableForSpecifiedName",
        "The remote session with the name {} is not available.",
        lambda session: session.name,
    ),
    "InstanceId": (
        "RemoteRunspaceNotAvailableForSpecifiedRunspaceId",
        "The remote session with the runspace ID {} is not available.",
        lambda session: session.remote.connection.pool,
    ),
    "ComputerName": (
        "RemoteRunspaceNotAvailableForSpecifiedComputer",
        "The remote session with the computer name {} is not available.",
        lambda session: session.remote.computer,
    ),
}


class SelectingSessions(Cmdlet):
    def selected(self, *parameters: str) -> list[PSSession]:
        """The sessions that these parameters mean, in the order asked for; what is unknown is an error."""
        found: dict[int, PSSession] = {}
        known = sessions_of(self.runspace).all()
        for parameter in parameters:
            fqid, message, fact = _FINDING[parameter]
            for wanted in as_list(self.arg(parameter)):
                text = to_string(wanted)
                those = [session for session in known if wildcard_match(text, to_string(fact(session)))]
                found |= {session.id: session for session in those}
                if not those and not has_wildcard(text):
                    shown = f"{text} " if parameter == "Name" and self.name == "Get-PSSession" else text
                    self.error(
                        message.format(shown), fqid, "InvalidArgument", wanted, net_type="System.ArgumentException"
                    )
        return list(found.values())


@command("Get-PSSession")
class GetPSSession(SelectingSessions):
    def process(self) -> None:
        if self.set_name not in ("Name", "Id", "InstanceId"):
            raise self.terminate(
                "The Get-PSSession cmdlet finds sessions of other computers over WSMan, which there is not here; in "
                "the notebook, %get_pssession does it.",
                "PSSessionComputerNameUnix",
                "NotImplemented",
                net_type="System.NotImplementedException",
            )
        chosen = any(self.has(name) for name in ("Name", "Id", "InstanceId"))
        found = self.selected("Name", "Id", "InstanceId") if chosen else sessions_of(self.runspace).all()
        self.write_all(sorted(found, key=lambda session: session.id))


@command("Remove-PSSession")
class RemovePSSession(SelectingSessions):
    def process(self) -> None:
        for session in [*as_list(self.arg("Session")), *self.selected("Id", "Name", "InstanceId", "ComputerName")]:
            if self.should_process(session.remote.computer, "Remove-PSSession"):
                sessions_of(self.runspace).remove(session)


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
    from ..records import ScriptError
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
