"""Coming back: what another process of this notebook left running is found on its computers and followed again.

A restore starts nothing. A script that was sent goes on; one that was not, or that is no longer there, is said to
have failed, with what it gave until then. Each computer is asked in a thread of its own, so one that is away stalls
no other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from jobmagics import jobs
from jobmagics.errors import JobMagicsError, RemoteError, SessionBusy, SessionGone
from jobmagics.jobs import Failure
from jobmagics.results.entries import ChildEntry, SessionEntry
from jobmagics.sessions.applier import Happened
from jobmagics.sessions.invocation import Runner
from jobmagics.sessions.links import Links, Post, in_parallel

PARALLEL = 16
"""Sessions connected at a time."""
RESUME_SECONDS = 20.0
"""How long a session's turn lasts until its job is seen to go on."""


class Recovery:
    """Brings an owner's sessions back. ``tell`` takes one-line notices for the person."""

    def __init__(self, links: Links, runner: Runner, post: Post, tell: Callable[[str], None]) -> None:
        self._links, self._runner, self._post, self._tell = links, runner, post, tell

    def start(self, sessions: Sequence[SessionEntry], children: Sequence[ChildEntry]) -> threading.Thread:
        """Returns at once; the thread ends when each session is back or given up."""
        thread = threading.Thread(target=self._run, args=(sessions, children), name="jobmagics-recovery", daemon=True)
        thread.start()
        return thread

    def _run(self, sessions: Sequence[SessionEntry], children: Sequence[ChildEntry]) -> None:
        known = set(sessions)
        for child in children:
            if not child.is_finished and child.session not in known:
                self._end(child, _never_sent(child) if child.record.began is None else _no_session(child))
        of_session = {session: [child for child in children if child.session is session] for session in sessions}
        in_parallel(sessions, lambda session: self.bring_back(session, of_session[session]), PARALLEL)

    def bring_back(self, session: SessionEntry, children: Sequence[ChildEntry]) -> None:
        """One session, with the jobs that were run in it."""
        open_ones = [child for child in children if not child.is_finished]
        if session.record.for_job and not open_ones:
            self._links.close_quietly(session)  # its job has ended; only the good-bye was missing
            return
        try:
            commands = self._links.attach_when_free(session)
        except SessionGone as error:
            self._gone(session, open_ones, error)
            return
        except JobMagicsError as error:
            if not self._links.closing.is_set():
                self._left(session, error)
            return
        for known in [self._runner.resume(child, commands) for child in open_ones]:
            known.wait(RESUME_SECONDS)

    def _gone(self, session: SessionEntry, children: Sequence[ChildEntry], error: RemoteError) -> None:
        self._links.set_state(session, "Broken", forget=True)
        record = session.record
        if not record.for_job:
            self._tell(
                f"Session {record.id} ({record.name}) on {record.connection.computer_name} is gone: {error.message}"
            )
        for child in children:
            if child.record.began is None:
                self._end(child, _never_sent(child))
                continue
            kept = child.record.counts.get("output", 0)
            reason = f"{error.message} What the job had given until then ({kept} objects) is kept."
            self._end(child, Failure(reason, error.fqid or "PSSessionStateBroken", error.category))

    def _left(self, session: SessionEntry, error: JobMagicsError) -> None:
        """It may be there, but cannot be had now: it stays Disconnected."""
        session.held_elsewhere = isinstance(error, SessionBusy)
        record = session.record
        self._tell(
            f"Session {record.id} ({record.name}) could not be connected and stays Disconnected: {error.message}"
            f" Try again with %connect_pssession -Id {record.id}."
        )

    def _end(self, child: ChildEntry, failure: Failure) -> None:
        self._post(Happened(child, jobs.Lost(failure))).wait()


def _never_sent(child: ChildEntry) -> Failure:
    return Failure(
        f"The kernel ended before the script could be started on {child.record.location}; run it again.", "JobFailure"
    )


def _no_session(child: ChildEntry) -> Failure:
    return Failure(
        f"The session on {child.record.location} is gone; what the job had given until then is kept.", "JobFailure"
    )
