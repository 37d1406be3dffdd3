"""The engine's process without a script: how it opens, answers, refuses and ends."""

from __future__ import annotations

import base64
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psrpcore
import pytest
from engine_process import COMMAND, NO_GUID, Engine, Process, data_element, numbered, recorded_exchanges, replay
from psrpcore.types import RunspacePoolState

from jobmagics import __version__

GUID = uuid.uuid4()
OPEN_SECONDS = 2.0  # the promise is 0.35 s on an idle machine; benchmarks measure it


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.close()


@pytest.fixture
def process() -> Iterator[Process]:
    made = Process()
    yield made
    made.kill()


def test_opens_and_names_itself(engine: Engine) -> None:
    assert engine.opened_after < OPEN_SECONDS
    table = engine.pool.application_private_data["PSVersionTable"]
    assert str(table["PSVersion"]) == "7.6.5"
    assert table["JobmagicsEngine"] == __version__
    assert str(table["PSRemotingProtocolVersion"]) == "2.3"


def test_nothing_heavy_is_imported_to_open() -> None:
    code = "import sys, jobmagics.powershell.server; print(','.join(m for m in sys.modules if '.' not in m))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split(",")
    assert not {"psrpcore", "pypsrp", "cryptography", "IPython", "tornado", "ipykernel"} & set(loaded)


@pytest.mark.parametrize("name", ["open_close", "get_available_runspaces", "set_runspaces"])
def test_pool_exchanges_are_powershells_to_the_letter(name: str) -> None:
    wanted, got = replay(recorded_exchanges()[name])
    assert [(kind, guid) for kind, guid, _ in got] == [(kind, guid) for kind, guid, _ in wanted]
    for theirs, ours in zip(wanted, got, strict=True):
        if theirs[0] != 0x21009:  # the engine's own description of itself
            assert numbered(ours[2] or "") == numbered(theirs[2] or "")


def test_the_end_of_input_ends_the_process(engine: Engine) -> None:
    before = time.monotonic()
    code, errors = engine.process.end()
    assert (code, errors) == (0, "")
    assert time.monotonic() - before < 1.0


@pytest.mark.parametrize(
    "line",
    [
        "garbage",
        "<Data PSGuid='00000000-0000-0000-0000-000000000000'>AAAA</Data>",
        "<Dance PSGuid='00000000-0000-0000-0000-000000000000' />",
        data_element(NO_GUID, 0x10004, "<Obj RefId='0'><I32>x</I32>", GUID, GUID, 1),
        data_element(NO_GUID, 0x999, "", GUID, GUID, 1),
        "\x00\x01\x02",
    ],
)
def test_garbage_ends_it_with_one_line(process: Process, line: str) -> None:
    process.send(line)
    assert process.process.wait(10) == 1
    errors = process.errors()
    assert errors.startswith("jobmagics.powershell: the client sent ")
    assert len(errors.splitlines()) == 1


def test_a_blank_line_means_nothing(engine: Engine) -> None:
    engine.process.send("", "  ", f"<Signal PSGuid='{NO_GUID}' />")
    assert engine.process.wait_for("SignalAck")[0] == NO_GUID


def test_signals_and_closes_of_unknown_pipelines_are_acknowledged(engine: Engine) -> None:
    guid = "11111111-2222-3333-4444-555555555555"
    engine.process.send(f"<Signal PSGuid='{guid}' />", f"<Close PSGuid='{guid}' />")
    assert engine.process.wait_for("SignalAck") == (guid, None)
    assert engine.process.wait_for("CloseAck") == (guid, None)


def test_data_for_an_unknown_pipeline_is_acknowledged(engine: Engine) -> None:
    guid = "11111111-2222-3333-4444-555555555555"
    pool = engine.pool.runspace_pool_id
    engine.process.send(data_element(guid, 0x41002, "<I32>1</I32>", pool, pool, 77))
    assert engine.process.wait_for("DataAck") == (guid, None)


def test_a_closed_pool_can_be_opened_anew(engine: Engine) -> None:
    engine.process.send(f"<Close PSGuid='{NO_GUID}' />")
    engine.process.wait_for("CloseAck")
    engine.pool = psrpcore.ClientRunspacePool()
    engine.pool.open()
    engine.flush()
    while engine.pool.state != RunspacePoolState.Opened:
        engine._take()


def test_connect_tells_the_new_client_all(engine: Engine) -> None:
    client = psrpcore.ClientRunspacePool(runspace_pool_id=engine.pool.runspace_pool_id)
    client.connect()
    payload = client.data_to_send()
    assert payload is not None
    engine.process.send(f"<Data PSGuid='{NO_GUID}'>{base64.b64encode(payload.data).decode()}</Data>")
    kinds = [engine.process.next()[0] for _ in range(5)]
    assert kinds == [0x10002, 0x2100B, 0x21009, 0x21005, "DataAck"]


def test_key_exchange(engine: Engine) -> None:
    engine.pool.exchange_key()
    engine.flush()
    while not engine.pool._key_requested or engine.pool._cipher._cipher is None:
        engine._take()


def test_a_bad_public_key_is_refused(engine: Engine) -> None:
    pool = engine.pool.runspace_pool_id
    body = '<Obj RefId="0"><MS><S N="PublicKey">AAAA</S></MS></Obj>'
    engine.process.send(data_element(NO_GUID, 0x10005, body, pool, pool, 5))
    assert engine.process.process.wait(10) == 1


def test_max_runspaces_may_not_fall_below_min(engine: Engine) -> None:
    pool = engine.pool.runspace_pool_id
    body = '<Obj RefId="0"><MS><I32 N="MaxRunspaces">0</I32><I64 N="CI">7</I64></MS></Obj>'
    engine.process.send(data_element(NO_GUID, 0x21002, body, pool, pool, 5))
    _, answer = engine.process.wait_for(0x21004)
    assert answer is not None
    assert '<B N="SetMinMaxRunspacesResponse">false</B><I64 N="ci">7</I64>' in answer


class TestOptions:
    def test_pwsh_s_options_are_accepted(self, tmp_path: Path) -> None:
        usual = ["-NoLogo", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-wd", str(tmp_path)]
        process = Process(*usual)
        try:
            process.send(f"<Signal PSGuid='{NO_GUID}' />")
            assert process.wait_for("SignalAck")[0] == NO_GUID
        finally:
            process.kill()

    def test_without_s_it_says_how(self) -> None:
        ran = subprocess.run(COMMAND[:-1], capture_output=True, text=True, check=False, input="")
        assert ran.returncode == 64
        assert "python -m jobmagics.powershell -s" in ran.stderr

    def test_version(self) -> None:
        ran = subprocess.run([*COMMAND[:-1], "-Version"], capture_output=True, text=True, check=True)
        assert __version__ in ran.stdout
