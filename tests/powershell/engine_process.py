"""The engine as its clients meet it: a real process, spoken to over its pipes; psrpcore builds what a client sends."""

from __future__ import annotations

import base64
import contextlib
import errno
import gzip
import json
import queue
import re
import struct
import subprocess
import sys
import threading
import time
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psrpcore
from psrpcore.types import RunspacePoolState

from jobmagics.clixml import decode

COMMAND = [sys.executable, "-m", "jobmagics.powershell", "-s"]
NO_GUID = "00000000-0000-0000-0000-000000000000"
SECONDS = 15.0

OUTPUT, ERROR, STATE, DEBUG, VERBOSE, WARNING, PROGRESS, INFORMATION, HOST_CALL = (
    0x41004, 0x41005, 0x41006, 0x41007, 0x41008, 0x41009, 0x41010, 0x41011, 0x41100,
)  # fmt: skip
COMPLETED, FAILED, STOPPED = 4, 5, 3

_ELEMENT = re.compile(r"<(\w+)(?: Stream='\w+')? PSGuid='([^']+)'\s*/?>([^<]*)")


@dataclass
class Reader:
    """Elements to what they carry: (tag, guid, None) or (message type, guid, xml)."""

    open: dict[int, bytes] = field(default_factory=dict)

    def read(self, line: str) -> list[tuple[str | int, str, str | None]]:
        found = _ELEMENT.match(line)
        assert found is not None, line[:200]
        tag, guid, text = found.groups()
        if tag != "Data":
            return [(tag, guid, None)]
        data, done = base64.b64decode(text), []
        while data:
            object_id, _, flags, length = struct.unpack(">QQBI", data[:21])
            whole = self.open.pop(object_id, b"") + data[21 : 21 + length]
            data = data[21 + length :]
            if flags & 2:
                done.append((struct.unpack("<I", whole[4:8])[0], guid, whole[40:].decode("utf-8-sig")))
            else:
                self.open[object_id] = whole
        return done  # type: ignore[return-value]


def _started(command: Sequence[str], cwd: Path | None) -> subprocess.Popen[bytes]:
    """The process. One exec in ten thousand was refused as EFAULT on a busy virtual machine: it is tried again."""
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, cwd=cwd)
    except OSError as error:
        if error.errno != errno.EFAULT:
            raise
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, cwd=cwd)


