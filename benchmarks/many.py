"""``python -m benchmarks.many``: many jobs and sessions at once, and how long one person waits.

100 jobs on 100 new sessions; what a running job costs the client; new session to first output; stop to Stopped; what
the host adds to a message; 1,000 sessions open and idle (``--idle`` for another number, 0 for none): memory and CPU. On
a host and a ledger of its own. Linux only: the figures of memory and CPU come from /proc.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psrpcore

from benchmarks import host as load
from benchmarks import table
from benchmarks.ours import POLL_SECONDS, Ours
from benchmarks.outofproc_client import Client
from benchmarks.table import Row, median_of
from jobmagics.host.client import HostInfo, host_info, stop_host
from jobmagics.remote import ConnectionInfo

JOBS = 100
ROUNDS = 15
HUNDRED_SECONDS = 5.0
REAL_START_JOB = 0.24
"""Seconds of `Start-Job { 1 } | Receive-Job -Wait` in real PowerShell 7.6.5 on such a machine."""
MESSAGES = 40
BUILTIN = ConnectionInfo(configuration_name="jobmagics.builtin")
CLOCK = (
    f"1..{MESSAGES} | % {{ [DateTimeOffset]::UtcNow.ToUnixTimeMilliseconds() + "
    "([DateTime]::UtcNow.Ticks % 10000) / 10000; Start-Sleep -Milliseconds 20 }"
)


@contextmanager
def own_host(idle: int) -> Iterator[HostInfo]:
    directory = Path(tempfile.mkdtemp(prefix="jmb"))
    os.environ["JOBMAGICS_HOST_DIR"] = str(directory)
    os.environ["JUPYTER_CONFIG_DIR"] = str(directory)
    (directory / "jupyter_jobmagics_host_config.py").write_text(f"c.Limits.max_shells = {idle + 2 * JOBS}\n")
    try:
        yield host_info()
    finally:
        stop_host(directory)
        shutil.rmtree(directory)


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def hundred(ours: Ours) -> Iterator[Row]:
    began = time.perf_counter()
    sessions = ours.manager.new_pssession([BUILTIN] * JOBS)
    opened = time.perf_counter() - began
    before = descriptors(), threading.active_count(), load.status(os.getpid(), "VmRSS")
    jobs = [ours.manager.invoke("'ready'; Start-Sleep 5; 'done'", sessions=[session]) for session in sessions]
    waiting = list(jobs)
    while waiting := [job for job in waiting if not len(job.receive(keep=True))]:
        time.sleep(0.01)
    started = time.perf_counter() - began
    after = descriptors(), threading.active_count(), load.status(os.getpid(), "VmRSS")
    for job in jobs:
        job.wait()
    if any([str(item) for item in job.receive()] != ["ready", "done"] for job in jobs):
        sys.exit("output is missing: no figure can be given")
    ours.manager.remove_sessions(sessions)
    files, threads, memory = ((now - then) / JOBS for now, then in zip(after, before, strict=True))
    yield Row(
        f"{JOBS} jobs on {JOBS} new sessions, until each has given its first line",
        f"{started:.2f} s, of which opening the sessions {opened:.2f} s",
        aim=f"under {HUNDRED_SECONDS:g} s",
        is_reached=started < HUNDRED_SECONDS,
    )
    yield Row("a running job costs the client", f"{threads:.1f} threads, {files:.1f} descriptors, {memory:.0f} KiB")


def waiting(ours: Ours) -> Iterator[Row]:
    def new_session() -> float:
        began = time.perf_counter()
        [session] = ours.manager.new_pssession([BUILTIN])
        job = ours.manager.invoke("'ready'", sessions=[session])
        while not len(job.receive(keep=True)):
            time.sleep(POLL_SECONDS)
        elapsed = time.perf_counter() - began
        ours.manager.remove_sessions([session])
        return elapsed

    def stop() -> float:
        job = ours.start("'on'; while ($true) { Start-Sleep -Milliseconds 50 }")
        while not len(job.receive(keep=True)):
            time.sleep(POLL_SECONDS)
        began = time.perf_counter()
        job.stop()
        elapsed = time.perf_counter() - began
        assert str(job.state) == "Stopped"
        return elapsed

    yield table.under(
        "cell start to first output, new session",
        median_of(new_session, ROUNDS),
        0.25,
        peer=REAL_START_JOB,
        name="Start-Job of real PowerShell",
    )
    yield table.under("stop to Stopped", median_of(stop, ROUNDS), 0.1)


def delay() -> Iterator[Row]:
    """From the engine's print to the receiver, through host and client and read from the engine itself."""
    found: dict[str, float] = {}
    pool = load.opened(BUILTIN, 1)[0]
    late: list[float] = []
    load.drained(load.begun(pool, CLOCK), lambda data: late.append(time.time() * 1000 - load.clixml.decode(data)))
    pool.close()
    found["through"] = statistics.median(late)
    command = [sys.executable, "-m", "jobmagics.powershell", "-s"]
    with Client(command, psrpcore) as client:
        late = []
        client.run(CLOCK, lambda value: late.append(time.time() * 1000 - value))
        found["direct"] = statistics.median(late)
    added = found["through"] - found["direct"]
    yield Row(
        "print to receipt of one line",
        f"{found['through']:.1f} ms: host and client add {added:.1f} ms",
        f"{found['direct']:.1f} ms ({load.STDOUT})",
        aim="adds under 2 ms",
        is_reached=added < 2,
    )


def idle(info: HostInfo, count: int) -> Iterator[Row]:
    before = load.status(info.pid, "VmRSS")
    began = time.perf_counter()
    pools = load.opened(BUILTIN, count)
    opening = time.perf_counter() - began
    engines = load.engines_of(info)
    host = (load.status(info.pid, "VmRSS") - before) / count
    each = sum(map(load.shared_out, engines)) / len(engines) / 1024
    spent = load.cpu_at_rest([info.pid, *engines])
    for pool in pools:
        pool.close()
    yield Row(f"{count:,} sessions opened one after the other", f"{opening / count * 1000:.0f} ms each")
    yield Row(f"{count:,} idle sessions: CPU", f"{spent * 100:.1f} % of one core")
    yield Row(f"{count:,} idle sessions: memory", f"{host:.0f} KiB of the host and {each:.1f} MiB of its engine each")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--idle", type=int, default=1000)
    options = parser.parse_args()
    table.begin()
    with own_host(options.idle) as info:
        ours = Ours()
        ours.open()
        ours.all_output("'warm'")
        for part in (hundred(ours), waiting(ours), delay()):
            table.show_all(part)
        ours.close()
        if options.idle:
            table.show_all(idle(info, options.idle))


if __name__ == "__main__":
    main()
