"""Format strings: what .NET 9 on Linux, en-US, gives."""

from __future__ import annotations

import decimal
import uuid
from typing import Any

import pytest

from jobmagics.powershell.records import ScriptError
from jobmagics.powershell.values.formats import format_string, format_value
from jobmagics.psobject import Byte, DateTime, Int64, Single, TimeSpan

NUMBERS = [
    (42, "D5", "00042"),
    (-42, "D5", "-00042"),
    (255, "X", "FF"),
    (255, "x4", "00ff"),
    (-1, "x", "ffffffff"),
    (Int64(-1), "X", "F" * 16),
    (Byte(5), "B8", "00000101"),
    (1234567.891, "N2", "1,234,567.89"),
    (1234567, "N0", "1,234,567"),
    (3.14159, "F3", "3.142"),
    (2.5, "F0", "2"),
    (decimal.Decimal("2.5"), "F0", "3"),
    (0.125, "F2", "0.12"),
    (2.55, "N1", "2.5"),
    (12345.678, "E2", "1.23E+004"),
    (12345.678, "e1", "1.2e+004"),
    (-1234.5, "C", "-$1,234.50"),
    (0.1234, "P1", "12.3%"),
    (0.1 + 0.2, "R", "0.30000000000000004"),
    (1e20, "G", "1E+20"),
    (123456.789, "G5", "1.2346E+05"),
    (1.5, "", "1.5"),
    (Single(0.1), "", "0.1"),
    (float("inf"), "N2", "∞"),
    (0.1234, "0.0%", "12.3%"),
    (0.5, "00.000", "00.500"),
    (0.5, "#.##", ".5"),
    (0, "#", ""),
    (1234567, "#,##0", "1,234,567"),
    (1234567, "0,", "1235"),
    (-5, "0;neg 0;zero", "neg 5"),
    (0, "0;neg 0;zero", "zero"),
    (-42, "#,##0.00;(#,##0.00);zero", "(42.00)"),
    (12345.678, "0.###E+0", "1.235E+4"),
    (5551234567, "(###) ###-####", "(555) 123-4567"),
    (5, "'x'0\\#", "x5#"),
]


@pytest.mark.parametrize(("value", "spec", "text"), NUMBERS)
def test_numbers(value: Any, spec: str, text: str) -> None:
    assert format_value(value, spec) == text


MOMENT = DateTime(2024, 2, 9, 15, 4, 5, 678901, tick=2)
DATES = [
    ("d", "2/9/2024"),
    ("D", "Friday, February 9, 2024"),
    ("g", "2/9/2024 3:04 PM"),
    ("", "2/9/2024 3:04:05 PM"),
    ("o", "2024-02-09T15:04:05.6789012"),
    ("s", "2024-02-09T15:04:05"),
    ("r", "Fri, 09 Feb 2024 15:04:05 GMT"),
    ("u", "2024-02-09 15:04:05Z"),
    ("m", "February 9"),
    ("yy-M-d h:mm:ss.fff tt", "24-2-9 3:04:05.678 PM"),
    ("dddd 'at' HH\\h", "Friday at 15h"),
    ("%d", "9"),
]


@pytest.mark.parametrize(("spec", "text"), DATES)
def test_dates(spec: str, text: str) -> None:
    assert format_value(MOMENT, spec) == text


def test_utc_shows_its_zone() -> None:
    from jobmagics.powershell.dotnet.zones import UTC, fixed_local

    assert format_value(DateTime(2024, 1, 1, tzinfo=UTC), "o").endswith("Z")
    local = fixed_local(TimeSpan(2 * 36_000_000_000))
    assert format_value(DateTime(2024, 1, 1, tzinfo=local), "o").endswith("+02:00")


SPANS = [
    ("c", "1.02:03:04.5000000"),
    ("g", "1:2:03:04.5"),
    ("G", "1:02:03:04.5000000"),
    (r"hh\:mm", "02:03"),
    ("%h'h '%m'm'", "2h 3m"),
]


@pytest.mark.parametrize(("spec", "text"), SPANS)
def test_spans(spec: str, text: str) -> None:
    assert format_value(TimeSpan(937_845_000_000), spec) == text


def test_guid() -> None:
    one = uuid.UUID("6f9619ff-8b86-d011-b42d-00cf4fc964ff")
    assert format_value(one, "N") == one.hex
    assert format_value(one, "B") == "{6f9619ff-8b86-d011-b42d-00cf4fc964ff}"
    assert format_value(one, "X").startswith("{0x6f9619ff,0x8b86,0xd011,{0xb4,0x2d,")


COMPOSITE = [
    ("{0} + {1} = {2}", [1, 2, 3], "1 + 2 = 3"),
    ("|{0,8:N2}|", [3.14159], "|    3.14|"),
    ("|{0,-8:D3}|", [7], "|007     |"),
    ("{{{0}}}", ["braces"], "{braces}"),
    ("{0}", [[1, 2]], "System.Object[]"),
    ("{0:yyyy}", ["text keeps"], "text keeps"),
    ("{0}|{1}", [None, True], "|True"),
]


@pytest.mark.parametrize(("text", "args", "shown"), COMPOSITE)
def test_composite(text: str, args: list[Any], shown: str) -> None:
    assert format_string(text, args) == shown


@pytest.mark.parametrize(
    ("text", "args", "message"),
    [
        ("{0:D3}", [1.5], "Error formatting a string: Format specifier was invalid.."),
        ("{1}", [1], "Error formatting a string: Index (zero based) must be greater than or equal to zero and less "
         "than the size of the argument list.."),
        ("{0", [1], "Error formatting a string: Input string was not in a correct format. Failure to parse near "
         "offset 2. Format item ends prematurely.."),
    ],
)  # fmt: skip
def test_errors(text: str, args: list[Any], message: str) -> None:
    with pytest.raises(ScriptError) as caught:
        format_string(text, args)
    assert caught.value.record.fqid == "FormatError"
    assert caught.value.record.message == message
