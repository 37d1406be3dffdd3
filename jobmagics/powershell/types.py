"""System.Type: what a value's type is called, what it derives from, and which name means which type.

Only names and lineage live here. What members a type has is in dotnet/ (a module for each family,
loaded when the first member of one of its types is used); conversions are in conversions.py.
"""

from __future__ import annotations

import decimal
import uuid
from collections.abc import Iterable
from typing import Any

from ..psobject import (
    BigInteger,
    Byte,
    Char,
    DateTime,
    Hashtable,
    Int16,
    Int64,
    OrderedDictionary,
    PSList,
    PSObject,
    SByte,
    SecureString,
    Single,
    TimeSpan,
    UInt16,
    UInt32,
    UInt64,
    Uri,
    Version,
    XmlDocument,
)
from .records import NetException
from .values import Nothing

SMA = "System.Management.Automation."
GENERIC = "System.Collections.Generic."
SYNTAX = "system.management.automation.language."

# name | base | the dotnet module with its members | interfaces   (System.Object is the base when empty)
_CATALOG = """
System.Object||objects
System.ValueType||objects
System.Enum|System.ValueType|enums
System.Void|System.ValueType|
System.String||text|System.IComparable System.Collections.IEnumerable System.IConvertible
System.Char|System.ValueType|text|System.IComparable System.IConvertible
System.Boolean|System.ValueType|numbers|System.IComparable System.IConvertible
System.Int32|System.ValueType|numbers|System.IComparable System.IFormattable System.IConvertible
System.Int64|System.ValueType|numbers|System.IComparable System.IFormattable System.IConvertible
System.Int16|System.ValueType|numbers|System.IComparable System.IFormattable System.IConvertible
System.Byte|System.ValueType|numbers|System.IComparable System.IFormattable System.IConvertible
System.SByte|System.ValueType|numbers|System.IComparable System.IFormattable System.IConvertible
System.UInt16|System.ValueType|numbers|System.IComparable System.IFormattable System.IConvertible
System.UInt32|System.ValueType|numbers|System.IComparable System.IFormattable System.IConvertible
System.UInt64|System.ValueType|numbers|System.IComparable System.IFormattable System.IConvertible
System.Double|System.ValueType|numbers|System.IComparable System.IFormattable System.IConvertible
System.Single|System.ValueType|numbers|System.IComparable System.IFormattable System.IConvertible
System.Decimal|System.ValueType|numbers|System.IComparable System.IFormattable System.IConvertible
System.Numerics.BigInteger|System.ValueType|numbers|System.IComparable System.IFormattable
System.Math||math
System.Convert||convert
System.BitConverter||convert
System.Random||math
System.DateTime|System.ValueType|dates|System.IComparable System.IFormattable System.IConvertible
System.TimeSpan|System.ValueType|dates|System.IComparable System.IFormattable
System.DateTimeOffset|System.ValueType|dates|System.IComparable System.IFormattable
System.DateOnly|System.ValueType|dates|System.IComparable System.IFormattable
System.TimeOnly|System.ValueType|dates|System.IComparable System.IFormattable
System.TimeZoneInfo||dates
System.Globalization.CultureInfo||culture|System.IFormatProvider
System.Globalization.NumberFormatInfo||culture|System.IFormatProvider
System.Globalization.DateTimeFormatInfo||culture|System.IFormatProvider
System.Globalization.TextInfo||culture
System.Globalization.Calendar||culture
System.Guid|System.ValueType|objects|System.IComparable System.IFormattable
System.Version||objects|System.IComparable
System.Uri||net
System.UriBuilder||net
System.Net.WebUtility||net
System.Net.IPAddress||net
System.Net.Dns||net
System.Net.Mail.MailAddress||net
System.Type||objects
System.RuntimeType|System.Type|objects
System.DBNull||objects
System.Environment||system
System.GC||system
System.Console||system
System.AppDomain||system
System.Diagnostics.Stopwatch||system
System.Diagnostics.Process||system
System.Threading.Thread||system
System.Runtime.InteropServices.RuntimeInformation||system
System.Runtime.InteropServices.Marshal||system
System.Runtime.InteropServices.OSPlatform||system
System.Activator||system
System.Text.StringBuilder||builder
System.Text.Encoding||encoding
System.Text.UTF8Encoding|System.Text.Encoding|encoding
System.Text.ASCIIEncoding|System.Text.Encoding|encoding
System.Text.UnicodeEncoding|System.Text.Encoding|encoding
System.Text.UTF32Encoding|System.Text.Encoding|encoding
System.Text.Latin1Encoding|System.Text.Encoding|encoding
System.Text.RegularExpressions.Regex||regex
System.Text.RegularExpressions.Match|System.Text.RegularExpressions.Group|regex
System.Text.RegularExpressions.Group|System.Text.RegularExpressions.Capture|regex
System.Text.RegularExpressions.Capture||regex
System.Text.RegularExpressions.MatchCollection||regex|System.Collections.IEnumerable System.Collections.ICollection
System.Text.RegularExpressions.GroupCollection||regex|System.Collections.IEnumerable System.Collections.ICollection
System.Text.RegularExpressions.CaptureCollection||regex|System.Collections.IEnumerable System.Collections.ICollection
System.StringComparer||compare|System.Collections.IComparer System.Collections.IEqualityComparer
System.Array||arrays|System.Collections.IList System.Collections.ICollection System.Collections.IEnumerable
System.Collections.ArrayList||lists|System.Collections.IList System.Collections.ICollection System.Collections.IEnumerable
System.Collections.Hashtable||tables|System.Collections.IDictionary System.Collections.ICollection System.Collections.IEnumerable
System.Collections.Specialized.OrderedDictionary||tables|System.Collections.IDictionary System.Collections.ICollection System.Collections.IEnumerable
System.Collections.SortedList||tables|System.Collections.IDictionary System.Collections.ICollection System.Collections.IEnumerable
System.Collections.DictionaryEntry|System.ValueType|tables
System.Collections.Queue||queues|System.Collections.ICollection System.Collections.IEnumerable
System.Collections.Stack||queues|System.Collections.ICollection System.Collections.IEnumerable
System.Collections.BitArray||queues|System.Collections.ICollection System.Collections.IEnumerable
System.Collections.Specialized.StringCollection||lists|System.Collections.IList System.Collections.ICollection System.Collections.IEnumerable
System.Collections.Specialized.NameValueCollection||tables|System.Collections.ICollection System.Collections.IEnumerable
System.Collections.Generic.List`1||lists|System.Collections.IList System.Collections.ICollection System.Collections.IEnumerable
System.Collections.ObjectModel.Collection`1||lists|System.Collections.IList System.Collections.ICollection System.Collections.IEnumerable
System.Collections.ObjectModel.ReadOnlyCollection`1||lists|System.Collections.IList System.Collections.ICollection System.Collections.IEnumerable
System.Collections.ObjectModel.ObservableCollection`1|System.Collections.ObjectModel.Collection`1|lists|System.Collections.IList System.Collections.ICollection System.Collections.IEnumerable
System.Collections.Generic.LinkedList`1||lists|System.Collections.ICollection System.Collections.IEnumerable
System.Collections.Generic.Dictionary`2||tables|System.Collections.IDictionary System.Collections.ICollection System.Collections.IEnumerable
System.Collections.Generic.SortedDictionary`2||tables|System.Collections.IDictionary System.Collections.ICollection System.Collections.IEnumerable
System.Collections.Generic.SortedList`2||tables|System.Collections.IDictionary System.Collections.ICollection System.Collections.IEnumerable
System.Collections.Concurrent.ConcurrentDictionary`2||tables|System.Collections.IDictionary System.Collections.ICollection System.Collections.IEnumerable
System.Collections.Generic.KeyValuePair`2|System.ValueType|tables
System.Collections.Generic.KeyValuePair||tables
System.Collections.Generic.HashSet`1||sets|System.Collections.ICollection System.Collections.IEnumerable
System.Collections.Generic.SortedSet`1||sets|System.Collections.ICollection System.Collections.IEnumerable
System.Collections.Generic.Queue`1||queues|System.Collections.ICollection System.Collections.IEnumerable
System.Collections.Generic.Stack`1||queues|System.Collections.ICollection System.Collections.IEnumerable
System.Collections.Generic.PriorityQueue`2||queues
System.Collections.Concurrent.ConcurrentQueue`1||queues|System.Collections.ICollection System.Collections.IEnumerable
System.Collections.Concurrent.ConcurrentStack`1||queues|System.Collections.ICollection System.Collections.IEnumerable
System.Collections.Concurrent.ConcurrentBag`1||queues|System.Collections.ICollection System.Collections.IEnumerable
System.Collections.Generic.IEnumerable`1||
System.Collections.Generic.Comparer`1||compare
System.Tuple||tuples
System.Tuple`1||tuples
System.Tuple`2||tuples
System.Tuple`3||tuples
System.Tuple`4||tuples
System.ValueTuple|System.ValueType|tuples
System.ValueTuple`2|System.ValueType|tuples
System.ValueTuple`3|System.ValueType|tuples
System.Nullable`1|System.ValueType|
System.Lazy`1||tuples
System.Linq.Enumerable||linq
System.Delegate||delegates
System.MulticastDelegate|System.Delegate|delegates
System.Action|System.MulticastDelegate|delegates
System.Predicate`1|System.MulticastDelegate|delegates
System.Comparison`1|System.MulticastDelegate|delegates
System.Converter`2|System.MulticastDelegate|delegates
System.EventHandler|System.MulticastDelegate|delegates
System.Func`1|System.MulticastDelegate|delegates
System.Func`2|System.MulticastDelegate|delegates
System.Func`3|System.MulticastDelegate|delegates
System.Func`4|System.MulticastDelegate|delegates
System.Action`1|System.MulticastDelegate|delegates
System.Action`2|System.MulticastDelegate|delegates
System.Action`3|System.MulticastDelegate|delegates
System.Text.RegularExpressions.MatchEvaluator|System.MulticastDelegate|delegates
System.IO.Path||paths
System.IO.File||files
System.IO.Directory||files
System.IO.FileSystemInfo||fileinfo
System.IO.FileInfo|System.IO.FileSystemInfo|fileinfo
System.IO.DirectoryInfo|System.IO.FileSystemInfo|fileinfo
System.IO.TextReader||streams
System.IO.StringReader|System.IO.TextReader|streams
System.IO.StreamReader|System.IO.TextReader|streams
System.IO.TextWriter||streams
System.IO.StringWriter|System.IO.TextWriter|streams
System.IO.StreamWriter|System.IO.TextWriter|streams
System.IO.Stream||streams
System.IO.MemoryStream|System.IO.Stream|streams
System.IO.FileStream|System.IO.Stream|streams
System.IO.Compression.GZipStream|System.IO.Stream|streams
System.IO.Compression.DeflateStream|System.IO.Stream|streams
System.IO.Compression.ZipFile||zipfiles
System.Security.Cryptography.SHA256||crypto
System.Security.Cryptography.SHA1||crypto
System.Security.Cryptography.SHA512||crypto
System.Security.Cryptography.MD5||crypto
System.Security.Cryptography.RandomNumberGenerator||crypto
System.Security.SecureString||credentials
System.Xml.XmlNode||xml
System.Xml.XmlDocument|System.Xml.XmlNode|xml
System.Xml.XmlElement|System.Xml.XmlLinkedNode|xml
System.Xml.XmlLinkedNode|System.Xml.XmlNode|xml
System.Xml.XmlAttribute|System.Xml.XmlNode|xml
System.Xml.XmlCharacterData|System.Xml.XmlLinkedNode|xml
System.Xml.XmlText|System.Xml.XmlCharacterData|xml
System.Xml.XmlCDataSection|System.Xml.XmlCharacterData|xml
System.Xml.XmlComment|System.Xml.XmlCharacterData|xml
System.Xml.XmlWhitespace|System.Xml.XmlCharacterData|xml
System.Xml.XmlProcessingInstruction|System.Xml.XmlLinkedNode|xml
System.Xml.XmlDeclaration|System.Xml.XmlLinkedNode|xml
System.Xml.XmlDocumentType|System.Xml.XmlLinkedNode|xml
System.Xml.XmlDocumentFragment|System.Xml.XmlNode|xml
System.Xml.XmlNodeList||xml|System.Collections.IEnumerable
System.Xml.XmlChildNodes|System.Xml.XmlNodeList|xml|System.Collections.IEnumerable
System.Xml.XmlElementList|System.Xml.XmlNodeList|xml|System.Collections.IEnumerable
System.Xml.XPathNodeList|System.Xml.XmlNodeList|xml|System.Collections.IEnumerable
System.Xml.XmlAttributeCollection||xml|System.Collections.ICollection System.Collections.IEnumerable
System.Xml.XmlNamespaceManager||xml
System.Xml.XmlNameTable||xml
System.Xml.NameTable|System.Xml.XmlNameTable|xml
System.Attribute||automation
System.Management.Automation.PSObject||added_members
System.Management.Automation.PSCustomObject||added_members
System.Management.Automation.ScriptBlock||blocks
System.Management.Automation.PSCredential||credentials
System.Management.Automation.PSReference||automation
System.Management.Automation.SwitchParameter|System.ValueType|automation
System.Management.Automation.ErrorRecord||automation
System.Management.Automation.ErrorDetails||automation
System.Management.Automation.ErrorCategoryInfo||automation
System.Management.Automation.InvocationInfo||automation
System.Management.Automation.PSVariable||added_members
System.Management.Automation.PSMemberInfo||added_members
System.Management.Automation.PSPropertyInfo|System.Management.Automation.PSMemberInfo|added_members
System.Management.Automation.PSNoteProperty|System.Management.Automation.PSPropertyInfo|added_members
System.Management.Automation.PSScriptProperty|System.Management.Automation.PSPropertyInfo|added_members
System.Management.Automation.PSAliasProperty|System.Management.Automation.PSPropertyInfo|added_members
System.Management.Automation.PSScriptMethod|System.Management.Automation.PSMemberInfo|added_members
System.Management.Automation.WildcardPattern||automation
System.Management.Automation.SemanticVersion||automation
System.Management.Automation.InformationRecord||automation
System.Management.Automation.InformationalRecord||automation
System.Management.Automation.WarningRecord|System.Management.Automation.InformationalRecord|automation
System.Management.Automation.VerboseRecord|System.Management.Automation.InformationalRecord|automation
System.Management.Automation.DebugRecord|System.Management.Automation.InformationalRecord|automation
System.Management.Automation.ProgressRecord||automation
System.Management.Automation.HostInformationMessage||automation
System.Management.Automation.PSTypeName||automation
System.Management.Automation.PSToken||blocks
System.Management.Automation.PSParser||blocks
System.Management.Automation.PSSerializer||automation
System.Net.NetworkCredential||credentials
System.Management.Automation.LanguagePrimitives||automation
System.Management.Automation.RuntimeDefinedParameter||automation
System.Management.Automation.RuntimeDefinedParameterDictionary|System.Collections.Generic.Dictionary`2|automation|System.Collections.IDictionary
System.Management.Automation.Language.Parser||blocks
System.Management.Automation.Language.NullString||blocks
System.Management.Automation.PSListModifier||automation
System.Management.Automation.PowerShell||automation
System.Management.Automation.CommandInfo||
System.Management.Automation.FunctionInfo|System.Management.Automation.CommandInfo|
System.Management.Automation.CmdletInfo|System.Management.Automation.CommandInfo|
System.Management.Automation.AliasInfo|System.Management.Automation.CommandInfo|
System.Management.Automation.ApplicationInfo|System.Management.Automation.CommandInfo|
System.Management.Automation.ExternalScriptInfo|System.Management.Automation.CommandInfo|
System.Management.Automation.PSCmdlet||automation
System.Management.Automation.PSModuleInfo||
System.Management.Automation.Runspaces.Runspace||
System.Globalization.GregorianCalendar|System.Globalization.Calendar|culture
System.Collections.Generic.LinkedListNode`1||lists
System.ValueTuple`1|System.ValueType|tuples
System.ValueTuple`4|System.ValueType|tuples
System.ValueTuple`5|System.ValueType|tuples
System.Tuple`5||tuples
System.Tuple`6||tuples
System.Tuple`7||tuples
System.Action`4|System.MulticastDelegate|delegates
System.Func`5|System.MulticastDelegate|delegates
System.Threading.ManualResetEventSlim||threads
System.Threading.ManualResetEvent||threads
System.Threading.AutoResetEvent||threads
System.Threading.Monitor||threads
System.Threading.Interlocked||threads
System.Threading.Mutex||threads
System.Threading.CancellationTokenSource||threads
System.IComparable||
System.IConvertible||
System.IFormattable||
System.IFormatProvider||
System.IDisposable||
System.ICloneable||
System.IEquatable`1||
System.IComparable`1||
System.Collections.IEnumerable||
System.Collections.IEnumerator||
System.Collections.ICollection||
System.Collections.IList||
System.Collections.IDictionary||
System.Collections.IComparer||
System.Collections.IEqualityComparer||
System.Collections.Generic.IList`1||
System.Collections.Generic.ICollection`1||
System.Collections.Generic.IDictionary`2||
System.Collections.Generic.IComparer`1||
System.Collections.Generic.IEqualityComparer`1||
"""

