"""The magics: words and arguments only, each one call on the session manager.

What the words are is data in ``options.specs``; what they do to jobs is ``sessions``; how jobs look is ``display``.
Expected errors become one line: IPython's UsageError for the caller's mistakes, the family's own
``_render_traceback_`` for the rest. In a headless run both still fail the cell.
"""

from __future__ import annotations

import atexit
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError as ShellUsageError
from IPython.core.magic import no_var_expand

from .errors import InvalidOperation, StoreError, UsageError
from .notebook import Identity, notebook_identity
from .options import Arguments, MagicSpec, complete, parse, specs
from .remote import ConnectionInfo, PSSessionOption

if TYPE_CHECKING:
    from .display.views import ViewClock
    from .results import Job, Records
    from .sessions import SessionManager

CLOSE_SECONDS = 3.0
LISTED_JOBS = 5
_WILDCARDS = frozenset("*?[")
_FINISHED = ("Completed", "Failed", "Stopped")

_loaded: JobMagics | None = None


def load(shell: Any, open_manager: Callable[[str], SessionManager] | None = None) -> JobMagics:
    """Give ``shell`` the magics and begin to recover this notebook's jobs.

    ``open_manager`` makes the manager for an owner, when it is first needed.
    """
    global _loaded  # noqa: PLW0603 - one kernel, one manager: the ledger has one writer
    unload()
    _loaded = JobMagics(shell, notebook_identity(shell.user_ns), open_manager or default_manager)
    _loaded.register()
    _loaded.recover()
    return _loaded


def unload() -> None:
    """Take the magics away; running jobs go on, disconnected."""
    global _loaded  # noqa: PLW0603
    if _loaded is not None:
        _loaded.close()
        _loaded = None


def current_manager() -> SessionManager:
    """The manager behind this kernel's magics."""
    if _loaded is None:
        raise InvalidOperation("The magics are not loaded; run %load_ext jobmagics first.")
    return _loaded.manager


def default_manager(owner: str) -> SessionManager:
    """A manager on the ledger of this user, for the notebook ``owner``."""
    from .sessions import SessionManager
    from .store import Store

    store = Store.open()
    try:
        return SessionManager(store, _connect, owner)
    except StoreError:  # damage that only loading met: opened again, the file is moved aside
        store.close()
        return SessionManager(Store.open(), _connect, owner)


def _connect(connection: ConnectionInfo) -> Any:
    """pypsrp takes a quarter of a second to import: the first connection pays, not %load_ext."""
    from .psrp import connect

    return connect(connection)


