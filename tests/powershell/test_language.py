"""The language, rule by rule: a script and what it gives. Whole programs are in test_language_golden."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from jobmagics.powershell.records import PipelineStopped, ScriptError
from jobmagics.powershell.runtime.runspace import (
    MAX_CALL_DEPTH,
    CollectedStreams,
    CommandRequest,
    PipelineRequest,
    Runspace,
)
from jobmagics.powershell.values.value import to_string


@pytest.fixture
def session() -> Runspace:
    return Runspace()


def texts(session: Runspace, script: str) -> list[str]:
    return [to_string(value) for value in session.run_script(script)]


RULES: list[tuple[str, list[str]]] = [
    # numbers
    ("7 / 2; 6 / 2; 7 % 3; -7 % 3", ["3.5", "3", "1", "-1"]),
    ("[int]::MaxValue + 1", ["2147483648"]),
    ("[int]2.5; [int]3.5; [int]'0x1F'", ["2", "4", "31"]),
    ("1kb; 0xFF; 1e3; 10L.GetType().Name", ["1024", "255", "1000", "Int64"]),
    ("'10' - 3; 3 + '4'; '4' + 3", ["7", "7", "43"]),
    ("1.1d + 2.2d; 0.1 + 0.2", ["3.3", "0.3"]),
    # strings
    ("$a = 5; \"$a $($a + 1) `$a ${a}b\"", ["5 6 $a 5b"]),
    ("'{0:N1}|{1,4}' -f 1234.56, 'x'", ["1,234.6|   x"]),
    ("'a,b' -split ','; 'a', 'b' -join '+'", ["a", "b", "a+b"]),
    ("'2024-05' -match '(\\d+)-(\\d+)'; $Matches[2]", ["True", "05"]),
    ("'abc' -replace 'b', '[$0]'", ["a[b]c"]),
    ("'ABC' -eq 'abc'; 'ABC' -ceq 'abc'; 'abc' -like 'a*'", ["True", "False", "True"]),
    # collections
    ("(1, 2, 3, 4)[1..2]; (1, 2, 3)[-1]", ["2", "3", "3"]),
    ("1, 2, 3, 2 -eq 2", ["2", "2"]),
    ("@(1).Count; @().Count; $null.Count; (1, (2, 3)).Count", ["1", "0", "0", "2"]),
    ("$h = @{ a = 1 }; $h.b = 2; $h['A'] + $h.b", ["3"]),
    ("([ordered]@{ z = 1; a = 2 }).Keys", ["z", "a"]),
    ("$o = [pscustomobject]@{ n = 1 }; $o.N = 5; $o.n", ["5"]),
    ("3 -in 1..5; 1..5 -contains 9", ["True", "False"]),
    ("$x, $y = 1, 2, 3; \"$x|$y\"", ["1|2 3"]),
    ("$n = $null; $n ?? 'd'; $n ??= 4; $n; $true ? 'y' : 'n'", ["d", "4", "y"]),
    # control flow
    ("for ($i = 0; $i -lt 3; $i++) { if ($i -eq 1) { continue }; $i }", ["0", "2"]),
    (":o foreach ($i in 1..3) { foreach ($j in 1..3) { if ($j -eq 2) { continue o }; \"$i$j\" } }", ["11", "21", "31"]),
    ("$i = 0; do { $i++ } until ($i -ge 3); $i; while ($i) { $i--; if ($i -lt 2) { break } }; $i", ["3", "1"]),
    ("switch -regex ('b1', 'c') { '\\d' { \"d $_\" } 'c' { 'c'; break } default { 'no' } }", ["d b1", "c"]),
    ("switch (3) { { $_ -gt 2 } { 'big' } 3 { 'three' } }", ["big", "three"]),
    ("$r = foreach ($i in 1..3) { $i * $i }; $r -join ','", ["1,4,9"]),
    # errors
    ("try { 1 / 0 } catch { \"c $_\" } finally { 'f' }", ["c Attempted to divide by zero.", "f"]),
    ("try { throw [System.IO.IOException]'x' } catch [System.IO.IOException] { 'io' } catch { 'other' }", ["io"]),
    ("function t { try { return 1 } finally { 'f' } }; t", ["1", "f"]),
    ("trap { 'trapped'; continue } ; 1 / 0; 'next'", ["trapped", "next"]),
    ("Get-Item ./none-such 2>&1 | ForEach-Object { $_.CategoryInfo.Category }", ["ObjectNotFound"]),
    # functions
    ("function f($a, $b = 2) { \"$a-$b-$args\" }; f 1; f -b 5 1 9", ["1-2-", "1-5-9"]),
    ("function f { param([Parameter(ValueFromPipeline)]$x) process { $x * 2 } }; 1..3 | f", ["2", "4", "6"]),
    ("function f { $input | ForEach-Object { $_ + 1 } }; 1, 2 | f", ["2", "3"]),
    ("$s = @{ a = 1; b = 2 }; function f($a, $b) { \"$a$b\" }; f @s; $l = 3, 4; f @l", ["12", "34"]),
    ("function f { [CmdletBinding()] param() Write-Verbose 'v' }; (f -Verbose 4>&1).Message", ["v"]),
    ("$n = 1; $c = { $n }.GetNewClosure(); $n = 2; & $c; & { $n }", ["1", "2"]),
    ("function f { $script:k = 1; $k2 = 2 }; f; \"$k|$k2\"", ["1|"]),
    ("filter double { $_ * 2 }; 1, 2 | double", ["2", "4"]),
    ("1..3 | ForEach-Object -Begin { 'b' } -Process { $_ } -End { 'e' }", ["b", "1", "2", "3", "e"]),
    # classes and enums
    ("class P { [int]$x = 3; [int] Twice() { return $this.x * 2 } }; [P]::new().Twice()", ["6"]),
    ("class P { static [string] Hi() { return 'hi' } }; [P]::Hi()", ["hi"]),
    (
        "class A { [string] N() { return 'a' } }\n"
        "class B : A { [string] N() { return 'b' + ([A]$this).N() } }\n[B]::new().N()",
        ["ba"],
    ),
    ("enum E { One = 1; Two }; [E]::Two; [int][E]'One'; [E]2 -eq 'Two'", ["Two", "1", "True"]),
    (
        "class X : Exception { X([string]$m) : base($m) { } }\n"
        "try { throw [X]::new('m') } catch [X] { $_.Exception.Message }",
        ["m"],
    ),
    # programs of the system
    ("sh -c 'echo a; echo b; exit 3'; $LASTEXITCODE", ["a", "b", "3"]),
    ("sh -c 'exec >&- 2>&-; sleep 0.3; exit 3'; $LASTEXITCODE", ["3"]),
    ("'x', 'y' | sh -c 'tr a-z A-Z'", ["X", "Y"]),
    ("sh -c 'exit 1' && 'no' || 'yes'", ["yes"]),
]  # fmt: skip


@pytest.mark.parametrize(("script", "expected"), RULES, ids=[script[:40] for script, _ in RULES])
def test_rule(session: Runspace, script: str, expected: list[str]) -> None:
    assert texts(session, script) == expected


ERRORS: list[tuple[str, str]] = [
    ("No-SuchCommand", "CommandNotFoundException"),
    ("$null.Foo()", "InvokeMethodOnNull"),
    ("'a'.Nope()", "MethodNotFound"),
    ("[int]'x'", "InvalidCastFromStringToInteger"),
    ("[no.such.type]::x", "TypeNotFound"),
    ("function f { param([int]$n) }; f -n x", "ParameterArgumentTransformationError,f"),
    ("function f { [CmdletBinding()] param() }; f 1", "PositionalParameterNotFound,f"),
    ("function f { param([Parameter(Mandatory)]$n) }; f", "MissingMandatoryParameter,f"),
    ("function f { param([ValidateSet('a')]$n) }; f b", "ParameterArgumentValidationError,f"),
    ("Start-Sleep -Nope 1", "NamedParameterNotFound,Microsoft.PowerShell.Commands.StartSleepCommand"),
]


@pytest.mark.parametrize(("script", "fqid"), ERRORS, ids=[script[:40] for script, _ in ERRORS])
def test_error_is_reported_and_the_next_statement_runs(session: Runspace, script: str, fqid: str) -> None:
    streams = CollectedStreams()
    session.run_script(script + "\n'next'", streams)
    assert [record.fqid for record in streams.errors] == [fqid]
    assert streams.outputs == ["next"]


def test_state_lasts_from_one_pipeline_to_the_next(session: Runspace) -> None:
    session.run_script("$x = 4; function f { $x * 2 }; Set-Alias g f")
    assert session.run_script("g") == [8]


def test_throw_ends_the_pipeline_with_its_record(session: Runspace) -> None:
    with pytest.raises(ScriptError) as raised:
        session.run_script("'before'; throw 'stop here'; 'after'")
    assert raised.value.record.message == "stop here"
    assert session.run_script("$Error[0].FullyQualifiedErrorId") == ["stop here"]


def test_output_is_sent_as_it_is_written(session: Runspace) -> None:
    seen: list[tuple[Any, float]] = []
    streams = CollectedStreams()
    streams.output = lambda value: seen.append((value, time.monotonic()))  # type: ignore[assignment]
    session.run_script("1; Start-Sleep -Milliseconds 200; 2", streams)
    assert [value for value, _ in seen] == [1, 2]
    assert seen[1][1] - seen[0][1] >= 0.2


@pytest.mark.parametrize(
    "script",
    [
        "while ($true) { }",
        "Start-Sleep 60",
        "for (;;) { $i++ }",
        "function f { f2 }; function f2 { while (1) { Start-Sleep -Milliseconds 1 } }; f",
        "sh -c 'sleep 60'",
        "1..20000000 | ForEach-Object { $_ }",
        "try { while ($true) { } } catch { 'never' }",
    ],
)
def test_stopping_ends_anything_within_a_moment(session: Runspace, script: str) -> None:
    streams = CollectedStreams()
    ended: list[BaseException | float] = []

    def run() -> None:
        try:
            session.invoke(PipelineRequest([CommandRequest("'up'\n" + script)]), streams)
        except BaseException as problem:
            ended.append(problem)
        ended.append(time.monotonic())

    thread = threading.Thread(target=run)
    thread.start()
    deadline = time.monotonic() + 10
    while not streams.outputs and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.05)
    asked = time.monotonic()
    session.stop()
    thread.join(5)
    assert isinstance(ended[0], PipelineStopped)
    assert isinstance(ended[1], float)
    assert ended[1] - asked < 0.5
    assert session.run_script("'alive'") == ["alive"]


def test_endless_recursion_is_call_depth_overflow(session: Runspace) -> None:
    with pytest.raises(ScriptError) as raised:
        session.run_script("function f { f }; f")
    assert raised.value.record.fqid == "CallDepthOverflow"
    assert session.run_script("try { f } catch { $_.FullyQualifiedErrorId }") == ["CallDepthOverflow"]


def test_deep_recursion_within_the_limit_works(session: Runspace) -> None:
    depth = MAX_CALL_DEPTH - 100
    assert session.run_script(f"function f($n) {{ if ($n) {{ f ($n - 1) }} else {{ 'bottom' }} }}; f {depth}") == [
        "bottom"
    ]


def test_a_failed_script_shows_where(session: Runspace) -> None:
    streams = CollectedStreams()
    session.run_script("function inner {\n    1 / 0\n}\ninner", streams)
    record = streams.errors[0]
    assert record.invocation is not None
    assert record.invocation.position_message == "At line:2 char:5\n+     1 / 0\n+     ~~~~~"
    assert record.stack_trace == "at inner, <No file>: line 2\nat <ScriptBlock>, <No file>: line 4"
