"""PowerShell's walkthroughs of remote jobs, through the magics and through the Python API, on the real chain.

What PowerShell 7.6.5 showed is in tests/data/remote_jobs, recorded over SSH; here the computers are this machine's
session host, under two of its names. Tables, results and errors must be the recorded ones.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.error import UsageError as ShellUsageError
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import jobmagics
from jobmagics import current, magics
from jobmagics.errors import JobMagicsError
from jobmagics.host.client import stop_host
from jobmagics.results import Job, JobList, PSSession, Records, SessionList

RECORDED = Path(__file__).parent / "data" / "remote_jobs"
OTHER = "LOCALHOST"
"""As wide as the 127.0.0.1 of the recording, and this machine as well."""
pytestmark = pytest.mark.timeout(90)  # a session host and some engines start
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def recorded(name: str, command: str) -> str:
    """What a command of a walkthrough showed."""
    text = (RECORDED / f"{name}.txt").read_text(encoding="utf-8").replace("127.0.0.1", OTHER)
    parts = dict(part.partition("\n")[::2] for part in re.split(r"^PS> ", text, flags=re.MULTILINE)[1:])
    return str(parts[command.replace("127.0.0.1", OTHER)]).strip("\n").rstrip()


def shown(rows: Records) -> str:
    """Results as the recorder shows them: objects as PowerShell prints them, errors by id."""
    lines = []
    for record in rows.all:
        value = record.value
        if record.stream == "error":
            lines.append(f"ERROR[{value.id}] ({value.category}) {value.message}  {{from {value.computer_name}}}")
        else:
            lines.append(str(value))
    return "\n".join(lines)


class Python:
    """The walkthroughs' verbs in the Python API."""

    def start(self, script: str, *computers: str, **details: Any) -> Job:
        return jobmagics.start(script, list(computers) or None, **details)

    def open(self, *computers: str, **details: Any) -> SessionList:
        return jobmagics.connect_all(list(computers), **details)

    def receive(self, job: Any, **manner: Any) -> Records:
        return job.receive(**manner)  # type: ignore[no-any-return]

    def wait(self, job: Job, **manner: Any) -> Any:
        return job.wait(**manner)

    def stop(self, job: Any) -> None:
        job.stop()

    def remove(self, job: Job, **manner: Any) -> None:
        job.remove(**manner)

    def jobs(self, **filters: Any) -> JobList:
        return jobmagics.get_jobs(**filters)

    def disconnect(self, session: PSSession, **manner: Any) -> None:
        session.disconnect(**manner)

    def connect(self, session: PSSession) -> None:
        session.connect()

    def receive_session(self, session: PSSession, **manner: Any) -> Any:
        return session.receive(**manner)

    def close(self, session: PSSession) -> None:
        session.remove()


WORDS = {
    "name": "Name", "job_name": "JobName", "throttle_limit": "ThrottleLimit", "arguments": "ArgumentList",
    "input": "InputObject", "hide_computer_name": "HideComputerName", "keep": "Keep", "wait": "Wait",
    "timeout": "Timeout", "any": "Any", "force": "Force", "location": "Location", "no_recurse": "NoRecurse",
    "computer_name": "ComputerName", "auto_remove_job": "AutoRemoveJob", "write_events": "WriteEvents",
    "write_job_in_results": "WriteJobInResults", "id": "Id", "state": "State", "has_more_data": "HasMoreData",
    "include_child_jobs": "IncludeChildJob", "child_job_state": "ChildJobState", "command": "Command",
    "idle_timeout": "IdleTimeoutSec", "out_target": "OutTarget", "sessions": "Session",
}  # fmt: skip
PLAIN = {"has_more_data"}
"""Booleans that are no switches."""


class Words(str):
    """As it is to stand in the line."""

    __slots__ = ()


