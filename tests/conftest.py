"""What tests of several rooms share: a real session host, whose engine is the small one of the host's tests."""

from __future__ import annotations

import gc
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import FakeRemote
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from sshd import Sshd, require_sshd
from traitlets.config import Config

from jobmagics import magics
from jobmagics.host.client import stop_host
from jobmagics.sessions import SessionManager
from jobmagics.store import Store

ENGINE = Path(__file__).parent / "host" / "engine.py"


@pytest.fixture
def real_host(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Its state directory. The first connection starts it."""
    directory = Path(tempfile.mkdtemp(prefix="jmc"))
    engines = directory / "engines.json"
    engines.touch(mode=0o600)
    engines.write_text(json.dumps({"Microsoft.PowerShell": [sys.executable, str(ENGINE)]}))
    monkeypatch.setenv("JOBMAGICS_HOST_DIR", str(directory))
    yield directory
    gc.collect()  # a connection that was forgotten shows here, and not in a later test
    stop_host(directory)
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="module")
def sshd() -> Iterator[Sshd]:
    """A real sshd whose PowerShell is the built-in engine."""
    require_sshd()
    place = Path(tempfile.mkdtemp(prefix="jms"))
    server = Sshd(place)
    yield server
    server.close()
    shutil.rmtree(place)


@pytest.fixture
def remote() -> FakeRemote:
    """Computers that the test plays."""
    remote = FakeRemote()
    remote.on("three", lambda run: [run.output(f"line {n}") for n in (1, 2, 3)])
    return remote


@pytest.fixture
def shell(remote: FakeRemote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """An IPython shell with the magics, over these computers."""
    monkeypatch.setenv("JOBMAGICS_NOTEBOOK", "test")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    shell.display_pub = CapturingDisplayPublisher()
    store = Store.open(tmp_path / "ledger.sqlite")
    magics.load(shell, lambda owner: SessionManager(store, remote.connect, owner))
    yield shell
    magics.unload()
    store.close()
