"""The session that the cells of one notebook run in, and each cell as a job in it.

Cells go through a SessionManager under an owner of their own: what they say is in the ledger before it counts as
received, while the notebook's own jobs keep their ids and their list to themselves. Three ends are told apart:

- the kernel is restarted or shut down in order: the session is closed, or left disconnected if a cell runs in it;
- the kernel dies: the session stays on the session host, with its variables and what runs in it;
- the session dies: the next cell begins a new one, and is told so.

After the second, and after the first with a running cell, the next kernel of the notebook takes the session over.
Where nothing says which notebook this is, nobody can come back, and nothing is left behind.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobmagics.errors import JobMagicsError, RemoteError, SessionBusy
from jobmagics.jobs import FINISHED, JobState
from jobmagics.notebook import Identity
from jobmagics.remote import ConnectionInfo

if TYPE_CHECKING:
    from jobmagics.results import ChildJob, Job, PSSession
    from jobmagics.sessions import SessionManager

SESSION_NAME = "cells"
STOP_SECONDS = 5.0
"""A pipeline that has not stopped by then is given up, and its session with it."""
CLOSE_SECONDS = 3.0
LOOK_SECONDS = 0.1
"""So often a wait looks whether it was interrupted."""
BUSY_TRIES, BUSY_PAUSE = 5, 0.2
"""How often, and after how many seconds, a session is asked for whose host has not noticed yet that its client died."""

NOT_ALONE = "Another kernel of this notebook holds its session; this one has a session of its own."
SET_UP = "Set-Location -LiteralPath $args[0]; . ([scriptblock]::Create($args[1])); "
DESCRIBE = "$PSVersionTable.PSVersion.ToString(); $PSHOME"

OpenManager = Callable[[str], "SessionManager"]


def prelude() -> str:
    """The script that makes PowerShell's words for jobs and sessions this notebook's."""
    return (Path(__file__).parent / "prelude.ps1").read_text(encoding="utf-8")


class Stopped(JobMagicsError):
    """The person interrupted before the cell could begin."""

    fqid = "PipelineStopped"
    category = "OperationStopped"


@dataclass(frozen=True)
class Engine:
    """What answers. ``version`` is PowerShell's."""

    version: str
    is_builtin: bool

    def __str__(self) -> str:
        if self.is_builtin:
            return f"the built-in engine, which speaks PowerShell {self.version}"
        return f"PowerShell {self.version}"


@dataclass(frozen=True)
class Opened:
    """The session as it was got. ``left``: jobs of cells that an earlier kernel had not shown to their end."""

    session: PSSession
    engine: Engine | None
    left: tuple[Job, ...] = ()
    notice: str = ""


