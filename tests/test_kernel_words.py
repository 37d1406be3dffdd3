"""PowerShell's own words for jobs and sessions in the cells of the PowerShell kernel: real kernels, a real host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from powershell_notebook import Notebook, Ran, own_place

# a kernel and a session host start in about a second, and in many on a busy machine
pytestmark = pytest.mark.timeout(90)


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with own_place() as directory:
        yield directory


@pytest.fixture(scope="module")
def shared(place: Path) -> Iterator[Notebook]:
    notebook = Notebook("words", place)
    yield notebook
    notebook.close()


@pytest.fixture
def notebook(shared: Notebook) -> Iterator[Notebook]:
    """Without jobs and sessions of earlier tests."""
    yield shared
    shared.run("Remove-Job -Name * -Force; Get-PSSession | Remove-PSSession")


@pytest.fixture
def own_notebook(place: Path, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    notebook = Notebook(request.node.name, place)
    yield notebook
    notebook.close()


def said(notebook: Notebook, code: str) -> str:
    """The text of a cell, without live views, colours, and blanks around it."""
    ran = notebook.run(code)
    displays = [content["data"] for _, kind, content in ran.messages if kind == "display_data"]
    shown = [data["text/plain"] for data in displays if LIVE not in data]
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join([*shown, ran.text])).strip()


LIVE = "application/vnd.jupyter.widget-view+json"


def until_there(gate: Path) -> str:
    """A script that waits for a file."""
    return f"while (-not (Test-Path '{gate}')) {{ Start-Sleep -Milliseconds 50 }}"


def columns(table: str) -> list[list[str]]:
    return [line.split() for line in table.splitlines()[2:]]


# -- jobs


def test_a_job_is_started_waited_for_and_received_as_in_the_documentation(notebook: Notebook) -> None:
    notebook.run("$n = 3; $j = Invoke-Command -ComputerName localhost { 1..$using:n } -AsJob -JobName counts")
    assert said(notebook, '$j | Wait-Job | Receive-Job | ForEach-Object { "got $_" }') == "got 1\ngot 2\ngot 3"
    assert said(notebook, '"$($j.State) $($j.HasMoreData) $($j.ChildJobs[0].State)"') == "Completed False Completed"


def test_a_cell_that_ends_with_a_job_shows_powershells_table_of_it(notebook: Notebook) -> None:
    notebook.run("$j = Start-Job -Name here { 'x' }; $null = $j | Wait-Job")
    for code in ("$j", "Get-Job", "Get-Job -Name he*", "Get-Job | Format-Table"):
        table = said(notebook, code)
        assert table.split()[:7] == ["Id", "Name", "PSJobTypeName", "State", "HasMoreData", "Location", "Command"]
        assert columns(table)[0][1:6] == ["here", "BackgroundJob", "Completed", "True", "localhost"]


def test_received_objects_go_on_through_the_local_pipeline(notebook: Notebook) -> None:
    code = "Invoke-Command localhost { 3, 1, 2 | ForEach-Object { [pscustomobject]@{ N = $_ } } } | Sort-Object N"
    assert said(notebook, code + ' | ForEach-Object { "$($_.N) $($_.PSComputerName)" }') == (
        "1 localhost\n2 localhost\n3 localhost"
    )


def test_what_is_not_sent_anywhere_runs_here_and_sees_the_callers_variables(notebook: Notebook) -> None:
    notebook.run("$Session = 's'; function Get-Inner { $Name = 'mine'; Invoke-Command { \"$Name $Session\" } }")
    assert said(notebook, "Get-Inner; 1..3 | Invoke-Command { ($input | Measure-Object -Sum).Sum }") == "mine s\n6"
    code = "function Send-Inner { $Name = 'mine'; Start-ThreadJob { $using:Name } | Receive-Job -Wait -AutoRemoveJob }"
    assert said(notebook, code + "; Send-Inner; (Get-Job).Count") == "mine\n0"


def test_a_command_without_a_scope_of_its_own_sets_its_callers_variables(notebook: Notebook) -> None:
    notebook.run(
        'function Set-Inner { $x = 1; Invoke-Command -NoNewScope { $x += $args[0]; $y = 2 } -Args 5; "$x $y" }'
    )
    assert said(notebook, 'Set-Inner; "x: $x"') == "6 2\nx:"
    assert (
        said(notebook, "1..3 | Invoke-Command -NoNewScope { $sum = ($input | Measure-Object -Sum).Sum }; $sum") == "6"
    )


def test_what_is_read_no_further_is_stopped(notebook: Notebook, tmp_path: Path) -> None:
    left = tmp_path / "left"
    script = f"try {{ 1..600 | ForEach-Object {{ $_; Start-Sleep 0.1 }} }} finally {{ Set-Content '{left}' left }}"
    assert said(notebook, f"Invoke-Command localhost {{ {script} }} | Select-Object -First 2") == "1\n2"
    assert left.read_text() == "left\n"
    assert (
        said(notebook, f"$s = New-PSSession; Invoke-Command -Session $s {{ {script} }} | ForEach-Object {{ break }}")
        == ""
    )
    assert said(notebook, "Invoke-Command -Session $s { 'free' }") == "free"
    code = f"foreach ($n in 1, 2) {{ Invoke-Command localhost {{ {script} }} | ForEach-Object {{ continue }} }}; 'on'"
    assert said(notebook, code) == "on"


def test_a_command_that_is_waited_for_takes_one_id_and_is_no_job(notebook: Notebook) -> None:
    first = int(said(notebook, "(Start-Job { 1 }).Id"))
    seen = said(notebook, "Invoke-Command localhost, localhost { 'x' } | ForEach-Object { @(Get-Job).Count }")
    assert seen == "1\n1"
    assert int(said(notebook, "(Start-Job { 1 }).Id")) == first + 3  # two of the first job, one of the command


def test_the_streams_of_a_job_are_written_to_those_of_the_cell(notebook: Notebook) -> None:
    notebook.run(
        "$j = Start-Job { Write-Error bad -ErrorId Mine; Write-Warning careful; Write-Host hello; 7 } | Wait-Job"
    )
    notebook.run("$out = Receive-Job $j -ErrorVariable e -WarningVariable w -ErrorAction SilentlyContinue")
    assert said(notebook, '"$out / $e / $w / $($e[0].FullyQualifiedErrorId)"') == ("7 / bad / careful / Mine")


@pytest.mark.parametrize(
    ("code", "fqid"),
    [
        ("Get-Job -Id 4711", "JobWithSpecifiedSessionNotFound,Microsoft.PowerShell.Commands.GetJobCommand"),
        ("Wait-Job -Name nobody", "JobWithSpecifiedNameNotFound,Microsoft.PowerShell.Commands.WaitJobCommand"),
        (
            "Start-Job { Start-Sleep 100 } | Remove-Job",
            "JobObjectNotFinishedCannotBeRemoved,Microsoft.PowerShell.Commands.RemoveJobCommand",
        ),
        ("New-PSSession -ComputerName nowhere.invalid", "CannotConnect,PSSessionStateBroken"),
    ],
)
def test_a_mistake_is_powershells_error(notebook: Notebook, code: str, fqid: str) -> None:
    assert said(notebook, f"$null = {code} 2>$null; $Error[0].FullyQualifiedErrorId") == fqid


SECRETS = ("$p", "$c", "@{ inner = @{ p = $p } }", "@(1, @($c))", "([pscustomobject]@{ c = $c })")


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "given", ["-ArgumentList {0}", "-InputObject {0}", "; $v = {0}; Invoke-Command localhost {{ $using:v }}"]
)
def test_a_secret_is_not_sent_where_it_would_be_kept(notebook: Notebook, place: Path, secret: str, given: str) -> None:
    word = "coal-" + "harbour"  # in no script's text as a whole, as a typed one is not
    notebook.run(
        "$p = ConvertTo-SecureString -AsPlainText -Force ('coal-' + 'harbour'); $c = [pscredential]::new('a', $p)"
    )
    ran = said(notebook, "Start-Job { $args } " + given.format(secret) + "; $Error[0].FullyQualifiedErrorId")
    assert "A secret cannot be sent to a job from here" in ran
    assert ran.endswith(("SecretNotSent,Start-Job", "SecretNotSent,Invoke-Command", "SecretNotSent"))
    shapes = [word.encode(), word.encode("utf-16-le"), word.encode("utf-16-le").hex().encode()]
    kept = [file for file in (place.parent / "data").rglob("*") if file.is_file()]
    assert kept
    for file in kept:
        assert not [shape for shape in shapes if shape in file.read_bytes()]


def test_a_question_of_a_job_is_asked_when_it_is_received(notebook: Notebook) -> None:
    notebook.run('$j = Start-Job { "Hello $(Read-Host Name)" }')
    ran = notebook.answered("$j | Receive-Job -Wait", "Ada")
    assert ran.text.strip().endswith("Hello Ada")
    assert notebook.prompts == ["Name: "]


def test_an_interrupt_ends_the_waiting_and_not_the_job(notebook: Notebook, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    notebook.run(f"$j = Start-Job {{ {until_there(gate)}; 'went' }}")
    request, ran = notebook.begin("'waiting'; $j | Wait-Job"), Ran()
    notebook.take(request, ran, until="waiting")
    notebook.manager.interrupt_kernel()
    assert notebook.finish(request, ran).reply["ename"] == "PipelineStopped"
    assert said(notebook, '"$($j.State)"') == "Running"
    gate.touch()
    assert said(notebook, "$j | Receive-Job -Wait") == "went"


def test_jobs_of_powershells_own_are_received_as_ever(notebook: Notebook) -> None:
    code = "$r = 1..3 | ForEach-Object -Parallel { $_ * 2 } -AsJob | Receive-Job -Wait -AutoRemoveJob"
    assert said(notebook, code + '; "$($r | Sort-Object)"') == "2 4 6"


# -- sessions


def test_cells_run_in_an_entered_session_behind_its_prompt(notebook: Notebook) -> None:
    before = int(said(notebook, "(Start-Job { 1 }).Id"))
    notebook.run("$where = 'local'; $s = New-PSSession -ComputerName localhost -Name far")
    assert re.fullmatch(r"\[localhost\]: PS .*>", said(notebook, "Enter-PSSession -Session $s"))
    assert said(notebook, '$where = "far"; "here $where"; $null = Start-Job -Name inside { 1..2 }').startswith(
        "here far\n["
    )
    assert said(notebook, "Get-Job | Wait-Job | Receive-Job\nExit-PSSession") == "1\n2"
    assert int(said(notebook, "(Start-Job { 1 }).Id")) == before + 2, "what ran there took no ids here"
    assert said(notebook, '"$where $($s.State)"') == "local Opened"
    assert said(notebook, "Invoke-Command -Session $s { $where; (Get-Job).Name }") == "far\ninside"
    notebook.run("Remove-PSSession $s")
    assert said(notebook, '"$($s.State) $s"; Get-PSSession') == "Closed [PSSession]far"


def test_a_disconnected_job_is_received_by_a_new_kernel(own_notebook: Notebook, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    own_notebook.run("$s = New-PSSession -cn localhost -Name long")
    own_notebook.run(f"$j = Invoke-Command -Session $s {{ 'a'; {until_there(gate)}; 'b' }} -AsJob")
    own_notebook.run("$null = Disconnect-PSSession -Session $s")
    assert said(own_notebook, '"$($j.State) $($s.State)"') == "Disconnected Disconnected"
    own_notebook.new_kernel()
    assert said(own_notebook, '$s = Get-PSSession -Name long; "$($s.State)"').split("\n") == [
        "1 job of this notebook came back: Job1 (Disconnected). %watch shows them live.",
        "Disconnected",
    ]
    own_notebook.run("$j = Receive-PSSession -Session $s -OutTarget Job")
    gate.touch()
    assert said(own_notebook, "$j | Wait-Job | Receive-Job") == "a\nb"
    own_notebook.run("Remove-Job -Name * -Force; Remove-PSSession -Name long")


def test_jobs_outlive_a_killed_kernel(own_notebook: Notebook, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    own_notebook.run(f"$j = Start-Job -Name survivor {{ 'still'; {until_there(gate)} }}")
    own_notebook.run("while (-not (Receive-Job $j -Keep)) { Start-Sleep -Milliseconds 50 }")
    own_notebook.manager.signal_kernel(9)
    own_notebook.new_kernel()
    gate.touch()
    assert said(own_notebook, "Wait-Job -Name survivor -Force | Receive-Job").endswith("still")
    own_notebook.run("Remove-Job -Name *")


# -- what comes over the prelude's channel

ASK = """$f = [System.Collections.ObjectModel.Collection[System.Management.Automation.Host.FieldDescription]]::new()
$f.Add([System.Management.Automation.Host.FieldDescription]::new('jobmagics:request'))
$words = @{ Word = 'Start-Job'; Words = @{ ScriptBlock = "'started from there'" } }
$Host.UI.Prompt('', [System.Management.Automation.PSSerializer]::Serialize($words), $f)"""


def test_another_computer_has_no_say_over_the_notebooks_jobs(notebook: Notebook) -> None:
    notebook.run("Enter-PSSession localhost")
    assert notebook.answered(ASK, "typed").reply["status"] == "ok"
    assert notebook.prompts == ["jobmagics:request: "], "a person is asked, as by any script"
    notebook.run("Exit-PSSession")
    notebook.answered(f"Invoke-Command localhost {{ {ASK} }}", "typed")
    assert said(notebook, "Get-Job | Format-List") == ""


def test_a_request_that_cannot_be_read_fails_its_cell_and_only_it(notebook: Notebook) -> None:
    ran = notebook.run(ASK.replace("[System.Management.Automation.PSSerializer]::Serialize($words)", "'garbage'"))
    assert ran.reply["status"] == "error"
    assert "please report" in ran.text
    assert said(notebook, "'next'") == "next"


# -- the front end's own questions


def test_an_inspected_variable_and_an_expression_may_be_a_job(notebook: Notebook) -> None:
    notebook.run("$shown = Start-Job -Name looked { 1 } | Wait-Job")
    reply = notebook.asked("inspect", "$shown", 6)
    assert "looked" in reply["data"]["text/plain"]
    ran = notebook.run("", user_expressions={"state": "$shown.State"})
    assert ran.reply["user_expressions"]["state"]["data"]["text/plain"] == "Completed"
