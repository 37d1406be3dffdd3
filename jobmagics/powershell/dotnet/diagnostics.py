"""System.Diagnostics: Stopwatch, and how scripts make and find processes."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from typing import Any

from ...psobject import Int64, PSList, TimeSpan
from ..values.value import to_string
from .table import NetObject, declare, net_error

NANOSECONDS_PER_TICK = 100


class Stopwatch(NetObject):
    net_type = "System.Diagnostics.Stopwatch"

    def __init__(self) -> None:
        self.gathered = 0
        self.since: int | None = None

    @property
    def nanoseconds(self) -> int:
        return self.gathered + (time.perf_counter_ns() - self.since if self.since is not None else 0)

    @property
    def elapsed(self) -> TimeSpan:
        return TimeSpan(self.nanoseconds // NANOSECONDS_PER_TICK)

    def start(self) -> None:
        if self.since is None:
            self.since = time.perf_counter_ns()

    def stop(self) -> None:
        self.gathered = self.nanoseconds
        self.since = None

    def reset(self) -> None:
        self.gathered, self.since = 0, None

    def restart(self) -> None:
        self.reset()
        self.start()

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "IsRunning", self.since is not None
        yield "Elapsed", self.elapsed
        yield "ElapsedMilliseconds", Int64(self.nanoseconds // 1_000_000)
        yield "ElapsedTicks", Int64(self.nanoseconds)

    def ps_to_string(self) -> str:
        return to_string(self.elapsed)


def _started() -> Stopwatch:
    made = Stopwatch()
    made.start()
    return made


WATCH = declare(Stopwatch.net_type)
WATCH.constructor("()")(lambda kind: Stopwatch())
WATCH.static("System.Diagnostics.Stopwatch StartNew()")(_started)
WATCH.static("long GetTimestamp()")(lambda: Int64(time.perf_counter_ns()))
WATCH.static("timespan GetElapsedTime(long startingTimestamp)")(
    lambda start: TimeSpan((time.perf_counter_ns() - int(start)) // NANOSECONDS_PER_TICK)
)
WATCH.constant("long Frequency", Int64(1_000_000_000))
WATCH.constant("bool IsHighResolution", True)
WATCH.property("timespan Elapsed", lambda watch: watch.elapsed)
WATCH.property("long ElapsedMilliseconds", lambda watch: Int64(watch.nanoseconds // 1_000_000))
WATCH.property("long ElapsedTicks", lambda watch: Int64(watch.nanoseconds))
WATCH.property("bool IsRunning", lambda watch: watch.since is not None)
for _name in ("Start", "Stop", "Reset", "Restart"):
    WATCH.method(f"void {_name}()")(getattr(Stopwatch, _name.lower()))

# -- Process

PROCESS = declare("System.Diagnostics.Process")


def _process(number: int) -> Any:
    from ..commands.processes import ProcessInfo

    if not os.path.isdir(f"/proc/{number}"):
        raise net_error(
            "System.ArgumentException", f"Process with an Id of {number} is not running.", param="processId"
        )
    return ProcessInfo(number)


PROCESS.static("System.Diagnostics.Process GetCurrentProcess()")(lambda: _process(os.getpid()))
PROCESS.static("System.Diagnostics.Process GetProcessById(int processId)")(_process)


def _all() -> list[Any]:
    from ..commands.processes import ProcessInfo

    return [ProcessInfo(int(name)) for name in os.listdir("/proc") if name.isdigit()]


PROCESS.static("System.Diagnostics.Process[] GetProcesses()")(lambda: PSList.of("System.Diagnostics.Process", _all()))
PROCESS.static("System.Diagnostics.Process[] GetProcessesByName(string processName)")(
    lambda name: PSList.of("System.Diagnostics.Process", (one for one in _all() if one.name.lower() == name.lower()))
)


class StartInfo(NetObject):
    """ProcessStartInfo."""

    net_type = "System.Diagnostics.ProcessStartInfo"

    def __init__(self, file_name: str = "", arguments: str = "") -> None:
        from .lists import object_list

        self.file_name = file_name
        self.arguments = arguments
        self.argument_list = object_list(element="string")
        self.working_directory = ""
        self.redirect_standard_output = False
        self.redirect_standard_error = False
        self.redirect_standard_input = False
        self.use_shell_execute = False
        self.create_no_window = False


START = declare(StartInfo.net_type)
START.constructor("()", "(string fileName)", "(string fileName, string arguments)")(
    lambda kind, *words: StartInfo(*words)
)
START.attributes(
    "string FileName", "string Arguments", "string WorkingDirectory", "bool RedirectStandardOutput",
    "bool RedirectStandardError",
    "bool RedirectStandardInput", "bool UseShellExecute", "bool CreateNoWindow", writable=True,
)  # fmt: skip
START.attributes("System.Collections.ObjectModel.Collection[string] ArgumentList")


class OwnProcess(NetObject):
    """A Process that a script starts itself: made, given its StartInfo, started, waited for."""

    net_type = "System.Diagnostics.Process"

    def __init__(self, info: StartInfo | None = None) -> None:
        self.start_info = info or StartInfo()
        self.child: Any = None

    def start(self) -> bool:
        import shlex
        import subprocess

        info = self.start_info
        words = [
            info.file_name,
            *(shlex.split(info.arguments) if info.arguments else map(to_string, info.argument_list)),
        ]
        pipe = subprocess.PIPE
        try:
            self.child = subprocess.Popen(
                words,
                cwd=info.working_directory or None,
                stdin=pipe if info.redirect_standard_input else subprocess.DEVNULL,
                stdout=pipe if info.redirect_standard_output else None,
                stderr=pipe if info.redirect_standard_error else None,
            )
        except OSError as problem:
            message = (
                f"An error occurred trying to start process '{info.file_name}' with working directory "
                f"'{info.working_directory or os.getcwd()}'. {problem.strerror}"
            )
            raise net_error("System.ComponentModel.Win32Exception", message) from None
        return True

    def wait(self, milliseconds: int | None = None) -> bool:
        import subprocess

        try:
            self.started.wait(None if milliseconds is None or milliseconds < 0 else milliseconds / 1000)
        except subprocess.TimeoutExpired:
            return False
        return True

    @property
    def started(self) -> Any:
        if self.child is None:
            raise net_error("System.InvalidOperationException", "No process is associated with this object.")
        return self.child

    def ps_get(self, name: str) -> Any:
        from .streams import Stream, TextReader, TextWriter

        folded = name.lower()
        if folded == "startinfo":
            return self.start_info
        if folded in ("standardoutput", "standarderror"):
            pipe = self.started.stdout if folded == "standardoutput" else self.started.stderr
            return TextReader("System.IO.StreamReader", None, Stream(pipe, True, False))
        if folded == "standardinput":
            return TextWriter("System.IO.StreamWriter", Stream(self.started.stdin, False, True))
        if folded == "id":
            return self.started.pid
        if folded == "exitcode":
            return self.started.poll()
        if folded == "hasexited":
            return self.started.poll() is not None
        raise AttributeError(name)

    def ps_set(self, name: str, new: Any) -> None:
        if name.lower() != "startinfo":
            raise AttributeError(name)
        self.start_info = new

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        from ..values.value import NOTHING

        folded = name.lower()
        if folded == "start":
            return self.start()
        if folded == "waitforexit":
            return self.wait(int(args[0])) if args else self.wait() and NOTHING
        if folded == "kill":
            self.started.kill()
            return NOTHING
        if folded in ("dispose", "close"):
            return NOTHING
        raise AttributeError(name)

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "StartInfo", self.start_info
        if self.child is not None:
            yield "Id", self.child.pid
            yield "HasExited", self.child.poll() is not None


PROCESS.constructor("()")(lambda kind: OwnProcess())


def _run(info: StartInfo) -> OwnProcess:
    made = OwnProcess(info)
    made.start()
    return made


PROCESS.static("System.Diagnostics.Process Start(System.Diagnostics.ProcessStartInfo startInfo)")(_run)
PROCESS.static(
    "System.Diagnostics.Process Start(string fileName)",
    "System.Diagnostics.Process Start(string fileName, string arguments)",
)(lambda *words: _run(StartInfo(*words)))


# -- Debug and Trace: no listener is attached

for _name in ("Debug", "Trace"):
    _table = declare(f"System.Diagnostics.{_name}")
    for _verb in ("Write", "WriteLine"):
        _table.static(f"void {_verb}(System.Object value)", f"void {_verb}(string message, string category)")(
            lambda *words: None
        )
    _table.static("void Assert(bool condition)", "void Assert(bool condition, string message)")(lambda *words: None)
