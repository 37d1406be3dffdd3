"""The shapes of trees, written short: one s-expression a case."""

from __future__ import annotations

from typing import Any

import pytest

from jobmagics.powershell.parser import parse
from jobmagics.powershell.parser.syntax import (
    ArrayLiteralAst,
    AssignmentStatementAst,
    Ast,
    BinaryExpressionAst,
    CommandAst,
    CommandExpressionAst,
    CommandParameterAst,
    ConstantExpressionAst,
    ConvertExpressionAst,
    ExpandableStringExpressionAst,
    FunctionDefinitionAst,
    IndexExpressionAst,
    InvokeMemberExpressionAst,
    MemberExpressionAst,
    ParenExpressionAst,
    PipelineAst,
    PipelineChainAst,
    PropertyMemberAst,
    ScriptBlockExpressionAst,
    StringConstantExpressionAst,
    SubExpressionAst,
    TernaryExpressionAst,
    TypeDefinitionAst,
    TypeExpressionAst,
    UnaryExpressionAst,
    UsingExpressionAst,
    VariableExpressionAst,
)


def short(node: Any) -> str:
    """A node as text; strings stand in quotes, bare words do not."""
    match node:
        case PipelineAst():
            return " | ".join(map(short, node.elements)) + (" &" if node.background else "")
        case PipelineChainAst():
            return f"{short(node.left)} {node.operator} {short(node.right)}"
        case CommandAst():
            words = " ".join(map(short, node.elements))
            return f"<{node.invocation}{' ' if node.invocation else ''}{words}{''.join(map(short, node.redirections))}>"
        case CommandExpressionAst():
            return short(node.expression) + "".join(map(short, node.redirections))
        case CommandParameterAst():
            return f"-{node.name}" + (f":{short(node.argument)}" if node.argument else "")
        case StringConstantExpressionAst():
            return node.value if node.kind == "BareWord" else repr(node.value)
        case ExpandableStringExpressionAst():
            quote = "" if node.kind == "BareWord" else '"'
            parts = "".join(part if isinstance(part, str) else "{" + short(part) + "}" for part in node.parts)
            return quote + parts + quote
        case VariableExpressionAst():
            return ("@" if node.splatted else "$") + node.path
        case ConstantExpressionAst():
            return repr(node.value)
        case ArrayLiteralAst():
            return "[" + " ".join(map(short, node.elements)) + "]"
        case BinaryExpressionAst():
            return f"({short(node.left)} {node.operator} {short(node.right)})"
        case UnaryExpressionAst():
            return f"({node.operator} {short(node.child)})"
        case TernaryExpressionAst():
            return f"({short(node.condition)} ? {short(node.if_true)} : {short(node.if_false)})"
        case InvokeMemberExpressionAst():
            types = "".join(f"<{item.full_name}>" for item in node.generic_type_arguments)
            return f"{_member(node)}{types}({', '.join(map(short, node.arguments))})"
        case MemberExpressionAst():
            return _member(node)
        case IndexExpressionAst():
            return f"{short(node.target)}{'?' if node.null_conditional else ''}[{short(node.index)}]"
        case TypeExpressionAst():
            return f"#{node.type_name.full_name}"
        case ConvertExpressionAst():
            return f"#{node.attribute.type_name.full_name}:{short(node.child)}"
        case ParenExpressionAst():
            return f"({short(node.pipeline)})"
        case SubExpressionAst():
            return "$(" + "; ".join(map(short, node.sub_expression.statements)) + ")"
        case ScriptBlockExpressionAst():
            block = node.script_block.end_block
            return "{" + "; ".join(map(short, block.statements if block else [])) + "}"
        case UsingExpressionAst():
            return f"using {short(node.sub_expression)}"
        case AssignmentStatementAst():
            return f"{short(node.left)} {node.operator} {short(node.right)}"
        case _:
            return type(node).__name__


def _member(node: MemberExpressionAst) -> str:
    operator = "::" if node.static else "?." if node.null_conditional else "."
    return short(node.expression) + operator + short(node.member)


