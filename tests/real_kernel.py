"""A real Jupyter kernel for tests, through jupyter_client: cells in, text and data out, SIGKILL when wanted."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

CELL_SECONDS = 60


class CellFailed(AssertionError):
    """A cell ended with an error: ``name``, ``value``, the ``traceback``, and all that was ``shown``.

    A UsageError is printed and has no traceback.
    """

    def __init__(self, name: str, value: str, traceback: str, before: str) -> None:
        super().__init__(f"{name}: {value}")
        self.name, self.value, self.traceback = name, value, traceback
        self.shown = before + traceback


class Cell:
    """What one cell gave: ``text`` it printed, ``bundles`` it displayed (the last state of each display). News of what
    another cell displayed are left out.
    """

    def __init__(self) -> None:
        self.text = ""
        self.bundles: dict[str, dict[str, Any]] = {}

    def take(self, message: dict[str, Any]) -> None:
        content, kind = message["content"], message["header"]["msg_type"]
        if kind == "stream":
            self.text += content["text"]
        elif kind in ("display_data", "execute_result", "update_display_data"):
            key = content.get("transient", {}).get("display_id") or f"{kind} {len(self.bundles)}"
            if kind != "update_display_data" or key in self.bundles:
                self.bundles[key] = content["data"]

    @property
    def shown(self) -> str:
        """All text/plain, printed and displayed."""
        return self.text + "\n".join(bundle.get("text/plain", "") for bundle in self.bundles.values())


class RealKernel:
    """An ipykernel process that believes it belongs to ``notebook`` (as the Jupyter server tells it)."""

    def __init__(self, notebook: Path, environment: dict[str, str]) -> None:
        self.manager = KernelManager()
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        self.manager._kernel_spec = KernelSpec(argv=argv, display_name="test", language="python")
        self.manager.start_kernel(env={**os.environ, **environment, "JPY_SESSION_NAME": str(notebook)})
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=CELL_SECONDS)

    def cell(self, code: str, answer: str = "") -> Cell:
        """``answer``: what a person types into the box if the cell asks; without it nobody can be asked."""
        cell = Cell()
        reply = self.client.execute_interactive(
            code,
            output_hook=cell.take,
            stdin_hook=lambda _question: self.client.input(answer),
            timeout=CELL_SECONDS,
            allow_stdin=bool(answer),
            stop_on_error=False,
        )
        content = reply["content"]
        if content["status"] != "ok":
            raise CellFailed(content["ename"], content["evalue"], "\n".join(content["traceback"]), cell.shown)
        return cell

    def until(self, code: str, true: Callable[[str], bool], seconds: float = CELL_SECONDS) -> str:
        """Ask ``code`` (a print) again and again until its text satisfies ``true``."""
        deadline = time.monotonic() + seconds
        while True:
            text = self.cell(code).text.strip()
            if true(text):
                return text
            if time.monotonic() > deadline:
                raise AssertionError(f"{code} still gives {text!r}")
            time.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def restart(self) -> None:
        """The orderly restart of the front end's button: shutdown request, then a new process."""
        self.manager.restart_kernel()
        self.client.wait_for_ready(timeout=CELL_SECONDS)

    def close(self) -> None:
        self.client.stop_channels()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel()
