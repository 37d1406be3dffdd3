"""The history of cells: of the user, private, bounded; one that cannot be kept is an empty one."""

from __future__ import annotations

import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobmagics.store import history as module
from jobmagics.store.history import History


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    history = History(tmp_path / "deep" / "history.sqlite")
    yield history
    history.close()


def add(history: History, *sources: str) -> None:
    for line, source in enumerate(sources, 1):
        history.add(line, source)


def test_the_newest_oldest_first(history: History) -> None:
    add(history, "a", "b", "c")
    assert history.tail(2) == [(1, 2, "b"), (1, 3, "c")]
    assert history.tail(0) == []


def test_search_by_pattern_and_each_text_once(history: History) -> None:
    add(history, "Get-Job", "Get-Item .", "Get-Job", "other")
    assert [source for _, _, source in history.search("Get-*")] == ["Get-Job", "Get-Item .", "Get-Job"]
    assert history.search("Get-*", unique=True) == [(1, 2, "Get-Item ."), (1, 3, "Get-Job")]
    assert history.search("Get-*", 1) == [(1, 3, "Get-Job")]


def test_kernels_have_numbers_of_their_own_and_can_read_each_other(history: History) -> None:
    add(history, "first kernel")
    later = History(history._path)
    add(later, "second kernel", "more")
    assert later.range(0, 1, None) == [(2, 1, "second kernel"), (2, 2, "more")]
    assert later.range(-1, 1, None) == [(1, 1, "first kernel")]
    assert later.range(1, 1, 2) == [(1, 1, "first kernel")]
    later.close()


def test_it_does_not_grow_for_ever(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_CELLS", 3)
    add(history, *"abcde")
    assert [source for _, _, source in history.tail(10)] == ["c", "d", "e"]


@pytest.mark.skipif(sys.platform == "win32", reason="file modes are POSIX's here")
def test_scripts_may_hold_secrets_so_the_file_is_private(history: History) -> None:
    add(history, "a")
    assert stat.S_IMODE(history._path.stat().st_mode) == 0o600


def test_a_file_that_is_no_history_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    path.write_bytes(b"something else entirely, and longer than a header of SQLite is: " * 20)
    before = path.read_bytes()
    history = History(path)
    add(history, "a")
    assert history.tail(5) == []
    assert path.read_bytes() == before