def statements(script: str) -> list[Ast]:
    result = parse(script)
    assert result.errors == []
    assert result.ast.end_block is not None
    return list(result.ast.end_block.statements)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        # arguments
        ("echo a,b", "<echo [a b]>"),
        ("echo a, b c", "<echo [a b] c>"),
        ("echo -x:y -z: 5 -w $v", "<echo -x:y -z:5 -w $v>"),
        ('echo a$b"c d"', "<echo a{$b}c d>"),
        ('echo "a"b', "<echo 'a' b>"),
        ("echo $x.y/z", "<echo $x.y /z>"),
        ("echo $x-y", "<echo {$x}-y>"),
        ("echo ${a b}", "<echo $a b>"),
        ("echo $env:HOME/x", "<echo {$env:HOME}/x>"),
        ("echo $x[0].y", "<echo $x[0].y>"),
        ("echo $a::b", "<echo $a::b>"),
        ("echo 5mb 0x1F 1e3 .5 5abc 1..3", "<echo 5242880 31 1000.0 0.5 5abc 1..3>"),
        ("echo [int] a=b =x %y", "<echo [int] a=b =x %y>"),
        ("echo @args @{}", "<echo @args HashtableAst>"),
        ("echo (1) {2} $(3)", "<echo (1) {2} $(3)>"),
        ("echo a`nb a` b", "<echo a\nb a b>"),
        ("echo --%  a $b | c", "<echo --% a $b > | <c>"),
        ('x --% "a|b" c', '<x --% "a|b" c>'),
        ("x -- -y --", "<x -- -y -->"),
        ("& $x 1", "<& $x 1>"),
        (". ./x.ps1", "<. ./x.ps1>"),
        ("./x.ps1 1", "<./x.ps1 1>"),
        ("ls | % name", "<ls> | <% name>"),
        ("type x", "<type x>"),
        ("a # comment\n", "<a>"),
        ("a#b", "<a#b>"),
        ("a `\n  b", "<a b>"),
        ("a |\n\n b\n  # x\n | c", "<a> | <b> | <c>"),
        ("foo !x", "<foo !x>"),
        # chains
        ("a && b || c", "<a> && <b> || <c>"),
        ("a &", "<a> &"),
        # operators
        ("1 + 2 * 3 - 4", "((1 + (2 * 3)) - 4)"),
        ("1,2 + 3,4 -f 5", "([1 2] + ([3 4] -f 5))"),
        ("1..3 -join ','", "((1 .. 3) -join ',')"),
        ("$a -EQ 1 -and -not $b -or !$c", "((($a -eq 1) -and (-not $b)) -or (! $c))"),
        ("$a -ceq $b -ne $c", "(($a -ceq $b) -ne $c)"),
        ("$a ?? $b + 1", "($a ?? ($b + 1))"),
        ("$a ? 1 : 2", "($a ? 1 : 2)"),
        ("$a ? $b ? 1:2:3", "($a ? ($b ? 1 : 2) : 3)"),
        ("-5 - -5", "(-5 - -5)"),
        ("- 5; -$x", "(- 5)"),
        ("1 –ne 2", "(1 -ne 2)"),
        ("$i++", "(post++ $i)"),
        ("--$i", "(-- $i)"),
        (", 1", "[1]"),
        ("-join 'a', 'b'", "[(-join 'a') 'b']"),
        ("!foo", "<!foo>"),
        # casts and members
        ("[int]'5' + 1", "(#int:'5' + 1)"),
        ("[int[]]$x", "#int[]:$x"),
        ("[int]::MaxValue", "#int::MaxValue"),
        ("[Dictionary[string,List[int]]]::new()", "#Dictionary[string,List[int]]::new()"),
        ("[int[,]][object]$x", "#int[,]:#object:$x"),
        ("$x.a.b(1, 2)[3]", "$x.a.b(1, 2)[3]"),
        ("$x.'a b'.$c.(1)", "$x.'a b'.$c.(1)"),
        ("$x.where{ 1 }", "$x.where({1})"),
        ("$x.M[int](1)", "$x.M<int>(1)"),
        ("$x.M[0]", "$x.M[0]"),
        ("${x}?.y; 1", "$x?.y"),
        ("${x}?[0]", "$x?[0]"),
        ("$x\n.y", "$x"),
        ("$x.\ny", "$x.y"),
        ("$a[1,2]", "$a[[1 2]]"),
        ("$using:x.y", "using $x.y"),
        # strings
        ('"a $b.c $($b.c) `$d ${e f} $"', '"a {$b}.c {$($b.c)} $d {$e f} $"'),
        ('"$x:y $a::b $$"', '"{$x:y} {$a}::b {$$}"'),
        ('"$("a")"', "\"{$('a')}\""),
        ('"$(""a"" + `"b`")"', "\"{$(('a' + 'b'))}\""),
        ("'it''s'", '"it\'s"'),
        ('"a""b`t`u{41}"', "'a\"b\\tA'"),
        ("“a”", "'a'"),
        ("@'\na\n'b\n'@", '"a\\n\'b"'),
        ("@'\n'@", "''"),
        ('@"\na $x\n"@', '"a {$x}"'),
        # assignment
        ("$x = 1", "$x = 1"),
        ("$x = $y = 1", "$x = $y = 1"),
        ("$x =if(1){2}", "$x = IfStatementAst"),
        ("$x = a | b", "$x = <a> | <b>"),
        ("$a, $b = 1, 2", "[$a $b] = [1 2]"),
        ("$x ??= 1", "$x ??= 1"),
        ("$x.y[0] += 1", "$x.y[0] += 1"),
        ("[int]$x = 1", "#int:$x = 1"),
    ],
)
def test_shape(script: str, expected: str) -> None:
    assert short(statements(script)[0]) == expected


