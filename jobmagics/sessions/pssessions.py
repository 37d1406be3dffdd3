"""The sessions of a notebook: opened, listed, disconnected, connected, closed. Jobs come on top, in ``manager``.

What a call means and whether it is allowed is decided here; ``links`` then does it on the computers.
"""

from __future__ import annotations

import datetime
import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from jobmagics import jobs
from jobmagics.errors import ConnectionFailed, JobMagicsError, SessionGone, UsageError
from jobmagics.remote import (
    MINIMUM_IDLE_TIMEOUT,
    SSH,
    ConnectionInfo,
    Connector,
    ShellInfo,
    buffering_mode,
    new_id,
)
from jobmagics.results import PSSession, SessionList
from jobmagics.results.control import Control
from jobmagics.results.entries import ChildEntry, JobEntry, SessionEntry
from jobmagics.sessions.applier import Applier, Happened, Report
from jobmagics.sessions.complaints import (
    CANNOT_CONNECT,
    DISCONNECT_IDLE,
    DISCONNECT_NOT_OPENED,
    NO_SUCH_NAME_THERE,
    REMOVED_UNREACHED,
    complaint,
)
from jobmagics.sessions.invocation import Runner
from jobmagics.sessions.links import Links, Standby, in_parallel
from jobmagics.sessions.recovery import RESUME_SECONDS, Recovery
from jobmagics.sessions.secrets import require_secrets
from jobmagics.sessions.selection import as_list, is_wild, matches, select_sessions
from jobmagics.store import Lease, SessionRecord, Store

DEFAULT_THROTTLE = 32
log = logging.getLogger(__name__)
MAXIMUM_IDLE_TIMEOUT = 2147483.0
"""Seconds; what a server may allow at most."""


def utc_now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


