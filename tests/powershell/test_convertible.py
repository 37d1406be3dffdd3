"""What text and numbers have behind IConvertible, and small members of Math and String."""

from __future__ import annotations

from typing import Any

import pytest

from jobmagics.powershell.runtime.runspace import Runspace


@pytest.mark.parametrize(
    ("script", "value"),
    [
        ("'5'.ToInt32($null)", 5),
        (
            "try { 'x'.ToInt32($null) } catch { \"$_\" }",
            """Exception calling "ToInt32" with "1" argument(s): "The input string 'x' was not in a correct format."""
            '"',
        ),
        ("(3).ToBoolean($null)", True),
        ("$true.ToDouble($null)", 1.0),
        ("(1.5).ToDecimal($null) -is [decimal]", True),
        ("'12'.ToType([int], $null)", 12),
        ("[math]::ReciprocalEstimate(4)", 0.25),
        ("[math]::ReciprocalSqrtEstimate(4)", 0.5),
        ("[string]::IsInterned('a')", "a"),
        ("('a' | Get-Member ToChar).Definition", "char IConvertible.ToChar(System.IFormatProvider provider)"),
    ],
)
def test_members(script: str, value: Any) -> None:
    assert Runspace().run_script(script) == [value]
