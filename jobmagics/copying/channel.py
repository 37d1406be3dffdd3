"""One script of ours after another in a session that is not ours: begun, followed to its end, and over losses of the
connection either followed again or run again.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any

from jobmagics import clixml
from jobmagics.errors import ConnectionFailed, JobMagicsError, RemoteError, SessionBusy, SessionGone
from jobmagics.remote import Endpoint, HostAnswer, Invocation, RemotePipeline, RemotePool, new_id
from jobmagics.remote.fragments import Defragmenter, Kind
from jobmagics.remote.messages import ANSWERED_KINDS, failure_of, host_call, pipeline_end, wants_answer

PAUSE_SECONDS = 0.5
RUNS = 5
"""So often a script is run again that was lost with what it had to say."""
NO_QUESTIONS = "A copy answers no questions."


class _Lost(Exception):
    """The connection is there again, but this script has to be run again."""


class Channel:
    """``computer``: its name for errors; ``retry_seconds``: how long a lost connection is tried again; ``tell`` takes
    one-line notices.
    """

    def __init__(
        self,
        pool: RemotePool,
        endpoint: Endpoint,
        computer: str,
        closing: threading.Event,
        retry_seconds: float,
        tell: Callable[[str], None],
    ) -> None:
        self.computer = computer
        self._pool, self._endpoint, self._closing, self._retry_seconds = pool, endpoint, closing, retry_seconds
        self._tell = tell

    def run(self, script: str, **parameters: Any) -> list[Any]:
        """What the script puts out. Raises RemoteError with the script's own words if it fails."""
        invocation = Invocation(script, parameters=list(parameters.items()))
        for _ in range(RUNS):
            pipeline = self._pool.pipeline(new_id())
            try:
                self._begin(pipeline, invocation)
                return self._follow(pipeline)
            except _Lost:
                continue
            except BaseException:  # the person stopped it, or it failed: the session is for others again
                with contextlib.suppress(JobMagicsError):
                    pipeline.stop()
                    pipeline.close()
                raise
        raise ConnectionFailed(f"The connection to {self.computer} was lost again and again; try later.")

    def _begin(self, pipeline: RemotePipeline, invocation: Invocation) -> None:
        try:
            pipeline.begin(invocation)
        except ConnectionFailed as error:
            self._come_back(error)
            commands = self._endpoint.list_commands(self._pool.pool_id)
            if pipeline.pipeline_id.upper() not in {command.upper() for command in commands}:
                raise _Lost from error
            if not pipeline.went_at_once:  # only part of it may have arrived
                pipeline.close()
                raise _Lost from error

    def _follow(self, pipeline: RemotePipeline) -> list[Any]:
        joined, found = Defragmenter(), list[Any]()
        is_torn = False
        while True:
            try:
                data = pipeline.receive()
            except ConnectionFailed as error:
                self._come_back(error)
                joined.forget_tail()
                is_torn = True
                continue
            except SessionGone as error:
                if not is_torn:
                    raise
                raise _Lost from error
            for message in joined.feed(data):
                if message.kind == Kind.OUTPUT:
                    found.append(clixml.decode(message.data))
                elif message.kind == Kind.ERROR:
                    self._fail(failure_of(clixml.decode(message.data)).message)
                elif message.kind in ANSWERED_KINDS:
                    call = host_call(message.data)
                    if wants_answer(call):
                        pipeline.answer(call, HostAnswer(refusal=NO_QUESTIONS))
                elif message.kind == Kind.PIPELINE_STATE and (end := pipeline_end(message.data)) is not None:
                    with contextlib.suppress(ConnectionFailed, SessionGone):
                        pipeline.close()
                    if end.failure is not None:
                        self._fail(end.failure.message)
                    return found

    def _fail(self, words: str) -> None:
        raise RemoteError(f"{self.computer}: {' '.join(words.split())}")

    def _come_back(self, error: ConnectionFailed) -> None:
        """Returns when the session is reached again; raises the loss when that takes too long."""
        deadline = time.monotonic() + self._retry_seconds
        self._tell(f"The connection to {self.computer} has been interrupted; the copy goes on when it is back.")
        while True:
            with contextlib.suppress(ConnectionFailed, SessionBusy):
                self._pool.reconnect()
                return
            if time.monotonic() > deadline or self._closing.wait(PAUSE_SECONDS):
                raise error
