"""The words for sessions, and the session that the next cells run in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from jobmagics.errors import InvalidOperation, JobMagicsError, NotFound, UsageError
from jobmagics.psobject import Hashtable
from jobmagics.remote import ConnectionInfo
from jobmagics.results import Job, PSSession
from jobmagics.sessions import SessionManager

from .cells import abandon
from .job_words import JobWords, connections_of, patiently
from .requests import Entry, Given, Word, failure, named, record_entry, session_entry

JOBS_INSIDE = "Get-Job | Where-Object State -in NotStarted, Running, Blocked | ForEach-Object Name"
ENDS_WITH_IT = (
    "Enter-PSSession opened this session: Exit-PSSession closes it, and jobs that are started inside it (Start-Job) end"
    " with it. To keep them, open one with New-PSSession and enter that, or use Invoke-Command -AsJob."
)


class SessionWords(JobWords):
    def __init__(self, manager: Callable[[], SessionManager]) -> None:
        super().__init__(manager)
        self.entered: PSSession | None = None
        """Where the next cells run, instead of in the local session."""
        self.is_own = False
        """Whether Enter-PSSession opened it."""
        self._known: dict[str, PSSession] = {}
        """Sessions that variables may hold, also when they are closed."""

    @property
    def by_name(self) -> dict[str, Word]:
        return {
            "Invoke-Command": self.invoke_command,
            "Start-Job": self.start_job,
            "Start-ThreadJob": self.start_thread_job,
            "Get-Job": self.get_job,
            "Receive-Job": self.receive_job,
            "Wait-Job": self.wait_job,
            "Stop-Job": self.stop_job,
            "Remove-Job": self.remove_job,
            "Detail": self.detail,
            "New-PSSession": self.new_pssession,
            "Get-PSSession": self.get_pssession,
            "Enter-PSSession": self.enter_pssession,
            "Exit-PSSession": self.exit_pssession,
            "Disconnect-PSSession": self.disconnect_pssession,
            "Connect-PSSession": self.connect_pssession,
            "Receive-PSSession": self.receive_pssession,
            "Remove-PSSession": self.remove_pssession,
        }

    def _give(self, session: PSSession) -> Entry:
        self._known[session.instance_id.upper()] = session
        return session_entry(session)

    def _session(self, key: str) -> PSSession:
        known = self._known.get(key)
        return known if known is not None else self.manager.pssessions(instance_id=[key])[0]

    def new_pssession(self, given: Given) -> Iterator[Entry]:
        like = [session.connection for session in self._sessions(given.all("Session"))]
        where = like or connections_of(given) or [ConnectionInfo()]
        failed: list[JobMagicsError] = []
        opened = patiently(
            given,
            lambda: self.manager.new_pssession(
                where,
                name=given.all("Name") or None,
                throttle_limit=given.get("ThrottleLimit") or 32,
                errors=failed,
            ),
        )
        yield from map(failure, failed)
        yield from map(self._give, opened)

    def get_pssession(self, given: Given) -> Iterator[Entry]:
        if "ComputerName" in given or "ConnectionUri" in given:
            yield from map(self._give, self._remote(given))
            return
        found, failed = self._which(given)
        yield from map(failure, failed)
        yield from map(self._give, found)

    def enter_pssession(self, given: Given) -> Iterator[Entry]:
        from jobmagics.sessions.complaints import IN_NESTED_PROMPT, complaint

        if self.entered is not None:
            raise complaint(IN_NESTED_PROMPT, "Enter-PSSession", hint=f"Exit-PSSession leaves {self.entered.name}.")
        where = given.get("ComputerName")
        is_there = isinstance(where, Hashtable | int) or bool({"Session", "Id", "Name", "InstanceId"} & set(given))
        if is_there:
            self.entered, self.is_own = self._to_enter(given), False
            return
        places = connections_of(given)
        (session,) = patiently(given, lambda: self.manager.new_pssession(places))
        self.entered, self.is_own = session, True
        yield {"Kind": "warning", "Value": ENDS_WITH_IT}

    def _to_enter(self, given: Given) -> PSSession:
        """One that there is: connected if need be, and free."""
        from jobmagics.sessions.complaints import CANNOT_ENTER, ENTER_NOT_OPENED, complaint

        found, failed = self._which(given)
        if failed:
            raise failed[0]
        if len(found) != 1:
            raise UsageError(f"Enter-PSSession enters one session at a time, not {len(found)}; name one by -Id.")
        (session,) = found
        if session.state == "Disconnected":
            patiently(given, lambda: self.manager.connect([session]))
        if session.state != "Opened":
            raise complaint(ENTER_NOT_OPENED, "Enter-PSSession", session.name, hint=f"It is {session.state}.")
        if session.availability != "Available":
            raise complaint(CANNOT_ENTER, "Enter-PSSession", session.name)
        return session

    def exit_pssession(self, _given: Given) -> Iterator[Entry]:
        """Where nothing was entered there is nothing to do, as in PowerShell."""
        yield from ({"Kind": "warning", "Value": line} for line in self.leave())

    def leave(self) -> list[str]:
        """The next cells run in the local session again. What there is to say about it."""
        session, self.entered = self.entered, None
        if session is None or not self.is_own:
            return []
        inside = self.said_in(session, JOBS_INSIDE) if session.state == "Opened" else []
        self.manager.remove_sessions([session])
        return [f"Jobs that ran inside the session ended with it: {', '.join(inside)}."] if inside else []

    def give_up(self) -> None:
        """Closes the entered session with whatever runs in it. The next cells run in the local one."""
        session, self.entered = self.entered, None
        if session is not None:
            abandon(self.manager, session)

    def place(self) -> PSSession | None:
        """The entered session. Raises InvalidOperation if it was lost, and leaves it."""
        session = self.entered
        if session is not None and session.state != "Opened":
            self.entered = None
            raise InvalidOperation(
                f"The session {session.name} on {session.computer_name} is {session.state}, so it was left: cells run"
                " in the local session again."
            )
        return session

    def prompt(self) -> str:
        """What PowerShell shows before what is typed into the entered session, "" in the local one."""
        session = self.place()
        if session is None:
            return ""
        text = "".join(self.said_in(session, "prompt")) or "PS>"
        return f"[{session.computer_name}]: {text}"

    def said_in(self, session: PSSession, script: str) -> list[str]:
        """What a small script of ours says in a session."""
        job = self.manager.invoke(script, sessions=[session], no_store=True, job_id=0)
        self.manager.wait([job])
        told = [str(value) for value in job.output]
        self.manager.remove([job], force=True)
        return told

    def disconnect_pssession(self, given: Given) -> Iterator[Entry]:
        found, failed = self._which(given)
        yield from map(failure, failed)
        for session in found:
            try:
                patiently(
                    given,
                    lambda session=session: self.manager.disconnect(  # type: ignore[misc]
                        [session],
                        idle_timeout=given.get("IdleTimeoutSec"),
                        output_buffering_mode=given.get("OutputBufferingMode"),
                    ),
                )
                yield self._give(session)
            except JobMagicsError as error:
                yield failure(error)

    def connect_pssession(self, given: Given) -> Iterator[Entry]:
        if "ComputerName" in given:
            found = [each for each in self._remote(given) if each.state == "Disconnected"]
        else:
            found, failed = self._which(given)
            yield from map(failure, failed)
        for session in found:
            try:
                patiently(given, lambda session=session: self.manager.connect([session]))  # type: ignore[misc]
                yield self._give(session)
            except JobMagicsError as error:
                yield failure(error)

    def receive_pssession(self, given: Given) -> Iterator[Entry]:
        if "ComputerName" in given:
            found = self._remote(given)
        else:
            found, failed = self._which(given)
            yield from map(failure, failed)
            if failed:
                return
        if len(found) != 1:
            raise UsageError(f"Receive-PSSession takes one session at a time, not {len(found)}; name one by -Id.")
        target = given.get("OutTarget")
        name = given.get("JobName")
        wanted = "Job" if target == "Job" or (target in (None, "Default") and self._runs_ours(found[0])) else "Host"
        result = patiently(given, lambda: self.manager.receive(found[0], out_target="Job", job_name=name))
        if not isinstance(result, Job):
            return
        if wanted == "Job":
            yield self._begun(result)
            return
        yield from self._stream(given, [result])
        yield from map(record_entry, self.manager.receive_job([result]).stream())

    def _runs_ours(self, session: PSSession) -> bool:
        return bool(session._entry.going)

    def remove_pssession(self, given: Given) -> Iterator[Entry]:
        found, failed = self._which(given)
        yield from map(failure, failed)
        patiently(given, lambda: self.manager.remove_sessions(found))

    def known(self, value: Any) -> Any:
        """The job or session that an object stands for which has left the local session, or the object."""
        try:
            if (key := named(value, "Job")) is not None:
                return self.manager.jobs(instance_id=[key])[0]
            if (key := named(value, "PSSession")) is not None:
                return self._session(key)
        except NotFound:  # removed meanwhile: what it said of itself has to do
            pass
        return value

    # -- which

    def _which(self, given: Given) -> tuple[list[PSSession], list[JobMagicsError]]:
        """The sessions that a call names, and why some of them are none."""
        asked: list[tuple[str, Any]] = []
        for word, field in (("Id", "id"), ("Name", "name"), ("InstanceId", "instance_id")):
            asked += [(field, str(key)) for key in given.all(word)]
        where = [each for each in given.all("ComputerName") if isinstance(each, Hashtable | int)]
        held = [*given.all("Session"), *where]
        asked += [("id", str(each)) for each in held if isinstance(each, int)]
        found = self._sessions(each for each in held if not isinstance(each, int))
        failed: list[JobMagicsError] = []
        for field, key in asked:
            try:
                found += self.manager.pssessions(**{field: [key]}, cmdlet=given.word)
            except NotFound as error:
                failed.append(error)
        names = [str(each) for each in given.all("ComputerName") if isinstance(each, str)]
        if names or not (asked or held):
            found += self.manager.pssessions(computer_name=names)
        return list(dict.fromkeys(found)), failed

    def _remote(self, given: Given) -> list[PSSession]:
        state = given.get("State")
        places = connections_of(given)
        return patiently(
            given,
            lambda: self.manager.remote_sessions(
                places,
                name=given.all("Name"),
                instance_id=[str(each) for each in given.all("InstanceId")],
                state=None if state == "All" else state,
                throttle_limit=given.get("ThrottleLimit") or 32,
                cmdlet=given.word,
            ),
        )
