""".NET's types: each line a call and what .NET 9 gives for it (to_string of the result)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from command_session import Session

from jobmagics.powershell.members import access as members
from jobmagics.powershell.records import ScriptError
from jobmagics.powershell.values.conversions import convert
from jobmagics.powershell.values.references import Reference
from jobmagics.powershell.values.types import resolve_type
from jobmagics.powershell.values.value import to_string
from jobmagics.psobject import PSList


def new(name: str, *args: Any) -> Any:
    return members.construct(resolve_type(name), list(args))


def static(name: str, method: str, *args: Any) -> Any:
    return members.invoke_static(resolve_type(name), method, list(args))


def call(value: Any, method: str, *args: Any) -> Any:
    return members.invoke_method(value, method, list(args))


STRINGS = [
    (("hello", "Substring", 1, 3), "ell"),
    (("hello", "IndexOf", "L"), "-1"),
    (("hello", "LastIndexOf", "l"), "3"),
    (("a,b;c", "Split", ",;"), "a,b;c"),
    (("a,b;c", "Split", [",", ";"]), "a b c"),
    (("a,,b", "Split", ",", 9, "RemoveEmptyEntries"), "a b"),
    (("a,b,c", "Split", ",", 2), "a b,c"),
    (("x", "PadLeft", 3, "*"), "**x"),
    (("--x--", "Trim", "-"), "x"),
    (("xaby", "Trim", "xy"), "ab"),
    (("xaby\r\n", "TrimEnd", "\n\r"), "xaby"),
    (("Hello", "Replace", "l", "L"), "HeLLo"),
    (("hello", "Remove", 1, 3), "ho"),
    (("abc", "ToCharArray"), "a b c"),
    (("abc", "EndsWith", "C", True, None), "True"),
    (("b", "CompareTo", "a"), "1"),
]


@pytest.mark.parametrize(("said", "text"), STRINGS)
def test_strings(said: tuple[Any, ...], text: str) -> None:
    assert to_string(call(*said)) == text


STATICS = [
    (("string", "Join", ",", [1, 2, 3]), "1,2,3"),
    (("string", "Format", "{0:N2}|{1}", 3.14159, "x"), "3.14|x"),
    (("math", "Round", 2.5), "2"),
    (("math", "Round", 2.675, 2), "2.68"),
    (("math", "Round", 2.5, 0, "AwayFromZero"), "3"),
    (("math", "Max", 1, 2.5), "2"),
    (("math", "DivRem", 7, 2), "(3, 1)"),
    (("int", "Parse", "12"), "12"),
    (("double", "Parse", "1e3"), "1000"),
    (("bigint", "Pow", 3, 50), "717897987691852588770249"),
    (("char", "IsDigit", "5"), "True"),
    (("convert", "ToInt32", "ff", 16), "255"),
    (("convert", "ToString", 10, 2), "1010"),
    (("convert", "ToInt32", 2.5), "2"),
    (("datetime", "DaysInMonth", 2024, 2), "29"),
    (("timespan", "FromHours", 36), "1.12:00:00"),
    (("timespan", "Parse", "02:30:45"), "02:30:45"),
    (("regex", "Replace", "a1b2", r"\d", "<$&>"), "a<1>b<2>"),
    (("regex", "Escape", "a.b*c"), r"a\.b\*c"),
    (("regex", "Split", "a1b2c", r"\d"), "a b c"),
    (("array", "IndexOf", [1, 2, 3], 3), "2"),
    (("tuple", "Create", 1, "a"), "(1, a)"),
    (("enum", "GetNames", resolve_type("System.DateTimeKind")), "Unspecified Utc Local"),
    (("bitconverter", "ToString", PSList.of("System.Byte", [5, 255])), "05-FF"),
]


@pytest.mark.parametrize(("said", "text"), STATICS)
def test_statics(said: tuple[Any, ...], text: str) -> None:
    assert to_string(static(*said)) == text


def test_seeded_random_gives_dotnets_numbers() -> None:
    source = new("Random", 42)
    assert [call(source, "Next", 100) for _ in range(5)] == [66, 14, 12, 52, 16]


def test_dates_move_by_the_calendar() -> None:
    assert to_string(call(new("datetime", 2024, 1, 31), "AddMonths", 1)) == "02/29/2024 00:00:00"
    assert to_string(call(convert("2024-02-28", "datetime"), "AddDays", 1.5)) == "02/29/2024 12:00:00"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2024-01-31", "01/31/2024 00:00:00"),
        ("3/10/2024", "03/10/2024 00:00:00"),
        ("May 6, 2024 3:04 PM", "05/06/2024 15:04:00"),
        ("6 May 2024", "05/06/2024 00:00:00"),
        ("2024-05-06T07:08:09.5", "05/06/2024 07:08:09"),
    ],
)
def test_dates_are_read(text: str, shown: str) -> None:
    assert to_string(convert(text, "datetime")) == shown


def test_parse_exact_refuses() -> None:
    with pytest.raises(ScriptError, match="not supported in calendar"):
        static("datetime", "ParseExact", "2024-13-01", "yyyy-MM-dd", None)


def test_by_reference() -> None:
    place = Reference()
    assert static("int", "TryParse", "42", place) is True
    assert place.value == 42
    assert static("int", "TryParse", "x", place) is False
    assert place.value == 0


def test_list() -> None:
    made = new("System.Collections.Generic.List[int]")
    for item in (5, "7", 1):
        call(made, "Add", item)
    call(made, "AddRange", [9, 3])
    call(made, "Sort")
    assert list(made) == [1, 3, 5, 7, 9]
    assert call(made, "Remove", 9) is True
    with pytest.raises(ScriptError, match="Index was out of range"):
        call(made, "RemoveAt", 99)


def test_dictionary_keeps_case_apart_unless_told() -> None:
    plain = new("System.Collections.Generic.Dictionary[string,int]")
    call(plain, "Add", "a", 1)
    call(plain, "Add", "A", 2)
    assert dict(plain.items()) == {"a": 1, "A": 2}
    folding = new(
        "System.Collections.Generic.Dictionary[string,int]",
        members.get_static(resolve_type("System.StringComparer"), "OrdinalIgnoreCase"),
    )
    call(folding, "Add", "a", 1)
    assert call(folding, "ContainsKey", "A") is True
    with pytest.raises(ScriptError, match="same key has already been added"):
        call(folding, "Add", "A", 2)


def test_sets_queues_and_stacks() -> None:
    first = new("System.Collections.Generic.HashSet[int]", [1, 2, 2])
    second = new("System.Collections.Generic.HashSet[int]", first)
    call(second, "IntersectWith", [2, 3])
    assert list(second.ps_items()) == [2]
    stack = new("System.Collections.Stack")
    call(stack, "Push", 1)
    call(stack, "Push", 2)
    assert call(stack, "Pop") == 2
    queue = new("System.Collections.Queue")
    with pytest.raises(ScriptError, match=r"Queue empty\."):
        call(queue, "Dequeue")


def test_regex_groups() -> None:
    found = call(new("regex", r"(?<y>\d{4})-(\d\d)"), "Match", "on 2024-05")
    groups = members.get_property(found, "Groups")
    assert [to_string(groups.ps_index(name)) for name in ("y", 1, 0)] == ["2024", "05", "2024-05"]
    assert members.get_property(found, "Index") == 3


def test_cultures() -> None:
    german = new("cultureinfo", "de-DE")
    assert call(1234567.891, "ToString", "N2", german) == "1.234.567,89"
    invariant = members.get_static(resolve_type("cultureinfo"), "InvariantCulture")
    assert call(100, "ToString", "C", invariant) == "¤100.00"
    assert call(members.get_property(german, "TextInfo"), "ToTitleCase", "hello big WORLD") == "Hello Big WORLD"


def test_a_collection_may_not_change_while_it_is_walked() -> None:
    made = new("System.Collections.ArrayList", [1, 2])
    walk = iter(made)
    next(walk)
    call(made, "Add", 3)
    with pytest.raises(ScriptError, match="Collection was modified"):
        next(walk)


def test_data_of_an_exception_is_a_dictionary_of_its_own_type(tmp_path: Path) -> None:
    script = "$d = [Exception]::new('x').Data; $d['k'] = 1; $d.GetType().FullName; $d['K'] -eq $null; $d.k"
    assert Session(tmp_path).run(script) == ["System.Collections.ListDictionaryInternal", True, 1]
