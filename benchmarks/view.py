"""``python -m benchmarks.view``: what the live table sends to the page, and what that costs the kernel.

Many lines from one job whose details are followed (``--lines``), and many jobs that say ten lines a second
(``--jobs``, for ``--seconds``). On a host and a ledger of its own. The page itself is not in these figures: messages
are counted where they would go out. Linux only: memory comes from /proc.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import time
from pathlib import Path
from typing import Any

from benchmarks import host as load
from benchmarks.many import own_host
from benchmarks.ours import Ours
from jobmagics.display.views import ViewClock
from jobmagics.display.widget import JobTable
from jobmagics.remote import ConnectionInfo

WINDOW_LINES = 200


class Page:
    """Where a page's messages would arrive, and an output that nobody sees."""

    def __init__(self) -> None:
        self.messages = self.bytes = self.total = 0
        JobTable._send = self._take

    def publish(self, data: dict[str, Any], **_: Any) -> None:
        """Nothing: the still table is not what is measured."""

    def _take(self, message: dict[str, Any], buffers: Any = None) -> None:
        content = message.get("content") or {}
        self.messages += 1
        self.bytes += len(json.dumps(message, ensure_ascii=False).encode())
        for reply in content.get("replies", ()):
            self.total = reply.get("total", self.total)


def measured(page: Page, began: float, cpu: float) -> str:
    seconds = time.perf_counter() - began
    share = (time.process_time() - cpu) / seconds
    return (
        f"{page.messages} messages ({page.messages / seconds:.1f}/s), {page.bytes / 1024:.0f} KiB in {seconds:.1f} s; "
        f"kernel CPU {100 * share:.0f} % of one core, {load.status(os.getpid(), 'VmRSS') // 1024} MiB"
    )


def follow_one(ours: Ours, count: int) -> str:
    page = Page()
    clock = ViewClock(ours.manager)
    began, cpu = time.perf_counter(), time.process_time()
    job = ours.manager.invoke(f'1..{count} | ForEach-Object {{ "line $_ of many" }}', connections=[ConnectionInfo()])
    view = clock.view([job.id], stays=True)
    view.show(page)
    view.ask({"kind": "look", "id": job.id, "view": "page", "start": 0, "count": WINDOW_LINES, "follow": True})
    while page.total < count:
        time.sleep(0.1)
    told = measured(page, began, cpu)
    clock.close()
    return told


def many(ours: Ours, jobs: int, seconds: int) -> str:
    page = Page()
    clock = ViewClock(ours.manager)
    gate = Path(ours.folder.name) / "go"
    script = (
        f"while (-not (Test-Path '{gate}')) {{ Start-Sleep -Milliseconds 500 }}\n"
        f'1..{10 * seconds} | ForEach-Object {{ "line $_"; Start-Sleep -Milliseconds 100 }}'
    )
    started = [ours.manager.invoke(script, connections=[ConnectionInfo()], throttle_limit=jobs) for _ in range(jobs)]
    while any(str(job.state) != "Running" for job in started):
        time.sleep(0.1)
    clock.view().show(page)
    gate.touch()  # all at once: starting them takes a while
    began, cpu = time.perf_counter(), time.process_time()
    for job in started:
        job.wait()
    told = measured(page, began, cpu)
    clock.close()
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=30)
    options = parser.parse_args()
    with own_host(options.jobs), contextlib.closing(Ours()) as ours:
        print(f"| {options.lines:,} lines of one job, followed | {follow_one(ours, options.lines)} |")
        print(f"| {options.jobs} jobs of 10 lines a second | {many(ours, options.jobs, options.seconds)} |")


if __name__ == "__main__":
    main()