class Process:
    """The engine's process and its lines."""

    def __init__(self, *arguments: str, cwd: Path | None = None, command: Sequence[str] = COMMAND) -> None:
        self.process = _started([*command, *arguments], cwd)
        self.lines: queue.Queue[str | None] = queue.Queue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        self.reader = Reader()
        self._ready: list[tuple[str | int, str, str | None]] = []

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line.decode())
        self.lines.put(None)

    def send(self, *lines: str | bytes) -> None:
        assert self.process.stdin is not None
        for line in lines:
            self.process.stdin.write((line.encode() if isinstance(line, str) else line) + b"\n")
        self.process.stdin.flush()

    def next(self, timeout: float = SECONDS) -> tuple[str | int, str, str | None]:
        deadline = time.monotonic() + timeout
        while not self._ready:
            line = self.lines.get(timeout=max(0.01, deadline - time.monotonic()))
            if line is None:
                raise EOFError("the engine closed its output")
            self._ready += self.reader.read(line)
        return self._ready.pop(0)

    def wait_for(self, kind: str | int, timeout: float = SECONDS) -> tuple[str, str | None]:
        """The next thing of this kind; everything before it is dropped."""
        while True:
            found, guid, body = self.next(timeout)
            if found == kind:
                return guid, body

    def end(self) -> tuple[int, str]:
        """Close stdin; exit code and standard error."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        code = self.process.wait(SECONDS)
        return code, self.errors()

    def errors(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read().decode()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(SECONDS)
        self._thread.join(SECONDS)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


@dataclass
class Outcome:
    """What a pipeline gave."""

    state: int = 0
    output: list[Any] = field(default_factory=list)
    messages: list[tuple[int, Any]] = field(default_factory=list)  # all but output: type and decoded body
    reason: Any = None

    def of(self, kind: int) -> list[Any]:
        return [body for found, body in self.messages if found == kind]


class Engine:
    """A client with an open pool."""

    def __init__(
        self, *, host: Any = None, cwd: Path | None = None, maximum: int = 1, command: Sequence[str] = COMMAND
    ) -> None:
        self.process = Process(cwd=cwd, command=command)
        self.pool = psrpcore.ClientRunspacePool(host=host, max_runspaces=maximum)
        self.started = time.monotonic()
        self.pool.open()
        self.flush()
        while self.pool.state != RunspacePoolState.Opened:
            self._take()
        self.opened_after = time.monotonic() - self.started
        while self._take()[0] != "DataAck":
            pass

    def _take(self) -> tuple[str | int, str, str | None]:
        """One element; what belongs to the pool goes to psrpcore."""
        line = self.process.lines.get(timeout=SECONDS)
        assert line is not None, self.process.errors()
        found = _ELEMENT.match(line)
        assert found is not None
        if found[1] == "Data" and found[2] == NO_GUID:
            self.pool.receive_data(psrpcore.PSRPPayload(base64.b64decode(found[3]), psrpcore.StreamType.default, None))
            while self.pool.next_event() is not None:
                pass
        return (found[1], found[2], found[3])

    def flush(self) -> None:
        while (payload := self.pool.data_to_send()) is not None:
            prompt = payload.stream_type == psrpcore.StreamType.prompt_response
            guid = NO_GUID if payload.pipeline_id is None else str(payload.pipeline_id)
            text = base64.b64encode(payload.data).decode()
            self.process.send(
                f"<Data Stream='{'PromptResponse' if prompt else 'Default'}' PSGuid='{guid}'>{text}</Data>"
            )

    def begin(self, *scripts: str, pipeline: Any = None, host: Any = None) -> Any:
        """Send a pipeline; returns psrpcore's object for it."""
        if pipeline is None:
            pipeline = psrpcore.ClientPowerShell(self.pool, host=host)
            for script in scripts:
                pipeline.add_script(script).add_statement()
        pipeline.start()
        self.process.send(f"<Command PSGuid='{pipeline.pipeline_id}' />")
        self.process.wait_for("CommandAck")
        self.flush()
        return pipeline

    def messages(self, pipeline: Any) -> Iterator[tuple[int, Any]]:
        """Messages of a pipeline as they come, decoded; ends after its final state."""
        guid = str(pipeline.pipeline_id)
        while True:
            kind, found, body = self.process.next()
            if found != guid or not isinstance(kind, int):
                continue
            value = decode(body or "")
            yield kind, value
            if kind == STATE and value.PipelineState in (COMPLETED, FAILED, STOPPED):
                return

    def outcome(self, pipeline: Any) -> Outcome:
        result = Outcome()
        for kind, value in self.messages(pipeline):
            if kind == OUTPUT:
                result.output.append(value)
            elif kind == STATE:
                result.state = value.PipelineState
                result.reason = value.to_dict().get("ExceptionAsErrorRecord")
            else:
                result.messages.append((kind, value))
        return result

    def run(self, *scripts: str, pipeline: Any = None, host: Any = None) -> Outcome:
        return self.outcome(self.begin(*scripts, pipeline=pipeline, host=host))

    def signal(self, pipeline: Any) -> None:
        self.process.send(f"<Signal PSGuid='{pipeline.pipeline_id}' />")

    def respond(self, call_id: int, method: tuple[str, int], xml: str, pipeline: Any) -> None:
        """Answer a host call; ``xml`` is the returned value with the name mr."""
        name, number = method
        body = (
            f'<Obj RefId="0"><MS><I64 N="ci">{call_id}</I64><Obj RefId="1" N="mi"><TN RefId="0"><T>System.Management.'
            "Automation.Remoting.RemoteHostMethodId</T><T>System.Enum</T><T>System.ValueType</T><T>System.Object</T></TN>"
            f"<ToString>{name}</ToString><I32>{number}</I32></Obj>{xml}</MS></Obj>"
        )
        self.process.send(
            data_element(NO_GUID, 0x41101, body, self.pool.runspace_pool_id, pipeline.pipeline_id, 10_000)
        )

    def close(self) -> None:
        self.process.kill()


def data_element(guid: str, kind: int, body: str, pool: uuid.UUID, pipeline: uuid.UUID, object_id: int) -> str:
    """One message in one fragment."""
    message = struct.pack("<II", 2, kind) + pool.bytes_le + pipeline.bytes_le + body.encode()
    fragment = struct.pack(">QQBI", object_id, 0, 3, len(message)) + message
    return f"<Data Stream='Default' PSGuid='{guid}'>{base64.b64encode(fragment).decode()}</Data>"


def recorded_exchanges() -> dict[str, list[tuple[str, str]]]:
    """The conversations with real PowerShell: name -> [(direction, line)]."""
    data = gzip.decompress((Path(__file__).parent.parent / "data" / "outofproc.jsonl.gz").read_bytes())
    exchanges = {}
    for line in data.decode().split("\n"):
        if line:
            record = json.loads(line)
            exchanges[record["name"]] = [(direction, text) for direction, text in record["lines"]]
    return exchanges


def numbered(text: str) -> str:
    """CLIXML with RefIds counted in document order."""
    if not text:
        return ""
    root = ET.fromstring(text)
    for kinds in (("Obj", "Ref"), ("TN", "TNRef")):
        seen: dict[str, int] = {}
        for node in root.iter():
            if node.tag in kinds and "RefId" in node.attrib:
                node.set("RefId", str(seen.setdefault(node.get("RefId", ""), len(seen))))
    return ET.tostring(root, encoding="unicode")


def replay(
    lines: Iterable[tuple[str, str]], timeout: float = 6.0, command: Sequence[str] = COMMAND
) -> tuple[list[Any], list[Any]]:
    """Say what the recorded client said, each line when the engine has said as much as PowerShell had by then.

    Returns what PowerShell said and what the engine said.
    """
    engine = Process(command=command)
    theirs, ours = Reader(), Reader()
    wanted: list[Any] = []
    got: list[Any] = []
    try:
        for direction, line in lines:
            if direction == ">":
                engine.send(line.rstrip("\n"))
                continue
            wanted += theirs.read(line)
            while len(got) < len(wanted):
                text = engine.lines.get(timeout=timeout)
                if text is None:
                    return wanted, got
                got += ours.read(text)
    except queue.Empty:
        pass
    finally:
        engine.kill()
    return wanted, got
