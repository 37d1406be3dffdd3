"""The parser against what PowerShell 7.6.5 said: 954 texts cut in the middle, and every recorded script."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path
from typing import Any

import pytest

from jobmagics.powershell.parser import ParseError, completeness, parse
from jobmagics.powershell.parser.positions import error_text, marked_line

CASES: dict[str, list[Any]] = json.loads(
    gzip.decompress((Path(__file__).parents[1] / "data" / "parser_cases.json.gz").read_bytes())
)
INPUTS = CASES["inputs"]  # text, status, errors: id, message, offset, incomplete
SCRIPTS = CASES["scripts"]  # id, script, None or the error's id and the exception's message


def told(errors: list[ParseError]) -> list[list[Any]]:
    return [[error.id, error.message, error.extent.start, error.incomplete] for error in errors]


def test_status_of_recorded_inputs() -> None:
    wrong = [text for text, status, _ in INPUTS if completeness(text) != status]
    assert wrong == []


def test_errors_of_recorded_inputs() -> None:
    wrong = [
        (text, told(parse(text).errors), errors) for text, _, errors in INPUTS if told(parse(text).errors) != errors
    ]
    assert wrong == []


def test_recorded_scripts_parse() -> None:
    wrong = [(name, parse(script).errors) for name, script, error in SCRIPTS if not error and parse(script).errors]
    assert wrong == []


@pytest.mark.parametrize(
    ("script", "error"), [pytest.param(script, error, id=name) for name, script, error in SCRIPTS if error]
)
def test_recorded_parse_errors(script: str, error: list[str]) -> None:
    result = parse(script)
    first = result.errors[0]
    text = first.message if first.incomplete else error_text(result.errors, result.ast.source)
    assert [first.id, text] == error


@pytest.mark.parametrize(
    ("code", "error_id"),
    [
        ("if ($x {", "UnexpectedToken"),
        ("foreach ($i in 1..3 { }", "UnexpectedToken"),
        ("$a = @(1, 2", "MissingEndParenthesisInSubexpression"),
        ("function { }", "MissingNameAfterKeyword"),
        ("else { 1 }", None),
        ("x = ", None),
        ("@{ a = 1; a = 2 }", "DuplicateKeyInHashLiteral"),
        ("[int", "EndSquareBracketExpectedAtEndOfAttribute"),
        ("switch (1) { 1 }", "MissingSwitchStatementClause"),
        ("param($a) $b param($c)", "UnexpectedToken"),
        ("$x = 5 6", "UnexpectedToken"),
        ("${unclosed", "IncompleteDollarVariableReference"),
    ],
)
def test_first_error(code: str, error_id: str | None) -> None:
    errors = parse(code).errors
    assert (errors[0].id if errors else None) == error_id


@pytest.mark.parametrize(
    ("code", "count", "message"),
    [
        ("if ($x {", 3, "Unexpected token '{' in expression or statement."),
        ("@(1,", 2, "Missing expression after ','."),
        ("function f( { }", 2, "Missing ')' in function parameter list."),
        ("1 | ", 1, "An empty pipe element is not allowed."),
        ("a && ", 1, "A pipeline chain operator must be followed by a pipeline."),
        ("enum E { 1 }", 2, "Missing closing '}' in statement block or type definition."),
        ("return;;)", 1, "Unexpected token ')' in expression or statement."),
        ('"$(1+"', 4, "$(subexpression) is missing the closing ')'."),
        ("1 +* 2", 1, "You must provide a value expression following the '+' operator."),
    ],
)
def test_count_and_message(code: str, count: int, message: str) -> None:
    errors = parse(code).errors
    assert (len(errors), errors[0].message) == (count, message)


@pytest.mark.parametrize(
    ("code", "error_id"),
    [
        ("5 = 6", "InvalidLeftHandSide"),
        ("5++", "OperatorRequiresVariableOrProperty"),
        ("function f($a, $A) { }", "DuplicateFormalParameter"),
        ("function f($a) { param($b) }", "OnlyOneParameterListAllowed"),
        ("param([Parameter(Position = (Get-Date))]$x)", "ParameterAttributeArgumentNeedsToBeConstantOrScriptBlock"),
        ("try { } catch { } catch [A] { }", "EmptyCatchNotLast"),
        ("try { } catch [Exception] { } catch [System.IO.IOException] { }", "ExceptionTypeAlreadyCaught"),
        ("while (1) { try { } finally { break } }", "ControlLeavingFinally"),
        ("class C { [int] M() { } }", "MethodHasCodePathNotReturn"),
        ("class C { [void] M() { return 1 } }", "VoidMethodHasReturn"),
        ("class C { [int] M() { return } }", "NonVoidMethodMissingReturnValue"),
        ("class C { [int] M() { return $nowhere } }", "VariableNotLocal"),
        ("class C { static [int] M() { return $this.X } }", "NonStaticMemberAccessInStaticMember"),
        ("class C { [int]$A; [string]$a }", "MemberAlreadyDefined"),
        ("class C { M() { break out } }", "LabelNotFound"),
        ("$x = @args", "SplattingNotPermitted"),
        ("f 1, @x", "SplattingNotPermittedInArgumentList"),
        ("[ordered]5", "OrderedAttributeOnlyOnHashLiteralNode"),
        ("$using:x.Method()", "InvalidUsingExpression"),
        ("[CmdletBinding()] 5", "UnexpectedAttribute"),
        ("using type X = Y", "UsingStatementNotSupported"),
        ("1; using namespace System", "UsingMustBeAtStartOfScript"),
        ("workflow w { }", "WorkflowNotSupportedInPowerShellCore"),
        ("parallel { }", "UnexpectedKeyword"),
        ("a 2>x 2>y", "StreamAlreadyRedirected"),
        ("a 1>&2", "RedirectionNotSupported"),
        ("a < b", "RedirectionNotSupported"),
        ("'`u{110000}'; \"`u{110000}\"", "InvalidUnicodeEscapeSequenceValue"),
        ("begin { } begin { }", "DuplicateScriptCommandClause"),
    ],
)
def test_finished_tree_is_checked(code: str, error_id: str) -> None:
    assert [error.id for error in parse(code).errors] == [error_id]


@pytest.mark.parametrize(
    "code",
    [
        "class C { [int] M() { if ($true) { return 1 } else { throw 'x' } } }",
        "class C { [int] M() { while ($true) { } } }",
        "class C { [int] M([int]$a) { $b = $a; foreach ($c in 1..3) { $b += $c }; return $b } }",
        "class C { [int] M() { try { return 1 } catch { return 2 } } }",
        "[int]$x, ($y), $z.a, $w[0] = 1, 2, 3, 4",
        "try { } finally { foreach ($i in 1) { break } }",
        "param([ValidateScript({ $_ })][ValidateSet('a', 'b')][int]$x)",
        "$using:x.y[0]",
        "function f { [CmdletBinding()] param() begin { } process { } end { } clean { } }",
    ],
)
def test_nothing_to_complain_about(code: str) -> None:
    assert parse(code).errors == []


def test_nesting_has_a_limit() -> None:
    errors = parse("(" * 5000).errors
    assert [error.id for error in errors] == ["ScriptTooComplicated"]
    assert 0 < errors[0].extent.start < 5000


def test_a_hundred_brackets_are_no_problem() -> None:
    assert parse("(" * 100 + "1" + ")" * 100).errors == []


def test_long_scripts_are_fast() -> None:
    line = 'if ($x[{0}] -gt 5) {{ Write-Output "item $($x.Name) is {0}" -Verbose:$false | Sort-Object }}'
    lines = [line.format(number) for number in range(1000)]
    script = "\n".join(lines)
    best = min(_seconds(script) for _ in range(3))
    assert best < 0.9  # 0.15 s where nothing else runs


def _seconds(script: str) -> float:
    start = time.perf_counter()
    assert parse(script).errors == []
    return time.perf_counter() - start


def test_long_lines_are_cut_around_the_place() -> None:
    line = "$value = " + "abcdefghij" * 20
    assert marked_line(line, 150, 5) == ("+ … " + line[93:162] + " …\n+ " + " " * 58 + "~~~~~")
