"""A Jupyter kernel of the demo's own: run cells in it, ask it for values, kill it."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

from ..errors import JobMagicsError

READY_SECONDS = 20.0
CELL_SECONDS = 30.0


class KernelFailed(JobMagicsError):
    """A cell of the demo failed; the message is what the notebook would have shown."""


class DemoKernel:
    """One kernel process, for the notebook named ``owner``."""

    def __init__(self, owner: str) -> None:
        self._manager = KernelManager()
        # This very Python, whatever kernels are installed: it is the one that has jobmagics.
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        self._manager._kernel_spec = KernelSpec(argv=argv, display_name="jobmagics demo", language="python")
        # The kernel's own log lines would tear the table on the screen apart.
        environment = {**os.environ, "JOBMAGICS_NOTEBOOK": owner}
        self._manager.start_kernel(env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        try:
            self._client.wait_for_ready(timeout=READY_SECONDS)
        except RuntimeError as error:
            self.kill()
            raise KernelFailed(
                f"The demo's kernel did not start: {error}. Try: python -m ipykernel --version"
            ) from None

    @property
    def pid(self) -> int:
        return int(self._manager.provisioner.pid)  # type: ignore[union-attr]

    def cell(self, code: str) -> str:
        """Run a cell; the text it printed and showed."""
        shown: list[str] = []
        reply = self._client.execute_interactive(
            code, output_hook=lambda message: _collect(message, shown), timeout=CELL_SECONDS, allow_stdin=False
        )
        text = "".join(shown).strip()
        if reply["content"]["status"] != "ok":
            raise KernelFailed(text or f"{reply['content'].get('ename')}: {reply['content'].get('evalue')}")
        return text

    def ask(self, expression: str) -> Any:
        """The value of a Python expression of plain literals, without touching the cells' history."""
        reply = self._client.execute_interactive(
            "",
            silent=True,
            store_history=False,
            user_expressions={"value": expression},
            output_hook=lambda message: None,
            timeout=CELL_SECONDS,
            allow_stdin=False,
        )
        answer = reply["content"]["user_expressions"]["value"]
        if answer["status"] != "ok":
            raise KernelFailed(f"{answer['ename']}: {answer['evalue']}")
        return ast.literal_eval(answer["data"]["text/plain"])

    def kill(self) -> None:
        """SIGKILL (TerminateProcess on Windows): no farewell, no clean-up."""
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def close(self) -> None:
        """An orderly end."""
        self._client.stop_channels()
        if self._manager.is_alive():
            self._manager.shutdown_kernel()


def _collect(message: dict[str, Any], shown: list[str]) -> None:
    content, kind = message["content"], message["header"]["msg_type"]
    if kind == "stream":
        shown.append(content["text"])
    elif kind in ("display_data", "execute_result"):
        shown.append(content["data"].get("text/plain", "") + "\n")
    elif kind == "error":
        shown.append(f"{content['ename']}: {content['evalue']}")
