"""The language beyond the recorded scripts: each line was wrong once. Script -> what it gives, by area."""

from __future__ import annotations

from typing import Any

import pytest

from jobmagics.powershell.records import ScriptError
from jobmagics.powershell.runtime.runspace import CollectedStreams, CommandRequest, PipelineRequest, Runspace
from jobmagics.powershell.values.value import to_string


def run(script: str) -> list[str]:
    """Output as text and errors as ``id: message``, one after the other in their streams."""
    streams = CollectedStreams()
    try:
        Runspace().invoke(PipelineRequest([CommandRequest(script)]), streams)
    except ScriptError as failed:
        return [*map(shown, streams.outputs), f"ended by {failed.record.fqid}"]
    return [*map(shown, streams.outputs), *(f"{record.fqid}: {record.message}" for record in streams.errors)]


def shown(value: Any) -> str:
    return "$null" if value is None else to_string(value)


SIMPLE = "function g([int]$x, $y = $x * 2) { \"$x|$y|$($args -join ',')\" }; "
ADVANCED = 'function f { [CmdletBinding()] param([Parameter(Mandatory)][int]$A, [int]$B) process { "$A $B" } }; '
MISSING_A = (
    "MissingMandatoryParameter,f: Cannot process command because of one or more missing mandatory parameters: A."
)
STOPS = (
    "function te { [CmdletBinding()] param() $PSCmdlet.ThrowTerminatingError([System.Management.Automation.ErrorRecord]"
    "::new([System.ArgumentException]::new('bad'), 'MyId', 'InvalidArgument', 'tgt')); 'not reached' }; "
)

NUMBERS: list[tuple[str, list[str]]] = [
    (
        "'before'; - 'x'",
        [
            "before",
            'InvalidCastFromStringToInteger: Cannot convert value "x" to type "System.Int32". Error: "The input string '
            "'x' was not in a correct format.\"",
        ],
    ),
    ("\"$(1e-5)|$(0.0001)|$(0.00001234)\"", ["1E-05|0.0001|1.234E-05"]),
    ("$null -eq [nullable[int]]$null; [nullable[int]]'7'; 5 -is [nullable[int]]", ["True", "7", "True"]),
    ("function n { param([nullable[int]]$q) $null -eq $q }; n; n 5", ["True", "False"]),
    (
        "[Flags()] enum Perm { R = 1; W = 2 }; [Perm]3; [Perm]8",
        [
            "R, W",
            'UndefinedIntegerToEnum: Cannot convert value "8" to type "Perm" due to enumeration values that are not '
            "valid. Specify one of the following enumeration values and try again. The possible enumeration values are "
            '"R,W".',
        ],
    ),
    ("[System.Collections.Generic.List[int]]::new()[3]", ["System.ArgumentOutOfRangeException: Index was out of range. "
      "Must be non-negative and less than the size of the collection. (Parameter 'index')"]),
]  # fmt: skip

BINDING: list[tuple[str, list[str]]] = [
    (SIMPLE + "g -x 1 -z 5", ["1|2|-z,5"]),
    (SIMPLE + "g -xx 1", ["0|0|-xx,1"]),
    (SIMPLE + "g -foo bar 1 2 3", ["1|2|3,-foo,bar"]),
    (ADVANCED + "$s = @{ A = 1; B = 2 }; f @s -B 9; f -A 7 @s", ["1 9", "7 2"]),
    (ADVANCED + "1, 2 | f", [MISSING_A]),
    ("function v { param([ValidateSet('a', 'b', IgnoreCase = $false)]$x) $x }; v a; try { v A } catch { 'no' }",
     ["a", "no"]),
    ("function v { param([ValidateSet('a', ErrorMessage = '{0} is none of {1}')]$x) $x }; v q",
     ["ParameterArgumentValidationError,v: Cannot validate argument on parameter 'x'. q is none of a"]),
    ("New-Object", ["MissingMandatoryParameter,Microsoft.PowerShell.Commands.NewObjectCommand: Cannot process command "
      "because of one or more missing mandatory parameters: TypeName."]),
    ("function p { [CmdletBinding()] param($Mode = 'x') $Mode }; $PSDefaultParameterValues['p:Mode'] = 'y'; p; p z; "
     "$PSDefaultParameterValues.Clear(); p", ["y", "z", "x"]),
    (STOPS + "te; 'after'", ["after", "MyId,te: bad"]),
    (STOPS + "try { te } catch { $_.FullyQualifiedErrorId }", ["MyId,te"]),
    ("function d { param() dynamicparam { $a = [System.Collections.ObjectModel.Collection[System.Attribute]]::new(); "
     "$a.Add([Parameter]@{ ParameterSetName = 'q' }); "
     "$t = [System.Management.Automation.RuntimeDefinedParameterDictionary]::new(); "
     "$t.Add('R', [System.Management.Automation.RuntimeDefinedParameter]::new('R', [int], $a)); $t } "
     "process { $PSBoundParameters['R'] } }; d -R 3", ["3"]),
    ("$MyInvocation.MyCommand.CommandType; \"$($MyInvocation.MyCommand)\".Length -gt 30", ["Script", "True"]),
    ("function d { [CmdletBinding()] param($Mode, $More) dynamicparam { if ($Mode -eq 'x') { "
     "$a = [System.Collections.ObjectModel.Collection[System.Attribute]]::new(); $a.Add([Parameter]@{ }); "
     "$t = [System.Management.Automation.RuntimeDefinedParameterDictionary]::new(); "
     "$t.Add('Extra', [System.Management.Automation.RuntimeDefinedParameter]::new('Extra', [string], $a)); $t } } "
     "process { \"$Mode $($PSBoundParameters['Extra']) $More\" } }; "
     "d x -Extra q; d x y -Extra q; d -Mor y -Mod x -Extra r",
     ["x q ", "x q y", "x r y"]),
]  # fmt: skip

