"""Which notebook a kernel belongs to, and what it does when nothing says so."""

from __future__ import annotations

import os
from pathlib import Path

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
