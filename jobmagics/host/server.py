"""The endpoint: HTTPS in front of ``shells``, engine processes behind it.

Everything here acts and nothing here decides: a request becomes one call on the table, what the table wants
done is done, and its answer goes out as WinRM would write it. One thread, tornado's loop.
"""

from __future__ import annotations

import asyncio
import base64
import ctypes
import hmac
import json
import logging
import platform
import ssl
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream, StreamClosedError
from tornado.web import Application, RequestHandler

from jobmagics.host import wsman
from jobmagics.host.delivery import Buffer, Delivery, Outcome, Waiter
from jobmagics.host.engines import Engine, EngineCatalog, Processes
from jobmagics.host.faults import ACTION_NOT_SUPPORTED, BAD_REQUEST, QUOTA, Refusal
from jobmagics.host.guard import Guard
from jobmagics.host.outofproc import Packet
from jobmagics.host.settings import Limits
from jobmagics.host.shells import Caller, Command, EndEngine, PaceEngine, Shell, Shells
from jobmagics.host.spool import DiskBudget, Spool
from jobmagics.host.window import Window
from jobmagics.host.wsman import Request

TICK_SECONDS = 1.0
BODY_SECONDS = 30.0
"""A request's body must be there within this."""
IDLE_CONNECTION_SECONDS = 24 * 3600.0
"""An idle connection tells that its client lives, so it is not closed before this."""
INPUT_BACKLOG = 16 * 1024 * 1024
"""Send is answered only when the engine has less than this to read: the client waits, not our memory."""
MAX_INPUT_BACKLOG = 256 * 1024 * 1024
BACKLOG_POLL = 0.05
MAX_STRANGERS = 256
"""Connections at once that have not shown the secret yet."""
MACHINE = platform.node() or "localhost"

log = logging.getLogger(__name__)


