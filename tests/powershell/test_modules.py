"""Script modules, as about_Modules and PowerShell's sources tell. Expected texts are PowerShell's."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_session import Session

COUNTER = """
param($start)
$script:count = $start
function Add-One { $script:count++; $script:count }
function Get-Place { Split-Path $PSCommandPath -Leaf; $MyInvocation.MyCommand.ModuleName }
Set-Alias one Add-One
"""
HIDING = """
$shown = 3
function Get-A { 'a' }
function Get-B { 'b' }
Export-ModuleMember -Function Get-A -Variable shown
"""
MANIFEST = """
@{ RootModule = 'tools.psm1'; ModuleVersion = '1.2.3'; Author = 'me'; FunctionsToExport = 'Get-X' }
"""
TOOLS = "function Get-X { 'x' }\nfunction Get-Y { 'y' }"


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    (tmp_path / "counter.psm1").write_text(COUNTER, encoding="utf-8")
    (tmp_path / "hiding.psm1").write_text(HIDING, encoding="utf-8")
    (tmp_path / "odd.psm1").write_text("function Frob-It { 1 }", encoding="utf-8")
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "tools.psm1").write_text(TOOLS, encoding="utf-8")
    (tmp_path / "tools" / "tools.psd1").write_text(MANIFEST, encoding="utf-8")
    (tmp_path / "nests.psd1").write_text(
        "@{ ModuleVersion = '1.0'; NestedModules = 'hiding.psm1'; FunctionsToExport = '*' }", encoding="utf-8"
    )
    (tmp_path / "rootless.psd1").write_text("@{ ModuleVersion = '1.0'; RootModule = 'no.psm1' }", encoding="utf-8")
    (tmp_path / "needy.psd1").write_text("@{ ModuleVersion = '1.0'; RequiredModules = 'zzz' }", encoding="utf-8")
    monkeypatch.setenv("PSModulePath", str(tmp_path))
    return Session(tmp_path)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("Import-Module ./counter.psm1 -ArgumentList 5; Add-One; one; & (Get-Module counter) { $count }", [6, 7, 7]),
        ("Import-Module ./counter.psm1; Get-Place", ["counter.psm1", "counter"]),
        ("function f { Import-Module ./hiding.psm1 }; f; Get-A; $shown", ["a", 3]),
        ("function f { ipmo ./hiding.psm1 -Scope Local; Get-A }; f; [bool](Get-Command Get-A -ea 0)", ["a", False]),
        ("Import-Module ./hiding.psm1 -Prefix My; Get-MyA; [bool](Get-Command Get-A -ea 0)", ["a", False]),
        ("Import-Module ./hiding.psm1 -Variable shown; $shown; [bool](Get-Command Get-A -ea 0)", [3, False]),
        ("Import-Module ./counter.psm1 -Function Get-Place; [bool](Get-Alias one -ea 0)", [False]),
        ("(Import-Module ./hiding.psm1 -AsCustomObject).'Get-A'()", ["a"]),
        ("(Import-Module ./counter.psm1 -PassThru).ExportedCommands.Keys", ["Add-One", "Get-Place", "one"]),
        (
            "$m = Import-Module ./hiding.psm1 -PassThru; $m.OnRemove = { 'bye' }; Remove-Module hiding; "
            "[bool](Get-Command Get-A -ea 0); $null -eq $shown",
            ["bye", False, True],
        ),
        ("Import-Module tools; Get-X; (Get-Module).Version.ToString(); (Get-Module).Author", ["x", "1.2.3", "me"]),
        ("Get-X; (Get-Command Get-X).Source; [bool](Get-Command Get-Y -ea 0)", ["x", "tools", False]),
        ("(Get-Module -ListAvailable).Name; (Get-Module -ListAvailable).ExportedCommands.Keys", ["tools", "Get-X"]),
        (
            "Import-Module ./nests.psd1; Get-A; Get-Module | % { $_.ModuleType; $_.NestedModules.Name }",
            ["a", "Manifest", "hiding"],
        ),
        (
            "$m = New-Module -Name dyn { param($q) function Get-Q { $q } } -Arg 7; Get-Q; @(Get-Module).Count; "
            "$m | Import-Module; (Get-Module).Name; Remove-Module dyn; [bool](Get-Command Get-Q -ea 0)",
            [7, 0, "dyn", False],
        ),
        ("Import-Module ./counter.psm1 -MinimumVersion 0.0; @(Get-Module).Count", [1]),
    ],
)
def test_modules(session: Session, script: str, expected: list[object]) -> None:
    assert session.run(script) == expected
    assert session.streams.errors == []


@pytest.mark.parametrize(
    ("script", "fqid"),
    [
        ("Import-Module nothing", "Modules_ModuleNotFound"),
        ("Import-Module ./odd.psm1 -MinimumVersion 2.0", "Modules_ModuleWithVersionNotFound"),
        ("Import-Module ./rootless.psd1", "Modules_ModuleFileNotFound"),
        ("Import-Module ./needy.psd1", "Modules_InvalidManifest"),
    ],
)
def test_modules_that_cannot_be_imported(session: Session, script: str, fqid: str) -> None:
    assert session.errors(script) == [f"{fqid},Microsoft.PowerShell.Commands.ImportModuleCommand"]


def test_unapproved_verbs_are_warned_of(session: Session) -> None:
    session.run("Import-Module ./odd.psm1; Import-Module ./odd.psm1 -Force -DisableNameChecking")
    assert [warning.message[:59] for warning in session.streams.warnings] == [
        "The names of some imported commands from the module 'odd' i"
    ]


def test_verbose_tells_each_step(session: Session, tmp_path: Path) -> None:
    session.run("Import-Module ./odd.psm1 -Verbose -DisableNameChecking")
    assert [record.message for record in session.streams.verboses] == [
        f"Loading module from path '{tmp_path}/odd.psm1'.",
        "Exporting function 'Frob-It'.",
        "Importing function 'Frob-It'.",
    ]
