"""The magics: words and arguments only, each one call on the session manager.

What the words are is data in ``options.specs``; what they do to jobs is ``sessions``; how jobs look is ``display``.
Expected errors become one line: IPython's UsageError for the caller's mistakes, the family's own
``_render_traceback_`` for the rest. In a headless run both still fail the cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import current
from ..errors import InvalidOperation
from ..notebook import notebook_identity
from .shell import JobMagics

if TYPE_CHECKING:
    from ..sessions import SessionManager

_loaded: JobMagics | None = None


def load(shell: Any, open_manager: current.OpenManager | None = None) -> JobMagics:
    """Give ``shell`` the magics and begin to recover this notebook's jobs.

    ``open_manager`` makes the manager for an owner, when it is first needed.
    """
    global _loaded  # noqa: PLW0603 - one shell has the magics
    if _loaded is not None:
        unload()
    _loaded = JobMagics(shell, current.enter(notebook_identity(shell.user_ns), open_manager))
    _loaded.register()
    _loaded.recover()
    return _loaded


def unload() -> None:
    """Take the magics away; running jobs go on, disconnected."""
    global _loaded  # noqa: PLW0603
    if _loaded is not None:
        _loaded.close()
        current.leave()
        _loaded = None


def current_manager() -> SessionManager:
    """The manager behind this kernel's magics."""
    if _loaded is None:
        raise InvalidOperation("The magics are not loaded; run %load_ext jobmagics first.")
    return _loaded.manager
