"""``jupyter jobmagics jobs`` and ``sessions``: as a person runs them, over ledgers that managers have written."""

from __future__ import annotations

import datetime
import json
import stat
from pathlib import Path

import pytest
from fakes import FakeRemote, Run
from test_app import Person

from jobmagics import clixml
from jobmagics.ledger_app import JSON_DEPTH, as_json
from jobmagics.psobject import Hashtable, PSObject
from jobmagics.remote import ConnectionInfo
from jobmagics.results.values import RemoteObject
from jobmagics.sessions import SessionManager
from jobmagics.store import Store


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(tmp_path)


@pytest.fixture
def ledger(person: Person) -> Path:
    return person.home / "data" / "jobmagics" / "jobs.sqlite"


@pytest.fixture
def remote() -> FakeRemote:
    remote = FakeRemote()

    def talk(run: Run) -> None:
        run.output("first")
        run.output(PSObject({"Name": "disk", "Size": 12}))
        run.warning("careful")
        run.output(3)

    remote.on("talk", talk)
    return remote


@pytest.fixture
def written(remote: FakeRemote, ledger: Path) -> Path:
    """Two notebooks with a job each, and their kernels gone."""
    for notebook in ("report", "other"):
        manager = SessionManager(Store.open(ledger), remote.connect, f"path:/home/ann/{notebook}.ipynb")
        manager.invoke("talk", connections=[ConnectionInfo("web01")], job_name=f"Job of {notebook}").wait(5)
        manager.close()
        manager.store.close()
    return ledger


def test_the_list_names_every_job_and_its_notebook(person: Person, written: Path) -> None:
    said = person.types("jobs", "list").stdout
    assert "Job of report" in said
    assert "/home/ann/other.ipynb" in said
    one = person.types("jobs", "list", "--notebook=report.ipynb").stdout
    assert "Job of report" in one
    assert "other" not in one


def test_a_job_is_exported_as_json_lines(person: Person, written: Path) -> None:
    done = person.types("jobs", "export", "Job of report")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["stream"], line["value"]) for line in lines if line["stream"] == "output"] == [
        ("output", "first"),
        ("output", lines[1]["value"]),
        ("output", 3),
    ]
    assert {"Name": "disk", "Size": 12}.items() <= lines[1]["value"].items()
    assert lines[2]["stream"] == "warning"
    assert {line["computer"] for line in lines} == {"web01"}
    assert datetime.datetime.fromisoformat(lines[0]["time"]).tzinfo is not None


def test_a_job_is_exported_as_clixml(person: Person, written: Path) -> None:
    done = person.types("jobs", "export", "Job of report", "--format=clixml", "--output=out.xml")
    assert done.returncode == 0, done.stderr
    assert "3 records in out.xml" in done.stdout
    file = person.home / "out.xml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    values = clixml.decode_objs(file.read_text(encoding="utf-8"))
    assert (values[0], values[2]) == ("first", 3)


def test_a_number_that_means_two_jobs_is_asked_about(person: Person, written: Path) -> None:
    done = person.types("jobs", "export", "1")
    assert done.returncode == 1
    assert "2 jobs are meant by '1'" in done.stderr
    assert person.types("jobs", "export", "1", "--notebook=report.ipynb").stdout.count("first") == 1
    assert "has no job '77'" in person.types("jobs", "export", "77").stderr
    assert "has no notebook 'nowhere'" in person.types("jobs", "export", "1", "--notebook=nowhere").stderr


def test_pruning_deletes_what_is_past_a_limit_and_nothing_else(person: Person, written: Path) -> None:
    assert "Say what is to go" in person.types("jobs", "prune").stderr
    assert "No finished job" in person.types("jobs", "prune", "--older-than=1").stdout
    assert "Job of report" in person.types("jobs", "prune", "--older-than=0", "--dry-run").stdout
    assert "Job of report" in person.types("jobs", "list").stdout
    done = person.types("jobs", "prune", "--older-than=0", "--notebook=report.ipynb")
    assert "1 jobs deleted" in done.stdout
    left = person.types("jobs", "list").stdout
    assert "Job of report" not in left
    assert "Job of other" in left


