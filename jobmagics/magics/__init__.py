"""The magics: words and arguments only, each one call on the session manager.

What the words are is data in ``options.specs``; what they do to jobs is ``sessions``; how jobs look is ``display``.
Expected errors become one line: IPython's UsageError for the caller's mistakes, the family's own
``_render_traceback_`` for the rest. In a headless run both still fail the cell.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import InvalidOperation, StoreError
from ..notebook import notebook_identity
from ..remote import ConnectionInfo
from .shell import JobMagics

if TYPE_CHECKING:
    from ..sessions import SessionManager

_loaded: JobMagics | None = None


def load(shell: Any, open_manager: Callable[[str], SessionManager] | None = None) -> JobMagics:
    """Give ``shell`` the magics and begin to recover this notebook's jobs.

    ``open_manager`` makes the manager for an owner, when it is first needed.
    """
    global _loaded  # noqa: PLW0603 - one kernel, one manager: the ledger has one writer
    unload()
    _loaded = JobMagics(shell, notebook_identity(shell.user_ns), open_manager or default_manager)
    _loaded.register()
    _loaded.recover()
    return _loaded


def unload() -> None:
    """Take the magics away; running jobs go on, disconnected."""
    global _loaded  # noqa: PLW0603
    if _loaded is not None:
        _loaded.close()
        _loaded = None


def current_manager() -> SessionManager:
    """The manager behind this kernel's magics."""
    if _loaded is None:
        raise InvalidOperation("The magics are not loaded; run %load_ext jobmagics first.")
    return _loaded.manager


def default_manager(owner: str) -> SessionManager:
    """A manager on the ledger of this user, for the notebook ``owner``."""
    from ..sessions import SessionManager
    from ..settings import load_settings
    from ..store import Store

    chosen = load_settings()
    limits = {
        "retry_seconds": chosen.retry_seconds,
        "keep_days": chosen.keep_days,
        "keep_megabytes": chosen.keep_megabytes,
    }
    store = Store.open()
    try:
        return SessionManager(store, _connect, owner, **limits)
    except StoreError:  # damage that only loading met: opened again, the file is moved aside
        store.close()
        return SessionManager(Store.open(), _connect, owner, **limits)


def _connect(connection: ConnectionInfo) -> Any:
    """pypsrp takes a quarter of a second to import: the first connection pays, not %load_ext."""
    from ..psrp import connect

    return connect(connection)
