"""The words for jobs: what each of PowerShell's parameters means to the manager."""

from __future__ import annotations

import contextlib
import datetime
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from jobmagics.errors import JobMagicsError, NotFound, UsageError
from jobmagics.jobs import JobState
from jobmagics.psobject import Hashtable
from jobmagics.remote import ConnectionInfo, PSSessionOption
from jobmagics.remote.places import WORDS, places
from jobmagics.results import ChildJob, Job, PSSession
from jobmagics.sessions import SessionManager

from .requests import PAUSE, Entry, Given, facts_of, failure, job_entry, record_entry, session_entry

LOOK_SECONDS = 0.1
"""So often a wait looks whether the cell was interrupted."""
_T = TypeVar("_T")
_OPTIONS = {
    "OpenTimeout": "open_timeout",
    "CancelTimeout": "cancel_timeout",
    "OperationTimeout": "operation_timeout",
    "MaxConnectionRetryCount": "max_connection_retry_count",
    "NoMachineProfile": "no_machine_profile",
    "SkipCACheck": "skip_ca_check",
    "SkipCNCheck": "skip_cn_check",
}


class JobWords:
    """Over the notebook's manager, which is made when it is first needed."""

    def __init__(self, manager: Callable[[], SessionManager]) -> None:
        self._get_manager = manager
        self.begun: list[Job] = []
        """The jobs that the cell's words gave a beginning, or took up again."""
        self._gone: dict[str, dict[str, Any]] = {}
        """What was known last of jobs that were removed: a variable may still hold them."""
        self._here: set[Job] = set()
        """Those of commands that are waited for, which nobody sees as jobs."""

    @property
    def manager(self) -> SessionManager:
        return self._get_manager()

    # -- starting

    def invoke_command(self, given: Given) -> Iterator[Entry]:
        sessions = [each for each in given.all("ComputerName") if isinstance(each, Hashtable)]
        sessions += given.all("Session")
        details: dict[str, Any] = {
            "connections": [] if sessions else connections_of(given) or [ConnectionInfo()],
            "throttle_limit": given.get("ThrottleLimit") or 32,
            **_what_a_script_gets(given),
        }
        script = _script(given)
        if given.get("InDisconnectedSession") or "SessionName" in given:
            yield from map(session_entry, self._in_disconnected_session(given, script, details))
            return
        details["sessions"] = self._sessions(sessions)
        is_job = bool(given.get("AsJob")) or "JobName" in given
        if not is_job and sessions:
            refused = list(self._refused(details["sessions"]))
            yield from map(failure, refused)
            details["sessions"] = [each for each in details["sessions"] if _is_free(each)]
            if not details["sessions"]:
                raise _none_valid()
        job = patiently(
            given,
            lambda: self.manager.invoke(
                script,
                job_name=given.get("JobName"),
                hide_computer_name=bool(given.get("HideComputerName")),
                job_id=None if is_job else self.manager.take_id(),  # one for all computers, as PowerShell takes it
                **details,
            ),
        )
        if is_job:
            yield self._begun(job)
        else:
            yield from self._run_here(given, job)

    def _in_disconnected_session(self, given: Given, script: str, details: dict[str, Any]) -> Iterable[PSSession]:
        return patiently(
            given,
            lambda: self.manager.invoke_disconnected(
                script,
                as_job=bool(given.get("AsJob")) or "JobName" in given,
                in_disconnected_session=bool(given.get("InDisconnectedSession")),
                session_name=given.get("SessionName"),
                **details,
            ),
        )

    def _refused(self, sessions: Iterable[PSSession]) -> Iterator[JobMagicsError]:
        from jobmagics.sessions.complaints import SESSION_AVAILABILITY, SESSION_STATE, complaint

        for session in sessions:
            facts = (session.name, session.instance_id.lower(), session.computer_name)
            if session.state != "Opened":
                yield complaint(SESSION_STATE, "Invoke-Command", *facts, session.state)
            elif not _is_free(session):
                yield complaint(SESSION_AVAILABILITY, "Invoke-Command", *facts, session.availability)

    def _run_here(self, given: Given, job: Job) -> Iterator[Entry]:
        """The script's output as it comes; then the job is gone, unless it was disconnected. Left before its end, it
        is stopped.
        """
        self._here.add(job)
        try:
            yield from self._stream(given, [job])
            yield from map(record_entry, self.manager.receive_job([job]).stream())
        finally:
            self._here.discard(job)
            if job.state is not JobState.DISCONNECTED:
                with contextlib.suppress(JobMagicsError):
                    self.manager.remove([job], force=True)
        if job.state is JobState.DISCONNECTED:
            rest = f"job {job.id} ({job.name}): Receive-Job -Id {job.id}."
            told = f"The connection was lost; the command goes on as {rest}"
            yield {"Kind": "warning", "Value": told}

    def start_job(self, given: Given) -> Iterator[Entry]:
        job = self.manager.start_job(
            _script(given),
            name=given.get("Name"),
            initialization_script=given.get("InitializationScript"),
            working_directory=given.get("WorkingDirectory"),
            **_what_a_script_gets(given),
        )
        yield self._begun(job)

    def start_thread_job(self, given: Given) -> Iterator[Entry]:
        job = self.manager.start_thread_job(
            _script(given),
            name=given.get("Name"),
            initialization_script=given.get("InitializationScript"),
            throttle_limit=given.get("ThrottleLimit"),
            **_what_a_script_gets(given),
        )
        yield self._begun(job)

    def _begun(self, job: Job) -> Entry:
        self.begun.append(job)
        return job_entry(job)

    # -- those there are

    def get_job(self, given: Given) -> Iterator[Entry]:
        found, failed = self._find(given, "State", "Command")
        yield from map(failure, failed)
        filters = {
            "has_more_data": given.get("HasMoreData"),
            "include_child_jobs": bool(given.get("IncludeChildJob")),
            "child_job_state": given.get("ChildJobState"),
            "before": given.get("Before"),
            "after": given.get("After"),
            "newest": given.get("Newest"),
        }
        keys = [job.id for job in found]
        if keys or not failed:
            chosen = self.manager.jobs(id=keys, **filters) if keys else []
            yield from (job_entry(job) for job in chosen if job not in self._here)

    def receive_job(self, given: Given) -> Iterator[Entry]:
        from jobmagics.sessions.jobkeeper import check_receiving

        manner: dict[str, Any] = {
            "keep": bool(given.get("Keep")),
            "wait": bool(given.get("Wait")),
            "force": bool(given.get("Force")),
            "auto_remove_job": bool(given.get("AutoRemoveJob")),
            "write_events": bool(given.get("WriteEvents")),
            "write_job_in_results": bool(given.get("WriteJobInResults")),
        }
        check_receiving(**manner)
        found, failed = self._find(given)
        yield from map(failure, failed)
        origins: dict[str, Any] = {
            "location": given.all("Location"),
            "computer_name": given.all("ComputerName"),
            "session": self._sessions(given.all("Session")),
            "no_recurse": bool(given.get("NoRecurse")),
        }
        if manner["write_job_in_results"]:
            yield from map(job_entry, found)
        if manner["wait"] and not any(origins.values()):
            yield from self._stream(given, found, force=manner["force"])
        self._remember(found)
        manner["write_job_in_results"] = False
        records = self.manager.receive_job(found, ask=given.ask, **origins, **manner)
        yield from map(record_entry, records.stream())

    def _stream(self, given: Given, jobs: Sequence[Job | ChildJob], *, force: bool = False) -> Iterator[Entry]:
        """What they give, until they have come to rest."""
        while True:
            version = self.manager.version
            settled = all(self.manager.is_settled(job, force=force) for job in jobs)
            came = 0
            for record in self.manager.receive_new(jobs).stream():
                came += 1
                yield record_entry(record)
            if settled:
                return
            if came:
                yield PAUSE
            for child in [child for job in jobs for child in job._askers()]:
                given.ask(child)
            given.check()
            self.manager.wait_for_change(version, LOOK_SECONDS)

    def wait_job(self, given: Given) -> Iterator[Entry]:
        found, failed = self._find(given, "State")
        yield from map(failure, failed)
        seconds = given.get("Timeout", -1)
        deadline = None if seconds < 0 else time.monotonic() + seconds
        while True:
            given.check()
            left = LOOK_SECONDS if deadline is None else min(LOOK_SECONDS, max(0.0, deadline - time.monotonic()))
            done = self.manager.wait(found, timeout=left, any=bool(given.get("Any")), force=bool(given.get("Force")))
            if done or not found or (deadline is not None and time.monotonic() >= deadline):
                yield from map(job_entry, done)
                return

    def stop_job(self, given: Given) -> Iterator[Entry]:
        found, failed = self._find(given, "State")
        yield from map(failure, failed)
        patiently(given, lambda: self.manager.stop(found))
        if given.get("PassThru"):
            yield from map(job_entry, found)

    def remove_job(self, given: Given) -> Iterator[Entry]:
        found, failed = self._find(given, "State", "Command", cmdlet="Remove-Job")
        yield from map(failure, failed)
        force = bool(given.get("Force")) or "State" in given or "Command" in given
        for job in found:
            try:
                patiently(given, lambda job=job: self._remove(job, force))  # type: ignore[misc]
            except UsageError as error:
                yield failure(error)

    def _remove(self, job: Job | ChildJob, force: bool) -> None:
        self._remember([job])
        self.manager.remove([job], force=force)

    def detail(self, given: Given) -> Iterator[Entry]:
        """What a property of a job or session is now."""
        key = str(given["InstanceId"]).upper()
        if given["Kind"] == "Session":
            session = self._session(key)
            yield {"State": session.state, "Availability": session.availability}
            return
        try:
            (job,) = self.manager.jobs(instance_id=[key])
        except NotFound:
            yield self._gone.get(key, {"State": "Completed", "HasMoreData": False})
            return
        if given["Kind"] == "Stream":
            yield {"Value": job.errors if given["Stream"] == "error" else job.output}
            return
        yield _detail(job)

    def _remember(self, jobs: Iterable[Job | ChildJob]) -> None:
        for job in jobs:
            for each in [job, *(job.children if isinstance(job, Job) else ())]:
                self._gone[each.instance_id.upper()] = {**_detail(each), "HasMoreData": False}

    # -- which

    def _find(self, given: Given, *filters: str, cmdlet: str = "") -> tuple[list[Job | ChildJob], list[JobMagicsError]]:
        """The jobs that a call names, and why some of them are none."""
        cmdlet = cmdlet or given.word
        asked: list[tuple[str, Any]] = []
        for job in given.all("Job"):
            asked.append(_key_of(job))
        for word, field in (("Id", "id"), ("Name", "name"), ("InstanceId", "instance_id")):
            asked += [(field, str(key) if field == "instance_id" else key) for key in given.all(word)]
        found: list[Job | ChildJob] = []
        failed: list[JobMagicsError] = []
        for field, key in asked:
            try:
                found += self.manager.jobs(**{field: [key]}, cmdlet=cmdlet)
            except NotFound as error:
                failed.append(error)
        if not asked:
            fields = {"State": "state", "Command": "command"}
            found = list(self.manager.jobs(**{fields[word]: given[word] for word in filters if word in given}))
        return list(dict.fromkeys(found)), failed

    def _session(self, key: str) -> PSSession:
        raise NotImplementedError

    def _sessions(self, given: Iterable[Any]) -> list[PSSession]:
        found = []
        for each in given:
            if not isinstance(each, Hashtable) or "Session" not in each:
                raise UsageError(f"{_shown(each)} is no session; New-PSSession and Get-PSSession give sessions.")
            found.append(self._session(str(each["Session"]).upper()))
        return found


