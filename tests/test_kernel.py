"""The PowerShell kernel as front ends meet it: a real process through jupyter_client, a real session host, the
built-in engine.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_kernel_test import KernelTests
from powershell_notebook import SECONDS, Notebook, Ran, own_place

from jobmagics.kernel.install import install

# a kernel and a session host start in about a second, and in many on a busy machine
pytestmark = pytest.mark.timeout(60)


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with own_place() as directory:
        yield directory


@pytest.fixture(scope="module")
def notebook(place: Path) -> Iterator[Notebook]:
    (place / "json.py").write_text("raise RuntimeError('the directory of a notebook is not the kernel's')\n")
    notebook = Notebook("shared", place)
    yield notebook
    notebook.close()


@pytest.fixture
def own_notebook(place: Path, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    notebook = Notebook(request.node.name, place)
    yield notebook
    notebook.close()


# -- what a cell gives


def test_output_comes_live_and_in_order(notebook: Notebook) -> None:
    ran = notebook.run('1..4 | ForEach-Object { "line $_"; Start-Sleep -Milliseconds 200 }')
    assert ran.stream("stdout") == "line 1\nline 2\nline 3\nline 4\n"
    assert ran.reply["status"] == "ok"
    moments = [moment for moment, kind, _ in ran.messages if kind == "stream"]
    assert len(moments) == 4
    assert moments[-1] - moments[0] > 0.4


def test_cells_share_one_session_in_the_notebooks_directory(notebook: Notebook, place: Path) -> None:
    assert notebook.run("$x = 5; function twice($n) { 2 * $n }").text == ""
    assert notebook.run("twice $x").text == "10\n"
    assert notebook.run("(Get-Location).Path").text.strip() == str(place)


def test_all_streams_once_in_order(notebook: Notebook) -> None:
    ran = notebook.run(
        """
        'out'
        Write-Warning careful
        Write-Error bad
        Write-Host green -ForegroundColor Green -NoNewline
        Write-Host ' plain'
        Write-Information quiet
        Write-Information told -InformationAction Continue
        Write-Verbose unseen
        Write-Verbose seen -Verbose
        'end'
        """
    )
    assert ran.text == (
        "out\n\x1b[33;1mWARNING: careful\x1b[0m\n\x1b[31;1mWrite-Error: \x1b[31;1mbad\x1b[0m\n"
        "\x1b[92mgreen\x1b[0m plain\ntold\n\x1b[33;1mVERBOSE: seen\x1b[0m\nend\n"
    )
    assert "bad" in ran.stream("stderr")
    assert ran.stream("stderr").count("\n") == 1
    assert ran.reply["status"] == "ok"


def test_objects_look_as_powershell_prints_them(notebook: Notebook) -> None:
    ran = notebook.run('1..2 | ForEach-Object { [pscustomobject]@{Name = "n$_"; Size = $_} }')
    ((_, kind, content),) = ran.messages
    assert kind == "execute_result"
    assert content["execution_count"] == ran.reply["execution_count"]
    assert content["data"]["text/plain"] == "Name Size\n---- ----\nn1      1\nn2      2"
    table = content["data"]["text/html"]
    assert table.count("<tr>") == 3
    assert "<table" in table
    assert table.index("n1") < table.index("n2")


def test_numbers_are_a_result_and_text_is_said(notebook: Notebook) -> None:
    ran = notebook.run("1 + 2")
    ((_, kind, content),) = ran.messages
    assert kind == "execute_result"
    assert content["data"] == {"text/plain": "3"}
    assert notebook.run("'text'").kinds() == ["stream"]
    assert notebook.run("$null; @()").kinds() == []


def test_objects_stay_in_order_with_what_is_said(notebook: Notebook) -> None:
    ran = notebook.run("'a'; [pscustomobject]@{ x = 1 }; Write-Host b; [pscustomobject]@{ x = 2 }; 'c'; 5")
    assert ran.kinds() == ["stream", "display_data", "stream", "display_data", "stream", "execute_result"]
    assert notebook.run("[pscustomobject]@{ x = '<b>&' } | Format-Table").kinds() == ["stream"], "it chose its look"


def test_objects_that_come_slowly_are_one_display_that_grows(notebook: Notebook) -> None:
    ran = notebook.run("1..4 | ForEach-Object { [pscustomobject]@{ n = $_ }; Start-Sleep -Milliseconds 400 }")
    assert ran.kinds()[0] == "display_data"
    assert set(ran.kinds()[1:]) == {"update_display_data"}
    assert len({content["transient"]["display_id"] for _, _, content in ran.messages}) == 1
    assert ran.messages[-1][2]["data"]["text/plain"].split() == ["n", "-", "1", "2", "3", "4"]


def test_what_objects_hold_is_text_in_the_page(notebook: Notebook) -> None:
    ran = notebook.run("[pscustomobject]@{ '<i>' = '<script>alert(1)</script>' }")
    html = ran.messages[0][2]["data"]["text/html"]
    assert "<script" not in html
    assert "<i>" not in html


def test_control_sequences_other_than_colours_do_not_reach_the_page(notebook: Notebook) -> None:
    assert notebook.run('"a`e[2J`e]0;title`a`e[31mred`e[0m`e[>4m."').text == "a\x1b[31mred\x1b[0m.\n"


def test_progress_is_one_display_that_ends_empty(notebook: Notebook) -> None:
    ran = notebook.run(
        '1..3 | ForEach-Object { Write-Progress -Activity Copying -Status "file $_" -PercentComplete ($_ * 25);'
        " Start-Sleep -Milliseconds 250 }; 'done'"
    )
    shown = [content for _, kind, content in ran.messages if kind in ("display_data", "update_display_data")]
    assert next(kind for kind in ran.kinds() if kind != "stream") == "display_data"
    assert ran.kinds().count("display_data") == 1
    assert len({content["transient"]["display_id"] for content in shown}) == 1
    texts = [content["data"]["text/plain"] for content in shown]
    assert texts[0].startswith("Copying  █")
    assert texts[0].endswith("25 %  file 1")
    assert texts[-2].endswith("75 %  file 3")
    assert texts[-1] == ""
    assert ran.stream("stdout") == "done\n"


def test_clear_host_takes_away_what_the_cell_has_shown(notebook: Notebook) -> None:
    ran = notebook.run("'old'; [pscustomobject]@{ x = 1 }; Clear-Host; Write-Progress Working; cls; 'new'")
    kinds = ran.kinds()
    last = len(kinds) - 1 - kinds[::-1].index("clear_output")
    assert kinds.count("clear_output") == 2
    assert "old" in "".join(content["text"] for _, kind, content in ran.messages[:last] if kind == "stream")
    assert [content["text"] for _, kind, content in ran.messages[last:] if kind == "stream"] == ["new\n"]
    assert notebook.run("Clear-Host; 'unseen'", silent=True).messages == []


def test_a_silent_cell_says_nothing_and_runs(notebook: Notebook) -> None:
    assert notebook.run("$hidden = 3; 'unseen'; Write-Error unseen", silent=True).messages == []
    assert notebook.run("$hidden").text == "3\n"


def test_many_lines_arrive_whole_in_few_messages(notebook: Notebook) -> None:
    ran = notebook.run("1..5000")
    shown = [content for _, kind, content in ran.messages if "display" in kind]
    first = shown[-1]["data"]["text/plain"]
    assert f"{first}\n{ran.text}" == "".join(f"{number}\n" for number in range(1, 5001))
    assert len(ran.messages) < 500


# -- failures


def test_a_terminating_error_fails_the_cell_and_only_it(notebook: Notebook) -> None:
    ran = notebook.run("'before'\nfunction f { throw 'inside' }\nf\n'after'")
    assert ran.kinds() == ["stream", "error"]
    assert ran.stream("stdout") == "before\n"
    assert ran.reply["status"] == "error"
    assert ran.reply["ename"] == "RuntimeException"
    assert ran.reply["evalue"] == "inside"
    shown = "\n".join(ran.reply["traceback"])
    assert "Line |" in shown
    assert "inside" in shown
    assert not shown.endswith("\n")
    assert notebook.run("'next'").text == "next\n"


def test_a_syntax_error_shows_where(notebook: Notebook) -> None:
    ran = notebook.run("'fine'\nif ($x {")
    assert ran.reply["status"] == "error"
    assert "ParserError" in ran.text
    assert "   2 | " in ran.text
    assert "fine" not in ran.stream("stdout")


def test_a_dead_engine_is_said_and_the_next_cell_has_a_new_session(notebook: Notebook) -> None:
    notebook.run("$x = 1")
    ran = notebook.run("Stop-Process -Id $PID -Force; Start-Sleep 20")
    assert ran.reply["status"] == "error"
    assert ran.reply["ename"] == "SessionLost"
    ran = notebook.run('"x: $x"')
    assert ran.stream("stdout") == "x: \n"
    assert "this one is new" in ran.stream("stderr")
    assert notebook.run("'quiet'").stream("stderr") == ""


# -- interrupts and questions


def test_an_interrupt_stops_the_pipeline_and_the_next_cell_works(notebook: Notebook) -> None:
    request, ran = notebook.begin("'started'; Start-Sleep 30; 'unreached'"), Ran()
    notebook.take(request, ran, until="started")
    notebook.manager.interrupt_kernel()
    notebook.finish(request, ran)
    assert ran.seconds < 2
    assert ran.reply["status"] == "error"
    assert ran.reply["ename"] == "PipelineStopped"
    assert "interrupted" in ran.text
    assert "unreached" not in ran.text
    assert notebook.run("$x = 7; $x").text == "7\n"


def test_an_interrupt_stops_a_flood_of_output(notebook: Notebook) -> None:
    request, ran = notebook.begin("1..1000000 | ForEach-Object { $_ }"), Ran()
    notebook.take(request, ran, until="\n5000\n")
    notebook.manager.interrupt_kernel()
    notebook.finish(request, ran)
    assert ran.reply["ename"] == "PipelineStopped"
    assert "1000000" not in ran.text
    assert notebook.run("'next'").text == "next\n"


def test_a_second_interrupt_gives_a_hanging_session_up(notebook: Notebook) -> None:
    engine = int(notebook.run("$PID").text)
    request, ran = notebook.begin("'started'; Start-Sleep 30"), Ran()
    notebook.take(request, ran, until="started")
    os.kill(engine, signal.SIGSTOP)
    notebook.manager.interrupt_kernel()
    time.sleep(0.3)  # two interrupts are two only if the first one was seen
    notebook.manager.interrupt_kernel()
    notebook.finish(request, ran)
    assert "its session was given up" in ran.text
    after = notebook.run("'next'")
    assert after.stream("stdout") == "next\n"
    assert "without its variables" in after.stream("stderr")


def test_read_host_asks_in_the_front_end(notebook: Notebook) -> None:
    ran = notebook.answered("$name = Read-Host 'Your name'; \"hello $name\"", "Ada")
    assert notebook.prompts == ["Your name: "]
    assert ran.text == "hello Ada\n"


def test_missing_parameters_and_choices_are_asked_for(notebook: Notebook) -> None:
    ran = notebook.answered(
        'function Ask { param([Parameter(Mandatory)][string]$Name, [Parameter(Mandatory)][int]$Age) "$Name $Age" }'
        "; Ask",
        "Ada",
        "36",
    )
    assert notebook.prompts == ["Name: ", "Age: "]
    assert "Supply values for the following parameters:" in ran.text
    assert ran.text.endswith("Ada 36\n")
    choice = "$host.UI.PromptForChoice('Pick', 'Which one?', @('&Yes', '&No'), 0)"
    ran = notebook.answered(choice, "what", "n")
    assert notebook.prompts[0] == '[Y] Yes  [N] No  [?] Help (default is "Y"): '
    assert len(notebook.prompts) == 2
    assert ran.text == "Pick\nWhich one?\n1\n"


def test_a_question_can_be_interrupted(notebook: Notebook) -> None:
    request = notebook.begin("Read-Host 'Your name'; 'unreached'", allow_stdin=True)
    notebook.client.get_stdin_msg(timeout=SECONDS)
    notebook.manager.interrupt_kernel()
    ran = notebook.finish(request, Ran())
    assert ran.reply["ename"] == "PipelineStopped"
    assert "unreached" not in ran.text


def test_what_cannot_be_asked_is_refused_in_words(notebook: Notebook) -> None:
    assert "this front end cannot ask" in notebook.run("Read-Host name", allow_stdin=False).stream("stderr")


def test_a_password_is_typed_unseen(notebook: Notebook) -> None:
    ran = notebook.answered("ConvertFrom-SecureString (Read-Host 'Password' -AsSecureString) -AsPlainText", "geheim")
    assert notebook.prompts == ["Password: "]
    assert ran.text == "geheim\n"


# -- the life of the session


def test_a_restart_begins_anew(own_notebook: Notebook) -> None:
    own_notebook.run("$x = 1")
    own_notebook.new_kernel()
    ran = own_notebook.run('"x: $x"')
    assert ran.text == "x: \n"


def test_a_killed_kernel_leaves_its_session_to_the_next(own_notebook: Notebook) -> None:
    own_notebook.run("$x = 41")
    request, ran = own_notebook.begin('1..30 | ForEach-Object { "line $_"; Start-Sleep -Milliseconds 50 }'), Ran()
    own_notebook.take(request, ran, until="line 5\n")
    own_notebook.manager.signal_kernel(signal.SIGKILL)
    own_notebook.new_kernel()
    after = own_notebook.run("$x + 1")
    assert "earlier kernel" in after.stream("stderr")
    lines = [line for line in (ran.text + after.stream("stdout")).splitlines() if line.startswith("line")]
    assert lines[-1] == "line 30"
    assert sorted(set(lines), key=lines.index) == [f"line {number}" for number in range(1, 31)]
    assert after.stream("stdout").endswith("line 30\n")
    assert after.text.endswith("\n42\n")


def test_two_kernels_of_a_notebook_do_not_share_a_session(notebook: Notebook, place: Path) -> None:
    notebook.run("$x = 1")
    other = Notebook("shared", place)
    try:
        ran = other.run('"x: $x"')
    finally:
        other.close()
    assert ran.stream("stdout") == "x: \n"
    assert "Another kernel of this notebook" in ran.stream("stderr")
    assert notebook.run("$x").text == "1\n"


def test_a_restart_in_the_middle_of_a_question_does_not_wait_and_asks_again(own_notebook: Notebook) -> None:
    own_notebook.begin("$name = Read-Host 'Your name'; \"hello $name\"", allow_stdin=True)
    own_notebook.client.get_stdin_msg(timeout=SECONDS)
    own_notebook.manager.shutdown_wait_time = SECONDS
    process = own_notebook.manager.provisioner.process
    own_notebook.new_kernel()
    assert process.returncode == 0, "it ended by itself: jupyter_client kills a kernel that waits"
    ran = own_notebook.answered('"and $name"', "Ada")
    assert own_notebook.prompts == ["Your name: "]
    assert ran.stream("stdout") == "hello Ada\nand Ada\n"


# -- the rest of the protocol


def test_kernel_info_names_the_engine(notebook: Notebook) -> None:
    info = notebook.asked("kernel_info")
    assert info["implementation"] == "jobmagics"
    assert info["banner"].startswith("PowerShell (jobmagics ")
    assert "the built-in engine, which speaks PowerShell 7." in info["banner"]
    assert info["language_info"]["file_extension"] == ".ps1"
    assert "debugger" not in info["supported_features"]


@pytest.mark.parametrize(
    ("code", "status", "indent"),
    [
        ("1 + 1", "complete", None),
        ("if ($true) {", "incomplete", "    "),
        ("if ($true) {\n    foreach ($i in 1) {", "incomplete", "        "),
        ("Get-Item |", "incomplete", "    "),
        ("1 +* 2", "invalid", None),
    ],
)
def test_is_complete(notebook: Notebook, code: str, status: str, indent: str | None) -> None:
    reply = notebook.asked("is_complete", code)
    assert (reply["status"], reply.get("indent")) == (status, indent)


def test_install_puts_the_spec_where_jupyter_finds_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "jobmagics.app", "install", "--prefix", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    where = tmp_path / "share" / "jupyter" / "kernels" / "jobmagics"
    assert str(where) in done.stdout
    spec = KernelSpec.from_resource_dir(str(where))
    assert spec.argv == [sys.executable, "-m", "jobmagics.kernel", "-f", "{connection_file}"]
    assert spec.display_name == "PowerShell (jobmagics)"
    assert {path.name for path in where.iterdir()} == {"kernel.json", "logo-64x64.png", "logo-svg.svg"}


@pytest.fixture(scope="module")
def installed(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    prefix = tmp_path_factory.mktemp("prefix")
    install(prefix=str(prefix))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(prefix / "share" / "jupyter"))
        yield


@pytest.mark.usefixtures("installed")
def completed(notebook: Notebook, code: str, cursor: int | None = None) -> tuple[list[str], str]:
    """The matches, and what of the code they replace."""
    reply = notebook.asked("complete", code, len(code) if cursor is None else cursor)
    return reply["matches"], code[reply["cursor_start"] : reply["cursor_end"]]


def test_completion_knows_the_session(notebook: Notebook) -> None:
    notebook.run("$servers_here = 1, 2; function Get-OurThing { param([ValidateSet('red', 'green')] $Colour) }")
    assert completed(notebook, "$servers_h") == (["$servers_here"], "$servers_h")
    assert completed(notebook, "Get-OurT") == (["Get-OurThing"], "Get-OurT")
    assert completed(notebook, "Get-OurThing -Col") == (["-Colour"], "-Col")
    assert completed(notebook, "Get-OurThing -Colour ") == (["red", "green"], "")
    assert completed(notebook, "nothing-of-this-name") == ([], "")


def test_cursors_count_characters_where_powershell_counts_utf_16_units(notebook: Notebook) -> None:
    before, word, after = "'\U0001f600\U0001f600'; ", "Get-ChildI", " | Sort-Object"
    code = before + word + after
    assert completed(notebook, code, len(before + word)) == (["Get-ChildItem"], word)


def test_a_completion_has_its_kind_for_the_front_ends_icon(notebook: Notebook) -> None:
    reply = notebook.asked("complete", "Get-ChildItem -Recu", 19)
    (kind,) = reply["metadata"]["_jupyter_types_experimental"]
    assert kind == {"text": "-Recurse", "type": "param", "start": 14, "end": 19, "signature": "[switch] Recurse"}


def inspected(notebook: Notebook, code: str, cursor: int, detail: int = 0) -> str:
    reply = notebook.asked("inspect", code, cursor, detail)
    assert reply["status"] == "ok"
    assert reply["found"] == bool(reply["data"])
    return str(reply["data"].get("text/plain", ""))


def test_inspection_tells_about_commands_variables_and_types(notebook: Notebook) -> None:
    notebook.run("$inspected = @{ a = 1 }; function Get-Explained {\n<#\n.SYNOPSIS\nTells all.\n#>\n'x' }")
    told = inspected(notebook, "Get-Explained | Sort-Object", 4)
    assert "Tells all." in told
    assert "DEFINITION" not in told
    assert "'x'" in inspected(notebook, "Get-Explained", 4, 1).partition("DEFINITION")[2]
    assert "Get-ChildItem [[-Path] <string[]>]" in inspected(notebook, "gci . -Recurse", 12)
    assert inspected(notebook, "gci", 3).startswith("gci -> Get-ChildItem\n")
    variable = inspected(notebook, "'<' + $inspected", 16)
    assert variable.splitlines()[0] == "[System.Collections.Hashtable] $inspected"
    assert variable.splitlines()[-1].split() == ["a", "1"]
    assert inspected(notebook, "[DayOfWeek]::Friday", 3).splitlines()[1].startswith("Sunday, Monday")
    assert inspected(notebook, "1 + 1", 1) == ""
    assert inspected(notebook, "no-such-command-here", 3) == ""


def test_user_expressions_are_values_of_the_session(notebook: Notebook) -> None:
    expressions = {"sum": "$kept_sum + 1", "wrong": "throw 'no'"}
    reply = notebook.run("$kept_sum = 41", user_expressions=expressions).reply
    assert reply["user_expressions"]["sum"] == {"status": "ok", "data": {"text/plain": "42"}, "metadata": {}}
    assert reply["user_expressions"]["wrong"]["status"] == "error"
    assert reply["user_expressions"]["wrong"]["evalue"] == "no"


def test_tools_leave_the_session_as_it_was(notebook: Notebook) -> None:
    notebook.run("$before = (Get-Variable).Name; $errors_before = $Error.Count")
    completed(notebook, "Get-Chil")
    inspected(notebook, "Get-ChildItem", 3)
    inspected(notebook, "$no_such_variable", 3)
    ran = notebook.run("(Get-Variable).Name | Where-Object { $_ -notin $before }; $Error.Count - $errors_before")
    assert ran.text.split() == ["before", "errors_before", "0"]


def test_powershells_own_history_has_the_cells_and_nothing_of_the_kernels(own_notebook: Notebook) -> None:
    own_notebook.run("'first'")
    completed(own_notebook, "Get-Chil")
    own_notebook.run("'second'")
    ran = own_notebook.run("(Get-History).CommandLine; Invoke-History 1")
    assert ran.stream("stdout").splitlines()[:2] == ["'first'", "'second'"]
    assert ran.stream("stdout").splitlines()[-1] == "first"


def test_history_is_what_was_run(notebook: Notebook) -> None:
    notebook.run("'first of history'")
    notebook.run("'not kept'", store_history=False)
    notebook.run("'second of history'")
    reply = notebook.asked("history", hist_access_type="tail", raw=False, n=2)
    assert [source for _, _, source in reply["history"]] == ["'first of history'", "'second of history'"]
    (session, line, _), (same, following, _) = reply["history"]
    assert session == same
    assert following > line
    found = notebook.asked("history", output=True, hist_access_type="search", n=5, pattern="*second of hist*")[
        "history"
    ]
    assert found == [[session, following, ["'second of history'", None]]]
    ranged = notebook.asked("history", hist_access_type="range", session=0, start=line, stop=following)["history"]
    assert ranged == [[session, line, "'first of history'"]]


class TestProtocol(KernelTests):
    """jupyter_kernel_test: the shape of each message, for what this kernel has."""

    kernel_name = "jobmagics"
    language_name = "powershell"
    file_extension = ".ps1"
    code_hello_world = "'hello, world'"
    code_stderr = "Write-Error 'to stderr'"
    code_generate_error = "throw 'on purpose'"
    code_display_data = [  # noqa: RUF012 - as the suite has it
        {"code": "Write-Progress -Activity Copying -PercentComplete 50", "mime": "text/plain"}
    ]
    complete_code_samples = ["1 + 1", "function f { 'x' }"]  # noqa: RUF012
    incomplete_code_samples = ["if ($true) {", "Get-Item |"]  # noqa: RUF012
    invalid_code_samples = ["1 +* 2"]  # noqa: RUF012
    completion_samples = [{"text": "Get-ChildI", "matches": {"Get-ChildItem"}}]  # noqa: RUF012
    code_clear_output = "Clear-Host"
    code_page_something = "%watch?"
    code_execute_result = [{"code": "6 * 7", "result": "42"}]  # noqa: RUF012
    code_inspect_sample = "Get-ChildItem"
    supported_history_operations = ("tail", "search", "range")
    code_history_pattern = "6 ?*"


del KernelTests  # or pytest collects it here too
