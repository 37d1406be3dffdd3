"""The magics in an IPython shell, over computers that the test plays: what each word asks of the manager."""

from __future__ import annotations

import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeRemote, Run
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from jobmagics import magics
from jobmagics.console.waiting import WaitInterrupted
from jobmagics.errors import RemoteError
from jobmagics.remote import ConnectionInfo
from jobmagics.results import SessionList
from jobmagics.sessions import SessionManager
from jobmagics.store import Store


def start(shell: InteractiveShell, line: str, script: str = "three") -> Any:
    shell.run_cell_magic("remote_job", f"{line} -OutVariable job", script)
    return shell.user_ns["job"]


def test_a_job_is_shown_and_kept_in_a_variable(shell: InteractiveShell) -> None:
    job = start(shell, "-JobName n")
    assert "n" in shell.display_pub.outputs[-1]["data"]["text/plain"]
    assert shell.run_line_magic("wait_job", "-Name n") == [job]
    assert list(shell.run_line_magic("receive_job", "n -Keep")) == ["line 1", "line 2", "line 3"]
    assert list(shell.run_line_magic("receive_job", "-Job job")) == ["line 1", "line 2", "line 3"]
    assert list(shell.run_line_magic("receive_job", "1")) == []


def test_several_computers_are_children(shell: InteractiveShell) -> None:
    job = start(shell, "-cn web01,web02 -Port 5986 -UseSSL -ConfigurationName JEA")
    shell.run_line_magic("wait_job", "1")
    assert [child.location for child in job.children] == ["web01", "web02"]
    connection = job.children[0].session.connection
    assert (connection.port, connection.use_ssl, connection.configuration_name) == (5986, True, "JEA")
    assert len(shell.run_line_magic("receive_job", "-Id 1 -Keep -ComputerName web02")) == 3
    assert len(shell.run_line_magic("get_job", "-IncludeChildJob")) == 3


def test_one_job_asked_for_is_that_job_and_a_wildcard_is_a_list(shell: InteractiveShell) -> None:
    job = start(shell, "-JobName n")
    assert shell.run_line_magic("get_job", "-Name n") == job
    assert shell.run_line_magic("get_job", "1") == job
    assert shell.run_line_magic("get_job", "-Name n*") == [job]
    assert shell.run_line_magic("get_job", "") == [job]
    assert shell.run_line_magic("get_job", "-Name x*") == []


def test_stop_and_remove(shell: InteractiveShell, remote: FakeRemote) -> None:
    forever = threading.Event()
    remote.on("forever", lambda run: run.wait(forever))
    job = start(shell, "", "forever")
    with pytest.raises(UsageError, match="not finished"):
        shell.run_line_magic("remove_job", "1")
    assert shell.run_line_magic("stop_job", "1 -PassThru") == [job]
    assert str(job.state) == "Stopped"
    shell.run_line_magic("remove_job", "-Job job")
    assert shell.run_line_magic("get_job", "") == []


def test_remove_by_state_needs_no_force(shell: InteractiveShell, remote: FakeRemote) -> None:
    remote.on("forever", lambda run: run.wait(threading.Event()))
    job = start(shell, "", "forever")
    remote_state_reached(job, "Running")
    shell.run_line_magic("remove_job", "-State Running")
    assert shell.run_line_magic("get_job", "") == []


def remote_state_reached(job: Any, state: str) -> None:
    pause = threading.Event()
    for _ in range(200):
        if str(job.children[0].state) == state:
            return
        pause.wait(0.02)
    raise AssertionError(f"{job.children[0].state} is not {state}")


def test_wait_with_a_timeout_gives_nothing(shell: InteractiveShell, remote: FakeRemote) -> None:
    remote.on("forever", lambda run: run.wait(threading.Event()))
    start(shell, "", "forever")
    assert shell.run_line_magic("wait_job", "1 -Timeout 0.1") == []
    assert list(shell.run_line_magic("receive_job", "1 -Wait -Timeout 0.1")) == []