class SessionHost:
    """The table of shells and the engines that belong to it."""

    def __init__(self, directory: Path, catalog: EngineCatalog, owner: str, limits: Limits) -> None:
        self.limits = limits
        self._directory = directory
        self._disk = DiskBudget(limits.disk_bytes)
        self.table = Shells(self._new_buffer, limits)
        self.catalog = catalog
        self.owner = owner
        self.guard = Guard()
        self.processes = Processes()
        self.engines: dict[str, Engine] = {}
        self.strangers: dict[IOStream, float] = {}
        """Connections that have not shown the secret yet, oldest first, and since when they are there."""
        self.last_request = time.monotonic()
        self._ending: set[asyncio.Task[None]] = set()
        self._has_slack = False

    def _new_buffer(self, mode: str) -> Buffer:
        if mode == "Drop":
            return Window(self.limits.memory_bytes)
        return Spool(self._directory, self._disk, self.limits.memory_bytes)

    async def start_engine(self, shell: Shell, creation: wsman.Creation, command: list[str]) -> None:
        """Raises OSError."""
        key = shell.key

        def said(packets: list[Packet]) -> None:
            self.table.packets(key, packets)
            self.act()

        def ended(reason: str) -> None:
            self.engines.pop(key, None)
            self.table.engine_ended(key, reason)
            self.act()

        engine = Engine(key, self.guard, self.processes, said, ended)
        self.engines[key] = engine
        await engine.start(command, creation.working_directory, creation.environment)

    def act(self) -> None:
        """Do what the table has decided."""
        for action in self.table.take_actions():
            if isinstance(action, EndEngine):
                self._end_engine(action.shell_id)
            elif (engine := self.engines.get(action.shell_id)) is not None:
                if isinstance(action, PaceEngine):
                    log.info("engine %s: %s", action.shell_id, "goes on" if action.may_speak else "waits: output full")
                    engine.pace(action.may_speak)
                else:
                    engine.write(action.data)

    def _end_engine(self, shell_id: str) -> None:
        self._has_slack = True
        engine = self.engines.pop(shell_id, None)
        if engine is not None:
            task = asyncio.ensure_future(engine.end())
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    def tick(self) -> None:
        self.table.tick(time.monotonic())
        self.act()
        self._turn_away_strangers()
        if self._has_slack:
            self._has_slack = False
            give_back_memory()

    def stranger_came(self, stream: IOStream) -> None:
        self.strangers[stream] = time.monotonic()
        self._turn_away_strangers()

    def _turn_away_strangers(self) -> None:
        """Who is silent, or slow, or one of too many, cannot hold the host: its connection is closed."""
        now = time.monotonic()
        for stream, since in list(self.strangers.items()):
            too_many = len(self.strangers) > MAX_STRANGERS
            if too_many or stream.closed() or now - since > self.limits.max_silence:
                del self.strangers[stream]
                stream.close()

    def is_idle(self, seconds: float) -> bool:
        """There is no shell, and nobody has asked for anything for so long, or a newer host is there to ask."""
        is_wanted = not self.table.is_retired and time.monotonic() - self.last_request <= seconds
        return not self.table.all() and not is_wanted

    async def close(self) -> None:
        for shell_id in list(self.engines):
            self._end_engine(shell_id)
        if self._ending:
            await asyncio.wait(self._ending)
        await self.processes.close()
        self.guard.close()

    def backlog(self, shell: Shell) -> int:
        engine = self.engines.get(shell.key)
        return engine.input_backlog if engine else 0

    def shell_fields(self, shell: Shell) -> list[tuple[str, str]]:
        now = time.monotonic()
        return [
            ("ShellId", shell.id),
            ("Name", shell.name),
            ("ResourceUri", shell.resource_uri),
            ("Owner", self.owner),
            ("ClientIP", shell.address),
            ("IdleTimeOut", wsman.duration(shell.idle_timeout)),
            ("InputStreams", "stdin pr"),
            ("OutputStreams", "stdout"),
            ("MaxIdleTimeOut", wsman.duration(self.limits.max_idle_timeout)),
            ("Locale", "en-US"),
            ("DataLocale", "en-US"),
            ("CompressionMode", "NoCompression"),
            ("ProfileLoaded", "No"),
            ("Encoding", "UTF8"),
            ("BufferMode", shell.buffer_mode),
            ("State", shell.state(now)),
            ("ShellRunTime", wsman.duration(now - shell.created)),
            ("ShellInactivity", wsman.duration(now - (shell.unheld_since or shell.last_heard))),
        ]

    @staticmethod
    def command_fields(shell: Shell, command: Command, now: float) -> list[tuple[str, str]]:
        return [
            ("ShellId", shell.id),
            ("CommandId", command.id),
            ("State", shell.state(now)),
            ("CommandLine", ""),
        ]

    def status(self) -> list[dict[str, object]]:
        now = time.monotonic()
        return [
            {
                "id": shell.id,
                "name": shell.name,
                "state": shell.state(now),
                "configuration": shell.resource_uri.rpartition("/")[2],
                "commands": len(shell.commands),
                "engine_pid": engine.pid if (engine := self.engines.get(shell.key)) else None,
            }
            for shell in self.table.all()
        ]


def give_back_memory() -> None:
    """What glibc keeps of freed memory for later goes to the system: a host lives long, and the output that many
    sessions had waiting was large.
    """
    if sys.platform.startswith("linux"):
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none, and keeps nothing
        if trim is not None:
            trim(0)


class Gate(RequestHandler):
    """Nobody comes in without the secret."""

    def initialize(self, host: SessionHost, user: str, secret: str) -> None:
        self.host = host
        self._expected = base64.b64encode(f"{user}:{secret}".encode())

    def prepare(self) -> None:
        scheme, _, given = self.request.headers.get("Authorization", "").partition(" ")
        is_right = hmac.compare_digest(given.strip().encode("utf-8", "replace"), self._expected)
        if scheme.lower() != "basic" or not is_right:
            self.set_status(401)
            self.set_header("WWW-Authenticate", 'Basic realm="WSMAN"')
            self.finish()
            return
        self.host.strangers.pop(self.request.connection.stream, None)  # type: ignore[union-attr]
        self.host.last_request = time.monotonic()

    def set_default_headers(self) -> None:
        self.set_header("Server", "jobmagics")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """No traceback and no page: the log has it."""
        del kwargs
        self.finish(f"{status_code}\n")


class StatusHandler(Gate):
    def get(self) -> None:
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(self.host.status()))