CLASSES: list[tuple[str, list[str]]] = [
    ("class K { [string] Process() { return 'p' } static [int] Filter([int]$i) { return $i } }; "
     "[K]::new().Process(); [K]::Filter(3)", ["p", "3"]),
    ("class Base { [int]$n; Base([int]$n) { $this.n = $n } }; [Base]::new(4).n; (New-Object Base 5).n", ["4", "5"]),
    ("class W { [datetime]$d; [timespan]$t; [guid]$g; [nullable[int]]$n }; $w = [W]::new(); $w.d.Year; $w.t; $w.g; "
     "$null -eq $w.n; $w.n = 3; $w.n",
     ["1", "00:00:00", "00000000-0000-0000-0000-000000000000", "True", "3"]),
    ("class It : System.Collections.IEnumerator { [int]$i = 0; [bool] MoveNext() { $this.i++; return $this.i -le 2 } "
     "[object] get_Current() { return $this.i } [void] Reset() { } }; [It]::new() | ForEach-Object { \"it $_\" }",
     ["it 1", "it 2"]),
    ("class E : System.Collections.IEnumerable { [System.Collections.IEnumerator] GetEnumerator() "
     "{ return (1, 2).GetEnumerator() } }; foreach ($x in [E]::new()) { $x }", ["1", "2"]),
    ("class B { [string]$s; hidden [void] H() { } [string] V() { return '' } }; [B].GetProperties().Name; "
     "[B].GetMethods().Name -contains 'H'; [B].GetMethod('V').ReturnType.Name; [B].GetConstructors().Count",
     ["s", "True", "String", "1"]),
    ("class D { D([int]$x) { } }; [D]@{ x = 1 }",
     ['ConvertToFinalInvalidCastException: Cannot convert the "System.Collections.Hashtable" value of type '
      '"System.Collections.Hashtable" to type "D".']),
    ("enum Big : long { A = 5000000000 }; [Big].GetEnumUnderlyingType().Name", ["Int64"]),
]  # fmt: skip

STRICT: list[tuple[str, list[str]]] = [
    ("Set-StrictMode -Version Latest; $o = [pscustomobject]@{ x = 1 }; try { $o.y } catch { 'strict' }", ["strict"]),
    ("Set-StrictMode -Version 1; $o = [pscustomobject]@{ x = 1 }; $null -eq $o.y; try { $nope } catch { 'strict' }",
     ["True", "strict"]),
    ("function Add($a, $b) { 'ran' }; Set-StrictMode -Version 2; Add(1, 2)",
     ["StrictModeFunctionCallWithParens: The function or command was called as if it were a method. Parameters should "
      "be separated by spaces. For information about parameters, see the about_Parameters Help topic."]),
    ("function Add($a, $b) { 'ran' }; Set-StrictMode -Version 2; Add (1, 2)", ["ran"]),
]  # fmt: skip

STATUS: list[tuple[str, list[str]]] = [
    *((f"{said}; $?", ["False"]) for said in (
        "$x = Get-Item /nope -ea 0", "$x = $y = Get-Item /nope -ea 0", "$x += Get-Item /nope -ea 0",
        "(Get-Item /nope -ea 0)", "$(Get-Item /nope -ea 0)", "@(Get-Item /nope -ea 0)",
        "Get-Item /nope -ea 0; if (1) {}")),
    *((f"Get-Item /nope -ea 0; {said}; $?", ["True"]) for said in ("$x = 1", "$x++", "$()", "@()")),
    ('"$(Get-Item /nope -ea 0)"; $?; [void](Get-Item /nope -ea 0); $?', ["", "True", "True"]),
]  # fmt: skip

