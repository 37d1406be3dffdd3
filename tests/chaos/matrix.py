"""Everything that can happen to jobs in every state.

``PYTHONPATH=tests python tests/chaos/matrix.py [--rounds 3] [FAULT ...]``

One kernel has six jobs, one in each state; then the fault comes; then a person goes on: answers what is asked, connects
what was disconnected. ``FAULTS`` says for each cell what the person finds: the job's state, and its numbered
lines, each once and in order: all of them, or where the script itself died all up to the last one that it delivered.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from chaos import through
from faulty_proxy import FaultyProxy
from matrix_notebook import EXPECTED, FLOOD, STATES, Found, Notebook, Seen, ServedNotebook
from real_kernel import CellFailed

from jobmagics.host.client import host_info, host_statuses, stop_host

ALL, PREFIX = "all", "up to the last that came"
Cell = tuple[str, str]
ENDS: dict[str, Cell] = {
    "idle": ("Completed", ALL),
    "running": ("Completed", ALL),
    "flooding": ("Completed", ALL),
    "prompting": ("Completed", ALL),
    "stopping": ("Stopped", PREFIX),
    "disconnected": ("Completed", ALL),
}
DIES: dict[str, Cell] = {**dict.fromkeys(STATES, ("Failed", PREFIX)), "idle": ("Completed", ALL)}


class Place:
    """A host and a ledger of their own, and what can be done to them."""

    def __init__(self, *, network: bool = False, small_disk: bool = False) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="jmm"))
        self.host, self.data = self.directory / "host", self.directory / "data"
        self.data.mkdir(mode=0o700)
        self._mounted = small_disk
        if small_disk:
            mount = ["mount", "-t", "tmpfs", "-o", "size=6m,mode=700", "tmpfs", str(self.data)]
            subprocess.run(mount, check=True, capture_output=True)
        self.config = self.directory / "config"
        self.config.mkdir()
        info = host_info(directory=self.host)
        (self.directory / "net").mkdir()
        self.proxy = FaultyProxy((info.address, info.port), random.Random(1)) if network else None
        there = through(self.proxy, self.host, self.directory / "net") if self.proxy else self.host
        self.environment = {
            "JOBMAGICS_HOST_DIR": str(there),
            "JOBMAGICS_DATA_DIR": str(self.data),
            "JUPYTER_CONFIG_DIR": str(self.config),
        }

    @property
    def ledger(self) -> Path:
        return self.data / "jobs.sqlite"

    def close(self) -> None:
        if self.proxy is not None:
            self.proxy.close()
        stop_host(self.host)
        if self._mounted:
            subprocess.run(["umount", str(self.data)], check=True, capture_output=True)
        shutil.rmtree(self.directory, ignore_errors=True)


# -- the faults ---------------------------------------------------------------


def restart(place: Place, notebook: Notebook) -> None:
    notebook.kernel.restart()
    notebook.load()


def sigkill(place: Place, notebook: Notebook) -> None:
    notebook.again()


def host_killed(place: Place, notebook: Notebook) -> None:
    os.kill(host_info(start=False, directory=place.host).pid, signal.SIGKILL)


def engine_killed(place: Place, notebook: Notebook) -> None:
    (status,) = host_statuses(place.host)
    for shell in status.shells:
        with contextlib.suppress(ProcessLookupError):
            os.kill(shell["engine_pid"], signal.SIGKILL)


def network_cut(place: Place, notebook: Notebook) -> None:
    assert place.proxy is not None
    place.proxy.refuse()
    time.sleep(1.5)
    place.proxy.allow()


def network_away(place: Place, notebook: Notebook) -> None:
    """Longer than the time for which it is tried again at once."""
    assert place.proxy is not None
    notebook.kernel.cell("manager._runner.retry_seconds = 0.5")
    place.proxy.refuse()
    notebook.kernel.until("print(str(manager.job('running').state))", lambda text: text == "Disconnected")
    place.proxy.allow()


def disk_full(place: Place, notebook: Notebook) -> None:
    """Until the person hears of it."""
    ballast = place.data / "ballast"
    with contextlib.suppress(OSError), open(ballast, "wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    hears(notebook, "disk is full")
    ballast.unlink()


def store_locked(place: Place, notebook: Notebook) -> None:
    with contextlib.closing(sqlite3.connect(place.ledger, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        hears(notebook, "locked")
        holder.execute("ROLLBACK")


def hears(notebook: Notebook, words: str) -> None:
    code = f"print(any({words!r} in each for each in manager._notices))"
    notebook.kernel.until(code, lambda text: text == "True")


def store_corrupted(place: Place, notebook: Notebook) -> None:
    """Pages of the file are overwritten while it is in use. Whoever reads them hears what to do, and does it."""
    notebook.kernel.until("print(manager.snapshot()[4].lines)", lambda text: int(text) >= FLOOD // 2)
    with contextlib.closing(sqlite3.connect(place.ledger)) as one:
        one.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = one.execute("PRAGMA page_size").fetchone()[0]
        root = one.execute("SELECT rootpage FROM sqlite_master WHERE name = 'messages'").fetchone()[0]
    with open(place.ledger, "r+b") as file:
        pages = file.seek(0, os.SEEK_END) // page
        for number in {pages // 3, pages // 2} - {0, root - 1}:
            file.seek(number * page)
            file.write(b"\xa5" * page)
    with contextlib.suppress(CellFailed):  # a page that is still in memory is read as it was
        notebook.kernel.cell("for job in manager.jobs(): len(job.records())")
    notebook.again()


JUMP = """
import datetime as _real, types, jobmagics.sessions.pssessions as _where
class _Ahead(_real.datetime):
    @classmethod
    def now(cls, tz=None):
        return _real.datetime.now(tz) + _real.timedelta(hours={hours})
