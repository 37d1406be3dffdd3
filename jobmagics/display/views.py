"""Views of jobs in cells, and the one clock that keeps them current.

One thread looks at the manager at most every ``TICK_SECONDS`` while anything changes, and gives each view's widget what
changed, with the answers to what its page asked, in one message; one lock lets one thread at a time touch them.

What a saved notebook can show when the kernel is gone, killed even, is HTML and text; a widget would be an error there.
So as soon as a page says that it can (JupyterLab, Notebook 7), the output becomes HTML and text alone, and the page's
module puts the live view in the place of that HTML. Elsewhere the output is a widget with HTML and text beside it until
its jobs have ended. Where no page answers, HTML and text are told again now and then. Headless clients (nbclient,
papermill) hear only what is said while one of their cells runs, so the last word on a view is repeated for them as the
next cell ends (``settle``).

Never printing from that thread is deliberate: ipykernel would put the text into whatever cell runs just then.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import JobMagicsError
from . import actions, details
from .actions import Actions, Assign
from .details import FORGET_SECONDS, Desk, Reply, Request
from .rows import Row, Snapshot, Wire, all_ended, ended, wire_rows
from .static import mimebundle, terminal_table

if TYPE_CHECKING:
    from .widget import JobTable

_log = logging.getLogger(__name__)

TICK_SECONDS = 0.2
SAY_SECONDS = 3.0
"""The least time between two tellings of a view's HTML and text, but for the last."""
CLOSE_SECONDS = 2.0
KEPT_VIEWS = 50
"""So many views of ended jobs stay live, the newest."""
WIDGET_MIME = "application/vnd.jupyter.widget-view+json"


class ManagerLike(actions.Manager, details.Jobs, Protocol):
    """What views need of ``sessions.SessionManager``."""

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]: ...


class Publisher(Protocol):
    """IPython's display publisher, as far as it is used."""

    def publish(self, data: dict[str, Any], *, transient: dict[str, Any], update: bool) -> None: ...


@dataclass(frozen=True)
class Said:
    """What an output holds: the rows that its HTML and text show, and whether a widget is beside them."""

    rows: list[Row]
    has_widget: bool
    at: float

    @property
    def is_old(self) -> bool:
        return time.monotonic() - self.at > SAY_SECONDS


class LiveView:
    """Some jobs (``job_ids``), or all (None), in one output. ``stays``: it is asked for to be worked with, and stays
    a widget as its jobs end.
    """

    def __init__(self, clock: ViewClock, job_ids: frozenset[int] | None, stays: bool) -> None:
        self._clock = clock
        self._job_ids = job_ids
        self._stays = stays or job_ids is None
        self._asked: deque[Request] = deque()
        self._replies: deque[Reply] = deque()
        self._pages: dict[str, None] = {}
        self._display_id = uuid.uuid4().hex
        self._rows: list[Row] = clock.rows(job_ids)
        self._table: JobTable | None = None
        self._said: Said | None = None
        self.is_seen = False
        """Whether a page has answered."""

    def show(self, publisher: Publisher, *, live: bool = True, headless: bool = False) -> None:
        """Put the view into the running cell. Called from the cell's own thread.

        live: what is shown can be brought up to date, as a terminal's cannot; headless: nobody looks at it yet.
        """
        if live and not headless:
            from .widget import JobTable

            self._table = JobTable(self._rows, self.ask, self._display_id)
        if live:
            self._say(publisher)
            self._clock.add(self, publisher)
        else:
            told = {"text/plain": terminal_table(self._rows)}
            publisher.publish(told, transient={"display_id": self._display_id}, update=False)

    def include(self, job_ids: Iterable[int]) -> None:
        """More jobs, in the same output."""
        if self._job_ids is not None:
            self._job_ids |= frozenset(job_ids)
            self._clock.wake()

    @property
    def has_ended(self) -> bool:
        """Whether nothing can change any more. A view of all jobs never ends: there may be new ones."""
        return not self._stays and all_ended(self._rows)

    @property
    def is_behind(self) -> bool:
        """Whether the output shows jobs as unfinished that have ended, or jobs are missing from it."""
        return self._said is not None and ended(self._said.rows) != ended(self._rows)

    def ask(self, request: Request) -> None:
        """A page asks for something; from any thread."""
        if request["kind"] in actions.KINDS:
            self._clock.act(self, request)
        else:
            self._asked.append(request)
            self._clock.wake()

    def reply(self, reply: Reply) -> None:
        """Tell the page with the next message; from any thread."""
        self._replies.append(reply)
        self._clock.wake()

    def tick(self, publisher: Publisher, desk: Desk, snapshot: Snapshot) -> None:
        """Bring the page and the output up to date. One thread at a time."""
        rows = snapshot.rows(self._job_ids)
        if not rows and self._job_ids is not None:
            rows = _as_removed(self._rows)
        self._rows = rows
        replies = self._answers(desk)
        if self._table is not None:
            self._table.update(rows, replies)
        if self._is_due():
            self._say(publisher)

    def _is_due(self) -> bool:
        """Whether the output itself must be told again: not more often than need be, for a page draws it anew."""
        said = self._said
        if said is None:
            return False
        if said.has_widget != self._needs_widget:
            return True
        if all_ended(self._rows) and not all_ended(said.rows):
            return not said.has_widget
        is_behind = self.is_behind if self.is_seen else said.rows != self._rows
        return is_behind and said.is_old and not (said.has_widget and self.is_seen)

    @property
    def _needs_widget(self) -> bool:
        """A page reads on in a widget's details after the end; in the place of HTML it keeps them."""
        is_over = self.has_ended and not self._pages and not self._asked
        return self._table is not None and not self._clock.is_mounted and not is_over

    def _say(self, publisher: Publisher, *, is_last: bool = False) -> None:
        """Tell the output: HTML, marked as a place for the live view, and text; with the widget or without."""
        place = self._display_id if self._table is not None and not is_last else ""
        bundle: dict[str, Any] = mimebundle(self._rows, place)
        has_widget = self._needs_widget and not is_last
        if has_widget and self._table is not None:
            bundle[WIDGET_MIME] = {"version_major": 2, "version_minor": 0, "model_id": self._table.model_id}
        publisher.publish(bundle, transient={"display_id": self._display_id}, update=self._said is not None)
        self._said = Said(self._rows, has_widget, time.monotonic())

    def _answers(self, desk: Desk) -> list[Reply]:
        found: list[Reply] = []
        while self._asked:
            request = self._asked.popleft()
            page = str(request.get("view"))
            if request["kind"] == "here":
                self._meet(request)
                continue
            if request["kind"] == "ping":
                found.append({"kind": "pong"})
                continue
            try:
                answer = desk.handle(request)
            except JobMagicsError as error:
                answer = {"kind": "note", "text": error.message}
            if answer is not None:
                found.append({**answer, "view": page, "id": request["id"]})
            self._pages[page] = None
        for page in list(self._pages):
            news = desk.news(page)
            if news is not None:
                found.append(news)
            if not desk.has(page):
                del self._pages[page]
        while self._replies:
            found.append(self._replies.popleft())
        return found

    def _meet(self, page: Request) -> None:
        self.is_seen = True
        if page.get("mounts") is True:
            self._clock.is_mounted = True

    def repeat(self, publisher: Publisher) -> None:
        """For clients that may not have heard it."""
        if not self.is_seen:
            self._say(publisher)

    def freeze(self, publisher: Publisher) -> None:
        """Leave HTML and text alone in the output: what is readable without this kernel."""
        self._say(publisher, is_last=True)

    def close(self) -> None:
        """No longer live; the output stays."""
        if self._table is not None:
            self._table.close()


