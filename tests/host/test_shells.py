"""Who may do what, when; and exactly once, whatever happens in between. The clock is the test's."""

from __future__ import annotations

import base64
import re
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from jobmagics.host import faults
from jobmagics.host.delivery import Delivery, Outcome, Stream, Waiter
from jobmagics.host.faults import Refusal
from jobmagics.host.fragments import END, HEADER, MESSAGE, PIPELINE_STATE, RUNSPACEPOOL_STATE, START
from jobmagics.host.outofproc import POOL, Packet
from jobmagics.host.settings import Limits
from jobmagics.host.shells import CLIENT_SILENCE, SIGNALS, Caller, EndEngine, PaceEngine, Shell, Shells, ToEngine
from jobmagics.host.wsman import Creation

URI = "http://schemas.microsoft.com/powershell/Microsoft.PowerShell"
POOL_ID = "94D2FF45-91C4-4735-BE3F-73E353E22381"
COMMAND = "CE080D57-DF23-421F-9E5F-EEAFFE903FEE"
KEY = COMMAND.lower()


class Memory:
    """The buffer of these tests: a deque."""

    is_exhausted = False

    def __init__(self) -> None:
        self.items: deque[bytes] = deque()

    @property
    def size(self) -> int:
        return sum(map(len, self.items))

    def __bool__(self) -> bool:
        return bool(self.items)

    def append(self, item: bytes) -> None:
        self.items.append(item)

    def take(self, limit: int) -> list[bytes]:
        taken: list[bytes] = []
        while self.items and (not taken or sum(map(len, taken)) + len(self.items[0]) <= limit):
            taken.append(self.items.popleft())
        return taken

    def give_back(self, items: list[bytes]) -> None:
        self.items.extendleft(reversed(items))

    def close(self) -> None:
        self.items.clear()


def message(object_id: int, kind: int, body: bytes = b"") -> bytes:
    blob = MESSAGE.pack(1, kind, bytes(16), bytes(16)) + body
    return HEADER.pack(object_id, 0, START | END, len(blob)) + blob


def data(guid: str, payload: bytes) -> Packet:
    return Packet("Data", guid, payload)


OPENED = data(POOL, message(1, RUNSPACEPOOL_STATE, b'<I32 N="RunspaceState">2</I32>'))
COMPLETED = message(999, PIPELINE_STATE, b'<I32 N="PipelineState">4</I32>')


@dataclass
class Client:
    """One client: its calls carry its id, its connection and the test's clock."""

    shells: Shells
    name: str
    connection: object = field(default_factory=object)
    now: float = 0.0

    @property
    def caller(self) -> Caller:
        return Caller(self.name, self.connection, "127.0.0.1", self.now)

    def create(self, **options: object) -> Shell:
        fields = {"name": "", "working_directory": "", "environment": {}, "idle_timeout": None, "buffer_mode": ""}
        made = self.shells.create(self.caller, Creation(shell_id=POOL_ID, fragments=b"", **(fields | options)), URI)
        self.shells.packets(POOL_ID, [OPENED])
        return made

    def command(self, payload: bytes | None = None) -> None:
        self.shells.command(self.caller, POOL_ID, COMMAND, message(3, 0x21006) if payload is None else payload)

    def receive(
        self,
        command: str = COMMAND,
        message_id: str = "",
        limit: int = 10_000,
        answer: Callable[[Outcome], None] | None = None,
    ) -> list[Outcome]:
        """Outcomes arrive in the list (or at ``answer``): none yet, or one."""
        outcomes: list[Outcome] = []
        message_id = message_id or str(uuid.uuid4())
        waiter = Waiter(message_id, self.name, self.connection, limit, answer or outcomes.append)
        self.shells.receive(self.caller, POOL_ID, command, waiter)
        return outcomes

    def close_connection(self) -> None:
        self.shells.connection_closed(self.connection, self.now)


@pytest.fixture
def shells() -> Shells:
    return Shells(lambda _mode: Memory(), Limits())


@pytest.fixture
def anna(shells: Shells) -> Client:
    client = Client(shells, "anna")
    client.create()
    return client


