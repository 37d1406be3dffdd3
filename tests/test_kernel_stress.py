"""The PowerShell kernel under what goes wrong and what is much: each is said clearly and leaves the kernel usable.

Two kernels of a notebook, a restart in a question and a dead engine are in test_kernel.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from powershell_notebook import SECONDS, Notebook, Ran, own_place

pytestmark = pytest.mark.timeout(90)

STOPPED = "The cell was interrupted; its pipeline was stopped."


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with own_place() as directory:
        yield directory


@pytest.fixture(scope="module")
def shared(place: Path) -> Iterator[Notebook]:
    notebook = Notebook("stress", place)
    yield notebook
    notebook.close()


@pytest.fixture
def notebook(shared: Notebook) -> Iterator[Notebook]:
    """Still usable after each test, with what it held."""
    shared.run("$kept = 'as it was'")
    yield shared
    shared.run("Exit-PSSession")
    after = shared.run("$kept")
    assert after.stream("stdout") == "as it was\n"
    assert after.stream("stderr") == ""


def stopped(notebook: Notebook, code: str, until: str = "started") -> Ran:
    """What a cell gave that was interrupted when it had said ``until``."""
    request, ran = notebook.begin(code), Ran()
    notebook.take(request, ran, until=until)
    notebook.manager.interrupt_kernel()
    return notebook.finish(request, ran)


@pytest.mark.parametrize(
    "code",
    [
        "while ($true) { }",
        "for ($n = 0; $true; $n++) { $n * 2 | Out-Null }",
        "Start-Sleep 600",
        "[System.Threading.Thread]::Sleep(600000)",
        "1..3000000 | Sort-Object { -$_ } | Select-Object -First 1",
        "sleep 600",
        "/bin/sleep 600",
        "sh -c 'trap \"\" INT TERM; while :; do sleep 1; done'",
        "Invoke-Command localhost { Start-Sleep 600 }",
        "Start-Job { Start-Sleep 600 } | Receive-Job -Wait",
        "Start-Job { Start-Sleep 600 } | Wait-Job",
    ],
)
def test_an_interrupt_stops(notebook: Notebook, code: str) -> None:
    ran = stopped(notebook, f"'started'; {code}; 'unreached'")
    assert ran.reply["ename"] == "PipelineStopped"
    assert ran.reply["evalue"] == STOPPED
    assert "unreached" not in ran.text
    notebook.run("Get-Job | Remove-Job -Force")


def test_an_interrupt_in_an_entered_session_stops_what_runs_there(notebook: Notebook) -> None:
    notebook.run("Enter-PSSession localhost")
    assert stopped(notebook, "'started'; Start-Sleep 600").reply["evalue"] == STOPPED
    assert notebook.run("'there'").stream("stdout").startswith("there\n[localhost]: PS ")


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="a process is held by SIGSTOP")
def test_an_entered_session_that_hangs_is_given_up_alone(notebook: Notebook) -> None:
    notebook.run("Enter-PSSession localhost")
    engine = int(notebook.run('"$PID"').stream("stdout").split()[0])
    request, ran = notebook.begin("'started'; Start-Sleep 600"), Ran()
    notebook.take(request, ran, until="started")
    os.kill(engine, signal.SIGSTOP)
    notebook.manager.interrupt_kernel()  # no second one: after a while nothing more is waited for
    notebook.finish(request, ran)
    assert "its session was given up, and the next cell is in the local session again" in ran.text
    assert notebook.run("$kept").stream("stdout") == "as it was\n"


@pytest.mark.timeout(240)
def test_fifty_megabytes_are_whole_and_in_order(notebook: Notebook) -> None:
    ran = notebook.run("1..50000 | ForEach-Object { \"$_ \".PadRight(1023, 'x') }")
    assert ran.reply["status"] == "ok"
    lines = ran.stream("stdout").splitlines()
    assert [int(line.split()[0]) for line in lines] == list(range(1, 50001))
    assert {len(line) for line in lines} == {1023}
    assert len(ran.messages) < 5000


@pytest.mark.parametrize(
    ("where", "says"),
    [("nowhere.invalid", "cannot be reached"), ("-HostName nowhere.invalid", "nowhere.invalid")],
)
def test_an_unknown_host_is_not_entered(notebook: Notebook, where: str, says: str) -> None:
    ran = notebook.run(f"Enter-PSSession {where}")
    told = re.sub(r"\x1b\[[0-9;]*m", "", ran.stream("stderr"))
    assert told.startswith("Enter-PSSession: ")
    assert says in told
    assert "Traceback" not in ran.text
    assert "]: PS" not in notebook.run("'here'").text


def test_a_syntax_error_runs_nothing(notebook: Notebook) -> None:
    ran = notebook.run("$kept = 'changed'\nif ($true {")
    assert ran.reply["status"] == "error"
    assert "ParserError" in ran.text


def test_an_interrupted_question_is_asked_no_more(notebook: Notebook) -> None:
    request = notebook.begin("Read-Host 'Name'; 'unreached'", allow_stdin=True)
    notebook.client.get_stdin_msg(timeout=SECONDS)
    notebook.manager.interrupt_kernel()
    assert notebook.finish(request, Ran()).reply["evalue"] == STOPPED
