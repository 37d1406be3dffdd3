"""Connections cut between any two bytes: a client that reconnects and drops what it has misses nothing."""

from __future__ import annotations

import contextlib
import dataclasses
import random
import socket
import struct
import threading
from collections.abc import Iterator

import pytest
import requests
from host_kit import start, wsman_for
from pypsrp.powershell import RunspacePool
from pypsrp.wsman import SelectorSet

from jobmagics.host.client import HostInfo

UNLIMITED = 1 << 40


class CuttingProxy:
    """Passes bytes on until its budget is used up, then cuts both ends in the middle of what it holds."""

    def __init__(self, target: tuple[str, int], seed: int) -> None:
        self.budget = UNLIMITED
        self.cuts = 0
        self._target = target
        self._random = random.Random(seed)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def new_budget(self) -> int:
        return self._random.choice([self._random.randint(500, 6000), self._random.randint(3000, 2_500_000)])

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target)
                for ends in ((client, server), (server, client)):
                    threading.Thread(target=self._pump, args=ends, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(4096):
                self.budget -= len(data)
                if self.budget < 0:
                    self.budget = self.new_budget()
                    self.cuts += 1
                    sink.sendall(data[: self._random.randint(0, len(data))])
                    break
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@pytest.fixture
def proxy(host: HostInfo, request: pytest.FixtureRequest) -> Iterator[CuttingProxy]:
    made = CuttingProxy((host.address, host.port), request.param)
    yield made
    made.close()


def object_ids(data: bytes) -> Iterator[int]:
    at = 0
    while at < len(data):
        object_id, _, _, length = struct.unpack_from(">QQBI", data, at)
        at += 21 + length
        yield object_id


@pytest.mark.parametrize("proxy", [1, 2, 3, 4], indirect=True)
def test_a_stream_over_cut_connections_is_whole_and_in_order(host: HostInfo, proxy: CuttingProxy) -> None:
    pool = RunspacePool(wsman_for(dataclasses.replace(host, port=proxy.port)))
    pool.open()
    shell = start(pool, "flood 4000 300")
    selectors = SelectorSet()
    selectors.add_option("ShellId", pool.id)
    proxy.budget = proxy.new_budget()
    got: list[int] = []
    state, is_cut = "", False
    while not state.endswith("Done"):
        try:
            if is_cut:
                pool.connection.reconnect(pool.shell.resource_uri, selector_set=selectors)
                is_cut = False
            state, _, buffers = pool.shell.receive("stdout", shell.id)
            got += [object_id for object_id in object_ids(buffers["stdout"]) if not got or object_id > got[-1]]
        except requests.RequestException:
            is_cut = True
    proxy.budget = UNLIMITED
    assert proxy.cuts > 0
    assert got == list(range(got[0], got[0] + 4002)), "4000 strings, and the states Running and Completed"
    with contextlib.suppress(requests.RequestException):  # the connection may be one that was just cut
        pool.close()
    pool.connection.close()
