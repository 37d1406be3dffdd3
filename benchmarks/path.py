"""``python -m benchmarks.path``: ours and raw pypsrp on the same session host, turn about; medians of the rounds."""

from __future__ import annotations

import platform
import statistics
import sys
from collections.abc import Callable

from benchmarks import raw_pypsrp
from benchmarks.ours import Ours
from jobmagics.host.client import host_info

ROUNDS = 7
LINES = 20_000
OBJECTS = 5_000

LINE_SCRIPT = f'1..{LINES} | ForEach-Object {{ "Output $_" }}'
OBJECT_SCRIPT = (
    f"1..{OBJECTS} | ForEach-Object {{ "
    "[pscustomobject]@{ Id = $_; Name = \"item $_\"; Size = $_ * 10; Ok = $true; Kind = 'sample' } }"
)


def median_of(measure: Callable[[], float], rounds: int = ROUNDS) -> float:
    return statistics.median(measure() for _ in range(rounds))


def rate_of(measure: Callable[[], tuple[float, int]], expected: int, rounds: int = 3) -> float:
    """Items a second, the median of the rounds; a run that loses one is no result."""
    rates = []
    for _ in range(rounds):
        seconds, count = measure()
        if count != expected:
            sys.exit(f"{count} items arrived where {expected} were sent: no figure can be given")
        rates.append(count / seconds)
    return statistics.median(rates)


def main() -> None:
    info = host_info(start=True)
    rows: list[tuple[str, float, float, str, bool]] = []
    ours = Ours()
    open_ours = ours.open()
    pool = raw_pypsrp.open_pool(info)
    try:
        warm_up = LINE_SCRIPT.replace(str(LINES), "100")
        ours.all_output(warm_up)
        raw_pypsrp.all_output(pool, warm_up)
        rows.append(
            (
                "cell start to first output line, open session",
                median_of(lambda: ours.first_output('"ready"')) * 1000,
                median_of(lambda: raw_pypsrp.first_output(pool, '"ready"')) * 1000,
                "ms",
                False,
            )
        )
        rows.append(
            (
                f"lines through the whole path ({LINES:,})",
                rate_of(lambda: ours.all_output(LINE_SCRIPT), LINES),
                rate_of(lambda: raw_pypsrp.all_output(pool, LINE_SCRIPT), LINES),
                "lines/s",
                True,
            )
        )
        rows.append(
            (
                f"objects of 5 properties ({OBJECTS:,})",
                rate_of(lambda: ours.all_output(OBJECT_SCRIPT), OBJECTS),
                rate_of(lambda: raw_pypsrp.all_output(pool, OBJECT_SCRIPT), OBJECTS),
                "objects/s",
                True,
            )
        )
    finally:
        pool.close()
        ours.close()
    print(f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, engine: built-in\n")
    print("| measure | jobmagics | raw pypsrp | ratio (above 1: ahead) |")
    print("|---|---|---|---|")
    for name, mine, peer, unit, more_is_better in rows:
        ratio = mine / peer if more_is_better else peer / mine
        print(f"| {name} | {mine:,.1f} {unit} | {peer:,.1f} {unit} | {ratio:.2f} |")
    print(f"\nopening a session: {open_ours * 1000:.0f} ms")


if __name__ == "__main__":
    main()
