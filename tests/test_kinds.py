"""The other kinds of jobs: processes and runspaces of this machine, as PowerShell has them (the recorded walkthrough
16_background_and_thread), over fakes and over the built-in engine.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import FakeRemote, until

from jobmagics.errors import ConnectionFailed, UsageError
from jobmagics.host.client import stop_host
from jobmagics.psrp import connect
from jobmagics.remote.fragments import Kind
from jobmagics.results import Job
from jobmagics.sessions import SessionManager
from jobmagics.store import Store


def states(job: Job) -> list[str]:
    return [str(job.state), *(str(child.state) for child in job.children)]


# -- over fakes


@pytest.fixture
def remote() -> FakeRemote:
    return FakeRemote()


@pytest.fixture
def manager(remote: FakeRemote, tmp_path: Path) -> Iterator[SessionManager]:
    made = SessionManager(Store.open(tmp_path / "jobs.sqlite"), remote.connect, "notebook")
    yield made
    made.close()
    made.store.close()


def test_ids_names_and_places(manager: SessionManager) -> None:
    background = manager.start_job("'b'", name="Bg")
    thread = manager.start_thread_job("'t'")
    parallel = manager.start_parallel_job("'p'", [1, 2])
    remote_job = manager.invoke("'r'")
    assert [(job.id, job.name, job.type, job.location) for job in manager.jobs()] == [
        (1, "Bg", "BackgroundJob", "localhost"),
        (3, "Job3", "ThreadJob", "PowerShell"),
        (4, "Job4", "PSTaskJob", "PowerShell"),
        (7, "Job7", "RemoteJob", "localhost"),
    ]
    assert [(child.id, child.type) for child in background.children] == [(2, "")]
    assert thread.children == []
    assert [(child.id, child.name, child.type, child.location) for child in parallel.children] == [
        (5, "Job5", "PSTaskChildJob", "PowerShell"),
        (6, "Job6", "PSTaskChildJob", "PowerShell"),
    ]
    assert manager.jobs(id=3) == [thread]
    assert manager.jobs(name="Job3") == [thread]
    assert [job.id for job in manager.jobs(include_child_jobs=True)] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [(row.id, row.parent_id) for row in manager.snapshot()][:3] == [(1, None), (2, 1), (3, None)]
    manager.wait([background, thread, parallel, remote_job], timeout=10)


def test_a_background_job_ends_its_process_and_a_thread_job_leaves_it_to_the_next(
    manager: SessionManager, remote: FakeRemote
) -> None:
    manager.start_job("'b'").wait(5)
    until(lambda: not remote.shells)
    manager.start_thread_job("'t'").wait(5)
    manager.start_thread_job("'u'").wait(5)
    assert [shell.info.name for shell in remote.shells.values()] == ["ThreadJobs"]
    parallel = manager.start_parallel_job("'p'", range(9))
    parallel.wait(5)
    until(lambda: len(remote.shells) == 1)
    assert remote.opened == 3
    for job in manager.jobs():
        job.remove()
    assert len(remote.shells) == 1, "the thread jobs' process stays"


def test_thread_jobs_share_one_throttle_whose_last_value_holds(manager: SessionManager, remote: FakeRemote) -> None:
    go = threading.Event()
    remote.on("hold", lambda run: run.wait(go))
    waiting = [manager.start_thread_job("hold", throttle_limit=2) for _ in range(4)]
    until(lambda: [str(job.state) for job in waiting[:2]] == ["Running"] * 2)
    assert [str(job.state) for job in waiting[2:]] == ["NotStarted"] * 2
    more = manager.start_thread_job("hold", throttle_limit=3)
    until(lambda: str(waiting[2].state) == "Running")
    assert [str(job.state) for job in (waiting[3], more)] == ["NotStarted"] * 2
    waiting[3].stop()
    assert str(waiting[3].state) == "Stopped"
    go.set()
    manager.wait([*waiting, more], timeout=5)
    assert [str(job.state) for job in (*waiting, more)] == ["Completed"] * 3 + ["Stopped", "Completed"]


def test_five_items_at_a_time(manager: SessionManager, remote: FakeRemote) -> None:
    go = threading.Event()
    remote.on("hold", lambda run: run.wait(go))
    job = manager.start_parallel_job("hold", range(8))
    until(lambda: states(job)[1:6] == ["Running"] * 5)
    assert states(job) == ["Running", *["Running"] * 5, *["NotStarted"] * 3]
    job.stop()
    assert states(job) == ["Stopped"] * 9
    until(lambda: not remote.shells)


def test_each_item_goes_with_its_own_script(manager: SessionManager, remote: FakeRemote) -> None:
    remote.on("item", lambda run: run.output(run.before[1][1] if run.before else None))
    job = manager.start_parallel_job("item", ["a", {"k": 1}], throttle_limit=1)
    job.wait(5)
    first, second = job.receive()
    assert first == "a"
    assert second["k"] == 1


def test_more_data_is_what_is_there(manager: SessionManager, remote: FakeRemote) -> None:
    said, go = threading.Event(), threading.Event()

    def talk(run: object) -> None:
        run.wait(said)  # type: ignore[attr-defined]
        run.output(1)  # type: ignore[attr-defined]
        run.wait(go)  # type: ignore[attr-defined]

    remote.on("talk", talk)
    inside = [manager.start_thread_job("talk"), manager.start_parallel_job("talk", [1])]
    outside = manager.start_job("talk")
    assert [job.has_more_data for job in (*inside, outside)] == [False, False, True]
    said.set()
    until(lambda: all(job.has_more_data for job in inside))
    for job in (*inside, outside):
        until(lambda job=job: job.receive() == [1])
    assert [job.has_more_data for job in (*inside, outside)] == [False, False, True]
    go.set()
    manager.wait([*inside, outside], timeout=5)
    assert not outside.has_more_data


def test_information_alone_is_no_more_data_of_a_thread_job(manager: SessionManager, remote: FakeRemote) -> None:
    remote.on("tell", lambda run: run.send(Kind.INFORMATION, "<S>told</S>"))
    tellers = [manager.start_thread_job("tell"), manager.start_parallel_job("tell", [1]), manager.start_job("tell")]
    manager.wait(tellers, timeout=5)
    assert [job.has_more_data for job in tellers] == [False, True, True]
    assert [len(job.receive().information) for job in tellers] == [1, 1, 1], "it is there all the same"


def test_a_process_that_cannot_be_begun_fails_all_that_waited_for_it(
    manager: SessionManager, remote: FakeRemote
) -> None:
    remote.failures["localhost"] = ConnectionFailed("The session host cannot be started.")
    job = manager.start_parallel_job("'x'", range(7))
    job.wait(5)
    assert states(job) == ["Failed"] * 8
    assert {child.reason for child in job.children} == {"The session host cannot be started."}
    thread = manager.start_thread_job("'x'")
    thread.wait(5)
    assert (str(thread.state), thread.reason) == ("Failed", "The session host cannot be started.")
    remote.failures.clear()
    again = manager.start_thread_job("'x'")
    again.wait(5)
    assert again.receive() == ["'x'"]


def test_a_new_kernel_has_them_all_again(remote: FakeRemote, tmp_path: Path) -> None:
    go = threading.Event()
    remote.on("hold", lambda run: [run.output("begun"), run.wait(go), run.output("done")])
    first = SessionManager(Store.open(tmp_path / "jobs.sqlite"), remote.connect, "notebook")
    jobs = [first.start_job("hold"), first.start_thread_job("hold"), first.start_parallel_job("hold", range(7))]
    until(lambda: all(len(job.output) == count for job, count in zip(jobs, (1, 1, 5), strict=True)))
    first.close()
    second = SessionManager(Store.open(tmp_path / "jobs.sqlite"), remote.connect, "notebook")
    second.recover().join(10)
    go.set()
    background, thread, parallel = second.jobs()
    second.wait([background, thread, parallel], timeout=10, force=True)
    assert [(job.type, str(job.state)) for job in (background, thread)] == [
        ("BackgroundJob", "Completed"),
        ("ThreadJob", "Completed"),
    ]
    assert isinstance(parallel, Job)
    assert states(parallel) == ["Failed", *["Completed"] * 5, *["Failed"] * 2]
    assert "could be started on localhost" in parallel.children[6].reason
    assert [job.receive().output for job in (background, thread)] == [["begun", "done"]] * 2
    assert sorted(parallel.receive().output) == ["begun"] * 5 + ["done"] * 5
    second.close()


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_what_is_no_throttle_limit(manager: SessionManager, limit: int) -> None:
    with pytest.raises(UsageError, match=f"from 1 to 1000, not {limit}"):
        manager.start_thread_job("1", throttle_limit=limit)
    with pytest.raises(UsageError, match="from 1 to 1000"):
        manager.start_parallel_job("1", [1], throttle_limit=limit)


def test_mistakes(manager: SessionManager) -> None:
    with pytest.raises(UsageError, match="/no/such/place is no directory"):
        manager.start_job("1", working_directory="/no/such/place")
    with pytest.raises(UsageError, match="nothing to run in parallel"):
        manager.start_parallel_job("1", [])
    with pytest.raises(UsageError, match="input object 2 cannot be sent"):
        manager.start_parallel_job("1", [1, object()])
    assert manager.jobs() == []


# -- over the session host and the built-in engine


@pytest.fixture(scope="module")
def here() -> Iterator[SessionManager]:
    with tempfile.TemporaryDirectory(prefix="jmk") as place, pytest.MonkeyPatch.context() as patch:
        directory = Path(place, "host")
        directory.mkdir(mode=0o700)
        engines = directory / "engines.json"
        engines.touch(mode=0o600)
        engines.write_text(json.dumps({"Microsoft.PowerShell": [sys.executable, "-m", "jobmagics.powershell", "-s"]}))
        patch.setenv("JOBMAGICS_HOST_DIR", str(directory))
        made = SessionManager(Store.open(Path(place, "jobs.sqlite")), connect, "notebook")
        yield made
        made.close()
        made.store.close()
        stop_host(directory)


def given(job: Job) -> list[object]:
    return job.receive(wait=True).output


def test_a_background_job_of_the_engine(here: SessionManager) -> None:
    script = '"$using:n $(foo) $($args -join "+")"; $PWD.Path; $PID'
    prepare = "function foo { 'prepared' }; 'dropped'"
    job = here.start_job(
        script, initialization_script=prepare, arguments=[1, 2], using={"n": 5}, working_directory=os.sep
    )
    text, place, process = given(job)
    assert (text, place) == ("5 prepared 1+2", os.sep)
    assert process not in given(here.start_job("$PID"))


def test_a_failing_preparation_fails_the_job(here: SessionManager) -> None:
    job = here.start_job("'unreached'", initialization_script="throw 'not prepared'")
    assert given(job) == []
    assert (str(job.state), job.reason) == ("Failed", "not prepared")


def test_thread_jobs_of_the_engine_are_in_one_process_and_keep_their_variables_to_themselves(
    here: SessionManager,
) -> None:
    first, second = (given(here.start_thread_job("$PID; [string]$kept; $kept = 'kept'")) for _ in range(2))
    assert first == [first[0], ""]
    assert second == first
    prepared = here.start_thread_job("foo", initialization_script="function foo { 'prepared' }")
    assert given(prepared) == ["prepared"]


def test_a_failing_thread_job_of_the_engine(here: SessionManager) -> None:
    job = here.start_thread_job("throw 'tj'")
    job.wait(10)
    (error,) = job.receive().errors
    assert (str(job.state), error.id, error.category, str(error)) == ("Failed", "JobStateFailed", "InvalidResult", "tj")


def test_items_in_parallel_in_the_engine(here: SessionManager) -> None:
    job = here.start_parallel_job('"$($_ * $using:factor) $PID"', range(1, 8), using={"factor": 2})
    rows = [str(each).split() for each in given(job)]
    assert [row[0] for row in rows] == [str(2 * number) for number in range(1, 8)]
    assert len({row[1] for row in rows}) == 1
    failing = here.start_parallel_job('if ($_ -eq 2) { throw "bad $_" }; $_', [1, 2])
    failing.wait(10)
    assert states(failing) == ["Failed", "Completed", "Failed"]
    records = failing.receive()
    (error,) = records.errors
    assert (records.output, error.id, str(error)) == ([1], "JobStateFailed", "bad 2")


def test_a_bag_of_properties_is_marked_as_powershell_marks_it(here: SessionManager) -> None:
    script = "[pscustomobject]@{ a = 1 }"
    (background,) = given(here.start_job(script))
    (thread,) = given(here.start_thread_job(script))
    assert "PSComputerName" in background.to_dict()  # type: ignore[attr-defined]
    assert thread.to_dict() == {"a": 1}  # type: ignore[attr-defined]
