"""Register-ObjectEvent, Register-EngineEvent and the cmdlets that make, wait for, look at and remove events."""

from __future__ import annotations

import time
from typing import Any

from ..dotnet.events import EventArgs, Subscriber
from ..jobs.event_job import EventJob
from ..jobs.table import table_of
from ..records import ErrorRecord
from ..runtime.cmdlet import Cmdlet, command
from ..runtime.events import Events, events_of
from ..values.types import NetType
from ..values.utf16 import units
from ..values.value import as_list, to_string, unwrap
from ..values.wildcards import has_wildcard, wildcard_match

ARGUMENT_EXCEPTION = "System.ArgumentException"
WAIT_SECONDS = 0.05
ENGINE_EVENTS = ("powershell.exiting", "powershell.onidle", "powershell.onscriptblockinvoke")


class EventCmdlet(Cmdlet):
    @property
    def events(self) -> Events:
        return events_of(self.runspace)

    def refuse(self, message: str, fqid: str) -> None:
        self.error(message, fqid, "InvalidArgument", net_type=ARGUMENT_EXCEPTION)

    def named(self, held: list[Any]) -> list[Any]:
        """Those whose source identifier fits -SourceIdentifier; all where none was given."""
        if not self.has("SourceIdentifier"):
            return held
        pattern = to_string(self.arg("SourceIdentifier"))
        return [one for one in held if wildcard_match(pattern, one.source_identifier)]

    def tell_missing(self, found: list[Any], what: str) -> None:
        """A name without wildcards that means nothing is an error."""
        if found or not self.has("SourceIdentifier"):
            return
        name = to_string(self.arg("SourceIdentifier"))
        if not has_wildcard(name):
            self.refuse(f"{what} with source identifier '{name}' does not exist.", "INVALID_SOURCE_IDENTIFIER")

    def chosen_events(self) -> list[EventArgs]:
        """Those with the identifier or the source that the command names. What is not there is an error record."""
        held = list(self.events.received)
        if self.has("EventIdentifier"):
            number = int(self.arg("EventIdentifier"))
            found = [one for one in held if one.event_identifier == number]
            if not found:
                self.refuse(f"Event with identifier '{number}' does not exist.", "INVALID_EVENT_IDENTIFIER")
        else:
            found = self.named(held)
            self.tell_missing(found, "Event")
        return found

    def chosen_subscribers(self) -> list[Subscriber]:
        """As ``chosen_events``; support events only with -Force."""
        held = [one for one in self.events.subscribers if self.switch("Force") or not one.support_event]
        if self.has("SubscriptionId"):
            number = int(self.arg("SubscriptionId"))
            found = [one for one in held if one.subscription_id == number]
            if not found:
                words = f"Event subscription with identifier '{number}' does not exist."
                self.refuse(words, "INVALID_SUBSCRIPTION_IDENTIFIER")
        else:
            found = self.named(held)
            self.tell_missing(found, "Event subscription")
        return found


class Registering(EventCmdlet):
    """-Action makes a job of the subscriber; without it events are kept for Get-Event."""

    source: Any = None
    event_name: str | None = None

    def begin(self) -> None:
        if self.switch("Forward"):
            words = "The action is not supported when you are forwarding events."
            if not self.has("Action"):
                words = f"{self.name} -Forward is not supported by the built-in engine; pwsh runs it."
            fqid = "ACTION_AND_FORWARD_NOT_SUPPORTED" if self.has("Action") else "NotSupportedByBuiltInEngine"
            raise self.terminate(words, fqid, "InvalidOperation", net_type=ARGUMENT_EXCEPTION)

    def end(self) -> None:
        identifier = to_string(self.arg("SourceIdentifier") or "") or units(_new_identifier())
        if (self.source is not None or self.event_name is not None) and self.events.of_source(identifier):
            self.refuse(
                "Cannot subscribe to the specified event. A subscriber with the source identifier "
                f"'{identifier}' already exists.",
                "SUBSCRIBER_EXISTS",
            )
            return
        if self.source is not None and identifier.lower().startswith("powershell."):
            self.refuse(
                f"Cannot register for the specified event. The event source identifier '{identifier}' is reserved for "
                "the PowerShell engine. (Parameter 'sourceIdentifier')",
                "INVALID_REGISTRATION",
            )
            return
        turns = int(self.arg("MaxTriggerCount", 0))
        is_support = self.switch("SupportEvent")
        made = Subscriber(
            self.events, identifier, self.source, self.event_name, self.arg("MessageData"), is_support, turns
        )
        block = self.arg("Action")
        if block is not None:
            made.action = EventJob(table_of(self.runspace).number(), identifier, self.runspace, block)
        self._listen(made)

    def _listen(self, made: Subscriber) -> None:
        from ..dotnet.table import Thrown

        try:
            made.listen()
        except Thrown as thrown:
            self.runtime.write_error(
                ErrorRecord(thrown.exception, "INVALID_REGISTRATION", "InvalidArgument", self.source)
            )
            return
        if made.action is not None and not made.support_event:
            table_of(self.runspace).add(made.action)
            self.write(made.action)


