"""The magics whose cells run at once, those that start jobs on this machine, what scripts ask, and the stop button: in
an IPython shell, over computers that the test plays.
"""

from __future__ import annotations

import getpass
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from fakes import FakeRemote, Run, until
from IPython.core.error import StdinNotImplementedError, UsageError
from IPython.core.interactiveshell import InteractiveShell

from jobmagics.console.waiting import WaitInterrupted
from jobmagics.errors import ConnectionFailed, RemoteError, SessionGone
from jobmagics.magics.cell_words import ScriptFailed, ScriptStopped
from jobmagics.options import complete, specs
from jobmagics.remote.fragments import Kind


def cell(shell: InteractiveShell, line: str, script: str) -> Any:
    """A cell magic with its line; gives what -OutVariable kept."""
    name, _, words = line.partition(" ")
    shell.user_ns.pop("given", None)
    shell.run_cell_magic(name, f"{words} -OutVariable given", script)
    return shell.user_ns["given"]


def keeping(run: Run) -> None:
    """A script that counts how often it ran in its session."""
    run.variables["count"] = run.variables.get("count", 0) + 1
    run.output(str(run.variables["count"]))


def forever(run: Run) -> None:
    run.output("begun")
    run.wait(threading.Event())


# -- jobs on this machine


def test_jobs_of_each_kind(shell: InteractiveShell, remote: FakeRemote) -> None:
    remote.on("echo", lambda run: [run.output(value) for value in (*run.arguments, *run.input)])
    shell.user_ns["items"] = ["x", "y"]
    job = cell(shell, "start_job mine -ArgumentList 1, 'a' -InputObject items", "echo")
    assert (job.name, job.type) == ("mine", "BackgroundJob")
    assert shell.run_line_magic("receive_job", "mine -Wait") == [1, "a", "x", "y"]
    job = cell(shell, "thread_job -Name light -ThrottleLimit 3 -ArgumentList 7", "echo")
    assert job.type == "ThreadJob"
    assert shell.run_line_magic("receive_job", "light -Wait") == [7]
    job = cell(shell, "parallel_job -InputObject range(3) -ThrottleLimit 2", "'each'")
    assert (job.type, len(job.children)) == ("PSTaskJob", 3)
    assert shell.run_line_magic("receive_job", f"{job.id} -Wait") == ["'each'"] * 3
    assert "light" in shell.display_pub.outputs[-2]["data"]["text/plain"]