@pytest.fixture
def ben(shells: Shells) -> Client:
    return Client(shells, "ben")


def code(caught: pytest.ExceptionInfo[Refusal]) -> int:
    return caught.value.code


def written(shells: Shells) -> list[str]:
    return [
        re.sub(r">([^<]+)<", lambda m: f">{len(base64.b64decode(m[1]))}<", action.data.decode()).strip()
        for action in shells.take_actions()
        if isinstance(action, ToEngine)
    ]


def test_a_pipelines_fragments_wait_for_command_ack(shells: Shells, anna: Client) -> None:
    anna.command()
    shells.send(anna.caller, POOL_ID, COMMAND, "stdin", message(4, 0x41002))
    assert written(shells) == [f"<Command PSGuid='{KEY}' />"]
    shells.packets(POOL_ID, [Packet("CommandAck", KEY)])
    assert written(shells) == [f"<Data Stream='Default' PSGuid='{KEY}'>61</Data>"] * 2


def test_prompt_responses_go_to_their_own_stream(shells: Shells, anna: Client) -> None:
    shells.send(anna.caller, POOL_ID, "", "pr", message(4, 0x21101))
    assert written(shells) == [f"<Data Stream='PromptResponse' PSGuid='{POOL}'>61</Data>"]


def test_a_receive_acknowledges_the_one_before_and_a_repeated_one_gets_the_same(shells: Shells, anna: Client) -> None:
    anna.command()
    first, second = message(10, 0x41004, b"a"), message(11, 0x41004, b"b")
    shells.packets(POOL_ID, [data(KEY, first)])
    assert anna.receive(message_id="m1") == [Delivery(first)]
    shells.packets(POOL_ID, [data(KEY, second)])
    assert anna.receive(message_id="m1") == [Delivery(first)]
    assert anna.receive(message_id="m2") == [Delivery(second)]
    assert anna.receive(message_id="m3") == []


def test_done_comes_with_the_last_data_and_again_when_asked_again(shells: Shells, anna: Client) -> None:
    anna.command()
    shells.packets(POOL_ID, [data(KEY, message(10, 0x41004)), data(KEY, COMPLETED)])
    (delivery,) = anna.receive()
    assert isinstance(delivery, Delivery)
    assert delivery.is_done
    assert delivery.data.endswith(COMPLETED)
    assert anna.receive() == [Delivery(b"", is_done=True)]


def test_the_last_reply_is_kept_until_the_command_is_terminated(shells: Shells, anna: Client, ben: Client) -> None:
    anna.command()
    shells.packets(POOL_ID, [data(KEY, COMPLETED)])
    for expected in (Delivery(COMPLETED, is_done=True), Delivery(b"", is_done=True), Delivery(b"", is_done=True)):
        assert anna.receive() == [expected]
    anna.close_connection()
    shells.connect(ben.caller, POOL_ID)
    assert ben.receive() == [Delivery(COMPLETED, is_done=True)]


def test_a_pending_receive_is_answered_when_the_engine_speaks_or_its_time_is_up(shells: Shells, anna: Client) -> None:
    anna.command()
    pending = anna.receive()
    assert pending == []
    shells.packets(POOL_ID, [data(KEY, COMPLETED)])
    assert pending == [Delivery(COMPLETED, is_done=True)]
    outcomes: list[Outcome] = []
    waiter = Waiter("x", "anna", anna.connection, 100, outcomes.append)
    stream = shells.receive(anna.caller, POOL_ID, "", waiter)
    outcomes.clear()  # the greeting
    waiter = Waiter("y", "anna", anna.connection, 100, outcomes.append)
    shells.receive(anna.caller, POOL_ID, "", waiter)
    shells.expire(stream, waiter)
    (fault,) = outcomes
    assert isinstance(fault, Refusal)
    assert fault.code == faults.TIMED_OUT


def test_a_reply_that_could_not_be_written_was_not_delivered(shells: Shells, anna: Client) -> None:
    anna.command()
    first = message(10, 0x41004, b"a")
    shells.packets(POOL_ID, [data(KEY, first)])
    anna.receive(message_id="m1")
    shells.get(POOL_ID).commands[KEY].stream.was_lost("m1")
    assert anna.receive(message_id="m2") == [Delivery(first)]


