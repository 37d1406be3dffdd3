"""Walkthroughs of remote, background, thread and parallel jobs, recorded from PowerShell 7.6.5 over SSH, on the engine.

Each file of tests/data/remote_jobs is one session; here it is made on a real session host. Every command's text must be
the recorded one, but for what names the machine and its user. ``DIFFERENT`` has the rest, with the reason.
"""

from __future__ import annotations

import getpass
import os
import re
import shutil
import socket
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from pypsrp.host import PSHost, PSHostUserInterface
from pypsrp.powershell import PowerShell, RunspacePool

from jobmagics.host.client import HostInfo, host_info, stop_host
from jobmagics.psrp.pools import wsman_for

RECORDED = Path(__file__).parent.parent / "data" / "remote_jobs"
FILES = sorted(path.stem for path in RECORDED.glob("*.txt"))
AT_ONCE = 4  # sessions: they sleep most of the time

# (file, beginning of the command) -> why its text cannot be equal
DIFFERENT = {
    ("11_get_filters", "Get-Job -Newest 1"): "which of two jobs begun together ends last is the machine's business",
}

# Runs a command of a person's in the session itself and gives its text: errors and Write-Host where they fall, as the
# recorder did. What a terminating error leaves behind is not shown.
RECORDER = r"""
$__ended = $false
$global:__shown = [System.Collections.Generic.List[object]]::new()
try { . { COMMAND
} 2>&1 6>&1 | ForEach-Object { $global:__shown.Add($_) } }
catch {
    $global:__shown.Clear()
    $global:__shown.Add($_)
    $__ended = $true
}
$__objects = @(); $__text = ''
foreach ($__one in $global:__shown) {
    $__line = if ($__one -is [System.Management.Automation.ErrorRecord]) {
        $__end = if ($__ended) { '  {terminating}' } elseif ($__one.OriginInfo) { "  {from $($__one.OriginInfo)}" }
        "ERROR[$($__one.FullyQualifiedErrorId)] ($($__one.CategoryInfo.Category)) $($__one.Exception.Message)$__end"
    } elseif ($__one -is [System.Management.Automation.InformationRecord]) { "INFO: $($__one.MessageData)" }
    if ($null -eq $__line) { $__objects += , $__one; continue }
    $__text += ($__objects | Out-String -Width 120) + $__line + "`n"
    $__objects = @()
}
$__text + ($__objects | Out-String -Width 120)
"""
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def steps(name: str) -> list[tuple[str, str]]:
    """The commands of a walkthrough, each with the text it gave."""
    parts = re.split(r"^PS> ", (RECORDED / f"{name}.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [(command, text.rstrip()) for command, _, text in (part.partition("\n") for part in parts[1:])]


def here(command: str) -> str:
    return command.replace("/home/ada", os.path.expanduser("~"))


def as_recorded(text: str) -> str:
    """The text with the recorded machine's name and user, without identifiers."""
    text = _GUID.sub("<guid>", text.replace(socket.gethostname(), "srv01").replace(getpass.getuser(), "ada"))
    return text.rstrip()


def walk(host: HostInfo, name: str) -> list[tuple[str, str, str]]:
    """Command, what it gave and what was recorded, for each step of the walkthrough."""
    with wsman_for(host) as wsman:
        person = PSHost(None, None, False, "walkthrough", None, PSHostUserInterface(), "1.0")
        pool = RunspacePool(wsman, host=person, configuration_name="jobmagics.builtin")
        pool.open()
        found = []
        for command, text in steps(name):
            shell = PowerShell(pool)
            shell.add_script(RECORDER.replace("COMMAND", here(command)))
            output = shell.invoke()
            problems = "".join(f"\n{error}" for error in shell.streams.error)
            found.append((command, as_recorded("".join(map(str, output)) + problems), text))
        pool.close()
        return found


@pytest.fixture(scope="module")
def walks() -> Iterator[dict[str, Future[list[tuple[str, str, str]]]]]:
    directory = Path(tempfile.mkdtemp(prefix="jmw"))
    host = host_info(directory=directory)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {name: pool.submit(walk, host, name) for name in FILES}
    stop_host(directory)
    shutil.rmtree(directory, ignore_errors=True)


@pytest.mark.parametrize("name", FILES)
def test_a_walkthrough(walks: dict[str, Future[list[tuple[str, str, str]]]], name: str) -> None:
    excused = tuple(beginning for file, beginning in DIFFERENT if file == name)
    wrong = [step for step in walks[name].result() if step[1] != step[2] and not step[0].startswith(excused)]
    assert not wrong, "\n".join(f"PS> {command}\n{got}\n-- recorded --\n{text}\n" for command, got, text in wrong)


def test_the_table_of_differences_names_commands_that_there_are() -> None:
    for file, beginning in DIFFERENT:
        assert any(command.startswith(beginning) for command, _ in steps(file)), (file, beginning)
