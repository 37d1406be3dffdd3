"""Whom the contract binds: the fake, the session host with each kind of engine, a WinRM that the environment names."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from conversations import steps
from fakes import FakeRemote, Run

from jobmagics.host.client import stop_host
from jobmagics.psrp import connect
from jobmagics.remote import ConnectionInfo, Connector

HERE = Path(__file__).parent
CONTRACT = (
    *("unicode_output", "large_output", "large_script", "state_between_pipelines", "pipeline_input"),
    *("error_terminating_throw", "stop_sleeping", "host_read_line", "open_close"),
)
"""The conversations whose scripts the contract runs."""
SUBJECTS = ("fake", "builtin", "pwsh-replayed", "ssh", "winrm")


@dataclass
class Subject:
    """``connection``: how to reach it, for the scripts of one recorded conversation."""

    name: str
    connect: Connector
    connection: Callable[[str], ConnectionInfo]


def fake_scripts() -> FakeRemote:
    """The scripts of the conversations, as Python functions."""
    remote = FakeRemote()
    for name in CONTRACT:
        for step in steps(name):
            remote.on(step.script, lambda run, step=step: [run.output(value) for value in step.output])

    def stop_sleeping(run: Run) -> None:
        run.output("start")
        run.sleep(60)

    def throw(run: Run) -> None:
        run.output("before")
        raise ValueError("boom")

    def ask(run: Run) -> None:
        (name,) = run.ask("Your name").value.values()
        run.output(f"hello {name}")

    remote.on("'start'; Start-Sleep 60; 'never'", stop_sleeping)
    remote.on("'before'; throw 'boom'; 'after'", throw)
    remote.on("$n = Read-Host 'Your name'; \"hello $n\"", ask)
    return remote


@pytest.fixture(scope="module")
def session_host(request: pytest.FixtureRequest) -> Iterator[None]:
    """A host of this module's own whose engines are all there are; its PATH has the ssh of the tests' sshd."""
    directory = Path(tempfile.mkdtemp(prefix="jmh"))
    engines = directory / "engines.json"
    engines.touch(mode=0o600)
    player = [sys.executable, str(HERE / "replaying_pwsh.py")]
    engines.write_text(json.dumps({f"pwsh.{name}": [*player, name] for name in CONTRACT}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOBMAGICS_HOST_DIR", str(directory))
        if shutil.which("ssh"):
            patch.setenv("PATH", str(request.getfixturevalue("sshd").programs), prepend=":")
        yield
        stop_host(directory)
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(params=SUBJECTS)
def subject(request: pytest.FixtureRequest) -> Subject:
    name: str = request.param
    if name == "fake":
        return Subject(name, fake_scripts().connect, lambda _: ConnectionInfo())
    if name == "winrm":
        return Subject(name, connect, lambda _: real_winrm())
    if name == "ssh":
        target = request.getfixturevalue("sshd").target
        request.getfixturevalue("session_host")
        return Subject(name, connect, lambda _: ConnectionInfo.over_ssh(target))
    request.getfixturevalue("session_host")
    if name == "builtin":
        return Subject(name, connect, lambda _: ConnectionInfo(configuration_name="jobmagics.builtin"))
    return Subject(name, connect, lambda conversation: ConnectionInfo(configuration_name=f"pwsh.{conversation}"))


def real_winrm() -> ConnectionInfo:
    """A Windows machine, where the environment has one: JOBMAGICS_TEST_WINRM=computer[:port], and its credential."""
    place = os.environ.get("JOBMAGICS_TEST_WINRM")
    if not place:
        pytest.skip("no Windows machine: JOBMAGICS_TEST_WINRM names none (computer or computer:port)")
    computer, _, port = place.partition(":")
    return ConnectionInfo(
        computer,
        port=int(port) if port else None,
        use_ssl=bool(os.environ.get("JOBMAGICS_TEST_WINRM_SSL")),
        credential=os.environ.get("JOBMAGICS_TEST_WINRM_CREDENTIAL"),
    )
