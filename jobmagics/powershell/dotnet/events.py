"""Events as scripts see them: PSEventArgs, PSEventSubscriber, and the events that objects have."""

from __future__ import annotations

import datetime
from typing import Any

from ...psobject import DateTime, PSList
from ..records import SMA
from ..runtime.events import Events, Signal
from ..values.types import type_of
from ..values.value import unwrap
from .table import NetObject, declare, net_error


def now() -> DateTime:
    return DateTime.now(datetime.timezone.utc).astimezone()


class EventArgs(NetObject):
    """PSEventArgs: what happened, where, and what came with it."""

    net_type = SMA + "PSEventArgs"

    def __init__(self, events: Events, identifier: str, sender: Any, arguments: list[Any] | None, data: Any) -> None:
        self.computer_name = None
        self.runspace_id = events.runspace.instance_id
        self.event_identifier = events.next_event()
        self.sender = sender
        self.source_args = PSList.of("System.Object", arguments or ())
        self.source_event_args = next((one for one in self.source_args if is_event_args(one)), None)
        self.source_identifier = identifier
        self.time_generated = now()
        self.message_data = data


def is_event_args(value: Any) -> bool:
    return value is not None and type_of(unwrap(value)).derives_from("System.EventArgs")


EVENT = declare(EventArgs.net_type)
EVENT.attributes("string ComputerName", "guid RunspaceId", "int EventIdentifier", "System.Object Sender")
EVENT.attributes("System.EventArgs SourceEventArgs", "System.Object[] SourceArgs", "string SourceIdentifier")
EVENT.attributes("datetime TimeGenerated", f"{SMA}PSObject MessageData")


class Subscriber(NetObject):
    """PSEventSubscriber. ``turns_left``: how often it still acts; below zero there is no limit."""

    net_type = SMA + "PSEventSubscriber"

    def __init__(
        self, events: Events, identifier: str, source: Any, name: str | None, data: Any, is_support: bool, turns: int
    ) -> None:
        self.events = events
        self.subscription_id = events.next_subscription()
        self.source_object = source
        self.event_name = name
        self.source_identifier = identifier
        self.action: Any = None
        self.handler_delegate = None
        self.support_event = is_support
        self.forward_event = False
        self.data = data
        self.turns_left = turns if turns > 0 else -1
        self._signal: Signal | None = None

    def listen(self) -> None:
        """Raises ArgumentException when the object has no such event."""
        if self.source_object is not None:
            self._signal = signal_of(self.source_object, self.event_name or "")
            if hasattr(self.source_object, "enable_raising_events"):
                self.source_object.enable_raising_events(True)
            self._signal.add(self.tell)
        self.events.add(self)

    def tell(self, sender: Any, arguments: list[Any]) -> None:
        self.events.raised(EventArgs(self.events, self.source_identifier, sender, arguments, self.data))

    def unsubscribe(self) -> None:
        if self._signal is not None:
            self._signal.remove(self.tell)
        self.events.drain(self)
        self.events.drop(self)

    def leave(self) -> None:
        if self._signal is not None:
            self._signal.remove(self.tell)
        if self.action is not None:
            self.action.ended()


SUBSCRIBER = declare(Subscriber.net_type)
SUBSCRIBER.attributes("int SubscriptionId", "System.Object SourceObject", "string EventName", "string SourceIdentifier")
SUBSCRIBER.attributes(f"{SMA}PSEventJob Action", f"{SMA}PSEventReceivedEventHandler HandlerDelegate")
SUBSCRIBER.attributes("bool SupportEvent", "bool ForwardEvent")


def signal_of(source: Any, name: str) -> Signal:
    """The event of that name; objects that have some keep them in ``signals``, by their names."""
    signals: dict[str, Signal] = getattr(source, "signals", {})
    for known, signal in signals.items():
        if known.lower() == name.lower():
            return signal
    raise net_error(
        "System.ArgumentException",
        f"Cannot register for the specified event. An event with the name '{name}' does not exist.",
        param="eventName",
    )