ACCELERATORS = {
    "array": "System.Array",
    "bigint": "System.Numerics.BigInteger",
    "bool": "System.Boolean",
    "byte": "System.Byte",
    "char": "System.Char",
    "cultureinfo": "System.Globalization.CultureInfo",
    "datetime": "System.DateTime",
    "decimal": "System.Decimal",
    "double": "System.Double",
    "float": "System.Single",
    "guid": "System.Guid",
    "hashtable": "System.Collections.Hashtable",
    "int": "System.Int32",
    "int16": "System.Int16",
    "int32": "System.Int32",
    "int64": "System.Int64",
    "ipaddress": "System.Net.IPAddress",
    "long": "System.Int64",
    "mailaddress": "System.Net.Mail.MailAddress",
    "nullstring": SMA + "Language.NullString",
    "ordered": "System.Collections.Specialized.OrderedDictionary",
    "powershell": SMA + "PowerShell",
    "psaliasproperty": SMA + "PSAliasProperty",
    "pscredential": SMA + "PSCredential",
    "pscustomobject": SMA + "PSObject",
    "pslistmodifier": SMA + "PSListModifier",
    "psmoduleinfo": SMA + "PSModuleInfo",
    "psnoteproperty": SMA + "PSNoteProperty",
    "psobject": SMA + "PSObject",
    "psscriptmethod": SMA + "PSScriptMethod",
    "psscriptproperty": SMA + "PSScriptProperty",
    "psvariable": SMA + "PSVariable",
    "ref": SMA + "PSReference",
    "regex": "System.Text.RegularExpressions.Regex",
    "runspace": SMA + "Runspaces.Runspace",
    "sbyte": "System.SByte",
    "scriptblock": SMA + "ScriptBlock",
    "securestring": "System.Security.SecureString",
    "semver": SMA + "SemanticVersion",
    "short": "System.Int16",
    "single": "System.Single",
    "string": "System.String",
    "switch": SMA + "SwitchParameter",
    "timespan": "System.TimeSpan",
    "type": "System.Type",
    "uint": "System.UInt32",
    "uint16": "System.UInt16",
    "uint32": "System.UInt32",
    "uint64": "System.UInt64",
    "ulong": "System.UInt64",
    "uri": "System.Uri",
    "ushort": "System.UInt16",
    "version": "System.Version",
    "void": "System.Void",
    "wildcardpattern": SMA + "WildcardPattern",
    "xml": "System.Xml.XmlDocument",
}
_ATTRIBUTES = [
    "Alias",
    "AllowEmptyCollection",
    "AllowEmptyString",
    "AllowNull",
    "ArgumentCompleter",
    "ArgumentCompletions",
    "CmdletBinding",
    "OutputType",
    "Parameter",
    "PSDefaultValue",
    "SupportsWildcards",
    "ValidateCount",
    "ValidateDrive",
    "ValidateLength",
    "ValidateNotNull",
    "ValidateNotNullOrEmpty",
    "ValidateNotNullOrWhiteSpace",
    "ValidatePattern",
    "ValidateRange",
    "ValidateScript",
    "ValidateSet",
    "ValidateTrustedData",
    "ValidateUserDrive",
]
ACCELERATORS.update({name.lower(): f"{SMA}{name}Attribute" for name in _ATTRIBUTES})

