"""Measure-Object: numbers and text."""

from __future__ import annotations

import decimal
import math
import re
from collections.abc import Iterable
from typing import Any

from ..members.access import MISSING
from ..records import (
    SMA,
    ErrorRecord,
    NetException,
    ScriptError,
)
from ..runtime.cmdlet import Cmdlet, Sink, command
from ..values.conversions import convert
from ..values.value import NOTHING, to_string, unwrap
from . import expressions
from .filtering import is_strict
from .sorting import compare_values

COMMANDS = "Microsoft.PowerShell.Commands."
WORD = re.compile(r"\S+")
STATISTICS = ("Average", "Sum", "Maximum", "Minimum", "StandardDeviation")


class MeasureInfo:
    """GenericMeasureInfo or GenericObjectMeasureInfo or TextMeasureInfo: a few named numbers."""

    def __init__(self, kind: str, facts: dict[str, Any]) -> None:
        self._kind, self._facts = kind, facts

    def ps_type_names(self) -> list[str]:
        return [COMMANDS + self._kind, COMMANDS + "MeasureInfo", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        return self._facts.items()

    def ps_to_string(self) -> str:
        return COMMANDS + self._kind


class NumberStatistics:
    """Running count, sum, mean (Welford, as PowerShell does for the deviation), smallest and largest."""

    def __init__(self) -> None:
        self.count = 0
        self.sum = 0.0
        self._previous_mean = 0.0
        self._mean = 0.0
        self._squares = 0.0
        self.maximum: Any = None
        self.minimum: Any = None

    def add(self, value: float) -> None:
        """A number that is already counted."""
        self.sum += value
        if self.count == 1:
            self._mean = value
            return
        self._previous_mean, self._mean = self._mean, self._mean + (value - self._mean) / self.count
        self._squares += (value - self._previous_mean) * (value - self._mean)

    def limits(self, value: Any) -> None:
        if self.maximum is None or _order(value, self.maximum) > 0:
            self.maximum = value
        if self.minimum is None or _order(value, self.minimum) < 0:
            self.minimum = value

    @property
    def deviation(self) -> float:
        return math.sqrt(self._squares / (self.count - 1)) if self.count > 1 else 0.0


def _order(left: Any, right: Any) -> int:
    """Of numbers and of what means a number as numbers, of other values of two types as texts."""
    a, b = _comparable(left), _comparable(right)
    if a is not None and b is not None and type(a) is not type(b):
        a, b = to_string(a), to_string(b)
    return compare_values(a, b, ignore_case=False)


def _comparable(value: Any) -> Any:
    base = unwrap(value)
    number = as_double(base) if base is not None else None
    return base if number is None else number


def as_double(base: Any) -> float | None:
    """The number that a value converts to; None for what is none."""
    if isinstance(base, (int, float, decimal.Decimal)):
        return float(base)
    if base is None:
        return 0.0
    if not isinstance(base, str):
        return None
    try:
        return float(convert(base, "System.Double"))
    except (ScriptError, ValueError, OverflowError):
        return None


class TextStatistics:
    def __init__(self, ignore_space: bool) -> None:
        self.count = self.lines = self.words = self.characters = 0
        self._ignore_space = ignore_space

    def add(self, text: str) -> None:
        self.count += 1
        self.words += len(WORD.findall(text))
        self.characters += sum(not char.isspace() for char in text) if self._ignore_space else len(text)
        if text:
            self.lines += 1 + text.count("\n") - (1 if text.endswith("\n") else 0)


@command("Measure-Object")
class MeasureObject(Cmdlet):
    takes_elements = True

    def element_sink(self) -> Sink:
        return self._take

    def begin(self) -> None:
        given = self.arg("Property")
        self._columns = None if given is None else expressions.parse(self, given, ())
        self._finders = {column.title: expressions.finder(self, column) for column in self._columns or ()}
        self._all = self.switch("AllStats")
        self._text = self.set_name == "TextMeasure"
        self._found: dict[str, Any] = {}
        self._all_numeric = True  # else there is no sum of anything
        self._sums = any(self._wants(name) for name in ("Sum", "Average", "StandardDeviation"))
        self._limits = self._wants("Maximum") or self._wants("Minimum")
        if self._columns is None:
            self._start("")

    def _start(self, name: str) -> Any:
        if name not in self._found:
            made = TextStatistics(self.switch("IgnoreWhiteSpace")) if self._text else NumberStatistics()
            self._found[name] = made
        return self._found[name]

    def process(self) -> None:
        self._take(self.bound.get("inputobject", NOTHING))

    def _take(self, value: Any) -> None:
        if value is NOTHING or value is None:
            return
        if self._columns is None:
            self._measure("", value)
            return
        counted = set()
        for column in self._columns:
            if not column.is_pattern:
                self._start(column.title)
            for name in column.names(value) if column.is_pattern else [column.title]:
                if name.lower() in counted:
                    continue
                find = self._finders.get(name) or expressions.finder(self, expressions.Expression(name))
                found = find(value)
                if found is not MISSING:
                    self._measure(name, found)
                    counted.add(name.lower())

    def _measure(self, name: str, value: Any) -> None:
        statistics = self._start(name)
        if self._text:
            statistics.add(to_string(value))
            return
        statistics.count += 1
        if self._sums:
            number = as_double(unwrap(value))
            if number is None:
                self._not_numeric(value)
                return
            statistics.add(number)
        if self._limits:
            statistics.limits(value)

    def _not_numeric(self, value: Any) -> None:
        self._all_numeric = False
        self.error(
            f'Input object "{to_string(value)}" is not numeric.',
            "NonNumericInputObject",
            "InvalidType",
            value,
            net_type=SMA + "PSInvalidOperationException",
        )

    def _wants(self, name: str) -> bool:
        return self._all or self.switch(name)

    def end(self) -> None:
        for name, statistics in self._found.items():
            if self._columns is not None and not statistics.count:
                if is_strict(self):
                    self._not_found(name)
                continue
            self.write(self._text_info(name, statistics) if self._text else self._number_info(name, statistics))

    def _not_found(self, name: str) -> None:
        exception = NetException(
            f'Cannot process argument because the value of argument "{name}" is not valid. Change the value of the '
            f'"{name}" argument and run the operation again.',
            net_type=SMA + "PSArgumentException",
        )
        error_id = "TextMeasurePropertyNotFound" if self._text else "GenericMeasurePropertyNotFound"
        details = f'The property "{name}" cannot be found in the input for any objects.'
        self.error(ErrorRecord(exception, error_id, "ObjectNotFound", details=details))

    def _number_info(self, name: str, found: NumberStatistics) -> MeasureInfo:
        limits = {key: getattr(found, key.lower()) if self._wants(key) else None for key in ("Maximum", "Minimum")}
        numbers = {key: as_double(unwrap(value)) if value is not None else None for key, value in limits.items()}
        generic = all(numbers[key] is not None or value is None for key, value in limits.items())
        counted = self._all_numeric
        facts = {
            "Count": found.count,
            "Average": found.sum / found.count if self._wants("Average") and counted and found.count else None,
            "Sum": found.sum if self._wants("Sum") and counted else None,
            **(numbers if generic else limits),
            "StandardDeviation": found.deviation if self._wants("StandardDeviation") and counted and generic else None,
            "Property": name or None,
        }
        return MeasureInfo("GenericMeasureInfo" if generic else "GenericObjectMeasureInfo", facts)

    def _text_info(self, name: str, found: TextStatistics) -> MeasureInfo:
        return MeasureInfo(
            "TextMeasureInfo",
            {
                "Lines": found.lines if self.switch("Line") else None,
                "Words": found.words if self.switch("Word") else None,
                "Characters": found.characters if self.switch("Character") else None,
                "Property": name or None,
            },
        )
