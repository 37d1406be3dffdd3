"""What a cell says, as Jupyter messages: the other end of PowerShell's host.

The session decides what is to be seen: it calls its host ([MS-PSRP] 2.2.3.17) for Write-Host, warnings, verbose and
debug lines, information and progress, after the preferences were asked. The records of those streams come as well and
are left to whoever reads the ledger. Objects and errors come as they are; here they get the form that Out-Default
would give them.

Text is gathered and sent by ``flush``, so a cell that says much costs the page few messages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jobmagics import clixml
from jobmagics.formatting import Formatter, Reader, error_text
from jobmagics.psobject import PSObject
from jobmagics.remote import HostCall
from jobmagics.remote.fragments import Kind
from jobmagics.remote.messages import host_call
from jobmagics.store import StoredMessage

from .objects import ObjectBoard, is_text
from .progress import ProgressBoard, Send
from .texts import colored, painted

Mark = Callable[[Any], None]
WIDTH = 120
"""Columns; what the session is told about its host (``psrp.values``)."""
FLUSH_CHARACTERS = 1 << 18
HOST_FOREGROUND, HOST_BACKGROUND = 7, 0
"""The ConsoleColors that the session believes to be the default ones: they stay the page's own."""
NOTICE, ERROR = "\x1b[33;1m", "\x1b[31;1m"
RESET = "\x1b[0m"


class Console:
    """The output of one cell. ``send`` takes a message type and its content. ``count`` is the cell's execution count:
    with it the objects that a cell ends with are its result. Without ``shows_output`` objects are left to whoever gets
    them otherwise. ``known`` gives what stands here for an object that came: a job for what only names it.
    """

    def __init__(
        self,
        send: Send,
        count: int | None = None,
        *,
        shows_output: bool = True,
        known: Callable[[Any], Any] = lambda value: value,
    ) -> None:
        self._send = send
        self._known = known
        self._shows_output = shows_output
        self._objects = ObjectBoard(send, count, WIDTH)
        self._formatter = Formatter(WIDTH, color=True)
        self._reader = Reader()
        self._progress = ProgressBoard(send)
        self._stream, self._parts, self._length = "stdout", [], 0  # type: tuple[str, list[str], int]
        self.failure: Any = None
        """The ErrorRecord that ended the pipeline, if one did."""

    def show(self, message: StoredMessage, mark: Mark = lambda value: None) -> None:
        """``mark`` adds to an object where it came from."""
        if message.kind == Kind.OUTPUT and self._shows_output:
            value = clixml.decode(message.data)
            mark(value)
            self._output(self._known(value))
        elif message.kind == Kind.ERROR:
            self.error(clixml.decode(message.data))
        elif message.kind == Kind.HOST_CALL:
            call = host_call(message.data)
            act = _ACTS.get(call.method)
            if act is not None:
                act(self, call)
        elif message.kind == Kind.PIPELINE_STATE:
            self._end(clixml.decode(message.data))

    def _output(self, value: Any) -> None:
        if is_text(value) or self._objects.is_full:
            self._lines(self._formatter.feed(value))
            return
        self._lines(self._formatter.close())
        self._send_text()  # what was said before stands above
        self._objects.take(value)

    def error(self, record: Any) -> None:
        """An ErrorRecord, in ConciseView."""
        self.write("stderr", self.error_text(record) + "\n")

    def error_text(self, record: Any) -> str:
        return error_text(self._reader, record, width=WIDTH, color=True)

    def notice(self, text: str) -> None:
        """The kernel's own word."""
        self.write("stderr", f"{NOTICE}{text}{RESET}\n")

    def _end(self, state: Any) -> None:
        found = state._find("ExceptionAsErrorRecord") if isinstance(state, PSObject) else None
        self.failure = found[1] if found is not None else None

    def _lines(self, lines: list[str]) -> None:
        if lines:
            self.write("stdout", "".join(line + "\n" for line in lines))

    # -- to the page

    def write(self, stream: str, text: str) -> None:
        self._objects.end()
        if stream != self._stream or self._length > FLUSH_CHARACTERS:
            self._send_text()
            self._stream = stream
        self._parts.append(text)
        self._length += len(text)

    def _send_text(self) -> None:
        text = colored("".join(self._parts))
        self._parts, self._length = [], 0
        if text:
            self._send("stream", {"name": self._stream, "text": text})

    def flush(self) -> None:
        """Everything said so far is on its way to the page."""
        self._send_text()
        self._objects.refresh()
        self._progress.refresh()

    def clear(self) -> None:
        """What was shown so far goes from the page."""
        self._lines(self._formatter.close())
        self._send_text()
        self._objects.end()
        self._progress.leave()
        self._send("clear_output", {"wait": False})

    def close(self) -> None:
        """The cell has ended: what the formatter held back, and no more progress."""
        self._lines(self._formatter.close())
        self._send_text()
        self._objects.end(is_last=True)
        self._progress.close()

    # -- host calls

    def _write_text(self, call: HostCall) -> None:
        self.write("stdout", _text(call, 0))

    def _write_colored(self, call: HostCall) -> None:
        self.write("stdout", _painted(call))

    def _write_newline(self, _call: HostCall) -> None:
        self.write("stdout", "\n")

    def _write_line(self, call: HostCall) -> None:
        self.write("stdout", _text(call, 0) + "\n")

    def _write_colored_line(self, call: HostCall) -> None:
        self.write("stdout", _painted(call) + "\n")

    def _write_error_line(self, call: HostCall) -> None:
        self.write("stderr", f"{ERROR}{_text(call, 0)}{RESET}\n")

    def _write_progress(self, call: HostCall) -> None:
        if len(call.parameters) > 1:
            self._progress.take(call.parameters[1])


def _labelled(label: str) -> Callable[[Console, HostCall], None]:
    def act(console: Console, call: HostCall) -> None:
        console.write("stdout", f"{NOTICE}{label}: {_text(call, 0)}{RESET}\n")

    return act


_ACTS: dict[int, Callable[[Console, HostCall], None]] = {
    13: Console._write_text,
    14: Console._write_colored,
    15: Console._write_newline,
    16: Console._write_line,
    17: Console._write_colored_line,
    18: Console._write_error_line,
    19: _labelled("DEBUG"),
    20: Console._write_progress,
    21: _labelled("VERBOSE"),
    22: _labelled("WARNING"),
}
"""RemoteHostMethodId ([MS-PSRP] 2.2.3.17) of the calls that show something and want no answer."""


def _text(call: HostCall, index: int) -> str:
    value = call.parameters[index] if index < len(call.parameters) else None
    return "" if value is None else str(value)


def _painted(call: HostCall) -> str:
    foreground, background = (_color(call, index) for index in (0, 1))
    return painted(
        _text(call, 2),
        None if foreground == HOST_FOREGROUND else foreground,
        None if background == HOST_BACKGROUND else background,
    )


def _color(call: HostCall, index: int) -> int | None:
    value = call.parameters[index] if index < len(call.parameters) else None
    number = value._base if isinstance(value, PSObject) else value
    return int(number) if isinstance(number, int) and 0 <= number < 16 else None
