"""The host's own life: started once, found again, outliving its starters, and ended without leaving anything."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from host_kit import lines, start, write_engines, wsman_for
from pypsrp.exceptions import WSManFaultError
from pypsrp.powershell import PowerShell, RunspacePool

from jobmagics import __version__
from jobmagics.errors import HostError
from jobmagics.host.client import host_info, host_of, host_statuses, stop_host
from jobmagics.host.files import ENVIRONMENT, HostFiles

ASK = "import sys, json; from jobmagics.host.client import host_info; print(json.dumps(host_info().as_json()))"
pytestmark = pytest.mark.skipif(os.name == "nt", reason="processes and file modes are POSIX's here")


@pytest.fixture
def directory() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="jmh"))
    write_engines(place)
    yield place
    card = HostFiles(place).read_card()
    stop_host(place)
    if card is not None:
        wait_until(lambda: not running(card.pid))
    shutil.rmtree(place)


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def test_two_kernels_at_once_get_one_host_and_it_outlives_both(directory: Path) -> None:
    environment = os.environ | {ENVIRONMENT: str(directory)}
    kernels = [
        subprocess.Popen([sys.executable, "-c", ASK], stdout=subprocess.PIPE, env=environment, start_new_session=True)
        for _ in range(4)
    ]
    answers = [json.loads(kernel.communicate()[0]) for kernel in kernels]
    assert len({answer["pid"] for answer in answers}) == 1
    host = answers[0]["pid"]
    for kernel in kernels:
        assert kernel.returncode == 0
    assert running(host)
    assert os.getsid(host) == host, "a session of its own: no terminal and no kernel takes it along"
    assert host_info(start=False, directory=directory).pid == host
    (status,) = host_statuses(directory)
    assert status.shells == []


def test_what_is_told_about_the_host_has_paths_and_no_secret(directory: Path) -> None:
    info = host_info(directory=directory)
    told = json.dumps(info.as_json())
    assert info.secret() not in told
    assert info.secret() not in repr(info)
    assert str(directory / "secret") in told
    for file in (info.secret_file, info.certificate, directory / "key.pem", HostFiles(directory).card):
        assert file.stat().st_mode & 0o077 == 0
    with wsman_for(info) as wsman, RunspacePool(wsman) as pool:
        start(pool, "echo hidden treasure").end_invoke()
    log = HostFiles(directory).log.read_text(encoding="utf-8")
    assert info.secret() not in log
    assert "treasure" not in log


def test_a_stopped_host_leaves_no_engine_and_no_card(directory: Path) -> None:
    info = host_info(directory=directory)
    pool = RunspacePool(wsman_for(info))
    pool.open()
    (child,) = PowerShell(pool).add_script("child").invoke()
    (status,) = host_statuses(directory)
    (shell,) = status.shells
    assert shell["id"] == pool.id
    assert shell["state"] == "Connected"
    assert stop_host(directory)
    pool.connection.close()
    assert not running(shell["engine_pid"])
    assert not running(child)
    assert not HostFiles(directory).card.exists()
    assert host_statuses(directory) == []
    assert stop_host(directory) is False
    with pytest.raises(HostError, match="No session host runs"):
        host_info(start=False, directory=directory)


def test_a_killed_host_takes_its_engines_along_and_the_next_use_starts_another(directory: Path) -> None:
    info = host_info(directory=directory)
    pools = [RunspacePool(wsman_for(info), configuration_name=name) for name in ("Microsoft.PowerShell", "hangs")]
    pools[0].open()
    pools[1].shell.open()
    (status,) = host_statuses(directory)
    engines = [shell["engine_pid"] for shell in status.shells]
    assert len(engines) == 2
    (child,) = PowerShell(pools[0]).add_script("child").invoke()
    assert all(map(running, [*engines, child]))
    os.kill(info.pid, signal.SIGKILL)
    for pool in pools:
        pool.connection.close()
    wait_until(lambda: not any(map(running, [*engines, child])))
    second = host_info(directory=directory)
    assert second.pid != info.pid
    with wsman_for(second) as wsman, RunspacePool(wsman) as pool:
        assert start(pool, "echo again").end_invoke() == ["again"]


@pytest.mark.parametrize(
    ("name", "mode", "remedy"),
    [("secret", 0o644, "chmod 600"), ("key.pem", 0o640, "chmod 600"), (".", 0o755, "chmod 700")],
)
def test_files_that_others_can_read_are_refused_in_one_sentence(
    directory: Path, name: str, mode: int, remedy: str
) -> None:
    host_info(directory=directory)
    stop_host(directory)
    place = directory / name
    before = place.stat().st_mode & 0o777
    place.chmod(mode)
    with pytest.raises(HostError) as caught:
        host_info(directory=directory)
    assert str(place.resolve()) in caught.value.message
    assert remedy in caught.value.message
    assert "\n" not in caught.value.message
    place.chmod(before)
    assert host_info(directory=directory).port


def test_a_host_that_cannot_start_tells_why(directory: Path) -> None:
    (directory / "engines.json").write_text("[1, 2]")
    with pytest.raises(HostError) as caught:
        host_info(directory=directory)
    assert "must hold one JSON object" in caught.value.message
    assert str(HostFiles(directory).log) in caught.value.message


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HostError, match=ENVIRONMENT):
        host_info(directory=tmp_path / "file" / "host")


def run_host(directory: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "jobmagics.host", "--directory", str(directory), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=15, check=False)


def test_a_host_without_sessions_ends_by_itself(directory: Path) -> None:
    done = run_host(directory, "--idle-seconds", "0.5")
    assert done.returncode == 0
    assert "listening on 127.0.0.1" in done.stderr
    assert not HostFiles(directory).card.exists()


OF_VERSION = """
import sys, jobmagics
jobmagics.__version__ = sys.argv.pop(1)
from jobmagics.host.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


