"""Letters, marks and categories as .NET 9 with ICU has them: casing, comparison, normal forms, patterns, encodings."""

from __future__ import annotations

import pytest
from command_session import Session

from jobmagics.formatting.texts import cells, head
from jobmagics.powershell.values.utf16 import units
from jobmagics.powershell.values.value import to_string


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    return Session(tmp_path_factory.mktemp("unicode"))


SCRIPTS = [
    # casing: one character to one
    ("'straße'.ToUpper()", "STRAßE"),
    ("'ŉ'.ToUpper()", "ŉ"),
    ("'ΑΣ'.ToLower()", "ασ"),
    ("'İ'.ToLowerInvariant(); 'ı'.ToUpperInvariant()", "İ ı"),
    ("[char]::ToUpper('ß'); [char]::ToUpperInvariant('ı')", "ß ı"),
    ("'𐐨'.ToUpper()", "𐐀"),
    # comparison
    ("'é' -eq 'É'; 'É' -ceq 'é'; 'é' -eq 'e'", "True False False"),
    ('"e`u{301}" -eq \'é\'; "e`u{301}" -ceq \'é\'; "e`u{301}".Equals(\'é\')', "True True False"),
    ("\"a`u{ad}\" -eq 'a'; \"a`u{200d}\" -eq 'a'", "True True"),
    ("'ß' -eq 'ẞ'; 'ı' -eq 'I'", "True False"),
    ("'İ'.Equals('i', 'OrdinalIgnoreCase'); 'É'.Equals('é', 'OrdinalIgnoreCase')", "False True"),
    ("'é','e','z','a','É','ä','Z','ö','o','ñ','n' | Sort-Object", "a ä e é É n ñ o ö z Z"),
    ("'côte','coté','cote','côté' | Sort-Object", "cote coté côte côté"),
    ("'ø','p','o','œ','oe','æ','b','ae' | Sort-Object", "ae æ b o ø oe œ p"),
    ("'я','б','z','ω','α' | Sort-Object", "z α ω б я"),
    ("[cultureinfo]::CurrentCulture.CompareInfo.Compare('a', 'Á', 'IgnoreCase, IgnoreNonSpace')", "0"),
    ("[cultureinfo]::InvariantCulture.CompareInfo.IndexOf('un résumé', 'RESUME', 'IgnoreCase, IgnoreNonSpace')", "3"),
    # normal forms and marks
    ("'é'.Normalize('FormD').Length; 'ﬁ'.Normalize('FormKC'); 'é'.IsNormalized('FormD')", "2 fi False"),
    ("'Crème Brûlée'.Normalize('FormD') -replace '\\p{M}'", "Creme Brulee"),
    ("'é'.Normalize('FormD').ToCharArray() | % { [Globalization.CharUnicodeInfo]::GetUnicodeCategory($_) }",
     "LowercaseLetter NonSpacingMark"),
    # what is seen as one character
    ("[Globalization.StringInfo]::new(\"e`u{301}😀👨‍👩‍👧🇩🇪🇫🇷x`r`n\").LengthInTextElements", "7"),
    ("[Globalization.StringInfo]::new('a😀b').SubstringByTextElements(1, 1)", "😀"),
    ("[Globalization.StringInfo]::ParseCombiningCharacters('a😀b')", "0 1 3"),
    ("$e = [Globalization.StringInfo]::GetTextElementEnumerator('a😀b'); while ($e.MoveNext()) { $e.ElementIndex }",
     "0 1 3"),
    ("'a😀'.EnumerateRunes() | % Value; [Text.Rune]::new(0x1F600).Utf8SequenceLength", "97 128512 4"),
    ("[char]::ConvertToUtf32('a😀', 1); [char]::IsSurrogatePair('a😀', 1)", "128512 True"),
    ("[char]::IsLetter('𝐀', 0); [char]::IsLetter('𝐀'[0])", "True False"),
    # patterns
    ("'aA1 é' -replace '\\p{Lu}', '#'", "a#1 é"),
    ("'aA1' -match '^\\p{Ll}\\p{Lu}\\p{Nd}$'; 'x' -match '[^\\p{L}]'; 'a-b' -match '[\\P{L}]'", "True False True"),
    ("'αβ' -match '^\\p{IsGreek}+$'; 'x' -match '\\p{IsLatin-1Supplement}'", "True False"),
    ("'😀' -match '^\\p{Cs}{2}$'", "True"),
    # encodings
    ("[Text.Encoding]::GetEncoding(1252).GetBytes('€')", "128"),
    ("Set-Content t 'é' -Encoding ascii; Get-Content t -AsByteStream", "63 10"),
    ("Set-Content t 'é' -Encoding utf8BOM; Get-Content t -AsByteStream", "239 187 191 195 169 10"),
    ("Set-Content t 'é' -Encoding unicode; Get-Content t -AsByteStream; Get-Content t", "255 254 233 0 10 0 é"),
    ("Set-Content t 'é' -Encoding utf32; (Get-Content t -AsByteStream).Count; Get-Content t", "12 é"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "text"), SCRIPTS)
def test_scripts(session: Session, script: str, text: str) -> None:
    found = session.run(script)
    assert not session.streams.errors
    assert " ".join(map(to_string, found)) == units(text)


def test_half_a_character_has_no_code_point(session: Session) -> None:
    session.run("[char]::ConvertToUtf32('😀', 1)")
    (record,) = session.streams.errors
    assert "Found a low surrogate char without a preceding high surrogate at index: 1." in record.exception.message


@pytest.mark.parametrize(
    ("text", "wide"),
    [("漢字", 4), ("한", 2), ("ｱ", 1), ("Ａ", 2), ("😀", 2), (units("😀"), 2), ("✅", 1), ("é", 1), ("e\u0301", 2)],
)
def test_cells_are_powershells(text: str, wide: int) -> None:
    """A table of PowerShell's own, unit by unit: combining marks take a cell, and dingbats one."""
    assert cells(text) == wide
    assert head(text, wide) == text
