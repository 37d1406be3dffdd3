"""A job followed from within a cell: what it gives is shown as it comes, what it asks is put to the person, the stop
button stops it where it runs.

Nothing is consumed by following; ``note_shown`` says what the page has, for a later kernel that would show the rest.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from IPython.core.error import StdinNotImplementedError

from jobmagics.errors import JobMagicsError
from jobmagics.jobs import FINISHED, JobState
from jobmagics.psobject import PSObject
from jobmagics.remote.fragments import Kind
from jobmagics.results import span
from jobmagics.store import StoredMessage

from .interrupts import Interrupts
from .prompts import Person, ask
from .streams import Console

if TYPE_CHECKING:
    from jobmagics.results import ChildJob, Job
    from jobmagics.results.entries import ChildEntry
    from jobmagics.sessions import SessionManager

STOP_SECONDS = 5.0
"""A pipeline that has not stopped by then is no longer followed."""
LOOK_SECONDS = 0.1
"""So often an interrupt is looked for while a job is silent."""
GATHER_SECONDS = 0.01
"""Output that comes within this time goes to the page together."""
LATE_MESSAGES = 1000
"""What was on its way when a cell was interrupted is shown up to here, so that the page stops, too."""

INTERRUPTED = "The cell was interrupted."
NO_PERSON = (
    "A command that prompts the user failed because this front end cannot ask; give the value as a parameter"
    " or with $using:."
)
UNANSWERED = "The question was left unanswered."


class Reading:
    """One child's log, read along."""

    def __init__(self, manager: SessionManager, child: ChildEntry, is_marked: bool) -> None:
        self._manager, self.child = manager, child
        self._span = span(child, 0) if is_marked else None
        self._read_to = child.record.read_to
        self.has_end = False
        """Whether the session itself said how the pipeline ended."""

    @property
    def is_over(self) -> bool:
        """Nothing more comes to this kernel."""
        return self.child.core.state in FINISHED or self.child.core.state is JobState.DISCONNECTED

    def read(self) -> Iterator[StoredMessage]:
        """What came since the last reading, in order."""
        record = self.child.record
        for message in self._manager.store.messages(record.key, self._read_to, record.sequence):
            self._read_to = message.sequence
            self.has_end |= message.kind == Kind.PIPELINE_STATE
            yield message

    def mark(self, value: object) -> None:
        if self._span is not None and isinstance(value, PSObject):
            self._span.mark(value, "output")

    def note_shown(self) -> None:
        """What was read is with the front end: a later kernel need not show it again."""
        with self._manager.lock:
            record = self.child.record
            if record.read_to == self._read_to:
                return
            record.read_to = self._read_to
        self._manager.store.save_read_to(record)

    def ask_to_stop(self) -> None:
        self._manager.begin_stop(self.child)


class Following:
    """One job in one cell. ``person`` answers what it asks; ``interrupts`` counts the stop button; ``is_marked``: the
    objects say which computer they came from; ``serve`` answers what no person is to be asked, and says whether it did.
    """

    def __init__(
        self,
        manager: SessionManager,
        job: Job,
        console: Console,
        person: Person,
        interrupts: Interrupts,
        *,
        is_marked: bool = False,
        serve: Callable[[ChildJob], bool] = lambda _child: False,
    ) -> None:
        self.job = job
        self._serve = serve
        self._manager, self._console, self._person, self._interrupts = manager, console, person, interrupts
        self._readings = [Reading(manager, child, is_marked) for child in job._entries()]
        self._changed = threading.Event()
        self._late = 0

    @property
    def is_over(self) -> bool:
        return all(reading.is_over for reading in self._readings)

    @property
    def has_end(self) -> bool:
        """Whether each session itself said how its pipeline ended."""
        return all(reading.has_end for reading in self._readings)

    def run(self, is_closing: Callable[[], bool] = lambda: False) -> None:
        """Shows what comes until the job is over. An interrupt stops the job; a second one, or a job that neither
        ends nor says anything any more, ends the following.
        """
        unsubscribe = self._manager.subscribe(self._changed.set)
        try:
            self._run(is_closing)
        finally:
            unsubscribe()
        if self._late > LATE_MESSAGES:
            left_out = self._late - LATE_MESSAGES
            self._console.notice(f"… what came after the interrupt is not shown ({left_out} messages).")
        self._console.close()

    def _run(self, is_closing: Callable[[], bool]) -> None:
        seen, silent_since = 0, 0.0
        while True:
            was_over = self.is_over  # looked at before reading, so that nothing comes after the last reading
            if self._show(seen):
                silent_since = time.monotonic()
            if self._interrupts.count > seen:
                if seen:
                    return
                seen, silent_since = self._interrupts.count, time.monotonic()
                self._begin_to_stop()
            elif was_over or is_closing() or (seen and time.monotonic() > silent_since + STOP_SECONDS):
                return
            if not seen:
                self._put_question()
            self._changed.wait(LOOK_SECONDS)
            self._gather()

    def _gather(self) -> None:
        """Waits for what comes with what has come, unless it was the end."""
        until = time.monotonic() + GATHER_SECONDS
        while (left := until - time.monotonic()) > 0 and not self.is_over:
            self._changed.clear()
            self._changed.wait(left)
        self._changed.clear()

    def _show(self, interrupted: int) -> bool:
        """Whether anything came."""
        some = False
        for reading in self._readings:
            for message in reading.read():
                some = True
                self._late += interrupted > 0
                if self._late <= LATE_MESSAGES or message.kind == Kind.PIPELINE_STATE:
                    self._console.show(message, reading.mark)
                if self._interrupts.count > interrupted:
                    break
        self._console.flush()
        for reading in self._readings:
            reading.note_shown()
        return some

    def _begin_to_stop(self) -> None:
        """Asks the pipelines to stop and returns at once; their end comes as it always comes."""

        def work() -> None:
            for reading in self._readings:
                with contextlib.suppress(JobMagicsError):
                    reading.ask_to_stop()

        threading.Thread(target=work, name="jobmagics-stop", daemon=True).start()

    def _put_question(self) -> None:
        for child in self.job._askers():
            try:
                if self._serve(child):
                    continue
                with self._interrupts.raised():
                    put_question(child, self._person)
            except KeyboardInterrupt:  # counted: the pipeline is told to stop, and that refuses its question
                return
            except JobMagicsError as error:
                self._console.notice(error.message)


def put_questions(jobs: Iterable[Job | ChildJob], person: Person) -> None:
    """All that some jobs ask now."""
    for job in jobs:
        for child in job._askers():
            put_question(child, person)


def put_question(child: ChildJob, person: Person) -> None:
    """Asks the person what a Blocked job asks. Where nobody can be asked, the script gets that as an error."""
    question = child.question
    if question is None:
        return
    try:
        value = ask(question, person)
    except StdinNotImplementedError:
        child.refuse(NO_PERSON)
    except EOFError:
        child.refuse(UNANSWERED)
    else:
        child.answer(value)
