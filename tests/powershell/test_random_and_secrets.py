"""Get-Random's seeds give .NET's numbers; secrets under a key come back; New-Object's and New-Guid's errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from command_session import Session

NOT_A_SECRET = "ImportSecureString_InvalidArgument_CryptographicError"


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path)


@pytest.mark.parametrize(
    ("script", "output"),
    [
        # the first numbers of System.Random with seed 1 are 24 and 11 of 100
        ("Get-Random -SetSeed 1 -Maximum 100; Get-Random -Maximum 100", [24, 11]),
        ("(Get-Random -SetSeed 5 -Minimum 0 -Maximum 10 -Count 3).Count", [3]),
        ("$r = [random]::new(7); (Get-Random -SetSeed 7 -Minimum 1.0 -Maximum 2.0) -eq 1 + $r.NextDouble()", [True]),
        ("(1..9 | Get-Random -Shuffle | Sort-Object) -join ''", ["123456789"]),
        ("(1..9 | Get-Random -Count 4 | Select-Object -Unique).Count", [4]),
        ("1..20 | % { Get-Random -Minimum 3GB -Maximum 5GB } | ? { $_ -lt 3GB -or $_ -ge 5GB }", []),
        ("1..20 | % { Get-SecureRandom -Maximum 3 } | ? { $_ -notin 0..2 }", []),
    ],
)
def test_random(session: Session, script: str, output: list[Any]) -> None:
    assert session.run(script) == output


def test_a_secret_under_a_key(session: Session) -> None:
    script = (
        "$s = ConvertTo-SecureString 'pa$$ é' -AsPlainText -Force; $k = 1..32\n"
        "$t = $s | ConvertFrom-SecureString -Key $k; $t.StartsWith('76492d1116743f0423413b16050a5345'); "
        "$t | ConvertTo-SecureString -Key $k | ConvertFrom-SecureString -AsPlainText\n"
        "$s | ConvertFrom-SecureString | ConvertTo-SecureString | ConvertFrom-SecureString -AsPlainText"
    )
    assert session.run(script) == [True, "pa$$ é", "pa$$ é"]


def test_a_secret_in_a_file_is_the_digits_of_its_characters_where_there_is_no_dpapi(session: Session) -> None:
    session.run("$s = ConvertTo-SecureString 'bar' -AsPlainText -Force; $c = [pscredential]::new('ada', $s)")
    (line,) = session.run("$c | Export-Clixml c.xml; \"$((Get-Content c.xml) -match '<SS')\"")
    assert line.strip() == '<SS N="Password">620061007200</SS>'
    assert session.run("$r = Import-Clixml c.xml; $r.UserName; $r.GetNetworkCredential().Password") == ["ada", "bar"]
    text = "[System.Management.Automation.PSSerializer]::Serialize(@{ s = $s })"
    assert session.run(f"[System.Management.Automation.PSSerializer]::Deserialize({text}).s.Length") == [3]


@pytest.mark.parametrize(
    ("script", "fqid"),
    [
        ("'zz' | ConvertTo-SecureString", f"{NOT_A_SECRET},ConvertToSecureString"),
        ("'zz' | ConvertTo-SecureString -Key (1..16)",
         f"{NOT_A_SECRET},ConvertToSecureString"),
        ("'zz' | ConvertTo-SecureString -Key (1..5)", "Argument,ConvertToSecureString"),
        ("New-Object System.Uri", "CannotFindAppropriateCtor,NewObject"),
        ("New-Guid nope", "StringNotRecognizedAsGuid,NewGuid"),
        ("ConvertFrom-StringData '=x'", "InvalidOperation,ConvertFromStringData"),
        ("Get-Random -Minimum 5 -Maximum 5", "MinGreaterThanOrEqualMax,GetRandom"),
    ],
)  # fmt: skip
def test_errors(session: Session, script: str, fqid: str) -> None:
    name, _, cmdlet = fqid.partition(",")
    assert session.errors(script) == [f"{name},Microsoft.PowerShell.Commands.{cmdlet}Command"]
