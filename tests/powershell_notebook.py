"""A notebook of the PowerShell kernel for tests: a real process through jupyter_client, a real session host, the
built-in engine.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

from jobmagics.host.client import stop_host
from jobmagics.kernel.install import spec_dir

SECONDS = 30
SPEC = json.loads((spec_dir() / "kernel.json").read_text(encoding="utf-8"))


class Ran:
    """What one cell gave: ``reply`` and the messages of IOPub in order, each with the second it came at."""

    def __init__(self) -> None:
        self.messages: list[tuple[float, str, dict[str, Any]]] = []
        self.reply: dict[str, Any] = {}
        self.seconds = 0.0

    def stream(self, name: str) -> str:
        return "".join(c["text"] for _, kind, c in self.messages if kind == "stream" and c["name"] == name)

    def kinds(self) -> list[str]:
        return [kind for _, kind, _ in self.messages]

    @property
    def text(self) -> str:
        """All text in the order it came, errors too."""
        parts = []
        for _, kind, content in self.messages:
            if kind == "stream":
                parts.append(content["text"])
            elif kind == "error":
                parts.append("\n".join(content["traceback"]) + "\n")
            elif kind == "execute_result":
                parts.append(content["data"]["text/plain"] + "\n")
        return "".join(parts)


class Notebook:
    """A notebook with a kernel, started as its kernel spec says."""

    def __init__(self, name: str, directory: Path) -> None:
        self.manager = KernelManager()
        self.manager._kernel_spec = KernelSpec(**{**SPEC, "argv": [sys.executable, *SPEC["argv"][1:]]})
        environment = {**os.environ, "JOBMAGICS_NOTEBOOK": name}
        self.manager.start_kernel(env=environment, cwd=str(directory), stderr=subprocess.DEVNULL)
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=SECONDS)

    def begin(self, code: str, **details: Any) -> str:
        return str(self.client.execute(code, **details))

    def take(self, request: str, ran: Ran, until: str | Callable[[Ran], bool] = "") -> None:
        """Messages of a cell, until it is idle or text holds ``until``, or what that says. A long silence fails."""
        is_there = until if callable(until) else lambda ran: bool(until) and until in ran.text
        while not is_there(ran):
            message = self.client.get_iopub_msg(timeout=SECONDS)
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                return
            if kind not in ("status", "execute_input"):
                ran.messages.append((time.monotonic(), kind, content))

    def finish(self, request: str, ran: Ran) -> Ran:
        began = time.monotonic()
        self.take(request, ran)
        while not ran.reply:
            reply = self.client.get_shell_msg(timeout=SECONDS)
            if reply["parent_header"].get("msg_id") == request:
                ran.reply = reply["content"]
        ran.seconds = time.monotonic() - began
        return ran

    def run(self, code: str, **details: Any) -> Ran:
        return self.finish(self.begin(code, **details), Ran())

    def answered(self, code: str, *answers: str) -> Ran:
        """A cell whose questions are answered in turn; the prompts are in ``prompts``."""
        request, ran = self.begin(code, allow_stdin=True), Ran()
        self.prompts = []
        for text in answers:
            self.prompts.append(self.client.get_stdin_msg(timeout=SECONDS)["content"]["prompt"])
            self.client.input(text)
        return self.finish(request, ran)

    def asked(self, kind: str, *content: Any, **details: Any) -> dict[str, Any]:
        """The reply to a request of the shell channel."""
        request = getattr(self.client, kind)(*content, **details)
        while True:
            reply = self.client.get_shell_msg(timeout=SECONDS)
            if reply["parent_header"].get("msg_id") == request:
                return dict(reply["content"])

    def new_kernel(self) -> None:
        """A new process, as the front end's restart button or Jupyter's own restarter makes it."""
        self.manager.restart_kernel()
        self.client.wait_for_ready(timeout=SECONDS)

    def close(self) -> None:
        self.client.stop_channels()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel()
        self.manager.cleanup_resources()


@contextlib.contextmanager
def own_place() -> Iterator[Path]:
    """A session host and a ledger of its own, and an engine that is the same everywhere."""
    directory = Path(tempfile.mkdtemp(prefix="jmk"))
    host, notebooks = directory / "host", directory / "notebooks"
    host.mkdir(mode=0o700)
    notebooks.mkdir()
    engines = host / "engines.json"
    engines.touch(mode=0o600)
    engines.write_text(json.dumps({"Microsoft.PowerShell": [sys.executable, "-m", "jobmagics.powershell", "-s"]}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOBMAGICS_HOST_DIR", str(host))
        patch.setenv("JOBMAGICS_DATA_DIR", str(directory / "data"))
        patch.setenv("JUPYTER_RUNTIME_DIR", str(directory / "runtime"))
        patch.setenv("IPYTHONDIR", str(directory / "ipython"))
        yield notebooks
        stop_host(host)
    shutil.rmtree(directory, ignore_errors=True)
