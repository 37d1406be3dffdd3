"""``python -m benchmarks.start``: what ``%load_ext jobmagics`` takes in a new kernel, and what of it are imports.

Each round is a Python of its own with an ipykernel's modules loaded, a data directory and a host directory of its own.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import table

ROUNDS = 7
LOAD = """
import sys, time
import ipykernel.kernelapp, ipykernel.zmqshell
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
before = set(sys.modules)
began = time.perf_counter()
shell.run_line_magic("load_ext", "jobmagics")
taken = time.perf_counter() - began
names = set(sys.modules) - before
heavy = sorted(names & {'pypsrp', 'requests', 'cryptography', 'pandas', 'anywidget'})
print(taken, len(names), ",".join(heavy))
import os
sys.stdout.flush()
os._exit(0)
"""


def load() -> tuple[float, int, str]:
    """Seconds, modules that it loaded, and which of the heavy packages are among them."""
    with tempfile.TemporaryDirectory() as place:
        Path(place, "host").mkdir(mode=0o700)
        kept = {"JOBMAGICS_DATA_DIR": place, "JOBMAGICS_HOST_DIR": str(Path(place, "host")), "IPYTHONDIR": place}
        done = subprocess.run(
            [sys.executable, "-c", LOAD], env={**os.environ, **kept}, capture_output=True, text=True, check=True
        )
    seconds, count, heavy = done.stdout.splitlines()[-1].split(" ")
    return float(seconds), int(count), heavy


def main() -> None:
    table.begin()
    load()  # bytecode is there
    rounds = [load() for _ in range(ROUNDS)]
    table.show(table.under("`%load_ext jobmagics`", statistics.median(seconds for seconds, _, _ in rounds), 0.25))
    _, count, heavy = rounds[-1]
    told = f"{count}; of pypsrp, requests, cryptography, pandas, anywidget: {heavy or 'none'}"
    table.show(table.Row("modules that it imports", told))


if __name__ == "__main__":
    main()
