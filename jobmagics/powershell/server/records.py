"""Records of the engine in the shapes that PSRP gives them ([MS-PSRP] 2.2.3.15): errors, messages, progress, states.

Each function returns the CLIXML of one message. The shapes, their order and their type names are those of
PowerShell 7.6.5 on the wire; what an error *says* was decided in ``records``.
"""

from __future__ import annotations

from typing import Any

from ...clixml import Cipher, encode_member
from ...psobject import Hashtable, Int64, PSList, PSObject, UInt32
from ..records import (
    SMA,
    ErrorRecord,
    InformationalRecord,
    InformationRecord,
    InvocationInfo,
    ProgressRecord,
)

CORE_ASSEMBLY = "System.Private.CoreLib, Version=10.0.0.0, Culture=neutral, PublicKeyToken=7cec85d7bea7798e"
SMA_ASSEMBLY = "System.Management.Automation, Version=7.6.0.500, Culture=neutral, PublicKeyToken=31bf3856ad364e35"
_DICTIONARY = (
    f"System.Collections.Generic.Dictionary`2[[System.String, {CORE_ASSEMBLY}],[System.Object, {CORE_ASSEMBLY}]]"
)
_BOUND = [_DICTIONARY, "System.Object"]
_BOUND_INFORMATIONAL = [SMA + "PSBoundParametersDictionary", _DICTIONARY, "System.Object"]
_UNBOUND = [f"System.Collections.Generic.List`1[[System.Object, {CORE_ASSEMBLY}]]", "System.Object"]
_STRINGS = [f"System.Collections.Generic.List`1[[System.String, {CORE_ASSEMBLY}]]", "System.Object"]
_ITERATION = [f"System.Collections.ObjectModel.ReadOnlyCollection`1[[System.Int32, {CORE_ASSEMBLY}]]", "System.Object"]
_COMMAND_TYPES = {
    "Alias": 1, "Function": 2, "Filter": 4, "Cmdlet": 8, "ExternalScript": 16, "Application": 32, "Script": 64,
}  # fmt: skip

NO_TYPE: list[str] = []  # a property bag of the protocol itself: written without type names
STOPPED = 3
COMPLETED = 4
FAILED = 5


def enum(kind: str, name: str, number: int) -> PSObject:
    names = [kind, "System.Enum", "System.ValueType", "System.Object"]
    return PSObject(type_names=names, base=number, to_string=name)


def bag(members: dict[str, Any]) -> PSObject:
    return PSObject(members, type_names=NO_TYPE)


def pipeline_state(state: int, error: ErrorRecord | None, cipher: Cipher | None = None) -> str:
    members: dict[str, Any] = {"PipelineState": state}
    if error is not None:
        members["ExceptionAsErrorRecord"] = _error(error, extended=False)
    return encode_member(bag(members), cipher=cipher)


def error_record(record: ErrorRecord, *, with_invocation: bool, cipher: Cipher | None = None) -> str:
    made = _error(record, extended=with_invocation and record.invocation is not None)
    made._extended["PSMessageDetails"] = None
    return encode_member(made, cipher=cipher)


def remoting_form(record: ErrorRecord | InformationalRecord) -> PSObject:
    """A record that is itself output (``$Error[0]``, ``2>&1``): as on its stream, without invocation info."""
    if isinstance(record, ErrorRecord):
        return _error(record, extended=False)
    return _informational(record, extended=False)


def _error(record: ErrorRecord, *, extended: bool) -> PSObject:
    info = record.category_info
    invocation = record.invocation
    bound = PSObject(type_names=_BOUND, base=Hashtable(getattr(invocation, "bound_parameters", None) or ()))
    unbound = PSObject(type_names=_UNBOUND, base=list(getattr(invocation, "unbound_arguments", None) or ()))
    members: dict[str, Any] = {
        "Exception": record.exception,
        "TargetObject": record.target,
        "FullyQualifiedErrorId": record.fqid,
        "InvocationInfo": None if invocation is None else _invocation(invocation, bound, unbound),
        "ErrorCategory_Category": info.number,
        "ErrorCategory_Activity": info.activity,
        "ErrorCategory_Reason": info.reason,
        "ErrorCategory_TargetName": info.target_name,
        "ErrorCategory_TargetType": info.target_type,
        "ErrorCategory_Message": info.ps_to_string(),
    }
    if record.details is not None:
        members["ErrorDetails_Message"] = record.details
        members["ErrorDetails_RecommendedAction"] = record.recommended
    members["SerializeExtendedInfo"] = extended
    if extended and invocation is not None:
        members.update(_flat_invocation(invocation, bound, unbound, []))
        members["PipelineIterationInfo"] = PSObject(type_names=_ITERATION, base=list(record.pipeline_iteration))
    if record.stack_trace:
        members["ErrorDetails_ScriptStackTrace"] = record.stack_trace
    return PSObject(members, type_names=record.ps_type_names(), to_string=record.ps_to_string())


