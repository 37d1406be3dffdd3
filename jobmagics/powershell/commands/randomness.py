"""Get-Random, Get-SecureRandom, New-Guid."""

from __future__ import annotations

import random
import secrets
import uuid
from typing import Any

from ...psobject import Int64
from ..runtime.cmdlet import Cmdlet, command
from ..values.conversions import convert
from ..values.value import NOTHING, as_list, unwrap

INT_MAX, INT64_MAX = 2**31 - 1, 2**63 - 1


@command("Get-Random")
class GetRandom(Cmdlet):
    def begin(self) -> None:
        self._choices: list[Any] = []
        self._random = self._source()
        self._from_list = self.expecting_input or self.has("InputObject") or self.switch("Shuffle")
        if not self._from_list:
            for _ in range(self.arg("Count", 1)):
                self.write(self._number())

    def _source(self) -> random.Random:
        if self.has("SetSeed"):
            self.runspace.random = random.Random(self.arg("SetSeed"))  # type: ignore[attr-defined]  # noqa: S311
        return getattr(self.runspace, "random", None) or random.SystemRandom()

    def _number(self) -> Any:
        low, high = self._limit("Minimum"), self._limit("Maximum")
        if isinstance(low, float) or isinstance(high, float):
            bottom, top = float(low or 0.0), float(high if high is not None else 1.7976931348623157e308)
            self._check(bottom, top)
            return bottom + (top - bottom) * self._random.random()
        wide = isinstance(low, Int64) or isinstance(high, Int64)
        bottom, top = int(low or 0), int(high if high is not None else (INT64_MAX if wide else INT_MAX))
        self._check(bottom, top)
        found = self._random.randrange(bottom, top)
        return Int64(found) if wide else found

    def _limit(self, name: str) -> Any:
        value = unwrap(self.arg(name))
        if isinstance(value, str):
            value = convert(value, "System.Double") if "." in value else convert(value, "System.Int64")
            value = int(value) if isinstance(value, int) and abs(value) <= INT_MAX else value
        return value if value is None or isinstance(value, (int, float)) else convert(value, "System.Double")

    def _check(self, low: float, high: float) -> None:
        if low >= high:
            raise self.terminate(
                f"The Minimum value ({low}) cannot be greater than or equal to the Maximum value ({high}).",
                "MinGreaterThanOrEqualMax",
                "InvalidArgument",
                net_type="System.ArgumentException",
            )

    def process(self) -> None:
        if self._from_list:
            value = self.bound.get("inputobject", NOTHING)
            self._choices += value if isinstance(value, list) else as_list(value)

    def end(self) -> None:
        if not self._choices:
            return
        if self.switch("Shuffle"):
            self._random.shuffle(self._choices)
            self.write_all(self._choices)
            return
        self.write_all(self._random.sample(self._choices, min(self.arg("Count", 1), len(self._choices))))


@command("Get-SecureRandom")
class GetSecureRandom(GetRandom):
    def _source(self) -> random.Random:
        return secrets.SystemRandom()


@command("New-Guid")
class NewGuid(Cmdlet):
    def process(self) -> None:
        if self.switch("Empty"):
            self.write(uuid.UUID(int=0))
        elif self.has("InputObject"):
            self.write(convert(self.arg("InputObject"), "System.Guid"))
        else:
            self.write(uuid.uuid4())
