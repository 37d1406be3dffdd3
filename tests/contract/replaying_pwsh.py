"""A program that says what real pwsh 7.6.5 said: ``replaying_pwsh.py NAME`` plays its side of a recorded conversation;
``replaying_pwsh.py NAME FIRST`` plays the first pipeline of another one before, ``@FILE`` reads the names from a file.

It waits for as many whole messages as the recorded client had sent by then, whatever is in them, and gives the ids of
this client's pool and pipelines the places of the recorded ones.
"""

from __future__ import annotations

import sys
from collections import deque
from pathlib import Path
from uuid import UUID

from conversations import CONVERSATIONS

from jobmagics.host import fragments
from jobmagics.host.outofproc import POOL, Packet, data_packet, parse_line


class Player:
    def __init__(self, name: str, first: str = "") -> None:
        self.lines = CONVERSATIONS[name]
        self.pools = [pool_of(self.lines[0][1].encode())]
        if first:
            opening, conversation = begin_of_pipeline(self.lines, 0), CONVERSATIONS[first]
            start = begin_of_pipeline(conversation, 0)
            pipeline = conversation[start : begin_of_pipeline(conversation, start + 1)]
            self.lines = [*self.lines[:opening], *pipeline, *self.lines[opening:]]
            self.pools.append(pool_of(conversation[0][1].encode()))
        self.messages = 0
        self.events: deque[Packet] = deque()
        self.ids: dict[bytes, bytes] = {}

    def play(self) -> None:
        for at, (direction, text) in enumerate(self.lines):
            if direction == "<":
                self.say(text)
                continue
            recorded = parse_line(text.encode())
            while not self.has(recorded):
                line = sys.stdin.buffer.readline()
                if not line:
                    return
                self.hear(parse_line(line))
                if self.events and self.events[-1].kind == "Close" and recorded.kind != "Close":
                    self.end(at)
                    return

    def has(self, recorded: Packet) -> bool:
        """Whether the client has said what the recorded one said here; then it is used up."""
        if recorded.kind == "Data":
            wanted = whole_messages(recorded.data)
            if self.messages < wanted:
                return False
            self.messages -= wanted
            return True
        if not self.events:
            return False
        self.learn(recorded.guid, self.events.popleft().guid)
        return True

    def hear(self, packet: Packet) -> None:
        if packet.kind == "Data":
            for pool in self.pools:
                self.learn(pool, pool_of_data(packet.data))
            self.pools = []
            self.messages += whole_messages(packet.data)
        elif packet.kind == "Close" and packet.guid != POOL:  # a pipeline that has ended is forgotten
            print(f"<CloseAck PSGuid='{packet.guid}' />", flush=True)
        else:
            self.events.append(packet)

    def learn(self, recorded: str, actual: str) -> None:
        self.ids[UUID(recorded).bytes_le] = UUID(actual).bytes_le

    def say(self, text: str) -> None:
        packet = parse_line(text.encode())
        guid = UUID(bytes_le=self.ids.get(UUID(packet.guid).bytes_le, UUID(packet.guid).bytes_le))
        data = packet.data
        for recorded, actual in self.ids.items():
            data = data.replace(recorded, actual)
        if packet.kind == "Data":
            print(data_packet(str(guid), data, packet.stream).decode().strip(), flush=True)
        else:
            print(f"<{packet.kind} PSGuid='{guid}' />", flush=True)

    def end(self, at: int) -> None:
        """The client closes the pool earlier than the recorded one did."""
        rest = self.lines[at:]
        closing = next(n for n, (way, text) in enumerate(rest) if way == ">" and text.startswith("<Close"))
        for direction, text in rest[closing:]:
            if direction == "<":
                self.say(text)


def begin_of_pipeline(lines: list[tuple[str, str]], at: int) -> int:
    """Where the next pipeline begins; without one, where the client closes the pool."""
    return next(
        n for n in range(at, len(lines)) if lines[n][0] == ">" and lines[n][1].startswith(("<Command", "<Close"))
    )


def whole_messages(data: bytes) -> int:
    return sum(fragment.is_last for fragment in fragments.walk(data))


def pool_of(line: bytes) -> str:
    return pool_of_data(parse_line(line).data)


def pool_of_data(data: bytes) -> str:
    first = next(fragments.walk(data))
    return str(UUID(bytes_le=data[first.start + fragments.HEADER.size + 8 :][:16]))


if __name__ == "__main__":
    names = sys.argv[1:]
    if names[0].startswith("@"):
        names = Path(names[0][1:]).read_text(encoding="utf-8").split()
    Player(*names).play()
