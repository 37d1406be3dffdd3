"""What Tab offers in a magic's line: in an IPython shell over computers that the test plays, and in a real kernel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from real_kernel import RealKernel

from jobmagics import magics
from jobmagics.host.client import stop_host


def offered(shell: InteractiveShell, line: str) -> list[str]:
    """The line as it becomes with each candidate."""
    with provisionalcompleter():
        return [line[: each.start] + each.text for each in shell.Completer.completions(line, len(line))]


@pytest.fixture
def known(shell: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InteractiveShell:
    """Jobs, sessions, variables, a credential and files."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "a b.ps1").write_text("1")
    (tmp_path / "setup.ps1").write_text("1")
    monkeypatch.setenv("JOBMAGICS_CREDENTIAL_WEB_ADMIN_PASSWORD", "secret")
    for name in ("alpha", "'big one'"):
        shell.run_cell_magic("remote_job", f"-ComputerName web01 -JobName {name} -Wait", "three")
    shell.user_ns["s"] = shell.run_line_magic("new_pssession", "web02,web03 -Name web,'my db'")
    shell.user_ns["o"] = shell.run_line_magic("new_pssessionoption", "")
    shell.user_ns["hosts"] = ["web01"]
    return shell


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("%get_job -Ha", ["%get_job -HasMoreData"]),
        ("%get_job -State ru", ["%get_job -State Running"]),
        ("%get_job --state=bl", ["%get_job --state=Blocked"]),
        ("%get_job -HasMoreData ", ["%get_job -HasMoreData $true", "%get_job -HasMoreData $false"]),
        ("x = %new_pssession web01 -Authentication ke", ["x = %new_pssession web01 -Authentication Kerberos"]),
        ("%disconnect_pssession web -OutputBufferingMode D", ["%disconnect_pssession web -OutputBufferingMode Drop"]),
        ("%receive_pssession web -OutTarget ", [f"%receive_pssession web -OutTarget {way}" for way in ("Job", "Host")]),
        ("%receive_job -Name al", ["%receive_job -Name alpha"]),
        ("%receive_job al", ["%receive_job alpha"]),
        ("%receive_job -Name alpha,b", ["%receive_job -Name alpha,'big one'"]),
        ("%receive_job -Name alpha, 'big ", ["%receive_job -Name alpha, 'big one'"]),
        ("%stop_job -Id ", ["%stop_job -Id 1", "%stop_job -Id 3"]),
        ("%connect_pssession -Name m", ["%connect_pssession -Name 'my db'"]),
        ("%connect_pssession -Id ", ["%connect_pssession -Id 3", "%connect_pssession -Id 4"]),
        ("%copy_item set", ["%copy_item setup.ps1"]),
        ("%copy_item setup.ps1 x -ToSession ", ["%copy_item setup.ps1 x -ToSession s"]),
        ("%copy_item x -FromSession s -Destination sc", ["%copy_item x -FromSession s -Destination scripts/"]),
        ("%%remote_job -FilePath scripts/", ["%%remote_job -FilePath 'scripts/a b.ps1'"]),
        ("%%remote_job -FilePath 'scripts/a", ["%%remote_job -FilePath 'scripts/a b.ps1'"]),
        ("%%remote_job -ComputerName web0", [f"%%remote_job -ComputerName web0{n}" for n in (1, 2, 3)]),
        ("%%remote_job -ComputerName $ho", ["%%remote_job -ComputerName $hosts"]),
        ("%%remote_job -SessionOption ", ["%%remote_job -SessionOption o"]),
        ("%%remote_job -Session ", ["%%remote_job -Session s"]),
        ("%%remote_job -Credential web", ["%%remote_job -Credential web_admin"]),
        ("%%remote_job -ConfigurationName jobmagics.b", ["%%remote_job -ConfigurationName jobmagics.builtin"]),
    ],
)
def test_what_a_line_may_become(known: InteractiveShell, line: str, found: list[str]) -> None:
    assert offered(known, line) == found


@pytest.mark.parametrize(
    "line", ["%get_job -HasMoreData $true -Has", "%new_pssession -Name w", "%get_credential -UserName w"]
)
def test_where_there_is_nothing_to_offer(known: InteractiveShell, line: str) -> None:
    """The option was given; the name is a new one."""
    assert not [each for each in offered(known, line) if each.startswith(line)]


def test_nothing_is_offered_once_the_magics_are_gone(known: InteractiveShell) -> None:
    assert offered(known, "%get_job -State Ru") == ["%get_job -State Running"]
    magics.unload()
    assert "%get_job -State Running" not in offered(known, "%get_job -State Ru")


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[RealKernel]:
    environment = {"JOBMAGICS_HOST_DIR": str(tmp_path / "host"), "JOBMAGICS_DATA_DIR": str(tmp_path / "data")}
    kernel = RealKernel(tmp_path / "notebook.ipynb", environment)
    yield kernel
    kernel.close()
    stop_host(tmp_path / "host")


@pytest.mark.timeout(90)
def test_in_a_real_kernel(notebook: RealKernel) -> None:
    notebook.cell("%load_ext jobmagics")
    notebook.cell("%%remote_job -JobName numbers -Wait\n1")

    def asked(code: str) -> list[str]:
        reply = notebook.client.complete(code, len(code), reply=True, timeout=60)["content"]
        return [code[: reply["cursor_start"]] + match for match in reply["matches"]]

    assert asked("%get_job -State Ru") == ["%get_job -State Running"]
    assert asked("1 + 1\nr = %receive_job -Name nu") == ["1 + 1\nr = %receive_job -Name numbers"]
    assert asked("%%remote_job -Auth") == ["%%remote_job -Authentication"]
