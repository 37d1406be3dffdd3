"""``python -m benchmarks.clixml``: the codec beside pypsrp's and psrpcore's serializers, on the same objects.

Each text is a message of its own, as a pipeline's output is; ours are read by one parse for many, and beside that one
by one. The last rows show growth: what one object costs as they become more, wider and deeper must stay about the same.
All figures are of CPU time.
"""

from __future__ import annotations

import statistics
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from typing import Any

from psrpcore import types as psrpcore_types
from pypsrp.serializer import Serializer

from benchmarks import table
from benchmarks.table import Row
from jobmagics.clixml import decode, decode_many, encode_member

ROUNDS = 7
OBJECTS = 2_000
AIMS = {"pypsrp": 5, "psrpcore": 8}
"""How many times each peer's speed is the aim."""
PREFIX = "Deserialized.System."
NAMES = f'<TN RefId="0"><T>{PREFIX}Management.Automation.PSCustomObject</T><T>{PREFIX}Object</T></TN>'


class NoCipher:
    """psrpcore asks for a cipher even where nothing is secret."""


def text_of(number: int, properties: int = 5) -> str:
    """An object as PowerShell sends it: five properties of four types, repeated for wider ones."""
    members = "".join(
        (
            f'<I32 N="Id{at}">{number}</I32>',
            f'<S N="Name{at}">item {number}</S>',
            f'<I64 N="Size{at}">{number * 10}</I64>',
            f'<B N="Ok{at}">true</B>',
            f'<S N="Kind{at}">sample</S>',
        )[at % 5]
        for at in range(properties)
    )
    return f'<Obj RefId="0">{NAMES}<MS>{members}</MS></Obj>'


def nested(depth: int) -> str:
    text = "<I32>1</I32>"
    for level in range(depth):
        text = f'<Obj RefId="{level}"><LST>{text}</LST></Obj>'
    return text


def rates(works: dict[str, Callable[[], Any]], count: int) -> dict[str, float]:
    """Things a second for each way, medians of rounds that take turns."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            began = time.process_time()
            work()
            seconds[name].append(time.process_time() - began)
    return {name: count / statistics.median(taken) for name, taken in seconds.items()}


def reading() -> dict[str, float]:
    texts = [text_of(number) for number in range(OBJECTS)]
    pypsrp = Serializer()
    works: dict[str, Callable[[], Any]] = {
        "jobmagics": lambda: decode_many(texts, deserialized=True),
        "one by one": lambda: [decode(text, deserialized=True) for text in texts],
        "pypsrp": lambda: [pypsrp.deserialize(text) for text in texts],
        "psrpcore": lambda: [psrpcore_types.deserialize(ET.fromstring(text), NoCipher()) for text in texts],
        "the XML parse alone": lambda: [ET.fromstring(text) for text in texts],
    }
    return rates(works, OBJECTS)


def writing() -> dict[str, float]:
    texts = [text_of(number) for number in range(OBJECTS)]
    pypsrp = Serializer()
    ours = [decode(text) for text in texts]
    theirs = [pypsrp.deserialize(text) for text in texts]
    cores = [psrpcore_types.deserialize(ET.fromstring(text), NoCipher()) for text in texts]
    works: dict[str, Callable[[], Any]] = {
        "jobmagics": lambda: [encode_member(value) for value in ours],
        "pypsrp": lambda: [ET.tostring(pypsrp.serialize(value), encoding="unicode") for value in theirs],
        "psrpcore": lambda: [
            ET.tostring(psrpcore_types.serialize(value, NoCipher()), encoding="unicode") for value in cores
        ],
    }
    return rates(works, OBJECTS)


def growth() -> list[tuple[str, float]]:
    """Microseconds for each property or level."""
    rows = []
    for count in (1_000, 10_000, 100_000):
        texts = [text_of(number) for number in range(count)]
        rows.append((f"{count:,} objects of 5 properties", _microseconds(lambda t=texts: decode_many(t), count * 5)))
    for width in (1_000, 10_000, 100_000, 1_000_000):
        text = text_of(1, width)
        rows.append((f"one object of {width:,} properties", _microseconds(lambda t=text: decode(t), width)))
    for depth in (10, 40, 90):
        texts = [nested(depth)] * (9_000 // depth)
        rows.append((f"lists nested {depth} deep", _microseconds(lambda t=texts: decode_many(t), 9_000)))
    return rows


def _microseconds(work: Callable[[], Any], count: int) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1e6 / count


def compared(what: str, rates: dict[str, float]) -> Iterator[Row]:
    ours = rates["jobmagics"]
    for name, times in AIMS.items():
        yield table.rate(f"{what} CLIXML objects of 5 properties", ours, "objects/s", rates[name], name, times)


def main() -> None:
    table.begin()
    read = reading()
    table.show_all(compared("reading", read))
    for name in ("one by one", "the XML parse alone"):
        table.show(Row(f"reading, {name}", f"{read[name]:,.0f} objects/s"))
    table.show_all(compared("writing", writing()))
    for name, cost in growth():
        table.show(Row(f"reading {name}", f"{cost:.2f} µs for each property or level"))


if __name__ == "__main__":
    main()
