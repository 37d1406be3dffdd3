"""What all magics have: the shell they are in, the manager and views they share, the jobs that a line names."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..current import Current
from ..errors import UsageError
from ..options import Arguments, MagicSpec
from .lines import connections_of, job_filter, session_filter

if TYPE_CHECKING:
    from ..display.views import LiveView, ViewClock
    from ..sessions import SessionManager

LISTED_JOBS = 5


class MagicsBase:
    """The manager of one shell's magics, made when it is first needed."""

    def __init__(self, shell: Any, current: Current) -> None:
        self.shell = shell
        self.current = current
        self._clock: ViewClock | None = None
        atexit.register(self.close)

    @property
    def manager(self) -> SessionManager:
        return self.current.manager

    @property
    def namespace(self) -> Mapping[str, Any]:
        """Where ``$name`` of a line and ``$using:name`` of a script are looked up."""
        names: Mapping[str, Any] = self.shell.user_ns
        return names

    def assign(self, name: str, value: Any) -> None:
        """Makes a variable in the notebook."""
        self.shell.push({name: value})

    @property
    def clock(self) -> ViewClock:
        if self._clock is None:
            from ..display.views import ViewClock

            self._clock = ViewClock(self.manager, self.assign)
        return self._clock

    def close(self) -> None:
        raise NotImplementedError

    def _settle(self, _: Any = None) -> None:
        if self._clock is not None:
            self._clock.settle()

    def _show(self, jobs: Iterable[Any] | None, *, stays: bool = False) -> LiveView:
        """A live view in the cell that runs."""
        view = self.clock.view(None if jobs is None else [job.id for job in jobs], stays=stays)
        kernel = getattr(self.shell, "kernel", None)
        # who runs notebooks with nobody there says so by letting nothing be asked
        headless = kernel is not None and not kernel.get_parent()["content"].get("allow_stdin")
        view.show(self.shell.display_pub, live=kernel is not None, headless=headless)
        return view

    def _pick_jobs(self, spec: MagicSpec, given: Arguments) -> list[Any]:
        if "Job" in given:
            return list(given.get("Job"))
        chosen = job_filter(given)
        if not chosen:
            raise UsageError(f"{spec.shown} needs to know which job: -Name, -Id or -Job. {self._jobs_there_are()}")
        return list(self.manager.jobs(**chosen, cmdlet=spec.cmdlet))

    def _jobs_there_are(self) -> str:
        jobs = list(self.manager.jobs())
        if not jobs:
            return "There are no jobs yet."
        listed = ", ".join(f"{job.id} {job.name}" for job in jobs[-LISTED_JOBS:])
        return f"There are {listed}." if len(jobs) <= LISTED_JOBS else f"The last ones are {listed}."

    def _pick_sessions(self, spec: MagicSpec, given: Arguments) -> list[Any]:
        if "Session" in given:
            return list(given.get("Session"))
        if "ComputerName" in given or "ConnectionUri" in given:
            return list(self._remote_sessions(given, spec))
        chosen = session_filter(given)
        if not chosen:
            raise UsageError(f"{spec.shown} needs to know which session: -Name, -Id or -Session. %get_pssession lists.")
        return list(self.manager.pssessions(**chosen, cmdlet=spec.cmdlet))

    @contextmanager
    def _those_there(
        self, pick: Callable[[MagicSpec, Arguments], list[Any]], spec: MagicSpec, given: Arguments
    ) -> Iterator[list[Any]]:
        """Of several jobs or sessions that a line names, those that there are, to do something with; and then, as in
        PowerShell, the error for one that there is not.
        """
        field = next((word for word in ("Id", "Name", "InstanceId") if len(given.get(word, ())) > 1), None)
        asked = [given] if field is None else [Arguments({**given.values, field: [key]}) for key in given.get(field)]
        found: dict[int, Any] = {}
        absent: list[Arguments] = []
        for one in asked:
            try:
                found.update((each.id, each) for each in pick(spec, one))
            except UsageError:
                absent.append(one)
        if len(absent) == len(asked):
            pick(spec, absent[0])
        yield list(found.values())
        for one in absent:
            pick(spec, one)

    def _remote_sessions(self, given: Arguments, spec: MagicSpec | None = None) -> Any:
        state = given.get("State")
        return self.manager.remote_sessions(
            connections_of(given),
            name=given.get("Name", ()),
            instance_id=given.get("InstanceId", ()),
            state=None if state == "All" else state,
            throttle_limit=given.get("ThrottleLimit", 32),
            cmdlet=spec.cmdlet if spec else "Get-PSSession",
        )
