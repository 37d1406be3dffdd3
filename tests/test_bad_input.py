"""Mistakes and mishaps, each told in one line through real cells, after which the kernel works on.

One kernel and one session host serve the whole module; what needs a place of its own loads the extension anew there.
"""

from __future__ import annotations

import json
import re
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from real_kernel import CellFailed, RealKernel

from jobmagics.host.client import stop_host

pytestmark = pytest.mark.timeout(60)  # the first test also starts the kernel, the host and an engine

DIES = [sys.executable, "-c", "raise SystemExit('no licence for this engine')"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A host that knows two engines which cannot run, beside the built-in one."""
    place = tmp_path_factory.mktemp("bad")
    host = place / "host"
    host.mkdir(mode=0o700)
    engines = host / "engines.json"
    engines.touch(mode=0o600)
    engines.write_text(json.dumps({"missing": ["/nowhere/pwsh", "-s"], "dies": DIES}))
    yield place
    stop_host(host)


@pytest.fixture(scope="module")
def kernel(place: Path) -> Iterator[RealKernel]:
    environment = {"JOBMAGICS_HOST_DIR": str(place / "host"), "JOBMAGICS_DATA_DIR": str(place / "data")}
    kernel = RealKernel(place / "bad input.ipynb", environment)
    kernel.cell("import os\n%load_ext jobmagics")
    yield kernel
    kernel.close()


def told(kernel: RealKernel, code: str) -> list[str]:
    """The lines that a cell shows, of its error too; and the kernel works on."""
    try:
        shown = kernel.cell(code).shown
    except CellFailed as failed:
        shown = failed.shown
    assert "Traceback" not in shown
    assert kernel.cell("print(1 + 1)").text.strip() == "2"
    return [line for line in shown.splitlines() if line.strip()]


def error_of(kernel: RealKernel, code: str) -> str:
    """The one line of a cell that fails and shows nothing else."""
    lines = told(kernel, code)
    assert len(lines) == 1, lines
    return lines[0]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("%get_job -Nmae x", ["%get_job has no option -Nmae", "-Name"]),
        ("%get_job -N x", ["-N"]),
        ("%%remote_job -ThrottleLimit many\n1", ["-ThrottleLimit", "many"]),
        ("%get_job -State Finished", ["-State", "Finished", "Completed"]),
        ("%receive_job -Id 99", ["99"]),
        ("%receive_job -Id nine", ["-Id", "nine"]),
        ("%receive_job -Name nothing", ["nothing"]),
        ("%wait_job -Id 99", ["99"]),
        ("%stop_job -Name nothing", ["nothing"]),
        ("%remove_job 99", ["99"]),
        ("%connect_pssession -Id 99", ["99"]),
        ("%%remote_job -Session nothing\n1", ["nothing"]),
        ("%new_pssession -ComputerName no-such-host.invalid", ["no-such-host.invalid", "name is not known"]),
        ("%new_pssession -ComputerName 127.0.0.1 -Port 1", ["127.0.0.1", "nothing listens at that port"]),
        ("%new_pssession -ComputerName localhost -Port 99999", ["99999", "65535"]),
        ("%new_pssession -ConfigurationName nonesuch", ["nonesuch", "jobmagics.builtin", "missing"]),
        ("%new_pssession -ConfigurationName missing", ["/nowhere/pwsh"]),
        ("%new_pssession -ConfigurationName dies", ["no licence for this engine"]),
        ("%%remote_job -ArgumentList open\n1", ["argument 1", "cannot be sent to PowerShell"]),
        ("%%remote_job -ArgumentList object()\n1", ["argument 1", "cannot be sent to PowerShell"]),
        ("%%remote_job -ArgumentList no_such_name\n1", ["no_such_name"]),
        ("%%remote_job -ArgumentList (1 +\n1", ["a bracket is not closed"]),
        ("%%remote_job\n$using:no_such_name", ["$using:no_such_name", "has not been set"]),
        ("import threading\nlock = threading.Lock()\nget_ipython().run_cell_magic('remote_job', '', '$using:lock')",
         ["$using:lock", "cannot be sent to PowerShell"]),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line(kernel: RealKernel, code: str, words: list[str]) -> None:
    line = error_of(kernel, code)
    assert all(word in line for word in words), line


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("%%remote_job --wait\nif (", ["Missing", "failed"]),
        ("%%remote_job --wait -ComputerName no-such-host.invalid\n1", ["no-such-host.invalid", "failed"]),
        ("%%remote_job --wait -ComputerName localhost -Port 1\n1", ["nothing listens at that port", "failed"]),
        ("%%remote_job --wait -ConfigurationName nonesuch\n1", ["nonesuch", "failed"]),
        ("%%remote_job --wait -ConfigurationName missing\n1", ["/nowhere/pwsh", "failed"]),
    ],
)
def test_a_job_that_cannot_run_fails_in_one_line(kernel: RealKernel, code: str, words: list[str]) -> None:
    line = error_of(kernel, code)
    assert all(word in line for word in words), line


def test_without_waiting_the_table_has_the_reason(kernel: RealKernel) -> None:
    name = uuid.uuid4().hex
    kernel.cell(f"%%remote_job -JobName {name} -ConfigurationName missing\n1")
    kernel.cell(f"%wait_job -Name {name} -Timeout 20")
    shown = kernel.cell(f"job = %get_job -Name {name}\nprint(job.state, job.reason)").text
    assert shown.startswith("Failed")
    assert "/nowhere/pwsh" in shown


@contextmanager
def elsewhere(
    kernel: RealKernel, variable: str, path: Path, place: Path, usual: str
) -> Iterator[Callable[[], list[str]]]:
    """The extension loaded anew with another directory; the usual one afterwards."""

    def load() -> list[str]:
        return told(kernel, f"%unload_ext jobmagics\nos.environ[{variable!r}] = {str(path)!r}\n%load_ext jobmagics")

    try:
        yield load
    finally:
        kernel.cell(f"%unload_ext jobmagics\nos.environ[{variable!r}] = {str(place / usual)!r}\n%load_ext jobmagics")


def test_a_data_directory_that_cannot_be_written(kernel: RealKernel, place: Path) -> None:
    (place / "a file").touch()
    with elsewhere(kernel, "JOBMAGICS_DATA_DIR", place / "a file" / "data", place, "data") as load:
        (line,) = load()
        assert line.startswith("StoreError: The job ledger ")
        assert "name another in JOBMAGICS_DATA_DIR" in line
        assert "a file" in error_of(kernel, "%get_job")


@pytest.mark.parametrize("kind", ["no ledger at all", "cut off", "overwritten in the middle"])
def test_a_damaged_ledger_is_moved_aside_and_work_goes_on(kernel: RealKernel, place: Path, kind: str) -> None:
    folder = place / kind
    ledger = folder / "jobs.sqlite"
    with elsewhere(kernel, "JOBMAGICS_DATA_DIR", folder, place, "data") as load:
        assert load() == []
        kernel.cell("%%remote_job --wait -JobName before\n1..2000 | % { 'x' * 200 }")
        kernel.cell("%unload_ext jobmagics")
        sound = ledger.read_bytes()
        assert len(sound) > 400_000
        middle = len(sound) // 2
        ledger.write_bytes({
            "no ledger at all": b"something else " * 1000,
            "cut off": sound[:middle],
            "overwritten in the middle": sound[:middle] + b"\xff" * 20_000 + sound[middle + 20_000 :],
        }[kind])  # fmt: skip
        lines = load()
        if not any("damaged" in line for line in lines):  # it is where only reading the output comes
            assert "restart the kernel" in error_of(kernel, "r = %receive_job -Name before -Keep\nlist(r)")
            lines = load()
        (line,) = [line for line in lines if line.startswith("The job ledger was damaged (")]
        assert "it is kept as " in line
        if kind != "no ledger at all":
            saved = re.search(r"1 job with (\d+) of (\d+) records were saved from it", line)
            assert saved, line
            assert len(kernel.cell("r = %receive_job -Name before -Keep\nprint('\\n'.join(r))").text.split()) > 500
        assert [each.name for each in folder.glob("*.damaged-*")]
        after = kernel.cell("%%remote_job --wait -JobName after\n'fresh'").text
        assert after.splitlines()[0] == "fresh"


def test_a_secret_that_others_can_read(kernel: RealKernel, place: Path) -> None:
    kernel.cell("%%remote_job --wait\n1")
    secret = place / "host" / "secret"
    secret.chmod(0o644)
    try:
        line = error_of(kernel, "%new_pssession")
        assert line.startswith("HostError: ")
        assert str(secret) in line
        assert "chmod" in line
        line = error_of(kernel, "%%remote_job --wait\n1")
        assert str(secret) in line
    finally:
        secret.chmod(0o600)
    assert kernel.cell("%%remote_job --wait\n'again'").text.splitlines()[0] == "again"


def test_a_host_directory_that_is_a_file(kernel: RealKernel, place: Path) -> None:
    (place / "no directory").touch()
    with elsewhere(kernel, "JOBMAGICS_HOST_DIR", place / "no directory", place, "host") as load:
        load()
        line = error_of(kernel, "%new_pssession")
        assert "no directory" in line
        assert "JOBMAGICS_HOST_DIR" in line
