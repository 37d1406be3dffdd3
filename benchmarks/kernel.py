"""``python -m benchmarks.kernel``: the PowerShell kernel beside a bare ipykernel, both as a front end meets them.

From the start of the process to the first answer, the round trip of ``1``, and a cell that prints many lines
(``--lines``): how fast, in how many messages. Every line is checked: in order, none twice, none lost. On a session host
and a ledger of its own.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

from benchmarks import table
from benchmarks.many import own_host
from benchmarks.table import Row

LINES = 100_000
STARTS, TRIPS, FLOODS = 5, 50, 3
SECONDS = 120.0
NOTEBOOK = "benchmark"


@dataclass(frozen=True)
class Peer:
    """A kernel and the words it has for the same work. ``flood`` takes how many lines."""

    name: str
    module: str
    flood: str


POWERSHELL = Peer("jobmagics", "jobmagics.kernel", '1..{0} | ForEach-Object {{ "line $_" }}')
PYTHON = Peer("ipykernel", "ipykernel_launcher", "for n in range(1, {0} + 1): print('line', n)")


class Cell:
    """What a cell gave."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.messages = 0
        self.result = ""

    def take(self, message: dict[str, Any]) -> None:
        kind, content = message["header"]["msg_type"], message["content"]
        self.messages += kind not in ("status", "execute_input")
        if kind == "stream":
            self.text.append(content["text"])
        elif kind == "execute_result":
            self.result = content["data"]["text/plain"]


class Running:
    """A kernel process and its client, connected as soon as the process listens."""

    def __init__(self, peer: Peer) -> None:
        self._manager = KernelManager()
        argv = [sys.executable, "-m", peer.module, "-f", "{connection_file}"]
        self._manager._kernel_spec = KernelSpec(argv=argv, display_name=peer.name, language="")
        self.began = time.perf_counter()
        environment = {**os.environ, "JOBMAGICS_NOTEBOOK": NOTEBOOK}
        self._manager.start_kernel(env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=SECONDS)

    def run(self, code: str) -> tuple[Cell, float]:
        """What it gave, and the seconds until its reply."""
        cell = Cell()
        began = time.perf_counter()
        reply = self._client.execute_interactive(code, output_hook=cell.take, timeout=SECONDS, allow_stdin=False)
        if reply["content"]["status"] != "ok":
            sys.exit(f"a cell failed, no figure can be given: {reply['content']}")
        return cell, time.perf_counter() - began

    def one(self) -> None:
        cell, _ = self.run("1")
        if cell.result != "1":
            sys.exit(f"1 is {cell.result!r}: no figure can be given")

    def close(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel()


@contextmanager
def running(peer: Peer) -> Iterator[Running]:
    kernel = Running(peer)
    try:
        yield kernel
    finally:
        kernel.close()


def start(peer: Peer) -> float:
    """Seconds from the start of the process to the result of ``1``."""
    with running(peer) as kernel:
        kernel.one()
        return time.perf_counter() - kernel.began


def trip(peer: Peer) -> float:
    with running(peer) as kernel:
        kernel.one()
        return statistics.median(kernel.run("1")[1] for _ in range(TRIPS))


def flood(peer: Peer, lines: int) -> tuple[float, int]:
    """Seconds to the end of the cell, and how many messages the page gets."""
    expected = "".join(f"line {number}\n" for number in range(1, lines + 1))
    with running(peer) as kernel:
        kernel.one()
        rounds = [kernel.run(peer.flood.format(lines)) for _ in range(FLOODS)]
    if any("".join(cell.text) != expected for cell, _ in rounds):
        sys.exit(f"lines of {peer.name} are missing or out of order: no figure can be given")
    return statistics.median(seconds for _, seconds in rounds), max(cell.messages for cell, _ in rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=LINES)
    lines = parser.parse_args().lines
    table.begin()
    with tempfile.TemporaryDirectory() as place, own_host(0):
        os.environ["JOBMAGICS_DATA_DIR"] = str(Path(place) / "data")
        os.environ["IPYTHONDIR"] = place
        pairs = [(start(POWERSHELL), start(PYTHON)) for _ in range(STARTS)]
        ours, theirs = (statistics.median(taken) for taken in zip(*pairs, strict=True))
        table.show(
            table.under("PowerShell kernel: process start to the first answer", ours, peer=theirs, name=PYTHON.name)
        )
        trips = [trip(peer) for peer in (POWERSHELL, PYTHON)]
        table.show(table.under("PowerShell kernel: round trip of `1`", trips[0], peer=trips[1], name=PYTHON.name))
        (mine, sent), (peer, their_sent) = (flood(each, lines) for each in (POWERSHELL, PYTHON))
        table.show(
            Row(
                f"PowerShell kernel: a cell that prints {lines:,} lines",
                f"{lines / mine:,.0f} lines/s in {sent} messages",
                f"{lines / peer:,.0f} in {their_sent} ({PYTHON.name})",
                peer / mine,
            )
        )


if __name__ == "__main__":
    main()