class Magics:
    """The same verbs as magic lines."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell

    def run(self, magic: str, cell: str | None = None, **details: Any) -> Any:
        line = []
        self.shell.user_ns.update(details.pop("using", {}))
        for field, value in details.items():
            word = WORDS.get(field, field)
            if isinstance(value, bool) and field not in PLAIN:
                line += [f"-{word}"] if value else []
            elif isinstance(value, bool):
                line.append(f"-{word} ${str(value).lower()}")
            elif isinstance(value, Words):
                line.append(f"-{word} {value}")
            else:
                self.shell.user_ns[f"given_{field}"] = value
                line.append(f"-{word} $given_{field}")
        if cell is None:
            return self.shell.run_line_magic(magic, " ".join(line))
        self.shell.run_cell_magic(magic, " ".join([*line, "-OutVariable made"]), cell)
        return self.shell.user_ns["made"]

    def start(self, script: str, *computers: str, **details: Any) -> Job:
        where: dict[str, Any] = {"ComputerName": list(computers)} if computers else {}
        if "arguments" in details:  # a list after -ArgumentList is one argument, so each is a word of its own
            values = details.pop("arguments")
            self.shell.user_ns.update({f"value_{index}": value for index, value in enumerate(values)})
            where["ArgumentList"] = Words(",".join(f"$value_{index}" for index in range(len(values))))
        return self.run("remote_job", script, **where, **details)  # type: ignore[no-any-return]

    def open(self, *computers: str, **details: Any) -> SessionList:
        return self.run("new_pssession", ComputerName=list(computers), **details)  # type: ignore[no-any-return]

    def receive(self, job: Any, **manner: Any) -> Records:
        return self.run("receive_job", Job=job, **manner)  # type: ignore[no-any-return]

    def wait(self, job: Job, **manner: Any) -> Any:
        found = self.run("wait_job", Job=job, **manner)
        return found[0] if found else None

    def stop(self, job: Any) -> None:
        self.run("stop_job", Job=job)

    def remove(self, job: Job, **manner: Any) -> None:
        self.run("remove_job", Job=job, **manner)

    def jobs(self, **filters: Any) -> JobList:
        found = self.run("get_job", **filters)
        return found if isinstance(found, JobList) else JobList([found])

    def disconnect(self, session: PSSession, **manner: Any) -> None:
        self.run("disconnect_pssession", Session=session, **manner)

    def connect(self, session: PSSession) -> None:
        self.run("connect_pssession", Session=session)

    def receive_session(self, session: PSSession, **manner: Any) -> Any:
        return self.run("receive_pssession", Session=session, **manner)

    def close(self, session: PSSession) -> None:
        self.run("remove_pssession", Session=session)


Way = Python | Magics


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.MonkeyPatch]:
    """A session host of the module's own."""
    directory = tmp_path_factory.mktemp("walk")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOBMAGICS_HOST_DIR", str(directory / "host"))
        patch.setenv("IPYTHONDIR", str(directory))
        yield patch
        stop_host(directory / "host")


@pytest.fixture(params=["magics", "python"])
def way(request: pytest.FixtureRequest, place: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Way]:
    """Each walkthrough begins with an empty ledger, so that ids are the recorded ones."""
    place.setenv("JOBMAGICS_DATA_DIR", str(tmp_path))
    place.setenv("JOBMAGICS_NOTEBOOK", f"{request.node.name}")
    if request.param == "python":
        yield Python()
        current.leave()
        return
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    shell.display_pub = CapturingDisplayPublisher()
    magics.load(shell)
    yield Magics(shell)
    magics.unload()


def until(ready: Callable[[], object], seconds: float = 40.0) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def states(job: Job) -> list[str]:
    return [str(job.state), *(str(child.state) for child in job.children)]


def refused(ask: Callable[[], object]) -> str:
    """The error of a mistake, as the recorder shows it."""
    with pytest.raises((ShellUsageError, JobMagicsError)) as caught:
        ask()
    error: Any = caught.value
    return f"ERROR[{error.fqid}] ({error.category}) {getattr(error, 'message', error)}"


# -- results that come back