TYPE_NAMES = [
    "System.RuntimeType",
    "System.Reflection.TypeInfo",
    "System.Type",
    "System.Reflection.MemberInfo",
    "System.Object",
]


class NetType:
    """A .NET type, by name. Two types are the same exactly when they are the same object."""

    __slots__ = (
        "arguments",
        "base",
        "element",
        "full_name",
        "interfaces",
        "members",
        "module",
        "name",
        "namespace",
        "rank",
        "user",
    )

    def __init__(self, full_name: str, base: NetType | None, module: str = "", interfaces: Iterable[str] = ()) -> None:
        self.full_name = full_name
        plain = full_name.partition("[[")[0] if "[[" in full_name else full_name
        self.namespace, _, name = plain.rpartition(".")
        self.name = name.rpartition("+")[2]
        self.base = base
        self.module = module
        self.interfaces = tuple(interfaces) + (base.interfaces if base else ())
        self.members: Any = None  # dotnet.table.Members, loaded on first use
        self.element: NetType | None = None  # of an array
        self.rank = 1
        self.arguments: tuple[NetType, ...] = ()  # of a generic type
        self.user: Any = None  # the class or enum a script defined

    @property
    def is_array(self) -> bool:
        return self.element is not None

    @property
    def definition(self) -> str:
        """The full name without generic arguments: what the tables in dotnet/ are keyed by."""
        return self.full_name.partition("[[")[0] if self.arguments else self.full_name

    @property
    def is_enum(self) -> bool:
        return self.base is not None and self.base.full_name == "System.Enum"

    @property
    def is_value_type(self) -> bool:
        return self.derives_from("System.ValueType")

    def lineage(self) -> list[NetType]:
        found: list[NetType] = []
        at: NetType | None = self
        while at is not None:
            found.append(at)
            at = at.base
        return found

    def derives_from(self, full_name: str) -> bool:
        return any(known.full_name == full_name for known in self.lineage()) or full_name in self.interfaces

    def is_assignable_from(self, other: NetType) -> bool:
        if self is other or self.full_name == "System.Object":
            return True
        if other.derives_from(self.full_name):
            return True
        if self.arguments and self.definition in other.interfaces:
            return True
        if self.element is not None and other.element is not None:
            return self.element.full_name == "System.Object" and not other.element.is_value_type
        return self.element is None and self.full_name == "System.Array" and other.is_array

    def is_instance(self, value: Any) -> bool:
        if value is None:
            return False
        if self.full_name == SMA + "PSObject" or self.full_name == SMA + "PSCustomObject":
            return isinstance(value, PSObject)
        return self.is_assignable_from(type_of(value))

    # -- a PSValue
    def ps_type_names(self) -> list[str]:
        return TYPE_NAMES

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "Name", self.name
        yield "FullName", self.full_name
        yield "Namespace", self.namespace
        yield "BaseType", self.base
        yield "IsPublic", True
        yield "IsSerializable", True

    def ps_to_string(self) -> str:
        if self.arguments:
            return f"{self.definition}[{','.join(argument.ps_to_string() for argument in self.arguments)}]"
        return self.full_name

    def __repr__(self) -> str:
        return f"<NetType {self.full_name}>"


