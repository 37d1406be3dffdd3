"""ForEach-Object -Parallel: each element in a session of its own, a few at a time."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..jobs.starters import start_parallel_job
from ..jobs.table import table_of
from ..jobs.using import using_of
from ..records import (
    SMA,
    ErrorRecord,
    InformationalRecord,
    InformationRecord,
    PipelineStopped,
    ProgressRecord,
    ScriptError,
)
from ..runtime.scriptblock import ScriptBlock
from ..values.value import unwrap

if TYPE_CHECKING:
    from .filtering import ForEachObject

DEFAULT_THROTTLE = 5
POLL_SECONDS = 0.05


class Relay:
    """A session's streams, sent to the cmdlet's thread."""

    def __init__(self, send: Callable[[str, Any], None]) -> None:
        self._send = send

    def output(self, value: Any) -> None:
        self._send("output", value)

    def error(self, record: ErrorRecord) -> None:
        self._send("error", record)

    def warning(self, record: InformationalRecord) -> None:
        self._send("Warning", record)

    def verbose(self, record: InformationalRecord) -> None:
        self._send("Verbose", record)

    def debug(self, record: InformationalRecord) -> None:
        self._send("Debug", record)

    def information(self, record: InformationRecord) -> None:
        self._send("information", record)

    def progress(self, record: ProgressRecord) -> None:
        self._send("progress", record)


NO_BLOCKS = (
    "A ForEach-Object -Parallel {} cannot be a script block. Passed-in script block variables are not supported with "
    "ForEach-Object -Parallel, and can result in undefined behavior."
)


def using_values(cmdlet: ForEachObject) -> Any:
    """The $using: variables. A script block among them would run in the session that it was made in."""
    found = using_of(cmdlet, cmdlet.arg("Parallel"))
    if any(isinstance(unwrap(value), ScriptBlock) for value in found.values()):
        raise cmdlet.terminate(
            NO_BLOCKS.format("using variable"),
            "ParallelUsingVariableCannotBeScriptBlock",
            "InvalidType",
            net_type=SMA + "PSArgumentException",
        )
    return found


def is_refused(cmdlet: ForEachObject, value: Any) -> bool:
    """A script block as input is an error; the elements after it are taken."""
    if not isinstance(unwrap(value), ScriptBlock):
        return False
    cmdlet.error(
        NO_BLOCKS.format("piped input object"),
        "ParallelPipedInputObjectCannotBeScriptBlock",
        "InvalidType",
        net_type=SMA + "PSArgumentException",
    )
    return True


class ParallelJob:
    """-AsJob: the elements are gathered, then run as one job with a child for each."""

    def __init__(self, cmdlet: ForEachObject) -> None:
        self._cmdlet = cmdlet
        self._values: list[Any] = []
        self._using = using_values(cmdlet)
        if cmdlet.arg("TimeoutSeconds"):
            raise cmdlet.terminate(
                "The 'TimeoutSeconds' parameter cannot be used with the 'AsJob' parameter.",
                "ParallelCannotUseTimeoutWithJob",
                "InvalidOperation",
                net_type="System.ArgumentException",
            )

    def add(self, value: Any) -> None:
        if not is_refused(self._cmdlet, value):
            self._values.append(value)

    def finish(self) -> None:
        cmdlet = self._cmdlet
        block: ScriptBlock = cmdlet.arg("Parallel")
        limit = int(cmdlet.arg("ThrottleLimit", DEFAULT_THROTTLE))
        table = table_of(cmdlet.runspace)
        cmdlet.write(start_parallel_job(table, cmdlet.runspace, block, self._values, self._using, limit))


class ParallelRun:
    """Workers take elements from one queue and give what came of them through another."""

    def __init__(self, cmdlet: ForEachObject) -> None:
        self._cmdlet = cmdlet
        self._limit = int(cmdlet.arg("ThrottleLimit", DEFAULT_THROTTLE))
        self._block: ScriptBlock = cmdlet.arg("Parallel")
        self._elements: queue.Queue[Any] = queue.Queue()
        self._results: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._workers: list[threading.Thread] = []
        self._sessions: list[Any] = []
        self._stopped = False
        self._using = using_values(cmdlet)

    def add(self, value: Any) -> None:
        if is_refused(self._cmdlet, value):
            return
        self._elements.put(("element", value))
        if len(self._workers) < self._limit:
            worker = threading.Thread(target=self._work, name="ForEach-Object -Parallel", daemon=True)
            self._workers.append(worker)
            worker.start()
        self._drain()

    def finish(self) -> None:
        for _ in self._workers:
            self._elements.put(("end", None))
        running = len(self._workers)
        try:
            while running:
                kind, value = self._next()
                if kind == "worker ended":
                    running -= 1
                elif kind:
                    self._give(kind, value)
        except BaseException:
            self._stop()
            raise

    def _stop(self) -> None:
        self._stopped = True
        for session in self._sessions:
            session.stop()

    def _next(self) -> tuple[str, Any]:
        try:
            return self._results.get(timeout=POLL_SECONDS)
        except queue.Empty:
            self._cmdlet.check_stopped()
            return "", None

    def _drain(self) -> None:
        while not self._results.empty():
            kind, value = self._results.get_nowait()
            if kind == "worker ended":
                self._results.put((kind, value))
                return
            self._give(kind, value)

    def _give(self, kind: str, value: Any) -> None:
        cmdlet = self._cmdlet
        if kind == "output":
            cmdlet.write(value)
        elif kind == "error":
            cmdlet.runtime.write_error(value)
        elif kind == "information":
            cmdlet.information(value)
        elif kind == "progress":
            cmdlet.progress(value)
        else:
            cmdlet.runtime.write_informational(kind, value.message)

    def _work(self) -> None:
        while True:
            kind, value = self._elements.get()
            if kind == "end" or self._stopped:
                break
            try:
                self._run(value)
            except ScriptError as problem:
                self._send("error", problem.record)
            except PipelineStopped:
                break
        self._send("worker ended", None)

    def _run(self, value: Any) -> None:
        """One element in a fresh session, which sees nothing of the caller's but $using: variables."""
        from ..runtime.runspace import CommandRequest, PipelineRequest, Runspace

        session = Runspace(self._cmdlet.runspace.host)
        session.set_location(self._cmdlet.runspace.location)
        session.values["using"] = self._using
        session.set_variable("_", value)
        self._sessions.append(session)
        session.invoke(PipelineRequest([CommandRequest(self._block.text)]), Relay(self._send))

    def _send(self, kind: str, value: Any) -> None:
        self._results.put((kind, value))
