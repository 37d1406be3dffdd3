"""The magics in a PowerShell notebook: the same words on the same manager, over the variables of its cells."""

from __future__ import annotations

import threading
from collections import ChainMap
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from jobmagics.current import Current
from jobmagics.errors import UsageError
from jobmagics.magics.shell import JobMagics
from jobmagics.options import Arguments
from jobmagics.results import Job, PSSession

from .session_words import SessionWords
from .variables import Variables

if TYPE_CHECKING:
    from jobmagics.display.views import LiveView


class KernelMagics(JobMagics):
    """``$name`` and ``$using:name`` are variables of PowerShell, or of Python where PowerShell has none of that name;
    what a magic gives is PowerShell's. The session that is entered is the one that the cells enter.
    """

    def __init__(self, shell: Any, current: Current, words: SessionWords, variables: Variables) -> None:
        super().__init__(shell, current)
        self._words, self._variables = words, variables
        self._due: dict[str, Any] = {}

    @property
    def namespace(self) -> Mapping[str, Any]:
        return ChainMap(self._variables, self.shell.user_ns)

    def assign(self, name: str, value: Any) -> None:
        """From a page's button it may come while a cell runs, which has the session: the next cell has the variable."""
        if threading.current_thread() is not threading.main_thread():
            self._due[name] = value
            return
        try:
            self._variables[name] = value
        except UsageError:  # it cannot travel: it is Python's then, and found there
            super().assign(name, value)

    def assign_what_is_due(self) -> None:
        """Before a cell."""
        while self._due:
            self.assign(*self._due.popitem())

    @property
    def _entered(self) -> PSSession | None:
        return self._words.entered

    @_entered.setter
    def _entered(self, session: PSSession | None) -> None:
        self._words.entered = session

    @property
    def _is_own(self) -> bool:
        return self._words.is_own

    @_is_own.setter
    def _is_own(self, is_own: bool) -> None:
        self._words.is_own = is_own

    def powershell(self, given: Arguments, cell: str | None) -> Any:
        raise UsageError("Write PowerShell in a cell of its own: every cell of this notebook that has no %% is that.")

    def view(self, jobs: Iterable[Job]) -> LiveView:
        """A live view of these jobs, in the cell that runs."""
        return self._show(jobs)

    def settle(self) -> None:
        """As a cell ends: what its client is to hear of all views."""
        self._settle()
