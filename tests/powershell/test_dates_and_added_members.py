"""Get-Date and its kin; members that Add-Member gives to objects of .NET."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from command_session import Session

from jobmagics import clixml

MOMENT = "Get-Date '2024-03-05 06:07:08'"


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path)


@pytest.mark.parametrize(
    ("style", "shown"),
    [
        ("%A %a %B %b %h", "Tuesday Tue March Mar Mar"),
        ("%C %Y %y %G %g", "20 2024 24 2024 24"),
        ("%c", "Tue 05 Mar 2024 06:07:08"),
        ("%D %x %F", "03/05/24 03/05/24 2024-03-05"),
        ("%d|%e|%j|%m", "05| 5|065|03"),
        ("%H|%I|%k|%l|%M|%S|%p", "06|06| 6| 6|07|08|AM"),
        ("%R %r %T %X", "06:07 06:07:08 AM 06:07:08 06:07:08"),
        ("%U %V %W", "09 10 9"),
        ("%u%w", "22"),
        ("%n%t%%%q", "\n\t%q"),
        ("+%Y", "2024"),
    ],
)
def test_unix_formats(session: Session, style: str, shown: str) -> None:
    assert session.run(f"{MOMENT} -UFormat '{style}'") == [shown]


@pytest.mark.parametrize(
    ("script", "output"),
    [
        ("(Get-Date '2024-02-29' -Year 2023).ToString('s')", ["2023-02-28T00:00:00"]),
        ("(Get-Date '2024-01-31' -Month 2 -Day 30).ToString('s')", ["2024-03-01T00:00:00"]),
        ('$d = Get-Date; "$($d.DisplayHint)"; $d.DisplayHint.GetType().Name', ["DateTime", "DisplayHintType"]),
        ("(Get-Date 2024-01-02 -DisplayHint Date | Out-String).Trim()", ["Tuesday, January 2, 2024"]),
        ("Get-Date 2024-01-02 | ConvertTo-Json", ['"2024-01-02T00:00:00"']),
        ("New-Item f | Out-Null; (Get-Item f).LastWriteTime.Kind.ToString()", ["Local"]),
        ("(Get-TimeZone -ListAvailable).Count -gt 100; (Get-TimeZone -Name *Berlin*).Id", [True, "Europe/Berlin"]),
        ("(Get-Culture -ListAvailable).Count -gt 700; (Get-Culture de-DE).Name", [True, "de-DE"]),
    ],
)
def test_dates(session: Session, script: str, output: list[Any]) -> None:
    assert session.run(script) == output


@pytest.mark.parametrize(
    ("script", "fqid"),
    [
        ("Get-Date -Format X", "System.FormatException,Microsoft.PowerShell.Commands.GetDateCommand"),
        ("Get-Date -UFormat '{'", "System.FormatException,Microsoft.PowerShell.Commands.GetDateCommand"),
        ("Get-Date -UFormat %", "System.IndexOutOfRangeException,Microsoft.PowerShell.Commands.GetDateCommand"),
        ("Get-Date -Month 13", "ParameterArgumentValidationError,Microsoft.PowerShell.Commands.GetDateCommand"),
        ("Get-TimeZone -Name Nope", "TimeZoneNotFound,Microsoft.PowerShell.Commands.GetTimeZoneCommand"),
        ("@{ 1 = 2 } | ConvertTo-Json", "NonStringKeyInDictionary,Microsoft.PowerShell.Commands.ConvertToJsonCommand"),
    ],
)
def test_errors(session: Session, script: str, fqid: str) -> None:
    assert session.errors(script) == [fqid]


@pytest.mark.parametrize(
    "made",
    [
        "@{ a = 1 }",
        "[System.Collections.ArrayList]@(1)",
        "(Get-Item .)",
        "[regex]'a'",
        "[xml]'<a/>'",
        "{ 1 }",
        "$(try { 1/0 } catch { $_ })",
        "[System.Net.IPAddress]'1.2.3.4'",
    ],
)
def test_an_object_keeps_what_add_member_gave_it(session: Session, made: str) -> None:
    script = f"$o = {made}; Add-Member -InputObject $o Tag 5; $o.Tag; ($o.psobject.Properties | ? Name -eq Tag).Value"
    assert session.run(script) == [5, 5]


def test_a_string_does_not_keep_it(session: Session) -> None:
    assert session.run("$s = 'a'; $s | Add-Member Tag 5; $s.Tag; ($s | Add-Member Tag 5 -PassThru).Tag") == [None, 5]


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("5 | Add-Member Note x -PassThru | ConvertTo-Json -Compress", '{"value":5,"Note":"x"}'),
        ("$h = @{a=1}; $h = $h | Add-Member N 2 -PassThru; $h | ConvertTo-Json -Compress", '{"a":1,"N":2}'),
        ("'<\"&>' | ConvertTo-Json -EscapeHandling EscapeHtml", '"\\u003c\\u0022\\u0026\\u003e"'),
        ("[IO.FileAttributes]'ReadOnly, Hidden' | ConvertTo-Json -EnumsAsStrings", '"ReadOnly, Hidden"'),
    ],
)
def test_values_with_members_in_json(session: Session, script: str, text: str) -> None:
    assert session.run(script) == [text]


def test_added_members_travel_and_a_property_that_throws_does_not(session: Session) -> None:
    script = "$r = [regex]'a'; $r | Add-Member T 5; $r | Add-Member ScriptProperty Bad { throw 'x' }; "
    text = session.run(script + "ConvertTo-CliXml $r")[0]
    found = clixml.decode_objs(text)[0]
    assert (found["T"], "Bad" in text) == (5, False)


def test_the_text_of_an_address_is_an_added_property(session: Session) -> None:
    text = session.run("ConvertTo-CliXml ([ipaddress]'1.2.3.4')")[0]
    assert '<MS><S N="IPAddressToString">1.2.3.4</S></MS>' in "".join(line.strip() for line in text.splitlines())


DISPLAYED = """
$o = [pscustomobject]@{ a = 1; b = 2; c = 3 }
$set = [System.Management.Automation.PSPropertySet]::new('DefaultDisplayPropertySet', [string[]]('a', 'c'))
$o | Add-Member MemberSet PSStandardMembers ([System.Management.Automation.PSMemberInfo[]]@($set))
"""


def test_an_object_says_itself_which_properties_are_shown(session: Session) -> None:
    [table, full] = session.run(DISPLAYED + "$o | Out-String; $o | Format-Table * | Out-String")
    assert [line.split() for line in table.splitlines() if line] == [["a", "c"], ["-", "-"], ["1", "3"]]
    assert full.split()[:3] == ["a", "b", "c"]
    assert session.run("$o.PSStandardMembers.DefaultDisplayPropertySet.ReferencedPropertyNames") == ["a", "c"]
    assert session.run("$o.psobject.Properties.Name; $o | ConvertTo-Json -Compress") == [
        *("a", "b", "c"),
        '{"a":1,"b":2,"c":3}',
    ]


def test_members_of_code_are_refused_by_name(session: Session) -> None:
    [fqid] = session.errors("[pscustomobject]@{} | Add-Member CodeProperty x 5")
    assert fqid == "NotSupportedByBuiltInEngine,Microsoft.PowerShell.Commands.AddMemberCommand"


def test_what_was_added_to_a_dictionary_travels(session: Session) -> None:
    session.run("$h = @{ a = 1 }; $h | Add-Member n 5; $h | Export-Clixml h.xml")
    assert session.run("$back = Import-Clixml h.xml; $back.n; $back.a") == [5, 1]
