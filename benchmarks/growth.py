"""``python -m benchmarks.growth``: time and memory as records and sessions become more, as tables and as plots.

Records: one job that prints that many lines through the whole path, stored on the way; then the last 100 of them are
read. Sessions: that many opened at once. The plots go to ``docs/images`` (needs matplotlib). Linux only.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from pathlib import Path
from typing import Any

from benchmarks import host as load
from benchmarks.many import BUILTIN, own_host
from benchmarks.ours import Ours
from jobmagics.host.client import HostInfo

RECORDS = (1_000, 10_000, 100_000, 1_000_000)
SESSIONS = (1, 10, 100, 1_000)
IMAGES = Path(__file__).parent.parent / "docs" / "images"

Row = tuple[int, float, float]


def records(ours: Ours) -> list[Row]:
    """Count; seconds until the job has ended and all is stored; MiB that the client has grown by."""
    rows = []
    for count in RECORDS:
        before = load.status(os.getpid(), "VmRSS")
        began = time.perf_counter()
        job = ours.start(f'1..{count} | ForEach-Object {{ "Output $_" }}')
        job.wait()
        rows.append((count, time.perf_counter() - began, max(0, load.status(os.getpid(), "VmRSS") - before) / 1024))
        job.remove()
    return rows


def sessions(ours: Ours, info: HostInfo) -> list[Row]:
    """Count; seconds until all are open; MiB of the host and all engines."""
    rows = []
    for count in SESSIONS:
        began = time.perf_counter()
        opened = ours.manager.new_pssession([BUILTIN] * count)
        elapsed = time.perf_counter() - began
        memory = load.shared_out(info.pid) + sum(map(load.shared_out, load.engines_of(info)))
        rows.append((count, elapsed, memory / 1024))
        ours.manager.remove_sessions(opened)
    return rows


def draw(name: str, what: str, rows: list[Row], memory: str) -> Path:
    """Both figures against the count, on logarithmic scales: proportional growth is a straight line."""
    from matplotlib.figure import Figure

    counts, seconds, sizes = zip(*rows, strict=True)
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    axes: Any = figure.subplots(1, 2)
    for place, values, label in ((axes[0], seconds, "seconds"), (axes[1], sizes, memory)):
        place.plot(counts, values, marker="o")
        place.set(xscale="log", yscale="log" if min(values) > 0 else "linear", xlabel=what, ylabel=label)
        place.grid(visible=True, which="major", alpha=0.3)
    path = IMAGES / f"growth-{name}.svg"
    figure.savefig(path, metadata={"Date": None})
    return path


def table(what: str, rows: list[Row], memory: str) -> None:
    print(f"\n| {what} | seconds | {memory} |\n|---|---|---|")
    for count, seconds, size in rows:
        print(f"| {count:,} | {seconds:.2f} | {size:.0f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-plots", action="store_true", help="Tables only.")
    options = parser.parse_args()
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with own_host(max(SESSIONS)) as info:
        ours = Ours()
        ours.open()
        ours.all_output("'warm'")
        found = (
            ("records", "lines of one job", records(ours), "MiB the client grew by"),
            ("sessions", "sessions", sessions(ours, info), "MiB of host and engines"),
        )
        ours.close()
    for name, what, rows, memory in found:
        table(what, rows, memory)
        if not options.no_plots:
            print(f"\n{draw(name, what, rows, memory)}")


if __name__ == "__main__":
    main()
