"""What a person holds: records as Python values, and what they print as."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import FakeRemote, Run

from jobmagics.psobject import Hashtable, PSObject
from jobmagics.remote import ConnectionInfo
from jobmagics.results import Job
from jobmagics.results.values import held
from jobmagics.sessions import SessionManager
from jobmagics.store import Store

WEB = [ConnectionInfo("web01"), ConnectionInfo("web02")]


def mixed(run: Run) -> None:
    run.output("out")
    run.warning("warn")
    run.error("err")
    run.output(PSObject({"a": 1, "b": "<two>"}))
    run.progress("work", 50)
    run.output(None)
    run.output([1, 2])


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[SessionManager]:
    remote = FakeRemote()
    remote.on("mixed", mixed)
    remote.on("fail", lambda run: [run.output("before"), 1 / 0])
    remote.on("'c'", lambda run: run.output("c"))
    remote.on("many", lambda run: [run.output(n) for n in range(3)])
    made = SessionManager(Store.open(tmp_path / "jobs.sqlite"), remote.connect, "notebook")
    yield made
    made.close()
    made.store.close()


def done(manager: SessionManager, script: str, **details: object) -> Job:
    job = manager.invoke(script, **details)  # type: ignore[arg-type]
    assert manager.wait([job], timeout=5) == [job]
    return job


def test_records_are_a_sequence_of_the_output(manager: SessionManager) -> None:
    records = done(manager, "mixed").receive()
    assert len(records) == 4
    assert records[0] == "out"
    assert records[1].A == 1
    assert records[-2:] == [None, [1, 2]]
    assert [record.stream for record in records.all] == [
        "output",
        "warning",
        "error",
        "output",
        "progress",
        "output",
        "output",
    ]
    assert (records.warnings, [str(error) for error in records.errors]) == (["warn"], ["err"])
    assert records.progress[0].Activity == "work"


def test_objects_say_where_they_come_from(manager: SessionManager) -> None:
    (session,) = manager.new_pssession(WEB[:1])
    job = session.start("mixed")
    job.wait(5)
    found = job.receive()[1]
    runspace = uuid.UUID(session.instance_id)
    assert list(found.to_dict()) == ["a", "b", "PSComputerName", "RunspaceId", "PSShowComputerName"]
    assert (found.PSComputerName, found.RunspaceId, found.PSShowComputerName) == ("web01", runspace, True)
    (error,) = job.records().errors
    assert (error.OriginInfo.PSComputerName, error.OriginInfo.RunspaceID) == ("web01", runspace)


def test_hiding_the_computer_name_only_hides_it(manager: SessionManager) -> None:
    found = done(manager, "mixed", hide_computer_name=True).receive()[1]
    assert (found.PSShowComputerName, found.PSComputerName) == (False, "localhost")


def test_records_print_all_streams_in_order(manager: SessionManager) -> None:
    records = done(manager, "mixed").records()
    text = str(records)
    places = [text.index(each) for each in ("out", "WARNING: warn", "err", "<two>")]
    assert places == sorted(places)
    assert "work" not in text
    page = records._repr_html_()
    assert "&lt;two&gt;" in page
    assert "<two>" not in page


def test_two_computers_follow_each_other_and_reasons_come_last(manager: SessionManager) -> None:
    records = done(manager, "fail", connections=WEB).receive()
    assert [(record.stream, record.computer_name) for record in records.all] == [
        ("output", "web01"),
        ("output", "web02"),
        ("error", "web01"),
        ("error", "web02"),
    ]
    assert str(records).count("division by zero") == 2


def test_a_job_prints_as_powershells_table(manager: SessionManager) -> None:
    job = done(manager, "'c'", job_name="Gamma")
    assert repr(job).splitlines() == [
        "Id     Name            PSJobTypeName   State         HasMoreData     Location             Command",
        "--     ----            -------------   -----         -----------     --------             -------",
        "1      Gamma           RemoteJob       Completed     True            localhost            'c'",
    ]
    assert repr(manager.jobs()) == repr(job)
    assert "<td" in job._repr_html_()
    child = job.children[0]
    assert child.parent == job
    assert repr(child).splitlines()[2].split() == ["2", "Job2", "Completed", "True", "localhost", "'c'"]


def test_a_session_prints_as_powershells_table(manager: SessionManager) -> None:
    (session,) = manager.new_pssession(WEB[:1], name="One")
    titles, _, row = repr(session).splitlines()
    assert titles.split() == [
        "Id",
        "Name",
        "Transport",
        "ComputerName",
        "ComputerType",
        "State",
        "ConfigurationName",
        "Availability",
    ]
    assert row.split() == ["1", "One", "WSMan", "web01", "RemoteMachine", "Opened", "Microsoft.PowerShell", "Available"]


def test_a_frame(manager: SessionManager) -> None:
    pytest.importorskip("pandas")
    frame = done(manager, "many", connections=WEB).to_pandas()
    assert list(frame.columns) == ["value", "PSComputerName"]
    assert list(frame["value"]) == [0, 1, 2, 0, 1, 2]
    assert list(frame["PSComputerName"]) == ["web01"] * 3 + ["web02"] * 3
    objects = done(manager, "mixed").to_pandas()
    assert {"a", "b", "PSComputerName"} <= set(objects.columns)
    assert "RunspaceId" not in objects.columns


def test_reading_does_not_load_what_is_not_asked_for(manager: SessionManager) -> None:
    records = done(manager, "many").records()
    assert [record.value for record in records.stream()] == [0, 1, 2]
    assert records._loaded is None


def test_what_refers_to_itself_or_to_much_is_held_as_it_is() -> None:
    items: list[object] = [PSObject({"a": 1})]
    items.append(items)
    mine = held(items)
    assert mine[1] is mine
    assert mine[0].a == 1
    table = Hashtable({"list": items})
    table["me"] = table
    mine = held(table)
    assert mine["me"] is mine
    assert mine["list"][1] is mine["list"]
    doubled: list[object] = []
    for _ in range(40):  # each has the one before twice: 2^40 copies
        doubled = [doubled, doubled]
    mine = held(doubled)
    assert mine[0] is mine[1]
