"""Attributes of parameters, variables and classes: what cannot be made, and those that scripts define themselves."""

from __future__ import annotations

import pytest
from test_probe_language import run

TRANSFORM = (
    "class Tag : System.Management.Automation.ArgumentTransformationAttribute { [string]$Mark = '<'; "
    "[object] Transform([System.Management.Automation.EngineIntrinsics]$e, [object]$given) { "
    "if ($given -eq 'bad') { throw 'no good' }; return $this.Mark + $given } }; "
)
VALIDATE = (
    "class AtMost : System.Management.Automation.ValidateEnumeratedArgumentsAttribute { [int]$Max; "
    "AtMost([int]$max) { $this.Max = $max } [void] ValidateElement([object]$one) { if ($one -gt $this.Max) { "
    'throw "$one is too much" } } }; '
)
GENERATE = (
    "class Colors : System.Management.Automation.IValidateSetValuesGenerator { "
    "[string[]] GetValidValues() { return 'red', 'blue' } }; "
)
NO_CONSTRUCTOR = 'MethodCountCouldNotFindBest: Cannot find an overload for ".ctor" and the argument count: "{}".'
NO_PROPERTY = "PropertyNotFoundForType: Property 'Nope' cannot be found for type '{}'."
BINDING = "System.Management.Automation.CmdletBindingAttribute"
CONSTRUCTING = (
    'ExceptionConstructingAttribute: The following exception occurred while constructing the attribute "{}": '
)
INVALID = "ParameterArgumentValidationError,f: Cannot validate argument on parameter 'x'. "

NOT_MADE: list[tuple[str, list[str]]] = [
    ("function f { param([ValidateCount(1)]$x) }; 'defined'; f 3", ["defined", NO_CONSTRUCTOR.format(1)]),
    ("function f { param([ValidateLength(1, 2, 3)]$x) }; f 3", [NO_CONSTRUCTOR.format(3)]),
    ("function f { param([Parameter(1)]$x) }; f 3", [NO_CONSTRUCTOR.format(1)]),
    ("function f { [CmdletBinding(Nope = 1)] param($x) }; f 3", [NO_PROPERTY.format(BINDING)]),
    ("function f { param([Parameter(Nope = 1)]$x) }; f 3", [NO_PROPERTY.format(BINDING)]),
    ("[ValidateCount(1, 2, Nope = 3)]$x = 1",
     [NO_PROPERTY.format("System.Management.Automation.ValidateCountAttribute")]),
    ("function f { param([NoSuch()]$x) }; f 3; 'after'",
     ["after", "CustomAttributeTypeNotFound: Cannot find the type for custom attribute 'NoSuch'. Make sure that the "
      "assembly that contains this type is loaded."]),
    ("function f { param([ValidateRange(3, 1)]$x) }; f 3",
     ["MaxRangeSmallerThanMinRange: The specified maximum range cannot be accepted because it is less than the "
      "specified minimum range. Update the ValidateRange attribute for the parameter."]),
    ("function f { param([ValidateRange(1, 'b')]$x) }; f 3",
     ["MinRangeNotTheSameTypeOfMaxRange: The specified minimum range (Int32) cannot be accepted because it is not the "
      "same type as the specified maximum range (String). Update the ValidateRange attribute for the parameter."]),
    ("function f { param([ValidateCount(-1, 2)]$x) }; f 3",
     [CONSTRUCTING.format("ValidateCount") + '"Cannot process argument because the value of argument "minLength" is '
      'out of range. Change argument "minLength" to a value that is within range. (Parameter \'minLength\')\nActual '
      'value was -1."']),
    ("function f { param([Diagnostics.CodeAnalysis.SuppressMessage('a', 'b')]$x) $x }; f 3", ["3"]),
]  # fmt: skip

