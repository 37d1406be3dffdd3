"""PowerShell over SSH as an engine of the host: through OpenSSH's client, to a real sshd."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from host_kit import lines, wsman_for
from pypsrp.exceptions import WSManFaultError
from pypsrp.powershell import PowerShell, RunspacePool
from sshd import Sshd

from jobmagics.errors import UsageError
from jobmagics.host.client import HostInfo, host_info, stop_host
from jobmagics.host.engines import SSH_OPTIONS, ssh_command
from jobmagics.host.faults import Refusal
from jobmagics.psrp import connect
from jobmagics.remote import ConnectionInfo
from jobmagics.sessions import SessionManager
from jobmagics.store import Store


@pytest.fixture
def host(sshd: Sshd, monkeypatch: pytest.MonkeyPatch) -> Iterator[HostInfo]:
    directory = Path(tempfile.mkdtemp(prefix="jmh"))
    monkeypatch.setenv("PATH", str(sshd.programs), prepend=":")
    monkeypatch.setenv("JOBMAGICS_HOST_DIR", str(directory))
    yield host_info(directory=directory)
    stop_host(directory)
    shutil.rmtree(directory)


def test_a_session_over_ssh_is_disconnected_and_connected_as_any_other(host: HostInfo, sshd: Sshd) -> None:
    name = f"ssh:{sshd.target}"
    with wsman_for(host) as wsman:
        pool = RunspacePool(wsman, configuration_name=name)
        pool.open()
        PowerShell(pool).add_script("$kept = $env:SSH_CONNECTION").invoke()
        shell = PowerShell(pool)
        shell.add_script('1..20 | ForEach-Object { Start-Sleep -Milliseconds 20; "line $_" }')
        shell.begin_invoke()
        pool.disconnect()
    with wsman_for(host) as other:
        (again,) = [found for found in RunspacePool.get_runspace_pools(other) if found.id == pool.id]
        again.connect()
        (rest,) = [found for found in again.create_disconnected_power_shells() if found.id == shell.id]
        rest.connect_async()
        rest.end_invoke()
        assert rest.output == lines(1, 20)
        (kept,) = PowerShell(again).add_script("$kept").invoke()
        assert kept.startswith("127.0.0.1 "), "it is the session that sshd opened"
        again.close()


def test_a_host_that_cannot_be_reached_breaks_its_session_with_sshs_own_words(host: HostInfo, sshd: Sshd) -> None:
    with wsman_for(host) as wsman, pytest.raises(WSManFaultError) as caught:
        RunspacePool(wsman, configuration_name="ssh:127.0.0.1:1").open()
    assert "port 1" in caught.value.reason
    with wsman_for(host) as wsman, pytest.raises(WSManFaultError) as caught:
        RunspacePool(wsman, configuration_name=f"ssh:nobody@127.0.0.1:{sshd.port}").open()
    assert "Permission denied" in caught.value.reason


def test_a_job_over_ssh_from_the_notebooks_side(host: HostInfo, sshd: Sshd, tmp_path: Path) -> None:
    manager = SessionManager(Store.open(tmp_path / "jobs.sqlite"), connect, "notebook")
    (session,) = manager.new_pssession([ConnectionInfo.over_ssh(sshd.target)])
    assert (session.transport, session.computer_name) == ("SSH", "127.0.0.1")
    job = session.start("1 + 1")
    job.wait(10)
    assert job.receive() == [2]
    session.disconnect()
    (listed,) = manager.remote_sessions(ConnectionInfo())
    assert (listed.transport, listed.computer_name) == ("SSH", "127.0.0.1")
    manager.close()
    manager.store.close()


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("ssh:web01", ["-s", "--", "web01", "powershell"]),
        ("ssh:ada@web01:2222", ["-l", "ada", "-p", "2222", "-s", "--", "web01", "powershell"]),
        ("ssh:[::1]:22", ["-p", "22", "-s", "--", "::1", "powershell"]),
    ],
)
def test_the_words_given_to_ssh(name: str, place: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/ssh")
    assert ssh_command(name) == ["/usr/bin/ssh", *SSH_OPTIONS, *place]


@pytest.mark.parametrize(
    "name", ["ssh:", "ssh:-oProxyCommand=x", "ssh:-l@web01", "ssh:a b", "ssh:web01:port", "ssh:web01 -v", "ssh:a@b@c"]
)
def test_what_ssh_might_take_for_an_option_is_refused(name: str) -> None:
    with pytest.raises(Refusal):
        ssh_command(name)


def test_a_machine_without_ssh_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(Refusal, match="not installed"):
        ssh_command("ssh:web01")


@pytest.mark.parametrize("target", ["", "a b", "ada@", "web01:x", "@web01"])
def test_a_target_that_is_none_is_told_before_anything_is_asked(target: str) -> None:
    with pytest.raises(UsageError, match="user@host:port"):
        ConnectionInfo.over_ssh(target)
