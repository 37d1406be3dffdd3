"""The kernel: what Jupyter asks, answered through ``cells`` and ``console``.

A cell is followed in the main thread, which alone talks to the front end; the session's own threads only write the
ledger. An expected failure is an error reply of one line; a bug of ours is one with its traceback, because a request
that is never answered leaves the notebook waiting for ever.
"""

from __future__ import annotations

import contextlib
import re
import signal
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import TimeoutError as FutureTimeout
from typing import TYPE_CHECKING, Any

from traitlets import List

from jobmagics import __version__, current
from jobmagics.errors import JobMagicsError
from jobmagics.jobs import FINISHED, JobState
from jobmagics.notebook import notebook_identity
from jobmagics.psobject import PSObject
from jobmagics.results import ChildJob, Job
from jobmagics.store.history import History

from ..console.following import NO_PERSON, Following
from ..console.interrupts import Interrupts
from ..console.prompts import Person
from ..console.streams import ERROR, RESET, Console
from ..console.texts import colored
from . import parts, tools
from .cells import CellSession, waiting_for
from .job_view import JobView
from .python import PythonKernel
from .requests import Given, Interrupted, Requests, request_of
from .session_words import SessionWords
from .variables import Variables

if TYPE_CHECKING:
    from jobmagics.display.views import LiveView

    from .magic_words import KernelMagics

BANNER_SECONDS = 5.0
VARIABLE_SECONDS = 30.0
INDENT = "    "
NO_JOB = 0
"""The id of what runs in an entered session: it takes none from the notebook's jobs."""
GIVEN_UP = "The pipeline did not stop; its session was given up, and the next cell {}."
LEAVING = frozenset({"exit", "exit-pssession", "exsn"})
"""Cells in an entered session that end with one of these lines leave it."""


class Failed(Exception):
    """How a cell ended that did not run to its end: what the error reply and the page are told."""

    def __init__(self, name: str, value: str, shown: str) -> None:
        super().__init__(value)
        self.name, self.value, self.shown = name, value, shown


