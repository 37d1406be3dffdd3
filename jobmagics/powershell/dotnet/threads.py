"""Events, locks and counters of System.Threading.

Waits wait on the session's stop event too, so a stopped pipeline does not hang in one.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from ...psobject import Int64, TimeSpan
from ..values.types import NetType
from .table import Members, NetObject, declare, net_error, out_of_range

POLL_SECONDS = 0.05
NAMESPACE = "System.Threading."


def seconds_of(timeout: Any) -> float | None:
    """Milliseconds or a TimeSpan; negative is for ever."""
    if timeout is None:
        return None
    seconds = timeout.ticks / 10_000_000 if isinstance(timeout, TimeSpan) else int(timeout) / 1000
    return None if seconds < 0 else seconds


def check_stopped() -> None:
    from ..runtime.runspace import current_frame

    frame: Any = current_frame()
    if frame is not None and frame.runspace.stopping:
        frame.runspace.raise_stopped()


class WaitEvent(NetObject):
    """ManualResetEvent(Slim) and AutoResetEvent."""

    def __init__(self, kind: NetType, is_set: bool = False) -> None:
        self.kind = kind
        self.automatic = kind.name == "AutoResetEvent"
        self.event = threading.Event()
        if is_set:
            self.event.set()

    def net_type_of(self) -> NetType:
        return self.kind

    def set(self) -> bool:
        self.event.set()
        return True

    def reset(self) -> bool:
        self.event.clear()
        return True

    def wait(self, timeout: Any = None) -> bool:
        seconds = seconds_of(timeout)
        end = None if seconds is None else time.monotonic() + seconds
        while not self.event.wait(POLL_SECONDS if end is None else max(0.0, min(POLL_SECONDS, end - time.monotonic()))):
            check_stopped()
            if end is not None and time.monotonic() >= end:
                return False
        if self.automatic:
            self.event.clear()
        return True


def _declare_event(name: str) -> Members:
    table = declare(NAMESPACE + name)
    table.constructor("()", "(bool initialState)")(WaitEvent)
    waits = "Wait" if name.endswith("Slim") else "WaitOne"
    table.method(f"bool {waits}()", f"bool {waits}(int millisecondsTimeout)", f"bool {waits}(timespan timeout)")(
        WaitEvent.wait
    )
    table.method("void Dispose()", "void Close()")(lambda event: None)
    returns = "void" if name.endswith("Slim") else "bool"
    table.method(f"{returns} Set()")(WaitEvent.set)
    table.method(f"{returns} Reset()")(WaitEvent.reset)
    return table


SLIM = _declare_event("ManualResetEventSlim")
SLIM.property("bool IsSet", lambda event: event.event.is_set())
_declare_event("ManualResetEvent")
_declare_event("AutoResetEvent")


class Mutex(NetObject):
    net_type = NAMESPACE + "Mutex"

    def __init__(self) -> None:
        self.lock = threading.RLock()

    def wait(self, timeout: Any = None) -> bool:
        seconds = seconds_of(timeout)
        return self.lock.acquire(timeout=-1 if seconds is None else seconds)


MUTEX = declare(NAMESPACE + "Mutex")
MUTEX.constructor("()", "(bool initiallyOwned)", "(bool initiallyOwned, string name)")(
    lambda kind, owned=False, name="": Mutex()
)
MUTEX.method("bool WaitOne()", "bool WaitOne(int millisecondsTimeout)", "bool WaitOne(timespan timeout)")(Mutex.wait)
MUTEX.method("void ReleaseMutex()")(lambda mutex: mutex.lock.release())
MUTEX.method("void Dispose()", "void Close()")(lambda mutex: None)


class Semaphore(NetObject):
    """Semaphore and SemaphoreSlim: so many may pass at once."""

    def __init__(self, kind: NetType, initial: int, most: int = 2**31 - 1, name: str = "") -> None:
        if initial < 0 or most < 1 or initial > most:
            raise out_of_range("initialCount", "Non-negative number required.")
        self.kind = kind
        self.free = initial
        self.most = most
        self.changed = threading.Condition()

    def net_type_of(self) -> NetType:
        return self.kind

    def wait(self, timeout: Any = None) -> bool:
        seconds = seconds_of(timeout)
        end = None if seconds is None else time.monotonic() + seconds
        with self.changed:
            while not self.free:
                left = POLL_SECONDS if end is None else min(POLL_SECONDS, end - time.monotonic())
                if left <= 0:
                    return False
                self.changed.wait(left)
                check_stopped()
            self.free -= 1
            return True

    def release(self, count: int = 1) -> int:
        with self.changed:
            before = self.free
            if before + count > self.most:
                words = "Adding the specified count to the semaphore would cause it to exceed its maximum count."
                raise net_error("System.Threading.SemaphoreFullException", words)
            self.free += count
            self.changed.notify_all()
            return before


for _name, _waits in (("Semaphore", "WaitOne"), ("SemaphoreSlim", "Wait")):
    _table = declare(NAMESPACE + _name)
    _table.method(f"bool {_waits}()", f"bool {_waits}(int millisecondsTimeout)", f"bool {_waits}(timespan timeout)")(
        Semaphore.wait
    )
    _table.method("int Release()", "int Release(int releaseCount)")(Semaphore.release)
    _table.method("void Dispose()", "void Close()")(lambda one: None)
    _table.constructor(
        *(() if _name == "Semaphore" else ("(int initialCount)",)),
        "(int initialCount, int maximumCount)",
        *(() if _name != "Semaphore" else ("(int initialCount, int maximumCount, string name)",)),
    )(Semaphore)
_table.property("int CurrentCount", lambda one: one.free)

# One lock for all objects: the session runs one pipeline at a time, so Monitor only has to be reentrant.
_MONITOR = threading.RLock()
MONITOR = declare(NAMESPACE + "Monitor")


@MONITOR.static("void Enter(System.Object obj)", "void Enter(System.Object obj, [ref] bool lockTaken)")
def _enter(owner: Any, taken: Any = None) -> None:
    _MONITOR.acquire()
    if taken is not None:
        taken.value = True


@MONITOR.static("bool TryEnter(System.Object obj)", "bool TryEnter(System.Object obj, int millisecondsTimeout)")
def _try_enter(owner: Any, timeout: int = 0) -> bool:
    return _MONITOR.acquire(timeout=seconds_of(timeout) or 0.0)


@MONITOR.static("void Exit(System.Object obj)")
def _exit(owner: Any) -> None:
    _MONITOR.release()


INTERLOCKED = declare(NAMESPACE + "Interlocked")


def _count(place: Any, step: int) -> Any:
    kind = Int64 if isinstance(place.value, Int64) else int
    place.value = kind(int(place.value or 0) + step)
    return place.value


INTERLOCKED.static("int Increment([ref] int location)")(lambda place: _count(place, 1))
INTERLOCKED.static("int Decrement([ref] int location)")(lambda place: _count(place, -1))
INTERLOCKED.static("int Add([ref] int location1, int value)")(_count)


@INTERLOCKED.static("System.Object Exchange([ref] System.Object location1, System.Object value)")
def _exchange(place: Any, value: Any) -> Any:
    before = place.value
    place.value = value
    return before


class CancellationSource(NetObject):
    net_type = NAMESPACE + "CancellationTokenSource"

    def __init__(self) -> None:
        self.cancelled = False


CANCELLATION = declare(NAMESPACE + "CancellationTokenSource")
CANCELLATION.constructor("()")(lambda kind: CancellationSource())
CANCELLATION.property("bool IsCancellationRequested", lambda source: source.cancelled)
CANCELLATION.property("System.Threading.CancellationToken Token", lambda source: source)
CANCELLATION.method("void Dispose()")(lambda source: None)


@CANCELLATION.method("void Cancel()")
def _cancel(source: CancellationSource) -> None:
    source.cancelled = True
