"""The Python API over the real chain: session host and built-in engine, in this process and in plain scripts."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import decimal
import doctest
import importlib
import sqlite3
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import jobmagics
from jobmagics import api, current, magics
from jobmagics.errors import InvalidOperation, UsageError
from jobmagics.host.client import stop_host
from jobmagics.psobject import Version
from jobmagics.results import ErrorRecord

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
pytestmark = pytest.mark.timeout(60)  # a session host and engines start

DOCUMENTED = ("jobmagics.api", "jobmagics.results.job", "jobmagics.results.session", "jobmagics.results.records",
              "jobmagics.results.errors")  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.MonkeyPatch]:
    """A session host and a ledger of the module's own."""
    directory = tmp_path_factory.mktemp("api")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOBMAGICS_HOST_DIR", str(directory / "host"))
        patch.setenv("JOBMAGICS_DATA_DIR", str(directory / "data"))
        patch.setenv("JOBMAGICS_NOTEBOOK", "test")
        yield patch
        current.leave()
        stop_host(directory / "host")


@pytest.mark.parametrize("module", DOCUMENTED)
def test_the_examples_of_the_docstrings(module: str) -> None:
    found = importlib.import_module(module)
    outcome = doctest.testmod(found, extraglobs={"jobmagics": jobmagics, "computer": jobmagics.computer})
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_the_examples_of_the_documentation() -> None:
    page = Path(__file__).parent.parent / "docs" / "python.md"
    outcome = doctest.testfile(str(page), module_relative=False)
    assert outcome.attempted > 10
    assert outcome.failed == 0


def test_the_magics_and_python_share_their_jobs(tmp_path: Path, place: pytest.MonkeyPatch) -> None:
    place.setenv("IPYTHONDIR", str(tmp_path))
    before = jobmagics.start("'from Python'", job_name="before").wait()
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    magics.load(shell)
    try:
        assert shell.run_line_magic("get_job", "-Name before") == before
        shell.run_cell_magic("remote_job", "-JobName mine -OutVariable mine", "'from a magic'")
        assert jobmagics.get_job("mine") == shell.user_ns["mine"]
        shell.user_ns["session"] = jobmagics.connect(name="shared")
        assert shell.run_line_magic("get_pssession", "-Name shared") == [shell.user_ns["session"]]
    finally:
        magics.unload()
    again = jobmagics.get_jobs(name="before")
    assert [str(job.state) for job in again] == ["Completed"], "the next manager reads the same ledger"


def test_what_is_promised_is_there() -> None:
    assert set(api.__all__) == set(jobmagics.__all__)
    assert all(getattr(jobmagics, name) is getattr(api, name) for name in jobmagics.__all__)
    assert all(getattr(api, name).__doc__ for name in api.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        jobmagics.nothing  # noqa: B018


def test_powershells_types_are_pythons() -> None:
    job = jobmagics.start(f"""[pscustomobject]@{{
        when = [datetime]::new(2026, 3, 1, 12, 0, 0, [DateTimeKind]::Utc); money = 12.50d; id = [guid]'{ID}'
        raw = [byte[]](1, 2); version = [version]'1.2.3'; span = [timespan]::FromSeconds(90); big = 3000000000
        real = 1.5; letter = [char]'x'; flag = $true; none = $null; list = 1, 'a'; table = @{{ k = 1 }}
    }}""")
    (thing,) = job.receive(wait=True, auto_remove_job=True)
    assert thing.When == datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.timezone.utc)
    assert (thing.money, thing.id, thing.raw) == (decimal.Decimal("12.50"), uuid.UUID(ID), b"\x01\x02")
    assert (thing.version, thing.span) == (Version((1, 2, 3)), datetime.timedelta(seconds=90))
    assert (thing.big, thing.real, thing.letter, thing.flag, thing.none) == (3000000000, 1.5, "x", True, None)
    assert (thing.list, dict(thing.table)) == ([1, "a"], {"k": 1})
    assert thing.to_dict()["money"] == decimal.Decimal("12.50")


