"""The codec against what real PowerShell 7.6.5 wrote, against itself, and against hostile text."""

from __future__ import annotations

import contextlib
import datetime
import gzip
import json
import sys
import time
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobmagics.clixml import (
    CLIXMLError,
    decode,
    decode_many,
    decode_objs,
    encode,
    encode_member,
    encode_objs,
    escape,
    unescape,
)
from jobmagics.clixml.text import format_double, format_single, parse_double
from jobmagics.psobject import (
    BigInteger,
    Byte,
    Char,
    DateTime,
    Hashtable,
    Int16,
    Int64,
    OrderedDictionary,
    PSList,
    PSObject,
    SByte,
    ScriptBlockText,
    SecureString,
    Single,
    TimeSpan,
    UInt16,
    UInt32,
    UInt64,
    Uri,
    Version,
    XmlDocument,
)

DATA = Path(__file__).parent / "data" / "clixml.jsonl.gz"
RECORDED = [json.loads(line) for line in gzip.decompress(DATA.read_bytes()).decode().split("\n") if line]
DEEP = 20  # deeper than any record: what was cut once is not cut again


class Mirror:
    """A cipher that anyone can read."""

    def encrypt(self, text: str) -> str:
        return text[::-1]

    def decrypt(self, data: str) -> str:
        return data[::-1]


def renumbered(text: str) -> str:
    root = ET.fromstring(text)
    for kinds in (("Obj", "Ref"), ("TN", "TNRef")):
        seen: dict[str, int] = {}
        for node in root.iter():
            if node.tag in kinds and "RefId" in node.attrib:
                node.set("RefId", str(seen.setdefault(node.get("RefId", ""), len(seen))))
    return ET.tostring(root, encoding="unicode")


def is_lossy(text: str) -> bool:
    """Three shapes do not come back, in PowerShell neither (an enumerable returns as a list, a bag gets its type)."""
    bare_bag = '<Obj RefId="0"><MS>' in text or '"><MS>' in text
    return bare_bag or "<IE>" in text or 'RefId="3"><S /></Obj>' in text or 'RefId="3"><S></S></Obj>' in text


class TestAgainstPowerShell:
    def test_the_sample_is_large(self) -> None:
        assert len(RECORDED) > 500
        assert sum(not is_lossy(text) for text in RECORDED) > 480

    @pytest.mark.parametrize("text", [text for text in RECORDED if not is_lossy(text)], ids=lambda text: text[:40])
    def test_reads_and_writes_the_same(self, text: str) -> None:
        value = decode(text, cipher=Mirror())
        assert renumbered(encode_member(value, cipher=Mirror(), depth=DEEP)) == renumbered(text)

    @pytest.mark.parametrize("text", RECORDED, ids=lambda text: text[:40])
    def test_the_exact_text_where_numbers_run_from_zero(self, text: str) -> None:
        first = encode_member(decode(text, cipher=Mirror()), cipher=Mirror(), depth=DEEP)
        again = encode_member(decode(first, cipher=Mirror()), cipher=Mirror(), depth=DEEP)
        assert first == again

    def test_a_file_as_a_person_sees_it(self) -> None:
        text = next(text for text in RECORDED if "<T>System.IO.FileInfo</T>" in text and "PSPath" in text)
        file = decode(text)
        assert file.ps_type_names()[0] == "System.IO.FileInfo"
        assert file.Length == 4
        assert type(file.Length) is Int64
        assert file.lastwritetime.kind == "Local"
        assert file.LastWriteTimeUtc.kind == "Utc"
        assert file.UnixStat.ItemType == "File"
        assert list(dict(file.ps_properties()))[:3] == ["Name", "Length", "DirectoryName"]

    def test_deserialized_names(self) -> None:
        text = encode(PSObject({"Day": PSObject(type_names=["System.DayOfWeek", "System.Enum"], base=1)}))
        value = decode(text, deserialized=True)
        assert value.ps_type_names()[0] == "Deserialized.System.Management.Automation.PSCustomObject"
        assert value.Day.ps_type_names() == ["Deserialized.System.DayOfWeek", "Deserialized.System.Enum"]
        assert decode(encode(Hashtable({"a": 1})), deserialized=True) == {"a": 1}


