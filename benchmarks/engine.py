"""``python -m benchmarks.engine``: the built-in engine's language beside the same work in plain Python.

Each pair of scripts does the same thing. PowerShell runs in one engine process through the out-of-process protocol
and times itself with a Stopwatch, so start-up and the wire are not in the figures; Python is timed with perf_counter
in this process.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

from benchmarks import table

ROUNDS = 3


@dataclass(frozen=True)
class Work:
    name: str
    powershell: str
    python: str


WORKS = (
    Work(
        "for loop with a sum, 300,000 turns",
        "$s = 0; for ($i = 0; $i -lt 300000; $i++) { $s += $i }; $s",
        "s = 0\ni = 0\nwhile i < 300000:\n    s += i\n    i += 1\nresult = s",
    ),
    Work(
        "nested loops with if and modulo, 250,000 turns",
        "$n = 0; foreach ($a in 1..500) { foreach ($b in 1..500) { if (($a * $b) % 7 -eq 0) { $n++ } } }; $n",
        "n = 0\nfor a in range(1, 501):\n    for b in range(1, 501):\n        if (a * b) % 7 == 0:\n"
        "            n += 1\nresult = n",
    ),
    Work(
        "function calls, fib(20)",
        "function fib($n) { if ($n -lt 2) { $n } else { (fib ($n - 1)) + (fib ($n - 2)) } }; fib 20",
        "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\nresult = fib(20)",
    ),
    Work(
        "string building, 50,000 interpolations joined",
        "$l = foreach ($i in 1..50000) { \"item $i of $($i * 2)\" }; ($l -join ',').Length",
        "l = [f'item {i} of {i * 2}' for i in range(1, 50001)]\nresult = len(','.join(l))",
    ),
    Work(
        "pipeline, 100,000 through Where-Object and ForEach-Object",
        "(1..100000 | Where-Object { $_ % 3 -eq 0 } | ForEach-Object { $_ * 2 } | Measure-Object -Sum).Sum",
        "result = sum(x * 2 for x in range(1, 100001) if x % 3 == 0)",
    ),
    Work(
        "hashtable counting, 100,000 updates",
        "$h = @{}; foreach ($i in 1..100000) { $k = $i % 1000; $h[$k] = $h[$k] + 1 }; $h.Count",
        "h = {}\nfor i in range(1, 100001):\n    k = i % 1000\n    h[k] = h.get(k, 0) + 1\nresult = len(h)",
    ),
    Work(
        "sorting 20,000 objects by a property",
        '$o = foreach ($i in 1..20000) { [pscustomobject]@{ Key = ($i * 7919) % 20011; Name = "n$i" } }; '
        "($o | Sort-Object Key)[0].Key",
        "import types\no = [types.SimpleNamespace(Key=(i * 7919) % 20011, Name=f'n{i}') for i in range(1, 20001)]\n"
        "result = sorted(o, key=lambda x: x.Key)[0].Key",
    ),
)


def in_powershell(scripts: list[str]) -> list[tuple[float, Any]]:
    """Seconds and result of each script, in one engine process."""
    import psrpcore

    from benchmarks.outofproc_client import Client

    answers = []
    with Client([sys.executable, "-m", "jobmagics.powershell", "-s"], psrpcore) as client:
        for script in scripts:
            timed = (
                "$w = [Diagnostics.Stopwatch]::StartNew(); $r = & { " + script + " }; "
                "@{ s = $w.Elapsed.TotalSeconds; r = $r } | ConvertTo-Json -Compress"
            )
            answer = json.loads(client.run(timed)[-1])
            answers.append((answer["s"], answer["r"]))
    return answers


def in_python(source: str) -> tuple[float, Any]:
    code = compile(source, "<work>", "exec")

    def run() -> Any:
        names: dict[str, Any] = {}
        exec(code, names)  # the benchmark's own text, above
        return names["result"]

    started = time.perf_counter()
    result = run()
    return time.perf_counter() - started, result


def startup_seconds() -> float:
    """From starting the process to an opened runspace pool."""
    import psrpcore

    from benchmarks.outofproc_client import Client

    started = time.perf_counter()
    with Client([sys.executable, "-m", "jobmagics.powershell", "-s"], psrpcore):
        return time.perf_counter() - started


def main() -> None:
    subprocess.run([sys.executable, "-c", "import jobmagics.powershell.server"], check=True)  # bytecode is there
    engine = [in_powershell([work.powershell for work in WORKS]) for _ in range(ROUNDS)]
    table.begin()
    for place, work in enumerate(WORKS):
        python = [in_python(work.python) for _ in range(ROUNDS)]
        for _, result in (*(run[place] for run in engine), *python):
            if result != python[0][1]:
                sys.exit(f"{work.name}: PowerShell gave {result}, Python {python[0][1]}: no figure can be given")
        mine = statistics.median(run[place][0] for run in engine)
        peer = statistics.median(seconds for seconds, _ in python)
        table.show(table.under(f"engine: {work.name}", mine, peer=peer, name="Python"))
    table.show(table.under("engine: start to an open pool", statistics.median(startup_seconds() for _ in range(5))))


if __name__ == "__main__":
    main()