def test_a_living_client_keeps_others_out_until_it_is_silent_for_long(anna: Client, ben: Client) -> None:
    with pytest.raises(Refusal) as caught:
        ben.shells.connect(ben.caller, POOL_ID)
    assert code(caught) == faults.HELD_BY_ANOTHER
    ben.now = CLIENT_SILENCE - 1
    assert anna.shells.get(POOL_ID).state(ben.now) == "Connected"
    ben.now = CLIENT_SILENCE
    assert anna.shells.get(POOL_ID).state(ben.now) == "Disconnected"
    ben.shells.connect(ben.caller, POOL_ID)


def test_a_pending_receive_keeps_others_out_for_as_long_as_its_connection_is_there(anna: Client, ben: Client) -> None:
    anna.receive("")
    pending = anna.receive("")
    ben.now = CLIENT_SILENCE * 10
    with pytest.raises(Refusal) as caught:
        ben.shells.connect(ben.caller, POOL_ID)
    assert code(caught) == faults.HELD_BY_ANOTHER
    anna.close_connection()
    ben.shells.connect(ben.caller, POOL_ID)
    assert pending == []


def test_who_lost_its_connection_may_go_on_unless_another_took_its_place(anna: Client, ben: Client) -> None:
    anna.command()
    anna.close_connection()
    anna.connection = object()
    anna.receive()
    anna.close_connection()
    ben.shells.connect(ben.caller, POOL_ID)
    for operation in (anna.receive, lambda: anna.shells.delete(anna.caller, POOL_ID)):
        with pytest.raises(Refusal) as caught:
            operation()
        assert code(caught) == faults.SHELL_DISCONNECTED
    with pytest.raises(Refusal) as caught:
        anna.shells.reconnect(anna.caller, POOL_ID)
    assert code(caught) == faults.WRONG_CLIENT
    ben.close_connection()
    anna.shells.connect(anna.caller, POOL_ID)
    assert anna.receive() == []


def test_a_second_connection_of_the_client_may_signal_and_stays_welcome(shells: Shells, anna: Client) -> None:
    anna.command()
    shells.packets(POOL_ID, [Packet("CommandAck", KEY)])
    shells.take_actions()
    second = Client(shells, "anna-signals")
    shells.signal(second.caller, POOL_ID, COMMAND, "powershell/signal/ctrl_c")
    assert written(shells) == [f"<Signal PSGuid='{KEY}' />"]
    anna.close_connection()
    assert shells.get(POOL_ID).state(1) == "Connected", "the second connection is still there"
    shells.connect(anna.caller, POOL_ID)
    shells.signal(second.caller, POOL_ID, COMMAND, SIGNALS + "Terminate")
    assert written(shells) == [f"<Close PSGuid='{KEY}' />"]


def test_a_pipeline_that_was_never_sent_in_full_is_dropped_for_the_next_client(anna: Client, ben: Client) -> None:
    blob = MESSAGE.pack(2, 0x21006, bytes(16), bytes(16)) + b"x" * 100
    anna.command(HEADER.pack(3, 0, START, 50) + blob[:50])
    anna.close_connection()
    ben.shells.connect(ben.caller, POOL_ID)
    assert ben.shells.get(POOL_ID).commands == {}
    ben.command()


def test_a_pool_that_has_not_opened_cannot_be_connected_yet(shells: Shells, ben: Client) -> None:
    creation = Creation(POOL_ID, "", "", {}, None, "", b"")
    shells.create(Caller("anna", object(), "", 0.0), creation, URI)
    ben.now = CLIENT_SILENCE
    with pytest.raises(Refusal) as caught:
        shells.connect(ben.caller, POOL_ID)
    assert code(caught) == faults.CONNECT_NOT_VALID


