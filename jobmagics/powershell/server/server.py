"""The engine as a process: a PSRP server on stdin and stdout, indistinguishable to a client from ``pwsh -s``.

The main thread reads elements and answers what needs no script; each pipeline has its own thread (``pipelines``).
The pool says "opened" before the runtime is imported: a client waits for that, and the first script comes later.
The end of stdin ends the process and everything in it.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import os
import platform
import signal
import sys
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO, NoReturn

from ... import __version__, clixml
from ...psobject import Hashtable, Int64, PSList, Version
from .. import memory
from ..records import PipelineStopped
from ..values import guarded
from . import wire
from .channel import Channel
from .host_ui import HostInfo, host_response
from .pipelines import Pipeline, member, number
from .records import bag
from .runspace_pool import Pool
from .session_key import SessionKey

PROTOCOL_VERSION = "2.3"
POWERSHELL_VERSION = "7.6.5"
END_SECONDS = 0.2  # what running pipelines get, to end the programs they started, when stdin has ended
CLOSE_SECONDS = 1.0
# Objects made before Python looks for cycles among them. Scripts make objects by the hundred thousand and few cycles;
# at Python's 700 a third of their time went into looking, and it holds all threads.
COLLECT_AFTER = 50_000
MEMORY_REST_SECONDS = 0.5  # after scripts were ended for their memory: time to give it back

OPENED, CLOSED, CLOSING = 2, 3, 4  # RunspacePoolState

USAGE = "jobmagics' built-in PowerShell engine speaks PSRP on stdin and stdout: python -m jobmagics.powershell -s"
_OPTIONS_WITH_VALUE = {
    "-executionpolicy", "-ep", "-ex", "-configurationname", "-config", "-configurationfile", "-custompipename",
    "-outputformat", "-o", "-of", "-inputformat", "-in", "-if", "-settingsfile", "-settings", "-windowstyle", "-w",
}  # fmt: skip
_DIRECTORY_OPTIONS = {"-workingdirectory", "-wd"}
_SERVER_OPTIONS = {"-s", "-servermode", "-sshservermode", "-sshs"}


class PrimitiveDictionary(Hashtable):
    __slots__ = ()
    type_names = [  # noqa: RUF012 - as Hashtable's
        "System.Management.Automation.PSPrimitiveDictionary",
        "System.Collections.Hashtable",
        "System.Object",
    ]


def application_private_data() -> str:
    """The body of APPLICATION_PRIVATE_DATA: what the client learns about the engine when the pool opens."""
    numbers = [(1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (5, 1), (6, 0), (7, 0)]
    table = PrimitiveDictionary({
        "PSVersion": Version(map(int, POWERSHELL_VERSION.split("."))),
        "PSEdition": "Core",
        "PSSemanticVersion": POWERSHELL_VERSION,
        "GitCommitId": POWERSHELL_VERSION,
        "JobmagicsEngine": __version__,
        "OS": _os_name(),
        "Platform": "Win32NT" if os.name == "nt" else "Unix",
        "PSCompatibleVersions": PSList.of("System.Version", [Version(pair) for pair in numbers]),
        "PSRemotingProtocolVersion": Version((2, 3)),
        "SerializationVersion": Version((1, 1, 0, 1)),
        "WSManStackVersion": Version((3, 0)),
    })  # fmt: skip
    data = PrimitiveDictionary({"PSVersionTable": table})
    return clixml.encode_member(bag({"ApplicationPrivateData": data}))


def _os_name() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError, AttributeError):
        return f"{platform.system()} {platform.release()}"


class Server:
    def __init__(self, stdin: BinaryIO, stdout: BinaryIO) -> None:
        self._stdin = stdin
        self.channel = Channel(stdout, self._client_gone)
        self.pool = Pool(1, 1)
        self.host_info = HostInfo()
        self._key = SessionKey()
        self._key_came = threading.Event()
        self._incoming = wire.Defragmenter()
        self._pipelines: dict[uuid.UUID, Pipeline] = {}
        self._call_ids = itertools.count(1)
        self._opened = False
        self._something_runs = threading.Event()

    # -- what pipelines use
    @property
    def cipher(self) -> SessionKey | None:
        return self._key if self._key.exchanged else None

    def request_key(self, stopping: threading.Event, timeout: float) -> bool:
        """Ask for the client's public key and wait for it, in steps so that a stop ends the wait."""
        self.channel.message(wire.PUBLIC_KEY_REQUEST, "")
        step = 0.1
        for _ in range(int(timeout / step)):
            if self._key_came.wait(step):
                return True
            if stopping.is_set():
                raise PipelineStopped
        return False

    def next_call_id(self) -> int:
        return next(self._call_ids)

    def forget(self, pipeline: Pipeline) -> None:
        self._pipelines.pop(pipeline.guid, None)

    # -- the thread that watches the memory
    def watch_memory(self) -> None:
        """While pipelines run, end them when the process has more than it may."""
        limit = memory.limit_bytes()
        while self._something_runs.wait():
            self._something_runs.clear()
            while self._pipelines:
                time.sleep(memory.WATCH_SECONDS)
                if memory.used_bytes() > limit:
                    for pipeline in list(self._pipelines.values()):
                        pipeline.interrupt(memory.OutOfMemory)
                    time.sleep(MEMORY_REST_SECONDS)
                    gc.collect()

    # -- the reading thread
    def serve(self) -> int:
        """Until the end of stdin. Returns the exit code."""
        try:
            for line in self._stdin:
                if line.strip():
                    self._element(wire.parse_element(line))
        except (wire.WireError, clixml.CLIXMLError) as problem:
            print(f"jobmagics.powershell: the client sent {problem}; the session is closed", file=sys.stderr)
            return 1
        finally:
            self._stop_all(END_SECONDS)
        return 0

    def _client_gone(self) -> None:
        os._exit(1)

    def _stop_all(self, seconds: float) -> None:
        running = list(self._pipelines.values())
        for pipeline in running:
            pipeline.stop(acknowledge=False)
        for pipeline in running:
            pipeline.wait(seconds)

    def _element(self, element: wire.Element) -> None:
        handle = {
            "Data": self._data,
            "Command": self._new_command,
            "Signal": self._signal,
            "Close": self._close,
        }.get(element.tag)
        if handle is None:
            raise wire.WireError(f"an unknown element <{element.tag}>")
        handle(element)

    def _new_command(self, element: wire.Element) -> None:
        self._pipelines.setdefault(element.guid, Pipeline(self, element.guid))
        self.channel.element("CommandAck", element.guid)

    def _signal(self, element: wire.Element) -> None:
        pipeline = self._pipelines.get(element.guid)
        if pipeline is None:
            self.channel.element("SignalAck", element.guid)
        else:
            pipeline.stop(acknowledge=True)

    def _close(self, element: wire.Element) -> None:
        if element.guid == wire.NO_GUID:
            self._close_pool()
        else:
            pipeline = self._pipelines.pop(element.guid, None)
            if pipeline is not None:
                pipeline.stop(acknowledge=False)
        self.channel.element("CloseAck", element.guid)

    def _close_pool(self) -> None:
        self._pool_state(CLOSING)
        self._stop_all(CLOSE_SECONDS)
        self.pool.close()
        self._pool_state(CLOSED)
        self._pipelines.clear()
        self._incoming = wire.Defragmenter()
        self._opened = False

    def _pool_state(self, state: int) -> None:
        self.channel.message(wire.RUNSPACEPOOL_STATE, clixml.encode_member(bag({"RunspaceState": state})))

    def _data(self, element: wire.Element) -> None:
        """Fragments: pwsh acknowledges after it has answered a pool message, before it acts for a pipeline."""
        messages = self._incoming.feed(element.data)
        if not all(self._is_pool_message(message) for message in messages) or not messages:
            self.channel.element("DataAck", element.guid)
            self._dispatch(messages)
        else:
            self._dispatch(messages)
            self.channel.element("DataAck", element.guid)

    @staticmethod
    def _is_pool_message(message: wire.Message) -> bool:
        return message.kind in _POOL_MESSAGES

    def _dispatch(self, messages: list[wire.Message]) -> None:
        for message in messages:
            handle = _POOL_MESSAGES.get(message.kind) or _PIPELINE_MESSAGES.get(message.kind)
            if handle is None:
                raise wire.WireError(f"a message of unknown type 0x{message.kind:08X}")
            handle(self, message)

    def _body(self, message: wire.Message, *, deserialized: bool = True) -> Any:
        return clixml.decode(message.body, cipher=self.cipher, deserialized=deserialized, units=True)

    def _values(self, message: wire.Message) -> Any:
        """As ``_body``, for messages with values that scripts will hold: lists are the engine's."""
        from ..dotnet.lists import ArrayList

        return clixml.decode(message.body, cipher=self.cipher, deserialized=True, lists=ArrayList, units=True)

    # -- messages of the pool
    def _session_capability(self, message: wire.Message) -> None:
        self.channel.pool_id = message.pool
        versions = {
            "protocolversion": Version((2, 3)),
            "PSVersion": Version((2, 0)),
            "SerializationVersion": Version((1, 1, 0, 1)),
        }
        self.channel.message(wire.SESSION_CAPABILITY, clixml.encode_member(bag(versions)))

    def _init_pool(self, message: wire.Message) -> None:
        body = self._body(message)
        self.pool = Pool(
            number(member(body, "MinRunspaces"), 1),
            number(member(body, "MaxRunspaces"), 1),
            member(body, "ApplicationArguments"),
        )
        self.host_info = HostInfo(member(body, "HostInfo"))
        self._announce()
        threading.Thread(target=self._warm_up, args=(self.pool,), daemon=True).start()

    def _announce(self) -> None:
        self.channel.message(wire.APPLICATION_PRIVATE_DATA, application_private_data())
        self._pool_state(OPENED)
        self._opened = True

    @staticmethod
    def _warm_up(pool: Pool) -> None:
        with contextlib.suppress(Exception):  # the first pipeline meets the same failure and reports it
            pool.warm_up()

    def _connect_pool(self, message: wire.Message) -> None:
        """A new client takes over: it is told what the pool is ([MS-PSRP] 3.2.5.4.29)."""
        body = self._body(message)
        self.pool.minimum = number(member(body, "MinRunspaces"), self.pool.minimum)
        self.pool.maximum = number(member(body, "MaxRunspaces"), self.pool.maximum)
        limits = {"MinRunspaces": self.pool.minimum, "MaxRunspaces": self.pool.maximum}
        self.channel.message(wire.RUNSPACEPOOL_INIT_DATA, clixml.encode_member(bag(limits)))
        self._announce()

    def _availability(self, answer: bool | int | Int64, message: wire.Message) -> None:
        """RUNSPACE_AVAILABILITY for the call in ``message``."""
        call = member(self._body(message), "ci", 0)
        members = {"SetMinMaxRunspacesResponse": answer, "ci": Int64(call)}
        self.channel.message(wire.RUNSPACE_AVAILABILITY, clixml.encode_member(bag(members)))

    def _set_max(self, message: wire.Message) -> None:
        wanted = number(member(self._body(message), "MaxRunspaces"))
        accepted = wanted >= max(1, self.pool.minimum)
        if accepted:
            self.pool.maximum = wanted
        self._availability(accepted, message)

    def _set_min(self, message: wire.Message) -> None:
        wanted = number(member(self._body(message), "MinRunspaces"))
        accepted = 1 <= wanted <= self.pool.maximum
        if accepted:
            self.pool.minimum = wanted
        self._availability(accepted, message)

    def _get_available(self, message: wire.Message) -> None:
        self._availability(self.pool.available, message)

    def _reset_state(self, message: wire.Message) -> None:
        self._availability(self.pool.reset(), message)

    def _public_key(self, message: wire.Message) -> None:
        try:
            answer = self._key.answer(str(member(self._body(message), "PublicKey", "")))
        except ValueError as problem:
            raise wire.WireError(f"a public key that cannot be used ({problem})") from problem
        self.channel.message(wire.ENCRYPTED_SESSION_KEY, clixml.encode_member(bag({"EncryptedSessionKey": answer})))
        self._key_came.set()

    # -- messages of pipelines
    def _pipeline(self, message: wire.Message) -> Pipeline | None:
        return self._pipelines.get(message.pipeline)

    def _create_pipeline(self, message: wire.Message) -> None:
        pipeline = self._pipeline(message)
        if pipeline is not None and not pipeline.started:
            pipeline.start(self._values(message))
            self._something_runs.set()

    def _get_metadata(self, message: wire.Message) -> None:
        pipeline = self._pipeline(message)
        if pipeline is not None and not pipeline.started:
            pipeline.start_metadata(self._body(message, deserialized=False))

    def _input(self, message: wire.Message) -> None:
        pipeline = self._pipeline(message)
        if pipeline is not None:
            pipeline.feed(self._values(message))

    def _end_input(self, message: wire.Message) -> None:
        pipeline = self._pipeline(message)
        if pipeline is not None:
            pipeline.end_input()

    def _host_response(self, message: wire.Message) -> None:
        call_id, value, error = host_response(self._body(message, deserialized=False))
        for pipeline in list(self._pipelines.values()):
            if pipeline.answer(call_id, value, error):
                return