def test_waiting_in_the_cell_prints_and_keeps(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    start(shell, "-cn web01,web02 --wait")
    said = capsys.readouterr().out.splitlines()
    assert sorted(line for line in said if line) == sorted(["line 1", "line 2", "line 3"] * 2)
    assert len(shell.run_line_magic("receive_job", "1 -AutoRemoveJob -Wait")) == 6
    assert shell.run_line_magic("get_job", "") == []


def test_a_terminal_is_not_driven_by_remote_text(
    shell: InteractiveShell, remote: FakeRemote, capsys: pytest.CaptureFixture[str]
) -> None:
    remote.on("escapes", lambda run: run.output("\x1b]0;mine\x07\x1b[2Jhello\tworld"))
    start(shell, "--wait", "escapes")
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "hello" in said


def test_a_failure_while_waiting_names_the_computer(shell: InteractiveShell, remote: FakeRemote) -> None:
    def fail(run: Any) -> None:
        raise ValueError("no disk")

    remote.on("fail", fail)
    with pytest.raises(RemoteError, match=r"Job 1 \(bad\) failed\. web01: .*no disk"):
        start(shell, "-cn web01 -JobName bad --wait", "fail")


def test_interrupting_the_wait_leaves_the_job(shell: InteractiveShell, remote: FakeRemote) -> None:
    begun = threading.Event()
    main = threading.get_ident()

    def forever(run: Any) -> None:
        begun.set()
        run.wait(threading.Event())

    def is_waiting() -> bool:
        """The main thread is in the follower: an interrupt before that is one of starting the job."""
        frame = sys._current_frames()[main]
        while frame is not None and frame.f_code.co_name != "follow":
            frame = frame.f_back
        return frame is not None

    def interrupt() -> None:
        begun.wait(5)
        while not is_waiting():
            time.sleep(0.01)
        time.sleep(0.1)  # past the first lines of follow, which are not waiting yet
        signal.pthread_kill(main, signal.SIGINT)

    remote.on("forever", forever)
    threading.Thread(target=interrupt).start()
    with pytest.raises(WaitInterrupted, match=r"goes on; %stop_job -Id 1"):
        start(shell, "-JobName n --wait", "forever")
    job = shell.run_line_magic("get_job", "1")
    assert str(job.state) == "Running"
    job.stop()


def test_sessions(shell: InteractiveShell) -> None:
    (session,) = shell.run_line_magic("new_pssession", "web01 -Name one -OutVariable s")
    start(shell, "-Session s")
    shell.run_line_magic("wait_job", "1")
    assert shell.run_line_magic("get_pssession", "one") == [session]
    assert shell.user_ns["s"].name == "one", "a list of one has what its session has"
    with pytest.raises(AttributeError, match=r"There are 0 sessions here"):
        _ = SessionList().name
    shell.run_line_magic("disconnect_pssession", "-Session s")
    assert session.state == "Disconnected"
    listed = shell.run_line_magic("get_pssession", "-ComputerName web01")
    assert [each.name for each in listed] == ["one"]
    shell.run_line_magic("connect_pssession", "one")
    assert session.state == "Opened"
    shell.run_line_magic("remove_pssession", str(session.id))
    assert shell.run_line_magic("get_pssession", "") == []


def test_watch_shows_all_jobs_or_some(shell: InteractiveShell) -> None:
    start(shell, "-JobName one")
    start(shell, "-JobName two")
    shell.run_line_magic("wait_job", "1, 3")
    shell.run_line_magic("watch", "")
    assert "one" in shell.display_pub.outputs[-1]["data"]["text/plain"]
    shell.run_line_magic("watch", "two")
    shown = shell.display_pub.outputs[-1]["data"]["text/plain"]
    assert "two" in shown
    assert "one" not in shown


@pytest.mark.parametrize(
    ("magic", "line", "said"),
    [
        ("receive_job", "-Name nope", "nope"),
        ("stop_job", "", "%stop_job needs to know which job: -Name, -Id or -Job. There are no jobs yet."),
        ("remove_job", "99", "99"),
        ("receive_job", "1 -AutoRemoveJob", "The -AutoRemoveJob parameter cannot be used without the -Wait parameter"),
        ("disconnect_pssession", "", "%disconnect_pssession needs to know which session"),
        ("get_pssession", "-Id 4711", "The remote session with the session ID 4711 is not available."),
        ("receive_pssession", "-Name nope", "nope"),
        ("remote_job", "", "%%remote_job needs a script"),
    ],
)
def test_mistakes(shell: InteractiveShell, magic: str, line: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        shell.run_line_magic(magic, line)
    assert said in str(caught.value)


def test_unloading_takes_the_magics_away(shell: InteractiveShell) -> None:
    assert shell.find_line_magic("get_job")
    magics.unload()
    assert shell.find_line_magic("get_job") is None
    assert shell.find_cell_magic("remote_job") is None


def test_a_computers_sessions_are_taken_over_from_another_notebook(
    shell: InteractiveShell, remote: FakeRemote, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gate = threading.Event()

    def hold(run: Run) -> None:
        run.warning("careful")
        run.output("started")
        run.wait(gate)
        run.output("done")

    remote.on("hold", hold)
    store = Store.open(tmp_path / "ledger.sqlite")
    other = SessionManager(store, remote.connect, "path:/home/ann/other.ipynb")
    left, held = other.new_pssession([ConnectionInfo("web01")] * 2, name=["Left", "Held"])
    left.start("hold", job_name="Night")
    other._wait_for(lambda: other.snapshot()[1].lines == 1, 5)
    other.disconnect([left])
    connected = shell.run_line_magic("connect_pssession", "-ComputerName web01")
    assert [(each.name, each.state) for each in connected] == [("Left", "Opened")]
    said = capsys.readouterr().out
    assert "Session Held on web01 is held by another client, and was left to it." in said
    assert "runs the job Night (hold) that another notebook or machine began" in said
    job = shell.run_line_magic("receive_pssession", f"-Id {connected[0].id} -OutTarget Job")
    assert (job.name, job.command) == ("Night", "hold")
    gate.set()
    job.wait(5)
    assert [(each.stream, str(each.value)) for each in job.records().all] == [
        ("warning", "careful"),
        ("output", "started"),
        ("output", "done"),
    ]
    assert held.state == "Opened"
    other.close()
    store.close()


def test_history_and_no_store_have_words(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    job = start(shell, "-JobName secret -NoStore")
    job.wait(5)
    assert "all that it gave until then is lost" in capsys.readouterr().out
    assert shell.run_line_magic("get_job", "-History") == [job]
    assert shell.run_line_magic("get_job", "-History -Name secret") == job


def test_of_several_that_are_named_those_that_are_there_are_removed(shell: InteractiveShell) -> None:
    """As in PowerShell, whose error for one that is not there ends nothing; what is left is named in it."""
    shell.run_line_magic("new_pssession", "web01,web02,web03 -Name one,two,three")
    with pytest.raises(UsageError, match=r"the name gone .*Sessions there are: \d+ three\.$"):
        shell.run_line_magic("remove_pssession", "-Name one,gone,two")
    assert [session.name for session in shell.run_line_magic("get_pssession", "")] == ["three"]
    for name in ("a", "b", "c"):
        shell.run_cell_magic("remote_job", f"-ComputerName web01 -JobName {name} -Wait", "three")
    with pytest.raises(UsageError, match=r"the job name gone was not found.*Jobs there are: c\.$"):
        shell.run_line_magic("remove_job", "-Name gone,a,b,gone2")
    with pytest.raises(UsageError, match=r"the job name gone was not found"):
        shell.run_line_magic("stop_job", "-Name gone,gone2")
    assert shell.run_line_magic("get_job", "c").state == "Completed"
