"""Files to a session of the built-in engine and back: byte for byte, over cuts, in constant memory, and mistakes."""

from __future__ import annotations

import os
import random
import re
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.error import UsageError as ShellUsageError
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
from winrm import serving

from jobmagics import magics
from jobmagics.console import copying as console_copying
from jobmagics.copying import Advance, fetching, sending
from jobmagics.copying.local import PART, inside
from jobmagics.errors import InvalidOperation, JobMagicsError, NotFound, RemoteError, UsageError
from jobmagics.psrp import connect
from jobmagics.remote import ConnectionInfo
from jobmagics.results import PSSession
from jobmagics.sessions import SessionManager
from jobmagics.store import Store

ENGINE = "jobmagics.builtin"


@pytest.fixture
def manager(real_host: Path, tmp_path: Path) -> Iterator[SessionManager]:
    manager = SessionManager(Store.open(tmp_path / "ledger" / "jobs.sqlite"), connect, "notebook")
    yield manager
    manager.close()
    manager.store.close()


@pytest.fixture
def session(manager: SessionManager) -> PSSession:
    (session,) = manager.new_pssession([ConnectionInfo(configuration_name=ENGINE)])
    return session


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return made(tmp_path / "here")


@pytest.fixture
def there(tmp_path: Path) -> Path:
    return made(tmp_path / "there")


def made(place: Path) -> Path:
    place.mkdir()
    return place


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> int:
    for room in (sending, fetching):
        monkeypatch.setattr(room, "BLOCK", 64 * 1024)
    return 64 * 1024


def write(path: Path, size: int) -> bytes:
    data = random.Random(size).randbytes(size)
    path.write_bytes(data)
    return data


def cutting_at(block: int, cut: Callable[[], None]) -> tuple[Callable[[Advance], None], list[int]]:
    """A progress that cuts the connection once, and how far the copy was at each block."""
    told: list[int] = []

    def progress(advance: Advance) -> None:
        told.append(advance.done)
        if len(told) == block:
            cut()

    return progress, told