def test_functions_and_their_parts() -> None:
    (function,) = statements(
        "function Test-It {\n<#\n.SYNOPSIS\nTests.\n#>\n[CmdletBinding()]param([Parameter(Mandatory)][int]$x = 5)\n"
        "dynamicparam {} begin {1} process {2} end {3} clean {4} }"
    )
    assert isinstance(function, FunctionDefinitionAst)
    body = function.body
    assert body.help is not None
    assert ".SYNOPSIS" in body.help
    assert body.param_block is not None
    (parameter,) = body.param_block.parameters
    assert [item.type_name.full_name for item in parameter.attributes] == ["Parameter", "int"]
    assert short(parameter.default_value) == "5"
    blocks = (body.dynamic_param_block, body.begin_block, body.process_block, body.end_block, body.clean_block)
    assert [len(block.statements) for block in blocks if block] == [0, 1, 1, 1, 1]


def test_help_before_a_function_is_its_own() -> None:
    (function,) = statements("# .SYNOPSIS\n# Adds.\nfunction Add($a, $b) { $a + $b }")
    assert isinstance(function, FunctionDefinitionAst)
    assert function.help == " .SYNOPSIS\n Adds."
    assert parse("# .SYNOPSIS\n# Adds.\nfunction Add($a, $b) { $a + $b }").ast.help is None


def test_class() -> None:
    (found,) = statements(
        "class C : B, I {\n[int]$X = 5\nstatic [string]$Y\nC([int]$a) : base($a, 1) { }\n"
        "hidden static [int] N($p) { return 1 }\n}"
    )
    assert isinstance(found, TypeDefinitionAst)
    assert [base.type_name.full_name for base in found.base_types] == ["B", "I"]
    assert [(member.name, member.is_static, member.is_hidden) for member in found.members] == [
        ("X", False, False),
        ("Y", True, False),
        ("C", False, False),
        ("N", True, True),
    ]


def test_enum() -> None:
    (found,) = statements("[Flags()] enum E : byte { A = 1; B\n C = 4 }")
    assert isinstance(found, TypeDefinitionAst)
    assert (found.kind, found.attributes[0].type_name.name) == ("enum", "Flags")
    values = [member for member in found.members if isinstance(member, PropertyMemberAst)]
    assert [(member.name, short(member.initial_value)) for member in values] == [
        ("A", "1"),
        ("B", "NoneType"),
        ("C", "4"),
    ]


def test_requires_and_using() -> None:
    tree = parse("#Requires -Version 7.0\nusing namespace System.IO\nusing module @{ModuleName = 'x'}\n1").ast
    assert tree.requires == ["-Version 7.0"]
    assert [(item.kind, item.name.value if item.name else None) for item in tree.using_statements] == [
        ("namespace", "System.IO"),
        ("module", None),
    ]


def test_positions_count_lines_of_every_kind() -> None:
    source = parse("a\r\nb\nc\rd").ast.source
    assert [source.position(at) for at in (0, 3, 5, 7)] == [(1, 1), (2, 1), (3, 1), (4, 1)]
    assert [source.line_text(line) for line in (1, 2, 3, 4)] == ["a", "b", "c", "d"]
