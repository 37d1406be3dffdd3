"""The live ends of sessions: opened, connected, disconnected and closed, with each step in the ledger before and after.

Blocking; called from worker threads, or from a person's thread when it has to wait for the result anyway.
A session's ``guard`` lets one of these through at a time.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from jobmagics.errors import ConnectionFailed, JobMagicsError, RemoteError
from jobmagics.remote import Connector
from jobmagics.results.entries import CLOSED_STATES, SessionEntry
from jobmagics.sessions.applier import Report, SessionIs

OPEN_RETRY_SECONDS = 1.0
STANDBY_THREADS = 16
"""Sessions that are left at a time: a computer that does not answer holds one of these threads up, and no other."""

Post = Callable[[Report], threading.Event]
T = TypeVar("T")
log = logging.getLogger(__name__)


class Links:
    """Opens and closes sessions. ``closing`` is set when the manager ends and no wait is worth it any more."""

    def __init__(self, connector: Connector, post: Post) -> None:
        self.connector = connector
        self.closing = threading.Event()
        self._post = post

    def set_state(
        self,
        session: SessionEntry,
        state: str,
        *,
        forget: bool = False,
        idle: float | None = None,
        is_parked: bool = False,
    ) -> None:
        """The state is committed and true when this returns."""
        self._post(SessionIs(session, state, forget, idle, is_parked)).wait()

    def open(self, session: SessionEntry) -> None:
        """Raises what ``errors`` has; the session is then gone from the ledger."""
        with session.guard:
            self.set_state(session, "Opening")
            try:
                self._open(session)
            except JobMagicsError:
                self.set_state(session, "Broken", forget=True)
                raise
            self.set_state(session, "Opened")

    def open_once(self, session: SessionEntry) -> None:
        """The same for a session that several pipelines wait for: who comes later gets what the first one got."""
        with session.guard:
            if session.refusal is not None:
                raise session.refusal
            if session.state != "BeforeOpen":
                return
            try:
                self.open(session)
            except JobMagicsError as error:
                session.refusal = error
                raise

    def _open(self, session: SessionEntry) -> None:
        record = session.record
        pool = session.endpoint.pool(record.pool_id)
        for attempt in range(record.connection.option.max_connection_retry_count + 1):
            if attempt:
                self.closing.wait(OPEN_RETRY_SECONDS)
            try:
                pool.open(record.name, record.idle_timeout)
                break
            except ConnectionFailed:
                if attempt == record.connection.option.max_connection_retry_count:
                    raise
        session.pool = pool

    def attach(self, session: SessionEntry) -> list[str] | None:
        """Takes a disconnected session over and gives the ids of the pipelines it has; None when somebody else was
        faster, who then goes on with them. Raises SessionBusy, SessionGone and others.
        """
        with session.guard:
            if session.state != "Disconnected":
                return None
            if session.pool is not None:  # disconnected by us, or lost: to the server we are the same client
                session.pool.reconnect()
            else:
                pool = session.endpoint.pool(session.record.pool_id)
                pool.connect()
                session.pool = pool
            commands = session.pool.list_commands()
            session.held_elsewhere, session.trouble = False, ""
            self.set_state(session, "Opened")
            return commands

    def detach(
        self,
        session: SessionEntry,
        idle_timeout: float | None = None,
        mode: str | None = None,
        *,
        is_parked: bool = False,
    ) -> None:
        """Disconnects; what runs goes on there. ``is_parked``: until a person connects it."""
        with session.guard:
            assert session.pool is not None
            before = session.state
            self.set_state(session, "Disconnecting")
            try:
                session.pool.disconnect(idle_timeout, mode)
            except JobMagicsError:
                self.set_state(session, before)
                raise
            self.set_state(session, "Disconnected", idle=idle_timeout, is_parked=is_parked)

    def close(self, session: SessionEntry) -> None:
        """Deletes it on its computer, and in the ledger even if that cannot be reached."""
        with session.guard:
            if session.state == "Closed":
                return
            if session.state == "BeforeOpen":  # nothing of it is anywhere but here
                self.set_state(session, "Closed", forget=True)
                return
            self.set_state(session, "Closing")
            try:
                pool = session.pool or session.endpoint.pool(session.record.pool_id)
                pool.close()
            finally:
                self.set_state(session, "Closed", forget=True)

    def close_quietly(self, session: SessionEntry) -> None:
        """For a job's own session, which nobody would read an error about: the idle time-out ends what cannot be
        reached. If somebody else is closing it, this waits for that.
        """
        with session.guard, contextlib.suppress(RemoteError):
            if session.state not in CLOSED_STATES:
                self.close(session)


class Standby:
    """A few threads made beforehand: from Python 3.12 on, an interpreter that ends starts no more, and leaving in order
    is work for just then.
    """

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()

    def start(self) -> None:
        for _ in range(STANDBY_THREADS):
            threading.Thread(target=self._run, name="jobmagics-standby", daemon=True).start()

    def _run(self) -> None:
        while (work := self._queue.get()) is not None:
            work()

    def finish(self, items: Iterable[T], work: Callable[[T], None], timeout: float) -> None:
        """Does the work on all items, for at most ``timeout`` seconds, and lets the threads go."""
        done = []
        for item in items:
            done.append(threading.Event())
            self._queue.put(_announced(work, item, done[-1]))
        for _ in range(STANDBY_THREADS):
            self._queue.put(None)
        deadline = time.monotonic() + timeout
        for event in done:
            event.wait(max(0.0, deadline - time.monotonic()))


def _announced(work: Callable[[T], None], item: T, done: threading.Event) -> Callable[[], None]:
    def run() -> None:
        try:
            work(item)
        except JobMagicsError as error:
            log.info("a session was left as it is (%s)", type(error).__name__)
        except Exception:
            log.exception("a session could not be left in order")
        finally:
            done.set()

    return run


def in_parallel(items: Iterable[T], work: Callable[[T], None], limit: int) -> list[tuple[T, Exception]]:
    """Runs ``work`` on all, ``limit`` at a time, and gives the ones that raised."""
    waiting = list(reversed(list(items)))
    failed: list[tuple[T, Exception]] = []
    lock = threading.Lock()

    def drain() -> None:
        while True:
            with lock:
                if not waiting:
                    return
                item = waiting.pop()
            try:
                work(item)
            except Exception as error:  # noqa: BLE001 - handed to the caller, who sorts bugs from failures
                with lock:
                    failed.append((item, error))

    threads = [
        threading.Thread(target=drain, name="jobmagics-link", daemon=True) for _ in range(min(limit, len(waiting)))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for _item, error in failed:
        if not isinstance(error, JobMagicsError):
            raise error
    return failed