class CellSession:
    """Opens, runs, stops, leaves. ``begin`` and ``close`` may be called from different threads.

    ``answer`` is called with what a script of the kernel's own asks; without it such questions are refused.
    """

    def __init__(
        self,
        identity: Identity,
        open_manager: OpenManager | None = None,
        answer: Callable[[ChildJob], None] | None = None,
    ) -> None:
        self._answer = answer or (lambda child: child.refuse("Nobody is asked here."))
        self._identity = identity
        self._open_manager = open_manager or default_manager
        self._manager: SessionManager | None = None
        self._opening: Future[Opened] | None = None
        self._lock = threading.Lock()
        self.is_closing = False

    # -- the session

    def open(self) -> Future[Opened]:
        """Begins to open a session unless there is one; opening goes on in the background."""
        with self._lock:
            found = self._opening
            if found is None or (found.done() and not _is_usable(found)):
                lost = found is not None and found.exception() is None
                found = self._opening = Future()
                threading.Thread(target=self._open, args=(found, lost), name="jobmagics-cells", daemon=True).start()
            return found

    def _open(self, opening: Future[Opened], lost: bool) -> None:
        try:
            opening.set_result(
                self._new("The session had ended; this one is new, without its variables.") if lost else self._first()
            )
        except BaseException as error:  # noqa: BLE001 - whoever waits for the session gets it
            opening.set_exception(error)

    @property
    def manager(self) -> SessionManager:
        """Made when the first session is opened."""
        if self._manager is None:
            self._manager = self._open_manager(f"{self._identity.owner}#{SESSION_NAME}")
        return self._manager

    def _first(self) -> Opened:
        """An earlier kernel's session if there is one, else a new one."""
        session, notice = self._earlier()
        left = tuple(job for job in self._jobs() if job.state is not JobState.DISCONNECTED)
        if session is None:
            return replace(self._new(notice), left=left)
        is_free = all(job.state in FINISHED for job in left)
        return Opened(session, self._describe(session) if is_free else None, left, notice)

    def _jobs(self) -> list[Job]:
        from jobmagics.results import Job

        return [job for job in self.manager.jobs() if isinstance(job, Job)]

    def _earlier(self) -> tuple[PSSession | None, str]:
        """The session of this notebook's earlier kernel, and what there is to say about it."""
        notice = NOT_ALONE if self.manager.has_company else ""
        for session in reversed(self.manager.pssessions(state="Disconnected") if self._identity.lasting else []):
            try:
                self._take_over(session)
                return session, "Connected to the session of this notebook's earlier kernel, as it was left."
            except SessionBusy:
                notice = NOT_ALONE
            except JobMagicsError as error:
                notice = f"The session of this notebook's earlier kernel is lost ({error.message}); this one is new."
                with contextlib.suppress(JobMagicsError):
                    self.manager.remove_sessions([session])
        return None, notice

    def _take_over(self, session: PSSession) -> None:
        for _attempt in range(BUSY_TRIES):
            with contextlib.suppress(SessionBusy):
                self.manager.connect([session])
                return
            time.sleep(BUSY_PAUSE)
        self.manager.connect([session])

    def _new(self, notice: str = "") -> Opened:
        session = self.manager.new_pssession([ConnectionInfo()], name=SESSION_NAME)[0]
        return Opened(session, self._describe(session, os.getcwd()), (), notice)

    def _describe(self, session: PSSession, directory: str = "") -> Engine | None:
        """Which engine answers. A new session is first put into the kernel's own directory."""
        script, arguments = (SET_UP + DESCRIBE, (directory, prelude())) if directory else (DESCRIBE, ())
        job = self.manager.invoke(script, sessions=[session], arguments=arguments)
        job.wait(STOP_SECONDS)
        told = [value for value in job.output if isinstance(value, str)]
        self.forget(job)
        if len(told) != 2:
            return None
        return Engine(told[0], told[1].replace("\\", "/").rstrip("/").endswith("jobmagics/powershell"))

    # -- a cell

    def begin(self, code: str) -> Job:
        """Starts a cell in the session, which must be open. Raises what ``errors`` has."""
        return self.manager.invoke(code, sessions=[self.open().result().session], is_remembered=True)

    def ask(self, script: str, arguments: tuple[Any, ...], seconds: float) -> list[Any]:
        """What a script of the kernel's own gives, run between cells; nothing of it stays. Raises what ``errors`` has:
        RemoteError too when it failed, or took longer and was stopped.
        """
        try:
            session = self.open().result(seconds).session
        except FutureTimeout:
            raise RemoteError("The session is still being opened.") from None
        job = self.manager.invoke(script, sessions=[session], arguments=arguments)
        if not self._ended(job, seconds):
            job.stop()
        child = job.children[0]
        state, reason, told = child.state, child.reason, list(job.output)
        self.forget(job)
        if state is not JobState.COMPLETED:
            raise RemoteError(reason or f"It took longer than {seconds:.0f} seconds and was stopped.")
        return told

    def _ended(self, job: Job, seconds: float) -> bool:
        """Whether it ends in time; what it asks meanwhile is answered."""
        deadline = time.monotonic() + seconds
        while not self.manager.is_settled(job):
            version = self.manager.version
            for child in job._askers():
                self._answer(child)
            if time.monotonic() > deadline:
                return False
            self.manager.wait_for_change(version, LOOK_SECONDS)
        return True

    def give_up(self) -> None:
        """Closes the session with whatever runs in it. The next cell gets a new one."""
        opening = self._opening
        if opening is None or not opening.done() or opening.exception() is not None:
            return
        abandon(self.manager, opening.result().session)

    def forget(self, job: Job) -> None:
        """Takes a job that is over and shown out of the ledger."""
        if job.state in FINISHED:
            job.remove()
            self.manager.store.purge(self.manager.owner)

    def take_notices(self) -> list[str]:
        return self._manager.take_notices() if self._manager is not None else []

    # -- the end

    def close(self) -> None:
        """In order and in bounded time: what runs goes on, disconnected, if this notebook can come back to it."""
        self.is_closing = True
        opening = self._opening
        if self._manager is None or opening is None:
            return
        if not self._identity.lasting and _is_usable(opening):
            self.give_up()
        self._manager.close(CLOSE_SECONDS)


def abandon(manager: SessionManager, session: PSSession) -> None:
    """Closes a session with whatever runs in it; if that takes long, it goes on in the background."""

    def work() -> None:
        with contextlib.suppress(JobMagicsError):
            manager.remove_sessions([session])

    thread = threading.Thread(target=work, name="jobmagics-give-up", daemon=True)
    thread.start()
    thread.join(CLOSE_SECONDS)


def _is_usable(opening: Future[Opened]) -> bool:
    return opening.done() and opening.exception() is None and opening.result().session.state == "Opened"


def default_manager(owner: str) -> SessionManager:
    """A manager on the ledger of this user. The libraries below it load here, in the opening thread."""
    import jobmagics.psrp  # noqa: F401
    from jobmagics import current

    return current.default_manager(owner)


def waiting_for(opening: Future[Opened], is_interrupted: Callable[[], bool]) -> Opened:
    """The session. Raises Stopped when interrupted meanwhile."""
    while not opening.done():
        if is_interrupted():
            raise Stopped("The cell was interrupted while its session was being opened.")
        with contextlib.suppress(FutureTimeout):
            opening.exception(LOOK_SECONDS)
    return opening.result()
