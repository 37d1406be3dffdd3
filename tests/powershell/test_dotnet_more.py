""".NET members that scripts call, as scripts call them. Expected values are .NET 10's, shown by PowerShell."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_session import Session

WRITTEN = """
$memory = [IO.MemoryStream]::new()
$writer = [IO.BinaryWriter]::new($memory)
$writer.Write([int]5); $writer.Write('hé'); $writer.Write([byte]7); $writer.Write(2.5); $writer.Write([char]'x')
$memory.Position = 0
$reader = [IO.BinaryReader]::new($memory)
"""


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("[datetime]::Parse('15/03/2024', [cultureinfo]'en-GB').ToString('s')", "2024-03-15T00:00:00"),
        ("[datetime]::Parse('3 mars 2024 10:00', [cultureinfo]'fr-FR').ToString('s')", "2024-03-03T10:00:00"),
        ("[datetime]::Parse('03/15/2024', [cultureinfo]'en-US').Day", "15"),
        ("[dateonly]::new(2024, 3, 1).ToString('o')", "2024-03-01"),
        ("[timeonly]::new(14, 30).ToString('o')", "14:30:00.0000000"),
        ("[datetime]::MinValue | Out-String", "\nMonday, January 1, 0001 12:00:00\u202fAM\n\n"),
        ('"$(ConvertTo-SecureString pw -AsPlainText -Force)"', "System.Security.SecureString"),
        ("[System.Collections.Generic.KeyNotFoundException]::new().Message", "The given key was not present in the "
         "dictionary."),
        ("([IO.FileInfo], [hashtable], [IO.FileMode]).IsSerializable -join ' '",
         "False True True"),
        ("if ($true) { enum Inner { A; B } }; [int][Inner]::B", "1"),
        (WRITTEN + "$reader.ReadInt32(), $reader.ReadString(), $reader.ReadByte(), $reader.ReadDouble(), "
         "$reader.ReadChar() -join '|'", "5|hé|7|2.5|x"),
        (WRITTEN + "$memory.ToArray() -join ','", "5,0,0,0,3,104,195,169,7,0,0,0,0,0,0,4,64,120"),
        (WRITTEN + "$null = $writer.Seek(-1, 'End'); $reader.ReadChar()", "x"),
        (WRITTEN + "$memory.Position = 16; try { $reader.ReadInt32() } catch { $_.Exception.InnerException.Message }",
         "Unable to read beyond the end of the stream."),
        ("'a,bb' -replace '(?<=^|,)\\w', 'X'", "X,Xb"),
        ("'ab cb xyzb' -replace '(?<!a|xyz)b', 'B'", "ab cB xyzb"),
        ("'a|b' -replace '(?<=[|)]|cc)b', 'c'", "a|c"),
        ("'q1c1' -replace '(?<=(?:a|q)|cc|\\(x)1', '2'", "q2c1"),
        ("'x$  1' -replace '(?<=\\$\\s*)1', '2'", "x$  2"),
        ("'k:  v' -match '(?<=k:\\s*)(?<w>\\w)(.*)'; $Matches.w; $Matches[1] -eq ''", "True|v|True"),
        ("[regex]::Match('kaab', '(?<=k)(?<=k+)(a|b)+').Groups[1].Captures.Value -join ','", "a,a,b"),
        ("[regex]::new('\\d', 'RightToLeft').Matches('1 2 3').Value -join ','", "3,2,1"),
        ("[regex]::new('\\d', 'RightToLeft').Replace('1 2 3', 'x', 1)", "1 2 x"),
        ("[regex]::new(',', 'RightToLeft').Split('a,b,c', 2) -join '|'", "a,b|c"),
        ("[regex]::Match('1 2 3', '\\d', 'RightToLeft').NextMatch().Value", "2"),
        # groups with names come after all others
        ("'2024-01' -replace '(?<y>\\d+)-(\\d+)', '$1/$2/${y}'", "01/2024/2024"),
        ("'ab' -match '(?<x>a)(b)'; $Matches[1]; $Matches.x; $Matches.Count", "True|b|a|3"),
        ("[regex]::Match('abb', '(?<x>a)(b)\\1').Value", "abb"),
        ("[regex]::Split('1ab2', '(?<x>a)(b)') -join ','", "1,b,a,2"),
        ("try { 'a' -match '(?<o>a)(?<-o>b)' } catch { $_.Exception.Message }", "The pattern '(?<o>a)(?<-o>b)' has a "
         "balancing group, which this engine does not know; pwsh runs it."),
        ("[regex]::Match('a1', '(\\w)1').Groups[1].Captures.Value", "a"),
        ("try { @{ a = 1 }.GetEnumerator().Key } catch { $_.Exception.Message }",
         'Exception getting "Key": "Enumeration has not started. Call MoveNext."'),
        ("@{ a = 1 }.GetEnumerator().Name", "a"),
        ("[guid]::AllBitsSet.ToString()", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
        ("([ipaddress]'::1').IsIPv6SiteLocal", "False"),
        ("[TimeZoneInfo]::ConvertTimeBySystemTimeZoneId([datetime]'2024-07-01', 'UTC', 'Europe/Berlin').ToString('s')",
         "2024-07-01T02:00:00"),
        ("[Collections.ArrayList]::Repeat('x', 3) -join ''", "xxx"),
        ("[Globalization.ISOWeek]::GetWeekOfYear([datetime]'2024-12-30'); "
         "[Globalization.ISOWeek]::GetWeeksInYear(2020); "
         "(Get-Culture).Calendar.GetWeekOfYear([datetime]'2024-06-01', 'FirstFourDayWeek', 'Monday')", "1|53|22"),
        ("$s = [Threading.SemaphoreSlim]::new(1); $s.Wait(0); $s.Wait(10); $s.Release(); $s.CurrentCount",
         "True|False|0|1"),
        ("$s = [Threading.Semaphore]::new(0, 1); $null = $s.Release(); try { $s.Release() } "
         "catch { $_.FullyQualifiedErrorId }", "SemaphoreFullException"),
        ("$n = 0; $null = [Threading.Interlocked]::Increment([ref]$n); $n; [Threading.Interlocked]::Add([ref]$null, 2)",
         "1|2"),
        ("$l = [Collections.Generic.LinkedList[int]]::new(); try { $l.AddAfter($null, 1) } "
         "catch { $_.FullyQualifiedErrorId }", "ArgumentNullException"),
        ("$l = [Collections.Generic.LinkedList[int]]::new(); $n = $l.AddLast(3); $null = $l.AddAfter($n, 4); "
         "$l.Remove($n); $null = $l.Remove(9); $l -join ','", "4"),
        ("[guid]::ParseExact('{0x0f8fad5b,0xd9cb,0x469f,{0xa1,0x65,0x70,0x86,0x77,0x28,0x95,0xe}}', 'X').ToString()",
         "0f8fad5b-d9cb-469f-a165-70867728950e"),
        ("try { [guid]::ParseExact('0f8fad5bd9cb469fa16570867728950e', 'B') } catch { $_.FullyQualifiedErrorId }",
         "FormatException"),
        ("$g = [guid]::Empty; [guid]::TryParseExact('0f8fad5bd9cb469fa16570867728950e', 'N', [ref]$g), $g -join ' '",
         "True 0f8fad5b-d9cb-469f-a165-70867728950e"),
        ("[random]::new(1).NextSingle().GetType().Name", "Single"),
        ("[decimal]::ToInt32(-3.7d), [decimal]::ToByte(9.9d), [decimal]::ToDouble(1.5d) -join ' '", "-3 9 1.5"),
        ("try { [decimal]::ToInt64(1e20d) } catch { $_.Exception.InnerException.Message }",
         "Value was either too large or too small for an Int64."),
    ],
)  # fmt: skip
def test_dotnet_members(script: str, text: str, tmp_path: Path) -> None:
    assert "|".join(str(one) for one in Session(tmp_path).run(script)) == text
