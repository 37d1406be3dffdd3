"""The magics of one shell: registered, recovered, from a line to a call, and taken away again."""

from __future__ import annotations

import atexit
import sys
from collections.abc import Callable
from typing import Any

from IPython.core.error import UsageError as ShellUsageError
from IPython.core.magic import no_var_expand

from ..errors import UsageError
from ..options import MagicSpec, parse, specs
from .access_words import AccessWords
from .base import LISTED_JOBS
from .cell_words import CellWords
from .completion import LineCompleter
from .kind_words import KindWords
from .session_words import SessionWords


class Mistake(ShellUsageError):
    """A mistake of the caller, as IPython shows one: a line without a traceback. ``fqid`` and ``category`` are
    PowerShell's error id and category, where it has one.
    """

    def __init__(self, error: UsageError) -> None:
        super().__init__(error.message)
        self.fqid, self.category = error.fqid, error.category

    def _render_traceback_(self, *_: object) -> list[str]:
        """IPython spares its own UsageError the traceback, and not what is derived from it."""
        return [f"UsageError: {self}"]


class JobMagics(KindWords, CellWords, SessionWords, AccessWords):
    """The magics of one shell, with the manager and the views they share."""

    def register(self) -> None:
        for spec in specs.ALL:
            kind = "line_cell" if spec.is_cell else "line"
            self.shell.register_magic_function(self._as_magic(spec), kind, spec.name)
        self._completer = LineCompleter(self.shell, self.current)
        self.shell.events.register("post_run_cell", self._settle)

    def close(self) -> None:
        """Leave in order: running sessions are disconnected, their jobs go on."""
        atexit.unregister(self.close)
        self._completer.close()
        self.shell.events.unregister("post_run_cell", self._settle)
        for spec in specs.ALL:
            for kind in ("line", "cell"):
                self.shell.magics_manager.magics[kind].pop(spec.name, None)
        self.current.close()
        if self._clock is not None:  # after the manager: what stays in the notebook says Disconnected
            self._clock.close()
        self._clock = None

    def recover(self) -> None:
        """Find this notebook's jobs again, in the background; say at once which they are.

        Only a notebook that is known can own jobs: an unknown one starts with none and leaves others' alone.
        """
        if not self.current.identity.lasting:
            return
        jobs = list(self.manager.jobs())
        self.manager.recover()
        if jobs:
            print(came_back(jobs))
        self._tell()

    # -- from a line to a call

    def _as_magic(self, spec: MagicSpec) -> Callable[..., Any]:
        action: Callable[..., Any] = getattr(self, spec.name)

        @no_var_expand
        def magic(line: str, cell: str | None = None) -> Any:
            try:
                given = parse(spec, line, self.namespace)
                result = action(given, cell) if spec.is_cell else action(given)
            except UsageError as error:
                raise Mistake(error) from None
            finally:
                self._tell()
            if "OutVariable" in given:
                self.assign(given.get("OutVariable"), result)
            is_silent = spec.is_cell and not (spec.gives_in_line and cell is None)
            return None if is_silent else result

        magic.__name__ = magic.__qualname__ = spec.name
        magic.__doc__ = spec.help_text()
        return magic

    def completions(self, line: str) -> tuple[list[str], str]:
        """What the end of a magic's line could become, and that end."""
        return self._completer.words(line)

    def _tell(self) -> None:
        """What the manager has to say to the person: lost sessions, a ledger that was moved aside."""
        for notice in self.current.opened.take_notices() if self.current.opened is not None else ():
            print(notice, file=sys.stderr)


def came_back(jobs: list[Any]) -> str:
    """One line: which jobs this notebook had, and what becomes of them now."""
    told = ", ".join(f"{job.name} ({_now(job)})" for job in jobs[:LISTED_JOBS])
    if len(jobs) > LISTED_JOBS:
        told += f" and {len(jobs) - LISTED_JOBS} more"
    count = "1 job" if len(jobs) == 1 else f"{len(jobs)} jobs"
    return f"{count} of this notebook came back: {told}. %watch shows them live."


def _now(job: Any) -> str:
    """Sessions that a person disconnected wait for a person."""
    if str(job.state) != "Disconnected" or all(child.session._entry.record.is_parked for child in job.children):
        return str(job.state)
    return "reconnecting"
