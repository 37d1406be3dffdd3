"""Every example of the documentation runs: cells in a real kernel, commands in a shell, page by page as they stand.

Examples with a caption ("Needs web01") run too, on stand-ins of the computers that they name (``elsewhere.py`` has
them, and what they cannot do). Without a stand-in are CredSSP and a JEA endpoint's NoLanguage mode, of which there
are no examples but sentences. Commands of other programs (``OTHERS``) are read and not run: they would install, ask or
wait.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from elsewhere import PASSWORD, over_ssh, windows
from kdc import Kdc, require_kdc
from nbclient import NotebookClient
from real_kernel import RealKernel

from jobmagics.host.client import stop_host
from jobmagics.kernel.install import install

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.joinpath("docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
BLOCK = re.compile(r"^```(python|sh)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
KERBEROS = "Kerberos ticket"
IN_POWERSHELL = re.compile(r"^```powershell\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OTHERS = ("pip", "git", "python", "playwright", "keyring set", "jupyter lab", "jupyter kernelspec remove")
YES = {"jupyter jobmagics trust web01": "jupyter jobmagics trust web01 --yes"}
"""What asks a person at a terminal, and how the answer is given without one."""
RUN = ("jupyter jobmagics", "jupyter execute", "papermill", "ssh")
SECONDS = 60
BEFORE = {
    "coming-back": """
%load_ext jobmagics
s = %new_pssession web01 -Name nightly -Credential web-admin
get_ipython().run_cell_magic("remote_job", "-Session s", "'left alone'")
%disconnect_pssession -Name nightly
"""
}
"""What another notebook did before a page tells of it."""


FAILED = """
import jobmagics
for job in jobmagics.get_jobs():
    if job.location != "localhost":
        job.wait(timeout=30, force=True)
        for child in job.children:
            if str(child.state) != "Completed" and "built-in engine" not in child.reason:
                print(job.name, child.location, child.state, child.reason)
"""
"""Jobs that did not even reach their computer, or failed for another reason than a cmdlet of Windows."""


def blocks(page: Path) -> list[tuple[str, str, str]]:
    """Language, what stands beside it, and the text of each example."""
    return BLOCK.findall(page.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A session host, a ledger and other computers for all pages."""
    directory = tmp_path_factory.mktemp("docs")
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
            patch.setenv(variable, str(directory / variable))
        patch.setenv("JOBMAGICS_HOST_DIR", str(directory / "host"))
        patch.setenv("JOBMAGICS_DATA_DIR", str(directory / "data"))
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
        patch.delenv("JPY_SESSION_NAME", raising=False)
        with windows(directory, patch):
            yield directory
            stop_host(directory / "host")


def needs(page: Path, words: str) -> bool:
    return any(words in about for _language, about, _text in blocks(page))


@pytest.mark.timeout(180)  # a kernel and a session host start, and some sessions open, on a busy machine
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda page: page.stem)
def test_the_examples_of_a_page_run_one_after_the_other(
    page: Path, place: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if needs(page, "Needs build01"):
        stop_host(place / "host")  # the next one finds the other ssh
        over_ssh(place, monkeypatch, request.getfixturevalue("sshd"))
    if page.stem in BEFORE:
        run_elsewhere(BEFORE[page.stem], place)
    run = [(language, text) for language, about, text in blocks(page) if KERBEROS not in about]
    cells = [text for language, text in run if language == "python"]
    nbformat.write(notebook_of(page), place / "nightly.ipynb")
    (place / "report.dib").write_text("#!pwsh\n1 + 1\n", encoding="utf-8")
    kernel = RealKernel(place / f"{page.stem}.ipynb", {"PWD": str(place)}) if cells else None
    try:
        if kernel is not None:
            kernel.cell(f"import os; os.chdir({str(place)!r})\n%load_ext jobmagics")
        for language, text in run:
            if language == "python":
                assert kernel is not None
                kernel.cell(text, answer=PASSWORD if "%get_credential" in text else "")
            else:
                run_commands(text, place)
        if kernel is not None:
            assert set(kernel.cell(FAILED).text.splitlines()) <= {""}
    finally:
        if kernel is not None:
            kernel.close()


@pytest.mark.timeout(90)  # a kernel and a session host start
def test_the_page_about_notebooks_in_powershell_is_one(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(prefix=str(place / "prefix"))
    monkeypatch.setenv("JUPYTER_PATH", str(place / "prefix" / "share" / "jupyter"))
    page = (ROOT / "docs" / "how-to" / "powershell-kernel.md").read_text(encoding="utf-8")
    cells = [nbformat.v4.new_code_cell(text) for text in IN_POWERSHELL.findall(page)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    resources = {"metadata": {"path": str(place)}}
    NotebookClient(notebook, timeout=60, kernel_name="jobmagics", resources=resources).execute()
    said = ["".join(output.get("text", "") for output in cell.outputs).strip() for cell in notebook.cells]
    assert [text for text in said if text] == ["Step 3\nStep 2\nStep 1", "There are 1 jobs.", "In all 1000 bytes"]


@pytest.mark.timeout(90)  # a KDC, a kernel and a session host start
def test_the_example_of_kerberos_runs(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_kdc()
    (text,) = [text for page in PAGES for _language, about, text in blocks(page) if KERBEROS in about]
    kdc = Kdc(tmp_path, service="host/web01.corp.example")
    try:
        for name, value in kdc.environment.items():
            monkeypatch.setenv(name, value)
        kdc.add("ada", PASSWORD)
        kdc.sign_in("ada", PASSWORD)
        kernel = RealKernel(place / "kerberos.ipynb", {})
        try:
            kernel.cell("%load_ext jobmagics")
            kernel.cell(text)
        finally:
            kernel.close()
    finally:
        kdc.close()


def run_elsewhere(text: str, place: Path) -> None:
    kernel = RealKernel(place / "elsewhere.ipynb", {"JOBMAGICS_DATA_DIR": str(place / "elsewhere")})
    try:
        kernel.cell(text)
    finally:
        kernel.close()


def notebook_of(page: Path) -> nbformat.NotebookNode:
    """What a person has who wrote the page's cells into a notebook."""
    cells = []
    for language, about, text in blocks(page):
        if language == "python" and "Needs" not in about:
            tags = re.findall(r'"(\w+)"', about.partition("tags=")[2])
            cells.append(nbformat.v4.new_code_cell(text.rstrip("\n"), metadata={"tags": tags}))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def run_commands(text: str, place: Path) -> None:
    for line in text.splitlines():
        command = line.partition("#")[0].strip()
        if command.startswith(RUN):
            done = subprocess.run(
                ["sh", "-c", YES.get(command, command)],
                cwd=place, timeout=SECONDS, capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def test_no_command_is_forgotten() -> None:
    """Each is run, or named above among those that are not."""
    commands = {
        command.strip()
        for page in PAGES
        for language, _about, text in blocks(page)
        if language == "sh"
        for line in text.splitlines()
        for command in line.partition("#")[0].split("&&")
        if command.strip()
    }
    assert len(commands) > 20
    shell = (". ", "cd ")
    assert not [command for command in commands if not command.startswith((*RUN, *OTHERS, *shell))]
    assert all(any(command.startswith(other) for command in commands) for other in OTHERS)
