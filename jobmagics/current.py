"""The one manager of this process: that of the notebook's kernel, or of a plain script. The magics and the Python API
share it, so what one starts the other lists.
"""

from __future__ import annotations

import atexit
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from jobmagics.errors import StoreError
from jobmagics.notebook import Identity, notebook_identity, script_identity

if TYPE_CHECKING:
    from jobmagics.remote import ConnectionInfo
    from jobmagics.sessions import SessionManager
    from jobmagics.sessions.endings import Endings

CLOSE_SECONDS = 3.0
OpenManager = Callable[[str], "SessionManager"]


class Current:
    """A manager under an identity, made when it is first needed; at the end of the process it is left in order."""

    def __init__(self, identity: Identity, open_manager: OpenManager) -> None:
        self.identity = identity
        self.open_manager = open_manager
        self.opened: SessionManager | None = None
        self._endings: Endings | None = None

    @property
    def manager(self) -> SessionManager:
        if self.opened is None:
            self.opened = self.open_manager(self.identity.owner)
            atexit.register(self.close)
            self._tell_command()
        return self.opened

    @property
    def endings(self) -> Endings:
        """Who is told as jobs end."""
        manager = self.manager
        if self._endings is None:
            from jobmagics.sessions.endings import Endings

            self._endings = Endings(manager)
        return self._endings

    def _tell_command(self) -> None:
        from jobmagics.settings import load_settings

        words = load_settings().notify_command
        if words:
            from jobmagics.sessions.endings import Command

            self.endings.tell(f"The command {words[0]!r} of notify_command", Command(words))

    def close(self) -> None:
        """What runs is disconnected and goes on; what is idle is closed."""
        atexit.unregister(self.close)
        if self._endings is not None:
            self._endings.close()
            self._endings = None
        if self.opened is not None:
            self.opened.close(CLOSE_SECONDS)
            self.opened = None


_current: Current | None = None


def current() -> Current:
    """This process's; made for the notebook or script that it is, if there is none yet."""
    return _current if _current is not None else enter(_identity())


def enter(identity: Identity, open_manager: OpenManager | None = None) -> Current:
    """Makes the process's manager that of ``identity``. One that is there for the same notebook, or for one that nobody
    knows either, is kept; another is left.
    """
    global _current  # noqa: PLW0603 - one process, one manager: it holds the lease on the ledger
    if _current is not None and open_manager is None and _is_same(_current.identity, identity):
        return _current
    leave()
    _current = Current(identity, open_manager or default_manager)
    return _current


def leave() -> None:
    global _current  # noqa: PLW0603
    if _current is not None:
        _current.close()
        _current = None


def _is_same(one: Identity, other: Identity) -> bool:
    return one.owner == other.owner or not (one.lasting or other.lasting)


def _identity() -> Identity:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return script_identity() if shell is None else notebook_identity(shell.user_ns)


def default_manager(owner: str) -> SessionManager:
    """A manager on the ledger of this user, for the notebook or script ``owner``."""
    from jobmagics.sessions import SessionManager
    from jobmagics.settings import load_settings
    from jobmagics.store import Store

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
    from jobmagics.psrp import connect

    return connect(connection)
