"""The scripts that run in the session. Running one twice is the same as running it once: after a loss of the connection
nobody knows whether it ran.

Written for Windows PowerShell 5.1, PowerShell 7 and the built-in engine; .NET's own file methods, because they write at
a place and take any path literally.
"""

_PLAIN = "trap { throw $_.Exception.GetBaseException().Message }"
"""What .NET says, without the sentence that PowerShell puts around it."""

RESOLVE = """\
param([string]$Path)
$full = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
$kind = if ([IO.Directory]::Exists($full)) { 'directory' } elseif ([IO.File]::Exists($full)) { 'file' } else { 'none' }
$full, $kind, [string][IO.Path]::DirectorySeparatorChar
"""
"""The full path, what is there, and how directories are separated."""

MAKE_DIRECTORIES = f"""\
param([string[]]$Paths)
{_PLAIN}
foreach ($path in $Paths) {{ [void][IO.Directory]::CreateDirectory($path) }}
"""

LENGTH = """\
param([string]$Path)
$file = New-Object System.IO.FileInfo $Path
if ($file.Exists) { $file.Length } else { [long]0 }
"""

WRITE = f"""\
param([string]$Path, [long]$Offset)
process {{
    {_PLAIN}
    $data = [byte[]]$_
    $stream = [IO.File]::Open($Path, 'OpenOrCreate', 'Write', 'None')
    try {{
        $stream.SetLength($Offset)
        [void]$stream.Seek($Offset, 'Begin')
        $stream.Write($data, 0, $data.Length)
    }} finally {{ $stream.Dispose() }}
    $Offset += $data.Length
    $Offset
}}
"""
"""Each piece of the input at its place, and then how far the file is; what lay there and behind it is gone. The file is
opened for each: a script that is stopped between two of them has nothing open.
"""

FINISH = """\
param([string]$Part, [string]$Path, [string]$Hash, [string]$Time, [bool]$Force)
$whole = if ([IO.File]::Exists($Part)) { $Part } else { $Path }
$found = (Get-FileHash -LiteralPath $whole -Algorithm SHA256).Hash
if ($found -eq $Hash -and $whole -eq $Part) {
    if ([IO.File]::Exists($Path)) {
        if ((New-Object System.IO.FileInfo $Path).IsReadOnly) {
            if (-not $Force) { throw "Access to the path '$Path' is denied: it is read-only." }
            [IO.File]::SetAttributes($Path, 'Normal')
        }
        [IO.File]::Delete($Path)
    }
    [IO.File]::Move($Part, $Path)
    [IO.File]::SetLastWriteTimeUtc($Path, [datetime]::new([long]$Time, [DateTimeKind]'Utc'))
}
$found
"""
"""Compares the hash and gives the partial file its name. Once it has it, a second run finds it under that name."""

LIST = """\
param([string[]]$Path, [bool]$Recurse)
foreach ($item in Get-Item -Path $Path -Force -ErrorAction Stop) {
    if (-not $item.PSIsContainer) {
        'file', $item.FullName, $item.Name, $item.Length, [string]$item.LastWriteTimeUtc.Ticks
        continue
    }
    'directory', $item.FullName, $item.Name, [long]0, ''
    if (-not $Recurse) { continue }
    $start = $item.FullName.TrimEnd('\\', '/').Length + 1
    foreach ($inner in Get-ChildItem -LiteralPath $item.FullName -Recurse -Force) {
        $name = $item.Name + '/' + $inner.FullName.Substring($start).Replace('\\', '/')
        if ($inner.PSIsContainer) { 'directory', $inner.FullName, $name, [long]0, '' }
        else { 'file', $inner.FullName, $name, $inner.Length, [string]$inner.LastWriteTimeUtc.Ticks }
    }
}
"""
"""Five values for each: what it is, its full path, its name below what was asked for, bytes, ticks."""

READ = f"""\
param([string]$Path, [long]$Offset, [int]$Count)
{_PLAIN}
$stream = [IO.File]::Open($Path, 'Open', 'Read', 'ReadWrite')
try {{
    [void]$stream.Seek($Offset, 'Begin')
    $reader = New-Object IO.BinaryReader $stream
    while (($data = $reader.ReadBytes($Count)).Length) {{ , $data }}
}} finally {{ $stream.Dispose() }}
"""
"""The rest of the file in pieces."""

HASH = """\
param([string]$Path)
(Get-FileHash -LiteralPath $Path -Algorithm SHA256).Hash
"""
