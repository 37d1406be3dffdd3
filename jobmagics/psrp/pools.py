"""The seam over pypsrp: PSRP on WSMan, to this machine's session host and to WinRM alike.

pypsrp carries the requests, signs in, and makes the messages that open a pool. What it does
with answers is not used: it decodes what arrives before anyone could store it, forgets names and states of shells, and
sends no idle time-out. So enumeration, receiving, disconnecting and answering are done here on its WSMan object.

One connection belongs to the thread that receives; while it waits there, a second one carries what others want.
"""

from __future__ import annotations

import base64
import copy
import logging
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pypsrp.complex_objects import RunspacePoolState
from pypsrp.exceptions import WSManFaultError
from pypsrp.powershell import RunspacePool
from pypsrp.shell import SignalCode
from pypsrp.wsman import SelectorSet, WSMan

from jobmagics import clixml
from jobmagics.errors import ConnectionFailed, Fault, SessionGone
from jobmagics.psobject import Int64, PSObject
from jobmagics.psrp import enumeration
from jobmagics.psrp.creation import creation
from jobmagics.psrp.enumeration import RSP
from jobmagics.psrp.errors import NOTHING_YET, talking_to
from jobmagics.psrp.secrets import SessionKey
from jobmagics.psrp.values import ANSWER_DEPTH, ARGUMENT_DEPTH, NIL, MethodId, host, refusal
from jobmagics.psrp.wires import buffer_as, local_hosts, local_wire, remote_wire, waiting_for, wsman_for
from jobmagics.remote import (
    POWERSHELL_URI,
    ConnectionInfo,
    Detached,
    HostAnswer,
    HostCall,
    Invocation,
    ShellInfo,
    buffering_mode,
)
from jobmagics.remote.fragments import Message, fragment

CREATE_PIPELINE = 0x00021006
PIPELINE_INPUT = 0x00041002
END_OF_PIPELINE_INPUT = 0x00041003
PIPELINE_HOST_RESPONSE = 0x00041101

# pypsrp reports each retried time-out with a traceback; they are told here in our words
logging.getLogger("pypsrp").addHandler(logging.NullHandler())


def connect(connection: ConnectionInfo) -> PsrpEndpoint:
    """The Connector for SessionManager. Asks nothing of the network yet."""
    return PsrpEndpoint(connection)


class PsrpEndpoint:
    """A computer through one configuration."""

    def __init__(self, connection: ConnectionInfo) -> None:
        self.connection = connection

    def wire(self, pool_id: str = "") -> WSMan:
        """A new connection object: to where the pool is, or to where a new one would be made. For that, the session
        host of this machine is started if it does not run.
        """
        connection = self.connection
        with talking_to(connection):
            return local_wire(pool_id) if connection.is_local else remote_wire(connection)

    def pool(self, pool_id: str) -> PsrpPool:
        return PsrpPool(self, pool_id)

    def list_shells(self) -> list[ShellInfo]:
        local = self.connection.is_local
        shells = []
        for wire in map(wsman_for, local_hosts()) if local else [self.wire()]:
            with self._passing(wire) as wsman:
                shells += enumeration.list_shells(wsman)
        return shells

    def list_commands(self, shell_id: str) -> list[str]:
        with self._passing(self.wire(shell_id)) as wsman:
            return enumeration.list_commands(wsman, shell_id)

    @contextmanager
    def _passing(self, wsman: WSMan) -> Iterator[WSMan]:
        """A connection for one question."""
        try:
            with talking_to(self.connection):
                yield wsman
        finally:
            wsman.close()


