"""The exceptions of .NET and PowerShell: who derives from whom, and the properties of their own."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ...psobject import PSList

if TYPE_CHECKING:
    from ..records import NetException

SMA = "System.Management.Automation."

# base: derived ...  (System. is left out where a name has no other dot; @ is System.Management.Automation.)
_TREE = """
Exception: SystemException ApplicationException AggregateException Net.Http.HttpRequestException
SystemException: ArgumentException ArithmeticException ArrayTypeMismatchException FormatException
SystemException: IndexOutOfRangeException
SystemException: InvalidCastException InvalidOperationException NotImplementedException NotSupportedException
SystemException: NullReferenceException
SystemException: OperationCanceledException OutOfMemoryException StackOverflowException TimeoutException
SystemException: UnauthorizedAccessException
SystemException: IO.IOException Collections.Generic.KeyNotFoundException Security.SecurityException
SystemException: Security.Cryptography.CryptographicException
SystemException: Threading.ThreadAbortException RankException MemberAccessException AccessViolationException
SystemException: BadImageFormatException
SystemException: Xml.XmlException Data.DataException Runtime.InteropServices.ExternalException
SystemException: TypeInitializationException InvalidProgramException
SystemException: @RuntimeException ContextMarshalException AppDomainUnloadedException
SystemException: ComponentModel.InvalidAsynchronousStateException
ArgumentException: ArgumentNullException ArgumentOutOfRangeException DuplicateWaitObjectException
ArgumentException: Globalization.CultureNotFoundException @PSArgumentException
ArgumentException: Text.RegularExpressions.RegexParseException ComponentModel.InvalidEnumArgumentException
ArgumentNullException: @PSArgumentNullException
ArgumentOutOfRangeException: @PSArgumentOutOfRangeException
ArithmeticException: DivideByZeroException OverflowException NotFiniteNumberException
FormatException: UriFormatException
InvalidCastException: @PSInvalidCastException
InvalidOperationException: ObjectDisposedException @PSInvalidOperationException Net.WebException
InvalidOperationException: Net.NetworkInformation.PingException
ObjectDisposedException: @PSObjectDisposedException
NotImplementedException: @PSNotImplementedException
NotSupportedException: PlatformNotSupportedException @PSNotSupportedException
OperationCanceledException: Threading.Tasks.TaskCanceledException
IO.IOException: IO.FileNotFoundException IO.DirectoryNotFoundException IO.EndOfStreamException IO.PathTooLongException
IO.IOException: IO.FileLoadException
IO.IOException: IO.DriveNotFoundException
SystemException: IO.InvalidDataException @Runspaces.InvalidRunspaceStateException Xml.XPath.XPathException
MemberAccessException: MissingMemberException FieldAccessException MethodAccessException
MissingMemberException: MissingMethodException MissingFieldException
Runtime.InteropServices.ExternalException: ComponentModel.Win32Exception
ComponentModel.Win32Exception: Net.Sockets.SocketException
@RuntimeException: @ActionPreferenceStopException @CommandNotFoundException
@RuntimeException: @ParameterBindingException @ParseException
@RuntimeException: @PipelineStoppedException @SessionStateException @ExtendedTypeSystemException
@RuntimeException: @ScriptCallDepthException @RemoteException
@RuntimeException: @CmdletInvocationException @PSSecurityException @MetadataException @HaltCommandException
@RuntimeException: @ApplicationFailedException
@RuntimeException: @Host.HostException @PipelineClosedException @ScriptBlockToPowerShellNotSupportedException
@RuntimeException: @JobFailedException @TerminateException
@RuntimeException: @WildcardPatternException @FlowControlException @ScriptRequiresException @IncompleteParseException
@RuntimeException: @Host.PromptingException
@RuntimeException: @RuntimeDefinedException @Remoting.PSRemotingTransportException
@ExtendedTypeSystemException: @MethodException @SetValueException @GetValueException @PSInvalidCastExceptionHolder
@MethodException: @MethodInvocationException
@GetValueException: @GetValueInvocationException
@SetValueException: @SetValueInvocationException
@CmdletInvocationException: @CmdletProviderInvocationException @ParameterBindingArgumentTransformationExceptionHolder
@ParameterBindingException: @ParameterBindingValidationException @ParameterBindingArgumentTransformationException
@ParseException: @IncompleteParseException
@SessionStateException: @ItemNotFoundException @SessionStateUnauthorizedAccessException @DriveNotFoundException
@SessionStateException: @ProviderNotFoundException
@ItemNotFoundException: @PathNotFoundExceptionHolder
@MetadataException: @ValidationMetadataException @ArgumentTransformationMetadataException @ParsingMetadataException
@SessionStateException: @ProviderInvocationException
SystemException: Microsoft.PowerShell.Commands.WriteErrorException
Exception: Microsoft.PowerShell.Commands.ServiceCommandException
Exception: Microsoft.PowerShell.Commands.ProcessCommandException Microsoft.PowerShell.Commands.HttpResponseException
"""


def _full(name: str) -> str:
    if name[0] == "@":
        return SMA + name[1:]
    return name if name.startswith("Microsoft.") else "System." + name


_BASES: dict[str, str] = {"System.Exception": ""}
_PROPER: dict[str, str] = {}


def _load() -> None:
    for line in _TREE.split("\n"):
        base, _, derived = line.partition(":")
        for name in derived.split():
            _BASES.setdefault(_full(name), _full(base))
    _PROPER.update({name.lower(): name for name in _BASES})


def proper_name(folded: str) -> str | None:
    if not _PROPER:
        _load()
    return _PROPER.get(folded)


def base_of(name: str) -> str:
    if not _PROPER:
        _load()
    return _BASES.get(name, "System.Exception")


def lineage(name: str) -> list[str]:
    """The type and its ancestors, System.Object last. Classes of scripts end in the table through types."""
    from ..values.types import net_type

    if not _PROPER:
        _load()
    if name not in _BASES:
        known = [kind.full_name for kind in net_type(name).lineage()]
        if len(known) > 2:
            return known
        _BASES[name] = "System.Exception"
    found = []
    while name:
        found.append(name)
        name = _BASES.get(name, "System.Exception" if name != "System.Exception" else "")
    return [*found, "System.Object"]


def derives(name: str, ancestor: str) -> bool:
    return ancestor == "System.Object" or ancestor in lineage(name)


# the properties that a family adds, in .NET's order: name -> default
_OWN: dict[str, tuple[tuple[str, Any], ...]] = {
    "System.ArgumentException": (("ParamName", None),),
    "System.ArgumentOutOfRangeException": (("ActualValue", None),),
    "System.IO.FileNotFoundException": (("FileName", None), ("FusionLog", None)),
    "System.AggregateException": (("InnerExceptions", None),),
    "System.ObjectDisposedException": (("ObjectName", ""),),
    SMA + "CommandNotFoundException": (("CommandName", ""),),
    SMA + "ParameterBindingException": (
        ("ParameterName", ""),
        ("ParameterType", None),
        ("TypeSpecified", None),
        ("ErrorId", ""),
        ("Line", 0),
        ("Offset", 0),
        ("CommandInvocation", None),
    ),
    SMA + "SessionStateException": (("ItemName", ""),),
    SMA + "ParseException": (("Errors", None),),
}


def own_properties(exception: NetException) -> Iterable[tuple[str, Any]]:
    seen = set()
    for name in lineage(exception.net_type):
        for key, default in _OWN.get(name, ()):
            if key not in seen:
                seen.add(key)
                yield key, exception.extra.get(key, default)
    for key, value in exception.extra.items():
        if key not in seen:
            yield key, value


def properties(exception: NetException) -> Iterable[tuple[str, Any]]:
    if derives(exception.net_type, SMA + "RuntimeException"):
        yield "ErrorRecord", record_within(exception)
        yield "WasThrownFromThrowStatement", exception.extra.get("WasThrownFromThrowStatement", False)
    for name, value in own_properties(exception):
        if name != "WasThrownFromThrowStatement":
            yield name, value
    yield "TargetSite", exception.extra.get("TargetSite")
    yield "Message", exception.message
    yield "Data", exception.data
    yield "InnerException", exception.inner
    yield "HelpLink", None
    yield "Source", exception.extra.get("Source")
    yield "HResult", hresult(exception)
    yield "StackTrace", exception.stack_trace


def record_of(exception: NetException) -> Any:
    from ..records import ErrorRecord

    if exception.error_record is None:
        exception.error_record = ErrorRecord(exception, exception.net_type.rpartition(".")[2])
    return exception.error_record


def record_within(exception: NetException) -> Any:
    """What the exception says of itself: a record that holds a stand-in for it, so that neither is within itself."""
    from ..records import NetException

    record = copy.copy(record_of(exception))
    record.exception = NetException(exception.message, net_type=SMA + "ParentContainsErrorRecordException")
    record.reason = ""
    return record


_HRESULTS = {
    "System.ArgumentException": 0x80070057,
    "System.ArgumentNullException": 0x80004003,
    "System.ArgumentOutOfRangeException": 0x80131502,
    "System.DivideByZeroException": 0x80020012,
    "System.FormatException": 0x80131537,
    "System.IndexOutOfRangeException": 0x80131508,
    "System.InvalidCastException": 0x80004002,
    "System.InvalidOperationException": 0x80131509,
    "System.NotImplementedException": 0x80004001,
    "System.NotSupportedException": 0x80131515,
    "System.NullReferenceException": 0x80004003,
    "System.OverflowException": 0x80131516,
    "System.TimeoutException": 0x80131505,
    "System.UnauthorizedAccessException": 0x80070005,
    "System.IO.FileNotFoundException": 0x80070002,
    "System.IO.DirectoryNotFoundException": 0x80070003,
    "System.IO.IOException": 0x80131620,
    "System.ArithmeticException": 0x80070216,
    "System.SystemException": 0x80131501,
    "System.Exception": 0x80131500,
}


def hresult(exception: NetException) -> int:
    for name in lineage(exception.net_type):
        code = _HRESULTS.get(name)
        if code is not None:
            return code - (1 << 32)
    return -2146233088


def inner_exceptions(exceptions: Iterable[Any]) -> PSList:
    return PSList.of("System.Exception", exceptions)
