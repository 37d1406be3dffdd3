"""The kernel: what Jupyter asks, answered through ``cells`` and ``console``.

A cell is followed in the main thread, which alone talks to the front end; the session's own threads only write the
ledger. An expected failure is an error reply of one line; a bug of ours is one with its traceback, because a request
that is never answered leaves the notebook waiting for ever.
"""

from __future__ import annotations

import re
import signal
import time
import traceback
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

from ipykernel.kernelbase import Kernel
from IPython.core.error import StdinNotImplementedError
from traitlets import List

from jobmagics import __version__
from jobmagics.errors import JobMagicsError
from jobmagics.jobs import JobState
from jobmagics.notebook import notebook_identity
from jobmagics.psobject import PSObject
from jobmagics.remote import HostAnswer
from jobmagics.remote.fragments import Kind

from ..console.interrupts import Interrupts
from ..console.prompts import answer
from ..console.streams import ERROR, RESET, Console
from ..console.texts import colored
from .cells import INTERRUPTED, STOP_SECONDS, Cell, CellSession, Question, waiting_for

LOOK_SECONDS = 0.1
"""So often an interrupt is looked for while a cell is silent."""
LATE_MESSAGES = 1000
"""What was on its way when a cell was interrupted is shown up to here, so that the page stops, too."""
GATHER_SECONDS = 0.01
"""Output that comes within this time goes to the page together."""
BANNER_SECONDS = 5.0
INDENT = "    "


class Failed(Exception):
    """How a cell ended that did not run to its end: what the error reply and the page are told."""

    def __init__(self, name: str, value: str, shown: str) -> None:
        super().__init__(value)
        self.name, self.value, self.shown = name, value, shown