_Handler = Callable[[Server, wire.Message], None]
_POOL_MESSAGES: dict[int, _Handler] = {
    wire.SESSION_CAPABILITY: Server._session_capability,
    wire.INIT_RUNSPACEPOOL: Server._init_pool,
    wire.CONNECT_RUNSPACEPOOL: Server._connect_pool,
    wire.PUBLIC_KEY: Server._public_key,
    wire.SET_MAX_RUNSPACES: Server._set_max,
    wire.SET_MIN_RUNSPACES: Server._set_min,
    wire.GET_AVAILABLE_RUNSPACES: Server._get_available,
    wire.RESET_RUNSPACE_STATE: Server._reset_state,
}
_PIPELINE_MESSAGES: dict[int, _Handler] = {
    wire.CREATE_PIPELINE: Server._create_pipeline,
    wire.GET_COMMAND_METADATA: Server._get_metadata,
    wire.PIPELINE_INPUT: Server._input,
    wire.END_OF_PIPELINE_INPUT: Server._end_input,
    wire.PIPELINE_HOST_RESPONSE: Server._host_response,
    wire.RUNSPACEPOOL_HOST_RESPONSE: Server._host_response,
}


def _take_over_stdio() -> tuple[BinaryIO, BinaryIO]:
    """The protocol's own descriptors. 0 and 1 become null: programs that scripts start must not reach the client."""
    stdin = os.fdopen(os.dup(0), "rb", buffering=1024 * 1024)
    stdout = os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.close(null)
    return stdin, stdout


