"""What the manager holds of each session, job and child job while it runs: the pure state, the record on disk, and
the live ends.

Only the manager's applier thread changes ``core`` and ``record`` (under the manager's lock, after the store has
committed); everybody else reads. ``results`` wraps these for people.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field

from jobmagics.errors import JobMagicsError
from jobmagics.jobs import (
    FINISHED,
    IN_PROCESS,
    ChildJob,
    Completed,
    Disconnected,
    Failed,
    Failure,
    JobState,
    JobType,
    NotStarted,
    ParentJob,
    Phase,
    Stopped,
    child_has_more_data,
)
from jobmagics.remote import ConnectionInfo, Endpoint, Invocation, RemotePipeline, RemotePool
from jobmagics.remote.fragments import Defragmenter
from jobmagics.remote.messages import host_call
from jobmagics.remote.questions import Question, question_of
from jobmagics.store import ChildRecord, JobRecord, SessionRecord, StoredMessage

IN_PROCESS_LOCATION = "PowerShell"
"""Where jobs are that are runspaces of one process."""
DEFAULT_IDLE = 7200.0
"""Seconds that a computer keeps a session which nobody holds, unless the session says otherwise."""
CLOSED_STATES = frozenset({"Closed", "Closing", "Broken"})


@dataclass(eq=False)
class SessionEntry:
    """A runspace pool. ``record.state`` is PowerShell's RunspaceState; ``running`` the children whose pipelines it
    runs; ``open_children`` how many that are to run in it have not ended yet.
    """

    record: SessionRecord
    endpoint: Endpoint
    pool: RemotePool | None = None
    running: list[ChildEntry] = field(default_factory=list)
    open_children: int = 0
    is_kept: bool = False
    """A session of jobs that more jobs will use."""
    refusal: JobMagicsError | None = None
    """Why it could not be opened, for those who waited for somebody else's attempt."""
    held_elsewhere: bool = False
    trouble: str = ""
    """Why it is still Disconnected, if it should not be."""
    foreign: tuple[str, ...] = ()
    is_copying: bool = False
    """Files go to or from it, by pipelines that belong to no job."""
    guard: threading.RLock = field(default_factory=threading.RLock)
    """Held while the session is opened, connected, disconnected or closed: one at a time."""

    @property
    def connection(self) -> ConnectionInfo:
        return self.record.connection

    @property
    def state(self) -> str:
        return self.record.state

    @property
    def going(self) -> list[ChildEntry]:
        """The children that run in it now."""
        return [child for child in self.running if not child.is_finished]

    @property
    def availability(self) -> str:
        if self.state == "Opened":
            taken = len(self.going) + self.is_copying
            return "Busy" if taken >= self.connection.runspaces else "Available"
        return "Busy" if self.state == "Disconnected" and self.held_elsewhere else "None"


@dataclass(eq=False)
class ChildEntry:
    """One pipeline. ``newest`` and ``progress`` (of each activity) are the last messages of their kind, decoded only
    when looked at.
    """

    record: ChildRecord
    core: ChildJob
    session: SessionEntry
    job: JobEntry
    defragmenter: Defragmenter
    invocation: Invocation | None = None
    """What it runs; None for what another process began."""
    pipeline: RemotePipeline | None = None
    newest: StoredMessage | None = None
    progress: dict[int, StoredMessage] = field(default_factory=dict)
    unanswered: bytes | None = None
    """A host call that came and was not answered yet; after a restart it is the last thing in the log."""
    is_left: bool = False
    """Begun for a session that is disconnected at once: all that it gives waits for whoever connects."""
    launched: bool = False
    stop_wanted: bool = False
    is_explained: bool = False
    """An error of it was put into plainer words."""
    asking: threading.Lock = field(default_factory=threading.Lock)
    """Held while ``unanswered`` changes together with what is said of it."""

    @property
    def is_finished(self) -> bool:
        return self.core.state in FINISHED

    @property
    def computer(self) -> str:
        """Where it runs. Its location is PowerShell's word for that, and another one for what runs in a runspace."""
        return self.session.connection.computer_name

    @property
    def question(self) -> Question | None:
        """What it asks a person now."""
        data = self.unanswered
        is_asking = data is not None and self.core.state is JobState.BLOCKED
        return question_of(host_call(data)) if data is not None and is_asking else None

    @property
    def unread(self) -> bool:
        return self.record.last_data > self.record.read_to

    @property
    def has_more_data(self) -> bool:
        return child_has_more_data(self.core.state, unread=self.unread, type=self.job.core.type)

    @property
    def type(self) -> str:
        """PSJobTypeName. The child of a thread job is that job itself."""
        kind = self.job.core.type
        return str(kind) if kind is JobType.THREAD else kind.of_children

    @property
    def takes_slot(self) -> bool:
        return self.launched and not self.is_finished and self.core.state is not JobState.DISCONNECTED


