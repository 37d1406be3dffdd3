"""The magics whose cells run at once: %%invoke_command, and %%powershell in this notebook's own session on this machine
or in the one that %enter_pssession entered.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from ..console.texts import colored, plain
from ..errors import ConnectionFailed, InvalidOperation, RemoteError, UsageError
from ..options import Arguments
from ..options import cell_specs as specs
from ..remote import DEFAULT_CONFIGURATION, ConnectionInfo
from .job_words import JobWords
from .lines import connections_of, script_of

if TYPE_CHECKING:
    from ..console.following import Following
    from ..console.streams import Console
    from ..results import ChildJob, Job, PSSession, Records

LOCAL = "local"
"""The name of the session of %%powershell cells."""
LEAVING = frozenset({"exit", "exit-pssession", "exsn"})
PROMPT = "prompt"
JOBS_INSIDE = "Get-Job | Where-Object State -in NotStarted, Running, Blocked | ForEach-Object Name"
ENDS_WITH_IT = (
    "This session was opened by %enter_pssession: %exit_pssession closes it, and jobs that are started inside it"
    " (Start-Job) end with it. To keep them, open one with %new_pssession and enter that, or use %%remote_job."
)


class ScriptFailed(RemoteError):
    """A cell's script ended with an error; ``shown`` is how PowerShell shows it."""

    def __init__(self, message: str, shown: str = "", fqid: str = "") -> None:
        super().__init__(message, fqid=fqid)
        self.shown = shown or message

    def _render_traceback_(self, *_: object) -> list[str]:
        return colored(self.shown).rstrip("\n").split("\n")


class ScriptStopped(KeyboardInterrupt):
    """The person interrupted, and the script was stopped where it ran."""

    def _render_traceback_(self, *_: object) -> list[str]:
        return [str(self)]


