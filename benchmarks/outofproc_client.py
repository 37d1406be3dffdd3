"""A small client of the out-of-process protocol on psrpcore: opens a pool and runs scripts, no more."""

from __future__ import annotations

import base64
import subprocess
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Callable
from types import ModuleType
from typing import Any

ZERO = uuid.UUID(int=0)


class Client:
    def __init__(self, command: list[str], psrpcore: ModuleType) -> None:
        self.psrpcore = psrpcore
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.pool = psrpcore.ClientRunspacePool()

    def __enter__(self) -> Client:
        self.pool.open()
        self._flush()
        while self.pool.state == self.psrpcore.types.RunspacePoolState.Opening:
            self._take()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def run(self, script: str, each: Callable[[Any], object] = lambda _: None) -> list[Any]:
        """The output of a script, each item also as it comes; raises RuntimeError with the errors if there are any."""
        shell = self.psrpcore.ClientPowerShell(self.pool)
        shell.add_script(script)
        shell.start()
        self._send(f"<Command PSGuid='{shell.pipeline_id}' />")
        self._flush()
        output, errors = [], []
        while shell.state == self.psrpcore.types.PSInvocationState.Running:
            for event in self._take():
                if isinstance(event, self.psrpcore.PipelineOutputEvent):
                    each(event.data)
                    output.append(event.data)
                elif isinstance(event, self.psrpcore.ErrorRecordEvent):
                    errors.append(str(event.record))
        if errors:
            raise RuntimeError("; ".join(errors))
        return output

    def _take(self) -> list[Any]:
        """Read one element; the events it completed."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise EOFError("the engine ended")
        element = ET.fromstring(line)
        if element.tag != "Data":
            return []
        guid = uuid.UUID(element.get("PSGuid"))
        data = base64.b64decode(element.text or "")
        payload = self.psrpcore.PSRPPayload(data, self.psrpcore.StreamType.default, None if guid == ZERO else guid)
        self.pool.receive_data(payload)
        return list(iter(self.pool.next_event, None))

    def _flush(self) -> None:
        while (payload := self.pool.data_to_send()) is not None:
            text = base64.b64encode(payload.data).decode()
            self._send(f"<Data Stream='Default' PSGuid='{payload.pipeline_id or ZERO}'>{text}</Data>")

    def _send(self, text: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()