_LINES: dict[str, str] = {}
_KNOWN: dict[str, NetType] = {}
_MISSING: set[str] = set()


def _catalog_line(folded: str) -> str | None:
    if not _LINES:
        for line in _CATALOG.split("\n"):
            if line:
                _LINES[line.partition("|")[0].lower()] = line
    return _LINES.get(folded)


def net_type(full_name: str) -> NetType:
    """The type of that full name; made up (deriving from Object) when no table knows it."""
    found = find_type(full_name)
    if found is None and "." not in full_name:
        return session_type(full_name) or NetType(full_name, OBJECT)
    if found is None:
        found = _KNOWN[full_name.lower()] = NetType(full_name, OBJECT)
    return found


def session_type(name: str) -> NetType | None:
    """A class or enum that the running session's scripts defined: never kept here, other sessions do not have it."""
    from .runtime import current_runspace

    runspace = current_runspace()
    return runspace.types.get(name.lower()) if runspace is not None else None


def find_type(full_name: str) -> NetType | None:
    """The type by its full name, any case, or None."""
    folded = full_name.lower()
    found = _KNOWN.get(folded)
    if found is not None:
        return found
    line = _catalog_line(folded)
    if line is not None:
        name, base, module, interfaces = (line.split("|") + ["", "", ""])[:4]
        parent = None if name == "System.Object" else net_type(base or "System.Object")
        found = NetType(name, parent, module, interfaces.split())
    elif folded in _MISSING:
        return None
    else:
        found = _find_elsewhere(folded)
        if found is None:
            _MISSING.add(folded)
            return None
    _KNOWN[folded] = found
    return found


