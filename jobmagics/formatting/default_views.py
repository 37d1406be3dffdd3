"""The default views, as recorded of PowerShell 7.6.5 on Linux, and the default properties of types."""

from __future__ import annotations

import decimal
from typing import Any

from jobmagics.formatting import texts
from jobmagics.formatting.error_details import EXTENDED, details_text
from jobmagics.formatting.errors import error_text
from jobmagics.formatting.help_views import HELP_VIEWS, written
from jobmagics.formatting.reader import Reader
from jobmagics.formatting.style_views import STYLE_VIEWS
from jobmagics.formatting.views import DISPLAY_PROPERTIES, DISPLAY_SETS, VIEWS, Item, View, custom, listing, table, wide

MEGABYTE, GIGABYTE = 1024**2, 1024**3
FILE_SYSTEM = "Microsoft.PowerShell.Core\\FileSystem::"
SMA = "System.Management.Automation."
COMMANDS = "Microsoft.PowerShell.Commands."


def number(reader: Reader, value: Any, name: str) -> float | int | None:
    found = reader.base(reader.get(value, name)[1])
    return float(found) if isinstance(found, decimal.Decimal) else found if isinstance(found, int | float) else None


def scaled(name: str, unit: int, places: int) -> Item:
    def compute(reader: Reader, value: Any) -> str:
        return texts.grouped((number(reader, value, name) or 0) / unit, places)

    return compute


def cpu_seconds(reader: Reader, value: Any) -> str:
    seconds = number(reader, value, "CPU")
    return "" if seconds is None else texts.grouped(seconds, 2)


def write_time(reader: Reader, value: Any) -> str:
    moment = reader.base(reader.get(value, "LastWriteTime")[1])
    if not hasattr(moment, "hour"):
        return ""
    return f"{texts.short_date(moment, reader.culture)} {moment:%H:%M}"


def directory_header(reader: Reader, value: Any) -> list[str]:
    parent = reader.to_string(reader.get(value, "PSParentPath")[1])
    return [f"    Directory: {parent.replace(FILE_SYSTEM, '')}"]


def file_wide_name(reader: Reader, value: Any) -> str:
    name = reader.to_string(reader.get(value, "Name")[1])
    return f"[{name}]" if "System.IO.DirectoryInfo" in reader.plain_type_names(value) else name


def command_name(reader: Reader, value: Any) -> Any:
    alias = reader.to_string(reader.get(value, "CommandType")[1]) == "Alias"
    found, display = reader.get(value, "DisplayName") if alias else (False, None)
    return display if found else reader.get(value, "Name")[1]


def drive_size(name: str) -> Item:
    def compute(reader: Reader, value: Any) -> str:
        used, free = number(reader, value, "Used"), number(reader, value, "Free")
        return f"{(number(reader, value, name) or 0) / GIGABYTE:.2f}" if used or free else ""

    return compute


def is_serializable(reader: Reader, value: Any) -> Any:
    found, flag = reader.get(value, "IsSerializable")
    return flag if found else True


def drive_provider(reader: Reader, value: Any) -> Any:
    provider = reader.get(value, "Provider")[1]
    found, name = reader.get(provider, "Name")
    return name if found else provider


def keys_of(name: str) -> Item:
    """The names in a dictionary of a module's exports."""

    def compute(reader: Reader, value: Any) -> Any:
        found = reader.get(value, name)[1]
        return list(found) if hasattr(found, "keys") else found

    return compute


def prerelease(reader: Reader, value: Any) -> Any:
    data = reader.get(value, "PrivateData")[1]
    return reader.get(data, "Prerelease")[1] if data is not None else None


def duration(reader: Reader, value: Any) -> str:
    span = reader.base(reader.get(value, "Duration")[1])
    return f"{span.total_seconds():.3f}" if hasattr(span, "total_seconds") else ""


def member_of(outer: str, inner: str) -> Item:
    def compute(reader: Reader, value: Any) -> Any:
        found = reader.get(value, outer)[1]
        return reader.get(found, inner)[1] if found is not None else None

    return compute