CHECKED: list[tuple[str, list[str]]] = [
    ("function f { param([ValidateRange(1)]$x) $x }; f 0", ["0"]),
    ("function f { param([ValidateRange(1, 10)]$x) $x }; f 10.4; f 10.6",
     ["10.4", INVALID + "The 11 argument is greater than the maximum allowed range of 10. Supply an argument that is "
      "less than or equal to 10 and then try the command again."]),
    ("function f { param([ValidateRange(1, 10)]$x) $x }; f one",
     [INVALID + 'The argument cannot be validated because its type "String" is not the same type (Int32) as the '
      "maximum and minimum limits of the parameter. Make sure the argument is of type Int32 and then try the command "
      "again."]),
    ("function f { param([ValidateRange(1, 10)]$x) $x }; f $null",
     [INVALID + "The argument is null, empty, or an element of the argument collection contains a null value. Supply a "
      "collection that does not contain any null values and then try the command again."]),
    ("function f { param([ValidateLength(1, 5)]$x) $x }; f 12",
     [INVALID + "The ValidateLength attribute cannot be applied to a parameter that is not a string or string[] "
      "parameter. Make the parameter a string or string[] parameter."]),
    ("function f { param([ValidateCount(1, 2)]$x) $x }; f 12",
     [INVALID + "The ValidateCount attribute cannot be applied to a non-array parameter. Either remove the attribute "
      "from the parameter or make the parameter an array parameter."]),
    ("function f { param([ValidateNotNull()]$x) $x }; f 1, $null",
     [INVALID + "The argument has a null value, or an element of the argument collection contains a null value. "
      "Provide a collection that does not contain any null values, and then try the command again."]),
]  # fmt: skip

OWN: list[tuple[str, list[str]]] = [
    (TRANSFORM + 'function f { param([Tag()]$x, [Tag(Mark = "*")]$y = 4) "$x|$y" }; f 3; f; f bad',
     ["<3|*4", "<|*4",
      "ParameterArgumentTransformationError,f: Cannot process argument transformation on parameter 'x'. no good"]),
    (TRANSFORM + "function f { param([string][Tag(Mark = '1')][int]$x) $x.GetType().Name; $x; $x = 5; $x }; f '07'",
     ["String", "17", "15"]),
    (TRANSFORM + "function f { param([Parameter(ValueFromPipeline)][Tag()]$x) process { $x } }; 1, 2 | f",
     ["<1", "<2"]),
    (TRANSFORM + "function f { param([Tag(Nope = 1)]$x) }; f 1", [NO_PROPERTY.format("Tag")]),
    (TRANSFORM + "[Tag()]$v = 1; $v; $v = 2; $v", ["<1", "<2"]),
    (VALIDATE + 'function f { param([AtMost(4)][int[]]$x) "$x" }; f 3, 4; f 3, 9', ["3 4", INVALID + "9 is too much"]),
    (VALIDATE + "function f { param([AtMost()]$x) }; f 1", [NO_CONSTRUCTOR.format(0)]),
    (VALIDATE + "class Box { [AtMost(4)]$Size }; $b = [Box]::new(); $b.Size = 3; "
     "try { $b.Size = 5 } catch { }; $b.Size",
     ["3"]),
    (GENERATE + "function f { param([ValidateSet([Colors])]$x) $x }; f RED; f green",
     ["RED", INVALID + 'The argument "green" does not belong to the set "red,blue" specified by the ValidateSet '
      "attribute. Supply an argument that is in the set and then try the command again."]),
    ("class Kept : System.Management.Automation.CachedValidValuesGeneratorBase { Kept() : base(60) { } "
     "static [int]$Asked; "
     "[string[]] GenerateValidValues() { [Kept]::Asked++; return 'a', 'b' } }; "
     "function f { param([ValidateSet([Kept])]$x) $x }; f a; f b; [Kept]::Asked", ["a", "b", "1"]),
    (GENERATE + "function f { param([ValidateSet([Colors])]$x) }; "
     "(TabExpansion2 'f -x ').CompletionMatches.CompletionText",
     ["red", "blue"]),
    ("using namespace System.Management.Automation; class Hints : IArgumentCompleter { "
     "[Collections.Generic.IEnumerable[CompletionResult]] CompleteArgument([string]$c, [string]$p, [string]$word, "
     '[Language.CommandAst]$ast, [Collections.IDictionary]$bound) { return [CompletionResult[]]"$c-$p-$word" } }; '
     "function f { param([ArgumentCompleter([Hints])]$x) }; "
     "(TabExpansion2 'f -x qu').CompletionMatches.CompletionText", ["f-x-qu"]),
]  # fmt: skip