def patiently(given: Given, call: Callable[[], _T]) -> _T:
    """What a call gives that may take long. If the cell is interrupted meanwhile, the call goes on alone."""
    done: list[_T] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            done.append(call())
        except BaseException as error:  # noqa: BLE001 - raised below, in the thread that waits
            failed.append(error)

    thread = threading.Thread(target=work, name="jobmagics-word", daemon=True)
    thread.start()
    while thread.is_alive():
        given.check()
        thread.join(LOOK_SECONDS)
    if failed:
        raise failed[0]
    return done[0]


def connections_of(given: Given) -> list[ConnectionInfo]:
    """Where a call says to go. The password of a credential is asked for here, by whoever may ask."""
    from jobmagics.sessions.secrets import require_secrets

    names = [name for name in given.all("ComputerName") if not isinstance(name, Hashtable)]
    details = {field: given.get(word) or None for field, word in WORDS.items()}
    found = places(
        [str(name) for name in names] or None,
        host_name=[str(name) for name in given.all("HostName")] or None,
        connection_uri=[str(uri) for uri in given.all("ConnectionUri")] or None,
        user_name=given.get("UserName"),
        session_option=_option(given),
        **details,
    )
    require_secrets(found)
    return found


def _option(given: Given) -> PSSessionOption | None:
    if "SessionOption" not in given:
        return None
    facts = facts_of(given["SessionOption"])
    known = {field: facts[word] for word, field in _OPTIONS.items() if word in facts}
    idle = facts.get("IdleTimeout")
    if idle is not None and idle > 0:
        known["idle_timeout"] = idle
    mode = facts.get("OutputBufferingMode")
    return PSSessionOption(**known, output_buffering_mode=None if mode in (None, "", "None") else mode)


