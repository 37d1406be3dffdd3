"""[ref]: a place that a method or function can write to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


class Reference:
    """System.Management.Automation.PSReference: a value of its own, or a variable's."""

    def __init__(
        self, value: Any = None, get: Callable[[], Any] | None = None, put: Callable[[Any], None] | None = None
    ) -> None:
        self._value = value
        self._get = get
        self._put = put

    @property
    def value(self) -> Any:
        return self._get() if self._get is not None else self._value

    @value.setter
    def value(self, new: Any) -> None:
        if self._put is not None:
            self._put(new)
        else:
            self._value = new

    def ps_type_names(self) -> list[str]:
        return ["System.Management.Automation.PSReference", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "Value", self.value

    def ps_set(self, name: str, new: Any) -> None:
        if name.lower() != "value":
            raise AttributeError(name)
        self.value = new

    def ps_to_string(self) -> str:
        return "System.Management.Automation.PSReference"