class PsrpPool:
    """One runspace pool."""

    def __init__(self, endpoint: PsrpEndpoint, pool_id: str) -> None:
        self.endpoint = endpoint
        self.pool_id = pool_id
        self.computer = endpoint.connection.computer_name
        self._pool: RunspacePool | None = None
        self._twins: list[PsrpPool] = []
        self._idle_twins: list[PsrpPool] = []
        self._main_lock = threading.Lock()
        self._side: WSMan | None = None
        self._side_lock = threading.Lock()

    # -- connections

    def _make(self, wsman: WSMan) -> RunspacePool:
        option = self.endpoint.connection.option
        pool = RunspacePool(
            wsman,
            host=host(),
            max_runspaces=self.endpoint.connection.runspaces,
            configuration_name=self.endpoint.connection.configuration_name,
            no_profile=option.no_machine_profile,
        )
        pool.id = pool.shell.id = self.pool_id
        return pool

    @contextmanager
    def _adopting(self, pool: RunspacePool) -> Iterator[None]:
        """Becomes the live end if all goes well; else its connection is closed."""
        try:
            with talking_to(self.endpoint.connection):
                yield
        except BaseException:
            pool.connection.close()
            raise
        self._drop_wires()
        self._drop_twins()
        self._pool = pool

    @property
    def live(self) -> RunspacePool:
        assert self._pool is not None, "open or connect first"
        return self._pool

    @contextmanager
    def main(self) -> Iterator[RunspacePool]:
        """The connection of the receiving thread."""
        with self._main_lock, talking_to(self.endpoint.connection):
            yield self.live

    @contextmanager
    def any_wire(self) -> Iterator[WSMan]:
        """The main connection if nobody waits on it, else the second."""
        if self._pool is not None and self._main_lock.acquire(blocking=False):
            try:
                with talking_to(self.endpoint.connection):
                    yield self.live.connection
            finally:
                self._main_lock.release()
            return
        with self._side_lock:
            if self._side is None:
                self._side = self.endpoint.wire(self.pool_id)
                if self._pool is not None:
                    self._side.session_id = self._pool.connection.session_id
            with talking_to(self.endpoint.connection):
                yield self._side

    def _drop_wires(self) -> None:
        for wsman in (self._pool.connection if self._pool else None, self._side):
            if wsman is not None:
                wsman.close()
        self._side = None

    def _drop_twins(self) -> None:
        for twin in self._twins:
            twin._drop_wires()
        self._twins, self._idle_twins = [], []

    def _over(self, wsman: WSMan) -> RunspacePool:
        """The same pool, as the same client, over another connection."""
        pool = copy.copy(self.live)
        pool.shell = copy.copy(pool.shell)
        pool.connection = pool.shell.wsman = wsman
        return pool

    def _take_twin(self) -> PsrpPool:
        """This pool with a connection of its own, so that its pipelines are received beside each other."""
        with self._side_lock:
            if self._idle_twins:
                return self._idle_twins.pop()
        twin = PsrpPool(self.endpoint, self.pool_id)
        wsman = self.endpoint.wire(self.pool_id)
        wsman.session_id = self.live.connection.session_id
        twin._pool = self._over(wsman)
        with self._side_lock:
            self._twins.append(twin)
        return twin

    def give_back(self, twin: PsrpPool) -> None:
        """Its pipeline has ended; the next one may have its connection."""
        with self._side_lock:
            if twin in self._twins:
                self._idle_twins.append(twin)

    def session_key(self) -> SessionKey:
        """Under which secrets travel; exchanged when the first one has to."""
        with self.any_wire() as wsman:
            pool = self._over(wsman)
            if pool._serializer.cipher is None:
                pool.exchange_keys()
            return SessionKey(pool._serializer.cipher)

    @property
    def resource_uri(self) -> str:
        return POWERSHELL_URI + self.endpoint.connection.configuration_name

    @property
    def selectors(self) -> SelectorSet:
        chosen = SelectorSet()
        chosen.add_option("ShellId", self.pool_id)
        return chosen

    @property
    def private_data(self) -> Mapping[str, Any]:
        told = self._pool.application_private_data if self._pool else None
        return told.data if told is not None and isinstance(told.data, dict) else {}

    # -- the life of a pool

    def open(self, name: str, idle_timeout: float | None) -> None:
        option = self.endpoint.connection.option
        wire = self.endpoint.wire()
        buffer_as(wire, buffering_mode(option.output_buffering_mode))
        pool = self._make(wire)
        pool.shell.name = name
        pool.shell.idle_time_out = None if idle_timeout is None else int(idle_timeout)
        deadline = time.monotonic() + option.open_timeout
        with self._adopting(pool), waiting_for(wire, option.open_timeout):
            try:
                pool.open(application_arguments=dict(option.application_arguments) or None)
            except WSManFaultError as error:
                if error.code != NOTHING_YET:
                    raise
            while pool.state == RunspacePoolState.NEGOTIATION_SENT:
                if time.monotonic() > deadline:
                    raise ConnectionFailed(
                        f"{self.computer} did not open the session within {option.open_timeout:g} s; try again, or give"
                        " it more time with a session option's OpenTimeout."
                    )
                _receive_for_pool(pool)

    def connect(self) -> None:
        pool = self._make(self.endpoint.wire(self.pool_id))
        pool.shell.opened = True
        pool.state = RunspacePoolState.DISCONNECTED
        with self._adopting(pool):
            try:
                pool._connect_new_client()
            except WSManFaultError as error:
                if error.code != NOTHING_YET:  # the pool itself had nothing more to say
                    raise
            pool.shell.id = self.pool_id
            pool.shell._selector_set = self.selectors
            pool.state = RunspacePoolState.OPENED

    def reconnect(self) -> None:
        """After a loss: the same client on fresh connections, or a new client where the server has forgotten the old
        one.
        """
        session_id = self.live.connection.session_id
        self._drop_wires()
        fresh = self._reach_again()
        fresh.session_id = session_id
        with self._main_lock:
            self.live.connection = self.live.shell.wsman = fresh
        try:
            with self.main() as pool:
                pool.connection.reconnect(self.resource_uri, selector_set=self.selectors)
        except SessionGone:
            raise
        except Fault:  # WinRM has several numbers for "not this client, not this way"
            self.connect()

    def _reach_again(self) -> WSMan:
        """A new connection to where the pool was made. Another session host on this machine never has it."""
        fresh = self.endpoint.wire(self.pool_id)
        if self.endpoint.connection.is_local and fresh.transport.endpoint != self.live.connection.transport.endpoint:
            raise SessionGone("The session host of this machine was started anew, and its old sessions ended.", 0)
        return fresh

    def disconnect(self, idle_timeout: float | None = None, mode: str | None = None) -> None:
        request = ET.Element(RSP + "Disconnect")
        if idle_timeout is not None:
            ET.SubElement(request, RSP + "IdleTimeOut").text = f"PT{idle_timeout:g}S"
        mode = mode or buffering_mode(self.endpoint.connection.option.output_buffering_mode)
        if mode:
            ET.SubElement(request, RSP + "BufferMode").text = mode
        with self.any_wire() as wsman:
            wsman.disconnect(self.resource_uri, request, selector_set=self.selectors)

    def close(self) -> None:
        """A pool that is gone already is closed, too; one that was disconnected is connected first, as only its
        holder can close it.
        """
        try:
            try:
                self._delete()
            except Detached:
                self.connect()
                self._delete()
        except SessionGone:
            return
        finally:
            self._drop_wires()
            self._drop_twins()

    def _delete(self) -> None:
        with self.any_wire() as wsman:
            wsman.delete(self.resource_uri, selector_set=self.selectors)

    def list_commands(self) -> list[str]:
        with self.any_wire() as wsman:
            return enumeration.list_commands(wsman, self.pool_id)

    def pipeline(self, pipeline_id: str) -> PsrpPipeline:
        if self.endpoint.connection.runspaces == 1:
            return PsrpPipeline(self, pipeline_id)
        return PsrpPipeline(self._take_twin(), pipeline_id, self.give_back)


