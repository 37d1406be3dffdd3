"""$MyInvocation of a call, made only when somebody looks at it: most calls never do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .records import InvocationInfo

if TYPE_CHECKING:
    from .parameters import CommandInfo
    from .problems import Place


class LazyInvocation(InvocationInfo):
    def __init__(self, place: Place | None, command: CommandInfo | None, name: str, expecting_input: bool, at: int = 1, of: int = 1) -> None:
        # the attributes of the base are set on first access, see __getattr__
        self._place = place
        self._command = command
        self._name = name
        self._expecting = expecting_input
        self._at, self._of = at, of

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        InvocationInfo.__init__(self, self._command, name=self._name)
        self.expecting_input = self._expecting
        self.pipeline_position, self.pipeline_length = self._at, self._of
        if self._place is not None:
            self._place.fill(self)
        try:
            return self.__dict__[attribute]
        except KeyError:
            raise AttributeError(attribute) from None
