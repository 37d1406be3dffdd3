"""Get-, Start-, Stop-, Wait-Process."""

from __future__ import annotations

import datetime
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from typing import Any

from ...psobject import DateTime, Int64, TimeSpan
from ..runtime.cmdlet import Cmdlet, command
from ..values.utf16 import decode
from ..values.value import NOTHING, as_list, to_string, unwrap
from ..values.wildcards import has_wildcard, wildcard_match
from .fileinfo import listed

PROC = "/proc"
WAIT_STEP = 0.05
TICKS = 10_000_000


class ProcessInfo:
    """System.Diagnostics.Process, read from /proc once, when it was asked for."""

    def __init__(self, number: int, child: subprocess.Popen[bytes] | None = None) -> None:
        self.id = number
        self.child = child
        self.name, self.facts = read_process(number)

    @property
    def exited(self) -> bool:
        if self.child is not None:
            return self.child.poll() is not None
        return has_ended(self.id)

    def ps_type_names(self) -> list[str]:
        return [
            "System.Diagnostics.Process",
            "System.ComponentModel.Component",
            "System.MarshalByRefObject",
            "System.Object",
        ]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        facts = self.facts
        yield "SafeHandle", None
        yield "Handle", None
        yield "BasePriority", 0
        yield "ExitCode", exit_code(self.child) if self.child is not None else None
        yield "HasExited", self.exited
        yield "StartTime", facts.get("start")
        yield "ExitTime", None
        yield "Id", self.id
        yield "MachineName", "."
        yield "NonpagedSystemMemorySize64", Int64(0)
        yield "PagedMemorySize64", Int64(facts.get("private", 0))
        yield "PrivateMemorySize64", Int64(facts.get("private", 0))
        yield "ProcessName", self.name
        yield "SessionId", facts.get("session", 0)
        yield "VirtualMemorySize64", Int64(facts.get("virtual", 0))
        yield "WorkingSet64", Int64(facts.get("resident", 0))
        yield "TotalProcessorTime", TimeSpan(int(facts.get("cpu", 0.0) * TICKS))
        yield "Responding", True

    def ps_extended(self) -> Iterable[tuple[str, Any]]:
        facts = self.facts
        yield "Name", self.name
        yield "SI", facts.get("session", 0)
        yield "Handles", 0
        yield "VM", Int64(facts.get("virtual", 0))
        yield "WS", Int64(facts.get("resident", 0))
        yield "PM", Int64(facts.get("private", 0))
        yield "NPM", Int64(0)
        yield "Path", facts.get("path")
        yield "CommandLine", facts.get("command")
        yield "CPU", facts.get("cpu", 0.0)
        yield "Company", None
        yield "FileVersion", None
        yield "Description", None
        yield "Product", None
        yield "__NounName", "Process"

    def ps_get(self, name: str) -> Any:
        return listed(self, name)

    def ps_to_string(self) -> str:
        return f"System.Diagnostics.Process ({self.name})"

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        folded = name.lower()
        if folded == "kill":
            os.kill(self.id, signal.SIGKILL)
            return None
        if folded == "waitforexit":
            return self._wait(int(args[0]) / 1000 if args else None)
        if folded == "refresh":
            self.name, self.facts = read_process(self.id)
            return None
        raise AttributeError(name)

    def _wait(self, seconds: float | None) -> bool | None:
        """Whether it ended in time; nothing where no time was given. A stop comes in between two looks."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while not self.exited:
            if deadline is not None and time.monotonic() >= deadline:
                return False
            time.sleep(WAIT_STEP)
        return None if seconds is None else True


def has_ended(number: int) -> bool:
    """Gone, or only waiting for its parent to ask for its exit code."""
    try:
        with open(f"{PROC}/{number}/stat", encoding="utf-8", errors="replace") as source:
            return source.read().rpartition(")")[2].split()[0] in ("Z", "X")
    except OSError:
        return True


def read_process(number: int) -> tuple[str, dict[str, Any]]:
    """The name and the facts of a process; what this user may not read is left out."""
    try:
        with open(f"{PROC}/{number}/stat", encoding="utf-8", errors="replace") as source:
            text = source.read()
    except OSError:
        return "", {}
    name, rest = text[text.index("(") + 1 : text.rindex(")")], text[text.rindex(")") + 2 :].split()
    clock, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    facts: dict[str, Any] = {
        "session": int(rest[3]),
        "cpu": (int(rest[11]) + int(rest[12])) / clock,
        "virtual": int(rest[20]),
        "resident": int(rest[21]) * page,
        "private": int(rest[21]) * page,
        "start": started(int(rest[19]) / clock),
    }
    try:
        with open(f"{PROC}/{number}/cmdline", "rb") as source:
            words = source.read().split(b"\0")
        facts["command"] = decode(b" ".join(words)).strip()
        facts["path"] = os.readlink(f"{PROC}/{number}/exe")
        name = os.path.basename(facts["path"]) if facts["path"].endswith(name) or len(name) == 15 else name
    except OSError:
        pass
    return name, facts


def started(after_boot: float) -> DateTime | None:
    try:
        with open(f"{PROC}/uptime", encoding="ascii") as source:
            up = float(source.read().split()[0])
    except OSError:
        return None
    moment = datetime.datetime.now().astimezone() - datetime.timedelta(seconds=up - after_boot)
    zone = datetime.timezone(moment.utcoffset() or datetime.timedelta())
    return DateTime(*moment.timetuple()[:6], moment.microsecond, zone)


def every_process(cmdlet: Cmdlet) -> list[ProcessInfo]:
    if not os.path.isdir(PROC):
        raise cmdlet.terminate(
            f"Listing processes is not supported by the built-in engine on {sys.platform}; pwsh runs it.",
            "NotSupported",
            "NotImplemented",
            net_type="System.PlatformNotSupportedException",
        )
    found = [ProcessInfo(int(entry)) for entry in os.listdir(PROC) if entry.isdigit()]
    return sorted((info for info in found if info.name), key=lambda info: (info.name.lower(), info.id))


class ProcessCommand(Cmdlet):
    def chosen(self) -> list[ProcessInfo]:
        given = self.bound.get("inputobject", NOTHING)
        if given is not NOTHING and given is not None:
            return [item for item in as_list(given) if isinstance(item, ProcessInfo)]
        if self.has("Id"):
            return [info for number in as_list(self.arg("Id")) for info in self._by_id(number)]
        every = every_process(self)
        names = [to_string(name) for name in as_list(self.arg("Name"))]
        return [info for name in names for info in self._by_name(every, name)] if names else every

    def _by_id(self, number: int) -> list[ProcessInfo]:
        info = ProcessInfo(number)
        if info.name:
            return [info]
        fqid = "NoProcessFoundForGivenId"
        message = f"Cannot find a process with the process identifier {number}."
        self.error(
            message, fqid, "ObjectNotFound", number, net_type="Microsoft.PowerShell.Commands.ProcessCommandException"
        )
        return []

    def _by_name(self, every: list[ProcessInfo], pattern: str) -> list[ProcessInfo]:
        found = [info for info in every if wildcard_match(pattern, info.name)]
        if not found and not has_wildcard(pattern):
            self.error(
                f'Cannot find a process with the name "{pattern}". Verify the process name and call the cmdlet again.',
                "NoProcessFoundForGivenName",
                "ObjectNotFound",
                pattern,
                net_type="Microsoft.PowerShell.Commands.ProcessCommandException",
            )
        return found


@command("Get-Process")
class GetProcess(ProcessCommand):
    def process(self) -> None:
        self.write_all(self.chosen())


@command("Stop-Process")
class StopProcess(ProcessCommand):
    def process(self) -> None:
        for info in self.chosen():
            if self.should_process(f"{info.name} ({info.id})", "Stop-Process"):
                try:
                    os.kill(info.id, signal.SIGKILL)
                except PermissionError:
                    self.error(
                        f'Cannot stop process "{info.name} ({info.id})" because of the following error: Access is '
                        "denied",
                        "CouldNotStopProcess",
                        "CloseError",
                        info,
                        net_type="Microsoft.PowerShell.Commands.ProcessCommandException",
                    )
                if self.switch("PassThru"):
                    self.write(info)


@command("Wait-Process")
class WaitProcess(ProcessCommand):
    def begin(self) -> None:
        self._waited: list[ProcessInfo] = []

    def process(self) -> None:
        self._waited += self.chosen()

    def end(self) -> None:
        left = float(self.arg("Timeout", -1))
        while any(not info.exited for info in self._waited):
            if 0 <= left <= WAIT_STEP:
                for info in self._waited:
                    if not info.exited:
                        self.error(
                            f'This command stopped operation because process "{info.name} ({info.id})" is not '
                            "stopped in the "
                            "specified time-out.",
                            "ProcessNotTerminated",
                            "CloseError",
                            info,
                            net_type="System.TimeoutException",
                        )
                return
            self.sleep(WAIT_STEP)
            left -= WAIT_STEP if left >= 0 else 0


def exit_code(child: subprocess.Popen[bytes]) -> int | None:
    """As .NET tells it: 128 and the signal for a process that a signal ended."""
    code = child.poll()
    return code if code is None or code >= 0 else 128 - code


def split_arguments(text: str) -> list[str]:
    """The words of a command line, as .NET parts it: only double quotes group, only they are escaped by a backslash."""
    words: list[str] = []
    word: str | None = None
    quoted = False
    at = 0
    while at < len(text):
        slashes = len(text[at:]) - len(text[at:].lstrip("\\"))
        if slashes and text[at + slashes : at + slashes + 1] == '"':
            word = (word or "") + "\\" * (slashes // 2)
            at += slashes
            if slashes % 2:
                word, at = word + '"', at + 1
            continue
        char = text[at]
        at += 1
        if char == '"':
            word = word or ""
            if quoted and text[at : at + 1] == '"':
                word, at = word + '"', at + 1
            else:
                quoted = not quoted
        elif char.isspace() and not quoted:
            if word is not None:
                words.append(word)
            word = None
        else:
            word = (word or "") + char
    return words if word is None else [*words, word]


@command("Start-Process")
class StartProcess(Cmdlet):
    def end(self) -> None:
        program = to_string(self.arg("FilePath"))
        found = shutil.which(program) or (self.path(program) if os.path.exists(self.path(program)) else None)
        if found is None:
            raise self.terminate(
                "This command cannot be run due to the error: An error occurred trying to start process "
                f"'{program}' with working "
                f"directory '{self.runspace.location}'. No such file or directory",
                "InvalidOperationException",
                "InvalidOperation",
                net_type="System.InvalidOperationException",
            )
        words = split_arguments(" ".join(to_string(text) for text in as_list(self.arg("ArgumentList"))))
        if self._is_wrong() or not self.should_process(found, "Start-Process"):
            return
        streams = {name: self._redirect(f"RedirectStandard{word}", mode) for name, word, mode in REDIRECTIONS}
        directory = self.arg("WorkingDirectory")
        child = subprocess.Popen(
            [found, *words],
            cwd=self.path(directory) if directory else self.runspace.location,
            env=self._environment(),
            stdin=streams["stdin"],
            stdout=streams["stdout"],
            stderr=streams["stderr"],
        )
        for stream in streams.values():
            if stream != subprocess.DEVNULL:
                stream.close()
        info = ProcessInfo(child.pid, child)
        if self.switch("PassThru"):
            self.write(info)
        while self.switch("Wait") and child.poll() is None:
            self.sleep(WAIT_STEP)

    def _is_wrong(self) -> bool:
        """Whether the directory or a file of a redirection cannot be used."""
        directory, given = self.arg("WorkingDirectory"), self.arg("RedirectStandardInput")
        output, errors = self.arg("RedirectStandardOutput"), self.arg("RedirectStandardError")
        invalid = (
            'This command cannot be run because the input "{}" is not valid. Provide a valid input and run your '
            "command again."
        )
        same = (
            'This command cannot be run because "RedirectStandardOutput" and "RedirectStandardError" are same. Give '
            "different inputs and Run your command again."
        )
        if directory and not os.path.isdir(self.path(directory)):
            kind, message = "DirectoryNotFoundException", invalid.format("WorkingDirectory")
        elif given and not os.path.isfile(self.path(given)):
            kind, message = "FileNotFoundException", invalid.format(f"RedirectStandardInput '{given}'")
        elif output and errors and self.path(output) == self.path(errors):
            kind, message = "InvalidOperationException", same
        else:
            return False
        namespace = "System." if kind.startswith("Invalid") else "System.IO."
        self.error(message, kind, "InvalidOperation", net_type=namespace + kind)
        return True

    def _environment(self) -> dict[str, str]:
        """This process's variables with those of -Environment; a null takes one away."""
        made = dict(os.environ)
        for name, value in (unwrap(self.arg("Environment")) or {}).items():
            if value is None:
                made.pop(to_string(name), None)
            else:
                made[to_string(name)] = to_string(value)
        return made

    def _redirect(self, name: str, mode: str) -> Any:
        path = self.arg(name)
        return subprocess.DEVNULL if path is None else open(self.path(path), mode)


REDIRECTIONS = (("stdin", "Input", "rb"), ("stdout", "Output", "wb"), ("stderr", "Error", "wb"))
