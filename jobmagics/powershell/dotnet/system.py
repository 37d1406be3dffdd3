"""The machine and the process: Environment, Console, GC, AppDomain, RuntimeInformation, Marshal, Activator."""

from __future__ import annotations

import gc
import os
import platform
import socket
import sys
import time
from typing import Any

from ...psobject import Int64, PSList, SecureString, Version
from ..records import ScriptError
from ..runtime.drives import environment
from ..values.types import NetType
from ..values.utf16 import units
from ..values.value import to_string
from .enums import enum_value
from .table import NetObject, argument_null, declare, net_error

RUNTIME = (10, 0, 0)  # the .NET that PowerShell 7.6 stands on

# -- Environment

ENVIRONMENT = declare("System.Environment")


class OperatingSystem(NetObject):
    net_type = "System.OperatingSystem"

    @property
    def platform(self) -> Any:
        return enum_value("System.PlatformID", "Win32NT" if os.name == "nt" else "Unix")

    @property
    def version(self) -> Version:
        numbers = [int(part) for part in platform.release().replace("-", ".").split(".") if part.isdigit()]
        return Version((*numbers, 0, 0, 0, 0)[:4])

    @property
    def version_string(self) -> str:
        return f"{'Microsoft Windows NT' if os.name == 'nt' else 'Unix'} {self.version}"

    @property
    def service_pack(self) -> str:
        return ""

    def ps_to_string(self) -> str:
        return self.version_string


OS = declare(OperatingSystem.net_type)
OS.attributes("System.PlatformID Platform", "string ServicePack", "version Version", "string VersionString")
for _name, _prefix in (("Linux", "linux"), ("MacOS", "darwin"), ("Windows", "win32")):
    OS.static(f"bool Is{_name}()")(lambda prefix=_prefix: sys.platform.startswith(prefix))


def user_name() -> str:
    import getpass

    return os.environ.get("USER") or getpass.getuser()


ENVIRONMENT.static_property("string MachineName", lambda: socket.gethostname().partition(".")[0])
ENVIRONMENT.static_property("string UserName", user_name)
ENVIRONMENT.static_property("string UserDomainName", lambda: socket.gethostname().partition(".")[0])
ENVIRONMENT.static_property("bool UserInteractive", lambda: True)
ENVIRONMENT.static_property("int ProcessorCount", lambda: os.cpu_count() or 1)
ENVIRONMENT.static_property("int ProcessId", os.getpid)
ENVIRONMENT.static_property("string ProcessPath", lambda: sys.executable)
ENVIRONMENT.static_property("int CurrentManagedThreadId", lambda: 1)
ENVIRONMENT.static_property("bool Is64BitOperatingSystem", lambda: sys.maxsize > 1 << 32)
ENVIRONMENT.static_property("bool Is64BitProcess", lambda: sys.maxsize > 1 << 32)
ENVIRONMENT.static_property("System.OperatingSystem OSVersion", OperatingSystem)
ENVIRONMENT.static_property("version Version", lambda: Version(RUNTIME))
ENVIRONMENT.static_property("string NewLine", lambda: os.linesep)
ENVIRONMENT.static_property("string CommandLine", lambda: units(" ".join(sys.argv)))
ENVIRONMENT.static_property("string SystemDirectory", lambda: "")
ENVIRONMENT.static_property("int SystemPageSize", lambda: 4096)
ENVIRONMENT.static_property("long WorkingSet", lambda: Int64(working_set()))
ENVIRONMENT.static_property("string StackTrace", lambda: "")
ENVIRONMENT.static_property("bool HasShutdownStarted", lambda: False)
ENVIRONMENT.static_property("string CurrentDirectory", lambda: units(os.getcwd()), os.chdir)


def working_set() -> int:
    try:
        with open("/proc/self/statm", encoding="ascii") as source:
            return int(source.read().split()[1]) * 4096
    except OSError:
        return 0


def _milliseconds() -> int:
    return int(time.monotonic() * 1000)


ENVIRONMENT.static_property("int ExitCode", lambda: 0)
ENVIRONMENT.static_property("int TickCount", lambda: (_milliseconds() + (1 << 31)) % (1 << 32) - (1 << 31))
ENVIRONMENT.static_property("long TickCount64", lambda: Int64(_milliseconds()))
_TARGET = "System.EnvironmentVariableTarget target"