class PowerShellKernel(Kernel):
    """PowerShell cells, in a session on this machine's session host."""

    implementation = "jobmagics"
    implementation_version = __version__
    language_info = {  # noqa: RUF012 - ipykernel reads a plain class attribute
        "name": "powershell",
        "version": "7.6",
        "mimetype": "application/x-powershell",
        "file_extension": ".ps1",
        "pygments_lexer": "powershell",
        "codemirror_mode": "powershell",
    }
    help_links = List([{"text": "PowerShell", "url": "https://learn.microsoft.com/powershell/scripting/overview"}])

    def __init__(self, **details: Any) -> None:
        super().__init__(**details)  # type: ignore[no-untyped-call]
        self.cells = CellSession(notebook_identity())
        self._is_asking = False
        self._welcomed: Any = None

    def start(self) -> None:
        super().start()  # type: ignore[no-untyped-call]
        self.cells.open()

    @property
    def banner(self) -> str:  # type: ignore[override]
        """Says which engine answers; without it if the session is not there in time."""
        told = ""
        try:
            engine = self.cells.open().result(BANNER_SECONDS).engine
            told = f": {engine}" if engine is not None else ""
        except JobMagicsError as error:
            told = f"; no session yet: {error.message}"
        except FutureTimeout:
            told = "; its session is still being opened"
        return f"PowerShell (jobmagics {__version__}){told}"

    @property
    def kernel_info(self) -> dict[str, Any]:
        info: dict[str, Any] = super().kernel_info
        info["supported_features"] = [name for name in info["supported_features"] if name != "debugger"]
        return info

    # -- cells

    async def do_execute(
        self,
        code: str,
        silent: bool,
        store_history: bool = True,
        user_expressions: dict[str, str] | None = None,
        allow_stdin: bool = False,
        *,
        cell_meta: Any = None,
        cell_id: Any = None,
    ) -> dict[str, Any]:
        self._allow_stdin = allow_stdin
        try:
            if code.strip():
                with Interrupts() as interrupts:
                    self._run(code, self._console(silent), interrupts)
        except Failed as failed:
            return self._error_reply(failed, silent)
        except JobMagicsError as error:
            return self._error_reply(Failed(type(error).__name__, error.message, error.message), silent)
        except Exception as error:  # noqa: BLE001 - unanswered, the request would leave the notebook waiting
            shown = f"{traceback.format_exc()}\njobmagics itself failed; please report this."
            return self._error_reply(Failed(type(error).__name__, str(error), shown), silent)
        unknown = dict.fromkeys(user_expressions or {}, _NO_EXPRESSIONS)
        return {
            "status": "ok", "execution_count": self.execution_count, "payload": [], "user_expressions": unknown
        }  # fmt: skip

    def _console(self, silent: bool) -> Console:
        def send(kind: str, content: dict[str, Any]) -> None:
            if not silent:
                self._publish(kind, content)

        return Console(send)

    def _publish(self, kind: str, content: dict[str, Any]) -> None:
        self.send_response(self.iopub_socket, kind, content)  # type: ignore[no-untyped-call]

    def _error_reply(self, failed: Failed, silent: bool) -> dict[str, Any]:
        shown = failed.shown if "\x1b" in failed.shown else f"{ERROR}{failed.shown}{RESET}"
        content = {"ename": failed.name, "evalue": failed.value, "traceback": _trimmed(colored(shown)).split("\n")}
        if not silent:
            self._publish("error", content)
        return {"status": "error", "execution_count": self.execution_count, **content}

    def _run(self, code: str, console: Console, interrupts: Interrupts) -> None:
        """Raises Failed, or what ``errors`` has, unless the cell ran to its end."""
        self._welcome(console, interrupts)
        cell = self.cells.begin(code)
        self._follow(cell, console, interrupts)

    def _welcome(self, console: Console, interrupts: Interrupts) -> None:
        """What there is to say before the first cell of a session: where it comes from, and what was left in it."""
        opening = self.cells.open()
        opened = waiting_for(opening, lambda: interrupts.count > 0)
        if opening is self._welcomed:
            return
        self._welcomed = opening
        if opened.notice:
            console.notice(opened.notice)
        for job in opened.left:
            console.notice(f"What a cell of the earlier kernel had left to say ({_first_line(job.command)}):")
            left = Console(console._send)
            console.flush()
            try:
                self._follow(Cell(self.cells.manager, job), left, interrupts)
            except Failed as failed:
                if interrupts.count:
                    raise
                console.write("stderr", failed.shown + "\n")
            console.notice("And now this cell:")
            console.flush()

    def _follow(self, cell: Cell, console: Console, interrupts: Interrupts) -> None:
        """Shows what comes until the cell is over. An interrupt stops the pipeline; a second one, or a pipeline that
        neither ends nor says anything any more, ends the following.
        """
        seen, silent_since, late = 0, 0.0, 0
        while True:
            is_over = cell.is_over
            for message in cell.read():
                silent_since = time.monotonic()
                late += seen > 0
                if late <= LATE_MESSAGES or message.kind == Kind.PIPELINE_STATE:
                    console.show(message)
                if interrupts.count > seen:
                    break
            console.flush()
            cell.note_shown()
            if interrupts.count > seen:
                if seen:
                    break
                seen, silent_since = interrupts.count, time.monotonic()
                self.cells.stop(cell)
            elif is_over or self.cells.is_closing or (seen and time.monotonic() > silent_since + STOP_SECONDS):
                break
            self._put_question(console, interrupts, is_stopping=bool(seen))
            self.cells.wait_change(LOOK_SECONDS)
            time.sleep(GATHER_SECONDS)
        if late > LATE_MESSAGES:
            console.notice(f"… what came after the interrupt is not shown ({late - LATE_MESSAGES} messages).")
        console.close()
        self._conclude(cell, console, interrupts)

    def _conclude(self, cell: Cell, console: Console, interrupts: Interrupts) -> None:
        """The cell's job is over for this kernel: leave the ledger as it should be, and raise how it failed."""
        if interrupts.count and not cell.has_end and not self.cells.is_closing:
            self.cells.give_up()
            told = "The pipeline did not stop; its session was given up, and the next cell gets a new one."
            self.cells.forget(cell.job)
            raise Failed("PipelineStopped", told, told)
        state, reason = cell.state, cell.reason
        self.cells.forget(cell.job)
        for notice in self.cells.take_notices():
            console.notice(notice)
        console.flush()
        if self.cells.is_closing:
            told = "The kernel ended before the cell did."
            raise Failed("KernelEnded", told, told)
        if state is JobState.COMPLETED:
            return
        if state is JobState.STOPPED:
            told = "The cell was interrupted; its pipeline was stopped."
            raise Failed("PipelineStopped", told, told)
        if console.failure is not None:
            record = console.failure
            raise Failed(_exception_name(record), str(record), console.error_text(record))
        told = reason or "The session of the cells was taken over elsewhere; the next cell gets a new one."
        raise Failed("SessionLost", told, told)

    # -- questions

    def _put_question(self, console: Console, interrupts: Interrupts, *, is_stopping: bool) -> None:
        question = self.cells.next_question()
        if question is None:
            return
        if is_stopping:
            question.answer.set_result(HostAnswer(refusal=INTERRUPTED))
            return
        try:
            question.answer.set_result(self._asked(question, console, interrupts))
        except KeyboardInterrupt:  # answered when the pipeline has been told to stop
            self.cells.put_back(question)

    def _asked(self, question: Question, console: Console, interrupts: Interrupts) -> HostAnswer:
        def tell(line: str) -> None:
            console.write("stdout", line + "\n")
            console.flush()

        self._is_asking = True
        try:
            with interrupts.raised():
                return answer(question.call, self.raw_input, tell)
        except StdinNotImplementedError:
            return HostAnswer(
                refusal="A command that prompts the user failed because this front end cannot ask; give the value as"
                " a parameter."
            )
        except EOFError:
            return HostAnswer(refusal="The question was left unanswered.")
        finally:
            self._is_asking = False

    # -- the rest of the protocol

    async def do_is_complete(self, code: str) -> dict[str, Any]:
        from jobmagics.powershell.parser import completeness

        status = completeness(code)
        reply: dict[str, Any] = {"status": status}
        if status == "incomplete":
            reply["indent"] = _next_indent(code)
        return reply

    async def do_shutdown(self, restart: bool) -> dict[str, Any]:
        self.cells.close()
        if self._is_asking:  # nothing else ends the waiting for an answer that will not come
            signal.raise_signal(signal.SIGINT)
        return {"status": "ok", "restart": restart}


_NO_EXPRESSIONS = {
    "status": "error",
    "ename": "NotSupported",
    "evalue": "The PowerShell kernel does not evaluate user expressions.",
    "traceback": [],
}


def _trimmed(text: str) -> str:
    """Without the newlines that PowerShell ends an error with."""
    return re.sub(r"\n+((?:\x1b\[[0-9;]*m)*)$", r"\1", text)


def _exception_name(record: Any) -> str:
    """The class of the exception in an ErrorRecord, without its namespace."""
    found = record._find("Exception") if isinstance(record, PSObject) else None
    names = found[1]._type_names if found is not None and isinstance(found[1], PSObject) else None
    return names[0].rpartition(".")[2] if names else "RuntimeException"


def _first_line(script: str) -> str:
    lines = script.strip().splitlines() or [""]
    return lines[0] if len(lines) == 1 else lines[0] + " …"


def _next_indent(code: str) -> str:
    """As deep as the last line, and one step more after an opening bracket or a pipe."""
    last = code.rstrip().rpartition("\n")[2]
    depth = last[: len(last) - len(last.lstrip())]
    return depth + INDENT if last.endswith(("{", "(", "[", "|", "`")) else depth