def test_what_carries_notes_is_its_value_and_the_notes_are_in_the_raw_record() -> None:
    job = jobmagics.start(
        "[DayOfWeek]::Monday; Get-Date -Date '2026-03-01T12:00:00Z'; [DateTimeOffset]'2026-03-01T12:00:00+02:00';"
        " [pscustomobject]@{ day = [DayOfWeek]::Friday; inner = [pscustomobject]@{ when = Get-Date };"
        " list = @(Get-Date) }"
    )
    rows = job.receive(wait=True, auto_remove_job=True)
    day, date, offset, thing = rows
    assert (day, day.number) == ("Monday", 1)
    assert date == datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.timezone.utc)
    assert offset.isoformat() == "2026-03-01T12:00:00+02:00"
    assert (thing.Day, type(thing.inner.WHEN).__mro__[1], type(thing["list"][0]).__mro__[1]) == (
        "Friday", datetime.datetime, datetime.datetime,
    )  # fmt: skip
    assert thing.to_dict()["day"] == "Friday"
    assert [str(record.raw.PSComputerName) for record in rows.all] == ["localhost"] * 4
    assert rows.to_pandas()["day"].tolist()[-1] == "Friday"


def test_an_error_knows_where_it_was() -> None:
    job = jobmagics.start("'one'\n\n  Get-Item /no/such/thing\n[int]'x'")
    records = job.receive(wait=True, auto_remove_job=True)
    first, second = records.errors
    assert isinstance(first, ErrorRecord)
    assert first.position is not None
    assert (first.position.line, first.position.column, first.position.text) == (3, 3, "  Get-Item /no/such/thing")
    assert first.position.message.startswith("At line:3 char:3")
    assert (first.target, first.FullyQualifiedErrorId) == ("/no/such/thing", first.id)
    assert (second.category, second.computer_name) == ("InvalidArgument", "localhost")
    assert "line 3" in first.stack_trace


def test_a_terminating_error_is_one_too() -> None:
    job = jobmagics.start("throw 'no disk'").wait()
    assert job is not None
    assert str(job.state) == "Failed"
    (error,) = job.errors
    assert (error.message, error.id, error.category) == ("no disk", "no disk", "OperationStopped")
    job.remove()


def test_iterating_reads_along_while_it_runs() -> None:
    session = jobmagics.connect()
    job = session.start("'first'; while (-not $go) { Start-Sleep -Milliseconds 20 }; 'last'")
    records = iter(job)
    assert next(records).value == "first"
    assert str(job.state) == "Running"
    assert session.availability == "Busy"
    job.stop()
    assert list(records) == []
    assert job.receive().output == ["first"], "iterating takes nothing away"
    session.remove()


def test_await_and_async_for() -> None:
    async def both() -> tuple[list[object], list[str]]:
        one, two = jobmagics.start("1..3"), jobmagics.start("'a'; Start-Sleep -Milliseconds 100; throw 'b'")
        seen = [record.value async for record in one]
        done = await asyncio.gather(_end(one), _end(two))
        last = [str(record.value) async for record in two]
        for job in done:
            job.remove()
        return seen, last

    assert asyncio.run(both()) == ([1, 2, 3], ["a", "b"])


async def _end(job: jobmagics.results.Job) -> jobmagics.results.Job:  # type: ignore[name-defined]
    return await job


def test_leaving_a_session_lets_what_runs_go_on() -> None:
    with jobmagics.connect(name="left") as session:
        job = session.start("'on'; Start-Sleep -Milliseconds 300; 'off'")
    assert (session.state, str(job.state)) == ("Disconnected", "Disconnected")
    session.connect()
    assert job.receive(wait=True).output == ["on", "off"]
    session.remove()


def test_a_session_is_told_arguments_that_the_ledger_does_not_keep(place: pytest.MonkeyPatch) -> None:
    told = {"who": "ada the unforgettable", "number": 5}
    option = jobmagics.PSSessionOption(application_arguments=told)
    with jobmagics.connect(session_option=option) as session:
        job = session.start("$a = $PSSenderInfo.ApplicationArguments; $a.who, $a.number").wait()
        assert job is not None
        assert job.output == ["ada the unforgettable", 5]
        with contextlib.closing(sqlite3.connect(current.current().manager.store.path)) as ledger:
            kept = " ".join(str(row) for row in ledger.execute("SELECT connection FROM sessions"))
        assert "unforgettable" not in kept
    job.remove()


