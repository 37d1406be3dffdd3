"""Who is told as jobs end: functions, and a command of the person's own.

One thread looks at the jobs when something has changed, and tells of each that has ended since, one after the other. So
what is told may take its time and may fail: no job waits for it. A failure becomes a notice, once for each listener.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from jobmagics.jobs import FINISHED
from jobmagics.results import Job

LOOK_SECONDS = 0.2
"""The least time between two looks."""
CLOSE_SECONDS = 3.0
COMMAND_SECONDS = 60.0
SHOWN_ERROR = 200
"""Characters of what a command said of its failure."""
SECRETS = "JOBMAGICS_CREDENTIAL_"
"""Variables of the environment that no command inherits from us."""

Listener = Callable[[Job], object]


class Manager(Protocol):
    """What is needed of the session manager."""

    def jobs(self, **filters: Any) -> Iterable[Any]: ...
    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]: ...
    def trouble(self, notice: str) -> None: ...


class Endings:
    """Tells of the jobs of one manager that end from now on."""

    def __init__(self, manager: Manager) -> None:
        self._manager = manager
        self._listeners: dict[str, Listener] = {}
        self._failed: set[Listener] = set()
        self._told = {job.instance_id for job in manager.jobs() if job.state in FINISHED}
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._unsubscribe = manager.subscribe(self._wake.set)
        self._thread = threading.Thread(target=self._run, name="jobmagics-endings", daemon=True)
        self._thread.start()

    def tell(self, name: str, listener: Listener) -> None:
        """Calls ``listener`` with each job that ends; it takes the place of an earlier one of the same name."""
        self._listeners = {**self._listeners, name: listener}

    def close(self) -> None:
        """What has ended by now is told yet, if that takes no longer than a moment."""
        self._unsubscribe()
        self._closing.set()
        self._wake.set()
        if self._thread is not threading.current_thread():
            self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        while not self._closing.is_set():
            self._wake.wait()
            self._wake.clear()
            self._look()
            self._closing.wait(LOOK_SECONDS)
        self._look()

    def _look(self) -> None:
        for job in self._ended():
            for name, listener in self._listeners.items():
                self._call(name, listener, job)

    def _ended(self) -> list[Job]:
        ended = [job for job in self._manager.jobs() if job.state in FINISHED and job.instance_id not in self._told]
        self._told.update(job.instance_id for job in ended)
        return ended

    def _call(self, name: str, listener: Listener, job: Job) -> None:
        try:
            listener(job)
        except Exception as error:  # noqa: BLE001 - it is the person's own code
            if listener not in self._failed:
                self._failed.add(listener)
                self._manager.trouble(
                    f"{name}, which is told as jobs end, failed at job {job.id} ({job.name}):"
                    f" {type(error).__name__}: {error}. Further failures of it are not told."
                )


class Command:
    """Runs a command for each job, without a shell. It learns of the job from its environment; nothing that came from a
    computer is in it, and no secret.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._words = list(words)

    def __call__(self, job: Job) -> None:
        """Raises OSError if it cannot be started, subprocess.SubprocessError if it fails or takes too long."""
        told = subprocess.run(
            self._words,
            env=environment(job),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        if told.returncode:
            said = told.stderr.decode(errors="replace").strip()[-SHOWN_ERROR:]
            raise subprocess.SubprocessError(f"exit code {told.returncode} {said}".rstrip())


def environment(job: Job) -> dict[str, str]:
    """Ours, without what only we may know, and the job's facts."""
    facts = {
        "ID": str(job.id),
        "NAME": job.name,
        "STATE": str(job.state),
        "TYPE": job.type,
        "LOCATION": job.location,
        "SECONDS": _seconds(job),
    }
    ours = {name: value for name, value in os.environ.items() if not name.startswith(SECRETS)}
    return ours | {f"JOBMAGICS_JOB_{name}": value.replace("\0", "") for name, value in facts.items()}


def _seconds(job: Job) -> str:
    if job.begin_time is None or job.end_time is None:
        return ""
    return f"{(job.end_time - job.begin_time).total_seconds():.1f}"
