"""What is offered at the cursor, as TabExpansion2 of PowerShell 7.6.5 offered it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobmagics.powershell.completion import complete
from jobmagics.powershell.runtime.runspace import Runspace


@pytest.fixture
def session(tmp_path: Path) -> Runspace:
    (tmp_path / "sub").mkdir()
    (tmp_path / "alpha.txt").write_text("")
    (tmp_path / "beta file.txt").write_text("")
    session = Runspace()
    session.set_location(str(tmp_path))
    return session


# inputs whose first result differs
OTHER_FIRST = {"[int": "System.Int128 is no type of the engine's"}
# inputs whose list differs (text, list item, type, place, count)
OTHER_LIST = {
    **OTHER_FIRST,
    "Get-Process | Where-Object N": "NonpagedSystemMemorySize, which .NET calls obsolete, is not there",
    "$ps": "PSEmailServer, PSNativeCommandArgumentPassing and PSSessionOption are not there",
    "[datetime]::": "FromBinary is not there",
    "[System.IO.Pa": "PathTooLongException is not there",
    "(Get-Date).D": "Deconstruct is not there",
    "$x = 1; $x.": "of .NET's number interfaces the engine has IConvertible",
    "gc": "programs of the machine",
    "@{a=1}.": "GetObjectData and OnDeserialization, which serializers call, are not there",
    "if ($true) { Get-": "commands that only PowerShell has",
    "$PSVersionTable.PS": "the same keys in the table's own order",
    "enum Co { Red; Green }; [Co]::": "GetValuesAsUnderlyingType and TryFormat are not there",
}
RECORDED = [
    json.loads(line)
    for line in gzip.decompress((Path(__file__).parent.parent / "data/completions.jsonl.gz").read_bytes()).splitlines()
]


def told(matches: list[Any]) -> list[tuple[str, str, str]]:
    return [(match.text, match.shown, match.kind) for match in matches]


def recorded(case: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(match["text"], match["list"], match["type"]) for match in case["matches"]]


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: case["input"])
def test_what_powershell_offered(session: Runspace, case: dict[str, Any]) -> None:
    found = complete(session, case["input"], case["cursor"])
    wanted = recorded(case)
    if case["input"] not in OTHER_FIRST:
        assert told(found.matches[:1]) == wanted[:1]
    if case["count"]:
        assert (found.start, found.length) == (case["replacementIndex"], case["replacementLength"])
    if case["input"] != "gc":
        same = told(found.matches[:25]) == wanted and len(found.matches) == case["count"]
        assert same == (case["input"] not in OTHER_LIST)


SETUP = """
function Say {
    [CmdletBinding()]
    param(
        [ValidateSet('low', 'high')] $Level,
        [ArgumentCompleter({ param($c, $p, $w) 'alpha', 'beta' | Where-Object { $_ -like "$w*" } })] $Word,
        [ArgumentCompletions('x1', 'x 2')] $Choice,
        [DayOfWeek] $Day,
        $Other
    )
}
Register-ArgumentCompleter -CommandName Say -ParameterName Other -ScriptBlock { param($c, $p, $w) "$c-$p-$w" }
Register-ArgumentCompleter -Native -CommandName tool -ScriptBlock {
    param($w, $ast, $at) [System.Management.Automation.CompletionResult]::new('status', 's', 'ParameterValue', 'tip')
}
Set-Alias talk Say
$when = [datetime]'2026-01-02'
$table = @{ one = 1; two = @{ three = 3 } }
"""


@pytest.fixture
def rich(session: Runspace) -> Runspace:
    session.run_script(SETUP)
    return session


@pytest.mark.parametrize(
    ("text", "start", "texts"),
    [
        ("Say ", 4, ["low", "high"]),
        ("Say -Level h", 11, ["high"]),
        ("Say -L", 4, ["-Level"]),
        ("talk -Level low -L", 16, []),
        ("Say -Word b", 10, ["beta"]),
        ("Say -Choice x", 12, ["x1", "'x 2'"]),
        ("Say -Day:Mo", 9, ["Monday"]),
        ("Say -Other q", 11, ["Say-Other-q"]),
        ("tool ", 5, ["status"]),
        ("Measure-Object -s", 15, ["-StandardDeviation", "-Sum"]),
        ("Get-ChildItem -lp", 14, ["-LP"]),
        ("$when.DayOf", 6, ["DayOfWeek", "DayOfYear"]),
        ("$table.two.th", 11, ["three"]),
        ("[datetime]::Now.AddDays(1).DayOf", 27, ["DayOfWeek", "DayOfYear"]),
        ("$s = 'a'; $s.Sub", 13, ["Substring("]),
        ("foreach ($f in Get-ChildItem) { $f.BaseN", 35, ["BaseName"]),
        ("Get-ChildItem | % { $_.FullN", 23, ["FullName"]),
        ("Get-ChildItem | % FullN", 18, ["FullName"]),
        ("try { } catch { $_.Exc", 19, ["Exception"]),
        ("class A { [int] $Age; [int] F() { $this.A", 40, ["Age"]),
        ("[pscustomobject]@{ Foo = 1 } | % { $_.F", 38, ["Foo"]),
        ("Get-Process | select @{ E", 24, ["Expression"]),
        ("Get-Process | Sort-Object @{ Expression = 'a'; d", 47, ["Descending"]),
        ("1 -a", 2, ["-and", "-as"]),
        ("if ($a -cl", 7, ["-cle", "-clike", "-clt"]),
        ("param([Parameter(Mand", 17, ["Mandatory"]),
        ("[CmdletBinding(Sup", 15, ["SupportsShouldProcess", "SupportsPaging", "SupportsTransactions"]),
        ("#requires -M", 10, ["-Modules"]),
        ("<#\n.SYN", 4, ["SYNOPSIS"]),
        ("using n", 6, ["namespace"]),
        (":out while (1) { break o", 23, ["out"]),
        ("Get-Variable tab", 13, ["table"]),
        ("$global:tabl", 0, ["$global:table"]),
        ("@tabl", 0, ["@table"]),
        ("$function:Sa", 0, ["$function:Say"]),
        ("Get-Help Get-Ali", 9, ["Get-Alias"]),
        ("Get-Command -Verb Rep", 18, ["Repair"]),
        ("Microsoft.PowerShell.Utility\\Get-Dat", 0, ["Microsoft.PowerShell.Utility\\Get-Date"]),
        ('"$(Get-Dat', 3, ["Get-Date"]),
        ("cd './su", 3, ["'./sub'"]),
        ("'x' > al", 6, ["./alpha.txt"]),
    ],
)
def test_beyond_the_record(rich: Runspace, text: str, start: int, texts: list[str]) -> None:
    found = complete(rich, text, len(text))
    assert [match.text for match in found.matches] == texts
    assert found.start == start


def test_keys_of_a_splatted_hashtable(rich: Runspace) -> None:
    assert [match.text for match in complete(rich, "$p = @{ Le }; Say @p", 10).matches] == ["Level"]


def test_code_is_not_run(rich: Runspace) -> None:
    complete(rich, "(Set-Variable when 1).", 22)
    assert rich.run_script("$when.Year") == [2026]


PIECES = [
    "Get-",
    "-",
    "$x",
    ".",
    "::",
    "[",
    "(",
    "{",
    "@{",
    "'",
    '"',
    " ",
    "\n",
    "|",
    "=",
    "é",
    "#",
    "$(",
    "1",
    ")",
    "}",
    "]",
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.one_of(st.text(max_size=30), st.lists(st.sampled_from(PIECES), max_size=12).map("".join)), data=st.data()
)
def test_any_text_and_any_cursor(session: Runspace, text: str, data: st.DataObject) -> None:
    cursor = data.draw(st.integers(0, len(text)))
    found = complete(session, text, cursor)
    assert found.start >= 0
    assert found.start + found.length == cursor


def test_nothing_fits(session: Runspace) -> None:
    found = session.run_script("$c = TabExpansion2 'zzz-' 4; $c.ReplacementIndex; $c.CompletionMatches.Count")
    assert found == [-1, 0]


def test_tab_expansion_in_a_script(session: Runspace) -> None:
    found = session.run_script(
        "(TabExpansion2 'Get-Proc' 8).CompletionMatches | ForEach-Object { \"$($_.ResultType) $_\" }"
    )
    assert found[0].startswith("Command ")


def test_the_functions_of_a_new_session(session: Runspace) -> None:
    assert session.run_script("prompt") == [f"PS {session.location}> "]
    assert session.run_script("function prompt { 'mine' }; prompt") == ["mine"]
    assert Runspace().run_script("Clear-Host; 'after'") == ["after"]
