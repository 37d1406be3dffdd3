"""Shells and commands: who may do what, when. Events in, actions out.

Pure: no I/O, and time comes in with each call. The server is one thread, so a call is the decision made
"under the lock"; what it wants done outside is left in ``take_actions`` and done after it.

A shell belongs to the client (WSMan SessionId) that created it or connected to it last. While that client is
alive nobody else may Connect; it is gone when all of its connections are closed, which the kernel of the
operating system sees to even after SIGKILL, or when it has been silent for CLIENT_SILENCE without a pending
Receive. A client that is gone may come back as long as no other has taken its place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from jobmagics.host import fragments, outofproc
from jobmagics.host.delivery import Buffer, Stream, Waiter
from jobmagics.host.faults import (
    ABORTED,
    BAD_REQUEST,
    COMMAND_EXISTS,
    CONNECT_NOT_VALID,
    ENGINE_ENDED,
    HELD_BY_ANOTHER,
    IDLE_TIMEOUT_OUT_OF_BOUNDS,
    INVALID_NAME,
    NOT_FOUND,
    SHELL_DISCONNECTED,
    SHELL_EXISTS,
    TIMED_OUT,
    TOO_MANY_SHELLS,
    WRONG_CLIENT,
    Refusal,
)
from jobmagics.host.outofproc import Packet
from jobmagics.host.settings import BUFFER_MODES, Limits
from jobmagics.host.wsman import Creation

CLIENT_SILENCE = 60.0
"""Seconds after which a connected client without a pending Receive no longer keeps others out."""
MIN_IDLE_TIMEOUT = 60.0
MAX_NAME = 255
INPUT_BYTES = 200 * 1024 * 1024
"""The largest object a client may send (PowerShell's MaximumReceivedObjectSize)."""
FINISHED_COMMANDS_KEPT = 1000
"""Finished commands that their client never terminated, for each shell."""

PS_INTERRUPTS = {"powershell/signal/ctrl_c", "powershell/signal/crtl_c"}
"""PowerShell sends the second, misspelt, since version 2."""
SIGNALS = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/signal/"
POOL_INIT_DATA_ID = 2
"""Object id of the host's own RUNSPACEPOOL_INIT_DATA: low, so that a client that keeps the highest id loses nothing."""


@dataclass(frozen=True)
class Caller:
    """Who speaks: WSMan SessionId, the connection it came over, its address, and when."""

    client: str
    connection: object
    address: str
    now: float


@dataclass(frozen=True)
class ToEngine:
    shell_id: str
    data: bytes


@dataclass(frozen=True)
class EndEngine:
    shell_id: str


@dataclass(frozen=True)
class PaceEngine:
    """Whether what the engine says is to be read, or has to wait in its pipe: then the engine waits, too."""

    shell_id: str
    may_speak: bool


Action = ToEngine | EndEngine | PaceEngine


@dataclass(eq=False)
class Command:
    id: str
    """As the client wrote it; the table's key is ``key_of(id)``."""
    stream: Stream
    input: fragments.ObjectAssembler
    has_begun: bool = False
    """Its pipeline has been handed to the engine whole."""
    is_acknowledged: bool = False
    queued: list[bytes] = field(default_factory=list)
    """Elements that wait for CommandAck: an engine takes a pipeline's fragments only after it."""


@dataclass(eq=False)
class Shell:
    id: str
    name: str
    resource_uri: str
    idle_timeout: float
    buffer_mode: str
    address: str
    created: float
    last_heard: float
    pool: Stream
    input: fragments.ObjectAssembler
    commands: dict[str, Command] = field(default_factory=dict)
    greeting: fragments.Greeting = field(default_factory=fragments.Greeting)
    runspaces: tuple[int, int] = (1, 1)
    clients: set[str] = field(default_factory=set)
    superseded: set[str] = field(default_factory=set)
    """Clients whose place another one has taken: they may not touch this shell again unless they Connect."""
    connections: set[object] = field(default_factory=set)
    is_disconnected: bool = False
    is_halted: bool = False
    """Its engine is not read until somebody takes what waits."""
    unheld_since: float | None = None
    failure: Refusal | None = None

    @property
    def key(self) -> str:
        return key_of(self.id)

    def streams(self) -> list[Stream]:
        return [self.pool, *(command.stream for command in self.commands.values())]

    def is_held(self, now: float) -> bool:
        """Whether a living client has it."""
        if self.is_disconnected or not self.connections:
            return False
        return now - self.last_heard < CLIENT_SILENCE or any(stream.waiter for stream in self.streams())

    def state(self, now: float) -> str:
        return "Connected" if self.is_held(now) else "Disconnected"


def key_of(text: str) -> str:
    """A guid in the form the tables and the engines use. Raises Refusal."""
    try:
        return str(UUID(text))
    except ValueError:
        raise Refusal(BAD_REQUEST, "The id of the shell or command is not a GUID.") from None


class Shells:
    """``new_buffer`` makes the queue behind each stream, for a buffer mode."""

    def __init__(self, new_buffer: Callable[[str], Buffer], limits: Limits) -> None:
        self._new_buffer = new_buffer
        self._limits = limits
        self._shells: dict[str, Shell] = {}
        self.is_retired = False
        """A newer host is there: no new shells."""
        self._touched: set[Shell] = set()
        self._actions: list[Action] = []

    def take_actions(self) -> list[Action]:
        """What is to be done outside, in order, since the last call."""
        for shell in self._touched:
            self._pace(shell)
        self._touched.clear()
        actions, self._actions = self._actions, []
        return actions

    # Looking, which claims nothing

    def all(self) -> list[Shell]:
        return list(self._shells.values())

    def get(self, shell_id: str) -> Shell:
        """Raises Refusal(NOT_FOUND)."""
        shell = self._shells.get(key_of(shell_id)) if shell_id else None
        if shell is None:
            raise Refusal(
                NOT_FOUND,
                "There is no shell of that id on this host: it was closed, its idle time-out passed, or the host "
                "was restarted. List the sessions to see those that are there.",
            )
        return shell

    # The operations of WSMan

    def create(self, caller: Caller, creation: Creation, resource_uri: str) -> Shell:
        if self.is_retired:
            raise Refusal(
                CONNECT_NOT_VALID,
                "A session host of a newer version has taken over from this one: new sessions are opened there. If "
                "this goes on, restart the kernel with the newer jobmagics.",
            )
        if len(self._shells) >= self._limits.max_shells:
            raise Refusal(
                TOO_MANY_SHELLS,
                f"This host already has {self._limits.max_shells} sessions: remove one, or raise Limits.max_shells.",
            )
        if key_of(creation.shell_id) in self._shells:
            raise Refusal(SHELL_EXISTS, "There is already a shell of that id on this host.")
        if len(creation.name) > MAX_NAME or not (creation.name.isprintable()):
            raise Refusal(INVALID_NAME, f"The session's name must be printable and at most {MAX_NAME} characters.")
        mode = self._mode(creation.buffer_mode) or self._limits.output_buffering_mode
        shell = Shell(
            id=creation.shell_id.upper(),
            name=creation.name,
            resource_uri=resource_uri,
            idle_timeout=self._idle_timeout(creation.idle_timeout, self._limits.idle_timeout),
            buffer_mode=mode,
            address=caller.address,
            created=caller.now,
            last_heard=caller.now,
            pool=Stream(self._new_buffer(mode)),
            input=fragments.ObjectAssembler(INPUT_BYTES),
            clients={caller.client},
            connections={caller.connection},
        )
        self._to_pool(shell, creation.fragments, "Default")
        self._shells[shell.key] = shell
        return shell

    def command(self, caller: Caller, shell_id: str, command_id: str, data: bytes) -> Command:
        shell = self._speak(caller, shell_id)
        self._check_alive(shell)
        key = key_of(command_id)
        if key in shell.commands:
            raise Refusal(COMMAND_EXISTS, "There is already a command of that id in this shell.")
        self._drop_oldest_finished(shell)
        stream = Stream(self._new_buffer(shell.buffer_mode))
        command = Command(command_id.upper(), stream, fragments.ObjectAssembler(INPUT_BYTES))
        shell.commands[key] = command
        self._write(shell, outofproc.bare_packet("Command", key))
        self._to_command(shell, command, data, "Default")
        return command

    def send(self, caller: Caller, shell_id: str, command_id: str, stream: str, data: bytes) -> None:
        shell = self._speak(caller, shell_id)
        self._check_alive(shell)
        stream = "PromptResponse" if stream == "pr" else "Default"
        if command_id:
            command = self._command(shell, command_id)
            if not command.stream.has_ended:  # its input came too late: nobody is there to read it
                self._to_command(shell, command, data, stream)
        else:
            self._to_pool(shell, data, stream)

    def receive(self, caller: Caller, shell_id: str, command_id: str, waiter: Waiter) -> Stream:
        shell = self._speak(caller, shell_id)
        stream = self._command(shell, command_id).stream if command_id else shell.pool
        stream.receive(waiter)
        return stream

    def signal(self, caller: Caller, shell_id: str, command_id: str, code: str) -> None:
        shell = self._speak(caller, shell_id)
        command = self._command(shell, command_id)
        if code in PS_INTERRUPTS or code.lower() in (SIGNALS + "ctrl_c", SIGNALS + "ctrl_break"):
            if not command.stream.has_ended and shell.failure is None:
                self._to_engine(shell, command, outofproc.bare_packet("Signal", key_of(command_id)))
        elif code.lower() == SIGNALS + "terminate":
            self._remove_command(shell, command)
        else:
            raise Refusal(BAD_REQUEST, "The signal is none of ctrl_c, ctrl_break and terminate.")

    def disconnect(self, caller: Caller, shell_id: str, idle_timeout: float | None, buffer_mode: str) -> None:
        shell = self._speak(caller, shell_id)
        shell.idle_timeout = self._idle_timeout(idle_timeout, shell.idle_timeout)
        self._use_mode(shell, buffer_mode)
        shell.is_disconnected = True
        shell.unheld_since = caller.now
        self._refuse_waiters(shell, Refusal(SHELL_DISCONNECTED, "The shell was disconnected."))

    def reconnect(self, caller: Caller, shell_id: str, buffer_mode: str = "") -> None:
        """By the client that had it: goes on where that client's acknowledged messages end."""
        shell = self.get(shell_id)
        if caller.client not in shell.clients:
            raise Refusal(
                WRONG_CLIENT, "Only the client that disconnected this shell can reconnect it: use Connect instead."
            )
        self._use_mode(shell, buffer_mode)
        self._hold(shell, caller)
        for stream in shell.streams():
            stream.rewind()

    def connect(self, caller: Caller, shell_id: str, buffer_mode: str = "") -> bytes:
        """By any client, if none holds it. The fragments that answer ``connectXml``."""
        shell = self.get(shell_id)
        if caller.client not in shell.clients and shell.is_held(caller.now):
            raise Refusal(
                HELD_BY_ANOTHER,
                "Another client holds this shell: disconnect it there, or wait until that client has ended.",
            )
        if not shell.greeting.is_complete:
            raise shell.failure or Refusal(CONNECT_NOT_VALID, "The shell has not opened yet: try again in a moment.")
        self._use_mode(shell, buffer_mode)
        self._refuse_waiters(shell, Refusal(SHELL_DISCONNECTED, "Another client has connected to this shell."))
        if caller.client not in shell.clients:
            shell.superseded |= shell.clients
            shell.clients = set()
            shell.connections = set()
        self._hold(shell, caller)
        self._greet_again(shell)
        for command in list(shell.commands.values()):
            command.stream.rewind()
            if not command.has_begun:  # its client died before the pipeline was sent in full
                self._remove_command(shell, command)
        capability = shell.greeting.object_of(fragments.SESSION_CAPABILITY)
        return capability + fragments.init_data(shell.key, shell.runspaces, POOL_INIT_DATA_ID)

    def connect_command(self, caller: Caller, shell_id: str, command_id: str) -> None:
        shell = self._speak(caller, shell_id)
        self._command(shell, command_id)

    def delete(self, caller: Caller, shell_id: str) -> None:
        shell = self.get(shell_id)
        self._check_not_superseded(shell, caller)
        self._remove(shell, Refusal(ABORTED, "The shell was closed."))

    # What the engine says

    def packets(self, shell_id: str, packets: list[Packet]) -> None:
        shell = self._shells.get(key_of(shell_id))
        if shell is None:
            return
        self._touched.add(shell)
        changed = set()
        for packet in packets:
            if packet.kind == "Data":
                stream = self._data(shell, packet)
                if stream is not None:
                    changed.add(stream)
            elif packet.kind == "CommandAck":
                self._command_acknowledged(shell, packet.guid)
        for stream in changed:
            stream.serve()

    def engine_ended(self, shell_id: str, reason: str) -> None:
        """The engine is gone. What it said before is still delivered; then every Receive tells why."""
        shell = self._shells.get(key_of(shell_id))
        if shell is None or shell.failure is not None:
            return
        shell.failure = Refusal(ENGINE_ENDED, reason)
        for stream in shell.streams():
            if not stream.has_ended:
                stream.failure = shell.failure
                stream.serve()

    # Time and connections

    def connection_closed(self, connection: object, now: float) -> None:
        for shell in self._shells.values():
            if connection not in shell.connections:
                continue
            shell.connections.discard(connection)
            self._touched.add(shell)
            for stream in shell.streams():
                if stream.waiter is not None and stream.waiter.connection is connection:
                    stream.drop_waiter(stream.waiter)
            if not shell.connections and not shell.is_disconnected:
                shell.unheld_since = now

    def expire(self, stream: Stream, waiter: Waiter) -> None:
        """The operation time-out of a pending Receive has passed."""
        if stream.waiter is waiter:
            stream.refuse(Refusal(TIMED_OUT, "Nothing was received within the operation time-out: ask again."))

    def tick(self, now: float) -> None:
        """End what nobody has held for its idle time-out, and broken shells that have nothing more to tell."""
        for shell in self.all():
            if shell.is_halted:  # another shell may have made room on the disk
                self._touched.add(shell)
            if shell.unheld_since is None:
                continue
            is_told = shell.failure is not None and all(
                stream.failure_given or (stream.has_ended and stream.is_delivered) for stream in shell.streams()
            )
            if is_told or now - shell.unheld_since >= shell.idle_timeout:
                self._remove(shell, Refusal(ABORTED, "The shell's idle time-out has passed."))

    # Inside

    def _speak(self, caller: Caller, shell_id: str) -> Shell:
        """The shell, for an operation that only its holder may do."""
        shell = self.get(shell_id)
        self._check_not_superseded(shell, caller)
        if shell.is_disconnected:
            raise Refusal(SHELL_DISCONNECTED, "The shell is disconnected: reconnect or connect it first.")
        self._hold(shell, caller)
        return shell

    def _hold(self, shell: Shell, caller: Caller) -> None:
        self._touched.add(shell)
        shell.clients.add(caller.client)
        shell.superseded.discard(caller.client)
        shell.connections.add(caller.connection)
        shell.last_heard = caller.now
        shell.is_disconnected = False
        shell.unheld_since = None

    def _check_not_superseded(self, shell: Shell, caller: Caller) -> None:
        if caller.client in shell.superseded:
            raise Refusal(SHELL_DISCONNECTED, "Another client has connected to this shell since.")

    def _check_alive(self, shell: Shell) -> None:
        if shell.failure is not None:
            raise shell.failure

    def _command(self, shell: Shell, command_id: str) -> Command:
        command = shell.commands.get(key_of(command_id))
        if command is None:
            raise Refusal(NOT_FOUND, "There is no command of that id in this shell: it has ended and was terminated.")
        return command

    def _to_pool(self, shell: Shell, data: bytes, stream: str) -> None:
        for whole in _assembled(shell.input, data):
            if fragments.kind_of(whole, next(fragments.walk(whole))) == fragments.INIT_RUNSPACEPOOL:
                shell.runspaces = fragments.runspace_counts(whole)
            self._write(shell, outofproc.data_packet(outofproc.POOL, whole, stream))

    def _to_command(self, shell: Shell, command: Command, data: bytes, stream: str) -> None:
        for whole in _assembled(command.input, data):
            command.has_begun = True
            self._to_engine(shell, command, outofproc.data_packet(key_of(command.id), whole, stream))

    def _to_engine(self, shell: Shell, command: Command, element: bytes) -> None:
        if command.is_acknowledged:
            self._write(shell, element)
        else:
            command.queued.append(element)

    def _write(self, shell: Shell, data: bytes) -> None:
        self._actions.append(ToEngine(shell.key, data))

    def _command_acknowledged(self, shell: Shell, key: str) -> None:
        command = shell.commands.get(key)
        if command is not None:
            command.is_acknowledged = True
            for element in command.queued:
                self._write(shell, element)
            command.queued.clear()

    def _data(self, shell: Shell, packet: Packet) -> Stream | None:
        """Put an engine's fragments where they will be received; None when their command is gone."""
        is_pool = packet.guid == outofproc.POOL
        command = None if is_pool else shell.commands.get(packet.guid)
        stream = shell.pool if is_pool else command.stream if command is not None else None
        if stream is None:
            return None
        found = list(fragments.walk(packet.data))
        for fragment in found:
            if is_pool:
                shell.greeting.note(packet.data, fragment)
            elif fragments.ends_pipeline(packet.data, fragment):
                stream.has_ended = True
        for chunk in fragments.cut(packet.data, found):
            stream.append(chunk)
        return stream

    def _greet_again(self, shell: Shell) -> None:
        kept = fragments.for_another_client(shell.pool.take_all(), shell.greeting)
        for kind in (fragments.APPLICATION_PRIVATE_DATA, fragments.RUNSPACEPOOL_STATE):
            shell.pool.append(shell.greeting.object_of(kind))
        for chunk in kept:
            shell.pool.append(chunk)
        shell.input.reset()
        for command in shell.commands.values():
            command.input.reset()

    # Bounds

    def _idle_timeout(self, asked: float | None, default: float) -> float:
        if asked is None or asked < 0:
            return default
        longest = self._limits.max_idle_timeout
        if not MIN_IDLE_TIMEOUT <= asked <= longest:
            raise Refusal(
                IDLE_TIMEOUT_OUT_OF_BOUNDS,
                f"The idle time-out must be between {MIN_IDLE_TIMEOUT:.0f} and {longest:.0f} seconds.",
            )
        return asked

    def _mode(self, asked: str) -> str:
        """The buffer mode that is meant; "" where none is asked for."""
        known = {mode.lower(): mode for mode in BUFFER_MODES} | {"none": "", "": ""}
        if asked.lower() not in known:
            raise Refusal(
                BAD_REQUEST, f"There is no output buffering mode {asked[:40]!r}; valid: {', '.join(BUFFER_MODES)}."
            )
        return known[asked.lower()]

    def _use_mode(self, shell: Shell, asked: str) -> None:
        mode = self._mode(asked) or shell.buffer_mode
        if mode != shell.buffer_mode:
            shell.buffer_mode = mode
            for stream in shell.streams():
                stream.use(self._new_buffer(mode))

    def _pace(self, shell: Shell) -> None:
        """An engine waits while what it said fills the disk's share or, in mode Block, memory's. In mode Block somebody
        who waits for something else is not held up: it lies behind in the same pipe.
        """
        halted = any(stream.is_exhausted for stream in shell.streams())
        if shell.buffer_mode == "Block" and not any(stream.waiter for stream in shell.streams()):
            halted = halted or any(stream.size >= self._limits.memory_bytes for stream in shell.streams())
        if halted != shell.is_halted:
            shell.is_halted = halted
            self._actions.append(PaceEngine(shell.key, may_speak=not halted))

    def _refuse_waiters(self, shell: Shell, refusal: Refusal) -> None:
        for stream in shell.streams():
            stream.refuse(refusal)

    def _remove_command(self, shell: Shell, command: Command) -> None:
        key = key_of(command.id)
        if shell.failure is None:
            self._write(shell, outofproc.bare_packet("Close", key))
        command.stream.refuse(Refusal(ABORTED, "The command was terminated."))
        command.stream.close()
        del shell.commands[key]

    def _drop_oldest_finished(self, shell: Shell) -> None:
        finished = [command for command in shell.commands.values() if command.stream.is_done]
        for command in finished[: max(0, len(finished) - FINISHED_COMMANDS_KEPT)]:
            self._remove_command(shell, command)

    def _remove(self, shell: Shell, refusal: Refusal) -> None:
        self._refuse_waiters(shell, refusal)
        for stream in shell.streams():
            stream.close()
        del self._shells[shell.key]
        self._actions.append(EndEngine(shell.key))


def _assembled(assembler: fragments.ObjectAssembler, data: bytes) -> list[bytes]:
    try:
        return assembler.feed(data)
    except fragments.FragmentError as error:
        raise Refusal(BAD_REQUEST, f"The PSRP fragments sent are not in order: {error}.") from error
