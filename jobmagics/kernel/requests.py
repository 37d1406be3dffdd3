"""What PowerShell's words for jobs and sessions ask of the kernel (``prelude.ps1``), and the answers on their way back.

A request is a prompt of the host with one field of a name that is known here: CLIXML in its message, CLIXML as its
answer. An answer is a batch of entries, each a thing to write to one of PowerShell's streams, and a token if there is
more; the rest is asked for by the token. So objects go through the local pipeline as they come, however many.
"""

from __future__ import annotations

import contextlib
import getpass
import itertools
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from jobmagics import clixml
from jobmagics.errors import InvalidOperation, JobMagicsError, UsageError
from jobmagics.psobject import Hashtable, PSObject
from jobmagics.remote.questions import Question
from jobmagics.results import ChildJob, ErrorRecord, Job, PSSession, StreamRecord

from ..console.following import put_question
from ..console.prompts import Person

if TYPE_CHECKING:
    from jobmagics.sessions import SessionManager

FIELD = "jobmagics:request"
BATCH = 200
"""Entries of one answer."""
DEPTH = 20
"""Objects come from remote sessions, where their depth was decided."""
LEFT_BEHIND = "The kernel that served this has ended; its jobs are there (Get-Job), and the rest is received from them."
FATAL = ("BlockedJobsDeadlockWithWaitJob", "InvalidOperation", "ParameterBindingFailed", "System.InvalidOperation")
"""Beginnings of the ids of errors that end the command (SEMANTICS 3 and 4)."""

Entry = dict[str, Any]
Word = Callable[["Given"], Iterable[Entry]]


class Interrupted(JobMagicsError):
    """The person stopped the cell while it was served."""

    fqid = "PipelineStopped"
    category = "OperationStopped"


class Given(Mapping[str, Any]):
    """The parameters of one call, as PowerShell bound them. ``person``: whoever can be asked meanwhile."""

    def __init__(self, word: str, words: Mapping[str, Any], person: Person, check: Callable[[], None]) -> None:
        self.word, self.person, self.check = word, person, check
        self._words = words

    def __getitem__(self, name: str) -> Any:
        value = self._words[name]
        return value._base if isinstance(value, PSObject) and value._base is not None else value

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def __len__(self) -> int:
        return len(self._words)

    def all(self, name: str) -> list[Any]:
        """What was given for a parameter that takes several."""
        value = self.get(name)
        if value is None:
            return []
        return list(value) if isinstance(value, list) else [value]

    def ask(self, child: ChildJob) -> None:
        put_question(child, self.person)


def named(value: Any, kind: str) -> str | None:
    """The instance id of a job or session of the prelude's, as it leaves the session; None for other objects."""
    if not isinstance(value, PSObject) or not value._type_names[0].endswith(f".{kind}#jobmagics"):
        return None
    found = value._find("InstanceId")
    return None if found is None else str(found[1]).upper()


def request_of(question: Question | None) -> str | None:
    """The request in a question, None if it is one for a person."""
    if question is None or question.kind != "fields" or [field.name for field in question.fields] != [FIELD]:
        return None
    return question.message


class Requests:
    """Serves the requests of the cells' session. ``words``: what is called by which name."""

    def __init__(self, manager: Callable[[], SessionManager], words: Mapping[str, Word]) -> None:
        self._manager = manager
        self._words = words
        self._open: dict[str, Iterator[Entry]] = {}

    def serve(self, request: str, person: Person, check: Callable[[], None] = lambda: None) -> str:
        """The answer. ``check`` is called while it waits and raises what is to end the waiting."""
        (asked,) = clixml.decode_objs(request, deserialized=False)
        given = Given(asked["Word"], asked["Words"], person, check)
        if given.word == "Leave":
            self._leave(given["Token"])
            return _answer([], None)
        if given.word == "More":
            token = given["Token"]
        else:
            token = str(uuid.uuid4())
            self._open[token] = self._guarded(given)
        if token not in self._open:  # the cell goes on since an earlier kernel of the notebook
            return _answer([failure(InvalidOperation(LEFT_BEHIND))], None)
        with _asking_here(person):
            entries = list(itertools.islice(_until_pause(self._open[token]), BATCH))
        if not entries or entries[-1] is not _END:
            return _answer(entries, token)
        del self._open[token]
        return _answer(entries[:-1], None)

    def _leave(self, token: str) -> None:
        """Nobody wants the rest."""
        entries = self._open.pop(token, None)
        if entries is not None:
            entries.close()  # type: ignore[attr-defined]

    def close(self) -> None:
        """The cell has ended: what it did not read to the end is left."""
        for token in list(self._open):
            self._leave(token)

    def _guarded(self, given: Given) -> Iterator[Entry]:
        """What the word gives; an expected failure is an entry, too."""
        word = self._words.get(given.word)
        try:
            if word is None:
                raise UsageError(f"The kernel knows no {given.word}; restart it, so that both are of one version.")
            yield from word(given)
        except Interrupted:
            raise
        except JobMagicsError as error:
            yield failure(error)
        if given.word != "Detail":  # whose answer is a value
            for notice in self._manager().take_notices():
                yield {"Kind": "warning", "Value": notice}
        yield _END