def launch(directory: Path, *options: str, version: str = __version__) -> subprocess.Popen[bytes]:
    """A host in the foreground, of whatever version."""
    process = subprocess.Popen(
        [sys.executable, "-c", OF_VERSION, version, "--directory", str(directory), *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: HostFiles(directory, version).read_card() is not None)
    return process


def test_an_older_host_keeps_its_sessions_and_takes_no_new_ones(directory: Path) -> None:
    older = launch(directory, version="0.0.9")
    old = host_info(start=False, directory=directory)
    assert old.version == "0.0.9", "better than none, for what runs there"
    with wsman_for(old) as wsman, RunspacePool(wsman) as pool:
        running_job = start(pool, "count 1 40 0.02")
        new = host_info(directory=directory)
        assert (new.version, new.pid != old.pid) == (__version__, True)
        assert host_info(directory=directory) == new
        assert host_of(pool.id, directory) == old
        assert {status.info.version: len(status.shells) for status in host_statuses(directory)} == {
            __version__: 0,
            "0.0.9": 1,
        }
        with wsman_for(old) as late, pytest.raises(WSManFaultError, match="newer version"):
            RunspacePool(late).open()
        assert running_job.end_invoke() == lines(1, 40)
    assert older.wait(10) == 0, "with its last session it ends"
    assert host_info(directory=directory) == new


def test_a_kernel_of_an_older_version_uses_the_newer_host(directory: Path) -> None:
    newer = launch(directory, version="99.0")
    assert host_info(directory=directory).version == "99.0"
    assert stop_host(directory) is True
    assert newer.wait(10) == 0


def test_who_does_not_show_the_secret_in_time_is_turned_away(directory: Path) -> None:
    process = launch(directory, "--Limits.max_silence=1")
    info = host_info(start=False, directory=directory)
    with wsman_for(info) as wsman, RunspacePool(wsman) as pool:
        silent = socket.create_connection((info.address, info.port))
        half = socket.create_connection((info.address, info.port))
        half.sendall(b"\x16\x03\x01")  # the beginning of a TLS greeting
        for stranger in (silent, half):
            stranger.settimeout(5)
            assert stranger.recv(1) == b""
            stranger.close()
        assert start(pool, "echo here").end_invoke() == ["here"]
    stop_host(directory)
    process.wait(10)


def test_many_strangers_do_not_keep_the_owner_out(directory: Path) -> None:
    info = host_info(directory=directory)
    strangers = [socket.create_connection((info.address, info.port)) for _ in range(400)]
    with wsman_for(info) as wsman, RunspacePool(wsman) as pool:
        assert start(pool, "echo here").end_invoke() == ["here"]
    for stranger in strangers:
        stranger.close()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("c.Limits.max_shells = 'many'", "max_shells"),
        ("c.Limits.", "settings"),
        ("c.Limits.max_shells = 0", "max_shells"),
    ],
)
def test_wrong_settings_are_told(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, words: str
) -> None:
    (tmp_path / "jupyter_jobmagics_host_config.py").write_text(text + "\n")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    with pytest.raises(HostError, match=words):
        host_info(directory=directory)


def test_settings_are_read_from_jupyters_configuration(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "jupyter_jobmagics_host_config.py").write_text("c.Limits.max_shells = 1\n")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    info = host_info(directory=directory)
    with (
        wsman_for(info) as first,
        RunspacePool(first),
        wsman_for(info) as second,
        pytest.raises(WSManFaultError, match="already has 1 sessions"),
    ):
        RunspacePool(second).open()


def test_a_taken_port_is_told(directory: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run_host(directory, "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "cannot listen on 127.0.0.1" in done.stderr.splitlines()[-1]


def test_a_second_host_for_the_same_directory_refuses_to_run(directory: Path) -> None:
    info = host_info(directory=directory)
    done = run_host(directory)
    assert done.returncode == 1
    assert "Another session host already runs" in done.stderr
    assert host_info(directory=directory).pid == info.pid


def test_a_use_while_the_host_is_ending_waits_and_starts_the_next_one(directory: Path) -> None:
    info = host_info(directory=directory)
    with wsman_for(info) as wsman:
        hung = RunspacePool(wsman, configuration_name="hangs")
        hung.shell.open()  # takes its host two seconds to end
        os.kill(info.pid, signal.SIGTERM)
        wait_until(lambda: not HostFiles(directory).card.exists())
        assert running(info.pid)
        second = host_info(directory=directory)
    assert second.pid != info.pid
    assert not running(info.pid)


def test_a_host_that_does_not_answer_is_told_with_the_remedy(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from jobmagics.host import client

    monkeypatch.setattr(client, "SETTLE_SECONDS", 0.3)
    info = host_info(directory=directory)
    os.kill(info.pid, signal.SIGSTOP)
    files = HostFiles(directory)
    card = files.card.read_text(encoding="utf-8")
    files.card.unlink()
    with pytest.raises(HostError, match="host stop"):
        host_info(directory=directory)
    files.card.write_text(card)
    os.kill(info.pid, signal.SIGCONT)
    files.card.chmod(0o600)
    assert host_info(directory=directory).pid == info.pid


def test_the_directory_is_named_by_the_environment_or_is_this_machines_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "chosen"))
    assert HostFiles().directory == tmp_path / "chosen"
    monkeypatch.delenv(ENVIRONMENT)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    monkeypatch.setattr("platform.node", lambda: "../odd name")
    assert HostFiles().directory == tmp_path / "jobmagics" / "host" / "_odd_name"
