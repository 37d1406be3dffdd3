"""$using: variables: found where they are code, left alone where they are text, bound on every endpoint."""

from __future__ import annotations

import pytest

from jobmagics.errors import InvalidOperation
from jobmagics.sessions.scriptvars import bind_using

VALUES = {"n": 1, "list": ["a"], "a b": 3}


@pytest.mark.parametrize(
    ("script", "sent"),
    [
        ("1 + 1", "1 + 1"),
        ("$using:n", "param($__using_n) $__using_n"),
        ("$USING:N + $using:n", "param($__using_N) $__using_N + $__using_n"),
        ('"is $using:n"', 'param($__using_n) "is $__using_n"'),
        ("\"$($using:list -join '+')\"", "param($__using_list) \"$($__using_list -join '+')\""),
        ('"$(")" + "$using:n")"', 'param($__using_n) "$(")" + "$__using_n")"'),
        ('"""$using:n"""', 'param($__using_n) """$__using_n"""'),
        ("$using:list.Count", "param($__using_list) $__using_list.Count"),
        ("${using:a b}", "param(${__using_a b}) ${__using_a b}"),
        ("'$using:n'", "'$using:n'"),
        ("# $using:n", "# $using:n"),
        ("<# $using:n #> 1", "<# $using:n #> 1"),
        ('"`$using:n"', '"`$using:n"'),
        ("@'\n$using:n '' x\n'@", "@'\n$using:n '' x\n'@"),
        ('@"\n"$using:n"\n"@', 'param($__using_n) @"\n"$__using_n"\n"@'),
        ("a#b $using:n", "param($__using_n) a#b $__using_n"),
        ("param($x) $using:n", "param($x, $__using_n) $__using_n"),
        ("param() $using:n", "param($__using_n) $__using_n"),
        ("# why\nparam($x = ')')\n$using:n", "# why\nparam($x = ')', $__using_n)\n$__using_n"),
        (
            "[CmdletBinding()]\nparam(\n$x # last\n)\n$using:n",
            "[CmdletBinding()]\nparam(\n$x # last\n, $__using_n)\n$__using_n",
        ),
        ("using namespace System\n$using:n", "using namespace System\nparam($__using_n) $__using_n"),
        ("$n = 1; Start-Job { $using:n }", "$n = 1; Start-Job { $using:n }"),
        ("$x = $using:n; icm web02 { $using:x }", "param($__using_n) $x = $__using_n; icm web02 { $using:x }"),
        (
            "Invoke-Command -cn (gc $using:list) -ScriptBlock { $using:nope }",
            "param($__using_list) Invoke-Command -cn (gc $__using_list) -ScriptBlock { $using:nope }",
        ),
        ("1..2 | % -Parallel { $using:n }", "1..2 | % -Parallel { $using:n }"),
        ("1..2 | % { $using:n }", "param($__using_n) 1..2 | % { $__using_n }"),
        ("Start-Job { 1 }\n& { $using:n }", "param($__using_n) Start-Job { 1 }\n& { $__using_n }"),
        ("Start-Job { 'x' } | % { $using:n }", "param($__using_n) Start-Job { 'x' } | % { $__using_n }"),
        ("& { param($y) $using:n }", "param($__using_n) & { param($y) $__using_n }"),
    ],
)
def test_where_a_variable_is_found(script: str, sent: str) -> None:
    assert bind_using(script, VALUES)[0] == sent


def test_each_value_is_sent_once() -> None:
    assert bind_using("$using:n; $using:list; $Using:N", VALUES)[1] == [("__using_n", 1), ("__using_list", ["a"])]


def test_an_unknown_variable_is_powershells_error() -> None:
    with pytest.raises(
        InvalidOperation, match=r"'\$using:nope' cannot be retrieved because it has not been set"
    ) as caught:
        bind_using("$using:nope", VALUES)
    assert caught.value.fqid.startswith("UsingVariableIsUndefined,")
