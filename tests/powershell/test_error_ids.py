"""Ids, categories and messages of errors that the runtime raises. Expected texts are PowerShell 7.6's."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_session import Session


@pytest.mark.parametrize(
    ("code", "error_id", "message"),
    [
        (
            "[regex]'('",
            "InvalidCastFromStringToRegex",
            'Cannot convert value "(" to type "System.Text.RegularExpressions.Regex". '
            "Error: \"Invalid pattern '(' at offset 1. Not enough )'s.\"",
        ),
        (
            "'a' -match '(abc'",
            "System.Text.RegularExpressions.RegexParseException",
            "Invalid pattern '(abc' at offset 4. Not enough )'s.",
        ),
        ("'a' -replace '[a'", "InvalidRegularExpression", "The regular expression pattern [a is not valid."),
        ("switch -regex (1) { '*' {} }", "InvalidRegularExpression", "The regular expression pattern * is not valid."),
        (
            "'a' -split 'a**'",
            "System.Text.RegularExpressions.RegexParseException",
            "Invalid pattern 'a**' at offset 3. Nested quantifier '*'.",
        ),
        (
            "1 | Select-String '('",
            "InvalidRegex,Microsoft.PowerShell.Commands.SelectStringCommand",
            "The string ( is not a valid regular expression: Invalid pattern '(' at offset 1. Not enough )'s.",
        ),
        (
            "class A { [int]$i }; [A]@{ i = 'x' }",
            "ObjectCreationError",
            'Cannot create object of type "A". Cannot convert value "x" to type "System.Int32". '
            "Error: \"The input string 'x' was not in a correct format.\"",
        ),
        (  # of an enum and a number, the number takes the text
            "'abc'.IndexOf('B', 'OrdinalIgnoreCase')",
            "MethodArgumentConversionInvalidCastArgument",
            'Cannot convert argument "startIndex", with value: "OrdinalIgnoreCase", for "IndexOf" to type '
            '"System.Int32": "Cannot convert value "OrdinalIgnoreCase" to type "System.Int32". Error: "The input '
            "string 'OrdinalIgnoreCase' was not in a correct format.\"\"",
        ),
        (
            "class V { [ValidateRange(1, 5)][int]$x = 10 }; [V]::new()",
            "ExceptionWhenSetting",
            'Exception setting "x": "The 10 argument is greater than the maximum allowed range of 5. Supply an '
            'argument that is less than or equal to 5 and then try the command again."',
        ),
        (
            "[System.Collections.ObjectModel.ReadOnlyCollection[int]]::new([int[]](1, 2)).Add(3)",
            "NotSupportedException",
            'Exception calling "Add" with "1" argument(s): "Collection is read-only."',
        ),
        (
            "@{ a = 1 } + @{ a = 2 }",
            "System.ArgumentException",
            "Item has already been added. Key in dictionary: 'a'  Key being added: 'a'",
        ),
        (
            "'a' * -1",
            "System.ArgumentOutOfRangeException",
            "Specified argument was out of the range of valid values. (Parameter 'times')",
        ),
        (
            "[hashtable][pscustomobject]@{ a = 1 }",
            "InvalidCastConstructorException",
            'Cannot convert value "@{a=1}" to type "System.Collections.Hashtable". Error: "Cannot convert the "@{a=1}" '
            'value of type "System.Management.Automation.PSCustomObject" to type "System.Collections.Hashtable"."',
        ),
        (
            "1 -is 'System.Numerics.Complex'",
            "NotSupportedByBuiltInEngine",
            "The type [System.Numerics.Complex] is not supported by the built-in engine; PowerShell itself (pwsh) runs "
            "it.",
        ),
        (
            "Clear-History; Invoke-History",
            "InvokeHistoryNoLastHistoryEntryFound,Microsoft.PowerShell.Commands.InvokeHistoryCommand",
            "Cannot locate last history.",
        ),
        ("1 -as 'nosuch'", "TypeNotFound", "Unable to find type [nosuch]."),
        ("1 -as 5", "AsOperatorRequiresType", "The right operand of '-as' must be a type."),
        (
            "Start-Sleep -1",
            "ParameterArgumentValidationError,Microsoft.PowerShell.Commands.StartSleepCommand",
            "Cannot validate argument on parameter 'Seconds'. The -1 argument is less than the minimum allowed range "
            "of 0. Supply an argument that is greater than or equal to 0 and then try the command again.",
        ),
        (
            "[scriptblock]::Create('1 +')",
            "ParseException",
            'Exception calling "Create" with "1" argument(s): "At line:1 char:4\n+ 1 +\n+    ~\n'
            "You must provide a value expression following the '+' operator.\"",
        ),
    ],
)
def test_error_ids(code: str, error_id: str, message: str, tmp_path: Path) -> None:
    found = Session(tmp_path).run(f"try {{ {code} }} catch {{ $_.FullyQualifiedErrorId; $_.Exception.Message }}")
    assert found == [error_id, message]


def test_preference_variables_take_their_values_only(tmp_path: Path) -> None:
    session = Session(tmp_path)
    assert session.run(
        "$VerbosePreference = 'continue'; $VerbosePreference.GetType().Name; \"$VerbosePreference\""
    ) == [
        "ActionPreference",
        "Continue",
    ]
    for script in ("$ErrorActionPreference = 'bogus'", "$ErrorActionPreference = 'Suspend'"):
        [fqid] = session.errors(script)
        [record] = session.streams.errors
        assert (fqid, record.category) == ("RuntimeException", "MetadataError")
    assert "reserved for future use" in record.message
    assert session.errors("$ErrorActionPreference = 'Break'") == ["NotSupportedByBuiltInEngine"]
    assert session.errors("Get-Item . -ErrorAction Break") == ["NotSupportedByBuiltInEngine"]
