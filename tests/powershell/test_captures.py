"""All captures of a group that matched several times, and sets of characters without others."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobmagics.powershell.runtime.runspace import Runspace
from jobmagics.powershell.values.captures import _program, _Run, all_captures

CASES = {
    "in-step": (r"[regex]::Match('a1b2c3', '(?:(\w)(\d))+').Groups[1].Captures.Value -join ','", "a,b,c"),
    "named": (r"[regex]::Match('one two', '(?:(?<w>\w+)\s*)+').Groups['w'].Captures.Index -join ','", "0,4"),
    "counted": (r"[regex]::Match('abcd', '(?<x>[a-d]){2,3}').Groups['x'].Captures.Value -join ''", "abc"),
    "nothing-last": (r"[regex]::Match('aab', '(a*)*').Groups[1].Captures.Value -join '|'", "aa|"),
    "lazy": (r"[regex]::Match('aXbX', '(?:(\w)X)+?$').Groups[1].Captures.Value -join ','", "a,b"),
    "looked-ahead": (r"[regex]::Match('abab', '(?:a(?=(b))b)+').Groups[1].Captures.Index -join ','", "1,3"),
    "looked-behind": (r"[regex]::Match('abab', '(?:ab(?<=(b)))+').Groups[1].Captures.Index -join ','", "1,3"),
    "the-same-again": (r"[regex]::Match('aabb', '(?:(\w)\1)+').Groups[1].Captures.Value -join ','", "a,b"),
    "atomic": (r"[regex]::Match('a,b,', '(?:(?>(\w)),)+').Groups[1].Captures.Value -join ''", "ab"),
    "if": (r"[regex]::Match('<a><b>', '(?:(<)?(\w)(?(1)>))+').Groups[2].Captures.Value -join ''", "ab"),
    "case": (r"[regex]::Match('xAXa', '(?:x(a))+', 'IgnoreCase').Groups[1].Captures.Value -join ''", "Aa"),
    "many": ("[regex]::Match('x' * 3000, '(x)+').Groups[1].Captures.Count", "3000"),
    "one": ("[regex]::Match('ab', '(a)b').Groups[1].Captures.Count", "1"),
    "none": ("[regex]::Match('b', '(a)*b').Groups[1].Captures.Count", "0"),
    "without-vowels": ("'hello world' -replace '[a-z-[aeiou]]', '.'", ".e..o .o..."),
    "without-without": (
        "[regex]::Matches('abcdefghij', '[a-j-[b-i-[d-f]]]').Value -join ''",
        "adefj",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_gives(name: str) -> None:
    script, text = CASES[name]
    assert [str(one) for one in Runspace().run_script(script)] == [text]


def bigger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    repeat = st.sampled_from(["*", "+", "?", "{1,2}", "*?", "+?", "??", "{2}"])
    return st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})"),
        inner.map(lambda one: f"({one})"),
        inner.map(lambda one: f"(?={one})"),
        st.tuples(inner, repeat).map(lambda two: f"(?:{two[0]}){two[1]}"),
        st.tuples(inner, repeat).map(lambda two: f"({two[0]}){two[1]}"),
    )


PATTERNS = st.recursive(st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\b", "^", "$"]), bigger, max_leaves=8)


@settings(deadline=None, max_examples=300)
@given(PATTERNS, st.text("ab", max_size=7))
def test_the_walk_ends_where_the_match_does(pattern: str, text: str) -> None:
    found = re.search(pattern, text)
    if found is None:
        return
    program = _program(found.re.pattern, found.re.flags)
    if program is not None:
        assert _Run(text).walk(program, found.start(), None)[0] == found.end()
    last = {number: spans[-1] for number, spans in all_captures(found).items()}
    numbers = range(1, found.re.groups + 1)
    assert last == {number: found.span(number) for number in numbers if found.start(number) >= 0}
