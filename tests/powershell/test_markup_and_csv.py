"""ConvertTo-Html, Select-Xml and the switches of ConvertTo-Csv that exclude each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from command_session import Session


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path)


OBJECT = "[pscustomobject]@{ A = 1; B = '<é' }"


@pytest.mark.parametrize(
    ("script", "lines"),
    [
        (
            f"{OBJECT} | ConvertTo-Html -Fragment",
            ["<table>", "<colgroup><col/><col/></colgroup>", "<tr><th>A</th><th>B</th></tr>",
             "<tr><td>1</td><td>&lt;&#233;</td></tr>", "</table>"],
        ),
        (
            f"{OBJECT} | ConvertTo-Html -Fragment "
            "-Property @{ n = 'X'; e = { 2 }; width = 5; alignment = 'center' }",
            ["<table>", '<colgroup><col width = "5" align = "center"/></colgroup>', "<tr><th>X</th></tr>",
             "<tr><td>2</td></tr>", "</table>"],
        ),
        (
            "[pscustomobject]@{ A = 1 }, [pscustomobject]@{ B = 2 } | ConvertTo-Html -Fragment -As List",
            ["<table>", "<tr><td>A:</td><td>1</td></tr>", "<tr><td><hr></td></tr>", "<tr><td>B:</td><td>2</td></tr>",
             "</table>"],
        ),
        (
            "(ConvertTo-Html -InputObject 1 -Title T -Charset utf-8 -Meta @{ author = 'me' } -Body B -PreContent P "
            "-Transitional)[0, 3, 4, 5, 7, 8]",
            ['<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"  '
             '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">', '<meta charset="utf-8">',
             '<meta name="author" content="me">', "<title>T</title>", "B", "P"],
        ),
        (
            "$x = [xml]'<a xmlns=\"u\"><b> t </b></a>'\n"
            "Select-Xml -Xml $x -XPath '//x:b' -Namespace @{ x = 'u' } | % { \"$_\" }",
            ["t"],
        ),
    ],
)  # fmt: skip
def test_output(session: Session, script: str, lines: list[Any]) -> None:
    assert session.run(script) == lines


def test_an_unknown_meta_is_written_with_a_warning(session: Session) -> None:
    assert '<meta name="nope" content="x">' in session.run("1 | ConvertTo-Html -Meta @{ nope = 'x' }")
    assert "The meta pair: nope and x may not function correctly." in session.streams.warnings[0].message


@pytest.mark.parametrize(
    ("script", "fqid"),
    [
        ("1 | ConvertTo-Csv -UseQuotes Never -QuoteFields a", "CannotSpecifyQuoteFieldsAndUseQuotes,ConvertToCsv"),
        ("1 | ConvertTo-Csv -IncludeTypeInformation -NoTypeInformation",
         "CannotSpecifyIncludeTypeInformationAndNoTypeInformation,ConvertToCsv"),
        ("Select-Xml -Content '<a>' -XPath '//b'", "InvalidCastToXmlDocument,SelectXml"),
    ],
)  # fmt: skip
def test_errors(session: Session, script: str, fqid: str) -> None:
    name, _, cmdlet = fqid.partition(",")
    assert session.errors(script) == [f"{name},Microsoft.PowerShell.Commands.{cmdlet}Command"]
