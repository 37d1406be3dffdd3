"""``python -m benchmarks.host``: the session host under load. ``--spool-mb`` for a longer or shorter spooled output.

100 sessions with running jobs: memory, latency of what they print, CPU at rest. One stream and 50 at once, beside
reading the same engine's stdout directly in the same run. A long output that nobody receives: the host's memory. A run
in which a byte is missing gives no figure. Linux only: the figures of memory and CPU come from /proc.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import table
from benchmarks.outofproc_client import Client
from benchmarks.table import Row
from jobmagics import clixml
from jobmagics.host.client import HostInfo, host_info, host_statuses, stop_host
from jobmagics.psrp import PsrpPipeline, PsrpPool, connect
from jobmagics.remote import ConnectionInfo, Invocation, new_id
from jobmagics.remote.fragments import Defragmenter, Kind
from jobmagics.remote.messages import pipeline_end

SESSIONS = 100
STREAMS = 50
PRINTS, PAUSE_MS = 15, 1000
SETTLING = 5
"""Prints of each job that do not count: 100 scripts are compiled then, on few cores."""
FLOOD_ITEMS, FLOOD_BYTES = 20_000, 2_000
REST_SECONDS = 5.0
STDOUT = "the engine's stdout"
ENGINE = [sys.executable, str(Path(__file__).parent.parent / "tests" / "host" / "engine.py")]
CLOCK = f"1..{PRINTS} | % {{ [DateTimeOffset]::UtcNow.ToUnixTimeMilliseconds(); Start-Sleep -Milliseconds {PAUSE_MS} }}"
BUILTIN = ConnectionInfo(configuration_name="jobmagics.builtin")


def status(pid: int, name: str) -> int:
    """KiB of a process: VmRSS, VmHWM."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(name)))


def shared_out(pid: int) -> int:
    """KiB of a process, pages that several share counted in parts (PSS)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("Pss:")))


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cpu_at_rest(processes: list[int]) -> float:
    """Of one core, what these processes take while nobody asks anything."""
    spent = sum(map(cpu_seconds, processes))
    time.sleep(REST_SECONDS)
    return (sum(map(cpu_seconds, processes)) - spent) / REST_SECONDS


def engines_of(info: HostInfo) -> list[int]:
    (status,) = [status for status in host_statuses(info.secret_file.parent) if status.info.pid == info.pid]
    return [shell["engine_pid"] for shell in status.shells if shell["engine_pid"] is not None]


def in_threads(work: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def opened(connection: ConnectionInfo, count: int) -> list[PsrpPool]:
    pools = [connect(connection).pool(new_id()) for _ in range(count)]
    for pool in pools:
        pool.open("benchmark", 600)
    return pools


def begun(pool: PsrpPool, script: str) -> PsrpPipeline:
    pipeline = pool.pipeline(new_id())
    pipeline.begin(Invocation(script))
    return pipeline


def drained(pipeline: PsrpPipeline, each: Callable[[bytes], None] = lambda _: None) -> int:
    """Receives to the end; the bytes of the messages, and each output as it comes."""
    joined, size = Defragmenter(), 0
    while True:
        for message in joined.feed(pipeline.receive()):
            size += len(message.data)
            if message.kind == Kind.OUTPUT:
                each(message.data)
            elif message.kind == Kind.PIPELINE_STATE and pipeline_end(message.data):
                return size


def sessions(info: HostInfo) -> None:
    before = status(info.pid, "VmRSS")
    started = time.perf_counter()
    pools = opened(BUILTIN, SESSIONS)
    each = (time.perf_counter() - started) / SESSIONS * 1000
    table.show(Row(f"{SESSIONS} sessions opened one after the other", f"{each:.0f} ms each"))
    late: list[list[float]] = [[] for _ in pools]

    def follow(pipeline: PsrpPipeline, found: list[float]) -> None:
        drained(pipeline, lambda data: found.append(time.time() * 1000 - clixml.decode(data)))

    pipelines = [begun(pool, CLOCK) for pool in pools]
    in_threads([lambda pair=pair: follow(*pair) for pair in zip(pipelines, late, strict=True)])
    if {len(found) for found in late} != {PRINTS}:
        sys.exit("lines are missing: no figure can be given")
    delays = sorted(delay for found in late for delay in found[SETTLING:])
    engines = engines_of(info)
    memory = sum(map(shared_out, engines)) / len(engines)
    grown = (status(info.pid, "VmRSS") - before) / SESSIONS
    table.show(
        Row("a session's memory", f"{grown:.0f} KiB of the host, {memory / 1024:.1f} MiB of its built-in engine")
    )
    middle, late_ones = delays[len(delays) // 2], delays[len(delays) * 99 // 100]
    table.show(
        Row(
            f"print to receipt, {SESSIONS} jobs printing once a second",
            f"median {middle:.0f} ms, 99th percentile {late_ones:.0f} ms",
        )
    )
    spent = cpu_at_rest([info.pid, *engines])
    table.show(Row(f"CPU at rest, host and {SESSIONS} engines", f"{spent * 100:.1f} % of one core"))
    for pool in pools:
        pool.close()


def direct(count: int, items: int) -> float:
    """Bytes a second of ``count`` engines at once, each one's stdout read by itself."""
    import psrpcore

    flood = f"flood {items} {FLOOD_BYTES}"
    sizes: list[int] = []

    def read(client: Client) -> None:
        shell = psrpcore.ClientPowerShell(client.pool)
        shell.add_script(flood)
        shell.start()
        client._send(f"<Command PSGuid='{shell.pipeline_id}' />")
        client._flush()
        assert client.process.stdout is not None
        size = 0
        for line in client.process.stdout:
            size += len(line)
            if size > items * FLOOD_BYTES and len(line) < FLOOD_BYTES:  # the state that ends the pipeline
                break
        sizes.append(size)

    clients = [Client(ENGINE, psrpcore).__enter__() for _ in range(count)]
    started = time.perf_counter()
    in_threads([lambda client=client: read(client) for client in clients])
    seconds = time.perf_counter() - started
    for client in clients:
        client.__exit__()
    return count * items * FLOOD_BYTES / seconds


