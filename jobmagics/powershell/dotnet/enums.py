"""Enums: the ones of .NET and PowerShell that scripts meet, and those that scripts define.

A value is an ``EnumValue``: an int that knows its type, so arithmetic and comparison work as on the number
while its string is the name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ...psobject import Byte, Int16, Int64, SByte, UInt16, UInt32, UInt64

if TYPE_CHECKING:
    from ..values.types import NetType

SMA = "System.Management.Automation."

# full name: names in order; name=number restarts the count; a leading ! marks flags
_ENUMS = {
    "System.Threading.LazyThreadSafetyMode": "None PublicationOnly ExecutionAndPublication",
    "System.DayOfWeek": "Sunday Monday Tuesday Wednesday Thursday Friday Saturday",
    "System.DateTimeKind": "Unspecified Utc Local",
    "Microsoft.PowerShell.Commands.DisplayHintType": "Date Time DateTime",
    "System.ConsoleColor": "Black DarkBlue DarkGreen DarkCyan DarkRed DarkMagenta DarkYellow Gray DarkGray Blue "
    "Green Cyan Red "
    "Magenta Yellow White",
    "System.ConsoleKey": "Backspace=8 Tab=9 Enter=13 Escape=27 Spacebar=32 LeftArrow=37 UpArrow RightArrow DownArrow",
    "System.StringComparison": "CurrentCulture CurrentCultureIgnoreCase InvariantCulture "
    "InvariantCultureIgnoreCase Ordinal "
    "OrdinalIgnoreCase",
    "System.StringSplitOptions": "!None=0 RemoveEmptyEntries=1 TrimEntries=2",
    "System.MidpointRounding": "ToEven AwayFromZero ToZero ToNegativeInfinity ToPositiveInfinity",
    "System.Base64FormattingOptions": "!None=0 InsertLineBreaks=1",
    "System.PlatformID": "Win32S Win32Windows Win32NT WinCE Unix Xbox MacOSX Other",
    "System.EnvironmentVariableTarget": "Process User Machine",
    "System.TypeCode": "Empty Object DBNull Boolean Char SByte Byte Int16 UInt16 Int32 UInt32 Int64 UInt64 Single "
    "Double "
    "Decimal DateTime String=18",
    "System.UriKind": "RelativeOrAbsolute Absolute Relative",
    "System.UriPartial": "Scheme Authority Path Query",
    "System.UriHostNameType": "Unknown Basic Dns IPv4 IPv6",
    "System.Environment+SpecialFolder": "Desktop=0 Programs=2 MyDocuments=5 Personal=5 ApplicationData=26 "
    "LocalApplicationData=28 "
    "CommonApplicationData=35 System=37 ProgramFiles=38 UserProfile=40",
    "System.Globalization.NumberStyles": "!None=0 AllowLeadingWhite=1 AllowTrailingWhite=2 AllowLeadingSign=4 "
    "Integer=7 "
    "AllowTrailingSign=8 AllowParentheses=16 AllowDecimalPoint=32 AllowThousands=64 Number=111 AllowExponent=128 "
    "Float=167 "
    "AllowCurrencySymbol=256 Currency=383 Any=511 AllowHexSpecifier=512 HexNumber=515 AllowBinarySpecifier=1024 "
    "BinaryNumber=1027",
    "System.Globalization.DateTimeStyles": "!None=0 AllowLeadingWhite=1 AllowTrailingWhite=2 AllowInnerWhite=4 "
    "AllowWhiteSpaces=7 "
    "NoCurrentDateDefault=8 AdjustToUniversal=16 AssumeLocal=32 AssumeUniversal=64 RoundtripKind=128",
    "System.Globalization.CalendarWeekRule": "FirstDay FirstFullWeek FirstFourDayWeek",
    "System.Globalization.CultureTypes": "!NeutralCultures=1 SpecificCultures=2 AllCultures=7",
    "System.Globalization.UnicodeCategory": "UppercaseLetter LowercaseLetter TitlecaseLetter ModifierLetter "
    "OtherLetter "
    "NonSpacingMark SpacingCombiningMark EnclosingMark DecimalDigitNumber LetterNumber OtherNumber SpaceSeparator "
    "LineSeparator "
    "ParagraphSeparator Control Format Surrogate PrivateUse ConnectorPunctuation DashPunctuation OpenPunctuation "
    "ClosePunctuation InitialQuotePunctuation FinalQuotePunctuation OtherPunctuation MathSymbol CurrencySymbol "
    "ModifierSymbol "
    "OtherSymbol OtherNotAssigned",
    "System.Text.RegularExpressions.RegexOptions": "!None=0 IgnoreCase=1 Multiline=2 ExplicitCapture=4 Compiled=8 "
    "Singleline=16 "
    "IgnorePatternWhitespace=32 RightToLeft=64 ECMAScript=256 CultureInvariant=512 NonBacktracking=1024",
    "System.Globalization.CompareOptions": "!None=0 IgnoreCase=1 IgnoreNonSpace=2 IgnoreSymbols=4 IgnoreKanaType=8 "
    "IgnoreWidth=16 NumericOrdering=32 OrdinalIgnoreCase=268435456 StringSort=536870912 Ordinal=1073741824",
    "System.Text.NormalizationForm": "FormC=1 FormD=2 FormKC=5 FormKD=6",
    "System.IO.FileAttributes": "!None=0 ReadOnly=1 Hidden=2 System=4 Directory=16 Archive=32 Device=64 Normal=128 "
    "Temporary=256 "
    "SparseFile=512 ReparsePoint=1024 Compressed=2048 Offline=4096 NotContentIndexed=8192 Encrypted=16384",
    "System.IO.FileMode": "CreateNew=1 Create Open OpenOrCreate Truncate Append",
    "System.IO.FileAccess": "!Read=1 Write=2 ReadWrite=3",
    "System.IO.FileShare": "!None=0 Read=1 Write=2 ReadWrite=3 Delete=4 Inheritable=16",
    "System.IO.SearchOption": "TopDirectoryOnly AllDirectories",
    "System.IO.SeekOrigin": "Begin Current End",
    "System.IO.UnixFileMode": "!None=0 OtherExecute=1 OtherWrite=2 OtherRead=4 GroupExecute=8 GroupWrite=16 "
    "GroupRead=32 "
    "UserExecute=64 UserWrite=128 UserRead=256 StickyBit=512 SetGroup=1024 SetUser=2048",
    "System.IO.Compression.CompressionLevel": "Optimal Fastest NoCompression SmallestSize",
    "System.IO.Compression.CompressionMode": "Decompress Compress",
    "System.IO.Compression.ZipArchiveMode": "Read Create Update",
    "System.Threading.ApartmentState": "STA MTA Unknown",
    "System.Runtime.InteropServices.Architecture": "X86 X64 Arm Arm64",
    "System.Reflection.BindingFlags": "!Default=0 IgnoreCase=1 DeclaredOnly=2 Instance=4 Static=8 Public=16 "
    "NonPublic=32",
    "System.Net.HttpStatusCode": "OK=200 Created Accepted NoContent=204 MovedPermanently=301 Found NotModified=304 "
    "BadRequest=400 "
    "Unauthorized Forbidden=403 NotFound=404 Conflict=409 InternalServerError=500 BadGateway=502 ServiceUnavailable",
    "System.ComponentModel.ListSortDirection": "Ascending Descending",
    "System.Xml.XmlNodeType": "None Element Attribute Text CDATA EntityReference Entity ProcessingInstruction "
    "Comment Document "
    "DocumentType DocumentFragment Notation Whitespace SignificantWhitespace EndElement EndEntity XmlDeclaration",
    SMA + "ErrorCategory": "NotSpecified OpenError CloseError DeviceError DeadlockDetected InvalidArgument InvalidData "
    "InvalidOperation InvalidResult InvalidType MetadataError NotImplemented NotInstalled ObjectNotFound "
    "OperationStopped "
    "OperationTimeout SyntaxError ParserError PermissionDenied ResourceBusy ResourceExists ResourceUnavailable "
    "ReadError "
    "WriteError FromStdErr SecurityError ProtocolError ConnectionError AuthenticationError LimitsExceeded "
    "QuotaExceeded "
    "NotEnabled",
    SMA + "ActionPreference": "SilentlyContinue Stop Continue Inquire Ignore Suspend Break",
    SMA + "ConfirmImpact": "None Low Medium High",
    SMA + "ProgressRecordType": "Processing Completed",
    SMA + "ErrorView": "NormalView CategoryView ConciseView DetailedView",
    SMA + "CompletionResultType": "Text History Command ProviderItem ProviderContainer Property Method ParameterName "
    "ParameterValue Variable Namespace Type Keyword DynamicKeyword",
    SMA + "CommandTypes": "!Alias=1 Function=2 Filter=4 Cmdlet=8 ExternalScript=16 Application=32 Script=64 "
    "Configuration=256 "
    "All=383",
    SMA + "PSMemberTypes": "!AliasProperty=1 CodeProperty=2 Property=4 NoteProperty=8 ScriptProperty=16 PropertySet=32 "
    "Method=64 "
    "CodeMethod=128 ScriptMethod=256 Methods=448 ParameterizedProperty=512 MemberSet=1024 Event=2048 Dynamic=4096 "
    "InferredProperty=8192 Properties=8255 All=16383",
    SMA + "PSMemberViewTypes": "!Extended=1 Adapted=2 Base=4 All=7",
    SMA + "ScopedItemOptions": "!None=0 ReadOnly=1 Constant=2 Private=4 AllScope=8 Unspecified=16",
    SMA + "SessionStateEntryVisibility": "Public Private",
    SMA + "PSLanguageMode": "FullLanguage RestrictedLanguage NoLanguage ConstrainedLanguage",
    SMA + "JobState": "NotStarted Running Completed Failed Stopped Blocked Suspended Disconnected Suspending Stopping "
    "AtBreakpoint",
    SMA + "PSInvocationState": "NotStarted Running Stopping Stopped Completed Failed Disconnected",
    SMA + "CommandOrigin": "Runspace Internal",
    SMA + "WildcardOptions": "!None=0 Compiled=1 IgnoreCase=2 CultureInvariant=4",
    SMA + "SplitOptions": "!SimpleMatch=1 RegexMatch=2 CultureInvariant=4 IgnorePatternWhitespace=8 Multiline=16 "
    "Singleline=32 "
    "IgnoreCase=64 ExplicitCapture=128",
    SMA + "ValidateRangeKind": "Positive NonNegative Negative NonPositive",
    SMA + "OutputRendering": "Host PlainText Ansi",
    SMA + "ProgressView": "Minimal Classic",
    SMA + "RunspaceMode": "CurrentRunspace NewRunspace",
    SMA + "Runspaces.PSThreadOptions": "Default UseNewThread ReuseThread UseCurrentThread",
    SMA + "PSThreadOptions": "Default UseNewThread ReuseThread UseCurrentThread",
    SMA + "VariableAccessMode": "Read Write ReadWrite",
    SMA + "Runspaces.PipelineState": "NotStarted Running Stopping Stopped Completed Failed Disconnected",
    SMA + "Runspaces.RunspaceState": "BeforeOpen Opening Opened Closed Closing Broken Disconnecting Disconnected "
    "Connecting",
    SMA + "Runspaces.RunspaceAvailability": "None Available AvailableForNestedCommand Busy RemoteDebug",
    SMA + "Runspaces.TargetMachineType": "RemoteMachine VirtualMachine Container",
    "Microsoft.PowerShell.ExecutionPolicyScope": "Process CurrentUser LocalMachine UserPolicy MachinePolicy",
    "Microsoft.PowerShell.ExecutionPolicy": "Unrestricted RemoteSigned AllSigned Restricted Default=3 Bypass Undefined",
    "Microsoft.PowerShell.Commands.FileSystemCmdletProviderEncoding": "Unknown String Unicode Byte "
    "BigEndianUnicode UTF8 UTF7 "
    "UTF32 Ascii Default Oem BigEndianUTF32",
}
_PROPER: dict[str, str] = {}


class EnumShape:
    """The names and numbers of one enum."""

    __slots__ = ("by_folded", "by_number", "flags", "names", "underlying")

    def __init__(self, names: dict[str, int], flags: bool, underlying: str = "System.Int32") -> None:
        self.names = names
        self.flags = flags
        self.underlying = underlying
        self.by_folded = {name.lower(): name for name in names}
        self.by_number: dict[int, str] = {}
        for name, number in names.items():
            self.by_number.setdefault(number, name)

    @property
    def all_bits(self) -> int:
        """What the names of a flags enum can make together."""
        found = 0
        for number in self.by_number:
            found |= number
        return found


class EnumValue(int):
    """A value of an enum type."""

    net_type: NetType

    def net_type_of(self) -> NetType:
        return self.net_type

    def ps_enum_value(self) -> int:
        number: int = UNDERLYING[shape_of(self.net_type).underlying](int(self))
        return number

    def ps_type_names(self) -> list[str]:
        return [self.net_type.full_name, "System.Enum", "System.ValueType", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        return ()

    def ps_to_string(self) -> str:
        return name_of(shape_of(self.net_type), int(self))

    def __str__(self) -> str:
        return self.ps_to_string()

    def __repr__(self) -> str:
        return f"<{self.net_type.full_name} {self.ps_to_string()}>"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, EnumValue):
            return self.net_type is other.net_type and int(self) == int(other)
        return False if isinstance(other, str) else int(self) == other

    def __hash__(self) -> int:
        return hash(int(self))


UNDERLYING: dict[str, Any] = {
    "System.Int32": int,
    "System.Int64": Int64,
    "System.Byte": Byte,
    "System.SByte": SByte,
    "System.Int16": Int16,
    "System.UInt16": UInt16,
    "System.UInt32": UInt32,
    "System.UInt64": UInt64,
}
_SHAPES: dict[str, EnumShape] = {}


def proper_name(folded: str) -> str | None:
    if not _PROPER:
        _PROPER.update({name.lower(): name for name in _ENUMS})
    return _PROPER.get(folded)


def shape_of(kind: NetType) -> EnumShape:
    if kind.user is not None:
        shape: EnumShape = kind.user
        return shape
    found = _SHAPES.get(kind.full_name)
    if found is None:
        found = _SHAPES[kind.full_name] = _parse_shape(_ENUMS[kind.full_name])
    return found


def _parse_shape(text: str) -> EnumShape:
    names: dict[str, int] = {}
    following = 0
    for word in text.lstrip("!").split():
        name, _, number = word.partition("=")
        value = int(number) if number else following
        names[name] = value
        following = value + 1
    return EnumShape(names, text.startswith("!"))


def make(kind: NetType, number: int) -> EnumValue:
    value = EnumValue(number)
    value.net_type = kind
    return value


def enum_value(full_name: str, name: str | int) -> EnumValue:
    """``enum_value("System.DayOfWeek", "Friday")``: for engine code that knows the name to be right."""
    from ..values.types import net_type

    kind = net_type(full_name)
    if isinstance(name, int):
        return make(kind, name)
    return make(kind, shape_of(kind).names[name])


def name_of(shape: EnumShape, number: int) -> str:
    found = shape.by_number.get(number)
    if found is not None or not shape.flags:
        return found if found is not None else str(number)
    rest, parts = number, []
    for name, value in sorted(shape.names.items(), key=lambda pair: -pair[1]):
        if value and rest & value == value:
            parts.append(name)
            rest &= ~value
    return str(number) if rest or not parts else ", ".join(reversed(parts))


def parse(kind: NetType, text: str, ignore_case: bool = True, prefixes: bool = True) -> EnumValue | None:
    """A name, a unique beginning of one (PowerShell's way), a number, or several with commas; None if it is none."""
    shape = shape_of(kind)
    total = 0
    for part in text.split(","):
        number = _parse_one(shape, part.strip(), ignore_case, prefixes)
        if number is None:
            return None
        total |= number
    return make(kind, total)


def _parse_one(shape: EnumShape, word: str, ignore_case: bool, prefixes: bool) -> int | None:
    if not word:
        return None
    if word.lstrip("+-").isdigit():
        return int(word)
    if not ignore_case:
        return shape.names.get(word)
    known = shape.by_folded.get(word.lower())
    if known is None and prefixes:
        matching = [name for folded, name in shape.by_folded.items() if folded.startswith(word.lower())]
        known = matching[0] if len(matching) == 1 else None
    return None if known is None else shape.names[known]