class Thing:
    """A .NET object of the engine, with another inside."""

    def __init__(self, inner: Any = None) -> None:
        self.inner = inner

    def ps_type_names(self) -> list[str]:
        return ["My.Thing", "System.Object"]

    def ps_properties(self) -> list[tuple[str, Any]]:
        return [("Inner", self.inner), ("List", [self.inner])]

    def ps_to_string(self) -> str:
        return "My.Thing"


class TestDepth:
    def test_properties_of_properties_become_strings(self) -> None:
        assert encode(Thing(Thing())) == (
            '<Obj RefId="0"><TN RefId="0"><T>My.Thing</T><T>System.Object</T></TN><ToString>My.Thing</ToString><Props>'
            '<S N="Inner">My.Thing</S><Obj N="List" RefId="1"><TN RefId="1"><T>System.Object[]</T><T>System.Array</T>'
            "<T>System.Object</T></TN><LST><S>My.Thing</S></LST></Obj></Props></Obj>"
        )

    def test_added_members_use_up_no_depth(self) -> None:
        nested: Any = PSObject({"End": 1})
        for _ in range(10):
            nested = PSObject({"Next": nested})
        value = decode(encode(nested))
        for _ in range(10):
            value = value.Next
        assert value.End == 1

    def test_an_object_with_notes(self) -> None:
        value = decode(encode(PSObject({"Note": 1}, base=Thing(), type_names=Thing().ps_type_names())))
        assert (value.Note, value.Inner, str(value)) == (1, None, "My.Thing")

    def test_too_deep_is_cut_not_fatal(self) -> None:
        nested: list[Any] = []
        for _ in range(500):
            nested = [nested]
        assert "nested too deeply" in encode(nested)

    def test_a_cycle_is_a_reference(self) -> None:
        table = Hashtable()
        table["me"] = table
        text = encode(table)
        assert '<Ref N="Value" RefId="0" />' in text
        again = decode(text)
        assert again["me"] is again


OBJS = """<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">
  <Obj RefId="0">
    <TN RefId="0">
      <T>System.Management.Automation.PSCustomObject</T>
      <T>System.Object</T>
    </TN>
    <MS>
      <Obj N="L" RefId="1">
        <TN RefId="1">
          <T>System.Object[]</T>
          <T>System.Array</T>
          <T>System.Object</T>
        </TN>
        <LST>
          <I32>1</I32>
          <Nil />
        </LST>
      </Obj>
      <S N="Empty"></S>
      <Obj N="M" RefId="2">
        <TN RefId="2">
          <T>System.Collections.Hashtable</T>
          <T>System.Object</T>
        </TN>
        <DCT />
      </Obj>
    </MS>
  </Obj>
</Objs>"""


