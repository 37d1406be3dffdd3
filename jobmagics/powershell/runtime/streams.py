"""Where the records of one call go: redirections and the variables that collect them.

A StreamSet is handed from caller to callee. For each stream it has a sink (a redirection), NULL (``3>$null``), or None,
which means the pipeline's own streams. Commands make a new one only when they redirect or collect.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Sink = Callable[[Any], Any]
KINDS = ("error", "warning", "verbose", "debug", "information")
BY_NUMBER = {2: "error", 3: "warning", 4: "verbose", 5: "debug", 6: "information"}


def NULL(_: Any) -> None:
    """The sink of ``2>$null``."""


class StreamSet:
    __slots__ = ("collectors", "sinks")

    def __init__(
        self,
        sinks: dict[str, Sink] | None = None,
        collectors: dict[str, tuple[Callable[[Any], Any], ...]] | None = None,
    ) -> None:
        self.sinks = sinks or {}
        self.collectors = collectors or {}

    def redirected(self, sinks: dict[str, Sink]) -> StreamSet:
        return StreamSet({**self.sinks, **sinks}, self.collectors)

    def collecting(self, kind: str, collect: Callable[[Any], Any]) -> StreamSet:
        return StreamSet(self.sinks, {**self.collectors, kind: (*self.collectors.get(kind, ()), collect)})

    def collect(self, kind: str, record: Any) -> None:
        for collect in self.collectors.get(kind, ()):
            collect(record)


PLAIN = StreamSet()
