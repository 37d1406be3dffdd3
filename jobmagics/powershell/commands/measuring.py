"""Measure-Object: numbers and text."""

from __future__ import annotations

import decimal
import math
import re
from collections.abc import Iterable
from typing import Any

from ..members.access import MISSING
from ..runtime.cmdlet import Cmdlet, Sink, command
from ..runtime.records import ScriptError
from ..values.conversions import parse_number
from ..values.value import NOTHING, to_string, unwrap
from . import expressions
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
        self.count += 1
        self.sum += value
        self._previous_mean, self._mean = self._mean, self._mean + (value - self._mean) / self.count
        self._squares += (value - self._previous_mean) * (value - self._mean)

    def limits(self, value: Any) -> None:
        if self.maximum is None or compare_values(value, self.maximum) > 0:
            self.maximum = value
        if self.minimum is None or compare_values(value, self.minimum) < 0:
            self.minimum = value

    @property
    def deviation(self) -> float:
        return math.sqrt(self._squares / (self.count - 1)) if self.count > 1 else 0.0


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
        self._absent: list[str] = []
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
        for column in self._columns:
            names = column.names(value) if column.is_pattern else [column.title]
            for name in names:
                find = self._finders.get(name) or expressions.finder(self, expressions.Expression(name))
                found = find(value)
                if found is not MISSING and (found is not None or column.script is None):
                    self._measure(name, found)

    def _measure(self, name: str, value: Any) -> None:
        statistics = self._start(name)
        if self._text:
            statistics.add(to_string(value))
        else:
            self._number(statistics, value)

    def _number(self, statistics: NumberStatistics, value: Any) -> None:
        base = unwrap(value)
        if self._sums:
            number = self._as_number(base)
            if number is None:
                self.error(
                    f'Input object "{to_string(value)}" is not numeric.',
                    "NonNumericInputObject",
                    "InvalidType",
                    value,
                    net_type="System.Management.Automation.PSInvalidCastException",
                )
                return
            statistics.add(number)
        else:
            statistics.count += 1
        if self._limits:
            number = (
                self._as_number(base) if not isinstance(base, str) or isinstance(statistics.maximum, float) else None
            )
            limit = float(number) if number is not None else self._numeric_text(base)
            statistics.limits(limit)

    def _numeric_text(self, value: Any) -> Any:
        number = self._as_number(value) if isinstance(value, str) else None
        return float(number) if number is not None else value

    @staticmethod
    def _as_number(value: Any) -> float | None:
        if isinstance(value, (int, float, decimal.Decimal)) and not isinstance(value, bool):
            return float(value)
        if isinstance(value, bool):
            return float(value)
        if isinstance(value, str):
            try:
                found = parse_number(str(value))
            except (ScriptError, ValueError, OverflowError, Exception):  # noqa: BLE001 - any refusal means "no number"
                return None
            return None if found is None else float(found)
        return None

    def _wants(self, name: str) -> bool:
        return self._all or self.switch(name)

    def end(self) -> None:
        for name, statistics in self._found.items():
            self.write(self._text_info(name, statistics) if self._text else self._number_info(name, statistics))
        if self._columns is not None and getattr(self.runspace, "strict_mode", None):
            for column in self._columns:
                if not column.is_pattern and column.title not in self._found:
                    self.error(
                        f'The property "{column.title}" cannot be found in the input for any objects.',
                        "GenericMeasurePropertyNotFound",
                        "InvalidArgument",
                        net_type="System.Management.Automation.PSArgumentException",
                    )

    def _number_info(self, name: str, found: NumberStatistics) -> MeasureInfo:
        counted = found.count > 0
        limits = {"Maximum": found.maximum, "Minimum": found.minimum}
        generic = all(value is None or isinstance(value, float) for value in limits.values())
        facts = {
            "Count": found.count,
            "Average": found.sum / found.count if self._wants("Average") and counted else None,
            "Sum": found.sum if self._wants("Sum") and counted else None,
            "Maximum": limits["Maximum"] if self._wants("Maximum") else None,
            "Minimum": limits["Minimum"] if self._wants("Minimum") else None,
            "StandardDeviation": found.deviation if self._wants("StandardDeviation") and counted else None,
            "Property": name or None,
        }
        if not generic:
            kept = ("Count", "Average", "Sum", "Maximum", "Minimum", "StandardDeviation", "Property")
            return MeasureInfo("GenericObjectMeasureInfo", {key: facts[key] for key in kept})
        return MeasureInfo("GenericMeasureInfo", facts)

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
