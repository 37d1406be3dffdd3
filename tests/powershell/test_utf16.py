"""Text in UTF-16 units: what PowerShell 7.6 gives for characters beyond the BMP, and what leaves the engine of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from command_session import Session
from hypothesis import given
from hypothesis import strategies as st

from jobmagics import clixml
from jobmagics.powershell.parser import parse
from jobmagics.powershell.values.utf16 import encode, joined, units, well_formed
from jobmagics.powershell.values.value import to_string
from jobmagics.psobject import Hashtable

any_text = st.text(st.characters(exclude_categories=[]))


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    return Session(tmp_path_factory.mktemp("utf16"))


@given(st.text())
def test_units_and_whole_characters_are_each_other(text: str) -> None:
    assert joined(units(text)) == text
    assert len(units(text)) == len(text.encode("utf-16-le")) // 2
    assert encode(units(text)) == text.encode()


@given(any_text)
def test_any_text_leaves_as_well_formed_text(text: str) -> None:
    whole = well_formed(units(text))
    assert whole.encode().decode() == whole
    assert encode(units(text), "utf-16-le").decode("utf-16-le") == whole


@given(any_text)
def test_clixml_gives_the_engine_units_and_others_characters(text: str) -> None:
    value = Hashtable({text: text})
    held = clixml.decode(clixml.encode(value), units=True)
    assert list(held.items()) == [(units(text), units(text))]
    assert clixml.encode(held) == clixml.encode(Hashtable({units(text): units(text)}))
    assert list(clixml.decode(clixml.encode(held)).items()) == [(joined(units(text)),) * 2]


def test_clixml_may_hold_the_characters_themselves() -> None:
    assert clixml.decode("<S>a😀</S>", units=True) == "a\ud83d\ude00"
    assert clixml.decode_objs('<Objs Version="1.1.0.1"><S>😀_xD83D_</S></Objs>', units=True) == ["\ud83d\ude00\ud83d"]


SCRIPTS = [
    ("'😀'.Length", "2"),
    ("'x😀y'.IndexOf('y')", "3"),
    ("'😀a'.Substring(1).Length", "2"),
    ("'a😀b'.Remove(1, 2)", "ab"),
    ("'😀'.PadLeft(3, '.')", ".😀"),
    ("('😀' -split '').Count", "4"),
    ("[char[]]'😀' | % { [int]$_ }", "55357 56832"),
    ("[int]'😀'[-1]", "56832"),
    ("'😀'.Chars(0) -eq [char]0xD83D", "True"),
    ("foreach ($c in '😀'.GetEnumerator()) { [int]$c }", "55357 56832"),
    ("[regex]::Match('a😀b', 'b').Index", "3"),
    ("'😀' -match '^..$'", "True"),
    ("'a😀b' -replace '😀', '-'", "a-b"),
    ("'😀a' -like '??a'", "True"),
    ("[char]::IsSurrogate('😀', 1)", "True"),
    ("[char]::ConvertFromUtf32(0x1F600) -eq '😀'", "True"),
    ('"`u{1F600}".Length', "2"),
    ("[Text.Encoding]::UTF8.GetBytes('😀')", "240 159 152 128"),
    ("[Text.Encoding]::UTF8.GetBytes('😀'.Substring(1))", "239 191 189"),
    ("[Text.Encoding]::UTF8.GetString(@(240, 159, 152, 128)).Length", "2"),
    ("[Text.Encoding]::Unicode.GetBytes('😀')", "61 216 0 222"),
    ("[Text.Encoding]::ASCII.GetBytes('😀é')", "63 63 63"),
    ("[Text.Encoding]::UTF32.GetBytes('😀')", "0 246 1 0"),
    ("('\"\\ud83d\\ude00😀\"' | ConvertFrom-Json).Length", "4"),
    ("('{\"😀\":1}' | ConvertFrom-Json).psobject.Properties.Name.Length", "2"),
    ("'😀' | ConvertTo-Json", '"😀"'),
    ("'😀' | ConvertTo-Json -EscapeHandling EscapeNonAscii", r'"\ud83d\ude00"'),
    ("([xml]'<a b=\"😀\">😀</a>').a | % { $_.b.Length; $_.'#text'.Length }", "2 2"),
    ("'a😀,b', '1,2' | ConvertFrom-Csv | % { $_.psobject.Properties } | % { $_.Name.Length }", "3 1"),
    ("[uri]::EscapeDataString('😀')", "%F0%9F%98%80"),
    ("[uri]::UnescapeDataString('%F0%9F%98%80').Length", "2"),
    ("[Net.WebUtility]::HtmlEncode('😀'); [Net.WebUtility]::HtmlDecode('&#128512;').Length", "&#128512; 2"),
    ("Set-Content t.txt '😀x'; (Get-Content t.txt).Length", "3"),
    ("Set-Content t.txt '😀x'; Get-Content t.txt -AsByteStream", "240 159 152 128 120 10"),
    ("Set-Content t.txt '😀'.Substring(1); Get-Content t.txt -AsByteStream", "239 191 189 10"),
    ("Set-Content '😀' 1; (Get-Item ??).Name; (Get-ChildItem *).Name -eq '😀'; Test-Path '😀'", "😀 😀 True"),
    ("[void](New-Item n -Value '😀'); Get-Content n -AsByteStream", "240 159 152 128"),
    ("[void](mkdir d); Set-Content d/😀 1; [IO.Compression.ZipFile]::CreateFromDirectory(\"$PWD/d\", \"$PWD/z\"); "
     "[IO.Compression.ZipFile]::ExtractToDirectory(\"$PWD/z\", \"$PWD/e\"); (Get-ChildItem e).Name.Length", "2"),
    ("ConvertTo-SecureString '😀' -AsPlainText -Force | ConvertFrom-SecureString", "3dd800de"),
    ("${a😀} = 5; Start-ThreadJob { ${using:a😀} } | Receive-Job -Wait", "5"),
    ("2 > '😀.txt'; 'x' >> '😀.txt'; Get-Content '😀.txt'", "2 x"),
    ("$env:JM_SMILE = '😀'; $env:JM_SMILE.Length; (Get-Item env:JM_SMILE).Value.Length; $env:JM_SMILE = ''", "2 2"),
    ("Export-Clixml x -InputObject '😀'; (Import-Clixml x).Length; (Get-Content x)[1]", "2   <S>_xD83D__xDE00_</S>"),
    ("(TabExpansion2 '''😀''; Get-Chi').ReplacementIndex", "6"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "text"), SCRIPTS)
def test_scripts(session: Session, script: str, text: str) -> None:
    found = session.run(script)
    assert not session.streams.errors
    assert " ".join(map(to_string, found)) == units(text)


def test_parser_counts_units() -> None:
    (error,) = parse("'😀' )").errors
    assert (error.extent.start, error.extent.end) == (5, 6)


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")
def test_programs_get_whole_characters_and_give_units(session: Session) -> None:
    shell = """sh -c 'printf "%s %s %s" "$JM_SMILE" "$1" "$(cat)"' x '😀'"""
    assert session.run(f"$env:JM_SMILE = '😀'; '😀' | {shell} | % {{ $_; $_.Length }}") == [units("😀 😀 😀"), 8]


@pytest.mark.skipif(os.name == "nt", reason="Windows takes such names as they are")
def test_half_a_character_in_a_name_is_a_replacement_character(tmp_path: Path) -> None:
    Path(tmp_path, "a\ud83d").touch()
    assert [path.name for path in tmp_path.iterdir()] == ["a\ufffd"]
    assert os.fsencode("\ude00\udc80") == "\ufffd\ufffd".encode()
    assert os.fsencode("\udc80") == b"\x80"