def _answer(entries: Iterable[Entry], token: str | None) -> str:
    shown = [PSObject(entry) for entry in entries if entry is not PAUSE]
    return clixml.encode_objs([PSObject({"Entries": shown, "More": token})], depth=DEPTH)


_END: Entry = {}
PAUSE: Entry = {"Kind": "pause"}
"""Nothing more for now: what came so far is to be written."""


def _until_pause(entries: Iterator[Entry]) -> Iterator[Entry]:
    for entry in entries:
        yield entry
        if entry is PAUSE:
            return


@contextlib.contextmanager
def _asking_here(person: Person) -> Iterator[None]:
    """A password that a connection needs is asked for before the cell, as ipykernel does it for Python's cells."""
    before = getpass.getpass

    def secret(prompt: str = "Password: ", stream: Any = None) -> str:
        return person.secret(prompt)

    getpass.getpass = secret
    try:
        yield
    finally:
        getpass.getpass = before


# -- entries


def failure(error: JobMagicsError) -> Entry:
    fqid = error.fqid or type(error).__name__
    kind = "fatal" if fqid.startswith(FATAL) else "error"
    return _failure_entry(kind, error.message, fqid, error.category or "NotSpecified")


def _failure_entry(kind: str, message: str, fqid: str, category: str, target: Any = None, computer: str = "") -> Entry:
    short = re.sub(r",Microsoft\.PowerShell\.Commands\.\w+Command$", "", fqid)
    facts = {"Value": message, "Id": fqid, "ShortId": short, "Category": category}
    return {"Kind": kind, **facts, "Target": target, "Computer": computer}


def job_entry(job: Job | ChildJob) -> Entry:
    return {"Kind": "job", "Value": PSObject(_job_facts(job))}


def _job_facts(job: Job | ChildJob) -> dict[str, Any]:
    children = job.children if isinstance(job, Job) else ()
    return {
        "Id": job.id,
        "Name": job.name,
        "InstanceId": uuid.UUID(job.instance_id),
        "PSJobTypeName": job.type,
        "Location": job.location,
        "Command": job.command,
        "ChildJobs": [PSObject(_job_facts(child)) for child in children],
    }


def session_entry(session: PSSession) -> Entry:
    facts = {
        "Id": session.id,
        "Name": session.name,
        "InstanceId": uuid.UUID(session.instance_id),
        "Transport": session.transport,
        "ComputerName": session.computer_name,
        "ComputerType": session.computer_type,
        "ConfigurationName": session.configuration_name,
    }
    return {"Kind": "session", "Value": PSObject(facts)}


def record_entry(record: StreamRecord) -> Entry:
    """One record of a job, for the stream that it came on."""
    value = record.value
    if isinstance(value, Job | ChildJob):
        return job_entry(value)
    make = _RECORDS.get(record.stream)
    if make is not None:
        return make(value)
    text = value._base if isinstance(value, PSObject) and isinstance(value._base, str) else str(value)
    return {"Kind": record.stream, "Value": text}


def _output(value: Any) -> Entry:
    return {"Kind": "output", "Value": value}


def _error(value: Any) -> Entry:
    record = ErrorRecord.of(value)
    return _failure_entry("error", str(value), record.id, record.category, record.target, record.computer_name)


def _information(value: Any) -> Entry:
    data, tags = _get(value, "MessageData"), _items(_get(value, "Tags"))
    if "PSHOST" not in tags:
        return {"Kind": "information", "Value": data, "Tags": tags}
    message = _get(data, "Message")
    return {"Kind": "host", "Value": data if message is None else message, "NoNewLine": _get(data, "NoNewLine") is True}


def _progress(value: Any) -> Entry:
    kind = _get(value, "Type")
    number = kind._base if isinstance(kind, PSObject) else kind
    return {
        "Kind": "progress",
        "Activity": _get(value, "Activity") or " ",
        "Status": _get(value, "StatusDescription"),
        "Id": _get(value, "ActivityId") or 0,
        "ParentId": -1 if _get(value, "ParentActivityId") is None else _get(value, "ParentActivityId"),
        "Percent": -1 if _get(value, "PercentComplete") is None else _get(value, "PercentComplete"),
        "Completed": number == 1,
    }


_RECORDS: dict[str, Callable[[Any], Entry]] = {
    "output": _output,
    "error": _error,
    "information": _information,
    "progress": _progress,
}


def _get(value: Any, name: str) -> Any:
    found = value._find(name) if isinstance(value, PSObject) else None
    return None if found is None else found[1]


def _items(value: Any) -> list[Any]:
    items = value._base if isinstance(value, PSObject) else value
    return list(items) if isinstance(items, list) else []


def facts_of(value: Any) -> Hashtable:
    """A dictionary that came with a request."""
    return value if isinstance(value, Hashtable) else Hashtable()
