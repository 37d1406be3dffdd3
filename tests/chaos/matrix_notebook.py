"""A notebook's kernels for the matrix: jobs in six states, and what a person finds of them afterwards.

``Notebook`` starts real kernels one after the other on one host and one ledger; ``ServedNotebook`` has them from a
real Jupyter server.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from real_kernel import RealKernel
from served_kernel import ServedKernel

LINES = 120
FLOOD = 12_000
STATES = ("idle", "running", "flooding", "prompting", "stopping", "disconnected")
SCRIPTS = {
    "idle": "$kept = 42; 'line 1'",
    "running": f'1..{LINES} | ForEach-Object {{ "line $_"; Start-Sleep -Milliseconds 20 }}',
    "flooding": f'1..{FLOOD} | ForEach-Object {{ "line $_"; if ($_ % 400 -eq 0) {{ Start-Sleep -Milliseconds 80 }} }}',
    "prompting": f'1..20 | ForEach-Object {{ "line $_" }}; $null = Read-Host Name; 21..{LINES} | ForEach-Object'
    ' { "line $_" }',
    "stopping": '1..100000 | ForEach-Object { "line $_"; Start-Sleep -Milliseconds 20 }',
    "disconnected": f'1..{LINES} | ForEach-Object {{ "line $_"; Start-Sleep -Milliseconds 20 }}',
}
EXPECTED = {**dict.fromkeys(STATES, LINES), "idle": 1, "flooding": FLOOD}

LOAD = """
import json, threading
import jobmagics.magics
%load_ext jobmagics
manager = jobmagics.magics.current_manager()
from jobmagics.remote import ConnectionInfo
heard = []
"""
BEGIN = """
states, scripts = json.loads({!r})
sessions = dict(zip(states, manager.new_pssession([ConnectionInfo()] * len(states), name=list(states))))
jobs = {{name: sessions[name].start(scripts[name], job_name=name) for name in states}}
"""
READY = """
counts = {row.name: row.lines for row in manager.snapshot() if row.parent_id is None}
print(str(jobs["idle"].state) == "Completed" and str(jobs["prompting"].state) == "Blocked" and min(
    counts[name] for name in ("running", "flooding", "stopping", "disconnected")) >= 5)
"""
PART = "sessions['disconnected'].disconnect()"
STOP = "threading.Thread(target=jobs['stopping'].stop, daemon=True).start()"
GO_ON = """
def go_on():
    heard.extend(manager.take_notices())
    for job in manager.jobs():
        if job.question is not None:
            try:
                job.answer("Ada")
            except Exception as error:
                heard.append(str(error))
    for session in manager.pssessions(name="disconnected*"):
        if session.state == "Disconnected" and session.availability == "None":
            try:
                session.connect()
            except Exception as error:
                heard.append(str(error))
    return all(str(job.state) in ("Completed", "Failed", "Stopped") for job in manager.jobs())
"""
REPORT = """
def report():
    found = {}
    for job in manager.jobs():
        lines = list(job.records().output)
        numbers = [int(line.split()[1]) for line in lines]
        kept = [number for number, before in zip(numbers, [0, *numbers]) if number == before + 1]
        found[job.name] = dict(state=str(job.state), reason=job.reason, lines=len(lines),
                               ordered=numbers == sorted(set(numbers)), whole=len(kept) == len(numbers))
    heard.extend(manager.take_notices())
    sessions = {each.name: each.state for each in manager.pssessions()}
    return json.dumps(dict(jobs=found, heard=heard, sessions=sessions))
print(report())
"""


@dataclass(frozen=True)
class Seen:
    """What a person sees of a job in the end. ``whole``: no number is missing up to the last one."""

    state: str
    reason: str
    lines: int
    ordered: bool
    whole: bool


@dataclass(frozen=True)
class Found:
    jobs: dict[str, Seen]
    heard: list[str]
    sessions: dict[str, str]

    @property
    def told(self) -> str:
        return "\n".join(self.heard)


class Notebook:
    """One notebook. ``environment`` says where its ledger and its host are."""

    def __init__(self, place: Path, environment: dict[str, str]) -> None:
        self.place, self.environment = place, environment
        self.said: list[str] = []
        self.kernel = self.new_kernel()
        self.load()

    def new_kernel(self) -> RealKernel:
        return RealKernel(self.place / "notebook.ipynb", self.environment)

    def load(self) -> None:
        self.said.append(self.kernel.cell(LOAD).text)

    def begin(self) -> None:
        """Six sessions with a job each, every one in the state that it is named for."""
        self.kernel.cell(BEGIN.format(json.dumps([STATES, SCRIPTS])))
        self.kernel.until(READY, lambda text: text == "True")
        self.kernel.cell(PART)
        self.kernel.cell(STOP)

    def ask(self, code: str) -> Any:
        return json.loads(self.kernel.cell(f"print(json.dumps({code}))").text)

    def states(self) -> dict[str, str]:
        found: dict[str, str] = self.ask("{job.name: str(job.state) for job in manager.jobs()}")
        return found

    def again(self) -> None:
        """A new kernel, after the old one is dead."""
        self.kernel.kill()
        self.kernel = self.new_kernel()
        self.load()

    def found(self) -> Found:
        """After a person has answered what is asked and connected what was disconnected."""
        self.kernel.cell(GO_ON)
        self.kernel.until("print(go_on())", lambda text: text.endswith("True"))
        facts = json.loads(self.kernel.cell(REPORT).text)
        return Found(
            {name: Seen(**seen) for name, seen in facts["jobs"].items()},
            [*self.said, *facts["heard"]],
            facts["sessions"],
        )

    def use_idle(self) -> str:
        """What the idle session says of the variable that was set in it, or the reason why it says nothing."""
        return str(
            self.ask(
                "[(lambda job: str(job.receive(wait=True)).strip() or job.reason)(session.start('$kept'))"
                " for session in manager.pssessions(name='idle*')]"
            )
        )

    def close(self) -> None:
        self.kernel.close()


class ServedNotebook(Notebook):
    def new_kernel(self) -> RealKernel:
        return ServedKernel(self.place / "notebook.ipynb", self.environment)
