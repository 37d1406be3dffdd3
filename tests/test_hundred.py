"""A hundred computers at once: all rows right, and a dead one stalls nothing. The session host of this machine is most
of them; one does not answer at its port, one accepts and says nothing, one does not take the password.
"""

from __future__ import annotations

import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from jobmagics import computer, current, magics
from jobmagics.errors import ConnectionFailed
from jobmagics.host.client import host_info
from jobmagics.remote import PSSessionOption
from jobmagics.sessions import SessionManager
from jobmagics.store import Store

WELL = 97
THROTTLE = 32
pytestmark = pytest.mark.timeout(240)  # a hundred engines start


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that accepts and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def shell(real_host: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    monkeypatch.setenv("JOBMAGICS_NOTEBOOK", "hundred")
    monkeypatch.setenv("JOBMAGICS_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("JOBMAGICS_CREDENTIAL_WRONG_USER", "ada")
    monkeypatch.setenv("JOBMAGICS_CREDENTIAL_WRONG_PASSWORD", "not it")
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    shell.display_pub = CapturingDisplayPublisher()
    magics.load(shell)
    yield shell
    magics.unload()


def until(ready: Callable[[], object], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def test_a_hundred_computers(shell: InteractiveShell, silent: int, closed_port: int) -> None:
    trusting = PSSessionOption(skip_ca_check=True, skip_cn_check=True)
    hanging = computer("127.0.0.1", port=silent)
    refused = computer("127.0.0.1", port=host_info().port, use_ssl=True, authentication="Basic", credential="wrong",
                       session_option=trusting)  # fmt: skip
    absent = computer("127.0.0.1", port=closed_port)
    shell.user_ns["hosts"] = [hanging, refused, absent, *["localhost"] * WELL]
    shell.run_cell_magic("remote_job", f"$hosts -JobName many -ThrottleLimit {THROTTLE} -OutVariable job", "count 1 3")
    job = shell.user_ns["job"]
    assert len(job.children) == WELL + 3
    first, *_ = job.children
    until(lambda: Counter(str(child.state) for child in job.children)["Completed"] == WELL, 200)
    assert str(first.state) == "NotStarted", "the silent one still holds its slot, and all others are done"
    assert str(job.state) == "Running"

    job.stop()
    assert Counter(str(child.state) for child in job.children) == {"Completed": WELL, "Failed": 2, "Stopped": 1}
    assert str(job.state) == "Failed"
    assert "did not accept the user name or password" in job.children[1].reason
    assert "nothing listens at that port" in job.children[2].reason

    rows = shell.run_line_magic("receive_job", "many")
    assert list(rows) == ["line 1", "line 2", "line 3"] * WELL
    assert [error.computer_name for error in rows.errors] == ["127.0.0.1", "127.0.0.1"]
    frame = rows.to_pandas()
    assert frame.groupby("PSComputerName")["value"].count().to_dict() == {"localhost": 3 * WELL}


def test_a_silent_computer_is_given_up_after_the_open_timeout(
    silent: int, real_host: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.open(tmp_path / "ledger.sqlite")
    manager = SessionManager(store, current._connect, "silent")
    with pytest.raises(ConnectionFailed, match="did not answer in time"):
        manager.new_pssession(computer("127.0.0.1", port=silent, session_option=PSSessionOption(open_timeout=1)))
    manager.close()
    store.close()
