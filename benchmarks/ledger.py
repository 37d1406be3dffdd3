"""``python -m benchmarks.ledger``: what the ledger costs, and what it bears.

Every figure is of something that was checked: a run that loses a record gives none.
"""

from __future__ import annotations

import argparse
import datetime
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import table
from benchmarks.table import Row
from jobmagics import psrp
from jobmagics.demo.kernels import DemoKernel
from jobmagics.host.client import stop_host
from jobmagics.remote import ConnectionInfo
from jobmagics.remote.fragments import Kind, Message
from jobmagics.sessions import SessionManager, applier
from jobmagics.store import ChildRecord, JobRecord, Store

STORED = 200_000
AT_ONCE = 250
LINES = 40_000
SESSIONS = 50
LOOKS = 5


def show(measure: str, figure: str) -> None:
    table.show(Row(measure, figure))


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def resident() -> float:
    """MiB of this process."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def storing(place: Path) -> None:
    """The store alone: batches as the applier writes them."""
    store = Store.open(place / "storing.sqlite")
    first = store.take_numbers("benchmark", "job", 2)
    job = JobRecord("job", first, "Job1", "RemoteJob", "1..10")
    child = ChildRecord("child", first + 1, "Job2", "localhost", "POOL", "PIPE")
    store.add_job("benchmark", job, [child])
    now = datetime.datetime.now(datetime.timezone.utc)
    messages = [Message(Kind.OUTPUT, b"<S>a line of output as scripts print it</S>")] * AT_ONCE

    def write() -> None:
        for _ in range(STORED // AT_ONCE):
            with store.writing():
                store.append(child, messages, now)
                store.save_child(child)

    rate = STORED / seconds(write)
    if sum(1 for _ in store.messages(child.key, 0, child.sequence)) != STORED:
        sys.exit("messages are missing: no figure can be given")
    store.close()
    show(f"messages stored, {AT_ONCE} in a transaction", f"{rate:,.0f} messages/s")


@contextmanager
def timed_commits() -> Any:
    """Adds up the seconds that the applier spends in the store."""
    spent = [0.0]
    real = applier.Plan.commit

    def commit(plan: applier.Plan, store: Store, owner: str) -> None:
        started = time.thread_time()
        real(plan, store, owner)
        spent[0] += time.thread_time() - started

    applier.Plan.commit = commit  # type: ignore[method-assign]
    try:
        yield spent
    finally:
        applier.Plan.commit = real  # type: ignore[method-assign]


def share(place: Path) -> None:
    """Of the whole path: script, engine, host, network, storing, and reading everything at last."""
    store = Store.open(place / "share.sqlite")
    manager = SessionManager(store, psrp.connect, "benchmark")
    (session,) = manager.new_pssession([ConnectionInfo()])
    session.start('1..1000 | ForEach-Object { "Output $_" }').wait()
    with timed_commits() as spent:
        started = time.perf_counter()
        job = session.start(f'1..{LINES} | ForEach-Object {{ "Output $_" }}').wait()
        count = len(job.records())
        whole = time.perf_counter() - started
    manager.close()
    store.close()
    if count != LINES:
        sys.exit("lines are missing: no figure can be given")
    show(f"storing's share of the whole path ({LINES:,} lines)", f"{100 * spent[0] / whole:.1f} % of {whole:.2f} s")


def large(place: Path, records: int) -> None:
    """One job of very many records, through the whole path."""
    path = place / "large.sqlite"
    store = Store.open(path)
    manager = SessionManager(store, psrp.connect, "path:large")
    (session,) = manager.new_pssession([ConnectionInfo()], name="large")
    job = session.start(f'1..{records} | ForEach-Object {{ "line $_" }}', job_name="large")
    memory: dict[int, float] = {}
    marks = [records // 10, records]
    while marks:
        done = manager.snapshot()[0].lines
        if done >= marks[0]:
            memory[marks.pop(0)] = resident()
        time.sleep(0.02)
    job.wait()
    tail = min(seconds(lambda: list(job.records().newest(100).stream())) for _ in range(LOOKS))
    if list(job.records().newest(100))[-1] != f"line {records}":
        sys.exit("the last record is not the last line: no figure can be given")
    manager.close()
    store.close()
    size = path.stat().st_size / 1e6
    opened: list[float] = []
    for _ in range(LOOKS):
        started = time.perf_counter()
        store = Store.open(path)
        manager = SessionManager(store, psrp.connect, "path:large")
        opened.append(time.perf_counter() - started)
        if manager.jobs()[0].children[0]._entry.record.counts["output"] != records:
            sys.exit("records are missing: no figure can be given")
        manager.close()
        store.close()
    show(f"ledger with a job of {records:,} records ({size:.0f} MB) opened, jobs loaded", f"{min(opened):.3f} s")
    show("its last 100 records, read and decoded", f"{tail * 1000:.1f} ms")
    first, last = memory.values()
    show("memory of the process after a tenth of them, and after all", f"{first:.0f} MiB, {last:.0f} MiB")


def coming_back(place: Path) -> None:
    """A kernel with 50 sessions, each with a running job, is killed; the next one takes them all over."""
    os.environ["JOBMAGICS_DATA_DIR"] = str(place / "back")
    kernel = DemoKernel("benchmark of coming back")
    kernel.cell("import jobmagics.magics, time\n%load_ext jobmagics\nmanager = jobmagics.magics.current_manager()")
    kernel.cell(
        "from jobmagics.remote import ConnectionInfo\n"
        f"found = manager.new_pssession([ConnectionInfo()] * {SESSIONS}, throttle_limit=8)\n"
        "jobs = [each.start('1..1000 | ForEach-Object { $_; Start-Sleep -Milliseconds 200 }') for each in found]\n"
        "while min(row.lines for row in manager.snapshot()) < 2: time.sleep(0.05)"
    )
    kernel.kill()
    kernel = DemoKernel("benchmark of coming back")
    started = time.perf_counter()
    kernel.cell("%load_ext jobmagics")
    loaded = time.perf_counter() - started
    first = seconds(lambda: kernel.cell("1+1"))
    answers = [first]
    kernel.cell("import jobmagics.magics; manager = jobmagics.magics.current_manager()")
    while True:
        moment = time.perf_counter() - started
        running = int(kernel.ask("sum(row.state == 'Running' and row.parent_id is None for row in manager.snapshot())"))
        if running == SESSIONS:
            break
        if moment > 60:
            sys.exit(f"only {running} of {SESSIONS} sessions came back: no figure can be given")
        answers.append(seconds(lambda: kernel.cell("1+1")))
    show(f"{SESSIONS} sessions with running jobs, connected again after SIGKILL", f"{moment:.2f} s after the start")
    show("`%load_ext jobmagics` meanwhile", f"{loaded:.2f} s")
    show("`1+1` meanwhile, first and slowest", f"{answers[0]:.3f} s, {max(answers):.3f} s")
    left = seconds(kernel.close)
    show(f"an orderly end with {SESSIONS} running sessions", f"{left:.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    options = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="jml"))
    os.environ["JOBMAGICS_HOST_DIR"] = str(place / "host")
    table.begin()
    try:
        storing(place)
        share(place)
        coming_back(place)
        large(place, options.records)
    finally:
        stop_host(place / "host")
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()
