"""What protects the machine and the session from a script: limits with names, and stopping that always works."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_process import COMPLETED, ERROR, FAILED, OUTPUT, STATE, STOPPED, WARNING, Engine

STOP_SECONDS = 0.3
ATTEMPTS = 3  # the machine that tests run on has other work: one of so many must be in time
UNDER_WAY_SECONDS = 0.4
MEMORY_MB = 200


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


def stop_seconds(engine: Engine, script: str) -> float:
    """How long the client waits for the end of ``script``, stopped while it is under way."""
    pipeline = engine.begin(script)
    began = time.monotonic()
    while (left := UNDER_WAY_SECONDS - (time.monotonic() - began)) > 0:
        try:
            kind, _, body = engine.process.next(left)
        except queue.Empty:
            break
        assert kind != STATE, body
    engine.signal(pipeline)
    asked = time.monotonic()
    outcome = engine.outcome(pipeline)
    assert outcome.state == STOPPED
    return time.monotonic() - asked


@pytest.mark.parametrize(
    "script",
    [
        "Start-Sleep 60",
        "while ($true) { }",
        "try { Start-Sleep 60 } finally { Start-Sleep 60 }",
        "while ($true) { try { Start-Sleep 60 } catch { } }",
        "('a' * 40) -match '^(a+)+$b'",
        "[regex]::Matches('a' * 40 + 'c', '(a|aa)+$').Count",
        "('a' * 40 + 'c') -replace '(a|aa)+$', { 'x' }",
        "('a' * 30000) -match 'a*a*a*b'",
        "sleep 60",
        "sh -c 'trap \"\" TERM; while true; do sleep 1; done'",
        "1..3000000 | Sort-Object { $_ % 7 }",
        "$a = 1..2000000; while ($true) { $null = $a -join ',' }",
        "while ($true) { Compare-Object (1..30000) (1..30000) }",
        "$s = 'ab' * 1e6; while ($true) { $s.Replace('a', 'ccc').Split('b') | Out-Null }",
        # one operation on one huge value
        "$s = 'ab' * 5e6; while ($true) { $null = $s.ToCharArray() }",
        "$s = 'ab' * 5e6; while ($true) { $null = $s -split 'b' }",
        "$s = 'ab' * 2e7; while ($true) { $null = $s -like '*zz*' -or $s -match 'zz' }",
        "$s = 'ab' * 5e6; while ($true) { $null = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($s)) }",
        "$a = @(3, 1, 2) * 3e5; while ($true) { [array]::Sort($a.Clone()); $null = $a | Sort-Object | ConvertTo-Json }",
        "while ($true) { $null = [bigint]::Pow(7, 1000000) }",
        "1..40 | ForEach-Object -Parallel { Start-Sleep 60 }",
        "class A { [int] M() { while ($true) { } return 1 } }; [A]::new().M()",
        "while ($true) { 'a' * 1000 }",
        "while ($true) { Write-Error 'e' }",
        "& { & { & { Start-Sleep 60 } } }",
        "Invoke-Expression 'while (1) { }'",
        "while ($true) { 1 / 0 }",
        "$h = @{}; while ($true) { $h[[guid]::NewGuid()] = 1 }",
    ],
)
def test_a_stop_is_quick(engine: Engine, script: str) -> None:
    needed = []
    for _ in range(ATTEMPTS):
        needed.append(stop_seconds(engine, script))
        assert engine.run("1 + 1").output == [2]
        if needed[-1] <= STOP_SECONDS:
            return
    pytest.fail(f"{script} took {needed} s to stop")


def test_what_cannot_be_stopped_is_given_up(engine: Engine, tmp_path: Path) -> None:
    """A system call that waits: the client gets its answer and a new runspace, and is told what that costs."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    assert engine.run("$kept = 5; $kept").output == [5]
    pipeline = engine.begin(f"'begun'; Get-Content '{fifo}'; 'after'")
    engine.process.wait_for(OUTPUT)
    engine.signal(pipeline)
    asked = time.monotonic()
    outcome = engine.outcome(pipeline)
    assert time.monotonic() - asked < 3 * STOP_SECONDS
    assert outcome.state == STOPPED
    assert "did not stop" in outcome.of(WARNING)[0].InformationalRecord_Message
    # the interrupted reader may be gone as soon as it was let in
    with contextlib.suppress(BrokenPipeError), fifo.open("w") as late:
        late.write("late\n")
    assert engine.run('"[$kept]"; $kept = 6', "$kept").output == ["[]", 6]


