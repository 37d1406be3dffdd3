"""The records that another engine sends, as this engine's own."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from ...errors import CATEGORIES
from ...psobject import PSObject
from ..records import (
    SMA,
    ErrorRecord,
    HostInformationMessage,
    InformationalRecord,
    InformationRecord,
    NetException,
    ProgressRecord,
)
from ..values.value import to_string


def field(record: Any, name: str, default: Any = None) -> Any:
    if not isinstance(record, PSObject):
        return default
    try:
        found = record[name]
    except KeyError:
        return default
    return default if found is None else found


def _number(found: Any) -> int:
    base = found._base if isinstance(found, PSObject) else found
    return int(base) if isinstance(base, int) else 0


class RemoteErrorRecord(ErrorRecord):
    """An error that happened elsewhere: its id is complete, and it is not this session's command that failed."""

    def ps_type_names(self) -> list[str]:
        return [SMA + "Runspaces.RemotingErrorRecord", SMA + "ErrorRecord", "System.Object"]

    origin: OriginInfo | None = None

    @property
    def fqid(self) -> str:
        return self.error_id

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        if self.origin is not None:
            yield "OriginInfo", self.origin
        yield from super().ps_properties()


class OriginInfo:
    """The session that an error comes from."""

    def __init__(self, computer: str, runspace: uuid.UUID) -> None:
        self.computer = computer
        self.runspace = runspace

    def ps_type_names(self) -> list[str]:
        return [SMA + "Remoting.OriginInfo", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "PSComputerName", self.computer
        yield "RunspaceID", self.runspace
        yield "InstanceID", uuid.UUID(int=0)

    def ps_to_string(self) -> str:
        return self.computer


def error_record(found: Any, origin: OriginInfo | None = None) -> RemoteErrorRecord:
    """The record that an ERROR_RECORD message or a failed state carries."""
    theirs = field(found, "Exception")
    message = to_string(field(theirs, "Message", ""))
    exception = NetException(message, net_type=SMA + "RemoteException", extra={"SerializedRemoteException": theirs})
    category = _number(field(found, "ErrorCategory_Category"))
    record = RemoteErrorRecord(
        exception,
        to_string(field(found, "FullyQualifiedErrorId", "")),
        CATEGORIES[category] if category < len(CATEGORIES) else "NotSpecified",
        field(found, "TargetObject"),
        details=field(found, "ErrorDetails_Message"),
        recommended=field(found, "ErrorDetails_RecommendedAction"),
    )
    record.origin = origin
    record.activity = to_string(field(found, "ErrorCategory_Activity", ""))
    record.reason = to_string(field(found, "ErrorCategory_Reason", ""))
    record.target_override = (
        to_string(field(found, "ErrorCategory_TargetName", "")),
        to_string(field(found, "ErrorCategory_TargetType", "")),
    )
    record.stack_trace = to_string(field(found, "ErrorDetails_ScriptStackTrace", "")) or None
    exception.extra["ErrorRecord"] = record
    exception.error_record = record
    return record


def informational(kind: str, found: Any) -> InformationalRecord:
    return InformationalRecord(kind, to_string(field(found, "InformationalRecord_Message", "")))


def information(found: Any) -> InformationRecord:
    data = field(found, "MessageData")
    if isinstance(data, PSObject) and data.ps_type_names()[0].endswith("HostInformationMessage"):
        data = HostInformationMessage(
            to_string(field(data, "Message", "")),
            bool(field(data, "NoNewLine", False)),
            field(data, "ForegroundColor"),
            field(data, "BackgroundColor"),
        )
    tags = field(found, "Tags", [])
    items = tags._base if isinstance(tags, PSObject) else tags
    record = InformationRecord(data, to_string(field(found, "Source", "")), [to_string(tag) for tag in items or []])
    if "PSHOST" in record.tags and "FORWARDED" not in record.tags:
        record.tags.append("FORWARDED")
    record.process_id = _number(field(found, "ProcessId")) or record.process_id
    record.computer = to_string(field(found, "Computer", record.computer))
    return record


def progress(found: Any) -> ProgressRecord:
    record = ProgressRecord(
        _number(field(found, "ActivityId")),
        to_string(field(found, "Activity", "")),
        to_string(field(found, "StatusDescription", "")),
    )
    record.parent_id = _number(field(found, "ParentActivityId", -1))
    record.current_operation = field(found, "CurrentOperation")
    record.percent = _number(field(found, "PercentComplete", -1))
    record.seconds_remaining = _number(field(found, "SecondsRemaining", -1))
    record.completed = _number(field(found, "Type")) == 1
    return record
