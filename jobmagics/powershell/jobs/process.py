"""A background job's process: the engine itself as a child, spoken to over its pipes as any PSRP client would.

One runspace pool, a few pipelines one after the other (location and initialization, then the job's script). A thread
reads; what it reads goes to the sink it was given. The end of the child's stdin ends the child.
"""

from __future__ import annotations

import contextlib
import itertools
import queue
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from ... import clixml
from ...psobject import PSObject, Version
from ..server import wire

PACKAGE_PARENT = Path(__file__).resolve().parents[3]
STOP_SECONDS = 5.0
_NO_TYPE: list[str] = []
_STOPPED, _COMPLETED, _FAILED = 3, 4, 5
_STATES = {_STOPPED: "Stopped", _COMPLETED: "Completed", _FAILED: "Failed"}

Sink = Callable[[int, Any], None]  # message type, the decoded body


def _bag(**members: Any) -> PSObject:
    return PSObject(members, type_names=_NO_TYPE)


class ChildEngine:
    def __init__(self, directory: str) -> None:
        # started elsewhere, so that modules in the job's directory cannot stand before Python's own
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jobmagics.powershell", "-s", "-WorkingDirectory", directory],
            cwd=PACKAGE_PARENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.pool = uuid.uuid4()
        self.runspace_id = uuid.uuid4()
        self._numbers = itertools.count(1)
        self._write_lock = threading.Lock()
        self._incoming = wire.Defragmenter()
        self._messages: queue.SimpleQueue[wire.Message | None] = queue.SimpleQueue()
        self._pipeline: uuid.UUID | None = None
        self._stopping = False
        self._reader = threading.Thread(target=self._read, name="job's output", daemon=True)
        self._reader.start()
        self._open()

    # -- to the child
    def _send(self, data: bytes) -> None:
        stdin = self.process.stdin
        assert stdin is not None
        try:
            with self._write_lock:
                stdin.write(data)
                stdin.flush()
        except (OSError, ValueError):
            self._messages.put(None)

    def _message(self, kind: int, body: str, pipeline: uuid.UUID = wire.NO_GUID) -> None:
        data = wire.message_bytes(kind, self.pool, pipeline, body, wire.TO_SERVER)
        for fragment in wire.fragments(next(self._numbers), data):
            self._send(wire.data_element(pipeline, fragment))

    def _open(self) -> None:
        versions = _bag(
            protocolversion=Version((2, 3)), PSVersion=Version((2, 0)), SerializationVersion=Version((1, 1, 0, 1))
        )
        self._message(wire.SESSION_CAPABILITY, clixml.encode_member(versions))
        self._message(wire.INIT_RUNSPACEPOOL, clixml.encode_member(_bag(MinRunspaces=1, MaxRunspaces=1)))

    def run(
        self,
        script: str,
        sink: Sink,
        *,
        arguments: Sequence[Any] = (),
        using: dict[str, Any] | None = None,
        input: Iterable[Any] | None = None,
    ) -> tuple[str, Any]:
        """Runs a script to its end. Returns the state and, of a failed one, the error record as it came."""
        if self._stopping:
            return "Stopped", None
        pipeline = uuid.uuid4()
        self._send(wire.short_element("Command", pipeline))
        parameters = [_bag(N=None, V=value) for value in arguments]
        if using:
            parameters.append(_bag(N="--%", V=using))
        command = _bag(Cmd=script, IsScript=True, UseLocalScope=None, Args=parameters)
        shell = _bag(Cmds=[command], RedirectShellErrorOutputPipe=True, IsNested=False)
        body = _bag(NoInput=input is None, AddToHistory=False, IsNested=False, RemoteStreamOptions=0, PowerShell=shell)
        self._message(wire.CREATE_PIPELINE, clixml.encode_member(body), pipeline)
        self._pipeline = pipeline  # from now on a stop finds something to stop
        if self._stopping:
            self._signal()
        if input is not None:
            for value in input:
                self._message(wire.PIPELINE_INPUT, clixml.encode(value), pipeline)
            self._message(wire.END_OF_PIPELINE_INPUT, "", pipeline)
        return self._follow(sink)

    def _follow(self, sink: Sink) -> tuple[str, Any]:
        while (message := self._messages.get()) is not None:
            if message.pipeline != self._pipeline:
                continue
            if message.kind == wire.PIPELINE_STATE:
                body = clixml.decode(message.body, deserialized=True, units=True)
                state = _STATES.get(int(body["PipelineState"]))
                if state is not None:
                    return state, body["ExceptionAsErrorRecord"] if state == "Failed" else None
            else:
                sink(message.kind, message.body)
        return ("Stopped", None) if self._stopping else ("Failed", None)

    def stop(self) -> None:
        """Begins to stop what runs; a child that does not hear is ended after STOP_SECONDS."""
        self._stopping = True
        self._signal()
        timer = threading.Timer(STOP_SECONDS, self.process.kill)
        timer.daemon = True
        timer.start()

    def _signal(self) -> None:
        if self._pipeline is not None:
            self._send(wire.short_element("Signal", self._pipeline))

    def close(self) -> None:
        stdin = self.process.stdin
        assert stdin is not None
        with contextlib.suppress(OSError):
            stdin.close()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()

    # -- from the child
    def _read(self) -> None:
        stdout = self.process.stdout
        assert stdout is not None
        try:
            for line in stdout:
                if line.strip():
                    element = wire.parse_element(line)
                    if element.tag == "Data":
                        for message in self._incoming.feed(element.data):
                            self._messages.put(message)
        except (wire.WireError, ValueError, OSError):
            self.process.kill()
        self._messages.put(None)
