"""Python and magics in cells of the PowerShell kernel, and the variables between the languages: real kernels, a real
session host.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from powershell_notebook import SECONDS, Notebook, Ran, own_place

# a kernel and a session host start in about a second, and in many on a busy machine
pytestmark = pytest.mark.timeout(60)
LIVE = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with own_place() as directory:
        yield directory


@pytest.fixture(scope="module")
def notebook(place: Path) -> Iterator[Notebook]:
    notebook = Notebook("languages", place)
    yield notebook
    notebook.close()


def python(notebook: Notebook, code: str, **details: Any) -> Ran:
    return notebook.run(f"%%python\n{code}", **details)


def plain(ran: Ran) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", ran.text)


def views(ran: Ran) -> list[dict[str, Any]]:
    return [content["data"] for _, kind, content in ran.messages if kind == "display_data" and LIVE in content["data"]]


def completed(notebook: Notebook, code: str) -> tuple[list[str], str]:
    """The matches, and what of the code they replace."""
    reply = notebook.asked("complete", code, len(code))
    return reply["matches"], code[reply["cursor_start"] : reply["cursor_end"]]


# -- Python


def test_a_python_cell_is_what_it_is_in_a_python_notebook(notebook: Notebook) -> None:
    ran = python(notebook, "print('said')\nkept = [1, 2]\nkept * 2")
    assert ran.kinds() == ["stream", "execute_result"]
    assert ran.text == "said\n[1, 2, 1, 2]\n"
    assert ran.messages[-1][2]["execution_count"] == ran.reply["execution_count"]
    assert python(notebook, "sum(kept);").text == "", "a semicolon hides the value"
    count = ran.reply["execution_count"]
    assert python(notebook, f"Out[{count}], In[{count}].endswith('kept * 2')").text == "([1, 2, 1, 2], True)\n"


def test_cells_of_both_languages_are_counted_together(notebook: Notebook) -> None:
    counts = [notebook.run(code).reply["execution_count"] for code in ("1", "%%python\n1", "%get_job", "1")]
    assert counts == list(range(counts[0], counts[0] + 4))


def test_rich_displays_and_figures(notebook: Notebook) -> None:
    ran = python(notebook, "from IPython.display import HTML, display\ndisplay(HTML('<b>bold</b>'))")
    assert ran.messages[0][2]["data"]["text/html"] == "<b>bold</b>"
    pytest.importorskip("matplotlib")
    ran = python(notebook, "import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
    assert [kind for kind in ran.kinds() if kind != "stream"] == ["display_data"]  # the font cache may speak
    assert "image/png" in ran.messages[-1][2]["data"]


def test_python_errors_are_tracebacks(notebook: Notebook) -> None:
    ran = python(notebook, "def f():\n    return 1 / 0\nf()")
    assert ran.reply["status"] == "error"
    assert ran.reply["ename"] == "ZeroDivisionError"
    assert "line 2, in f()" in plain(ran)
    assert ran.kinds() == ["error"]
    assert "SyntaxError" in plain(python(notebook, "1 +"))


def test_python_cells_can_await_ask_and_use_the_magics_of_ipython(notebook: Notebook) -> None:
    assert python(notebook, "import asyncio\nawait asyncio.sleep(0, 'slept')").text == "'slept'\n"
    assert notebook.answered("%%python\nprint('hello', input('Name? '))", "Ada").text == "hello Ada\n"
    assert notebook.prompts == ["Name? "]
    assert "kept_by_who" in python(notebook, "kept_by_who = 1\n%who int").text
    assert "already loaded" in python(notebook, "%load_ext jobmagics").text


def test_python_can_be_interrupted(notebook: Notebook) -> None:
    request, ran = notebook.begin("%%python\nprint('started', flush=True)\nwhile True: pass"), Ran()
    notebook.take(request, ran, until="started")
    notebook.manager.interrupt_kernel()
    notebook.finish(request, ran)
    assert ran.reply["ename"] == "KeyboardInterrupt"
    assert notebook.run("'next'").text == "next\n"


def test_user_expressions_of_a_python_cell_are_python(notebook: Notebook) -> None:
    reply = python(notebook, "told = 41", user_expressions={"sum": "told + 1"}).reply
    assert reply["user_expressions"]["sum"]["data"]["text/plain"] == "42"
    reply = notebook.run("%get_job\n$told = 1", user_expressions={"sum": "$told + 1"}).reply
    assert reply["user_expressions"]["sum"]["data"]["text/plain"] == "2"


def test_a_silent_python_cell_shows_no_value(notebook: Notebook) -> None:
    assert python(notebook, "silently = 5\nsilently", silent=True).messages == []
    assert python(notebook, "silently").text == "5\n"


# -- variables


def test_python_reads_the_variables_of_powershell(notebook: Notebook) -> None:
    notebook.run("$n = 5; $t = 'text'; $list = 1..3; $o = [pscustomobject]@{ Name = 'a'; Parts = 1, 2 }; $none = $null")
    assert python(notebook, "ps.n + 1, ps.t.upper(), ps['list'], ps.o.Parts, ps.none").text == (
        "(6, 'TEXT', [1, 2, 3], [1, 2], None)\n"
    )
    assert python(notebook, "'n' in ps, 'no_such' in ps, hasattr(ps, 'no_such')").text == "(True, False, False)\n"
    ran = python(notebook, "ps.no_such")
    assert ran.reply["evalue"] == "There is no variable $no_such in the session of the PowerShell cells."


def test_powershell_has_what_python_sets(notebook: Notebook) -> None:
    python(notebook, "ps.n = 2**40; ps.one = [1]; ps.h = {'k': ['v']}; ps.flag = True; ps['odd name'] = 'x'")
    ran = notebook.run('"$n $($n.GetType().Name) $($one.GetType().Name) $($one.Count) $($h.k) $flag ${odd name}"')
    assert ran.text == "1099511627776 Int64 Object[] 1 v True x\n"
    assert python(notebook, "del ps.n\n'n' in ps").text == "False\n"
    assert notebook.run("Test-Path variable:n").text == "False\n"


def test_values_are_what_a_jobs_results_are(notebook: Notebook) -> None:
    notebook.run("$date = [datetime]'2026-01-02'; $day = [DayOfWeek]::Friday; $nested = @{ a = @{ b = 1, 2 } }")
    assert python(notebook, "import datetime\nps.date == datetime.datetime(2026, 1, 2)").text == "True\n"
    assert python(notebook, "ps.day == 'Friday', ps.nested['a']['b']").text == "(True, [1, 2])\n"


def test_what_a_job_gave_is_a_variable_of_powershell(notebook: Notebook) -> None:
    notebook.run(
        "$null = Start-Job -Name gives { [pscustomobject]@{ Size = 1 }; [pscustomobject]@{ Size = 2 } } | Wait-Job"
    )
    notebook.run("%receive_job -Name gives -Keep -OutVariable got")
    assert notebook.run("($got | Measure-Object -Sum Size).Sum").text == "3\n"
    notebook.run("%get_job -Name gives, none* -OutVariable jobs")
    assert notebook.run("$jobs.State").text == "Completed\n"
    notebook.run("Remove-Job *")


def test_a_data_frame_becomes_objects(notebook: Notebook) -> None:
    python(notebook, "import pandas\nps.rows = pandas.DataFrame({'Name': ['a', 'b'], 'Size': [1, 2]})")
    assert notebook.run("$rows | Where-Object Size -gt 1 | ForEach-Object Name").text == "b\n"
    assert python(notebook, "pandas.DataFrame([row.to_dict() for row in ps.rows])['Size'].sum()").text.strip("\n") in (
        "3", "np.int64(3)"
    )  # fmt: skip


def test_what_cannot_go_over_is_refused_by_name(notebook: Notebook) -> None:
    assert "The value of ps.x cannot be sent" in plain(python(notebook, "ps.x = object()"))
    notebook.run("$secret = ConvertTo-SecureString geheim -AsPlainText -Force")
    ran = python(notebook, "ps.secret")
    assert "$secret is a secret" in plain(ran)
    assert "'a*' is no name" in plain(python(notebook, "ps['a*'] = 1"))


def test_a_job_is_the_same_job_in_both_languages(notebook: Notebook) -> None:
    notebook.run("$job = Start-Job { 'made' }; $null = Wait-Job $job")
    assert (
        python(notebook, "ps.again = ps.job\nprint(ps.job.state, list(ps.job.output))").text == "Completed ['made']\n"
    )
    assert notebook.run("$again | Receive-Job").text == "made\n"
    notebook.run("Remove-Job *")


# -- magics


def test_magics_stand_among_lines_of_powershell(notebook: Notebook) -> None:
    ran = notebook.run("'before'\n%new_pssession -Name here -OutVariable s\n\"after $($s.Name)\"")
    assert ran.kinds() == ["stream", "execute_result", "stream"]
    assert ran.stream("stdout") == "before\nafter here\n"
    assert "Opened" in ran.text
    assert notebook.run("Invoke-Command -Session $s { 'there' }").text == "there\n"
    assert notebook.run("%remove_pssession -Session $s\n@(Get-PSSession).Count").text == "0\n"


def test_lines_behind_a_magic_keep_their_numbers(notebook: Notebook) -> None:
    ran = notebook.run("1\n%get_job\n\nthrow 'on line four'")
    assert "   4 | " in plain(ran)
    assert ran.reply["evalue"] == "on line four"


def test_a_cell_stops_where_a_part_of_it_fails(notebook: Notebook) -> None:
    ran = notebook.run("'said'\n%receive_job -Name nobody\n'unreached'")
    assert ran.reply["status"] == "error"
    assert ran.stream("stdout") == "said\n"
    ran = notebook.run("throw 'first'\n%get_job")
    assert ran.kinds() == ["error"]


def test_a_job_of_a_magic_takes_variables_and_gives_one(notebook: Notebook) -> None:
    notebook.run("$name = 'PowerShell'; $where = 'localhost'")
    python(notebook, "only_python = 'Python'")
    ran = notebook.run(
        '%%remote_job -ComputerName $where -OutVariable made\n"$using:name and $using:only_python"',
    )
    assert len(views(ran)) == 1
    assert notebook.run("$made | Wait-Job | Receive-Job").text == "PowerShell and Python\n"
    assert notebook.run("%remove_job -Job $made\n@(Get-Job).Count").text == "0\n"


def test_the_session_that_is_entered_is_one_for_both(notebook: Notebook) -> None:
    notebook.run("$s = New-PSSession -Name room; $x = 'outside'")
    notebook.run("Invoke-Command -Session $s { $x = 'inside' }")
    assert notebook.run("%enter_pssession -Name room").text.startswith("[localhost]: ")
    assert notebook.run("$x").text.startswith("inside\n")
    assert python(notebook, "ps.x").text == "'outside'\n", "variables are those of the local session"
    notebook.run("Exit-PSSession")
    assert notebook.run("$x").text == "outside\n"
    assert "no session was entered" in plain(notebook.run("%exit_pssession")).lower()
    notebook.run("Remove-PSSession $s")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("%no_such", "%no_such is no magic of PowerShell cells"),
        ("%%no_such\n1", "%%no_such is no magic of PowerShell cells"),
        ("%%python -x\n1", "%%python takes no options here; Python reads and sets"),
        ("%%powershell -ArgumentList 1\n1", "%%powershell takes no options here; the cell is PowerShell anyway"),
        ("%python", "begin the cell with %%python"),
        ("if ($true) {\n%get_job\n}", "%get_job stands in the middle of PowerShell's code"),
        ("%get_job -Nmae x", "%get_job has no option -Nmae"),
        ("%%python\n%%powershell\n1", "Write PowerShell in a cell of its own"),
    ],
)
def test_a_mistake_is_one_line(notebook: Notebook, code: str, told: str) -> None:
    ran = notebook.run(code)
    assert ran.reply["status"] == "error"
    assert told in plain(ran)
    assert "Traceback" not in plain(ran)


def test_percent_is_powershells_where_it_was(notebook: Notebook) -> None:
    assert notebook.run("1..3 |\n  % { $_ * 2 } |\n  %{ $_ + 1 }").text == "3\n5\n7\n"
    assert notebook.run("'a'.Length, 'bb'.Length |\n% ToString").text == "1\n2\n"
    assert notebook.run("@'\n%get_job\n'@").text == "%get_job\n"
    assert notebook.run("%%powershell\n'as it is'").text == "as it is\n"


def test_help_of_magics_is_shown_as_help_is(notebook: Notebook) -> None:
    (page,) = notebook.run("%watch?").reply["payload"]
    assert page["source"] == "page"
    assert page["data"]["text/plain"].startswith("Show jobs live")
    assert "ps.name" in notebook.run("%%python?").reply["payload"][0]["data"]["text/plain"]
    assert "is no magic" in plain(notebook.run("%no_such?"))
    reply = notebook.asked("inspect", "1\n%receive_job -Keep", 10)
    assert "-Keep" in reply["data"]["text/plain"]
    assert not notebook.asked("inspect", "%no_such", 3)["found"]
    assert "Return the number" in notebook.asked("inspect", "%%python\nlen", 12)["data"]["text/plain"]
    assert "Get-ChildItem [[-Path]" in notebook.asked("inspect", "%%start_job\nGet-ChildItem", 20)["data"]["text/plain"]


def test_completion_of_magics_and_python(notebook: Notebook) -> None:
    assert completed(notebook, "%wat") == (["%watch"], "%wat")
    assert completed(notebook, "1 + 1\n%get_j") == (["%get_job"], "%get_j")
    assert completed(notebook, "%%pyth") == (["%%python"], "%%pyth")
    assert completed(notebook, "Get-Process |\n%get_j")[0] == []
    assert {"%get_job", "%%remote_job"} <= set(completed(notebook, "%")[0])
    assert {"%get_job", "%%remote_job"} & set(completed(notebook, "1\n%")[0]) == {"%get_job"}
    assert completed(notebook, "1\n%get_job -Stat") == (["-State"], "-Stat")
    assert completed(notebook, "%%remote_job -Comp") == (["-ComputerName"], "-Comp")
    assert completed(notebook, "%%remote_job -cn x\nGet-ChildI") == (["Get-ChildItem"], "Get-ChildI")
    python(notebook, "a_name_of_python = 1")
    assert completed(notebook, "%%python\na_name_of_p") == (["a_name_of_python"], "a_name_of_p")
    notebook.run("$only_in_powershell = 1; $null = Start-Job -Name to_complete { 1 } | Wait-Job")
    assert completed(notebook, "%%python\nps.only_in") == (["only_in_powershell"], "only_in")
    assert completed(notebook, "%receive_job -Name ") == (["to_complete"], "")
    notebook.run("Remove-Job *")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("%get_job", "complete"),
        ("%%python", "incomplete"),
        ("%%python\nfor x in y:", "incomplete"),
        ("%%python\n1", "complete"),
        ("%%remote_job\nif ($true) {", "incomplete"),
        ("1\n%get_job\nif ($true) {", "incomplete"),
        ("%%python\n1 +* 2", "invalid"),
    ],
)
def test_is_complete(notebook: Notebook, code: str, status: str) -> None:
    assert notebook.asked("is_complete", code)["status"] == status


# -- comms and widgets


def test_comms_are_opened_answered_listed_and_closed(notebook: Notebook) -> None:
    python(
        notebook,
        "import comm\n"
        "def opened(channel, message):\n"
        "    channel.on_msg(lambda m: channel.send({'back': m['content']['data']['n'] + 1}))\n"
        "comm.get_comm_manager().register_target('test', opened)",
    )
    client = notebook.client
    for kind, content in (("comm_open", {"target_name": "test", "data": {}}), ("comm_msg", {"data": {"n": 1}})):
        client.shell_channel.send(client.session.msg(kind, {"comm_id": "c1", **content}))
    while (message := client.get_iopub_msg(timeout=SECONDS))["header"]["msg_type"] != "comm_msg":
        pass
    assert message["content"] == {"comm_id": "c1", "data": {"back": 2}}
    assert notebook.asked("comm_info", "test")["comms"] == {"c1": {"target_name": "test"}}
    client.shell_channel.send(client.session.msg("comm_close", {"comm_id": "c1", "data": {}}))
    assert notebook.asked("comm_info", "test")["comms"] == {}


def test_a_widget_hears_the_page(notebook: Notebook) -> None:
    ran = python(notebook, "import ipywidgets\nslider = ipywidgets.IntSlider(value=3)\nslider")
    assert "comm_open" in ran.kinds()
    model = next(content["data"][LIVE]["model_id"] for _, kind, content in ran.messages if kind == "execute_result")
    client = notebook.client
    change = {"comm_id": model, "data": {"method": "update", "state": {"value": 7}, "buffer_paths": []}}
    client.shell_channel.send(client.session.msg("comm_msg", change))
    assert python(notebook, "slider.value").text == "7\n"
