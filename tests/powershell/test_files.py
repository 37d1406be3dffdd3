"""Files, items, content and drives, as PowerShell's sources and its own tests tell. Expected texts are PowerShell's."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_session import Session

TREE = (
    "New-Item d/sub/deep -ItemType Directory | Out-Null\n"
    "'d/a.txt', 'd/b.log', 'd/sub/c.txt', 'd/sub/deep/e.txt', 'd/sub/.h' | ForEach-Object { New-Item $_ | Out-Null }\n"
    "Set-Location d\n"
)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("Get-ChildItem -Recurse -Name", ["sub", "a.txt", "b.log", "sub/deep", "sub/c.txt", "sub/deep/e.txt"]),
        ("Get-ChildItem *.txt -Recurse | % Name", ["e.txt", "c.txt", "a.txt"]),
        ("Get-ChildItem *.txt -Recurse -Name", ["a.txt"]),
        ("Get-ChildItem c.txt -Recurse | % Name", ["c.txt"]),
        ("Get-ChildItem nothing -Recurse", []),
        ("Get-ChildItem -Recurse -Include *.txt | % Name", ["e.txt", "c.txt", "a.txt"]),
        ("Get-ChildItem -Recurse -Depth 1 -Include *.txt | % Name", ["c.txt", "a.txt"]),
        ("Get-ChildItem * -Exclude *.log | % Name", ["deep", "c.txt", "a.txt"]),
        ("Get-ChildItem -Exclude *.log | % Name", ["sub", "a.txt"]),
        ("Get-ChildItem . -Include *.txt", []),
        ("Get-ChildItem . -Include *.txt -Name", ["a.txt"]),
        ("Get-ChildItem * -Include *.txt | % Name", ["a.txt"]),
        ("Get-ChildItem * -File | % Name", ["a.txt", "b.log"]),
        ("Get-ChildItem s* -File", []),
        ("Get-ChildItem * -Directory | % Name", ["sub"]),
        ("Get-ChildItem */*.txt | % Name", ["c.txt"]),
        ("Get-ChildItem -Hidden -Recurse -Name", ["sub/.h"]),
        ("Get-ChildItem sub/.h*", []),
        ("Get-ChildItem sub/.h* -Force | % Name", [".h"]),
        ("Get-ChildItem -Attributes Directory -Recurse -Name", ["sub", "sub/deep"]),
        ("Get-ChildItem -System", []),
        ("Get-ChildItem -Filter 'a.*' -Name", ["a.txt"]),
        ("Get-ChildItem -Filter *.* -Name", ["sub", "a.txt", "b.log"]),
        ("Get-ChildItem -Filter '[ab].txt' -Name", []),
        ("Get-ChildItem -Filter a?.txt -Name", ["a.txt"]),
        (
            "'ab_1', 'ab1', 'AB2', 'a-b' | % { New-Item $_ | Out-Null }; Get-ChildItem a* -Name",
            ["a-b", "a.txt", "ab_1", "ab1", "AB2"],
        ),
    ],
)
def test_what_get_childitem_finds(session: Session, script: str, expected: list[str]) -> None:
    assert session.run(TREE + script) == expected
    assert session.streams.errors == []


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("1..4 | Set-Content n; Get-Content n -ReadCount 3 | % { $_ -join ',' }", ["1,2,3", "4"]),
        ("[byte[]](1, 2, 3) | Set-Content b -AsByteStream; Get-Content b -AsByteStream -Tail 1", [3]),
        (
            "[byte[]](1, 2, 3) | Set-Content b -AsByteStream; gc b -AsByteStream -ReadCount 2 | % { $_ -join ' ' }",
            ["1 2", "3"],
        ),
        (
            "'ansi', 'bigendianutf32', 1252, 'iso-8859-15' | % { "
            "Set-Content e 'é' -Encoding $_; (Get-Content e -Encoding $_) -eq 'é' }",
            [True] * 4,
        ),
        ("Set-Content e 'aé€' -Encoding ansi -NoNewline; (Get-Content e -AsByteStream) -join ' '", ["97 233 128"]),
        ("New-Item t | Out-Null; New-Item l -ItemType sym -Value t | % LinkType", ["SymbolicLink"]),
        (
            "New-Item t | Out-Null; New-Item l -ItemType HardLink -Value t | % LinkType; "
            "Get-Item t | % { $_.Mode; $_.ModeWithoutHardLink }",
            ["HardLink", "l----", "-----"],
        ),
        ("New-Item t | Out-Null; Rename-Item t ./u -PassThru | % Name", ["u"]),
        ("New-Item t.txt | Out-Null; Rename-Item *.txt u -PassThru | % Name", ["u"]),
        (
            "New-Item d/a, d/s/b -Force | Out-Null; Copy-Item d d/s -Recurse; Get-ChildItem d/s -Recurse -Name",
            ["d", "b", "d/s", "d/a", "d/s/b"],
        ),
        (
            "New-Item d/s/b -Force | Out-Null; New-Item f -ItemType Directory | Out-Null; "
            "Copy-Item d f -Recurse -Container:$false; Get-ChildItem f -Name",
            ["b"],
        ),
        ("$v = 1; Copy-Item variable:v variable:w; Rename-Item variable:w x; $x", [1]),
        ("Get-Item variable:PSVersionTable | % Name; (Get-Variable ps*table).Name", ["PSVersionTable"] * 2),
        ("(Get-Variable).Name -contains 'PWD'; (Get-Variable Host).Options.ToString()", [True, "Constant, AllScope"]),
        ("$p = 1; Get-Variable p -Exclude p", []),
        ("New-Item .h | Out-Null; Remove-Item .h -Force; Test-Path .h", [False]),
        ("Get-Item FileSystem::/tmp | % Name", ["tmp"]),
        (
            "$e = @{ A = 'b' }; Start-Process sh '-c \"echo hi there; echo $A\"' -Env $e -Wait -RedirectStandardO o; "
            "(Get-Content o) -join ','",
            ["hi there,b"],
        ),
        ("$p = Start-Process sleep 30 -PassThru; $p | Stop-Process; Wait-Process -Id $p.Id -ea 0; $p.ExitCode", [137]),
        ("@(Get-Command -TotalCount 2).Count", [2]),
    ],
)
def test_what_comes_of_it(session: Session, script: str, expected: list[object]) -> None:
    assert session.run(script) == expected
    assert session.streams.errors == []


@pytest.mark.parametrize(
    ("script", "fqid", "message"),
    [
        (
            "Get-Content nope*.txt",
            "ItemNotFound,Microsoft.PowerShell.Commands.GetContentCommand",
            "An object at the specified path nope*.txt does not exist, or has been filtered by the -Include or "
            "-Exclude parameter.",
        ),
        (
            "Set-Content t 1; Get-Content t -TotalCount 1 -Tail 1",
            "TailAndHeadCannotCoexist,Microsoft.PowerShell.Commands.GetContentCommand",
            "The parameters TotalCount and Tail cannot be used together. Please specify only one parameter.",
        ),
        (
            "Set-Content t 1; Get-Content t -Raw -Tail 1",
            "InvalidOperation,Microsoft.PowerShell.Commands.GetContentCommand",
            "The 'Raw' and 'Tail' parameters cannot be specified in the same command.",
        ),
        (
            "Set-Content t 1 -Encoding nope",
            "ParameterArgumentTransformationError,Microsoft.PowerShell.Commands.SetContentCommand",
            "Cannot process argument transformation on parameter 'Encoding'. 'nope' is not a supported encoding name. "
            "For information on defining a custom encoding, see the documentation for the Encoding.RegisterProvider "
            "method. (Parameter 'name')",
        ),
        (
            "65 | Set-Content b -AsByteStream",
            "Argument,Microsoft.PowerShell.Commands.SetContentCommand",
            "Cannot proceed with byte encoding. When using byte encoding the content must be of type byte.",
        ),
        (
            "New-Item .h | Out-Null; Remove-Item .h",
            "RemoveFileSystemItemUnAuthorizedAccess,Microsoft.PowerShell.Commands.RemoveItemCommand",
            "Cannot remove item {cwd}/.h: You do not have sufficient access rights to perform this operation or the "
            "item is hidden, system, or read only.",
        ),
        (
            "Remove-Item .",
            "InvalidOperation,Microsoft.PowerShell.Commands.RemoveItemCommand",
            "Cannot remove the item at '{cwd}' because it is in use.",
        ),
        (
            "New-Item a, b | Out-Null; Rename-Item a b -Force",
            "RenameItemIOError,Microsoft.PowerShell.Commands.RenameItemCommand",
            "The file '{cwd}/b' already exists.",
        ),
        (
            "Rename-Item nope x",
            "PathNotFound,Microsoft.PowerShell.Commands.RenameItemCommand",
            "Cannot find path '{cwd}/nope' because it does not exist.",
        ),
        (
            "New-Item a, b -ItemType Directory | Out-Null; New-Item b/a -ItemType Directory | Out-Null; Move-Item a b",
            "MoveDirectoryItemIOError,Microsoft.PowerShell.Commands.MoveItemCommand",
            "Cannot create '{cwd}/b/a' because a file or directory with the same name already exists.",
        ),
        (
            "New-Item a/b -ItemType Directory | Out-Null; Move-Item a a/b",
            "MoveItemArgumentError,Microsoft.PowerShell.Commands.MoveItemCommand",
            "Destination path cannot be a subdirectory of the source: {cwd}/a/b.",
        ),
        (
            "New-Item d -ItemType Directory | Out-Null; New-Item f | Out-Null; Copy-Item d f",
            "CopyContainerItemToLeafError,Microsoft.PowerShell.Commands.CopyItemCommand",
            "Container cannot be copied onto existing leaf item.",
        ),
        (
            "New-Item t | Out-Null; New-Item t -ItemType SymbolicLink -Value u",
            "SymLinkExists,Microsoft.PowerShell.Commands.NewItemCommand",
            "Cannot create link because the path already exists: {cwd}/t.",
        ),
        (
            "New-Item l -ItemType HardLink -Value none",
            "ItemNotFound,Microsoft.PowerShell.Commands.NewItemCommand",
            "Could not find item none.",
        ),
        (
            "New-Item t | Out-Null; Get-ItemProperty t -Name nope",
            "GetValueError,Microsoft.PowerShell.Commands.GetItemPropertyCommand",
            "The property nope does not exist or was not found.",
        ),
        (
            "Get-Item foo::bar",
            "ProviderNotFound,Microsoft.PowerShell.Commands.GetItemCommand",
            "Cannot find a provider with the name 'foo'.",
        ),
        (
            "Get-FileHash nope",
            "FileNotFound,Microsoft.PowerShell.Commands.GetFileHashCommand",
            "Cannot find path '{cwd}/nope' because it does not exist.",
        ),
        (
            "New-PSDrive w nope /tmp",
            "ProviderNotFound,Microsoft.PowerShell.Commands.NewPSDriveCommand",
            "Cannot find a provider with the name 'nope'.",
        ),
        (
            "New-PSDrive w FileSystem /tmp | Out-Null; Set-Location w:/; Remove-PSDrive w",
            "InvalidOperation,Microsoft.PowerShell.Commands.RemovePSDriveCommand",
            "Cannot remove drive 'w' because it is in use.",
        ),
        (
            "Pop-Location -StackName nope",
            "Argument,Microsoft.PowerShell.Commands.PopLocationCommand",
            "Cannot find location stack 'nope'. It does not exist or it is not a container.",
        ),
        (
            "Get-History -Id 5",
            "GetHistoryNoHistoryForId,Microsoft.PowerShell.Commands.GetHistoryCommand",
            "Cannot locate history for Id 5.",
        ),
        (
            "Start-Process sh -RedirectStandardInput none",
            "FileNotFoundException,Microsoft.PowerShell.Commands.StartProcessCommand",
            "This command cannot be run because the input \"RedirectStandardInput 'none'\" is not valid. Provide a "
            "valid input and run your command again.",
        ),
        (
            "New-Variable y; Set-Variable y -Option Constant",
            "VariableCannotBeMadeConstant,Microsoft.PowerShell.Commands.SetVariableCommand",
            "Existing variable y cannot be made constant. Variables can be made constant only at creation time.",
        ),
        (
            "Remove-Variable PID",
            "VariableNotRemovable,Microsoft.PowerShell.Commands.RemoveVariableCommand",
            "Cannot remove variable PID because it is constant or read-only. If the variable is read-only, try the "
            "operation again specifying the Force option.",
        ),
    ],
)
def test_what_is_refused(session: Session, tmp_path: Path, script: str, fqid: str, message: str) -> None:
    session.run(script)
    found = session.streams.errors
    assert [record.fqid for record in found] == [fqid]
    assert (found[0].details or found[0].exception.message).replace(str(tmp_path), "{cwd}") == message
