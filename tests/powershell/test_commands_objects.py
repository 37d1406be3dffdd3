"""Cmdlets that work on objects in a pipeline. Expected values are PowerShell 7.6's."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_session import Session


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("1..3 | ForEach-Object { $_ * 2 }", [2, 4, 6]),
        ("1..2 | ForEach-Object { 'b' } { $_ } { 'e' }", ["b", 1, 2, "e"]),
        ("'ab', 'cde' | ForEach-Object Length", [2, 3]),
        ("'a-b' | ForEach-Object Split '-'", ["a", "b"]),
        ("1..10 | Where-Object { $_ -gt 8 }", [9, 10]),
        ("'fig', 'apple' | Where-Object Length -GT 3", ["apple"]),
        ("'fig', 'apple' | Where-Object Length -In 1, 3", ["fig"]),
        ("@{ n = 1 }, @{ n = 2 } | ? n -EQ 2 | % { $_.n }", [2]),
        ("1..10 | Select-Object -First 2", [1, 2]),
        ("1..10 | Select-Object -Last 2", [9, 10]),
        ("1..10 | Select-Object -Skip 2 -First 3", [3, 4, 5]),
        ("1..10 | Select-Object -SkipLast 8", [1, 2]),
        ("1..5 | Select-Object -Index 0, 4", [1, 5]),
        ("'a', 'A', 'b', 'a' | Select-Object -Unique", ["a", "A", "b"]),
        ("[pscustomobject]@{ P = 1, 2 } | Select-Object -ExpandProperty P", [1, 2]),
        ("3, 1, 2 | Sort-Object", [1, 2, 3]),
        ("3, 1, 2 | Sort-Object -Descending", [3, 2, 1]),
        ("'pear', 'Apple', 'fig' | Sort-Object", ["Apple", "fig", "pear"]),
        ("'bb', 'a', 'cc' | Sort-Object Length -Stable", ["a", "bb", "cc"]),
        ("5, 3, 9 | Sort-Object -Top 2", [3, 5]),
        ("3, 1, 3 | Sort-Object -Unique", [1, 3]),
        ("1, 1, 2, 1 | Get-Unique", [1, 2, 1]),
        ("'a', 'b', 'a' | Group-Object | % { \"$($_.Name)$($_.Count)\" }", ["a2", "b1"]),
        ("(1..4 | Measure-Object -Sum -Average).Average", [2.5]),
        ("('one two', 'three' | Measure-Object -Word).Words", [3]),
        ("(Compare-Object 1, 2 2, 3 -PassThru) -join ','", ["3,1"]),
        ("1, 2 | Tee-Object -Variable t | Out-Null; $t", [1, 2]),
        ("'a', 'b' | Join-String -Separator ', ' -SingleQuote", ["'a', 'b'"]),
        ("(Get-Random -Minimum 5 -Maximum 6)", [5]),
        ("(1..5 | Get-Random -Shuffle | Measure-Object -Sum).Sum", [15.0]),
        ("(New-TimeSpan -Minutes 90).TotalHours", [1.5]),
    ],
)
def test_output(session: Session, script: str, expected: list[object]) -> None:
    assert session.run(script) == expected
    assert session.streams.errors == []


def test_select_object_names_the_type_it_came_from(session: Session) -> None:
    found = session.run("[pscustomobject]@{ A = 1; B = 2 } | Select-Object A, @{ n = 'C'; e = { $_.B * 2 } }")
    assert found[0].ps_type_names()[0] == "Selected.System.Management.Automation.PSCustomObject"
    assert found[0].to_dict() == {"A": 1, "C": 4}


def test_first_stops_what_comes_before(session: Session) -> None:
    found = session.run("$n = 0; 1..1000 | ForEach-Object { $n++; $_ } | Select-Object -First 3 | Out-Null; $n")
    assert found == [3]


def test_parallel_gives_all_results_and_takes_using_variables(session: Session) -> None:
    found = session.run("$k = 10; 1..4 | ForEach-Object -Parallel { $_ * $using:k } | Sort-Object")
    assert found == [10, 20, 30, 40]


@pytest.mark.parametrize(
    ("script", "fqid"),
    [
        ("Get-Variable no_such_variable", "VariableNotFound,Microsoft.PowerShell.Commands.GetVariableCommand"),
        ("'x' | Measure-Object -Sum", "NonNumericInputObject,Microsoft.PowerShell.Commands.MeasureObjectCommand"),
        (
            "1 | Select-Object -ExpandProperty Nope",
            "ExpandPropertyNotFound,Microsoft.PowerShell.Commands.SelectObjectCommand",
        ),
        ("Get-Alias nope_alias", "ItemNotFoundException,Microsoft.PowerShell.Commands.GetAliasCommand"),
    ],
)
def test_errors_have_powershells_ids(session: Session, script: str, fqid: str) -> None:
    assert session.errors(script) == [fqid]


def test_write_error_belongs_to_the_function_that_wrote_it(session: Session) -> None:
    assert session.errors("function Get-X { Write-Error 'bad' -ErrorId E }; Get-X") == ["E,Get-X"]
    assert session.errors("Write-Error 'bad' -ErrorId E") == ["E"]


def test_streams(session: Session) -> None:
    session.run(
        "Write-Warning 'w'; Write-Verbose 'v' -Verbose; Write-Host 1, 2 -Separator '-'; Write-Host @{ k = 'v' }"
    )
    assert [record.message for record in session.streams.warnings] == ["w"]
    assert [record.message for record in session.streams.verboses] == ["v"]
    assert [record.ps_to_string() for record in session.streams.informations] == ["1-2", "[k, v]"]


def test_range_validation(session: Session) -> None:
    expected = "ParameterArgumentValidationError,Microsoft.PowerShell.Commands.StartSleepCommand"
    assert session.errors("Start-Sleep -Milliseconds -1") == [expected]


def test_every_cmdlet_is_found_and_has_facts(session: Session) -> None:
    from jobmagics.powershell import commands

    for name in commands.names():
        assert commands.find(name) is not None, name
        assert commands.metadata(name).parameters is not None
        assert commands.module_of(name).startswith("Microsoft.PowerShell"), name


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        # by key and one by one: the same answers in the same order
        ("(Compare-Object 1,2,2,3 2,3,3,4 | ForEach-Object { $_.SideIndicator + $_.InputObject }) -join ' '",
         "=>3 =>4 <=1 <=2"),
        ("(Compare-Object a,B,c b,C,d | ForEach-Object { $_.SideIndicator + $_.InputObject }) -join ' '", "=>d <=a"),
        ("(Compare-Object a,B b,A -CaseSensitive).Count", 4),
        ("(Compare-Object a,b b,a -IncludeEqual).SideIndicator -join ' '", "== =="),
        ("(Compare-Object 5 '5' -IncludeEqual).SideIndicator", "=="),
        ("'a','A','b','a' | Select-Object -Unique", ["a", "A", "b"]),
        ("(1, 1.0, '1', 1 | Select-Object -Unique).Count", 1),
        ("(1, 1, 2 | ForEach-Object { [pscustomobject]@{ A = $_ } } | Select-Object * -Unique).A -join ' '", "1 2"),
        # an object without a property, or without its value, counts where it counted
        ("([pscustomobject]@{ N = 2 }, [pscustomobject]@{ M = 1 } | Measure-Object N -Sum).Count", 1),
        ("('abc', 'de' | Measure-Object Length -Sum).Sum", 5.0),
        ("(@{ N = 2 }, @{ N = 4 } | Measure-Object N -Maximum).Maximum", 4.0),
        # a mandatory parameter of the pipeline still refuses what it refused
        (
            "$e = 0; 1, $null, 2 | ConvertTo-Csv -ErrorVariable e -ErrorAction SilentlyContinue | Out-Null; $e.Count",
            1,
        ),
        ("'é', 'e', 'f', 'Z', 'z', '-', '1' | Sort-Object | Join-String", "-1eéfZz"),
    ],
)  # fmt: skip
def test_the_quick_ways_answer_as_the_slow_ones(session: Session, script: str, expected: object) -> None:
    found = session.run(script)
    assert (found if isinstance(expected, list) else found[0]) == expected
