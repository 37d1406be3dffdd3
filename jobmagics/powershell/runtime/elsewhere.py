"""Commands and .NET types that PowerShell has and the built-in engine does not: refused by name."""

from __future__ import annotations

_NAMES = """
    Add-History  Clear-ItemProperty Clear-RecycleBin  Connect-PSSession Connect-WSMan
    ConvertFrom-Markdown ConvertFrom-SddlString Copy-ItemProperty Debug-Process Debug-Runspace
    Disable-ExperimentalFeature Disable-PSBreakpoint Disable-PSRemoting Disable-PSSessionConfiguration
    Disable-RunspaceDebug Disconnect-PSSession Enable-ExperimentalFeature Enable-PSBreakpoint Enable-PSRemoting
    Enable-PSSessionConfiguration Enable-RunspaceDebug Exit-PSHostProcess  Export-FormatData
    Export-PSSession Find-Package Find-PSResource Get-Acl Get-AuthenticodeSignature Get-CimClass Get-CimInstance
    Get-Clipboard Get-CmsMessage Get-ComputerInfo Get-Counter
    Get-ExperimentalFeature Get-HotFix Get-MarkdownOption Get-PfxCertificate Get-PSBreakpoint Get-PSHostProcessInfo
     Get-PSReadLineOption Get-PSSessionCapability Get-PSSessionConfiguration Get-PSSubsystem
    Get-RunspaceDebug Get-Service Get-TraceSource Get-TypeData Get-WinEvent Get-WSManInstance Import-LocalizedData
    Import-PSSession Install-Module Install-PSResource Invoke-CimMethod Invoke-WSManAction Move-ItemProperty
    New-CimInstance New-CimSession New-FileCatalog New-ModuleManifest New-PSRoleCapabilityFile
    New-PSSessionConfigurationFile New-PSTransportOption New-Service New-WinEvent Out-GridView Out-Printer
    Protect-CmsMessage Receive-PSSession Register-CimIndicationEvent
     Register-PSSessionConfiguration Remove-CimInstance Remove-PSBreakpoint
    Remove-Service Remove-TypeData Rename-Computer Rename-ItemProperty Restart-Computer Restart-Service
    Resume-Service Save-Help Send-MailMessage Set-Acl Set-AuthenticodeSignature Set-CimInstance Set-Clipboard
     Set-MarkdownOption Set-PSBreakpoint  Set-PSReadLineOption
    Set-PSSessionConfiguration Set-Service Set-TimeZone Set-TraceSource Show-Command Show-Markdown Start-Service
    Start-Transcript Stop-Computer Stop-Service Stop-Transcript Suspend-Service Switch-Process Test-FileCatalog
    Test-ModuleManifest Test-PSSessionConfigurationFile Trace-Command Unblock-File Unprotect-CmsMessage
     Unregister-PSSessionConfiguration Update-Help Update-List Wait-Debugger
"""
COMMANDS = frozenset(_NAMES.lower().split())

_TYPES = """
    Numerics.Complex Numerics.Vector2 Numerics.Vector3 Numerics.Matrix3x2 Half Int128 UInt128 nint nuint
    Threading.Tasks.Task Threading.Tasks.TaskCompletionSource Threading.Tasks.Parallel Threading.Timer
    Collections.Concurrent.BlockingCollection Xml.XmlWriter Xml.XmlReader Xml.XmlTextWriter Xml.Linq.XDocument
    Xml.Linq.XElement Xml.Serialization.XmlSerializer Xml.Xsl.XslCompiledTransform Text.Json.JsonDocument
    Text.Json.JsonSerializer Text.Json.Nodes.JsonNode Net.Http.HttpClient Net.HttpListener Net.Sockets.TcpClient
    Net.Sockets.TcpListener Net.Sockets.UdpClient Net.Sockets.Socket Net.Mail.SmtpClient Net.WebClient
    Net.NetworkInformation.Ping IO.FileSystemWatcher IO.Pipes.NamedPipeServerStream IO.Pipes.NamedPipeClientStream
    Data.DataTable Data.DataSet Data.SqlClient.SqlConnection
    Reflection.Assembly Drawing.Bitmap Windows.Forms.Form Windows.Forms.MessageBox
    Security.Cryptography.RSA Security.Cryptography.X509Certificates.X509Certificate2 Diagnostics.EventLog
"""
TYPES = frozenset(name for line in _TYPES.lower().split() for name in (line, f"system.{line}"))
"""Types that scripts are known to use. One that is in the tables of ``dotnet`` is found before anybody looks here."""


def is_type_elsewhere(name: str) -> bool:
    """Whether PowerShell has this type; it may come with an assembly and type arguments."""
    return name.lower().partition(",")[0].partition("[")[0].partition("`")[0].strip() in TYPES