class SessionKeeper(Control, ABC):
    """The sessions, and what tells others that something changed."""

    def __init__(self, store: Store, connect: Connector, owner: str, retry_seconds: float) -> None:
        self.store = store
        self.owner = owner
        self.lock = threading.RLock()
        self.version = 0
        self._changed = threading.Condition(self.lock)
        self._sessions: dict[str, SessionEntry] = {}
        self._listed: dict[str, SessionEntry] = {}
        self._notices: list[str] = [store.notice] if store.notice else []
        self._listeners: list[Callable[[], None]] = []
        self._closed = False
        self._applier = Applier(store, owner, self, utc_now)
        self._links = Links(connect, self._post)
        self._standby = Standby()
        self._runner = Runner(self._links, self._post, self.lock, utc_now, self.trouble, retry_seconds)
        self._lease = Lease(store, owner)
        self._recovery = Recovery(
            self._links, self._runner, self._post, self.trouble, self._children_of, store.owner_of_session, utc_now
        )
        self._runner.given_up = self._recovery.probe

    @abstractmethod
    def _children_of(self, entry: SessionEntry) -> list[ChildEntry]:
        """The child jobs that were run in a session."""

    @abstractmethod
    def applied(self, finished: Sequence[ChildEntry], freed: Sequence[JobEntry]) -> None: ...

    # -- sessions

    def _new_session(
        self, connection: ConnectionInfo, *, name: str | None = None, for_job: bool = False, idle: float | None = None
    ) -> SessionEntry:
        """A session entry whose pool id is in the ledger before anything is sent."""
        number = self.store.take_numbers(self.owner, "session")
        idle = connection.option.idle_timeout if idle is None else idle
        if idle is not None and idle < MINIMUM_IDLE_TIMEOUT:
            raise UsageError(f"An idle time-out of {idle:g} s is too short; the least is {MINIMUM_IDLE_TIMEOUT:g} s.")
        name = name or f"Runspace{self.store.take_numbers(self.owner, 'runspace')}"
        record = SessionRecord(
            new_id(), number, name, connection, "BeforeOpen", for_job, idle, holder=self._lease.holder
        )
        self.store.save_session(self.owner, record)
        return SessionEntry(record, self._links.connector(connection))

    def new_pssession(
        self,
        connections: Iterable[ConnectionInfo],
        *,
        name: str | Sequence[str] | None = None,
        idle_timeout: float | None = None,
        throttle_limit: int = DEFAULT_THROTTLE,
        errors: list[JobMagicsError] | None = None,
    ) -> SessionList:
        """Opens a session on each computer. What fails goes to ``errors``; without such a list the first failure is
        raised.
        """
        places = as_connections(connections)
        require_secrets(places)
        names = [str(each) for each in as_list(name)]
        if len(names) > 1 and len(names) != len(places):
            raise UsageError(
                f"{len(names)} names were given for {len(places)} sessions; give one for each, or one for all."
            )
        with self.store.writing():
            entries = [
                self._new_session(place, name=names[index % len(names)] if names else None, idle=idle_timeout)
                for index, place in enumerate(places)
            ]
        failed = in_parallel(entries, self._links.open, throttle_limit or DEFAULT_THROTTLE)
        opened = [entry for entry in entries if entry.state == "Opened"]
        with self.lock:
            self._sessions.update({entry.record.pool_id: entry for entry in opened})
        self._announce()
        self._tell_failures([error for _entry, error in failed], errors)
        return self._hold(opened)

    def _tell_failures(self, failed: Iterable[Exception], errors: list[JobMagicsError] | None) -> None:
        known = [error for error in failed if isinstance(error, JobMagicsError)]
        if errors is not None:
            errors += known
        elif known:
            for other in known[1:]:
                self.trouble(other.message)
            raise known[0]

    def _hold(self, entries: Iterable[SessionEntry]) -> SessionList:
        return SessionList(PSSession(self, entry) for entry in entries)

    def pssessions(
        self,
        *,
        id: object = (),
        name: object = (),
        instance_id: object = (),
        computer_name: object = (),
        state: object = None,
        cmdlet: str = "Get-PSSession",
    ) -> SessionList:
        """This notebook's sessions. Those that a job opened for itself are its own affair until they are
        disconnected.
        """
        with self.lock:
            known = [
                each for each in self._sessions.values() if not each.record.for_job or each.state == "Disconnected"
            ]
        known = [each for each in known if each.state != "Closed"]
        filters = {"id": id, "name": name, "instance_id": instance_id, "computer_name": computer_name}
        return self._hold(select_sessions(known, **filters, state=state, cmdlet=cmdlet))

    def remote_sessions(
        self,
        connections: Iterable[ConnectionInfo] | ConnectionInfo,
        *,
        name: object = (),
        instance_id: object = (),
        state: object = None,
        throttle_limit: int = DEFAULT_THROTTLE,
        cmdlet: str = "Get-PSSession",
    ) -> SessionList:
        """The sessions that computers have, whoever opened them: Get-PSSession -ComputerName. A computer that cannot be
        asked is told about; if none can, its error is raised.
        """
        places = as_connections(connections)
        require_secrets(places)
        found: dict[int, list[SessionEntry]] = {}

        def ask(numbered: tuple[int, ConnectionInfo]) -> None:
            number, place = numbered
            shells = self._links.connector(place).list_shells()
            found[number] = [self._listed_session(place, shell) for shell in shells]

        failed = in_parallel(enumerate(places), ask, throttle_limit or DEFAULT_THROTTLE)
        untold: list[JobMagicsError] | None = [] if found else None
        self._tell_failures([error for _place, error in failed], untold)
        for error in untold or ():
            self.trouble(error.message)
        entries = [entry for number in sorted(found) for entry in found[number]]
        names = [str(each) for each in as_list(name)]
        for pattern in names:
            if not is_wild(pattern) and not any(matches(pattern, each.record.name) for each in entries):
                raise complaint(NO_SUCH_NAME_THERE, cmdlet, pattern)
        if names:
            entries = [each for each in entries if any(matches(pattern, each.record.name) for pattern in names)]
        ids = {str(each).strip("{}").upper() for each in as_list(instance_id)}
        if ids:
            entries = [each for each in entries if each.record.pool_id.upper() in ids]
        return self._hold(select_sessions(entries, state=state))

    def _listed_session(self, connection: ConnectionInfo, shell: ShellInfo) -> SessionEntry:
        with self.lock:
            known = self._sessions.get(shell.shell_id.upper()) or self._listed.get(shell.shell_id.upper())
        if known is None:
            number = self.store.take_numbers(self.owner, "session")
            place = connection
            if shell.configuration_name:
                place = _with_configuration(connection, shell.configuration_name)
            record = SessionRecord(
                shell.shell_id.upper(),
                number,
                shell.name or f"Runspace{number}",
                place,
                "Disconnected",
                False,
                shell.idle_timeout,
                holder=self._lease.holder,
            )
            known = SessionEntry(record, self._links.connector(place))
            with self.lock:
                self._listed[record.pool_id] = known
        if known.state == "Disconnected":
            known.held_elsewhere = shell.state != "Disconnected"
            if shell.inactivity is not None and known.record.disconnected_on is None:
                known.record.disconnected_on = utc_now() - datetime.timedelta(seconds=shell.inactivity)
        return known

    def disconnect(
        self,
        sessions: Iterable[PSSession],
        *,
        idle_timeout: float | None = None,
        output_buffering_mode: str | None = None,
        throttle_limit: int = DEFAULT_THROTTLE,
    ) -> SessionList:
        """Leaves sessions to themselves; what runs goes on. ``idle_timeout`` in seconds; ``output_buffering_mode``:
        "Block" or "Drop" when the computer's buffer is full. Already disconnected ones are returned as they are.
        """
        held = as_sessions(sessions)
        limits = (MINIMUM_IDLE_TIMEOUT, MAXIMUM_IDLE_TIMEOUT)
        for session in held:
            if idle_timeout is not None and not limits[0] <= idle_timeout <= limits[1]:
                raise complaint(DISCONNECT_IDLE, "Disconnect-PSSession", session.name, idle_timeout, *reversed(limits))
            if session.state not in {"Opened", "Disconnected"}:
                raise complaint(
                    DISCONNECT_NOT_OPENED, "Disconnect-PSSession", session.name, hint=f"It is {session.state}."
                )
        opened = [session._entry for session in held if session.state == "Opened"]
        mode = buffering_mode(output_buffering_mode)

        def detach(entry: SessionEntry) -> None:
            self._detach(entry, idle_timeout, mode, is_parked=True)

        failed = in_parallel(opened, detach, throttle_limit or DEFAULT_THROTTLE)
        self._tell_failures([error for _entry, error in failed], None)
        return SessionList(held)

    def _detach(
        self,
        entry: SessionEntry,
        idle_timeout: float | None = None,
        mode: str | None = None,
        *,
        is_parked: bool = False,
    ) -> None:
        self._links.detach(entry, idle_timeout, mode, is_parked=is_parked)
        for parted in [self._post(Happened(child, jobs.Parted())) for child in entry.going]:
            parted.wait()

    def connect(self, sessions: Iterable[PSSession], *, throttle_limit: int = DEFAULT_THROTTLE) -> SessionList:
        """Connects disconnected sessions. A job of this notebook that runs there goes on, unlike in PowerShell, where
        it waits for Receive-PSSession.
        """
        held = as_sessions(sessions)
        for session in held:
            self._refuse_unconnectable(session)
        waiting = [session._entry for session in held if session.state == "Disconnected"]
        require_secrets(entry.connection for entry in waiting)
        failed = in_parallel(waiting, self._attach, throttle_limit or DEFAULT_THROTTLE)
        self._announce()
        self._tell_failures([error for _entry, error in failed], None)
        return SessionList(held)

    def _refuse_unconnectable(self, session: PSSession) -> None:
        if session.state == "Opened" or (session.state == "Disconnected" and session.availability == "None"):
            return
        why = "It is held by another client." if session.state == "Disconnected" else f"It is {session.state}."
        raise complaint(CANNOT_CONNECT, "Connect-PSSession", session.name, hint=why)

    def _attach(self, entry: SessionEntry) -> None:
        """Connects one session and goes on with what of ours runs there."""
        try:
            commands = self._links.attach(entry)
        except SessionGone as error:
            self._recovery.lose(entry, error)
            raise
        if commands is None:
            return
        self._recovery.unlocked(entry.connection.credential)
        with self.lock:
            self._listed.pop(entry.record.pool_id, None)
            self._sessions[entry.record.pool_id] = entry
        ours = [child for child in self._children_of(entry) if child.launched or child.invocation is None]
        for known in [self._runner.resume(child, commands) for child in ours if not child.is_finished]:
            known.wait(RESUME_SECONDS)
        mine = {child.record.pipeline_id.upper() for child in ours}
        entry.foreign = tuple(command for command in commands if command.upper() not in mine)

    def remove_sessions(self, sessions: Iterable[PSSession]) -> None:
        """Closes sessions; what runs in them is stopped. A session that cannot be reached is forgotten here all the
        same.
        """
        entries = [session._entry for session in as_sessions(sessions)]
        failed = in_parallel(entries, self._remove_session, DEFAULT_THROTTLE)
        self._announce()
        for entry, error in failed:
            if isinstance(error, ConnectionFailed):
                self.trouble(f"{REMOVED_UNREACHED.format(entry.record.name)} Its idle time-out will end it: {error}")

    def _remove_session(self, entry: SessionEntry) -> None:
        try:
            self._links.close(entry)
        finally:
            for withdrawn in [self._post(Happened(child, jobs.Withdrawn())) for child in entry.going]:
                withdrawn.wait()
            with self.lock:
                self._sessions.pop(entry.record.pool_id, None)
                self._listed.pop(entry.record.pool_id, None)

    # -- what changed

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """``callback`` is called from a manager's thread after each change and must only set a flag. Gives the
        unsubscriber.
        """
        with self.lock:
            self._listeners.append(callback)

        def unsubscribe() -> None:
            with self.lock:
                if callback in self._listeners:
                    self._listeners.remove(callback)

        return unsubscribe

    def wait_for_change(self, version: int, timeout: float) -> int:
        """Blocks until something has changed since ``version``, for at most ``timeout`` seconds. The version then."""
        with self._changed:
            self._changed.wait_for(lambda: self.version != version or self._closed, timeout)
            return self.version

    def take_notices(self) -> list[str]:
        with self.lock:
            notices, self._notices = self._notices, []
        return notices

    def _post(self, report: Report) -> threading.Event:
        return self._applier.post(report)

    def trouble(self, notice: str) -> None:
        """Keeps a one-line notice for the person."""
        with self.lock:
            self._notices.append(notice)
        self._announce()

    def _announce(self) -> None:
        with self._changed:
            self.version += 1
            listeners = list(self._listeners)
            self._changed.notify_all()
        for listener in listeners:
            try:
                listener()
            except Exception:
                log.exception("a listener failed")  # its bug must not end the thread that keeps the ledger


def as_sessions(sessions: Iterable[PSSession] | PSSession) -> list[PSSession]:
    """Raises UsageError for anything that is no session."""
    held = [sessions] if isinstance(sessions, PSSession) else list(sessions)
    for each in held:
        if not isinstance(each, PSSession):
            raise UsageError(f"{each!r} is no session; sessions come from new_pssession and pssessions.")
    return held


def as_connections(connections: Iterable[ConnectionInfo] | ConnectionInfo) -> list[ConnectionInfo]:
    return [connections] if isinstance(connections, ConnectionInfo) else list(connections)


def _with_configuration(connection: ConnectionInfo, name: str) -> ConnectionInfo:
    if name.startswith(SSH):
        return ConnectionInfo.over_ssh(name.removeprefix(SSH), connection.option)
    return replace(connection, configuration_name=name)