def _find_elsewhere(folded: str) -> NetType | None:
    from .dotnet import enums, exceptions

    name = exceptions.proper_name(folded)
    if name is not None:
        base = exceptions.base_of(name)
        return NetType(name, net_type(base) if base else OBJECT, "exceptions")
    name = enums.proper_name(folded)
    if name is not None:
        return NetType(name, net_type("System.Enum"), "enums", ("System.IComparable", "System.IFormattable"))
    if folded.startswith(SYNTAX):
        return _syntax_type(folded)
    if folded.endswith("attribute") and folded.startswith(SMA.lower()):
        for attribute in _ATTRIBUTES:
            if folded == f"{SMA}{attribute}attribute".lower():
                return NetType(f"{SMA}{attribute}Attribute", net_type("System.Attribute"), "automation")
    return None


def _syntax_type(folded: str) -> NetType | None:
    """System.Management.Automation.Language.CommandAst and the others: the engine's own nodes have their names."""
    from . import syntax

    for name, cls in vars(syntax).items():
        if name.lower() == folded[len(SYNTAX) :] and isinstance(cls, type) and name.endswith("Ast"):
            base = cls.__bases__[0].__name__
            return NetType(
                f"{SMA}Language.{name}", net_type(f"{SMA}Language.{base}") if base.endswith("Ast") else OBJECT, "blocks"
            )
    return None


