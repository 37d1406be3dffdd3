"""The jobs of PowerShell cells show themselves: what a cell's output holds of them, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from powershell_notebook import Notebook, Ran, own_place

from jobmagics.jobs import JobState
from jobmagics.kernel.job_view import WAIT_SECONDS, JobView

LIVE = "application/vnd.jupyter.widget-view+json"


# -- when a cell shows a view


class Job:
    def __init__(self, number: int, state: JobState = JobState.RUNNING) -> None:
        self.id, self.state = number, state


class Cell:
    """A cell's view, by the jobs it has shown and a clock that the test turns."""

    def __init__(self) -> None:
        self.begun: list[Any] = []
        self.views: list[Any] = []
        self.now = 0.0
        self.view = JobView(self.begun, self._show, clock=lambda: self.now)

    def _show(self, jobs: Iterable[Any]) -> Any:
        shown = SimpleNamespace(ids=[job.id for job in jobs], has_ended=False)
        shown.include = shown.ids.extend
        self.views.append(shown)
        return shown

    @property
    def shown(self) -> list[list[int]]:
        return [view.ids for view in self.views]


def test_the_end_of_a_cell_shows_what_goes_on_and_nothing_else() -> None:
    cell = Cell()
    cell.view.show()
    assert cell.shown == []
    cell.begun += [Job(1, JobState.COMPLETED), Job(3), Job(5, JobState.FAILED), Job(7, JobState.BLOCKED)]
    cell.view.show()
    assert cell.shown == [[3, 7]]


def test_a_cell_that_waits_shows_what_it_waits_for_after_a_moment() -> None:
    cell = Cell()
    cell.begun.append(Job(1))
    cell.view.wait()
    cell.now = WAIT_SECONDS / 2
    cell.view.wait()
    assert cell.shown == []
    cell.now = WAIT_SECONDS * 2
    cell.view.wait()
    cell.view.wait()
    assert cell.shown == [[1]]


def test_a_job_that_is_begun_later_joins_the_view_that_there_is() -> None:
    cell = Cell()
    cell.begun.append(Job(1))
    cell.view.show()
    cell.begun.append(Job(2))
    cell.view.show()
    assert cell.shown == [[1, 2]]
    cell.views[0].has_ended = True  # it stands still now
    cell.begun.append(Job(3))
    cell.view.show()
    assert cell.shown == [[1, 2], [3]]


# -- what the front end gets


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with own_place() as directory:
        yield directory


@pytest.fixture(scope="module")
def notebook(place: Path) -> Iterator[Notebook]:
    notebook = Notebook("views", place)
    yield notebook
    notebook.close()