def test_waiting_in_the_cell(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    for line in ("start_job --wait", "thread_job --wait", "parallel_job items --wait"):
        shell.user_ns["items"] = [1]
        cell(shell, line, "three")
        assert capsys.readouterr().out.split("\n")[:3] == ["line 1", "line 2", "line 3"]


def test_a_thread_job_that_fails_fails_its_cell(shell: InteractiveShell, remote: FakeRemote) -> None:
    remote.on("fail", lambda run: 1 / 0)
    with pytest.raises(RemoteError, match=r"Job 1 \(Job1\) failed\. PowerShell: .*division by zero"):
        cell(shell, "thread_job --wait", "fail")


@pytest.mark.parametrize(
    ("line", "script", "said"),
    [
        ("start_job", " ", "%%start_job needs a script"),
        ("start_job -WorkingDirectory /no/such/place", "1", "/no/such/place is no directory"),
        ("thread_job -ThrottleLimit 0", "1", "from 1 to 1000, not 0"),
        ("parallel_job", "1", "needs the items: -InputObject"),
        ("parallel_job []", "1", "nothing to run in parallel"),
        ("parallel_job -StreamingHost x", "1", "has no option -StreamingHost"),
        ("powershell", " ", "%%powershell needs a script"),
        ("powershell -ComputerName web01", "1", "has no option -ComputerName; it has -ArgumentList"),
        ("invoke_command -cn web01", " ", "%%invoke_command needs a script"),
    ],
)
def test_mistakes(shell: InteractiveShell, line: str, script: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        cell(shell, line, script)
    assert said in str(caught.value)


# -- cells that run at once


def test_powershell_cells_share_a_session_and_are_shown_as_they_run(
    shell: InteractiveShell, remote: FakeRemote, capsys: pytest.CaptureFixture[str]
) -> None:
    remote.on("count", keeping)
    remote.on("param($__using_n) $__using_n", lambda run: run.output(run.parameters["__using_n"]))
    shell.user_ns["n"] = 5
    assert [cell(shell, "powershell", "count") for _ in range(2)] == [["1"], ["2"]]
    assert capsys.readouterr().out == "1\n2\n"
    assert cell(shell, "powershell", "$using:n") == [5]
    assert shell.display_pub.outputs[-1]["data"] == {"text/plain": "5"}
    assert [session.name for session in shell.run_line_magic("get_pssession", "")] == ["local"]
    assert shell.run_line_magic("get_job", "") == []


def test_a_failing_cell_is_shown_as_powershell_shows_it(shell: InteractiveShell, remote: FakeRemote) -> None:
    def fail(run: Run) -> None:
        run.output("before")
        raise ValueError("no disk")

    remote.on("fail", fail)
    with pytest.raises(ScriptFailed, match="no disk") as caught:
        cell(shell, "powershell", "fail")
    assert "\x1b[31;1m" in caught.value._render_traceback_()[0]
    assert cell(shell, "powershell", "three") == ["line 1", "line 2", "line 3"]


def test_remote_text_does_not_drive_a_terminal(
    shell: InteractiveShell, remote: FakeRemote, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wild = "\x1b]0;mine\x07\x1b[2J\x1b[31mred"

    def fail(run: Run) -> None:
        run.output(wild)
        run.ask(wild)
        raise ValueError(wild)

    remote.on("fail", fail)
    remote.on("prompt", lambda run: run.output(wild))
    monkeypatch.setattr("builtins.input", lambda prompt: prompt)
    shell.run_line_magic("enter_pssession", "web01")
    with pytest.raises(ScriptFailed) as one:
        cell(shell, "powershell", "fail")
    with pytest.raises(ScriptFailed) as two:
        cell(shell, "invoke_command -cn web01,web02", "fail")
    with pytest.raises(RemoteError) as three:
        cell(shell, "start_job --wait", "fail")
    rendered = "".join(line for error in (one, two, three) for line in error.value._render_traceback_())
    said = capsys.readouterr()
    for text in (rendered, said.out, said.err):
        assert "\x1b]" not in text
        assert "\x1b[2J" not in text
        assert "\x07" not in text
    assert "red" in said.out


def test_commands_on_computers_give_objects_that_say_where_they_came_from(
    shell: InteractiveShell, remote: FakeRemote
) -> None:
    remote.on("bag", lambda run: run.send(Kind.OUTPUT, '<Obj RefId="0"><MS><I32 N="a">1</I32></MS></Obj>'))
    given = cell(shell, "invoke_command -cn web01,web02", "bag")
    assert sorted(bag.PSComputerName for bag in given) == ["web01", "web02"]
    shown = "".join(output["data"]["text/html"] for output in shell.display_pub.outputs)
    assert "web01" in shown
    assert "web02" in shown
    assert shell.run_line_magic("get_job", "") == []
    assert not remote.shells


def test_a_line_gives_the_objects_and_does_not_show_them(
    shell: InteractiveShell, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "s.ps1").write_text("three")
    given = shell.run_line_magic("invoke_command", f"-cn web01 -FilePath {tmp_path / 's.ps1'}")
    assert given == ["line 1", "line 2", "line 3"]
    assert capsys.readouterr().out == ""


def test_what_failed_names_its_computer(shell: InteractiveShell, remote: FakeRemote) -> None:
    remote.failures["web02"] = SessionGone("web02 is away.", 1)
    with pytest.raises(ScriptFailed, match=r"It did not complete on web02: web02 is away\."):
        cell(shell, "invoke_command -cn web01,web02", "three")


def test_as_a_job_it_is_a_job(shell: InteractiveShell) -> None:
    assert cell(shell, "invoke_command -cn web01 -JobName later", "three").name == "later"
    assert cell(shell, "invoke_command -cn web01 -AsJob", "three").type == "RemoteJob"


def test_a_session_that_is_busy_or_closed_is_passed_over(
    shell: InteractiveShell, remote: FakeRemote, capsys: pytest.CaptureFixture[str]
) -> None:
    remote.on("forever", forever)
    one, two = shell.run_line_magic("new_pssession", "web01,web02 -OutVariable s")
    shell.user_ns["one"] = one
    cell(shell, "remote_job -Session one", "forever")
    until(lambda: one.availability == "Busy")
    assert cell(shell, "invoke_command -Session s", "three") == ["line 1", "line 2", "line 3"]
    said = capsys.readouterr().err
    assert f"The session Runspace1, {one.instance_id.lower()}, web01 is not available to run commands." in said
    two.remove()
    with pytest.raises(UsageError, match="No valid sessions were specified"):
        cell(shell, "invoke_command -Session s", "three")
    assert "is not equal to Open" in capsys.readouterr().err


# -- interactive


def test_a_session_that_enter_opened_ends_with_exit(
    shell: InteractiveShell, remote: FakeRemote, capsys: pytest.CaptureFixture[str]
) -> None:
    remote.on("prompt", lambda run: run.output("PS /home/ada> "))
    remote.on("count", keeping)
    shell.run_line_magic("enter_pssession", "web01")
    said = capsys.readouterr().out
    assert "jobs that are started inside it (Start-Job) end with it" in said
    assert said.endswith("[web01]: PS /home/ada>\n")
    assert [cell(shell, "powershell", "count") for _ in range(2)] == [["1"], ["2"]]
    assert capsys.readouterr().out == "1\n[web01]: PS /home/ada>\n2\n[web01]: PS /home/ada>\n"
    with pytest.raises(UsageError, match=r"currently in a PSSession.*It is Runspace1; %exit_pssession leaves it"):
        shell.run_line_magic("enter_pssession", "web02")
    inside = "Get-Job | Where-Object State -in NotStarted, Running, Blocked | ForEach-Object Name"
    remote.on(inside, lambda run: run.output("Job1"))
    shell.run_line_magic("exit_pssession", "")
    assert capsys.readouterr().out == "Jobs that ran inside the session ended with it: Job1.\n"
    assert not remote.shells
    assert cell(shell, "powershell", "count") == ["1"]
    with pytest.raises(UsageError, match="No session was entered"):
        shell.run_line_magic("exit_pssession", "")


def test_a_session_that_was_there_stays(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    (session,) = shell.run_line_magic("new_pssession", "web01 -Name one -OutVariable s")
    session.disconnect()
    shell.run_line_magic("enter_pssession", "-Name one")
    assert session.state == "Opened"
    assert "end with it" not in capsys.readouterr().out
    shell.run_cell_magic("powershell", "", "Exit-PSSession")
    assert session.state == "Opened"
    assert capsys.readouterr().out == ""
    shell.run_line_magic("enter_pssession", "-Session s")
    session.remove()
    with pytest.raises(UsageError, match="session one on web01 is Closed, so it was left"):
        cell(shell, "powershell", "three")
    assert cell(shell, "powershell", "three") == ["line 1", "line 2", "line 3"]


def test_the_name_of_a_session_where_a_computer_is_named(shell: InteractiveShell, remote: FakeRemote) -> None:
    shell.run_line_magic("new_pssession", "web01 -Name one")
    remote.cut.update({"one", "two"})
    with pytest.raises(ConnectionFailed, match=r"There is a session one: %enter_pssession -Name one\.$"):
        shell.run_line_magic("enter_pssession", "one")
    with pytest.raises(ConnectionFailed, match=r"does not answer\.$"):
        shell.run_line_magic("enter_pssession", "two")


def test_what_cannot_be_entered(shell: InteractiveShell, remote: FakeRemote) -> None:
    remote.on("forever", forever)
    (session,) = shell.run_line_magic("new_pssession", "web01 -Name one -OutVariable s")
    cell(shell, "remote_job -Session s", "forever")
    until(lambda: session.availability == "Busy")
    for line, said in [
        ("", "needs to know where"),
        ("web01,web02", "one session at a time, not 2"),
        ("-Name one", "Cannot enter session one because it is not available"),
        ("-Name nope", "nope"),
        ("-Name one -ComputerName web01", "one of -Name or -ComputerName, not both"),
    ]:
        with pytest.raises(UsageError, match=said):
            shell.run_line_magic("enter_pssession", line)
    session.remove()
    with pytest.raises(UsageError, match="Cannot enter session one, because it is not in the Opened state"):
        shell.run_line_magic("enter_pssession", "-Session s")


def test_an_endpoint_of_its_own_has_no_computer_in_its_prompt(
    shell: InteractiveShell, remote: FakeRemote, capsys: pytest.CaptureFixture[str]
) -> None:
    remote.on("prompt", lambda run: run.output("PS>"))
    shell.run_line_magic("enter_pssession", "web01 -ConfigurationName JEA")
    assert capsys.readouterr().out.endswith("\nPS>\n")
    shell.run_line_magic("exit_pssession", "")
    shell.run_line_magic("enter_pssession", "-HostName ada@web02")
    assert capsys.readouterr().out.endswith("[web02]: PS>\n")
    shell.run_line_magic("exit_pssession", "")


# -- questions


def asking(run: Run) -> None:
    answer = run.ask("Name")
    run.output(f"hello {answer.value or answer.refusal}")


@pytest.mark.parametrize("line", ["powershell", "invoke_command -cn web01", "start_job --wait"])
def test_a_cell_that_waits_asks(
    shell: InteractiveShell, remote: FakeRemote, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    remote.on("ask", asking)
    monkeypatch.setattr("builtins.input", lambda prompt: "Ada")
    given = cell(shell, line, "ask")
    assert list(given.output) == ["hello Ada"]


@pytest.mark.parametrize(
    ("raised", "said"),
    [(StdinNotImplementedError("raw_input was called"), "front end cannot ask"), (EOFError(), "left unanswered")],
)
def test_where_nobody_can_answer_the_script_is_told(
    shell: InteractiveShell, remote: FakeRemote, monkeypatch: pytest.MonkeyPatch, raised: Exception, said: str
) -> None:
    def nobody(prompt: str) -> str:
        raise raised

    remote.on("ask", asking)
    monkeypatch.setattr("builtins.input", nobody)
    (answer,) = cell(shell, "powershell", "ask")
    assert said in answer


def test_a_job_that_asks_is_answered_when_it_is_received(
    shell: InteractiveShell, remote: FakeRemote, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.on("ask", lambda run: [asking(run), asking(run)])
    job = cell(shell, "remote_job -cn web01", "ask")
    until(lambda: str(job.state) == "Blocked")
    with pytest.raises(UsageError, match="blocked waiting for user interaction"):
        shell.run_line_magic("wait_job", "1")
    typed = iter(["Ada", "Bob"])
    monkeypatch.setattr("builtins.input", lambda prompt: next(typed))
    assert shell.run_line_magic("receive_job", "1 -Wait") == ["hello Ada", "hello Bob"]


def test_without_waiting_it_asks_what_there_is_to_ask(
    shell: InteractiveShell, remote: FakeRemote, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.on("ask", asking)
    monkeypatch.setattr(getpass, "getpass", lambda prompt: "unused")
    monkeypatch.setattr("builtins.input", lambda prompt: "Ada")
    job = cell(shell, "thread_job", "ask")
    until(lambda: job.question is not None)
    assert shell.run_line_magic("receive_job", "1") in ([], ["hello Ada"])
    job.wait(5)
    assert list(job.output) == ["hello Ada"]


# -- the stop button


def interrupted(begun: Callable[[], object], function: str) -> None:
    """SIGINT to this thread when something has begun and this thread is in ``function``."""
    main = threading.get_ident()

    def is_in() -> bool:
        frame = sys._current_frames()[main]
        while frame is not None and frame.f_code.co_name != function:
            frame = frame.f_back
        return frame is not None

    def interrupt() -> None:
        until(lambda: begun() and is_in())
        time.sleep(0.1)  # past its first lines, which are not waiting yet
        signal.pthread_kill(main, signal.SIGINT)

    threading.Thread(target=interrupt).start()


@pytest.mark.parametrize("line", ["powershell", "invoke_command -cn web01,web02"])
def test_interrupting_a_cell_stops_its_script_where_it_runs(
    shell: InteractiveShell, remote: FakeRemote, line: str
) -> None:
    stopped = []

    def hold(run: Run) -> None:
        try:
            run.wait(threading.Event())
        finally:
            stopped.append(run)

    remote.on("hold", hold)
    running = 2 if "web02" in line else 1
    interrupted(lambda: sum(str(row.state) == "Running" for row in snapshot(shell)) > running, "_run")
    with pytest.raises(ScriptStopped, match="Interrupted: the pipeline was stopped"):
        cell(shell, line, "hold")
    assert len(stopped) == running
    assert shell.run_line_magic("get_job", "") == []


def snapshot(shell: InteractiveShell) -> list[Any]:
    from jobmagics.magics import current_manager

    return current_manager().snapshot()


@pytest.mark.parametrize("line", ["wait_job 1", "receive_job 1 -Wait"])
def test_interrupting_a_wait_leaves_the_job_and_says_how_to_stop_it(
    shell: InteractiveShell, remote: FakeRemote, line: str
) -> None:
    remote.on("forever", forever)
    job = cell(shell, "start_job -Name long", "forever")
    name, _, words = line.partition(" ")
    interrupted(lambda: str(job.children[0].state) == "Running", "_wait_for")
    with pytest.raises(WaitInterrupted, match=r"Job 1 \(long\) goes on; %stop_job -Id 1 stops it, %receive_job -Id 1"):
        shell.run_line_magic(name, words)
    assert str(job.state) == "Running"
    job.stop()


def test_interrupting_a_question_stops_the_script_of_a_cell(
    shell: InteractiveShell, remote: FakeRemote, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.on("ask", asking)
    asked = threading.Event()

    def slow(prompt: str) -> str:
        asked.set()
        time.sleep(10)
        return "too late"

    monkeypatch.setattr("builtins.input", slow)
    interrupted(asked.is_set, "slow")
    with pytest.raises(ScriptStopped):
        cell(shell, "powershell", "ask")


# -- words


@pytest.mark.parametrize(
    ("name", "word", "found"),
    [
        ("start_job", "-Init", ["-InitializationScript"]),
        ("thread_job", "--thr", ["--throttle-limit"]),
        ("parallel_job", "-Inp", ["-InputObject"]),
        ("invoke_command", "-Sess", ["-Session", "-SessionName", "-SessionOption"]),
        ("powershell", "-Arg", ["-ArgumentList"]),
        ("enter_pssession", "-Comp", ["-ComputerName"]),
    ],
)
def test_options_are_completed(name: str, word: str, found: list[str]) -> None:
    (spec,) = [spec for spec in specs.ALL if spec.name == name]
    assert complete(spec, word) == found


def test_every_magic_has_help_and_an_example(shell: InteractiveShell) -> None:
    for spec in specs.ALL:
        magic = (shell.find_cell_magic if spec.is_cell else shell.find_line_magic)(spec.name)
        assert magic.__doc__.startswith(spec.summary)
        assert spec.shown in spec.example
