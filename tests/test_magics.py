"""The magics in a real kernel, over the real chain: kernel, session host, engine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

# Each test starts a kernel and a session host; on a busy two-core machine that alone can take ten seconds.
pytestmark = pytest.mark.timeout(90)

COUNT = '1..5 | ForEach-Object { "line $_" }'
LOAD = "%load_ext jobmagics"


@pytest.fixture(autouse=True)
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A session host and a ledger of the test's own, and a notebook with a name."""
    for variable in ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.setenv("JOBMAGICS_NOTEBOOK", "test")
    yield
    subprocess.run([sys.executable, "-m", "jobmagics.app", "host", "stop"], check=True, capture_output=True)


def run(*sources: str, allow_errors: bool = False) -> list[Any]:
    """Run cells headless, as nbclient and papermill do; the outputs of each."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    NotebookClient(notebook, timeout=60, kernel_name="python3", allow_errors=allow_errors).execute()
    return [cell.outputs for cell in notebook.cells]


def text(outputs: list[Any]) -> str:
    """All that a cell printed and showed, as text."""
    parts = []
    for output in outputs:
        if output.output_type == "error":
            parts.append("\n".join(output.traceback))
        else:
            parts.append(output.get("text") or output.get("data", {}).get("text/plain", ""))
    return "\n".join(part.rstrip("\n") for part in parts)


def test_a_job_from_start_to_removal() -> None:
    cells = run(
        LOAD,
        f"%%remote_job -JobName count -OutVariable job\n{COUNT}",
        "%wait_job -Name count -Timeout 30",
        "%get_job",
        "r = %receive_job -Name count -Keep\nprint(list(r), len(r))",
        "%receive_job -Job job",
        "print(list(job.records()), job.state)",
        "%remove_job 1\n%get_job",
    )
    table = text(cells[3]).splitlines()
    assert table[0].split() == ["Id", "Name", "PSJobTypeName", "State", "HasMoreData", "Location", "Command"]
    assert table[2].split()[:6] == ["1", "count", "RemoteJob", "Completed", "True", "localhost"]
    assert "<table" in cells[3][0].data["text/html"]
    assert text(cells[4]) == "['line 1', 'line 2', 'line 3', 'line 4', 'line 5'] 5"
    assert text(cells[5]).split("\n") == [f"line {n}" for n in range(1, 6)]
    assert text(cells[6]).endswith("Completed")
    assert "count" not in text(cells[7])


def test_the_live_view_of_a_headless_run_ends_as_html_and_text() -> None:
    cells = run(LOAD, f"%%remote_job -JobName count\n{COUNT}", "%wait_job count", "import time; time.sleep(1)")
    (shown,) = cells[1]
    assert set(shown.data) == {"text/html", "text/plain"}
    assert "Completed" in shown.data["text/plain"]
    assert "line 5" in shown.data["text/html"]


def test_wait_prints_all_streams_in_order_and_keeps_the_results() -> None:
    script = "'one'; Write-Warning 'careful'; Write-Error 'oops'; [pscustomobject]@{ a = 1; b = 2 }; 'last'"
    cells = run(LOAD, f"%%remote_job -JobName s --wait\n{script}", "r = %receive_job -Name s\nprint(r[1].a, len(r))")
    said = text(cells[1])
    places = [said.index(word) for word in ("one", "WARNING: careful", "oops", "a              : 1", "last")]
    assert places == sorted(places)
    assert text(cells[2]) == "1 3"


def test_python_values_go_in() -> None:
    cells = run(
        LOAD,
        "limit = 3\nnames = ['a', 'b']",
        "%%remote_job --wait -ArgumentList (limit + 1), names, 'x, y'\n"
        "param($n, $list, $text)\n\"$n $($list.Count) $text $using:limit $($using:names -join '+')\"",
    )
    assert text(cells[2]).splitlines()[0] == "4 2 x, y 3 a+b"


def test_a_script_file(tmp_path: Path) -> None:
    (tmp_path / "a script.ps1").write_text("'from a file'", encoding="utf-8")
    cells = run(LOAD, f"%remote_job -FilePath '{tmp_path / 'a script.ps1'}' --wait")
    assert text(cells[1]).splitlines()[0] == "from a file"


def test_a_failed_job_fails_the_waiting_cell_in_one_line() -> None:
    with pytest.raises(CellExecutionError) as caught:
        run(LOAD, "%%remote_job -JobName bad --wait\n'before'\nthrow 'no disk'")
    assert "Job 1 (bad) failed. localhost: no disk" in str(caught.value)
    assert "Traceback" not in str(caught.value)
    assert "before" in str(caught.value)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%receive_job -Nam x -Keap", "%receive_job has no option -Keap; it has -Job, -Id"),
        ("%get_job -Id 4711", "4711"),
        ("%get_job -Name nope", "nope"),
        ("%receive_job", "%receive_job needs to know which job: -Name, -Id or -Job. There are no jobs yet."),
        ("%receive_job -Id 1 -Wait -Keep", "-Keep cannot be used with -Wait"),
        ("%get_pssession -Name nope", "The remote session with the name nope"),
        ("%%remote_job\n  ", "%%remote_job needs a script"),
        ("%remote_job -JobName x", "%%remote_job needs a script"),
        ("%remote_job -FilePath nowhere.ps1", "-FilePath nowhere.ps1 cannot be read"),
        ("%%remote_job --wait\nGet-Date |", "Job 1"),
        ("%%remote_job --wait -ComputerName no-such-host.invalid\n1", "no-such-host.invalid"),
        ("%%remote_job --wait -ComputerName localhost -Port 1\n1", "localhost"),
        ("%%remote_job -ArgumentList undefined_name\n1", "'undefined_name' cannot be used"),
        ("%%remote_job --wait\n$using:undefined_name", "undefined_name"),
    ],
)
def test_mistakes_are_one_line_without_a_traceback(cell: str, said: str) -> None:
    _, outputs = run(LOAD, cell, allow_errors=True)
    shown = [line for line in text(outputs).splitlines() if line.strip()]
    errors = [line for line in shown if "Error" in line]
    assert said in errors[-1], shown
    assert "Traceback" not in text(outputs)
    assert "magics.py" not in text(outputs)


def test_a_new_kernel_of_the_notebook_has_its_jobs_and_says_so() -> None:
    slow = '%%remote_job -JobName slow -OutVariable job\n1..15 | % { sleep -Milliseconds 200; "line $_" }'
    run(LOAD, slow, "import time\nwhile not job.records():\n    time.sleep(0.1)")
    cells = run(LOAD, "%wait_job slow -Timeout 30", "r = %receive_job slow\nprint(list(r))")
    assert text(cells[0]) == "1 job of this notebook came back: slow (reconnecting). %watch shows them live."
    assert text(cells[2]) == str([f"line {n}" for n in range(1, 16)])


def test_another_notebook_has_no_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    run(LOAD, f"%%remote_job -JobName count --wait\n{COUNT}")
    monkeypatch.setenv("JOBMAGICS_NOTEBOOK", "another")
    cells = run(LOAD, "jobs = %get_job\nprint(len(jobs))")
    assert (text(cells[0]), text(cells[1])) == ("", "0")


def test_sessions_from_open_to_removal() -> None:
    cells = run(
        LOAD,
        "s = %new_pssession -Name one\ns",
        "%%remote_job -Session s --wait\n$kept = 7",
        "%%remote_job -Session s --wait\n$kept + 1",
        "%disconnect_pssession one",
        "%get_pssession -ComputerName localhost",
        "%connect_pssession -Name one",
        "%remove_pssession -Session s\nleft = %get_pssession\nprint(len(left))",
    )
    header = ["Id", "Name", "Transport", "ComputerName", "ComputerType", "State", "ConfigurationName", "Availability"]
    assert text(cells[1]).split("\n")[0].split() == header
    assert text(cells[3]).splitlines()[0] == "8"
    assert "Disconnected" in text(cells[4])
    assert "one" in text(cells[5])
    assert "Opened" in text(cells[6])
    assert text(cells[7]) == "0"


def test_loading_is_light_and_unloading_is_clean() -> None:
    timing = (
        "import time, sys\nbegan = time.process_time()\nget_ipython().run_line_magic('load_ext', 'jobmagics')\n"
        "print(time.process_time() - began < 0.25, 'pypsrp' in sys.modules, 'anywidget' in sys.modules)"
    )
    cells = run(timing, "%unload_ext jobmagics", "print(get_ipython().find_line_magic('get_job'))", LOAD, "%get_job")
    assert text(cells[0]) == "True False False"
    assert text(cells[2]) == "None"


def test_help_names_every_option() -> None:
    cells = run(LOAD, "print(get_ipython().find_cell_magic('remote_job').__doc__)")
    assert "-ComputerName <text>[,<text>], -Cn" in text(cells[1])


def test_completion_knows_options_and_jobs() -> None:
    cells = run(
        LOAD,
        f"%%remote_job -JobName count --wait\n{COUNT}",
        "def complete(line):\n    return get_ipython().complete(None, line, len(line))[1]",
        "print(complete('%receive_job -Ke'), complete('%receive_job -Name '), complete('%%remote_job --comp'))",
    )
    assert text(cells[3]) == "['-Keep'] ['count'] ['--computer-name']"
