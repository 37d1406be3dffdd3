"""What the buttons of a page do. Each may take its time, so each runs on a thread of its own."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from ..credentials import Credential
from ..errors import UsageError
from ..remote.questions import Field, Question
from .rows import JobRowLike

Assign = Callable[[str, Any], None]


class Manager(Protocol):
    """What the buttons need of ``sessions.SessionManager``."""

    def snapshot(self) -> Iterable[JobRowLike]: ...
    def job(self, key: int) -> Any: ...
    def stop(self, jobs: Any) -> Any: ...
    def remove(self, jobs: Any) -> Any: ...
    def disconnect(self, sessions: Any) -> Any: ...
    def connect(self, sessions: Any) -> Any: ...
    def receive_job(self, jobs: Any, *, keep: bool) -> Any: ...


class Actions:
    """``assign(name, value)`` makes a variable in the notebook; None where there is no namespace to make it in."""

    def __init__(self, manager: Manager, assign: Assign | None) -> None:
        self._manager, self._assign = manager, assign

    def carry_out(self, request: Mapping[str, Any]) -> str:
        """What there is to tell of it, "" if that is seen anyway. Raises JobMagicsError."""
        return _ACTIONS[request["kind"]](self, self._manager.job(request["id"]), request) or ""

    def _stop(self, job: Any, _: Mapping[str, Any]) -> None:
        self._manager.stop([job])

    def _remove(self, job: Any, _: Mapping[str, Any]) -> None:
        self._manager.remove([job])

    def _disconnect(self, job: Any, _: Mapping[str, Any]) -> None:
        self._manager.disconnect(_sessions(job))

    def _connect(self, job: Any, _: Mapping[str, Any]) -> None:
        self._manager.connect([each for each in _sessions(job) if each.state == "Disconnected"])

    def _receive(self, job: Any, request: Mapping[str, Any]) -> str:
        """Keeping it: a button must not take away what a script has still to receive."""
        name = str(request.get("name", ""))
        if not name.isidentifier() or keyword.iskeyword(name):
            raise UsageError(f"{name!r} is no name for a variable: letters, digits and _, not beginning with a digit.")
        if self._assign is None:
            raise UsageError("There is no notebook here that could have a variable.")
        records = self._manager.receive_job([job], keep=True)
        self._assign(name, records)
        return f"{name} has {len(records)} objects of {job.name}."

    def _answer(self, job: Any, request: Mapping[str, Any]) -> None:
        question = job.question
        keys = [row.question_key for row in self._manager.snapshot() if row.id == job.id and row.question]
        if question is None or keys != [request.get("key")]:
            raise UsageError(f"{job.name} does not ask this any more.")
        job.answer(_answer_to(question, request.get("value")))


_ACTIONS: dict[str, Callable[[Actions, Any, Mapping[str, Any]], str | None]] = {
    "stop": Actions._stop,
    "remove": Actions._remove,
    "disconnect": Actions._disconnect,
    "connect": Actions._connect,
    "receive": Actions._receive,
    "answer": Actions._answer,
}
KINDS = frozenset(_ACTIONS)


def _sessions(job: Any) -> list[Any]:
    """The sessions that a job, or a child job, runs in, once each."""
    children = job.children if hasattr(job, "children") else [job]
    if not children:
        raise UsageError(f"{job.name} runs inside another process's session and cannot be disconnected by itself.")
    return list({child.session.instance_id: child.session for child in children}.values())


def _answer_to(question: Question, value: Any) -> Any:
    """The page's JSON as ``Question.answer`` takes it."""
    if question.kind == "credential":
        return _credential(value)
    if question.kind == "fields" and isinstance(value, dict):
        return {field.name: _field(field, value.get(field.name, "")) for field in question.fields}
    return value


def _field(field: Field, value: Any) -> Any:
    return _credential(value) if field.kind == "credential" else value


def _credential(value: Any) -> Credential:
    given = value if isinstance(value, dict) else {}
    return Credential(str(given.get("username", "")), str(given.get("password", "")))
