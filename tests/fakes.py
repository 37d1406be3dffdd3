"""FakeRemote: computers that run Python functions instead of PowerShell, behind the same seam as the real thing.

    remote = FakeRemote()
    remote.on("count", lambda run: [run.output(n) for n in range(3)])
    manager = SessionManager(Store.open(path), remote.connect, "notebook")

A script is found by its text (stripped); one that nobody knows writes its own text as output. Like the session host
it keeps what was delivered until the next Receive acknowledges it, and gives it again to a new client.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from jobmagics import clixml
from jobmagics.errors import ConnectionFailed, JobMagicsError, SessionBusy, SessionGone
from jobmagics.psobject import PSObject
from jobmagics.remote import POWERSHELL_URI, ConnectionInfo, Detached, HostAnswer, HostCall, Invocation, ShellInfo
from jobmagics.remote.fragments import Kind, Message, fragment

POLL_SECONDS = 0.5
LOOK_SECONDS = 0.02
GONE = 2150858843
FRAGMENT_BYTES = 300
STOPPED, COMPLETED, FAILED = 3, 4, 5


def until(ready: Callable[[], object], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)


class Stopped(Exception):
    """Raised inside a fake script when it is asked to stop."""


class Run:
    """What a fake script is handed: the values it was called with, and ways to write."""

    def __init__(self, pipeline: _Pipeline, invocation: Invocation) -> None:
        self._pipeline = pipeline
        self.script = invocation.script
        self.arguments = list(invocation.arguments)
        self.parameters = dict(invocation.parameters)
        self.input = list(invocation.input or [])
        self.before = invocation.before
        self.variables = pipeline.shell.variables
        self.answers: list[HostAnswer] = []

    def output(self, value: Any) -> None:
        self.send(Kind.OUTPUT, clixml.encode(value))

    def error(self, message: str, fqid: str = "Oops") -> None:
        self.send(Kind.ERROR, clixml.encode(_error(message, fqid)))

    def output_in_two(self, value: Any, between: Callable[[], None]) -> None:
        """An object of which half has been sent when ``between`` is called."""
        self._pipeline.write(Kind.OUTPUT, clixml.encode(value), between)

    def warning(self, message: str) -> None:
        names = ["System.Management.Automation.WarningRecord", "System.Object"]
        self.send(
            Kind.WARNING,
            clixml.encode(PSObject({"InformationalRecord_Message": message}, type_names=names, to_string=message)),
        )

    def progress(self, activity: str, percent: int, status: str = "") -> None:
        record = {"Activity": activity, "StatusDescription": status, "PercentComplete": percent, "SecondsRemaining": -1}
        self.send(Kind.PROGRESS, clixml.encode(PSObject(record)))

    def ask(self, question: str) -> HostAnswer:
        """A Read-Host: waits for the answer."""
        self.send(
            Kind.HOST_CALL,
            '<Obj RefId="0"><MS><I64 N="ci">1</I64>'
            '<Obj N="mi" RefId="1"><ToString>ReadLine</ToString><I32>11</I32></Obj>'
            f'<Obj N="mp" RefId="2"><LST><S>{clixml.escape(question)}</S></LST></Obj></MS></Obj>',
        )
        self._pipeline.wait(lambda: bool(self.answers))
        return self.answers.pop()

    def sleep(self, seconds: float) -> None:
        if self._pipeline.stopping.wait(seconds):
            raise Stopped

    def wait(self, event: threading.Event) -> None:
        """Until the test sets the event, or the script is stopped."""
        self._pipeline.wait(event.is_set)

    def send(self, kind: Kind, text: str) -> None:
        if self._pipeline.stopping.is_set():
            raise Stopped
        self._pipeline.write(kind, text)


def _error(message: str, fqid: str) -> PSObject:
    exception = PSObject({"Message": message}, type_names=["System.Exception", "System.Object"], to_string=message)
    facts = {
        "Exception": exception,
        "FullyQualifiedErrorId": fqid,
        "ErrorCategory_Message": "OperationStopped: (:) [], Exception",
    }
    return PSObject(facts, type_names=["System.Management.Automation.ErrorRecord", "System.Object"], to_string=message)


Script = Callable[[Run], object]


@dataclass(eq=False)
class _Shell:
    info: ShellInfo
    pipelines: dict[str, _Pipeline] = field(default_factory=dict)
    client: object | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    objects: int = 0


class _Pipeline:
    """A running fake script and what it has written."""

    def __init__(self, shell: _Shell, remote: FakeRemote, pipeline_id: str) -> None:
        self.shell, self.remote, self.pipeline_id = shell, remote, pipeline_id
        self.stopping = threading.Event()
        self.run: Run | None = None
        self.unread: list[bytes] = []
        self.given: list[bytes] = []

    def write(self, kind: Kind, text: str, between: Callable[[], None] | None = None) -> None:
        with self.remote.changed:
            self.shell.objects += 1
            blob = Message(kind, text.encode()).pack()
            pieces = list(fragment(blob, self.shell.objects, FRAGMENT_BYTES))
            half = len(pieces) // 2 if between else len(pieces)
            self.unread += pieces[:half]
            self.remote.changed.notify_all()
        if between:
            between()
            with self.remote.changed:
                self.unread += pieces[half:]
                self.remote.changed.notify_all()

    def wait(self, ready: Callable[[], bool]) -> None:
        with self.remote.changed:
            while not self.remote.changed.wait_for(lambda: ready() or self.stopping.is_set(), LOOK_SECONDS):
                pass  # an event of the test's own is set without a word
        if self.stopping.is_set():
            raise Stopped

    def start(self, invocation: Invocation) -> None:
        self.run = Run(self, invocation)
        threading.Thread(target=self._execute, daemon=True).start()

    def _execute(self) -> None:
        assert self.run is not None
        script = self.remote.scripts.get(self.run.script.strip())
        try:
            if script is None:
                self.run.output(self.run.script)
            else:
                script(self.run)
            self._end(COMPLETED)
        except Stopped:
            self._end(STOPPED)
        except Exception as error:
            record = clixml.encode(_error(str(error), "JobFailure")).replace(
                "<Obj ", '<Obj N="ExceptionAsErrorRecord" ', 1
            )
            self._end(FAILED, record.replace('RefId="', 'RefId="9'))

    def _end(self, state: int, more: str = "") -> None:
        self.write(Kind.PIPELINE_STATE, f'<Obj RefId="0"><MS><I32 N="PipelineState">{state}</I32>{more}</MS></Obj>')


class FakeRemote:
    """All the computers there are. Scripts by text in ``scripts``; computers that fail in ``failures``; ``cut`` ones
    do not answer.
    """

    def __init__(self) -> None:
        self.scripts: dict[str, Script] = {}
        self.failures: dict[str, JobMagicsError] = {}
        self.cut: set[str] = set()
        self.shells: dict[str, _Shell] = {}
        self.changed = threading.Condition()
        self.opened = 0

    def on(self, text: str, script: Script) -> None:
        self.scripts[text.strip()] = script

    def connect(self, connection: ConnectionInfo) -> FakeEndpoint:
        return FakeEndpoint(self, connection)

    def forget_clients(self) -> None:
        """As when a kernel was killed: nobody holds any shell."""
        with self.changed:
            for shell in self.shells.values():
                shell.client = None
                shell.info = replace(shell.info, state="Disconnected")
                for pipeline in shell.pipelines.values():
                    pipeline.unread[:0] = pipeline.given
                    pipeline.given = []
            self.changed.notify_all()

    def kill_shell(self, pool_id: str) -> None:
        with self.changed:
            shell = self.shells.pop(pool_id)
            for pipeline in shell.pipelines.values():
                pipeline.stopping.set()
            self.changed.notify_all()

    def reach(self, computer: str) -> None:
        if computer in self.cut:
            raise ConnectionFailed(f"The computer {computer} does not answer.")
        if computer in self.failures:
            raise self.failures[computer]


class FakeEndpoint:
    def __init__(self, remote: FakeRemote, connection: ConnectionInfo) -> None:
        self.remote, self.connection = remote, connection

    def pool(self, pool_id: str) -> FakePool:
        return FakePool(self, pool_id)

    def list_shells(self) -> list[ShellInfo]:
        self.remote.reach(self.connection.computer_name)
        return [
            shell.info for shell in self.remote.shells.values() if shell.info.owner == self.connection.computer_name
        ]

    def list_commands(self, shell_id: str) -> list[str]:
        self.remote.reach(self.connection.computer_name)
        shell = self.remote.shells.get(shell_id)
        return list(shell.pipelines) if shell else []


class FakePool:
    def __init__(self, endpoint: FakeEndpoint, pool_id: str) -> None:
        self.endpoint, self.pool_id, self.remote = endpoint, pool_id, endpoint.remote

    @property
    def private_data(self) -> dict[str, Any]:
        return {"PSVersionTable": {"PSVersion": "7.6.5"}}

    @property
    def shell(self) -> _Shell:
        self.remote.reach(self.endpoint.connection.computer_name)
        if self.pool_id not in self.remote.shells:
            raise SessionGone("The session is no longer there.", GONE)
        return self.remote.shells[self.pool_id]

    def open(self, name: str, idle_timeout: float | None) -> None:
        connection = self.endpoint.connection
        self.remote.reach(connection.computer_name)
        uri = POWERSHELL_URI + connection.configuration_name
        info = ShellInfo(self.pool_id, name, "Connected", uri, idle_timeout or 7200.0, owner=connection.computer_name)
        self.remote.shells[self.pool_id] = _Shell(info, client=self)
        self.remote.opened += 1

    def connect(self) -> None:
        shell = self.shell
        if shell.client not in (None, self):
            raise SessionBusy("Another client holds the session.")
        self._take(shell)

    def reconnect(self) -> None:
        self._take(self.shell)

    def _take(self, shell: _Shell) -> None:
        with self.remote.changed:
            shell.client = self
            shell.info = replace(shell.info, state="Connected")
            for pipeline in shell.pipelines.values():
                pipeline.unread[:0] = pipeline.given
                pipeline.given = []

    def disconnect(self, idle_timeout: float | None = None, mode: str | None = None) -> None:
        shell = self.shell
        with self.remote.changed:
            shell.client = None
            shell.info = replace(shell.info, state="Disconnected", idle_timeout=idle_timeout or shell.info.idle_timeout)
            self.remote.changed.notify_all()

    def close(self) -> None:
        self.remote.reach(self.endpoint.connection.computer_name)
        if self.pool_id in self.remote.shells:
            self.remote.kill_shell(self.pool_id)

    def list_commands(self) -> list[str]:
        return self.endpoint.list_commands(self.pool_id)

    def pipeline(self, pipeline_id: str) -> FakePipeline:
        return FakePipeline(self, pipeline_id)


class FakePipeline:
    went_at_once = True

    def __init__(self, pool: FakePool, pipeline_id: str) -> None:
        self.pool, self.pipeline_id, self.remote = pool, pipeline_id, pool.remote

    @property
    def live(self) -> _Pipeline:
        found = self.pool.shell.pipelines.get(self.pipeline_id)
        if found is None:
            raise SessionGone("The pipeline is no longer there.", GONE)
        return found

    def begin(self, invocation: Invocation) -> None:
        shell = self.pool.shell
        live = shell.pipelines[self.pipeline_id] = _Pipeline(shell, self.remote, self.pipeline_id)
        if invocation.is_fed:  # a fake script gets its input in one piece
            self._fed, self._fed_to = [], invocation
        else:
            live.start(invocation)

    def feed(self, value: Any) -> None:
        self._fed.append(value)

    def end_input(self) -> None:
        self.live.start(replace(self._fed_to, input=self._fed))

    def connect(self) -> None:
        assert self.live

    def receive(self) -> bytes:
        live = self.live
        with self.remote.changed:
            live.given = []
            self.remote.changed.wait_for(
                lambda: live.unread or live.shell.client is not self.pool or self._is_dead(live), POLL_SECONDS
            )
            if live.shell.client is not self.pool:
                raise Detached("The session was disconnected.")
            if self._is_dead(live):
                raise SessionGone("The session is no longer there.", GONE)
            self.remote.reach(self.pool.endpoint.connection.computer_name)
            live.given, live.unread = live.unread, []
            return b"".join(live.given)

    def _is_dead(self, live: _Pipeline) -> bool:
        return self.pool.pool_id not in self.remote.shells

    def answer(self, call: HostCall, answer: HostAnswer) -> None:
        with self.remote.changed:
            assert self.live.run is not None
            self.live.run.answers.append(answer)
            self.remote.changed.notify_all()

    def stop(self) -> None:
        live = self.live
        with self.remote.changed:
            live.stopping.set()
            self.remote.changed.notify_all()

    def close(self) -> None:
        self.pool.shell.pipelines.pop(self.pipeline_id, None)