class RetireHandler(Gate):
    """A newer version has come: no new sessions here, and an end with the last one."""

    async def post(self) -> None:
        log.info("a newer host has taken over; this one ends with its last session")
        self.host.table.is_retired = True
        await self.host.processes.spare.close()
        self.finish("{}")


class WsmanHandler(Gate):
    """One WSMan request."""

    _gone: asyncio.Future[Outcome | None] | None = None

    async def post(self) -> None:
        relates_to = ""
        self.set_header("Content-Type", "application/soap+xml;charset=UTF-8")
        try:
            request = wsman.parse_request(self.request.body)
            relates_to = request.message_id
            if request.action == "":
                from jobmagics import __version__

                self.finish(wsman.identity(__version__))
                return
            operation = OPERATIONS.get(request.action)
            if operation is None:
                raise Refusal(ACTION_NOT_SUPPORTED, "This host does not support the requested WSMan action.")
            log.debug("%s %s", request.action, request.shell_id)
            body = await operation(self, request)
        except Refusal as refusal:
            self.set_status(500)
            self.finish(wsman.fault(refusal, relates_to, MACHINE))
            return
        finally:
            self.host.act()
        if body is not None:
            self.finish(wsman.envelope(request, body))

    def on_connection_close(self) -> None:
        if self._gone is not None and not self._gone.done():
            self._gone.set_result(None)

    async def create(self, request: Request) -> str:
        command = self.host.catalog.command_for(request.resource_uri)
        creation = wsman.creation(request)
        shell = self.host.table.create(self._caller(request), creation, request.resource_uri)
        log.info("shell %s: created, %s", shell.key, request.resource_uri.rpartition("/")[2])
        try:
            await self.host.start_engine(shell, creation, command)
        except OSError as error:
            self.host.table.delete(self._caller(request), shell.id)
            raise Refusal(BAD_REQUEST, f"The PowerShell engine could not be started: {error}.") from error
        endpoint = f"{self.request.protocol}://{self.request.host}{self.request.path}"
        element = wsman.shell_element(self.host.shell_fields(shell))
        return wsman.created_body(endpoint, request.resource_uri, shell.id, element)

    async def command(self, request: Request) -> str:
        command_id, data = wsman.command_line(request)
        command = self.host.table.command(self._caller(request), request.shell_id, command_id, data)
        return wsman.command_body(command.id)

    async def send(self, request: Request) -> str:
        shell = self.host.table.get(request.shell_id)
        if self.host.backlog(shell) > MAX_INPUT_BACKLOG:
            raise Refusal(QUOTA, f"The engine has more than {MAX_INPUT_BACKLOG} bytes of input that it does not read.")
        command_id, stream, data = wsman.sent(request)
        self.host.table.send(self._caller(request), request.shell_id, command_id, stream, data)
        self.host.act()
        deadline = time.monotonic() + request.operation_timeout
        while self.host.backlog(shell) > INPUT_BACKLOG and time.monotonic() < deadline:
            await asyncio.sleep(BACKLOG_POLL)
        return wsman.plain_body("SendResponse")

    async def receive(self, request: Request) -> str | None:
        command_id = wsman.desired_stream(request)
        self._gone = asyncio.get_running_loop().create_future()
        caller = self._caller(request)
        waiter = Waiter(request.message_id, caller.client, caller.connection, request.payload_limit, self._answer)
        stream = self.host.table.receive(caller, request.shell_id, command_id, waiter)
        timer = asyncio.get_running_loop().call_later(request.operation_timeout, self.host.table.expire, stream, waiter)
        try:
            outcome = await self._gone
        finally:
            timer.cancel()
        if outcome is None:
            stream.drop_waiter(waiter)
            return None
        if isinstance(outcome, Refusal):
            raise outcome
        await self._deliver(request, command_id, outcome, lambda: stream.was_lost(request.message_id))
        return None

    def _answer(self, outcome: Outcome) -> None:
        if self._gone is not None and not self._gone.done():
            self._gone.set_result(outcome)

    async def _deliver(self, request: Request, command_id: str, delivery: Delivery, lost: Callable[[], None]) -> None:
        body = wsman.receive_body(command_id, delivery.data, is_done=delivery.is_done)
        try:
            await self.finish(wsman.envelope(request, body))
        except StreamClosedError:
            lost()

    async def signal(self, request: Request) -> str:
        command_id, code = wsman.signal(request)
        self.host.table.signal(self._caller(request), request.shell_id, command_id, code)
        return wsman.plain_body("SignalResponse")

    async def delete(self, request: Request) -> str:  # type: ignore[override]  # HTTP DELETE is not served
        self.host.table.delete(self._caller(request), request.shell_id)
        log.info("shell %s: deleted", request.shell_id.lower())
        return ""

    async def disconnect(self, request: Request) -> str:
        self.host.table.disconnect(self._caller(request), request.shell_id, *wsman.disconnection(request))
        return wsman.plain_body("DisconnectResponse")

    async def reconnect(self, request: Request) -> str:
        self.host.table.reconnect(self._caller(request), request.shell_id, wsman.reconnection(request))
        return wsman.plain_body("ReconnectResponse")

    async def connect(self, request: Request) -> str:
        command_id, mode = wsman.connection(request)
        caller = self._caller(request)
        if command_id:
            self.host.table.connect_command(caller, request.shell_id, command_id)
            return wsman.connect_body(None)
        return wsman.connect_body(self.host.table.connect(caller, request.shell_id, mode))

    async def get_resource(self, request: Request) -> str:
        if request.resource_uri.startswith(wsman.CONFIG):
            return wsman.config_body()
        return wsman.shell_element(self.host.shell_fields(self.host.table.get(request.shell_id)))

    async def enumerate(self, request: Request) -> str:
        wanted = wsman.enumeration_filter(request)
        if request.resource_uri == f"{wsman.SHELL}/Command":
            shell = self.host.table.get(wanted.get("shellid", ""))
            now = time.monotonic()
            commands = [self.host.command_fields(shell, command, now) for command in shell.commands.values()]
            return wsman.enumerate_body(wsman.command_element(fields) for fields in commands)
        if request.resource_uri != wsman.SHELL:
            raise Refusal(BAD_REQUEST, "Only shells and the commands of a shell can be enumerated.")
        shells = [self.host.table.get(wanted["shellid"])] if "shellid" in wanted else self.host.table.all()
        return wsman.enumerate_body(wsman.shell_element(self.host.shell_fields(shell)) for shell in shells)

    def _caller(self, request: Request) -> Caller:
        connection: Any = self.request.connection
        return Caller(request.session_id, connection.context, self.request.remote_ip or "", time.monotonic())


