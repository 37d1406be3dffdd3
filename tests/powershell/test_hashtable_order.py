"""A Hashtable with keys whose hash codes are fixed gives them as .NET does: by bucket, the last one first."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_session import Session


@pytest.mark.parametrize(
    ("script", "keys"),
    [
        ("@{ 1 = 'a'; 2 = 'b'; 3 = 'c' }", "3,2,1"),
        ("@{ 10 = 'a'; 2 = 'b'; 33 = 'c' }", "33,10,2"),
        ("$h = @{}; 1..12 | % { $h[$_] = $_ }; $h", "12,11,10,9,8,7,6,5,4,3,2,1"),
        ("$h = @{}; 3, 1, 3, 2 | % { $h[$_]++ }; $h.Clone()", "3,2,1"),
        ("$h = [hashtable]::new(); 1..3 | % { $h[$_] = 1 }; $h", "3,2,1"),
        ("@{ [char]'a' = 1; [char]'b' = 2 }", "a,b"),
        ("@{ $false = 0; $true = 1 }", "True,False"),
        ("@{ 7L = 1; 4L = 2; 0L = 3 }", "4,0,7"),
        ("1..5 | Group-Object { $_ % 3 } -AsHashTable", "2,1,0"),
        # strings have no order of their own, ordered and generic dictionaries have the order of adding
        ("@{ b = 1; a = 2 }", "b,a"),
        ("[ordered]@{ 3 = 1; 1 = 2 }", "3,1"),
        ("$d = [Collections.Generic.Dictionary[int,int]]::new(); $d[3] = 1; $d[1] = 2; $d", "3,1"),
    ],
)
def test_order(tmp_path: Path, script: str, keys: str) -> None:
    session = Session(tmp_path)
    assert session.run(f"$t = $({script}); $t.Keys -join ','; ($t.GetEnumerator() | % Key) -join ','") == [keys, keys]
