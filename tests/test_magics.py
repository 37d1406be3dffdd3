"""The magics in a real kernel, over the real chain: kernel, session host, engine."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

# The first test of the module also starts its kernel, its session host and an engine.
pytestmark = pytest.mark.timeout(60)

COUNT = '1..5 | ForEach-Object { "line $_" }'
LOAD = "%load_ext jobmagics"


class Headless:
    """A kernel that runs cells as nbclient and papermill do."""

    def __init__(self) -> None:
        self._notebook = nbformat.v4.new_notebook()
        self._client = NotebookClient(self._notebook, timeout=60, kernel_name="python3")

    def run(self, *sources: str, allow_errors: bool = False) -> list[Any]:
        """The outputs of each cell."""
        self._client.allow_errors = allow_errors
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        for cell in cells:
            self._notebook.cells.append(cell)
            self._client.execute_cell(cell, len(self._notebook.cells) - 1)
        return [cell.outputs for cell in cells]

    @contextmanager
    def started(self) -> Iterator[Headless]:
        with self._client.setup_kernel():
            yield self


@pytest.fixture(scope="module", autouse=True)
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.MonkeyPatch]:
    """A session host and a ledger of the module's own."""
    place = tmp_path_factory.mktemp("magics")
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
            patch.setenv(variable, str(place / variable))
        patch.delenv("JPY_SESSION_NAME", raising=False)
        yield patch
        subprocess.run([sys.executable, "-m", "jobmagics.app", "host", "stop"], check=True, capture_output=True)


@contextmanager
def kernel_of(place: pytest.MonkeyPatch, notebook: str) -> Iterator[Headless]:
    """A new kernel, and its orderly end."""
    place.setenv("JOBMAGICS_NOTEBOOK", notebook)
    with Headless().started() as kernel:
        yield kernel


@pytest.fixture(scope="module")
def kernel(place: pytest.MonkeyPatch) -> Iterator[Headless]:
    """One for all tests that do not end it; each has job names of its own."""
    with kernel_of(place, "shared") as kernel:
        kernel.run(LOAD)
        yield kernel


def text(outputs: list[Any]) -> str:
    """All that a cell printed and showed, as text."""
    parts = []
    for output in outputs:
        if output.output_type == "error":
            parts.append("\n".join(output.traceback))
        else:
            parts.append(output.get("text") or output.get("data", {}).get("text/plain", ""))
    return "\n".join(part.rstrip("\n") for part in parts)


def test_a_job_from_start_to_removal(kernel: Headless) -> None:
    cells = kernel.run(
        f"%%remote_job -JobName whole -OutVariable job\n{COUNT}",
        "%wait_job -Name whole -Timeout 30",
        "%get_job",
        "r = %receive_job -Name whole -Keep\nprint(list(r), len(r))",
        "%receive_job -Job job",
        "print(list(job.records()), job.state)",
        "%remove_job -Name whole\n%get_job",
    )
    table = text(cells[2]).splitlines()
    assert table[0].split() == ["Id", "Name", "PSJobTypeName", "State", "HasMoreData", "Location", "Command"]
    assert table[-1].split()[1:6] == ["whole", "RemoteJob", "Completed", "True", "localhost"]
    assert "<table" in cells[2][0].data["text/html"]
    assert text(cells[3]) == "['line 1', 'line 2', 'line 3', 'line 4', 'line 5'] 5"
    assert text(cells[4]).split("\n") == [f"line {n}" for n in range(1, 6)]
    assert text(cells[5]).endswith("Completed")
    assert "whole" not in text(cells[6])


def test_the_live_view_of_a_headless_run_ends_as_html_and_text(kernel: Headless) -> None:
    cells = kernel.run(f"%%remote_job -JobName viewed\n{COUNT}", "%wait_job viewed", "import time; time.sleep(1)")
    (shown,) = cells[0]
    assert set(shown.data) == {"text/html", "text/plain"}
    assert "Completed" in shown.data["text/plain"]
    assert "line 5" in shown.data["text/html"]