def test_the_idle_time_out_counts_from_when_nobody_held_it(shells: Shells, anna: Client) -> None:
    shells.tick(Limits().idle_timeout * 3)
    assert shells.all(), "a client that is there keeps its idle session"
    shells.disconnect(anna.caller, POOL_ID, 100.0, "")
    shells.tick(99.0)
    assert shells.all()
    shells.take_actions()
    shells.tick(100.0)
    assert shells.all() == []
    assert shells.take_actions() == [EndEngine(POOL_ID.lower())]


def paces(shells: Shells) -> list[bool]:
    return [action.may_speak for action in shells.take_actions() if isinstance(action, PaceEngine)]


def test_in_mode_block_the_engine_waits_until_somebody_takes_what_is_there(shells: Shells, anna: Client) -> None:
    anna.command()
    shells.disconnect(anna.caller, POOL_ID, None, "block")
    assert paces(shells) == []
    shells.packets(POOL_ID, [data(KEY, message(5, 0x41004, bytes(Limits().memory_bytes)))])
    assert paces(shells) == [False]
    shells.reconnect(anna.caller, POOL_ID)
    (delivery,) = anna.receive(limit=10**9)
    assert isinstance(delivery, Delivery)
    assert paces(shells) == [True]


def test_in_mode_block_a_full_pipeline_does_not_hold_up_who_waits_for_something_else(anna: Client) -> None:
    shells = anna.shells
    anna.command()
    shells.disconnect(anna.caller, POOL_ID, None, "Block")
    shells.reconnect(anna.caller, POOL_ID)
    assert anna.receive(command=""), "the pool's own messages"
    waiting = anna.receive(command="")
    shells.packets(POOL_ID, [data(KEY, message(5, 0x41004, bytes(Limits().memory_bytes)))])
    assert not waiting
    assert paces(shells) == []
    shells.expire(shells.get(POOL_ID).pool, shells.get(POOL_ID).pool.waiter)
    shells.disconnect(anna.caller, POOL_ID, None, "")
    assert paces(shells) == [False]


@pytest.mark.parametrize("mode", ["Spool", "Drop"])
def test_in_the_other_modes_the_engine_goes_on(shells: Shells, anna: Client, mode: str) -> None:
    anna.command()
    shells.disconnect(anna.caller, POOL_ID, None, mode)
    shells.packets(POOL_ID, [data(KEY, message(5, 0x41004, bytes(Limits().memory_bytes)))])
    assert paces(shells) == []
    assert shells.get(POOL_ID).buffer_mode == mode


def test_a_new_mode_keeps_what_waits(shells: Shells, anna: Client) -> None:
    anna.command()
    waiting = message(5, 0x41004, b"a") + message(6, 0x41004, b"b")
    shells.packets(POOL_ID, [data(KEY, waiting)])
    shells.disconnect(anna.caller, POOL_ID, None, "Drop")
    shells.reconnect(anna.caller, POOL_ID, "Block")
    (delivery,) = anna.receive()
    assert isinstance(delivery, Delivery)
    assert delivery.data == waiting


def test_a_session_more_than_the_limit_is_refused() -> None:
    shells = Shells(lambda _mode: Memory(), Limits(max_shells=1))
    Client(shells, "anna").create()
    with pytest.raises(Refusal, match="already has 1 sessions") as caught:
        Client(shells, "ben").create()
    assert code(caught) == faults.TOO_MANY_SHELLS


def test_a_broken_session_tells_the_rest_and_why_and_then_goes_with_its_client(shells: Shells, anna: Client) -> None:
    anna.command()
    last = message(10, 0x41004, b"a")
    shells.packets(POOL_ID, [data(KEY, last)])
    shells.engine_ended(POOL_ID, "It ended.")
    assert anna.receive() == [Delivery(last)]
    (fault,) = anna.receive()
    assert isinstance(fault, Refusal)
    assert (fault.code, fault.reason) == (faults.ENGINE_ENDED, "It ended.")
    anna.close_connection()
    shells.tick(1.0)
    assert shells.all(), "the pool's own stream has not told yet"
    anna.receive("")
    anna.receive("")
    anna.close_connection()
    shells.tick(2.0)
    assert shells.all() == []


