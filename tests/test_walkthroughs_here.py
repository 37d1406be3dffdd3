"""The walkthroughs whose jobs are on one machine: those that stay in a session (08), processes and runspaces (16).

As in test_walkthroughs: what PowerShell 7.6.5 showed is what the magics have to show, on the real chain.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from test_walkthroughs import recorded, states, until
from traitlets.config import Config

from jobmagics import magics
from jobmagics.formatting import format_text
from jobmagics.host.client import stop_host

pytestmark = pytest.mark.timeout(90)  # a session host and some engines start
STAYS, HERE = "08_results_stay_remote", "16_background_and_thread"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.MonkeyPatch]:
    directory = tmp_path_factory.mktemp("here")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOBMAGICS_HOST_DIR", str(directory / "host"))
        patch.setenv("IPYTHONDIR", str(directory))
        yield patch
        stop_host(directory / "host")


@pytest.fixture
def here(place: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[InteractiveShell]:
    """Each walkthrough begins with an empty ledger, so that ids are the recorded ones."""
    place.setenv("JOBMAGICS_DATA_DIR", str(tmp_path))
    place.setenv("JOBMAGICS_NOTEBOOK", str(tmp_path))
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    shell.display_pub = CapturingDisplayPublisher()
    magics.load(shell)
    yield shell
    magics.unload()


def run(shell: InteractiveShell, line: str, script: str) -> Any:
    name, _, words = line.partition(" ")
    shell.run_cell_magic(name, f"{words} -OutVariable made", script)
    return shell.user_ns["made"]


def received(shell: InteractiveShell, line: str) -> list[str]:
    """Output and errors as the recorder shows them: errors by id."""
    records = shell.run_line_magic("receive_job", line).all
    return [
        f"ERROR[{record.value.id}] ({record.value.category}) {record.value.message}"
        if record.stream == "error"
        else str(record.value)
        for record in records
    ]


# -- results that stay in the session


def test_08_a_job_inside_a_session(here: InteractiveShell, tmp_path: Path) -> None:
    here.run_line_magic("new_pssession", "localhost -OutVariable s")
    script = 'Start-Job -ScriptBlock { 1..3 | ForEach-Object { "event $_" } }'
    (job,) = run(here, "invoke_command -Session s", script)
    facts = [job.Id, job.Name, job.HasMoreData, job.Location, job.Command, job.PSComputerName]
    assert facts == [1, "Job1", True, "localhost", ' 1..3 | ForEach-Object { "event $_" } ', "localhost"]
    run(here, "invoke_command -Session s", "$null = Get-Job | Wait-Job")
    (table,) = run(here, "invoke_command -Session s", "Get-Job | Format-Table | Out-String -Width 120")
    command = "Invoke-Command -Session $s { Get-Job | Format-Table | Out-String -Width 120 }"
    assert [line.rstrip() for line in table.strip("\n").splitlines()] == recorded(STAYS, command).splitlines()
    results = run(here, "invoke_command -Session s", "Receive-Job -Id 1 -Keep")
    assert [str(value) for value in results] == ["event 1", "event 2", "event 3"]
    assert {record.computer_name for record in results.all} == {"localhost"}
    here.user_ns["log"] = str(tmp_path / "pslog.txt")
    assert run(here, "invoke_command -Session s", "Receive-Job -Id 1 > $using:log; Receive-Job -Id 1") == []
    kept = run(here, "invoke_command -Session s", "Get-Content $using:log")
    assert [str(value) for value in kept] == ["event 1", "event 2", "event 3"]
    assert here.run_line_magic("get_job", "") == []


def test_08_a_job_inside_a_session_that_is_not_kept_ends_with_it(here: InteractiveShell) -> None:
    here.run_line_magic("new_pssession", "localhost -OutVariable s")
    (job,) = run(here, "invoke_command -ComputerName localhost", "Start-Job { Start-Sleep 30 }")
    assert (job.Id, str(job.State)) == (1, "Running")
    assert run(here, "invoke_command -Session s", "@(Get-Job).Count") == [0]
    with pytest.raises(UsageError, match="cannot find a job with the job ID 1"):
        here.run_line_magic("receive_job", "1")


# -- processes and runspaces


def table_of(job: Any) -> list[str]:
    return [line.rstrip() for line in format_text([job], 120).strip("\n").splitlines()]


def recorded_table(command: str) -> list[str]:
    return recorded(HERE, command).rpartition("\n\n")[2].splitlines()


def test_16_a_background_job(here: InteractiveShell) -> None:
    script = "\"pid differs: $($PID -ne $using:PID)\"; Get-Location | Out-Null; 'x' "
    here.user_ns["PID"] = 0
    job = run(here, "start_job -Name Bg", f" {script}")
    assert received(here, "Bg -Wait") == ["pid differs: True", "x"]
    command = f"$b = Start-Job {{ {script}}} -Name Bg; $b | Receive-Job -Wait; $b | Format-Table"
    assert table_of(job) == recorded_table(command)
    (child,) = job.children
    assert (child.id, child.name, child.type, child.location) == (2, "Job2", "", "localhost")


def test_16_thread_jobs_and_items_in_parallel(here: InteractiveShell) -> None:
    run(here, "start_job -Name Bg", "1")
    here.run_line_magic("wait_job", "Bg")
    (here.user_ns["PID"],) = run(here, "thread_job --wait -Name Asks", "$PID").receive()
    here.run_line_magic("remove_job", "Asks")
    script = '"pid same: $($PID -eq $using:PID)"'
    thread = run(here, "thread_job -Name Th", f" {script} ")
    assert received(here, "Th -Wait") == ["pid same: True"]
    command = f"$t = Start-ThreadJob {{ {script} }} -Name Th; $t | Receive-Job -Wait; $t | Format-Table"
    expected = [line.replace("3      Th", "4      Th") for line in recorded_table(command)]
    assert table_of(thread) == expected
    items = run(here, "parallel_job range(1,4)", " $_ * 2 ")
    assert sorted(received(here, f"{items.id} -Wait")) == ["2", "4", "6"]
    command = (
        "$p = 1..3 | ForEach-Object -Parallel { $_ * 2 } -AsJob; $p | Receive-Job -Wait | Sort-Object;"
        " $p | Format-Table"
    )
    expected = [line.replace("4      Job4", "5      Job5") for line in recorded_table(command)]
    assert table_of(items) == expected
    assert [(each.id, each.name, each.type, str(each.state), each.location) for each in items.children] == [
        (number, f"Job{number}", "PSTaskChildJob", "Completed", "PowerShell") for number in (6, 7, 8)
    ]


def test_16_failures(here: InteractiveShell) -> None:
    failing = run(here, "thread_job", "throw 'tj'")
    here.run_line_magic("wait_job", "1")
    command = "$f = Start-ThreadJob { throw 'tj' }; $null = Wait-Job $f; $f.State; Receive-Job $f"
    assert [str(failing.state), *received(here, "1")] == recorded(HERE, command).splitlines()
    items = run(here, "parallel_job 1,2", ' if ($_ -eq 2) { throw "bad $_" }; $_ ')
    here.run_line_magic("wait_job", f"{items.id}")
    command = (
        '$e = 1..2 | ForEach-Object -Parallel { if ($_ -eq 2) { throw "bad $_" }; $_ } -AsJob; $null = Wait-Job $e;'
        " $e.State; $e.ChildJobs.State; Receive-Job $e"
    )
    assert [*states(items), *received(here, f"{items.id}")] == recorded(HERE, command).splitlines()


def test_16_a_throttle_for_all_thread_jobs(here: InteractiveShell, tmp_path: Path) -> None:
    here.user_ns["gate"] = str(tmp_path / "gate")
    wait = "while (-not (Test-Path $using:gate)) { Start-Sleep -Milliseconds 20 }"
    jobs = [run(here, "thread_job -ThrottleLimit 2", wait) for _ in range(8)]
    until(lambda: [str(job.state) for job in jobs[:2]] == ["Running", "Running"])
    assert [str(job.state) for job in jobs[2:]] == ["NotStarted"] * 6
    (tmp_path / "gate").touch()
    here.user_ns["jobs"] = jobs
    here.run_line_magic("wait_job", "-Job jobs")
    assert {str(job.state) for job in jobs} == {"Completed"}
