"""The ledger: what was written is read again, damage is moved aside, and trouble is told in one sentence."""

from __future__ import annotations

import contextlib
import datetime
import re
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobmagics.errors import StoreError
from jobmagics.jobs import Failure
from jobmagics.remote import ConnectionInfo, PSSessionOption
from jobmagics.remote.fragments import Defragmenter, Kind, Message, Rest, fragment
from jobmagics.store import (
    MIGRATIONS,
    PAGE_MESSAGES,
    ChildRecord,
    JobRecord,
    Lease,
    SessionRecord,
    Store,
    default_path,
)
from jobmagics.store.salvage import salvage

NOW = datetime.datetime(2026, 11, 22, 12, 0, 0, 5, tzinfo=datetime.timezone.utc)


@pytest.fixture(autouse=True)
def stores_are_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ledgers that a test leaves open, as a killed kernel does: CPython 3.13 warns of an open connection."""
    opened: list[Store] = []
    really_open = Store.open

    def open_and_note(path: Path | str | None = None) -> Store:
        opened.append(really_open(path))
        return opened[-1]

    monkeypatch.setattr(Store, "open", open_and_note)
    yield
    for store in opened:
        store.close()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "deep" / "jobs.sqlite")


def a_job(store: Store, owner: str = "me", children: int = 1) -> tuple[JobRecord, list[ChildRecord]]:
    first = store.take_numbers(owner, "job", 1 + children)
    job = JobRecord(f"{owner}-{first}", first, "Job", "RemoteJob", " 1 + 1 ")
    of_it = [ChildRecord(f"i{n}", first + 1 + n, f"Job{n}", "web01", f"pool{n}", f"pipe{n}") for n in range(children)]
    store.add_job(owner, job, of_it)
    return job, of_it


def test_a_session_comes_back_as_it_was(store: Store) -> None:
    place = ConnectionInfo("web01", 5986, True, "Kerberos", "admin", option=PSSessionOption(idle_timeout=90.0))
    record = SessionRecord("POOL", 4, "One", place, "Disconnected", True, 90.0, NOW)
    store.save_session("me", record)
    assert store.load("me").sessions == [record]
    assert store.load("you").sessions == []
    store.forget_session(record)
    assert store.load("me").sessions == []


def test_jobs_and_children_come_back_as_they_were(store: Store) -> None:
    job, (child,) = a_job(store)
    job.state, job.began, job.stop_called = "Running", NOW, True
    child.state, child.began, child.ended, child.failure = "Failed", NOW, NOW, Failure("no", "Id", "OpenError")
    child.last_object, child.counts = 9, {"output": 3}
    store.save_job(job)
    store.save_child(child)
    child.read_to = 2
    store.save_read_to(child)
    ledger = store.load("me")
    assert (ledger.jobs, ledger.children) == ([job], [child])


def test_numbers_are_never_given_twice(store: Store) -> None:
    assert [store.take_numbers("me", "job", 3), store.take_numbers("me", "job"), store.take_numbers("you", "job")] == [
        1,
        4,
        1,
    ]
    store.close()
    assert Store.open(store.path).take_numbers("me", "job") == 5


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(st.binary(max_size=50), max_size=5), max_size=8))
def test_any_messages_are_read_as_they_came(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[bytes]]
) -> None:
    store = Store.open(tmp_path_factory.mktemp("store") / "jobs.sqlite")
    _, (one, other) = a_job(store, children=2)
    for batch in batches:
        for child in (one, other):
            store.append(child, [Message(Kind.OUTPUT, data, 1) for data in batch], NOW)
    flat = [data for batch in batches for data in batch]
    for child in (one, other):
        assert [message.data for message in store.messages(child.key, 0, child.sequence)] == flat
        assert child.counts.get("output", 0) == child.sequence == child.last_data == len(flat)
    store.close()


def test_a_reading_goes_page_by_page(store: Store) -> None:
    _, (child,) = a_job(store)
    count = PAGE_MESSAGES * 2 + 7
    store.append(child, [Message(Kind.OUTPUT, str(n).encode()) for n in range(count)], NOW)
    found = list(store.messages(child.key, 5, count - 3))
    assert [int(message.data) for message in found] == list(range(5, count - 3))
    assert found[0].time == NOW
    last = store.last_message(child.key, frozenset({int(Kind.OUTPUT)}))
    assert last is not None
    assert last.sequence == count
    assert store.last_message(child.key, frozenset({int(Kind.PROGRESS)})) is None


def test_what_failed_was_not_written(store: Store) -> None:
    _, (child,) = a_job(store)

    def fail_in_the_middle() -> None:
        with store.writing():
            store.append(child, [Message(Kind.OUTPUT, b"x")], NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_in_the_middle()
    assert list(store.messages(child.key, 0, 10)) == []


def test_a_removed_job_is_hidden_but_readable_until_the_purge(store: Store) -> None:
    job, (child,) = a_job(store)
    store.append(child, [Message(Kind.OUTPUT, b"x")], NOW)
    store.hide_job(job)
    assert store.load("me").jobs == store.load("me").children == []
    assert len(list(store.messages(child.key, 0, 1))) == 1
    store.purge("me")
    assert list(store.messages(child.key, 0, 1)) == []


def test_what_is_purged_is_nowhere_in_the_file(store: Store) -> None:
    job, (child,) = a_job(store)
    store.append(child, [Message(Kind.OUTPUT, b"<S>a secret that was printed</S>")] * 500, NOW)
    store.settle(1)
    assert b"a secret" in store.path.read_bytes()
    store.hide_job(job)
    store.purge("me")
    store.settle(1)
    for file in store.path.parent.glob("jobs.sqlite*"):
        assert b"a secret" not in file.read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")
def test_the_file_is_private(store: Store) -> None:
    a_job(store)
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700
    for path in store.path.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


@pytest.mark.parametrize(
    "garbage", [b"not a database at all, but long enough to look at" * 50, b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_a_damaged_file_is_moved_aside(tmp_path: Path, garbage: bytes) -> None:
    path = tmp_path / "jobs.sqlite"
    path.write_bytes(garbage)
    store = Store.open(path)
    assert store.notice is not None
    assert "was damaged" in store.notice
    assert "\n" not in store.notice
    a_job(store)
    (aside,) = tmp_path.glob("*.damaged-*")
    assert aside.read_bytes() == garbage
    assert str(aside) in store.notice


def test_damage_that_only_reading_the_output_meets_is_moved_aside_by_the_next_kernel(store: Store) -> None:
    _job, (child,) = a_job(store)
    with store.writing():
        store.append(child, [Message(Kind.OUTPUT, b"<S>" + b"x" * 1000 + b"</S>") for _ in range(2000)], NOW)
        store.save_child(child)
    store.close()
    with contextlib.closing(sqlite3.connect(store.path)) as connection:
        page = connection.execute("PRAGMA page_size").fetchone()[0]
    content = bytearray(store.path.read_bytes())
    middle = len(content) // 2 // page * page
    content[middle : middle + page] = b"\xff" * page
    store.path.write_bytes(content)
    first = Store.open(store.path)
    assert first.notice is None, "opening reads only the ends of a log"
    with pytest.raises(StoreError, match=r"restart the kernel, and a damaged file is moved aside"):
        list(first.messages(child.key, 0, 2000))
    first.close()
    second = Store.open(store.path)
    assert second.notice is not None
    found = re.search(r"1 job with (\d+) of 2000 records were saved from it, and it is kept as", second.notice)
    assert found, second.notice
    (job,), (kept,) = (second.load("me").jobs, second.load("me").children)
    assert (job.name, job.command) == ("Job", " 1 + 1 ")
    numbers = [message.sequence for message in second.messages(kept.key, 0, kept.sequence)]
    assert len(numbers) == int(found[1]) > 1900, "all but those on the damaged page"
    assert numbers == sorted(set(numbers))
    second.close()
    assert Store.open(store.path).notice is None


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=4), st.binary(min_size=1, max_size=1))
def test_damage_anywhere_costs_what_lies_on_it(
    tmp_path_factory: pytest.TempPathFactory, places: list[int], junk: bytes
) -> None:
    store = Store.open(tmp_path_factory.mktemp("store") / "jobs.sqlite")
    _job, children = a_job(store, children=3)
    for number in range(300):
        for child in children:
            store.append(child, [Message(Kind.OUTPUT, b"<S>%d " % number + b"x" * 100 + b"</S>")], NOW)
    with store.writing():
        for child in children:
            store.save_child(child)
    store.close()
    page = 4096
    content = bytearray(store.path.read_bytes())
    damaged = {1 + place % (len(content) // page - 1) for place in places}  # the first page is the head of it all
    for number in damaged:
        content[number * page : (number + 1) * page] = junk * page
    store.path.write_bytes(content)
    new = Store.open(store.path.with_name("new.sqlite"))
    saved = salvage(store.path, new._writer)
    for child in new.load("me").children:
        found = [message.data for message in new.messages(child.key, 0, child.sequence)]
        numbers = [int(data.split()[0].removeprefix(b"<S>")) for data in found]
        assert numbers == sorted(set(numbers))
    if len(new.load("me").children) == 3:
        assert saved.messages + saved.lost == 900
    elif saved.messages < 900:
        assert saved.lost or not saved.jobs, "nobody is told that all is there"
    new.close()


def test_a_sound_file_is_left_where_it_is(store: Store) -> None:
    a_job(store)
    store.close()
    again = Store.open(store.path)
    assert again.notice is None
    assert len(again.load("me").jobs) == 1


def test_a_newer_file_is_refused_and_not_touched(store: Store) -> None:
    store.close()
    with sqlite3.connect(store.path) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(StoreError, match=r"made by a newer jobmagics.*Update jobmagics"):
        Store.open(store.path)


def test_kernels_that_start_at_once_share_a_new_file(tmp_path: Path) -> None:
    path, first_ids, failed = tmp_path / "jobs.sqlite", list[int](), list[Exception]()
    barrier = threading.Barrier(8)

    def start() -> None:
        barrier.wait()
        try:
            store = Store.open(path)
            first_ids.append(store.take_numbers("me", "job"))
            store.close()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted(first_ids) == list(range(1, 9))
    assert list(tmp_path.glob("*.damaged-*")) == []


def test_a_locked_file_says_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    holder = sqlite3.connect(store.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr("jobmagics.store.file.BUSY_SECONDS", 0.05)
    other = Store(store.path)
    with pytest.raises(StoreError, match=r"locked.*another process holds it"):
        other.take_numbers("me", "job")
    holder.execute("ROLLBACK")
    holder.close()
    assert other.take_numbers("me", "job") == 1
    other.close()


def test_a_full_disk_says_so(store: Store) -> None:
    _, (child,) = a_job(store)
    pages = store._writer.execute("PRAGMA page_count").fetchone()[0]
    store._writer.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StoreError, match="disk is full; free some space"):
        store.append(child, [Message(Kind.OUTPUT, b"x" * 100_000)], NOW)


def test_a_place_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot be written.*JOBMAGICS_DATA_DIR"):
        Store.open(tmp_path / "file" / "jobs.sqlite")


def test_the_environment_names_the_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBMAGICS_DATA_DIR", str(tmp_path))
    assert default_path().parent == tmp_path


def test_a_store_of_version_1_is_read(tmp_path: Path) -> None:
    """The file in tests/data was written by the first version and stays there for ever."""
    path = tmp_path / "jobs.sqlite"
    path.write_bytes((Path(__file__).parent / "data" / "store_v1.sqlite").read_bytes())
    store = Store.open(path)
    ledger = store.load("notebook")
    assert [(job.id, job.name, job.state) for job in ledger.jobs] == [(1, "Job1", "Completed"), (3, "Job3", "Running")]
    (first, second) = ledger.children
    assert [message.data for message in store.messages(first.key, 0, first.sequence)] == [b"<S>one</S>", b"<S>two</S>"]
    assert store.unfinished(second.key) == b"\x00\x01"
    assert [session.name for session in ledger.sessions] == ["Runspace1"]


def test_a_store_of_version_2_is_read(tmp_path: Path) -> None:
    """As above: cursors, a parked session of a dead kernel, and a job that was to leave no output on disk."""
    path = tmp_path / "jobs.sqlite"
    path.write_bytes((Path(__file__).parent / "data" / "store_v2.sqlite").read_bytes())
    store = Store.open(path)
    owner = "path:/home/ann/report.ipynb"
    lease = Lease(store, owner)
    assert lease.take_over() == []
    ledger = store.load(owner, lease.holder)
    assert [(job.name, job.state) for job in ledger.jobs] == [("Night", "Completed"), ("Secret", "Running")]
    (night, secret) = ledger.children
    assert [message.data for message in store.messages(night.key, 0, night.sequence)] == [b"<S>one</S>", b"<S>two</S>"]
    assert (store.cursor("dashboard", night.key), store.cursor("another", night.key)) == (1, 0)
    assert (secret.is_unstored, secret.sequence, secret.counts) == (True, 1, {"output": 1})
    assert list(store.messages(secret.key, 0, 1)) == []
    (session,) = ledger.sessions
    assert (session.is_parked, session.connection.computer_name, session.idle_timeout) == (True, "web01", 90.0)
    lease.release()
    store.close()


def test_a_store_of_version_3_is_read(tmp_path: Path) -> None:
    """As above: a large object of which two pieces had come."""
    path = tmp_path / "jobs.sqlite"
    path.write_bytes((Path(__file__).parent / "data" / "store_v3.sqlite").read_bytes())
    store = Store.open(path)
    (child,) = store.load("path:/home/ann/report.ipynb").children
    joined = Defragmenter(child.last_object, store.unfinished(child.key))
    rest = list(fragment(Message(Kind.OUTPUT, b"<S>0123456789</S>", 2).pack(), 2, 20))[2:]
    assert [message.data for message in joined.feed(b"".join(rest))] == [b"<S>0123456789</S>"]


def test_the_pieces_of_an_unfinished_message_are_kept_once_each_until_it_is_whole(store: Store) -> None:
    _, (child, other) = a_job(store, children=2)
    store.save_rest(other, Rest(b"another's"))
    for number in range(3):
        store.save_rest(child, Rest(b"%d" % number, continues=number > 0))
    assert store.unfinished(child.key) == b"012"
    store.save_rest(child, Rest(b"next", continues=False))
    assert store.unfinished(child.key) == b"next", "the one before became whole, or was given up"
    store.save_rest(child, Rest())
    assert (store.unfinished(child.key), store.unfinished(other.key)) == (b"", b"another's")


def test_what_is_unfinished_goes_with_its_pipeline_and_ends_with_its_job(store: Store) -> None:
    job, (child,) = a_job(store)
    store.save_rest(child, Rest(b"half"))
    _, (later,) = a_job(store)
    store.adopt_log(later)
    assert store.unfinished(later.key) == b"half"
    store.delete_job(job.key)
    assert (store.unfinished(child.key), store.unfinished(later.key)) == (b"", b"half")


def test_nothing_of_an_unstored_child_is_on_disk(store: Store) -> None:
    _, (child,) = a_job(store)
    child.is_unstored = True
    store.save_rest(child, Rest(b"secret"))
    assert store.unfinished(child.key) == b""


def test_an_older_ledger_that_is_damaged_keeps_what_was_unfinished(tmp_path: Path) -> None:
    old = tmp_path / "old.sqlite"
    old.write_bytes((Path(__file__).parent / "data" / "store_v1.sqlite").read_bytes())
    store = Store.open(tmp_path / "jobs.sqlite")
    salvage(old, store._writer)
    (second,) = [child for child in store.load("notebook").children if child.id == 4]
    assert store.unfinished(second.key) == b"\x00\x01"


def test_every_version_has_a_file_that_is_kept() -> None:
    kept = {path.name for path in (Path(__file__).parent / "data").glob("store_v*.sqlite")}
    assert kept == {f"store_v{number}.sqlite" for number in range(1, len(MIGRATIONS) + 1)}


def test_a_second_opening_does_not_let_go_of_the_first(tmp_path: Path) -> None:
    """A process that closes any handle of a file loses all its locks on it; the next process to leave then took itself
    for the last, and took the log away from under this one.
    """
    path = tmp_path / "jobs.sqlite"
    first = Store.open(path)
    first.take_numbers("notebook", "job")
    second = Store.open(path)
    visit = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT count(*) FROM sessions'); c.close()"
    )
    subprocess.run([sys.executable, "-c", visit, str(path)], check=True)
    assert path.with_name("jobs.sqlite-wal").exists()
    assert [store.take_numbers("notebook", "job") for store in (first, second, first)] == [2, 3, 4]
    first.close()
    second.close()