class ViewClock:
    """Keeps the views of one manager current from one thread, which sleeps while nothing changes."""

    def __init__(self, manager: ManagerLike, assign: Assign | None = None, tick_seconds: float = TICK_SECONDS) -> None:
        self._manager = manager
        self._actions = Actions(manager, assign)
        self._desk = Desk(manager, self.wake)
        self._wire = Wire()
        self._tick_seconds = tick_seconds
        self.is_mounted = False
        """Whether this kernel's page puts live views in the place of HTML."""
        self._views: dict[LiveView, Publisher] = {}
        self._ended: dict[LiveView, Publisher] = {}
        self._lock = threading.Lock()
        self._ticking = threading.Lock()
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._unsubscribe = manager.subscribe(self._wake.set)

    def view(self, job_ids: Iterable[int] | None = None, *, stays: bool = False) -> LiveView:
        return LiveView(self, None if job_ids is None else frozenset(job_ids), stays)

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
        if not self._views:
            return
        with self._ticking:
            said_before = dict(self._ended)
            self._tick()
            self._ended.clear()
            for view, publisher in said_before.items():
                self._attempt(view, partial(view.repeat, publisher))

    def wake(self) -> None:
        self._wake.set()

    def act(self, view: LiveView, request: Request) -> None:
        """A button was pressed."""

        def work() -> None:
            try:
                told = self._actions.carry_out(request)
            except JobMagicsError as error:
                view.reply({"kind": "note", "text": error.message, "failed": True})
            else:
                if told:
                    view.reply({"kind": "note", "text": told})
            self.wake()

        threading.Thread(target=work, name=f"jobmagics-{request['kind']}-{request['id']}", daemon=True).start()

    def close(self) -> None:
        """End the thread. Outputs are left readable without this kernel."""
        self._unsubscribe()
        self._closing.set()
        self._wake.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        while not self._closing.is_set():
            self._wake.wait(self._patience())
            self._wake.clear()
            began = time.monotonic()
            with self._ticking:
                self._tick()
            self._closing.wait(max(0.0, self._tick_seconds - (time.monotonic() - began)))
        with self._ticking:
            self._tick()
            for view, publisher in self._current():
                self._attempt(view, partial(view.freeze, publisher))
            self._desk.close()

    def _patience(self) -> float | None:
        """How long nothing has to be done if nothing changes."""
        if any(view.is_behind for view, _ in self._current()):
            return SAY_SECONDS
        return FORGET_SECONDS if len(self._desk) else None

    def _tick(self) -> None:
        snapshot = self._wire.of(self._manager.snapshot())
        over = []
        for view, publisher in self._current():
            had_ended = view.has_ended
            self._attempt(view, partial(view.tick, publisher, self._desk, snapshot))
            if view.has_ended:
                over.append(view)
                if not had_ended:
                    self._ended[view] = publisher
        for view in over[:-KEPT_VIEWS]:
            self._attempt(view, view.close)
            self._drop(view)

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


def _as_removed(rows: list[Row]) -> list[Row]:
    """The last rows of jobs that are no longer listed: a removed job has ended, whatever it did last."""
    return [row if row["state"] in ("Completed", "Failed") else {**row, "state": "Stopped"} for row in rows]