_where.datetime = types.SimpleNamespace(datetime=_Ahead, timezone=_real.timezone, timedelta=_real.timedelta)
"""


def clock_jump(place: Place, notebook: Notebook) -> None:
    """30 hours ahead, then back by a day, and a kernel that starts in the past of what is written."""
    notebook.kernel.cell(JUMP.format(hours=30))
    time.sleep(0.5)
    notebook.kernel.cell(JUMP.format(hours=6))
    time.sleep(0.5)
    notebook.again()


@dataclass(frozen=True)
class Fault:
    """``heard``: what the person is told, in part; ``idle``: what the idle session says afterwards, in part."""

    name: str
    strike: Callable[[Place, Notebook], None]
    cells: dict[str, Cell]
    idle: str = "42"
    heard: tuple[str, ...] = ()
    needs: dict[str, bool] = field(default_factory=dict)
    notebook: type[Notebook] = Notebook
    may_miss: bool = False
    """Lines may be missing, if the person is told so."""
    stays_parked: bool = True


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("restart", restart, ENDS, idle="[]"),
        Fault("SIGKILL", sigkill, ENDS),
        Fault("server killed", sigkill, ENDS, notebook=ServedNotebook),
        Fault("host killed", host_killed, DIES, idle="any more", stays_parked=False),
        Fault("engine killed", engine_killed, DIES, idle="ended", stays_parked=False),
        Fault("network cut", network_cut, ENDS, heard=("interrupted", "restored"), needs={"network": True}),
        Fault(
            "network away",
            network_away,
            ENDS,
            heard=("looked for again from time to time", "is connected again"),
            needs={"network": True},
        ),
        Fault("disk full", disk_full, ENDS, heard=("disk is full; free some space",), needs={"small_disk": True}),
        Fault("store locked", store_locked, ENDS, heard=("another process holds it",)),
        Fault("store corrupted", store_corrupted, ENDS, may_miss=True),
        Fault("clock jump", clock_jump, ENDS),
    )
}


def may_mount() -> bool:
    return sys.platform == "linux" and os.geteuid() == 0


@contextlib.contextmanager
def struck(fault: Fault, wait: float) -> Iterator[tuple[Notebook, Found]]:
    """A notebook after the fault, and what a person finds in it."""
    place = Place(**fault.needs)
    try:
        notebook = fault.notebook(place.directory, place.environment)
        try:
            notebook.begin()
            time.sleep(wait)
            fault.strike(place, notebook)
            if fault.stays_parked:
                assert notebook.states()["disconnected"] == "Disconnected", "it waits for a person"
            yield notebook, notebook.found()
        finally:
            notebook.close()
    finally:
        place.close()


def check_cell(fault: Fault, state: str, seen: Seen, told: str) -> None:
    """Raises AssertionError when a cell is not as the table says."""
    ends, lines = fault.cells[state]
    assert seen.state == ends or (state == "stopping" and seen.state == "Stopped"), (state, seen)
    assert seen.ordered, (state, "twice, or out of order", seen)
    if ends == "Failed" and seen.state == "Failed":
        assert seen.reason, (state, seen)
    if fault.may_miss:
        if not seen.whole or (lines == ALL and seen.lines < EXPECTED[state]):
            assert "records were saved from it" in told, (state, seen, told)
        return
    assert seen.whole, (state, "a line is missing", seen)
    if lines == ALL:
        assert seen.lines == EXPECTED[state], (state, seen)


def check(fault: Fault, wait: float) -> Found:
    with struck(fault, wait) as (notebook, found):
        assert set(found.jobs) == set(STATES), found
        for state in STATES:
            check_cell(fault, state, found.jobs[state], found.told)
        for words in fault.heard:
            assert words in found.told, (words, found.told)
        idle = notebook.use_idle()
        assert fault.idle in idle, (fault.idle, idle, found)
        return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("faults", nargs="*", metavar="FAULT", help=", ".join(FAULTS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    dice, failed = random.Random(options.seed), 0
    print(f"| fault | {' | '.join(STATES)} |\n|{'---|' * (len(STATES) + 1)}")
    for name in options.faults or FAULTS:
        fault = FAULTS[name]
        if fault.needs.get("small_disk") and not may_mount():
            print(f"| {name} | needs the right to mount a small disk |")
            continue
        found = None
        for _round in range(options.rounds):
            try:
                found = check(fault, dice.uniform(0, 1.0))
            except (AssertionError, RuntimeError) as error:
                failed += 1
                print(f"{name}: {error}", file=sys.stderr)
        if found is not None:
            cells = [f"{seen.state}, {seen.lines} lines" for seen in (found.jobs[state] for state in STATES)]
            print(f"| {name} | {' | '.join(cells)} |", flush=True)
    print(f"\n{failed} rounds went wrong.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
