"""Pipelines through the process: streams, stops, input, questions to the person, secrets, size."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import psrpcore
import pytest
from engine_process import (
    COMPLETED,
    ERROR,
    FAILED,
    HOST_CALL,
    INFORMATION,
    OUTPUT,
    PROGRESS,
    STATE,
    STOPPED,
    WARNING,
    Engine,
)
from psrpcore.types import ConsoleColor, Coordinates, HostDefaultData, HostInfo, PSSecureString, Size

STOP_SECONDS = 0.3


@pytest.fixture(scope="module")
def shared() -> Iterator[Engine]:
    """One engine for the tests that leave nothing behind."""
    made = Engine()
    yield made
    made.close()


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.close()


def with_host() -> HostInfo:
    """A client with a window of 100 by 30."""
    here, size = Coordinates(X=0, Y=0), Size(Width=100, Height=30)
    defaults = HostDefaultData(
        ForegroundColor=ConsoleColor.White,
        BackgroundColor=ConsoleColor.Blue,
        CursorPosition=here,
        WindowPosition=here,
        CursorSize=25,
        BufferSize=size,
        WindowSize=size,
        MaxWindowSize=size,
        MaxPhysicalWindowSize=size,
        WindowTitle="test",
    )
    return HostInfo(
        IsHostNull=False, IsHostUINull=False, IsHostRawUINull=False, UseRunspaceHost=False, HostDefaultData=defaults
    )


class TestStreams:
    def test_output_comes_in_order_with_types(self, shared: Engine) -> None:
        outcome = shared.run("1; 'two'; 2.5; $true; $null; [long]3; @(4,5)")
        assert outcome.state == COMPLETED
        assert outcome.output == [1, "two", 2.5, True, None, 3, 4, 5]

    def test_every_stream(self, shared: Engine) -> None:
        outcome = shared.run("Write-Warning w; Write-Error e; Write-Host h; Write-Progress -Activity a; 'out'")
        assert outcome.output == ["out"]
        assert outcome.of(WARNING)[0].InformationalRecord_Message == "w"
        assert outcome.of(ERROR)[0].Exception.Message == "e"
        assert outcome.of(INFORMATION)[0].MessageData.Message == "h"
        assert outcome.of(PROGRESS)[0].Activity == "a"

    def test_output_arrives_while_it_runs(self, shared: Engine) -> None:
        pipeline = shared.begin("'early'; Start-Sleep -Milliseconds 700; 'late'")
        arrived = [time.monotonic() for kind, _ in shared.messages(pipeline) if kind == OUTPUT]
        assert arrived[1] - arrived[0] > 0.4

    def test_a_terminating_error_fails_the_pipeline(self, shared: Engine) -> None:
        outcome = shared.run("'before'; throw 'boom'; 'after'")
        assert (outcome.state, outcome.output) == (FAILED, ["before"])
        reason = outcome.reason
        assert reason.Exception.Message == "boom"
        assert reason.FullyQualifiedErrorId == "boom"
        assert reason.ErrorCategory_Category == 14
        assert reason.InvocationInfo.PositionMessage.startswith("At line:1 char:11")
        assert reason.ErrorDetails_ScriptStackTrace == "at <ScriptBlock>, <No file>: line 1"

    def test_a_parse_error(self, shared: Engine) -> None:
        outcome = shared.run("if (1) { 'open'")
        assert outcome.state == FAILED
        assert outcome.reason.FullyQualifiedErrorId == "MissingEndCurlyBrace"

    def test_invocation_info_only_where_asked_for(self, shared: Engine) -> None:
        plain = shared.run("Write-Warning w").of(WARNING)[0]
        assert plain.InformationalRecord_SerializeInvocationInfo is False
        pipeline = psrpcore.ClientPowerShell(
            shared.pool, remote_stream_options=psrpcore.types.RemoteStreamOptions.AddInvocationInfo
        )
        pipeline.add_script("Write-Warning w")
        full = shared.run(pipeline=pipeline).of(WARNING)[0]
        assert full.InformationalRecord_SerializeInvocationInfo is True
        assert "CommandInfo_CommandType" in full.to_dict()

    def test_several_statements_and_commands(self, shared: Engine) -> None:
        pipeline = psrpcore.ClientPowerShell(shared.pool)
        pipeline.add_command("Write-Output").add_argument([3, 1, 2]).add_command("Sort-Object")
        pipeline.add_parameter("Descending").add_statement().add_script("'second'")
        assert shared.run(pipeline=pipeline).output == [3, 2, 1, "second"]

    def test_arguments_of_a_script(self, shared: Engine) -> None:
        pipeline = psrpcore.ClientPowerShell(shared.pool)
        pipeline.add_script('param($a, [int]$b = 5) "$a|$b|$($args.Count)"').add_parameter("a", "x").add_argument(7)
        assert shared.run(pipeline=pipeline).output == ["x|7|0"]

    def test_arrays_arrive_as_powershell_receives_them(self, shared: Engine) -> None:
        pipeline = psrpcore.ClientPowerShell(shared.pool)
        script = 'param($list, $bytes) "$($list.GetType().Name) $($list.Count) $($bytes.GetType().Name) $($bytes[1])"'
        pipeline.add_script(script).add_argument([1, 2, 3]).add_argument(b"\x05\x06")
        assert shared.run(pipeline=pipeline).output == ["ArrayList 3 Byte[] 6"]


class TestState:
    def test_lasts_from_one_pipeline_to_the_next(self, engine: Engine) -> None:
        assert engine.run("$x = 41; function Add-One($n) { $n + 1 }").state == COMPLETED
        assert engine.run("Add-One $x").output == [42]

    def test_reset_forgets(self, engine: Engine) -> None:
        engine.run("$x = 41")
        engine.pool.reset_runspace_state()
        engine.flush()
        engine.process.wait_for("DataAck")
        assert engine.run("$null -eq $x").output == [True]

    def test_a_failed_one_leaves_the_session_alive(self, engine: Engine) -> None:
        engine.run("$x = 1; throw 'no'")
        assert engine.run("$x").output == [1]

    def test_a_second_pipeline_waits_for_the_runspace(self, engine: Engine) -> None:
        first = engine.begin("Start-Sleep -Milliseconds 300; $global:done = $true")
        assert engine.run("$done").output == [True]
        assert first.pipeline_id

    def test_two_runspaces_run_at_once(self) -> None:
        engine = Engine(maximum=2)
        try:
            slow = engine.begin("Start-Sleep 30")
            assert engine.run("'quick'").output == ["quick"]
            engine.signal(slow)
            assert engine.outcome(slow).state == STOPPED
        finally:
            engine.close()


class TestStop:
    @pytest.mark.parametrize(
        "script",
        [
            "'started'; Start-Sleep 60; 'never'",
            "'started'; while ($true) { }",
            "'started'; for ($i = 0; ; $i++) { $x = $i }",
            "'started'; 1..10000000 | ForEach-Object { $x = $_ }",
            "'started'; function f { f2 }; function f2 { while (1) { Start-Sleep -Milliseconds 10 } }; f",
            "'started'; try { while ($true) { } } catch { 'caught' }",
        ],
    )
    def test_ends_it_at_once(self, shared: Engine, script: str) -> None:
        best = min(self.stop_seconds(shared, script) for _ in range(2))
        assert best < STOP_SECONDS
        assert shared.run("'again'").output == ["again"]

    def stop_seconds(self, engine: Engine, script: str) -> float:
        pipeline = engine.begin(script)
        guid = str(pipeline.pipeline_id)
        assert engine.process.wait_for(OUTPUT)[0] == guid
        before = time.monotonic()
        engine.signal(pipeline)
        outcome = engine.outcome(pipeline)
        took = time.monotonic() - before
        assert outcome.state == STOPPED
        assert outcome.reason.FullyQualifiedErrorId == "PipelineStopped"
        assert engine.process.next() == ("SignalAck", guid, None)
        return took

    def test_a_pipeline_that_waits_for_its_turn(self, engine: Engine) -> None:
        first = engine.begin("'x'; Start-Sleep 60")
        second = engine.begin("'never'")
        engine.signal(second)
        assert engine.outcome(second).state == STOPPED
        engine.signal(first)
        assert engine.outcome(first).state == STOPPED

    def test_finally_blocks_run(self, engine: Engine) -> None:
        pipeline = engine.begin("'x'; try { Start-Sleep 60 } finally { $global:cleaned = 1 }")
        engine.process.wait_for(OUTPUT)
        engine.signal(pipeline)
        assert engine.outcome(pipeline).state == STOPPED
        assert engine.run("$cleaned").output == [1]

    def test_the_end_of_input_ends_what_runs(self, engine: Engine) -> None:
        engine.begin("'x'; while ($true) { }")
        engine.process.wait_for(OUTPUT)
        before = time.monotonic()
        assert engine.process.end() == (0, "")
        assert time.monotonic() - before < 1.0


class TestInput:
    SCRIPT = 'begin { $n = 0 } process { $n++; "got $_" } end { "count $n" }'

    def test_each_object_is_processed_when_it_comes(self, shared: Engine) -> None:
        pipeline = psrpcore.ClientPowerShell(shared.pool, no_input=False)
        pipeline.add_script(self.SCRIPT)
        shared.begin(pipeline=pipeline)
        for value in ("a", 3):
            pipeline.send(value)
            shared.flush()
            _, body = shared.process.wait_for(OUTPUT)
            assert body == f"<S>got {value}</S>"
        pipeline.send_eof()
        shared.flush()
        assert shared.outcome(pipeline).output == ["count 2"]

    def test_a_stop_ends_the_wait(self, shared: Engine) -> None:
        pipeline = psrpcore.ClientPowerShell(shared.pool, no_input=False)
        pipeline.add_script(self.SCRIPT)
        shared.begin(pipeline=pipeline)
        shared.signal(pipeline)
        assert shared.outcome(pipeline).state == STOPPED


class TestHost:
    def calls(self, engine: Engine, script: str, answers: dict[str, str]) -> tuple[list[tuple[str, list[Any]]], Any]:
        """Run with a host; answer questions by method name. The calls made, and what came out."""
        pipeline = psrpcore.ClientPowerShell(engine.pool, host=with_host())
        pipeline.add_script(script)
        engine.begin(pipeline=pipeline)
        calls, output = [], []
        for kind, value in engine.messages(pipeline):
            if kind == HOST_CALL:
                method = str(value.mi)
                calls.append((method, value.mp._base))
                if value.ci != -100:
                    engine.respond(value.ci, (method, int(value.mi._base)), answers[method], pipeline)
            elif kind == OUTPUT:
                output.append(value)
            elif kind == STATE and value.PipelineState == FAILED:
                output.append(value.ExceptionAsErrorRecord.Exception.Message)
        return calls, output

    def test_write_host(self, engine: Engine) -> None:
        calls, _ = self.calls(engine, "Write-Host plain; Write-Host red -ForegroundColor Red", {})
        assert ("WriteLine2", ["plain"]) in calls
        assert [(m, p[0], p[2]) for m, p in calls if m == "WriteLine3"] == [("WriteLine3", 12, "red")]

    def test_no_host_no_calls(self, engine: Engine) -> None:
        assert not engine.run("Write-Host x").of(HOST_CALL)

    def test_read_host(self, engine: Engine) -> None:
        answer = (
            '<Obj RefId="2" N="mr"><TN RefId="1"><T>System.Collections.Hashtable</T><T>System.Object</T></TN><DCT><En>'
            '<S N="Key">Your name</S><S N="Value">Ada</S></En></DCT></Obj>'
        )
        calls, output = self.calls(engine, "$n = Read-Host 'Your name'; \"hello $n\"", {"Prompt": answer})
        assert output == ["hello Ada"]
        assert calls[0][1][2]._base[0].parameterTypeFullName == "System.String"

    def test_a_choice(self, engine: Engine) -> None:
        script = "$Host.UI.PromptForChoice('Pick', 'Which?', @('&Yes', '&No'), 0)"
        calls, output = self.calls(engine, script, {"PromptForChoice": '<I32 N="mr">1</I32>'})
        assert output == [1]
        assert calls[0][1][2]._base[1].label == "&No"

    def test_stop_while_it_asks(self, engine: Engine) -> None:
        pipeline = psrpcore.ClientPowerShell(engine.pool, host=with_host())
        pipeline.add_script("Read-Host 'name'")
        engine.begin(pipeline=pipeline)
        engine.process.wait_for(HOST_CALL)
        before = time.monotonic()
        engine.signal(pipeline)
        assert engine.outcome(pipeline).state == STOPPED
        assert time.monotonic() - before < STOP_SECONDS * 2


class TestSecrets:
    def exchanged(self, engine: Engine) -> None:
        engine.pool.exchange_key()
        engine.flush()
        while engine.pool._cipher._cipher is None:
            engine._take()
        engine.process.wait_for("DataAck")

    def test_secure_strings_both_ways(self, engine: Engine) -> None:
        self.exchanged(engine)
        pipeline = psrpcore.ClientPowerShell(engine.pool)
        pipeline.add_script("param($s) $s.GetType().Name; $s").add_argument(PSSecureString("gehéim"))
        guid = str(engine.begin(pipeline=pipeline).pipeline_id)
        assert engine.process.wait_for(OUTPUT) == (guid, "<S>SecureString</S>")
        _, body = engine.process.wait_for(OUTPUT)
        assert body is not None
        text = body.removeprefix("<SS>").removesuffix("</SS>")
        assert engine.pool._cipher.decrypt(text) == "gehéim"


class TestSize:
    def test_large_output(self, shared: Engine) -> None:
        outcome = shared.run("'x' * 300000; 1..2000")
        assert len(outcome.output[0]) == 300_000
        assert outcome.output[1:] == list(range(1, 2001))

    def test_large_script(self, shared: Engine) -> None:
        script = "# " + "long " * 50_000 + "\n'end'"
        assert shared.run(script).output == ["end"]

    def test_unicode(self, shared: Engine) -> None:
        assert shared.run("'héllo 日本 😀 '+[char]1+'_x000A_<&>'").output == ["héllo 日本 😀 \x01_x000A_<&>"]

    def test_what_a_program_prints_reaches_only_the_script(self, shared: Engine) -> None:
        outcome = shared.run("$x = sh -c 'echo inner; echo oops >&2' 2>$null; \"<$x>\"")
        assert outcome.output == ["<inner>"]