def runspace_place(reader: Reader, value: Any) -> Any:
    connection = reader.get(value, "ConnectionInfo")[1]
    return "localhost" if connection is None else reader.get(connection, "ComputerName")[1]


def overloads(reader: Reader, value: Any) -> str:
    definitions = reader.get(value, "OverloadDefinitions")[1]
    return "".join(f"{reader.to_string(one)}\n" for one in reader.elements(definitions) or [])


def start_day(reader: Reader, value: Any) -> str:
    moment = reader.base(reader.get(value, "StartTime")[1])
    return texts.short_date(moment, reader.culture) if hasattr(moment, "hour") else ""


def long_date_text(reader: Reader, value: Any, width: int, color: bool) -> str:
    moment = reader.base(value)
    if not hasattr(moment, "hour"):
        return reader.to_string(value)
    hint = reader.to_string(reader.get(value, "DisplayHint")[1])
    text = texts.long_date(moment, reader.culture)
    if hint == "Date":
        return text[: -len(long_time(moment, reader.culture)) - 1]
    return long_time(moment, reader.culture) if hint == "Time" else text


def long_time(moment: Any, culture: str) -> str:
    return texts.clock_12(moment) if culture == "en-US" else f"{moment:%H:%M:%S}"


def error_details(reader: Reader, value: Any, width: int, color: bool) -> str:
    """Get-Error's view; what it has shown is an ordinary error again, as in PowerShell."""
    shown = details_text(reader, value, color)
    for name in [name for name in reader.type_names(value) if name.endswith(EXTENDED)]:
        names = [other for other in reader.type_names(value) if other != name]
        value._type_names = [*names, name.removesuffix(EXTENDED)]
    return shown


def error_index(reader: Reader, value: Any) -> list[str]:
    return [f"   ErrorIndex: {reader.to_string(reader.get(value, 'PSErrorIndex')[1])}"]


def error_view(reader: Reader, value: Any, width: int, color: bool) -> str:
    return error_text(reader, value, width=width, color=color)


def message_view(reader: Reader, value: Any, width: int, color: bool) -> str:
    found, message = reader.get(value, "Message")
    return reader.to_string(message if found else value)


def string_view(reader: Reader, value: Any, width: int, color: bool) -> str:
    return reader.to_string(value)


def match_view(reader: Reader, value: Any, width: int, color: bool) -> str:
    emphasized = getattr(value, "emphasized", None)
    return emphasized(color) if emphasized else reader.to_string(value)


PROCESS_SIZE = (("ProcessName", 20), ("Id", 10, "Right"), ("WorkingSet64", 12, "Right"))
FILE_TYPES = ("System.IO.FileInfo", "System.IO.DirectoryInfo")
PARENT: dict[str, Any] = {"group_by": "PSParentPath", "group_header": directory_header}
MODULE_EXPORTS = ("ExportedFunctions", "ExportedCmdlets", "ExportedVariables", "ExportedAliases")
COMMAND_TYPES = tuple(
    SMA + kind
    for kind in [
        "AliasInfo",
        "ApplicationInfo",
        "CmdletInfo",
        "ExternalScriptInfo",
        "FilterInfo",
        "FunctionInfo",
        "ScriptInfo",
    ]
)