def _invocation(info: InvocationInfo, bound: PSObject, unbound: PSObject) -> PSObject:
    """$_.InvocationInfo as an object: its properties, one level deep."""
    command = info.command
    properties: dict[str, Any] = {
        "MyCommand": command.ps_to_string() if command is not None else info.my_script,
        "BoundParameters": bound,
        "UnboundArguments": unbound,
        "ScriptLineNumber": info.script_line_number,
        "OffsetInLine": info.offset_in_line,
        "HistoryId": Int64(info.history_id),
        "ScriptName": info.script_name,
        "Line": info.line,
        "Statement": info.statement,
        "PositionMessage": info.position_message,
        "PSScriptRoot": info.ps_script_root,
        "PSCommandPath": info.script_name or None,
        "InvocationName": info.invocation_name,
        "PipelineLength": info.pipeline_length,
        "PipelinePosition": info.pipeline_position,
        "ExpectingInput": info.expecting_input,
        "CommandOrigin": info.command_origin,
        "DisplayScriptPosition": None,
    }
    return PSObject(type_names=info.ps_type_names(), adapted=properties, to_string=info.ps_to_string())


def _flat_invocation(info: InvocationInfo, bound: PSObject, unbound: PSObject, iteration: list[int]) -> dict[str, Any]:
    """InvocationInfo.ToPSObjectForRemoting: the same facts as note properties of the record."""
    origin = 0 if info.command_origin == "Runspace" else 1
    members: dict[str, Any] = {
        "InvocationInfo_BoundParameters": bound,
        "InvocationInfo_CommandOrigin": enum(SMA + "CommandOrigin", info.command_origin, origin),
        "InvocationInfo_ExpectingInput": info.expecting_input,
        "InvocationInfo_InvocationName": info.invocation_name,
        "InvocationInfo_Line": info.line,
        "InvocationInfo_OffsetInLine": info.offset_in_line,
        "InvocationInfo_HistoryId": Int64(info.history_id),
        "InvocationInfo_PipelineIterationInfo": PSList.of("System.Int32", iteration),
        "InvocationInfo_PipelineLength": info.pipeline_length,
        "InvocationInfo_PipelinePosition": info.pipeline_position,
        "InvocationInfo_PSScriptRoot": info.ps_script_root,
        "InvocationInfo_PSCommandPath": info.script_name or None,
        "InvocationInfo_PositionMessage": info.position_message,
        "InvocationInfo_ScriptLineNumber": info.script_line_number,
        "InvocationInfo_ScriptName": info.script_name,
        "InvocationInfo_UnboundArguments": unbound,
        "SerializeExtent": False,
    }
    kind, definition, name = "Script", info.my_script, ""
    if info.command is not None:
        kind, definition, name = info.command.kind, info.command.definition, info.command.name
    if info.command is not None or definition is not None:
        members |= {
            "CommandInfo_CommandType": enum(SMA + "CommandTypes", kind, _COMMAND_TYPES.get(kind, 64)),
            "CommandInfo_Definition": definition or "",
            "CommandInfo_Name": "" if kind == "Script" else name,
            "CommandInfo_Visibility": enum(SMA + "SessionStateEntryVisibility", "Public", 0),
        }
    return members


def informational(record: InformationalRecord, *, with_invocation: bool, cipher: Cipher | None = None) -> str:
    """A warning, verbose or debug record."""
    extended = with_invocation and record.invocation is not None
    return encode_member(_informational(record, extended=extended), cipher=cipher)


def _informational(record: InformationalRecord, *, extended: bool) -> PSObject:
    invocation = record.invocation
    members: dict[str, Any] = {
        "InformationalRecord_Message": record.message,
        "InformationalRecord_SerializeInvocationInfo": extended,
    }
    if extended and invocation is not None:
        bound = PSObject(type_names=_BOUND_INFORMATIONAL, base=Hashtable(invocation.bound_parameters or ()))
        unbound = PSObject(type_names=_UNBOUND, base=list(invocation.unbound_arguments))
        iteration = list(record.pipeline_iteration)
        members.update(_flat_invocation(invocation, bound, unbound, iteration))
        members["InformationalRecord_PipelineIterationInfo"] = PSObject(type_names=_ITERATION, base=list(iteration))
    return PSObject(members, type_names=record.ps_type_names(), to_string=record.message)


def information(record: InformationRecord, cipher: Cipher | None = None) -> str:
    members = {
        "MessageData": record.message_data,
        "Source": record.source,
        "TimeGenerated": record.time_generated,
        "Tags": PSObject(type_names=_STRINGS, base=list(record.tags)),
        "User": record.user,
        "Computer": record.computer,
        "ProcessId": UInt32(record.process_id),
        "NativeThreadId": UInt32(record.native_thread_id),
        "ManagedThreadId": UInt32(record.managed_thread_id),
    }
    return encode_member(bag(members), cipher=cipher)


def progress_bag(record: ProgressRecord) -> PSObject:
    kind = enum(SMA + "ProgressRecordType", *(("Completed", 1) if record.completed else ("Processing", 0)))
    return bag({
        "Activity": record.activity,
        "ActivityId": record.activity_id,
        "StatusDescription": record.status,
        "CurrentOperation": record.current_operation,
        "ParentActivityId": record.parent_id,
        "PercentComplete": record.percent,
        "Type": kind,
        "SecondsRemaining": record.seconds_remaining,
    })  # fmt: skip


def progress(record: ProgressRecord) -> str:
    return encode_member(progress_bag(record))