class JobMagics:
    """The magics of one shell, with the manager and the views they share."""

    def __init__(self, shell: Any, identity: Identity, open_manager: Callable[[str], SessionManager]) -> None:
        self.shell = shell
        self.identity = identity
        self._open_manager = open_manager
        self._manager: SessionManager | None = None
        self._clock: ViewClock | None = None

    @property
    def manager(self) -> SessionManager:
        if self._manager is None:
            self._manager = self._open_manager(self.identity.owner)
            atexit.register(self.close)
        return self._manager

    @property
    def clock(self) -> ViewClock:
        if self._clock is None:
            from .display.views import ViewClock

            self._clock = ViewClock(self.manager)
        return self._clock

    def register(self) -> None:
        for spec in specs.ALL:
            kind = "line_cell" if spec.is_cell else "line"
            self.shell.register_magic_function(self._as_magic(spec), kind, spec.name)
            for shown in {"%" + spec.name, spec.shown}:
                self.shell.set_hook("complete_command", self._completer(spec), str_key=shown)
        self.shell.events.register("post_run_cell", self._settle)

    def close(self) -> None:
        """Leave in order: running sessions are disconnected, their jobs go on."""
        atexit.unregister(self.close)
        self.shell.events.unregister("post_run_cell", self._settle)
        for spec in specs.ALL:
            for kind in ("line", "cell"):
                self.shell.magics_manager.magics[kind].pop(spec.name, None)
        if self._manager is not None:
            self._manager.close(CLOSE_SECONDS)
        if self._clock is not None:  # after the manager: what stays in the notebook says Disconnected
            self._clock.close()
        self._clock = self._manager = None

    def recover(self) -> None:
        """Find this notebook's jobs again, in the background; say at once which they are.

        Only a notebook that is known can own jobs: an unknown one starts with none and leaves others' alone.
        """
        if not self.identity.lasting:
            return
        jobs = list(self.manager.jobs())
        self.manager.recover()
        if jobs:
            print(_came_back(jobs))
        self._tell()

    # -- from a line to a call

    def _as_magic(self, spec: MagicSpec) -> Callable[..., Any]:
        action: Callable[..., Any] = getattr(self, spec.name)

        @no_var_expand
        def magic(line: str, cell: str | None = None) -> Any:
            try:
                given = parse(spec, line, self.shell.user_ns)
                result = action(given, cell) if spec.is_cell else action(given)
            except UsageError as error:
                raise ShellUsageError(error.message) from None
            finally:
                self._tell()
            if "OutVariable" in given:
                self.shell.user_ns[given.get("OutVariable")] = result
            return None if spec.is_cell else result

        magic.__name__ = magic.__qualname__ = spec.name
        magic.__doc__ = spec.help_text()
        return magic

    def _completer(self, spec: MagicSpec) -> Callable[[Any, Any], list[str]]:
        def completions(_: Any, event: Any) -> list[str]:
            *earlier, word = re.split(r"\s+", event.text_until_cursor)
            if self._manager is not None and earlier[-1].lower() in ("-name", "--name", "-id", "--id"):
                return self._known(spec, earlier[-1].lower().lstrip("-"))
            return complete(spec, word)

        return completions

    def _known(self, spec: MagicSpec, field: str) -> list[str]:
        about_sessions = spec.name.endswith("pssession")
        found: Iterable[Any] = self.manager.pssessions() if about_sessions else self.manager.jobs()
        return [str(getattr(each, field)) for each in found]

    def _tell(self) -> None:
        """What the manager has to say to the person: lost sessions, a ledger that was moved aside."""
        for notice in self._manager.take_notices() if self._manager is not None else ():
            print(notice, file=sys.stderr)

    # -- jobs

    def remote_job(self, given: Arguments, cell: str | None) -> Job:
        script = _script(given, cell)
        job = self.manager.invoke(
            script,
            connections=_connections(given),
            sessions=given.get("Session", ()),
            job_name=given.get("JobName"),
            throttle_limit=given.get("ThrottleLimit", 32),
            arguments=given.get("ArgumentList", ()),
            using=self.shell.user_ns,
            hide_computer_name=given.switch("HideComputerName"),
        )
        if given.switch("Wait"):
            from .display.following import follow

            follow(job)
        else:
            self._show([job])
        return job

    def get_job(self, given: Arguments) -> Any:
        jobs = self.manager.jobs(
            **_job_filter(given),
            has_more_data=given.get("HasMoreData"),
            include_child_jobs=given.switch("IncludeChildJob"),
            child_job_state=given.get("ChildJobState"),
            before=given.get("Before"),
            after=given.get("After"),
            newest=given.get("Newest"),
        )
        return jobs[0] if len(jobs) == 1 and _names_one(given) else jobs

    def receive_job(self, given: Arguments) -> Records:
        waits = given.switch("Wait")
        if waits and given.switch("Keep"):
            raise UsageError("-Keep cannot be used with -Wait: receive with -Keep when the job has ended.")
        for name in ("AutoRemoveJob", "Timeout"):
            if name in given and not waits:
                raise UsageError(f"-{name} needs -Wait beside it.")
        jobs = self._pick_jobs(specs.RECEIVE_JOB, given)
        if waits:
            self._wait(jobs, given)
        records = self.manager.receive_job(
            jobs,
            keep=given.switch("Keep"),
            location=given.get("Location", ()),
            computer_name=given.get("ComputerName", ()),
            session=given.get("Session", ()),
            no_recurse=given.switch("NoRecurse"),
        )
        if given.switch("AutoRemoveJob"):
            self.manager.remove([job for job in jobs if str(job.state) in _FINISHED])
        return records

    def wait_job(self, given: Arguments) -> Any:
        return self._wait(self._pick_jobs(specs.WAIT_JOB, given), given)

    def stop_job(self, given: Arguments) -> Any:
        jobs = self._pick_jobs(specs.STOP_JOB, given)
        self.manager.stop(jobs)
        return jobs if given.switch("PassThru") else None

    def remove_job(self, given: Arguments) -> None:
        # Remove-Job -State and -Command stop and remove without -Force (SEMANTICS.md 4)
        force = given.switch("Force") or "State" in given or "Command" in given
        self.manager.remove(self._pick_jobs(specs.REMOVE_JOB, given), force=force)

    def watch(self, given: Arguments) -> None:
        self._show(self._pick_jobs(specs.WATCH, given) if given.values else None)

    # -- sessions

    def new_pssession(self, given: Arguments) -> Any:
        return self.manager.new_pssession(
            _connections(given) or [ConnectionInfo()],
            name=given.get("Name"),
            idle_timeout=given.get("IdleTimeoutSec"),
            throttle_limit=given.get("ThrottleLimit", 32),
        )

    def get_pssession(self, given: Arguments) -> Any:
        if "ComputerName" in given:
            return self._remote_sessions(given)
        state = given.get("State")
        return self.manager.pssessions(**_session_filter(given), state=None if state == "All" else state)

    def disconnect_pssession(self, given: Arguments) -> Any:
        sessions = self._pick_sessions(specs.DISCONNECT_PSSESSION, given)
        return self.manager.disconnect(sessions, idle_timeout=given.get("IdleTimeoutSec"))

    def connect_pssession(self, given: Arguments) -> Any:
        return self.manager.connect(self._pick_sessions(specs.CONNECT_PSSESSION, given))

    def receive_pssession(self, given: Arguments) -> Any:
        sessions = self._pick_sessions(specs.RECEIVE_PSSESSION, given)
        if len(sessions) != 1:
            raise UsageError(f"%receive_pssession takes one session at a time, not {len(sessions)}; name one by -Id.")
        out_target, job_name = given.get("OutTarget"), given.get("JobName")
        result = self.manager.receive(sessions[0], out_target=out_target, job_name=job_name)
        if out_target == "Job":
            self._show([result])
        return result

    def remove_pssession(self, given: Arguments) -> None:
        self.manager.remove_sessions(self._pick_sessions(specs.REMOVE_PSSESSION, given))

    # -- what several magics do

    def _settle(self, _: Any = None) -> None:
        if self._clock is not None:
            self._clock.settle()

    def _show(self, jobs: Iterable[Any] | None) -> None:
        view = self.clock.view(None if jobs is None else [job.id for job in jobs])
        view.show(self.shell.display_pub, live=hasattr(self.shell, "kernel"))

    def _wait(self, jobs: list[Any], given: Arguments) -> Any:
        timeout = given.get("Timeout")
        if timeout is not None and timeout < 0:
            timeout = None  # -1 is PowerShell's "for ever"
        return self.manager.wait(jobs, timeout=timeout, any=given.switch("Any"), force=given.switch("Force"))

    def _pick_jobs(self, spec: MagicSpec, given: Arguments) -> list[Any]:
        if "Job" in given:
            return list(given.get("Job"))
        chosen = _job_filter(given)
        if not chosen:
            raise UsageError(f"{spec.shown} needs to know which job: -Name, -Id or -Job. {self._jobs_there_are()}")
        return list(self.manager.jobs(**chosen))

    def _jobs_there_are(self) -> str:
        jobs = list(self.manager.jobs())
        if not jobs:
            return "There are no jobs yet."
        listed = ", ".join(f"{job.id} {job.name}" for job in jobs[-LISTED_JOBS:])
        return f"There are {listed}." if len(jobs) <= LISTED_JOBS else f"The last ones are {listed}."

    def _pick_sessions(self, spec: MagicSpec, given: Arguments) -> list[Any]:
        if "Session" in given:
            return list(given.get("Session"))
        if "ComputerName" in given:
            return list(self._remote_sessions(given))
        chosen = _session_filter(given)
        if not chosen:
            raise UsageError(f"{spec.shown} needs to know which session: -Name, -Id or -Session. %get_pssession lists.")
        return list(self.manager.pssessions(**chosen))

    def _remote_sessions(self, given: Arguments) -> Any:
        state = given.get("State")
        found: Any = None
        for connection in _connections(given):
            sessions = self.manager.remote_sessions(
                connection,
                name=given.get("Name", ()),
                instance_id=given.get("InstanceId", ()),
                state=None if state == "All" else state,
            )
            found = sessions if found is None else type(found)([*found, *sessions])
        return found


