"""What the demo does, in order, and how it knows that nothing was lost."""

from __future__ import annotations

import re
import sys
import time
import uuid
from pathlib import Path

from ..errors import JobMagicsError
from ..host.client import host_info
from . import data
from .kernels import DemoKernel, KernelFailed
from .screen import Screen

LINES = 60
KILL_AFTER = 20
AWAY_SECONDS = 1.5
LOOK_SECONDS = 0.3
PATIENCE_SECONDS = 45.0

_TABLE = """
def _jobmagics_demo_table(width):
    from jobmagics.display.rows import wire_rows
    from jobmagics.display.static import text_table
    from jobmagics.magics import current_manager
    return text_table(wire_rows(current_manager().snapshot()), width)

def _jobmagics_demo_lines(name):
    from jobmagics.magics import current_manager
    return [str(value) for value in current_manager().job(name).records()]

def _jobmagics_demo_state(name):
    from jobmagics.magics import current_manager
    job = current_manager().job(name)
    row = next(row for row in current_manager().snapshot() if row.id == job.id)
    return row.state, row.lines, row.reason
"""
_ENDED = ("Completed", "Failed", "Stopped")


def run(screen: Screen | None = None) -> int:
    """Show the demo. 0 only if every line arrived, once and in order."""
    screen = screen or Screen()
    try:
        return Story(screen).tell()
    except JobMagicsError as error:
        print(f"jupyter jobmagics demo: {error.message}", file=sys.stderr)
        return 1


class Story:
    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.owner = f"demo {uuid.uuid4()}"
        self.kernel: DemoKernel | None = None

    def tell(self) -> int:
        host = host_info(start=True)
        self.screen.say(
            f"Session host: process {host.pid} at {host.address}:{host.port}, independent of every notebook."
        )
        try:
            killed_after = self._first_kernel()
            return self._second_kernel(killed_after)
        finally:
            self._clean_up()

    def _first_kernel(self) -> int:
        kernel = self._start_kernel()
        log, disks = data.data_file("access.log"), data.data_file("disks.csv")
        kernel.cell(f"log, disks = {str(log)!r}, {str(disks)!r}")
        self.screen.say(f"Kernel 1 (process {kernel.pid}) starts two PowerShell jobs; one reports on {log.name}.\n")
        kernel.cell("%%remote_job -JobName minutes\n" + data.script("minutes.ps1"))
        kernel.cell("%%remote_job -JobName disks\n" + data.script("disks.ps1"))
        lines = self._watch(kernel, KILL_AFTER)
        pid = kernel.pid
        kernel.kill()
        self.kernel = None
        self.screen.say(
            f"\nKernel 1 (process {pid}) is killed (SIGKILL) after line {lines} of {LINES}. The job goes on."
        )
        time.sleep(AWAY_SECONDS)
        return lines

    def _second_kernel(self, killed_after: int) -> int:
        kernel = self._start_kernel()
        self.screen.say(f"Kernel 2 (process {kernel.pid}) of the same notebook says: {self._loaded}\n")
        self._watch(kernel, None)
        lines = kernel.ask("_jobmagics_demo_lines('minutes')")
        self.screen.say("")
        for line in (
            *lines[killed_after - 2 : killed_after],
            "... kernel 1 was killed here ...",
            *lines[killed_after:][:2],
        ):
            self.screen.say(f"    {line}")
        return self._verdict(lines)

    def _start_kernel(self) -> DemoKernel:
        self.kernel = DemoKernel(self.owner)
        self._loaded = self.kernel.cell("%load_ext jobmagics")
        self.kernel.cell(_TABLE)
        return self.kernel

    def _watch(self, kernel: DemoKernel, until: int | None) -> int:
        """Show the table until the job has given ``until`` lines, or (None) until all jobs have ended."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            states = [kernel.ask(f"_jobmagics_demo_state({name!r})") for name in ("minutes", "disks")]
            lines = int(states[0][1])
            ended = all(state in _ENDED for state, _, _ in states)
            done = ended if until is None else lines >= until
            self.screen.table(kernel.ask(f"_jobmagics_demo_table({self.screen.width})"), final=done)
            failed = [reason for state, _, reason in states if state == "Failed"]
            if failed:
                raise KernelFailed(f"A job failed: {failed[0]} `jupyter jobmagics doctor` looks further.")
            if done:
                return lines
            if ended:
                raise KernelFailed("The jobs ended before the kernel was killed, which shows nothing.")
            if time.monotonic() > deadline:
                raise KernelFailed("The job does not go on; run `jupyter jobmagics doctor`.")
            time.sleep(LOOK_SECONDS)

    def _verdict(self, lines: list[str]) -> int:
        numbers = [int(found[1]) for line in lines if (found := re.match(r"line (\d+) of", line))]
        if numbers == list(range(1, LINES + 1)) and len(lines) == LINES:
            self.screen.say(f"\nNothing lost: all {LINES} lines arrived, each once, in order.")
            self.screen.say(f"Now see it in JupyterLab:  jupyter lab {_shown_path()}")
            return 0
        missing = sorted(set(range(1, LINES + 1)) - set(numbers))
        self.screen.say(
            f"\nNOT as it should be: got {len(lines)} lines, {len(set(numbers))} of {LINES}; missing: {missing}."
        )
        return 1

    def _clean_up(self) -> None:
        """The demo's jobs and sessions go; the session host stays for the next user."""
        try:
            if self.kernel is None:
                self.kernel = DemoKernel(self.owner)
                self.kernel.cell("%load_ext jobmagics")
            self.kernel.cell("_jobs = %get_job\nfor _job in _jobs:\n    _job.remove(force=True)")
        except JobMagicsError as error:
            self.screen.say(f"The demo's jobs could not be removed: {error.message}")
        finally:
            if self.kernel is not None:
                self.kernel.close()


def _shown_path() -> str:
    """The notebook as one types it: short where the demo runs in a checkout."""
    path = data.notebooks_dir() / "quickstart.ipynb"
    here = Path.cwd()
    text = str(path.relative_to(here) if path.is_relative_to(here) else path)
    return f'"{text}"' if " " in text else text
