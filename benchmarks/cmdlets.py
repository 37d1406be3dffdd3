"""``python -m benchmarks.cmdlets``: the built-in engine's cmdlets on much data beside the same work in plain Python.

Each piece of work runs in an engine and in a Python of its own, turn about. Both time themselves, so start-up and the
wire are not in the figures; memory is what the process needed at most (VmHWM) beyond what it had before. Both leave
their result, which must be the same, or no figure is given. ``python -m benchmarks.cmdlets json`` does only what has
"json" in its name. Linux only: the figures of memory come from /proc.
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import table

ROUNDS = 3
FOLDERS, FILES = 100, 500  # 50,000 files
ROWS = 100_000
JSON_ITEMS = 120_000  # 20 MB
LINES = 1_000_000  # 100 MB
OBJECTS = '$o = foreach ($i in 1..100000) { [pscustomobject]@{ Key = ($i * 7919) % 100003; Name = "n$i" } }'
PYTHON_OBJECTS = (
    "import types\no = [types.SimpleNamespace(Key=(i * 7919) % 100003, Name=f'n{i}') for i in range(1, 100001)]"
)


@dataclass(frozen=True)
class Work:
    """The same work twice; ``before`` is made ready outside the time, ``measured`` leaves its answer in ``r``."""

    name: str
    powershell: str
    python: str
    before: tuple[str, str] = ("", "")


WITH_OBJECTS = (OBJECTS, PYTHON_OBJECTS)
WORKS = (
    Work(
        "Get-ChildItem -Recurse -File, 50,000 files",
        "$r = (Get-ChildItem tree -Recurse -File | Measure-Object Length -Sum).Sum",
        "import os\nr = 0\nfor folder, _, names in os.walk('tree'):\n    for name in names:\n"
        "        r += os.lstat(os.path.join(folder, name)).st_size",
    ),
    Work(
        "Import-Csv | Group-Object, 100,000 rows",
        "$r = (Import-Csv rows.csv | Group-Object Team | Sort-Object Name)[3].Count",
        "import csv\ngroups = {}\nfor row in csv.DictReader(open('rows.csv')):\n"
        "    groups.setdefault(row['Team'], []).append(row)\nr = len(sorted(groups.items())[3][1])",
    ),
    Work(
        "Import-Csv | Where-Object | Measure-Object, 100,000 rows",
        "$r = (Import-Csv rows.csv | Where-Object Team -eq 'team 3' | Measure-Object).Count",
        "import csv\nr = sum(1 for row in csv.DictReader(open('rows.csv')) if row['Team'].lower() == 'team 3')",
    ),
    Work(
        "Sort-Object, 100,000 objects by a number",
        "$r = ($o | Sort-Object Key)[500].Name",
        "r = sorted(o, key=lambda x: x.Key)[500].Name",
        WITH_OBJECTS,
    ),
    Work(
        "Sort-Object, 100,000 objects by a text",
        "$r = ($o | Sort-Object Name)[500].Key",
        "r = sorted(o, key=lambda x: x.Name.lower())[500].Key",
        WITH_OBJECTS,
    ),
    Work(
        "making 100,000 custom objects",
        OBJECTS + "; $r = $o.Count",
        PYTHON_OBJECTS + "\nr = len(o)",
    ),
    Work(
        "Get-Content -Raw | ConvertFrom-Json, 20 MB",
        "$d = Get-Content items.json -Raw | ConvertFrom-Json; $r = $d[500].name",
        "import json, types\nd = json.load(open('items.json'), object_hook=lambda x: types.SimpleNamespace(**x))\n"
        "r = d[500].name",
    ),
    Work(
        "ConvertTo-Json, 100,000 objects",
        "$r = ($o | ConvertTo-Json -Compress).Length",
        "import json\nr = len(json.dumps([vars(x) for x in o], separators=(',', ':')))",
        WITH_OBJECTS,
    ),
    Work(
        "Export-Csv, 100,000 objects",
        "$o | Export-Csv out.csv; $r = (Get-Item out.csv).Length",
        "import csv, os\nwith open('out.csv', 'w', newline='') as f:\n"
        "    w = csv.writer(f, quoting=csv.QUOTE_ALL, lineterminator='\\n')\n    w.writerow(['Key', 'Name'])\n"
        "    for x in o:\n        w.writerow([x.Key, x.Name])\nr = os.path.getsize('out.csv')",
        WITH_OBJECTS,
    ),
    Work(
        "Select-String, 100 MB",
        "$r = (Select-String -Path big.log -Pattern 'code \\d*77' | Measure-Object).Count",
        "import re\np = re.compile(r'code \\d*77', re.I)\nr = sum(1 for line in open('big.log') if p.search(line))",
    ),
    Work(
        "Get-Content | ForEach-Object, 100 MB",
        "$r = 0; Get-Content big.log | ForEach-Object { $r += $_.Length }",
        "r = 0\nfor line in open('big.log'):\n    r += len(line.rstrip('\\n'))",
    ),
    Work(
        "Measure-Object -Sum -Maximum, 300,000 numbers",
        "$r = (1..300000 | Measure-Object -Sum -Maximum).Sum",
        "r = 0\nm = 0\nfor i in range(1, 300001):\n    r += i\n    m = max(m, i)",
    ),
    Work(
        "Compare-Object, 2 x 20,000 texts, half in common",
        "$r = (Compare-Object $a $b).Count",
        "from collections import Counter\nc = Counter(a)\nc.subtract(b)\nr = sum(map(abs, c.values()))",
        (
            '$a = 1..20000 | ForEach-Object { "line $_" }; $b = 30000..10001 | ForEach-Object { "line $_" }',
            "a = [f'line {i}' for i in range(1, 20001)]\nb = [f'line {i}' for i in range(30000, 10000, -1)]",
        ),
    ),
    Work(
        "text += 50,000 times",
        "$s = ''; foreach ($i in 1..50000) { $s += \"item $i;\" }; $r = $s.Length",
        "def build():\n    s = ''\n    for i in range(1, 50001):\n        s += f'item {i};'\n    return s\n"
        "r = len(build())",
    ),
    Work(
        "array += 20,000 times",
        "$a = @(); foreach ($i in 1..20000) { $a += $i }; $r = $a.Count",
        "a = []\nfor i in range(1, 20001):\n    a = [*a, i]\nr = len(a)",
    ),
)

PYTHON = """
import json, re, sys, time
def peak():
    return int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])
