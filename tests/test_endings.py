"""Who is told as jobs end: functions and a command, once for each job, whatever they do."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import FakeRemote, Run, until

from jobmagics import current
from jobmagics.notebook import Identity
from jobmagics.remote import ConnectionInfo
from jobmagics.sessions import SessionManager
from jobmagics.sessions.endings import Command, Endings
from jobmagics.store import Store

WEB = [ConnectionInfo("web01"), ConnectionInfo("web02")]


@pytest.fixture
def gate() -> threading.Event:
    return threading.Event()


@pytest.fixture
def manager(tmp_path: Path, gate: threading.Event) -> Iterator[SessionManager]:
    remote = FakeRemote()

    def hold(run: Run) -> None:
        while not gate.is_set():
            run.sleep(0.01)

    remote.on("hold", hold)
    remote.on("fail", lambda run: 1 / 0)
    made = SessionManager(Store.open(tmp_path / "jobs.sqlite"), remote.connect, "notebook")
    yield made
    made.close()
    made.store.close()


@pytest.fixture
def endings(manager: SessionManager) -> Iterator[Endings]:
    manager.invoke("earlier", connections=WEB, job_name="earlier").wait()
    made = Endings(manager)
    yield made
    made.close()


def test_each_job_is_told_once_as_it_has_ended(
    manager: SessionManager, endings: Endings, gate: threading.Event
) -> None:
    told: list[tuple[str, str]] = []
    endings.tell("list", lambda job: told.append((job.name, str(job.state))))
    held = manager.invoke("hold", connections=WEB, job_name="held")
    manager.invoke("fail", connections=WEB, job_name="failing").wait()
    until(lambda: told == [("failing", "Failed")])
    gate.set()
    held.wait()
    until(lambda: told == [("failing", "Failed"), ("held", "Completed")])


def test_what_has_ended_is_told_before_we_leave(manager: SessionManager, endings: Endings) -> None:
    told: list[str] = []
    endings.tell("list", lambda job: told.append(job.name))
    manager.invoke("1", connections=WEB, job_name="last").wait()
    endings.close()
    assert told == ["last"]


def test_a_listener_that_fails_is_told_of_once_and_hurts_nothing(manager: SessionManager, endings: Endings) -> None:
    told: list[str] = []
    endings.tell("broken", lambda job: 1 / 0)
    endings.tell("list", lambda job: told.append(job.name))
    for name in ("one", "two"):
        assert manager.invoke("1", connections=WEB, job_name=name).wait().state == "Completed"
        until(lambda name=name: name in told)
    (notice,) = [each for each in manager.take_notices() if "broken" in each]
    assert "(one): ZeroDivisionError" in notice


def test_one_of_the_same_name_takes_the_place(manager: SessionManager, endings: Endings) -> None:
    told: list[str] = []
    endings.tell("note", lambda job: told.append("old"))
    endings.tell("note", lambda job: told.append("new"))
    manager.invoke("1", connections=WEB).wait()
    until(lambda: told)
    assert told == ["new"]


def test_a_command_has_the_job_in_its_environment_and_no_secret(
    manager: SessionManager, endings: Endings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOBMAGICS_CREDENTIAL_ADMIN_PASSWORD", "hunter2")
    seen = tmp_path / "seen.json"
    write = "import json, os, sys; json.dump([dict(os.environ), sys.argv], open(sys.argv[1] + '.new', 'w'))"
    then = "; os.rename(sys.argv[1] + '.new', sys.argv[1])"
    endings.tell("command", Command([sys.executable, "-c", write + then, str(seen), "$(touch x); a b"]))
    manager.invoke("'very remote'", connections=WEB, job_name="it's $(touch y)").wait()
    until(seen.exists)
    environment, words = json.loads(seen.read_text())
    facts = {name: value for name, value in environment.items() if name.startswith("JOBMAGICS_JOB_")}
    assert facts.pop("JOBMAGICS_JOB_ID").isdigit()
    assert float(facts.pop("JOBMAGICS_JOB_SECONDS")) >= 0
    assert facts == {
        "JOBMAGICS_JOB_NAME": "it's $(touch y)",
        "JOBMAGICS_JOB_STATE": "Completed",
        "JOBMAGICS_JOB_TYPE": "RemoteJob",
        "JOBMAGICS_JOB_LOCATION": "web01,web02",
    }
    assert words[-1] == "$(touch x); a b"
    assert "hunter2" not in seen.read_text()
    assert "very remote" not in seen.read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["/no/such/program"], "No such file"),
        ([sys.executable, "-c", "import sys; sys.exit('no mail here')"], "exit code 1 no mail here"),
    ],
)
def test_a_command_that_fails_is_told_of(
    manager: SessionManager, endings: Endings, words: list[str], said: str
) -> None:
    notices: list[str] = []
    endings.tell("command", Command(words))
    manager.invoke("1", connections=WEB).wait()
    until(lambda: notices.extend(manager.take_notices()) or notices)
    assert said in notices[0]


def test_the_setting_names_a_command(manager: SessionManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = tmp_path / "seen"
    touch = [sys.executable, "-c", "import sys; open(sys.argv[1], 'w')", str(seen)]
    settings = tmp_path / "jupyter_jobmagics_config.json"
    settings.write_text(json.dumps({"JobMagics": {"notify_command": touch}}))
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(tmp_path))
    here = current.Current(Identity("notebook", "a test", True), lambda _: manager)
    here.manager.invoke("1", connections=WEB).wait()
    until(seen.exists)
    here.close()