def _script(given: Arguments, cell: str | None) -> str:
    path = given.get("FilePath")
    if path is None:
        if cell is None or not cell.strip():
            raise UsageError(
                "%%remote_job needs a script: write PowerShell under the line, or name a file with -FilePath."
            )
        return cell.removesuffix("\n")
    if cell is not None and cell.strip():
        raise UsageError("-FilePath names the script, so the cell must be empty.")
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"-FilePath {path} cannot be read: {error}.") from None


def _connections(given: Arguments) -> list[ConnectionInfo]:
    names = given.get("ComputerName")
    words = {
        "port": "Port", "use_ssl": "UseSSL", "credential": "Credential", "authentication": "Authentication",
        "configuration_name": "ConfigurationName", "application_name": "ApplicationName",
    }  # fmt: skip
    details = {field: given.get(word) for field, word in words.items() if word in given}
    hosts = given.get("HostName")
    if hosts is not None:
        if details:
            wrong = next(word for word in words.values() if word in given)
            raise UsageError(
                f"-{wrong} does not go with -HostName; write user@host:port, the rest is ssh's configuration."
            )
        option = PSSessionOption(idle_timeout=given.get("IdleTimeoutSec"))
        return [ConnectionInfo.over_ssh(host, option) for host in hosts]
    if names is None:
        return [ConnectionInfo(**details)] if details and "Session" not in given else []
    option = PSSessionOption(idle_timeout=given.get("IdleTimeoutSec"))
    return [ConnectionInfo(computer_name=name, option=option, **details) for name in names]


