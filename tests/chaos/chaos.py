"""Random kills and cuts, and what is left of the output: ``python tests/chaos/chaos.py [--runs 200] [--seed 1]``.

Each run starts a job of numbered lines through a network of ours, then kills the client, cuts, stalls or truncates its
connections, a few times, at random moments; in some runs the engine is killed at last. The ledger must have every line
that the engine noted as written, in order, once, and nothing else.
"""

from __future__ import annotations

import argparse
import contextlib
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
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from client import OWNER
from faulty_proxy import FaultyProxy

from jobmagics.host.client import HostInfo, host_info, host_statuses, stop_host
from jobmagics.host.files import ENVIRONMENT, HostFiles
from jobmagics.psrp import connect
from jobmagics.sessions import SessionManager
from jobmagics.store import Store

HERE = Path(__file__).parent
ENGINE = HERE.parent / "host" / "engine.py"
LINES = 60
RUN_SECONDS = 60.0
KINDS = ("kill", "kill", "cut", "stall", "truncate")


@dataclass
class Outcome:
    faults: list[str]
    state: str
    reason: str
    received: list[str]
    noted: int

    def check(self) -> None:
        assert self.received == [f"line {number}" for number in range(1, len(self.received) + 1)], self
        if "engine" in self.faults and self.state == "Failed":
            # the engine was killed before it could note its last line, at most
            assert self.noted <= len(self.received) <= self.noted + 1, self
        else:
            assert self.state == "Completed", self
            assert len(self.received) == self.noted == LINES, self


@contextlib.contextmanager
def session_host() -> Iterator[Path]:
    """A host of our own with the small engine; its directory."""
    directory = Path(tempfile.mkdtemp(prefix="jmx"))
    engines = directory / "engines.json"
    engines.touch(mode=0o600)
    engines.write_text(json.dumps({"Microsoft.PowerShell": [sys.executable, str(ENGINE)]}))
    host_info(directory=directory)
    yield directory
    stop_host(directory)
    shutil.rmtree(directory)


def through(proxy: FaultyProxy, host: Path, place: Path) -> Path:
    """A host directory that differs from the real one by the port on its card."""
    files, copy = HostFiles(host), HostFiles(place / "host")
    copy.directory.mkdir(mode=0o700)
    for real in (files.secret, files.key, files.certificate, files.running_lock):
        (copy.directory / real.name).symlink_to(real)
    copy.card.touch(mode=0o600)
    copy.card.write_text(json.dumps(host_info(directory=host).as_json() | {"port": proxy.port}))
    return copy.directory


class Run:
    """One job and what happens to it."""

    def __init__(self, host: Path, place: Path, seed: int) -> None:
        self.dice = random.Random(seed)
        self.host = host
        info: HostInfo = host_info(directory=host)
        self.proxy = FaultyProxy((info.address, info.port), self.dice)
        self.ledger = place / "ledger.sqlite"
        self.notes = place / "notes"
        self.script = f"note {self.notes} {LINES} {self.dice.choice([0.005, 0.015, 0.03])}"
        self.environment = os.environ | {ENVIRONMENT: str(through(self.proxy, host, place))}
        self.faults: list[str] = []

    def go(self) -> Outcome:
        client = self.start_client()
        try:
            return self._until_the_end(client)
        finally:
            self.proxy.close()

    def _until_the_end(self, client: subprocess.Popen[str]) -> Outcome:
        for _ in range(self.dice.randint(1, 3)):
            time.sleep(self.dice.uniform(0, 0.4))
            client = self.fault(client, self.dice.choice(KINDS))
        if self.dice.random() < 0.25:
            self.kill_engine()
        with client:
            client.wait(RUN_SECONDS)
        return self.outcome()

    def start_client(self, *, wait: bool = True) -> subprocess.Popen[str]:
        command = [sys.executable, str(HERE / "client.py"), str(self.ledger), self.script]
        client = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=self.environment)
        if wait:
            assert client.stdout is not None
            client.stdout.readline()
        return client

    def fault(self, client: subprocess.Popen[str], kind: str) -> subprocess.Popen[str]:
        self.faults.append(kind)
        if kind == "kill":
            with client:
                client.kill()
            return self.start_client(wait=self.dice.random() < 0.5)
        if kind == "stall":
            self.proxy.stall(self.dice.uniform(0.1, 0.6))
        elif kind == "truncate":
            self.proxy.truncate()
        else:
            self.proxy.cut()
        return client

    def kill_engine(self) -> None:
        (status,) = host_statuses(self.host)
        for shell in status.shells:
            if shell["engine_pid"] is None:  # of an earlier run: it has ended, and waits to be forgotten
                continue
            self.faults.append("engine")
            with contextlib.suppress(ProcessLookupError):
                os.kill(shell["engine_pid"], signal.SIGKILL)

    def outcome(self) -> Outcome:
        store = Store.open(self.ledger)
        manager = SessionManager(store, connect, OWNER)
        (job,) = manager.jobs()
        outcome = Outcome(
            self.faults,
            str(job.state),
            job.reason,
            list(job.receive(keep=True)),
            len(self.notes.read_text().splitlines()),
        )
        manager.close()
        store.close()
        return outcome


def one(host: Path, seed: int) -> Outcome:
    """One run, in a directory of its own. Raises AssertionError when anything was lost or doubled."""
    place = Path(tempfile.mkdtemp(prefix="jmx"))
    try:
        outcome = Run(host, place, seed).go()
        outcome.check()
        return outcome
    finally:
        shutil.rmtree(place)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    seen: Counter[str] = Counter()
    failed = []
    with session_host() as host:
        for seed in range(options.seed, options.seed + options.runs):
            try:
                seen.update(one(host, seed).faults)
            except (AssertionError, subprocess.TimeoutExpired) as error:
                failed.append(seed)
                print(f"seed {seed}: {error}")
    told = ", ".join(f"{count} {name}" for name, count in sorted(seen.items()))
    print(f"{options.runs} runs ({told}): {len(failed)} lost, doubled or hung{f': seeds {failed}' if failed else ''}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
