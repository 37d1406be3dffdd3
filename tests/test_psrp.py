"""The seam over pypsrp: foreign errors, enumeration, and the real session host."""

from __future__ import annotations

import contextlib
import inspect
import os
import re
import signal
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path

import pypsrp.exceptions
import pytest
import requests
import spnego.exceptions
from hypothesis import given
from hypothesis import strategies as st

from jobmagics import errors
from jobmagics.errors import AccessDenied, ConnectionFailed, JobMagicsError, SessionBusy, SessionGone, UsageError
from jobmagics.host.client import host_info, stop_host
from jobmagics.psobject import PSObject
from jobmagics.psrp import PsrpPipeline, PsrpPool, connect
from jobmagics.psrp.creation import creation
from jobmagics.psrp.enumeration import seconds
from jobmagics.psrp.errors import FOREIGN, translate
from jobmagics.remote import ConnectionInfo, Detached, Invocation, PSSessionOption, StillOpening, new_id
from jobmagics.remote.fragments import Defragmenter, Kind
from jobmagics.remote.messages import pipeline_end
from jobmagics.sessions import SessionManager
from jobmagics.store import Store

HERE = ConnectionInfo()


def exceptions_of(module: object) -> list[type[Exception]]:
    found = [each for _, each in inspect.getmembers(module, inspect.isclass) if issubclass(each, Exception)]
    return [each for each in found if not issubclass(each, Warning) and not each.__name__.startswith("_")]


def made(kind: type[Exception]) -> Exception:
    """One of its kind, with the arguments that its text needs."""
    if issubclass(kind, pypsrp.exceptions.WSManFaultError):
        return kind(1, "web01", "why", None, None, None)
    if issubclass(kind, pypsrp.exceptions.WinRMTransportError):
        return kind("http", 500, "text")
    if issubclass(kind, pypsrp.exceptions._InvalidStateError):
        return kind(2, 3, "do that")
    if issubclass(kind, spnego.exceptions.SpnegoError) and kind is not spnego.exceptions.SpnegoError:
        return kind(context_msg="why")
    return kind.__new__(kind, "why")


ALL_FOREIGN = [
    *exceptions_of(pypsrp.exceptions),
    *exceptions_of(requests.exceptions),
    spnego.exceptions.InvalidCredentialError,
    spnego.exceptions.BadMechanismError,
    ET.ParseError,
]


@pytest.mark.parametrize("kind", ALL_FOREIGN)
def test_no_foreign_error_is_missed(kind: type[Exception]) -> None:
    assert issubclass(kind, FOREIGN)
    ours = translate(made(kind), ConnectionInfo("web01"))
    assert isinstance(ours, JobMagicsError)
    assert "\n" not in ours.message
    assert "web01" in ours.message


@pytest.mark.parametrize(
    ("code", "kind", "fqid"),
    [
        (0x8033805B, SessionGone, "CannotConnectTargetSessionDoesNotExist"),
        (0x803381CD, SessionBusy, "CannotConnectAlreadyConnected"),
        (0x803381C4, Detached, ""),
        (0x803381D0, StillOpening, "CannotConnectInvalidOperation"),
        (0x803381C6, errors.Fault, "CannotConnectMismatchSessions"),
        (0x803381C2, errors.Fault, "SessionCreateFailedInvalidName"),
        (5, AccessDenied, "AccessDenied"),
        (1326, AccessDenied, "LogonFailure"),
        (0x80338012, ConnectionFailed, "CannotConnect"),
        (42, errors.Fault, "42"),
    ],
)
def test_winrms_numbers(code: int, kind: type[JobMagicsError], fqid: str) -> None:
    ours = translate(pypsrp.exceptions.WSManFaultError(code, None, "why", None, None, None), ConnectionInfo("web01"))
    assert type(ours) is kind
    assert ours.fqid.startswith(fqid)


@given(st.integers(0, 9), st.integers(0, 30), st.integers(0, 90), st.integers(0, 5000))
def test_durations(days: int, hours: int, minutes: int, millis: int) -> None:
    text = f"P{days}DT{hours}H{minutes}M{millis / 1000:.3f}S"
    assert seconds(text) == pytest.approx(((days * 24 + hours) * 60 + minutes) * 60 + millis / 1000)


def test_what_is_no_duration() -> None:
    assert (seconds("PT7200.000S"), seconds(""), seconds("two hours")) == (7200, None, None)


