"""What parameters do to what the manager is asked, over computers that the test plays."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeRemote
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from jobmagics import computer, magics
from jobmagics.remote import ConnectionInfo, PSSessionOption
from jobmagics.sessions import SessionManager
from jobmagics.store import Store


@pytest.fixture
def remote() -> FakeRemote:
    remote = FakeRemote()
    remote.on("take", lambda run: [run.output(value) for value in run.input])
    remote.on("hold", lambda run: run.wait(threading.Event()))
    return remote


@pytest.fixture
def shell(remote: FakeRemote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    monkeypatch.setenv("JOBMAGICS_NOTEBOOK", "test")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("JOBMAGICS_CREDENTIAL_ADMIN_PASSWORD", "secret")
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    store = Store.open(tmp_path / "ledger.sqlite")
    magics.load(shell, lambda owner: SessionManager(store, remote.connect, owner))
    yield shell
    magics.unload()
    store.close()


def start(shell: InteractiveShell, line: str, script: str = "take") -> Any:
    shell.run_cell_magic("remote_job", f"{line} -OutVariable made", script)
    return shell.user_ns["made"]


def places(shell: InteractiveShell, line: str) -> list[ConnectionInfo]:
    return [session.connection for session in shell.run_line_magic("new_pssession", line)]


def test_a_session_option_in_milliseconds(shell: InteractiveShell) -> None:
    line = (
        "-OpenTimeout 5000 -CancelTimeoutMSec 2500 -OperationTimeout 60000 -IdleTimeout 7200000"
        " -MaxConnectionRetryCount 3 -OutputBufferingMode drop -Culture de-DE -UICulture fr-FR -NoMachineProfile"
        " -SkipCACheck -SkipCNCheck -ApplicationArguments {'who': 'ada'}"
    )
    option = shell.run_line_magic("new_pssessionoption", line)
    assert option == PSSessionOption(
        5.0, 2.5, 60.0, 7200.0, 3, "Drop", no_machine_profile=True, skip_ca_check=True, skip_cn_check=True,
        culture="de-DE", ui_culture="fr-FR", application_arguments={"who": "ada"},
    )  # fmt: skip
    shell.user_ns["option"] = option
    (place,) = places(shell, "web01 -SessionOption $option -UseSSL")
    assert (place.option, place.use_ssl) == (option, True)
    (place,) = places(shell, "web01 -SessionOption option -IdleTimeoutSec 60")
    assert (place.option.idle_timeout, place.option.open_timeout) == (60, 5.0)
    assert shell.run_line_magic("new_pssessionoption", "") == PSSessionOption(), "PowerShell's own defaults"
    with pytest.raises(UsageError, match="wants a variable that holds a session option"):
        places(shell, "web01 -SessionOption 5")


def test_retries_are_of_opening(shell: InteractiveShell, remote: FakeRemote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobmagics.sessions.links.OPEN_RETRY_SECONDS", 0.01)
    tries: list[str] = []
    real = remote.reach

    def reach(name: str) -> None:
        tries.append(name)
        if len(tries) > 2:
            remote.cut.discard("web01")
        real(name)

    monkeypatch.setattr(remote, "reach", reach)
    remote.cut.add("web01")
    shell.user_ns["option"] = PSSessionOption(max_connection_retry_count=2)
    assert len(places(shell, "web01 -SessionOption $option")) == 1
    assert len(tries) == 3


def test_addresses(shell: InteractiveShell) -> None:
    line = "-ConnectionUri http://web01:8080/other,https://web02/wsman,https://[::1]/a?b=c -Credential admin"
    assert [
        (place.computer_name, place.port, place.use_ssl, place.application_name, place.credential)
        for place in places(shell, line)
    ] == [
        ("web01", 8080, False, "other", "admin"),
        ("web02", 443, True, "wsman", "admin"),
        ("::1", 443, True, "a?b=c", "admin"),
    ]
    with pytest.raises(UsageError, match="takes one of -ComputerName or -ConnectionUri"):
        places(shell, "web01 -ConnectionUri http://web02/wsman")


def test_a_user_and_a_port_over_ssh(shell: InteractiveShell) -> None:
    (place,) = places(shell, "-HostName web01 -UserName ann -Port 2222")
    assert (place.computer_name, place.configuration_name, place.transport) == ("web01", "ssh:ann@web01:2222", "SSH")


def test_sessions_like_others(shell: InteractiveShell) -> None:
    shell.user_ns["first"] = shell.run_line_magic("new_pssession", "web01 -ConfigurationName JEA -Port 5999")
    (place,) = places(shell, "-Session first")
    assert (place.computer_name, place.configuration_name, place.port) == ("web01", "JEA", 5999)


def test_computers_with_details_of_their_own(shell: InteractiveShell) -> None:
    shell.user_ns["hosts"] = [computer("web01", use_ssl=True, configuration_name="JEA"), "web02"]
    job = start(shell, "$hosts -Port 5000")
    connections = [child.session.connection for child in job.children]
    assert [(each.computer_name, each.port, each.use_ssl, each.configuration_name) for each in connections] == [
        ("web01", None, True, "JEA"),
        ("web02", 5000, False, "Microsoft.PowerShell"),
    ]
    with pytest.raises(UsageError, match="wants names of computers, or connections"):
        start(shell, "-ComputerName {[1, 2]}")


@pytest.mark.parametrize(
    ("given", "received"),
    [
        ("$items", [1, 2, 3]),
        ("(n * n for n in items)", [1, 4, 9]),
        ("1, 'two', 3", [1, "two", 3]),
        ("'text'", ["text"]),
        ("{'k': 1}", [{"k": 1}]),
        ("range(2)", [0, 1]),
    ],
)
def test_input_goes_in_one_by_one(shell: InteractiveShell, given: str, received: list[Any]) -> None:
    shell.user_ns["items"] = [1, 2, 3]
    job = start(shell, f"-InputObject {given}")
    job.wait(10)
    rows = [dict(value) if isinstance(value, dict) or hasattr(value, "items") else value for value in job.output]
    assert rows == received


def test_a_frame_goes_in_row_by_row(shell: InteractiveShell) -> None:
    pandas = pytest.importorskip("pandas")
    shell.user_ns["frame"] = pandas.DataFrame({"Name": ["a", "b"], "Size": [1, 2]})
    job = start(shell, "-InputObject $frame")
    job.wait(10)
    assert [dict(row) for row in job.output] == [{"Name": "a", "Size": 1}, {"Name": "b", "Size": 2}]


def test_a_disconnected_session_for_each_computer(
    shell: InteractiveShell, remote: FakeRemote, capsys: pytest.CaptureFixture[str]
) -> None:
    remote.cut.add("web03")
    line = "-cn web01,web02,web03 -Disconnected -SessionName Night -ThrottleLimit 1 -OutVariable left"
    shell.run_cell_magic("remote_job", line, "hold")
    left = shell.user_ns["left"]
    assert [(each.name, each.state, each.computer_name) for each in left] == [
        ("Night", "Disconnected", "web01"),
        ("Night", "Disconnected", "web02"),
    ]
    shown = capsys.readouterr()
    assert "Night" in shown.out
    assert "web03 does not answer" in shown.err
    for session in left:
        session.remove()


def test_a_computer_that_is_away_does_not_hide_the_sessions_of_others(
    shell: InteractiveShell, remote: FakeRemote, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_line_magic("new_pssession", "web01 -Name One")
    remote.cut.add("web02")
    found = shell.run_line_magic("get_pssession", "-ComputerName web02,web01 -ThrottleLimit 2")
    assert [session.name for session in found] == ["One"]
    assert "web02 does not answer" in capsys.readouterr().err
    remote.cut.add("web01")
    with pytest.raises(Exception, match="does not answer"):
        shell.run_line_magic("get_pssession", "-ComputerName web02,web01")


def test_the_buffering_mode_reaches_the_computer(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    from fakes import FakePool

    modes: list[str | None] = []
    real = FakePool.disconnect

    def disconnect(self: FakePool, idle_timeout: float | None = None, mode: str | None = None) -> None:
        modes.append(mode)
        real(self, idle_timeout, mode)

    monkeypatch.setattr(FakePool, "disconnect", disconnect)
    for word, mode in (("drop", "Drop"), ("Block", "Block"), ("None", None)):
        shell.run_line_magic("new_pssession", f"web01 -Name {word}")
        shell.run_line_magic("disconnect_pssession", f"-Name {word} -OutputBufferingMode {word} -ThrottleLimit 1")
        assert modes[-1] == mode
    with pytest.raises(UsageError, match="wants one of None, Drop, Block"):
        shell.run_line_magic("disconnect_pssession", "-Name drop -OutputBufferingMode Spill")
