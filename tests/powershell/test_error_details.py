"""Get-Error and $ErrorView = 'DetailedView': everything that an error holds, indented by what is within what."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_session import Session


@pytest.fixture
def session(tmp_path: Path) -> Session:
    found = Session(tmp_path)
    found.run("$PSStyle.OutputRendering = 'PlainText'")
    return found


def shown(session: Session, script: str) -> list[str]:
    [text] = session.run(script + " | Out-String")
    return [line.rstrip() for line in text.split("\n")]


def test_what_is_within_an_error_is_indented_and_what_is_empty_left_out(session: Session) -> None:
    session.run("1/0")
    lines = shown(session, "Get-Error")
    assert lines[:3] == [
        "",
        "Exception             :",
        "    Type           : System.Management.Automation.RuntimeException",
    ]
    assert "            Type    : System.Management.Automation.ParentContainsErrorRecordException" in lines
    assert "        HResult : -2147352558" in lines
    assert "                       + ~~~" in lines
    assert not [line for line in lines if line.strip().startswith("ScriptName")]


def test_several_errors_are_numbered(session: Session) -> None:
    session.run("1/0; Get-Item /no/such")
    lines = shown(session, "Get-Error -Newest 2")
    assert [line for line in lines if "ErrorIndex" in line] == ["   ErrorIndex: 0", "   ErrorIndex: 1"]


def test_what_get_error_gives_is_an_ordinary_error_once_it_was_shown(session: Session) -> None:
    session.run("1/0")
    before, after = session.run(
        "$e = Get-Error; $e.pstypenames[0]; $e | Out-Null; $null = $e | Out-String; $e.pstypenames[-1]"
    )
    assert before == "System.Management.Automation.ErrorRecord#PSExtendedError"
    assert after == "System.Management.Automation.ErrorRecord"
    assert session.run("$Error[0].pstypenames") == ["System.Management.Automation.ErrorRecord", "System.Object"]


def test_only_errors_are_shown(session: Session) -> None:
    assert session.run("5 | Get-Error") == []
    assert shown(session, "[Exception]::new('my') | Get-Error")[1] == "Type    : System.Exception"


def test_the_detailed_view_shows_the_same(session: Session) -> None:
    session.run("1/0; $ErrorView = 'DetailedView'")
    assert shown(session, "$Error[0]")[1] == "Exception             :"
