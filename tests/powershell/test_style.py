"""$PSStyle: its views, its colours, what it takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_session import Session


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path)


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ("$PSStyle", "Formatting.FormatAccent           : `e[32;1m"),
        ("$PSStyle", "FileInfo.Extension                : .zip,.tgz,.gz,.tar,.nupkg,.cab,.7z,.ps1,.psd1,.psm1,.ps1xml"),
        ("$PSStyle.Formatting", "CustomTableHeaderLabel : `e[32;1;3m"),
        ("$PSStyle.FileInfo", 'Extension    : .zip    = "`e[31;1m"'),
        ("$PSStyle.Progress", "Style           : `e[33;1m"),
        ("$PSStyle.Background", "BrightWhite   : `e[107m"),
    ],
)
def test_sequences_are_spelled(session: Session, script: str, line: str) -> None:
    [text] = session.run(script + " | Out-String -Width 200")
    assert line in text.splitlines()


def test_colours_of_any_kind(session: Session) -> None:
    assert session.run("$PSStyle.Foreground.FromRgb(1, 2, 3); $PSStyle.Background.FromRgb(0xff00aa)") == [
        "\x1b[38;2;1;2;3m",
        "\x1b[48;2;255;0;170m",
    ]
    assert session.run("[System.Management.Automation.PSStyle]::MapForegroundColorToEscapeSequence('Red')") == [
        "\x1b[91m"
    ]
    assert session.run("$PSStyle.FormatHyperlink('a', 'http://b/')") == ["\x1b]8;;http://b/\x1b\\a\x1b]8;;\x1b\\"]


def test_a_theme_takes_sequences_and_no_text(session: Session) -> None:
    assert session.run('$PSStyle.Formatting.Error = "`e[35m"; $PSStyle.Formatting.Error') == ["\x1b[35m"]
    assert session.errors("$PSStyle.Formatting.Error = 'red'") == ["ExceptionWhenSetting"]
    assert session.run("$PSStyle.FileInfo.Extension.Add('.a', \"`e[1m\"); $PSStyle.FileInfo.Extension['.a']") == [
        "\x1b[1m"
    ]
    assert session.errors("$PSStyle.OutputRendering = 'Bogus'") == ["ExceptionWhenSetting"]
