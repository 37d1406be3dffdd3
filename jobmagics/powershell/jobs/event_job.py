"""PSEventJob: the action of an event's subscriber, as a job that keeps what the action gave."""

from __future__ import annotations

from typing import Any

from ..records import SMA, PipelineStopped, ScriptError
from ..runtime.events import Events
from ..runtime.runspace import Frame, Runspace
from ..runtime.scopes import Scope
from ..runtime.streams import StreamSet
from .job import Job


class EventJob(Job):
    """Its state is NotStarted until the first event, then Running until nobody listens any more."""

    def __init__(self, number: int, name: str, runspace: Runspace, block: Any) -> None:
        super().__init__(SMA + "PSEventJob", number, name=name, command=block.text, location="")
        self.status_message = None  # type: ignore[assignment]
        self.location = None  # type: ignore[assignment]
        self.runspace = runspace
        self.block = block
        self.scope = Scope(runspace.global_scope, is_script=True)
        self.has_acted = False

    @property
    def has_more_data(self) -> bool:
        return self.has_acted and not self.is_finished

    def act(self, subscriber: Any, event: Any) -> None:
        """Runs the action, in the session's thread."""
        if self.is_finished:
            return
        if self.state_name == "NotStarted":
            self.begin()
        for name, value in (
            ("eventSubscriber", subscriber),
            ("event", event),
            ("sender", event.sender),
            ("eventArgs", event.source_event_args),
        ):
            self.scope.set(name.lower(), name, value)
        rs = self.runspace
        streams = StreamSet({"error": lambda record: self.add("error", record)})
        frame = Frame(rs, self.scope, streams, rs.frame)
        held, held_guarded = list(rs.errors), rs.guarded
        rs.guarded = 0
        try:
            self.block.run(frame, lambda value: self.add("output", value), args=event.source_args, local=False)
        except PipelineStopped:
            raise
        except ScriptError as failed:
            self.add("error", failed.record)
            self.move("Failed")
        finally:
            rs.guarded = held_guarded
            rs.error_list[:] = held  # an action has an $Error of its own
        self.has_acted = True

    def stop(self) -> None:
        events: Events | None = self.runspace.events
        for one in list(events.subscribers) if events is not None else ():
            if one.action is self:
                one.unsubscribe()

    def ended(self) -> None:
        self.move("Stopped")
