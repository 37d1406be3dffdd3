"""What the commands of pipelines do at their edges: errors, ties, mixed types. Expected values are PowerShell 7.6's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from command_session import Session


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path)


FOREACH, WHERE = (
    ",Microsoft.PowerShell.Commands.ForEachObjectCommand",
    ",Microsoft.PowerShell.Commands.WhereObjectCommand",
)
SELECT, SORT = ",Microsoft.PowerShell.Commands.SelectObjectCommand", ",Microsoft.PowerShell.Commands.SortObjectCommand"
GROUP, MEASURE = (
    ",Microsoft.PowerShell.Commands.GroupObjectCommand",
    ",Microsoft.PowerShell.Commands.MeasureObjectCommand",
)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("('abc' | % Substring).GetType().Name", ["PSMethod"]),
        ("$null | % Length | % { $null -eq $_ }", [True]),
        ("'abc' | % Length -WhatIf; 'abc' | % ToUpper -WhatIf", []),
        ("[pscustomobject]@{ ab = 1 } | ? a* -eq 1 | % ab", [1]),
        ("[pscustomobject]@{ a = 'x' } | ? a -Match '(.)' | Out-Null; $Matches[1]", ["x"]),
        ("[pscustomobject]@{ a = 'x', 'y' } | ? a -NotLike x | % { $_.a.Count }", [2]),
        ("[pscustomobject]@{ a = 1 } | ? a -Is '[int]' | % a", [1]),
        # a computed property has a scope of its own, and its errors are quiet
        ("$i = 0; 1..3 | Select-Object @{ n = 'x'; e = { $i++; $i } } | % x; $i", [1, 1, 1, 0]),
        ("1 | Select-Object @{ n = 'x'; e = { 1 / 0 } } | % { $null -eq $_.x }; $Error.Count", [True, 1]),
        ("[pscustomobject]@{ a = $null } | Select-Object -ExpandProperty a", []),
        ("1, 1, 2, 2 | Select-Object -Unique -First 2", [1]),
        ("1, '1', 1.0, 2 | Select-Object -Unique", [1, 2]),
        ("([pscustomobject]@{ a = 1 }, [pscustomobject]@{ a = 2 } | Select-Object -Unique).a", [1]),
        ("([pscustomobject]@{ a = 1 }, [pscustomobject]@{ a = 2 } | Select-Object a -Unique).a", [1, 2]),
        ("@{ a = 1 } | Select-Object a, Count | % { $_.a; $_.Count }", [1, 1]),
        ("([ordered]@{ a = 1 } | Select-Object a).a -eq $null", [True]),
        # .NET's sort does not keep the order of three equal elements, nor of more than sixteen
        ("'bb', 'cc', 'a' | Sort-Object Length", ["a", "cc", "bb"]),
        ("'bb', 'cc', 'a' | Sort-Object Length -Stable", ["a", "bb", "cc"]),
        ("'bb', 'cc', 'dd', 'a' | Sort-Object Length", ["a", "bb", "cc", "dd"]),
        (
            "(1..20 | Sort-Object { $_ % 3 }) -join ' '",
            ["18 3 15 6 12 9 1 16 13 10 7 4 19 11 8 14 5 17 2 20"],
        ),
        ("[pscustomobject]@{ b = 1; a = 2 }, [pscustomobject]@{ b = 0; a = 3 } | Sort-Object [ab] | % a", [2, 3]),
        ("2, 3 | Sort-Object @{ e = { $_ }; asc = $true; desc = $true }", [2, 3]),
        ("[ordered]@{ n = 2 }, [ordered]@{ n = 1 } | Sort-Object n | % n", [2, 1]),
        ("1, '1', 2.0, 2 | Group-Object | % { \"$($_.Name)=$($_.Count)\" }", ["1=2", "2=2"]),
        ("'b', 1, 'B', 'a' | Group-Object | % Name", ["b", "1", "a"]),
        ("'b', 'a' | Group-Object | % Name", ["a", "b"]),
        ("[pscustomobject]@{ a = 1; b = 2 }, [pscustomobject]@{ a = 1 } | Group-Object a, b | % Name", ["1, 2", "1"]),
        ("[pscustomobject]@{ a = 1, 2 } | Group-Object a | % Name", ["{1, 2}"]),
        ("[datetime]'2020-01-02' | Group-Object | % Name", ["1/2/2020 12:00:00 AM"]),
        ("('a', 'A' | Group-Object -AsHashTable -CaseSensitive).Count", [2]),
        ("Compare-Object 1, 2, 3 3, 2, 1 -IncludeEqual | % InputObject", [2, 1, 3]),
        (
            'Compare-Object 1, 2, 3 2, 3, 4 -SyncWindow 0 | % { "$($_.InputObject)$($_.SideIndicator)" }',
            ["2=>", "1<=", "3=>", "2<=", "4=>", "3<="],
        ),
        (
            'Compare-Object 1, 2, 3, 4 3, 1, 2, 5 -SyncWindow 1 | % { "$($_.InputObject)$($_.SideIndicator)" }',
            ["5=>", "4<="],
        ),
        ("Compare-Object 'a', 'B' 'A', 'c' -ExcludeDifferent | % InputObject", ["a"]),
        ("Compare-Object ([pscustomobject]@{ a = 1 }) ([pscustomobject]@{ a = 2 })", []),
        ("(@() | Measure-Object -Sum).Sum", [0.0]),
        ("('x', '5' | Measure-Object -Sum -ErrorAction Ignore) | % { $_.Count; $null -eq $_.Sum }", [2, True]),
        ("(1, 'b' | Measure-Object -Maximum).Maximum", ["b"]),
        ("('10', '9' | Measure-Object -Maximum).Maximum", [10.0]),
    ],
)
def test_output(session: Session, script: str, expected: list[object]) -> None:
    assert session.run(script) == expected
    assert session.streams.errors == []


@pytest.mark.parametrize(
    ("script", "error_id", "category", "message"),
    [
        (
            "'abc' | % Trim*",
            "AmbiguousPropertyOrMethodName" + FOREACH,
            "InvalidArgument",
            'Input name "Trim*" is ambiguous. It can be resolved to multiple matched members. Possible matches include'
            ": Trim TrimEnd TrimStart.",
        ),
        (
            "'abc' | % nosuch 5",
            "MethodNotFound" + FOREACH,
            "InvalidArgument",
            'Input name "nosuch" cannot be resolved to a method.',
        ),
        (
            "'abc' | % Substring 10",
            "MethodInvocationError" + FOREACH,
            "InvalidOperation",
            'Exception calling "Substring" with "1" argument(s): "startIndex cannot be larger than length of string. '
            "(Parameter 'startIndex')\"",
        ),
        (
            "1 | % { $_ } -WhatIf",
            "NoShouldProcessForScriptBlockSet" + FOREACH,
            "InvalidOperation",
            "The -WhatIf and -Confirm parameters are not supported for script blocks.",
        ),
        (
            "'a' | ? Length -gt",
            "ValueNotSpecifiedForWhereObject" + WHERE,
            "InvalidArgument",
            "The specified operator requires both the -Property and -Value parameters. Provide values for both "
            "parameters, and then try the command again.",
        ),
        (
            "'a' | ? Length 5",
            "OperatorNotSpecified" + WHERE,
            "InvalidArgument",
            "An operator is required to compare the two specified values. Include a valid operator in the command, and "
            "then try the command again. For example, Get-Process | Where-Object -Property Name -eq Idle",
        ),
        (
            "'a' | ? Length -gt x",
            "OperatorFailed" + WHERE,
            "InvalidOperation",
            'The \'Igt\' operator failed: Could not compare "1" to "x". Error: "Cannot convert value "x" to type '
            '"System.Int32". Error: "The input string \'x\' was not in a correct format."".',
        ),
        ("1 | Select-Object 5", "DictionaryKeyUnknownType" + SELECT, "InvalidArgument", None),
        ("1 | Select-Object @{ n = 'x' }", "DictionaryKeyMandatoryEntry" + SELECT, "InvalidArgument", None),
        ("1 | Select-Object @{ n = 'x'; e = 1 }", "DictionaryKeyIllegalValue1" + SELECT, "InvalidArgument", None),
        ("1 | Select-Object @{ n = 1; e = 'x' }", "DictionaryKeyIllegalValue2" + SELECT, "InvalidArgument", None),
        ("1 | Sort-Object @{ n = 'x'; e = 'a' }", "DictionaryKeyIllegal" + SORT, "InvalidArgument", None),
        ("1 | Sort-Object { 1 / 0 }", "ExpressionEvaluation" + SORT, "InvalidResult", "Attempted to divide by zero."),
        ("1 | Group-Object a*", "ExpressionGlobbing2" + GROUP, "InvalidArgument", None),
        (
            "1 | Group-Object -AsString",
            "ArgumentException" + GROUP,
            "InvalidArgument",
            "The command cannot be run because the AsString parameter requires that you specify the AsHashtable "
            "parameter.",
        ),
        (
            "'x' | Measure-Object -Sum",
            "NonNumericInputObject" + MEASURE,
            "InvalidType",
            'Input object "x" is not numeric.',
        ),
    ],
)
def test_error(session: Session, script: str, error_id: str, category: str, message: str | None) -> None:
    session.run(script)
    record = session.streams.errors[0]
    assert (record.fqid, record.category) == (error_id, category)
    assert record.exception.message == (message or "Specified method is not supported.")


def test_a_wrong_expression_says_what_is_wrong_in_the_details(session: Session) -> None:
    session.run("1 | Select-Object 5")
    assert session.streams.errors[0].details == (
        "Cannot convert System.Int32 to one of the following types "
        "{System.String, System.Management.Automation.ScriptBlock}."
    )


@pytest.mark.parametrize(
    ("script", "output", "errors"),
    [
        ("{ 1 }, 2 | ForEach-Object -Parallel { $_ }", [2], ["ParallelPipedInputObjectCannotBeScriptBlock"]),
        ("$b = { 1 }; 1 | ForEach-Object -Parallel { & $using:b }", [], ["ParallelUsingVariableCannotBeScriptBlock"]),
    ],
)
def test_script_blocks_do_not_go_to_other_sessions(
    session: Session, script: str, output: list[Any], errors: list[str]
) -> None:
    assert session.run(script) == output
    found = [record.fqid for record in session.streams.errors]
    assert found == [f"{error},Microsoft.PowerShell.Commands.ForEachObjectCommand" for error in errors]


def test_what_a_begin_block_writes_makes_the_next_command_begin(session: Session) -> None:
    session.run("function f { begin { 'open' } process { \"item $_\" } }")
    assert session.run("1, 3 | f | Select-Object -First 2") == ["open", "item 1"]
    assert session.run("1, 3 | f | & { begin { 'begun' } process { \"<$_>\" } }") == [
        "begun",
        "<open>",
        "<item 1>",
        "<item 3>",
    ]


def test_commands_after_one_that_wants_nothing_begin_before_they_end(session: Session) -> None:
    assert session.run("1..3 | Select-Object -First 0 | Measure-Object | ForEach-Object Count") == [0]
    assert session.errors("1..3 | Select-Object -First 0 | Sort-Object") == []


def test_limits_of_random_numbers_that_are_no_integers_are_doubles(session: Session) -> None:
    assert session.run("(Get-Random -Maximum ([byte]5)).GetType().Name") == ["Double"]
    session.run("Get-Random -Minimum 1 -Maximum (1..3)")
    [record] = session.streams.errors
    assert (
        record.message
        == 'Cannot convert the "System.Object[]" value of type "System.Object[]" to type "System.Double".'
    )