OBJECT = net_type("System.Object")


def array_type(element: NetType, rank: int = 1) -> NetType:
    name = f"{element.full_name}[{',' * (rank - 1)}]"
    found = _KNOWN.get(name.lower())
    if found is None or found.element is not element:
        base = net_type("System.Array")
        found = NetType(name, base, "arrays")
        found.name = f"{element.name}[{',' * (rank - 1)}]"
        found.namespace = element.namespace
        found.element = element
        found.rank = rank
        _KNOWN[name.lower()] = found
    return found


def generic_type(definition: NetType, arguments: tuple[NetType, ...]) -> NetType:
    """``List`1`` and (int,) -> List[int]. The full name is .NET's, with the assembly of each argument."""
    inner = ",".join(f"[{argument.full_name}, {assembly_of(argument)}]" for argument in arguments)
    name = f"{definition.full_name}[{inner}]"
    found = _KNOWN.get(name.lower())
    if found is None or found.arguments != arguments:
        found = NetType(name, definition.base, definition.module, definition.interfaces)
        found.arguments = arguments
        _KNOWN[name.lower()] = found
    return found


CORELIB = "System.Private.CoreLib, Version=10.0.0.0, Culture=neutral, PublicKeyToken=7cec85d7bea7798e"


def assembly_of(kind: NetType) -> str:
    if kind.user is not None:
        return "PowerShell Class Assembly, Version=1.0.0.0, Culture=neutral, PublicKeyToken=null"
    if kind.full_name.startswith("System.Management.Automation"):
        return "System.Management.Automation, Version=7.6.0.5, Culture=neutral, PublicKeyToken=31bf3856ad364e35"
    return CORELIB


