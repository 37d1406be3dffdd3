"""JSON, CSV, files, paths and formatting cmdlets. Expected texts are PowerShell 7.6's."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from command_session import Session
from hypothesis import example, given
from hypothesis import strategies as st

from jobmagics.powershell.commands.csv_text import CsvReader
from jobmagics.powershell.commands.json_reading import JsonReader
from jobmagics.powershell.commands.json_text import JsonWriter
from jobmagics.powershell.values.utf16 import units
from jobmagics.psobject import Hashtable, PSObject


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("ConvertTo-Json @{ a = 1 } -Compress", ['{"a":1}']),
        ("1, 2 | ConvertTo-Json -Compress", ["[1,2]"]),
        ("ConvertTo-Json 1.0", ["1.0"]),
        ("ConvertTo-Json @()", ["[]"]),
        ("@() | ConvertTo-Json", []),
        ("'{\"a\":[1,2]}' | ConvertFrom-Json | % { $_.a.Count }", [2]),
        ("'{', '\"n\":1', '}' | ConvertFrom-Json | % n", [1]),
        ("[pscustomobject]@{ A = 1; B = 'x\"y' } | ConvertTo-Csv", ['"A","B"', '"1","x""y"']),
        ("[pscustomobject]@{ A = 1; B = 'x,y' } | ConvertTo-Csv -UseQuotes AsNeeded", ["A,B", '1,"x,y"']),
        ('"a,b`n1,2" | ConvertFrom-Csv | % b', ["2"]),
        ('(ConvertFrom-StringData "a = 1`nb = x=y").b', ["x=y"]),
        ("Join-Path a b c", ["a/b/c"]),
        ("Split-Path /x/y/z.txt -Leaf", ["z.txt"]),
        ("Split-Path /x/y/z.txt -LeafBase", ["z"]),
        ("Split-Path /x/y/z.txt", ["/x/y"]),
        ("'b', 'a' | Set-Content f.txt; Get-Content f.txt | Sort-Object | % { \"$_\" }", ["a", "b"]),
        ("'x' | Set-Content f.txt; Add-Content f.txt 'y'; (Get-Content f.txt -Raw).Length", [4]),
        ("1..9 | Set-Content n.txt; (Get-Content n.txt -Tail 2) -join ','", ["8,9"]),
        (
            "New-Item d -ItemType Directory | Out-Null; New-Item d/a.txt -Value hi | % Name; Test-Path d/*.txt",
            ["a.txt", True],
        ),
        ("'a.txt', 'b.log' | % { ni $_ | Out-Null }; (Get-ChildItem -Filter *.txt).Name", ["a.txt"]),
        ("New-Item s/t/u.txt -Force | Out-Null; Get-ChildItem s -Recurse -Name", ["t", "t/u.txt"]),
        ("'q' > o.txt; Remove-Item o.txt; Test-Path o.txt", [False]),
        ("$env:JM_TEST_X = 'v'; (Get-Item env:JM_TEST_X).Value; Remove-Item env:JM_TEST_X", ["v"]),
        ("Set-Alias say Write-Output; say 5; (Get-Alias say).Definition", [5, "Write-Output"]),
        ("[pscustomobject]@{ A = 1; B = 'x' } | Format-Table | Out-String", ["\nA B\n- -\n1 x\n\n"]),
        ("[pscustomobject]@{ A = 1 } | Format-List | Out-String", ["\nA : 1\n\n"]),
        ("('alpha', 'beta' | Select-String et).Line", ["beta"]),
    ],
)
def test_output(session: Session, script: str, expected: list[object]) -> None:
    assert session.run(script) == expected
    assert session.streams.errors == []


@pytest.mark.parametrize(
    ("script", "fqid"),
    [
        ("Get-Item ./none", "PathNotFound,Microsoft.PowerShell.Commands.GetItemCommand"),
        ("Get-Content nodrive:/x", "DriveNotFound,Microsoft.PowerShell.Commands.GetContentCommand"),
        ("New-Item a -Value 1 | Out-Null; New-Item a", "NewItemIOError,Microsoft.PowerShell.Commands.NewItemCommand"),
    ],
)
def test_errors_have_powershells_ids(session: Session, script: str, fqid: str) -> None:
    assert session.errors(script) == [fqid]


def test_a_module_gives_only_what_it_exports(session: Session, tmp_path: Path) -> None:
    lines = ["$n = 0", "function Add-One { $script:n++; $script:n }", "function Hidden { 1 }"]
    text = "\n".join([*lines, "Export-ModuleMember -Function Add-One"])
    (tmp_path / "ones.psm1").write_text(text, encoding="utf-8")
    assert session.run(
        "Import-Module ./ones.psm1; Add-One; Add-One; [bool](Get-Command Hidden -ErrorAction Ignore)"
    ) == [1, 2, False]


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def as_values(value: Any) -> Any:
    if isinstance(value, dict):
        return Hashtable({f"{position}{key}": as_values(item) for position, (key, item) in enumerate(value.items())})
    return [as_values(item) for item in value] if isinstance(value, list) else value


def as_plain(value: Any) -> Any:
    if isinstance(value, Hashtable):
        return {key: as_plain(item) for key, item in value.items()}
    return [as_plain(item) for item in value] if isinstance(value, list) else value


@given(plain, st.booleans(), st.sampled_from(["Default", "EscapeNonAscii", "EscapeHtml"]))
def test_json_is_json(value: Any, compress: bool, escape: str) -> None:
    values = as_values(value)
    text = JsonWriter(100, compress, escape=escape).text(values)
    assert json.loads(text) == as_plain(values)


@example({",}": 1, "//": 2, ", ]": 3})
@given(st.dictionaries(st.text(min_size=1).map(str.lower), st.integers(-(2**40), 2**40), max_size=5))
def test_json_objects_come_back(bag: dict[str, int]) -> None:
    found = JsonReader().value(json.dumps(bag))
    assert isinstance(found, PSObject)
    assert found.to_dict() == {units(name): number for name, number in bag.items()}


fields = st.text(alphabet=st.characters(exclude_characters="\r\x00", exclude_categories=["Cs"]), min_size=1)


@given(st.lists(fields, min_size=1, max_size=5))
def test_quoted_csv_fields_come_back(row: list[str]) -> None:
    line = ",".join('"' + field.replace('"', '""') + '"' for field in row)
    assert next(CsvReader(",").rows(line.split("\n"))) == row


def test_numbers_in_json() -> None:
    writer = JsonWriter(2)
    assert [writer.text(number) for number in (1.5, 1e20, 0.1, math.inf)] == ["1.5", "1E+20", "0.1", '"Infinity"']


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a":}', "Unexpected character encountered while parsing value: }. Path 'a', line 1, position 5."),
        ("[1 2]", "After parsing a value an unexpected character was encountered: 2. Path '[0]', line 1, position 3."),
        (
            '{"a" 1}',
            "Invalid character after parsing property name. Expected ':' but got: 1. Path '', line 1, position 5.",
        ),
    ],
)
def test_what_is_wrong_with_a_text_that_is_not_json(session: Session, text: str, reason: str) -> None:
    found = session.run(f"try {{ '{text}' | ConvertFrom-Json }} catch {{ $_.Exception.Message }}")
    assert found == [f"Conversion from JSON failed with error: {reason}"]


@pytest.mark.parametrize(
    ("text", "output", "errors"),
    [
        ("@{ A = 1; B = @('x', $true); C = @{ D = -2 } }", [1], []),
        ("@{ A = Get-Date }", [], ["CouldNotParseAsPowerShellDataFile"]),
        ("@{ A = [IO.File]::ReadAllText('x') }", [], ["CouldNotParseAsPowerShellDataFile"]),
        ("@{ A = $HOME }", [], ["CouldNotParseAsPowerShellDataFile"]),
    ],
)
def test_a_data_file_is_read_not_run(
    session: Session, tmp_path: Path, text: str, output: list[Any], errors: list[str]
) -> None:
    (tmp_path / "d.psd1").write_text(text)
    assert session.run("Import-PowerShellDataFile d.psd1 | ForEach-Object A") == output
    named = [f"{error},Microsoft.PowerShell.Commands.ImportPowerShellDataFileCommand" for error in errors]
    assert [record.fqid for record in session.streams.errors] == named
