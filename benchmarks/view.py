"""``python -m benchmarks.view``: what the live view costs, in a real JupyterLab and a real Chromium.

Many lines of one job whose details are followed and then scrolled through (``--lines``), and many jobs that say ten
lines a second (``--jobs``, for ``--seconds``): messages and bytes to the page, the kernel's CPU and memory, the page's
frames, main thread and memory. On a host, a ledger and a browser of its own. Linux only: the kernel's figures come from
/proc. Chromium paints without a graphics card here, on the same cores as everything else.
"""

from __future__ import annotations

import argparse
import json
import os
import struct
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import host as load
from jobmagics.host.client import stop_host

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "browser"))

from lab import Lab, open_notebook, page, run_cell

WAIT_MS = 600_000
SCROLL_SECONDS = 8.0
FRAMES = """() => {
  window.frames_ = [];
  let last = performance.now();
  const next = (now) => { window.frames_.push(now - last); last = now; requestAnimationFrame(next); };
  requestAnimationFrame(next);
}"""
BEGIN = "%load_ext jobmagics\nimport os, time, jobmagics\nopen('pid', 'w').write(str(os.getpid()))"
ONE = '%%remote_job -JobName million\n1..{lines} | ForEach-Object {{ "line $_ of many" }}'
MANY = """script = '''while (-not (Test-Path '{gate}')) {{ Start-Sleep -Milliseconds 500 }}
1..{count} | ForEach-Object {{ "line $_"; Start-Sleep -Milliseconds 100 }}'''
started = [jobmagics.start(script, job_name=f"job{{n}}") for n in range({jobs})]
while any(str(job.state) != "Running" for job in started):
    time.sleep(0.1)
print("all run")"""


@dataclass
class Meter:
    """The kernel and the page between ``start`` and ``told``."""

    browser: Any
    pid: int
    session: Any = None
    messages: int = 0
    bytes: int = 0
    began: float = 0.0
    cpu: float = 0.0
    browser_cpu: float = 0.0

    def __post_init__(self) -> None:
        self.session = self.browser.context.new_cdp_session(self.browser)
        self.session.send("Performance.enable")
        self.browser.evaluate(FRAMES)

    def count(self, payload: str | bytes) -> None:
        """A frame of Jupyter's v1 protocol: how many offsets, the offsets, then channel, header and the rest."""
        self.bytes += len(payload)
        if isinstance(payload, bytes):
            first, last = struct.unpack_from("<2Q", payload, 16)
            self.messages += json.loads(payload[first:last])["msg_type"] == "comm_msg"

    @property
    def heap_bytes(self) -> float:
        metrics = self.session.send("Performance.getMetrics")["metrics"]
        return float(next(each["value"] for each in metrics if each["name"] == "JSHeapUsedSize"))

    def start(self) -> None:
        self.messages = self.bytes = 0
        self.browser.evaluate("window.frames_.length = 0")
        self.browser_cpu = sum(map(load.cpu_seconds, renderers()))
        self.began, self.cpu = time.perf_counter(), load.cpu_seconds(self.pid)

    def told(self) -> Iterator[tuple[str, str]]:
        seconds = time.perf_counter() - self.began
        frames = sorted(self.browser.evaluate("window.frames_")) or [0.0]
        at = [frames[min(len(frames) - 1, int(len(frames) * share))] for share in (0.5, 0.95, 0.99)]
        drawing = (sum(map(load.cpu_seconds, renderers())) - self.browser_cpu) / seconds
        kernel = (load.cpu_seconds(self.pid) - self.cpu) / seconds
        rate = self.messages / seconds
        yield "messages to the page", f"{rate:.1f}/s, {self.bytes / 1024 / seconds:.0f} KiB/s, for {seconds:.0f} s"
        yield "kernel", f"{100 * kernel:.0f} % of one core, {load.status(self.pid, 'VmRSS') // 1024} MiB"
        yield "time between frames", "median {:.0f} ms, 95 % {:.0f} ms, 99 % {:.0f} ms".format(*at)
        yield "page", f"{100 * drawing:.0f} % of one core, {self.heap_bytes / (1 << 20):.0f} MiB of JavaScript"


def renderers() -> list[int]:
    """The processes of our browser that run pages."""
    parents, found = {}, []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            pid, parent = int(stat.parent.name), int(stat.read_text().rpartition(")")[2].split()[1])
            parents[pid] = parent
            if b"--type=renderer" in (stat.parent / "cmdline").read_bytes():
                found.append(pid)
    return [pid for pid in found if os.getpid() in ancestors(pid, parents)]