before, work = json.load(sys.stdin)
names = {}
exec(before, names)
held = peak()
began = time.perf_counter()
exec(compile(work, 'work', 'exec'), names)
json.dump([time.perf_counter() - began, (peak() - held) / 1024, names['r']], sys.stdout)
"""


@dataclass(frozen=True)
class Run:
    seconds: float
    megabytes: float
    result: Any


def prepare(folder: Path) -> None:
    """The files that the work reads."""
    for number in range(FOLDERS):
        inner = folder / "tree" / f"folder {number}"
        inner.mkdir(parents=True)
        for name in range(FILES):
            (inner / f"file {name}.txt").write_bytes(b"x" * (name % 7))
    with (folder / "rows.csv").open("w", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(["Id", "Name", "Team", "Points"])
        writer.writerows([i, f"name {i}", f"team {i % 50}", i * 7919 % 1000] for i in range(ROWS))
    items = [
        {
            "id": i,
            "name": f"item number {i}",
            "tags": ["one", "two", f"t{i % 9}"],
            "at": {"x": i / 7, "y": -i},
            "on": True,
        }
        for i in range(JSON_ITEMS)
    ]
    (folder / "items.json").write_text(json.dumps(items, indent=1))
    with (folder / "big.log").open("w") as file:
        file.writelines(
            f"2026-01-01 12:00:{i % 60:02d} worker {i % 31} did something worth its {'line ' * 8} code {i}\n"
            for i in range(LINES)
        )


def in_powershell(work: Work, folder: Path) -> Run:
    import psrpcore

    from benchmarks.outofproc_client import Client

    peak = "[int]((Get-Content /proc/$PID/status) -match '^VmHWM')[0].Split()[-2]"
    with Client([sys.executable, "-m", "jobmagics.powershell", "-s"], psrpcore) as client:
        client.run(f"Set-Location '{folder}'; {work.before[0]}; $null = 1..3 | Measure-Object -Sum")
        answer = client.run(
            f"$held = {peak}; $w = [Diagnostics.Stopwatch]::StartNew(); . {{ {work.powershell} }}; $w.Stop(); "
            f"@{{ s = $w.Elapsed.TotalSeconds; m = (({peak}) - $held) / 1024; r = $r }} | ConvertTo-Json -Compress"
        )
    found = json.loads(answer[-1])
    return Run(found["s"], found["m"], found["r"])


def in_python(work: Work, folder: Path) -> Run:
    given = json.dumps([work.before[1], work.python])
    done = subprocess.run(
        [sys.executable, "-c", PYTHON], input=given, capture_output=True, text=True, check=True, cwd=folder
    )
    return Run(*json.loads(done.stdout))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wanted", nargs="?", default="", help="Only what has this in its name.")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    subprocess.run([sys.executable, "-c", "import jobmagics.powershell.server"], check=True)  # bytecode is there
    table.begin()
    with tempfile.TemporaryDirectory() as name:
        prepare(Path(name))
        for work in WORKS:
            if options.wanted.lower() in work.name.lower():
                table.show(row(work, Path(name), options.rounds))


def row(work: Work, folder: Path, rounds: int) -> table.Row:
    pairs = [(in_powershell(work, folder), in_python(work, folder)) for _ in range(rounds)]
    for mine, peer in pairs:
        if mine.result != peer.result:
            sys.exit(f"{work.name}: PowerShell gave {mine.result}, Python {peer.result}: no figure can be given")
    seconds = [statistics.median(pair[side].seconds for pair in pairs) for side in (0, 1)]
    memory = [statistics.median(pair[side].megabytes for pair in pairs) for side in (0, 1)]
    return table.Row(
        f"engine: {work.name}".replace("|", "\\|"),
        f"{seconds[0] * 1000:,.0f} ms, {memory[0]:,.0f} MB",
        f"{seconds[1] * 1000:,.1f} ms, {memory[1]:,.0f} MB (Python)",
        seconds[1] / seconds[0],
    )


if __name__ == "__main__":
    main()