def test_01_a_job_and_its_child(way: Way) -> None:
    name = "01_asjob_basic"
    job = way.start(' 1..3 | ForEach-Object { "Output $_"; Start-Sleep -Milliseconds 300 }', "localhost")
    assert repr(job) == recorded(name, "$j | Format-Table")
    way.wait(job)
    assert repr(way.jobs()) == recorded(name, "$null = $j | Wait-Job; Get-Job | Format-Table")
    (child,) = job.children
    assert (child.id, child.name, child.type, child.has_more_data, child.location) == (2, "Job2", "", True, "localhost")
    assert shown(way.receive(job, keep=True)) == recorded(name, "Receive-Job $j -Keep")
    assert job.has_more_data
    assert shown(way.receive(job)) == recorded(name, "Receive-Job -Id $j.Id")
    assert (job.has_more_data, child.has_more_data) == (False, False)
    assert shown(way.receive(job)) == ""
    assert len(child.output) == 3
    way.remove(job)
    assert way.jobs() == []


def test_02_two_hosts(way: Way) -> None:
    name = "02_two_hosts"
    script = ' "hello from $([Environment]::MachineName)"; Start-Sleep 1 '
    sessions = way.open("localhost", OTHER)
    assert [session.name for session in sessions] == ["Runspace1", "Runspace2"]
    job = way.start(script, sessions=sessions, job_name="Both")
    until(lambda: [session.availability for session in sessions] == ["Busy", "Busy"])
    assert [(each.id, each.name, each.location) for each in way.jobs(include_child_jobs=True)] == [
        (1, "Both", f"localhost,{OTHER}"), (2, "Job2", "localhost"), (3, "Job3", OTHER),
    ]  # fmt: skip
    way.wait(job)
    hello = way.receive(job, keep=True).to_pandas()
    assert sorted(hello["PSComputerName"]) == sorted(["localhost", OTHER])
    assert len(way.receive(job)) == 2
    assert repr(way.jobs()) == recorded(name, "Get-Job | Format-Table")
    assert [session.availability for session in sessions] == ["Available", "Available"]


def test_02_by_location(way: Way) -> None:
    job = way.start("'hello'", "localhost", ".")
    way.wait(job)
    assert {record.computer_name for record in way.receive(job, location=".").all} == {"."}
    assert {record.computer_name for record in way.receive(job).all} == {"localhost"}


def test_03_stopping(way: Way) -> None:
    sessions = way.open("localhost", OTHER)
    job = way.start("'started'; Start-Sleep 60", sessions=sessions)
    until(lambda: all(child.output for child in job.children))
    way.stop(job.children[0])
    assert states(job) == ["Running", "Stopped", "Running"]
    way.stop(job)
    assert states(job) == ["Stopped"] * 3
    assert shown(way.receive(job)) == recorded("03_stop", "Receive-Job $j")
    assert [session.availability for session in sessions] == ["Available", "Available"]
    way.stop(job)
    other = way.start("'started'; Start-Sleep 60", sessions=sessions)
    until(lambda: all(child.output for child in other.children))
    for child in other.children:
        way.stop(child)
    assert states(other) == ["Completed", "Stopped", "Stopped"]


def test_04_failed_children(way: Way) -> None:
    name = "04_failed_child"
    sessions = way.open("localhost", OTHER)
    job = way.start("'before'; throw 'it broke'", sessions=sessions)
    way.wait(job)
    assert states(job) == ["Failed"] * 3
    assert job.children[0].reason == "it broke"
    expected = sorted(recorded(name, "Receive-Job $j -Keep").splitlines())
    assert sorted(shown(way.receive(job, keep=True)).splitlines()) == expected
    assert sorted(shown(way.receive(job)).splitlines()) == expected
    assert [line[:15] for line in shown(way.receive(job)).splitlines()] == ["ERROR[it broke]"] * 2
    more = way.start("Write-Error 'non-terminating'; Get-Item /nope; 'end'", sessions=sessions[:1])
    way.wait(more)
    command = "$m = Invoke-Command -Session $s[0] { Write-Error 'non-terminating'; Get-Item /nope; 'end' } -AsJob; "
    command += "$null = Wait-Job $m; $m.State; Receive-Job $m"
    assert f"{more.state}\n{shown(way.receive(more))}" == recorded(name, command)


def test_05_a_session_closed_under_its_job(way: Way) -> None:
    (session,) = way.open("localhost")
    job = way.start("'a'; Start-Sleep 60; 'b'", sessions=[session])
    until(lambda: job.children[0].output)
    way.close(session)
    until(lambda: states(job) == ["Completed", "Stopped"])
    assert shown(way.receive(job)) == recorded("05_session_closed_under_job", "Receive-Job $j")
    assert f"{session.state}\n{session.availability}" == recorded(
        "05_session_closed_under_job", "$s.State; $s.Availability"
    )