UNSET = "VariableIsUndefined: The variable '$no' cannot be retrieved because it has not been set."
NO_B = "PropertyNotFoundStrict: The property 'b' cannot be found on this object. Verify that the property exists."
OUTSIDE = "System.IndexOutOfRangeException: Index was outside the bounds of the array."
STRICT_VERSIONS: list[tuple[str, list[str]]] = [
    ("Set-StrictMode -Version 1; \"a $no b\"; \"c $($no) d\"; $no", ["a  b", "c  d", UNSET]),
    ("Set-StrictMode -Version 2; \"a $no b\"; @().b; (1, 2)[5]", ["$null", UNSET, NO_B]),
    ("Set-StrictMode -Version 3; $a = 1, 2; $a[1..5]; $a[2]", [OUTSIDE, OUTSIDE]),
    ("Set-StrictMode -Version 3; $o = [pscustomobject]@{ a = 1 }; $o | ? b -eq 1; $o | % b; $null | % b", [
        'PropertyNotFound,Microsoft.PowerShell.Commands.WhereObjectCommand: The input name "b" cannot be resolved to a '
        "property.",
        'PropertyOrMethodNotFound,Microsoft.PowerShell.Commands.ForEachObjectCommand: The input name "b" cannot be '
        "resolved to a member.",
        "InputObjectIsNull,Microsoft.PowerShell.Commands.ForEachObjectCommand: Cannot operate on a 'null' input "
        "object."]),
]  # fmt: skip

OVERLOADS: list[tuple[str, list[str]]] = [
    ("[string]::Join(',', 1, 2, 3); [string]::Format('{0}|', $null)", ["1,2,3", "|"]),
    ("[math]::Max(1, 2.5); [math]::Max(1.0, 2); [math]::Max([byte]1, 2).GetType().Name", ["2", "2", "Byte"]),
    ("[array]::Empty[int]().GetType().Name; [enum]::GetNames[DayOfWeek]().Count", ["Int32[]", "7"]),
    ("[enum]::Parse[DayOfWeek]('friday', $true); $r = [DayOfWeek]0; [enum]::TryParse('Monday', [ref]$r); $r",
     ["Friday", "True", "Monday"]),
    ("[Linq.Enumerable]::OfType[string]((1, 'a')); [Linq.Enumerable]::Cast[int]((1, 2)) -join '|'", ["a", "1|2"]),
]  # fmt: skip

MODULES: list[tuple[str, list[str]]] = [
    ("$m = New-Module { $c = 5; function Hid($a) { \"h $a $c\" }; Export-ModuleMember }; & $m { $c }; & $m Hid 3; "
     "& $m { param($q) \"$q $c\" } 7", ["5", "h 3 5", "7 5"]),
    ("$o = New-Module -AsCustomObject { $n = 1; function Add($x) { $script:n += $x; $script:n }; "
     "Export-ModuleMember -Variable n -Function Add }; $o.Add(5); $o.n; $o.n = 9; $o.Add(1)", ["6", "6", "10"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("script", "expected"), [*NUMBERS, *BINDING, *CLASSES, *STRICT, *STATUS, *STRICT_VERSIONS, *OVERLOADS, *MODULES]
)
def test_rule(script: str, expected: list[str]) -> None:
    assert run(script) == expected


def test_get_help_gives_what_a_help_comment_says() -> None:
    function = (
        "function Get-Thing {\n<#\n.SYNOPSIS\nGets a thing.\n.DESCRIPTION\nLong text.\n.PARAMETER Name\nThe name.\n"
        ".EXAMPLE\nGet-Thing -Name a\n\nShows a.\n#>\nparam([string]$Name) $Name }\n"
    )
    asked = (
        "$h = Get-Help Get-Thing; $h.Name; $h.Synopsis; $h.description[0].Text; $h.parameters.parameter[0].name; "
        "$h.examples.example[0].code; $h.examples.example[0].remarks[0].Text; "
        "(Get-Help Get-Thing -Parameter Name).description[0].Text"
    )
    assert run(function + asked) == [
        "Get-Thing", "Gets a thing.", "Long text.", "Name", "Get-Thing -Name a", "Shows a.", "The name."
    ]  # fmt: skip
