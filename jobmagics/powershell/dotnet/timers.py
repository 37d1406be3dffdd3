"""System.Timers.Timer: an event at every interval, in a thread of its own."""

from __future__ import annotations

import datetime
import threading
from typing import Any

from ...psobject import DateTime
from ..runtime.events import Signal
from .table import NetObject, declare, net_error


class ElapsedEventArgs(NetObject):
    net_type = "System.Timers.ElapsedEventArgs"

    def __init__(self) -> None:
        self.signal_time = DateTime.now(datetime.timezone.utc).astimezone()


declare(ElapsedEventArgs.net_type).attributes("datetime SignalTime")


class Timer(NetObject):
    net_type = "System.Timers.Timer"

    def __init__(self, milliseconds: float = 100.0) -> None:
        self.signals = {"Elapsed": Signal(), "Disposed": Signal()}
        self.auto_reset = True
        self.interval_ms = milliseconds
        self._stopped: threading.Event | None = None  # of the thread that runs now

    @property
    def enabled(self) -> bool:
        return self._stopped is not None

    def enable(self, on: bool) -> None:
        if not on:
            if self._stopped is not None:
                self._stopped.set()
                self._stopped = None
        elif self._stopped is None:
            stopped = self._stopped = threading.Event()
            threading.Thread(target=self._run, args=(stopped,), daemon=True).start()

    def set_interval(self, milliseconds: float) -> None:
        self.interval_ms = milliseconds
        if self.enabled:
            self.enable(False)
            self.enable(True)

    def _run(self, stopped: threading.Event) -> None:
        while not stopped.wait(self.interval_ms / 1000):
            if not self.auto_reset:
                self._stopped = None
                stopped.set()
            self.signals["Elapsed"].fire(self, ElapsedEventArgs())


def _checked(milliseconds: float, name: str) -> float:
    if milliseconds <= 0:
        words = f"Invalid value '{milliseconds:g}' for parameter '{name}'."
        raise net_error("System.ArgumentException", words)
    return float(milliseconds)


TIMER = declare(Timer.net_type)
TIMER.constructor("()", "(double interval)")(lambda kind, interval=100.0: Timer(_checked(interval, "interval")))
TIMER.property("bool AutoReset", lambda timer: timer.auto_reset, lambda timer, on: setattr(timer, "auto_reset", on))
TIMER.property("bool Enabled", lambda timer: timer.enabled, lambda timer, on: timer.enable(on))
TIMER.property(
    "double Interval",
    lambda timer: timer.interval_ms,
    lambda timer, milliseconds: timer.set_interval(_checked(milliseconds, "Interval")),
)
TIMER.property("System.ComponentModel.ISite Site", lambda timer: None)
TIMER.property("System.ComponentModel.ISynchronizeInvoke SynchronizingObject", lambda timer: None)
TIMER.property("System.ComponentModel.IContainer Container", lambda timer: None)
TIMER.method("void Start()")(lambda timer: timer.enable(True))
TIMER.method("void Stop()")(lambda timer: timer.enable(False))
TIMER.method("void Close()")(lambda timer: timer.enable(False))


@TIMER.method("void Dispose()")
def _dispose(timer: Any) -> None:
    timer.enable(False)
    timer.signals["Disposed"].fire(timer, EventArgs())


class EventArgs(NetObject):
    """System.EventArgs: nothing to tell."""

    net_type = "System.EventArgs"


EVENT_ARGS = declare(EventArgs.net_type)
EVENT_ARGS.constructor("()")(lambda kind: EventArgs())
EVENT_ARGS.static_property("System.EventArgs Empty", EventArgs)
