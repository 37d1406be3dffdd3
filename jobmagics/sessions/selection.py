"""Which jobs and sessions a person means: Get-Job's and Get-PSSession's filters, with PowerShell's errors. No I/O.

Where documentation and source differ this follows the source (SEMANTICS §4): names search children too, commands and
states do not, -HasMoreData comes after the children were added, times compare the end.
"""

from __future__ import annotations

import datetime
import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from jobmagics.errors import UsageError
from jobmagics.jobs import JobState
from jobmagics.results.entries import ChildEntry, JobEntry, SessionEntry
from jobmagics.sessions.complaints import NO_JOB, NO_SESSION, complaint

Entry = JobEntry | ChildEntry
_WILD = re.compile(r"[*?\[]")


def as_list(value: object) -> list[object]:
    """One or several, as a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, Iterable) and not isinstance(value, str | bytes) else [value]


def matches(pattern: str, text: str) -> bool:
    """PowerShell's wildcards, in any case."""
    return re.match(fnmatch.translate(pattern.lower()), text.lower()) is not None


def is_wild(pattern: object) -> bool:
    return isinstance(pattern, str) and bool(_WILD.search(pattern))


def wanted_states(value: object) -> set[JobState]:
    """Raises UsageError naming the valid states."""
    try:
        return {each if isinstance(each, JobState) else JobState.parse(str(each)) for each in as_list(value)}
    except ValueError as error:
        raise UsageError(f"{error}.") from None


def entry_id(entry: Entry) -> int:
    return entry.record.id


def find_jobs(jobs: Sequence[JobEntry], field: str, keys: Iterable[object], cmdlet: str = "Get-Job") -> list[Entry]:
    """Jobs by ``id``, ``name`` or ``instance_id``, as ``cmdlet`` would find them. Raises NotFound for a key that is no
    wildcard and finds nothing.
    """
    found: list[Entry] = []
    for key in keys:
        tops = [job for job in jobs if _is_named(job, field, key)]
        children = [child for job in jobs for child in job.child_jobs if _is_named(child, field, key)]
        if field == "name":
            here: list[Entry] = [*tops, *(children if cmdlet != "Remove-Job" else ())]
        else:
            here = list(tops) or list(children)
        if not here and not is_wild(key):
            known = ", ".join(str(getattr(job.record, field)) for job in jobs[-8:])
            hint = f"Jobs there are: {known}." if known else "There are no jobs yet."
            raise complaint(NO_JOB[field], cmdlet, key, hint=hint)
        found += here
    return found


def _is_named(entry: Entry, field: str, key: object) -> bool:
    value = getattr(entry.record, field)
    if field == "id":
        return bool(str(key) == str(value))
    return matches(str(key), str(value)) if field == "name" else str(key).strip("{}").upper() == value.upper()


def select_jobs(
    jobs: Sequence[JobEntry],
    *,
    id: object = (),
    name: object = (),
    instance_id: object = (),
    state: object = None,
    command: object = (),
    has_more_data: bool | None = None,
    include_child_jobs: bool = False,
    child_job_state: object = None,
    before: datetime.datetime | None = None,
    after: datetime.datetime | None = None,
    newest: int | None = None,
    cmdlet: str = "Get-Job",
) -> list[Entry]:
    """Get-Job, or the search of another ``cmdlet``. Sorted by id."""
    chosen = _chosen(jobs, {"id": as_list(id), "name": as_list(name), "instance_id": as_list(instance_id)}, cmdlet)
    if state is not None:
        states = wanted_states(state)
        chosen = [entry for entry in chosen if isinstance(entry, JobEntry) and entry.core.state in states]
    if as_list(command):
        patterns = [str(each) for each in as_list(command)]
        chosen = [entry for entry in chosen if isinstance(entry, JobEntry) and _runs(entry, patterns)]
    chosen += _children(chosen, include_child_jobs, child_job_state)
    if has_more_data is not None:
        chosen = [entry for entry in chosen if entry.has_more_data is has_more_data]
    chosen = _by_time(chosen, before, after, newest)
    return sorted(dict.fromkeys(chosen), key=entry_id)


