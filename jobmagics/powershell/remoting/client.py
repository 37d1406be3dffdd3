"""A runspace pool of one runspace in another engine's process, spoken to over its pipes as any PSRP client would.

A thread reads and gives each message to the pipeline it is for, whose own thread follows it. The end of the process's
output ends everything: as Closed when this side asked for it, otherwise as Broken. The end of its input ends the
process, so that none outlives this one, however it ends.
"""

from __future__ import annotations

import contextlib
import itertools
import queue
import subprocess
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ... import clixml
from ...psobject import PSObject
from ..server import wire
from ..server.session_key import ClientKey
from . import requests
from .requests import Script

END_SECONDS = 5.0  # what a process gets to end, or to stop a pipeline, before it is killed
KEY_SECONDS = 10.0
LOOK_SECONDS = 0.05
STDERR_LINES = 20
STDERR_SECONDS = 1.0  # what the end of standard error may come later than that of the output
_OPENED, _CLOSED, _BROKEN = 2, 3, 5  # RunspacePoolState
_STATES = {3: "Stopped", 4: "Completed", 5: "Failed"}

Sink = Callable[[int, str], None]  # message type, its body
Encoded = TypeVar("Encoded")


@dataclass(frozen=True)
class Outcome:
    """How a pipeline ended: Completed, Stopped, Failed with the error record as it came, or Broken off."""

    state: str
    record: Any = None


