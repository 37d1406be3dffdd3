"""Kernels killed at random instants while twenty jobs print.

``PYTHONPATH=tests python tests/chaos/kills.py [--runs 100] [--seed 1]``

Each run: a kernel starts twenty jobs of numbered lines and is killed with SIGKILL at a random instant, also while it
still starts them; so is the next one, in half of the runs; the last one comes back. Every job whose script had been
sent must then be complete, each line once and in order; one whose script had not says so and has nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from jobmagics.host.client import host_statuses, stop_host

JOBS = 20
LINES = 60
KERNEL = """
import json, sys, time
from jobmagics.psrp import connect
from jobmagics.sessions import SessionManager
from jobmagics.store import Store
path, count, lines = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
manager = SessionManager(Store.open(path), connect, "path:kills")
script = '1..%d | ForEach-Object { "line $_"; Start-Sleep -Milliseconds 15 }' % lines
known = len(manager.jobs())
recovery = manager.recover()
if not known:
    for number in range(count):
        manager.invoke(script, job_name="job %d" % number)
        print("started", flush=True)
print("going", flush=True)
jobs = manager.jobs()
while not all(str(job.state) in ("Completed", "Failed", "Stopped") for job in jobs):
    time.sleep(0.02)
recovery.join(20)
print(json.dumps([[str(job.state), job.reason, list(job.records().output)] for job in jobs]), flush=True)
manager.close()
manager.store.close()
"""
RUN_SECONDS = 60.0


def start(ledger: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", KERNEL, str(ledger), str(JOBS), str(LINES)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def killed(ledger: Path, seconds: float) -> None:
    """Counted from the first job on, so that the instants lie where something happens."""
    with start(ledger) as kernel:
        assert kernel.stdout is not None
        kernel.stdout.readline()
        time.sleep(seconds)
        kernel.send_signal(signal.SIGKILL)


def one(seed: int) -> Counter[str]:
    """How the jobs of a run ended. Raises AssertionError when anything was lost or doubled."""
    dice = random.Random(seed)
    place = Path(tempfile.mkdtemp(prefix="jmk"))
    ledger = place / "jobs.sqlite"
    try:
        killed(ledger, dice.uniform(0, 2.5))
        if dice.random() < 0.5:
            killed(ledger, dice.uniform(0, 1.0))
        with start(ledger) as kernel:
            said, _ = kernel.communicate(timeout=RUN_SECONDS)
        ended: Counter[str] = Counter()
        for state, reason, output in json.loads(said.splitlines()[-1]):
            ended[state] += 1
            if state == "Completed":
                assert output == [f"line {number}" for number in range(1, LINES + 1)], (seed, output)
            else:
                assert "before the script could be started" in reason, (seed, state, reason)
                assert output == [], (seed, output)
        left = [shell for status in host_statuses() for shell in status.shells]
        assert left == [], (seed, "sessions are left behind", left)
        return ended
    finally:
        shutil.rmtree(place, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="jmk"))
    os.environ["JOBMAGICS_HOST_DIR"] = str(directory)
    ended: Counter[str] = Counter()
    failed = []
    try:
        for seed in range(options.seed, options.seed + options.runs):
            try:
                ended += one(seed)
            except (AssertionError, subprocess.TimeoutExpired) as error:
                failed.append(seed)
                print(f"seed {seed}: {error}", flush=True)
    finally:
        stop_host(directory)
        shutil.rmtree(directory, ignore_errors=True)
    told = ", ".join(f"{count} {state}" for state, count in ended.items())
    print(f"{options.runs} runs, {told}: {len(failed)} runs lost or doubled something, or hung{failed or ''}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
