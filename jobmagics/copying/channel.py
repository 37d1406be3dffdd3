"""One script of ours after another in a session that is not ours: begun, followed to its end, and over losses of the
connection either followed again or run again.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jobmagics import clixml
from jobmagics.errors import ConnectionFailed, JobMagicsError, RemoteError, SessionBusy, SessionGone
from jobmagics.remote import Endpoint, HostAnswer, Invocation, RemotePipeline, RemotePool, new_id
from jobmagics.remote.fragments import Defragmenter, FragmentError, Kind
from jobmagics.remote.messages import ANSWERED_KINDS, failure_of, host_call, pipeline_end, wants_answer

PAUSE_SECONDS = 0.5
RUNS = 5
"""So often a script is run again that was lost with all that it had to say."""
IN_FLIGHT = 4
"""Pieces that are on their way or in the script's input before it says that it has them: that much memory they take
there.
"""
UNHEARD_SECONDS = 1.0
"""So long pieces are sent before the script is listened to, that a person sees how far it is."""
NO_QUESTIONS = "A copy answers no questions."


class _Lost(Exception):
    """The connection is there again, but this script has to be run again."""


class _Heard:
    """A run of a script, and what came of it so far."""

    def __init__(self, pipeline: RemotePipeline, take: Callable[[Any], None]) -> None:
        self.pipeline, self.take = pipeline, take
        self.joined = Defragmenter()
        self.count = 0
        self.has_ended = False


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
        found = list[Any]()

        def begun() -> Mapping[str, Any]:
            found.clear()
            return parameters

        self.follow(script, begun, found.append)
        return found

    def follow(self, script: str, begun: Callable[[], Mapping[str, Any]], take: Callable[[Any], None]) -> None:
        """``take`` gets each value that the script puts out, when it comes. ``begun`` gives the script's parameters,
        anew each time that it has to be run again after a loss.
        """

        def work(heard: _Heard) -> None:
            self._begin(heard.pipeline, Invocation(script, parameters=list(begun().items())))
            self._hear_all(heard)

        self._until_done(work, take)

    def pour(
        self,
        script: str,
        begun: Callable[[], tuple[Mapping[str, Any], Iterable[bytes]]],
        take: Callable[[Any], None],
    ) -> None:
        """As ``follow``; ``begun`` gives also pieces for the script's input. It puts out one value for each that it is
        done with, and while it works on some, the next ones are on their way.
        """

        def work(heard: _Heard) -> None:
            parameters, pieces = begun()
            try:
                heard.pipeline.begin(Invocation(script, parameters=list(parameters.items()), is_fed=True))
                self._feed(heard, pieces)
                heard.pipeline.end_input()
            except ConnectionFailed as error:  # which pieces have arrived is for the script to say
                self._come_back(error)
                raise _Lost from error
            self._hear_all(heard)

        self._until_done(work, take)

    def _until_done(self, work: Callable[[_Heard], None], take: Callable[[Any], None]) -> None:
        runs = 0
        while runs < RUNS:
            heard = _Heard(self._pool.pipeline(new_id()), take)
            try:
                work(heard)
                return
            except (_Lost, FragmentError):  # as an answer that WinRM gave into the void leaves a gap
                with contextlib.suppress(JobMagicsError):
                    heard.pipeline.close()
                runs = 1 if heard.count else runs + 1
            except BaseException:  # the person stopped it, or it failed: the session is for others again
                with contextlib.suppress(JobMagicsError):
                    heard.pipeline.stop()
                    heard.pipeline.close()
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
                raise _Lost from error

    def _feed(self, heard: _Heard, pieces: Iterable[bytes]) -> None:
        last = time.monotonic()
        for fed, piece in enumerate(pieces, 1):
            heard.pipeline.feed(piece)
            if fed - heard.count >= IN_FLIGHT or time.monotonic() - last > UNHEARD_SECONDS:
                self._hear(heard)
                while fed - heard.count > IN_FLIGHT // 2 and not heard.has_ended:
                    self._hear(heard)
                last = time.monotonic()
            if heard.has_ended:
                return

    def _hear_all(self, heard: _Heard) -> None:
        is_torn = False
        while not heard.has_ended:
            try:
                self._hear(heard)
            except ConnectionFailed as error:
                self._come_back(error)
                heard.joined.forget_tail()
                is_torn = True
            except SessionGone as error:
                if not is_torn:
                    raise
                raise _Lost from error

    def _hear(self, heard: _Heard) -> None:
        """What comes next, if anything does within the poll time."""
        for message in heard.joined.feed(heard.pipeline.receive()):
            if message.kind == Kind.OUTPUT:
                heard.count += 1
                heard.take(clixml.decode(message.data))
            elif message.kind == Kind.ERROR:
                self._fail(failure_of(clixml.decode(message.data)).message)
            elif message.kind in ANSWERED_KINDS:
                call = host_call(message.data)
                if wants_answer(call):
                    heard.pipeline.answer(call, HostAnswer(refusal=NO_QUESTIONS))
            elif message.kind == Kind.PIPELINE_STATE and (end := pipeline_end(message.data)) is not None:
                heard.has_ended = True
                with contextlib.suppress(ConnectionFailed, SessionGone):
                    heard.pipeline.close()
                if end.failure is not None:
                    self._fail(end.failure.message)

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