class PowerShellKernel(PythonKernel):
    """PowerShell cells, in a session on this machine's session host; Python and magics in this process."""

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
        super().__init__(**details)
        identity = notebook_identity()
        self.cells = CellSession(identity, answer=self._answer)
        self._current = current.enter(identity)
        self.words = SessionWords(lambda: self._current.manager)
        self.requests = Requests(lambda: self._current.manager, {**self.words.by_name, "Clear-Host": _clear_host})
        self.variables = Variables(self._ask_session, self.words.known)
        self.history = History()
        self.is_asking = False
        self._magics: KernelMagics | None = None
        self._came_back: list[Any] = []
        self._welcomed: Any = None

    def start(self) -> None:
        super().start()
        self.cells.open()
        if self._current.identity.lasting:
            self._came_back = list(self._current.manager.jobs())
            self._current.manager.recover()

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
        if store_history and not silent:
            self.history.add(self.execution_count, code)
        self.words.begun.clear()
        view = JobView(self.words.begun, self._show_jobs)
        reply = await self._attempt(code, silent, user_expressions or {}, allow_stdin, view)
        try:
            if not silent:
                view.show()
            if self._magics is not None:
                self._magics.settle()
        except Exception:  # a view that cannot be shown must not take the reply with it
            self.log.exception("The jobs of a cell could not be shown.")
        return reply

    async def _attempt(
        self, code: str, silent: bool, expressions: dict[str, str], allow_stdin: bool, view: JobView
    ) -> dict[str, Any]:
        """The content of the reply, however the cell ends."""
        try:
            return await self._run_parts(code, silent, expressions, allow_stdin, view)
        except Failed as failed:
            return self._error_reply(failed, silent)
        except JobMagicsError as error:
            return self._error_reply(Failed(type(error).__name__, error.message, error.message), silent)
        except Exception as error:  # noqa: BLE001 - unanswered, the request would leave the notebook waiting
            shown = f"{traceback.format_exc()}\njobmagics itself failed; please report this."
            return self._error_reply(Failed(type(error).__name__, str(error), shown), silent)

    async def _run_parts(
        self, code: str, silent: bool, expressions: dict[str, str], allow_stdin: bool, view: JobView
    ) -> dict[str, Any]:
        """One after the other, until one fails. What is raised is told by ``_attempt``."""
        found = parts.parts_of(code)
        for part in found:
            parts.check(part)
        self._tell_of_jobs(silent)
        if self._magics is not None:
            self._magics.assign_what_is_due()
        reply: dict[str, Any] = {"status": "ok", "execution_count": self.execution_count}
        payload: list[Any] = []
        for part in found:
            is_last = part is found[-1]
            if part.language == "powershell":
                with Interrupts() as interrupts:
                    self._run(part.run_as(code), self._console(silent, is_last), interrupts, view)
            elif part.language == "help":
                payload.append({"source": "page", "data": {"text/plain": parts.help_of(part.name)}, "start": 0})
            else:
                asked = expressions if is_last else {}
                reply = await self.run_python(part.text, silent, user_expressions=asked, allow_stdin=allow_stdin)
                payload += reply["payload"]
                if reply["status"] == "error":
                    break
        if "user_expressions" not in reply or (found and found[-1].language == "powershell"):
            reply["user_expressions"] = {name: tools.evaluate(self.cells, text) for name, text in expressions.items()}
        return {**reply, "payload": payload}

    # -- Python and magics

    def _made_shell(self) -> Any:
        """With the magics, and the variables of PowerShell as ``ps``."""
        from .magic_words import KernelMagics

        shell = super()._made_shell()
        self._magics = KernelMagics(shell, self._current, self.words, self.variables)
        self._magics.register()
        shell.extension_manager.loaded.add("jobmagics")  # %load_ext jobmagics says that it is loaded
        shell.user_ns["ps"] = shell.user_ns_hidden["ps"] = self.variables
        return shell

    def _magic_words(self, line: str) -> tuple[list[str], str]:
        self.python_shell()
        assert self._magics is not None
        return self._magics.completions(line)

    def _show_jobs(self, jobs: Iterable[Job]) -> LiveView:
        self.python_shell()
        assert self._magics is not None
        return self._magics.view(jobs)

    def _ask_session(self, script: str, arguments: tuple[Any, ...]) -> list[Any]:
        with Interrupts() as interrupts:
            told = self.cells.ask(script, arguments, VARIABLE_SECONDS)
        if interrupts.count:
            raise KeyboardInterrupt
        return told

    def _tell_of_jobs(self, silent: bool) -> None:
        """In the first cell: which jobs an earlier kernel of the notebook left, and those that go on, live."""
        jobs, self._came_back = self._came_back, self._came_back if silent else []
        if not jobs or silent:
            return
        from jobmagics.magics.shell import came_back

        console = self._console(silent, False)
        console.notice(came_back(jobs))
        console.flush()
        going = [job for job in jobs if job.state not in FINISHED]
        if going:
            self._show_jobs(going)

    # -- PowerShell

    def _console(self, silent: bool, is_last: bool = True) -> Console:
        def send(kind: str, content: dict[str, Any]) -> None:
            if not silent:
                self._publish(kind, content)

        return Console(send, self.execution_count if is_last else None, known=self.words.known)

    def _publish(self, kind: str, content: dict[str, Any]) -> None:
        self.send_response(self.iopub_socket, kind, content)  # type: ignore[no-untyped-call]

    def _error_reply(self, failed: Failed, silent: bool) -> dict[str, Any]:
        shown = failed.shown if "\x1b" in failed.shown else f"{ERROR}{failed.shown}{RESET}"
        content = {"ename": failed.name, "evalue": failed.value, "traceback": _trimmed(colored(shown)).split("\n")}
        if not silent:
            self._publish("error", content)
        return {"status": "error", "execution_count": self.execution_count, **content}

    def _run(self, code: str, console: Console, interrupts: Interrupts, view: JobView) -> None:
        """Raises Failed, or what ``errors`` has, unless the cell ran to its end."""
        self._welcome(console, interrupts)
        try:
            if self.words.entered is None:
                self._follow(self.cells.begin(code), console, interrupts, view)
            else:
                self._run_there(code, console, interrupts, view)
        finally:
            self.requests.close()
        if self.words.entered is not None:
            console.write("stdout", self.words.prompt() + "\n")
            console.flush()

    def _run_there(self, code: str, console: Console, interrupts: Interrupts, view: JobView) -> None:
        """In the entered session, behind its prompt."""
        session = self.words.place()
        *lines, last = code.rstrip().splitlines()
        leaves = last.strip().lower() in LEAVING
        script = "\n".join(lines) if leaves else code
        if script.strip():
            manager = self.words.manager
            there = [session] if session else []
            job = manager.invoke(script, sessions=there, job_id=NO_JOB, is_remembered=True)
            self._follow(job, console, interrupts, view)
        if leaves:
            for line in self.words.leave():
                console.notice(line)
            console.flush()

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
            left = Console(console._send, known=self.words.known)
            console.flush()
            try:
                self._follow(job, left, interrupts)
            except Failed as failed:
                if interrupts.count:
                    raise
                console.write("stderr", failed.shown + "\n")
            console.notice("And now this cell:")
            console.flush()

    def _follow(self, job: Job, console: Console, interrupts: Interrupts, view: JobView | None = None) -> None:
        """Shows what comes until the cell is over, and raises how it failed."""
        person = KernelPerson(self, console)

        def check() -> None:
            if interrupts.count or self.cells.is_closing:
                raise Interrupted("The cell was interrupted.")
            if view is not None:
                view.wait()

        is_there = job.children[0].session == self.words.entered

        def serve(child: ChildJob) -> bool:  # another computer has no say over this notebook's jobs and sessions
            return not is_there and self._served(child, person, check)

        manager = self.words.manager if is_there else self.cells.manager
        following = Following(manager, job, console, person, interrupts, serve=serve)
        try:
            following.run(lambda: self.cells.is_closing)
        except BaseException:  # a bug of ours: what runs on would keep the session from the next cell
            with contextlib.suppress(JobMagicsError):
                job.stop()
            self.cells.forget(job)
            raise
        self._conclude(following, console, interrupts)

    def _served(self, child: ChildJob, person: Person, check: Callable[[], None]) -> bool:
        """Whether what a script asks was one of PowerShell's words for jobs and sessions."""
        request = request_of(child.question)
        if request is None:
            return False
        with contextlib.suppress(Interrupted):  # then the pipeline is stopped, and its question with it
            child.answer(self.requests.serve(request, person, check))
        return True

    def _answer(self, child: ChildJob) -> None:
        """What a script of the kernel's own asks."""
        person = KernelPerson(self, Console(lambda *_: None))
        if not self._served(child, person, lambda: None):
            child.refuse(NO_PERSON)

    def _conclude(self, cell: Following, console: Console, interrupts: Interrupts) -> None:
        """The cell's job is over for this kernel: leave the ledger as it should be, and raise how it failed."""
        if interrupts.count and not cell.has_end and not self.cells.is_closing:
            is_there = cell.job.children[0].session == self.words.entered
            (self.words if is_there else self.cells).give_up()
            told = GIVEN_UP.format("is in the local session again" if is_there else "gets a new one")
            self.cells.forget(cell.job)
            raise Failed("PipelineStopped", told, told)
        child = cell.job.children[0]  # whose state says more: a parent whose child was stopped is Completed
        state, reason = child.state, child.reason
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

    # -- the rest of the protocol

    async def do_is_complete(self, code: str) -> dict[str, Any]:
        from jobmagics.powershell.parser import completeness

        part = parts.part_at(code, len(code))
        if part.language == "python":
            return self.is_python_complete(part.text)
        if part.language != "powershell":
            return {"status": "complete"}
        status = completeness(part.text)
        reply: dict[str, Any] = {"status": status}
        if status == "incomplete":
            reply["indent"] = _next_indent(code)
        return reply

    async def do_complete(self, code: str, cursor_pos: int) -> dict[str, Any]:
        names, start = parts.magics_at(code, cursor_pos)
        if names:
            return tools.completions(names, start, cursor_pos)
        part = parts.part_at(code, cursor_pos)
        place = cursor_pos - part.start
        if part.language == "python":
            return tools.moved(self.complete_python(part.text, place), part.start)
        if part.language != "powershell":
            words, typed = self._magic_words(part.text[:place])
            return tools.completions(words, cursor_pos - len(typed), cursor_pos)
        try:
            return tools.moved(tools.complete(self.cells, part.text, place), part.start)
        except JobMagicsError:  # no session now: nothing can be completed
            return tools.completions([], cursor_pos, cursor_pos)

    async def do_inspect(
        self, code: str, cursor_pos: int, detail_level: int = 0, omit_sections: Any = ()
    ) -> dict[str, Any]:
        part = parts.part_at(code, cursor_pos)
        if part.language == "python":
            return self.inspect_python(part.text, cursor_pos - part.start, detail_level)
        if part.language != "powershell":
            return tools.help_reply(part.name)
        try:
            return tools.inspect(self.cells, part.text, cursor_pos - part.start, detail_level)
        except JobMagicsError as error:
            return {"status": "ok", "found": True, "data": {"text/plain": error.message}, "metadata": {}}

    async def do_history(
        self,
        hist_access_type: str,
        output: bool,
        raw: bool,
        session: int | None = None,
        start: int | None = None,
        stop: int | None = None,
        n: int | None = None,
        pattern: str | None = None,
        unique: bool = False,
    ) -> dict[str, Any]:
        if hist_access_type == "tail":
            cells = self.history.tail(n or 0)
        elif hist_access_type == "search":
            cells = self.history.search(pattern or "*", n, unique=unique)
        else:
            cells = self.history.range(session or 0, start or 0, stop)
        told = [(number, line, (source, None) if output else source) for number, line, source in cells]
        return {"status": "ok", "history": told}

    async def do_shutdown(self, restart: bool) -> dict[str, Any]:
        self.cells.close()
        self.history.close()
        if self.is_asking:  # nothing else ends the waiting for an answer that will not come
            signal.raise_signal(signal.SIGINT)
        # last: its jobs go on and are found again even if Jupyter, which waits 2.5 s, does not wait for this
        if self._magics is not None:
            self._magics.close()
        self._current.close()
        return {"status": "ok", "restart": restart}


class KernelPerson:
    """Whoever sits before the kernel's front end."""

    def __init__(self, kernel: PowerShellKernel, console: Console) -> None:
        self._kernel, self._console = kernel, console

    def line(self, prompt: str) -> str:
        return self._ask(self._kernel.raw_input, prompt)

    def secret(self, prompt: str) -> str:
        return self._ask(self._kernel.getpass, prompt)

    def _ask(self, box: Callable[[str], Any], prompt: str) -> str:
        self._kernel.is_asking = True
        try:
            return str(box(prompt))
        finally:
            self._kernel.is_asking = False

    def tell(self, text: str) -> None:
        self._console.write("stdout", text + "\n")
        self._console.flush()

    def clear(self) -> None:
        self._console.clear()


def _clear_host(given: Given) -> tuple[()]:
    """What the cell has shown goes from its output."""
    if isinstance(given.person, KernelPerson):
        given.person.clear()
    return ()


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
