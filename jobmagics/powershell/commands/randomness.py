"""Get-Random, Get-SecureRandom, New-Guid."""

from __future__ import annotations

import math
import uuid
from typing import Any

from ...psobject import Int64
from ..dotnet.math import Random
from ..dotnet.objects import parse_guid
from ..records import Thrown
from ..runtime.cmdlet import Cmdlet, command
from ..values.conversions import convert
from ..values.value import NOTHING, as_list, to_string, unwrap

INT_MAX, INT64_MAX, DOUBLE_MAX = 2**31 - 1, 2**63 - 1, 1.7976931348623157e308


@command("Get-Random")
class GetRandom(Cmdlet):
    """With -SetSeed the numbers are those of .NET's Random, in PowerShell's way of using it."""

    def begin(self) -> None:
        self._chosen: list[Any] = []
        self._seen = 0
        self._random = self._source()
        self._from_list = self.expecting_input or self.has("InputObject") or self.switch("Shuffle")
        self._count = INT_MAX if self.switch("Shuffle") else int(self.arg("Count", 1))

    def _source(self) -> Random:
        if self.has("SetSeed"):
            self.runspace.random = Random(self.arg("SetSeed"))  # type: ignore[attr-defined]
        return getattr(self.runspace, "random", None) or Random()

    def process(self) -> None:
        if self._from_list:
            value = self.bound.get("inputobject", NOTHING)
            for item in value if isinstance(value, list) else as_list(value):
                self._take(item)
            return
        low, high = self._limit("Minimum"), self._limit("Maximum")
        for _ in range(self._count):
            self.write(self._number(low, high))

    def _number(self, low: Any, high: Any) -> Any:
        if any(limit is not None and type(limit) not in (int, Int64) for limit in (low, high)):
            top = DOUBLE_MAX if high is None else convert(high, "System.Double")
            return self._real(0.0 if low is None else convert(low, "System.Double"), top)
        wide = isinstance(low, Int64) or isinstance(high, Int64)
        bottom, top = int(low or 0), int(high if high is not None else (INT64_MAX if wide else INT_MAX))
        self._check(bottom, top)
        return Int64(self._wide(bottom, top)) if wide else self._random.between(bottom, top)

    def _wide(self, low: int, high: int) -> int:
        span = high - low
        if span <= INT_MAX:
            return low + self._random.between(0, span)
        mask = (1 << span.bit_length()) - 1
        while True:
            found = int.from_bytes(bytes(self._random.data(8)), "little") & mask
            if found < span:
                return low + found

    def _real(self, low: float, high: float) -> float:
        self._check(low, high)
        span = high - low
        while True:
            part = self._random.fraction()
            found = low + part * high - part * low if math.isinf(span) else low + part * span
            if found < high:
                return found
            span *= part

    def _limit(self, name: str) -> Any:
        value = unwrap(self.arg(name))
        if isinstance(value, str):
            value = convert(value, "System.Double") if "." in value else convert(value, "System.Int64")
            value = int(value) if isinstance(value, int) and abs(value) <= INT_MAX else value
        return value

    def _check(self, low: float, high: float) -> None:
        if low >= high:
            raise self.terminate(
                f"The Minimum value ({low}) cannot be greater than or equal to the Maximum value ({high}).",
                "MinGreaterThanOrEqualMax",
                "InvalidArgument",
                net_type="System.ArgumentException",
            )

    def _take(self, item: Any) -> None:
        """Of all that comes each has the same chance to be among the chosen."""
        if self._seen < self._count:
            self._chosen.append(item)
        elif self._random.between(0, self._seen + 1) < self._count:
            self._chosen[self._random.between(0, len(self._chosen))] = item
        self._seen += 1

    def end(self) -> None:
        chosen = self._chosen
        for at in range(len(chosen)):
            other = self._random.between(at, len(chosen))
            self.write(chosen[other])
            chosen[other] = chosen[at]


@command("Get-SecureRandom")
class GetSecureRandom(GetRandom):
    def _source(self) -> Random:
        return Random()  # which draws from the system's secure source


@command("New-Guid")
class NewGuid(Cmdlet):
    def process(self) -> None:
        if self.switch("Empty"):
            self.write(uuid.UUID(int=0))
        elif self.has("InputObject"):
            try:
                self.write(parse_guid(to_string(self.arg("InputObject"))))
            except Thrown as thrown:
                self.error(thrown.exception, "StringNotRecognizedAsGuid", "InvalidArgument")
        else:
            self.write(uuid.uuid4())
