"""``python -m benchmarks``: all of them, one after the other, in under ten minutes on a quiet machine.

Each is a module that runs alone as well (``python -m benchmarks.path``), prints its table with the peers' figures
beside ours, and fails when something measured was not right.
"""

from __future__ import annotations

import subprocess
import sys
import time

ALL = (
    ("path",),
    ("kernel",),
    ("clixml",),
    ("many",),
    ("growth",),
    ("engine",),
    ("cmdlets",),
    ("host", "--spool-mb", "500"),
    ("copy", "--mb", "20"),
)


def main() -> int:
    began = time.monotonic()
    failed = []
    for name, *options in ALL:
        print(f"\n## python -m benchmarks.{' '.join([name, *options])}\n", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *options], check=False).returncode:
            failed.append(name)
    print(f"\nall in {time.monotonic() - began:.0f} s" + (f"; failed: {', '.join(failed)}" if failed else ""))
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
