"""The main job: real kernels, the real session host, the real engine, real kills.

Sixty numbered lines are printed; whatever happens to the kernel in the middle, all sixty are there afterwards,
in order, once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from real_kernel import RealKernel

from jobmagics.host.client import stop_host

LINES = 60
JOB = f'%%remote_job -JobName numbers\n1..{LINES} | ForEach-Object {{ Start-Sleep -Milliseconds 50; "Output $_" }}'
COUNT = "print(len(list(jobmagics.magics.current_manager().job('numbers').records().output)))"
ALL = "print(*jobmagics.magics.current_manager().job('numbers').records().output, sep='|')"
STATE = "print(jobmagics.magics.current_manager().job('numbers').state)"
EXPECTED = "|".join(f"Output {n}" for n in range(1, LINES + 1))


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Callable[[], RealKernel]]:
    """Starts kernels of one notebook on one host and one ledger."""
    started: list[RealKernel] = []
    environment = {"JOBMAGICS_HOST_DIR": str(tmp_path / "host"), "JOBMAGICS_DATA_DIR": str(tmp_path / "data")}

    def start() -> RealKernel:
        started.append(RealKernel(tmp_path / "notebook.ipynb", environment))
        started[-1].cell("import jobmagics.magics\n%load_ext jobmagics")
        return started[-1]

    yield start
    for one in started:
        one.close()
    stop_host(tmp_path / "host")


def at_least(count: int) -> Callable[[str], bool]:
    return lambda text: int(text) >= count


@pytest.mark.timeout(60)  # two kernels, a host and an engine start, and the job itself takes three seconds
@pytest.mark.parametrize("end", ["kill", "restart"])
def test_sixty_lines_survive_their_kernel(kernel: Callable[[], RealKernel], end: str) -> None:
    first = kernel()
    first.cell(JOB)
    first.until(COUNT, at_least(20))
    if end == "kill":
        first.kill()
        second = kernel()
    else:
        first.restart()
        second = first
        second.cell("import jobmagics.magics\n%load_ext jobmagics")
    second.until(STATE, lambda text: text == "Completed")
    assert second.cell(ALL).text.strip() == EXPECTED
    assert second.cell("r = %receive_job -Name numbers\nprint(*r, sep='|')").text.strip().endswith("Output 60")


@pytest.mark.timeout(60)  # a kernel, a host and an engine start
def test_a_job_that_ends_while_nobody_listens_is_complete_afterwards(kernel: Callable[[], RealKernel]) -> None:
    first = kernel()
    first.cell(JOB)
    first.until(COUNT, at_least(1))
    first.kill()
    time.sleep(LINES * 0.05 + 1)  # the job itself is over by then; nobody has asked for its output
    second = kernel()
    second.until(STATE, lambda text: text == "Completed")
    assert second.cell(ALL).text.strip() == EXPECTED


@pytest.mark.timeout(60)  # a kernel, a host and an engine start
def test_the_first_cells_of_a_newcomer(kernel: Callable[[], RealKernel]) -> None:
    """Waiting, receiving, Python values in and objects out, the table, the end."""
    one = kernel()
    one.cell("limit = 3")
    one.cell(
        "%%remote_job -JobName squares --wait\n"
        "1..$using:limit | ForEach-Object { [pscustomobject]@{ Number = $_; Square = $_ * $_ } }"
    )
    table = one.cell("%get_job").shown
    assert "squares" in table
    assert "Completed" in table
    assert "RemoteJob" in table
    received = one.cell("r = %receive_job -Name squares -Keep\nprint([o.Square for o in r])").text
    assert received.strip() == "[1, 4, 9]"
    shown = one.cell("%receive_job -Name squares").shown
    assert "Number         : 1" in shown  # with PSComputerName and RunspaceId beside it, as Receive-Job prints them
    assert one.cell("%remove_job -Name squares\n%get_job").shown.count("squares") == 0