def main(arguments: Sequence[str]) -> int:
    """Run the server. Takes pwsh's options: -s is required, -WorkingDirectory is followed, others are ignored."""
    rest = iter(arguments)
    serve = False
    for argument in rest:
        option = argument.lower().replace("--", "-", 1)
        if option in _SERVER_OPTIONS:
            serve = True
        elif option == "-version":
            print(f"jobmagics.powershell {__version__} (PowerShell {POWERSHELL_VERSION} language)")
            return 0
        elif option in _DIRECTORY_OPTIONS:
            os.chdir(next(rest, "."))
        elif option in _OPTIONS_WITH_VALUE:
            next(rest, None)
    if not serve:
        print(USAGE, file=sys.stderr)
        return 64
    # an interrupt meant for another program of the group must not end the session; children get the default again
    signal.signal(signal.SIGINT, lambda *_: None)
    gc.set_threshold(COLLECT_AFTER, *gc.get_threshold()[1:])
    _run(Server(*_take_over_stdio()), guarded.install())


def _run(server: Server, guard: guarded.Guard | None) -> NoReturn:
    """The main thread is the guard's: only there can a long match of a regular expression be stopped."""

    def serve() -> NoReturn:
        code = 1
        try:
            code = server.serve()
        finally:
            os._exit(code)  # not sys.exit: threads of scripts must not hold the process

    threading.Thread(target=server.watch_memory, daemon=True).start()
    if guard is None:
        serve()
    threading.Thread(target=serve, name="reader", daemon=True).start()
    guard.serve()
