"""A real JupyterLab and a real Chromium for tests: each with directories of its own, on loopback, with a token."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

START_SECONDS = 60.0
STOP_SECONDS = 10.0
PAGE_MS = 90_000
START_MS = 4_000
ATTEMPTS = 6
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


class Lab:
    """A JupyterLab server over one folder of notebooks."""

    def __init__(self, place: Path) -> None:
        self.root = place / "notebooks"
        self.env = private_environment(place)
        self.root.mkdir(exist_ok=True)
        quiet = place / "settings" / "@jupyterlab" / "apputils-extension"
        quiet.mkdir(parents=True)
        (quiet / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
        self._token = secrets.token_hex(16)
        self._log = (place / "lab.log").open("wb")
        self._runtime = place / "runtime"
        command = [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0",
            f"--IdentityProvider.token={self._token}", f"--ServerApp.root_dir={self.root}", "--allow-root",
            "--LabApp.extension_manager=readonly",
        ]  # fmt: skip
        self._process = subprocess.Popen(
            command, env=self.env, stdout=self._log, stderr=subprocess.STDOUT, cwd=self.root
        )
        self.port = self._wait_for_port()

    def url(self, notebook: str) -> str:
        return f"http://127.0.0.1:{self.port}/lab/tree/{notebook}?token={self._token}&reset"

    def add_notebook(self, name: str, *cells: str, spec: dict[str, str] | None = None) -> None:
        """A notebook of code cells, for Python's kernel or another."""
        code = [
            {
                "cell_type": "code",
                "id": f"cell{n}",
                "metadata": {},
                "outputs": [],
                "execution_count": None,
                "source": cell,
            }
            for n, cell in enumerate(cells)
        ]
        spec = spec or {"name": "python3", "display_name": "Python 3", "language": "python"}
        book = {"cells": code, "metadata": {"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 5}
        (self.root / name).write_text(json.dumps(book), encoding="utf-8")

    def install_kernel(self) -> None:
        """The PowerShell kernel, as a person does it."""
        command = [sys.executable, "-m", "jobmagics.app", "install"]
        subprocess.run(command, env=self.env, check=True, capture_output=True)

    def saved(self, name: str) -> Any:
        return json.loads((self.root / name).read_text(encoding="utf-8"))

    def restart_kernel(self, name: str) -> None:
        """As another page would, which asks nothing."""
        (session,) = [each for each in self._ask("GET", "sessions") if each["path"] == name]
        self._ask("POST", f"kernels/{session['kernel']['id']}/restart")

    def _ask(self, method: str, path: str) -> Any:
        url = f"http://127.0.0.1:{self.port}/api/{path}"
        request = urllib.request.Request(url, method=method, headers={"Authorization": f"token {self._token}"})
        with urllib.request.urlopen(request, timeout=START_SECONDS) as reply:
            return json.loads(reply.read())

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _wait_for_port(self) -> int:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            for found in self._runtime.glob("jpserver-*.json"):
                with contextlib.suppress(json.JSONDecodeError):
                    return int(json.loads(found.read_text())["port"])
            if self._process.poll() is not None:
                break
            time.sleep(0.1)
        self._process.kill()
        raise RuntimeError(f"JupyterLab did not start: {Path(self._log.name).read_text()[-2000:]}")


def open_notebook(browser: Any, lab: Lab, name: str) -> None:
    browser.goto(lab.url(name), timeout=PAGE_MS)
    browser.wait_for_selector(".jp-Notebook .jp-CodeCell .cm-content", timeout=PAGE_MS)
    browser.locator(".jp-StatusBar-TextItem", has_text="| Idle").wait_for(timeout=PAGE_MS)


def run_cell(browser: Any, place: int) -> None:
    """Run a cell as a person would: JupyterLab drops what is asked of it before the kernel is connected."""
    from playwright.sync_api import TimeoutError as PlaywrightTimeout

    cell = browser.locator(".jp-Notebook .jp-CodeCell").nth(place)
    for _ in range(ATTEMPTS):
        cell.locator(".jp-InputArea .cm-content").click()
        browser.keyboard.press("Shift+Enter")
        try:
            cell.locator(".jp-InputPrompt", has_text=re.compile(r"\[[*\d]+\]:")).wait_for(timeout=START_MS)
        except PlaywrightTimeout:
            if browser.locator("dialog.jp-Dialog").count():
                browser.keyboard.press("Enter")  # "the kernel is not ready"
            continue
        return
    raise AssertionError("the cell does not start")


def private_environment(place: Path) -> dict[str, str]:
    """An environment in which nothing of the person who runs the tests is seen or touched."""
    folders = {
        "HOME": "home", "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime",
        "IPYTHONDIR": "ipython", "JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "JOBMAGICS_HOST_DIR": "host", "JOBMAGICS_DATA_DIR": "ledger",
    }  # fmt: skip
    env = {key: value for key, value in os.environ.items() if not key.startswith(("JPY_", "JUPYTER", "JOBMAGICS"))}
    for variable, folder in folders.items():
        (place / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        env[variable] = str(place / folder)
    return env


@contextlib.contextmanager
def page(place: Path) -> Iterator[Any]:
    """A page of a fresh Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(place / "chromium"),
            executable_path=CHROMIUM,
            args=CHROMIUM_FLAGS,
            viewport={"width": 1280, "height": 900},
        )
        try:
            yield context.pages[0] if context.pages else context.new_page()
        finally:
            context.close()
