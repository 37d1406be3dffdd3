"""Pipelines: commands joined by ``|``, each object going through all of them as soon as it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ..records import ScriptError, StopUpstream

if TYPE_CHECKING:
    from .calls import Call

Sink = Callable[[Any], Any]


class Downstream(BaseException):
    """An error of a later command, passing through the earlier ones, whose catch blocks it is none of."""

    def __init__(self, failed: ScriptError) -> None:
        super().__init__(failed)
        self.failed = failed


class Beginning:
    """Runs each command's begin once: in the pipeline's order, or before, when an earlier one's begin writes to it."""

    def __init__(self, calls: list[Call]) -> None:
        self._calls = calls
        self._begun = [False] * len(calls)

    def begin(self, at: int) -> None:
        if not self._begun[at]:
            self._begun[at] = True
            self._calls[at].begin()


def shielded(process: Sink, beginning: Beginning, at: int) -> Sink:
    begun = False

    def send(value: Any) -> None:
        nonlocal begun
        try:
            if not begun:
                begun = True
                beginning.begin(at)
            process(value)
        except ScriptError as failed:
            raise Downstream(failed) from None

    return send


def run_single(call: Call, out: Sink) -> None:
    """A pipeline of one command without input."""
    try:
        call.connect(out, False)
        call.begin()
        call.end()
        call.frame.rs.ok = call.succeeded()
    except StopUpstream as stop:
        _finish_stopped([call], stop, Beginning([call]))
    finally:
        call.close()


def run_pipeline(head: Iterable[Any] | None, calls: list[Call], out: Sink) -> None:
    """``head``: what is pushed into the first command; None when the first command starts the pipeline."""
    sink = out
    started: list[Call] = []
    last = len(calls) - 1
    beginning = Beginning(calls)
    try:
        for at in range(last, -1, -1):
            call = calls[at]
            call.at, call.of = at + 1, last + 1
            call.connect(sink, at > 0 or head is not None)
            started.append(call)
            sink = shielded(call.sink(), beginning, at) if at > 0 else call.sink()
        try:
            for at in range(last + 1):
                beginning.begin(at)
            if head is not None:
                for value in head:
                    sink(value)
            for call in calls:
                call.end()
        except StopUpstream as stop:
            _finish_stopped(calls, stop, beginning)
        calls[0].frame.rs.ok = all(call.succeeded() for call in calls)
    except Downstream as passing:
        raise passing.failed from None
    finally:
        for call in started:
            call.close()


def _finish_stopped(calls: list[Call], stop: StopUpstream, beginning: Beginning) -> None:
    """Commands after the one that had enough still get to their end; it and those before it do not run on."""
    for at, call in enumerate(calls):
        runtime = getattr(call, "runtime", None)
        if runtime is stop.owner:
            cmdlet = getattr(call, "cmdlet", None)
            after = getattr(cmdlet, "after_stop", None)
            if after is not None:
                after()
            for later in range(at + 1, len(calls)):
                beginning.begin(later)
                calls[later].end()
            return
    raise stop
