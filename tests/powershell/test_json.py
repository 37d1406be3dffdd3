"""ConvertFrom-Json reads as Newtonsoft.Json does, Test-Json as System.Text.Json and JsonSchema.Net do."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from command_session import Session

from jobmagics.powershell.commands.json_reading import JsonReader
from jobmagics.powershell.commands.newtonsoft import NOTHING_READ, JsonError, read_document
from jobmagics.psobject import BigInteger, DateTime


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{'a':'b'}", {"a": "b"}),
        ("{a:1, $b_2 : 2}", {"a": 1, "$b_2": 2}),
        ("{1:2}", {"1": 2}),
        ('{"a":1 /* c */} // end', {"a": 1}),
        ("// first\n[1]", [1]),
        ("[1,2,]", [1, 2]),
        ('{"a":1,}', {"a": 1}),
        ("[,1]", [None, 1]),
        ("[undefined, null]", [None, None]),
        ('{"a":1,"b":2,"a":3}', {"b": 2, "a": 3}),
        ("[0x1A, 010, -010]", [26, 8, -10]),
        ("[.5, 1., 1e2]", [0.5, 1.0, 100.0]),
        ("[12345678901234567890]", [BigInteger(12345678901234567890)]),
        ("[-Infinity, Infinity]", [-math.inf, math.inf]),
        ("['\\'']", ["'"]),
        ('"\\ud83d"', "\ufffd"),
        ('"a\tb"', "a\tb"),
        # a text that ends right after a value closes what is open in an array
        ("[1", [1]),
        ("[[1] ", [[1]]),
        ("[[1],", [[1]]),
        ("  ", NOTHING_READ),
    ],
)
def test_what_newtonsoft_takes(text: str, value: Any) -> None:
    assert read_document(text, 1024) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hello", "Unexpected character encountered while parsing value: h. Path '', line 0, position 0."),
        (" h", "Unexpected character encountered while parsing value: h. Path '', line 1, position 1."),
        ("[}", "Unexpected character encountered while parsing value: }. Path '', line 1, position 1."),
        (
            '{\r\n"a":\r\n  x}',
            "Unexpected character encountered while parsing value: x. Path 'a', line 3, position 2.",
        ),
        ("[1,\n2,\nx]", "Unexpected character encountered while parsing value: x. Path '[1]', line 3, position 0."),
        ("]", "JsonToken EndArray is not valid for closing JsonType None. Path '', line 1, position 1."),
        ("[1}", "JsonToken EndObject is not valid for closing JsonType Array. Path '', line 1, position 3."),
        ("{", "Unexpected end when reading JSON. Path '', line 1, position 1."),
        ('{"a":', "Unexpected end when deserializing object. Path 'a', line 1, position 5."),
        ('{"a":1,', "Unexpected end when deserializing object. Path 'a', line 1, position 7."),
        ('{"a":[{"b":1}', "Unexpected end when deserializing object. Path 'a[0]', line 1, position 13."),
        ("[", "Unexpected end when reading token. Path ''."),
        ("[1,", "Unexpected end when reading token. Path ''."),
        ('{"a":[1,{"b":', "Unexpected end when reading token. Path 'a[1]'."),
        ("[tr", "Unexpected end when reading JSON. Path '', line 1, position 3."),
        ("[1,tru]", "Error parsing boolean value. Path '[0]', line 1, position 6."),
        ('{"a":\n  nul}', "Error parsing null value. Path 'a', line 2, position 5."),
        ('{"a":Infinityx}', "Error parsing Infinity value. Path 'a', line 1, position 13."),
        ("[1 2]", "After parsing a value an unexpected character was encountered: 2. Path '[0]', line 1, position 3."),
        ('{"a":1,,"b":2}', "Invalid property identifier character: ,. Path 'a', line 1, position 7."),
        ("{a-b:1}", "Invalid JavaScript property identifier character: -. Path '', line 1, position 2."),
        ('"abc', "Unterminated string. Expected delimiter: \". Path '', line 1, position 4."),
        ('{"a":"x', "Unterminated string. Expected delimiter: \". Path 'a', line 1, position 7."),
        ('"\\q"', "Bad JSON escape sequence: \\q. Path '', line 1, position 3."),
        ('"\\u12G4"', "Invalid Unicode escape sequence: \\u12G4. Path '', line 1, position 3."),
        ("[1 /* c", "Unexpected end while parsing comment. Path '[0]', line 1, position 7."),
        ("[1.2.3]", "Input string '1.2.3' is not a valid number. Path '[0]', line 1, position 6."),
        ("[08]", "Input string '08' is not a valid number. Path '[0]', line 1, position 3."),
        ("[-]", "Input string '-' is not a valid number. Path '[0]', line 1, position 2."),
        ("[-NaN]", "Unexpected character encountered while parsing number: N. Path '', line 1, position 2."),
        ("1 x", "Additional text encountered after finished reading JSON content: x. Path '', line 1, position 2."),
        ('{"a b":{"x.y":[?]}}', "Unexpected character encountered while parsing value: ?. Path '['a b']['x.y']', "
         "line 1, position 15."),
    ],
)  # fmt: skip
def test_what_newtonsoft_refuses(text: str, message: str) -> None:
    with pytest.raises(JsonError) as caught:
        read_document(text, 1024)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "kind", "clock", "expected_kind"),
    [
        ("2020-01-02T03:04:05Z", "Default", "2020-01-02T03:04:05.0000000", "Utc"),
        ("2020-01-02T03:04:05", "Default", "2020-01-02T03:04:05.0000000", "Unspecified"),
        ("2020-01-02T03:04:05.1234567", "Default", "2020-01-02T03:04:05.1234567", "Unspecified"),
        ("2020-01-02T24:00:00", "Default", "2020-01-03T00:00:00.0000000", "Unspecified"),
        ("2020-01-02T03:04:05", "Local", "2020-01-02T03:04:05.0000000", "Local"),
        ("2020-01-02T03:04:05", "Utc", "2020-01-02T03:04:05.0000000", "Utc"),
        ("2020-01-02T03:04:05+02:00", "Utc", "2020-01-02T01:04:05.0000000", "Utc"),
        ("/Date(1000)/", "Default", "1970-01-01T00:00:01.0000000", "Utc"),
    ],
)
def test_dates_in_json(text: str, kind: str, clock: str, expected_kind: str) -> None:
    found = JsonReader(dates=kind).value(f'"{text}"')
    assert isinstance(found, DateTime)
    fraction = found.ticks % 10_000_000
    assert (f"{found:%Y-%m-%dT%H:%M:%S}.{fraction:07d}", found.kind) == (clock, expected_kind)


@pytest.mark.parametrize("text", ["2020-01-02", "2020-13-02T03:04:05", "2020-01-02T03:04:05.12345678", "/Date(x)/"])
def test_strings_that_are_no_dates(text: str) -> None:
    assert JsonReader().value(f'"{text}"') == text


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("('\"2020-01-02T03:04:05+02:00\"' | ConvertFrom-Json).Kind.ToString()", ["Local"]),
        ("('\"2020-01-02T03:04:05+02:00\"' | ConvertFrom-Json -DateKind Offset).Offset.TotalHours", [2.0]),
        ("'\"2020-01-02T03:04:05Z\"' | ConvertFrom-Json -DateKind String", ["2020-01-02T03:04:05Z"]),
        (
            "$h = '{\"b\":1,\"a\":2,\"A\":3}' | ConvertFrom-Json -AsHashtable\n"
            "$h.GetType().FullName; $h.Keys -join ','; $h.A",
            ["System.Management.Automation.OrderedHashtable", "b,a,A", 3],
        ),
        ("@('[1,[2,3]]' | ConvertFrom-Json -NoEnumerate).Count", [1]),
        ("@('' | ConvertFrom-Json).Count", [1]),
        ("('{', '\"n\":1', '}' | ConvertFrom-Json).n; ('1', '2' | ConvertFrom-Json) -join '+'", [1, "1+2"]),
        ("try { '[[[1]]]' | ConvertFrom-Json -Depth 2 } catch { $_.Exception.Message }",
         ["Conversion from JSON failed with error: The reader's MaxDepth of 2 has been exceeded. Path '[0][0]', "
          "line 1, position 3."]),
        ("@('[[1]]' | ConvertFrom-Json -Depth 2)[0].GetType().Name", ["Object[]"]),
        # an error of the text comes before one of its keys
        ("try { '{\"a\":1,\"A\":2' | ConvertFrom-Json } catch { $_.FullyQualifiedErrorId }",
         ["System.ArgumentException,Microsoft.PowerShell.Commands.ConvertFromJsonCommand"]),
    ],
)  # fmt: skip
def test_convertfrom_json(session: Session, script: str, expected: list[Any]) -> None:
    assert session.run(script) == expected


@pytest.mark.parametrize(
    ("json", "schema", "messages"),
    [
        ("{}", '{"type":"object"}', []),
        ("3", '{"type":["string","null"]}', ["Value is \"integer\" but should be \"string, null\" at ''"]),
        (
            '{"a":1,"c":{"x":1}}',
            '{"properties":{"a":{"type":"string"},"c":{"required":["y","z"]}},"required":["n"]}',
            [
                "Required properties [\"n\"] are not present at ''",
                "Value is \"integer\" but should be \"string\" at '/a'",
                "Required properties [\"y\",\"z\"] are not present at '/c'",
            ],
        ),
        ('{"p":1,"e/f":2}', '{"properties":{"p":{}},"additionalProperties":false}',
         ["All values fail against the false schema at '/e~1f'"]),
        ("[9]", '{"items":{"maximum":2}}', ["9 should be at most 2 at '/0'"]),
        ("1", '{"oneOf":[{"type":"integer"},{"minimum":0}]}', ["Expected 1 matching subschema but found 2 at ''"]),
    ],
)  # fmt: skip
def test_schemas(session: Session, json: str, schema: str, messages: list[str]) -> None:
    assert session.run(f"Test-Json '{json}' -Schema '{schema}'") == [not messages]
    found = [str(record.exception.message) for record in session.streams.errors]
    assert found == [f"The JSON is not valid with the schema: {message}" for message in messages]


@pytest.mark.parametrize(
    ("script", "output", "error"),
    [
        ("Test-Json '{,}'", [False], "InvalidJson"),
        ("Test-Json ('[' * 65 + ']' * 65)", [False], "InvalidJson"),
        ("Test-Json '[1,2,] // x' -Options IgnoreComments, AllowTrailingCommas", [True], None),
        ("Test-Json '{}' -Schema '{'", [True], "InvalidJsonSchema"),
        ("Test-Json '{}' -Schema '{\"type\":\"foo\"}'", [True], "InvalidJsonSchema"),
        ("Test-Json '{}' -SchemaFile nope.json", [], "JsonSchemaFileOpenFailure"),
        ("Test-Json -Path nope.json", [], "PathNotFound"),
        ("Set-Content s.json '{\"type\":\"array\"}'; '[]' | Test-Json -SchemaFile s.json", [True], None),
    ],
)
def test_what_test_json_refuses(session: Session, script: str, output: list[Any], error: str | None) -> None:
    assert session.run(script) == output
    named = [] if error is None else [f"{error},Microsoft.PowerShell.Commands.TestJsonCommand"]
    assert [record.fqid for record in session.streams.errors] == named