def test_events_and_jobs_among_the_results() -> None:
    job = jobmagics.start("1")
    one, child, parent = job.receive(wait=True, write_events=True)
    assert (one, str(child.JobStateInfo), str(parent.PreviousJobStateInfo)) == (1, "Completed", "NotStarted")
    again = jobmagics.start("1").receive(wait=True, write_job_in_results=True)
    assert [type(item).__name__ for item in again] == ["Job", "int"]
    assert "RemoteJob" in str(again)
    with pytest.raises(InvalidOperation, match="The Wait and Keep parameters cannot be used together"):
        job.receive(keep=True, wait=True)


def test_what_does_not_go_together_is_said() -> None:
    for details, said in (
        ({"host_name": "web01", "use_ssl": True}, "-UseSSL does not go with -HostName"),
        ({"computer_name": "web01", "user_name": "ann"}, "-UserName goes with -HostName"),
        ({"connection_uri": "ftp://web01"}, "is no URI to connect to"),
        ({"connection_uri": "https://ann:secret@web01/wsman"}, "-Credential names who logs on"),
        ({"connection_uri": "https://web01/wsman", "port": 1}, "-Port does not go with -ConnectionUri"),
        ({"computer_name": "web01", "colour": "red"}, "A connection has no colour; it has port"),
    ):
        with pytest.raises(UsageError, match=said):
            jobmagics.connect(**details)


SCRIPT = """
import sys, jobmagics
if sys.argv[1] == "first":
    job = jobmagics.start("1..40 | ForEach-Object { Start-Sleep -Milliseconds 50; $_ }", job_name="long")
    for record in job:
        print(record.value, flush=True)
        if record.value == 3:
            if sys.argv[2] == "killed":
                sys.stdin.read()
            break
else:
    (job,) = jobmagics.recover()
    print(job.name, job.wait().state, job.records() == list(range(1, 41)), job.receive().output == list(range(1, 41)))
    job.remove()
"""


@pytest.mark.parametrize("end", ["orderly", "killed"])
def test_a_plain_script_has_its_jobs_again(place: pytest.MonkeyPatch, tmp_path: Path, end: str) -> None:
    place.delenv("JOBMAGICS_NOTEBOOK")
    script = tmp_path / "nightly.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script)]
    first = subprocess.Popen([*command, "first", end], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    assert [first.stdout.readline() for _ in range(3)] == ["1\n", "2\n", "3\n"]
    if end == "killed":
        first.kill()
    first.communicate(timeout=30)
    again = subprocess.run([*command, "second"], capture_output=True, text=True, timeout=50, check=False)
    place.setenv("JOBMAGICS_NOTEBOOK", "test")
    assert again.stdout.split() == ["long", "Completed", "True", "True"], again.stderr


def test_reading_along_does_not_wait_for_an_answer_that_nobody_gives() -> None:
    job = jobmagics.start("'before'; Read-Host Name")
    seen: list[object] = []
    with pytest.raises(InvalidOperation, match=r"waits for an answer.*answer\(\) or refuse\(\) it"):
        seen.extend(record.value for record in job)
    assert seen == ["before"]
    with pytest.raises(InvalidOperation, match="waits for an answer"):
        asyncio.run(_end(job))
    job.answer("Ada")
    assert [record.value for record in job] == ["before", "Ada"]
    job.remove()


def test_many_threads_may_wait_for_one_job() -> None:
    job = jobmagics.start("Start-Sleep -Milliseconds 100; 1..5")
    seen: list[list[object]] = []
    readers = [threading.Thread(target=lambda: seen.append([record.value for record in job])) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(30)
    assert seen == [[1, 2, 3, 4, 5]] * 4
    job.remove()
