"""``python -m benchmarks``: all of them, one after the other, in under ten minutes on a quiet machine, and one table.

Each is a module that runs alone as well (``python -m benchmarks.path``), has the peers' figures beside ours, and fails
when something measured was not right. The figures that have an aim come first. ``--page`` writes the table into
docs/performance.md, and the plots beside it.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.table import HEAD, TO_WHOLE_RUN, Row, machine

ALL = (
    ("clixml",),
    ("path",),
    ("many", "--idle", "0"),
    ("kernel", "--lines", "50000"),
    ("start",),
    ("growth",),
    ("ledger", "--records", "200000"),
    ("host", "--spool-mb", "500"),
    ("copy", "--mb", "20"),
    ("engine",),
    ("cmdlets", "--rounds", "1"),
)
PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
PLACE = re.compile(r"(<!-- python -m benchmarks --page -->\n).*?(<!-- end of the run -->\n)", re.DOTALL)


def measured(name: str, options: Sequence[str]) -> tuple[list[Row], bool]:
    """The rows of one benchmark, which are told as they come, and whether it went well."""
    print(f"-- python -m benchmarks.{' '.join([name, *options])}", file=sys.stderr)
    command = [sys.executable, "-m", f"benchmarks.{name}", *options]
    rows = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, TO_WHOLE_RUN: "1"}) as process:
        assert process.stdout is not None
        for line in process.stdout:
            rows.append(Row(**json.loads(line)))
            print(rows[-1], file=sys.stderr)
    return rows, process.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--page", action="store_true", help="Write the table into docs/performance.md.")
    options = parser.parse_args()
    began, load = time.monotonic(), os.getloadavg()[0]
    rows: list[Row] = []
    failed = []
    for name, *given in ALL:
        found, went_well = measured(name, given)
        rows += found
        failed += [] if went_well else [name]
    rows.sort(key=lambda row: not row.aim)
    day = datetime.date.today().isoformat()
    told = f"On {machine()}, {day}, load {load:.1f} before it began; all in {time.monotonic() - began:.0f} s."
    if failed:
        told += f" Failed: {', '.join(failed)}."
    text = "\n".join([told, "", HEAD, *map(str, rows)])
    print(text)
    if options.page:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(PLACE.sub(lambda found: f"{found[1]}\n{text}\n\n{found[2]}", page), encoding="utf-8")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
