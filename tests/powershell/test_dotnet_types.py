"""The .NET types that scripts use by name: one line of script, what it prints."""

from __future__ import annotations

import pytest

from jobmagics.powershell.runtime.runspace import Runspace
from jobmagics.powershell.values.value import to_string

CASES = {
    # records
    "error-record": (
        "$e = [System.Management.Automation.ErrorRecord]::new([Exception]::new('boom'), 'Id', 'InvalidData', 42);"
        "$e.CategoryInfo.Activity = 'act'; \"$e $($e.FullyQualifiedErrorId) $($e.CategoryInfo)\"",
        ["boom Id InvalidData: (42:Int32) [act], Exception"],
    ),
    "error-details": (
        "$e = [System.Management.Automation.ErrorRecord]::new([Exception]::new('x'), 'Id', 0, $null);"
        "$e.ErrorDetails = [System.Management.Automation.ErrorDetails]::new('nicer'); \"$e\"; $e.Exception.Message",
        ["nicer", "x"],
    ),
    "semver-order": ("[semver]'7.6.0-preview.2' -lt [semver]'7.6.0'; [semver]::new(1, 2).ToString()", [True, "1.2.0"]),
    "semver-labels": ("$v = [semver]'1.2.3-rc.1+b5'; $v.PreReleaseLabel; $v.BuildLabel; $v.Patch", ["rc.1", "b5", 3]),
    "wildcard": (
        "([WildcardPattern]'a*').IsMatch('abc'); [WildcardPattern]::Escape('a*b')",
        [True, "a`*b"],
    ),
    "credential": (
        "$c = [pscredential]::new('me', (ConvertTo-SecureString 'pw' -AsPlainText -Force));"
        "$c.UserName; $c.Password.Length; $c.GetNetworkCredential().Password",
        ["me", 2, "pw"],
    ),
    "secure-string": (
        "$s = [securestring]::new(); 'abc'.ToCharArray() | % { $s.AppendChar($_) }; $s.MakeReadOnly(); $s.Length;"
        "try { $s.Clear() } catch { $_.Exception.InnerException.Message }",
        [3, "Instance is read-only."],
    ),
    "note-property": (
        "$o = [pscustomobject]@{ a = 1 }; $o.psobject.Properties.Add([psnoteproperty]::new('b', 2)); $o.b",
        [2],
    ),
    # script blocks and syntax
    "block-create": ("& ([scriptblock]::Create('param($n) $n * 2')) 21", [42]),
    "block-ast": (
        "{ Get-Item x; dir }.Ast.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true) |"
        " % { $_.GetCommandName() }",
        ["Get-Item", "dir"],
    ),
    "parser": (
        "$t = $e = $null; $a = [System.Management.Automation.Language.Parser]::ParseInput('1 +', [ref]$t, [ref]$e);"
        "$e.Count; $a.Extent.Text",
        [1, "1 +"],
    ),
    # text
    "builder": (
        "$b = [Text.StringBuilder]::new('ab'); [void]$b.Append('c').AppendLine().AppendFormat('{0:N1}', 2);"
        "[void]$b.Insert(0, '>');"
        "$b.ToString(); $b.Length",
        [">abc\n2.0", 8],
    ),
    "builder-range": (
        "try { [Text.StringBuilder]::new('ab').Remove(1, 5) } catch { $_.Exception.InnerException.ParamName }",
        ["length"],
    ),
    "encoding": (
        "[Text.Encoding]::UTF8.GetBytes('é') -join ','; [Text.Encoding]::Unicode.GetString([byte[]](65, 0));"
        "[Text.Encoding]::GetEncoding('utf-16BE').WebName",
        ["195,169", "A", "utf-16BE"],
    ),
    # paths
    "path-combine": ("[IO.Path]::Combine('a', 'b', '/c', 'd'); [IO.Path]::Combine('a/', 'b')", ["/c/d", "a/b"]),
    "path-parts": (
        "$p = '/a/b.tar.gz'; [IO.Path]::GetFileName($p); [IO.Path]::GetExtension($p);"
        "[IO.Path]::GetFileNameWithoutExtension($p); [IO.Path]::GetDirectoryName($p);"
        "[IO.Path]::ChangeExtension($p, 'x')",
        ["b.tar.gz", ".gz", "b.tar", "/a", "/a/b.tar.x"],
    ),
    "string-reader": (
        '$r = [IO.StringReader]::new("a`r`nb"); $r.ReadLine(); $r.ReadToEnd(); $r.Peek()',
        ["a", "b", -1],
    ),
    "string-writer": ("$w = [IO.StringWriter]::new(); $w.WriteLine('x{0}', 1); $w.Write(2); $w.ToString()", ["x1\n2"]),
    "gzip": (
        "$m = [IO.MemoryStream]::new(); $g = [IO.Compression.GZipStream]::new($m, 'Compress');"
        "$d = [byte[]](1, 2, 3); $g.Write($d, 0, 3); $g.Close();"
        "$g = [IO.Compression.GZipStream]::new([IO.MemoryStream]::new($m.ToArray()), 'Decompress');"
        "$o = [IO.MemoryStream]::new(); $g.CopyTo($o); $o.ToArray() -join ','",
        ["1,2,3"],
    ),
    # net
    "uri": (
        "$u = [uri]'https://me@Host:8443/a/../b?q=1 2#f'; $u.Host; $u.Port; $u.AbsolutePath; $u.Query; $u.UserInfo",
        ["host", 8443, "/b", "?q=1%202", "me"],
    ),
    "uri-join": ("[uri]::new([uri]'http://h/a/b', '../c').AbsoluteUri", ["http://h/c"]),
    "uri-bad": (
        "try { [uri]::new('nope') } catch { $_.Exception.InnerException.GetType().Name }",
        ["UriFormatException"],
    ),
    "html": (
        "[Net.WebUtility]::HtmlEncode('<é''>'); [Net.WebUtility]::UrlEncode('a b/é')",
        ["&lt;&#233;&#39;&gt;", "a+b%2F%C3%A9"],
    ),
    "sha": (
        "[Convert]::ToHexString([Security.Cryptography.MD5]::Create().ComputeHash([Text.Encoding]::UTF8.GetBytes('a')))",
        ["0CC175B9C0F1B6A831C399E269772661"],
    ),
    # system
    "stopwatch": ("$s = [Diagnostics.Stopwatch]::new(); $s.IsRunning; $s.Start(); $s.IsRunning", [False, True]),
    "environment": (
        "[Environment]::SetEnvironmentVariable('JM_TEST', 'v'); $env:JM_TEST;"
        "[Environment]::SetEnvironmentVariable('JM_TEST', $null); $null -eq $env:JM_TEST",
        ["v", True],
    ),
    "linq": (
        "[Linq.Enumerable]::Sum([int[]](1, 2, 3));"
        "[Linq.Enumerable]::Where([int[]](1..6), [Func[int, bool]] { param($n) $n % 2 -eq 0 }) -join ','",
        [6, "2,4,6"],
    ),
    # runspaces
    "powershell": (
        "$p = [powershell]::Create().AddScript('param($n) $n * 2; Write-Warning w').AddArgument(4);"
        '$p.Invoke(); "$($p.Streams.Warning)"; $p.HadErrors',
        [8, "w", False],
    ),
    "powershell-async": (
        "$p = [powershell]::Create().AddScript('1..3'); $h = $p.BeginInvoke(); $p.EndInvoke($h) -join ','",
        ["1,2,3"],
    ),
    "runspace": (
        "$r = [runspacefactory]::CreateRunspace(); $r.Open(); $r.SessionStateProxy.SetVariable('x', 5);"
        "$p = [powershell]::Create(); $p.Runspace = $r; $p.AddScript('$x + 1').Invoke()",
        [6],
    ),
    "attributes": (
        "$a = [System.Management.Automation.ParameterAttribute]::new(); $a.Mandatory = 1; $a.Mandatory;"
        "[ValidateSet]::new('x', 'y').ValidValues -join ','",
        [True, "x,y"],
    ),
    "syntax-names": (
        "$c = { f 2 -x 3 }.Ast.Find({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true);"
        "$c.CommandElements.Count; $c.CommandElements[2].ParameterName; $c.Parent.GetType().Name",
        [4, "x", "PipelineAst"],
    ),
    "revived": (
        "$s = [System.Management.Automation.PSSerializer]; $b = $s::Deserialize($s::Serialize([ipaddress]'10.0.0.1'));"
        "$b.GetType().Name; $s::Deserialize($s::Serialize([xml]'<a><b>t</b></a>')).a.b",
        ["IPAddress", "t"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_gives(name: str) -> None:
    script, expected = CASES[name]
    found = Runspace().run_script(script)
    assert [one if isinstance(one, (bool, int)) else to_string(one) for one in found] == expected


def test_files(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = Runspace().run_script(
        "[IO.File]::WriteAllLines('a.txt', [string[]]('x', 'y')); [IO.File]::AppendAllText('a.txt', 'z');"
        "[IO.File]::ReadAllLines('a.txt').Count; [IO.Directory]::CreateDirectory('d/e').Name;"
        "[IO.File]::Copy('a.txt', 'd/b.txt'); [IO.Directory]::GetFiles('d', '*.txt', 'AllDirectories') -join ',';"
        "try { [IO.File]::ReadAllText('no.txt') } catch { $_.Exception.InnerException.GetType().Name };"
        "try { [IO.Directory]::Delete('d') } catch { $_.Exception.InnerException.GetType().Name };"
        "[IO.Compression.ZipFile]::CreateFromDirectory('d', 'd.zip');"
        "$z = [IO.Compression.ZipFile]::OpenRead('d.zip');"
        "($z.Entries | Sort-Object FullName).FullName -join ','; $z.Dispose()"
    )
    assert found == [3, "e", "d/b.txt", "FileNotFoundException", "IOException", "b.txt,e/"]


def test_zip_stays_inside(tmp_path, monkeypatch) -> None:
    import zipfile

    monkeypatch.chdir(tmp_path)
    with zipfile.ZipFile("bad.zip", "w") as archive:
        archive.writestr("../out.txt", "x")
    found = Runspace().run_script(
        "try { [IO.Compression.ZipFile]::ExtractToDirectory('bad.zip', 'in') }"
        "catch { $_.Exception.InnerException.GetType().Name }"
    )
    assert found == ["IOException"]
    assert not (tmp_path.parent / "out.txt").exists()
