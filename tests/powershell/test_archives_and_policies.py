"""Compress-Archive, Expand-Archive, execution policies, providers, and assemblies that are named."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from command_session import Session

FILES = (
    "'a' | Set-Content a.txt; 'c' | Set-Content c.txt; $null = New-Item -Type Directory d/e; "
    "'b' | Set-Content d/b.txt; "
)

SCRIPTS: list[tuple[str, list[object]]] = [
    (FILES + "Compress-Archive a.txt, d z; Expand-Archive z.zip o; "
     "(Get-ChildItem o -Recurse -Name | Sort-Object) -join ' '; "
     "Get-Content o/d/b.txt -Raw | % Trim", ["a.txt d d/b.txt d/e", "b"]),
    (FILES + "Compress-Archive d/* z; Expand-Archive z.zip; "
     "(Get-ChildItem z -Name | Sort-Object) -join ' '", ["b.txt e"]),
    (FILES + "Compress-Archive a.txt z; "
     "Get-Item c.txt | Compress-Archive -DestinationPath z.zip -Update -PassThru | % Name; "
     "(Expand-Archive z.zip o -PassThru).Name", ["z.zip", "a.txt", "c.txt"]),
    (FILES + "Compress-Archive a.txt z; Compress-Archive c.txt z.zip -Force; (Expand-Archive z.zip o -PassThru).Name",
     ["c.txt"]),
    (FILES + "Compress-Archive a.txt z -WhatIf; Test-Path z.zip", [False]),
    ("\"$(Get-ExecutionPolicy)\"; (Get-ExecutionPolicy -List).Count", ["Unrestricted", 5]),
    ("(Get-PSProvider).Name -join ' '; \"$((Get-PSProvider FileSystem).Drives)\"",
     ["Alias Environment FileSystem Function Variable", "/ Temp"]),
    ("Add-Type -AssemblyName System.Web, 'System.Xml.Linq'; [System.Web.HttpUtility]::UrlEncode('a b')", ["a+b"]),
    ("Set-PSDebug -Strict; try { $nothing } catch { $_.FullyQualifiedErrorId }; Set-PSDebug -Off; $null -eq $nothing",
     ["VariableIsUndefined", True]),
]  # fmt: skip

REFUSED = [
    (FILES + "Compress-Archive a.txt z; Compress-Archive a.txt z", "ArchiveFileExists,Compress-Archive"),
    ("Compress-Archive none z", "ArchiveCmdletPathNotFound,Compress-Archive"),
    (FILES + "Compress-Archive a.txt z; Expand-Archive z.zip o; Expand-Archive z.zip o",
     "ExpandArchiveFileExists,Expand-Archive"),
    ("'x' | Set-Content x.zip; Expand-Archive x.zip o", "System.IO.InvalidDataException,Expand-Archive"),
    (FILES + "Expand-Archive a.txt o", "NotSupportedArchiveFileExtension,Expand-Archive"),
    ("Set-ExecutionPolicy Bypass",
     "System.PlatformNotSupportedException,Microsoft.PowerShell.Commands.SetExecutionPolicyCommand"),
    ("Add-Type -AssemblyName Nope", "ASSEMBLY_NOT_FOUND,Microsoft.PowerShell.Commands.AddTypeCommand"),
    ("Add-Type 'class A { }'", "NotSupportedByBuiltInEngine,Microsoft.PowerShell.Commands.AddTypeCommand"),
    ("Get-PSProvider Nope", "ProviderNotFound,Microsoft.PowerShell.Commands.GetPSProviderCommand"),
    ("Set-PSDebug -Trace 1", "NotSupportedByBuiltInEngine,Microsoft.PowerShell.Commands.SetPSDebugCommand"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "expected"), SCRIPTS)
def test_archives_and_policies(script: str, expected: list[object], tmp_path: Path) -> None:
    session = Session(tmp_path)
    assert session.run(script) == expected
    assert session.streams.errors == []


@pytest.mark.parametrize(("script", "fqid"), REFUSED)
def test_what_is_refused(script: str, fqid: str, tmp_path: Path) -> None:
    assert Session(tmp_path).errors(script) == [fqid]


def test_an_archive_cannot_write_outside_its_destination(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr("../out.txt", "no")
    (tmp_path / "in").mkdir()
    assert Session(tmp_path).errors("Expand-Archive evil.zip in") == ["ArchiveEntryOutsideDestination,Expand-Archive"]
    assert not (tmp_path / "out.txt").exists()
