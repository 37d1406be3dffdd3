"""The table that all benchmarks fill: what was measured, our figure, the peer's beside it, the ratio, the aim.

A benchmark run by itself prints its rows as they come; in the whole run (``python -m benchmarks``) they go to it, one
JSON text a line.
"""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

TO_WHOLE_RUN = "JOBMAGICS_BENCHMARK_ROWS"
HEAD = "| measure | jobmagics | peer | ratio | aim |\n|---|---|---|---|---|"


@dataclass(frozen=True)
class Row:
    """``ratio``: how many times the peer's speed ours is. ``aim``: what it is to reach, and whether it did."""

    measure: str
    ours: str
    peer: str = ""
    ratio: float | None = None
    aim: str = ""
    is_reached: bool = True

    def __str__(self) -> str:
        aim = self.aim and f"{self.aim}: {'reached' if self.is_reached else '**missed**'}"
        return f"| {self.measure} | {self.ours} | {self.peer} | {shown_ratio(self.ratio)} | {aim} |"


def shown_ratio(ratio: float | None) -> str:
    if ratio is None:
        return ""
    return f"{ratio:.1f}" if ratio >= 1 else f"1/{1 / ratio:.1f}"


def machine() -> str:
    """On what a run ran."""
    model = platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    )


def median_of(measure: Callable[[], float], rounds: int) -> float:
    return statistics.median(measure() for _ in range(rounds))


def begin() -> None:
    if TO_WHOLE_RUN not in os.environ:
        print(f"{machine()}\n\n{HEAD}", flush=True)


def show(row: Row) -> None:
    print(json.dumps(dataclasses.asdict(row)) if TO_WHOLE_RUN in os.environ else row, flush=True)


def show_all(rows: Iterable[Row]) -> None:
    for row in rows:
        show(row)


def under(measure: str, seconds: float, aim: float | None = None, *, peer: float | None = None, name: str = "") -> Row:
    """A time in milliseconds, the less the better: under ``aim`` seconds, beside the peer's ``peer`` seconds."""
    return Row(
        measure,
        f"{seconds * 1000:,.1f} ms",
        "" if peer is None else f"{peer * 1000:,.1f} ms ({name})",
        None if peer is None else peer / seconds,
        "" if aim is None else f"under {aim * 1000:g} ms",
        aim is None or seconds < aim,
    )


def rate(measure: str, ours: float, unit: str, peer: float, name: str, times: float = 0.0, least: float = 0.0) -> Row:
    """A rate, the more the better: ``times`` the peer's, and no less than ``least``."""
    aims = [f"{times:g} x {name}"] if times else []
    aims += [f"no less than {least:,.0f}"] if least else []
    return Row(
        measure,
        f"{ours:,.0f} {unit}",
        f"{peer:,.0f} ({name})",
        ours / peer,
        " and ".join(aims),
        ours / peer >= times and ours >= least,
    )
