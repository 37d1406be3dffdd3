"""Where errors point: the word of the command line that is wrong. Expected places are PowerShell 7.6's."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_session import Session

SCRIPT = """
function Get-Half {
    [CmdletBinding()] param([int]$N, [ValidateSet('a', 'b')][string]$S, $P)
    $N
}
$h = @{ S = 'q' }
$l = 'x', 'y'
try { %s } catch { $_.InvocationInfo.PositionMessage.Split("`n") | Select-Object -Last 2 }
"""


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("Get-Half x", "x"),
        ("Get-Half -N x", "x"),
        ("Get-Half -N:x", "x"),
        ("Get-Half 1 a b c", "c"),
        ("Get-Half 1 -Foo 3", "-Foo"),
        ("Get-Half -N 1 -N 3", "-N"),
        ("Get-Half 1 -S", "-S"),
        ("Get-Half 1 @h", "@h"),
        ("Get-Half @l -P 3", "@l"),
        ("Get-Date -Year abc", "abc"),
        ("1 | Get-Half -N q", "q"),
        ("Get-Item", "Get-Item"),
    ],
)
def test_an_error_of_binding_points_at_the_word(command: str, word: str, tmp_path: Path) -> None:
    line, marks = Session(tmp_path).run(SCRIPT % command)
    assert line.startswith(f"+ try {{ {command} }}")
    start = line.rindex(word, 0, line.index("} catch"))
    assert marks == "+" + " " * (start - 1) + "~" * len(word)


@pytest.mark.parametrize(
    ("script", "text"),
    [
        (
            "$(try { Invoke-Expression '1 +' } catch { $_ })",
            "ParserError: You must provide a value expression following the '+' operator.",
        ),
        ("& { Write-Error boom -RecommendedAction 'do it' } 2>&1", "Write-Error: boom\n  Recommendation: do it"),
        (
            "$ErrorView = 'CategoryView'; Write-Error q -CategoryActivity act 2>&1",
            "NotSpecified: (:) [act], WriteErrorException",
        ),
    ],
)
def test_error_views(script: str, text: str, tmp_path: Path) -> None:
    session = Session(tmp_path)
    session.run("$PSStyle.OutputRendering = 'PlainText'")
    shown = session.run(f"& {{{script}\n}} | Out-String")
    assert str(shown[0]).strip("\n") == text


def test_methods_of_classes_have_their_lines_in_the_trace(tmp_path: Path) -> None:
    script = """class Adder {
    [int] Div($a, $b) { return $a / $b }
    static [int] Two() {
        return [Adder]::new().Div(2, 0)
    }
}
function Test-It {
    [Adder]::Two()
}
try {
    Test-It
} catch { $_.ScriptStackTrace }
"""
    traces = Session(tmp_path).run(script)
    assert traces == [
        "at Div, <No file>: line 2\nat Two, <No file>: line 4\nat Test-It, <No file>: line 8\n"
        "at <ScriptBlock>, <No file>: line 11"
    ]
