"""Which notebook a kernel belongs to, and what it does when nothing says so."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from served_kernel import ServedKernel

from jobmagics.notebook import notebook_identity


def test_the_server_tells_the_path() -> None:
    found = notebook_identity({}, {"JPY_SESSION_NAME": "/home/ann/report.ipynb"}, pid=10)
    assert (found.owner, found.lasting, found.name) == ("path:/home/ann/report.ipynb", True, "report.ipynb")


def test_a_restarted_kernel_is_the_same_notebook() -> None:
    server = {"JPY_SESSION_NAME": "/home/ann/report.ipynb"}
    first = notebook_identity({}, dict(server), pid=10)
    second = notebook_identity({}, dict(server), pid=11)
    assert first == second


def test_one_kernel_may_ask_twice() -> None:
    environ = {"JPY_SESSION_NAME": "/home/ann/report.ipynb"}
    assert notebook_identity({}, environ, pid=10) == notebook_identity({}, environ, pid=10)


def test_a_kernel_started_from_a_cell_does_not_take_over() -> None:
    environ = {"JPY_SESSION_NAME": "/home/ann/report.ipynb"}
    notebook_identity({}, environ, pid=10)
    child = notebook_identity({}, dict(environ), pid=99)
    assert not child.lasting
    assert "report" not in child.owner


def test_a_server_started_from_a_cell_names_its_own_notebooks() -> None:
    environ = {"JPY_SESSION_NAME": "/home/ann/report.ipynb"}
    notebook_identity({}, environ, pid=10)
    grandchild = {**environ, "JPY_SESSION_NAME": "/home/ann/other.ipynb"}
    assert notebook_identity({}, grandchild, pid=99).owner == "path:/home/ann/other.ipynb"


def test_vs_code_tells_in_the_namespace() -> None:
    found = notebook_identity({"__vsc_ipynb_file__": "/home/ann/a.ipynb"}, {}, pid=1)
    assert (found.owner, found.source) == ("path:/home/ann/a.ipynb", "VS Code")


def test_the_override_wins() -> None:
    environ = {"JOBMAGICS_NOTEBOOK": "nightly", "JPY_SESSION_NAME": "/home/ann/a.ipynb"}
    assert notebook_identity({"__vsc_ipynb_file__": "/b.ipynb"}, environ, pid=1).owner == "named:nightly"


def test_nobody_tells() -> None:
    one, two = notebook_identity({}, {}, pid=1), notebook_identity({}, {}, pid=1)
    assert not one.lasting
    assert one.owner != two.owner


def test_one_file_has_one_name(tmp_path: Path) -> None:
    real = tmp_path / "a.ipynb"
    real.write_text("{}")
    (tmp_path / "link.ipynb").symlink_to(real)
    by_link = notebook_identity({}, {"JPY_SESSION_NAME": str(tmp_path / "link.ipynb")}, pid=1)
    assert by_link.owner == f"path:{os.path.realpath(real)}"


def test_a_folder_is_no_notebook(tmp_path: Path) -> None:
    """What the server's variable is for a session that was asked for without a name."""
    found = notebook_identity({}, {"JPY_SESSION_NAME": f"{tmp_path}/"}, pid=1)
    assert not found.lasting


# -- the front ends themselves ---------------------------------------------------

TELL = (
    "from jobmagics.notebook import notebook_identity\n"
    "found = notebook_identity(globals())\n"
    "print(found.owner, found.source, found.lasting, sep='|')"
)


@pytest.mark.timeout(60)  # a Jupyter server and its kernels start
@pytest.mark.skipif(os.name == "nt", reason="the server's end is POSIX's here")
def test_a_jupyter_server_names_the_notebook_after_a_restart_too(tmp_path: Path) -> None:
    """JupyterLab and Notebook 7 have their kernels from this server, by this request."""
    path = tmp_path / "report.ipynb"
    for _start in range(2):
        kernel = ServedKernel(path, {})
        try:
            assert kernel.cell(TELL).text.strip() == f"path:{os.path.realpath(path)}|Jupyter server|True"
        finally:
            kernel.close()


@pytest.mark.timeout(60)  # a kernel starts
def test_nbclient_does_not_say_and_may_be_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(TELL)])
    owners = []
    for name in ("", "", "nightly report"):
        monkeypatch.setenv("JOBMAGICS_NOTEBOOK", name)
        done = NotebookClient(
            notebook, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
        ).execute()
        owners.append(done.cells[0].outputs[0]["text"].strip())
    assert owners[0] != owners[1], "two runs of one file are nobody's and not each other's"
    assert all(each.endswith("|nothing says which notebook this is|False") for each in owners[:2])
    assert owners[2] == "named:nightly report|JOBMAGICS_NOTEBOOK|True"


VSCODE_ENVIRONMENT = {  # of a kernel that the Jupyter extension 2025.x started; it runs without a Jupyter server
    "VSCODE_PID": "4211",
    "VSCODE_CWD": "/home/ann",
    "VSCODE_IPC_HOOK": "/run/user/1000/vscode-main.sock",
    "PYTHONUNBUFFERED": "1",
    "PYDEVD_IPYTHON_COMPATIBLE_DEBUGGING": "1",
}


@pytest.mark.timeout(60)  # a kernel starts
def test_a_kernel_in_vs_code_is_told_by_a_variable(tmp_path: Path) -> None:
    """The extension sets it in the kernel before the first cell, and again after each restart."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(env={**{k: v for k, v in os.environ.items() if k != "JPY_SESSION_NAME"}, **VSCODE_ENVIRONMENT})
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=30)
        client.execute_interactive(f"__vsc_ipynb_file__ = {str(tmp_path / 'a.ipynb')!r}", silent=True, timeout=30)
        said: list[str] = []
        client.execute_interactive(
            TELL, timeout=30, output_hook=lambda message: said.append(message["content"].get("text", ""))
        )
        assert "".join(said).strip() == f"path:{os.path.realpath(tmp_path / 'a.ipynb')}|VS Code|True"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
