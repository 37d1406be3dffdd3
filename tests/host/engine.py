"""A small real engine for the tests of the host: PSRP on stdin and stdout by psrpcore's server side.

Its "scripts" are words: ``count A B [PAUSE]`` writes "line A" … "line B"; ``echo TEXT``; ``big BYTES``; ``fail``;
``block`` waits to be stopped; ``input`` counts its input; ``where`` writes its current directory; ``ask`` makes a
host call and writes the answer; ``flood COUNT SIZE`` writes COUNT strings of SIZE as fast as a pipe takes them;
``die STATUS TEXT`` writes TEXT to stderr and ends the process; ``child`` starts ``sleep`` and
writes its pid; ``clock COUNT PAUSE`` writes the time; ``note PATH COUNT PAUSE`` counts, and notes each number in a
file once it is written.
"""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
import threading
import time
import uuid
from typing import Any

import psrpcore
from psrpcore._payload import create_fragment, create_message
from psrpcore.types import HostMethodIdentifier, NETException

POOL = uuid.UUID(int=0)
ELEMENT = re.compile(r"<(\w+)(?: Stream='(\w+)')? PSGuid='([0-9a-f-]+)'\s*(?:/>|>(.*)</\w+>)")


class Engine:
    def __init__(self) -> None:
        self.pool = psrpcore.ServerRunspacePool()
        self.lock = threading.RLock()
        self.stops: dict[uuid.UUID, threading.Event] = {}
        self.answers: dict[int, Any] = {}
        self.answered = threading.Condition(self.lock)

    def say(self, text: str) -> None:
        sys.stdout.write(text + "\n")

    def flush(self) -> None:
        while (payload := self.pool.data_to_send(32768)) is not None:
            data = base64.b64encode(payload.data).decode()
            self.say(f"<Data Stream='Default' PSGuid='{payload.pipeline_id or POOL}'>{data}</Data>")
        sys.stdout.flush()

    def serve(self) -> None:
        for line in sys.stdin:
            match = ELEMENT.fullmatch(line.strip())
            assert match, line
            kind, _, guid, text = match.groups()
            with self.lock:
                self.handle(kind, uuid.UUID(guid), base64.b64decode(text or ""))
                self.flush()
            if kind == "Close" and uuid.UUID(guid) == POOL:
                return

    def handle(self, kind: str, guid: uuid.UUID, data: bytes) -> None:
        if kind == "Command":
            psrpcore.ServerPipeline(self.pool, guid)
            self.stops[guid] = threading.Event()
            self.say(f"<CommandAck PSGuid='{guid}' />")
        elif kind in ("Signal", "Close"):
            if guid in self.stops:
                self.stops[guid].set()
            self.say(f"<{kind}Ack PSGuid='{guid}' />")
        elif kind == "Data":
            stream = psrpcore.StreamType.default
            self.pool.receive_data(psrpcore.PSRPPayload(data, stream, None if guid == POOL else guid))
            while event := self.pool.next_event():
                self.on_event(event)
            self.flush()
            self.say(f"<DataAck PSGuid='{guid}' />")

    def on_event(self, event: Any) -> None:
        if isinstance(event, psrpcore.CreatePipelineEvent):
            pipeline = self.pool.pipeline_table[event.pipeline_id]
            pipeline.start()
            script = event.pipeline.commands[0].command_text
            threading.Thread(target=self.run, args=(pipeline, script), daemon=True).start()
        elif isinstance(event, psrpcore.PipelineInputEvent):
            inputs.append(event.data)
        elif isinstance(event, psrpcore.EndOfPipelineInputEvent):
            input_ended.set()
        elif isinstance(event, psrpcore.PipelineHostResponseEvent):
            self.answers[event.ci] = event.result
            self.answered.notify_all()
        elif isinstance(event, psrpcore.GetAvailableRunspacesEvent):
            self.pool.runspace_availability_response(event.ci, 1)

    def run(self, pipeline: psrpcore.ServerPipeline, script: str) -> None:
        stop = self.stops[pipeline.pipeline_id]
        for statement in script.split(";"):
            if not stop.is_set():
                self.do(pipeline, stop, statement.split())
        with self.lock:
            if stop.is_set():
                pipeline.stop()
            elif pipeline.state == psrpcore.types.PSInvocationState.Running:
                pipeline.complete()
            pipeline.close()
            self.flush()

    def do(self, pipeline: psrpcore.ServerPipeline, stop: threading.Event, words: list[str]) -> None:
        verb, rest = words[0], words[1:]
        if verb == "count":
            for number in range(int(rest[0]), int(rest[1]) + 1):
                self.write(pipeline, f"line {number}")
                if len(rest) > 2 and stop.wait(float(rest[2])):
                    return
        elif verb == "echo":
            self.write(pipeline, " ".join(rest))
        elif verb == "big":
            self.write(pipeline, "x" * int(rest[0]))
        elif verb == "fail":
            with self.lock:
                pipeline.write_error(NETException("it failed"))
                self.flush()
        elif verb == "block":
            stop.wait(60)
        elif verb == "input":
            input_ended.wait(10)
            self.write(pipeline, len(inputs))
        elif verb == "where":
            self.write(pipeline, os.getcwd())
        elif verb == "ask":
            with self.lock:
                call = pipeline.host_call(HostMethodIdentifier.ReadLine)
                self.flush()
                self.answered.wait_for(lambda: call in self.answers, 10)
                answer = self.answers[call]
            self.write(pipeline, answer)
        elif verb == "die":
            sys.stderr.write(" ".join(rest[1:]) + "\n")
            sys.stderr.flush()
            os._exit(int(rest[0]))
        elif verb == "clock":
            for _ in range(int(rest[0])):
                self.write(pipeline, str(time.time()))
                stop.wait(float(rest[1]))
        elif verb == "note":
            with open(rest[0], "a", encoding="ascii") as notes:
                for number in range(1, int(rest[1]) + 1):
                    self.write(pipeline, f"line {number}")
                    print(number, file=notes, flush=True)
                    stop.wait(float(rest[2]))
        elif verb == "flood":
            self.flood(pipeline, int(rest[0]), int(rest[1]))
        elif verb == "child":
            self.write(pipeline, subprocess.Popen(["sleep", "300"], stdout=subprocess.DEVNULL).pid)
        else:
            raise AssertionError(verb)

    def flood(self, pipeline: psrpcore.ServerPipeline, count: int, size: int) -> None:
        text = b"x" * size
        with self.lock:
            for first in range(0, count, 100):
                elements = []
                for number in range(first, min(first + 100, count)):
                    blob = create_message(
                        False,
                        psrpcore.types.PSRPMessageType.PipelineOutput,
                        b"<S>%d %s</S>" % (number, text),
                        self.pool.runspace_pool_id,
                        pipeline.pipeline_id,
                    )
                    data = base64.b64encode(create_fragment(self.pool._fragment_counter, 0, blob)).decode()
                    elements.append(f"<Data Stream='Default' PSGuid='{pipeline.pipeline_id}'>{data}</Data>\n")
                sys.stdout.write("".join(elements))

    def write(self, pipeline: psrpcore.ServerPipeline, value: Any) -> None:
        with self.lock:
            pipeline.write_output(value)
            self.flush()


inputs: list[Any] = []
input_ended = threading.Event()

if __name__ == "__main__":
    Engine().serve()