@pytest.mark.timeout(60)
def test_there_and_back_over_a_connection_that_is_cut(
    manager: SessionManager, here: Path, there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the encrypted messages of NTLM, for which a new connection has to sign in anew."""
    (here / "accounts").write_text("CORP:ada:right\n")
    monkeypatch.setenv("NTLM_USER_FILE", str(here / "accounts"))
    monkeypatch.setenv("JOBMAGICS_CREDENTIAL_ADA_USER", "CORP\\ada")
    monkeypatch.setenv("JOBMAGICS_CREDENTIAL_ADA_PASSWORD", "right")
    data = write(here / "big", 5_000_000)
    os.utime(here / "big", (1_500_000_000, 1_500_000_000))
    with serving("Negotiate") as server:
        where = ConnectionInfo(
            "127.0.0.1", port=server.port, authentication="NTLM", credential="ada", configuration_name=ENGINE
        )
        (session,) = manager.new_pssession([where])
        progress, told = cutting_at(2, server.cut)
        (sent,) = session.copy_to(str(here / "big"), str(there), progress=progress)
        assert (there / "big").read_bytes() == data
        assert told[-1] == len(data)
        progress, told = cutting_at(1, server.cut)
        (got,) = session.copy_from(str(there / "big"), str(here / "back"), progress=progress)
        assert (here / "back").read_bytes() == data
        assert (sent.size, sent.sha256) == (got.size, got.sha256) == (len(data), sent.sha256)
        assert len(server.signed_in) >= 3
        assert "goes on when it is back" in " ".join(manager.take_notices())
        assert session.availability == "Available"
        session.remove()
    assert [path.stat().st_mtime for path in (there / "big", here / "back")] == [1_500_000_000] * 2
    assert not list(there.glob("*" + PART)) + list(here.glob("*" + PART))


@pytest.mark.timeout(60)
def test_memory_does_not_grow_with_the_file(session: PSSession, here: Path, there: Path, small_blocks: int) -> None:
    for blocks in (1, 80):  # the first round warms what is made once
        data = write(here / "big", blocks * small_blocks)
        tracemalloc.start()
        session.copy_to(str(here / "big"), str(there / "big"))
        session.copy_from(str(there / "big"), str(here / "back"))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 40 * small_blocks, "an answer of the computer may have 500 KB"
    assert (here / "back").read_bytes() == data


@pytest.mark.parametrize("size", [0, 1, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 128 * 1024])
def test_sizes_around_a_block(session: PSSession, here: Path, there: Path, small_blocks: int, size: int) -> None:
    data = write(here / "file", size)
    session.copy_to(str(here / "file"), str(there / "new name"))
    assert (there / "new name").read_bytes() == data
    session.copy_from(str(there / "new name"), str(here / "file"))
    assert (here / "file").read_bytes() == data


@pytest.mark.parametrize("way", ["copy_to", "copy_from"])
def test_a_copy_that_was_broken_off_goes_on_where_it_was(
    session: PSSession, here: Path, there: Path, small_blocks: int, way: str
) -> None:
    source, target = (here, there) if way == "copy_to" else (there, here)
    data = write(source / "big", 10 * small_blocks)

    def interrupt() -> None:
        raise KeyboardInterrupt

    progress, told = cutting_at(6, interrupt)
    copy = getattr(session, way)
    with pytest.raises(KeyboardInterrupt):
        copy(str(source / "big"), str(target), progress=progress)
    assert not (target / "big").exists(), "half a file never has the name of a whole one"
    progress, told = cutting_at(0, interrupt)
    copy(str(source / "big"), str(target), progress=progress)
    assert told[0] >= 6 * small_blocks
    assert (target / "big").read_bytes() == data


def test_a_file_of_more_pieces_than_a_script_takes_goes_to_several(
    session: PSSession, here: Path, there: Path, small_blocks: int
) -> None:
    """WinRM takes 50 MB for one; here the last script has one byte, or nothing at all."""
    for size in (sending.PIECES * small_blocks + 1, 2 * sending.PIECES * small_blocks):
        data = write(here / "big", size)
        told: list[int] = []
        session.copy_to(str(here / "big"), str(there), progress=lambda advance, told=told: told.append(advance.done))
        assert (there / "big").read_bytes() == data
        assert told == [*range(small_blocks, size, small_blocks), size]


@pytest.mark.parametrize("way", ["copy_to", "copy_from"])
def test_what_is_left_of_another_file_is_not_taken(
    session: PSSession, here: Path, there: Path, small_blocks: int, way: str
) -> None:
    source, target = (here, there) if way == "copy_to" else (there, here)
    data = write(source / "big", 3 * small_blocks)
    write(target / ("big" + PART), small_blocks)
    getattr(session, way)(str(source / "big"), str(target))
    assert (target / "big").read_bytes() == data


@pytest.mark.parametrize("way", ["copy_to", "copy_from"])
def test_directories_with_all_that_is_in_them(session: PSSession, here: Path, there: Path, way: str) -> None:
    source, target = (here, there) if way == "copy_to" else (there, here)
    (source / "set" / "inner" / "empty").mkdir(parents=True)
    names = ["a.txt", "inner/größe 1.txt", "inner/[b]'s $x.txt"]
    for name in names:
        (source / "set" / name).write_text(name)
    copy = getattr(session, way)
    copied = copy(str(source / "set"), str(target), recurse=True)
    assert sorted(Path(each.source).name for each in copied) == sorted(Path(name).name for name in names)
    copy(str(source / "set"), str(target / "renamed"), recurse=True)
    for top in ("set", "renamed"):
        assert [(target / top / name).read_text() for name in names] == names
        assert (target / top / "inner" / "empty").is_dir()
    copy(str(source / "set" / "*.txt"), str(target) + "/texts/", recurse=False)
    assert [path.name for path in (target / "texts").iterdir()] == ["a.txt"]


def test_a_path_is_relative_to_where_the_session_is(session: PSSession, here: Path, there: Path) -> None:
    write(here / "file", 10)
    session.start("Set-Location -LiteralPath $args[0]", arguments=[str(there)]).wait()
    session.copy_to(str(here / "file"), "copy")
    session.copy_from("copy", str(here / "back"))
    assert (here / "back").read_bytes() == (there / "copy").read_bytes() == (here / "file").read_bytes()


@pytest.mark.parametrize("way", ["copy_to", "copy_from"])
def test_a_read_only_file_is_replaced_only_by_force(session: PSSession, here: Path, there: Path, way: str) -> None:
    source, target = (here, there) if way == "copy_to" else (there, here)
    (source / "file").write_text("new")
    (target / "file").write_text("old")
    (target / "file").chmod(0o444)
    copy = getattr(session, way)
    with pytest.raises((RemoteError, InvalidOperation), match="read-only"):
        copy(str(source / "file"), str(target))
    assert (target / "file").read_text() == "old"
    copy(str(source / "file"), str(target), force=True)
    assert (target / "file").read_text() == "new"


def test_what_cannot_be_copied_says_why(session: PSSession, here: Path, there: Path) -> None:
    write(here / "file", 1)
    (there / "file").write_text("")
    cases: list[tuple[Callable[[], object], type[JobMagicsError], str]] = [
        (lambda: session.copy_to(str(here / "none"), "x"), NotFound, "because it does not exist on this machine"),
        (lambda: session.copy_to(str(here / "no*"), "x"), NotFound, "does not exist on this machine"),
        (lambda: session.copy_to(str(here), str(there)), UsageError, "is a directory; add -Recurse"),
        (lambda: session.copy_to(str(here), str(there / "file"), recurse=True), UsageError, "is a file; name a direc"),
        (
            lambda: session.copy_to(str(here / "file"), str(there / "no" / "x")),
            RemoteError,
            "^localhost: Could not find a part",
        ),
        (lambda: session.copy_from(str(there / "none"), str(here)), RemoteError, "because it does not exist"),
        (lambda: session.copy_from(str(there / "no*"), str(here)), NotFound, "Nothing on localhost is named by"),
        (lambda: session.copy_from(str(there), str(here)), UsageError, "is a directory; add -Recurse"),
        (lambda: session.copy_from(str(there / "file"), str(here / "no" / "x")), UsageError, "cannot be written"),
    ]
    for copy, kind, said in cases:
        with pytest.raises(kind, match=said):
            copy()
        assert session.availability == "Available"


def test_a_busy_session_takes_no_files_and_a_copying_one_no_scripts(
    manager: SessionManager, session: PSSession, here: Path, there: Path
) -> None:
    write(here / "file", 10)
    job = session.start("'begun'; Start-Sleep 60")
    while not job.records():
        manager.wait_for_change(manager.version, 0.1)
    with pytest.raises(InvalidOperation, match="a pipeline is already running"):
        session.copy_to(str(here / "file"), str(there))
    job.stop()
    states: list[str] = []

    def progress(_: Advance) -> None:
        states.append(session.availability)
        other = session.start("1")
        other.wait(10)
        states.append(f"{other.state}: {other.children[0].reason}")

    session.copy_to(str(here / "file"), str(there), progress=progress)
    assert states[0] == "Busy"
    assert states[1].startswith("Failed: The pipeline was not run because a pipeline is already running.")
    session.disconnect()
    with pytest.raises(InvalidOperation, match="is Disconnected; only an Opened session takes files"):
        session.copy_to(str(here / "file"), str(there))


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/passwd", "a/./..", "a\0b"])
def test_a_name_from_a_remote_computer_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    with pytest.raises(RemoteError, match="would lead out of"):
        inside(tmp_path, name)


def test_a_remote_name_within_bounds(tmp_path: Path) -> None:
    assert inside(tmp_path, "set/..a/b") == tmp_path / "set" / "..a" / "b"


# -- in a cell


@pytest.fixture
def shell(manager: SessionManager, session: PSSession, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """With ``s``, a session. Its front end shows updates."""
    monkeypatch.setenv("JOBMAGICS_NOTEBOOK", "test")
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    shell.display_pub = CapturingDisplayPublisher()
    monkeypatch.setattr(shell, "kernel", object(), raising=False)
    monkeypatch.setattr(console_copying, "UPDATE_SECONDS", 0.0)
    magics.load(shell, lambda owner: manager)
    shell.user_ns["s"] = session
    yield shell
    magics.unload()


def shown(shell: InteractiveShell) -> list[str]:
    return [output["data"]["text/plain"] for output in shell.display_pub.outputs]


def test_the_magic_shows_a_bar_and_what_became_of_it(
    shell: InteractiveShell, here: Path, there: Path, small_blocks: int
) -> None:
    for name in ("a b", "c"):
        write(here / name, 3 * small_blocks)
    assert shell.run_line_magic("copy_item", f"-Path '{here}/a b',{here}/c {there} -ToSession s") is None
    lines = shown(shell)
    assert lines[0] == "a b  " + "█" * 10 + "░" * 20 + "  33 %  65.5 KB of 196.6 KB, file 1 of 2"
    assert lines[-1].startswith("Copied 2 files, 393.2 KB, ")
    assert lines[-1].endswith("/s, to localhost; SHA-256 is the same on both sides.")
    assert len({output["transient"]["display_id"] for output in shell.display_pub.outputs}) == 1
    back = shell.run_line_magic("copy_item", f"'{there}/a b' {here}/back -FromSession $s -PassThru")
    assert repr(back) == f"{there}/a b -> {here}/back (196.6 KB)"
    assert (here / "back").read_bytes() == (here / "a b").read_bytes()


def test_stopping_the_magic_says_how_to_go_on(
    shell: InteractiveShell,
    session: PSSession,
    here: Path,
    there: Path,
    small_blocks: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(here / "big", 10 * small_blocks)
    stopping = [KeyboardInterrupt]
    take = console_copying.CopyLine.take

    def interrupted(line: console_copying.CopyLine, advance: Advance) -> None:
        take(line, advance)
        if stopping and advance.done == 2 * small_blocks:
            raise stopping.pop()

    monkeypatch.setattr(console_copying.CopyLine, "take", interrupted)
    with pytest.raises(console_copying.CopyInterrupted, match="goes on where it was"):
        shell.run_line_magic("copy_item", f"{here}/big {there} -ToSession s")
    assert shown(shell)[-1] == "Stopped big at 20 %."
    assert session.availability == "Available"
    shell.display_pub.outputs.clear()
    shell.run_line_magic("copy_item", f"{here}/big {there} -ToSession s")
    first, *_ = re.findall(r"(\d+) %", shown(shell)[0])
    assert int(first) >= 30, "the third block is the first that may be sent now"
    assert (there / "big").read_bytes() == (here / "big").read_bytes()


def test_mistakes_in_the_line(shell: InteractiveShell) -> None:
    for line, said in (
        ("x", "needs -Path and -Destination"),
        ("x y", "needs -ToSession or -FromSession"),
        ("x y -ToSession s -FromSession s", "takes one of -ToSession or -FromSession"),
        ("x y -ToSession nobody", "there is none called nobody. One comes from: s = %get_pssession"),
        ("x y -ToSession s,s", "takes one session at a time, not 2"),
        ("x y z -ToSession s", "does not know what 'z' is for"),
        ("none y -ToSession s", "does not exist on this machine"),
    ):
        with pytest.raises(ShellUsageError, match=said):
            shell.run_line_magic("copy_item", line)
