"""``python -m benchmarks.path``: ours and raw pypsrp on the same session host, medians of the rounds."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Iterator

from pypsrp.powershell import RunspacePool

from benchmarks import raw_pypsrp, table
from benchmarks.many import own_host
from benchmarks.ours import Ours
from benchmarks.table import Row, median_of

ROUNDS = 15
LINES = 20_000
OBJECTS = 10_000
REAL_POWERSHELL = 18_500
"""Objects a second that real PowerShell's Start-Job and Receive-Job do on such a machine."""
PEER = "pypsrp"

LINE_SCRIPT = f'1..{LINES} | ForEach-Object {{ "Output $_" }}'
OBJECT_SCRIPT = (
    f"1..{OBJECTS} | ForEach-Object {{ "
    "[pscustomobject]@{ Id = $_; Name = \"item $_\"; Size = $_ * 10; Ok = $true; Kind = 'sample' } }"
)


def rate_of(measure: Callable[[], tuple[float, int]], expected: int, rounds: int = 3) -> float:
    """Items a second, the median of the rounds; a run that loses one is no result."""
    rates = []
    for _ in range(rounds):
        seconds, count = measure()
        if count != expected:
            sys.exit(f"{count} items arrived where {expected} were sent: no figure can be given")
        rates.append(count / seconds)
    return statistics.median(rates)


def measured(ours: Ours, pool: RunspacePool) -> Iterator[Row]:
    warm_up = LINE_SCRIPT.replace(str(LINES), "100")
    ours.all_output(warm_up)
    raw_pypsrp.all_output(pool, warm_up)
    yield table.under(
        "cell start to first output, open session",
        median_of(lambda: ours.first_output('"ready"'), ROUNDS),
        0.03,
        peer=median_of(lambda: raw_pypsrp.first_output(pool, '"ready"'), ROUNDS),
        name=PEER,
    )
    for name, script, count, least in (
        ("lines", LINE_SCRIPT, LINES, 0),
        ("objects of 5 properties", OBJECT_SCRIPT, OBJECTS, REAL_POWERSHELL),
    ):
        yield table.rate(
            f"the whole path, {count:,} {name}",
            rate_of(lambda script=script: ours.all_output(script), count),
            f"{name.split()[0]}/s",
            rate_of(lambda script=script: raw_pypsrp.all_output(pool, script), count),
            PEER,
            times=3,
            least=least,
        )
    yield Row(
        f"the last 100 of {LINES:,} lines, as text",
        f"{ours.last_text(LINE_SCRIPT, 100) * 1000:.1f} ms after the end",
    )


def main() -> None:
    table.begin()
    with own_host(0) as info:
        ours = Ours()
        ours.open()
        pool = raw_pypsrp.open_pool(info)
        table.show_all(measured(ours, pool))
        pool.close()
        ours.close()


if __name__ == "__main__":
    main()
