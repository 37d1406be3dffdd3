"""What PowerShell's own language tests expect, where the engine once differed. Script -> its output and errors."""

from __future__ import annotations

import pytest
from test_probe_language import run

FOO = "function foo { [CmdletBinding()] param([Parameter(ValueFromPipeline)]$i) 'out'; Write-Error 'foo' }; "

CALLS: list[tuple[str, list[str]]] = [
    ("Set-Alias pit p2; function p2 { 'alias' }; function pit { 'function' }; pit; & 'pit'; pit | % { $_ }",
     ["alias", "alias", "alias"]),
    ("function f { $args.Count; $args }; f -- -a -- b", ["3", "-a", "--", "b"]),
    ("function g { param($x) \"$x|$args\" }; g -- -x 5", ["-x|5"]),
    ("function a { $null = if ($true) { 1; return 2 } }; a; function b { $(1; return 2) }; b; 'after'",
     ["1", "2", "after"]),
    ("function c { $x = $(1; return 2); 'no' }; c; foreach ($i in 1..3) { $($i; break) }; 'after'",
     ["1", "2", "1", "after"]),
    ("function l { param([Parameter(ValueFromPipeline)][int]$P, "
     "[Parameter(ValueFromPipelineByPropertyName)][int]$Length) process { $Length } }; 'abc' | l", ["3"]),
    ("function bools { [CmdletBinding()] param([bool[]]$P) $P }; bools 1, 0; bools 'a', 'b'",
     ["True", "False", "ParameterArgumentTransformationError,bools: Cannot process argument transformation on "
      "parameter 'P'. Cannot convert value \"System.String\" to type \"System.Boolean\". Boolean parameters accept "
      "only Boolean "
      "values and numbers, such as $True, $False, 1 or 0."]),
]  # fmt: skip

COLLECTED: list[tuple[str, list[str]]] = [
    (FOO + "function bar { [CmdletBinding()] param() 'bar'; foo -ov script:a }; bar -ov b 2>$null >$null; \"$a|$b\"",
     ["out|bar out"]),
    (FOO + "function bar { [CmdletBinding()] param() Write-Error 'bar'; foo | foo }; bar -ev e 2>$null >$null; \"$e\"",
     ["bar foo"]),
    ("function t { [CmdletBinding()] param() Write-Error 'a'; try { throw 'b' } catch { } }; t -ev e 2>$null; \"$e\"",
     ["a b"]),
]  # fmt: skip

ENDINGS: list[tuple[str, list[str]]] = [
    ("$(1; 2; throw 'z')", ["1", "2", "ended by z"]),
    ("try { (& { 1; throw 'w' }) } catch { \"$_\" }", ["1", "w"]),
    ("$x = $(1; throw 'w')", ["ended by w"]),
    ("@(1; throw 'w')", ["ended by w"]),
    ("try { Get-Item /nope -ErrorAction Stop -ErrorVariable e } catch { }; $e.ForEach{ $_.GetType().Name }",
     ["ActionPreferenceStopException"]),
    ("Write-Error x -ErrorAction Suspend",
     ["ParameterBindingFailed,Microsoft.PowerShell.Commands.WriteErrorCommand: Cannot bind parameter 'ErrorAction' to "
      "the target. Exception setting \"ErrorAction\": \"The Suspend ActionPreference value is reserved for future use "
      "and is not supported at this time. For more information about preference variables, see the Help topic, "
      "\"about_Preference_Variables.\"\""]),
    ("Set-StrictMode -Version 99",
     ["ParameterArgumentValidationError,Microsoft.PowerShell.Commands.SetStrictModeCommand: Cannot validate argument "
      "on parameter 'Version'. The \"99.0\" argument does not contain a valid PowerShell version. Supply a valid "
      "version number and then try the command again."]),
]  # fmt: skip

VALUES: list[tuple[str, list[str]]] = [
    ("([bool]$v = 42).GetType().Name", ["Boolean"]),
    ("([version][semver]'1.2.3-rc').GetType().Name; \"$([version][semver]'1.2.3')\"", ["Version", "1.2.3"]),
    ("[System.DBNull]::Value ?? 1; [NullString]::Value ?? 2; $y = [DBNull]::Value; $y ??= 3; $y", ["1", "2", "3"]),
    ("@([System.Management.Automation.Internal.AutomationNull]::Value).Count", ["0"]),
    ("$l = [Collections.Generic.List[int]]'4'; $l.GetType().Name; "
     "([Collections.Generic.List[string]]1)[0].GetType().Name", ["List`1", "String"]),
    ("class M { [int] Twice([int]$v) { return 2 * $v } static [int] Thrice([int]$v) { return 3 * $v } }; "
     "$m = [M]::new(); ([Func[int, int]][M]::Thrice).Invoke(3); ([Func[int, int]]$m.Twice).Invoke(4); "
     "\"$([M]::Thrice)|$($m.Twice)\"",
     ["9", "8", "static int Thrice(int v)|int Twice(int v)"]),
    ("if (Get-Item /nope -ea 0) { } else { $? }; if ('a' && (Get-Item /nope -ea 0)) { $? }", ["True", "True"]),
]  # fmt: skip