@pytest.mark.parametrize(
    ("connection", "kind", "text"),
    [
        (ConnectionInfo("web01", authentication="Magic"), UsageError, "valid: Default, Basic"),
        (ConnectionInfo("web01", authentication="Basic"), UsageError, "password in the clear"),
        (ConnectionInfo("127.0.0.1", port=1), ConnectionFailed, "nothing listens at that port"),
        (ConnectionInfo("no-such-host.invalid", port=5985), ConnectionFailed, "no-such-host.invalid cannot be reached"),
    ],
)
def test_what_cannot_be_reached_says_why(connection: ConnectionInfo, kind: type[JobMagicsError], text: str) -> None:
    with pytest.raises(kind, match=text):
        connect(connection).list_shells()


# -- the real host -----------------------------------------------------------


@pytest.fixture
def pool(real_host: Path) -> Iterator[PsrpPool]:
    opened = connect(HERE).pool(new_id())
    opened.open("test", 600)
    yield opened
    with contextlib.suppress(ConnectionFailed, SessionBusy):  # cut off by the test, or taken over
        opened.close()


def run(pool: PsrpPool, script: str, *details: object) -> PsrpPipeline:
    pipeline = pool.pipeline(new_id())
    pipeline.begin(Invocation(script, *details))  # type: ignore[arg-type]
    return pipeline


def receive(pipeline: PsrpPipeline, until: Callable[[list[bytes]], bool] | None = None) -> list[bytes]:
    """Output as CLIXML, to the end of the pipeline or until there is enough."""
    joined, found = Defragmenter(), list[bytes]()
    while True:
        for message in joined.feed(pipeline.receive()):
            if message.kind == Kind.OUTPUT:
                found.append(message.data)
            if message.kind == Kind.PIPELINE_STATE and pipeline_end(message.data):
                return found
        if until is not None and until(found):
            return found


def test_a_pool_has_its_name_and_idle_timeout(pool: PsrpPool) -> None:
    (shell,) = connect(HERE).list_shells()
    assert (shell.shell_id, shell.name, shell.state) == (pool.pool_id, "test", "Connected")
    assert (shell.idle_timeout, shell.configuration_name) == (600, "Microsoft.PowerShell")


def test_buffering_is_asked_for_at_creation_and_at_disconnect(real_host: Path) -> None:
    option = PSSessionOption(output_buffering_mode="drop")
    pool = connect(ConnectionInfo(option=option)).pool(new_id())
    pool.open("dropping", None)
    (shell,) = connect(HERE).list_shells()
    assert shell.buffer_mode == "Drop"
    pool.disconnect(None, "Block")
    (shell,) = connect(HERE).list_shells()
    assert shell.buffer_mode == "Block"
    pool.close()


def test_output_arrives(pool: PsrpPool) -> None:
    pipeline = run(pool, "count 1 5")
    assert receive(pipeline) == [f"<S>line {n}</S>".encode() for n in range(1, 6)]
    pipeline.close()
    assert connect(HERE).list_commands(pool.pool_id) == []


def test_input_is_sent(pool: PsrpPool) -> None:
    pipeline = run(pool, "input", (), (), ["a", None, {"b": [1]}])
    assert receive(pipeline) == [b"<I32>3</I32>"]


def test_any_arguments_make_a_message_that_is_understood(pool: PsrpPool) -> None:
    """Each value brings its own reference numbers, which must not meet pypsrp's or each other's."""
    values = [{"a": [1, {"b": 2}]}, [[1], [2]], "x", None, PSObject({"p": [PSObject({"q": 1})]}), True, 1.5]
    pipeline = run(pool, "echo understood", values, [("one", values[0]), ("two", values[4])])
    assert receive(pipeline) == [b"<S>understood</S>"]


def test_a_script_before_a_script_and_its_values_are_numbered_apart(pool: PsrpPool) -> None:
    values = [{"a": [1, {"b": 2}]}, [3, [4]], "text"]
    invocation = Invocation("script", values, [("Name", values)], before=("before", values), own_scope=True)
    text = creation(pool.live, invocation)
    numbers = re.findall(r'<Obj [^>]*?RefId="(\d+)"', text)
    assert len(numbers) == len(set(numbers))
    assert text.count('<B N="UseLocalScope">true</B>') == 1
    plain = creation(pool.live, Invocation("script", values))
    assert 'UseLocalScope">true' not in plain


def test_stopping_beside_a_pending_receive(pool: PsrpPool) -> None:
    pipeline = run(pool, "count 1 1000 0.05")
    assert receive(pipeline, lambda found: len(found) >= 2)
    stopper = threading.Timer(0.2, pipeline.stop)
    stopper.start()
    begun = time.monotonic()
    receive(pipeline)
    assert time.monotonic() - begun < 5
    stopper.join()