def test_06_a_busy_session(way: Way, tmp_path: Path) -> None:
    (session,) = way.open("localhost")
    gate = tmp_path / "gate"
    first = way.start(
        f"while (-not (Test-Path '{gate}')) {{ Start-Sleep -Milliseconds 20 }}; 'first'", sessions=[session]
    )
    until(lambda: session.availability == "Busy" and states(first)[1] == "Running")
    second = way.start(" 'second' ", sessions=[session])
    way.wait(second)
    told = recorded(
        "06_busy_session",
        "$b = Invoke-Command -Session $s { 'second' } -AsJob; Start-Sleep -Milliseconds 300; $b.State;"
        " $b.ChildJobs[0].State; $b.ChildJobs[0].JobStateInfo.Reason.Message",
    )
    assert "\n".join([*states(second), second.reason]) == told
    gate.touch()
    way.wait(first)
    lines = [shown(way.receive(first)), *(f"ERROR[{e.id}] ({e.category}) {e}" for e in way.receive(second).errors)]
    assert "\n".join(lines) == recorded("06_busy_session", "$null = Wait-Job $a, $b; Receive-Job $a, $b")


def test_07_a_throttle(way: Way, tmp_path: Path) -> None:
    sessions = way.open("localhost", "localhost", "localhost")
    script = f"$PID; while (-not (Test-Path ('{tmp_path}/' + $PID))) {{ Start-Sleep -Milliseconds 20 }}; 'done'"
    job = way.start(script, sessions=sessions, throttle_limit=1)
    until(lambda: job.children[0].output)
    assert states(job) == ["Running", "Running", "NotStarted", "NotStarted"]
    (tmp_path / str(job.children[0].output[0])).touch()
    until(lambda: states(job)[1:] == ["Completed", "Running", "NotStarted"])
    way.stop(job)
    assert "\n".join(states(job)) == recorded("07_throttle", "Stop-Job $j; $j.State; $j.ChildJobs.State")
    assert job.location == "localhost,localhost,localhost"


def test_09_ways_to_receive(way: Way) -> None:
    name = "09_receive_variants"
    job = way.start("1; Start-Sleep -Milliseconds 500; 2", "localhost")
    assert list(way.receive(job, wait=True)) == [1, 2]
    gone = way.start("1; 2", "localhost")
    assert list(way.receive(gone, wait=True, auto_remove_job=True)) == [1, 2]
    assert gone.id == 3
    missing = refused(lambda: way.jobs(id=gone.id))
    assert missing.startswith(
        recorded(
            name,
            "$j = Invoke-Command -HostName localhost { 1; 2 } -AsJob; Receive-Job $j -Wait -AutoRemoveJob;"
            " Get-Job -Id $j.Id",
        ).splitlines()[-1]
    )
    events = way.receive(way.start("1", "localhost"), wait=True, write_events=True)
    kinds = [
        type(each).__name__ if isinstance(each, int) else each.ps_type_names()[0].split(".")[-1] for each in events
    ]
    assert kinds == ["int", "JobStateEventArgs", "JobStateEventArgs"]
    first = way.start("1", "localhost")
    assert list(way.receive(first, wait=True, write_job_in_results=True)) == [first, 1]
    for manner, command in (
        ({"keep": True, "wait": True}, "Receive-Job $j -Keep -Wait"),
        ({"auto_remove_job": True}, "Receive-Job $j -AutoRemoveJob"),
        ({"write_events": True}, "Receive-Job $j -WriteEvents"),
    ):
        said = refused(lambda manner=manner: way.receive(job, **manner))  # type: ignore[misc]
        assert f"{said}  {{terminating}}" == recorded(name, command)
    assert way.receive(job, no_recurse=True).all == []
    other = way.start("1", "localhost")
    way.wait(other)
    assert list(way.receive(other, computer_name="localhost")) == [1]


