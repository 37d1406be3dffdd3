"""What is offered at the cursor, as TabExpansion2 of PowerShell 7.6.5 offered it."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobmagics.powershell.runtime.runspace import Runspace
from jobmagics.powershell.session.completion import complete


@pytest.fixture
def session(tmp_path: Path) -> Runspace:
    (tmp_path / "sub").mkdir()
    (tmp_path / "alpha.txt").write_text("")
    (tmp_path / "beta file.txt").write_text("")
    session = Runspace()
    session.set_location(str(tmp_path))
    return session


@pytest.mark.parametrize(
    ("text", "start", "first", "kind"),
    [
        ("get-chi", 0, "Get-ChildItem", "Command"),
        ("Get-Process | Sort-", 14, "Sort-Object", "Command"),
        ("if ($true) { Get-", 13, "Get-Alias", "Command"),
        ("Get-ChildItem -Fi", 14, "-Filter", "ParameterName"),
        ("Get-Process | Select-Object -P", 28, "-Property", "ParameterName"),
        ("Write-Host -ForegroundColor Gr", 28, "Gray", "ParameterValue"),
        ("Get-Command -CommandType ", 25, "Alias", "ParameterValue"),
        ("$PSV", 0, "$PSVersionTable", "Variable"),
        ("$abc = 1; $ab", 10, "$abc", "Variable"),
        ("$env:HO", 0, "$env:HOME", "Variable"),
        ("[datetime]::", 12, "MaxValue", "Property"),
        ("[System.IO.Pa", 1, "System.IO.Path", "Type"),
        ("Get-Content al", 12, "./alpha.txt", "ProviderItem"),
        ("Get-Content ./be", 12, "'./beta file.txt'", "ProviderItem"),
        ("cd su", 3, "./sub", "ProviderContainer"),
        ("Get-Help Get-Ch", 9, "Get-ChildItem", "Command"),
    ],
)
def test_the_first_offer(session: Runspace, text: str, start: int, first: str, kind: str) -> None:
    found = complete(session, text, len(text))
    assert (found.start, found.matches[0].text, found.matches[0].kind) == (start, first, kind)


def test_members_of_a_variable(session: Runspace) -> None:
    session.run_script("$when = [datetime]'2026-01-02'")
    assert [match.text for match in complete(session, "$when.DayOf", 11).matches] == ["DayOfWeek", "DayOfYear"]


def test_nothing_fits(session: Runspace) -> None:
    found = session.run_script("$c = TabExpansion2 'zzz-' 4; $c.ReplacementIndex; $c.CompletionMatches.Count")
    assert found == [-1, 0]


def test_tab_expansion_in_a_script(session: Runspace) -> None:
    found = session.run_script(
        "(TabExpansion2 'Get-Proc' 8).CompletionMatches | ForEach-Object { \"$($_.ResultType) $_\" }"
    )
    assert found[0].startswith("Command ")


def test_the_functions_of_a_new_session(session: Runspace) -> None:
    assert session.run_script("prompt") == [f"PS {session.location}> "]
    assert session.run_script("function prompt { 'mine' }; prompt") == ["mine"]
    assert Runspace().run_script("Clear-Host; 'after'") == ["after"]
