"""The double hop is told in plain words, once for each script that meets it."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import FakeRemote, Run

from jobmagics.remote import ConnectionInfo
from jobmagics.sessions import SessionManager
from jobmagics.sessions.hints import hint_for
from jobmagics.store import Store

SHARE = "Access to the path '\\\\files01\\share' is denied."


@pytest.mark.parametrize(
    ("error", "connection", "is_told"),
    [
        (SHARE, ConnectionInfo("web01"), True),
        ("WinRM cannot process the request: error 0x8009030e", ConnectionInfo("web01"), True),
        (SHARE, ConnectionInfo("web01", authentication="CredSSP"), False),
        (SHARE, ConnectionInfo(), False),
        ("Access to the path 'C:\\x' is denied.", ConnectionInfo("web01"), False),
        ("Cannot find path '\\\\files01\\share' because it does not exist.", ConnectionInfo("web01"), False),
    ],
)
def test_what_looks_like_a_double_hop(error: str, connection: ConnectionInfo, is_told: bool) -> None:
    assert bool(hint_for(error.encode(), connection)) is is_told


def test_it_is_told_once(tmp_path: Path) -> None:
    remote = FakeRemote()

    def refused(run: Run) -> None:
        run.error(SHARE)
        run.error(SHARE)

    remote.on("dir", refused)
    manager = SessionManager(Store.open(tmp_path / "jobs.sqlite"), remote.connect, "notebook")
    job = manager.invoke("dir", connections=[ConnectionInfo("web01")])
    job.wait(10)
    told = [notice for notice in manager.take_notices() if "the double hop" in notice]
    assert len(told) == 1
    assert told[0].startswith("A script on web01 was refused by a third computer")
    manager.close()
    manager.store.close()