def test_10_waiting(way: Way) -> None:
    slow, quick = way.start("Start-Sleep 60", "localhost"), way.start("1", "localhost")
    way.wait(quick)
    assert way.wait(slow, timeout=0) is None
    assert way.wait(slow, timeout=0.2) is None
    way.stop(slow)
    assert way.wait(slow) == slow
    assert str(slow.state) == "Stopped"


def test_11_filters(way: Way) -> None:
    alpha = way.start("'a'", "localhost", job_name="Alpha")
    way.wait(alpha)
    beta = way.start("Start-Sleep 30", "localhost", job_name="Beta")
    gamma = way.start(" 'c' ", "localhost", job_name="Gamma")
    way.wait(gamma)
    until(lambda: states(beta)[1] == "Running")
    name = "11_get_filters"
    for filters, command in (
        ({"state": "Running"}, "Get-Job -State Running | Select-Object Id, Name"),
        ({"name": "*a"}, "Get-Job -Name *a | Select-Object Id, Name"),
        ({"include_child_jobs": True}, "Get-Job -IncludeChildJob | Select-Object Id, Name, State"),
        ({"child_job_state": "Completed"}, "Get-Job -ChildJobState Completed | Select-Object Id, Name, State"),
        ({"command": "*sleep*"}, "Get-Job -Command *sleep* | Select-Object Id, Name"),
        ({"id": [2]}, "Get-Job -Id 2 | Select-Object Id, Name, State"),
    ):
        rows = [line.split()[:2] for line in recorded(name, command).splitlines()[2:]]
        assert [[str(job.id), job.name] for job in way.jobs(**filters)] == rows, filters
    assert way.jobs(has_more_data=False) == []
    assert repr(way.jobs(name="Gamma")).rstrip() == recorded(name, "Get-Job Gamma | Format-Table")
    assert refused(lambda: way.jobs(name="nope")).startswith(recorded(name, "Get-Job -Name nope"))
    assert refused(lambda: way.remove(beta)) == recorded(name, "Remove-Job $b")
    way.remove(beta, force=True)
    assert [job.name for job in way.jobs()] == ["Alpha", "Gamma"]


def test_12_streams_and_where_they_came_from(way: Way) -> None:
    name = "12_streams_and_origin"
    script = (
        " $VerbosePreference = 'Continue'; 'out'; Write-Warning 'warn'; Write-Verbose 'verb'; Write-Error 'err';"
        " Write-Host 'host'; Write-Information 'info' -InformationAction Continue; Write-Progress -Activity work"
        " -PercentComplete 50; [pscustomobject]@{ a = 1; b = 'two' } "
    )
    (session,) = way.open("localhost")
    job = way.start(script, sessions=[session])
    way.wait(job)
    rows = way.receive(job, keep=True)
    counts = {"Output": rows.output, "Error": rows.errors, "Warning": rows.warnings, "Verbose": rows.verbose,
              "Debug": rows.debug, "Information": rows.information, "Progress": rows.progress}  # fmt: skip
    command = "$c = $j.ChildJobs[0]; 'Output Error Warning Verbose Debug Information Progress'.Split(' ') | "
    command += 'ForEach-Object { "$_ $($c.$_.Count)" }'
    assert "\n".join(f"{stream} {len(found)}" for stream, found in counts.items()) == recorded(name, command)
    assert ",".join(rows[1].to_dict()) == recorded(name, "$r[1].PSObject.Properties.Name -join ','")
    (error,) = rows.errors
    assert (error.id, error.category, str(error.OriginInfo)) == (
        "Microsoft.PowerShell.Commands.WriteErrorException", "NotSpecified", "localhost",
    )  # fmt: skip
    hidden = way.start(" [pscustomobject]@{ a = 1 } ", sessions=[session], hide_computer_name=True)
    way.wait(hidden)
    text = _GUID.sub("<guid>", repr(way.receive(hidden)))
    command = "$h = Invoke-Command -Session $s { [pscustomobject]@{ a = 1 } } -HideComputerName; $h | Format-List *; $h"
    assert text.strip().splitlines()[-1].split()[0] == recorded(name, command).splitlines()[-1].split()[0] == "1"
    assert "PSComputerName" not in text