def through(count: int, items: int) -> float:
    """Bytes a second of as many sessions of the host, each received to its end."""
    pools = opened(ConnectionInfo(), count)
    sizes: list[int] = []
    started = time.perf_counter()
    pipelines = [begun(pool, f"flood {items} {FLOOD_BYTES}") for pool in pools]
    in_threads([lambda pipeline=pipeline: sizes.append(drained(pipeline)) for pipeline in pipelines])
    seconds = time.perf_counter() - started
    for pool in pools:
        pool.close()
    if min(sizes) < items * FLOOD_BYTES:
        sys.exit("bytes are missing: no figure can be given")
    return count * items * FLOOD_BYTES / seconds


def throughput(info: HostInfo) -> None:
    for count, items in ((1, FLOOD_ITEMS), (STREAMS, FLOOD_ITEMS // 10)):
        forget_peak(info)
        peer, ours = direct(count, items), through(count, items)
        name = "1 stream" if count == 1 else f"{count} streams at once"
        row = table.rate(f"{name}, objects of {FLOOD_BYTES:,} bytes", ours / 1e6, "MB/s", peer / 1e6, STDOUT)
        table.show(dataclasses.replace(row, ours=f"{row.ours}, host at most {peak(info):.0f} MiB"))


def forget_peak(info: HostInfo) -> None:
    """VmHWM begins anew."""
    Path(f"/proc/{info.pid}/clear_refs").write_text("5", encoding="ascii")


def peak(info: HostInfo) -> float:
    """MiB that the host needed at most."""
    return status(info.pid, "VmHWM") / 1024


def spooled(info: HostInfo, megabytes: int) -> None:
    forget_peak(info)
    (pool,) = opened(ConnectionInfo(), 1)
    items = megabytes * 1000 // 100
    pipeline = begun(pool, f"flood {items} 100000")
    pool.disconnect()
    started = time.perf_counter()
    while _spooling(info):
        time.sleep(0.5)
    seconds = time.perf_counter() - started
    pool.reconnect()
    received = drained(pool.pipeline(pipeline.pipeline_id))
    pool.close()
    if received < items * 100_000:
        sys.exit("bytes are missing: no figure can be given")
    table.show(
        Row(
            f"{megabytes} MB printed while nobody listens",
            f"host at most {peak(info):.0f} MiB, {megabytes / seconds:.0f} MB/s, all of it received afterwards",
        )
    )


def _spooling(info: HostInfo) -> bool:
    """Whether the engine still prints: it then uses CPU."""
    (engine,) = engines_of(info)
    before = cpu_seconds(engine)
    time.sleep(1.0)
    return cpu_seconds(engine) - before > 0.05


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spool-mb", type=int, default=2000)
    options = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="jmb"))
    os.environ["JOBMAGICS_HOST_DIR"] = str(directory)
    engines = directory / "engines.json"
    engines.touch(mode=0o600)
    engines.write_text(json.dumps({"Microsoft.PowerShell": ENGINE}))
    try:
        info = host_info()
        table.begin()
        sessions(info)
        throughput(info)
        spooled(info, options.spool_mb)
    finally:
        stop_host(directory)
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()
