"""Properties and methods of any value, and the errors for those there are not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from command_session import Session

from jobmagics.powershell.members import access as members
from jobmagics.powershell.records import NetException, ScriptError
from jobmagics.powershell.values.types import resolve_type, type_names
from jobmagics.powershell.values.value import NOTHING, to_string
from jobmagics.psobject import Hashtable, PSObject


def bag(**values: Any) -> PSObject:
    return PSObject(values)


def test_property_of_a_bag_whatever_its_case() -> None:
    assert members.get_property(bag(Name="Ann"), "NAME") == "Ann"


@pytest.mark.parametrize(
    ("value", "name", "found"),
    [
        ("abc", "length", 3),
        ([1, 2], "Count", 2),
        ("abc", "Count", 1),
        (None, "Count", 0),
        (Hashtable({"a": 1}), "A", 1),
        (Hashtable({"a": 1}), "Count", 1),
        (Hashtable({"Count": "mine"}), "count", "mine"),
        ([bag(a=1), bag(a=[2, 3])], "a", [1, 2, 3]),
        ([bag(a=1)], "a", 1),
        ([bag(a=1), bag(b=2)], "missing", [None, None]),
        (5, "Nope", None),
    ],
)
def test_get_property(value: Any, name: str, found: Any) -> None:
    assert members.get_property(value, name) == found


def test_a_single_value_has_no_count_when_strict() -> None:
    assert not members.has_property("abc", "Count")
    with pytest.raises(ScriptError) as caught:
        members.get_member("abc", "Count", strict=2)
    assert caught.value.record.fqid == "PropertyNotFoundStrict"


def test_psobject_lists_and_removes_properties() -> None:
    one = bag(Zed=1, Alpha="two")
    listed = members.get_property(members.get_property(one, "psobject"), "Properties")
    assert members.get_property(listed, "Name") == ["Zed", "Alpha"]
    members.invoke_method(listed, "Remove", ["zed"])
    assert dict(one.ps_properties()) == {"Alpha": "two"}
    assert members.get_property(listed.ps_index("alpha"), "Value") == "two"


def test_type_names_are_the_objects_own() -> None:
    one = bag(a=1)
    members.invoke_method(members.get_property(one, "PSTypeNames"), "Insert", [0, "My.Thing"])
    assert type_names(one)[0] == "My.Thing"


def test_definitions() -> None:
    one = bag(n=5, s="x", l=[1], z=None)
    assert [item.definition for item in members.properties(one)] == [
        "int n=5",
        "string s=x",
        "Object[] l=System.Object[]",
        "object z=null",
    ]
    assert [item.definition for item in members.properties("abc")] == ["int Length {get;}"]


def test_added_members() -> None:
    one = members.add_member(bag(W=3, H=4), "Area", members.CodeProperty(lambda o: o["W"] * o["H"]))
    one = members.add_member(one, "Width", members.AliasProperty("W"))
    assert members.get_property(one, "area") == 12
    members.set_property(one, "Width", 10)
    assert dict(one.ps_properties()) == {"W": 10, "H": 4, "Area": 40, "Width": 10}
    with pytest.raises(ScriptError) as caught:
        members.add_member(one, "W", 1)
    assert caught.value.record.fqid == "MemberAlreadyExists"


def test_a_member_added_to_a_string_wraps_it() -> None:
    one = members.add_member("abc", "Note", 7)
    assert members.get_property(one, "Note") == 7
    assert members.get_property(one, "Length") == 3
    assert members.invoke_method(one, "ToUpper", []) == "ABC"


def test_methods_of_elements() -> None:
    assert members.invoke_method(["a", "b"], "ToUpper", []) == ["A", "B"]


def test_void_gives_nothing() -> None:
    made = members.construct(resolve_type("System.Collections.Generic.List[int]"), [])
    assert members.invoke_method(made, "Add", ["7"]) is NOTHING
    assert list(made) == [7]


def test_method_without_a_call() -> None:
    assert to_string(members.get_member("abc", "Substring")) == (
        "string Substring(int startIndex), string Substring(int startIndex, int length)"
    )


def test_accessors() -> None:
    assert members.invoke_method(Hashtable({"Count": "mine"}), "get_Count", []) == 1


ERRORS = [
    (lambda: members.invoke_method("abc", "Nope", []), "MethodNotFound",
     "Method invocation failed because [System.String] does not contain a method named 'Nope'."),
    (lambda: members.invoke_method(None, "ToString", []), "InvokeMethodOnNull",
     "You cannot call a method on a null-valued expression."),
    (lambda: members.invoke_method("abc", "Substring", [1, 2, 3]), "MethodCountCouldNotFindBest",
     'Cannot find an overload for "Substring" and the argument count: "3".'),
    (lambda: members.invoke_method("abc", "Substring", [9]), "ArgumentOutOfRangeException",
     'Exception calling "Substring" with "1" argument(s): '
     "\"startIndex cannot be larger than length of string. (Parameter 'startIndex')\""),
    (lambda: members.invoke_method("abc", "Substring", ["x"]), "MethodArgumentConversionInvalidCastArgument",
     'Cannot convert argument "startIndex", with value: "x", for "Substring" to type "System.Int32": "Cannot convert '
     "value \"x\" to type \"System.Int32\". Error: \"The input string 'x' was not in a correct format.\"\""),
    (lambda: members.set_property(bag(a=1), "b", 2), "ExceptionWhenSetting",
     "Exception setting \"b\": \"The property 'b' cannot be found on this object. Verify that the property exists and "
     'can be set."'),
    (lambda: members.set_property("abc", "Nope", 2), "PropertyNotFound",
     "The property 'Nope' cannot be found on this object. Verify that the property exists and can be set."),
    (lambda: members.set_property("abc", "Length", 2), "PropertyAssignmentException",
     "'Length' is a ReadOnly property."),
]  # fmt: skip


@pytest.mark.parametrize(("work", "fqid", "message"), ERRORS)
def test_errors(work: Any, fqid: str, message: str) -> None:
    with pytest.raises(ScriptError) as caught:
        work()
    assert caught.value.record.fqid == fqid
    assert caught.value.record.message == message


def test_the_cause_is_the_inner_exception() -> None:
    with pytest.raises(ScriptError) as caught:
        members.invoke_static(resolve_type("int"), "Parse", ["x"])
    inner = caught.value.record.exception.inner
    assert isinstance(inner, NetException)
    assert inner.net_type == "System.FormatException"


CAR = """
class Car {
    [string] $Color
    hidden [int] $rides = 0
    static [int] $made = 0
    [int] Drive([int] $miles) { $this.rides++; return $miles }
    hidden [void] Rest() { }
    static [Car] Build() { return [Car]::new() }
}
"""


@pytest.mark.parametrize(
    ("script", "lines"),
    [
        (
            "[Car]::new() | Get-Member",
            [
                "Drive Method int Drive(int miles)",
                "Equals Method bool Equals(System.Object obj)",
                "GetHashCode Method int GetHashCode()",
                "GetType Method type GetType()",
                "ToString Method string ToString()",
                "Color Property string Color {get;set;}",
            ],
        ),
        (
            "[Car]::new() | Get-Member -Force | Where-Object MemberType -NotLike 'Code*'",
            [
                "psadapted MemberSet psadapted {Color, Drive, Equals, GetHashCode, GetType, ToString, get_Color, "
                "set_Color, get_rides, set_rides}",
                "psbase MemberSet psbase {Color, Drive, Equals, GetHashCode, GetType, ToString, get_Color, set_Color, "
                "get_rides, set_rides}",
                "psextended MemberSet psextended {}",
                "psobject MemberSet psobject {Members, Properties, Methods, ImmediateBaseObject, BaseObject, "
                "TypeNames, get_Members, get_Properties, get_Methods, get_ImmediateBaseObject, get_BaseObject, "
                "get_TypeNames, ToString, Copy, CompareTo, Equals, GetHashCode, GetType}",
                "Drive Method int Drive(int miles)",
                "Equals Method bool Equals(System.Object obj)",
                "GetHashCode Method int GetHashCode()",
                "GetType Method type GetType()",
                "get_Color Method string get_Color()",
                "get_rides Method int get_rides()",
                "Rest Method void Rest()",
                "set_Color Method void set_Color(string )",
                "set_rides Method void set_rides(int )",
                "ToString Method string ToString()",
                "Color Property string Color {get;set;}",
                "rides Property int rides {get;set;}",
            ],
        ),
        (
            "[Car] | Get-Member -Static",
            [
                "Build Method static Car Build()",
                "Equals Method static bool Equals(System.Object objA, System.Object objB)",
                "new Method Car new()",
                "ReferenceEquals Method static bool ReferenceEquals(System.Object objA, System.Object objB)",
                "made Property static int made {get;set;}",
            ],
        ),
        ("'a' | Get-Member Chars, Length", ["Chars ParameterizedProperty char Chars(int index) {get;}",
                                            "Length Property int Length {get;}"]),
    ],
)  # fmt: skip
def test_get_member_of_classes(script: str, lines: list[str], tmp_path: Path) -> None:
    session = Session(tmp_path)
    assert session.run(CAR + script + ' | ForEach-Object { "$($_.Name) $($_.MemberType) $($_.Definition)" }') == lines
