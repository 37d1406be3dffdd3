"""$Host of a session whose person sits on the other side: every call is a PSRP host call ([MS-PSRP] 2.2.3.17).

Calls without an answer are sent and forgotten. Questions wait for the client's response and end when the pipeline
is stopped. A client that announced no host gets the runtime's NullHost behaviour.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from ...clixml import encode_member
from ...psobject import Int64, PSObject, SecureString
from ..records import (
    ErrorRecord,
    HostInformationMessage,
    InformationRecord,
    NetException,
    ProgressRecord,
    ScriptError,
)
from ..runtime.hosting import ENGINE_VERSION, HostUI, NullUI
from .records import CORE_ASSEMBLY, bag, enum, progress_bag

NO_ANSWER = -100  # the call id of a method that returns nothing
CONSOLE_COLORS = 16

# RemoteHostMethodId, [MS-PSRP] 2.2.3.17
SET_SHOULD_EXIT = ("SetShouldExit", 6)
READ_LINE = ("ReadLine", 11)
READ_LINE_AS_SECURE_STRING = ("ReadLineAsSecureString", 12)
WRITE = ("Write1", 13)
WRITE_COLORED = ("Write2", 14)
WRITE_LINE = ("WriteLine2", 16)
WRITE_LINE_COLORED = ("WriteLine3", 17)
WRITE_ERROR_LINE = ("WriteErrorLine", 18)
WRITE_DEBUG_LINE = ("WriteDebugLine", 19)
WRITE_PROGRESS = ("WriteProgress", 20)
WRITE_VERBOSE_LINE = ("WriteVerboseLine", 21)
WRITE_WARNING_LINE = ("WriteWarningLine", 22)
PROMPT = ("Prompt", 23)
PROMPT_FOR_CREDENTIAL = ("PromptForCredential2", 25)
PROMPT_FOR_CHOICE = ("PromptForChoice", 26)
SET_WINDOW_TITLE = ("SetWindowTitle", 42)
PROMPT_FOR_CHOICES = ("PromptForChoiceMultipleSelection", 56)

_METHOD_ID = "System.Management.Automation.Remoting.RemoteHostMethodId"
_ARRAY_LIST = ["System.Collections.ArrayList", "System.Object"]

Method = tuple[str, int]


class Caller(Protocol):
    """What the host needs of the server: the road to the client."""

    def call(self, method: Method, parameters: list[Any]) -> None:
        """Send a call that has no answer."""

    def ask(self, method: Method, parameters: list[Any]) -> Any:
        """Send a call and wait for what the client returns; raises ScriptError or PipelineStopped."""


def host_call(call_id: int, method: Method, parameters: list[Any], cipher: Any = None) -> str:
    """The body of PIPELINE_HOST_CALL."""
    members = {
        "ci": Int64(call_id),
        "mi": enum(_METHOD_ID, *method),
        "mp": PSObject(type_names=_ARRAY_LIST, base=parameters),
    }
    return encode_member(bag(members), cipher=cipher)


def host_response(body: Any) -> tuple[int, Any, Any]:
    """Call id, returned value and error of a host response."""
    return int(_field(body, "ci", 0)), _field(body, "mr", None), _field(body, "me", None)


def _field(value: Any, name: str, default: Any) -> Any:
    try:
        return value[name]
    except (KeyError, TypeError):
        return default


def remote_error(error: Any) -> ScriptError:
    """What the client's host raised, as an error of this side."""
    message = str(_field(_field(error, "Exception", None), "Message", None) or error)
    record = ErrorRecord(NetException(message, net_type="System.Management.Automation.RemoteException"))
    record.error_id = str(_field(error, "FullyQualifiedErrorId", "") or "")
    return ScriptError(record)


