"""Events of a session: who listens to what, what has come, and the actions that wait to run.

An event may come from any thread. What has an action waits until the session's own thread looks: before a pipeline and
between the turns of a loop, as in PowerShell; an expression alone lets none through, and neither does a command that
sleeps. What nobody has an action for is kept until it is removed.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .runspace import Runspace

ACTIONS_AT_ONCE = 2  # so many run before the script goes on, as PowerShell throttles them

Handler = Callable[[Any, list[Any]], None]


class Signal:
    """One event of one object: the handlers that are told of it."""

    def __init__(self) -> None:
        self.handlers: tuple[Handler, ...] = ()

    def add(self, handler: Handler) -> None:
        self.handlers = (*self.handlers, handler)

    def remove(self, handler: Handler) -> None:
        self.handlers = tuple(one for one in self.handlers if one is not handler)

    def fire(self, sender: Any, *arguments: Any) -> None:
        for handler in self.handlers:
            handler(sender, [sender, *arguments])


class Events:
    """The event manager of one session. ``lock`` is held around each change."""

    def __init__(self, runspace: Runspace) -> None:
        self.runspace = runspace
        self.lock = threading.RLock()
        self.arrived = threading.Condition(self.lock)
        self.subscribers: list[Any] = []
        self.received: list[Any] = []
        self.waiting: deque[tuple[Any, Any]] = deque()  # subscriber, event
        self.running: Any = None  # the subscriber whose action runs
        self._subscriptions = 0
        self._events = 0

    def next_subscription(self) -> int:
        with self.lock:
            self._subscriptions += 1
            return self._subscriptions

    def next_event(self) -> int:
        with self.lock:
            self._events += 1
            return self._events

    def of_source(self, identifier: str) -> list[Any]:
        with self.lock:
            return [one for one in self.subscribers if one.source_identifier.lower() == identifier.lower()]

    def add(self, subscriber: Any) -> None:
        with self.lock:
            self.subscribers.append(subscriber)

    def raised(self, event: Any) -> None:
        """Something happened: the actions of its subscribers wait to run, or it is kept. From any thread."""
        with self.lock:
            acting = False
            for one in self.of_source(event.source_identifier):
                if one.turns_left == 0:
                    continue
                if one.turns_left > 0:
                    one.turns_left -= 1
                if one.action is not None:
                    acting = True
                    self.waiting.append((one, event))
                elif one.turns_left == 0:
                    self.drop(one)
            if not acting:
                self.received.append(event)
            self.arrived.notify_all()
        if acting:
            self.runspace.attention = True

    def drop(self, subscriber: Any) -> None:
        """It listens no more; what its action still had to do is done first by ``drain``."""
        with self.lock:
            if subscriber not in self.subscribers:
                return
            self.subscribers.remove(subscriber)
        subscriber.leave()

    def drain(self, subscriber: Any) -> None:
        """Runs what waits for this subscriber, but for the action that drains itself."""
        with self.lock:
            mine = [one for one in self.waiting if one[0] is subscriber]
            if self.running is subscriber:
                mine = []
            self.waiting = deque(one for one in self.waiting if one not in mine)
        for one in mine:
            self._act(*one)

    def run_waiting(self) -> None:
        """The session's thread has time for actions."""
        if self.running is not None:
            return
        for _ in range(ACTIONS_AT_ONCE):
            with self.lock:
                if not self.waiting:
                    return
                subscriber, event = self.waiting.popleft()
            self._act(subscriber, event)

    def _act(self, subscriber: Any, event: Any) -> None:
        held, self.running = self.running, subscriber
        try:
            subscriber.action.act(subscriber, event)
        finally:
            self.running = held
        if subscriber.turns_left == 0 and not any(one[0] is subscriber for one in self.waiting):
            self.drop(subscriber)


def events_of(runspace: Runspace) -> Events:
    """The session's event manager, made when first asked for."""
    if runspace.events is None:
        runspace.events = Events(runspace)
    return runspace.events
