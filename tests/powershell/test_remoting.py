"""Sessions in other engines: over a real sshd, in processes of our own, and what happens when either side goes away."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from command_session import Session
from engine_process import NO_GUID, Engine
from sshd import Sshd

from jobmagics.powershell.remoting import transports
from jobmagics.powershell.remoting.transports import BadTarget, command, target
from jobmagics.powershell.runtime.hosting import NullUI
from jobmagics.powershell.server.host_ui import RawUI

GONE_SECONDS = 5.0
BROKEN = (
    "The SSH client session has ended with error message: The SSH transport process has abruptly terminated causing "
    "this remote session to break."
)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    made = Session(tmp_path)
    yield made
    made.runspace.close()


def test_a_session_over_a_real_sshd(session: Session, sshd: Sshd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(sshd.programs), prepend=":")
    place = f"-HostName 127.0.0.1 -Port {sshd.port} -UserName {sshd.user} -KeyFilePath {sshd.place}/user_key"
    assert session.run(
        f"$s = New-PSSession {place} -ConnectingTimeout 15000; $s.State.ToString(); $s.ComputerName"
    ) == [
        "Opened",
        "127.0.0.1",
    ]
    over_ssh = session.run("(Invoke-Command -Session $s { $env:SSH_CONNECTION }).Split(' ')[0]")
    assert over_ssh == ["127.0.0.1"]
    script = f"$j = Invoke-Command -HostName {sshd.target} {{ $using:n + 1 }} -AsJob; Receive-Job $j -Wait"
    assert [int(found._base) for found in session.run(f"$n = 4; {script}")] == [5]
    session.run(f"New-PSSession -HostName nobody@127.0.0.1:{sshd.port}")
    (record,) = session.streams.errors
    assert (record.fqid, record.message) == ("PSSessionOpenFailed", BROKEN)
    assert "Permission denied" in (record.recommended or ""), "ssh's own words are in the recommended action"
    session.run("Remove-PSSession $s")
    assert session.run("$s.State.ToString(); $s.Availability.ToString()") == ["Closed", "None"]


@pytest.mark.parametrize(
    ("name", "user", "port", "words"),
    [
        ("web01", "", 0, ["-s", "--", "web01", "powershell"]),
        ("ada@web01:2222", "", 0, ["-l", "ada", "-p", "2222", "-s", "--", "web01", "powershell"]),
        ("web01", "ada", 22, ["-l", "ada", "-p", "22", "-s", "--", "web01", "powershell"]),
        ("[::1]:22", "", 0, ["-p", "22", "-s", "--", "::1", "powershell"]),
        ("localhost", "ada", 0, ["-l", "ada", "-s", "--", "localhost", "powershell"]),
    ],
)
def test_the_words_given_to_ssh(
    name: str, user: str, port: int, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/ssh")
    assert command(target(name, user, port)) == ["/usr/bin/ssh", "-o", "BatchMode=yes", *words]


def test_options_key_and_subsystem_are_words_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: "ssh")
    place = target("web01", key_file="/k y", subsystem="other", options={"Compression": "yes"})
    expected = ["-o", "BatchMode=yes", "-o", "Compression=yes", "-i", "/k y", "-s", "--", "web01", "other"]
    assert command(place) == ["ssh", *expected]
    with pytest.raises(BadTarget):
        command(target("web01", options={"-F/x": "y"}))


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "[::1]", ".", transports.socket.gethostname()])
def test_this_machine_is_an_engine_of_our_own(name: str) -> None:
    assert command(target(name))[: len(transports.ENGINE)] == list(transports.ENGINE)


@pytest.mark.parametrize("name", ["", "-oProxyCommand=x", "-l@web01", "a b", "web01:port", "web01 -v", "a@b@c"])
def test_what_ssh_might_take_for_an_option_is_refused(name: str, session: Session) -> None:
    with pytest.raises(BadTarget):
        target(name)
    if name:
        found = session.run(f"try {{ New-PSSession -HostName '{name}' }} catch {{ $_.FullyQualifiedErrorId }}")
        assert found == ["PSSessionInvalidComputerName,Microsoft.PowerShell.Commands.NewPSSessionCommand"]


def test_what_is_run_in_sessions(session: Session, tmp_path: Path) -> None:
    """One session for many cases: each is what PowerShell gives."""
    (tmp_path / "file.ps1").write_text("param($x) \"file $x\"\n'end'\n")
    session.run("$s = New-PSSession -HostName localhost")
    for script, expected in (
        ("Invoke-Command -Session $s -FilePath ./file.ps1 -ArgumentList 7", ["file 7", "end"]),
        ("$j = Invoke-Command -Session $s { 1 } -JobName Named; $j.Name; $null = Wait-Job $j", ["Named"]),
        ("try { Invoke-Command -Session $s { throw 'no' } } catch { $_.Exception.GetType().Name; \"$_\" }",
         ["RemoteException", "no"]),
        ("Invoke-Command -Session $s { 1..100000 } | Select-Object -First 2 | % { $_ + 0 }", [1, 2]),
        ("(Invoke-Command -Session $s { $PID }) -ne $PID", [True]),
        ("$p = [pscredential]::new('ada', (ConvertTo-SecureString -AsPlainText 's3' -Force)); "
         "(Invoke-Command -Session $s { $args[0].GetNetworkCredential().Password } -ArgumentList $p)", ["s3"]),
        ("(Invoke-Command -Session $s { ConvertTo-SecureString -AsPlainText 'back' -Force } | "
         "ConvertFrom-SecureString -AsPlainText)", ["back"]),
        ("$t = New-PSSession -Session $s; $t.State.ToString(); Remove-PSSession $t; $t.State.ToString()",
         ["Opened", "Closed"]),
        ("(New-PSSession -SSHConnection @{ HostName = 'localhost' } -Name Hash).Name; Remove-PSSession -Name Ha*",
         ["Hash"]),
        ("try { Invoke-Command -Session $s { 1 } -RemoteDebug } catch { $_.FullyQualifiedErrorId }",
         ["NotSupported,Microsoft.PowerShell.Commands.InvokeCommandCommand"]),
        ("try { Copy-Item x y -ToSession $s } catch { $_.FullyQualifiedErrorId }",
         ["NotSupported,Microsoft.PowerShell.Commands.CopyItemCommand"]),
    ):  # fmt: skip
        found = [value._base if hasattr(value, "_base") else value for value in session.run(script)]
        assert (found, session.streams.errors) == (expected, []), script


class PersonUI(NullUI):
    """Somebody who answers."""

    def __init__(self) -> None:
        self.raw_ui = RawUI({})
        self.lines: list[str] = []

    def prompt(self, caption: str, message: str, fields: Sequence[Any]) -> Mapping[str, Any]:
        return {field["name"]: f"answer to {field['name']}" for field in fields}

    def write_warning_line(self, text: str) -> None:
        self.lines.append(text)

    def write_line(self, text: str, foreground: int | None = None, background: int | None = None) -> None:
        self.lines.append(text)


def test_who_receives_a_blocked_job_is_asked(session: Session) -> None:
    person = session.runspace.host.ui = PersonUI()
    script = "Write-Warning 'careful'; Write-Host 'told'; $Host.UI.WriteLine('said'); \"got $(Read-Host 'name')\""
    found = session.run(
        f"$j = Invoke-Command -HostName localhost {{ {script} }} -AsJob; while ($j.State -ne 'Blocked') "
        "{ Start-Sleep -Milliseconds 20 }; Receive-Job $j -Wait; $j.State"
    )
    assert [str(value) for value in found] == ["got answer to name", "Completed"]
    assert person.lines == ["careful", "told", "said"], "each once"
    assert session.run(f'"$(Invoke-Command -HostName localhost {{ {script} }})"') == ["got answer to name"]


def is_gone(pid: int) -> bool:
    deadline = time.monotonic() + GONE_SECONDS
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("end", ["killed", "closed"])
def test_sessions_end_with_the_session_that_opened_them(end: str) -> None:
    engine = Engine()
    script = "$s = New-PSSession -HostName localhost; $PID; 0 + (Invoke-Command -Session $s { $PID })"
    ours, theirs = (int(value) for value in engine.run(script).output)
    if end == "killed":
        os.kill(ours, signal.SIGKILL)
    else:
        engine.process.send(f"<Close PSGuid='{NO_GUID}' />")
        engine.process.wait_for("CloseAck")
    try:
        assert is_gone(theirs)
    finally:
        engine.close()


def test_a_session_that_is_closed_is_not_broken_however_soon_the_other_side_answers(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jobmagics.powershell.remoting.client import Connection

    settle = Connection._settle

    def answer_first(connection: Connection, state: str) -> None:
        if state == "Closed":
            settle(connection, "Broken")  # what the reader's thread does with the other side's answer
        settle(connection, state)

    session.run("$s = New-PSSession -HostName localhost")
    monkeypatch.setattr(Connection, "_settle", answer_first)
    assert session.run("Remove-PSSession $s; $s.State.ToString()") == ["Closed"]