def _new_identifier() -> str:
    import uuid

    return str(uuid.uuid4())


@command("Register-ObjectEvent")
class RegisterObjectEvent(Registering):
    def end(self) -> None:
        given = self.arg("InputObject")
        plain = unwrap(given)
        self.source = plain if plain is not None else given
        self.event_name = to_string(self.arg("EventName"))
        if isinstance(self.source, NetType):
            self.refuse(
                f"Cannot register for the specified event. An event with the name '{self.event_name}' does not exist. "
                "(Parameter 'eventName')",
                "INVALID_REGISTRATION",
            )
            return
        super().end()


@command("Register-EngineEvent")
class RegisterEngineEvent(Registering):
    def end(self) -> None:
        name = to_string(self.arg("SourceIdentifier"))
        if name.lower() in ENGINE_EVENTS[1:]:
            raise self.terminate(
                f"The engine event {name} is not supported by the built-in engine; pwsh raises it.",
                "NotSupportedByBuiltInEngine",
                "NotImplemented",
                net_type="System.NotSupportedException",
            )
        super().end()


@command("New-Event")
class NewEvent(EventCmdlet):
    def end(self) -> None:
        arguments = self.arg("EventArguments")
        given = None if arguments is None else [unwrap(one) for one in as_list(arguments)]
        made = EventArgs(
            self.events,
            to_string(self.arg("SourceIdentifier")),
            unwrap(self.arg("Sender")),
            given,
            self.arg("MessageData"),
        )
        self.events.raised(made)
        self.write(made)


@command("Get-Event")
class GetEvent(EventCmdlet):
    def end(self) -> None:
        for one in self.chosen_events():
            self.write(one)


@command("Remove-Event")
class RemoveEvent(EventCmdlet):
    def process(self) -> None:
        for one in self.chosen_events():
            if self.should_process(f"Event '{one.source_identifier}'", "Remove"):
                with self.events.lock:
                    self.events.received.remove(one)


@command("Wait-Event")
class WaitEvent(EventCmdlet):
    """The first event of that source that has come or comes; actions run meanwhile."""

    def process(self) -> None:
        events = self.events
        limit = self.arg("Timeout")
        end = None if limit is None or float(limit) < 0 else time.monotonic() + float(limit)
        while True:
            with events.lock:
                found = next(iter(self.named(list(events.received))), None)
                if found is None and not events.waiting:
                    left = WAIT_SECONDS if end is None else min(WAIT_SECONDS, max(0.0, end - time.monotonic()))
                    events.arrived.wait(left)
            if found is not None:
                self.write(found)
                return
            if self.runspace.attention:
                self.runspace.attend()
            if end is not None and time.monotonic() >= end:
                return


@command("Get-EventSubscriber")
class GetEventSubscriber(EventCmdlet):
    def process(self) -> None:
        for one in self.chosen_subscribers():
            self.write(one)


@command("Unregister-Event")
class UnregisterEvent(EventCmdlet):
    def process(self) -> None:
        for one in self.chosen_subscribers():
            if self.should_process(f"Event subscription '{one.source_identifier}'", "Unsubscribe"):
                one.unsubscribe()