def test_wait_prints_all_streams_in_order_and_keeps_the_results(kernel: Headless) -> None:
    script = "'one'; Write-Warning 'careful'; Write-Error 'oops'; [pscustomobject]@{ a = 1; b = 2 }; 'last'"
    cells = kernel.run(f"%%remote_job -JobName s --wait\n{script}", "r = %receive_job -Name s\nprint(r[1].a, len(r))")
    said = text(cells[0])
    places = [said.index(word) for word in ("one", "WARNING: careful", "oops", "a              : 1", "last")]
    assert places == sorted(places)
    assert text(cells[1]) == "1 3"


def test_python_values_go_in(kernel: Headless) -> None:
    cells = kernel.run(
        "limit = 3\nnames = ['a', 'b']",
        "%%remote_job --wait -ArgumentList (limit + 1), names, 'x, y'\n"
        "param($n, $list, $text)\n\"$n $($list.Count) $text $using:limit $($using:names -join '+')\"",
    )
    assert text(cells[1]).splitlines()[0] == "4 2 x, y 3 a+b"


def test_a_script_file(kernel: Headless, tmp_path: Path) -> None:
    (tmp_path / "a script.ps1").write_text("'from a file'", encoding="utf-8")
    cells = kernel.run(f"%remote_job -FilePath '{tmp_path / 'a script.ps1'}' --wait")
    assert text(cells[0]).splitlines()[0] == "from a file"


def test_a_failed_job_fails_the_waiting_cell_in_one_line(kernel: Headless) -> None:
    with pytest.raises(CellExecutionError) as caught:
        kernel.run("%%remote_job -JobName bad --wait\n'before'\nthrow 'no disk'")
    assert re.search(r"Job \d+ \(bad\) failed\. localhost: no disk", str(caught.value))
    assert "Traceback" not in str(caught.value)
    assert "before" in str(caught.value)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%receive_job -Nam x -Keap", "%receive_job has no option -Keap; it has -Job, -Id"),
        ("%get_job -Id 4711", "4711"),
        ("%get_job -Name nope", "nope"),
        ("%receive_job", "%receive_job needs to know which job: -Name, -Id or -Job. The"),
        ("%receive_job -Id 1 -Wait -Keep", "The Wait and Keep parameters cannot be used together in the same command."),
        ("%get_pssession -Name nope", "The remote session with the name nope"),
        ("%%remote_job\n  ", "%%remote_job needs a script"),
        ("%remote_job -JobName x", "%%remote_job needs a script"),
        ("%remote_job -FilePath nowhere.ps1", "-FilePath nowhere.ps1 cannot be read"),
        ("%%remote_job --wait\nGet-Date |", "failed. localhost: "),
        ("%%remote_job --wait -ComputerName no-such-host.invalid\n1", "no-such-host.invalid"),
        ("%%remote_job --wait -ComputerName localhost -Port 1\n1", "localhost"),
        ("%%remote_job -ArgumentList undefined_name\n1", "'undefined_name' cannot be used"),
        ("%%remote_job --wait\n$using:undefined_name", "undefined_name"),
    ],
)
def test_mistakes_are_one_line_without_a_traceback(kernel: Headless, cell: str, said: str) -> None:
    (outputs,) = kernel.run(cell, allow_errors=True)
    shown = [line for line in text(outputs).splitlines() if line.strip()]
    errors = [line for line in shown if "Error" in line]
    assert said in errors[-1], shown
    assert "Traceback" not in text(outputs)
    assert "magics.py" not in text(outputs)


