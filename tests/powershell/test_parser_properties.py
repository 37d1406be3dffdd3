"""What holds for any text: no crash, errors inside it, nested extents, tokens that are its pieces."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobmagics.powershell.parser import ParseResult, parse
from jobmagics.powershell.parser.syntax import Ast, Extent
from jobmagics.powershell.values.utf16 import units

CASES = json.loads(gzip.decompress((Path(__file__).parents[1] / "data" / "parser_cases.json.gz").read_bytes()))
TEXTS = [row[0] for row in CASES["inputs"]]
WORDS = """
( ) { } [ ] @( @{ $( " ' $x @ # <# #> ; , | || && & - -- -eq -f .. . :: : ? ?? ??= ?. ?[ if else while class enum
function param try catch finally switch foreach in return using namespace 1 0x 1e5 5kb ` `u{41} --% % = += ++ ! -not
static hidden base [int] process begin end data trap ${ a Get-X -Name -Name: 2>&1 > *> < :label é — “ ‘ $using:x do
until for break throw filter clean dynamicparam workflow configuration from @' '@ @" "@ $(" ")
"""
PIECES = (*WORDS.split(), "[a, b")

fragments = st.lists(st.sampled_from([*PIECES, "\n", "\r\n", " ", "\0"]), max_size=30).map("".join)
spaced = st.lists(st.sampled_from([*PIECES, "\n"]), max_size=30).map(" ".join)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A recorded script with a piece put somewhere, or cut at both ends."""
    text = draw(st.sampled_from(TEXTS))
    at = draw(st.integers(0, len(text)))
    gone = draw(st.integers(0, 4))
    return text[:at] + draw(st.sampled_from([*PIECES, "\n", ""])) + text[at + gone :]


# as the engine has it: what lies beyond the BMP in two halves
texts = st.one_of(st.text(max_size=60), fragments, spaced, damaged()).map(units)
thorough = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(text: str) -> ParseResult:
    result = parse(text)
    for error in result.errors:
        # what is missing at the end is missed one behind it
        assert 0 <= error.extent.start <= error.extent.end <= len(text) + 1
        assert error.message
    return result


@thorough
@given(texts)
def test_errors_lie_inside_the_text(text: str) -> None:
    check(text)


@thorough
@given(texts)
def test_extents_nest(text: str) -> None:
    tree = parse(text).ast
    assert tree.extent == Extent(0, len(text))
    stack: list[tuple[Ast, Extent]] = [(tree, tree.extent)]
    while stack:
        node, outer = stack.pop()
        assert outer.start <= node.extent.start <= node.extent.end <= outer.end, node
        stack.extend((child, node.extent) for child in node.children())


@thorough
@given(texts)
def test_tokens_and_gaps_are_the_text(text: str) -> None:
    result = parse(text)
    rebuilt = ""
    between = ""
    for token in result.tokens:
        gap = text[len(rebuilt) : token.start]
        between += gap
        rebuilt += gap + text[token.start : token.end]
        assert token.start >= len(rebuilt) - len(token.text)
        assert token.text == text[token.start : token.end]
    assert text.startswith(rebuilt)
    if not result.errors:
        # line ends, separators and line continuations are no tokens of their own
        assert re.sub(r"[\s;`]", "", between + text[len(rebuilt) :]) == ""


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(PIECES), st.sampled_from([40, 300, 1500]))
def test_repetition_ends(piece: str, times: int) -> None:
    check(piece * times)
    check((piece + " ") * times)