class TestShapes:
    def test_null(self) -> None:
        assert encode(None) == ""
        assert decode("") is None
        assert encode_member(None) == "<Nil />"
        assert encode(PSObject({"a": None})).endswith('<MS><Nil N="a" /></MS></Obj>')

    def test_byte_array(self) -> None:
        assert encode(PSList.of("System.Byte", [Byte(1), Byte(2), Byte(255)])) == "<BA>AQL/</BA>"
        assert decode("<BA>AQL/</BA>") == b"\x01\x02\xff"

    def test_typed_array(self) -> None:
        text = encode(PSList.of("System.Int32", [1, 2]))
        value = decode(text)
        assert value.ps_type_names()[0] == "System.Int32[]"
        assert value._base == [1, 2]
        assert encode(value) == text

    def test_order_and_case_of_keys(self) -> None:
        value = decode(encode(OrderedDictionary({"Zeta": 1, "alpha": 2, "Beta": None})))
        assert type(value) is OrderedDictionary
        assert list(value) == ["Zeta", "alpha", "Beta"]
        assert value["ZETA"] == 1

    def test_secrets(self) -> None:
        text = encode(SecureString("hidden"), cipher=Mirror())
        assert text == "<SS>neddih</SS>"
        assert decode(text, cipher=Mirror()).reveal() == "hidden"
        assert "neddih" not in repr(decode(text))
        with pytest.raises(CLIXMLError, match="session key"):
            encode(SecureString("hidden"))

    def test_big_integer(self) -> None:
        text = encode(BigInteger(123456789012345678901234567890))
        assert "<ToString>123456789012345678901234567890</ToString>" in text
        assert '<B N="IsEven">true</B>' in text

    def test_an_objs_document_as_powershell_indents_it(self) -> None:
        assert encode_objs([PSObject({"L": [1, None], "Empty": "", "M": Hashtable()})]) == OBJS
        assert encode_objs(decode_objs(OBJS, deserialized=False)) == OBJS

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "nonsense",
            "<Objs></Objs>",
            '<Objs Version="9.9"><I32>1</I32></Objs>',
            '<Objs Version="1.1"><No/></Objs>',
        ],
    )
    def test_what_is_no_objs_document(self, text: str) -> None:
        with pytest.raises(CLIXMLError):
            decode_objs(text)

    def test_lists_as_powershell_receives_them(self) -> None:
        value = decode(encode([1, 2]), deserialized=True, lists=PSList)
        assert type(value._base) is PSList
        assert value.ps_type_names()[0] == "Deserialized.System.Object[]"

    def test_an_objs_document(self) -> None:
        values = [1, PSObject({"a": "x"}), None]
        back = decode_objs(encode_objs(values))
        assert back[0] == 1
        assert back[1].a == "x"
        assert back[2] is None

    def test_a_value_of_no_known_type_is_refused(self) -> None:
        with pytest.raises(CLIXMLError, match="has no CLIXML form"):
            encode(object())


class TestNumbers:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (1e15, "1000000000000000"),
            (1e16, "10000000000000000"),
            (1e17, "1E+17"),
            (1.2345678901234568e17, "1.2345678901234568E+17"),
            (0.0001, "0.0001"),
            (0.00001, "1E-05"),
            (-0.0, "-0"),
            (float("nan"), "NaN"),
            (float("-inf"), "-INF"),
            (5e-324, "5E-324"),
        ],
    )
    def test_double(self, value: float, text: str) -> None:
        assert format_double(value) == text

    @pytest.mark.parametrize(
        ("value", "text"), [(0.1, "0.1"), (3.0, "3"), (16777216.0, "16777216"), (1e10, "1E+10"), (-0.0, "-0")]
    )
    def test_single(self, value: float, text: str) -> None:
        assert format_single(value) == text

    @given(st.floats(allow_nan=False))
    def test_double_round_trip(self, value: float) -> None:
        assert parse_double(format_double(value)) == value

    @given(st.floats(allow_nan=False, width=32))
    def test_single_round_trip(self, value: float) -> None:
        decoded = decode(encode(Single(value)))
        assert type(decoded) is Single
        assert encode(decoded) == encode(Single(value))


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)  # lone surrogates and controls included
WHOLE = [
    (int, 32, True), (Int64, 64, True), (Byte, 8, False), (SByte, 8, True), (Int16, 16, True), (UInt16, 16, False),
    (UInt32, 32, False), (UInt64, 64, False),
]  # fmt: skip
INTEGERS = st.one_of(
    *(
        st.integers(-(1 << (bits - 1)) if signed else 0, (1 << (bits - signed)) - 1).map(kind)
        for kind, bits, signed in WHOLE
    )
)


def with_offset(minutes: int) -> datetime.tzinfo:
    text = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    return datetime.timezone(datetime.timedelta(minutes=minutes), text)