def test_a_new_kernel_of_the_notebook_has_its_jobs_and_says_so(place: pytest.MonkeyPatch) -> None:
    slow = '%%remote_job -JobName slow -OutVariable job\n1..15 | % { Start-Sleep -Milliseconds 200; "line $_" }'
    with kernel_of(place, "restarted") as first:
        first.run(LOAD, slow, "import time\nwhile not job.records():\n    time.sleep(0.1)")
    with kernel_of(place, "restarted") as second:
        cells = second.run(LOAD, "%wait_job slow -Timeout 30", "r = %receive_job slow\nprint(list(r))")
    assert text(cells[0]) == "1 job of this notebook came back: slow (reconnecting). %watch shows them live."
    assert text(cells[2]) == str([f"line {n}" for n in range(1, 16)])


def test_a_job_begun_in_the_last_moment_of_a_kernel_is_had_by_the_next(place: pytest.MonkeyPatch) -> None:
    with kernel_of(place, "hasty") as first:
        first.run(LOAD, f"%%remote_job -JobName hasty\n{COUNT}")
    with kernel_of(place, "hasty") as second:
        cells = second.run(LOAD, "%wait_job hasty -Timeout 30", "r = %receive_job hasty\nprint(list(r))")
    assert text(cells[2]) == str([f"line {n}" for n in range(1, 6)])


def test_another_notebook_has_no_jobs(kernel: Headless, place: pytest.MonkeyPatch) -> None:
    kernel.run(f"%%remote_job -JobName mine --wait\n{COUNT}")
    with kernel_of(place, "another") as other:
        cells = other.run(LOAD, "jobs = %get_job\nprint(len(jobs))")
    assert (text(cells[0]), text(cells[1])) == ("", "0")


def test_sessions_from_open_to_removal(kernel: Headless) -> None:
    cells = kernel.run(
        "s = %new_pssession -Name one\ns",
        "%%remote_job -Session s --wait\n$kept = 7",
        "%%remote_job -Session s --wait\n$kept + 1",
        "%disconnect_pssession one",
        "%get_pssession -ComputerName localhost",
        "%connect_pssession -Name one",
        "%remove_pssession -Session s\nleft = %get_pssession -Name on*\nprint(len(left))",
    )
    header = ["Id", "Name", "Transport", "ComputerName", "ComputerType", "State", "ConfigurationName", "Availability"]
    assert text(cells[0]).split("\n")[0].split() == header
    assert text(cells[2]).splitlines()[0] == "8"
    assert "Disconnected" in text(cells[3])
    assert "one" in text(cells[4])
    assert "Opened" in text(cells[5])
    assert text(cells[6]) == "0"


def test_loading_is_light_and_unloading_is_clean(place: pytest.MonkeyPatch) -> None:
    timing = (
        "import time, sys\nbegan = time.process_time()\nget_ipython().run_line_magic('load_ext', 'jobmagics')\n"
        "print(time.process_time() - began < 0.25, 'pypsrp' in sys.modules, 'anywidget' in sys.modules)"
    )
    with kernel_of(place, "light") as kernel:
        cells = kernel.run(
            timing, "%unload_ext jobmagics", "print(get_ipython().find_line_magic('get_job'))", LOAD, "%get_job"
        )
    assert text(cells[0]) == "True False False"
    assert text(cells[2]) == "None"


def test_help_names_every_option(kernel: Headless) -> None:
    cells = kernel.run("print(get_ipython().find_cell_magic('remote_job').__doc__)")
    assert "-ComputerName <computer>[,<computer>], -Cn" in text(cells[0])


def test_completion_knows_options_and_jobs(kernel: Headless) -> None:
    cells = kernel.run(
        f"%%remote_job -JobName completing --wait\n{COUNT}",
        "def complete(line):\n    return get_ipython().complete(None, line, len(line))[1]",
        "print(complete('%receive_job -Ke'), complete('%%remote_job --comp'))\nprint(complete('%receive_job -Name '))",
    )
    options, names = text(cells[2]).splitlines()
    assert options == "['-Keep'] ['--computer-name']"
    assert "'completing'" in names
