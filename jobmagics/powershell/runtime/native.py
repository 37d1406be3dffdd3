"""Programs of the operating system as commands: arguments, input, output as lines, $LASTEXITCODE.

Output is passed on line by line as it comes. Standard error goes to the error stream as PowerShell's
NativeCommandError records when it is
redirected, else to the host. Stopping the pipeline ends the program.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import threading
from typing import TYPE_CHECKING, Any

from ..binding.tokens_args import plain_text
from ..records import (
    SMA,
    ErrorRecord,
    NetException,
    ScriptError,
)
from ..values.utf16 import decode, encode
from ..values.value import NOTHING, enumerate_value, is_enumerable, to_string
from .calls import MISSING, Argument, Call
from .streams import NULL

if TYPE_CHECKING:
    from ..binding.parameters import CommandInfo
    from .problems import Place
    from .runspace import Frame

KILL_AFTER_SECONDS = 0.2
POLL_SECONDS = 0.05
QUEUED_LINES = 10_000
INPUT_WIDTH = 120


class NativeCall(Call):
    __slots__ = ("exit_code", "formatter", "inputs", "words")

    def __init__(self, frame: Frame, command: CommandInfo, args: list[Argument], place: Place | None) -> None:
        super().__init__(frame, command, args, place)
        self.words = native_words(frame, args)
        self.inputs: list[str] = []
        self.exit_code = 0
        self.formatter: Any = None

    def process(self, value: Any) -> None:
        """Text and numbers go in as lines, objects as the lines they would be shown as."""
        if self.formatter is None and not isinstance(value, (str, int, float)):
            from ..commands.engine_reader import default_formatter

            self.formatter = default_formatter(self.frame.rs, INPUT_WIDTH, False)
        if self.formatter is None or isinstance(value, str):
            self.inputs.append(value if isinstance(value, str) else to_string(value))
        else:
            self.inputs.extend(self.formatter.feed(value))

    def end(self) -> None:
        streams = self.streams()
        frame = self.frame
        rs = frame.rs
        try:
            process = self.start()
        except OSError as problem:
            raise self.failed_to_run(problem) from None

        def kill() -> None:
            stop_process(process)

        rs.cancel_hooks.append(kill)
        try:
            self.pump(process, streams.sinks.get("error"))
            self.await_end(process)
        finally:
            rs.cancel_hooks.remove(kill)
            stop_process(process)
        code = self.exit_code = process.wait()
        rs.global_scope.set("lastexitcode", "LASTEXITCODE", code if code >= 0 else 128 - code)
        if rs.stopping:
            rs.raise_stopped()
        if code != 0:
            self.check_preference(code)

    def succeeded(self) -> bool:
        return self.exit_code == 0

    def start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [self.command.path, *self.words],
            cwd=self.frame.rs.location,
            stdin=subprocess.PIPE if self.expecting_input else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def failed_to_run(self, problem: OSError) -> ScriptError:
        message = (
            f"Program '{self.command.name}' failed to run: An error occurred trying to start process "
            f"'{self.command.path}' with working "
            f"directory '{self.frame.rs.location}'. {problem.strerror}"
        )
        exception = NetException(message, net_type=SMA + "ApplicationFailedException")
        return ScriptError(ErrorRecord(exception, "NativeCommandFailed", "ResourceUnavailable"))

    def pump(self, process: subprocess.Popen[bytes], error_sink: Any) -> None:
        lines: queue.Queue[tuple[str, str | None]] = queue.Queue(QUEUED_LINES)
        readers = [
            threading.Thread(target=read_lines, args=(process.stdout, "out", lines), daemon=True),
            threading.Thread(target=read_lines, args=(process.stderr, "err", lines), daemon=True),
        ]
        if self.formatter is not None:
            self.inputs.extend(self.formatter.close())
        if self.expecting_input:
            text = encode("".join(line + "\n" for line in self.inputs))
            readers.append(threading.Thread(target=write_input, args=(process, text), daemon=True))
        for reader in readers:
            reader.start()
        open_streams = 2
        rs = self.frame.rs
        while open_streams:
            try:
                kind, line = lines.get(timeout=POLL_SECONDS)
            except queue.Empty:
                if rs.stopping:
                    rs.raise_stopped()
                continue
            if line is None:
                open_streams -= 1
            elif kind == "out":
                self.write(line)
            else:
                self.error_line(line, error_sink)
            if rs.stopping:
                rs.raise_stopped()

    def await_end(self, process: subprocess.Popen[bytes]) -> None:
        """A program may close its output a moment, or long, before it ends."""
        while True:
            try:
                process.wait(POLL_SECONDS)
                return
            except subprocess.TimeoutExpired:
                if self.frame.rs.stopping:
                    self.frame.rs.raise_stopped()

    def error_line(self, line: str, sink: Any) -> None:
        if sink is None:
            self.frame.rs.host.ui.write_error_line(line)
            return
        if sink is NULL:
            return
        exception = NetException(line, net_type=SMA + "RemoteException")
        record = ErrorRecord(exception, "NativeCommandError", "NotSpecified", line)
        record.from_native = True
        if self.place is not None:
            record.invocation = self.place.invocation(self.command, self.command.name)
        sink(record)

    def check_preference(self, code: int) -> None:
        """$PSNativeCommandUseErrorActionPreference makes an exit code an error."""
        frame = self.frame
        if not frame.get_variable("PSNativeCommandUseErrorActionPreference", False):
            return
        message = f'Program "{self.command.name}" ended with non-zero exit code: {code} (0x{code & 0xFFFFFFFF:08X}).'
        exception = NetException(message, net_type=SMA + "NativeCommandExitException", extra={"ExitCode": code})
        record = ErrorRecord(exception, "ProgramExitedWithNonZeroCode", "NotSpecified", self.command.name)
        failed = ScriptError(record)
        assert self.place is not None
        if frame.preference("erroractionpreference").lower() == "stop":
            failed.script_wide = True
            raise failed
        rs = frame.rs
        rs.add_error(record)
        frame.emit_error(record)


def stop_process(process: subprocess.Popen[bytes]) -> None:
    """Ends the program and what it started: asked first, then killed."""
    if process.poll() is not None:
        return
    for number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        try:
            os.killpg(process.pid, number)
        except (ProcessLookupError, PermissionError, AttributeError):
            process.kill()
        try:
            process.wait(KILL_AFTER_SECONDS)
            return
        except subprocess.TimeoutExpired:
            continue


def read_lines(stream: Any, kind: str, lines: queue.Queue[tuple[str, str | None]]) -> None:
    with stream:
        for raw in stream:
            lines.put((kind, decode(raw).rstrip("\n").removesuffix("\r")))
    lines.put((kind, None))


def write_input(process: subprocess.Popen[bytes], text: bytes) -> None:
    assert process.stdin is not None
    with contextlib.suppress(OSError):  # the program may not want all of it
        process.stdin.write(text)
    with contextlib.suppress(OSError):
        process.stdin.close()


def native_words(frame: Frame, args: list[Argument]) -> list[str]:
    """Arguments as a program gets them: names as written, collections spread, wildcards expanded as a shell does."""
    words: list[str] = []
    verbatim = False
    for name, given in args:
        value = plain_text(given)
        if name is not None:
            words.append(f"-{name}" if value is MISSING else f"-{name}:{to_string(value)}")
            continue
        if value == "--%" and isinstance(value, str):
            verbatim = True
            continue
        if verbatim:
            words.extend(to_string(value).split())
            continue
        items = enumerate_value(value) if isinstance(value, list) or is_enumerable(value) else (value,)
        words.extend(to_string(item) for item in items if item is not NOTHING and item is not None)
    return words