def test_another_client_takes_over(pool: PsrpPool) -> None:
    pipeline = run(pool, "count 1 40 0.02")
    first = receive(pipeline, lambda found: len(found) >= 3)
    with pytest.raises(SessionBusy, match="held by another client"):
        connect(HERE).pool(pool.pool_id).connect()
    pool.disconnect(90)
    (shell,) = connect(HERE).list_shells()
    assert (shell.state, shell.idle_timeout) == ("Disconnected", 90)
    with pytest.raises(Detached):
        receive(pipeline)
    other = connect(HERE).pool(pool.pool_id)
    other.connect()
    again = other.pipeline(pipeline.pipeline_id)
    again.connect()
    rest = receive(again)
    lines = [f"<S>line {n}</S>".encode() for n in range(1, 41)]
    assert list(dict.fromkeys(first + rest)) == lines
    assert len(rest) < 40, "what was acknowledged is not sent again"
    other.close()


def test_reconnecting_after_a_cut(pool: PsrpPool) -> None:
    pipeline = run(pool, "count 1 40 0.02")
    joined, found = Defragmenter(), list[bytes]()
    for _ in range(3):
        found += [message.data for message in joined.feed(pipeline.receive()) if message.kind == Kind.OUTPUT]
    pool.live.connection.close()
    pool.reconnect()
    joined.forget_tail()
    while not joined.last_id or len(found) < 40:
        found += [message.data for message in joined.feed(pipeline.receive()) if message.kind == Kind.OUTPUT]
    assert found == [f"<S>line {n}</S>".encode() for n in range(1, 41)]


def test_a_pool_that_is_gone(pool: PsrpPool) -> None:
    connect(HERE).pool(pool.pool_id).close()
    with pytest.raises(SessionGone, match="no longer on localhost"):
        connect(HERE).pool(pool.pool_id).connect()


def test_a_host_that_is_gone(pool: PsrpPool, real_host: Path) -> None:
    stop_host(real_host)
    with pytest.raises(SessionGone, match="does not run any more"):
        pool.reconnect()


def test_an_unknown_configuration(real_host: Path) -> None:
    with pytest.raises(errors.Fault):
        connect(ConnectionInfo(configuration_name="no.such.thing")).pool(new_id()).open("x", None)


@pytest.mark.skipif(os.name != "posix", reason="POSIX modes")
def test_a_secret_that_others_can_read(real_host: Path) -> None:
    secret = host_info().secret_file
    secret.chmod(0o644)
    with pytest.raises(errors.HostError, match="chmod 600"):
        connect(HERE).list_shells()
    secret.chmod(0o600)


def test_a_host_call_is_answered(real_host: Path, tmp_path: Path) -> None:
    manager = SessionManager(Store.open(tmp_path / "jobs.sqlite"), connect, "notebook")
    job = manager.invoke("ask")
    while job.question is None:
        assert str(job.state) in {"Running", "Blocked"}
        time.sleep(0.01)
    job.answer("Ada")
    assert job.wait(10)
    assert "Ada" in str(job.receive()[0])
    manager.close()
    manager.store.close()


def test_an_engine_that_dies_fails_its_job(real_host: Path, tmp_path: Path) -> None:
    manager = SessionManager(Store.open(tmp_path / "jobs.sqlite"), connect, "notebook")
    (session,) = manager.new_pssession([HERE])
    job = session.start("die 3 oh-no")
    job.wait(15)
    assert (str(job.state), session.state) == ("Failed", "Broken")
    assert "oh-no" in job.reason
    manager.close()
    manager.store.close()


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_killed_host_fails_its_jobs_at_once_and_is_started_anew(real_host: Path, tmp_path: Path) -> None:
    manager = SessionManager(Store.open(tmp_path / "jobs.sqlite"), connect, "notebook")
    job = manager.invoke("count 1 1000 0.02")
    while not job.records():
        time.sleep(0.01)
    os.kill(host_info(start=False).pid, signal.SIGKILL)
    assert manager.wait([job], timeout=10) == [job]
    assert str(job.state) == "Failed"
    assert "does not run any more" in job.reason
    assert job.receive()[0] == "line 1", "what came until then is kept"
    (session,) = manager.new_pssession([HERE])
    again = session.start("echo here")
    again.wait(10)
    assert again.receive() == ["here"]
    manager.close()
    manager.store.close()
