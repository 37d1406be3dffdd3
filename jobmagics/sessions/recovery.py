"""Coming back: sessions that are disconnected and should not be are found on their computers and followed again.

A restore starts nothing. A script that was sent goes on; one that was not, or that is no longer there, is said to
have failed, with what it gave until then. Whoever cannot be had now is tried again: often at first, for as long as a
server may believe in a client that is gone, then with growing pauses for as long as this kernel lives. A few threads
share the tries, and none waits with a session: a hundred computers that are away stall none that is there.
"""

from __future__ import annotations

import bisect
import datetime
import itertools
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from jobmagics import jobs
from jobmagics.errors import (
    AccessDenied,
    ConnectionFailed,
    HostError,
    JobMagicsError,
    NotFound,
    RemoteError,
    SessionBusy,
    SessionGone,
    UsageError,
)
from jobmagics.jobs import Failure
from jobmagics.remote import StillOpening
from jobmagics.results.entries import CLOSED_STATES, ChildEntry, SessionEntry
from jobmagics.sessions.applier import Happened
from jobmagics.sessions.invocation import Runner
from jobmagics.sessions.links import Links, Post
from jobmagics.sessions.losses import gone, never_sent, no_session

PARALLEL = 32
"""Sessions connected at a time: those that are away only wait."""
ONE_COMPUTER = 8
"""Of these, sessions of one computer: more would take the processor from the cells of a kernel that has just begun."""
RESUME_SECONDS = 20.0
"""How long a session's turn lasts until its job is seen to go on."""
EAGER_PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)
PROBE_PAUSES = (5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0)
"""Seconds between tries, the last one again and again: at first, and when the time for retrying is over."""
LATER = (SessionBusy, StillOpening, ConnectionFailed)
log = logging.getLogger(__name__)


@dataclass(order=True)
class _Try:
    """When a session is tried next. ``known`` is set when it is back, gone, or given up for now."""

    due: float
    number: int
    session: SessionEntry = field(compare=False)
    since: float = field(compare=False)
    tries: int = field(compare=False, default=0)
    known: threading.Event = field(compare=False, default_factory=threading.Event)

    @property
    def computer(self) -> str:
        return self.session.connection.computer_name


