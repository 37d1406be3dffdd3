"""What Format-* and the default formatter show, line by line (trailing line ends left out)."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_session import Session

NESTED = "[pscustomobject]@{a=1;b=[pscustomobject]@{c=2;d=[pscustomobject]@{e=3}};l=1,2;h=@{k='v'}}"

SHOWN = [
    (
        f"{NESTED} | Format-Custom",
        [
            *["", "class PSCustomObject", "{", "  a = 1", "  b = "],
            *["    class PSCustomObject", "    {", "      c = 2", "      d = "],
            *["        class PSCustomObject", "        {", "          e = 3", "        }", "    }"],
            *["  l = ", "    [", "      1", "      2", "    ]", "    "],
            *["  h = ", "    [", "      class DictionaryEntry", "      {"],
            *["        Key = k", "        Value = v", "        Name = k", "      }", "    ]", "    ", "}"],
        ],
    ),
    (
        f"{NESTED} | Format-Custom a, b -Depth 1",
        [
            *["", "class PSCustomObject", "{", "  a = 1", "  b = "],
            *["    class PSCustomObject", "    {", "      c = 2", "      d = @{e=3}", "    }", "}"],
        ],
    ),
    (
        "[pscustomobject]@{l = 1..9} | Format-Custom",
        [
            *["", "class PSCustomObject", "{", "  l = ", "    ["],
            *["      1", "      2", "      3", "      4", "      …", "    ]", "    ", "}"],
        ],
    ),
    (
        "$null, 1, $null | ForEach-Object { [pscustomobject]@{ G = $_; V = 0 } } | Format-Table V -GroupBy G",
        ["", "   : ", "", "V", "-", "0", "", "   G: 1", "", "V", "-", "0", "", "   G: ", "", "V", "-", "0"],
    ),
    (
        "[pscustomobject]@{ Mark = [char]0x2705; B = 1 }, [pscustomobject]@{ Mark = [char]0x65E5; B = 2 }",
        ["", "Mark B", "---- -", "   ✅ 1", "  日 2"],
    ),
    ('[pscustomobject]@{ a = "`e[31mred`e[0m"; b = 1 }', ["", "a   b", "-   -", "red 1"]),
    ('"`e[31mred`e[0m"', ["\x1b[31mred\x1b[0m"]),
    (
        "[cultureinfo]::CurrentCulture = ''; [pscustomobject]@{ a = 'word ' * 9 } | Format-List",
        ["", "a : word word word word word word word word", "     word "],
    ),
    (
        "[cultureinfo]::CurrentCulture = 'en-US'; [pscustomobject]@{ a = 'word ' * 9 } | Format-List",
        ["", "a : word word word word word word word ", "    word word "],
    ),
    (
        "'abc'.Substring",
        [
            *["", "OverloadDefinitions", "-------------------", "string Substring(int startIndex)"],
            *["string Substring(int startIndex, int", "length)"],
        ],
    ),
    (
        "[semver]'1.2.3-rc'",
        [
            *["", "Major  Minor  Patch  PreReleaseLabel BuildL", "                                     abel"],
            *["-----  -----  -----  --------------- ------", "1      2      3      rc              "],
        ],
    ),
    ("ConvertTo-SecureString x -AsPlainText -Force", ["System.Security.SecureString"]),
    (
        "Update-TypeData -TypeName T.One -DefaultDisplayPropertySet b, gone -Force; "
        "[pscustomobject]@{ PSTypeName = 'T.One'; a = 1; b = 2 } | Format-List",
        ["", "b    : 2", "gone : "],
    ),
    (
        "Update-TypeData -TypeName T.Two -DefaultDisplayProperty b -Force; "
        "[pscustomobject]@{ PSTypeName = 'T.Two'; Name = 1; b = 2 } | Format-Wide -Column 1",
        ["", "2"],
    ),
    (
        "[datetime]'2024-02-09 15:04:05.123' | Format-Table Millisecond, TimeOfDay",
        ["", "Millisecond TimeOfDay", "----------- ---------", "        123 15:04:05.1230000"],
    ),
    (
        "$n = 0; [pscustomobject]@{ a = 1 } | Format-Table a, @{ n = 'x'; e = { 1 / 0; 'on' } }, "
        "@{ n = 'y'; e = { throw 'no' } }, @{ n = 'n'; e = { $n++; $n } }",
        ["", "a x y n", "- - - -", "1     1"],
    ),
]


@pytest.mark.parametrize(("script", "lines"), SHOWN)
def test_shown(script: str, lines: list[str], tmp_path: Path) -> None:
    session = Session(tmp_path)
    [text] = session.run(f"& {{ {script} }} | Out-String -Width 43")
    assert text.rstrip("\n").split("\n") == lines
    assert session.streams.errors == []


def test_computed_properties_have_a_scope_of_their_own(tmp_path: Path) -> None:
    session = Session(tmp_path)
    assert session.run("$n = 0; 1..3 | Select-Object @{ n = 'i'; e = { $n++; $n } } | ForEach-Object i; $n") == [
        1,
        1,
        1,
        0,
    ]


def test_errors_in_computed_properties_are_in_the_error_list_only(tmp_path: Path) -> None:
    session = Session(tmp_path)
    assert session.run("$null = 1 | Select-Object @{ n = 'd'; e = { 1 / 0 } }; $Error.Count") == [1]
    assert session.streams.errors == []
    assert session.errors("$null = 1 | Select-Object @{ n = 'd'; e = { Get-Item ./none } }") == [
        "PathNotFound,Microsoft.PowerShell.Commands.GetItemCommand"
    ]


WRONG = [
    ("Format-Table @{ n = 'x' }", "DictionaryKeyMandatoryEntry", "A mandatory entry for expression is missing."),
    ("Format-Table @{ e = 'x'; w = 0 }", "WidthOutOfRange", 'The value "0" for key "width" should be greater than 0.'),
    (
        "Format-Table @{ e = 'x'; w = '9' }",
        "DictionaryKeyIllegalValue2",
        'The "w" key has a type, System.String, that is not valid; expected type is System.Int32.',
    ),
    (
        "Format-Table @{ e = 7 }",
        "DictionaryKeyIllegalValue1",
        'The "e" key has a type, System.Int32, that is not valid; expected types are '
        "{System.String, System.Management.Automation.ScriptBlock}.",
    ),
    ("Format-Table @{ e = '' }", "ExpressionEmptyString1", 'The "expression" key cannot have an empty string value.'),
    ("Format-Table @{ e = $null }", "DictionaryKeyMissingValue", "The e key has no value."),
    (
        "Format-List @{ e = 'x'; n = 'a'; label = 'b' }",
        "DictionaryKeyDuplicate",
        'The duplicated key "label" conflicts with "label".',
    ),
    (
        "Format-Table @{ e = 'x'; 5 = 1 }",
        "DictionaryKeyNonString",
        "The Int32 key type is not valid. The key must be a string.",
    ),
    ("Format-List @{ e = 'x'; bogus = 1 }", "DictionaryKeyIllegal", "The bogus key is not valid."),
    (
        "Format-Table a -View v",
        "FormatCannotSpecifyViewAndProperty",
        "Cmdlet parameters View and Property are mutually exclusive.",
    ),
    (
        "Format-Table -View v",
        "FormatViewNotFound",
        "The view name v cannot be found. There are no existing Table views for "
        "System.Management.Automation.PSCustomObject objects.",
    ),
]


@pytest.mark.parametrize(("command", "fqid", "message"), WRONG)
def test_wrong_requests(command: str, fqid: str, message: str, tmp_path: Path) -> None:
    session = Session(tmp_path)
    session.run(f"[pscustomobject]@{{ a = 1 }} | {command}")
    [record] = session.streams.errors
    assert record.fqid.startswith(fqid + ",")
    assert record.message == message


def test_what_fails_in_a_column_is_shown_or_told_when_asked_for(tmp_path: Path) -> None:
    session = Session(tmp_path)
    made = "[pscustomobject]@{ a = 1 } | Format-List a, @{ n = 'x'; e = { 1 / 0 } }"
    assert session.run(f"({made} -DisplayError | Out-String).Trim()") == ["a : 1\nx : #ERR"]
    assert session.streams.errors == []
    assert session.run(f"({made} -ShowError | Out-String).Trim()") == ["a : 1\nx :"]
    [record] = session.streams.errors
    assert record.fqid == "PSPropertyExpressionError,Microsoft.PowerShell.Commands.FormatListCommand"
    assert (record.exception.message, record.details) == (
        "Attempted to divide by zero.",
        'Failed to evaluate expression " 1 / 0 ".',
    )
