"""What travels on the streams beside output, and the Python exceptions that carry it.

Plain classes with PowerShell's facts as fields. They are values too (scripts read
``$_.Exception.Message`` and ``$w[0].Message``), so each has the three ``ps_`` methods;
rendering an error for people belongs to formatting, and CLIXML to clixml.

Two families must not be confused: ``NetException`` is a *value*, the .NET exception object a
script sees; ``ScriptError`` is the Python exception that unwinds the engine and carries an ErrorRecord.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import CATEGORIES
from ..psobject import DateTime, Hashtable, Int64

if TYPE_CHECKING:
    from .binding.parameters import CommandInfo
    from .values.types import NetType

SMA = "System.Management.Automation."


class ExceptionData(Hashtable):
    """Exception.Data: keys as they are, told apart by case."""

    __slots__ = ()
    type_names: list[str] = ["System.Collections.ListDictionaryInternal", "System.Object"]  # noqa: RUF012 - as in Hashtable

    def net_type_of(self) -> NetType:
        from .values.types import net_type

        return net_type(self.type_names[0])

    @staticmethod
    def fold(key: Any) -> Any:
        return type(key), key


class NetException:
    """A .NET exception as a script holds it.

    ``net_type`` is its full name; what it derives from is in dotnet.exceptions. ``extra`` holds the properties of its
    own
    (FileName, ParamName, ...). Classes that scripts derive from Exception subclass this.
    """

    net_type = "System.Exception"

    def __init__(
        self,
        message: str | None = None,
        inner: NetException | None = None,
        *,
        net_type: str | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        if net_type is not None:
            self.net_type = net_type
        self.message = f"Exception of type '{self.net_type}' was thrown." if message is None else message
        self.inner = inner
        self.extra = extra or {}
        self.data = ExceptionData()
        self.stack_trace: str | None = None
        self.error_record: ErrorRecord | None = None

    def ps_type_names(self) -> list[str]:
        from .dotnet.exceptions import lineage

        return lineage(self.net_type)

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        from .dotnet.exceptions import properties

        return properties(self)

    def ps_to_string(self) -> str:
        text = f"{self.net_type}: {self.message}"
        if self.inner is not None:
            text += f"\n ---> {self.inner.ps_to_string()}\n   --- End of inner exception stack trace ---"
        return text

    def __repr__(self) -> str:
        return f"<{self.net_type} {self.message!r}>"


class InvocationInfo:
    """Where and how a command was called ($MyInvocation, ErrorRecord.InvocationInfo)."""

    def __init__(
        self,
        command: CommandInfo | None = None,
        *,
        name: str = "",
        script_name: str = "",
        line_number: int = 0,
        offset: int = 0,
        line: str = "",
        text: str = "",
        position_length: int = 0,
    ) -> None:
        self.command = command
        self.invocation_name = name
        self.script_name = script_name
        self.script_line_number = line_number
        self.offset_in_line = offset
        self.line = line
        self.statement = text
        self.position_length = position_length
        self.bound_parameters: Any = Hashtable()
        self.unbound_arguments: list[Any] = []
        self.pipeline_length = 1
        self.pipeline_position = 1
        self.history_id = 1
        self.expecting_input = False
        self.command_origin = "Internal"
        self.my_script: str | None = None  # $MyInvocation.MyCommand of a script block: its text

    @property
    def position_message(self) -> str:
        """``At line:1 char:5`` with the line and its underline."""
        if not self.script_line_number:
            return ""
        from .parser.positions import marked_line

        where = (
            f"{self.script_name}:{self.script_line_number}" if self.script_name else f"line:{self.script_line_number}"
        )
        marked = marked_line(self.line.rstrip("\r\n"), self.offset_in_line, self.position_length or 1)
        return f"At {where} char:{self.offset_in_line}\n{marked}"

    @property
    def ps_script_root(self) -> str:
        return os.path.dirname(self.script_name)

    def ps_type_names(self) -> list[str]:
        return [SMA + "InvocationInfo", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "MyCommand", self.command
        yield "BoundParameters", self.bound_parameters
        yield "UnboundArguments", self.unbound_arguments
        yield "ScriptLineNumber", self.script_line_number
        yield "OffsetInLine", self.offset_in_line
        yield "HistoryId", Int64(self.history_id)
        yield "ScriptName", self.script_name
        yield "Line", self.line
        yield "Statement", self.statement
        yield "PositionMessage", self.position_message
        yield "PSScriptRoot", self.ps_script_root
        yield "PSCommandPath", self.script_name
        yield "InvocationName", self.invocation_name
        yield "PipelineLength", self.pipeline_length
        yield "PipelinePosition", self.pipeline_position
        yield "ExpectingInput", self.expecting_input
        yield "CommandOrigin", self.command_origin
        yield "DisplayScriptPosition", None

    def ps_to_string(self) -> str:
        return SMA + "InvocationInfo"


class CategoryInfo:
    def __init__(self, category: str, activity: str, reason: str, target_name: str, target_type: str) -> None:
        self.category = category
        self.activity = activity
        self.reason = reason
        self.target_name = target_name
        self.target_type = target_type
        self.record: ErrorRecord | None = None  # whose it is: changes are written there

    @property
    def number(self) -> int:
        return CATEGORIES.index(self.category)

    def ps_type_names(self) -> list[str]:
        return [SMA + "ErrorCategoryInfo", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        from .dotnet.enums import enum_value

        yield "Category", enum_value(SMA + "ErrorCategory", self.category)
        yield "Activity", self.activity
        yield "Reason", self.reason
        yield "TargetName", self.target_name
        yield "TargetType", self.target_type

    @staticmethod
    def _short(text: str) -> str:
        return text if len(text) <= 40 else text[:19] + "..." + text[-18:]

    def ps_to_string(self) -> str:
        target = self._short(self.target_name)
        kind = self._short(self.target_type)
        return f"{self.category}: ({target}:{kind}) [{self._short(self.activity)}], {self._short(self.reason)}"


class ErrorRecord:
    """System.Management.Automation.ErrorRecord."""

    def __init__(
        self,
        exception: NetException,
        fqid: str = "",
        category: str = "NotSpecified",
        target: Any = None,
        *,
        details: str | None = None,
        recommended: str | None = None,
    ) -> None:
        self.exception = exception
        self.error_id = fqid
        self.command_id = ""  # ",Microsoft.PowerShell.Commands.GetItemCommand" or ",My-Function"; added when written
        self.category = category
        self.activity = ""
        self.reason = ""
        self.target_override: tuple[str, str] | None = None
        self.target = target
        self.details = details
        self.recommended = recommended
        self.invocation: InvocationInfo | None = None
        self.stack_trace: str | None = None
        self.pipeline_iteration: list[int] = []
        self.logged = False  # already in $Error
        self.from_native = False  # a line of a native program's standard error

    @property
    def fqid(self) -> str:
        if self.command_id and self.error_id:
            return f"{self.error_id},{self.command_id}"
        return self.error_id or self.command_id

    @property
    def message(self) -> str:
        return self.details if self.details is not None else self.exception.message

    @property
    def category_info(self) -> CategoryInfo:
        name, kind = self.target_override or self._target_words()
        reason = self.reason or self.exception.net_type.rpartition(".")[2].rpartition("+")[2]
        info = CategoryInfo(self.category, self.activity, reason, name, kind)
        info.record = self
        return info

    def _target_words(self) -> tuple[str, str]:
        if self.target is None:
            return "", ""
        from .values.types import type_of
        from .values.value import to_string

        return to_string(self.target), type_of(self.target).name

    def ps_type_names(self) -> list[str]:
        return [SMA + "ErrorRecord", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "Exception", self.exception
        yield "TargetObject", self.target
        yield "CategoryInfo", self.category_info
        yield "FullyQualifiedErrorId", self.fqid
        yield "ErrorDetails", None if self.details is None else ErrorDetails(self.details, self.recommended or "")
        yield "InvocationInfo", self.invocation
        yield "ScriptStackTrace", self.stack_trace
        yield "PipelineIterationInfo", self.pipeline_iteration

    def ps_to_string(self) -> str:
        return self.message

    def ps_remoting_form(self) -> Any:
        """What PowerShell sends when the record itself is output."""
        from .server.records import remoting_form

        return remoting_form(self)

    def __repr__(self) -> str:
        return f"<ErrorRecord {self.fqid} {self.message!r}>"


class ErrorDetails:
    def __init__(self, message: str, recommended: str = "") -> None:
        self.message = message
        self.recommended = recommended

    def ps_type_names(self) -> list[str]:
        return [SMA + "ErrorDetails", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "Message", self.message
        yield "RecommendedAction", self.recommended

    def ps_to_string(self) -> str:
        return self.message


class InformationalRecord:
    """A warning, verbose or debug message. ``kind`` is "Warning", "Verbose" or "Debug"."""

    def __init__(self, kind: str, message: str, invocation: InvocationInfo | None = None) -> None:
        self.kind = kind
        self.message = message
        self.invocation = invocation
        self.pipeline_iteration: list[int] = []

    def ps_type_names(self) -> list[str]:
        return [f"{SMA}{self.kind}Record", SMA + "InformationalRecord", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        if self.kind == "Warning":
            yield "FullyQualifiedWarningId", ""
        yield "Message", self.message
        yield "InvocationInfo", self.invocation
        yield "PipelineIterationInfo", self.pipeline_iteration

    def ps_to_string(self) -> str:
        return self.message

    def ps_remoting_form(self) -> Any:
        from .server.records import remoting_form

        return remoting_form(self)


class HostInformationMessage:
    """What Write-Host puts in an information record."""

    def __init__(self, message: str, no_newline: bool, foreground: Any = None, background: Any = None) -> None:
        self.message = message
        self.no_newline = no_newline
        self.foreground = foreground
        self.background = background

    def ps_type_names(self) -> list[str]:
        return [SMA + "HostInformationMessage", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "Message", self.message
        yield "NoNewLine", self.no_newline
        yield "ForegroundColor", self.foreground
        yield "BackgroundColor", self.background

    def ps_to_string(self) -> str:
        return self.message


class InformationRecord:
    def __init__(self, message_data: Any, source: str = "", tags: Sequence[str] = ()) -> None:
        import getpass
        import socket

        self.message_data = message_data
        self.source = source
        self.time_generated = DateTime.now().astimezone()
        self.tags = list(tags)
        self.user = os.environ.get("USER") or getpass.getuser()
        self.computer = socket.gethostname()
        self.process_id = os.getpid()
        self.native_thread_id = threading.get_native_id()
        self.managed_thread_id = 1
        self.invocation: InvocationInfo | None = None

    def ps_type_names(self) -> list[str]:
        return [SMA + "InformationRecord", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "MessageData", self.message_data
        yield "Source", self.source
        yield "TimeGenerated", self.time_generated
        yield "Tags", self.tags
        yield "User", self.user
        yield "Computer", self.computer
        yield "ProcessId", self.process_id
        yield "NativeThreadId", self.native_thread_id
        yield "ManagedThreadId", self.managed_thread_id

    def ps_to_string(self) -> str:
        from .values.value import to_string

        return to_string(self.message_data)


class ProgressRecord:
    def __init__(self, activity_id: int, activity: str, status: str) -> None:
        self.activity_id = activity_id
        self.activity = activity
        self.status = status
        self.parent_id = -1
        self.current_operation: str | None = None
        self.percent = -1
        self.seconds_remaining = -1
        self.completed = False

    def ps_type_names(self) -> list[str]:
        return [SMA + "ProgressRecord", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        from .dotnet.enums import enum_value

        yield "ActivityId", self.activity_id
        yield "ParentActivityId", self.parent_id
        yield "Activity", self.activity
        yield "StatusDescription", self.status
        yield "CurrentOperation", self.current_operation
        yield "PercentComplete", self.percent
        yield "SecondsRemaining", self.seconds_remaining
        yield "RecordType", enum_value(SMA + "ProgressRecordType", "Completed" if self.completed else "Processing")

    def ps_to_string(self) -> str:
        kind = "Completed" if self.completed else "Processing"
        return (
            f"parent = {self.parent_id} id = {self.activity_id} act = {self.activity} stat = {self.status} "
            f"cur = {self.current_operation or ''} pct = {self.percent} sec = {self.seconds_remaining} type = {kind}"
        )


class Thrown(Exception):
    """A .NET exception raised inside a member or a cmdlet; whoever called it wraps it as PowerShell does."""

    def __init__(self, exception: NetException) -> None:
        super().__init__(exception.message)
        self.exception = exception


class ScriptError(Exception):
    """A terminating error on its way up.

    ``script_wide``: from ``throw`` (or -ErrorAction Stop), which no statement absorbs; otherwise the statement that
    raised it is ended and the next one runs, unless a try block or trap is around.
    """

    def __init__(self, record: ErrorRecord, script_wide: bool = False) -> None:
        super().__init__(record)
        self.record = record
        self.script_wide = script_wide
        self.stopped_by = ""  # the preference variable or parameter that made it terminating
        self.leaves: object | None = None  # the frame of the function that ends: $PSCmdlet.ThrowTerminatingError


class PipelineStopped(BaseException):
    """The pipeline was stopped from outside; nothing but finally blocks runs any more."""


class StopUpstream(BaseException):
    """``Select-Object -First`` has what it wants: the commands before it end. ``owner`` is the command that asked."""

    def __init__(self, owner: Any) -> None:
        super().__init__()
        self.owner = owner


class ExitScript(BaseException):
    """``exit``: ends the script file, or the whole pipeline."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def error(
    message: str,
    fqid: str,
    category: str = "NotSpecified",
    target: Any = None,
    *,
    net_type: str = SMA + "RuntimeException",
    inner: NetException | None = None,
    extra: dict[str, Any] | None = None,
) -> ScriptError:
    """A ScriptError ready to raise: ``raise error("...", "Id", "InvalidOperation")``."""
    exception = NetException(message, inner, net_type=net_type, extra=extra)
    return ScriptError(ErrorRecord(exception, fqid, category, target))
