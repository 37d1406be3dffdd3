"""Jobs inside a session. Expected texts are PowerShell 7.6's."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_session import Session


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("Start-ThreadJob { 1; 2 } | Receive-Job -Wait -AutoRemoveJob; @(Get-Job).Count", [1, 2, 0]),
        ("$x = 3; Start-ThreadJob { $using:x; $null -eq $x } | Receive-Job -Wait", [3, True]),
        ("$h = @{ a = 7 }; Start-ThreadJob { $using:h.a } | Receive-Job -Wait", [7]),
        ("Start-ThreadJob { param($a) $a + 1 } -ArgumentList 4 | Receive-Job -Wait", [5]),
        ("$j = Start-ThreadJob { 'x' }; $null = Wait-Job $j; Receive-Job $j -Keep; Receive-Job $j", ["x", "x"]),
        ("$j = Start-ThreadJob { Start-Sleep 60 }; Stop-Job $j; $j.State; Remove-Job $j", ["Stopped"]),
        ("$j = Start-ThreadJob { throw 'no' } | Wait-Job; $j.State; $j.JobStateInfo.Reason.Message", ["Failed", "no"]),
        ("$j = 1..3 | ForEach-Object -Parallel { $_ * 2 } -AsJob; Receive-Job $j -Wait | Sort-Object", [2, 4, 6]),
        ("1..2 | ForEach-Object { Start-ThreadJob { $input } } | Out-Null; (Get-Job).Name", ["Job1", "Job2"]),
        ("1..2 | % { Start-ThreadJob { 1 } } | Wait-Job | Out-Null; Get-Job | Remove-Job; @(Get-Job).Count", [0]),
    ],
)  # fmt: skip
def test_thread_jobs(session: Session, script: str, expected: list[object]) -> None:
    assert session.run(script) == expected
    assert session.streams.errors == []


@pytest.mark.parametrize(
    ("script", "fqid"),
    [
        ("Get-Job -Id 9", "JobWithSpecifiedSessionNotFound,Microsoft.PowerShell.Commands.GetJobCommand"),
        ("Stop-Job nope", "JobWithSpecifiedNameNotFound,Microsoft.PowerShell.Commands.StopJobCommand"),
        ("Remove-Job -Name nope", "JobWithSpecifiedNameNotFound,Microsoft.PowerShell.Commands.RemoveJobCommand"),
        ("Start-ThreadJob { throw 'no' } | Receive-Job -Wait", "JobStateFailed"),
        ("Receive-Job -Id 1 -AutoRemoveJob", "InvalidOperation,Microsoft.PowerShell.Commands.ReceiveJobCommand"),
    ],
)
def test_errors(session: Session, script: str, fqid: str) -> None:
    found = session.run(f"try {{ {script} -ErrorAction Stop }} catch {{ $_.FullyQualifiedErrorId }}")
    assert found == [fqid]


def test_a_background_job_runs_in_a_process_of_its_own(session: Session) -> None:
    script = "$n = 7; $j = Start-Job { $PID; $using:n; $null -eq $n }; Receive-Job $j -Wait -AutoRemoveJob; $PID"
    theirs, seven, isolated, ours = session.run(script)
    assert (seven._base, isolated._base) == (7, True)
    assert theirs._base != ours
    assert theirs["PSComputerName"] == "localhost"


def test_the_background_operator_takes_variables_along(session: Session) -> None:
    script = (
        "$n = 2; $j = 1..3 | ForEach-Object { $_ * $n } &; $j.Command; Receive-Job $j -Wait | ForEach-Object { $_ + 0 }"
    )
    assert session.run(script) == ["1..3 | ForEach-Object { $_ * ${using:n} }", 2, 4, 6]


def test_a_running_background_job_is_stopped_and_removed(session: Session) -> None:
    script = "$j = Start-Job { Start-Sleep 60 }; Remove-Job $j; Remove-Job $j -Force; $j.State; @(Get-Job).Count"
    assert session.run(script) == ["Stopped", 0]
    expected = "JobObjectNotFinishedCannotBeRemoved,Microsoft.PowerShell.Commands.RemoveJobCommand"
    assert [record.fqid for record in session.streams.errors] == [expected]


def test_children_are_removed_with_their_parents_only(session: Session) -> None:
    script = "$j = Start-Job { 1 }; $null = Wait-Job $j; Remove-Job -Name Job2; Remove-Job -Id 2; (Get-Job).Name"
    assert session.run(script) == ["Job1"]
    found = [record.fqid.partition(",")[0] for record in session.streams.errors]
    assert found == ["JobWithSpecifiedNameNotFound", "CannotRemoveJob"]


def test_a_stop_that_comes_while_a_job_begins_is_not_lost(session: Session) -> None:
    script = "1..5 | % { $j = Start-Job { Start-Sleep 60 }; Stop-Job $j; $j.State; Remove-Job $j }"
    assert session.run(script) == ["Stopped"] * 5


@pytest.mark.parametrize(
    ("options", "fqid"),
    [
        ("-RunAs32", "RunAs32NotSupported"),
        ("-WorkingDirectory ''", "ParameterArgumentValidationError"),
        ("-WorkingDirectory ' '", "ParameterArgumentValidationError"),
        ("-WorkingDirectory ./none", "DirectoryNotFoundException"),
    ],
)
def test_a_job_that_cannot_be_started(options: str, fqid: str, tmp_path: Path) -> None:
    session = Session(tmp_path)
    assert session.errors(f"Start-Job {{ 1 }} {options}") == [f"{fqid},Microsoft.PowerShell.Commands.StartJobCommand"]
    assert session.run("(Get-Job).Count") == [0]
