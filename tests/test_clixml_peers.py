"""The codec beside pypsrp's and psrpcore's: everything recorded from PowerShell, read by all three, says the same.

Each reading is brought to one plain form: the properties of an object by name, the items of a list, the text of a
scalar as CLIXML spells it. What a peer cannot say is left out by rule, never by text: pypsrp knows fewer kinds of
scalars and reads messages it knows into classes of its own.
"""

from __future__ import annotations

import base64
import gzip
import json
import queue
import re
import uuid
import xml.etree.ElementTree as ET
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from psrpcore import types as psrpcore_types
from pypsrp.complex_objects import ComplexObject, GenericComplexObject
from pypsrp.serializer import Serializer

from jobmagics.clixml import decode, encode
from jobmagics.psobject import Char, Hashtable, PSObject, SecureString

DATA = Path(__file__).parent / "data" / "clixml.jsonl.gz"
RECORDED = [json.loads(line) for line in gzip.decompress(DATA.read_bytes()).decode().split("\n") if line]
SECRET = "(secret)"
OWN_CLASS = "(a class of the peer's own)"
PSRPCORE_CLASSES = (
    psrpcore_types.ErrorRecord,
    psrpcore_types.InformationalRecord,
    psrpcore_types.InvocationInfo,
)
UTC = re.compile(r"(\d\d:\d\d:\d\d(?:\.\d+)?)\+00:00")


class Mirror:
    """A cipher that anyone can read."""

    def encrypt(self, text: str) -> str:
        return text[::-1]

    decrypt = encrypt


def spelled(value: Any) -> Any:
    """A scalar as CLIXML spells it; numbers as numbers, as the peers' kinds of them are not ours."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, Char):
        return ord(value)
    if isinstance(value, (int, float, Decimal)):
        return float(value)
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, (str, uuid.UUID)):
        return str(value)
    return ET.fromstring(encode(value)).text


def ours(value: Any) -> Any:
    if isinstance(value, SecureString):
        return SECRET
    if isinstance(value, PSObject):
        found = {name: ours(held) for name, held in value.ps_properties()}
        base = ours(value._base) if value._base is not None else None
        return (found, base) if found else base
    if isinstance(value, list):
        return [ours(item) for item in value]
    if isinstance(value, Hashtable):
        return {str(spelled(key)): ours(held) for key, held in value.items()}
    return spelled(value)


class TestPypsrp:
    @staticmethod
    def plain(value: Any) -> Any:
        plain = TestPypsrp.plain
        if isinstance(value, GenericComplexObject):
            found = {name: plain(held) for name, held in (value.adapted_properties | value.extended_properties).items()}
            base = plain(value.property_sets[0]) if value.property_sets else None
            return (found, base) if found else base
        if isinstance(value, ComplexObject):
            return OWN_CLASS
        if isinstance(value, queue.Queue):
            return [plain(item) for item in value.queue]
        if isinstance(value, list):
            return [plain(item) for item in value]
        if isinstance(value, dict):
            return {str(spelled(key)): plain(held) for key, held in value.items()}
        return spelled(value)

    @pytest.mark.parametrize("text", RECORDED, ids=lambda text: text[:40])
    def test_reads_the_same(self, text: str) -> None:
        if "<SS" in text:
            pytest.skip("pypsrp wants its own cipher for secure strings")
        assert same(ours(decode(text)), self.plain(Serializer().deserialize(text)))


class TestPsrpcore:
    @staticmethod
    def plain(value: Any) -> Any:
        plain = TestPsrpcore.plain
        if isinstance(value, psrpcore_types.PSSecureString):
            return SECRET
        if isinstance(value, PSRPCORE_CLASSES):
            return OWN_CLASS
        if isinstance(value, list):
            base: Any = [plain(item) for item in value]
        elif isinstance(value, queue.Queue):
            base = [plain(item) for item in value.queue]
        elif isinstance(value, dict):
            base = {str(spelled(key)): plain(held) for key, held in value.items()}
        elif value is None or isinstance(value, bool):
            return value
        elif isinstance(value, psrpcore_types.PSChar):
            base = int(value)
        elif isinstance(value, (int, float, Decimal)):
            base = float(value)
        elif isinstance(value, str):
            base = str.__str__(value)
        else:
            element = psrpcore_types.serialize(value, Mirror())
            base = element.text if element.tag != "Obj" else None
        shape = getattr(value, "PSObject", None)
        if shape is None:
            return base
        members = [*shape.adapted_properties, *shape.extended_properties]
        found = {member.name: plain(member.get_value(value)) for member in members}
        return (found, base) if found else base

    @pytest.mark.parametrize("text", RECORDED, ids=lambda text: text[:40])
    def test_reads_the_same(self, text: str) -> None:
        mine = ours(decode(text, cipher=Mirror()))
        assert same(mine, self.plain(psrpcore_types.deserialize(ET.fromstring(text), Mirror())))


def same(mine: Any, theirs: Any) -> bool:
    if theirs == OWN_CLASS:
        return mine is not None
    if isinstance(mine, dict) and isinstance(theirs, dict):
        return mine.keys() == theirs.keys() and all(same(held, theirs[name]) for name, held in mine.items())
    if isinstance(mine, (list, tuple)) and isinstance(theirs, (list, tuple)):
        return len(mine) == len(theirs) and all(map(same, mine, theirs))
    if isinstance(theirs, str):
        if isinstance(mine, (list, tuple)):
            return theirs.startswith("<")  # pypsrp leaves as text what it does not know
        if isinstance(mine, float):  # pypsrp's decimals are text
            return mine == float(theirs)
        if isinstance(mine, int):  # pypsrp's characters are text
            return mine == ord(theirs)
        # psrpcore does not keep whether a time of UTC was a local one
        return isinstance(mine, str) and UTC.sub(r"\1Z", mine) == UTC.sub(r"\1Z", theirs)
    return bool(mine == theirs)
