"""The short ways (plain_calls, element_blocks) give what the whole way gives, stop as fast and count their depth."""

from __future__ import annotations

import threading
import time

import pytest

from jobmagics.powershell.records import PipelineStopped, ScriptError
from jobmagics.powershell.runtime.runspace import CollectedStreams, CommandRequest, PipelineRequest, Runspace
from jobmagics.powershell.values.value import to_string

STOP_SECONDS = 0.3
DEFINITIONS = """
function both($x, $y = $x + 1) { "$x,$y"; $args.Count; $MyInvocation.MyCommand.Name; $MyInvocation.ExpectingInput }
function typed([int]$n, [string]$s = 'd', [bool]$b) { "$n|$s|$b"; $n = '12'; $n.GetType().Name }
function rest { "$args"; $args.Count }
function number($v) { $v; $v.GetType().Name }
function empty($q) { $null -eq $q }
"""


@pytest.fixture
def session() -> Runspace:
    found = Runspace()
    found.run_script(DEFINITIONS)
    return found


def outcome(session: Runspace, script: str) -> tuple[list[str], list[str]]:
    streams = CollectedStreams()
    try:
        session.invoke(PipelineRequest([CommandRequest(script)]), streams)
    except ScriptError as failed:
        streams.errors.append(failed.record)
    return [to_string(value) for value in streams.outputs], [record.message for record in streams.errors]


# a redirection takes the whole way: FunctionCall and the binder
@pytest.mark.parametrize(
    "call",
    [
        "both 1",
        "both 1 5",
        "both -y 3 4",
        "both -x:7",
        "both -x 1 -x 2",
        "both -z 1",
        "both 1 2 3 4",
        "typed",
        "typed 5 x $true",
        "typed '5' 6",
        "typed x",
        "typed -s q -n 3",
        "rest 1 'two' -three 4",
        "rest",
        "number 3.10",
        "number 1kb",
        "empty $null",
        "empty (Write-Output -NoEnumerate @())",
        "empty",
        "& { param($p) $p; $args.Count } 1 2",
        '& { "$args" } 1 2',
    ],
)
def test_a_plain_call_gives_what_the_whole_way_gives(session: Runspace, call: str) -> None:
    short = outcome(session, call)
    whole = outcome(session, f"{call} 3>&1")
    assert short == whole
    assert short[0] or short[1]


# a second block, given as -End, keeps ForEach-Object's process block; a param block takes the whole way
@pytest.mark.parametrize(
    "body",
    [
        "$_ * 2",
        "$_, ($_ + 1)",
        ", @($_)",
        "@()",
        '$x = $_; "$x"; $x',
        "if ($_ -eq 2) { return }; $_",
        "1 / ($_ - 2)",
        'throw "no $_"',
        "$_ -gt 1",
        "$null",
        "'a', 'b' | ForEach-Object { $_ }; $_",
        "$args.Count",
    ],
)
@pytest.mark.parametrize("command", ["ForEach-Object", "Where-Object"])
def test_an_element_block_gives_what_the_whole_way_gives(session: Runspace, command: str, body: str) -> None:
    short = outcome(session, f"1..3 | {command} {{ {body} }}")
    whole = outcome(session, f"1..3 | {command} {{ param() {body} }}")
    assert short == whole


def test_element_blocks_run_in_the_scope_of_their_caller_and_give_the_underscore_back(session: Runspace) -> None:
    assert outcome(session, "$_ = 'mine'; 1..2 | % { $kept = $_ }; $kept; $_") == (["2", "mine"], [])
    assert outcome(session, "1..2 | % { function made { 'm' } }; made") == (["m"], [])


def test_break_in_an_element_block_ends_the_loop_around_the_pipeline(session: Runspace) -> None:
    assert outcome(session, 'foreach ($i in 1..3) { 1..3 | % { if ($_ -eq 2) { continue }; "$i$_" } }')[0] == [
        "11",
        "21",
        "31",
    ]


def test_plain_functions_see_the_variables_of_whoever_called_them(session: Runspace) -> None:
    script = (
        "function outer { $v = 'outer'; inner }; function inner { $v; $v = 'changed' }; $v = 'top'; outer; inner; $v"
    )
    assert outcome(session, script) == (["outer", "top", "top"], [])


@pytest.mark.parametrize(
    "script",
    [
        "function f($n) { f ($n + 1) }; try { f 0 } catch { $_.FullyQualifiedErrorId }",
        "$b = { & $b }; try { & $b } catch { $_.FullyQualifiedErrorId }",
        "function g { 1 | % { g } }; try { g } catch { $_.FullyQualifiedErrorId }",
        "function g { 1 | ? { g } }; try { g } catch { $_.FullyQualifiedErrorId }",
    ],
)
def test_endless_recursion_is_an_error_that_can_be_caught(session: Runspace, script: str) -> None:
    assert outcome(session, script) == (["CallDepthOverflow"], [])


@pytest.mark.parametrize(
    "script",
    [
        "1..50000000 | ForEach-Object { $_ }",
        "1..50000000 | Where-Object { $_ -lt 0 }",
        "1..50000000 | Measure-Object -Sum",
        "1..50000000 | Out-Null",
        "function f($n) { $n }; while ($true) { $null = f 1 }",
        "$b = { 1 }; for () { $null = & $b }",
        "do { $i++ } while ($true)",
    ],
)
def test_the_short_ways_stop_within_a_moment(session: Runspace, script: str) -> None:
    raised: list[BaseException] = []

    def work() -> None:
        try:
            session.invoke(PipelineRequest([CommandRequest(script)]), CollectedStreams())
        except BaseException as problem:
            raised.append(problem)

    thread = threading.Thread(target=work)
    thread.start()
    while session.frame.parent is None:  # the script has not begun
        time.sleep(0.001)
    asked = time.monotonic()
    session.stop()
    thread.join(5)
    assert time.monotonic() - asked < STOP_SECONDS
    assert [type(problem) for problem in raised] == [PipelineStopped]


@pytest.mark.parametrize(
    ("script", "wanted"),
    [
        ("$a = 'x'; $b = $a; $a += 'y'; $a += 'z'; $a; $b", ["xyz", "x"]),
        ("$a = 'x'; $a += $a; $a += $a; $a", ["xxxx"]),
        ("$a = 'x'; $h = @{ k = $a }; foreach ($i in 1..3) { $a += \"$i\" }; $a; $h.k", ["x123", "x"]),
        ("$a = 'x'; $b = ($a += 'y'); $a += 'z'; $b; $a", ["xy", "xyz"]),
        ("$a = 'x'; function f { $a += 'y'; $a }; f; f; $a", ["xy", "xy", "x"]),
        ("$a = 'x'; $a += 1; $a += $null; $a += 'y'; $a", ["x1y"]),
    ],
)
def test_a_text_that_grows_in_place_is_its_own(session: Runspace, script: str, wanted: list[str]) -> None:
    assert outcome(session, script) == (wanted, [])
