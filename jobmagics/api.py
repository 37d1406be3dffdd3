"""Jobs and sessions from Python, in a notebook or in a plain script. The magics do the same in PowerShell's words.

    from jobmagics import connect

    with connect("web01", credential="admin") as session:
        job = session.start("Get-PSDrive -PSProvider FileSystem")
        for record in job:
            print(record.stream, record.value)

What runs outlives the process that started it: the same script, run again, has its earlier jobs in
:func:`get_jobs`, and :func:`recover` brings them back. Which script it is is its path; JOBMAGICS_NOTEBOOK in the
environment names another identity, a notebook's too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jobmagics.current import current
from jobmagics.remote import ConnectionInfo, PSSessionOption
from jobmagics.remote.places import places

if TYPE_CHECKING:
    from jobmagics.results import ChildJob, Job, JobList, PSSession, SessionList

__all__ = [
    "PSSessionOption", "computer", "connect", "connect_all", "find_sessions", "get_job", "get_jobs", "get_sessions",
    "on_job_end", "recover", "start", "start_job", "start_parallel_job", "start_thread_job",
]  # fmt: skip

Computer = str | ConnectionInfo
"""A name, or a name with its own details: see :func:`computer`."""


def computer(name: str = "localhost", **details: Any) -> ConnectionInfo:
    """A computer with its own way to connect, wherever a computer's name may stand, in a magic's line too.

    details: port, use_ssl, credential (a name, never a secret), authentication, configuration_name, application_name,
    session_option, idle_timeout (seconds). Raises UsageError.

    >>> computer("web01", use_ssl=True, credential="admin").port is None
    True
    >>> jobmagics.start("1", [computer(), computer(idle_timeout=600)]).wait().location
    'localhost,localhost'
    """
    (place,) = places(name, **details)
    return place


def connect(
    computer_name: Computer | None = None, *, name: str | None = None, host_name: str | None = None, **details: Any
) -> PSSession:
    """Opens a session on a computer (none named: this one), to be used as a context manager or removed later.

    name: the session's; host_name: over SSH, user@host:port; details as in :func:`computer`, and connection_uri,
    user_name. Raises RemoteError if the computer cannot be reached, UsageError for what does not go together.

    >>> with jobmagics.connect(name="mine", idle_timeout=300) as session:
    ...     session.name, session.state, session.availability
    ('mine', 'Opened', 'Available')
    """
    opened = connect_all(computer_name, name=name, host_name=host_name, **details)
    return opened[0]


def connect_all(
    computer_name: Computer | Iterable[Computer] | None = None,
    *,
    name: str | Sequence[str] | None = None,
    throttle_limit: int = 32,
    **details: Any,
) -> SessionList:
    """Opens a session on each computer, ``throttle_limit`` at once: New-PSSession.

    Details as in :func:`connect`. The first failure is raised when all have been tried; the others stay open.
    """
    where = places(computer_name, **details) or [ConnectionInfo()]
    return current().manager.new_pssession(where, name=name, throttle_limit=throttle_limit)


def start(
    script: str,
    computer_name: Computer | Iterable[Computer] | None = None,
    *,
    sessions: Iterable[PSSession] = (),
    job_name: str | None = None,
    throttle_limit: int = 32,
    arguments: Sequence[Any] = (),
    using: Mapping[str, Any] | None = None,
    input: Iterable[Any] | None = None,
    hide_computer_name: bool = False,
    no_store: bool = False,
    **details: Any,
) -> Job:
    """Starts a script as a job and returns at once: Invoke-Command -AsJob.

    It runs on each computer (none: this one) and in each of ``sessions``, ``throttle_limit`` of them at once.
    arguments: for its param() or $args; using: where its $using: variables are looked up; input: what its $input gets,
    one by one; no_store: nothing of its output on disk; details as in :func:`connect`.

    >>> job = jobmagics.start("$input | ForEach-Object { $_ * $using:factor }", using={"factor": 10}, input=range(3))
    >>> job.receive(wait=True, auto_remove_job=True).output
    [0, 10, 20]
    """
    return current().manager.invoke(
        script,
        connections=places(computer_name, **details),
        sessions=sessions,
        job_name=job_name,
        throttle_limit=throttle_limit,
        arguments=arguments,
        using=using,
        input=input,
        hide_computer_name=hide_computer_name,
        no_store=no_store,
    )


def start_job(script: str, **details: Any) -> Job:
    """Starts a script in a process of its own on this machine, which also outlives this one: Start-Job.

    details: name, initialization_script, arguments, using, input, working_directory, no_store.

    >>> before = "function hello { 'Hello ' + $args }"
    >>> job = jobmagics.start_job("hello $args[0]", initialization_script=before, arguments=["Ada"])
    >>> job.type, job.receive(wait=True, auto_remove_job=True).output
    ('BackgroundJob', ['Hello Ada'])
    """
    return current().manager.start_job(script, **details)


def start_thread_job(script: str, **details: Any) -> Job:
    """Starts a script in the one process of all thread jobs, a few at once: Start-ThreadJob.

    details: name, initialization_script, arguments, using, input, throttle_limit (5; the last one given holds),
    no_store.

    >>> job = jobmagics.start_thread_job("1 + 1", name="light")
    >>> job.type, job.children, job.receive(wait=True, auto_remove_job=True).output
    ('ThreadJob', [], [2])
    """
    return current().manager.start_thread_job(script, **details)


def start_parallel_job(script: str, items: Iterable[Any], **details: Any) -> Job:
    """Starts a script for each item, ``$_`` in it, some at once: ForEach-Object -Parallel -AsJob.

    details: name, using, throttle_limit (5), no_store.

    >>> job = jobmagics.start_parallel_job("$_ * $_", range(4))
    >>> job.type, len(job.children), job.receive(wait=True, auto_remove_job=True).output
    ('PSTaskJob', 4, [0, 1, 4, 9])
    """
    return current().manager.start_parallel_job(script, items, **details)


def get_jobs(**filters: Any) -> JobList:
    """This notebook's or script's jobs: Get-Job.

    filters: id, name (wildcards), instance_id, state, command, has_more_data, include_child_jobs, child_job_state,
    before, after, newest.

    >>> job = jobmagics.start("1", job_name="listed").wait()
    >>> [(each.name, each.has_more_data) for each in jobmagics.get_jobs(name="list*")]
    [('listed', True)]
    >>> job.remove()
    """
    return current().manager.jobs(**filters)


def get_job(key: int | str) -> Job | ChildJob:
    """A job by id, name or instance id. Raises NotFound."""
    return current().manager.job(key)


def get_sessions(**filters: Any) -> SessionList:
    """This notebook's or script's sessions: Get-PSSession. filters: id, name, instance_id, computer_name, state."""
    return current().manager.pssessions(**filters)


def find_sessions(
    computer_name: Computer | Iterable[Computer] = "localhost",
    *,
    name: object = (),
    instance_id: object = (),
    state: str | None = None,
    throttle_limit: int = 32,
    **details: Any,
) -> SessionList:
    """The sessions that computers have, whoever opened them: Get-PSSession -ComputerName."""
    where = places(computer_name, **details)
    return current().manager.remote_sessions(
        where, name=name, instance_id=instance_id, state=state, throttle_limit=throttle_limit
    )


def recover(timeout: float | None = None) -> JobList:
    """Brings back what an earlier run of this script left running, and gives its jobs: its sessions are connected, its
    jobs go on. Waits for at most ``timeout`` seconds until each is back or given up. In a notebook, loading the magics
    does it.
    """
    manager = current().manager
    manager.recover().join(timeout)
    return manager.jobs()


def on_job_end(told: Callable[[Job], object]) -> Callable[[Job], object]:
    """Has a function called with each job that ends from now on, a moment after it has; also as a decorator.

    It runs on a thread of its own, one job at a time. A function of the same name takes its place, so that a cell may
    be run again. If it fails, the job does not; the first failure is told with the next magic.

    >>> import queue
    >>> ended = queue.Queue()
    >>> @jobmagics.on_job_end
    ... def note(job):
    ...     ended.put(f"{job.name}: {job.state}")
    >>> job = jobmagics.start("1", job_name="noted")
    >>> ended.get(timeout=30)
    'noted: Completed'
    """
    name = getattr(told, "__qualname__", repr(told))
    current().endings.tell(name, told)
    return told