# -- names as scripts write them


def resolve_type(name: str, namespaces: Iterable[str] = ()) -> NetType | None:
    """``int``, ``System.Int32``, ``Text.StringBuilder``, ``int[]``, ``List[string]``: the type, or None."""
    name = name.strip()
    if name.endswith("]"):
        return _resolve_bracketed(name, namespaces)
    folded = name.lower()
    accelerated = ACCELERATORS.get(folded)
    if accelerated is not None:
        return find_type(accelerated)
    found = find_type(name) or (find_type(f"System.{name}") if not folded.startswith("system.") else None)
    if found is not None:
        return found
    for namespace in namespaces:
        found = find_type(f"{namespace}.{name}")
        if found is not None:
            return found
    if f"{folded}attribute" in ACCELERATORS:
        return find_type(ACCELERATORS[f"{folded}attribute"])
    return None


def _resolve_bracketed(name: str, namespaces: Iterable[str]) -> NetType | None:
    depth = 0
    for at in range(len(name) - 1, -1, -1):
        depth += (name[at] == "]") - (name[at] == "[")
        if depth == 0:
            break
    outer, inner = name[:at], name[at + 1 : -1]
    if not inner.strip(","):
        element = resolve_type(outer, namespaces)
        return array_type(element, inner.count(",") + 1) if element is not None else None
    arguments = [resolve_type(part, namespaces) for part in _split_arguments(inner)]
    if any(argument is None for argument in arguments):
        return None
    return resolve_generic(outer, tuple(argument for argument in arguments if argument is not None), namespaces)