@pytest.fixture
def own_notebook(place: Path, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    notebook = Notebook(request.node.name, place)
    yield notebook
    notebook.close()


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    return tmp_path / "gate"


def until_there(gate: Path) -> str:
    """A script that waits for a file."""
    return f"while (-not (Test-Path '{gate}')) {{ Start-Sleep -Milliseconds 50 }}"


def displays(ran: Ran) -> list[tuple[str, dict[str, Any]]]:
    """The views of a cell and what became of them: kind of message, and data."""
    shown = [(kind, content["data"]) for _, kind, content in ran.messages if "display" in kind]
    return [(kind, data) for kind, data in shown if "jobmagics-static" in data.get("text/html", "")]


def has_view(ran: Ran) -> bool:
    return bool(displays(ran))


def states(data: dict[str, Any]) -> list[str]:
    """Name and state of each row of a view's text."""
    return [" ".join(line.split()[1:3]) for line in data["text/plain"].splitlines()[2:]]


def still(notebook: Notebook, names: Iterable[str]) -> dict[str, Any]:
    """The last word on a view: it comes by the end of a later cell."""
    ran = notebook.run(f"$null = Wait-Job -Name {','.join(names)}")
    kind, data = displays(ran)[-1]
    assert kind == "update_display_data"
    return data


pytestmark = pytest.mark.timeout(60)


def test_all_jobs_of_a_cell_are_in_one_view_with_text_and_html_beside(notebook: Notebook, gate: Path) -> None:
    script = until_there(gate)
    ran = notebook.run(
        f"$a = Start-Job -Name proc {{ {script} }}; $b = Start-ThreadJob -Name thread {{ {script} }}\n"
        f"$c = Invoke-Command -ComputerName localhost -JobName far {{ {script} }}"
    )
    ((kind, data),) = displays(ran)
    assert kind == "display_data"
    assert set(data) == {LIVE, "text/plain", "text/html"}
    assert [line.split()[0] for line in states(data)] == ["proc", "thread", "far"]
    assert ran.kinds()[-1] == "display_data" or ran.kinds()[-1] == "comm_msg"
    gate.touch()
    data = still(notebook, ["proc", "thread", "far"])
    assert LIVE not in data
    assert states(data) == ["proc Completed", "thread Completed", "far Completed"]
    notebook.run("Remove-Job *")


def test_a_cell_that_waits_shows_the_view_meanwhile(notebook: Notebook, gate: Path) -> None:
    request, ran = (
        notebook.begin(f"Start-Job -Name slow {{ {until_there(gate)} }} | Wait-Job | Receive-Job; 'end'"),
        Ran(),
    )
    notebook.take(request, ran, until=has_view)
    assert "end" not in ran.text
    gate.touch()
    notebook.finish(request, ran)
    assert displays(ran)[0][0] == "display_data"
    assert states(displays(ran)[-1][1]) == ["slow Completed"]
    assert len({kind for kind, _ in displays(ran) if kind == "display_data"}) == 1
    notebook.run("Remove-Job *")


def test_a_cell_that_starts_no_job_shows_none(notebook: Notebook, gate: Path) -> None:
    notebook.run(f"$null = Start-Job -Name elsewhere {{ {until_there(gate)} }}")
    assert not has_view(notebook.run("Get-Job; $null = Invoke-Command -ComputerName localhost { 1 }"))
    assert not has_view(notebook.run("$null = Start-Job -Name unseen { 1 }", silent=True))
    ran = notebook.run("%watch -Name elsewhere")
    assert states(displays(ran)[0][1]) == ["elsewhere Running"]
    gate.touch()
    notebook.run("Remove-Job * -Force")


def test_a_failing_cell_shows_the_jobs_it_started(notebook: Notebook, gate: Path) -> None:
    ran = notebook.run(f"$null = Start-Job -Name left {{ {until_there(gate)} }}; throw 'later'")
    assert ran.reply["status"] == "error"
    assert [kind for kind, _ in displays(ran)] == ["display_data"]
    gate.touch()
    notebook.run("Remove-Job * -Force")


def test_the_pages_button_makes_a_variable_of_powershell(notebook: Notebook, gate: Path) -> None:
    ran = notebook.run(f"$null = Start-Job -Name gives {{ 1..3; {until_there(gate)} }}")
    notebook.run("while (@(Receive-Job -Name gives -Keep).Count -lt 3) { Start-Sleep -Milliseconds 50 }")
    number = displays(ran)[0][1]["text/plain"].splitlines()[2].split()[0]
    request = {"kind": "receive", "id": int(number), "name": "pressed", "view": "page"}
    model = displays(ran)[0][1][LIVE]["model_id"]
    message = {"comm_id": model, "data": {"method": "custom", "content": request}}
    notebook.client.shell_channel.send(notebook.client.session.msg("comm_msg", message))
    while not (shown := notebook.run("$pressed").text):  # bounded by the test's own timeout
        pass
    assert shown == "1\n2\n3\n"
    gate.touch()
    notebook.run("Remove-Job * -Force")


def kill(notebook: Notebook) -> None:
    notebook.manager.signal_kernel(9)


def restart(notebook: Notebook) -> None:
    pass


@pytest.mark.parametrize("end", [kill, restart])
def test_a_new_kernel_says_which_jobs_came_back_and_shows_them(
    own_notebook: Notebook, gate: Path, end: Callable[[Notebook], None]
) -> None:
    own_notebook.run("$null = Start-Job -Name done { 1 } | Wait-Job")
    own_notebook.run(f"$null = Start-Job -Name long {{ 'begun'; {until_there(gate)}; 'made' }}")
    own_notebook.run("while (-not (Receive-Job -Name long)) { Start-Sleep -Milliseconds 50 }")
    end(own_notebook)
    own_notebook.new_kernel()
    ran = own_notebook.run("'first'")
    assert "2 jobs of this notebook came back: done (Completed), long (" in ran.stream("stderr")
    assert [line.split()[0] for _, data in displays(ran)[:1] for line in states(data)] == ["long"]
    assert LIVE in displays(ran)[0][1]
    assert ran.stream("stdout") == "first\n"
    assert not has_view(own_notebook.run("'second'"))
    gate.touch()
    ran = own_notebook.run("Wait-Job -Name long -Force | Receive-Job")
    assert ran.text == "made\n"
    assert states(displays(ran)[-1][1]) == ["long Completed"]
