"""The shipped notebooks run as they stand, and their committed outputs are what they give."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from jobmagics.kernel.install import install

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
SHIPPED = sorted(NOTEBOOKS.glob("*.ipynb"))


@pytest.fixture
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A session host and a ledger of the test's own."""
    for variable in ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    install(prefix=str(tmp_path / "prefix"))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "prefix" / "share" / "jupyter"))
    monkeypatch.setenv("JOBMAGICS_NOTEBOOK", "shipped")
    yield
    subprocess.run([sys.executable, "-m", "jobmagics.app", "host", "stop"], check=True, capture_output=True)


def texts(notebook: Any) -> list[str]:
    return ["".join(_text(output) for output in cell.get("outputs", ())) for cell in notebook.cells]


def _text(output: Any) -> str:
    if output.output_type == "stream":
        return str(output.text)
    return str(output.get("data", {}).get("text/plain", ""))


class Runner(NotebookClient):
    """Runs a notebook; before a cell that is tagged so it gets a new kernel."""

    async def async_execute_cell(self, cell: Any, *details: Any, **named: Any) -> Any:
        if "new-kernel" in cell.metadata.get("tags", ()):
            await self.km.restart_kernel()
            await self.kc.wait_for_ready(timeout=60)
        return await super().async_execute_cell(cell, *details, **named)


def assert_tables_are_converted(notebook: Any) -> None:
    """nbconvert shows the still table of each view, finished, and asks for no widget."""
    shown = [output.data for cell in notebook.cells for output in cell.get("outputs", ()) if "data" in output]
    tables = [data["text/html"] for data in shown if "jobmagics-static" in data.get("text/html", "")]
    converted, _ = HTMLExporter().from_notebook_node(notebook)
    assert converted.count('<table class="jobmagics-static ') == len(tables)
    assert "widget-view+json" not in converted


# starting a kernel and a session host takes longer on a busy machine than the jobs themselves
@pytest.mark.timeout(90)
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_notebook_runs_headless(path: Path, own_place: None) -> None:
    notebook = nbformat.read(path, as_version=4)
    before = texts(notebook)
    kernel = notebook.metadata.kernelspec.name
    Runner(notebook, timeout=60, kernel_name=kernel, resources={"metadata": {"path": NOTEBOOKS}}).execute()
    after = texts(notebook)
    assert path.stem == "exercises" or any("Completed" in text for text in after)
    assert_tables_are_converted(notebook)
    for cell, committed, fresh in zip(notebook.cells, before, after, strict=True):
        if "stable" in cell.metadata.get("tags", ()):
            assert fresh == committed


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_notebook_is_committed_with_outputs_that_anyone_can_show(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    assert "widgets" not in notebook.metadata
    shown = [output.data for cell in code for output in cell.outputs if "data" in output]
    assert shown
    assert not any(key.startswith("application/vnd.jupyter.widget") for data in shown for key in data)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_nbconvert_shows_the_tables_of_a_shipped_notebook(path: Path) -> None:
    assert_tables_are_converted(nbformat.read(path, as_version=4))


def test_there_is_a_quickstart() -> None:
    assert "quickstart" in [path.stem for path in SHIPPED]


def test_the_solutions_solve_every_exercise() -> None:
    said = {}
    for name in ("exercises", "solutions"):
        notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
        checks = [cell for cell in notebook.cells if cell.source.startswith("check(")]
        said[name] = {cell.source: _text(cell.outputs[0]).rpartition(": ")[2].strip() for cell in checks}
    assert said["exercises"].keys() == said["solutions"].keys()
    assert set(said["exercises"].values()) == {"not yet"}
    assert set(said["solutions"].values()) == {"done"}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_notebook_says_what_is_learned(path: Path) -> None:
    first = nbformat.read(path, as_version=4).cells[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")
    assert path.stem == "quickstart" or "**You will" in first.source