@ENVIRONMENT.static(
    "string GetEnvironmentVariable(string variable)", f"string GetEnvironmentVariable(string variable, {_TARGET})"
)
def _get_variable(name: str | None, target: Any = 0) -> str | None:
    if name is None:
        raise argument_null("variable")
    return environment(name) if int(target) == 0 else None


@ENVIRONMENT.static(
    "void SetEnvironmentVariable(string variable, string value)",
    f"void SetEnvironmentVariable(string variable, string value, {_TARGET})",
)
def _set_variable(name: str | None, value: str | None, target: Any = 0) -> None:
    if not name:
        if name is None:
            raise argument_null("variable")
        raise net_error("System.ArgumentException", "The value cannot be an empty string.", param="variable")
    if int(target) != 0:
        return  # only Windows keeps them for users and machines
    if value:
        os.environ[name] = value
    else:
        os.environ.pop(name, None)


@ENVIRONMENT.static(
    "System.Collections.IDictionary GetEnvironmentVariables()",
    f"System.Collections.IDictionary GetEnvironmentVariables({_TARGET})",
)
def _variables(target: Any = 0) -> Any:
    from .tables import case_sensitive

    return case_sensitive((units(name), units(value)) for name, value in os.environ.items() if int(target) == 0)


@ENVIRONMENT.static("string ExpandEnvironmentVariables(string name)")
def _expand(text: str) -> str:
    import re

    def value(found: re.Match[str]) -> str:
        known = environment(found[1])
        return found[0] if known is None else known

    return re.sub(r"%([^%]+)%", value, text)


_FOLDERS = {
    "UserProfile": "~",
    "MyDocuments": "~/Documents",
    "Personal": "~/Documents",
    "Desktop": "~/Desktop",
    "ApplicationData": "~/.config",
    "LocalApplicationData": "~/.local/share",
    "CommonApplicationData": "/usr/share",
}


@ENVIRONMENT.static("string GetFolderPath(System.Environment+SpecialFolder folder)")
def _folder(folder: Any) -> str:
    path = os.path.expanduser(_FOLDERS.get(to_string(folder), ""))
    return path if os.path.isdir(path) else ""


ENVIRONMENT.static("string[] GetCommandLineArgs()")(lambda: PSList.of("System.String", map(units, sys.argv)))
ENVIRONMENT.static("string[] GetLogicalDrives()")(lambda: PSList.of("System.String", ["/"]))


@ENVIRONMENT.static("void Exit(int exitCode)")
def _exit(code: int) -> None:
    from ..records import ExitScript

    raise ExitScript(code)


# -- GC

COLLECTOR = declare("System.GC")
COLLECTOR.static("void Collect()", "void Collect(int generation)")(lambda generation=2: gc.collect() and None)
COLLECTOR.static("void WaitForPendingFinalizers()")(lambda: None)
COLLECTOR.static("void SuppressFinalize(System.Object obj)")(lambda value: None)
COLLECTOR.static("void KeepAlive(System.Object obj)")(lambda value: None)
COLLECTOR.static("long GetTotalMemory(bool forceFullCollection)")(lambda force: Int64(working_set()))
COLLECTOR.static("int CollectionCount(int generation)")(
    lambda generation: gc.get_stats()[min(generation, 2)]["collections"]
)
COLLECTOR.static_property("int MaxGeneration", lambda: 2)

# -- Console: goes to the host


def _ui() -> Any:
    from ..runtime.runspace import current_runspace

    runspace = current_runspace()
    return runspace.host.ui if runspace is not None else None


def _console_text(parts: tuple[Any, ...]) -> str:
    from .streams import _written

    return _written(parts)


def _write(*parts: Any) -> None:
    _ui().write(_console_text(parts))


def _write_line(*parts: Any) -> None:
    _ui().write_line(_console_text(parts))


CONSOLE = declare("System.Console")
for _name, _function in (("Write", _write), ("WriteLine", _write_line)):
    CONSOLE.static(
        *(("void WriteLine()",) if _name == "WriteLine" else ()),
        *(
            f"void {_name}({kind} value)"
            for kind in ("string", "char", "int", "long", "double", "bool", "decimal", "System.Object")
        ),
        f"void {_name}(string format, Params System.Object[] arg)",
    )(_function)
