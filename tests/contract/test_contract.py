"""What every computer does for us, whoever answers: the seam's promises, held against each kind of other side.

The scripts are those of recorded conversations with real pwsh 7.6.5, and what they must give is what they gave there.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conftest import Subject
from conversations import Step, steps

from jobmagics import clixml
from jobmagics.errors import SessionBusy, SessionGone
from jobmagics.jobs import Ended, JobState
from jobmagics.remote import Detached, Endpoint, HostAnswer, Invocation, RemotePipeline, RemotePool, new_id
from jobmagics.remote.fragments import Defragmenter, Kind
from jobmagics.remote.messages import host_call, pipeline_end
from jobmagics.remote.questions import question_of

Open = Callable[[str], tuple[Endpoint, RemotePool]]


class Listener:
    """One pipeline's receiver, which survives changes of client as a kernel's ledger does."""

    def __init__(self) -> None:
        self.joined = Defragmenter()
        self.output: list[Any] = []
        self.calls: list[bytes] = []
        self.ended: Ended | None = None

    def receive(self, pipeline: RemotePipeline, until: Callable[[], object] = lambda: False) -> None:
        """To the end of the pipeline, or until there is enough."""
        while self.ended is None and not until():
            for message in self.joined.feed(pipeline.receive()):
                if message.kind == Kind.OUTPUT:
                    self.output.append(clixml.decode(message.data) if message.data else None)
                elif message.kind == Kind.HOST_CALL:
                    self.calls.append(message.data)
                elif message.kind == Kind.PIPELINE_STATE:
                    self.ended = pipeline_end(message.data)


@pytest.fixture
def opened(subject: Subject) -> Iterator[Open]:
    """Opens sessions for the scripts of a conversation; all are closed at the end."""
    pools: list[RemotePool] = []

    def open_one(conversation: str) -> tuple[Endpoint, RemotePool]:
        endpoint = subject.connect(subject.connection(conversation))
        pool = endpoint.pool(new_id())
        pool.open("contract", 600)
        pools.append(pool)
        return endpoint, pool

    yield open_one
    for pool in pools:
        with contextlib.suppress(SessionGone):
            pool.close()


def begin(pool: RemotePool, step: Step, *input: object) -> RemotePipeline:
    pipeline = pool.pipeline(new_id())
    pipeline.begin(Invocation(step.script, input=input or None))
    return pipeline


@pytest.mark.parametrize("conversation", ["unicode_output", "large_output", "large_script"])
def test_output_arrives_whole_and_in_order(opened: Open, conversation: str) -> None:
    (step,) = steps(conversation)
    _, pool = opened(conversation)
    listener = Listener()
    pipeline = begin(pool, step)
    listener.receive(pipeline)
    assert listener.output == step.output
    assert listener.ended is not None
    assert listener.ended.how is JobState.COMPLETED
    pipeline.close()


def test_a_session_keeps_its_state_from_pipeline_to_pipeline(opened: Open) -> None:
    endpoint, pool = opened("state_between_pipelines")
    for step in steps("state_between_pipelines"):
        listener = Listener()
        pipeline = begin(pool, step)
        assert endpoint.list_commands(pool.pool_id) == [pipeline.pipeline_id]
        listener.receive(pipeline)
        pipeline.close()
        assert listener.output == step.output
    assert endpoint.list_commands(pool.pool_id) == []


def test_input_goes_to_the_pipeline(opened: Open) -> None:
    (step,) = steps("pipeline_input")
    _, pool = opened("pipeline_input")
    listener = Listener()
    listener.receive(begin(pool, step, "a", "b", 3))
    assert listener.output == step.output


def test_input_may_come_later(opened: Open) -> None:
    (step,) = steps("pipeline_input")
    _, pool = opened("pipeline_input")
    listener = Listener()
    pipeline = pool.pipeline(new_id())
    pipeline.begin(Invocation(step.script, is_fed=True))
    for value in ("a", "b", 3):
        pipeline.feed(value)
    pipeline.end_input()
    listener.receive(pipeline)
    assert listener.output == step.output


def test_a_script_that_throws_gives_what_it_gave_and_the_reason(opened: Open) -> None:
    (step,) = steps("error_terminating_throw")
    _, pool = opened("error_terminating_throw")
    listener = Listener()
    listener.receive(begin(pool, step))
    assert listener.output == ["before"]
    assert listener.ended is not None
    assert listener.ended.how is JobState.FAILED
    assert "boom" in str(listener.ended)


def test_a_stopped_script_is_stopped_and_the_session_goes_on(opened: Open) -> None:
    sleeping, again = steps("stop_sleeping")
    _, pool = opened("stop_sleeping")
    listener = Listener()
    pipeline = begin(pool, sleeping)
    listener.receive(pipeline, until=lambda: listener.output)
    pipeline.stop()
    listener.receive(pipeline)
    pipeline.close()
    assert listener.output == ["start"]
    assert listener.ended is not None
    assert listener.ended.how is JobState.STOPPED
    next_one = Listener()
    next_one.receive(begin(pool, again))
    assert next_one.output == again.output


def test_what_a_script_asks_is_answered(opened: Open) -> None:
    (step,) = steps("host_read_line")
    _, pool = opened("host_read_line")
    listener = Listener()
    pipeline = begin(pool, step)
    listener.receive(pipeline, until=lambda: listener.calls)
    call = host_call(listener.calls[0])
    assert question_of(call) is not None
    pipeline.answer(call, HostAnswer({"Your name": step.output[0].removeprefix("hello ")}))
    listener.receive(pipeline)
    assert listener.output == step.output


@pytest.mark.parametrize("received", [0, 1, 500])
def test_a_disconnected_session_is_listed_and_another_client_has_all_of_it(
    subject: Subject, opened: Open, received: int
) -> None:
    (step,) = steps("large_output")
    endpoint, pool = opened("large_output")
    listener = Listener()
    pipeline = begin(pool, step)
    listener.receive(pipeline, until=lambda: len(listener.output) >= received)
    pool.disconnect(120)
    with pytest.raises(Detached):
        pipeline.receive()
    (listed,) = [shell for shell in endpoint.list_shells() if shell.shell_id == pool.pool_id]
    assert (listed.name, listed.state, listed.idle_timeout) == ("contract", "Disconnected", 120)
    other = subject.connect(subject.connection("large_output"))
    taken = other.pool(pool.pool_id)
    taken.connect()
    assert other.list_commands(pool.pool_id) == [pipeline.pipeline_id]
    resumed = taken.pipeline(pipeline.pipeline_id)
    resumed.connect()
    listener.joined.forget_tail()
    listener.receive(resumed)
    assert listener.output == step.output
    taken.close()


def test_the_same_client_reconnects(opened: Open) -> None:
    (step,) = steps("large_output")
    _, pool = opened("large_output")
    listener = Listener()
    pipeline = begin(pool, step)
    listener.receive(pipeline, until=lambda: listener.output)
    pool.disconnect()
    pool.reconnect()
    listener.joined.forget_tail()
    listener.receive(pipeline)
    assert listener.output == step.output


def test_a_session_that_a_living_client_holds_is_refused(subject: Subject, opened: Open) -> None:
    _, pool = opened("open_close")
    with pytest.raises(SessionBusy):
        subject.connect(subject.connection("open_close")).pool(pool.pool_id).connect()


def test_a_closed_session_is_gone(subject: Subject, opened: Open) -> None:
    endpoint, pool = opened("open_close")
    pool.close()
    assert pool.pool_id not in [shell.shell_id for shell in endpoint.list_shells()]
    with pytest.raises(SessionGone):
        subject.connect(subject.connection("open_close")).pool(pool.pool_id).connect()


def test_the_engine_tells_its_version(opened: Open) -> None:
    _, pool = opened("open_close")
    assert str(pool.private_data["PSVersionTable"]["PSVersion"]).startswith(("7.", "5.1"))
