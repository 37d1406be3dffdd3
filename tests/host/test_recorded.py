"""What real PowerShell 7.6.5 said on its pipes (59 recorded conversations), read by the host's rooms."""

from __future__ import annotations

import gzip
import json
import uuid
from pathlib import Path

import psrpcore
import pytest

from jobmagics.host import fragments
from jobmagics.host.delivery import Delivery, Outcome, Waiter
from jobmagics.host.outofproc import POOL, PacketReader
from jobmagics.host.settings import Limits
from jobmagics.host.shells import Caller, Shells
from jobmagics.host.spool import DiskBudget, Spool
from jobmagics.host.wsman import Creation

RECORDS = Path(__file__).parent.parent / "data" / "outofproc.jsonl.gz"
COMMAND = "94d2ff45-91c4-4735-be3f-73e353e22381"
CALLER = Caller("client", object(), "127.0.0.1", 0.0)

with gzip.open(RECORDS, "rt", encoding="utf-8") as file:
    CONVERSATIONS = {record["name"]: record["lines"] for record in map(json.loads, file)}


def server_lines(name: str) -> bytes:
    return "".join(line + "\n" for direction, line in CONVERSATIONS[name] if direction == "<").encode()


def client_data(name: str) -> bytes:
    (packet,) = PacketReader().feed(CONVERSATIONS[name][0][1].encode() + b"\n")
    return packet.data


@pytest.fixture
def shells(tmp_path: Path) -> Shells:
    made = Shells(lambda _mode: Spool(tmp_path, DiskBudget(0), Limits().memory_bytes), Limits())
    sent = client_data("stop_running")
    pool = next(fragments.walk(sent))
    rpid = sent[pool.start + fragments.HEADER.size + 8 :][:16]
    made.create(CALLER, Creation(str(uuid.UUID(bytes_le=rpid)), "", "", {}, None, "", sent), "uri")
    made.command(CALLER, made.all()[0].id, COMMAND, b"")
    made.packets(made.all()[0].id, PacketReader().feed(server_lines("stop_running")))
    return made


def received(shells: Shells, command: str) -> Delivery:
    outcomes: list[Outcome] = []
    waiter = Waiter("m", CALLER.client, CALLER.connection, 500_000, outcomes.append)
    shells.receive(CALLER, shells.all()[0].id, command, waiter)
    (delivery,) = outcomes
    assert isinstance(delivery, Delivery)
    return delivery


def test_a_stopped_pipeline_of_real_powershell_is_done(shells: Shells) -> None:
    delivery = received(shells, COMMAND)
    assert delivery.is_done
    kinds = [fragments.kind_of(delivery.data, fragment) for fragment in fragments.walk(delivery.data)]
    assert kinds == [0x00041004, fragments.PIPELINE_STATE]


def test_a_new_client_accepts_real_powershells_greeting_from_the_host(shells: Shells) -> None:
    shell = shells.all()[0]
    reply = shells.connect(CALLER, shell.id)
    client = psrpcore.ClientRunspacePool()
    client.connect()
    for data in (reply, received(shells, "").data):
        client.receive_data(psrpcore.PSRPPayload(data, psrpcore.StreamType.default, None))
    states = []
    while client.next_event():
        states.append(client.state.name)
    assert "Opened" in states
    assert str(client.application_private_data["PSVersionTable"]["PSVersion"]) == "7.6.5"
    assert states[-1] == "Closed", (
        "the recorded session closed its pool at the end, and that is told after the greeting"
    )


def test_every_element_of_a_conversation_is_read_in_any_pieces() -> None:
    lines = server_lines("open_close")
    for size in (1, 7, 4096):
        reader, packets = PacketReader(), []
        for at in range(0, len(lines), size):
            packets += reader.feed(lines[at : at + size])
        assert [packet.kind for packet in packets] == ["Data", "Data", "Data", "DataAck", "Data", "Data", "CloseAck"]
        assert {packet.guid for packet in packets} == {POOL}


@pytest.mark.parametrize("name", sorted(CONVERSATIONS))
def test_every_recorded_pipeline_is_seen_to_end_and_its_bytes_are_kept(name: str) -> None:
    ended = set()
    for packet in PacketReader().feed(server_lines(name)):
        found = list(fragments.walk(packet.data))
        assert b"".join(fragments.cut(packet.data, found)) == packet.data
        if any(fragments.ends_pipeline(packet.data, fragment) for fragment in found):
            ended.add(packet.guid)
    asked = [line for direction, line in CONVERSATIONS[name] if direction == ">" and line.startswith("<Command ")]
    assert len(ended) == len(asked)
