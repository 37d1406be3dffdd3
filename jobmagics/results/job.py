"""Jobs as a person holds them, and lists of them that print as PowerShell's table. All are readings of the ledger."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from jobmagics import formatting
from jobmagics.errors import InvalidOperation
from jobmagics.jobs import FINISHED, JobState
from jobmagics.remote.questions import Question
from jobmagics.results.control import Control
from jobmagics.results.entries import ChildEntry, JobEntry
from jobmagics.results.records import WIDTH, Follower, Records, StreamRecord, failures, span
from jobmagics.results.session import PSSession

if TYPE_CHECKING:
    import pandas

LOOK_SECONDS = 0.5
"""An iteration looks so often whether it was interrupted, and for a change that nobody told."""
_IDLE = frozenset({JobState.BLOCKED, JobState.DISCONNECTED, JobState.SUSPENDED})
Self = TypeVar("Self", bound="JobBase")


class JobBase:
    """What Job and ChildJob share.

    Iterating reads along: each record of every stream as it comes, until the job has ended (or is disconnected), and
    then why it failed, if it did. If all that is left of it waits for an answer, that is an InvalidOperation, and no
    waiting for ever. Nothing is taken away from :meth:`receive` by that. ``await job`` waits for the end;
    ``async for`` reads along without holding a thread.

        >>> job = jobmagics.start("1; Write-Warning 'careful'; 2")
        >>> for record in job:
        ...     print(record.stream, record.value)
        output 1
        warning careful
        output 2
        >>> job.remove()
    """

    _control: Control
    _entry: JobEntry | ChildEntry
    type: str

    @property
    def id(self) -> int:
        """The number that ``-Id`` takes, counted up in a notebook."""
        return self._entry.record.id

    @property
    def instance_id(self) -> str:
        """Its GUID."""
        return self._entry.record.instance_id

    @property
    def name(self) -> str:
        """Job1, Job2 … unless it was named."""
        return self._entry.record.name

    @property
    def location(self) -> str:
        raise NotImplementedError

    @property
    def command(self) -> str:
        raise NotImplementedError

    @property
    def state(self) -> JobState:
        """Compares and prints as PowerShell's word: ``job.state == "Running"``."""
        return self._entry.core.state

    @property
    def begin_time(self) -> datetime.datetime | None:
        """When it began, in UTC."""
        return self._entry.core.began

    @property
    def end_time(self) -> datetime.datetime | None:
        """When it ended, in UTC; None until then."""
        return self._entry.core.ended

    @property
    def has_more_data(self) -> bool:
        """Whether it has something that was not received."""
        return self._entry.has_more_data

    @property
    def status_message(self) -> str:
        """Always empty, as PowerShell's remote jobs have it."""
        return ""

    def receive(self: Self, *, keep: bool = False, wait: bool = False, **details: Any) -> Records:
        """What came since the last time. ``keep``: without taking it away; ``wait``: when the job has ended.

        Details as in ``SessionManager.receive_job``: timeout, force, auto_remove_job, write_events,
        write_job_in_results, location, computer_name, session, no_recurse.

        >>> job = jobmagics.start("'here'")
        >>> job.receive(wait=True, auto_remove_job=True).output
        ['here']
        """
        return self._control.receive_job([self], keep=keep, wait=wait, **details)

    def wait(self: Self, timeout: float | None = None, *, force: bool = False) -> Self | None:
        """Blocks until it is finished or disconnected (with ``force``: finished).

        None when ``timeout`` seconds were not enough.
        """
        return self if self._control.wait([self], timeout=timeout, force=force) else None  # type: ignore[list-item]

    @property
    def question(self) -> Question | None:
        """What its script asks now, if it is Blocked: of the first such child."""
        return next((child.question for child in self._entries() if child.question), None)

    def answer(self: Self, value: Any) -> None:
        """Answers ``question``; ``value`` as ``Question.answer`` takes it. Raises UsageError for what is no answer.

        >>> import time
        >>> job = jobmagics.start('$name = Read-Host Name; "Hello $name"')
        >>> while job.question is None: time.sleep(0.01)
        >>> str(job.state), job.question.fields[0].name
        ('Blocked', 'Name')
        >>> job.answer("Ada")
        >>> job.receive(wait=True, auto_remove_job=True).output
        ['Hello Ada']
        """
        self._control.answer(self, value)  # type: ignore[arg-type]

    def refuse(self: Self, reason: str) -> None:
        """Lets the script have an error of these words instead of an answer."""
        self._control.refuse(self, reason)  # type: ignore[arg-type]

    def stop(self: Self) -> Self:
        """Stops it, on its computers too, and returns when it has stopped."""
        self._control.stop([self])  # type: ignore[list-item]
        return self

    def records(self) -> Records:
        """Everything from the first line, whatever was received before: all streams, in order of arrival.

        >>> job = jobmagics.start("'a'; Write-Error 'b' -ErrorId Bad -Category InvalidData; 'c'").wait()
        >>> records = job.records()
        >>> list(records), [record.stream for record in records.all]
        (['a', 'c'], ['output', 'error', 'output'])
        >>> (error,) = records.errors
        >>> str(error), error.category, error.id
        ('b', 'InvalidData', 'Bad')
        >>> job.remove()
        """
        spans = [span(child, 0) for child in self._entries()]
        return Records(self._control.store, spans, failures(self._entries()))

    def follow(self, reader: str | None = None) -> Follower:
        """For reading along while it runs, without taking anything away. With the name of a ``reader``, its place is
        kept in the ledger: the next one of that name goes on there, in a new kernel too.
        """
        return Follower(self._control.store, self._entries(), reader)

    def to_pandas(self) -> pandas.DataFrame:
        """A row for each output object, with PSComputerName.

        >>> job = jobmagics.start("1..2 | ForEach-Object { [pscustomobject]@{ n = $_; square = $_ * $_ } }").wait()
        >>> print(job.to_pandas())
           n  square PSComputerName
        0  1       1      localhost
        1  2       4      localhost
        >>> job.remove()
        """
        return self.records().to_pandas()

    @property
    def output(self) -> list[Any]:
        """The output objects of ``records()``."""
        return self.records().output

    @property
    def errors(self) -> list[Any]:
        """The errors of ``records()``."""
        return self.records().errors

    def _askers(self) -> list[ChildJob]:
        return [ChildJob(self._control, child) for child in self._entries() if child.question]

    def _entries(self) -> list[ChildEntry]:
        return self._entry.children if isinstance(self._entry, JobEntry) else [self._entry]

    # -- reading along

    def __iter__(self) -> Iterator[StreamRecord]:
        follower = self.follow()
        while True:
            version = self._control.version
            ended = self._control.is_settled(self)  # type: ignore[arg-type] # before reading, so nothing comes after
            stuck = self._is_stuck()
            yield from follower.stream()
            if ended:
                yield from follower.failures()
                return
            if stuck:
                self._refuse_to_hang()
            self._control.wait_for_change(version, LOOK_SECONDS)

    async def __aiter__(self) -> AsyncIterator[StreamRecord]:
        follower = self.follow()
        async with contextlib.aclosing(self._watched()) as watched:
            async for _ended in watched:
                for record in follower.stream():
                    yield record
        for record in follower.failures():
            yield record

    def __await__(self: Self) -> Generator[Any, None, Self]:
        """The job itself when it has ended (or is disconnected)."""
        return self._ended().__await__()

    async def _ended(self: Self) -> Self:
        async with contextlib.aclosing(self._watched()) as watched:
            async for _ended in watched:
                pass
        return self

    async def _watched(self) -> AsyncGenerator[bool, None]:
        """Whether it has ended: now, and after each change until it has."""
        changed = asyncio.Event()
        loop = asyncio.get_running_loop()
        unsubscribe = self._control.subscribe(lambda: _call_soon(loop, changed.set))
        try:
            ended = False
            while not ended:
                changed.clear()
                ended = self._control.is_settled(self)  # type: ignore[arg-type]
                stuck = self._is_stuck()
                yield ended
                if stuck:
                    self._refuse_to_hang()
                if not ended:
                    with contextlib.suppress(asyncio.TimeoutError):
                        await asyncio.wait_for(changed.wait(), LOOK_SECONDS)
        finally:
            unsubscribe()

    def _is_stuck(self) -> bool:
        """Whether all that is left of it waits for an answer."""
        left = [child.core.state for child in self._entries() if child.core.state not in FINISHED]
        return JobState.BLOCKED in left and all(state in _IDLE for state in left)

    def _refuse_to_hang(self) -> None:
        if not self._is_stuck():  # answered meanwhile
            return
        asked = self.question
        what = " ".join(filter(None, (asked.caption, asked.message))) if asked else ""
        raise InvalidOperation(
            f"The job with ID {self.id} waits for an answer{f' ({what})' if what else ''}: answer() or refuse() it, and"
            " read on.",
            category="DeadlockDetected",
        )

    # -- as PowerShell has it: for formatting, and on the way into a script

    def ps_type_names(self) -> list[str]:
        return ["System.Management.Automation.Job", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "Id", self.id
        yield "Name", self.name
        yield "PSJobTypeName", self.type
        yield "State", str(self.state)
        yield "HasMoreData", self.has_more_data
        yield "Location", self.location
        yield "Command", self.command

    def ps_to_string(self) -> str:
        return "System.Management.Automation.PSRemotingJob"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JobBase) and self._entry is other._entry

    def __hash__(self) -> int:
        return id(self._entry)

    def __repr__(self) -> str:
        return repr(JobList([self]))  # type: ignore[list-item]

    def _repr_html_(self) -> str:
        return JobList([self])._repr_html_()  # type: ignore[list-item]


