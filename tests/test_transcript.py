"""What the details of a row are made of: numbered lines, windows on them, tables of objects, the page's answers."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest

from jobmagics.credentials import Credential
from jobmagics.display.actions import Actions
from jobmagics.display.details import Desk, object_table
from jobmagics.display.transcript import BLOCK_LINES, PIECE, Lines, Transcript
from jobmagics.errors import UsageError
from jobmagics.psobject import PSObject
from jobmagics.remote.messages import Progress
from jobmagics.remote.questions import Field, Question
from jobmagics.results import StreamRecord
from jobmagics.results.rows import activities
from jobmagics.store import StoredMessage

MOMENT = datetime.datetime(2026, 3, 2, 10, tzinfo=datetime.timezone.utc)


def record(value: Any, stream: str = "output") -> StreamRecord:
    return StreamRecord(stream, value, "localhost", MOMENT)


class Said:
    """A finished job that gave these records; and the manager that knows it."""

    id, name, state, command, version = 1, "said", "Completed", "'said'", 0

    def __init__(self, *records: StreamRecord) -> None:
        self._records = records

    def follow(self) -> Said:
        return self

    def stream(self) -> Iterator[StreamRecord]:
        return iter(self._records)

    def failures(self) -> list[StreamRecord]:
        return []

    def job(self, key: int) -> Said:
        if key != self.id:
            raise UsageError(f"no job {key}")
        return self

    def wait_for_change(self, version: int, timeout: float) -> int:
        return version


def lines_of(*records: StreamRecord) -> list[tuple[str, str]]:
    said = Said(*records)
    transcript = Transcript(said, said, lambda: None)
    transcript._thread.join(5)
    assert not transcript.is_reading
    return transcript.lines.read(0, 10_000)


def test_lines_are_found_again_by_number() -> None:
    lines = Lines()
    count = 2 * BLOCK_LINES + 7
    for number in range(count):
        lines.add([f"o line {number}"])
    assert len(lines) == count
    assert lines.read(BLOCK_LINES - 1, 2) == [("o ", f"line {BLOCK_LINES - 1}"), ("o ", f"line {BLOCK_LINES}")]
    assert lines.read(count - 1, 50) == [("o ", f"line {count - 1}")]
    assert lines.read(count + 5 * BLOCK_LINES, 5) == []
    assert lines.find("LINE 200", 3) == ([200, 2000, 2001], 8)


def test_colours_are_no_part_of_what_is_looked_for() -> None:
    lines = Lines()
    lines.add(["o re\x1b[31md\x1b[0m", "o 31m"])
    assert lines.find("red", 5) == ([0], 1)
    assert lines.find("31m", 5) == ([1], 1)


def test_each_stream_is_marked_and_in_order() -> None:
    shown = lines_of(record("a\r\nb"), record("careful", "warning"), record("c"), record(3, "progress"))
    assert shown == [("o ", "a"), ("o ", "b"), ("w ", "WARNING: careful"), ("o ", "c")]


def test_only_colours_are_left_and_go_on_in_the_next_line() -> None:
    shown = lines_of(record("\x1b[31mred\nstill\x1b[0m\nplain\x1b]0;title\x07\x1b[2J\x07"))
    assert [text for _, text in shown] == ["\x1b[31mred", "\x1b[31mstill\x1b[0m", "plain"]


def test_a_long_line_comes_in_pieces_and_none_is_cut_within_a_colour() -> None:
    text = "x" * (PIECE - 3) + "\x1b[31m" + "y" * PIECE
    shown = lines_of(record(text))
    assert [marks for marks, _ in shown] == ["o ", "o+", "o+"]
    assert "".join(piece for _, piece in shown) == text
    assert shown[1][1].startswith("\x1b[31m")


def test_write_host_has_its_colour_and_may_leave_its_line_open() -> None:
    def host(message: str, color: Any, *, no_new_line: bool) -> StreamRecord:
        said = PSObject({"Message": message, "NoNewLine": no_new_line, "ForegroundColor": color})
        return record(PSObject({"MessageData": said}), "information")

    (line,) = lines_of(host("a", 10, no_new_line=True), host("b", "Red", no_new_line=False))
    assert line == ("i ", "\x1b[92ma\x1b[0m\x1b[91mb\x1b[0m")


def test_a_window_is_told_only_what_is_new_in_it() -> None:
    said = Said(*(record(f"line {number}") for number in range(500)))
    desk = Desk(said, lambda: None)
    look = {"kind": "look", "id": 1, "view": "page", "start": 0, "count": 10}
    desk.handle(look)
    desk._windows["page"].transcript._thread.join(5)
    news = desk.news("page")
    assert news is not None
    assert (news["total"], news["start"], len(news["lines"])) == (500, 0, 10)
    assert desk.news("page") is None
    desk.handle({**look, "start": 5})
    news = desk.news("page")
    assert news is not None
    assert (news["start"], len(news["lines"])) == (10, 5)
    desk.handle({**look, "follow": True})
    news = desk.news("page")
    assert news is not None
    assert news["lines"][-1] == ("o ", "line 499")
    desk.handle({"kind": "leave", "id": 1, "view": "page"})
    assert not desk.has("page")


def test_a_window_on_a_job_that_is_not_there_says_so() -> None:
    with pytest.raises(UsageError, match="no job 7"):
        Desk(Said(), lambda: None).handle({"kind": "look", "id": 7, "view": "page"})


def test_objects_are_a_table_of_all_their_properties() -> None:
    values = [PSObject({"Name": "a", "Size": 1}), PSObject({"Name": "b", "When": MOMENT}), True, 1 << 60]
    assert object_table(values) == {
        "columns": ["Name", "Size", "When", "Value"],
        "rows": [
            ["a", 1, None, None],
            ["b", None, {"time": round(MOMENT.timestamp() * 1000)}, None],
            [None, None, None, True],
            [None, None, None, str(1 << 60)],
        ],
    }


class Asking:
    """A manager with one job that asks a question, or has records."""

    id, name = 1, "asking"

    def __init__(self, question: Question | None = None) -> None:
        self.question, self.question_key = question, 5
        self.answers: list[Any] = []

    def job(self, key: int) -> Asking:
        return self

    def snapshot(self) -> list[Asking]:
        return [self]

    def answer(self, value: Any) -> None:
        self.answers.append(value)

    def receive_job(self, jobs: list[Asking], *, keep: bool) -> list[int]:
        assert keep
        return [1, 2]


def test_an_answer_is_taken_only_for_the_question_it_was_given_to() -> None:
    fields = (Field("User"), Field("Login", "credential"))
    asking = Asking(Question("fields", fields=fields))
    actions = Actions(asking, None)  # type: ignore[arg-type]
    value = {"User": "ada", "Login": {"username": "ada", "password": "secret"}}
    actions.carry_out({"kind": "answer", "id": 1, "key": 5, "value": value})
    assert asking.answers == [{"User": "ada", "Login": Credential("ada", "secret")}]
    with pytest.raises(UsageError, match="does not ask this any more"):
        actions.carry_out({"kind": "answer", "id": 1, "key": 4, "value": value})


@pytest.mark.parametrize("name", ["", "1a", "a b", "class", "__import__('os')"])
def test_a_job_is_received_into_a_variable_only(name: str) -> None:
    made: dict[str, Any] = {}
    actions = Actions(Asking(), made.__setitem__)  # type: ignore[arg-type]
    assert actions.carry_out({"kind": "receive", "id": 1, "name": "got"}) == "got has 2 objects of asking."
    with pytest.raises(UsageError, match="no name for a variable"):
        actions.carry_out({"kind": "receive", "id": 1, "name": name})
    assert made == {"got": [1, 2]}


def test_activities_stand_below_those_they_are_part_of(monkeypatch: pytest.MonkeyPatch) -> None:
    known = [
        Progress("inner", id=2, parent=1),
        Progress("done", id=3, completed=True),
        Progress("of it", id=4, parent=3),
    ]
    known.append(Progress("outer", id=1))
    monkeypatch.setattr("jobmagics.results.rows.progress", lambda data: known[int(data)])
    messages = [StoredMessage(number, 0, MOMENT, str(number).encode()) for number in range(len(known))]
    assert [each.activity for each in activities(messages)] == ["outer", "inner"]
