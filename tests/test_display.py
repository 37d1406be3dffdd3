"""The live view: rows, the still tables, the widget's messages, and the one clock that drives them."""

from __future__ import annotations

import dataclasses
import datetime
import html.parser
import io
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobmagics import display
from jobmagics.display import views
from jobmagics.display.rows import Wire, elapsed_text, shown_rows, wire_row, wire_rows
from jobmagics.display.static import PLACE, html_table, terminal_table, text_table
from jobmagics.display.views import WIDGET_MIME, ViewClock
from jobmagics.errors import UsageError
from jobmagics.formatting import to_html
from jobmagics.psobject import PSObject
from jobmagics.remote.questions import Question

BEGAN = datetime.datetime(2026, 3, 2, 10, 0, tzinfo=datetime.timezone.utc)
HOSTILE = "<script>alert(1)</script>\x1b[31mred\x1b[0m\x1b]0;title\x07\r\n\t\"'&"


@dataclasses.dataclass(frozen=True)
class Progress:
    activity: str = "Copying"
    status: str = "disk C"
    percent: int = 40
    id: int = 0
    parent: int = -1
    operation: str = ""
    seconds_remaining: int = -1


@dataclasses.dataclass(frozen=True)
class JobRow:
    """A row as the manager's snapshot has it."""

    id: int = 1
    parent_id: int | None = None
    name: str = "disks"
    type: str = "RemoteJob"
    state: str = "Running"
    location: str = "localhost"
    begin_time: datetime.datetime | None = BEGAN
    end_time: datetime.datetime | None = None
    activities: tuple[Progress, ...] = ()
    lines: int = 0
    errors: int = 0
    warnings: int = 0
    newest: str = ""
    reason: str = ""
    expires: datetime.datetime | None = None
    question: Question | None = None
    question_key: int = 0


class Board:
    """A manager that shows what the test puts on it."""

    def __init__(self, *rows: JobRow) -> None:
        self.rows = list(rows)
        self.stopped: list[int] = []
        self.version = 0
        self._callbacks: list[Callable[[], None]] = []

    def snapshot(self) -> list[JobRow]:
        return list(self.rows)

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def put(self, *rows: JobRow) -> None:
        self.rows = list(rows)
        for callback in self._callbacks:
            callback()

    def job(self, key: int) -> int:
        if key not in [row.id for row in self.rows]:
            raise UsageError(f"The command cannot find the job with the job identifier {key}.")
        return key

    def wait_for_change(self, version: int, timeout: float) -> int:
        return self.version

    def remove(self, jobs: Any) -> None:
        raise NotImplementedError

    disconnect = connect = receive_job = remove

    def stop(self, jobs: list[int]) -> None:
        self.stopped += jobs
        self.put(*(dataclasses.replace(row, state="Stopped") for row in self.rows))


class Notebook:
    """What reaches the outputs of a notebook: bundles by display id."""

    def __init__(self) -> None:
        self.published: list[tuple[dict[str, Any], bool]] = []
        self.ids: set[str] = set()
        self.updated = threading.Event()

    def publish(self, data: dict[str, Any], *, transient: dict[str, Any], update: bool) -> None:
        self.ids.add(transient["display_id"])
        self.published.append((data, update))
        if update:
            self.updated.set()