def _job_filter(given: Arguments) -> dict[str, Any]:
    words = {"id": "Id", "name": "Name", "instance_id": "InstanceId", "state": "State", "command": "Command"}
    return {field: given.get(word) for field, word in words.items() if word in given}


def _session_filter(given: Arguments) -> dict[str, Any]:
    words = {"id": "Id", "name": "Name", "instance_id": "InstanceId"}
    return {field: given.get(word) for field, word in words.items() if word in given}


def _names_one(given: Arguments) -> bool:
    """Whether the line names one job rather than a set of them."""
    asked = [*given.get("Id", ()), *given.get("Name", ()), *given.get("InstanceId", ())]
    return len(asked) == 1 and not _WILDCARDS & set(str(asked[0])) and not given.switch("IncludeChildJob")


def _came_back(jobs: list[Any]) -> str:
    """One line: which jobs this notebook had, and what becomes of them now."""
    told = ", ".join(f"{job.name} ({_now(job)})" for job in jobs[:LISTED_JOBS])
    if len(jobs) > LISTED_JOBS:
        told += f" and {len(jobs) - LISTED_JOBS} more"
    count = "1 job" if len(jobs) == 1 else f"{len(jobs)} jobs"
    return f"{count} of this notebook came back: {told}. %watch shows them live."


def _now(job: Any) -> str:
    return str(job.state) if str(job.state) in _FINISHED else "reconnecting"