def ancestors(pid: int, parents: dict[int, int]) -> list[int]:
    return [pid, *ancestors(parents[pid], parents)] if pid in parents else [pid]


@contextmanager
def opened(jobs: int, *cells: str) -> Iterator[tuple[Lab, Any, Meter]]:
    """A notebook of these cells, the first of which has been run."""
    with tempfile.TemporaryDirectory(prefix="jmv") as folder:
        place = Path(folder)
        lab = Lab(place)
        config = Path(lab.env["JUPYTER_CONFIG_DIR"]) / "jupyter_jobmagics_host_config.py"
        config.write_text(f"c.Limits.max_shells = {jobs + 10}\n")
        try:
            with page(place / "browser") as browser:
                meters: list[Meter] = []

                def listen(socket: Any) -> None:
                    socket.on("framereceived", lambda payload: [meter.count(payload) for meter in meters])

                browser.on("websocket", listen)
                lab.add_notebook("view.ipynb", BEGIN, *cells)
                open_notebook(browser, lab, "view.ipynb")
                run_cell(browser, 0)
                while not (lab.root / "pid").exists() or not (pid := (lab.root / "pid").read_text()):
                    browser.wait_for_timeout(100)
                meters.append(Meter(browser, int(pid)))
                yield lab, browser, meters[0]
        finally:
            lab.close()
            stop_host(Path(lab.env["JOBMAGICS_HOST_DIR"]))


def one(lines: int) -> Iterator[tuple[str, str]]:
    with opened(1, ONE.format(lines=lines)) as (_, browser, meter):
        run_cell(browser, 1)
        browser.locator(".jobmagics-open").first.click()
        browser.locator(".jobmagics-line").first.wait_for(timeout=WAIT_MS)
        meter.start()
        browser.locator("span.jobmagics-count", has_text=f"{lines:,} lines").wait_for(timeout=WAIT_MS)
        for name, figure in meter.told():
            yield f"{lines:,} lines followed: {name}", figure
        browser.locator("td.jobmagics-state", has_text="Completed").first.wait_for(timeout=WAIT_MS)
        yield from ((f"then scrolled through: {name}", figure) for name, figure in scrolled(browser, meter))


def scrolled(browser: Any, meter: Meter) -> Iterator[tuple[str, str]]:
    """From the end to the beginning, in leaps as the scroll bar makes them and in steps of the wheel."""
    box = browser.locator(".jobmagics-window").bounding_box()
    browser.mouse.move(box["x"] + 50, box["y"] + 50)
    meter.start()
    leaps = 0
    while (left := SCROLL_SECONDS - (time.perf_counter() - meter.began)) > 0:
        browser.mouse.wheel(0, -400)
        if int(left * 2) > leaps:
            browser.locator(".jobmagics-window").evaluate(
                "(each, share) => { each.scrollTop = each.scrollHeight * share; }", left / SCROLL_SECONDS
            )
        leaps = int(left * 2)
        browser.wait_for_timeout(16)
    yield from meter.told()


def many(jobs: int, seconds: int) -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        gate = Path(folder) / "go"
        with opened(jobs, MANY.format(gate=gate, count=10 * (seconds + 10), jobs=jobs), "%watch") as (
            _,
            browser,
            meter,
        ):
            run_cell(browser, 1)
            browser.locator(".jp-OutputArea-output", has_text="all run").wait_for(timeout=WAIT_MS)
            run_cell(browser, 2)
            browser.locator(f".jobmagics tr[data-job='{2 * jobs - 1}']").wait_for(state="attached", timeout=WAIT_MS)
            gate.touch()  # all at once: starting them takes a while
            browser.locator(".jobmagics-newest", has_text="line").first.wait_for(timeout=WAIT_MS)
            browser.wait_for_timeout(3000)
            meter.start()
            browser.wait_for_timeout(1000 * seconds)
            for name, figure in meter.told():
                yield f"{jobs} jobs of 10 lines a second: {name}", figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=20)
    options = parser.parse_args()
    print("| measure | figure |\n|---|---|")
    for rows in (one(options.lines), many(options.jobs, options.seconds)):
        for name, figure in rows:
            print(f"| {name} | {figure} |", flush=True)


if __name__ == "__main__":
    main()
