"""The magics have PowerShell's parameters: each one of its cmdlets', or a reason why not, told here.

The facts are PowerShell 7.6.5's own, recorded on Linux; what only Windows has is listed below from its documentation.
"""

from __future__ import annotations

import json
from importlib import resources

import pytest

from jobmagics.options import MagicSpec, specs

A_HYPERVISOR = "of Hyper-V's own transport, which only its host has: name the machine by -ComputerName or -HostName"
A_CONTAINER = "of Windows' container transport, which only its host has: sign in there by -HostName"
SSHS_OWN = "ssh's own configuration says it (~/.ssh/config), so every tool agrees"
THE_CELL = "it is the cell"
IN_PROCESS = "of Invoke-Command without a computer, which runs in PowerShell's own process"
NO_REDIRECTION = "a redirection is never followed: credentials go where the person said"
WINDOWS_CERTIFICATES = (
    "names a certificate in Windows' store; here -Authentication Certificate -Credential names a file"
)
NO_DEBUGGER = "there is no debugger of scripts here"
CUSTOM_JOBS = "does nothing for the jobs there are: it is for kinds of jobs that modules bring"
LOCAL_TOKEN = "a loopback session of Windows with the person's own network token"
WINDOWS_POWERSHELL = "starts Windows PowerShell 5.1 on this machine: name its endpoint by -ConfigurationName"

SSH_DETAILS = dict.fromkeys(
    ("KeyFilePath", "Subsystem", "ConnectingTimeout", "SSHTransport", "SSHConnection", "Options"), SSHS_OWN
)
VIRTUAL = {"VMId": A_HYPERVISOR, "VMName": A_HYPERVISOR, "ContainerId": A_CONTAINER}
CONNECTING = {"AllowRedirection": NO_REDIRECTION, "CertificateThumbprint": WINDOWS_CERTIFICATES}

LEFT_OUT: dict[str, dict[str, str]] = {
    "Invoke-Command": {
        **SSH_DETAILS,
        **VIRTUAL,
        **CONNECTING,
        "ScriptBlock": THE_CELL,
        "NoNewScope": IN_PROCESS,
        "RunAsAdministrator": A_CONTAINER,
        "EnableNetworkAccess": LOCAL_TOKEN,
        "RemoteDebug": NO_DEBUGGER,
    },
    "New-PSSession": {
        **SSH_DETAILS,
        **VIRTUAL,
        **CONNECTING,
        "RunAsAdministrator": A_CONTAINER,
        "EnableNetworkAccess": LOCAL_TOKEN,
        "UseWindowsPowerShell": WINDOWS_POWERSHELL,
    },
    "Get-PSSession": {**VIRTUAL, **CONNECTING},
    "Connect-PSSession": dict(CONNECTING),
    "Receive-PSSession": dict(CONNECTING),
    "Disconnect-PSSession": dict(VIRTUAL),
    "Remove-PSSession": dict(VIRTUAL),
    "Get-Job": {"Filter": CUSTOM_JOBS},
    "Wait-Job": {"Filter": CUSTOM_JOBS},
    "Stop-Job": {"Filter": CUSTOM_JOBS},
    "Remove-Job": {"Filter": CUSTOM_JOBS},
    "Receive-Job": {},
    "New-PSSessionOption": {
        "MaximumRedirection": NO_REDIRECTION,
        "NoCompression": "nothing is compressed",
        "NoEncryption": "messages over HTTP are always encrypted",
        "UseUTF16": "WSMan's messages are UTF-8 everywhere",
        "MaximumReceivedDataSizePerCommand": "what comes goes to disk in pieces, and is not held in memory",
        "MaximumReceivedObjectSize": "what comes goes to disk in pieces, and is not held in memory",
        "SkipRevocationCheck": "revocation is not looked up",
        "IncludePortInSPN": "a Kerberos name with a port in it is of hosts that run several services under one name",
        "ProxyAccessType": "the environment names the proxy (HTTPS_PROXY, NO_PROXY), so every tool agrees",
        "ProxyAuthentication": "the environment names the proxy (HTTPS_PROXY, NO_PROXY), so every tool agrees",
        "ProxyCredential": "the environment names the proxy (HTTPS_PROXY, NO_PROXY), so every tool agrees",
    },
}