CONSOLE.static("string ReadLine()")(lambda: _ui().read_line())
CONSOLE.static("void Beep()", "void Clear()", "void ResetColor()")(lambda: None)


class ConsoleWriter(NetObject):
    """[Console]::Out and ::Error."""

    net_type = "System.IO.TextWriter"

    def __init__(self, is_error: bool) -> None:
        self.is_error = is_error

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        from ..values.value import NOTHING

        folded = name.lower()
        if folded not in ("write", "writeline", "flush"):
            raise AttributeError(name)
        if folded != "flush":
            text = _console_text(tuple(args) if len(args) < 2 else (args[0], args[1:]))
            ui = _ui()
            if self.is_error:
                ui.write_error_line(text)
            elif folded == "write":
                ui.write(text)
            else:
                ui.write_line(text)
        return NOTHING


CONSOLE.static_property("System.IO.TextWriter Out", lambda: ConsoleWriter(False))
CONSOLE.static_property("System.IO.TextWriter Error", lambda: ConsoleWriter(True))


def _utf8() -> Any:
    from .encoding import utf8

    return utf8(False)


def _ignore(value: Any) -> None:
    """Settings of a console that is not there."""


CONSOLE.static_property("System.Text.Encoding OutputEncoding", _utf8, _ignore)
CONSOLE.static_property("System.Text.Encoding InputEncoding", _utf8, _ignore)
for _name, _value in (
    ("bool IsOutputRedirected", True),
    ("bool IsInputRedirected", True),
    ("bool IsErrorRedirected", True),
    ("bool KeyAvailable", False),
    ("int WindowWidth", 120),
    ("int WindowHeight", 50),
    ("int BufferWidth", 120),
    ("int BufferHeight", 50),
    ("int CursorLeft", 0),
    ("int CursorTop", 0),
    ("bool CursorVisible", True),
    ("string Title", ""),
    ("bool TreatControlCAsInput", False),
    ("System.ConsoleColor ForegroundColor", -1),
    ("System.ConsoleColor BackgroundColor", -1),
):
    CONSOLE.static_property(
        _name,
        lambda value=_value: enum_value("System.ConsoleColor", value) if value == -1 else value,  # type: ignore[misc]
        _ignore,
    )

# -- Thread


class Thread(NetObject):
    """The thread of the pipeline."""

    net_type = "System.Threading.Thread"
    name = "Pipeline Execution Thread"
    is_alive = True
    is_background = True
    is_thread_pool_thread = False
    managed_thread_id = 1

    @property
    def current_culture(self) -> Any:
        from .culture import current_culture

        return current_culture()


THREAD = declare(Thread.net_type)
THREAD.static_property("System.Threading.Thread CurrentThread", Thread)
THREAD.attributes("int ManagedThreadId", "bool IsAlive", "bool IsBackground", "bool IsThreadPoolThread", "string Name")
for _name in ("CurrentCulture", "CurrentUICulture"):
    THREAD.property(f"cultureinfo {_name}", lambda thread: thread.current_culture)
THREAD.static("bool Yield()")(lambda: True)


@THREAD.static("void Sleep(int millisecondsTimeout)", "void Sleep(timespan timeout)")
def _sleep(length: Any) -> None:
    from ..runtime.runspace import current_runspace

    seconds = length / 1000 if isinstance(length, int) else length.total_seconds()
    runspace = current_runspace()
    if runspace is not None:
        runspace.sleep(seconds)


# -- AppDomain, RuntimeInformation


class AppDomain(NetObject):
    net_type = "System.AppDomain"
    base_directory = os.path.dirname(sys.executable) + "/"
    friendly_name = "pwsh"
    id = 1


DOMAIN = declare(AppDomain.net_type)
DOMAIN.static_property("System.AppDomain CurrentDomain", AppDomain)
DOMAIN.attributes("string BaseDirectory", "string FriendlyName", "int Id")
DOMAIN.method("System.Reflection.Assembly[] GetAssemblies()")(lambda domain: [])