def resolve_generic(name: str, arguments: tuple[NetType, ...], namespaces: Iterable[str] = ()) -> NetType | None:
    marked = name if "`" in name else f"{name}`{len(arguments)}"
    definition = resolve_type(marked, namespaces)
    if definition is None:
        return None
    if definition.full_name == "System.Nullable`1":
        return arguments[0]
    return generic_type(definition, arguments)


def _split_arguments(inner: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for at, char in enumerate(inner):
        if char == "[":
            depth += 1
        elif char == "]":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(inner[start:at])
            start = at + 1
    parts.append(inner[start:])
    return [part.strip()[1:-1].partition(",")[0] if part.strip().startswith("[") else part for part in parts]


# -- the type of a value

_BY_CLASS: dict[type, NetType] = {
    cls: net_type(name)
    for cls, name in (
        (str, "System.String"),
        (int, "System.Int32"),
        (float, "System.Double"),
        (bool, "System.Boolean"),
        (Char, "System.Char"),
        (Int64, "System.Int64"),
        (decimal.Decimal, "System.Decimal"),
        (Hashtable, "System.Collections.Hashtable"),
        (OrderedDictionary, "System.Collections.Specialized.OrderedDictionary"),
        (DateTime, "System.DateTime"),
        (TimeSpan, "System.TimeSpan"),
        (Byte, "System.Byte"),
        (SByte, "System.SByte"),
        (Int16, "System.Int16"),
        (UInt16, "System.UInt16"),
        (UInt32, "System.UInt32"),
        (UInt64, "System.UInt64"),
        (BigInteger, "System.Numerics.BigInteger"),
        (Single, "System.Single"),
        (uuid.UUID, "System.Guid"),
        (Version, "System.Version"),
        (Uri, "System.Uri"),
        (XmlDocument, "System.Xml.XmlDocument"),
        (SecureString, "System.Security.SecureString"),
        (NetType, "System.RuntimeType"),
        (Nothing, "System.Object"),
        (type(None), "System.Object"),
    )
}
OBJECT_ARRAY = array_type(OBJECT)
_BY_CLASS[list] = OBJECT_ARRAY
_BY_CLASS[bytes] = array_type(net_type("System.Byte"))


def register_class(cls: type, full_name: str) -> None:
    """Says which type the instances of a Python class are."""
    _BY_CLASS[cls] = net_type(full_name)


def type_of(value: Any) -> NetType:
    """GetType() of any value (None gives Object: callers check for null first)."""
    found = _BY_CLASS.get(type(value))
    if found is not None:
        return found
    if hasattr(value, "net_type_of"):
        kind: NetType = value.net_type_of()
        return kind
    if isinstance(value, NetException):
        return net_type(value.net_type)
    if isinstance(value, PSList):
        return array_type(net_type(value.element))
    if isinstance(value, PSObject):
        if value._base is not None:
            return type_of(value._base)
        return net_type(SMA + ("PSObject" if value._adapted else "PSCustomObject"))
    return _type_of_other(value)


def _type_of_other(value: Any) -> NetType:
    if hasattr(value, "ps_type_names"):
        names = [name for name in value.ps_type_names() if "#" not in name]
        known = find_type(names[0])
        if known is None:
            base: NetType = OBJECT
            for name in reversed(names[1:-1]):
                base = find_type(name) or _KNOWN.setdefault(name.lower(), NetType(name, base))
            known = _KNOWN[names[0].lower()] = NetType(names[0], base)
        return known
    for cls in type(value).__mro__[1:]:
        if cls in _BY_CLASS:
            return _BY_CLASS[cls]
    return OBJECT


def type_names(value: Any) -> list[str]:
    """$value.PSTypeNames: most derived first."""
    if isinstance(value, PSObject):
        return value.ps_type_names()
    if type(value) is list:
        return ["System.Object[]", "System.Array", "System.Object"]
    if isinstance(value, Hashtable):
        return value.type_names
    if hasattr(value, "ps_type_names"):
        names: list[str] = value.ps_type_names()
        return names
    if isinstance(value, int) and type(value) is not bool and hasattr(value, "ps_enum_value"):
        return [type_of(value).full_name, "System.Enum", "System.ValueType", "System.Object"]
    return [kind.full_name for kind in type_of(value).lineage()]
