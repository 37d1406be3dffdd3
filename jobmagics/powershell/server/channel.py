"""The server's way out: numbered messages on one stream, from whichever thread."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from typing import BinaryIO

from ..runtime.interruption import checkpoint
from . import wire

WRITE_BYTES = 64 * 1024
LINGER_SECONDS = 0.002


class Channel:
    """The way to the client. Messages are numbered and written whole, whichever thread they come from.

    Output that comes fast leaves in larger writes: a message that may wait stays until the next one that may not, until
    there are enough, or for LINGER_SECONDS.
    """

    def __init__(self, stream: BinaryIO, broken: Callable[[], None]) -> None:
        self._stream = stream
        self._broken = broken
        self._lock = threading.Lock()
        self._object_id = 0
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._something_waits = threading.Event()
        self.pool_id = wire.NO_GUID
        threading.Thread(target=self._linger, daemon=True).start()

    def message(self, kind: int, body: str, pipeline: uuid.UUID = wire.NO_GUID, *, may_wait: bool = False) -> None:
        data = wire.message_bytes(kind, self.pool_id, pipeline, body)
        with self._lock:
            checkpoint()
            self._object_id += 1
            for fragment in wire.fragments(self._object_id, data):
                self._put(wire.data_element(pipeline, fragment))
            if not may_wait:
                self._flush()

    @property
    def quiet(self) -> threading.Lock:
        """Held by nobody who is in the middle of a message: see ``Interruption.interrupt``."""
        return self._lock

    def element(self, tag: str, guid: uuid.UUID) -> None:
        with self._lock:
            checkpoint()
            self._put(wire.short_element(tag, guid))
            self._flush()

    def _put(self, data: bytes) -> None:
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        if self._waiting_bytes >= WRITE_BYTES:
            self._flush()
        elif len(self._waiting) == 1:
            self._something_waits.set()

    def _flush(self) -> None:
        if not self._waiting:
            return
        data = b"".join(self._waiting)
        self._waiting.clear()
        self._waiting_bytes = 0
        try:
            self._stream.write(data)
            self._stream.flush()
        except (OSError, ValueError):
            self._broken()

    def _linger(self) -> None:
        while True:
            self._something_waits.wait()
            time.sleep(LINGER_SECONDS)
            with self._lock:
                self._something_waits.clear()
                self._flush()