INFORMATION = declare("System.Runtime.InteropServices.RuntimeInformation")
_MACHINES = {"x86_64": "X64", "amd64": "X64", "aarch64": "Arm64", "arm64": "Arm64", "i686": "X86", "armv7l": "Arm"}


def _architecture() -> Any:
    name = _MACHINES.get(platform.machine().lower(), "X64")
    return enum_value("System.Runtime.InteropServices.Architecture", name)


INFORMATION.static_property("string OSDescription", lambda: f"{platform.system()} {platform.release()}")
INFORMATION.static_property("string FrameworkDescription", lambda: ".NET " + ".".join(map(str, RUNTIME)))
INFORMATION.static_property("System.Runtime.InteropServices.Architecture OSArchitecture", _architecture)
INFORMATION.static_property("System.Runtime.InteropServices.Architecture ProcessArchitecture", _architecture)
INFORMATION.static_property(
    "string RuntimeIdentifier",
    lambda: f"{'linux' if sys.platform.startswith('linux') else sys.platform}-{to_string(_architecture()).lower()}",
)


class OSPlatform(NetObject):
    net_type = "System.Runtime.InteropServices.OSPlatform"

    def __init__(self, name: str) -> None:
        self.name = name

    def ps_equals(self, other: Any) -> bool:
        return isinstance(other, OSPlatform) and other.name == self.name

    def ps_to_string(self) -> str:
        return self.name


PLATFORM = declare(OSPlatform.net_type)
for _name, _text in (("Linux", "LINUX"), ("OSX", "OSX"), ("Windows", "WINDOWS"), ("FreeBSD", "FREEBSD")):
    PLATFORM.constant(f"{OSPlatform.net_type} {_name}", OSPlatform(_text))
PLATFORM.static(f"{OSPlatform.net_type} Create(string osPlatform)")(OSPlatform)
_SYSTEMS = {"linux": "LINUX", "darwin": "OSX", "win32": "WINDOWS"}
INFORMATION.static(f"bool IsOSPlatform({OSPlatform.net_type} osPlatform)")(
    lambda wanted: wanted.name.upper() == _SYSTEMS.get(sys.platform, "")
)

# -- Marshal: the two steps from a SecureString to its text

MARSHAL = declare("System.Runtime.InteropServices.Marshal")


class Pointer(NetObject):
    """IntPtr to an unmanaged string, which is the string."""

    net_type = "System.IntPtr"

    def __init__(self, text: str) -> None:
        self.text = text

    def ps_to_string(self) -> str:
        return str(id(self))

    def __repr__(self) -> str:
        return "Pointer(***)"


declare(Pointer.net_type)


def _pointer(secret: SecureString | None) -> Pointer:
    if secret is None:
        raise argument_null("s")
    return Pointer(secret.reveal())


for _name in ("SecureStringToBSTR", "SecureStringToGlobalAllocUnicode", "SecureStringToCoTaskMemUnicode"):
    MARSHAL.static(f"System.IntPtr {_name}(securestring s)")(_pointer)
for _name in ("PtrToStringBSTR", "PtrToStringAuto", "PtrToStringUni"):
    MARSHAL.static(f"string {_name}(System.IntPtr ptr)")(lambda pointer: pointer.text)
for _name in ("ZeroFreeBSTR", "ZeroFreeGlobalAllocUnicode", "ZeroFreeCoTaskMemUnicode", "FreeBSTR", "FreeHGlobal"):
    MARSHAL.static(f"void {_name}(System.IntPtr ptr)")(lambda pointer: setattr(pointer, "text", ""))

# -- Activator


@declare("System.Activator").static(
    "System.Object CreateInstance(type type)",
    "System.Object CreateInstance(type type, Params System.Object[] args)",
    "T CreateInstance[T]()",
)
def _create(kind: NetType, args: Any = ()) -> Any:
    from .calls import construct

    if kind is None:
        raise argument_null("type")
    try:
        return construct(kind, list(args or ()))
    except ScriptError as failed:
        if failed.record.error_id != "MethodCountCouldNotFindBest":
            raise
        words = f"Constructor on type '{kind.full_name}' not found."
        if not args:
            words = f"Cannot dynamically create an instance of type '{kind.full_name}'."
            words += " Reason: No parameterless constructor defined."
        raise net_error("System.MissingMethodException", words) from None