def _script(given: Given) -> str:
    script = given.get("ScriptBlock")
    if script is None:
        raise UsageError("There is nothing to run: -ScriptBlock or -FilePath says what.")
    return str(script)


def _what_a_script_gets(given: Given) -> dict[str, Any]:
    return {
        "arguments": given.all("ArgumentList"),
        "input": given.all("InputObject") if "InputObject" in given else None,
        "using": dict(facts_of(given.get("Using"))),
    }


def _key_of(job: Any) -> tuple[str, Any]:
    if isinstance(job, Hashtable) and "Job" in job:
        return "instance_id", job["Job"]
    if isinstance(job, str | int):
        return "id" if isinstance(job, int) else "name", job
    raise UsageError(f"{_shown(job)} is no job; Get-Job gives jobs.")


def _shown(value: Any) -> str:
    return str(value)[:80] or "That"


def _is_free(session: PSSession) -> bool:
    return session.state == "Opened" and session.availability == "Available"


def _none_valid() -> JobMagicsError:
    from jobmagics.sessions.complaints import NO_VALID_SESSION, complaint

    return complaint(NO_VALID_SESSION, "Invoke-Command")


def _detail(job: Job | ChildJob) -> dict[str, Any]:
    return {
        "State": str(job.state),
        "HasMoreData": job.has_more_data,
        "StatusMessage": job.status_message,
        "Reason": getattr(job, "reason", "") or None,
        "PSBeginTime": _local(job.begin_time),
        "PSEndTime": _local(job.end_time),
    }


def _local(moment: datetime.datetime | None) -> datetime.datetime | None:
    return None if moment is None else moment.astimezone()