def _receive_for_pool(pool: RunspacePool) -> None:
    try:
        pool._receive()
    except WSManFaultError as error:
        if error.code != NOTHING_YET:
            raise


class PsrpPipeline:
    """One pipeline of a pool."""

    def __init__(
        self, pool: PsrpPool, pipeline_id: str, let_go: Callable[[PsrpPool], None] = lambda pool: None
    ) -> None:
        self.pool = pool
        self.pipeline_id = pipeline_id
        self._let_go = let_go
        self.went_at_once = True
        self._is_done = False

    def begin(self, invocation: Invocation) -> None:
        try:
            self._begin(invocation)
        except Detached:  # a pool that nobody asked for output drifts to Disconnected on Windows in 2-3 minutes
            self.pool.reconnect()
            self._begin(invocation)

    def _begin(self, invocation: Invocation) -> None:
        """The pipeline's first fragment goes with the Command itself, the rest and the input after it."""
        with self.pool.main() as pool:
            first, *rest = self._fragments(pool, CREATE_PIPELINE, creation(pool, invocation))
            self.went_at_once = not rest and not invocation.input and not invocation.is_fed
            pool.shell.command("", [base64.b64encode(first).decode()], command_id=self.pipeline_id)
            for value in invocation.input or ():
                rest += self._input(pool, value)
            if invocation.input:
                rest += self._fragments(pool, END_OF_PIPELINE_INPUT, "")
            for piece in rest:
                self._send(pool.connection, "stdin", piece)

    def feed(self, value: Any) -> None:
        with self.pool.main() as pool:
            for piece in self._input(pool, value):
                self._send(pool.connection, "stdin", piece)

    def end_input(self) -> None:
        with self.pool.main() as pool:
            for piece in self._fragments(pool, END_OF_PIPELINE_INPUT, ""):
                self._send(pool.connection, "stdin", piece)

    def _input(self, pool: RunspacePool, value: Any) -> list[bytes]:
        return self._fragments(pool, PIPELINE_INPUT, clixml.encode(value, depth=ARGUMENT_DEPTH) or NIL)

    def _fragments(self, pool: RunspacePool, kind: int, text: str) -> list[bytes]:
        blob = Message(kind, text.encode(), 0, self.pool.pool_id, self.pipeline_id).pack()
        fragmenter = pool._fragmenter
        fragmenter.outgoing_counter += 1
        return list(fragment(blob, fragmenter.outgoing_counter - 1, fragmenter.max_size))

    def connect(self) -> None:
        request = ET.Element(RSP + "Connect", CommandId=self.pipeline_id)
        with self.pool.main() as pool:
            pool.connection.connect(self.pool.resource_uri, request, selector_set=self.pool.selectors)

    def receive(self) -> bytes:
        with self.pool.main() as pool:
            try:
                state, _code, buffers = pool.shell.receive("stdout", command_id=self.pipeline_id)
            except WSManFaultError as error:
                if error.code != NOTHING_YET:
                    raise
                return b""
        data = bytes(buffers["stdout"])
        is_done = state.endswith("Done")
        if is_done and self._is_done and not data:
            raise SessionGone(f"The script on {self.pool.computer} ended without saying how.", 0)
        self._is_done = is_done
        return data

    def answer(self, call: HostCall, answer: HostAnswer) -> None:
        facts: dict[str, Any] = {"ci": Int64(call.call_id), "mi": MethodId(call.method)}
        if answer.refusal:
            facts["me"] = refusal(answer.refusal)
        elif answer.value is not None:
            facts["mr"] = answer.value
        text = self._encode(PSObject(facts, type_names=[]))
        pieces = self._fragments(self.pool.live, PIPELINE_HOST_RESPONSE, text)
        with self.pool.any_wire() as wsman:
            for piece in pieces:
                self._send(wsman, "pr", piece)

    def _encode(self, answer: PSObject) -> str:
        try:
            return clixml.encode(answer, depth=ANSWER_DEPTH)
        except clixml.NoSessionKey:
            return clixml.encode(answer, depth=ANSWER_DEPTH, cipher=self.pool.session_key())

    def _send(self, wsman: WSMan, stream: str, data: bytes) -> None:
        request = ET.Element(RSP + "Send")
        element = ET.SubElement(request, RSP + "Stream", Name=stream, CommandId=self.pipeline_id)
        element.text = base64.b64encode(data).decode()
        wsman.send(self.pool.resource_uri, request, selector_set=self.pool.selectors)

    def stop(self) -> None:
        self._signal(SignalCode.PS_CTRL_C)

    def close(self) -> None:
        self._signal(SignalCode.TERMINATE)
        self._let_go(self.pool)

    def _signal(self, code: str) -> None:
        request = ET.Element(RSP + "Signal", CommandId=self.pipeline_id)
        ET.SubElement(request, RSP + "Code").text = code
        with self.pool.any_wire() as wsman:
            wsman.signal(self.pool.resource_uri, request, selector_set=self.pool.selectors)
