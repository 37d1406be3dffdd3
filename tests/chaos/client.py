"""A kernel's worth of jobmagics: starts the job, or comes back to it, and stays until it has ended.

``client.py LEDGER SCRIPT``. Prints a line when the first output is on disk. Whoever started it may kill it at any time.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from jobmagics.psrp import connect
from jobmagics.sessions import SessionManager
from jobmagics.store import Store

OWNER = "chaos"


def main(ledger: str, script: str) -> None:
    manager = SessionManager(Store.open(Path(ledger)), connect, OWNER)
    jobs = manager.jobs()
    if jobs:
        manager.recover()
    else:
        jobs = [manager.invoke(script)]
    while not jobs[0].records():
        time.sleep(0.005)
    print("output", flush=True)
    manager.wait(jobs, force=True)
    manager.close()
    manager.store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
