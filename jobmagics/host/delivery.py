"""One stream of a session, delivered exactly once: a pool's own messages, or one pipeline's.

Pure. What a reply carried is kept until the next Receive acknowledges it; the same request again (pypsrp
repeats one whose reply timed out, with the same MessageID) gets the same reply; ``rewind`` makes everything
that was never acknowledged undelivered again, for a client that connects or lost its connection.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from jobmagics.host.faults import TIMED_OUT, Refusal


class Buffer(Protocol):
    """A first-in, first-out queue of whole fragments: ``spool.Spool``, or ``window.Window`` where the oldest may go."""

    def __bool__(self) -> bool: ...
    @property
    def size(self) -> int: ...
    @property
    def is_exhausted(self) -> bool:
        """It has nowhere to put more: the engine should wait."""

    def append(self, item: bytes) -> None: ...
    def take(self, limit: int) -> list[bytes]: ...
    def give_back(self, items: list[bytes]) -> None: ...
    def close(self) -> None: ...


@dataclass(frozen=True)
class Delivery:
    """What one Receive is answered with: whole fragments; ``is_done``: nothing follows."""

    data: bytes
    is_done: bool = False


Outcome = Delivery | Refusal
"""A pending Receive ends with one of these."""


@dataclass(eq=False)
class Waiter:
    """A pending Receive. ``answer`` is called once; ``limit``: raw bytes that its reply may carry."""

    message_id: str
    client: str
    connection: object
    limit: int
    answer: Callable[[Outcome], None]


class Stream:
    def __init__(self, buffer: Buffer) -> None:
        self._buffer = buffer
        self._unacknowledged: list[bytes] = []
        self._answered = ""
        self._last = Delivery(b"")
        self.waiter: Waiter | None = None
        self.has_ended = False
        """The engine has said its last word on this stream."""
        self.failure: Refusal | None = None
        """Given to every Receive once all data is delivered."""
        self.failure_given = False

    @property
    def is_delivered(self) -> bool:
        """Everything has been given out (though perhaps not acknowledged)."""
        return not self._buffer

    @property
    def is_done(self) -> bool:
        """The end was given out: only its acknowledgement is missing."""
        return self._last.is_done

    @property
    def size(self) -> int:
        """Bytes that wait to be delivered."""
        return self._buffer.size

    @property
    def is_exhausted(self) -> bool:
        return self._buffer.is_exhausted

    def append(self, chunk: bytes) -> None:
        self._buffer.append(chunk)

    def use(self, buffer: Buffer) -> None:
        """Goes on with another kind of buffer, to which all that waits is moved."""
        while self._buffer:
            for chunk in self._buffer.take(1):
                buffer.append(chunk)
        self._buffer.close()
        self._buffer = buffer

    def receive(self, waiter: Waiter) -> None:
        if self._answered and waiter.message_id == self._answered:
            waiter.answer(self._last)
            return
        if self.waiter is not None:  # its connection is gone, or its client has given it up
            self._finish(Refusal(TIMED_OUT, "A later Receive of the same stream has taken the place of this one."))
        if self.is_done:
            # the last reply is acknowledged by terminating the command, not by asking on: whoever connects next
            # must learn how the pipeline ended
            waiter.answer(Delivery(b"", is_done=True))
            return
        self._unacknowledged.clear()
        self._answered = ""
        self.waiter = waiter
        self.serve()

    def serve(self) -> None:
        """Answer the pending Receive if there is something to say."""
        if self.waiter is None:
            return
        chunks = self._buffer.take(self.waiter.limit)
        is_done = self.has_ended and not self._buffer
        if chunks or is_done:
            self._unacknowledged = chunks
            self._answered = self.waiter.message_id
            self._last = Delivery(b"".join(chunks), is_done)
            self._finish(self._last)
        elif self.failure is not None:
            self.failure_given = True
            self._finish(self.failure)

    def refuse(self, refusal: Refusal) -> None:
        """End the pending Receive, if any, with a fault."""
        if self.waiter is not None:
            self._finish(refusal)

    def drop_waiter(self, waiter: Waiter) -> None:
        """The connection of a pending Receive is gone: answer nothing."""
        if self.waiter is waiter:
            self.waiter = None

    def was_lost(self, message_id: str) -> None:
        """The reply to this Receive could not be written: it was not delivered."""
        if message_id and message_id == self._answered:
            self.rewind()

    def rewind(self) -> None:
        """What was never acknowledged is undelivered again."""
        self._buffer.give_back(self._unacknowledged)
        self._unacknowledged = []
        self._answered = ""
        self._last = Delivery(b"")
        self.failure_given = False

    def take_all(self) -> list[bytes]:
        """Empty the stream, what was never acknowledged included."""
        self.rewind()
        chunks = []
        while self._buffer:
            chunks += self._buffer.take(1 << 30)
        return chunks

    def close(self) -> None:
        self._buffer.close()

    def _finish(self, outcome: Outcome) -> None:
        waiter, self.waiter = self.waiter, None
        if waiter is not None:
            waiter.answer(outcome)
