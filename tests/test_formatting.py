"""PowerShell's default output against what PowerShell 7.6.5 printed for the same values.

data/formatted.jsonl holds values as remoting delivered them and the text that ``Out-String -Width 120`` made of the
live ones; both were recorded from real PowerShell.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobmagics import clixml
from jobmagics.formatting import Formatter, Reader, ansi_to_html, format_lines, format_text, to_html
from jobmagics.formatting.records import Record
from jobmagics.formatting.tables import fit_widths, table_width
from jobmagics.formatting.texts import cells, wrapped
from jobmagics.formatting.wire import from_wire
from jobmagics.psobject import Hashtable, PSObject

RECORDED = [
    json.loads(line) for line in (Path(__file__).parent / "data" / "formatted.jsonl").read_text("utf-8").splitlines()
]


def reader_for(case: dict[str, Any]) -> Reader:
    reader = Reader()
    reader.culture = case["culture"]
    return reader


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: case["id"])
def test_recorded_text(case: dict[str, Any]) -> None:
    values = [clixml.decode(text) for text in case["output"]]
    assert format_text(values, 120, reader=reader_for(case)).rstrip() == case["text"].rstrip()


def test_format_records_cross_the_wire_unchanged() -> None:
    found = 0
    for case in RECORDED:
        for text in case["output"]:
            record = from_wire(clixml.decode(text)) if "ClassId2e4f" in text else None
            if record is not None:
                again = from_wire(clixml.decode(clixml.encode(record)))
                assert again == record
                found += 1
    assert found > 50


def test_rows_come_when_the_grouping_time_is_over() -> None:
    now = [0.0]
    formatter = Formatter(80, clock=lambda: now[0])
    assert formatter.feed(PSObject({"A": 1})) == [""]
    assert formatter.feed(PSObject({"A": 2})) == []
    now[0] = 0.31
    assert formatter.feed(PSObject({"A": 3})) == ["A", "-", "1", "2", "3"]
    assert formatter.feed(PSObject({"A": 4})) == ["4"]
    assert formatter.close() == [""]


def test_strings_come_at_once() -> None:
    formatter = Formatter(80)
    assert formatter.feed("now") == ["now"]
    assert formatter.close() == []


def test_remote_properties_are_shown_as_powershell_shows_them() -> None:
    marks = {"PSComputerName": "web01", "RunspaceId": "r1"}
    shown = PSObject({"a": 1, "b": 2, **marks, "PSShowComputerName": True})
    assert format_lines([shown])[1:] == [
        "a              : 1",
        "b              : 2",
        "PSComputerName : web01",
        "RunspaceId     : r1",
        "",
    ]
    hidden = PSObject({"a": 1, **marks, "PSShowComputerName": False})
    assert format_lines([hidden]) == ["", "a RunspaceId", "- ----------", "1 r1", ""]


def test_deserialized_type_takes_the_plain_types_view() -> None:
    row = {"Id": 1, "Name": "Job1", "PSJobTypeName": "RemoteJob", "State": "Running", "HasMoreData": True}
    job = PSObject(
        adapted={**row, "Location": "localhost", "Command": " Get-Date "},
        type_names=[
            "Deserialized.System.Management.Automation.PSRemotingJob",
            "Deserialized.System.Management.Automation.Job",
        ],
    )
    assert format_lines([job], 110) == [
        "",
        "Id     Name            PSJobTypeName   State         HasMoreData     Location             Command",
        "--     ----            -------------   -----         -----------     --------             -------",
        "1      Job1            RemoteJob       Running       True            localhost             Get-Date ",
        "",
    ]


HOSTILE = "<script>alert('x')</script>\x1b]8;;https://evil\x07click\x1b]8;;\x07\x1b[31mred\x1b[0m&\x00"


@pytest.mark.parametrize("value", [HOSTILE, PSObject({HOSTILE: HOSTILE}), Hashtable({HOSTILE: [HOSTILE]})])
def test_html_passes_no_markup_and_no_escapes(value: Any) -> None:
    page = to_html([value])
    assert "<script" not in page
    assert "\x1b" not in page
    assert "evil" not in page
    assert "\x00" not in page
    assert "red" in page


def test_colours_become_spans() -> None:
    assert ansi_to_html("a\x1b[1;31mb\x1b[0mc") == 'a<span style="font-weight:bold;color:maroon">b</span>c'


def test_tables_become_tables() -> None:
    page = to_html([PSObject({"Name": "a<b", "Size": 5})])
    assert '<th style="text-align:right">Size</th>' in page
    assert '<td style="text-align:left">a&lt;b</td>' in page


@given(st.lists(st.integers(0, 60), min_size=1, max_size=12), st.integers(5, 200))
def test_a_table_never_gets_wider_than_the_screen(widths: list[int], screen: int) -> None:
    fitted = fit_widths(widths, screen)
    assert table_width(fitted) <= screen
    assert all(width == -1 or width >= 1 for width in fitted)


@given(st.text(), st.integers(1, 40))
def test_wrapping_loses_nothing(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert "".join(lines) == text.replace("\r", "").replace("\n", "") or any(cells(c) > width for c in text)


@given(st.text(max_size=300), st.integers(5, 40))
def test_any_text_can_be_shown(text: str, width: int) -> None:
    rows = format_lines([PSObject({"T": text, "U": 1})], width)
    assert all(cells(row) <= width for row in rows)
    assert isinstance(to_html([PSObject({"T": text})]), str)


def test_records_are_values() -> None:
    formatter = Formatter(80)
    from jobmagics.formatting import Shaper

    shaper = Shaper(Reader())
    records = [*shaper.feed(PSObject({"A": 1})), *shaper.close()]
    assert all(isinstance(record, Record) for record in records)
    assert [line for record in records for line in formatter.feed(record)] == ["", "A", "-", "1", ""]
