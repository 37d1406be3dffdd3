"""A kernel of a real Jupyter server, started as JupyterLab and Notebook 7 start theirs."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from real_kernel import CELL_SECONDS, RealKernel


class ServedKernel(RealKernel):
    """A kernel that a Jupyter server has started for a notebook. ``kill`` kills the server."""

    def __init__(self, notebook: Path, environment: dict[str, str]) -> None:
        runtime = notebook.parent / "runtime"
        runtime.mkdir(exist_ok=True)
        notebook.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
        self._token = "matrix"
        command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--ServerApp.ip=127.0.0.1"]
        command += ["--ServerApp.port=0", f"--ServerApp.root_dir={notebook.parent}", "--allow-root"]
        command += [f"--IdentityProvider.token={self._token}"]
        clean = {key: value for key, value in os.environ.items() if not key.startswith("JPY_")}
        environment = {**clean, **environment, "JUPYTER_RUNTIME_DIR": str(runtime)}
        with open(notebook.parent / "server.log", "ab") as log:
            self.server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=notebook.parent)
        self._url = self._wait_for_url(runtime)
        body = {"path": notebook.name, "name": notebook.name, "type": "notebook", "kernel": {"name": "python3"}}
        facts = self._post("api/sessions", body)
        self.client = BlockingKernelClient(connection_file=str(runtime / f"kernel-{facts['kernel']['id']}.json"))
        self.client.load_connection_file()
        self.client.start_channels()
        self._wait_for_kernel()
        self.pid = int(self.cell("import os; print(os.getpid())").text)

    def _wait_for_url(self, runtime: Path) -> str:
        deadline = time.monotonic() + CELL_SECONDS
        card = runtime / f"jpserver-{self.server.pid}.json"
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, ValueError):
                url = str(json.loads(card.read_text())["url"])
                with urllib.request.urlopen(f"{url}api?token={self._token}", timeout=5):
                    return url
            time.sleep(0.05)
        raise AssertionError("the Jupyter server did not start")

    def _wait_for_kernel(self) -> None:
        """A client that did not start the kernel takes one that is slow for dead, and says so early."""
        deadline = time.monotonic() + CELL_SECONDS
        while True:
            try:
                self.client.wait_for_ready(timeout=CELL_SECONDS)
                return
            except RuntimeError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        headers = {"Authorization": f"token {self._token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self._url}{path}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=CELL_SECONDS) as reply:
            return json.loads(reply.read())

    def kill(self) -> None:
        """The server dies; its kernel notices that and ends itself."""
        self.client.stop_channels()
        self.server.send_signal(signal.SIGKILL)
        self.server.wait()
        deadline = time.monotonic() + CELL_SECONDS
        while _is_alive(self.pid):
            assert time.monotonic() < deadline, "the kernel outlives its server"
            time.sleep(0.05)

    def close(self) -> None:
        self.client.stop_channels()
        if self.server.poll() is None:
            self.server.terminate()
            self.server.wait()


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"
    except OSError:
        return False