def _chosen(jobs: Sequence[JobEntry], asked: Mapping[str, list[object]], cmdlet: str) -> list[Entry]:
    if not any(asked.values()):
        return list(jobs)
    return [entry for field, keys in asked.items() for entry in find_jobs(jobs, field, keys, cmdlet)]


def _runs(job: JobEntry, patterns: Iterable[str]) -> bool:
    return any(matches(pattern.strip(), job.record.command.strip()) for pattern in patterns)


def _children(chosen: Iterable[Entry], all_of_them: bool, state: object) -> list[Entry]:
    states = set(JobState) if all_of_them else wanted_states(state) if state is not None else set()
    parents = [entry for entry in chosen if isinstance(entry, JobEntry)]
    return [child for job in parents for child in job.child_jobs if child.core.state in states]


def _by_time(
    chosen: list[Entry], before: datetime.datetime | None, after: datetime.datetime | None, newest: int | None
) -> list[Entry]:
    if before is not None:
        limit = _aware(before)
        chosen = [entry for entry in chosen if entry.core.ended is not None and entry.core.ended < limit]
    if after is not None:
        start = _aware(after)
        chosen = [entry for entry in chosen if entry.core.ended is not None and entry.core.ended > start]
    if newest is not None:
        # PowerShell sorts by PSEndTime downwards, where "none yet" is the smallest
        epoch = datetime.datetime.min.replace(tzinfo=datetime.timezone.utc)
        chosen = sorted(chosen, key=lambda entry: entry.core.ended or epoch, reverse=True)[:newest]
    return chosen


def _aware(moment: datetime.datetime) -> datetime.datetime:
    return moment if moment.tzinfo else moment.astimezone()


def select_sessions(
    sessions: Sequence[SessionEntry],
    *,
    id: object = (),
    name: object = (),
    instance_id: object = (),
    computer_name: object = (),
    state: object = None,
    cmdlet: str = "Get-PSSession",
) -> list[SessionEntry]:
    """Get-PSSession, or the search of another ``cmdlet``. Sorted by id."""
    tests: dict[str, Callable[[SessionEntry, str], bool]] = {
        "id": lambda entry, key: str(entry.record.id) == key,
        "name": lambda entry, key: matches(key, entry.record.name),
        "instance_id": lambda entry, key: entry.record.pool_id.upper() == key.strip("{}").upper(),
    }
    asked = {"id": as_list(id), "name": as_list(name), "instance_id": as_list(instance_id)}
    if any(asked.values()):
        found = [
            entry
            for field, keys in asked.items()
            for key in keys
            for entry in _named(sessions, field, str(key), tests[field], cmdlet)
        ]
    else:
        found = list(sessions)
    computers = [str(each) for each in as_list(computer_name)]
    if computers:
        found = [entry for entry in found if any(matches(each, entry.connection.computer_name) for each in computers)]
    if state is not None:
        states = {str(each).lower() for each in as_list(state)}
        found = [entry for entry in found if entry.state.lower() in states]
    return sorted(dict.fromkeys(found), key=lambda entry: entry.record.id)


def _named(
    sessions: Sequence[SessionEntry], field: str, key: str, test: Callable[[SessionEntry, str], bool], cmdlet: str
) -> list[SessionEntry]:
    found = [entry for entry in sessions if test(entry, key)]
    if not found and not (field == "name" and is_wild(key)):
        known = ", ".join(f"{entry.record.id} {entry.record.name}" for entry in sessions[-8:])
        hint = f"Sessions there are: {known}." if known else "There are no sessions."
        raise complaint(NO_SESSION[field], cmdlet, key, hint=hint)
    return found