_CONNECTION = [
    "ComputerName:Cn", "ApplicationName", "ConfigurationName", "ConnectionUri:URI,CU", "AllowRedirection", "Credential",
    "Authentication", "CertificateThumbprint", "Port", "UseSSL", "SessionOption",
]  # fmt: skip
WINDOWS_ONLY: dict[str, list[str]] = {
    "Disconnect-PSSession": [
        "Session", "IdleTimeoutSec", "OutputBufferingMode", "ThrottleLimit", "Id", "InstanceId", "Name", "VMId",
        "VMName", "ContainerId",
    ],
    "Connect-PSSession": [*_CONNECTION, "Name", "Session", "InstanceId", "Id", "ThrottleLimit"],
    "Receive-PSSession": [*_CONNECTION, "Name", "Session", "InstanceId", "Id", "OutTarget", "JobName"],
    "New-PSSessionOption": [
        "MaximumRedirection", "NoCompression", "NoMachineProfile", "Culture", "UICulture", "OutputBufferingMode",
        "MaximumReceivedDataSizePerCommand", "MaximumReceivedObjectSize", "MaxConnectionRetryCount",
        "ApplicationArguments", "OpenTimeout:OpenTimeoutMSec", "CancelTimeout:CancelTimeoutMSec",
        "IdleTimeout:IdleTimeoutMSec", "OperationTimeout:OperationTimeoutMSec", "ProxyAccessType",
        "ProxyAuthentication", "ProxyCredential", "SkipCACheck", "SkipCNCheck", "SkipRevocationCheck", "NoEncryption",
        "UseUTF16", "IncludePortInSPN",
    ],
}  # fmt: skip
"""Parameters and their aliases, as the documentation of PowerShell 7 has them."""

OURS = {
    "Invoke-Command": {"Wait", "NoStore", "OutVariable"},
    "Get-Job": {"History"},
    "Receive-Job": {"Timeout", "OutVariable"},
    "New-PSSession": {"IdleTimeoutSec", "OutVariable"},
    "Remove-PSSession": {"Name"},
}
"""Beyond PowerShell's; -OutVariable is one of the common parameters everywhere."""
OUR_ALIASES = {("Invoke-Command", "JobName"): {"Name"}}

SPECS = [spec for spec in specs.ALL if spec.cmdlet in LEFT_OUT]


def parameters_of(cmdlet: str) -> dict[str, set[str]]:
    """Each parameter's aliases."""
    if cmdlet in WINDOWS_ONLY:
        split = [entry.partition(":") for entry in WINDOWS_ONLY[cmdlet]]
        return {name: set(filter(None, aliases.split(","))) for name, _, aliases in split}
    facts = resources.files("jobmagics.powershell") / "facts" / f"{cmdlet}.json"
    known = json.loads(facts.read_text(encoding="utf-8"))["parameters"]
    return {name: set(fact.get("aliases", ())) for name, fact in known.items()}


def test_every_cmdlet_has_its_magic() -> None:
    assert {spec.cmdlet for spec in SPECS} == set(LEFT_OUT)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.cmdlet)
def test_each_parameter_is_there_or_has_a_reason(spec: MagicSpec) -> None:
    known = parameters_of(spec.cmdlet)
    has = {option.name for option in spec.options}
    left_out = LEFT_OUT[spec.cmdlet]
    assert set(known) - has == set(left_out), "the one side is PowerShell's, the other what is said to be left out"
    assert all(reason for reason in left_out.values())
    assert has - set(known) <= OURS.get(spec.cmdlet, set()) | {"OutVariable"}


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.cmdlet)
def test_aliases_are_powershells(spec: MagicSpec) -> None:
    known = parameters_of(spec.cmdlet)
    for option in spec.options:
        if option.name in known and option.name != "OutVariable":
            extra = OUR_ALIASES.get((spec.cmdlet, option.name), set())
            assert set(option.aliases) == known[option.name] | extra, option.name