@dataclass(eq=False)
class JobEntry:
    """A parent job, over all pipelines that are its."""

    record: JobRecord
    core: ParentJob
    children: list[ChildEntry] = field(default_factory=list)
    lane: Lane = field(default_factory=lambda: Lane(0))

    @property
    def child_jobs(self) -> list[ChildEntry]:
        """Its children as jobs of their own. A thread job has none: its pipeline is itself."""
        return [] if self.core.type is JobType.THREAD else self.children

    @property
    def is_begun_here(self) -> bool:
        return any(child.invocation is not None for child in self.children)

    @property
    def has_more_data(self) -> bool:
        return self.core.has_more_data(more_in_children=any(child.has_more_data for child in self.children))

    @property
    def location(self) -> str:
        if self.core.type in IN_PROCESS:
            return IN_PROCESS_LOCATION
        return ",".join(child.record.location for child in self.children)


@dataclass(eq=False)
class Lane:
    """Pipelines that share a throttle: of one job, or of all thread jobs. ``limit``: how many may run at once."""

    limit: int
    waiting: deque[ChildEntry] = field(default_factory=deque)
    going: list[ChildEntry] = field(default_factory=list)

    def take(self) -> list[ChildEntry]:
        """Those whose turn it is now; they count as launched. None of a job that was stopped."""
        self.going = [child for child in self.going if not child.is_finished]
        free = self.limit - sum(child.takes_slot for child in self.going)
        taken: list[ChildEntry] = []
        while self.waiting and len(taken) < free:
            child = self.waiting.popleft()
            if child.core.state is JobState.NOT_STARTED and not child.job.core.stop_called:
                child.launched = True
                taken.append(child)
        self.going += taken
        return taken


def restored_child(record: ChildRecord) -> ChildJob:
    """The state of a child that another process left behind: what ran there is disconnected now."""
    return ChildJob(f"child job {record.id}", _restored_phase(record), ("restored",))


def _restored_phase(record: ChildRecord) -> Phase:
    state, began, ended = JobState.parse(record.state), record.began, record.ended
    if state is JobState.NOT_STARTED:
        return NotStarted()
    if state is JobState.FAILED and ended:
        return Failed(ended, record.failure or Failure("It failed; the reason was not recorded."), began)
    if state is JobState.STOPPED and ended:
        return Stopped(ended, began)
    if state is JobState.COMPLETED and began and ended:
        return Completed(began, ended)
    assert began is not None
    return Disconnected(began)


def restored_parent(record: JobRecord, children: list[ChildEntry]) -> ParentJob:
    """The same for a parent: Disconnected if a child is and none still queues."""
    states = tuple(child.core.state for child in children)
    state = JobState.parse(record.state)
    if state not in FINISHED:
        waiting = any(s is JobState.NOT_STARTED for s in states)
        state = JobState.DISCONNECTED if JobState.DISCONNECTED in states and not waiting else JobState.RUNNING
        if waiting and record.type == str(JobType.THREAD):
            state = JobState.NOT_STARTED
    return ParentJob(
        states,
        JobType(record.type),
        state,
        record.began,
        record.ended,
        record.stop_called,
        record.drained,
        f"job {record.id}",
        ("restored",),
    )
