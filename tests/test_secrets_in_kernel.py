"""A password typed into a real notebook signs in to a real NTLM endpoint, and is found nowhere afterwards."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from real_kernel import CellFailed, RealKernel
from winrm import serving

from jobmagics.host.client import host_info

SECRET = "correct-horse-battery"
USER_FILE = "ntlm"


@pytest.fixture
def place(real_host: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Everything that a kernel writes goes here."""
    directory = Path(tempfile.mkdtemp(prefix="jmk"))
    (directory / USER_FILE).write_text(f"CORP:ada:{SECRET}\n")
    monkeypatch.setenv("NTLM_USER_FILE", str(directory / USER_FILE))  # the acceptor's, in this process
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def kernel(place: Path, real_host: Path) -> Iterator[RealKernel]:
    environment = {
        "JOBMAGICS_DATA_DIR": str(place / "data"),
        "IPYTHONDIR": str(place / "ipython"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "NTLM_USER_FILE": "",
    }
    running = RealKernel(place / "n.ipynb", environment)
    running.cell("%load_ext jobmagics")
    yield running
    running.close()


@pytest.mark.timeout(90)
def test_a_typed_password_signs_in_and_is_nowhere(kernel: RealKernel, place: Path, real_host: Path) -> None:
    questions: list[dict[str, object]] = []

    def answer(message: dict[str, dict[str, object]]) -> None:
        questions.append(message["content"])
        kernel.client.input(SECRET)

    with serving("Negotiate") as server:
        where = f"-ComputerName 127.0.0.1 -Port {server.port} -Authentication NTLM -Credential web"
        told: list[str] = []
        for code in ("%get_credential web -UserName CORP\\ada", f"%%remote_job {where} -Wait\necho hello"):
            reply = kernel.client.execute_interactive(
                code,
                allow_stdin=True,
                stdin_hook=answer,
                timeout=60,
                output_hook=lambda message: told.append(str(message["content"])),
            )
            assert reply["content"]["status"] == "ok", reply["content"]
        assert "hello" in "".join(told)
        assert set(server.signed_in) == {"ntlm:CORP\\ada"}
    (question,) = questions
    assert question["password"], "the front end hides what is typed"
    assert SECRET not in "".join(told)
    written = [file for top in (place, real_host) for file in top.rglob("*") if file.is_file()]
    holding = [file for file in written if file.name != USER_FILE and SECRET.encode() in file.read_bytes()]
    assert not holding
    if sys.platform == "linux":
        for process in filter(str.isdigit, os.listdir("/proc")):
            for fact in ("cmdline", "environ"):
                try:
                    text = Path(f"/proc/{process}/{fact}").read_bytes()
                except OSError:  # gone, or somebody else's
                    continue
                assert SECRET.encode() not in text


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_the_session_host_and_its_engines_do_not_inherit_credentials(
    real_host: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOBMAGICS_CREDENTIAL_WEB_PASSWORD", SECRET)
    environment = Path(f"/proc/{host_info().pid}/environ").read_bytes()
    assert b"PATH=" in environment
    assert SECRET.encode() not in environment


@pytest.mark.timeout(90)
def test_a_headless_run_is_told_where_to_put_it(kernel: RealKernel) -> None:
    with pytest.raises(CellFailed) as caught:
        kernel.cell("%%remote_job -ComputerName web01 -Credential web-admin\n1")
    assert "No credential 'web-admin' was found; store it with `keyring set" in caught.value.shown
    with pytest.raises(CellFailed) as caught:
        kernel.cell("%get_credential web-admin")
    assert "Nobody can be asked for a password here" in caught.value.shown
    assert kernel.cell("%get_job").shown.strip() == "", "nothing was begun"