class Connection:
    """``state``: Opening, Opened, Closed or Broken; ``ended`` is called when it is one of the last two.

    Raises OSError when the program cannot be started.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        directory: str | None = None,
        host: Any = None,
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        self.pool = uuid.uuid4()
        self.state = "Opening"
        self.private_data: Any = None
        self.words: deque[str] = deque(maxlen=STDERR_LINES)  # what the program said on standard error
        self._host = host
        self._ended = ended
        self._closing = False
        self._settled = threading.Event()  # opened, or never to be
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._incoming = wire.Defragmenter()
        self._pipelines: dict[uuid.UUID, RemotePipeline] = {}
        self._key: ClientKey | None = None
        self.process = subprocess.Popen(
            command, cwd=directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self._listener = threading.Thread(target=self._listen, name="engine's errors", daemon=True)
        self._listener.start()
        self._reader = threading.Thread(target=self._read, name="engine's output", daemon=True)
        self._reader.start()
        self._message(wire.SESSION_CAPABILITY, requests.capability())
        self._message(wire.INIT_RUNSPACEPOOL, requests.init_pool(requests.host_info(host)))

    # -- opening and closing
    def wait_open(self, timeout: float | None = None, look: Callable[[], None] = lambda: None) -> bool:
        """False when it did not open in time, or ended. ``look`` is called all the while; what it raises ends this."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self._settled.wait(LOOK_SECONDS):
            look()
            if deadline is not None and time.monotonic() >= deadline:
                return False
        return self.state == "Opened"

    def close(self, *, wait: bool = False) -> None:
        """Stops what runs and ends the process; returns at once, or when it has ended."""
        with self._lock:
            if self._closing:
                return
            self._closing = True
        self._send(wire.short_element("Close", wire.NO_GUID))
        self._settle("Closed")
        ending = threading.Thread(target=self._end, name="engine's end", daemon=True)
        ending.start()
        if wait:
            ending.join()

    def _end(self) -> None:
        with contextlib.suppress(OSError):
            assert self.process.stdin is not None
            self.process.stdin.close()
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join()
        self._listener.join(STDERR_SECONDS)
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()

    def _settle(self, state: str) -> None:
        """The state after which no other comes."""
        with self._lock:
            if self.state in ("Closed", "Broken"):
                return
            self.state = "Closed" if self._closing else state  # the other side may answer before ``close`` goes on
            pipelines = list(self._pipelines.values())
        self._settled.set()
        for pipeline in pipelines:
            pipeline.messages.put(None)
        self._ended()

    # -- to the other side
    def _send(self, data: bytes) -> None:
        assert self.process.stdin is not None
        try:
            with self._lock:
                self.process.stdin.write(data)
                self.process.stdin.flush()
        except (OSError, ValueError):
            pass  # the process has ended, and its output's end says so

    def _message(self, kind: int, body: str, pipeline: uuid.UUID = wire.NO_GUID) -> None:
        data = wire.message_bytes(kind, self.pool, pipeline, body, wire.TO_SERVER)
        for fragment in wire.fragments(next(self._numbers), data):
            self._send(wire.data_element(pipeline, fragment))

    def start(self, script: Script) -> RemotePipeline:
        """Begins to run a script; whoever asked follows it. Raises CLIXMLError for a value that cannot be sent."""
        info = requests.host_info(self._host, of_pipeline=True)
        body = self._encoded(lambda: requests.create_pipeline(script, info, self._cipher))
        values = self._encoded(lambda: [clixml.encode(value, cipher=self._cipher) for value in script.input or ()])
        pipeline = RemotePipeline(self)
        with self._lock:
            self._pipelines[pipeline.id] = pipeline
            if self.state in ("Closed", "Broken"):
                pipeline.messages.put(None)
        self._send(wire.short_element("Command", pipeline.id))
        self._message(wire.CREATE_PIPELINE, body, pipeline.id)
        if script.input is not None:
            for value in values:
                self._message(wire.PIPELINE_INPUT, value, pipeline.id)
            self._message(wire.END_OF_PIPELINE_INPUT, "", pipeline.id)
        return pipeline

    @property
    def _cipher(self) -> ClientKey | None:
        return self._key if self._key is not None and self._key.exchanged else None

    def _encoded(self, encode: Callable[[], Encoded]) -> Encoded:
        try:
            return encode()
        except clixml.NoSessionKey:
            if self._exchange_key().came.wait(KEY_SECONDS):
                return encode()
            raise clixml.CLIXMLError("the other side did not answer with a key for secure strings") from None

    def _exchange_key(self) -> ClientKey:
        key = self._key
        if key is None:
            key = self._key = ClientKey()
            self._message(wire.PUBLIC_KEY, key.request())
        return key

    def forget(self, pipeline: RemotePipeline) -> None:
        with self._lock:
            self._pipelines.pop(pipeline.id, None)

    def signal(self, pipeline: RemotePipeline) -> None:
        self._send(wire.short_element("Signal", pipeline.id))

    def answer(self, pipeline: RemotePipeline, call_id: int, method: PSObject, value: Any, error: Any = None) -> None:
        body = self._encoded(lambda: requests.host_answer(call_id, method, value, error, self._cipher))
        self._message(wire.PIPELINE_HOST_RESPONSE, body, pipeline.id)

    def decode(self, body: str, *, deserialized: bool = True, lists: type[list[Any]] | None = None) -> Any:
        """The value of a message's body."""
        return clixml.decode(body, cipher=self._cipher, deserialized=deserialized, lists=lists, units=True)

    # -- from the other side
    def _read(self) -> None:
        assert self.process.stdout is not None
        try:
            for line in self.process.stdout:
                if line.strip():
                    element = wire.parse_element(line)
                    if element.tag == "Data":
                        for message in self._incoming.feed(element.data):
                            self._dispatch(message)
        except (wire.WireError, clixml.CLIXMLError, ValueError, OSError):
            self.process.kill()
        if not self._closing:
            self._listener.join(STDERR_SECONDS)  # a program that fails says why there
        self._settle("Broken")

    def _dispatch(self, message: wire.Message) -> None:
        if message.pipeline != wire.NO_GUID:
            with self._lock:
                pipeline = self._pipelines.get(message.pipeline)
            if pipeline is not None:
                pipeline.messages.put(message)
        elif message.kind == wire.RUNSPACEPOOL_STATE:
            state = self.decode(message.body)["RunspaceState"]
            if state == _OPENED and self.state == "Opening":
                self.state = "Opened"
                self._settled.set()
            elif state in (_CLOSED, _BROKEN):
                self._settle("Broken")
        elif message.kind == wire.APPLICATION_PRIVATE_DATA:
            self.private_data = self.decode(message.body)["ApplicationPrivateData"]
        elif message.kind == wire.PUBLIC_KEY_REQUEST:
            self._exchange_key()
        elif message.kind == wire.ENCRYPTED_SESSION_KEY and self._key is not None:
            self._key.accept(str(self.decode(message.body)["EncryptedSessionKey"]))

    def _listen(self) -> None:
        assert self.process.stderr is not None
        with contextlib.suppress(OSError, ValueError):
            for line in self.process.stderr:
                if line.strip():
                    self.words.append(line.decode("utf-8", "replace").rstrip())


class RemotePipeline:
    """A script that runs on the other side."""

    def __init__(self, connection: Connection) -> None:
        self.id = uuid.uuid4()
        self.connection = connection
        self.messages: queue.SimpleQueue[wire.Message | None] = queue.SimpleQueue()
        self._over = threading.Event()

    def follow(self, sink: Sink) -> Outcome:
        """Until it ends; what it gives goes to the sink, in the thread that calls this."""
        try:
            while (message := self.messages.get()) is not None:
                if message.kind != wire.PIPELINE_STATE:
                    sink(message.kind, message.body)
                    continue
                body = self.connection.decode(message.body)
                state = _STATES.get(int(body["PipelineState"]))
                if state is not None:
                    return Outcome(state, body["ExceptionAsErrorRecord"] if state == "Failed" else None)
        finally:
            self._over.set()
            self.connection.forget(self)
        return Outcome("Stopped" if self.connection.state == "Closed" else "Broken")

    def stop(self, *, kill_after: float | None = None) -> None:
        """Begins to stop it; ``kill_after`` so many seconds a process that does not hear is killed."""
        self.connection.signal(self)
        if kill_after is not None:
            timer = threading.Timer(kill_after, self._kill)
            timer.daemon = True
            timer.start()

    def _kill(self) -> None:
        if not self._over.is_set():
            self.connection.process.kill()