def test_13_values_go_in(way: Way) -> None:
    (session,) = way.open("localhost")

    def run(script: str, **details: Any) -> list[Any]:
        job = way.start(script, sessions=[session], **details)
        return list(way.receive(job, wait=True))

    values = {"n": 5, "list": ["a", "b"]}
    assert run("\"n is $using:n, list $($using:list -join '+')\"", using=values) == ["n is 5, list a+b"]
    assert run('param($x, $y) "$x-$y"', arguments=[1, "z"]) == ["1-z"]
    assert run("$input | ForEach-Object { $_ * 2 }", input=range(1, 4)) == [2, 4, 6]
    assert run("$keep = 42") == []
    assert run("$keep") == [42]
    assert run('"no n here: [$n]"') == ["no n here: []"]
    told = refused(lambda: way.start(" $using:undefined_variable ", sessions=[session], using={}))
    assert f"{told}  {{terminating}}" == recorded(
        "13_variables", "Invoke-Command -Session $s { $using:undefined_variable }"
    )


def test_14_the_other_side_dies(way: Way) -> None:
    (session,) = way.open("localhost")
    job = way.start("'alive'; Start-Sleep 1; Stop-Process -Id $PID -Force; 'never'", sessions=[session])
    way.wait(job)
    assert states(job) == ["Failed", "Failed"]
    rows = way.receive(job)
    assert list(rows) == ["alive"]
    assert len(rows.errors) == 1
    assert f"{session.state}\n{session.availability}" == recorded("14_remote_died", "$s.State; $s.Availability")


# -- detached: scripts that go on while nobody is connected


def test_a_job_that_is_disconnected_and_comes_back(way: Way, tmp_path: Path) -> None:
    (session,) = way.open("localhost", name="night")
    gate = tmp_path / "gate"
    job = way.start(
        f"'before'; while (-not (Test-Path '{gate}')) {{ Start-Sleep -Milliseconds 20 }}; 'after'", sessions=[session]
    )
    until(lambda: job.children[0].output)
    way.disconnect(session, idle_timeout=600)
    assert (session.state, session.availability, states(job)) == ("Disconnected", "None", ["Disconnected"] * 2)
    assert way.wait(job, timeout=5) == job, "waiting ends where PowerShell ends it"
    gate.touch()
    way.connect(session)
    assert way.wait(job, force=True) == job
    assert list(way.receive(job)) == ["before", "after"]


def test_the_job_of_a_session_is_received_by_the_session(way: Way, tmp_path: Path) -> None:
    (session,) = way.open("localhost")
    job = way.start("1..3", sessions=[session])
    way.wait(job)
    again = way.start("Start-Sleep -Milliseconds 200; 4", sessions=[session])
    way.disconnect(session)
    assert way.receive_session(session, out_target="Job") == again
    way.wait(again, force=True)
    assert list(way.receive(again)) == [4]
    assert list(way.receive(job)) == [1, 2, 3]


def test_a_script_in_a_disconnected_session_is_taken_over_by_another_notebook(
    way: Way, place: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """-InDisconnectedSession here, Connect- and Receive-PSSession -OutTarget Job there."""
    gate = tmp_path / "gate"
    script = f"'begun'; while (-not (Test-Path '{gate}')) {{ Start-Sleep -Milliseconds 20 }}; 'ended'"
    if isinstance(way, Magics):
        way.run("remote_job", script, ComputerName=["localhost"], InDisconnectedSession=True, SessionName="Night")
        (left,) = way.shell.user_ns["made"]
    else:
        (left,) = current.current().manager.invoke_disconnected(script, session_name="Night")
    assert (left.name, left.state) == ("Night", "Disconnected")

    place.setenv("JOBMAGICS_DATA_DIR", str(tmp_path / "another machine"))
    place.setenv("JOBMAGICS_NOTEBOOK", "another")
    other = current.Current(current._identity(), current.default_manager)
    try:
        (found,) = other.manager.remote_sessions([jobmagics.computer()], name="night")
        assert found.instance_id == left.instance_id
        taken = found.receive(out_target="Job", job_name="Taken")
        assert isinstance(taken, Job)
        gate.touch()
        assert list(taken.receive(wait=True, force=True)) == ["begun", "ended"]
        found.remove()
    finally:
        other.close()
