"""The recorded conversations with real pwsh 7.6.5, and what is in them: the scripts, and what each gave."""

from __future__ import annotations

import gzip
import json
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jobmagics import clixml
from jobmagics.host import fragments
from jobmagics.host.outofproc import parse_line
from jobmagics.remote.fragments import Defragmenter, Kind
from jobmagics.remote.messages import pipeline_end

RECORDS = Path(__file__).parent.parent / "data" / "outofproc.jsonl.gz"

with gzip.open(RECORDS, "rt", encoding="utf-8") as file:
    CONVERSATIONS: dict[str, list[tuple[str, str]]] = {
        record["name"]: [(way, text) for way, text in record["lines"]] for record in map(json.loads, file)
    }


@dataclass
class Step:
    """One pipeline: its script, the values it gave and the state it ended in."""

    script: str
    output: list[Any] = field(default_factory=list)
    state: int = 0


def steps(name: str) -> list[Step]:
    """The pipelines of a conversation."""
    found: dict[str, Step] = {}
    readers: dict[str, Defragmenter] = {}
    for direction, line in CONVERSATIONS[name]:
        packet = parse_line(line.encode())
        for message in readers.setdefault(direction + packet.guid, Defragmenter()).feed(packet.data):
            text = message.data.decode()
            if message.kind == 0x00021006:
                scripts = [node.text or "" for node in ET.fromstring(text).iter("S") if node.get("N") == "Cmd"]
                found[packet.guid] = Step(_unescaped(scripts[0]))
            elif message.kind == Kind.OUTPUT:
                found[packet.guid].output.append(clixml.decode(text) if text else None)
            elif message.kind == Kind.PIPELINE_STATE and pipeline_end(message.data):
                found[packet.guid].state = fragments.state_in(message.data, b"PipelineState") or 0
    return list(found.values())


def _unescaped(text: str) -> str:
    value = clixml.decode(f"<S>{text.replace('&', '&amp;').replace('<', '&lt;')}</S>")
    assert isinstance(value, str)
    return value