class Size:
    """System.Management.Automation.Host.Size or Coordinates: two numbers with their names."""

    def __init__(self, kind: str, **numbers: int) -> None:
        self.kind = kind
        self.numbers = numbers

    def ps_type_names(self) -> list[str]:
        return [f"System.Management.Automation.Host.{self.kind}", "System.ValueType", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        return list(self.numbers.items())

    def ps_to_string(self) -> str:
        return ",".join(map(str, self.numbers.values()))


class RawUI:
    """$Host.UI.RawUI: what the client said about its window when the session or pipeline began."""

    # HostDefaultData's keys, [MS-PSRP] 2.2.3.14
    _FOREGROUND, _BACKGROUND, _CURSOR, _WINDOW_POSITION, _CURSOR_SIZE, _BUFFER, _WINDOW, _MAX, _MAX_PHYSICAL, _TITLE = (
        range(10)
    )

    def __init__(self, defaults: Mapping[Any, Any], caller: Caller | None = None) -> None:
        self._defaults = defaults
        self._caller = caller
        self._title: str | None = None

    def _value(self, key: int, default: Any) -> Any:
        value = _field(self._defaults.get(key), "V", None)
        return default if value is None else value

    def _size(self, key: int, width: int = 120, height: int = 50) -> Size:
        value = self._value(key, None)
        return Size("Size", Width=int(_field(value, "width", width)), Height=int(_field(value, "height", height)))

    def _place(self, key: int) -> Size:
        value = self._value(key, None)
        return Size("Coordinates", X=int(_field(value, "x", 0)), Y=int(_field(value, "y", 0)))

    def _color(self, key: int, default: int) -> int:
        color = self._value(key, default)
        number = int(_field(color, "value", color) if isinstance(color, PSObject) and color._base is None else color)
        return number if 0 <= number < CONSOLE_COLORS else default

    @property
    def foreground(self) -> int:
        return self._color(self._FOREGROUND, 7)

    @property
    def background(self) -> int:
        return self._color(self._BACKGROUND, 0)

    @property
    def buffer_size(self) -> tuple[int, int]:
        numbers = self._size(self._BUFFER).numbers
        return numbers["Width"], numbers["Height"]

    @property
    def window_size(self) -> tuple[int, int]:
        numbers = self._size(self._WINDOW).numbers
        return numbers["Width"], numbers["Height"]

    @property
    def window_title(self) -> str:
        return str(self._value(self._TITLE, "") if self._title is None else self._title)

    @window_title.setter
    def window_title(self, text: str) -> None:
        self._title = text
        if self._caller is not None:
            self._caller.call(SET_WINDOW_TITLE, [text])

    def ps_type_names(self) -> list[str]:
        return [
            "System.Management.Automation.Internal.Host.InternalHostRawUserInterface",
            "System.Management.Automation.Host.PSHostRawUserInterface",
            "System.Object",
        ]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        from ..dotnet.enums import enum_value

        yield "ForegroundColor", enum_value("System.ConsoleColor", self.foreground)
        yield "BackgroundColor", enum_value("System.ConsoleColor", self.background)
        yield "CursorPosition", self._place(self._CURSOR)
        yield "WindowPosition", self._place(self._WINDOW_POSITION)
        yield "CursorSize", int(self._value(self._CURSOR_SIZE, 25))
        yield "BufferSize", self._size(self._BUFFER)
        yield "WindowSize", self._size(self._WINDOW)
        yield "MaxWindowSize", self._size(self._MAX)
        yield "MaxPhysicalWindowSize", self._size(self._MAX_PHYSICAL)
        yield "KeyAvailable", False
        yield "WindowTitle", self.window_title

    def ps_to_string(self) -> str:
        return self.ps_type_names()[0]


def _field_description(field: Any) -> PSObject:
    """A FieldDescription: a mapping or object with name, label, type (full .NET name), help, mandatory."""

    def get(name: str, default: Any) -> Any:
        if isinstance(field, Mapping):
            return field.get(name, default)
        return getattr(field, name, default)

    type_name = str(get("type_name", None) or get("type", None) or "System.String")
    return bag({
        "name": str(get("name", "")),
        "label": str(get("label", "") or ""),
        "parameterTypeName": type_name.rpartition(".")[2],
        "parameterTypeFullName": type_name,
        "parameterAssemblyFullName": f"{type_name}, {CORE_ASSEMBLY}",
        "helpMessage": str(get("help", "") or get("help_message", "") or ""),
        "isMandatory": bool(get("mandatory", True)),
        "metadata": PSObject(type_names=_ARRAY_LIST, base=[]),
        "modifiedByRemotingProtocol": False,
        "isFromRemoteHost": False,
    })  # fmt: skip


def _color_number(color: Any) -> int | None:
    return None if color is None else int(color)


class RemoteUI:
    """$Host.UI over host calls."""

    def __init__(self, caller: Caller, defaults: Mapping[Any, Any]) -> None:
        self._caller = caller
        self.raw_ui = RawUI(defaults, caller)

    def _colors(self, foreground: int | None, background: int | None) -> list[Any]:
        return [
            self.raw_ui.foreground if foreground is None else foreground,
            self.raw_ui.background if background is None else background,
        ]

    def write(self, text: str, foreground: int | None = None, background: int | None = None) -> None:
        if foreground is None and background is None:
            self._caller.call(WRITE, [text])
        else:
            self._caller.call(WRITE_COLORED, [*self._colors(foreground, background), text])

    def write_line(self, text: str, foreground: int | None = None, background: int | None = None) -> None:
        if foreground is None and background is None:
            self._caller.call(WRITE_LINE, [text])
        else:
            self._caller.call(WRITE_LINE_COLORED, [*self._colors(foreground, background), text])

    def write_error_line(self, text: str) -> None:
        self._caller.call(WRITE_ERROR_LINE, [text])

    def write_warning_line(self, text: str) -> None:
        self._caller.call(WRITE_WARNING_LINE, [text])

    def write_verbose_line(self, text: str) -> None:
        self._caller.call(WRITE_VERBOSE_LINE, [text])

    def write_debug_line(self, text: str) -> None:
        self._caller.call(WRITE_DEBUG_LINE, [text])

    def write_progress(self, source_id: int, record: ProgressRecord) -> None:
        self._caller.call(WRITE_PROGRESS, [Int64(source_id), progress_bag(record)])

    def write_information(self, record: InformationRecord) -> None:
        """Show a record that its stream has already carried: Write-Host's with its colours, any other as a line."""
        message = record.message_data
        if isinstance(message, HostInformationMessage):
            write = self.write if message.no_newline else self.write_line
            write(message.message, _color_number(message.foreground), _color_number(message.background))
        else:
            self.write_line(record.ps_to_string())

    def read_line(self) -> str:
        return str(self._caller.ask(READ_LINE, []) or "")

    def read_line_as_secure_string(self) -> Any:
        answer = self._caller.ask(READ_LINE_AS_SECURE_STRING, [])
        return SecureString(answer) if isinstance(answer, str) else answer

    def prompt(self, caption: str, message: str, fields: Sequence[Any]) -> Mapping[str, Any]:
        described = PSObject(type_names=_ARRAY_LIST, base=[_field_description(field) for field in fields])
        answer = self._caller.ask(PROMPT, [caption, message, described])
        return answer if isinstance(answer, Mapping) else {}

    def prompt_for_choice(self, caption: str, message: str, choices: Sequence[tuple[str, str]], default: int) -> int:
        offered = [bag({"label": label, "helpMessage": text or ""}) for label, text in choices]
        listed = PSObject(type_names=_ARRAY_LIST, base=offered)
        answer = self._caller.ask(PROMPT_FOR_CHOICE, [caption, message, listed, default])
        return int(answer) if isinstance(answer, int) else default

    def prompt_for_choices(
        self, caption: str, message: str, choices: Sequence[tuple[str, str]], defaults: Sequence[int]
    ) -> list[int]:
        offered = [bag({"label": label, "helpMessage": text or ""}) for label, text in choices]
        listed = PSObject(type_names=_ARRAY_LIST, base=offered)
        chosen = PSObject(type_names=_ARRAY_LIST, base=list(defaults))
        answer = self._caller.ask(PROMPT_FOR_CHOICES, [caption, message, listed, chosen])
        items = answer._base if isinstance(answer, PSObject) else answer
        return [int(item) for item in items] if isinstance(items, list) else list(defaults)

    def prompt_for_credential(self, caption: str, message: str, user: str, target: str) -> Any:
        credential_types = enum("System.Management.Automation.PSCredentialTypes", "Default", 3)
        options = enum("System.Management.Automation.PSCredentialUIOptions", "Default", 1)
        return self._caller.ask(PROMPT_FOR_CREDENTIAL, [caption, message, user, target, credential_types, options])


class HostInfo:
    """What a client says about its host when it opens a pool or starts a pipeline ([MS-PSRP] 2.2.3.14)."""

    def __init__(self, value: Any = None) -> None:
        self.is_null = value is None or bool(_field(value, "_isHostNull", True))
        self.ui_is_null = self.is_null or bool(_field(value, "_isHostUINull", True))
        self.use_runspace_host = bool(_field(value, "_useRunspaceHost", True))
        defaults = _field(_field(value, "_hostDefaultData", None), "data", None)
        self.defaults: Mapping[Any, Any] = defaults if isinstance(defaults, Mapping) else {}


class RemoteHost:
    """$Host. One for each runspace; the server attaches it to the pipeline that runs."""

    version: tuple[int, ...] = ENGINE_VERSION
    current_culture = "en-US"

    def __init__(self) -> None:
        self.instance_id = uuid.uuid4()
        self.ui: HostUI = NullUI()
        self.name = "Default Host"
        self._exit: Callable[[int], None] | None = None

    def attach(self, caller: Caller, info: HostInfo) -> None:
        self.name = "Default Host" if info.is_null else "ServerRemoteHost"
        self.ui = NullUI() if info.ui_is_null else RemoteUI(caller, info.defaults)
        self._exit = None if info.is_null else lambda code: caller.call(SET_SHOULD_EXIT, [code])

    def set_should_exit(self, code: int) -> None:
        """``exit`` was run: the client decides what that means."""
        if self._exit is not None:
            self._exit(code)