def _call_soon(loop: asyncio.AbstractEventLoop, callback: Callable[[], object]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile, and nobody waits any more
        loop.call_soon_threadsafe(callback)


class Job(JobBase):
    """A job: one script on one or more computers, a child job for each.

    >>> job = jobmagics.start("$PID", job_name="Mine")
    >>> job.wait().state, job.name, [str(child.state) for child in job.children]
    (<JobState.COMPLETED: 'Completed'>, 'Mine', ['Completed'])
    >>> job.remove()
    """

    _entry: JobEntry

    def __init__(self, control: Control, entry: JobEntry) -> None:
        self._control, self._entry = control, entry

    @property
    def type(self) -> str:  # type: ignore[override]
        """PSJobTypeName: RemoteJob, BackgroundJob, ThreadJob or PSTaskJob."""
        return self._entry.record.type

    @property
    def location(self) -> str:
        """Its computers, with commas between."""
        return self._entry.location

    @property
    def command(self) -> str:
        """Its script."""
        return self._entry.record.command

    @property
    def children(self) -> list[ChildJob]:
        """A job for each computer."""
        return [ChildJob(self._control, child) for child in self._entry.child_jobs]

    @property
    def reason(self) -> str:
        """Why its children failed, one line each."""
        return "\n".join(child.core.failure.message for child in self._entry.children if child.core.failure)

    def remove(self, *, force: bool = False) -> None:
        """Forgets it and its results. ``force`` stops it first."""
        self._control.remove([self], force=force)


class ChildJob(JobBase):
    """The part of a job that runs on one computer."""

    _entry: ChildEntry

    def __init__(self, control: Control, entry: ChildEntry) -> None:
        self._control, self._entry = control, entry

    @property
    def type(self) -> str:  # type: ignore[override]
        """PSJobTypeName."""
        return self._entry.type

    @property
    def location(self) -> str:
        """Its computer."""
        return self._entry.record.location

    @property
    def command(self) -> str:
        """The script."""
        return self._entry.job.record.command

    @property
    def parent(self) -> Job:
        """The job it is a part of."""
        return Job(self._control, self._entry.job)

    @property
    def session(self) -> PSSession:
        """Where it runs."""
        return PSSession(self._control, self._entry.session)

    @property
    def reason(self) -> str:
        """Why it failed; else nothing."""
        failure = self._entry.core.failure
        return failure.message if failure else ""


class JobList(list["Job | ChildJob"]):
    def __repr__(self) -> str:
        return formatting.format_text(list(self), WIDTH).strip("\n") if self else ""

    def _repr_html_(self) -> str:
        return formatting.to_html(list(self), WIDTH)
