"""``python -m benchmarks.growth``: time and memory as records and sessions become more, as figures and as plots.

Records: one job that prints that many lines through the whole path, stored on the way; then the last 100 of them are
read. Sessions: that many opened at once. The plots go to ``docs/images`` (needs matplotlib). Linux only.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks import host as load
from benchmarks import table
from benchmarks.many import BUILTIN, own_host
from benchmarks.ours import Ours
from benchmarks.table import Row
from jobmagics.host.client import HostInfo

RECORDS = (1_000, 10_000, 100_000, 1_000_000)
SESSIONS = (1, 10, 100, 1_000)
FLAT = 10.0
"""A figure that stays below this (seconds, MiB) is drawn as it is, not by its logarithm."""
IMAGES = Path(__file__).parent.parent / "docs" / "images"

Point = tuple[int, float, float]
"""How many, seconds, MiB."""


def records(ours: Ours) -> list[Point]:
    """Seconds until the job has ended and all is stored; MiB that the client has grown by."""
    points = []
    for count in RECORDS:
        before = load.status(os.getpid(), "VmRSS")
        began = time.perf_counter()
        job = ours.start(f'1..{count} | ForEach-Object {{ "Output $_" }}')
        job.wait()
        seconds = time.perf_counter() - began
        grown = max(0, load.status(os.getpid(), "VmRSS") - before) / 1024
        if list(job.records().newest(1)) != [f"Output {count}"]:
            sys.exit("the last record is not the last line: no figure can be given")
        job.remove()
        table.show(Row(f"{count:,} lines stored", f"{seconds:.2f} s; the client grew by {grown:.0f} MiB"))
        points.append((count, seconds, grown))
    return points


def sessions(ours: Ours, info: HostInfo) -> list[Point]:
    """Seconds until all are open; MiB of the host and all engines. Of the most, also what they cost at rest."""
    points = []
    for count in SESSIONS:
        cpu = time.process_time() + load.cpu_seconds(info.pid)
        began = time.perf_counter()
        opened = ours.manager.new_pssession([BUILTIN] * count)
        seconds = time.perf_counter() - began
        cpu = time.process_time() + load.cpu_seconds(info.pid) - cpu
        engines = load.engines_of(info)
        host, each = load.shared_out(info.pid) / 1024, sum(map(load.shared_out, engines)) / len(engines) / 1024
        table.show(
            Row(
                f"{count:,} session{'s' * (count > 1)} opened",
                f"{seconds:.2f} s; CPU of client and host {cpu / count * 1000:.0f} ms each; memory of the host "
                f"{host:.0f} MiB, of an engine {each:.1f} MiB",
            )
        )
        points.append((count, seconds, host + each * count))
        if count == SESSIONS[-1]:
            spent = load.cpu_at_rest([info.pid, *engines])
            table.show(Row(f"{count:,} sessions at rest", f"{spent * 100:.1f} % of one core, host and engines"))
        ours.manager.remove_sessions(opened)
    return points


def draw(name: str, what: str, points: list[Point], memory: str) -> None:
    """Both figures against the count. Where both scales are logarithmic, proportional growth is a straight line."""
    from matplotlib.figure import Figure

    counts, seconds, sizes = zip(*points, strict=True)
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    axes: Any = figure.subplots(1, 2)
    for place, values, label in ((axes[0], seconds, "seconds"), (axes[1], sizes, memory)):
        place.plot(counts, values, marker="o")
        place.set(xscale="log", xlabel=what, ylabel=label)
        if max(values) > FLAT:
            place.set(yscale="log")
        else:
            place.set(ylim=(0, FLAT))
        place.grid(visible=True, which="major", alpha=0.3)
    figure.savefig(IMAGES / f"growth-{name}.svg", metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-plots", action="store_true", help="Figures only.")
    options = parser.parse_args()
    table.begin()
    with own_host(max(SESSIONS)) as info:
        ours = Ours()
        ours.open()
        ours.all_output("'warm'")
        found = (
            ("records", "lines of one job", records(ours), "MiB the client grew by"),
            ("sessions", "sessions", sessions(ours, info), "MiB of host and engines"),
        )
        ours.close()
    if not options.no_plots:
        for name, what, points, memory in found:
            draw(name, what, points, memory)


if __name__ == "__main__":
    main()
