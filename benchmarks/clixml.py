"""``python -m benchmarks.clixml``: the codec beside pypsrp's and psrpcore's serializers, on the same objects.

Each text is a message of its own, as a pipeline's output is. The second table shows growth: what one object costs as
they become more, wider and deeper must stay about the same.
"""

from __future__ import annotations

import platform
import statistics
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

from psrpcore import types as psrpcore_types
from pypsrp.serializer import Serializer

from jobmagics.clixml import decode, decode_many, encode_member

ROUNDS = 7
OBJECTS = 2_000
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
            began = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - began)
    return {name: count / statistics.median(taken) for name, taken in seconds.items()}


def reading() -> dict[str, float]:
    texts = [text_of(number) for number in range(OBJECTS)]
    pypsrp = Serializer()
    works: dict[str, Callable[[], Any]] = {
        "jobmagics, all at once": lambda: decode_many(texts, deserialized=True),
        "jobmagics, one by one": lambda: [decode(text, deserialized=True) for text in texts],
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
        "jobmagics, one by one": lambda: [encode_member(value) for value in ours],
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
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1e6 / count


def main() -> None:
    print(f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, one core\n")
    for title, table in (("reading", reading()), ("writing", writing())):
        print(f"| {title} objects of 5 properties | objects/s | of pypsrp | of psrpcore |\n|---|---|---|---|")
        for name, rate in table.items():
            print(f"| {name} | {rate:,.0f} | {rate / table['pypsrp']:.1f} | {rate / table['psrpcore']:.1f} |")
        print()
    print("| growth | µs for each property or level |\n|---|---|")
    for name, cost in growth():
        print(f"| {name} | {cost:.2f} |")


if __name__ == "__main__":
    main()