CLASSES: list[tuple[str, list[str]]] = [
    ("'before'; class C : NoSuch { }", ["ended by TypeNotFound"]),
    ("'before'; class C : System.IComparable { }", ["ended by TypeCreationError"]),
    ("class C : System.IComparable { [int] CompareTo([C]$other) { return 0 } }", ["ended by TypeCreationError"]),
    ("class C : System.Management.Automation.ArgumentTransformationAttribute { }", ["ended by TypeCreationError"]),
    ("class C : int { }", ["ended by SealedBaseClass"]),
    ("class B { }; class C : System.IDisposable, B { [void] Dispose() { } }", ["ended by InterfaceNameExpected"]),
    ("class C : System.Collections.Generic.List[int] { }; [C]::new().Count", ["0"]),
    ("class C { [string] ToString([string]$how, [System.IFormatProvider]$by) { return $how } }; "
     "[C]::new().ToString(); \"$([C]::new())\"; [C]::new().ToString('x', $null)", ["C", "C", "x"]),
    # what a class names is looked up before anything runs
    ("'before'; class C { [NoSuch()] $x }", ["ended by CustomAttributeTypeNotFound"]),
    ("'before'; [NoSuch()] class C { }", ["ended by CustomAttributeTypeNotFound"]),
    ("'before'; class C { [void] M() { [nosuch]::new() } }", ["ended by TypeNotFound"]),
    ("'before'; class C { [void] M() { & { [nosuch]$y = 1 } } }", ["ended by TypeNotFound"]),
    ("class C { [void] M() { [System.Numerics.Complex]::One } }; 'defined'", ["defined"]),
    ("class C { [D]$d; [D[]]$e; [Collections.Generic.List[D]] F() { return $null } }; class D { [C]$c }; 'defined'",
     ["defined"]),
    ("class C { [CmdletBinding()] $x }", ["ended by AttributeNotAllowedOnDeclaration"]),
    ("class C { [void] M([ValidateNotNull()]$x) { } }", ["ended by AttributeNotAllowedOnDeclaration"]),
    ("class C { [Flags()] M() { } }", ["ended by AttributeNotAllowedOnDeclaration"]),
    ("class C { [Parameter(Nope = 1)] $x }", ["ended by PropertyNotFoundForAttribute"]),
    ("class C { [ValidateLength(1, 2, MinLength = 3)] $x }", ["ended by ReadOnlyProperty"]),
    ("class C { [ValidateRange(1, 2, 3)] $x }", ["ended by MethodCountCouldNotFindBest"]),
    ("class C { [ValidateLength('a', 2)] $x }", ["ended by CannotConvertValue"]),
    ("class C { [ValidateRange(1, 3)][ValidateNotNull()][int]$x; [Alias('z')]$y; [Obsolete('q')] M() { } }; 'defined'",
     ["defined"]),
    # a class may be an attribute of the parameters of its own script
    ("param([Mark('x')]$p = 4) class Mark : Attribute { [string]$n; Mark([string]$s) { $this.n = $s } } "
     "$p; [Mark]::new('q').n", ["4", "q"]),
    ("function f { param([Low(Than = 3)]$p) class Low : System.Management.Automation.ValidateArgumentsAttribute { "
     "[int]$Than; [void] Validate([object]$v, [System.Management.Automation.EngineIntrinsics]$e) { "
     "if ($v -lt $this.Than) { throw 'low' } } } $p }; f 5; try { f 1 } catch { $_.Exception.Message }; f 7",
     ["5", "Cannot validate argument on parameter 'p'. low", "7"]),
]  # fmt: skip


@pytest.mark.parametrize(("script", "expected"), [*NOT_MADE, *CHECKED, *OWN, *CLASSES])
def test_attribute(script: str, expected: list[str]) -> None:
    assert run(script) == expected
