"""The jobs of a session: numbers, names, and finding them again."""

from __future__ import annotations

import itertools
import threading
from typing import Any

from ..values.wildcards import has_wildcard, wildcard_match
from .job import Job

THREAD_THROTTLE = 5


class JobTable:
    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._jobs: dict[int, Job] = {}
        self.slots = Slots(THREAD_THROTTLE)

    def number(self) -> int:
        """The next job's."""
        return next(self._numbers)

    def create(self, kind: str, **facts: Any) -> Job:
        """A job with the next number; without a name it is called Job<number>."""
        number = self.number()
        facts["name"] = facts.get("name") or f"Job{number}"
        return Job(kind, number, **facts)

    def child(self, parent: Job, kind: str, **facts: Any) -> Job:
        made = self.create(kind, **{"location": parent.location, **facts})
        made.parent = parent
        parent.children.append(made)
        return made

    def add(self, job: Job) -> None:
        self._jobs[job.id] = job

    def remove(self, job: Job) -> None:
        self._jobs.pop(job.id, None)

    def top(self) -> list[Job]:
        return [self._jobs[number] for number in sorted(self._jobs)]

    def all(self) -> list[Job]:
        """Top-level jobs, then the children of each."""
        found = self.top()
        return found + [child for job in found for child in job.children]

    def named(self, pattern: str) -> list[Job]:
        if has_wildcard(pattern):
            return [job for job in self.all() if wildcard_match(pattern, job.name)]
        return [job for job in self.all() if job.name.lower() == pattern.lower()]


class Slots:
    """How many thread jobs of the session run at once; the last limit given holds for all."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._running = 0
        self._changed = threading.Condition()

    def set_limit(self, limit: int) -> None:
        with self._changed:
            self.limit = limit
            self._changed.notify_all()

    def take(self, is_given_up: Any) -> bool:
        """Waits for a slot; False when the job was stopped before it had one."""
        with self._changed:
            while self._running >= self.limit:
                if is_given_up():
                    return False
                self._changed.wait(0.1)
            if is_given_up():
                return False
            self._running += 1
            return True

    def give_back(self) -> None:
        with self._changed:
            self._running -= 1
            self._changed.notify_all()


def table_of(runspace: Any) -> JobTable:
    found: JobTable | None = runspace.store.get("jobs")
    if found is None:
        found = runspace.store["jobs"] = JobTable()
    return found
