"""A template: the engine with everything imported, that becomes an engine's process at a word.

``python -m jobmagics.powershell --template`` has a Unix socket as its stdin. Each message on it, JSON with three
descriptors, makes a fork of this process that serves PSRP on them as ``-s`` does, in the directory and environment that
the message names. Answers: ``ready`` once, then for each message its ``id`` with a ``pid`` or an ``errno`` and
``path``, and ``ended`` with a ``status`` for each process that has ended (negative: the signal). The end of the
socket ends the template; what it forked goes on until its own stdin ends.

Nothing here may start a thread: a fork takes along only the thread that forks.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import selectors
import signal
import socket
import sys
import time
from collections.abc import Iterator
from typing import Any

from ... import powershell

MESSAGE_BYTES = 4 * 1024 * 1024
STREAMS = 3


def serve() -> None:
    """Returns in each forked process, its streams, directory and environment in place; ends the template itself."""
    _import_everything()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with socket.socket(fileno=os.dup(0)) as host, _ends() as ends, selectors.DefaultSelector() as selector:
        selector.register(host, selectors.EVENT_READ)
        selector.register(ends, selectors.EVENT_READ)
        _tell(host, {"ready": os.getpid()})
        while True:
            for key, _ in selector.select():
                if key.fileobj is ends:
                    _tell_ends(host, ends)
                elif _fork(host):
                    return


def _import_everything() -> None:
    for module in pkgutil.walk_packages(powershell.__path__, f"{powershell.__name__}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    gc.collect()
    gc.freeze()  # these objects stay: the collector need not touch, and so copy, their pages in each process


@contextlib.contextmanager
def _ends() -> Iterator[socket.socket]:
    """Readable whenever a child has ended."""
    ours, woken = socket.socketpair()
    with ours, woken:
        ours.setblocking(False)
        woken.setblocking(False)
        signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        try:
            yield ours
        finally:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def _tell_ends(host: socket.socket, ends: socket.socket) -> None:
    with contextlib.suppress(BlockingIOError):
        ends.recv(4096)
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            _tell(host, {"ended": pid, "status": os.waitstatus_to_exitcode(status)})


def _tell(host: socket.socket, message: dict[str, Any]) -> None:
    try:
        host.send(json.dumps(message).encode())
    except OSError:  # the host is gone
        sys.exit(0)


def _fork(host: socket.socket) -> bool:
    """Do what the next message asks for; True in the forked process."""
    data, streams, _, _ = socket.recv_fds(host, MESSAGE_BYTES, STREAMS)
    if not data:
        sys.exit(0)
    request = json.loads(data)
    leads, leading = socket.socketpair()
    with leads, leading:
        try:
            os.chdir(request["directory"])
            pid = os.fork()
        except OSError as error:
            _tell(host, {"id": request["id"], "errno": error.errno, "path": request["directory"]})
        else:
            if pid == 0:
                _become(streams, request["environment"])
                return True
            leading.close()
            leads.recv(1)  # the end: it leads the group by which the host would kill it, or it is gone
            _tell(host, {"id": request["id"], "pid": pid})
    os.chdir("/")  # the template must not keep a session's directory from being unmounted
    for stream in streams:
        os.close(stream)
    return False


def _become(streams: list[int], environment: dict[str, str]) -> None:
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(environment)
    if hasattr(time, "tzset"):
        time.tzset()