class Recovery:
    """Brings sessions back. ``tell`` takes one-line notices for the person; ``children_of`` gives the child jobs that
    were run in a session; ``new_owner`` says who has a session that is not this notebook's any more.
    """

    def __init__(
        self,
        links: Links,
        runner: Runner,
        post: Post,
        tell: Callable[[str], None],
        children_of: Callable[[SessionEntry], Sequence[ChildEntry]],
        new_owner: Callable[[str], str | None],
        clock: Callable[[], datetime.datetime],
    ) -> None:
        self._links, self._runner, self._post, self._tell = links, runner, post, tell
        self._children_of, self._new_owner, self._clock = children_of, new_owner, clock
        self._changed = threading.Condition()
        self._waiting: list[_Try] = []
        """By when they are due."""
        self._busy: Counter[str] = Counter()
        self._threads = 0
        self._number = itertools.count()
        self._locked: list[SessionEntry] = []
        """What a password would open."""

    def start(self, sessions: Iterable[SessionEntry], children: Iterable[ChildEntry]) -> threading.Thread:
        """Returns at once; the thread ends when each session is back or given up for now."""
        thread = threading.Thread(
            target=self._run, args=(list(sessions), list(children)), name="jobmagics-recovery", daemon=True
        )
        thread.start()
        return thread

    def _run(self, sessions: list[SessionEntry], children: list[ChildEntry]) -> None:
        tries = [self._add(session) for session in sessions]
        for child in children:
            if child.is_finished or child.session.state not in CLOSED_STATES:
                continue
            owner = self._new_owner(child.record.pool_id)
            self._end(child, never_sent(child) if child.record.began is None else no_session(child, owner))
        for each in tries:
            while not each.known.wait(1.0) and not self._links.closing.is_set():
                pass

    def probe(self, session: SessionEntry) -> None:
        """Goes on with a session whose own time for retrying is over."""
        now = time.monotonic()
        each = _Try(now + PROBE_PAUSES[0], next(self._number), session, now - self._runner.retry_seconds, tries=1)
        each.known.set()  # that it is away was told
        self._put(each)

    def unlocked(self, credential: str | None) -> None:
        """A credential has just been good for something: what waited for it is tried again."""
        with self._changed:
            ready = [each for each in self._locked if each.connection.credential == credential]
            self._locked = [each for each in self._locked if each not in ready]
        for session in ready:
            self._add(session)

    # -- whose turn it is

    def _add(self, session: SessionEntry) -> _Try:
        now = time.monotonic()
        each = _Try(now, next(self._number), session, now)
        self._put(each)
        return each

    def _put(self, each: _Try) -> None:
        with self._changed:
            bisect.insort(self._waiting, each)
            if self._threads < min(PARALLEL, len(self._waiting)):
                self._threads += 1
                threading.Thread(target=self._work, name="jobmagics-return", daemon=True).start()
            self._changed.notify()

    def _work(self) -> None:
        while (each := self._next()) is not None:
            try:
                self._try(each)
            except Exception:
                log.exception("a session could not be brought back")
                each.known.set()
            with self._changed:
                self._busy[each.computer] -= 1
                self._changed.notify()

    def _next(self) -> _Try | None:
        """The next one that is due; None ends the thread: there are more of them than sessions."""
        with self._changed:
            while self._waiting and not self._links.closing.is_set():
                now = time.monotonic()
                free = [each for each in self._waiting if self._busy[each.computer] < ONE_COMPUTER]
                if free and free[0].due <= now:
                    self._waiting.remove(free[0])
                    self._busy[free[0].computer] += 1
                    return free[0]
                if self._threads > len(self._waiting):
                    break
                self._changed.wait(min(max(free[0].due - now, 0.0), 1.0) if free else 1.0)
            self._threads -= 1
            return None

    # -- one try

    def _try(self, each: _Try) -> None:
        session = each.session
        if session.state != "Disconnected" or session.record.is_parked:  # a person was faster
            each.known.set()
            return
        children = [child for child in self._children_of(session) if not child.is_finished]
        if session.record.for_job and not children:
            self._links.close_quietly(session)  # its job has ended; only the good-bye was missing
            each.known.set()
            return
        try:
            commands = self._links.attach(session)
        except SessionGone as error:
            self.lose(session, error)
            each.known.set()
        except LATER as error:
            self._again(each, error)
        except (AccessDenied, NotFound) as error:
            self._ask_later(session, error)
            each.known.set()
        except (RemoteError, HostError) as error:
            self._again(each, error)
        except JobMagicsError as error:
            self._left(session, error)
            each.known.set()
        else:
            if each.known.is_set() and commands is not None:
                self._tell(f"Session {_named(session)} is connected again.")
            for known in [self._runner.resume(child, commands or []) for child in children if commands is not None]:
                known.wait(RESUME_SECONDS)
            each.known.set()

    def _again(self, each: _Try, error: JobMagicsError) -> None:
        if self._links.closing.is_set():
            return
        session = each.session
        session.trouble = error.message
        if time.monotonic() - each.since < self._runner.retry_seconds:
            pause = EAGER_PAUSES[min(each.tries, len(EAGER_PAUSES) - 1)]
        else:
            if not each.known.is_set():
                self._left(session, error)
                each.known.set()
                each.tries = 0
            if isinstance(error, SessionBusy):
                return  # somebody else has it, and may keep it
            pause = PROBE_PAUSES[min(each.tries, len(PROBE_PAUSES) - 1)]
        each.tries += 1
        each.due = time.monotonic() + pause
        self._put(each)

    def lose(self, session: SessionEntry, error: SessionGone) -> None:
        """It is not on its computer any more: what ran there has failed."""
        children = [child for child in self._children_of(session) if not child.is_finished]
        self._links.set_state(session, "Broken", forget=True)
        if not session.record.for_job:
            self._tell(f"Session {_named(session)} is gone: {error.message}")
        for child in children:
            self._end(child, gone(child, error, self._clock()))

    def _left(self, session: SessionEntry, error: JobMagicsError) -> None:
        """It may be there, but cannot be had now: it stays Disconnected."""
        session.held_elsewhere = isinstance(error, SessionBusy)
        session.trouble = error.message
        goes_on = "" if isinstance(error, SessionBusy | UsageError) else "It is looked for again from time to time. "
        self._tell(
            f"Session {_named(session)} could not be connected and stays Disconnected: {error.message} {goes_on}"
            f"%connect_pssession -Id {session.record.id} tries at once."
        )

    def _ask_later(self, session: SessionEntry, error: JobMagicsError) -> None:
        """Nobody is asked for a password out of the blue: the view says so, and one notice for each credential."""
        credential = session.connection.credential
        with self._changed:
            is_first = all(each.connection.credential != credential for each in self._locked)
            self._locked.append(session)
        way = "asks for it" if isinstance(error, NotFound) else "tries again"
        session.trouble = f"{error.message} %connect_pssession -Id {session.record.id} {way}."
        if is_first:
            self._tell(
                f"Session {_named(session)} stays Disconnected: {session.trouble} Others with the same credential"
                " follow by themselves."
            )

    def _end(self, child: ChildEntry, failure: Failure) -> None:
        self._post(Happened(child, jobs.Lost(failure))).wait()


def _named(session: SessionEntry) -> str:
    record = session.record
    return f"{record.id} ({record.name}) on {record.connection.computer_name}"
