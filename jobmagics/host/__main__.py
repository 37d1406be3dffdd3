"""``python -m jobmagics.host``: the session host's own process.

Normally started by ``client.host_info`` with a session of its own and its output in the private log; it can
also be run by hand in a terminal. It holds the running lock as long as it lives, so there is one per directory.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import getpass
import logging
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from jupyter_core.application import JupyterApp
from tornado.netutil import bind_sockets
from traitlets import Int, TraitError, Unicode
from traitlets.config.loader import ConfigFileNotFound, ConfigLoaderError

from jobmagics import __version__
from jobmagics.errors import HostError
from jobmagics.host.certificate import ADDRESS, ensure_certificate
from jobmagics.host.engines import read_catalog
from jobmagics.host.files import PROTOCOL, HostFiles, HostInfo
from jobmagics.host.server import TICK_SECONDS, SessionHost, endpoint
from jobmagics.host.settings import Limits
from jobmagics.locks import open_lock, wait_lock

USER = "jobmagics"
LOCK_SECONDS = 5.0

log = logging.getLogger("jobmagics.host")


class HostProcess(JupyterApp):
    """The session host of this machine."""

    name = "jupyter-jobmagics-host"
    version = __version__
    description = Unicode(__doc__)
    raise_config_file_errors = True
    classes = [Limits]  # noqa: RUF012 - traitlets reads it from the class
    directory = Unicode(help="Private directory for certificate, secret and log.").tag(config=True)
    port = Int(0, help="Port on 127.0.0.1; 0: any free one.").tag(config=True)
    aliases: dict[str, Any] = {  # noqa: RUF012 - as above
        "directory": "HostProcess.directory",
        "port": "HostProcess.port",
        "idle-seconds": "Limits.idle_seconds",
    }


def main(arguments: list[str] | None = None) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    app = HostProcess()
    try:
        app.initialize(arguments)
        limits = Limits(parent=app)
    except (TraitError, ConfigLoaderError, ConfigFileNotFound, SyntaxError, NameError) as error:
        log.error("the settings of the session host are wrong: %s", error)
        return 1
    files = HostFiles(Path(app.directory) if app.directory else None)
    try:
        files.prepare()
        with open_lock(files.running_lock) as lock:
            if not wait_lock(lock, LOCK_SECONDS):
                raise HostError(f"Another session host already runs with the directory {files.directory}.")
            raise_file_limit()
            asyncio.run(serve(files, app.port, limits))
    except (HostError, OSError, ValueError) as error:
        log.error("%s", error)
        return 1
    return 0


async def serve(files: HostFiles, port: int, limits: Limits) -> None:
    """Serve until SIGTERM, SIGINT or a long idle time; engines are ended before it returns."""
    ensure_certificate(files)
    secret = files.make_secret()
    host = SessionHost(files.directory, read_catalog(files.engines), getpass.getuser(), limits)
    server = endpoint(host, USER, secret, files.certificate, files.key)
    try:
        sockets = bind_sockets(port, ADDRESS, family=socket.AF_INET)
    except OSError as error:
        raise HostError(f"The session host cannot listen on {ADDRESS}:{port} ({error.strerror}).") from error
    server.add_sockets(sockets)
    files.write_card(card(files, sockets[0].getsockname()[1]))
    log.info("listening on %s:%d, pid %d", *sockets[0].getsockname()[:2], os.getpid())
    try:
        await wait_until_told(host, limits.idle_seconds)
    finally:
        files.remove_card()
        server.stop()
        await host.close()
        await server.close_all_connections()
        log.info("ended")


def card(files: HostFiles, port: int) -> HostInfo:
    return HostInfo(
        address=ADDRESS,
        port=port,
        user=USER,
        certificate=files.certificate,
        secret_file=files.secret,
        pid=os.getpid(),
        version=__version__,
        protocol=PROTOCOL,
        started=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
    )


async def wait_until_told(host: SessionHost, idle_seconds: float) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, told.set)
        except NotImplementedError:  # Windows: the default handler ends the process, and the engines with it
            break
    while not told.is_set() and not host.is_idle(idle_seconds):
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(told.wait(), TICK_SECONDS)
        host.tick()


def raise_file_limit() -> None:
    """A session takes three pipes, two connections and perhaps a spool file."""
    try:
        import resource
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard and hard > soft:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))


if __name__ == "__main__":
    sys.exit(main())