def test_a_client_that_does_not_read_holds_the_script_and_not_the_memory(engine: Engine) -> None:
    pipeline = engine.begin("$text = 'a' * 10000; while ($true) { $text }")
    time.sleep(UNDER_WAY_SECONDS)
    engine.process.lines.maxsize = 1  # the test's reader stands still from now on
    before = resident_mb(engine)
    time.sleep(2 * UNDER_WAY_SECONDS)
    assert resident_mb(engine) - before < 20
    engine.process.lines.maxsize = 1_000_000
    with engine.process.lines.mutex:
        engine.process.lines.not_full.notify_all()
    engine.signal(pipeline)
    assert engine.outcome(pipeline).state == STOPPED


def resident_mb(engine: Engine) -> int:
    status = Path(f"/proc/{engine.process.process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) // 1024


@pytest.mark.parametrize(
    "script",
    [
        "function f { f }; f",
        "function f { 1 | ForEach-Object { f } }; f",
        "function f { 1 | f }; f",
        "function f { Get-Item . | Where-Object { f } }; f",
        "$s = { & $s }; & $s",
        "class A { [int] M() { return $this.M() } }; [A]::new().M()",
        "class B { B() { [B]::new() } }; [B]::new()",
        "function f { try { f } finally { $null = 1 } }; f",
        "function f { Invoke-Expression 'f' }; f",
        "function f { 'x' -replace 'x', { f } }; f",
    ],
)
def test_call_depth(engine: Engine, script: str) -> None:
    outcome = engine.run(script)
    assert outcome.state == FAILED
    assert outcome.reason.FullyQualifiedErrorId == "CallDepthOverflow"
    assert engine.run("'on'").output == ["on"]


def test_a_property_that_asks_for_itself(engine: Engine) -> None:
    script = (
        "$o = 1 | Select-Object @{n='a';e={1}}; $o | Add-Member -MemberType ScriptProperty -Name P -Value { $this.P }"
    )
    outcome = engine.run(script, '"[$($o.P)]"')
    assert (outcome.state, outcome.output) == (COMPLETED, ["[]"])


def test_a_thousand_calls_are_no_problem(engine: Engine) -> None:
    assert engine.run("function f($n) { if ($n) { f ($n - 1) } else { 'deep' } }; f 1000").output == ["deep"]


def test_nested_code(engine: Engine) -> None:
    outcome = engine.run("Invoke-Expression ('(' * 5000 + '1' + ')' * 5000); 'after'")
    (error,) = outcome.of(ERROR)
    assert error.FullyQualifiedErrorId.startswith("ScriptTooComplicated,")
    assert outcome.output == ["after"]


@pytest.mark.parametrize(
    "script",
    [
        "$l = [System.Collections.Generic.List[object]]::new(); while ($true) { $l.Add('x' * 100000) }",
        "$s = 'a' * 1e6; while ($true) { $s += $s }",
        "$a = @(1) * 1e6; while ($true) { $a += $a }",
    ],
)
def test_memory_has_a_limit(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    monkeypatch.setenv("JOBMAGICS_ENGINE_MEMORY_MB", str(MEMORY_MB))
    engine = Engine()
    try:
        outcome = engine.run(script)
        assert outcome.state == FAILED
        assert outcome.reason.FullyQualifiedErrorId == "System.OutOfMemoryException"
        assert "JOBMAGICS_ENGINE_MEMORY_MB" in str(outcome.reason.Exception.Message)
        assert engine.run("Remove-Variable l, s, a -ErrorAction Ignore; 'on'").output == ["on"]
    finally:
        engine.close()


@pytest.mark.parametrize("script", ["'x' * 1e9", "@(1) * 1e8", "'x'.PadLeft(2000000000)", "[int[]]::new(2000000000)"])
def test_much_memory_at_once_is_refused(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    monkeypatch.setenv("JOBMAGICS_ENGINE_MEMORY_MB", str(MEMORY_MB))
    engine = Engine()
    try:
        outcome = engine.run(f"try {{ ({script}).Length }} catch {{ 'refused' }}", "'on'")
        assert outcome.output == ["refused", "on"]
        assert outcome.of(ERROR) == []
        assert resident_mb(engine) < MEMORY_MB
    finally:
        engine.close()