class CellWords(JobWords):
    _entered: PSSession | None = None
    _is_own = False
    """Whether %enter_pssession opened it."""

    def invoke_command(self, given: Arguments, cell: str | None) -> Any:
        if any(word in given for word in ("AsJob", "JobName", "InDisconnectedSession", "SessionName")):
            return self.remote_job(given, cell)
        script = script_of(given, cell, specs.INVOKE_COMMAND.shown)
        details = self._invocation(given)
        if "Session" in given:
            details["sessions"] = self._ready(given.get("Session"))
        job = self.manager.invoke(script, hide_computer_name=given.switch("HideComputerName"), **details)
        return self._run_here(job, is_marked=True, shows_output=cell is not None)

    def powershell(self, given: Arguments, cell: str | None) -> Any:
        script = script_of(given, cell, specs.POWERSHELL.shown)
        if self._entered is not None and script.strip().lower() in LEAVING:
            return self.exit_pssession(given)
        session = self._session_of_cells()
        arguments = given.get("ArgumentList", ())
        job = self.manager.invoke(script, sessions=[session], arguments=arguments, using=self.namespace)
        try:
            return self._run_here(job)
        finally:
            if self._entered is not None and self._entered.state == "Opened":
                self._show_prompt(self._entered)

    def enter_pssession(self, given: Arguments) -> None:
        from ..sessions.complaints import IN_NESTED_PROMPT, complaint

        if self._entered is not None:
            hint = f"It is {self._entered.name}; %exit_pssession leaves it."
            raise complaint(IN_NESTED_PROMPT, "Enter-PSSession", hint=hint)
        if not given.values:
            raise UsageError(
                "%enter_pssession needs to know where: a computer's name, -HostName, -Id, -Name or -Session."
            )
        places = connections_of(given) if not {"Session", "Id", "Name", "InstanceId"} & set(given.values) else []
        if len(places) > 1:
            raise UsageError(f"%enter_pssession enters one session at a time, not {len(places)}.")
        session = self._opened(places[0]) if places else self._to_enter(given)
        self._entered, self._is_own = session, bool(places)
        if self._is_own:
            print(ENDS_WITH_IT)
        self._show_prompt(session)

    def exit_pssession(self, _given: Arguments) -> None:
        session, self._entered = self._entered, None
        if session is None:
            raise InvalidOperation("No session was entered, so there is none to leave; %enter_pssession enters one.")
        if not self._is_own:
            return
        inside = self._asked(session, JOBS_INSIDE) if session.state == "Opened" else []
        self.manager.remove_sessions([session])
        if inside:
            print(f"Jobs that ran inside the session ended with it: {plain(', '.join(inside))}.")

    # -- where cells run

    def _opened(self, place: ConnectionInfo) -> PSSession:
        """A session of its own. What stands alone in the line is a computer, as in PowerShell, and no session."""
        try:
            return self.manager.new_pssession([place])[0]
        except ConnectionFailed as error:
            name = place.computer_name
            if not any(session.name.lower() == name.lower() for session in self.manager.pssessions()):
                raise
            raise ConnectionFailed(f"{error} There is a session {name}: %enter_pssession -Name {name}.") from None

    def _to_enter(self, given: Arguments) -> PSSession:
        """A session that there is: connected if need be, and free."""
        from ..sessions.complaints import CANNOT_ENTER, ENTER_NOT_OPENED, complaint

        found = self._pick_sessions(specs.ENTER_PSSESSION, given)
        if len(found) != 1:
            raise UsageError(f"%enter_pssession enters one session at a time, not {len(found)}; name one by -Id.")
        session: PSSession = found[0]
        if session.state == "Disconnected":
            self.manager.connect([session])
        if session.state != "Opened":
            raise complaint(ENTER_NOT_OPENED, "Enter-PSSession", session.name, hint=f"It is {session.state}.")
        if session.availability != "Available":
            raise complaint(CANNOT_ENTER, "Enter-PSSession", session.name)
        return session

    def _session_of_cells(self) -> PSSession:
        session = self._entered
        if session is None:
            return self._local_session()
        if session.state != "Opened":
            self._entered = None
            raise InvalidOperation(
                f"The session {session.name} on {session.computer_name} is {session.state}, so it was left:"
                " %%powershell cells run on this machine again."
            )
        return session

    def _local_session(self) -> PSSession:
        """This notebook's own session on this machine, with its variables, also from before the kernel died."""
        for known in self.manager.pssessions(name=f"{LOCAL}*"):
            if known.name == LOCAL and known.connection == ConnectionInfo():
                if known.state == "Disconnected":
                    self.manager.connect([known])
                if known.state == "Opened":
                    return known
        session = self.manager.new_pssession([ConnectionInfo()], name=LOCAL)[0]
        self._asked(session, "Set-Location -LiteralPath $args[0]", os.getcwd())
        return session

    def _ready(self, sessions: list[Any]) -> list[Any]:
        """Those that can run a command now; the others are told about. Raises InvalidOperation if none can."""
        from ..sessions.complaints import NO_VALID_SESSION, SESSION_AVAILABILITY, SESSION_STATE, complaint

        ready = []
        for session in sessions:
            facts = (session.name, session.instance_id.lower(), session.computer_name)
            if session.state != "Opened":
                print(complaint(SESSION_STATE, "Invoke-Command", *facts, session.state).message, file=sys.stderr)
            elif session.availability != "Available":
                refusal = complaint(SESSION_AVAILABILITY, "Invoke-Command", *facts, session.availability)
                print(refusal.message, file=sys.stderr)
            else:
                ready.append(session)
        if not ready:
            raise complaint(NO_VALID_SESSION, "Invoke-Command")
        return ready

    # -- running

    def _run_here(self, job: Job, *, is_marked: bool = False, shows_output: bool = True) -> Records:
        """Shows the job as it goes, to its end. Raises how it failed; what it gave is then to be had from the job."""
        from ..console.following import Following
        from ..console.interrupts import Interrupts
        from ..console.person import ShellPerson
        from ..console.streams import Console

        console = Console(self._publish, shows_output=shows_output)
        with Interrupts() as interrupts:
            following = Following(self.manager, job, console, ShellPerson(), interrupts, is_marked=is_marked)
            following.run()
        if interrupts.count:
            raise ScriptStopped(self._after_interrupt(following))
        if any(str(child.state) == "Disconnected" for child in job.children):
            raise ScriptFailed(
                f"The connection was lost, and the script goes on as job {job.id} ({job.name}):"
                f" %receive_job -Id {job.id} -Wait gives the rest."
            )
        records = job.records()
        failed = [child for child in job.children if str(child.state) != "Completed"]
        self.manager.remove([job])
        if failed:
            raise _failure(failed, console)
        return records

    def _after_interrupt(self, following: Following) -> str:
        job = following.job
        if following.has_end:
            self.manager.remove([job], force=True)
            return "Interrupted: the pipeline was stopped."
        return (
            f"Interrupted, but the pipeline has not stopped yet: it is job {job.id} ({job.name}), and its session is"
            f" busy until it does. %remove_job -Id {job.id} -Force ends the waiting for it."
        )

    def _asked(self, session: PSSession, script: str, *arguments: Any) -> list[str]:
        """What a small script of ours says in a session."""
        job = self.manager.invoke(script, sessions=[session], arguments=arguments)
        self.manager.wait([job])
        told = [str(value) for value in job.output]
        self.manager.remove([job], force=True)
        return told

    def _show_prompt(self, session: PSSession) -> None:
        text = "".join(self._asked(session, PROMPT)) or "PS>"
        print(_prompt_prefix(session) + plain(text))

    def _publish(self, kind: str, content: dict[str, Any]) -> None:
        """What the console says, by the ways of an IPython shell."""
        if kind == "stream":
            stream = sys.stderr if content["name"] == "stderr" else sys.stdout
            stream.write(content["text"])
            stream.flush()
            return
        update = kind == "update_display_data"
        self.shell.display_pub.publish(content["data"], transient=content["transient"], update=update)


def _failure(failed: list[ChildJob], console: Console) -> ScriptFailed:
    """One script's error as PowerShell shows it; of several computers, which failed and why."""
    if len(failed) == 1 and console.failure is not None:
        return ScriptFailed(failed[0].reason, console.error_text(console.failure), "JobStateFailed")
    told = "; ".join(f"{child.location}: {child.reason or child.state}" for child in failed)
    return ScriptFailed(f"It did not complete on {told}", fqid="JobStateFailed")


def _prompt_prefix(session: PSSession) -> str:
    """The host in brackets; not for a restricted endpoint (HostUtilities.cs:229)."""
    own = session.configuration_name == DEFAULT_CONFIGURATION or session.transport == "SSH"
    return f"[{session.computer_name}]: " if own else ""