class Comm:
    """The comm of a widget, with what was sent over it."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.arrived = threading.Condition()

    def send(self, data: dict[str, Any], **_: Any) -> None:
        if data["method"] != "custom":
            return  # the state at birth: there is no kernel here to have sent it to
        with self.arrived:
            self.messages.append(data)
            self.arrived.notify_all()

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.messages) >= count, 5)
            return list(self.messages)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Comm:
    """Widgets talk to the test: there is no kernel in its process."""
    from jobmagics.display.widget import JobTable

    wire = Comm()
    monkeypatch.setattr(JobTable, "_send", lambda self, message, buffers=None: wire.send(message))
    return wire


def test_elapsed_reads_as_people_say_it() -> None:
    def told(seconds: float) -> str:
        row = wire_row(JobRow(end_time=BEGAN + datetime.timedelta(seconds=seconds)))
        return elapsed_text(row, now=0)

    assert [told(s) for s in (0.24, 59.9, 61, 3600 * 25 + 62)] == ["0.2 s", "59.9 s", "1:01", "25:01:02"]
    assert elapsed_text(wire_row(JobRow(begin_time=None)), now=0) == ""


def test_a_view_has_its_jobs_and_their_children() -> None:
    rows = [JobRow(id=1), JobRow(id=2, parent_id=1), JobRow(id=3), JobRow(id=4, parent_id=3)]
    assert [row["id"] for row in wire_rows(rows, {3})] == [3, 4]
    assert len(wire_rows(rows)) == 4


def test_an_only_child_is_not_shown_twice_but_two_are() -> None:
    one = wire_rows([JobRow(id=1), JobRow(id=2, parent_id=1)])
    two = wire_rows([JobRow(id=1), JobRow(id=2, parent_id=1), JobRow(id=3, parent_id=1)])
    assert [row["id"] for row in shown_rows(one)] == [1]
    assert [row["id"] for row in shown_rows(two)] == [1, 2, 3]


def test_a_child_is_shown_by_itself_too() -> None:
    rows = [JobRow(id=1), JobRow(id=2, parent_id=1), JobRow(id=3, parent_id=1)]
    assert [(row["id"], row["parent"]) for row in wire_rows(rows, {2})] == [(2, None)]
    assert [(row["id"], row["parent"]) for row in wire_rows(rows, {1, 2})] == [(1, None), (2, 1), (3, 1)]


def test_rows_that_did_not_change_are_the_same_objects() -> None:
    wire = Wire()
    first = wire.of([JobRow(id=1), JobRow(id=3)]).rows()
    second = wire.of([JobRow(id=1), JobRow(id=3, lines=1)]).rows()
    assert second[0] is first[0]
    assert second[1]["lines"] == 1


def test_a_table_of_unfinished_jobs_says_of_when_it_is() -> None:
    assert "As of 20" in html_table(wire_rows([JobRow()]))
    assert "As of" not in html_table(wire_rows([JobRow(state="Completed", end_time=BEGAN)]))


def test_the_text_table() -> None:
    ended = BEGAN + datetime.timedelta(seconds=12)
    rows = wire_rows(
        [JobRow(state="Completed", end_time=ended, lines=60, newest="line 60"), JobRow(id=3, name="x", begin_time=None)]
    )
    assert text_table(rows).splitlines() == [
        "Id Name  State     Progress Elapsed Lines Location  Newest output",
        "-- ----  -----     -------- ------- ----- --------  -------------",
        " 1 disks Completed           12.0 s    60 localhost line 60",
        " 3 x     Running                        0 localhost",
    ]
    assert text_table([]) == "(no jobs)"
    colored = text_table(rows, color=True).splitlines()
    assert colored[2] == " 1 disks \x1b[32mCompleted\x1b[0m           12.0 s    60 localhost line 60"
    assert [re.sub("\x1b\\[[0-9]+m", "", line) for line in colored] == text_table(rows).splitlines()


def test_in_a_terminal_the_table_is_as_wide_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = wire_rows([JobRow(newest="x" * 100)])
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert terminal_table(rows) == text_table(rows)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    assert [len(line) for line in terminal_table(rows).splitlines()][-1] == 80
    monkeypatch.delenv("NO_COLOR")
    assert "\x1b[34mRunning\x1b[0m" in terminal_table(rows)


class _Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


@given(st.text(), st.text(), st.text(), st.text())
def test_no_text_of_a_job_is_ever_markup(name: str, location: str, newest: str, reason: str) -> None:
    rows = wire_rows([JobRow(name=name, location=location, newest=newest, reason=reason)])
    tags = _Tags()
    tags.feed(html_table(rows))
    assert tags.tags <= {"table", "caption", "thead", "tbody", "tr", "th", "td", "span"}
    assert not tags.handlers
    assert len(text_table(rows).splitlines()) == 3


def test_hostile_text_is_text() -> None:
    rows = wire_rows([JobRow(name=HOSTILE, newest=HOSTILE, reason="")])
    assert "&lt;script&gt;" in html_table(rows)
    assert "\x1b" not in text_table(rows)


def test_a_live_table_styles_nothing_of_other_cells() -> None:
    """Its style sheet holds for the whole page: results in other cells must look the same with and without it."""
    page = Path(display.__file__).parent / "page"
    sheet = "".join(path.read_text(encoding="utf-8") for path in page.glob("*.css"))
    styled = set(re.findall(r"^\s*\.(jobmagics[\w-]*)", sheet, re.MULTILINE))
    elsewhere = html_table(wire_rows([JobRow()])) + to_html(["text", PSObject({"A": 1})], 80)
    classes = set(re.findall(r'class="(jobmagics[\w-]*)', elsewhere))
    assert len(styled) > 20
    assert classes == {"jobmagics-static", "jobmagics-output", "jobmagics-table"}
    assert not styled & classes


def test_variables_in_tables_are_no_formulas() -> None:
    """JupyterLab has MathJax typeset what stands between two dollars, but in these classes and in <pre>."""
    for shown in (html_table(wire_rows([JobRow(newest="$a $b")])), to_html([PSObject({"A": "$a; $b"})], 80)):
        (classes,) = re.findall(r'<table class="([^"]*)"', shown)
        assert {"mathjax_ignore", "tex2jax_ignore"} <= set(classes.split())


def test_a_running_view_is_a_widget_with_html_and_text_beside_it(wire: Comm) -> None:
    board, notebook = Board(JobRow()), Notebook()
    clock = ViewClock(board)
    clock.view([1]).show(notebook)
    bundle, is_update = notebook.published[0]
    assert not is_update
    assert set(bundle) == {WIDGET_MIME, "text/html", "text/plain"}
    clock.close()


def test_only_what_changed_is_sent_and_the_end_is_still(wire: Comm) -> None:
    first, second = JobRow(id=1), JobRow(id=3, name="logs")
    board, notebook = Board(first, second), Notebook()
    clock = ViewClock(board, tick_seconds=0.01)
    clock.view([1, 3]).show(notebook)
    board.put(dataclasses.replace(first, lines=7, newest="line 7"), second)
    (message,) = wire.wait_for(1)
    assert message["content"]["changed"] == [{"id": 1, "lines": 7, "newest": "line 7"}]
    assert set(message["content"]) == {"changed", "clock"}
    board.put(*(dataclasses.replace(row, state="Completed", end_time=BEGAN) for row in (first, second)))
    assert notebook.updated.wait(5)
    final, _ = notebook.published[-1]
    assert set(final) == {"text/html", "text/plain"}
    assert final["text/plain"].count("Completed") == 2
    assert len(notebook.ids) == 1
    clock.close()


def test_the_end_is_said_again_as_the_cell_ends(wire: Comm) -> None:
    board, notebook = Board(JobRow()), Notebook()
    clock = ViewClock(board, tick_seconds=0.01)
    clock.view([1]).show(notebook)
    clock.settle()
    assert len(notebook.published) == 1, "nothing has ended"
    board.put(JobRow(state="Completed", end_time=BEGAN))
    assert notebook.updated.wait(5)  # between two cells: a headless client does not hear it
    clock.settle()
    assert notebook.published[-1][0]["text/plain"].count("Completed") == 1
    assert len(notebook.published) == 3
    clock.settle()
    assert len(notebook.published) == 3
    clock.close()


def test_a_cell_that_ends_does_not_wait_for_the_clock(wire: Comm) -> None:
    board, notebook = Board(JobRow()), Notebook()
    clock = ViewClock(board, tick_seconds=60)
    clock.view([1]).show(notebook)
    board.put(JobRow(state="Completed", end_time=BEGAN))
    clock.settle()
    assert notebook.published[-1][0].keys() == {"text/html", "text/plain"}
    clock.close()


def test_many_changes_are_one_message_a_tick(wire: Comm) -> None:
    row = JobRow()
    board = Board(row)
    clock = ViewClock(board, tick_seconds=0.2)
    clock.view([1]).show(Notebook())
    for lines in range(1, 201):
        board.put(dataclasses.replace(row, lines=lines))
    messages = wire.wait_for(1)
    while messages[-1]["content"]["changed"][0]["lines"] < 200:
        messages = wire.wait_for(len(messages) + 1)
    assert len(messages) <= 3
    clock.close()


def test_a_page_that_loads_later_gets_all_rows_of_now(wire: Comm) -> None:
    from jobmagics.display.widget import JobTable

    table = JobTable(wire_rows([JobRow()]), lambda request: None)
    table.update(wire_rows([JobRow(lines=5), JobRow(id=3)]))
    assert [(row["id"], row["lines"]) for row in table.get_state()["rows"]] == [(1, 5), (3, 0)]
    assert not table.update(wire_rows([JobRow(lines=5), JobRow(id=3)])), "nothing changed, nothing sent"


def test_the_stop_button_stops(wire: Comm) -> None:
    board, notebook = Board(JobRow()), Notebook()
    clock = ViewClock(board, tick_seconds=0.01)
    view = clock.view([1])
    view.show(notebook)
    view._table._handle_custom_msg({"kind": "stop", "id": 1}, [])
    assert notebook.updated.wait(5)
    assert board.stopped == [1]
    assert "Stopped" in notebook.published[-1][0]["text/plain"]
    clock.close()


def test_a_button_that_cannot_be_obeyed_says_why(wire: Comm) -> None:
    board = Board(JobRow())
    clock = ViewClock(board, tick_seconds=0.01)
    view = clock.view(None)
    view.show(Notebook())
    view._table._handle_custom_msg({"kind": "stop", "id": 99}, [])
    (message,) = wire.wait_for(1)
    text = "The command cannot find the job with the job identifier 99."
    assert message["content"]["replies"] == [{"kind": "note", "text": text, "failed": True}]
    clock.close()


def test_a_page_that_asks_whether_the_kernel_is_there_is_answered(wire: Comm) -> None:
    clock = ViewClock(Board(JobRow()), tick_seconds=0.01)
    view = clock.view(None)
    view.show(Notebook())
    view._table._handle_custom_msg({"kind": "ping"}, [])
    (message,) = wire.wait_for(1)
    assert message["content"]["replies"] == [{"kind": "pong"}]
    clock.close()


@pytest.mark.parametrize(
    "content", [None, "stop", {"kind": "stop"}, {"kind": "stop", "id": "1; rm"}, {"kind": "x", "id": 1}]
)
def test_other_messages_from_a_page_do_nothing(wire: Comm, content: Any) -> None:
    from jobmagics.display.widget import JobTable

    asked: list[Any] = []
    JobTable([], asked.append)._handle_custom_msg(content, [])
    assert asked == []


def test_a_removed_job_leaves_its_last_rows(wire: Comm) -> None:
    row = JobRow(lines=3, newest="line 3")
    board, notebook = Board(row), Notebook()
    clock = ViewClock(board, tick_seconds=0.01)
    clock.view([1]).show(notebook)
    board.put()
    assert notebook.updated.wait(5)
    assert "line 3" in notebook.published[-1][0]["text/plain"]
    clock.close()


def mount(view: Any) -> None:
    view._table._handle_custom_msg({"kind": "here", "mounts": True}, [])


def test_a_page_that_mounts_views_gets_html_as_their_place(wire: Comm) -> None:
    board, notebook = Board(JobRow()), Notebook()
    clock = ViewClock(board, tick_seconds=0.01)
    view = clock.view([1])
    view.show(notebook)
    assert WIDGET_MIME in notebook.published[0][0]
    mount(view)
    assert notebook.updated.wait(5)
    bundle, _ = notebook.published[-1]
    assert set(bundle) == {"text/html", "text/plain"}
    assert f'class="{PLACE} {PLACE}-{view._table.place}"' in bundle["text/html"]
    clock.view([1]).show(notebook)
    assert set(notebook.published[-1][0]) == {"text/html", "text/plain"}, "known by now"
    clock.close()
    assert PLACE not in notebook.published[-1][0]["text/html"], "there is no kernel that a live view could ask"


def test_in_its_place_a_view_lives_on_as_its_job_ends(wire: Comm) -> None:
    board, notebook = Board(JobRow()), Notebook()
    clock = ViewClock(board, tick_seconds=0.01)
    view = clock.view([1])
    view.show(notebook)
    mount(view)
    assert notebook.updated.wait(5)
    notebook.updated.clear()
    board.put(JobRow(state="Completed", end_time=BEGAN))
    assert notebook.updated.wait(5)
    assert "Completed" in notebook.published[-1][0]["text/plain"]
    assert PLACE in notebook.published[-1][0]["text/html"]
    sent = len(wire.messages)
    view._table._handle_custom_msg({"kind": "ping"}, [])
    assert wire.wait_for(sent + 1)[-1]["content"]["replies"] == [{"kind": "pong"}]
    said = len(notebook.published)
    clock.settle()
    assert len(notebook.published) == said, "the page has heard it"
    clock.close()


def test_only_the_newest_views_of_ended_jobs_stay_live(wire: Comm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "KEPT_VIEWS", 1)
    board = Board(*(JobRow(id=number, state="Completed", end_time=BEGAN) for number in (1, 3)), JobRow(id=5))
    clock = ViewClock(board, tick_seconds=60)
    shown = [clock.view([number]) for number in (5, 1, 3)]
    for view in shown:
        view.show(Notebook())
    clock.settle()
    assert [view for view, _ in clock._current()] == [shown[0], shown[2]]
    assert shown[1]._table.comm is None
    clock.close()


def test_where_no_page_answers_html_and_text_are_told_again(wire: Comm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "SAY_SECONDS", 0.0)
    board, notebook = Board(JobRow()), Notebook()
    clock = ViewClock(board, tick_seconds=0.01)
    clock.view([1]).show(notebook)
    board.put(JobRow(newest="line 7"))
    assert notebook.updated.wait(5)
    assert "line 7" in notebook.published[-1][0]["text/plain"]
    assert WIDGET_MIME in notebook.published[-1][0]
    clock.close()


def test_headless_there_is_no_widget_but_the_last_state() -> None:
    board, notebook = Board(JobRow()), Notebook()
    clock = ViewClock(board, tick_seconds=60)
    clock.view(None).show(notebook, headless=True)
    assert set(notebook.published[0][0]) == {"text/html", "text/plain"}
    board.put(JobRow(state="Completed", end_time=BEGAN))
    clock.settle()
    assert "Completed" in notebook.published[-1][0]["text/html"]
    clock.close()


def test_a_terminal_is_written_to_once() -> None:
    board, notebook = Board(JobRow()), Notebook()
    clock = ViewClock(board, tick_seconds=0.01)
    clock.view([1]).show(notebook, live=False)
    board.put(JobRow(state="Completed", end_time=BEGAN))
    clock.settle()
    clock.close()
    assert len(notebook.published) == 1


def test_a_job_that_has_ended_needs_no_widget(wire: Comm) -> None:
    notebook = Notebook()
    clock = ViewClock(Board(JobRow(state="Completed", end_time=BEGAN)))
    clock.view([1]).show(notebook)
    assert set(notebook.published[0][0]) == {"text/html", "text/plain"}
    clock.close()


def test_the_clock_ends_with_its_manager_and_leaves_what_needs_no_kernel(wire: Comm) -> None:
    board, notebook = Board(JobRow(state="Disconnected")), Notebook()
    clock = ViewClock(board)
    clock.view([1]).show(notebook)
    clock.close()
    last, is_update = notebook.published[-1]
    assert is_update
    assert set(last) == {"text/html", "text/plain"}
    assert "Disconnected" in last["text/plain"]
    assert not any(thread.name == "jobmagics-display" for thread in threading.enumerate())
    assert board._callbacks == []


def test_half_a_character_does_not_end_the_view(wire: Comm) -> None:
    row = wire_row(JobRow(name="\ud83c", newest="\U0001f389 \udf89", reason="שלום"))
    assert (row["name"], row["newest"], row["reason"]) == ("\ufffd", "\U0001f389 \ufffd", "שלום")
