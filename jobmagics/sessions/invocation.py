"""One running pipeline, one thread: begin it, receive until it ends. What it asks waits for whoever answers.

The thread calls the seam and reports to the applier; it never touches the store or a job itself. A report of output
is waited for, so the next Receive (which tells the server that the last one arrived) is sent only when that is on
disk.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import logging
import threading
import time
from collections.abc import Callable

from jobmagics import jobs
from jobmagics.errors import (
    AccessDenied,
    ConnectionFailed,
    InvalidOperation,
    JobMagicsError,
    RemoteError,
    SessionBusy,
    SessionGone,
)
from jobmagics.jobs import Failure
from jobmagics.remote import Detached, HostAnswer, Invocation, RemotePipeline
from jobmagics.remote.fragments import FragmentError, Kind
from jobmagics.remote.messages import ANSWERED_KINDS, host_call, wants_answer
from jobmagics.remote.questions import question_of
from jobmagics.results.entries import CLOSED_STATES, ChildEntry, SessionEntry
from jobmagics.sessions.applier import Arrived, Happened
from jobmagics.sessions.hints import hint_for
from jobmagics.sessions.links import Links, Post
from jobmagics.sessions.losses import gone, no_pipeline

ROBUST_SECONDS = 240.0
"""How long a lost connection is tried again before the job is left Disconnected (WinRM's own: 4 minutes)."""
ROBUST_PAUSE = 1.0

BUSY_MESSAGE = "The pipeline was not run because a pipeline is already running. Pipelines cannot be run concurrently."
UNKNOWN_CALL = "The script asks its host for what a notebook does not have (host method {})."

log = logging.getLogger(__name__)


def failure_from(error: JobMagicsError, fqid: str = "") -> Failure:
    return Failure(error.message, error.fqid or fqid or "PSSessionStateBroken", error.category)


class Runner:
    """Starts and follows pipelines."""

    def __init__(
        self,
        links: Links,
        post: Post,
        lock: threading.RLock,
        clock: Callable[[], datetime.datetime],
        trouble: Callable[[str], None],
        retry_seconds: float,
    ) -> None:
        self.links, self._post, self._lock, self._clock, self._trouble = links, post, lock, clock, trouble
        self.retry_seconds = retry_seconds
        self.given_up: Callable[[SessionEntry], None] = lambda session: None
        """Told of a session that stays disconnected although its way was tried for so long."""

    # -- threads

    def launch(self, child: ChildEntry) -> None:
        """Runs the child's script in a thread of its own."""
        child.launched = True
        self._thread(child, self._begin)

    def resume(self, child: ChildEntry, commands: list[str]) -> threading.Event:
        """Goes on with a pipeline that was left on the server, whose pipelines are ``commands``.

        The event is set when it does, or when it is clear that it cannot.
        """
        child.launched = True
        known = threading.Event()

        def work(child: ChildEntry) -> None:
            try:
                if not self._rejoin(child, commands):
                    return
            finally:
                known.set()
            with child.asking:  # one that is Blocked asks already, and may have been answered since it was back
                data = child.unanswered if child.core.state is not jobs.JobState.BLOCKED else None
            if data is None or self._meet_call(child, data):
                self._pump(child)

        self._thread(child, work)
        return known

    def follow(self, child: ChildEntry) -> None:
        """Receives from a pipeline that was to be left, but could not be."""
        self._thread(child, self._pump)

    def _thread(self, child: ChildEntry, work: Callable[[ChildEntry], None]) -> None:
        name = f"jobmagics-job-{child.record.id}"
        threading.Thread(target=self._guarded, args=(child, work), name=name, daemon=True).start()

    def _guarded(self, child: ChildEntry, work: Callable[[ChildEntry], None]) -> None:
        session = child.session
        try:
            work(child)
        except (JobMagicsError, FragmentError) as error:
            self._lose(child, error)
        except Exception as error:
            log.exception("the worker of child job %d failed", child.record.id)
            self._report(
                child, jobs.Lost(Failure(f"jobmagics itself failed ({error!r}); please report it.", "JobFailure"))
            )
        if child.is_finished and not self.links.closing.is_set():
            self.let_go(session)

    def let_go(self, session: SessionEntry) -> None:
        """Closes a job's own session when all that was to run in it has ended."""
        with self._lock:
            is_over = session.record.for_job and not session.open_children and not session.is_kept
        if is_over:
            self.links.close_quietly(session)

    def _lose(self, child: ChildEntry, error: JobMagicsError | FragmentError) -> None:
        session = child.session
        if self.links.closing.is_set():
            return  # the next kernel finds it and goes on
        if session.state in {"Closing", "Closed"}:
            self._report(child, jobs.Withdrawn())
            return
        if isinstance(error, FragmentError):
            self._report(child, jobs.Lost(Failure(f"The output of {child.computer} is damaged: {error}.")))
            return
        if isinstance(error, RemoteError) and session.state == "Opened":
            self.links.set_state(session, "Broken", forget=True)
        if isinstance(error, SessionGone) and child.record.began is not None:
            self._report(child, jobs.Lost(gone(child, error, self._clock())))
            return
        self._report(child, jobs.Lost(failure_from(error)))

    def _report(self, child: ChildEntry, event: jobs.Event) -> None:
        self._post(Happened(child, event)).wait()

    # -- the life of a pipeline

    def _begin(self, child: ChildEntry) -> None:
        session = child.session
        if session.record.for_job:
            self.links.open_once(session)
        self._claim(child)
        assert session.pool is not None
        assert child.invocation is not None
        child.pipeline = session.pool.pipeline(child.record.pipeline_id)
        if not self._send(child, child.pipeline, child.invocation):
            return
        self._post(Happened(child, jobs.Began()))  # not waited for: recovery does without it
        if child.is_finished:  # stopped while it was on its way; whoever stops it from now on finds the pipeline
            child.pipeline.stop()
        if not child.is_left:
            self._pump(child)

    def _send(self, child: ChildEntry, pipeline: RemotePipeline, invocation: Invocation) -> bool:
        """Starts the script. If the connection is lost meanwhile, it is looked up whether it arrived: no script may run
        twice. False: there is nothing to follow.
        """
        while True:
            try:
                pipeline.begin(invocation)
                return True
            except ConnectionFailed as error:
                arrived: list[str] | None = None
                while arrived is None:
                    if not self._recovered(child, error):
                        return False
                    with contextlib.suppress(ConnectionFailed):
                        arrived = child.session.endpoint.list_commands(child.session.record.pool_id)
                if pipeline.pipeline_id.upper() not in {command.upper() for command in arrived}:
                    continue
                if pipeline.went_at_once:
                    return True
                pipeline.close()
                raise InvalidOperation(
                    f"The connection to {child.computer} was lost while the script was sent, and it was stopped:"
                    " it may have run in part. Look, and run it again.",
                    fqid="RemotePipelineExecutionFailed",
                ) from error

    def _claim(self, child: ChildEntry) -> None:
        """A session runs as many pipelines at a time as it has runspaces: one, unless it is of jobs that share it."""
        session = child.session
        with self._lock:
            if session.state != "Opened":
                raise InvalidOperation(
                    f"The session {session.record.name} on {child.computer} is {session.state}; only an"
                    f" Opened session"
                    " runs commands. Connect it, or open another.",
                    fqid="InvalidSessionState",
                )
            session.running = [other for other in session.going if other is not child]
            if len(session.running) + session.is_copying >= session.connection.runspaces:
                raise InvalidOperation(BUSY_MESSAGE, fqid="RemotePipelineExecutionFailed", category="OperationStopped")
            session.running.append(child)

    def _rejoin(self, child: ChildEntry, commands: list[str]) -> bool:
        """Connects the pipeline. False when it is not there any more."""
        pipeline_id = child.record.pipeline_id
        if pipeline_id.upper() not in {command.upper() for command in commands}:
            self._report(child, jobs.Lost(no_pipeline(child)))
            return False
        assert child.session.pool is not None
        if child not in child.session.running:
            child.session.running.append(child)
        child.pipeline = child.session.pool.pipeline(pipeline_id)
        if not self._over_losses(child, child.pipeline.connect):
            return False
        child.defragmenter.forget_tail()
        if child.core.state is jobs.JobState.NOT_STARTED:  # it was sent, and the kernel died before it could note that
            self._report(child, jobs.Began())
        self._report(child, jobs.Rejoined())
        return True

    def _pump(self, child: ChildEntry) -> None:
        """Receives until the pipeline has ended or the session is disconnected."""
        assert child.pipeline is not None
        while True:
            try:
                data = child.pipeline.receive()
            except Detached:
                self._part(child)
                return
            except AccessDenied as denied:  # the connection was lost, and who comes back has to sign in anew
                self._give_up(child, denied)
                return
            except ConnectionFailed as error:
                if not self._recovered(child, error):
                    return
                continue
            if data:
                goes_on = self._digest(child, data)
                if goes_on is None:
                    return
                if not goes_on:
                    break
        with contextlib.suppress(RemoteError):
            child.pipeline.close()

    def _over_losses(self, child: ChildEntry, ask: Callable[[], None]) -> bool:
        """Asks again after each loss of the connection. False: it was given up."""
        while True:
            try:
                ask()
                return True
            except ConnectionFailed as error:
                if not self._recovered(child, error):
                    return False

    def _digest(self, child: ChildEntry, data: bytes) -> bool | None:
        """Commits what came and acts on it. Whether the pipeline goes on; None when it is not ours any more."""
        found = child.defragmenter.feed(data)
        rest = child.defragmenter.rest()
        self._post(Arrived(child, found, rest, child.defragmenter.last_id, self._clock())).wait()
        told = [message for message in found if message.kind != Kind.OUTPUT]
        for message in told:
            if message.kind == Kind.ERROR:
                self._explain(child, message.data)
            if message.kind in ANSWERED_KINDS and not self._meet_call(child, message.data):
                return None
        return not (any(message.kind == Kind.PIPELINE_STATE for message in told) and child.is_finished)

    def _explain(self, child: ChildEntry, error: bytes) -> None:
        """Once for each child: a script that is refused once is refused again."""
        hint = "" if child.is_explained else hint_for(error, child.session.connection)
        if hint:
            child.is_explained = True
            self._trouble(hint)

    def _meet_call(self, child: ChildEntry, data: bytes) -> bool:
        """A question waits for ``answer``, from any thread; what nobody can answer is refused, or the script would
        hang. False: the connection was lost, and the pipeline is not ours any more.
        """
        call = host_call(data)
        if not wants_answer(call):
            return True
        if question_of(call) is None:
            assert child.pipeline is not None
            refusal = HostAnswer(refusal=UNKNOWN_CALL.format(call.method))
            return self._over_losses(child, functools.partial(child.pipeline.answer, call, refusal))
        with child.asking:
            child.unanswered = data
            asked = self._post(Happened(child, jobs.Prompted()))
        asked.wait()
        return True

    def answer(self, child: ChildEntry, answer: HostAnswer) -> None:
        """Sends the answer to what the child asks. Raises InvalidOperation if it asks nothing, or what ``errors`` has
        if the answer could not be sent; then it still waits for one.
        """
        with child.asking:
            data = child.unanswered
            if data is None or child.pipeline is None or child.core.state is not jobs.JobState.BLOCKED:
                raise InvalidOperation(f"The job with ID {child.record.id} does not wait for an answer now.")
            child.unanswered = None
        try:
            child.pipeline.answer(host_call(data), answer)
        except JobMagicsError:
            with child.asking:
                child.unanswered = child.unanswered or data
            raise
        with child.asking:  # the next question may have come meanwhile, and is not to be taken for answered
            told = self._post(Happened(child, jobs.Answered())) if child.unanswered is None else None
        if told is not None:
            told.wait()

    # -- losses

    def _part(self, child: ChildEntry) -> None:
        """The session is disconnected: by us, and then all is said, or by another client that took it."""
        session = child.session
        if session.state in CLOSED_STATES:
            self._report(child, jobs.Withdrawn())
            return
        if session.state == "Opened":
            session.held_elsewhere = True
            self.links.set_state(session, "Disconnected")
            self._trouble(
                f"Session {session.record.name} on {child.computer} was taken over or disconnected elsewhere."
            )
        self._report(child, jobs.Parted())

    def _recovered(self, child: ChildEntry, error: ConnectionFailed) -> bool:
        """Tries the way again for as long as WinRM would. False: it is given up, and the job is Disconnected."""
        session = child.session
        deadline = time.monotonic() + self.retry_seconds
        told = False
        while session.state == "Opened" and not self.links.closing.is_set():
            try:
                is_back = self._reconnected(session)
            except AccessDenied as denied:  # the ticket has expired, the password was changed: a person has to help
                self._give_up(child, denied)
                return False
            if is_back:
                child.defragmenter.forget_tail()
                if told:
                    self._trouble(f"The network connection to {child.computer} has been restored.")
                return True
            if time.monotonic() > deadline:
                self._give_up(child, error)
                self.given_up(session)
                return False
            if not told:
                told = True
                self._trouble(
                    f"The network connection to {child.computer} has been interrupted; trying for up to"
                    f" {_span(self.retry_seconds)}."
                )
            self.links.closing.wait(ROBUST_PAUSE)
        if session.state in CLOSED_STATES:
            self._report(child, jobs.Withdrawn())
        elif not self.links.closing.is_set():
            self._report(child, jobs.Parted())
        return False

    def _give_up(self, child: ChildEntry, error: RemoteError) -> None:
        if child.core.state is jobs.JobState.NOT_STARTED:  # nothing of it is there to come back to
            raise error
        session = child.session
        session.trouble = error.message
        self.links.set_state(session, "Disconnected")
        is_sought = "" if isinstance(error, AccessDenied) else ", and it is looked for again from time to time"
        self._trouble(
            f"{error.message} Session {session.record.name} is disconnected; its job goes on there{is_sought}."
        )
        self._report(child, jobs.Parted())

    def _reconnected(self, session: SessionEntry) -> bool:
        """Raises when the session is gone for good."""
        assert session.pool is not None
        try:
            session.pool.reconnect()
        except SessionGone:
            raise
        except (ConnectionFailed, SessionBusy):
            return False
        return True


def _span(seconds: float) -> str:
    return f"{seconds / 60:g} minutes" if seconds >= 60 else f"{seconds:g} seconds"