OPERATIONS = {
    "Create": WsmanHandler.create,
    "Command": WsmanHandler.command,
    "Send": WsmanHandler.send,
    "Receive": WsmanHandler.receive,
    "Signal": WsmanHandler.signal,
    "Delete": WsmanHandler.delete,
    "Disconnect": WsmanHandler.disconnect,
    "Reconnect": WsmanHandler.reconnect,
    "Connect": WsmanHandler.connect,
    "Get": WsmanHandler.get_resource,
    "Enumerate": WsmanHandler.enumerate,
}


class Endpoint(HTTPServer):
    """An HTTP server that tells when a connection comes and when it is gone."""

    host: SessionHost

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        self.host.stranger_came(stream)
        super().handle_stream(stream, address)

    def on_close(self, server_conn: Any) -> None:
        super().on_close(server_conn)
        self.host.table.connection_closed(server_conn.context, time.monotonic())
        self.host.act()


def endpoint(host: SessionHost, user: str, secret: str, certificate: Path, key: Path) -> Endpoint:
    """The HTTPS server, not listening yet."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    arguments = {"host": host, "user": user, "secret": secret}
    application = Application(
        [
            ("/wsman/?", WsmanHandler, arguments),
            ("/status", StatusHandler, arguments),
            ("/retire", RetireHandler, arguments),
        ],
        log_function=lambda _: None,
    )
    server = Endpoint(
        application,
        ssl_options=context,
        max_body_size=wsman.MAX_REQUEST_BYTES,
        max_buffer_size=2 * wsman.MAX_REQUEST_BYTES,
        body_timeout=BODY_SECONDS,
        idle_connection_timeout=IDLE_CONNECTION_SECONDS,
    )
    server.host = host
    return server
