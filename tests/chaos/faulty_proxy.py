"""A network that fails: between client and host, it cuts, stalls or truncates what passes, when it is told to."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time


class FaultyProxy:
    """Passes bytes between its own ``port`` and ``target`` until a fault."""

    def __init__(self, target: tuple[str, int], dice: random.Random) -> None:
        self._target = target
        self._dice = dice
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._truncating = False
        self._refusing = False
        self._stalled_until = 0.0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Every connection ends now."""
        with self._lock:
            ends = list(self._ends)
        for end in ends:
            _end(end)

    def truncate(self) -> None:
        """The next bytes of each connection come through in part, and then it ends."""
        self._truncating = True
        time.sleep(0.1)
        self._truncating = False
        self.cut()

    def stall(self, seconds: float) -> None:
        """Nothing passes for so long; then the connections end."""
        self._stalled_until = time.monotonic() + seconds
        time.sleep(seconds)
        self.cut()

    def refuse(self) -> None:
        """Every connection ends, and none is taken, until ``allow``."""
        self._refusing = True
        self.cut()

    def allow(self) -> None:
        self._refusing = False

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self._refusing:
                    _end(client)
                    continue
                try:
                    server = socket.create_connection(self._target)
                except OSError:
                    _end(client)
                    continue
                with self._lock:
                    self._ends |= {client, server}
                for ends in ((client, server), (server, client)):
                    threading.Thread(target=self._pump, args=ends, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(4096):
                time.sleep(max(0.0, self._stalled_until - time.monotonic()))
                if self._truncating:
                    sink.sendall(data[: self._dice.randint(0, len(data))])
                    break
                sink.sendall(data)
        with self._lock:
            self._ends -= {source, sink}
        _end(source)
        _end(sink)


def _end(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
