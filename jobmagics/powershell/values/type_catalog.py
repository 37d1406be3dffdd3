"""Which .NET types there are, what they derive from, and which dotnet module has their members: types.py reads it.

Only names. ``@list``, ``@table``, ``@many`` and ``@number`` stand for the interfaces in ``INTERFACES``.
"""

from __future__ import annotations

SMA = "System.Management.Automation."
INTERFACES = {
    "@list": "System.Collections.IList System.Collections.ICollection System.Collections.IEnumerable",
    "@table": "System.Collections.IDictionary System.Collections.ICollection System.Collections.IEnumerable",
    "@many": "System.Collections.ICollection System.Collections.IEnumerable",
    "@number": "System.IComparable System.IFormattable System.IConvertible",
}

# name | base | the dotnet module with its members | interfaces   (System.Object is the base when empty)
CATALOG = """
System.Object||objects
System.ValueType||objects
System.Enum|System.ValueType|enums
System.Void|System.ValueType|
System.String||text|System.IComparable System.Collections.IEnumerable System.IConvertible
System.Char|System.ValueType|text|System.IComparable System.IConvertible
System.Boolean|System.ValueType|numbers|System.IComparable System.IConvertible
System.Int32|System.ValueType|numbers|@number
System.Int64|System.ValueType|numbers|@number
System.Int16|System.ValueType|numbers|@number
System.Byte|System.ValueType|numbers|@number
System.SByte|System.ValueType|numbers|@number
System.UInt16|System.ValueType|numbers|@number
System.UInt32|System.ValueType|numbers|@number
System.UInt64|System.ValueType|numbers|@number
System.Double|System.ValueType|numbers|@number
System.Single|System.ValueType|numbers|@number
System.Decimal|System.ValueType|numbers|@number
System.Numerics.BigInteger|System.ValueType|numbers|System.IComparable System.IFormattable
System.Math||math
System.Convert||convert
System.BitConverter||convert
System.Random||math
System.DateTime|System.ValueType|dates|@number
System.TimeSpan|System.ValueType|dates|System.IComparable System.IFormattable
System.DateTimeOffset|System.ValueType|dates|System.IComparable System.IFormattable
System.DateOnly|System.ValueType|dates|System.IComparable System.IFormattable
System.TimeOnly|System.ValueType|dates|System.IComparable System.IFormattable
System.TimeZoneInfo||dates
System.Globalization.CultureInfo||culture|System.IFormatProvider
System.Globalization.NumberFormatInfo||culture|System.IFormatProvider
System.Globalization.DateTimeFormatInfo||culture|System.IFormatProvider
System.Globalization.TextInfo||culture
System.Globalization.CompareInfo||unicode
System.Globalization.CharUnicodeInfo||unicode
System.Globalization.StringInfo||unicode
System.Globalization.TextElementEnumerator||unicode|System.Collections.IEnumerator
System.Text.Rune|System.ValueType|unicode|System.IComparable
System.Globalization.Calendar||culture
System.Guid|System.ValueType|objects|System.IComparable System.IFormattable
System.Version||objects|System.IComparable
System.Uri||net
System.UriBuilder||net
System.Net.WebUtility||net
System.Web.HttpUtility||net
System.Security.SecurityElement||net
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
System.Diagnostics.Stopwatch||diagnostics
System.Diagnostics.Process||diagnostics
System.Diagnostics.ProcessStartInfo||diagnostics
System.OperatingSystem||system
System.IntPtr|System.ValueType|system
System.Threading.Thread||system
System.Runtime.InteropServices.RuntimeInformation||system
System.Runtime.InteropServices.Marshal||system
System.Runtime.InteropServices.OSPlatform||system
System.Activator||system
System.Text.StringBuilder||builder
System.Text.Encoding||encoding
System.Text.UTF8Encoding|System.Text.Encoding|encoding
System.Text.SBCSCodePageEncoding|System.Text.Encoding|encoding
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
System.Array||arrays|@list
System.Collections.ArrayList||lists|@list
System.Collections.Hashtable||tables|@table
System.Collections.Hashtable+SyncHashtable|System.Collections.Hashtable|tables|@table
System.Collections.ArrayList+ReadOnlyArrayList|System.Collections.ArrayList|lists|@list
System.Collections.ArrayList+FixedSizeArrayList|System.Collections.ArrayList|lists|@list
System.Collections.ArrayList+SyncArrayList|System.Collections.ArrayList|lists|@list
System.Collections.Queue+SynchronizedQueue|System.Collections.Queue|queues|@many
System.Collections.Stack+SyncStack|System.Collections.Stack|queues|@many
System.Collections.ListDictionaryInternal|System.Collections.Hashtable|tables|@table
System.Collections.Specialized.OrderedDictionary||tables|@table
System.Collections.SortedList||tables|@table
System.Collections.DictionaryEntry|System.ValueType|tables
System.Collections.Queue||queues|@many
System.Collections.Stack||queues|@many
System.Collections.BitArray||bits|@many
System.Collections.Specialized.StringCollection||lists|@list
System.Collections.Specialized.NameValueCollection||tables|@many
System.Collections.Generic.List`1||lists|@list
System.Collections.ObjectModel.Collection`1||lists|@list
System.Collections.ObjectModel.ReadOnlyCollection`1||lists|@list
System.Collections.ObjectModel.ObservableCollection`1|System.Collections.ObjectModel.Collection`1|lists|@list
System.Collections.Generic.LinkedList`1||lists|@many
System.Collections.Generic.Dictionary`2||tables|@table
System.Collections.Generic.SortedDictionary`2||tables|@table
System.Collections.Generic.SortedList`2||tables|@table
System.Collections.Concurrent.ConcurrentDictionary`2||tables|@table
System.Collections.Generic.KeyValuePair`2|System.ValueType|tables
System.Collections.Generic.KeyValuePair||tables
System.Collections.Generic.HashSet`1||sets|@many
System.Collections.Generic.SortedSet`1||sets|@many
System.Collections.Generic.Queue`1||queues|@many
System.Collections.Generic.Stack`1||queues|@many
System.Collections.Generic.PriorityQueue`2||queues
System.Collections.Concurrent.ConcurrentQueue`1||queues|@many
System.Collections.Concurrent.ConcurrentStack`1||queues|@many
System.Collections.Concurrent.ConcurrentBag`1||queues|@many
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
System.EventArgs||timers
System.ComponentModel.Component|System.MarshalByRefObject|
System.Timers.Timer|System.ComponentModel.Component|timers|System.IDisposable
System.Timers.ElapsedEventArgs|System.EventArgs|timers
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
System.IO.DriveInfo||fileinfo
System.Diagnostics.Debug||diagnostics
System.Diagnostics.Trace||diagnostics
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
System.IO.BinaryReader||binary|System.IDisposable
System.IO.BinaryWriter||binary|System.IDisposable
System.IO.FileStream|System.IO.Stream|streams
System.IO.Compression.GZipStream|System.IO.Stream|streams
System.IO.Compression.DeflateStream|System.IO.Stream|streams
System.IO.Compression.ZipFile||zipfiles
System.IO.Compression.ZipFileExtensions||zipfiles
System.IO.Compression.ZipArchive||zipfiles
System.IO.Compression.ZipArchiveEntry||zipfiles
System.Security.Cryptography.SHA256|System.Security.Cryptography.HashAlgorithm|crypto
System.Security.Cryptography.SHA1|System.Security.Cryptography.HashAlgorithm|crypto
System.Security.Cryptography.SHA512|System.Security.Cryptography.HashAlgorithm|crypto
System.Security.Cryptography.MD5|System.Security.Cryptography.HashAlgorithm|crypto
System.Security.Cryptography.RandomNumberGenerator||crypto
System.Security.Cryptography.HashAlgorithm||crypto
System.Security.Cryptography.SHA384|System.Security.Cryptography.HashAlgorithm|crypto
System.Security.Cryptography.SHA256Managed|System.Security.Cryptography.HashAlgorithm|crypto
System.Security.Cryptography.SHA1Managed|System.Security.Cryptography.HashAlgorithm|crypto
System.Security.Cryptography.SHA512Managed|System.Security.Cryptography.HashAlgorithm|crypto
System.Security.Cryptography.MD5CryptoServiceProvider|System.Security.Cryptography.HashAlgorithm|crypto
System.Security.Cryptography.SHA1CryptoServiceProvider|System.Security.Cryptography.HashAlgorithm|crypto
System.Security.Cryptography.HMACSHA256|System.Security.Cryptography.HashAlgorithm|crypto
System.Security.Cryptography.HMACSHA1|System.Security.Cryptography.HashAlgorithm|crypto
System.Security.Cryptography.HMACSHA384|System.Security.Cryptography.HashAlgorithm|crypto
System.Security.Cryptography.HMACSHA512|System.Security.Cryptography.HashAlgorithm|crypto
System.Security.Cryptography.HMACMD5|System.Security.Cryptography.HashAlgorithm|crypto
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
System.Xml.XmlAttributeCollection||xml|@many
System.Xml.XmlNamespaceManager||xml
System.Xml.XmlNameTable||xml
System.Xml.NameTable|System.Xml.XmlNameTable|xml
System.Attribute||made_parameters
System.FlagsAttribute|System.Attribute|
System.ObsoleteAttribute|System.Attribute|
System.SerializableAttribute|System.Attribute|
System.NonSerializedAttribute|System.Attribute|
System.CLSCompliantAttribute|System.Attribute|
System.AttributeUsageAttribute|System.Attribute|
System.ComponentModel.BrowsableAttribute|System.Attribute|
System.ComponentModel.CategoryAttribute|System.Attribute|
System.ComponentModel.DefaultValueAttribute|System.Attribute|
System.ComponentModel.DescriptionAttribute|System.Attribute|
System.ComponentModel.DisplayNameAttribute|System.Attribute|
System.ComponentModel.EditorBrowsableAttribute|System.Attribute|
System.Diagnostics.CodeAnalysis.ExcludeFromCodeCoverageAttribute|System.Attribute|
System.Diagnostics.CodeAnalysis.SuppressMessageAttribute|System.Attribute|
System.Diagnostics.DebuggerBrowsableAttribute|System.Attribute|
System.Diagnostics.DebuggerDisplayAttribute|System.Attribute|
System.Diagnostics.DebuggerHiddenAttribute|System.Attribute|
System.Diagnostics.DebuggerNonUserCodeAttribute|System.Attribute|
System.Diagnostics.DebuggerStepThroughAttribute|System.Attribute|
System.Runtime.Serialization.DataContractAttribute|System.Attribute|
System.Runtime.Serialization.DataMemberAttribute|System.Attribute|
System.Text.Json.Serialization.JsonIgnoreAttribute|System.Attribute|
System.Text.Json.Serialization.JsonPropertyNameAttribute|System.Attribute|
System.Xml.Serialization.XmlAttributeAttribute|System.Attribute|
System.Xml.Serialization.XmlElementAttribute|System.Attribute|
System.Xml.Serialization.XmlIgnoreAttribute|System.Attribute|
System.Xml.Serialization.XmlRootAttribute|System.Attribute|
System.Management.Automation.Internal.CmdletMetadataAttribute|System.Attribute|
System.Management.Automation.Internal.ParsingBaseAttribute|System.Management.Automation.Internal.CmdletMetadataAttribute|
System.Management.Automation.ArgumentTransformationAttribute|System.Management.Automation.Internal.CmdletMetadataAttribute|attributes
System.Management.Automation.CredentialAttribute|System.Management.Automation.ArgumentTransformationAttribute|attributes
System.Management.Automation.ValidateArgumentsAttribute|System.Management.Automation.Internal.CmdletMetadataAttribute|attributes
System.Management.Automation.ValidateEnumeratedArgumentsAttribute|System.Management.Automation.ValidateArgumentsAttribute|attributes
System.Management.Automation.CmdletAttribute|System.Attribute|
System.Management.Automation.ExperimentalAttribute|System.Attribute|
System.Management.Automation.HiddenAttribute|System.Management.Automation.Internal.ParsingBaseAttribute|
System.Management.Automation.PSTypeNameAttribute|System.Attribute|
System.Management.Automation.DscLocalConfigurationManagerAttribute|System.Attribute|
System.Management.Automation.DscPropertyAttribute|System.Attribute|
System.Management.Automation.DscResourceAttribute|System.Attribute|
System.Management.Automation.CachedValidValuesGeneratorBase||attributes|System.Management.Automation.IValidateSetValuesGenerator
System.Management.Automation.EngineIntrinsics||
System.Management.Automation.PSObject||added_members
System.Management.Automation.PSCustomObject||added_members
System.Management.Automation.ScriptBlock||blocks
System.Management.Automation.PSCredential||credentials
System.Management.Automation.PSReference||made_parameters
System.Management.Automation.SwitchParameter|System.ValueType|made_parameters
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
System.Management.Automation.PSPropertySet|System.Management.Automation.PSMemberInfo|added_members
System.Management.Automation.PSMemberSet|System.Management.Automation.PSMemberInfo|added_members
System.Management.Automation.PSStyle||style
System.Management.Automation.PSStyle+FormattingData||style
System.Management.Automation.PSStyle+ProgressConfiguration||style
System.Management.Automation.PSStyle+FileInfoFormatting||style
System.Management.Automation.PSStyle+ForegroundColor||style
System.Management.Automation.PSStyle+BackgroundColor||style
System.Management.Automation.PSStyle+FileInfoFormatting+FileExtensionDictionary||style
System.Management.Automation.WildcardPattern||automation
System.Management.Automation.SemanticVersion||automation
System.Management.Automation.InformationRecord||automation
System.Management.Automation.InformationalRecord||automation
System.Management.Automation.WarningRecord|System.Management.Automation.InformationalRecord|automation
System.Management.Automation.VerboseRecord|System.Management.Automation.InformationalRecord|automation
System.Management.Automation.DebugRecord|System.Management.Automation.InformationalRecord|automation
System.Management.Automation.ProgressRecord||automation
System.Management.Automation.HostInformationMessage||automation
System.Management.Automation.PSTypeName||made_parameters
System.Management.Automation.PSToken||blocks
System.Management.Automation.PSParser||blocks
System.Management.Automation.PSPrimitiveDictionary|System.Collections.Hashtable|primitives|@table
System.Management.Automation.OrderedHashtable|System.Collections.Hashtable|tables|@table
System.Management.Automation.PSSerializer||automation
System.Net.NetworkCredential||credentials
System.Management.Automation.LanguagePrimitives||automation
System.Management.Automation.RuntimeDefinedParameter||made_parameters
System.Management.Automation.RuntimeDefinedParameterDictionary|System.Collections.Generic.Dictionary`2|made_parameters|System.Collections.IDictionary
System.Management.Automation.Language.Parser||blocks
System.Management.Automation.Language.NullString||blocks
System.Management.Automation.Internal.AutomationNull||blocks
System.Management.Automation.PSListModifier||made_parameters
System.Management.Automation.PowerShell||shells
System.Management.Automation.PSDataCollection`1|System.Collections.ObjectModel.Collection`1|runspaces|@list
System.Management.Automation.Runspaces.RunspaceFactory||runspaces
System.Management.Automation.Runspaces.RunspacePool||runspaces
System.Management.Automation.Runspaces.InitialSessionState||runspaces
System.Management.Automation.CommandInfo||
System.Management.Automation.FunctionInfo|System.Management.Automation.CommandInfo|
System.Management.Automation.CmdletInfo|System.Management.Automation.CommandInfo|
System.Management.Automation.AliasInfo|System.Management.Automation.CommandInfo|
System.Management.Automation.ApplicationInfo|System.Management.Automation.CommandInfo|
System.Management.Automation.ExternalScriptInfo|System.Management.Automation.CommandInfo|
System.Management.Automation.PSCmdlet||automation
System.Management.Automation.CommandCompletion||completions
System.Management.Automation.CompletionResult||completions
System.Management.Automation.Host.ChoiceDescription||host_fields
System.Management.Automation.Host.FieldDescription||host_fields
System.Management.Automation.PSModuleInfo||
System.Management.Automation.Job||
System.Management.Automation.Job2|System.Management.Automation.Job|
System.Management.Automation.PSRemotingJob|System.Management.Automation.Job|
System.Management.Automation.PSRemotingChildJob|System.Management.Automation.Job|
System.Management.Automation.PSTasks.PSTaskJob|System.Management.Automation.Job|
System.Management.Automation.PSTasks.PSTaskChildJob|System.Management.Automation.Job|
Microsoft.PowerShell.ThreadJob.ThreadJob|System.Management.Automation.Job2|
System.Management.Automation.JobStateInfo||
System.Management.Automation.JobStateEventArgs|System.EventArgs|
System.Management.Automation.PSEventArgs|System.EventArgs|events
System.Management.Automation.PSEventSubscriber||events
Microsoft.PowerShell.Commands.WebRequestSession||web_sessions
System.Management.Automation.PSEventJob|System.Management.Automation.Job|
System.Management.Automation.Runspaces.PSSession||
System.Management.Automation.Runspaces.Runspace||runspaces
System.Management.Automation.Runspaces.LocalRunspace|System.Management.Automation.Runspaces.Runspace|runspaces
System.Globalization.GregorianCalendar|System.Globalization.Calendar|culture
System.Globalization.ISOWeek||culture
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
System.Threading.Semaphore||threads
System.Threading.SemaphoreSlim||threads
System.Threading.CancellationTokenSource||threads
System.Management.Automation.IArgumentCompleter||
System.Management.Automation.IArgumentCompleterFactory||
System.Management.Automation.IValidateSetValuesGenerator||
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
    "psprimitivedictionary": SMA + "PSPrimitiveDictionary",
    "psobject": SMA + "PSObject",
    "psscriptmethod": SMA + "PSScriptMethod",
    "psscriptproperty": SMA + "PSScriptProperty",
    "psvariable": SMA + "PSVariable",
    "ref": SMA + "PSReference",
    "regex": "System.Text.RegularExpressions.Regex",
    "runspace": SMA + "Runspaces.Runspace",
    "runspacefactory": SMA + "Runspaces.RunspaceFactory",
    "initialsessionstate": SMA + "Runspaces.InitialSessionState",
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
ATTRIBUTES = [
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
ACCELERATORS.update({name.lower(): f"{SMA}{name}Attribute" for name in ATTRIBUTES})
