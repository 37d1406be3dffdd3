"""The cmdlets, a file per family, found by name and imported when first called.

What a cmdlet takes (parameters, sets, positions, pipeline binding) is not written in its class: it is the
recorded fact of real PowerShell in ``facts/``, read by ``catalog``.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable

from ..binding.parameters import CommandMetadata
from ..runtime.cmdlet import REGISTRY, Cmdlet
from . import catalog

ALIASES = catalog.ALIASES

# module of this package -> the cmdlets it defines
_FAMILIES: dict[str, str] = {
    "aliases": "Get-Alias Set-Alias New-Alias Remove-Alias",
    "archives": "Compress-Archive Expand-Archive",
    "argument_completers": "Register-ArgumentCompleter",
    "comparing": "Compare-Object Get-Unique Tee-Object",
    "content": "Get-Content Set-Content Add-Content Clear-Content",
    "csv_text": "ConvertTo-Csv ConvertFrom-Csv Export-Csv Import-Csv",
    "dates": "Get-Date New-TimeSpan Get-TimeZone Get-Uptime Get-Culture Get-UICulture",
    "help": "Get-Help",
    "discovery": "Get-Command Get-Verb Get-History Invoke-History Clear-History Get-Host Get-PSCallStack",
    "events": "Register-ObjectEvent Register-EngineEvent New-Event Get-Event Remove-Event Wait-Event "
    "Get-EventSubscriber Unregister-Event",
    "evaluating": "Invoke-Expression Invoke-Command Measure-Command Set-StrictMode",
    "filtering": "ForEach-Object Where-Object",
    "formats": "Format-Table Format-List Format-Wide Format-Custom Out-String Out-Default Out-Host Out-Null "
    "Out-File Update-FormatData",
    "grouping": "Group-Object",
    "hashing": "Get-FileHash Format-Hex",
    "listing": "Get-ChildItem",
    "item_properties": "Get-ItemProperty Get-ItemPropertyValue Set-ItemProperty Remove-ItemProperty New-ItemProperty",
    "items": "Get-Item Test-Path New-Item Remove-Item Set-Item Clear-Item Invoke-Item New-TemporaryFile",
    "jobs": "Start-Job Start-ThreadJob Get-Job Wait-Job Receive-Job Stop-Job Remove-Job Debug-Job",
    "json_reading": "ConvertFrom-Json",
    "json_testing": "Test-Json",
    "json_text": "ConvertTo-Json",
    "markup": "ConvertTo-Html ConvertTo-Xml Select-Xml",
    "measuring": "Measure-Object",
    "members": "Add-Member Get-Member New-Object",
    "modules": "Import-Module Remove-Module Get-Module New-Module Export-ModuleMember",
    "moving": "Rename-Item Copy-Item Move-Item",
    "paths": "Join-Path Split-Path Resolve-Path Convert-Path Get-Location Set-Location Push-Location Pop-Location "
    "Get-PSDrive New-PSDrive Remove-PSDrive",
    "policies": "Get-ExecutionPolicy Set-ExecutionPolicy Get-PSProvider Set-PSDebug Add-Type",
    "processes": "Get-Process Start-Process Stop-Process Wait-Process",
    "randomness": "Get-Random Get-SecureRandom New-Guid",
    "remote_sessions": "New-PSSession Get-PSSession Remove-PSSession Enter-PSSession Exit-PSSession "
    "New-PSSessionOption Get-Runspace Enter-PSHostProcess",
    "searching": "Select-String",
    "selecting": "Select-Object",
    "serialized": "Export-Clixml Import-Clixml ConvertTo-CliXml ConvertFrom-CliXml",
    "sorting": "Sort-Object",
    "streams": "Write-Output Write-Error Write-Warning Write-Verbose Write-Debug Write-Information Write-Host "
    "Write-Progress "
    "Read-Host Start-Sleep",
    "secure_strings": "ConvertTo-SecureString ConvertFrom-SecureString",
    "text": "Join-String ConvertFrom-StringData Import-PowerShellDataFile",
    "type_data": "Update-TypeData Get-Error Get-Credential",
    "variables": "Get-Variable Set-Variable New-Variable Clear-Variable Remove-Variable",
    "web": "Invoke-WebRequest Invoke-RestMethod Test-Connection",
}
_MODULES = {name.lower(): (name, family) for family, listed in _FAMILIES.items() for name in listed.split()}


def find(name: str) -> type[Cmdlet] | None:
    """The class of a cmdlet, imported now if it was not before."""
    folded = name.lower()
    known = REGISTRY.get(folded)
    if known is None and folded in _MODULES:
        importlib.import_module(f"{__name__}.{_MODULES[folded][1]}")
        known = REGISTRY.get(folded)
    return known


def metadata(name: str) -> CommandMetadata:
    """What a cmdlet takes."""
    return catalog.metadata(proper_name(name))


def proper_name(name: str) -> str:
    known = _MODULES.get(name.lower())
    return known[0] if known else REGISTRY[name.lower()].name


def names() -> Iterable[str]:
    """All cmdlets there are, in their proper spelling."""
    extra = [cls.name for folded, cls in REGISTRY.items() if folded not in _MODULES]
    return [name for name, _ in _MODULES.values()] + extra


def module_of(name: str) -> str:
    """The PowerShell module that a cmdlet comes from."""
    return catalog.module_of(proper_name(name))
