"""Views of jobs in cells, and the one clock that keeps them current.

A view is a widget with HTML and text beside it in the same output. While jobs run, one thread looks at the manager
at most every ``TICK_SECONDS`` and gives each widget what changed; one lock lets one thread at a time touch them. When
the last job of a view has ended, the output becomes HTML and text alone: that is what a saved notebook can still show
when the kernel is gone, where a widget would be an error message. Headless clients (nbclient, papermill) hear only what
is said while one of their cells runs, so the last word on a view is repeated as the next cell ends (``settle``).

Never printing from that thread is deliberate: ipykernel would put the text into whatever cell runs just then.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import JobMagicsError
from .rows import JobRowLike, Row, all_ended, wire_rows
from .static import mimebundle

if TYPE_CHECKING:
    from .widget import JobTable, Message

_log = logging.getLogger(__name__)

TICK_SECONDS = 0.2
CLOSE_SECONDS = 2.0
WIDGET_MIME = "application/vnd.jupyter.widget-view+json"


class ManagerLike(Protocol):
    """What views need of ``sessions.SessionManager``."""

    def snapshot(self) -> Iterable[JobRowLike]: ...
    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]: ...
    def job(self, key: int) -> Any: ...
    def stop(self, jobs: Any) -> Any: ...


class Publisher(Protocol):
    """IPython's display publisher, as far as it is used."""

    def publish(self, data: dict[str, Any], *, transient: dict[str, Any], update: bool) -> None: ...


class LiveView:
    """Some jobs (``job_ids``), or all (None), in one output."""

    def __init__(self, clock: ViewClock, job_ids: frozenset[int] | None) -> None:
        self._clock = clock
        self._job_ids = job_ids
        self._display_id = uuid.uuid4().hex
        self._rows: list[Row] = clock.rows(job_ids)
        self._table: JobTable | None = None

    def show(self, publisher: Publisher, *, live: bool = True) -> None:
        """Put the view into the running cell. Called from the cell's own thread."""
        bundle: dict[str, Any] = mimebundle(self._rows)
        if live and not self.has_ended:
            from .widget import JobTable

            self._table = JobTable(self._rows, self._clock.request)
            bundle[WIDGET_MIME] = {"version_major": 2, "version_minor": 0, "model_id": self._table.model_id}
        publisher.publish(bundle, transient={"display_id": self._display_id}, update=False)
        if self._table is not None:
            self._clock.add(self, publisher)

    @property
    def has_ended(self) -> bool:
        """Whether nothing can change any more. A view of all jobs never ends: there may be new ones."""
        return self._job_ids is not None and all_ended(self._rows)

    def tick(self, publisher: Publisher) -> None:
        """Bring the output up to date. One thread at a time."""
        rows = self._clock.rows(self._job_ids)
        if not rows and self._job_ids is not None:
            rows = _as_removed(self._rows)
        self._rows = rows
        if self._table is not None:
            self._table.patch(rows)
        if self.has_ended:
            self.freeze(publisher)

    def freeze(self, publisher: Publisher) -> None:
        """Leave HTML and text alone in the output: what is readable without this kernel."""
        publisher.publish(mimebundle(self._rows), transient={"display_id": self._display_id}, update=True)

    def tell(self, message: Message) -> None:
        if self._table is not None:
            self._table.tell(message)


class ViewClock:
    """Keeps the views of one manager current from one thread, which sleeps while nothing changes."""

    def __init__(self, manager: ManagerLike, tick_seconds: float = TICK_SECONDS) -> None:
        self._manager = manager
        self._tick_seconds = tick_seconds
        self._views: dict[LiveView, Publisher] = {}
        self._ended: list[tuple[LiveView, Publisher]] = []
        self._lock = threading.Lock()
        self._ticking = threading.Lock()
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._messages: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._unsubscribe = manager.subscribe(self._wake.set)

    def view(self, job_ids: Iterable[int] | None = None) -> LiveView:
        return LiveView(self, None if job_ids is None else frozenset(job_ids))

    def rows(self, job_ids: frozenset[int] | None) -> list[Row]:
        return wire_rows(self._manager.snapshot(), job_ids)

    def add(self, view: LiveView, publisher: Publisher) -> None:
        with self._lock:
            self._views[view] = publisher
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="jobmagics-display", daemon=True)
                self._thread.start()
        self._wake.set()

    def settle(self) -> None:
        """As a cell ends: what has ended by now is said while the cell's client still listens."""
        if not self._views and not self._ended:
            return
        with self._ticking:
            said_before = list(self._ended)
            self._tick()
            self._ended.clear()
            for view, publisher in said_before:
                self._attempt(view, partial(view.freeze, publisher))

    def request(self, kind: str, job_id: int) -> None:
        """A page asks for something. Stopping may take its time, so it gets a thread of its own."""
        if kind == "ping":
            self._messages.put({"kind": "pong"})
            self._wake.set()
            return
        threading.Thread(target=self._stop, args=(job_id,), name=f"jobmagics-{kind}-{job_id}", daemon=True).start()

    def close(self) -> None:
        """End the thread. Views of jobs that go on without this kernel are left readable without it."""
        self._unsubscribe()
        self._closing.set()
        self._wake.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(CLOSE_SECONDS)

    def _stop(self, job_id: int) -> None:
        try:
            self._manager.stop([self._manager.job(job_id)])
        except JobMagicsError as error:
            self._messages.put({"kind": "note", "text": error.message})
        self._wake.set()

    def _run(self) -> None:
        while not self._closing.is_set():
            self._wake.wait()
            self._wake.clear()
            began = time.monotonic()
            with self._ticking:
                self._tick()
            self._closing.wait(max(0.0, self._tick_seconds - (time.monotonic() - began)))
        with self._ticking:
            self._tick()
            for view, publisher in self._current():
                self._attempt(view, partial(view.freeze, publisher))

    def _tick(self) -> None:
        messages = []
        while not self._messages.empty():
            messages.append(self._messages.get())
        for view, publisher in self._current():
            self._attempt(view, partial(_update, view, publisher, messages))
            if view.has_ended:
                self._drop(view)
                self._ended.append((view, publisher))

    def _attempt(self, view: LiveView, update: Callable[[], None]) -> None:
        """One broken output must not stop the others."""
        try:
            update()
        except Exception:  # noqa: BLE001
            _log.exception("a job view could not be updated and is given up")
            self._drop(view)

    def _current(self) -> list[tuple[LiveView, Publisher]]:
        with self._lock:
            return list(self._views.items())

    def _drop(self, view: LiveView) -> None:
        with self._lock:
            self._views.pop(view, None)


def _update(view: LiveView, publisher: Publisher, messages: list[Message]) -> None:
    view.tick(publisher)
    for message in messages:
        view.tell(message)


def _as_removed(rows: list[Row]) -> list[Row]:
    """The last rows of jobs that are no longer listed: a removed job has ended, whatever it did last."""
    return [row if row["state"] in ("Completed", "Failed") else {**row, "state": "Stopped"} for row in rows]