def test_what_does_not_exist_or_exists_twice_is_refused(shells: Shells, anna: Client) -> None:
    anna.command()
    for operation, expected in [
        (lambda: shells.get(str(uuid.uuid4())), faults.NOT_FOUND),
        (lambda: shells.get("nonsense"), faults.BAD_REQUEST),
        (anna.create, faults.SHELL_EXISTS),
        (anna.command, faults.COMMAND_EXISTS),
        (lambda: anna.receive(str(uuid.uuid4())), faults.NOT_FOUND),
        (lambda: anna.command(b"garbage"), faults.COMMAND_EXISTS),
        (lambda: shells.send(anna.caller, POOL_ID, COMMAND, "stdin", b"garbage"), faults.BAD_REQUEST),
        (lambda: shells.signal(anna.caller, POOL_ID, COMMAND, "dance"), faults.BAD_REQUEST),
        (lambda: shells.disconnect(anna.caller, POOL_ID, 1.0, ""), faults.IDLE_TIMEOUT_OUT_OF_BOUNDS),
        (lambda: shells.disconnect(anna.caller, POOL_ID, None, "Sometimes"), faults.BAD_REQUEST),
    ]:
        with pytest.raises(Refusal) as caught:
            operation()
        assert code(caught) == expected


class ExactlyOnce(RuleBasedStateMachine):
    """Clients come, die and lose replies at random; together they read what the engine wrote, once and in order.

    A client here does what a sound one does: it drops what it (or the record it keeps) already has, by object id.
    """

    @initialize()
    def start(self) -> None:
        self.shells = Shells(lambda _mode: Memory(), Limits())
        self.client = Client(self.shells, "client-0")
        self.client.create()
        self.client.command()
        self.written: list[int] = []
        self.record: list[int] = []
        self.clients = 1

    def stream(self) -> Stream:
        return self.shells.get(POOL_ID).commands[KEY].stream

    def keep(self, outcome: Outcome) -> None:
        if isinstance(outcome, Refusal):
            assert outcome.code == faults.TIMED_OUT
            return
        at = 0
        while at < len(outcome.data):
            object_id, _, _, length = HEADER.unpack_from(outcome.data, at)
            at += HEADER.size + length
            if not self.record or object_id > self.record[-1]:
                self.record.append(object_id)

    @rule(count=st.integers(1, 4), size=st.integers(0, 50))
    def engine_writes(self, count: int, size: int) -> None:
        for _ in range(count):
            self.written.append(len(self.written) + 1)
            self.shells.packets(POOL_ID, [data(KEY, message(self.written[-1], 0x41004, b"x" * size))])

    @rule(limit=st.integers(1, 300))
    def client_receives(self, limit: int) -> None:
        self.client.receive(limit=limit, answer=self.keep)

    @rule(limit=st.integers(1, 300))
    def client_times_out_and_asks_the_same_again(self, limit: int) -> None:
        message_id = str(uuid.uuid4())
        self.client.receive(message_id=message_id, limit=limit)
        self.client.receive(message_id=message_id, limit=limit, answer=self.keep)

    @rule(limit=st.integers(1, 300))
    def host_cannot_write_its_reply(self, limit: int) -> None:
        message_id = str(uuid.uuid4())
        self.client.receive(message_id=message_id, limit=limit, answer=lambda _: self.stream().was_lost(message_id))

    @rule(limit=st.integers(1, 300))
    def client_dies_with_a_reply_on_the_way(self, limit: int) -> None:
        self.client.receive(limit=limit)
        self.client.close_connection()
        self.client = Client(self.shells, f"client-{self.clients}")
        self.clients += 1
        self.shells.connect(self.client.caller, POOL_ID)

    @rule()
    def connection_breaks_and_the_client_does_not_know_what_arrived(self) -> None:
        self.client.receive()
        self.client.close_connection()
        self.client.connection = object()
        self.shells.reconnect(self.client.caller, POOL_ID)

    def teardown(self) -> None:
        if not hasattr(self, "client"):
            return
        for _ in range(len(self.written) + 2):
            self.client.receive(answer=self.keep)
        assert self.record == self.written


TestExactlyOnce = ExactlyOnce.TestCase
TestExactlyOnce.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
