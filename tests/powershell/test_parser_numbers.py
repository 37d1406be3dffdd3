"""Number literals: their values and types."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from jobmagics.powershell.parser import parse
from jobmagics.powershell.parser.syntax import CommandExpressionAst, ConstantExpressionAst, PipelineAst
from jobmagics.psobject import BigInteger, Byte, Int16, Int64, SByte, UInt16, UInt32, UInt64


def value(literal: str) -> Any:
    result = parse(literal)
    assert result.errors == []
    assert result.ast.end_block is not None
    (pipeline,) = result.ast.end_block.statements
    assert isinstance(pipeline, PipelineAst)
    (element,) = pipeline.elements
    assert isinstance(element, CommandExpressionAst)
    assert isinstance(element.expression, ConstantExpressionAst)
    return element.expression.value


@pytest.mark.parametrize(
    ("literal", "expected"),
    [
        ("0", 0),
        ("2147483647", 2147483647),
        ("2147483648", Int64(2147483648)),
        ("-2147483648", -2147483648),
        ("9223372036854775808", Decimal("9223372036854775808")),
        ("79228162514264337593543950336", 79228162514264337593543950336.0),
        ("1kb", 1024),
        ("1TB", Int64(1 << 40)),
        ("1.5kb", 1536.0),
        (".5", 0.5),
        ("-.5", -0.5),
        ("1e3", 1000.0),
        ("1.", 1.0),
        ("1l", Int64(1)),
        ("1.5l", Int64(2)),
        ("2.5l", Int64(2)),
        ("1d", Decimal("1")),
        ("1.50d", Decimal("1.50")),
        ("1e3d", Decimal("1000")),
        ("5u", UInt32(5)),
        ("4294967296u", UInt64(4294967296)),
        ("1uy", Byte(1)),
        ("127y", SByte(127)),
        ("1s", Int16(1)),
        ("1us", UInt16(1)),
        ("1ul", UInt64(1)),
        ("99999999999999999999n", BigInteger(99999999999999999999)),
        ("0xFF", 255),
        ("0x1d", 29),
        ("0xFFFFFFFF", -1),
        ("0xFFFFFFFFFFFFFFFF", Int64(-1)),
        ("0xFFFFFFFFu", UInt32(4294967295)),
        ("-0x10", -16),
        ("0b101", 5),
        ("0b11111111", -1),
        ("0b1111", 15),
    ],
)
def test_value_and_type(literal: str, expected: Any) -> None:
    found = value(literal)
    assert (type(found), str(found)) == (type(expected), str(expected))


@pytest.mark.parametrize("literal", ["256uy", "128y", "0x8000s", "9" * 2000 + "d", "1e40d"])
def test_too_large(literal: str) -> None:
    (error,) = parse("$x = " + literal).errors
    assert error.id == "BadNumericConstant"
    assert literal in error.message


@pytest.mark.parametrize("word", ["77z", "0b", "1e", "5kbx"])
def test_words_that_start_like_numbers(word: str) -> None:
    assert parse(word).errors == []
