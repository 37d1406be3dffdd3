"""System.Collections.BitArray."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..members.indexing import number_of
from ..memory import require
from ..values.types import NetType
from .enumerators import Enumerator
from .table import NetObject, argument_null, declare, index_out_of_range, net_error, out_of_range


class BitArray(NetObject):
    net_type = "System.Collections.BitArray"

    def beside(self, other: BitArray) -> Iterator[tuple[bool, bool]]:
        if other is None:
            raise argument_null("value")
        if len(self.bits) != len(other.bits):
            raise net_error("System.ArgumentException", "Array lengths must be the same.")
        return zip(self.bits, other.bits, strict=True)

    def become(self, bits: Iterable[bool]) -> BitArray:
        self.bits = list(bits)
        return self

    def __init__(self, bits: Iterable[bool]) -> None:
        self.bits = list(bits)

    def ps_items(self) -> Iterator[bool]:
        return iter(list(self.bits))

    def ps_index(self, index: Any) -> bool:
        return self.bits[number_of(index)]

    def ps_set_index(self, index: Any, new: Any) -> None:
        self.bits[number_of(index)] = bool(new)


BITS = declare("System.Collections.BitArray")


@BITS.constructor("(int length)", "(int length, bool defaultValue)")
def _filled(kind: NetType, length: int, fill: bool = False) -> BitArray:
    if length < 0:
        raise out_of_range("length", f"length ('{length}') must be a non-negative value.")
    require(length)
    return BitArray([fill] * length)


BITS.constructor("(System.Collections.BitArray bits)")(lambda kind, other: BitArray(other.bits))
BITS.constructor("(int[] values)")(
    lambda kind, data: BitArray(bool(number >> bit & 1) for number in data for bit in range(32))
)
BITS.constructor("(bool[] values)")(lambda kind, values: BitArray(values))
BITS.constructor("(byte[] bytes)")(
    lambda kind, data: BitArray(bool(byte >> bit & 1) for byte in data for bit in range(8))
)


def _resize(held: BitArray, length: int) -> None:
    require(length)
    held.bits = [*held.bits[:length], *[False] * (length - len(held.bits))]


def _place(held: BitArray, index: int) -> int:
    if not 0 <= index < len(held.bits):
        raise index_out_of_range()
    return index


BITS.property("int Count", lambda held: len(held.bits))
BITS.property("int Length", lambda held: len(held.bits), _resize)
BITS.property("bool IsReadOnly", lambda held: False)
BITS.property("bool IsSynchronized", lambda held: False)
BITS.property("System.Object SyncRoot", lambda held: held)
BITS.method("bool HasAllSet()")(lambda held: all(held.bits))
BITS.method("bool HasAnySet()")(lambda held: any(held.bits))
BITS.method("System.Object Clone()")(lambda held: BitArray(held.bits))
BITS.method("void CopyTo(array array, int index)")(
    lambda held, target, index: target.__setitem__(slice(index, index + len(held.bits)), held.bits)
)
BITS.method("System.Collections.BitArray LeftShift(int count)")(
    lambda held, count: held.become([*[False] * count, *held.bits][: len(held.bits)])
)
BITS.method("System.Collections.BitArray RightShift(int count)")(
    lambda held, count: held.become([*held.bits[count:], *[False] * min(count, len(held.bits))])
)
BITS.method("System.Collections.IEnumerator GetEnumerator()")(lambda held: Enumerator(held.bits))
BITS.method("bool Get(int index)")(lambda held, index: held.bits[_place(held, index)])
BITS.method("void Set(int index, bool value)")(
    lambda held, index, value: held.bits.__setitem__(_place(held, index), value)
)
BITS.method("void SetAll(bool value)")(lambda held, value: held.bits.__setitem__(slice(None), [value] * len(held.bits)))
BITS.method("System.Collections.BitArray Not()")(lambda held: held.become(not bit for bit in held.bits))
BITS.method("System.Collections.BitArray And(System.Collections.BitArray value)")(
    lambda held, other: held.become(a and b for a, b in held.beside(other))
)
BITS.method("System.Collections.BitArray Or(System.Collections.BitArray value)")(
    lambda held, other: held.become(a or b for a, b in held.beside(other))
)
BITS.method("System.Collections.BitArray Xor(System.Collections.BitArray value)")(
    lambda held, other: held.become(a != b for a, b in held.beside(other))
)