# what once ended inside the engine
MUTATED: list[tuple[str, list[str]]] = [
    ("\"$(\"\"[$(", ["ended by IncompleteDollarSubexpressionReference"]),
    ("'abc' -replace {b}, '-'; 'abc' -match {b}", ["a-c", "True"]),
    ("class C { [int] M() { Write-Error 'e'; return 3 } [object] I() { return $MyInvocation } }; [C]::new().M(); "
     "[C]::new().I().GetType().Name", ["3", "InvocationInfo", "Microsoft.PowerShell.Commands.WriteErrorException: e"]),
    ("New-Object -Strict; [bigint][double]::NaN",
     ["InvalidCastTargetInvocationException: Cannot convert value \"NaN\" to type \"System.Numerics.BigInteger\". "
      "Error: \"The value is not a number.\""]),
    ("function f { param([ref]$r) $r.Value = 9 }; $v = 1; f ([ref]$v); $v; f $v; "
     "function g { param([int]$n) $n }; g ([ref]$v)",
     ["9", "9", "ParameterArgumentTransformationError,f: Cannot process argument transformation on parameter 'r'. "
      "Reference type is expected in argument."]),
    ("(Get-Date '2024-01-01').AddDays([double]::NaN).Year", ["2024"]),
    ("'abc' -split @()", ["BadOperatorArgument: The argument to operator '-split' is not valid: System.Object[]."]),
    ("$k = @(1, 2); $t = @{ $k = 1 }; $t[@{}]; $t.ContainsKey($k); $t.ContainsKey(@(1, 2))",
     ["$null", "True", "False"]),
    ("[datetime]-1",
     ["InvalidCastConstructorException: Cannot convert value \"-1\" to type \"System.DateTime\". Error: \"Ticks must "
      "be between DateTime.MinValue.Ticks and DateTime.MaxValue.Ticks. (Parameter 'ticks')\""]),
    ("[timespan]'1:00' / 0; [timespan]::FromHours([double]::NaN)",
     ["RuntimeException: TimeSpan overflowed because the duration is too long.",
      "ArgumentException: Exception calling \"FromHours\" with \"1\" argument(s): \"TimeSpan does not accept floating "
      "point Not-a-Number values. (Parameter 'value')\""]),
    ("'x' | Out-File a.txt append",
     ["ParameterArgumentTransformationError,Microsoft.PowerShell.Commands.OutFileCommand: Cannot process argument "
      "transformation on parameter 'Encoding'. 'append' is not a supported encoding name. For information on defining "
      "a custom encoding, see the documentation for the Encoding.RegisterProvider method. (Parameter 'name')"]),
    ("Get-Date -Month 13",
     ["ParameterArgumentValidationError,Microsoft.PowerShell.Commands.GetDateCommand: Cannot validate argument on "
      "parameter 'Month'. The 13 argument is greater than the maximum allowed range of 12. Supply an argument that is "
      "less than or equal to 12 and then try the command again."]),
    ("[regex]::Match('ab', '(?<x>a)').Groups[@{}].Success; ([xml]'<a/>').DocumentElement.AppendChild($null)",
     ["False", "NullReferenceException: Exception calling \"AppendChild\" with \"1\" argument(s): \"Object reference "
      "not set to an instance of an object.\""]),
]  # fmt: skip

TEXT: list[tuple[str, list[str]]] = [
    ("'a:b:c:d' -split { $_ -eq ':' }, -2", ["a:b:c", "d"]),
    ("'a:b' -split '(:)', 0, 'ExplicitCapture'; 'a: b:c' -split ': ', 0, 'IgnorePatternWhitespace'",
     ["a", "b", "a", " b", "c"]),
    ("'abc' -split 'B', 0, 'RegexMatch,SimpleMatch'",
     ["InvalidSplitOptionCombination: The combination of options with the -split operator is not valid."]),
    ("class R { static [string] Mask([System.Text.RegularExpressions.Match]$m) { return 'X' * $m.Length } }; "
     "'ID 0000123' -replace '\\b0+', [R]::Mask; "
     "'ID 00' -replace '0+', ({ 'Y' * $args[0].Length } -as [System.Text.RegularExpressions.MatchEvaluator])",
     ["ID XXXX123", "ID YY"]),
    ("try { [scriptblock]::Create('[datetime]$MyInvocation = 1') } catch { $_.Exception.Message.Split(\"`n\")[-1] }",
     ["Cannot assign automatic variable 'MyInvocation' with type 'System.Management.Automation.InvocationInfo'\""]),
]  # fmt: skip


@pytest.mark.parametrize(("script", "expected"), [*CALLS, *COLLECTED, *ENDINGS, *VALUES, *MUTATED, *TEXT])
def test_expectation(script: str, expected: list[str]) -> None:
    assert run(script) == expected