def test_a_living_kernels_jobs_are_left_alone(person: Person, written: Path, remote: FakeRemote) -> None:
    manager = SessionManager(Store.open(written), remote.connect, "path:/home/ann/report.ipynb")
    assert person.types("jobs", "prune", "--older-than=0").stdout.count("Job of") == 1
    assert len(manager.jobs()[0].records()) == 3
    manager.close()
    manager.store.close()


def test_the_settings_limits_are_kept_by_the_next_kernel(written: Path, remote: FakeRemote) -> None:
    store = Store.open(written)
    with store.writing():
        store._writer.execute("UPDATE jobs SET ended = ended - 86400 * 40 WHERE owner LIKE '%other%'")
    manager = SessionManager(store, remote.connect, "path:/home/ann/report.ipynb", keep_days=30)
    manager.recover().join(5)
    assert manager._wait_for(lambda: bool(manager._notices), 5)
    assert manager._wait_for(lambda: len(manager.history()) == 1, 5)
    assert [job.name for job in manager.history()] == ["Job of report"]
    assert "1 finished jobs were deleted" in manager.take_notices()[0]
    manager.close()
    store.close()


def test_the_size_limit_takes_the_oldest(written: Path, remote: FakeRemote) -> None:
    store = Store.open(written)
    remote.on("much", lambda run: [run.output("x" * 100_000) for _ in range(20)])
    manager = SessionManager(store, remote.connect, "path:/home/ann/big.ipynb", keep_megabytes=1)
    for _ in range(2):
        manager.invoke("much").wait(10)
    manager._keep_limits()
    assert manager.history() == []
    assert manager.jobs() == []
    manager.close()
    store.close()


def test_sessions_that_are_gone_are_named_and_forgotten(person: Person, ledger: Path, remote: FakeRemote) -> None:
    manager = SessionManager(Store.open(ledger), remote.connect, "path:/home/ann/report.ipynb")
    here, there = manager.new_pssession([ConnectionInfo(), ConnectionInfo("web01")], name=["Here", "There"])
    manager.disconnect([here, there])
    manager.close()
    manager.store.close()
    listed = person.types("sessions", "list").stdout
    assert "Gone" in next(line for line in listed.splitlines() if "Here" in line), "no host runs here"
    assert "Disconnected" in next(line for line in listed.splitlines() if "There" in line)
    exported = [json.loads(line) for line in person.types("sessions", "export").stdout.splitlines()]
    assert {row["name"] for row in exported} == {"Here", "There"}
    pruned = person.types("sessions", "prune").stdout
    assert "Here" in pruned
    assert "There" not in pruned
    assert "Here" not in person.types("sessions", "list").stdout


def test_settings_are_read_from_jupyters_configuration(person: Person, written: Path) -> None:
    config = person.home / "config"
    config.mkdir()
    file = config / "jupyter_jobmagics_config.py"
    file.write_text("c.JobMagics.keep_days = 1e-9\n")
    assert "2 jobs deleted" in person.types("jobs", "prune").stdout
    file.write_text("c.JobMagics.keep_days = 'long'\n")
    done = person.types("jobs", "prune")
    assert done.returncode == 1
    assert "keep_days" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_json_has_no_type_for_is_text() -> None:
    moment = datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)
    value = PSObject({"When": moment, "Bytes": b"\0\1", "Many": [1.5, float("inf"), None, True], "Map": {1: "a"}})
    assert json.loads(json.dumps(as_json(value))) == {
        "When": "2026-01-02T00:00:00+00:00",
        "Bytes": "AAE=",
        "Many": [1.5, "inf", None, True],
        "Map": {"1": "a"},
    }


def test_an_object_that_holds_itself_ends_as_text() -> None:
    me = RemoteObject({"Name": "me", "Table": Hashtable({"n": 1})})
    me._extended["Me"] = me
    told = as_json(me)
    assert told["Table"] == {"n": 1}
    depth = 0
    while isinstance(told, dict):
        told, depth = told["Me"], depth + 1
    assert isinstance(told, str)
    assert depth == JSON_DEPTH
