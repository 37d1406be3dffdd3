"""Calls of .NET members that go wrong, or that PowerShell's choice of an overload decides."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_session import Session

from jobmagics.powershell.values.value import to_string

GIVES = {
    "a-null-provider": ("[Convert]::ToInt32('5', $null)", "5"),
    "a-provider": ("[Convert]::ToInt32('5', [cultureinfo]::InvariantCulture)", "5"),
    "a-base": ("[Convert]::ToInt32('ff', 16)", "255"),
    "a-type-code": ("[Convert]::ChangeType(5, [TypeCode]::String).GetType().Name", "String"),
    "a-remainder": ("[decimal]::Remainder(7, 3)", "1"),
    "an-object-before-a-wider-number": ("[StringComparer]::Ordinal.Equals(5, 5)", "True"),
    "no-element": ("$null -eq [Text.StringBuilder]::new('ab')[5]", "True"),
    "an-array-as-key": ("$k = @(1); $h = @{}; $h.Add($k, 'x'); $h.Contains($k); $h.Contains(@(1))", "True|False"),
    "no-time-in-a-time": ("([timespan]'1').Divide([timespan]'0')", "Infinity"),
    "a-made-one": ("[Activator]::CreateInstance[System.Collections.ArrayList]().GetType().Name", "ArrayList"),
    "read-only-ordered": (
        "$o = [ordered]@{ a = 1 }; $r = $o.AsReadOnly(); $o.b = 2; $r.IsReadOnly; $r[1]; $r.b",
        "True|2|2",
    ),
    "read-only-list": (
        '$l = [System.Collections.Generic.List[int]](1, 2); $r = $l.AsReadOnly(); $l.Add(3);$r.Count; $r[2]; "$r"',
        "3|3|1 2 3",
    ),
    "fixed-size": (
        "$r = [System.Collections.ArrayList]::FixedSize([System.Collections.ArrayList](1, 2)); $r[0] = 9;"
        '$r.IsFixedSize; "$r"',
        "True|9 2",
    ),
    "synchronized-list": (
        "$l = [System.Collections.ArrayList](1, 2);"
        "$s = [System.Collections.ArrayList]::Synchronized($l);"
        "[void]$s.Add(3); $l.Count; $s.IsSynchronized; $s.GetType().Name",
        "3|True|SyncArrayList",
    ),
    "synchronized-table": (
        "$h = @{ a = 1 }; $s = [hashtable]::Synchronized($h); $s.B = 2; $h.b; $s['A'];"
        "$s.IsSynchronized; $s.GetType().Name",
        "2|1|True|SyncHashtable",
    ),
    "synchronized-queue": (
        "$q = [System.Collections.Queue]::new(); $s = [System.Collections.Queue]::Synchronized($q);"
        "$s.Enqueue(4); $q.Dequeue(); $s.Count",
        "4|0",
    ),
    "ordered-by-number": (
        "$o = [System.Collections.Specialized.OrderedDictionary]::new(); $o.Add('a', 1); $o[0];$null -eq $o['A']",
        "1|True",
    ),
    "rotated": (
        "[int]::RotateLeft(-2147483647, 1); [byte]::RotateLeft(129, 1); [int]::RotateRight(1, 1)",
        "3|3|-2147483648",
    ),
    "divided": ("[int]::DivRem(-7, 2).Item1; [int]::DivRem(-7, 2).Item2; [int]::TrailingZeroCount(8)", "-3|-1|3"),
    "of-real-numbers": ("[double]::Round(2.567, 1); [double]::Pow(2, 3); [double]::Sqrt(9)", "2.6|8|3"),
    "beside": ("[math]::BitIncrement(1) -gt 1; [math]::ScaleB(1, 3); [math]::MaxMagnitude(-5, 3)", "True|8|-5"),
    "bits-of-a-single": (
        "[BitConverter]::SingleToInt32Bits(1); [BitConverter]::Int32BitsToSingle(1065353216)",
        "1065353216|1",
    ),
    "a-sorted-set": (
        "$s = [System.Collections.Generic.SortedSet[int]]::new([int[]](3, 1, 2)); $s.Reverse() -join ',';"
        "$s.GetViewBetween(2, 5) -join ','",
        "3,2,1|2,3",
    ),
    "in-and-out": (
        "$p = [System.Collections.Generic.PriorityQueue[string, int]]::new(); $p.Enqueue('a', 3);"
        "$p.EnqueueDequeue('b', 1); $p.EnqueueDequeue('c', 9); $p.Count",
        "b|a|1",
    ),
    "moved": (
        "$o = [System.Collections.ObjectModel.ObservableCollection[int]]::new([int[]](1, 2, 3)); $o.Move(0, 2);"
        "$o -join ','",
        "2,3,1",
    ),
    "null-for-a-number": ("$m = [IO.MemoryStream]::new(); $m.Position = $null; $m.Position", "0"),
}
FAILS = {
    "another-type": ("(5).CompareTo('x')", "ArgumentException", "Object must be of type Int32."),
    "a-wider-number": ("(5.5).CompareTo(5)", "ArgumentException", "Object must be of type Double."),
    "a-date": ("(Get-Date).CompareTo(5)", "ArgumentException", "Object must be of type DateTime."),
    "an-enum": (
        "[DayOfWeek]::Monday.CompareTo([ConsoleColor]::Red)",
        "ArgumentException",
        "Object must be the same type as the enum. The type passed in was 'System.ConsoleColor'; the enum type was "
        "'System.DayOfWeek'.",
    ),
    "no-cast": ("[Convert]::ToInt32((Get-Date))", "InvalidCastException", "Invalid cast from 'DateTime' to 'Int32'."),
    "no-convertible": (
        "[Convert]::ToDouble(@{})",
        "InvalidCastException",
        "Unable to cast object of type 'System.Collections.Hashtable' to type 'System.IConvertible'.",
    ),
    "null": ("'a'.IndexOfAny($null)", "ArgumentNullException", "Value cannot be null. (Parameter 'anyOf')"),
    "no-division": ("[bigint]::ModPow(1, 1, 0)", "DivideByZeroException", "Attempted to divide by zero."),
    "no-time": (
        "([timespan]'1').Divide(0)", "OverflowException", "TimeSpan overflowed because the duration is too long."
    ),
    "too-few-bytes": (
        "[BitConverter]::ToInt32([byte[]](1, 0), 0)",
        "ArgumentException",
        "Destination array is not long enough to copy all the items in the collection. Check array index and length. "
        "(Parameter 'value')",
    ),
    "no-enum": (
        "[enum]::GetNames([int])",
        "ArgumentException",
        "Type provided must be an Enum. (Parameter 'enumType')",
    ),
    "guid-bytes": (
        "[guid]::new([byte[]](1, 2))",
        "ArgumentException",
        "Byte array for Guid must be exactly 16 bytes long. (Parameter 'b')",
    ),
    "nothing-to-make": (
        "[Activator]::CreateInstance([uri])",
        "MissingMethodException",
        "Cannot dynamically create an instance of type 'System.Uri'. Reason: No parameterless constructor defined.",
    ),
    "read-only": (
        "([ordered]@{ a = 1 }).AsReadOnly().Clear()",
        "NotSupportedException",
        "The OrderedDictionary is readonly and cannot be modified.",
    ),
    "too-many-fields": (
        "([version]'1.2').ToString(3)",
        "ArgumentException",
        "Argument must be between 0 and 2. (Parameter 'fieldCount')",
    ),
    "chars-outside": (
        "'abc'.ToCharArray(1, 9)",
        "ArgumentOutOfRangeException",
        "Index was out of range. Must be non-negative and less than or equal to the size of the collection. "
        "(Parameter 'startIndex')",
    ),
    "search-outside": (
        "[array]::IndexOf(@(1, 2), 1, 5)",
        "ArgumentOutOfRangeException",
        "Index was out of range. Must be non-negative and less than or equal to the size of the collection. "
        "(Parameter 'startIndex')",
    ),
}  # fmt: skip


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path)


@pytest.mark.parametrize("name", GIVES)
def test_gives(session: Session, name: str) -> None:
    script, text = GIVES[name]
    found = session.run(script)
    assert not session.streams.errors, session.streams.errors[0].exception.message
    assert "|".join(to_string(one) for one in found) == text


@pytest.mark.parametrize("name", FAILS)
def test_fails(session: Session, name: str) -> None:
    script, error_id, message = FAILS[name]
    session.run(f"try {{ {script} }} catch {{ $_.FullyQualifiedErrorId; $_.Exception.InnerException.Message }}")
    assert [to_string(one) for one in session.streams.outputs[-2:]] == [error_id, message]


@pytest.mark.parametrize("change", ["$r['a'] = 2", "$r.a = 2", "$r[0] = 2"])
def test_a_read_only_dictionary_keeps_its_values(session: Session, change: str) -> None:
    session.run(
        f"$r = ([ordered]@{{ a = 1 }}).AsReadOnly(); try {{ {change} }} catch {{ $_.FullyQualifiedErrorId }}; $r.a"
    )
    assert session.streams.outputs == ["System.NotSupportedException", 1]