DATES = st.builds(
    DateTime.from_ticks,
    st.integers(0, 3_155_378_975_999_999_999),
    st.one_of(st.none(), st.just(datetime.timezone.utc), st.integers(-840, 840).map(with_offset)),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    INTEGERS,
    st.floats(allow_nan=False),
    st.decimals(allow_nan=False, allow_infinity=False, places=4).map(lambda d: Decimal(format(d, "f"))),
    ANY_TEXT,
    st.characters(max_codepoint=0xFFFF, exclude_categories=()).map(Char),
    ANY_TEXT.map(Uri),
    ANY_TEXT.map(ScriptBlockText),
    ANY_TEXT.map(XmlDocument),
    st.lists(st.integers(0, 2**31 - 1), min_size=2, max_size=4).map(Version),
    st.uuids(),
    st.binary(max_size=30),
    DATES,
    st.integers(-(2**63), 2**63 - 1).map(TimeSpan),
)
NAMES = ANY_TEXT.filter(bool)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(ANY_TEXT, inner, max_size=4).map(Hashtable),
        st.lists(st.tuples(NAMES, inner), max_size=4).map(lambda pairs: PSObject(dict(pairs))),
    ),
    max_leaves=12,
)


def plain(value: Any) -> Any:
    """A value with its types, comparable by ==."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, Hashtable):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, PSObject):
        return (value.ps_type_names(), [(name, plain(item)) for name, item in value.ps_properties()])
    if isinstance(value, DateTime):
        return (value.ticks, value.kind, value.utcoffset())
    if isinstance(value, TimeSpan):
        return value.ticks
    return (type(value), str(value) if isinstance(value, Decimal) else value)


class TestRoundTrips:
    @given(VALUES)
    def test_any_value(self, value: Any) -> None:
        assert plain(decode(encode_member(value))) == plain(value)

    @given(ANY_TEXT)
    def test_any_text(self, text: str) -> None:
        paired = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        assert unescape(escape(text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")) == paired
        assert escape(text).isprintable() or not any(ord(char) < 0x20 for char in escape(text))

    @given(st.uuids())
    def test_bytes_are_accepted_with_their_mark(self, value: uuid.UUID) -> None:
        assert decode(b"\xef\xbb\xbf" + encode(value).encode()) == value


class TestMany:
    @given(st.lists(VALUES, max_size=5))
    def test_the_same_as_one_by_one(self, values: list[Any]) -> None:
        assert [plain(value) for value in decode_many([encode(value) for value in values])] == [
            plain(v) for v in values
        ]

    def test_references_stay_in_their_document(self) -> None:
        shared = Hashtable({"a": 1})
        text = encode([shared, shared])
        first, second = decode_many([text, text])
        assert first[0] is first[1]
        assert first[0] is not second[0]

    def test_a_broken_one_is_an_error(self) -> None:
        with pytest.raises(CLIXMLError):
            decode_many(["<I32>1</I32>", "<S>", "<I32>2</I32>"])
        with pytest.raises(CLIXMLError):
            decode_many(["<I32>1</I32>", "<S>a</S><S>b</S>"])


def doubling(depth: int) -> str:
    text = '<Obj RefId="0"><LST><I32>1</I32><I32>1</I32></LST></Obj>'
    for number in range(1, depth):
        text = f'<Obj RefId="{number}"><LST>{text}<Ref RefId="{number - 1}" /></LST></Obj>'
    return text


def counted(work: Callable[[], Any]) -> tuple[Any, int]:
    """What it gives, and how many calls it took: time that no other process changes."""
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        return work(), calls
    finally:
        sys.setprofile(None)


class TestHostileText:
    @pytest.mark.parametrize(
        "text",
        [
            "garbage",
            "<S>",
            "<Obj RefId='0'><Ref RefId='9' /></Obj>",
            "<I32>twelve</I32>",
            "<I32>" + "9" * 10000 + "</I32>",
            "<C>99999999</C>",
            "<DT>yesterday</DT>",
            "<DT>2026-13-45T99:00:00</DT>",
            "<TS>an hour</TS>",
            "<G>no</G>",
            "<D>x</D>",
            "<Version>1.x</Version>",
            '<!DOCTYPE a [<!ENTITY b "c">]><S>&b;</S>',
            "<S>&unknown;</S>",
            b"\xff\xfe<\x00S\x00",
        ],
    )
    def test_is_one_clear_error(self, text: str | bytes) -> None:
        with pytest.raises(CLIXMLError):
            decode(text)

    def test_deep_nesting(self) -> None:
        text = "<Obj RefId='0'><LST>" * 50_000 + "</LST></Obj>" * 50_000
        with pytest.raises(CLIXMLError, match="deep"):
            decode(text)

    def test_unknown_elements_are_skipped(self) -> None:
        text = "<Obj RefId='0'><Later>1</Later><MS><New N='x'>1</New><I32 N='a'>5</I32><I32>6</I32></MS></Obj>"
        assert decode(text).to_dict() == {"x": None, "a": 5}

    @pytest.mark.parametrize("unit", ["_x", "_x0041_", "_xD83D_", "&amp;", "<!-- -->"])
    def test_time_is_linear(self, unit: str) -> None:
        def seconds(count: int) -> float:
            text = f"<S>{unit * count}</S>"
            start = time.thread_time()
            decode(text)
            return time.thread_time() - start

        small = max(min(seconds(20_000) for _ in range(3)), 0.001)
        assert min(seconds(200_000) for _ in range(2)) < small * 60

    def test_one_that_holds_itself_is_one(self) -> None:
        items = decode('<Obj RefId="0"><LST><Ref RefId="0" /></LST></Obj>')
        assert items[0] is items
        bag = decode('<Obj RefId="0"><MS><Ref N="me" RefId="0" /></MS></Obj>')
        assert bag.me is bag

    def test_what_is_referred_to_again_and_again_is_kept_once(self) -> None:
        """Each list has the one before twice: written in full, the last one would be 2^40 numbers."""
        value = decode(doubling(40))
        assert encode(value).count("<Ref ") == 39
        innermost, count = value, 0
        while isinstance(innermost, list):
            assert len(innermost) == 2
            assert innermost[0] == 1 or innermost[0] is innermost[1]
            innermost, count = innermost[0], count + 1
        assert count == 40

    @pytest.mark.parametrize("shape", ["wide", "many", "nested", "long"])
    def test_the_work_of_reading_and_writing_is_linear(self, shape: str) -> None:
        def value(count: int) -> Any:
            if shape == "wide":
                return PSObject({f"Name{number}": number for number in range(count)})
            if shape == "many":
                return [PSObject({"Name": number, "Again": [number]}) for number in range(count)]
            if shape == "nested":
                made: list[Any] = []
                for number in range(count):
                    made.append(innermost := [number])
                    for _ in range(20):
                        made[-1] = [made[-1], innermost]
                return made
            return "<_x&\ud83d" * count

        def calls(count: int) -> tuple[int, int]:
            given = value(count)
            text, writing = counted(lambda: encode(given))
            _, reading = counted(lambda: decode(text))
            return writing, reading

        for few, many in zip(calls(100), calls(1000), strict=True):
            assert many <= 11 * few + 100

    @given(st.text(alphabet="<>/ObjSMTN RefId='0\"=&;_x", max_size=60))
    def test_any_soup(self, text: str) -> None:
        with contextlib.suppress(CLIXMLError):
            decode(text)


class Doubled:
    """A computed member, as the engine's ScriptProperty."""

    is_method = False

    def serialized(self, owner: Any) -> list[Any]:
        return [] if self.is_method else [owner["Number"] * 2]


class Method(Doubled):
    is_method = True


class Block:
    ps_clixml_tag = "SBK"

    def ps_type_names(self) -> list[str]:
        return ["System.Management.Automation.ScriptBlock", "System.Object"]

    def ps_properties(self) -> list[tuple[str, Any]]:
        return []

    def ps_to_string(self) -> str:
        return " 1 + 1 "


class TestEngineValues:
    def test_computed_members(self) -> None:
        value = PSObject({"Number": 21, "Double": Doubled(), "Act": Method()})
        assert decode(encode(value)).to_dict() == {"Number": 21, "Double": 42}

    def test_a_script_block_is_its_text(self) -> None:
        assert encode(Block()) == "<SBK> 1 + 1 </SBK>"
        assert decode(encode(PSObject({"b": Block()}))).b == ScriptBlockText(" 1 + 1 ")
