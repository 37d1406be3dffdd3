"""Get- and Set-ExecutionPolicy, Get-PSProvider, Set-PSDebug and what Add-Type can do here: name assemblies."""

from __future__ import annotations

from ...psobject import PSObject
from ..dotnet.enums import enum_value
from ..runtime.cmdlet import Cmdlet, command
from ..values.value import as_list, to_string
from ..values.wildcards import wildcard_match
from .fileinfo import ProviderInfo

POLICY = "Microsoft.PowerShell.ExecutionPolicy"
SCOPES = ("MachinePolicy", "UserPolicy", "Process", "CurrentUser", "LocalMachine")
PROVIDERS = {
    "Alias": ("Alias",),
    "Environment": ("Env",),
    "FileSystem": ("/", "Temp"),
    "Function": ("Function",),
    "Variable": ("Variable",),
}
# assemblies that come with PowerShell on this system: their types are there, or refused by name when they are used
_ASSEMBLIES = """
    mscorlib netstandard microsoft.csharp microsoft.visualbasic microsoft.visualbasic.core system system.core
    system.collections system.collections.concurrent system.collections.immutable system.collections.specialized
    system.componentmodel system.console system.data system.data.common system.diagnostics.process
    system.directoryservices system.drawing system.drawing.primitives system.formats.tar system.io.compression
    system.io.compression.filesystem system.io.compression.zipfile system.io.filesystem system.io.pipes
    system.linq system.management system.management.automation system.memory system.net system.net.http
    system.net.mail system.net.primitives system.net.sockets system.numerics system.private.corelib
    system.private.uri system.reflection system.runtime system.runtime.numerics system.runtime.serialization
    system.security system.security.cryptography system.serviceprocess system.servicemodel
    system.text.encoding.extensions system.text.encodings.web system.text.json system.text.regularexpressions
    system.threading system.threading.tasks system.threading.tasks.parallel system.transactions system.web
    system.web.httputility system.windows system.xml system.xml.linq system.xml.readerwriter
    system.xml.xdocument system.xml.xpath windowsbase newtonsoft.json
"""
ASSEMBLIES = frozenset(_ASSEMBLIES.split())


@command("Get-ExecutionPolicy")
class GetExecutionPolicy(Cmdlet):
    def end(self) -> None:
        """Off Windows it is always the same."""
        if not self.switch("List"):
            self.write(enum_value(POLICY, "Unrestricted"))
            return
        for scope in SCOPES:
            self.write(
                PSObject(
                    {
                        "Scope": enum_value("Microsoft.PowerShell.ExecutionPolicyScope", scope),
                        "ExecutionPolicy": enum_value(POLICY, "Unrestricted"),
                    }
                )
            )


@command("Set-ExecutionPolicy")
class SetExecutionPolicy(Cmdlet):
    def process(self) -> None:
        raise self.terminate(
            "Operation is not supported on this platform.",
            "System.PlatformNotSupportedException",
            "NotSpecified",
            net_type="System.PlatformNotSupportedException",
        )


@command("Get-PSProvider")
class GetPSProvider(Cmdlet):
    def process(self) -> None:
        from .providers import user_drives

        own = user_drives(self).values()
        for pattern in as_list(self.arg("PSProvider")) or ["*"]:
            name = to_string(pattern)
            found = [one for one in PROVIDERS if wildcard_match(name.rpartition("\\")[2], one)]
            if not found:
                self.error(
                    f"Cannot find a provider with the name '{name}'.",
                    "ProviderNotFound",
                    "ObjectNotFound",
                    name,
                    net_type="System.Management.Automation.ProviderNotFoundException",
                )
            for one in found:
                drives = [*PROVIDERS[one], *(drive.name for drive in own if drive.provider == one)]
                self.write(ProviderInfo(one, drives))


@command("Set-PSDebug")
class SetPSDebug(Cmdlet):
    def end(self) -> None:
        if self.switch("Step") or int(self.arg("Trace", 0)) > 0:
            raise self.terminate(
                "Set-PSDebug -Trace and -Step need a debugger, which the built-in engine does not have; pwsh runs it.",
                "NotSupportedByBuiltInEngine",
                "NotImplemented",
                net_type="System.NotSupportedException",
            )
        if self.switch("Off") or self.has("Strict"):
            self.runspace.global_scope.strict = 1 if self.switch("Strict") else 0


@command("Add-Type")
class AddType(Cmdlet):
    def end(self) -> None:
        if not self.has("AssemblyName"):
            raise self.terminate(
                "Add-Type compiles or loads .NET code, which the built-in engine cannot; pwsh runs it.",
                "NotSupportedByBuiltInEngine",
                "NotImplemented",
                net_type="System.NotSupportedException",
            )
        for name in as_list(self.arg("AssemblyName")):
            short = to_string(name).partition(",")[0].strip()
            if short.lower().removesuffix(".dll") not in ASSEMBLIES:
                raise self.terminate(
                    f"Cannot add type. The assembly '{to_string(name)}' could not be found.",
                    "ASSEMBLY_NOT_FOUND",
                    "ObjectNotFound",
                    name,
                    net_type="System.Exception",
                )