VIEWS += [
    table(
        "process",
        "System.Diagnostics.Process",
        (scaled("NPM", 1024, 0), 7, "Right", "NPM(K)"),
        (scaled("PM", MEGABYTE, 2), 8, "Right", "PM(M)"),
        (scaled("WS", MEGABYTE, 2), 10, "Right", "WS(M)"),
        (cpu_seconds, 10, "Right", "CPU(s)"),
        ("Id", 7, "Right"),
        ("SI", 3, "Right"),
        ("ProcessName",),
    ),
    table("Priority", "System.Diagnostics.Process", *PROCESS_SIZE, group_by="PriorityClass"),
    table(
        "StartTime",
        "System.Diagnostics.Process",
        *PROCESS_SIZE,
        group_by=start_day,
        group_header=lambda reader, value: [f"   StartTime.ToShortDateString(): {start_day(reader, value)}"],
    ),
    wide("process", "System.Diagnostics.Process", "ProcessName"),
    table(
        "childrenWithUnixStat",
        FILE_TYPES,
        ("UnixMode", 10, "Left"),
        ("User", 10, "Right"),
        ("Group", 10, "Left"),
        (write_time, 16, "Right", "LastWriteTime"),
        ("Size", 12, "Right"),
        ("NameString", 0, "Left", "Name"),
        **PARENT,
    ),
    table(
        "children",
        FILE_TYPES,
        ("ModeWithoutHardLink", 7, "Left", "Mode"),
        ("LastWriteTimeString", 26, "Right", "LastWriteTime"),
        ("LengthString", 14, "Right", "Length"),
        ("NameString", 0, "Left", "Name"),
        **PARENT,
    ),
    table(
        "childrenWithHardlink",
        FILE_TYPES,
        ("Mode", 7, "Left"),
        ("LastWriteTimeString", 26, "Right", "LastWriteTime"),
        ("LengthString", 14, "Right", "Length"),
        ("NameString", 0, "Left", "Name"),
        **PARENT,
    ),
    listing(
        "children",
        "System.IO.DirectoryInfo",
        *["Name", "CreationTime", "LastWriteTime", "LastAccessTime", "Mode", "LinkType", "Target"],
        **PARENT,
    ),
    listing(
        "children",
        "System.IO.FileInfo",
        "Name",
        ("LengthString", "Length"),
        *["CreationTime", "LastWriteTime", "LastAccessTime", "Mode", "LinkType", "Target", "VersionInfo"],
        **PARENT,
    ),
    wide("children", FILE_TYPES, file_wide_name),
    table(
        "Job",
        SMA + "Job",
        ("Id", 6, "Left"),
        ("Name", 15, "Left"),
        ("PSJobTypeName", 15, "Left"),
        ("State", 13, "Left"),
        ("HasMoreData", 15, "Left"),
        ("Location", 20, "Left"),
        ("Command", 25, "Left"),
    ),
    table(
        "PSSession",
        SMA + "Runspaces.PSSession",
        ("Id", 3, "Right"),
        ("Name", 15, "Left"),
        ("Transport", 9, "Left"),
        ("ComputerName", 15, "Left"),
        ("ComputerType", 15, "Left"),
        ("State", 13, "Left"),
        ("ConfigurationName", 20, "Left"),
        ("Availability", 13, "Right"),
    ),
    custom("ErrorInstance", SMA + "ErrorRecord", error_view, out_of_band=True),
    View(
        "GetErrorInstance",
        (SMA + "ErrorRecord" + EXTENDED, "System.Exception" + EXTENDED),
        "Custom",
        group_by="PSErrorIndex",
        group_header=error_index,
        text=error_details,
    ),
    custom("InformationRecord", SMA + "InformationRecord", string_view, out_of_band=True),
    *(
        custom(kind, SMA + kind, message_view, out_of_band=True)
        for kind in ("WarningRecord", "VerboseRecord", "DebugRecord", "InformationalRecord")
    ),
    *STYLE_VIEWS,
    *(custom("Help", kind, written(write)) for kind, write in HELP_VIEWS.items()),
    table(
        "help",
        "HelpInfoShort",
        ("Name", 33, "Left"),
        ("Category", 9, "Left"),
        ("ModuleName", 25, "Left", "Module"),
        ("Synopsis",),
    ),
    custom("ScriptBlock", SMA + "ScriptBlock", string_view, out_of_band=True),
    table(COMMANDS + "GroupInfoNoElement", COMMANDS + "GroupInfoNoElement", ("Count", 5, "Right"), ("Name", 25)),
    table(COMMANDS + "GroupInfo", COMMANDS + "GroupInfo", ("Count", 5, "Right"), ("Name", 25), ("Group",)),
    listing(COMMANDS + "GroupInfo", COMMANDS + "GroupInfo", "Name", "Count", "Group", "Values"),
    custom("MatchInfo", COMMANDS + "MatchInfo", match_view),
    table(
        COMMANDS + "MemberDefinition",
        COMMANDS + "MemberDefinition",
        ("Name",),
        ("MemberType",),
        ("Definition",),
        autosize=True,
        group_by="TypeName",
    ),
    table(
        "CommandInfo",
        COMMAND_TYPES,
        ("CommandType", 15),
        (command_name, 50, "", "Name"),
        ("Version", 10),
        ("Source",),
    ),
    table("CommandInfo", SMA + "CommandInfo", ("CommandType", 15), ("Name",)),
    listing(
        SMA + "AliasInfo",
        SMA + "AliasInfo",
        "DisplayName",
        "CommandType",
        "Definition",
        "ReferencedCommand",
        "ResolvedCommand",
    ),
    table("AliasInfo", SMA + "AliasInfo", ("CommandType", 15), ("DisplayName",)),
    *(
        table(kind, SMA + kind, ("CommandType", 15), ("Name",), (last,))
        for kind, last in [("ApplicationInfo", "Path"), ("ExternalScriptInfo", "Path"), ("ScriptInfo", "Definition")]
    ),
    listing(
        SMA + "CmdletInfo",
        SMA + "CmdletInfo",
        *[
            "Name",
            "CommandType",
            "Definition",
            "Path",
            "DLL",
            "HelpFile",
            "ParameterSets",
            "ImplementingType",
            "Verb",
            "Noun",
        ],
    ),
    listing(SMA + "CommandInfo", (SMA + "FilterInfo", SMA + "FunctionInfo"), "Name", "CommandType", "Definition"),
    listing(
        SMA + "ApplicationInfo",
        SMA + "ApplicationInfo",
        *["Name", "CommandType", "Definition", "Extension", "Path", "FileVersionInfo"],
    ),
    listing(SMA + "ScriptInfo", SMA + "ScriptInfo", "Name", "CommandType", "Definition", "Path"),
    table("CallStackFrame", SMA + "CallStackFrame", ("Command",), ("Arguments",), ("Location",)),
    table(
        "System.Management.Automation.PSMethod", SMA + "PSMethod", (overloads, 0, "", "OverloadDefinitions"), wrap=True
    ),
    table("provider", SMA + "ProviderInfo", ("Name", 20), ("Capabilities",), ("Drives",)),
    listing(
        "provider",
        SMA + "ProviderInfo",
        *["Name", "Drives", "Path", "Home", "Description", "Capabilities", "ImplementingType"],
    ),
    table("TypeData", SMA + "Runspaces.TypeData", ("TypeName",), ("Members",)),
    table("Variable", SMA + "PSVariable", ("Name", 30), ("Value",)),
    table(
        "drive",
        SMA + "PSDriveInfo",
        ("Name", 10),
        (drive_size("Used"), 13, "Right", "Used (GB)"),
        (drive_size("Free"), 13, "Right", "Free (GB)"),
        (drive_provider, 13, "", "Provider"),
        ("Root", 35),
        ("CurrentLocation",),
    ),
    listing(SMA + "PSDriveInfo", SMA + "PSDriveInfo", "Name", "Description", "Provider", "Root", "CurrentLocation"),
    table("PathInfo", SMA + "PathInfo", ("Path",)),
    listing(
        "System.TimeSpan",
        "System.TimeSpan",
        *[
            "Days",
            "Hours",
            "Minutes",
            "Seconds",
            "Milliseconds",
            "Ticks",
            "TotalDays",
            "TotalHours",
            "TotalMinutes",
            "TotalSeconds",
            "TotalMilliseconds",
        ],
    ),
    table(
        "System.TimeSpan", "System.TimeSpan", *(("Days",), ("Hours",), ("Minutes",), ("Seconds",), ("Milliseconds",))
    ),
    wide("System.TimeSpan", "System.TimeSpan", "Days"),
    custom("DateTime", "System.DateTime", long_date_text),
    table("Dictionary", "System.Collections.DictionaryEntry", ("Name", 30), ("Value",)),
    listing("System.Collections.DictionaryEntry", "System.Collections.DictionaryEntry", "Name", "Value"),
    table("System.Version", "System.Version", ("Major", 6), ("Minor", 6), ("Build", 6), ("Revision", 8)),
    table(
        SMA + "SemanticVersion",
        SMA + "SemanticVersion",
        *(("Major", 6), ("Minor", 6), ("Patch", 6), ("PreReleaseLabel", 15), ("BuildLabel", 11)),
    ),
    table("System.Net.NetworkCredential", "System.Net.NetworkCredential", ("UserName", 50), ("Domain", 50)),
    table(
        "System.Reflection.Assembly",
        "System.Reflection.Assembly",
        *(("GlobalAssemblyCache", 6, "", "GAC"), ("ImageRuntimeVersion", 14, "", "Version"), ("Location",)),
    ),
    table("System.Reflection.AssemblyName", "System.Reflection.AssemblyName", ("Version", 14), ("Name",)),
    table("System.Guid", "System.Guid", ("Guid",)),
    table(
        "System.Type",
        ("System.RuntimeType", "System.Type"),
        ("IsPublic", 8, "Left"),
        (is_serializable, 8, "Left", "IsSerial"),
        ("Name", 40),
        ("BaseType",),
    ),
    table("CultureInfo", "System.Globalization.CultureInfo", ("LCID", 16), ("Name", 16), ("DisplayName",)),
    table(
        "history",
        COMMANDS + "HistoryInfo",
        ("Id", 4, "Right"),
        (duration, 12, "Right", "Duration"),
        ("CommandLine",),
    ),
    table(
        "Module",
        SMA + "PSModuleInfo",
        ("ModuleType", 10, "Left"),
        ("Version", 10, "Left"),
        (prerelease, 10, "Left", "PreRelease"),
        ("Name", 35, "Left"),
        (keys_of("ExportedCommands"), 0, "Left", "ExportedCommands"),
    ),
    listing(
        "Module",
        SMA + "PSModuleInfo",
        *("Name", "Path", "Description", "ModuleType", "Version", (prerelease, "PreRelease"), "NestedModules"),
        *((keys_of(name), name) for name in MODULE_EXPORTS),
    ),
    wide("Module", SMA + "PSModuleInfo", "Name"),
    wide("history", COMMANDS + "HistoryInfo", "CommandLine"),
    table(
        COMMANDS + "FileHashInfo", COMMANDS + "FileHashInfo", ("Algorithm", 15, "Left"), ("Hash", 70, "Left"), ("Path",)
    ),
    table(
        "Runspace",
        SMA + "Runspaces.Runspace",
        ("Id", 3, "Right"),
        ("Name", 15, "Left"),
        (runspace_place, 15, "Left", "ComputerName"),
        (lambda reader, value: "Local", 13, "Left", "Type"),
        (member_of("RunspaceStateInfo", "State"), 13, "Left", "State"),
        ("RunspaceAvailability", 15, "Left", "Availability"),
    ),
    table(
        "PSSnapInInfo",
        SMA + "PSSnapInInfo",
        *(("Name", 30, "Left"), ("PSVersion", 20, "Left"), ("Description", 30, "Left")),
    ),
    listing("PSSnapInInfo", SMA + "PSSnapInInfo", "Name", "PSVersion", "Description"),
    table(
        COMMANDS + "ByteCollection",
        COMMANDS + "ByteCollection",
        ("HexOffset", 16, "Right", "Offset"),
        ("HexBytes", 47, "Left", "Bytes\n00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F"),
        ("Ascii", 16, "Left"),
        group_by="Label",
    ),
]

# DefaultDisplayPropertySet of types.ps1xml: what is shown of a type that has no view of that shape
_SETS = {
    "System.Diagnostics.Process": "Id Handles CPU SI Name",
    "System.Globalization.CultureInfo": "LCID Name DisplayName",
    COMMANDS + "GenericMeasureInfo": "Count Average Sum Maximum Minimum StandardDeviation Property",
    COMMANDS + "TextMeasureInfo": "Lines Words Characters Property",
    SMA + "Job": "Id Name ChildJobs PSBeginTime PSEndTime PSJobTypeName",
    SMA + "PSCredential": "UserName Password",
}
DISPLAY_SETS.update((name.lower(), tuple(names.split())) for name, names in _SETS.items())
DISPLAY_PROPERTIES["system.net.ipaddress"] = "IPAddressToString"
