"""Jobs of this machine, cells that run at once, questions and the stop button, in a real kernel over the real chain."""

from __future__ import annotations

import json
import os
import queue
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

from jobmagics.host.client import stop_host
from jobmagics.options import MagicSpec
from jobmagics.options.cell_specs import ENTER_PSSESSION, EXIT_PSSESSION, INVOKE_COMMAND, POWERSHELL
from jobmagics.options.kind_specs import PARALLEL_JOB, START_JOB, THREAD_JOB

# a kernel, a session host and engines start
pytestmark = pytest.mark.timeout(90)
SECONDS = 40


class Kernel:
    """An ipykernel of one notebook; cells whose questions are answered, and which are interrupted."""

    def __init__(self, notebook: Path) -> None:
        self.manager = KernelManager()
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        self.manager._kernel_spec = KernelSpec(argv=argv, display_name="test", language="python")
        environment = {**os.environ, "JPY_SESSION_NAME": str(notebook)}
        self.manager.start_kernel(env=environment, cwd=str(notebook.parent), stderr=subprocess.DEVNULL)
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=SECONDS)
        self.text = ""

    def begin(self, code: str) -> str:
        self.text = ""
        return str(self.client.execute(code, allow_stdin=True))

    def take(self, request: str, until: str = "") -> str:
        """What the cell showed, to its end or until there is some text."""
        deadline = time.monotonic() + SECONDS
        while not until or until not in self.text:
            message = self.client.get_iopub_msg(timeout=max(0.0, deadline - time.monotonic()))
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                break
            if kind == "stream":
                self.text += content["text"]
            elif kind == "error":
                self.text += "\n".join(content["traceback"]) + "\n"
            elif "data" in content:
                self.text += content["data"].get("text/plain", "") + "\n"
        return self.text

    def run(self, code: str, *answers: str) -> str:
        """A cell whose questions are answered in turn; what was asked is in ``prompts``."""
        request = self.begin(code)
        self.prompts = []
        for text in answers:
            content = self.client.get_stdin_msg(timeout=SECONDS)["content"]
            self.prompts.append((content["prompt"], content["password"]))
            self.client.input(text)
        return self.take(request)

    def until(self, expression: str, text: str) -> None:
        deadline = time.monotonic() + SECONDS
        while (found := self.run(f"print({expression})").strip()) != text:
            assert time.monotonic() < deadline, f"{expression} still is {found}"
            time.sleep(0.05)

    def kill(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def close(self) -> None:
        self.client.stop_channels()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel()
        self.manager.cleanup_resources()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A session host and a ledger of the module's own, and an engine that is the same everywhere."""
    directory = tmp_path_factory.mktemp("cells")
    host = directory / "host"
    host.mkdir(mode=0o700)
    engines = host / "engines.json"
    engines.touch(mode=0o600)
    engines.write_text(json.dumps({"Microsoft.PowerShell": [sys.executable, "-m", "jobmagics.powershell", "-s"]}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOBMAGICS_HOST_DIR", str(host))
        patch.setenv("JOBMAGICS_DATA_DIR", str(directory))
        patch.setenv("IPYTHONDIR", str(directory))
        patch.delenv("JOBMAGICS_NOTEBOOK", raising=False)
        yield directory
        stop_host(host)


@pytest.fixture(scope="module")
def kernel(place: Path) -> Iterator[Kernel]:
    """One for all tests that do not end it."""
    started = Kernel(place / "shared.ipynb")
    started.run("%load_ext jobmagics")
    yield started
    started.close()


# -- the examples of the help


def example(spec: MagicSpec) -> str:
    return "\n".join(line.removeprefix("    ") for line in spec.example.strip("\n").splitlines())


def test_help_is_shown(kernel: Kernel) -> None:
    reply = kernel.client.inspect("%%start_job", reply=True, timeout=SECONDS)["content"]
    assert "-InitializationScript" in reply["data"]["text/plain"]


@pytest.mark.parametrize(
    ("spec", "then", "said"),
    [
        (START_JOB, "print(list(job.receive(wait=True)))", "[1, 4, 9]"),
        (THREAD_JOB, "%receive_job quick -Wait", "Hello world"),
        (PARALLEL_JOB, "jobs = %get_job\nprint(jobs[-1].receive(wait=True))", "3 squared is 9"),
        (INVOKE_COMMAND, "print(len(found) > 0)", "True"),
        (POWERSHELL, '%%powershell\n"$greeting again"', "Hello again"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_the_example_of(kernel: Kernel, spec: MagicSpec, then: str, said: str) -> None:
    shown = kernel.run(example(spec))
    assert "Error" not in shown
    assert said in kernel.run(then)


def test_the_examples_of_interactive_sessions(kernel: Kernel) -> None:
    assert "[localhost]: PS " in kernel.run(example(ENTER_PSSESSION))
    shown = kernel.run("%%powershell\n$inside = 1; Start-Job { Start-Sleep 60 } | ForEach-Object State; Set-Location /")
    assert shown.splitlines()[0] == "Running"
    assert "[localhost]: PS /" in shown.splitlines()[-1]
    assert kernel.run(example(EXIT_PSSESSION)) == "Jobs that ran inside the session ended with it: Job1.\n"
    assert kernel.run('%%powershell\n"[$inside]"') == "[]\n"


# -- cells that run at once


def test_all_streams_are_shown_as_they_come(kernel: Kernel) -> None:
    script = "'one'; Write-Warning 'careful'; Write-Error 'oops'; Write-Host hi -ForegroundColor Green; 'last'"
    shown = kernel.run(f"%%powershell\n{script}")
    assert "one\n\x1b[33;1mWARNING: careful\x1b[0m\n" in shown
    assert re.search(r"Write-Error: (\x1b\[31;1m)?oops\x1b\[0m\n", shown)
    assert "\x1b[92mhi\x1b[0m\nlast\n" in shown


def test_the_stop_button_stops_the_script(kernel: Kernel) -> None:
    request = kernel.begin("%%powershell\n'begun'; Start-Sleep 60; 'unreached'")
    kernel.take(request, until="begun")
    kernel.manager.interrupt_kernel()
    shown = kernel.take(request)
    assert "Interrupted: the pipeline was stopped." in shown
    assert "unreached" not in shown
    assert "Traceback" not in shown
    assert kernel.run("%%powershell\n'next'") == "next\n"


PRESS_STOP = """
import os, signal, sys, threading, time

def is_waiting(main=threading.main_thread().ident):
    frame = sys._current_frames()[main]
    while frame is not None and frame.f_code.co_name != "_wait_for":
        frame = frame.f_back
    return frame is not None

def press():
    while not is_waiting():
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=press).start()
"""


def test_the_stop_button_ends_a_wait_and_leaves_the_job(kernel: Kernel) -> None:
    kernel.run("%%start_job -Name long -OutVariable long\n'begun'; Start-Sleep 60")
    kernel.until("list(long.output)", "['begun']")
    shown = kernel.run(f"{PRESS_STOP}\n%wait_job long")
    assert "(long) goes on; %stop_job -Id" in shown
    assert "Traceback" not in shown
    assert kernel.run("print(long.state)\nlong.stop()\nprint(long.state)").split()[:2] == ["Running", "Stopped"]


# -- questions

ASKS = "$name = Read-Host 'Your name'; $word = Read-Host 'Password' -AsSecureString"
SAYS = '"$name $(ConvertFrom-SecureString $word -AsPlainText)"'


def test_a_cell_asks_in_the_notebook_and_hides_passwords(kernel: Kernel) -> None:
    shown = kernel.run(f"%%powershell\n{ASKS}; {SAYS}", "Ada", "geheim")
    assert kernel.prompts == [("Your name: ", False), ("Password: ", True)]
    assert shown.endswith("Ada geheim\n")


def test_a_job_that_asks_is_answered_when_it_is_received(kernel: Kernel) -> None:
    script = "$c = Get-Credential -Message 'Sign in' -UserName ada; $c.GetNetworkCredential().Password"
    kernel.run(f"%%remote_job -JobName asks -OutVariable asks\n{script}")
    kernel.until("asks.state", "Blocked")
    assert "blocked waiting for user interaction" in kernel.run("%wait_job asks")
    shown = kernel.run("%receive_job asks -Wait", "geheim")
    assert kernel.prompts == [("Password for user ada: ", True)]
    assert "Sign in" in shown
    assert shown.rstrip().endswith("geheim")


def test_parameters_and_confirmations(kernel: Kernel) -> None:
    script = "function Ask { param([Parameter(Mandatory)][string]$Name) $Name }; Ask"
    assert kernel.run(f"%%powershell\n{script}", "Ada").endswith("Ada\n")
    assert kernel.prompts == [("Name: ", False)]
    choice = "$host.UI.PromptForChoice('Pick', 'Which one?', @('&Yes', '&No'), 0)"
    shown = kernel.run(f'%%thread_job --wait\n$chosen = {choice}; "chosen: $chosen"', "perhaps", "n")
    assert len(kernel.prompts) == 2
    assert "chosen: 1" in shown


def test_without_anybody_to_ask_the_script_is_told(kernel: Kernel) -> None:
    request = str(kernel.client.execute("%%powershell\nRead-Host name; 'after'", allow_stdin=False))
    kernel.text = ""
    shown = kernel.take(request)
    assert "this front end cannot ask" in shown
    assert shown.endswith("after\n")
    with pytest.raises(queue.Empty):
        kernel.client.get_stdin_msg(timeout=0.01)


# -- the kernel dies


def test_jobs_of_this_machine_and_their_questions_outlive_the_kernel(place: Path) -> None:
    slow = "1..20 | ForEach-Object { Start-Sleep -Milliseconds 100; $_ }"
    first = Kernel(place / "killed.ipynb")
    try:
        first.run("%load_ext jobmagics")
        first.run(f"%%start_job -Name process -OutVariable a\n{slow}")
        first.run(f"%%thread_job -Name thread -OutVariable b\n{slow}")
        first.run("n = 7")
        first.run(f"%%parallel_job 'x','y' -Name items -OutVariable c\n\"$_ $using:n\"; {slow}; $_")
        first.run(f"%%start_job -Name asks -OutVariable d\n{ASKS}; {SAYS}")
        first.until("len(a.output) and len(b.output) and len(c.output) > 1 and str(d.state)", "Blocked")
        first.kill()
    finally:
        first.close()
    second = Kernel(place / "killed.ipynb")
    try:
        assert "4 jobs of this notebook came back" in second.run("%load_ext jobmagics")
        second.run("asks = %get_job -Name asks")
        second.until("asks.state", "Blocked")
        numbers = "\n".join(str(number) for number in range(1, 21))
        for name in ("process", "thread"):
            assert second.run(f"%receive_job {name} -Wait").strip() == numbers
        rows = second.run("%receive_job items -Wait").split("\n")
        assert [row.strip() for row in rows if row.strip() and row.strip() not in numbers.split("\n")] == [
            "x 7", "x", "y 7", "y",
        ]  # fmt: skip
        assert "Ada geheim" in second.run("%receive_job asks -Wait", "Ada", "geheim")
    finally:
        second.close()
